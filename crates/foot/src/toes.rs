//! The tips of the toes, where they are told apart.
//!
//! Seen from below the front of the foot has one bay between two toes. Every peak of the outline is a
//! tip; which toe's it is follows from where toes stand across the ball, with as many matched as fit.

use geometry::{HeightField, Point2, Point3, Vector3};

use crate::landmarks::{Body, found};
use crate::{Landmark, Landmarks};

/// Neighborhood of a tip, as a share of the length (4.5 mm of 260).
pub(crate) const RADIUS: f64 = 0.0175;

/// Where the toes' tips stand across the ball: share of the way from the first to the fifth head.
const ACROSS: [f64; 5] = [0.21, 0.44, 0.60, 0.75, 0.89];

/// Deviation of these places among feet.
const ACROSS_DEVIATION: f64 = 0.06;

/// Cost of a toe without a peak, in squared deviations: a peak that is farther off than twice the
/// deviation is another toe's.
const MISSING_COST: f64 = 4.0;

/// Share of the length from which on toes are sought.
const FROM_SHARE: f64 = 0.76;

/// Least depth of the bays beside a peak, as a share of the length (0.8 mm of 260), measured against
/// the slant of the toes' row.
const LEAST_PROMINENCE: f64 = 0.003;

/// How the toes' row falls back laterally, per mm across: beside the second toe the tips form a line.
const SLANT: f64 = 0.55;

/// The tips of the toes, great toe first; `None` for those that are not told apart.
pub(crate) fn find(
    body: &Body<'_>,
    heights: &HeightField,
    first_head: Point3,
    fifth_head: Point3,
) -> [Option<Landmark>; 5] {
    let width = fifth_head.x - first_head.x;
    let share = |x: f64| (x - first_head.x) / width.max(f64::MIN_POSITIVE);
    let outline = front(heights, body.y_at(FROM_SHARE));
    let mut tips: Vec<(Point3, f64)> = Vec::new();
    for peak in peaks(&outline, LEAST_PROMINENCE * body.length()) {
        let Some(tip) = tip(body, peak) else { continue };
        let far = |other: &(Point3, f64)| (other.0 - tip.0).xy().norm() > RADIUS * body.length();
        if tips.iter().all(far) {
            tips.push(tip);
        }
    }
    tips.sort_by(|a, b| a.0.x.total_cmp(&b.0.x));
    let places: Vec<f64> = tips.iter().map(|(place, _)| share(place.x)).collect();
    assign(&places).map(|index| {
        let (place, uncertainty) = tips[index?];
        Some(found(place, uncertainty))
    })
}

/// The blunt tip near a peak of the outline.
fn tip(body: &Body<'_>, peak: Point2) -> Option<(Point3, f64)> {
    let reach = 0.5 * RADIUS * body.length();
    let start = body
        .skin
        .between([peak.y - 2.0 * reach, peak.y + 2.0 * reach])
        .iter()
        .filter(|p| (p.place.x - peak.x).abs() < reach && p.place.z < 0.2 * body.length())
        .map(|p| p.place)
        .max_by(|a, b| a.y.total_cmp(&b.y).then(b.z.total_cmp(&a.z)))?;
    let extreme = body.blunt(start, Vector3::y(), RADIUS);
    Some((extreme.place, extreme.uncertainty))
}

/// Foremost known node of every column in front of `from`.
fn front(heights: &HeightField, from: f64) -> Vec<Point2> {
    (0..heights.columns)
        .filter_map(|column| {
            let row = (0..heights.rows).rfind(|&row| !heights.at(column, row).is_nan())?;
            let node = heights.node(column, row);
            (node.y > from).then_some(node)
        })
        .collect()
}

/// The outline's peaks: places before which it falls off on both sides by at least `prominence`.
fn peaks(outline: &[Point2], prominence: f64) -> Vec<Point2> {
    let middle = outline.iter().map(|p| p.x).sum::<f64>() / outline.len().max(1) as f64;
    // Against the slant, so that a little toe behind its neighbor's shoulder is a peak, too.
    let level = |p: &Point2| p.y + SLANT * (p.x - middle).max(0.0);
    let mut peaks = Vec::new();
    // Walks along the outline, rising to a peak and falling to a bay in turn.
    let (mut rising, mut best, mut least) = (true, f64::NEG_INFINITY, f64::INFINITY);
    let mut at = None;
    for point in outline {
        let here = level(point);
        if rising {
            if here > best {
                (best, at) = (here, Some(*point));
            } else if here < best - prominence {
                peaks.extend(at);
                (rising, least) = (false, here);
            }
        } else if here < least {
            least = here;
        } else if here > least + prominence {
            (rising, best, at) = (true, here, Some(*point));
        }
    }
    if rising {
        peaks.extend(at);
    }
    peaks
}

/// Which of the places, sorted across, is which toe's: the assignment in order with the least sum of
/// squared deviations, where a toe without a place costs [`MISSING_COST`].
fn assign(places: &[f64]) -> [Option<usize>; 5] {
    // costs[toe][place]: best cost of the toes from `toe` on with the places from `place` on.
    let count = places.len();
    let mut costs = vec![vec![0.0_f64; count + 1]; 6];
    let fit = |toe: usize, place: usize| {
        let off = (places[place] - ACROSS[toe]) / ACROSS_DEVIATION;
        off * off
    };
    for toe in (0..5).rev() {
        for place in (0..=count).rev() {
            let missing = MISSING_COST + costs[toe + 1][place];
            let mut best = missing;
            if place < count {
                best = best.min(costs[toe][place + 1]);
                best = best.min(fit(toe, place) + costs[toe + 1][place + 1]);
            }
            costs[toe][place] = best;
        }
    }
    let mut assigned = [None; 5];
    let (mut toe, mut place) = (0, 0);
    while toe < 5 && place < count {
        let best = costs[toe][place];
        if fit(toe, place) + costs[toe + 1][place + 1] <= best {
            assigned[toe] = Some(place);
            (toe, place) = (toe + 1, place + 1);
        } else if costs[toe][place + 1] <= best {
            place += 1;
        } else {
            toe += 1;
        }
    }
    assigned
}

impl Landmarks {
    /// Number of toes that were told apart.
    #[must_use]
    pub fn toes_seen(&self) -> usize {
        self.toe_tips.iter().flatten().count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_given_to_toes_in_order() {
        let all = [Some(0), Some(1), Some(2), Some(3), Some(4)];
        assert_eq!(assign(&[0.22, 0.43, 0.58, 0.77, 0.91]), all);
        assert_eq!(assign(&[0.22, 0.58, 0.77]), [Some(0), None, Some(1), Some(2), None]);
        assert_eq!(assign(&[0.1, 0.21, 0.43]), [Some(1), Some(2), None, None, None]);
        assert_eq!(assign(&[]), [None; 5]);
    }

    #[test]
    fn bays_separate_peaks() {
        let outline: Vec<Point2> = (0..100)
            .map(|i| {
                let x = f64::from(i);
                Point2::new(x, 200.0 + 4.0 * (x * std::f64::consts::TAU / 25.0).cos() - 0.55 * x)
            })
            .collect();
        assert_eq!(peaks(&outline, 0.8).len(), 5, "at 0, 25, 50, 75 and the end");
        assert_eq!(peaks(&outline[..60], 20.0).len(), 1);
    }
}
