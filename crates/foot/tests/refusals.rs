//! What is no foot is refused in one sentence that names the number.

use foot::{FootError, FootRequest, find_foot};
use geometry::{Point3, TriMesh};
use vocabulary::{Findings, Side};

/// An ellipsoid with the given half axes.
fn ellipsoid(x: f64, y: f64, z: f64) -> TriMesh {
    let (rings, around) = (40_u32, 60_u32);
    let mut vertices = vec![Point3::new(0.0, 0.0, -z)];
    for ring in 1..rings {
        let polar = std::f64::consts::PI * f64::from(ring) / f64::from(rings);
        for step in 0..around {
            let turn = std::f64::consts::TAU * f64::from(step) / f64::from(around);
            let radius = polar.sin();
            vertices.push(Point3::new(
                x * radius * turn.cos(),
                y * radius * turn.sin(),
                -z * polar.cos(),
            ));
        }
    }
    vertices.push(Point3::new(0.0, 0.0, z));
    let last = vertices.len() as u32 - 1;
    let node = |ring: u32, step: u32| 1 + (ring - 1) * around + step % around;
    let mut triangles = Vec::new();
    for step in 0..around {
        triangles.push([0, node(1, step + 1), node(1, step)]);
        triangles.push([last, node(rings - 1, step), node(rings - 1, step + 1)]);
        for ring in 1..rings - 1 {
            let [a, b] = [node(ring, step), node(ring, step + 1)];
            let [c, d] = [node(ring + 1, step), node(ring + 1, step + 1)];
            triangles.extend([[a, b, c], [b, d, c]]);
        }
    }
    TriMesh { vertices, triangles }
}

fn cuboid(x: f64, y: f64, z: f64) -> TriMesh {
    TriMesh::cuboid(Point3::origin(), Point3::new(x, y, z))
}

fn sheet(x: f64, y: f64) -> TriMesh {
    let corner = |x: f64, y: f64| Point3::new(x, y, 0.0);
    TriMesh {
        vertices: vec![corner(0.0, 0.0), corner(x, 0.0), corner(x, y), corner(0.0, y)],
        triangles: vec![[0, 2, 1], [0, 3, 2]],
    }
}

#[track_caller]
fn refusal(mesh: &TriMesh) -> FootError {
    let found = find_foot(mesh, &FootRequest::new(Side::Right), &mut Findings::new());
    let error = found.map(|foot| foot.measurements).expect_err("this is no foot");
    let message = error.to_string();
    assert!(!message.contains('\n') && message.len() < 250, "{message}");
    error
}

#[test]
fn shapes_that_are_no_feet() {
    for (name, mesh) in [
        ("sphere", ellipsoid(130.0, 130.0, 130.0)),
        ("egg", ellipsoid(50.0, 130.0, 50.0)),
        ("shoe box", cuboid(100.0, 250.0, 80.0)),
        ("narrow box", cuboid(80.0, 250.0, 60.0)),
        ("cube", cuboid(250.0, 250.0, 250.0)),
        ("plank", cuboid(100.0, 300.0, 10.0)),
        ("rod", cuboid(20.0, 260.0, 20.0)),
        ("sheet", sheet(100.0, 260.0)),
    ] {
        let error = refusal(&mesh);
        assert!(matches!(error, FootError::NotAFoot { .. }), "{name}: {error}");
        assert!(error.to_string().contains("not a foot"), "{name}: {error}");
    }
}

#[test]
fn feet_of_impossible_length() {
    let phantom = phantom::generate(&phantom::PhantomSettings {
        resolution_mm: 4.0,
        ..phantom::PhantomSettings::default()
    })
    .unwrap();
    for (scale, expected) in [(0.25, "a foot of 6"), (1.7, "a foot of 44"), (0.001, "0.3 mm")] {
        let scaled = phantom.mesh.map_vertices(|p| p * scale);
        let error = refusal(&scaled);
        assert!(matches!(error, FootError::Length { .. }), "{error}");
        assert!(error.to_string().contains(expected), "{error}");
    }
}

#[test]
fn meshes_without_a_surface() {
    assert_eq!(refusal(&TriMesh::default()), FootError::Empty);
    let mut point = cuboid(100.0, 250.0, 80.0);
    for vertex in &mut point.vertices {
        *vertex = Point3::new(1.0, 2.0, 3.0);
    }
    assert_eq!(refusal(&point), FootError::Empty);
    let mut broken = cuboid(100.0, 250.0, 80.0);
    broken.vertices[3].y = f64::NAN;
    assert_eq!(refusal(&broken), FootError::NotFinite { vertex: 3 });
    let line = TriMesh {
        vertices: vec![Point3::origin(), Point3::new(0.0, 1e-9, 0.0), Point3::new(250.0, 0.0, 0.0)],
        triangles: vec![[0, 1, 2]],
    };
    let error = refusal(&line);
    assert!(matches!(error, FootError::Empty | FootError::NotAFoot { .. }), "{error}");
}
