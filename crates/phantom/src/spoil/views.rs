//! Faults of time: views that do not fit together, and a foot that moves.

use geometry::{Point3, TriMesh, Vector3};
use nalgebra::{Unit, UnitQuaternion};

use super::triangles::{append, drop_unused};
use crate::random::Random;

/// How much better the best camera must see a triangle than another one to be its only one: cosines
/// of the angles between normal and camera. Views overlap as far.
const OVERLAP: f64 = 0.12;

/// Splits the surface into what cameras below and around see, and moves all but the first view.
pub(super) fn misalign(
    mesh: &mut TriMesh,
    count: usize,
    shift_mm: f64,
    turn_deg: f64,
    random: &mut Random,
) {
    let around = (count - 1) as f64;
    let cameras: Vec<Vector3> = std::iter::once(-Vector3::z())
        .chain((1..count).map(|view| {
            let azimuth = std::f64::consts::TAU * view as f64 / around;
            Vector3::new(azimuth.cos(), azimuth.sin(), 0.5).normalize()
        }))
        .collect();
    let (low, high) = mesh.bounds().unwrap_or((Point3::origin(), Point3::origin()));
    let pivot = nalgebra::center(&low, &high);
    let normals: Vec<Vector3> = (0..mesh.triangles.len())
        .map(|index| mesh.scaled_normal(index).try_normalize(0.0).unwrap_or_default())
        .collect();
    let best: Vec<f64> = normals
        .iter()
        .map(|normal| cameras.iter().map(|c| c.dot(normal)).fold(f64::NEG_INFINITY, f64::max))
        .collect();
    let mut all = TriMesh::default();
    for (index, camera) in cameras.iter().enumerate() {
        let seen = mesh
            .triangles
            .iter()
            .zip(normals.iter().zip(&best))
            .filter(|(_, (normal, best))| camera.dot(normal) > *best - OVERLAP)
            .map(|(triangle, _)| *triangle);
        let mut view = TriMesh { vertices: mesh.vertices.clone(), triangles: seen.collect() };
        drop_unused(&mut view);
        let axis = Unit::new_normalize(random.direction());
        let angle = random.between(-turn_deg, turn_deg).to_radians();
        let shift = random.direction() * random.between(0.0, shift_mm);
        if index > 0 {
            let turn = UnitQuaternion::from_axis_angle(&axis, angle);
            view = view.map_vertices(|point| pivot + turn * (point - pivot) + shift);
        }
        append(&mut all, &view);
    }
    *mesh = all;
}

/// Shifts all beyond `y`.
pub(super) fn motion_step(mesh: &mut TriMesh, y: f64, [across, up]: [f64; 2]) {
    for vertex in &mut mesh.vertices {
        if vertex.y > y {
            *vertex += Vector3::new(across, 0.0, up);
        }
    }
}
