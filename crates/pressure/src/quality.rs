//! What in a recording cannot be believed.

use recording::Pressure;
use serde::Serialize;
use vocabulary::Findings;

use crate::print::{neighbors, peaks};
use crate::{Person, Settings, Step};

/// Numbers that say how far a recording can be trusted.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Quality {
    /// Highest pressure of any cell in any frame, kPa, cells not believed included.
    pub highest_kpa: f64,
    /// Highest force of any frame, N, likewise.
    pub highest_force_n: f64,
    /// Cells that reached the sensor's saturation.
    pub saturated_cells: usize,
    /// Cells that stay at zero amid loaded ones.
    pub dead_cells: usize,
    /// Cells that stay loaded while the foot is off the ground.
    pub stuck_cells: usize,
    /// Cells of lines one cell wide, as a broken trace makes them.
    pub line_cells: usize,
    /// Mean force while the foot is off the ground, N; `None` if it never is.
    pub unloaded_force_n: Option<f64>,
    /// Change of the peak force from the first to the last used step, %.
    pub peak_drift_pct: Option<f64>,
    /// Mean peak force of the used steps, body weights; `None` if the mass is not known.
    pub load_bw: Option<f64>,
    /// Frames per second.
    pub rate_hz: f64,
}

/// Share of the saturation pressure from which on a cell counts as saturated.
const SATURATED_SHARE: f64 = 0.99;
/// Loaded neighbors that make an unloaded cell a dead one.
const LOADED_NEIGHBORS: usize = 7;
/// Pressure of loaded neighbors, kPa: far over the first contact.
const LOADED_KPA: f64 = 40.0;
/// Cells of a line of a broken trace.
const LINE_CELLS: usize = 5;
/// A cell of a line carries this many times what stands on both of its sides.
const LINE_FACTOR: f64 = 4.0;
/// Peak force that drifts more than this is worth a word, %.
const DRIFT_PCT: f64 = 10.0;
/// Slowest rate at which peaks under a walking foot are not missed, Hz (usual recommendation 50).
const SLOW_HZ: f64 = 40.0;
/// Standard gravity, m/s².
const GRAVITY: f64 = 9.806_65;
/// The step name in findings.
pub(crate) const STEP: &str = "pressure";

/// For every cell: whether it lies on the sensor and can be believed. Fills the cell counts.
pub(crate) fn believed_cells(
    recording: &Pressure,
    settings: &Settings,
    quality: &mut Quality,
) -> Vec<bool> {
    let highest = peaks(recording, 0..=recording.frames() - 1);
    quality.highest_kpa = highest.iter().copied().fold(0.0, f64::max);
    quality.rate_hz = recording.rate_hz;
    if let Some(saturation) = recording.saturation_kpa {
        quality.saturated_cells =
            highest.iter().filter(|kpa| **kpa >= SATURATED_SHARE * saturation).count();
    }
    let mut believed = recording.inside.clone();
    let lines = line_cells(recording, &highest, settings.contact_kpa);
    quality.line_cells = lines.len();
    lines.into_iter().for_each(|cell| believed[cell] = false);
    let dead = |cell: &usize| {
        let loaded = neighbors(recording.rows, recording.columns, *cell)
            .filter(|other| highest[*other] >= LOADED_KPA)
            .count();
        recording.inside[*cell] && highest[*cell] <= 0.0 && loaded >= LOADED_NEIGHBORS
    };
    quality.dead_cells = (0..recording.cells()).filter(dead).count();
    believed
}

/// Cells of straight runs along a row or a column that stand out from both of their sides.
fn line_cells(recording: &Pressure, highest: &[f64], contact_kpa: f64) -> Vec<usize> {
    let (rows, columns) = (recording.rows, recording.columns);
    let value = |row: isize, column: isize| {
        let inside = row >= 0 && column >= 0 && row < rows as isize && column < columns as isize;
        if inside { highest[row as usize * columns + column as usize] } else { 0.0 }
    };
    let mut found = Vec::new();
    for (lanes, length, along_row) in [(rows, columns, true), (columns, rows, false)] {
        for lane in 0..lanes as isize {
            let mut run = Vec::new();
            for at in 0..=length as isize {
                let (here, sides, cell) = if along_row {
                    let cell = lane as usize * columns + at as usize;
                    (value(lane, at), [value(lane - 1, at), value(lane + 1, at)], cell)
                } else {
                    let cell = at as usize * columns + lane as usize;
                    (value(at, lane), [value(at, lane - 1), value(at, lane + 1)], cell)
                };
                let stands_out =
                    here >= contact_kpa && sides.iter().all(|side| here >= LINE_FACTOR * side);
                if stands_out && at < length as isize {
                    run.push(cell);
                    continue;
                }
                if run.len() >= LINE_CELLS {
                    found.append(&mut run);
                }
                run.clear();
            }
        }
    }
    found
}

/// Fills what needs the steps: unloaded force, stuck cells, drift, load.
pub(crate) fn judge_steps(
    recording: &Pressure,
    force_n: &[f64],
    steps: &[Step],
    person: &Person,
    settings: &Settings,
    quality: &mut Quality,
) {
    let in_step = |frame: usize| steps.iter().any(|step| step.frames().contains(&frame));
    let swing: Vec<usize> = (0..force_n.len()).filter(|&frame| !in_step(frame)).collect();
    if recording.rate_hz > 0.0 && !swing.is_empty() {
        let mut mean = vec![0.0_f64; recording.cells()];
        for &frame in &swing {
            let cells = recording.frame(frame);
            mean.iter_mut()
                .zip(cells)
                .for_each(|(sum, kpa)| *sum += f64::from(*kpa) / swing.len() as f64);
        }
        quality.stuck_cells = mean.iter().filter(|kpa| **kpa >= settings.contact_kpa).count();
        let sum: f64 = swing.iter().map(|&frame| force_n[frame]).sum();
        quality.unloaded_force_n = Some(sum / swing.len() as f64);
    }
    let peaks: Vec<f64> =
        steps.iter().filter(|step| step.used).map(|step| step.peak_force_n).collect();
    if let ([first, .., last], true) = (peaks.as_slice(), peaks.len() > 1) {
        quality.peak_drift_pct = Some(100.0 * (last - first) / first);
    }
    let mass = person.mass_kg.or(recording.calibration_mass_kg);
    if let (Some(mass), false) = (mass, peaks.is_empty()) {
        let mean = peaks.iter().sum::<f64>() / peaks.len() as f64;
        quality.load_bw = Some(mean / (mass * GRAVITY));
    }
}

/// Says in words what is worth a look.
pub(crate) fn report(
    quality: &Quality,
    recording: &Pressure,
    person: &Person,
    settings: &Settings,
    findings: &mut Findings,
) {
    for (count, code, words) in [
        (
            quality.saturated_cells,
            "saturated",
            "reached the sensor's limit; peaks there are higher than shown",
        ),
        (
            quality.dead_cells,
            "dead-cells",
            "stay at zero amid loaded ones; peaks may be missed there",
        ),
        (quality.stuck_cells, "stuck-cells", "stay loaded while the foot is off the ground"),
        (
            quality.line_cells,
            "broken-lines",
            "form lines one cell wide, as a broken trace makes them; left out",
        ),
    ] {
        if count > 0 {
            findings.warn(STEP, code, format!("{count} cells {words}"));
        }
    }
    if let Some(drift) = quality.peak_drift_pct.filter(|drift| drift.abs() > DRIFT_PCT) {
        let words = format!(
            "the peak force changes by {drift:+.0} % from the first to the last step: sensor drift or a change of speed"
        );
        findings.warn(STEP, "drift", words);
    }
    if recording.rate_hz > 0.0 && recording.rate_hz < SLOW_HZ {
        let words = format!(
            "{:.1} frames per second; short peaks may be missed under about {SLOW_HZ:.0}",
            recording.rate_hz
        );
        findings.note(STEP, "slow-rate", words);
    }
    let [low, high] = settings.load_bw;
    match quality.load_bw {
        Some(load) if !(low..=high).contains(&load) => {
            let words = format!(
                "the steps peak at {load:.2} body weights, usual are {low} to {high}: calibrate the sensor or check the mass"
            );
            findings.warn(STEP, "load-far-from-body-weight", words);
        }
        None if recording.rate_hz > 0.0 => {
            findings.note(STEP, "mass-unknown", "without the body mass the load cannot be checked");
        }
        _ => {}
    }
    if let (None, Some(mass)) = (person.mass_kg, recording.calibration_mass_kg) {
        let words = format!("body mass {mass:.1} kg taken from the file's calibration");
        findings.note(STEP, "mass-from-calibration", words);
    }
}
