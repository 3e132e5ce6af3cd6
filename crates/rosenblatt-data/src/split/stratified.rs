//! By row, every class giving its share.

use rosenblatt_tensor::rng::Rng;
use rosenblatt_tensor::{Error, Result};

use super::{Context, Draw, HeldOut, HoldOut, Method, Parts, check_fraction, too_few};

/// `stratified`.
pub(super) const METHOD: Method = Method {
    name: "stratified",
    column: None,
    prepare: |context| {
        if context.classes.is_none() {
            let error = Error::config("rows are stratified by class, and the target is a number");
            return Err(error.hint("use `random`, or leave it out"));
        }
        Ok(Box::new(Stratified::of(context)))
    },
};

/// Rows drawn one by one, by class if there are classes.
pub(super) struct Stratified<'a>(Option<&'a [i64]>);

impl<'a> Stratified<'a> {
    pub(super) fn of(context: &Context<'a>) -> Self {
        Self(context.classes)
    }
}

impl HoldOut for Stratified<'_> {
    fn hold_out(&self, rows: &[u64], draw: Draw) -> Result<Parts> {
        let of_rows = |classes: &[i64]| rows.iter().map(|&row| classes[row as usize]).collect::<Vec<_>>();
        let classes = self.0.map(of_rows);
        split(rows, classes.as_deref(), draw.fraction, draw.part, draw.seed)
    }
}

/// Holds out `fraction` of `rows`.
///
/// `round(fraction · n)` rows, at least one if there are two. With `classes` (one for each of the `rows`) every class
/// gives its share, rounded so that the sum is right (largest remainder, ties to the smaller class), and keeps at
/// least one row.
///
/// # Errors
/// [`rosenblatt_tensor::ErrorKind::Config`] if the fraction is not between 0 and 1, or
/// [`rosenblatt_tensor::ErrorKind::Data`] if one part would be empty.
///
/// # Example
/// ```
/// use rosenblatt_data::split::{HeldOut, split};
/// let rows: Vec<u64> = (0..10).collect();
/// let classes = [0, 0, 0, 0, 0, 1, 1, 1, 1, 1];
/// let parts = split(&rows, Some(&classes), 0.4, HeldOut::Test, 7)?;
/// assert_eq!(parts.held_out.iter().filter(|&&row| row < 5).count(), 2);
/// assert_eq!(parts.rest.len(), 6);
/// # Ok::<(), rosenblatt_tensor::Error>(())
/// ```
pub fn split(rows: &[u64], classes: Option<&[i64]>, fraction: f64, part: HeldOut, seed: u64) -> Result<Parts> {
    check_fraction(fraction)?;
    let one_class = vec![0; rows.len()];
    let wanted = Draw { fraction, part, seed }.wanted(rows.len());
    let quotas = quotas(classes.unwrap_or(&one_class), wanted).ok_or_else(|| too_few(rows.len(), part))?;
    let mut order = vec![0; rows.len()];
    Rng::new(seed).purpose(part.name()).permutation(&mut order);

    let mut left: Vec<(i64, usize)> = quotas;
    let mut is_held_out = vec![false; rows.len()];
    for &at in &order {
        let class = classes.map_or(0, |classes| classes[at as usize]);
        if let Ok(slot) = left.binary_search_by_key(&class, |&(class, _)| class)
            && left[slot].1 > 0
        {
            left[slot].1 -= 1;
            is_held_out[at as usize] = true;
        }
    }
    Ok(Parts::of(rows, &is_held_out))
}

/// How many rows each class gives of those wanted, classes ascending; none if they have none to give.
fn quotas(classes: &[i64], wanted: usize) -> Option<Vec<(i64, usize)>> {
    let mut sorted = classes.to_vec();
    sorted.sort_unstable();
    let sizes: Vec<(i64, usize)> = sorted
        .chunk_by(|a, b| a == b)
        .map(|group| (group[0], group.len()))
        .collect();
    let available: usize = sizes.iter().map(|&(_, size)| size - 1).sum();
    if available == 0 {
        return None;
    }
    let wanted = wanted.min(available);
    let share = |size: usize| size as f64 * wanted as f64 / classes.len() as f64;
    let mut quotas: Vec<(i64, usize)> = sizes
        .iter()
        .map(|&(class, size)| (class, (share(size) as usize).min(size - 1)))
        .collect();
    let mut by_remainder: Vec<usize> = (0..sizes.len()).collect();
    by_remainder.sort_by(|&a, &b| share(sizes[b].1).fract().total_cmp(&share(sizes[a].1).fract()));
    let mut missing = wanted - quotas.iter().map(|&(_, quota)| quota).sum::<usize>();
    while missing > 0 {
        for &class in &by_remainder {
            if missing > 0 && quotas[class].1 + 1 < sizes[class].1 {
                quotas[class].1 += 1;
                missing -= 1;
            }
        }
    }
    Some(quotas)
}
