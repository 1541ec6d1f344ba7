//! Wavefront OBJ: text with a group for every zone. It carries no unit; a comment says millimeters.

use std::fmt::Write as _;

use geometry::TriMesh;

use crate::zones::Zones;

/// The mesh as an OBJ file in millimeters, z up, with a group for every zone.
#[must_use]
pub fn obj_text(mesh: &TriMesh, zones: &Zones, title: &str) -> String {
    let mut text = String::with_capacity(40 * (mesh.vertices.len() + mesh.triangles.len()));
    let title: String = title.chars().filter(|letter| !letter.is_control()).collect();
    let _ = writeln!(text, "# Solewright {title}; millimeters, z up\no {}", name(&title));
    for point in &mesh.vertices {
        // Adding zero makes a negative zero positive.
        let [x, y, z] = [point.x, point.y, point.z].map(|value| value as f32 + 0.0);
        let _ = writeln!(text, "v {x} {y} {z}");
    }
    for (zone, triangles) in zones.parts() {
        let _ = writeln!(text, "g {}", name(&zone.name));
        for triangle in triangles {
            let [a, b, c] = mesh.triangles[triangle].map(|vertex| vertex + 1);
            let _ = writeln!(text, "f {a} {b} {c}");
        }
    }
    text
}

/// A name without spaces, which would end it.
fn name(text: &str) -> String {
    let letters: String =
        text.chars().map(|letter| if letter.is_whitespace() { '_' } else { letter }).collect();
    if letters.is_empty() { "part".to_owned() } else { letters }
}
