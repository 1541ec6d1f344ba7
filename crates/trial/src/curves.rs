//! What is reported of a stance: curves over 0 to 100 %, and single numbers.

use serde::ser::{Serialize, SerializeMap, Serializer};

/// Instants of a curve, one for every percent of stance from 0 to 100.
pub const INSTANTS: usize = 101;

macro_rules! keyed {
    ($(#[$about:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident $key:literal,)+ }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum $name { $($(#[$doc])* $variant,)+ }

        impl $name {
            /// All of them, in the order of reports.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The key in files; ends with the unit.
            #[must_use]
            pub const fn key(self) -> &'static str {
                match self { $(Self::$variant => $key),+ }
            }
        }
    };
}

keyed! {
    /// A quantity that changes over stance. Moments are external: what the ground does to the joint, which the body
    /// answers.
    Channel {
        /// Ground reaction force along the line of progression, + forward.
        ForceAnterior "grf_anterior_n",
        /// Ground reaction force upward.
        ForceVertical "grf_vertical_n",
        /// Ground reaction force sideways, + lateral of the standing foot.
        ForceLateral "grf_lateral_n",
        /// Center of pressure along the foot, from the most posterior heel toward the second metatarsal head.
        CopAnterior "cop_anterior_mm",
        /// Center of pressure across the foot, + lateral of the line from heel to second metatarsal head.
        CopLateral "cop_lateral_mm",
        /// Knee adduction moment by inverse dynamics, + adduction.
        KneeAdduction "kam_nm",
        /// Knee flexion moment by inverse dynamics, + flexion.
        KneeFlexion "kfm_nm",
        /// Knee rotation moment by inverse dynamics, + internal rotation of the tibia.
        KneeRotation "krm_nm",
        /// Knee adduction moment of the ground reaction force alone.
        KneeAdductionLever "kam_lever_method_nm",
        /// Knee flexion moment of the ground reaction force alone.
        KneeFlexionLever "kfm_lever_method_nm",
        /// Frontal lever arm of the ground reaction force: its adduction moment over its size in the frontal plane.
        LeverArm "kam_lever_arm_mm",
        /// Ankle moment, + dorsiflexion.
        AnkleDorsiflexion "ankle_dorsiflexion_nm",
        /// Ankle moment about the long axis of the foot, + inversion.
        AnkleInversion "ankle_inversion_nm",
        /// Knee flexion angle.
        KneeFlexionAngle "knee_flexion_deg",
        /// Knee adduction (varus) angle.
        KneeAdductionAngle "knee_adduction_deg",
        /// Eversion of the foot against the shank, less that of the static trial: of the heel bone where the set marks it by
        /// three markers, otherwise of the whole foot.
        FootEversion "foot_eversion_deg",
        /// Internal rotation of the tibia against the foot.
        TibialRotation "tibial_internal_rotation_deg",
    }
}

keyed! {
    /// A single number of a stance or of a side.
    Measure {
        /// Highest adduction moment at 8 to 50 % of stance.
        KamPeak1 "kam_peak1_nm",
        /// Highest adduction moment at 50 to 95 % of stance.
        KamPeak2 "kam_peak2_nm",
        /// Time integral of the positive adduction moment.
        KamImpulse "kam_impulse_nms",
        /// First adduction peak of the ground reaction force alone.
        KamPeak1Lever "kam_peak1_lever_method_nm",
        /// Frontal lever arm at the first adduction peak.
        LeverArmPeak1 "kam_lever_arm_peak1_mm",
        /// Highest flexion moment in the first half of stance.
        KfmPeak "kfm_peak_nm",
        /// Highest extension moment (negative flexion moment) in the second half of stance.
        KemPeak "kem_peak_nm",
        /// Highest internal rotation moment.
        KrmPeak "krm_peak_nm",
        /// Highest dorsiflexion moment of the ankle.
        DorsiflexionPeak "ankle_dorsiflexion_peak_nm",
        /// Highest eversion moment of the ankle (negative inversion moment).
        EversionMomentPeak "ankle_eversion_peak_nm",
        /// Highest inversion moment of the ankle.
        InversionMomentPeak "ankle_inversion_peak_nm",
        /// Highest vertical force in the first half of stance.
        ForcePeak1 "grf_vertical_peak1_n",
        /// Highest vertical force in the second half of stance.
        ForcePeak2 "grf_vertical_peak2_n",
        /// Highest knee flexion in the first half of stance.
        KneeFlexionPeak "knee_flexion_peak_deg",
        /// Highest eversion of the foot.
        EversionPeak "foot_eversion_peak_deg",
        /// Range of the tibia's rotation against the foot.
        TibialRotationRange "tibial_rotation_range_deg",
        /// Angle of the foot to the line of progression, mean of 15 to 80 % of stance, + toe-out.
        FootProgression "foot_progression_deg",
        /// Time on the ground.
        StanceTime "stance_time_s",
        /// Time on both feet within one stance, at its begin and at its end.
        DoubleSupport "double_support_s",
        /// Time from the other foot's strike to this foot's strike.
        StepTime "step_time_s",
        /// Distance of the heels along the line of progression at this foot's strike.
        StepLength "step_length_m",
        /// Distance of the heels across the line of progression at this foot's strike.
        StepWidth "step_width_m",
        /// Speed of walking.
        Speed "speed_m_per_s",
    }
}

impl Measure {
    /// Whether it is a moment or an impulse of one, which is also given per body mass and per weight and height.
    const fn is_moment(self) -> bool {
        matches!(
            self,
            Self::KamPeak1
                | Self::KamPeak2
                | Self::KamImpulse
                | Self::KamPeak1Lever
                | Self::KfmPeak
                | Self::KemPeak
                | Self::KrmPeak
                | Self::DorsiflexionPeak
                | Self::EversionMomentPeak
                | Self::InversionMomentPeak
        )
    }
}

/// Curves of one stance, or their mean or standard deviation over several; 101 instants each.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Curves {
    values: Vec<Vec<Option<f64>>>,
}

impl Curves {
    /// Curves of every channel, from one function of channel and instant.
    pub(crate) fn from_fn(mut value: impl FnMut(Channel, usize) -> Option<f64>) -> Self {
        let values = Channel::ALL
            .iter()
            .map(|channel| (0..INSTANTS).map(|instant| value(*channel, instant)).collect())
            .collect();
        Self { values }
    }

    /// One curve; `None` at instants where the quantity is not known.
    #[must_use]
    pub fn get(&self, channel: Channel) -> &[Option<f64>] {
        self.values.get(channel as usize).map_or(&[], Vec::as_slice)
    }
}

impl Serialize for Curves {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let known = |channel: &&Channel| self.get(**channel).iter().any(Option::is_some);
        let mut map = serializer.serialize_map(None)?;
        for channel in Channel::ALL.iter().filter(known) {
            map.serialize_entry(channel.key(), self.get(*channel))?;
        }
        map.end()
    }
}

/// Single numbers by measure; those that are not known are left out.
///
/// In files moments stand in Nm, Nm/kg and, where body height is known, %BW·Ht, each under its own key.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Numbers {
    values: Vec<(Measure, f64)>,
    scale: Scale,
}

/// What turns a moment into its normal forms.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Scale {
    /// Body mass, kg.
    pub(crate) mass_kg: Option<f64>,
    /// One percent of body weight times height, Nm.
    pub(crate) pct_bwht_nm: Option<f64>,
}

impl Numbers {
    pub(crate) fn new(scale: Scale) -> Self {
        Self { values: Vec::new(), scale }
    }

    /// Notes a number, if it is one.
    pub(crate) fn put(&mut self, measure: Measure, value: Option<f64>) {
        if let Some(value) = value.filter(|value| value.is_finite()) {
            self.values.push((measure, value));
        }
    }

    /// A number in the unit of the measure's key.
    #[must_use]
    pub fn get(&self, measure: Measure) -> Option<f64> {
        self.values.iter().find(|(other, _)| *other == measure).map(|(_, value)| *value)
    }

    /// A moment in Nm/kg (an impulse in Nm·s/kg); `None` for other measures.
    #[must_use]
    pub fn per_kg(&self, measure: Measure) -> Option<f64> {
        self.scale
            .mass_kg
            .filter(|_| measure.is_moment())
            .and_then(|m| Some(self.get(measure)? / m))
    }

    /// A moment in %BW·Ht (an impulse in %BW·Ht·s); `None` for other measures and where height is not known.
    #[must_use]
    pub fn pct_bwht(&self, measure: Measure) -> Option<f64> {
        self.scale
            .pct_bwht_nm
            .filter(|_| measure.is_moment())
            .and_then(|unit| Some(self.get(measure)? / unit))
    }
}

impl Serialize for Numbers {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (measure, value) in &self.values {
            let key = measure.key();
            map.serialize_entry(key, value)?;
            let impulse = key.ends_with("_nms");
            let stem = key.trim_end_matches("_nms").trim_end_matches("_nm");
            if let Some(per_kg) = self.per_kg(*measure) {
                let unit = if impulse { "nms_per_kg" } else { "nm_per_kg" };
                map.serialize_entry(&format!("{stem}_{unit}"), &per_kg)?;
            }
            if let Some(pct) = self.pct_bwht(*measure) {
                let unit = if impulse { "pct_bwht_s" } else { "pct_bwht" };
                map.serialize_entry(&format!("{stem}_{unit}"), &pct)?;
            }
        }
        map.end()
    }
}

/// Mean and standard deviation (n − 1) of the known values; no deviation of a single one.
pub(crate) fn mean_and_deviation(values: &[f64]) -> (Option<f64>, Option<f64>) {
    if values.is_empty() {
        return (None, None);
    }
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let deviation = (values.len() > 1).then(|| {
        (values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (count - 1.0)).sqrt()
    });
    (Some(mean), deviation)
}

/// Value between samples at a place counted in samples: cubic (Catmull-Rom) where four neighbors are known, linear
/// where two are, `None` otherwise.
pub(crate) fn between(samples: &[Option<f64>], place: f64) -> Option<f64> {
    let before = place.floor();
    let share = place - before;
    if before < 0.0 {
        return None;
    }
    let before = before as usize;
    let at = |i: Option<usize>| samples.get(i?).copied().flatten();
    let p1 = at(Some(before))?;
    if share < 1e-9 {
        return Some(p1);
    }
    let p2 = at(Some(before + 1))?;
    let (Some(p0), Some(p3)) = (at(before.checked_sub(1)), at(Some(before + 2))) else {
        return Some(p1 + share * (p2 - p1));
    };
    let (t, t2, t3) = (share, share * share, share.powi(3));
    Some(
        0.5 * (2.0 * p1
            + (p2 - p0) * t
            + (2.0 * p0 - 5.0 * p1 + 4.0 * p2 - p3) * t2
            + (3.0 * p1 - p0 - 3.0 * p2 + p3) * t3),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_between_samples() {
        let samples: Vec<Option<f64>> =
            (0..10).map(|i| (i != 6).then(|| f64::from(i).powi(2))).collect();
        assert_eq!(between(&samples, 3.0), Some(9.0));
        assert!((between(&samples, 2.5).unwrap() - 6.25).abs() < 1e-12, "cubic");
        assert!((between(&samples, 4.5).unwrap() - 20.5).abs() < 1e-12, "linear beside a gap");
        assert_eq!(between(&samples, 5.5), None);
        assert_eq!(between(&samples, -0.5), None);
        assert_eq!(between(&samples, 9.5), None);
    }

    #[test]
    fn channels_and_measures_have_one_key_each() {
        let mut keys: Vec<&str> = Channel::ALL.iter().map(|channel| channel.key()).collect();
        keys.extend(Measure::ALL.iter().map(|measure| measure.key()));
        let count = keys.len();
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), count);
    }

    #[test]
    fn deviations_need_two() {
        assert_eq!(mean_and_deviation(&[]), (None, None));
        assert_eq!(mean_and_deviation(&[3.0]), (Some(3.0), None));
        let (mean, deviation) = mean_and_deviation(&[1.0, 3.0]);
        assert_eq!(mean, Some(2.0));
        assert!((deviation.unwrap() - 2.0_f64.sqrt()).abs() < 1e-12);
    }
}
