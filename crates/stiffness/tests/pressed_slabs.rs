//! The arch press on slabs: the way a designed shell comes in.
#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a failing test shows the figures and stops where a case cannot be solved"
)]

use geometry::{ClosedCurve, GraphSurface, HeightField, Point2, Rect, Slab};
use stiffness::{
    Material, Press, PressError, PressSettings, arch_press, mid_surface, stiffness_map,
    thickness_change_for,
};

const PA12: Material = Material { modulus_mpa: 1700.0, poisson: 0.4 };
const LENGTH: f64 = 150.0;
const HALF_WIDTH: f64 = 35.0;

fn outline(points: &[[f64; 2]]) -> ClosedCurve {
    ClosedCurve::through(&points.iter().map(|&[x, y]| Point2::new(x, y)).collect::<Vec<_>>())
}

/// A rounded rectangle, counter-clockwise.
fn rectangle() -> ClosedCurve {
    let mut points = Vec::new();
    for k in 0..96 {
        let angle = std::f64::consts::TAU * f64::from(k) / 96.0;
        // A superellipse of power 6 is a rectangle with round corners.
        let place = |value: f64| value.signum() * value.abs().powf(1.0 / 3.0);
        points.push([HALF_WIDTH * place(angle.cos()), LENGTH / 2.0 * (1.0 + place(angle.sin()))]);
    }
    outline(&points)
}

/// Length of each end that lies flat on the floor.
const FLAT_END: f64 = 20.0;

/// A vault over the whole width, `rise` mm high in the middle of the length, resting on both ends.
fn vault(rise: f64, thickness: f64, holes: Vec<ClosedCurve>) -> Slab {
    let area = Rect {
        low: Point2::new(-HALF_WIDTH - 5.0, -5.0),
        high: Point2::new(HALF_WIDTH + 5.0, LENGTH + 5.0),
    };
    let bottom = move |point: Point2| {
        let share = ((point.y - FLAT_END) / (LENGTH - 2.0 * FLAT_END)).clamp(0.0, 1.0);
        rise * (std::f64::consts::PI * share).sin().powi(2)
    };
    let slope = move |point: Point2| {
        (bottom(point + nalgebra::Vector2::new(0.0, 1e-3)) - bottom(point)) / 1e-3
    };
    let fit = |height: &dyn Fn(Point2) -> f64| {
        GraphSurface::fit(&HeightField::from_fn(area, 1.0, height), 30, 60, 1e-4).unwrap()
    };
    Slab {
        top: fit(&|point| bottom(point) + thickness * (1.0 + slope(point).powi(2)).sqrt()),
        bottom: fit(&bottom),
        outline: rectangle(),
        holes,
        relief: None,
    }
}

fn middle(point: Point2) -> f64 {
    if (point.y - LENGTH / 2.0).abs() < 25.0 { 1.0 } else { 0.0 }
}

fn stiffness(slab: &Slab, edge_mm: f64) -> f64 {
    let settings = PressSettings { edge_mm, ..PressSettings::default() };
    arch_press(slab, &PA12, middle, &settings).unwrap().stiffness_n_per_mm
}

#[test]
fn the_middle_of_a_slab_has_its_area_and_thickness() {
    let slab = vault(12.0, 3.0, Vec::new());
    let surface = mid_surface(&slab, 3.0).unwrap();
    for (node, &thickness) in surface.nodes.iter().zip(&surface.thickness) {
        assert!((thickness - 3.0).abs() < 0.05, "{thickness} mm at {node}");
    }
    let area: f64 = surface
        .triangles
        .iter()
        .map(|triangle| {
            let [a, b, c] = triangle.map(|k| surface.nodes[k as usize].xy());
            0.5 * (b - a).perp(&(c - a))
        })
        .sum();
    let exact = geometry::polygon::signed_area(&slab.outline.polyline(0.001, 0.5));
    assert!((area / exact - 1.0).abs() < 0.003, "{area} of {exact} mm²");
    let smallest = surface.triangles.iter().map(|triangle| {
        let corners = triangle.map(|k| surface.nodes[k as usize]);
        (0..3)
            .map(|k| {
                let (p, q, r) = (corners[k], corners[(k + 1) % 3], corners[(k + 2) % 3]);
                (q - p).angle(&(r - p)).to_degrees()
            })
            .fold(f64::INFINITY, f64::min)
    });
    let smallest = smallest.fold(f64::INFINITY, f64::min);
    assert!(smallest > 15.0, "smallest angle {smallest} degrees");
}

#[test]
fn stiffness_converges_with_the_mesh() {
    let slab = vault(12.0, 3.0, Vec::new());
    let [coarse, usual, fine] = [6.0, 3.0, 1.5].map(|edge| stiffness(&slab, edge));
    println!("6 mm {coarse:.2}, 3 mm {usual:.2}, 1.5 mm {fine:.2} N/mm");
    assert!((usual / fine - 1.0).abs() < 0.03, "3 mm {usual}, 1.5 mm {fine}");
}

#[test]
fn thickness_and_cutouts_act_as_in_the_shop() {
    let plain = stiffness(&vault(12.0, 3.0, Vec::new()), 4.0);
    let thick = stiffness(&vault(12.0, 4.0, Vec::new()), 4.0);
    let hole = outline(&[[12.0, 75.0], [0.0, 60.0], [-12.0, 75.0], [0.0, 90.0]]);
    let holed = stiffness(&vault(12.0, 3.0, vec![hole]), 4.0);
    println!("plain {plain:.2}, thick {thick:.2}, holed {holed:.2} N/mm");
    assert!(holed < plain && thick > plain);
    let exponent = (thick / plain).ln() / (4.0_f64 / 3.0).ln();
    assert!((2.0..=3.05).contains(&exponent), "K grows with thickness to the {exponent}");
}

#[test]
fn a_mirrored_slab_is_as_stiff() {
    let hole = outline(&[[22.0, 75.0], [10.0, 60.0], [-2.0, 75.0], [10.0, 90.0]]);
    let slab = vault(12.0, 3.0, vec![hole]);
    let (right, left) = (stiffness(&slab, 3.0), stiffness(&slab.mirrored_x(), 3.0));
    assert!((right / left - 1.0).abs() < 0.01, "{right} and {left}");
}

#[test]
fn deflection_and_stress_grow_with_the_force() {
    let slab = vault(12.0, 3.0, Vec::new());
    let press = |force_n| {
        let settings = PressSettings { force_n, ..PressSettings::default() };
        arch_press(&slab, &PA12, middle, &settings).unwrap()
    };
    let (one, two) = (press(100.0), press(200.0));
    assert!((two.mean_deflection_mm / one.mean_deflection_mm - 2.0).abs() < 1e-9);
    assert!((two.high_stress_mpa / one.high_stress_mpa - 2.0).abs() < 1e-9);
    assert!(one.largest_deflection_mm >= one.mean_deflection_mm);
}

#[test]
fn the_proposed_thickness_gives_the_wanted_deflection() {
    let slab = vault(12.0, 3.0, Vec::new());
    let settings = PressSettings::default();
    let now = arch_press(&slab, &PA12, middle, &settings).unwrap().mean_deflection_mm;
    for wanted in [0.7 * now, 1.3 * now] {
        let change = thickness_change_for(&slab, &PA12, middle, wanted, &settings).unwrap();
        assert_eq!(change > 0.0, wanted < now, "{change} mm for {wanted} of {now} mm");
        let changed = vault(12.0, 3.0 + change, Vec::new());
        let found = arch_press(&changed, &PA12, middle, &settings).unwrap().mean_deflection_mm;
        println!("{change:+.2} mm sinks {found:.3} mm, wanted {wanted:.3}");
        assert!((found / wanted - 1.0).abs() < 0.06, "{found} of {wanted}");
    }
}

#[test]
fn the_map_holds_what_the_press_found() {
    let slab = vault(12.0, 3.0, Vec::new());
    let settings = PressSettings { edge_mm: 4.0, ..PressSettings::default() };
    let press = arch_press(&slab, &PA12, middle, &settings).unwrap();
    let map = stiffness_map(&slab, &PA12, middle, &settings, 1.0).unwrap();
    let again = press.stiffness_map(1.0);
    let bits = |map: &HeightField| map.heights.iter().map(|z| z.to_bits()).collect::<Vec<_>>();
    assert_eq!(bits(&map.mm_per_kpa), bits(&again.mm_per_kpa));
    let kpa = 1000.0 * settings.force_n / press.loaded_area_mm2;
    assert!((map.mean_kpa_per_mm * press.mean_deflection_mm / kpa - 1.0).abs() < 1e-9);
    // The load is even, so that the mean over the map under it is the mean deflection, up to nodes at its border.
    let field = &map.mm_per_kpa;
    let mut under: Vec<f64> = Vec::new();
    for row in 0..field.rows {
        for column in 0..field.columns {
            let (value, place) = (field.at(column, row), field.node(column, row));
            if value.is_finite() && middle(place) > 0.0 {
                under.push(value);
            }
        }
    }
    let mean = under.iter().sum::<f64>() / under.len() as f64;
    assert!((mean * map.mean_kpa_per_mm - 1.0).abs() < 0.05, "{}", mean * map.mean_kpa_per_mm);
    let at = |x: f64, y: f64| map.kpa_per_mm(Point2::new(x, y));
    assert!(at(0.0, 8.0).unwrap() > 100.0 * at(0.0, 75.0).unwrap(), "the ends rest on the floor");
    assert_eq!(at(60.0, 75.0), None, "no shell there");
}

#[test]
fn a_place_that_the_shoe_holds_up_does_not_sink() {
    let slab = vault(12.0, 3.0, Vec::new());
    let settings = PressSettings { edge_mm: 4.0, ..PressSettings::default() };
    let held = |point: Point2| if point.x > HALF_WIDTH - 6.0 { 1.0 } else { 0.0 };
    let free = arch_press(&slab, &PA12, middle, &settings).unwrap();
    let press = Press::new(&slab, &PA12, (middle, held), &settings).unwrap();
    let beside = press.press().unwrap();
    assert!(beside.stiffness_n_per_mm > 1.3 * free.stiffness_n_per_mm);
    let border = beside.stiffness_map(1.0).kpa_per_mm(Point2::new(HALF_WIDTH - 3.0, 75.0)).unwrap();
    let mean = beside.stiffness_map(1.0).mean_kpa_per_mm;
    println!("border {border:.0}, mean {mean:.0} kPa/mm");
    assert!(border > 20.0 * mean, "{border} of {mean}");
    assert_eq!(press.press().unwrap(), beside, "a second pressing is the same");
}

#[test]
fn impossible_presses_are_refused_in_a_sentence() {
    let slab = vault(12.0, 3.0, Vec::new());
    let settings = PressSettings::default();
    let nowhere = arch_press(&slab, &PA12, |_| 0.0, &settings).unwrap_err();
    assert_eq!(nowhere, PressError::NoArch);
    let raised = arch_press(&slab.raised(5.0), &PA12, middle, &settings).unwrap_err().to_string();
    assert!(raised.contains("lower the shell to the floor"), "{raised}");
    for (edge_mm, word) in [(0.1, "edge_mm is 0.1"), (f64::NAN, "edge_mm is NaN")] {
        let settings = PressSettings { edge_mm, ..settings };
        let refusal = arch_press(&slab, &PA12, middle, &settings).unwrap_err().to_string();
        assert!(refusal.contains(word), "{refusal}");
    }
    let soft = Material { modulus_mpa: -1.0, poisson: 0.4 };
    let refusal = arch_press(&slab, &soft, middle, &settings).unwrap_err().to_string();
    assert!(refusal.contains("modulus_mpa is -1"), "{refusal}");
}
