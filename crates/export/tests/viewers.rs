//! The forms for viewers hold the mesh that they were made from, and the color of every zone.
#![allow(clippy::unwrap_used, reason = "a test")]

use export::{PartMetadata, Zone, Zones, glb_bytes, obj_text, ply_bytes, threemf_bytes};
use geometry::{Point3, TriMesh};

fn part() -> (TriMesh, Zones) {
    let mesh = TriMesh::cuboid(Point3::new(-1.0, -0.0, 2.0), Point3::new(3.0, 5.0, 4.5));
    let zone = |name: &str, color| Zone { name: name.to_owned(), color };
    let zones = vec![zone("top side", [255, 128, 0]), zone("rest \"<&>\"", [0, 0, 255])];
    let of_triangle = (0..mesh.triangles.len())
        .map(|triangle| u8::from(mesh.scaled_normal(triangle).z <= 0.0))
        .collect();
    let zones = Zones::new(zones, of_triangle, &mesh).unwrap();
    (mesh, zones)
}

#[test]
fn obj_holds_vertices_faces_and_groups() {
    let (mesh, zones) = part();
    let text = obj_text(&mesh, &zones, "P-1 left");
    let vertices: Vec<Vec<f64>> = text
        .lines()
        .filter_map(|line| line.strip_prefix("v "))
        .map(|line| line.split(' ').map(|number| number.parse().unwrap()).collect())
        .collect();
    assert!(
        vertices.iter().map(Vec::as_slice).eq(mesh.vertices.iter().map(|p| p.coords.as_slice()))
    );
    let faces: Vec<Vec<usize>> = text
        .lines()
        .filter_map(|line| line.strip_prefix("f "))
        .map(|line| line.split(' ').map(|number| number.parse().unwrap()).collect())
        .collect();
    assert_eq!(faces.len(), 12);
    assert!(faces.iter().flatten().all(|&vertex| (1..=8).contains(&vertex)));
    let groups: Vec<&str> = text.lines().filter(|line| line.starts_with("g ")).collect();
    assert_eq!(groups, ["g top_side", "g rest_\"<&>\""]);
    assert!(text.starts_with("# Solewright P-1 left; millimeters"));
}

#[test]
fn ply_holds_a_color_for_every_face() {
    let (mesh, zones) = part();
    let bytes = ply_bytes(&mesh, &zones, "P-1");
    let end = b"end_header\n";
    let head = bytes.windows(end.len()).position(|window| window == end).unwrap() + end.len();
    assert_eq!(bytes.len(), head + 8 * 12 + 12 * (1 + 12 + 3));
    let first = f32::from_le_bytes(bytes[head..head + 4].try_into().unwrap());
    assert_eq!(f64::from(first), mesh.vertices[0].x);
    let faces = &bytes[head + 96..];
    for (index, face) in faces.chunks_exact(16).enumerate() {
        assert_eq!(face[0], 3);
        let color = if zones.of(index) == 0 { [255, 128, 0] } else { [0, 0, 255] };
        assert_eq!(face[13..], color);
    }
}

#[test]
fn glb_is_a_container_of_two_chunks_with_the_lengths_that_it_says() {
    let (mesh, zones) = part();
    let bytes = glb_bytes(&mesh, &zones, "P-1 \"left\"");
    let word = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap()) as usize;
    assert_eq!(&bytes[..4], b"glTF");
    assert_eq!((word(4), word(8)), (2, bytes.len()));
    let json_length = word(12);
    let json = std::str::from_utf8(&bytes[20..20 + json_length]).unwrap();
    assert_eq!(json_length % 4, 0);
    let binary = 20 + json_length;
    assert_eq!(word(binary), bytes.len() - binary - 8);
    assert!(json.contains(&format!("\"buffers\":[{{\"byteLength\":{}}}]", word(binary))), "{json}");
    // Linear light: the full channel stays 1, the half one is 0.2159.
    assert!(json.contains("\"baseColorFactor\":[1.0000,0.2159,0.0000,1]"), "{json}");
    assert!(json.contains("\"min\":[-1.0, 0.0, 4.5],\"max\":[3.0, 5.0, 4.5]"), "{json}");
    assert!(json.contains("\"name\":\"P-1 \\\"left\\\"\""), "{json}");
    // The top has 4 vertices with normals and 6 indices, the rest 8 and 30.
    assert_eq!(word(binary), 4 * 24 + 6 * 4 + 8 * 24 + 30 * 4);
}

#[test]
fn a_3mf_package_names_its_materials() {
    let (mesh, zones) = part();
    let bytes = threemf_bytes(&mesh, Some(&zones), &PartMetadata::default()).unwrap();
    let models = threemf::read(std::io::Cursor::new(bytes)).unwrap();
    let colored = models[0].resources.object[0].mesh.as_ref().unwrap();
    assert_eq!(colored.triangles.triangle.len(), 12);
}

#[test]
fn zones_must_fit_the_mesh() {
    let (mesh, zones) = part();
    let of = |of_triangle| Zones::new(zones.zones().to_vec(), of_triangle, &mesh);
    assert!(of(vec![0; 11]).is_err() && of(vec![2; 12]).is_err() && of(vec![1; 12]).is_ok());
    assert!(Zones::new(Vec::new(), Vec::new(), &mesh).is_err());
}
