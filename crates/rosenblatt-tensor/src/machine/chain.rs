//! Element-wise chains: several operations on one tile while it is in the first-level cache.
//!
//! A chain loads tiles of its operands (or takes the tile a product has just finished), runs its steps, each a
//! vectorised loop from slices to a slice, and stores some of the results. A step sees plain slices of equal length,
//! or of length 1 where an operand is the same number everywhere, so a [`TileKernel`] is ordinary safe code.

use std::mem::MaybeUninit;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::TILE;
use super::port::{Port, Walk};
use super::run::Worker;
use super::task::Operand;
use crate::{DType, Element, Isa, MAX_RANK};

/// A loop over slices: one step of a chain.
pub trait TileKernel: Send + Sync {
    /// Fills `output`, whose length is the tile's; inputs have that length, or 1 for the same number everywhere.
    fn run(&self, isa: Isa, inputs: &[Slice<'_>], output: SliceMut<'_>);
}

macro_rules! slices {
    ($($variant:ident: $rust:ty),*) => {
        /// Numbers of one of the types a tensor may hold.
        #[derive(Clone, Copy, Debug)]
        pub enum Slice<'a> { $(#[allow(missing_docs)] $variant(&'a [$rust]),)* }

        /// Numbers of one of the types a tensor may hold, to be written.
        #[derive(Debug)]
        pub enum SliceMut<'a> { $(#[allow(missing_docs)] $variant(&'a mut [$rust]),)* }

        impl<'a> Slice<'a> {
            /// # Safety
            /// `len` elements of type `dtype` can be read at `address` for `'a`, and nobody writes to them.
            pub(super) unsafe fn from_raw(dtype: DType, address: *const u8, len: usize) -> Self {
                match dtype {
                    // SAFETY: passed on to the caller.
                    $(DType::$variant => Self::$variant(unsafe { std::slice::from_raw_parts(address.cast(), len) }),)*
                }
            }
        }

        impl<'a> SliceMut<'a> {
            /// # Safety
            /// `len` elements of type `dtype` can be written at `address` for `'a`, and nobody else touches them.
            unsafe fn from_raw(dtype: DType, address: *mut u8, len: usize) -> Self {
                match dtype {
                    // SAFETY: passed on to the caller.
                    $(DType::$variant => Self::$variant(unsafe { std::slice::from_raw_parts_mut(address.cast(), len) }),)*
                }
            }
        }
    };
}
slices!(F32: f32, F64: f64, U8: u8, I64: i64, Bool: bool);

/// Where a step or a store takes its numbers from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The tile of the product or sum that the chain follows.
    Tile,
    /// An operand, by its place in [`Chain::loads`].
    Load(usize),
    /// The result of an earlier step.
    Step(usize),
}

/// An operand that a chain reads.
pub type Load = Operand;

/// One operation of a chain.
#[derive(Clone)]
pub struct Step {
    /// Its loop.
    pub kernel: Arc<dyn TileKernel>,
    /// Type of the result.
    pub dtype: DType,
    /// What it reads.
    pub inputs: Vec<Source>,
    /// Raises this flag of the program if a result is not finite.
    pub watch: Option<usize>,
}

/// A list of element-wise steps between loads and stores.
#[derive(Clone, Default)]
pub struct Chain {
    /// Operands read.
    pub loads: Vec<Load>,
    /// Operations, in order.
    pub steps: Vec<Step>,
    /// Results written, and where to.
    pub stores: Vec<(Source, Operand)>,
}

/// The largest number of inputs of a step.
pub(super) const MAX_INPUTS: usize = 3;

/// A chain made ready for one thread: operands as ports, registers assigned to slots of the thread's scratch.
pub(super) struct ChainPart {
    loads: Vec<Port>,
    /// Slot into which a load is copied when its tile is not contiguous.
    load_slots: Vec<usize>,
    steps: Vec<Step>,
    step_slots: Vec<usize>,
    /// Source, destination, and whether the step may write there at once.
    stores: Vec<(Source, Port)>,
    /// For each step, the store it may write to directly.
    direct: Vec<Option<usize>>,
    slots: usize,
    tile_dtype: DType,
}

/// Distance of slots in bytes: room for a tile of the widest type, staggered so that slots do not share cache sets.
pub(super) const SLOT: usize = TILE * 8 + 320;

/// Tiles of one visit: where it is and how large.
#[derive(Clone, Copy)]
pub(super) struct Visit<'a> {
    pub(super) outer: &'a [usize; MAX_RANK],
    pub(super) outer_rank: usize,
    pub(super) row: usize,
    pub(super) rows: usize,
    pub(super) col: usize,
    pub(super) cols: usize,
}

/// A register during a visit: an address and whether it is one number for the whole tile.
#[derive(Clone, Copy)]
struct Register {
    address: *const u8,
    dtype: DType,
    len: usize,
}

impl ChainPart {
    pub(super) fn new(chain: &Chain, loads: Vec<Port>, stores: Vec<Port>, tile_dtype: DType) -> Self {
        let stores: Vec<_> = chain.stores.iter().map(|&(source, _)| source).zip(stores).collect();
        let direct = (0..chain.steps.len())
            .map(|i| direct_store(chain, &loads, &stores, i))
            .collect();
        let (load_slots, step_slots, slots) = assign_slots(chain);
        Self {
            loads,
            load_slots,
            steps: chain.steps.clone(),
            step_slots,
            stores,
            direct,
            slots,
            tile_dtype,
        }
    }

    /// Bytes of scratch it needs.
    pub(super) fn scratch(&self) -> usize {
        self.slots * SLOT
    }

    /// Whether stores are all there is: then a product may write its tile in place.
    pub(super) fn only_stores_tile(&self) -> Option<&Port> {
        match (&self.steps[..], &self.stores[..]) {
            ([], [(Source::Tile, port)]) => Some(port),
            _ => None,
        }
    }

    /// Runs the chain over a whole walk without a tile before it.
    ///
    /// # Safety
    /// As for [`ChainPart::visit`], for every tile of the walk.
    pub(super) unsafe fn walk(&self, worker: &Worker<'_>, walk: &Walk, scratch: *mut u8) {
        let cols = walk.cols.min(TILE);
        let rows = (TILE / cols.max(1)).clamp(1, walk.rows.max(1));
        for i in 0..walk.outer_count() {
            let outer = walk.outer_index(i);
            for row in (0..walk.rows).step_by(rows) {
                for col in (0..walk.cols).step_by(cols.max(1)) {
                    let visit = Visit {
                        outer: &outer,
                        outer_rank: walk.outer_rank,
                        row,
                        rows: rows.min(walk.rows - row),
                        col,
                        cols: cols.min(walk.cols - col),
                    };
                    // SAFETY: the caller's promise covers every tile.
                    unsafe { self.visit(worker, &visit, std::ptr::null(), scratch) };
                }
            }
        }
    }

    /// Runs the chain on one tile; `tile` is what a product or sum left, row-major without gaps.
    ///
    /// # Safety
    /// The worker's bases cover every element that the ports reach in this visit; nobody else writes to them now.
    /// `scratch` has [`ChainPart::scratch`] bytes, aligned to 64, apart from `tile`; a visit has at most `TILE` elements.
    pub(super) unsafe fn visit(&self, worker: &Worker<'_>, visit: &Visit<'_>, tile: *const u8, scratch: *mut u8) {
        let n = visit.rows * visit.cols;
        // Left as they are until written: a source always names a register that was filled before.
        let mut loads = [const { MaybeUninit::<Register>::uninit() }; MAX_LOADS];
        for ((register, port), slot) in loads.iter_mut().zip(&self.loads).zip(&self.load_slots) {
            // SAFETY: slots are inside the scratch; the port's elements are readable.
            register.write(unsafe { load(worker, port, visit, scratch.add(slot * SLOT)) });
        }
        let mut results = [const { MaybeUninit::<Register>::uninit() }; MAX_STEPS];
        for (i, step) in self.steps.iter().enumerate() {
            let target = self.direct[i]
                .map(|store| &self.stores[store].1)
                .filter(|port| contiguous(port, visit));
            let output = match target {
                Some(port) => worker.address(port, visit).cast_mut(),
                // SAFETY: slots are inside the scratch.
                None => unsafe { scratch.add(self.step_slots[i] * SLOT) },
            };
            // SAFETY: registers point to `len` elements that stay as they are during the step: the output is a slot that
            // holds no live register, or a buffer that no input of this or a later step lies in. The program was
            // checked: steps read loads and earlier steps.
            let input = |j: usize| unsafe {
                let register = self.register(step.inputs[j], tile, n, &loads, &results);
                Slice::from_raw(register.dtype, register.address, register.len)
            };
            if step.dtype == DType::Bool && target.is_none() {
                // The slot may have held numbers, and not every byte is a truth value.
                // SAFETY: slots have room for `n` bytes.
                unsafe { output.write_bytes(0, n) };
            }
            // SAFETY: the output has room for `n` elements and overlaps no input, as said above.
            let slice = unsafe { SliceMut::from_raw(step.dtype, output, n) };
            match step.inputs.len() {
                1 => step.kernel.run(worker.isa, &[input(0)], slice),
                2 => step.kernel.run(worker.isa, &[input(0), input(1)], slice),
                3 => step.kernel.run(worker.isa, &[input(0), input(1), input(2)], slice),
                _ => return,
            }
            results[i].write(Register {
                address: output,
                dtype: step.dtype,
                len: n,
            });
            if let Some(flag) = step.watch {
                // SAFETY: the step has just filled `n` elements.
                if !all_finite(worker.isa, unsafe { Slice::from_raw(step.dtype, output, n) }) {
                    worker.flags[flag].store(true, Ordering::Relaxed);
                }
            }
        }
        for &(source, ref port) in &self.stores {
            // SAFETY: all loads and steps are done; the port's elements are writable.
            unsafe { store(worker, port, visit, self.register(source, tile, n, &loads, &results)) };
        }
    }

    /// # Safety
    /// The source's register has been written.
    unsafe fn register(
        &self,
        source: Source,
        tile: *const u8,
        n: usize,
        loads: &[MaybeUninit<Register>],
        results: &[MaybeUninit<Register>],
    ) -> Register {
        match source {
            Source::Tile => Register {
                address: tile,
                dtype: self.tile_dtype,
                len: n,
            },
            // SAFETY: the caller's promise.
            Source::Load(i) => unsafe { loads[i].assume_init() },
            // SAFETY: the caller's promise.
            Source::Step(i) => unsafe { results[i].assume_init() },
        }
    }
}

/// Bounds of a chain, so that registers live on the stack; the plan cuts longer chains.
pub(super) const MAX_LOADS: usize = 24;
pub(super) const MAX_STEPS: usize = 48;

/// The store that step `i` may write to at once: its buffer is not read by this step or a later one.
fn direct_store(chain: &Chain, loads: &[Port], stores: &[(Source, Port)], i: usize) -> Option<usize> {
    let store = stores.iter().position(|(source, _)| *source == Source::Step(i))?;
    let buffer = stores[store].1.buffer;
    let stored_twice = stores.iter().filter(|(_, port)| port.buffer == buffer).count() > 1;
    let read = |source: &Source| matches!(source, Source::Load(j) if loads[*j].buffer == buffer);
    let read_later = chain.steps[i..].iter().any(|step| step.inputs.iter().any(read));
    let copied_later = stores.iter().any(|(source, _)| read(source));
    (!stored_twice && !read_later && !copied_later).then_some(store)
}

/// Assigns slots so that registers that live at the same time have different ones.
fn assign_slots(chain: &Chain) -> (Vec<usize>, Vec<usize>, usize) {
    let end = chain.steps.len();
    let last_use = |wanted: Source| {
        let stored = chain.stores.iter().any(|&(source, _)| source == wanted);
        let used = chain.steps.iter().rposition(|step| step.inputs.contains(&wanted));
        if stored { end } else { used.unwrap_or(0) }
    };
    let mut busy_until: Vec<usize> = Vec::new();
    let loads: Vec<usize> = (0..chain.loads.len()).collect();
    busy_until.extend(loads.iter().map(|&i| last_use(Source::Load(i))));
    let mut steps = Vec::with_capacity(end);
    for i in 0..end {
        let until = last_use(Source::Step(i)).max(i);
        // A slot is free when its register was last read before this step: inputs must not share with the output.
        let slot = busy_until.iter().position(|&busy| busy < i).unwrap_or_else(|| {
            busy_until.push(0);
            busy_until.len() - 1
        });
        busy_until[slot] = until;
        steps.push(slot);
    }
    (loads, steps, busy_until.len())
}

/// Whether a tile lies row-major without gaps.
fn contiguous(port: &Port, visit: &Visit<'_>) -> bool {
    let cols = visit.cols == 1 || port.col == 1;
    // A single column of contiguous rows counts too.
    let rows = visit.rows == 1 || port.row == visit.cols as isize;
    cols && rows
}

/// Brings a tile of an operand into reach: in place if it can be, else copied to `slot`.
unsafe fn load(worker: &Worker<'_>, port: &Port, visit: &Visit<'_>, slot: *mut u8) -> Register {
    let address = worker.address(port, visit);
    let same_row = port.row == 0 || visit.rows == 1;
    let same_col = port.col == 0 || visit.cols == 1;
    if same_row && same_col {
        return Register {
            address,
            dtype: port.dtype,
            len: 1,
        };
    }
    let len = visit.rows * visit.cols;
    if contiguous(port, visit) {
        return Register {
            address,
            dtype: port.dtype,
            len,
        };
    }
    // SAFETY: the caller vouches for source and slot; element sizes match the type.
    unsafe {
        match port.dtype.size() {
            4 => read_rows::<u32>(address.cast(), port, visit, slot.cast()),
            8 => read_rows::<u64>(address.cast(), port, visit, slot.cast()),
            _ => read_rows::<u8>(address.cast(), port, visit, slot),
        }
    }
    Register {
        address: slot,
        dtype: port.dtype,
        len,
    }
}

unsafe fn read_rows<T: Copy>(from: *const T, port: &Port, visit: &Visit<'_>, to: *mut T) {
    for r in 0..visit.rows {
        // SAFETY: row `r` of the tile is inside the operand and inside the slot.
        unsafe {
            let (from, to) = (from.offset(r as isize * port.row), to.add(r * visit.cols));
            match port.col {
                1 => std::ptr::copy_nonoverlapping(from, to, visit.cols),
                0 => std::slice::from_raw_parts_mut(to, visit.cols).fill(*from),
                step => (0..visit.cols).for_each(|c| *to.add(c) = *from.offset(c as isize * step)),
            }
        }
    }
}

/// Writes a register to its tile of an operand, unless the step did so itself.
unsafe fn store(worker: &Worker<'_>, port: &Port, visit: &Visit<'_>, register: Register) {
    let address = worker.address(port, visit).cast_mut();
    if std::ptr::eq(address, register.address) {
        return;
    }
    // SAFETY: the caller vouches for both; element sizes match the type.
    unsafe {
        match port.dtype.size() {
            4 => write_rows::<u32>(register, port, visit, address.cast()),
            8 => write_rows::<u64>(register, port, visit, address.cast()),
            _ => write_rows::<u8>(register, port, visit, address),
        }
    }
}

unsafe fn write_rows<T: Copy>(from: Register, port: &Port, visit: &Visit<'_>, to: *mut T) {
    let uniform = from.len == 1 && visit.rows * visit.cols != 1;
    let from = from.address.cast::<T>();
    for r in 0..visit.rows {
        // SAFETY: row `r` of the tile is inside the operand; the register holds the tile row-major, or one number.
        unsafe {
            let to = to.offset(r as isize * port.row);
            for_each_run(visit.cols, port.col, |c, run| {
                let to = to.offset(c as isize * port.col);
                if uniform {
                    (0..run).for_each(|i| *to.add(i) = *from);
                } else {
                    // The same elements may be source and destination when a load is stored where it came from.
                    std::ptr::copy(from.add(r * visit.cols + c), to, run);
                }
            });
        }
    }
}

/// Calls `f(first, length)` for runs of neighbours: one run when the stride is 1, single elements otherwise.
fn for_each_run(cols: usize, stride: isize, mut f: impl FnMut(usize, usize)) {
    if stride == 1 {
        f(0, cols)
    } else {
        (0..cols).for_each(|c| f(c, 1))
    }
}

struct Finite<'a, T>(&'a [T]);

macro_rules! finite {
    ($rust:ty, $mask:expr) => {
        impl crate::kernels::isa::Loop for Finite<'_, $rust> {
            type Output = bool;
            #[inline(always)]
            fn run(self) -> bool {
                // An exponent of all ones is an infinity or NaN; no early exit, so that the loop is vectorised.
                !self
                    .0
                    .iter()
                    .fold(false, |bad, x| bad | (x.to_bits() & $mask == $mask))
            }
        }
    };
}
finite!(f32, 0x7f80_0000);
finite!(f64, 0x7ff0_0000_0000_0000);

fn all_finite(isa: Isa, slice: Slice<'_>) -> bool {
    match slice {
        Slice::F32(x) => isa.run(Finite(x)),
        Slice::F64(x) => isa.run(Finite(x)),
        Slice::U8(_) | Slice::I64(_) | Slice::Bool(_) => true,
    }
}

impl Slice<'_> {
    /// Type of the numbers.
    #[must_use]
    pub fn dtype(&self) -> DType {
        match self {
            Self::F32(_) => f32::DTYPE,
            Self::F64(_) => f64::DTYPE,
            Self::U8(_) => u8::DTYPE,
            Self::I64(_) => i64::DTYPE,
            Self::Bool(_) => bool::DTYPE,
        }
    }
}
