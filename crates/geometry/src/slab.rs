use crate::{ClosedCurve, GraphSurface, Point2, Relief};

/// A solid between two graph surfaces over a trimmed region of the plane: a shell's one truth of shape.
///
/// The wall between the two surfaces stands upright on the trim curves.
#[derive(Clone, Debug, PartialEq)]
pub struct Slab {
    /// The surface that touches the foot.
    pub top: GraphSurface,
    /// The surface that faces the shoe; lies under `top` everywhere inside the trim.
    pub bottom: GraphSurface,
    /// The outer border, counter-clockwise seen from above.
    pub outline: ClosedCurve,
    /// Borders of cut-outs inside the outline, clockwise.
    pub holes: Vec<ClosedCurve>,
    /// A mark in the bottom; it stays inside the borders.
    pub relief: Option<Relief>,
}

impl Slab {
    /// Heights of top and bottom at a point, for little more than the cost of one where both have the same knots.
    #[must_use]
    pub fn heights(&self, point: Point2) -> [f64; 2] {
        self.top.heights_with(&self.bottom, point)
    }

    /// The mirror image in x = 0: a right device becomes a left one.
    #[must_use]
    pub fn mirrored_x(&self) -> Self {
        Self {
            top: self.top.mirrored_x(),
            bottom: self.bottom.mirrored_x(),
            outline: self.outline.mirrored_x(),
            holes: self.holes.iter().map(ClosedCurve::mirrored_x).collect(),
            relief: self.relief.as_ref().map(Relief::mirrored_x),
        }
    }

    /// The same slab, `offset` mm higher.
    #[must_use]
    pub fn raised(&self, offset: f64) -> Self {
        Self { top: self.top.raised(offset), bottom: self.bottom.raised(offset), ..self.clone() }
    }

    /// The same slab without its mark.
    #[must_use]
    pub fn unmarked(&self) -> Self {
        Self { relief: None, ..self.clone() }
    }
}
