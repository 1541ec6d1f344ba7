//! Trade-offs: designs that no other one beats in two respects at once.

use serde::Serialize;

use crate::{Candidate, Measures};

/// A candidate that no other one beats in both knee gain and a cost.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct ParetoPoint {
    /// The candidate.
    pub candidate: Candidate,
    /// What it does.
    #[serde(flatten)]
    pub measures: Measures,
}

/// Knee gain (change of the adduction impulse) against three costs, best gain first.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Fronts<T = ParetoPoint> {
    /// Against rearfoot eversion (inversion, where the aim is to raise the moment).
    pub eversion: Vec<T>,
    /// Against the highest plantar pressure.
    pub pressure: Vec<T>,
    /// Against the height that the shoe must hold.
    pub bulk: Vec<T>,
}

impl<T: Copy> Fronts<T> {
    /// The fronts of what was tried; `raises` if more moment is the gain.
    pub(crate) fn of<'a>(
        tried: impl Iterator<Item = (T, &'a Measures)> + Clone,
        raises: bool,
    ) -> Self {
        let sign = if raises { -1.0 } else { 1.0 };
        let front = |cost: fn(&Measures) -> f64, cost_sign: f64| {
            nondominated(tried.clone().map(|(which, measures)| {
                (which, sign * measures.kam_impulse_pct, cost_sign * cost(measures))
            }))
        };
        Self {
            eversion: front(|measures| measures.eversion_deg, sign),
            pressure: front(|measures| measures.peak_pressure_pct, 1.0),
            bulk: front(|measures| measures.bulk_mm, 1.0),
        }
    }

    /// Every place on a front.
    pub(crate) fn steps(&self) -> impl Iterator<Item = &T> {
        self.eversion.iter().chain(&self.pressure).chain(&self.bulk)
    }

    /// The same fronts of something else.
    pub(crate) fn map<U>(self, turned: impl Fn(T) -> U) -> Fronts<U> {
        let turn = |points: Vec<T>| points.into_iter().map(&turned).collect();
        Fronts {
            eversion: turn(self.eversion),
            pressure: turn(self.pressure),
            bulk: turn(self.bulk),
        }
    }
}

/// Those that none other beats in load and cost, both to be small; least load first.
fn nondominated<T>(points: impl Iterator<Item = (T, f64, f64)>) -> Vec<T> {
    let mut points: Vec<(T, f64, f64)> = points.collect();
    points.sort_by(|a, b| a.1.total_cmp(&b.1).then(a.2.total_cmp(&b.2)));
    let mut least = f64::INFINITY;
    points.retain(|(_, _, cost)| {
        let better = *cost < least;
        least = least.min(*cost);
        better
    });
    thinned(points).into_iter().map(|(which, ..)| which).collect()
}

/// Most designs of a front: neighbors on it hardly differ.
const MOST: usize = 60;

/// Both ends of a front, and of the rest those that are apart by a sixtieth of its range of cost.
fn thinned<T>(points: Vec<(T, f64, f64)>) -> Vec<(T, f64, f64)> {
    let (Some(first), Some(last)) = (points.first(), points.last()) else { return points };
    let (step, end) = ((first.2 - last.2) / MOST as f64, last.2);
    let mut kept: Vec<(T, f64, f64)> = Vec::new();
    for point in points {
        let apart = kept.last().is_none_or(|before| before.2 - point.2 >= step);
        if apart || point.2 <= end {
            kept.push(point);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_front_holds_what_nothing_beats() {
        let points =
            [(0, -5.0, 1.0), (1, -7.0, 2.0), (2, -4.0, 1.5), (3, -7.0, 1.9), (4, 0.0, 0.0)];
        assert_eq!(nondominated(points.into_iter()), [3, 0, 4]);
    }
}
