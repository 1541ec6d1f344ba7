//! What a found foot is: the types that later steps read.

use geometry::{HeightField, Point3, TriMesh};
use nalgebra::Isometry3;
use serde::Serialize;
use vocabulary::Side;

use crate::{Landmarks, Scanned, WeightBearing};

/// Lengths and ratios of the foot. All lengths in mm.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Measurements {
    /// From the most posterior heel to the foremost toe, along y.
    pub length_mm: f64,
    /// From first to fifth metatarsal head across the ball, along x.
    pub ball_width_mm: f64,
    /// Widest part of the heel, along x.
    pub heel_width_mm: f64,
    /// From the most posterior heel to the first metatarsal head, along y (Williams, Phys Ther 2000).
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

/// How far two ways to find the same thing differ, or what a fit leaves open: the program's own doubt about
/// a foot, for the quality gate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Doubt {
    /// Between the heel seat by all of the contact and by its lowest half, mm.
    pub seat_mm: f64,
    /// Between the heel's ground by its skin within 1.5 mm and within 0.5 mm, degrees of roll; 0 where the
    /// heel does not level the foot.
    pub roll_deg: f64,
    /// Standard error of the place of the metatarsal heads along the foot, mm: the larger of both.
    pub heads_mm: f64,
}

/// From the scan's frame (mm) to the foot frame: mirrored in x = 0 first for a left foot, then moved.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FootFromScan {
    /// Whether x is negated first: true for left feet.
    pub mirrored: bool,
    /// The rigid motion that follows.
    pub motion: Isometry3<f64>,
}

impl FootFromScan {
    /// A point of the scan in the foot frame.
    #[must_use]
    pub fn place(&self, scan: &Point3) -> Point3 {
        self.motion * self.mirrored(*scan)
    }

    /// A point of the foot frame in the scan.
    #[must_use]
    pub fn place_back(&self, foot: &Point3) -> Point3 {
        self.mirrored(self.motion.inverse_transform_point(foot))
    }

    fn mirrored(&self, point: Point3) -> Point3 {
        if self.mirrored { Point3::new(-point.x, point.y, point.z) } else { point }
    }
}

/// A foot in the foot frame, mirrored to a right foot if it is a left one.
#[derive(Clone, Debug, PartialEq)]
pub struct Foot {
    /// Which foot of the person it is.
    pub side: Side,
    /// How much weight the foot bore: as the request says, else as its shape shows.
    pub weight_bearing: WeightBearing,
    /// What was scanned: as the request says, else as its shape shows.
    pub scanned: Scanned,
    /// From the scan to this frame.
    pub foot_from_scan: FootFromScan,
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
    /// How far its frame and heads can be trusted.
    pub doubt: Doubt,
}
