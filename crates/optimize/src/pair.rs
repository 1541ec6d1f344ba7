//! Both feet together: of about equal candidates the pair that is most alike.

use serde::Serialize;

use crate::{Candidate, PerVariable, Variable};

/// A candidate that serves about as well as the best one.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Alternative {
    /// The candidate.
    pub candidate: Candidate,
    /// Its objective, to be small.
    pub objective: f64,
}

/// What a difference of the two feet costs, points a unit of the variable: a pair that stands unevenly turns the pelvis, and a
/// shoe that fits one device should fit the other. Weak on purpose: a degree of post gains about 2 points.
const fn unlikeness(variable: Variable) -> f64 {
    match variable {
        Variable::RearfootPost | Variable::ForefootPost => 0.2,
        Variable::ArchFraction => 2.0,
        Variable::Thickness => 0.5,
        Variable::HeelCup => 0.1,
        Variable::MedialSkive | Variable::Cover => 0.3,
        Variable::CoverModulus => 1.0,
        // Two foams for one pair are two orders.
        Variable::PostModulus => 0.3,
        // A lift is for the shorter leg alone.
        Variable::HeelLift => 0.0,
    }
}

/// The pair with the smallest sum of objectives and unlikeness; `None` if one foot has no candidate within its limits.
///
/// The first of equal pairs is taken, so that the result does not depend on anything but the lists.
#[must_use]
pub fn choose_pair(left: &[Alternative], right: &[Alternative]) -> Option<[PerVariable<f64>; 2]> {
    let mut best: Option<(f64, [PerVariable<f64>; 2])> = None;
    for one in left {
        for other in right {
            let apart: f64 = Variable::ALL
                .into_iter()
                .map(|variable| {
                    let [a, b] = [one, other].map(|side| side.candidate.values[variable]);
                    unlikeness(variable) * (a - b).abs()
                })
                .sum();
            let cost = one.objective + other.objective + apart;
            if best.as_ref().is_none_or(|(least, _)| cost < *least) {
                best = Some((cost, [one.candidate.values, other.candidate.values]));
            }
        }
    }
    best.map(|(_, pair)| pair)
}

#[cfg(test)]
mod tests {
    use vocabulary::Angle;

    use super::*;

    fn alternative(rearfoot_deg: f64, objective: f64) -> Alternative {
        let values = PerVariable::from_fn(|variable| {
            if variable == Variable::RearfootPost { rearfoot_deg } else { 0.0 }
        });
        Alternative { candidate: Candidate { values, wedge: [Angle::ZERO; 2] }, objective }
    }

    #[test]
    fn alike_devices_are_preferred_but_not_at_any_price() {
        let left = [alternative(6.0, -10.0), alternative(4.0, -9.8), alternative(2.0, -7.0)];
        let right = [alternative(4.0, -10.0), alternative(2.0, -9.9)];
        let rearfoot = |pair: Option<[PerVariable<f64>; 2]>| {
            pair.map(|pair| pair.map(|values| values[Variable::RearfootPost]))
        };
        assert_eq!(rearfoot(choose_pair(&left, &right)), Some([4.0, 4.0]));
        assert_eq!(rearfoot(choose_pair(&left[..1], &right)), Some([6.0, 4.0]));
        assert_eq!(rearfoot(choose_pair(&left, &[])), None);
    }
}
