//! Feet from formulas, for tests: outline and arch after `orthomodel.py`, with steep rounded sides.

use foot::{
    Doubt, Foot, FootFromScan, Landmark, Landmarks, Measurements, PlantarMap, Provenance, Scanned,
    SoleEvidence, WeightBearing,
};
use geometry::{HeightField, Point2, Point3, Rect, TriMesh, polygon};
use nalgebra::Isometry3;
use vocabulary::Side;

/// Shape of a synthetic foot, mm.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SyntheticFoot {
    pub(crate) length: f64,
    pub(crate) ball_width: f64,
    pub(crate) heel_width: f64,
    pub(crate) arch: f64,
}

pub(crate) const USUAL: SyntheticFoot =
    SyntheticFoot { length: 260.0, ball_width: 98.0, heel_width: 64.0, arch: 22.0 };
pub(crate) const SMALL_FLAT: SyntheticFoot =
    SyntheticFoot { length: 225.0, ball_width: 88.0, heel_width: 57.0, arch: 9.0 };
pub(crate) const LARGE_CAVUS: SyntheticFoot =
    SyntheticFoot { length: 295.0, ball_width: 108.0, heel_width: 70.0, arch: 34.0 };

const SHARES: [f64; 13] =
    [0.0, 0.03, 0.08, 0.15, 0.25, 0.40, 0.55, 0.66, 0.72, 0.80, 0.88, 0.95, 1.0];
const MEDIAL: [f64; 13] =
    [0.10, 0.36, 0.47, 0.50, 0.49, 0.43, 0.45, 0.50, 0.53, 0.46, 0.38, 0.28, 0.08];
const LATERAL: [f64; 13] =
    [0.10, 0.36, 0.47, 0.50, 0.54, 0.42, 0.46, 0.48, 0.44, 0.38, 0.28, 0.16, 0.02];

fn interpolate(values: &[f64], at: f64) -> f64 {
    let k = SHARES.iter().rposition(|share| *share <= at).unwrap_or(0).min(SHARES.len() - 2);
    let t = ((at - SHARES[k]) / (SHARES[k + 1] - SHARES[k])).clamp(0.0, 1.0);
    values[k] * (1.0 - t) + values[k + 1] * t
}

impl SyntheticFoot {
    fn back(&self) -> f64 {
        -0.115 * self.length
    }

    fn sides(&self, share: f64) -> (f64, f64) {
        let forward = ((share - 0.2) / 0.25).clamp(0.0, 1.0);
        let width = self.heel_width * (1.0 - forward) + self.ball_width * forward;
        (-interpolate(&MEDIAL, share) * width, interpolate(&LATERAL, share) * width)
    }

    fn outline(&self) -> Vec<Point2> {
        let at = |k: usize| k as f64 / 80.0;
        let y = |share: f64| self.back() + share * self.length;
        let lateral = (0..=80).map(|k| Point2::new(self.sides(at(k)).1, y(at(k))));
        let medial = (0..=80).rev().map(|k| Point2::new(self.sides(at(k)).0, y(at(k))));
        lateral.chain(medial).collect()
    }

    fn height(&self, outline: &[Point2], point: Point2) -> f64 {
        if !polygon::contains(outline, point) {
            return f64::NAN;
        }
        let share = (point.y - self.back()) / self.length;
        let (medial, lateral) = self.sides(share);
        let across = (point.x - (medial + lateral) / 2.0) / ((lateral - medial) / 2.0).max(1.0);
        let edge = polygon::distance_to_border(outline, point);
        let round = 17.0 - 6.0 * crate::smooth::step(0.2, 0.45, share);
        let inward = (1.0 - edge / round).max(0.0);
        let side = round * (1.0 - (1.0 - inward * inward).max(0.0).sqrt());
        let bell = (-((share - 0.44) / 0.155).powi(2)).exp();
        let medial_weight = 1.0 / (1.0 + ((across + 0.12) / 0.22).exp());
        let seat = 0.004 * (point.x * point.x + point.y * point.y);
        let seat = seat * (1.0 - crate::smooth::step(10.0, 60.0, point.y));
        let sulcus = 4.0 * (-((share - 0.80) / 0.03).powi(2)).exp();
        side + seat + sulcus + bell * (self.arch * medial_weight + 3.5 * (1.0 - medial_weight))
    }

    pub(crate) fn foot(&self) -> Foot {
        let outline = self.outline();
        let area = Rect {
            low: Point2::new(-70.0, (self.back() - 2.0).floor()),
            high: Point2::new(70.0, self.back() + self.length + 2.0),
        };
        let heights = HeightField::from_fn(area, 1.0, |point| self.height(&outline, point));
        let imaged = vec![true; heights.heights.len()];
        let mark = |x: f64, share: f64, z: f64| Landmark {
            position: Point3::new(x, self.back() + share * self.length, z),
            confidence: 1.0,
            provenance: Provenance::Automatic,
        };
        let ball = |share: f64| self.sides(share);
        Foot {
            side: Side::Right,
            weight_bearing: WeightBearing::Full,
            scanned: Scanned::Foot,
            foot_from_scan: FootFromScan { mirrored: false, motion: Isometry3::identity() },
            mesh: TriMesh::default(),
            landmarks: Landmarks {
                heel_seat: mark(0.0, 0.115, 0.0),
                heel_back: mark(0.0, 0.0, 17.0),
                first_metatarsal_head: mark(ball(0.72).0, 0.72, 8.0),
                fifth_metatarsal_head: mark(ball(0.64).1, 0.64, 8.0),
                arch_apex: mark(-0.3 * self.ball_width, 0.44, self.arch),
                toe_tip: mark(0.0, 1.0, 8.0),
                navicular: None,
                fifth_metatarsal_base: None,
                toe_tips: [None; 5],
                medial_malleolus: None,
                lateral_malleolus: None,
                achilles_line: None,
            },
            measurements: Measurements {
                length_mm: self.length,
                ball_width_mm: self.ball_width,
                heel_width_mm: self.heel_width,
                truncated_length_mm: 0.72 * self.length,
                arch_height_mm: Some(self.arch),
            },
            plantar: PlantarMap { heights, imaged },
            sole: SoleEvidence { imaged: true, flat_area_cm2: 40.0, flat_share: 0.2 },
            doubt: Doubt::default(),
        }
    }
}
