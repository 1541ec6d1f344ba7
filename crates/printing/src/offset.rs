//! The raw outline of a grown or shrunk area, for clipping to clean up.
//!
//! Every edge is moved outward by the distance; at a corner the moved edges are joined. Clipper2's own
//! offsets join every inward corner by three points, loops that its sweep then has to take out again one
//! by one: on a slice of a scanned surface half of all corners. Here an inward corner whose edges are
//! longer than what it takes from them is mitered, and gives no loop.

use clipper2_rust::core::{Path64, Point64};
use nalgebra::Vector2;

/// Cosine of the turn up to which an inward corner may be mitered: 120°.
const GENTLE_COS: f64 = -0.5;

/// How much longer an edge must be than what both of its mitered ends take away.
const LENGTH_TO_SPARE: f64 = 1.01;

/// Cosine between edges that run straight back, over which no joint is mitered.
const BACK_COS: f64 = -0.99;

type Vector = Vector2<f64>;

/// An edge of the border: where it starts, its outward normal and its length, in grid units.
#[derive(Clone, Copy)]
struct Edge {
    start: Vector,
    normal: Vector,
    length: f64,
}

/// One closed border moved outward by `distance` (inward if negative), in grid units; the area lies on the
/// left of the border. Corners that stick out are mitered up to `miter_limit` distances and cut square
/// beyond. May run over itself. Empty if it has no length.
pub(crate) fn moved(path: &Path64, distance: f64, miter_limit: f64) -> Path64 {
    let edges = edges(path);
    if edges.len() < 2 {
        return Path64::new();
    }
    let mut joined =
        Joined { distance, miter_limit, points: Path64::with_capacity(2 * edges.len()) };
    for (index, after) in edges.iter().enumerate() {
        let before = &edges[(index + edges.len() - 1) % edges.len()];
        joined.join(before, after);
    }
    joined.points
}

fn edges(path: &Path64) -> Vec<Edge> {
    let mut corners: Vec<Vector> = Vec::with_capacity(path.len());
    for point in path {
        let corner = Vector::new(point.x as f64, point.y as f64);
        if corners.last() != Some(&corner) {
            corners.push(corner);
        }
    }
    while corners.len() > 1 && corners.first() == corners.last() {
        corners.pop();
    }
    (0..corners.len())
        .map(|index| {
            let start = corners[index];
            let along = corners[(index + 1) % corners.len()] - start;
            let length = along.norm();
            Edge { start, normal: Vector::new(along.y, -along.x) / length, length }
        })
        .filter(|edge| edge.length > 0.0)
        .collect()
}

struct Joined {
    distance: f64,
    miter_limit: f64,
    points: Path64,
}

impl Joined {
    fn push(&mut self, place: Vector) {
        self.points.push(Point64::new(place.x.round() as i64, place.y.round() as i64));
    }

    fn join(&mut self, before: &Edge, after: &Edge) {
        let corner = after.start;
        let cos = before.normal.dot(&after.normal);
        let sin = before.normal.perp(&after.normal);
        // Moved outward, a corner that turns left opens; moved inward, one that turns right.
        let opens = sin * self.distance >= 0.0;
        if !opens && cos > BACK_COS && !self.is_gentle(before, after, cos) {
            self.push(corner + before.normal * self.distance);
            // The corner itself keeps the loop on the side where clipping takes it out.
            self.push(corner);
            self.push(corner + after.normal * self.distance);
        } else if cos > 2.0 / (self.miter_limit * self.miter_limit) - 1.0 {
            let reach = self.distance / (1.0 + cos);
            self.push(corner + (before.normal + after.normal) * reach);
        } else {
            self.cut_square(corner, before, after);
        }
    }

    /// Whether the corner can be mitered inward without using up its edges.
    fn is_gentle(&self, before: &Edge, after: &Edge, cos: f64) -> bool {
        // Tangent of half the turn.
        let tangent = ((1.0 - cos) / (1.0 + cos)).max(0.0).sqrt();
        let taken = 2.0 * LENGTH_TO_SPARE * tangent * self.distance.abs();
        cos > GENTLE_COS && taken < before.length.min(after.length)
    }

    /// A corner too sharp for a miter: cut across its middle line at the distance.
    fn cut_square(&mut self, corner: Vector, before: &Edge, after: &Edge) {
        let out = self.distance.signum();
        let along = |edge: &Edge| Vector::new(-edge.normal.y, edge.normal.x);
        let middle = (along(before) - along(after)).normalize();
        for (edge, way) in [(before, along(before)), (after, -along(after))] {
            let from = corner + edge.normal * self.distance;
            let left = self.distance.abs() - (from - corner).dot(&middle);
            let slope = way.dot(&middle);
            self.push(if slope > 0.0 && out * left > 0.0 {
                from + way * (left / slope)
            } else {
                from
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(corners: &[[i64; 2]]) -> Path64 {
        corners.iter().map(|&[x, y]| Point64::new(x, y)).collect()
    }

    fn area(path: &Path64) -> f64 {
        clipper2_rust::core::area(path)
    }

    #[test]
    fn a_square_grows_and_shrinks_by_miters() {
        let square = path(&[[0, 0], [1000, 0], [1000, 1000], [0, 1000]]);
        assert!((area(&moved(&square, 100.0, 2.0)) - 1200.0 * 1200.0).abs() < 1.0);
        assert!((area(&moved(&square, -100.0, 2.0)) - 800.0 * 800.0).abs() < 1.0);
        // A hole runs the other way round and gets smaller.
        let hole: Path64 = square.into_iter().rev().collect();
        assert!((area(&moved(&hole, 100.0, 2.0)) + 800.0 * 800.0).abs() < 1.0);
    }

    #[test]
    fn a_gentle_inward_corner_gives_one_point_and_a_short_edge_three() {
        let bent = path(&[[0, 0], [1000, 100], [2000, 0], [2000, 1000], [0, 1000]]);
        assert_eq!(moved(&bent, 50.0, 2.0).len(), 5);
        let notched =
            path(&[[0, 0], [990, 0], [1000, 5], [1010, 0], [2000, 0], [2000, 1000], [0, 1000]]);
        assert!(moved(&notched, 50.0, 2.0).len() > 7);
    }

    #[test]
    fn a_needle_is_cut_square_at_the_distance() {
        let needle = path(&[[0, -20], [1000, 0], [0, 20]]);
        let most = moved(&needle, 100.0, 2.0).iter().map(|point| point.x).max();
        assert_eq!(most, Some(1100));
    }

    #[test]
    fn nothing_comes_of_points() {
        assert!(moved(&path(&[[3, 3], [3, 3]]), 10.0, 2.0).is_empty());
        assert!(moved(&Path64::new(), 10.0, 2.0).is_empty());
    }
}
