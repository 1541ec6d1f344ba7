//! Mean and standard deviation over the used stances of a side.

use serde::Serialize;
use vocabulary::Side;

use crate::analysis::TrialStance;
use crate::curves::{Curves, Measure, Numbers, Scale, mean_and_deviation};

/// The used stances of one side together.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SideSummary {
    /// Which foot.
    pub side: Side,
    /// Stances behind the means.
    pub strides: usize,
    /// Means.
    pub mean: Numbers,
    /// Standard deviations between stances (n − 1); empty for a single stance.
    pub deviation: Numbers,
    /// Mean curves; known at an instant where every stance knows it.
    pub mean_curves: Curves,
    /// Standard deviation of the curves.
    pub deviation_curves: Curves,
}

/// Summary of one side; `None` without a used stance.
pub(crate) fn summarize(stances: &[TrialStance], side: Side, scale: Scale) -> Option<SideSummary> {
    let used: Vec<(&Numbers, &Curves)> = stances
        .iter()
        .filter(|stance| stance.used && stance.side == Some(side))
        .filter_map(|stance| Some((&stance.numbers, stance.curves.as_ref()?)))
        .collect();
    if used.is_empty() {
        return None;
    }
    let (mut mean, mut deviation) = (Numbers::new(scale), Numbers::new(scale));
    for measure in Measure::ALL {
        let values: Vec<f64> = used.iter().filter_map(|(n, _)| n.get(*measure)).collect();
        let (middle, spread) = mean_and_deviation(&values);
        mean.put(*measure, middle);
        deviation.put(*measure, spread);
    }
    let at = |channel, instant: usize| -> (Option<f64>, Option<f64>) {
        let values: Vec<f64> =
            used.iter().filter_map(|(_, curves)| curves.get(channel)[instant]).collect();
        if values.len() < used.len() { (None, None) } else { mean_and_deviation(&values) }
    };
    Some(SideSummary {
        side,
        strides: used.len(),
        mean,
        deviation,
        mean_curves: Curves::from_fn(|channel, instant| at(channel, instant).0),
        deviation_curves: Curves::from_fn(|channel, instant| at(channel, instant).1),
    })
}
