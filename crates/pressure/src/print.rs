//! The print of a foot on the grid: mean peak pressures, and which cells belong to the foot.

use geometry::{Point2, Rect};
use recording::Pressure;

use crate::{Settings, Step};

/// Peak pressures of a foot's contacts on the recording's grid.
#[derive(Clone, Debug, PartialEq)]
pub struct Print {
    /// Rows of cells.
    pub rows: usize,
    /// Columns of cells.
    pub columns: usize,
    /// Distance of rows and of columns, mm.
    pub cell_mm: [f64; 2],
    /// Mean over the used steps of the peak in each step, kPa, row by row; 0 in cells not believed.
    pub kpa: Vec<f64>,
    /// Whether the cell belongs to the outline of the foot.
    pub contact: Vec<bool>,
}

/// Parts of a print that are farther from the rest than this are no toes, mm.
const GAP_MM: f64 = 32.0;

/// A foot has at most seven parts; more than this are noise.
const MOST_PARTS: usize = 24;

/// Parts with less than this share of the greatest part's area are noise.
const SPECK_SHARE: f64 = 0.01;

impl Print {
    pub(crate) fn new(
        recording: &Pressure,
        steps: &[Step],
        believed: &[bool],
        settings: &Settings,
    ) -> Self {
        let cells = recording.cells();
        let mut kpa = vec![0.0; cells];
        let used: Vec<&Step> = steps.iter().filter(|step| step.used).collect();
        if used.is_empty() {
            let whole = 0..=recording.frames().saturating_sub(1);
            kpa = peaks(recording, whole);
        } else {
            for step in &used {
                let peaks = peaks(recording, step.frames());
                kpa.iter_mut().zip(peaks).for_each(|(sum, peak)| *sum += peak / used.len() as f64);
            }
        }
        kpa.iter_mut()
            .zip(believed)
            .filter(|(_, believed)| !**believed)
            .for_each(|(kpa, _)| *kpa = 0.0);
        let mut print = Self {
            rows: recording.rows,
            columns: recording.columns,
            cell_mm: recording.cell_mm,
            kpa,
            contact: Vec::new(),
        };
        print.contact = print.outline(settings.contact_kpa);
        print
    }

    /// Place of a cell's middle in the plane of the grid, mm: x along the columns, y against the rows.
    #[must_use]
    pub fn place(&self, cell: usize) -> Point2 {
        let (row, column) = (cell / self.columns, cell % self.columns);
        Point2::new(column as f64 * self.cell_mm[1], -(row as f64) * self.cell_mm[0])
    }

    /// Area of a cell, mm².
    #[must_use]
    pub const fn cell_area_mm2(&self) -> f64 {
        self.cell_mm[0] * self.cell_mm[1]
    }

    /// Cells of the foot's outline.
    pub(crate) fn contact_cells(&self) -> impl Iterator<Item = usize> + Clone {
        (0..self.contact.len()).filter(|&cell| self.contact[cell])
    }

    /// The up to eight cells around one.
    pub(crate) fn around(&self, cell: usize) -> impl Iterator<Item = usize> + use<> {
        neighbors(self.rows, self.columns, cell)
    }

    /// Bilinear pressure between the cells' middles, kPa; 0 beside the grid.
    pub(crate) fn sample(&self, at: Point2) -> f64 {
        let (column, row) = (at.x / self.cell_mm[1], -at.y / self.cell_mm[0]);
        let (left, top) = (column.floor(), row.floor());
        let (s, t) = (column - left, row - top);
        let value = |row: f64, column: f64| {
            let inside = row >= 0.0
                && column >= 0.0
                && (row as usize) < self.rows
                && (column as usize) < self.columns;
            if inside { self.kpa[row as usize * self.columns + column as usize] } else { 0.0 }
        };
        (1.0 - t) * ((1.0 - s) * value(top, left) + s * value(top, left + 1.0))
            + t * ((1.0 - s) * value(top + 1.0, left) + s * value(top + 1.0, left + 1.0))
    }

    /// Loaded cells without specks, threads and far parts.
    fn outline(&self, contact_kpa: f64) -> Vec<bool> {
        let loaded: Vec<bool> = self.kpa.iter().map(|kpa| *kpa >= contact_kpa).collect();
        let solid = self.opened(&loaded);
        let mut parts = self.parts(&solid);
        parts.sort_by_key(|part| std::cmp::Reverse(part.len()));
        parts.truncate(MOST_PARTS);
        let mut outline = vec![false; loaded.len()];
        let Some(greatest) = parts.first().map(Vec::len) else { return outline };
        parts.retain(|part| part.len() as f64 >= SPECK_SHARE * greatest as f64);
        let mut boxes = vec![self.bounds(&parts[0])];
        let mut kept = parts.swap_remove(0);
        while let Some(index) = parts.iter().position(|part| {
            // A high arch parts the heel from the ball by more than a toe's gap.
            let reach = if part.len() * 4 > greatest { 4.0 * GAP_MM } else { GAP_MM };
            let own = self.bounds(part);
            boxes.iter().any(|other| gap(&own, other) <= reach)
        }) {
            let part = parts.remove(index);
            boxes.push(self.bounds(&part));
            kept.extend(part);
        }
        kept.into_iter().for_each(|cell| outline[cell] = true);
        outline
    }

    fn bounds(&self, part: &[usize]) -> Rect {
        let mut bounds = Rect {
            low: Point2::new(f64::INFINITY, f64::INFINITY),
            high: Point2::new(f64::NEG_INFINITY, f64::NEG_INFINITY),
        };
        for &cell in part {
            let at = self.place(cell);
            bounds.low = bounds.low.inf(&at);
            bounds.high = bounds.high.sup(&at);
        }
        bounds
    }

    /// Without threads one cell wide: a cell stays if it is part of a full block of two by two.
    fn opened(&self, loaded: &[bool]) -> Vec<bool> {
        let mut kept = vec![false; loaded.len()];
        for row in 1..self.rows {
            for column in 1..self.columns {
                let here = row * self.columns + column;
                let block = [here, here - 1, here - self.columns, here - self.columns - 1];
                if block.iter().all(|&cell| loaded[cell]) {
                    block.into_iter().for_each(|cell| kept[cell] = true);
                }
            }
        }
        kept
    }

    /// Connected parts, each as a list of its cells.
    fn parts(&self, solid: &[bool]) -> Vec<Vec<usize>> {
        let mut seen = vec![false; solid.len()];
        let mut parts = Vec::new();
        for start in 0..solid.len() {
            if !solid[start] || seen[start] {
                continue;
            }
            let mut part = vec![start];
            seen[start] = true;
            let mut next = 0;
            while let Some(&cell) = part.get(next) {
                next += 1;
                for other in self.around(cell) {
                    if solid[other] && !seen[other] {
                        seen[other] = true;
                        part.push(other);
                    }
                }
            }
            parts.push(part);
        }
        parts
    }
}

/// Distance of two rectangles, mm.
fn gap(a: &Rect, b: &Rect) -> f64 {
    let x = (a.low.x - b.high.x).max(b.low.x - a.high.x).max(0.0);
    let y = (a.low.y - b.high.y).max(b.low.y - a.high.y).max(0.0);
    x.hypot(y)
}

/// Greatest pressure of every cell over some frames, kPa.
pub(crate) fn peaks(recording: &Pressure, frames: std::ops::RangeInclusive<usize>) -> Vec<f64> {
    let mut peaks = vec![0.0_f32; recording.cells()];
    for frame in frames {
        peaks.iter_mut().zip(recording.frame(frame)).for_each(|(peak, kpa)| *peak = peak.max(*kpa));
    }
    peaks.into_iter().map(f64::from).collect()
}

/// The up to eight cells around one in a grid.
pub(crate) fn neighbors(rows: usize, columns: usize, cell: usize) -> impl Iterator<Item = usize> {
    let (row, column) = (cell / columns, cell % columns);
    (row.saturating_sub(1)..(row + 2).min(rows))
        .flat_map(move |row| {
            (column.saturating_sub(1)..(column + 2).min(columns))
                .map(move |column| row * columns + column)
        })
        .filter(move |other| *other != cell)
}
