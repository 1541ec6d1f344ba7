//! A mesh seen from above: where it is, how high it is there, and how far away it is elsewhere.
//!
//! Heights over the nodes of a fine grid are those of the mesh itself. The distance of a place outside is
//! measured to the nearest node inside, by lower envelopes of parabolas (Felzenszwalb and Huttenlocher
//! 2012, doi 10.4086/toc.2012.v008a019); it is as coarse as the grid and decides only how far passes go on.

use geometry::{Point3, Rect, TriMesh, Vector2};
use rayon::prelude::*;

/// Heights of the upper side of a mesh over a grid, and the nearest of its nodes everywhere.
#[derive(Debug)]
pub(crate) struct PlanView {
    area: Rect,
    low: [f64; 2],
    spacing: f64,
    columns: usize,
    rows: usize,
    /// Height of the mesh over each node; `NaN` beside it.
    tops: Vec<f64>,
    /// Triangle that is seen at each node.
    seen: Vec<u32>,
    /// Nearest node that has a height.
    nearest: Vec<u32>,
}

/// Most nodes of a plan view: 200 MB.
const MOST_NODES: f64 = 8e6;
/// Nodes this far outside of a triangle, as a share of it, still see it, so that shared edges do not leak.
const EDGE_SHARE: f64 = 1e-9;

impl PlanView {
    /// Looks at a mesh and `margin` mm around it; coarser than `spacing` where that would be too much.
    pub(crate) fn new(mesh: &TriMesh, margin: f64, spacing: f64) -> Self {
        let (low, high) = mesh.bounds().unwrap_or((Point3::origin(), Point3::origin()));
        let area = Rect { low: low.xy(), high: high.xy() };
        let width = area.width() + 2.0 * margin;
        let length = area.height() + 2.0 * margin;
        let spacing = spacing.max((width * length / MOST_NODES).sqrt());
        let low = [area.low.x - margin, area.low.y - margin];
        let (columns, rows) =
            ((width / spacing).ceil() as usize + 1, (length / spacing).ceil() as usize + 1);
        let mut view = Self {
            area,
            low,
            spacing,
            columns,
            rows,
            tops: vec![f64::NAN; columns * rows],
            seen: vec![u32::MAX; columns * rows],
            nearest: Vec::new(),
        };
        for (index, corners) in mesh.corner_points().enumerate() {
            view.look(index as u32, &corners);
        }
        view.nearest = view.nearest_nodes();
        view
    }

    /// Raises the nodes under a triangle to it.
    fn look(&mut self, index: u32, corners: &[Point3; 3]) {
        let [a, b, c] = corners
            .map(|p| [(p.x - self.low[0]) / self.spacing, (p.y - self.low[1]) / self.spacing, p.z]);
        let area = (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);
        if area.abs() < 1e-12 || !area.is_finite() {
            return;
        }
        let bound = |axis: usize, count: usize| {
            let low = a[axis].min(b[axis]).min(c[axis]).ceil().max(0.0) as usize;
            let high = a[axis].max(b[axis]).max(c[axis]).floor();
            (low, if high < 0.0 { 0 } else { (high as usize + 1).min(count) })
        };
        let ((left, right), (front, back)) = (bound(0, self.columns), bound(1, self.rows));
        for row in front..back {
            for column in left..right {
                let p = [column as f64, row as f64];
                let side = |u: [f64; 3], v: [f64; 3]| {
                    ((v[0] - u[0]) * (p[1] - u[1]) - (v[1] - u[1]) * (p[0] - u[0])) / area
                };
                let [wa, wb, wc] = [side(b, c), side(c, a), side(a, b)];
                if wa.min(wb).min(wc) < -EDGE_SHARE {
                    continue;
                }
                let z = wa * a[2] + wb * b[2] + wc * c[2];
                let node = row * self.columns + column;
                if self.tops[node].is_nan() || z > self.tops[node] {
                    self.tops[node] = z;
                    self.seen[node] = index;
                }
            }
        }
    }

    /// For every node the nearest one with a height, column by column and then row by row.
    fn nearest_nodes(&self) -> Vec<u32> {
        let (columns, rows) = (self.columns, self.rows);
        // Row of the nearest known node in the same column; rows beyond any for none.
        let mut in_column = vec![u32::MAX; columns * rows];
        for column in 0..columns {
            let mut last: Option<usize> = None;
            for row in 0..rows {
                if !self.tops[row * columns + column].is_nan() {
                    last = Some(row);
                }
                if let Some(last) = last {
                    in_column[row * columns + column] = last as u32;
                }
            }
            let mut next: Option<usize> = None;
            for row in (0..rows).rev() {
                if !self.tops[row * columns + column].is_nan() {
                    next = Some(row);
                }
                let here = &mut in_column[row * columns + column];
                if let Some(next) = next
                    && (*here == u32::MAX || next - row < row - *here as usize)
                {
                    *here = next as u32;
                }
            }
        }
        in_column
            .par_chunks(columns)
            .enumerate()
            .flat_map_iter(|(row, nearest)| along_row(row, nearest, columns))
            .collect()
    }

    /// Number of pieces that grid lines along x, and along y, have over the mesh.
    pub(crate) fn runs(&self) -> [usize; 2] {
        let is_in = |column: usize, row: usize| !self.tops[row * self.columns + column].is_nan();
        let mut runs = [0, 0];
        for row in 0..self.rows {
            for column in 0..self.columns {
                if is_in(column, row) {
                    runs[0] += usize::from(column == 0 || !is_in(column - 1, row));
                    runs[1] += usize::from(row == 0 || !is_in(column, row - 1));
                }
            }
        }
        runs
    }

    /// The rectangle around the mesh.
    pub(crate) const fn area(&self) -> Rect {
        self.area
    }

    /// Heights of the nodes at the border of the mesh: those with a neighbor beside it.
    pub(crate) fn border(&self) -> impl Iterator<Item = [f64; 3]> + '_ {
        let is_open =
            move |column: usize, row: usize| self.tops[row * self.columns + column].is_nan();
        self.nodes().map(|(place, _)| place).filter(move |[x, y, _]| {
            let column = ((x - self.low[0]) / self.spacing).round() as usize;
            let row = ((y - self.low[1]) / self.spacing).round() as usize;
            let is_edge =
                column == 0 || row == 0 || column + 1 >= self.columns || row + 1 >= self.rows;
            is_edge
                || is_open(column - 1, row)
                || is_open(column + 1, row)
                || is_open(column, row - 1)
                || is_open(column, row + 1)
        })
    }

    /// Nodes that see the mesh: place, and the triangle that is seen there.
    pub(crate) fn nodes(&self) -> impl Iterator<Item = ([f64; 3], u32)> + '_ {
        (0..self.tops.len()).filter(|node| !self.tops[*node].is_nan()).map(|node| {
            let (column, row) = (node % self.columns, node / self.columns);
            let x = self.low[0] + self.spacing * column as f64;
            let y = self.low[1] + self.spacing * row as f64;
            ([x, y, self.tops[node]], self.seen[node])
        })
    }

    /// Triangles that are seen at the nodes around a place, the nearest node's first.
    pub(crate) fn seen_around(&self, x: f64, y: f64) -> Vec<u32> {
        let column = ((x - self.low[0]) / self.spacing).round();
        let row = ((y - self.low[1]) / self.spacing).round();
        let steps = [(0.0, 0.0), (1.0, 0.0), (-1.0, 0.0), (0.0, 1.0), (0.0, -1.0)];
        let diagonals = [(1.0, 1.0), (1.0, -1.0), (-1.0, 1.0), (-1.0, -1.0)];
        let mut seen: Vec<u32> = Vec::new();
        for (right, back) in steps.into_iter().chain(diagonals) {
            let (column, row) = (column + right, row + back);
            let is_on = (0.0..self.columns as f64).contains(&column)
                && (0.0..self.rows as f64).contains(&row);
            if !is_on {
                continue;
            }
            let node = row as usize * self.columns + column as usize;
            if !self.tops[node].is_nan() && !seen.contains(&self.seen[node]) {
                seen.push(self.seen[node]);
            }
        }
        seen
    }

    /// Distance of a place from the mesh seen from above, 0 over it, and the height of the nearest node;
    /// `None` if the mesh is nowhere.
    pub(crate) fn outside(&self, x: f64, y: f64) -> Option<(f64, f64)> {
        let along = |value: f64, low: f64, count: usize| {
            (((value - low) / self.spacing).round().max(0.0) as usize).min(count - 1)
        };
        let column = along(x, self.low[0], self.columns);
        let row = along(y, self.low[1], self.rows);
        let node = row * self.columns + column;
        if !self.tops[node].is_nan() {
            return Some((0.0, self.tops[node]));
        }
        let nearest = self.nearest[node] as usize;
        let top = self.tops.get(nearest)?;
        let place = Vector2::new(
            self.low[0] + self.spacing * (nearest % self.columns) as f64,
            self.low[1] + self.spacing * (nearest / self.columns) as f64,
        );
        Some(((Vector2::new(x, y) - place).norm(), *top))
    }
}

/// The nearest nodes of one row, from the nearest of each column: lower envelope of parabolas.
fn along_row(row: usize, in_column: &[u32], columns: usize) -> Vec<u32> {
    let rise = |column: usize| {
        let away = row as f64 - f64::from(in_column[column]);
        away * away
    };
    // Columns whose parabola is lowest somewhere, and where each begins to be.
    let mut lowest: Vec<(usize, f64)> = Vec::new();
    for column in (0..columns).filter(|column| in_column[*column] != u32::MAX) {
        let mut begins = f64::NEG_INFINITY;
        while let Some((before, since)) = lowest.last() {
            let (q, p) = (column as f64, *before as f64);
            begins = (rise(column) + q * q - rise(*before) - p * p) / (2.0 * (q - p));
            if begins > *since {
                break;
            }
            lowest.pop();
            begins = f64::NEG_INFINITY;
        }
        lowest.push((column, begins));
    }
    let mut at = 0;
    (0..columns)
        .map(|column| {
            while at + 1 < lowest.len() && lowest[at + 1].1 <= column as f64 {
                at += 1;
            }
            lowest.get(at).map_or(u32::MAX, |(nearest, _)| {
                in_column[*nearest] * columns as u32 + *nearest as u32
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_and_heights_around_two_boxes() {
        let mut mesh = TriMesh::cuboid(Point3::new(0.0, 0.0, 0.0), Point3::new(10.0, 4.0, 5.0));
        let other = TriMesh::cuboid(Point3::new(0.0, 8.0, 0.0), Point3::new(10.0, 9.0, 2.0));
        let first = mesh.vertices.len() as u32;
        mesh.vertices.extend(other.vertices);
        mesh.triangles.extend(other.triangles.iter().map(|t| t.map(|index| index + first)));
        let view = PlanView::new(&mesh, 6.0, 0.25);
        for (x, y, expected) in [
            (5.0, 2.0, (0.0, 5.0)),
            (5.0, 8.5, (0.0, 2.0)),
            (13.0, 2.0, (3.0, 5.0)),
            (5.0, 5.5, (1.5, 5.0)),
            (5.0, 7.0, (1.0, 2.0)),
            (13.0, -4.0, (5.0, 5.0)),
        ] {
            let (distance, top) = view.outside(x, y).unwrap();
            assert!(
                (distance - expected.0).abs() < 0.2 && (top - expected.1).abs() < 1e-9,
                "{x} {y}"
            );
        }
        // Rows of 1 mm: five over the first box and two over the second; eleven columns over both.
        assert_eq!(PlanView::new(&mesh, 0.0, 1.0).runs(), [7, 22]);
        assert!(PlanView::new(&TriMesh::default(), 1.0, 0.5).outside(0.0, 0.0).is_none());
    }
}
