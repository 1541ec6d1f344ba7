//! What a design does to the underside besides posts' angles: their form, wedges, arch fill, thickness, ribs.

use geometry::{Point2, polygon};
use serde::{Deserialize, Serialize};
use vocabulary::Angle;

use crate::regions::Regions;
use crate::{Design, Operation, smooth};

/// Distance of neighboring ribs, mm.
const RIB_DISTANCE: f64 = 13.0;
/// Half width of a rib's crest and width of its flank, mm.
const RIB_CREST: (f64, f64) = (1.5, 4.5);

/// How a post is made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Construction {
    /// A body under the shell with a flat contact face.
    #[default]
    Extrinsic,
    /// Ground into the positive: the shell itself is flat there, nothing is put under it.
    Intrinsic,
}

/// Contact face of an extrinsic rearfoot post.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PostFace {
    /// Under the whole heel.
    #[default]
    Full,
    /// A strip along the middle of the heel.
    Strip,
    /// The back half of the heel, on the raised side.
    Quarter,
}

/// Form of a rearfoot post.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct PostStyle {
    /// Under the shell or in the positive.
    pub construction: Construction,
    /// Contact face.
    pub face: PostFace,
    /// First number of the "a/b" notation: how far the lateral half of the face is ground off.
    pub grind_deg: f64,
    /// Second number: how far the heel may roll in from there until the medial half of the face stops it.
    pub motion_deg: f64,
}

/// How much of the device stands on a wedge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WedgeExtent {
    /// Under the heel.
    Heel,
    /// Under the distal edge.
    Forefoot,
    /// From heel to toe.
    Full,
}

/// A part of the shell with a thickness of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Zone {
    /// Under the heel.
    Heel,
    /// Under the arch.
    Arch,
    /// From the distal edge forward.
    Forefoot,
}

/// The underside's part of a design. Neutral by default.
#[derive(Clone, Debug, Default)]
pub(crate) struct Support {
    pub(crate) post: PostStyle,
    pub(crate) forefoot: Construction,
    /// Tangents of the wedges under heel and forefoot.
    pub(crate) wedge: [f64; 2],
    pub(crate) full_wedge: bool,
    pub(crate) arch_fill: f64,
    /// Changes of thickness at heel, arch and forefoot, mm.
    zones: [f64; 3],
    ribs: Option<(u8, f64)>,
}

impl Support {
    pub(crate) fn of(design: &Design) -> Self {
        let mut support = Self::default();
        for operation in design.operations().iter().filter(|one| one.dose() != 0.0) {
            match *operation {
                Operation::RearfootPost { style, .. } => support.post = style,
                Operation::ForefootPost { construction, .. } => support.forefoot = construction,
                Operation::Wedge { angle_deg, extent } => {
                    let slope = Angle::from_deg(angle_deg).tan();
                    support.wedge = match extent {
                        WedgeExtent::Heel => [slope, 0.0],
                        WedgeExtent::Forefoot => [0.0, slope],
                        WedgeExtent::Full => [slope, slope],
                    };
                    support.full_wedge = extent == WedgeExtent::Full;
                }
                Operation::ArchFill { share } => support.arch_fill = share,
                Operation::ThicknessZone { zone, change_mm } => {
                    support.zones[zone as usize] = change_mm;
                }
                Operation::Ribs { height_mm, count } => support.ribs = Some((count, height_mm)),
                _ => {}
            }
        }
        support
    }

    /// Change of the ordered thickness at a place, mm.
    pub(crate) fn thickness_change(&self, regions: &Regions, y: f64) -> f64 {
        if self.zones == [0.0; 3] {
            return 0.0;
        }
        let before_arch = 1.0 - smooth::step(regions.y_at(0.20), regions.y_at(0.30), y);
        let after_arch = smooth::step(regions.y_at(0.54), regions.y_at(0.62), y);
        self.zones[0] * before_arch
            + self.zones[1] * (1.0 - before_arch) * (1.0 - after_arch)
            + self.zones[2] * after_arch
    }

    /// Middle of a part of the shell along y.
    pub(crate) fn zone_middle(regions: &Regions, zone: Zone) -> f64 {
        regions.y_at(match zone {
            Zone::Heel => 0.12,
            Zone::Arch => 0.42,
            Zone::Forefoot => 0.635,
        })
    }

    /// Lines of the ribs, from the heel to the distal edge.
    pub(crate) fn rib_lines(&self, regions: &Regions) -> Vec<[Point2; 2]> {
        let Some((count, _)) = self.ribs else { return Vec::new() };
        let y = [regions.y_at(0.32), regions.y_at(0.56)];
        (0..count)
            .map(|k| {
                let beside = (f64::from(k) - f64::from(count - 1) / 2.0) * RIB_DISTANCE;
                y.map(|y| Point2::new(0.35 * regions.medial_border.at(y) + beside, y))
            })
            .collect()
    }

    /// How far a rib stands out under the shell at a place, mm.
    pub(crate) fn rib(&self, lines: &[[Point2; 2]], point: Point2) -> f64 {
        let height = self.ribs.map_or(0.0, |(_, height)| height);
        lines
            .iter()
            .map(|[from, to]| {
                let distance = polygon::distance_to_segment(*from, *to, point);
                height * (1.0 - smooth::step(RIB_CREST.0, RIB_CREST.0 + RIB_CREST.1, distance))
            })
            .fold(0.0, f64::max)
    }
}
