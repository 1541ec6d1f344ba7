//! The field whose zero line is a gyroid of changing density, sampled on a grid and traced.
//!
//! In units of its period a gyroid's section is `sin x cos y + sin y cos z + sin z cos x = 0`; between two
//! densities both fields are weighted.

use std::f64::consts::TAU;

use geometry::Point2;

use super::Sparse;
use super::gyroid::{GYROID_LENGTH, GyroidSection};
use crate::zones::DensityField;

/// Thinner infill is laid as this: no line is farther from the next than the part is long.
pub(super) const LEAST_DENSITY: f64 = 0.01;

/// Along a row of the field densities are looked up this far apart, mm, and run straight between; the map
/// of densities is no finer.
const DENSITY_STEP_MM: f64 = 1.0;

/// Most cells along a side.
const MOST_CELLS: usize = 2500;

/// A gyroid of one density at one height.
pub(super) struct Level {
    density: f64,
    /// Radians per mm.
    turns: f64,
    sin_z: f64,
    cos_z: f64,
    /// Pitch of lines that hold the density at this height, mm.
    pub(super) pitch: f64,
}

impl Level {
    pub(super) fn new(density: f64, how: &Sparse) -> Self {
        let density = density.max(LEAST_DENSITY);
        let period = how.pitch * GYROID_LENGTH / density;
        let turns = TAU / period;
        let (sin_z, cos_z) = (how.height * turns).sin_cos();
        let section = GyroidSection { sin_z, cos_z };
        Self { density, turns, sin_z, cos_z, pitch: how.pitch * GYROID_LENGTH / section.length() }
    }

    /// mm.
    pub(super) fn period(&self) -> f64 {
        TAU / self.turns
    }
}

/// The two levels around a density, and how far it is from the first to the second.
pub(super) fn between(levels: &[Level], density: f64) -> (usize, usize, f64) {
    let above = levels.partition_point(|level| level.density < density);
    if above == 0 {
        return (0, 0, 0.0);
    }
    if above == levels.len() {
        return (above - 1, above - 1, 0.0);
    }
    let (low, high) = (levels[above - 1].density, levels[above].density);
    (above - 1, above, ((density - low) / (high - low)).clamp(0.0, 1.0))
}

/// Square cells over an area, and which of each row may meet it.
pub(super) struct Extent {
    low: Point2,
    cell: f64,
    /// Corners of cells along x and y.
    size: [usize; 2],
    /// For every row of cells the first one, and the one after the last; empty rows are `[0, 0]`.
    columns: Vec<[usize; 2]>,
}

impl Extent {
    /// Cells of `cell` mm, or larger ones where that would be too many; `None` of nothing.
    pub(super) fn of(loops: &[Vec<Point2>], cell: f64) -> Option<Self> {
        let mut all = loops.iter().flatten();
        let first = *all.next()?;
        let (low, high) = all.fold((first, first), |(low, high), c| (low.inf(c), high.sup(c)));
        if low.x >= high.x || low.y >= high.y {
            return None;
        }
        let cell = cell.max((high - low).max() / MOST_CELLS as f64);
        let low = Point2::new(low.x - cell, low.y - cell);
        let size =
            [high.x - low.x, high.y - low.y].map(|length| (length / cell).ceil() as usize + 2);
        let mut columns = vec![[usize::MAX, 0]; size[1] - 1];
        let place = |value: f64, axis: usize| ((value - low[axis]) / cell).max(0.0) as usize;
        for corners in loops {
            for (index, from) in corners.iter().enumerate() {
                let to = corners[(index + 1) % corners.len()];
                let reach = |axis: usize| {
                    let (a, b) = (from[axis].min(to[axis]), from[axis].max(to[axis]));
                    // One more on either side, so that no line ends inside.
                    let first = place(a, axis).saturating_sub(1);
                    [first, (place(b, axis) + 2).min(size[axis] - 1)]
                };
                let ([left, right], [front, back]) = (reach(0), reach(1));
                for row in &mut columns[front..back] {
                    *row = [row[0].min(left), row[1].max(right)];
                }
            }
        }
        for row in &mut columns {
            if row[0] == usize::MAX {
                *row = [0, 0];
            }
        }
        Some(Self { low, cell, size, columns })
    }

    /// Columns of corners of a row that a cell on either side of it uses.
    fn corners(&self, row: usize) -> [usize; 2] {
        let beside = [row.checked_sub(1), Some(row)].into_iter().flatten();
        let cells = beside.filter_map(|row| self.columns.get(row)).filter(|row| row[1] > row[0]);
        let joined = cells
            .fold([usize::MAX, 0], |[left, right], row| [left.min(row[0]), right.max(row[1] + 1)]);
        if joined[1] == 0 { [0, 0] } else { joined }
    }
}

/// Sines and cosines of a level along the columns.
struct Waves {
    sin: Vec<f64>,
    cos: Vec<f64>,
}

/// A level along one row: `sin x · cos y + offset + sin z · cos x`.
#[derive(Clone, Copy)]
struct RowWave<'a> {
    waves: &'a Waves,
    cos_y: f64,
    sin_z: f64,
    offset: f64,
}

impl RowWave<'_> {
    fn at(&self, column: usize) -> f64 {
        self.waves.sin[column] * self.cos_y + self.offset + self.sin_z * self.waves.cos[column]
    }

    fn fill(&self, target: &mut [f64], first: usize) {
        let own = first..first + target.len();
        let waves = self.waves.sin[own.clone()].iter().zip(&self.waves.cos[own]);
        for (value, (sin, cos)) in target.iter_mut().zip(waves) {
            *value = sin * self.cos_y + self.offset + self.sin_z * cos;
        }
    }
}

/// Values of the blended field at the corners of cells; 0 where no cell meets the area.
pub(super) struct BlendedField {
    extent: Extent,
    values: Vec<f64>,
}

impl BlendedField {
    pub(super) fn sample(
        extent: Extent,
        levels: &[Level],
        height: f64,
        field: &DensityField,
    ) -> Self {
        let Extent { low, cell, size, .. } = extent;
        let waves: Vec<Waves> = levels
            .iter()
            .map(|level| {
                let turn = |column: usize| (low.x + cell * column as f64) * level.turns;
                let (sin, cos) = (0..size[0]).map(|column| turn(column).sin_cos()).unzip();
                Waves { sin, cos }
            })
            .collect();
        let stride = ((DENSITY_STEP_MM / cell) as usize).max(1);
        let mut values = vec![0.0; size[0] * size[1]];
        for (row, values) in values.chunks_exact_mut(size[0]).enumerate() {
            let y = low.y + cell * row as f64;
            let rows: Vec<RowWave<'_>> = levels
                .iter()
                .zip(&waves)
                .map(|(level, waves)| {
                    let (sin_y, cos_y) = (y * level.turns).sin_cos();
                    RowWave { waves, cos_y, sin_z: level.sin_z, offset: sin_y * level.cos_z }
                })
                .collect();
            let [left, right] = extent.corners(row);
            let density =
                |column: usize| field.at(Point2::new(low.x + cell * column as f64, y), height);
            let mut here = density(left);
            for (index, own) in values[left..right].chunks_mut(stride).enumerate() {
                let first = left + index * stride;
                let next = density(first + stride);
                let along =
                    |column: usize| here + (next - here) * (column - first) as f64 / stride as f64;
                fill(own, first, levels, &rows, along);
                here = next;
            }
        }
        Self { extent, values }
    }

    /// Number of the edge that starts at a corner and runs along an axis.
    fn edge(&self, column: usize, row: usize, axis: usize) -> usize {
        2 * (row * self.extent.size[0] + column) + axis
    }

    fn crossing(&self, edge: usize) -> Point2 {
        let Extent { low, cell, size, .. } = &self.extent;
        let (corner, axis) = (edge / 2, edge % 2);
        let next = corner + if axis == 0 { 1 } else { size[0] };
        let (from, to) = (self.values[corner], self.values[next]);
        let t = from / (from - to);
        let (column, row) = ((corner % size[0]) as f64, (corner / size[0]) as f64);
        let (x, y) = if axis == 0 { (column + t, row) } else { (column, row + t) };
        Point2::new(low.x + cell * x, low.y + cell * y)
    }

    /// Marching squares: the lines along which the field is zero.
    pub(super) fn zero_lines(&self) -> Vec<Vec<Point2>> {
        let width = self.extent.size[0];
        let mut links = Links::new(2 * self.values.len());
        for (row, &[left, right]) in self.extent.columns.iter().enumerate() {
            let near = &self.values[row * width..][..width];
            let far = &self.values[(row + 1) * width..][..width];
            for column in left..right {
                let corners = [near[column], near[column + 1], far[column + 1], far[column]];
                let is_over = corners.map(|corner| corner > 0.0);
                if is_over == [is_over[0]; 4] {
                    continue;
                }
                let edges = [
                    self.edge(column, row, 0),
                    self.edge(column + 1, row, 1),
                    self.edge(column, row + 1, 0),
                    self.edge(column, row, 1),
                ];
                links.join(corners, is_over, edges);
            }
        }
        links
            .lines()
            .into_iter()
            .map(|line| line.into_iter().map(|edge| self.crossing(edge)).collect())
            .collect()
    }
}

/// Fills a stretch of a row, where densities run straight.
fn fill(
    own: &mut [f64],
    first: usize,
    levels: &[Level],
    rows: &[RowWave<'_>],
    density: impl Fn(usize) -> f64,
) {
    let last = first + own.len();
    if let (from, to, share) = between(levels, density(first))
        && (density(first) - density(last)).abs() <= 0.0
    {
        rows[from].fill(own, first);
        if share > 0.0 {
            for (index, value) in own.iter_mut().enumerate() {
                *value += (rows[to].at(first + index) - *value) * share;
            }
        }
    } else {
        for (index, value) in own.iter_mut().enumerate() {
            let (from, to, share) = between(levels, density(first + index));
            let [low, high] = [from, to].map(|level| rows[level].at(first + index));
            *value = low + (high - low) * share;
        }
    }
    // A corner exactly on the line would belong to two crossings.
    own.iter_mut().filter(|value| **value == 0.0).for_each(|value| *value = 1e-12);
}

/// For every edge of the cells the edges to which the line runs on from it, each plus one; 0 for none.
struct Links {
    ends: Vec<[u32; 2]>,
    /// Crossed edges in the order in which they were met.
    crossed: Vec<u32>,
}

impl Links {
    fn new(edges: usize) -> Self {
        Self { ends: vec![[0; 2]; edges], crossed: Vec::new() }
    }

    /// Joins the edges of a cell that the line crosses.
    fn join(&mut self, corners: [f64; 4], is_over: [bool; 4], edges: [usize; 4]) {
        let mut crossed = [0; 4];
        let mut count = 0;
        for side in 0..4 {
            if is_over[side] != is_over[(side + 1) % 4] {
                crossed[count] = edges[side];
                count += 1;
            }
        }
        match crossed[..count] {
            [a, b] => self.link(a, b),
            [a, b, c, d] => {
                // The value in the middle tells which corners are joined.
                let joined = (corners.iter().sum::<f64>() > 0.0) == is_over[0];
                let pairs = if joined { [[a, b], [c, d]] } else { [[d, a], [b, c]] };
                pairs.into_iter().for_each(|[a, b]| self.link(a, b));
            }
            _ => {}
        }
    }

    fn link(&mut self, a: usize, b: usize) {
        for (from, to) in [(a, b), (b, a)] {
            let ends = &mut self.ends[from];
            if ends[0] == 0 {
                self.crossed.push(from as u32);
            }
            ends[usize::from(ends[0] != 0)] = to as u32 + 1;
        }
    }

    /// Every line as the edges that it crosses; closed ones end where they began.
    fn lines(&self) -> Vec<Vec<usize>> {
        let mut used = vec![false; self.ends.len()];
        let crossed = || self.crossed.iter().map(|&edge| edge as usize);
        let ends = crossed().filter(|&edge| self.ends[edge][1] == 0);
        let mut lines = Vec::new();
        for start in ends.chain(crossed()) {
            if used[start] {
                continue;
            }
            let (mut line, mut at) = (vec![start], start);
            used[start] = true;
            while let Some(next) = self.ends[at]
                .into_iter()
                .filter_map(|next| next.checked_sub(1))
                .find(|next| !used[*next as usize])
            {
                at = next as usize;
                used[at] = true;
                line.push(at);
            }
            let last = line[line.len() - 1];
            let is_closed =
                self.ends[last].contains(&(start as u32 + 1)) && self.ends[start][1] != 0;
            if line.len() > 2 && is_closed {
                line.push(start);
            }
            lines.push(line);
        }
        lines
    }
}
