//! Rows that the catalogue has without anybody writing them.

use std::collections::BTreeSet;

use rosenblatt_autodiff::pointwise::{ACTIVATIONS, Activation};
use rosenblatt_nn::{
    Augmentation, Constraint, Entry, Initializer, Layer, Loss, Optimizer, Penalty, Registry, Schedule, TargetKind,
};

use super::{Catalogue, Row, catalogue};

fn names<K: Registry + ?Sized>() -> Vec<&'static str> {
    K::registry().iter().map(|entry| entry.name).collect()
}

/// A command that trains with this loss.
fn training_with(loss: &str) -> Option<String> {
    let known = Entry::<dyn Loss>::named(loss).ok()?;
    let data = [
        (TargetKind::Classes(3), "iris"),
        (TargetKind::Values(1), "diabetes"),
        (TargetKind::Classes(2), "breast_cancer"),
    ];
    let (_, data) = data.iter().find(|(kind, _)| known.outputs(*kind).is_some())?;
    Some(format!("train {data} --preset plain --loss {{id}} --epochs 1"))
}

impl Catalogue {
    /// With a row for each entry that has none and needs no words of its own: all that the row says follows from its kind.
    pub fn with_rows_of_registries(mut self) -> Self {
        let activations = ACTIVATIONS.iter().map(Activation::name).collect();
        for (kind, names) in [
            ("activation", activations),
            ("loss", names::<dyn Loss>()),
            ("optimizer", names::<dyn Optimizer>()),
            ("schedule", names::<dyn Schedule>()),
            ("initializer", names::<dyn Initializer>()),
        ] {
            // The layer of an activation is its row, too.
            let kinds: &[&str] = if kind == "activation" {
                &["activation", "layer"]
            } else {
                &[kind]
            };
            for name in self.without_row(kinds, names) {
                let is_of_kind = |row: &Row| row.entry.as_deref() == Some(kind);
                let mut sections = self.section.iter_mut().rev();
                let section = sections.find(|section| section.rows.iter().any(is_of_kind)).unwrap();
                section.rows.push(Row {
                    id: name.to_owned(),
                    entry: Some(kind.to_owned()),
                    run: training_with(name).filter(|_| kind == "loss"),
                    ..Row::default()
                });
            }
        }
        self
    }

    /// Those of the entries of some kinds that have no row.
    fn without_row(&self, kinds: &[&str], mut names: Vec<&'static str>) -> Vec<&'static str> {
        let is_of_kind = |row: &&Row| row.entry.as_deref().is_some_and(|entry| kinds.contains(&entry));
        let is_there = |row: &&Row| {
            let place = row.r#where.as_deref().unwrap_or_default();
            kinds.iter().any(|kind| place.starts_with(&self.kinds[*kind].folder))
        };
        let named = |row: &Row| Some(row.what.as_deref()?.strip_prefix('`')?.split('`').next()?.to_owned());
        let mut rows: BTreeSet<String> = self.rows().filter(is_of_kind).map(|row| row.id.clone()).collect();
        rows.extend(self.rows().filter(is_there).filter_map(named));
        names.retain(|name| !rows.contains(*name));
        names
    }
}

#[test]
fn every_entry_of_every_registry_has_a_row() {
    let all = catalogue();
    let of_layers: &[&str] = &["activation", "layer"];
    for (kinds, names) in [
        (of_layers, names::<dyn Layer>()),
        (of_layers, ACTIVATIONS.iter().map(Activation::name).collect()),
        (&["loss"], names::<dyn Loss>()),
        (&["optimizer"], names::<dyn Optimizer>()),
        (&["schedule"], names::<dyn Schedule>()),
        (&["initializer"], names::<dyn Initializer>()),
        (&["penalty"], names::<dyn Penalty>()),
        (&["constraint"], names::<dyn Constraint>()),
        (&["augmentation"], names::<dyn Augmentation>()),
    ] {
        let missing = all.without_row(kinds, names);
        assert!(missing.is_empty(), "no row for {kinds:?} {missing:?}");
    }
}
