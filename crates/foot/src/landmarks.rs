//! Named places of a posed foot, and its measures.
//!
//! Heel, metatarsal heads, toe tips and malleoli are blunt extremes of the skin ([`crate::skin`]) in
//! the regions where anthropometry seeks them (C. C. Gordon et al., 2012 Anthropometric Survey of
//! U.S. Army Personnel, NATICK/TR-15/007: pternion, metatarsale tibiale and fibulare, acropodion).
//! A template was weighed against these rules: it helps where the shape marks nothing (navicular,
//! base of the fifth metatarsal), and there proportions and the skin's own bumps are used.
//!
//! Confidence is what the place's uncertainty leaves: [`SURE`] at 0 mm, half of it at
//! [`HALF_SURE_MM`]. It is the fit's own standard deviation for extremes, and the spread over people
//! for places by proportion.

use geometry::{Point2, Point3, Vector2, Vector3};
use nalgebra::{Matrix4, Vector4};
use rayon::prelude::*;

use crate::assumed_arch::highest;
use crate::pose::{CEILING_SHARE, Stance};
use crate::proportions::{FIFTH_HEAD_REGION, FIRST_HEAD_REGION, HEEL_REGION, widest};
use crate::skin::{Extreme, Skin};
use crate::sole::Sole;
use crate::{Landmark, Landmarks, Measurements, Provenance, leg, toes};

/// Confidence of a place that is known to a fraction of a millimeter.
const SURE: f64 = 0.95;

/// Uncertainty at which half of that is left, mm: a technician marks bones to 3 to 5 mm.
const HALF_SURE_MM: f64 = 4.0;

/// Uncertainty of a place at the border of the region in which it was sought: the shape does not mark
/// it, as the first metatarsal head of a foot whose great toe reaches farther inward.
const AT_BORDER_MM: f64 = 5.0;

/// Uncertainty that a sole that was not imaged adds to places on it.
const NOT_SEEN_MM: f64 = 8.0;

/// Confidence of a place that is known to so many millimeters (one standard deviation).
pub(crate) fn confidence(uncertainty: f64) -> f64 {
    let share = uncertainty / HALF_SURE_MM;
    SURE / (1.0 + share * share)
}

/// The uncertainty behind a confidence, mm.
pub(crate) fn uncertainty(confidence: f64) -> f64 {
    HALF_SURE_MM * (SURE / confidence.max(f64::MIN_POSITIVE) - 1.0).max(0.0).sqrt()
}

pub(crate) fn found(position: Point3, uncertainty: f64) -> Landmark {
    Landmark { position, confidence: confidence(uncertainty), provenance: Provenance::Automatic }
}

/// A posed foot with its skin, as the search for places sees it.
pub(crate) struct Body<'a> {
    pub(crate) stance: &'a Stance,
    pub(crate) skin: &'a Skin,
}

/// Part of a foot in which a place is sought: shares of the length along y, heights in shares of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Region {
    pub(crate) y: [f64; 2],
    pub(crate) z: [f64; 2],
}

impl Body<'_> {
    pub(crate) fn length(&self) -> f64 {
        self.stance.view.length()
    }

    pub(crate) fn y_at(&self, share: f64) -> f64 {
        self.stance.view.y_at(share)
    }

    /// Area of the foot seen from below, mm².
    pub(crate) fn silhouette_mm2(&self) -> f64 {
        let field = &self.stance.view.heights;
        let known = field.heights.iter().filter(|height| !height.is_nan()).count();
        known as f64 * field.spacing * field.spacing
    }

    /// The vertex in a region that lies farthest along a direction.
    pub(crate) fn farthest(&self, region: Region, direction: Vector3) -> Option<Point3> {
        let y = region.y.map(|share| self.y_at(share));
        let z = region.z.map(|share| share * self.length());
        self.skin
            .between(y)
            .iter()
            .filter(|p| (y[0]..=y[1]).contains(&p.place.y) && (z[0]..=z[1]).contains(&p.place.z))
            .map(|p| p.place)
            .max_by(|a, b| {
                let key = |p: &Point3| [p.coords.dot(&direction), -p.y, -p.z, -p.x];
                key(a).partial_cmp(&key(b)).unwrap_or(std::cmp::Ordering::Equal)
            })
    }

    /// The blunt extreme of a region; `radius` as a share of the length. Where skin is sparse the
    /// radius grows, and the farthest vertex is the last resort.
    pub(crate) fn extreme(
        &self,
        region: Region,
        direction: Vector3,
        radius: f64,
    ) -> Option<Extreme> {
        Some(self.blunt(self.farthest(region, direction)?, direction, radius))
    }

    /// The blunt extreme near a place.
    pub(crate) fn blunt(&self, start: Point3, direction: Vector3, radius: f64) -> Extreme {
        let length = self.length();
        WIDER
            .iter()
            .find_map(|wider| self.skin.extreme(start, direction, wider * radius * length))
            .unwrap_or(Extreme { place: start, uncertainty: AT_BORDER_MM })
    }
}

/// Factors by which a neighborhood is widened on meshes that are too coarse for it.
const WIDER: [f64; 4] = [1.0, 1.25, 1.6, 2.2];

/// Neighborhoods, as shares of the length (8 and 10 mm of 260).
const HEEL_RADIUS: f64 = 0.03;
const HEAD_RADIUS: f64 = 0.04;

/// Finds all landmarks; `None` where the shape has no surface in the region of one that every foot has.
pub(crate) fn find_landmarks(body: &Body<'_>, sole: &Sole) -> Option<Landmarks> {
    let heights = &sole.plantar.heights;
    let unseen = if sole.evidence.imaged { 0.0 } else { NOT_SEEN_MM };
    let heel_seat = Point3::new(0.0, 0.0, heights.sample(Point2::origin())?);
    let low = [-0.05, CEILING_SHARE];
    let ((heel_back, foremost), (first, fifth)) = rayon::join(
        || {
            let back = Region { y: [-0.1, 0.5], z: low };
            let front = Region { y: [0.5, 1.1], z: low };
            let heel_back = body.extreme(back, -Vector3::y(), HEEL_RADIUS);
            (heel_back, body.extreme(front, Vector3::y(), toes::RADIUS))
        },
        || {
            let first = ball_side(body, FIRST_HEAD_REGION, -Vector3::x());
            (first, ball_side(body, FIFTH_HEAD_REGION, Vector3::x()))
        },
    );
    let (heel_back, foremost, first, fifth) = (heel_back?, foremost?, first?, fifth?);
    let (toe_tips, ankle) = rayon::join(
        || toes::find(body, heights, first.position, fifth.position),
        || {
            let malleoli = [-Vector3::x(), Vector3::x()].map(|side| leg::malleolus(body, side));
            (malleoli, leg::achilles_line(body, heel_back.place))
        },
    );
    let ([medial_malleolus, lateral_malleolus], achilles_line) = ankle;
    let mut landmarks = Landmarks {
        heel_seat: found(heel_seat, seat_uncertainty(body.stance) + unseen),
        heel_back: found(heel_back.place, heel_back.uncertainty),
        first_metatarsal_head: first,
        fifth_metatarsal_head: fifth,
        arch_apex: found(heel_seat, unseen),
        toe_tip: found(foremost.place, foremost.uncertainty),
        navicular: None,
        fifth_metatarsal_base: None,
        toe_tips,
        medial_malleolus,
        lateral_malleolus,
        achilles_line,
    };
    // The foremost toe is one place under two names.
    if let Some(nearest) = landmarks
        .toe_tips
        .iter()
        .flatten()
        .find(|tip| (tip.position - foremost.place).norm() < 0.02 * body.length())
    {
        landmarks.toe_tip = *nearest;
    }
    landmarks.arch_apex.position = arch_apex(heights, &medial_arch_line(&landmarks))?;
    landmarks.navicular = navicular(body, &landmarks);
    landmarks.fifth_metatarsal_base = fifth_metatarsal_base(body);
    Some(landmarks)
}

/// How surely the seat of a standing heel is known, mm: it is the middle of a flat contact.
fn seat_uncertainty(stance: &Stance) -> f64 {
    1.0 + stance.ground.map_or(1.0, |ground| ground.loaded)
}

/// The extreme of one side of the ball.
fn ball_side(body: &Body<'_>, y: [f64; 2], direction: Vector3) -> Option<Landmark> {
    let region = Region { y, z: [-0.05, CEILING_SHARE] };
    let extreme = body.extreme(region, direction, HEAD_RADIUS)?;
    let [near, far] = y.map(|share| body.y_at(share));
    if (near..=far).contains(&extreme.place.y) {
        return Some(found(extreme.place, extreme.uncertainty));
    }
    Some(found(body.farthest(region, direction)?, AT_BORDER_MM))
}

/// Where the navicular's tuberosity stands: its share of the length from the heel's back, and its
/// height as a share of the length over the arch's own height. G. S. Murley et al. (Journal of Foot
/// and Ankle Research 2:22, 2009) find normalized truncated navicular heights of 0.22 ± 0.04.
const NAVICULAR_SHARE: f64 = 0.395;
const NAVICULAR_HEIGHT_SHARE: f64 = 0.105;
const NAVICULAR_UNCERTAINTY_MM: f64 = 5.0;

/// Half the stretch along y and z over which the skin's position is averaged, as a share of the length.
const NAVICULAR_WINDOW: f64 = 0.02;

/// The medial skin where the navicular lies.
fn navicular(body: &Body<'_>, landmarks: &Landmarks) -> Option<Landmark> {
    let length = body.length();
    let place = Point2::new(
        body.y_at(NAVICULAR_SHARE),
        NAVICULAR_HEIGHT_SHARE * length + landmarks.arch_apex.position.z,
    );
    let window = NAVICULAR_WINDOW * length;
    let (mut sum, mut weight) = (0.0, 0.0);
    for point in body.skin.between([place.x - window, place.x + window]) {
        let off = (Point2::new(point.place.y, point.place.z) - place).norm() / window;
        if off < 1.0 && point.normal.x < 0.0 {
            let share = point.area * (1.0 - off * off);
            sum += share * point.place.x;
            weight += share;
        }
    }
    (weight > 0.0)
        .then(|| found(Point3::new(sum / weight, place.x, place.y), NAVICULAR_UNCERTAINTY_MM))
}

/// Where the fifth metatarsal's base is sought, and where it is put if no bump shows it; shares of the
/// length.
const BASE_REGION: Region = Region { y: [0.34, 0.50], z: [0.0, 0.12] };
const BASE_FLANKS: [f64; 2] = [0.35, 0.49];
const BASE_SHARE: f64 = 0.418;
const BASE_UNCERTAINTY_MM: f64 = 5.0;

/// The bump on the lateral border, against the line from heel to ball.
fn fifth_metatarsal_base(body: &Body<'_>) -> Option<Landmark> {
    let border = |share: f64| {
        let y = [share - 0.01, share + 0.01];
        body.farthest(Region { y, z: BASE_REGION.z }, Vector3::x())
    };
    let [back, front] = BASE_FLANKS.map(border);
    let (back, front) = (back?, front?);
    let along = Vector2::new(front.x - back.x, front.y - back.y).try_normalize(1e-9)?;
    let outward = Vector3::new(along.y, -along.x, 0.0);
    let bump = body.extreme(BASE_REGION, outward, HEAD_RADIUS)?;
    let [near, far] = BASE_REGION.y.map(|share| body.y_at(share));
    if (near..=far).contains(&bump.place.y) && bump.uncertainty < BASE_UNCERTAINTY_MM {
        return Some(found(bump.place, bump.uncertainty + 1.0));
    }
    border(BASE_SHARE).map(|place| found(place, BASE_UNCERTAINTY_MM))
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

/// Half the stretch over which the arch's line is fitted by a cubic around its apex, in steps.
const APEX_REACH: usize = 24;

/// The arch's apex on its line: the highest place that falls off to both ends, as a forefoot whose
/// medial border is raised lifts the front end without being an arch; else the highest place. Its
/// place along the line is that of a cubic through its surroundings, steadier than the highest of
/// many nearly equal points.
fn arch_apex(heights: &geometry::HeightField, line: &[Point2]) -> Option<Point3> {
    let profile: Vec<Option<f64>> = line.iter().map(|place| heights.sample(*place)).collect();
    let smooth: Vec<Option<f64>> =
        (0..line.len()).map(|at| mean_around(&profile, at, APEX_REACH / 4)).collect();
    let is_top = |&at: &usize| {
        let Some(here) = smooth[at] else { return false };
        let lower = |other: usize| smooth[other].is_some_and(|height| height < here);
        at > APEX_REACH
            && at + APEX_REACH < line.len()
            && lower(at - APEX_REACH)
            && lower(at + APEX_REACH)
            && (at - APEX_REACH..=at + APEX_REACH)
                .all(|other| smooth[other].is_none_or(|height| height <= here))
    };
    let height = |at: &usize| smooth[*at].unwrap_or(f64::NEG_INFINITY);
    let top = (0..line.len())
        .filter(is_top)
        .max_by(|a, b| height(a).total_cmp(&height(b)).then(b.cmp(a)));
    let Some(top) = top else { return highest(heights, line) };
    let samples: Vec<(f64, f64)> = (top - APEX_REACH..=top + APEX_REACH)
        .filter_map(|at| Some((at as f64 - top as f64, profile[at]?)))
        .collect();
    let [level, slope, bend, skew] = cubic(&samples)?;
    let reach = APEX_REACH as f64;
    // The arch rises and falls at different rates: the top of a parabola would stand off by a millimeter.
    let shift = if bend < 0.0 {
        (0..NEWTON_ROUNDS).fold(0.0, |at: f64, _| {
            let (rise, bend) =
                (slope + at * (2.0 * bend + 3.0 * skew * at), bend + 3.0 * skew * at);
            if bend < 0.0 { (at - rise / (2.0 * bend)).clamp(-reach, reach) } else { at }
        })
    } else {
        0.0
    };
    let step = (line[1] - line[0]) * shift;
    let place = line[top] + step;
    let height = level + shift * (slope + shift * (bend + skew * shift));
    Some(Point3::new(place.x, place.y, height))
}

/// Newton's steps to the arch's top.
const NEWTON_ROUNDS: usize = 4;

fn mean_around(profile: &[Option<f64>], at: usize, reach: usize) -> Option<f64> {
    let around = &profile[at.saturating_sub(reach)..(at + reach + 1).min(profile.len())];
    let (sum, count) =
        around.iter().flatten().fold((0.0, 0.0), |(sum, count), h| (sum + h, count + 1.0));
    (count > 0.0).then(|| sum / count)
}

/// Least-squares polynomial a + b t + c t² + d t³.
fn cubic(samples: &[(f64, f64)]) -> Option<[f64; 4]> {
    let scale = APEX_REACH as f64;
    let mut square = Matrix4::zeros();
    let mut right = Vector4::zeros();
    for (t, value) in samples {
        let t = t / scale;
        let terms = Vector4::new(1.0, t, t * t, t * t * t);
        square += terms * terms.transpose();
        right += terms * *value;
    }
    let solution = square.try_inverse()? * right;
    Some([0, 1, 2, 3].map(|power| solution[power] / scale.powi(power as i32)))
}

/// Sections in which the heel's width is taken.
const HEEL_SECTIONS: usize = 12;

/// Heights of the heel's side walls, as shares of the length; the ankle bulges farther up.
const HEEL_WALL_HEIGHTS: [f64; 2] = [-0.05, 0.13];

/// Width of the heel's widest section, mm, between its smoothed side walls; the plain reach of the
/// sections where the mesh is too coarse for that.
fn heel_width(body: &Body<'_>) -> f64 {
    let [near, far] = HEEL_REGION;
    let smooth = (0..=HEEL_SECTIONS)
        .into_par_iter()
        .filter_map(|step| {
            let share = near + (far - near) * step as f64 / HEEL_SECTIONS as f64;
            let reach = |direction: Vector3| {
                let slice = Region { y: [share - 0.01, share + 0.01], z: HEEL_WALL_HEIGHTS };
                let mut start = body.farthest(slice, direction)?;
                start.y = body.y_at(share);
                body.skin.section_reach(start, direction, HEEL_RADIUS * body.length())
            };
            Some(reach(Vector3::x())?.x - reach(-Vector3::x())?.x)
        })
        .reduce(|| 0.0, f64::max);
    if smooth > 0.0 { smooth } else { widest(&body.stance.view, HEEL_REGION) }
}

/// Measures the foot along and across its frame.
pub(crate) fn measure(landmarks: &Landmarks, body: &Body<'_>, sole: &Sole) -> Measurements {
    let heel_back = landmarks.heel_back.position;
    let first = landmarks.first_metatarsal_head.position;
    let fifth = landmarks.fifth_metatarsal_head.position;
    Measurements {
        length_mm: landmarks.toe_tip.position.y - heel_back.y,
        ball_width_mm: fifth.x - first.x,
        heel_width_mm: heel_width(body),
        truncated_length_mm: first.y - heel_back.y,
        arch_height_mm: sole.evidence.imaged.then_some(landmarks.arch_apex.position.z),
    }
}
