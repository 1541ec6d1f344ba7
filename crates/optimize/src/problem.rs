use vocabulary::{Angle, Findings};

use crate::variable::{PerVariable, VARIABLES};
use crate::{
    Bounds, Candidate, Contraindication, Customs, Fixed, Indication, Limits, Robust, Variable,
    usual,
};

/// Turns a candidate into the device that would be built for it.
///
/// Called from several threads; the same candidate must always give the same device.
pub trait DeviceFamily: Sync {
    /// The device of a candidate, sampled at the model's contact nodes.
    fn device(&self, candidate: &Candidate) -> knee::Device;
}

/// What to search for, and within what.
#[derive(Clone, Debug, PartialEq)]
pub struct Problem {
    /// What the device is for.
    pub indication: Indication,
    /// Whether the foot pronates (foot posture index of 6 or more): less eversion is allowed.
    pub pronated: bool,
    /// What was ordered.
    pub fixed: Fixed,
    /// What forbids a wedge.
    pub contraindications: Vec<Contraindication>,
    /// Between what the search may choose.
    pub bounds: Bounds,
    /// What is usually prescribed: where the search is pulled to between equal gains.
    pub usual: PerVariable<f64>,
    /// What no candidate may exceed.
    pub limits: Limits,
    /// Share of a limit by which a device may exceed it: none, unless its doses were chosen at the limit before, on a shell that
    /// differs a little from the one they are judged on.
    pub slack: f64,
    /// How many candidates are evaluated at most; a recommendation and its neighbors are evaluated in any case, some tens.
    pub evaluations: usize,
    /// How uncertainty is weighed.
    pub robust: Robust,
    /// A candidate that is to be taken if it serves about as well as the best: the other foot's.
    pub prefer: Option<PerVariable<f64>>,
}

impl Problem {
    /// The handbook's bounds and limits for an indication; posts and arch are open, nothing is on file.
    #[must_use]
    pub fn new(indication: Indication, pronated: bool) -> Self {
        Self::with_customs(indication, pronated, &Customs::default())
    }

    /// The same for what a lab makes as a rule.
    #[must_use]
    pub fn with_customs(indication: Indication, pronated: bool, customs: &Customs) -> Self {
        let usual = usual(indication, pronated, customs);
        let neutral = PerVariable::from_fn(|variable| match variable {
            Variable::MedialSkive => 0.0,
            Variable::Cover => customs.cover_mm,
            _ => usual[variable],
        });
        Self {
            indication,
            pronated,
            fixed: Fixed::but_posts_and_arch(&neutral),
            contraindications: Vec::new(),
            bounds: Bounds::of(indication, pronated, customs),
            usual,
            limits: Limits::of(indication, pronated),
            slack: 0.0,
            evaluations: 800,
            robust: Robust::default(),
            prefer: None,
        }
    }
}

/// Why nothing could be recommended.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum OptimizeError {
    /// An order that no device is built with.
    #[error("{name} is {value} {unit}, expected {low} to {high} {unit}; correct the prescription")]
    FixedOutOfRange {
        /// The key of the prescription.
        name: &'static str,
        /// What was ordered.
        value: f64,
        /// Lowest accepted.
        low: f64,
        /// Highest accepted.
        high: f64,
        /// Unit of all three.
        unit: &'static str,
    },
    /// An order that is never built for this person.
    #[error(
        "a {direction} {place} {what} of {deg:.1}° is ordered but {reason}; order none, or correct what is on file"
    )]
    Forbidden {
        /// lateral or medial.
        direction: &'static str,
        /// rearfoot or forefoot.
        place: &'static str,
        /// post, wedge, or both together.
        what: &'static str,
        /// How much, without a sign.
        deg: f64,
        /// What forbids it.
        reason: String,
    },
    /// Bounds that contain nothing.
    #[error("the bounds of {name}, {low} to {high}, contain nothing to order; correct the profile")]
    EmptyBounds {
        /// Which variable.
        name: &'static str,
        /// Lower bound.
        low: f64,
        /// Upper bound.
        high: f64,
    },
    /// The foot stands on none of the candidates.
    #[error(
        "the foot finds no balance on any of {candidates} candidate devices; check the device's heights"
    )]
    NoBalance {
        /// Candidates that were tried.
        candidates: usize,
    },
}

/// A place on the lattice of what a laboratory can order: steps of every variable.
pub(crate) type Steps = [i32; VARIABLES];

/// The lattice with what was ordered held fast.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lattice {
    /// Lowest and highest step of each variable; equal where it is fixed.
    pub(crate) range: [[i32; 2]; VARIABLES],
    fixed: Fixed,
}

impl Lattice {
    /// Checks what was ordered, and spans the lattice over the rest.
    pub(crate) fn new(problem: &Problem, findings: &mut Findings) -> Result<Self, OptimizeError> {
        let fixed = problem.fixed;
        for variable in Variable::ALL {
            let unit = variable.words().1;
            check(variable.key(), fixed.values[variable], variable.hard_limits(), unit)?;
        }
        forbidden_orders(problem, findings)?;
        let wedge = fixed.wedge.map(Angle::deg);
        let bounds = problem.bounds.without(&problem.contraindications).beside_wedge(wedge);
        let mut range = [[0, 0]; VARIABLES];
        for (range, variable) in range.iter_mut().zip(Variable::ALL) {
            if fixed.values[variable].is_none() {
                *range = span(variable, bounds.ranges[variable])?;
            }
        }
        Ok(Self { range, fixed })
    }

    /// The candidate at a place of the lattice.
    pub(crate) fn candidate(&self, steps: Steps) -> Candidate {
        let values = PerVariable::from_fn(|variable| {
            self.fixed.values[variable]
                .unwrap_or_else(|| variable.at_step(steps[variable as usize]))
        });
        Candidate { values, wedge: self.fixed.wedge }
    }

    /// Number of candidates, at most `usize::MAX`.
    pub(crate) fn size(&self) -> usize {
        let counts = self.range.iter().map(|[low, high]| (high - low + 1) as usize);
        counts.fold(1, usize::saturating_mul)
    }

    /// Whether a variable is left to the search.
    pub(crate) fn free(&self, variable: Variable) -> bool {
        let [low, high] = self.range[variable as usize];
        low < high
    }

    /// A place moved by `offset`, `None` if that leaves the lattice.
    pub(crate) fn moved(&self, steps: Steps, offset: Steps) -> Option<Steps> {
        let moved: Steps = std::array::from_fn(|i| steps[i] + offset[i]);
        let inside =
            moved.iter().zip(&self.range).all(|(at, [low, high])| (low..=high).contains(&at));
        inside.then_some(moved)
    }

    /// The place nearest to these values.
    pub(crate) fn nearest(&self, values: impl Fn(Variable) -> f64) -> Steps {
        std::array::from_fn(|index| {
            let variable = Variable::ALL[index];
            let [low, high] = self.range[index];
            let steps = variable.nearest_step(values(variable));
            if self.free(variable) { steps.clamp(low, high) } else { low }
        })
    }

    /// The neutral device: no posts and no skive beyond what was ordered, an arch of one half where that is within
    /// bounds, and everything else as usual.
    pub(crate) fn neutral(&self, usual: &PerVariable<f64>) -> Steps {
        self.nearest(|variable| match variable {
            Variable::RearfootPost
            | Variable::ForefootPost
            | Variable::HeelLift
            | Variable::MedialSkive => 0.0,
            Variable::ArchFraction => 0.5,
            other => usual[other],
        })
    }
}

fn check(
    name: &'static str,
    value: Option<f64>,
    [low, high]: [f64; 2],
    unit: &'static str,
) -> Result<(), OptimizeError> {
    match value {
        // The slack is that of a degree turned into radians and back.
        Some(value) if !(low - 1e-9..=high + 1e-9).contains(&value) => {
            Err(OptimizeError::FixedOutOfRange { name, value, low, high, unit })
        }
        _ => Ok(()),
    }
}

/// The steps that lie within bounds.
fn span(variable: Variable, [low, high]: [f64; 2]) -> Result<[i32; 2], OptimizeError> {
    let steps = variable.steps_within([low, high]).filter(|[first, last]| first <= last);
    steps.ok_or(OptimizeError::EmptyBounds { name: variable.words().0, low, high })
}

/// Refuses what must never be built for this person, and says what speaks against other orders.
fn forbidden_orders(problem: &Problem, findings: &mut Findings) -> Result<(), OptimizeError> {
    let posts = [Variable::RearfootPost, Variable::ForefootPost];
    for (index, place) in ["rearfoot", "forefoot"].into_iter().enumerate() {
        let post = problem.fixed.values[posts[index]].unwrap_or(0.0);
        let wedge = problem.fixed.wedge[index].deg();
        let deg = post + wedge;
        if deg.abs() < 1e-9 {
            continue;
        }
        let order = TiltOrder {
            direction: if deg > 0.0 { "lateral" } else { "medial" },
            place,
            what: match (post == 0.0, wedge == 0.0) {
                (false, true) => "post",
                (true, _) => "wedge",
                (false, false) => "post with its wedge",
            },
            deg: deg.abs(),
        };
        check_tilt(problem, &order, findings)?;
    }
    let skive = problem.fixed.values[Variable::MedialSkive].unwrap_or(0.0);
    let against = problem.contraindications.iter().find(|c| c.forbids_medial());
    if let Some(contraindication) = against.filter(|_| skive > 0.0) {
        findings.warn(
            "optimize",
            "optimize-order-contraindicated",
            format!(
                "A medial skive of {skive} mm is ordered although {} is on file; confirm it with the clinician before the device is made.",
                contraindication.name()
            ),
        );
    }
    Ok(())
}

/// What tilts one part of the foot by order.
struct TiltOrder {
    direction: &'static str,
    place: &'static str,
    what: &'static str,
    deg: f64,
}

fn check_tilt(
    problem: &Problem,
    order: &TiltOrder,
    findings: &mut Findings,
) -> Result<(), OptimizeError> {
    let TiltOrder { direction, place, what, deg } = *order;
    let lateral = direction == "lateral";
    let forbids = |c: &&Contraindication| {
        if lateral { c.forbids_lateral() } else { c.forbids_medial() }
    };
    let refused = |reason: String| OptimizeError::Forbidden { direction, place, what, deg, reason };
    if let Some(never) = problem.contraindications.iter().filter(forbids).find(|c| c.refuses()) {
        return Err(refused(format!("{} is on file, which forbids it", never.name())));
    }
    if lateral && problem.indication == Indication::LateralKneeOa {
        return Err(refused("the indication is the lateral knee, which it loads more".to_owned()));
    }
    if let Some(contraindication) = problem.contraindications.iter().find(forbids) {
        findings.warn(
            "optimize",
            "optimize-order-contraindicated",
            format!(
                "A {direction} {place} {what} of {deg:.1}° is ordered although {} is on file; confirm it with the clinician before the device is made.",
                contraindication.name()
            ),
        );
    }
    if !lateral && problem.indication == Indication::MedialKneeOa {
        findings.warn(
            "optimize",
            "optimize-order-against-indication",
            format!(
                "A medial {place} {what} of {deg:.1}° is ordered although it is predicted to load the medial knee compartment more, against the indication; confirm it with the clinician.",
            ),
        );
    }
    Ok(())
}
