//! A chain at work, tile by tile.

use std::mem::MaybeUninit;
use std::ops::Range;
use std::sync::atomic::Ordering;

use super::chain::{Chain, MAX_LOADS, MAX_STEPS, MAX_UPDATE, Slice, Source, Step, Update};
use super::port::{Port, Walk};
use super::registers::{Register, Visit, all_finite, contiguous, load, store};
use super::run::Worker;
use crate::DType;

/// A chain made ready for one thread: operands as ports, registers assigned to slots of the thread's scratch.
pub(super) struct ChainShare {
    loads: Vec<Port>,
    /// Slot into which a load is copied when its tile is not contiguous.
    load_slots: Vec<usize>,
    steps: Vec<Step>,
    step_slots: Vec<usize>,
    /// Source and destination.
    stores: Vec<(Source, Port)>,
    /// For each step, the store it may write to directly.
    direct: Vec<Option<Direct>>,
    checks: Vec<(Source, usize)>,
    updates: Vec<Update>,
    /// The first of the slots for places of updates that are not contiguous, in the order of stores.
    update_slots: usize,
    slots: usize,
    /// Distance of slots in bytes: room for the largest tile of the widest type.
    slot: usize,
    tile_dtype: DType,
}

/// Slots are this many bytes further apart than they need, so that large ones do not share cache sets.
const STAGGER: usize = 320;

impl ChainShare {
    /// `elements` is the size of the largest tile, at most [`super::TILE`].
    pub(super) fn new(chain: &Chain, loads: Vec<Port>, stores: Vec<Port>, tile_dtype: DType, elements: usize) -> Self {
        let dtypes = loads.iter().chain(&stores).map(|port| port.dtype);
        let dtypes = dtypes.chain(chain.steps.iter().map(|step| step.dtype));
        let widest = dtypes.map(DType::size).max().unwrap_or(0);
        let stores: Vec<_> = chain.stores.iter().map(|&(source, _)| source).zip(stores).collect();
        let direct = (0..chain.steps.len())
            .map(|i| direct_store(chain, &loads, &stores, i))
            .collect();
        let (load_slots, step_slots, slots) = assign_slots(chain);
        Self {
            slot: (elements * widest).next_multiple_of(64) + STAGGER,
            loads,
            load_slots,
            steps: chain.steps.clone(),
            step_slots,
            stores,
            direct,
            checks: chain.checks.clone(),
            updates: chain.updates.clone(),
            update_slots: slots,
            slots: slots
                + if chain.updates.is_empty() {
                    0
                } else {
                    chain.stores.len()
                },
            tile_dtype,
        }
    }

    /// Bytes of scratch it needs.
    pub(super) fn scratch(&self) -> usize {
        self.slots * self.slot
    }

    /// Whether stores are all there is: then a product may write its tile in place.
    pub(super) fn only_stores_tile(&self) -> Option<&Port> {
        match (&self.steps[..], &self.checks[..], &self.updates[..], &self.stores[..]) {
            ([], [], [], [(Source::Tile, port)]) => Some(port),
            _ => None,
        }
    }

    /// Runs the chain over a whole walk without a tile before it.
    ///
    /// # Safety
    /// As for [`ChainShare::visit`], for every tile of the walk.
    pub(super) unsafe fn walk(&self, worker: &Worker<'_>, walk: &Walk, scratch: *mut u8) {
        let (rows, cols) = walk.tile();
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
    /// The worker's bases cover every element that the ports reach in this visit; no one else writes to them now.
    /// `scratch` has [`ChainShare::scratch`] bytes, aligned to 64, apart from `tile`; the visit is no larger than the chain was made for.
    pub(super) unsafe fn visit(&self, worker: &Worker<'_>, visit: &Visit<'_>, tile: *const u8, scratch: *mut u8) {
        let mut registers = Registers {
            tile: Register {
                address: tile,
                dtype: self.tile_dtype,
                len: visit.rows * visit.cols,
            },
            loads: [const { MaybeUninit::uninit() }; MAX_LOADS],
            results: [const { MaybeUninit::uninit() }; MAX_STEPS],
            places: [const { MaybeUninit::uninit() }; MAX_STEPS],
        };
        for ((register, port), slot) in registers.loads.iter_mut().zip(&self.loads).zip(&self.load_slots) {
            // SAFETY: slots are inside the scratch; the port's elements are readable.
            register.write(unsafe { load(worker, port, visit, scratch.add(slot * self.slot)) });
        }
        let mut done = 0;
        for update in &self.updates {
            // SAFETY: what is read is done: loads, earlier steps and updates; the rest is the caller's promise.
            unsafe {
                self.steps(done..update.after, worker, visit, &mut registers, scratch);
                self.update(update, worker, visit, &mut registers, scratch);
            }
            done = update.after;
        }
        // SAFETY: as above.
        unsafe { self.steps(done..self.steps.len(), worker, visit, &mut registers, scratch) };
        for &(source, flag) in &self.checks {
            // SAFETY: all loads, steps and updates are done.
            if !all_finite(worker.isa, unsafe { registers.get(source).slice() }) {
                worker.flags[flag].store(true, Ordering::Relaxed);
            }
        }
        for (at, &(source, ref port)) in self.stores.iter().enumerate() {
            if source != Source::Updated(at) {
                // SAFETY: all loads, steps and updates are done; the port's elements are writable.
                unsafe { store(worker, port, visit, registers.get(source)) };
            }
        }
    }

    /// Runs some steps, one after the other.
    ///
    /// # Safety
    /// As [`ChainShare::visit`]; all registers that earlier steps and updates fill are filled.
    unsafe fn steps(
        &self,
        range: Range<usize>,
        worker: &Worker<'_>,
        visit: &Visit<'_>,
        registers: &mut Registers,
        scratch: *mut u8,
    ) {
        for i in range {
            // SAFETY: the caller's promise, and that earlier steps of the range are done.
            let result = unsafe { self.step(i, worker, visit, registers, scratch) };
            registers.results[i].write(result);
        }
    }

    /// Overwrites operands where they lie, or, where a tile of them has gaps, a copy that is then written back.
    ///
    /// # Safety
    /// As [`ChainShare::visit`]; all registers that earlier steps and updates fill are filled.
    unsafe fn update(
        &self,
        update: &Update,
        worker: &Worker<'_>,
        visit: &Visit<'_>,
        registers: &mut Registers,
        scratch: *mut u8,
    ) {
        let nothing = Register {
            address: std::ptr::NonNull::<u64>::dangling().as_ptr().cast(),
            dtype: self.tile_dtype,
            len: 0,
        };
        let mut places = [nothing; MAX_UPDATE];
        for (place, &at) in places.iter_mut().zip(&update.places) {
            // SAFETY: slots are inside the scratch; the operand's elements are readable.
            *place = unsafe {
                let slot = scratch.add((self.update_slots + at) * self.slot);
                load(worker, &self.stores[at].1, visit, slot)
            };
        }
        // SAFETY: inputs are registers that were filled. `updates_ok` has refused inputs and places in one buffer, and
        // `Builder::apart` buffers that share bytes, so nothing here overlaps; the places are ours to write.
        unsafe {
            let mut inputs = [nothing.slice(); MAX_UPDATE];
            for (input, &source) in inputs.iter_mut().zip(&update.inputs) {
                *input = registers.get(source).slice();
            }
            let mut slices = places.each_ref().map(|place| place.slice_mut());
            let (inputs, slices) = (&inputs[..update.inputs.len()], &mut slices[..update.places.len()]);
            update.kernel.run(worker.isa, inputs, slices);
        }
        for (place, &at) in places.iter().zip(&update.places) {
            // SAFETY: the operand's elements are ours to write.
            unsafe { store(worker, &self.stores[at].1, visit, place) };
            registers.places[at].write(*place);
        }
    }

    /// Runs one step, straight into the place of its result if that can be.
    ///
    /// # Safety
    /// As [`ChainShare::visit`]; all registers the step reads are filled.
    unsafe fn step(
        &self,
        i: usize,
        worker: &Worker<'_>,
        visit: &Visit<'_>,
        registers: &Registers,
        scratch: *mut u8,
    ) -> Register {
        let (step, n) = (&self.steps[i], visit.rows * visit.cols);
        // SAFETY: the program was checked: steps read loads and earlier steps.
        let input = |j: usize| unsafe { registers.get(step.inputs[j]) };
        let result = |address: *mut u8| Register {
            address,
            dtype: step.dtype,
            len: n,
        };
        if let Some((port, over)) = self.target(i, visit) {
            let place = worker.address(port, visit).cast_mut();
            match over {
                // SAFETY: the place has room for `n` elements, and no input of this or a later step lies in its buffer.
                None => unsafe {
                    run_step(step, worker, &input, result(place));
                    return result(place);
                },
                // SAFETY: as above, but for the input that is there, element by element, and is overwritten.
                Some(j) if input(j).same_place(place, n) => unsafe {
                    if run_step_in_place(step, worker, j, &input, result(place)) {
                        return result(place);
                    }
                },
                Some(_) => {}
            }
        }
        // SAFETY: slots are inside the scratch, have room for `n` elements, and this one holds no live register.
        unsafe {
            let slot = result(scratch.add(self.step_slots[i] * self.slot));
            if step.dtype == DType::Bool {
                // The slot may have held numbers, and not every byte is a bool.
                slot.address.cast_mut().write_bytes(0, n);
            }
            run_step(step, worker, &input, slot);
            slot
        }
    }

    /// The store that step `i` may write to at once, and the input that it overwrites there.
    fn target(&self, i: usize, visit: &Visit<'_>) -> Option<(&Port, Option<usize>)> {
        let direct = self.direct[i]?;
        let port = &self.stores[direct.store].1;
        contiguous(port, visit).then_some((port, direct.over))
    }
}

/// The registers of a visit, left as they are until written: a source always names one that was filled before.
struct Registers {
    tile: Register,
    loads: [MaybeUninit<Register>; MAX_LOADS],
    results: [MaybeUninit<Register>; MAX_STEPS],
    /// What updates have left, by number of store.
    places: [MaybeUninit<Register>; MAX_STEPS],
}

impl Registers {
    /// # Safety
    /// The source's register has been written.
    unsafe fn get(&self, source: Source) -> &Register {
        match source {
            Source::Tile => &self.tile,
            // SAFETY: the caller's promise.
            Source::Load(i) => unsafe { self.loads[i].assume_init_ref() },
            // SAFETY: the caller's promise.
            Source::Step(i) => unsafe { self.results[i].assume_init_ref() },
            // SAFETY: the caller's promise.
            Source::Updated(i) => unsafe { self.places[i].assume_init_ref() },
        }
    }
}

/// # Safety
/// Inputs are filled; the output has room for its elements, which no one else touches and no input shows.
unsafe fn run_step<'a>(step: &Step, worker: &Worker<'_>, input: &impl Fn(usize) -> &'a Register, output: Register) {
    // SAFETY: the caller's promise.
    unsafe {
        let (x, y) = (|j: usize| input(j).slice(), output.slice_mut());
        match step.inputs.len() {
            1 => step.kernel.run(worker.isa, &[x(0)], y),
            2 => step.kernel.run(worker.isa, &[x(0), x(1)], y),
            3 => step.kernel.run(worker.isa, &[x(0), x(1), x(2)], y),
            _ => {}
        }
    }
}

/// Returns whether the step's kernel can do it.
///
/// # Safety
/// As [`run_step`], but input `place` is the output.
unsafe fn run_step_in_place<'a>(
    step: &Step,
    worker: &Worker<'_>,
    place: usize,
    input: &impl Fn(usize) -> &'a Register,
    output: Register,
) -> bool {
    let x = |j: usize| {
        let register = input(j);
        let len = if j == place { 0 } else { register.len };
        // SAFETY: the caller's promise; nothing is seen of the input that is the output.
        unsafe { Slice::from_raw(register.dtype, register.address, len) }
    };
    // SAFETY: the caller's promise.
    let y = unsafe { output.slice_mut() };
    match step.inputs.len() {
        1 => step.kernel.run_in_place(worker.isa, place, &[x(0)], y),
        2 => step.kernel.run_in_place(worker.isa, place, &[x(0), x(1)], y),
        3 => step.kernel.run_in_place(worker.isa, place, &[x(0), x(1), x(2)], y),
        _ => false,
    }
}

/// A store that a step may write to at once.
#[derive(Clone, Copy)]
struct Direct {
    store: usize,
    /// The input of the step that lies in the same place, and is read for the last time.
    over: Option<usize>,
}

/// The store that step `i` may write to at once: a later step or store reads nothing from its buffer, and this step
/// nothing but the numbers it overwrites.
fn direct_store(chain: &Chain, loads: &[Port], stores: &[(Source, Port)], i: usize) -> Option<Direct> {
    let store = stores.iter().position(|(source, _)| *source == Source::Step(i))?;
    let port = &stores[store].1;
    let stored_twice = stores.iter().filter(|(_, other)| other.buffer == port.buffer).count() > 1;
    let reads = |source: &Source| matches!(source, Source::Load(j) if loads[*j].buffer == port.buffer);
    let later = chain.steps[i + 1..].iter().flat_map(|step| &step.inputs);
    if stored_twice || later.chain(read_at_the_end(chain)).any(reads) {
        return None;
    }
    let inputs = &chain.steps[i].inputs;
    let over = match inputs.iter().filter(|source| reads(source)).count() {
        0 => None,
        1 => Some(inputs.iter().position(reads)?),
        _ => return None,
    };
    let whole = |j: usize| matches!(inputs[j], Source::Load(load) if loads[load] == *port);
    over.is_none_or(whole).then_some(Direct { store, over })
}

/// What is read when all steps are done.
fn read_at_the_end(chain: &Chain) -> impl Iterator<Item = &Source> {
    let stored = chain.stores.iter().map(|(source, _)| source);
    let watched = chain.checks.iter().map(|(source, _)| source);
    stored
        .chain(watched)
        .chain(chain.updates.iter().flat_map(|update| &update.inputs))
}

/// Assigns slots so that registers that live at the same time have different ones.
fn assign_slots(chain: &Chain) -> (Vec<usize>, Vec<usize>, usize) {
    let end = chain.steps.len();
    let last_use = |wanted: Source| {
        let stored = read_at_the_end(chain).any(|source| *source == wanted);
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
