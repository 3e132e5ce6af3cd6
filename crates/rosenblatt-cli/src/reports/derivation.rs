//! Derivatives of expressions, and four ways to them.

use std::path::Path;

use rosenblatt_symbolic::critical::CriticalPoints;
use rosenblatt_symbolic::{AtPoint, Derivation, GraphNode, NodeKind, Way, number};
use rosenblatt_tensor::Result;
use serde_json::{Map, Value, json};

use super::critical;
use crate::ui::{Report, count, folded, number as rounded, shown, table};

/// What `derive` found out.
pub(crate) struct DerivationReport<'a> {
    pub(crate) derivation: &'a Derivation,
    pub(crate) at: Option<&'a AtPoint>,
    pub(crate) critical: Option<&'a CriticalPoints>,
    pub(crate) plot: Option<&'a Path>,
    pub(crate) dot: Option<&'a Path>,
}

/// The row of the way whose numbers are shown as the gradient.
const REVERSE: usize = 3;

/// Two-column lines: `name = text`, with the signs below each other.
fn equations(rows: &[(String, String)]) -> String {
    let width = rows.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
    let line = |(name, text): &(String, String)| format!("  {name:<width$} = {text}\n");
    rows.iter().map(line).collect()
}

/// How far a way is from reverse mode at most.
fn difference(way: &Way, reverse: &Way) -> String {
    let entries = way.jacobian.iter().flatten().zip(reverse.jacobian.iter().flatten());
    let differences = entries.map(|(a, b)| if a.to_bits() == b.to_bits() { 0.0 } else { (a - b).abs() });
    let largest = differences.fold(0.0, |largest: f64, difference| {
        match difference > largest || difference.is_nan() {
            true => difference,
            false => largest,
        }
    });
    size(largest)
}

/// What one pass of a way is, and what decides how many there are.
fn passes(way: &Way) -> String {
    match way.name {
        "numeric" => format!("{} (2 × inputs)", count(way.passes, "evaluation")),
        "symbolic" => format!("{} (inputs × outputs)", count(way.passes, "formula")),
        "forward" => format!("{} (inputs)", count(way.passes, "sweep")),
        _ => format!("{} (outputs)", count(way.passes, "sweep")),
    }
}

/// A size with one digit, or what says more.
fn size(value: f64) -> String {
    if value == 0.0 || !value.is_finite() {
        number(value)
    } else {
        format!("{value:.1e}")
    }
}

impl DerivationReport<'_> {
    /// `df/dx`
    fn partials(&self) -> impl Iterator<Item = (String, usize, usize)> {
        let outputs = self.derivation.outputs.iter().enumerate();
        outputs.flat_map(|(row, output)| {
            let variables = self.derivation.variables.iter().enumerate();
            variables.map(move |(column, variable)| (format!("∂{}/∂{variable}", output.name), row, column))
        })
    }

    fn formulas(&self) -> String {
        let variables = self.derivation.variables.join(", ");
        let arguments = if variables.is_empty() {
            String::new()
        } else {
            format!("({variables})")
        };
        let outputs = self.derivation.outputs.iter();
        let functions: String = outputs
            .map(|output| format!("{}{arguments} = {}\n", output.name, output.expression))
            .collect();
        let derivative = |(name, row, column): (String, usize, usize)| {
            (name, self.derivation.outputs[row].derivatives[column].to_string())
        };
        let derivatives: Vec<_> = self.partials().map(derivative).collect();
        match derivatives.is_empty() {
            true => functions,
            false => format!("{functions}\nderivatives\n{}", equations(&derivatives)),
        }
    }

    fn point(&self, at: &AtPoint) -> String {
        let values: Vec<String> = at
            .values
            .iter()
            .map(|(name, value)| format!("{name} = {}", number(*value)))
            .collect();
        let title = if values.is_empty() {
            "value".to_owned()
        } else {
            format!("at {}", values.join(", "))
        };
        let names = self.derivation.outputs.iter().map(|output| output.name.clone());
        let results = names.zip(&at.results).map(|(name, value)| (name, number(*value)));
        let gradient =
            |(name, row, column): (String, usize, usize)| (name, number(at.ways[REVERSE].jacobian[row][column]));
        let rows: Vec<_> = results.chain(self.partials().map(gradient)).collect();
        format!("\n{title}\n{}", equations(&rows))
    }

    fn graph(&self, at: &AtPoint) -> String {
        // All digits of one gradient have room; the JSON has those of several.
        let number = if self.derivation.outputs.len() == 1 {
            number
        } else {
            rounded
        };
        let mut header = vec!["node".to_owned(), "formula".to_owned(), "value".to_owned()];
        header.extend(
            self.derivation
                .outputs
                .iter()
                .map(|output| format!("∂{}/∂node", output.name)),
        );
        let row = |node: &GraphNode| {
            let formula = match node.kind {
                NodeKind::Variable => "variable",
                NodeKind::Constant => "constant",
                NodeKind::Operation => &node.formula,
            };
            let numbers = std::iter::once(&node.value)
                .chain(&node.gradients)
                .map(|value| number(*value));
            [node.name.clone(), formula.to_owned()]
                .into_iter()
                .chain(numbers)
                .collect()
        };
        let rows: Vec<Vec<String>> = std::iter::once(header).chain(at.graph.nodes.iter().map(row)).collect();
        format!("\ngraph\n{}", table(2, &rows))
    }

    fn ways(&self, at: &AtPoint) -> String {
        let (inputs, outputs) = (self.derivation.variables.len(), self.derivation.outputs.len());
        if inputs == 0 {
            return String::new();
        }
        let title = format!("four ways, {} and {}", count(inputs, "input"), count(outputs, "output"));
        let header = ["", "passes", "operations", "largest difference"].map(str::to_owned);
        let row = |way: &Way| {
            let difference = difference(way, &at.ways[REVERSE]);
            [way.name.to_owned(), passes(way), way.operations.to_string(), difference]
        };
        let rows: Vec<_> = std::iter::once(header).chain(at.ways.iter().map(row)).collect();
        let bounds = at.numeric_bounds.iter().flatten();
        let bound = bounds.fold(0.0, |most: f64, bound| if *bound <= most { most } else { *bound });
        let within = match bound.is_finite() {
            true => format!("; where the function is smooth within {}", size(bound)),
            false => String::new(),
        };
        let numeric = format!("  numeric: h = {:.1e}·max(1, |x|){within}\n", Derivation::STEP);
        format!("\n{title}\n{}{}", table(2, &rows), folded(&numeric))
    }

    /// Numbers of a row of a Jacobian by the names of the variables.
    fn by_variable<T: Into<Value>>(&self, row: impl IntoIterator<Item = T>) -> Map<String, Value> {
        let row = row.into_iter().map(Into::into);
        self.derivation.variables.iter().cloned().zip(row).collect()
    }

    fn json_at(&self, at: &AtPoint, document: &mut Map<String, Value>) {
        let values: Map<String, Value> = at
            .values
            .iter()
            .map(|(name, value)| (name.clone(), (*value).into()))
            .collect();
        let way = |way: &Way| json!({ "name": way.name, "jacobian": way.jacobian, "passes": way.passes, "operations": way.operations });
        let node = |node: &GraphNode| {
            let kind = match node.kind {
                NodeKind::Variable => "variable",
                NodeKind::Constant => "constant",
                NodeKind::Operation => "operation",
            };
            json!({
                "name": node.name,
                "kind": kind,
                "operation": node.operation,
                "formula": node.formula,
                "operands": node.operands,
                "value": node.value,
                "gradients": node.gradients,
            })
        };
        document.insert("at".to_owned(), values.into());
        document.insert(
            "graph".to_owned(),
            json!({ "nodes": at.graph.nodes.iter().map(node).collect::<Vec<_>>(), "results": at.graph.results }),
        );
        document.insert("ways".to_owned(), at.ways.iter().map(way).collect());
        document.insert("numeric_bounds".to_owned(), json!(at.numeric_bounds));
        document.insert("warnings".to_owned(), json!(at.warnings));
    }
}

impl Report for DerivationReport<'_> {
    fn text(&self) -> String {
        let mut text = folded(&self.formulas());
        if let Some(at) = self.at {
            text += &self.point(at);
            text += &self.graph(at);
            text += &self.ways(at);
        }
        if let Some(found) = self.critical {
            text += &critical::text(found, self.derivation);
        }
        for (what, path) in [("plot", self.plot), ("dot", self.dot)] {
            if let Some(path) = path {
                text += &format!("{what}: {}\n", shown(path));
            }
        }
        text
    }

    fn json(&self) -> Result<Value> {
        let output = |(row, output): (usize, &rosenblatt_symbolic::Output)| {
            let derivatives = output.derivatives.iter().map(ToString::to_string);
            let mut json = json!({
                "name": output.name,
                "expression": output.expression.to_string(),
                "derivatives": self.by_variable(derivatives),
            });
            if let Some(at) = self.at {
                json["value"] = at.results[row].into();
                json["gradient"] = self.by_variable(at.ways[REVERSE].jacobian[row].iter().copied()).into();
            }
            json
        };
        let mut document = Map::new();
        document.insert("variables".to_owned(), json!(self.derivation.variables));
        document.insert(
            "outputs".to_owned(),
            self.derivation.outputs.iter().enumerate().map(output).collect(),
        );
        if let Some(at) = self.at {
            self.json_at(at, &mut document);
        }
        if let Some(found) = self.critical {
            document.insert("critical_points".to_owned(), critical::json(found, self.derivation));
        }
        document.insert("plot".to_owned(), json!(self.plot));
        document.insert("dot".to_owned(), json!(self.dot));
        Ok(document.into())
    }
}
