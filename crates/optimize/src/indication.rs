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

    /// Whether an order against it is refused. The others tell of persons who are unlikely to gain, or were not
    /// part of the trials: their order stays, with a warning.
    #[must_use]
    pub const fn refuses(self) -> bool {
        !matches!(self, Self::BonyVarus | Self::PatellofemoralOa)
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
