//! The points of a mesh in the plane: steps along the borders, and a quadtree between them.

use geometry::{BorderIndex, Point2, Relief, Slab, polygon};
use rayon::prelude::*;

use crate::size_field::SizeField;
use crate::tessellate::MeshSettings;
use crate::trim::{TrimLoop, bezier_point};

/// Share of the tolerance that a border's chord may leave its curve. Chords always cut material away,
/// so this one decides the volume: 5 µm on a 450 mm border 3 mm high are 4 mm³ of 45 000.
const BORDER_SHARE: f64 = 0.25;

/// Largest cell beside a border edge, as a multiple of that edge. Cells are halved from a fixed size, so
/// that they come out at 0.5 to 1 times this.
pub(crate) const BORDER_TO_INNER: f64 = 1.4;

/// Halves each Bézier segment until chord, heights over the chord and length are within bounds.
pub(crate) fn border_line(
    slab: &Slab,
    border: &TrimLoop,
    sizes: &SizeField,
    settings: &MeshSettings,
) -> Vec<Point2> {
    /// Halvings of one segment: 15 mm / 2^10 is finer than any tolerance asks for.
    const DEEPEST: u32 = 10;
    let chord_tolerance = BORDER_SHARE * settings.tolerance_mm;
    let good = |segment: &[Point2; 4], from: f64, to: f64| {
        let ends = [from, to].map(|t| single(bezier_point(segment, t)));
        let [a, b] = ends;
        let length = (b - a).norm();
        let heights = |point| [slab.top.height(point), slab.bottom.height(point)];
        let (at_a, at_b) = (heights(a), heights(b));
        length <= sizes.at(nalgebra::center(&a, &b))
            && [0.25, 0.5, 0.75].iter().all(|&share| {
                let on_chord = a + (b - a) * share;
                let on_curve = bezier_point(segment, from + (to - from) * share);
                let flat = heights(on_chord);
                polygon::distance_to_segment(a, b, on_curve) <= chord_tolerance
                    && (0..2).all(|side| {
                        let chord_height = at_a[side] + (at_b[side] - at_a[side]) * share;
                        // Upright, so stricter than along the normal.
                        (flat[side] - chord_height).abs() <= settings.tolerance_mm
                    })
            })
    };
    let mut line: Vec<Point2> = Vec::new();
    for segment in &border.segments {
        let mut open = vec![(0.0, 1.0, 0)];
        while let Some((from, to, depth)) = open.pop() {
            if depth < DEEPEST && !good(segment, from, to) {
                let middle = 0.5 * (from + to);
                open.extend([(middle, to, depth + 1), (from, middle, depth + 1)]);
                continue;
            }
            let start = single(bezier_point(segment, from));
            if line.last() != Some(&start) {
                line.push(start);
            }
        }
    }
    while line.len() > 1 && line.last() == line.first() {
        line.pop();
    }
    line
}

/// The borders of a relief with edges no longer than the allowed size.
pub(crate) fn relief_lines(relief: &Relief, sizes: &SizeField) -> Vec<Vec<Point2>> {
    let of_loop = |corners: &Vec<Point2>| {
        let mut line: Vec<Point2> = Vec::new();
        for (a, b) in polygon::edges(corners) {
            let pieces = ((b - a).norm() / sizes.smallest(a.inf(&b), a.sup(&b))).ceil().max(1.0);
            for piece in 0..pieces as u32 {
                let point = single(a + (b - a) * (f64::from(piece) / pieces));
                if line.last() != Some(&point) {
                    line.push(point);
                }
            }
        }
        while line.len() > 1 && line.last() == line.first() {
            line.pop();
        }
        line
    };
    relief.loops().iter().map(of_loop).collect()
}

/// Corners of the leaves of a quadtree whose cells are no larger than the allowed size, at least half a
/// border step away from the borders and from the lines of a relief. `None` if there are too many.
pub(crate) fn inner_points(
    (index, relief): (&BorderIndex, &BorderIndex),
    borders: &[Vec<Point2>],
    sizes: &SizeField,
    longest: f64,
    most: usize,
) -> Option<Vec<Point2>> {
    /// Halvings of the largest cell.
    const DEEPEST: u32 = 8;
    let fine = longest / f64::from(1 << DEEPEST);
    let corner = |(i, j): (i64, i64)| Point2::new(i as f64 * fine, j as f64 * fine);
    let (low, high) =
        borders.iter().flatten().fold((borders[0][0], borders[0][0]), |(low, high), point| {
            (low.inf(point), high.sup(point))
        });
    let whole = 1_i64 << DEEPEST;
    let root = |value: f64| (value / longest).floor() as i64;
    let mut open: Vec<(i64, i64, i64)> = Vec::new();
    for row in root(low.y)..=root(high.y) {
        for column in root(low.x)..=root(high.x) {
            open.push((column * whole, row * whole, whole));
        }
    }
    let mut corners: Vec<(i64, i64)> = Vec::new();
    while let Some((i, j, side)) = open.pop() {
        let (a, b) = (corner((i, j)), corner((i + side, j + side)));
        let center = nalgebra::center(&a, &b);
        let reach = 0.5 * (b - a).norm();
        if !index.contains(center) && index.distance(center, reach).is_none() {
            continue;
        }
        if side > 1 && b.x - a.x > sizes.smallest(a, b) {
            let half = side / 2;
            open.extend(
                [(0, 0), (half, 0), (0, half), (half, half)].map(|(x, y)| (i + x, j + y, half)),
            );
            continue;
        }
        corners.extend([(i, j), (i + side, j), (i, j + side), (i + side, j + side)]);
        // Every point is a corner of up to four leaves.
        if corners.len() > 4 * most + 1024 {
            return None;
        }
    }
    corners.sort_unstable_by_key(|&(i, j)| (j, i));
    corners.dedup();
    let kept: Vec<Point2> = corners
        .into_par_iter()
        .map(|place| single(corner(place)))
        .filter(|&point| {
            let clearance = CLEARANCE * sizes.at(point);
            index.contains(point)
                && index.distance(point, clearance).is_none()
                && relief.distance(point, clearance).is_none()
        })
        .collect();
    (kept.len() <= most).then_some(kept)
}

/// Distance of inner points from the border, as a multiple of the allowed size there. An equilateral
/// triangle on a border edge would have 0.87 / [`BORDER_TO_INNER`]; nearer points make slivers.
const CLEARANCE: f64 = 0.4;

/// The nearest point with single-precision coordinates; never a negative zero, which would be another
/// vertex for readers that compare bits.
fn single(point: Point2) -> Point2 {
    point.map(single_number)
}

pub(crate) fn single_number(value: f64) -> f64 {
    /// Nearer to zero than this is zero, mm: `spade` refuses denormal coordinates.
    const NOTHING_MM: f64 = 1e-9;
    if value.abs() < NOTHING_MM { 0.0 } else { f64::from(value as f32) }
}
