//! The normative curves, as tables over percent of stance.
//!
//! Source: handbook, knee model, section 2.4 (`norm_stance`). Vertical force peaks 1.10 and 1.08 and trough
//! 0.77 of body weight; frontal and sagittal knee moments of adults walking at a comfortable speed.

/// A curve as (percent of stance, value) knots, linear between them.
pub(crate) type Table = &'static [(f64, f64)];

/// Vertical ground reaction force in body weights.
pub(crate) const VERTICAL_FORCE_BW: Table = &[
    (0.0, 0.02),
    (3.0, 0.25),
    (8.0, 0.62),
    (14.0, 0.95),
    (20.0, 1.08),
    (25.0, 1.10),
    (32.0, 1.00),
    (40.0, 0.86),
    (50.0, 0.77),
    (60.0, 0.86),
    (68.0, 1.00),
    (75.0, 1.08),
    (80.0, 1.06),
    (86.0, 0.86),
    (92.0, 0.45),
    (97.0, 0.14),
    (100.0, 0.02),
];

/// Center of pressure along the foot from the most posterior heel, in foot lengths.
pub(crate) const COP_ANTERIOR_LENGTHS: Table = &[
    (0.0, 0.10),
    (5.0, 0.13),
    (10.0, 0.17),
    (20.0, 0.25),
    (30.0, 0.33),
    (40.0, 0.41),
    (50.0, 0.49),
    (60.0, 0.56),
    (70.0, 0.63),
    (80.0, 0.69),
    (90.0, 0.74),
    (100.0, 0.76),
];

/// Center of pressure across the foot, + lateral of the heel-to-toe axis, mm.
pub(crate) const COP_LATERAL_MM: Table = &[
    (0.0, 0.0),
    (10.0, 2.0),
    (20.0, 4.0),
    (30.0, 6.0),
    (45.0, 7.0),
    (60.0, 6.0),
    (75.0, 2.0),
    (85.0, -3.0),
    (100.0, -10.0),
];

/// Shape of the external knee adduction moment: 1 is the height of the nearer peak before smoothing.
pub(crate) const ADDUCTION_SHAPE: Table = &[
    (0.0, 0.0),
    (3.0, -0.25),
    (8.0, 0.25),
    (15.0, 0.72),
    (22.0, 0.98),
    (27.0, 0.98),
    (35.0, 0.82),
    (45.0, 0.64),
    (52.0, 0.62),
    (60.0, 0.78),
    (70.0, 0.97),
    (77.0, 1.0),
    (84.0, 0.86),
    (90.0, 0.50),
    (96.0, 0.12),
    (100.0, 0.0),
];

/// Heights of the two adduction peaks before smoothing, %BW·Ht; smoothing makes 2.88 and 2.18 of them.
pub(crate) const ADDUCTION_PEAKS_PCT_BWHT: [f64; 2] = [3.0, 2.2];

/// Knee flexion angle in degrees.
pub(crate) const KNEE_FLEXION_DEG: Table = &[
    (0.0, 5.0),
    (10.0, 13.0),
    (22.0, 18.0),
    (40.0, 9.0),
    (55.0, 5.0),
    (65.0, 6.0),
    (80.0, 15.0),
    (90.0, 28.0),
    (100.0, 40.0),
];

/// External knee flexion moment, Nm/kg.
pub(crate) const FLEXION_MOMENT_NM_PER_KG: Table = &[
    (0.0, -0.25),
    (5.0, -0.1),
    (12.0, 0.25),
    (22.0, 0.48),
    (32.0, 0.28),
    (42.0, 0.0),
    (55.0, -0.15),
    (65.0, -0.12),
    (80.0, 0.05),
    (90.0, 0.12),
    (100.0, 0.0),
];

/// External ankle dorsiflexion moment (what the plantarflexors answer), Nm/kg.
pub(crate) const DORSIFLEXION_MOMENT_NM_PER_KG: Table = &[
    (0.0, 0.0),
    (8.0, -0.12),
    (20.0, 0.15),
    (40.0, 0.6),
    (60.0, 1.0),
    (78.0, 1.45),
    (90.0, 0.7),
    (100.0, 0.0),
];

/// Rotational stiffness of the subtalar joint with its muscles, Nm/(rad·kg), before the calibrated scale.
///
/// Shape: dynamic ankle impedance of Ficanha 2018 (n = 4).
pub(crate) const SUBTALAR_STIFFNESS_NM_PER_RAD_KG: Table = &[
    (0.0, 1.2),
    (7.0, 1.2),
    (20.0, 2.6),
    (31.0, 3.4),
    (50.0, 3.6),
    (65.0, 3.4),
    (80.0, 3.0),
    (93.0, 2.2),
    (100.0, 1.8),
];

/// Stance time in s at [`REFERENCE_SPEED_M_PER_S`].
pub(crate) const STANCE_TIME_S: f64 = 0.70;

/// Foot progression angle in degrees, toe-out.
pub(crate) const TOE_OUT_DEG: f64 = 7.0;

/// The comfortable walking speed that the curves are taken to belong to, m/s.
pub(crate) const REFERENCE_SPEED_M_PER_S: f64 = 1.3;

/// The height in m of the person that the curves were drawn for.
pub(crate) const REFERENCE_HEIGHT_M: f64 = 1.72;

/// Value of a table at `percent`, held constant beyond its ends.
pub(crate) fn at(table: Table, percent: f64) -> f64 {
    let next = table.partition_point(|knot| knot.0 <= percent);
    if next == 0 {
        return table[0].1;
    }
    let Some(&(t1, v1)) = table.get(next) else { return table[table.len() - 1].1 };
    let (t0, v0) = table[next - 1];
    v0 + (v1 - v0) * (percent - t0) / (t1 - t0)
}

/// Mean over five neighbors, the ends repeated: takes the corners off a curve drawn with straight lines.
pub(crate) fn smooth(curve: &[f64]) -> Vec<f64> {
    let last = curve.len() as isize - 1;
    (0..=last)
        .map(|i| (i - 2..=i + 2).map(|j| curve[j.clamp(0, last) as usize]).sum::<f64>() / 5.0)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_linear_inside_and_constant_outside() {
        let table: Table = &[(0.0, 1.0), (10.0, 3.0), (20.0, -1.0)];
        for (percent, expected) in [
            (-5.0, 1.0),
            (0.0, 1.0),
            (5.0, 2.0),
            (10.0, 3.0),
            (15.0, 1.0),
            (20.0, -1.0),
            (30.0, -1.0),
        ] {
            assert!((at(table, percent) - expected).abs() < 1e-12, "{percent}");
        }
    }

    #[test]
    fn smoothing_keeps_constants_and_averages_five() {
        assert!(smooth(&[2.0; 9]).iter().all(|v| (v - 2.0).abs() < 1e-12));
        let smoothed = smooth(&[0.0, 0.0, 0.0, 5.0, 0.0, 0.0, 0.0]);
        assert_eq!(smoothed, [0.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.0]);
    }
}
