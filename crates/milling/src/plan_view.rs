//! A mesh seen from above: where it is, how high it is there, and how far away it is elsewhere.
//!
//! Heights over the nodes of a fine grid are those of the mesh itself. The distance of a place outside is
//! measured to the nearest node inside, by lower envelopes of parabolas (Felzenszwalb and Huttenlocher
//! 2012, doi 10.4086/toc.2012.v008a019); it is as coarse as the grid and decides only how far passes go on.

use geometry::{Point2, Point3, Rect, TriMesh, Vector2};
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
        let by_band = view.triangles_by_band(mesh);
        let mut bands: Vec<Band<'_>> = view
            .tops
            .chunks_mut(BAND_ROWS * columns)
            .zip(view.seen.chunks_mut(BAND_ROWS * columns))
            .enumerate()
            .map(|(band, (tops, seen))| Band { first: band * BAND_ROWS, columns, tops, seen })
            .collect();
        bands.par_iter_mut().zip(&by_band).for_each(|(band, triangles)| {
            for &index in triangles {
                let corners = mesh.corners(index as usize);
                let nodes =
                    corners.map(|p| [(p.x - low[0]) / spacing, (p.y - low[1]) / spacing, p.z]);
                band.look(index, nodes);
            }
        });
        view.nearest = view.nearest_nodes();
        view
    }

    /// Triangles by the bands of rows that they cover, in their order.
    fn triangles_by_band(&self, mesh: &TriMesh) -> Vec<Vec<u32>> {
        let mut by_band = vec![Vec::new(); self.rows.div_ceil(BAND_ROWS)];
        for (index, corners) in mesh.corner_points().enumerate() {
            let band = |y: f64| {
                let row = ((y - self.low[1]) / self.spacing).clamp(0.0, self.rows as f64 - 1.0);
                row as usize / BAND_ROWS
            };
            let along = corners.map(|corner| corner.y);
            let front = along.into_iter().fold(f64::INFINITY, f64::min);
            let back = along.into_iter().fold(f64::NEG_INFINITY, f64::max);
            // Corners without a number are seen nowhere.
            if front <= back {
                let covered = &mut by_band[band(front)..=band(back)];
                covered.iter_mut().for_each(|triangles| triangles.push(index as u32));
            }
        }
        by_band
    }

    /// The same view with x and y exchanged.
    pub(crate) fn turned(&self) -> Self {
        let turned = |node: usize| (node % self.rows) * self.columns + node / self.rows;
        let nodes = 0..self.tops.len();
        let nearest = |node: usize| match self.nearest[turned(node)] {
            u32::MAX => u32::MAX,
            other => {
                let (column, row) = (other as usize % self.columns, other as usize / self.columns);
                (column * self.rows + row) as u32
            }
        };
        Self {
            area: Rect {
                low: Point2::new(self.area.low.y, self.area.low.x),
                high: Point2::new(self.area.high.y, self.area.high.x),
            },
            low: [self.low[1], self.low[0]],
            spacing: self.spacing,
            columns: self.rows,
            rows: self.columns,
            tops: nodes.clone().map(|node| self.tops[turned(node)]).collect(),
            seen: nodes.clone().map(|node| self.seen[turned(node)]).collect(),
            nearest: nodes.map(nearest).collect(),
        }
    }

    /// For every node the nearest one with a height, column by column and then row by row.
    fn nearest_nodes(&self) -> Vec<u32> {
        let (columns, rows) = (self.columns, self.rows);
        // Row of the nearest known node in the same column; beyond any for none. Row by row, as they lie in memory.
        let mut in_column = vec![u32::MAX; columns * rows];
        for row in 0..rows {
            for column in 0..columns {
                let node = row * columns + column;
                if !self.tops[node].is_nan() {
                    in_column[node] = row as u32;
                } else if row > 0 {
                    in_column[node] = in_column[node - columns];
                }
            }
        }
        for row in (0..rows.saturating_sub(1)).rev() {
            for column in 0..columns {
                let node = row * columns + column;
                let (here, next) = (in_column[node], in_column[node + columns]);
                let away = |other: u32| row.abs_diff(other as usize);
                if next != u32::MAX && (here == u32::MAX || away(next) < away(here)) {
                    in_column[node] = next;
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

/// Rows of nodes that one task works on.
const BAND_ROWS: usize = 64;

/// Some rows of a plan view while a mesh is looked at.
struct Band<'a> {
    /// Number of the first row.
    first: usize,
    columns: usize,
    tops: &'a mut [f64],
    seen: &'a mut [u32],
}

impl Band<'_> {
    /// Raises the nodes under a triangle, whose corners are given in nodes, to it.
    fn look(&mut self, index: u32, [a, b, c]: [[f64; 3]; 3]) {
        let area = (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);
        if area.abs() < 1e-12 || !area.is_finite() {
            return;
        }
        let bound = |axis: usize, first: usize, end: usize| {
            let low = a[axis].min(b[axis]).min(c[axis]).ceil().max(0.0) as usize;
            let high = a[axis].max(b[axis]).max(c[axis]).floor();
            (low.max(first), if high < 0.0 { 0 } else { (high as usize + 1).min(end) })
        };
        let (left, right) = bound(0, 0, self.columns);
        let (front, back) = bound(1, self.first, self.first + self.tops.len() / self.columns);
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
                let node = (row - self.first) * self.columns + column;
                if self.tops[node].is_nan() || z > self.tops[node] {
                    self.tops[node] = z;
                    self.seen[node] = index;
                }
            }
        }
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
        let turned = view.turned();
        for [x, y] in [[5.0, 2.0], [13.0, 2.0], [13.0, -4.0]] {
            assert_eq!(turned.outside(y, x), view.outside(x, y));
        }
        assert_eq!(turned.runs(), {
            let [x, y] = view.runs();
            [y, x]
        });
        // Rows of 1 mm: five over the first box and two over the second; eleven columns over both.
        assert_eq!(PlanView::new(&mesh, 0.0, 1.0).runs(), [7, 22]);
        assert!(PlanView::new(&TriMesh::default(), 1.0, 0.5).outside(0.0, 0.0).is_none());
    }
}
