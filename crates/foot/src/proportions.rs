//! Judges by proportions whether a posed shape can be a foot.

use crate::below::View;
use crate::pose::Stance;
use crate::request::{FootError, FootLimits};

/// Shares of the length in which the ball's most medial and most lateral points lie. The first
/// metatarsal head stands at about 0.73, the fifth at about 0.63 of the length (ANSUR II: ball of
/// foot 0.739).
pub(crate) const FIRST_HEAD_REGION: [f64; 2] = [0.62, 0.80];
pub(crate) const FIFTH_HEAD_REGION: [f64; 2] = [0.52, 0.70];

/// Shares of the length in which the heel is widest; farther forward the section widens to the
/// midfoot.
pub(crate) const HEEL_REGION: [f64; 2] = [0.05, 0.16];

/// Widest section in a part of the length, along x, mm.
pub(crate) fn widest(view: &View, shares: [f64; 2]) -> f64 {
    view.sections(shares).map(|(_, [low, high])| high - low).fold(0.0, f64::max)
}

/// Reach from the lowest to the highest x over the whole ball, mm.
pub(crate) fn ball_reach(view: &View) -> f64 {
    let shares = [FIFTH_HEAD_REGION[0], FIRST_HEAD_REGION[1]];
    let (low, high) = view
        .sections(shares)
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), (_, [a, b])| {
            (low.min(a), high.max(b))
        });
    (high - low).max(0.0)
}

/// A ratio and the range that feet have.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Ratio {
    measure: &'static str,
    value: f64,
    range: [f64; 2],
}

impl Ratio {
    /// By which factor the value is outside its range; 0 inside.
    fn excess(&self) -> f64 {
        let [low, high] = self.range;
        if !self.value.is_finite() || self.value <= 0.0 {
            return f64::INFINITY;
        }
        (low / self.value).max(self.value / high).max(1.0) - 1.0
    }
}

fn ratios(stance: &Stance, limits: &FootLimits) -> [Ratio; 4] {
    let view = &stance.view;
    let length = view.length();
    let ball = ball_reach(view);
    let heel = widest(view, HEEL_REGION);
    let heights = || stance.vertices.iter().map(|vertex| vertex.z);
    let height =
        heights().fold(f64::NEG_INFINITY, f64::max) - heights().fold(f64::INFINITY, f64::min);
    let ratio = |measure, value, range| Ratio { measure, value, range };
    [
        ratio("ball width over length", ball / length, limits.ball_width_ratio),
        ratio("heel width over length", heel / length, limits.heel_width_ratio),
        ratio("heel width over ball width", heel / ball, limits.heel_to_ball_ratio),
        ratio("height over length", height / length, limits.height_ratio),
    ]
}

/// How far the shape is from a foot: 0 when all ratios are in range, else the sum of what each
/// misses, as shares of the limits.
pub(crate) fn strangeness(stance: &Stance, limits: &FootLimits) -> f64 {
    ratios(stance, limits).iter().map(Ratio::excess).sum()
}

/// Refuses a shape of a length or of proportions that no foot has, naming the worst number.
pub(crate) fn check(stance: &Stance, limits: &FootLimits) -> Result<(), FootError> {
    let ratios = ratios(stance, limits);
    let worst =
        ratios.iter().fold(
            ratios[0],
            |worst, ratio| {
                if ratio.excess() > worst.excess() { *ratio } else { worst }
            },
        );
    if worst.excess() > 0.0 {
        let [low, high] = worst.range;
        return Err(FootError::NotAFoot { measure: worst.measure, value: worst.value, low, high });
    }
    let [low, high] = limits.length_mm;
    let length_mm = stance.view.length();
    if !(low..=high).contains(&length_mm) {
        return Err(FootError::Length { length_mm, low, high });
    }
    Ok(())
}
