//! The sheet of a scan: what it shows, how far it can be trusted, and the measures of the foot.

use std::collections::BTreeMap;

use foot::Foot;
use foot::measure::{Difference, MeasureName, MeasureSheet, compare};
use foot::quality::{self, Check, CheckName, Verdict};
use order::{ScanKind, Values, WeightBearing};
use scan::ScanMesh;
use serde_json::{Map, Value, json};
use vocabulary::{Finding, Findings, Severity, Side};

use crate::scanned::{self, ScanFacts, ScannedFoot, Steps, Stopped};
use crate::{OutputFile, ScanFile, make, scan_pictures};

/// A scan file with what is known of it.
#[derive(Clone, Debug)]
pub struct ScanJob {
    /// The file.
    pub file: ScanFile,
    /// Which foot it is; `None` to tell it from the shape.
    pub side: Option<Side>,
    /// `"m"`, `"cm"`, `"mm"` or `"in"`; `None` to tell it from the size.
    pub unit: Option<String>,
    /// Foot length measured by hand, mm.
    pub length_mm: Option<f64>,
    /// Load on the foot while it was scanned; `None` to tell it from the shape.
    pub weight_bearing: Option<WeightBearing>,
    /// What was scanned; `None` to tell it from the shape.
    pub kind: Option<ScanKind>,
}

/// What there is to say about one foot of a scan, or about a scan in which there is none.
#[derive(Clone, Debug)]
pub struct ScanSheet {
    file: String,
    checks: Vec<Check>,
    findings: Findings,
    times: Vec<(&'static str, f64)>,
    found: Option<Found>,
    unit: Option<&'static str>,
    side: Option<Side>,
    left_right: Vec<Difference>,
}

#[derive(Clone, Debug)]
struct Found {
    foot: Foot,
    measures: MeasureSheet,
    unit_evidence: String,
    triangles: usize,
}

/// The clock of a scan's steps.
struct Timer<'a> {
    seconds: &'a dyn Fn() -> f64,
    times: Vec<(&'static str, f64)>,
}

impl Steps for Timer<'_> {
    fn step<T>(&mut self, name: &'static str, work: impl FnOnce() -> T) -> T {
        let start = (self.seconds)();
        let result = work();
        self.times.push((name, (self.seconds)() - start));
        result
    }
}

/// Reads a scan: a sheet for every foot in it, left first, or one that says why there is none.
/// `seconds` is a clock that only goes forward; it times the steps.
#[must_use]
pub fn scan_sheets(job: &ScanJob, profile: &Values, seconds: &dyn Fn() -> f64) -> Vec<ScanSheet> {
    let facts = ScanFacts {
        side: job.side,
        unit: job.unit.as_deref().and_then(scanned::unit_of),
        length_mm: job.length_mm,
        weight_bearing: job.weight_bearing,
        kind: job.kind,
        landmarks: BTreeMap::new(),
    };
    let mut timer = Timer { seconds, times: Vec::new() };
    let mut findings = Findings::new();
    let read = scanned::read_feet(&job.file.bytes, &facts, profile, &mut timer, &mut findings);
    match read {
        Ok((scan, feet)) => feet
            .into_iter()
            .map(|scanned| {
                ScanSheet::of(&job.file.name, &scan, scanned, findings.clone(), timer.times.clone())
            })
            .collect(),
        Err(stopped) => vec![ScanSheet::stopped(job, stopped, findings, timer.times)],
    }
}

/// The sheet of a file that could not even be read, with the reason in one sentence.
#[must_use]
pub fn unreadable_sheet(file: &str, reason: &str) -> ScanSheet {
    ScanSheet {
        file: file.to_owned(),
        checks: vec![Check {
            check: "readable".to_owned(),
            value: None,
            limit: None,
            refused_limit: None,
            verdict: Verdict::Refused,
            message: reason.to_owned(),
        }],
        findings: Findings::new(),
        times: Vec::new(),
        found: None,
        unit: None,
        side: None,
        left_right: Vec::new(),
    }
}

/// Compares left with right where the sheets are those of one left and one right foot.
pub fn compare_sheets(sheets: &mut [ScanSheet]) {
    let of_side = |side: Side| {
        let mut sheets = sheets
            .iter()
            .filter(|sheet| sheet.verdict() != Verdict::Refused)
            .filter_map(|sheet| sheet.found.as_ref().filter(|found| found.foot.side == side));
        let first = sheets.next();
        first.filter(|_| sheets.next().is_none())
    };
    let [left, right] = Side::BOTH.map(of_side);
    if let (Some(left), Some(right)) = (left, right) {
        let differences = compare(&left.measures, &right.measures);
        for sheet in sheets.iter_mut().filter(|sheet| sheet.found.is_some()) {
            sheet.left_right.clone_from(&differences);
        }
    }
}

impl ScanSheet {
    fn of(
        file: &str,
        scan: &ScanMesh,
        scanned: ScannedFoot,
        mut findings: Findings,
        times: Vec<(&'static str, f64)>,
    ) -> Self {
        findings.extend(scanned.findings);
        Self {
            file: file.to_owned(),
            checks: scanned.checks,
            findings,
            times,
            unit: Some(scan.unit.unit.symbol()),
            side: Some(scanned.foot.side),
            found: Some(Found {
                foot: scanned.foot,
                measures: scanned.sheet,
                unit_evidence: scan.unit.evidence.clone(),
                triangles: scan.triangles_in_file,
            }),
            left_right: Vec::new(),
        }
    }

    fn stopped(
        job: &ScanJob,
        stopped: Stopped,
        findings: Findings,
        times: Vec<(&'static str, f64)>,
    ) -> Self {
        let unit = stopped.unit.map(scan::Unit::symbol);
        Self {
            checks: vec![stopped.check],
            findings,
            times,
            unit,
            side: job.side,
            ..unreadable_sheet(&job.file.name, "")
        }
    }

    /// Name of the file, as it was given.
    #[must_use]
    pub fn file(&self) -> &str {
        &self.file
    }

    /// Which foot; `None` if that is not known.
    #[must_use]
    pub const fn side(&self) -> Option<Side> {
        self.side
    }

    /// The foot, if one was found; a refused scan may have one.
    #[must_use]
    pub fn foot(&self) -> Option<&Foot> {
        self.found.as_ref().map(|found| &found.foot)
    }

    /// The measures of the foot.
    #[must_use]
    pub fn measures(&self) -> Option<&MeasureSheet> {
        self.found.as_ref().map(|found| &found.measures)
    }

    /// Symbol of the unit of the file's numbers, such as `"mm"`; `None` if it is not known.
    #[must_use]
    pub const fn unit(&self) -> Option<&'static str> {
        self.unit
    }

    /// What the quality gate found; or the one check that stopped the work.
    #[must_use]
    pub fn checks(&self) -> &[Check] {
        &self.checks
    }

    /// Everything that was found on the way.
    #[must_use]
    pub const fn findings(&self) -> &Findings {
        &self.findings
    }

    /// The worst verdict of all checks. Something that a technician should look at makes a good scan
    /// usable, whichever step found it.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        let warned = self.warnings().next().is_some();
        quality::worst(&self.checks).max(if warned { Verdict::Usable } else { Verdict::Good })
    }

    /// Why it is not good, in one sentence; `None` if it is.
    #[must_use]
    pub fn reason(&self) -> Option<String> {
        let checked = scanned::reasons(&self.checks);
        if !checked.is_empty() {
            return Some(checked);
        }
        self.warnings().next().map(|finding| finding.message.clone())
    }

    fn warnings(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.severity == Severity::Warning)
    }

    /// The sheet as one JSON object.
    #[must_use]
    pub fn json(&self) -> Value {
        let found = self.found.as_ref();
        let times = self.times.iter().fold(Map::new(), |mut times, (step, seconds)| {
            let sum = times.get(*step).and_then(Value::as_f64).unwrap_or(0.0) + seconds;
            times.insert((*step).to_owned(), json!(sum));
            times
        });
        json!({
            "file": self.file,
            "verdict": self.verdict(),
            "reason": self.reason(),
            "side": self.side,
            "unit": self.unit,
            "unit_evidence": found.map(|found| &found.unit_evidence),
            "triangles": found.map(|found| found.triangles),
            "weight_bearing": found.map(|found| found.foot.weight_bearing),
            "kind": found.map(|found| found.foot.scanned),
            "measurements": found.map_or_else(|| json!({}), |found| values(&found.measures)),
            "measurement_details": found.map_or_else(|| json!({}), details),
            "arch": found.map(|found| arch(&found.measures)),
            "sole": found.map(|found| found.foot.sole),
            "landmarks_frame": "mm; origin under the heel seat on the ground, x lateral, y to the second toe, z up",
            "landmarks": found.map_or_else(|| json!({}), |found| landmarks(&found.foot)),
            "quality": rounded_checks(&self.checks),
            "left_right": self.left_right,
            "findings": self.findings,
            "timings_s": times,
        })
    }

    /// `foot.json` and the pictures, by path under the output folder.
    #[must_use]
    pub fn files(&self) -> Vec<OutputFile> {
        let json = format!("{:#}\n", self.json());
        let mut files = vec![make::output("foot.json".to_owned(), json.into_bytes())];
        if let Some(found) = &self.found {
            files.extend(scan_pictures::all(&found.foot, &found.measures, &self.checks));
        }
        files
    }

    /// The sheet for a terminal, line by line.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let mut lines = vec![match self.reason() {
            Some(reason) => format!("{}: {}: {reason}", self.file, self.verdict().name()),
            None => format!("{}: {}", self.file, self.verdict().name()),
        }];
        if let Some(found) = &self.found {
            lines.push(format!(
                "  {} foot, {}, {}, {} triangles; {}",
                found.foot.side,
                scanned::state(found.foot.weight_bearing).word(),
                scanned::kind(found.foot.scanned).word(),
                found.triangles,
                found.unit_evidence
            ));
            lines.push(String::new());
            lines.extend(measure_lines(found));
            lines.push(String::new());
        }
        if self.found.is_some() {
            lines.extend(self.quality_lines());
        }
        if !self.left_right.is_empty() {
            lines.push(String::new());
            lines.extend(left_right_lines(&self.left_right));
        }
        let others: Vec<String> = self
            .warnings()
            .filter(|finding| finding.step != "quality")
            .map(|finding| format!("  warning ({}): {}", finding.step, finding.message))
            .collect();
        if self.found.is_some() && !others.is_empty() {
            lines.push(String::new());
            lines.extend(others);
        }
        lines
    }

    fn quality_lines(&self) -> Vec<String> {
        let mut lines = vec![format!(
            "  {:<24} {:>9}  {:>9}  {:>9}  verdict",
            "Quality", "value", "good to", "refused"
        )];
        for (name, check) in checks_by_name(&self.checks) {
            let entry = name.entry();
            let unit = quality::unit_words(entry.unit);
            let decimals = entry.decimals;
            let number = |value: Option<f64>| {
                value.map_or_else(|| "–".to_owned(), |value| format!("{value:.decimals$}{unit}"))
            };
            lines.push(format!(
                "  {:<24} {:>9}  {:>9}  {:>9}  {}",
                entry.name,
                number(check.value),
                number(check.limit),
                number(check.refused_limit),
                check.verdict.name()
            ));
        }
        lines
    }
}

/// The checks with their entries.
pub(crate) fn checks_by_name(checks: &[Check]) -> impl Iterator<Item = (CheckName, &Check)> {
    CheckName::ALL.iter().filter_map(move |&name| {
        let key = quality::key(name.entry());
        checks.iter().find(|check| check.check == key).map(|check| (name, check))
    })
}

/// The checks with their numbers to a thousandth.
pub(crate) fn rounded_checks(checks: &[Check]) -> Value {
    let round = |check: &Check| Check {
        value: check.value.map(|value| rounded(value, 3)),
        ..check.clone()
    };
    json!(checks.iter().map(round).collect::<Vec<_>>())
}

/// The classification of the arch; null if there is none.
pub(crate) fn arch(measures: &MeasureSheet) -> Value {
    let Some(arch) = &measures.arch else { return Value::Null };
    let [flat, normal, high] = arch.probabilities.map(|share| rounded(share, 3));
    json!({
        "type": arch.arch_type,
        "probability": { "flat": flat, "normal": normal, "high-arched": high },
        "basis": arch.basis,
    })
}

/// Every measure by key; null where it could not be measured.
pub(crate) fn values(measures: &MeasureSheet) -> Value {
    let entries = measures.iter().map(|measured| {
        let entry = measured.name.entry();
        (
            entry.key.to_owned(),
            json!(measured.value.map(|value| rounded(value, entry.decimals + 1))),
        )
    });
    Value::Object(entries.collect())
}

/// One digit more than means something, so that files stay readable.
fn rounded(value: f64, decimals: usize) -> f64 {
    let scale = 10_f64.powi(decimals as i32);
    (value * scale).round() / scale
}

/// Definition, unit, error, usual values and source of every measure.
fn details(found: &Found) -> Value {
    let length = found.foot.measurements.length_mm;
    let load = found.foot.weight_bearing;
    let entries = found.measures.iter().map(|measured| {
        let entry = measured.name.entry();
        let norm = entry.norm(load).map(|norm| norm.for_length(length));
        let detail = json!({
            "name": entry.name,
            "unit": entry.unit,
            "definition": entry.definition,
            "standard_error": measured.value.map(|_| rounded(measured.deviation, entry.decimals + 1)),
            "usual_mean": norm.map(|(mean, _)| rounded(mean, entry.decimals + 1)),
            "usual_deviation": norm.and_then(|(_, deviation)| deviation).map(|d| rounded(d, entry.decimals + 1)),
            "source": entry.source,
            "remark": measured.remark,
        });
        (entry.key.to_owned(), detail)
    });
    Value::Object(entries.collect())
}

pub(crate) fn landmarks(foot: &Foot) -> Value {
    let entries = foot.landmarks.named().map(|(name, mark)| {
        let place = [mark.position.x, mark.position.y, mark.position.z].map(|c| rounded(c, 3));
        let mark = json!({
            "mm": place,
            "confidence": rounded(mark.confidence, 3),
            "source": mark.provenance,
        });
        (name.key().to_owned(), mark)
    });
    Value::Object(entries.collect())
}

fn measure_lines(found: &Found) -> Vec<String> {
    let length = found.foot.measurements.length_mm;
    let load = found.foot.weight_bearing;
    let mut lines =
        vec![format!("  {:<24} {:>10}  {:>7}  {:<14}", "Measurement", "value", "±", "usual")];
    for measured in found.measures.iter() {
        let entry = measured.name.entry();
        let decimals = entry.decimals;
        let unit = quality::unit_words(entry.unit);
        let line = match measured.value {
            Some(value) => format!(
                "  {:<24} {:>10}  {:>7.decimals$}  {:<14}",
                entry.name,
                format!("{value:.decimals$}{unit}"),
                measured.deviation,
                entry.usual(load, length)
            ),
            None => format!(
                "  {:<24} {:>10}  {}",
                entry.name,
                "–",
                measured.remark.as_deref().unwrap_or_default()
            ),
        };
        lines.push(line.trim_end().to_owned());
    }
    if let Some(arch) = &found.measures.arch {
        let [flat, normal, high] = arch.probabilities.map(|share| 100.0 * share);
        lines.push(String::new());
        lines.push(format!(
            "  Arch: {} (flat {flat:.0} %, normal {normal:.0} %, high-arched {high:.0} %), by {}",
            arch.arch_type.name(),
            arch.basis
        ));
    }
    lines
}

fn left_right_lines(differences: &[Difference]) -> Vec<String> {
    let mut lines = vec![format!(
        "  {:<24} {:>10}  {:>10}  {:>10}  {:>8}",
        "Left and right", "left", "right", "difference", "usual to"
    )];
    for difference in differences {
        let Some(name) = MeasureName::ALL.iter().find(|name| name.entry().key == difference.key)
        else {
            continue;
        };
        let entry = name.entry();
        let decimals = entry.decimals;
        lines.push(format!(
            "  {:<24} {:>10.decimals$}  {:>10.decimals$}  {:>+10.decimals$}  {:>8.decimals$}{}",
            entry.name,
            difference.left,
            difference.right,
            difference.difference,
            difference.usual,
            if difference.within { "" } else { "  unusual" }
        ));
    }
    lines
}
