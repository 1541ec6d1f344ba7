use serde::{Deserialize, Serialize};

/// What the device is for; the `indication` of a case file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Indication {
    /// Osteoarthritis of the medial knee compartment: lower the adduction moment.
    MedialKneeOa,
    /// Osteoarthritis of the lateral knee compartment: raise the adduction moment.
    LateralKneeOa,
    /// Pain behind the kneecap with a pronating foot: lower eversion.
    PatellofemoralPain,
    /// Flexible, symptomatic flat foot: lower eversion by about 1.5 degrees.
    FlatFoot,
    /// High-arched foot: lower peak pressure.
    Cavus,
    /// Sport with high impact: lower peak pressure, no hard posts.
    ImpactSport,
    /// No indication: a neutral device.
    #[default]
    None,
}

/// What on file forbids a wedge (handbook, knee model, section 4, "No wedging").
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Contraindication {
    /// Knock knee or lateral compartment disease: no lateral wedge.
    ValgusKnee,
    /// Varus of more than 3 to 5 degrees in the bone: an unlikely responder, no lateral wedge.
    BonyVarus,
    /// Posterior tibial tendon dysfunction: no lateral wedge.
    PosteriorTibialDysfunction,
    /// Rigid or acute flat foot, or eversion at its end of range: no lateral wedge.
    RigidFlatFoot,
    /// Lax deltoid ligament: no lateral wedge.
    DeltoidLaxity,
    /// Patellofemoral osteoarthritis, excluded from the wedge trials: no lateral wedge.
    PatellofemoralOa,
    /// Chronic lateral instability or inversion sprains: no medial post.
    LateralInstability,
    /// Peroneal tendon pathology: no medial post.
    PeronealPathology,
    /// Neuropathy without a pressure check: no wedge at all.
    Neuropathy,
    /// Osteoarthritis of ankle or hindfoot: no wedge at all.
    AnkleOa,
    /// Acute fracture or infection: no wedge at all.
    AcuteFractureOrInfection,
    /// A growing child: no wedge at all.
    Child,
}

impl Contraindication {
    /// Whether it forbids posts with their high edge lateral.
    #[must_use]
    pub const fn forbids_lateral(self) -> bool {
        !matches!(self, Self::LateralInstability | Self::PeronealPathology)
    }

    /// Whether it forbids posts with their high edge medial.
    #[must_use]
    pub const fn forbids_medial(self) -> bool {
        matches!(
            self,
            Self::LateralInstability
                | Self::PeronealPathology
                | Self::Neuropathy
                | Self::AnkleOa
                | Self::AcuteFractureOrInfection
                | Self::Child
        )
    }

    /// The finding in words.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::ValgusKnee => "valgus knee",
            Self::BonyVarus => "bony varus",
            Self::PosteriorTibialDysfunction => "posterior tibial dysfunction",
            Self::RigidFlatFoot => "rigid or acute flat foot",
            Self::DeltoidLaxity => "lax deltoid ligament",
            Self::PatellofemoralOa => "patellofemoral osteoarthritis",
            Self::LateralInstability => "chronic lateral instability",
            Self::PeronealPathology => "peroneal pathology",
            Self::Neuropathy => "neuropathy without a pressure check",
            Self::AnkleOa => "ankle or hindfoot osteoarthritis",
            Self::AcuteFractureOrInfection => "acute fracture or infection",
            Self::Child => "a growing foot",
        }
    }
}

/// What is usually prescribed first for an indication (handbook, section 4): of two candidates that serve
/// about equally well, the search takes the one nearer to it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct TypicalStart {
    /// Rearfoot post, degrees, + lateral.
    pub rearfoot_deg: f64,
    /// Forefoot post, degrees, + lateral.
    pub forefoot_deg: f64,
    /// Arch as a fraction of the loaded clearance.
    pub arch_fraction: f64,
}

impl TypicalStart {
    /// The middle of what section 4 gives for an indication.
    #[must_use]
    pub const fn of(indication: Indication, pronated: bool) -> Self {
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
        Self { rearfoot_deg, forefoot_deg, arch_fraction }
    }
}

/// Between what the search may choose. Degrees, + lateral.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Bounds {
    /// Rearfoot post, degrees.
    pub rearfoot_deg: [f64; 2],
    /// Forefoot post, degrees.
    pub forefoot_deg: [f64; 2],
    /// Arch as a fraction of the loaded clearance.
    pub arch_fraction: [f64; 2],
}

impl Bounds {
    /// The bounds of section 4, narrowed to the direction and the arch that its table gives for an indication.
    #[must_use]
    pub fn of(indication: Indication, pronated: bool) -> Self {
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
        Self { rearfoot_deg, forefoot_deg, arch_fraction }
    }

    /// Takes the forbidden directions of posting away.
    #[must_use]
    pub fn without(mut self, contraindications: &[Contraindication]) -> Self {
        let lateral = contraindications.iter().any(|c| c.forbids_lateral());
        let medial = contraindications.iter().any(|c| c.forbids_medial());
        for bounds in [&mut self.rearfoot_deg, &mut self.forefoot_deg] {
            if lateral {
                *bounds = bounds.map(|deg| deg.min(0.0));
            }
            if medial {
                *bounds = bounds.map(|deg| deg.max(0.0));
            }
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medial_oa_is_never_posted_medially_and_lateral_oa_never_laterally() {
        for pronated in [false, true] {
            let medial = Bounds::of(Indication::MedialKneeOa, pronated);
            assert!(medial.rearfoot_deg[0] >= 0.0 && medial.forefoot_deg[0] >= 0.0);
            let lateral = Bounds::of(Indication::LateralKneeOa, pronated);
            assert!(lateral.rearfoot_deg[1] <= 0.0 && lateral.forefoot_deg[1] <= 0.0);
        }
    }

    #[test]
    fn contraindications_take_directions_away() {
        let medial = Bounds::of(Indication::MedialKneeOa, false);
        let lateral = Bounds::of(Indication::LateralKneeOa, false);
        for (contraindication, keeps_lateral, keeps_medial) in [
            (Contraindication::RigidFlatFoot, false, true),
            (Contraindication::PatellofemoralOa, false, true),
            (Contraindication::LateralInstability, true, false),
            (Contraindication::Child, false, false),
        ] {
            let kept =
                |bounds: Bounds| bounds.without(&[contraindication]).rearfoot_deg != [0.0, 0.0];
            assert_eq!(kept(medial), keeps_lateral, "{contraindication:?}");
            assert_eq!(kept(lateral), keeps_medial, "{contraindication:?}");
        }
    }
}
