//! The sheet that a gait analysis prints on a terminal.

use trial::{Analysis, Measure, Numbers, Origin, SideSummary};
use vocabulary::Side;

use super::Measured;

/// The sheet, line by line.
pub(super) fn motion(measured: &Measured) -> Vec<String> {
    let analysis = &measured.analysis;
    let mut lines = vec![head(measured)];
    lines.push(walk(analysis));
    lines.push(String::new());
    lines.extend(stances(analysis));
    lines.push(String::new());
    lines.extend(table(analysis));
    if !analysis.asymmetries.is_empty() {
        lines.push(String::new());
        lines.extend(analysis.asymmetries.iter().map(|words| format!("asymmetry: {words}")));
    }
    lines
}

fn head(measured: &Measured) -> String {
    let analysis = &measured.analysis;
    let mass = analysis.mass_kg.map_or_else(
        || "body mass unknown (--mass-kg)".to_owned(),
        |mass| {
            let from = match analysis.mass_origin {
                Some(Origin::Forces) => ", inferred from the forces",
                _ => "",
            };
            format!("{mass:.1} kg{from}")
        },
    );
    let height = analysis.height_m.map_or_else(
        || "body height unknown (--height-m), so no %BW*Ht".to_owned(),
        |height| format!("{height:.2} m"),
    );
    format!(
        "{}: {mass}, {height}; marker set {}, moments in {} axes, filter {} Hz",
        measured.name,
        analysis.marker_set,
        analysis.frame.name(),
        analysis.cutoff_hz
    )
}

fn walk(analysis: &Analysis) -> String {
    let walk = &analysis.walk;
    let mut parts = Vec::new();
    let mut add = |words: &str, value: Option<f64>, decimals: usize, unit: &str| {
        if let Some(value) = value {
            parts.push(format!("{words} {value:.decimals$} {unit}"));
        }
    };
    add("speed", walk.speed_m_per_s, 2, "m/s");
    add("cadence", walk.cadence_steps_per_min, 0, "steps/min");
    add("stride", walk.stride_length_m, 2, "m");
    add("double support", walk.double_support_pct, 0, "% of the stride");
    if parts.is_empty() { "no whole stride in the trial".to_owned() } else { parts.join(", ") }
}

fn stances(analysis: &Analysis) -> Vec<String> {
    let line = |stance: &trial::TrialStance| {
        let side = stance.side.map_or("foot unknown", Side::name);
        let verdict = match (&stance.reason, stance.used) {
            (_, true) => "used".to_owned(),
            (Some(reason), false) => format!("not used: {reason}"),
            (None, false) => "not used".to_owned(),
        };
        format!(
            "{:<7} {:<9} {:6.2} to {:6.2} s  {verdict}",
            side, stance.plate, stance.start_s, stance.end_s
        )
    };
    if analysis.stances.is_empty() {
        return vec!["no foot was on a force plate".to_owned()];
    }
    analysis.stances.iter().map(line).collect()
}

/// How a number of the table is written.
type Form = (&'static str, fn(&Numbers) -> Option<f64>, usize);

const ROWS: [Form; 17] = [
    ("knee adduction moment, first peak, Nm", |n| n.get(Measure::KamPeak1), 1),
    ("                                  Nm/kg", |n| n.per_kg(Measure::KamPeak1), 3),
    ("                                 %BW*Ht", |n| n.pct_bwht(Measure::KamPeak1), 2),
    ("knee adduction moment, second peak, Nm/kg", |n| n.per_kg(Measure::KamPeak2), 3),
    ("knee adduction impulse, Nm*s/kg", |n| n.per_kg(Measure::KamImpulse), 3),
    ("frontal lever arm at the first peak, mm", |n| n.get(Measure::LeverArmPeak1), 0),
    ("first peak by lever arm alone, Nm", |n| n.get(Measure::KamPeak1Lever), 1),
    ("knee flexion moment, peak, Nm/kg", |n| n.per_kg(Measure::KfmPeak), 3),
    ("ankle inversion moment, peak, Nm", |n| n.get(Measure::InversionMomentPeak), 1),
    ("vertical force, first peak, N", |n| n.get(Measure::ForcePeak1), 0),
    ("vertical force, second peak, N", |n| n.get(Measure::ForcePeak2), 0),
    ("rearfoot eversion, peak, deg", |n| n.get(Measure::EversionPeak), 1),
    ("tibial rotation, range, deg", |n| n.get(Measure::TibialRotationRange), 1),
    ("foot progression, deg (+ toe-out)", |n| n.get(Measure::FootProgression), 1),
    ("stance time, s", |n| n.get(Measure::StanceTime), 2),
    ("step length, m", |n| n.get(Measure::StepLength), 2),
    ("step width, m", |n| n.get(Measure::StepWidth), 2),
];

/// Means and, over several stances, standard deviations of both sides.
fn table(analysis: &Analysis) -> Vec<String> {
    let sides = Side::BOTH.map(|side| analysis.side(side));
    if sides.iter().all(Option::is_none) {
        return vec!["no usable stance, hence no moments".to_owned()];
    }
    let head = |side: Option<&SideSummary>, name: Side| {
        side.map_or_else(|| format!("{name} (0)"), |side| format!("{name} ({})", side.strides))
    };
    let mut lines = vec![format!(
        "{:<43}{:>16}{:>16}",
        "mean of stances (+- SD)",
        head(sides[0], Side::Left),
        head(sides[1], Side::Right)
    )];
    for (words, value, decimals) in ROWS {
        let cell = |side: Option<&SideSummary>| {
            let Some(mean) = side.and_then(|side| value(&side.mean)) else { return "-".to_owned() };
            let spread = side.and_then(|side| value(&side.deviation));
            let spread = spread.map(|spread| format!(" +-{spread:.decimals$}")).unwrap_or_default();
            format!("{mean:.decimals$}{spread}")
        };
        let cells = sides.map(cell);
        if cells.iter().any(|cell| cell != "-") {
            lines.push(format!("{words:<43}{:>16}{:>16}", cells[0], cells[1]));
        }
    }
    lines
}
