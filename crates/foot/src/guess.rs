//! Guesses which way a scan stands, whatever its axes: directions in which it may rest on the ground.
//!
//! For every direction the surface that faces it and lies near the extreme plane is summed up: the
//! sole is large and flat, and so may be a lid over the ankle or, in scans with much leg, the calf.
//! The best few directions are handed on as guesses; which of them is the sole is decided by the
//! foot's proportions, not here.

use geometry::{Point3, TriMesh, Vector3};
use nalgebra::{Isometry3, Matrix3, Rotation3, SymmetricEigen, UnitQuaternion};
use rayon::prelude::*;

use crate::pose::FootFromScan;

/// A way in which the scan may stand.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Guess {
    /// Puts "down" to -z and "forward" to +y; the origin is the scan's middle.
    pub(crate) foot_from_scan: FootFromScan,
    /// Area that rests, mm², weighted by how flat and how near to the ground it is.
    pub(crate) resting_area: f64,
    /// How clearly the end at +y is the toes: the share of the length by which the widest place lies
    /// before, plus twice the share by which the highest parts lie behind the middle.
    pub(crate) toe_evidence: f64,
}

/// A bit of surface: everything within one cell of a grid.
#[derive(Clone, Copy, Debug)]
struct Sample {
    place: Vector3,
    /// Area times unit normal, mm².
    face: Vector3,
    area: f64,
}

/// Cells of the sampling grid along the scan's longest extent.
const CELLS: f64 = 40.0;

/// Directions per half edge of the direction cube: neighbors are 6° to 9° apart.
const CUBE_STEPS: i32 = 6;

/// Depth of the resting zone as a share of the longest extent (20 mm of 280).
const RESTING_DEPTH_SHARE: f64 = 0.07;

/// Guesses nearer to each other than this are one guess.
const SEPARATION_COS: f64 = 0.9; // 26°

/// Most guesses that are tried.
const MOST_GUESSES: usize = 8;

/// A guess must rest on this share of the best one's area.
const LEAST_RESTING_SHARE: f64 = 0.2;

/// The scan's middle, principal axes (rows, longest first) and longest extent along them.
struct Principal {
    middle: Point3,
    axes: Matrix3<f64>,
    half_extents: Vector3,
}

/// Longest extent of the scan along its principal axes, mm, and the guesses, most rest first.
pub(crate) fn guesses(scan: &TriMesh) -> (f64, Vec<Guess>) {
    let principal = principal(scan);
    let extent = 2.0 * principal.half_extents.max();
    let samples = samples(scan, &principal, extent / CELLS);
    let depth = RESTING_DEPTH_SHARE * extent;
    let mut downs: Vec<(f64, Vector3)> = cube_directions()
        .into_par_iter()
        .map(|down| (resting(&samples, down, depth), down))
        .collect();
    downs.sort_by(|a, b| b.0.total_cmp(&a.0));
    let mut chosen: Vec<(f64, Vector3)> = Vec::new();
    for (area, down) in downs {
        let new = chosen.iter().all(|(_, other)| other.dot(&down) < SEPARATION_COS);
        let enough =
            area > 0.0 && chosen.first().is_none_or(|best| area > LEAST_RESTING_SHARE * best.0);
        if new && enough && chosen.len() < MOST_GUESSES {
            chosen.push((area, down));
        }
    }
    let guesses = chosen
        .into_par_iter()
        .map(|(_, down)| {
            let (resting_area, down) = refine(&samples, down, depth);
            face_forward(&samples, &principal, down, resting_area)
        })
        .collect();
    (extent, guesses)
}

/// Principal axes of the surface: exact second moments over the triangles, so that they do not
/// depend on how the surface is cut into triangles.
fn principal(scan: &TriMesh) -> Principal {
    let mut area_sum = 0.0;
    let mut first = Vector3::zeros();
    let mut second = Matrix3::zeros();
    let reference = scan.vertices.first().map_or_else(Vector3::zeros, |vertex| vertex.coords);
    for corners in scan.corner_points() {
        let [a, b, c] = corners.map(|corner| corner.coords - reference);
        let area = (b - a).cross(&(c - a)).norm() / 2.0;
        let sum = a + b + c;
        area_sum += area;
        first += sum * (area / 3.0);
        let squares = a * a.transpose() + b * b.transpose() + c * c.transpose();
        second += (squares + sum * sum.transpose()) * (area / 12.0);
    }
    let mean = first / area_sum.max(f64::MIN_POSITIVE);
    let covariance = second / area_sum.max(f64::MIN_POSITIVE) - mean * mean.transpose();
    let eigen = SymmetricEigen::new(covariance);
    let mut order = [0, 1, 2];
    order.sort_by(|&a, &b| eigen.eigenvalues[b].total_cmp(&eigen.eigenvalues[a]));
    let axes = Matrix3::from_rows(&order.map(|index| eigen.eigenvectors.column(index).transpose()));
    let middle = Point3::from(mean + reference);
    let half_extents = scan
        .vertices
        .iter()
        .map(|vertex| (axes * (vertex - middle)).abs())
        .fold(Vector3::zeros(), |most, here| most.sup(&here));
    Principal { middle, axes, half_extents }
}

/// The surface summed up in cells of a grid along the principal axes, in principal coordinates.
fn samples(scan: &TriMesh, principal: &Principal, cell: f64) -> Vec<Sample> {
    let cells = principal.half_extents.map(|half| (2.0 * half / cell) as usize + 1);
    let mut grid = vec![(Vector3::zeros(), Vector3::zeros(), 0.0); cells.x * cells.y * cells.z];
    for [a, b, c] in scan.corner_points() {
        let face = principal.axes * ((b - a).cross(&(c - a)) / 2.0);
        let area = face.norm();
        let center =
            principal.axes * ((a.coords + b.coords + c.coords) / 3.0 - principal.middle.coords);
        let index = |axis: usize| {
            let place = (center[axis] + principal.half_extents[axis]) / cell;
            (place.max(0.0) as usize).min(cells[axis] - 1)
        };
        let entry = &mut grid[(index(2) * cells.y + index(1)) * cells.x + index(0)];
        entry.0 += center * area;
        entry.1 += face;
        entry.2 += area;
    }
    grid.into_iter()
        .filter(|(_, _, area)| *area > 0.0)
        .map(|(moment, face, area)| Sample { place: moment / area, face, area })
        .collect()
}

/// Unit directions through a grid on the faces of a cube: the set is its own mirror image in every
/// coordinate plane, so that mirrored scans get mirrored guesses.
fn cube_directions() -> Vec<Vector3> {
    let range = -CUBE_STEPS..=CUBE_STEPS;
    let mut directions = Vec::new();
    for i in range.clone() {
        for j in range.clone() {
            for k in range.clone() {
                if i.abs().max(j.abs()).max(k.abs()) == CUBE_STEPS {
                    directions
                        .push(Vector3::new(f64::from(i), f64::from(j), f64::from(k)).normalize());
                }
            }
        }
    }
    directions
}

/// Area that would rest on a ground whose downward normal is `down`, mm².
fn resting(samples: &[Sample], down: Vector3, depth: f64) -> f64 {
    let lowest = samples.iter().map(|s| s.place.dot(&down)).fold(f64::NEG_INFINITY, f64::max);
    samples
        .iter()
        .map(|sample| {
            let facing = sample.face.dot(&down);
            let near = 1.0 - (lowest - sample.place.dot(&down)) / depth;
            if facing > 0.0 && near > 0.0 {
                facing * facing / sample.area * near * near
            } else {
                0.0
            }
        })
        .sum()
}

/// Climbs to the direction of most rest near `down`, by ever smaller steps to four sides.
fn refine(samples: &[Sample], down: Vector3, depth: f64) -> (f64, Vector3) {
    let mut best = (resting(samples, down, depth), down);
    let mut step = 0.08; // radians, about half a step of the direction cube
    while step > 0.005 {
        let (across, along) = perpendiculars(best.1);
        let moved = [across, -across, along, -along].map(|side| {
            let direction = (best.1 + side * step).normalize();
            (resting(samples, direction, depth), direction)
        });
        match moved.into_iter().max_by(|a, b| a.0.total_cmp(&b.0)) {
            Some(better) if better.0 > best.0 => best = better,
            _ => step /= 2.0,
        }
    }
    best
}

fn perpendiculars(direction: Vector3) -> (Vector3, Vector3) {
    let least = direction.iamin();
    let mut helper = Vector3::zeros();
    helper[least] = 1.0;
    let across = direction.cross(&helper).normalize();
    (across, direction.cross(&across))
}

/// Share of the longest extent up to which surface counts as lying low.
const LOW_SHARE: f64 = 0.16;

/// Chooses the foot's long axis in the ground plane, and which of its ends is the toes.
fn face_forward(
    samples: &[Sample],
    principal: &Principal,
    down: Vector3,
    resting_area: f64,
) -> Guess {
    let extent = 2.0 * principal.half_extents.max();
    let height = |sample: &Sample| -sample.place.dot(&down);
    let floor = samples.iter().map(height).fold(f64::INFINITY, f64::min);
    let top = samples.iter().map(height).fold(f64::NEG_INFINITY, f64::max);
    let low: Vec<Sample> =
        samples.iter().copied().filter(|s| height(s) - floor < LOW_SHARE * extent).collect();
    let (across, along) = perpendiculars(down);
    let long = long_axis(&low, across, along);
    let wide = down.cross(&long);

    let position = |sample: &Sample| sample.place.dot(&long);
    let back = low.iter().map(position).fold(f64::INFINITY, f64::min);
    let front = low.iter().map(position).fold(f64::NEG_INFINITY, f64::max);
    let length = (front - back).max(f64::MIN_POSITIVE);
    let middle = (front + back) / 2.0;
    let high_place = weighted_mean(
        samples
            .iter()
            .filter(|s| height(s) > floor + 0.7 * (top - floor))
            .map(|s| (position(s), s.area)),
    );
    let widest = widest_place(&low, &long, &wide, back, length);
    let evidence = (widest - middle) / length - 2.0 * (high_place - middle) / length;
    let forward = if evidence >= 0.0 { long } else { -long };

    // Back to the scan's axes first: the principal axes may be left-handed.
    let [forward, up] = [forward, -down].map(|axis| principal.axes.transpose() * axis);
    let rows = [forward.cross(&up), forward, up].map(|axis| axis.transpose());
    let turn = UnitQuaternion::from_rotation_matrix(&Rotation3::from_matrix_unchecked(
        Matrix3::from_rows(&rows),
    ));
    let center =
        Isometry3::translation(-principal.middle.x, -principal.middle.y, -principal.middle.z);
    Guess { foot_from_scan: turn * center, resting_area, toe_evidence: evidence.abs() }
}

fn weighted_mean(values: impl Iterator<Item = (f64, f64)>) -> f64 {
    let (sum, weight) = values.fold((0.0, 0.0), |(sum, weight), (v, w)| (sum + v * w, weight + w));
    if weight > 0.0 { sum / weight } else { 0.0 }
}

/// The direction of largest spread in the plane of two unit vectors.
fn long_axis(samples: &[Sample], across: Vector3, along: Vector3) -> Vector3 {
    let flat = |s: &Sample| (s.place.dot(&across), s.place.dot(&along));
    let mean_u = weighted_mean(samples.iter().map(|s| (flat(s).0, s.area)));
    let mean_v = weighted_mean(samples.iter().map(|s| (flat(s).1, s.area)));
    let (mut uu, mut uv, mut vv) = (0.0, 0.0, 0.0);
    for sample in samples {
        let (u, v) = flat(sample);
        let (u, v) = (u - mean_u, v - mean_v);
        uu += sample.area * u * u;
        uv += sample.area * u * v;
        vv += sample.area * v * v;
    }
    let angle = 0.5 * (2.0 * uv).atan2(uu - vv);
    across * angle.cos() + along * angle.sin()
}

/// Parts into which the length is cut to find the widest place.
const WIDTH_PARTS: usize = 12;

/// Middle of the widest quarter of the length: the place along the long axis around which the
/// sections reach farthest to both sides.
fn widest_place(low: &[Sample], long: &Vector3, wide: &Vector3, back: f64, length: f64) -> f64 {
    let mut reach = [(f64::INFINITY, f64::NEG_INFINITY); WIDTH_PARTS];
    for sample in low {
        let part =
            ((sample.place.dot(long) - back) / length * WIDTH_PARTS as f64).max(0.0) as usize;
        let (least, most) = &mut reach[part.min(WIDTH_PARTS - 1)];
        *least = least.min(sample.place.dot(wide));
        *most = most.max(sample.place.dot(wide));
    }
    let width = reach.map(|(least, most)| (most - least).max(0.0));
    let at = |part: usize| back + (part as f64 + 0.5) * length / WIDTH_PARTS as f64;
    // Weighting by a high power is a smooth maximum: one odd part does not decide.
    weighted_mean((0..WIDTH_PARTS).map(|part| (at(part), width[part].powi(8))))
}
