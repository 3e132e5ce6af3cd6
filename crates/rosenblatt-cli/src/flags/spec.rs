//! From flags and a run file to a complete spec and its data.

use std::path::{Path, PathBuf};

use rosenblatt_data::{DataRef, Look, Prepared, load_and_look, resolve};
use rosenblatt_tensor::{Error, Result};
use rosenblatt_train::presets::{Choice, Chosen, ModelKind, Overrides, Preset};
use rosenblatt_train::settings::{Assignment, Origin, SettingOrigin};
use rosenblatt_train::{RunFile, Spec};

use super::data::SourceFlags;
use super::settings::{All, SettingFlags};
use super::suggested::words;
use crate::ui::Ui;

/// Flags that become a [`Spec`].
#[derive(Debug, clap::Args)]
pub(crate) struct SpecFlags {
    #[command(flatten)]
    sources: SourceFlags,
    /// How unset options are chosen: `auto` (rules, explained) or `plain` (fixed defaults, no validation split)
    /// [default: auto].
    #[arg(
        long,
        value_name = "auto|plain",
        conflicts_with = "config",
        value_parser = words(|| vec!["auto", "plain"]),
        hide_possible_values = true,
        help_heading = "Settings"
    )]
    preset: Option<String>,
    /// A run file (TOML), `-` for standard input; flags override it.
    #[arg(long, value_name = "RUN.TOML", help_heading = "Settings")]
    config: Option<PathBuf>,
    /// Override a key of the run file: `train.epochs=20`.
    #[arg(long = "set", value_name = "KEY=VALUE", help_heading = "Settings")]
    sets: Vec<String>,
    #[command(flatten)]
    settings: SettingFlags<All>,
}

/// What is known before data is read.
pub(crate) struct Request {
    /// The run file, or its defaults, with all that says which data.
    base: Spec,
    /// `None` if a run file decides instead.
    preset: Option<Preset>,
    given: Given,
}

/// Where settings come from.
pub(crate) struct Given {
    /// What flags gave, then what was set key by key.
    overrides: Overrides,
    run_file: Option<(PathBuf, RunFile)>,
}

impl Given {
    /// The kind of model that is chosen, if one is.
    pub(crate) fn model(&self) -> Option<ModelKind> {
        self.overrides.value("model.model")
    }

    /// The same error, which knows settings by their keys, with the flag or the run file that gave the value.
    pub(crate) fn for_setting(&self, error: Error) -> Error {
        self.overrides
            .for_setting(error, self.run_file.as_ref().map(|(path, _)| &**path))
    }
}

/// All a training run needs.
pub(crate) struct Job {
    /// What is run.
    pub(crate) spec: Spec,
    /// On what.
    pub(crate) data: Prepared,
    /// What a preset has chosen.
    pub(crate) choices: Vec<Choice>,
    /// How the preset is called, or that it was a run file.
    pub(crate) decided_by: String,
    /// Every setting with its value and where it comes from.
    pub(crate) settings: Vec<SettingOrigin>,
    /// What flags gave.
    pub(crate) given: Given,
}

impl SpecFlags {
    /// Reads flags and run file, and nothing else yet.
    ///
    /// # Errors
    /// A flag or key that does not exist or does not fit; no data is named.
    pub(crate) fn request(&self, ui: &Ui) -> Result<Request> {
        let flags = [
            self.sources.assignments(self.config.is_some())?,
            self.settings.assignments()?,
        ]
        .concat();
        let preset = self.preset.as_deref().unwrap_or("auto").parse::<Preset>();
        let preset = preset.map_err(|error| error.within("--preset"))?;
        let read = |path: &PathBuf| RunFile::load(path).map(|file| (path.clone(), file));
        let run_file = self.config.as_ref().map(read).transpose()?;
        let overrides = flags
            .into_iter()
            .chain(self.keys()?)
            .fold(Overrides::default(), Overrides::with);
        tell_of_earlier_names(&overrides, run_file.as_ref().map(|(_, file)| file), ui);
        let base = run_file
            .as_ref()
            .map_or_else(Spec::default, |(_, file)| file.spec.clone());
        let base = overrides.of_data().over(&base)?;
        if self.config.as_deref() == Some(Path::new("-")) && base.data.source == "-" {
            let error = Error::config("standard input cannot be both a run file and the data").within("--config");
            return Err(error.hint("write one of them to a file first"));
        }
        if base.data.source.is_empty() {
            let error = Error::config("no data is named").within("data.source");
            return Err(error.hint("name a file or a data set: `rosenblatt train penguins`"));
        }
        Ok(Request {
            base,
            preset: self.config.is_none().then_some(preset),
            given: Given { overrides, run_file },
        })
    }

    /// What `--set` says.
    fn keys(&self) -> Result<Vec<Assignment>> {
        let read = |set: &String| {
            let mut key = set.parse::<Assignment>().map_err(|error| error.within("--set"))?;
            key.origin = Origin::Set("--set".to_owned());
            Ok(key)
        };
        self.sets.iter().map(read).collect()
    }
}

/// Names the present spelling of what is given by an earlier one.
fn tell_of_earlier_names(overrides: &Overrides, run_file: Option<&RunFile>, ui: &Ui) {
    let of_file = run_file.into_iter().flat_map(|file| &file.renamed);
    let of_file = of_file.map(|(earlier, present)| (&**earlier, &**present));
    let of_keys = overrides.assignments().iter().filter_map(Assignment::earlier);
    of_keys
        .chain(of_file)
        .for_each(|(earlier, present)| ui.renamed(earlier, present));
}

impl Request {
    /// DATA.
    pub(crate) fn source(&self) -> &str {
        &self.base.data.source
    }

    /// The files and folders that are read; `-` is standard input.
    pub(crate) fn inputs(&self) -> Vec<PathBuf> {
        let data = &self.base.data;
        let source = match resolve(&data.source) {
            Ok(DataRef::Set(_)) => None,
            _ => Some(PathBuf::from(&data.source)),
        };
        let named = [&data.valid, &data.test].into_iter().flatten().map(PathBuf::from);
        let run_file = self.given.run_file.iter().map(|(path, _)| path.clone());
        source
            .into_iter()
            .chain(data.more.iter().cloned())
            .chain(named)
            .chain(run_file)
            .collect()
    }

    /// Reads the data, and lets the preset choose what is open.
    ///
    /// # Errors
    /// The data cannot be read, or does not fit the settings.
    pub(crate) fn prepare(self) -> Result<Job> {
        self.prepare_and_look(&mut |_, _| ())
    }

    /// As [`Request::prepare`]; `look` sees a table as it was read.
    ///
    /// # Errors
    /// As [`Request::prepare`].
    pub(crate) fn prepare_and_look(self, look: Look<'_>) -> Result<Job> {
        let Self { base, preset, given } = self;
        let of_data = preset.map(|preset| given.overrides.preset_of_data(preset));
        let options = preset.map_or_else(|| base.data.clone(), |preset| given.overrides.data(preset, &base.data));
        let data = load_and_look(&options, base.train.seed, look).map_err(|error| given.for_setting(error))?;
        let Chosen { spec, mut choices } = match preset {
            Some(preset) => preset.spec(&options, &given.overrides, &data)?,
            None => Chosen {
                spec: given.overrides.over(&base)?,
                choices: Vec::new(),
            },
        };
        spec.check_complete().map_err(|error| given.for_setting(error))?;
        if let Some(preset) = of_data {
            choices.splice(..0, preset.data_choices(&base.data, &data));
        }
        let run_file = given.run_file.as_ref().map(|(path, file)| (file, &**path));
        Ok(Job {
            settings: given.overrides.origins(&spec, run_file, &choices),
            spec,
            data,
            choices,
            decided_by: preset.map_or_else(|| "run file".to_owned(), |preset| format!("preset {preset}")),
            given,
        })
    }
}
