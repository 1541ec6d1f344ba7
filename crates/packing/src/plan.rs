//! One way to fill the volume: anywhere, or in towers.

use std::iter;

use crate::heap::{Heap, Place, Window};
use crate::height_map::{CELL_MM, HeightMap, Turn};
use crate::pack::{PackPart, Placed};
use crate::towers::{Tower, towers};

/// A part may lie this share of a length higher to be that length nearer to the other one of its pair: a shell
/// beside its partner or on top of it is taken before one across the build.
pub(crate) const PAIR_PULL: f64 = 0.08;

/// A part farther than this many of its lengths from its partner is placed again, nearer.
const PAIR_REACH: f64 = 0.9;

/// A part may be this far from the middle of its tower along x and y, mm. Enough for the lean of a post
/// against the cup below; more would let towers grow into each other.
const TOWER_PLAY_MM: f64 = 9.0;

/// The gaps between towers that are tried, in spacings: outlines are round, so that rectangles closer
/// than the spacing often keep it.
const GAPS: [f64; 3] = [1.0, 0.5, 0.0];

/// A build under construction.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    /// Where parts may go; anywhere if empty.
    towers: Vec<Tower>,
    heap: Heap,
    /// Lowest corners of the maps in the volume, less those of the turned parts, mm.
    offsets: Vec<([f64; 3], Turn)>,
    /// Middles of the parts seen from above, mm.
    pub(crate) middles: Vec<[f64; 2]>,
    /// What is used, mm.
    pub(crate) height: f64,
}

impl Plan {
    pub(crate) fn new(columns: usize, rows: usize, towers: Vec<Tower>) -> Self {
        let heap = Heap::new(columns, rows);
        Self { towers, heap, offsets: Vec::new(), middles: Vec::new(), height: 0.0 }
    }

    /// The plans that are worth trying, in a fixed order: towers for the largest part and for the
    /// mean one, and parts anywhere.
    pub(crate) fn all(
        parts: &[PackPart<'_>],
        columns: usize,
        rows: usize,
        spacing_mm: f64,
    ) -> Vec<Self> {
        let room = [columns, rows].map(|cells| cells as f64 * CELL_MM);
        let sizes: Vec<[f64; 2]> = parts.iter().map(long_and_short).collect();
        let largest = sizes.iter().fold([0.0_f64; 2], |a, b| [a[0].max(b[0]), a[1].max(b[1])]);
        let mean = [0, 1].map(|side| {
            sizes.iter().map(|size| size[side]).sum::<f64>() / sizes.len().max(1) as f64
        });
        let mut layouts: Vec<Vec<Tower>> = Vec::new();
        for [long, short] in [largest, mean] {
            for gap in GAPS {
                let layout = towers(room, long, short, gap * spacing_mm);
                if !layout.is_empty() && !layouts.contains(&layout) {
                    layouts.push(layout);
                }
            }
        }
        layouts
            .into_iter()
            .chain(iter::once(Vec::new()))
            .map(|layout| Self::new(columns, rows, layout))
            .collect()
    }

    /// Places the next part; `false` if it finds no place under `lid`, mm. `near` is the part that
    /// it is a pair with.
    pub(crate) fn place(&mut self, maps: &[HeightMap], near: Option<usize>, lid: f64) -> bool {
        let near = near.and_then(|other| self.middles.get(other).copied());
        let best = if self.towers.is_empty() {
            self.anywhere(maps, near)
        } else {
            self.in_a_tower(maps, near)
        };
        let Some((map, place)) = best.filter(|(map, place)| place.z + map.height <= lid) else {
            return false;
        };
        self.heap.fill(map, &place);
        self.height = self.height.max(place.z + map.height);
        self.middles.push(middle(map, &place));
        let corner = [place.column as f64 * CELL_MM, place.row as f64 * CELL_MM, place.z];
        let offset = [0, 1, 2].map(|axis| corner[axis] - map.low[axis]);
        self.offsets.push((offset, map.turn));
        true
    }

    /// The lowest place of all, near the partner.
    fn anywhere<'a>(
        &self,
        maps: &'a [HeightMap],
        near: Option<[f64; 2]>,
    ) -> Option<(&'a HeightMap, Place)> {
        let lowest = |pull: f64| {
            cheapest(maps.iter().filter_map(|map| {
                let window = self.heap.everywhere(map)?;
                self.heap.best_place(map, window, near, pull).map(|place| (map, place))
            }))
        };
        let is_near = |(map, place): &(&HeightMap, Place)| {
            let reach = PAIR_REACH * map.size[0].max(map.size[1]) as f64 * CELL_MM;
            near.is_none_or(|near| distance(middle(map, place), near) <= reach)
        };
        lowest(PAIR_PULL).filter(is_near).or_else(|| lowest(5.0 * PAIR_PULL))
    }

    /// The lowest place on a tower.
    fn in_a_tower<'a>(
        &self,
        maps: &'a [HeightMap],
        near: Option<[f64; 2]>,
    ) -> Option<(&'a HeightMap, Place)> {
        let on_towers = maps.iter().flat_map(|map| {
            let is_deep = map.size[1] >= map.size[0];
            let towers = self.towers.iter().filter(move |tower| tower.is_deep == is_deep);
            towers.filter_map(move |tower| {
                let window = around(tower, map, self.heap.everywhere(map)?);
                self.heap.best_place(map, window, near, PAIR_PULL).map(|place| (map, place))
            })
        });
        cheapest(on_towers)
    }

    /// Where every part is, `margin` mm from the walls.
    pub(crate) fn placed(&self, margin: f64) -> Vec<Placed> {
        self.offsets
            .iter()
            .enumerate()
            .map(|(part, &(offset, turn))| Placed {
                part,
                upside_down: turn.is_upside_down,
                quarters: turn.quarters,
                offset_mm: offset.map(|length| length + margin),
            })
            .collect()
    }
}

/// The first of the cheapest.
fn cheapest<'a>(
    places: impl Iterator<Item = (&'a HeightMap, Place)>,
) -> Option<(&'a HeightMap, Place)> {
    places.min_by(|(_, a), (_, b)| a.cost.total_cmp(&b.cost))
}

/// Places around the middle of a tower that are in the volume.
fn around(tower: &Tower, map: &HeightMap, all: Window) -> Window {
    let range = |axis: usize, [first, last]: [usize; 2]| {
        let corner = tower.middle[axis] / CELL_MM - map.size[axis] as f64 / 2.0;
        let play = TOWER_PLAY_MM / CELL_MM;
        // Casts of negative numbers stop at 0.
        [corner - play, corner + play].map(|cell| (cell.round() as usize).clamp(first, last))
    };
    Window { columns: range(0, all.columns), rows: range(1, all.rows) }
}

/// Longer and shorter side of a part seen from above, mm.
fn long_and_short(part: &PackPart<'_>) -> [f64; 2] {
    let far = f64::INFINITY;
    let (low, high) =
        part.mesh.triangles.iter().flatten().fold(([far; 2], [-far; 2]), |(low, high), &corner| {
            let point = part.mesh.vertices[corner as usize];
            let here = [point.x, point.y];
            ([0, 1].map(|k| low[k].min(here[k])), [0, 1].map(|k| high[k].max(here[k])))
        });
    let sides = [high[0] - low[0], high[1] - low[1]];
    [sides[0].max(sides[1]), sides[0].min(sides[1])]
}

/// The middle of a placed map, mm from the corner of what may be used.
fn middle(map: &HeightMap, place: &Place) -> [f64; 2] {
    [(place.column, map.size[0]), (place.row, map.size[1])]
        .map(|(corner, size)| (corner as f64 + size as f64 / 2.0) * CELL_MM)
}

/// Distance of two places seen from above, mm.
pub(crate) fn distance(a: [f64; 2], b: [f64; 2]) -> f64 {
    (a[0] - b[0]).hypot(a[1] - b[1])
}
