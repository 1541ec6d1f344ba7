//! What every layer rests on, on a grid of cells over the bed.
//!
//! A layer's lines are drawn into cells; what they enclose counts as solid, since walls and sparse
//! infill carry what is above. A cell holds what is laid on it if the layer just below is solid there
//! or beside it, or if a support ends not far below it. Memory is that of the grid, whatever the
//! program's length.

/// Side of a cell where the bed is not too large for it, mm.
const CELL_MM: f64 = 0.4;

/// Most cells along a side.
const MOST_CELLS: usize = 1600;

/// Supports may end this far under what they hold, mm.
const SUPPORT_GAP_MM: f64 = 0.75;

/// A support's lines hold this far to their sides, mm.
const SUPPORT_REACH_MM: f64 = 1.7;

/// Nothing has been laid yet.
const NEVER: f32 = -1e6;

const PART: u8 = 1;
const SUPPORT: u8 = 2;
const OUTER_WALL: u8 = 4;

/// Areas that rest on nothing, mm².
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Hanging {
    /// Beside something that is held: overhangs and bridges.
    pub(super) overhang_mm2: f64,
    /// In the air with nothing beside it.
    pub(super) floating_mm2: f64,
}

/// The cells over the bed, row by row.
#[derive(Clone, Copy, Debug)]
struct Cells {
    /// Side of a cell, mm.
    side: f64,
    low: [f64; 2],
    /// Columns and rows, one more around the bed on each side.
    size: [usize; 2],
}

impl Cells {
    fn index(&self, x: f64, y: f64) -> Option<usize> {
        let place = |value: f64, low: f64, count: usize| {
            let place = (value - low) / self.side;
            (place >= 1.0 && place < (count - 1) as f64).then_some(place as usize)
        };
        let (column, row) =
            (place(x, self.low[0], self.size[0])?, place(y, self.low[1], self.size[1])?);
        Some(row * self.size[0] + column)
    }

    /// The cells along a line, from `skip` mm after its start to `skip` mm before its end.
    fn along(self, from: [f64; 3], to: [f64; 3], skip: f64) -> impl Iterator<Item = usize> {
        let (dx, dy) = (to[0] - from[0], to[1] - from[1]);
        let length = (dx * dx + dy * dy).sqrt();
        // A line longer than any bed lies outside of it for the most part.
        let steps = (length / (0.6 * self.side)).ceil().min(20_000.0);
        let count = if length > 2.0 * skip { steps as i64 } else { -1 };
        let first = skip / length.max(1e-9);
        let share_of_step = (1.0 - 2.0 * first) / (count as f64).max(1.0);
        (0..=count).filter_map(move |index| {
            let share = first + share_of_step * index as f64;
            self.index(from[0] + dx * share, from[1] + dy * share)
        })
    }
}

/// The layers of a program, one after the other.
#[derive(Clone, Debug)]
pub(super) struct LayerGrid {
    cells: Cells,
    marks: Vec<u8>,
    /// Cells with marks, to clear them and to know the area in question.
    touched: Vec<u32>,
    /// Height of the last layer that was solid, and of the last support, in each cell.
    solid_at: Vec<f32>,
    support_at: Vec<f32>,
    /// Height of the layer under the present one.
    below: f64,
    is_first: bool,
    scratch: Vec<u8>,
}

impl LayerGrid {
    pub(super) fn new(low: [f64; 2], high: [f64; 2]) -> Self {
        let extent = [high[0] - low[0], high[1] - low[1]];
        let cell = (extent[0].max(extent[1]) / MOST_CELLS as f64).max(CELL_MM);
        let size = extent.map(|length| (length / cell).ceil().max(1.0) as usize + 2);
        let count = size[0] * size[1];
        Self {
            cells: Cells { side: cell, low: [low[0] - cell, low[1] - cell], size },
            marks: vec![0; count],
            touched: Vec::new(),
            solid_at: vec![NEVER; count],
            support_at: vec![NEVER; count],
            below: 0.0,
            is_first: true,
            scratch: vec![0; count],
        }
    }

    /// Draws a line of the present layer.
    pub(super) fn draw(&mut self, from: [f64; 3], to: [f64; 3], role: &str) {
        let mark = match role {
            _ if super::kind::is_support(role) => SUPPORT,
            "outer-wall" => PART | OUTER_WALL,
            _ => PART,
        };
        for cell in self.cells.along(from, to, 0.0) {
            if self.marks[cell] == 0 {
                self.touched.push(cell as u32);
            }
            self.marks[cell] |= mark;
        }
    }

    /// Whether a travel crosses an outer wall of the present layer.
    pub(super) fn crosses_wall(&self, from: [f64; 3], to: [f64; 3]) -> bool {
        self.cells
            .along(from, to, 2.0 * self.cells.side)
            .any(|cell| self.marks[cell] & OUTER_WALL != 0)
    }

    /// Ends the present layer, whose top is `top` mm over the bed.
    pub(super) fn finish_layer(&mut self, top: f64) -> Hanging {
        let mut found = Hanging::default();
        if self.touched.is_empty() {
            return found;
        }
        let bounds = self.bounds();
        if !self.is_first {
            found = self.hanging(top);
        }
        self.settle(bounds, top);
        self.is_first = false;
        self.below = top;
        for cell in self.touched.drain(..) {
            self.marks[cell as usize] = 0;
        }
        found
    }

    /// The next layer starts on the bed again: parts are printed one after the other.
    pub(super) fn start_over(&mut self) {
        self.is_first = true;
    }

    /// First and last column and row with marks, and one more on each side.
    fn bounds(&self) -> [usize; 4] {
        let mut bounds = [usize::MAX, usize::MAX, 0, 0];
        for &cell in &self.touched {
            let (row, column) =
                (cell as usize / self.cells.size[0], cell as usize % self.cells.size[0]);
            bounds = [
                bounds[0].min(column),
                bounds[1].min(row),
                bounds[2].max(column),
                bounds[3].max(row),
            ];
        }
        [bounds[0] - 1, bounds[1] - 1, bounds[2] + 1, bounds[3] + 1]
    }

    fn neighbors(&self, cell: usize) -> [usize; 8] {
        let width = self.cells.size[0];
        [
            cell - width - 1,
            cell - width,
            cell - width + 1,
            cell - 1,
            cell + 1,
            cell + width - 1,
            cell + width,
            cell + width + 1,
        ]
    }

    /// Cells of the layer that nothing holds.
    fn hanging(&mut self, top: f64) -> Hanging {
        let lowest_solid = (self.below - 1e-4) as f32;
        let lowest_support = (top - SUPPORT_GAP_MM) as f32;
        let is_held = |cell: usize| {
            self.solid_at[cell] >= lowest_solid || self.support_at[cell] >= lowest_support
        };
        let loose: Vec<usize> = self
            .touched
            .iter()
            .map(|&cell| cell as usize)
            .filter(|&cell| {
                self.marks[cell] & PART != 0
                    && !is_held(cell)
                    && !self.neighbors(cell).into_iter().any(is_held)
            })
            .collect();
        let area = self.cells.side * self.cells.side;
        let mut found = Hanging::default();
        // 1: loose; 2: seen.
        for &cell in &loose {
            self.scratch[cell] = 1;
        }
        for &start in &loose {
            if self.scratch[start] != 1 {
                continue;
            }
            let (cells, touches_held) = self.island(start);
            let hangs = cells as f64 * area;
            if touches_held { found.overhang_mm2 += hangs } else { found.floating_mm2 += hangs }
        }
        for cell in loose {
            self.scratch[cell] = 0;
        }
        found
    }

    /// Number of connected loose cells, and whether they touch a line that is held.
    fn island(&mut self, start: usize) -> (usize, bool) {
        let (mut front, mut count, mut touches_held) = (vec![start], 0, false);
        self.scratch[start] = 2;
        while let Some(cell) = front.pop() {
            count += 1;
            for next in self.neighbors(cell) {
                if self.scratch[next] == 1 {
                    self.scratch[next] = 2;
                    front.push(next);
                } else if self.scratch[next] == 0 && self.marks[next] & PART != 0 {
                    touches_held = true;
                }
            }
        }
        (count, touches_held)
    }

    /// Notes what the layer can carry: everything that cannot be reached from outside its lines.
    fn settle(&mut self, [left, front, right, back]: [usize; 4], top: f64) {
        let width = self.cells.size[0];
        let at = |column: usize, row: usize| row * width + column;
        let mut open = Vec::new();
        let outside = |cell: usize, scratch: &mut Vec<u8>, open: &mut Vec<usize>, marks: &[u8]| {
            if scratch[cell] == 0 && marks[cell] & PART == 0 {
                scratch[cell] = 1;
                open.push(cell);
            }
        };
        for column in left..=right {
            outside(at(column, front), &mut self.scratch, &mut open, &self.marks);
            outside(at(column, back), &mut self.scratch, &mut open, &self.marks);
        }
        for row in front..=back {
            outside(at(left, row), &mut self.scratch, &mut open, &self.marks);
            outside(at(right, row), &mut self.scratch, &mut open, &self.marks);
        }
        while let Some(cell) = open.pop() {
            let (row, column) = (cell / width, cell % width);
            if column > left {
                outside(cell - 1, &mut self.scratch, &mut open, &self.marks);
            }
            if column < right {
                outside(cell + 1, &mut self.scratch, &mut open, &self.marks);
            }
            if row > front {
                outside(cell - width, &mut self.scratch, &mut open, &self.marks);
            }
            if row < back {
                outside(cell + width, &mut self.scratch, &mut open, &self.marks);
            }
        }
        for row in front..=back {
            for cell in at(left, row)..=at(right, row) {
                if std::mem::take(&mut self.scratch[cell]) == 0 {
                    self.solid_at[cell] = top as f32;
                }
            }
        }
        self.settle_supports(top);
    }

    fn settle_supports(&mut self, top: f64) {
        let reach = (SUPPORT_REACH_MM / self.cells.side).ceil() as usize;
        for index in 0..self.touched.len() {
            let cell = self.touched[index] as usize;
            if self.marks[cell] & SUPPORT == 0 {
                continue;
            }
            let (row, column) = (cell / self.cells.size[0], cell % self.cells.size[0]);
            let rows = row.saturating_sub(reach)..=(row + reach).min(self.cells.size[1] - 1);
            let columns =
                column.saturating_sub(reach)..=(column + reach).min(self.cells.size[0] - 1);
            for row in rows {
                for cell in row * self.cells.size[0] + columns.start()
                    ..=row * self.cells.size[0] + columns.end()
                {
                    self.support_at[cell] = top as f32;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rectangle(grid: &mut LayerGrid, low: [f64; 2], high: [f64; 2]) {
        let corners =
            [[low[0], low[1]], [high[0], low[1]], [high[0], high[1]], [low[0], high[1]], low];
        for pair in corners.windows(2) {
            let place = |corner: [f64; 2]| [corner[0], corner[1], 0.0];
            grid.draw(place(pair[0]), place(pair[1]), "outer-wall");
        }
    }

    #[test]
    fn what_walls_enclose_carries_the_next_layer() {
        let mut grid = LayerGrid::new([0.0, 0.0], [100.0, 80.0]);
        rectangle(&mut grid, [10.0, 10.0], [50.0, 40.0]);
        assert_eq!(grid.finish_layer(0.2), Hanging::default());
        for row in 0..60 {
            let y = 10.2 + 0.49 * f64::from(row);
            grid.draw([10.0, y, 0.0], [50.0, y, 0.0], "skin");
        }
        assert_eq!(grid.finish_layer(0.4), Hanging::default());
    }

    #[test]
    fn a_deck_in_the_air_hangs_or_floats() {
        let mut grid = LayerGrid::new([0.0, 0.0], [100.0, 80.0]);
        rectangle(&mut grid, [10.0, 10.0], [20.0, 20.0]);
        grid.finish_layer(0.2);
        grid.draw([15.0, 15.0, 0.0], [45.0, 15.0, 0.0], "skin");
        let hangs = grid.finish_layer(0.4);
        assert!((hangs.overhang_mm2 / (25.0 * 0.4) - 1.0).abs() < 0.1, "{hangs:?}");
        assert!(hangs.floating_mm2.abs() < 1e-9);
        rectangle(&mut grid, [60.0, 50.0], [70.0, 60.0]);
        let floats = grid.finish_layer(0.6);
        assert!(floats.floating_mm2 > 10.0 && floats.overhang_mm2.abs() < 1e-9, "{floats:?}");
    }

    #[test]
    fn a_support_holds_over_its_gap() {
        let mut grid = LayerGrid::new([0.0, 0.0], [100.0, 80.0]);
        for line in 0..10 {
            let x = 20.0 + 2.5 * f64::from(line);
            grid.draw([x, 20.0, 0.0], [x, 40.0, 0.0], "support");
        }
        grid.finish_layer(0.2);
        rectangle(&mut grid, [5.0, 5.0], [8.0, 8.0]);
        grid.finish_layer(0.4);
        grid.draw([20.0, 30.0, 0.0], [42.0, 30.0, 0.0], "skin");
        assert_eq!(grid.finish_layer(0.6), Hanging::default());
    }

    #[test]
    fn a_travel_across_a_wall_is_seen() {
        let mut grid = LayerGrid::new([0.0, 0.0], [100.0, 80.0]);
        rectangle(&mut grid, [10.0, 10.0], [50.0, 40.0]);
        assert!(grid.crosses_wall([30.0, 20.0, 0.0], [80.0, 20.0, 0.0]));
        assert!(!grid.crosses_wall([15.0, 20.0, 0.0], [45.0, 30.0, 0.0]));
    }
}
