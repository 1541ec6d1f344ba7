//! The pelvis frame and the hip centers that regressions put into it.

use geometry::{Point3, Vector3};
use nalgebra::Matrix3;
use recording::Subject;
use vocabulary::Side;

use crate::marker_set::HipRegression;

/// Where the pelvis is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pelvis {
    /// Midway between the anterior spines, mm.
    pub(crate) origin: Point3,
    /// Columns anterior, up, right.
    pub(crate) frame: Matrix3<f64>,
    /// Distance of the anterior spines, mm.
    width: f64,
    /// Distance of the origin from the middle of the posterior spines, mm.
    depth: f64,
}

impl Pelvis {
    /// From the anterior spines and the middle of the posterior ones; `None` if they lie on a line.
    pub(crate) fn new(asis_left: Point3, asis_right: Point3, sacrum: Point3) -> Option<Self> {
        let origin = nalgebra::center(&asis_left, &asis_right);
        let across = asis_right - asis_left;
        let right = across.try_normalize(1e-9)?;
        let forward = origin - sacrum;
        let anterior = (forward - right * forward.dot(&right)).try_normalize(1e-6)?;
        let frame = Matrix3::from_columns(&[anterior, right.cross(&anterior), right]);
        Some(Self { origin, frame, width: across.norm(), depth: forward.norm() })
    }

    /// A hip's center, mm.
    pub(crate) fn hip(&self, side: Side, rule: &HipRule) -> Point3 {
        let (w, d) = (self.width, self.depth);
        // Anterior, up and lateral of the origin, mm.
        let [anterior, up, lateral] = match *rule {
            HipRule::Harrington => [-0.24 * d - 9.9, -0.30 * w - 10.9, 0.33 * w + 7.3],
            HipRule::Bell => [-0.19 * w, -0.30 * w, 0.36 * w],
            HipRule::Davis { leg, asis_to_trochanter, half_width, marker_radius } => {
                let c = 0.115 * leg - 15.3;
                let back = asis_to_trochanter + marker_radius;
                let half = half_width.unwrap_or(0.5 * w);
                let (sin_theta, cos_theta) = DAVIS_THETA.sin_cos();
                let (sin_beta, cos_beta) = DAVIS_BETA.sin_cos();
                [
                    c * cos_theta * sin_beta - back * cos_beta,
                    -c * cos_theta * cos_beta - back * sin_beta,
                    half - c * sin_theta,
                ]
            }
        };
        let right = match side {
            Side::Left => -lateral,
            Side::Right => lateral,
        };
        self.origin + self.frame * Vector3::new(anterior, up, right)
    }
}

/// Angle of the hip's center in the frontal plane, rad (Davis 1991; Plug-in Gait rounds it to 0.5).
const DAVIS_THETA: f64 = 0.5;

/// Angle of the hip's center in the sagittal plane, rad (Davis 1991; Plug-in Gait's 0.314).
const DAVIS_BETA: f64 = 0.314;

/// A regression with the measures of the person that it needs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum HipRule {
    Harrington,
    Bell,
    Davis {
        /// Leg length, mm.
        leg: f64,
        /// Distance of anterior spine and greater trochanter along the leg's sagittal plane, mm.
        asis_to_trochanter: f64,
        /// Half the distance of the anterior spines, mm; measured on the markers if `None`.
        half_width: Option<f64>,
        marker_radius: f64,
    },
}

impl HipRule {
    /// The rule of a set; Davis falls back to Harrington where the leg length is not in the file, and says why.
    pub(crate) fn new(
        regression: HipRegression,
        subject: &Subject,
        marker_radius: f64,
    ) -> (Self, Option<&'static str>) {
        match regression {
            HipRegression::Harrington => (Self::Harrington, None),
            HipRegression::Bell => (Self::Bell, None),
            HipRegression::Davis => {
                let both = |name: &str| {
                    let [left, right] = ["L", "R"].map(|side| {
                        number_of(subject, &format!("{side}{name}")).filter(|mm| *mm > 10.0)
                    });
                    Some(0.5 * (left.or(right)? + right.or(left)?))
                };
                both("LegLength").map_or(
                    (Self::Harrington, Some("the file has no leg length for Davis's regression")),
                    |leg| {
                        let davis = Self::Davis {
                            leg,
                            asis_to_trochanter: both("AsisTrocanterDistance")
                                .unwrap_or(0.1288 * leg - 48.56),
                            half_width: number_of(subject, "InterAsisDistance")
                                .filter(|mm| *mm > 100.0)
                                .map(|mm| 0.5 * mm),
                            marker_radius,
                        };
                        (davis, None)
                    },
                )
            }
        }
    }
}

/// A number that the file states of the person, by its name without regard to case.
pub(crate) fn number_of(subject: &Subject, name: &str) -> Option<f64> {
    let found = subject.numbers.iter().find(|(other, _)| other.eq_ignore_ascii_case(name));
    found.map(|(_, value)| *value).filter(|value| value.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pelvis() -> Pelvis {
        Pelvis::new(
            Point3::new(0.0, 1000.0, -120.0),
            Point3::new(0.0, 1000.0, 120.0),
            Point3::new(-150.0, 1010.0, 0.0),
        )
        .unwrap()
    }

    /// Every regression puts the hip 60 to 110 mm below, behind and inside the anterior spine, alike on both sides.
    #[test]
    fn hips_lie_where_hips_lie() {
        let davis = HipRule::Davis {
            leg: 900.0,
            asis_to_trochanter: 67.0,
            half_width: None,
            marker_radius: 7.0,
        };
        for rule in [HipRule::Harrington, HipRule::Bell, davis] {
            let right = pelvis().hip(Side::Right, &rule);
            let left = pelvis().hip(Side::Left, &rule);
            assert!((right.x - left.x).abs() + (right.z + left.z).abs() < 1e-9);
            assert!((1000.0 - right.y - 85.0).abs() < 25.0, "{rule:?} {right}");
            assert!((-right.x - 50.0).abs() < 25.0, "{rule:?} {right}");
            assert!((right.z - 85.0).abs() < 15.0, "{rule:?} {right}");
        }
    }

    #[test]
    fn davis_needs_the_leg_length() {
        let mut subject = Subject::default();
        let (rule, why) = HipRule::new(HipRegression::Davis, &subject, 7.0);
        assert!(rule == HipRule::Harrington && why.is_some());
        subject.numbers.push(("LLegLength".to_owned(), 920.0));
        let (rule, why) = HipRule::new(HipRegression::Davis, &subject, 7.0);
        assert!(matches!(rule, HipRule::Davis { leg, .. } if leg == 920.0) && why.is_none());
    }
}
