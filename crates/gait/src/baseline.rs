//! What was measured and what was assumed, quantity by quantity.

use serde::Serialize;

use crate::{Provenance, Stance};

/// One quantity of a stance with where it came from.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct BaselineRow {
    /// Key in files, with its unit at the end.
    pub key: &'static str,
    /// Name for people.
    pub name: &'static str,
    /// The number; `None` for a whole curve.
    pub value: Option<f64>,
    /// Unit as shown.
    pub unit: &'static str,
    /// Decimals worth showing.
    pub decimals: usize,
    /// Where it came from.
    pub source: Provenance,
    /// The same in words.
    pub basis: String,
}

impl Provenance {
    /// In words, for tables.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Measured => "measured",
            Self::ScaledToMetrics => "assumed shape, scaled to measured numbers",
            Self::AdaptedNorm => "assumed: norm moved to speed or alignment",
            Self::Normative => "assumed: norm for body size",
        }
    }
}

impl BaselineRow {
    fn new(
        (key, name): (&'static str, &'static str),
        (value, decimals, unit): (f64, usize, &'static str),
        source: Provenance,
    ) -> Self {
        let basis = source.words().to_owned();
        Self { key, name, value: Some(value), unit, decimals, source, basis }
    }

    /// A whole curve, without a number.
    fn curve(key: &'static str, name: &'static str, source: Provenance) -> Self {
        Self { value: None, ..Self::new((key, name), (0.0, 0, ""), source) }
    }
}

impl Stance {
    /// The table "measured / assumed" of this stance.
    #[must_use]
    pub fn baseline(&self) -> Vec<BaselineRow> {
        let sources = &self.sources;
        let bend = ("knee_flexion", "Knee flexion over stance", sources.knee_flexion);
        let ankle =
            ("dorsiflexion_moment", "Ankle moment over stance", sources.dorsiflexion_moment);
        let joint =
            ("subtalar_stiffness", "Stiffness of the subtalar joint", Provenance::Normative);
        let mut rows = self.forces().to_vec();
        rows.extend(self.moments());
        rows.push(BaselineRow::new(
            ("stance_time_s", "Stance time"),
            (self.stance_time_s, 2, "s"),
            sources.stance_time,
        ));
        rows.push(BaselineRow::new(
            ("toe_out_deg", "Foot progression, + toe-out"),
            (self.toe_out.deg(), 1, "°"),
            sources.toe_out,
        ));
        rows.extend(
            [bend, ankle, joint].map(|(key, name, source)| BaselineRow::curve(key, name, source)),
        );
        rows
    }

    fn forces(&self) -> [BaselineRow; 2] {
        let force = highest(&self.vertical_force_n) / self.person.weight_n();
        [
            BaselineRow::new(
                ("force_peak_bw", "Vertical force, peak"),
                (force, 2, "body weights"),
                self.sources.vertical_force,
            ),
            BaselineRow::new(
                ("cop_most_lateral_mm", "Center of pressure, most lateral"),
                (highest(&self.cop_lateral_mm), 1, "mm"),
                self.sources.center_of_pressure,
            ),
        ]
    }

    fn moments(&self) -> [BaselineRow; 4] {
        let [peak1, peak2, impulse] = self.kam_metrics().pct_bwht(&self.person);
        let adduction = |key, name, value, unit| {
            BaselineRow::new((key, name), (value, 2, unit), self.sources.adduction_moment)
        };
        let flexion = highest(&self.flexion_moment_nm) / self.person.mass_kg;
        [
            adduction("kam_peak1_pct_bwht", "Adduction moment, first peak", peak1, "%BW·Ht"),
            adduction("kam_peak2_pct_bwht", "Adduction moment, second peak", peak2, "%BW·Ht"),
            adduction("kam_impulse_pct_bwht_s", "Adduction impulse", impulse, "%BW·Ht·s"),
            BaselineRow::new(
                ("kfm_peak_nm_per_kg", "Flexion moment, peak"),
                (flexion, 2, "Nm/kg"),
                self.sources.flexion_moment,
            ),
        ]
    }
}

fn highest(curve: &[f64]) -> f64 {
    curve.iter().copied().fold(f64::NEG_INFINITY, f64::max)
}

#[cfg(test)]
mod tests {
    use vocabulary::Findings;

    use crate::{Activity, GaitMetrics, Person, Provenance, stance_of};

    /// One measured peak makes the adduction rows measured, and nothing else.
    #[test]
    fn what_was_measured_stands_apart_from_what_was_assumed() {
        let person = Person { mass_kg: 75.0, height_m: 1.72 };
        let metrics = GaitMetrics {
            kam_peak1_pct_bwht: Some(3.4),
            foot_progression_deg: Some(12.0),
            ..GaitMetrics::default()
        };
        for activity in Activity::ALL {
            let metrics = GaitMetrics {
                kam_peak1_pct_bwht: Some(if activity == Activity::Running { 6.5 } else { 3.4 }),
                ..metrics
            };
            let stance =
                stance_of(activity, &person, &metrics, 260.0, &mut Findings::new()).unwrap();
            let rows = stance.baseline();
            let source = |key: &str| rows.iter().find(|row| row.key == key).unwrap().source;
            assert_eq!(source("kam_peak1_pct_bwht"), Provenance::ScaledToMetrics);
            assert_eq!(source("toe_out_deg"), Provenance::Measured);
            for key in ["force_peak_bw", "cop_most_lateral_mm", "stance_time_s", "knee_flexion"] {
                assert_eq!(source(key), Provenance::Normative, "{key}");
            }
            assert!(rows.iter().all(|row| row.value.is_none_or(f64::is_finite)));
        }
    }
}
