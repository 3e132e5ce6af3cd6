//! From flags and a run file to a complete spec and its data.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use rosenblatt_data::{Look, Prepared, load_and_look};
use rosenblatt_tensor::{Error, Result};
use rosenblatt_train::Spec;
use rosenblatt_train::presets::{Choice, Chosen, Preset, Wishes};

use super::data::DataFlags;
use super::model::ModelFlags;
use super::source;

pub(crate) use super::model::names;

/// Flags that become a [`Spec`].
#[derive(Debug, clap::Args)]
pub(crate) struct SpecFlags {
    /// Who decides what you leave open: `auto`, rules with reasons; `plain`, fixed defaults and nothing set apart
    /// [default: auto].
    #[arg(long, value_name = "auto|plain", conflicts_with = "config")]
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
pub(crate) struct Request {
    /// The run file, or its defaults, with all flags that say which data.
    base: Spec,
    /// `None` if a run file decides instead.
    preset: Option<Preset>,
    wishes: Wishes,
    sets: Vec<String>,
    flags: DataFlags,
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
}

impl SpecFlags {
    /// Reads flags and run file, and nothing else yet.
    ///
    /// # Errors
    /// A flag or key that does not exist or does not fit; no data is named.
    pub(crate) fn request(&self, data: Option<&OsStr>, more: &[PathBuf]) -> Result<Request> {
        let wishes = self.model.wishes()?;
        let preset = self.preset.as_deref().unwrap_or("auto").parse::<Preset>();
        let preset = preset.map_err(|error| error.within("--preset"))?;
        let mut base = self.config.as_deref().map_or_else(|| Ok(Spec::default()), run_file)?;
        self.data.over(&mut base.data);
        if let Some(data) = data {
            base.data.source = source(data)?;
            base.data.more = more.to_vec();
        }
        base.train.seed = wishes.seed.unwrap_or(base.train.seed);
        // These must be known before data is read; the others may be about a network that follows from the data.
        let early = self
            .sets
            .iter()
            .filter(|set| set.starts_with("data.") || key(set) == "train.seed");
        base = with(base, early)?;
        if base.data.source.is_empty() {
            let error = Error::config("no data is named").within("data.source");
            return Err(error.hint("name a file or a data set: `rosenblatt train penguins`"));
        }
        let preset = self.config.is_none().then_some(preset);
        Ok(Request {
            base,
            preset,
            wishes,
            sets: self.sets.clone(),
            flags: self.data.clone(),
        })
    }
}

impl Request {
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

    /// As [`Request::prepare`]; `look` sees a table as it was read.
    ///
    /// # Errors
    /// As [`Request::prepare`].
    pub(crate) fn prepare_and_look(self, look: Look<'_>) -> Result<Job> {
        let Self {
            base,
            preset,
            wishes,
            sets,
            flags,
        } = self;
        let options = preset.map_or_else(|| base.data.clone(), |preset| preset.data(&base.data));
        let flag = |key: &str| flags.flag_of(key).map(str::to_owned);
        let data = load_and_look(&options, base.train.seed, look).map_err(|error| error.rename_places(flag))?;
        let wishes = Wishes {
            seed: Some(base.train.seed),
            ..length(wishes, &sets)?
        };
        let Chosen { spec, mut choices } = match preset {
            Some(preset) => preset.spec(&options, &wishes, &data)?,
            None => Chosen {
                spec: wishes.over(&base)?,
                choices: Vec::new(),
            },
        };
        if let Some(choice) = preset.and_then(|preset| preset.data_choice(&base.data)) {
            choices.insert(0, choice);
        }
        choices.retain(|choice| !sets.iter().any(|set| key(set).starts_with(place(choice.key))));
        let decided_by = preset.map_or_else(|| "run file".to_owned(), |preset| format!("preset {preset}"));
        Ok(Job {
            spec: with(spec, &sets)?,
            data,
            choices,
            decided_by,
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

fn with<'s>(spec: Spec, sets: impl IntoIterator<Item = &'s String>) -> Result<Spec> {
    sets.into_iter()
        .try_fold(spec, |spec, set| spec.with(set))
        .map_err(|error| error.within("--set"))
}

/// The wishes, with those of `sets` that a preset reckons with: how long the run is decides when it may stop early.
fn length(wishes: Wishes, sets: &[String]) -> Result<Wishes> {
    let set = |name: &str| sets.iter().filter(|set| key(set) == name).collect::<Vec<_>>();
    let (epochs, batch_size) = (set("train.epochs"), set("train.batch_size"));
    let train = with(Spec::default(), epochs.iter().chain(&batch_size).copied())?.train;
    Ok(Wishes {
        epochs: if epochs.is_empty() {
            wishes.epochs
        } else {
            Some(train.epochs)
        },
        batch_size: if batch_size.is_empty() {
            wishes.batch_size
        } else {
            Some(train.batch_size)
        },
        ..wishes
    })
}

/// The key of `key=value`.
fn key(set: &str) -> &str {
    set.split('=').next().unwrap_or_default().trim()
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
