//! Writes the handbook's shell as an input file of `CalculiX`, and prints what our elements say of it.
//!
//! `tests/referees/stiffness.sh` runs `CalculiX` on it and compares. The facets become quadratic S6 elements with
//! their middle nodes on the straight edges, so that both programs bend the same faceted shape.
#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a comparison for people at a terminal"
)]

#[path = "../tests/handbook/mod.rs"]
mod handbook;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use handbook::{FORCE_N, POISSON, case, press, shell};
use stiffness::Membrane;

const MODULUS_MPA: f64 = 1700.0;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let (Some(path), Some(thickness)) =
        (arguments.next(), arguments.next().and_then(|word| word.parse::<f64>().ok()))
    else {
        println!("usage: calculix OUT.inp THICKNESS_MM");
        std::process::exit(2);
    };
    let shell = shell(0.8, 12.0, thickness, false);
    std::fs::write(&path, input(&shell, thickness)).unwrap();
    for (name, membrane) in
        [("optimal", Membrane::Optimal), ("constant_strain", Membrane::ConstantStrain)]
    {
        let pressed = press(&shell, MODULUS_MPA, membrane);
        println!(
            "{name} {:.4} mm, {:.2} N/mm, 98th percentile {:.2} MPa",
            pressed.mean_mm, pressed.stiffness, pressed.stress_98
        );
    }
    for (node, share) in case(&shell).shares {
        println!("share {} {share:.9}", node + 1);
    }
}

/// The whole input file: quadratic triangles, supports, loads, and the printed displacements.
fn input(shell: &handbook::Shell, thickness: f64) -> String {
    let surface = &shell.surface;
    let mut nodes = surface.nodes.clone();
    let mut middles: BTreeMap<[u32; 2], usize> = BTreeMap::new();
    let mut elements = String::new();
    for (index, triangle) in surface.triangles.iter().enumerate() {
        let corners = triangle.map(|node| node as usize + 1);
        let between: Vec<usize> = [[0, 1], [1, 2], [2, 0]]
            .iter()
            .map(|&[from, to]| {
                let mut edge = [triangle[from], triangle[to]];
                edge.sort_unstable();
                *middles.entry(edge).or_insert_with(|| {
                    let [a, b] = edge.map(|node| surface.nodes[node as usize]);
                    nodes.push(middle_of(a, b));
                    nodes.len()
                })
            })
            .collect();
        let [a, b, c] = corners;
        let _ = writeln!(
            elements,
            "{}, {a}, {b}, {c}, {}, {}, {}",
            index + 1,
            between[0],
            between[1],
            between[2]
        );
    }
    let mut text = String::from("*NODE, NSET=ALL\n");
    for (index, node) in nodes.iter().enumerate() {
        let _ = writeln!(text, "{}, {:.9}, {:.9}, {:.9}", index + 1, node.x, node.y, node.z);
    }
    let _ = write!(text, "*ELEMENT, TYPE=S6, ELSET=SHELL\n{elements}");
    let _ = writeln!(text, "*MATERIAL, NAME=PA12\n*ELASTIC\n{MODULUS_MPA}, {POISSON}");
    let _ = writeln!(text, "*SHELL SECTION, ELSET=SHELL, MATERIAL=PA12\n{thickness}");
    let case = case(shell);
    text.push_str("*BOUNDARY\n");
    for (node, freedom) in &case.supports {
        let axis = *freedom as usize + 1;
        let _ = writeln!(text, "{}, {axis}, {axis}", node + 1);
    }
    text.push_str("*STEP\n*STATIC\n*CLOAD\n");
    for (node, share) in &case.shares {
        let _ = writeln!(text, "{}, 3, {:.9}", node + 1, -FORCE_N * share);
    }
    text.push_str("*NODE PRINT, NSET=ALL\nU\n*END STEP\n");
    text
}

fn middle_of(a: geometry::Point3, b: geometry::Point3) -> geometry::Point3 {
    a + (b - a) / 2.0
}
