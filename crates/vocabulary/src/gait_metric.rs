/// Between what a number of the gait sheet is believed, in the unit of its key.
///
/// The form that a clinic fills in accepts what any activity shows; the stance then holds the number to its own activity. Both
/// read this one table.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GaitMetric {
    /// Key in files; ends with the unit.
    pub key: &'static str,
    /// Lowest and highest number in walking and standing.
    pub walking: [f64; 2],
    /// Lowest and highest number in running.
    pub running: [f64; 2],
}

impl GaitMetric {
    /// First peak of the knee adduction moment. Walking with osteoarthritis shows 2.8 to 3.1, running 4.9 to 9 (handbook, knee
    /// model, section 3).
    pub const KAM_PEAK1: Self = Self::peak("kam_peak1_pct_bwht");
    /// Second peak of the knee adduction moment.
    pub const KAM_PEAK2: Self = Self::peak("kam_peak2_pct_bwht");
    /// Impulse of the positive knee adduction moment.
    pub const KAM_IMPULSE: Self = Self::new("kam_impulse_nms_per_kg", [0.01, 1.0], [0.01, 1.0]);
    /// Peak of the knee flexion moment.
    pub const KFM_PEAK: Self = Self::new("kfm_peak_nm_per_kg", [0.02, 2.0], [0.02, 3.5]);
    /// Speed.
    pub const SPEED: Self = Self::new("walking_speed_m_per_s", [0.3, 2.2], [1.8, 7.0]);
    /// Foot progression angle, + toe-out.
    pub const FOOT_PROGRESSION: Self =
        Self::new("foot_progression_deg", [-30.0, 45.0], [-30.0, 45.0]);
    /// Time from heel strike to toe-off.
    pub const STANCE_TIME: Self = Self::new("stance_time_s", [0.3, 2.0], [0.12, 0.5]);
    /// Hip-knee-ankle angle in standing, + varus.
    pub const KNEE_VARUS: Self = Self::new("knee_varus_deg", [-20.0, 20.0], [-20.0, 20.0]);

    const fn new(key: &'static str, walking: [f64; 2], running: [f64; 2]) -> Self {
        Self { key, walking, running }
    }

    const fn peak(key: &'static str) -> Self {
        Self::new(key, [0.2, 8.0], [0.2, 9.0])
    }

    /// Lowest and highest number in any activity, with the unit: what a form accepts.
    #[must_use]
    pub const fn in_any_activity(self, unit: &'static str) -> (f64, f64, &'static str) {
        (self.walking[0].min(self.running[0]), self.walking[1].max(self.running[1]), unit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_accepts_what_any_activity_shows() {
        assert_eq!(GaitMetric::KAM_PEAK1.in_any_activity("%"), (0.2, 9.0, "%"));
        assert_eq!(GaitMetric::SPEED.in_any_activity("m/s"), (0.3, 7.0, "m/s"));
        assert_eq!(GaitMetric::STANCE_TIME.in_any_activity("s"), (0.12, 2.0, "s"));
    }
}
