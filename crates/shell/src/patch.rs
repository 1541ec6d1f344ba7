//! Raised and lowered places of the top: weights of the plane that are 0 far away and 1 where the dose is full.

use geometry::{HeightField, Point2, Rect, Vector2, polygon};

use crate::smooth;

/// Blends are at least this times the root of the dose wide, mm, so that a 6 mm ball-nose reaches everywhere: the
/// sharpest bend of a quintic step of height h over a width L is 5.77 h / L², which is 1 / 3.2 mm at L = 4.3 √h.
const NARROWEST_BLEND: f64 = 4.3;

/// A place of the top that is raised (+) or lowered (-).
#[derive(Clone, Debug)]
pub(crate) struct Patch {
    /// Which operation of the design it belongs to.
    pub(crate) index: usize,
    /// Raise where the weight is 1, mm.
    pub(crate) height: f64,
    pub(crate) shape: Shape,
}

/// Weight of a patch over the plane.
#[derive(Clone, Debug)]
pub(crate) enum Shape {
    /// A drop-shaped dome around its peak: half axes across, forward and back.
    Dome { peak: Point2, across: f64, front: f64, back: f64 },
    /// Full inside a polygon, falling to 0 over a blend outside.
    Region { corners: Vec<Point2>, blend: f64 },
    /// A channel or a disc (both ends equal): full within `core` of the line, falling over `blend`.
    Channel { from: Point2, to: Point2, core: f64, blend: f64 },
    /// A bar across the foot, `ahead` of a line y(x): full over `plateau`, with a ramp on either side.
    Bar { line: smooth::Track, back: f64, plateau: f64, front: f64, sides: [f64; 2] },
    /// Like a region, growing from 0 to 1 along y.
    Ramp { corners: Vec<Point2>, blend: f64, start: f64, end: f64 },
    /// Given weights, 0 outside.
    Map(HeightField),
}

/// The narrowest blend for a dose.
pub(crate) fn blend(wanted: f64, dose: f64) -> f64 {
    wanted.max(NARROWEST_BLEND * dose.abs().sqrt())
}

impl Patch {
    pub(crate) fn at(&self, point: Point2) -> f64 {
        self.height * self.shape.weight(point)
    }
}

impl Shape {
    /// 0 to 1.
    pub(crate) fn weight(&self, point: Point2) -> f64 {
        match self {
            Self::Dome { peak, across, front, back } => {
                let offset = point - peak;
                let along = offset.y / if offset.y > 0.0 { *front } else { *back };
                1.0 - smooth::step(0.0, 1.0, (offset.x / across).hypot(along))
            }
            Self::Region { corners, blend } => region(corners, *blend, point),
            Self::Channel { from, to, core, blend } => {
                let distance = polygon::distance_to_segment(*from, *to, point);
                1.0 - smooth::step(*core, core + blend, distance)
            }
            Self::Bar { line, back, plateau, front, sides } => {
                let ahead = point.y - line.at(point.x);
                let along = smooth::step(-back, 0.0, ahead)
                    * (1.0 - smooth::step(*plateau, plateau + front, ahead));
                let across = smooth::step(sides[0] - front, sides[0], point.x)
                    * (1.0 - smooth::step(sides[1], sides[1] + front, point.x));
                along * across
            }
            Self::Ramp { corners, blend, start, end } => {
                let grown = ((point.y - start) / (end - start)).clamp(0.0, 1.0);
                grown * region(corners, *blend, point)
            }
            Self::Map(weights) => weights.sample(point).unwrap_or(0.0),
        }
    }

    /// A rectangle outside of which the weight is 0.
    pub(crate) fn bounds(&self) -> Rect {
        let around = |low: Point2, high: Point2, margin: f64| Rect {
            low: low - Vector2::repeat(margin),
            high: high + Vector2::repeat(margin),
        };
        match self {
            Self::Dome { peak, across, front, back } => Rect {
                low: peak - Vector2::new(*across, *back),
                high: peak + Vector2::new(*across, *front),
            },
            Self::Region { corners, blend } | Self::Ramp { corners, blend, .. } => {
                let area = crate::thickness::bounds(corners, 0.0);
                around(area.low, area.high, *blend)
            }
            Self::Channel { from, to, core, blend } => {
                around(from.inf(to), from.sup(to), core + blend)
            }
            Self::Bar { line, back, plateau, front, sides } => {
                let (low, high) = line
                    .values
                    .iter()
                    .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), y| {
                        (low.min(*y), high.max(*y))
                    });
                Rect {
                    low: Point2::new(sides[0] - front, low - back),
                    high: Point2::new(sides[1] + front, high + plateau + front),
                }
            }
            Self::Map(weights) => weights.area(),
        }
    }
}

fn region(corners: &[Point2], blend: f64, point: Point2) -> f64 {
    if polygon::contains(corners, point) {
        return 1.0;
    }
    1.0 - smooth::step(0.0, blend, polygon::distance_to_border(corners, point))
}
