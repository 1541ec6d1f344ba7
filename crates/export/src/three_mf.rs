//! 3MF (core specification 1.3) by the `threemf` crate.
//!
//! The crate writes the unit, the required parts and, without its `time` feature, a fixed date into
//! the archive, so that the same mesh gives the same bytes.

use geometry::TriMesh;
use threemf::model::{
    Build, Item, Mesh, Metadata, Model, Object, Resources, Triangle, Triangles, Unit, Vertex,
    Vertices,
};

/// What a 3MF file says about its part.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PartMetadata {
    /// Title of the document and name of the object, for instance `"P-0142 left shell"`.
    pub title: String,
    /// Part number, for instance `"P-0142-left"`; empty for none.
    pub part_number: String,
    /// Who designed it; empty for none.
    pub designer: String,
    /// Free text; empty for none.
    pub description: String,
    /// The program that wrote the file, with its version; empty for none.
    pub application: String,
}

/// Why a 3MF file could not be written.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// A coordinate is infinite or not a number, which XML has no form for.
    #[error("vertex {vertex} of the mesh is not finite; mesh the part again")]
    NotFinite {
        /// Index of the vertex.
        vertex: usize,
    },
    /// The writer refused.
    #[error("the 3MF archive could not be written: {0}")]
    Archive(#[from] threemf::Error),
}

/// The mesh as a 3MF package in millimeters with one object.
///
/// # Errors
/// [`ExportError`] if a vertex is not finite or the archive cannot be written.
pub fn threemf_bytes(mesh: &TriMesh, meta: &PartMetadata) -> Result<Vec<u8>, ExportError> {
    let finite = |point: &geometry::Point3| point.coords.iter().all(|c| c.is_finite());
    if let Some(vertex) = mesh.vertices.iter().position(|point| !finite(point)) {
        return Err(ExportError::NotFinite { vertex });
    }
    let named = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let object = Object {
        id: 1,
        partnumber: named(&meta.part_number),
        name: named(&meta.title),
        mesh: Some(package_mesh(mesh)),
        ..Object::default()
    };
    let item = Item { objectid: 1, transform: None, partnumber: named(&meta.part_number) };
    let model = Model {
        metadata: metadata(meta),
        resources: Resources { object: vec![object], basematerials: None },
        build: Build { item: vec![item] },
        unit: Unit::Millimeter,
        // No materials are used, so their namespace is left out.
        xmlns_m: None,
        ..Model::default()
    };
    let mut archive = std::io::Cursor::new(Vec::new());
    threemf::write(&mut archive, model)?;
    Ok(archive.into_inner())
}

/// Names that the core specification (section 8.1) knows; others would need a namespace.
fn metadata(meta: &PartMetadata) -> Vec<Metadata> {
    [
        ("Title", &meta.title),
        ("Designer", &meta.designer),
        ("Description", &meta.description),
        ("Application", &meta.application),
    ]
    .into_iter()
    .filter(|(_, value)| !value.is_empty())
    .map(|(name, value)| Metadata { name: name.to_owned(), value: Some(value.clone()) })
    .collect()
}

fn package_mesh(mesh: &TriMesh) -> Mesh {
    // A negative zero would be written as "-0".
    let vertex = mesh
        .vertices
        .iter()
        .map(|point| Vertex { x: point.x + 0.0, y: point.y + 0.0, z: point.z + 0.0 })
        .collect();
    let triangle = mesh
        .triangles
        .iter()
        .map(|corners| corners.map(|index| index as usize))
        .map(|[v1, v2, v3]| Triangle { v1, v2, v3 })
        .collect();
    Mesh { vertices: Vertices { vertex }, triangles: Triangles { triangle } }
}

#[cfg(test)]
mod tests {
    use super::*;
    use geometry::Point3;

    fn part() -> (TriMesh, PartMetadata) {
        let cuboid = TriMesh::cuboid(Point3::new(-1.25, 0.0, 2.0), Point3::new(3.0, 5.0, 4.0));
        let meta = PartMetadata {
            title: "Größe <1> & \"left\"".to_owned(),
            part_number: "P-1".to_owned(),
            ..PartMetadata::default()
        };
        (cuboid, meta)
    }

    #[test]
    fn reads_back_as_the_same_box_in_millimeters() {
        let (cuboid, meta) = part();
        let bytes = threemf_bytes(&cuboid, &meta).unwrap();
        let models = threemf::read(std::io::Cursor::new(bytes)).unwrap();
        let [model] = models.as_slice() else { panic!("one model expected") };
        assert!(matches!(model.unit, Unit::Millimeter));
        assert_eq!(model.metadata.len(), 1);
        assert_eq!(model.metadata[0].value.as_ref(), Some(&meta.title));
        let object = &model.resources.object[0];
        assert_eq!(object.partnumber.as_deref(), Some("P-1"));
        let mesh = object.mesh.as_ref().unwrap();
        let vertices: Vec<_> =
            mesh.vertices.vertex.iter().map(|v| Point3::new(v.x, v.y, v.z)).collect();
        assert_eq!(vertices, cuboid.vertices);
        assert_eq!(mesh.triangles.triangle.len(), 12);
    }

    #[test]
    fn archive_holds_no_clock() {
        let (cuboid, meta) = part();
        let bytes = threemf_bytes(&cuboid, &meta).unwrap();
        // Local file header: signature, then time and date at offset 10 (APPNOTE 4.3.7).
        let headers: Vec<usize> =
            (0..bytes.len() - 14).filter(|&at| bytes[at..].starts_with(b"PK\x03\x04")).collect();
        assert_eq!(headers.len(), 3, "content types, relations, model");
        for at in headers {
            // 1980-01-01 00:00:00 in DOS form.
            assert_eq!(bytes[at + 10..at + 14], [0, 0, 0x21, 0]);
        }
        assert_eq!(bytes, threemf_bytes(&cuboid, &meta).unwrap());
    }

    #[test]
    fn refuses_what_is_not_a_number() {
        let (mut cuboid, meta) = part();
        cuboid.vertices[3].y = f64::NAN;
        let error = threemf_bytes(&cuboid, &meta).unwrap_err();
        assert!(matches!(error, ExportError::NotFinite { vertex: 3 }));
    }
}
