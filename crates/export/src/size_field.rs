//! How large triangles may be at every place of a slab, so that they stay within a tolerance of both surfaces.
//!
//! A linear interpolant of a function with constant second derivatives misses it most at the middle
//! of an edge: by `|f_ee| l² / 8` on an edge of length l in direction e. Beside borders quadtree cells give right
//! triangles with legs h along x and y and either diagonal, so that the largest miss is
//! `h² / 8 · max(|f_xx|, |f_yy|, |f_xx + f_yy| + 2 |f_xy|)`; along the surface normal it is smaller by cos(slope).
//! Elsewhere a cell is cut along its better diagonal or around its middle, where only a quarter of the last term is left.
//! Sizes are then graded, so that neighbors differ little (Persson 2006, doi 10.1007/s00366-006-0014-1,
//! solved here by a two-pass chamfer sweep over the grid).

use geometry::{BorderIndex, HeightField, Point2, Rect, Slab, Vector2};
use rayon::prelude::*;

/// Growth of the triangle size per mm of distance. Under 1 it keeps neighboring quadtree cells within a
/// factor of 2 of each other; smaller values spend triangles for nothing.
const GROWTH: f64 = 0.5;

/// Share of the tolerance that is spent on the estimate; the rest covers what the grid does not see.
pub(crate) const SHARE: f64 = 0.7;

/// So many sizes from a border triangles may have either diagonal.
const BESIDE: f64 = 3.0;

/// Triangles that join a border are longer than the cells beside it: share of the allowed size that those get, so that
/// hardly ever a few of them are refined, which takes as long as a mesh.
const JOINING: f64 = 0.85;

/// Allowed triangle sizes over a grid.
#[derive(Clone, Debug)]
pub(crate) struct SizeField {
    sizes: HeightField,
}

impl SizeField {
    /// Sizes from the curvature of both surfaces wherever there is material, `longest` elsewhere.
    pub(crate) fn new(
        slab: &Slab,
        borders: &BorderIndex,
        area: Rect,
        tolerance: f64,
        longest: f64,
    ) -> Self {
        let spacing = grid_spacing(slab, area, longest);
        let mut sizes = HeightField::from_fn(area, spacing, |_| longest);
        let columns = sizes.columns;
        let nodes: Vec<f64> = (0..sizes.rows * columns)
            .into_par_iter()
            .map(|index| {
                let point = sizes.node(index % columns, index / columns);
                let near =
                    borders.contains(point) || borders.distance(point, 1.5 * spacing).is_some();
                if !near {
                    return longest;
                }
                let [any, good] = allowed_sizes(slab, point, tolerance);
                let (any, good) = (any.min(longest), good.min(longest));
                let near = |reach: f64| {
                    borders.distance(point, reach).is_some()
                        || slab.relief.as_ref().is_some_and(|relief| {
                            let (area, reach) = (relief.area(), Vector2::repeat(reach));
                            Rect { low: area.low - reach, high: area.high + reach }.contains(point)
                        })
                };
                if any < good && near(BESIDE * any) { any } else { good }
            })
            .collect();
        sizes.heights = nodes;
        let mut field = Self { sizes };
        field.grade();
        field
    }

    /// Allowed size around a point.
    pub(crate) fn at(&self, point: Point2) -> f64 {
        self.smallest(point, point)
    }

    /// Smallest allowed size over the nodes in and around the box between two corners.
    pub(crate) fn smallest(&self, low: Point2, high: Point2) -> f64 {
        let (first, last) = self.nodes_around(low, high);
        let mut smallest = f64::INFINITY;
        for row in first.1..=last.1 {
            for column in first.0..=last.0 {
                smallest = smallest.min(self.sizes.at(column, row));
            }
        }
        smallest
    }

    /// Lowers the size around a place; [`Self::grade`] then spreads it.
    pub(crate) fn limit(&mut self, place: Point2, size: f64) {
        let (first, last) = self.nodes_around(place, place);
        for row in first.1..=last.1 {
            for column in first.0..=last.0 {
                let reach = (self.sizes.node(column, row) - place).norm();
                let node = self.sizes.at_mut(column, row);
                *node = node.min(size + GROWTH * reach);
            }
        }
    }

    /// Lowers the size to `size` at every node in and around a box.
    pub(crate) fn limit_box(&mut self, low: Point2, high: Point2, size: f64) {
        let (first, last) = self.nodes_around(low, high);
        for row in first.1..=last.1 {
            for column in first.0..=last.0 {
                let node = self.sizes.at_mut(column, row);
                *node = node.min(size);
            }
        }
    }

    /// Makes the sizes grow by at most [`GROWTH`] per mm.
    pub(crate) fn grade(&mut self) {
        let (columns, rows) = (self.sizes.columns as isize, self.sizes.rows as isize);
        let straight = GROWTH * self.sizes.spacing;
        let diagonal = straight * std::f64::consts::SQRT_2;
        let before = [(-1, 0, straight), (-1, -1, diagonal), (0, -1, straight), (1, -1, diagonal)];
        for backward in [false, true] {
            for step in 0..columns * rows {
                let index = if backward { columns * rows - 1 - step } else { step };
                let (column, row) = (index % columns, index / columns);
                let sign = if backward { -1 } else { 1 };
                let mut size = self.sizes.heights[index as usize];
                for (across, along, cost) in before {
                    let (c, r) = (column + sign * across, row + sign * along);
                    if (0..columns).contains(&c) && (0..rows).contains(&r) {
                        size = size.min(self.sizes.heights[(r * columns + c) as usize] + cost);
                    }
                }
                self.sizes.heights[index as usize] = size;
            }
        }
    }

    fn nodes_around(&self, low: Point2, high: Point2) -> ((usize, usize), (usize, usize)) {
        let cell = |value: f64, origin: f64| (value - origin) / self.sizes.spacing;
        let node = |value: f64, count: usize| (value.max(0.0) as usize).min(count - 1);
        let origin = self.sizes.origin;
        let (columns, rows) = (self.sizes.columns, self.sizes.rows);
        (
            (
                node(cell(low.x, origin.x).floor(), columns),
                node(cell(low.y, origin.y).floor(), rows),
            ),
            (
                node(cell(high.x, origin.x).ceil(), columns),
                node(cell(high.y, origin.y).ceil(), rows),
            ),
        )
    }
}

/// Grid fine enough to meet every knot span of the surfaces and bounded in number of nodes.
fn grid_spacing(slab: &Slab, area: Rect, longest: f64) -> f64 {
    const MOST_NODES: f64 = 250_000.0;
    let finest_span = [&slab.top, &slab.bottom]
        .iter()
        .flat_map(|surface| {
            let (area, (columns, rows)) = (surface.area(), surface.control_size());
            [area.width() / (columns - 3) as f64, area.height() / (rows - 3) as f64]
        })
        .fold(longest, f64::min);
    let affordable = (area.width() * area.height() / MOST_NODES).sqrt();
    (0.75 * finest_span).max(affordable)
}

/// Allowed sizes at a place: of right triangles with either diagonal that join a border, and of cells that are cut as well as can be.
fn allowed_sizes(slab: &Slab, point: Point2, tolerance: f64) -> [f64; 2] {
    let bends = [&slab.top, &slab.bottom].map(|surface| {
        let jet = surface.jet(point);
        let [xx, xy, yy] = jet.hessian;
        let [dx, dy] = jet.gradient;
        let cosine = 1.0 / (1.0 + dx * dx + dy * dy).sqrt();
        let (sides, diagonal) = (xx.abs().max(yy.abs()), (xx + yy).abs() + 2.0 * xy.abs());
        // Half the diagonals of a cell that is cut around its middle: a quarter of the miss.
        [sides.max(diagonal) * cosine, sides.max(0.25 * diagonal) * cosine]
    });
    [0, 1].map(|cut| {
        let bend = bends[0][cut].max(bends[1][cut]);
        let size = (8.0 * SHARE * tolerance / bend).sqrt();
        if cut == 0 { JOINING * size } else { size }
    })
}
