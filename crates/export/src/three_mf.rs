//! 3MF (core specification 1.3): a zip archive with the mesh as XML.
//!
//! Written here rather than by the `threemf` crate, which names the model part `3D/model.model`: that
//! is allowed, but readers exist (trimesh 5) that open only the usual `3D/3dmodel.model`. The crate
//! reads the file back in the tests.

use std::fmt::Write as _;
use std::io::{Cursor, Write as _};

use geometry::{Point3, TriMesh};

use crate::zones::Zones;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

/// Where the model lies in the archive; the relationships say the same.
pub(crate) const MODEL_PART: &str = "3D/3dmodel.model";

pub(crate) const CONTENT_TYPES: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Default Extension="model" ContentType="application/vnd.ms-package.3dmanufacturing-3dmodel+xml"/>
</Types>
"#;

pub(crate) const RELATIONSHIPS: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
<Relationship Target="/3D/3dmodel.model" Id="rel0" Type="http://schemas.microsoft.com/3dmanufacturing/2013/01/3dmodel"/>
</Relationships>
"#;

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
    /// The archive writer refused.
    #[error("the 3MF archive could not be written: {0}; is the mesh over 4 GB?")]
    Archive(#[from] zip::result::ZipError),
    /// The compressor refused.
    #[error("the 3MF archive could not be compressed: {0}")]
    Compression(#[from] std::io::Error),
}

/// The mesh as a 3MF package in millimeters with one object.
///
/// With `zones` every triangle has the color of its zone (base materials, core specification, section 5).
///
/// # Errors
/// [`ExportError`] if a vertex is not finite or the archive cannot be written.
pub fn threemf_bytes(
    mesh: &TriMesh,
    zones: Option<&Zones>,
    meta: &PartMetadata,
) -> Result<Vec<u8>, ExportError> {
    check_finite(mesh)?;
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    // The date is fixed: the archive must not know when it was written.
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        // A third more bytes for a fifth of the time.
        .compression_level(Some(1))
        .last_modified_time(DateTime::default());
    for (name, text) in [
        ("[Content_Types].xml", CONTENT_TYPES),
        ("_rels/.rels", RELATIONSHIPS),
        (MODEL_PART, &model_xml(mesh, zones, meta)),
    ] {
        archive.start_file(name, options)?;
        archive.write_all(text.as_bytes())?;
    }
    Ok(archive.finish()?.into_inner())
}

/// Refuses a mesh with a coordinate that XML has no form for.
pub(crate) fn check_finite(mesh: &TriMesh) -> Result<(), ExportError> {
    let finite = |point: &Point3| point.coords.iter().all(|c| c.is_finite());
    let stray = mesh.vertices.iter().position(|point| !finite(point));
    stray.map_or(Ok(()), |vertex| Err(ExportError::NotFinite { vertex }))
}

fn model_xml(mesh: &TriMesh, zones: Option<&Zones>, meta: &PartMetadata) -> String {
    let PartMetadata { title, part_number, designer, description, application } = meta;
    let part_number = attribute("partnumber", part_number);
    let mut xml = String::with_capacity(64 * (mesh.vertices.len() + mesh.triangles.len()));
    xml.push_str(concat!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n",
        "<model unit=\"millimeter\" xml:lang=\"en-US\" ",
        "xmlns=\"http://schemas.microsoft.com/3dmanufacturing/core/2015/02\">\n",
    ));
    // Names that the core specification (section 4.1) knows; others would need a namespace.
    for (name, value) in [
        ("Title", title),
        ("Designer", designer),
        ("Description", description),
        ("Application", application),
    ] {
        if !value.is_empty() {
            xml.extend(["<metadata name=\"", name, "\">", &escaped(value), "</metadata>\n"]);
        }
    }
    let name = attribute("name", title);
    xml.push_str("<resources>\n");
    if let Some(zones) = zones {
        xml.push_str("<basematerials id=\"2\">\n");
        for zone in zones.zones() {
            let [red, green, blue] = zone.color;
            let _ = writeln!(
                xml,
                "<base name=\"{}\" displaycolor=\"#{red:02X}{green:02X}{blue:02X}\"/>",
                escaped(&zone.name)
            );
        }
        xml.push_str("</basematerials>\n");
    }
    let material = if zones.is_some() { " pid=\"2\" pindex=\"0\"" } else { "" };
    xml.extend(["<object id=\"1\" type=\"model\"", &name, &part_number, material, ">\n"]);
    push_mesh(&mut xml, mesh, zones);
    xml.push_str("</object>\n</resources>\n<build>\n<item objectid=\"1\"");
    xml.extend([&part_number, "/>\n</build>\n</model>\n"]);
    xml
}

/// `<mesh>` with its vertices and triangles, each in the color of its zone.
pub(crate) fn push_mesh(xml: &mut String, mesh: &TriMesh, zones: Option<&Zones>) {
    xml.push_str("<mesh>\n");
    xml.push_str("<vertices>\n");
    for point in &mesh.vertices {
        for (axis, value) in ["<vertex x=\"", "\" y=\"", "\" z=\""].into_iter().zip(point.iter()) {
            xml.push_str(axis);
            push_number(xml, *value);
        }
        xml.push_str("\"/>\n");
    }
    xml.push_str("</vertices>\n<triangles>\n");
    for (index, [a, b, c]) in mesh.triangles.iter().enumerate() {
        let _ = write!(xml, "<triangle v1=\"{a}\" v2=\"{b}\" v3=\"{c}\"");
        // The object's own material needs no word.
        if let Some(zone) = zones.map(|zones| zones.of(index)).filter(|zone| *zone != 0) {
            let _ = write!(xml, " pid=\"2\" p1=\"{zone}\"");
        }
        xml.push_str("/>\n");
    }
    xml.push_str("</triangles>\n</mesh>\n");
}

/// The shortest text that gives the number back: in single precision where that is all it has.
pub(crate) fn push_number(xml: &mut String, value: f64) {
    let single = value as f32;
    // Adding zero makes a negative zero positive.
    let _ = if f64::from(single).to_bits() == value.to_bits() {
        write!(xml, "{}", single + 0.0)
    } else {
        write!(xml, "{}", value + 0.0)
    };
}

/// ` name="value"`, or nothing for an empty value.
pub(crate) fn attribute(name: &str, value: &str) -> String {
    if value.is_empty() { String::new() } else { format!(" {name}=\"{}\"", escaped(value)) }
}

/// Text with the five characters escaped that XML reserves; control characters, which XML has no
/// form for, become spaces.
pub(crate) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&apos;"),
            _ if character.is_control() => escaped.push(' '),
            _ => escaped.push(character),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use threemf::model::Unit;

    fn part() -> (TriMesh, PartMetadata) {
        let cuboid = TriMesh::cuboid(
            Point3::new(-1.25, -0.0, f64::from(0.1_f32)),
            Point3::new(3.0, 5.0, 4.0),
        );
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
        let bytes = threemf_bytes(&cuboid, None, &meta).unwrap();
        let models = threemf::read(Cursor::new(bytes)).unwrap();
        let [model] = models.as_slice() else { panic!("one model expected") };
        assert!(matches!(model.unit, Unit::Millimeter));
        assert_eq!(model.metadata.len(), 1);
        assert_eq!(model.metadata[0].value.as_ref(), Some(&meta.title));
        assert_eq!(model.build.item.len(), 1);
        let object = &model.resources.object[0];
        assert_eq!(object.partnumber.as_deref(), Some("P-1"));
        let mesh = object.mesh.as_ref().unwrap();
        let vertices: Vec<_> =
            mesh.vertices.vertex.iter().map(|v| Point3::new(v.x, v.y, v.z)).collect();
        let single = |point: &Point3| point.map(|value| value as f32);
        assert!(vertices.iter().map(single).eq(cuboid.vertices.iter().map(single)));
        assert_eq!(vertices[0].z.to_string(), "0.1", "numbers are written as short as they are");
        assert_eq!(mesh.triangles.triangle.len(), 12);
    }

    #[test]
    fn archive_holds_no_clock() {
        let (cuboid, meta) = part();
        let bytes = threemf_bytes(&cuboid, None, &meta).unwrap();
        // Local file header: signature, then time and date at offset 10 (APPNOTE 4.3.7).
        let headers: Vec<usize> =
            (0..bytes.len() - 14).filter(|&at| bytes[at..].starts_with(b"PK\x03\x04")).collect();
        assert_eq!(headers.len(), 3, "content types, relations, model");
        for at in headers {
            // 1980-01-01 00:00:00 in DOS form.
            assert_eq!(bytes[at + 10..at + 14], [0, 0, 0x21, 0]);
        }
        assert_eq!(bytes, threemf_bytes(&cuboid, None, &meta).unwrap());
    }

    #[test]
    fn refuses_what_is_not_a_number() {
        let (mut cuboid, meta) = part();
        cuboid.vertices[3].y = f64::NAN;
        let error = threemf_bytes(&cuboid, None, &meta).unwrap_err();
        assert!(matches!(error, ExportError::NotFinite { vertex: 3 }));
    }
}
