//! From the bytes of a case to a sheet, through the steps of `solewright scan`.

use foot::{FootFromScan, LandmarkName, Measurements};
use geometry::Point3;
use order::{ProfileKind, ProfileStore, Values};
use phantom::file::scan_bytes;
use phantom::spoil::{Expectation, FileUnit, SpoiledScan, Verdict};
use pipeline::{ScanFile, ScanJob, ScanSheet, scan_sheets};
use vocabulary::Side;

use super::Case;
use super::case::Ordered;

/// What the readers said of a case.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Good, usable with a warning, or refused.
    pub verdict: Verdict,
    /// Why it is not good.
    pub reason: String,
    /// The numbers of the quality gate, by check.
    pub quality: Vec<(String, f64)>,
    /// The foot, if the scan is not refused.
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
    /// Every measure of the sheet, by key.
    pub measures: Vec<(&'static str, f64)>,
}

/// The limits of the shipped profile.
///
/// # Panics
/// If it cannot be read.
pub(super) fn shipped_limits() -> Values {
    ProfileStore::shipped()
        .read(ProfileKind::Scan, "default")
        .unwrap_or_else(|error| panic!("profiles/scans/default.toml: {error}"))
}

/// Writes the scan as a file has it, and reads it.
pub(super) fn read(case: &Case, scan: &SpoiledScan, limits: &Values) -> Outcome {
    let other = match scan.shown_side {
        Side::Left => Side::Right,
        Side::Right => Side::Left,
    };
    let job = ScanJob {
        file: ScanFile {
            name: format!("scan.{}", case.format.extension()),
            bytes: scan_bytes(&scan.mesh, case.format),
        },
        side: match case.ordered {
            Ordered::Right => Some(scan.shown_side),
            Ordered::Wrong => Some(other),
            Ordered::Unsaid => None,
        },
        unit: case.given_unit.map(|unit| unit.name().to_owned()),
        length_mm: None,
        weight_bearing: None,
        kind: None,
    };
    let sheets = scan_sheets(&job, limits, &|| 0.0);
    // Of a file with both feet, the one that the truth is about.
    let sheet = sheets
        .iter()
        .find(|sheet| sheet.side() == Some(scan.shown_side))
        .or(sheets.first())
        .unwrap_or_else(|| panic!("{}: no sheet", case.name()));
    let verdict = match sheet.verdict() {
        pipeline::Verdict::Good => Verdict::Good,
        pipeline::Verdict::Usable => Verdict::Usable,
        pipeline::Verdict::Refused => Verdict::Refused,
    };
    Outcome {
        verdict,
        reason: sheet.reason().unwrap_or_default(),
        quality: sheet
            .checks()
            .iter()
            .filter_map(|check| Some((check.check.clone(), check.value?)))
            .collect(),
        foot: foot_of(sheet).filter(|_| verdict != Verdict::Refused),
        expectation: scan.expectation,
    }
}

fn foot_of(sheet: &ScanSheet) -> Option<Read> {
    let foot = sheet.foot()?;
    let unit = FileUnit::ALL.into_iter().find(|unit| Some(unit.name()) == sheet.unit())?;
    let landmarks = LandmarkName::ALL
        .into_iter()
        .filter_map(|name| Some((name, foot.landmarks.get(name)?.position)))
        .collect();
    Some(Read {
        side: foot.side,
        unit,
        foot_from_scan: foot.foot_from_scan,
        landmarks,
        measurements: foot.measurements,
        measures: sheet
            .measures()
            .into_iter()
            .flat_map(foot::measure::MeasureSheet::iter)
            .filter_map(|measured| Some((measured.name.entry().key, measured.value?)))
            .collect(),
    })
}
