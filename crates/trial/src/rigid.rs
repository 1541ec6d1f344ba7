//! Rigid bodies: orientation frames, cluster fits, angular velocity.

use geometry::{Point3, Vector3};
use nalgebra::Matrix3;

/// Third singular values are not looked at; a cluster whose second singular value is below this share of the
/// first lies on a line, and its turn about that line is not known.
const LINE_SHARE: f64 = 1e-3;

/// A pose: where a body's points are now.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pose {
    pub(crate) turn: Matrix3<f64>,
    /// Where the body's reference center is now, mm.
    center: Vector3,
    reference_center: Vector3,
}

impl Pose {
    pub(crate) fn place(&self, point: Point3) -> Point3 {
        Point3::from(self.turn * (point.coords - self.reference_center) + self.center)
    }
}

/// The rigid motion that carries `reference` to `now` with the least squared distance (Söderkvist and Wedin 1993,
/// J. Biomech. 26:1473, with the sign rule that excludes mirror images), and the root-mean-square distance, mm.
///
/// `None` for fewer than three points, or points on a line.
pub(crate) fn fit(reference: &[Point3], now: &[Point3]) -> Option<(Pose, f64)> {
    let count = reference.len().min(now.len());
    if count < 3 {
        return None;
    }
    let mean = |points: &[Point3]| {
        points[..count].iter().map(|p| p.coords).sum::<Vector3>() / count as f64
    };
    let (reference_center, center) = (mean(reference), mean(now));
    let mut correlation = Matrix3::zeros();
    for (from, to) in reference.iter().zip(now) {
        correlation += (to.coords - center) * (from.coords - reference_center).transpose();
    }
    let decomposition = correlation.svd(true, true);
    let (u, v_t) = (decomposition.u?, decomposition.v_t?);
    let values = decomposition.singular_values;
    if values[1].is_nan() || values[1] <= LINE_SHARE * values[0] {
        return None;
    }
    let sign = (u * v_t).determinant().signum();
    let turn = u * Matrix3::from_diagonal(&Vector3::new(1.0, 1.0, sign)) * v_t;
    let pose = Pose { turn, center, reference_center };
    let residual: f64 = reference
        .iter()
        .zip(now)
        .map(|(from, to)| (pose.place(*from) - to).norm_squared())
        .sum::<f64>()
        / count as f64;
    Some((pose, residual.sqrt()))
}

/// A right-handed frame with columns anterior, up along `long`, and right, the last as near to `right` as it can be.
///
/// `None` if the two directions are parallel or zero.
pub(crate) fn frame_along(long: Vector3, right: Vector3) -> Option<Matrix3<f64>> {
    let up = long.try_normalize(1e-9)?;
    let anterior = up.cross(&right).try_normalize(1e-6)?;
    Some(Matrix3::from_columns(&[anterior, up, anterior.cross(&up)]))
}

/// Angular velocity between two frames that are `seconds` apart, rad/s, in the axes in which the frames stand.
pub(crate) fn angular_velocity(
    before: &Matrix3<f64>,
    after: &Matrix3<f64>,
    seconds: f64,
) -> Vector3 {
    // From the turn's antisymmetric part: exact for small angles too, where the arc cosine of the trace is not a
    // number as soon as rounding lifts it over one.
    let turn = after * before.transpose();
    let sine = 0.5
        * Vector3::new(
            turn[(2, 1)] - turn[(1, 2)],
            turn[(0, 2)] - turn[(2, 0)],
            turn[(1, 0)] - turn[(0, 1)],
        );
    let size = sine.norm();
    let angle = size.atan2(0.5 * (turn.trace() - 1.0));
    let scale = if size > 1e-12 { angle / size } else { 1.0 };
    sine * scale / seconds
}

#[cfg(test)]
mod tests {
    use super::*;
    use nalgebra::Rotation3;

    fn cluster() -> Vec<Point3> {
        vec![
            Point3::new(0.0, 0.0, 0.0),
            Point3::new(90.0, 10.0, 0.0),
            Point3::new(20.0, 120.0, 0.0),
            Point3::new(35.0, 60.0, 25.0),
        ]
    }

    #[test]
    fn a_turned_cluster_is_recovered_and_carries_other_points() {
        let turn = Rotation3::from_euler_angles(0.3, -1.2, 2.0);
        let shift = Vector3::new(1500.0, -20.0, 300.0);
        let joint = Point3::new(40.0, -200.0, 60.0);
        for count in [3, 4] {
            let reference = &cluster()[..count];
            let now: Vec<Point3> = reference.iter().map(|p| turn * p + shift).collect();
            let (pose, residual) = fit(reference, &now).unwrap();
            assert!(residual < 1e-9);
            assert!((pose.place(joint) - (turn * joint + shift)).norm() < 1e-9, "{count}");
        }
    }

    /// Three markers may be mirrored by noise; the fit must stay a rotation.
    #[test]
    fn a_flat_cluster_is_never_mirrored() {
        let reference = &cluster()[..3];
        let now: Vec<Point3> =
            reference.iter().map(|p| Point3::new(p.x, p.y, -p.z + 3.0 * p.x / 90.0)).collect();
        let (pose, _) = fit(reference, &now).unwrap();
        assert!((pose.turn.determinant() - 1.0).abs() < 1e-9);
    }

    #[test]
    fn points_on_a_line_or_too_few_are_refused() {
        let line: Vec<Point3> =
            (0..4).map(|i| Point3::new(f64::from(i) * 30.0, 0.0, 0.0)).collect();
        assert!(fit(&line, &line).is_none());
        assert!(fit(&cluster()[..2], &cluster()[..2]).is_none());
        assert!(fit(&[Point3::origin(); 3], &[Point3::origin(); 3]).is_none());
    }

    #[test]
    fn a_steady_turn_has_its_angular_velocity() {
        let rate = Vector3::new(0.4, -2.0, 1.0);
        let at = |t: f64| Rotation3::from_scaled_axis(rate * t).into_inner();
        assert!((angular_velocity(&at(0.49), &at(0.51), 0.02) - rate).norm() < 1e-9);
    }

    /// A foot that rests in a turned laboratory once had an angular velocity that was no number.
    #[test]
    fn a_resting_frame_in_turned_axes_has_no_angular_velocity() {
        for i in 0..200 {
            let frame = Rotation3::from_euler_angles(0.01 * f64::from(i), 0.7, -0.3).into_inner();
            assert!(angular_velocity(&frame, &frame, 0.01).norm() < 1e-12);
        }
    }

    #[test]
    fn frames_are_right_handed() {
        let frame = frame_along(Vector3::new(0.0, 3.0, 0.1), Vector3::new(0.2, 0.5, 1.0)).unwrap();
        assert!((frame.determinant() - 1.0).abs() < 1e-12);
        assert!(frame.column(0).x > 0.9 && frame.column(2).z > 0.9);
        assert!(frame_along(Vector3::y(), Vector3::y()).is_none());
    }
}
