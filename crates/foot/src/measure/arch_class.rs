//! Flat, normal or high-arched, with how surely each.

use serde::Serialize;

use super::{MeasureName, MeasureSheet};
use crate::WeightBearing;

/// Type of the medial longitudinal arch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ArchType {
    /// Low: the midfoot touches the ground widely.
    Flat,
    /// Neither.
    Normal,
    /// High: the midfoot hardly touches the ground.
    HighArched,
}

impl ArchType {
    /// In words.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Flat => "flat",
            Self::Normal => "normal",
            Self::HighArched => "high-arched",
        }
    }
}

/// The classification of a foot's arch.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ArchClass {
    /// The likeliest type.
    pub arch_type: ArchType,
    /// Probabilities (0 to 1, sum 1) that the foot is flat, normal, high-arched, given the error of the
    /// measure that decides: the arch index of a loaded sole, else the arch height index.
    pub probabilities: [f64; 3],
    /// What it rests on, in one sentence with the limits.
    pub basis: String,
}

/// Arch index at the borders of the middle half of 107 feet, standing: up to the first it is high,
/// from the second flat (Cavanagh and Rodgers 1987, J Biomech 20:547).
const ARCH_INDEX_LIMITS: [f64; 2] = [0.21, 0.26];

/// Standard deviations from the mean arch height index at which an arch counts as low or high.
const HEIGHT_INDEX_DEVIATIONS: f64 = 1.0;

pub(super) fn classify(sheet: &MeasureSheet, load: WeightBearing) -> Option<ArchClass> {
    let (print, height) = (by_print(sheet), by_height(sheet, load));
    // The print shows the arch itself; an unloaded sole has none, only an estimate.
    let (first, second) = match load {
        WeightBearing::Full | WeightBearing::Semi => (print, height),
        WeightBearing::Unloaded => (height, print),
    };
    match (first, second) {
        (Some(first), Some(second)) => {
            let basis = format!("{}; beside it {}", first.basis, second.basis);
            Some(ArchClass { basis, ..first })
        }
        (one, other) => one.or(other),
    }
}

fn by_print(sheet: &MeasureSheet) -> Option<ArchClass> {
    let print = sheet.measured(MeasureName::ArchIndex);
    let value = print.value?;
    let [high, flat] = ARCH_INDEX_LIMITS;
    let below = |limit: f64| normal_below((limit - value) / print.deviation);
    Some(ArchClass::of(
        [1.0 - below(flat), below(flat) - below(high), below(high)],
        format!(
            "arch index {value:.3} ± {:.3} (high up to {high}, flat from {flat})",
            print.deviation
        ),
    ))
}

fn by_height(sheet: &MeasureSheet, load: WeightBearing) -> Option<ArchClass> {
    let height = sheet.measured(MeasureName::ArchHeightIndex);
    let value = height.value?;
    let norm = MeasureName::ArchHeightIndex.entry().norm(load)?;
    let spread = HEIGHT_INDEX_DEVIATIONS * norm.deviation?;
    let [flat, high] = [norm.mean - spread, norm.mean + spread];
    let below = |limit: f64| normal_below((limit - value) / height.deviation);
    Some(ArchClass::of(
        [below(flat), below(high) - below(flat), 1.0 - below(high)],
        format!(
            "arch height index {value:.3} ± {:.3} (flat under {flat:.2}, high over {high:.2})",
            height.deviation
        ),
    ))
}

impl ArchClass {
    fn of(probabilities: [f64; 3], basis: String) -> Self {
        let [flat, normal, high] = probabilities;
        let arch_type = if flat > normal && flat > high {
            ArchType::Flat
        } else if high > normal {
            ArchType::HighArched
        } else {
            ArchType::Normal
        };
        Self { arch_type, probabilities, basis }
    }
}

/// Probability that a standard normal value is below `z`, to 8e-8 (Abramowitz and Stegun 1964, 26.2.17).
fn normal_below(z: f64) -> f64 {
    let t = 1.0 / (1.0 + 0.231_641_9 * z.abs());
    let series = [1.330_274_429, -1.821_255_978, 1.781_477_937, -0.356_563_782, 0.319_381_530]
        .into_iter()
        .fold(0.0, |sum, factor| t * (sum + factor));
    let tail = (-0.5 * z * z).exp() / std::f64::consts::TAU.sqrt() * series;
    if z > 0.0 { 1.0 - tail } else { tail }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_normal_distribution() {
        for (z, expected) in
            [(0.0, 0.5), (1.0, 0.841_344_75), (-1.96, 0.024_997_90), (4.0, 0.999_968_33)]
        {
            assert!((normal_below(z) - expected).abs() < 2e-7, "{z}: {}", normal_below(z));
        }
    }
}
