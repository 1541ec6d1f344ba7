use crate::spline_basis::Nonzero;
use crate::{GraphSurface, HeightField};

/// A surface seen from the nodes of a grid: what depends on a column or a row alone is computed once.
///
/// Values are those of the surface at [`HeightField::node`], to the bit.
#[derive(Clone, Debug)]
pub struct OverGrid<'a> {
    surface: &'a GraphSurface,
    columns: Vec<Nonzero>,
    rows: Vec<Nonzero>,
}

impl<'a> OverGrid<'a> {
    /// The surface over the nodes of a grid; its heights are not looked at.
    #[must_use]
    pub fn new(surface: &'a GraphSurface, grid: &HeightField) -> Self {
        let columns = (0..grid.columns).map(|column| surface.x_basis.at(grid.node(column, 0).x));
        let rows = (0..grid.rows).map(|row| surface.y_basis.at(grid.node(0, row).y));
        Self { surface, columns: columns.collect(), rows: rows.collect() }
    }

    /// Height over a node, mm.
    #[must_use]
    pub fn height(&self, column: usize, row: usize) -> f64 {
        let (x, y) = (&self.columns[column], &self.rows[row]);
        self.surface.combine((x.first, &x.value), (y.first, &y.value))
    }

    /// Slopes dz/dx and dz/dy over a node.
    #[must_use]
    pub fn gradient(&self, column: usize, row: usize) -> [f64; 2] {
        let (x, y) = (&self.columns[column], &self.rows[row]);
        [
            self.surface.combine((x.first, &x.slope), (y.first, &y.value)),
            self.surface.combine((x.first, &x.value), (y.first, &y.slope)),
        ]
    }

    /// Heights over all nodes, row by row, mm.
    #[must_use]
    pub fn heights(&self) -> Vec<f64> {
        let mut heights = Vec::with_capacity(self.rows.len() * self.columns.len());
        for row in 0..self.rows.len() {
            heights.extend((0..self.columns.len()).map(|column| self.height(column, row)));
        }
        heights
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Point2, Rect};

    #[test]
    fn agrees_with_the_surface_to_the_bit() {
        let area = Rect { low: Point2::new(-7.0, 2.0), high: Point2::new(13.0, 20.0) };
        let bumps = HeightField::from_fn(area, 0.5, |p| (0.7 * p.x).sin() * (0.4 * p.y).cos());
        let surface = GraphSurface::fit(&bumps, 14, 12, 0.0).unwrap();
        // One node outside on either side, where the surface holds its border.
        let wider = Rect { low: Point2::new(-7.9, 1.1), high: Point2::new(13.7, 20.5) };
        let grid = HeightField::from_fn(wider, 0.9, |_| 0.0);
        let over = OverGrid::new(&surface, &grid);
        let heights = over.heights();
        for row in 0..grid.rows {
            for column in 0..grid.columns {
                let node = grid.node(column, row);
                assert_eq!(over.height(column, row), surface.height(node));
                assert_eq!(heights[row * grid.columns + column], surface.height(node));
                assert_eq!(over.gradient(column, row), surface.gradient(node));
            }
        }
    }
}
