//! A designed part as the simulation sees it: places of its surface, with their normals.

use std::collections::HashSet;

use geometry::{Point3, TriMesh};

use crate::edges::FacingEdges;
use crate::engraving::Grooves;
use crate::plan_view::PlanView;
use crate::stock::Probe;

/// Distance of places on the surface, mm: no simple share of a usual step-over, so that places fall on every part of
/// a scallop.
const SPACING_MM: f64 = 0.29;
/// Distance of places on the rim, mm.
const RIM_SPACING_MM: f64 = 0.2;
/// Distance of places in creases, mm.
const CREASE_SPACING_MM: f64 = 0.1;
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

    /// Places of the surface that is seen from above, of its rim and its creases, and of upright walls.
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
        let edges = FacingEdges::of(&self.mesh, &upright, WALL_UPRIGHT);
        let mut add = |place: Point3, upright: f64, is_rim: bool| {
            if probes.len() < MOST_PLACES * 4 && is_seen(&place) {
                probes.push(Probe { place: place.into(), upright, is_rim });
            }
        };
        let rim = edges.rim();
        for (ends, facing) in &rim {
            let (pieces, at) = self.along(*ends, RIM_SPACING_MM);
            (0..pieces).for_each(|piece| add(at(piece), *facing, true));
        }
        // What a ball leaves in a crease falls off within a tenth of a millimeter: the grid would miss it. Where a crease
        // ends at the rim, the rim has its place.
        let on_rim = edges.on_rim(&rim);
        for (ends, flatter) in edges.creases() {
            let (pieces, at) = self.along(ends, CREASE_SPACING_MM);
            let [first, end] = ends.map(|end| usize::from(on_rim[end as usize]));
            (first..=pieces - end).for_each(|piece| add(at(piece), flatter, false));
        }
        self.add_walls(&upright, is_seen, &mut probes);
        if self.is_made {
            probes.iter_mut().for_each(|probe| probe.upright = 0.0);
        }
        if let Some(grooves) = &self.grooves {
            grooves.change(&mut probes);
        }
        probes
    }

    /// Places along an edge no farther apart than `spacing` mm: their number, and where they are; both ends count.
    fn along(&self, ends: [u32; 2], spacing: f64) -> (usize, impl Fn(usize) -> Point3) {
        let [a, b] = ends.map(|index| self.mesh.vertices[index as usize]);
        let pieces = ((b - a).norm() / spacing).ceil().clamp(1.0, 1e4) as usize;
        (pieces, move |piece| a + (b - a) * (piece as f64 / pieces as f64))
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
