//! The same surface in other triangles.

use std::collections::BTreeMap;

use geometry::{Point3, TriMesh, Vector3};

use crate::random::Random;

/// Area-weighted unit normals of the vertices; zero where there is none.
pub(crate) fn vertex_normals(mesh: &TriMesh) -> Vec<Vector3> {
    let mut normals = vec![Vector3::zeros(); mesh.vertices.len()];
    for (index, triangle) in mesh.triangles.iter().enumerate() {
        let normal = mesh.scaled_normal(index);
        for &vertex in triangle {
            normals[vertex as usize] += normal;
        }
    }
    normals.iter().map(|normal| normal.try_normalize(0.0).unwrap_or_default()).collect()
}

/// Adds another surface that shares no vertex.
pub(super) fn append(mesh: &mut TriMesh, other: &TriMesh) {
    let offset = mesh.vertices.len() as u32;
    mesh.vertices.extend_from_slice(&other.vertices);
    mesh.triangles.extend(other.triangles.iter().map(|t| t.map(|index| index + offset)));
}

/// Drops vertices that no triangle uses; the others keep their order.
pub(super) fn drop_unused(mesh: &mut TriMesh) {
    let mut new_index = vec![u32::MAX; mesh.vertices.len()];
    for &vertex in mesh.triangles.as_flattened() {
        new_index[vertex as usize] = 0;
    }
    let mut vertices = Vec::with_capacity(mesh.vertices.len());
    for (index, vertex) in new_index.iter_mut().zip(&mesh.vertices) {
        if *index == 0 {
            *index = vertices.len() as u32;
            vertices.push(*vertex);
        }
    }
    mesh.vertices = vertices;
    for triangle in &mut mesh.triangles {
        *triangle = triangle.map(|vertex| new_index[vertex as usize]);
    }
}

/// Vertex clustering (Rossignac and Borrel 1993), but each cluster is represented by its vertex
/// nearest to the mean, which keeps vertices on the skin.
pub(super) fn decimate(mesh: &mut TriMesh, cell_mm: f64) {
    let cell = |point: &Point3| [0, 1, 2].map(|axis| (point[axis] / cell_mm).floor() as i64);
    let mut clusters: BTreeMap<[i64; 3], Vec<u32>> = BTreeMap::new();
    for (index, vertex) in mesh.vertices.iter().enumerate() {
        clusters.entry(cell(vertex)).or_default().push(index as u32);
    }
    let mut representative = vec![0; mesh.vertices.len()];
    for members in clusters.values() {
        let at = |index: u32| mesh.vertices[index as usize].coords;
        let mean = members.iter().map(|&index| at(index)).sum::<Vector3>() / members.len() as f64;
        let nearest = members.iter().copied().min_by(|&a, &b| {
            (at(a) - mean).norm_squared().total_cmp(&(at(b) - mean).norm_squared())
        });
        for &member in members {
            representative[member as usize] = nearest.unwrap_or(member);
        }
    }
    for triangle in &mut mesh.triangles {
        *triangle = triangle.map(|index| representative[index as usize]);
    }
    mesh.triangles.retain(|[a, b, c]| a != b && b != c && c != a);
    drop_unused(mesh);
}

pub(super) fn subdivide(mesh: &mut TriMesh) {
    let mut halves: BTreeMap<(u32, u32), u32> = BTreeMap::new();
    let mut triangles = Vec::with_capacity(4 * mesh.triangles.len());
    for &[a, b, c] in &mesh.triangles {
        let mut half = |from: u32, to: u32| {
            *halves.entry((from.min(to), from.max(to))).or_insert_with(|| {
                let (from, to) = (mesh.vertices[from as usize], mesh.vertices[to as usize]);
                mesh.vertices.push(nalgebra::center(&from, &to));
                mesh.vertices.len() as u32 - 1
            })
        };
        let (ab, bc, ca) = (half(a, b), half(b, c), half(c, a));
        triangles.extend([[a, ab, ca], [ab, b, bc], [ca, bc, c], [ab, bc, ca]]);
    }
    mesh.triangles = triangles;
}

pub(super) fn unweld(mesh: &mut TriMesh, apart_mm: f64, random: &mut Random) {
    let mut vertices = Vec::with_capacity(3 * mesh.triangles.len());
    for corner in mesh.corner_points().flatten() {
        vertices.push(corner + random.direction() * random.between(0.0, 0.5 * apart_mm));
    }
    mesh.triangles =
        (0..mesh.triangles.len() as u32).map(|t| [3 * t, 3 * t + 1, 3 * t + 2]).collect();
    mesh.vertices = vertices;
}

pub(super) fn duplicate(mesh: &mut TriMesh, share: f64, random: &mut Random) {
    let copies: Vec<[u32; 3]> =
        mesh.triangles.iter().copied().filter(|_| random.unit() < share).collect();
    mesh.triangles.extend(copies);
}

pub(super) fn shuffle(mesh: &mut TriMesh, random: &mut Random) {
    let mut order: Vec<u32> = (0..mesh.vertices.len() as u32).collect();
    random.shuffle(&mut order);
    let mut new_index = vec![0; order.len()];
    for (new, &old) in order.iter().enumerate() {
        new_index[old as usize] = new as u32;
    }
    mesh.vertices = order.iter().map(|&old| mesh.vertices[old as usize]).collect();
    for triangle in &mut mesh.triangles {
        *triangle = triangle.map(|old| new_index[old as usize]);
        triangle.rotate_left(random.index(3));
    }
    random.shuffle(&mut mesh.triangles);
}

pub(super) fn turn_some(mesh: &mut TriMesh, share: f64, random: &mut Random) {
    for triangle in &mut mesh.triangles {
        if random.unit() < share {
            triangle.swap(1, 2);
        }
    }
}

/// Length of a flap, in edges of its triangle.
const FLAP_EDGES: f64 = 0.7;

pub(super) fn add_flaps(mesh: &mut TriMesh, count: usize, random: &mut Random) {
    let triangles = mesh.triangles.len();
    if triangles == 0 {
        return;
    }
    for _ in 0..count {
        let index = random.index(triangles);
        let [a, b, c] = mesh.corners(index);
        let normal = (b - a).cross(&(c - a)).try_normalize(0.0).unwrap_or_default();
        let tip = nalgebra::center(&a, &b) + normal * (FLAP_EDGES * (b - a).norm());
        let [from, to, _] = mesh.triangles[index];
        mesh.triangles.push([from, to, mesh.vertices.len() as u32]);
        mesh.vertices.push(tip);
    }
}
