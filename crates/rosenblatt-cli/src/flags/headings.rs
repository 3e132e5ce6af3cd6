//! Under which heading the help of a command shows a flag, whichever struct it comes from.

use clap::Arg;

/// Headings with the long names of their flags; what stands nowhere keeps the heading of its group.
const HEADINGS: [(&str, &[&str]); 4] = [
    ("Settings", &["preset", "config", "set"]),
    (
        "Training",
        &[
            "loss",
            "class-weight",
            "optimizer",
            "lr",
            "schedule",
            "warmup",
            "weight-decay",
            "clip-norm",
            "epochs",
            "batch-size",
            "early-stopping",
            "seed",
        ],
    ),
    ("Running", &["resume", "checkpoint-every", "seconds"]),
    ("Output", &["output", "plot", "report", "keep", "force"]),
];

/// The flag under its heading.
pub(crate) fn under_heading(flag: Arg) -> Arg {
    let name = flag.get_long().unwrap_or_default().to_owned();
    match HEADINGS.iter().find(|(_, names)| names.contains(&&*name)) {
        Some((heading, _)) => flag.help_heading(*heading),
        None => flag,
    }
}
