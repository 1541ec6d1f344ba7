//! Fills narrow strips with one line of varying width along their middle.
//!
//! The middle is the chordal axis (Prasad 1997, "Morphological analysis of shapes", CNLS newsletter
//! 139): the strip is triangulated from closely spaced border points, and the axis joins the
//! midpoints of the edges that cross the strip. A triangle that the axis passes through gives its
//! area divided by the length of axis in it as the local width, so the line holds the strip's volume
//! by construction; what lies in end triangles is spread over the piece. Triangulation by `spade`.
//!
//! The axis is within about a tenth of the width of the true medial axis, which no nozzle shows.

use std::collections::BTreeMap;

use geometry::{Point2, Vector2, polygon};
use spade::handles::FixedVertexHandle;
use spade::{ConstrainedDelaunayTriangulation, Triangulation};

use crate::path::{Path, Role};
use crate::region::{Region, kept_points};

/// Distance of border points; about a strip's width, so that chords run straight across. mm.
const SAMPLING_MM: f64 = 0.3;

/// Lines shorter than this are left out, mm.
const SHORTEST_LINE_MM: f64 = 0.4;

/// Strips thinner or wider than this, in pitches, are printed as if they had the limit.
const PITCHES: std::ops::RangeInclusive<f64> = 0.25..=2.0;

/// A line is split into segments whose width varies by less than this, mm.
const WIDTH_STEP_MM: f64 = 0.05;

/// A line keeps this distance from the axis, mm.
const AXIS_TOLERANCE_MM: f64 = 0.015;

/// The end triangles of a piece may widen its line this much.
const STRIP_SCALE: std::ops::RangeInclusive<f64> = 0.7..=1.4;

/// So many links from its end tell how wide a strip is there.
const END_LINKS: usize = 8;

/// A line that forks runs on by no less than this, mm.
const SHORTEST_REACH_MM: f64 = 0.02;

/// Pieces up to so many times as long as wide that fill so much of their box get a straight line.
const COMPACT_LENGTHS: f64 = 1.6;
const COMPACT_FILL: f64 = 0.75;

/// Pieces with more corners follow their axis.
const MOST_COMPACT_CORNERS: usize = 60;

/// Triangles under this lie between border points in a row; they are part of the border.
const SLIVER_MM2: f64 = 1e-6;

type Mesh = ConstrainedDelaunayTriangulation<spade::Point2<f64>>;

/// Lines along the middle of every piece of a region, and the area of the pieces that got one, mm²;
/// `pitch` is that of a wall line.
pub(crate) fn fill(region: Region, pitch: f64) -> (Vec<Path>, f64) {
    let mut all = Vec::new();
    let mut area = 0.0;
    for piece in region.pieces() {
        let paths = fill_piece(&piece, pitch);
        if !paths.is_empty() {
            area += piece.area();
            all.extend(paths);
        }
    }
    (all, area)
}

fn fill_piece(piece: &Region, pitch: f64) -> Vec<Path> {
    if let Some(line) = line_along_box(piece, pitch) {
        return vec![line];
    }
    let axis = Axis::of(&piece.loops());
    let mut paths: Vec<Path> = axis
        .chains()
        .into_iter()
        .map(|chain| chain.straight_ended().thinned(pitch))
        .filter(|path| path.length() >= SHORTEST_LINE_MM)
        .collect();
    let area = piece.area();
    drop_excess(&mut paths, area / STRIP_SCALE.start());
    let filled: f64 = paths.iter().map(Path::strip_area).sum();
    if filled > 0.0 {
        let scale = (area / filled).clamp(*STRIP_SCALE.start(), *STRIP_SCALE.end());
        paths.iter_mut().for_each(|path| path.scale_strip(scale));
    }
    paths
}

/// Leaves the shortest lines out until the others hold no more than an area, mm²: where a piece is thinner than any line, the
/// thinnest lines hold more than it.
fn drop_excess(paths: &mut Vec<Path>, most_mm2: f64) {
    let mut filled: f64 = paths.iter().map(Path::strip_area).sum();
    while filled > most_mm2 {
        let lengths = paths.iter().map(Path::length).enumerate();
        let Some((shortest, _)) = lengths.min_by(|a, b| a.1.total_cmp(&b.1)) else { return };
        filled -= paths.remove(shortest).strip_area();
    }
}

/// A straight line along a piece that is hardly longer than wide and fills its box: the axis of such a piece may run across
/// it.
fn line_along_box(piece: &Region, pitch: f64) -> Option<Path> {
    let area = piece.area();
    let loops = piece.loops();
    let [corners] = loops.as_slice() else { return None };
    if area > COMPACT_LENGTHS * (PITCHES.end() * pitch).powi(2)
        || corners.len() > MOST_COMPACT_CORNERS
    {
        return None;
    }
    let (ends, width) = smallest_box(corners)?;
    let length = (ends[1] - ends[0]).norm();
    let is_compact = length < COMPACT_LENGTHS * width && area > COMPACT_FILL * length * width;
    let strip = area / length.max(f64::MIN_POSITIVE);
    let is_line = length >= SHORTEST_LINE_MM && PITCHES.contains(&(strip / pitch));
    (is_compact && is_line).then(|| Path::varying(Role::ThinLine, ends.to_vec(), vec![strip]))
}

/// The smallest rectangle around a loop that lies along one of its edges: the ends of its middle line, and its width, mm.
fn smallest_box(corners: &[Point2]) -> Option<([Point2; 2], f64)> {
    let mut best: Option<(f64, [Point2; 2], f64)> = None;
    for (from, to) in polygon::edges(corners) {
        let Some(along) = (to - from).try_normalize(1e-9) else { continue };
        let across = Vector2::new(-along.y, along.x);
        let span = |axis: Vector2| {
            corners
                .iter()
                .map(|corner| corner.coords.dot(&axis))
                .fold([f64::INFINITY, f64::NEG_INFINITY], |[low, high], value| {
                    [low.min(value), high.max(value)]
                })
        };
        let spans = [span(along), span(across)];
        let [length, width] = spans.map(|[low, high]| high - low);
        if best.as_ref().is_some_and(|(least, ..)| *least <= length * width) {
            continue;
        }
        let is_long = length >= width;
        let (run, side) = if is_long { (0, 1) } else { (1, 0) };
        let axes = [along, across];
        let middle = axes[side] * f64::midpoint(spans[side][0], spans[side][1]);
        let ends = spans[run].map(|place| Point2::from(axes[run] * place + middle));
        best = Some((length * width, ends, length.min(width)));
    }
    best.map(|(_, ends, width)| (ends, width))
}

/// A link between two nodes of the axis, and the width of the strip there, mm.
#[derive(Clone, Copy, Debug)]
struct Link {
    ends: [usize; 2],
    width: f64,
}

/// The chordal axis as a graph.
#[derive(Debug, Default)]
struct Axis {
    nodes: Vec<Point2>,
    links: Vec<Link>,
}

impl Axis {
    fn of(loops: &[Vec<Point2>]) -> Self {
        let mesh = triangulated(loops);
        let inside = faces_inside(&mesh);
        let mut axis = Self::default();
        let mut node_of_edge: BTreeMap<usize, usize> = BTreeMap::new();
        let is_inside = |face: usize, area: f64| inside[face] && area > SLIVER_MM2;
        for face in mesh.inner_faces().filter(|face| is_inside(face.index(), face.area())) {
            let mut middles = Vec::new();
            for edge in face.adjacent_edges() {
                let beyond = edge.rev().face();
                let is_border =
                    beyond.as_inner().is_none_or(|face| !is_inside(face.index(), face.area()));
                if is_border {
                    continue;
                }
                let [from, to] = edge.positions();
                let next = axis.nodes.len();
                let node = *node_of_edge.entry(edge.as_undirected().index()).or_insert(next);
                if node == next {
                    axis.nodes.push(Point2::new((from.x + to.x) / 2.0, (from.y + to.y) / 2.0));
                }
                middles.push(node);
            }
            let center = face.center();
            axis.cross(&middles, Point2::new(center.x, center.y), face.area());
        }
        axis
    }

    /// Adds what a triangle with these crossed edges contributes.
    fn cross(&mut self, middles: &[usize], center: Point2, area: f64) {
        match *middles {
            [a, b] => self.link(a, b, area),
            [a, b, c] => {
                let node = self.nodes.len();
                self.nodes.push(center);
                for end in [a, b, c] {
                    self.link(node, end, area / 3.0);
                }
            }
            _ => {}
        }
    }

    fn link(&mut self, a: usize, b: usize, area: f64) {
        let length = (self.nodes[a] - self.nodes[b]).norm();
        if length > 0.0 {
            self.links.push(Link { ends: [a, b], width: area / length });
        }
    }

    /// Chains of links between ends and junctions, then the closed ones: nodes, and the links
    /// between them.
    fn lines(&self) -> Vec<(Vec<usize>, Vec<usize>)> {
        let mut links_of: Vec<Vec<usize>> = vec![Vec::new(); self.nodes.len()];
        for (index, link) in self.links.iter().enumerate() {
            for end in link.ends {
                links_of[end].push(index);
            }
        }
        let mut used = vec![false; self.links.len()];
        let mut lines = Vec::new();
        let is_end = |node: &usize| links_of[*node].len() != 2;
        let (ends, others): (Vec<usize>, Vec<usize>) = (0..self.nodes.len()).partition(is_end);
        for start in ends.into_iter().chain(others) {
            for &first in &links_of[start] {
                if used[first] {
                    continue;
                }
                let (mut nodes, mut links) = (vec![start], Vec::new());
                let (mut at, mut along) = (start, Some(first));
                while let Some(link) = along {
                    used[link] = true;
                    links.push(link);
                    let [a, b] = self.links[link].ends;
                    at = if a == at { b } else { a };
                    nodes.push(at);
                    let goes_on = links_of[at].len() == 2;
                    along = links_of[at].iter().copied().find(|&next| goes_on && !used[next]);
                }
                lines.push((nodes, links));
            }
        }
        lines
    }

    /// The lines with their places; those that fork into the two corners of a strip's end run on straight instead.
    fn chains(&self) -> Vec<Chain> {
        let lines = self.lines();
        let mut chains: Vec<Chain> = lines
            .iter()
            .map(|(nodes, links)| Chain {
                points: nodes.iter().map(|&node| self.nodes[node]).collect(),
                widths: links.iter().map(|&link| self.links[link].width).collect(),
            })
            .collect();
        let mut lines_at: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (index, (nodes, _)) in lines.iter().enumerate() {
            for end in [nodes[0], nodes[nodes.len() - 1]] {
                lines_at.entry(end).or_default().push(index);
            }
        }
        let is_loose = |line: usize, from: usize| {
            let nodes = &lines[line].0;
            let far = if nodes[0] == from { nodes[nodes.len() - 1] } else { nodes[0] };
            lines_at[&far].len() == 1
        };
        for (&node, meeting) in &lines_at {
            let &[a, b, c] = meeting.as_slice() else { continue };
            for [stem, one, other] in [[a, b, c], [b, c, a], [c, a, b]] {
                if stem != one && one != other && is_loose(one, node) && is_loose(other, node) {
                    Chain::join_fork(&mut chains, [stem, one, other], self.nodes[node]);
                }
            }
        }
        chains.retain(|chain| !chain.widths.is_empty());
        chains
    }
}

/// A piece of the axis: points, and the strip's width between each and the next, mm.
struct Chain {
    points: Vec<Point2>,
    widths: Vec<f64>,
}

impl Chain {
    fn length(&self) -> f64 {
        self.points.windows(2).map(|pair| (pair[1] - pair[0]).norm()).sum()
    }

    fn area(&self) -> f64 {
        let segments = self.points.windows(2).zip(&self.widths);
        segments.map(|(pair, width)| (pair[1] - pair[0]).norm() * width).sum()
    }

    /// How wide the strip is at the end, mm.
    fn end_width(&self) -> f64 {
        self.widths.iter().rev().take(END_LINKS).copied().fold(0.0, f64::max)
    }

    /// Lets a line run on straight where it forks into two short ones, which it takes over.
    fn join_fork(chains: &mut [Self], [stem, one, other]: [usize; 3], fork: Point2) {
        let branches = [one, other];
        if [stem, one, other].iter().any(|&line| chains[line].widths.is_empty()) {
            return;
        }
        if chains[stem].points[0] == fork {
            chains[stem].reverse();
        }
        let wide = chains[stem].end_width();
        let points = &chains[stem].points;
        let from = points.iter().rev().find(|point| (*point - fork).norm() >= wide);
        let is_short = |line: &usize| chains[*line].length() <= wide;
        let Some(from) = from.filter(|_| branches.iter().all(is_short)) else { return };
        let along = (fork - from).normalize();
        let tips = branches.map(|line| {
            let points = &chains[line].points;
            if points[0] == fork { points[points.len() - 1] } else { points[0] }
        });
        let reach = tips.iter().map(|tip| (tip - fork).dot(&along)).fold(0.0, f64::max);
        if reach < SHORTEST_REACH_MM {
            return;
        }
        let area: f64 = branches.iter().map(|&line| chains[line].area()).sum();
        chains[stem].points.push(fork + along * reach);
        chains[stem].widths.push(area / reach);
        for line in branches {
            chains[line].widths.clear();
        }
    }

    /// Both ends as [`Self::straighten_end`] says, where it has ends.
    fn straight_ended(mut self) -> Self {
        if self.points.first() != self.points.last() {
            self.straighten_end();
            self.reverse();
            self.straighten_end();
            self.reverse();
        }
        self
    }

    fn reverse(&mut self) {
        self.points.reverse();
        self.widths.reverse();
    }

    /// Lets the last stretch, half as long as the strip is wide, run on in the direction that the line comes in.
    ///
    /// Where a strip ends square its axis turns off to one of both corners; a line that follows it leaves the other
    /// one empty.
    fn straighten_end(&mut self) {
        let last = self.points.len() - 1;
        let end = self.points[last];
        let wide = self.end_width();
        let beyond = |reach: f64| (0..last).rev().find(|&i| (self.points[i] - end).norm() >= reach);
        let (Some(turn), Some(from)) = (beyond(wide / 2.0), beyond(1.5 * wide)) else { return };
        if from == turn || turn + 1 == last {
            return;
        }
        let along = (self.points[turn] - self.points[from]).normalize();
        let reach = (end - self.points[turn]).dot(&along);
        if reach <= 0.0 {
            return;
        }
        let area: f64 = (turn..last)
            .map(|i| self.widths[i] * (self.points[i + 1] - self.points[i]).norm())
            .sum();
        self.points.truncate(turn + 1);
        self.points.push(self.points[turn] + along * reach);
        self.widths.truncate(turn);
        self.widths.push(area / reach);
    }

    /// With the points that matter only.
    fn thinned(&self, pitch: f64) -> Path {
        let all = &self.points;
        let mut keep = vec![false; all.len()];
        for index in kept_points(all, AXIS_TOLERANCE_MM) {
            keep[index] = true;
        }
        let mut width_of_run = self.widths[0];
        for (index, width) in self.widths.iter().enumerate() {
            if (width - width_of_run).abs() > WIDTH_STEP_MM {
                width_of_run = *width;
                keep[index] = true;
            }
        }
        let kept: Vec<usize> = (0..all.len()).filter(|&index| keep[index]).collect();
        let points: Vec<Point2> = kept.iter().map(|&index| all[index]).collect();
        let strips = kept
            .windows(2)
            .map(|run| {
                let area: f64 =
                    (run[0]..run[1]).map(|i| self.widths[i] * (all[i + 1] - all[i]).norm()).sum();
                let length = (all[run[1]] - all[run[0]]).norm().max(1e-6);
                (area / length).clamp(PITCHES.start() * pitch, PITCHES.end() * pitch)
            })
            .collect();
        Path::varying(Role::ThinLine, points, strips)
    }
}

/// The Delaunay triangulation of closely spaced border points, with the border as constraints.
///
/// A border edge that crosses another (rounding at a touching point) is left out.
fn triangulated(loops: &[Vec<Point2>]) -> Mesh {
    let mut mesh = Mesh::new();
    for corners in loops {
        let mut handles: Vec<FixedVertexHandle> = Vec::new();
        for (a, b) in polygon::edges(corners) {
            let parts = ((b - a).norm() / SAMPLING_MM).ceil().max(1.0);
            for part in 0..parts as usize {
                let point = a + (b - a) * (part as f64 / parts);
                // Insertion fails for numbers that are not finite only; loops hold none.
                handles.extend(mesh.insert(spade::Point2::new(point.x, point.y)).ok());
            }
        }
        for index in 0..handles.len() {
            let (from, to) = (handles[index], handles[(index + 1) % handles.len()]);
            if from != to {
                mesh.try_add_constraint(from, to);
            }
        }
    }
    mesh
}

/// Which faces lie inside the border: an odd number of constraints away from the outside.
fn faces_inside(mesh: &Mesh) -> Vec<bool> {
    let mut inside = vec![false; mesh.num_all_faces()];
    let mut is_known = inside.clone();
    let outer = mesh.outer_face();
    is_known[outer.index()] = true;
    let mut front: Vec<_> = mesh
        .convex_hull()
        .map(|edge| (edge.rev().face().fix(), edge.is_constraint_edge()))
        .collect();
    front.extend(mesh.convex_hull().map(|edge| (edge.face().fix(), edge.is_constraint_edge())));
    while let Some((face, is_inside)) = front.pop() {
        if std::mem::replace(&mut is_known[face.index()], true) {
            continue;
        }
        inside[face.index()] = is_inside;
        let Some(face) = mesh.face(face).as_inner() else { continue };
        for edge in face.adjacent_edges() {
            front.push((edge.rev().face().fix(), is_inside ^ edge.is_constraint_edge()));
        }
    }
    inside
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::region::tests::rectangle;

    const PITCH: f64 = 0.407;

    fn filled(paths: &[Path]) -> f64 {
        paths.iter().map(Path::strip_area).sum()
    }

    #[test]
    fn a_strip_gets_one_line_along_its_middle() {
        let (paths, area) = fill(rectangle([0.0, 0.0], [30.0, 0.3]), PITCH);
        assert!((area - 9.0).abs() < 1e-9);
        let long: Vec<&Path> = paths.iter().filter(|path| path.length() > 10.0).collect();
        assert_eq!(long.len(), 1, "{} lines", paths.len());
        for point in long[0].points.iter().filter(|point| (1.0..29.0).contains(&point.x)) {
            assert!((point.y - 0.15).abs() < 0.02, "{point}");
        }
        assert!((filled(&paths) / 9.0 - 1.0).abs() < 1e-6);
    }

    #[test]
    fn a_compact_piece_gets_one_line_along_its_longer_side() {
        let (paths, area) = fill(rectangle([3.0, 5.0], [3.7, 5.8]), PITCH);
        let [line] = paths.as_slice() else { panic!("{} lines", paths.len()) };
        assert!((area - 0.56).abs() < 1e-6 && (line.strip_area() - area).abs() < 1e-6);
        let mut ends = [line.points[0], line.points[1]];
        ends.sort_by(|a, b| a.y.total_cmp(&b.y));
        assert!((ends[0] - Point2::new(3.35, 5.0)).norm() < 1e-3, "{}", ends[0]);
        assert!((ends[1] - Point2::new(3.35, 5.8)).norm() < 1e-3, "{}", ends[1]);
    }

    /// Found by `random_prints`: specks between walls of a noisy scan got lines that held twice as much as they.
    #[test]
    fn a_sliver_thinner_than_any_line_is_left_out() {
        let sliver = rectangle([0.0, 0.0], [2.0, 0.06]);
        let (paths, area) = fill(sliver, PITCH);
        assert!(paths.is_empty() && area == 0.0, "{} mm² of {area}", filled(&paths));
        let strip = rectangle([0.0, 0.0], [2.0, 0.09]);
        let (paths, area) = fill(strip, PITCH);
        assert!(paths.len() == 1 && (filled(&paths) / area - 1.0).abs() < 1e-6);
    }

    #[test]
    fn a_wedge_is_filled_with_a_widening_line() {
        let wedge = Region::from_loops(&[[[0.0, 0.0], [40.0, 0.0], [40.0, 0.7], [0.0, 0.15]]
            .map(|[x, y]| Point2::new(x, y))
            .to_vec()]);
        let area = wedge.area();
        let (paths, _) = fill(wedge, PITCH);
        assert!((filled(&paths) / area - 1.0).abs() < 0.02);
        let longest = paths.iter().max_by(|a, b| a.length().total_cmp(&b.length())).unwrap();
        let segments = longest.points.len() - 1;
        let widest = (0..segments).map(|i| longest.pitch(i)).fold(0.0, f64::max);
        assert!(widest - longest.pitch(0) > 0.4, "{} to {widest}", longest.pitch(0));
    }

    #[test]
    fn a_ring_gives_a_closed_line() {
        let ring =
            rectangle([0.0, 0.0], [20.0, 15.0]).minus(&[&rectangle([0.3, 0.3], [19.7, 14.7])]);
        let area = ring.area();
        let (paths, _) = fill(ring, PITCH);
        assert!((filled(&paths) / area - 1.0).abs() < 0.02);
        let length: f64 = paths.iter().map(Path::length).sum();
        assert!((length - 68.8).abs() < 3.0, "2 (19.7 + 14.7), plus corners: {length}");
    }
}
