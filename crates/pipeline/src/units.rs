//! Lengths of the prescription as the lab writes them.

use report::DoseRow;
use shell::Applied;

use crate::settings::Bench;

/// Millimeters in an inch.
const INCH: f64 = 25.4;

/// What was asked and done, with inches where the lab thinks in them.
pub(crate) fn explain(bench: &Bench, applied: &Applied) -> String {
    let text = applied.explain();
    if applied.unit != "mm" || bench.lab.text("lengths") == "mm" {
        return text;
    }
    let inches = format!(
        "asked {}, did {}",
        order::in_inches(applied.requested),
        order::in_inches(applied.realised)
    );
    format!("{text}; in inches: {inches}")
}

/// A row of the report in the lab's unit of length.
pub(crate) fn show(bench: &Bench, row: DoseRow) -> DoseRow {
    let lengths = bench.lab.text("lengths");
    if row.unit != "mm" || lengths == "mm" {
        return row;
    }
    let words = |value: Option<f64>| value.map_or_else(String::new, order::in_inches);
    let note = format!(
        "ordered {}, came out as {}; {}",
        words(row.requested),
        words(row.realised),
        row.note
    );
    if lengths == "both" {
        return DoseRow { note, ..row };
    }
    DoseRow {
        requested: row.requested.map(|mm| mm / INCH),
        realised: row.realised.map(|mm| mm / INCH),
        unit: "in".to_owned(),
        decimals: 3,
        note,
        ..row
    }
}
