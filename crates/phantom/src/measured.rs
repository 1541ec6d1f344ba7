//! Extremes of the implicit foot: lines are shot at it, and a compass search moves the line. Errors are
//! below 1e-3 mm.

use geometry::{Point2, Point3, Vector3};

use crate::search::{climb, first_hit};
use crate::settings::{PhantomError, PhantomSettings};
use crate::shape::{FootShape, NAVICULAR_OVER_ARCH_SHARE};
use crate::skeleton::{
    FIFTH_BASE_MM, LATERAL_MALLEOLUS_MM, MEDIAL_MALLEOLUS_MM, NAVICULAR_Y_MM, NOMINAL_LENGTH_MM,
};

/// First guess of the heel's back, as a fraction of the length behind the heel seat.
pub(crate) const HEEL_BACK_FRACTION: f64 = 0.13;

/// A measure may miss its order by this much, mm: a hundredth of what a caliper tells.
const REACHED_WITHIN_MM: f64 = 1e-3;

/// Where a search for an extreme ends, mm.
const FINEST_STEP_MM: f64 = 1e-4;

/// The sole's rounded border moves the extremes a little when the foot is scaled, so the scales are
/// corrected a few times.
const SCALING_PASSES: usize = 30;

/// Share of its miss by which the apex is moved: the highest place of a low arch moves by up to twice
/// as much as its vault.
const APEX_STEP_SHARE: f64 = 0.5;

/// Sections in which the heel's width is taken, as shares of the length from the heel's back, and the
/// highest place of its walls, as a share of the length.
const HEEL_SECTIONS: [f64; 2] = [0.05, 0.16];
const HEEL_WALL_SHARE: f64 = 0.13;

/// How far inside the ball's medial border the middle of the first metatarsal head lies, as a share of
/// the ball's width.
const HEAD_MIDDLE_SHARE: f64 = 0.18;

/// Extremes of a right foot, world frame, mm.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Measured {
    pub(crate) heel_back: Point3,
    pub(crate) toe_tips: [Point3; 5],
    pub(crate) first_head: Point3,
    pub(crate) fifth_head: Point3,
    pub(crate) heel_width: f64,
    pub(crate) arch_apex: Point3,
}

impl Measured {
    fn of(shape: &FootShape) -> Self {
        let (first_head, fifth_head) = metatarsal_heads(shape);
        let heel_back = heel_back(shape);
        let toe_tips = shape.skeleton.toe_pads.map(|pad| toe_tip(shape, pad));
        let length = foremost(&toe_tips).y - heel_back.y;
        Self {
            heel_back,
            toe_tips,
            first_head,
            fifth_head,
            heel_width: heel_width(shape, heel_back.y, length),
            arch_apex: arch_apex(shape, first_head, fifth_head.x - first_head.x),
        }
    }

    pub(crate) fn toe_tip(&self) -> Point3 {
        foremost(&self.toe_tips)
    }

    pub(crate) fn length(&self) -> f64 {
        self.toe_tip().y - self.heel_back.y
    }

    pub(crate) fn ball_width(&self) -> f64 {
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

fn foremost(tips: &[Point3; 5]) -> Point3 {
    tips.iter().copied().reduce(|a, b| if b.y > a.y { b } else { a }).unwrap_or_default()
}

/// The right foot whose measures are those of `settings`, and these measures.
pub(crate) fn scaled_to(settings: &PhantomSettings) -> Result<(FootShape, Measured), PhantomError> {
    let apex = (settings.arch_apex_fraction - HEEL_BACK_FRACTION) * NOMINAL_LENGTH_MM;
    let mut shape = FootShape::nominal(settings, apex);
    let mut measured = Measured::of(&shape);
    for _ in 0..SCALING_PASSES {
        shape.length_scale *= settings.length_mm / measured.length();
        shape.heel_scale *= settings.heel_width_mm / measured.heel_width;
        shape.ball_scale *= settings.ball_width_mm / measured.ball_width();
        shape.sole.arch_height += settings.arch_height_mm - measured.arch_apex.z;
        let apex = settings.arch_apex_fraction * settings.length_mm;
        let off = (apex - measured.apex_from_back()) / shape.length_scale;
        shape.sole.apex += APEX_STEP_SHARE * off;
        measured = Measured::of(&shape);
        if measured.check(settings).is_ok() {
            break;
        }
    }
    measured.check(settings)?;
    Ok((shape, measured))
}

fn heel_back(shape: &FootShape) -> Point3 {
    extreme(shape, -Vector3::y(), shape.place([0.0, 0.0, 25.0]), 4.0)
}

/// Foremost point of the toe that ends at a pad of the skeleton.
fn toe_tip(shape: &FootShape, pad: Point3) -> Point3 {
    let mut start = shape.place([pad.x, pad.y, pad.z]);
    start.z += shape.lift(pad.x, pad.y);
    // Short steps, so that the search stays on the toe.
    extreme(shape, Vector3::y(), start, 1.0)
}

/// First and fifth metatarsal head: most medial and most lateral point of the ball.
fn metatarsal_heads(shape: &FootShape) -> (Point3, Point3) {
    let first = shape.place([0.0, 152.0, 15.0]);
    let fifth = shape.place([0.0, 133.0, 13.0]);
    (extreme(shape, -Vector3::x(), first, 3.0), extreme(shape, Vector3::x(), fifth, 3.0))
}

/// Widest section of the heel along x, between its walls.
fn heel_width(shape: &FootShape, back: f64, length: f64) -> f64 {
    let [near, far] = HEEL_SECTIONS.map(|share| back + share * length);
    let ceiling = HEEL_WALL_SHARE * length;
    let half = |along: Vector3, y: f64, z: f64| support(shape, along, Point3::new(0.0, y, z));
    let width = |&[y, medial, lateral]: &[f64; 3]| {
        let inside = (near..=far).contains(&y) && medial <= ceiling && lateral <= ceiling;
        if inside {
            half(-Vector3::x(), y, medial) + half(Vector3::x(), y, lateral)
        } else {
            f64::NEG_INFINITY
        }
    };
    let height = 22.0 * shape.height_scale;
    climb([0.5 * (near + far), height, height], 4.0, FINEST_STEP_MM, width).1
}

/// Highest point of the sole on the line from the heel seat to the middle of the first head.
fn arch_apex(shape: &FootShape, first_head: Point3, ball_width: f64) -> Point3 {
    let way = Point2::new(first_head.x + HEAD_MIDDLE_SHARE * ball_width, first_head.y);
    let on_line = |y: f64| Point2::from(way.coords * (y / way.y));
    let height = |&[y]: &[f64; 1]| shape.plantar_height(on_line(y)).unwrap_or(f64::NEG_INFINITY);
    let start = shape.sole.apex * shape.length_scale;
    let ([y], z) = climb([start], 0.5, FINEST_STEP_MM, height);
    let flat = on_line(y);
    Point3::new(flat.x, flat.y, z)
}

/// Places that no measure needs; `None` where the leg is cut below them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Places {
    pub(crate) navicular: Point3,
    pub(crate) fifth_base: Point3,
    pub(crate) medial_malleolus: Option<Point3>,
    pub(crate) lateral_malleolus: Option<Point3>,
    /// Lower and upper end of the line that bisects the back of heel and leg.
    pub(crate) achilles: Option<[Point3; 2]>,
}

/// How much of the leg must be there over a malleolus, skeleton mm.
const OVER_MALLEOLUS_MM: f64 = 12.0;

/// The Achilles line begins at this height at the back of the heel and ends at that one, or this far
/// below the leg cut; shares of the length, and mm.
const ACHILLES_SHARES: [f64; 2] = [0.09, 0.50];
const BELOW_CUT_MM: f64 = 5.0;
/// Shortest leg that shows the line, as a share of the length.
const LEAST_LEG_SHARE: f64 = 0.28;

impl Places {
    pub(crate) fn of(shape: &FootShape, measured: &Measured) -> Self {
        let length = measured.length();
        let navicular = shape.place([-10.0, NAVICULAR_Y_MM, 0.0]);
        let height = NAVICULAR_OVER_ARCH_SHARE * length + measured.arch_apex.z;
        let navicular = skin(shape, -Vector3::x(), Point3::new(0.0, navicular.y, height));
        let [base_y, base_z] = FIFTH_BASE_MM;
        let fifth_base = skin(shape, Vector3::x(), shape.place([0.0, base_y, base_z]));
        let malleolus = |middle: [f64; 3], along: Vector3| {
            let at = shape.place(middle);
            let there = at.z + OVER_MALLEOLUS_MM * shape.height_scale < shape.leg_height;
            there.then(|| extreme(shape, along, at, 2.0))
        };
        let [low, high] = ACHILLES_SHARES.map(|share| share * length);
        let high = high.min(shape.leg_height - BELOW_CUT_MM);
        let back_at = |height: f64| {
            let score =
                |&[x]: &[f64; 1]| support(shape, -Vector3::y(), Point3::new(x, 0.0, height));
            let skeleton_height = height / shape.height_scale;
            let start = shape.place([3.0, -15.0, skeleton_height]).x;
            let ([x], reach) = climb([start], 2.0, FINEST_STEP_MM, score);
            Point3::new(x, -reach, height)
        };
        Self {
            navicular,
            fifth_base,
            medial_malleolus: malleolus(MEDIAL_MALLEOLUS_MM, -Vector3::x()),
            lateral_malleolus: malleolus(LATERAL_MALLEOLUS_MM, Vector3::x()),
            achilles: (high > LEAST_LEG_SHARE * length).then(|| [back_at(low), back_at(high)]),
        }
    }
}

/// Where the line through `through` along `along` leaves the foot.
fn skin(shape: &FootShape, along: Vector3, through: Point3) -> Point3 {
    let reach = support(shape, along, through);
    through + along * (reach - through.coords.dot(&along))
}

/// The local extreme of the surface along the unit axis `along`, searched from the line through
/// `start`.
fn extreme(shape: &FootShape, along: Vector3, start: Point3, first_step: f64) -> Point3 {
    let across = if along.x == 0.0 { Vector3::x() } else { Vector3::y() };
    let line = |&[u, v]: &[f64; 2]| start + across * u + Vector3::z() * v;
    let ([u, v], reach) =
        climb([0.0, 0.0], first_step, FINEST_STEP_MM, |at| support(shape, along, line(at)));
    let from = line(&[u, v]);
    from + along * (reach - from.coords.dot(&along))
}

/// How far the foot reaches along the unit axis `along`, on the line through `through`; `-∞` where
/// the line misses it.
pub(crate) fn support(shape: &FootShape, along: Vector3, through: Point3) -> f64 {
    let far = shape.length_scale * NOMINAL_LENGTH_MM * (1.0 + HEEL_BACK_FRACTION);
    let from = through + along * (far - through.coords.dot(&along));
    first_hit(|at| shape.value(at), from, -along, 2.0 * far)
        .map_or(f64::NEG_INFINITY, |distance| far - distance)
}
