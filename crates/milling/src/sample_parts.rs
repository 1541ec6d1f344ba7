//! Parts and an order for the tests of this crate.

use geometry::{ClosedCurve, GraphSurface, HeightField, Point2, Rect, Slab};

use crate::{Blank, Cutting, Dialect, Machine, MillOrder, Tool, ToolShape};

/// A router with a 6 mm ball and polypropylene data.
pub(crate) fn order() -> MillOrder {
    MillOrder {
        machine: Machine {
            name: "GRBL router 600 x 400".to_owned(),
            dialect: Dialect::Grbl,
            travel_mm: [600.0, 400.0, 90.0],
            max_feed_mm_per_min: 5000.0,
            rapid_mm_per_min: 6000.0,
            acceleration_mm_per_s2: 400.0,
            spindle_rpm_range: [6000.0, 24_000.0],
            safe_height_mm: 8.0,
        },
        tool: Tool {
            number: 1,
            name: "Ball nose 6 mm".to_owned(),
            shape: ToolShape::Ball,
            diameter_mm: 6.0,
            flute_length_mm: 45.0,
            stickout_mm: 55.0,
            flutes: 2,
        },
        cutting: Cutting {
            spindle_rpm: 12_000.0,
            feed_mm_per_min: 2400.0,
            plunge_mm_per_min: 600.0,
            roughing_step_down_mm: 3.0,
            roughing_step_over_mm: 2.4,
            roughing_allowance_mm: 0.5,
            finishing_step_over_mm: 0.5,
            tolerance_mm: 0.01,
        },
        blank: Blank { size_mm: None, margin_mm: 10.0, skin_above_mm: 1.0, skin_below_mm: 3.0 },
        label: "test part".to_owned(),
    }
}

/// A closed curve around the origin's ellipse.
pub(crate) fn ellipse(center: [f64; 2], radii: [f64; 2], count: usize) -> ClosedCurve {
    let points: Vec<Point2> = (0..count)
        .map(|index| {
            let (sin, cos) = (std::f64::consts::TAU * index as f64 / count as f64).sin_cos();
            Point2::new(center[0] + radii[0] * cos, center[1] + radii[1] * sin)
        })
        .collect();
    ClosedCurve::through(&points)
}

/// A part 3 mm thick under a given top, over a rectangle around an elliptic outline.
pub(crate) fn part(radii: [f64; 2], spacing: f64, top: impl Fn(Point2) -> f64) -> Slab {
    let far = [radii[0] + 8.0, radii[1] + 8.0];
    let area = Rect { low: Point2::new(-far[0], -far[1]), high: Point2::new(far[0], far[1]) };
    let field = HeightField::from_fn(area, spacing / 2.0, top);
    let spans = |length: f64| (length / spacing).ceil() as usize + 3;
    let surface =
        GraphSurface::fit(&field, spans(area.width()), spans(area.height()), 0.0).unwrap();
    Slab {
        bottom: surface.raised(-3.0),
        top: surface,
        outline: ellipse([0.0, 0.0], radii, 48),
        holes: Vec::new(),
    }
}

/// A level plate.
pub(crate) fn plate() -> Slab {
    part([20.0, 35.0], 2.0, |_| 4.0)
}

/// A ball of radius 25 mm standing up, cut off where it falls at 53°.
pub(crate) fn dome() -> Slab {
    part([20.0, 20.0], 1.0, |p| sphere_height(p, 25.0))
}

/// The same ball as a bowl.
pub(crate) fn bowl() -> Slab {
    part([20.0, 20.0], 1.0, |p| -sphere_height(p, 25.0))
}

/// Height over the center's level, continued by a cone beyond 24 mm.
fn sphere_height(p: Point2, radius: f64) -> f64 {
    let r = p.coords.norm();
    let edge: f64 = 24.0;
    let rim = (radius * radius - edge * edge).sqrt();
    if r < edge { (radius * radius - r * r).sqrt() } else { rim - (r - edge) * edge / rim }
}

/// A small dome, 20 mm x 24 mm, whose rim falls at up to 61°.
pub(crate) fn button() -> Slab {
    part([10.0, 12.0], 1.0, |p| 7.0 * (-p.coords.norm_squared() / 90.0).exp() + 3.0)
}

/// A shell as orthoses are: a heel cup 14 mm deep with walls up to 62° and a level rim, an arch on the
/// medial side (-x), flat in front. 86 mm x 184 mm.
pub(crate) fn shell() -> Slab {
    part([43.0, 92.0], 2.0, shell_height)
}

fn shell_height(p: Point2) -> f64 {
    let smooth = |t: f64| {
        let t = t.clamp(0.0, 1.0);
        t * t * t * (10.0 - 15.0 * t + 6.0 * t * t)
    };
    let heel = Point2::new(0.0, -50.0);
    let from_heel = (p - heel).component_div(&geometry::Vector2::new(1.0, 1.0)).norm();
    let cup_fade = 1.0 - smooth((p.y + 45.0) / 50.0);
    let cup = 14.0 * smooth((from_heel - 22.0) / 14.0) * cup_fade;
    let along = (-((p.y + 5.0) / 32.0).powi(2)).exp();
    let arch = 16.0 * along * smooth((-p.x + 2.0) / 42.0);
    cup + arch + 0.02 * p.y.max(20.0) - 0.4
}

/// The part as ASCII STL: rings that shrink from the outline to the origin, a wall, and a bottom.
/// Good for outlines that are seen whole from the origin; holes are left closed.
pub(crate) fn star_stl(part: &Slab, offset: geometry::Vector3) -> String {
    const RINGS: u32 = 200;
    let rim = part.outline.polyline(0.002, 0.4);
    let place = |surface: &GraphSurface, ring: u32, corner: usize| {
        let share = f64::from(ring) / f64::from(RINGS);
        surface.lift(Point2::from(rim[corner % rim.len()].coords * share)) + offset
    };
    let mut text = "solid part\n".to_owned();
    let mut facet = |corners: [geometry::Point3; 3]| {
        text += "facet normal 0 0 0\nouter loop\n";
        for p in corners {
            text += &format!("vertex {:.5} {:.5} {:.5}\n", p.x, p.y, p.z);
        }
        text += "endloop\nendfacet\n";
    };
    for corner in 0..rim.len() {
        for ring in 0..RINGS {
            let top = |ring, corner| place(&part.top, ring, corner);
            let bottom = |ring, corner| place(&part.bottom, ring, corner);
            facet([top(ring, corner), top(ring + 1, corner), top(ring + 1, corner + 1)]);
            facet([bottom(ring, corner), bottom(ring + 1, corner + 1), bottom(ring + 1, corner)]);
            if ring > 0 {
                facet([top(ring, corner), top(ring + 1, corner + 1), top(ring, corner + 1)]);
                facet([
                    bottom(ring, corner),
                    bottom(ring, corner + 1),
                    bottom(ring + 1, corner + 1),
                ]);
            }
        }
        let [a, b] = [corner, corner + 1].map(|corner| place(&part.top, RINGS, corner));
        let [c, d] = [corner, corner + 1].map(|corner| place(&part.bottom, RINGS, corner));
        facet([a, c, d]);
        facet([a, d, b]);
    }
    text + "endsolid part\n"
}
