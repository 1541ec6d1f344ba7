//! Brings the implicit foot to its ordered measures, and measures it.
//!
//! A measure is an extreme of the implicit surface: lines are shot at it, and a compass search
//! moves the line. Errors are below 1e-3 mm.

use geometry::{Point2, Point3, Vector3};
use vocabulary::Side;

use crate::search::{climb, first_hit};
use crate::settings::{PhantomError, PhantomSettings};
use crate::shape::FootShape;
use crate::skeleton::NOMINAL_LENGTH_MM;
use crate::sole::Sole;

/// First guess of the heel's back, as a fraction of the length behind the heel seat.
const HEEL_BACK_FRACTION: f64 = 0.13;

/// A measure may miss its order by this much, mm.
const REACHED_WITHIN_MM: f64 = 0.01;

/// What is true of a phantom: places in the world frame of its mesh, lengths in mm.
#[derive(Clone, Debug, PartialEq)]
pub struct Truth {
    /// Which foot.
    pub side: Side,
    /// Lowest point of the heel: the origin.
    pub heel_seat: Point3,
    /// Most posterior point of the heel.
    pub heel_back: Point3,
    /// Most medial point of the ball.
    pub first_metatarsal_head: Point3,
    /// Most lateral point of the ball.
    pub fifth_metatarsal_head: Point3,
    /// Highest point of the arch vault in the sole.
    pub arch_apex: Point3,
    /// Foremost point of the toes.
    pub toe_tip: Point3,
    /// From the heel's back to the toe tip, along y.
    pub length_mm: f64,
    /// From first to fifth metatarsal head, along x.
    pub ball_width_mm: f64,
    /// Widest section of the heel, along x.
    pub heel_width_mm: f64,
    /// From the heel's back to the middle of the metatarsal line, along y.
    pub truncated_length_mm: f64,
    /// Height of the apex over the ground.
    pub arch_height_mm: f64,
    /// The right foot behind all this.
    shape: FootShape,
}

impl Truth {
    /// Measures `shape`, a right foot, and mirrors the places for a left one.
    pub(crate) fn of(shape: FootShape, side: Side) -> Self {
        let heel_back = heel_back(&shape);
        let toe_tip = toe_tip(&shape);
        let (first, fifth) = metatarsal_heads(&shape);
        let apex = arch_apex(&shape);
        let placed = |point: Point3| match side {
            Side::Right => point,
            Side::Left => Point3::new(-point.x, point.y, point.z),
        };
        Self {
            side,
            heel_seat: Point3::origin(),
            heel_back: placed(heel_back),
            first_metatarsal_head: placed(first),
            fifth_metatarsal_head: placed(fifth),
            arch_apex: placed(apex),
            toe_tip: placed(toe_tip),
            length_mm: toe_tip.y - heel_back.y,
            ball_width_mm: fifth.x - first.x,
            heel_width_mm: heel_width(&shape),
            truncated_length_mm: 0.5 * (first.y + fifth.y) - heel_back.y,
            arch_height_mm: apex.z,
            shape,
        }
    }

    /// Height of the sole over the ground plane at a point of it, seen straight from below, mm;
    /// `None` beside the foot. World frame, from the implicit surface: exact to 1e-9 mm.
    ///
    /// The side walls count too: near the silhouette the height rises steeply.
    #[must_use]
    pub fn plantar_height(&self, point: Point2) -> Option<f64> {
        match self.side {
            Side::Right => self.shape.plantar_height(point),
            Side::Left => self.shape.plantar_height(Point2::new(-point.x, point.y)),
        }
    }
}

/// The right foot whose measures are those of `settings`.
pub(crate) fn scaled_to(settings: &PhantomSettings) -> Result<FootShape, PhantomError> {
    let sole = Sole { arch_height: settings.arch_height_mm, apex: 0.0 };
    let mut shape = FootShape::nominal(settings.length_mm, settings.leg_height_mm, sole);
    shape.forefoot_slope = settings.forefoot_angle.tan();
    // The sole's rounded border moves the extremes a little, so each pass sees the last one's scale.
    for _ in 0..4 {
        let back = heel_back(&shape).y;
        shape.length_scale *= settings.length_mm / (toe_tip(&shape).y - back);
        let apex = back + settings.arch_apex_fraction * settings.length_mm;
        shape.sole.apex = apex / shape.length_scale;
        shape.heel_scale *= settings.heel_width_mm / heel_width(&shape);
        shape.sole.arch_height += settings.arch_height_mm - arch_apex(&shape).z;
        let (first, fifth) = metatarsal_heads(&shape);
        shape.ball_scale *= settings.ball_width_mm / (fifth.x - first.x);
    }
    reached(&shape, settings)?;
    Ok(shape)
}

/// Refuses a foot that missed one of its measures.
fn reached(shape: &FootShape, settings: &PhantomSettings) -> Result<(), PhantomError> {
    let (first, fifth) = metatarsal_heads(shape);
    let measures = [
        ("length_mm", settings.length_mm, toe_tip(shape).y - heel_back(shape).y),
        ("ball_width_mm", settings.ball_width_mm, fifth.x - first.x),
        ("heel_width_mm", settings.heel_width_mm, heel_width(shape)),
        ("arch_height_mm", settings.arch_height_mm, arch_apex(shape).z),
    ];
    for (measure, wanted_mm, reached_mm) in measures {
        let miss = (reached_mm - wanted_mm).abs();
        if miss.is_nan() || miss > REACHED_WITHIN_MM {
            return Err(PhantomError::NotReached { measure, wanted_mm, reached_mm });
        }
    }
    Ok(())
}

fn heel_back(shape: &FootShape) -> Point3 {
    let scale = shape.height_scale;
    extreme(shape, -Vector3::y(), Point3::new(0.0, 0.0, 25.0 * scale))
}

fn toe_tip(shape: &FootShape) -> Point3 {
    // Either of the first two toes may be the longest.
    let hallux = shape.world(-22.0, NOMINAL_LENGTH_MM);
    let second = shape.world(0.0, NOMINAL_LENGTH_MM);
    let [a, b] = [hallux, second]
        .map(|at| extreme(shape, Vector3::y(), Point3::new(at.x, 0.0, 9.0 * shape.height_scale)));
    if a.y >= b.y { a } else { b }
}

/// First and fifth metatarsal head: most medial and most lateral point of the ball.
fn metatarsal_heads(shape: &FootShape) -> (Point3, Point3) {
    let height = 15.0 * shape.height_scale;
    let first = Point3::new(0.0, shape.world(0.0, 152.0).y, height);
    let fifth = Point3::new(0.0, shape.world(0.0, 136.0).y, height);
    (extreme(shape, -Vector3::x(), first), extreme(shape, Vector3::x(), fifth))
}

/// Widest section of the heel along x, below the ankle.
fn heel_width(shape: &FootShape) -> f64 {
    let height = 22.0 * shape.height_scale;
    let half = |along: Vector3, y: f64, z: f64| support(shape, along, Point3::new(0.0, y, z));
    let width = |&[y, medial, lateral]: &[f64; 3]| {
        half(-Vector3::x(), y, medial) + half(Vector3::x(), y, lateral)
    };
    climb([0.0, height, height], 4.0, 1e-5, width).1
}

/// Highest point of the arch vault.
fn arch_apex(shape: &FootShape) -> Point3 {
    let start = shape.nominal_apex();
    let height =
        |&[x, y]: &[f64; 2]| shape.plantar_height(Point2::new(x, y)).unwrap_or(f64::NEG_INFINITY);
    let ([x, y], z) = climb([start.x, start.y], 0.5, 1e-5, height);
    Point3::new(x, y, z)
}

/// The local extreme of the surface along the unit axis `along`, searched from the line through
/// `start`.
fn extreme(shape: &FootShape, along: Vector3, start: Point3) -> Point3 {
    let across = if along.x == 0.0 { Vector3::x() } else { Vector3::y() };
    let line = |&[u, v]: &[f64; 2]| start + across * u + Vector3::z() * v;
    let ([u, v], reach) = climb([0.0, 0.0], 4.0, 1e-5, |at| support(shape, along, line(at)));
    let from = line(&[u, v]);
    from + along * (reach - from.coords.dot(&along))
}

/// How far the foot reaches along the unit axis `along`, on the line through `through`; `-∞` where
/// the line misses it.
fn support(shape: &FootShape, along: Vector3, through: Point3) -> f64 {
    let far = shape.length_scale * NOMINAL_LENGTH_MM * (1.0 + HEEL_BACK_FRACTION);
    let from = through + along * (far - through.coords.dot(&along));
    first_hit(|at| shape.value(at), from, -along, 2.0 * far)
        .map_or(f64::NEG_INFINITY, |distance| far - distance)
}
