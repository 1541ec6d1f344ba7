//! A laboratory whose axes are left-handed, or labels with left and right exchanged.
//!
//! Both look the same: walking forward with the head up, the right leg is on the left. A mirror image of the recording
//! makes it right: what is medial stays medial, so that moments of adduction, flexion and rotation keep their meaning
//! for the leg as it is labeled.

use geometry::{Point3, Vector3};
use recording::{Motion, Wrench};
use vocabulary::{Findings, Side};

use crate::marker_set::{MarkerSet, ResolvedSide, Role, index_of};

/// Frames that are looked at.
const LOOKS: usize = 60;

/// Mean cosine of the body's right and the right of its axes below which the two disagree.
const MIRRORED_COSINE: f64 = -0.5;

/// The recordings as they were, or their mirror images if left and right are exchanged, which is said.
pub(crate) fn unmirrored(
    motion: &Motion,
    standing: Option<&Motion>,
    set: &MarkerSet,
    findings: &mut Findings,
) -> Option<(Motion, Option<Motion>)> {
    let (cosine, right) = agreement(motion, set)?;
    if cosine > MIRRORED_COSINE {
        return None;
    }
    // Mirror along the laboratory's axis nearest to the person's right.
    let mut axis = Vector3::zeros();
    axis[right.iamax()] = 1.0;
    findings.warn(
        "trial",
        "trial-mirrored",
        "Walking forward, the markers labeled right are on the left: the laboratory's axes are left-handed, or the labels are exchanged. The recording was mirrored and the labels were believed; exchange the sides of the results if the labels are wrong.",
    );
    Some((mirror(motion, axis), standing.map(|standing| mirror(standing, axis))))
}

/// Mean cosine between the body's right by labels and by its front and the upward axis, and the former's direction.
fn agreement(motion: &Motion, set: &MarkerSet) -> Option<(f64, Vector3)> {
    let resolved = set.resolve(motion);
    let (mut cosines, mut rights, mut count) = (0.0, Vector3::zeros(), 0);
    let step = (motion.frames() / LOOKS).max(1);
    for frame in (0..motion.frames()).step_by(step) {
        let at = |markers: &ResolvedSide, role| motion.markers[markers.get(role)?].positions[frame];
        let flat = |v: Vector3| v - motion.up * v.dot(&motion.up);
        let forward = |side: Side| -> Option<Vector3> {
            let markers = &resolved.sides[index_of(side)];
            let heel = at(markers, Role::Heel)?;
            let front = [Role::SecondMetatarsal, Role::Toe, Role::FifthMetatarsal]
                .into_iter()
                .find_map(|role| at(markers, role))?;
            flat(front - heel).try_normalize(1e-6)
        };
        let across = |role| -> Option<Vector3> {
            let [left, right] = [0, 1].map(|side: usize| at(&resolved.sides[side], role));
            flat(right? - left?).try_normalize(1e-6)
        };
        let (Some(left), Some(right)) = (forward(Side::Left), forward(Side::Right)) else {
            continue;
        };
        let labeled = across(Role::Asis).or_else(|| across(Role::KneeLateral));
        let (Some(forward), Some(labeled)) = ((left + right).try_normalize(0.1), labeled) else {
            continue;
        };
        cosines += forward.cross(&motion.up).dot(&labeled);
        rights += labeled;
        count += 1;
    }
    (count > 0).then(|| (cosines / f64::from(count), rights))
}

/// The mirror image across the plane through the origin that is normal to a unit axis.
fn mirror(motion: &Motion, axis: Vector3) -> Motion {
    let turned = |v: Vector3| v - axis * (2.0 * v.dot(&axis));
    let point = |p: Point3| Point3::from(turned(p.coords));
    let mut image = motion.clone();
    for marker in &mut image.markers {
        for position in marker.positions.iter_mut().flatten() {
            *position = point(*position);
        }
    }
    for plate in &mut image.plates {
        plate.corners = plate.corners.map(|corners| corners.map(point));
        for wrench in &mut plate.wrenches {
            // A moment is an axial vector: its mirror image is turned round once more.
            *wrench = Wrench { force: turned(wrench.force), moment: -turned(wrench.moment) };
        }
    }
    image
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mirrored_wrench_keeps_its_point() {
        let wrench = Wrench::at_point(
            Vector3::new(10.0, 700.0, -30.0),
            Point3::new(200.0, 0.0, 90.0),
            Vector3::new(0.0, 5.0, 0.0),
        );
        let plate = recording::Plate {
            name: "plate 1".to_owned(),
            rate_hz: 100.0,
            start_s: 0.0,
            corners: None,
            unloaded: None,
            wrenches: vec![wrench],
        };
        let motion = Motion {
            rate_hz: 100.0,
            start_s: 0.0,
            up: Vector3::y(),
            markers: Vec::new(),
            plates: vec![plate],
            events: Vec::new(),
            subject: recording::Subject::default(),
            curves: Vec::new(),
        };
        let image = mirror(&motion, Vector3::z()).plates[0].wrenches[0];
        let expected = Wrench::at_point(
            Vector3::new(10.0, 700.0, 30.0),
            Point3::new(200.0, 0.0, -90.0),
            Vector3::new(0.0, -5.0, 0.0),
        );
        assert!((image.force - expected.force).norm() < 1e-9);
        assert!((image.moment - expected.moment).norm() < 1e-9);
    }
}
