//! Where a part is steep: the regions in which finishing goes along level lines.
//!
//! A place belongs to a wall where the surface on which the tip stands is steep and the ball touches the part there, inside of its
//! rim: over a sharp rim the tip's surface is steep too, and needs no passes. Walls begin where that is steeper than
//! [`WALLS_BEGIN_RAD`] and go on as far as it is steeper than [`ENDS_RAD`], so that a slope about one of the two is not chopped.
//! Both kinds of passes go on into the other's region by `Steep::overlap`, so that no gap stays between them.

use rayon::prelude::*;

use crate::ground::Ground;
use crate::level_lines::{Lattice, apart};
use crate::raster::Sampling;
use crate::ring_field::{Bent, CURVED_OVER_MM};
use crate::tip_grid::TipGrid;
use crate::triangle_cutter::LastContact;

/// Walls begin here: 50°. Steeper, parallel passes lie more than half as close again as on level ground, and go up and down
/// at a machine's slowest axis; level lines do neither.
pub(crate) const WALLS_BEGIN_RAD: f64 = 0.873;
/// They go on down to this: 45°, where both kinds of passes are equally long.
pub(crate) const ENDS_RAD: f64 = 0.785;
/// Smaller walls are left to parallel passes, mm² seen from above: a way there and back takes longer than it saves.
const LEAST_AREA_MM2: f64 = 12.0;
/// So are walls lower than this, mm: no more than a few level lines.
const LEAST_HEIGHT_MM: f64 = 1.5;
/// So are walls where parallel passes could be left out on less than this share of the area with level lines: on narrow ones both
/// would be cut nearly everywhere.
const LEAST_SHARE: f64 = 0.5;
/// Specks and bays of less steep ground in a wall that are narrower than twice this belong to it, mm.
const CLOSED_MM: f64 = 1.0;
/// Nodes lie this far apart, as a share of the step-over, within what is fine enough for walls and not too many.
const NODE_SHARE: f64 = 0.7;
const NODES_MM: [f64; 2] = [0.2, 0.5];

/// What is at a node.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Place {
    /// Nowhere near the part.
    Beside,
    /// Ground with this slope (rise over run), touched inside of the rim.
    Ground(f64),
    /// The same, touched at the rim.
    Rim(f64),
    /// Ground that something else than the part makes.
    Held,
}

/// The walls of a part.
#[derive(Debug)]
pub(crate) struct Steep {
    pub(crate) lattice: Lattice,
    /// Heights of the tip, row by row; NaN beside the ground.
    pub(crate) heights: Vec<f64>,
    /// Walls by number, from 1 on, grown by the overlap; 0 elsewhere.
    pub(crate) walls: Vec<u32>,
    /// Slope at the nodes that belong to a wall itself (rise over run), 0 elsewhere.
    pub(crate) slopes: Vec<f64>,
    /// Where parallel passes are left out: in the walls but for the overlap, and around the rim beside them.
    left_out: Vec<bool>,
}

impl Steep {
    /// The walls of the ground for a ball of a radius.
    pub(crate) fn of(ground: &Ground<'_>, sampling: Sampling, radius: f64) -> Self {
        let node = (NODE_SHARE * sampling.step_over).clamp(NODES_MM[0], NODES_MM[1]);
        let tips = TipGrid::new(ground, sampling, [node; 2]);
        let lattice = tips.lattice();
        let places = places(ground, &lattice, sampling.reach);
        let mut itself = walls(&lattice, &places, tips.heights());
        let reaches = [Self::overlap(sampling.step_over), radius];
        leave_narrow_ones(&lattice, &places, &mut itself, reaches);
        let Regions { walls, left_out, .. } = Regions::of(&lattice, &places, &itself, reaches);
        let slope = |(is_wall, place): (&bool, &Place)| match place {
            Place::Ground(slope) if *is_wall => *slope,
            _ => 0.0,
        };
        let slopes = itself.iter().zip(&places).map(slope).collect();
        let walls = numbered(&lattice, &walls);
        Self { lattice, heights: tips.heights().to_vec(), walls, slopes, left_out }
    }

    /// How far passes go on into the other's region, mm: as far as one reaches beside it, and a node, by which the border is known.
    fn overlap(step_over: f64) -> f64 {
        0.5 * step_over + (NODE_SHARE * step_over).clamp(NODES_MM[0], NODES_MM[1])
    }

    /// How many walls there are.
    pub(crate) fn count(&self) -> usize {
        self.walls.iter().copied().max().unwrap_or(0) as usize
    }

    /// Whether parallel passes leave out a place.
    pub(crate) fn leaves_out(&self, place: [f64; 2]) -> bool {
        let [column, row] = self.lattice.nearest(place);
        self.left_out[self.lattice.index(column, row)]
    }

    /// Whether a place belongs to a wall itself.
    pub(crate) fn is_wall(&self, place: [f64; 2]) -> bool {
        let [column, row] = self.lattice.nearest(place);
        self.slopes[self.lattice.index(column, row)] > 0.0
    }

    /// The number of the wall that a place belongs to or lies close beside; 0 for none.
    pub(crate) fn wall_at(&self, place: [f64; 2]) -> u32 {
        let [column, row] = self.lattice.nearest(place);
        self.walls[self.lattice.index(column, row)]
    }

    /// The largest curvature of the tip's surface at a node, 1/mm.
    pub(crate) fn curvature(&self, node: usize) -> f64 {
        Bent::of(&self.lattice, &self.heights, (node, CURVED_OVER_MM))
            .map_or(0.0, |bent| bent.largest)
    }
}

/// What is at every node.
fn places(ground: &Ground<'_>, lattice: &Lattice, reach: f64) -> Vec<Place> {
    let at = |[x, y]: [f64; 2], last: &LastContact| {
        let Some(stand) = ground.stand([x, y], reach, last) else { return Place::Beside };
        let Some([p, q]) = stand.gradient else { return Place::Held };
        let slope = p.hypot(q);
        if ground.rolls_over_rim([x, y], [p, q]) { Place::Rim(slope) } else { Place::Ground(slope) }
    };
    (0..lattice.rows)
        .into_par_iter()
        .flat_map_iter(|row| {
            let last = LastContact::default();
            let of_row: Vec<Place> =
                (0..lattice.columns).map(|column| at(lattice.place(column, row), &last)).collect();
            of_row
        })
        .collect()
}

/// The nodes of all walls that are worth level lines.
fn walls(lattice: &Lattice, places: &[Place], heights: &[f64]) -> Vec<bool> {
    let steeper = |than: f64| {
        let is_steep =
            move |place: &Place| matches!(place, Place::Ground(slope) if *slope >= than.tan());
        places.iter().map(is_steep).collect::<Vec<bool>>()
    };
    let (begin, goes_on) = (steeper(WALLS_BEGIN_RAD), steeper(ENDS_RAD));
    let open = grown(lattice, &goes_on, CLOSED_MM).into_iter().map(|is_near| !is_near);
    let closed = grown(lattice, &open.collect::<Vec<bool>>(), CLOSED_MM);
    let is_ground = |place: &Place| matches!(place, Place::Ground(_));
    let wall: Vec<bool> = closed
        .iter()
        .zip(&goes_on)
        .zip(places)
        .map(|((is_far, is_steep), place)| is_ground(place) && (*is_steep || !is_far))
        .collect();
    let numbers = numbered(lattice, &wall);
    let count = numbers.iter().copied().max().unwrap_or(0) as usize;
    let mut area = vec![0.0; count + 1];
    let mut height = vec![[f64::INFINITY, f64::NEG_INFINITY]; count + 1];
    let mut begins = vec![false; count + 1];
    for (node, number) in numbers.iter().map(|number| *number as usize).enumerate() {
        area[number] += lattice.spacing[0] * lattice.spacing[1];
        let [low, high] = height[number];
        height[number] = [low.min(heights[node]), high.max(heights[node])];
        begins[number] |= begin[node];
    }
    let is_worth = |number: usize| {
        let [low, high] = height[number];
        number > 0
            && begins[number]
            && area[number] >= LEAST_AREA_MM2
            && high - low >= LEAST_HEIGHT_MM
    };
    numbers.iter().map(|number| is_worth(*number as usize)).collect()
}

/// The nodes around walls.
struct Regions {
    /// Where level lines are cut.
    walls: Vec<bool>,
    /// Within a tool's radius.
    around: Vec<bool>,
    /// Where parallel passes are left out.
    left_out: Vec<bool>,
}

impl Regions {
    fn of(
        lattice: &Lattice,
        places: &[Place],
        itself: &[bool],
        [overlap, radius]: [f64; 2],
    ) -> Self {
        let around = grown(lattice, itself, radius);
        // At the rim beside a wall the ball only rolls over it.
        let is_at_rim = |node: usize| match places[node] {
            Place::Rim(slope) => slope >= ENDS_RAD.tan(),
            Place::Held | Place::Beside => true,
            Place::Ground(_) => false,
        };
        let others: Vec<bool> = (0..itself.len())
            .map(|node| !(itself[node] || around[node] && is_at_rim(node)))
            .collect();
        let kept = grown(lattice, &others, overlap);
        let left_out = kept.into_iter().map(|is_kept| !is_kept).collect();
        Self { walls: grown(lattice, itself, overlap), around, left_out }
    }
}

/// Leaves walls to parallel passes on which these could hardly be left out.
fn leave_narrow_ones(lattice: &Lattice, places: &[Place], itself: &mut [bool], reaches: [f64; 2]) {
    let Regions { walls, around, left_out } = Regions::of(lattice, places, itself, reaches);
    let numbers = numbered(lattice, &around);
    let count = numbers.iter().copied().max().unwrap_or(0) as usize;
    // Nodes with level lines, and without parallel passes.
    let mut areas = vec![[0_usize; 2]; count + 1];
    for (node, number) in numbers.iter().enumerate() {
        let [level, saved] = &mut areas[*number as usize];
        *level += usize::from(walls[node]);
        *saved += usize::from(left_out[node] && places[node] != Place::Beside);
    }
    for (node, is_wall) in itself.iter_mut().enumerate() {
        let [level, saved] = areas[numbers[node] as usize];
        *is_wall &= saved as f64 >= LEAST_SHARE * level as f64;
    }
}

/// The nodes no farther than `distance` mm from marked ones.
pub(crate) fn grown(lattice: &Lattice, marked: &[bool], distance: f64) -> Vec<bool> {
    let reach = lattice.spacing.map(|spacing| (distance / spacing).floor() as isize);
    let mut steps = Vec::new();
    for back in -reach[1]..=reach[1] {
        for right in -reach[0]..=reach[0] {
            let step = [right as f64 * lattice.spacing[0], back as f64 * lattice.spacing[1]];
            if apart([0.0; 2], step) <= distance {
                steps.push([right, back]);
            }
        }
    }
    let mut grown = marked.to_vec();
    for node in (0..marked.len()).filter(|node| marked[*node]) {
        // Inside of what is marked nothing is added.
        if lattice.around(node).into_iter().flatten().all(|other| marked[other]) {
            continue;
        }
        let (column, row) = (node % lattice.columns, node / lattice.columns);
        for [right, back] in &steps {
            let (Some(column), Some(row)) =
                (column.checked_add_signed(*right), row.checked_add_signed(*back))
            else {
                continue;
            };
            if column < lattice.columns && row < lattice.rows {
                grown[lattice.index(column, row)] = true;
            }
        }
    }
    grown
}

/// Marked nodes that hang together get the same number, from 1 on, in the order of the grid; others 0.
fn numbered(lattice: &Lattice, marked: &[bool]) -> Vec<u32> {
    let mut numbers = vec![0; marked.len()];
    let mut count = 0;
    for first in 0..marked.len() {
        if !marked[first] || numbers[first] > 0 {
            continue;
        }
        count += 1;
        numbers[first] = count;
        let mut open = vec![first];
        while let Some(node) = open.pop() {
            for other in lattice.around(node).into_iter().flatten() {
                if marked[other] && numbers[other] == 0 {
                    numbers[other] = count;
                    open.push(other);
                }
            }
        }
    }
    numbers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_grown_by_a_distance_and_numbered_where_they_hang_together() {
        let lattice = Lattice { low: [0.0; 2], spacing: [0.5, 0.25], columns: 20, rows: 20 };
        let mut marked = vec![false; 400];
        marked[lattice.index(4, 10)] = true;
        marked[lattice.index(15, 10)] = true;
        let grown = grown(&lattice, &marked, 1.0);
        for (node, is_grown) in grown.iter().enumerate() {
            let place = lattice.place(node % 20, node / 20);
            let away = apart(place, lattice.place(4, 10)).min(apart(place, lattice.place(15, 10)));
            assert_eq!(*is_grown, away <= 1.0, "{place:?}");
        }
        let numbers = numbered(&lattice, &grown);
        assert_eq!(numbers.iter().max(), Some(&2));
        assert_eq!((numbers[lattice.index(5, 10)], numbers[lattice.index(14, 10)]), (1, 2));
    }
}
