//! The columns of the table and their roles.

use rosenblatt_data::Prepared;
use rosenblatt_data::schema::{Overview, Profile};
use rosenblatt_tensor::Result;
use serde::Serialize;

/// A column of the table.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ColumnSummary {
    /// Its type and values.
    #[serde(flatten)]
    pub profile: Profile,
    /// How it is used.
    pub role: Role,
}

/// How a column is used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// It is predicted.
    Target,
    /// It becomes this number of input features.
    Features(usize),
    /// It holds sample weights.
    SampleWeight,
    /// It is dropped, for this reason.
    Dropped(String),
}

/// Every column of the table, in the order of the file; `dropped` are those that the settings name.
pub(crate) fn of(overview: Option<&Overview>, data: &Prepared, dropped: &[String]) -> Result<Vec<ColumnSummary>> {
    let used = data.preprocessing.features_of_columns(&data.schema)?;
    let role = |name: &String| {
        if *name == data.schema.target.name {
            return Role::Target;
        }
        if data.schema.sample_weight.as_ref() == Some(name) {
            return Role::SampleWeight;
        }
        if let Some(features) = used.iter().find(|features| features.column == *name) {
            return Role::Features(features.places.len());
        }
        if dropped.contains(name) {
            return Role::Dropped("by the settings".to_owned());
        }
        let reason = data.left_out(name).unwrap_or("nothing can be learned from it");
        Role::Dropped(reason.to_owned())
    };
    let columns = overview.iter().flat_map(|overview| &overview.columns);
    let summary = |profile: &Profile| ColumnSummary {
        role: role(&profile.name),
        profile: profile.clone(),
    };
    Ok(columns.map(summary).collect())
}
