//! Heights of a finishing tool's tip over a grid, from which passes are spread and valleys are found.

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
        let area = ground.area(sampling.reach);
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
                let tips: Vec<f64> = (0..columns)
                    .map(|column| {
                        let x = low[0] + spacing[0] * column as f64;
                        ground.tip(x, y, sampling.reach, &last).unwrap_or(f64::NAN)
                    })
                    .collect();
                tips
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
}
