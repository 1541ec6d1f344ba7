//! Supports as trees: tips under an overhang, branches that run together on their way down.
//!
//! After the idea of Schmidt and Umetani (2014, Branching support structures for 3D printing, ACM SIGGRAPH studio,
//! doi 10.1145/2619195.2656293), layer by layer as slicers grow them: from the top down, every branch moves toward its
//! nearest neighbor by no more than it may lean, keeps clear of the part, and becomes one with what it meets. Where the
//! bed can be reached around the part it is; a branch that is shut in stands on the part.

use std::f64::consts::TAU;

use geometry::{Point2, Vector2, polygon};
use rayon::prelude::*;

use crate::region::Region;
use crate::settings::Supports;
use crate::stack::LayerStack;
use crate::support::{Hung, SupportLayer, standing};

/// Branches lean by no more than this from the vertical, degrees: well under the overhang that a line bears.
const LEAN_DEG: f64 = 40.0;
/// Radius of a tip, mm: two lines side by side.
const TIP_RADIUS_MM: f64 = 0.8;
/// A branch widens by this angle on each side, degrees, so that long ones do not buckle.
const TAPER_DEG: f64 = 5.0;
/// Trunks get no thicker, mm.
const LARGEST_RADIUS_MM: f64 = 4.0;
/// Distance of tips under an overhang, mm; the interface bridges it.
const TIP_SPACING_MM: f64 = 4.5;
/// A tip this near below an overhang holds what is added beside it, mm.
const FRESH_MM: f64 = 2.5;
/// Branches further apart than this do not seek each other, mm.
const MEETING_MM: f64 = 25.0;
/// So many of the nearest are looked at when branches choose whom to meet.
const NEIGHBORS: usize = 8;
/// Branches this near each other go on as one, mm.
const MET_MM: f64 = 0.05;
/// Radius that the way around the part is kept free for, mm.
const CLEAR_RADIUS_MM: f64 = 1.2;
/// Corners of a branch's section.
const SIDES: usize = 20;
/// How far outside a border a branch is put, mm.
const BESIDE_MM: f64 = 0.02;
/// Outlines that branches go around need not be closer, mm.
const OUTLINE_TOLERANCE_MM: f64 = 0.1;

/// One branch in the present layer.
#[derive(Clone, Copy, Debug)]
struct Branch {
    at: Point2,
    /// Height over it that it has grown down from, mm.
    length: f64,
    /// Whether the way to the bed is shut.
    is_shut_in: bool,
}

impl Branch {
    fn radius(&self) -> f64 {
        (TIP_RADIUS_MM + self.length * TAPER_DEG.to_radians().tan()).min(LARGEST_RADIUS_MM)
    }
}

/// Grows trees under everything that is held.
pub(crate) fn grown(hung: &Hung, stack: &LayerStack, how: &Supports) -> Vec<SupportLayer> {
    let lean = LEAN_DEG.to_radians().tan();
    let steps: Vec<f64> = (0..hung.len()).map(|layer| lean * stack.height(layer)).collect();
    let blocked = hung.blocked(how.side_gap_mm);
    let ways: Vec<Obstacle> =
        shut(&blocked, &steps).into_iter().map(|region| Obstacle::of(&region)).collect();
    let mut branches: Vec<Branch> = Vec::new();
    let mut sections = vec![Vec::new(); hung.len()];
    for layer in (0..hung.len()).rev() {
        descend(&mut branches, &ways[layer], steps[layer], stack.height(layer));
        let part = Obstacle::of(&hung.coarse[layer]);
        branches.retain(|branch| !part.holds(branch.at));
        for held in hung.over(layer) {
            sprout(&mut branches, held, &ways[layer]);
        }
        sections[layer].clone_from(&branches);
    }
    let roofs = interfaces(hung, how.interface_layers);
    sections
        .into_par_iter()
        .zip(roofs)
        .zip(blocked)
        .map(|((branches, roof), blocked)| {
            let interface = standing(&roof.minus(&[&blocked]));
            let discs: Vec<Vec<Point2>> = branches.iter().map(disc).collect();
            let body = standing(&Region::from_loops(&discs).minus(&[&blocked, &interface]));
            // A strip that is just wide enough to stand may come back from it with longer corners.
            let body = body.minus(&[&blocked, &interface]);
            SupportLayer { body, interface }
        })
        .collect()
}

/// What is held, carried down by the layers of the interface.
fn interfaces(hung: &Hung, layers: usize) -> Vec<Region> {
    (0..hung.len())
        .into_par_iter()
        .map(|layer| {
            let tops = layer..(layer + layers).min(hung.len());
            let held = tops.flat_map(|top| hung.over(top));
            held.fold(Region::default(), |roof, held| roof.union(held))
        })
        .collect()
}

/// From where in each layer the bed cannot be reached: the part with its clearance, and what lies over it so that no
/// branch gets around it in time.
fn shut(blocked: &[Region], steps: &[f64]) -> Vec<Region> {
    let mut below = Region::default();
    let mut found = Vec::with_capacity(blocked.len());
    for (region, step) in blocked.iter().zip(steps) {
        let taken = region.grown(CLEAR_RADIUS_MM);
        below = taken.union(&below.grown(-step)).simplified(OUTLINE_TOLERANCE_MM);
        found.push(below.clone());
    }
    found
}

/// Borders that branches keep out of.
struct Obstacle {
    loops: Vec<Vec<Point2>>,
}

impl Obstacle {
    fn of(region: &Region) -> Self {
        Self { loops: region.loops() }
    }

    /// Whether a place lies inside: inside an odd number of borders.
    fn holds(&self, place: Point2) -> bool {
        let around = self.loops.iter().filter(|corners| polygon::contains(corners, place));
        around.count() % 2 == 1
    }

    /// The nearest place of the border.
    fn border(&self, place: Point2) -> Option<Point2> {
        let mut best: Option<(f64, Point2)> = None;
        for corners in &self.loops {
            for (index, &from) in corners.iter().enumerate() {
                let along = corners[(index + 1) % corners.len()] - from;
                let share = (place - from).dot(&along) / along.norm_squared().max(1e-18);
                let nearest = from + along * share.clamp(0.0, 1.0);
                let distance = (place - nearest).norm();
                if best.is_none_or(|(least, _)| distance < least) {
                    best = Some((distance, nearest));
                }
            }
        }
        best.map(|(_, place)| place)
    }

    /// A place outside that can be reached from `from` within `step` and is near `wanted`.
    fn beside(&self, from: Point2, wanted: Point2, step: f64) -> Option<Point2> {
        if !self.holds(wanted) {
            return Some(wanted);
        }
        [wanted, from].into_iter().find_map(|place| {
            let border = self.border(place)?;
            let out = border - place;
            let way = out.norm();
            let sign = if self.holds(place) { 1.0 } else { -1.0 };
            let beyond = border + out * (sign * BESIDE_MM / way.max(1e-9));
            let is_near = (beyond - from).norm() <= step + 2.0 * BESIDE_MM;
            (is_near && !self.holds(beyond)).then_some(beyond)
        })
    }
}

/// Brings all branches down by one layer, and makes one of those that meet.
fn descend(branches: &mut Vec<Branch>, way: &Obstacle, step: f64, height: f64) {
    let before: Vec<Branch> = std::mem::take(branches);
    let moves = meetings(&before, step);
    let moved: Vec<Branch> = before
        .par_iter()
        .zip(moves)
        .map(|(branch, way_to_meet)| {
            let length = branch.length + height;
            let wanted = branch.at + way_to_meet;
            match way.beside(branch.at, wanted, step) {
                Some(at) => Branch { at, length, is_shut_in: false },
                None => Branch { length, is_shut_in: true, ..*branch },
            }
        })
        .collect();
    for branch in moved {
        let met = branches.iter_mut().find(|other| {
            other.is_shut_in == branch.is_shut_in && (other.at - branch.at).norm() < MET_MM
        });
        match met {
            Some(other) => other.length = other.length.max(branch.length),
            None => branches.push(branch),
        }
    }
}

/// How each branch moves to meet another, mm: the nearest pairs meet halfway, and who is left over goes to its nearest.
fn meetings(branches: &[Branch], step: f64) -> Vec<Vector2> {
    let nearest: Vec<Vec<(f64, usize)>> =
        (0..branches.len()).into_par_iter().map(|index| neighbors(branches, index)).collect();
    let mut pairs: Vec<(f64, usize, usize)> = nearest
        .iter()
        .enumerate()
        .flat_map(|(one, others)| {
            others.iter().map(move |&(distance, other)| (distance, one, other))
        })
        .filter(|(_, one, other)| {
            one < other || !nearest[*other].iter().any(|(_, back)| back == one)
        })
        .collect();
    pairs.sort_by(|a, b| a.0.total_cmp(&b.0).then((a.1, a.2).cmp(&(b.1, b.2))));
    let mut moves = vec![None; branches.len()];
    let toward = |from: usize, to: usize, share: f64| {
        let way = branches[to].at - branches[from].at;
        way * (step.min(share * way.norm()) / way.norm().max(1e-9))
    };
    for (_, one, other) in pairs {
        if moves[one].is_none() && moves[other].is_none() {
            moves[one] = Some(toward(one, other, 0.5));
            moves[other] = Some(toward(other, one, 0.5));
        }
    }
    moves
        .into_iter()
        .enumerate()
        .map(|(index, found)| match (found, nearest[index].first()) {
            (Some(way), _) => way,
            (None, Some(&(_, other))) => toward(index, other, 1.0),
            (None, None) => Vector2::zeros(),
        })
        .collect()
}

/// Distances and indices of the nearest branches that one may meet, nearest first.
fn neighbors(branches: &[Branch], index: usize) -> Vec<(f64, usize)> {
    if branches[index].is_shut_in {
        return Vec::new();
    }
    let mut found: Vec<(f64, usize)> = branches
        .iter()
        .enumerate()
        .filter(|(other, branch)| *other != index && !branch.is_shut_in)
        .map(|(other, branch)| ((branch.at - branches[index].at).norm(), other))
        .filter(|(distance, _)| *distance < MEETING_MM)
        .collect();
    let order = |a: &(f64, usize), b: &(f64, usize)| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1));
    if found.len() > NEIGHBORS {
        found.select_nth_unstable_by(NEIGHBORS, order);
        found.truncate(NEIGHBORS);
    }
    found.sort_by(order);
    found
}

/// Sets tips under what is held: on a grid of the bed, and along borders that the grid misses.
fn sprout(branches: &mut Vec<Branch>, held: &Region, way: &Obstacle) {
    let area = Obstacle::of(held);
    for place in places(&area, held) {
        let is_held = branches.iter().any(|branch| {
            branch.length < FRESH_MM && (branch.at - place).norm() < 0.8 * TIP_SPACING_MM
        });
        if !is_held {
            let is_shut_in = way.holds(place);
            branches.push(Branch { at: place, length: 0.0, is_shut_in });
        }
    }
}

/// Where tips may be set in an area.
fn places(area: &Obstacle, held: &Region) -> Vec<Point2> {
    let corners = || area.loops.iter().flatten();
    let far = f64::INFINITY;
    let low = corners().fold(Point2::new(far, far), |low, point| low.inf(point));
    let high = corners().fold(Point2::new(-far, -far), |high, point| high.sup(point));
    let mut found = Vec::new();
    let cell = |value: f64| (value / TIP_SPACING_MM).ceil() as i64;
    for row in cell(low.y)..=cell(high.y) {
        for column in cell(low.x)..=cell(high.x) {
            let place = Point2::new(column as f64 * TIP_SPACING_MM, row as f64 * TIP_SPACING_MM);
            if area.holds(place) {
                found.push(place);
            }
        }
    }
    let inner = held.grown(-TIP_RADIUS_MM / 2.0);
    let borders = if inner.is_empty() { area.loops.clone() } else { inner.loops() };
    for border in borders {
        let mut since = f64::INFINITY;
        for (index, &from) in border.iter().enumerate() {
            let way = border[(index + 1) % border.len()] - from;
            let pieces = (way.norm() / (TIP_SPACING_MM / 2.0)).ceil().max(1.0);
            for piece in 0..pieces as usize {
                if since >= TIP_SPACING_MM {
                    found.push(from + way * (piece as f64 / pieces));
                    since = 0.0;
                }
                since += way.norm() / pieces;
            }
        }
    }
    found
}

/// A branch's section.
fn disc(branch: &Branch) -> Vec<Point2> {
    // A polygon of the same area as the circle.
    let turn = TAU / SIDES as f64;
    let radius = branch.radius() * (turn / turn.sin()).sqrt();
    (0..SIDES)
        .map(|side| {
            let (sin, cos) = (side as f64 * turn).sin_cos();
            branch.at + Vector2::new(cos, sin) * radius
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::region::tests::rectangle;
    use crate::settings::SupportStyle;
    use crate::support;

    fn trees() -> Supports {
        Supports { style: SupportStyle::Tree, ..Supports::default() }
    }

    /// A post of 100 layers with a wide deck on top.
    fn mushroom() -> Vec<Region> {
        let post = rectangle([-5.0, -5.0], [5.0, 5.0]);
        let deck = rectangle([-25.0, -25.0], [25.0, 25.0]);
        [vec![post; 100], vec![deck; 5]].concat()
    }

    #[test]
    fn branches_run_together_and_keep_clear() {
        let outlines = mushroom();
        let stack = LayerStack::even(105, 0.2);
        let tree = support::plan(&outlines, &stack, 0.2, &trees());
        let grid = support::plan(&outlines, &stack, 0.2, &Supports::default());
        assert!((tree.overhang_mm2 - grid.overhang_mm2).abs() < 1e-9);
        let area = |plan: &support::SupportPlan, layer: usize| plan.layers[layer].whole().area();
        // One layer of air, then two of interface under all of the deck.
        assert!(area(&tree, 99) < 1e-9 && area(&grid, 99) < 1e-9);
        assert!((area(&tree, 98) - area(&grid, 98)).abs() < 0.02 * area(&grid, 98));
        let volumes =
            [&tree, &grid].map(|plan| (0..98).map(|layer| area(plan, layer)).sum::<f64>());
        assert!(volumes[0] < 0.35 * volumes[1], "{volumes:?}");
        let pieces = |layer: usize| tree.layers[layer].body.clone().pieces().len();
        assert!(pieces(90) > 50 && pieces(0) < pieces(90) / 6, "{} {}", pieces(90), pieces(0));
        for (layer, support) in tree.layers.iter().enumerate() {
            let clearance = outlines[layer].grown(trees().side_gap_mm - 0.05);
            let shared = support.whole().intersection(&clearance).area();
            assert!(shared < 1e-6, "layer {layer}: {shared}");
        }
    }

    #[test]
    fn every_branch_stands_on_the_layer_below() {
        let outlines = mushroom();
        let stack = LayerStack::even(105, 0.2);
        let tree = support::plan(&outlines, &stack, 0.2, &trees());
        let step = LEAN_DEG.to_radians().tan() * 0.2 + 0.1;
        for layer in 1..97 {
            let below = tree.layers[layer - 1].whole().grown(step);
            let loose = tree.layers[layer].whole().minus(&[&below]);
            assert!(loose.area() < 0.05, "layer {layer}: {} mm² in the air", loose.area());
        }
    }

    #[test]
    fn a_branch_that_is_shut_in_stands_on_the_part() {
        // A box without a lid but for a bridge of a deck over its floor.
        let floor = rectangle([-20.0, -20.0], [20.0, 20.0]);
        let walls = floor.minus(&[&rectangle([-15.0, -15.0], [15.0, 15.0])]);
        let outlines = [vec![floor.clone(); 5], vec![walls; 40], vec![floor; 4]].concat();
        let plan = support::plan(&outlines, &LayerStack::even(49, 0.2), 0.2, &trees());
        assert!(plan.layers[..5].iter().all(|layer| layer.whole().is_empty()));
        assert!(plan.layers[7].body.area() > 50.0, "{}", plan.layers[7].body.area());
    }
}
