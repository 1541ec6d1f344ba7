use geometry::{Point3, TriMesh};
use vocabulary::Findings;

use crate::Unit;
use crate::clean::{self, Edges, Piece};
use crate::soup::{Corners, read_soup};
use crate::unit::{self, Inference, POSSIBLE_EXTENT_MM};
use crate::weld::{self, Welded};

/// What the caller knows about a scan.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ScanRequest {
    /// The unit of the file's numbers; `None` to infer it from the size.
    pub unit: Option<Unit>,
    /// What is accepted.
    pub limits: ScanLimits,
}

/// What is accepted as a scan.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ScanLimits {
    /// Most triangles that a file may have.
    pub max_triangles: usize,
    /// Largest share of triangles with a coordinate that is no finite number, 0 to 1.
    pub max_non_finite_share: f64,
    /// Smallest share of the surface's area that its largest piece must hold, 0 to 1.
    pub min_piece_share: f64,
}

impl Default for ScanLimits {
    fn default() -> Self {
        Self { max_triangles: 5_000_000, max_non_finite_share: 0.01, min_piece_share: 0.5 }
    }
}

/// A cleaned scan.
#[derive(Clone, Debug, PartialEq)]
pub struct ScanMesh {
    /// One connected surface in mm, welded, oriented outward, without degenerate or repeated
    /// triangles; may be open. Position and direction are the file's.
    pub mesh: TriMesh,
    /// The unit of the file's numbers.
    pub unit: Unit,
    /// Why it is that unit, in one sentence.
    pub unit_evidence: String,
    /// Longest distance between two points of the mesh, mm.
    pub longest_extent_mm: f64,
    /// Triangles in the file.
    pub triangles_in_file: usize,
    /// Edges with one triangle only: the border of openings.
    pub open_edges: usize,
}

/// Why a scan cannot be used.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ScanError {
    /// No bytes.
    #[error("the scan file is empty; export the scan again")]
    EmptyFile,
    /// Plainly another kind of file.
    #[error("the scan is {kind}, not an STL file; export the scan as STL")]
    NotStl {
        /// What it seems to be.
        kind: &'static str,
    },
    /// No ASCII STL, and shorter than the head of a binary one.
    #[error("the scan has {bytes} bytes, too few for an STL file; export the scan again")]
    TooShort {
        /// Length of the file.
        bytes: usize,
    },
    /// A binary file that ends early.
    #[error(
        "the STL file is cut off: its head promises {triangles} triangles, which take {expected} bytes, \
         but the file has {got}; copy or export it again"
    )]
    Truncated {
        /// Promised triangles.
        triangles: u32,
        /// Bytes that these take.
        expected: u64,
        /// Bytes in the file.
        got: u64,
    },
    /// Binary data that the STL library does not read.
    #[error("the binary STL file cannot be read: {cause}")]
    Unreadable {
        /// The library's words.
        cause: String,
    },
    /// An ASCII file with a wrong word.
    #[error(
        "line {line} of the ASCII STL file has \"{got}\" where {expected} should stand; export the scan again"
    )]
    BadText {
        /// Line, counted from 1.
        line: usize,
        /// What should stand there.
        expected: &'static str,
        /// What stands there.
        got: String,
    },
    /// An ASCII file that ends early.
    #[error(
        "the ASCII STL file ends inside the facet that begins in line {line}; copy or export it again"
    )]
    EndsInFacet {
        /// Line, counted from 1.
        line: usize,
    },
    /// More than the limit.
    #[error(
        "the scan has {triangles} triangles, more than the limit of {limit}; reduce it before loading"
    )]
    TooManyTriangles {
        /// Triangles in the file, as far as counted.
        triangles: u64,
        /// The limit.
        limit: usize,
    },
    /// Nothing in it.
    #[error("the STL file holds no triangle; export the scan again")]
    NoTriangles,
    /// Nothing but triangles without area.
    #[error("none of the {triangles} triangles of the scan has an area; export the scan again")]
    NoSurface {
        /// Triangles in the file.
        triangles: usize,
    },
    /// Too many broken coordinates.
    #[error(
        "{broken} of the scan's {triangles} triangles have a coordinate that is no finite number; export \
         the scan again"
    )]
    NotFinite {
        /// Triangles with such a coordinate.
        broken: usize,
        /// Triangles in the file.
        triangles: usize,
    },
    /// The surface falls apart.
    #[error(
        "the scan falls into {pieces} pieces and the largest holds only {percent:.0} % of the surface; \
         merge the scan into one surface and export it again"
    )]
    Fragments {
        /// Number of pieces.
        pieces: usize,
        /// Share of the largest, percent.
        percent: f64,
    },
    /// Two pieces side by side that are about equally large.
    #[error(
        "the scan holds two separate shapes of similar size, the second with {percent:.0} % of the first \
         one's surface; export each foot to its own file"
    )]
    TwoFeet {
        /// Area of the second in percent of the first.
        percent: f64,
    },
    /// No unit makes it a foot.
    #[error(
        "the scan's longest extent is {extent:.6} in the file's own numbers, which is no foot in mm, cm, m or \
         inches (expected 80 to 650 mm); check what was scanned and in which unit"
    )]
    NoUnitFits {
        /// Longest extent in the file's unit.
        extent: f64,
    },
    /// Two units make it a foot.
    #[error(
        "the scan's longest extent of {extent:.3} can be {first_mm:.0} mm (unit {first}) or {second_mm:.0} mm \
         (unit {second}); give the unit in the case file"
    )]
    AmbiguousUnit {
        /// Longest extent in the file's unit.
        extent: f64,
        /// One reading.
        first: Unit,
        /// Its length in mm.
        first_mm: f64,
        /// The other reading.
        second: Unit,
        /// Its length in mm.
        second_mm: f64,
    },
    /// The given unit makes it no foot.
    #[error(
        "with the given unit {unit} the scan's longest extent is {extent_mm:.4} mm (expected 80 to 650 mm for a \
         foot); {advice}"
    )]
    WrongUnit {
        /// The given unit.
        unit: Unit,
        /// Longest extent, mm.
        extent_mm: f64,
        /// What to do.
        advice: String,
    },
}

/// Reads a binary or ASCII STL file, welds and cleans it, keeps the foot, and converts it to mm.
///
/// # Errors
/// [`ScanError`]: not an STL file, cut off, nothing or too much in it, two feet, or a size that no
/// foot has in the given (or any) unit.
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
    let mut piece = keep_foot(&welded, &request.limits, findings)?;
    drop(welded);
    let edges = Edges::of(&piece.triangles, piece.vertices.len());
    orient(&mut piece, &edges, findings);
    let open_edges = edges.open();
    if open_edges > 0 {
        findings.note(
            "scan",
            "open-edges",
            format!("The surface is open along {open_edges} edges, as at a cut above the ankle."),
        );
    }
    let extent = clean::longest_extent(&piece.vertices);
    let (unit, unit_evidence) = find_unit(extent, request.unit, findings)?;
    let scale = unit.mm_per_unit();
    let vertices = piece.vertices.iter().map(|vertex| Point3::from(vertex.map(|c| c * scale)));
    Ok(ScanMesh {
        mesh: TriMesh { vertices: vertices.collect(), triangles: piece.triangles },
        unit,
        unit_evidence,
        longest_extent_mm: extent * scale,
        triangles_in_file,
        open_edges,
    })
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

/// Area of the second piece, as a share of the first's, from which it may be a second foot.
const SECOND_FOOT_SHARE: f64 = 0.4;

/// Share of the second piece's bounding box inside the first's from which it is taken for an inner
/// wall of the same foot and not for a second foot.
const INNER_WALL_SHARE: f64 = 0.8;

fn keep_foot(
    welded: &Welded,
    limits: &ScanLimits,
    findings: &mut Findings,
) -> Result<Welded, ScanError> {
    let edges = Edges::of(&welded.triangles, welded.vertices.len());
    let pieces = clean::pieces(welded, &edges);
    let total: f64 = pieces.iter().map(|piece| piece.area).sum();
    let foot = &pieces[0];
    if let Some(second) = pieces.get(1)
        && second.area >= SECOND_FOOT_SHARE * foot.area
        && second.share_inside(foot) < INNER_WALL_SHARE
    {
        return Err(ScanError::TwoFeet { percent: 100.0 * second.area / foot.area });
    }
    if foot.area < limits.min_piece_share * total {
        return Err(ScanError::Fragments {
            pieces: pieces.len(),
            percent: 100.0 * foot.area / total,
        });
    }
    if pieces.len() > 1 {
        report_dropped(&pieces, total, findings);
    }
    Ok(clean::extract(welded, foot))
}

fn report_dropped(pieces: &[Piece], total: f64, findings: &mut Findings) {
    let percent = 100.0 * (1.0 - pieces[0].area / total);
    let message = format!(
        "{} separate pieces with {percent:.2} % of the surface were dropped; the largest piece was kept \
         as the foot.",
        pieces.len() - 1
    );
    // One percent of a foot's surface is about the size of a toe's tip.
    if percent < 1.0 {
        findings.note("scan", "pieces-dropped", message);
    } else {
        findings.warn("scan", "pieces-dropped", message);
    }
}

fn orient(piece: &mut Welded, edges: &Edges, findings: &mut Findings) {
    let orientation = clean::orient(piece, edges);
    if orientation.turned > 0 {
        findings.note(
            "scan",
            "winding-repaired",
            format!("{} triangles ran against the rest and were turned.", orientation.turned),
        );
    }
    if orientation.inside_out {
        findings.note("scan", "inside-out", "The surface was inside out and was turned.");
    }
    if orientation.one_sided {
        findings.warn(
            "scan",
            "one-sided",
            "The surface cannot be oriented (it has one side only, like a Möbius band); repair the scan \
             if the shell looks wrong.",
        );
    }
}

fn find_unit(
    extent: f64,
    given: Option<Unit>,
    findings: &mut Findings,
) -> Result<(Unit, String), ScanError> {
    let in_mm = |unit: Unit| extent * unit.mm_per_unit();
    if let Some(unit) = given {
        return given_unit(extent, unit);
    }
    let (unit, evidence) = match unit::infer(extent) {
        Inference::Certain(unit) => {
            let evidence = format!(
                "The longest extent of {extent:.4} is {:.0} mm in the unit {unit}, as a foot has (80 to 650 \
                 mm with ankle and leg); no other unit fits.",
                in_mm(unit)
            );
            findings.note("scan", "unit-inferred", evidence.clone());
            (unit, evidence)
        }
        Inference::Likely(unit, rare) => {
            let evidence = format!(
                "The longest extent of {extent:.4} is {:.0} mm in the unit {unit}, as most feet have; it could \
                 also be {:.0} mm in the unit {rare}; give the unit in the case file if so.",
                in_mm(unit),
                in_mm(rare)
            );
            findings.warn("scan", "unit-inferred", evidence.clone());
            (unit, evidence)
        }
        Inference::Ambiguous(first, second) => {
            return Err(ScanError::AmbiguousUnit {
                extent,
                first,
                first_mm: in_mm(first),
                second,
                second_mm: in_mm(second),
            });
        }
        Inference::None => return Err(ScanError::NoUnitFits { extent }),
    };
    Ok((unit, evidence))
}

fn given_unit(extent: f64, unit: Unit) -> Result<(Unit, String), ScanError> {
    let extent_mm = extent * unit.mm_per_unit();
    if POSSIBLE_EXTENT_MM.contains(&extent_mm) {
        let evidence =
            format!("The unit {unit} was given; the longest extent is {extent_mm:.0} mm.");
        return Ok((unit, evidence));
    }
    let advice = match unit::infer(extent) {
        Inference::Certain(better) | Inference::Likely(better, _) => format!(
            "in the unit {better} it would be {:.0} mm: correct the unit or leave it out",
            extent * better.mm_per_unit()
        ),
        Inference::Ambiguous(..) | Inference::None => {
            "check what was scanned and in which unit".to_owned()
        }
    };
    Err(ScanError::WrongUnit { unit, extent_mm, advice })
}
