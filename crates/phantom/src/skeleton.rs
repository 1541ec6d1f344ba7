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

/// How softly neighboring toes, and toes and ball, join, mm.
const TOE_TO_TOE_BLEND_MM: f64 = 2.5;
const TOE_TO_BALL_BLEND_MM: f64 = 9.0;

/// A rounded piece of the body and how softly it joins the pieces before it.
type Piece = (f64, RoundCone);

/// All pieces, ready to be asked.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Skeleton {
    body: Vec<Piece>,
    toes: Vec<Vec<Piece>>,
}

impl Skeleton {
    /// The foot described in this module.
    pub(crate) fn new() -> Self {
        let mut body = heel_and_leg();
        body.extend(middle_foot());
        body.extend(rays());
        Self { body, toes: toes() }
    }

    /// Field of body and toes at `point`.
    pub(crate) fn value(&self, point: &Point3) -> f64 {
        let toes = self
            .toes
            .iter()
            .map(|toe| joined(toe, point))
            .reduce(|a, b| smooth_minimum(a, b, TOE_TO_TOE_BLEND_MM));
        let body = joined(&self.body, point);
        toes.map_or(body, |toes| smooth_minimum(body, toes, TOE_TO_BALL_BLEND_MM))
    }
}

/// Pieces joined one after the other, each with its own softness.
fn joined(pieces: &[Piece], point: &Point3) -> f64 {
    pieces.iter().fold(f64::INFINITY, |field, (blend, piece)| {
        let value = piece.value(point);
        if field.is_infinite() { value } else { smooth_minimum(field, value, *blend) }
    })
}

fn heel_and_leg() -> Vec<Piece> {
    let cone = RoundCone::new;
    vec![
        // Heel pad and the back of the calcaneus.
        (1.0, RoundCone::ellipsoid([0.0, 1.0, 22.0], [34.0, 35.0, 31.0])),
        (14.0, cone([0.0, 0.0, 32.0], 29.0, [0.0, -1.0, 66.0], 20.0)),
        // Achilles tendon.
        (16.0, cone([0.0, -11.0, 62.0], 10.0, [1.0, -16.0, 240.0], 11.0)),
        // Shank, deeper than wide.
        (20.0, cone([3.0, 22.0, 70.0], 30.0, [4.0, 16.0, 130.0], 31.0).stretched([0.95, 1.1, 1.0])),
        (20.0, cone([4.0, 16.0, 130.0], 32.0, [4.0, 14.0, 240.0], 42.0)),
        // Malleoli: the medial one higher and further forward.
        (12.0, RoundCone::ellipsoid([-22.0, 26.0, 84.0], [13.0, 15.0, 17.0])),
        (12.0, RoundCone::ellipsoid([28.0, 12.0, 72.0], [11.0, 13.0, 17.0])),
    ]
}

fn middle_foot() -> Vec<Piece> {
    let cone = RoundCone::new;
    vec![
        // Talus to cuneiforms: the crest of the instep.
        (
            22.0,
            cone([-1.0, 38.0, 76.0], 25.0, [-4.0, 92.0, 46.0], 22.0).stretched([1.15, 1.0, 1.0]),
        ),
        // Navicular, on the medial side.
        (16.0, cone([-12.0, 42.0, 44.0], 18.0, [-13.0, 72.0, 42.0], 18.0)),
        // Calcaneus to cuboid, on the lateral side.
        (18.0, cone([10.0, 16.0, 22.0], 24.0, [26.0, 70.0, 18.0], 20.0)),
        // Plantar muscles: they carry the sole.
        (16.0, cone([-2.0, 14.0, 16.0], 24.0, [-8.0, 80.0, 20.0], 24.0)),
        (16.0, cone([-8.0, 80.0, 20.0], 24.0, [-6.0, 140.0, 10.0], 20.0)),
        // Base of the fifth metatarsal.
        (12.0, cone([34.0, 66.0, 14.0], 13.0, [38.0, 84.0, 13.0], 13.0)),
    ]
}

/// The five metatarsals with the pads under their heads.
fn rays() -> Vec<Piece> {
    let cone = RoundCone::new;
    vec![
        (14.0, cone([-15.0, 84.0, 44.0], 21.0, [-26.0, 152.0, 17.0], 18.5)),
        (12.0, cone([-3.0, 86.0, 46.0], 20.0, [-6.0, 158.0, 17.0], 15.0)),
        (12.0, cone([8.0, 84.0, 40.0], 20.0, [11.0, 155.0, 15.5], 14.5)),
        (12.0, cone([18.0, 80.0, 32.0], 19.0, [27.0, 147.0, 14.0], 14.0)),
        (12.0, cone([28.0, 74.0, 22.0], 17.0, [41.0, 136.0, 12.5], 13.5)),
        // The ball's pad.
        (10.0, cone([-24.0, 150.0, 12.0], 17.0, [36.0, 138.0, 9.0], 14.0)),
    ]
}

/// Each toe: from the ball over the knuckle down to the pad.
fn toes() -> Vec<Vec<Piece>> {
    let hallux = vec![
        (1.0, RoundCone::new([-25.0, 164.0, 19.0], 14.0, [-24.0, 192.0, 13.5], 11.5)),
        (7.0, RoundCone::ellipsoid([-22.0, 210.0, 9.5], [13.5, 17.5, 11.5])),
    ];
    let lesser = [
        // Base, knuckle, pad, pad radius.
        ([-4.0, 168.0, 17.0], [-1.0, 194.0, 17.5], [0.0, 212.0, 6.5], 9.0),
        ([12.0, 166.0, 16.0], [15.0, 188.0, 16.5], [16.0, 203.0, 6.0], 8.6),
        ([27.0, 158.0, 15.0], [30.0, 177.0, 15.5], [31.0, 190.0, 5.5], 8.4),
        ([40.0, 148.0, 14.0], [44.0, 163.0, 14.0], [45.0, 174.0, 5.5], 8.8),
    ];
    let chain = |(base, knuckle, pad, radius): ([f64; 3], [f64; 3], [f64; 3], f64)| {
        vec![
            (1.0, RoundCone::new(base, radius + 0.5, knuckle, radius - 1.5)),
            (4.0, RoundCone::new(knuckle, radius - 1.5, pad, radius)),
        ]
    };
    std::iter::once(hallux).chain(lesser.into_iter().map(chain)).collect()
}
