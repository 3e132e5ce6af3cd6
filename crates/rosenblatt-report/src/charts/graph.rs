//! A computational graph: boxes in layers from left to right, with arrows between them.

use std::collections::BTreeMap;

use maud::{Markup, html};

use super::{DIGIT, file, short, text};

/// A box of a [`graph`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GraphBox {
    /// What is in it, from top to bottom; the first line is its title.
    pub lines: Vec<String>,
    /// Numbers of the boxes that it is computed from, smaller than its own.
    pub operands: Vec<usize>,
}

/// Height of a line, and room between boxes and around their text.
const LINE: f64 = 16.0;
const GAP: f64 = 18.0;
const PADDING: f64 = 8.0;
/// Room for arrows between layers, and for the title.
const BETWEEN: f64 = 56.0;
const TOP: f64 = 44.0;

/// A graph as an SVG file, for light and dark pages: what is computed is to the right of what it is computed from.
///
/// # Example
/// ```
/// use rosenblatt_report::charts::{GraphBox, graph};
/// let node = |line: &str, operands: &[usize]| GraphBox { lines: vec![line.to_owned()], operands: operands.to_vec() };
/// let svg = graph("f", &[node("x", &[]), node("f = exp(x)", &[0])]);
/// assert!(svg.starts_with("<svg ") && svg.contains("f = exp(x)"));
/// ```
#[must_use]
pub fn graph(title: &str, boxes: &[GraphBox]) -> String {
    let mut drawing = Drawing::new(boxes);
    drawing.order();
    drawing.place();
    let size = [
        drawing
            .right()
            .max(2.0 * PADDING + DIGIT * 1.3 * title.chars().count() as f64),
        drawing.bottom() + PADDING,
    ];
    let content = html! {
        (text("title", PADDING, 24.0, title))
        @for &(from, to) in &drawing.edges { (drawing.edge(from, to)) }
        @for (slot, node) in drawing.slots.iter().zip(boxes) { (node_box(slot, node)) }
    };
    file(size, &format!("Computational graph of {title}"), &content)
}

/// A place in a layer: of a box, or of an arrow that passes.
#[derive(Default)]
struct Slot {
    layer: usize,
    size: [f64; 2],
    /// Its upper left corner.
    at: [f64; 2],
}

impl Slot {
    fn middle(&self) -> f64 {
        self.at[1] + self.size[1] / 2.0
    }
}

struct Drawing {
    /// First those of the boxes.
    slots: Vec<Slot>,
    /// Slots of each layer, from top to bottom.
    layers: Vec<Vec<usize>>,
    /// From slots of one layer to slots of the next one.
    edges: Vec<(usize, usize)>,
    boxes: usize,
}

/// One more than the layer of each operand; what has none is right before its first use.
fn layers(boxes: &[GraphBox]) -> Vec<usize> {
    let mut layers = vec![0; boxes.len()];
    for (i, node) in boxes.iter().enumerate() {
        let below = |&operand: &usize| layers.get(operand).map(|layer| layer + 1);
        layers[i] = node.operands.iter().filter_map(below).max().unwrap_or(0);
    }
    for (i, node) in boxes.iter().enumerate() {
        if node.operands.is_empty() {
            let uses = boxes.iter().zip(&layers).filter(|(user, _)| user.operands.contains(&i));
            layers[i] = uses.map(|(_, layer)| layer - 1).min().unwrap_or(0);
        }
    }
    layers
}

impl Drawing {
    fn new(boxes: &[GraphBox]) -> Self {
        let slot = |(node, layer): (&GraphBox, usize)| {
            let letters = node.lines.iter().map(|line| line.chars().count()).max().unwrap_or(0);
            let size = [
                2.0 * PADDING + DIGIT * letters as f64,
                2.0 * PADDING + LINE * node.lines.len() as f64,
            ];
            Slot {
                layer,
                size,
                at: [0.0; 2],
            }
        };
        let mut drawing = Self {
            slots: boxes.iter().zip(layers(boxes)).map(slot).collect(),
            layers: Vec::new(),
            edges: Vec::new(),
            boxes: boxes.len(),
        };
        drawing.connect(boxes);
        let count = drawing.slots.iter().map(|slot| slot.layer + 1).max().unwrap_or(0);
        drawing.layers = vec![Vec::new(); count];
        for (i, slot) in drawing.slots.iter().enumerate() {
            drawing.layers[slot.layer].push(i);
        }
        drawing
    }

    /// Arrows over several layers have a slot in each layer between; those from one box share them.
    fn connect(&mut self, boxes: &[GraphBox]) {
        let mut passing = BTreeMap::new();
        for (to, node) in boxes.iter().enumerate() {
            for &from in node.operands.iter().filter(|&&from| from < to) {
                let mut last = from;
                for layer in self.slots[from].layer + 1..self.slots[to].layer {
                    let next = *passing.entry((from, layer)).or_insert(self.slots.len());
                    if next == self.slots.len() {
                        let size = [0.0, 2.0];
                        self.slots.push(Slot {
                            layer,
                            size,
                            ..Slot::default()
                        });
                        self.edges.push((last, next));
                    }
                    last = next;
                }
                if !self.edges.contains(&(last, to)) {
                    self.edges.push((last, to));
                }
            }
        }
    }

    /// Sorts each layer by the middle of what it is connected with: to the left, then to the right, and to the left again.
    fn order(&mut self) {
        let count = self.layers.len();
        for left in [true, false, true] {
            let all: Vec<usize> = if left {
                (0..count).collect()
            } else {
                (0..count).rev().collect()
            };
            for layer in all {
                let rank = |slot: usize| self.rank(slot, left);
                let mut ranked: Vec<(f64, usize)> = self.layers[layer].iter().map(|&slot| (rank(slot), slot)).collect();
                ranked.sort_by(|a, b| a.0.total_cmp(&b.0));
                self.layers[layer] = ranked.into_iter().map(|(_, slot)| slot).collect();
            }
        }
    }

    /// The mean place of what a slot is connected with on one side; its own if there is nothing.
    fn rank(&self, slot: usize, left: bool) -> f64 {
        let place = |slot: usize| {
            let layer = &self.layers[self.slots[slot].layer];
            let at = layer.iter().position(|&known| known == slot).unwrap_or(0);
            (at as f64 + 0.5) / layer.len() as f64
        };
        let other = |&(from, to): &(usize, usize)| match left {
            true => (to == slot).then_some(from),
            false => (from == slot).then_some(to),
        };
        let places: Vec<f64> = self.edges.iter().filter_map(other).map(place).collect();
        match places.is_empty() {
            true => place(slot),
            false => places.iter().sum::<f64>() / places.len() as f64,
        }
    }

    /// Layers one after the other, each in the middle of the height.
    fn place(&mut self) {
        let height = |layer: &Vec<usize>| layer.iter().map(|&slot| self.slots[slot].size[1] + GAP).sum::<f64>();
        let heights: Vec<f64> = self.layers.iter().map(height).collect();
        let highest = heights.iter().copied().fold(0.0, f64::max);
        let mut x = PADDING;
        for (layer, height) in self.layers.iter().zip(heights) {
            let width = layer.iter().map(|&slot| self.slots[slot].size[0]).fold(0.0, f64::max);
            let mut y = TOP + (highest - height) / 2.0;
            for &slot in layer {
                let slot = &mut self.slots[slot];
                slot.size[0] = width;
                slot.at = [x, y];
                y += slot.size[1] + GAP;
            }
            x += width + BETWEEN;
        }
    }

    fn right(&self) -> f64 {
        let rights = self.slots.iter().map(|slot| slot.at[0] + slot.size[0]);
        rights.fold(0.0, f64::max) + PADDING
    }

    fn bottom(&self) -> f64 {
        self.slots
            .iter()
            .map(|slot| slot.at[1] + slot.size[1])
            .fold(TOP, f64::max)
    }

    /// A curve; it ends in an arrow at a box, and goes through the layer where it passes.
    fn edge(&self, from: usize, to: usize) -> Markup {
        let [start, end] = [from, to].map(|slot| &self.slots[slot]);
        let (x, left) = (start.at[0] + start.size[0], end.at[0]);
        let middle = short(x.midpoint(left));
        let (y, level) = (short(start.middle()), short(end.middle()));
        let curve = format!(
            "M{} {y}C{middle} {y} {middle} {level} {} {level}",
            short(x),
            short(left)
        );
        let passes = to >= self.boxes;
        html! {
            @if passes {
                path class="edge" d={ (curve) "h" (short(end.size[0])) } {}
            } @else {
                path class="edge" d=(curve) {}
                path class="arrow" d={ "M" (short(left)) " " (level) "l-8 -4v8z" } {}
            }
        }
    }
}

fn node_box(slot: &Slot, node: &GraphBox) -> Markup {
    let class = if node.operands.is_empty() {
        "box"
    } else {
        "box computed"
    };
    let [x, y] = slot.at;
    html! {
        rect class=(class) x=(short(x)) y=(short(y)) width=(short(slot.size[0])) height=(short(slot.size[1])) rx="5" {}
        @for (i, line) in node.lines.iter().enumerate() {
            (text(if i == 0 { "strong" } else { "" }, x + PADDING, y + PADDING + 12.0 + LINE * i as f64, line))
        }
    }
}
