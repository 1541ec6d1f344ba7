//! A 3MF package of many parts: a build with names, colors and places.

use std::io::{Cursor, Write};

use geometry::TriMesh;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use crate::three_mf::{
    CONTENT_TYPES, ExportError, MODEL_PART, RELATIONSHIPS, attribute, check_finite, escaped,
    push_mesh, push_number,
};

/// A part of a build.
#[derive(Clone, Copy, Debug)]
pub struct BuildPart<'a> {
    /// Name and part number.
    pub name: &'a str,
    /// Color on the screen: red, green, blue.
    pub color: [u8; 3],
    /// Mesh in the part's own frame, mm.
    pub mesh: &'a TriMesh,
    /// Rows of the rotation into the build's frame.
    pub rotation: [[f64; 3]; 3],
    /// What is added after it, mm.
    pub offset_mm: [f64; 3],
}

/// The parts as a 3MF package in millimeters, one object and one item each.
///
/// `progress` hears of every part that has been written, and of the number of all.
///
/// # Errors
/// [`ExportError`] if a vertex is not finite or the archive cannot be written.
pub fn threemf_build_bytes(
    parts: &[BuildPart<'_>],
    title: &str,
    application: &str,
    progress: &dyn Fn(usize, usize),
) -> Result<Vec<u8>, ExportError> {
    parts.iter().try_for_each(|part| check_finite(part.mesh))?;
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    // The date is fixed: the archive must not know when it was written. Many parts are many numbers:
    // the fastest compression already halves them several times.
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(1))
        .large_file(true)
        .last_modified_time(DateTime::default());
    for (name, text) in [("[Content_Types].xml", CONTENT_TYPES), ("_rels/.rels", RELATIONSHIPS)] {
        archive.start_file(name, options)?;
        archive.write_all(text.as_bytes())?;
    }
    archive.start_file(MODEL_PART, options)?;
    archive.write_all(head(parts, title, application).as_bytes())?;
    for (index, part) in parts.iter().enumerate() {
        let mut xml =
            String::with_capacity(64 * (part.mesh.vertices.len() + part.mesh.triangles.len()));
        let name = attribute("name", part.name);
        let number = attribute("partnumber", part.name);
        xml.push_str(&format!(
            "<object id=\"{}\" type=\"model\"{name}{number} pid=\"1\" pindex=\"{index}\">\n",
            object_id(index)
        ));
        push_mesh(&mut xml, part.mesh, None);
        xml.push_str("</object>\n");
        archive.write_all(xml.as_bytes())?;
        progress(index + 1, parts.len());
    }
    archive.write_all(tail(parts).as_bytes())?;
    Ok(archive.finish()?.into_inner())
}

/// Objects are numbered behind the materials.
const fn object_id(index: usize) -> usize {
    index + 2
}

fn head(parts: &[BuildPart<'_>], title: &str, application: &str) -> String {
    let mut xml = String::from(concat!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n",
        "<model unit=\"millimeter\" xml:lang=\"en-US\" ",
        "xmlns=\"http://schemas.microsoft.com/3dmanufacturing/core/2015/02\">\n",
    ));
    for (name, value) in [("Title", title), ("Application", application)] {
        if !value.is_empty() {
            xml.extend(["<metadata name=\"", name, "\">", &escaped(value), "</metadata>\n"]);
        }
    }
    xml.push_str("<resources>\n<basematerials id=\"1\">\n");
    for part in parts {
        let [red, green, blue] = part.color;
        xml.push_str(&format!(
            "<base{} displaycolor=\"#{red:02X}{green:02X}{blue:02X}\"/>\n",
            attribute("name", part.name)
        ));
    }
    xml.push_str("</basematerials>\n");
    xml
}

fn tail(parts: &[BuildPart<'_>]) -> String {
    let mut xml = String::from("</resources>\n<build>\n");
    for (index, part) in parts.iter().enumerate() {
        xml.push_str(&format!("<item objectid=\"{}\" transform=\"", object_id(index)));
        // 3MF multiplies row vectors from the left: its matrix is the transposed one.
        let columns = (0..3).flat_map(|column| (0..3).map(move |row| part.rotation[row][column]));
        for (place, value) in columns.chain(part.offset_mm).enumerate() {
            if place > 0 {
                xml.push(' ');
            }
            push_number(&mut xml, value);
        }
        xml.push_str(&format!("\"{}/>\n", attribute("partnumber", part.name)));
    }
    xml.push_str("</build>\n</model>\n");
    xml
}

#[cfg(test)]
mod tests {
    use geometry::Point3;

    use super::*;

    #[test]
    fn a_build_reads_back_with_names_colors_and_places() {
        let cuboid = TriMesh::cuboid(Point3::origin(), Point3::new(3.0, 5.0, 4.0));
        let part = |name, color, rotation, offset_mm| BuildPart {
            name,
            color,
            mesh: &cuboid,
            rotation,
            offset_mm,
        };
        let parts = [
            part(
                "P-1 left",
                [10, 20, 255],
                [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]],
                [1.0, 2.0, 3.0],
            ),
            part(
                "P-1 <right>",
                [255, 0, 0],
                [[0.0, -1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]],
                [9.0, 2.0, 3.5],
            ),
        ];
        let bytes = threemf_build_bytes(&parts, "build", "test", &|_, _| {}).unwrap();
        assert_eq!(bytes, threemf_build_bytes(&parts, "build", "test", &|_, _| {}).unwrap());
        let models = threemf::read(Cursor::new(bytes)).unwrap();
        let model = &models[0];
        assert_eq!(model.build.item.len(), 2);
        assert_eq!(model.resources.object.len(), 2);
        assert_eq!(model.resources.object[1].partnumber.as_deref(), Some("P-1 <right>"));
        assert_eq!(model.resources.object[1].mesh.as_ref().unwrap().triangles.triangle.len(), 12);
        // A quarter turn: x of the part goes to y of the build.
        assert_eq!(
            model.build.item[1].transform,
            Some([0.0, 1.0, 0.0, -1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 9.0, 2.0, 3.5])
        );
    }
}
