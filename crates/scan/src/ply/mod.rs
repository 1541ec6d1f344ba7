//! PLY, the Polygon File Format: ASCII and both binary byte orders, whatever elements and properties
//! it declares.
//!
//! Format: G. Turk, "The PLY Polygon File Format", Stanford 1994. Of the elements `vertex`, `face` and
//! `tristrips` the positions, normals and vertex lists are read; everything else (colors, confidence,
//! range grids) is passed over by its declared size.
//!
//! Our own reader and not `ply-rs-bw`: that one keeps every element as a map from names to values,
//! a hundred times the bytes of the file, and reads as many elements as the head promises without a
//! look at what the file can hold.

mod body;
mod head;

use vocabulary::Findings;

use crate::raw::{Cloud, Indexed, Shape};
use crate::{ScanError, ScanLimits};

use head::Head;

/// Whether the file begins as every PLY file must.
pub(crate) fn looks_like_ply(head: &[u8]) -> bool {
    head.strip_prefix(b"ply").is_some_and(|rest| matches!(rest.first(), Some(b'\n' | b'\r' | b' ')))
}

/// Reads vertices and faces; a file without faces is a point cloud.
pub(crate) fn read(
    bytes: &[u8],
    limits: &ScanLimits,
    findings: &mut Findings,
) -> Result<Shape, ScanError> {
    let (head, body) = Head::read(bytes)?;
    let contents = body::read(&head, body, bytes.len(), limits)?;
    if contents.trailing_bytes > 0 {
        findings.warn(
            "scan",
            "trailing-bytes",
            format!(
                "The PLY file has {} bytes behind all that its head promises; they were ignored; export the \
                 scan again if a part of the foot is missing.",
                contents.trailing_bytes
            ),
        );
    }
    let Indexed { vertices, triangles } = contents.mesh;
    if triangles.is_empty() {
        return Ok(Shape::Cloud(Cloud { points: vertices, normals: contents.normals }));
    }
    Ok(Shape::Indexed(Indexed { vertices, triangles }))
}
