use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};

use knee::{KneeModel, Prediction};
use rayon::prelude::*;
use serde::Serialize;
use vocabulary::{Angle, Findings};

use crate::problem::{Lattice, Steps};
use crate::{Candidate, DeviceFamily, Indication, Limit, Measures, OptimizeError, Problem, words};

/// From how many of the best samples the pattern search starts.
const STARTS: usize = 3;
/// Step lengths of the pattern search, in steps of the lattice.
const PATTERN: [i32; 3] = [4, 2, 1];
/// Share of the progress bar that the first stage takes.
const FIRST_STAGE: f64 = 0.85;
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

/// A candidate that no other one beats in both knee load and eversion.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct ParetoPoint {
    /// The candidate.
    pub candidate: Candidate,
    /// Change of the adduction impulse, percent.
    pub kam_impulse_pct: f64,
    /// Change of the first adduction peak, percent.
    pub kam_peak1_pct: f64,
    /// Change of rearfoot eversion at the first adduction peak, degrees.
    pub eversion_deg: f64,
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
    /// Knee load against eversion, best knee load first; only candidates within all limits.
    pub front: Vec<ParetoPoint>,
    /// One step away in each free variable.
    pub neighbors: Vec<Neighbor>,
    /// How many candidates were evaluated.
    pub evaluations: usize,
}

/// Finds the candidate that serves the indication best within the limits, what was ordered held fast.
///
/// `progress` is called with 0 to 1, from several threads, and never goes far back.
///
/// # Errors
/// [`OptimizeError`] if an order or a bound cannot be built, or the foot finds no balance on any candidate.
pub fn optimize(
    model: &KneeModel,
    family: &dyn DeviceFamily,
    problem: &Problem,
    progress: &(dyn Fn(f64) + Sync),
    findings: &mut Findings,
) -> Result<Optimum, OptimizeError> {
    let lattice = Lattice::new(problem, findings)?;
    let mut search = Search { model, family, problem, lattice, known: BTreeMap::new() };

    let samples = search.samples();
    let done = AtomicUsize::new(0);
    let total = samples.len().max(1) as f64;
    let tick = || progress(FIRST_STAGE * (done.fetch_add(1, Ordering::Relaxed) + 1) as f64 / total);
    search.evaluate(&samples, &tick);

    let best = search.refined_best();
    progress(0.95);
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

struct Search<'a> {
    model: &'a KneeModel,
    family: &'a dyn DeviceFamily,
    problem: &'a Problem,
    lattice: Lattice,
    known: BTreeMap<Steps, Known>,
}

impl Search<'_> {
    /// All places of the lattice if they are few enough, or a Halton sequence over them, without those that
    /// the posts alone rule out.
    fn samples(&self) -> Vec<Steps> {
        let budget = self.problem.evaluations.max(1);
        let mut samples = vec![self.lattice.neutral()];
        let mut seen: BTreeSet<Steps> = samples.iter().copied().collect();
        let mut add = |steps: Steps| {
            if self.possible(steps) && seen.insert(steps) {
                samples.push(steps);
            }
            samples.len()
        };
        let [rearfoot, forefoot, arch] = self.lattice.range.map(|[low, high]| low..=high);
        if self.lattice.size() <= budget {
            for r in rearfoot {
                for f in forefoot.clone() {
                    for a in arch.clone() {
                        add([r, f, a]);
                    }
                }
            }
            return samples;
        }
        // Twice the budget of points, because many round to the same place.
        for index in 1..=2 * budget as u32 {
            let steps = std::array::from_fn(|variable| {
                let [low, high] = self.lattice.range[variable];
                let share = radical_inverse(index, [2, 3, 5][variable]);
                low + (share * f64::from(high - low + 1)) as i32
            });
            if add(steps) >= budget {
                break;
            }
        }
        samples
    }

    /// Whether the posts keep to the limits that need no model.
    fn possible(&self, steps: Steps) -> bool {
        let candidate = self.lattice.candidate(steps);
        let both_fixed = !self.lattice.free(0) && !self.lattice.free(1);
        let difference = (candidate.rearfoot_post - candidate.forefoot_post).deg().abs();
        both_fixed || difference <= self.problem.limits.post_difference_deg + 1e-9
    }

    /// Evaluates what is not yet known, in parallel; the order of the results is that of the places.
    fn evaluate(&mut self, places: &[Steps], tick: &(dyn Fn() + Sync)) {
        let unknown: Vec<Steps> =
            places.iter().copied().filter(|steps| !self.known.contains_key(steps)).collect();
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
        let measures = Measures::of(self.model, &self.family.device(&candidate));
        Known {
            exceeded: measures.exceeded(&candidate, &self.problem.limits),
            objective: measures.objective(
                self.problem.indication,
                self.problem.pronated,
                &candidate,
            ),
            measures,
        }
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
        ends.into_iter().reduce(better).unwrap_or_else(|| self.lattice.neutral())
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
        const MOVES: [Steps; 10] = [
            [1, 0, 0],
            [-1, 0, 0],
            [0, 1, 0],
            [0, -1, 0],
            [0, 0, 1],
            [0, 0, -1],
            [1, 1, 0],
            [-1, -1, 0],
            [1, -1, 0],
            [-1, 1, 0],
        ];
        MOVES
            .iter()
            .filter_map(|offset| self.lattice.moved(at, offset.map(|step| step * length)))
            .filter(|steps| self.possible(*steps))
            .collect()
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
        self.evaluate(&self.around(chosen, 1), &|| {});
        let candidate = self.lattice.candidate(chosen);
        let active_limits = self.active_limits(chosen);
        let why = words::why(self.problem, &candidate, &prediction, recommendation, &active_limits);
        self.say(chosen, &prediction, findings);
        Optimum {
            chosen: candidate,
            prediction,
            recommendation,
            why,
            active_limits,
            front: self.front(),
            neighbors: self.neighbors(chosen),
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
        let within_limits = self.known.get(&best).is_none_or(|known| known.exceeded.is_empty());
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
        let neutral = self.lattice.neutral();
        self.evaluate(&[neutral], &|| {});
        let prediction = predict(self, neutral);
        (neutral, prediction, Recommendation::Neutral)
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
        let single = [[-1, 0, 0], [1, 0, 0], [0, -1, 0], [0, 1, 0], [0, 0, -1], [0, 0, 1]];
        single
            .iter()
            .filter_map(|offset| self.lattice.moved(chosen, *offset))
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

    /// Candidates within the limits that none other beats in both impulse and eversion. Where the goal is to
    /// raise the moment, more impulse and less inversion are better.
    fn front(&self) -> Vec<ParetoPoint> {
        let sign = if self.problem.indication == Indication::LateralKneeOa { -1.0 } else { 1.0 };
        let mut points: Vec<ParetoPoint> = self
            .known
            .iter()
            .filter(|(_, known)| known.exceeded.is_empty())
            .map(|(steps, known)| ParetoPoint {
                candidate: self.lattice.candidate(*steps),
                kam_impulse_pct: known.measures.kam_impulse_pct,
                kam_peak1_pct: known.measures.kam_peak1_pct,
                eversion_deg: known.measures.eversion_deg,
            })
            .collect();
        let key = |point: &ParetoPoint| (sign * point.kam_impulse_pct, sign * point.eversion_deg);
        points.sort_by(|a, b| {
            let ((load_a, turn_a), (load_b, turn_b)) = (key(a), key(b));
            load_a.total_cmp(&load_b).then(turn_a.total_cmp(&turn_b))
        });
        let mut least_turn = f64::INFINITY;
        points.retain(|point| {
            let better = key(point).1 < least_turn;
            least_turn = least_turn.min(key(point).1);
            better
        });
        points
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
                format!("The device exceeds limits: {}.", limits.join(", ")),
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

/// The radical inverse of `index` in `base`: its digits behind the point in reverse, a Halton coordinate.
fn radical_inverse(mut index: u32, base: u32) -> f64 {
    let (mut value, mut digit) = (0.0, 1.0 / f64::from(base));
    while index > 0 {
        value += digit * f64::from(index % base);
        index /= base;
        digit /= f64::from(base);
    }
    value
}

impl Candidate {
    /// Whether both posts are zero.
    #[must_use]
    pub fn is_unposted(&self) -> bool {
        self.rearfoot_post == Angle::ZERO && self.forefoot_post == Angle::ZERO
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn radical_inverses_fill_the_unit_interval() {
        let first: Vec<f64> = (1..=4).map(|i| radical_inverse(i, 2)).collect();
        assert_eq!(first, [0.5, 0.25, 0.75, 0.125]);
        let mut thirds = [0; 3];
        for index in 1..=300 {
            thirds[(radical_inverse(index, 3) * 3.0) as usize] += 1;
        }
        assert!(thirds.iter().all(|count| (99..=101).contains(count)), "{thirds:?}");
    }
}
