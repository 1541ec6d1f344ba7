//! Named places of a posed foot, and its measures.

use geometry::{Point2, Point3, Vector2, Vector3};

use crate::assumed_arch::highest;
use crate::extreme::{Stretch, farthest};
use crate::pose::{CEILING_SHARE, Stance};
use crate::proportions::{FIFTH_HEAD_REGION, FIRST_HEAD_REGION, HEEL_REGION, widest};
use crate::sole::Sole;
use crate::{Landmark, Landmarks, Measurements, Provenance};

/// Confidence of a place that is well marked by the shape.
const SURE: f64 = 0.9;

/// Confidence of a place at the border of the region in which it was sought: the shape does not mark
/// it, as the first metatarsal head of a foot whose great toe reaches farther inward.
const AT_BORDER: f64 = 0.4;

/// Confidence of a place on a sole that was not imaged.
const NOT_SEEN: f64 = 0.3;

/// Finds all landmarks; `None` where the shape has no surface in the region of one of them.
pub(crate) fn find_landmarks(
    stance: &Stance,
    triangles: &[[u32; 3]],
    sole: &Sole,
) -> Option<Landmarks> {
    let view = &stance.view;
    let ceiling = CEILING_SHARE * view.length();
    let toward = |shares: [f64; 2], direction: Vector3| {
        let stretch = Stretch { y: shares.map(|share| view.y_at(share)), ceiling };
        let position = farthest(&stance.vertices, triangles, stretch, direction)?;
        // Heel and toe end the foot; a metatarsal head should lie inside its region.
        let [near, far] = stretch.y;
        let margin = 0.01 * view.length();
        let marked = direction.x == 0.0 || (near + margin..=far - margin).contains(&position.y);
        Some(found(position, if marked { SURE } else { AT_BORDER }))
    };
    let heights = &sole.plantar.heights;
    let seen = if sole.evidence.imaged { SURE } else { NOT_SEEN };
    let heel_seat = Point3::new(0.0, 0.0, heights.sample(Point2::origin())?);
    let mut landmarks = Landmarks {
        heel_seat: found(heel_seat, seen),
        heel_back: toward([-0.1, 0.5], -Vector3::y())?,
        first_metatarsal_head: toward(FIRST_HEAD_REGION, -Vector3::x())?,
        fifth_metatarsal_head: toward(FIFTH_HEAD_REGION, Vector3::x())?,
        arch_apex: found(heel_seat, seen),
        toe_tip: toward([0.5, 1.1], Vector3::y())?,
        navicular: None,
        fifth_metatarsal_base: None,
        toe_tips: [None; 5],
        medial_malleolus: None,
        lateral_malleolus: None,
        achilles_line: None,
    };
    landmarks.arch_apex.position = highest(heights, &medial_arch_line(&landmarks))?;
    Some(landmarks)
}

fn found(position: Point3, confidence: f64) -> Landmark {
    Landmark { position, confidence, provenance: Provenance::Automatic }
}

/// Shares of the way from the heel seat to the first metatarsal head between which the arch's apex
/// lies.
const ARCH_STRETCH: [f64; 2] = [0.2, 0.85];

/// How far the middle of the first metatarsal head lies inside the ball's medial border, as a share
/// of the ball's width: the head with its skin is about a third of the width wide.
const HEAD_MIDDLE_SHARE: f64 = 0.18;

/// Steps along the arch, mm.
const ARCH_STEP_MM: f64 = 0.5;

/// Points along the medial longitudinal arch: from the heel seat to the middle of the first
/// metatarsal head, without both ends. The arch's height is that over this line; nearer to the border
/// the sole goes on rising to the foot's inner side, which is no arch.
pub(crate) fn medial_arch_line(landmarks: &Landmarks) -> Vec<Point2> {
    let first = landmarks.first_metatarsal_head.position;
    let ball_width = landmarks.fifth_metatarsal_head.position.x - first.x;
    let way = Vector2::new(first.x + HEAD_MIDDLE_SHARE * ball_width, first.y);
    let steps = (way.norm() / ARCH_STEP_MM).ceil().max(1.0) as usize;
    (0..=steps)
        .map(|step| step as f64 / steps as f64)
        .filter(|share| (ARCH_STRETCH[0]..=ARCH_STRETCH[1]).contains(share))
        .map(|share| Point2::from(way * share))
        .collect()
}

/// Measures the foot along and across its frame.
pub(crate) fn measure(landmarks: &Landmarks, stance: &Stance, sole: &Sole) -> Measurements {
    let heel_back = landmarks.heel_back.position;
    let first = landmarks.first_metatarsal_head.position;
    let fifth = landmarks.fifth_metatarsal_head.position;
    Measurements {
        length_mm: landmarks.toe_tip.position.y - heel_back.y,
        ball_width_mm: fifth.x - first.x,
        heel_width_mm: widest(&stance.view, HEEL_REGION),
        truncated_length_mm: (first.y + fifth.y) / 2.0 - heel_back.y,
        arch_height_mm: sole.evidence.imaged.then_some(landmarks.arch_apex.position.z),
    }
}
