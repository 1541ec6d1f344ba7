//! Plates and shells whose deflection is known from theory.
#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::float_cmp_const,
    reason = "a failing test shows its figures; nodes of a border have its very coordinate"
)]

use geometry::Point3;
use stiffness::{
    Displacements, Freedom, Material, Membrane, MidSurface, Supports, factor, von_mises,
};

/// A grid of `columns` × `rows` squares, each cut in two; the diagonal alternates so that no direction is favored.
fn grid(
    columns: usize,
    rows: usize,
    thickness: f64,
    place: impl Fn(f64, f64) -> Point3,
) -> MidSurface {
    let node = |i: usize, j: usize| (i * (rows + 1) + j) as u32;
    let mut surface =
        MidSurface { nodes: Vec::new(), triangles: Vec::new(), thickness: Vec::new() };
    for i in 0..=columns {
        for j in 0..=rows {
            surface.nodes.push(place(i as f64 / columns as f64, j as f64 / rows as f64));
            surface.thickness.push(thickness);
        }
    }
    for i in 0..columns {
        for j in 0..rows {
            let [a, b, c, d] = [node(i, j), node(i + 1, j), node(i + 1, j + 1), node(i, j + 1)];
            if (i + j) % 2 == 0 {
                surface.triangles.extend([[a, b, c], [a, c, d]]);
            } else {
                surface.triangles.extend([[a, b, d], [b, c, d]]);
            }
        }
    }
    surface
}

/// A load per area (N/mm²) along z, lumped to the corners.
fn spread(surface: &MidSurface, per_area: f64) -> Vec<(usize, [f64; 3])> {
    surface
        .triangles
        .iter()
        .flat_map(|triangle| {
            let [a, b, c] = triangle.map(|node| surface.nodes[node as usize]);
            let area = 0.5 * (b - a).cross(&(c - a)).norm();
            triangle.map(|node| (node as usize, [0.0, 0.0, per_area * area / 3.0]))
        })
        .collect()
}

fn lowest(displacements: &Displacements) -> f64 {
    displacements.nodes.iter().map(|node| -node[2]).fold(f64::NEG_INFINITY, f64::max)
}

const PLASTIC: Material = Material { modulus_mpa: 2000.0, poisson: 0.3 };
const SIDE: f64 = 100.0;

/// Deflection of a square plate under pressure as a share of q·a⁴/D.
fn square_plate(cells: usize, clamped: bool, membrane: Membrane) -> f64 {
    let (thickness, pressure) = (2.0, 1e-3);
    let surface = grid(cells, cells, thickness, |u, v| Point3::new(u * SIDE, v * SIDE, 0.0));
    let mut supports = Supports::new();
    for (index, node) in surface.nodes.iter().enumerate() {
        let on_x = node.x == 0.0 || node.x == SIDE;
        let on_y = node.y == 0.0 || node.y == SIDE;
        for freedom in [Freedom::X, Freedom::Y, Freedom::RotationZ] {
            supports.hold(index, freedom);
        }
        if on_x || on_y {
            supports.hold(index, Freedom::Z);
            // On a straight edge the slope along it is zero.
            if on_x || clamped {
                supports.hold(index, Freedom::RotationX);
            }
            if on_y || clamped {
                supports.hold(index, Freedom::RotationY);
            }
        }
    }
    let factored = factor(&surface, &PLASTIC, membrane, &supports).unwrap();
    let found = lowest(&factored.solve(&spread(&surface, -pressure)));
    let bending =
        PLASTIC.modulus_mpa * thickness.powi(3) / (12.0 * (1.0 - PLASTIC.poisson.powi(2)));
    found / (pressure * SIDE.powi(4) / bending)
}

/// Timoshenko and Woinowsky-Krieger, Theory of Plates and Shells (1959), tables 8 and 35: 0.00406 (0.0040624 by its
/// series) and 0.00126 (0.0012653).
#[test]
fn plates_under_pressure_deflect_as_theory_says() {
    for (clamped, exact) in [(false, 0.004_062_4), (true, 0.001_265_3)] {
        let found = square_plate(32, clamped, Membrane::Optimal);
        println!("clamped {clamped}: {found:.7} of {exact}, ratio {:.4}", found / exact);
        assert!((found / exact - 1.0).abs() < 0.002, "clamped {clamped}: {found}");
    }
}

#[test]
fn finer_plates_come_closer() {
    let miss = |cells| (square_plate(cells, true, Membrane::Optimal) / 0.001_265_3 - 1.0).abs();
    assert!(miss(8) > miss(16) && miss(16) > miss(32));
}

/// A strip held at one end, a force at the other, bent out of its plane and in it.
#[test]
fn cantilevers_bend_like_beams_in_both_directions() {
    let (length, width, thickness, force) = (100.0, 10.0, 2.0, 1.0);
    let material = Material { modulus_mpa: 1700.0, poisson: 0.0 };
    let surface = grid(40, 4, thickness, |u, v| Point3::new(u * length, v * width, 0.0));
    let mut supports = Supports::new();
    for (index, _) in surface.nodes.iter().enumerate().filter(|(_, node)| node.x == 0.0) {
        for freedom in [
            Freedom::X,
            Freedom::Y,
            Freedom::Z,
            Freedom::RotationX,
            Freedom::RotationY,
            Freedom::RotationZ,
        ] {
            supports.hold(index, freedom);
        }
    }
    let factored = factor(&surface, &material, Membrane::Optimal, &supports).unwrap();
    let ends: Vec<usize> =
        (0..surface.nodes.len()).filter(|&k| surface.nodes[k].x == length).collect();
    let beam = |height: f64, depth: f64| {
        force * length.powi(3) / (3.0 * material.modulus_mpa * depth * height.powi(3) / 12.0)
    };
    // Timoshenko's shear share, 6/5 F L / (G A), is 1 % of the deflection in the plane.
    let shear = 1.2 * force * length / (material.modulus_mpa / 2.0 * width * thickness);
    for (axis, exact) in [(2, beam(thickness, width)), (1, beam(width, thickness) + shear)] {
        let share = force / ends.len() as f64;
        let loads: Vec<(usize, [f64; 3])> = ends
            .iter()
            .map(|&node| (node, std::array::from_fn(|k| if k == axis { share } else { 0.0 })))
            .collect();
        let moved = factored.solve(&loads);
        let mean =
            ends.iter().map(|&node| moved.nodes[node][axis]).sum::<f64>() / ends.len() as f64;
        println!("axis {axis}: {mean:.4} mm of {exact:.4}, ratio {:.4}", mean / exact);
        assert!((mean / exact - 1.0).abs() < 0.01, "axis {axis}: {mean} of {exact}");
    }
    // Bending stress at the clamp, M/W, falls linearly to the end: at half length it is half.
    let loads: Vec<(usize, [f64; 3])> =
        ends.iter().map(|&node| (node, [0.0, 0.0, -force / ends.len() as f64])).collect();
    let moved = factored.solve(&loads);
    let stresses = von_mises(&surface, &material, Membrane::Optimal, &moved);
    let at_half: Vec<f64> = surface
        .triangles
        .iter()
        .zip(&stresses)
        .filter(|(triangle, _)| {
            let x = triangle.iter().map(|&node| surface.nodes[node as usize].x).sum::<f64>() / 3.0;
            (x - length / 2.0).abs() < 1.3
        })
        .map(|(_, stress)| stress.von_mises_mpa)
        .collect();
    let mean = at_half.iter().sum::<f64>() / at_half.len() as f64;
    let exact = force * length / 2.0 / (width * thickness.powi(2) / 6.0);
    assert!((mean / exact - 1.0).abs() < 0.03, "{mean} of {exact}");
}

/// Scordelis and Lo's cylindrical roof (`MacNeal` and Harder 1985, Finite Elem. Anal. Des. 1:3, problem 6): 0.3024
/// at the middle of the free edge. Bending and stretching together, as in an arch.
#[test]
fn a_curved_roof_sags_as_published() {
    let material = Material { modulus_mpa: 4.32e8, poisson: 0.0 };
    let (radius, half_length, angle) = (25.0, 25.0, 40.0_f64.to_radians());
    let sag = |cells: usize, membrane| {
        // A quarter: u from the middle (0) to the diaphragm (1), v from the crown to the free edge.
        let surface = grid(cells, cells, 0.25, |u, v| {
            let turn = v * angle;
            Point3::new(radius * turn.sin(), u * half_length, radius * turn.cos())
        });
        let mut supports = Supports::new();
        for (index, node) in surface.nodes.iter().enumerate() {
            if index % (cells + 1) == 0 {
                for freedom in [Freedom::X, Freedom::RotationY, Freedom::RotationZ] {
                    supports.hold(index, freedom);
                }
            }
            if node.y == 0.0 {
                for freedom in [Freedom::Y, Freedom::RotationX, Freedom::RotationZ] {
                    supports.hold(index, freedom);
                }
            }
            if node.y == half_length {
                supports.hold(index, Freedom::X);
                supports.hold(index, Freedom::Z);
            }
        }
        let factored = factor(&surface, &material, membrane, &supports).unwrap();
        -factored.solve(&spread(&surface, -90.0)).nodes[cells][2]
    };
    for (membrane, limit) in [(Membrane::Optimal, 0.01), (Membrane::ConstantStrain, 0.05)] {
        let found = [8, 16, 32].map(|cells| sag(cells, membrane));
        println!("{membrane:?}: {found:.4?} of 0.3024");
        assert!((found[2] / 0.3024 - 1.0).abs() < limit, "{membrane:?}: {found:?}");
    }
}

#[test]
fn a_shell_that_is_not_held_is_refused() {
    let surface = grid(4, 4, 2.0, |u, v| Point3::new(u * SIDE, v * SIDE, 0.0));
    let mut supports = Supports::new();
    supports.hold(0, Freedom::Z);
    let refusal = factor(&surface, &PLASTIC, Membrane::Optimal, &supports).unwrap_err().to_string();
    assert!(refusal.contains("1 supports leave a motion free"), "{refusal}");
}
