//! PLY, binary: vertices in single precision, faces with the color of their zone.

use geometry::TriMesh;

use crate::zones::Zones;

/// The mesh as a binary PLY file in millimeters, every face in the color of its zone.
#[must_use]
pub fn ply_bytes(mesh: &TriMesh, zones: &Zones, title: &str) -> Vec<u8> {
    let title: String =
        title.chars().filter(|letter| letter.is_ascii_graphic() || *letter == ' ').collect();
    let mut bytes = format!(
        "ply\nformat binary_little_endian 1.0\ncomment Solewright {title}\ncomment unit millimeter, z up\n\
         element vertex {}\nproperty float x\nproperty float y\nproperty float z\n\
         element face {}\nproperty list uchar int vertex_indices\n\
         property uchar red\nproperty uchar green\nproperty uchar blue\nend_header\n",
        mesh.vertices.len(),
        mesh.triangles.len()
    )
    .into_bytes();
    bytes.reserve(12 * mesh.vertices.len() + 16 * mesh.triangles.len());
    for point in &mesh.vertices {
        for value in point.iter() {
            bytes.extend((*value as f32 + 0.0).to_le_bytes());
        }
    }
    for (index, triangle) in mesh.triangles.iter().enumerate() {
        bytes.push(3);
        for &vertex in triangle {
            bytes.extend((vertex as i32).to_le_bytes());
        }
        bytes.extend(zones.zones()[usize::from(zones.of(index))].color);
    }
    bytes
}
