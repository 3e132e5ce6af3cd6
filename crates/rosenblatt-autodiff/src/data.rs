//! Graphs as data, to be stored, sent, or read by other programs.
//!
//! # Example
//! As JSON, a graph that doubles its input:
//! ```
//! use rosenblatt_autodiff::{Execution, Graph, GraphData};
//! let text = r#"{"nodes": [
//!     {"kind": "input", "name": "x", "type": {"dtype": "f64", "shape": [2]}},
//!     {"kind": "constant", "value": {"dtype": "f64", "shape": [], "data": [2.0]}},
//!     {"kind": "op", "name": "mul", "attributes": {}, "inputs": [0, 1], "type": {"dtype": "f64", "shape": [2]}}
//! ]}"#;
//! let data: GraphData = serde_json::from_str(text).unwrap();
//! let graph = Graph::from_data(&data, Execution::Static)?;
//! assert_eq!(graph.var(2)?.shape()[..], [2]);
//! assert_eq!(serde_json::to_value(graph.to_data()?).unwrap(), serde_json::to_value(&data).unwrap());
//! # Ok::<(), rosenblatt_tensor::Error>(())
//! ```

use std::any::Any;
use std::sync::Arc;

use rosenblatt_tensor::{DType, Error, Result, Shape, Tensor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::graph::Node;
use crate::{Attributes, Execution, Graph, NodeId, Op, Origin, Type, Var, ops};

/// A graph as data.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GraphData {
    /// The nodes by their numbers.
    pub nodes: Vec<NodeData>,
}

/// A node as data.
///
/// In JSON numbers that are not finite are `"NaN"`, `"inf"` and `"-inf"`. All others come back with their bits.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum NodeData {
    /// Given anew for each run of a plan.
    Input {
        /// Its name.
        name: String,
        /// Its type.
        #[serde(rename = "type")]
        ty: Type,
    },
    /// Kept from run to run.
    Variable {
        /// Its name.
        name: String,
        /// Its type.
        #[serde(rename = "type")]
        ty: Type,
    },
    /// Known when the graph is built.
    Constant {
        /// Its value.
        #[serde(with = "tensor")]
        value: Tensor,
    },
    /// Computed: the first result of an op.
    Op {
        /// The op's name in [`ops::families`].
        name: String,
        /// The op's attributes.
        attributes: Attributes,
        /// Numbers of the operands, smaller than the node's own.
        inputs: Vec<NodeId>,
        /// Type of the result.
        #[serde(rename = "type")]
        ty: Type,
    },
    /// A further result of an op, whose results follow each other.
    Result {
        /// The node of the op's first result.
        of: NodeId,
        /// Its number, from 1.
        number: usize,
        /// Its type.
        #[serde(rename = "type")]
        ty: Type,
    },
    /// Stands for the value of every step of a [`crate::ops::Scan`].
    Step {
        /// Its type.
        #[serde(rename = "type")]
        ty: Type,
    },
}

impl Graph {
    /// The graph as data; nodes keep their numbers if none was freed before them.
    ///
    /// # Errors
    /// A node has no value because of a mistake, or its op is not one of [`ops::families`].
    pub fn to_data(&self) -> Result<GraphData> {
        let nodes = self.nodes_before(self.next_id());
        let ty = |id: NodeId| nodes[id].ty;
        let number = |id: NodeId| nodes.place(id).unwrap_or(usize::MAX);
        let of = |(i, &id): (usize, &NodeId)| {
            let Node {
                origin, inputs, error, ..
            } = &nodes[id];
            let types: Vec<Type> = inputs.iter().map(|&input| ty(input)).collect();
            let inputs = inputs.iter().map(|&input| number(input)).collect();
            let data = match error {
                Some(error) => Err(error.clone()),
                None => node_data(origin, (inputs, &types), ty(id)),
            };
            data.map_err(|error| error.within(format!("node {i}")))
        };
        let nodes = nodes.ids().iter().enumerate().map(of).collect::<Result<_>>()?;
        Ok(GraphData { nodes })
    }

    /// A graph from data, computed at once or to be compiled; nodes have their numbers in the data ([`Graph::var`]).
    ///
    /// A dynamic graph cannot compute with inputs and variables: they have no values there.
    ///
    /// # Errors
    /// An op does not exist, its attributes are wrong, its operands do not fit, its result is of another type than the
    /// data say, or it cannot be computed.
    #[track_caller]
    pub fn from_data(data: &GraphData, execution: Execution) -> Result<Self> {
        let graph = Self::new(execution);
        for (id, node) in data.nodes.iter().enumerate() {
            let made = graph
                .make(id, node)
                .map_err(|error| error.within(format!("node {id}")))?;
            if made != node.ty() {
                let message = format!("node {id}: the result is {made:?}, the data say {:?}", node.ty());
                return Err(Error::data(message));
            }
        }
        Ok(graph)
    }

    /// The type of a node made from data; further results of an op are there already.
    #[track_caller]
    fn make(&self, id: NodeId, node: &NodeData) -> Result<Type> {
        let made = match node {
            NodeData::Input { name, ty } => self.input(name, ty.dtype, ty.shape),
            NodeData::Variable { name, ty } => self.variable(name, ty.dtype, ty.shape),
            NodeData::Constant { value } => self.constant(value.clone()),
            NodeData::Step { ty } => self.step_value(*ty),
            NodeData::Op { inputs, .. } => {
                let operands = inputs
                    .iter()
                    .map(|&input| self.var(input))
                    .collect::<Result<Vec<Var<'_>>>>()?;
                let types: Vec<Type> = operands.iter().map(|x| x.ty()).collect();
                self.apply_shared(node.op(&types)?, &operands)
            }
            NodeData::Result { .. } => self.var(id)?,
        };
        match made.error() {
            Some(error) => Err(error),
            None if made.id() != id && !matches!(node, NodeData::Result { .. }) => {
                Err(Error::data("the results of an op are expected one after the other"))
            }
            None => Ok(made.ty()),
        }
    }
}

impl NodeData {
    /// Type of the value.
    pub(crate) fn ty(&self) -> Type {
        match self {
            Self::Constant { value } => Type::of(value),
            Self::Input { ty, .. }
            | Self::Variable { ty, .. }
            | Self::Op { ty, .. }
            | Self::Result { ty, .. }
            | Self::Step { ty } => *ty,
        }
    }

    /// The op, for operands of these types.
    ///
    /// # Errors
    /// It is not an op, or none that is known.
    pub(crate) fn op(&self, types: &[Type]) -> Result<Arc<dyn Op>> {
        let Self::Op { name, attributes, .. } = self else {
            return Err(Error::data(format!("expected an op, got {self:?}")));
        };
        ops::op(name, attributes, types)
    }
}

/// A node as data, from the numbers and types of its operands.
pub(crate) fn node_data(origin: &Origin, (inputs, types): (Vec<NodeId>, &[Type]), ty: Type) -> Result<NodeData> {
    Ok(match origin {
        Origin::Input(name) => NodeData::Input { name: name.clone(), ty },
        Origin::Variable(name) => NodeData::Variable { name: name.clone(), ty },
        Origin::Constant(value) => NodeData::Constant { value: value.clone() },
        Origin::Op(op) => {
            check_registered(op.as_ref(), types)?;
            NodeData::Op {
                name: op.name().into(),
                attributes: op.attributes(),
                inputs,
                ty,
            }
        }
        Origin::Result(number) => NodeData::Result {
            of: inputs[0],
            number: *number,
            ty,
        },
        Origin::Step => NodeData::Step { ty },
    })
}

/// An error for an op that is not registered, also if it has the name of one of [`ops::families`].
fn check_registered(op: &dyn Op, x: &[Type]) -> Result<()> {
    let kind = |op: &dyn Op| (op as &dyn Any).type_id();
    let registered = ops::op(op.name(), &op.attributes(), x)?;
    if kind(registered.as_ref()) == kind(op) {
        return Ok(());
    }
    let message = format!("`{}` is not the registered op of this name", op.name());
    Err(Error::config(message).hint("`ops::families` lists all that can be made from data"))
}

/// A type as data.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct TypeData {
    #[serde(with = "dtype")]
    dtype: DType,
    shape: Vec<usize>,
}

impl Serialize for Type {
    fn serialize<S: Serializer>(&self, to: S) -> std::result::Result<S::Ok, S::Error> {
        let (dtype, shape) = (self.dtype, self.shape.to_vec());
        TypeData { dtype, shape }.serialize(to)
    }
}

impl<'de> Deserialize<'de> for Type {
    fn deserialize<D: Deserializer<'de>>(from: D) -> std::result::Result<Self, D::Error> {
        let TypeData { dtype, shape } = TypeData::deserialize(from)?;
        let shape = Shape::new(&shape).map_err(serde::de::Error::custom)?;
        Ok(Self::new(dtype, shape))
    }
}

/// A number as it is written: JSON has no numbers that are not finite.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Written {
    Bool(bool),
    Int(i64),
    Number(f64),
    Text(String),
}

/// A number of a type of elements, written and read with its bits (a NaN as the default NaN).
trait Exact: Sized {
    fn write(self) -> Written;
    /// `None` if it is not a number of this type.
    fn read(written: &Written) -> Option<Self>;
}

impl Exact for f64 {
    fn write(self) -> Written {
        if self.is_finite() {
            Written::Number(self)
        } else {
            Written::Text(self.to_string()) // what is read below
        }
    }

    fn read(written: &Written) -> Option<Self> {
        match written {
            Written::Bool(_) => None,
            Written::Int(int) => Some(*int as f64),
            Written::Number(number) => Some(*number),
            Written::Text(text) => match text.as_str() {
                "NaN" => Some(f64::NAN),
                "inf" => Some(f64::INFINITY),
                "-inf" => Some(f64::NEG_INFINITY),
                _ => None,
            },
        }
    }
}

impl Exact for f32 {
    fn write(self) -> Written {
        f64::from(self).write()
    }

    fn read(written: &Written) -> Option<Self> {
        f64::read(written).map(|number| number as f32)
    }
}

impl Exact for i64 {
    fn write(self) -> Written {
        Written::Int(self)
    }

    fn read(written: &Written) -> Option<Self> {
        if let Written::Int(int) = written {
            Some(*int)
        } else {
            None
        }
    }
}

impl Exact for u8 {
    fn write(self) -> Written {
        Written::Int(i64::from(self))
    }

    fn read(written: &Written) -> Option<Self> {
        i64::read(written).and_then(|int| Self::try_from(int).ok())
    }
}

impl Exact for bool {
    fn write(self) -> Written {
        Written::Bool(self)
    }

    fn read(written: &Written) -> Option<Self> {
        if let Written::Bool(flag) = written {
            Some(*flag)
        } else {
            None
        }
    }
}

/// A number with its bits.
pub(crate) mod exact {
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::{Exact, Written};

    pub(crate) fn serialize<S: Serializer>(number: &f64, to: S) -> Result<S::Ok, S::Error> {
        number.write().serialize(to)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<f64, D::Error> {
        f64::read(&Written::deserialize(from)?).ok_or_else(|| D::Error::custom("expected a number"))
    }
}

/// Types of elements by their names.
pub(crate) mod dtype {
    use rosenblatt_tensor::DType;
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    const ALL: [DType; 5] = [DType::F32, DType::F64, DType::U8, DType::I64, DType::Bool];

    pub(crate) fn serialize<S: Serializer>(dtype: &DType, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(dtype)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<DType, D::Error> {
        let text = String::deserialize(from)?;
        let known = ALL.into_iter().find(|dtype| dtype.to_string() == text);
        known.ok_or_else(|| D::Error::custom(format!("no type of elements is called `{text}`")))
    }
}

/// Tensors: type, shape, and all elements row by row.
mod tensor {
    use rosenblatt_tensor::{DType, Error, Result, Tensor};
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::{Exact, Written};
    use crate::loops::by_type;

    #[derive(Serialize, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct TensorData {
        #[serde(with = "super::dtype")]
        dtype: DType,
        shape: Vec<usize>,
        data: Vec<Written>,
    }

    pub(super) fn serialize<S: Serializer>(tensor: &Tensor, to: S) -> std::result::Result<S::Ok, S::Error> {
        write(tensor).map_err(serde::ser::Error::custom)?.serialize(to)
    }

    fn write(tensor: &Tensor) -> Result<TensorData> {
        by_type!(tensor.dtype(), T => Ok(TensorData {
            dtype: tensor.dtype(),
            shape: tensor.shape().to_vec(),
            data: tensor.to_vec::<T>()?.into_iter().map(Exact::write).collect(),
        }))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> std::result::Result<Tensor, D::Error> {
        read(&TensorData::deserialize(from)?).map_err(serde::de::Error::custom)
    }

    fn read(TensorData { dtype, shape, data }: &TensorData) -> Result<Tensor> {
        by_type!(*dtype, T => {
            let numbers: Option<Vec<T>> = data.iter().map(T::read).collect();
            let numbers = numbers.ok_or_else(|| Error::data(format!("expected elements of type {dtype}")))?;
            Tensor::from_vec(numbers, shape)
        })
    }
}
