//! Mutants that no test can or need tell from the code, and why.

use super::Mutant;

/// A mutant that computes the same.
struct Survivor {
    file: &'static str,
    /// The line that it is in.
    line: &'static str,
    /// What is written there, and what the mutant writes.
    right: &'static str,
    wrong: &'static str,
    reason: &'static str,
}

const SURVIVORS: [Survivor; 10] = [
    Survivor {
        file: "pointwise/hard_swish.rs",
        line: "let t = T::select(x.le(x.full_like(-3.0)), x.full_like(-3.0), x);",
        right: "3.0",
        wrong: "3.75",
        reason: "the number is multiplied by 0: any one from -3 downwards does",
    },
    Survivor {
        file: "pointwise/mish.rs",
        line: "let positive = x.gt(x.full_like(0.0));",
        right: "0.0",
        wrong: "1.0",
        reason: "between 0 and 1 both formulas are the same function, to the last bits of f64",
    },
    Survivor {
        file: "pointwise/softplus.rs",
        line: "let positive = x.gt(zero);",
        right: "x.gt(zero)",
        wrong: "x.ge(zero)",
        reason: "at 0 both formulas are the same function with all its derivatives",
    },
    Survivor {
        file: "optimizers/adam.rs",
        line: "let v_max = T::select(v.gt(v_max), v, v_max);",
        right: "v.gt(v_max)",
        wrong: "v.ge(v_max)",
        reason: "of two equal numbers either is the larger one",
    },
    Survivor {
        file: "optimizers/muon.rs",
        line: "x.abs().lt(x.full_like(root)).select(x.full_like(0.0), x)",
        right: "x.abs().lt(x.full_like(root))",
        wrong: "x.abs().le(x.full_like(root))",
        reason: "the one number at the bound is tiny, and 0 is as good",
    },
    Survivor {
        file: "layers/alpha_dropout.rs",
        line: "if !scope.training() || self.p == 0.0 {",
        right: "0.0",
        wrong: "1.0",
        reason: "with p = 0 nothing is dropped, scaled or added: only the computation is longer",
    },
    Survivor {
        file: "layers/moments.rs",
        line: "let first = axes.iter().fold(x, |x, &axis| x.slice(axis, 0, 1)).stop_gradient();",
        right: "axes.iter().fold(x, |x, &axis| x.slice(axis, 0, 1)).stop_gradient()",
        wrong: "axes.iter().fold(x, |x, &axis| x.slice(axis, 0, 1))",
        reason: "moving all numbers by the same changes no derivative: only the computation is longer",
    },
    Survivor {
        file: "losses/focal.rs",
        line: "let base = is_tiny.select(wrong.full_like(1.0), wrong);",
        right: "1.0",
        wrong: "1.25",
        reason: "what is computed from this number is replaced by 0: it only must not be 0 itself",
    },
    Survivor {
        file: "losses/focal.rs",
        line: "let is_tiny = wrong.lt(wrong.full_like(libm::exp2(-100.0 / (self.gamma + 1.0))));",
        right: "wrong.lt(wrong.full_like(libm::exp2(-100.0 / (self.gamma + 1.0))))",
        wrong: "wrong.le(wrong.full_like(libm::exp2(-100.0 / (self.gamma + 1.0))))",
        reason: "for the one number at the bound the loss is tiny, and 0 is as good",
    },
    Survivor {
        file: "losses/crammer_singer.rs",
        line: "of_classes(scores, targets, |y, class| violations(y, class).max(&[-1], false))",
        right: "-1",
        wrong: "1",
        reason: "`-1` and `1` are the same axis of two: `of_classes` makes a matrix of its input",
    },
];

/// Why a mutant may survive, if it is known.
pub fn reason(mutant: &Mutant) -> Option<&'static str> {
    let is_it = |survivor: &&Survivor| {
        mutant.file.ends_with(survivor.file)
            && mutant.line == survivor.line
            && mutant.right == survivor.right
            && mutant.site.wrong == survivor.wrong
    };
    SURVIVORS.iter().find(is_it).map(|survivor| survivor.reason)
}
