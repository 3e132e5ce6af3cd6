//! What lives from run to run: parameters, buffers and optimizer state, in whatever layout is fast.

use std::collections::BTreeMap;
use std::sync::Arc;

use rosenblatt_tensor::machine::{Packed, VariableMemory, Workspace};
use rosenblatt_tensor::names::meant;
use rosenblatt_tensor::{DType, Element, Error, Result, Tensor};

use crate::Engine;
use crate::op::Type;

/// Named tensors shared by the plans compiled over them, with the threads that run those plans.
///
/// Names and logical layout exist only at this border; inside, the first plan that needs a variable decides its layout.
pub struct Variables {
    /// Plans remember it.
    pub(super) identity: Arc<()>,
    pub(super) memory: VariableMemory,
    pub(super) workspace: Workspace,
    pub(super) engine: Engine,
    variables: Vec<Variable>,
    /// The number of each variable, by name.
    numbers: BTreeMap<String, usize>,
}

/// The number of a variable and its panels, if it is packed.
pub(super) type Interned = (usize, Option<Packed>);

/// One persistent tensor.
struct Variable {
    name: String,
    ty: Type,
    /// The transposed matrix in panels, or row-major.
    packed: Option<Packed>,
}

impl Variables {
    /// Without variables; plans add theirs.
    #[must_use]
    pub fn new(engine: Engine) -> Self {
        Self {
            identity: Arc::new(()),
            memory: VariableMemory::new(),
            workspace: Workspace::new(),
            engine,
            variables: Vec::new(),
            numbers: BTreeMap::new(),
        }
    }

    /// What a run borrows.
    pub(super) fn parts(&mut self) -> (&mut VariableMemory, &mut Workspace, &mut Engine) {
        (&mut self.memory, &mut self.workspace, &mut self.engine)
    }

    /// Threads that run plans.
    #[must_use]
    pub fn threads(&self) -> usize {
        self.engine.threads()
    }

    /// Bytes that values between tasks use, for all plans together.
    #[must_use]
    pub fn arena_bytes(&self) -> usize {
        self.workspace.arena_bytes()
    }

    /// Bytes of all variables, padding included.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.memory.bytes()
    }

    /// Names of all variables, in the order they were added.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.variables.iter().map(|variable| variable.name.as_str())
    }

    /// The number and layout of a variable, added if it is new.
    pub(super) fn intern(&mut self, name: &str, ty: Type, packed: bool) -> Result<Interned> {
        if self.index(name).is_some() {
            return self.known(name, ty);
        }
        let packed = packed.then(|| Packed {
            rows: ty.shape[1],
            cols: ty.shape[0],
        });
        let elements = packed.map_or(ty.shape.elements(), |p| p.elements());
        // First what may fail: a variable without memory must not be known.
        let index = self.memory.add(ty.dtype, elements)?;
        self.variables.push(Variable {
            name: name.to_string(),
            ty,
            packed,
        });
        self.numbers.insert(name.to_string(), index);
        debug_assert_eq!(index, self.variables.len() - 1);
        Ok((index, packed))
    }

    /// The number and layout of a variable.
    ///
    /// # Errors
    /// No variable has this name, or its type is another.
    pub(super) fn known(&self, name: &str, ty: Type) -> Result<Interned> {
        let (index, variable) = self.find(name)?;
        if variable.ty != ty {
            return Err(Error::shape(format!("expected {:?}, got {ty:?}", variable.ty)).within(name));
        }
        Ok((index, variable.packed))
    }

    fn index(&self, name: &str) -> Option<usize> {
        self.numbers.get(name).copied()
    }

    fn find(&self, name: &str) -> Result<(usize, &Variable)> {
        let index = self.index(name);
        index.map(|i| (i, &self.variables[i])).ok_or_else(|| {
            Error::config(format!("there is no variable `{name}`")).hint(meant(name, self.names().collect::<Vec<_>>()))
        })
    }

    /// Copies a tensor into a variable.
    ///
    /// # Errors
    /// No plan has such a variable, or its type is another.
    pub fn write(&mut self, name: &str, value: &Tensor) -> Result<()> {
        let (index, variable) = self.find(name)?;
        if Type::of(value) != variable.ty {
            return Err(Error::shape(format!("expected {:?}, got {:?}", variable.ty, Type::of(value))).within(name));
        }
        let packed = variable.packed;
        match value.dtype() {
            DType::F32 => fill::<f32>(self.memory.get_mut(index)?, value, packed),
            DType::F64 => fill::<f64>(self.memory.get_mut(index)?, value, packed),
            DType::I64 => fill::<i64>(self.memory.get_mut(index)?, value, packed),
            DType::U8 => fill::<u8>(self.memory.get_mut(index)?, value, packed),
            dtype @ DType::Bool => Err(Error::internal(format!("a variable of {dtype}"))),
        }
    }

    /// A copy of a variable, row-major in its logical shape.
    ///
    /// # Errors
    /// No plan has such a variable.
    pub fn read(&self, name: &str) -> Result<Tensor> {
        let (index, variable) = self.find(name)?;
        match variable.ty.dtype {
            DType::F32 => copy_out::<f32>(self.memory.get(index)?, variable),
            DType::F64 => copy_out::<f64>(self.memory.get(index)?, variable),
            DType::I64 => copy_out::<i64>(self.memory.get(index)?, variable),
            DType::U8 => copy_out::<u8>(self.memory.get(index)?, variable),
            dtype @ DType::Bool => Err(Error::internal(format!("a variable of {dtype}"))),
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

fn copy_out<T: Element>(from: &[T], variable: &Variable) -> Result<Tensor> {
    let Some(packed) = variable.packed else {
        return Tensor::from_slice(from, &variable.ty.shape);
    };
    let mut values = Vec::with_capacity(variable.ty.shape.elements());
    for out in 0..packed.cols {
        values.extend((0..packed.rows).map(|i| from[packed.locate(i, out)]));
    }
    Tensor::from_vec(values, &variable.ty.shape)
}
