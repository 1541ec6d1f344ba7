//! What may be varied: posts and what they are made of, arch, thickness, cup, lift, skive and cover, in the units of the order form.

use serde::Serialize;
use serde::ser::SerializeMap;
use vocabulary::Angle;

/// Number of variables.
pub(crate) const VARIABLES: usize = 10;

/// What posts are made of, MPa: foams of Shore A 20 to 60, cork, rubber, hard plastics; nearly even steps of their compliance.
const POST_MPA: [f64; 10] = [0.8, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 10.0, 20.0, 50.0];

/// One dose of a device that the search may choose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Variable {
    /// Rearfoot post, degrees, + lateral (valgus).
    RearfootPost,
    /// Forefoot post, degrees, + lateral (valgus).
    ForefootPost,
    /// Height of the arch as a share of the loaded clearance, 0 to 1.
    ArchFraction,
    /// Thickness of the shell, mm.
    Thickness,
    /// Depth of the heel cup, mm.
    HeelCup,
    /// Heel lift, mm.
    HeelLift,
    /// Medial heel skive, mm.
    MedialSkive,
    /// Thickness of the cover, mm.
    Cover,
    /// Modulus of the cover, MPa.
    CoverModulus,
    /// Modulus of the posts, MPa.
    PostModulus,
}

impl Variable {
    /// Every variable, in the order of a candidate's values.
    pub const ALL: [Self; VARIABLES] = [
        Self::RearfootPost,
        Self::ForefootPost,
        Self::ArchFraction,
        Self::Thickness,
        Self::HeelCup,
        Self::HeelLift,
        Self::MedialSkive,
        Self::Cover,
        Self::CoverModulus,
        Self::PostModulus,
    ];

    /// Key in files; ends with the unit. All but the two moduli are keys of the prescription.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::RearfootPost => "rearfoot_post_deg",
            Self::ForefootPost => "forefoot_post_deg",
            Self::ArchFraction => "arch_fraction",
            Self::Thickness => "shell_thickness_mm",
            Self::HeelCup => "heel_cup_depth_mm",
            Self::HeelLift => "heel_lift_mm",
            Self::MedialSkive => "medial_skive_mm",
            Self::Cover => "cover_mm",
            Self::CoverModulus => "cover_modulus_mpa",
            Self::PostModulus => "post_modulus_mpa",
        }
    }

    /// Name and unit in words.
    #[must_use]
    pub const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::RearfootPost => ("rearfoot post", "°"),
            Self::ForefootPost => ("forefoot post", "°"),
            Self::ArchFraction => ("arch", "of the loaded clearance"),
            Self::Thickness => ("shell thickness", "mm"),
            Self::HeelCup => ("heel cup", "mm"),
            Self::HeelLift => ("heel lift", "mm"),
            Self::MedialSkive => ("medial skive", "mm"),
            Self::Cover => ("cover", "mm"),
            Self::CoverModulus => ("cover modulus", "MPa"),
            Self::PostModulus => ("post modulus", "MPa"),
        }
    }

    /// Steps of what a laboratory can order, per unit: half a degree, a twentieth of the arch, a tenth of a
    /// millimeter of shell and of a megapascal, half a millimeter of cover, whole millimeters otherwise. A division
    /// by it gives exactly the nearest float to 0.35. `None` for posts, whose materials are a list.
    const fn steps_per_unit(self) -> Option<f64> {
        Some(match self {
            Self::RearfootPost | Self::ForefootPost | Self::Cover => 2.0,
            Self::ArchFraction => 20.0,
            Self::Thickness | Self::CoverModulus => 10.0,
            Self::HeelCup | Self::HeelLift | Self::MedialSkive => 1.0,
            Self::PostModulus => return None,
        })
    }

    /// The value of a step of the lattice; steps beyond a list are its ends.
    pub(crate) fn at_step(self, step: i32) -> f64 {
        self.steps_per_unit().map_or_else(
            || POST_MPA[(step.max(0) as usize).min(POST_MPA.len() - 1)],
            |per_unit| f64::from(step) / per_unit,
        )
    }

    /// The step nearest to a value.
    pub(crate) fn nearest_step(self, value: f64) -> i32 {
        let Some(per_unit) = self.steps_per_unit() else {
            let apart = |step: &usize| (POST_MPA[*step] - value).abs();
            let nearest = (0..POST_MPA.len()).min_by(|a, b| apart(a).total_cmp(&apart(b)));
            return nearest.unwrap_or(0) as i32;
        };
        (value * per_unit).round() as i32
    }

    /// First and last step within bounds, the first behind the last if there is none; `None` for bounds that are no numbers.
    pub(crate) fn steps_within(self, [low, high]: [f64; 2]) -> Option<[i32; 2]> {
        let [first, last] = match self.steps_per_unit() {
            // The slack is that of decimals that no float meets.
            Some(per_unit) => [(low * per_unit - 1e-9).ceil(), (high * per_unit + 1e-9).floor()],
            None => [
                POST_MPA.partition_point(|mpa| *mpa < low - 1e-9) as f64,
                POST_MPA.partition_point(|mpa| *mpa <= high + 1e-9) as f64 - 1.0,
            ],
        };
        (first.is_finite() && last.is_finite()).then_some([first as i32, last as i32])
    }

    /// What no order may exceed, in the variable's unit.
    pub(crate) const fn hard_limits(self) -> [f64; 2] {
        match self {
            Self::RearfootPost | Self::ForefootPost => [-12.0, 12.0],
            Self::ArchFraction => [0.0, 1.0],
            Self::Thickness => [1.0, 8.0],
            Self::HeelCup => [0.0, 35.0],
            Self::HeelLift => [0.0, 20.0],
            Self::MedialSkive => [0.0, 8.0],
            Self::Cover => [0.0, 15.0],
            Self::CoverModulus => [0.05, 50.0],
            Self::PostModulus => [0.1, 5000.0],
        }
    }

    /// What the order form accepts, in the variable's unit.
    #[must_use]
    pub const fn order_limits(self) -> [f64; 2] {
        match self {
            Self::RearfootPost => [-8.0, 8.0],
            Self::ForefootPost => [-5.0, 6.0],
            Self::ArchFraction => [0.0, 1.0],
            Self::Thickness => [2.0, 6.0],
            Self::HeelCup => [6.0, 30.0],
            Self::HeelLift => [0.0, 12.0],
            Self::MedialSkive => [0.0, 6.0],
            Self::Cover => [0.0, 12.8],
            Self::CoverModulus => [0.1, 50.0],
            Self::PostModulus => [0.8, 50.0],
        }
    }

    /// How many points of the objective (percent of load) a unit away from what is usual costs.
    ///
    /// Weak on purpose: between equal gains the usual prescription wins; a post's gain is about 2 points a degree.
    pub(crate) const fn pull(self) -> f64 {
        match self {
            Self::RearfootPost | Self::ForefootPost => 0.15,
            Self::ArchFraction => 1.5,
            Self::Thickness | Self::MedialSkive => 0.3,
            Self::HeelCup => 0.05,
            Self::HeelLift => 0.5,
            Self::Cover => 0.2,
            Self::CoverModulus => 0.4,
            Self::PostModulus => 0.1,
        }
    }
}

/// One value for every variable, in its unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PerVariable<T>([T; VARIABLES]);

impl<T> PerVariable<T> {
    /// From a function of the variable.
    pub fn from_fn(mut value: impl FnMut(Variable) -> T) -> Self {
        Self(Variable::ALL.map(&mut value))
    }
}

impl<T> std::ops::Index<Variable> for PerVariable<T> {
    type Output = T;

    fn index(&self, variable: Variable) -> &T {
        &self.0[variable as usize]
    }
}

impl<T> std::ops::IndexMut<Variable> for PerVariable<T> {
    fn index_mut(&mut self, variable: Variable) -> &mut T {
        &mut self.0[variable as usize]
    }
}

impl<T: Serialize> Serialize for PerVariable<T> {
    /// A map by key, with the unit in the key.
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(VARIABLES))?;
        for variable in Variable::ALL {
            map.serialize_entry(variable.key(), &self[variable])?;
        }
        map.end()
    }
}

/// A device to be ordered.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Candidate {
    /// Every dose that may be varied.
    pub values: PerVariable<f64>,
    /// The ordered wedge under heel and forefoot, + lateral: it tilts the foot as posts do, on top of them.
    pub wedge: [Angle; 2],
}

impl Candidate {
    /// Rearfoot post, + lateral (valgus).
    #[must_use]
    pub fn rearfoot_post(&self) -> Angle {
        Angle::from_deg(self.values[Variable::RearfootPost])
    }

    /// Forefoot post, + lateral (valgus).
    #[must_use]
    pub fn forefoot_post(&self) -> Angle {
        Angle::from_deg(self.values[Variable::ForefootPost])
    }

    /// Height of the arch as a share of the loaded clearance.
    #[must_use]
    pub fn arch_fraction(&self) -> f64 {
        self.values[Variable::ArchFraction]
    }

    /// What tilts rearfoot and forefoot together: post and wedge, degrees, + lateral.
    #[must_use]
    pub fn tilts_deg(&self) -> [f64; 2] {
        [
            self.values[Variable::RearfootPost] + self.wedge[0].deg(),
            self.values[Variable::ForefootPost] + self.wedge[1].deg(),
        ]
    }

    /// Whether nothing tilts the foot: neither post nor wedge.
    #[must_use]
    pub fn is_unposted(&self) -> bool {
        self.tilts_deg().iter().all(|deg| deg.abs() < 1e-9)
    }
}

impl Serialize for Candidate {
    /// The values by key, and the wedge if there is one.
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for variable in Variable::ALL {
            map.serialize_entry(variable.key(), &self.values[variable])?;
        }
        let [rearfoot, forefoot] = self.wedge.map(Angle::deg);
        if self.wedge != [Angle::ZERO; 2] {
            map.serialize_entry("wedge_rearfoot_deg", &rearfoot)?;
            map.serialize_entry("wedge_forefoot_deg", &forefoot)?;
        }
        map.end()
    }
}

/// What the clinician ordered, or the lab always does: it stays. `None` is left to the search.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fixed {
    /// Every dose that is not left to the search.
    pub values: PerVariable<Option<f64>>,
    /// The ordered wedge under heel and forefoot, + lateral.
    pub wedge: [Angle; 2],
}

impl Fixed {
    /// Posts and arch are left to the search, everything else stays as in the usual device.
    #[must_use]
    pub fn but_posts_and_arch(usual: &PerVariable<f64>) -> Self {
        let open = [Variable::RearfootPost, Variable::ForefootPost, Variable::ArchFraction];
        Self {
            values: PerVariable::from_fn(|one| (!open.contains(&one)).then_some(usual[one])),
            wedge: [Angle::ZERO; 2],
        }
    }

    /// Whether nothing is left to the search.
    #[must_use]
    pub fn all(&self) -> bool {
        Variable::ALL.iter().all(|variable| self.values[*variable].is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_and_values_are_each_others() {
        for variable in Variable::ALL {
            let limits = variable.order_limits();
            let [first, last] = variable.steps_within(limits).unwrap();
            assert!(first < last, "{variable:?}");
            for step in first..=last {
                let value = variable.at_step(step);
                assert!((limits[0] - 1e-9..=limits[1] + 1e-9).contains(&value), "{variable:?}");
                assert_eq!(variable.nearest_step(value), step, "{variable:?} {value}");
            }
        }
        assert_eq!(Variable::PostModulus.steps_within([1.2, 1.4]), Some([2, 1]));
        assert_eq!(Variable::ArchFraction.at_step(7), 0.35);
    }

    #[test]
    fn a_candidate_is_written_by_keys_with_units() {
        let candidate = Candidate {
            values: PerVariable::from_fn(|variable| f64::from(variable as u8)),
            wedge: [Angle::from_deg(2.0), Angle::ZERO],
        };
        let text = format!("{:?}", candidate.tilts_deg());
        assert_eq!(text, "[2.0, 1.0]");
        let keys: Vec<&str> = Variable::ALL.iter().map(|variable| variable.key()).collect();
        assert!(keys.iter().all(|key| {
            ["_deg", "_mm", "_mpa", "_fraction"].iter().any(|unit| key.ends_with(unit))
        }));
    }
}
