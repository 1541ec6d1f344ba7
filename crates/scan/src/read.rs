use geometry::{Point3, TriMesh};
use vocabulary::Findings;

use crate::clean::{self, Edges, Piece};
use crate::cloud::{self, CloudEvidence};
use crate::raw::{Cloud, Indexed, RawScan, Shape};
use crate::source::read_raw;
use crate::unit::read_unit;
use crate::weld;
use crate::{Facing, Format, ScanError, ScanLimits, ScanMesh, ScanPiece, ScanRequest, UnitReading};

/// Reads a scan file of any [`Format`], welds and cleans it, drops debris, and converts it to mm.
///
/// # Errors
/// [`ScanError`]: not a scan file, cut off, nothing or too much in it, nothing but crumbs, or a size
/// in which no foot fits in the given (or any) unit.
pub fn read_scan(
    bytes: &[u8],
    request: &ScanRequest,
    findings: &mut Findings,
) -> Result<ScanMesh, ScanError> {
    let RawScan { shape, unit: stated_unit, format } = read_raw(bytes, &request.limits, findings)?;
    let Welded { mesh: mut welded, triangles: triangles_in_file, cloud } =
        weld_shape(shape, &request.limits, findings)?;
    drop_useless(&mut welded, findings);
    if welded.triangles.is_empty() {
        return Err(ScanError::NoSurface { triangles: triangles_in_file });
    }
    let kept = substantial_pieces(&welded, &request.limits, findings)?;
    let mut oriented: Vec<Indexed> =
        kept.iter().map(|piece| clean::extract(&welded, piece)).collect();
    drop(welded);
    let facings = orient(&mut oriented, findings);
    let all: Vec<[f64; 3]> =
        oriented.iter().flat_map(|piece| piece.vertices.iter().copied()).collect();
    let extent = clean::longest_extent(&all);
    drop(all);
    let unit = read_unit(extent, request.unit, stated_unit, findings)?;
    let mut scan = assemble(&oriented, &facings, unit, extent, findings);
    scan.format = format;
    scan.triangles_in_file = triangles_in_file;
    scan.cloud = cloud.map(|evidence| evidence.scaled(scan.unit.unit.mm_per_unit()));
    if let Some(evidence) = &scan.cloud {
        report_cloud(evidence, findings);
    }
    Ok(scan)
}

/// Lays the pieces behind each other and brings them to mm.
fn assemble(
    oriented: &[Indexed],
    facings: &[(Facing, usize)],
    unit: UnitReading,
    extent: f64,
    findings: &mut Findings,
) -> ScanMesh {
    let scale = unit.unit.mm_per_unit();
    let mut mesh = TriMesh::default();
    let mut pieces = Vec::with_capacity(oriented.len());
    for (piece, &(facing, open_edges)) in oriented.iter().zip(facings) {
        let (first_vertex, first_triangle) = (mesh.vertices.len(), mesh.triangles.len());
        let place = |vertex: &[f64; 3]| Point3::from(vertex.map(|c| c * scale));
        mesh.vertices.extend(piece.vertices.iter().map(place));
        let shifted = |triangle: &[u32; 3]| triangle.map(|vertex| vertex + first_vertex as u32);
        mesh.triangles.extend(piece.triangles.iter().map(shifted));
        let own = &mesh.vertices[first_vertex..];
        let (low, high) = own[1..]
            .iter()
            .fold((own[0], own[0]), |(low, high), point| (low.inf(point), high.sup(point)));
        let triangles = first_triangle..mesh.triangles.len();
        pieces.push(ScanPiece {
            filled: triangles.end..triangles.end,
            area_mm2: triangles.clone().map(|index| mesh.scaled_normal(index).norm() / 2.0).sum(),
            triangles,
            vertices: first_vertex..mesh.vertices.len(),
            low,
            high,
            open_edges,
            facing,
        });
    }
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
        longest_extent_mm: extent * scale,
        format: Format::StlBinary,
        triangles_in_file: 0,
        cloud: None,
        open_edges,
    }
}

/// Triangles over shared, finite vertices.
struct Welded {
    mesh: Indexed,
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
fn weld_shape(
    shape: Shape,
    limits: &ScanLimits,
    findings: &mut Findings,
) -> Result<Welded, ScanError> {
    match shape {
        Shape::Soup(mut soup) => {
            let count = soup.len();
            soup.retain(|corners| corners.as_flattened().iter().all(|c| c.is_finite()));
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

fn drop_useless(welded: &mut Indexed, findings: &mut Findings) {
    let (degenerate, repeated) = clean::drop_useless(welded);
    if degenerate + repeated > 0 {
        findings.note(
            "scan",
            "useless-triangles",
            format!(
                "{degenerate} triangles without area and {repeated} repeated triangles were dropped."
            ),
        );
    }
}

/// The pieces that are no debris, largest first.
fn substantial_pieces(
    welded: &Indexed,
    limits: &ScanLimits,
    findings: &mut Findings,
) -> Result<Vec<Piece>, ScanError> {
    let edges = Edges::of(&welded.triangles, welded.vertices.len());
    let mut pieces = clean::pieces(welded, &edges);
    let count = pieces.len();
    let total: f64 = pieces.iter().map(|piece| piece.area).sum();
    pieces.retain(|piece| piece.area >= limits.min_piece_share * total);
    let kept: f64 = pieces.iter().map(|piece| piece.area).sum();
    if pieces.is_empty() || kept < limits.min_kept_share * total {
        return Err(ScanError::Fragments { pieces: count, percent: 100.0 * kept / total });
    }
    if pieces.len() < count {
        report_debris(count - pieces.len(), 100.0 * (1.0 - kept / total), findings);
    }
    if pieces.len() > 1 {
        let shares: Vec<String> = pieces
            .iter()
            .take(MOST_SHARES_SAID)
            .map(|piece| format!("{:.1}", 100.0 * piece.area / total))
            .collect();
        let more = if pieces.len() > MOST_SHARES_SAID { ", …" } else { "" };
        findings.note(
            "scan",
            "several-pieces",
            format!(
                "The scan holds {} separate pieces, with {}{more} % of the surface.",
                pieces.len(),
                shares.join(", ")
            ),
        );
    }
    Ok(pieces)
}

/// Pieces whose share is named in the finding.
const MOST_SHARES_SAID: usize = 5;

fn report_debris(pieces: usize, percent: f64, findings: &mut Findings) {
    let message = format!(
        "{pieces} small separate pieces, {percent:.2} % of the surface, were dropped as debris."
    );
    // One percent of a foot's surface is about the size of a toe's tip.
    if percent < 1.0 {
        findings.note("scan", "debris-dropped", message);
    } else {
        findings.warn("scan", "debris-dropped", message);
    }
}

/// Orients every piece; returns what the winding of each says, and its open edges.
fn orient(pieces: &mut [Indexed], findings: &mut Findings) -> Vec<(Facing, usize)> {
    let (mut turned, mut inside_out, mut one_sided) = (0, 0, 0);
    let facings = pieces
        .iter_mut()
        .map(|piece| {
            let edges = Edges::of(&piece.triangles, piece.vertices.len());
            let orientation = clean::orient(piece, &edges);
            turned += orientation.turned;
            inside_out += usize::from(orientation.inside_out);
            one_sided += usize::from(orientation.one_sided);
            (orientation.facing, edges.open())
        })
        .collect();
    if turned > 0 {
        findings.note(
            "scan",
            "winding-repaired",
            format!("{turned} triangles ran against the rest of their piece and were turned."),
        );
    }
    if inside_out > 0 {
        findings.note(
            "scan",
            "inside-out",
            format!("{inside_out} of {} pieces were inside out and were turned.", pieces.len()),
        );
    }
    if one_sided > 0 {
        findings.warn(
            "scan",
            "one-sided",
            format!(
                "{one_sided} of {} pieces cannot be oriented (they have one side only, like a Möbius \
                 band); repair the scan if the shell looks wrong.",
                pieces.len()
            ),
        );
    }
    facings
}
