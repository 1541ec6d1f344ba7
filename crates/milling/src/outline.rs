//! Cutting a part out of its block: along its outline seen from above, a tool's radius away.
//!
//! The outline is that of the triangles: the edges where a surface that faces up ends, united and
//! offset by `clipper2-rust`. The tool goes round in a spiral that sinks by one level a turn, so that it
//! never plunges (into the trench a tool that cannot plunge goes on a ramp), then once around at depth; it travels with the part on its right (climb milling). Where
//! the depth follows the rim, it is given by the far side of the part under the nearest place of the rim.

use clipper2_rust::core::{FillRule, Path64, Paths64, Point64};
use clipper2_rust::{ClipType, Clipper64, EndType, JoinType, inflate_paths_64};
use geometry::{Point2, TriMesh};

use crate::edges::FacingEdges;
use crate::path::{FeedClass, Tip, ToolPath};
use crate::plan_view::PlanView;
use crate::roughing::ramp_before_step;
use crate::{Cutter, MillOrder, Separation, Tool};

/// The grid of clipping: 0.1 µm.
const UNITS_PER_MM: f64 = 10_000.0;
/// Chords around corners stay this close to the arc, mm.
const ARC_TOLERANCE_MM: f64 = 0.002;
/// Surfaces this upright belong to the outline: a wall that leans out by a degree reaches a tenth of a millimeter
/// past the rim of the top.
const LEAST_UPRIGHT: f64 = 1e-6;
/// Longest chord of the way around, mm: the depth and the tabs follow it.
const LONGEST_CHORD_MM: f64 = 1.0;
/// Height over the trench at which the tool begins to cut, mm, besides the roughing allowance.
const ENTRY_MM: f64 = 0.3;
/// Height over the blank at which the feed becomes the plunge feed, mm: a flat end meets the flanks of a
/// trench that a ball has made, and the block beyond it.
const APPROACH_MM: f64 = 0.5;
/// Loops shorter than this are specks of the mesh, not outlines, mm.
const SHORTEST_LOOP_MM: f64 = 8.0;
/// Rise over run on both sides of a tab: 45°.
const TAB_SLOPE: f64 = 1.0;

/// What an outline is cut from and to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OutlineCut<'a> {
    /// The part from above.
    pub(crate) view: &'a PlanView,
    /// Depth of the trench under the rim, mm: where finishing has left it.
    pub(crate) skirt: f64,
    /// Finishing went no lower than this, program coordinates, mm.
    pub(crate) finished_floor: f64,
    /// Where the tip ends up.
    pub(crate) depth: Depth<'a>,
}

/// How deep the outline is cut.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Depth<'a> {
    /// To one height, program coordinates, mm.
    Level(f64),
    /// By the far side of the rim, seen from below (heights negated).
    FarRim {
        /// The far side.
        far: &'a PlanView,
        /// How far below it the tip goes, mm: through the trench that is there.
        below: f64,
        /// How far over it the floor of that trench lies, mm: what holds the part begins there.
        trench: f64,
        /// The tip goes no lower than this, program coordinates, mm.
        floor: f64,
    },
}

/// Borders of a mesh seen from above.
#[derive(Debug)]
pub(crate) struct Borders {
    united: Paths64,
}

impl Borders {
    /// The edges where surfaces that face up end, united.
    pub(crate) fn of(mesh: &TriMesh) -> Self {
        let upright: Vec<f64> = (0..mesh.triangles.len())
            .map(|triangle| {
                mesh.scaled_normal(triangle).try_normalize(0.0).map_or(0.0, |normal| normal.z)
            })
            .collect();
        let edges = FacingEdges::of(mesh, &upright, LEAST_UPRIGHT).rim();
        let loops: Paths64 = chained(&edges.iter().map(|(edge, _)| *edge).collect::<Vec<_>>())
            .into_iter()
            .map(|corners| {
                let corner = |index: &u32| {
                    let place = mesh.vertices[*index as usize];
                    Point64::new(
                        (place.x * UNITS_PER_MM).round() as i64,
                        (place.y * UNITS_PER_MM).round() as i64,
                    )
                };
                corners.iter().map(corner).collect::<Path64>()
            })
            .collect();
        let mut clipper = Clipper64::new();
        clipper.add_subject(&loops);
        let mut united = Paths64::new();
        clipper.execute(ClipType::Union, FillRule::Positive, &mut united, None);
        Self { united }
    }

    /// The borders, `distance` mm farther out; outer ones counter-clockwise.
    pub(crate) fn grown(&self, distance: f64) -> Vec<Vec<Point2>> {
        let grown = inflate_paths_64(
            &self.united,
            distance * UNITS_PER_MM,
            JoinType::Round,
            EndType::Polygon,
            2.0,
            ARC_TOLERANCE_MM * UNITS_PER_MM,
        );
        loops_in_mm(&grown)
    }

    /// The borders, `distance` mm farther out, as closed ways whose last place is their first: the outside lies on their right, or
    /// on their left with x and y exchanged.
    pub(crate) fn ways_around(&self, distance: f64, is_turned: bool) -> Vec<Vec<[f64; 2]>> {
        let place =
            |corner: &Point2| if is_turned { [corner.y, corner.x] } else { [corner.x, corner.y] };
        let grown = self.grown(distance);
        let closed =
            |corners: &Vec<Point2>| corners.iter().chain(corners.first()).map(place).collect();
        grown.iter().map(closed).collect()
    }

    /// The borders themselves.
    pub(crate) fn loops(&self) -> Vec<Vec<Point2>> {
        loops_in_mm(&self.united)
    }
}

/// Loops without specks of the mesh.
fn loops_in_mm(paths: &Paths64) -> Vec<Vec<Point2>> {
    let place =
        |point: &Point64| Point2::new(point.x as f64 / UNITS_PER_MM, point.y as f64 / UNITS_PER_MM);
    paths
        .iter()
        .map(|path| path.iter().map(place).collect::<Vec<_>>())
        .filter(|corners| geometry::polygon::perimeter(corners) > SHORTEST_LOOP_MM)
        .collect()
}

/// Puts directed edges together to closed loops; what does not close is left out.
fn chained(edges: &[[u32; 2]]) -> Vec<Vec<u32>> {
    let mut next: std::collections::BTreeMap<u32, Vec<u32>> = std::collections::BTreeMap::new();
    for [from, to] in edges {
        next.entry(*from).or_default().push(*to);
    }
    let mut loops = Vec::new();
    while let Some((&start, _)) = next.first_key_value() {
        let mut corners = vec![start];
        let mut at = start;
        let is_closed = loop {
            let Some(ways) = next.get_mut(&at) else { break false };
            let to = ways.pop();
            if ways.is_empty() {
                next.remove(&at);
            }
            match to {
                Some(to) if to == start => break true,
                Some(to) => {
                    corners.push(to);
                    at = to;
                }
                None => break false,
            }
        };
        if is_closed && corners.len() > 2 {
            loops.push(corners);
        }
    }
    loops
}

/// The path around every part; holes that the tool fits into first, so that parts are still held.
pub(crate) fn outline(
    borders: &Borders,
    cut: &OutlineCut<'_>,
    tool: &Tool,
    order: &MillOrder,
) -> ToolPath {
    let mut loops = borders.grown(tool.radius_mm());
    loops.sort_by(|a, b| {
        let outer = |corners: &[Point2]| geometry::polygon::signed_area(corners) > 0.0;
        outer(a).cmp(&outer(b))
    });
    let mut path = ToolPath::default();
    let can_plunge = Cutter::of(tool).can_plunge();
    for mut corners in loops {
        corners.reverse();
        around(&fine(&corners), cut, (order, can_plunge), &mut path);
    }
    path
}

/// The loop with chords no longer than [`LONGEST_CHORD_MM`], back to its first corner.
fn fine(corners: &[Point2]) -> Vec<Point2> {
    let mut places = Vec::new();
    for (from, to) in geometry::polygon::edges(corners) {
        let pieces = ((to - from).norm() / LONGEST_CHORD_MM).ceil().max(1.0) as usize;
        places.extend((0..pieces).map(|piece| from + (to - from) * (piece as f64 / pieces as f64)));
    }
    places.extend(places.first().copied());
    places
}

fn around(
    places: &[Point2],
    cut: &OutlineCut<'_>,
    (order, can_plunge): (&MillOrder, bool),
    path: &mut ToolPath,
) {
    let mut along = vec![0.0];
    for pair in places.windows(2) {
        along.push(along[along.len() - 1] + (pair[1] - pair[0]).norm());
    }
    let length = along[along.len() - 1];
    let ends: Vec<f64> = places
        .iter()
        .zip(&along)
        .map(|(place, at)| cut.end(*place, *at / length, length, order))
        .collect();
    let trench = |place: &Point2| {
        let rim = cut.view.outside(place.x, place.y).map_or(0.0, |(_, rim)| rim);
        (rim - cut.skirt).max(cut.finished_floor).min(0.0)
    };
    // Roughing has left its allowance where finishing did not come.
    let entry = ENTRY_MM + order.cutting.roughing_allowance_mm;
    let starts: Vec<f64> = places.iter().map(|place| trench(place) + entry).collect();
    let deepest = starts.iter().zip(&ends).map(|(start, end)| start - end).fold(0.0, f64::max);
    if deepest <= entry || length <= 0.0 {
        return;
    }
    let step = order.cutting.roughing_step_down_mm;
    let turns = (deepest / step).ceil().max(1.0) as usize;
    // Sunk by one level a turn from the trench, and at the end once around without sinking.
    let tip = |index: usize, sunk: f64| -> Tip {
        [places[index].x, places[index].y, (starts[index] - sunk).max(ends[index])]
    };
    path.approach([places[0].x, places[0].y], APPROACH_MM);
    let first: Vec<Tip> = (0..places.len()).map(|index| tip(index, 0.0)).collect();
    if can_plunge {
        path.feed(first[0], FeedClass::Plunge);
    } else {
        path.feed_along(&ramp_before_step(&first, APPROACH_MM), FeedClass::Plunge);
    }
    for turn in 0..=turns {
        for (index, at) in along.iter().enumerate() {
            let sunk = (step * (turn as f64 + at / length)).min(step * turns as f64);
            path.feed(tip(index, sunk), FeedClass::Cut);
        }
    }
    path.steps.push(crate::path::Step::Retract);
}

impl OutlineCut<'_> {
    /// Height of the tip at the end, over a place a share of the loop away from its start.
    fn end(&self, place: Point2, share: f64, length: f64, order: &MillOrder) -> f64 {
        let (floor, web) = match self.depth {
            Depth::Level(level) => (level, level),
            Depth::FarRim { far, below, trench, floor } => {
                let rim = far.outside(place.x, place.y).map_or(0.0, |(_, top)| -top);
                ((rim - below).max(floor), rim + trench)
            }
        };
        match order.separation {
            Separation::Stay => floor,
            Separation::OnionSkin { thickness_mm } => web + thickness_mm,
            Separation::Tabs { count, width_mm, height_mm } => {
                // Distance along the outline from the middle of the nearest tab.
                let pitch = length / f64::from(count.max(1));
                let at = (share * length / pitch).fract() * pitch;
                let away = (at - pitch / 2.0).abs() - width_mm / 2.0;
                let lowered = (away.max(0.0) / TAB_SLOPE).min(height_mm + web - floor);
                (web + height_mm - lowered).max(floor)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample_parts::{ellipse, part, ring};

    #[test]
    fn borders_are_those_of_the_part_grown() {
        let plain = Borders::of(&part([20.0, 35.0], |_| 4.0)).grown(3.0);
        assert_eq!(plain.len(), 1);
        let area = geometry::polygon::signed_area(&plain[0]);
        // Area + perimeter r + π r² of the polygon of 240 corners.
        let corners = ellipse([0.0, 0.0], [20.0, 35.0]);
        let expected = geometry::polygon::signed_area(&corners)
            + 3.0 * geometry::polygon::perimeter(&corners)
            + std::f64::consts::PI * 9.0;
        assert!((area - expected).abs() < 0.5, "{area} {expected}");
        let holed =
            ring(&ellipse([0.0, 8.0], [9.0, 7.0]), &ellipse([0.0, 0.0], [20.0, 35.0]), |_| 4.0);
        let loops = Borders::of(&holed).grown(3.0);
        let mut areas: Vec<f64> =
            loops.iter().map(|corners| geometry::polygon::signed_area(corners)).collect();
        areas.sort_by(f64::total_cmp);
        assert_eq!(areas.len(), 2);
        assert!((areas[0] + std::f64::consts::PI * 6.0 * 4.0).abs() < 3.0, "{areas:?}");
    }

    #[test]
    fn loose_ends_make_no_loop() {
        assert_eq!(chained(&[[0, 1], [1, 2], [2, 0], [5, 6], [7, 5]]), vec![vec![0, 1, 2]]);
        assert!(chained(&[]).is_empty());
    }
}
