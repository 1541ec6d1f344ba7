//! Stands a foot on the ground and points it forward, by repeated small corrections.
//!
//! A pose is the rigid motion from the scan to the foot frame. Each round looks at the posed foot
//! from below, finds the ground under it ([`crate::ground`]), and turns the foot until the ground is
//! level and its axis runs along +y.

use geometry::{Point2, Point3, TriMesh, Vector3};
use nalgebra::{Isometry3, Matrix3, Rotation3, Translation3, UnitQuaternion};
use rayon::prelude::*;

use crate::below::{View, look};
use crate::ground::{BALL_REGION, Ground, HEEL_REGION, ground, nodes_within};
use crate::proportions::{FIFTH_HEAD_REGION, FIRST_HEAD_REGION};

/// Rigid motion from the scan (mm) to the foot frame.
pub(crate) type FootFromScan = Isometry3<f64>;

/// Height up to which a surface counts as foot and not as leg, as a share of the foot length. Heel
/// and ball are widest and the toes end at about a tenth of the length over the ground.
pub(crate) const CEILING_SHARE: f64 = 0.2;

/// What the foot's axis runs through.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Axis {
    /// The middle of heel and ball: treats both sides alike, for as long as the side is not known.
    Middle,
    /// Heel seat and second metatarsal head, and with it about the second toe. Medial is -x.
    SecondMetatarsal,
}

/// Where the second metatarsal head stands, as a share of the way from the first to the fifth head. The
/// tip of the second toe itself moves with every curl and push of the toes.
const SECOND_HEAD_SHARE: f64 = 0.443;

/// Share of the length at which the heel's middle is taken.
const HEEL_MIDDLE_SHARE: f64 = 0.16;

/// Share of the length at which the ball's middle is taken.
const BALL_SHARE: f64 = 0.70;

/// Half the band along y over which either is averaged, as a share of the length.
const AXIS_BAND_SHARE: f64 = 0.02;

/// Stations on either side of the band's middle.
const AXIS_STATIONS: i32 = 6;

/// A posed foot.
#[derive(Clone, Debug)]
pub(crate) struct Stance {
    pub(crate) foot_from_scan: FootFromScan,
    /// The scan's vertices in the foot frame.
    pub(crate) vertices: Vec<Point3>,
    /// Height of the lowest of them, mm.
    pub(crate) floor: f64,
    /// The last look from below.
    pub(crate) view: View,
    /// What carries the foot; `None` before it was looked for.
    pub(crate) ground: Option<Ground>,
}

/// Rounds after which the pose is taken as it is.
const MOST_ROUNDS: usize = 20;

/// Rounds whose correction is made in whole. A foot then stands but for the error with which a grid
/// shows it, which changes with every shift; later corrections are made to a half, a third, …, so
/// that these errors average out (H. Robbins, S. Monro, Annals of Mathematical Statistics 22, 1951)
/// and the pose does not depend on how the scan lay.
const WHOLE_ROUNDS: usize = 3;

/// Correction under which the pose stands, in radians: 0.003 mm over a foot's length.
const SETTLED_RAD: f64 = 1e-5;

/// Shift along the ground under which it stands, mm.
const SETTLED_MM: f64 = 2e-3;

/// Corrects a pose until the foot stands level and its axis runs along +y, with the heel seat over
/// the origin. `None` if nothing of the scan can be seen from below, or no contact be found.
///
/// Lengths in mm: the first look goes up to `first_ceiling` over the lowest point, later ones to a
/// share of the foot's length; `spacing` is their grid.
pub(crate) fn stand(
    scan: &TriMesh,
    start: FootFromScan,
    first_ceiling: f64,
    spacing: f64,
    axis: Axis,
) -> Option<Stance> {
    let mut foot_from_scan = start;
    let mut stance = pose(scan, foot_from_scan, spacing, first_ceiling)?;
    for round in 0..MOST_ROUNDS {
        let ceiling = CEILING_SHARE * stance.view.length();
        let walls = heel_wall_roll(&stance, &scan.triangles);
        let ground = ground(&stance.view, walls)?;
        let forward = forward(&stance.view, &ground, axis)?;
        let gain = 1.0 / (round.saturating_sub(WHOLE_ROUNDS) + 1) as f64;
        let correction = share_of(correction(&ground, forward)?, gain);
        foot_from_scan = correction * foot_from_scan;
        stance = pose(scan, foot_from_scan, spacing, ceiling)?;
        stance.ground = Some(ground);
        let moved = correction.translation.vector.xy().norm();
        if correction.rotation.angle() < SETTLED_RAD && moved < SETTLED_MM {
            break;
        }
    }
    Some(stance)
}

/// A share of a small motion.
fn share_of(motion: FootFromScan, share: f64) -> FootFromScan {
    Isometry3::from_parts(
        Translation3::from(motion.translation.vector * share),
        UnitQuaternion::from_scaled_axis(motion.rotation.scaled_axis() * share),
    )
}

/// Share of the nodes of heel and ball that may lie under the ground: single points err downward.
const UNDER_GROUND_SHARE: f64 = 0.01;

/// A last look at a stance that was found, after lowering the ground to the lowest of what stands on
/// it: the contacts' lowest millimeters are level on average, their lowest points are not.
pub(crate) fn finish(scan: &TriMesh, found: &Stance, spacing: f64) -> Option<Stance> {
    let view = &found.view;
    let whole_width = [0.0, 1.0];
    let mut heights: Vec<f64> = [HEEL_REGION, BALL_REGION]
        .into_iter()
        .flat_map(|region| nodes_within(view, region, whole_width))
        .map(|node| node.height)
        .collect();
    heights.sort_by(f64::total_cmp);
    let lowest = *heights.get((UNDER_GROUND_SHARE * heights.len() as f64) as usize)?;
    let lowered = Translation3::new(0.0, 0.0, -lowest) * found.foot_from_scan;
    let mut stance = pose(scan, lowered, spacing, CEILING_SHARE * view.length())?;
    stance.ground = found.ground;
    Some(stance)
}

/// Places by hand that lead the frame, in the frame of a stance.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ByHand {
    pub(crate) heel_seat: Option<Point3>,
    pub(crate) first_head: Option<Point3>,
    pub(crate) fifth_head: Option<Point3>,
    pub(crate) second_toe: Option<Point3>,
}

/// The stance with its origin and axis where a person marked them: the ground stays, the heel seat by hand
/// is the origin, and the axis runs through the second metatarsal head between the heads, of which either
/// may be by hand; if none is, through the tip of the second toe by hand. The stance itself if nothing of
/// that is by hand; `None` if seat and ball are at one place.
pub(crate) fn led_by_hand(
    scan: &TriMesh,
    found: Stance,
    spacing: f64,
    by_hand: &ByHand,
) -> Option<Stance> {
    let ByHand { heel_seat, first_head, fifth_head, second_toe } = *by_hand;
    if [heel_seat, first_head, fifth_head, second_toe].iter().all(Option::is_none) {
        return Some(found);
    }
    let view = &found.view;
    let seat = heel_seat.map_or_else(Point2::origin, |place| place.xy());
    let head = |place: Option<Point3>, region, outward| match place {
        Some(place) => Some(place.xy()),
        None => ball_border(view, region, outward),
    };
    let second_head = || {
        let first = head(first_head, FIRST_HEAD_REGION, -1.0)?;
        let fifth = head(fifth_head, FIFTH_HEAD_REGION, 1.0)?;
        Some(first + (fifth - first) * SECOND_HEAD_SHARE)
    };
    let front = match second_toe {
        Some(tip) if first_head.is_none() && fifth_head.is_none() => tip.xy(),
        _ => second_head()?,
    };
    let forward = (front - seat).try_normalize(1e-9)?;
    let turn = UnitQuaternion::from_axis_angle(&Vector3::z_axis(), forward.x.atan2(forward.y));
    let shift = Translation3::new(-seat.x, -seat.y, 0.0);
    let ceiling = CEILING_SHARE * view.length();
    let mut stance = pose(scan, turn * shift * found.foot_from_scan, spacing, ceiling)?;
    stance.ground = found.ground;
    Some(stance)
}

/// Moves the scan and looks at it from below. The lowest point of what is seen comes to z = 0.
fn pose(
    scan: &TriMesh,
    foot_from_scan: FootFromScan,
    spacing: f64,
    ceiling: f64,
) -> Option<Stance> {
    let vertices: Vec<Point3> =
        scan.vertices.par_iter().map(|vertex| foot_from_scan * vertex).collect();
    let floor = vertices.iter().map(|vertex| vertex.z).fold(f64::INFINITY, f64::min);
    let view = look(&vertices, &scan.triangles, spacing, floor + ceiling)?;
    Some(Stance { foot_from_scan, vertices, floor, view, ground: None })
}

/// Where the heel's side walls are looked at: shares of the length along y, and of it over the ground.
const WALL_STRETCH: [f64; 2] = [0.04, 0.15];
const WALL_HEIGHTS: [f64; 2] = [0.03, 0.13];

/// Least |x| of a unit normal of a side wall, and least area of each wall in mm².
const WALL_FACING: f64 = 0.6;
const LEAST_WALL_MM2: f64 = 150.0;

/// How the heel leans, as the slope along x of a ground on which it would stand upright: the middle
/// between its two side walls, each fitted by x = a + b z + c y. `None` without both walls.
fn heel_wall_roll(stance: &Stance, triangles: &[[u32; 3]]) -> Option<f64> {
    let view = &stance.view;
    let floor = stance.floor;
    let [near, far] = WALL_STRETCH.map(|share| view.y_at(share));
    let [low, high] = WALL_HEIGHTS.map(|share| floor + share * view.length());
    let mut walls = [WallFit::default(), WallFit::default()];
    for triangle in triangles {
        let [a, b, c] = triangle.map(|index| stance.vertices[index as usize]);
        let middle = (a.coords + b.coords + c.coords) / 3.0;
        if !(near..=far).contains(&middle.y) || !(low..=high).contains(&middle.z) {
            continue;
        }
        let face = (b - a).cross(&(c - a)) / 2.0;
        let area = face.norm();
        if face.x.abs() > WALL_FACING * area {
            walls[usize::from(face.x > 0.0)].add(middle, area);
        }
    }
    let [low_x, high_x] = walls.map(|wall| wall.lean());
    // The middle line moves in x by this per mm of height; the heel's sole is perpendicular to it.
    Some(-(low_x? + high_x?) / 2.0)
}

/// Sums of a weighted least-squares fit x = a + b z + c y.
#[derive(Clone, Copy, Debug, Default)]
struct WallFit {
    square: Matrix3<f64>,
    right: Vector3,
    area: f64,
}

impl WallFit {
    fn add(&mut self, place: Vector3, area: f64) {
        let terms = Vector3::new(1.0, place.z, place.y);
        self.square += terms * terms.transpose() * area;
        self.right += terms * (area * place.x);
        self.area += area;
    }

    /// dx/dz of the wall.
    fn lean(&self) -> Option<f64> {
        (self.area > LEAST_WALL_MM2).then_some(())?;
        Some((self.square.try_inverse()? * self.right).y)
    }
}

/// Direction of the axis in the frame of the look.
fn forward(view: &View, ground: &Ground, axis: Axis) -> Option<geometry::Vector2> {
    match axis {
        Axis::Middle => {
            (middle_at(view, BALL_SHARE)? - middle_at(view, HEEL_MIDDLE_SHARE)?).try_normalize(1e-9)
        }
        Axis::SecondMetatarsal => {
            let first = ball_border(view, FIRST_HEAD_REGION, -1.0)?;
            let fifth = ball_border(view, FIFTH_HEAD_REGION, 1.0)?;
            let second = first + (fifth - first) * SECOND_HEAD_SHARE;
            (second - ground.seat.place).try_normalize(1e-9)
        }
    }
}

/// Middle of the outline around a share of the length.
fn middle_at(view: &View, share: f64) -> Option<Point2> {
    // Stations between the rows, so that the mean moves smoothly with the pose.
    let mut sum = geometry::Vector2::zeros();
    let mut count = 0.0;
    for station in -AXIS_STATIONS..=AXIS_STATIONS {
        let offset = AXIS_BAND_SHARE * f64::from(station) / f64::from(AXIS_STATIONS);
        let y = view.y_at(share + offset);
        if let Some([low, high]) = view.extent_at(y) {
            sum += geometry::Vector2::new((low + high) / 2.0, y);
            count += 1.0;
        }
    }
    (count > 0.0).then(|| Point2::from(sum / count))
}

/// Half the stretch of outline over which the ball's border is fitted around its widest place, as a share
/// of the length (13 mm of 260).
const BORDER_REACH_SHARE: f64 = 0.05;

/// Where the outline reaches farthest to the side of `outward` (-1 or +1): the top of a parabola through
/// the outline around its widest place in a stretch of the length.
fn ball_border(view: &View, stretch: [f64; 2], outward: f64) -> Option<Point2> {
    let reach = |[low, high]: [f64; 2]| if outward < 0.0 { -low } else { high };
    let (widest, _) = view
        .sections(stretch)
        .map(|(y, extent)| (y, reach(extent)))
        .reduce(|best, here| if here.1 > best.1 { here } else { best })?;
    let near = BORDER_REACH_SHARE * view.length();
    let shares = [widest - near, widest + near].map(|y| view.share_at(y));
    let mut square = Matrix3::zeros();
    let mut right = Vector3::zeros();
    for (y, extent) in view.sections(shares) {
        let t = (y - widest) / near;
        let terms = Vector3::new(1.0, t, t * t);
        let weight = (1.0 - t * t).max(0.0);
        square += terms * terms.transpose() * weight;
        right += terms * (weight * reach(extent));
    }
    let fit = square.try_inverse()? * right;
    let top = if fit.z < 0.0 { (-fit.y / (2.0 * fit.z)).clamp(-0.5, 0.5) } else { 0.0 };
    let height = fit.x + top * (fit.y + top * fit.z);
    Some(Point2::new(outward * height, widest + near * top))
}

/// The motion that brings the ground to z = 0, the forward direction to +y, and the heel seat over the
/// origin.
fn correction(ground: &Ground, forward: geometry::Vector2) -> Option<FootFromScan> {
    let up = ground.up();
    let flat = Vector3::new(forward.x, forward.y, 0.0);
    let along = (flat - up * flat.dot(&up)).try_normalize(1e-9)?;
    let across = along.cross(&up);
    let rows = Matrix3::from_rows(&[across.transpose(), along.transpose(), up.transpose()]);
    let turn = UnitQuaternion::from_rotation_matrix(&Rotation3::from_matrix_unchecked(rows));
    let seat = ground.seat_point();
    Some(Isometry3::from_parts(Translation3::from(-(turn * seat.coords)), turn))
}
