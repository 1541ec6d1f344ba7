//! Where bones, pads and muscles lie, and how they melt into one body.
//!
//! Coordinates: a right foot about 260 mm long, heel seat at the origin, second toe along +y,
//! lateral +x, ground z = 0, mm; heights are those of a hanging foot, which [`crate::shape`] lowers
//! under load. Pads reach below the ground: the sole cuts them off there.
//!
//! The pieces of heel, leg, middle foot and ball were placed by least squares (Levenberg and
//! Marquardt, each number held near a first guess by 3 mm) so that their skin lies on the mean foot
//! of FIND, a model learned from scans of real feet (O. Boyne, J. Charles, R. Cipolla, "FIND: an
//! unsupervised implicit 3D model of articulated human feet", BMVC 2022): median distance 0.3 mm,
//! 95th percentile 1.0 mm. Toes were placed by eye. The shape is scaled to its ordered measures
//! afterwards.

use geometry::Point3;

use crate::field::{RoundCone, smooth_minimum};
use crate::settings::{ToePattern, ToePosture};

/// Length of the foot as it is written here, mm; [`crate::shape`] measures it exactly.
pub(crate) const NOMINAL_LENGTH_MM: f64 = 260.0;

/// How softly neighboring toes join, mm.
const TOE_TO_TOE_BLEND_MM: f64 = 4.0;

/// Where the navicular's tuberosity lies under the medial skin: y, mm. 0.40 of the length from the
/// heel's back.
pub(crate) const NAVICULAR_Y_MM: f64 = 70.0;

/// Where the base of the fifth metatarsal lies under the lateral skin: y and z, mm. 0.42 of the length
/// from the heel's back.
pub(crate) const FIFTH_BASE_MM: [f64; 2] = [76.0, 13.0];

/// Middles of the malleoli, mm.
pub(crate) const MEDIAL_MALLEOLUS_MM: [f64; 3] = [-15.2, 27.5, 90.3];
pub(crate) const LATERAL_MALLEOLUS_MM: [f64; 3] = [28.0, 15.5, 83.0];

/// What differs between skeletons.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Anatomy {
    /// Height of the navicular's tuberosity, skeleton mm.
    pub(crate) navicular_height: f64,
    pub(crate) toe_pattern: ToePattern,
    pub(crate) toe_posture: ToePosture,
}

/// A rounded piece of the body and how softly it joins the pieces before it.
type Piece = (f64, RoundCone);

/// All pieces, ready to be asked.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Skeleton {
    body: Vec<Piece>,
    toes: Vec<Vec<Piece>>,
    /// Where each toe ends, great toe first: the middle of its pad.
    pub(crate) toe_pads: [Point3; 5],
    /// How softly neighboring toes join, mm.
    pub(crate) toe_to_toe_blend: f64,
}

impl Skeleton {
    /// The foot described in this module.
    pub(crate) fn new(anatomy: Anatomy) -> Self {
        let mut body = heel_and_leg();
        body.extend(middle_foot(anatomy.navicular_height));
        body.extend(rays());
        let lines = ToeLine::all(anatomy);
        Self {
            body,
            toes: lines.iter().map(ToeLine::pieces).collect(),
            toe_pads: lines.map(|line| Point3::from(line.pad)),
            toe_to_toe_blend: TOE_TO_TOE_BLEND_MM,
        }
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
        (1.0, RoundCone::ellipsoid([1.5, 1.9, 18.5], [27.3, 33.3, 33.0])),
        (16.0, cone([2.4, -10.5, 35.5], 20.0, [4.1, 3.7, 76.1], 17.8)),
        // Achilles tendon.
        (16.0, cone([2.3, -18.4, 48.6], 10.7, [2.3, -14.0, 119.9], 11.3)),
        (6.0, cone([2.3, -14.5, 117.1], 12.0, [2.3, -13.0, 240.0], 17.0)),
        // Shank, deeper than wide.
        (22.0, cone([1.8, 34.5, 71.1], 26.3, [4.9, 31.9, 130.4], 23.6).stretched([1.0, 1.15, 1.0])),
        (24.0, cone([3.5, 20.0, 128.0], 26.5, [2.3, 19.0, 240.0], 39.0).stretched([1.0, 1.2, 1.0])),
        // Malleoli: the medial one higher and further forward.
        (16.0, RoundCone::ellipsoid(MEDIAL_MALLEOLUS_MM, [9.2, 14.2, 19.2])),
        (22.0, RoundCone::ellipsoid(LATERAL_MALLEOLUS_MM, [9.3, 17.0, 21.5])),
        // Tendons and fat between Achilles tendon and malleoli.
        (16.0, cone([17.5, 3.0, 48.0], 12.0, [15.0, 6.0, 112.0], 13.0)),
        (16.0, cone([-11.5, 8.0, 58.0], 11.0, [-10.0, 8.0, 112.0], 13.0)),
    ]
}

fn middle_foot(navicular_height: f64) -> Vec<Piece> {
    let cone = RoundCone::new;
    let [base_y, base_z] = FIFTH_BASE_MM;
    vec![
        // Talus to cuneiforms: the crest of the instep.
        (
            24.0,
            cone([-0.4, 60.3, 87.5], 14.7, [-2.1, 98.0, 49.8], 21.2).stretched([1.15, 1.0, 1.0]),
        ),
        // Talus and first cuneiform, on the medial side.
        (18.0, cone([-7.2, 36.3, 42.9], 16.8, [-8.2, 75.0, 49.0], 16.5)),
        // Navicular: its tuberosity under the skin.
        (10.0, RoundCone::ellipsoid([-15.5, NAVICULAR_Y_MM, navicular_height], [10.5, 12.0, 10.0])),
        // Front of the calcaneus and the short muscle on it, under the lateral malleolus.
        (20.0, cone([5.1, 21.4, 43.6], 25.8, [4.1, 64.2, 50.4], 31.8)),
        // Calcaneus to cuboid, on the lateral side.
        (18.0, cone([8.7, 14.3, 18.5], 22.7, [21.2, 70.2, 23.8], 20.7)),
        // Plantar muscles: they carry the sole.
        (16.0, cone([0.3, 15.5, 22.0], 21.0, [-1.5, 80.1, 14.0], 23.0)),
        (16.0, cone([-4.0, 80.2, 13.0], 23.0, [-6.5, 139.4, 8.5], 22.2)),
        (14.0, cone([18.0, 70.5, 7.8], 17.8, [17.8, 134.0, 6.1], 17.8)),
        // Lateral border, and the base of the fifth metatarsal on it.
        (14.0, cone([25.5, 60.0, 5.0], 14.0, [29.5, 88.4, 5.0], 13.5)),
        (14.0, cone([29.5, 90.4, 5.0], 13.5, [37.8, 132.3, 5.0], 14.0)),
        (8.0, RoundCone::ellipsoid([33.5, base_y, base_z], [10.8, 9.5, 9.0])),
    ]
}

/// The five metatarsals with the pads under their heads.
fn rays() -> Vec<Piece> {
    let cone = RoundCone::new;
    vec![
        (14.0, cone([-11.4, 90.6, 41.8], 15.5, [-21.0, 148.1, 12.7], 12.4)),
        (12.0, cone([0.9, 97.5, 49.6], 17.2, [-14.0, 161.0, 16.1], 19.6)),
        (12.0, cone([11.1, 89.3, 41.3], 22.4, [9.2, 156.8, 15.4], 13.8)),
        (12.0, cone([18.8, 85.3, 34.4], 19.2, [27.4, 148.3, 12.4], 13.3)),
        (12.0, cone([27.0, 79.7, 22.7], 15.2, [37.5, 137.6, 13.3], 12.6)),
        // The ball's pad.
        (10.0, cone([-17.5, 152.7, 6.5], 15.5, [35.9, 138.1, 5.0], 15.5)),
    ]
}

/// A toe: from the ball over the knuckle down to the pad. mm.
#[derive(Clone, Copy)]
struct ToeLine {
    base: [f64; 3],
    base_radius: f64,
    knuckle: [f64; 3],
    knuckle_radius: f64,
    pad: [f64; 3],
    pad_radii: [f64; 3],
    /// Half-width and half-length of the nail.
    nail: [f64; 2],
}

/// How far a lifted toe turns up about its base: slope, as of the hanging feet of FIND.
const LIFTED_SLOPE: f64 = 0.42;

/// A curled toe's knuckle rises and its pad is drawn back by this much, mm.
const CURLED_KNUCKLE_MM: f64 = 6.0;
const CURLED_PAD_MM: f64 = 9.0;

/// Thickness of a nail's plate over the skin, mm, and how sharp its rim is.
const NAIL_MM: f64 = 0.9;
const NAIL_BLEND_MM: f64 = 0.6;

impl ToeLine {
    /// Great toe first, Egyptian and at rest.
    const RESTING: [Self; 5] = [
        Self {
            base: [-23.5, 158.0, 17.5],
            base_radius: 14.5,
            knuckle: [-22.5, 193.0, 13.0],
            knuckle_radius: 12.3,
            pad: [-21.0, 209.0, 10.0],
            pad_radii: [13.2, 18.0, 11.5],
            nail: [7.5, 8.5],
        },
        Self::lesser([-4.0, 164.0, 16.5], [-1.5, 192.0, 16.0], [0.0, 211.5, 6.5], 8.6),
        Self::lesser([11.5, 161.0, 15.5], [14.5, 186.0, 15.0], [15.8, 202.5, 6.0], 8.2),
        Self::lesser([26.0, 153.0, 14.5], [29.5, 175.0, 14.0], [31.0, 189.5, 5.7], 8.0),
        Self::lesser([38.5, 142.0, 13.5], [43.5, 161.0, 12.5], [45.0, 173.5, 5.6], 8.4),
    ];

    const fn lesser(base: [f64; 3], knuckle: [f64; 3], pad: [f64; 3], radius: f64) -> Self {
        Self {
            base,
            base_radius: radius + 1.2,
            knuckle,
            knuckle_radius: radius - 0.6,
            pad,
            pad_radii: [radius, 1.15 * radius, radius],
            nail: [0.52 * radius, 0.5 * radius],
        }
    }

    fn all(anatomy: Anatomy) -> [Self; 5] {
        // How much longer each toe is than in the Egyptian foot, mm.
        let longer = match anatomy.toe_pattern {
            ToePattern::Egyptian => [0.0; 5],
            ToePattern::Greek => [-4.0, 9.0, 6.0, 4.0, 2.0],
            ToePattern::Square => [-4.0, 2.0, 8.0, 10.0, 9.0],
        };
        let mut lines = Self::RESTING;
        for (index, (line, longer)) in lines.iter_mut().zip(longer).enumerate() {
            line.knuckle[1] += 0.5 * longer;
            line.pad[1] += longer;
            match anatomy.toe_posture {
                ToePosture::Resting => {}
                ToePosture::Lifted => line.lift(),
                // The great toe presses on the ground while the others claw.
                ToePosture::Curled if index == 0 => {}
                ToePosture::Curled => {
                    line.knuckle[2] += CURLED_KNUCKLE_MM;
                    line.knuckle[1] -= 0.5 * CURLED_PAD_MM;
                    line.pad[1] -= CURLED_PAD_MM;
                }
            }
        }
        lines
    }

    fn lift(&mut self) {
        for place in [&mut self.knuckle, &mut self.pad] {
            place[2] += LIFTED_SLOPE * (place[1] - self.base[1]);
        }
    }

    fn pieces(&self) -> Vec<Piece> {
        let [x, y, z] = self.pad;
        let [half_width, _, half_height] = self.pad_radii;
        let [nail_width, nail_length] = self.nail;
        // The plate lies on the far half of the pad's back, where it begins to fall off.
        let plate_y = y + 0.28 * self.pad_radii[1];
        let back = (1.0 - 0.28_f64 * 0.28).sqrt() * half_height;
        let join = 0.55 * half_width;
        vec![
            (1.0, RoundCone::new(self.base, self.base_radius, self.knuckle, self.knuckle_radius)),
            (join, RoundCone::new(self.knuckle, self.knuckle_radius, self.pad, 0.9 * half_height)),
            (join, RoundCone::ellipsoid(self.pad, self.pad_radii)),
            (
                NAIL_BLEND_MM,
                RoundCone::ellipsoid(
                    [x, plate_y, z + back - 2.0 * NAIL_MM],
                    [nail_width, nail_length, 3.0 * NAIL_MM],
                ),
            ),
        ]
    }
}
