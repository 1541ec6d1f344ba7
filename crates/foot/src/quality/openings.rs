//! Holes: the openings of the surface beside that of the leg, and what they leave of the sole.

use geometry::{Point3, TriMesh, Vector3};

use super::probe::Cells;
use super::surface::Surface;
use crate::below::View;
use crate::{Foot, Scanned};

/// Openings up to this are specks, cm²: a triangle of a coarse mesh.
pub(super) const SPECK_CM2: f64 = 0.1;

/// An opening of the surface.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Opening {
    pub(super) middle: Point3,
    /// Mean direction out of the opening, unit length.
    pub(super) direction: Vector3,
    pub(super) area_cm2: f64,
    highest: f64,
}

/// Share of the mesh's height that an opening must reach to be that of the leg, or the rim of a scan of
/// the sole only.
const TOP_SHARE: f64 = 0.9;

/// Largest opening of a leg, as a share of the squared length: 135 cm² of a foot of 260 mm, as a strong calf
/// has; its sole has 180 cm².
const LARGEST_LEG_SHARE: f64 = 0.2;

/// All openings but that of the leg, largest first.
pub(super) fn openings(foot: &Foot, surface: &Surface, cells: &Cells) -> Vec<Opening> {
    let loops = loops(surface);
    // Only a mesh of several pieces has seams between them.
    let is_seam = |corners: &[u32]| {
        loops.len() > 1 && on_surface_share(&foot.mesh, cells, corners) > SEAM_SHARE
    };
    let mut openings: Vec<Opening> = loops
        .iter()
        .filter(|corners| !is_seam(corners))
        .filter_map(|corners| opening(&foot.mesh, corners))
        .collect();
    openings.sort_by(|a, b| b.area_cm2.total_cmp(&a.area_cm2));
    let top = foot.mesh.vertices.iter().map(|vertex| vertex.z).fold(f64::NEG_INFINITY, f64::max);
    let leg = openings.iter().position(|opening| opening.highest > TOP_SHARE * top);
    // A sole that is missing lies on top where the foot is taken upside down: it is too large for a leg.
    let most = LARGEST_LEG_SHARE * (foot.measurements.length_mm / 10.0).powi(2);
    let is_sheet = matches!(foot.scanned, Scanned::PlantarSurface | Scanned::FoamImprint);
    if let Some(leg) = leg.filter(|&leg| is_sheet || openings[leg].area_cm2 < most) {
        openings.remove(leg);
    }
    openings
}

/// Share of a border that lies on other surface from which it is the seam of a view that overlaps others,
/// and no hole.
const SEAM_SHARE: f64 = 0.5;

/// How far the other surface may lie from a seam, mm: as far as layers are told apart.
const SEAM_MM: f64 = 6.0;

/// Most places of a border that are looked at.
const SEAM_PLACES: usize = 60;

/// Share of a border's corners that lie over surface which they are not part of.
fn on_surface_share(mesh: &TriMesh, cells: &Cells, corners: &[u32]) -> f64 {
    let stride = corners.len().div_ceil(SEAM_PLACES).max(1);
    let places: Vec<u32> = corners.iter().copied().step_by(stride).collect();
    let covered = places.iter().filter(|&&corner| {
        let place = mesh.vertices[corner as usize];
        let reach = Vector3::repeat(SEAM_MM);
        cells.touching(place - reach, place + reach).any(|triangle| {
            let own = mesh.triangles[triangle as usize].contains(&corner);
            !own && lies_over(place, mesh.corners(triangle as usize))
        })
    });
    covered.count() as f64 / places.len().max(1) as f64
}

/// Whether a point lies straight over or under a triangle, near to it.
fn lies_over(place: Point3, [a, b, c]: [Point3; 3]) -> bool {
    let face = (b - a).cross(&(c - a));
    let distance = face.dot(&(place - a)) / face.norm().max(f64::MIN_POSITIVE);
    let inside = |from: Point3, to: Point3| (to - from).cross(&(place - from)).dot(&face) > 0.0;
    distance.abs() < SEAM_MM && inside(a, b) && inside(b, c) && inside(c, a)
}

/// Chains open edges to closed loops. Where several meet in a vertex, any chain through it will do:
/// their areas add up to the same.
fn loops(surface: &Surface) -> Vec<Vec<u32>> {
    let mut edges = surface.open.clone();
    edges.sort_unstable();
    let mut used = vec![false; edges.len()];
    let mut found = Vec::new();
    for seed in 0..edges.len() {
        let mut chain = Vec::new();
        let mut next = (!used[seed]).then_some(seed);
        while let Some(edge) = next {
            used[edge] = true;
            let [from, to] = edges[edge];
            chain.push(from);
            let first = edges.partition_point(|other| other[0] < to);
            next = (first..edges.len()).take_while(|&i| edges[i][0] == to).find(|&i| !used[i]);
        }
        if chain.len() >= 3 {
            found.push(chain);
        }
    }
    found
}

fn opening(mesh: &TriMesh, corners: &[u32]) -> Option<Opening> {
    let points: Vec<Point3> =
        corners.iter().map(|&corner| mesh.vertices[corner as usize]).collect();
    let sum = points.iter().fold(Vector3::zeros(), |sum, point| sum + point.coords);
    let middle = Point3::from(sum / points.len() as f64);
    // Newell's rule: the loop runs against the surface's outward side, so its own side is inward.
    let twice = (0..points.len()).fold(Vector3::zeros(), |sum, i| {
        sum + (points[i] - middle).cross(&(points[(i + 1) % points.len()] - middle))
    });
    let direction = (-twice).try_normalize(1e-12)?;
    let highest = points.iter().map(|point| point.z).fold(f64::NEG_INFINITY, f64::max);
    Some(Opening { middle, direction, area_cm2: twice.norm() / 200.0, highest })
}

/// Share of the sole's silhouette that has a surface facing the ground, percent; `view` is a look from
/// below on the same grid.
pub(super) fn sole_coverage_pct(foot: &Foot, view: &View) -> Option<f64> {
    let field = &foot.plantar.heights;
    let seen_at = |column: usize, row: usize| {
        let offset = (field.node(column, row) - view.heights.origin) / field.spacing;
        let [x, y] = [offset.x.round(), offset.y.round()];
        let inside = x >= 0.0
            && y >= 0.0
            && (x as usize) < view.heights.columns
            && (y as usize) < view.heights.rows;
        let index = y.max(0.0) as usize * view.heights.columns + x.max(0.0) as usize;
        inside && !view.heights.heights[index].is_nan() && !view.from_inside[index]
    };
    let (mut seen, mut silhouette) = (0_u32, 0_u32);
    for row in 0..field.rows {
        for column in 0..field.columns {
            if !field.at(column, row).is_nan() {
                silhouette += 1;
                seen += u32::from(seen_at(column, row));
            }
        }
    }
    (silhouette > 0).then(|| 100.0 * f64::from(seen) / f64::from(silhouette))
}
