//! The inside of a mesh in the plane: cells of a quadtree, cut into triangles where no border is near.
//!
//! A cell that is far enough from every line and whose neighbors are at most twice as fine is whole: it becomes two
//! triangles along the diagonal that suits both surfaces better, or, where neither is near enough or a neighbor is
//! finer, a fan around its middle. What lies between whole cells and borders is left to
//! [`crate::triangulation`]; there the corners of the other cells are points.

use geometry::{BorderIndex, Point2, Rect, Slab};
use rayon::prelude::*;

use crate::plane_points::single;
use crate::size_field::{SHARE, SizeField};

/// Distance of points from the borders, as a multiple of the allowed size there. An equilateral triangle on a border
/// edge would have 0.87 / [`crate::plane_points::BORDER_TO_INNER`]; nearer points make slivers.
const CLEARANCE: f64 = 0.4;

/// A cell is whole only if its middle is so many of its sides away from every line: its edges then are nearly one.
const WHOLE_FROM: f64 = 1.6;

/// Halvings of the largest cell.
const DEEPEST: u32 = 8;

/// What fills a region.
#[derive(Clone, Debug, Default)]
pub(crate) struct Filling {
    pub(crate) points: Vec<Point2>,
    /// Triangles of whole cells, counter-clockwise.
    pub(crate) triangles: Vec<[u32; 3]>,
    /// For every triangle whether it lies in the pattern of a relief.
    pub(crate) patterned: Vec<bool>,
    /// Edges around whole cells.
    pub(crate) rim: Vec<[u32; 2]>,
    /// Points that whole cells do not surround, ascending.
    pub(crate) open: Vec<u32>,
}

/// Everything that decides how a region is filled.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Region<'a> {
    pub(crate) slab: &'a Slab,
    pub(crate) borders: &'a BorderIndex,
    /// Lines of the slab's relief.
    pub(crate) relief: &'a BorderIndex,
    pub(crate) area: Rect,
    pub(crate) sizes: &'a SizeField,
    pub(crate) longest: f64,
    pub(crate) tolerance: f64,
    /// Refuse to make more points than this.
    pub(crate) most: usize,
}

/// A cell with its corner of smallest coordinates and its side, in units of the finest cell.
#[derive(Clone, Copy, Debug)]
struct Cell {
    low: [i64; 2],
    side: i64,
    deep: bool,
}

impl Cell {
    /// Counter-clockwise.
    fn corners(&self) -> [[i64; 2]; 4] {
        let ([i, j], side) = (self.low, self.side);
        [[i, j], [i + side, j], [i + side, j + side], [i, j + side]]
    }
}

/// Marks places where no point is.
const NOWHERE: u32 = u32::MAX;

impl Region<'_> {
    /// Fills the region with points and triangles; `None` if there are too many.
    pub(crate) fn fill(&self) -> Option<Filling> {
        let cells = self.cells()?;
        let nodes = Nodes::of(&cells);
        let mut filling = Filling::default();
        let places: Vec<Option<Point2>> = nodes
            .keys
            .par_iter()
            .zip(&nodes.deep)
            .map(|(&key, &deep)| {
                let point = single(self.place(from_key(key)));
                (deep || self.is_clear(point)).then_some(point)
            })
            .collect();
        let mut ids = Vec::with_capacity(places.len());
        for place in places {
            ids.push(place.map_or(NOWHERE, |_| filling.points.len() as u32));
            filling.points.extend(place);
        }
        if filling.points.len() > self.most {
            return None;
        }
        self.triangulate(&cells, &nodes, &ids, &mut filling);
        (filling.points.len() <= self.most).then_some(filling)
    }

    fn fine(&self) -> f64 {
        self.longest / f64::from(1 << DEEPEST)
    }

    fn place(&self, [i, j]: [i64; 2]) -> Point2 {
        Point2::new(i as f64 * self.fine(), j as f64 * self.fine())
    }

    fn is_clear(&self, point: Point2) -> bool {
        let clearance = CLEARANCE * self.sizes.at(point);
        self.borders.contains(point)
            && self.borders.distance(point, clearance).is_none()
            && self.relief.distance(point, clearance).is_none()
    }

    /// Leaves of a quadtree over the region that are no larger than the allowed size.
    fn cells(&self) -> Option<Vec<Cell>> {
        let whole = 1_i64 << DEEPEST;
        let root = |value: f64| (value / self.longest).floor() as i64;
        let (low, high) = (self.area.low, self.area.high);
        let mut open: Vec<([i64; 2], i64)> = Vec::new();
        for row in root(low.y)..=root(high.y) {
            for column in root(low.x)..=root(high.x) {
                open.push(([column * whole, row * whole], whole));
            }
        }
        let mut cells = Vec::new();
        while let Some((low @ [i, j], side)) = open.pop() {
            let (a, b) = (self.place(low), self.place([i + side, j + side]));
            let middle = nalgebra::center(&a, &b);
            let reach = 0.5 * (b - a).norm();
            if !self.borders.contains(middle) && self.borders.distance(middle, reach).is_none() {
                continue;
            }
            if side > 1 && b.x - a.x > self.sizes.smallest(a, b) {
                let half = side / 2;
                open.extend(
                    [[0, 0], [half, 0], [0, half], [half, half]]
                        .map(|[x, y]| ([i + x, j + y], half)),
                );
                continue;
            }
            let away = WHOLE_FROM * (b.x - a.x);
            let deep = self.borders.contains(middle)
                && self.borders.distance(middle, away).is_none()
                && self.relief.distance(middle, away).is_none();
            cells.push(Cell { low, side, deep });
            // A region of cells has about as many corners.
            if cells.len() > self.most + 256 {
                return None;
            }
        }
        Some(cells)
    }

    /// Cuts the whole cells into triangles, and says what is around them.
    fn triangulate(&self, cells: &[Cell], nodes: &Nodes, ids: &[u32], filling: &mut Filling) {
        let heights: Vec<[f64; 2]> =
            filling.points.par_iter().map(|&point| self.slab.heights(point)).collect();
        let pieces: Vec<Option<Piece>> = cells
            .par_iter()
            .enumerate()
            .filter(|(_, cell)| cell.deep)
            .map(|(index, cell)| self.cut(cell, index, nodes, ids, &heights))
            .collect();
        let mut edges: Vec<[u32; 2]> = Vec::new();
        for piece in pieces.into_iter().flatten() {
            let around = &piece.around;
            let count = around.len();
            edges.extend((0..count).map(|k| [around[k], around[(k + 1) % count]]));
            let before = filling.triangles.len();
            match piece.split {
                Split::Rising => filling
                    .triangles
                    .extend([[around[0], around[1], around[2]], [around[0], around[2], around[3]]]),
                Split::Falling => filling
                    .triangles
                    .extend([[around[0], around[1], around[3]], [around[1], around[2], around[3]]]),
                Split::Fan(middle) => {
                    let hub = filling.points.len() as u32;
                    filling.points.push(middle);
                    filling
                        .triangles
                        .extend((0..count).map(|k| [hub, around[k], around[(k + 1) % count]]));
                }
            }
            let added = filling.triangles.len() - before;
            filling.patterned.extend(std::iter::repeat_n(piece.patterned, added));
        }
        let corners = heights.len();
        let mut surrounded = vec![false; corners];
        edges.iter().for_each(|[a, _]| surrounded[*a as usize] = true);
        filling.rim = unpaired(&edges, corners);
        filling.rim.iter().flatten().for_each(|&end| surrounded[end as usize] = false);
        filling.open = (0..corners as u32).filter(|id| !surrounded[*id as usize]).collect();
    }

    /// How a deep cell is cut; `None` if a neighbor is more than twice as fine.
    fn cut(
        &self,
        cell: &Cell,
        index: usize,
        nodes: &Nodes,
        ids: &[u32],
        heights: &[[f64; 2]],
    ) -> Option<Piece> {
        let corners = cell.corners();
        let mut around = Vec::with_capacity(8);
        for k in 0..4 {
            around.push(ids[nodes.of_corners[4 * index + k] as usize]);
            let (from, to) = (corners[k], corners[(k + 1) % 4]);
            let at = |quarters: i64| {
                let place = [0, 1].map(|axis| from[axis] + (to[axis] - from[axis]) / 4 * quarters);
                nodes.find(place).map_or(NOWHERE, |node| ids[node])
            };
            // Sides of less than four of the finest cells are hardly ever asked for: those are left to Delaunay.
            let half = if cell.side >= 4 { at(2) } else { return None };
            if half == NOWHERE {
                continue;
            }
            if at(1) != NOWHERE || at(3) != NOWHERE {
                return None;
            }
            around.push(half);
        }
        let middle = nalgebra::center(&self.place(corners[0]), &self.place(corners[2]));
        let split = if around.len() > 4 {
            Split::Fan(single(middle))
        } else {
            self.diagonal(middle, [0, 1, 2, 3].map(|k| heights[around[k] as usize]))
        };
        Some(Piece { around, split, patterned: self.relief.contains(middle) })
    }

    /// The better diagonal of a cell, if it is good enough.
    fn diagonal(&self, middle: Point2, corners: [[f64; 2]; 4]) -> Split {
        let here = self.slab.heights(middle);
        let miss = |one: usize, other: usize| {
            let off = |side: usize| {
                // Upright, so no less than along the normal.
                (0.5 * (corners[one][side] + corners[other][side]) - here[side]).abs()
            };
            off(0).max(off(1))
        };
        let (rising, falling) = (miss(0, 2), miss(1, 3));
        if rising.min(falling) > SHARE * self.tolerance {
            Split::Fan(single(middle))
        } else if rising <= falling {
            Split::Rising
        } else {
            Split::Falling
        }
    }
}

/// Directed edges whose reverse is missing, by their lower ends.
fn unpaired(edges: &[[u32; 2]], points: usize) -> Vec<[u32; 2]> {
    // Edges in the order of their lower ends, by counting: a sort would take longer than the triangles.
    let lower = |[a, b]: [u32; 2]| a.min(b) as usize;
    let mut starts = vec![0_u32; points + 1];
    edges.iter().for_each(|&edge| starts[lower(edge) + 1] += 1);
    for point in 0..points {
        starts[point + 1] += starts[point];
    }
    let mut next = starts.clone();
    let mut sorted = vec![[0; 2]; edges.len()];
    for &edge in edges {
        let place = &mut next[lower(edge)];
        sorted[*place as usize] = edge;
        *place += 1;
    }
    let of_point = |point: usize| &sorted[starts[point] as usize..starts[point + 1] as usize];
    (0..points)
        .flat_map(|point| {
            let meeting = of_point(point);
            meeting.iter().filter(|[a, b]| !meeting.contains(&[*b, *a])).copied()
        })
        .collect()
}

/// A whole cell: the points around it, counter-clockwise, and how they are joined.
struct Piece {
    around: Vec<u32>,
    split: Split,
    patterned: bool,
}

enum Split {
    /// Along the diagonal from the corner of smallest coordinates.
    Rising,
    /// Along the other diagonal.
    Falling,
    /// Around a new point in the middle.
    Fan(Point2),
}

/// Corners of cells without repetition, by rows.
struct Nodes {
    keys: Vec<u64>,
    /// Whether a deep cell meets there.
    deep: Vec<bool>,
    /// Of every cell its four corners.
    of_corners: Vec<u32>,
}

impl Nodes {
    fn of(cells: &[Cell]) -> Self {
        let mut ends: Vec<(u64, u32)> = Vec::with_capacity(4 * cells.len());
        for cell in cells {
            for corner in cell.corners() {
                ends.push((key(corner), ends.len() as u32));
            }
        }
        ends.sort_unstable();
        let mut nodes =
            Self { keys: Vec::new(), deep: Vec::new(), of_corners: vec![0; ends.len()] };
        for (key, end) in ends {
            if nodes.keys.last() != Some(&key) {
                nodes.keys.push(key);
                nodes.deep.push(false);
            }
            let last = nodes.keys.len() - 1;
            nodes.deep[last] |= cells[end as usize / 4].deep;
            nodes.of_corners[end as usize] = last as u32;
        }
        nodes
    }

    fn find(&self, place: [i64; 2]) -> Option<usize> {
        self.keys.binary_search(&key(place)).ok()
    }
}

/// Middle of the range of whole numbers that a key can hold.
const MIDDLE: i64 = 1 << 31;

/// A place as one number that sorts by rows.
const fn key([i, j]: [i64; 2]) -> u64 {
    (((j + MIDDLE) as u64) << 32) | (i + MIDDLE) as u64
}

const fn from_key(key: u64) -> [i64; 2] {
    [(key & 0xffff_ffff) as i64 - MIDDLE, (key >> 32) as i64 - MIDDLE]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edges_around_two_squares() {
        // Squares 0 1 4 3 and 1 2 5 4.
        let edges = [[0, 1], [1, 4], [4, 3], [3, 0], [1, 2], [2, 5], [5, 4], [4, 1]];
        let rim = unpaired(&edges, 6);
        assert_eq!(rim, [[0, 1], [3, 0], [1, 2], [2, 5], [4, 3], [5, 4]]);
    }

    #[test]
    fn keys_come_back_and_sort_by_rows() {
        for place in [[0, 0], [-7, 3], [70_000, -512], [-1, -1]] {
            assert_eq!(from_key(key(place)), place);
        }
        assert!(key([5, -1]) < key([-5, 0]) && key([-5, 0]) < key([5, 0]));
    }
}
