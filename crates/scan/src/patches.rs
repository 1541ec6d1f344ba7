//! Gives the triangles of every patch one winding, and turns patches outward.
//!
//! A patch is a surface that hangs together over edges of exactly two triangles, so that one winding
//! decides all others.

use std::collections::HashMap;

use crate::raw::Indexed;
use crate::topology::{KNOT, OPEN, Topology, ends, next};
use crate::vector::{cross, dot, minus, plus, times};

/// The patches of a mesh.
pub(crate) struct Patches {
    /// The patch of every triangle.
    pub(crate) of_triangle: Vec<u32>,
    pub(crate) all: Vec<Patch>,
    /// Triangles that ran against most of their patch and were turned.
    pub(crate) turned: usize,
}

/// What is known of one patch.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Patch {
    /// In the file's unit squared.
    pub(crate) area: f64,
    /// Whether its shape tells inside from outside.
    pub(crate) is_outward: bool,
    /// Whether it was inside out as a whole, and was turned.
    pub(crate) was_inside_out: bool,
    /// Whether it has one side only, like a Möbius band.
    pub(crate) is_one_sided: bool,
}

/// Largest area of the surface that would close a patch, as a share of the patch's own area, with
/// which the patch still tells inside from outside. A foot cut above the ankle needs 0.05, a foot
/// without its dorsum about 0.35, a sole alone 0.8, a flat sheet 1.
const MOST_CLOSING_SHARE: f64 = 0.3;

impl Patches {
    /// Finds the patches and turns triangles.
    pub(crate) fn orient(mesh: &mut Indexed, topology: &mut Topology) -> Self {
        let (Self { of_triangle, mut all, turned }, mut is_turned) = Self::even(mesh, topology);
        let closings = closings(mesh, topology, &of_triangle, all.len());
        for (patch, closing) in all.iter_mut().zip(closings) {
            patch.area = closing.area;
            patch.is_outward = closing.fan < MOST_CLOSING_SHARE * closing.area;
            patch.was_inside_out = patch.is_outward && closing.volume < 0.0;
        }
        if all.iter().any(|patch| patch.was_inside_out) {
            for (&patch, turned) in of_triangle.iter().zip(&mut is_turned) {
                *turned = all[patch as usize].was_inside_out;
            }
            turn(mesh, topology, &is_turned);
        }
        Self { of_triangle, all, turned }
    }

    /// Finds the patches and turns the triangles of each that run against most of it; tells which.
    pub(crate) fn even(mesh: &mut Indexed, topology: &mut Topology) -> (Self, Vec<bool>) {
        let (of_triangle, mut is_turned, all) = walk(&mesh.triangles, topology);
        let mut sizes = vec![(0_usize, 0_usize); all.len()];
        for (&patch, &turned) in of_triangle.iter().zip(&is_turned) {
            let (count, against) = &mut sizes[patch as usize];
            *count += 1;
            *against += usize::from(turned);
        }
        // Turning the minority gives the same surface up to its side, and the finding a fair number.
        let is_majority: Vec<bool> =
            sizes.iter().map(|&(count, against)| 2 * against > count).collect();
        for (&patch, turned) in of_triangle.iter().zip(&mut is_turned) {
            *turned ^= is_majority[patch as usize];
        }
        let turned = sizes.iter().map(|&(count, against)| against.min(count - against)).sum();
        turn(mesh, topology, &is_turned);
        (Self { of_triangle, all, turned }, is_turned)
    }
}

fn turn(mesh: &mut Indexed, topology: &mut Topology, is_turned: &[bool]) {
    if !is_turned.contains(&true) {
        return;
    }
    for (triangle, turned) in mesh.triangles.iter_mut().zip(is_turned) {
        if *turned {
            triangle.swap(1, 2);
        }
    }
    topology.turn(is_turned);
}

/// Walks over every patch from its first triangle; tells the patch of each triangle and whether it
/// must be turned to run as the first one does.
fn walk(triangles: &[[u32; 3]], topology: &Topology) -> (Vec<u32>, Vec<bool>, Vec<Patch>) {
    const NONE: u32 = u32::MAX;
    let mut of_triangle = vec![NONE; triangles.len()];
    let mut is_turned = vec![false; triangles.len()];
    let mut all: Vec<Patch> = Vec::new();
    let mut waiting = Vec::new();
    for seed in 0..triangles.len() {
        if of_triangle[seed] != NONE {
            continue;
        }
        let patch = all.len() as u32;
        all.push(Patch::default());
        of_triangle[seed] = patch;
        waiting.push(seed as u32);
        while let Some(triangle) = waiting.pop() {
            for half_edge in 3 * triangle..3 * triangle + 3 {
                let partner = topology.partners[half_edge as usize];
                if partner >= KNOT {
                    continue;
                }
                let other = (partner / 3) as usize;
                // Two triangles of one winding run along their edge in opposite directions.
                let is_against = !topology.is_even
                    && ends(triangles, half_edge)[0] == ends(triangles, partner)[0];
                let wanted = is_turned[triangle as usize] != is_against;
                if of_triangle[other] == NONE {
                    of_triangle[other] = patch;
                    is_turned[other] = wanted;
                    waiting.push(other as u32);
                } else if is_turned[other] != wanted {
                    all[patch as usize].is_one_sided = true;
                }
            }
        }
    }
    (of_triangle, is_turned, all)
}

/// What would close a patch: fans over its open borders, each from the middle of its loop.
#[derive(Clone, Copy, Debug, Default)]
struct Closing {
    /// Area of the patch itself.
    area: f64,
    /// Area of the fans.
    fan: f64,
    /// Volume enclosed by both: exact for flat openings, such as a cut above the ankle.
    volume: f64,
}

fn closings(
    mesh: &Indexed,
    topology: &Topology,
    of_triangle: &[u32],
    patches: usize,
) -> Vec<Closing> {
    let mut closings = vec![Closing::default(); patches];
    let mut origins: Vec<Option<[f64; 3]>> = vec![None; patches];
    for (triangle, &patch) in mesh.triangles.iter().zip(of_triangle) {
        let corners = triangle.map(|index| mesh.vertices[index as usize]);
        let origin = *origins[patch as usize].get_or_insert(corners[0]);
        let [a, b, c] = corners.map(|corner| minus(corner, origin));
        let normal = cross(minus(b, a), minus(c, a));
        let closing = &mut closings[patch as usize];
        closing.area += dot(normal, normal).sqrt() / 2.0;
        closing.volume += dot(a, normal) / 6.0;
    }
    for border in borders(mesh, topology) {
        let patch = of_triangle[border[0] as usize / 3] as usize;
        let at =
            |index: u32| minus(mesh.vertices[index as usize], origins[patch].unwrap_or([0.0; 3]));
        let sides: Vec<[[f64; 3]; 2]> =
            border.iter().map(|&half_edge| ends(&mesh.triangles, half_edge).map(at)).collect();
        let sum = sides.iter().fold([0.0; 3], |sum, side| plus(sum, side[0]));
        let middle = times(sum, 1.0 / sides.len() as f64);
        for [from, to] in sides {
            let normal = cross(minus(to, middle), minus(from, middle));
            closings[patch].fan += dot(normal, normal).sqrt() / 2.0;
            closings[patch].volume += dot(middle, normal) / 6.0;
        }
    }
    closings
}

/// The half-edges along each border, in the order in which they follow each other; borders where
/// other patches meet among them. Where two borders touch at a vertex they are told apart, so that
/// none visits a vertex twice.
pub(crate) fn borders(mesh: &Indexed, topology: &Topology) -> Vec<Vec<u32>> {
    let is_border = |half_edge: u32| topology.partners[half_edge as usize] >= KNOT;
    let count = topology.partners.len() as u32;
    let mut was_walked = vec![false; count as usize];
    let mut all = Vec::new();
    let mut place_of = HashMap::new();
    for seed in 0..count {
        if !is_border(seed) || was_walked[seed as usize] {
            continue;
        }
        let mut border = Vec::new();
        let mut half_edge = seed;
        // On a one-sided patch the walk can run into itself; then the border ends there.
        while !std::mem::replace(&mut was_walked[half_edge as usize], true) {
            border.push(half_edge);
            half_edge = match following(half_edge, topology, mesh.triangles.len()) {
                Some(following) => following,
                None => break,
            };
        }
        split(border, &mesh.triangles, &mut place_of, &mut all);
    }
    all
}

/// Cuts a border at vertices that it visits twice. `place_of` is empty before and after.
fn split(
    border: Vec<u32>,
    triangles: &[[u32; 3]],
    place_of: &mut HashMap<u32, usize>,
    all: &mut Vec<Vec<u32>>,
) {
    let mut open = Vec::with_capacity(border.len());
    for half_edge in border {
        let [from, _] = ends(triangles, half_edge);
        if let Some(&place) = place_of.get(&from) {
            let ring = open.split_off(place);
            for &edge in &ring {
                place_of.remove(&ends(triangles, edge)[0]);
            }
            all.push(ring);
        }
        place_of.insert(from, open.len());
        open.push(half_edge);
    }
    place_of.clear();
    if !open.is_empty() {
        all.push(open);
    }
}

/// The border half-edge that begins where this one ends, around that vertex.
fn following(half_edge: u32, topology: &Topology, triangles: usize) -> Option<u32> {
    let mut candidate = next(half_edge);
    for _ in 0..triangles {
        match topology.partners[candidate as usize] {
            OPEN | KNOT => return Some(candidate),
            partner => candidate = next(partner),
        }
    }
    None
}
