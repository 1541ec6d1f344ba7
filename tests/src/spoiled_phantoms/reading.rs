//! From the bytes of a case to a foot, through the crates that the program uses.

use foot::{FootFromScan, FootRequest, LandmarkName, Measurements, find_foot};
use geometry::Point3;
use phantom::file::scan_bytes;
use phantom::spoil::{Expectation, FileUnit, SpoiledScan, Verdict};
use scan::{ScanMesh, ScanRequest, Unit, read_scan};
use vocabulary::{Findings, Severity, Side};

use super::Case;
use super::case::Ordered;

/// What the readers said of a case.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Good, usable with a warning, or refused.
    pub verdict: Verdict,
    /// Why it is refused, or the codes of the warnings.
    pub reason: String,
    /// The foot, if there is one.
    pub foot: Option<Read>,
    /// What may be asked of a reader of this scan.
    pub expectation: Expectation,
}

/// A foot that was read.
#[derive(Clone, Debug)]
pub struct Read {
    /// Which foot it was taken for.
    pub side: Side,
    /// The unit that the file was read in.
    pub unit: FileUnit,
    /// From the scan in mm to the foot frame.
    pub foot_from_scan: FootFromScan,
    /// Places in the foot frame.
    pub landmarks: Vec<(LandmarkName, Point3)>,
    /// Lengths.
    pub measurements: Measurements,
}

/// Writes the scan as a file has it, and reads it.
pub(super) fn read(case: &Case, scan: &SpoiledScan) -> Outcome {
    let bytes = scan_bytes(&scan.mesh, case.format);
    let expectation = scan.expectation;
    let mut findings = Findings::new();
    match try_read(case, scan, &bytes, &mut findings) {
        Ok(foot) => {
            let mut codes: Vec<&str> = findings
                .iter()
                .filter(|finding| finding.severity == Severity::Warning)
                .map(|finding| finding.code)
                .collect();
            codes.dedup();
            let verdict = if codes.is_empty() { Verdict::Good } else { Verdict::Usable };
            Outcome { verdict, reason: codes.join(", "), foot: Some(foot), expectation }
        }
        Err(reason) => Outcome { verdict: Verdict::Refused, reason, foot: None, expectation },
    }
}

fn try_read(
    case: &Case,
    scan: &SpoiledScan,
    bytes: &[u8],
    findings: &mut Findings,
) -> Result<Read, String> {
    let request = ScanRequest { unit: case.given_unit.map(unit), ..ScanRequest::default() };
    let read = read_scan(bytes, &request, findings)
        .and_then(ScanMesh::settled)
        .map_err(|error| error.to_string())?;
    let mesh = read.single_foot().map_err(|error| error.to_string())?;
    let other = match scan.shown_side {
        Side::Left => Side::Right,
        Side::Right => Side::Left,
    };
    let request = match case.ordered {
        Ordered::Right => FootRequest::new(scan.shown_side),
        Ordered::Wrong => FootRequest::new(other),
        Ordered::Unsaid => FootRequest::of_either_side(),
    };
    let foot = find_foot(&mesh, &request, findings).map_err(|error| error.to_string())?;
    let landmarks = LandmarkName::ALL
        .into_iter()
        .filter_map(|name| Some((name, foot.landmarks.get(name)?.position)))
        .collect();
    Ok(Read {
        side: foot.side,
        unit: file_unit(read.unit.unit),
        foot_from_scan: foot.foot_from_scan,
        landmarks,
        measurements: foot.measurements,
    })
}

const fn unit(unit: FileUnit) -> Unit {
    match unit {
        FileUnit::Millimeter => Unit::Millimeter,
        FileUnit::Centimeter => Unit::Centimeter,
        FileUnit::Meter => Unit::Meter,
        FileUnit::Inch => Unit::Inch,
    }
}

const fn file_unit(unit: Unit) -> FileUnit {
    match unit {
        Unit::Millimeter => FileUnit::Millimeter,
        Unit::Centimeter => FileUnit::Centimeter,
        Unit::Meter => FileUnit::Meter,
        Unit::Inch => FileUnit::Inch,
    }
}
