//! Binary STL by `stl_io`.

use geometry::{Point3, TriMesh};

/// The mesh as a binary STL file, facet normals included.
///
/// Coordinates are stored in single precision. A mesh of [`crate::tessellate()`] has such coordinates
/// already; any other is rounded, and very small triangles of it may lose their area.
/// The 80 bytes before the triangles hold as much of `title` as fits, ASCII only.
#[must_use]
pub fn titled_stl_bytes(mesh: &TriMesh, title: &str) -> Vec<u8> {
    let mut bytes = stl_bytes(mesh);
    // A binary file whose head begins with "solid" is taken for text by many readers.
    let head = format!("Solewright {title}");
    let ascii = head.bytes().filter(|byte| byte.is_ascii_graphic() || *byte == b' ').take(80);
    for (place, byte) in bytes.iter_mut().zip(ascii) {
        *place = byte;
    }
    bytes
}

/// The mesh as a binary STL file without a title; see [`titled_stl_bytes`].
#[must_use]
pub fn stl_bytes(mesh: &TriMesh) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(84 + 50 * mesh.triangles.len());
    let facets: Vec<stl_io::Triangle> = mesh.corner_points().map(facet).collect();
    // Writing into memory cannot fail; the only error of the writer is that of its sink.
    let written = stl_io::write_stl(&mut bytes, facets.iter());
    debug_assert!(written.is_ok(), "{written:?}");
    bytes
}

fn facet(corners: [Point3; 3]) -> stl_io::Triangle {
    let [a, b, c] = corners;
    let normal = (b - a).cross(&(c - a)).try_normalize(0.0).unwrap_or_default();
    stl_io::Triangle {
        normal: stl_io::Normal::new(single(normal.into())),
        vertices: corners.map(|corner| stl_io::Vertex::new(single(corner.coords.into()))),
    }
}

/// Rounds, and turns a negative zero, which some readers take for another place than zero, positive.
fn single(coordinates: [f64; 3]) -> [f32; 3] {
    coordinates.map(|value| value as f32 + 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_back_as_the_same_box() {
        let cuboid = TriMesh::cuboid(Point3::new(-1.0, -0.0, 2.0), Point3::new(3.0, 5.0, 4.0));
        let bytes = stl_bytes(&cuboid);
        assert_eq!(bytes.len(), 84 + 50 * 12);
        assert!(!bytes.starts_with(b"solid"), "readers would take it for text");
        let read = stl_io::read_stl(&mut std::io::Cursor::new(bytes)).unwrap();
        assert_eq!(read.vertices.len(), 8, "no negative zeros");
        read.validate().unwrap();
        for (face, corners) in read.faces.iter().zip(cuboid.corner_points()) {
            for (index, corner) in face.vertices.iter().zip(corners) {
                let vertex = read.vertices[*index].0.map(f64::from);
                assert_eq!(vertex, <[f64; 3]>::from(corner.coords));
            }
        }
    }
}
