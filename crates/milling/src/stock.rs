//! The material that a program leaves, as heights over a grid and over single places of the surface.
//!
//! Both are cut move by move in the order of the program. Rows of the grid, and cells of places, are
//! spread over threads in bands of fixed size, so that the result does not depend on their number.

use geometry::{HeightField, Point2};
use rayon::prelude::*;
use serde::Serialize;

use crate::Cutter;
use crate::sweep::{Chord, SweptTool};

/// What one chord did to the stock.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Bite {
    /// Index of the chord.
    pub(crate) chord: u32,
    /// Most material above the tool's lower side, along z, mm.
    pub(crate) depth: f64,
}

/// A block of material, program coordinates, mm.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Block {
    /// Left, front, lower corner.
    pub low: [f64; 3],
    /// Right, back, upper corner.
    pub high: [f64; 3],
}

impl Block {
    /// A block whose front left corner of the top face is the program's zero.
    #[must_use]
    pub const fn at_corner(size: [f64; 3]) -> Self {
        Self { low: [0.0, 0.0, -size[2]], high: [size[0], size[1], 0.0] }
    }

    /// Size along x, y, z.
    #[must_use]
    pub fn size(&self) -> [f64; 3] {
        std::array::from_fn(|axis| self.high[axis] - self.low[axis])
    }
}

/// Heights of the material that is left of a block, over a grid from its corner.
#[derive(Clone, Debug)]
pub(crate) struct Stock {
    low: [f64; 2],
    spacing: f64,
    columns: usize,
    /// Row by row.
    heights: Vec<f64>,
}

/// Rows of the grid that one task works on.
const BAND_ROWS: usize = 64;
/// Distance of the nodes at which programs are planned and checked, mm.
pub(crate) const STOCK_SPACING_MM: f64 = 0.4;
/// Most nodes of a stock: 160 MB.
const MOST_NODES: f64 = 2e7;

impl Stock {
    /// An untouched block; coarser than `spacing` where that would be too much.
    pub(crate) fn new(block: &Block, spacing: f64) -> Self {
        let [width, length, _] = block.size();
        let spacing = spacing.max((width * length / MOST_NODES).sqrt());
        let columns = (width / spacing).floor() as usize + 1;
        let rows = (length / spacing).floor() as usize + 1;
        let low = [block.low[0], block.low[1]];
        Self { low, spacing, columns, heights: vec![block.high[2]; columns * rows] }
    }

    /// Material as another program has left it.
    pub(crate) fn of_field(field: &HeightField) -> Self {
        let HeightField { origin, spacing, columns, heights, .. } = field.clone();
        Self { low: [origin.x, origin.y], spacing, columns, heights }
    }

    /// The heights as a map.
    pub(crate) fn into_field(self) -> HeightField {
        HeightField {
            origin: Point2::new(self.low[0], self.low[1]),
            spacing: self.spacing,
            columns: self.columns,
            rows: self.heights.len() / self.columns,
            heights: self.heights,
        }
    }

    /// Takes away what a tool sweeps along the chords, in their order. Gives back every bite deeper
    /// than `least` mm, ordered by chord.
    pub(crate) fn cut(&mut self, chords: &[Chord], cutter: &Cutter, least: f64) -> Vec<Bite> {
        let (columns, spacing, low) = (self.columns, self.spacing, self.low);
        let bands: Vec<Vec<Bite>> = self
            .heights
            .par_chunks_mut(BAND_ROWS * columns)
            .enumerate()
            .map(|(band, heights)| {
                let low = [low[0], low[1] + (band * BAND_ROWS) as f64 * spacing];
                Band { low, columns, spacing, heights }.cut(chords, cutter, least)
            })
            .collect();
        let mut bites: Vec<Bite> = bands.into_iter().flatten().collect();
        bites.sort_by(|a, b| a.chord.cmp(&b.chord).then(b.depth.total_cmp(&a.depth)));
        bites.dedup_by_key(|bite| bite.chord);
        bites
    }

    /// Lowest height at which the tip of a tool over a place touches no material; minus infinity beside the block.
    pub(crate) fn clear_tip(&self, [x, y]: [f64; 2], cutter: &Cutter) -> f64 {
        let rows = self.heights.len() / self.columns;
        let radius = cutter.radius();
        let mut clear = f64::NEG_INFINITY;
        for row in columns_in([y - radius, y + radius], self.low[1], self.spacing, rows) {
            let dy = self.low[1] + row as f64 * self.spacing - y;
            let half = (radius * radius - dy * dy).max(0.0).sqrt();
            for column in columns_in([x - half, x + half], self.low[0], self.spacing, self.columns)
            {
                let dx = self.low[0] + column as f64 * self.spacing - x;
                let lower = cutter.height_within(dx.hypot(dy).min(radius));
                clear = clear.max(self.heights[row * self.columns + column] - lower);
            }
        }
        clear
    }

    /// Highest material within `radius` mm of a chord seen from above; minus infinity beside the block.
    pub(crate) fn highest_near(&self, chord: &Chord, radius: f64) -> f64 {
        let rows = self.heights.len() / self.columns;
        let flat = Cutter::disk_of(radius);
        let level = Chord {
            from: [chord.from[0], chord.from[1], 0.0],
            to: [chord.to[0], chord.to[1], 0.0],
            motion: 0,
            line: chord.line,
        };
        let swept = SweptTool::new(&level, &flat);
        let mut highest = f64::NEG_INFINITY;
        for row in 0..rows {
            let y = self.low[1] + row as f64 * self.spacing;
            let Some(range) = level.x_range(y, radius) else { continue };
            for column in columns_in(range, self.low[0], self.spacing, self.columns) {
                let height = self.heights[row * self.columns + column];
                let x = self.low[0] + column as f64 * self.spacing;
                if height > highest && swept.lower_surface(x, y).is_some() {
                    highest = height;
                }
            }
        }
        highest
    }
}

/// Columns of a grid whose nodes lie in a range of x.
fn columns_in(
    [left, right]: [f64; 2],
    low: f64,
    spacing: f64,
    columns: usize,
) -> std::ops::Range<usize> {
    let start = ((left - low) / spacing).ceil().max(0.0) as usize;
    let end = (((right - low) / spacing).floor() + 1.0).max(0.0) as usize;
    start..end.min(columns)
}

/// Some rows of the stock.
struct Band<'a> {
    low: [f64; 2],
    columns: usize,
    spacing: f64,
    heights: &'a mut [f64],
}

impl Band<'_> {
    fn cut(mut self, chords: &[Chord], cutter: &Cutter, least: f64) -> Vec<Bite> {
        let mut bites = Vec::new();
        for (index, chord) in chords.iter().enumerate() {
            let depth = self.cut_chord(chord, cutter);
            if depth > least {
                bites.push(Bite { chord: index as u32, depth });
            }
        }
        bites
    }

    fn cut_chord(&mut self, chord: &Chord, cutter: &Cutter) -> f64 {
        let radius = cutter.radius();
        let rows = self.heights.len() / self.columns;
        let low = chord.from[1].min(chord.to[1]) - radius;
        let high = chord.from[1].max(chord.to[1]) + radius;
        let row_of = |y: f64| (y - self.low[1]) / self.spacing;
        let first = row_of(low).ceil().max(0.0) as usize;
        let end = ((row_of(high).floor() + 1.0).max(0.0) as usize).min(rows);
        if first >= end {
            return 0.0;
        }
        let swept = SweptTool::new(chord, cutter);
        let mut depth = 0.0_f64;
        for row in first..end {
            let y = self.low[1] + row as f64 * self.spacing;
            let Some(range) = chord.x_range(y, radius) else { continue };
            for column in columns_in(range, self.low[0], self.spacing, self.columns) {
                let x = self.low[0] + column as f64 * self.spacing;
                let height = &mut self.heights[row * self.columns + column];
                if swept.stays_above(*height, [x, y], 0.0) {
                    continue;
                }
                if let Some(lower) = swept.lower_surface(x, y) {
                    depth = depth.max(*height - lower);
                    *height = height.min(lower);
                }
            }
        }
        depth
    }
}

/// A place of the designed surface, program coordinates.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Probe {
    pub(crate) place: [f64; 3],
    /// Upright part of the surface's normal: 1 on level ground.
    pub(crate) upright: f64,
    /// Whether it stands on the rim, where the surface ends seen from above.
    pub(crate) is_rim: bool,
}

/// A probe with what the program did to it.
#[derive(Clone, Copy, Debug)]
struct Touched {
    probe: Probe,
    /// Height that is left over it, mm.
    left: f64,
    /// How deep a tool went into the surface there, mm, and the line of the program that did.
    gouge: f64,
    line: u32,
    /// What of it no tool could have taken, mm along z.
    unreachable: f64,
}

/// What decides whether a tool matters to a probe: small, since most are passed over.
#[derive(Clone, Copy, Debug)]
struct Mark {
    x: f64,
    y: f64,
    /// The higher of what is left over it and of itself: a tool above that changes nothing.
    top: f64,
}

impl Mark {
    fn of(touched: &Touched) -> Self {
        let [x, y, z] = touched.probe.place;
        Self { x, y, top: touched.left.max(z) }
    }
}

/// Places of the surface, sorted into cells.
#[derive(Debug)]
pub(crate) struct Probes {
    low: [f64; 2],
    columns: usize,
    rows: usize,
    /// First probe of each cell, and the end of the last.
    starts: Vec<u32>,
    touched: Vec<Touched>,
    marks: Vec<Mark>,
    /// Highest top of the marks in each cell.
    tops: Vec<f64>,
}

/// Side of the cells, mm.
const CELL_MM: f64 = 1.0;
/// Half the diagonal of a cell, mm, rounded up.
const HALF_DIAGONAL_MM: f64 = 0.7072 * CELL_MM;
/// This near its way a tool cuts first, mm.
const NEAR_MM: f64 = 0.5;
/// Most cells along one side.
const MOST_CELLS: f64 = 3000.0;
/// Rows of cells that one task works on.
const BAND_CELLS: usize = 8;
/// A tool below a place by less than this has not gone into it, mm.
const ROUNDING_MM: f64 = 1e-7;

impl Probes {
    /// Places over which the material stands as high as `top`.
    pub(crate) fn new(mut probes: Vec<Probe>, top: f64) -> Self {
        probes.retain(|probe| probe.place.iter().all(|c| c.is_finite()));
        let bound = |axis: usize| {
            let values = probes.iter().map(|probe| probe.place[axis]);
            values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
                (low.min(value), high.max(value))
            })
        };
        let ((left, right), (front, back)) = (bound(0), bound(1));
        let count = |length: f64| (length / CELL_MM).clamp(0.0, MOST_CELLS) as usize + 1;
        let (columns, rows) = (count(right - left), count(back - front));
        let low = if probes.is_empty() { [0.0; 2] } else { [left, front] };
        let cell = |probe: &Probe| {
            let along = |axis: usize, count: usize| {
                (((probe.place[axis] - low[axis]) / CELL_MM) as usize).min(count - 1)
            };
            along(1, rows) * columns + along(0, columns)
        };
        probes.sort_by_key(&cell);
        let mut starts = vec![0_u32; columns * rows + 1];
        for probe in &probes {
            starts[cell(probe) + 1] += 1;
        }
        for index in 1..starts.len() {
            starts[index] += starts[index - 1];
        }
        let touched: Vec<Touched> = probes
            .into_iter()
            .map(|probe| Touched { probe, left: top, gouge: 0.0, line: 0, unreachable: 0.0 })
            .collect();
        let marks: Vec<Mark> = touched.iter().map(Mark::of).collect();
        let tops =
            starts.windows(2).map(|ends| highest(&marks[ends[0] as usize..ends[1] as usize]));
        Self { low, columns, rows, tops: tops.collect(), starts, touched, marks }
    }

    /// Takes away what a tool sweeps along the chords.
    pub(crate) fn cut(&mut self, chords: &[Chord], cutter: &Cutter) {
        let (low, columns) = (self.low, self.columns);
        let mut bands = Vec::new();
        let mut rest = self.touched.as_mut_slice();
        let mut rest_marks = self.marks.as_mut_slice();
        let mut rest_tops = self.tops.as_mut_slice();
        for first in (0..self.rows).step_by(BAND_CELLS) {
            let end = (first + BAND_CELLS).min(self.rows);
            let starts = &self.starts[first * columns..=end * columns];
            let count = (starts[starts.len() - 1] - starts[0]) as usize;
            let (touched, after) = rest.split_at_mut(count);
            let (marks, after_marks) = rest_marks.split_at_mut(count);
            let (tops, after_tops) = rest_tops.split_at_mut((end - first) * columns);
            (rest, rest_marks, rest_tops) = (after, after_marks, after_tops);
            let rows = [first, end];
            bands.push(ProbeBand { low, columns, rows, starts, touched, marks, tops });
        }
        bands.into_par_iter().for_each(|mut band| {
            // What is left in the end does not depend on the order. Near its way a tool takes most of what it takes; the
            // rest of its width then has little to do.
            for reach in [NEAR_MM.min(cutter.radius()), cutter.radius()] {
                for chord in chords {
                    band.cut(chord, cutter, reach);
                }
            }
        });
    }

    /// Asks for the lowest that material could become over every place where more than `least` mm are left along
    /// the normal, and keeps what of it could not have been taken. `lowest` may decline.
    pub(crate) fn explain(
        &mut self,
        least: f64,
        lowest: impl FnOnce(&[[f64; 3]]) -> Option<Vec<f64>>,
    ) {
        let mut over: Vec<&mut Touched> = self
            .touched
            .iter_mut()
            .filter(|touched| {
                (touched.left - touched.probe.place[2]) * touched.probe.upright > least
            })
            .collect();
        if over.is_empty() {
            return;
        }
        let places: Vec<[f64; 3]> = over.iter().map(|touched| touched.probe.place).collect();
        let Some(heights) = lowest(&places) else { return };
        for (touched, height) in over.iter_mut().zip(heights) {
            let z = touched.probe.place[2];
            touched.unreachable = (height.min(touched.left) - z).max(0.0);
        }
    }

    /// Deviations of all probes that are, or are not, on the rim.
    pub(crate) fn deviations(&self, is_rim: bool) -> impl Iterator<Item = ProbeDeviation> + '_ {
        self.touched.iter().filter(move |touched| touched.probe.is_rim == is_rim).map(|touched| {
            let Probe { place, upright, .. } = touched.probe;
            ProbeDeviation {
                place,
                gouge: touched.gouge,
                line: touched.line,
                left: (touched.left - touched.unreachable - place[2]) * upright,
                unreachable: touched.unreachable * upright,
            }
        })
    }
}

/// What a program did to one place of the surface, mm.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ProbeDeviation {
    pub(crate) place: [f64; 3],
    /// Depth of the deepest cut into the part there.
    pub(crate) gouge: f64,
    /// Line of the program that made it; 0 if none did.
    pub(crate) line: u32,
    /// Material left along the normal where a tool could have taken it: a vertical gap times the normal's upright
    /// part, to first order.
    pub(crate) left: f64,
    /// Material left where no tool comes.
    pub(crate) unreachable: f64,
}

/// The probes of some rows of cells.
struct ProbeBand<'a> {
    low: [f64; 2],
    columns: usize,
    /// First row, and the one after the last.
    rows: [usize; 2],
    starts: &'a [u32],
    touched: &'a mut [Touched],
    marks: &'a mut [Mark],
    tops: &'a mut [f64],
}

impl ProbeBand<'_> {
    /// Takes away what the tool sweeps, at places in cells that come within `radius` mm of the chord.
    fn cut(&mut self, chord: &Chord, cutter: &Cutter, radius: f64) {
        let cells = |low: f64, high: f64, axis: usize| {
            let along = |value: f64| (value - self.low[axis]) / CELL_MM;
            (along(low - radius).floor(), along(high + radius).floor())
        };
        let ends = |axis: usize| {
            (chord.from[axis].min(chord.to[axis]), chord.from[axis].max(chord.to[axis]))
        };
        let (front, back) = cells(ends(1).0, ends(1).1, 1);
        if back < self.rows[0] as f64 || front >= self.rows[1] as f64 {
            return;
        }
        let first = (front.max(0.0) as usize).max(self.rows[0]);
        let end = (back as usize + 1).min(self.rows[1]);
        let swept = SweptTool::new(chord, cutter);
        for row in first..end {
            // The x that the tool reaches from anywhere in this row of cells.
            let middle = self.low[1] + (row as f64 + 0.5) * CELL_MM;
            let Some([left, right]) = chord.x_range(middle, radius + CELL_MM / 2.0) else {
                continue;
            };
            let (left, right) = ((left - self.low[0]) / CELL_MM, (right - self.low[0]) / CELL_MM);
            if right < 0.0 || left >= self.columns as f64 {
                continue;
            }
            let base = (row - self.rows[0]) * self.columns;
            for column in left.max(0.0) as usize..=(right as usize).min(self.columns - 1) {
                let x = self.low[0] + (column as f64 + 0.5) * CELL_MM;
                let cell = base + column;
                // The lowest that the tool comes anywhere in the cell, whose corners are this far from its middle.
                if !swept.stays_above(self.tops[cell], [x, middle], HALF_DIAGONAL_MM) {
                    self.cut_cell(cell, &swept);
                }
            }
        }
    }

    fn cut_cell(&mut self, cell: usize, swept: &SweptTool<'_>) {
        let offset = self.starts[0];
        let range =
            (self.starts[cell] - offset) as usize..(self.starts[cell + 1] - offset) as usize;
        let mut is_lower = false;
        for index in range.clone() {
            let mark = self.marks[index];
            if !swept.stays_above(mark.top, [mark.x, mark.y], 0.0) {
                touch(&mut self.touched[index], swept);
                let now = Mark::of(&self.touched[index]);
                is_lower |= now.top < mark.top;
                self.marks[index] = now;
            }
        }
        if is_lower {
            self.tops[cell] = highest(&self.marks[range]);
        }
    }
}

fn highest(marks: &[Mark]) -> f64 {
    marks.iter().map(|mark| mark.top).fold(f64::NEG_INFINITY, f64::max)
}

#[inline]
fn touch(touched: &mut Touched, swept: &SweptTool<'_>) {
    let [x, y, z] = touched.probe.place;
    let Some(lower) = swept.lower_surface(x, y) else { return };
    touched.left = touched.left.min(lower);
    if lower < z - ROUNDING_MM
        && let Some(depth) = swept.depth([x, y, z])
        && depth > touched.gouge
    {
        touched.gouge = depth;
        touched.line = swept.line();
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::path::Tip;

    fn ball() -> Cutter {
        Cutter::ball(2.0)
    }

    fn chords(tips: &[Tip]) -> Vec<Chord> {
        tips.windows(2)
            .map(|pair| Chord { from: pair[0], to: pair[1], motion: 0, line: 1 })
            .collect()
    }

    #[test]
    fn bites_are_what_each_chord_takes() {
        let mut stock = Stock::new(&Block::at_corner([20.0, 200.0, 10.0]), 0.5);
        let pass =
            |z: f64, motion| Chord { from: [10.0, 10.0, z], to: [10.0, 190.0, z], motion, line: 1 };
        let bites =
            stock.cut(&[pass(-1.0, 0), pass(-1.0, 1), pass(-4.0, 2)], &Cutter::ball(3.0), 0.01);
        assert_eq!(bites.len(), 2);
        assert_eq!((bites[0].chord, bites[1].chord), (0, 2));
        assert!((bites[0].depth - 1.0).abs() < 1e-12);
        assert!((bites[1].depth - 3.0).abs() < 1e-9);
        // Over the slot the highest material within 2 mm is its own flank, farther away the top.
        let high = |radius: f64| stock.highest_near(&pass(-4.0, 0), radius);
        assert!((high(2.0) - (-1.0 - 5.0_f64.sqrt())).abs() < 1e-9, "-4 + 3 - sqrt(9 - 4)");
        assert!(high(5.0).abs() < 1e-12);
    }

    #[test]
    fn a_wall_is_gouged_by_how_far_the_tool_is_in_it() {
        // The side of a ball runs along a wall at x = 0, 0.1 mm too far in, with its center below.
        let wall = Probe { place: [0.0, 50.0, -5.0], upright: 0.0, is_rim: false };
        let rim = Probe { place: [0.0, 50.0, 0.0], upright: 1.0, is_rim: true };
        let mut probes = Probes::new(vec![wall, rim], 0.0);
        probes.cut(&chords(&[[1.9, 0.0, -8.0], [1.9, 100.0, -8.0]]), &ball());
        let gouges: Vec<f64> = [false, true]
            .into_iter()
            .flat_map(|is_rim| {
                probes.deviations(is_rim).map(|found| found.gouge).collect::<Vec<_>>()
            })
            .collect();
        // Known to the square of the step along the chord.
        assert!((gouges[0] - 0.1).abs() < 1e-7 && (gouges[1] - 0.1).abs() < 1e-7, "{gouges:?}");
    }

    proptest! {
        #[test]
        fn probes_and_grid_nodes_agree(
            tips in prop::collection::vec(prop::array::uniform3(0.0..20.0_f64), 2..6),
        ) {
            let lowered: Vec<Tip> = tips.iter().map(|[x, y, z]| [*x, *y, -z]).collect();
            let chords = chords(&lowered);
            let mut stock = Stock::new(&Block::at_corner([20.0, 20.0, 30.0]), 1.0);
            stock.cut(&chords, &ball(), 0.0);
            let places: Vec<Probe> = (0..stock.heights.len())
                .map(|i| Probe { place: [(i % 21) as f64, (i / 21) as f64, -9.0], upright: 1.0, is_rim: false })
                .collect();
            let mut probes = Probes::new(places, 0.0);
            probes.cut(&chords, &ball());
            for ProbeDeviation { place: [x, y, z], gouge, left, .. } in probes.deviations(false) {
                let node = stock.heights[y as usize * stock.columns + x as usize];
                prop_assert!((node - left - z).abs() < 1e-12);
                prop_assert!(gouge <= (z - node).max(0.0) + 1e-9);
            }
        }
    }
}
