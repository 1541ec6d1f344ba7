//! The body of a PLY file: its elements in the order of the head.

use super::head::{Element, ElementKind, Encoding, Head, Property, Role, Scalar};
use crate::error::Place;
use crate::polygon::triangulate;
use crate::raw::Indexed;
use crate::text::Words;
use crate::{Format, ScanError, ScanLimits};

/// What was read.
pub(super) struct Contents {
    pub(super) mesh: Indexed,
    /// One for each vertex, or none.
    pub(super) normals: Vec<[f32; 3]>,
    pub(super) trailing_bytes: usize,
}

/// Reads all elements. `file_bytes` is the length of the whole file, for the error of one cut off.
pub(super) fn read(
    head: &Head,
    body: &[u8],
    file_bytes: usize,
    limits: &ScanLimits,
) -> Result<Contents, ScanError> {
    check_promises(head, body.len(), file_bytes, limits)?;
    match head.encoding {
        Encoding::Ascii => {
            let mut words = Words::new(body);
            words.line = head.lines + 1;
            read_elements(head, AsciiSource { words, last_line: head.lines }, limits)
        }
        Encoding::LittleEndian => {
            read_elements(head, BinarySource::<false> { rest: body, file_bytes }, limits)
        }
        Encoding::BigEndian => {
            read_elements(head, BinarySource::<true> { rest: body, file_bytes }, limits)
        }
    }
}

/// Refuses what the file cannot hold before any memory is taken for it.
fn check_promises(
    head: &Head,
    body: usize,
    file_bytes: usize,
    limits: &ScanLimits,
) -> Result<(), ScanError> {
    let mut needed = 0_u64;
    for element in &head.elements {
        let own = element.count.saturating_mul(element.fewest_bytes(head.encoding));
        needed = needed.saturating_add(own);
        // The blank behind the last number of an ASCII file may be missing.
        if needed > body as u64 + 1 {
            return Err(ScanError::Truncated {
                format: Format::Ply,
                what: match element.kind {
                    ElementKind::Vertex => "vertices",
                    ElementKind::Face => "faces",
                    ElementKind::TriStrips | ElementKind::Other => "elements",
                },
                promised: element.count,
                expected: needed.saturating_add((file_bytes - body) as u64),
                got: file_bytes as u64,
            });
        }
        if element.kind == ElementKind::Vertex && element.count > limits.max_points as u64 {
            return Err(ScanError::TooMuch { what: "points", limit: limits.max_points as u64 });
        }
    }
    Ok(())
}

/// Where numbers come from.
trait Source {
    /// The next number.
    fn number(&mut self, kind: Scalar) -> Result<f64, ScanError>;

    /// Passes over so many numbers.
    fn skip(&mut self, kind: Scalar, count: usize) -> Result<(), ScanError>;

    /// Most numbers of this kind that can still come.
    fn most_left(&self, kind: Scalar) -> usize;

    /// Where the face that was just read stands.
    fn place(&self, face: usize) -> Place;

    /// Bytes that nobody asked for.
    fn left(self) -> usize;
}

struct AsciiSource<'a> {
    words: Words<'a>,
    last_line: usize,
}

impl Source for AsciiSource<'_> {
    fn number(&mut self, _: Scalar) -> Result<f64, ScanError> {
        let word = self.words.next().ok_or(ScanError::EndsInside {
            format: Format::Ply,
            what: "the element",
            line: self.last_line,
        })?;
        self.last_line = word.line;
        word.number(Format::Ply)
    }

    fn skip(&mut self, kind: Scalar, count: usize) -> Result<(), ScanError> {
        (0..count).try_for_each(|_| self.number(kind).map(drop))
    }

    fn most_left(&self, _: Scalar) -> usize {
        self.words.rest.len().div_ceil(2)
    }

    fn place(&self, _: usize) -> Place {
        Place::Line(self.last_line)
    }

    fn left(mut self) -> usize {
        self.words.next().map_or(0, |word| word.text.len() + self.words.rest.len())
    }
}

struct BinarySource<'a, const BIG: bool> {
    rest: &'a [u8],
    file_bytes: usize,
}

impl<'a, const BIG: bool> BinarySource<'a, BIG> {
    fn take(&mut self, bytes: usize) -> Result<&'a [u8], ScanError> {
        let Some((taken, rest)) = self.rest.split_at_checked(bytes) else {
            return Err(ScanError::Truncated {
                format: Format::Ply,
                what: "lists of vertices",
                promised: 1,
                expected: (self.file_bytes - self.rest.len()) as u64 + bytes as u64,
                got: self.file_bytes as u64,
            });
        };
        self.rest = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], ScanError> {
        let mut array = [0; N];
        array.copy_from_slice(self.take(N)?);
        if BIG {
            array.reverse();
        }
        Ok(array)
    }
}

impl<const BIG: bool> Source for BinarySource<'_, BIG> {
    fn number(&mut self, kind: Scalar) -> Result<f64, ScanError> {
        Ok(match kind {
            Scalar::I8 => f64::from(i8::from_le_bytes(self.array()?)),
            Scalar::U8 => f64::from(u8::from_le_bytes(self.array()?)),
            Scalar::I16 => f64::from(i16::from_le_bytes(self.array()?)),
            Scalar::U16 => f64::from(u16::from_le_bytes(self.array()?)),
            Scalar::I32 => f64::from(i32::from_le_bytes(self.array()?)),
            Scalar::U32 => f64::from(u32::from_le_bytes(self.array()?)),
            Scalar::F32 => f64::from(f32::from_le_bytes(self.array()?)),
            Scalar::F64 => f64::from_le_bytes(self.array()?),
        })
    }

    fn skip(&mut self, kind: Scalar, count: usize) -> Result<(), ScanError> {
        self.take(kind.bytes().saturating_mul(count)).map(drop)
    }

    fn most_left(&self, kind: Scalar) -> usize {
        self.rest.len() / kind.bytes()
    }

    fn place(&self, face: usize) -> Place {
        Place::Face(face)
    }

    fn left(self) -> usize {
        self.rest.len()
    }
}

fn read_elements(
    head: &Head,
    mut source: impl Source,
    limits: &ScanLimits,
) -> Result<Contents, ScanError> {
    let mut mesh = Indexed::default();
    let mut normals = Vec::new();
    for element in &head.elements {
        if element.properties.is_empty() {
            continue;
        }
        match element.kind {
            ElementKind::Vertex => read_vertices(element, &mut source, &mut mesh, &mut normals)?,
            ElementKind::Face | ElementKind::TriStrips => {
                read_faces(element, &mut source, &mut mesh, limits)?;
            }
            ElementKind::Other => {
                for _ in 0..element.count {
                    for property in &element.properties {
                        skip(property, &mut source)?;
                    }
                }
            }
        }
    }
    Ok(Contents { mesh, normals, trailing_bytes: source.left() })
}

fn read_vertices(
    element: &Element,
    source: &mut impl Source,
    mesh: &mut Indexed,
    normals: &mut Vec<[f32; 3]>,
) -> Result<(), ScanError> {
    let has = |role| element.properties.iter().any(|p| p.role == role && p.length.is_none());
    if !(0..3).all(|axis| has(Role::Position(axis))) {
        return Err(ScanError::BadPlyHead { line: 1, problem: "begins a head without x, y and z" });
    }
    let with_normals = (0..3).all(|axis| has(Role::Normal(axis)));
    // The count is no larger than the body allows: `check_promises`.
    mesh.vertices.reserve(element.count as usize);
    for _ in 0..element.count {
        let (mut position, mut normal) = ([0.0; 3], [0.0_f32; 3]);
        for property in &element.properties {
            match property.role {
                Role::Position(axis) => position[axis] = source.number(property.value)?,
                Role::Normal(axis) => normal[axis] = source.number(property.value)? as f32,
                Role::Corners | Role::Other => skip(property, source)?,
            }
        }
        mesh.vertices.push(position);
        if with_normals {
            normals.push(normal);
        }
    }
    Ok(())
}

fn skip(property: &Property, source: &mut impl Source) -> Result<(), ScanError> {
    let count = match property.length {
        None => 1,
        Some(length) => list_length(source.number(length)?, property.value, source)?,
    };
    source.skip(property.value, count)
}

fn list_length(number: f64, value: Scalar, source: &impl Source) -> Result<usize, ScanError> {
    let most = source.most_left(value);
    if number >= 0.0 && number <= most as f64 {
        return Ok(number as usize);
    }
    Err(ScanError::TooMuch { what: "values in one list of the PLY file", limit: most as u64 })
}

fn read_faces(
    element: &Element,
    source: &mut impl Source,
    mesh: &mut Indexed,
    limits: &ScanLimits,
) -> Result<(), ScanError> {
    let mut corners: Vec<i64> = Vec::new();
    let mut polygon: Vec<u32> = Vec::new();
    for face in 0..element.count as usize {
        corners.clear();
        for property in &element.properties {
            match (property.role, property.length) {
                (Role::Corners, Some(length)) => {
                    let count = list_length(source.number(length)?, property.value, source)?;
                    for _ in 0..count {
                        corners.push(source.number(property.value)? as i64);
                    }
                }
                _ => skip(property, source)?,
            }
        }
        let vertices = mesh.vertices.len();
        let valid = |index: i64| {
            if (0..vertices as i64).contains(&index) {
                return Ok(index as u32);
            }
            let place = source.place(face + 1);
            Err(ScanError::BadIndex { format: Format::Ply, place, index, vertices })
        };
        if element.kind == ElementKind::TriStrips {
            for strip in corners.split(|&index| index == STRIP_END) {
                let strip = strip.iter().map(|&i| valid(i)).collect::<Result<Vec<u32>, _>>()?;
                for (index, corner) in strip.windows(3).enumerate() {
                    let (a, b) = (corner[index % 2], corner[1 - index % 2]);
                    mesh.triangles.push([a, b, corner[2]]);
                }
            }
        } else {
            polygon.clear();
            for &index in &corners {
                polygon.push(valid(index)?);
            }
            triangulate(&mesh.vertices, &polygon, &mut mesh.triangles);
        }
        limits.check_triangles(mesh.triangles.len() as u64)?;
    }
    Ok(())
}

/// Ends one strip of triangles and begins the next.
const STRIP_END: i64 = -1;
