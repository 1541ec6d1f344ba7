//! Heights of a finishing tool's tip over a grid, from which passes are spread and valleys are found.

use geometry::Rect;
use rayon::prelude::*;

use crate::ground::Ground;
use crate::level_lines::Lattice;
use crate::raster::Sampling;
use crate::triangle_cutter::LastContact;

/// Heights of the tip over a grid.
#[derive(Debug)]
pub(crate) struct TipGrid {
    /// Place of the first node, mm.
    pub(crate) low: [f64; 2],
    /// Distance of nodes along x and y, mm.
    pub(crate) spacing: [f64; 2],
    pub(crate) columns: usize,
    pub(crate) rows: usize,
    /// Row by row; NaN where there is no ground.
    heights: Vec<f64>,
}

impl TipGrid {
    /// Everywhere that a tool sampled in this way goes, nodes about `apart` mm from each other along x and y.
    pub(crate) fn new(ground: &Ground<'_>, sampling: Sampling, apart: [f64; 2]) -> Self {
        let reach = sampling.reach;
        Self::of(ground.area(reach), apart, |[x, y], last| ground.tip(x, y, reach, last))
    }

    /// Distances from the part, seen from above, in place of heights: as far around it as `reach` mm.
    pub(crate) fn outside(ground: &Ground<'_>, reach: f64, apart: [f64; 2]) -> Self {
        Self::of(ground.area(reach), apart, |[x, y], _| ground.outside(x, y))
    }

    fn of(
        area: Rect,
        apart: [f64; 2],
        value: impl Fn([f64; 2], &LastContact) -> Option<f64> + Sync,
    ) -> Self {
        let count = |length: f64, spacing: f64| (length / spacing).ceil().max(1.0) as usize + 1;
        let columns = count(area.width(), apart[0]);
        let rows = count(area.height(), apart[1]);
        let spacing = [area.width() / (columns - 1) as f64, area.height() / (rows - 1) as f64];
        let low = [area.low.x, area.low.y];
        let heights = (0..rows)
            .into_par_iter()
            .flat_map_iter(|row| {
                let y = low[1] + spacing[1] * row as f64;
                let last = LastContact::default();
                let values: Vec<f64> = (0..columns)
                    .map(|column| {
                        let x = low[0] + spacing[0] * column as f64;
                        value([x, y], &last).unwrap_or(f64::NAN)
                    })
                    .collect();
                values
            })
            .collect();
        Self { low, spacing, columns, rows, heights }
    }

    /// Where the nodes are.
    pub(crate) const fn lattice(&self) -> Lattice {
        let Self { low, spacing, columns, rows, .. } = *self;
        Lattice { low, spacing, columns, rows }
    }

    /// Heights of all nodes, row by row; NaN where there is no ground.
    pub(crate) fn heights(&self) -> &[f64] {
        &self.heights
    }

    /// Heights of a row; NaN where there is no ground.
    pub(crate) fn row(&self, row: usize) -> &[f64] {
        &self.heights[row * self.columns..][..self.columns]
    }

    /// The lowest of all heights, mm; infinite where there is none.
    pub(crate) fn lowest(&self) -> f64 {
        self.heights.iter().copied().filter(|height| !height.is_nan()).fold(f64::INFINITY, f64::min)
    }

    /// Place of a node, mm.
    pub(crate) fn place(&self, node: usize) -> [f64; 2] {
        self.lattice().place(node % self.columns, node / self.columns)
    }

    /// Height over a place, between the nodes around it; absent where one of them has none.
    pub(crate) fn at(&self, [x, y]: [f64; 2]) -> Option<f64> {
        let along = |value: f64, axis: usize, count: usize| {
            let at = (value - self.low[axis]) / self.spacing[axis];
            let node = at.floor().min(count as f64 - 2.0);
            (at >= 0.0 && at <= count as f64 - 1.0).then_some((node as usize, at - node))
        };
        let (column, right) = along(x, 0, self.columns)?;
        let (row, back) = along(y, 1, self.rows)?;
        let node = row * self.columns + column;
        let [a, b] = [self.heights[node], self.heights[node + 1]];
        let [c, d] = [self.heights[node + self.columns], self.heights[node + self.columns + 1]];
        let height = (1.0 - back) * (a + right * (b - a)) + back * (c + right * (d - c));
        Some(height).filter(|height| height.is_finite())
    }

    /// How many steps of the grid, straight and diagonal ones, every node is from the nearest one that is not inside: 0 for
    /// those, which include all beyond the grid's border.
    pub(crate) fn inside(&self, is_inside: impl Fn([f64; 2]) -> bool) -> Vec<f64> {
        let (columns, rows) = (self.columns, self.rows);
        let mut steps: Vec<f64> = (0..columns * rows)
            .map(|node| if is_inside(self.place(node)) { f64::INFINITY } else { 0.0 })
            .collect();
        let beside = |steps: &[f64], column: usize, row: usize, [right, back]: [isize; 2]| {
            let length = (right as f64).hypot(back as f64);
            let other = [column.checked_add_signed(right), row.checked_add_signed(back)];
            let [Some(column), Some(row)] = other else { return length };
            if column < columns && row < rows {
                steps[row * columns + column] + length
            } else {
                length
            }
        };
        let before = [[-1, -1], [0, -1], [1, -1], [-1, 0]];
        for forward in [true, false] {
            for count in 0..columns * rows {
                let node = if forward { count } else { columns * rows - 1 - count };
                let (column, row) = (node % columns, node / columns);
                let nearest = before.iter().map(|&[right, back]| {
                    let to = if forward { [right, back] } else { [-right, -back] };
                    beside(&steps, column, row, to)
                });
                steps[node] = nearest.fold(steps[node], f64::min);
            }
        }
        steps
    }
}
