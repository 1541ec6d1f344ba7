//! How alike left and right are, in numbers and in words.

use serde::Serialize;

use crate::curves::Measure;
use crate::summary::SideSummary;

/// Symmetry index beyond which sides are called different, percent (handbook, knee model, section 3, with Robinson 1987).
const NORMAL_INDEX_PCT: f64 = 10.0;

/// Joint moments differ more between the legs of healthy walkers than forces and times do: Herzog 1989 (Med. Sci. Sports
/// Exerc. 21:110) found the vertical force within 4 % and other variables far beyond; twice the limit is used.
const NORMAL_MOMENT_INDEX_PCT: f64 = 20.0;

/// One measure on both sides.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Symmetry {
    /// Key of the measure.
    pub measure: &'static str,
    /// Mean of the left side, in the unit of the key.
    pub left: f64,
    /// Mean of the right side.
    pub right: f64,
    /// Strides behind the two means; 0 where that is not known.
    pub strides: [usize; 2],
    /// 100 (right − left) over the mean of both, percent (Robinson 1987, J. Manip. Physiol. Ther. 10:172).
    pub symmetry_index_pct: f64,
    /// (45° − atan(left/right)) / 90°, percent, 0 alike, ± 100 opposite; needs no reference side (Zifchock 2008, Gait Posture
    /// 27:622).
    pub symmetry_angle_pct: f64,
    /// Smaller over larger side.
    pub ratio: f64,
    /// Limit of the index that counts as alike, percent.
    pub normal_index_pct: f64,
    /// Whether the index is within the limit.
    pub normal: bool,
}

/// What is compared; all are positive sizes.
const COMPARED: [Measure; 9] = [
    Measure::StanceTime,
    Measure::StepTime,
    Measure::StepLength,
    Measure::ForcePeak1,
    Measure::ForcePeak2,
    Measure::KamPeak1,
    Measure::KamPeak2,
    Measure::KamImpulse,
    Measure::KfmPeak,
];

/// Symmetry of every measure that both sides have.
pub(crate) fn symmetry(left: &SideSummary, right: &SideSummary) -> Vec<Symmetry> {
    COMPARED
        .into_iter()
        .filter_map(|measure| {
            let (l, r) = (left.mean.get(measure)?, right.mean.get(measure)?);
            // The index of numbers of different sign, or near zero, says nothing.
            (l > 0.0 && r > 0.0).then(|| compare(measure, l, r, [left.strides, right.strides]))
        })
        .collect()
}

/// Symmetry of numbers of both sides that were not measured here, in the units of the measures' keys, and what stands out.
///
/// Pairs that are not both positive are left out.
#[must_use]
pub fn compare_sides(pairs: &[(Measure, [f64; 2])]) -> (Vec<Symmetry>, Vec<String>) {
    let symmetry: Vec<Symmetry> = pairs
        .iter()
        .filter(|(_, sides)| sides.iter().all(|number| *number > 0.0))
        .map(|(measure, [left, right])| compare(*measure, *left, *right, [0, 0]))
        .collect();
    let said = words(&symmetry);
    (symmetry, said)
}

fn compare(measure: Measure, left: f64, right: f64, strides: [usize; 2]) -> Symmetry {
    let symmetry_index_pct = 100.0 * (right - left) / (0.5 * (right + left));
    let symmetry_angle_pct = (45.0 - (left / right).atan().to_degrees()) / 90.0 * 100.0;
    let normal_index_pct = match measure {
        Measure::KamPeak1 | Measure::KamPeak2 | Measure::KamImpulse | Measure::KfmPeak => {
            NORMAL_MOMENT_INDEX_PCT
        }
        _ => NORMAL_INDEX_PCT,
    };
    Symmetry {
        measure: measure.key(),
        left,
        right,
        strides,
        symmetry_index_pct,
        symmetry_angle_pct,
        ratio: left.min(right) / left.max(right),
        normal_index_pct,
        normal: symmetry_index_pct.abs() <= normal_index_pct,
    }
}

/// What stands out, in words with the numbers behind them.
pub(crate) fn words(symmetry: &[Symmetry]) -> Vec<String> {
    let find = |measure: Measure| symmetry.iter().find(|s| s.measure == measure.key());
    let uneven = |measure| find(measure).filter(|s| !s.normal);
    let mut said = Vec::new();
    if let Some(time) = uneven(Measure::StanceTime) {
        let short = shorter(time);
        let lighter = find(Measure::ForcePeak1)
            .filter(|force| shorter(force) == short && force.symmetry_index_pct.abs() > 4.0);
        let force = lighter.map_or_else(String::new, |force| {
            format!(
                ", and its first vertical force peak is lower ({:.0} N left, {:.0} N right)",
                force.left, force.right
            )
        });
        said.push(format!(
            "Limp: the stance of the {short} foot is shorter ({:.2} s left, {:.2} s right, index {:+.0} %, normal within {:.0} %){force}; the pattern of sparing the {short} leg.",
            time.left, time.right, time.symmetry_index_pct, time.normal_index_pct
        ));
    }
    for (measure, name) in [
        (Measure::ForcePeak1, "first vertical force peak"),
        (Measure::ForcePeak2, "second vertical force peak"),
    ] {
        if let Some(force) = uneven(measure) {
            said.push(format!(
                "Uneven loading: the {name} is {:.0} N left and {:.0} N right (index {:+.0} %, normal within {:.0} %).",
                force.left, force.right, force.symmetry_index_pct, force.normal_index_pct
            ));
        }
    }
    for (measure, name) in
        [(Measure::KamPeak1, "first adduction peak"), (Measure::KamImpulse, "adduction impulse")]
    {
        if let Some(moment) = uneven(measure) {
            let unit = if measure == Measure::KamImpulse { "Nm·s" } else { "Nm" };
            said.push(format!(
                "Uneven knee loading: the {name} is {:.1} {unit} left and {:.1} {unit} right (index {:+.0} %, legs of healthy walkers differ up to about {:.0} %).",
                moment.left, moment.right, moment.symmetry_index_pct, moment.normal_index_pct
            ));
        }
    }
    for (measure, name, unit) in
        [(Measure::StepLength, "length", "m"), (Measure::StepTime, "time", "s")]
    {
        if let Some(step) = uneven(measure) {
            said.push(format!(
                "Altered step: step {name} is {:.2} {unit} left and {:.2} {unit} right (index {:+.0} %, normal within {:.0} %).",
                step.left, step.right, step.symmetry_index_pct, step.normal_index_pct
            ));
        }
    }
    if let Some(strides) = symmetry.iter().map(|s| s.strides[0].min(s.strides[1])).min()
        && (1..ENOUGH_STRIDES).contains(&strides)
        && !said.is_empty()
    {
        said.push(format!(
            "This rests on {} left and {} right stance; at least {ENOUGH_STRIDES} of each make it sure.",
            symmetry[0].strides[0], symmetry[0].strides[1]
        ));
    }
    said
}

/// Strides to average (handbook, knee model, section 3).
const ENOUGH_STRIDES: usize = 5;

fn shorter(symmetry: &Symmetry) -> &'static str {
    if symmetry.left < symmetry.right { "left" } else { "right" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_indices_have_their_published_values() {
        // Zifchock 2008: alike is 0 %; one side double the other is 20.5 % of the angle, 67 % of the index.
        let same = compare(Measure::KamPeak1, 30.0, 30.0, [1, 1]);
        assert_eq!((same.symmetry_index_pct, same.normal), (0.0, true));
        assert!(same.symmetry_angle_pct.abs() < 1e-12);
        let double = compare(Measure::KamPeak1, 15.0, 30.0, [1, 1]);
        assert!((double.symmetry_index_pct - 66.667).abs() < 1e-3);
        assert!((double.symmetry_angle_pct - 20.483).abs() < 1e-3);
        assert!(!double.normal && double.ratio == 0.5);
    }

    #[test]
    fn a_limp_is_named_with_its_numbers() {
        let all = [
            compare(Measure::StanceTime, 0.60, 0.70, [2, 3]),
            compare(Measure::ForcePeak1, 700.0, 800.0, [2, 3]),
            compare(Measure::StepLength, 0.70, 0.69, [2, 3]),
        ];
        let said = words(&all);
        assert!(said[0].contains("Limp") && said[0].contains("left foot is shorter"), "{said:?}");
        assert!(said[0].contains("0.60 s left, 0.70 s right") && said[0].contains("700 N"));
        assert!(said[1].contains("Uneven loading"), "{said:?}");
        assert!(said[2].contains("2 left and 3 right"), "{said:?}");
        assert!(words(&all[2..]).is_empty());
        let (symmetry, said) =
            compare_sides(&[(Measure::StanceTime, [0.6, 0.7]), (Measure::KfmPeak, [-1.0, 2.0])]);
        assert_eq!((symmetry.len(), said.len()), (1, 1), "{said:?}");
    }
}
