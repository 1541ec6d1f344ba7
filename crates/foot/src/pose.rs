//! Stands a foot on the ground and points it forward, by repeated small corrections.
//!
//! A pose is the rigid motion from the scan to the foot frame. Each round looks at the posed foot
//! from below, finds where heel and ball touch the ground, tilts the foot until these three places
//! are level, and turns it until its axis runs along +y. The three contacts are heel, first and
//! fifth metatarsal head, so that lifted toes and an arch of any height do not matter.

use geometry::{Point2, Point3, TriMesh, Vector3};
use nalgebra::{Isometry3, Matrix3, Rotation3, Translation3, UnitQuaternion};
use rayon::prelude::*;

use crate::below::{View, look};

/// Rigid motion from the scan (mm) to the foot frame.
pub(crate) type FootFromScan = Isometry3<f64>;

/// Height up to which a surface counts as foot and not as leg, as a share of the foot length. Heel
/// and ball are widest and the toes end at about a tenth of the length over the ground.
pub(crate) const CEILING_SHARE: f64 = 0.2;

/// Where the foot axis crosses the ball, as a share of its width from the medial side.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Axis {
    /// The middle: treats both sides alike, for as long as the side is not known.
    Middle,
    /// The second metatarsal head and toe. Medial is -x.
    SecondToe,
}

impl Axis {
    fn share_of_ball(self) -> f64 {
        match self {
            Self::Middle => 0.5,
            Self::SecondToe => 0.46,
        }
    }
}

/// Share of the length at which the heel's middle is taken.
const HEEL_MIDDLE_SHARE: f64 = 0.16;

/// Share of the length at which the ball's crossing is taken.
const BALL_SHARE: f64 = 0.70;

/// A place where the foot touches the ground.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Contact {
    /// Middle of the lowest millimeter of the region.
    place: Point2,
    /// Mean height of that, mm: steadier than the lowest point, which may be a scanner's error.
    height: f64,
}

/// The three places that a foot stands on.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Contacts {
    heel: Contact,
    medial_ball: Contact,
    lateral_ball: Contact,
}

/// A posed foot.
#[derive(Clone, Debug)]
pub(crate) struct Stance {
    pub(crate) foot_from_scan: FootFromScan,
    /// The scan's vertices in the foot frame.
    pub(crate) vertices: Vec<Point3>,
    /// The last look from below.
    pub(crate) view: View,
}

/// Rounds after which the pose is taken as it is. A foot needs five to ten.
const MOST_ROUNDS: usize = 16;

/// Correction under which the pose stands, in radians: 0.003 mm over a foot's length.
const SETTLED_RAD: f64 = 1e-5;

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
    for _ in 0..MOST_ROUNDS {
        let ceiling = CEILING_SHARE * stance.view.length();
        let contacts = contacts(&stance.view)?;
        let forward = forward(&stance.view, axis)?;
        let correction = correction(&contacts, forward)?;
        foot_from_scan = correction * foot_from_scan;
        stance = pose(scan, foot_from_scan, spacing, ceiling)?;
        if correction.rotation.angle() < SETTLED_RAD {
            break;
        }
    }
    Some(stance)
}

/// A last, finer look at a stance that was found, after lowering the ground to the lowest of what
/// stands on it: the contacts' lowest millimeters are level on average, their lowest points are not.
pub(crate) fn finish(scan: &TriMesh, found: &Stance, spacing: f64) -> Option<Stance> {
    let view = &found.view;
    let whole_width = [0.0, 1.0];
    let lowest = [HEEL_REGION, BALL_REGION]
        .into_iter()
        .flat_map(|region| nodes_within(view, region, whole_width))
        .map(|node| node.height)
        .fold(f64::INFINITY, f64::min);
    let lowered = Translation3::new(0.0, 0.0, -lowest) * found.foot_from_scan;
    pose(scan, lowered, spacing, CEILING_SHARE * view.length())
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
    Some(Stance { foot_from_scan, vertices, view })
}

/// Regions of the three contacts, in shares of the length from the hindmost point. The ball's region
/// is the same on both sides, so that the level does not depend on which foot it is.
const HEEL_REGION: [f64; 2] = [0.0, 0.20];
const BALL_REGION: [f64; 2] = [0.58, 0.79];

/// Share of the section's width that each side of the ball takes; the middle belongs to neither.
const BALL_SIDE_SHARE: f64 = 0.45;

fn contacts(view: &View) -> Option<Contacts> {
    Some(Contacts {
        heel: contact(view, HEEL_REGION, [0.0, 1.0])?,
        medial_ball: contact(view, BALL_REGION, [0.0, BALL_SIDE_SHARE])?,
        lateral_ball: contact(view, BALL_REGION, [1.0 - BALL_SIDE_SHARE, 1.0])?,
    })
}

/// Depth of the cap whose middle is the place of a contact, mm: a heel pad's lowest millimeter is
/// about 20 mm wide, wide enough for a stable middle on noisy skin.
const CAP_MM: f64 = 1.0;

/// Share of the length over which a region fades in at its ends, so that the contact of a flat sole
/// moves smoothly with the region.
const FADE_SHARE: f64 = 0.04;

/// The lowest place in a region given by shares of the length and of each section's width.
///
/// Near the region's ends the surface counts as higher than it is, by up to the depth of the cap.
fn contact(view: &View, length_shares: [f64; 2], width_shares: [f64; 2]) -> Option<Contact> {
    let fade = FADE_SHARE * view.length();
    let nodes = nodes_within(view, length_shares, width_shares);
    let depth_of = |node: &Node| node.height + CAP_MM * (1.0 - (node.inset / fade).min(1.0));
    let lowest = nodes.iter().map(depth_of).fold(f64::INFINITY, f64::min);
    let mut weight = 0.0;
    let mut moment = Vector3::zeros();
    for node in &nodes {
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

/// A node of a look inside a region.
struct Node {
    place: Point2,
    height: f64,
    /// Distance from the region's border, mm.
    inset: f64,
}

fn nodes_within(view: &View, length_shares: [f64; 2], width_shares: [f64; 2]) -> Vec<Node> {
    let field = &view.heights;
    let [near, far] = length_shares.map(|share| view.y_at(share));
    let mut nodes = Vec::new();
    for row in 0..field.rows {
        let y = field.node(0, row).y;
        let Some([low, high]) = view.outline[row].filter(|_| (near..=far).contains(&y)) else {
            continue;
        };
        let [left, right] = width_shares.map(|share| low + share * (high - low));
        for column in 0..field.columns {
            let place = field.node(column, row);
            let height = field.at(column, row);
            let inset = (place.x - left).min(right - place.x).min(y - near).min(far - y);
            if inset >= 0.0 && !height.is_nan() {
                nodes.push(Node { place, height, inset });
            }
        }
    }
    nodes
}

/// Direction from the heel's middle to where the axis crosses the ball.
fn forward(view: &View, axis: Axis) -> Option<geometry::Vector2> {
    let at = |share: f64, across: f64| {
        let y = view.y_at(share);
        let [low, high] = view.extent_at(y)?;
        Some(Point2::new(low + across * (high - low), y))
    };
    let heel = at(HEEL_MIDDLE_SHARE, 0.5)?;
    let ball = at(BALL_SHARE, axis.share_of_ball())?;
    (ball - heel).try_normalize(1e-9)
}

/// The motion that brings the three contacts to the ground, the forward direction to +y, and the
/// heel contact over the origin.
fn correction(contacts: &Contacts, forward: geometry::Vector2) -> Option<FootFromScan> {
    let raised = |contact: &Contact| Point3::new(contact.place.x, contact.place.y, contact.height);
    let heel = raised(&contacts.heel);
    let to_medial = raised(&contacts.medial_ball) - heel;
    let to_lateral = raised(&contacts.lateral_ball) - heel;
    let up = to_lateral.cross(&to_medial).try_normalize(1e-9)?;
    let flat = Vector3::new(forward.x, forward.y, 0.0);
    let along = (flat - up * flat.dot(&up)).try_normalize(1e-9)?;
    let across = along.cross(&up);
    let rows = Matrix3::from_rows(&[across.transpose(), along.transpose(), up.transpose()]);
    let turn = UnitQuaternion::from_rotation_matrix(&Rotation3::from_matrix_unchecked(rows));
    Some(Isometry3::from_parts(Translation3::from(-(turn * heel.coords)), turn))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_correction_levels_the_contacts_and_points_forward() {
        let contact = |x: f64, y: f64, height: f64| Contact { place: Point2::new(x, y), height };
        let contacts = Contacts {
            heel: contact(3.0, 30.0, 2.0),
            medial_ball: contact(-30.0, 190.0, 5.0),
            lateral_ball: contact(35.0, 170.0, -4.0),
        };
        let motion = correction(&contacts, geometry::Vector2::new(0.1, 0.9)).unwrap();
        for contact in [contacts.heel, contacts.medial_ball, contacts.lateral_ball] {
            let moved = motion * Point3::new(contact.place.x, contact.place.y, contact.height);
            assert!(moved.z.abs() < 1e-9, "{moved}");
        }
        assert!((motion * Point3::new(3.0, 30.0, 2.0)).coords.norm() < 1e-9);
        assert!((motion * Point3::new(-30.0, 190.0, 5.0)).x < 0.0, "medial stays medial");
        assert!((motion * Vector3::new(0.1, 0.9, 0.0)).x.abs() < 1e-9);
    }
}
