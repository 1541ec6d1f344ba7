//! Upright sections through the foot: what a tape and a height gauge measure.

use geometry::{Point2, Point3, TriMesh, Vector2};
use rayon::prelude::*;

/// A section by an upright plane: points and pieces of line in the plane, as (along, height), mm.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Section {
    pieces: Vec<Piece>,
}

/// A piece of line with the direction in which its triangle faces: up if positive.
type Piece = ([Point2; 2], f64);

/// Share of the section's width that must be roofed for it to show the dorsum.
const ROOFED_SHARE: f64 = 0.9;

/// Parts into which the width is cut to see whether it is roofed.
const ROOF_PARTS: usize = 40;

/// The piece of line in which the plane where `side` is 0 cuts a triangle. `place` tells the place of a
/// point in the plane.
fn cut(
    corners: [Point3; 3],
    side: impl Fn(&Point3) -> f64,
    place: impl Fn(&Point3) -> Point2,
) -> Option<Piece> {
    let sides = corners.map(|corner| side(&corner));
    let [a, b, c] = sides.map(|side| side <= 0.0);
    if a == b && b == c {
        return None;
    }
    let mut ends = (0..3).filter_map(|i| {
        let (a, b) = (i, (i + 1) % 3);
        ((sides[a] <= 0.0) != (sides[b] <= 0.0)).then(|| {
            let share = sides[a] / (sides[a] - sides[b]);
            place(&(corners[a] + (corners[b] - corners[a]) * share))
        })
    });
    let (from, to) = (ends.next()?, ends.next()?);
    let [a, b, c] = corners.map(|corner| corner.xy());
    Some(([from, to], (b - a).perp(&(c - a))))
}

fn is_within(([from, to], _): &Piece, reach: f64) -> bool {
    from.x.abs().max(to.x.abs()) <= reach
}

impl Section {
    /// The section through a point of the ground along a horizontal unit direction, of what lies within
    /// `reach` mm to both sides.
    pub(crate) fn of(mesh: &TriMesh, through: Point2, along: Vector2, reach: f64) -> Self {
        let normal = Vector2::new(-along.y, along.x);
        let side = |p: &Point3| (p.xy() - through).dot(&normal);
        let place = |p: &Point3| Point2::new((p.xy() - through).dot(&along), p.z);
        let piece = |triangle: &[u32; 3]| {
            let corners = triangle.map(|index| mesh.vertices[index as usize]);
            cut(corners, side, place).filter(|piece| is_within(piece, reach))
        };
        Self { pieces: mesh.triangles.par_iter().filter_map(piece).collect() }
    }

    /// The sections across the foot (along x) at several y, of what lies within `reach` mm of x = 0.
    pub(crate) fn across(mesh: &TriMesh, ys: &[f64], reach: f64) -> Vec<Self> {
        let cuts: Vec<(usize, Piece)> = mesh
            .triangles
            .par_iter()
            .flat_map_iter(|triangle| {
                let corners = triangle.map(|index| mesh.vertices[index as usize]);
                let [a, b, c] = corners.map(|corner| corner.y);
                let (low, high) = (a.min(b).min(c), a.max(b).max(c));
                ys.iter().enumerate().filter_map(move |(number, y)| {
                    if low > *y || high <= *y {
                        return None;
                    }
                    let piece = cut(corners, |p| p.y - y, |p| Point2::new(p.x, p.z))?;
                    is_within(&piece, reach).then_some((number, piece))
                })
            })
            .collect();
        let mut sections = vec![Self { pieces: Vec::new() }; ys.len()];
        for (number, piece) in cuts {
            sections[number].pieces.push(piece);
        }
        sections
    }

    fn points(&self) -> impl Iterator<Item = Point2> + '_ {
        self.pieces.iter().flat_map(|(ends, _)| *ends)
    }

    /// Lowest and highest place along the section, mm.
    pub(crate) fn width(&self) -> Option<[f64; 2]> {
        self.points().map(|p| p.x).fold(None, |range, x| {
            let [low, high] = range.unwrap_or([x, x]);
            Some([f64::min(low, x), f64::max(high, x)])
        })
    }

    /// Highest point, mm.
    pub(crate) fn top(&self) -> Option<f64> {
        self.points().map(|p| p.y).reduce(f64::max)
    }

    /// Whether a surface that faces up lies over nearly the whole width: the dorsum is there.
    pub(crate) fn is_roofed(&self) -> bool {
        let Some([low, high]) = self.width() else { return false };
        let part = (high - low) / ROOF_PARTS as f64;
        let mut roofed = [false; ROOF_PARTS];
        for ([from, to], _) in self.pieces.iter().filter(|(_, facing)| *facing > 0.0) {
            let [near, far] = [from.x.min(to.x), from.x.max(to.x)];
            for (index, roofed) in roofed.iter_mut().enumerate() {
                let middle = low + (index as f64 + 0.5) * part;
                *roofed |= (near..=far).contains(&middle);
            }
        }
        let share = roofed.iter().filter(|roofed| **roofed).count() as f64 / ROOF_PARTS as f64;
        share >= ROOFED_SHARE
    }

    /// Length of a tape around the section: the perimeter of its convex hull, mm.
    pub(crate) fn girth(&self) -> f64 {
        let hull = convex_hull(self.points().collect());
        geometry::polygon::perimeter(&hull)
    }

    /// The pieces of line, for pictures.
    pub(crate) fn lines(&self) -> impl Iterator<Item = [Point2; 2]> + '_ {
        self.pieces.iter().map(|(ends, _)| *ends)
    }
}

/// The convex hull, counterclockwise (Andrew 1979, Inf Process Lett 9:216).
fn convex_hull(mut points: Vec<Point2>) -> Vec<Point2> {
    points.sort_by(|a, b| a.x.total_cmp(&b.x).then(a.y.total_cmp(&b.y)));
    points.dedup();
    if points.len() < 3 {
        return points;
    }
    let half = |points: &mut dyn Iterator<Item = Point2>| {
        let mut chain: Vec<Point2> = Vec::new();
        for point in points {
            while let [.., a, b] = chain[..]
                && (b - a).perp(&(point - a)) <= 0.0
            {
                chain.pop();
            }
            chain.push(point);
        }
        chain.pop();
        chain
    };
    let mut hull = half(&mut points.iter().copied());
    hull.extend(half(&mut points.iter().rev().copied()));
    hull
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_box_has_its_girth_and_height() {
        let cuboid = TriMesh::cuboid(Point3::new(-30.0, 0.0, 0.0), Point3::new(50.0, 100.0, 40.0));
        let across = Section::of(&cuboid, Point2::new(0.0, 50.0), Vector2::x(), 200.0);
        assert!((across.girth() - 240.0).abs() < 1e-9);
        assert_eq!(across.width(), Some([-30.0, 50.0]));
        assert_eq!(across.top(), Some(40.0));
        assert!(across.is_roofed());
        let oblique = Vector2::new(0.8, 0.6);
        let slanted = Section::of(&cuboid, Point2::new(10.0, 50.0), oblique, 200.0);
        assert!((slanted.girth() - 2.0 * (80.0 / 0.8 + 40.0)).abs() < 1e-9);
    }

    #[test]
    fn an_open_top_is_no_dorsum() {
        let mut open =
            TriMesh::cuboid(Point3::new(-30.0, 0.0, 0.0), Point3::new(50.0, 100.0, 40.0));
        open.triangles.retain(|t| t.iter().any(|&i| open.vertices[i as usize].z < 39.0));
        let section = Section::of(&open, Point2::new(0.0, 50.0), Vector2::x(), 200.0);
        assert!(!section.is_roofed());
    }

    #[test]
    fn a_hollow_does_not_shorten_the_tape() {
        let hull = convex_hull(
            [(0.0, 0.0), (2.0, 1.0), (4.0, 0.0), (4.0, 3.0), (0.0, 3.0), (2.0, 3.0)]
                .map(|(x, y)| Point2::new(x, y))
                .to_vec(),
        );
        assert!((geometry::polygon::perimeter(&hull) - 14.0).abs() < 1e-12);
    }
}
