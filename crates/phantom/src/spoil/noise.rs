//! Vertices that are not where the skin is.

use geometry::{TriMesh, Vector3};
use rayon::prelude::*;

use super::triangles::vertex_normals;
use crate::random::Random;

pub(super) fn independent(mesh: &mut TriMesh, sigma_mm: f64, random: &mut Random) {
    for vertex in &mut mesh.vertices {
        *vertex += random.gaussian_vector() * sigma_mm;
    }
}

/// Waves that make up correlated noise: enough for their sum to be about normally distributed.
const WAVES: usize = 64;

/// A sum of waves with normally distributed wave vectors and any phase has a correlation that falls
/// off as a bell over `over_mm` (Rahimi and Recht 2007, "Random features for large-scale kernel
/// machines").
pub(super) fn correlated(mesh: &mut TriMesh, sigma_mm: f64, over_mm: f64, random: &mut Random) {
    let waves: Vec<(Vector3, f64)> = (0..WAVES)
        .map(|_| {
            let phase = random.between(0.0, std::f64::consts::TAU);
            (random.gaussian_vector() / over_mm, phase)
        })
        .collect();
    let amplitude = sigma_mm * (2.0 / WAVES as f64).sqrt();
    let normals = vertex_normals(mesh);
    mesh.vertices.par_iter_mut().zip(&normals).for_each(|(vertex, normal)| {
        let sum: f64 =
            waves.iter().map(|(wave, phase)| (wave.dot(&vertex.coords) + phase).cos()).sum();
        *vertex += normal * (amplitude * sum);
    });
}

pub(super) fn spikes(mesh: &mut TriMesh, share: f64, height_mm: f64, random: &mut Random) {
    for vertex in &mut mesh.vertices {
        if random.unit() < share {
            *vertex += random.direction() * random.between(0.0, height_mm);
        }
    }
}
