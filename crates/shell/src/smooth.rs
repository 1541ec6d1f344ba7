//! Smooth steps, smooth minima and Gaussian averages: the blends between one region and the next.

/// 0 below `start`, 1 above `end`, with continuous curvature between (quintic smoothstep).
pub(crate) fn step(start: f64, end: f64, at: f64) -> f64 {
    let t = ((at - start) / (end - start)).clamp(0.0, 1.0);
    t * t * t * (t * (6.0 * t - 15.0) + 10.0)
}

/// The smaller of two heights, rounded where they differ by less than `blend` (never above the smaller).
pub(crate) fn minimum(a: f64, b: f64, blend: f64) -> f64 {
    let overlap = (blend - (a - b).abs()).max(0.0);
    a.min(b) - overlap * overlap / (4.0 * blend)
}

/// A drop that approaches `available` instead of exceeding it: `(wanted⁻⁸ + available⁻⁸)^(-1/8)`.
///
/// Within 0.3 % of `wanted` up to six tenths of what is available; 0 where nothing is available.
pub(crate) fn limited_drop(wanted: f64, available: f64) -> f64 {
    if wanted <= 0.0 || available <= 0.0 {
        return 0.0;
    }
    let (small, large) = if wanted < available { (wanted, available) } else { (available, wanted) };
    // Three square roots are the eighth root, and much cheaper than a power.
    small / (1.0 + (small / large).powi(8)).sqrt().sqrt().sqrt()
}

/// Distance that starts to grow softly at 0: quadratic over `rounding`, then with slope 1.
pub(crate) fn soft_distance(distance: f64, rounding: f64) -> f64 {
    if distance <= 0.0 {
        0.0
    } else if distance < rounding {
        distance * distance / (2.0 * rounding)
    } else {
        distance - rounding / 2.0
    }
}

/// Gaussian average of equally spaced values; `sigma` in steps, ends held.
pub(crate) fn gaussian(values: &[f64], sigma: f64) -> Vec<f64> {
    let weights = gaussian_weights(sigma);
    let reach = weights.len() as isize / 2;
    let last = values.len() as isize - 1;
    (0..=last)
        .map(|center| {
            weights
                .iter()
                .zip(-reach..=reach)
                .map(|(weight, offset)| weight * values[(center + offset).clamp(0, last) as usize])
                .sum()
        })
        .collect()
}

/// Weights of a Gaussian average that sum to 1; odd in number.
pub(crate) fn gaussian_weights(sigma: f64) -> Vec<f64> {
    let reach = (3.0 * sigma).ceil() as i32;
    let raw: Vec<f64> =
        (-reach..=reach).map(|k| (-0.5 * (f64::from(k) / sigma).powi(2)).exp()).collect();
    let sum: f64 = raw.iter().sum();
    raw.into_iter().map(|weight| weight / sum).collect()
}

/// Equally spaced values along y, read by linear interpolation; ends held.
#[derive(Clone, Debug)]
pub(crate) struct Track {
    pub(crate) start: f64,
    pub(crate) step: f64,
    pub(crate) values: Vec<f64>,
}

impl Track {
    pub(crate) fn at(&self, y: f64) -> f64 {
        let last = self.values.len() - 1;
        let place = ((y - self.start) / self.step).clamp(0.0, last as f64);
        let below = (place as usize).min(last.saturating_sub(1));
        let share = place - below as f64;
        let above = (below + 1).min(last);
        self.values[below] * (1.0 - share) + self.values[above] * share
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minimum_is_exact_away_from_the_meeting_and_never_above() {
        assert_eq!(minimum(1.0, 5.0, 3.0), 1.0);
        for k in 0..40 {
            let b = f64::from(k) * 0.1;
            assert!(minimum(2.0, b, 1.5) <= b.min(2.0));
        }
    }

    #[test]
    fn a_drop_is_kept_where_there_is_room_and_limited_where_not() {
        assert_eq!(limited_drop(0.0, 3.0), 0.0);
        assert!((limited_drop(3.0, 6.0) - 3.0).abs() < 0.01);
        assert!(limited_drop(30.0, 2.0) <= 2.0);
        assert!(limited_drop(3.0, 0.0) == 0.0);
    }

    #[test]
    fn an_average_keeps_a_constant() {
        let flat = gaussian(&[2.5; 30], 4.0);
        assert!(flat.iter().all(|value| (value - 2.5).abs() < 1e-12));
    }

    #[test]
    fn a_track_holds_its_ends() {
        let track = Track { start: 10.0, step: 2.0, values: vec![1.0, 3.0] };
        assert_eq!([track.at(0.0), track.at(11.0), track.at(99.0)], [1.0, 2.0, 3.0]);
    }
}
