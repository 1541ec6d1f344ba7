use geometry::Point2;

use super::*;

fn sheet(low: Point2, high: Point2, z: f64) -> TriMesh {
    let corner = |x: f64, y: f64| Point3::new(x, y, z);
    TriMesh {
        vertices: vec![
            corner(low.x, low.y),
            corner(high.x, low.y),
            corner(high.x, high.y),
            corner(low.x, high.y),
        ],
        triangles: vec![[0, 1, 2], [0, 2, 3]],
    }
}

fn with(mesh: &TriMesh, other: &TriMesh) -> TriMesh {
    let first = mesh.vertices.len() as u32;
    let mut both = mesh.clone();
    both.vertices.extend(&other.vertices);
    both.triangles.extend(other.triangles.iter().map(|t| t.map(|index| index + first)));
    both
}

fn block() -> TriMesh {
    TriMesh::cuboid(Point3::new(-50.0, -130.0, 0.0), Point3::new(50.0, 130.0, 80.0))
}

#[test]
fn a_block_keeps_its_own_planes() {
    let mut findings = Findings::new();
    let parts = parts(&block(), None, &mut findings);
    assert_eq!(parts.len(), 1);
    assert_eq!(parts[0].mesh.triangles.len(), 12);
    assert!(!findings.has("scene-planes"));
}

#[test]
fn floor_and_board_are_taken_out() {
    let floor = sheet(Point2::new(-150.0, -250.0), Point2::new(150.0, 250.0), -1.0);
    let board = sheet(Point2::new(-150.0, 0.0), Point2::new(150.0, 250.0), 0.0)
        .map_vertices(|p| Point3::new(p.x, -150.0, p.y));
    let mut findings = Findings::new();
    let parts = parts(&with(&with(&block(), &floor), &board), None, &mut findings);
    assert_eq!(parts.len(), 1);
    assert_eq!(parts[0].mesh.triangles.len(), 12);
    assert_eq!(parts[0].mesh.bounds(), block().bounds());
    assert!(findings.has("scene-planes"));
}

#[test]
fn a_block_that_grew_onto_the_floor_is_cut_and_closed() {
    // The block without its underside, on a floor with a hole: one surface. Its top is smaller, as a
    // lid over an ankle is, since nothing lies under it.
    let mut mesh = block();
    for vertex in &mut mesh.vertices {
        if vertex.z > 0.0 {
            (vertex.x, vertex.y) = (0.4 * vertex.x, 0.4 * vertex.y);
        }
    }
    mesh.triangles.drain(..2);
    let outer: Vec<u32> = [(-150.0, -250.0), (150.0, -250.0), (150.0, 250.0), (-150.0, 250.0)]
        .iter()
        .map(|&(x, y)| {
            mesh.vertices.push(Point3::new(x, y, 0.0));
            mesh.vertices.len() as u32 - 1
        })
        .collect();
    let inner = [0_u32, 1, 3, 2];
    for side in 0..4 {
        let next = (side + 1) % 4;
        mesh.triangles.push([outer[side], outer[next], inner[next]]);
        mesh.triangles.push([outer[side], inner[next], inner[side]]);
    }
    let mut findings = Findings::new();
    let parts = parts(&mesh, None, &mut findings);
    assert_eq!(parts.len(), 1);
    assert!(findings.has("floor-cut"));
    let plane = parts[0].floor.unwrap();
    assert!((plane.normal.z.abs() - 1.0).abs() < 1e-9 && plane.offset.abs() < 1e-9, "{plane:?}");
    let (low, high) = parts[0].mesh.bounds().unwrap();
    assert!((high - low - Vector3::new(100.0, 260.0, 80.0)).norm() < 8.0, "{low} {high}");
    let strips = parts[0].mesh.corner_points().filter(|c| c.iter().all(|p| p.z.abs() < 1e-6));
    let closing: f64 = strips.map(|[a, b, c]| (b - a).cross(&(c - a)).norm() / 2.0).sum();
    assert!((closing / (100.0 * 260.0) - 1.0).abs() < 0.06, "{closing} mm² close the opening");
}
