/// The constants of the model. The default is the calibrated set of the handbook (knee model, section 2.4).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Parameters {
    /// Inclination of the subtalar axis over the ground, rad; 42° (Isman and Inman 1969).
    pub subtalar_inclination: f64,
    /// Deviation of the subtalar axis to the medial side, rad; 23° (Isman and Inman 1969).
    pub subtalar_deviation: f64,
    /// Where the axis meets the ground, mm in front of the most posterior heel.
    pub subtalar_anterior_mm: f64,
    /// Where the axis meets the ground, mm lateral of the foot's axis.
    pub subtalar_lateral_mm: f64,
    /// Quasi-static share of the subtalar stiffness of a stance; calibrated.
    pub subtalar_scale: f64,
    /// Twisting stiffness of the midtarsal joint, Nm/(rad·kg); calibrated, weakly.
    pub midtarsal_nm_per_rad_kg: f64,
    /// Share of a post's angle that reaches the foot through shoe, sock and soft tissue; calibrated.
    pub transmission: f64,
    /// How far the ground reaction re-aims at the center of mass, 0 to 1; calibrated, weakly.
    pub reaiming: f64,
    /// How far the knee follows the ankle's medial shift, 0 to 1; calibrated, weakly.
    pub knee_follows: f64,
    /// Knee height over body height (Drillis and Contini).
    pub knee_height: f64,
    /// Height of the center of mass over body height.
    pub mass_center_height: f64,
    /// Height of the subtalar lever over the contact, over body height.
    pub subtalar_height: f64,
    /// Lowering of the arch at one body weight, mm; navicular drop.
    pub arch_flattening_mm: f64,
    /// Stiffness of midsole and sock liner, kPa/mm.
    pub shoe_kpa_per_mm: f64,
    /// Where the forefoot begins to twist, in foot lengths.
    pub midtarsal_at: f64,
    /// Where the toes begin to bend, in foot lengths.
    pub toe_joint_at: f64,
    /// Lateral position of the midtarsal axis, mm.
    pub midtarsal_lateral_mm: f64,
    /// Tibial internal rotation per rearfoot eversion.
    pub tibial_coupling: f64,
    /// Where the model goes beyond the handbook's.
    pub refinements: Refinements,
}

/// What the model does beyond the reference implementation. The default is nothing: the reference's behavior.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Refinements {
    /// Share of every degree of a lateral post beyond 7° that still reaches the foot; 1 in the reference.
    pub beyond_seven: f64,
    /// Whether rearfoot eversion is counted against the shank, which leans as its lower end moves medially.
    pub leaning_shank: bool,
}

impl Refinements {
    /// The reference's behavior.
    pub const NONE: Self = Self { beyond_seven: 1.0, leaning_shank: false };

    /// Saturation of the dose: 5° and 10° lower the first peak by 6 and 8 % (Kerrigan 2002), 9 to 10° by 9 %
    /// (Butler 2007); the effect is monotone with diminishing increments (Tipnis and Barrios 2014). Three tenths of a degree beyond 7°
    /// give -8.9 % at 10°. Eversion: gait laboratories state it between calcaneus and shank. The ankle moves medially by the
    /// subtalar lever and the knee follows by a share only, so that the shank leans the other way by
    /// (1 - χ)·z/l = 0.135 of the turn, with the reference's own lever z, shank l and χ.
    pub const DEFENSIBLE: Self = Self { beyond_seven: 0.3, leaning_shank: true };

    /// The share of a post of this angle that is left after saturation, 0 to 1. Lateral posts only: medial ones are linear up to
    /// 10° (Telfer 2013).
    #[must_use]
    pub fn saturation(&self, post: vocabulary::Angle) -> f64 {
        let deg = post.deg();
        if deg <= 7.0 { 1.0 } else { (7.0 + self.beyond_seven * (deg - 7.0)) / deg }
    }
}

/// Length of the shank over body height (Winter).
const SHANK: f64 = 0.246;

impl Default for Parameters {
    fn default() -> Self {
        Self {
            subtalar_inclination: 42_f64.to_radians(),
            subtalar_deviation: 23_f64.to_radians(),
            subtalar_anterior_mm: 30.0,
            subtalar_lateral_mm: 10.0,
            subtalar_scale: 0.213,
            midtarsal_nm_per_rad_kg: 0.70,
            transmission: 0.727,
            reaiming: 0.62,
            knee_follows: 0.35,
            knee_height: 0.285,
            mass_center_height: 0.56,
            subtalar_height: 0.051,
            arch_flattening_mm: 6.0,
            shoe_kpa_per_mm: 70.0,
            midtarsal_at: 0.50,
            toe_joint_at: 0.73,
            midtarsal_lateral_mm: 4.0,
            tibial_coupling: 0.65,
            refinements: Refinements::NONE,
        }
    }
}

impl Parameters {
    /// The frontal-plane component of a rotation about the subtalar axis.
    #[must_use]
    pub fn frontal_share(&self) -> f64 {
        self.subtalar_inclination.cos() * self.subtalar_deviation.cos()
    }

    /// Rearfoot eversion per rotation about the subtalar axis, as a gait laboratory states it.
    #[must_use]
    pub fn eversion_share(&self) -> f64 {
        let leaning = if self.refinements.leaning_shank {
            (1.0 - self.knee_follows) * self.subtalar_height / SHANK
        } else {
            0.0
        };
        self.frontal_share() * (1.0 + leaning)
    }

    /// The component of the subtalar axis to the lateral side (negative: the axis points medially forward).
    pub(crate) fn lateral_share(&self) -> f64 {
        -self.subtalar_inclination.cos() * self.subtalar_deviation.sin()
    }
}

/// Posterior of the five calibrated parameters, in the order transmission, ln(subtalar scale),
/// ln(midtarsal stiffness), re-aiming, knee following: standard deviations and correlations, as the
/// handbook's calibration printed them.
pub(crate) mod posterior {
    use std::sync::OnceLock;

    /// Number of calibrated parameters.
    pub(crate) const PARAMETERS: usize = 5;
    pub(crate) const DEVIATIONS: [f64; PARAMETERS] = [0.119, 0.459, 0.565, 0.203, 0.184];
    pub(crate) const CORRELATIONS: [[f64; PARAMETERS]; PARAMETERS] = [
        [1.0, -0.06, -0.3, 0.38, -0.47],
        [-0.06, 1.0, -0.01, 0.23, 0.13],
        [-0.3, -0.01, 1.0, 0.04, -0.15],
        [0.38, 0.23, 0.04, 1.0, 0.19],
        [-0.47, 0.13, -0.15, 0.19, 1.0],
    ];
    /// One value for each parameter.
    pub(crate) type Deviation = [f64; PARAMETERS];
    /// Samples in pairs to both sides of the mean.
    const PAIRS: u32 = 32;

    /// Standard deviation of a quantity with these derivatives.
    pub(crate) fn deviation(gradient: &[f64; PARAMETERS]) -> f64 {
        let mut variance = 0.0;
        for row in 0..PARAMETERS {
            for column in 0..PARAMETERS {
                variance += gradient[row]
                    * DEVIATIONS[row]
                    * gradient[column]
                    * DEVIATIONS[column]
                    * CORRELATIONS[row][column];
            }
        }
        variance.max(0.0).sqrt()
    }

    /// Deviations from the calibrated parameters: 64 points of a normal distribution with the posterior's
    /// covariance, from a low-discrepancy sequence, so that they are the same in every run.
    pub(crate) fn samples() -> &'static [Deviation] {
        static SAMPLES: OnceLock<Vec<Deviation>> = OnceLock::new();
        SAMPLES.get_or_init(|| {
            let plain: Vec<Deviation> = (1..=PAIRS)
                .map(|index| {
                    std::array::from_fn(|at| {
                        let prime = [2.0_f64, 3.0, 5.0, 7.0, 11.0][at];
                        quantile((0.5 + f64::from(index) * prime.sqrt()).fract())
                    })
                })
                .collect();
            let mut covariance = [[0.0; PARAMETERS]; PARAMETERS];
            for sample in &plain {
                for row in 0..PARAMETERS {
                    for column in 0..PARAMETERS {
                        covariance[row][column] += sample[row] * sample[column] / f64::from(PAIRS);
                    }
                }
            }
            // First the sequence's own covariance is taken away, then the posterior's is put on.
            let (own, wanted) = (cholesky(&covariance), cholesky(&CORRELATIONS));
            let turned = |sample: Deviation| -> Deviation {
                let mut white = [0.0; PARAMETERS];
                for row in 0..PARAMETERS {
                    let known: f64 = (0..row).map(|k| own[row][k] * white[k]).sum();
                    white[row] = (sample[row] - known) / own[row][row];
                }
                std::array::from_fn(|row| {
                    let sum: f64 = wanted[row].iter().zip(&white).map(|(a, b)| a * b).sum();
                    DEVIATIONS[row] * sum
                })
            };
            plain.into_iter().map(turned).flat_map(|sample| [sample, sample.map(|d| -d)]).collect()
        })
    }

    /// Lower triangle L with L·Lᵀ the matrix.
    fn cholesky(matrix: &[Deviation; PARAMETERS]) -> [Deviation; PARAMETERS] {
        let mut lower = [[0.0; PARAMETERS]; PARAMETERS];
        for row in 0..PARAMETERS {
            for column in 0..=row {
                let known: f64 = (0..column).map(|k| lower[row][k] * lower[column][k]).sum();
                let rest = matrix[row][column] - known;
                lower[row][column] =
                    if row == column { rest.sqrt() } else { rest / lower[column][column] };
            }
        }
        lower
    }

    /// Normal quantile, by bisection of the distribution; good to 1e-6.
    fn quantile(probability: f64) -> f64 {
        let (mut low, mut high) = (-6.0, 6.0);
        for _ in 0..40 {
            let middle = 0.5 * (low + high);
            if crate::likelihood::normal_cdf(middle) < probability {
                low = middle
            } else {
                high = middle
            }
        }
        0.5 * (low + high)
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn samples_have_the_posteriors_covariance() {
            let samples = samples();
            let count = samples.len() as f64;
            for row in 0..PARAMETERS {
                assert!(samples.iter().map(|sample| sample[row]).sum::<f64>().abs() < 1e-9);
                for column in 0..PARAMETERS {
                    let covariance: f64 =
                        samples.iter().map(|s| s[row] * s[column]).sum::<f64>() / count;
                    let correlation = covariance / (DEVIATIONS[row] * DEVIATIONS[column]);
                    let error = (correlation - CORRELATIONS[row][column]).abs();
                    assert!(error < 1e-9, "{row} {column}: {correlation}");
                }
            }
        }

        /// The printed deviations and correlations against the samples of the reference's own chain.
        #[test]
        fn the_posterior_is_the_references() {
            let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
                .join("../../../shared/reference/knee/posterior.csv");
            let Ok(text) = std::fs::read_to_string(path) else {
                eprintln!("skipped: the reference implementation's posterior.csv is not there");
                return;
            };
            let rows: Vec<Vec<f64>> = text
                .lines()
                .skip(1)
                .map(|line| line.split(',').map(|cell| cell.trim().parse().unwrap()).collect())
                .collect();
            let count = rows.len() as f64;
            let usual = crate::Parameters::default();
            let means = [
                usual.transmission,
                usual.subtalar_scale.ln(),
                usual.midtarsal_nm_per_rad_kg.ln(),
                usual.reaiming,
                usual.knee_follows,
            ];
            for column in 0..PARAMETERS {
                let mean = rows.iter().map(|row| row[column]).sum::<f64>() / count;
                let variance =
                    rows.iter().map(|row| (row[column] - mean).powi(2)).sum::<f64>() / count;
                // Of 200 samples a chain's mean is good to about a fifth of a deviation.
                assert!(
                    (mean - means[column]).abs() < 0.3 * DEVIATIONS[column],
                    "{column}: {mean}"
                );
                assert!((variance.sqrt() / DEVIATIONS[column] - 1.0).abs() < 0.25, "{column}");
            }
        }
    }
}
