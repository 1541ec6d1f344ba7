//! The implicit foot in the world frame: skeleton scaled to its measures, standing on its sole.

use geometry::{Point2, Point3, Vector3};

use crate::field::{smooth_maximum, smooth_minimum, smooth_step};
use crate::search::first_hit;
use crate::settings::{Load, PhantomSettings};
use crate::skeleton::{Anatomy, NOMINAL_LENGTH_MM, Skeleton};
use crate::sole::Sole;
use crate::surface::Solid;

/// Rounding of the border between sole and side walls, of body and toes, skeleton mm.
const SOLE_BORDER_MM: f64 = 11.0;
const TOE_BORDER_MM: f64 = 6.0;

/// How softly toes and ball join, skeleton mm.
const TOE_TO_BALL_BLEND_MM: f64 = 9.0;

/// How softly the toes of a plaster cast join, skeleton mm: bandage does not go between them.
const CAST_TOE_BLEND_MM: f64 = 16.0;

/// Rounding of the rim of the leg cut, mm.
const LEG_RIM_MM: f64 = 3.0;

/// The heel's width scale holds up to the first y, the ball's from the second on; skeleton mm.
const WIDTH_BLEND_MM: [f64; 2] = [38.0, 104.0];

/// x of the middle of the heel in the skeleton, mm: the heel stands over the heel seat, which is the
/// origin of the sole.
const HEEL_MIDDLE_MM: f64 = 2.3;

/// Heel and leg lean up to the first y, the ball from the second on does not; skeleton mm.
const LEAN_BLEND_MM: [f64; 2] = [64.0, 138.0];

/// Height of the navicular's tuberosity over that of the arch, as a share of the length: normalized
/// truncated navicular heights are 0.22 ± 0.04 of 0.74 of the length (G. S. Murley et al., Journal of
/// Foot and Ankle Research 2:22, 2009, doi:10.1186/1757-1146-2-22).
pub(crate) const NAVICULAR_OVER_ARCH_SHARE: f64 = 0.105;

/// How much lower instep and ankle are under load than hanging, which is how the skeleton is written:
/// with it the arch height index (dorsum at half the length over truncated length) is 0.34 standing
/// and 0.36 seated, as R. J. Butler et al. measured (J Am Podiatr Med Assoc 98:102, 2008).
const fn lowered(load: Load) -> f64 {
    match load {
        Load::Full => 0.88,
        Load::Semi => 0.93,
        Load::Unloaded => 1.0,
    }
}

/// The heel's width scale holds up to the first height, the ankle's from the second on; mm of a foot of
/// 260 mm. The ankle's makes bimalleolar breadths those of ANSUR II, 0.272 of the length.
const ANKLE_BLEND_MM: [f64; 2] = [26.0, 68.0];
const ANKLE_WIDENING: f64 = 1.07;

/// About which line the forefoot turns when it is inverted or everted: x under the fifth and under
/// the first metatarsal head, skeleton mm.
const PIVOTS_MM: [f64; 2] = [36.0, -24.0];

/// A right foot as an implicit solid, negative inside; world frame, mm.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct FootShape {
    pub(crate) skeleton: Skeleton,
    pub(crate) sole: Sole,
    /// World mm per skeleton mm along y.
    pub(crate) length_scale: f64,
    /// The same along z.
    pub(crate) height_scale: f64,
    /// The same along x, at the heel.
    pub(crate) heel_scale: f64,
    /// The same along x, from the middle of the foot on.
    pub(crate) ball_scale: f64,
    /// Slope of the forefoot, positive valgus.
    pub(crate) forefoot_slope: f64,
    /// Lean of heel and leg to the medial side per height, positive valgus.
    pub(crate) rearfoot_slope: f64,
    pub(crate) leg_height: f64,
}

impl FootShape {
    /// A foot of the ordered length whose widths are the skeleton's own; `apex` is the arch's place in the
    /// skeleton, mm.
    pub(crate) fn nominal(settings: &PhantomSettings, apex: f64) -> Self {
        let scale = settings.length_mm / NOMINAL_LENGTH_MM;
        let height_scale = scale * lowered(settings.load);
        let navicular = NAVICULAR_OVER_ARCH_SHARE * settings.length_mm + settings.arch_height_mm;
        let anatomy = Anatomy {
            navicular_height: navicular / height_scale,
            toe_pattern: settings.toe_pattern,
            toe_posture: settings.toe_posture,
        };
        Self {
            skeleton: Skeleton::new(anatomy),
            sole: Sole::new(settings.arch_height_mm, apex, scale, settings.load),
            length_scale: scale,
            height_scale,
            heel_scale: scale,
            ball_scale: scale,
            forefoot_slope: settings.forefoot_angle.tan(),
            rearfoot_slope: settings.rearfoot_angle.tan(),
            leg_height: settings.leg_height_mm,
        }
    }

    /// The same foot as a positive cast: cut at a height, toes grown together.
    pub(crate) fn as_cast(&self, height: f64) -> Self {
        let mut cast = self.clone();
        cast.leg_height = height;
        cast.skeleton.toe_to_toe_blend = CAST_TOE_BLEND_MM;
        cast
    }

    /// Field at a world point: negative inside.
    pub(crate) fn value(&self, point: &Point3) -> f64 {
        let y = point.y / self.length_scale;
        let x = (point.x + self.lean(y) * point.z) / self.width_scale(y, point.z);
        let z = point.z - self.lift(x, y);
        let bones = Point3::new(x + HEEL_MIDDLE_MM, y, z / self.height_scale);
        let body = self.skeleton.body(&bones);
        let toes = self.skeleton.toes(&bones, body + TOE_TO_BALL_BLEND_MM);
        let under_sole = (self.sole.height(x, y) - z) / self.height_scale;
        let standing = smooth_minimum(
            smooth_maximum(body, under_sole, SOLE_BORDER_MM),
            smooth_maximum(toes, under_sole, TOE_BORDER_MM),
            TOE_TO_BALL_BLEND_MM,
        )
        // Where ball and toes join near the ground, the rounding would reach under it.
        .max(under_sole)
            * self.least_scale();
        smooth_maximum(standing, point.z - self.leg_height, LEG_RIM_MM)
    }

    /// Height of the sole over the ground, seen straight from below; `None` beside the foot.
    pub(crate) fn plantar_height(&self, point: Point2) -> Option<f64> {
        let from = Point3::new(point.x, point.y, -1.0);
        let reach = self.leg_height + 1.0;
        first_hit(|at| self.value(at), from, Vector3::z(), reach).map(|distance| distance - 1.0)
    }

    /// Whether the sole over a point of the ground is lower than `height` mm.
    pub(crate) fn is_below(&self, point: Point2, height: f64) -> bool {
        let from = Point3::new(point.x, point.y, -0.1);
        first_hit(|at| self.value(at), from, Vector3::z(), height + 0.1).is_some()
    }

    /// A box that holds the foot.
    pub(crate) fn bounds(&self) -> (Point3, Point3) {
        let width = self.heel_scale.max(self.ball_scale);
        let lean = self.rearfoot_slope.abs() * self.leg_height;
        (
            Point3::new(-62.0 * width - lean, -45.0 * self.length_scale, 0.0),
            Point3::new(68.0 * width + lean, 240.0 * self.length_scale, self.leg_height),
        )
    }

    /// World place of a place of the skeleton, on a level forefoot.
    pub(crate) fn place(&self, [x, y, z]: [f64; 3]) -> Point3 {
        let height = z * self.height_scale;
        let across = (x - HEEL_MIDDLE_MM) * self.width_scale(y, height) - self.lean(y) * height;
        Point3::new(across, y * self.length_scale, height)
    }

    /// How far heel and leg lean to the medial side per height at a skeleton y.
    fn lean(&self, y: f64) -> f64 {
        let [from, to] = LEAN_BLEND_MM;
        self.rearfoot_slope * (1.0 - smooth_step(from, to, y))
    }

    /// Turns field values of the skeleton into ones of the world that do not overstate distances.
    fn least_scale(&self) -> f64 {
        self.length_scale.min(self.height_scale).min(self.heel_scale).min(self.ball_scale)
    }

    /// World mm per skeleton mm along x at a skeleton y and a height in the world.
    ///
    /// A wide heel is wide at its pad, not at its ankle.
    fn width_scale(&self, y: f64, z: f64) -> f64 {
        let [low, high] = ANKLE_BLEND_MM.map(|height| height * self.length_scale);
        let ankle = ANKLE_WIDENING * self.length_scale;
        let heel = self.heel_scale + (ankle - self.heel_scale) * smooth_step(low, high, z);
        let [from, to] = WIDTH_BLEND_MM;
        heel + (self.ball_scale - heel) * smooth_step(from, to, y)
    }

    /// How far forefoot valgus or varus raises the foot at a skeleton (x, y), mm.
    ///
    /// The border about which the forefoot turns stays on the ground.
    pub(crate) fn lift(&self, x: f64, y: f64) -> f64 {
        if self.forefoot_slope == 0.0 {
            return 0.0;
        }
        let [fifth, first] = PIVOTS_MM;
        let beyond = if self.forefoot_slope > 0.0 { x - first } else { fifth - x };
        let forefoot = smooth_step(self.sole.apex + 4.0, 132.0, y);
        // Bends over 6 mm rather than with a crease.
        let raised = 0.5 * (beyond + (beyond * beyond + 36.0).sqrt());
        self.forefoot_slope.abs() * forefoot * raised * self.ball_scale
    }
}

impl Solid for FootShape {
    fn value(&self, point: &Point3) -> f64 {
        Self::value(self, point)
    }

    fn bounds(&self) -> (Point3, Point3) {
        Self::bounds(self)
    }
}
