//! Reads a designed part as it is: welded, in mm, and nothing else.
//!
//! A scan is repaired, since a scanner leaves debris and spikes; a part that someone drew means every
//! triangle, so nothing is dropped, filled or turned here.

use geometry::{Point3, TriMesh};
use rayon::prelude::*;
use vocabulary::Findings;

use crate::raw::{RawScan, Shape};
use crate::read::weld_shape;
use crate::source::read_raw;
use crate::{ScanError, ScanLimits, Unit};

/// Parts under this or over that, mm, are likely written in another unit.
const LIKELY_MM: std::ops::RangeInclusive<f64> = 2.0..=3000.0;

/// Reads the mesh of a part from the bytes of an STL, OBJ, PLY or 3MF file.
///
/// Numbers are millimeters unless the file (3MF) or `unit` says otherwise. A size that no part of
/// ours has is a warning, since the file does not name its unit.
///
/// # Errors
/// [`ScanError`]: no such file, cut off, too much in it, points without triangles.
pub fn read_model(
    bytes: &[u8],
    unit: Option<Unit>,
    limits: &ScanLimits,
    findings: &mut Findings,
) -> Result<TriMesh, ScanError> {
    let RawScan { shape, unit: stated, .. } = read_raw(bytes, limits, findings)?;
    if matches!(shape, Shape::Cloud(_)) {
        return Err(ScanError::NoTriangles);
    }
    let mesh = weld_shape(shape, limits, findings)?.mesh;
    let scale = unit.or(stated).unwrap_or(Unit::Millimeter).mm_per_unit();
    let mesh = TriMesh {
        vertices: mesh
            .vertices
            .par_iter()
            .map(|place| Point3::from(place.map(|c| c * scale)))
            .collect(),
        triangles: mesh.triangles,
    };
    if let Some((low, high)) = mesh.bounds() {
        let longest = (high - low).max();
        if !LIKELY_MM.contains(&longest) {
            findings.warn(
                "scan",
                "unlikely-size",
                format!(
                    "The part is {longest:.3} mm long; its file may be in another unit than mm."
                ),
            );
        }
    }
    Ok(mesh)
}
