//! Joint angles from segment frames (columns anterior, up, right), degrees.

use nalgebra::Matrix3;
use vocabulary::Side;

/// +1 for the right, whose lateral side is the positive third axis; −1 for the left.
pub(crate) const fn lateral_sign(side: Side) -> f64 {
    match side {
        Side::Left => -1.0,
        Side::Right => 1.0,
    }
}

/// Flexion and adduction (varus) of the knee, degrees, in the joint coordinate system (Grood and Suntay 1983, J. Biomech. Eng.
/// 105:136).
pub(crate) fn knee(thigh: &Matrix3<f64>, shank: &Matrix3<f64>, side: Side) -> [f64; 2] {
    let (flexion_axis, long_axis) = (thigh.column(2), shank.column(1));
    let floating = long_axis.cross(&flexion_axis);
    let flexion = (-floating.dot(&thigh.column(1))).atan2(floating.dot(&thigh.column(0)));
    let adduction = lateral_sign(side) * flexion_axis.dot(&long_axis).clamp(-1.0, 1.0).asin();
    [flexion.to_degrees(), adduction.to_degrees()]
}

/// Eversion of the foot against the shank and internal rotation of the tibia against the foot, degrees.
///
/// Cardan angles in the order dorsiflexion, rotation, inversion (sideways, long, forward axis).
pub(crate) fn foot(shank: &Matrix3<f64>, foot: &Matrix3<f64>, side: Side) -> [f64; 2] {
    let turn = shank.transpose() * foot;
    let inversion = lateral_sign(side) * turn[(2, 1)].atan2(turn[(2, 2)]);
    let foot_internal = lateral_sign(side) * (-turn[(2, 0)].clamp(-1.0, 1.0)).asin();
    [-inversion.to_degrees(), -foot_internal.to_degrees()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use geometry::Vector3;
    use nalgebra::Rotation3;

    fn turn(axis: Vector3, degrees: f64) -> Matrix3<f64> {
        Rotation3::from_scaled_axis(axis * f64::to_radians(degrees)).into_inner()
    }

    /// The shank's lower end goes back in flexion and, with the right knee in varus, inward.
    #[test]
    fn a_bent_bowed_knee() {
        let thigh = Matrix3::identity();
        for (side, sign) in [(Side::Right, 1.0), (Side::Left, -1.0)] {
            let flexed = turn(Vector3::z(), -40.0);
            let [flexion, adduction] = knee(&thigh, &flexed, side);
            assert!((flexion - 40.0).abs() < 1e-9 && adduction.abs() < 1e-9);
            let varus = flexed * turn(Vector3::x(), sign * 6.0);
            let [flexion, adduction] = knee(&thigh, &varus, side);
            assert!((flexion - 40.0).abs() < 1e-9 && (adduction - 6.0).abs() < 1e-9);
        }
    }

    #[test]
    fn an_everted_foot_and_a_turned_tibia() {
        let shank = Matrix3::identity();
        for (side, sign) in [(Side::Right, 1.0), (Side::Left, -1.0)] {
            // Inversion of the right foot turns its sole inward: a turn about the forward axis.
            let everted = turn(Vector3::z(), 12.0) * turn(Vector3::x(), -sign * 7.0);
            let [eversion, tibia] = foot(&shank, &everted, side);
            assert!((eversion - 7.0).abs() < 1e-9 && tibia.abs() < 1e-9);
            // The foot turned outward under the tibia: the tibia is turned inward.
            let out = turn(Vector3::y(), -sign * 9.0);
            let [eversion, tibia] = foot(&shank, &out, side);
            assert!(eversion.abs() < 1e-9 && (tibia - 9.0).abs() < 1e-9);
        }
    }
}
