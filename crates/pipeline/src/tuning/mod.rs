//! A case's optimization: table, trade-offs, pictures, and the file that `make` applies.

mod applied;
mod pictures;
mod sheet;
mod written;

use std::collections::BTreeMap;

use knee::{Device, Prediction, Response};
use optimize::{Candidate, Contraindication, DeviceFamily, Variable};
use rayon::prelude::*;
use serde_json::{Value, json};
use vocabulary::{Finding, Findings, Side};

pub use applied::AppliedOptimum;

use crate::fitting::{Prepared, Question, Reach};
use crate::make::output;
use crate::observer::{Observer, Stopwatch};
use crate::settings::Bench;
use crate::side::{self, Fitted};
use crate::{Job, OutputFile, Refusal, record};

/// Steps of one side that a progress bar counts.
pub const OPTIMIZE_STEPS: usize = 8;

/// An optimized case.
#[derive(Clone, Debug, PartialEq)]
pub struct Optimized {
    /// Everything, as one object.
    pub json: Value,
    /// The sheet for a terminal, line by line.
    pub sheet: Vec<String>,
    /// `optimum.json` and the pictures.
    pub files: Vec<OutputFile>,
    /// Everything that was found on the way, with its side.
    pub findings: Vec<(Side, Finding)>,
}

/// One foot, tuned.
pub(crate) struct Tuned {
    pub(crate) side: Side,
    pub(crate) fitted: Fitted,
    pub(crate) prepared: Prepared,
    /// What the chosen device does at every instant.
    pub(crate) response: Response,
    /// What full-length posts of every size do on the chosen device.
    pub(crate) doses: Vec<Dose>,
    pub(crate) findings: Findings,
}

/// A point of the dose-response curve: both posts at this angle, wedge included, everything else as chosen.
pub(crate) struct Dose {
    pub(crate) deg: f64,
    pub(crate) prediction: Prediction,
}

/// Doses of the curve, degrees.
const DOSES_DEG: std::ops::RangeInclusive<i32> = -8..=8;

/// Optimizes every ordered foot of a case.
///
/// # Errors
/// [`Refusal`] with the first reason, left before right, that stops the work.
pub fn optimize(job: &Job<'_>, observer: &dyn Observer) -> Result<Optimized, Refusal> {
    let bench = Bench::read(job)?;
    let sides: Vec<Side> = job.scans.keys().copied().collect();
    let results: Vec<Result<Tuned, Refusal>> =
        sides.par_iter().map(|side| one(job, &bench, *side, observer)).collect();
    let tuned = results.into_iter().collect::<Result<Vec<Tuned>, Refusal>>()?;
    let sides: serde_json::Map<String, Value> = tuned
        .iter()
        .map(|tuned| (tuned.side.name().to_owned(), written::side(job, tuned)))
        .collect();
    let json = json!({
        "ok": true,
        "case": job.case_name,
        "indication": job.case.indication,
        "activity": job.case.activity,
        "sides": sides,
        "limits_of_the_claim": CLAIM,
    });
    let text = format!("{:#}\n", applied::written(job, &tuned));
    let mut files = vec![output("optimum.json".to_owned(), text.into_bytes())];
    for tuned in &tuned {
        for (name, svg) in pictures::all(tuned) {
            let path = format!("{}/{name}.svg", tuned.side);
            files.push(output(path, svg.as_str().as_bytes().to_vec()));
        }
    }
    let findings = tuned
        .iter()
        .flat_map(|tuned| tuned.findings.iter().map(|finding| (tuned.side, finding.clone())))
        .collect();
    Ok(Optimized { json, sheet: sheet::lines(&tuned), files, findings })
}

/// What every reader must know about the figures (handbook, knee model, section 0).
pub(crate) const CLAIM: [&str; 3] = [
    "A predicted change of load for this person, with an interval; no claim that pain or disease changes.",
    "Persons differ: about a third of people with a lateral wedge load the knee more, not less. Measure the gait again \
     with the device.",
    "A clinician decides.",
];

fn one(
    job: &Job<'_>,
    bench: &Bench,
    side: Side,
    observer: &dyn Observer,
) -> Result<Tuned, Refusal> {
    let mut watch = Stopwatch::new(observer, side);
    let mut findings = Findings::new();
    let fitted = side::fit(job, bench, Reach::Everything, &mut watch, &mut findings)?;
    let question = Question {
        job,
        bench,
        side,
        foot: &fitted.foot,
        model: &fitted.model,
        settings: bench.shell_settings(fitted.state),
        reach: Reach::Everything,
        applied: None,
    };
    // The search has said already what is to be said.
    let prepared = Prepared::new(&question, &mut Findings::new())?;
    let family = prepared.family(&fitted.model);
    let chosen = fitted.optimum.chosen;
    let response = fitted.model.evaluate(&family.device(&chosen));
    let doses = DOSES_DEG
        .into_par_iter()
        .map(|deg| {
            let deg = f64::from(deg);
            let device: Device = family.device(&tilted(chosen, deg));
            Dose { deg, prediction: fitted.model.predict(&device) }
        })
        .collect();
    drop(family);
    Ok(Tuned { side, fitted, prepared, response, doses, findings })
}

/// The candidate with rearfoot and forefoot tilted by the same angle, the ordered wedge included.
fn tilted(mut candidate: Candidate, deg: f64) -> Candidate {
    let posts = [Variable::RearfootPost, Variable::ForefootPost];
    for (variable, wedge) in posts.into_iter().zip(candidate.wedge) {
        candidate.values[variable] = deg - wedge.deg();
    }
    candidate
}

/// The doses of the chosen device by key, without those that it does not have.
pub(crate) fn doses(candidate: &Candidate) -> BTreeMap<&'static str, f64> {
    Variable::ALL.into_iter().map(|variable| (variable.key(), candidate.values[variable])).collect()
}

/// What was on file against posting, in words.
pub(crate) fn on_file(tuned: &Tuned) -> Vec<&'static str> {
    tuned.prepared.problem.contraindications.iter().copied().map(Contraindication::name).collect()
}

/// A prediction as the record writes it.
pub(crate) fn prediction_json(prediction: &Prediction) -> Value {
    record::prediction(prediction)
}

/// Probability that the load changes against the aim.
pub(crate) fn harm(fitted: &Fitted, likelihood: &knee::Likelihood) -> f64 {
    if fitted.raises { likelihood.below_0 } else { 1.0 - likelihood.below_0 }
}

/// Probability that the load changes by more than 2 % as aimed at.
pub(crate) fn benefit(fitted: &Fitted, likelihood: &knee::Likelihood) -> f64 {
    if fitted.raises { likelihood.above_2 } else { likelihood.below_2 }
}
