//! Values as data: how types and numbers look in files.

/// Numbers of which nothing is lost: those that are not finite, which JSON lacks, are `"NaN"`, `"inf"`, `"-inf"`.
pub(crate) mod exact {
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Written {
        Number(f64),
        Text(String),
    }

    pub(crate) fn serialize<S: Serializer>(number: &f64, to: S) -> Result<S::Ok, S::Error> {
        if number.is_finite() {
            return to.serialize_f64(*number);
        }
        // `Display` of infinities and NaN is what is read below.
        to.collect_str(number)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<f64, D::Error> {
        match Written::deserialize(from)? {
            Written::Number(number) => Ok(number),
            Written::Text(text) => match text.as_str() {
                "NaN" => Ok(f64::NAN),
                "inf" => Ok(f64::INFINITY),
                "-inf" => Ok(f64::NEG_INFINITY),
                _ => Err(D::Error::custom(format!("expected a number, got `{text}`"))),
            },
        }
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
