//! Time of one arch press of a shell-sized vault, meshed, factored, solved and stressed; the product's limit is 0.3 s.

use geometry::{ClosedCurve, GraphSurface, HeightField, Point2, Rect, Slab};
use stiffness::{Material, PressSettings, arch_press};

fn main() {
    divan::main();
}

/// 80 × 180 mm, a 15 mm vault between flat ends, 3 mm thick.
fn vault() -> Slab {
    let area = Rect { low: Point2::new(-45.0, -5.0), high: Point2::new(45.0, 185.0) };
    let bottom = |point: Point2| {
        15.0 * (std::f64::consts::PI * ((point.y - 20.0) / 140.0).clamp(0.0, 1.0)).sin().powi(2)
    };
    let fit = |raise: f64| {
        let field = HeightField::from_fn(area, 1.0, |point| bottom(point) + raise);
        GraphSurface::fit(&field, 40, 80, 1e-4).expect("a field without holes fits")
    };
    let corners: Vec<Point2> = (0..64)
        .map(|k| {
            let angle = std::f64::consts::TAU * f64::from(k) / 64.0;
            let place = |value: f64| value.signum() * value.abs().sqrt();
            Point2::new(40.0 * place(angle.cos()), 90.0 + 90.0 * place(angle.sin()))
        })
        .collect();
    Slab {
        top: fit(3.0),
        bottom: fit(0.0),
        outline: ClosedCurve::through(&corners),
        holes: Vec::new(),
        relief: None,
    }
}

#[divan::bench(args = [4.0, 3.0, 2.0], sample_count = 10)]
fn press(bencher: divan::Bencher<'_, '_>, edge_mm: f64) {
    let (slab, material) = (vault(), Material { modulus_mpa: 1700.0, poisson: 0.4 });
    let settings = PressSettings { edge_mm, ..PressSettings::default() };
    let middle = |point: Point2| if (point.y - 90.0).abs() < 30.0 { 1.0 } else { 0.0 };
    bencher.bench(|| arch_press(&slab, &material, middle, &settings));
}
