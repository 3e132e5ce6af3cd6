//! From flags and a run file to a complete spec and its data.

use std::path::{Path, PathBuf};

use rosenblatt_data::{Look, Prepared, load_and_look};
use rosenblatt_tensor::{Error, Result};
use rosenblatt_train::presets::{Choice, Chosen, Overrides, Preset};
use rosenblatt_train::{Setting, Spec};

use super::data::{DataFlags, SourceFlags};
use super::model::ModelFlags;
use super::suggested::words;

pub(crate) use super::model::names;

/// Flags that become a [`Spec`].
#[derive(Debug, clap::Args)]
pub(crate) struct SpecFlags {
    #[command(flatten)]
    sources: SourceFlags,
    /// Who decides what you leave open: `auto`, rules with reasons; `plain`, fixed defaults and nothing set apart
    /// [default: auto].
    #[arg(
        long,
        value_name = "auto|plain",
        conflicts_with = "config",
        value_parser = words(|| vec!["auto", "plain"]),
        hide_possible_values = true
    )]
    preset: Option<String>,
    /// A run file (TOML), `-` for standard input; flags override it.
    #[arg(long, value_name = "RUN.TOML")]
    config: Option<PathBuf>,
    /// Override a key of the run file: `train.epochs=20`.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    sets: Vec<String>,
    #[command(flatten, next_help_heading = "Data")]
    data: DataFlags,
    #[command(flatten, next_help_heading = "Model")]
    model: ModelFlags,
}

/// What is known before data is read.
pub(crate) struct Signature {
    /// The run file, or its defaults, with all flags and keys that say which data.
    base: Spec,
    /// `None` if a run file decides instead.
    preset: Option<Preset>,
    overrides: Overrides,
    given: Given,
    /// Keys that must wait: they may be about a network that follows from the data.
    late: Vec<Setting>,
}

/// Where settings come from.
pub(crate) struct Given {
    /// Keys of the run file that were set: they go over flags and the run file.
    keys: Vec<Setting>,
    /// Keys of the run file with the flags that gave them.
    flags: Vec<(String, &'static str)>,
    run_file: Option<PathBuf>,
}

impl Given {
    /// The same error, which knows settings by their keys, with the flag or the run file that is to blame.
    pub(crate) fn blame(&self, error: Error) -> Error {
        error.rename_places(|key| self.name(key))
    }

    fn name(&self, key: &str) -> Option<String> {
        if self.keys.iter().any(|setting| setting.touches(key)) {
            return None;
        }
        let flag = self.flags.iter().find(|(given, _)| given == key);
        let of_file = |file: &PathBuf| is_key(key).then(|| format!("{}: {key}", file.display()));
        let flag = flag.map(|(_, flag)| (*flag).to_owned());
        flag.or_else(|| self.run_file.as_ref().and_then(of_file))
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
    /// What flags gave.
    pub(crate) given: Given,
}

impl SpecFlags {
    /// Reads flags and run file, and nothing else yet.
    ///
    /// # Errors
    /// A flag or key that does not exist or does not fit; no data is named.
    pub(crate) fn request(&self) -> Result<Signature> {
        let overrides = self.model.overrides()?;
        let preset = self.preset.as_deref().unwrap_or("auto").parse::<Preset>();
        let preset = preset.map_err(|error| error.within("--preset"))?;
        let mut base = self.config.as_deref().map_or_else(|| Ok(Spec::default()), run_file)?;
        self.sources.over(&mut base.data)?;
        self.data.over(&mut base.data)?;
        base.train.seed = overrides.seed.unwrap_or(base.train.seed);
        let (early, late) = self.settings()?;
        base = with(base, &early)?;
        if self.config.as_deref() == Some(Path::new("-")) && base.data.source == "-" {
            let error = Error::config("standard input cannot be both a run file and the data").within("--config");
            return Err(error.hint("write one of them to a file first"));
        }
        if base.data.source.is_empty() {
            let error = Error::config("no data is named").within("data.source");
            return Err(error.hint("name a file or a data set: `rosenblatt train penguins`"));
        }
        let preset = self.config.is_none().then_some(preset);
        Ok(Signature {
            base,
            preset,
            overrides,
            given: self.given([&*early, &*late].concat()),
            late,
        })
    }

    fn given(&self, keys: Vec<Setting>) -> Given {
        let (data, model) = (self.data.given(), self.model.given());
        Given {
            keys,
            flags: self.sources.given().into_iter().chain(data).chain(model).collect(),
            run_file: self.config.clone(),
        }
    }

    /// What `--set` says: what must be known before data is read, and the rest.
    fn settings(&self) -> Result<(Vec<Setting>, Vec<Setting>)> {
        let read = |set: &String| set.parse::<Setting>().map_err(|error| error.within("--set"));
        let all = self.sets.iter().map(read).collect::<Result<Vec<_>>>()?;
        Ok(all
            .into_iter()
            .partition(|setting| setting.is_within("data") || setting.is_within("train.seed")))
    }
}

impl Signature {
    /// DATA.
    pub(crate) fn source(&self) -> &str {
        &self.base.data.source
    }

    /// Reads the data, and lets the preset choose what is open.
    ///
    /// # Errors
    /// The data cannot be read, or does not fit the settings.
    pub(crate) fn prepare(self) -> Result<Job> {
        self.prepare_and_look(&mut |_, _| ())
    }

    /// As [`Signature::prepare`]; `look` sees a table as it was read.
    ///
    /// # Errors
    /// As [`Signature::prepare`].
    pub(crate) fn prepare_and_look(self, look: Look<'_>) -> Result<Job> {
        let Self {
            base,
            preset,
            overrides,
            given,
            late,
        } = self;
        let options = preset.map_or_else(|| base.data.clone(), |preset| preset.data(&base.data));
        let data = load_and_look(&options, base.train.seed, look).map_err(|error| given.blame(error))?;
        let overrides = Overrides {
            seed: Some(base.train.seed),
            ..length(overrides, &late)?
        };
        let Chosen { spec, mut choices } = match preset {
            Some(preset) => preset.spec(&options, &overrides, &data)?,
            None => Chosen {
                spec: overrides.over(&base)?,
                choices: Vec::new(),
            },
        };
        if let Some(choice) = preset.and_then(|preset| preset.data_choice(&base.data)) {
            choices.insert(0, choice);
        }
        choices.retain(|choice| !late.iter().any(|setting| setting.is_within(place(choice.key))));
        let decided_by = preset.map_or_else(|| "run file".to_owned(), |preset| format!("preset {preset}"));
        Ok(Job {
            spec: with(spec, &late)?,
            data,
            choices,
            decided_by,
            given,
        })
    }
}

/// Reads a run file.
///
/// # Errors
/// It cannot be read, or holds what it must not; the error names it.
pub(crate) fn run_file(path: &Path) -> Result<Spec> {
    Spec::load(path)
}

fn with<'s>(spec: Spec, settings: impl IntoIterator<Item = &'s Setting>) -> Result<Spec> {
    let mut settings = settings.into_iter();
    let spec = settings.try_fold(spec, |spec, setting| spec.set(setting));
    spec.map_err(|error| error.within("--set"))
}

/// The overrides, with those of `settings` that a preset reckons with: how long the run is decides when it may stop early.
fn length(overrides: Overrides, settings: &[Setting]) -> Result<Overrides> {
    let set = |key: &str| {
        settings
            .iter()
            .filter(|setting| setting.key() == key)
            .collect::<Vec<_>>()
    };
    let (epochs, batch_size) = (set("train.epochs"), set("train.batch_size"));
    let train = with(Spec::default(), epochs.iter().chain(&batch_size).copied())?.train;
    let given = |by: &[&Setting], value: usize| by.first().map(|_| value);
    Ok(Overrides {
        epochs: given(&epochs, train.epochs).or(overrides.epochs),
        batch_size: given(&batch_size, train.batch_size).or(overrides.batch_size),
        ..overrides
    })
}

/// Whether this place in an error is a key of the run file.
fn is_key(place: &str) -> bool {
    ["data.", "model.", "train."].iter().any(|part| place.starts_with(part))
}

/// Where the run file says what a preset calls `choice`.
pub(crate) fn place(choice: &str) -> &str {
    match choice {
        "valid-fraction" => "data.valid_fraction",
        "hidden" | "activation" => "model.layers",
        "scale_target" => "model.scale_target",
        "optimizer" => "train.optimizer",
        "lr" => "train.learning_rate",
        "schedule" => "train.schedule",
        "batch-size" => "train.batch_size",
        "epochs" => "train.epochs",
        "early-stopping" => "train.early_stopping",
        other => other,
    }
}
