//! The shell on which the handbook computed its table: the outline of its reference foot, an arch, a heel cup.
#![allow(
    clippy::unwrap_used,
    reason = "shared by tests and a comparison; both stop where a case cannot be solved"
)]

use geometry::Point3;
use stiffness::{Freedom, Material, Membrane, MidSurface, Supports, factor, von_mises};

const LENGTH: f64 = 260.0;
const BALL: f64 = 98.0;
const HEEL: f64 = 62.0;

/// Distance from the heel as a share of the length, and there the medial and lateral border as shares of
/// heel or ball width: the outline of the reference foot.
const STATIONS: [f64; 9] = [0.0, 0.03, 0.08, 0.15, 0.25, 0.40, 0.55, 0.66, 0.72];
const MEDIAL: [f64; 9] = [
    -0.15 * HEEL,
    -0.36 * HEEL,
    -0.47 * HEEL,
    -0.50 * HEEL,
    -0.47 * HEEL,
    -0.40 * BALL,
    -0.45 * BALL,
    -0.54 * BALL,
    -0.54 * BALL,
];
const LATERAL: [f64; 9] = [
    0.15 * HEEL,
    0.36 * HEEL,
    0.47 * HEEL,
    0.50 * HEEL,
    0.54 * HEEL,
    0.40 * BALL,
    0.44 * BALL,
    0.46 * BALL,
    0.44 * BALL,
];

/// The outline was sampled every 5 mm from 2.5 mm on, and interpolated between the samples.
fn border(values: &[f64; 9], share: f64) -> f64 {
    let at = |share: f64| {
        let k = (1..8).find(|&k| share < STATIONS[k]).unwrap_or(8);
        let t = (share - STATIONS[k - 1]) / (STATIONS[k] - STATIONS[k - 1]);
        values[k - 1] + t * (values[k] - values[k - 1])
    };
    let sample = ((share * LENGTH - 2.5) / 5.0).max(0.0);
    let (below, t) = (sample.floor(), sample.fract());
    let place = |k: f64| (2.5 + 5.0 * k) / LENGTH;
    at(place(below)) * (1.0 - t) + at(place(below + 1.0)) * t
}

/// The shell and the place of every node as shares of length and half width.
pub(crate) struct Shell {
    pub(crate) surface: MidSurface,
    pub(crate) shares: Vec<[f64; 2]>,
    pub(crate) columns: usize,
    pub(crate) rows: usize,
}

const ROWS: usize = 19;

fn arch_basis([u, v]: [f64; 2]) -> f64 {
    (-((u - 0.44) / 0.155_f64).powi(2)).exp() / (1.0 + ((v + 0.12) / 0.22).exp())
}

/// The reference's shell: arch fill as a share, depth of the cup in mm, thickness in mm.
pub(crate) fn shell(fill: f64, cup: f64, thickness: f64, is_flat: bool) -> Shell {
    let columns = (0.68 * LENGTH / 4.0) as usize + 1;
    let mut surface =
        MidSurface { nodes: Vec::new(), triangles: Vec::new(), thickness: Vec::new() };
    let mut shares = Vec::new();
    for i in 0..columns {
        for j in 0..ROWS {
            let u = 0.01 + 0.67 * i as f64 / (columns - 1) as f64;
            let v = -1.0 + 1.92 * j as f64 / (ROWS - 1) as f64;
            let (medial, lateral) = (border(&MEDIAL, u), border(&LATERAL, u));
            let y = (medial + lateral) / 2.0 + (lateral - medial) / 2.0 * v;
            let wall = ((0.30 - u) / 0.08).clamp(0.0, 1.0)
                * cup
                * (v.abs() - 0.55).clamp(0.0, 1.0).powi(2)
                / 0.45_f64.powi(2);
            let z = if is_flat { 0.0 } else { fill * 22.0 * arch_basis([u, v]) + wall };
            surface.nodes.push(Point3::new(u * LENGTH, y, z));
            surface.thickness.push(thickness);
            shares.push([u, v]);
        }
    }
    let node = |i: usize, j: usize| (i * ROWS + j) as u32;
    for i in 0..columns - 1 {
        for j in 0..ROWS - 1 {
            let [a, b, c, d] = [node(i, j), node(i + 1, j), node(i + 1, j + 1), node(i, j + 1)];
            if (i + j) % 2 == 1 {
                surface.triangles.extend([[a, b, c], [a, c, d]]);
            } else {
                surface.triangles.extend([[a, b, d], [b, c, d]]);
            }
        }
    }
    Shell { surface, shares, columns, rows: ROWS }
}

/// What 200 N on the arch do.
pub(crate) struct Pressed {
    pub(crate) mean_mm: f64,
    pub(crate) stiffness: f64,
    pub(crate) stress_98: f64,
}

/// Held freedoms and loads of the handbook's test: heel post, lateral border and distal edge rest on the shoe, 200 N
/// on the arch.
pub(crate) struct Case {
    pub(crate) supports: Vec<(usize, Freedom)>,
    /// Node and its share of the load.
    pub(crate) shares: Vec<(usize, f64)>,
}

pub(crate) const FORCE_N: f64 = 200.0;

pub(crate) fn case(shell: &Shell) -> Case {
    let (surface, rows) = (&shell.surface, shell.rows);
    let mut area = vec![0.0; surface.nodes.len()];
    for triangle in &surface.triangles {
        let [a, b, c] = triangle.map(|k| surface.nodes[k as usize]);
        for &k in triangle {
            area[k as usize] += (b - a).cross(&(c - a)).norm() / 6.0;
        }
    }
    let mut supports = Vec::new();
    let mut weights = Vec::new();
    for (k, &[u, v]) in shell.shares.iter().enumerate() {
        let is_distal = k / rows == shell.columns - 1;
        if (u < 0.17 && v.abs() < 0.6) || is_distal || (v > 0.75 && u > 0.17) {
            supports.push((k, Freedom::Z));
        }
        let basis = arch_basis([u, v]);
        if basis > 0.25 {
            weights.push((k, basis * area[k]));
        }
    }
    supports.extend([
        (rows / 2, Freedom::X),
        (rows / 2, Freedom::Y),
        (6 * rows + rows / 2, Freedom::Y),
    ]);
    let whole: f64 = weights.iter().map(|(_, weight)| weight).sum();
    Case { supports, shares: weights.into_iter().map(|(k, weight)| (k, weight / whole)).collect() }
}

pub(crate) fn press(shell: &Shell, modulus_mpa: f64, membrane: Membrane) -> Pressed {
    let surface = &shell.surface;
    let material = Material { modulus_mpa, poisson: POISSON };
    let case = case(shell);
    let mut supports = Supports::new();
    for &(node, freedom) in &case.supports {
        supports.hold(node, freedom);
    }
    let loads: Vec<(usize, [f64; 3])> =
        case.shares.iter().map(|&(k, share)| (k, [0.0, 0.0, -FORCE_N * share])).collect();
    let moved = factor(surface, &material, membrane, &supports).unwrap().solve(&loads);
    let mean_mm = case.shares.iter().map(|&(k, share)| -moved.nodes[k][2] * share).sum();
    let mut stresses: Vec<f64> = von_mises(surface, &material, membrane, &moved)
        .iter()
        .map(|stress| stress.von_mises_mpa)
        .collect();
    stresses.sort_by(f64::total_cmp);
    Pressed {
        mean_mm,
        stiffness: FORCE_N / mean_mm,
        stress_98: stresses[(0.98 * (stresses.len() - 1) as f64) as usize],
    }
}

/// The handbook's Poisson ratio of plastics.
pub(crate) const POISSON: f64 = 0.4;
