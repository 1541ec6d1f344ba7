//! Folds and creases of the skin, for scans that are not as smooth as a formula.

use geometry::{TriMesh, Vector3};
use rayon::prelude::*;

use crate::random::Random;
use crate::spoil::vertex_normals;

/// Waves of the relief, and the range of their lengths, mm: creases of a sole are 4 to 12 mm apart.
const WAVES: usize = 24;
const WAVELENGTHS_MM: [f64; 2] = [4.0, 12.0];

/// The same relief on every phantom.
const SEED: u64 = 26;

/// Moves vertices along their normals by up to `height_mm` over and under the smooth skin.
pub(crate) fn add_detail(mesh: &mut TriMesh, height_mm: f64) {
    if height_mm == 0.0 {
        return;
    }
    let mut random = Random::new(SEED);
    let [shortest, longest] = WAVELENGTHS_MM;
    let waves: Vec<(Vector3, f64)> = (0..WAVES)
        .map(|_| {
            let length = random.between(shortest, longest);
            let phase = random.between(0.0, std::f64::consts::TAU);
            (random.direction() * (std::f64::consts::TAU / length), phase)
        })
        .collect();
    let normals = vertex_normals(mesh);
    // The sum of waves has a standard deviation of 1; creases are sharper than crests.
    let scale = (2.0 / WAVES as f64).sqrt();
    mesh.vertices.par_iter_mut().zip(&normals).for_each(|(vertex, normal)| {
        let sum: f64 =
            waves.iter().map(|(wave, phase)| (wave.dot(&vertex.coords) + phase).cos()).sum();
        *vertex += normal * (height_mm * (sum * scale).tanh());
    });
}
