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
    /// Computed.
    Op {
        /// The op's name in [`ops::OPS`].
        name: String,
        /// The op's attributes.
        attributes: Attributes,
        /// Numbers of the operands, smaller than the node's own.
        inputs: Vec<NodeId>,
        /// Type of the result.
        #[serde(rename = "type")]
        ty: Type,
    },
}

impl Graph {
    /// The graph as data; nodes keep their numbers.
    ///
    /// # Errors
    /// A node has no value because of a mistake, or its op is not one of [`ops::OPS`].
    pub fn to_data(&self) -> Result<GraphData> {
        let of = |id| node_data(self, &self.node(id)).map_err(|error| error.within(format!("node {id}")));
        let nodes = (0..self.len()).map(of).collect::<Result<_>>()?;
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
            let place = |error: Error| error.within(format!("node {id}"));
            let (made, ty) = match node {
                NodeData::Input { name, ty } => (graph.input(name, ty.dtype, ty.shape), *ty),
                NodeData::Variable { name, ty } => (graph.variable(name, ty.dtype, ty.shape), *ty),
                NodeData::Constant { value } => (graph.constant(value.clone()), Type::of(value)),
                NodeData::Op {
                    name,
                    attributes,
                    inputs,
                    ty,
                } => {
                    let operands = inputs.iter().map(|&input| graph.var(input));
                    let operands: Vec<Var<'_>> = operands.collect::<Result<_>>().map_err(place)?;
                    let types: Vec<Type> = operands.iter().map(|x| x.ty()).collect();
                    let op = ops::op(name, attributes, &types).map_err(place)?;
                    (graph.apply_shared(op, &operands), *ty)
                }
            };
            if let Some(error) = made.error() {
                return Err(place(error));
            }
            if made.ty() != ty {
                let message = format!("the result is {:?}, the data say {ty:?}", made.ty());
                return Err(place(Error::data(message)));
            }
        }
        Ok(graph)
    }
}

fn node_data(graph: &Graph, node: &Node) -> Result<NodeData> {
    if let Some(error) = &node.error {
        return Err(error.clone());
    }
    Ok(match &node.origin {
        Origin::Input(name) => NodeData::Input {
            name: name.clone(),
            ty: node.ty,
        },
        Origin::Variable(name) => NodeData::Variable {
            name: name.clone(),
            ty: node.ty,
        },
        Origin::Constant(value) => NodeData::Constant { value: value.clone() },
        Origin::Op(op) => {
            let types: Vec<Type> = node.inputs.iter().map(|&input| graph.node(input).ty).collect();
            check_registered(op.as_ref(), &types)?;
            NodeData::Op {
                name: op.name().into(),
                attributes: op.attributes(),
                inputs: node.inputs.clone(),
                ty: node.ty,
            }
        }
    })
}

/// An error for an op that is not registered, also if it has the name of one of [`ops::OPS`].
fn check_registered(op: &dyn Op, x: &[Type]) -> Result<()> {
    let kind = |op: &dyn Op| (op as &dyn Any).type_id();
    let registered = ops::op(op.name(), &op.attributes(), x)?;
    if kind(registered.as_ref()) == kind(op) {
        return Ok(());
    }
    let message = format!("`{}` is not the registered op of this name", op.name());
    Err(Error::config(message).hint("`ops::OPS` lists all that can be made from data"))
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

/// A number of a type of elements, written and read with its bits (a NaN as the usual one).
trait Exact: Sized {
    fn write(self) -> Written;
    /// `None` for what is no number of this type.
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
