//! Angles of heel and forefoot, seen from behind: + everted (lateral border raised), - inverted.

use geometry::{HeightField, Point3};
use nalgebra::{Matrix3, Vector3};
use vocabulary::Angle;

use crate::Foot;

/// Where the heel's contact plane is sought, as shares of the length from the heel seat along y and of
/// the heel's width to each side.
const HEEL_ALONG_SHARE: f64 = 0.08;
const HEEL_ACROSS_SHARE: f64 = 0.36;

/// Nodes so near to the plane are part of it, mm, before noise.
const IN_PLANE_MM: f64 = 0.4;

/// Area of the heel that must lie in one plane for it to be a loaded heel's contact, as a share of the
/// square of the heel's width: 6 cm² of a heel of 70 mm. A round heel has a third of it.
const FLAT_HEEL_SHARE: f64 = 0.12;

/// Rounds of fitting the plane and leaving out what is off it.
const ROUNDS: usize = 12;

/// How the heel stands, and how that was seen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum HeelTilt {
    /// The plane of a flat contact.
    Contact(Angle),
    /// The line that bisects heel and Achilles tendon.
    Bisector(Angle),
}

impl HeelTilt {
    pub(super) const fn angle(self) -> Angle {
        match self {
            Self::Contact(angle) | Self::Bisector(angle) => angle,
        }
    }
}

/// Tilt of the line that bisects heel and Achilles tendon; `None` where the leg is not there.
pub(super) fn rearfoot(foot: &Foot) -> Option<Angle> {
    let [lower, upper] = foot.landmarks.achilles_line?.map(|end| end.position);
    (upper.z > lower.z).then(|| Angle::from_rad((lower.x - upper.x).atan2(upper.z - lower.z)))
}

/// Tilt of the heel, by its contact if that is flat, else by its bisector.
pub(super) fn heel_tilt(foot: &Foot, noise_mm: f64) -> Option<HeelTilt> {
    heel_contact(foot, noise_mm).map(HeelTilt::Contact).or(rearfoot(foot).map(HeelTilt::Bisector))
}

fn heel_contact(foot: &Foot, noise_mm: f64) -> Option<Angle> {
    let along = HEEL_ALONG_SHARE * foot.measurements.length_mm;
    let across = HEEL_ACROSS_SHARE * foot.measurements.heel_width_mm;
    let mut nodes = nodes(&foot.plantar.heights, [[-across, across], [-along, along]]);
    nodes.sort_by(|a, b| a.z.total_cmp(&b.z));
    // A loaded heel's contact covers more than half of this region.
    let mut kept = nodes[..nodes.len() / 2].to_vec();
    let near = IN_PLANE_MM + 2.0 * noise_mm;
    let mut slope = 0.0;
    for _ in 0..ROUNDS {
        let [constant, over_x, over_y] = plane(&kept)?;
        slope = over_x;
        let off = |p: &Point3| (p.z - constant - over_x * p.x - over_y * p.y).abs();
        kept = nodes.iter().copied().filter(|p| off(p) < near).collect();
    }
    let spacing = foot.plantar.heights.spacing;
    let area = kept.len() as f64 * spacing * spacing;
    let width = foot.measurements.heel_width_mm;
    (area > FLAT_HEEL_SHARE * width * width).then(|| Angle::from_rad(slope.atan()))
}

/// Where the ball stands under each head, as shares of the ball's width from the medial head.
const FIRST_HEAD_SHARES: [f64; 2] = [0.05, 0.35];
const FIFTH_HEAD_SHARES: [f64; 2] = [0.65, 0.95];

/// Length around the metatarsal line in which the ball's lowest places lie, as a share of the length.
const BALL_SHARE: f64 = 0.08;

/// Share of a head's lowest nodes whose mean is its level.
const LOWEST_SHARE: f64 = 0.1;

/// Tilt of the forefoot: from under the first to under the fifth metatarsal head.
pub(super) fn forefoot_tilt(foot: &Foot) -> Option<Angle> {
    let [first, fifth] = foot.landmarks.metatarsal_line();
    let reach = BALL_SHARE * foot.measurements.length_mm;
    let at = |share: f64| first + share * (fifth - first);
    let lowest = |shares: [f64; 2]| {
        let middle = at((shares[0] + shares[1]) / 2.0).y;
        let xs = shares.map(|share| at(share).x);
        let mut nodes = nodes(&foot.plantar.heights, [xs, [middle - reach, middle + reach]]);
        nodes.sort_by(|a, b| a.z.total_cmp(&b.z));
        let count = ((nodes.len() as f64 * LOWEST_SHARE) as usize).max(1).min(nodes.len());
        let sum = nodes[..count].iter().fold(Vector3::zeros(), |sum, p| sum + p.coords);
        (count > 0).then(|| sum / count as f64)
    };
    let (medial, lateral) = (lowest(FIRST_HEAD_SHARES)?, lowest(FIFTH_HEAD_SHARES)?);
    let run = lateral.x - medial.x;
    (run > 0.0).then(|| Angle::from_rad((lateral.z - medial.z).atan2(run)))
}

/// Known nodes of the field within ranges of x and y, as points of space.
fn nodes(field: &HeightField, [across, along]: [[f64; 2]; 2]) -> Vec<Point3> {
    let mut found = Vec::new();
    for row in 0..field.rows {
        for column in 0..field.columns {
            let (place, height) = (field.node(column, row), field.at(column, row));
            let inside = (across[0]..=across[1]).contains(&place.x)
                && (along[0]..=along[1]).contains(&place.y);
            if inside && !height.is_nan() {
                found.push(Point3::new(place.x, place.y, height));
            }
        }
    }
    found
}

/// Constant and slopes over x and y of the plane of least squares through points.
pub(crate) fn plane(points: &[Point3]) -> Option<[f64; 3]> {
    let mut normal = Matrix3::zeros();
    let mut right = Vector3::zeros();
    for point in points {
        let row = Vector3::new(1.0, point.x, point.y);
        normal += row * row.transpose();
        right += row * point.z;
    }
    normal.cholesky().map(|factor| factor.solve(&right).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plane_is_found() {
        let points: Vec<Point3> = (0..20)
            .map(|i| Point3::new(f64::from(i % 5), f64::from(i / 5), 0.0))
            .map(|p| Point3::new(p.x, p.y, 3.0 + 0.1 * p.x - 0.2 * p.y))
            .collect();
        let [constant, over_x, over_y] = plane(&points).unwrap();
        assert!((constant - 3.0).abs() < 1e-9);
        assert!((over_x - 0.1).abs() < 1e-9 && (over_y + 0.2).abs() < 1e-9);
        assert!(plane(&points[..2]).is_none());
    }
}
