//! Where the part sits in its blank.
//!
//! The zero of the program is the front left corner of the blank's top face: x runs along the width, y
//! along the length, z up; the part is only moved, never turned.

use geometry::{Point2, Rect, Slab, Vector3};
use serde::Serialize;

use crate::region::Region;
use crate::{Blank, MillError};

/// The blank and the part's place in it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Placement {
    /// Width (x), length (y) and height (z) of the blank, mm.
    pub blank_mm: [f64; 3],
    /// Add this to a point of the part to get program coordinates, mm.
    pub blank_from_part: [f64; 3],
}

impl Placement {
    /// Centers the part in the blank, `skin_above_mm` under its top.
    ///
    /// # Errors
    /// [`MillError`] if the part has no finite size or the ordered blank is too small.
    pub fn new(part: &Slab, blank: &Blank) -> Result<Self, MillError> {
        let extent = Extent::of(part)?;
        let margins = 2.0 * blank.margin_mm;
        let needed = [
            extent.plan.width() + margins,
            extent.plan.height() + margins,
            extent.top - extent.bottom + blank.skin_above_mm + blank.skin_below_mm,
        ];
        // Whole millimeters, because that is how blanks are cut.
        let size = blank.size_mm.unwrap_or_else(|| needed.map(f64::ceil));
        for (axis, letter) in ['x', 'y', 'z'].into_iter().enumerate() {
            let fits = (needed[axis] - 1e-9..LONGEST_PART_MM).contains(&size[axis]);
            if !fits {
                let (needed, given) = (needed[axis], size[axis]);
                return Err(MillError::Blank { axis: letter, needed, given });
            }
        }
        let middle = nalgebra::center(&extent.plan.low, &extent.plan.high);
        // Rounded, so that the offset can be read off the program's head.
        let micrometers = |length: f64| (length * 1000.0).round() / 1000.0;
        Ok(Self {
            blank_mm: size,
            blank_from_part: [
                micrometers(size[0] / 2.0 - middle.x),
                micrometers(size[1] / 2.0 - middle.y),
                micrometers(-blank.skin_above_mm - extent.top),
            ],
        })
    }

    /// The offset as a vector.
    #[must_use]
    pub fn offset(&self) -> Vector3 {
        Vector3::from(self.blank_from_part)
    }
}

/// Size of a part: its outline seen from above, and its highest and lowest height.
struct Extent {
    plan: Rect,
    top: f64,
    bottom: f64,
}

impl Extent {
    fn of(part: &Slab) -> Result<Self, MillError> {
        let outline = part.outline.polyline(0.01, 1.0);
        let bound = |pick: fn(&Point2) -> f64| {
            let values = outline.iter().map(pick);
            values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
                (low.min(value), high.max(value))
            })
        };
        let ((left, right), (front, back)) = (bound(|p| p.x), bound(|p| p.y));
        let plan = Rect { low: Point2::new(left, front), high: Point2::new(right, back) };
        let refuse = |reason: &str| Err(MillError::Part { reason: reason.to_owned() });
        let longest = plan.width().max(plan.height());
        if !longest.is_finite() {
            return refuse("its outline has a point that is not finite");
        }
        if plan.width().min(plan.height()) < 1.0 {
            return refuse("its outline is smaller than 1 mm");
        }
        if longest > LONGEST_PART_MM {
            return refuse("it is longer than 2 m; is it in millimeters?");
        }
        let (mut top, mut bottom) = (f64::NEG_INFINITY, f64::INFINITY);
        let region = Region::new(part);
        let inside = region.grid(0.5).filter(|point| region.contains(*point));
        for point in inside.chain(outline.iter().copied()) {
            let (high, low) = (part.top.height(point), part.bottom.height(point));
            if !(high.is_finite() && low.is_finite()) {
                return refuse("a surface has a height that is not finite");
            }
            top = top.max(high);
            bottom = bottom.min(low);
        }
        if top <= bottom {
            return refuse("its top does not lie over its bottom");
        }
        Ok(Self { plan, top, bottom })
    }
}

/// Beyond this a part or a blank is none, and grids over it would not fit into memory.
const LONGEST_PART_MM: f64 = 2000.0;
