//! A net over the zero set of an averaged distance to the points' tangent planes.
//!
//! Distance: Σ w (x - p) · (n + m) / 2 over the points p near x with normals n, where m is their
//! averaged normal. With n alone (Shen, O'Brien, Shewchuk 2004, "Interpolating and approximating
//! implicit surfaces from polygon soup", DOI 10.1145/1186562.1015816) a sphere comes out too large by
//! w's spread over twice the radius, with m alone too small by as much; the mean of both is right up
//! to third order. Points that face away from the nearest one are left out, so that the two sides of
//! a thin sheet do not meet.
//!
//! Net: dual surface nets on a sparse grid (Gibson 1998, "Constrained elastic surface nets", DOI
//! 10.1007/BFb0056277): one vertex in each cell that the surface crosses, moved onto the surface.

use nalgebra::Vector3;
use rayon::prelude::*;

use super::tree::Tree;
use crate::raw::Indexed;

/// The averaged distance.
pub(super) struct Field<'a> {
    pub(super) tree: &'a Tree,
    pub(super) normals: &'a [Vector3<f64>],
    /// Usual distance to the sixth-nearest point: the standard deviation of the weights is half of it.
    pub(super) radius: f64,
}

/// The distance at a place.
#[derive(Clone, Copy, Debug)]
struct Value {
    /// Positive outside.
    distance: f64,
    /// Averaged unit normal.
    normal: Vector3<f64>,
    /// How far the middle of all points in reach lies from the place, along the surface.
    off_center: f64,
}

/// How far points count, in radii.
const REACH: f64 = 2.0;

/// Standard deviation of the weights, in radii. At 0.5 a point counts six or so neighbors.
const DEVIATION: f64 = 0.5;

/// Farthest that the middle of the points in reach may lie beside a vertex, in radii. On the straight
/// border of a half-plane of points it lies 4 / 3π of the reach inside, 0.85, so that the surface ends
/// there; among points strewn at random it lies 0.3 aside, and more than this once in 5,000 places.
const MOST_OFF_CENTER: f64 = 0.9;

impl Field<'_> {
    fn at(&self, place: Vector3<f64>, nearest: &mut Vec<(f64, u32)>) -> Option<Value> {
        let from: [f64; 3] = place.into();
        self.tree.nearest(from, 1, REACH * self.radius, nearest);
        let facing = self.normals[nearest.first()?.1 as usize];
        let steepness = 1.0 / (2.0 * (DEVIATION * self.radius).powi(2));
        let (mut weights, mut middle, mut normal) = (0.0, Vector3::zeros(), Vector3::zeros());
        let (mut along_own, mut all, mut count) = (0.0, Vector3::zeros(), 0.0);
        // Weights as if seen from the foot of the place on the nearest point's tangent plane, so that
        // places far off the surface see as many points as those on it.
        let nearest_point = Vector3::from(self.tree.points()[nearest[0].1 as usize]);
        let foot = place - facing.dot(&(place - nearest_point)) * facing;
        self.tree.within(foot.into(), REACH * self.radius, &mut |index, squared| {
            let own = self.normals[index as usize];
            if own.dot(&facing) <= 0.0 {
                return;
            }
            let weight = (-squared * steepness).exp();
            let offset = place - Vector3::from(self.tree.points()[index as usize]);
            weights += weight;
            all += offset;
            count += 1.0;
            middle += weight * offset;
            normal += weight * own;
            along_own += weight * own.dot(&offset);
        });
        if weights <= 0.0 {
            return None;
        }
        let normal = normal.try_normalize(1e-12)?;
        let offset = middle / weights;
        let along_mean = normal.dot(&offset);
        let aside = all / count;
        Some(Value {
            distance: 0.5 * (along_own / weights + along_mean),
            normal,
            off_center: (aside - normal.dot(&aside) * normal).norm(),
        })
    }

    /// Mean and 95th percentile of the points' distance to the surface.
    pub(super) fn distances(&self) -> (f64, f64) {
        let mut all: Vec<f64> = self
            .tree
            .points()
            .par_iter()
            .map_init(Vec::new, |nearest, &point| {
                self.at(Vector3::from(point), nearest).map_or(0.0, |value| value.distance.abs())
            })
            .collect();
        all.sort_by(f64::total_cmp);
        (all.iter().sum::<f64>() / all.len() as f64, all[all.len() * 95 / 100])
    }
}

/// A node or cell of the grid, packed so that it sorts by z, y, x.
type Key = u64;

/// Bits of one coordinate of a key: the grid is up to two million cells wide.
const KEY_BITS: u32 = 21;
const KEY_MASK: u64 = (1 << KEY_BITS) - 1;

fn key([x, y, z]: [u64; 3]) -> Key {
    (z << (2 * KEY_BITS)) | (y << KEY_BITS) | x
}

const fn unpacked(key: Key) -> [u64; 3] {
    [key & KEY_MASK, (key >> KEY_BITS) & KEY_MASK, key >> (2 * KEY_BITS)]
}

/// Key of the neighbor one step along the axis.
const fn step(axis: usize) -> u64 {
    1 << (KEY_BITS * axis as u32)
}

/// The eight corners of a cell, bit by bit along x, y, z.
fn corners(cell: Key) -> [Key; 8] {
    [0, 1, 2, 3, 4, 5, 6, 7].map(|corner: u64| {
        cell + (corner & 1) * step(0) + (corner >> 1 & 1) * step(1) + (corner >> 2) * step(2)
    })
}

/// Draws the surface.
pub(super) fn net(field: &Field<'_>) -> Indexed {
    let low = field
        .tree
        .points()
        .iter()
        .fold([f64::INFINITY; 3], |low, p| [0, 1, 2].map(|axis| low[axis].min(p[axis])));
    let edge = field.radius;
    // Two cells of room below, so that no key runs under zero.
    let origin = Vector3::from(low) - Vector3::repeat(2.0 * edge);
    let cells = cells_near(field.tree.points(), origin, edge);
    let mut nodes: Vec<Key> = cells.par_iter().flat_map_iter(|&cell| corners(cell)).collect();
    nodes.par_sort_unstable();
    nodes.dedup();
    let place = |node: Key| origin + Vector3::from(unpacked(node).map(|c| c as f64)) * edge;
    let distances: Vec<f64> = nodes
        .par_iter()
        .map_init(Vec::new, |nearest, &node| {
            field.at(place(node), nearest).map_or(f64::NAN, |value| value.distance)
        })
        .collect();
    let distance_at = |node: Key| nodes.binary_search(&node).map_or(f64::NAN, |at| distances[at]);
    let crossed: Vec<(Key, [f64; 3])> = cells
        .par_iter()
        .map_init(Vec::new, |nearest, &cell| {
            let start = crossing(cell, &distance_at, &place)?;
            Some((cell, settled(field, start, edge, nearest)?.into()))
        })
        .flatten()
        .collect();
    Indexed {
        triangles: quads(&crossed, &distance_at),
        vertices: crossed.into_iter().map(|(_, vertex)| vertex).collect(),
    }
}

/// The cells that hold a point, and all around them, in order. One whose coordinates do not fit a key
/// is left out: then the cloud is two million spacings wide, and no foot.
fn cells_near(points: &[[f64; 3]], origin: Vector3<f64>, edge: f64) -> Vec<Key> {
    let mut own: Vec<Key> = points
        .iter()
        .filter_map(|point| {
            let cell = ((Vector3::from(*point) - origin) / edge).map(f64::floor);
            let fits = cell.iter().all(|c| (1.0..(KEY_MASK - 1) as f64).contains(c));
            fits.then(|| key([cell.x as u64, cell.y as u64, cell.z as u64]))
        })
        .collect();
    own.par_sort_unstable();
    own.dedup();
    let mut near: Vec<Key> = own
        .par_iter()
        .flat_map_iter(|&cell| {
            (0..27_u64).map(move |around| {
                let corner = cell - step(0) - step(1) - step(2);
                corner + around % 3 * step(0) + around / 3 % 3 * step(1) + around / 9 * step(2)
            })
        })
        .collect();
    near.par_sort_unstable();
    near.dedup();
    near
}

/// The middle of the places where the surface crosses the cell's edges; `None` if it does not, or if
/// a corner is too far from any point.
fn crossing(
    cell: Key,
    distance_at: &impl Fn(Key) -> f64,
    place: &impl Fn(Key) -> Vector3<f64>,
) -> Option<Vector3<f64>> {
    let nodes = corners(cell);
    let distances = nodes.map(distance_at);
    if distances.iter().any(|distance| distance.is_nan()) {
        return None;
    }
    let (mut sum, mut count) = (Vector3::zeros(), 0.0);
    for from in 0..8 {
        for axis in 0..3 {
            let to = from | (1 << axis);
            if to != from && (distances[from] > 0.0) != (distances[to] > 0.0) {
                let share = distances[from] / (distances[from] - distances[to]);
                sum += place(nodes[from]).lerp(&place(nodes[to]), share);
                count += 1.0;
            }
        }
    }
    (count > 0.0).then(|| sum / count)
}

/// Moves a vertex onto the surface; `None` where there are points on one side of it only.
fn settled(
    field: &Field<'_>,
    start: Vector3<f64>,
    edge: f64,
    nearest: &mut Vec<(f64, u32)>,
) -> Option<Vector3<f64>> {
    let mut vertex = start;
    for _ in 0..3 {
        let value = field.at(vertex, nearest)?;
        // A vertex that would leave its cell's surroundings stays.
        vertex -= value.distance.clamp(-edge, edge) * value.normal;
    }
    let value = field.at(vertex, nearest)?;
    (value.off_center <= MOST_OFF_CENTER * field.radius && (vertex - start).norm() < 1.5 * edge)
        .then_some(vertex)
}

/// Two triangles around every edge of the grid that the surface crosses and whose four cells all
/// have a vertex, counter-clockwise seen from outside.
fn quads(crossed: &[(Key, [f64; 3])], distance_at: &(impl Fn(Key) -> f64 + Sync)) -> Vec<[u32; 3]> {
    let vertex_in = |cell: Key| {
        crossed.binary_search_by_key(&cell, |&(cell, _)| cell).ok().map(|index| index as u32)
    };
    crossed
        .par_iter()
        .flat_map_iter(|&(cell, _)| {
            (0..3).filter_map(move |axis| {
                let (u, v) = (step((axis + 1) % 3), step((axis + 2) % 3));
                // The edge at the cell's lowest corner, shared with three cells below.
                let (from, to) = (distance_at(cell), distance_at(cell + step(axis)));
                if (from > 0.0) == (to > 0.0) || from.is_nan() || to.is_nan() {
                    return None;
                }
                let ring = [
                    vertex_in(cell - u - v)?,
                    vertex_in(cell - v)?,
                    vertex_in(cell)?,
                    vertex_in(cell - u)?,
                ];
                let [a, b, c, d] =
                    if from > 0.0 { [ring[3], ring[2], ring[1], ring[0]] } else { ring };
                let at = |index: u32| Vector3::from(crossed[index as usize].1);
                let along_ac = (at(a) - at(c)).norm_squared() <= (at(b) - at(d)).norm_squared();
                Some(if along_ac { [[a, b, c], [a, c, d]] } else { [[b, c, d], [b, d, a]] })
            })
        })
        .flatten_iter()
        .collect()
}
