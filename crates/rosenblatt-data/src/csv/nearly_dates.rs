//! Why a column is not one of dates, though its texts nearly are.

use super::place::Place;
use crate::dates::{DateOrder, Orders};

/// Where a text came first.
#[derive(Clone, Copy)]
pub(super) struct Spot {
    /// The number of the file among those of the table.
    pub file: usize,
    pub place: Place,
    /// The code of the text.
    pub code: u32,
}

/// What the distinct values of a column say about dates.
#[derive(Default)]
pub(super) struct NearlyDates {
    orders: Orders,
    /// For each of [`DateOrder::ALL`], the first text that is no date in this order.
    misfits: [Option<Spot>; 3],
    /// The first date whose year comes last.
    year_last: Option<Spot>,
}

impl NearlyDates {
    /// Takes a text that did not come before.
    pub fn see(&mut self, text: &str, spot: Spot) {
        let fits = self.orders.add(text);
        for (misfit, _) in self.misfits.iter_mut().zip(fits).filter(|(_, fits)| !fits) {
            misfit.get_or_insert(spot);
        }
        if fits.contains(&true) && !fits[DateOrder::YearFirst as usize] {
            self.year_last.get_or_insert(spot);
        }
    }

    /// Whether all texts are dates of one order.
    pub fn are_dates(&self) -> bool {
        self.orders.of_all().is_some()
    }

    /// The text that is not a date, and why, if at least half of the texts are dates; `text` gives the text of a code.
    pub fn found<'t>(&self, text: impl Fn(u32) -> &'t str) -> Option<(Spot, String)> {
        if !self.orders.are_mostly_dates() {
            return None;
        }
        let Some(order) = self.orders.likeliest() else {
            let reason = "is a date, but it is ambiguous whether the day or the month comes first in this column";
            return Some((self.year_last?, reason.to_owned()));
        };
        let misfit = self.misfits[order as usize]?;
        let of_other_order = Orders::of([text(misfit.code)]).are_mostly_dates();
        let reason = match of_other_order {
            true => format!("is not a date with the {}, as others are", order.name()),
            false => "is not a date".to_owned(),
        };
        Some((misfit, reason))
    }
}
