//! Fashion-MNIST comes out as in PyTorch and in the notes.

use std::fmt::Write;

use serde_json::Value;

use super::{Context, Proof};
use crate::program::Program;
use crate::shell::{self, Outcome, root};

/// See the module.
pub static PROOF: Proof = Proof {
    name: "fashion",
    claim: "Three networks on Fashion-MNIST reach the losses and accuracies PyTorch reaches.",
    run,
};

const EPOCHS: usize = 10;
const RUN: &str = "fashion-mnist --preset plain --activation relu --optimizer sgd --lr 0.1 --batch-size 256 --epochs 10 \
                   --init normal:0.01";

/// A network, and how near the mean over the seeds must come to PyTorch's.
struct Network {
    /// Key in `fixtures/fashion_mnist.json`.
    name: &'static str,
    hidden: &'static str,
    /// (epoch, tolerance) of the training loss.
    loss: [(usize, f64); 3],
    /// Tolerance of the test accuracy, averaged over epochs 6 to 10.
    accuracy: f64,
    /// The notes' one run: training loss, training accuracy, test accuracy at epochs 1, 2, 3, 5, 10.
    notes: Option<[[f64; 3]; 5]>,
}

const NOTES_EPOCHS: [usize; 5] = [1, 2, 3, 5, 10];

static NETWORKS: &[Network] = &[
    Network {
        name: "784-10",
        hidden: "none",
        loss: [(3, 0.01), (5, 0.01), (10, 0.01)],
        accuracy: 0.012,
        notes: None,
    },
    Network {
        name: "784-256-10",
        hidden: "256",
        loss: [(3, 0.01), (5, 0.01), (10, 0.01)],
        accuracy: 0.012,
        notes: Some([
            [1.046, 0.634, 0.717],
            [0.603, 0.789, 0.777],
            [0.522, 0.818, 0.812],
            [0.452, 0.841, 0.834],
            [0.382, 0.864, 0.855],
        ]),
    },
    Network {
        name: "784-256-128-10",
        hidden: "256,128",
        loss: [(3, 0.03), (5, 0.02), (10, 0.01)],
        accuracy: 0.02,
        notes: Some([
            [1.860, 0.299, 0.526],
            [0.914, 0.652, 0.613],
            [0.691, 0.750, 0.750],
            [0.527, 0.811, 0.810],
            [0.403, 0.855, 0.827],
        ]),
    },
];

/// One seed: for each epoch training loss, training accuracy, test accuracy.
type Curve = Vec<[f64; 3]>;

fn run(context: &mut Context) -> Outcome {
    let seeds: usize = context.args.value("--seeds")?.unwrap_or(5);
    context.args.finish()?;
    if seeds == 0 {
        return Err("--seeds: expected at least 1".into());
    }
    let program = context.program()?;
    let reference: Value = serde_json::from_str(&shell::read(&root().join("fixtures/fashion_mnist.json"))?)?;
    let mut page = String::from(PREFACE);
    let mut accuracies = Vec::new();
    for network in NETWORKS {
        let theirs = reference_curves(&reference[network.name])?;
        let ours = (0..seeds)
            .map(|seed| train(context, &program, network, seed))
            .collect::<Outcome<Vec<_>>>()?;
        for (epoch, tolerance) in network.loss {
            let name = format!("{}: training loss, epoch {epoch}", network.name);
            context
                .report
                .near(name, mean_loss(&ours, epoch), mean_loss(&theirs, epoch), tolerance);
        }
        let (our_accuracy, their_accuracy) = (late_accuracy(&ours), late_accuracy(&theirs));
        let name = format!("{}: test accuracy, epochs 6-10", network.name);
        context
            .report
            .near(name, our_accuracy, their_accuracy, network.accuracy);
        accuracies.push(our_accuracy);
        page += &tables(network, &ours, &theirs)?;
    }
    context.report.line(
        "a hidden layer helps",
        accuracies[1],
        accuracies[0],
        accuracies[1] > accuracies[0],
    );
    context.report.line(
        "one more alone does not",
        accuracies[2],
        accuracies[1],
        accuracies[2] <= accuracies[1],
    );
    let path = root().join("docs/fashion-mnist.md");
    std::fs::write(&path, page)?;
    context.report.note("written", path.display());
    Ok(())
}

fn train(context: &Context, program: &Program, network: &Network, seed: usize) -> Outcome<Curve> {
    let model = context.scratch.join(format!("{}-{seed}.safetensors", network.name));
    let run = program.train(&format!("{RUN} --hidden {} --seed {seed}", network.hidden), &model)?;
    let epochs = run["epochs"].as_array().ok_or("train: no `epochs`")?;
    if epochs.len() != EPOCHS {
        return Err(format!("train: {} epochs, expected {EPOCHS}", epochs.len()).into());
    }
    let number = |value: &Value| {
        value
            .as_f64()
            .ok_or_else(|| format!("train: expected a number, got `{value}`"))
    };
    let mut curve = Curve::new();
    for epoch in epochs {
        let (train, test) = (&epoch["train"], &epoch["test"]);
        curve.push([
            number(&train["loss"])?,
            number(&train["accuracy"])?,
            number(&test["accuracy"])?,
        ]);
    }
    Ok(curve)
}

fn reference_curves(seeds: &Value) -> Outcome<Vec<Curve>> {
    let point = |value: &Value| -> Option<[f64; 3]> {
        let numbers: Vec<f64> = value.as_array()?.iter().filter_map(Value::as_f64).collect();
        numbers.try_into().ok()
    };
    let curve = |seed: &Value| -> Option<Curve> { seed.as_array()?.iter().map(point).collect() };
    let curves: Option<Vec<Curve>> = seeds.as_array().and_then(|seeds| seeds.iter().map(curve).collect());
    Ok(curves.ok_or("fixtures/fashion_mnist.json: not as its script writes it")?)
}

/// Epochs count from 1.
fn mean_loss(curves: &[Curve], epoch: usize) -> f64 {
    mean(curves.iter().map(|curve| curve[epoch - 1][0]))
}

/// Test accuracy jumps from epoch to epoch at this learning rate, so its mean over epochs 6 to 10 is evaluated.
fn late_accuracy(curves: &[Curve]) -> f64 {
    mean(curves.iter().map(|curve| mean(curve[5..].iter().map(|point| point[2]))))
}

fn mean(values: impl ExactSizeIterator<Item = f64>) -> f64 {
    let count = values.len() as f64;
    values.sum::<f64>() / count
}

const PREFACE: &str = "# Fashion-MNIST\n\n\
    Written by `cargo xtask prove fashion`. SGD 0.1, batch 256, weights N(0, 0.01²), biases as PyTorch's `Linear`, pixels\n\
    divided by 255, 10 epochs. Each cell: running mean of the training loss / training accuracy / test accuracy.\n\
    PyTorch's figures are those of `fixtures/fashion_mnist.json`; the notes' are one run.\n";

fn tables(network: &Network, ours: &[Curve], theirs: &[Curve]) -> Outcome<String> {
    let cell = |[loss, train, test]: [f64; 3]| format!("{loss:.3} / {train:.3} / {test:.3}");
    let mean_at = |curves: &[Curve], epoch: usize| -> [f64; 3] {
        std::array::from_fn(|part| mean(curves.iter().map(|curve| curve[epoch - 1][part])))
    };
    let mut text = format!("\n## {}\n\n| epoch |", network.name);
    (0..ours.len()).try_for_each(|seed| write!(text, " seed {seed} |"))?;
    writeln!(text, " mean | PyTorch, mean of {} | notes |", theirs.len())?;
    writeln!(text, "|---|{}", "---|".repeat(ours.len() + 3))?;
    for epoch in 1..=EPOCHS {
        write!(text, "| {epoch} |")?;
        ours.iter()
            .try_for_each(|curve| write!(text, " {} |", cell(curve[epoch - 1])))?;
        let at = NOTES_EPOCHS.iter().position(|noted| *noted == epoch);
        let notes = network
            .notes
            .zip(at)
            .map(|(notes, at)| cell(notes[at]))
            .unwrap_or_default();
        writeln!(
            text,
            " {} | {} | {notes} |",
            cell(mean_at(ours, epoch)),
            cell(mean_at(theirs, epoch))
        )?;
    }
    let (our_accuracy, their_accuracy) = (late_accuracy(ours), late_accuracy(theirs));
    writeln!(
        text,
        "\nTest accuracy averaged over epochs 6 to 10: {our_accuracy:.4}; PyTorch {their_accuracy:.4}."
    )?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Curve, NETWORKS, late_accuracy, mean_loss, reference_curves, tables};

    fn curve(shift: f64) -> Curve {
        (1..=10)
            .map(|epoch| [shift + f64::from(epoch), 0.5, f64::from(epoch) / 10.0])
            .collect()
    }

    #[test]
    fn means_take_the_epochs_they_say() {
        let curves = [curve(0.0), curve(1.0)];
        assert_eq!(mean_loss(&curves, 3), 3.5);
        assert!((late_accuracy(&curves) - 0.8).abs() < 1e-12);
    }

    #[test]
    fn the_page_has_a_line_an_epoch_and_the_notes_beside() {
        let text = tables(&NETWORKS[1], &[curve(0.0)], &[curve(1.0)]).unwrap();
        assert_eq!(
            text.lines()
                .filter(|line| line.starts_with("| ") && !line.starts_with("| epoch"))
                .count(),
            10
        );
        assert!(text.contains(
            "| 3 | 3.000 / 0.500 / 0.300 | 3.000 / 0.500 / 0.300 | 4.000 / 0.500 / 0.300 | 0.522 / 0.818 / 0.812 |"
        ));
    }

    #[test]
    fn a_broken_reference_is_refused() {
        assert!(reference_curves(&json!([[[1.0, 2.0]]])).is_err());
        assert!(reference_curves(&json!(null)).is_err());
        assert_eq!(
            reference_curves(&json!([[[1.0, 2.0, 3.0]]])).unwrap(),
            [[[1.0, 2.0, 3.0]]]
        );
    }
}
