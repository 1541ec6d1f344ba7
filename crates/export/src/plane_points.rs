//! The points of a mesh in the plane along borders and reliefs.

use geometry::{Point2, Relief, Slab, polygon};

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

/// The nearest point with single-precision coordinates; never a negative zero, which would be another
/// vertex for readers that compare bits.
pub(crate) fn single(point: Point2) -> Point2 {
    point.map(single_number)
}

pub(crate) fn single_number(value: f64) -> f64 {
    /// Nearer to zero than this is zero, mm: `spade` refuses denormal coordinates.
    const NOTHING_MM: f64 = 1e-9;
    if value.abs() < NOTHING_MM { 0.0 } else { f64::from(value as f32) }
}
