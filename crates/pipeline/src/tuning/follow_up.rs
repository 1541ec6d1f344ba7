//! A follow-up with the device on: what this person's own answer is, and what to do next.

use knee::{Dose as Expected, PersonalResponse};
use optimize::{Candidate, DeviceFamily, Measures, Variable};
use order::read_follow_up;
use serde_json::{Value, json};
use trial::Measure;
use vocabulary::{Findings, Side, signed};

use super::tilted;
use crate::fitting::Prepared;
use crate::gait_report::{self, GaitRequest, PressureFacts};
use crate::measured_stance::{measured_stance, no_stance};
use crate::side::Fitted;
use crate::{GaitFile, Job, Refusal};

/// The gait may differ this much between two conditions that are compared: share of speed, degrees of foot progression.
const SAME_SPEED: f64 = 0.05;
const SAME_PROGRESSION_DEG: f64 = 2.0;
/// Another dose must be this much more likely to help, or the worn one stays.
const WORTH_A_CHANGE: f64 = 0.05;
/// Below this chance of at least 2 % a dose is not worth another trial.
const LEAST_CHANCE: f64 = 0.5;
/// Doses that are weighed, degrees.
const DOSES_DEG: std::ops::RangeInclusive<i32> = -8..=8;

/// What to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Advice {
    GoOn,
    ChangeDose,
    Stop,
}

impl Advice {
    const fn word(self) -> &'static str {
        match self {
            Self::GoOn => "go-on",
            Self::ChangeDose => "change-dose",
            Self::Stop => "stop",
        }
    }
}

/// One measurement with a device on.
struct Measured {
    worn: Candidate,
    /// Mean change that the model gives for the worn device, percent.
    model_pct: f64,
    measured_pct: f64,
}

/// A dose with what is expected of it for this person.
struct NextDose {
    deg: f64,
    model_pct: f64,
    expected: Expected,
    within_limits: bool,
}

/// What a follow-up says of one foot.
pub(crate) struct FollowUp {
    measured: Vec<Measured>,
    person: PersonalResponse,
    worn: Expected,
    doses: Vec<NextDose>,
    best: Option<usize>,
    advice: Advice,
    raises: bool,
}

/// Reads the follow-up files, and updates what is known of the person; `None` if no file is about this foot.
///
/// # Errors
/// [`Refusal`] if a file is wrong, or nothing was measured without the device.
pub(super) fn follow_up(
    job: &Job<'_>,
    side: Side,
    (fitted, prepared): (&Fitted, &Prepared),
    files: &[GaitFile],
    findings: &mut Findings,
) -> Result<Option<FollowUp>, Refusal> {
    let mut measured = Vec::new();
    let is_sheet = |file: &&GaitFile| file.name.to_lowercase().ends_with(".toml");
    for file in files.iter().filter(is_sheet) {
        measured.extend(written(file, side, (fitted, prepared))?);
    }
    let trial: Vec<GaitFile> = files.iter().filter(|file| !is_sheet(file)).cloned().collect();
    if !trial.is_empty() {
        measured.extend(walked(job, trial, side, (fitted, prepared), findings)?);
    }
    if measured.is_empty() {
        return Ok(None);
    }
    Ok(Some(FollowUp::of(measured, fitted, prepared)))
}

/// Measurements that a file of numbers holds for this foot.
fn written(
    file: &GaitFile,
    side: Side,
    (fitted, prepared): (&Fitted, &Prepared),
) -> Result<Vec<Measured>, Refusal> {
    let refuse = |reason: String| Refusal::Optimum { place: file.name.clone(), reason };
    let text = std::str::from_utf8(&file.bytes)
        .map_err(|error| refuse(format!("not a text file (UTF-8): {error}")))?;
    let mut measured = Vec::new();
    for one in read_follow_up(text, &file.name)?.into_iter().filter(|one| one.side == side) {
        let mut worn = fitted.optimum.chosen;
        for variable in [Variable::RearfootPost, Variable::ForefootPost, Variable::ArchFraction] {
            if let Some(value) = one.values.optional_number(variable.key()) {
                worn.values[variable] = value;
            }
        }
        let measured_pct = match one.values.optional_number("kam_peak1_change_pct") {
            Some(change) => change,
            None => {
                let with = one.values.optional_number("kam_peak1_pct_bwht").unwrap_or(f64::NAN);
                100.0 * (with / baseline(fitted, side, &file.name)? - 1.0)
            }
        };
        measured.push(Measured::new(worn, measured_pct, (fitted, prepared)));
    }
    Ok(measured)
}

/// The first adduction peak without a device, %BW·Ht, if somebody measured it.
fn baseline(fitted: &Fitted, side: Side, place: &str) -> Result<f64, Refusal> {
    let stance = fitted.model.stance();
    if !stance.sources.adduction_moment.is_measured() {
        return Err(Refusal::Optimum {
            place: place.to_owned(),
            reason: format!(
                "nobody measured the {side} knee's adduction moment without the device, and a norm misses it by more than the \
                 device changes; name that trial in [gait], write [gait.metrics] kam_peak1_pct_bwht, or give kam_peak1_change_pct"
            ),
        });
    }
    Ok(stance.kam_metrics().pct_bwht(&stance.person)[0])
}

/// The change in a walk with the device on that the case orders or an earlier optimization decided.
fn walked(
    job: &Job<'_>,
    files: Vec<GaitFile>,
    side: Side,
    (fitted, prepared): (&Fitted, &Prepared),
    findings: &mut Findings,
) -> Result<Option<Measured>, Refusal> {
    let request = GaitRequest {
        files,
        standing: job.trial.as_ref().map_or_else(Vec::new, |trial| trial.standing.clone()),
        markers: job.trial.as_ref().and_then(|trial| trial.markers.clone()),
        mass_kg: Some(job.case.patient.mass_kg),
        height_m: Some(job.case.patient.height_m),
        frame: None,
        joints: None,
        activity: None,
        pressure: PressureFacts::default(),
        profiles: job.profiles,
    };
    let measured = gait_report::measure(&request, &request.files, findings)?;
    let place = format!("--follow-up {}", measured.name);
    let Some(summary) = measured.analysis.side(side) else {
        if job.scans.keys().all(|side| measured.analysis.side(*side).is_none()) {
            let reason = format!("{}; give another trial", no_stance(&measured.analysis, side));
            return Err(Refusal::Optimum { place, reason });
        }
        findings.warn(
            "follow-up",
            "no-stance-of-this-side",
            format!("{place}: {}.", no_stance(&measured.analysis, side)),
        );
        return Ok(None);
    };
    let before = baseline(fitted, side, &place)?;
    let length_mm = fitted.foot.measurements.length_mm;
    let norm = fitted.model.stance().clone();
    let unaided_deg = norm.toe_out.deg();
    let stance = measured_stance(summary, norm, length_mm, findings);
    if let Some(deg) = summary.mean.get(Measure::FootProgression)
        && (deg - unaided_deg).abs() > SAME_PROGRESSION_DEG
    {
        findings.warn(
            "follow-up",
            "follow-up-progression",
            format!(
                "{place}: foot progression {deg:.0}° with the device, {unaided_deg:.0}° without; only walks within \
                 {SAME_PROGRESSION_DEG}° compare."
            ),
        );
    }
    let unaided = &fitted.model.stance().stance_time_s;
    if (stance.stance_time_s / unaided - 1.0).abs() > SAME_SPEED {
        findings.warn(
            "follow-up",
            "follow-up-speed",
            format!(
                "{place}: stance takes {:.2} s with the device, {unaided:.2} s without; only walks at the same speed (5 %) compare.",
                stance.stance_time_s
            ),
        );
    }
    let with = stance.kam_metrics().pct_bwht(&stance.person)[0];
    let change = 100.0 * (with / before - 1.0);
    Ok(Some(Measured::new(fitted.optimum.chosen, change, (fitted, prepared))))
}

impl Measured {
    fn new(worn: Candidate, measured_pct: f64, (fitted, prepared): (&Fitted, &Prepared)) -> Self {
        let family = prepared.family(&fitted.model);
        let measures = Measures::of(&fitted.model, &family.device(&worn), &worn);
        Self { worn, model_pct: measures.kam_peak1_pct, measured_pct }
    }
}

impl FollowUp {
    fn of(measured: Vec<Measured>, fitted: &Fitted, prepared: &Prepared) -> Self {
        let pairs: Vec<(f64, f64)> =
            measured.iter().map(|one| (one.model_pct, one.measured_pct)).collect();
        let person = PersonalResponse::default().updated_by(&pairs);
        let family = prepared.family(&fitted.model);
        let allowed = prepared.problem.bounds.without(&prepared.problem.contraindications).ranges
            [Variable::RearfootPost];
        let doses: Vec<NextDose> = DOSES_DEG
            .map(|deg| {
                let deg = f64::from(deg);
                let candidate = tilted(fitted.optimum.chosen, deg);
                let device = family.device(&candidate);
                let measures = Measures::of(&fitted.model, &device, &candidate);
                let exceeded = measures.exceeded(&candidate, &fitted.limits);
                let direction = (allowed[0].min(0.0)..=allowed[1].max(0.0)).contains(&deg);
                NextDose {
                    deg,
                    model_pct: measures.kam_peak1_pct,
                    expected: person.dose(measures.kam_peak1_pct),
                    within_limits: exceeded.is_empty() && direction,
                }
            })
            .collect();
        let raises = fitted.raises;
        let chance = |dose: &Expected| if raises { dose.above_2 } else { dose.below_2 };
        let best = (0..doses.len())
            .filter(|at| doses[*at].within_limits)
            .max_by(|a, b| chance(&doses[*a].expected).total_cmp(&chance(&doses[*b].expected)));
        let worn = person.dose(measured.last().map_or(0.0, |last| last.model_pct));
        let best_chance = best.map_or(0.0, |at| chance(&doses[at].expected));
        let advice = if chance(&worn) >= LEAST_CHANCE.max(best_chance - WORTH_A_CHANGE) {
            Advice::GoOn
        } else if best_chance >= LEAST_CHANCE {
            Advice::ChangeDose
        } else {
            Advice::Stop
        };
        Self { measured, person, worn, doses, best, advice, raises }
    }

    fn chance(&self, dose: &Expected) -> f64 {
        if self.raises { dose.above_2 } else { dose.below_2 }
    }

    /// What to do next, in a sentence.
    fn words(&self) -> String {
        let worn = self.chance(&self.worn);
        match (self.advice, self.best.map(|at| &self.doses[at])) {
            (Advice::GoOn, _) => format!(
                "go on with the worn device: expected {} % next time, probability of at least 2 % as aimed at {worn:.2}",
                signed(self.worn.expected_pct, 1)
            ),
            (Advice::ChangeDose, Some(best)) => format!(
                "change the dose to {}° under rearfoot and forefoot: expected {} %, probability of at least 2 % as aimed at {:.2} (worn \
                 device {worn:.2})",
                signed(best.deg, 0),
                signed(best.expected.expected_pct, 1),
                self.chance(&best.expected)
            ),
            _ => format!(
                "stop wedging: no dose within the limits reaches a probability of one half for at least 2 % as aimed at (worn device \
                 {worn:.2}); a neutral device, and what the care plan lists instead"
            ),
        }
    }

    /// Lines for a terminal.
    pub(super) fn lines(&self) -> Vec<String> {
        let ([g, b], [g_sd, b_sd]) = (self.person.mean(), self.person.deviations());
        let mut lines = vec!["  follow-up with the device on:".to_owned()];
        for one in &self.measured {
            let [rearfoot, forefoot] = one.worn.tilts_deg();
            lines.push(format!(
                "    posts {}/{}°: model {} %, measured {} %",
                signed(rearfoot, 1),
                signed(forefoot, 1),
                signed(one.model_pct, 1),
                signed(one.measured_pct, 1)
            ));
        }
        lines.push(format!(
            "    this person: {g:.2} ± {g_sd:.2} times the mean mechanism, {} ± {b_sd:.1} % by wearing any device",
            signed(b, 1)
        ));
        if self.measured.len() == 1 {
            lines.push(
                "    one dose cannot tell the two apart; measure a flat device and a second dose"
                    .to_owned(),
            );
        }
        for dose in self.doses.iter().filter(|dose| dose.within_limits) {
            lines.push(format!(
                "    {:>4}°: {:>6} % ({} to {} %), probability of at least 2 % as aimed at {:.2}",
                signed(dose.deg, 0),
                signed(dose.expected.expected_pct, 1),
                signed(dose.expected.low_pct, 0),
                signed(dose.expected.high_pct, 0),
                self.chance(&dose.expected)
            ));
        }
        lines.push(format!("    advice: {}", self.words()));
        lines
    }

    /// Everything as an object.
    pub(super) fn json(&self) -> Value {
        let ([g, b], [g_sd, b_sd]) = (self.person.mean(), self.person.deviations());
        json!({
            "measured": self.measured.iter().map(|one| json!({
                "worn": one.worn,
                "model_pct": one.model_pct,
                "measured_pct": one.measured_pct,
            })).collect::<Vec<_>>(),
            "g": g,
            "g_sd": g_sd,
            "b_pct": b,
            "b_sd_pct": b_sd,
            "worn": self.worn,
            "doses": self.doses.iter().map(|dose| json!({
                "deg": dose.deg,
                "model_pct": dose.model_pct,
                "within_limits": dose.within_limits,
                "expected": dose.expected,
            })).collect::<Vec<_>>(),
            "advice": self.advice.word(),
            "words": self.words(),
        })
    }
}
