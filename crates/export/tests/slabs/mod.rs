//! Slabs with which export is tested: a plate, a dome, a shell like a heel-cupped orthosis, and a plate with holes.
#![allow(
    dead_code,
    clippy::unwrap_used,
    reason = "test support, of which every program uses a part"
)]

use geometry::{ClosedCurve, GraphSurface, HeightField, Point2, Rect, Slab};

/// Spacing of the height fields, mm.
const SPACING: f64 = 0.5;

/// A slab whose surfaces are fitted to two functions over a rectangle a little larger than the outline.
pub(crate) fn fitted(
    outline: ClosedCurve,
    holes: Vec<ClosedCurve>,
    top: impl Fn(Point2) -> f64,
    bottom: impl Fn(Point2) -> f64,
) -> Slab {
    let line = outline.polyline(0.01, 1.0);
    let (low, high) = line
        .iter()
        .fold((line[0], line[0]), |(low, high), point| (low.inf(point), high.sup(point)));
    let margin = nalgebra::Vector2::new(4.0, 4.0);
    let area = Rect { low: low - margin, high: high + margin };
    let functions = |extent: f64| (extent / 1.8) as usize + 3;
    let fit = |height: &dyn Fn(Point2) -> f64| {
        let field = HeightField::from_fn(area, SPACING, height);
        let extent = field.area();
        GraphSurface::fit(&field, functions(extent.width()), functions(extent.height()), 1e-3)
            .unwrap()
    };
    Slab { top: fit(&top), bottom: fit(&bottom), outline, holes, relief: None }
}

/// A curve through points at equal angles around a center; `turn` is 1 counter-clockwise, -1 clockwise.
pub(crate) fn ring(
    center: Point2,
    count: usize,
    turn: f64,
    radius: impl Fn(f64) -> f64,
) -> ClosedCurve {
    let points: Vec<Point2> = (0..count)
        .map(|i| {
            let angle = turn * std::f64::consts::TAU * i as f64 / count as f64;
            center + radius(angle) * nalgebra::Vector2::new(angle.cos(), angle.sin())
        })
        .collect();
    ClosedCurve::through(&points)
}

/// A plate 3 mm thick over a disc of 40 mm radius.
pub(crate) fn plate() -> Slab {
    fitted(ring(Point2::new(3.0, -2.0), 24, 1.0, |_| 40.0), Vec::new(), |_| 3.0, |_| 0.0)
}

/// The plate with a round and an oval cut-out.
pub(crate) fn holed_plate() -> Slab {
    let holes = vec![
        ring(Point2::new(18.0, 4.0), 12, -1.0, |_| 9.0),
        ring(Point2::new(-14.0, -6.0), 16, -1.0, |angle| 8.0 + 3.0 * (2.0 * angle).cos()),
    ];
    Slab { holes, ..plate() }
}

/// A spherical cap of 60 mm radius, 2.5 mm thick, over a disc of 45 mm radius: 49 degrees at its rim.
pub(crate) fn dome() -> Slab {
    let sphere = |radius: f64| {
        move |point: Point2| (radius * radius - point.coords.norm_squared()).max(1.0).sqrt()
    };
    fitted(ring(Point2::origin(), 24, 1.0, |_| 45.0), Vec::new(), sphere(60.0), sphere(57.5))
}

/// Outline of the orthosis-like shell, counter-clockwise: heel at the bottom, 180 mm × 84 mm.
const OUTLINE: [(f64, f64); 23] = [
    (0.0, -26.0),
    (20.0, -18.7),
    (29.5, -4.6),
    (31.0, 8.0),
    (32.0, 25.0),
    (34.0, 45.0),
    (37.0, 70.0),
    (40.0, 95.0),
    (42.0, 118.0),
    (40.0, 138.0),
    (30.0, 149.0),
    (14.0, 154.0),
    (-4.0, 154.0),
    (-22.0, 150.0),
    (-34.0, 140.0),
    (-39.0, 122.0),
    (-37.0, 100.0),
    (-33.0, 75.0),
    (-31.0, 50.0),
    (-31.0, 28.0),
    (-31.0, 8.0),
    (-29.5, -4.6),
    (-20.0, -18.7),
];

/// A shell with a 14 mm heel cup whose walls lean 65 degrees, an arch, and a post tilted by 4 degrees.
pub(crate) fn orthosis() -> Slab {
    let outline: Vec<Point2> = OUTLINE.iter().map(|&(x, y)| Point2::new(x, y)).collect();
    fitted(ClosedCurve::through(&outline), Vec::new(), foot_side, shoe_side)
}

/// Height of a wall at a distance from the flat: an arc of 10 mm radius up to 65 degrees, then straight.
fn wall(distance: f64) -> f64 {
    let (radius, steepest) = (10.0, 65.0_f64.to_radians());
    let arc = radius * steepest.sin();
    if distance <= 0.0 {
        0.0
    } else if distance < arc {
        radius - (radius * radius - distance * distance).sqrt()
    } else {
        radius * (1.0 - steepest.cos()) + (distance - arc) * steepest.tan()
    }
}

fn smooth_step(from: f64, to: f64, value: f64) -> f64 {
    let t = ((value - from) / (to - from)).clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}

fn foot_side(point: Point2) -> f64 {
    let from_axis = if point.y < 5.0 { point.x.hypot(point.y - 5.0) } else { point.x.abs() };
    let cup = wall(from_axis - 18.0) * (1.0 - smooth_step(25.0, 95.0, point.y));
    let arch = 16.0
        * (-((point.x + 26.0) / 17.0).powi(2) / 2.0 - ((point.y - 62.0) / 28.0).powi(2) / 2.0)
            .exp();
    6.0 + cup + arch
}

fn shoe_side(point: Point2) -> f64 {
    let step = 0.05;
    let slope = |offset: nalgebra::Vector2<f64>| {
        (foot_side(point + offset) - foot_side(point - offset)) / (2.0 * step)
    };
    let (dx, dy) = (slope([step, 0.0].into()), slope([0.0, step].into()));
    let parallel = foot_side(point) - 3.0 * (1.0 + dx * dx + dy * dy).sqrt();
    let post = 1.0 + point.x * 4.0_f64.to_radians().tan() + 20.0 * smooth_step(25.0, 45.0, point.y);
    // A smooth minimum: the post stands out under the heel and runs into the shell.
    let sharpness = 1.5;
    -((-sharpness * parallel).exp() + (-sharpness * post).exp()).ln() / sharpness
}
