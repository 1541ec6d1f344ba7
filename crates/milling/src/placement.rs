//! Where the part sits in its blank.
//!
//! The zero of the program is the front left corner of the blank's top face: x runs along the width, y
//! along the length, z up; the part is only moved, never turned.

use geometry::{Point3, TriMesh, Vector3};
use serde::Serialize;

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
    pub fn new(part: &TriMesh, blank: &Blank) -> Result<Self, MillError> {
        let (low, high) = extent(part)?;
        let margins = 2.0 * blank.margin_mm;
        let needed = [
            high.x - low.x + margins,
            high.y - low.y + margins,
            high.z - low.z + blank.skin_above_mm + blank.skin_below_mm,
        ];
        // Whole millimeters, because that is how blanks are cut.
        let size = blank.size_mm.unwrap_or_else(|| needed.map(|length| (length - 1e-6).ceil()));
        for (axis, letter) in ['x', 'y', 'z'].into_iter().enumerate() {
            let fits = (needed[axis] - 1e-6..LONGEST_PART_MM).contains(&size[axis]);
            if !fits {
                let (needed, given) = (needed[axis], size[axis]);
                return Err(MillError::Blank { axis: letter, needed, given });
            }
        }
        // Rounded, so that the offset can be read off the program's head.
        let micrometers = |length: f64| (length * 1000.0).round() / 1000.0;
        Ok(Self {
            blank_mm: size,
            blank_from_part: [
                micrometers(size[0] / 2.0 - f64::midpoint(low.x, high.x)),
                micrometers(size[1] / 2.0 - f64::midpoint(low.y, high.y)),
                micrometers(-blank.skin_above_mm - high.z),
            ],
        })
    }

    /// The offset as a vector.
    #[must_use]
    pub fn offset(&self) -> Vector3 {
        Vector3::from(self.blank_from_part)
    }
}

fn extent(part: &TriMesh) -> Result<(Point3, Point3), MillError> {
    let refuse = |reason: &str| Err(MillError::Part { reason: reason.to_owned() });
    if !part.vertices.iter().all(|point| point.coords.iter().all(|c| c.is_finite())) {
        return refuse("it has a point that is not finite");
    }
    let Some((low, high)) = part.bounds().filter(|_| !part.triangles.is_empty()) else {
        return refuse("it has no triangles");
    };
    let size = high - low;
    if size.x.min(size.y) < 1.0 {
        return refuse("its outline is smaller than 1 mm");
    }
    if size.x.max(size.y).max(size.z) > LONGEST_PART_MM {
        return refuse("it is longer than 2 m; is it in millimeters?");
    }
    Ok((low, high))
}

/// Beyond this a part or a blank is none, and grids over it would not fit into memory.
const LONGEST_PART_MM: f64 = 2000.0;
