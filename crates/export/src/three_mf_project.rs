//! A 3MF project that slicers of the Slic3r family open: parts, modifiers and settings.
//!
//! The mesh of an object holds the part and its modifiers one after the other;
//! `Metadata/Slic3r_PE_model.config` says which triangles are which and what holds inside a modifier,
//! `Metadata/Slic3r_PE.config` has the settings of the print, as `PrusaSlicer` itself writes them.

use std::fmt::Write as _;
use std::io::{Cursor, Write as _};

use geometry::TriMesh;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use crate::three_mf::{
    CONTENT_TYPES, ExportError, MODEL_PART, RELATIONSHIPS, attribute, check_finite, escaped,
    push_mesh, push_number,
};

/// A volume in which other settings hold.
#[derive(Clone, Debug, PartialEq)]
pub struct Modifier {
    /// Name in the slicer's list.
    pub name: String,
    /// Closed mesh in the part's frame, mm.
    pub mesh: TriMesh,
    /// Keys of the slicer with their values.
    pub settings: Vec<(String, String)>,
}

/// A part with its modifiers.
#[derive(Clone, Debug)]
pub struct ProjectPart<'a> {
    /// Name in the slicer's list.
    pub name: &'a str,
    /// Mesh in the part's own frame, mm.
    pub mesh: &'a TriMesh,
    /// Volumes with settings of their own.
    pub modifiers: Vec<Modifier>,
    /// Rows of the rotation onto the bed.
    pub rotation: [[f64; 3]; 3],
    /// What is added after it, mm.
    pub offset_mm: [f64; 3],
}

/// The project as a 3MF package in millimeters.
///
/// # Errors
/// [`ExportError`] if a vertex is not finite or the archive cannot be written.
pub fn threemf_project_bytes(
    parts: &[ProjectPart<'_>],
    settings: &[(String, String)],
) -> Result<Vec<u8>, ExportError> {
    for part in parts {
        check_finite(part.mesh)?;
        part.modifiers.iter().try_for_each(|modifier| check_finite(&modifier.mesh))?;
    }
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(DateTime::default());
    let mut config = String::from("; written by Solewright\n\n");
    for (key, value) in settings {
        let _ = writeln!(config, "; {key} = {}", value.replace('\n', "\\n"));
    }
    for (name, text) in [
        ("[Content_Types].xml", CONTENT_TYPES),
        ("_rels/.rels", RELATIONSHIPS),
        (MODEL_PART, &model_xml(parts)),
        ("Metadata/Slic3r_PE.config", &config),
        ("Metadata/Slic3r_PE_model.config", &volumes_xml(parts)),
    ] {
        archive.start_file(name, options)?;
        archive.write_all(text.as_bytes())?;
    }
    Ok(archive.finish()?.into_inner())
}

fn model_xml(parts: &[ProjectPart<'_>]) -> String {
    let mut xml = String::from(concat!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n",
        "<model unit=\"millimeter\" xml:lang=\"en-US\" ",
        "xmlns=\"http://schemas.microsoft.com/3dmanufacturing/core/2015/02\" ",
        "xmlns:slic3rpe=\"http://schemas.slic3r.org/3mf/2017/06\">\n",
        "<metadata name=\"slic3rpe:Version3mf\">1</metadata>\n",
        "<metadata name=\"Application\">Solewright</metadata>\n<resources>\n",
    ));
    for (index, part) in parts.iter().enumerate() {
        let mut all = part.mesh.clone();
        for modifier in &part.modifiers {
            let first = all.vertices.len() as u32;
            all.vertices.extend(&modifier.mesh.vertices);
            let shifted = modifier.mesh.triangles.iter().map(|corners| corners.map(|c| c + first));
            all.triangles.extend(shifted);
        }
        let name = attribute("name", part.name);
        let _ = writeln!(xml, "<object id=\"{}\" type=\"model\"{name}>", index + 1);
        push_mesh(&mut xml, &all, None);
        xml.push_str("</object>\n");
    }
    xml.push_str("</resources>\n<build>\n");
    for (index, part) in parts.iter().enumerate() {
        let _ = write!(xml, "<item objectid=\"{}\" transform=\"", index + 1);
        let columns = (0..3).flat_map(|column| (0..3).map(move |row| part.rotation[row][column]));
        for (place, value) in columns.chain(part.offset_mm).enumerate() {
            if place > 0 {
                xml.push(' ');
            }
            push_number(&mut xml, value);
        }
        xml.push_str("\" printable=\"1\"/>\n");
    }
    xml.push_str("</build>\n</model>\n");
    xml
}

fn volumes_xml(parts: &[ProjectPart<'_>]) -> String {
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<config>\n");
    let value = |key: &str, value: &str| {
        format!("<metadata type=\"volume\" key=\"{key}\" value=\"{}\"/>\n", escaped(value))
    };
    for (index, part) in parts.iter().enumerate() {
        let _ = writeln!(
            xml,
            "<object id=\"{}\" instances_count=\"1\">\n<metadata type=\"object\" key=\"name\" value=\"{}\"/>",
            index + 1,
            escaped(part.name)
        );
        let mut first = 0;
        let mut volume = |name: &str, kind: &str, count: usize, settings: &[(String, String)]| {
            let _ = writeln!(xml, "<volume firstid=\"{first}\" lastid=\"{}\">", first + count - 1);
            first += count;
            xml.push_str(&value("name", name));
            xml.push_str(&value("volume_type", kind));
            xml.push_str(&value("matrix", "1 0 0 0 0 1 0 0 0 0 1 0 0 0 0 1"));
            settings.iter().for_each(|(key, text)| xml.push_str(&value(key, text)));
            xml.push_str("</volume>\n");
        };
        volume(part.name, "ModelPart", part.mesh.triangles.len(), &[]);
        for modifier in &part.modifiers {
            let count = modifier.mesh.triangles.len();
            volume(&modifier.name, "ParameterModifier", count, &modifier.settings);
        }
        xml.push_str("</object>\n");
    }
    xml.push_str("</config>\n");
    xml
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use geometry::Point3;

    use super::*;

    #[test]
    fn modifiers_are_named_with_their_triangles_and_settings() {
        let mesh = TriMesh::cuboid(Point3::origin(), Point3::new(30.0, 50.0, 10.0));
        let heel = TriMesh::cuboid(Point3::new(-1.0, -1.0, -1.0), Point3::new(31.0, 20.0, 11.0));
        let part = ProjectPart {
            name: "shell & co",
            mesh: &mesh,
            modifiers: vec![Modifier {
                name: "heel".to_owned(),
                mesh: heel,
                settings: vec![("fill_density".to_owned(), "40%".to_owned())],
            }],
            rotation: [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]],
            offset_mm: [100.0, 80.0, 0.0],
        };
        let settings = [("start_gcode".to_owned(), "G28\nG92 E0".to_owned())];
        let bytes = threemf_project_bytes(&[part], &settings).unwrap();
        let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
        let mut text = |name: &str| {
            let mut text = String::new();
            archive.by_name(name).unwrap().read_to_string(&mut text).unwrap();
            text
        };
        let volumes = text("Metadata/Slic3r_PE_model.config");
        assert!(volumes.contains("<volume firstid=\"0\" lastid=\"11\">"), "{volumes}");
        assert!(volumes.contains("<volume firstid=\"12\" lastid=\"23\">"));
        assert!(volumes.contains("key=\"fill_density\" value=\"40%\""));
        assert!(volumes.contains("shell &amp; co"));
        assert!(text("Metadata/Slic3r_PE.config").contains("; start_gcode = G28\\nG92 E0"));
        let model = text(MODEL_PART);
        assert_eq!(model.matches("<triangle ").count(), 24);
    }
}
