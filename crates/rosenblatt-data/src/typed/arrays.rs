//! Arrays of all types of Arrow as one of three: numbers, texts, or numbers of texts.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Float64Type, Int32Type, Int64Type, UInt64Type};
use arrow_array::{Array, ArrayRef, Float64Array, Int32Array, PrimitiveArray, StringArray, make_array};
use arrow_cast::cast;
use arrow_schema::DataType;
use foldhash::fast::FixedState;

/// Some cells of a column.
#[derive(Clone)]
pub(super) enum Chunk {
    Numbers(Float64Array),
    Texts(StringArray),
    /// The number of the text of each cell, and the texts.
    Coded(Int32Array, StringArray),
}

/// The arrays as numbers or texts; a type of arrays that is neither.
pub(super) fn simplified(arrays: Vec<ArrayRef>) -> Result<Vec<Chunk>, String> {
    let chunks: Vec<Chunk> = arrays.into_iter().map(simple).collect::<Result<_, _>>()?;
    let has_text = |chunk: &Chunk| match chunk {
        Chunk::Texts(texts) => texts.null_count() < texts.len(),
        Chunk::Coded(numbers, _) => numbers.null_count() < numbers.len(),
        Chunk::Numbers(_) => false,
    };
    let any_text = chunks.iter().any(has_text);
    let any_number = chunks.iter().any(|chunk| matches!(chunk, Chunk::Numbers(_)));
    if !(any_text && any_number) {
        return Ok(chunks);
    }
    // What the files of a table say of a column differs: its numbers are looked at as texts.
    let as_texts = |chunk: Chunk| match chunk {
        Chunk::Numbers(numbers) => Chunk::Texts(texts_of(&numbers)),
        texts => texts,
    };
    Ok(chunks.into_iter().map(as_texts).collect())
}

fn simple(array: ArrayRef) -> Result<Chunk, String> {
    match array.data_type() {
        DataType::Utf8 => Ok(Chunk::Texts(array.as_string().clone())),
        DataType::Float64 => Ok(Chunk::Numbers(array.as_primitive::<Float64Type>().clone())),
        DataType::Int64 if is_exact(&array) => Ok(Chunk::Numbers(whole_numbers(array))),
        kind if is_exact(&array) => convert(&array, &DataType::Float64, kind)
            .map(|array| Chunk::Numbers(array.as_primitive::<Float64Type>().clone())),
        DataType::Dictionary(keys, values) if (&**keys, &**values) == (&DataType::Int32, &DataType::Utf8) => {
            let coded = array.as_dictionary::<Int32Type>();
            Ok(Chunk::Coded(coded.keys().clone(), coded.values().as_string().clone()))
        }
        DataType::Dictionary(_, values) if values.is_nested() || is_binary(values) => Err(values.to_string()),
        DataType::Date32 => days(array.as_primitive()),
        // The clock of UTC: the rules of other zones are those of a data base that changes.
        DataType::Timestamp(unit, Some(_)) => {
            let utc = array
                .to_data()
                .into_builder()
                .data_type(DataType::Timestamp(*unit, None));
            let utc = utc.build().map_err(|_| array.data_type().to_string())?;
            simple(make_array(utc))
        }
        kind if kind.is_nested() && !matches!(kind, DataType::Dictionary(..)) || is_binary(kind) => {
            Err(kind.to_string())
        }
        kind => convert(&array, &DataType::Utf8, kind).map(|array| Chunk::Texts(array.as_string().clone())),
    }
}

/// Whole numbers as f64, in the memory of the array if nothing else holds it: there it has the bits of the f64 before it is an array
/// of them.
fn whole_numbers(array: ArrayRef) -> Float64Array {
    let numbers = array.as_primitive::<Int64Type>().clone();
    drop(array);
    let bits = |x: i64| (x as f64).to_bits().cast_signed();
    let numbers = numbers.unary_mut(bits).unwrap_or_else(|shared| shared.unary(bits));
    let (_, bits, present) = numbers.into_parts();
    Float64Array::new(bits.into_inner().into(), present)
}

/// Days as numbers of texts: there are few of them, and each is written once.
fn days(array: &PrimitiveArray<Date32Type>) -> Result<Chunk, String> {
    const RECENT: usize = 1 << 13;
    let mut places = HashMap::with_hasher(FixedState::default());
    // Most days are within some years of each other, and found here.
    let mut recent: Vec<Option<(i32, i32)>> = vec![None; RECENT];
    let mut distinct = Vec::new();
    let mut place = |day: i32| {
        let slot = &mut recent[day as usize % RECENT];
        if let Some((_, place)) = slot.filter(|&(other, _)| other == day) {
            return place;
        }
        let place = *places.entry(day).or_insert_with(|| {
            distinct.push(day);
            distinct.len() as i32 - 1
        });
        *slot = Some((day, place));
        place
    };
    let number = |at| if array.is_valid(at) { place(array.value(at)) } else { 0 };
    let numbers: Vec<i32> = (0..array.len()).map(number).collect();
    let numbers = Int32Array::new(numbers.into(), array.nulls().cloned());
    let distinct: ArrayRef = Arc::new(PrimitiveArray::<Date32Type>::from(distinct));
    let texts = convert(&distinct, &DataType::Utf8, array.data_type())?;
    Ok(Chunk::Coded(numbers, texts.as_string().clone()))
}

fn is_binary(kind: &DataType) -> bool {
    matches!(
        kind,
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView | DataType::FixedSizeBinary(_)
    )
}

/// Whether these are numbers that f64 holds; whole numbers beyond it are names.
fn is_exact(array: &ArrayRef) -> bool {
    const LARGEST: u64 = 1 << f64::MANTISSA_DIGITS;
    match array.data_type() {
        DataType::Int64 => {
            let values = array.as_primitive::<Int64Type>();
            let is_exact = |x: i64| x.unsigned_abs() <= LARGEST;
            // Where no value is, memory has some number, nearly always a small one.
            values.values().iter().all(|&x| is_exact(x)) || values.iter().flatten().all(is_exact)
        }
        DataType::UInt64 => array
            .as_primitive::<UInt64Type>()
            .iter()
            .flatten()
            .all(|x| x <= LARGEST),
        kind => kind.is_numeric(),
    }
}

fn convert(array: &ArrayRef, to: &DataType, from: &DataType) -> Result<ArrayRef, String> {
    cast(array, to).map_err(|_| from.to_string())
}

/// Numbers as the shortest texts that mean them.
fn texts_of(numbers: &Float64Array) -> StringArray {
    numbers.iter().map(|x| x.map(|x| (x + 0.0).to_string())).collect()
}

impl Chunk {
    /// Its cells as texts; `None` where missing.
    pub fn into_texts(self) -> StringArray {
        match self {
            Self::Texts(texts) => texts,
            Self::Numbers(numbers) => texts_of(&numbers),
            Self::Coded(numbers, texts) => {
                let text = |number: i32| {
                    Some(number as usize)
                        .filter(|&at| texts.is_valid(at))
                        .map(|at| texts.value(at))
                };
                numbers.iter().map(|number| number.and_then(text)).collect()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use arrow_array::{
        BinaryArray, BooleanArray, Date32Array, DictionaryArray, Int64Array, NullArray, TimestampMicrosecondArray,
    };
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// However far apart days are.
        #[test]
        fn each_day_is_written_once(
            days in proptest::collection::vec(proptest::option::of((-2..2_i32, 0..3_i32)), 0..30)
        ) {
            let days = days.iter().map(|day| day.map(|(near, far)| near + (far << 13)));
            let days: PrimitiveArray<Date32Type> = days.collect();
            let expected = cast(&days, &DataType::Utf8).unwrap();
            let coded = super::days(&days).unwrap();
            let Chunk::Coded(_, texts) = &coded else { panic!("expected numbers of texts") };
            let distinct: HashSet<_> = expected.as_string::<i32>().iter().flatten().collect();
            prop_assert_eq!(distinct.len(), texts.len());
            prop_assert_eq!(&coded.into_texts(), expected.as_string::<i32>());
        }
    }

    #[test]
    fn types_become_numbers_or_texts() {
        let texts = |array: ArrayRef| match simplified(vec![array]).unwrap().remove(0) {
            Chunk::Texts(texts) => texts
                .iter()
                .map(|text| text.unwrap_or("_").to_owned())
                .collect::<Vec<_>>(),
            Chunk::Numbers(numbers) => numbers.iter().map(|x| format!("{x:?}")).collect(),
            coded => coded
                .into_texts()
                .iter()
                .map(|text| text.unwrap_or("_").to_owned())
                .collect(),
        };
        assert_eq!(
            texts(Arc::new(BooleanArray::from(vec![Some(true), None]))),
            ["true", "_"]
        );
        assert_eq!(
            texts(Arc::new(Int64Array::from(vec![Some(-3), None]))),
            ["Some(-3.0)", "None"]
        );
        assert_eq!(
            texts(Arc::new(Int64Array::from(vec![(1 << 53) + 1]))),
            ["9007199254740993"]
        );
        assert_eq!(texts(Arc::new(NullArray::new(2))), ["_", "_"]);
        let moment = TimestampMicrosecondArray::from(vec![1_500_000]).with_timezone("UTC");
        assert_eq!(texts(Arc::new(moment)), ["1970-01-01T00:00:01.500"]);
        let coded: DictionaryArray<Int32Type> = [Some("b"), None, Some("a"), Some("b")].into_iter().collect();
        assert_eq!(texts(Arc::new(coded)), ["b", "_", "a", "b"]);
        let days = Date32Array::from(vec![Some(31), None, Some(-1), Some(31)]);
        assert_eq!(texts(Arc::new(days)), ["1970-02-01", "_", "1969-12-31", "1970-02-01"]);
        let bytes: ArrayRef = Arc::new(BinaryArray::from(vec![&b"x"[..]]));
        assert!(simplified(vec![bytes]).is_err());
    }
}
