//! Walls: closed lines along the borders of a region, and the thin strips where two do not fit.
//!
//! Every border line fills the strip between one offset of the region and the next, one pitch
//! further in (see `bead`). Where the rest of the region is narrower than two pitches, the lines of
//! both sides would overlap; there the region is opened by one pitch first, and what is lost goes to
//! `thin_line`, so that strips, thin lines and the inside together cover the region once.

use geometry::{Point2, Vector2, polygon};

use crate::bead;
use crate::path::{Path, Role};
use crate::region::Region;

/// Places of a part narrower than twice this are left empty: no nozzle lays such a line, and most of them are
/// rounding in corners. mm.
pub(crate) const THINNEST_RADIUS_MM: f64 = 0.0535;
/// Rounding in corners is no strip even in high layers, mm.
const LEAST_OPENED_MM: f64 = 0.01;

/// Below this share of a wall's strip a difference of areas is rounding, not a thin place.
const AREA_ROUNDING: f64 = 2e-4;

/// The innermost of two walls may be widened this much to close a gap too narrow for a line.
const WIDEST_STRIP_SCALE: f64 = 1.15;

/// Inner walls are pressed against each other with at most this share of material over what fills them.
const MOST_PRESSED: f64 = 0.03;

/// Gaps that a circle of this radius does not fit into are none, mm: they are 0.04 mm wide.
const GAP_RADIUS_MM: f64 = 0.02;
/// Length of the tip that is pushed into a corner, on both sides, mm.
const TIP_LENGTH_MM: f64 = 0.3;
/// A tip is pushed by at most this share of the line's half width.
const MOST_PUSHED: f64 = 1.6;
/// Sine of half the angle of corners too sharp for a tip.
const BLUNTEST_TIP: f64 = 0.2;

/// What walls are laid with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WallOrder {
    pub(crate) count: usize,
    pub(crate) line_width_mm: f64,
    pub(crate) height_mm: f64,
    /// Closed lines begin at their farthest corner in this direction; `None`: nearest to the nozzle.
    pub(crate) seam: Option<Vector2>,
}

/// How a region was divided into walls and the rest.
#[derive(Debug, Default)]
pub(crate) struct Walls {
    /// From outside in; each line starts at its seam.
    pub(crate) paths: Vec<Path>,
    /// Area of the strips that the lines of each role should fill, mm².
    pub(crate) outer_area: f64,
    pub(crate) inner_area: f64,
    /// Strips for `thin_line`.
    pub(crate) thin: Vec<Region>,
    /// What the walls enclose.
    pub(crate) inside: Region,
    /// What is too narrow for any line, mm².
    pub(crate) unprinted_area: f64,
    /// Where the lines of the last wall start in `paths`, and the area of their strips.
    last: (usize, f64),
    line_width_mm: f64,
    /// By how much the strips of narrow places are narrower than the part, on each side.
    inset_mm: f64,
    seam: Option<Vector2>,
    at: Point2,
}

impl Walls {
    /// Takes over what one more wall leaves to thin lines: `rest` without `used`.
    fn leave(&mut self, rest: &Region, used: &Region) {
        let lost = rest.minus(&[used]);
        let thin = lost.opened((THINNEST_RADIUS_MM - self.inset_mm).max(LEAST_OPENED_MM));
        let dust = (lost.area() - thin.area()).max(0.0);
        if !thin.is_empty() {
            self.thin.push(thin);
        }
        let (first, strip) = self.last;
        // The outermost wall has nothing outside it that could be widened.
        let widest = (WIDEST_STRIP_SCALE - 1.0) * strip;
        let taken = dust.min(widest);
        if taken > 0.0 {
            let last = &mut self.paths[first..];
            last.iter_mut().for_each(|path| path.scale_strip(1.0 + taken / strip));
            match last.first().map(|path| path.role) {
                Some(Role::OuterWall) => self.outer_area += taken,
                _ => self.inner_area += taken,
            }
        }
        self.unprinted_area += dust - taken;
    }

    /// Has inner walls hold what the flanks of the outer one lack, mm².
    fn press_together(&mut self, flanks: f64) {
        let share = (flanks / self.inner_area.max(f64::MIN_POSITIVE)).min(MOST_PRESSED);
        let inner = self.paths.iter_mut().filter(|path| path.role == Role::InnerWall);
        inner.for_each(|path| path.scale_strip(1.0 + share));
        self.inner_area *= 1.0 + share;
    }

    fn add(&mut self, centers: &[Vec<Point2>], role: Role, pitch: f64, strip: f64) {
        self.last = (self.paths.len(), strip);
        match role {
            Role::OuterWall => self.outer_area += strip,
            _ => self.inner_area += strip,
        }
        let reach = self.line_width_mm / 2.0;
        for corners in centers {
            let pushed = match role {
                Role::InnerWall => pushed_into_corners(corners, reach),
                _ => corners.clone(),
            };
            let mut path = seamed(&pushed, role, pitch, |corner| match self.seam {
                Some(seam) => seam.dot(&corner.coords),
                None => -(corner - self.at).norm_squared(),
            });
            // Tips make a line longer; it holds what it held without them.
            path.scale_strip(polygon::perimeter(corners) / path.length().max(f64::MIN_POSITIVE));
            self.at = path.points[0];
            self.paths.push(path);
        }
    }
}

/// Lays walls into a region; the nozzle is `at` before.
///
/// The outer wall's edge runs on the border of the region (its center half a width inside), but for what
/// [`bead::inset`] says.
pub(crate) fn lay(region: &Region, how: &WallOrder, at: Point2) -> Walls {
    let pitch = bead::pitch(how.line_width_mm, how.height_mm);
    let inset_mm = bead::inset(how.line_width_mm, how.height_mm);
    let line_width_mm = how.line_width_mm;
    let mut walls = Walls { line_width_mm, inset_mm, seam: how.seam, at, ..Walls::default() };
    let mut rest = region.grown(-inset_mm);
    let flanks = region.area() - rest.area();
    for wall in 0..how.count {
        if rest.is_empty() {
            break;
        }
        let role = if wall == 0 { Role::OuterWall } else { Role::InnerWall };
        let next = rest.grown(-pitch);
        let centers = next.grown(pitch / 2.0).loops();
        let line_area = pitch * centers.iter().map(|l| polygon::perimeter(l)).sum::<f64>();
        let mut strip = rest.area() - next.area();
        if (strip - line_area).abs() > AREA_ROUNDING * rest.area() {
            let room_for_two = next.grown(pitch);
            walls.leave(&rest, &room_for_two);
            strip = room_for_two.area() - next.area();
        }
        walls.add(&centers, role, pitch, strip);
        rest = next;
    }
    // Rectilinear fill wants strips of 1.5 pitches; narrower ones take a single line.
    let inside = rest.opened(0.75 * pitch);
    if rest.area() - inside.area() > AREA_ROUNDING * rest.area() {
        walls.leave(&rest, &inside);
    }
    walls.inside = inside;
    walls.press_together(flanks);
    walls
}

/// A closed line whose tips reach further into sharp corners of the wall around it.
///
/// The end of a round line leaves a gap in a corner that it touches with both flanks: a circle of radius
/// ρ = r (1 - s) / (1 + s) fits into it, r the line's half width and s the sine of half the corner's angle. Moved
/// into the corner by δ the tip leaves a circle of ρ = (r (1 - s) - δ s) / (1 + s).
fn pushed_into_corners(corners: &[Point2], reach: f64) -> Vec<Point2> {
    let count = corners.len();
    let mut pushed = Vec::with_capacity(count);
    for (index, &corner) in corners.iter().enumerate() {
        let before = corner - corners[(index + count - 1) % count];
        let after = corners[(index + 1) % count] - corner;
        let (entered, left) = (before.norm(), after.norm());
        if entered <= 0.0 || left <= 0.0 {
            pushed.push(corner);
            continue;
        }
        let (before, after) = (before / entered, after / left);
        let turns_left = before.perp(&after) > 0.0;
        let half_sine = ((1.0 + before.dot(&after)) / 2.0).max(0.0).sqrt();
        let wanted = (reach * (1.0 - half_sine) - GAP_RADIUS_MM * (1.0 + half_sine)) / half_sine;
        if !turns_left || wanted <= 0.0 || half_sine < BLUNTEST_TIP {
            pushed.push(corner);
            continue;
        }
        let out = (before - after).normalize();
        pushed.push(corner - before * TIP_LENGTH_MM.min(entered / 2.0));
        pushed.push(corner + out * wanted.min(MOST_PUSHED * reach));
        pushed.push(corner + after * TIP_LENGTH_MM.min(left / 2.0));
    }
    pushed
}

/// A closed line that starts and ends at the corner of the highest rank.
fn seamed(corners: &[Point2], role: Role, pitch: f64, rank: impl Fn(&Point2) -> f64) -> Path {
    let by_rank = |&i: &usize, &j: &usize| {
        let (a, b) = (&corners[i], &corners[j]);
        rank(a).total_cmp(&rank(b)).then(a.y.total_cmp(&b.y)).then(a.x.total_cmp(&b.x))
    };
    let seam = (0..corners.len()).max_by(by_rank).unwrap_or(0);
    let mut points: Vec<Point2> =
        corners[seam..].iter().chain(&corners[..=seam]).copied().collect();
    points.dedup();
    Path::even(role, points, pitch)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::region::tests::rectangle;

    const WIDTH: f64 = 0.45;
    const HEIGHT: f64 = 0.2;

    fn lay(region: &Region, count: usize, line_width_mm: f64, height_mm: f64) -> Walls {
        let seam = Some(Vector2::new(0.0, 1.0));
        super::lay(region, &WallOrder { count, line_width_mm, height_mm, seam }, Point2::origin())
    }

    fn line_area(walls: &Walls) -> f64 {
        walls.paths.iter().map(Path::strip_area).sum()
    }

    #[test]
    fn the_outer_wall_lies_half_a_width_inside_but_for_its_flank() {
        let walls = lay(&rectangle([0.0, 0.0], [20.0, 10.0]), 3, WIDTH, HEIGHT);
        assert_eq!(walls.paths.len(), 3);
        let low = walls.paths[0].points.iter().map(|p| p.x.min(p.y)).fold(f64::MAX, f64::min);
        let out = WIDTH / 2.0 - bead::pitch(WIDTH, HEIGHT) / 2.0 - bead::inset(WIDTH, HEIGHT);
        assert!((low - (WIDTH / 2.0 - out)).abs() < 1e-3, "{low}");
        assert!(out > 0.0 && out < 0.01, "{out}");
        let back = walls.paths[0].points[0];
        assert!((back.y - (10.0 - low)).abs() < 1e-3, "seam at the back: {back}");
        assert!(walls.paths.iter().all(Path::is_closed));
    }

    #[test]
    fn tips_of_inner_walls_leave_no_gap_in_corners() {
        for degrees in [40.0, 60.0, 90.0, 120.0, 150.0_f64] {
            let half = degrees.to_radians() / 2.0;
            // A wedge whose tip is at the origin, and a line of half width 0.225 in it that touches both flanks.
            let reach = WIDTH / 2.0;
            let tip = Point2::new(reach / half.sin(), 0.0);
            let away = 10.0 * Vector2::new(half.cos(), half.sin());
            let corners =
                [tip, tip + Vector2::new(away.x, -away.y), tip + Vector2::new(away.x, away.y)];
            let pushed = pushed_into_corners(&corners, reach);
            let nearest = pushed.iter().map(|point| point.x).fold(f64::MAX, f64::min);
            // The largest circle between the tip and the flanks.
            let circle = ((nearest - reach) * half.sin() / (1.0 + half.sin())).max(0.0);
            assert!(circle <= 0.0201, "{degrees}°: {circle}");
            let blunt = degrees > 114.0;
            assert_eq!(blunt, (nearest - tip.x).abs() < 1e-12, "{degrees}°");
            // The tip stays within the outer wall.
            assert!(nearest > 0.2 * reach, "{degrees}°: {nearest}");
        }
    }

    #[test]
    fn strips_thin_lines_and_inside_cover_the_region() {
        for width_mm in [0.3, 0.6, 0.9, 1.3, 1.9, 2.4, 2.8, 3.0, 3.7, 8.0] {
            let region = rectangle([0.0, 0.0], [60.0, width_mm]);
            let walls = lay(&region, 3, WIDTH, HEIGHT);
            let thin: f64 = walls.thin.iter().map(Region::area).sum();
            let filled = walls.outer_area + walls.inner_area + thin + walls.inside.area();
            let flank = bead::inset(WIDTH, HEIGHT);
            let within = (60.0 - 2.0 * flank) * (width_mm - 2.0 * flank);
            // Inner walls hold what the flanks of the outer one lack.
            let fillable = if walls.inner_area > 0.0 { region.area() } else { within };
            let missing = (fillable - filled) / fillable;
            assert!(missing.abs() < 0.01, "{width_mm} mm: {:.2} % missing", 100.0 * missing);
            let walls_area = walls.outer_area + walls.inner_area;
            assert!((line_area(&walls) - walls_area).abs() <= 0.01 * walls_area.max(1.0));
        }
    }
}
