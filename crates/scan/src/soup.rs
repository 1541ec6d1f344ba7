//! Decides which kind of file the bytes are and reads the corners of its triangles.

use vocabulary::Findings;

use crate::{ScanError, ScanLimits, ascii, binary};

/// Three corners in the file's own numbers.
pub(crate) type Corners = [[f32; 3]; 3];

/// Reads all triangles of an STL file, in file order.
///
/// A length of exactly 84 + 50 n bytes means binary, whatever the header says: common programs write
/// binary files whose header begins with "solid".
pub(crate) fn read_soup(
    bytes: &[u8],
    limits: &ScanLimits,
    findings: &mut Findings,
) -> Result<Vec<Corners>, ScanError> {
    if bytes.is_empty() {
        return Err(ScanError::EmptyFile);
    }
    let promised = binary::promised_triangles(bytes);
    let exact = promised.is_some_and(|count| binary::length_of(count) == bytes.len() as u64);
    if !exact && ascii::looks_like_ascii_stl(bytes) {
        return ascii::read(bytes, limits, findings);
    }
    if !exact && let Some(kind) = foreign_kind(bytes) {
        return Err(ScanError::NotStl { kind });
    }
    let Some(count) = promised else {
        return Err(ScanError::TooShort { bytes: bytes.len() });
    };
    binary::read(bytes, count, limits, findings)
}

/// What the file is, if it shows plainly that it is no STL file.
fn foreign_kind(bytes: &[u8]) -> Option<&'static str> {
    const MAGIC: [(&[u8], &str); 6] = [
        (b"PK\x03\x04", "a ZIP archive (3MF files are ZIP archives)"),
        (b"ply\n", "a PLY file"),
        (b"ply\r\n", "a PLY file"),
        (b"\x89PNG", "a PNG picture"),
        (b"\xff\xd8\xff", "a JPEG picture"),
        (b"%PDF", "a PDF document"),
    ];
    if let Some((_, kind)) = MAGIC.iter().find(|(magic, _)| bytes.starts_with(magic)) {
        return Some(kind);
    }
    let head = &bytes[..bytes.len().min(512)];
    let is_text = |byte: &u8| matches!(byte, b'\t' | b'\n' | b'\r' | 0x20..=0x7e | 0x80..=0xff);
    if !head.iter().all(is_text) {
        return None;
    }
    let head = String::from_utf8_lossy(head).to_ascii_lowercase();
    let begins = head.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n']);
    Some(if begins.starts_with("<!doctype") || begins.starts_with("<html") {
        "a web page"
    } else if begins.starts_with("<?xml") {
        "an XML file"
    } else {
        "a text file"
    })
}
