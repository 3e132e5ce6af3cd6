//! Functional networks written as functions of ports.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::ops;

use super::functional::{Functional, Node};
use super::{Add, Concat, Multiply};
use crate::{Entry, Layer};

impl Functional {
    /// The network with `N` inputs and one output that `build` describes.
    ///
    /// Inputs are called `input`, or `input_1`, `input_2`, …, if there are several; nodes `linear_1`, `linear_2`, … by
    /// their layer, in the order they are made. [`Port::named`] gives another name. Nodes that no output depends on are
    /// left out. Mistakes in names are found by [`crate::Config::check`] and when the network is used.
    pub fn of<const N: usize>(build: impl for<'b> FnOnce([Port<'b>; N]) -> Port<'b>) -> Self {
        Self::with_outputs(|inputs| [build(inputs)])
    }

    /// As [`Functional::of`], with `M` outputs.
    ///
    /// # Example
    /// ```
    /// use rosenblatt_nn::layers::{Functional, Linear};
    /// let network = Functional::with_outputs(|[x]| {
    ///     let x = x.named("pixels").then(Linear::new(16));
    ///     [x.then(Linear::new(10)).named("digit"), x.then(Linear::new(2)).named("angle")]
    /// });
    /// assert_eq!(network.inputs, ["pixels"]);
    /// assert_eq!(network.outputs, ["digit", "angle"]);
    /// ```
    pub fn with_outputs<const N: usize, const M: usize>(
        build: impl for<'b> FnOnce([Port<'b>; N]) -> [Port<'b>; M],
    ) -> Self {
        let items = RefCell::default();
        let outputs = build([(); N].map(|()| Port::new(&items, None, Vec::new()))).map(|port| port.index);
        network(items.into_inner(), &outputs)
    }
}

/// An input, or the output of a node, of a network that is being described.
#[derive(Clone, Copy)]
pub struct Port<'b> {
    items: &'b RefCell<Vec<Item>>,
    index: usize,
}

/// An input (without a layer) or a node.
struct Item {
    name: Option<String>,
    layer: Option<Entry<dyn Layer>>,
    inputs: Vec<usize>,
}

impl<'b> Port<'b> {
    fn new(items: &'b RefCell<Vec<Item>>, layer: Option<Entry<dyn Layer>>, inputs: Vec<usize>) -> Self {
        let mut list = items.borrow_mut();
        list.push(Item {
            name: None,
            layer,
            inputs,
        });
        Self {
            items,
            index: list.len() - 1,
        }
    }

    /// The output of a layer that reads this port.
    #[must_use]
    pub fn then(self, layer: impl Into<Entry<dyn Layer>>) -> Self {
        self.join(layer, &[])
    }

    /// The output of a layer that reads this port and `others`.
    #[must_use]
    pub fn join(self, layer: impl Into<Entry<dyn Layer>>, others: &[Self]) -> Self {
        let inputs = [self].iter().chain(others).map(|port| port.index).collect();
        Self::new(self.items, Some(layer.into()), inputs)
    }

    /// Both side by side, along the last axis.
    #[must_use]
    pub fn concat(self, other: Self) -> Self {
        self.join(Concat::default(), &[other])
    }

    /// The same with a name of its own, which is part of the names of its tensors.
    #[must_use]
    pub fn named(self, name: impl Into<String>) -> Self {
        self.items.borrow_mut()[self.index].name = Some(name.into());
        self
    }
}

/// The sum, as the layer `add`.
impl ops::Add for Port<'_> {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        self.join(Add {}, &[other])
    }
}

/// The product, element by element, as the layer `multiply`.
impl ops::Mul for Port<'_> {
    type Output = Self;

    fn mul(self, other: Self) -> Self {
        self.join(Multiply {}, &[other])
    }
}

fn network(items: Vec<Item>, outputs: &[usize]) -> Functional {
    let names = names(&items);
    let mut wanted = vec![false; items.len()];
    outputs.iter().for_each(|&output| wanted[output] = true);
    for (i, item) in items.iter().enumerate().rev().filter(|(_, item)| item.layer.is_some()) {
        if wanted[i] {
            item.inputs.iter().for_each(|&input| wanted[input] = true);
        }
    }
    let called = |indices: &[usize]| indices.iter().map(|&i| names[i].clone()).collect::<Vec<_>>();
    let (mut inputs, mut nodes) = (Vec::new(), Vec::new());
    for (i, item) in items.into_iter().enumerate() {
        let name = names[i].clone();
        match item.layer {
            None => inputs.push(name),
            Some(layer) if wanted[i] => nodes.push(Node {
                name,
                layer,
                inputs: called(&item.inputs),
            }),
            Some(_) => {}
        }
    }
    Functional {
        inputs,
        nodes,
        outputs: called(outputs),
    }
}

/// The names of all items: those given, and for the others the kind with a number that counts all of this kind.
fn names(items: &[Item]) -> Vec<String> {
    let mut taken: BTreeSet<String> = items.iter().filter_map(|item| item.name.clone()).collect();
    let inputs = items.iter().filter(|item| item.layer.is_none()).count();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let mut name = |item: &'_ Item, kind: &str, count: usize| match &item.name {
        Some(name) => name.clone(),
        None if item.layer.is_none() && inputs == 1 && taken.insert(kind.to_owned()) => kind.to_owned(),
        None => {
            let free = (count..)
                .map(|number| format!("{kind}_{number}"))
                .find(|name| taken.insert(name.clone()));
            free.unwrap_or_default()
        }
    };
    let each = |item| {
        let kind = Item::kind(item);
        let count = counts.entry(kind).or_default();
        *count += 1;
        name(item, kind, *count)
    };
    items.iter().map(each).collect()
}

impl Item {
    fn kind(&self) -> &str {
        self.layer.as_ref().map_or("input", |layer| layer.name())
    }
}
