//! The ground that a foot stands on, found from a look from below.
//!
//! *Pitch* comes from the contacts of heel and ball, whichever side of the ball is lower, so that
//! lifted or curled toes and an arch of any height do not matter. *Roll* comes from what knows it
//! best. A heel that bears weight is flat over 10 to 25 cm²: its plane is the ground, and a forefoot
//! that is tilted against it keeps its tilt. A heel that hangs is round and touches a ground in a
//! point: then the two sides of the ball level the foot, as a clinician does who holds the forefoot;
//! unless heel and forefoot disagree by much, when the heel is stood upright by its side walls.
//! In between the shares change smoothly, so that no small change of a scan turns the foot.
//!
//! The heel's plane is fitted by reweighted least squares whose scale is lowered step by step
//! (a redescending M-estimator: P. J. Huber, Robust Statistics, 1981, section 7; annealed as in
//! graduated non-convexity: A. Blake, A. Zisserman, Visual Reconstruction, 1987).

use geometry::{Point2, Point3, Vector3};
use nalgebra::{Matrix3, Vector2};

use crate::below::View;

/// A place where the foot touches the ground.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Contact {
    /// Middle of the lowest millimeter of the region.
    pub(crate) place: Point2,
    /// Mean height of that, mm: steadier than the lowest point, which may be a scanner's error.
    pub(crate) height: f64,
}

/// What carries the foot, in the frame of the look.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Ground {
    /// The heel seat: the middle of the heel's contact, and the surface's height at its lowest.
    pub(crate) seat: Contact,
    /// Rise of the ground per mm along x and y.
    pub(crate) slope: Vector2<f64>,
    /// Area of the heel that lies within [`FLAT_BAND_MM`] of one plane, cm².
    pub(crate) heel_flat_cm2: f64,
    /// How much the heel's plane decides the roll: 0 (a hanging heel) to 1 (a standing one).
    pub(crate) loaded: f64,
    /// By how much the forefoot is rolled against the heel, rad: positive if its medial border is
    /// raised (varus).
    pub(crate) forefoot_roll: f64,
    /// How much the heel's side walls decide the roll of a hanging foot: 0 to 1.
    pub(crate) upright: f64,
    /// By how much two ways to find the seat differ, mm: all of the contact, and its lowest half.
    pub(crate) seat_doubt: f64,
    /// By how much two ways to find the roll differ, rad: the heel's plane by its skin within 1.5 mm, and
    /// within 0.5 mm. Counts as far as the heel decides the roll.
    pub(crate) roll_doubt: f64,
}

/// Regions of the contacts, in shares of the length from the hindmost point. The ball's region is the
/// same on both sides, so that the level does not depend on which foot it is.
pub(crate) const HEEL_REGION: [f64; 2] = [0.0, 0.20];
pub(crate) const BALL_REGION: [f64; 2] = [0.58, 0.79];

/// Share of the section's width that each side of the ball takes; the middle belongs to neither.
const BALL_SIDE_SHARE: f64 = 0.45;

/// Half the band around the heel's plane in which surface counts as flat, mm: skin on a glass plate
/// is flat to a few tenths, and scanners err by as much.
const FLAT_BAND_MM: f64 = 0.7;

/// Flat area at which a heel of a 260 mm foot counts as hanging and as standing, cm². A ball of
/// 35 mm radius, as a hanging heel is, has 3 cm² in the band; a standing heel pad 12 to 25 cm².
const HANGING_CM2: f64 = 5.0;
const STANDING_CM2: f64 = 9.0;

/// Length for which these areas are given, mm.
const USUAL_LENGTH_MM: f64 = 260.0;

/// Disagreement of forefoot and heel up to which the forefoot levels a hanging foot, and from which
/// the heel does. The forefoot-to-rearfoot angle of healthy feet is 2° to 8° (M. W. Cornwall et al.,
/// Foot and Ankle International 25, 2004); more is a foot scanned out of its neutral position.
const FOREFOOT_LEVELS_RAD: f64 = 8.0_f64.to_radians();
const HEEL_LEVELS_RAD: f64 = 14.0_f64.to_radians();

/// Finds the ground under a foot that stands about level. `wall_roll` is the heel's own roll by its
/// side walls, as a slope (rise of the heel's sole per mm along x); `None` if they were not seen.
pub(crate) fn ground(view: &View, wall_roll: Option<f64>) -> Option<Ground> {
    let whole = [0.0, 1.0];
    let heel_nodes = nodes_within(view, HEEL_REGION, whole);
    let fade = FADE_SHARE * view.length();
    let heel_cap = contact(&heel_nodes, fade, 0.0)?;
    let HeelPlane { roll: heel_roll, flat_mm2, doubt } =
        heel_plane(&heel_nodes, view.heights.spacing)?;

    let side = |shares| contact(&nodes_within(view, BALL_REGION, shares), fade, 0.0);
    let low_x = side([0.0, BALL_SIDE_SHARE])?;
    let high_x = side([1.0 - BALL_SIDE_SHARE, 1.0])?;
    let ball_roll = three_point_roll(&heel_cap, &low_x, &high_x)?;

    let scale = view.length() / USUAL_LENGTH_MM;
    let heel_flat_cm2 = flat_mm2 / 100.0;
    let loaded = step(HANGING_CM2, STANDING_CM2, heel_flat_cm2 / (scale * scale));
    let disagreement = wall_roll.map_or(0.0, |wall| ball_roll.atan() - wall.atan());
    let upright = step(FOREFOOT_LEVELS_RAD, HEEL_LEVELS_RAD, disagreement.abs());
    let hanging_roll = ball_roll + upright * (wall_roll.unwrap_or(ball_roll) - ball_roll);
    let roll = hanging_roll + loaded * (heel_roll - hanging_roll);

    let heel = contact(&heel_nodes, fade, roll)?;
    let ball = contact(&nodes_within(view, BALL_REGION, whole), fade, roll)?;
    let level = |contact: &Contact| contact.height - roll * contact.place.x;
    let reach = ball.place.y - heel.place.y;
    if reach <= 0.0 {
        return None;
    }
    let pitch = (level(&ball) - level(&heel)) / reach;
    let rearfoot_roll = if loaded > 0.5 { heel_roll } else { wall_roll.unwrap_or(ball_roll) };
    let slope = Vector2::new(roll, pitch);
    let [place, lowest] = [0, 1].map(|way| seat(view, slope, way));
    if !stands_on_pad(view, &heel_nodes, slope) {
        return None;
    }
    // A foot that does not stand yet may be lowest where its heel ends.
    let place = place.unwrap_or(heel.place);
    let lowest = lowest.unwrap_or(heel.place);
    Some(Ground {
        seat: Contact { place, height: heel.height },
        seat_doubt: (lowest - place).norm(),
        roll_doubt: loaded * doubt,
        slope,
        heel_flat_cm2,
        loaded,
        // The ground under a varus forefoot falls toward +x, the lateral side.
        forefoot_roll: rearfoot_roll.atan() - ball_roll.atan(),
        upright,
    })
}

impl Ground {
    /// Unit normal of the ground.
    pub(crate) fn up(&self) -> Vector3 {
        Vector3::new(-self.slope.x, -self.slope.y, 1.0).normalize()
    }

    /// The heel seat in space.
    pub(crate) fn seat_point(&self) -> Point3 {
        Point3::new(self.seat.place.x, self.seat.place.y, self.seat.height)
    }
}

/// 0 up to `from`, 1 after `to`, smooth in between.
pub(crate) fn step(from: f64, to: f64, at: f64) -> f64 {
    let t = ((at - from) / (to - from)).clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}

/// Slope along x of the plane through heel and both sides of the ball.
fn three_point_roll(heel: &Contact, low_x: &Contact, high_x: &Contact) -> Option<f64> {
    let raised = |c: &Contact| Point3::new(c.place.x, c.place.y, c.height);
    let normal = (raised(high_x) - raised(heel)).cross(&(raised(low_x) - raised(heel)));
    let normal = normal.try_normalize(1e-9)?;
    (normal.z > 0.1).then(|| -normal.x / normal.z)
}

/// Scales of the fit of the heel's plane, mm: from what a first guess may be off to the flatness of
/// loaded skin.
const PLANE_SCALES_MM: [f64; 5] = [6.0, 3.0, 1.5, 0.8, 0.5];

/// Reweightings at each scale.
const PLANE_ROUNDS: usize = 4;

/// The plane in which most of the heel's underside lies.
struct HeelPlane {
    /// Its slope along x.
    roll: f64,
    /// The area that lies in it, mm².
    flat_mm2: f64,
    /// By how much the slope differs from that of the plane through more of the skin, rad.
    doubt: f64,
}

/// The scale of [`PLANE_SCALES_MM`] that is compared with the last one.
const COARSE_SCALE: usize = 2;

fn heel_plane(nodes: &[Node], spacing: f64) -> Option<HeelPlane> {
    let lowest = nodes.iter().map(|node| node.height).fold(f64::INFINITY, f64::min);
    let middle = mean_place(nodes)?;
    let terms = |node: &Node| Vector3::new(1.0, node.place.x - middle.x, node.place.y - middle.y);
    let mut plane = Vector3::new(lowest, 0.0, 0.0);
    let mut coarse = 0.0;
    for (index, scale) in PLANE_SCALES_MM.into_iter().enumerate() {
        for _ in 0..PLANE_ROUNDS {
            let mut square = Matrix3::zeros();
            let mut right = Vector3::zeros();
            for node in nodes {
                let terms = terms(node);
                let off = (node.height - terms.dot(&plane)) / scale;
                let weight = (-off * off).exp();
                square += terms * terms.transpose() * weight;
                right += terms * (weight * node.height);
            }
            plane = square.try_inverse()? * right;
        }
        if index == COARSE_SCALE {
            coarse = plane.y;
        }
    }
    let flat = nodes
        .iter()
        .filter(|node| (node.height - terms(node).dot(&plane)).abs() < FLAT_BAND_MM)
        .count();
    Some(HeelPlane {
        roll: plane.y,
        flat_mm2: flat as f64 * spacing * spacing,
        doubt: (plane.y.atan() - coarse.atan()).abs(),
    })
}

fn mean_place(nodes: &[Node]) -> Option<Point2> {
    let sum: geometry::Vector2 = nodes.iter().map(|node| node.place.coords).sum();
    (!nodes.is_empty()).then(|| Point2::from(sum / nodes.len() as f64))
}

/// Depth of the cap whose middle is the place of a contact, mm: a heel pad's lowest millimeter is
/// about 20 mm wide, wide enough for a stable middle on noisy skin.
const CAP_MM: f64 = 1.0;

/// Share of the length over which a region fades in at its ends, so that the contact of a flat sole
/// moves smoothly with the region.
const FADE_SHARE: f64 = 0.04;

/// The lowest place among nodes over a ground that rises by `roll` per mm along x. The height is that
/// of the surface, not over the ground.
///
/// Near the region's ends the surface counts as higher than it is, by up to the depth of the cap.
fn contact(nodes: &[Node], fade: f64, roll: f64) -> Option<Contact> {
    let depth_of = |node: &Node| {
        node.height - roll * node.place.x + CAP_MM * (1.0 - (node.inset / fade).min(1.0))
    };
    let lowest = nodes.iter().map(depth_of).fold(f64::INFINITY, f64::min);
    let mut weight = 0.0;
    let mut moment = Vector3::zeros();
    for node in nodes {
        let share = 1.0 - (depth_of(node) - lowest) / CAP_MM;
        if share > 0.0 {
            // The weight falls to zero at the cap's rim, so that the middle moves smoothly.
            weight += share * share;
            moment += Vector3::new(node.place.x, node.place.y, node.height) * (share * share);
        }
    }
    let middle = moment / weight;
    (weight > 0.0).then(|| Contact { place: Point2::new(middle.x, middle.y), height: middle.z })
}

/// Where the heel's contact ends, as a share of the length from the hindmost point (the lowest half of it
/// a little earlier, so that both have their middle at the same place on clean feet), and the stretch before it over which skin counts ever less: a flat foot's contact goes on to the lateral border.
const SEAT_FRONT_SHARES: [f64; 2] = [0.215, 0.205];
const SEAT_FADE_SHARE: f64 = 0.04;

/// Height over the ground up to which skin belongs to the heel's contact, as a share of the length (3 mm
/// of 260); the lower, the more it counts. The second one is for comparison.
const SEAT_DEPTH_SHARES: [f64; 2] = [3.0 / 260.0, 1.5 / 260.0];

/// The heel seat: the middle of the heel's contact, all skin of the hindmost 0.215 of the
/// length weighted by the square of how far it lies under the contact's depth.
///
/// On a round heel this is its lowest point. A standing heel is flat to a quarter of a millimeter over
/// 50 mm, less than any scanner's noise: its lowest single point says nothing, its middle is steady.
fn seat(view: &View, slope: Vector2<f64>, way: usize) -> Option<Point2> {
    let (front_share, depth_share) = (SEAT_FRONT_SHARES[way], SEAT_DEPTH_SHARES[way]);
    let length = view.length();
    let nodes = nodes_within(view, [0.0, front_share], [0.0, 1.0]);
    let over_ground = |node: &Node| node.height - slope.dot(&node.place.coords);
    let mut heights: Vec<f64> = nodes.iter().map(over_ground).collect();
    heights.sort_by(f64::total_cmp);
    let ground = *heights.get((UNDER_SEAT_SHARE * heights.len() as f64) as usize)?;
    let [front, fade] = [front_share, SEAT_FADE_SHARE].map(|share| share * length);
    let back = view.y_at(0.0);
    let mut weight = 0.0;
    let mut moment = geometry::Vector2::zeros();
    for node in &nodes {
        let low = (1.0 - (over_ground(node) - ground) / (depth_share * length)).clamp(0.0, 1.0);
        let inside = ((back + front - node.place.y) / fade).clamp(0.0, 1.0);
        weight += low * low * inside;
        moment += node.place.coords * (low * low * inside);
    }
    (weight > 0.0).then(|| Point2::from(moment / weight))
}

/// Middle and radius of the disc in which a heel has its pad, as shares of the length.
const PAD_MIDDLE_SHARE: f64 = 0.12;
const PAD_RADIUS_SHARE: f64 = 0.085;

/// Height over the heel's lowest place up to which skin stands on the ground, mm.
const PAD_DEPTH_MM: f64 = 1.5;

/// Whether a heel stands on its pad: toes that are taken for a heel do not.
fn stands_on_pad(view: &View, nodes: &[Node], slope: Vector2<f64>) -> bool {
    let y = view.y_at(PAD_MIDDLE_SHARE);
    let Some([low_x, high_x]) = view.extent_at(y) else { return false };
    let middle = Point2::new((low_x + high_x) / 2.0, y);
    let reach = PAD_RADIUS_SHARE * view.length();
    let over_ground = |node: &Node| node.height - slope.dot(&node.place.coords);
    let lowest = nodes.iter().map(over_ground).fold(f64::INFINITY, f64::min);
    nodes.iter().any(|node| {
        over_ground(node) < lowest + PAD_DEPTH_MM && (node.place - middle).norm() < reach
    })
}

/// Share of the heel's nodes that may lie under its ground: single points err downward.
const UNDER_SEAT_SHARE: f64 = 0.01;

/// A node of a look inside a region.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Node {
    pub(crate) place: Point2,
    pub(crate) height: f64,
    /// Distance from the region's border, mm.
    inset: f64,
}

/// The nodes within shares of the length and of each section's width. Heights are the medians of
/// three by three nodes: a spike of a scanner carries no foot.
pub(crate) fn nodes_within(
    view: &View,
    length_shares: [f64; 2],
    width_shares: [f64; 2],
) -> Vec<Node> {
    let field = &view.heights;
    let [near, far] = length_shares.map(|share| view.y_at(share));
    let mut nodes = Vec::new();
    for row in 1..field.rows.saturating_sub(1) {
        let y = field.node(0, row).y;
        let Some([low, high]) = view.outline[row].filter(|_| (near..=far).contains(&y)) else {
            continue;
        };
        let [left, right] = width_shares.map(|share| low + share * (high - low));
        for column in 1..field.columns.saturating_sub(1) {
            let place = field.node(column, row);
            let inset = (place.x - left).min(right - place.x).min(y - near).min(far - y);
            if inset < 0.0 || field.at(column, row).is_nan() || view.is_from_inside(column, row) {
                continue;
            }
            nodes.push(Node { place, height: median_around(view, column, row), inset });
        }
    }
    nodes
}

fn median_around(view: &View, column: usize, row: usize) -> f64 {
    let mut known = [f64::INFINITY; 9];
    let mut count = 0;
    for near_row in row - 1..=row + 1 {
        for near_column in column - 1..=column + 1 {
            let height = view.heights.at(near_column, near_row);
            if !height.is_nan() && !view.is_from_inside(near_column, near_row) {
                known[count] = height;
                count += 1;
            }
        }
    }
    let known = &mut known[..count];
    known.sort_by(f64::total_cmp);
    // Of an even number the lower of the two in the middle, the same on both sides of a mirror.
    known[(count - 1) / 2]
}

#[cfg(test)]
mod tests {
    use geometry::TriMesh;

    use super::*;
    use crate::below::look;

    /// Two blocks, heel and ball, the second one rolled: a foot of 260 mm without anything else.
    fn blocks(forefoot_roll_deg: f64) -> View {
        let heel = TriMesh::cuboid(Point3::new(-25.0, -35.0, 0.0), Point3::new(25.0, 25.0, 40.0));
        let mut ball =
            TriMesh::cuboid(Point3::new(-45.0, 115.0, 0.0), Point3::new(45.0, 225.0, 40.0));
        let slope = forefoot_roll_deg.to_radians().tan();
        for vertex in &mut ball.vertices {
            vertex.z += slope.abs() * 45.0 - slope * vertex.x;
        }
        let mut both = heel;
        let offset = both.vertices.len() as u32;
        both.vertices.extend(&ball.vertices);
        both.triangles.extend(ball.triangles.iter().map(|t| t.map(|index| index + offset)));
        look(&both.vertices, &both.triangles, 2.0, 80.0).unwrap()
    }

    #[test]
    fn a_standing_heel_keeps_the_ground_where_the_forefoot_is_tilted() {
        for degrees in [-6.0, 0.0, 6.0] {
            let ground = ground(&blocks(degrees), None).unwrap();
            assert!(ground.loaded > 0.99, "{ground:?}");
            assert!(ground.slope.x.abs() < 1e-6, "{ground:?}");
            assert!(ground.slope.y.abs() < 0.005, "{ground:?}");
            let roll = ground.forefoot_roll.to_degrees();
            assert!((roll - degrees).abs() < 1.0, "{degrees} {roll}");
        }
    }
}
