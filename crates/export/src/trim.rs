//! The borders of a slab as Bézier segments, checked and turned so that the material lies on their left.

use geometry::{BorderIndex, ClosedCurve, Point2, Slab, polygon};

/// Pieces into which a Bézier segment is cut for the checks. A segment of a shell's trim line is 5 to
/// 15 mm long and turns by less than 40 degrees, so that a piece stays within 0.01 mm of its chord.
const CHECK_PIECES: usize = 16;

/// Smallest area that a border may enclose, mm².
const SMALLEST_AREA_MM2: f64 = 1e-3;

/// Which border of a slab.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Border {
    /// The outer border.
    Outline,
    /// The border of a cut-out, counted from 0.
    Hole(usize),
}

impl std::fmt::Display for Border {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Outline => f.write_str("the outline"),
            Self::Hole(index) => write!(f, "hole {}", index + 1),
        }
    }
}

/// Why the borders of a slab do not bound a region of its surfaces.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum TrimError {
    /// A control point is infinite or not a number.
    #[error("{border} has a control point that is not a number; rebuild the trim line")]
    NotFinite {
        /// The faulty border.
        border: Border,
    },
    /// The border encloses nothing.
    #[error("{border} encloses {area_mm2:.4} mm²; give it an area or leave it out")]
    Empty {
        /// The faulty border.
        border: Border,
        /// The enclosed area.
        area_mm2: f64,
    },
    /// The border runs where the surfaces are not defined.
    #[error(
        "{border} leaves the surfaces by {beyond_mm:.3} mm at x {x:.2}, y {y:.2} mm; enlarge the \
         surfaces or move the trim line"
    )]
    Outside {
        /// The faulty border.
        border: Border,
        /// How far outside.
        beyond_mm: f64,
        /// Place along x, mm.
        x: f64,
        /// Place along y, mm.
        y: f64,
    },
    /// Two borders cross or touch, or one crosses itself.
    #[error("{first} crosses {second} at x {x:.2}, y {y:.2} mm; move the trim line there")]
    Crossing {
        /// One border.
        first: Border,
        /// The other, or the same.
        second: Border,
        /// Place along x, mm.
        x: f64,
        /// Place along y, mm.
        y: f64,
    },
    /// A hole lies outside the outline or inside another hole.
    #[error("{border} near x {x:.2}, y {y:.2} mm is not surrounded by material; move or remove it")]
    Misplaced {
        /// The faulty hole.
        border: Border,
        /// Place along x, mm.
        x: f64,
        /// Place along y, mm.
        y: f64,
    },
}

/// One closed border with the material on its left, as cubic Bézier segments in order.
#[derive(Clone, Debug)]
pub(crate) struct TrimLoop {
    pub(crate) segments: Vec<[Point2; 4]>,
}

/// The checked borders of a slab: the outline first, then the holes.
pub(crate) fn trim_loops(slab: &Slab) -> Result<Vec<TrimLoop>, TrimError> {
    let borders: Vec<Border> = borders(slab).map(|(border, _)| border).collect();
    let loops = oriented_loops(slab);
    let lines: Vec<Vec<Point2>> = loops.iter().map(check_line).collect();
    for (&border, line) in borders.iter().zip(&lines) {
        if !line.iter().all(|point| point.coords.iter().all(|c| c.is_finite())) {
            return Err(TrimError::NotFinite { border });
        }
        let area_mm2 = polygon::signed_area(line).abs();
        if area_mm2 < SMALLEST_AREA_MM2 {
            return Err(TrimError::Empty { border, area_mm2 });
        }
        check_inside(slab, border, line)?;
    }
    check_crossings(&borders, &lines)?;
    check_nesting(&borders, &lines)?;
    Ok(loops)
}

/// The borders without any check, turned so that the material lies on their left.
pub(crate) fn oriented_loops(slab: &Slab) -> Vec<TrimLoop> {
    borders(slab)
        .map(|(border, curve)| {
            let mut found = TrimLoop { segments: curve.bezier_segments() };
            let counter_clockwise = polygon::signed_area(&check_line(&found)) > 0.0;
            if counter_clockwise != (border == Border::Outline) {
                found.segments.reverse();
                found.segments.iter_mut().for_each(|segment| segment.reverse());
            }
            found
        })
        .collect()
}

fn borders(slab: &Slab) -> impl Iterator<Item = (Border, &ClosedCurve)> {
    let holes = slab.holes.iter().enumerate().map(|(index, hole)| (Border::Hole(index), hole));
    std::iter::once((Border::Outline, &slab.outline)).chain(holes)
}

fn check_line(border: &TrimLoop) -> Vec<Point2> {
    let piece = 1.0 / CHECK_PIECES as f64;
    border
        .segments
        .iter()
        .flat_map(|segment| (0..CHECK_PIECES).map(move |k| bezier_point(segment, k as f64 * piece)))
        .collect()
}

fn check_inside(slab: &Slab, border: Border, line: &[Point2]) -> Result<(), TrimError> {
    let beyond = |point: &Point2| {
        [slab.top.area(), slab.bottom.area()]
            .iter()
            .map(|area| {
                let under = area.low - point;
                let over = point - area.high;
                under.x.max(under.y).max(over.x).max(over.y)
            })
            .fold(f64::NEG_INFINITY, f64::max)
    };
    let Some((beyond_mm, worst)) =
        line.iter().map(|point| (beyond(point), point)).max_by(|a, b| a.0.total_cmp(&b.0))
    else {
        return Ok(());
    };
    if beyond_mm > 0.0 {
        return Err(TrimError::Outside { border, beyond_mm, x: worst.x, y: worst.y });
    }
    Ok(())
}

/// Finds the first crossing of two edges that are not neighbors, by a sweep along x.
fn check_crossings(borders: &[Border], lines: &[Vec<Point2>]) -> Result<(), TrimError> {
    struct Edge {
        line: usize,
        index: usize,
        ends: [Point2; 2],
    }
    let mut edges: Vec<Edge> = Vec::new();
    for (line, points) in lines.iter().enumerate() {
        for (index, (a, b)) in polygon::edges(points).enumerate() {
            edges.push(Edge { line, index, ends: [a, b] });
        }
    }
    let left = |edge: &Edge| edge.ends[0].x.min(edge.ends[1].x);
    edges.sort_by(|a, b| left(a).total_cmp(&left(b)));
    for (position, one) in edges.iter().enumerate() {
        let right = one.ends[0].x.max(one.ends[1].x);
        for other in edges[position + 1..].iter().take_while(|other| left(other) <= right) {
            let count = lines[one.line].len();
            let apart = one.index.abs_diff(other.index);
            let neighbors = one.line == other.line && (apart <= 1 || apart == count - 1);
            if !neighbors && crosses(one.ends, other.ends) {
                let (first, second) = if (one.line, one.index) < (other.line, other.index) {
                    (one, other)
                } else {
                    (other, one)
                };
                let [x, y] = [first.ends[0].x, first.ends[0].y];
                return Err(TrimError::Crossing {
                    first: borders[first.line],
                    second: borders[second.line],
                    x,
                    y,
                });
            }
        }
    }
    Ok(())
}

/// Whether two segments share a point.
fn crosses([a, b]: [Point2; 2], [c, d]: [Point2; 2]) -> bool {
    let overlap = |axis: usize| {
        a[axis].min(b[axis]) <= c[axis].max(d[axis]) && c[axis].min(d[axis]) <= a[axis].max(b[axis])
    };
    let side = |p: Point2, q: Point2, r: Point2| (q - p).perp(&(r - p));
    overlap(0)
        && overlap(1)
        && side(a, b, c) * side(a, b, d) <= 0.0
        && side(c, d, a) * side(c, d, b) <= 0.0
}

fn check_nesting(borders: &[Border], lines: &[Vec<Point2>]) -> Result<(), TrimError> {
    if lines.len() < 2 {
        return Ok(());
    }
    let indices: Vec<BorderIndex> =
        lines.iter().map(|line| BorderIndex::new(polygon::edges(line))).collect();
    for (position, (&border, line)) in borders.iter().zip(lines).enumerate().skip(1) {
        // Nothing crosses any more, so one point stands for the whole border.
        let point = line[0];
        let surrounded = indices
            .iter()
            .enumerate()
            .filter(|(other, _)| *other != position)
            .all(|(other, index)| index.contains(point) == (other == 0));
        if !surrounded {
            return Err(TrimError::Misplaced { border, x: point.x, y: point.y });
        }
    }
    Ok(())
}

/// Point of a cubic Bézier segment at `t` in 0..=1.
pub(crate) fn bezier_point([a, b, c, d]: &[Point2; 4], t: f64) -> Point2 {
    let s = 1.0 - t;
    Point2::from(
        a.coords * (s * s * s)
            + b.coords * (3.0 * s * s * t)
            + c.coords * (3.0 * s * t * t)
            + d.coords * (t * t * t),
    )
}

/// Derivative of a cubic Bézier segment at `t` in 0..=1.
pub(crate) fn bezier_tangent([a, b, c, d]: &[Point2; 4], t: f64) -> geometry::Vector2 {
    let s = 1.0 - t;
    (b - a) * (3.0 * s * s) + (c - b) * (6.0 * s * t) + (d - c) * (3.0 * t * t)
}
