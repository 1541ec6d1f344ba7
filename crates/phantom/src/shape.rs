//! The implicit foot in the world frame: skeleton scaled to its measures, standing on its sole.

use geometry::{Point2, Point3, Vector3};

use crate::field::{smooth_maximum, smooth_minimum, smooth_step};
use crate::search::first_hit;
use crate::skeleton::{NOMINAL_LENGTH_MM, Skeleton};
use crate::sole::{CREST_MM, Sole};
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

/// About which line the forefoot turns when it is inverted or everted: x under the fifth and under
/// the first metatarsal head, skeleton mm.
const PIVOTS_MM: [f64; 2] = [40.0, -26.0];

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
    pub(crate) leg_height: f64,
}

impl FootShape {
    /// A foot of the given length whose other measures are the skeleton's own; `sole` is asked for
    /// the sole of a foot of a given scale.
    pub(crate) fn nominal(length_mm: f64, leg_height: f64, sole: impl FnOnce(f64) -> Sole) -> Self {
        let scale = length_mm / NOMINAL_LENGTH_MM;
        Self {
            skeleton: Skeleton::new(),
            sole: sole(scale),
            length_scale: scale,
            height_scale: scale,
            heel_scale: scale,
            ball_scale: scale,
            forefoot_slope: 0.0,
            leg_height,
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
        let x = point.x / self.width_scale(y);
        let z = point.z - self.lift(x, y);
        let bones = Point3::new(x, y, z / self.height_scale);
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

    /// A box that holds the foot.
    pub(crate) fn bounds(&self) -> (Point3, Point3) {
        let width = self.heel_scale.max(self.ball_scale);
        (
            Point3::new(-62.0 * width, -45.0 * self.length_scale, 0.0),
            Point3::new(68.0 * width, 236.0 * self.length_scale, self.leg_height),
        )
    }

    /// World (x, y) of a skeleton (x, y).
    pub(crate) fn world(&self, x: f64, y: f64) -> Point2 {
        Point2::new(x * self.width_scale(y), y * self.length_scale)
    }

    /// World (x, y) of the vault's highest point.
    pub(crate) fn nominal_apex(&self) -> Point2 {
        self.world(CREST_MM, self.sole.apex)
    }

    /// Turns field values of the skeleton into ones of the world that do not overstate distances.
    fn least_scale(&self) -> f64 {
        self.length_scale.min(self.height_scale).min(self.heel_scale).min(self.ball_scale)
    }

    /// World mm per skeleton mm along x at a skeleton y.
    fn width_scale(&self, y: f64) -> f64 {
        let [from, to] = WIDTH_BLEND_MM;
        self.heel_scale + (self.ball_scale - self.heel_scale) * smooth_step(from, to, y)
    }

    /// How far forefoot valgus or varus raises the foot at a skeleton (x, y), mm.
    ///
    /// The border about which the forefoot turns stays on the ground.
    fn lift(&self, x: f64, y: f64) -> f64 {
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
