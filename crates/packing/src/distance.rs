//! The distance between two meshes, exactly, where it is under a bound.
//!
//! Two trees of boxes are descended together; pairs of boxes farther apart than the least distance
//! found so far are left out. The distance of two triangles that do not cut each other is between a
//! corner and a face or between two edges (Ericson 2005, "Real-Time Collision Detection", section
//! 5.1); those that cut each other have an edge of one through the other.

use geometry::{Point3, TriMesh, Vector3};

/// Triangles in a leaf.
const LEAF: usize = 8;

#[derive(Clone, Copy, Debug)]
struct Aabb {
    low: [f32; 3],
    high: [f32; 3],
}

impl Aabb {
    const EMPTY: Self = Self { low: [f32::INFINITY; 3], high: [f32::NEG_INFINITY; 3] };

    fn add(&mut self, other: &Self) {
        for axis in 0..3 {
            self.low[axis] = self.low[axis].min(other.low[axis]);
            self.high[axis] = self.high[axis].max(other.high[axis]);
        }
    }

    fn squared_distance(&self, other: &Self) -> f32 {
        (0..3)
            .map(|axis| {
                let gap =
                    (self.low[axis] - other.high[axis]).max(other.low[axis] - self.high[axis]);
                gap.max(0.0).powi(2)
            })
            .sum()
    }

    fn longest(&self) -> f32 {
        (0..3).map(|axis| self.high[axis] - self.low[axis]).fold(0.0, f32::max)
    }
}

/// A box of the tree: a leaf with triangles, or two boxes, the first of which comes right after it.
#[derive(Clone, Copy, Debug)]
struct Node {
    bounds: Aabb,
    /// First triangle of a leaf, or index of the second box.
    start: u32,
    /// Triangles of a leaf; 0 for an inner box.
    count: u32,
}

/// A placed mesh with a tree of boxes.
#[derive(Clone, Debug)]
pub struct Solid {
    triangles: Vec<[Point3; 3]>,
    nodes: Vec<Node>,
}

impl Solid {
    /// Places a mesh and sorts its triangles into boxes.
    #[must_use]
    pub fn new(mesh: &TriMesh, place: impl Fn(Point3) -> Point3) -> Self {
        let vertices: Vec<Point3> = mesh.vertices.iter().map(|&point| place(point)).collect();
        let triangles: Vec<[Point3; 3]> = mesh
            .triangles
            .iter()
            .map(|corners| corners.map(|corner| vertices[corner as usize]))
            .collect();
        let boxes: Vec<Aabb> = triangles.iter().map(bounds_of).collect();
        let mut order: Vec<u32> = (0..triangles.len() as u32).collect();
        let mut nodes = Vec::new();
        if !triangles.is_empty() {
            build(&boxes, &mut order, 0, &mut nodes);
        }
        let triangles = order.into_iter().map(|index| triangles[index as usize]).collect();
        Self { triangles, nodes }
    }

    /// Distance of the boxes around both, mm.
    #[must_use]
    pub fn box_distance(&self, other: &Self) -> f64 {
        match (self.nodes.first(), other.nodes.first()) {
            (Some(a), Some(b)) => f64::from(a.bounds.squared_distance(&b.bounds).sqrt()),
            _ => f64::INFINITY,
        }
    }
}

/// The box of a triangle, rounded outward.
fn bounds_of(triangle: &[Point3; 3]) -> Aabb {
    let [a, b, c] = triangle;
    let (low, high) = (a.inf(b).inf(c), a.sup(b).sup(c));
    Aabb {
        low: [0, 1, 2].map(|axis| (low[axis] as f32).next_down()),
        high: [0, 1, 2].map(|axis| (high[axis] as f32).next_up()),
    }
}

/// Splits at the middle of the longest side of the centers; equal halves keep the tree shallow.
fn build(boxes: &[Aabb], order: &mut [u32], start: u32, nodes: &mut Vec<Node>) {
    let mut bounds = Aabb::EMPTY;
    for &index in order.iter() {
        bounds.add(&boxes[index as usize]);
    }
    let at = nodes.len();
    nodes.push(Node { bounds, start, count: order.len() as u32 });
    if order.len() <= LEAF {
        return;
    }
    let sides = [0, 1, 2].map(|axis| bounds.high[axis] - bounds.low[axis]);
    let axis = if sides[0] >= sides[1] && sides[0] >= sides[2] {
        0
    } else if sides[1] >= sides[2] {
        1
    } else {
        2
    };
    let middle = order.len() / 2;
    let center = |index: u32| boxes[index as usize].low[axis] + boxes[index as usize].high[axis];
    order.select_nth_unstable_by(middle, |&a, &b| center(a).total_cmp(&center(b)).then(a.cmp(&b)));
    let (first, second) = order.split_at_mut(middle);
    build(boxes, first, start, nodes);
    nodes[at].start = nodes.len() as u32;
    nodes[at].count = 0;
    build(boxes, second, start + middle as u32, nodes);
}

/// The distance of two placed meshes, mm, where it is under `bound`; 0 where they cut each other.
///
/// A mesh that lies wholly inside the other is not noticed.
#[must_use]
pub fn distance_below(first: &Solid, second: &Solid, bound: f64) -> Option<f64> {
    if first.nodes.is_empty() || second.nodes.is_empty() {
        return None;
    }
    let mut least = bound * bound;
    let mut is_found = false;
    let mut waiting = vec![(0_u32, 0_u32)];
    while let Some((a, b)) = waiting.pop() {
        let (of_first, of_second) = (&first.nodes[a as usize], &second.nodes[b as usize]);
        if f64::from(of_first.bounds.squared_distance(&of_second.bounds)) >= least {
            continue;
        }
        match (of_first.count > 0, of_second.count > 0) {
            (true, true) => {
                for p in triangles_of(first, of_first) {
                    for q in triangles_of(second, of_second) {
                        let near = squared_distance(p, q, least);
                        if near < least {
                            least = near;
                            is_found = true;
                        }
                    }
                }
            }
            (is_leaf, is_other_leaf) => {
                let splits_first = !is_leaf
                    && (is_other_leaf || of_first.bounds.longest() >= of_second.bounds.longest());
                if splits_first {
                    waiting.extend([(of_first.start, b), (a + 1, b)]);
                } else {
                    waiting.extend([(a, of_second.start), (a, b + 1)]);
                }
            }
        }
    }
    is_found.then(|| least.sqrt())
}

fn triangles_of<'a>(solid: &'a Solid, leaf: &Node) -> &'a [[Point3; 3]] {
    &solid.triangles[leaf.start as usize..(leaf.start + leaf.count) as usize]
}

/// Squared distance of two triangles; anything at or over `bound` where it is not under it.
fn squared_distance(p: &[Point3; 3], q: &[Point3; 3], bound: f64) -> f64 {
    if f64::from(bounds_of(p).squared_distance(&bounds_of(q))) >= bound {
        return bound;
    }
    let mut least = f64::INFINITY;
    for corner in p {
        least = least.min(corner_to_face(corner, q));
    }
    for corner in q {
        least = least.min(corner_to_face(corner, p));
    }
    for i in 0..3 {
        let of_p = (p[i], p[(i + 1) % 3]);
        for j in 0..3 {
            least = least.min(edge_to_edge(of_p, (q[j], q[(j + 1) % 3])));
        }
        if cuts(of_p, q) || cuts((q[i], q[(i + 1) % 3]), p) {
            return 0.0;
        }
    }
    least
}

/// Squared distance of a point from a triangle (Ericson, section 5.1.5).
fn corner_to_face(point: &Point3, [a, b, c]: &[Point3; 3]) -> f64 {
    let (ab, ac, ap) = (b - a, c - a, point - a);
    let (d1, d2) = (ab.dot(&ap), ac.dot(&ap));
    if d1 <= 0.0 && d2 <= 0.0 {
        return ap.norm_squared();
    }
    let bp = point - b;
    let (d3, d4) = (ab.dot(&bp), ac.dot(&bp));
    if d3 >= 0.0 && d4 <= d3 {
        return bp.norm_squared();
    }
    let vc = d1 * d4 - d3 * d2;
    if vc <= 0.0 && d1 >= 0.0 && d3 <= 0.0 {
        let t = d1 / (d1 - d3).max(f64::MIN_POSITIVE);
        return (ap - ab * t).norm_squared();
    }
    let cp = point - c;
    let (d5, d6) = (ab.dot(&cp), ac.dot(&cp));
    if d6 >= 0.0 && d5 <= d6 {
        return cp.norm_squared();
    }
    let vb = d5 * d2 - d1 * d6;
    if vb <= 0.0 && d2 >= 0.0 && d6 <= 0.0 {
        let t = d2 / (d2 - d6).max(f64::MIN_POSITIVE);
        return (ap - ac * t).norm_squared();
    }
    let va = d3 * d6 - d5 * d4;
    if va <= 0.0 && d4 >= d3 && d5 >= d6 {
        let t = (d4 - d3) / ((d4 - d3) + (d5 - d6)).max(f64::MIN_POSITIVE);
        return (bp - (c - b) * t).norm_squared();
    }
    let sum = va + vb + vc;
    if sum.abs() <= f64::MIN_POSITIVE {
        return ap.norm_squared().min(bp.norm_squared()).min(cp.norm_squared());
    }
    (ap - ab * (vb / sum) - ac * (vc / sum)).norm_squared()
}

/// Squared distance of two segments (Ericson, section 5.1.9).
fn edge_to_edge((p1, q1): (Point3, Point3), (p2, q2): (Point3, Point3)) -> f64 {
    let (d1, d2, r): (Vector3, Vector3, Vector3) = (q1 - p1, q2 - p2, p1 - p2);
    let (a, e, f) = (d1.norm_squared(), d2.norm_squared(), d2.dot(&r));
    if a <= 0.0 || e <= 0.0 {
        // A point: the corners' distances cover it.
        return f64::INFINITY;
    }
    let (b, c) = (d1.dot(&d2), d1.dot(&r));
    let denominator = a * e - b * b;
    let mut s =
        if denominator > 0.0 { ((b * f - c * e) / denominator).clamp(0.0, 1.0) } else { 0.0 };
    let mut t = (b * s + f) / e;
    if t < 0.0 {
        t = 0.0;
        s = (-c / a).clamp(0.0, 1.0);
    } else if t > 1.0 {
        t = 1.0;
        s = ((b - c) / a).clamp(0.0, 1.0);
    }
    (r + d1 * s - d2 * t).norm_squared()
}

/// Whether a segment runs through a triangle.
fn cuts((p, q): (Point3, Point3), [a, b, c]: &[Point3; 3]) -> bool {
    let normal = (b - a).cross(&(c - a));
    let (from, to) = (normal.dot(&(p - a)), normal.dot(&(q - a)));
    if (from > 0.0) == (to > 0.0) {
        return false;
    }
    let t = from / (from - to);
    let at = p + (q - p) * t;
    let side = |u: &Point3, v: &Point3| normal.dot(&(v - u).cross(&(at - u)));
    side(a, b) >= 0.0 && side(b, c) >= 0.0 && side(c, a) >= 0.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cuboid(low: [f64; 3], high: [f64; 3]) -> Solid {
        Solid::new(&TriMesh::cuboid(Point3::from(low), Point3::from(high)), |point| point)
    }

    #[test]
    fn boxes_are_as_far_apart_as_their_nearest_features() {
        let base = cuboid([0.0; 3], [10.0, 10.0, 10.0]);
        for (low, high, distance) in [
            // Face to face, edge to edge, corner to corner.
            ([13.0, 2.0, 2.0], [20.0, 8.0, 8.0], 3.0),
            ([13.0, 14.0, 0.0], [20.0, 20.0, 9.0], 5.0),
            ([12.0, 13.0, 16.0], [20.0, 20.0, 20.0], 7.0),
            // Crossing.
            ([5.0, 5.0, 5.0], [15.0, 8.0, 8.0], 0.0),
        ] {
            let found = distance_below(&base, &cuboid(low, high), 100.0).unwrap();
            assert!((found - distance).abs() < 1e-9, "{low:?}: {found}");
        }
        assert_eq!(distance_below(&base, &cuboid([13.0, 0.0, 0.0], [20.0, 1.0, 1.0]), 2.9), None);
    }

    #[test]
    fn crossed_edges_are_nearest_between_their_insides() {
        let ridge = |turn: bool| {
            let [a, b, top] = if turn {
                [[5.0, -5.0, 2.0], [5.0, 15.0, 2.0], [5.0, 5.0, 12.0]]
            } else {
                [[-5.0, 5.0, 0.0], [15.0, 5.0, 0.0], [5.0, 5.0, -10.0]]
            };
            let vertices = [a, b, top].map(Point3::from).to_vec();
            Solid::new(&TriMesh { vertices, triangles: vec![[0, 1, 2]] }, |point| point)
        };
        let found = distance_below(&ridge(false), &ridge(true), 10.0).unwrap();
        assert!((found - 2.0).abs() < 1e-12, "{found}");
    }
}
