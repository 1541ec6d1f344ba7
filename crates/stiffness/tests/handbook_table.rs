//! The handbook's table of shell stiffness (knee model, section 5), on the foot and mesh it was computed with.
#![allow(clippy::print_stdout, reason = "a failing test shows the figures")]

use std::collections::BTreeSet;

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

struct Shell {
    surface: MidSurface,
    shares: Vec<[f64; 2]>,
    columns: usize,
    rows: usize,
}

const ROWS: usize = 19;

fn arch_basis([u, v]: [f64; 2]) -> f64 {
    (-((u - 0.44) / 0.155_f64).powi(2)).exp() / (1.0 + ((v + 0.12) / 0.22).exp())
}

/// The reference's shell: arch fill as a share, depth of the cup in mm, thickness in mm.
fn shell(fill: f64, cup: f64, thickness: f64, is_flat: bool) -> Shell {
    let columns = (0.68 * LENGTH / 4.0) as usize + 1;
    let mut surface = MidSurface { nodes: Vec::new(), triangles: Vec::new(), thickness: Vec::new() };
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

struct Pressed {
    mean_mm: f64,
    stiffness: f64,
    stress_98: f64,
}

/// 200 N over the arch; heel post, lateral border and distal edge rest on the shoe.
fn press(shell: &Shell, modulus_mpa: f64, membrane: Membrane) -> Pressed {
    let (surface, rows) = (&shell.surface, shell.rows);
    let material = Material { modulus_mpa, poisson: 0.4 };
    let mut area = vec![0.0; surface.nodes.len()];
    for triangle in &surface.triangles {
        let [a, b, c] = triangle.map(|k| surface.nodes[k as usize]);
        for &k in triangle {
            area[k as usize] += (b - a).cross(&(c - a)).norm() / 6.0;
        }
    }
    let mut supports = Supports::new();
    let mut weights = Vec::new();
    for (k, &[u, v]) in shell.shares.iter().enumerate() {
        let is_distal = k / rows == shell.columns - 1;
        if (u < 0.17 && v.abs() < 0.6) || is_distal || (v > 0.75 && u > 0.17) {
            supports.hold(k, Freedom::Z);
        }
        let basis = arch_basis([u, v]);
        if basis > 0.25 {
            weights.push((k, basis * area[k]));
        }
    }
    for (node, freedom) in [(rows / 2, Freedom::X), (rows / 2, Freedom::Y), (6 * rows + rows / 2, Freedom::Y)] {
        supports.hold(node, freedom);
    }
    let whole: f64 = weights.iter().map(|(_, weight)| weight).sum();
    let loads: Vec<(usize, [f64; 3])> =
        weights.iter().map(|&(k, weight)| (k, [0.0, 0.0, -200.0 * weight / whole])).collect();
    let moved = factor(surface, &material, membrane, &supports).unwrap().solve(&loads);
    let mean_mm = weights.iter().map(|&(k, weight)| -moved.nodes[k][2] * weight / whole).sum();
    let mut stresses: Vec<f64> = von_mises(surface, &material, membrane, &moved)
        .iter()
        .map(|stress| stress.von_mises_mpa)
        .collect();
    stresses.sort_by(f64::total_cmp);
    Pressed {
        mean_mm,
        stiffness: 200.0 / mean_mm,
        stress_98: stresses[(0.98 * (stresses.len() - 1) as f64) as usize],
    }
}

/// Printed digits of the table: thickness, PA12 stiffness and deflection, PP stiffness and deflection, stress.
const TABLE: [[f64; 6]; 5] = [
    [2.5, 29.0, 6.8, 22.0, 8.9, 25.0],
    [3.0, 44.0, 4.5, 34.0, 5.9, 18.0],
    [3.5, 63.0, 3.2, 48.0, 4.2, 14.0],
    [4.0, 86.0, 2.3, 66.0, 3.0, 11.0],
    [5.0, 149.0, 1.3, 114.0, 1.75, 7.8],
];

/// Within 1 % and half of the last printed digit.
fn check(what: &str, found: f64, printed: f64, half_digit: f64) {
    println!("{what}: {found:.3}, printed {printed}");
    assert!((found - printed).abs() <= 0.01 * printed + half_digit, "{what}: {found} of {printed}");
}

#[test]
fn stiffness_deflection_and_stress_are_those_of_the_handbook() {
    for [thickness, pa12, pa12_mean, pp, pp_mean, stress] in TABLE {
        let shell = shell(0.8, 12.0, thickness, false);
        let [hard, soft] = [1700.0, 1300.0].map(|e| press(&shell, e, Membrane::ConstantStrain));
        check(&format!("{thickness} mm PA12, N/mm"), hard.stiffness, pa12, 0.5);
        check(&format!("{thickness} mm PA12, mm"), hard.mean_mm, pa12_mean, 0.05);
        check(&format!("{thickness} mm PP, N/mm"), soft.stiffness, pp, 0.5);
        check(&format!("{thickness} mm PP, mm"), soft.mean_mm, pp_mean, 0.05);
        check(&format!("{thickness} mm, 98th percentile, MPa"), hard.stress_98, stress, 0.5);
    }
}

/// Factors of the law: arch fill, heel cup, a flat plate "half as stiff".
#[test]
fn arch_and_cup_stiffen_as_the_handbook_says() {
    let stiffness = |fill, cup, is_flat| {
        press(&shell(fill, cup, 3.0, is_flat), 1700.0, Membrane::ConstantStrain).stiffness
    };
    let usual = stiffness(0.8, 12.0, false);
    for (fill, factor) in [(0.5, 0.83), (1.0, 1.13)] {
        check(&format!("arch fill {fill}"), stiffness(fill, 12.0, false) / usual, factor, 0.005);
    }
    for (cup, factor) in [(0.0, 0.83), (8.0, 0.90), (18.0, 1.12)] {
        check(&format!("cup {cup} mm"), stiffness(0.8, cup, false) / usual, factor, 0.005);
    }
    let flat = stiffness(0.8, 12.0, true) / usual;
    assert!((0.4..0.6).contains(&flat), "flat plate {flat}");
}

/// The optimal membrane is softer on the reference's mesh, which the constant-strain triangle stiffens.
#[test]
fn the_optimal_membrane_is_not_stiffer() {
    let shell = shell(0.8, 12.0, 3.0, false);
    let [optimal, constant] = [Membrane::Optimal, Membrane::ConstantStrain]
        .map(|membrane| press(&shell, 1700.0, membrane).stiffness);
    println!("3 mm PA12: optimal {optimal:.2}, constant strain {constant:.2} N/mm");
    assert!(optimal <= constant && optimal > 0.85 * constant, "{optimal} {constant}");
    let nodes: BTreeSet<u32> = shell.surface.triangles.iter().flatten().copied().collect();
    assert_eq!(nodes.len(), shell.surface.nodes.len(), "every node belongs to a facet");
}
