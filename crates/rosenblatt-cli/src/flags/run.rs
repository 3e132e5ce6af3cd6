//! How the machine is used: speed, never a bit of the result.

use rosenblatt_tensor::{Error, Isa, Result};
use rosenblatt_train::{Execution, RunOptions};

use super::suggested::words;
use super::values;
use crate::ui::{Ui, count};

/// Flags that become [`RunOptions`].
#[derive(Debug, clap::Args)]
pub(crate) struct RunFlags {
    /// Number of threads [default: as many as make a step faster, at most one for each processor].
    #[arg(long, value_name = "N", value_parser = values::count)]
    threads: Option<usize>,
    /// `static`: the step is compiled once; `dynamic`: each op runs as it is called.
    #[arg(
        long,
        value_name = "static|dynamic",
        default_value = "static",
        hide_default_value = true,
        value_parser = words(|| vec!["static", "dynamic"]),
        hide_possible_values = true
    )]
    execution: String,
    /// Instruction set [default: the best of this machine].
    #[arg(
        long,
        value_name = "portable|avx2|avx512",
        value_parser = words(|| vec!["portable", "avx2", "avx512"]),
        hide_possible_values = true
    )]
    isa: Option<String>,
    /// Floating-point type.
    #[arg(long, value_enum, default_value_t, value_name = "f32", hide_possible_values = true)]
    precision: Precision,
}

/// Types of numbers there are kernels for.
#[derive(Clone, Copy, Debug, Default, clap::ValueEnum)]
enum Precision {
    /// 32-bit floating point.
    #[default]
    F32,
}

impl RunFlags {
    /// The options, without checkpoints; printed with --verbose.
    ///
    /// # Errors
    /// A name that does not exist, or an instruction set this machine lacks.
    pub(crate) fn options(&self, ui: &Ui) -> Result<RunOptions> {
        let usual = RunOptions::default();
        let execution: Execution = self
            .execution
            .parse()
            .map_err(|error: Error| error.within("--execution"))?;
        let isa = self.isa.as_deref().map(str::parse::<Isa>).transpose();
        let isa = isa.map_err(|error| Error::config(error).within("--isa"))?;
        let threads = self.threads.unwrap_or(usual.threads);
        let isa = isa.unwrap_or(usual.isa);
        ui.detail(&format!("{}, {isa}, {execution}", count(threads, "thread")));
        Ok(RunOptions {
            threads,
            adaptive: self.threads.is_none(),
            execution,
            isa,
            ..usual
        })
    }
}
