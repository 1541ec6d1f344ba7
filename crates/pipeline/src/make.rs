//! A whole case: both sides, then the report and the record.

use std::collections::BTreeMap;

use rayon::prelude::*;
use vocabulary::{Finding, Findings, Severity, Side, signed};

use crate::fitting::Reach;
use crate::observer::{Observer, Stopwatch};
use crate::settings::Bench;
use crate::side::{self, Made};
use crate::{Job, Outcome, OutputFile, Refusal, care, page, record};

/// Makes a case: every file of every ordered side, the report and the record.
///
/// # Errors
/// [`Refusal`] with the first reason, left before right, that stops the work.
pub fn make(job: &Job<'_>, observer: &dyn Observer) -> Result<Outcome, Refusal> {
    let start = observer.seconds();
    let bench = Bench::read(job)?;
    let plan = care::plan(job)?;
    let sides: Vec<Side> = job.scans.keys().copied().collect();
    let results: Vec<Result<Made, Refusal>> =
        sides.par_iter().map(|side| side::make(job, &bench, *side, observer)).collect();
    let made = results.into_iter().collect::<Result<Vec<Made>, Refusal>>()?;
    let mut files: Vec<OutputFile> = made.iter().flat_map(side_files).collect();
    let of_sides = made
        .iter()
        .flat_map(|made| made.findings.iter().map(|finding| (Some(made.side), finding.clone())));
    let of_walk = bench.walk_findings.iter().map(|finding| (None, finding.clone()));
    let findings: Vec<(Option<Side>, Finding)> = of_walk.chain(of_sides).collect();
    let drawn = observer.seconds();
    let html = page::html(job, (&bench, &plan), &made, &findings, &files);
    files.push(output("report.html".to_owned(), html.into_bytes()));
    let clock = (!job.reproducible).then(|| record::Clock {
        total_s: observer.seconds() - start,
        report_s: observer.seconds() - drawn,
    });
    let text = record::json(job, &bench, &made, &findings, &files, clock);
    files.push(output("run.json".to_owned(), text.into_bytes()));
    Ok(Outcome { summary: made.iter().map(summary).collect(), files, findings })
}

/// The design of one foot as `make` decides it, by prescription key, in the key's unit.
///
/// # Errors
/// [`Refusal`] if the side is not ordered or a step refuses.
pub fn decide(
    job: &Job<'_>,
    side: Side,
    observer: &dyn Observer,
) -> Result<BTreeMap<&'static str, f64>, Refusal> {
    if !job.scans.contains_key(&side) {
        return Err(Refusal::Step {
            side,
            place: format!("{} [scan]", job.case_name),
            reason: "this foot is not part of the case; name its scan or adjust the other foot"
                .to_owned(),
        });
    }
    let bench = Bench::read(job)?;
    let mut watch = Stopwatch::new(observer, side);
    let fitted = side::fit(job, &bench, Reach::PostsAndArch, &mut watch, &mut Findings::new())?;
    Ok(fitted.decision.doses.iter().map(|(key, value, _)| (*key, *value)).collect())
}

fn side_files(made: &Made) -> Vec<OutputFile> {
    made.files
        .iter()
        .map(|(name, bytes)| output(format!("{}/{name}", made.side), bytes.clone()))
        .collect()
}

/// A finished file with its hash.
pub(crate) fn output(path: String, bytes: Vec<u8>) -> OutputFile {
    let sha256 = record::hash(&bytes);
    OutputFile { path, bytes, sha256 }
}

/// What was made for one side, in a sentence.
fn summary(made: &Made) -> String {
    let design = &made.fitted.decision.base;
    let change = &made.prediction.kam_peak1.likelihood;
    let warnings =
        made.findings.iter().filter(|finding| finding.severity == Severity::Warning).count();
    format!(
        "{}: rearfoot post {} deg, forefoot post {} deg, arch fraction {:.2}, {:.1} mm thick; predicted change of the \
         first knee adduction peak {} % (90 % interval {} to {} %); {} warning{}",
        made.side,
        signed(design.rearfoot_post.deg(), 1),
        signed(design.forefoot_post.deg(), 1),
        design.arch_fraction,
        design.thickness.0,
        signed(change.expected_pct, 1),
        signed(change.low_pct, 1),
        signed(change.high_pct, 1),
        warnings,
        if warnings == 1 { "" } else { "s" },
    )
}
