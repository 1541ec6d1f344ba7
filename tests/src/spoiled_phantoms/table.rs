//! What came of a suite, group by group.

use std::collections::BTreeMap;
use std::fmt;

use phantom::spoil::Verdict;

use super::case::Ordered;
use super::{Result, Suite, limits};

/// One group of cases.
#[derive(Clone, Debug)]
pub struct Row {
    /// What is wrong with the scans.
    pub name: String,
    /// Number of cases.
    pub cases: usize,
    /// How many were read, and how many of these as the right side and in the right unit.
    pub read: usize,
    /// Of the feet read: taken for the right side.
    pub side_right: usize,
    /// Of the feet read: taken in the right unit.
    pub unit_right: usize,
    /// Largest angle of a frame, degrees.
    pub frame_deg: f64,
    /// Largest distance of a frame's origin, mm.
    pub frame_mm: f64,
    /// Median and 95th percentile of the landmarks' errors, mm.
    pub landmarks_mm: [f64; 2],
    /// Largest error of a length, mm.
    pub length_mm: f64,
    /// Largest error of an arch height, mm.
    pub arch_mm: f64,
    /// Number of each verdict: good, usable, refused.
    pub verdicts: [usize; 3],
    /// Cases with a verdict that is not right, each in a sentence.
    pub wrong_verdicts: Vec<String>,
    /// Cases that were called good and miss a limit, each in a sentence.
    pub silent: Vec<String>,
    /// Limits of the issue that are missed, by name.
    pub missed: Vec<&'static str>,
    /// Those that were known to be missed.
    pub not_yet: Vec<String>,
}

/// All groups, and the landmarks' errors over all cases of full quality.
#[derive(Clone, Debug)]
pub struct Table {
    /// The groups.
    pub rows: Vec<Row>,
    /// Errors of each landmark over the scans of full quality: name, median and 95th percentile, mm.
    pub landmarks: Vec<(&'static str, [f64; 2])>,
    /// The same of angles, heights and the arch height index, in their units.
    pub measures: Vec<(&'static str, [f64; 2])>,
}

impl Table {
    /// Sums the results up.
    #[must_use]
    pub fn of(suite: &Suite, results: &[Result]) -> Self {
        let rows = suite
            .groups()
            .iter()
            .enumerate()
            .map(|(index, group)| {
                let of_group: Vec<&Result> =
                    results.iter().filter(|result| result.case.group == index).collect();
                let mut row = row(&of_group);
                row.name.clone_from(&group.name);
                row.not_yet.clone_from(&group.not_yet);
                row
            })
            .filter(|row| row.cases > 0)
            .collect();
        let full = |result: &&Result| result.full_quality();
        let landmarks = foot::LandmarkName::ALL
            .into_iter()
            .filter_map(|name| {
                let errors: Vec<f64> = results
                    .iter()
                    .filter(full)
                    .filter_map(|result| result.errors.as_ref())
                    .flat_map(|errors| &errors.landmarks_mm)
                    .filter(|(found, _)| *found == name)
                    .map(|(_, error)| *error)
                    .collect();
                (!errors.is_empty()).then(|| (name.key(), percentiles(errors)))
            })
            .collect();
        let mut by_measure: BTreeMap<&'static str, Vec<f64>> = BTreeMap::new();
        for errors in results.iter().filter(full).filter_map(|result| result.errors.as_ref()) {
            for (key, error) in &errors.measures {
                by_measure.entry(*key).or_default().push(error.abs());
            }
        }
        let measures =
            by_measure.into_iter().map(|(key, errors)| (key, percentiles(errors))).collect();
        Self { rows, landmarks, measures }
    }

    /// Limits that are missed without being named as not reached yet, each in a sentence.
    #[must_use]
    pub fn unexpected(&self) -> Vec<String> {
        self.differences(|row, name| {
            row.missed.contains(&name) && !row.not_yet.iter().any(|known| known == name)
        })
    }

    /// Limits that are named as not reached yet although they are reached.
    #[must_use]
    pub fn reached_by_now(&self) -> Vec<String> {
        self.differences(|row, name| {
            !row.missed.contains(&name) && row.not_yet.iter().any(|known| known == name)
        })
    }

    fn differences(&self, differs: impl Fn(&Row, &'static str) -> bool) -> Vec<String> {
        let pairs = self.rows.iter().flat_map(|row| limits::NAMES.map(|name| (row, name)));
        pairs
            .filter(|(row, name)| differs(row, name))
            .map(|(row, name)| format!("{}: {name}", row.name))
            .collect()
    }
}

impl Result {
    /// Whether the limits for scans of full quality hold for this case.
    #[must_use]
    pub fn full_quality(&self) -> bool {
        self.outcome.expectation.full_quality && self.case.ordered != Ordered::Wrong
    }

    /// What is wrong with the verdict, if anything.
    fn wrong_verdict(&self) -> Option<String> {
        let verdict = self.outcome.verdict;
        let right = match self.case.ordered {
            // The scan contradicts the order.
            Ordered::Wrong => verdict == Verdict::Refused,
            // A given unit leaves nothing to ask.
            Ordered::Right | Ordered::Unsaid => {
                self.outcome.expectation.allows(verdict)
                    && (verdict != Verdict::Refused || self.case.given_unit.is_none())
            }
        };
        let reason = &self.outcome.reason;
        (!right).then(|| format!("{} foot: {} ({reason})", self.case.foot, word(verdict)))
    }

    /// What a good verdict hides, if anything.
    fn silent(&self) -> Option<String> {
        if self.outcome.verdict != Verdict::Good {
            return None;
        }
        let miss = self.errors.as_ref()?.miss()?;
        Some(format!("{} foot: {miss}", self.case.foot))
    }
}

const fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Good => "good",
        Verdict::Usable => "usable",
        Verdict::Refused => "refused",
    }
}

fn row(results: &[&Result]) -> Row {
    let errors: Vec<_> = results.iter().filter_map(|result| result.errors.as_ref()).collect();
    let greatest = |values: &mut dyn Iterator<Item = f64>| values.fold(0.0, f64::max);
    let verdicts = [Verdict::Good, Verdict::Usable, Verdict::Refused]
        .map(|verdict| results.iter().filter(|r| r.outcome.verdict == verdict).count());
    let mut row = Row {
        name: String::new(),
        cases: results.len(),
        read: errors.len(),
        side_right: errors.iter().filter(|e| e.side_right).count(),
        unit_right: errors.iter().filter(|e| e.unit_right).count(),
        frame_deg: greatest(&mut errors.iter().map(|e| e.frame_deg)),
        frame_mm: greatest(&mut errors.iter().map(|e| e.frame_mm)),
        landmarks_mm: percentiles(
            errors.iter().flat_map(|e| &e.landmarks_mm).map(|(_, error)| *error).collect(),
        ),
        length_mm: greatest(
            &mut errors.iter().flat_map(|e| &e.lengths_mm).map(|(_, error)| error.abs()),
        ),
        arch_mm: greatest(&mut errors.iter().filter_map(|e| e.arch_mm).map(f64::abs)),
        verdicts,
        wrong_verdicts: results.iter().filter_map(|result| result.wrong_verdict()).collect(),
        silent: results.iter().filter_map(|result| result.silent()).collect(),
        missed: Vec::new(),
        not_yet: Vec::new(),
    };
    let full = results.iter().any(|result| result.full_quality());
    row.missed = missed(&row, full);
    row
}

/// Names of the missed limits. Those of accuracy count for scans of full quality only.
fn missed(row: &Row, full_quality: bool) -> Vec<&'static str> {
    let [median, p95] = row.landmarks_mm;
    let missed = [
        full_quality && (row.frame_deg > limits::FRAME_DEG || row.frame_mm > limits::FRAME_MM),
        full_quality && (median > limits::LANDMARK_MEDIAN_MM || p95 > limits::LANDMARK_P95_MM),
        full_quality && row.length_mm > limits::LENGTH_MM,
        full_quality && row.arch_mm > limits::ARCH_MM,
        row.side_right < row.read,
        row.unit_right < row.read,
        !row.wrong_verdicts.is_empty(),
        !row.silent.is_empty(),
    ];
    limits::NAMES.into_iter().zip(missed).filter(|(_, missed)| *missed).map(|(n, _)| n).collect()
}

/// Median and 95th percentile; 0 of nothing.
fn percentiles(mut values: Vec<f64>) -> [f64; 2] {
    values.sort_by(f64::total_cmp);
    let at = |share: f64| {
        let index = (share * values.len() as f64).ceil() as usize;
        values.get(index.saturating_sub(1)).copied().unwrap_or(0.0)
    };
    [at(0.5), at(0.95)]
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{:<44} {:>5} {:>11} {:>13} {:>13} {:>6} {:>6} {:>6} {:>6}  missed limits",
            "scan",
            "cases",
            "frame ° mm",
            "marks 50 95 %",
            "good/us/ref",
            "length",
            "arch",
            "side",
            "unit"
        )?;
        for row in &self.rows {
            let [good, usable, refused] = row.verdicts;
            let verdicts = format!("{good}/{usable}/{refused}");
            let frame = format!("{:.2} {:.2}", row.frame_deg, row.frame_mm);
            let marks = format!("{:.2} {:.2}", row.landmarks_mm[0], row.landmarks_mm[1]);
            let side = format!("{}/{}", row.side_right, row.read);
            let unit = format!("{}/{}", row.unit_right, row.read);
            writeln!(
                f,
                "{:<44} {:>5} {frame:>11} {marks:>13} {verdicts:>13} {:>6.2} {:>6.2} {side:>6} {unit:>6}  {}",
                row.name,
                row.cases,
                row.length_mm,
                row.arch_mm,
                row.missed.join(" ")
            )?;
        }
        writeln!(f, "\nlandmarks of scans of full quality, median and 95th percentile, mm")?;
        for (name, [median, p95]) in &self.landmarks {
            writeln!(f, "  {name:<24} {median:>6.2} {p95:>6.2}")?;
        }
        writeln!(
            f,
            "\nmeasures of the same, median and 95th percentile of the error, in their units"
        )?;
        for (name, [median, p95]) in &self.measures {
            writeln!(f, "  {name:<24} {median:>6.3} {p95:>6.3}")?;
        }
        let wrong: usize = self.rows.iter().map(|row| row.wrong_verdicts.len()).sum();
        let silent: usize = self.rows.iter().map(|row| row.silent.len()).sum();
        let cases: usize = self.rows.iter().map(|row| row.cases).sum();
        writeln!(
            f,
            "\n{cases} cases; {wrong} verdicts are not right; {silent} misses were silent"
        )?;
        for row in &self.rows {
            for sentence in &row.wrong_verdicts {
                writeln!(f, "  verdict  {}, {sentence}", row.name)?;
            }
            for sentence in &row.silent {
                writeln!(f, "  silent   {}, {sentence}", row.name)?;
            }
        }
        Ok(())
    }
}
