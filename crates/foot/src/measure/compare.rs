//! Left and right feet of a person beside each other.

use serde::Serialize;

use super::{MeasureName, MeasureSheet};

/// The difference of a measure between both feet.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Difference {
    /// Key of the measure.
    pub key: &'static str,
    /// Left foot, in the measure's unit.
    pub left: f64,
    /// Right foot.
    pub right: f64,
    /// Left minus right.
    pub difference: f64,
    /// Difference up to which it is usual, with two standard errors of the measurement.
    pub usual: f64,
    /// Whether it is usual.
    pub within: bool,
}

/// The differences of all measures that both feet have, in the order of lists.
#[must_use]
pub fn compare(left: &MeasureSheet, right: &MeasureSheet) -> Vec<Difference> {
    MeasureName::ALL
        .iter()
        .filter_map(|&name| {
            let [a, b] = [left, right].map(|sheet| sheet.measured(name));
            let (left, right) = (a.value?, b.value?);
            let entry = name.entry();
            let usual = entry.usual_difference.max(2.0 * a.deviation.hypot(b.deviation));
            let difference = left - right;
            let within = difference.abs() <= usual;
            Some(Difference { key: entry.key, left, right, difference, usual, within })
        })
        .collect()
}
