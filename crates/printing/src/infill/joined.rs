//! Joins lines of sparse infill along the wall, where they end.
//!
//! A line that ends at a wall and begins again at the next place costs a retraction, holds on to the wall with its tip
//! alone, and leaves a string. So each end is led along the border to its neighbor there, the nearest pairs first, and
//! the lines become few long ones. Every stretch of the border between two neighboring ends is used at most once:
//! joints never lie on each other.

use std::collections::BTreeMap;

use geometry::{Point2, polygon};

use crate::path::{Path, Role};

/// Ends of lines lie this close to the border, mm: coordinates of clipping are rounded to 0.1 µm.
const ON_BORDER_MM: f64 = 2e-3;
/// A joint is at most this long, in distances of the lines there: neighbors end within two, in corners within three.
pub(super) const LONGEST_SPACINGS: f64 = 3.0;
/// Along a loop, ends closer than this to a corner count as on it, mm.
const AT_CORNER_MM: f64 = 1e-6;

/// Lines joined along `border`, on which they end, by joints of a pitch, and the area of the joints, mm².
///
/// `longest` gives the length to which a joint may grow at a place, mm. Short lines are not worth a joint longer than
/// the two together: in a narrow strip such joints would hold more than the infill.
pub(super) fn joined(
    lines: Vec<Path>,
    border: &[Vec<Point2>],
    pitch: f64,
    longest: impl Fn(Point2) -> f64,
) -> (Vec<Path>, f64) {
    let loops: Vec<Loop<'_>> = border.iter().map(|corners| Loop::new(corners)).collect();
    let ends = ends_on(&loops, &lines);
    let lengths: Vec<f64> = lines.iter().map(Path::length).collect();
    let mut joints: Vec<Joint> = neighbors(&ends, &loops)
        .filter(|joint| {
            let [from, to] = joint.ends.map(|end| ends[end].line);
            from != to
                && joint.length <= lengths[from] + lengths[to]
                && joint.length <= longest(ends[joint.ends[0]].place)
        })
        .collect();
    joints.sort_by(|a, b| a.length.total_cmp(&b.length).then(a.ends.cmp(&b.ends)));
    let mut chains = Chains::new(lines.len());
    let mut partner = Partners::new();
    let mut length = 0.0;
    for joint in joints {
        let [from, to] = joint.ends.map(|end| &ends[end]);
        let is_free = |end: &End| !partner.contains_key(&(end.line, end.is_last));
        if !is_free(from) || !is_free(to) || !chains.join(from.line, to.line) {
            continue;
        }
        length += joint.length;
        let mut way = loops[from.border].between(from.along, joint.length);
        partner.insert((from.line, from.is_last), (to.line, to.is_last, way.clone()));
        way.reverse();
        partner.insert((to.line, to.is_last), (from.line, from.is_last, way));
    }
    (walked(&lines, &partner, pitch), length * pitch)
}

/// One end of a line on the border.
struct End {
    line: usize,
    is_last: bool,
    border: usize,
    /// From the first corner of the loop, mm.
    along: f64,
    place: Point2,
}

/// For a line and whether its last end is meant: the line and the end that it is joined to, and the corners between.
type Partners = BTreeMap<(usize, bool), (usize, bool, Vec<Point2>)>;

/// The way along a loop from one end to the next.
struct Joint {
    ends: [usize; 2],
    length: f64,
}

/// A closed border with the lengths up to its corners.
struct Loop<'a> {
    corners: &'a [Point2],
    /// One more than corners: the last is the length of the loop.
    lengths: Vec<f64>,
}

impl<'a> Loop<'a> {
    fn new(corners: &'a [Point2]) -> Self {
        let mut total = 0.0;
        let mut lengths = vec![0.0];
        for (from, to) in polygon::edges(corners) {
            total += (to - from).norm();
            lengths.push(total);
        }
        Self { corners, lengths }
    }

    fn length(&self) -> f64 {
        self.lengths[self.corners.len()]
    }

    /// Corners passed on the way of a length onward from a place.
    fn between(&self, along: f64, length: f64) -> Vec<Point2> {
        let until = along + length - AT_CORNER_MM;
        let count = self.corners.len();
        let first = self.lengths.partition_point(|&corner| corner <= along + AT_CORNER_MM);
        (first..first + count)
            .map(|index| {
                let laps = (index / count) as f64;
                (index % count, laps * self.length() + self.lengths[index % count])
            })
            .take_while(|&(_, corner)| corner < until)
            .map(|(index, _)| self.corners[index])
            .collect()
    }
}

/// The ends of lines that lie on the border, in the order of the loops and along each.
fn ends_on(loops: &[Loop<'_>], lines: &[Path]) -> Vec<End> {
    // Edges by the lower end of their x, with the longest reach in x: few are looked at for each end.
    let mut edges: Vec<(f64, usize, usize)> = Vec::new();
    let mut reach = 0.0_f64;
    for (border, outline) in loops.iter().enumerate() {
        for (index, (from, to)) in polygon::edges(outline.corners).enumerate() {
            edges.push((from.x.min(to.x), border, index));
            reach = reach.max((to.x - from.x).abs());
        }
    }
    edges.sort_by(|a, b| a.0.total_cmp(&b.0).then((a.1, a.2).cmp(&(b.1, b.2))));
    let find = |place: Point2| {
        let from = edges.partition_point(|edge| edge.0 < place.x - reach - ON_BORDER_MM);
        let candidates = edges[from..].iter().take_while(|edge| edge.0 <= place.x + ON_BORDER_MM);
        let mut best = (ON_BORDER_MM, None);
        for &(_, border, index) in candidates {
            let outline = &loops[border];
            let a = outline.corners[index];
            let b = outline.corners[(index + 1) % outline.corners.len()];
            let (edge, to_place) = (b - a, place - a);
            let squared = edge.norm_squared();
            let t =
                if squared > 0.0 { (to_place.dot(&edge) / squared).clamp(0.0, 1.0) } else { 0.0 };
            let distance = (to_place - edge * t).norm();
            if distance < best.0 {
                best = (distance, Some((border, outline.lengths[index] + t * squared.sqrt())));
            }
        }
        best.1
    };
    let mut ends: Vec<End> = Vec::new();
    for (line, path) in lines.iter().enumerate() {
        for (is_last, place) in [(false, path.points.first()), (true, path.points.last())] {
            let Some(&place) = place else { continue };
            if let Some((border, along)) = find(place) {
                ends.push(End { line, is_last, border, along, place });
            }
        }
    }
    ends.sort_by(|a, b| {
        let key = |end: &End| (end.line, end.is_last);
        a.border.cmp(&b.border).then(a.along.total_cmp(&b.along)).then(key(a).cmp(&key(b)))
    });
    ends
}

/// Every end with the next one on its loop; the last with the first.
fn neighbors<'a>(ends: &'a [End], loops: &'a [Loop<'_>]) -> impl Iterator<Item = Joint> + 'a {
    let mut first = 0;
    ends.iter().enumerate().map(move |(index, end)| {
        if ends[first].border != end.border {
            first = index;
        }
        let next = ends.get(index + 1).filter(|next| next.border == end.border);
        match next {
            Some(next) => Joint { ends: [index, index + 1], length: next.along - end.along },
            None => {
                let length = ends[first].along + loops[end.border].length() - end.along;
                Joint { ends: [index, first], length }
            }
        }
    })
}

/// Which lines hang together already: a joint between two of one chain would close a ring, which has no end to go on
/// from.
struct Chains {
    parent: Vec<usize>,
}

impl Chains {
    fn new(count: usize) -> Self {
        Self { parent: (0..count).collect() }
    }

    fn root(&mut self, mut line: usize) -> usize {
        while self.parent[line] != line {
            self.parent[line] = self.parent[self.parent[line]];
            line = self.parent[line];
        }
        line
    }

    /// False if they hang together already.
    fn join(&mut self, one: usize, other: usize) -> bool {
        let (one, other) = (self.root(one), self.root(other));
        self.parent[one] = other;
        one != other
    }
}

/// Follows every chain from one of its free ends to the other.
fn walked(lines: &[Path], partner: &Partners, pitch: f64) -> Vec<Path> {
    let mut is_done = vec![false; lines.len()];
    let mut paths = Vec::new();
    for start in 0..lines.len() {
        let free = [false, true].into_iter().find(|&end| !partner.contains_key(&(start, end)));
        let Some(mut entered_last) = free.filter(|_| !is_done[start]) else { continue };
        let (mut line, mut points, mut pitches) = (start, Vec::new(), Vec::new());
        loop {
            is_done[line] = true;
            let mut own = lines[line].clone();
            if entered_last {
                own.reverse();
            }
            // Up to the first point of this line, along the joint.
            let joint = usize::from(!points.is_empty());
            pitches.extend(std::iter::repeat_n(pitch, joint));
            pitches.extend((0..own.points.len() - 1).map(|segment| own.pitch(segment)));
            points.append(&mut own.points);
            let Some((next, is_last, way)) = partner.get(&(line, !entered_last)) else { break };
            pitches.extend(std::iter::repeat_n(pitch, way.len()));
            points.extend(way);
            (line, entered_last) = (*next, *is_last);
        }
        let is_even = pitches.iter().all(|own| (own - pitches[0]).abs() <= 0.0);
        paths.push(if is_even {
            Path::even(Role::Infill, points, pitches[0])
        } else {
            Path::varying(Role::Infill, points, pitches)
        });
    }
    paths
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::infill::tests::{PITCH, with_hole};
    use crate::infill::{Sparse, patterned};
    use crate::region::Region;
    use crate::region::tests::rectangle;
    use crate::settings::InfillPattern;

    const FRACTION: f64 = 0.2;

    fn lines(region: &Region, pattern: InfillPattern, layer: usize) -> Vec<Path> {
        let height = 0.1 + 0.2 * layer as f64;
        patterned(region, &Sparse { pattern, fraction: FRACTION, pitch: PITCH, layer, height })
    }

    fn total(paths: &[Path]) -> f64 {
        paths.iter().map(Path::length).sum()
    }

    /// A strip whose border has sharp corners, inlets and a hole.
    fn ragged() -> Region {
        let comb =
            (0..8).map(|k| rectangle([6.0 * f64::from(k), 12.0], [6.0 * f64::from(k) + 2.0, 30.0]));
        let teeth = comb.fold(rectangle([0.0, 0.0], [50.0, 14.0]), |all, tooth| all.union(&tooth));
        let tip = Region::from_loops(&[[[50.0, 0.0], [90.0, 6.0], [50.0, 14.0]]
            .map(|[x, y]| Point2::new(x, y))
            .to_vec()]);
        teeth.union(&tip).minus(&[&rectangle([20.0, 3.0], [28.0, 9.0])])
    }

    const LINED: [InfillPattern; 4] = [
        InfillPattern::Gyroid,
        InfillPattern::Lines,
        InfillPattern::Grid,
        InfillPattern::Triangles,
    ];

    #[test]
    fn every_line_is_kept_once_and_joints_lie_on_the_border() {
        for region in [with_hole(), ragged()] {
            for (pattern, layer) in LINED.into_iter().flat_map(|p| [(p, 3), (p, 10)]) {
                let (loops, own) = (region.loops(), lines(&region, pattern, layer));
                let (count, length) = (own.len(), total(&own));
                let segments: Vec<[Point2; 2]> = own.iter().flat_map(pairs).collect();
                let (paths, area) = joined(own, &loops, PITCH, |_| 6.0);
                assert!(paths.len() * 3 < count, "{pattern:?}: {} of {count}", paths.len());
                let joints = area / PITCH;
                assert!((total(&paths) - length - joints).abs() < 1e-3, "{pattern:?}");
                // What is none of the lines' own segments lies on the border.
                let is_own = |pair: &[Point2; 2]| {
                    segments.iter().any(|own| own == pair || [own[1], own[0]] == *pair)
                };
                let more: Vec<[Point2; 2]> =
                    paths.iter().flat_map(pairs).filter(|pair| !is_own(pair)).collect();
                for pair in &more {
                    let middle = nalgebra::center(&pair[0], &pair[1]);
                    let borders = loops.iter().map(|own| polygon::distance_to_border(own, middle));
                    assert!(borders.fold(f64::MAX, f64::min) < ON_BORDER_MM, "{middle}");
                }
                let length: f64 = more.iter().map(|pair| (pair[1] - pair[0]).norm()).sum();
                assert!((length - joints).abs() < 0.01, "{length} {joints}");
            }
        }
    }

    fn pairs(path: &Path) -> Vec<[Point2; 2]> {
        path.points.windows(2).map(|pair| [pair[0], pair[1]]).collect()
    }

    #[test]
    fn joints_do_not_lie_on_each_other() {
        for pattern in LINED {
            let region = ragged();
            let around: f64 = region.loops().iter().map(|own| polygon::perimeter(own)).sum();
            let (paths, _) = joined(lines(&region, pattern, 3), &region.loops(), PITCH, |_| 6.0);
            let on_border = |place: Point2| {
                let loops = region.loops();
                loops.iter().any(|own| polygon::distance_to_border(own, place) < ON_BORDER_MM)
            };
            let mut joints: Vec<[Point2; 2]> = paths
                .iter()
                .flat_map(pairs)
                .filter(|pair| on_border(nalgebra::center(&pair[0], &pair[1])))
                .collect();
            let length: f64 = joints.iter().map(|pair| (pair[1] - pair[0]).norm()).sum();
            assert!(length < around, "{pattern:?}: {length} of {around}");
            // No place of the border is passed twice.
            let middles: Vec<Point2> =
                joints.iter().map(|pair| nalgebra::center(&pair[0], &pair[1])).collect();
            for (index, middle) in middles.iter().enumerate() {
                joints.rotate_left(usize::from(index > 0));
                let other = joints[1..].iter().any(|pair| {
                    let (edge, to) = (pair[1] - pair[0], middle - pair[0]);
                    let t = to.dot(&edge) / edge.norm_squared();
                    (0.01..0.99).contains(&t) && (to - edge * t).norm() < 1e-4
                });
                assert!(!other, "{pattern:?}: twice at {middle}");
            }
        }
    }

    #[test]
    fn a_narrow_strip_is_not_filled_by_joints() {
        // Lines of 0.6 mm, 2 mm apart: joints would hold three times as much as they do.
        let region = rectangle([0.0, 0.0], [60.0, 0.6]);
        let own = lines(&region, InfillPattern::Lines, 0);
        let (count, length) = (own.len(), total(&own));
        let (paths, area) = joined(own, &region.loops(), PITCH, |_| 6.0);
        assert_eq!((paths.len(), area), (count, 0.0));
        assert!((total(&paths) - length).abs() < 1e-9);
    }

    #[test]
    fn lines_that_end_inside_stay_free() {
        let line = |from: [f64; 2], to: [f64; 2]| {
            let points = [from, to].map(|[x, y]| Point2::new(x, y)).to_vec();
            Path::even(Role::Infill, points, PITCH)
        };
        let region = rectangle([0.0, 0.0], [20.0, 10.0]);
        let own = vec![line([4.0, 0.0], [4.0, 6.0]), line([6.0, 0.0], [6.0, 10.0])];
        let (paths, area) = joined(own, &region.loops(), PITCH, |_| 6.0);
        assert_eq!(paths.len(), 1);
        assert!((area - 2.0 * PITCH).abs() < 1e-6);
        let ends = [paths[0].points[0], paths[0].points[3]].map(|place| (place.x, place.y));
        assert_eq!(ends, [(4.0, 6.0), (6.0, 10.0)]);
        // Nor is a joint longer than asked for.
        let own = vec![line([4.0, 0.0], [4.0, 6.0]), line([6.0, 0.0], [6.0, 10.0])];
        assert_eq!(joined(own, &region.loops(), PITCH, |_| 1.9).0.len(), 2);
    }
}
