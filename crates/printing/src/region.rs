//! Areas of a layer, with holes: offsets and booleans on whole-number coordinates.
//!
//! `clipper2-rust` does the work (Vatti's clipping after Johnson's Clipper2); it is exact on a grid
//! of [`UNITS_PER_MM`]. Corners are mitered up to [`MITER_LIMIT`], so that shrinking and growing a
//! convex corner again gives it back.

use clipper2_rust::core::{FillRule, Path64, Paths64, Point64};
use clipper2_rust::{ClipType, Clipper64, PolyTree64, poly_tree_to_faces64};
use geometry::Point2;

use crate::offset;

/// The grid of clipping: 0.1 µm, far below what a printer resolves, and a 5 m bed fits into 63 bits.
const UNITS_PER_MM: f64 = 10_000.0;

/// How far a mitered corner may stick out, in offset distances; sharper ones are cut square.
const MITER_LIMIT: f64 = 4.0;

/// A set of areas of the plane: outer borders run counter-clockwise, holes clockwise.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Region {
    paths: Paths64,
}

fn to_grid(point: &Point2) -> Point64 {
    Point64::new((point.x * UNITS_PER_MM).round() as i64, (point.y * UNITS_PER_MM).round() as i64)
}

fn from_grid(point: &Point64) -> Point2 {
    Point2::new(point.x as f64 / UNITS_PER_MM, point.y as f64 / UNITS_PER_MM)
}

impl Region {
    /// The area that closed loops enclose; overlaps count once, and clockwise loops cut holes.
    pub(crate) fn from_loops(loops: &[Vec<Point2>]) -> Self {
        let paths: Paths64 =
            loops.iter().map(|corners| corners.iter().map(to_grid).collect::<Path64>()).collect();
        Self { paths }.combine(ClipType::Union, &[], FillRule::Positive)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.paths.is_empty()
    }

    /// Area in mm².
    pub(crate) fn area(&self) -> f64 {
        self.paths.iter().map(area_of).sum::<f64>() / (UNITS_PER_MM * UNITS_PER_MM)
    }

    /// Borders as closed loops that do not repeat their first point.
    pub(crate) fn loops(&self) -> Vec<Vec<Point2>> {
        self.paths.iter().map(|path| path.iter().map(from_grid).collect()).collect()
    }

    /// Grown by a distance in mm on all sides; negative shrinks.
    pub(crate) fn grown(&self, distance_mm: f64) -> Self {
        if self.is_empty() {
            return Self::default();
        }
        let distance = distance_mm * UNITS_PER_MM;
        let paths: Paths64 =
            self.paths.iter().map(|path| offset::moved(path, distance, MITER_LIMIT)).collect();
        Self { paths }.combine(ClipType::Union, &[], FillRule::Positive)
    }

    /// Without everything narrower than twice `radius_mm`.
    pub(crate) fn opened(&self, radius_mm: f64) -> Self {
        self.grown(-radius_mm).grown(radius_mm)
    }

    pub(crate) fn intersection(&self, other: &Self) -> Self {
        if self.is_empty() || other.is_empty() {
            return Self::default();
        }
        self.combine(ClipType::Intersection, &[other], FillRule::NonZero)
    }

    /// Without what lies in any of the others.
    pub(crate) fn minus(&self, others: &[&Self]) -> Self {
        if self.is_empty() {
            return Self::default();
        }
        if others.iter().all(|other| other.is_empty()) {
            return self.clone();
        }
        self.combine(ClipType::Difference, others, FillRule::NonZero)
    }

    pub(crate) fn union(&self, other: &Self) -> Self {
        match (self.is_empty(), other.is_empty()) {
            (_, true) => self.clone(),
            (true, false) => other.clone(),
            (false, false) => self.combine(ClipType::Union, &[other], FillRule::NonZero),
        }
    }

    /// The outer borders alone: every hole filled.
    pub(crate) fn without_holes(&self) -> Self {
        let paths = self.paths.iter().filter(|path| area_of(path) > 0.0).cloned().collect();
        Self { paths }.combine(ClipType::Union, &[], FillRule::NonZero)
    }

    /// The separate pieces, each with its holes.
    pub(crate) fn pieces(self) -> Vec<Self> {
        if self.paths.iter().filter(|path| area_of(path) > 0.0).count() < 2 {
            return if self.is_empty() { Vec::new() } else { vec![self] };
        }
        let all: Vec<&Path64> = self.paths.iter().collect();
        let groups =
            if all.len() < MANY_PATHS { vec![(0..all.len()).collect()] } else { together(&all) };
        groups
            .into_iter()
            .flat_map(|group| {
                let paths: Paths64 = group.into_iter().map(|path| all[path].clone()).collect();
                let mut clipper = Clipper64::new();
                clipper.add_subject(&paths);
                let mut tree = PolyTree64::new();
                let rule = FillRule::NonZero;
                clipper.execute_tree(ClipType::Union, rule, &mut tree, &mut Paths64::new());
                poly_tree_to_faces64(&tree)
            })
            .map(|face| {
                let mut paths = vec![face.outer];
                paths.extend(face.holes);
                Self { paths }
            })
            .collect()
    }

    /// Without pieces smaller than an area in mm²; holes that small are filled.
    pub(crate) fn without_specks(mut self, smallest_mm2: f64) -> Self {
        let smallest = smallest_mm2 * UNITS_PER_MM * UNITS_PER_MM;
        self.paths.retain(|path| area_of(path).abs() >= smallest);
        self
    }

    /// The parts of open lines that lie inside.
    pub(crate) fn clipped_lines(&self, lines: &[Vec<Point2>]) -> Vec<Vec<Point2>> {
        if self.is_empty() || lines.is_empty() {
            return Vec::new();
        }
        let open: Paths64 =
            lines.iter().map(|line| line.iter().map(to_grid).collect::<Path64>()).collect();
        let mut clipper = Clipper64::new();
        clipper.add_open_subject(&open);
        clipper.add_clip(&self.paths);
        let (mut closed, mut inside) = (Paths64::new(), Paths64::new());
        let rule = FillRule::NonZero;
        clipper.execute(ClipType::Intersection, rule, &mut closed, Some(&mut inside));
        inside.iter().map(|line| line.iter().map(from_grid).collect()).collect()
    }

    /// With fewer corners, none of which moves; for where a coarse border will do.
    pub(crate) fn simplified(&self, tolerance_mm: f64) -> Self {
        let corners = |path: &Path64| {
            let kept =
                simplified_loop(&path.iter().map(from_grid).collect::<Vec<_>>(), tolerance_mm);
            kept.iter().map(to_grid).collect::<Path64>()
        };
        Self { paths: self.paths.iter().map(corners).filter(|path| path.len() > 2).collect() }
    }

    fn combine(&self, operation: ClipType, others: &[&Self], rule: FillRule) -> Self {
        let clips = || others.iter().flat_map(|other| &other.paths);
        if self.paths.len() + clips().count() < MANY_PATHS {
            return Self { paths: combined(operation, &self.paths, clips().cloned(), rule) };
        }
        // What the sweep costs grows faster than the number of paths, and paths far from each other have nothing to do with
        // each other.
        let subjects = self.paths.len();
        let all: Vec<&Path64> = self.paths.iter().chain(clips()).collect();
        let mut paths = Paths64::new();
        for group in together(&all) {
            let of = |is_subject: bool| {
                let members = group.iter().filter(move |path| (**path < subjects) == is_subject);
                members.map(|&path| all[path].clone())
            };
            let subject: Paths64 = of(true).collect();
            paths.extend(combined(operation, &subject, of(false), rule));
        }
        Self { paths }
    }
}

/// From as many paths on they are combined in groups.
const MANY_PATHS: usize = 24;

fn combined(
    operation: ClipType,
    subject: &Paths64,
    clip: impl Iterator<Item = Path64>,
    rule: FillRule,
) -> Paths64 {
    let mut clipper = Clipper64::new();
    clipper.add_subject(subject);
    clipper.add_clip(&clip.collect());
    let mut paths = Paths64::new();
    clipper.execute(operation, rule, &mut paths, None);
    paths
}

/// Indices of paths in groups of which no two overlap, seen by the boxes around their paths; in the order of their first paths.
fn together(paths: &[&Path64]) -> Vec<Vec<usize>> {
    let boxes: Vec<[i64; 4]> = paths
        .iter()
        .map(|path| {
            path.iter().fold([i64::MAX, i64::MAX, i64::MIN, i64::MIN], |[l, f, r, b], point| {
                [l.min(point.x), f.min(point.y), r.max(point.x), b.max(point.y)]
            })
        })
        .collect();
    let mut from_left: Vec<usize> = (0..paths.len()).collect();
    from_left.sort_by_key(|&path| boxes[path][0]);
    // The group of a path is that of the path it points to; one that points to itself is its group's first.
    let mut first: Vec<usize> = (0..paths.len()).collect();
    let find = |first: &mut Vec<usize>, mut path: usize| {
        while first[path] != path {
            first[path] = first[first[path]];
            path = first[path];
        }
        path
    };
    for (index, &path) in from_left.iter().enumerate() {
        let [_, front, right, back] = boxes[path];
        let later = from_left[index + 1..].iter();
        for &other in later.take_while(|&&other| boxes[other][0] <= right) {
            let [_, low, _, high] = boxes[other];
            if low <= back && front <= high {
                let (a, b) = (find(&mut first, path), find(&mut first, other));
                first[a.max(b)] = a.min(b);
            }
        }
    }
    let mut groups: Vec<Vec<usize>> = vec![Vec::new(); paths.len()];
    for path in 0..paths.len() {
        let group = find(&mut first, path);
        groups[group].push(path);
    }
    groups.retain(|group| !group.is_empty());
    groups
}

/// Signed area in grid units.
fn area_of(path: &Path64) -> f64 {
    clipper2_rust::core::area(path)
}

/// Corners of a closed loop that matter: no dropped corner was further than `tolerance_mm` from
/// the border that stays (Ramer 1972, Douglas and Peucker 1973).
///
/// `building.md` 1.4 measured offsets 10 to 15 times faster after this.
pub(crate) fn simplified_loop(corners: &[Point2], tolerance_mm: f64) -> Vec<Point2> {
    let Some(&first) = corners.first() else { return Vec::new() };
    let squared_from_first = |point: &Point2| (point - first).norm_squared();
    let farthest = (0..corners.len())
        .max_by(|&i, &j| {
            squared_from_first(&corners[i]).total_cmp(&squared_from_first(&corners[j]))
        })
        .unwrap_or(0);
    let mut closed = corners.to_vec();
    closed.push(first);
    let mut kept = simplified_line(&closed[..=farthest], tolerance_mm);
    kept.pop();
    kept.extend(simplified_line(&closed[farthest..], tolerance_mm));
    kept.pop();
    kept
}

/// Points of an open line that matter; the first and the last always stay.
pub(crate) fn simplified_line(points: &[Point2], tolerance_mm: f64) -> Vec<Point2> {
    kept_points(points, tolerance_mm).into_iter().map(|index| points[index]).collect()
}

/// Indices of the points that [`simplified_line`] keeps.
pub(crate) fn kept_points(points: &[Point2], tolerance_mm: f64) -> Vec<usize> {
    if points.len() < 3 {
        return (0..points.len()).collect();
    }
    let mut keep = vec![false; points.len()];
    keep[0] = true;
    keep[points.len() - 1] = true;
    let mut spans = vec![(0, points.len() - 1)];
    while let Some((from, to)) = spans.pop() {
        let mut worst = (tolerance_mm * tolerance_mm, None);
        let start = points[from];
        let along = points[to] - start;
        // Of a segment without length every place lies at its start.
        let scale = 1.0 / along.norm_squared().max(f64::MIN_POSITIVE);
        for (index, point) in points.iter().enumerate().take(to).skip(from + 1) {
            let offset = point - start;
            let t = (offset.dot(&along) * scale).clamp(0.0, 1.0);
            let away = (offset - along * t).norm_squared();
            if away > worst.0 {
                worst = (away, Some(index));
            }
        }
        if let Some(index) = worst.1 {
            keep[index] = true;
            spans.push((from, index));
            spans.push((index, to));
        }
    }
    (0..points.len()).filter(|&index| keep[index]).collect()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// An axis-aligned rectangle, mm.
    pub(crate) fn rectangle(low: [f64; 2], high: [f64; 2]) -> Region {
        Region::from_loops(&[[
            [low[0], low[1]],
            [high[0], low[1]],
            [high[0], high[1]],
            [low[0], high[1]],
        ]
        .map(|[x, y]| Point2::new(x, y))
        .to_vec()])
    }

    #[test]
    fn rectangles_combine() {
        let a = rectangle([0.0, 0.0], [4.0, 3.0]);
        let b = rectangle([2.0, 1.0], [6.0, 2.0]);
        assert!((a.area() - 12.0).abs() < 1e-9);
        assert!((a.intersection(&b).area() - 2.0).abs() < 1e-9);
        assert!((a.union(&b).area() - 14.0).abs() < 1e-9);
        assert!((a.minus(&[&b]).area() - 10.0).abs() < 1e-9);
        assert!((a.grown(-0.5).area() - 6.0).abs() < 1e-9);
        assert!((a.opened(1.0).area() - 12.0).abs() < 1e-9, "square corners come back");
        assert!(a.opened(1.6).is_empty());
    }

    /// A print on trees spent most of its time in sweeps over hundreds of branches that do not touch.
    #[test]
    fn many_paths_are_combined_as_few_are() {
        let ring = |at: [f64; 2], size: f64| {
            let [x, y] = at;
            let outer = rectangle([x, y], [x + size, y + size]);
            outer.minus(&[&rectangle([x + 0.2, y + 0.2], [x + size - 0.2, y + size - 0.2])])
        };
        // Rings on a grid, of which some touch and some overlap, and one around many of them.
        let places = (0..120).map(|index: u32| {
            let (column, row) = (f64::from(index % 12), f64::from(index / 12));
            ([column * (1.9 + 0.02 * row), row * 2.0], 1.8 + 0.03 * column)
        });
        let mut paths = ring([-1.0, -1.0], 9.0).paths;
        paths.extend(places.flat_map(|(at, size)| ring(at, size).paths));
        let many = Region { paths };
        let cut = Region { paths: rectangle([3.0, 3.0], [14.0, 8.0]).paths };
        let whole = |operation, rule| Region {
            paths: combined(operation, &many.paths, cut.paths.iter().cloned(), rule),
        };
        for operation in [ClipType::Union, ClipType::Intersection, ClipType::Difference] {
            for rule in [FillRule::Positive, FillRule::NonZero] {
                let (grouped, swept) =
                    (many.combine(operation, &[&cut], rule), whole(operation, rule));
                assert!((grouped.area() - swept.area()).abs() < 1e-9, "{operation:?} {rule:?}");
                let corners = |region: &Region| {
                    let mut corners: Vec<(i64, i64)> =
                        region.paths.iter().flatten().map(|at| (at.x, at.y)).collect();
                    corners.sort_unstable();
                    corners
                };
                assert_eq!(corners(&grouped), corners(&swept), "{operation:?} {rule:?}");
            }
        }
        let far: Vec<&Path64> = many.paths.iter().collect();
        assert!(together(&far).len() > 1);
    }

    #[test]
    fn pieces_keep_their_holes() {
        let ring = rectangle([0.0, 0.0], [9.0, 9.0]).minus(&[&rectangle([1.0, 1.0], [8.0, 8.0])]);
        let island = rectangle([3.0, 3.0], [4.0, 4.0]);
        let mut areas: Vec<f64> = ring.union(&island).pieces().iter().map(Region::area).collect();
        areas.sort_by(f64::total_cmp);
        assert!((areas[0] - 1.0).abs() < 1e-9 && (areas[1] - 32.0).abs() < 1e-9, "{areas:?}");
        assert!((ring.without_holes().area() - 81.0).abs() < 1e-9);
    }

    #[test]
    fn a_simplified_circle_stays_within_the_tolerance() {
        let circle: Vec<Point2> = (0..2000)
            .map(|i| {
                let (sin, cos) = (f64::from(i) * std::f64::consts::TAU / 2000.0).sin_cos();
                Point2::new(30.0 * cos, 30.0 * sin)
            })
            .collect();
        let simple = simplified_loop(&circle, 0.005);
        assert!(simple.len() < 300 && simple.len() > 60, "{} corners", simple.len());
        for &corner in &circle {
            assert!(geometry::polygon::distance_to_border(&simple, corner) <= 0.005);
        }
    }
}
