//! Girths and the contact print of the implicit foot. Each is asked for when needed: they take longer
//! than the foot.

use geometry::{Point2, Point3, Vector3};
use rayon::prelude::*;

use crate::search::first_hit;
use crate::shape::FootShape;

/// Directions in which a section is sampled: its hull is then right to 0.01 mm.
const DIRECTIONS: usize = 1440;

/// Length of the tape around an upright section: perimeter of its convex hull, mm. The section goes
/// through `middle`, which must be inside the foot, along the horizontal unit vector `across`.
pub(crate) fn girth(shape: &FootShape, middle: Point3, across: Vector3) -> f64 {
    let reach = 3.0 * shape.leg_height.max(100.0);
    let border: Vec<Point2> = (0..DIRECTIONS)
        .into_par_iter()
        .map(|index| {
            let (sin, cos) = (std::f64::consts::TAU * index as f64 / DIRECTIONS as f64).sin_cos();
            let outward = across * cos + Vector3::z() * sin;
            // From inside: the negated field is positive until the skin.
            let distance =
                first_hit(|at| -shape.value(at), middle, outward, reach).unwrap_or(reach);
            Point2::new(distance * cos, distance * sin)
        })
        .collect();
    perimeter(&hull(border))
}

/// The convex hull, counter-clockwise (A. M. Andrew, Information Processing Letters 9:216, 1979,
/// doi:10.1016/0020-0190(79)90072-3).
fn hull(mut points: Vec<Point2>) -> Vec<Point2> {
    points.sort_by(|a, b| a.x.total_cmp(&b.x).then(a.y.total_cmp(&b.y)));
    let chain = |points: &mut dyn Iterator<Item = Point2>| {
        let mut chain: Vec<Point2> = Vec::new();
        for point in points {
            while let [.., a, b] = chain[..] {
                let (first, second) = (b - a, point - b);
                if first.x * second.y - first.y * second.x > 0.0 {
                    break;
                }
                chain.pop();
            }
            chain.push(point);
        }
        chain.pop();
        chain
    };
    let mut hull = chain(&mut points.iter().copied());
    hull.extend(chain(&mut points.iter().rev().copied()));
    hull
}

fn perimeter(polygon: &[Point2]) -> f64 {
    let next = polygon.iter().cycle().skip(1);
    polygon.iter().zip(next).map(|(a, b)| (b - a).norm()).sum()
}

/// Distance between the places at which the print is taken, mm.
const PRINT_SPACING_MM: f64 = 1.0;

/// Arch index: share of the middle third in the area of the contact print without toes, for the print
/// of all places lower than `band` mm and behind the line `front`(x).
///
/// P. R. Cavanagh, M. M. Rodgers, "The arch index: a useful measure from footprints", Journal of
/// Biomechanics 20:547, 1987, doi:10.1016/0021-9290(87)90255-7.
pub(crate) fn arch_index(shape: &FootShape, band: f64, front: impl Fn(f64) -> f64 + Sync) -> f64 {
    let (low, high) = shape.bounds();
    let count = |low: f64, high: f64| ((high - low) / PRINT_SPACING_MM).ceil() as usize;
    let (columns, rows) = (count(low.x, high.x), count(low.y, high.y));
    let at = |column: usize, row: usize| {
        let step = |index: usize| (index as f64 + 0.5) * PRINT_SPACING_MM;
        Point2::new(low.x + step(column), low.y + step(row))
    };
    // Contact nodes of each row.
    let contact: Vec<usize> = (0..rows)
        .into_par_iter()
        .map(|row| {
            (0..columns)
                .map(|column| at(column, row))
                .filter(|place| place.y < front(place.x))
                .filter(|place| shape.is_below(*place, band))
                .count()
        })
        .collect();
    let first = contact.iter().position(|count| *count > 0).unwrap_or(0);
    let last = contact.iter().rposition(|count| *count > 0).unwrap_or(0);
    let third = (last + 1 - first) as f64 / 3.0;
    let total: usize = contact.iter().sum();
    let middle: f64 = contact[first..=last]
        .iter()
        .enumerate()
        .map(|(row, count)| {
            // A border may cut a row.
            let (from, to) = (row as f64, row as f64 + 1.0);
            let share = (to.min(2.0 * third) - from.max(third)).clamp(0.0, 1.0);
            share * *count as f64
        })
        .sum();
    middle / (total as f64).max(1.0)
}
