//! The share of saddles among critical points, which grows with the dimension: most points where training could stop are saddles.
//!
//! Dauphin, Pascanu, Gulcehre, Cho, Ganguli, Bengio: Identifying and attacking the saddle point problem in high-dimensional
//! non-convex optimization. 2014.

use rosenblatt::prelude::*;
use rosenblatt::symbolic::critical::{CriticalPoint, Kind, Search, critical_points, eigenvalues};
use rosenblatt::tensor::rng::Rng;

/// How many critical points, or matrices, are of which kind.
#[derive(Debug, PartialEq)]
pub struct Counts {
    /// Number of variables.
    pub dimension: usize,
    /// All eigenvalues are positive.
    pub minima: usize,
    /// Eigenvalues of both signs.
    pub saddles: usize,
    /// All eigenvalues are negative.
    pub maxima: usize,
}

impl Counts {
    fn of(dimension: usize, kinds: &[Kind]) -> Self {
        let count = |kind: Kind| kinds.iter().filter(|&&known| known == kind).count();
        Self {
            dimension,
            minima: count(Kind::Minimum),
            saddles: count(Kind::Saddle),
            maxima: count(Kind::Maximum),
        }
    }

    /// Minima, saddles and maxima.
    pub fn total(&self) -> usize {
        self.minima + self.saddles + self.maxima
    }

    /// The share of saddles.
    pub fn saddle_share(&self) -> f64 {
        self.saddles as f64 / self.total() as f64
    }
}

fn kinds(points: &[CriticalPoint]) -> Vec<Kind> {
    points.iter().map(|point| point.kind).collect()
}

/// `Σ cos xᵢ` on `[−1, 5]ⁿ`, with a maximum (0) and a minimum (π) along each axis: of `2ⁿ` critical points all but 2 are saddles, a
/// share of `1 − 2¹⁻ⁿ`.
pub fn cosines(dimension: usize) -> Result<Counts> {
    // begin
    let found = critical_points(|x| x.cos().sum_all(), &vec![[-1.0, 5.0]; dimension], &Search::default())?;
    // end
    Ok(Counts::of(dimension, &kinds(&found.points)))
}

/// Sums of 30 waves in random directions, `Σ cos(wₖ·x + φₖ)` with normal `wₖ`, on `[−1, 1]ⁿ`: several functions together.
pub fn waves(dimension: usize, functions: u64) -> Result<Counts> {
    const WAVES: usize = 30;
    let mut all = Vec::new();
    for function in 0..functions {
        let mut random = Rng::new(function).purpose("waves").at(dimension as u64).stream();
        let w: Vec<f64> = (0..dimension * WAVES).map(|_| random.normal()).collect();
        let phases: Vec<f64> = (0..WAVES).map(|_| std::f64::consts::TAU * random.next_f64()).collect();
        let (w, phases) = (Tensor::new(w, &[dimension, WAVES])?, Tensor::new(phases, &[WAVES])?);
        let within = vec![[-1.0, 1.0]; dimension];
        let found = critical_points(
            |x| {
                let constant = |value: &Tensor| x.graph().constant(value.clone());
                (x.reshape(&[1, dimension]).matmul(constant(&w)) + constant(&phases))
                    .cos()
                    .sum_all()
            },
            &within,
            &Search::default(),
        )?;
        all.extend(kinds(&found.points));
    }
    Ok(Counts::of(dimension, &all))
}

/// Random symmetric matrices with normal entries (Gaussian orthogonal ensemble: variance 1 on the diagonal, ½ elsewhere), as Hessians
/// at critical points that know no direction. A share of `1/√2` is indefinite in two dimensions, and `1 − (π − 2√2) / 2π` in three.
pub fn matrices(dimension: usize, count: u64) -> Result<Counts> {
    let mut all = Vec::new();
    for matrix in 0..count {
        let mut random = Rng::new(matrix).purpose("matrices").at(dimension as u64).stream();
        let a: Vec<f64> = (0..dimension * dimension).map(|_| random.normal()).collect();
        let entry = |i: usize| 0.5 * (a[i] + a[i % dimension * dimension + i / dimension]);
        let symmetric: Vec<f64> = (0..a.len()).map(entry).collect();
        let values = eigenvalues(&Tensor::new(symmetric, &[dimension, dimension])?)?;
        all.push(
            match (values.iter().all(|v| *v > 0.0), values.iter().all(|v| *v < 0.0)) {
                (true, _) => Kind::Minimum,
                (_, true) => Kind::Maximum,
                _ => Kind::Saddle,
            },
        );
    }
    Ok(Counts::of(dimension, &all))
}

fn print(title: &str, rows: impl Iterator<Item = Result<Counts>>) -> Result<()> {
    println!("{title}\n  dimension   points   minima  saddles   maxima  share of saddles");
    for row in rows {
        let row = row?;
        let Counts {
            dimension,
            minima,
            saddles,
            maxima,
        } = row;
        let (points, share) = (row.total(), row.saddle_share());
        println!("  {dimension:>9} {points:>8} {minima:>8} {saddles:>8} {maxima:>8} {share:>17.3}");
    }
    println!();
    Ok(())
}

fn main() -> Result<()> {
    print("sums of cosines, share 1 - 2^(1 - n)", (1..=6).map(cosines))?;
    print("random waves, 20 functions", (1..=5).map(|n| waves(n, 20)))?;
    print("random symmetric matrices", (1..=8).map(|n| matrices(n, 10_000)))
}
