//! Brings the implicit foot to its ordered measures, and measures it.
//!
//! A measure is an extreme of the implicit surface: lines are shot at it, and a compass search
//! moves the line. Errors are below 1e-3 mm.

use geometry::{Point2, Point3, Vector3};
use serde::{Serialize, Serializer};
use vocabulary::Side;

use crate::search::{climb, first_hit};
use crate::settings::{PhantomError, PhantomSettings};
use crate::shape::FootShape;
use crate::skeleton::NOMINAL_LENGTH_MM;
use crate::sole::Sole;

/// First guess of the heel's back, as a fraction of the length behind the heel seat.
const HEEL_BACK_FRACTION: f64 = 0.13;

/// A measure may miss its order by this much, mm: a hundredth of what a caliper tells.
const REACHED_WITHIN_MM: f64 = 1e-3;

/// Where a search for an extreme ends, mm.
const FINEST_STEP_MM: f64 = 1e-4;

/// The sole's rounded border moves the extremes a little when the foot is scaled, so the scales are
/// corrected a few times; two passes are usual.
const SCALING_PASSES: usize = 6;

/// What is true of a phantom: places in the world frame of its mesh, lengths in mm.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Truth {
    /// Which foot.
    pub side: Side,
    /// Lowest point of the heel: the origin.
    #[serde(serialize_with = "coordinates")]
    pub heel_seat: Point3,
    /// Most posterior point of the heel.
    #[serde(serialize_with = "coordinates")]
    pub heel_back: Point3,
    /// Most medial point of the ball.
    #[serde(serialize_with = "coordinates")]
    pub first_metatarsal_head: Point3,
    /// Most lateral point of the ball.
    #[serde(serialize_with = "coordinates")]
    pub fifth_metatarsal_head: Point3,
    /// Highest point of the sole on the crest of the arch vault, which runs along the foot at a
    /// seventh of the ball width medial of the long axis. Arches over 8 mm are highest at the crest
    /// across the foot, too; in lower ones the rounded medial border outgrows it.
    #[serde(serialize_with = "coordinates")]
    pub arch_apex: Point3,
    /// Foremost point of the toes.
    #[serde(serialize_with = "coordinates")]
    pub toe_tip: Point3,
    /// From the heel's back to the toe tip, along y.
    pub length_mm: f64,
    /// From first to fifth metatarsal head, along x.
    pub ball_width_mm: f64,
    /// Widest section of the heel, along x.
    pub heel_width_mm: f64,
    /// From the heel's back to the first metatarsal head, along y.
    pub truncated_length_mm: f64,
    /// Height of the apex over the ground.
    pub arch_height_mm: f64,
    /// The right foot behind all this.
    #[serde(skip)]
    shape: FootShape,
    /// Edge length of the mesh, mm.
    #[serde(skip)]
    resolution_mm: f64,
}

impl Truth {
    /// What `measured` says of `shape`, a right foot; mirrored for a left one.
    pub(crate) fn new(shape: FootShape, measured: &Measured, settings: &PhantomSettings) -> Self {
        let side = settings.side;
        let placed = |point: Point3| match side {
            Side::Right => point,
            Side::Left => Point3::new(-point.x, point.y, point.z),
        };
        Self {
            side,
            heel_seat: Point3::origin(),
            heel_back: placed(measured.heel_back),
            first_metatarsal_head: placed(measured.first_head),
            fifth_metatarsal_head: placed(measured.fifth_head),
            arch_apex: placed(measured.arch_apex),
            toe_tip: placed(measured.toe_tip),
            length_mm: measured.length(),
            ball_width_mm: measured.ball_width(),
            heel_width_mm: measured.heel_width,
            truncated_length_mm: measured.first_head.y - measured.heel_back.y,
            arch_height_mm: measured.arch_apex.z,
            shape,
            resolution_mm: settings.resolution_mm,
        }
    }

    /// Every landmark with its name.
    #[must_use]
    pub fn landmarks(&self) -> Vec<(&'static str, Point3)> {
        vec![
            ("heel_seat", self.heel_seat),
            ("heel_back", self.heel_back),
            ("first_metatarsal_head", self.first_metatarsal_head),
            ("fifth_metatarsal_head", self.fifth_metatarsal_head),
            ("arch_apex", self.arch_apex),
            ("toe_tip", self.toe_tip),
        ]
    }

    /// +1 where the lateral side is at +x (a right foot), -1 for a left foot.
    #[must_use]
    pub const fn outward(&self) -> f64 {
        match self.side {
            Side::Right => 1.0,
            Side::Left => -1.0,
        }
    }

    /// The right foot behind the truth.
    pub(crate) const fn shape(&self) -> &FootShape {
        &self.shape
    }

    /// Edge length of the phantom's mesh, mm.
    pub(crate) const fn resolution_mm(&self) -> f64 {
        self.resolution_mm
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

/// Writes a point as `[x, y, z]`.
fn coordinates<S: Serializer>(point: &Point3, serializer: S) -> Result<S::Ok, S::Error> {
    [point.x, point.y, point.z].serialize(serializer)
}

/// Extremes of a right foot, world frame, mm.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Measured {
    heel_back: Point3,
    toe_tip: Point3,
    first_head: Point3,
    fifth_head: Point3,
    heel_width: f64,
    arch_apex: Point3,
}

impl Measured {
    fn of(shape: &FootShape) -> Self {
        let (first_head, fifth_head) = metatarsal_heads(shape);
        Self {
            heel_back: heel_back(shape),
            toe_tip: toe_tip(shape),
            first_head,
            fifth_head,
            heel_width: heel_width(shape),
            arch_apex: arch_apex(shape),
        }
    }

    fn length(&self) -> f64 {
        self.toe_tip.y - self.heel_back.y
    }

    fn ball_width(&self) -> f64 {
        self.fifth_head.x - self.first_head.x
    }

    fn apex_from_back(&self) -> f64 {
        self.arch_apex.y - self.heel_back.y
    }

    /// The first measure that is not as ordered.
    fn check(&self, settings: &PhantomSettings) -> Result<(), PhantomError> {
        let measures = [
            ("length_mm", settings.length_mm, self.length()),
            ("ball_width_mm", settings.ball_width_mm, self.ball_width()),
            ("heel_width_mm", settings.heel_width_mm, self.heel_width),
            ("arch_height_mm", settings.arch_height_mm, self.arch_apex.z),
            (
                "arch_apex_fraction times length_mm",
                settings.arch_apex_fraction * settings.length_mm,
                self.apex_from_back(),
            ),
        ];
        for (measure, wanted_mm, reached_mm) in measures {
            let miss = (reached_mm - wanted_mm).abs();
            if miss.is_nan() || miss > REACHED_WITHIN_MM {
                return Err(PhantomError::NotReached { measure, wanted_mm, reached_mm });
            }
        }
        Ok(())
    }
}

/// The right foot whose measures are those of `settings`, and these measures.
pub(crate) fn scaled_to(settings: &PhantomSettings) -> Result<(FootShape, Measured), PhantomError> {
    let apex = (settings.arch_apex_fraction - HEEL_BACK_FRACTION) * NOMINAL_LENGTH_MM;
    let mut shape = FootShape::nominal(settings.length_mm, settings.leg_height_mm, |scale| {
        Sole::new(settings.arch_height_mm, apex, scale)
    });
    shape.forefoot_slope = settings.forefoot_angle.tan();
    let mut measured = Measured::of(&shape);
    for _ in 0..SCALING_PASSES {
        shape.length_scale *= settings.length_mm / measured.length();
        shape.heel_scale *= settings.heel_width_mm / measured.heel_width;
        shape.ball_scale *= settings.ball_width_mm / measured.ball_width();
        shape.sole.arch_height += settings.arch_height_mm - measured.arch_apex.z;
        let apex = settings.arch_apex_fraction * settings.length_mm;
        shape.sole.apex += (apex - measured.apex_from_back()) / shape.length_scale;
        measured = Measured::of(&shape);
        if measured.check(settings).is_ok() {
            break;
        }
    }
    measured.check(settings)?;
    Ok((shape, measured))
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
    climb([0.0, height, height], 4.0, FINEST_STEP_MM, width).1
}

/// Highest point of the sole on the vault's crest.
fn arch_apex(shape: &FootShape) -> Point3 {
    let start = shape.nominal_apex();
    let height = |&[y]: &[f64; 1]| {
        shape.plantar_height(Point2::new(start.x, y)).unwrap_or(f64::NEG_INFINITY)
    };
    let ([y], z) = climb([start.y], 0.5, FINEST_STEP_MM, height);
    Point3::new(start.x, y, z)
}

/// The local extreme of the surface along the unit axis `along`, searched from the line through
/// `start`.
fn extreme(shape: &FootShape, along: Vector3, start: Point3) -> Point3 {
    let across = if along.x == 0.0 { Vector3::x() } else { Vector3::y() };
    let line = |&[u, v]: &[f64; 2]| start + across * u + Vector3::z() * v;
    let ([u, v], reach) =
        climb([0.0, 0.0], 4.0, FINEST_STEP_MM, |at| support(shape, along, line(at)));
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
