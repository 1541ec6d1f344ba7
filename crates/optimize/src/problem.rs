use serde::Serialize;
use vocabulary::{Angle, Findings};

use crate::{Bounds, Contraindication, Indication, Limits};

/// Largest post that is built at all, degrees.
const LARGEST_POST_DEG: f64 = 12.0;

/// A device to be ordered.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Candidate {
    /// Rearfoot post, + lateral (valgus).
    pub rearfoot_post: Angle,
    /// Forefoot post, + lateral (valgus).
    pub forefoot_post: Angle,
    /// Height of the arch as a fraction of the loaded clearance, 0 to 1.
    pub arch_fraction: f64,
}

/// Turns a candidate into the device that would be built for it.
///
/// Called from several threads; the same candidate must always give the same device.
pub trait DeviceFamily: Sync {
    /// The device of a candidate, sampled at the model's contact nodes.
    fn device(&self, candidate: &Candidate) -> knee::Device;
}

/// What the clinician ordered: it stays. `None` is left to the search.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Fixed {
    /// Rearfoot post, + lateral.
    pub rearfoot_post: Option<Angle>,
    /// Forefoot post, + lateral.
    pub forefoot_post: Option<Angle>,
    /// Arch fraction, 0 to 1.
    pub arch_fraction: Option<f64>,
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
    /// What no candidate may exceed.
    pub limits: Limits,
    /// How many candidates the first stage may evaluate.
    pub evaluations: usize,
}

impl Problem {
    /// The handbook's bounds and limits for an indication, nothing ordered, nothing on file.
    #[must_use]
    pub fn new(indication: Indication, pronated: bool) -> Self {
        Self {
            indication,
            pronated,
            fixed: Fixed::default(),
            contraindications: Vec::new(),
            bounds: Bounds::of(indication, pronated),
            limits: Limits::of(indication, pronated),
            evaluations: 800,
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

/// A place on the lattice of what a laboratory can order: posts in half degrees, arch in twentieths.
pub(crate) type Steps = [i32; 3];

/// Half a degree.
const POST_STEP_DEG: f64 = 0.5;
/// Steps of the arch fraction per unit; a division by it gives exactly the nearest float to 0.35.
const ARCH_STEPS: f64 = 20.0;

/// The lattice with what was ordered held fast.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lattice {
    /// Lowest and highest step of each variable; equal where it is fixed.
    pub(crate) range: [[i32; 2]; 3],
    fixed: Fixed,
}

impl Lattice {
    /// Checks what was ordered, and spans the lattice over the rest.
    pub(crate) fn new(problem: &Problem, findings: &mut Findings) -> Result<Self, OptimizeError> {
        let fixed = &problem.fixed;
        for (name, value) in
            [("rearfoot_post_deg", fixed.rearfoot_post), ("forefoot_post_deg", fixed.forefoot_post)]
        {
            check(name, value.map(Angle::deg), [-LARGEST_POST_DEG, LARGEST_POST_DEG], "°")?;
        }
        check("arch_fraction", fixed.arch_fraction, [0.0, 1.0], "of the clearance")?;
        warn_of_forbidden_orders(problem, findings);

        let bounds = problem.bounds.without(&problem.contraindications);
        let post = 1.0 / POST_STEP_DEG;
        let spans = [
            span("rearfoot post", fixed.rearfoot_post.is_some(), bounds.rearfoot_deg, post)?,
            span("forefoot post", fixed.forefoot_post.is_some(), bounds.forefoot_deg, post)?,
            span("arch", fixed.arch_fraction.is_some(), bounds.arch_fraction, ARCH_STEPS)?,
        ];
        Ok(Self { range: spans, fixed: *fixed })
    }

    /// The candidate at a place of the lattice.
    pub(crate) fn candidate(&self, steps: Steps) -> Candidate {
        let post = |steps: i32| Angle::from_deg(f64::from(steps) * POST_STEP_DEG);
        Candidate {
            rearfoot_post: self.fixed.rearfoot_post.unwrap_or_else(|| post(steps[0])),
            forefoot_post: self.fixed.forefoot_post.unwrap_or_else(|| post(steps[1])),
            arch_fraction: self
                .fixed
                .arch_fraction
                .unwrap_or_else(|| f64::from(steps[2]) / ARCH_STEPS),
        }
    }

    /// Number of candidates.
    pub(crate) fn size(&self) -> usize {
        self.range.iter().map(|[low, high]| (high - low + 1) as usize).product()
    }

    /// Whether a variable is left to the search.
    pub(crate) fn free(&self, variable: usize) -> bool {
        self.range[variable][0] < self.range[variable][1]
    }

    /// A place moved by `offset`, `None` if that leaves the lattice.
    pub(crate) fn moved(&self, steps: Steps, offset: Steps) -> Option<Steps> {
        let moved: Steps = std::array::from_fn(|i| steps[i] + offset[i]);
        let inside = (0..3).all(|i| (self.range[i][0]..=self.range[i][1]).contains(&moved[i]));
        inside.then_some(moved)
    }

    /// The neutral device: no posts beyond those ordered, and an arch of one half where that is within bounds.
    pub(crate) fn neutral(&self) -> Steps {
        let nearest = |variable: usize, to: i32| {
            let [low, high] = self.range[variable];
            to.clamp(low, high)
        };
        [nearest(0, 0), nearest(1, 0), nearest(2, (0.5 * ARCH_STEPS) as i32)]
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

/// The steps that lie within bounds; a fixed variable has the single step 0, which is not used.
fn span(
    name: &'static str,
    fixed: bool,
    [low, high]: [f64; 2],
    steps_per_unit: f64,
) -> Result<[i32; 2], OptimizeError> {
    if fixed {
        return Ok([0, 0]);
    }
    let first = (low * steps_per_unit - 1e-9).ceil();
    let last = (high * steps_per_unit + 1e-9).floor();
    if first > last || !first.is_finite() || !last.is_finite() {
        return Err(OptimizeError::EmptyBounds { name, low, high });
    }
    Ok([first as i32, last as i32])
}

/// An order stays, but one against the indication or against a contra-indication on file is said.
fn warn_of_forbidden_orders(problem: &Problem, findings: &mut Findings) {
    for (place, post) in
        [("rearfoot", problem.fixed.rearfoot_post), ("forefoot", problem.fixed.forefoot_post)]
    {
        let Some(deg) = post.map(Angle::deg).filter(|deg| *deg != 0.0) else { continue };
        let direction = if deg > 0.0 { "lateral" } else { "medial" };
        let forbids = |c: &&Contraindication| {
            if deg > 0.0 { c.forbids_lateral() } else { c.forbids_medial() }
        };
        if let Some(contraindication) = problem.contraindications.iter().find(forbids) {
            findings.warn(
                "optimize",
                "optimize-order-contraindicated",
                format!(
                    "A {direction} {place} post of {:.1}° is ordered although {} is on file; confirm it with the clinician before the device is made.",
                    deg.abs(),
                    contraindication.name()
                ),
            );
        }
        let against = match problem.indication {
            Indication::MedialKneeOa if deg < 0.0 => Some("medial"),
            Indication::LateralKneeOa if deg > 0.0 => Some("lateral"),
            _ => None,
        };
        if let Some(compartment) = against {
            findings.warn(
                "optimize",
                "optimize-order-against-indication",
                format!(
                    "A {direction} {place} post of {:.1}° is ordered although it is predicted to load the {compartment} knee compartment more, against the indication; confirm it with the clinician.",
                    deg.abs()
                ),
            );
        }
    }
}

impl Serialize for Candidate {
    /// In degrees, with the unit in the key.
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct;
        let mut state = serializer.serialize_struct("Candidate", 3)?;
        state.serialize_field("rearfoot_post_deg", &self.rearfoot_post.deg())?;
        state.serialize_field("forefoot_post_deg", &self.forefoot_post.deg())?;
        state.serialize_field("arch_fraction", &self.arch_fraction)?;
        state.end()
    }
}
