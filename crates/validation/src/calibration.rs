//! Bayesian calibration of the five lumped parameters against group means of trials.
//!
//! Random-walk Metropolis (Metropolis et al. 1953, DOI 10.1063/1.1699114) with a proposal that is fitted to the
//! chain while it warms up (Haario, Saksman, Tamminen 2001, DOI 10.2307/3318737). Targets and priors are
//! data (`data/calibration.toml`). The chain is a function of its seed.

use knee::Parameters;
use nalgebra::{SMatrix, SVector};
use serde::{Deserialize, Serialize};

use crate::experiments::Experiments;

/// Number of calibrated parameters.
const COUNT: usize = 5;

type Point = SVector<f64, COUNT>;
type Covariance = SMatrix<f64, COUNT, COUNT>;

/// Scale of a random walk that mixes best in `COUNT` dimensions: 2.4²/d (Gelman, Roberts, Gilks 1996).
const WALK: f64 = 2.4 * 2.4 / COUNT as f64;

/// Share of that scale at which the handbook's chain accepts two of five steps.
const CAUTION: f64 = 0.6;

/// The first steps, before the chain tells its shape: this share of the priors' deviations.
const FIRST_STEP: f64 = 0.35;

/// Keeps a proposal from collapsing in a direction that the chain has not explored.
const NUGGET: f64 = 1e-5;

/// How long the chain runs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CalibrationSettings {
    /// Steps of the chain; the handbook ran 6000.
    pub steps: usize,
    /// First steps that are thrown away.
    pub warm_up: usize,
    /// Seed of the random numbers.
    pub seed: u64,
}

impl Default for CalibrationSettings {
    fn default() -> Self {
        Self { steps: 6000, warm_up: 2000, seed: 1 }
    }
}

/// Samples of the posterior.
#[derive(Clone, Debug, Serialize)]
pub struct Posterior {
    /// Each parameter's mean and spread.
    pub parameters: Vec<Summary>,
    /// Correlations, in the order of the parameters.
    pub correlations: Vec<Vec<f64>>,
    /// Each target's figure over the posterior.
    pub targets: Vec<Summary>,
    /// Share of the steps that were accepted.
    pub acceptance: f64,
    /// The chain behind the warm-up.
    #[serde(skip)]
    pub samples: Vec<[f64; COUNT]>,
}

/// Mean and standard deviation of a figure.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Summary {
    /// Name of the parameter or experiment.
    pub name: String,
    /// What it was before: the prior's mean, or the published mean.
    pub given: f64,
    /// Standard deviation of the prior, or of the published mean in the likelihood.
    pub given_sd: f64,
    /// Mean over the samples.
    pub mean: f64,
    /// Standard deviation over the samples.
    pub sd: f64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    target: Vec<Target>,
    prior: Vec<Prior>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Target {
    experiment: String,
    mean: f64,
    sd: f64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Prior {
    parameter: String,
    mean: f64,
    sd: f64,
    #[serde(default = "no_lower_end")]
    low: f64,
    #[serde(default = "no_upper_end")]
    high: f64,
}

const fn no_lower_end() -> f64 {
    f64::NEG_INFINITY
}

const fn no_upper_end() -> f64 {
    f64::INFINITY
}

/// Where the handbook's chain starts: transmission, ln of subtalar scale and midtarsal stiffness, re-aiming,
/// knee following.
const START: [f64; COUNT] = [0.6, -1.203_972_804_325_936, -0.510_825_623_765_990_7, 0.5, 0.5];

/// A place of the chain with what the model says there.
#[derive(Clone)]
struct State {
    at: Point,
    log_density: f64,
    figures: Vec<f64>,
}

/// Runs the calibration; `progress` is told the steps done.
///
/// # Panics
/// Never: targets and priors are part of the program, and a test reads them.
#[must_use]
#[expect(clippy::expect_used, reason = "targets and priors are compiled in and read by a test")]
pub fn calibrate(
    experiments: &Experiments,
    settings: &CalibrationSettings,
    mut progress: impl FnMut(usize),
) -> Posterior {
    let file: File =
        toml::from_str(include_str!("../data/calibration.toml")).expect("targets and priors");
    let mut random = fastrand::Rng::with_seed(settings.seed);
    let mut state =
        file.state(experiments, Point::from(START)).expect("the start lies inside the priors");
    let mut proposal =
        Covariance::from_diagonal(&Point::from_fn(|k, _| (FIRST_STEP * file.prior[k].sd).powi(2)));
    let (mut chain, mut accepted): (Vec<State>, usize) = (Vec::new(), 0);
    // The proposal is fitted twice, at two and four fifths of the warm-up.
    let fits = [2 * settings.warm_up / 5, 4 * settings.warm_up / 5];
    for step in 0..settings.steps {
        let spread = (proposal * (WALK * CAUTION))
            .cholesky()
            .map_or_else(Covariance::zeros, |factor| factor.l());
        let next = state.at + spread * Point::from_fn(|_, _| standard_normal(&mut random));
        let threshold = random.f64().ln();
        if let Some(next) = file.state(experiments, next)
            && threshold < next.log_density - state.log_density
        {
            state = next;
            accepted += 1;
        }
        chain.push(state.clone());
        if fits.contains(&step) && step > 0 {
            proposal = covariance(&chain[chain.len() / 4..]) + Covariance::identity() * NUGGET;
        }
        progress(step + 1);
    }
    let kept = &chain[settings.warm_up.min(chain.len().saturating_sub(2))..];
    summarize(&file, kept, accepted as f64 / settings.steps.max(1) as f64)
}

/// Box and Muller (1958), one of the pair.
fn standard_normal(random: &mut fastrand::Rng) -> f64 {
    let (radius, turn) = (1.0 - random.f64(), random.f64());
    (-2.0 * radius.ln()).sqrt() * (std::f64::consts::TAU * turn).cos()
}

impl File {
    /// Posterior density and figures at a place; `None` outside the priors.
    fn state(&self, experiments: &Experiments, at: Point) -> Option<State> {
        let inside = |(prior, value): (&Prior, &f64)| (prior.low..=prior.high).contains(value);
        if !self.prior.iter().zip(at.iter()).all(inside) {
            return None;
        }
        let model = experiments.model();
        let parameters = Parameters {
            transmission: at[0],
            subtalar_scale: at[1].exp(),
            midtarsal_nm_per_rad_kg: at[2].exp(),
            reaiming: at[3],
            knee_follows: at[4],
            ..*model.parameters()
        };
        let varied = Experiments::with_model(model.recalibrated(&parameters));
        let figures: Vec<f64> = self
            .target
            .iter()
            .map(|target| varied.value(&target.experiment))
            .collect::<Option<_>>()?;
        let square = |value: f64, mean: f64, sd: f64| ((value - mean) / sd).powi(2);
        let misfit: f64 =
            self.target.iter().zip(&figures).map(|(t, &f)| square(f, t.mean, t.sd)).sum();
        let distance: f64 =
            self.prior.iter().zip(at.iter()).map(|(p, &v)| square(v, p.mean, p.sd)).sum();
        Some(State { at, log_density: -0.5 * (misfit + distance), figures })
    }
}

fn covariance(chain: &[State]) -> Covariance {
    let count = chain.len() as f64;
    let mean: Point = chain.iter().map(|state| state.at).sum::<Point>() / count;
    let spread: Covariance =
        chain.iter().map(|state| (state.at - mean) * (state.at - mean).transpose()).sum();
    spread / (count - 1.0).max(1.0)
}

fn summarize(file: &File, kept: &[State], acceptance: f64) -> Posterior {
    let summary = |name: &str, given: f64, given_sd: f64, value: &dyn Fn(&State) -> f64| {
        let count = kept.len() as f64;
        let mean = kept.iter().map(value).sum::<f64>() / count;
        let variance = kept.iter().map(|state| (value(state) - mean).powi(2)).sum::<f64>() / count;
        Summary { name: name.to_owned(), given, given_sd, mean, sd: variance.sqrt() }
    };
    let spread = covariance(kept);
    let correlations = (0..COUNT)
        .map(|row| {
            (0..COUNT)
                .map(|column| {
                    spread[(row, column)] / (spread[(row, row)] * spread[(column, column)]).sqrt()
                })
                .collect()
        })
        .collect();
    Posterior {
        parameters: file
            .prior
            .iter()
            .enumerate()
            .map(|(k, prior)| summary(&prior.parameter, prior.mean, prior.sd, &|state| state.at[k]))
            .collect(),
        correlations,
        targets: file
            .target
            .iter()
            .enumerate()
            .map(|(k, target)| {
                summary(&target.experiment, target.mean, target.sd, &|state| state.figures[k])
            })
            .collect(),
        acceptance,
        samples: kept.iter().map(|state| state.at.into()).collect(),
    }
}
