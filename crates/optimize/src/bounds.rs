//! Between what the search may choose, and what is usual (handbook, knee model, section 4).

use crate::variable::{PerVariable, Variable};
use crate::{Contraindication, Indication};

/// Between what the search may choose, in the variables' units.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bounds {
    /// Lowest and highest value of each variable.
    pub ranges: PerVariable<[f64; 2]>,
}

/// What a device has before anything is tuned: thickness by the weight table, cup and cover as the lab makes them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Customs {
    /// Thickness of the shell for this body mass, mm.
    pub thickness_mm: f64,
    /// Depth of the heel cup, mm.
    pub heel_cup_mm: f64,
    /// Thickness of the cover, mm.
    pub cover_mm: f64,
    /// Modulus of the cover, MPa.
    pub cover_mpa: f64,
    /// Modulus of the posts, MPa.
    pub post_mpa: f64,
}

impl Default for Customs {
    /// The reference implementation's device.
    fn default() -> Self {
        Self { thickness_mm: 3.0, heel_cup_mm: 12.0, cover_mm: 3.0, cover_mpa: 1.0, post_mpa: 3.0 }
    }
}

/// What is usually prescribed first for an indication (handbook, section 4): of two candidates that serve
/// about equally well, the search takes the one nearer to it.
#[must_use]
pub fn usual(indication: Indication, pronated: bool, customs: &Customs) -> PerVariable<f64> {
    let (rearfoot_deg, forefoot_deg, arch_fraction) = match (indication, pronated) {
        (Indication::MedialKneeOa, false) => (5.0, 5.0, 0.4),
        (Indication::MedialKneeOa, true) => (4.5, 4.5, 0.65),
        (Indication::LateralKneeOa, _) => (-4.0, -4.0, 0.5),
        (Indication::PatellofemoralPain, _) => (-3.0, 0.0, 0.6),
        (Indication::FlatFoot, _) => (-3.5, 0.0, 0.8),
        (Indication::Cavus, _) => (1.5, 1.5, 0.6),
        (Indication::ImpactSport, _) => (0.0, 0.0, 0.6),
        (Indication::None, _) => (0.0, 0.0, 0.5),
    };
    let skive = if indication == Indication::FlatFoot { 3.0 } else { 0.0 };
    let cover = match indication {
        Indication::ImpactSport | Indication::Cavus => customs.cover_mm.max(5.0),
        _ => customs.cover_mm,
    };
    PerVariable::from_fn(|variable| match variable {
        Variable::RearfootPost => rearfoot_deg,
        Variable::ForefootPost => forefoot_deg,
        Variable::ArchFraction => arch_fraction,
        Variable::Thickness => customs.thickness_mm,
        Variable::HeelCup => customs.heel_cup_mm,
        Variable::HeelLift => 0.0,
        Variable::MedialSkive => skive,
        Variable::Cover => cover,
        Variable::CoverModulus => customs.cover_mpa,
        Variable::PostModulus => customs.post_mpa,
    })
}

impl Bounds {
    /// The bounds of section 4, narrowed to the direction and the arch that its table gives for an indication.
    ///
    /// The shell stays within half a millimeter under and one over the weight table: thinner breaks, and the model
    /// would thin it for a softer arch. There is no lift: the model would lift lateral knees for their moment, and
    /// it serves leg length only, where it is ordered.
    #[must_use]
    pub fn of(indication: Indication, pronated: bool, customs: &Customs) -> Self {
        let (rearfoot_deg, forefoot_deg, arch_fraction) = match (indication, pronated) {
            (Indication::MedialKneeOa, false) => ([0.0, 8.0], [0.0, 6.0], [0.3, 0.5]),
            (Indication::MedialKneeOa, true) => ([0.0, 8.0], [0.0, 6.0], [0.5, 0.8]),
            (Indication::LateralKneeOa, _) => ([-8.0, 0.0], [-5.0, 0.0], [0.4, 0.6]),
            (Indication::PatellofemoralPain, _) => ([-4.0, 0.0], [-2.0, 0.0], [0.5, 0.7]),
            (Indication::FlatFoot, _) => ([-6.0, 0.0], [-4.0, 0.0], [0.7, 0.9]),
            (Indication::Cavus, _) => ([0.0, 3.0], [0.0, 3.0], [0.3, 1.0]),
            (Indication::ImpactSport, _) => ([0.0; 2], [0.0; 2], [0.4, 0.8]),
            (Indication::None, _) => ([0.0; 2], [0.0; 2], [0.2, 0.5]),
        };
        let cup = match indication {
            Indication::FlatFoot | Indication::ImpactSport => [14.0, 18.0],
            Indication::Cavus => [14.0, 20.0],
            _ => [10.0, 16.0],
        };
        let skive = match indication {
            Indication::FlatFoot => [0.0, 4.0],
            Indication::PatellofemoralPain => [0.0, 3.0],
            _ => [0.0, 0.0],
        };
        let cover = match indication {
            Indication::ImpactSport => [4.0, 6.0],
            _ => [2.0, 6.0],
        };
        let thickness = customs.thickness_mm;
        let unposted = matches!(indication, Indication::ImpactSport | Indication::None);
        let ranges = PerVariable::from_fn(|variable| match variable {
            Variable::RearfootPost => rearfoot_deg,
            Variable::ForefootPost => forefoot_deg,
            Variable::ArchFraction => arch_fraction,
            Variable::Thickness => [(thickness - 0.5).max(2.0), (thickness + 1.0).min(6.0)],
            Variable::HeelCup => cup,
            Variable::HeelLift => [0.0, 0.0],
            Variable::MedialSkive => skive,
            Variable::Cover => cover,
            Variable::CoverModulus => [0.4, 1.5],
            // What is not posted has nothing to choose.
            Variable::PostModulus if unposted => [customs.post_mpa; 2],
            Variable::PostModulus => [0.8, 50.0],
        });
        Self { ranges }
    }

    /// Takes the forbidden directions of posting away.
    #[must_use]
    pub fn without(mut self, contraindications: &[Contraindication]) -> Self {
        let lateral = contraindications.iter().any(|c| c.forbids_lateral());
        let medial = contraindications.iter().any(|c| c.forbids_medial());
        for variable in [Variable::RearfootPost, Variable::ForefootPost] {
            let bounds = &mut self.ranges[variable];
            if lateral {
                *bounds = bounds.map(|deg| deg.min(0.0));
            }
            if medial {
                *bounds = bounds.map(|deg| deg.max(0.0));
            }
        }
        if medial {
            self.ranges[Variable::MedialSkive] = [0.0, 0.0];
        }
        self
    }

    /// Takes off what an ordered wedge tilts already, so that post and wedge together keep to the bounds; a wedge
    /// against them is not made up for by posts.
    #[must_use]
    pub fn beside_wedge(mut self, wedge_deg: [f64; 2]) -> Self {
        let posts = [Variable::RearfootPost, Variable::ForefootPost];
        for (variable, wedge) in posts.into_iter().zip(wedge_deg) {
            let [low, high] = &mut self.ranges[variable];
            if wedge > 0.0 {
                *high = (*high - wedge).max(*low).max(high.min(0.0));
            } else {
                *low = (*low - wedge).min(*high).min(low.max(0.0));
            }
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bounds(indication: Indication, pronated: bool) -> Bounds {
        Bounds::of(indication, pronated, &Customs::default())
    }

    #[test]
    fn medial_oa_is_never_posted_medially_and_lateral_oa_never_laterally() {
        let posts = [Variable::RearfootPost, Variable::ForefootPost];
        for pronated in [false, true] {
            let medial = bounds(Indication::MedialKneeOa, pronated).ranges;
            assert!(posts.iter().all(|post| medial[*post][0] >= 0.0));
            let lateral = bounds(Indication::LateralKneeOa, pronated).ranges;
            assert!(posts.iter().all(|post| lateral[*post][1] <= 0.0));
        }
    }

    #[test]
    fn contraindications_take_directions_away() {
        let medial = bounds(Indication::MedialKneeOa, false);
        let lateral = bounds(Indication::LateralKneeOa, false);
        for (contraindication, keeps_lateral, keeps_medial) in [
            (Contraindication::RigidFlatFoot, false, true),
            (Contraindication::PatellofemoralOa, false, true),
            (Contraindication::LateralInstability, true, false),
            (Contraindication::Child, false, false),
        ] {
            let kept = |bounds: Bounds| {
                bounds.without(&[contraindication]).ranges[Variable::RearfootPost] != [0.0, 0.0]
            };
            assert_eq!(kept(medial), keeps_lateral, "{contraindication:?}");
            assert_eq!(kept(lateral), keeps_medial, "{contraindication:?}");
        }
    }

    #[test]
    fn a_wedge_uses_up_the_bounds_of_the_posts() {
        let post = |bounds: Bounds, wedge: f64| {
            bounds.beside_wedge([wedge; 2]).ranges[Variable::RearfootPost]
        };
        let medial = bounds(Indication::MedialKneeOa, false);
        assert_eq!(post(medial, 0.0), [0.0, 8.0]);
        assert_eq!(post(medial, 5.0), [0.0, 3.0]);
        assert_eq!(post(medial, 10.0), [0.0, 0.0]);
        assert_eq!(post(medial, -5.0), [0.0, 8.0], "a medial wedge is not made up for");
        let lateral = bounds(Indication::LateralKneeOa, false);
        assert_eq!(post(lateral, -5.0), [-3.0, 0.0]);
        assert_eq!(post(lateral, 5.0), [-8.0, 0.0]);
    }
}
