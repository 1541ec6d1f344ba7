//! Searches on fields: the surface along a line, and the highest value of a function of a few
//! variables.

use geometry::{Point3, Vector3};

/// Bound of the field's gradient length. The steepest part is the arch vault: 30 mm over 45 mm
/// gives a slope under 1.3, hence a gradient under 1.7.
pub(crate) const STEEPEST_GRADIENT: f64 = 2.0;

/// Smallest step of the march along a line, mm; a body thinner than this along the line is missed.
const LEAST_STEP_MM: f64 = 0.02;

/// Distance from `from` along the unit vector `along` to where `field` first turns negative.
///
/// `None` if that does not happen within `reach` mm. `from` itself is taken to be outside.
pub(crate) fn first_hit(
    field: impl Fn(&Point3) -> f64,
    from: Point3,
    along: Vector3,
    reach: f64,
) -> Option<f64> {
    let mut outside = 0.0;
    loop {
        let value = field(&(from + along * outside));
        let next = outside + (value / STEEPEST_GRADIENT).max(LEAST_STEP_MM);
        if next > reach {
            return None;
        }
        if field(&(from + along * next)) < 0.0 {
            return Some(bracketed_root(|at| field(&(from + along * at)), outside, next));
        }
        outside = next;
    }
}

/// Where `field` changes from positive at `outside` to negative at `inside`, to about 1e-12 mm:
/// regula falsi that halves a stale end's value (Illinois), so that both ends close in.
fn bracketed_root(field: impl Fn(f64) -> f64, outside: f64, inside: f64) -> f64 {
    let (mut old, mut new) = ((outside, field(outside)), (inside, field(inside)));
    for _ in 0..60 {
        let at = new.0 - new.1 * (new.0 - old.0) / (new.1 - old.1);
        let next = (at, field(at));
        if next.1 == 0.0 || (at - new.0).abs() < 1e-12 {
            return at;
        }
        if (next.1 < 0.0) == (new.1 < 0.0) {
            old.1 *= 0.5;
        } else {
            old = new;
        }
        new = next;
    }
    new.0
}

/// Compass search for a local maximum of `score`, from `start`, down to steps of `finest`.
///
/// Needs no derivative and copes with `-∞` where there is nothing to score.
pub(crate) fn climb<const N: usize>(
    start: [f64; N],
    first_step: f64,
    finest: f64,
    score: impl Fn(&[f64; N]) -> f64,
) -> ([f64; N], f64) {
    let (mut best, mut best_score) = (start, score(&start));
    let mut step = first_step;
    while step > finest {
        let mut improved = false;
        for axis in 0..N {
            for direction in [step, -step] {
                let mut trial = best;
                trial[axis] += direction;
                let trial_score = score(&trial);
                if trial_score > best_score {
                    (best, best_score, improved) = (trial, trial_score, true);
                }
            }
        }
        if !improved {
            step *= 0.5;
        }
    }
    (best, best_score)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ball_is_hit_at_its_surface() {
        let ball = |point: &Point3| (point - Point3::new(10.0, 0.0, 0.0)).norm() - 3.0;
        let along = Vector3::x();
        let hit = first_hit(ball, Point3::new(0.0, 1.0, 0.0), along, 50.0).unwrap();
        assert!((hit - (10.0 - 8.0_f64.sqrt())).abs() < 1e-9);
        assert_eq!(first_hit(ball, Point3::new(0.0, 3.1, 0.0), along, 50.0), None);
    }

    #[test]
    fn the_top_of_a_hill_is_found() {
        let hill = |at: &[f64; 2]| 5.0 - (at[0] - 3.0).powi(2) - 2.0 * (at[1] + 1.0).powi(2);
        let (top, height) = climb([0.0, 0.0], 1.0, 1e-6, hill);
        assert!((top[0] - 3.0).abs() < 1e-5 && (top[1] + 1.0).abs() < 1e-5);
        assert!((height - 5.0).abs() < 1e-10);
    }
}
