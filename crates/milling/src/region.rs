//! The trimmed region of a part, seen from above, for fast questions about places near its border.
//!
//! The trim curves are followed by chords so short (0.1 mm) that the surface over a chord differs from
//! the straight edge by under 1 µm where the rim curves with 1 mm radius and more.

use geometry::{ClosedCurve, Point2, Rect, Slab, polygon};

/// Longest chord of a trim curve, mm.
const LONGEST_CHORD_MM: f64 = 0.1;
/// Chords stay this close to the trim curve, mm.
const CHORD_TOLERANCE_MM: f64 = 0.001;
/// Side of the bins in which edges are looked up, mm: about the radius of the usual tool.
const BIN_MM: f64 = 2.0;

/// A piece of the border, from start to end; the region is on its left.
pub(crate) type Edge = (Point2, Point2);

/// The region inside the outline and outside of the holes.
#[derive(Debug)]
pub(crate) struct Region {
    edges: Vec<Edge>,
    area: Rect,
    columns: usize,
    rows: usize,
    /// Edges that touch each bin, row by row.
    bins: Vec<Vec<u32>>,
    /// Edges that reach into each row of bins.
    row_edges: Vec<Vec<u32>>,
}

impl Region {
    pub(crate) fn new(part: &Slab) -> Self {
        let curves = std::iter::once(&part.outline).chain(&part.holes);
        Self::from_edges(curves.flat_map(border).collect())
    }

    fn from_edges(edges: Vec<Edge>) -> Self {
        let mut area = Rect { low: edges[0].0, high: edges[0].0 };
        for (start, _) in &edges {
            area.low = area.low.inf(start);
            area.high = area.high.sup(start);
        }
        let bins_along = |length: f64| ((length / BIN_MM).floor().clamp(0.0, 1e4)) as usize + 1;
        let (columns, rows) = (bins_along(area.width()), bins_along(area.height()));
        let mut region = Self {
            edges,
            area,
            columns,
            rows,
            bins: vec![Vec::new(); columns * rows],
            row_edges: vec![Vec::new(); rows],
        };
        for index in 0..region.edges.len() {
            let (start, end) = region.edges[index];
            let (columns, rows) = region.bins_over(start.inf(&end), start.sup(&end));
            for row in rows {
                region.row_edges[row].push(index as u32);
                for column in columns.clone() {
                    region.bins[row * region.columns + column].push(index as u32);
                }
            }
        }
        region
    }

    /// The smallest rectangle around the region.
    pub(crate) const fn area(&self) -> Rect {
        self.area
    }

    /// All edges, outline first.
    pub(crate) fn edges(&self) -> &[Edge] {
        &self.edges
    }

    /// Points of a regular grid over the region's rectangle.
    pub(crate) fn grid(&self, spacing: f64) -> impl Iterator<Item = Point2> + use<> {
        let area = self.area;
        let steps = move |length: f64| (length / spacing).clamp(0.0, 1e4) as u32;
        (0..=steps(area.height())).flat_map(move |row| {
            (0..=steps(area.width())).map(move |column| {
                area.low + geometry::Vector2::new(f64::from(column), f64::from(row)) * spacing
            })
        })
    }

    /// Whether a point lies in the region (even-odd rule).
    pub(crate) fn contains(&self, point: Point2) -> bool {
        if !self.area.contains(point) {
            return false;
        }
        let row = (((point.y - self.area.low.y) / BIN_MM) as usize).min(self.rows - 1);
        self.row_edges[row].iter().fold(false, |inside, index| {
            let (a, b) = self.edges[*index as usize];
            let crosses = (a.y > point.y) != (b.y > point.y)
                && point.x < (b.x - a.x) * (point.y - a.y) / (b.y - a.y) + a.x;
            inside ^ crosses
        })
    }

    /// Calls `visit` with every edge that may be within `reach` mm of a point, some of them twice.
    pub(crate) fn each_edge_near(
        &self,
        point: Point2,
        reach: f64,
        mut visit: impl FnMut(usize, Edge),
    ) {
        let around = geometry::Vector2::repeat(reach);
        let (columns, rows) = self.bins_over(point - around, point + around);
        for row in rows {
            for column in columns.clone() {
                for index in &self.bins[row * self.columns + column] {
                    visit(*index as usize, self.edges[*index as usize]);
                }
            }
        }
    }

    fn bins_over(
        &self,
        low: Point2,
        high: Point2,
    ) -> (std::ops::RangeInclusive<usize>, std::ops::RangeInclusive<usize>) {
        // A range that ends before it begins is empty: the rectangle misses the bins.
        let range = |low: f64, high: f64, count: usize| {
            if high < 0.0 || low >= count as f64 {
                return NO_BINS;
            }
            let last = count - 1;
            (low.max(0.0) as usize).min(last)..=(high as usize).min(last)
        };
        let scaled = |point: Point2| (point - self.area.low) / BIN_MM;
        let (low, high) = (scaled(low), scaled(high));
        (range(low.x, high.x, self.columns), range(low.y, high.y, self.rows))
    }
}

/// No bins at all.
#[allow(clippy::reversed_empty_ranges, reason = "an empty range on purpose")]
const NO_BINS: std::ops::RangeInclusive<usize> = 1..=0;

fn border(curve: &ClosedCurve) -> Vec<Edge> {
    let corners = curve.polyline(CHORD_TOLERANCE_MM, LONGEST_CHORD_MM);
    polygon::edges(&corners).collect()
}
