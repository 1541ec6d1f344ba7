use geometry::{Point3, TriMesh};
use rayon::prelude::*;
use vocabulary::Findings;

use crate::cloud::{self, CloudEvidence};
use crate::patches::Patches;
use crate::pieces::{self, Pieces};
use crate::raw::{Cloud, Corners, Indexed, RawScan, Shape};
use crate::repair::{self, Filled};
use crate::source::read_raw;
use crate::topology::Topology;
use crate::unit::read_unit;
use crate::weld;
use crate::{Format, ScanError, ScanLimits, ScanMesh, ScanPiece, ScanRequest, UnitReading};

/// Reads a scan file of any [`Format`], welds, repairs and orients it, drops debris, and converts it
/// to mm.
///
/// # Errors
/// [`ScanError`]: not a scan file, cut off, nothing or too much in it, nothing but crumbs, or a size
/// in which no foot fits in the given (or any) unit.
pub fn read_scan(
    bytes: &[u8],
    request: &ScanRequest,
    findings: &mut Findings,
) -> Result<ScanMesh, ScanError> {
    let limits = &request.limits;
    let RawScan { shape, unit: stated_unit, format } = read_raw(bytes, limits, findings)?;
    let Welded { mut mesh, triangles: triangles_in_file, cloud } =
        weld_shape(shape, limits, findings)?;
    // Before triangles are judged by their area: one with a corner a kilometer away has none.
    let (spikes, vertices) = (repair::pull_spikes(&mut mesh), mesh.vertices.len());
    let mut topology = without_useless(&mut mesh, findings);
    if mesh.triangles.is_empty() {
        return Err(ScanError::NoSurface { triangles: triangles_in_file });
    }
    let patches = Patches::orient(&mut mesh, &mut topology);
    let mut pieces = pieces::substantial(&patches, &topology, limits)?;
    report_pieces(&pieces, patches.turned, findings);
    drop(patches);
    let extent = extent_of(&mesh, &pieces);
    let unit = read_unit(extent, request.unit, stated_unit, findings)?;
    let scale = unit.unit.mm_per_unit();
    let widest = if unit.likely { limits.max_hole_mm / scale } else { 0.0 };
    let filled = repair::fill_holes(&mut mesh, &topology, &mut pieces, extent, widest);
    drop(topology);
    report_repairs([spikes, vertices], filled, limits, &unit, findings);
    let mesh = pieces::laid_out(mesh, &mut pieces);
    let mut scan = assemble(mesh, &pieces, unit, findings);
    scan.longest_extent_mm = extent * scale;
    scan.format = format;
    scan.triangles_in_file = triangles_in_file;
    scan.cloud = cloud.map(|evidence| evidence.scaled(scale));
    if let Some(evidence) = &scan.cloud {
        report_cloud(evidence, findings);
    }
    Ok(scan)
}

/// Drops triangles without area and repeated ones.
fn without_useless(mesh: &mut Indexed, findings: &mut Findings) -> Topology {
    let degenerate = repair::drop_degenerate(mesh);
    let mut topology = Topology::of(&mesh.triangles, mesh.vertices.len());
    let repeated = topology.repeated.len();
    if repeated > 0 {
        repair::drop_listed(&mut mesh.triangles, &topology.repeated);
        topology = Topology::of(&mesh.triangles, mesh.vertices.len());
    }
    if degenerate + repeated > 0 {
        findings.note(
            "scan",
            "useless-triangles",
            format!(
                "{degenerate} triangles without area and {repeated} repeated triangles were dropped."
            ),
        );
    }
    topology
}

/// Longest extent of the kept pieces, in the file's own numbers.
fn extent_of(mesh: &Indexed, pieces: &Pieces) -> f64 {
    let mut is_kept = vec![false; mesh.vertices.len()];
    for (triangle, &piece) in mesh.triangles.iter().zip(&pieces.of_triangle) {
        if piece != pieces::DEBRIS {
            triangle.iter().for_each(|&corner| is_kept[corner as usize] = true);
        }
    }
    if !is_kept.contains(&false) {
        return pieces::longest_extent(&mesh.vertices);
    }
    let kept: Vec<[f64; 3]> =
        mesh.vertices.iter().zip(is_kept).filter(|(_, kept)| *kept).map(|(v, _)| *v).collect();
    pieces::longest_extent(&kept)
}

/// Brings the laid-out pieces to mm.
fn assemble(
    laid_out: Indexed,
    pieces: &Pieces,
    unit: UnitReading,
    findings: &mut Findings,
) -> ScanMesh {
    let scale = unit.unit.mm_per_unit();
    let place = |vertex: &[f64; 3]| Point3::from(vertex.map(|c| c * scale));
    let mesh = TriMesh {
        vertices: laid_out.vertices.par_iter().map(place).collect(),
        triangles: laid_out.triangles,
    };
    let (mut first_vertex, mut first_triangle) = (0, 0);
    let pieces: Vec<ScanPiece> = pieces
        .kept
        .iter()
        .map(|piece| {
            let vertices = first_vertex..first_vertex + piece.vertices;
            let triangles = first_triangle..first_triangle + piece.triangles;
            (first_vertex, first_triangle) = (vertices.end, triangles.end);
            let own = &mesh.vertices[vertices.clone()];
            let (low, high) = own[1..]
                .iter()
                .fold((own[0], own[0]), |(low, high), point| (low.inf(point), high.sup(point)));
            ScanPiece {
                filled: triangles.end - piece.filled..triangles.end,
                area_mm2: mesh.area_of(&mesh.triangles[triangles.clone()]),
                triangles,
                vertices,
                low,
                high,
                open_edges: piece.open_edges,
                facing: piece.facing,
            }
        })
        .collect();
    let open_edges = pieces.iter().map(|piece| piece.open_edges).sum();
    if open_edges > 0 {
        findings.note(
            "scan",
            "open-edges",
            format!("The surface is open along {open_edges} edges, as at a cut above the ankle."),
        );
    }
    ScanMesh {
        mesh,
        pieces,
        unit,
        longest_extent_mm: 0.0,
        format: Format::StlBinary,
        triangles_in_file: 0,
        cloud: None,
        open_edges,
    }
}

/// Triangles over shared, finite vertices.
pub(crate) struct Welded {
    pub(crate) mesh: Indexed,
    /// Triangles in the file, or of the surface that was laid through its points.
    triangles: usize,
    cloud: Option<CloudEvidence>,
}

fn is_finite(point: &[f64; 3]) -> bool {
    point.iter().all(|coordinate| coordinate.is_finite())
}

/// Lays a surface through a cloud's finite points.
fn surface_of_cloud(
    mut cloud: Cloud,
    limits: &ScanLimits,
    findings: &mut Findings,
) -> Result<(Indexed, CloudEvidence), ScanError> {
    let count = cloud.points.len();
    let finite: Vec<bool> = cloud.points.iter().map(is_finite).collect();
    let mut of_normals = finite.iter();
    cloud.normals.retain(|_| of_normals.next() == Some(&true));
    cloud.points.retain(is_finite);
    report_non_finite(count - cloud.points.len(), count, "points", limits, findings)?;
    cloud::surface_of(cloud, findings)
}

/// Brings any shape to triangles over shared, finite vertices.
pub(crate) fn weld_shape(
    shape: Shape,
    limits: &ScanLimits,
    findings: &mut Findings,
) -> Result<Welded, ScanError> {
    match shape {
        Shape::Soup(mut soup) => {
            let count = soup.len();
            let is_finite =
                |corners: &Corners| corners.as_flattened().iter().all(|c| c.is_finite());
            if !soup.par_iter().all(is_finite) {
                soup.retain(is_finite);
            }
            report_non_finite(count - soup.len(), count, "triangles", limits, findings)?;
            Ok(Welded { mesh: weld::weld(&soup), triangles: count, cloud: None })
        }
        Shape::Indexed(mut mesh) => {
            let count = mesh.triangles.len();
            let finite: Vec<bool> = mesh.vertices.iter().map(is_finite).collect();
            mesh.triangles.retain(|corners| corners.iter().all(|&c| finite[c as usize]));
            report_non_finite(count - mesh.triangles.len(), count, "triangles", limits, findings)?;
            for (vertex, finite) in mesh.vertices.iter_mut().zip(finite) {
                // No triangle uses it any more.
                if !finite {
                    *vertex = [0.0; 3];
                }
            }
            Ok(Welded { mesh: weld::weld_vertices(mesh), triangles: count, cloud: None })
        }
        Shape::Cloud(cloud) => {
            let (mesh, evidence) = surface_of_cloud(cloud, limits, findings)?;
            let triangles = mesh.triangles.len();
            Ok(Welded { mesh, triangles, cloud: Some(evidence) })
        }
    }
}

fn report_cloud(evidence: &CloudEvidence, findings: &mut Findings) {
    findings.note(
        "scan",
        "surface-laid",
        format!(
            "The file holds {} points and no triangles; a surface was laid through them with a resolution of \
             {:.1} mm; the points lie {:.3} mm from it in the mean, 95 % within {:.3} mm.",
            evidence.points,
            evidence.resolution_mm,
            evidence.mean_distance_mm,
            evidence.p95_distance_mm
        ),
    );
}

fn report_non_finite(
    broken: usize,
    count: usize,
    what: &'static str,
    limits: &ScanLimits,
    findings: &mut Findings,
) -> Result<(), ScanError> {
    if count == 0 {
        return Err(ScanError::NoTriangles);
    }
    if broken as f64 > limits.max_non_finite_share * count as f64 {
        return Err(ScanError::NotFinite { broken, count, what });
    }
    if broken > 0 {
        findings.warn(
            "scan",
            "non-finite-coordinates",
            format!(
                "{broken} of {count} {what} had a coordinate that is no finite number and were \
                 dropped; look at the scan for holes."
            ),
        );
    }
    Ok(())
}

/// Pieces whose share is named in the finding.
const MOST_SHARES_SAID: usize = 5;

fn report_pieces(pieces: &Pieces, turned: usize, findings: &mut Findings) {
    if pieces.debris > 0 {
        let percent = 100.0 * pieces.debris_share;
        let message = format!(
            "{} small separate pieces, {percent:.2} % of the surface, were dropped as debris.",
            pieces.debris
        );
        // One percent of a foot's surface is about the size of a toe's tip.
        if percent < 1.0 {
            findings.note("scan", "debris-dropped", message);
        } else {
            findings.warn("scan", "debris-dropped", message);
        }
    }
    let kept = &pieces.kept;
    if kept.len() > 1 {
        let total: f64 = kept.iter().map(|piece| piece.area).sum();
        let shares: Vec<String> = kept
            .iter()
            .take(MOST_SHARES_SAID)
            .map(|piece| format!("{:.1}", 100.0 * piece.area / total))
            .collect();
        let more = if kept.len() > MOST_SHARES_SAID { ", …" } else { "" };
        findings.note(
            "scan",
            "several-pieces",
            format!(
                "The scan holds {} separate pieces, with {}{more} % of the surface.",
                kept.len(),
                shares.join(", ")
            ),
        );
    }
    if turned > 0 {
        findings.note(
            "scan",
            "winding-repaired",
            format!("{turned} triangles ran against the rest of their piece and were turned."),
        );
    }
    let inside_out = kept.iter().filter(|piece| piece.is_inside_out).count();
    if inside_out > 0 {
        findings.note(
            "scan",
            "inside-out",
            format!("{inside_out} of {} pieces were inside out and were turned.", kept.len()),
        );
    }
    let one_sided = kept.iter().filter(|piece| piece.is_one_sided).count();
    if one_sided > 0 {
        findings.warn(
            "scan",
            "one-sided",
            format!(
                "{one_sided} of {} pieces cannot be oriented (they have one side only, like a Möbius \
                 band); repair the scan if the shell looks wrong.",
                kept.len()
            ),
        );
    }
}

fn report_repairs(
    [spikes, vertices]: [usize; 2],
    filled: Filled,
    limits: &ScanLimits,
    unit: &UnitReading,
    findings: &mut Findings,
) {
    if spikes > 0 {
        let message = format!(
            "{spikes} vertices stood out as spikes and were moved to the middle of their neighbors."
        );
        // Where that many stand out far, others stand out by less and are left.
        if spikes as f64 > repair::MANY_SPIKES * vertices as f64 {
            findings.warn("scan", "spikes-pulled", message + " Scan again with more light.");
        } else {
            findings.note("scan", "spikes-pulled", message);
        }
    }
    if filled.holes > 0 {
        findings.note(
            "scan",
            "holes-filled",
            format!(
                "{} holes of up to {} mm were closed; {} larger openings were left as they are.",
                filled.holes, limits.max_hole_mm, filled.left_open
            ),
        );
    }
    if !unit.likely && filled.left_open > 0 {
        findings.note(
            "scan",
            "holes-not-filled",
            "No hole was closed, as the unit is not certain and with it what is a small hole.",
        );
    }
}
