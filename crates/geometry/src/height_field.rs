use crate::{Point2, Rect};

/// Heights over a regular grid of the plane; `NaN` where nothing is known.
///
/// Node (column, row) stands at `origin + spacing · (column, row)`; columns run along x, rows along y.
#[derive(Clone, Debug, PartialEq)]
pub struct HeightField {
    /// Position of node (0, 0), mm.
    pub origin: Point2,
    /// Distance of neighboring nodes in both directions, mm.
    pub spacing: f64,
    /// Number of nodes along x.
    pub columns: usize,
    /// Number of nodes along y.
    pub rows: usize,
    /// Heights in mm, row by row: node (column, row) is at `row * columns + column`.
    pub heights: Vec<f64>,
}

impl HeightField {
    /// A field that covers `area` with nodes `spacing` apart, filled by `height_at`.
    #[must_use]
    pub fn from_fn(area: Rect, spacing: f64, mut height_at: impl FnMut(Point2) -> f64) -> Self {
        let columns = (area.width() / spacing - 1e-9).ceil().max(1.0) as usize + 1;
        let rows = (area.height() / spacing - 1e-9).ceil().max(1.0) as usize + 1;
        let mut field = Self {
            origin: area.low,
            spacing,
            columns,
            rows,
            heights: Vec::with_capacity(columns * rows),
        };
        for row in 0..rows {
            for column in 0..columns {
                let node = field.node(column, row);
                field.heights.push(height_at(node));
            }
        }
        field
    }

    /// Position of a node, mm.
    #[must_use]
    pub fn node(&self, column: usize, row: usize) -> Point2 {
        Point2::new(
            self.origin.x + self.spacing * column as f64,
            self.origin.y + self.spacing * row as f64,
        )
    }

    /// Height at a node.
    #[must_use]
    pub fn at(&self, column: usize, row: usize) -> f64 {
        self.heights[row * self.columns + column]
    }

    /// Height at a node, to change.
    pub fn at_mut(&mut self, column: usize, row: usize) -> &mut f64 {
        &mut self.heights[row * self.columns + column]
    }

    /// The rectangle from the first to the last node.
    #[must_use]
    pub fn area(&self) -> Rect {
        Rect { low: self.origin, high: self.node(self.columns - 1, self.rows - 1) }
    }

    /// Bilinear height at a point; `None` outside the grid or where a needed node is unknown.
    #[must_use]
    pub fn sample(&self, point: Point2) -> Option<f64> {
        let u = (point.x - self.origin.x) / self.spacing;
        let v = (point.y - self.origin.y) / self.spacing;
        let inside =
            u >= 0.0 && v >= 0.0 && u <= (self.columns - 1) as f64 && v <= (self.rows - 1) as f64;
        if !inside {
            return None;
        }
        let column = (u as usize).min(self.columns.saturating_sub(2));
        let row = (v as usize).min(self.rows.saturating_sub(2));
        let (s, t) = (u - column as f64, v - row as f64);
        let height = (1.0 - t) * ((1.0 - s) * self.at(column, row) + s * self.at(column + 1, row))
            + t * ((1.0 - s) * self.at(column, row + 1) + s * self.at(column + 1, row + 1));
        height.is_finite().then_some(height)
    }

    /// The mirror image in x = 0.
    #[must_use]
    pub fn mirrored_x(&self) -> Self {
        let mut mirrored = self.clone();
        mirrored.origin.x = -(self.origin.x + self.spacing * (self.columns - 1) as f64);
        for row in mirrored.heights.chunks_exact_mut(self.columns) {
            row.reverse();
        }
        mirrored
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ramp() -> HeightField {
        let area = Rect { low: Point2::new(-2.0, 1.0), high: Point2::new(4.0, 5.0) };
        HeightField::from_fn(area, 0.5, |p| 2.0 * p.x - p.y)
    }

    #[test]
    fn bilinear_sampling_is_exact_on_a_plane() {
        let sampled = ramp().sample(Point2::new(1.23, 3.77)).unwrap();
        assert!((sampled - (2.46 - 3.77)).abs() < 1e-12);
        assert_eq!(ramp().sample(Point2::new(4.01, 3.0)), None);
    }

    #[test]
    fn mirror_twice_is_the_same() {
        assert_eq!(ramp().mirrored_x().mirrored_x(), ramp());
        let here = ramp().mirrored_x().sample(Point2::new(-1.3, 2.0)).unwrap();
        assert!((here - ramp().sample(Point2::new(1.3, 2.0)).unwrap()).abs() < 1e-12);
    }
}
