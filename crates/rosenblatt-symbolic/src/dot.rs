//! Graphs in the language of Graphviz.

use std::fmt::Write;

use crate::{AtPoint, GraphNode, NodeKind, number};

impl AtPoint {
    /// The graph in DOT, from left to right: each node with its name, formula, value and gradients.
    ///
    /// # Example
    /// ```
    /// let at = rosenblatt_symbolic::Derivation::new("x*(x + y)")?.at(&[("x".into(), 2.0), ("y".into(), 1.0)])?;
    /// let dot = at.to_dot();
    /// assert!(dot.starts_with("digraph f {") && dot.contains("value 6") && dot.contains("n0 -> n2;"), "{dot}");
    /// # Ok::<(), rosenblatt_tensor::Error>(())
    /// ```
    #[must_use]
    pub fn to_dot(&self) -> String {
        let mut dot = "digraph f {\n  rankdir=LR;\n  node [fontname=\"sans-serif\"];\n".to_owned();
        for (i, node) in self.graph.nodes.iter().enumerate() {
            let shape = match node.kind {
                NodeKind::Variable => "ellipse",
                NodeKind::Constant => "plaintext",
                NodeKind::Operation => "box",
            };
            let label = self.lines(node).join("\\n").replace('"', "\\\"");
            // Writing to a text cannot fail.
            let _ = writeln!(dot, "  n{i} [shape={shape}, label=\"{label}\"];");
        }
        for (i, node) in self.graph.nodes.iter().enumerate() {
            for operand in &node.operands {
                let _ = writeln!(dot, "  n{operand} -> n{i};");
            }
        }
        dot + "}\n"
    }

    /// What a drawing says about a node: name and formula, value, a gradient for each result.
    #[must_use]
    pub fn lines(&self, node: &GraphNode) -> Vec<String> {
        let title = match node.kind {
            NodeKind::Operation => format!("{} = {}", node.name, node.formula),
            NodeKind::Variable | NodeKind::Constant => node.name.clone(),
        };
        let mut lines = vec![title, format!("value {}", number(node.value))];
        match &node.gradients[..] {
            [gradient] => lines.push(format!("gradient {}", number(*gradient))),
            all => {
                let results = self.graph.results.iter().map(|&result| &self.graph.nodes[result].name);
                lines.extend(
                    results
                        .zip(all)
                        .map(|(name, gradient)| format!("gradient of {name} {}", number(*gradient))),
                );
            }
        }
        lines
    }
}
