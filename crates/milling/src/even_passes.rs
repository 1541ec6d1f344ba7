//! Where finishing passes run so that the scallop between two of them is the same everywhere.
//!
//! Passes go along y. Across them, a scallop is as high as is allowed where the next pass lies
//!
//! ```text
//!   d = √(8 h / (1/R + κ)) / √(1 + z'²)     h  highest scallop, R  radius of the tool's corner
//!                                            z', κ  slope and curvature of the tip's surface across the passes
//! ```
//!
//! beside it. The number of passes from a fixed line to a place is therefore the integral of 1/d along a row,
//! and passes are the lines where that number is whole: straight where the ground is level, drawn together over
//! walls, nowhere broken off (after Suresh and Yang 1994, doi 10.1115/1.2901938, who step from pass to pass
//! instead). Density is smoothed along the passes, so that they bend little; what is smoothed too far is found and filled by
//! [`crate::finishing`].

use rayon::prelude::*;

use crate::ground::Ground;
use crate::raster::{Pass, Sampling};
use crate::tip_grid::TipGrid;

/// Distance of the rows on which density is known, mm.
const ROW_MM: f64 = 1.0;
/// Nodes of a row lie this far apart, as a share of the step-over, but no closer than slopes need.
const COLUMN_SHARE: f64 = 0.5;
const FINEST_COLUMN_MM: f64 = 0.1;
/// Half the length over which curvature is taken, mm; shorter, it would be the mesh's own.
const CURVED_OVER_MM: f64 = 0.5;
/// Passes lie at most this many times closer than on level ground: a wall of 86°.
const MOST_DENSE: f64 = 16.0;
/// The same where passes are left out: as on slopes of 45°, which lie around such places.
const DENSE_BESIDE_WALLS: f64 = 1.45;
/// Where the ground is not level, passes lie this share closer than planned, so that few have to be added where they
/// are less even than planned.
const RESERVE: f64 = 0.10;
/// Density counts this far along the passes, mm, and is then evened out over as much again and more.
const SPREAD_ROWS: usize = 2;
const SMOOTHED_ROWS: usize = 4;
/// Places of a pass are left out where it stays this straight, mm.
const STRAIGHT_MM: f64 = 0.01;

/// What decides the distance of passes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Evenness {
    /// Radius of the tool's corner, mm.
    pub(crate) corner: f64,
    /// Highest scallop, mm.
    pub(crate) scallop: f64,
}

impl Evenness {
    /// Passes per mm on level ground.
    pub(crate) fn level(self) -> f64 {
        (1.0 / (8.0 * self.corner * self.scallop)).sqrt()
    }
}

impl TipGrid {
    /// Parts of the ground that hang together: first and last column in each row, where they have any.
    fn parts(&self) -> Vec<Part> {
        let mut parts: Vec<Part> = Vec::new();
        // Which part each run of the row before belongs to.
        let mut before: Vec<([usize; 2], usize)> = Vec::new();
        for row in 0..self.rows {
            let mut here: Vec<([usize; 2], usize)> = Vec::new();
            for run in runs(self.row(row)) {
                let touching =
                    before.iter().filter(|(other, _)| other[0] <= run[1] && run[0] <= other[1]);
                let mut joined: Vec<usize> = touching.map(|(_, part)| *part).collect();
                joined.sort_unstable();
                joined.dedup();
                let part = joined.first().copied().unwrap_or(parts.len());
                if part == parts.len() {
                    parts.push(Part { extents: vec![None; self.rows] });
                }
                // Two arms that meet are one part from now on and before.
                for &other in joined.iter().skip(1) {
                    let extents = std::mem::take(&mut parts[other].extents);
                    for (row, extent) in extents.into_iter().enumerate() {
                        parts[part].grow(row, extent);
                    }
                    for (_, known) in here.iter_mut().chain(&mut before) {
                        if *known == other {
                            *known = part;
                        }
                    }
                }
                parts[part].grow(row, Some(run));
                here.push((run, part));
            }
            before = here;
        }
        parts.retain(|part| !part.extents.is_empty());
        parts
    }

    /// Passes per mm across a row of nodes.
    fn density(
        &self,
        row: usize,
        evenness: Evenness,
        is_left_out: &(impl Fn([f64; 2]) -> bool + Sync),
    ) -> Vec<f64> {
        let heights = self.row(row);
        let dx = self.spacing[0];
        let wide = (CURVED_OVER_MM / dx).round().max(1.0) as usize;
        let level = evenness.level();
        let height = |column: usize| Some(heights[column]).filter(|height| height.is_finite());
        (0..self.columns)
            .map(|column| {
                let Some(here) = height(column) else { return level };
                let left = column.checked_sub(1).and_then(height);
                let right = (column + 1 < self.columns).then(|| height(column + 1)).flatten();
                let slope = match (left, right) {
                    (Some(left), Some(right)) => (right - left) / (2.0 * dx),
                    (Some(left), None) => (here - left) / dx,
                    (None, Some(right)) => (right - here) / dx,
                    (None, None) => 0.0,
                };
                let far = [column.checked_sub(wide), Some(column + wide)]
                    .map(|far| far.filter(|far| *far < self.columns).and_then(height));
                let curvature = match far {
                    [Some(left), Some(right)] => {
                        let across = wide as f64 * dx;
                        (left + right - 2.0 * here)
                            / (across * across)
                            / (1.0 + slope * slope).powf(1.5)
                    }
                    _ => 0.0,
                };
                let bent = (1.0 + evenness.corner * curvature).clamp(0.5, 4.0);
                let closer = (1.0 + slope * slope).sqrt() * bent.sqrt();
                let reserve = 1.0 + RESERVE * ((closer - 1.0) / RESERVE).clamp(0.0, 1.0);
                let most = if is_left_out(self.lattice().place(column, row)) {
                    DENSE_BESIDE_WALLS
                } else {
                    MOST_DENSE
                };
                level * (closer * reserve).clamp(0.5, most)
            })
            .collect()
    }
}

/// Runs of known nodes: first and last.
fn runs(heights: &[f64]) -> Vec<[usize; 2]> {
    let mut runs: Vec<[usize; 2]> = Vec::new();
    for (column, height) in heights.iter().enumerate() {
        if height.is_nan() {
            continue;
        }
        match runs.last_mut().filter(|run| run[1] + 1 == column) {
            Some(run) => run[1] = column,
            None => runs.push([column, column]),
        }
    }
    runs
}

/// A part of the ground that hangs together.
struct Part {
    /// First and last column of each row.
    extents: Vec<Option<[usize; 2]>>,
}

impl Part {
    fn grow(&mut self, row: usize, by: Option<[usize; 2]>) {
        let extent = &mut self.extents[row];
        *extent = match (*extent, by) {
            (Some(a), Some(b)) => Some([a[0].min(b[0]), a[1].max(b[1])]),
            (known, new) => known.or(new),
        };
    }

    fn rows(&self) -> impl Iterator<Item = (usize, [usize; 2])> + '_ {
        self.extents.iter().enumerate().filter_map(|(row, extent)| Some((row, (*extent)?)))
    }

    fn columns(&self) -> [usize; 2] {
        self.rows().fold([usize::MAX, 0], |[low, high], (_, [first, last])| {
            [low.min(first), high.max(last)]
        })
    }
}

/// The passes over the ground, in the order of their numbers; those of different parts are never neighbors.
pub(crate) fn even_passes(
    ground: &Ground<'_>,
    sampling: Sampling,
    evenness: Evenness,
) -> Vec<Pass> {
    even_passes_beside(ground, (sampling, evenness), |_| false)
}

/// The same where passes are to be left out at some places, which do not draw them together.
pub(crate) fn even_passes_beside(
    ground: &Ground<'_>,
    (sampling, evenness): (Sampling, Evenness),
    is_left_out: impl Fn([f64; 2]) -> bool + Sync,
) -> Vec<Pass> {
    let apart = (COLUMN_SHARE * sampling.step_over).max(FINEST_COLUMN_MM);
    let tips = &TipGrid::new(ground, sampling, [apart, ROW_MM]);
    let density: Vec<Vec<f64>> = (0..tips.rows)
        .into_par_iter()
        .map(|row| tips.density(row, evenness, &is_left_out))
        .collect();
    let density = smoothed(&density);
    let mut passes = Vec::new();
    let mut first = 0;
    for part in tips.parts() {
        let of_part = passes_of(tips, &density, &part, first);
        // A number is left out, so that passes of two parts are no neighbors.
        first = of_part.iter().map(|pass| pass.number + 2).max().unwrap_or(first);
        passes.extend(of_part);
    }
    passes
}

/// The highest density around each node, evened out along the passes.
fn smoothed(density: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let rows = density.len();
    let around = |row: usize, reach: usize| row.saturating_sub(reach)..(row + reach + 1).min(rows);
    let highest: Vec<Vec<f64>> = (0..rows)
        .into_par_iter()
        .map(|row| {
            let mut highest = density[row].clone();
            for other in around(row, SPREAD_ROWS) {
                for (here, there) in highest.iter_mut().zip(&density[other]) {
                    *here = here.max(*there);
                }
            }
            highest
        })
        .collect();
    (0..rows)
        .into_par_iter()
        .map(|row| {
            let window = around(row, SMOOTHED_ROWS);
            let count = window.len() as f64;
            let mut mean = vec![0.0; highest[row].len()];
            for other in window {
                for (here, there) in mean.iter_mut().zip(&highest[other]) {
                    *here += there / count;
                }
            }
            mean
        })
        .collect()
}

/// The passes of one part: lines on which the number of passes from its middle is whole.
fn passes_of(tips: &TipGrid, density: &[Vec<f64>], part: &Part, first: usize) -> Vec<Pass> {
    let [low, high] = part.columns();
    let middle = usize::midpoint(low, high);
    let dx = tips.spacing[0];
    // Lines by their whole number; for each row where one crosses.
    let mut lines: std::collections::BTreeMap<i64, Vec<(usize, f64)>> =
        std::collections::BTreeMap::new();
    for (row, [left, right]) in part.rows() {
        let density = &density[row];
        let step = |column: usize| dx * f64::midpoint(density[column], density[column + 1]);
        let from = left.min(middle);
        let to_middle: f64 = (from..middle).map(step).sum();
        let mut number = -to_middle;
        for column in from..right.max(middle) {
            let next = number + step(column);
            let mut whole = number.ceil();
            while whole < next {
                let share = (whole - number) / (next - number);
                let x = tips.low[0] + dx * (column as f64 + share);
                lines.entry(whole as i64).or_default().push((row, x));
                whole += 1.0;
            }
            number = next;
        }
    }
    let lowest = lines.keys().next().copied().unwrap_or(0);
    let mut passes = Vec::new();
    for (whole, crossings) in lines {
        let number = first + (whole - lowest) as usize;
        for run in crossings.chunk_by(|a, b| b.0 == a.0 + 1) {
            passes.push(Pass { number, places: places_of(tips, run) });
        }
    }
    passes
}

/// The line through crossings of consecutive rows, a row longer at both ends.
fn places_of(tips: &TipGrid, run: &[(usize, f64)]) -> Vec<[f64; 2]> {
    let dy = tips.spacing[1];
    let place = |&(row, x): &(usize, f64)| [x, tips.low[1] + dy * row as f64];
    let [x, y] = place(&run[0]);
    let mut places = vec![[x, y - dy]];
    places.extend(run.iter().map(place));
    let [x, y] = place(&run[run.len() - 1]);
    places.push([x, y + dy]);
    let flat: Vec<[f64; 3]> = places.iter().map(|&[x, y]| [x, y, 0.0]).collect();
    let kept = crate::path::simplified(&flat, STRAIGHT_MM);
    kept.iter().map(|&[x, y, _]| [x, y]).collect()
}

#[cfg(test)]
mod tests {
    use geometry::{Point3, TriMesh};

    use super::*;
    use crate::finishing::level_scallop;
    use crate::ground::Limits;
    use crate::plan_view::PlanView;
    use crate::sample_parts::order;

    /// Level to the left of x = 0 and rising by 60° to the right of it, 30 mm long.
    fn bend(shift: f64) -> TriMesh {
        let rise = 20.0 * 3.0_f64.sqrt();
        let across = [(-20.0, 0.0), (0.0, 0.0), (20.0, rise)];
        let corner = |(x, z): (f64, f64), y: f64| Point3::new(x + shift, y, z);
        let vertices =
            across.into_iter().flat_map(|at| [corner(at, 0.0), corner(at, 30.0)]).collect();
        let triangles = vec![[0, 2, 3], [0, 3, 1], [2, 4, 5], [2, 5, 3]];
        TriMesh { vertices, triangles }
    }

    fn passes(part: &TriMesh) -> Vec<Pass> {
        let order = order();
        let (tool, step_over) = (&order.tool, order.cutting.finishing_step_over_mm);
        let view = PlanView::new(part, 10.0, 0.2);
        let limits = Limits { skirt: f64::INFINITY, floor: -50.0 };
        let ground = Ground::new(part, &view, tool, 0.0, limits);
        let sampling = Sampling {
            reach: 0.9 * tool.radius_mm(),
            step_over,
            step_along: 0.5,
            tolerance: 0.003,
        };
        let corner = crate::Cutter::of(tool).corner();
        let evenness = Evenness { corner, scallop: level_scallop(corner, step_over) };
        even_passes(&ground, sampling, evenness)
    }

    /// Where passes cross y = 15, in their order.
    fn crossings(passes: &[Pass]) -> Vec<(usize, f64)> {
        let across = |pass: &Pass| {
            let pair =
                pass.places.windows(2).find(|pair| pair[0][1] <= 15.0 && pair[1][1] > 15.0)?;
            Some((pass.number, pair[0][0]))
        };
        passes.iter().filter_map(across).collect()
    }

    #[test]
    fn passes_draw_together_on_a_slope_as_its_cosine_says() {
        let step = order().cutting.finishing_step_over_mm;
        let found = crossings(&passes(&bend(0.0)));
        for pair in found.windows(2) {
            assert_eq!(pair[1].0, pair[0].0 + 1, "neighbors have neighboring numbers");
            let (middle, apart) = (f64::midpoint(pair[0].1, pair[1].1), pair[1].1 - pair[0].1);
            if (-15.0..-6.0).contains(&middle) {
                assert!((apart / step - 1.0).abs() < 0.01, "{middle}: {apart}");
            }
            if (6.0..15.0).contains(&middle) {
                let planned = step * 0.5 / (1.0 + RESERVE);
                assert!((apart / planned - 1.0).abs() < 0.03, "{middle}: {apart} {planned}");
            }
        }
        assert!(found.len() as f64 > 55.0 / step);
    }

    #[test]
    fn passes_of_two_parts_are_never_neighbors() {
        let (left, right) = (bend(0.0), bend(60.0));
        let first = left.vertices.len() as u32;
        let both = TriMesh {
            vertices: left.vertices.iter().chain(&right.vertices).copied().collect(),
            triangles: left
                .triangles
                .iter()
                .copied()
                .chain(right.triangles.iter().map(|corners| corners.map(|corner| corner + first)))
                .collect(),
        };
        let found = passes(&both);
        let of_left = found.iter().filter(|pass| pass.places[0][0] < 30.0).map(|pass| pass.number);
        let of_right = found.iter().filter(|pass| pass.places[0][0] > 30.0).map(|pass| pass.number);
        let (last, next) = (of_left.max().unwrap(), of_right.min().unwrap());
        assert!(next > last + 1, "{last} {next}");
    }
}
