//! Why a column is not one of dates, though its texts nearly are.

use super::Odd;
use crate::dates::{DateOrder, Orders};

/// Where a text came first.
#[derive(Clone)]
struct Spot {
    row: u64,
    text: String,
}

/// What the distinct values of a column say about dates.
#[derive(Default)]
pub(super) struct NearlyDates {
    orders: Orders,
    /// For each of [`DateOrder::ALL`], the first text that is no date in this order.
    misfits: [Option<Spot>; 3],
    /// The first date whose year comes last.
    year_last: Option<Spot>,
    /// So many texts come at most.
    rows: usize,
}

impl NearlyDates {
    /// Before the first of at most so many texts.
    pub fn of_at_most(rows: usize) -> Self {
        Self {
            rows,
            ..Self::default()
        }
    }

    /// Takes a text that did not come before, first in this row.
    pub fn see(&mut self, text: &str, row: u64) {
        if self.are_others() {
            return;
        }
        let fits = self.orders.add(text);
        let spot = || Spot {
            row,
            text: text.to_owned(),
        };
        for (misfit, _) in self.misfits.iter_mut().zip(fits).filter(|(_, fits)| !fits) {
            misfit.get_or_insert_with(spot);
        }
        if fits.contains(&true) && !fits[DateOrder::YearFirst as usize] {
            self.year_last.get_or_insert_with(spot);
        }
    }

    /// Whether the texts can no longer be dates, nor mostly dates.
    pub fn are_others(&self) -> bool {
        2 * self.orders.others() > self.rows
    }

    /// Whether all texts are dates of one order.
    pub fn are_dates(&self) -> bool {
        self.orders.of_all().is_some()
    }

    /// The text that is not a date, and why, if at least half of the texts are dates.
    pub fn found(&self) -> Option<Odd> {
        if self.are_dates() || !self.orders.are_mostly_dates() {
            return None;
        }
        let odd = |spot: &Spot, reason: String| Odd {
            row: spot.row,
            text: spot.text.clone(),
            reason,
        };
        let Some(order) = self.orders.likeliest() else {
            let reason = "is a date, but it is ambiguous whether the day or the month comes first in this column";
            return Some(odd(self.year_last.as_ref()?, reason.to_owned()));
        };
        let misfit = self.misfits[order as usize].as_ref()?;
        let of_other_order = Orders::of([misfit.text.as_str()]).are_mostly_dates();
        let reason = match of_other_order {
            true => format!("is not a date with the {}, as others are", order.name()),
            false => "is not a date".to_owned(),
        };
        Some(odd(misfit, reason))
    }
}
