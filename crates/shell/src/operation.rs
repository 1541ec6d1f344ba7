//! Every correction that a shell can get, as data. Its limits stand in `spec`.

use serde::{Deserialize, Serialize};

use crate::{Border, Construction, Length, PostStyle, Station, WedgeExtent, Zone};

/// One correction of the shell: what is done, how much of it, and where.
///
/// This is the form in files, so lengths are mm and angles degrees, with the unit in the name. Signs are
/// anatomical: posts + lateral (valgus), - medial (varus). A dose of zero is no operation and changes nothing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "operation", rename_all = "kebab-case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Operation {
    /// Cover and cushion that will lie on the shell: the shell keeps room for them, so that cup and arch are as
    /// ordered when the cover is on.
    Cover {
        /// Thickness of the cover.
        cover_mm: f64,
        /// Thickness of a cushion under all of it.
        cushion_mm: f64,
    },
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
    /// Raise (+) or lowering (-) of the medial arch.
    MedialArch {
        /// Raise at the apex.
        raise_mm: f64,
        /// Apex in front of (+) or behind (-) the middle of the foot's arch.
        apex_mm: f64,
        /// From the apex to where the raise ends, forward and back.
        extent_mm: f64,
    },
    /// Raise (+) or lowering (-) under the cuboid.
    LateralArch {
        /// Raise at the apex.
        raise_mm: f64,
        /// Apex in front of (+) or behind (-) the cuboid.
        apex_mm: f64,
        /// From the apex to where the raise ends, forward and back.
        extent_mm: f64,
    },
    /// Move of the whole medial arch along the foot.
    ArchApex {
        /// Forward (+) or back (-).
        forward_mm: f64,
    },
    /// Inversion of the whole positive, which raises the arch with every degree. From 10 degrees on it is a Blake
    /// inversion: the heel alone stays inverted, the arch is filled back to its original height.
    Inversion {
        /// + raises the medial side (inversion), - the lateral (eversion).
        angle_deg: f64,
    },
    /// Kirby skive: a ramp that raises the medial side of the device's heel cup.
    MedialSkive {
        /// What is shaved off the positive.
        depth_mm: f64,
        /// Slope of the ramp.
        #[serde(default = "usual_plane")]
        plane_deg: f64,
    },
    /// The mirror image of a medial skive: raises the lateral side of the device's heel cup.
    LateralSkive {
        /// What is shaved off the positive.
        depth_mm: f64,
        /// Slope of the ramp.
        #[serde(default = "usual_plane")]
        plane_deg: f64,
    },
    /// The heel cup, from the lowest point of the heel seat up to the posterior rim, before any cover.
    HeelCup {
        /// Height of the posterior rim over the lowest point of the seat.
        depth_mm: f64,
    },
    /// Rim of the heel cup on one side, over or under what the cup's depth gives.
    CupRim {
        /// Which side.
        border: Border,
        /// Higher (+) or lower (-).
        raise_mm: f64,
    },
    /// Where the shell ends in front.
    ShellLength {
        /// Behind the heads, in the sulcus, in front of the toes.
        length: Length,
    },
    /// Medial edge against the bisection of the first metatarsal.
    GrindWidth {
        /// Wider (+) or narrower (-).
        wider_mm: f64,
    },
    /// Higher wall along the midfoot.
    Flange {
        /// Which side.
        border: Border,
        /// Raise of the rim.
        raise_mm: f64,
    },
    /// Higher lateral wall at the base of the fifth metatarsal.
    LateralClip {
        /// Raise of the rim.
        raise_mm: f64,
    },
    /// Shell removed under the first (medial) or fifth (lateral) ray.
    RayCutout {
        /// Which ray.
        border: Border,
        /// From the distal edge back.
        depth_mm: f64,
    },
    /// Shell that goes on forward on one side, to turn the foot's push-off.
    GaitPlate {
        /// Lateral against toeing in, medial against toeing out.
        border: Border,
        /// From the distal edge forward.
        forward_mm: f64,
    },
    /// A dragged place of the trim line.
    TrimHandle {
        /// Which place.
        station: Station,
        /// Outward (+) or inward (-).
        outward_mm: f64,
    },
    /// Hole in the shell under a heel spur.
    HeelHole {
        /// Diameter.
        diameter_mm: f64,
        /// In front of (+) or behind (-) the medial tubercle.
        forward_mm: f64,
        /// Whether it goes on to the front, as a horseshoe.
        horseshoe: bool,
    },
    /// Platform under the first metatarsal head and the big toe; takes a shell that ends behind the heads along.
    Morton {
        /// Height.
        height_mm: f64,
        /// From the edge of a shell behind the heads forward.
        length_mm: f64,
    },
    /// Platform under the second to fifth heads, which leaves the first low ("dancer's pad").
    ReverseMorton {
        /// Height.
        height_mm: f64,
    },
    /// Kinetic wedge (Dananberg): second to fifth heads and big toe raised, the first head low.
    KineticWedge {
        /// Height.
        height_mm: f64,
    },
    /// Ramp under the big toe.
    CluffyWedge {
        /// Height at its tip.
        height_mm: f64,
    },
    /// Ridge under the toes' bases.
    ToeCrest {
        /// Height.
        height_mm: f64,
    },
    /// Block in the place of missing toes.
    ToeFiller {
        /// Height.
        height_mm: f64,
        /// First missing toe, 1 to 5.
        first: u8,
        /// Last missing toe.
        last: u8,
    },
    /// Drop-shaped pad behind the middle metatarsal heads.
    MetatarsalPad {
        /// Height of its peak.
        height_mm: f64,
        /// Peak behind the line of the heads.
        behind_mm: f64,
        /// Peak lateral (+) or medial (-) of the third head.
        lateral_mm: f64,
        /// Outline.
        size: PadSize,
    },
    /// Bar across the foot behind all metatarsal heads.
    MetatarsalBar {
        /// Height.
        height_mm: f64,
        /// Its front edge behind the line of the heads.
        behind_mm: f64,
    },
    /// Small dome between two metatarsal heads.
    NeuromaPad {
        /// Height of its peak.
        height_mm: f64,
        /// The two heads, 1 to 5.
        between: [u8; 2],
        /// Peak behind the line of the heads.
        behind_mm: f64,
    },
    /// Channel for the plantar fascia along the first metatarsal.
    FasciaGroove {
        /// Depth.
        depth_mm: f64,
        /// Width at half depth.
        width_mm: f64,
        /// Lateral (+) or medial (-) of the usual place.
        lateral_mm: f64,
    },
    /// Relief under the tuberosity of the navicular ("sweet spot").
    NavicularRelief {
        /// Depth.
        depth_mm: f64,
        /// In front of (+) or behind (-) the usual place.
        forward_mm: f64,
        /// Radius of the full depth.
        radius_mm: f64,
        /// Width of the blend around it.
        blend_mm: f64,
    },
    /// Relief under the base of the fifth metatarsal.
    FifthBaseRelief {
        /// Depth.
        depth_mm: f64,
        /// In front of (+) or behind (-) the usual place.
        forward_mm: f64,
        /// Radius of the full depth.
        radius_mm: f64,
        /// Width of the blend around it.
        blend_mm: f64,
    },
    /// Recess under a heel spur.
    HeelSpurPocket {
        /// Depth.
        depth_mm: f64,
        /// Diameter at half depth.
        diameter_mm: f64,
        /// In front of (+) or behind (-) the medial tubercle.
        forward_mm: f64,
        /// Lateral (+) or medial (-) of the medial tubercle.
        lateral_mm: f64,
    },
    /// A raise (+) or lowering (-) over an area that somebody drew.
    Region {
        /// Raise inside the area.
        height_mm: f64,
        /// Corners of the area, x and y in the foot frame.
        corners_mm: Vec<[f64; 2]>,
        /// Width of the blend outside of the area.
        blend_mm: f64,
    },
    /// Relief where a pressure measurement shows load, by a table.
    PressureRelief {
        /// Depth where the table has its deepest entry.
        deepest_mm: f64,
        /// Pressures, and the share of the deepest relief that they get; rising.
        table_kpa: Vec<[f64; 2]>,
        /// The measurement.
        map: PressureGrid,
    },
    /// Raise of the heel, which tapers off in front of it.
    HeelLift {
        /// Raise of the heel seat.
        raise_mm: f64,
        /// Where the taper ends, from the heel seat; at the ball if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        taper_mm: Option<f64>,
    },
    /// Wedge under the heel; the heel seat is tilted by this angle.
    RearfootPost {
        /// + lateral (valgus), - medial (varus).
        angle_deg: f64,
        /// Form of the post.
        #[serde(default)]
        style: PostStyle,
    },
    /// Wedge at the distal edge of the shell.
    ForefootPost {
        /// + lateral (valgus), - medial (varus).
        angle_deg: f64,
        /// Under the shell or in the positive.
        #[serde(default)]
        construction: Construction,
    },
    /// Wedge under the device, on top of its posts.
    Wedge {
        /// + lateral (valgus), - medial (varus).
        angle_deg: f64,
        /// Under heel, forefoot or all of it.
        extent: WedgeExtent,
    },
    /// Filler under the arch.
    ArchFill {
        /// Share of the room between arch and floor, 0 to 1.
        share: f64,
    },
    /// A part of the shell that is thicker (+) or thinner (-).
    ThicknessZone {
        /// Which part.
        zone: Zone,
        /// Change of the thickness.
        change_mm: f64,
    },
    /// Ribs under the arch, along the foot.
    Ribs {
        /// How far they stand out.
        height_mm: f64,
        /// How many.
        count: u8,
    },
    /// Distance between top and bottom.
    Thickness {
        /// Along the normal.
        shell_mm: f64,
    },
}

impl Operation {
    /// The number that says how much is done, in the unit of [`Self::spec`].
    #[must_use]
    pub const fn dose(&self) -> f64 {
        match self {
            Self::Cover { cover_mm, cushion_mm } => *cover_mm + *cushion_mm,
            Self::ShellLength { length } => *length as u8 as f64,
            Self::LateralExpansion { widening_mm: dose }
            | Self::ArchFraction { share: dose }
            | Self::CastFill { fill_mm: dose }
            | Self::MedialArch { raise_mm: dose, .. }
            | Self::LateralArch { raise_mm: dose, .. }
            | Self::ArchApex { forward_mm: dose }
            | Self::Inversion { angle_deg: dose }
            | Self::MedialSkive { depth_mm: dose, .. }
            | Self::LateralSkive { depth_mm: dose, .. }
            | Self::HeelCup { depth_mm: dose }
            | Self::CupRim { raise_mm: dose, .. }
            | Self::GrindWidth { wider_mm: dose }
            | Self::Flange { raise_mm: dose, .. }
            | Self::LateralClip { raise_mm: dose }
            | Self::RayCutout { depth_mm: dose, .. }
            | Self::GaitPlate { forward_mm: dose, .. }
            | Self::TrimHandle { outward_mm: dose, .. }
            | Self::HeelHole { diameter_mm: dose, .. }
            | Self::Morton { height_mm: dose, .. }
            | Self::ReverseMorton { height_mm: dose }
            | Self::KineticWedge { height_mm: dose }
            | Self::CluffyWedge { height_mm: dose }
            | Self::ToeCrest { height_mm: dose }
            | Self::ToeFiller { height_mm: dose, .. }
            | Self::Wedge { angle_deg: dose, .. }
            | Self::ArchFill { share: dose }
            | Self::ThicknessZone { change_mm: dose, .. }
            | Self::Ribs { height_mm: dose, .. }
            | Self::MetatarsalPad { height_mm: dose, .. }
            | Self::MetatarsalBar { height_mm: dose, .. }
            | Self::NeuromaPad { height_mm: dose, .. }
            | Self::FasciaGroove { depth_mm: dose, .. }
            | Self::NavicularRelief { depth_mm: dose, .. }
            | Self::FifthBaseRelief { depth_mm: dose, .. }
            | Self::HeelSpurPocket { depth_mm: dose, .. }
            | Self::Region { height_mm: dose, .. }
            | Self::PressureRelief { deepest_mm: dose, .. }
            | Self::HeelLift { raise_mm: dose, .. }
            | Self::RearfootPost { angle_deg: dose, .. }
            | Self::ForefootPost { angle_deg: dose, .. }
            | Self::Thickness { shell_mm: dose } => *dose,
        }
    }

    /// The same operation with another dose; a cover's cushion goes.
    #[must_use]
    pub fn with_dose(mut self, new: f64) -> Self {
        match &mut self {
            Self::Cover { cover_mm, cushion_mm } => (*cover_mm, *cushion_mm) = (new, 0.0),
            Self::ShellLength { length } => {
                *length = match new {
                    ..0.5 => Length::Mets,
                    ..1.5 => Length::Sulcus,
                    _ => Length::Full,
                }
            }
            Self::LateralExpansion { widening_mm: dose }
            | Self::ArchFraction { share: dose }
            | Self::CastFill { fill_mm: dose }
            | Self::MedialArch { raise_mm: dose, .. }
            | Self::LateralArch { raise_mm: dose, .. }
            | Self::ArchApex { forward_mm: dose }
            | Self::Inversion { angle_deg: dose }
            | Self::MedialSkive { depth_mm: dose, .. }
            | Self::LateralSkive { depth_mm: dose, .. }
            | Self::HeelCup { depth_mm: dose }
            | Self::CupRim { raise_mm: dose, .. }
            | Self::GrindWidth { wider_mm: dose }
            | Self::Flange { raise_mm: dose, .. }
            | Self::LateralClip { raise_mm: dose }
            | Self::RayCutout { depth_mm: dose, .. }
            | Self::GaitPlate { forward_mm: dose, .. }
            | Self::TrimHandle { outward_mm: dose, .. }
            | Self::HeelHole { diameter_mm: dose, .. }
            | Self::Morton { height_mm: dose, .. }
            | Self::ReverseMorton { height_mm: dose }
            | Self::KineticWedge { height_mm: dose }
            | Self::CluffyWedge { height_mm: dose }
            | Self::ToeCrest { height_mm: dose }
            | Self::ToeFiller { height_mm: dose, .. }
            | Self::Wedge { angle_deg: dose, .. }
            | Self::ArchFill { share: dose }
            | Self::ThicknessZone { change_mm: dose, .. }
            | Self::Ribs { height_mm: dose, .. }
            | Self::MetatarsalPad { height_mm: dose, .. }
            | Self::MetatarsalBar { height_mm: dose, .. }
            | Self::NeuromaPad { height_mm: dose, .. }
            | Self::FasciaGroove { depth_mm: dose, .. }
            | Self::NavicularRelief { depth_mm: dose, .. }
            | Self::FifthBaseRelief { depth_mm: dose, .. }
            | Self::HeelSpurPocket { depth_mm: dose, .. }
            | Self::Region { height_mm: dose, .. }
            | Self::PressureRelief { deepest_mm: dose, .. }
            | Self::HeelLift { raise_mm: dose, .. }
            | Self::RearfootPost { angle_deg: dose, .. }
            | Self::ForefootPost { angle_deg: dose, .. }
            | Self::Thickness { shell_mm: dose } => *dose = new,
        }
        self
    }

    /// Place in the sequence in which a lab works on a positive and its shell.
    pub(crate) const fn stage(&self) -> u8 {
        match self {
            Self::Cover { .. } => 0,
            Self::LateralExpansion { .. } => 1,
            Self::ArchApex { .. } => 2,
            Self::ArchFraction { .. } => 10,
            Self::CastFill { .. } => 11,
            Self::MedialArch { .. } | Self::LateralArch { .. } => 12,
            Self::Inversion { .. } => 15,
            Self::MedialSkive { .. } | Self::LateralSkive { .. } => 20,
            Self::HeelCup { .. } => 30,
            Self::ShellLength { .. } => 31,
            Self::CupRim { .. }
            | Self::GrindWidth { .. }
            | Self::Flange { .. }
            | Self::LateralClip { .. }
            | Self::RayCutout { .. }
            | Self::GaitPlate { .. } => 32,
            Self::TrimHandle { .. } => 33,
            Self::HeelHole { .. } => 34,
            Self::Morton { .. }
            | Self::ReverseMorton { .. }
            | Self::KineticWedge { .. }
            | Self::CluffyWedge { .. }
            | Self::ToeCrest { .. }
            | Self::ToeFiller { .. }
            | Self::MetatarsalPad { .. }
            | Self::MetatarsalBar { .. }
            | Self::NeuromaPad { .. }
            | Self::FasciaGroove { .. }
            | Self::NavicularRelief { .. }
            | Self::FifthBaseRelief { .. }
            | Self::HeelSpurPocket { .. }
            | Self::Region { .. }
            | Self::PressureRelief { .. } => 40,
            Self::HeelLift { .. } => 50,
            Self::RearfootPost { .. } => 60,
            Self::ForefootPost { .. } => 61,
            Self::Wedge { .. } => 62,
            Self::Thickness { .. } => 70,
            Self::ThicknessZone { .. } => 71,
            Self::ArchFill { .. } => 72,
            Self::Ribs { .. } => 73,
        }
    }

    /// Whether several of the kind may stand in one design.
    pub(crate) const fn repeats(&self) -> bool {
        matches!(
            self,
            Self::Region { .. }
                | Self::NeuromaPad { .. }
                | Self::PressureRelief { .. }
                | Self::TrimHandle { .. }
        )
    }
}

/// Slope of a skive's ramp where nothing else is said (Kirby: 15 degrees).
pub const SKIVE_PLANE_DEG: f64 = 15.0;

const fn usual_plane() -> f64 {
    SKIVE_PLANE_DEG
}

/// Outline of a metatarsal pad.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PadSize {
    /// 24 mm wide, 32 mm long.
    Small,
    /// 30 mm wide, 40 mm long.
    #[default]
    Medium,
    /// 36 mm wide, 48 mm long.
    Large,
}

/// Pressures on a regular grid of the foot frame.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PressureGrid {
    /// Place of the first cell's middle, x and y.
    pub origin_mm: [f64; 2],
    /// Distance of neighboring cells.
    pub spacing_mm: f64,
    /// Cells along x.
    pub columns: usize,
    /// Pressures, row (y) by row.
    pub kpa: Vec<f64>,
}
