//! Requested and realised doses as rows of the report: what was asked, by whom, and what came out.

use report::DoseRow;
use shell::Applied;

use crate::fitting::DecidedBy;
use crate::settings::Bench;
use crate::side::Made;
use crate::units;

/// One row for every correction of the shell, in the order of application.
pub(crate) fn rows(bench: &Bench, made: &Made) -> Vec<DoseRow> {
    made.shell.applied.iter().map(|operation| units::show(bench, row(made, operation))).collect()
}

fn row(made: &Made, operation: &Applied) -> DoseRow {
    let decided =
        made.fitted.decision.doses.iter().find(|(key, _, _)| *key == key_of(operation.name));
    let by = decided.map_or(DecidedBy::Lab, |(_, _, by)| *by);
    DoseRow {
        name: words(operation.name),
        requested: Some(operation.requested),
        realised: Some(operation.realised),
        unit: if operation.unit == "1" { String::new() } else { operation.unit.to_owned() },
        decimals: 2,
        signed: operation.unit == "deg",
        within: operation.kept(),
        decided_by: match by {
            DecidedBy::Clinician | DecidedBy::NotOrdered => report::DecidedBy::Ordered,
            DecidedBy::Optimizer => report::DecidedBy::Optimizer,
            DecidedBy::Lab => report::DecidedBy::LabDefault,
        },
        note: operation.limited.clone().unwrap_or_else(|| operation.note.clone()),
    }
}

/// The prescription's key of an operation of the shell.
fn key_of(operation: &str) -> &str {
    match operation {
        // The height follows from the share of the clearance that is filled.
        "arch_height_mm" => "arch_fraction",
        other => other,
    }
}

/// `heel_cup_depth_mm` → `Heel cup depth`.
fn words(key: &str) -> String {
    let stem = ["_deg", "_mm"]
        .iter()
        .find_map(|unit| key.strip_suffix(unit))
        .unwrap_or(key)
        .replace('_', " ");
    let mut letters = stem.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
