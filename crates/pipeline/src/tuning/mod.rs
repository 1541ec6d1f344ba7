//! A case's optimization: table, trade-offs, pictures, and the file that `make` applies.

mod applied;
mod around;
mod follow_up;
mod pictures;
mod sheet;
mod written;

use std::collections::BTreeMap;

use knee::{Device, Prediction, Response};
use optimize::{Candidate, Contraindication, DeviceFamily, PerVariable, Recommendation, Variable};
use rayon::prelude::*;
use serde_json::{Value, json};
use vocabulary::{Finding, Findings, Side};

use follow_up::FollowUp;

pub use applied::AppliedOptimum;

pub(crate) use around::Surroundings;

use crate::fitting::{Prepared, Question, Reach};
use crate::make::output;
use crate::observer::{Observer, Stopwatch};
use crate::settings::Bench;
use crate::side::{self, Fitted};
use crate::{GaitFile, Job, OutputFile, Refusal, care, record};

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
    pub(crate) follow_up: Option<FollowUp>,
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
pub fn optimize(
    job: &Job<'_>,
    follow_up: &[GaitFile],
    observer: &dyn Observer,
) -> Result<Optimized, Refusal> {
    let bench = Bench::read(job)?;
    let plan = care::plan(job)?;
    let sides: Vec<Side> = job.scans.keys().copied().collect();
    let results: Vec<Result<Tuned, Refusal>> =
        sides.par_iter().map(|side| one(job, &bench, *side, observer)).collect();
    let mut tuned = results.into_iter().collect::<Result<Vec<Tuned>, Refusal>>()?;
    pair_up(job, &bench, &mut tuned)?;
    for tuned in &mut tuned {
        tuned.respond();
        let known = (&tuned.fitted, &tuned.prepared);
        let findings = &mut tuned.findings;
        tuned.follow_up = follow_up::follow_up(job, tuned.side, known, follow_up, findings)?;
    }
    if !follow_up.is_empty() && tuned.iter().all(|tuned| tuned.follow_up.is_none()) {
        return Err(Refusal::Optimum {
            place: "--follow-up".to_owned(),
            reason:
                "nothing in it is about a foot of this case; give a trial or a sheet of its feet"
                    .to_owned(),
        });
    }
    let declined = tuned.iter().any(Tuned::declined);
    let sides: serde_json::Map<String, Value> = tuned
        .iter()
        .map(|tuned| (tuned.side.name().to_owned(), written::side(job, tuned)))
        .collect();
    let json = json!({
        "ok": true,
        "case": job.case_name,
        "indication": job.case.indication,
        "activity": job.case.activity,
        "model": if job.refined { "refined" } else { "reference" },
        "robust": job.robust,
        "sides": sides,
        "care": care::json(&plan),
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
    let mut sheet = sheet::lines(&tuned);
    sheet.extend(care::lines(&plan, declined));
    sheet.extend(CLAIM.map(str::to_owned));
    Ok(Optimized { json, sheet, files, findings })
}

/// Of about equal designs both feet get those that are most alike.
fn pair_up(job: &Job<'_>, bench: &Bench, tuned: &mut [Tuned]) -> Result<(), Refusal> {
    let [left, right] = tuned else { return Ok(()) };
    let recommended = |one: &Tuned| one.fitted.optimum.recommendation == Recommendation::Tuned;
    if !recommended(left) || !recommended(right) {
        return Ok(());
    }
    let alternatives = |one: &Tuned| one.fitted.optimum.alternatives.clone();
    let Some(pair) = optimize::choose_pair(&alternatives(left), &alternatives(right)) else {
        return Ok(());
    };
    for (one, wanted) in [left, right].into_iter().zip(pair) {
        if wanted == one.fitted.optimum.chosen.values {
            continue;
        }
        let question = question(job, bench, (one.side, &one.fitted), Some(wanted));
        let (decision, optimum) = one.prepared.decided(&question, &mut Findings::new())?;
        one.findings.note(
            "optimize",
            "alike-both-feet",
            "Of about equal designs the one most like the other foot's was taken.".to_owned(),
        );
        (one.fitted.decision, one.fitted.optimum) = (decision, optimum);
    }
    Ok(())
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
    // The search has said already what is to be said.
    let prepared =
        Prepared::new(&question(job, bench, (side, &fitted), None), &mut Findings::new())?;
    let response = fitted.model.evaluate(&prepared.device(&fitted.model, &fitted.optimum.chosen));
    Ok(Tuned { side, fitted, prepared, response, doses: Vec::new(), follow_up: None, findings })
}

fn question<'a>(
    job: &'a Job<'_>,
    bench: &'a Bench,
    (side, fitted): (Side, &'a Fitted),
    prefer: Option<PerVariable<f64>>,
) -> Question<'a> {
    Question {
        job,
        bench,
        side,
        foot: &fitted.foot,
        model: &fitted.model,
        walking: fitted.walking.as_ref(),
        settings: bench.shell_settings(fitted.state),
        reach: Reach::Everything,
        robust: job.robust,
        prefer,
        applied: job.optimum.as_ref().and_then(|optimum| optimum.sides.get(&side)),
    }
}

impl Tuned {
    /// Solves the chosen device at every instant, and full-length posts of every size on it.
    fn respond(&mut self) {
        let (model, chosen) = (&self.fitted.model, self.fitted.optimum.chosen);
        let family = self.prepared.family(model);
        let device = family.device(&chosen);
        let doses = DOSES_DEG
            .into_par_iter()
            .map(|deg| {
                let deg = f64::from(deg);
                let device: Device = family.device(&tilted(chosen, deg));
                Dose { deg, prediction: model.predict(&device) }
            })
            .collect();
        self.response = model.evaluate(&device);
        self.doses = doses;
    }

    /// Whether a gain was sought and no device is recommended for it.
    pub(crate) fn declined(&self) -> bool {
        let neutral = self.fitted.optimum.recommendation == Recommendation::Neutral;
        neutral && self.fitted.sought_gain
    }
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
