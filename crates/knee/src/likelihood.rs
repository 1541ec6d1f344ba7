//! How sure a predicted change is (handbook, knee model, section 2.6).
//!
//! A person's true change is g·(m + e) + b: m is the model's mean change in percent; e its error from the
//! calibrated parameters (level 1) and from what the model leaves out (level 3); g ~ N(1, 0.8²) and
//! b ~ N(0, 5²) how this person answers to the mean mechanism and to any device (level 2). Probabilities are
//! the exact ones of that mixture, by quadrature over g: no random numbers.

use serde::Serialize;

/// Spread of the individual response to the mean mechanism.
pub(crate) const RESPONSE_SD: f64 = 0.8;
/// Spread of the adaptation of gait to any device, percent.
pub(crate) const ADAPTATION_SD_PCT: f64 = 5.0;
/// Normal quantile of a 90 % interval.
pub(crate) const NINETY: f64 = 1.645;

/// The distribution of a person's true change of one knee load, in percent of the load without a device.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Likelihood {
    /// Expected change.
    pub expected_pct: f64,
    /// Standard deviation between persons like this one.
    pub sd_pct: f64,
    /// 5 % of persons change less than this (more negative).
    pub low_pct: f64,
    /// 95 % of persons change less than this.
    pub high_pct: f64,
    /// Probability that the load falls at all.
    pub below_0: f64,
    /// Probability that it falls by more than 2 %.
    pub below_2: f64,
    /// Probability that it falls by more than 6 %.
    pub below_6: f64,
    /// Probability that it falls by more than 10 %.
    pub below_10: f64,
    /// Probability that it rises by more than 2 %.
    pub above_2: f64,
}

/// The adduction moment at one instant: without a device, expected with it, and the limits of 90 %.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct BandPoint {
    /// Percent of stance.
    pub percent: f64,
    /// Without a device, Nm.
    pub before_nm: f64,
    /// Expected with the device, Nm.
    pub after_nm: f64,
    /// Lower limit of the 90 % interval, Nm.
    pub low_nm: f64,
    /// Upper limit of the 90 % interval, Nm.
    pub high_nm: f64,
}

impl Likelihood {
    /// The distribution about a mean change of `mean_pct`, whose own error is `error_sd_pct`.
    #[must_use]
    pub fn of_change(mean_pct: f64, error_sd_pct: f64) -> Self {
        let mixture = Mixture { mean: mean_pct, error: error_sd_pct };
        let below = |limit| mixture.below(limit);
        Self {
            expected_pct: mean_pct,
            sd_pct: mixture.sd(),
            low_pct: mixture.quantile(0.05),
            high_pct: mixture.quantile(0.95),
            below_0: below(0.0),
            below_2: below(-2.0),
            below_6: below(-6.0),
            below_10: below(-10.0),
            above_2: 1.0 - below(2.0),
        }
    }

    /// Probability that the true change is below `limit_pct`, for a mean change and its error as in
    /// [`Self::of_change`], without the rest of the distribution: cheap enough for a search.
    #[must_use]
    pub fn chance_below(mean_pct: f64, error_sd_pct: f64, limit_pct: f64) -> f64 {
        Mixture { mean: mean_pct, error: error_sd_pct }.below(limit_pct)
    }

    /// The error of a mean change by what the model leaves out, percent, for a device with this largest post.
    #[must_use]
    pub fn discrepancy_pct(mean_pct: f64, largest_post_deg: f64) -> f64 {
        discrepancy_sd(mean_pct, largest_post_deg)
    }

    /// Probability that a measurement with this noise (SD, percent) shows a change above `limit_pct`.
    #[must_use]
    pub fn observed_above(&self, limit_pct: f64, noise_sd_pct: f64) -> f64 {
        1.0 - normal_cdf((limit_pct - self.expected_pct) / self.sd_pct.hypot(noise_sd_pct))
    }
}

/// SD of what the model leaves out, percent: 0.10·|m| + 0.3, and 1 % more for every degree of post beyond 7,
/// where trials found saturation that the model does not have (handbook, table 2.5).
#[must_use]
pub(crate) fn discrepancy_sd(mean_pct: f64, largest_post_deg: f64) -> f64 {
    0.10 * mean_pct.abs() + 0.3 + (largest_post_deg.abs() - 7.0).max(0.0)
}

/// g·(m + e) + b with Gaussian g, e and b.
#[derive(Clone, Copy)]
struct Mixture {
    mean: f64,
    error: f64,
}

impl Mixture {
    fn sd(&self) -> f64 {
        let response = RESPONSE_SD * RESPONSE_SD;
        (response * self.mean * self.mean
            + (1.0 + response) * self.error * self.error
            + ADAPTATION_SD_PCT * ADAPTATION_SD_PCT)
            .sqrt()
    }

    /// P(change < limit): the mean over g of a normal distribution, by 81 points over ±4 SD.
    fn below(&self, limit: f64) -> f64 {
        let (mut sum, mut weights) = (0.0, 0.0);
        for step in -40..=40 {
            let z = f64::from(step) / 10.0;
            let weight = (-0.5 * z * z).exp();
            let g = 1.0 + RESPONSE_SD * z;
            let sd = (g * self.error).hypot(ADAPTATION_SD_PCT);
            sum += weight * normal_cdf((limit - g * self.mean) / sd);
            weights += weight;
        }
        sum / weights
    }

    fn quantile(&self, probability: f64) -> f64 {
        let (mut low, mut high) = (self.mean - 8.0 * self.sd(), self.mean + 8.0 * self.sd());
        for _ in 0..60 {
            let middle = 0.5 * (low + high);
            if self.below(middle) < probability {
                low = middle;
            } else {
                high = middle;
            }
        }
        0.5 * (low + high)
    }
}

/// Φ(z), by Abramowitz and Stegun 7.1.26 for erf; absolute error under 1.5e-7.
pub(crate) fn normal_cdf(z: f64) -> f64 {
    let x = z.abs() / std::f64::consts::SQRT_2;
    let t = 1.0 / (1.0 + 0.327_591_1 * x);
    let polynomial = t
        * (0.254_829_592
            + t * (-0.284_496_736
                + t * (1.421_413_741 + t * (-1.453_152_027 + t * 1.061_405_429))));
    let tail = 0.5 * polynomial * (-x * x).exp();
    if z < 0.0 { tail } else { 1.0 - tail }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_normal_distribution_is_right() {
        for (z, expected) in
            [(0.0, 0.5), (1.0, 0.841_344_7), (-1.645, 0.049_984_9), (3.0, 0.998_650_1)]
        {
            assert!((normal_cdf(z) - expected).abs() < 2e-7, "{z}");
        }
    }

    /// Section 2.6 and the reference's Monte Carlo: mean, SD, interval, P(<0), P(<-2), P(<-6), P(<-10).
    #[test]
    fn probabilities_are_those_of_the_handbook() {
        for (mean, sd, interval, probabilities) in [
            (-5.73, 6.8, (-17.1, 5.4), [0.80, 0.71, 0.48, 0.25]),
            (-3.44, 5.8, (-13.0, 6.1), [0.71, 0.59, 0.32, 0.13]),
            (-7.93, 8.3, (-21.9, 5.6), [0.84, 0.77, 0.60, 0.41]),
            (-4.05, 6.0, (-13.9, 5.7), [0.75, 0.63, 0.36, 0.15]),
            (2.26, 5.3, (-6.6, 10.9), [0.35, 0.22, 0.06, 0.01]),
        ] {
            let made = Likelihood::of_change(mean, discrepancy_sd(mean, 5.0));
            let found = [made.below_0, made.below_2, made.below_6, made.below_10];
            for (found, expected) in found.into_iter().zip(probabilities) {
                assert!((found - expected).abs() < 0.03, "{mean}: {found} {expected}");
            }
            assert!((made.sd_pct - sd).abs() < 0.2);
            assert!((made.low_pct - interval.0).abs() < 0.7, "{made:?}");
            assert!((made.high_pct - interval.1).abs() < 0.7, "{made:?}");
        }
    }

    #[test]
    fn beyond_seven_degrees_is_less_sure() {
        assert_eq!(discrepancy_sd(-8.0, 7.0), discrepancy_sd(-8.0, 2.0));
        assert!((discrepancy_sd(-11.0, -10.0) - (1.1 + 0.3 + 3.0)).abs() < 1e-12);
    }
}
