//! Where bones, pads and muscles lie, and how they melt into one body.
//!
//! Coordinates: a right foot about 260 mm long, heel seat at the origin, second toe along +y,
//! lateral +x, ground z = 0, mm. Pads reach below the ground: the sole cuts them off there, as
//! standing does. Sizes are rounded values chosen by eye beside scans of real feet; the shape is
//! scaled to its ordered measures afterwards.

use geometry::Point3;

use crate::field::{RoundCone, smooth_minimum};

/// Length of the foot as it is written here, mm; [`crate::shape`] measures it exactly.
pub(crate) const NOMINAL_LENGTH_MM: f64 = 260.0;

/// How softly neighboring toes join, mm.
const TOE_TO_TOE_BLEND_MM: f64 = 5.0;

/// A rounded piece of the body and how softly it joins the pieces before it.
type Piece = (f64, RoundCone);

/// All pieces, ready to be asked.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Skeleton {
    body: Vec<Piece>,
    toes: Vec<Vec<Piece>>,
    /// How softly neighboring toes join, mm.
    pub(crate) toe_to_toe_blend: f64,
}

impl Skeleton {
    /// The foot described in this module.
    pub(crate) fn new() -> Self {
        let mut body = heel_and_leg();
        body.extend(middle_foot());
        body.extend(rays());
        Self { body, toes: toes(), toe_to_toe_blend: TOE_TO_TOE_BLEND_MM }
    }

    /// Field of heel, leg, middle foot and ball at `point`.
    pub(crate) fn body(&self, point: &Point3) -> f64 {
        joined(&self.body, point, f64::INFINITY)
    }

    /// Field of the toes at `point`; exact up to `limit`, and anything larger, up to infinite,
    /// beyond it.
    pub(crate) fn toes(&self, point: &Point3, limit: f64) -> f64 {
        // A toe further off than this does not change a toe within the limit.
        let limit = limit + 2.0 * self.toe_to_toe_blend;
        self.toes.iter().fold(f64::INFINITY, |field, toe| {
            smooth_minimum(field, joined(toe, point, limit), self.toe_to_toe_blend)
        })
    }
}

/// Pieces joined one after the other, each with its own softness. Values over `limit` may come out
/// larger, up to infinite.
fn joined(pieces: &[Piece], point: &Point3, limit: f64) -> f64 {
    pieces.iter().fold(f64::INFINITY, |field, (blend, piece)| {
        // A piece that is further off than the softness leaves the field as it is.
        match piece.value_below(point, field.min(limit) + blend) {
            Some(value) => smooth_minimum(field, value, *blend),
            None => field,
        }
    })
}

fn heel_and_leg() -> Vec<Piece> {
    let cone = RoundCone::new;
    vec![
        // Heel pad and the back of the calcaneus.
        (1.0, RoundCone::ellipsoid([0.0, 1.0, 22.0], [34.0, 35.0, 34.0])),
        (16.0, cone([0.0, 2.0, 34.0], 28.0, [0.0, 1.0, 68.0], 17.0)),
        // Achilles tendon.
        (16.0, cone([0.0, -10.0, 52.0], 13.5, [1.0, -15.0, 120.0], 9.5)),
        (6.0, cone([1.0, -15.0, 120.0], 9.5, [1.0, -15.0, 240.0], 14.0)),
        // Shank, deeper than wide.
        (22.0, cone([3.0, 23.0, 72.0], 27.0, [4.0, 18.0, 130.0], 28.0).stretched([1.0, 1.15, 1.0])),
        (20.0, cone([4.0, 17.0, 130.0], 31.0, [4.0, 14.0, 240.0], 42.0)),
        // Malleoli: the medial one higher and further forward.
        (16.0, RoundCone::ellipsoid([-18.5, 28.0, 82.0], [13.0, 16.0, 19.0])),
        (16.0, RoundCone::ellipsoid([27.0, 13.0, 69.0], [10.5, 13.0, 20.0])),
    ]
}

fn middle_foot() -> Vec<Piece> {
    let cone = RoundCone::new;
    vec![
        // Talus to cuneiforms: the crest of the instep.
        (24.0, cone([0.0, 40.0, 74.0], 25.0, [-4.0, 96.0, 43.0], 22.0).stretched([1.15, 1.0, 1.0])),
        // Navicular, on the medial side.
        (18.0, cone([-11.0, 36.0, 46.0], 19.0, [-12.0, 74.0, 40.0], 19.0)),
        // Front of the calcaneus and the short muscle on it, under the lateral malleolus.
        (20.0, cone([10.0, 22.0, 44.0], 23.0, [15.0, 76.0, 34.0], 22.0)),
        // Calcaneus to cuboid, on the lateral side.
        (18.0, cone([7.0, 16.0, 15.0], 25.0, [24.0, 72.0, 11.0], 21.0)),
        // Plantar muscles: they carry the sole.
        (16.0, cone([-2.0, 14.0, 16.0], 24.0, [-6.0, 80.0, 16.0], 24.0)),
        (16.0, cone([-6.0, 80.0, 16.0], 24.0, [-4.0, 140.0, 8.0], 20.0)),
        (14.0, cone([20.0, 70.0, 8.0], 20.0, [18.0, 134.0, 6.0], 18.0)),
        // Lateral border with the base of the fifth metatarsal.
        (14.0, cone([31.0, 62.0, 11.0], 15.0, [37.0, 88.0, 10.0], 15.0)),
        (14.0, cone([37.0, 88.0, 10.0], 15.0, [41.0, 132.0, 9.0], 14.0)),
    ]
}

/// The five metatarsals with the pads under their heads.
fn rays() -> Vec<Piece> {
    let cone = RoundCone::new;
    vec![
        (14.0, cone([-14.0, 92.0, 42.0], 21.0, [-25.5, 152.0, 17.0], 18.5)),
        (12.0, cone([-3.0, 94.0, 44.0], 20.0, [-6.0, 159.0, 17.0], 15.5)),
        (12.0, cone([8.0, 92.0, 40.0], 20.0, [11.0, 157.0, 15.5], 15.0)),
        (12.0, cone([18.0, 86.0, 34.0], 19.0, [27.0, 149.0, 14.0], 14.5)),
        (12.0, cone([28.0, 80.0, 24.0], 17.0, [40.5, 137.0, 12.5], 14.0)),
        // The ball's pad.
        (10.0, cone([-24.0, 150.0, 9.0], 18.0, [36.0, 138.0, 6.0], 15.0)),
    ]
}

/// Each toe: from the ball over the knuckle down to the pad.
fn toes() -> Vec<Vec<Piece>> {
    let hallux = vec![
        (1.0, RoundCone::new([-25.0, 160.0, 19.0], 14.5, [-23.0, 194.0, 13.0], 12.6)),
        (8.0, RoundCone::ellipsoid([-21.5, 209.0, 9.5], [13.5, 18.5, 11.5])),
    ];
    let lesser = [
        // Base, knuckle, pad, pad radius.
        ([-4.0, 164.0, 17.0], [-1.5, 193.0, 16.5], [0.0, 212.5, 6.0], 8.5),
        ([12.0, 162.0, 16.0], [14.5, 187.0, 15.5], [15.5, 203.5, 5.5], 8.2),
        ([27.0, 154.0, 15.0], [29.5, 176.0, 14.5], [30.5, 190.5, 5.3], 8.0),
        ([40.0, 144.0, 14.0], [43.5, 162.0, 13.0], [44.5, 174.0, 5.3], 8.4),
    ];
    let chain = |(base, knuckle, pad, radius): ([f64; 3], [f64; 3], [f64; 3], f64)| {
        vec![
            (1.0, RoundCone::new(base, radius + 1.0, knuckle, radius - 0.3)),
            (5.0, RoundCone::new(knuckle, radius - 0.3, pad, radius)),
        ]
    };
    std::iter::once(hallux).chain(lesser.into_iter().map(chain)).collect()
}
