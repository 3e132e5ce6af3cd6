//! Scopes of a dynamic graph: what is made inside is freed at the end, but for what is returned.

use std::collections::{BTreeMap, BTreeSet};

use rosenblatt_tensor::{DType, Error, Shape, Tensor};

use crate::{Graph, NodeId, Var};

impl Graph {
    /// Calls `f`; then a dynamic graph frees every node made meanwhile, except what `f` returns.
    ///
    /// A loop that puts each iteration in a scope needs no more memory the longer it runs. [`Graph::scope_with`] also
    /// frees what an iteration was given. Scopes may be nested; a returned value that was made outside stays as it is.
    ///
    /// **Derivatives** do not pass through freed nodes. A returned value that was computed from one becomes a constant,
    /// and a derivative that would have to pass is a mistake (the gradient is dead), not zero. Take gradients inside the
    /// scope and return them.
    ///
    /// **Using a freed value** is a mistake: what comes of it is dead, and [`Var::value`] an error. Names of freed inputs
    /// and variables may be used again.
    ///
    /// A static graph frees nothing, since a plan needs every node: there a scope only groups.
    ///
    /// # Example
    /// ```
    /// use rosenblatt_autodiff::{Graph, reverse};
    /// let graph = Graph::dynamic();
    /// let x = graph.constant([3.0, 4.0].into());
    /// let (y, dy) = graph.scope(|_| {
    ///     let y = (x * x).sum_all();
    ///     (y, reverse::gradients(y, &[x])[0])
    /// });
    /// assert_eq!((y.value()?.item()?, dy.value()?.to_f64()), (25.0, vec![6.0, 8.0]));
    /// assert_eq!(graph.len(), 3); // x, y, dy
    /// assert!(reverse::gradients(y, &[x])[0].value().is_err()); // x * x was freed
    /// # Ok::<(), rosenblatt_tensor::Error>(())
    /// ```
    pub fn scope<'g, R: Vars>(&'g self, f: impl FnOnce(&'g Self) -> R) -> R {
        self.scope_with((), |graph, ()| f(graph))
    }

    /// As [`Graph::scope`], and frees `given` too, except what of it `f` returns: the state of a loop.
    ///
    /// What was computed from `given` outside the scope becomes a constant, as a returned value does.
    ///
    /// # Example
    /// ```
    /// use rosenblatt_autodiff::{Graph, reverse};
    /// let graph = Graph::dynamic();
    /// let mut x = graph.constant(5.0.into());
    /// for _ in 0..100 {
    ///     x = graph.scope_with(x, |_, x| x - 0.25 * reverse::gradients(x * x, &[x])[0]);
    /// }
    /// assert!(x.value()?.item()? < 1e-20);
    /// assert_eq!(graph.len(), 1);
    /// # Ok::<(), rosenblatt_tensor::Error>(())
    /// ```
    pub fn scope_with<'g, T: Vars, R: Vars>(&'g self, given: T, f: impl FnOnce(&'g Self, T) -> R) -> R {
        let (start, given_ids) = (self.next_id(), self.ids(&given));
        let result = f(self, given);
        if self.is_dynamic() {
            self.free_except(&self.ids(&result), start, given_ids);
        }
        result
    }

    /// Frees what a scope that began with node `start` has made and was given, except what is `kept`.
    fn free_except(&self, kept: &BTreeSet<NodeId>, start: NodeId, mut given: BTreeSet<NodeId>) {
        given.retain(|id| !kept.contains(id));
        let first = given.first().map_or(start, |&id| id.min(start));
        self.free(first, &|id| given.contains(&id) || id >= start && !kept.contains(&id));
    }

    /// The nodes of this graph that are in `vars`, without freed ones.
    fn ids(&self, vars: &dyn Vars) -> BTreeSet<NodeId> {
        let mut ids = BTreeSet::new();
        vars.each(&mut |x| {
            if std::ptr::eq(x.graph, self) && self.look(x.id, |_| ()).is_ok() {
                ids.insert(x.id);
            }
        });
        ids
    }
}

/// What a scope may be given and return: anything that can say which values of a graph are in it, if any.
///
/// Implemented for [`Var`], numbers, texts, tensors, and arrays, vectors, options, results, maps and tuples of them. For a
/// type of your own, call [`each`](Vars::each) of its fields: a value that is left out is freed.
///
/// # Example
/// ```
/// use rosenblatt_autodiff::{Graph, Var, Vars};
/// struct State<'g> { h: Var<'g>, steps: usize }
/// impl Vars for State<'_> {
///     fn each(&self, visit: &mut dyn FnMut(Var<'_>)) {
///         self.h.each(visit);
///     }
/// }
/// let graph = Graph::dynamic();
/// let start = State { h: graph.constant(1.0.into()), steps: 0 };
/// let end = graph.scope_with(start, |_, old| State { h: old.h * 0.5 + 2.0, steps: old.steps + 1 });
/// assert_eq!((end.h.value()?.item()?, end.steps, graph.len()), (2.5, 1, 1));
/// # Ok::<(), rosenblatt_tensor::Error>(())
/// ```
pub trait Vars {
    /// Calls `visit` for each value.
    fn each(&self, visit: &mut dyn FnMut(Var<'_>));
}

impl Vars for Var<'_> {
    fn each(&self, visit: &mut dyn FnMut(Var<'_>)) {
        visit(*self);
    }
}

macro_rules! without_vars {
    ($($type:ty),*) => {$(
        impl Vars for $type {
            fn each(&self, _: &mut dyn FnMut(Var<'_>)) {}
        }
    )*};
}
without_vars!(
    (),
    bool,
    char,
    i8,
    i16,
    i32,
    i64,
    i128,
    isize,
    u8,
    u16,
    u32,
    u64,
    u128,
    usize,
    f32,
    f64
);
without_vars!(str, String, Tensor, DType, Shape, Error);

macro_rules! iterated {
    ($([$($generics:tt)*] $type:ty),*) => {$(
        impl<$($generics)*> Vars for $type {
            fn each(&self, visit: &mut dyn FnMut(Var<'_>)) {
                self.iter().for_each(|part| part.each(visit));
            }
        }
    )*};
}
iterated!([T: Vars] [T], [T: Vars, const N: usize] [T; N], [T: Vars] Vec<T>, [T: Vars] Option<T>, [T: Vars, E] Result<T, E>);

impl<K, T: Vars> Vars for BTreeMap<K, T> {
    fn each(&self, visit: &mut dyn FnMut(Var<'_>)) {
        self.values().for_each(|part| part.each(visit));
    }
}

impl<T: Vars + ?Sized> Vars for &T {
    fn each(&self, visit: &mut dyn FnMut(Var<'_>)) {
        (**self).each(visit);
    }
}

impl<T: Vars + ?Sized> Vars for Box<T> {
    fn each(&self, visit: &mut dyn FnMut(Var<'_>)) {
        (**self).each(visit);
    }
}

macro_rules! tuples {
    ($($($part:ident $index:tt)+),*) => {$(
        impl<$($part: Vars),+> Vars for ($($part,)+) {
            fn each(&self, visit: &mut dyn FnMut(Var<'_>)) {
                $(self.$index.each(visit);)+
            }
        }
    )*};
}
tuples!(A 0, A 0 B 1, A 0 B 1 C 2, A 0 B 1 C 2 D 3, A 0 B 1 C 2 D 3 E 4, A 0 B 1 C 2 D 3 E 4 F 5);
