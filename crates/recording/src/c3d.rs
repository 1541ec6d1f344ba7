//! C3D: markers, force plates, events and the results of other programs in one binary file.
//!
//! ```text
//! header (512 bytes) ─► parameters (groups, e.g. POINT:LABELS) ─► frames: points, then analog samples
//! ```
//!
//! Layout after the C3D User Guide (Motion Lab Systems, 2021). Intel, DEC and MIPS numbers, integer and float frames,
//! continued parameters (`LABELS2`, …), long trials (`TRIAL:ACTUAL_*_FIELD`, `POINT:LONG_FRAMES`). Where header and parameters
//! contradict each other, the reading that the length of the file allows counts and the contradiction is said.
//!
//! Why not a library: `c3dio` 0.8 reads the real files at hand, but panics on 27 of 10,000 damaged ones, and leaves scaling to
//! laboratory axes to its user.
//!
//! Clock: frame 1 of the recording is 0 s, so a trial cut to begin at frame 725 of 100 Hz begins at 7.24 s, which is the clock
//! of the file's own events.

mod events;
mod frames;
mod layout;
mod number;
mod parameters;
mod plates;
mod subject;

use crate::read::Report;
use crate::trc::say_labels;
use crate::up::{Convention, find_up};
use crate::{Curve, Marker, Motion, MotionError, MotionLimits};

use layout::Layout;
use number::Numbers;
use parameters::Parameters;

/// Length of the header, and unit of all addresses in the file.
const BLOCK: usize = 512;

pub(crate) fn looks_like(bytes: &[u8]) -> bool {
    bytes.len() > 1 && bytes[1] == 0x50 && (1..=64).contains(&bytes[0])
}

pub(crate) fn read(
    bytes: &[u8],
    limits: &MotionLimits,
    report: &mut Report<'_>,
) -> Result<Motion, MotionError> {
    let start = (usize::from(bytes[0]) - 1) * BLOCK;
    let cut_off = |needed: usize, part| MotionError::CutOff { part, needed, got: bytes.len() };
    let header = bytes.get(..BLOCK).ok_or_else(|| cut_off(BLOCK, "header"))?;
    let section = bytes.get(start..).filter(|section| section.len() > 4);
    let section = section.ok_or_else(|| cut_off(start + 5, "parameters"))?;
    let numbers = Numbers::of_processor(section[3])
        .ok_or(MotionError::UnknownProcessor { code: section[3] })?;
    let parameters = Parameters::parse(section, numbers, report)?;
    let layout = Layout::of(header, &parameters, numbers, bytes.len(), report)?;
    limits.check(4 * layout.points, layout.frames)?;
    limits.check(layout.channels, layout.frames.saturating_mul(layout.samples_per_frame))?;
    let data = &bytes[layout.data_start..];

    let mut plates = plates::read(data, &layout, &parameters, numbers, report);
    let (markers, curves) = points(data, &layout, &parameters, numbers, report);
    say_labels(&markers, report);
    let up = find_up(
        &markers,
        &mut plates,
        Convention::of_screen(&parameters.text("POINT", "Y_SCREEN")),
        report,
    );
    Ok(Motion {
        rate_hz: layout.rate_hz,
        start_s: layout.start_s(),
        up,
        markers,
        plates,
        events: events::read(header, &layout, &parameters, numbers, report),
        subject: subject::read(&parameters, report),
        curves,
    })
}

/// Groups of POINT that name results of a model, and the parameter with their unit.
const RESULTS: [(&str, &str, &str); 6] = [
    ("ANGLES", "ANGLE_UNITS", "Angles"),
    ("MOMENTS", "MOMENT_UNITS", "Moment"),
    ("FORCES", "FORCE_UNITS", "Force"),
    ("POWERS", "POWER_UNITS", "Power"),
    ("SCALARS", "SCALAR_UNITS", ""),
    ("REACTIONS", "", "GRF"),
];

fn points(
    data: &[u8],
    layout: &Layout,
    parameters: &Parameters<'_>,
    numbers: Numbers,
    report: &mut Report<'_>,
) -> (Vec<Marker>, Vec<Curve>) {
    let mut labels = parameters.texts("POINT", "LABELS");
    if labels.len() < layout.points {
        report.warn(
            "points-without-label",
            &format!(
                "{} of {} points have no label; they are called by their number.",
                layout.points - labels.len(),
                layout.points
            ),
        );
        for point in labels.len()..layout.points {
            labels.push(format!("point {}", point + 1));
        }
    }
    let results: Vec<(Vec<String>, String, &str)> = RESULTS
        .iter()
        .map(|(group, unit, ending)| {
            (parameters.texts("POINT", group), parameters.text("POINT", unit), *ending)
        })
        .collect();
    let unit_of = |label: &str| {
        results
            .iter()
            .find(|(names, _, _)| names.iter().any(|name| name == label))
            .or_else(|| {
                results.iter().find(|(_, _, ending)| !ending.is_empty() && label.ends_with(ending))
            })
            .map(|(_, unit, _)| unit.clone())
    };
    let (mut markers, mut curves) = (Vec::new(), Vec::new());
    let mm_per_unit = mm_per_unit(parameters, report);
    for (point, full_label) in labels.iter().take(layout.points).enumerate() {
        let label = full_label.rsplit(':').next().unwrap_or(full_label).trim().to_owned();
        if let Some(unit) = unit_of(full_label) {
            curves.push(Curve {
                label,
                unit,
                rate_hz: layout.rate_hz,
                start_s: layout.start_s(),
                values: frames::curve(data, layout, numbers, point),
            });
        } else {
            let positions = frames::positions(data, layout, numbers, point, mm_per_unit);
            markers.push(Marker { label, positions });
        }
    }
    (markers, curves)
}

fn mm_per_unit(parameters: &Parameters<'_>, report: &mut Report<'_>) -> f64 {
    let unit = parameters.text("POINT", "UNITS");
    match unit.to_ascii_lowercase().as_str() {
        "mm" => 1.0,
        "cm" => 10.0,
        "m" => 1000.0,
        _ => {
            report.warn(
                "point-unit-assumed",
                &format!("The unit of points is \"{}\"; mm is taken.", crate::text::shown(&unit)),
            );
            1.0
        }
    }
}
