use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};
use vocabulary::Findings;

use crate::ScanError;

/// The unit of a file's numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unit {
    /// 1000 mm.
    Meter,
    /// 10 mm.
    Centimeter,
    /// 1 mm.
    Millimeter,
    /// 25.4 mm.
    Inch,
}

impl Unit {
    /// All units, in the order in which they are tried.
    pub const ALL: [Self; 4] = [Self::Millimeter, Self::Meter, Self::Centimeter, Self::Inch];

    /// How many millimeters one of this unit is.
    #[must_use]
    pub const fn mm_per_unit(self) -> f64 {
        match self {
            Self::Meter => 1000.0,
            Self::Centimeter => 10.0,
            Self::Millimeter => 1.0,
            Self::Inch => 25.4,
        }
    }

    /// `"m"`, `"cm"`, `"mm"` or `"in"`, as case files and records write it.
    #[must_use]
    pub const fn symbol(self) -> &'static str {
        match self {
            Self::Meter => "m",
            Self::Centimeter => "cm",
            Self::Millimeter => "mm",
            Self::Inch => "in",
        }
    }

    /// `"meter"`, `"centimeter"`, `"millimeter"` or `"inch"`, for sentences.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Meter => "meter",
            Self::Centimeter => "centimeter",
            Self::Millimeter => "millimeter",
            Self::Inch => "inch",
        }
    }
}

impl std::fmt::Display for Unit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

/// Longest extent of a scan that can be a foot, mm: a foot of 80 mm without leg, up to one of 400 mm
/// with 500 mm of leg (√(400² + 500²) = 640).
const FOOT_EXTENT_MM: RangeInclusive<f64> = 80.0..=650.0;

/// Longest extent of a scan that is likely a foot, mm: from a small child's foot with its ankle to a
/// large foot with part of the calf.
const USUAL_EXTENT_MM: RangeInclusive<f64> = 150.0..=400.0;

/// Longest extent of any scan, mm: a foot together with the floor, board or stand around it. A
/// scanner that sees more than two meters saw a room.
pub(crate) const SCENE_EXTENT_MM: RangeInclusive<f64> = 80.0..=2000.0;

/// How well a size suits what labs scan; better first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum SizeFit {
    /// 150 to 400 mm: as most feet, with or without a part of the leg.
    Usual,
    /// 80 to 650 mm: a very small foot, or one with much leg.
    Rare,
    /// Up to 2000 mm: a foot can be in it, but only with a floor or a board around it.
    Scene,
}

/// A unit in which the scan can hold a foot.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct UnitCandidate {
    /// The unit.
    pub unit: Unit,
    /// Longest extent of the scan in this unit, mm.
    pub extent_mm: f64,
    /// How well that suits.
    pub fit: SizeFit,
}

/// Where a unit is known from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum UnitSource {
    /// The caller gave it.
    Given,
    /// The file names it (3MF does).
    File,
    /// The size of the scan.
    Size,
    /// The caller chose between candidates after a look at the shape: [`crate::ScanMesh::in_unit`].
    Shape,
}

/// The unit of a file's numbers, and how surely it is known.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct UnitReading {
    /// The unit by which the mesh was brought to mm.
    pub unit: Unit,
    /// Where it is known from.
    pub source: UnitSource,
    /// Whether the unit may be used without asking. If not, somebody who sees the foot chooses
    /// between the candidates, or a person is asked.
    pub settled: bool,
    /// Whether the unit is sure enough to tell small holes from large ones: no other one is as likely.
    pub likely: bool,
    /// All units in which the scan can hold a foot, best first; `unit` is among them unless it was
    /// given.
    pub candidates: Vec<UnitCandidate>,
    /// Why it is that unit, in one sentence.
    pub evidence: String,
}

/// The units in which a scan of this longest extent (in the file's own numbers) can hold a foot,
/// best first.
pub(crate) fn candidates(longest_extent: f64) -> Vec<UnitCandidate> {
    let mut candidates: Vec<UnitCandidate> = Unit::ALL
        .into_iter()
        .filter_map(|unit| {
            let extent_mm = longest_extent * unit.mm_per_unit();
            let fit = if USUAL_EXTENT_MM.contains(&extent_mm) {
                SizeFit::Usual
            } else if FOOT_EXTENT_MM.contains(&extent_mm) {
                SizeFit::Rare
            } else if SCENE_EXTENT_MM.contains(&extent_mm) {
                SizeFit::Scene
            } else {
                return None;
            };
            Some(UnitCandidate { unit, extent_mm, fit })
        })
        .collect();
    candidates.sort_by_key(|candidate| candidate.fit);
    candidates
}

/// Reads the unit: the given one, else the one that the file states, else the one that the longest
/// extent (in the file's own numbers) suggests.
pub(crate) fn read_unit(
    extent: f64,
    given: Option<Unit>,
    stated: Option<Unit>,
    findings: &mut Findings,
) -> Result<UnitReading, ScanError> {
    let candidates = candidates(extent);
    if let Some(unit) = given {
        return given_unit(extent, unit, candidates);
    }
    if let Some(unit) = stated {
        let extent_mm = extent * unit.mm_per_unit();
        if SCENE_EXTENT_MM.contains(&extent_mm) {
            let evidence = format!(
                "The file states the unit {unit}, in which the longest extent is {extent_mm:.0} mm."
            );
            findings.note("scan", "unit-stated", evidence.clone());
            let source = UnitSource::File;
            return Ok(UnitReading {
                unit,
                source,
                settled: true,
                likely: true,
                candidates,
                evidence,
            });
        }
        findings.warn(
            "scan",
            "unit-stated-wrongly",
            format!(
                "The file states the unit {unit}, in which the longest extent would be {extent_mm:.4} mm, \
                 as no foot has; its size was used instead."
            ),
        );
    }
    inferred_unit(extent, candidates, findings)
}

fn inferred_unit(
    extent: f64,
    candidates: Vec<UnitCandidate>,
    findings: &mut Findings,
) -> Result<UnitReading, ScanError> {
    let Some((&best, others)) = candidates.split_first() else {
        return Err(ScanError::NoUnitFits { extent });
    };
    let likely =
        others.first().is_none_or(|next| best.fit == SizeFit::Usual && next.fit > SizeFit::Usual);
    // A rival that needs a floor of a meter around the foot is for the record only. A foot of 12.5 may have
    // 318 mm in inches, and a child's 125 mm in centimeters: that is asked for unless the shape tells.
    let close = others.first().is_some_and(|next| next.fit < SizeFit::Scene);
    let settled = likely && !close;
    let size = format!(
        "The longest extent of {extent:.4} is {:.0} mm in the unit {}, as {}",
        best.extent_mm,
        best.unit,
        match best.fit {
            SizeFit::Usual => "most feet have",
            SizeFit::Rare => "a small foot or one with much leg has",
            SizeFit::Scene => "only a foot with the floor or a board around it has",
        }
    );
    let evidence = match others.first() {
        None => format!("{size}; no other unit fits."),
        Some(next) => format!(
            "{size}; it could also be {:.0} mm in the unit {}; give the unit in the case file if so.",
            next.extent_mm, next.unit
        ),
    };
    if !settled {
        findings.warn("scan", "unit-inferred", evidence.clone());
    } else {
        findings.note("scan", "unit-inferred", evidence.clone());
    }
    let (unit, source) = (best.unit, UnitSource::Size);
    Ok(UnitReading { unit, source, settled, likely, candidates, evidence })
}

fn given_unit(
    extent: f64,
    unit: Unit,
    candidates: Vec<UnitCandidate>,
) -> Result<UnitReading, ScanError> {
    let extent_mm = extent * unit.mm_per_unit();
    if SCENE_EXTENT_MM.contains(&extent_mm) {
        let evidence =
            format!("The unit {unit} was given; the longest extent is {extent_mm:.0} mm.");
        let source = UnitSource::Given;
        return Ok(UnitReading { unit, source, settled: true, likely: true, candidates, evidence });
    }
    let advice = match candidates.first() {
        Some(better) => format!(
            "in the unit {} it would be {:.0} mm: correct the unit or leave it out",
            better.unit, better.extent_mm
        ),
        None => "check what was scanned and in which unit".to_owned(),
    };
    Err(ScanError::WrongUnit { unit, extent_mm, advice })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn size_tells_the_unit() {
        use Unit::{Centimeter, Inch, Meter, Millimeter};
        let cases: [(f64, bool, &[Unit]); 14] = [
            (0.29, true, &[Meter]),
            (290.0, true, &[Millimeter]),
            (29.0, true, &[Centimeter, Inch]),
            (4.0, true, &[Inch]),
            (10.5, false, &[Inch, Centimeter]),
            (12.5, false, &[Inch, Centimeter]),
            (20.0, false, &[Centimeter, Inch]),
            (15.4, false, &[Centimeter, Inch]),
            // A toddler's foot in mm, or a foot on a large floor in cm.
            (95.0, false, &[Millimeter, Centimeter]),
            // A foot with its leg in cm, or a foot on a large floor in inches.
            (45.0, false, &[Centimeter, Inch]),
            (1200.0, true, &[Millimeter]),
            (0.000_26, true, &[]),
            (3000.0, true, &[]),
            (f64::NAN, true, &[]),
        ];
        for (extent, settled, expected) in cases {
            let units: Vec<Unit> = candidates(extent).iter().map(|one| one.unit).collect();
            assert_eq!(units, expected, "{extent}");
            match read_unit(extent, None, None, &mut Findings::new()) {
                Ok(reading) => assert_eq!((reading.unit, reading.settled), (units[0], settled)),
                Err(error) => {
                    assert!(expected.is_empty() && error.to_string().contains("no foot"));
                }
            }
        }
    }

    #[test]
    fn a_stated_unit_is_used_unless_it_is_impossible() {
        let mut findings = Findings::new();
        let reading = read_unit(280.0, None, Some(Unit::Millimeter), &mut findings).unwrap();
        assert_eq!((reading.unit, reading.source), (Unit::Millimeter, UnitSource::File));
        // 15.4 alone would be asked for.
        let reading = read_unit(15.4, None, Some(Unit::Inch), &mut findings).unwrap();
        assert!(reading.settled && reading.unit == Unit::Inch);
        let reading = read_unit(0.28, None, Some(Unit::Millimeter), &mut findings).unwrap();
        assert_eq!((reading.unit, reading.source), (Unit::Meter, UnitSource::Size));
        assert!(findings.has("unit-stated-wrongly"));
    }
}
