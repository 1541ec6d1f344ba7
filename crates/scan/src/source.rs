//! Decides from its bytes which kind of file a scan is, and has it read.

use vocabulary::Findings;

use crate::raw::{RawScan, Shape};
use crate::text::without_mark;
use crate::{ScanError, ScanLimits, obj, ply, stl_ascii, stl_binary, table, three_mf};

/// The kinds of files that are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Binary STL.
    StlBinary,
    /// ASCII STL.
    StlAscii,
    /// Wavefront OBJ.
    Obj,
    /// Polygon File Format, ASCII or binary.
    Ply,
    /// 3D Manufacturing Format.
    ThreeMf,
    /// Rows of numbers: XYZ, TXT, CSV, PTS.
    Table,
}

impl std::fmt::Display for Format {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::StlBinary => "binary STL",
            Self::StlAscii => "ASCII STL",
            Self::Obj => "OBJ",
            Self::Ply => "PLY",
            Self::ThreeMf => "3MF",
            Self::Table => "XYZ",
        })
    }
}

/// Bytes at the beginning of a text file that tell its kind.
const HEAD_BYTES: usize = 16_384;

/// Reads a scan file of any kind.
///
/// A length of exactly 84 + 50 n bytes means binary STL, whatever the header says: common programs
/// write binary files whose header begins with "solid".
pub(crate) fn read_raw(
    bytes: &[u8],
    limits: &ScanLimits,
    findings: &mut Findings,
) -> Result<RawScan, ScanError> {
    if bytes.is_empty() {
        return Err(ScanError::EmptyFile);
    }
    let (format, unit, shape) = match kind(bytes)? {
        Format::Obj => (Format::Obj, None, obj::read(bytes, limits)?),
        Format::Ply => (Format::Ply, None, ply::read(bytes, limits, findings)?),
        Format::Table => (Format::Table, None, Shape::Cloud(table::read(bytes, limits)?)),
        Format::ThreeMf => {
            let (mesh, unit) = three_mf::read(bytes, limits, findings)?;
            (Format::ThreeMf, Some(unit), Shape::Indexed(mesh))
        }
        Format::StlAscii => {
            (Format::StlAscii, None, Shape::Soup(stl_ascii::read(bytes, limits, findings)?))
        }
        Format::StlBinary => {
            let Some(count) = stl_binary::promised_triangles(bytes) else {
                return Err(ScanError::TooShort { bytes: bytes.len() });
            };
            let soup = stl_binary::read(bytes, count, limits, findings)?;
            (Format::StlBinary, None, Shape::Soup(soup))
        }
    };
    Ok(RawScan { format, shape, unit })
}

fn kind(bytes: &[u8]) -> Result<Format, ScanError> {
    let promised = stl_binary::promised_triangles(bytes);
    if promised.is_some_and(|count| count > 0 && stl_binary::length_of(count) == bytes.len() as u64)
    {
        return Ok(Format::StlBinary);
    }
    let head = without_mark(&bytes[..bytes.len().min(HEAD_BYTES)]);
    if ply::looks_like_ply(head) {
        return Ok(Format::Ply);
    }
    if bytes.starts_with(b"PK\x03\x04") {
        return Ok(Format::ThreeMf);
    }
    if stl_ascii::looks_like_ascii_stl(head) {
        return Ok(Format::StlAscii);
    }
    if !is_text(head) {
        return magic(bytes)
            .map_or(Ok(Format::StlBinary), |kind| Err(ScanError::OtherKind { kind }));
    }
    if obj::looks_like_obj(head) {
        return Ok(Format::Obj);
    }
    if table::looks_like_table(head) {
        return Ok(Format::Table);
    }
    Err(ScanError::OtherKind { kind: kind_of_text(head) })
}

fn is_text(head: &[u8]) -> bool {
    head.iter()
        .all(|byte| matches!(byte, b'\t' | b'\n' | b'\r' | 0x0b | 0x0c | 0x20..=0x7e | 0x80..=0xff))
        && magic(head).is_none()
}

/// What the file is, if its first bytes show plainly that it is no scan.
fn magic(bytes: &[u8]) -> Option<&'static str> {
    const MAGIC: [(&[u8], &str); 9] = [
        (b"\x89PNG", "a PNG picture"),
        (b"\xff\xd8\xff", "a JPEG picture"),
        (b"%PDF", "a PDF document"),
        (b"\xff\xfe", "a text file in UTF-16"),
        (b"\xfe\xff", "a text file in UTF-16"),
        (b"glTF", "a glTF file"),
        (b"\x1f\x8b", "a gzip archive"),
        (b"7z\xbc\xaf", "a 7z archive"),
        (b"Rar!", "a RAR archive"),
    ];
    MAGIC.iter().find(|(magic, _)| bytes.starts_with(magic)).map(|(_, kind)| *kind)
}

fn kind_of_text(head: &[u8]) -> &'static str {
    let head = String::from_utf8_lossy(&head[..head.len().min(512)]).to_ascii_lowercase();
    let begins = head.trim_start();
    if begins.starts_with("<!doctype") || begins.starts_with("<html") {
        "a web page"
    } else if begins.starts_with("<?xml") {
        "an XML file"
    } else {
        "a text file"
    }
}
