//! One XML model of a 3MF package: its objects and its build list.

use std::collections::BTreeMap;

use quick_xml::events::BytesStart;

use super::package::{Tag, attribute, tidy};
use crate::raw::Indexed;
use crate::text::shown;
use crate::{ScanError, ScanLimits, Unit};

/// What a part of a package describes.
#[derive(Debug, Default)]
pub(super) struct Model {
    pub(super) unit: LengthUnit,
    pub(super) objects: BTreeMap<u32, Content>,
    pub(super) build: Vec<Instance>,
}

impl Model {
    /// The parts that this one refers to.
    pub(super) fn other_parts(&self) -> impl Iterator<Item = &str> {
        let inner = self.objects.values().flat_map(|object| match object {
            Content::Group(instances) => &instances[..],
            Content::Mesh(_) => &[],
        });
        inner.chain(&self.build).filter_map(|instance| instance.part.as_deref())
    }
}

/// What an object is.
#[derive(Debug)]
pub(super) enum Content {
    /// Vertices and triangles; the indices are not checked yet.
    Mesh(Indexed),
    /// Other objects, placed.
    Group(Vec<Instance>),
}

/// An object at a place.
#[derive(Debug)]
pub(super) struct Instance {
    /// The part in which the object stands; `None` for the same part.
    pub(super) part: Option<String>,
    pub(super) object: u32,
    pub(super) transform: Transform,
}

/// The units that a model may state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum LengthUnit {
    Micron,
    /// What a model without a unit means.
    #[default]
    Millimeter,
    Centimeter,
    Inch,
    Foot,
    Meter,
}

impl LengthUnit {
    fn named(word: &str) -> Option<Self> {
        Some(match word {
            "micron" => Self::Micron,
            "millimeter" => Self::Millimeter,
            "centimeter" => Self::Centimeter,
            "inch" => Self::Inch,
            "foot" => Self::Foot,
            "meter" => Self::Meter,
            _ => return None,
        })
    }

    /// The nearest of our units.
    pub(super) const fn unit(self) -> Unit {
        match self {
            Self::Micron | Self::Millimeter => Unit::Millimeter,
            Self::Centimeter => Unit::Centimeter,
            Self::Inch | Self::Foot => Unit::Inch,
            Self::Meter => Unit::Meter,
        }
    }

    /// How much of that unit one of these is.
    pub(super) const fn in_unit(self) -> f64 {
        match self {
            Self::Micron => 0.001,
            Self::Foot => 12.0,
            _ => 1.0,
        }
    }
}

/// The upper three rows of 3MF's 4 × 4 matrix act on a row vector: p' = p · M + offset.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Transform {
    rows: [[f64; 3]; 3],
    offset: [f64; 3],
}

impl Transform {
    pub(super) const IDENTITY: Self =
        Self { rows: [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]], offset: [0.0; 3] };

    fn read(text: &str) -> Option<Self> {
        let numbers: Vec<f64> = text
            .split_ascii_whitespace()
            .take(13)
            .map(str::parse)
            .collect::<Result<_, _>>()
            .ok()?;
        let row = |first: usize| [numbers[first], numbers[first + 1], numbers[first + 2]];
        (numbers.len() == 12).then(|| Self { rows: [row(0), row(3), row(6)], offset: row(9) })
    }

    pub(super) fn apply(&self, [x, y, z]: [f64; 3]) -> [f64; 3] {
        let [a, b, c] = self.rows;
        [0, 1, 2].map(|axis| x * a[axis] + y * b[axis] + z * c[axis] + self.offset[axis])
    }

    /// First this one, then the outer one.
    pub(super) fn then(&self, outer: &Self) -> Self {
        let without_offset = Self { offset: [0.0; 3], ..*outer };
        Self {
            rows: self.rows.map(|row| without_offset.apply(row)),
            offset: outer.apply(self.offset),
        }
    }

    pub(super) fn determinant(&self) -> f64 {
        let [a, b, c] = self.rows;
        a[0] * (b[1] * c[2] - b[2] * c[1])
            + a[1] * (b[2] * c[0] - b[0] * c[2])
            + a[2] * (b[0] * c[1] - b[1] * c[0])
    }
}

/// Puts a model together from its tags.
pub(super) struct ModelReader<'a> {
    limits: &'a ScanLimits,
    model: Model,
    /// The object that is being read.
    object: Option<u32>,
    mesh: Indexed,
    group: Vec<Instance>,
    /// Vertices and triangles of all objects so far.
    vertices: usize,
    triangles: usize,
}

impl<'a> ModelReader<'a> {
    pub(super) fn new(limits: &'a ScanLimits) -> Self {
        Self {
            limits,
            model: Model::default(),
            object: None,
            mesh: Indexed::default(),
            group: Vec::new(),
            vertices: 0,
            triangles: 0,
        }
    }

    pub(super) fn finish(self) -> Model {
        self.model
    }

    pub(super) fn take(&mut self, tag: Tag<'_>) -> Result<(), ScanError> {
        match tag {
            Tag::Begin(tag) => self.begin(tag),
            Tag::End("object") => {
                self.end_object();
                Ok(())
            }
            Tag::End(_) => Ok(()),
        }
    }

    fn begin(&mut self, tag: &BytesStart<'_>) -> Result<(), ScanError> {
        match tag.local_name().as_ref() {
            "vertex" => {
                let place = numbers(tag, ["x", "y", "z"])?;
                self.mesh.vertices.push(place);
                self.vertices += 1;
                self.limits.check_points(self.vertices)
            }
            "triangle" => {
                let triangle = numbers(tag, ["v1", "v2", "v3"])?;
                self.mesh.triangles.push(triangle);
                self.triangles += 1;
                self.limits.check_triangles(self.triangles as u64)
            }
            "object" => {
                self.end_object();
                self.object = Some(number(tag, "id")?);
                Ok(())
            }
            "component" => {
                let instance = instance(tag)?;
                self.group.push(instance);
                Ok(())
            }
            "item" => {
                let instance = instance(tag)?;
                self.model.build.push(instance);
                Ok(())
            }
            "model" => {
                if let Some(word) = attribute(tag, "unit") {
                    let unknown = || ScanError::BadPackage {
                        problem: format!("its model names the unknown unit \"{}\"", cut(&word)),
                    };
                    self.model.unit = LengthUnit::named(&word).ok_or_else(unknown)?;
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn end_object(&mut self) {
        let mesh = std::mem::take(&mut self.mesh);
        let group = std::mem::take(&mut self.group);
        if let Some(id) = self.object.take() {
            let content =
                if group.is_empty() { Content::Mesh(mesh) } else { Content::Group(group) };
            self.model.objects.insert(id, content);
        }
    }
}

fn instance(tag: &BytesStart<'_>) -> Result<Instance, ScanError> {
    let transform = match attribute(tag, "transform") {
        None => Transform::IDENTITY,
        Some(text) => Transform::read(&text).ok_or_else(|| ScanError::BadPackage {
            problem: format!("the transform \"{}\" is not twelve numbers", cut(&text)),
        })?,
    };
    let part = attribute(tag, "path").map(|part| tidy(&part));
    Ok(Instance { part, object: number(tag, "objectid")?, transform })
}

fn number<T: std::str::FromStr>(tag: &BytesStart<'_>, name: &str) -> Result<T, ScanError> {
    attribute(tag, name).and_then(|value| value.trim().parse().ok()).ok_or_else(|| bad(tag, name))
}

/// Three numbers by the names of their attributes, in one pass over the tag.
fn numbers<T: std::str::FromStr + Copy>(
    tag: &BytesStart<'_>,
    names: [&str; 3],
) -> Result<[T; 3], ScanError> {
    let mut values = [None; 3];
    for attribute in tag.attributes().with_checks(false).flatten() {
        if let Some(index) = names.iter().position(|name| attribute.key.as_ref() == *name) {
            values[index] = attribute.value.trim().parse().ok();
        }
    }
    match values {
        [Some(a), Some(b), Some(c)] => Ok([a, b, c]),
        _ => {
            let missing = values.iter().position(Option::is_none).unwrap_or(0);
            Err(bad(tag, names[missing]))
        }
    }
}

fn bad(tag: &BytesStart<'_>, name: &str) -> ScanError {
    ScanError::BadPackage {
        problem: format!(
            "a tag <{} …> has no valid number in {name}",
            cut(tag.local_name().as_ref())
        ),
    }
}

fn cut(text: &str) -> String {
    shown(text, 40)
}
