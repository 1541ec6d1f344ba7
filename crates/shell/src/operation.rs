//! Every correction that a shell can get, as data.

use serde::{Deserialize, Serialize};

/// One correction of the shell: what is done, how much of it, and where.
///
/// This is the form in files, so lengths are mm and angles degrees, with the unit in the name. Signs are
/// anatomical: posts + lateral (valgus), - medial (varus). A dose of zero is no operation and changes nothing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "operation", rename_all = "kebab-case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Operation {
    /// Widening of the heel cup to the lateral side.
    LateralExpansion {
        /// How much wider.
        widening_mm: f64,
    },
    /// Share of the foot's loaded arch clearance that the shell fills.
    ArchFraction {
        /// 0 to 1.
        share: f64,
    },
    /// Material added to the arch of the positive: more of it *lowers* the arch of the device, less than none
    /// (tight to the arch) raises it.
    CastFill {
        /// Thickness of the added material.
        fill_mm: f64,
    },
    /// Kirby skive: a ramp that raises the medial side of the device's heel cup.
    MedialSkive {
        /// What is shaved off the positive.
        depth_mm: f64,
    },
    /// The heel cup, from the lowest point of the heel seat up to the posterior rim, before any cover.
    HeelCup {
        /// Height of the posterior rim over the lowest point of the seat.
        depth_mm: f64,
    },
    /// Raise of the heel, which tapers to the ball.
    HeelLift {
        /// Raise of the heel seat.
        raise_mm: f64,
    },
    /// Wedge under the heel; the heel seat is tilted by this angle.
    RearfootPost {
        /// + lateral (valgus), - medial (varus).
        angle_deg: f64,
    },
    /// Wedge at the distal edge of the shell.
    ForefootPost {
        /// + lateral (valgus), - medial (varus).
        angle_deg: f64,
    },
    /// Distance between top and bottom.
    Thickness {
        /// Along the normal.
        shell_mm: f64,
    },
}

/// How a dose is named, and between what it may lie.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Spec {
    /// Key of the prescription, with its unit.
    pub key: &'static str,
    /// `"mm"`, `"deg"` or `"1"`.
    pub unit: &'static str,
    /// Outside this the order is refused.
    pub hard: [f64; 2],
    /// Outside this the order is carried out, and the technician is warned.
    pub usual: [f64; 2],
    /// Why the usual range ends where it does, with its source.
    pub because: &'static str,
    /// What to do when an order is refused.
    pub way_out: &'static str,
}

impl Operation {
    /// The number that says how much is done, in the unit of [`Self::spec`].
    #[must_use]
    pub const fn dose(&self) -> f64 {
        match self {
            Self::LateralExpansion { widening_mm: dose }
            | Self::ArchFraction { share: dose }
            | Self::CastFill { fill_mm: dose }
            | Self::MedialSkive { depth_mm: dose }
            | Self::HeelCup { depth_mm: dose }
            | Self::HeelLift { raise_mm: dose }
            | Self::RearfootPost { angle_deg: dose }
            | Self::ForefootPost { angle_deg: dose }
            | Self::Thickness { shell_mm: dose } => *dose,
        }
    }

    /// Key, unit and limits of the dose.
    ///
    /// Limits: lab lists and published design programs (`domain.md` 1.1 and 1.3: Vertex, `KevinRoot`, `ProLab`).
    #[must_use]
    pub const fn spec(&self) -> Spec {
        match self {
            Self::LateralExpansion { .. } => Spec {
                key: "lateral_expansion_mm",
                unit: "mm",
                hard: [0.0, 8.0],
                usual: [0.0, 6.0],
                because: "5 mm is the usual spread of the fat pad; more makes the heel slide in the cup",
                way_out: "order an expansion of at most 8",
            },
            Self::ArchFraction { .. } => Spec {
                key: "arch_fraction",
                unit: "1",
                hard: [0.0, 1.0],
                usual: [0.0, 1.0],
                because: "the shell fills none to all of the loaded clearance",
                way_out: "give a share between 0 and 1",
            },
            Self::CastFill { .. } => Spec {
                key: "cast_fill_mm",
                unit: "mm",
                hard: [-3.0, 12.7],
                usual: [-3.0, 6.4],
                because: "6.4 mm is the maximum dressing of two labs",
                way_out: "order at most the maximum dressing, or lower arch_fraction",
            },
            Self::MedialSkive { .. } => Spec {
                key: "medial_skive_mm",
                unit: "mm",
                hard: [0.0, 6.0],
                usual: [0.0, 4.0],
                because: "2 to 4 mm are usual; check the heel for soreness",
                way_out: "order a skive of at most 6",
            },
            Self::HeelCup { .. } => Spec {
                key: "heel_cup_depth_mm",
                unit: "mm",
                hard: [6.0, 20.0],
                usual: [8.0, 18.0],
                because: "8 to 12 mm fit a dress shoe, 14 is standard, 18 is deep; check that the shoe has room",
                way_out: "order a cup between shallow (6) and extra deep (20)",
            },
            Self::HeelLift { .. } => Spec {
                key: "heel_lift_mm",
                unit: "mm",
                hard: [0.0, 12.0],
                usual: [0.0, 9.5],
                because: "9.5 mm fit into a shoe; consider raising the shoe",
                way_out: "put the rest of the lift under the shoe",
            },
            Self::RearfootPost { .. } => Spec {
                key: "rearfoot_post_deg",
                unit: "deg",
                hard: [-8.0, 8.0],
                usual: [-6.0, 6.0],
                because: "4 degrees are customary, sometimes 6; check that the shoe has room",
                way_out: "order a smaller rearfoot post",
            },
            Self::ForefootPost { .. } => Spec {
                key: "forefoot_post_deg",
                unit: "deg",
                hard: [-5.0, 6.0],
                usual: [-5.0, 6.0],
                because: "0 to 6 degrees are usual",
                way_out: "order a smaller forefoot post",
            },
            Self::Thickness { .. } => Spec {
                key: "shell_thickness_mm",
                unit: "mm",
                hard: [2.0, 6.0],
                usual: [2.0, 6.0],
                because: "sheets of 2 to 6 mm are worked",
                way_out: "choose a material sheet between 2 and 6",
            },
        }
    }

    /// Place in the sequence in which a lab works on a positive and its shell.
    pub(crate) const fn stage(&self) -> u8 {
        match self {
            Self::LateralExpansion { .. } => 0,
            Self::ArchFraction { .. } => 10,
            Self::CastFill { .. } => 11,
            Self::MedialSkive { .. } => 20,
            Self::HeelCup { .. } => 30,
            Self::HeelLift { .. } => 50,
            Self::RearfootPost { .. } => 60,
            Self::ForefootPost { .. } => 61,
            Self::Thickness { .. } => 70,
        }
    }

    /// Whether several of the kind may stand in one design.
    pub(crate) const fn repeats(&self) -> bool {
        false
    }
}
