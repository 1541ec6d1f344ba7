//! Fills areas with lines: solid skins, and sparse grids, lines and gyroids.
//!
//! Straight lines are the chords of the area along a family of parallels whose place is fixed to
//! the bed, so that layers lie on each other. Lines of sparse infill are joined along the walls.

mod blended_field;
mod graded;
mod gyroid;
mod joined;

use std::f64::consts::{FRAC_PI_2, FRAC_PI_4};
use std::ops::RangeInclusive;

use geometry::{Point2, polygon};

use crate::path::{Path, Role};
use crate::region::Region;
use crate::settings::InfillPattern;

pub(crate) use graded::sparse as graded;
use gyroid::gyroid;

/// Chords shorter than this are not printed, mm.
const SHORTEST_CHORD_MM: f64 = 0.3;

/// A piece counts as filled from this share on.
const FILLED_SHARE: f64 = 0.97;
/// A solid line may be made this much wider or narrower to fill its piece exactly.
const STRIP_SCALE: RangeInclusive<f64> = 0.8..=1.25;

/// Curves keep this distance from their mathematical form, as a share of the distance of the lines: chords shorten
/// a curve, and dense infill has tight curves. 0.05 is 0.1 mm at a density of 20 %, a quarter of a line.
const CURVE_TOLERANCE_SHARE: f64 = 0.05;

/// Distance of the ties across the lines of a support, in distances of those lines.
const TIE_SPACINGS: f64 = 4.0;

/// From this radius on a branch of a tree has two rings, mm.
const THICK_BRANCH_RADIUS_MM: f64 = 1.5;

/// A family of parallel lines, fixed to the bed.
#[derive(Clone, Copy, Debug)]
struct Parallels {
    sin: f64,
    cos: f64,
    spacing: f64,
}

impl Parallels {
    fn new(angle: f64, spacing: f64) -> Self {
        let (sin, cos) = angle.sin_cos();
        Self { sin, cos, spacing }
    }

    /// Along the lines, across the lines.
    fn turned(&self, point: Point2) -> (f64, f64) {
        (point.x * self.cos + point.y * self.sin, point.y * self.cos - point.x * self.sin)
    }

    fn point(&self, along: f64, across: f64) -> Point2 {
        Point2::new(along * self.cos - across * self.sin, along * self.sin + across * self.cos)
    }

    fn across(&self, line: i64) -> f64 {
        (line as f64 + 0.5) * self.spacing
    }

    /// For every line that meets the area, from the lowest on: where it is inside.
    fn chords(&self, loops: &[Vec<Point2>]) -> (i64, Vec<Vec<[f64; 2]>>) {
        let turned: Vec<Vec<(f64, f64)>> = loops
            .iter()
            .map(|corners| corners.iter().map(|&corner| self.turned(corner)).collect())
            .collect();
        let all = || turned.iter().flatten().map(|&(_, across)| across);
        let low = all().fold(f64::INFINITY, f64::min);
        let high = all().fold(f64::NEG_INFINITY, f64::max);
        if low >= high {
            return (0, Vec::new());
        }
        let line_at = |across: f64| (across / self.spacing - 0.5).floor() as i64 + 1;
        let first = line_at(low);
        let mut hits: Vec<Vec<f64>> = vec![Vec::new(); (line_at(high) - first).max(0) as usize];
        for corners in &turned {
            for (i, &(u, v)) in corners.iter().enumerate() {
                let (u_next, v_next) = corners[(i + 1) % corners.len()];
                // Half open, so that a corner on a line counts for one of its edges only.
                for line in line_at(v.min(v_next))..line_at(v.max(v_next)) {
                    let t = (self.across(line) - v) / (v_next - v);
                    if let Some(hit) = hits.get_mut((line - first) as usize) {
                        hit.push(u + (u_next - u) * t);
                    }
                }
            }
        }
        let pairs = |mut hit: Vec<f64>| {
            hit.sort_by(f64::total_cmp);
            hit.chunks_exact(2).map(|pair| [pair[0], pair[1]]).collect()
        };
        (first, hits.into_iter().map(pairs).collect())
    }
}

/// Fills one piece solidly with a line that runs to and fro.
///
/// Chords end half a pitch before the border; the links between neighbors make up for exactly that
/// loss, at any angle of the border.
pub(crate) fn solid(piece: &Region, angle: f64, pitch: f64) -> Vec<Path> {
    let parallels = Parallels::new(angle, pitch);
    let mut paths = to_and_fro(&parallels, &piece.grown(-pitch / 2.0).loops(), Role::Skin, pitch);
    scale_to(&mut paths, piece.area());
    paths
}

/// One line along every border of a piece, which together hold an area in mm².
pub(crate) fn around(piece: &Region, area: f64, pitch: f64) -> Vec<Path> {
    let borders = piece.grown(-pitch / 2.0).loops();
    let mut paths: Vec<Path> =
        borders.into_iter().map(|corners| Path::ring(Role::Skin, corners, pitch)).collect();
    scale_to(&mut paths, area);
    paths
}

/// Makes lines as much wider or narrower as they may be to hold an area.
fn scale_to(paths: &mut [Path], area: f64) {
    let filled: f64 = paths.iter().map(Path::strip_area).sum();
    if filled > 0.0 {
        let scale = (area / filled).clamp(*STRIP_SCALE.start(), *STRIP_SCALE.end());
        paths.iter_mut().for_each(|path| path.scale_strip(scale));
    }
}

/// Whether lines hold what a piece asks for: a strip little wider than a line has no room for lines to and fro.
pub(crate) fn holds(paths: &[Path], piece: &Region) -> bool {
    let filled: f64 = paths.iter().map(Path::strip_area).sum();
    filled >= FILLED_SHARE * piece.area()
}

/// Lines of a support: parallels that are linked at their ends, with ties across, so that they
/// stand up.
pub(crate) fn support(region: &Region, spacing: f64, pitch: f64) -> Vec<Path> {
    let loops = region.loops();
    let across = Parallels::new(FRAC_PI_2, TIE_SPACINGS * spacing);
    let mut paths = to_and_fro(&Parallels::new(0.0, spacing), &loops, Role::Support, pitch);
    paths.extend(chords_alone(&loops, &across, Role::Support, pitch));
    paths
}

/// Lines to and fro with spaces between them, a line's width `pitch`, in millimeters.
pub(crate) fn spaced(piece: &Region, angle: f64, spacing: f64, pitch: f64) -> Vec<Path> {
    to_and_fro(&Parallels::new(angle, spacing), &piece.loops(), Role::Skin, pitch)
}

/// Dense lines of a support's interface, across the lines of its body.
pub(crate) fn support_interface(region: &Region, spacing: f64, pitch: f64) -> Vec<Path> {
    let across = Parallels::new(FRAC_PI_2, spacing);
    to_and_fro(&across, &region.loops(), Role::SupportInterface, pitch)
}

/// Rings along the borders of a tree's branches, two where they are thick; their inside stays empty.
pub(crate) fn branches(region: &Region, pitch: f64) -> Vec<Path> {
    let thick = region.opened(THICK_BRANCH_RADIUS_MM);
    let rings = [region.grown(-0.5 * pitch), thick.grown(-1.5 * pitch)];
    let borders = rings.iter().flat_map(Region::loops);
    borders.map(|corners| Path::ring(Role::Support, corners, pitch)).collect()
}

fn to_and_fro(parallels: &Parallels, loops: &[Vec<Point2>], role: Role, pitch: f64) -> Vec<Path> {
    let (first, lines) = parallels.chords(loops);
    // Lines under way: where the last chord lies, and on which side the line left it.
    let mut open: Vec<([f64; 2], bool, Vec<Point2>)> = Vec::new();
    let mut done = Vec::new();
    let reach = 3.0 * parallels.spacing;
    for (row, chords) in lines.into_iter().enumerate() {
        let across = parallels.across(first + row as i64);
        let mut still_open = Vec::new();
        for chord in chords {
            let continues = open.iter().position(|(last, at_end, _)| {
                let side = usize::from(*at_end);
                let overlap = last[0] < chord[1] && chord[0] < last[1];
                overlap && (last[side] - chord[side]).abs() < reach
            });
            let (mut at_end, mut points) = continues.map_or_else(
                || (false, Vec::new()),
                |index| {
                    let (_, at_end, points) = open.swap_remove(index);
                    (at_end, points)
                },
            );
            // A line that left its last chord at the far end enters this one at the far end.
            let side = usize::from(at_end);
            points.push(parallels.point(chord[side], across));
            points.push(parallels.point(chord[1 - side], across));
            at_end = !at_end;
            still_open.push((chord, at_end, points));
        }
        done.extend(open.into_iter().map(|(_, _, points)| points));
        open = still_open;
    }
    done.extend(open.into_iter().map(|(_, _, points)| points));
    done.into_iter()
        .map(|points| Path::even(role, points, pitch))
        .filter(|path| path.length() >= SHORTEST_CHORD_MM)
        .collect()
}

/// What sparse infill is laid with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sparse {
    pub(crate) pattern: InfillPattern,
    /// Share of the volume, over 0 and under 1.
    pub(crate) fraction: f64,
    pub(crate) pitch: f64,
    /// Counted from 0.
    pub(crate) layer: usize,
    /// Height of the middle of the layer over the bed, mm.
    pub(crate) height: f64,
}

/// Where the lines of sparse infill run.
struct Room {
    /// Half a pitch inside the walls: lines end on its border, and joints run along it beside the wall.
    broad: Region,
    /// Places too narrow for that; lines end at the wall.
    narrow: Region,
}

impl Room {
    fn within(region: &Region, pitch: f64) -> Self {
        let broad = region.grown(-pitch / 2.0);
        let narrow = region.minus(&[&broad.grown(pitch / 2.0)]).without_specks(pitch * pitch);
        Self { broad, narrow }
    }
}

/// Fills a region sparsely: lines that are joined along the walls. Gives back the lines and the area that they have to
/// fill, mm²; joints come on top of the ordered share, as they hold on to the wall.
pub(crate) fn sparse(region: &Region, how: &Sparse) -> (Vec<Path>, f64) {
    if how.pattern == InfillPattern::Concentric {
        return concentric(region, how);
    }
    let Room { broad, narrow } = Room::within(region, how.pitch);
    let lines = patterned(&broad, how);
    let longest = joined::LONGEST_SPACINGS * how.pitch / how.fraction;
    let (mut paths, joints) = joined::joined(lines, &broad.loops(), how.pitch, |_| longest);
    let mut area = broad.area() * how.fraction + joints;
    if !narrow.is_empty() {
        paths.extend(patterned(&narrow, how));
        area += narrow.area() * how.fraction;
    }
    (paths, area)
}

/// Lines that end on the border of a region.
fn patterned(region: &Region, how: &Sparse) -> Vec<Path> {
    let turns = if how.layer.is_multiple_of(2) { FRAC_PI_4 } else { 3.0 * FRAC_PI_4 };
    let third = std::f64::consts::FRAC_PI_3;
    match how.pattern {
        InfillPattern::Gyroid => gyroid(&region.loops(), how),
        InfillPattern::Lines => {
            let lines = Parallels::new(turns, how.pitch / how.fraction);
            chords_alone(&region.loops(), &lines, Role::Infill, how.pitch)
        }
        InfillPattern::Grid => crossed(region, &[FRAC_PI_4, 3.0 * FRAC_PI_4], how),
        InfillPattern::Triangles => crossed(region, &[0.0, third, 2.0 * third], how),
        InfillPattern::Concentric => concentric(region, how).0,
    }
}

/// Several families of parallels in every layer, which share the density.
fn crossed(region: &Region, angles: &[f64], how: &Sparse) -> Vec<Path> {
    let (loops, area) = (region.loops(), region.area());
    let spacing = angles.len() as f64 * how.pitch / how.fraction;
    let family = |angle: &f64| {
        chords_alone(&loops, &Parallels::new(*angle, spacing), Role::Infill, how.pitch)
    };
    let wanted = how.fraction * area;
    let mut paths: Vec<Path> = angles.iter().flat_map(family).collect();
    // The families stand on the same places in every layer, so a loss at the border adds up.
    scale_to(&mut paths, wanted);
    paths
}

/// Rings along the border, the first half their distance inside. Where a region is narrower than that there is room
/// for none: the area to fill is what the rings hold, as wide or narrow as they can be made.
fn concentric(region: &Region, how: &Sparse) -> (Vec<Path>, f64) {
    let spacing = how.pitch / how.fraction;
    let (mut paths, mut length) = (Vec::new(), 0.0);
    let mut ring = region.grown(-spacing / 2.0);
    while !ring.is_empty() {
        // Two sides of a ring closer than a line would be printed over each other.
        for mut corners in ring.opened(how.pitch / 2.0).loops() {
            let around = polygon::perimeter(&corners);
            if around < SHORTEST_CHORD_MM {
                continue;
            }
            length += around;
            corners.extend(corners.first().copied());
            paths.push(Path::even(Role::Infill, corners, how.pitch));
        }
        ring = ring.grown(-spacing);
    }
    let held = length * how.pitch;
    let wanted = region.area() * how.fraction;
    let scale = if held > 0.0 { wanted / held } else { 1.0 };
    let scale = scale.clamp(*STRIP_SCALE.start(), *STRIP_SCALE.end());
    paths.iter_mut().for_each(|path| path.scale_strip(scale));
    (paths, held * scale)
}

fn chords_alone(loops: &[Vec<Point2>], parallels: &Parallels, role: Role, pitch: f64) -> Vec<Path> {
    let (first, lines) = parallels.chords(loops);
    let mut paths = Vec::new();
    for (row, chords) in lines.into_iter().enumerate() {
        let across = parallels.across(first + row as i64);
        for [from, to] in chords {
            if to - from >= SHORTEST_CHORD_MM {
                let points = vec![parallels.point(from, across), parallels.point(to, across)];
                paths.push(Path::even(role, points, pitch));
            }
        }
    }
    paths
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::region::tests::rectangle;

    pub(super) const PITCH: f64 = 0.407;

    pub(super) fn with_hole() -> Region {
        rectangle([0.0, 0.0], [60.0, 40.0]).minus(&[&rectangle([20.0, 10.0], [35.0, 30.0])])
    }

    fn filled(paths: &[Path]) -> f64 {
        paths.iter().map(Path::strip_area).sum()
    }

    #[test]
    fn solid_fill_needs_almost_no_correction() {
        for (region, angle) in [
            (with_hole(), FRAC_PI_4),
            (with_hole(), 0.3),
            (rectangle([0.0, 0.0], [3.0, 30.0]), 0.8),
        ] {
            let parallels = Parallels::new(angle, PITCH);
            let loops = region.grown(-PITCH / 2.0).loops();
            let raw = filled(&to_and_fro(&parallels, &loops, Role::Skin, PITCH));
            let off = raw / region.area() - 1.0;
            assert!(off.abs() < 0.03, "{:.2} % off", 100.0 * off);
            let exact = filled(&solid(&region, angle, PITCH)) / region.area() - 1.0;
            assert!(exact.abs() < 1e-9);
        }
    }

    #[test]
    fn sparse_fill_has_the_ordered_share() {
        for pattern in InfillPattern::ALL {
            for fraction in [0.1, 0.2, 0.5] {
                let mut total = 0.0;
                for layer in 0..20 {
                    let height = 0.1 + 0.2 * layer as f64;
                    let how = Sparse { pattern, fraction, pitch: PITCH, layer, height };
                    total += filled(&patterned(&with_hole(), &how));
                }
                let share = total / 20.0 / with_hole().area();
                assert!((share / fraction - 1.0).abs() < 0.02, "{pattern:?} {fraction}: {share}");
            }
        }
    }
}
