use std::collections::BTreeMap;

use geometry::Point3;
use serde::Serialize;
use vocabulary::Side;

use crate::LandmarkName;

/// How much weight the foot bore while it was scanned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum WeightBearing {
    /// Standing.
    #[serde(rename = "weight-bearing")]
    Full,
    /// Seated with the foot on the ground.
    #[serde(rename = "semi-weight-bearing")]
    Semi,
    /// Hanging or lying: the skin is not flattened.
    #[serde(rename = "non-weight-bearing")]
    Unloaded,
}

/// What was put before the scanner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scanned {
    /// The foot itself, with or without the lower leg.
    Foot,
    /// Only the sole of the foot: an open sheet.
    PlantarSurface,
    /// The hollow that the foot left in a foam box: the foot is its negative.
    FoamImprint,
    /// A positive cast: a closed lump with a flat top.
    PositiveCast,
}

/// What the caller knows and accepts.
#[derive(Clone, Debug, PartialEq)]
pub struct FootRequest {
    /// Which foot the scan is ordered as; `None` to tell it from the shape, or refuse to.
    pub side: Option<Side>,
    /// How much weight the foot bore; `None` to tell it from the shape.
    pub weight_bearing: Option<WeightBearing>,
    /// What was scanned; `None` to tell it from the shape.
    pub scanned: Option<Scanned>,
    /// Landmarks given by hand, in the scan's frame, mm. They overrule the automatic ones.
    pub by_hand: BTreeMap<LandmarkName, Point3>,
    /// What is accepted as a foot.
    pub limits: FootLimits,
}

impl FootRequest {
    /// A request for a foot of a known side, with the usual limits; the rest is told from the shape.
    #[must_use]
    pub fn new(side: Side) -> Self {
        Self { side: Some(side), ..Self::of_either_side() }
    }

    /// A request whose side is told from the shape.
    #[must_use]
    pub fn of_either_side() -> Self {
        Self {
            side: None,
            weight_bearing: None,
            scanned: None,
            by_hand: BTreeMap::new(),
            limits: FootLimits::default(),
        }
    }
}

/// What is accepted as a foot. Ratios are shares, 0 to 1; each pair is lowest and highest.
///
/// The defaults enclose ANSUR II (1,986 women: ball width 0.377 ± 0.018 of the length, heel width
/// 0.273 ± 0.018) by four or more standard deviations, since children, men and swollen feet differ.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FootLimits {
    /// Foot length, mm.
    pub length_mm: [f64; 2],
    /// Ball width over foot length.
    pub ball_width_ratio: [f64; 2],
    /// Heel width over foot length.
    pub heel_width_ratio: [f64; 2],
    /// Heel width over ball width.
    pub heel_to_ball_ratio: [f64; 2],
    /// Height of the whole scan over foot length.
    pub height_ratio: [f64; 2],
    /// Least difference between the inner and the outer side (side score without sign); plain feet have
    /// 0.8 to 1.2, shapes that are their own mirror image 0.
    pub side_difference: f64,
    /// Share of the silhouette within 2.5 mm of the ground from which the sole counts as not imaged:
    /// a footprint of a normal foot covers about half of it, that of a flat foot up to two thirds.
    pub flat_share: f64,
}

impl Default for FootLimits {
    fn default() -> Self {
        Self {
            length_mm: [80.0, 400.0],
            ball_width_ratio: [0.30, 0.48],
            heel_width_ratio: [0.20, 0.36],
            heel_to_ball_ratio: [0.50, 0.92],
            height_ratio: [0.12, 2.5],
            side_difference: 0.2,
            flat_share: 0.70,
        }
    }
}

/// Why no foot was found.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum FootError {
    /// No surface to look at.
    #[error("the scan has no surface; read it again")]
    Empty,
    /// A coordinate is no finite number.
    #[error("vertex {vertex} of the scan is no finite number; read it again")]
    NotFinite {
        /// Index of the vertex.
        vertex: usize,
    },
    /// Too short or too long.
    #[error(
        "the scan would be a foot of {length_mm:.1} mm (expected {low:.0} to {high:.0} mm); check what was \
         scanned and its unit"
    )]
    Length {
        /// Length as found, mm.
        length_mm: f64,
        /// Shortest foot, mm.
        low: f64,
        /// Longest foot, mm.
        high: f64,
    },
    /// A ratio that no foot has.
    #[error(
        "the scan is not a foot: its {measure} is {value:.3} (a foot has {low:.2} to {high:.2}); check what \
         was scanned"
    )]
    NotAFoot {
        /// Which ratio.
        measure: &'static str,
        /// Its value.
        value: f64,
        /// Lowest value of a foot.
        low: f64,
        /// Highest value of a foot.
        high: f64,
    },
    /// More than one foot, and nothing says which is wanted.
    #[error("the scan holds {count} feet; say which side is wanted")]
    SeveralFeet {
        /// Feet in the scan.
        count: usize,
    },
    /// Nothing says which foot it is.
    #[error(
        "the shape does not show which foot this is (side score {score:+.2}, plain from {plain:.2}; \
         {evidence}); say which side"
    )]
    SideUnknown {
        /// Mean of the differences between inner and outer side; + right, - left.
        score: f64,
        /// Size of the score from which the side is plain.
        plain: f64,
        /// The numbers that show it.
        evidence: String,
    },
    /// The shape is plainly that of the other foot.
    #[error(
        "the scan was ordered as the {requested} foot but is shaped like a {shaped} one ({evidence}); swap the \
         files or correct the side in the case file"
    )]
    WrongSide {
        /// The side of the request.
        requested: Side,
        /// The side that the shape shows.
        shaped: Side,
        /// The numbers that show it.
        evidence: String,
    },
}
