//! The handbook's table of shell stiffness (knee model, section 5), on the foot and mesh it was computed with.
#![allow(clippy::print_stdout, reason = "a failing test shows the figures")]

mod handbook;

use std::collections::BTreeSet;

use handbook::{press, shell};
use stiffness::Membrane;

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
