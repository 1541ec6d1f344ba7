use geometry::{Point3, TriMesh};
use vocabulary::Findings;

use crate::clean::{self, Edges, Piece};
use crate::soup::{Corners, read_soup};
use crate::unit::read_unit;
use crate::weld::{self, Welded};
use crate::{Facing, ScanError, ScanLimits, ScanMesh, ScanPiece, ScanRequest, UnitReading};

/// Reads a binary or ASCII STL file, welds and cleans it, drops debris, and converts it to mm.
///
/// # Errors
/// [`ScanError`]: not an STL file, cut off, nothing or too much in it, nothing but crumbs, or a size
/// in which no foot fits in the given (or any) unit.
pub fn read_scan(
    bytes: &[u8],
    request: &ScanRequest,
    findings: &mut Findings,
) -> Result<ScanMesh, ScanError> {
    let mut soup = read_soup(bytes, &request.limits, findings)?;
    let triangles_in_file = soup.len();
    if soup.is_empty() {
        return Err(ScanError::NoTriangles);
    }
    drop_non_finite(&mut soup, &request.limits, findings)?;
    let mut welded = weld::weld(&soup);
    drop(soup);
    drop_useless(&mut welded, findings);
    if welded.triangles.is_empty() {
        return Err(ScanError::NoSurface { triangles: triangles_in_file });
    }
    let kept = substantial_pieces(&welded, &request.limits, findings)?;
    let mut oriented: Vec<Welded> =
        kept.iter().map(|piece| clean::extract(&welded, piece)).collect();
    drop(welded);
    let facings = orient(&mut oriented, findings);
    let all: Vec<[f64; 3]> =
        oriented.iter().flat_map(|piece| piece.vertices.iter().copied()).collect();
    let extent = clean::longest_extent(&all);
    drop(all);
    let unit = read_unit(extent, request.unit, None, findings)?;
    Ok(assemble(&oriented, &facings, unit, extent, triangles_in_file, findings))
}

/// Lays the pieces behind each other and brings them to mm.
fn assemble(
    oriented: &[Welded],
    facings: &[(Facing, usize)],
    unit: UnitReading,
    extent: f64,
    triangles_in_file: usize,
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
        triangles_in_file,
        open_edges,
    }
}

fn drop_non_finite(
    soup: &mut Vec<Corners>,
    limits: &ScanLimits,
    findings: &mut Findings,
) -> Result<(), ScanError> {
    let triangles = soup.len();
    soup.retain(|corners| corners.as_flattened().iter().all(|coordinate| coordinate.is_finite()));
    let broken = triangles - soup.len();
    if broken as f64 > limits.max_non_finite_share * triangles as f64 {
        return Err(ScanError::NotFinite { broken, triangles });
    }
    if broken > 0 {
        findings.warn(
            "scan",
            "non-finite-coordinates",
            format!(
                "{broken} of {triangles} triangles had a coordinate that is no finite number and were \
                 dropped; look at the scan for holes."
            ),
        );
    }
    Ok(())
}

fn drop_useless(welded: &mut Welded, findings: &mut Findings) {
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
    welded: &Welded,
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
fn orient(pieces: &mut [Welded], findings: &mut Findings) -> Vec<(Facing, usize)> {
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
