//! What lives from run to run: parameters, buffers and optimiser state, in whatever layout is fast.

use rosenblatt_tensor::machine::{Memory, Packed};
use rosenblatt_tensor::names::meant;
use rosenblatt_tensor::{DType, Element, Error, Result, Tensor};

use crate::Engine;
use crate::op::Type;

/// Named tensors shared by the plans compiled over them, with the threads that run those plans.
///
/// Names and logical layout exist only at this border; inside, the first plan that needs a state decides how it lies.
pub struct Variables {
    pub(super) memory: Memory,
    pub(super) engine: Engine,
    states: Vec<State>,
}

/// One persistent tensor.
pub(super) struct State {
    name: String,
    ty: Type,
    /// The transposed matrix in panels, or row-major.
    packed: Option<Packed>,
}

impl Variables {
    /// An empty store.
    #[must_use]
    pub fn new(engine: Engine) -> Self {
        Self {
            memory: Memory::new(engine.threads()),
            engine,
            states: Vec::new(),
        }
    }

    /// Threads that run plans.
    #[must_use]
    pub fn threads(&self) -> usize {
        self.engine.threads()
    }

    /// Bytes that values between tasks use, for all plans together.
    #[must_use]
    pub fn arena_bytes(&self) -> usize {
        self.memory.arena_bytes()
    }

    /// Names of all states, in the order they were added.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.states.iter().map(|state| state.name.as_str())
    }

    /// The number of a state, added if it is new.
    pub(super) fn intern(&mut self, name: &str, ty: Type, packed: bool) -> Result<usize> {
        if let Some(index) = self.states.iter().position(|state| state.name == name) {
            let known = self.states[index].ty;
            if known != ty {
                return Err(Error::shape(format!("expected {known:?}, got {ty:?}")).within(name));
            }
            return Ok(index);
        }
        let packed = packed.then(|| Packed {
            rows: ty.shape[1],
            cols: ty.shape[0],
        });
        let elements = packed.map_or(ty.shape.elements(), |p| p.elements());
        // First what may fail: a state without memory must not be known.
        let index = self.memory.add_state(ty.dtype, elements)?;
        self.states.push(State {
            name: name.to_string(),
            ty,
            packed,
        });
        debug_assert_eq!(index, self.states.len() - 1);
        Ok(index)
    }

    /// How a state lies; `None` is row-major.
    pub(super) fn packed(&self, name: &str) -> Option<Option<Packed>> {
        self.states
            .iter()
            .find(|state| state.name == name)
            .map(|state| state.packed)
    }

    fn find(&self, name: &str) -> Result<(usize, &State)> {
        let index = self.states.iter().position(|state| state.name == name);
        index.map(|i| (i, &self.states[i])).ok_or_else(|| {
            Error::config(format!("there is no variable `{name}`")).hint(meant(name, self.names().collect::<Vec<_>>()))
        })
    }

    /// Copies a tensor into a state.
    ///
    /// # Errors
    /// No plan has such a state, or its type is another.
    pub fn write(&mut self, name: &str, value: &Tensor) -> Result<()> {
        let (index, state) = self.find(name)?;
        if Type::of(value) != state.ty {
            return Err(Error::shape(format!("expected {:?}, got {:?}", state.ty, Type::of(value))).within(name));
        }
        let packed = state.packed;
        match value.dtype() {
            DType::F32 => fill::<f32>(self.memory.state_mut(index)?, value, packed),
            DType::F64 => fill::<f64>(self.memory.state_mut(index)?, value, packed),
            DType::I64 => fill::<i64>(self.memory.state_mut(index)?, value, packed),
            DType::U8 => fill::<u8>(self.memory.state_mut(index)?, value, packed),
            dtype => Err(Error::internal(format!("a state of {dtype}"))),
        }
    }

    /// A copy of a state, row-major in its logical shape.
    ///
    /// # Errors
    /// No plan has such a state.
    pub fn read(&self, name: &str) -> Result<Tensor> {
        let (index, state) = self.find(name)?;
        match state.ty.dtype {
            DType::F32 => copy_out::<f32>(self.memory.state(index)?, state),
            DType::F64 => copy_out::<f64>(self.memory.state(index)?, state),
            DType::I64 => copy_out::<i64>(self.memory.state(index)?, state),
            DType::U8 => copy_out::<u8>(self.memory.state(index)?, state),
            dtype => Err(Error::internal(format!("a state of {dtype}"))),
        }
    }
}

fn fill<T: Element>(to: &mut [T], value: &Tensor, packed: Option<Packed>) -> Result<()> {
    let value = value.contiguous();
    let from = value.as_slice::<T>()?;
    match packed {
        None => to.copy_from_slice(from),
        Some(packed) => {
            to.fill(T::default());
            for (out, row) in from.chunks(packed.rows.max(1)).enumerate() {
                row.iter().enumerate().for_each(|(i, &x)| to[packed.locate(i, out)] = x);
            }
        }
    }
    Ok(())
}

fn copy_out<T: Element>(from: &[T], state: &State) -> Result<Tensor> {
    let Some(packed) = state.packed else {
        return Tensor::from_slice(from, &state.ty.shape);
    };
    let mut values = Vec::with_capacity(state.ty.shape.elements());
    for out in 0..packed.cols {
        values.extend((0..packed.rows).map(|i| from[packed.locate(i, out)]));
    }
    Tensor::from_vec(values, &state.ty.shape)
}
