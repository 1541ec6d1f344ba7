//! Parts and an order for the tests of this crate.

use geometry::{Point2, TriMesh};

use crate::{Blank, Cutter, Cutting, Dialect, Machine, MillOrder, Tool, ToolShape};

/// A ball nose of 6 mm.
pub(crate) fn ball_nose() -> Tool {
    Tool {
        number: 1,
        name: "Ball nose 6 mm".to_owned(),
        shape: ToolShape::Ball,
        diameter_mm: 6.0,
        flute_length_mm: 45.0,
        stickout_mm: 55.0,
        flutes: 2,
        shank_diameter_mm: 6.0,
        holder_diameter_mm: 30.0,
        highest_rpm: None,
    }
}

/// A drill of 6 mm with a point of 118°.
pub(crate) fn drill() -> Tool {
    Tool {
        number: 7,
        name: "Drill 6 mm".to_owned(),
        shape: ToolShape::Drill { half_angle_rad: 59.0_f64.to_radians() },
        flute_length_mm: 57.0,
        stickout_mm: 65.0,
        ..ball_nose()
    }
}

/// An engraving tool with a round tip of 0.6 mm.
pub(crate) fn engraver() -> Tool {
    Tool {
        number: 8,
        name: "Engraver 0.6 mm".to_owned(),
        shape: ToolShape::Tapered { tip_radius_mm: 0.3, half_angle_rad: 10.0_f64.to_radians() },
        diameter_mm: 3.0,
        flute_length_mm: 8.0,
        stickout_mm: 32.0,
        shank_diameter_mm: 3.0,
        holder_diameter_mm: 20.0,
        ..ball_nose()
    }
}

/// A ball, a flat end, a bull nose and a tapered ball of 6 mm.
pub(crate) fn cutters() -> [Cutter; 4] {
    [
        ToolShape::Ball,
        ToolShape::Flat,
        ToolShape::BullNose { corner_mm: 1.0 },
        ToolShape::Tapered { tip_radius_mm: 1.0, half_angle_rad: 0.2 },
    ]
    .map(|shape| Cutter::of(&Tool { shape, ..ball_nose() }))
}

/// A router.
pub(crate) fn router(controller: gcode::mill::Dialect) -> Machine {
    Machine {
        name: "Router 600 x 400".to_owned(),
        dialect: Dialect::usual(controller),
        travel_mm: [600.0, 400.0, 90.0],
        max_feed_mm_per_min: 5000.0,
        rapid_mm_per_min: 6000.0,
        acceleration_mm_per_s2: 400.0,
        junction_deviation_mm: 0.01,
        spindle_rpm_range: [6000.0, 24_000.0],
        safe_height_mm: 8.0,
        spoil_board_mm: 10.0,
        fixtures: Vec::new(),
    }
}

/// A GRBL router with a 6 mm ball and polypropylene data.
pub(crate) fn order() -> MillOrder {
    MillOrder {
        machine: router(gcode::mill::Dialect::Grbl),
        tool: ball_nose(),
        rougher: None,
        outline_tool: None,
        cutting: Cutting {
            spindle_rpm: 12_000.0,
            feed_mm_per_min: 2400.0,
            plunge_mm_per_min: 600.0,
            roughing_step_down_mm: 3.0,
            roughing_step_over_mm: 2.4,
            roughing_allowance_mm: 0.5,
            semi_finishing: None,
            finishing_step_over_mm: 0.5,
            tolerance_mm: 0.01,
        },
        blank: Blank { size_mm: None, margin_mm: 10.0, skin_above_mm: 1.0, skin_below_mm: 3.0 },
        roughing: crate::Roughing::Parallel,
        spread: crate::Spread::EvenScallop,
        finishing: crate::Finishing::Parallel,
        dowels: None,
        engraving: None,
        separation: crate::Separation::Stay,
        left_limit_mm: crate::LEFT_LIMIT_MM,
        unreachable_limit_mm: crate::UNREACHABLE_LIMIT_MM,
        label: "test part".to_owned(),
    }
}

/// Corners of an ellipse, one every 3°, counter-clockwise.
pub(crate) fn ellipse(center: [f64; 2], radii: [f64; 2]) -> Vec<Point2> {
    (0..CORNERS)
        .map(|index| {
            let (sin, cos) =
                (std::f64::consts::TAU * f64::from(index) / f64::from(CORNERS)).sin_cos();
            Point2::new(center[0] + radii[0] * cos, center[1] + radii[1] * sin)
        })
        .collect()
}

/// Corners of every outline here.
const CORNERS: u32 = 240;
/// Rings of triangles between the inner and the outer outline.
const RINGS: usize = 90;

/// A closed part 3 mm thick between two outlines of [`CORNERS`] corners; an inner outline that is a single
/// point everywhere gives a part without a hole.
pub(crate) fn ring(inner: &[Point2], outer: &[Point2], top: impl Fn(Point2) -> f64) -> TriMesh {
    let count = outer.len();
    let mut mesh = TriMesh::default();
    for depth in [0.0, -3.0] {
        for ring in 0..=RINGS {
            let share = ring as f64 / RINGS as f64;
            mesh.vertices.extend(inner.iter().zip(outer).map(|(inner, outer)| {
                let place = inner + (outer - inner) * share;
                geometry::Point3::new(place.x, place.y, top(place) + depth)
            }));
        }
    }
    let vertex = |side: usize, ring: usize, corner: usize| {
        ((side * (RINGS + 1) + ring) * count + corner % count) as u32
    };
    for corner in 0..count {
        for ring in 0..RINGS {
            for side in 0..2 {
                let [a, b] = [ring, ring + 1].map(|ring| vertex(side, ring, corner));
                let [d, c] = [ring, ring + 1].map(|ring| vertex(side, ring, corner + 1));
                let quad = [[a, b, c], [a, c, d]];
                let turned = quad.map(|[p, q, r]| if side == 0 { [p, q, r] } else { [p, r, q] });
                mesh.triangles.extend(turned);
            }
        }
        for (ring, outward) in [(0, false), (RINGS, true)] {
            let [a, b] = [corner, corner + 1].map(|corner| vertex(0, ring, corner));
            let [d, c] = [corner, corner + 1].map(|corner| vertex(1, ring, corner));
            let quad = if outward { [[a, d, c], [a, c, b]] } else { [[a, c, d], [a, b, c]] };
            mesh.triangles.extend(quad);
        }
    }
    // A part without a hole has neither wall nor triangles where all its corners are one point.
    mesh.triangles.retain(|triangle| {
        let [a, b, c] = triangle.map(|index| mesh.vertices[index as usize]);
        (b - a).cross(&(c - a)).norm() > 1e-9
    });
    mesh
}

/// A part 3 mm thick under a given top, with an elliptic outline around the origin.
pub(crate) fn part(radii: [f64; 2], top: impl Fn(Point2) -> f64) -> TriMesh {
    ring(&[Point2::origin(); CORNERS as usize], &ellipse([0.0, 0.0], radii), top)
}

/// A level plate.
pub(crate) fn plate() -> TriMesh {
    part([20.0, 35.0], |_| 4.0)
}

/// A ball of radius 25 mm standing up, cut off where it falls at 53°.
pub(crate) fn dome() -> TriMesh {
    part([20.0, 20.0], |p| sphere_height(p, 25.0))
}

/// The same ball as a bowl.
pub(crate) fn bowl() -> TriMesh {
    part([20.0, 20.0], |p| -sphere_height(p, 25.0))
}

/// Height over the center's level, continued by a cone beyond 24 mm.
fn sphere_height(p: Point2, radius: f64) -> f64 {
    let r = p.coords.norm();
    let edge: f64 = 24.0;
    let rim = (radius * radius - edge * edge).sqrt();
    if r < edge { (radius * radius - r * r).sqrt() } else { rim - (r - edge) * edge / rim }
}

/// A small dome, 20 mm x 24 mm, whose rim falls at up to 61°.
pub(crate) fn button() -> TriMesh {
    part([10.0, 12.0], |p| 7.0 * (-p.coords.norm_squared() / 90.0).exp() + 3.0)
}

/// A shell as orthoses are: a heel cup 14 mm deep with walls up to 62° and a level rim, an arch on the
/// medial side (-x), flat in front. 86 mm x 184 mm.
pub(crate) fn shell() -> TriMesh {
    part([43.0, 92.0], shell_height)
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

/// Binary STL.
pub(crate) fn stl(mesh: &TriMesh) -> Vec<u8> {
    let mut bytes = vec![0; 80];
    bytes.extend((mesh.triangles.len() as u32).to_le_bytes());
    for corners in mesh.corner_points() {
        bytes.extend([0; 12]);
        for corner in corners {
            bytes.extend(corner.iter().flat_map(|c| (*c as f32).to_le_bytes()));
        }
        bytes.extend([0; 2]);
    }
    bytes
}
