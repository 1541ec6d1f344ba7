//! Holes for dowels by which a blank is held in its place while it is turned over.
//!
//! ```text
//!     ┌────────●────────┐   The blank is turned about the axis along y in its middle. Holes on that axis come to
//!     │   ___  ┊  ___   │   lie on themselves, so that two dowels in the board hold the blank in its place
//!     │  (   ) ┊ (   )  │   whatever its true width. Where a part is in the way, two holes at the same
//!     │   ‾‾‾  ┊  ‾‾‾   │   distance from the axis take the place of one. The two ends are not alike, so
//!     └────────●────────┘   that a blank turned otherwise does not fit.
//! ```
//!
//! Holes lie in what neither side's tools touch.

use crate::path::{Hole, Step, ToolPath};
use crate::placement::Placement;
use crate::plan_view::PlanView;
use crate::{Dowels, MillError};

/// Material between a hole and the edge of the blank or what is milled, mm.
const WALL_MM: f64 = 2.0;
/// How much farther from its edge the holes at the back lie than those at the front, mm.
const UNEVEN_MM: f64 = 5.0;
/// Distance of the places that are tried, mm.
const TRIED_MM: f64 = 0.5;
/// How far a hole may lie behind the outermost place that its end has, mm.
const DEEPEST_MM: f64 = 15.0;
/// Height over the blank at which the drill begins to feed, mm.
const APPROACH_MM: f64 = 1.0;

/// Places of the holes, program coordinates of both sides, mm: front before back, left before right.
///
/// `parts` sees the parts of this side; a tool comes no nearer to a place than `away` mm from its part.
///
/// # Errors
/// [`MillError::NoPlaceForHoles`] with how much longer a blank has one.
pub(crate) fn places(
    dowels: &Dowels,
    placement: &Placement,
    parts: &PlanView,
    away: f64,
) -> Result<Vec<[f64; 2]>, MillError> {
    let [width, length, _] = placement.blank_mm;
    let radius = dowels.tool.radius_mm();
    let (edge, away) = (radius + WALL_MM, away + radius + WALL_MM);
    let is_free = |x: f64, y: f64| {
        (edge..=width - edge).contains(&x)
            && (edge..=length - edge).contains(&y)
            && parts.outside(x, y).is_none_or(|(outside, _)| outside >= away)
    };
    let mut found = Vec::new();
    let ends = [("front", edge, 1.0), ("back", length - edge - UNEVEN_MM, -1.0)];
    for (end, outermost, inward) in ends {
        let holes = (0..=(DEEPEST_MM / TRIED_MM) as u32).find_map(|step| {
            let y = outermost + inward * TRIED_MM * f64::from(step);
            holes_across(width, y, radius, is_free)
        });
        let Some(holes) = holes else {
            // On the axis there is room for a hole in front of a part once its distance fits.
            let longer = 2.0 * (edge + away + UNEVEN_MM).ceil();
            let diameter = dowels.tool.diameter_mm;
            return Err(MillError::NoPlaceForHoles { diameter, end, away, longer });
        };
        found.extend(holes);
    }
    Ok(found)
}

/// One hole on the axis, or the two nearest to it that are free.
fn holes_across(
    width: f64,
    y: f64,
    radius: f64,
    is_free: impl Fn(f64, f64) -> bool,
) -> Option<Vec<[f64; 2]>> {
    let middle = width / 2.0;
    if is_free(middle, y) {
        return Some(vec![[middle, y]]);
    }
    let steps = (middle / TRIED_MM) as u32;
    let apart = (0..steps)
        .map(|step| TRIED_MM * f64::from(step))
        .filter(|apart| *apart > radius + WALL_MM / 2.0)
        .find(|apart| is_free(middle - apart, y) && is_free(middle + apart, y))?;
    Some(vec![[middle - apart, y], [middle + apart, y]])
}

/// The way of the drill through all holes, into the board.
pub(crate) fn drilled(places: &[[f64; 2]], dowels: &Dowels, blank_height: f64) -> ToolPath {
    let bottom = -blank_height - dowels.board_depth_mm - dowels.tool.point_mm();
    let hole = |place: &[f64; 2]| {
        Step::Drill(Hole { place: *place, top: APPROACH_MM, bottom, peck: dowels.peck_mm })
    };
    ToolPath { steps: places.iter().map(hole).collect() }
}

#[cfg(test)]
mod tests {
    use geometry::{Point3, TriMesh};

    use super::*;
    use crate::sample_parts::drill;

    fn dowels() -> Dowels {
        Dowels { tool: drill(), board_depth_mm: 6.0, peck_mm: Some(5.0) }
    }

    fn placement(length: f64) -> Placement {
        Placement { blank_mm: [100.0, length, 30.0], blank_from_part: [0.0; 3] }
    }

    fn found(boxes: &[[f64; 4]], length: f64) -> Result<Vec<[f64; 2]>, MillError> {
        let mut mesh = TriMesh::default();
        for [left, front, right, back] in boxes {
            let one =
                TriMesh::cuboid(Point3::new(*left, *front, -9.0), Point3::new(*right, *back, -2.0));
            let first = mesh.vertices.len() as u32;
            mesh.vertices.extend(one.vertices);
            mesh.triangles.extend(one.triangles.iter().map(|t| t.map(|index| index + first)));
        }
        places(&dowels(), &placement(length), &PlanView::new(&mesh, 40.0, 0.2), 7.0)
    }

    #[test]
    fn holes_lie_on_themselves_when_the_blank_is_turned_and_in_nothing_that_is_milled() {
        let part = [20.0, 30.0, 80.0, 170.0];
        let cases = [
            (vec![part], 2),
            // Between two parts there is room on the axis.
            (vec![[8.0, 8.0, 30.0, 192.0], [70.0, 8.0, 92.0, 192.0]], 2),
            // A part up to the front edge, narrow enough for two holes beside it.
            (vec![[40.0, 2.0, 60.0, 170.0]], 3),
        ];
        for (boxes, count) in cases {
            let holes = found(&boxes, 200.0).unwrap();
            assert_eq!(holes.len(), count, "{holes:?}");
            for [x, y] in &holes {
                let turned = [100.0 - x, *y];
                assert!(holes.iter().any(|[a, b]| (a - turned[0]).hypot(b - turned[1]) < 1e-9));
                for [left, front, right, back] in &boxes {
                    let away = (left - x)
                        .max(x - right)
                        .max(0.0)
                        .hypot((front - y).max(y - back).max(0.0));
                    assert!(away > 7.0 + 3.0 + WALL_MM - 0.3, "{away}");
                }
                assert!(*y > 4.9 && *y < 195.1);
            }
            // Turned about the other axis the blank does not fit.
            let other = holes
                .iter()
                .all(|[x, y]| holes.iter().any(|[a, b]| (a - x).hypot(b - (200.0 - y)) < 1.0));
            assert!(!other, "{holes:?}");
        }
    }

    #[test]
    fn a_blank_without_room_is_refused_with_how_much_longer_it_must_be() {
        let error = found(&[[5.0, 5.0, 95.0, 195.0]], 200.0).unwrap_err();
        let MillError::NoPlaceForHoles { longer, .. } = error else { panic!("{error}") };
        let shift = longer / 2.0;
        assert_eq!(
            found(&[[5.0, 5.0 + shift, 95.0, 195.0 + shift]], 200.0 + longer).unwrap().len(),
            2
        );
    }

    #[test]
    fn holes_go_through_the_blank_with_their_full_diameter() {
        let path = drilled(&[[50.0, 5.0]], &dowels(), 30.0);
        let [Step::Drill(hole)] = &path.steps[..] else { panic!("{path:?}") };
        // 118°: the point is 3 mm / tan 59° high.
        assert!((hole.bottom + 30.0 + 6.0 + 3.0 / 59.0_f64.to_radians().tan()).abs() < 1e-9);
        let lowest = path.plain_steps().into_iter().filter_map(|step| match step {
            Step::FeedTo(tip, _) => Some(tip[2]),
            _ => None,
        });
        assert!((lowest.fold(0.0, f64::min) - hole.bottom).abs() < 1e-12);
    }
}
