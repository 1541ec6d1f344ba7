use serde::Serialize;

use crate::Person;

/// The part of stance, in percent, in which the first peak is looked for: after the impact transient.
pub const FIRST_PEAK_PERCENT: std::ops::Range<f64> = 8.0..50.0;

/// The part of stance, in percent, in which the second peak is looked for (both ends included).
pub const SECOND_PEAK_PERCENT: std::ops::RangeInclusive<f64> = 50.0..=95.0;

/// The three numbers of an adduction-moment curve, as moments; the methods give the usual normal forms.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct KamMetrics {
    /// Highest external adduction moment at 8 to 50 % of stance, Nm.
    pub peak1_nm: f64,
    /// Highest external adduction moment at 50 to 95 % of stance, Nm.
    pub peak2_nm: f64,
    /// Integral of the positive part over stance, Nm·s.
    pub impulse_nms: f64,
}

impl KamMetrics {
    /// Peak 1, peak 2 (Nm/kg) and impulse (Nm·s/kg).
    #[must_use]
    pub fn per_kg(&self, person: &Person) -> [f64; 3] {
        [self.peak1_nm, self.peak2_nm, self.impulse_nms].map(|value| value / person.mass_kg)
    }

    /// Peak 1, peak 2 (%BW·Ht) and impulse (%BW·Ht·s).
    #[must_use]
    pub fn pct_bwht(&self, person: &Person) -> [f64; 3] {
        [self.peak1_nm, self.peak2_nm, self.impulse_nms].map(|value| value / person.pct_bwht_nm())
    }

    /// Change from `before` to `self` of peak 1, peak 2 and impulse, in percent of `before`.
    #[must_use]
    pub fn change_pct(&self, before: &Self) -> [f64; 3] {
        [
            100.0 * (self.peak1_nm / before.peak1_nm - 1.0),
            100.0 * (self.peak2_nm / before.peak2_nm - 1.0),
            100.0 * (self.impulse_nms / before.impulse_nms - 1.0),
        ]
    }
}

/// Peaks and impulse of an external knee adduction moment curve.
///
/// `percent` runs from 0 to 100 % of stance, `kam_nm` is + in adduction, `stance_time_s` is the length of stance.
/// An empty window gives a peak of minus infinity.
#[must_use]
pub fn kam_metrics(percent: &[f64], kam_nm: &[f64], stance_time_s: f64) -> KamMetrics {
    let peak = |inside: &dyn Fn(f64) -> bool| {
        percent
            .iter()
            .zip(kam_nm)
            .filter(|(percent, _)| inside(**percent))
            .fold(f64::NEG_INFINITY, |peak, (_, kam)| peak.max(*kam))
    };
    let impulse: f64 = percent
        .windows(2)
        .zip(kam_nm.windows(2))
        .map(|(t, kam)| 0.5 * (kam[0].max(0.0) + kam[1].max(0.0)) * (t[1] - t[0]))
        .sum();
    KamMetrics {
        peak1_nm: peak(&|percent| FIRST_PEAK_PERCENT.contains(&percent)),
        peak2_nm: peak(&|percent| SECOND_PEAK_PERCENT.contains(&percent)),
        impulse_nms: impulse / 100.0 * stance_time_s,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A triangle of 30 Nm at 25 % and one of 20 Nm at 75 %, with a negative spike at heel strike.
    #[test]
    fn peaks_and_impulse_of_two_triangles() {
        let percent = [0.0, 2.0, 4.0, 25.0, 50.0, 75.0, 100.0];
        let kam = [0.0, -40.0, 0.0, 30.0, 0.0, 20.0, 0.0];
        let metrics = kam_metrics(&percent, &kam, 0.8);
        assert_eq!(metrics.peak1_nm, 30.0);
        assert_eq!(metrics.peak2_nm, 20.0);
        let area_percent = 0.5 * 46.0 * 30.0 + 0.5 * 50.0 * 20.0;
        assert!((metrics.impulse_nms - area_percent / 100.0 * 0.8).abs() < 1e-12);
    }

    /// 1 %BW·Ht is 0.0981 times the height in Nm/kg (handbook, knee model, section 3).
    #[test]
    fn normal_forms_agree() {
        let person = Person { mass_kg: 75.0, height_m: 1.72 };
        let metrics = KamMetrics { peak1_nm: 36.0, peak2_nm: 28.0, impulse_nms: 15.0 };
        let [per_kg, ..] = metrics.per_kg(&person);
        let [pct, ..] = metrics.pct_bwht(&person);
        assert!((per_kg - pct * 0.0981 * 1.72).abs() < 1e-12);
    }
}
