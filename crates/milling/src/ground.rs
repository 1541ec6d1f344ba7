//! How low the tip of a tool may stand over a place of a part.

use geometry::{Point2, Rect, TriMesh, Vector2, Vector3};

use crate::path::Tip;
use crate::plan_view::PlanView;
use crate::triangle_cutter::{LastContact, TriangleCutter};
use crate::{Cutter, Tool};

/// How far outside of the part, in tool radii, the tool has rolled over the rim far enough: a rim that
/// falls outward at up to 86° has been touched. What is steeper is a wall, which the outline leaves.
pub(crate) const ROLLED_RADII: f64 = 0.998;

/// A tip this close over where it would touch does so, mm.
const TOUCHING_MM: f64 = 1e-6;
/// Distance over which the slope of the tip's surface is taken, mm.
const BESIDE_MM: f64 = 0.002;

/// Where a tip may not go, whatever the part.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// How far below the rim it goes beside the part, mm.
    pub(crate) skirt: f64,
    /// Lowest height, program coordinates, mm: over the blank's underside.
    pub(crate) floor: f64,
}

impl Limits {
    /// The trench beside a part: as deep as the tools that are to roll over its rim need it, or `skirt` mm where a web of
    /// material has to stay.
    pub(crate) fn for_rolling(tools: &[&Tool], skirt: f64, floor: f64) -> Self {
        let rolled = |tool: &&Tool| Cutter::of(tool).height_within(ROLLED_RADII * tool.radius_mm());
        Self { skirt: skirt.min(tools.iter().map(rolled).fold(0.0, f64::max)), floor }
    }
}

/// Lowest position of the tip over every place, in program coordinates.
#[derive(Debug)]
pub(crate) struct Ground<'a> {
    drop: TriangleCutter,
    view: &'a PlanView,
    /// Material left on the surface, along its normal.
    allowance: f64,
    radius: f64,
    /// How far below the rim the tip goes beside it.
    skirt: f64,
    /// How far that is once the tool has rolled over the rim.
    rolled: f64,
    /// The tip goes no lower than this, to stay over the blank's underside.
    floor: f64,
}

impl<'a> Ground<'a> {
    /// Prepares a part for a tool that leaves `allowance` mm on it.
    pub(crate) fn new(
        part: &TriMesh,
        view: &'a PlanView,
        tool: &Tool,
        allowance: f64,
        limits: Limits,
    ) -> Self {
        let cutter = Cutter::of(tool);
        let radius = cutter.radius();
        let rolled = cutter.height_within(ROLLED_RADII * radius);
        let Limits { skirt, floor } = limits;
        let grown = if allowance > 0.0 { cutter.grown(allowance) } else { cutter };
        Self {
            drop: TriangleCutter::new(part, grown),
            view,
            allowance,
            radius,
            skirt,
            rolled,
            floor,
        }
    }

    /// Lowest tip over (x, y); `None` where the part is farther than `reach` mm.
    ///
    /// Beyond [`ROLLED_RADII`] outside of the part the tool is stopped as deep below the nearest rim as
    /// it is there: the trench around the part is as deep as finishing needs it and no deeper. `last` holds what was
    /// touched at the place before.
    pub(crate) fn tip(&self, x: f64, y: f64, reach: f64, last: &LastContact) -> Option<f64> {
        let (outside, rim) = self.view.outside(x, y)?;
        if outside > reach {
            return None;
        }
        let touched = self.drop.tip_beside(Point2::new(x, y), last).map(|tip| tip + self.allowance);
        let is_beside = outside > ROLLED_RADII * self.radius || touched.is_none();
        // A shallow skirt already holds the tool while it rolls; a full one only after that.
        let is_held = is_beside || (self.skirt < self.rolled && outside > 0.0);
        let beside = if is_held { rim - self.skirt + self.allowance } else { f64::NEG_INFINITY };
        Some(touched.unwrap_or(f64::NEG_INFINITY).max(beside).max(self.floor))
    }

    /// Where a ball whose tip stands on the ground at a place touches the part; `None` where it stands beside it.
    pub(crate) fn contact(&self, [x, y, z]: Tip, last: &LastContact) -> Option<[f64; 3]> {
        let drop = |dx: f64, dy: f64| self.drop.tip_beside(Point2::new(x + dx, y + dy), last);
        if z > drop(0.0, 0.0)? + self.allowance + TOUCHING_MM {
            return None;
        }
        // The normal where it touches is that of the tip's own surface.
        let rise = |dx: f64, dy: f64| Some((drop(dx, dy)? - drop(-dx, -dy)?) / (2.0 * BESIDE_MM));
        let normal = Vector3::new(-rise(BESIDE_MM, 0.0)?, -rise(0.0, BESIDE_MM)?, 1.0).normalize();
        let center = Vector3::new(x, y, z + self.radius);
        Some((center - normal * self.radius).into())
    }

    /// The rectangle that holds every place within `reach` mm of the part.
    pub(crate) fn area(&self, reach: f64) -> Rect {
        let grow = Vector2::repeat(reach);
        let area = self.view.area();
        Rect { low: area.low - grow, high: area.high + grow }
    }
}
