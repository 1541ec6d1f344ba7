//! Which axis of the laboratory points up, with the evidence.
//!
//! No file says it for sure. In this order: a plate can only push a foot up, so the summed force of loaded plates points
//! up; the pelvis is above the feet; a person is longer than wide, so the axis along which the markers spread most is vertical;
//! otherwise the custom of the file's kind.

use geometry::Vector3;

use crate::read::Report;
use crate::{Marker, Plate};

/// The upward axis where there is no evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Convention {
    /// OpenSim's and Cortex's custom.
    Y,
    /// C3D's custom.
    Z,
}

impl Convention {
    /// What `POINT:Y_SCREEN` says is up on a screen; C3D's custom if it says nothing.
    pub(crate) fn of_screen(axis: &str) -> Self {
        if axis.trim_start_matches(['+', '-']).eq_ignore_ascii_case("Y") {
            Self::Y
        } else {
            Self::Z
        }
    }
}

/// Force above which a plate is surely loaded, N; baselines of real plates reach 20 N.
const LOADED_N: f64 = 100.0;

/// Least share of a summed force that one axis must hold to be vertical.
const LEAST_VERTICAL_SHARE: f64 = 0.9;

/// The spread of markers along the vertical must exceed that along other axes by this factor.
///
/// From pelvis to floor about 1000 mm, between the feet in double support at most 750 mm; 1.15 tells them apart on all
/// real trials at hand.
const LEAST_SPREAD_RATIO: f64 = 1.15;

/// The upward unit vector; says on what it rests. Plates that seem to pull the foot down are reversed: such files hold
/// what the foot did to the plate.
pub(crate) fn find_up(
    markers: &[Marker],
    plates: &mut [Plate],
    convention: Convention,
    report: &mut Report<'_>,
) -> Vector3 {
    let from_force = force_up(plates);
    let from_markers = markers_up(markers);
    let up = match (from_force, &from_markers) {
        (Some(force), Some(spread)) if force == -spread.up && spread.is_sign_sure => spread.up,
        (Some(force), Some(spread)) if force != spread.up => {
            let (force_axis, marker_axis) = (axis_name(&force), axis_name(&spread.up));
            report.warn(
                "up-is-doubtful",
                &format!(
                    "The forces on the foot point along {force_axis}, but {marker_axis} seems to be up, since {}; {force_axis} is \
                     taken. Check the axes of markers and plates.",
                    spread.why
                ),
            );
            force
        }
        (Some(force), _) => {
            let axis = axis_name(&force);
            report
                .note("up-from-force", &format!("{axis} is up: the loaded plates push along it."));
            force
        }
        (None, Some(spread)) => {
            let axis = axis_name(&spread.up);
            report.note("up-from-markers", &format!("{axis} is up: {}.", spread.why));
            spread.up
        }
        (None, None) => {
            let up = match convention {
                Convention::Y => Vector3::y(),
                Convention::Z => Vector3::z(),
            };
            report.note(
                "up-by-convention",
                &format!(
                    "{} is taken as up by the custom of such files; nothing in it shows it.",
                    axis_name(&up)
                ),
            );
            up
        }
    };
    reverse_pulling(plates, &up, report);
    up
}

/// Turns around the plates whose loaded samples pull the foot down.
fn reverse_pulling(plates: &mut [Plate], up: &Vector3, report: &mut Report<'_>) {
    for plate in plates {
        if summed_force(plate).dot(up) < 0.0 {
            for wrench in &mut plate.wrenches {
                wrench.force = -wrench.force;
                wrench.moment = -wrench.moment;
            }
            report.warn(
                "plate-reversed",
                &format!(
                    "{} pulls the foot down as written, so it holds what the foot did to the plate; all its signs were turned \
                     around.",
                    plate.name
                ),
            );
        }
    }
}

/// `"+Y"` for the second axis, and so on.
pub(crate) fn axis_name(axis: &Vector3) -> String {
    let longest = axis.iamax();
    format!("{}{}", if axis[longest] < 0.0 { '-' } else { '+' }, ['X', 'Y', 'Z'][longest])
}

fn summed_force(plate: &Plate) -> Vector3 {
    plate.wrenches.iter().map(|wrench| wrench.force).filter(|force| force.norm() > LOADED_N).sum()
}

/// The axis and direction of the plate with the largest summed force.
pub(crate) fn force_up(plates: &[Plate]) -> Option<Vector3> {
    let sums = plates.iter().map(summed_force);
    signed_axis(&sums.max_by(|a, b| a.norm_squared().total_cmp(&b.norm_squared()))?)
}

/// The axis along which nearly all of a vector lies.
fn signed_axis(vector: &Vector3) -> Option<Vector3> {
    let length = vector.norm();
    let longest = vector.iamax();
    (length.is_finite() && length > 0.0 && vector[longest].abs() > LEAST_VERTICAL_SHARE * length)
        .then(|| unit(longest, vector[longest].signum()))
}

/// What the markers say of the vertical.
pub(crate) struct Spread {
    pub(crate) up: Vector3,
    /// Why, for a message.
    why: String,
    /// Whether labels of pelvis and foot show which end is up.
    pub(crate) is_sign_sure: bool,
}

/// At most this many frames are looked at.
const FRAMES_LOOKED_AT: usize = 200;

/// From foot to pelvis where labels tell them, otherwise the axis of the largest spread, positive where most markers are.
pub(crate) fn markers_up(markers: &[Marker]) -> Option<Spread> {
    if let Some(up) = foot_to_pelvis(markers).and_then(|vector| signed_axis(&vector)) {
        let why = "the pelvis markers are above those of the feet".to_owned();
        return Some(Spread { up, why, is_sign_sure: true });
    }
    // Points without a name are often reflections far away.
    let named: Vec<&Marker> =
        markers.iter().filter(|marker| !marker.label.starts_with('*')).collect();
    let medians = [0, 1, 2].map(|axis| median_spread(&named, axis));
    let mut order = [0, 1, 2];
    order.sort_by(|a, b| medians[*b].total_cmp(&medians[*a]));
    let ratio = medians[order[0]] / medians[order[1]].max(1.0);
    (ratio > LEAST_SPREAD_RATIO).then(|| {
        let mean = mean_position(markers, &|_| true).unwrap_or_default();
        let up = unit(order[0], if mean[order[0]] < 0.0 { -1.0 } else { 1.0 });
        let why =
            format!("the markers spread {ratio:.2} times as far along it as along another axis");
        Spread { up, why, is_sign_sure: false }
    })
}

/// Median over the frames of the distance between the outermost markers along an axis, mm.
fn median_spread(markers: &[&Marker], axis: usize) -> f64 {
    let frames = markers.first().map_or(0, |marker| marker.positions.len());
    let stride = frames.div_ceil(FRAMES_LOOKED_AT).max(1);
    let mut spreads: Vec<f64> = (0..frames)
        .step_by(stride)
        .filter_map(|frame| {
            let seen =
                || markers.iter().filter_map(|marker| marker.positions[frame]).map(|at| at[axis]);
            Some(seen().reduce(f64::max)? - seen().reduce(f64::min)?)
        })
        .collect();
    spreads.sort_unstable_by(f64::total_cmp);
    spreads.get(spreads.len() / 2).copied().unwrap_or(0.0)
}

fn foot_to_pelvis(markers: &[Marker]) -> Option<Vector3> {
    let any = |words: &'static [&'static str]| {
        move |label: &str| words.iter().any(|word| label.contains(word))
    };
    let pelvis = mean_position(markers, &any(&["asi", "psi", "sacr", "iliac"]))?;
    let foot = mean_position(markers, &any(&["heel", "hee", "toe", "cal", "mt1", "mt5", "ank"]))?;
    Some(pelvis - foot)
}

fn mean_position(markers: &[Marker], is_wanted: &dyn Fn(&str) -> bool) -> Option<Vector3> {
    let (sum, count) = markers
        .iter()
        .filter(|marker| is_wanted(&marker.label.to_ascii_lowercase()))
        .flat_map(|marker| marker.positions.iter().flatten())
        .fold((Vector3::zeros(), 0_u32), |(sum, count), at| (sum + at.coords, count + 1));
    (count > 0).then(|| sum / f64::from(count))
}

fn unit(axis: usize, sign: f64) -> Vector3 {
    let mut up = Vector3::zeros();
    up[axis] = sign;
    up
}

#[cfg(test)]
mod tests {
    use geometry::Point3;
    use vocabulary::Findings;

    use super::*;
    use crate::Wrench;

    fn marker(label: &str, at: [f64; 3]) -> Marker {
        Marker { label: label.to_owned(), positions: vec![Some(Point3::from(at))] }
    }

    fn plate(force: Vector3) -> Plate {
        Plate {
            name: "plate 1".to_owned(),
            rate_hz: 1.0,
            start_s: 0.0,
            corners: None,
            unloaded: None,
            wrenches: vec![Wrench { force, moment: Vector3::zeros() }],
        }
    }

    #[track_caller]
    fn up(markers: &[Marker], plates: &mut [Plate], code: &str) -> Vector3 {
        let mut findings = Findings::new();
        let up = find_up(
            markers,
            plates,
            Convention::Y,
            &mut Report { name: "x", findings: &mut findings },
        );
        assert!(findings.has(code), "{findings:?}");
        up
    }

    #[test]
    fn every_axis_and_sign_from_markers() {
        for axis in 0..3 {
            for sign in [-1.0, 1.0] {
                let mut high = [50.0; 3];
                high[axis] = 1000.0 * sign;
                let markers = [marker("RHEE", [10.0; 3]), marker("RASI", high)];
                assert_eq!(up(&markers, &mut [], "up-from-markers"), unit(axis, sign));
            }
        }
    }

    /// The static trial of `btk-pig`: arms of a model's axes and stray points lie further apart than the person is tall.
    #[test]
    fn stray_points_do_not_lay_the_person_down() {
        let markers = [
            marker("RHEE", [10.0; 3]),
            marker("LASI", [0.0, 90.0, 900.0]),
            marker("*1", [0.0, -4000.0, 0.0]),
        ];
        assert_eq!(up(&markers, &mut [], "up-from-markers"), Vector3::z());
        let unnamed = [
            marker("a", [10.0; 3]),
            marker("b", [0.0, 90.0, 900.0]),
            marker("*1", [0.0, -4000.0, 0.0]),
        ];
        assert_eq!(up(&unnamed, &mut [], "up-from-markers"), Vector3::z());
    }

    #[test]
    fn force_overrules_and_contradiction_is_said() {
        let markers = [marker("RHEE", [10.0; 3]), marker("RASI", [50.0, 1000.0, 50.0])];
        let mut plates = [plate(Vector3::new(30.0, -20.0, 700.0))];
        assert_eq!(up(&markers, &mut plates, "up-is-doubtful"), Vector3::z());
        let mut unloaded = [plate(Vector3::y() * 20.0)];
        assert_eq!(up(&markers, &mut unloaded, "up-from-markers"), Vector3::y());
    }

    #[test]
    fn plates_that_pull_are_reversed() {
        let markers = [marker("RHEE", [10.0; 3]), marker("RASI", [50.0, 1000.0, 50.0])];
        let mut plates = [plate(Vector3::y() * 600.0), plate(Vector3::y() * -700.0)];
        assert_eq!(up(&markers, &mut plates, "plate-reversed"), Vector3::y());
        assert_eq!(plates[0].wrenches[0].force, Vector3::y() * 600.0);
        assert_eq!(plates[1].wrenches[0].force, Vector3::y() * 700.0);
    }

    #[test]
    fn without_evidence_the_custom_counts_and_is_said() {
        let mut slanted = [plate(Vector3::new(500.0, 500.0, 0.0))];
        assert_eq!(up(&[], &mut slanted, "up-by-convention"), Vector3::y());
    }
}
