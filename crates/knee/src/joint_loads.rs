//! What a knee moment means for its compartments: proxies, not forces measured in a knee.

use gait::Stance;
use serde::Serialize;

/// Peaks and sum of the force in the medial knee compartment.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct MedialContact {
    /// Highest at 8 to 50 % of stance, N.
    pub peak1_n: f64,
    /// Highest from 50 % on, N.
    pub peak2_n: f64,
    /// Mean over stance, N.
    pub mean_n: f64,
}

/// Highest stress behind the kneecap.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct PatellofemoralStress {
    /// Joint force, N.
    pub force_n: f64,
    /// Stress, MPa.
    pub stress_mpa: f64,
}

/// Distance of the contacts of the two compartments, m.
const CONDYLE_SPACING_M: f64 = 0.048;
/// Lever arms of quadriceps, hamstrings, and gastrocnemius at ankle and knee, m.
const QUADRICEPS_M: f64 = 0.045;
const HAMSTRINGS_M: f64 = 0.030;
const GASTROCNEMIUS_ANKLE_M: f64 = 0.050;
const GASTROCNEMIUS_KNEE_M: f64 = 0.022;
/// Share of the plantarflexor force that the gastrocnemius carries.
const GASTROCNEMIUS_SHARE: f64 = 0.4;
/// Antagonists that pull along, as a share of the muscle force; 0.2 to 0.4 in osteoarthritis.
const CO_CONTRACTION: f64 = 0.15;
/// Share of the adduction moment that the condyles carry, the rest by muscle and ligament; ± 0.15.
const CONDYLAR_SHARE: f64 = 0.6;
/// Vertical force less the weight of shank and foot.
const ABOVE_SHANK: f64 = 0.93;

/// Force in the medial compartment from a static balance in the frontal plane (handbook, section 2.3).
///
/// `kam_nm` and `kfm_nm` are the stance's curves, with a device or without.
#[must_use]
pub fn medial_contact(stance: &Stance, kam_nm: &[f64], kfm_nm: &[f64]) -> MedialContact {
    let force: Vec<f64> = (0..stance.len())
        .map(|i| {
            let muscles = muscle_force(kfm_nm[i], stance.dorsiflexion_moment_nm[i]);
            let total = ABOVE_SHANK * stance.vertical_force_n[i] + muscles;
            (0.5 * total + CONDYLAR_SHARE * kam_nm[i] / CONDYLE_SPACING_M).max(0.0)
        })
        .collect();
    let peak = |from: f64, to: f64| {
        let inside = stance.percent.iter().zip(&force).filter(|(t, _)| (from..to).contains(*t));
        inside.fold(0.0_f64, |peak, (_, force)| peak.max(*force))
    };
    MedialContact {
        peak1_n: peak(8.0, 50.0),
        peak2_n: peak(50.0, 101.0),
        mean_n: force.iter().sum::<f64>() / force.len() as f64,
    }
}

/// Force of the muscles over the knee in N that balance its flexion moment and drive the ankle.
fn muscle_force(kfm_nm: f64, dorsiflexion_nm: f64) -> f64 {
    let gastrocnemius = GASTROCNEMIUS_SHARE * dorsiflexion_nm.max(0.0) / GASTROCNEMIUS_ANKLE_M;
    let flexes_nm = gastrocnemius * GASTROCNEMIUS_KNEE_M;
    let hamstrings_nm = (-kfm_nm).max(0.0);
    let quadriceps = (kfm_nm.max(0.0) + (flexes_nm - hamstrings_nm).max(0.0)) / QUADRICEPS_M;
    let hamstrings = (hamstrings_nm - flexes_nm).max(0.0) / HAMSTRINGS_M;
    (quadriceps + hamstrings + gastrocnemius) * (1.0 + CO_CONTRACTION)
}

/// Highest patellofemoral force and stress over stance (handbook, section 2.3; lever arm after van Eijden 1986,
/// contact area after Besier 2005). A device changes it only through the flexion moment.
#[must_use]
pub fn patellofemoral_stress(knee_flexion_deg: &[f64], kfm_nm: &[f64]) -> PatellofemoralStress {
    let mut highest = PatellofemoralStress { force_n: 0.0, stress_mpa: 0.0 };
    for (flexion, kfm) in knee_flexion_deg.iter().zip(kfm_nm) {
        let x = flexion.clamp(0.0, 90.0);
        let lever_m = 8.0e-8 * x.powi(3) - 1.3e-5 * x * x + 2.8e-4 * x + 0.0462;
        let ratio = (0.462 + 1.47e-3 * x - 3.84e-5 * x * x)
            / (1.0 - 1.62e-2 * x + 1.55e-4 * x * x - 6.98e-7 * x.powi(3));
        let force_n = ratio * kfm.max(0.0) / lever_m;
        let area_mm2 = 0.0781 * x * x + 0.6763 * x + 151.75;
        highest.force_n = highest.force_n.max(force_n);
        highest.stress_mpa = highest.stress_mpa.max(force_n / area_mm2);
    }
    highest
}

#[cfg(test)]
mod tests {
    use gait::{GaitMetrics, Person};
    use vocabulary::Findings;

    use super::*;

    /// Handbook, section 2.3: 1.86 and 1.99 BW medially; 0.65 BW and 2.5 MPa behind the kneecap, walking.
    #[test]
    fn the_norm_has_the_handbooks_joint_loads() {
        let person = Person { mass_kg: 75.0, height_m: 1.72 };
        let stance =
            gait::stance(&person, &GaitMetrics::default(), 260.0, &mut Findings::new()).unwrap();
        let medial =
            medial_contact(&stance, &stance.adduction_moment_nm, &stance.flexion_moment_nm);
        let weight = person.weight_n();
        assert!((medial.peak1_n / weight - 1.86).abs() < 0.005, "{}", medial.peak1_n / weight);
        assert!((medial.peak2_n / weight - 1.99).abs() < 0.005, "{}", medial.peak2_n / weight);
        let kneecap = patellofemoral_stress(&stance.knee_flexion_deg, &stance.flexion_moment_nm);
        assert!((kneecap.force_n / weight - 0.65).abs() < 0.005);
        assert!((kneecap.stress_mpa - 2.53).abs() < 0.01, "{}", kneecap.stress_mpa);
    }

    /// Running at 2.9 Nm/kg and 42 degrees: 6.1 BW, 14 MPa.
    #[test]
    fn running_loads_the_kneecap_hard() {
        let kneecap = patellofemoral_stress(&[42.0], &[2.9 * 75.0]);
        assert!((kneecap.force_n / (75.0 * 9.81) - 6.08).abs() < 0.01);
        assert!((kneecap.stress_mpa - 14.07).abs() < 0.02);
    }
}
