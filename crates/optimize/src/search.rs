use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};

use knee::{KneeModel, Prediction};
use rayon::prelude::*;
use serde::Serialize;
use vocabulary::Findings;

use crate::evaluation::{Robust, comfort, robust_goal};
use crate::problem::{Lattice, Steps};
use crate::variable::VARIABLES;
use crate::{
    Alternative, Candidate, DeviceFamily, Fronts, Indication, Limit, Measures, OptimizeError,
    ParetoPoint, Problem, Variable, words,
};

/// From how many of the best samples the pattern search starts.
const STARTS: usize = 3;
/// Step lengths of the pattern search, in steps of the lattice.
const PATTERN: [i32; 3] = [4, 2, 1];
/// Steps of both posts together and against each other.
const BOTH_POSTS: [(i32, i32); 4] = [(1, 1), (-1, -1), (1, -1), (-1, 1)];
/// Share of the evaluations that the first stage takes, and of the progress bar.
const FIRST_STAGE: f64 = 0.6;
/// Designs kept for a picture of what was tried.
const SHOWN: usize = 500;
/// Objectives this near to the best are about equal, points.
const ABOUT_EQUAL: f64 = 0.75;
/// Alternatives that are kept for a pair of feet.
const ALTERNATIVES: usize = 400;
/// A knee device whose chance of a gain is less than this is not recommended.
const LEAST_CHANCE: f64 = 0.5;

/// What was recommended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Recommendation {
    /// The tuned device.
    Tuned,
    /// The neutral device: the chance of a gain is under one half.
    Neutral,
}

/// A candidate one step of one variable away from the chosen one.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Neighbor {
    /// The candidate.
    pub candidate: Candidate,
    /// What it does.
    pub measures: Measures,
    /// The limits that it exceeds.
    pub exceeded: Vec<Limit>,
}

/// What the search found.
#[derive(Clone, Debug, PartialEq)]
pub struct Optimum {
    /// The recommended device.
    pub chosen: Candidate,
    /// What it is predicted to do.
    pub prediction: Prediction,
    /// Whether it is the tuned or the neutral device.
    pub recommendation: Recommendation,
    /// One sentence: why this one.
    pub why: String,
    /// The limits that it exceeds, or that a better neighbor would exceed.
    pub active_limits: Vec<Limit>,
    /// The limits with which the chosen device was judged.
    pub exceeded: Vec<Limit>,
    /// What the search's model gives for the chosen device.
    pub measures: Measures,
    /// Which variables were left to the search.
    pub searched: Vec<Variable>,
    /// Knee gain against eversion, pressure and bulk; only candidates within all limits.
    pub fronts: Fronts,
    /// Some of the candidates within all limits, evenly picked: what a picture shows.
    pub tried: Vec<Measures>,
    /// One step away in each free variable.
    pub neighbors: Vec<Neighbor>,
    /// Candidates that serve about as well, best first: what a pair of feet is chosen from.
    pub alternatives: Vec<Alternative>,
    /// How many candidates were evaluated.
    pub evaluations: usize,
}

/// Finds the candidate that serves the indication best within the limits, what was ordered held fast.
///
/// Where there is another stance to be kept to, a candidate exceeds a limit if it does so in either.
///
/// `progress` is called with 0 to 1, from several threads, and never goes far back.
///
/// # Errors
/// [`OptimizeError`] if an order or a bound cannot be built, or the foot finds no balance on any candidate.
pub fn optimize<'a>(
    stances: impl Into<Stances<'a>>,
    family: &dyn DeviceFamily,
    problem: &Problem,
    progress: &(dyn Fn(f64) + Sync),
    findings: &mut Findings,
) -> Result<Optimum, OptimizeError> {
    let lattice = Lattice::new(problem, findings)?;
    let Stances { model, also } = stances.into();
    let known = BTreeMap::new();
    let mut search = Search { model, also, family, problem, lattice, known, budget: 0 };

    let samples = search.samples();
    search.budget = samples.len().max(problem.evaluations.saturating_sub(search.reserve()));
    let done = AtomicUsize::new(0);
    let total = samples.len().max(1) as f64;
    let tick = || progress(FIRST_STAGE * (done.fetch_add(1, Ordering::Relaxed) + 1) as f64 / total);
    search.evaluate(&samples, &tick);

    let found = search.refined_best();
    let best = search.preferred(found);
    progress(0.9);
    search.widen_fronts();
    progress(0.98);
    if !search.known.values().any(|known| known.measures.balanced) {
        return Err(OptimizeError::NoBalance { candidates: search.known.len() });
    }
    let optimum = search.optimum(best, findings);
    progress(1.0);
    Ok(optimum)
}

/// An evaluated place of the lattice.
#[derive(Clone, Debug)]
struct Known {
    measures: Measures,
    exceeded: Vec<(Limit, f64)>,
    objective: f64,
}

impl Known {
    fn excess(&self) -> f64 {
        self.exceeded.iter().map(|(_, excess)| excess).sum()
    }

    /// Within the limits first, then by excess, then by objective.
    fn rank(&self) -> (f64, f64) {
        (self.excess(), self.objective)
    }
}

/// The stance whose loads are aimed at, and another one in which the limits have to be kept too.
#[derive(Clone, Copy, Debug)]
pub struct Stances<'a> {
    /// Whose loads are aimed at.
    pub model: &'a KneeModel,
    /// Another stance of the same foot on the same device: who stands at work also walks there.
    pub also: Option<&'a KneeModel>,
}

impl<'a> From<&'a KneeModel> for Stances<'a> {
    fn from(model: &'a KneeModel) -> Self {
        Self { model, also: None }
    }
}

struct Search<'a> {
    model: &'a KneeModel,
    also: Option<&'a KneeModel>,
    family: &'a dyn DeviceFamily,
    problem: &'a Problem,
    lattice: Lattice,
    known: BTreeMap<Steps, Known>,
    /// How many places may be known.
    budget: usize,
}

impl Search<'_> {
    /// All places of the lattice if they are few enough, or a low-discrepancy sequence over them, without those
    /// that the posts alone rule out.
    fn samples(&self) -> Vec<Steps> {
        let budget = self.problem.evaluations.saturating_sub(self.reserve()).max(1);
        let mut samples = vec![self.lattice.neutral(&self.problem.usual)];
        samples.push(self.lattice.nearest(|variable| self.problem.usual[variable]));
        samples.dedup();
        let mut seen: BTreeSet<Steps> = samples.iter().copied().collect();
        let mut add = |steps: Steps| {
            if self.possible(steps) && seen.insert(steps) {
                samples.push(steps);
            }
            samples.len()
        };
        if self.lattice.size() <= self.problem.evaluations {
            for index in 0..self.lattice.size() {
                add(self.numbered(index));
            }
            return samples;
        }
        let first = (FIRST_STAGE * budget as f64) as usize;
        let free: Vec<usize> =
            (0..VARIABLES).filter(|at| self.lattice.free(Variable::ALL[*at])).collect();
        let shares = recurrence(free.len());
        // Twice the budget of points, because many round to the same place.
        for index in 1..=2 * first as u32 {
            let mut steps = self.lattice.range.map(|[low, _]| low);
            for (at, share) in free.iter().zip(&shares) {
                let [low, high] = self.lattice.range[*at];
                let place = (0.5 + f64::from(index) * share).fract();
                steps[*at] = low + (place * f64::from(high - low + 1)) as i32;
            }
            if add(steps) >= first {
                break;
            }
        }
        samples
    }

    /// The place with this number, the last variable counting fastest.
    fn numbered(&self, mut index: usize) -> Steps {
        let mut steps = [0; VARIABLES];
        for (step, [low, high]) in steps.iter_mut().zip(&self.lattice.range).rev() {
            let count = (high - low + 1) as usize;
            *step = low + (index % count) as i32;
            index /= count;
        }
        steps
    }

    /// Whether the posts keep to the limits that need no model.
    fn possible(&self, steps: Steps) -> bool {
        let candidate = self.lattice.candidate(steps);
        let posts = [Variable::RearfootPost, Variable::ForefootPost];
        let both_fixed = !posts.iter().any(|post| self.lattice.free(*post));
        let [rearfoot, forefoot] = candidate.tilts_deg();
        both_fixed || (rearfoot - forefoot).abs() <= self.problem.limits.post_difference_deg + 1e-9
    }

    /// Places that the recommendation needs after the search: one step around the chosen one, and the other foot's.
    fn reserve(&self) -> usize {
        self.single_steps().count() + BOTH_POSTS.len() + 1
    }

    /// Evaluates what is not yet known, in parallel and as far as the budget goes; the order of the results is that of the places.
    fn evaluate(&mut self, places: &[Steps], tick: &(dyn Fn() + Sync)) {
        let unknown = places.iter().copied().filter(|steps| !self.known.contains_key(steps));
        let unknown: Vec<Steps> =
            unknown.take(self.budget.saturating_sub(self.known.len())).collect();
        let found: Vec<Known> = unknown
            .par_iter()
            .map(|steps| {
                let known = self.judge(*steps);
                tick();
                known
            })
            .collect();
        self.known.extend(unknown.into_iter().zip(found));
    }

    fn judge(&self, steps: Steps) -> Known {
        let candidate = self.lattice.candidate(steps);
        let device = self.family.device(&candidate);
        let Problem { indication, robust, usual, limits, .. } = self.problem;
        let (measures, goal) = if *robust == Robust::Nominal {
            let measures = Measures::of(self.model, &device, &candidate);
            (measures, measures.goal(*indication, &candidate))
        } else {
            let appraisal = self.model.appraise(&device);
            let measures =
                Measures::of_response(self.model, &appraisal.response, &device, &candidate);
            (measures, robust_goal(&measures, &appraisal, (*indication, *robust), &candidate))
        };
        let mut exceeded = measures.exceeded(&candidate, limits);
        if let Some(also) = self.also {
            let there = Measures::of(also, &device, &candidate).exceeded(&candidate, limits);
            exceeded = worst(exceeded, there);
        }
        exceeded.retain(|(_, excess)| *excess > self.problem.slack);
        Known { exceeded, objective: goal + comfort(&candidate, usual), measures }
    }

    /// Pattern search from the best samples: the best place that no step of the pattern betters.
    fn refined_best(&mut self) -> Steps {
        let mut ranked: Vec<Steps> = self.known.keys().copied().collect();
        ranked.sort_by(|a, b| self.compare(*a, *b));
        ranked.truncate(STARTS);
        let ends: Vec<Steps> = ranked.into_iter().map(|start| self.descended(start)).collect();
        let better = |best: Steps, end: Steps| {
            if self.compare(end, best).is_lt() { end } else { best }
        };
        ends.into_iter().reduce(better).unwrap_or_else(|| self.lattice.neutral(&self.problem.usual))
    }

    fn descended(&mut self, start: Steps) -> Steps {
        let mut at = start;
        for length in PATTERN {
            loop {
                let around = self.around(at, length);
                self.evaluate(&around, &|| {});
                let best = around.iter().copied().min_by(|a, b| self.compare(*a, *b));
                match best.filter(|best| self.compare(*best, at).is_lt()) {
                    Some(best) => at = best,
                    None => break,
                }
            }
        }
        at
    }

    /// The places one pattern step away: each variable alone, and both posts together or against each other.
    fn around(&self, at: Steps, length: i32) -> Vec<Steps> {
        let both = BOTH_POSTS.map(|(rearfoot, forefoot)| {
            let mut offset = [0; VARIABLES];
            offset[Variable::RearfootPost as usize] = rearfoot;
            offset[Variable::ForefootPost as usize] = forefoot;
            offset
        });
        self.single_steps()
            .chain(both)
            .filter_map(|offset| self.lattice.moved(at, offset.map(|step| step * length)))
            .filter(|steps| self.possible(*steps))
            .collect()
    }

    /// One step down and up in each free variable.
    fn single_steps(&self) -> impl Iterator<Item = Steps> {
        let free = Variable::ALL.into_iter().filter(|variable| self.lattice.free(*variable));
        free.flat_map(|variable| {
            [-1, 1].map(|step| {
                let mut offset = [0; VARIABLES];
                offset[variable as usize] = step;
                offset
            })
        })
    }

    /// The place that was asked for, if it is within the limits and nearly as good as the best; the best otherwise.
    fn preferred(&mut self, best: Steps) -> Steps {
        let Some(wanted) = self.problem.prefer else { return best };
        let wanted = self.lattice.nearest(|variable| wanted[variable]);
        self.budget = self.budget.max(self.known.len() + 1);
        self.evaluate(&[wanted], &|| {});
        let (there, here) = (&self.known[&wanted], &self.known[&best]);
        let as_good = there.objective <= here.objective + ABOUT_EQUAL;
        if there.exceeded.is_empty() && as_good { wanted } else { best }
    }

    /// Candidates within the limits that serve about as well as the best, best first.
    fn alternatives(&self) -> Vec<Alternative> {
        let mut within: Vec<(&Steps, &Known)> =
            self.known.iter().filter(|(_, known)| known.exceeded.is_empty()).collect();
        within.sort_by(|a, b| a.1.objective.total_cmp(&b.1.objective).then(a.0.cmp(b.0)));
        let Some(best) = within.first().map(|(_, known)| known.objective) else {
            return Vec::new();
        };
        within
            .into_iter()
            .take_while(|(_, known)| known.objective <= best + ABOUT_EQUAL)
            .take(ALTERNATIVES)
            .map(|(steps, known)| Alternative {
                candidate: self.lattice.candidate(*steps),
                objective: known.objective,
            })
            .collect()
    }

    /// Spends what is left of the evaluations on the places around the trade-offs found so far.
    fn widen_fronts(&mut self) {
        loop {
            let left = self.budget.saturating_sub(self.known.len());
            let on_front: Vec<Steps> = self.fronts().steps().copied().collect();
            let mut around: Vec<Steps> = on_front
                .into_iter()
                .flat_map(|steps| self.around(steps, 1))
                .filter(|steps| !self.known.contains_key(steps))
                .collect();
            around.sort_unstable();
            around.dedup();
            around.truncate(left);
            if around.is_empty() {
                return;
            }
            self.evaluate(&around, &|| {});
        }
    }

    /// Better first; equal places by their position, so that the order is complete.
    fn compare(&self, a: Steps, b: Steps) -> std::cmp::Ordering {
        let rank = |steps: &Steps| {
            self.known.get(steps).map_or((f64::INFINITY, f64::INFINITY), Known::rank)
        };
        let ((excess_a, objective_a), (excess_b, objective_b)) = (rank(&a), rank(&b));
        excess_a.total_cmp(&excess_b).then(objective_a.total_cmp(&objective_b)).then(a.cmp(&b))
    }

    fn optimum(&mut self, best: Steps, findings: &mut Findings) -> Optimum {
        let (chosen, prediction, recommendation) = self.recommended(best, findings);
        let mut near = self.around(chosen, 1);
        self.budget = self.known.len() + near.len() + 1;
        near.push(chosen);
        self.evaluate(&near, &|| {});
        let candidate = self.lattice.candidate(chosen);
        let active_limits = self.active_limits(chosen);
        let searched: Vec<Variable> =
            Variable::ALL.into_iter().filter(|variable| self.lattice.free(*variable)).collect();
        let why = words::why(
            self.problem,
            (&candidate, &searched),
            &prediction,
            recommendation,
            &active_limits,
        );
        self.say(chosen, &prediction, findings);
        let here = &self.known[&chosen];
        Optimum {
            chosen: candidate,
            prediction,
            recommendation,
            why,
            active_limits,
            exceeded: here.exceeded.iter().map(|(limit, _)| *limit).collect(),
            measures: here.measures,
            searched,
            fronts: self.fronts().map(|steps| self.point(steps)),
            tried: self.tried(),
            neighbors: self.neighbors(chosen),
            alternatives: self.alternatives(),
            evaluations: self.known.len(),
        }
    }

    /// The best place, or the neutral one where the chance of a gain at the knee is under one half.
    fn recommended(
        &mut self,
        best: Steps,
        findings: &mut Findings,
    ) -> (Steps, Prediction, Recommendation) {
        let predict = |search: &Self, steps: Steps| {
            search.model.predict(&search.family.device(&search.lattice.candidate(steps)))
        };
        let prediction = predict(self, best);
        let likelihood = prediction.kam_peak1.likelihood;
        let (chance, gain) = match self.problem.indication {
            Indication::MedialKneeOa => (likelihood.below_2, "lowers"),
            Indication::LateralKneeOa => (likelihood.above_2, "raises"),
            Indication::None => return (best, prediction, Recommendation::Neutral),
            _ => (1.0, "changes"),
        };
        if chance >= LEAST_CHANCE && self.only_pressure_is_exceeded(best) {
            findings.warn("optimize", "optimize-pressure-remains", "No device that may be chosen here brings the sole's pressure to what a foot without protective sensation may bear; the one that comes nearest is shown. Order a relief or a pad over the site ([[prescription.pressure_relief]]) or a softer cover, and measure the pressure in the shoe before the device is worn.");
            return (best, prediction, Recommendation::Tuned);
        }
        // Where nothing is left to choose, exceeded limits are said of what was decided; the chance alone speaks against it.
        let decided = !Variable::ALL.into_iter().any(|variable| self.lattice.free(variable));
        let within_limits =
            decided || self.known.get(&best).is_none_or(|known| known.exceeded.is_empty());
        if chance >= LEAST_CHANCE && within_limits {
            return (best, prediction, Recommendation::Tuned);
        }
        let message = if within_limits {
            format!(
                "The best device within the limits {gain} the first adduction peak by more than 2 % with a probability of only {chance:.2}; nothing beyond what was ordered is recommended, and gait retraining or a brace may be considered."
            )
        } else {
            "No device with what is ordered keeps all limits, so nothing beyond the order is recommended; order less of what was fixed.".to_owned()
        };
        findings.warn("optimize", "optimize-abstains", message);
        let neutral = self.lattice.neutral(&self.problem.usual);
        let prediction = predict(self, neutral);
        (neutral, prediction, Recommendation::Neutral)
    }

    /// Whether a place exceeds nothing but what a foot without protective sensation may bear: the neutral device would do so too.
    fn only_pressure_is_exceeded(&self, at: Steps) -> bool {
        let of_pressure = |(limit, _): &(Limit, f64)| {
            matches!(limit, Limit::NeuropathicPressure | Limit::RiskSiteRelief)
        };
        let exceeded = self.known.get(&at).map_or(&[][..], |known| &known.exceeded);
        !exceeded.is_empty() && exceeded.iter().all(of_pressure)
    }

    /// The limits exceeded at a place, and those that keep a better neighbor from being chosen.
    fn active_limits(&self, chosen: Steps) -> Vec<Limit> {
        let Some(here) = self.known.get(&chosen) else { return Vec::new() };
        let mut limits: BTreeSet<Limit> = here.exceeded.iter().map(|(limit, _)| *limit).collect();
        for neighbor in self.around(chosen, 1) {
            if let Some(known) = self.known.get(&neighbor)
                && known.objective < here.objective
            {
                limits.extend(known.exceeded.iter().map(|(limit, _)| *limit));
            }
        }
        limits.into_iter().collect()
    }

    fn neighbors(&self, chosen: Steps) -> Vec<Neighbor> {
        self.single_steps()
            .filter_map(|offset| self.lattice.moved(chosen, offset))
            .filter_map(|steps| {
                let known = self.known.get(&steps)?;
                Some(Neighbor {
                    candidate: self.lattice.candidate(steps),
                    measures: known.measures,
                    exceeded: known.exceeded.iter().map(|(limit, _)| *limit).collect(),
                })
            })
            .collect()
    }

    /// Places within the limits that none other beats in both knee gain and eversion, pressure, or bulk.
    fn fronts(&self) -> Fronts<Steps> {
        let raises = self.problem.indication == Indication::LateralKneeOa;
        let within = self.known.iter().filter(|(_, known)| known.exceeded.is_empty());
        Fronts::of(within.map(|(steps, known)| (*steps, &known.measures)), raises)
    }

    fn point(&self, steps: Steps) -> ParetoPoint {
        ParetoPoint {
            candidate: self.lattice.candidate(steps),
            measures: self.known[&steps].measures,
        }
    }

    fn tried(&self) -> Vec<Measures> {
        let within: Vec<Measures> = self
            .known
            .values()
            .filter(|known| known.exceeded.is_empty())
            .map(|known| known.measures)
            .collect();
        within.iter().step_by(within.len().div_ceil(SHOWN).max(1)).copied().collect()
    }

    /// What a technician must know about the choice.
    fn say(&self, chosen: Steps, prediction: &Prediction, findings: &mut Findings) {
        prediction.report(findings);
        let lift_mm = self.family.device(&self.lattice.candidate(chosen)).lift_mm;
        if self.problem.indication == Indication::MedialKneeOa && lift_mm > 0.0 {
            findings.warn(
                "optimize",
                "optimize-lift",
                format!(
                    "The heel lift of {lift_mm:.0} mm raises the knee adduction moment by about {:.1} %, against the indication; confirm that it is needed.",
                    0.35 * lift_mm
                ),
            );
        }
        if let Some(known) = self.known.get(&chosen).filter(|known| !known.exceeded.is_empty()) {
            let limits: Vec<String> = known
                .exceeded
                .iter()
                .map(|(limit, _)| limit.describe(&self.problem.limits))
                .collect();
            findings.warn(
                "optimize",
                "optimize-limits-exceeded",
                format!("The device does not keep: {}.", limits.join(", ")),
            );
        }
        if !self.problem.contraindications.is_empty() {
            let names: Vec<&str> =
                self.problem.contraindications.iter().map(|c| c.name()).collect();
            findings.note(
                "optimize",
                "optimize-contraindication",
                format!("Posting was restricted because of: {}.", names.join(", ")),
            );
        }
        if self.problem.indication == Indication::PatellofemoralPain {
            findings.note(
                "optimize",
                "optimize-direction-unsettled",
                "For patellofemoral pain the direction of a wedge is not settled by trials; plan a trial of 6 weeks.",
            );
        }
    }
}

/// The limits that are exceeded in either stance, each with its larger excess.
fn worst(mut here: Vec<(Limit, f64)>, there: Vec<(Limit, f64)>) -> Vec<(Limit, f64)> {
    for (limit, excess) in there {
        match here.iter_mut().find(|(known, _)| *known == limit) {
            Some((_, known)) => *known = known.max(excess),
            None => here.push((limit, excess)),
        }
    }
    here
}

/// The steps of an additive recurrence that fills a cube evenly: fractions of the roots of primes (Richtmyer).
fn recurrence(dimensions: usize) -> Vec<f64> {
    const PRIMES: [f64; VARIABLES] = [2.0, 3.0, 5.0, 7.0, 11.0, 13.0, 17.0, 19.0, 23.0, 29.0];
    PRIMES.iter().take(dimensions).map(|prime| prime.sqrt().fract()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_recurrence_fills_the_unit_interval() {
        for share in recurrence(VARIABLES) {
            let mut tenths = [0; 10];
            for index in 1..=1000 {
                tenths[((0.5 + f64::from(index) * share).fract() * 10.0) as usize] += 1;
            }
            assert!(tenths.iter().all(|count| (90..=110).contains(count)), "{share}: {tenths:?}");
        }
    }
}
