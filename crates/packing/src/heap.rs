//! What is filled so far, and the lowest place on it.

use rayon::prelude::*;

use crate::height_map::{CELL_MM, HeightMap};

/// Places are tried this far apart, mm; the best one is then refined to a cell.
const STEP_MM: f64 = 6.0;

/// What is filled so far.
#[derive(Clone, Debug)]
pub(crate) struct Heap {
    pub(crate) columns: usize,
    pub(crate) rows: usize,
    /// Highest filled place of each cell, mm over the lowest place that may be used.
    top: Vec<f32>,
}

/// A place for a part.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    pub(crate) column: usize,
    pub(crate) row: usize,
    pub(crate) z: f64,
    pub(crate) cost: f64,
}

/// Places that are looked at: columns and rows of the corner of a map, the last ones included.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Window {
    pub(crate) columns: [usize; 2],
    pub(crate) rows: [usize; 2],
}

impl Heap {
    pub(crate) fn new(columns: usize, rows: usize) -> Self {
        Self { columns, rows, top: vec![f32::NEG_INFINITY; columns * rows] }
    }

    /// How high a map would lie; `None` where that is not under `limit`.
    fn height_of(&self, map: &HeightMap, column: usize, row: usize, limit: f32) -> Option<f32> {
        let width = map.size[0] + 2 * map.margin;
        let mut z = 0.0_f32;
        // The spacing may reach out of the volume; walls have a margin of their own.
        let skip_x = map.margin.saturating_sub(column);
        let first = (column + skip_x) - map.margin;
        let last = (column + map.size[0] + map.margin).min(self.columns);
        for map_row in 0..map.size[1] + 2 * map.margin {
            let Some(heap_row) = (row + map_row).checked_sub(map.margin) else { continue };
            if heap_row >= self.rows {
                break;
            }
            let heights =
                &self.top[heap_row * self.columns + first..heap_row * self.columns + last];
            let start = map_row * width + skip_x;
            let frees = &map.free_below[start..start + heights.len()];
            let row_z =
                heights.iter().zip(frees).fold(0.0_f32, |z, (height, free)| z.max(height - free));
            z = z.max(row_z);
            if z >= limit {
                return None;
            }
        }
        Some(z)
    }

    pub(crate) fn fill(&mut self, map: &HeightMap, place: &Place) {
        for row in 0..map.size[1] {
            for column in 0..map.size[0] {
                let top = map.top[row * map.size[0] + column];
                if top.is_finite() {
                    let cell = (place.row + row) * self.columns + place.column + column;
                    self.top[cell] = self.top[cell].max(top + place.z as f32);
                }
            }
        }
    }

    /// Everywhere a map fits; `None` where it does not.
    pub(crate) fn everywhere(&self, map: &HeightMap) -> Option<Window> {
        let columns = [0, self.columns.checked_sub(map.size[0])?];
        Some(Window { columns, rows: [0, self.rows.checked_sub(map.size[1])?] })
    }

    /// The cheapest place for a map; `near` is the middle of the other part of the pair.
    pub(crate) fn best_place(
        &self,
        map: &HeightMap,
        window: Window,
        near: Option<[f64; 2]>,
        pull: f64,
    ) -> Option<Place> {
        let step = (STEP_MM / CELL_MM) as usize;
        let stops = |[first, last]: [usize; 2]| {
            (first..last).step_by(step).chain([last]).collect::<Vec<usize>>()
        };
        let columns = stops(window.columns);
        let try_at = |column: usize, row: usize, best: Option<Place>| -> Option<Place> {
            let pull = near.map_or(0.0, |near| {
                let middle = [column + map.size[0] / 2, row + map.size[1] / 2];
                let away = (middle[0] as f64 * CELL_MM - near[0])
                    .hypot(middle[1] as f64 * CELL_MM - near[1]);
                pull * away
            });
            // Towards the near left corner where nothing else decides.
            let corner = 1e-4 * (column + row) as f64;
            let rest = map.height + pull + corner;
            let limit = best.map_or(f32::INFINITY, |best| (best.cost - rest) as f32);
            if limit <= 0.0 {
                return None;
            }
            let z = f64::from(self.height_of(map, column, row, limit)?);
            Some(Place { column, row, z, cost: z + rest })
        };
        let mut best = stops(window.rows)
            .into_par_iter()
            .filter_map(|row| {
                columns.iter().fold(None, |best, &column| try_at(column, row, best).or(best))
            })
            .min_by(|a, b| {
                a.cost.total_cmp(&b.cost).then(a.row.cmp(&b.row)).then(a.column.cmp(&b.column))
            })?;
        let around = |at: usize, [first, last]: [usize; 2]| {
            at.saturating_sub(step).max(first)..=(at + step).min(last)
        };
        let (rows, columns) = (around(best.row, window.rows), around(best.column, window.columns));
        for row in rows {
            for column in columns.clone() {
                best = try_at(column, row, Some(best)).unwrap_or(best);
            }
        }
        Some(best)
    }
}
