//! glTF 2.0 as one binary file (`.glb`), for viewers in browsers and on phones.
//!
//! The format wants meters with y up: the node turns and scales, the numbers stay millimeters. Every zone is a
//! primitive with its own vertices, so that normals are smooth inside a zone and break at its border.
//! Specification: Khronos glTF 2.0, sections 3 and 4.4.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use geometry::{Point3, TriMesh, Vector3};

use crate::zones::Zones;

/// Codes of the specification: the container's head and chunks.
const MAGIC: &[u8; 4] = b"glTF";
const JSON: &[u8; 4] = b"JSON";
const BINARY: &[u8; 4] = b"BIN\0";

/// The mesh as a binary glTF file with one material for every zone.
#[must_use]
pub fn glb_bytes(mesh: &TriMesh, zones: &Zones, title: &str) -> Vec<u8> {
    let mut file = File::default();
    for (zone, triangles) in zones.parts() {
        file.add(&zone.name, zone.color, &Part::of(mesh, &triangles));
    }
    file.finish(title)
}

/// One zone's own vertices, normals and triangles.
struct Part {
    points: Vec<Point3>,
    normals: Vec<Vector3>,
    indices: Vec<u32>,
}

impl Part {
    fn of(mesh: &TriMesh, triangles: &[usize]) -> Self {
        let mut own: BTreeMap<u32, u32> = BTreeMap::new();
        let mut part = Self { points: Vec::new(), normals: Vec::new(), indices: Vec::new() };
        for &triangle in triangles {
            // Longer for larger triangles, which is the weight that a smooth normal wants.
            let normal = mesh.scaled_normal(triangle);
            for vertex in mesh.triangles[triangle] {
                let index = *own.entry(vertex).or_insert_with(|| {
                    part.points.push(mesh.vertices[vertex as usize]);
                    part.normals.push(Vector3::zeros());
                    (part.points.len() - 1) as u32
                });
                part.normals[index as usize] += normal;
                part.indices.push(index);
            }
        }
        for normal in &mut part.normals {
            *normal = normal.try_normalize(1e-12).unwrap_or_else(Vector3::z);
        }
        part
    }
}

/// The file while it grows: the binary chunk and the entries of the JSON chunk.
#[derive(Default)]
struct File {
    binary: Vec<u8>,
    views: Vec<String>,
    accessors: Vec<String>,
    materials: Vec<String>,
    primitives: Vec<String>,
}

impl File {
    fn add(&mut self, name: &str, color: [u8; 3], part: &Part) {
        let [low, high] = [f32::min, f32::max].map(|pick| {
            let start = single(part.points.first().copied().unwrap_or_else(Point3::origin));
            part.points.iter().fold(start, |found, point| {
                let here = single(*point);
                std::array::from_fn(|axis| pick(found[axis], here[axis]))
            })
        });
        let range = format!(",\"min\":{low:?},\"max\":{high:?}");
        let position = self.vectors(part.points.iter().map(|point| single(*point)), &range);
        let normal = self.vectors(part.normals.iter().map(|normal| single((*normal).into())), "");
        let start = self.binary.len();
        part.indices.iter().for_each(|index| self.binary.extend(index.to_le_bytes()));
        let indices = self.accessor(start, (34963, 5125, "SCALAR"), part.indices.len(), "");
        let [red, green, blue] = color.map(linear);
        let material = self.materials.len();
        self.materials.push(format!(
            "{{\"name\":{},\"pbrMetallicRoughness\":{{\"baseColorFactor\":[{red:.4},{green:.4},{blue:.4},1],\
             \"metallicFactor\":0,\"roughnessFactor\":0.7}}}}",
            quoted(name)
        ));
        self.primitives.push(format!(
            "{{\"attributes\":{{\"POSITION\":{position},\"NORMAL\":{normal}}},\"indices\":{indices},\
             \"material\":{material}}}"
        ));
    }

    fn vectors(&mut self, values: impl Iterator<Item = [f32; 3]>, range: &str) -> usize {
        let start = self.binary.len();
        let mut count = 0;
        for value in values {
            value.iter().for_each(|one| self.binary.extend(one.to_le_bytes()));
            count += 1;
        }
        self.accessor(start, (34962, 5126, "VEC3"), count, range)
    }

    /// A buffer view from `start` to the end of the binary chunk, and an accessor of it: target and component type by
    /// the specification's numbers.
    fn accessor(
        &mut self,
        start: usize,
        (target, component, kind): (u32, u32, &str),
        count: usize,
        range: &str,
    ) -> usize {
        let length = self.binary.len() - start;
        let view = self.views.len();
        self.views.push(format!(
            "{{\"buffer\":0,\"byteOffset\":{start},\"byteLength\":{length},\"target\":{target}}}"
        ));
        self.accessors.push(format!(
            "{{\"bufferView\":{view},\"componentType\":{component},\"count\":{count},\"type\":\"{kind}\"{range}}}"
        ));
        self.accessors.len() - 1
    }

    fn finish(self, title: &str) -> Vec<u8> {
        let name = quoted(title);
        let half = std::f32::consts::FRAC_1_SQRT_2;
        let mut json = format!(
            "{{\"asset\":{{\"version\":\"2.0\",\"generator\":\"Solewright\"}},\"scene\":0,\"scenes\":[{{\"nodes\":[0]}}],\
             \"nodes\":[{{\"name\":{name},\"mesh\":0,\"rotation\":[-{half},0,0,{half}],\
             \"scale\":[0.001,0.001,0.001]}}],"
        );
        let lists = [
            ("materials", &self.materials),
            ("accessors", &self.accessors),
            ("bufferViews", &self.views),
        ];
        for (key, entries) in lists {
            let _ = write!(json, "\"{key}\":[{}],", entries.join(","));
        }
        let _ = write!(
            json,
            "\"meshes\":[{{\"name\":{name},\"primitives\":[{}]}}],\"buffers\":[{{\"byteLength\":{}}}]}}",
            self.primitives.join(","),
            self.binary.len()
        );
        // Chunks end at multiples of four: JSON is filled with spaces, and every number in the binary has four bytes.
        while json.len() % 4 != 0 {
            json.push(' ');
        }
        let whole = 12 + 8 + json.len() + 8 + self.binary.len();
        let mut bytes = Vec::with_capacity(whole);
        bytes.extend(MAGIC);
        bytes.extend(2_u32.to_le_bytes());
        bytes.extend((whole as u32).to_le_bytes());
        for (kind, chunk) in [(JSON, json.as_bytes()), (BINARY, &self.binary)] {
            bytes.extend((chunk.len() as u32).to_le_bytes());
            bytes.extend(kind);
            bytes.extend(chunk);
        }
        bytes
    }
}

fn single(point: Point3) -> [f32; 3] {
    [point.x, point.y, point.z].map(|value| value as f32 + 0.0)
}

/// From sRGB to the linear light that materials are given in (IEC 61966-2-1).
fn linear(value: u8) -> f64 {
    let share = f64::from(value) / 255.0;
    if share <= 0.040_45 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) }
}

/// A JSON string.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' | '\\' => quoted.extend(['\\', letter]),
            _ if letter.is_control() => quoted.push(' '),
            _ => quoted.push(letter),
        }
    }
    quoted.push('"');
    quoted
}
