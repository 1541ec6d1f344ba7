//! Puts the files of one trial together.

use geometry::Vector3;
use vocabulary::Findings;

use crate::read::Report;
use crate::up::{Convention, axis_name, find_up, force_up, markers_up};
use crate::{Motion, MotionError, Subject};

/// Puts the files of one trial together: markers from one, force plates from another, curves from any.
///
/// All files must share their axes and their clock; each comes with the name that messages call it by.
///
/// # Errors
/// [`MotionError::Twice`], [`MotionError::OtherAxes`], [`MotionError::OtherTime`], and
/// [`MotionError::EmptyFile`] if there is no file at all.
pub fn join_motions(
    parts: Vec<(String, Motion)>,
    findings: &mut Findings,
) -> Result<Motion, MotionError> {
    let mut parts = parts.into_iter();
    let (mut name, mut whole) = parts.next().ok_or(MotionError::EmptyFile)?;
    for (next_name, next) in parts {
        let twice =
            |what| MotionError::Twice { first: name.clone(), second: next_name.clone(), what };
        if !next.markers.is_empty() && !whole.markers.is_empty() {
            return Err(twice("markers"));
        }
        if !next.plates.is_empty() && !whole.plates.is_empty() {
            return Err(twice("force plates"));
        }
        check_clock((&name, &whole), (&next_name, &next))?;
        check_axes((&name, &whole), (&next_name, &next))?;
        if !next.markers.is_empty() {
            whole.rate_hz = next.rate_hz;
            whole.start_s = next.start_s;
            whole.markers = next.markers;
        }
        if !next.plates.is_empty() {
            whole.plates = next.plates;
        }
        whole.events.extend(next.events);
        whole.events.sort_by(|a, b| a.time_s.total_cmp(&b.time_s));
        whole.curves.extend(next.curves);
        whole.subject = Subject {
            mass_kg: whole.subject.mass_kg.or(next.subject.mass_kg),
            height_m: whole.subject.height_m.or(next.subject.height_m),
            numbers: [whole.subject.numbers, next.subject.numbers].concat(),
        };
        name = format!("{name} + {next_name}");
        let mut report = Report { name: &name, findings };
        whole.up = find_up(&whole.markers, &mut whole.plates, convention(&whole.up), &mut report);
    }
    Ok(whole)
}

fn convention(up: &Vector3) -> Convention {
    if up.iamax() == 2 { Convention::Z } else { Convention::Y }
}

/// Two files of one trial must not show different vertical axes; a plain reversal is the plates' sign.
fn check_axes(first: (&str, &Motion), second: (&str, &Motion)) -> Result<(), MotionError> {
    let evidence = |motion: &Motion| {
        force_up(&motion.plates).or_else(|| markers_up(&motion.markers).map(|spread| spread.up))
    };
    let (Some(first_up), Some(second_up)) = (evidence(first.1), evidence(second.1)) else {
        return Ok(());
    };
    if first_up.iamax() == second_up.iamax() {
        return Ok(());
    }
    Err(MotionError::OtherAxes {
        first: first.0.to_owned(),
        first_up: axis_name(&first_up),
        second: second.0.to_owned(),
        second_up: axis_name(&second_up),
    })
}

fn check_clock(first: (&str, &Motion), second: (&str, &Motion)) -> Result<(), MotionError> {
    let (Some(first_s), Some(second_s)) = (span_s(first.1), span_s(second.1)) else {
        return Ok(());
    };
    if first_s[0] <= second_s[1] && second_s[0] <= first_s[1] {
        return Ok(());
    }
    Err(MotionError::OtherTime {
        first: first.0.to_owned(),
        first_s,
        second: second.0.to_owned(),
        second_s,
    })
}

/// First and last time of everything in a file.
fn span_s(motion: &Motion) -> Option<[f64; 2]> {
    let end = |start: f64, rate: f64, count: usize| {
        (count > 0 && rate > 0.0).then(|| [start, start + (count - 1) as f64 / rate])
    };
    let markers = end(motion.start_s, motion.rate_hz, motion.frames());
    let plates = motion
        .plates
        .iter()
        .filter_map(|plate| end(plate.start_s, plate.rate_hz, plate.wrenches.len()));
    let curves = motion
        .curves
        .iter()
        .filter_map(|curve| end(curve.start_s, curve.rate_hz, curve.values.len()));
    markers.into_iter().chain(plates).chain(curves).reduce(|a, b| [a[0].min(b[0]), a[1].max(b[1])])
}

#[cfg(test)]
mod tests {
    use geometry::Point3;

    use super::*;
    use crate::{Marker, Plate, Wrench};

    fn markers(start_s: f64, up: Vector3) -> Motion {
        let at = |label: &str, height: f64| Marker {
            label: label.to_owned(),
            positions: vec![Some(Point3::from(up * height)); 100],
        };
        Motion {
            rate_hz: 100.0,
            start_s,
            up,
            markers: vec![at("RHEE", 40.0), at("RASI", 900.0)],
            plates: Vec::new(),
            events: Vec::new(),
            subject: Subject::default(),
            curves: Vec::new(),
        }
    }

    fn plates(force: Vector3) -> Motion {
        let plate = Plate {
            name: "plate 1".to_owned(),
            rate_hz: 1000.0,
            start_s: 0.0,
            corners: None,
            unloaded: None,
            wrenches: vec![Wrench { force, moment: Vector3::zeros() }; 1000],
        };
        Motion {
            rate_hz: 0.0,
            markers: Vec::new(),
            plates: vec![plate],
            ..markers(0.0, Vector3::y())
        }
    }

    fn joined(first: Motion, second: Motion) -> (Result<Motion, MotionError>, Findings) {
        let mut findings = Findings::new();
        let parts = vec![("a.trc".to_owned(), first), ("b.mot".to_owned(), second)];
        (join_motions(parts, &mut findings), findings)
    }

    #[test]
    fn markers_and_plates_in_either_order() {
        let (walk, forces) = (markers(0.0, Vector3::y()), plates(Vector3::y() * 700.0));
        let one = joined(walk.clone(), forces.clone()).0.unwrap();
        let other = joined(forces, walk).0.unwrap();
        assert_eq!(one, other);
        assert_eq!((one.frames(), one.plates.len(), one.up), (100, 1, Vector3::y()));
    }

    #[test]
    fn forces_that_pull_against_the_markers_are_reversed() {
        let (trial, findings) = joined(markers(0.0, Vector3::z()), plates(Vector3::z() * -700.0));
        let trial = trial.unwrap();
        assert!(findings.has("plate-reversed"));
        assert_eq!((trial.up, trial.plates[0].wrenches[0].force.z), (Vector3::z(), 700.0));
    }

    #[test]
    fn files_that_do_not_belong_together_are_refused() {
        for (first, second, words) in [
            (
                markers(0.0, Vector3::y()),
                markers(0.0, Vector3::y()),
                "a.trc and b.mot both hold markers",
            ),
            (plates(Vector3::y()), plates(Vector3::y()), "both hold force plates"),
            (markers(50.0, Vector3::y()), plates(Vector3::y() * 700.0), "do not overlap"),
            (markers(0.0, Vector3::y()), plates(Vector3::z() * 700.0), "+Y up and b.mot has +Z up"),
        ] {
            let error = joined(first, second).0.map(|trial| trial.frames()).expect_err(words);
            assert!(error.to_string().contains(words), "{error}");
        }
    }
}
