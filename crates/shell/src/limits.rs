//! What is refused and what is warned about before anything is built.

use vocabulary::Findings;

use crate::{Design, Length, Operation, ShellError};

/// No part of a shell is thinner, mm (knee-model handbook, section 5: 1.5 at edges).
const THINNEST: f64 = 1.5;

/// Refuses doses outside the hard limits and operations that are named twice; warns about unusual ones.
pub(crate) fn check(design: &Design, findings: &mut Findings) -> Result<(), ShellError> {
    let operations = design.operations();
    for (index, operation) in operations.iter().enumerate() {
        let (spec, value) = (operation.spec(), operation.dose());
        let [low, high] = spec.hard;
        // Degrees that went through radians come back a rounding error off.
        if !(low - 1e-9..=high + 1e-9).contains(&value) {
            let (key, way_out) = (spec.key, spec.way_out);
            return Err(ShellError::OutOfRange { key, value, low, high, way_out });
        }
        check_numbers(operation)?;
        let twice = operations[..index].iter().any(|other| other.spec().key == spec.key);
        if twice && !operation.repeats() {
            return Err(ShellError::Twice { key: spec.key });
        }
        let [low, high] = spec.usual;
        if !(low - 1e-9..=high + 1e-9).contains(&value) {
            findings.warn(
                "shell",
                "dose-unusual",
                format!(
                    "{} = {value:.1} is outside the usual {low} to {high} {}: {}",
                    spec.key, spec.unit, spec.because
                ),
            );
        }
    }
    check_combinations(design)
}

/// Refuses placements that are no usable numbers.
fn check_numbers(operation: &Operation) -> Result<(), ShellError> {
    let refuse = |reason: String, way_out| {
        Err(ShellError::Operation { key: operation.spec().key, reason, way_out })
    };
    for (name, value, low, high) in placements(operation) {
        if !(low..=high).contains(&value) {
            let reason = format!("{name} = {value} is outside {low} to {high}");
            return refuse(reason, "write a value inside this range");
        }
    }
    match operation {
        Operation::Region { corners_mm, .. } => {
            if !(3..=500).contains(&corners_mm.len()) {
                let reason = format!("its area has {} corners", corners_mm.len());
                return refuse(reason, "give 3 to 500 corners");
            }
            if corners_mm.iter().flatten().any(|place| !(-400.0..=400.0).contains(place)) {
                return refuse("a corner lies off the foot".to_owned(), "draw it on the foot");
            }
        }
        Operation::NeuromaPad { between: [one, other], .. }
            if !(1..=4).contains(one) || *other != one + 1 =>
        {
            let reason = format!("it lies between heads {one} and {other}");
            return refuse(reason, "name two neighboring heads of 1 to 5, the medial one first");
        }
        Operation::PressureRelief { table_kpa, map, .. } => {
            let rising = table_kpa.is_sorted_by(|[low, _], [high, _]| low < high)
                && table_kpa.iter().all(|[kpa, share]| *kpa >= 0.0 && (0.0..=1.0).contains(share));
            if table_kpa.is_empty() || table_kpa.len() > 100 || !rising {
                let reason = "its table does not rise, or leaves the shares 0 to 1".to_owned();
                return refuse(reason, "give 1 to 100 pairs of pressure and share");
            }
            let rows = map.kpa.len() / map.columns.max(1);
            let whole = map.columns >= 2 && rows >= 2 && rows * map.columns == map.kpa.len();
            let known = map.kpa.iter().all(|kpa| (0.0..=10_000.0).contains(kpa));
            let placed = map.origin_mm.iter().all(|place| (-500.0..=500.0).contains(place));
            let extent = map.spacing_mm * map.columns.max(rows) as f64;
            if !(whole
                && known
                && placed
                && (1.0..=20.0).contains(&map.spacing_mm)
                && extent < 600.0)
            {
                let reason = format!(
                    "its map of {} cells, {} mm apart in {} columns, is no pressure map",
                    map.kpa.len(),
                    map.spacing_mm,
                    map.columns
                );
                return refuse(
                    reason,
                    "give a whole grid of cells of 1 to 20 mm in the foot frame",
                );
            }
        }
        _ => {}
    }
    Ok(())
}

/// Name, value and range of every number of an operation that is not its dose.
fn placements(operation: &Operation) -> Vec<(&'static str, f64, f64, f64)> {
    match *operation {
        Operation::Cover { cover_mm, cushion_mm } => {
            vec![("cover_mm", cover_mm, 0.0, 8.0), ("cushion_mm", cushion_mm, 0.0, 8.0)]
        }
        Operation::MedialArch { apex_mm, extent_mm, .. }
        | Operation::LateralArch { apex_mm, extent_mm, .. } => {
            vec![("apex_mm", apex_mm, -25.0, 25.0), ("extent_mm", extent_mm, 20.0, 80.0)]
        }
        Operation::MedialSkive { plane_deg, .. } | Operation::LateralSkive { plane_deg, .. } => {
            vec![("plane_deg", plane_deg, 5.0, 30.0)]
        }
        Operation::MetatarsalPad { behind_mm, lateral_mm, .. } => {
            vec![("behind_mm", behind_mm, -5.0, 40.0), ("lateral_mm", lateral_mm, -25.0, 25.0)]
        }
        Operation::MetatarsalBar { behind_mm, .. } | Operation::NeuromaPad { behind_mm, .. } => {
            vec![("behind_mm", behind_mm, -5.0, 40.0)]
        }
        Operation::FasciaGroove { width_mm, lateral_mm, .. } => {
            vec![("width_mm", width_mm, 6.0, 16.0), ("lateral_mm", lateral_mm, -15.0, 15.0)]
        }
        Operation::NavicularRelief { forward_mm, radius_mm, blend_mm, .. }
        | Operation::FifthBaseRelief { forward_mm, radius_mm, blend_mm, .. } => vec![
            ("forward_mm", forward_mm, -25.0, 25.0),
            ("radius_mm", radius_mm, 3.0, 20.0),
            ("blend_mm", blend_mm, 3.0, 25.0),
        ],
        Operation::HeelSpurPocket { diameter_mm, forward_mm, lateral_mm, .. } => vec![
            ("diameter_mm", diameter_mm, 15.0, 40.0),
            ("forward_mm", forward_mm, -20.0, 25.0),
            ("lateral_mm", lateral_mm, -15.0, 15.0),
        ],
        Operation::Region { blend_mm, .. } => vec![("blend_mm", blend_mm, 3.0, 40.0)],
        Operation::HeelHole { diameter_mm, forward_mm, .. } => vec![
            ("forward_mm", forward_mm, -15.0, 20.0),
            // A hole that is smaller than a drill is a mistake of units.
            ("diameter_mm", if diameter_mm == 0.0 { 8.0 } else { diameter_mm }, 8.0, 38.0),
        ],
        Operation::Morton { length_mm, .. } => vec![("length_mm", length_mm, 15.0, 60.0)],
        Operation::ToeFiller { first, last, .. } => vec![
            ("first", f64::from(first), 1.0, 5.0),
            ("last", f64::from(last), f64::from(first), 5.0),
        ],
        Operation::Ribs { count, .. } => vec![("count", f64::from(count), 1.0, 4.0)],
        Operation::RearfootPost { style, .. } => vec![
            ("grind_deg", style.grind_deg, 0.0, 8.0),
            ("motion_deg", style.motion_deg, 0.0, 8.0),
        ],
        Operation::HeelLift { taper_mm: Some(taper), .. } => vec![("taper_mm", taper, 60.0, 250.0)],
        _ => Vec::new(),
    }
}

/// Refuses what cannot be built together.
fn check_combinations(design: &Design) -> Result<(), ShellError> {
    let length = design
        .operations()
        .iter()
        .find_map(|one| match one {
            Operation::ShellLength { length } => Some(*length),
            _ => None,
        })
        .unwrap_or_default();
    let thickness = design.doses().thickness.0;
    for operation in design.operations().iter().filter(|one| one.dose() != 0.0) {
        let key = operation.spec().key;
        let needs = match operation {
            Operation::ReverseMorton { .. } => Some(Length::Sulcus),
            Operation::KineticWedge { .. }
            | Operation::CluffyWedge { .. }
            | Operation::ToeCrest { .. }
            | Operation::ToeFiller { .. } => Some(Length::Full),
            _ => None,
        };
        if needs.is_some_and(|needs| (length as u8) < needs as u8) {
            return Err(ShellError::Operation {
                key,
                reason: "it lies in front of a shell of this length".to_owned(),
                way_out: "order shell_length = \"full\"",
            });
        }
        if let Operation::ThicknessZone { change_mm, .. } = operation
            && thickness + change_mm < THINNEST
        {
            return Err(ShellError::Operation {
                key,
                reason: format!("the shell would be {:.1} mm thick there", thickness + change_mm),
                way_out: "keep at least 1.5 mm everywhere",
            });
        }
    }
    Ok(())
}
