//! A designed part as the simulation sees it: places of its surface, with their normals.

use std::collections::HashSet;

use geometry::{Point3, TriMesh};

use crate::engraving::Grooves;
use crate::plan_view::PlanView;
use crate::stock::Probe;

/// Distance of places on the surface, mm: no simple share of a usual step-over, so that places fall on every part of
/// a scallop.
const SPACING_MM: f64 = 0.29;
/// Distance of places on the rim, mm.
const RIM_SPACING_MM: f64 = 0.2;
/// Surfaces steeper than this (87°) are walls: a tool may gouge them, and nothing is left on them.
const WALL_UPRIGHT: f64 = 0.05;
/// Distance of places on walls, mm.
const WALL_SPACING_MM: f64 = 1.0;
/// A place this far below what is seen from above is hidden, mm.
const HIDDEN_MM: f64 = 0.05;
/// Most places on rim and walls together.
const MOST_PLACES: usize = 2_000_000;

/// A part in program coordinates.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    mesh: TriMesh,
    /// Lines engraved into its surface.
    grooves: Option<Grooves>,
    /// Another program has made the surface: this one may not cut into it, and nothing is left by it.
    is_made: bool,
}

impl Model {
    /// A part whose mesh is in program coordinates. Only what is seen from above is compared.
    #[must_use]
    pub const fn new(mesh: TriMesh) -> Self {
        Self { mesh, grooves: None, is_made: false }
    }

    /// The same part with lines engraved into it.
    pub(crate) fn engraved(self, grooves: Grooves) -> Self {
        Self { grooves: Some(grooves), ..self }
    }

    /// The same part whose surface other programs make: nothing is left on it, and nothing may cut into it.
    pub(crate) fn made_by_others(self) -> Self {
        Self { is_made: true, ..self }
    }

    /// The mesh, program coordinates.
    #[must_use]
    pub const fn mesh(&self) -> &TriMesh {
        &self.mesh
    }

    /// Places of the surface that is seen from above, of its rim, and of upright walls.
    pub(crate) fn probes(&self) -> Vec<Probe> {
        let view = PlanView::new(&self.mesh, 1.0, SPACING_MM);
        let upright: Vec<f64> = (0..self.mesh.triangles.len())
            .map(|triangle| {
                let normal = self.mesh.scaled_normal(triangle);
                let length = normal.norm();
                if length > 0.0 { normal.z / length } else { 0.0 }
            })
            .collect();
        let mut probes: Vec<Probe> = view
            .nodes()
            .map(|(place, triangle)| {
                let upright = upright[triangle as usize].abs();
                let upright = if upright < WALL_UPRIGHT { 0.0 } else { upright };
                Probe { place, upright, is_rim: false }
            })
            .collect();
        let is_seen = |place: &Point3| {
            view.outside(place.x, place.y)
                .is_none_or(|(outside, top)| outside > 0.0 || top < place.z + HIDDEN_MM)
        };
        self.add_rim(&upright, is_seen, &mut probes);
        self.add_walls(&upright, is_seen, &mut probes);
        if self.is_made {
            probes.iter_mut().for_each(|probe| probe.upright = 0.0);
        }
        if let Some(grooves) = &self.grooves {
            grooves.change(&mut probes);
        }
        probes
    }

    /// Places along edges where a surface that faces up ends, seen from above.
    fn add_rim(&self, upright: &[f64], is_seen: impl Fn(&Point3) -> bool, probes: &mut Vec<Probe>) {
        for ([from, to], facing) in rim_edges(&self.mesh, upright, WALL_UPRIGHT) {
            let [a, b] = [from, to].map(|index| self.mesh.vertices[index as usize]);
            let pieces = ((b - a).norm() / RIM_SPACING_MM).ceil().clamp(1.0, 1e4) as usize;
            for piece in 0..pieces {
                let place = a + (b - a) * (piece as f64 / pieces as f64);
                if probes.len() < MOST_PLACES * 4 && is_seen(&place) {
                    probes.push(Probe { place: place.into(), upright: facing, is_rim: true });
                }
            }
        }
    }

    fn add_walls(
        &self,
        upright: &[f64],
        is_seen: impl Fn(&Point3) -> bool,
        probes: &mut Vec<Probe>,
    ) {
        // Fine triangles would give a place each, a hundred times as many as are asked for.
        let mut taken: HashSet<[i32; 3]> = HashSet::new();
        for (triangle, upright) in upright.iter().enumerate() {
            if upright.abs() >= WALL_UPRIGHT || taken.len() > MOST_PLACES {
                continue;
            }
            let [a, b, c] = self.mesh.corners(triangle);
            let longest = (b - a).norm().max((c - a).norm()).max((c - b).norm());
            let pieces = (longest / WALL_SPACING_MM).ceil().clamp(1.0, 200.0) as usize;
            for i in 0..pieces {
                for j in 0..pieces - i {
                    let share = |step: usize| (step as f64 + 1.0 / 3.0) / pieces as f64;
                    let place = a + (b - a) * share(i) + (c - a) * share(j);
                    let cube = [0, 1, 2].map(|axis| (place[axis] / WALL_SPACING_MM).floor() as i32);
                    if is_seen(&place) && taken.insert(cube) {
                        probes.push(Probe { place: place.into(), upright: 0.0, is_rim: false });
                    }
                }
            }
        }
    }
}

/// Edges between a surface that faces up, its normal more than `least` upright, and one that does not, or
/// nothing: vertices in the direction of the upper surface, which lies on the left, and how upright its normal
/// is. In the order of triangles.
pub(crate) fn rim_edges(mesh: &TriMesh, upright: &[f64], least: f64) -> Vec<([u32; 2], f64)> {
    let facing = || {
        let all = mesh.triangles.iter().zip(upright);
        all.filter(|(_, upright)| **upright >= least)
    };
    let edges = |[a, b, c]: [u32; 3]| [[a, b], [b, c], [c, a]];
    // Ends of the edges that leave each vertex, one vertex after the other, sorted: a hash takes ten times as long.
    let mut starts = vec![0_u32; mesh.vertices.len() + 1];
    for (corners, _) in facing() {
        corners.iter().for_each(|from| starts[*from as usize + 1] += 1);
    }
    for vertex in 0..mesh.vertices.len() {
        starts[vertex + 1] += starts[vertex];
    }
    let mut next = starts.clone();
    let mut ends = vec![0_u32; starts[mesh.vertices.len()] as usize];
    for [from, to] in facing().flat_map(|(corners, _)| edges(*corners)) {
        ends[next[from as usize] as usize] = to;
        next[from as usize] += 1;
    }
    let leaving = |from: u32| starts[from as usize] as usize..starts[from as usize + 1] as usize;
    for from in 0..mesh.vertices.len() as u32 {
        ends[leaving(from)].sort_unstable();
    }
    let is_edge = |from: u32, to: u32| ends[leaving(from)].binary_search(&to).is_ok();
    let mut rim = Vec::new();
    for (corners, upright) in facing() {
        for [from, to] in edges(*corners) {
            if !is_edge(to, from) {
                rim.push(([from, to], *upright));
            }
        }
    }
    rim
}
