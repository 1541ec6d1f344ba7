//! How low the tip of a tool may stand over a place of a part.

use geometry::{Point2, Rect, TriMesh, Vector2, Vector3};

use crate::path::Tip;
use crate::plan_view::PlanView;
use crate::triangle_cutter::{LastContact, Rest, TriangleCutter};
use crate::{Cutter, Tool};

/// How far outside of the part, in tool radii, the tool has rolled over the rim far enough: a rim that
/// falls outward at up to 86° has been touched. What is steeper is a wall, which the outline leaves.
pub(crate) const ROLLED_RADII: f64 = 0.998;

/// A ball touches the rim where the part ends within this down the slope, mm: it is seen from above on a grid of half that.
const RIM_MM: f64 = 0.4;

/// A tip this close over where it would touch does so, mm.
const TOUCHING_MM: f64 = 1e-6;

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

/// The lowest position of a tip over a place.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stand {
    /// Height of the tip, mm.
    pub(crate) tip: f64,
    /// Slope of the ground along x and y; `None` where something else than the part holds the tool.
    pub(crate) gradient: Option<[f64; 2]>,
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
        self.held(x, y, reach, last).map(|(tip, _)| tip)
    }

    /// The same with the slope of the ground, where the tool touches the part.
    pub(crate) fn stand(&self, [x, y]: [f64; 2], reach: f64, last: &LastContact) -> Option<Stand> {
        let (tip, rest) = self.held(x, y, reach, last)?;
        Some(Stand { tip, gradient: rest.and_then(|rest| rest.gradient(self.drop.cutter())) })
    }

    /// Lowest tip, and what the tool rests on unless something else holds it.
    fn held(&self, x: f64, y: f64, reach: f64, last: &LastContact) -> Option<(f64, Option<Rest>)> {
        let (outside, rim) = self.view.outside(x, y)?;
        if outside > reach {
            return None;
        }
        let rest = self.drop.rest_beside(Point2::new(x, y), last);
        let touched = rest.map_or(f64::NEG_INFINITY, |rest| rest.tip + self.allowance);
        let is_beside = outside > ROLLED_RADII * self.radius || rest.is_none();
        // A shallow skirt already holds the tool while it rolls; a full one only after that.
        let is_held = is_beside || (self.skirt < self.rolled && outside > 0.0);
        let beside = if is_held { rim - self.skirt + self.allowance } else { f64::NEG_INFINITY };
        let least = beside.max(self.floor);
        Some((touched.max(least), rest.filter(|_| touched >= least)))
    }

    /// Where a ball whose tip stands on the ground at a place touches the part; `None` where it stands beside it.
    pub(crate) fn contact(&self, [x, y, z]: Tip, last: &LastContact) -> Option<[f64; 3]> {
        let rest = self.drop.rest_beside(Point2::new(x, y), last)?;
        if z > rest.tip + self.allowance + TOUCHING_MM {
            return None;
        }
        // The normal where it touches is that of the tip's own surface.
        let [along_x, along_y] = rest.gradient(self.drop.cutter())?;
        let normal = Vector3::new(-along_x, -along_y, 1.0).normalize();
        let center = Vector3::new(x, y, z + self.radius);
        Some((center - normal * self.radius).into())
    }

    /// Distance of a place from the part seen from above, mm; 0 over it.
    pub(crate) fn outside(&self, x: f64, y: f64) -> Option<f64> {
        self.view.outside(x, y).map(|(outside, _)| outside)
    }

    /// Whether the part is seen from above at a place.
    pub(crate) fn is_over_part(&self, [x, y]: [f64; 2]) -> bool {
        self.view.outside(x, y).is_some_and(|(outside, _)| outside <= 0.0)
    }

    /// Whether a ball whose tip stands over a place where the ground has this slope only rolls over the rim of the part.
    pub(crate) fn rolls_over_rim(&self, [x, y]: [f64; 2], [p, q]: [f64; 2]) -> bool {
        let slope = p.hypot(q);
        if slope <= 0.0 {
            return false;
        }
        // The ball touches the part up the slope from its tip, and the part goes on down it.
        let aside = self.radius / slope.hypot(1.0) - RIM_MM / slope;
        !self.is_over_part([x + aside * p, y + aside * q])
    }

    /// The rectangle that holds every place within `reach` mm of the part.
    pub(crate) fn area(&self, reach: f64) -> Rect {
        let grow = Vector2::repeat(reach);
        let area = self.view.area();
        Rect { low: area.low - grow, high: area.high + grow }
    }
}
