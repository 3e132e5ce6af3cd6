//! Rules that overwrite several arrays at once, element by element: the step of an optimizer, a running average.
//!
//! A rule is written once. On a graph it is a composition of ordinary nodes, so derivatives, dynamic runs and rewrites know
//! nothing of it; the graph only notes which nodes are its results. Where a plan overwrites the places with them, it runs the
//! rule's loop instead: the same operations on the same numbers, so the same bits.

use std::fmt::Debug;
use std::panic::Location;
use std::sync::Arc;

use rosenblatt_tensor::Isa;
use rosenblatt_tensor::kernels::isa::Loop;
use rosenblatt_tensor::machine::{MAX_UPDATE, Slice, SliceMut, UpdateKernel};

use crate::elementwise::at;
use crate::{NodeId, Real, Var};

/// An element-wise rule `(places, inputs) → places` for `P` arrays that it overwrites and `N` that it reads.
///
/// Mark [`step`](Rule::step) `#[inline(always)]`. The fast loop is for a first input of the size of the places and further
/// inputs that are one number for all elements (a learning rate); other sizes give the same bits, more slowly.
///
/// # Example
/// Descent along the sign of a gradient, in one loop over the weight:
/// ```
/// use rosenblatt_autodiff::{Graph, Real, Rule};
///
/// #[derive(Clone, Debug)]
/// struct Sign;
///
/// impl Rule<1, 2> for Sign {
///     const LABEL: &'static str = "sign";
///
///     #[inline(always)]
///     fn step<T: Real>(&self, [theta]: [T; 1], [g, rate]: [T; 2]) -> [T; 1] {
///         let zero = g.full_like(0.0);
///         let rise = T::select(g.gt(zero), rate, T::select(g.lt(zero), -rate, zero));
///         [theta - rise]
///     }
/// }
///
/// // By hand, and on a graph.
/// assert_eq!(Sign.step([1.0], [-3.0, 0.5]), [1.5]);
/// let graph = Graph::dynamic();
/// let [theta, g, rate] = [1.0, -3.0, 0.5].map(|x| graph.constant(x.into()));
/// assert_eq!(Sign.apply([theta], [g, rate])[0].value()?.item()?, 1.5);
/// # Ok::<(), rosenblatt_tensor::Error>(())
/// ```
pub trait Rule<const P: usize, const N: usize>: Clone + Debug + Send + Sync + 'static {
    /// What the tasks of a plan call it.
    const LABEL: &'static str;

    /// The new values of the places.
    fn step<T: Real>(&self, places: [T; P], inputs: [T; N]) -> [T; P];

    /// The new values of the places on a graph.
    ///
    /// In a plan it is one loop where the places are variables of one shape, the results their next values, and every input can be
    /// broadcast to that shape.
    #[track_caller]
    fn apply<'g>(&self, places: [Var<'g>; P], inputs: [Var<'g>; N]) -> [Var<'g>; P] {
        const {
            assert!(0 < P && P <= MAX_UPDATE, "a rule overwrites between 1 and 8 arrays");
            assert!(0 < N && N <= MAX_UPDATE, "a rule has between 1 and 8 inputs");
        }
        let graph = places[0].graph();
        let results = graph.on_behalf_of(Location::caller(), || self.step(places, inputs));
        let ty = places[0].ty();
        let alike = places.iter().chain(&results).all(|x| x.ty() == ty);
        let stretches =
            |x: &Var<'_>| x.dtype() == ty.dtype && ty.shape.broadcast(&x.shape()).is_ok_and(|shape| shape == ty.shape);
        if ty.dtype.is_float() && alike && inputs.iter().all(stretches) {
            graph.note(FusedRule {
                label: Self::LABEL,
                kernel: Arc::new(RuleLoop(self.clone())),
                places: places.map(Var::id).to_vec(),
                inputs: inputs.map(Var::id).to_vec(),
                results: results.map(Var::id).to_vec(),
            });
        }
        results
    }
}

/// Nodes of a graph that one loop could compute: `results` is what it leaves in `places`.
#[derive(Clone)]
pub(crate) struct FusedRule {
    pub(crate) label: &'static str,
    pub(crate) kernel: Arc<dyn UpdateKernel>,
    pub(crate) places: Vec<NodeId>,
    pub(crate) inputs: Vec<NodeId>,
    pub(crate) results: Vec<NodeId>,
}

impl FusedRule {
    /// Every node it names.
    pub(crate) fn nodes(&mut self) -> impl Iterator<Item = &mut NodeId> {
        self.places.iter_mut().chain(&mut self.inputs).chain(&mut self.results)
    }
}

/// The loop of a rule.
struct RuleLoop<R, const P: usize, const N: usize>(R);

impl<R: Rule<P, N>, const P: usize, const N: usize> UpdateKernel for RuleLoop<R, P, N> {
    fn run(&self, isa: Isa, inputs: &[Slice<'_>], places: &mut [SliceMut<'_>]) {
        let (inputs, places): (&[Slice<'_>; N], &mut [SliceMut<'_>; P]) = match (inputs.try_into(), places.try_into()) {
            (Ok(inputs), Ok(places)) => (inputs, places),
            _ => unreachable!("a rule has as many operands as its type says"),
        };
        macro_rules! run {
            ($dtype:ident) => {
                isa.run(Tile {
                    rule: self.0.clone(),
                    inputs: inputs.map(|x| match x {
                        Slice::$dtype(x) => x,
                        other => unreachable!("operands of a rule have one type, not {other:?}"),
                    }),
                    places: places.each_mut().map(|x| match x {
                        SliceMut::$dtype(x) => &mut **x,
                        other => unreachable!("operands of a rule have one type, not {other:?}"),
                    }),
                })
            };
        }
        match &places[0] {
            SliceMut::F32(_) => run!(F32),
            SliceMut::F64(_) => run!(F64),
            SliceMut::U8(_) | SliceMut::I64(_) | SliceMut::Bool(_) => unreachable!("rules are for floats"),
        }
    }
}

/// A rule and what it works on: places of one length, inputs of that length or of length 1.
struct Tile<'a, R, T, const P: usize, const N: usize> {
    rule: R,
    places: [&'a mut [T]; P],
    inputs: [&'a [T]; N],
}

impl<R: Rule<P, N>, T: Real, const P: usize, const N: usize> Loop for Tile<'_, R, T, P, N> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { rule, places, inputs } = self;
        let n = places[0].len();
        // Lengths that the compiler sees are equal: no check inside the loop.
        let mut places = places.map(|place| &mut place[..n]);
        let numbers = inputs[1..].iter().all(|x| x.len() == 1);
        let mut x = match inputs[0].first() {
            Some(_) => inputs.map(|x| x[0]),
            None => return,
        };
        // Counted by hand, here and below: without optimization each call of an iterator costs more than the rule.
        let mut i = 0;
        if numbers && inputs[0].len() == n {
            let first = &inputs[0][..n];
            while i < n {
                x[0] = first[i];
                step(&rule, &mut places, i, x);
                i += 1;
            }
        } else {
            while i < n {
                step(&rule, &mut places, i, inputs.map(|x| at(x, i)));
                i += 1;
            }
        }
    }
}

/// The rule for element `i`.
#[inline(always)]
fn step<R: Rule<P, N>, T: Real, const P: usize, const N: usize>(
    rule: &R,
    places: &mut [&mut [T]; P],
    i: usize,
    x: [T; N],
) {
    let mut old = [x[0]; P];
    let mut place = 0;
    while place < P {
        old[place] = places[place][i];
        place += 1;
    }
    let new = rule.step(old, x);
    place = 0;
    while place < P {
        places[place][i] = new[place];
        place += 1;
    }
}

/// An exponentially decaying average and what comes next.
#[derive(Clone, Debug)]
struct MovingAverage {
    decay: f64,
}

impl Rule<1, 1> for MovingAverage {
    const LABEL: &'static str = "moving_average";

    #[inline(always)]
    fn step<T: Real>(&self, [old]: [T; 1], [next]: [T; 1]) -> [T; 1] {
        [old.moving_average(self.decay, next)]
    }
}

impl<'g> Var<'g> {
    /// This average with `next` taken in, element-wise: `decay · self + (1 − decay) · next`, and 0 where that is tiny.
    ///
    /// # Numerics
    /// Each product is rounded, then the sum.
    #[must_use]
    #[track_caller]
    pub fn moving_average(self, decay: f64, next: Self) -> Self {
        let [average] = MovingAverage { decay }.apply([self], [next]);
        average
    }
}
