//! Names and limits of every dose: one line of the lab's vocabulary each.
//!
//! Limits: lab lists and published design programs (`domain.md` 1.1 and 1.3: Vertex, `KevinRoot`, `ProLab`, Allied
//! OSI, LEO, Herges); where these give no number, bench practice.

use serde::Serialize;

use crate::{Border, Operation, Zone};

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

/// A dose in mm.
const fn mm(
    key: &'static str,
    hard: [f64; 2],
    usual: [f64; 2],
    because: &'static str,
    way_out: &'static str,
) -> Spec {
    Spec { key, unit: "mm", hard, usual, because, way_out }
}

/// A dose in degrees.
const fn deg(
    key: &'static str,
    hard: [f64; 2],
    usual: [f64; 2],
    because: &'static str,
    way_out: &'static str,
) -> Spec {
    Spec { key, unit: "deg", hard, usual, because, way_out }
}

impl Operation {
    /// Key, unit and limits of the dose.
    #[must_use]
    pub const fn spec(&self) -> Spec {
        match self {
            Self::Cover { .. }
            | Self::LateralExpansion { .. }
            | Self::ArchFraction { .. }
            | Self::CastFill { .. }
            | Self::MedialArch { .. }
            | Self::LateralArch { .. }
            | Self::ArchApex { .. }
            | Self::Inversion { .. } => self.spec_of_positive(),
            Self::MedialSkive { .. }
            | Self::LateralSkive { .. }
            | Self::HeelCup { .. }
            | Self::HeelLift { .. }
            | Self::RearfootPost { .. }
            | Self::ForefootPost { .. }
            | Self::Thickness { .. } => self.spec_of_device(),
            Self::CupRim { .. }
            | Self::ShellLength { .. }
            | Self::GrindWidth { .. }
            | Self::Flange { .. }
            | Self::LateralClip { .. }
            | Self::RayCutout { .. }
            | Self::GaitPlate { .. }
            | Self::TrimHandle { .. }
            | Self::HeelHole { .. } => self.spec_of_trim(),
            Self::Wedge { .. }
            | Self::ArchFill { .. }
            | Self::ThicknessZone { .. }
            | Self::Ribs { .. } => self.spec_of_underside(),
            Self::Morton { .. }
            | Self::ReverseMorton { .. }
            | Self::KineticWedge { .. }
            | Self::CluffyWedge { .. }
            | Self::ToeCrest { .. }
            | Self::ToeFiller { .. } => self.spec_of_extension(),
            _ => self.spec_of_addition(),
        }
    }

    /// The trim line.
    const fn spec_of_trim(&self) -> Spec {
        const WALL: &str = "walls of up to 8 mm are built; higher ones rub the ankle or the shoe";
        const LOWER: &str = "order a lower wall";
        match self {
            Self::CupRim { border, .. } => mm(
                match border {
                    Border::Medial => "heel_cup_medial_mm",
                    Border::Lateral => "heel_cup_lateral_mm",
                },
                [-5.0, 8.0],
                [-3.0, 5.0],
                "a rim 3 mm lower eases a tight shoe, one 5 mm higher holds the heel",
                "change the rim by -5 to 8 mm",
            ),
            Self::ShellLength { .. } => Spec {
                key: "shell_length",
                unit: "1",
                hard: [0.0, 2.0],
                usual: [0.0, 2.0],
                because: "mets, sulcus and full are the lengths of order forms",
                way_out: "order mets, sulcus or full",
            },
            Self::GrindWidth { .. } => mm(
                "grind_width_mm",
                [-6.0, 6.0],
                [-3.2, 3.2],
                "wide is 3.2 mm and narrow -3.2 mm (Allied OSI)",
                "order a grind between -6 and 6 mm",
            ),
            Self::Flange { border: Border::Medial, .. } => {
                mm("medial_flange_mm", [0.0, 10.0], [0.0, 8.0], WALL, LOWER)
            }
            Self::Flange { .. } => mm("lateral_flange_mm", [0.0, 10.0], [0.0, 8.0], WALL, LOWER),
            Self::LateralClip { .. } => mm("lateral_clip_mm", [0.0, 12.0], [0.0, 8.0], WALL, LOWER),
            Self::RayCutout { border, .. } => mm(
                match border {
                    Border::Medial => "first_ray_cutout_mm",
                    Border::Lateral => "fifth_ray_cutout_mm",
                },
                [0.0, 40.0],
                [0.0, 25.0],
                "10 to 15 mm free the head, 25 mm the ray; more weakens the arch",
                "order a cut-out of at most 40 mm",
            ),
            Self::GaitPlate { border, .. } => mm(
                match border {
                    Border::Medial => "gait_plate_medial_mm",
                    Border::Lateral => "gait_plate_lateral_mm",
                },
                [0.0, 40.0],
                [0.0, 30.0],
                "the plate ends past the heads of one side, some 25 mm in front of the usual edge",
                "order a plate of at most 40 mm",
            ),
            Self::TrimHandle { .. } => mm(
                "trim_handle_mm",
                [-8.0, 8.0],
                [-4.0, 4.0],
                "a grind line is rarely moved by more than 4 mm",
                "move the trim by at most 8 mm",
            ),
            _ => mm(
                "heel_hole_mm",
                [0.0, 38.0],
                [0.0, 35.0],
                "25 to 35 mm are usual",
                "order a hole of at most 38 mm",
            ),
        }
    }

    /// Wedges, fill, thickness and ribs.
    const fn spec_of_underside(&self) -> Spec {
        match self {
            Self::Wedge { .. } => deg(
                "wedge_deg",
                [-10.0, 10.0],
                [-7.0, 7.0],
                "5 to 7 degrees were tried for the knee; more is not worn",
                "order a wedge of at most 10 degrees",
            ),
            Self::ArchFill { .. } => Spec {
                key: "arch_fill_fraction",
                unit: "1",
                hard: [0.0, 1.0],
                usual: [0.0, 1.0],
                because: "a filler takes none to all of the room under the arch",
                way_out: "give a share between 0 and 1",
            },
            Self::ThicknessZone { zone, .. } => mm(
                match zone {
                    Zone::Heel => "thickness_heel_mm",
                    Zone::Arch => "thickness_arch_mm",
                    Zone::Forefoot => "thickness_forefoot_mm",
                },
                [-2.0, 4.0],
                [-1.0, 2.0],
                "half a millimeter changes the stiffness by a third",
                "change the thickness by -2 to 4 mm",
            ),
            _ => mm(
                "ribs_mm",
                [0.0, 5.0],
                [0.0, 3.0],
                "1.5 to 3 mm stiffen the arch without standing on the shoe",
                "order ribs of at most 5 mm",
            ),
        }
    }

    /// What lies under ball and toes.
    const fn spec_of_extension(&self) -> Spec {
        match self {
            Self::Morton { .. } => mm(
                "morton_extension_mm",
                [0.0, 12.0],
                [0.0, 6.0],
                "3 mm are usual; for a rigid forefoot varus up to 12 in steps of 3",
                "order at most 12 mm",
            ),
            Self::ReverseMorton { .. } => mm(
                "reverse_morton_mm",
                [0.0, 6.0],
                [0.0, 3.0],
                "1.5 to 3 mm are usual",
                "order at most 6 mm",
            ),
            Self::KineticWedge { .. } => mm(
                "kinetic_wedge_mm",
                [0.0, 6.0],
                [0.0, 3.0],
                "3 mm are usual",
                "order at most 6 mm",
            ),
            Self::CluffyWedge { .. } => mm(
                "cluffy_wedge_mm",
                [0.0, 8.0],
                [0.0, 4.0],
                "3 to 4 mm are usual",
                "order at most 8 mm",
            ),
            Self::ToeCrest { .. } => mm(
                "toe_crest_mm",
                [0.0, 10.0],
                [0.0, 8.0],
                "4 to 8 mm are usual; check the toe box",
                "order at most 10 mm",
            ),
            _ => mm(
                "toe_filler_mm",
                [0.0, 25.0],
                [0.0, 20.0],
                "the filler is as high as the toes beside it",
                "order at most 25 mm",
            ),
        }
    }

    /// Corrections of the positive.
    const fn spec_of_positive(&self) -> Spec {
        match self {
            Self::Cover { .. } => mm(
                "cover_allowance_mm",
                [0.0, 8.0],
                [0.0, 6.4],
                "covers of 1.6 or 3.2 mm with a cushion of 1.6 or 3.2 mm are usual",
                "order a thinner cover or cushion",
            ),
            Self::LateralExpansion { .. } => mm(
                "lateral_expansion_mm",
                [0.0, 8.0],
                [0.0, 6.0],
                "5 mm is the usual spread of the fat pad; more lets the heel slide in the cup",
                "order an expansion of at most 8",
            ),
            Self::CastFill { .. } => mm(
                "cast_fill_mm",
                [-3.0, 12.7],
                [-3.0, 6.4],
                "6.4 mm is the maximum dressing of two labs",
                "order at most the maximum dressing, or lower arch_fraction",
            ),
            Self::MedialArch { .. } => mm(
                "medial_arch_raise_mm",
                [-10.0, 12.0],
                [-6.0, 6.0],
                "1 to 3 mm are felt at once; more than the foot's own arch presses",
                "change the arch by at most 12 mm, or order arch_fraction",
            ),
            Self::LateralArch { .. } => mm(
                "lateral_arch_raise_mm",
                [-4.0, 8.0],
                [-2.0, 4.0],
                "the lateral column takes little support before it aches",
                "raise the lateral arch by at most 8 mm",
            ),
            Self::ArchApex { .. } => mm(
                "arch_apex_mm",
                [-12.0, 12.0],
                [-6.0, 6.0],
                "a move of 3 to 6 mm is felt; when the arch lies far off, the shoe is often too long",
                "move the apex by at most 12 mm",
            ),
            Self::Inversion { .. } => deg(
                "inversion_deg",
                [-9.0, 35.0],
                [-4.0, 25.0],
                "25 degrees are the standard Blake, 35 the most; an eversion is rare",
                "order at most 35 degrees (Blake) or 9 degrees of eversion",
            ),
            _ => Spec {
                key: "arch_fraction",
                unit: "1",
                hard: [0.0, 1.0],
                usual: [0.0, 1.0],
                because: "the shell fills none to all of the loaded clearance",
                way_out: "give a share between 0 and 1",
            },
        }
    }

    /// Skives, cup, lift, posts and thickness.
    const fn spec_of_device(&self) -> Spec {
        match self {
            Self::MedialSkive { .. } => mm(
                "medial_skive_mm",
                [0.0, 6.0],
                [0.0, 4.0],
                "2 to 4 mm are usual; check the heel for soreness",
                "order a skive of at most 6",
            ),
            Self::LateralSkive { .. } => mm(
                "lateral_skive_mm",
                [0.0, 6.0],
                [0.0, 4.0],
                "2 to 4 mm are usual; check the heel for soreness",
                "order a skive of at most 6",
            ),
            Self::HeelCup { .. } => mm(
                "heel_cup_depth_mm",
                [6.0, 30.0],
                [8.0, 20.0],
                "8 to 12 mm fit a dress shoe, 14 is standard, 18 is deep, more is a UCBL; check that the shoe has room",
                "order a cup between shallow (6) and UCBL (30)",
            ),
            Self::HeelLift { .. } => mm(
                "heel_lift_mm",
                [0.0, 12.0],
                [0.0, 9.5],
                "9.5 mm fit into a shoe; consider raising the shoe",
                "put the rest of the lift under the shoe",
            ),
            Self::RearfootPost { .. } => deg(
                "rearfoot_post_deg",
                [-8.0, 8.0],
                [-6.0, 6.0],
                "4 degrees are customary, sometimes 6; check that the shoe has room",
                "order a smaller rearfoot post",
            ),
            Self::ForefootPost { .. } => deg(
                "forefoot_post_deg",
                [-5.0, 6.0],
                [-5.0, 6.0],
                "0 to 6 degrees are usual",
                "order a smaller forefoot post",
            ),
            _ => mm(
                "shell_thickness_mm",
                [2.0, 6.0],
                [2.0, 6.0],
                "sheets of 2 to 6 mm are worked",
                "choose a material sheet between 2 and 6",
            ),
        }
    }

    /// Pads and reliefs.
    const fn spec_of_addition(&self) -> Spec {
        match self {
            Self::MetatarsalPad { .. } => mm(
                "metatarsal_pad_mm",
                [0.0, 10.0],
                [0.0, 6.0],
                "3 to 6 mm are usual; a higher pad feels like a stone",
                "order a pad of at most 10 mm",
            ),
            Self::MetatarsalBar { .. } => mm(
                "metatarsal_bar_mm",
                [0.0, 8.0],
                [0.0, 6.0],
                "3 to 6 mm are usual",
                "order a bar of at most 8 mm",
            ),
            Self::NeuromaPad { .. } => mm(
                "neuroma_pad_mm",
                [0.0, 8.0],
                [0.0, 5.0],
                "3 to 5 mm are usual between two heads",
                "order a pad of at most 8 mm",
            ),
            Self::FasciaGroove { .. } => mm(
                "fascia_groove_mm",
                [0.0, 6.0],
                [0.0, 4.0],
                "2 to 4 mm deep and 8 to 12 mm wide are usual",
                "order a groove of at most 6 mm",
            ),
            Self::NavicularRelief { .. } => mm(
                "navicular_relief_mm",
                [0.0, 6.0],
                [0.0, 4.0],
                "2 to 4 mm are usual",
                "order a relief of at most 6 mm",
            ),
            Self::FifthBaseRelief { .. } => mm(
                "fifth_base_relief_mm",
                [0.0, 6.0],
                [0.0, 4.0],
                "2 to 3 mm with a blend of 8 to 10 mm are usual",
                "order a relief of at most 6 mm",
            ),
            Self::HeelSpurPocket { .. } => mm(
                "heel_spur_pocket_mm",
                [0.0, 6.0],
                [0.0, 5.0],
                "3 to 5 mm deep and 25 to 35 mm wide are usual",
                "order a pocket of at most 6 mm, or a heel hole",
            ),
            Self::PressureRelief { .. } => mm(
                "pressure_relief_mm",
                [0.0, 9.0],
                [0.0, 4.5],
                "an Italian lab table goes to 4.5 mm, for soft blocks to 9 mm",
                "order a relief of at most 9 mm",
            ),
            _ => mm(
                "region_mm",
                [-8.0, 12.0],
                [-4.0, 6.0],
                "2 to 4 mm are usual for a relief, 3 to 6 mm for a pad",
                "change the height by -8 to 12 mm",
            ),
        }
    }
}
