//! Normals of a point cloud, all on one side of the surface.
//!
//! Directions: the least axis of each point's neighbors (Hoppe et al. 1992, "Surface Reconstruction from
//! Unorganized Points", SIGGRAPH, section 3.2, DOI 10.1145/133994.134011). Sides: carried from point to
//! point along the graph of neighbors, the surest step first (section 3.3). Unlike there, a step is
//! sure if it also runs along the surface, and a normal is carried as if mirrored in the plane
//! between the two points, so that toes that nearly touch do not hand their side across the gap. At
//! last each connected part is turned so that it encloses a positive volume.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use nalgebra::{Matrix3, Vector3};
use rayon::prelude::*;

use super::tree::Tree;

/// Neighbors that a normal is fitted to, the point itself among them.
const FITTED_NEIGHBORS: usize = 16;

/// Neighbors to which a side is carried.
const CARRIED_NEIGHBORS: usize = 10;

/// Unit normals of the tree's points. `given`, if not empty, are outward directions from the file,
/// whose side is kept. `reach` is the farthest that a neighbor may be.
pub(super) fn normals(tree: &Tree, given: &[[f32; 3]], reach: f64) -> Vec<Vector3<f64>> {
    let mut normals = directions(tree, reach);
    if given.is_empty() {
        carry_sides(tree, &mut normals, reach);
    } else {
        for (normal, given) in normals.iter_mut().zip(given) {
            if normal.dot(&Vector3::from(given.map(f64::from))) < 0.0 {
                *normal = -*normal;
            }
        }
    }
    normals
}

fn directions(tree: &Tree, reach: f64) -> Vec<Vector3<f64>> {
    tree.points()
        .par_iter()
        .map_init(Vec::new, |found, &place| {
            tree.nearest(place, FITTED_NEIGHBORS, reach, found);
            let count = found.len() as f64;
            let offset =
                |index: u32| Vector3::from(tree.points()[index as usize]) - Vector3::from(place);
            let mean = found.iter().map(|&(_, index)| offset(index)).sum::<Vector3<f64>>() / count;
            let mut spread = Matrix3::zeros();
            for &(_, index) in found.iter() {
                let from_mean = offset(index) - mean;
                spread += from_mean * from_mean.transpose();
            }
            let eigen = spread.symmetric_eigen();
            eigen.eigenvectors.column(eigen.eigenvalues.imin()).normalize()
        })
        .collect()
}

/// A step that carries a side, surest first.
struct Step {
    doubt: f64,
    from: u32,
    to: u32,
}

impl Ord for Step {
    fn cmp(&self, other: &Self) -> Ordering {
        // The heap gives its largest first.
        other
            .doubt
            .total_cmp(&self.doubt)
            .then_with(|| (other.to, other.from).cmp(&(self.to, self.from)))
    }
}

impl PartialOrd for Step {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Step {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Step {}

fn carry_sides(tree: &Tree, normals: &mut [Vector3<f64>], reach: f64) {
    let points = tree.points();
    let neighbors: Vec<Vec<u32>> = points
        .par_iter()
        .map_init(Vec::new, |found, &place| {
            tree.nearest(place, CARRIED_NEIGHBORS, reach, found);
            found.iter().map(|&(_, index)| index).collect()
        })
        .collect();
    let between = |from: u32, to: u32| {
        let step = Vector3::from(points[to as usize]) - Vector3::from(points[from as usize]);
        step.try_normalize(0.0).unwrap_or_else(Vector3::zeros)
    };
    let mut reached = vec![false; points.len()];
    let mut steps = BinaryHeap::new();
    for seed in 0..points.len() as u32 {
        if reached[seed as usize] {
            continue;
        }
        let mut part = Vec::new();
        steps.push(Step { doubt: 0.0, from: seed, to: seed });
        while let Some(Step { from, to, .. }) = steps.pop() {
            if std::mem::replace(&mut reached[to as usize], true) {
                continue;
            }
            part.push(to);
            let (along, here) = (between(from, to), normals[from as usize]);
            let carried = here - 2.0 * here.dot(&along) * along;
            if carried.dot(&normals[to as usize]) < 0.0 {
                normals[to as usize] = -normals[to as usize];
            }
            let here = normals[to as usize];
            for &next in &neighbors[to as usize] {
                if !reached[next as usize] {
                    let (along, there) = (between(to, next), normals[next as usize]);
                    let doubt = 1.0 - here.dot(&there).abs()
                        + along.dot(&here).abs()
                        + along.dot(&there).abs();
                    steps.push(Step { doubt, from: to, to: next });
                }
            }
        }
        turn_outward(points, &part, normals);
    }
}

/// Turns the part so that normals point away from its middle on the whole.
fn turn_outward(points: &[[f64; 3]], part: &[u32], normals: &mut [Vector3<f64>]) {
    let at = |index: &u32| Vector3::from(points[*index as usize]);
    let middle = part.iter().map(at).sum::<Vector3<f64>>() / part.len() as f64;
    let outward: f64 =
        part.iter().map(|index| (at(index) - middle).dot(&normals[*index as usize])).sum();
    if outward < 0.0 {
        for index in part {
            normals[*index as usize] = -normals[*index as usize];
        }
    }
}
