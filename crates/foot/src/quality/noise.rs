//! Noise: how far the surface's points lie off smooth patches fitted to their neighbors.

use geometry::{TriMesh, Vector3};
use nalgebra::{Matrix6, Vector6};
use rayon::prelude::*;

use super::surface::{Surface, median};

/// Points that are looked at; the spread is then known to about 2 %.
const MOST_POINTS: usize = 4000;

/// Neighbors that a patch needs: six coefficients and some to spare.
const LEAST_NEIGHBORS: usize = 10;

/// Median absolute deviation of a normal distribution, in its standard deviations.
const MEDIAN_OF_NORMAL: f64 = 0.674_49;

/// The vertices that are looked at.
pub(super) fn points(mesh: &TriMesh) -> impl Iterator<Item = u32> + use<> {
    let stride = mesh.vertices.len().div_ceil(MOST_POINTS).max(1);
    (0..mesh.vertices.len() as u32).step_by(stride)
}

/// Robust standard deviation of the surface's points off patches of second order through their two
/// rings of neighbors, mm. The point itself is not fitted, so that its own error shows in full; the
/// patch's error is taken out.
pub(super) fn noise_mm(mesh: &TriMesh, surface: &Surface) -> Option<f64> {
    let points: Vec<u32> = points(mesh).collect();
    let mut off: Vec<f64> =
        points.into_par_iter().filter_map(|vertex| off_patch(mesh, surface, vertex)).collect();
    median(&mut off).map(|median| median / MEDIAN_OF_NORMAL)
}

/// Distance of a point from the patch through its neighbors, in units in which it has the spread of
/// one point.
fn off_patch(mesh: &TriMesh, surface: &Surface, vertex: u32) -> Option<f64> {
    let here = mesh.vertices[vertex as usize];
    let normal = surface
        .around(vertex)
        .iter()
        .fold(Vector3::zeros(), |sum, &triangle| sum + mesh.scaled_normal(triangle as usize))
        .try_normalize(1e-12)?;
    let neighbors = surface.two_rings(mesh, vertex);
    if neighbors.len() < LEAST_NEIGHBORS {
        return None;
    }
    let side = if normal.x.abs() < 0.8 { Vector3::x() } else { Vector3::y() };
    let across = normal.cross(&side).normalize();
    let along = normal.cross(&across);
    let reach = neighbors
        .iter()
        .map(|&other| (mesh.vertices[other as usize] - here).norm())
        .fold(f64::MIN_POSITIVE, f64::max);
    let mut squares = Matrix6::zeros();
    let mut right = Vector6::zeros();
    for &other in &neighbors {
        let offset = (mesh.vertices[other as usize] - here) / reach;
        let (u, v, height) = (offset.dot(&across), offset.dot(&along), offset.dot(&normal));
        let row = Vector6::new(1.0, u, v, u * u, u * v, v * v);
        squares += row * row.transpose();
        right += row * height;
    }
    let factor = squares.cholesky()?;
    let fit = factor.solve(&right);
    // Variance of the patch at the point, in variances of one neighbor.
    let mut unit = Vector6::zeros();
    unit[0] = 1.0;
    let leverage = factor.solve(&unit)[0];
    Some(reach * fit[0].abs() / (1.0 + leverage).sqrt()).filter(|off| off.is_finite())
}

#[cfg(test)]
mod tests {
    use geometry::Point3;

    use super::*;

    /// A cylinder's upper half of radius 40 with points every 2 mm, roughened.
    fn vault(spread: f64) -> TriMesh {
        let mut state = 5_u64;
        let mut uniform = || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 11) as f64 / (1_u64 << 53) as f64
        };
        let (columns, rows) = (60_u32, 60_u32);
        let mut vertices = Vec::new();
        for row in 0..rows {
            for column in 0..columns {
                // Twelve uniform values make a normal one.
                let noise = (0..12).map(|_| uniform()).sum::<f64>() - 6.0;
                let angle = f64::from(column) * 0.05;
                let radius = 40.0 + spread * noise;
                vertices.push(Point3::new(
                    radius * angle.cos(),
                    2.0 * f64::from(row),
                    radius * angle.sin(),
                ));
            }
        }
        let mut triangles = Vec::new();
        for row in 0..rows - 1 {
            for column in 0..columns - 1 {
                let a = row * columns + column;
                triangles.extend([[a, a + columns, a + 1], [a + 1, a + columns, a + columns + 1]]);
            }
        }
        TriMesh { vertices, triangles }
    }

    #[test]
    fn noise_is_measured_and_curvature_is_not() {
        for spread in [0.0, 0.2, 0.5, 1.0] {
            let mesh = vault(spread);
            let found = noise_mm(&mesh, &Surface::of(&mesh, points(&mesh))).unwrap();
            assert!((found - spread).abs() < 0.02 + 0.1 * spread, "{spread}: {found}");
        }
    }
}
