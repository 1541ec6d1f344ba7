//! Earlier adjustments of a case.

use serde::Serialize;
use toml::{Table, Value};
use vocabulary::Side;

use crate::{OrderError, Parameter, Preset, table};

/// One adjustment that an earlier version of the case got.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Revision {
    /// Which foot.
    pub foot: Side,
    /// Key of the complaint rule.
    pub complaint: String,
    /// 0 to 10.
    pub severity: u32,
    /// Key that was changed.
    pub key: String,
    /// Value before, in the key's unit.
    pub from: f64,
    /// Value after.
    pub to: f64,
    /// Why.
    pub reason: String,
}

const REVISION: &[Parameter] = &[
    Parameter::choice(
        "foot",
        &["left", "right"],
        Preset::Required,
        "which foot was adjusted",
        "written by adjust",
    ),
    Parameter::text("complaint", Preset::Required, "what the person said", "written by adjust"),
    Parameter::count("severity", (0, 10), 5, "0 to 10", "written by adjust"),
    Parameter::text(
        "key",
        Preset::Required,
        "prescription key that was changed",
        "written by adjust",
    ),
    Parameter::number(
        "from",
        (-100.0, 100.0, "in the key's unit"),
        Preset::Required,
        "value before",
        "written by adjust",
    ),
    Parameter::number(
        "to",
        (-100.0, 100.0, "in the key's unit"),
        Preset::Required,
        "value after",
        "written by adjust",
    ),
    Parameter::text("reason", Preset::Required, "why", "written by adjust"),
];

pub(crate) fn read_revisions(root: &Table, place: &str) -> Result<Vec<Revision>, OrderError> {
    let Some(list) = root.get("revision") else { return Ok(Vec::new()) };
    let wrong = |found: &Value| OrderError::WrongType {
        place: place.to_owned(),
        key: "revision".to_owned(),
        expected: "tables written as [[revision]]".to_owned(),
        found: table::describe(found),
    };
    let list = list.as_array().ok_or_else(|| wrong(list))?;
    list.iter()
        .enumerate()
        .map(|(index, item)| {
            let place = format!("{place} [[revision]] {}", index + 1);
            let values =
                table::read(REVISION, item.as_table().ok_or_else(|| wrong(item))?, &place)?;
            Ok(Revision {
                foot: if values.text("foot") == "left" { Side::Left } else { Side::Right },
                complaint: values.text("complaint").to_owned(),
                severity: values.count("severity"),
                key: values.text("key").to_owned(),
                from: values.number("from"),
                to: values.number("to"),
                reason: values.text("reason").to_owned(),
            })
        })
        .collect()
}
