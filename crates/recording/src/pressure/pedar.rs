//! novel pedar (`.asc`): one line per moment, the time and then 99 sensors of one or both insoles.
//!
//! The insole's sensors are numbered from the heel to the toes, in rows from the medial to the lateral
//! border. Every row spans the width of the foot there, so a regular grid is an approximation: rows
//! are nearly 1/15 of the length apart (0.052 to 0.073 of it), columns 1/7 of the greatest width.
//!
//! No public file was at hand. The head and the order of the columns (time, sensors 1 to 99 left, 1 to 99 right, tabs or blanks
//! between them) are those that public readers of real files expect: Biomechanical-Pandas (University of Salford), loadPedar
//! (University of Nebraska at Omaha) and pedarProbe agree on them.

use vocabulary::{Findings, Side};

use super::read::{STEP, check_size};
use super::text::{excerpt, kpa_per, leading_number, lines, pressure};
use super::{Pressure, PressureError, PressureRequest, Sensor, View};

const FORMAT: &str = "novel pedar ASCII";

/// Sensors of an insole.
const SENSORS: usize = 99;
/// Columns of the grid: sensors across the forefoot.
const COLUMNS: usize = 7;

/// Sensors of each row from heel to toes, and the column (from the medial border) of the first.
///
/// The standard insole: numbers 1-5 under the heel's back, full rows of seven from 6 to 89, then six and
/// four under the toes (as other readers of these files lay them out).
const LAYOUT: [(usize, usize); 15] = [
    (5, 1),
    (7, 0),
    (7, 0),
    (7, 0),
    (7, 0),
    (7, 0),
    (7, 0),
    (7, 0),
    (7, 0),
    (7, 0),
    (7, 0),
    (7, 0),
    (7, 0),
    (6, 0),
    (4, 1),
];

/// Length and greatest width of the insole for shoe size 42, mm, which is assumed where no size is given.
const ASSUMED_INSOLE_MM: [f64; 2] = [266.0, 92.0];

pub(super) fn is_pedar(lower_head: &str) -> bool {
    lower_head.contains("pedar")
        || (lower_head.contains("insole") && lower_head.contains("[hz]"))
        // The sensor may be named by its number alone.
        || (lower_head.contains("time per frame [secs]") && lower_head.contains("scanning rate [hz]"))
}

pub(super) fn read(
    text: &str,
    request: &PressureRequest,
    findings: &mut Findings,
) -> Result<Vec<Pressure>, PressureError> {
    let mut rate_hz = request.rate_hz;
    let mut factor = match &request.unit {
        Some(unit) => kpa_per(unit),
        None => None,
    };
    let mut feet: Vec<Vec<f32>> = Vec::new();
    let mut last_s: Option<f64> = None;
    for (number, line) in lines(text) {
        let line = line.trim();
        let first = line.split_whitespace().next().unwrap_or("");
        let Ok(time_s) = first.replace(',', ".").parse::<f64>() else {
            if !feet.is_empty() && !line.is_empty() {
                let what = format!("`{}` among the moments of the recording", excerpt(line));
                return Err(PressureError::Header { line: number, what });
            }
            let lower = line.to_lowercase();
            rate_hz = rate_hz.or_else(|| said_rate(&lower));
            factor = factor.or_else(|| said_unit(&lower));
            continue;
        };
        let line_values = line.split_whitespace().skip(1).take(2 * SENSORS + 1);
        let values: Vec<f32> = line_values
            .map(|cell| pressure(cell, factor.unwrap_or(1.0), true, number))
            .collect::<Result<_, _>>()?;
        check_moment(&values, &mut feet, number)?;
        if last_s.is_some_and(|last| time_s <= last) {
            let what = format!("time {time_s} s does not follow {} s", last_s.unwrap_or(0.0));
            return Err(PressureError::Header { line: number, what });
        }
        last_s = Some(time_s);
        let frames = feet[0].len() / (COLUMNS * LAYOUT.len()) + 1;
        check_size(COLUMNS * LAYOUT.len() * feet.len(), frames)?;
        for (index, foot) in feet.iter_mut().enumerate() {
            let sensors = &values[index * SENSORS..(index + 1) * SENSORS];
            let medial_at_left = index == 1 || values.len() == SENSORS;
            lay_out(sensors, medial_at_left, |_, kpa| foot.push(kpa));
        }
    }
    if feet.is_empty() {
        return Err(PressureError::NoFrames);
    }
    let frames = feet[0].len() / (COLUMNS * LAYOUT.len());
    let rate_hz = match (rate_hz, frames) {
        (Some(rate), _) => rate,
        (None, 1) => 0.0,
        (None, frames) => return Err(PressureError::RateUnknown { frames }),
    };
    Ok(recordings(feet, rate_hz, cell_size(request, findings)))
}

fn check_moment(
    values: &[f32],
    feet: &mut Vec<Vec<f32>>,
    line: usize,
) -> Result<(), PressureError> {
    if feet.is_empty() && (values.len() == SENSORS || values.len() == 2 * SENSORS) {
        feet.resize(values.len() / SENSORS, Vec::new());
    }
    let expected = feet.len().max(1) * SENSORS;
    if values.len() == expected {
        return Ok(());
    }
    Err(PressureError::Ragged { line, found: values.len(), expected })
}

/// Calls `put(inside, kpa)` for every cell of the grid, toes first; the medial border stands at column 0
/// if `medial_at_left`, as for a right foot seen from above.
fn lay_out(sensors: &[f32], medial_at_left: bool, mut put: impl FnMut(bool, f32)) {
    let mut first = SENSORS;
    for &(count, start) in LAYOUT.iter().rev() {
        first -= count;
        for column in 0..COLUMNS {
            let from_medial = if medial_at_left { column } else { COLUMNS - 1 - column };
            let sensor = from_medial.checked_sub(start).filter(|index| *index < count);
            let kpa = sensor.and_then(|index| sensors.get(first + index));
            put(kpa.is_some(), kpa.copied().unwrap_or(0.0));
        }
    }
}

fn cell_size(request: &PressureRequest, findings: &mut Findings) -> [f64; 2] {
    findings.note(
        STEP,
        "pedar-grid",
        "the 99 sensors of an insole are laid on a regular grid of 15 by 7; forces are true to about 10 %",
    );
    request.cell_mm.unwrap_or_else(|| {
        let [length, width] = ASSUMED_INSOLE_MM;
        let words = format!(
            "a pedar file does not say the size of the insole; {length} by {width} mm (size 42) are assumed. Give \
             the cell size as length / 15 and width / 7; pressures do not depend on it, forces and areas do"
        );
        findings.warn(STEP, "insole-size-assumed", words);
        [length / LAYOUT.len() as f64, width / COLUMNS as f64]
    })
}

fn recordings(feet: Vec<Vec<f32>>, rate_hz: f64, cell_mm: [f64; 2]) -> Vec<Pressure> {
    let both = feet.len() == 2;
    feet.into_iter()
        .enumerate()
        .map(|(index, kpa)| {
            let medial_at_left = index == 1 || !both;
            let mut inside = Vec::with_capacity(COLUMNS * LAYOUT.len());
            lay_out(&[0.0; SENSORS], medial_at_left, |is_inside, _| inside.push(is_inside));
            Pressure {
                format: FORMAT,
                side: both.then_some(Side::BOTH[index]),
                sensor: Sensor::Insole,
                // Of a single insole only medial and lateral are known.
                view: if both { View::FromAbove } else { View::Unknown },
                rate_hz,
                rows: LAYOUT.len(),
                columns: COLUMNS,
                cell_mm,
                inside,
                kpa,
                saturation_kpa: None,
                calibration_mass_kg: None,
            }
        })
        .collect()
}

/// From `scanning rate [Hz]: 50` or `time per frame [secs]: 0.02`.
fn said_rate(lower: &str) -> Option<f64> {
    let after = |words: &str| {
        let rest = &lower[lower.find(words)? + words.len()..];
        leading_number(rest).map(|(value, _)| value).filter(|value| *value > 0.0)
    };
    after("[hz]").or_else(|| after("time per frame [secs]").map(|seconds| 1.0 / seconds))
}

fn said_unit(lower: &str) -> Option<f64> {
    lower.contains("pressure").then(|| lower.split_whitespace().rev().find_map(kpa_per)).flatten()
}
