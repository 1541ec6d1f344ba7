//! Writes a scan the way scanners and their programs write it, for readers to be tested with.
//!
//! The bytes are as the formats' descriptions have them, with the peculiarities of real files that
//! are worth a test (a binary STL whose head begins with `solid`, quads in an OBJ, both byte orders
//! of a PLY). Coordinates are written in single precision, as scanners do.

use std::fmt::Write as _;

use geometry::{Point3, TriMesh};
use serde::{Deserialize, Serialize};

/// A file format.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ScanFormat {
    /// Binary STL.
    #[default]
    StlBinary,
    /// Binary STL whose head begins with the word of the text form.
    StlBinaryLying,
    /// Text STL.
    StlText,
    /// Wavefront OBJ.
    Obj,
    /// PLY as text.
    PlyText,
    /// PLY, least byte first.
    PlyLittleEndian,
    /// PLY, greatest byte first.
    PlyBigEndian,
    /// Three numbers a line, no triangles.
    Xyz,
}

impl ScanFormat {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::StlBinary,
        Self::StlBinaryLying,
        Self::StlText,
        Self::Obj,
        Self::PlyText,
        Self::PlyLittleEndian,
        Self::PlyBigEndian,
        Self::Xyz,
    ];

    /// The usual ending of its files, without a dot.
    #[must_use]
    pub const fn extension(self) -> &'static str {
        match self {
            Self::StlBinary | Self::StlBinaryLying | Self::StlText => "stl",
            Self::Obj => "obj",
            Self::PlyText | Self::PlyLittleEndian | Self::PlyBigEndian => "ply",
            Self::Xyz => "xyz",
        }
    }
}

/// The bytes of a file that holds `mesh`. An STL file of a mesh without triangles is empty but for
/// its head.
#[must_use]
pub fn scan_bytes(mesh: &TriMesh, format: ScanFormat) -> Vec<u8> {
    match format {
        ScanFormat::StlBinary => stl_binary(mesh, b"scan"),
        ScanFormat::StlBinaryLying => stl_binary(mesh, b"solid exported by a scanner"),
        ScanFormat::StlText => stl_text(mesh).into_bytes(),
        ScanFormat::Obj => obj(mesh).into_bytes(),
        ScanFormat::PlyText => ply_text(mesh).into_bytes(),
        ScanFormat::PlyLittleEndian => {
            ply_binary(mesh, "little", f32::to_le_bytes, u32::to_le_bytes)
        }
        ScanFormat::PlyBigEndian => ply_binary(mesh, "big", f32::to_be_bytes, u32::to_be_bytes),
        ScanFormat::Xyz => lines(&mesh.vertices, ""),
    }
}

/// In single precision, without a negative zero.
fn single(point: &Point3) -> [f32; 3] {
    [point.x as f32 + 0.0, point.y as f32 + 0.0, point.z as f32 + 0.0]
}

fn normal([a, b, c]: [Point3; 3]) -> Point3 {
    Point3::from((b - a).cross(&(c - a)).try_normalize(0.0).unwrap_or_default())
}

fn stl_binary(mesh: &TriMesh, head: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0; 80];
    bytes[..head.len()].copy_from_slice(head);
    bytes.extend((mesh.triangles.len() as u32).to_le_bytes());
    for corners in mesh.corner_points() {
        for place in [normal(corners), corners[0], corners[1], corners[2]] {
            bytes.extend(single(&place).iter().flat_map(|c| c.to_le_bytes()));
        }
        bytes.extend([0, 0]);
    }
    bytes
}

fn stl_text(mesh: &TriMesh) -> String {
    let mut text = "solid scan\n".to_owned();
    for corners in mesh.corner_points() {
        let [x, y, z] = single(&normal(corners));
        let _ = writeln!(text, "  facet normal {x:e} {y:e} {z:e}\n    outer loop");
        for corner in corners {
            let [x, y, z] = single(&corner);
            let _ = writeln!(text, "      vertex {x:e} {y:e} {z:e}");
        }
        text.push_str("    endloop\n  endfacet\n");
    }
    text.push_str("endsolid scan\n");
    text
}

fn lines(points: &[Point3], before: &str) -> Vec<u8> {
    let mut text = String::with_capacity(32 * points.len());
    for point in points {
        let [x, y, z] = single(point);
        let _ = writeln!(text, "{before}{x} {y} {z}");
    }
    text.into_bytes()
}

fn obj(mesh: &TriMesh) -> String {
    let mut text = "# scan\nmtllib scan.mtl\no foot\nusemtl skin\n".to_owned();
    text.push_str(&String::from_utf8_lossy(&lines(&mesh.vertices, "v ")));
    for triangle in &mesh.triangles {
        let [a, b, c] = triangle.map(|index| index + 1);
        let _ = writeln!(text, "f {a} {b} {c}");
    }
    text
}

fn ply_head(mesh: &TriMesh, format: &str) -> String {
    let mut head = format!(
        "ply\nformat {format} 1.0\ncomment scan\nelement vertex {}\nproperty float x\nproperty float y\n\
         property float z\n",
        mesh.vertices.len()
    );
    if !mesh.triangles.is_empty() {
        let count = mesh.triangles.len();
        let _ = write!(head, "element face {count}\nproperty list uchar uint vertex_indices\n");
    }
    head.push_str("end_header\n");
    head
}

fn ply_text(mesh: &TriMesh) -> String {
    let mut text = ply_head(mesh, "ascii");
    text.push_str(&String::from_utf8_lossy(&lines(&mesh.vertices, "")));
    for [a, b, c] in &mesh.triangles {
        let _ = writeln!(text, "3 {a} {b} {c}");
    }
    text
}

fn ply_binary(
    mesh: &TriMesh,
    endian: &str,
    float: fn(f32) -> [u8; 4],
    integer: fn(u32) -> [u8; 4],
) -> Vec<u8> {
    let mut bytes = ply_head(mesh, &format!("binary_{endian}_endian")).into_bytes();
    for vertex in &mesh.vertices {
        bytes.extend(single(vertex).into_iter().flat_map(float));
    }
    for triangle in &mesh.triangles {
        bytes.push(3);
        bytes.extend(triangle.iter().flat_map(|&index| integer(index)));
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_has_its_length_and_head() {
        let cuboid = TriMesh::cuboid(Point3::new(-1.0, -0.0, 2.0), Point3::new(3.0, 5.0, 4.0));
        let bytes = |format| scan_bytes(&cuboid, format);
        assert_eq!(bytes(ScanFormat::StlBinary).len(), 84 + 50 * 12);
        assert!(bytes(ScanFormat::StlBinaryLying).starts_with(b"solid "));
        let text = |format| String::from_utf8(bytes(format)).unwrap();
        assert_eq!(text(ScanFormat::StlText).matches("endfacet").count(), 12);
        assert_eq!(text(ScanFormat::Obj).lines().filter(|line| line.starts_with("v ")).count(), 8);
        assert!(text(ScanFormat::Obj).ends_with("f 4 8 6\n"), "counted from 1");
        assert_eq!(text(ScanFormat::Xyz).lines().next(), Some("-1 0 2"));
        let head = "element vertex 8\nproperty float x\nproperty float y\nproperty float z\n\
                    element face 12\nproperty list uchar uint vertex_indices\nend_header\n";
        assert!(text(ScanFormat::PlyText).contains(head));
        let [little, big] = [ScanFormat::PlyLittleEndian, ScanFormat::PlyBigEndian].map(bytes);
        let body = |bytes: &[u8]| bytes[bytes.len() - (8 * 12 + 12 * 13)..].to_vec();
        assert_eq!(body(&little)[..4], (-1.0_f32).to_le_bytes());
        assert_eq!(body(&big)[..4], (-1.0_f32).to_be_bytes());
    }
}
