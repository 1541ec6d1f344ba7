//! From a scan's bytes to measured feet that passed the quality gate, or the reason why not.

use std::collections::BTreeMap;

use foot::measure::{MeasureSheet, measure_foot};
use foot::quality::{self, Check, CheckName, Known, Limit, Verdict};
use foot::{Foot, FootError, FootRequest, LandmarkName, Scanned, find_feet};
use geometry::Point3;
use order::{ScanKind, Values, WeightBearing};
use scan::{ScanError, ScanMesh, ScanRequest, Unit, UnitSource};
use vocabulary::{Findings, Side};

/// What is known of a scan before it is read.
#[derive(Clone, Debug, Default)]
pub(crate) struct ScanFacts {
    /// Which foot it is ordered as; `None` to tell it from the shape.
    pub(crate) side: Option<Side>,
    pub(crate) unit: Option<Unit>,
    pub(crate) length_mm: Option<f64>,
    pub(crate) weight_bearing: Option<WeightBearing>,
    pub(crate) kind: Option<ScanKind>,
    /// Landmarks by hand by name, in the file's coordinates and unit.
    pub(crate) landmarks: BTreeMap<String, [f64; 3]>,
}

/// Names the steps of the work to whoever watches and times it.
pub(crate) trait Steps {
    /// Runs one step.
    fn step<T>(&mut self, name: &'static str, work: impl FnOnce() -> T) -> T;
}

/// A foot of a scan, measured and judged.
#[derive(Clone, Debug)]
pub(crate) struct ScannedFoot {
    pub(crate) foot: Foot,
    pub(crate) checks: Vec<Check>,
    pub(crate) sheet: MeasureSheet,
    pub(crate) findings: Findings,
}

/// Why no foot came out, as a check that was not passed.
#[derive(Clone, Debug)]
pub(crate) struct Stopped {
    pub(crate) check: Check,
    /// Unit, if it was known by then.
    pub(crate) unit: Option<Unit>,
}

impl Stopped {
    pub(crate) fn reason(&self) -> &str {
        &self.check.message
    }
}

/// A check that was refused before there were numbers for all.
fn refused(check: &str, value: Option<f64>, limit: Option<f64>, message: String) -> Check {
    Check {
        check: check.to_owned(),
        value,
        limit,
        refused_limit: limit,
        verdict: Verdict::Refused,
        message,
    }
}

impl From<ScanError> for Stopped {
    fn from(error: ScanError) -> Self {
        let (check, value, limit) = match &error {
            ScanError::NoUnitFits { extent } => ("unit", Some(*extent), None),
            ScanError::AmbiguousUnit { extent, .. } => ("unit", Some(*extent), None),
            ScanError::WrongUnit { extent_mm, .. } => ("unit", Some(*extent_mm), None),
            _ => ("readable", None, None),
        };
        Self { check: refused(check, value, limit, error.to_string()), unit: None }
    }
}

impl From<FootError> for Stopped {
    fn from(error: FootError) -> Self {
        let (check, value, limit) = match &error {
            FootError::Length { length_mm, low, high } => {
                ("length_mm", Some(*length_mm), Some(if length_mm < low { *low } else { *high }))
            }
            FootError::NotAFoot { value, low, high, .. } => {
                ("object", Some(*value), Some(if value < low { *low } else { *high }))
            }
            FootError::SideUnknown { score, plain, .. } => {
                ("side", Some(score.abs()), Some(*plain))
            }
            FootError::WrongSide { .. } => ("side", None, None),
            _ => ("readable", None, None),
        };
        Self { check: refused(check, value, limit, error.to_string()), unit: None }
    }
}

/// Reads a scan and finds, judges and measures every foot in it, left first.
///
/// # Errors
/// [`Stopped`] if the file cannot be read, its unit is open, or no foot is in it. A foot that does not
/// pass the quality gate is no error: its verdict says so.
pub(crate) fn read_feet(
    bytes: &[u8],
    facts: &ScanFacts,
    profile: &Values,
    steps: &mut impl Steps,
    findings: &mut Findings,
) -> Result<(ScanMesh, Vec<ScannedFoot>), Stopped> {
    let request = ScanRequest { unit: facts.unit, ..ScanRequest::default() };
    let scan = steps.step("scan", || scan::read_scan(bytes, &request, findings))?;
    let found = steps.step("foot", || in_the_right_unit(scan, facts, findings));
    let (scan, feet) = found.map_err(|stopped| too_rough(bytes, profile).unwrap_or(stopped))?;
    let known = Known { length_mm: facts.length_mm };
    let scanned = feet
        .into_iter()
        .map(|foot| {
            let mut own = Findings::new();
            let evidence = steps.step("quality", || quality::examine(&foot, &known));
            let checks = quality::judge(&evidence, |name| limit(profile, name));
            let sheet =
                steps.step("measure", || measure_foot(&foot, evidence.noise_mm(), &mut own));
            report(&checks, &mut own);
            ScannedFoot { foot, checks, sheet, findings: own }
        })
        .collect();
    Ok((scan, scanned))
}

/// A surface that is rougher than a lab takes, as the reason why no foot was found in it: noise makes
/// shapes look like anything.
fn too_rough(bytes: &[u8], profile: &Values) -> Option<Stopped> {
    let scan = scan::read_scan(bytes, &ScanRequest::default(), &mut Findings::new()).ok()?;
    let noise = quality::surface_noise(&scan.mesh)?;
    let check = quality::judge_one(CheckName::Noise, noise, limit(profile, CheckName::Noise));
    (check.verdict == Verdict::Refused).then_some(Stopped { check, unit: Some(scan.unit.unit) })
}

/// Says what is not good, so that it stands beside all other findings.
fn report(checks: &[Check], findings: &mut Findings) {
    for check in checks.iter().filter(|check| check.verdict != Verdict::Good) {
        findings.warn("quality", "scan-quality", format!("{}.", check.message));
    }
}

/// The sentences of all checks with the worst verdict, if that is not good.
pub(crate) fn reasons(checks: &[Check]) -> String {
    let worst = quality::worst(checks);
    checks
        .iter()
        .filter(|check| check.verdict == worst)
        .map(|check| check.message.as_str())
        .filter(|message| !message.is_empty())
        .collect::<Vec<_>>()
        .join("; ")
}

/// The limits of a check in a lab's profile.
fn limit(profile: &Values, name: CheckName) -> Limit {
    let entry = name.entry();
    let key = |which: &str| {
        let ending = if entry.unit.is_empty() { String::new() } else { format!("_{}", entry.unit) };
        format!("{}_{which}{ending}", entry.key)
    };
    let never = if entry.low_is_bad { f64::NEG_INFINITY } else { f64::INFINITY };
    Limit {
        good: profile.number(&key("good")),
        refused: profile.optional_number(&key("refused")).unwrap_or(never),
    }
}

/// Difference of the length by hand from that in a unit up to which it can be meant: units differ by a
/// factor of 2.54 and more.
const SAME_LENGTH: f64 = 0.25;

/// Foot length that most feet have, from a small child's to the largest shoe, mm.
const USUAL_LENGTH_MM: [f64; 2] = [110.0, 340.0];

/// Finds the feet, and the unit by their length where the scan's size leaves it open or a length by
/// hand is known.
fn in_the_right_unit(
    scan: ScanMesh,
    facts: &ScanFacts,
    findings: &mut Findings,
) -> Result<(ScanMesh, Vec<Foot>), Stopped> {
    let may_change =
        scan.unit.source == UnitSource::Size && (!scan.unit.settled || facts.length_mm.is_some());
    if !may_change {
        let feet = feet(&scan, facts, findings);
        return feet.map(|feet| (scan, feet));
    }
    let mut fitting: Vec<(Unit, f64)> = Vec::new();
    let mut first_error = None;
    for candidate in scan.unit.candidates.clone() {
        let read = scan.clone().in_unit(candidate.unit, String::new());
        match feet(&read, facts, &mut Findings::new()) {
            Ok(feet) => {
                let length = feet[0].measurements.length_mm;
                let fits = match facts.length_mm {
                    Some(by_hand) => (length / by_hand - 1.0).abs() < SAME_LENGTH,
                    None => (USUAL_LENGTH_MM[0]..=USUAL_LENGTH_MM[1]).contains(&length),
                };
                if fits {
                    fitting.push((candidate.unit, length));
                }
            }
            Err(error) => {
                first_error.get_or_insert(error);
            }
        }
    }
    match fitting[..] {
        [(unit, length)] => {
            let told_by = match facts.length_mm {
                Some(by_hand) => format!("the foot measured by hand has {by_hand:.1} mm"),
                None => format!(
                    "feet have {:.0} to {:.0} mm, and no other unit gives such a length",
                    USUAL_LENGTH_MM[0], USUAL_LENGTH_MM[1]
                ),
            };
            let evidence =
                format!("In the unit {unit} the foot is {length:.1} mm long: {told_by}.");
            if unit != scan.unit.unit || !scan.unit.settled {
                findings.note("scan", "unit-settled", evidence.clone());
            }
            let scan = scan.in_unit(unit, evidence);
            let feet = feet(&scan, facts, findings)?;
            Ok((scan, feet))
        }
        _ if scan.unit.settled => {
            // The length by hand fits no unit: the gate says by how much it is off.
            let feet = feet(&scan, facts, findings)?;
            Ok((scan, feet))
        }
        [] if first_error.is_some() => Err(first_error.unwrap_or_else(|| unreachable!())),
        _ => {
            let settled = scan.settled()?;
            let feet = feet(&settled, facts, findings)?;
            Ok((settled, feet))
        }
    }
}

fn feet(scan: &ScanMesh, facts: &ScanFacts, findings: &mut Findings) -> Result<Vec<Foot>, Stopped> {
    let unit = scan.unit.unit;
    let by_hand = facts
        .landmarks
        .iter()
        .filter_map(|(name, place)| {
            let place = place.map(|coordinate| coordinate * unit.mm_per_unit());
            Some((LandmarkName::from_key(name)?, Point3::from(place)))
        })
        .collect();
    let request = FootRequest {
        side: facts.side,
        weight_bearing: facts.weight_bearing.map(load),
        scanned: facts.kind.map(scanned),
        by_hand,
        ..FootRequest::of_either_side()
    };
    find_feet(&scan.mesh, &request, findings)
        .map_err(|error| Stopped { unit: Some(unit), ..Stopped::from(error) })
}

/// The foot's word for the order's.
pub(crate) const fn load(state: WeightBearing) -> foot::WeightBearing {
    match state {
        WeightBearing::Full => foot::WeightBearing::Full,
        WeightBearing::Semi => foot::WeightBearing::Semi,
        WeightBearing::Unloaded => foot::WeightBearing::Unloaded,
    }
}

/// The order's word for the foot's.
pub(crate) const fn state(load: foot::WeightBearing) -> WeightBearing {
    match load {
        foot::WeightBearing::Full => WeightBearing::Full,
        foot::WeightBearing::Semi => WeightBearing::Semi,
        foot::WeightBearing::Unloaded => WeightBearing::Unloaded,
    }
}

const fn scanned(kind: ScanKind) -> Scanned {
    match kind {
        ScanKind::Foot => Scanned::Foot,
        ScanKind::PlantarSurface => Scanned::PlantarSurface,
        ScanKind::FoamImprint => Scanned::FoamImprint,
        ScanKind::PositiveCast => Scanned::PositiveCast,
    }
}

/// The order's word for what was scanned.
pub(crate) const fn kind(scanned: Scanned) -> ScanKind {
    match scanned {
        Scanned::Foot => ScanKind::Foot,
        Scanned::PlantarSurface => ScanKind::PlantarSurface,
        Scanned::FoamImprint => ScanKind::FoamImprint,
        Scanned::PositiveCast => ScanKind::PositiveCast,
    }
}

/// The unit of a word in a file.
pub(crate) fn unit_of(word: &str) -> Option<Unit> {
    Unit::ALL.into_iter().find(|unit| unit.symbol() == word)
}

#[cfg(test)]
mod tests {
    use super::*;
    use order::{LANDMARKS, ProfileKind, ProfileStore};

    #[test]
    fn orders_and_feet_name_the_same_landmarks() {
        let keys: Vec<&str> = LandmarkName::ALL.into_iter().map(LandmarkName::key).collect();
        assert_eq!(keys, LANDMARKS);
    }

    #[test]
    fn every_check_has_its_limits_in_the_profile() {
        let profile = ProfileStore::shipped().read(ProfileKind::Scan, "default").unwrap();
        for &name in CheckName::ALL {
            let Limit { good, refused } = limit(&profile, name);
            let low = name.entry().low_is_bad;
            assert!(if low { refused < good } else { refused > good }, "{name:?}");
        }
    }
}
