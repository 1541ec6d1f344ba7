//! Reads a designed part as it is: welded, in mm, and little else.
//!
//! A scan is repaired, since a scanner leaves debris and spikes; a part that someone drew means every
//! triangle, so nothing is filled or smoothed here. Only what no one can mean is mended: a triangle that stands
//! there twice, and one that runs against all its neighbors.

use geometry::{Point3, TriMesh};
use rayon::prelude::*;
use vocabulary::Findings;

use crate::patches::Patches;
use crate::raw::{Indexed, RawScan, Shape};
use crate::read::weld_shape;
use crate::repair;
use crate::source::read_raw;
use crate::topology::Topology;
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
    let mut mesh = weld_shape(shape, limits, findings)?.mesh;
    mend(&mut mesh, findings);
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

/// Drops repeated triangles and turns those that run against the others of their surface.
fn mend(mesh: &mut Indexed, findings: &mut Findings) {
    let before = mesh.triangles.len();
    mesh.triangles.retain(|[a, b, c]| a != b && b != c && c != a);
    let mut topology = Topology::of(&mesh.triangles, mesh.vertices.len());
    if !topology.repeated.is_empty() {
        repair::drop_listed(&mut mesh.triangles, &topology.repeated);
        topology = Topology::of(&mesh.triangles, mesh.vertices.len());
    }
    let dropped = before - mesh.triangles.len();
    let turned = Patches::even(mesh, &mut topology).0.turned;
    if dropped + turned > 0 {
        findings.note(
            "scan",
            "mended-model",
            format!(
                "{dropped} triangles of the model that were repeated or had a corner twice were dropped, {turned} that ran \
                 against their neighbors were turned."
            ),
        );
    }
}
