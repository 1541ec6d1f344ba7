//! The head of a PLY file: what elements follow, and of which properties they consist.

use crate::ScanError;
use crate::text::{Lines, words_of};

/// Longest head in bytes; ordinary ones have 300.
const MOST_HEAD_BYTES: usize = 65_536;
/// Most elements and most properties of an element; ordinary files have 2 and 10.
const MOST_DECLARED: usize = 256;

/// How the body is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    Ascii,
    LittleEndian,
    BigEndian,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scalar {
    I8,
    U8,
    I16,
    U16,
    I32,
    U32,
    F32,
    F64,
}

impl Scalar {
    fn named(word: &[u8]) -> Option<Self> {
        Some(match word {
            b"char" | b"int8" => Self::I8,
            b"uchar" | b"uint8" => Self::U8,
            b"short" | b"int16" => Self::I16,
            b"ushort" | b"uint16" => Self::U16,
            b"int" | b"int32" => Self::I32,
            b"uint" | b"uint32" => Self::U32,
            b"float" | b"float32" => Self::F32,
            b"double" | b"float64" => Self::F64,
            _ => return None,
        })
    }

    pub(super) const fn bytes(self) -> usize {
        match self {
            Self::I8 | Self::U8 => 1,
            Self::I16 | Self::U16 => 2,
            Self::I32 | Self::U32 | Self::F32 => 4,
            Self::F64 => 8,
        }
    }

    const fn is_integer(self) -> bool {
        !matches!(self, Self::F32 | Self::F64)
    }
}

/// What a property is to us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// x, y or z as 0, 1 or 2.
    Position(usize),
    /// nx, ny or nz as 0, 1 or 2.
    Normal(usize),
    /// The list of a face's vertices.
    Corners,
    Other,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Property {
    pub(super) role: Role,
    pub(super) value: Scalar,
    /// The type of the number of values, for a list.
    pub(super) length: Option<Scalar>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ElementKind {
    Vertex,
    Face,
    TriStrips,
    Other,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Element {
    pub(super) kind: ElementKind,
    pub(super) count: u64,
    pub(super) properties: Vec<Property>,
}

impl Element {
    /// Fewest bytes of one element: lists may be empty; ASCII needs a digit and a blank per number.
    pub(super) fn fewest_bytes(&self, encoding: Encoding) -> u64 {
        self.properties
            .iter()
            .map(|property| match encoding {
                Encoding::Ascii => 2,
                _ => property.length.unwrap_or(property.value).bytes() as u64,
            })
            .sum()
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) encoding: Encoding,
    pub(super) elements: Vec<Element>,
    /// Lines of the head, so that errors in an ASCII body can name their line.
    pub(super) lines: usize,
}

impl Head {
    /// Reads the head; returns it with the body behind it.
    pub(super) fn read(bytes: &[u8]) -> Result<(Self, &[u8]), ScanError> {
        let mut encoding = None;
        let mut elements: Vec<Element> = Vec::new();
        let limited = &bytes[..bytes.len().min(MOST_HEAD_BYTES)];
        let mut last = 1;
        for (line, text) in Lines::new(limited) {
            last = line;
            let wrong = |problem| Err(ScanError::BadPlyHead { line, problem });
            let words: Vec<&[u8]> = words_of(text).take(8).collect();
            match words[..] {
                [] | [b"ply" | b"comment" | b"obj_info", ..] => {}
                [b"format", word, ..] => {
                    encoding = Some(match word {
                        b"ascii" => Encoding::Ascii,
                        b"binary_little_endian" => Encoding::LittleEndian,
                        b"binary_big_endian" => Encoding::BigEndian,
                        _ => return wrong("names an unknown format"),
                    });
                }
                [b"element", name, count, ..] => {
                    let Some(count) = std::str::from_utf8(count).ok().and_then(|c| c.parse().ok())
                    else {
                        return wrong("has no number of elements");
                    };
                    let kind = match name {
                        b"vertex" => ElementKind::Vertex,
                        b"face" => ElementKind::Face,
                        b"tristrips" => ElementKind::TriStrips,
                        _ => ElementKind::Other,
                    };
                    elements.push(Element { kind, count, properties: Vec::new() });
                }
                [b"property", ref declared @ ..] => {
                    let Some(property) = property(declared) else {
                        return wrong("declares a property of an unknown type");
                    };
                    let Some(element) = elements.last_mut() else {
                        return wrong("declares a property before any element");
                    };
                    element.properties.push(property);
                    if element.properties.len() > MOST_DECLARED {
                        return wrong("is one of more than 256 properties");
                    }
                }
                [b"end_header", ..] => {
                    let Some(encoding) = encoding else {
                        return wrong("ends the head, and no format was named");
                    };
                    return Ok((Self { encoding, elements, lines: line }, body(bytes, text)));
                }
                _ => return wrong("says nothing that a head may say"),
            }
            if elements.len() > MOST_DECLARED {
                return wrong("is one of more than 256 elements");
            }
        }
        Err(ScanError::BadPlyHead { line: last, problem: "is the last, and end_header is missing" })
    }
}

/// What follows the line `last`, which is a part of `bytes`.
fn body<'a>(bytes: &'a [u8], last: &[u8]) -> &'a [u8] {
    let end = last.as_ptr_range().end as usize - bytes.as_ptr() as usize;
    match &bytes[end..] {
        [b'\r', b'\n', body @ ..] | [b'\n' | b'\r', body @ ..] => body,
        body => body,
    }
}

fn property(declared: &[&[u8]]) -> Option<Property> {
    match *declared {
        [b"list", length, value, name] => {
            let length = Scalar::named(length).filter(|length| length.is_integer())?;
            let role = match name {
                b"vertex_indices" | b"vertex_index" => Role::Corners,
                _ => Role::Other,
            };
            Some(Property { role, value: Scalar::named(value)?, length: Some(length) })
        }
        [value, name] => {
            let role = match name {
                b"x" => Role::Position(0),
                b"y" => Role::Position(1),
                b"z" => Role::Position(2),
                b"nx" => Role::Normal(0),
                b"ny" => Role::Normal(1),
                b"nz" => Role::Normal(2),
                _ => Role::Other,
            };
            Some(Property { role, value: Scalar::named(value)?, length: None })
        }
        _ => None,
    }
}
