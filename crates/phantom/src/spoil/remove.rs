//! Parts of the surface that the scanner did not see.

use geometry::{Point3, TriMesh, Vector3};

use super::Region;
use super::triangles::{drop_unused, vertex_normals};
use crate::Truth;
use crate::random::Random;

/// Keeps the triangles for which `keep` holds, and the vertices that they need.
fn retain(mesh: &mut TriMesh, keep: impl Fn([Point3; 3]) -> bool) {
    let vertices = std::mem::take(&mut mesh.vertices);
    mesh.triangles.retain(|triangle| keep(triangle.map(|index| vertices[index as usize])));
    mesh.vertices = vertices;
    drop_unused(mesh);
}

/// How far a surface may lean over and still face down or up: cosine with the vertical.
const FACES_DOWN: f64 = 0.3;

fn normal_of([a, b, c]: [Point3; 3]) -> Vector3 {
    (b - a).cross(&(c - a)).try_normalize(0.0).unwrap_or_default()
}

fn middle([a, b, c]: [Point3; 3]) -> Point3 {
    Point3::from((a.coords + b.coords + c.coords) / 3.0)
}

/// The holes of [`super::Spoiler::Holes`].
#[derive(Clone, Copy)]
pub(super) struct Holes {
    pub(super) count: usize,
    pub(super) radius_mm: f64,
    pub(super) region: Region,
}

pub(super) fn holes(mesh: &mut TriMesh, truth: &Truth, holes: Holes, random: &mut Random) {
    let inside = |corners: [Point3; 3]| {
        let (at, normal) = (middle(corners), normal_of(corners));
        let along = (at.y - truth.heel_back.y) / truth.length_mm;
        let down = normal.z < -FACES_DOWN && at.z < 0.15 * truth.length_mm;
        let medial = at.x * truth.outward() < 0.0;
        match holes.region {
            Region::Sole => down,
            Region::Heel => down && along < 0.25,
            Region::Ball => down && (0.6..0.75).contains(&along),
            Region::Arch => down && medial && (0.33..0.52).contains(&along),
            Region::Instep => normal.z > FACES_DOWN && (0.35..0.7).contains(&along),
            Region::Anywhere => true,
        }
    };
    let candidates: Vec<Point3> =
        mesh.corner_points().filter(|corners| inside(*corners)).map(middle).collect();
    if candidates.is_empty() {
        return;
    }
    let centers: Vec<Point3> =
        (0..holes.count).map(|_| candidates[random.index(candidates.len())]).collect();
    let radius_squared = holes.radius_mm * holes.radius_mm;
    retain(mesh, |corners| {
        let at = middle(corners);
        centers.iter().all(|center| (at - center).norm_squared() > radius_squared)
    });
}

pub(super) fn open_top(mesh: &mut TriMesh) {
    let top = mesh.bounds().map_or(0.0, |(_, high)| high.z);
    retain(mesh, |corners| corners.iter().any(|corner| corner.z < top - 0.5));
}

pub(super) fn sole(mesh: &mut TriMesh, below_mm: f64) {
    retain(mesh, |corners| middle(corners).z > below_mm || normal_of(corners).z > -FACES_DOWN);
}

/// Highest part of the sole, as a share of the foot's length: the arch of a high foot is 0.11.
const SOLE_SHARE: f64 = 0.16;

pub(super) fn flatten_sole(mesh: &mut TriMesh) {
    let length = mesh.bounds().map_or(0.0, |(low, high)| high.y - low.y);
    let normals = vertex_normals(mesh);
    for (vertex, normal) in mesh.vertices.iter_mut().zip(&normals) {
        if normal.z < -FACES_DOWN && vertex.z < SOLE_SHARE * length {
            vertex.z = 0.0;
        }
    }
}

/// A scanner below a plate sees what faces down, and a little of the upright walls.
const SEEN_FROM_BELOW: f64 = 0.1;

pub(super) fn all_but_sole(mesh: &mut TriMesh, below_mm: f64) {
    retain(mesh, |corners| middle(corners).z < below_mm && normal_of(corners).z < SEEN_FROM_BELOW);
}

pub(super) fn behind(mesh: &mut TriMesh, y: f64) {
    retain(mesh, |corners| corners.iter().all(|corner| corner.y > y));
}

pub(super) fn before(mesh: &mut TriMesh, y: f64) {
    retain(mesh, |corners| corners.iter().all(|corner| corner.y < y));
}
