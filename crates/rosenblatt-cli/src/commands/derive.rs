//! `rosenblatt derive`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use rosenblatt_report::charts::{self, GraphBox};
use rosenblatt_symbolic::critical::{CriticalPoints, Search};
use rosenblatt_symbolic::{AtPoint, Derivation, parse};
use rosenblatt_tensor::{Error, Result};

use super::Run;
use crate::flags::{whole, whole_above_0};
use crate::outputs;
use crate::reports::DerivationReport;
use crate::ui::Ui;

/// Differentiate an expression, in symbols and at a point.
///
/// Prints the simplified derivative of the expression by each of its variables. At a point also: its value, the computational graph
/// with value and gradient at every node, and four ways to the gradient side by side with their cost: central differences (numeric),
/// the formulas (symbolic), forward mode and reverse mode. Of several expressions in brackets it is the Jacobian.
///
/// With `--critical-points` also the points where the gradient is 0, found from random starts and classified by the eigenvalues of the
/// Hessian: minima, maxima and saddles. Where an eigenvalue is 0 (a degenerate point) and others do not have both signs, values around
/// the point decide. A saddle of one variable is an inflection point. Points where
/// the expression has no second derivative, as at the kink of abs, are not found.
///
/// Numbers, `pi`, `e`, variables, `+ - * / ^`, parentheses, and the functions abs, cos, elu, erf, erfc, exp, gelu, hard_tanh,
/// is_positive, leaky_relu, ln, ln_1p, max, min, pow, relu, sigmoid, sign, silu, sin, softplus, softsign, sqrt, square, step (0, 1/2 at
/// 0, 1), tan, tanh.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  rosenblatt derive 'x * exp(3*x * max(x, y))' --at x=2,y=1
  rosenblatt derive 'sigmoid(w*x + b)' --at w=1,x=2,b=-1 --plot graph.svg --dot graph.dot
  rosenblatt derive '[x*y, x + y, sin(x)]' --at x=pi/2,y=3 --format json
  rosenblatt derive 'x^3 - 3*x*y^2' --critical-points
  rosenblatt derive 'sin(x)*cos(y)' --critical-points --within x=0..2*pi,y=-pi..pi")]
pub(crate) struct Derive {
    /// The expression, or several in brackets.
    #[arg(value_name = "EXPRESSION", allow_hyphen_values = true)]
    expression: String,
    /// The point: a value of each variable, a number or an expression without variables.
    #[arg(long, value_name = "NAME=VALUE,...", help_heading = "Point")]
    at: Option<String>,
    /// Find and classify critical points.
    #[arg(long, help_heading = "Critical points")]
    critical_points: bool,
    /// Where to search: the range of variables [default: -5..5 for each].
    #[arg(
        long,
        value_name = "NAME=FROM..TO,...",
        requires = "critical_points",
        help_heading = "Critical points"
    )]
    within: Option<String>,
    /// Random starts of the search at most; it ends earlier after 200 starts, or four times as many as led to the last new isolated
    /// point, if that is more.
    #[arg(long, value_name = "N", requires = "critical_points", default_value_t = Search::DEFAULT_STARTS,
        value_parser = whole_above_0, help_heading = "Critical points")]
    starts: usize,
    /// Random seed of the starts.
    #[arg(
        long,
        value_name = "N",
        requires = "critical_points",
        default_value_t = 0,
        value_parser = whole,
        help_heading = "Critical points"
    )]
    seed: u64,
    /// Draw the computational graph with value and gradient at every node.
    #[arg(long, value_name = "FILE.SVG", help_heading = "Output")]
    plot: Option<PathBuf>,
    /// Write the same graph for Graphviz.
    #[arg(long, value_name = "FILE.DOT", help_heading = "Output")]
    dot: Option<PathBuf>,
    /// Overwrite existing files.
    #[arg(long, help_heading = "Output")]
    force: bool,
}

impl Run for Derive {
    const NAME: &'static str = "derive";

    fn run(self, ui: &mut Ui) -> Result<ExitCode> {
        let derivation = Derivation::new(&self.expression).map_err(|error| error.within("EXPRESSION"))?;
        let values = self.at.as_deref().map(values).transpose();
        let values = values.map_err(|error| error.within("--at"))?;
        // An expression without variables has its value anywhere.
        let point = values.or_else(|| derivation.variables.is_empty().then(Vec::new));
        let at = point.map(|values| derivation.at(&values)).transpose();
        let at = at.map_err(|error| error.within("--at"))?;
        let critical = self
            .critical_points
            .then(|| self.critical_points(&derivation))
            .transpose()?;
        self.write(at.as_ref())?;
        for warning in at.iter().flat_map(|at| &at.warnings) {
            ui.warning(warning);
        }
        if critical.as_ref().is_some_and(CriticalPoints::may_lack_some) {
            ui.warning(
                "the search was still finding critical points when it ended; more starts (`--starts N`) may find more",
            );
        }
        ui.report(&DerivationReport {
            derivation: &derivation,
            at: at.as_ref(),
            critical: critical.as_ref(),
            plot: self.plot.as_deref(),
            dot: self.dot.as_deref(),
        })?;
        Ok(ExitCode::SUCCESS)
    }
}

impl Derive {
    fn critical_points(&self, derivation: &Derivation) -> Result<CriticalPoints> {
        if derivation.outputs.len() != 1 || derivation.variables.is_empty() {
            // Whatever the box is.
            let refused = derivation.critical_points(&[], &Search::default());
            return refused.map_err(|error| error.within("--critical-points"));
        }
        let search = Search {
            starts: self.starts,
            seed: self.seed,
        };
        let within = self.within.as_deref().map(ranges).transpose();
        let found = within.and_then(|within| derivation.critical_points(&within.unwrap_or_default(), &search));
        let name = match self.within {
            Some(_) => "--within",
            None => "-5..5 (default of --within)",
        };
        found.map_err(|error| error.within(name))
    }

    /// The drawings that are asked for, or none of them.
    fn write(&self, at: Option<&AtPoint>) -> Result<()> {
        let files = [("--plot", &self.plot), ("--dot", &self.dot)];
        let files: Vec<(&str, &Path)> = files
            .iter()
            .filter_map(|(flag, path)| Some((*flag, path.as_deref()?)))
            .collect();
        for (flag, path) in &files {
            outputs::check(path, &[], self.force).map_err(|error| error.within(*flag))?;
        }
        if let [(_, plot), (flag, dot)] = files[..]
            && outputs::place(plot) == outputs::place(dot)
        {
            return Err(Error::config("expected another file than that of --plot").within(flag));
        }
        for (flag, path) in files {
            let Some(at) = at else {
                let error = Error::config("expected a point").within(flag);
                return Err(error.hint("add `--at NAME=VALUE,...`"));
            };
            let text = if flag == "--dot" {
                at.to_dot()
            } else {
                svg(&self.expression, at)
            };
            outputs::write(path, text.as_bytes(), self.force).map_err(|error| error.within(flag))?;
        }
        Ok(())
    }
}

fn svg(title: &str, at: &AtPoint) -> String {
    let node = |node| GraphBox {
        lines: at.lines(node),
        operands: node.operands.clone(),
    };
    charts::graph(title, &at.graph.nodes.iter().map(node).collect::<Vec<_>>())
}

/// `x=2,y=pi/2`
fn values(text: &str) -> Result<Vec<(String, f64)>> {
    let value = |part: &str| {
        let Some((name, value)) = part.split_once('=') else {
            return Err(Error::config(format!("expected NAME=VALUE, got `{part}`")));
        };
        let name = name.trim().to_owned();
        Ok((name.clone(), finite(&name, value)?))
    };
    text.split(',').map(value).collect()
}

/// `x=-5..5,y=0..2*pi`
fn ranges(text: &str) -> Result<Vec<(String, [f64; 2])>> {
    let range = |part: &str| {
        let named = part.split_once('=');
        let Some((name, (from, to))) = named.and_then(|(name, range)| Some((name.trim(), range.split_once("..")?)))
        else {
            return Err(Error::config(format!("expected NAME=FROM..TO, got `{part}`")));
        };
        Ok((name.to_owned(), [finite(name, from)?, finite(name, to)?]))
    };
    text.split(',').map(range).collect()
}

/// The value of an expression without variables.
fn finite(name: &str, text: &str) -> Result<f64> {
    let value = parse(text).and_then(|value| value.value(&|_| None));
    match value.map_err(|error| error.within(name))? {
        value if value.is_finite() => Ok(value),
        value => Err(Error::config(format!(
            "expected a finite value of `{name}`, got {value}"
        ))),
    }
}
