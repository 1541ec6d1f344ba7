//! What a found foot is: the types that later steps read.

use geometry::{HeightField, Point3, TriMesh};
use serde::Serialize;
use vocabulary::Side;

/// Where a value came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Provenance {
    /// Found in the scan by the program.
    Automatic,
    /// Given by hand in the case file.
    ByHand,
    /// Assumed from proportions because the scan does not show it.
    Assumed,
}

/// A named place on the foot, in the foot frame.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Landmark {
    /// Position in mm.
    pub position: Point3,
    /// 0 (a guess) to 1 (certain).
    pub confidence: f64,
    /// Where it came from.
    pub provenance: Provenance,
}

/// The places that later steps need; all on the skin, in the foot frame.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Landmarks {
    /// Lowest point of the heel. By definition of the frame its x and y are 0.
    pub heel_seat: Landmark,
    /// Most posterior point of the heel.
    pub heel_back: Landmark,
    /// Most medial point of the ball: the first metatarsal head.
    pub first_metatarsal_head: Landmark,
    /// Most lateral point of the ball: the fifth metatarsal head.
    pub fifth_metatarsal_head: Landmark,
    /// Highest point of the medial arch of the sole.
    pub arch_apex: Landmark,
    /// Foremost point of the toes.
    pub toe_tip: Landmark,
}

/// Lengths and ratios of the foot. All lengths in mm.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Measurements {
    /// From the most posterior heel to the foremost toe, along y.
    pub length_mm: f64,
    /// From first to fifth metatarsal head across the ball, along x.
    pub ball_width_mm: f64,
    /// Widest part of the heel, along x.
    pub heel_width_mm: f64,
    /// From the most posterior heel to the middle of the metatarsal line, along y.
    pub truncated_length_mm: f64,
    /// Height of the sole over the ground at the arch apex; `None` if the sole was not imaged.
    pub arch_height_mm: Option<f64>,
}

/// Height of the sole over the ground plane, seen from below.
#[derive(Clone, Debug, PartialEq)]
pub struct PlantarMap {
    /// Heights in mm over the foot plane; `NaN` outside the foot's silhouette.
    pub heights: HeightField,
    /// For every node: whether the scan showed it (true) or it was filled in (false).
    pub imaged: Vec<bool>,
}

/// Whether the scanner saw the sole, and the numbers that say so.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct SoleEvidence {
    /// True if the sole's shape can be trusted.
    pub imaged: bool,
    /// Area of the sole within 2.5 mm of the ground, cm².
    pub flat_area_cm2: f64,
    /// Share of the silhouette's area that is that flat, 0 to 1.
    pub flat_share: f64,
}

/// A foot in the foot frame, mirrored to a right foot if it is a left one.
#[derive(Clone, Debug, PartialEq)]
pub struct Foot {
    /// Which foot of the person it is.
    pub side: Side,
    /// The scan's surface in the foot frame, outward oriented; may be open at the ankle.
    pub mesh: TriMesh,
    /// Named places.
    pub landmarks: Landmarks,
    /// Lengths and ratios.
    pub measurements: Measurements,
    /// The sole.
    pub plantar: PlantarMap,
    /// Whether the sole was seen.
    pub sole: SoleEvidence,
}
