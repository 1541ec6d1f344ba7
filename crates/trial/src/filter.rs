//! Zero-lag low-pass filter for positions and forces.
//!
//! A second-order Butterworth filter run forward and backward, which makes a fourth-order filter without lag
//! (Winter 2009, Biomechanics and Motor Control of Human Movement, section 2.2.4.4). Its cut-off is raised by
//! 1/(√2 − 1)^¼ so that the two passes together weaken the named frequency by 3 dB. The ends are padded by
//! an odd reflection, and the filter starts in its steady state, as `filtfilt` of the usual packages does.

/// Two passes of a second-order filter shift its cut-off by this factor: (√2 − 1)^¼.
const TWO_PASS_FACTOR: f64 = 0.802_243_3;

/// Padding at each end, in periods of the cut-off: the filter's response has died away by then.
const PADDING_PERIODS: f64 = 1.5;

/// A fourth-order zero-lag Butterworth low-pass filter.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LowPass {
    b: [f64; 3],
    a: [f64; 2],
    padding: usize,
}

impl LowPass {
    /// For samples at `rate_hz`; `None` if the cut-off is not below half of the rate (nothing is to be filtered).
    pub(crate) fn new(cutoff_hz: f64, rate_hz: f64) -> Option<Self> {
        let corrected = cutoff_hz / TWO_PASS_FACTOR;
        if !(corrected > 0.0 && corrected < 0.499 * rate_hz) {
            return None;
        }
        let k = (std::f64::consts::PI * corrected / rate_hz).tan();
        let scale = 1.0 / (1.0 + std::f64::consts::SQRT_2 * k + k * k);
        let b0 = k * k * scale;
        Some(Self {
            b: [b0, 2.0 * b0, b0],
            a: [2.0 * (k * k - 1.0) * scale, (1.0 - std::f64::consts::SQRT_2 * k + k * k) * scale],
            padding: (PADDING_PERIODS * rate_hz / cutoff_hz).ceil() as usize,
        })
    }

    /// Filters `N` channels that were sampled together, in place.
    pub(crate) fn apply<const N: usize>(&self, samples: &mut [[f64; N]]) {
        let count = samples.len();
        if count < 2 {
            return;
        }
        let padding = self.padding.min(count - 1);
        let reflect = |end: [f64; N], inner: [f64; N]| -> [f64; N] {
            std::array::from_fn(|channel| 2.0 * end[channel] - inner[channel])
        };
        let mut padded = Vec::with_capacity(count + 2 * padding);
        padded.extend((1..=padding).rev().map(|i| reflect(samples[0], samples[i])));
        padded.extend_from_slice(samples);
        padded.extend((1..=padding).map(|i| reflect(samples[count - 1], samples[count - 1 - i])));
        self.pass(padded.iter_mut());
        self.pass(padded.iter_mut().rev());
        samples.copy_from_slice(&padded[padding..padding + count]);
    }

    /// One pass, starting as if the first sample had always been there.
    fn pass<'a, const N: usize>(&self, samples: impl Iterator<Item = &'a mut [f64; N]>) {
        let ([b0, b1, b2], [a1, a2]) = (self.b, self.a);
        let mut state: Option<([f64; N], [f64; N])> = None;
        for sample in samples {
            let (first, second) = state.get_or_insert_with(|| {
                (sample.map(|x| (1.0 - b0) * x), sample.map(|x| (b2 - a2) * x))
            });
            for channel in 0..N {
                let x = sample[channel];
                let y = b0 * x + first[channel];
                first[channel] = b1 * x - a1 * y + second[channel];
                second[channel] = b2 * x - a2 * y;
                sample[channel] = y;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sine(frequency_hz: f64, rate_hz: f64) -> Vec<[f64; 1]> {
        (0..4000)
            .map(|i| [(2.0 * std::f64::consts::PI * frequency_hz * i as f64 / rate_hz).sin()])
            .collect()
    }

    /// A sine at the cut-off keeps 1/√2 of its amplitude and its phase; one octave above it keeps 1/√(1+2⁸)
    /// of a fourth-order filter corrected for two passes, within the warp of the bilinear transform.
    #[test]
    fn the_named_frequency_loses_three_decibels_and_no_time() {
        for (frequency, expected) in [(0.5, 1.0), (6.0, 0.5_f64.sqrt()), (24.0, 0.0094)] {
            let filter = LowPass::new(6.0, 200.0).unwrap();
            let mut filtered = sine(frequency, 200.0);
            let original = filtered.clone();
            filter.apply(&mut filtered);
            let middle = 1000..3000;
            let product: f64 = middle.clone().map(|i| filtered[i][0] * original[i][0]).sum::<f64>();
            let power: f64 = middle.clone().map(|i| original[i][0].powi(2)).sum();
            assert!((product / power - expected).abs() < 2e-3, "{frequency}: {}", product / power);
            let worst = middle
                .map(|i| (filtered[i][0] - product / power * original[i][0]).abs())
                .fold(0.0, f64::max);
            assert!(worst < 2e-3, "{frequency} Hz is shifted in time by {worst}");
        }
    }

    #[test]
    fn constants_and_ramps_pass_unchanged_to_the_ends() {
        let filter = LowPass::new(6.0, 100.0).unwrap();
        let ramp: Vec<[f64; 2]> = (0..50).map(|i| [7.0, 2.0 * f64::from(i)]).collect();
        let mut filtered = ramp.clone();
        filter.apply(&mut filtered);
        for (before, after) in ramp.iter().zip(&filtered) {
            assert!((before[0] - after[0]).abs() < 1e-9);
            assert!((before[1] - after[1]).abs() < 0.05, "{before:?} {after:?}");
        }
    }

    #[test]
    fn a_cutoff_above_half_the_rate_is_no_filter() {
        assert!(LowPass::new(30.0, 60.0).is_none());
        assert!(LowPass::new(6.0, 60.0).is_some());
        assert!(LowPass::new(f64::NAN, 60.0).is_none());
    }
}
