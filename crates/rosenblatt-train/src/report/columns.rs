//! What the columns of the table are, and what became of them.

use rosenblatt_data::Prepared;
use rosenblatt_data::schema::{Overview, Profile};
use rosenblatt_tensor::Result;
use serde::Serialize;

/// A column of the table.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ColumnLine {
    /// What its cells are, and why.
    #[serde(flatten)]
    pub profile: Profile,
    /// What became of it.
    pub role: Role,
}

/// What became of a column.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// It is predicted.
    Target,
    /// It is predicted from; so many numbers go into the network.
    Used(usize),
    /// It says how much each row counts.
    Weight,
    /// It was left out, for this reason.
    LeftOut(String),
}

/// One line for each column of the table, in the order of the file; `dropped` are those the user did not want.
pub(super) fn of(overview: Option<&Overview>, data: &Prepared, dropped: &[String]) -> Result<Vec<ColumnLine>> {
    let used = data.preprocessing.features_of_columns(&data.schema)?;
    let role = |name: &String| {
        if *name == data.schema.target.name {
            return Role::Target;
        }
        if data.schema.sample_weight.as_ref() == Some(name) {
            return Role::Weight;
        }
        if let Some(features) = used.iter().find(|features| features.column == *name) {
            return Role::Used(features.places.len());
        }
        if dropped.contains(name) {
            return Role::LeftOut("as you wished".to_owned());
        }
        Role::LeftOut(
            data.left_out(name)
                .unwrap_or("nothing can be learned from it")
                .to_owned(),
        )
    };
    let line = |profile: &Profile| ColumnLine {
        role: role(&profile.name),
        profile: profile.clone(),
    };
    Ok(overview
        .iter()
        .flat_map(|overview| &overview.columns)
        .map(line)
        .collect())
}
