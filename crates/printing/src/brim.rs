//! The brim and the skirt around the first layer, and the line that fills the nozzle.

use geometry::Point2;

use crate::path::{Path, Role};
use crate::region::Region;

/// Distance of the prime line from the edge of the bed, mm.
const EDGE_MM: f64 = 3.0;

/// Free space between the prime line and the print, mm.
const CLEARANCE_MM: f64 = 3.0;

/// Length of the prime line, where the bed is long enough, mm.
const PRIME_LENGTH_MM: f64 = 100.0;

/// Lines outside the outer borders of what stands on the bed, from outside in; and the area that
/// they fill, mm². The innermost line touches the part.
///
/// What is asked for are the lines: where those of neighboring islands meet, they leave wedges or press into each other.
pub(crate) fn lay(standing: &Region, width_mm: f64, pitch: f64) -> (Vec<Path>, f64) {
    let lines = (width_mm / pitch).round() as usize;
    let base = standing.without_holes();
    if lines == 0 || base.is_empty() {
        return (Vec::new(), 0.0);
    }
    let loops = rings(&base, lines, pitch).into_iter().rev().flat_map(|ring| ring.loops());
    let paths: Vec<Path> = loops.map(|corners| Path::ring(Role::Brim, corners, pitch)).collect();
    let area = paths.iter().map(Path::strip_area).sum();
    (paths, area)
}

/// What lies within each of so many lines around an area, from inside out. Each is grown from the one before it: grown from
/// the area itself, hundreds of trunks, or the border of a noisy mesh, run over themselves at every corner.
fn rings(base: &Region, lines: usize, pitch: f64) -> Vec<Region> {
    let first = base.grown(pitch / 2.0);
    std::iter::successors(Some(first), |ring| Some(ring.grown(pitch))).take(lines).collect()
}

/// A brim around the part whose supports stand near it with a foot of their own: trunks are many, and a full brim around
/// each would take longer to print than the tree.
pub(crate) fn around_trees(
    part: &Region,
    trees: &Region,
    width_mm: f64,
    pitch: f64,
) -> (Vec<Path>, f64) {
    let lines = (width_mm / pitch).round() as usize;
    let base = part.union(trees).without_holes();
    if lines == 0 || base.is_empty() {
        return (Vec::new(), 0.0);
    }
    let near_part = part.without_holes().grown(lines as f64 * pitch);
    let reach = near_part.union(&trees.grown(FOOT_LINES as f64 * pitch));
    let mut paths = Vec::new();
    for ring in rings(&base, lines, pitch).iter().rev() {
        let rings: Vec<Vec<Point2>> = ring
            .loops()
            .into_iter()
            .map(|mut corners| {
                corners.extend(corners.first().copied());
                corners
            })
            .collect();
        let inside = reach.clipped_lines(&rings);
        paths.extend(inside.into_iter().map(|points| Path::even(Role::Brim, points, pitch)));
    }
    paths.retain(|path| path.length() >= SHORTEST_MM);
    let area = paths.iter().map(Path::strip_area).sum();
    (paths, area)
}

/// Lines of the foot around a trunk of a tree.
const FOOT_LINES: usize = 3;
/// Shorter pieces of a brim are not laid, mm.
const SHORTEST_MM: f64 = 1.0;

/// Free space between a skirt and the print, mm.
const SKIRT_GAP_MM: f64 = 3.0;

/// Lines around everything on the bed that do not touch it, and the area that they fill, mm².
pub(crate) fn skirt(standing: &Region, brim_mm: f64, lines: usize, pitch: f64) -> (Vec<Path>, f64) {
    if lines == 0 || standing.is_empty() {
        return (Vec::new(), 0.0);
    }
    // One line around all parts that stand near each other.
    let near = 4.0 * SKIRT_GAP_MM;
    let base =
        standing.without_holes().grown(brim_mm + SKIRT_GAP_MM + near).grown(-near).without_holes();
    let mut paths = Vec::new();
    for line in (0..lines).rev() {
        let rings = base.grown((line as f64 + 0.5) * pitch).loops().into_iter();
        paths.extend(rings.map(|corners| Path::ring(Role::Skirt, corners, pitch)));
    }
    let area = paths.iter().map(Path::strip_area).sum();
    (paths, area)
}

/// A line along the front or the left edge of the bed, where it keeps clear of the print, whose
/// lowest coordinates are given.
pub(crate) fn prime(bed_mm: [f64; 2], print_low: Point2, pitch: f64) -> Option<Path> {
    let is_free = |low: f64| low > EDGE_MM + CLEARANCE_MM;
    let points = if is_free(print_low.y) {
        let end = (EDGE_MM + PRIME_LENGTH_MM).min(bed_mm[0] - EDGE_MM);
        [Point2::new(EDGE_MM, EDGE_MM), Point2::new(end, EDGE_MM)]
    } else if is_free(print_low.x) {
        let end = (EDGE_MM + PRIME_LENGTH_MM).min(bed_mm[1] - EDGE_MM);
        [Point2::new(EDGE_MM, EDGE_MM), Point2::new(EDGE_MM, end)]
    } else {
        return None;
    };
    Some(Path::even(Role::Prime, points.to_vec(), pitch))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::region::tests::rectangle;

    #[test]
    fn brim_lines_fill_their_ring() {
        let (paths, area) = lay(&rectangle([0.0, 0.0], [30.0, 20.0]), 4.0, 0.4);
        let filled: f64 = paths.iter().map(Path::strip_area).sum();
        assert_eq!(paths.len(), 10);
        assert!((area - (38.0 * 28.0 - 600.0)).abs() < 1e-6, "{area}");
        assert!((filled - area).abs() < 1e-3, "{filled}");
    }

    #[test]
    fn the_prime_line_keeps_clear() {
        let along = |low: [f64; 2]| {
            prime([200.0, 150.0], Point2::new(low[0], low[1]), 0.4).map(|path| path.points[1])
        };
        assert_eq!(along([40.0, 30.0]), Some(Point2::new(103.0, 3.0)));
        assert_eq!(along([40.0, 5.0]), Some(Point2::new(3.0, 103.0)));
        assert_eq!(along([4.0, 5.0]), None);
    }
}
