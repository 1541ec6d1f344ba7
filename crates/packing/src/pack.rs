//! One part after the other to the lowest place that is left.

use geometry::{Point3, TriMesh};
use rayon::prelude::*;
use serde::Serialize;

use crate::distance::{Solid, distance_below};
use crate::height_map::{CELL_MM, HeightMap, turned};

/// Places are tried this far apart, mm; the best one is then refined to a cell.
const STEP_MM: f64 = 6.0;

/// A part may lie this share of a length higher to be that length nearer to the other one of its pair: a shell
/// beside its partner or on top of it is taken before one across the build.
const PAIR_PULL: f64 = 0.08;

/// A part farther than this many of its lengths from its partner is placed again, nearer.
const PAIR_REACH: f64 = 0.9;

/// The maps are in single precision; the distance may be off by this, mm.
const ROUNDING_MM: f64 = 1e-3;

/// A build volume and what must stay free in it, mm.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct BuildVolume {
    /// Width, depth, height.
    pub size_mm: [f64; 3],
    /// Least distance between parts.
    pub spacing_mm: f64,
    /// Least distance to the sides, the floor and the lid.
    pub wall_margin_mm: f64,
}

/// A part to be packed.
#[derive(Clone, Copy, Debug)]
pub struct PackPart<'a> {
    /// Name, for errors.
    pub name: &'a str,
    /// Closed mesh, mm.
    pub mesh: &'a TriMesh,
    /// Parts of the same number belong together.
    pub pair: usize,
}

/// Where a part went: turned about the z axis first, then moved.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Placed {
    /// Index of the part.
    pub part: usize,
    /// Quarter turns, counter-clockwise from above.
    pub quarters: u8,
    /// What to add to the turned part, mm.
    pub offset_mm: [f64; 3],
}

impl Placed {
    /// The place in the build volume of a place in the part.
    #[must_use]
    pub fn apply(&self, point: Point3) -> Point3 {
        turned(point, self.quarters) + geometry::Vector3::from(self.offset_mm)
    }
}

/// A packed build.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Packing {
    /// Every part, in the order of the parts.
    pub placed: Vec<Placed>,
    /// Height that is used, margins included, mm.
    pub height_mm: f64,
    /// Volume of the parts over that of the used height of the build volume, 0 to 1.
    pub density: f64,
    /// Least distance between two parts, measured between their meshes, mm; `None` where all parts
    /// are farther apart than one and a half spacings.
    pub least_distance_mm: Option<f64>,
    /// Largest distance between the middles of a pair, mm.
    pub widest_pair_mm: f64,
}

/// Why nothing was packed.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum PackError {
    /// A part is larger than the volume.
    #[error(
        "{name} is {:.0} × {:.0} × {:.0} mm; with a margin of {margin_mm} mm the build volume holds \
         {:.0} × {:.0} × {:.0} mm",
        part_mm[0], part_mm[1], part_mm[2], room_mm[0], room_mm[1], room_mm[2]
    )]
    TooLarge {
        /// Name of the part.
        name: String,
        /// Its size.
        part_mm: [f64; 3],
        /// Free size of the volume.
        room_mm: [f64; 3],
        /// Margin to the walls.
        margin_mm: f64,
    },
    /// Not all parts fit.
    #[error(
        "{fit} of {parts} parts fit into the height of {height_mm} mm; take {name} and what comes \
         after it to the next build"
    )]
    Full {
        /// Parts that fit.
        fit: usize,
        /// All parts.
        parts: usize,
        /// Height of the volume.
        height_mm: f64,
        /// First part that does not fit.
        name: String,
    },
    /// A part without a surface, or with a coordinate that is no number.
    #[error("{name} has no closed surface of finite size")]
    NoSurface {
        /// Name of the part.
        name: String,
    },
    /// The measured distance is under the spacing: a bug of this program.
    #[error("{first} and {second} are only {distance_mm:.3} mm apart")]
    TooNear {
        /// Name of one part.
        first: String,
        /// Name of the other.
        second: String,
        /// Their distance.
        distance_mm: f64,
    },
}

/// What is filled so far.
struct Heap {
    columns: usize,
    rows: usize,
    /// Highest filled place of each cell, mm over the lowest place that may be used.
    top: Vec<f32>,
}

/// A place for a part.
#[derive(Clone, Copy, Debug)]
struct Place {
    column: usize,
    row: usize,
    z: f64,
    cost: f64,
}

impl Heap {
    /// How high a map would lie; `None` where that is not under `limit`.
    fn height_of(&self, map: &HeightMap, column: usize, row: usize, limit: f32) -> Option<f32> {
        let width = map.size[0] + 2 * map.margin;
        let mut z = 0.0_f32;
        // The spacing may reach out of the volume; walls have a margin of their own.
        let skip_x = map.margin.saturating_sub(column);
        let first = (column + skip_x) - map.margin;
        let last = (column + map.size[0] + map.margin).min(self.columns);
        for map_row in 0..map.size[1] + 2 * map.margin {
            let Some(heap_row) = (row + map_row).checked_sub(map.margin) else { continue };
            if heap_row >= self.rows {
                break;
            }
            let heights =
                &self.top[heap_row * self.columns + first..heap_row * self.columns + last];
            let start = map_row * width + skip_x;
            let frees = &map.free_below[start..start + heights.len()];
            let row_z =
                heights.iter().zip(frees).fold(0.0_f32, |z, (height, free)| z.max(height - free));
            z = z.max(row_z);
            if z >= limit {
                return None;
            }
        }
        Some(z)
    }

    fn fill(&mut self, map: &HeightMap, place: &Place) {
        for row in 0..map.size[1] {
            for column in 0..map.size[0] {
                let top = map.top[row * map.size[0] + column];
                if top.is_finite() {
                    let cell = (place.row + row) * self.columns + place.column + column;
                    self.top[cell] = self.top[cell].max(top + place.z as f32);
                }
            }
        }
    }

    /// The cheapest place for a map; `near` is the middle of the other part of the pair.
    fn best_place(&self, map: &HeightMap, near: Option<[f64; 2]>, pull: f64) -> Option<Place> {
        let last = [self.columns.checked_sub(map.size[0])?, self.rows.checked_sub(map.size[1])?];
        let step = (STEP_MM / CELL_MM) as usize;
        let stops = |last: usize| (0..last).step_by(step).chain([last]).collect::<Vec<usize>>();
        let columns = stops(last[0]);
        let try_at = |column: usize, row: usize, best: Option<Place>| -> Option<Place> {
            let pull = near.map_or(0.0, |near| {
                let middle = [column + map.size[0] / 2, row + map.size[1] / 2];
                let away = (middle[0] as f64 * CELL_MM - near[0])
                    .hypot(middle[1] as f64 * CELL_MM - near[1]);
                pull * away
            });
            // Towards the near left corner where nothing else decides.
            let corner = 1e-4 * (column + row) as f64;
            let rest = map.height + pull + corner;
            let limit = best.map_or(f32::INFINITY, |best| (best.cost - rest) as f32);
            if limit <= 0.0 {
                return None;
            }
            let z = f64::from(self.height_of(map, column, row, limit)?);
            Some(Place { column, row, z, cost: z + rest })
        };
        let mut best = stops(last[1])
            .into_par_iter()
            .filter_map(|row| {
                columns.iter().fold(None, |best, &column| try_at(column, row, best).or(best))
            })
            .min_by(|a, b| {
                a.cost.total_cmp(&b.cost).then(a.row.cmp(&b.row)).then(a.column.cmp(&b.column))
            })?;
        let around = |at: usize, last: usize| at.saturating_sub(step)..=(at + step).min(last);
        let (rows, columns) = (around(best.row, last[1]), around(best.column, last[0]));
        for row in rows {
            for column in columns.clone() {
                best = try_at(column, row, Some(best)).unwrap_or(best);
            }
        }
        Some(best)
    }
}

/// Packs parts in their order; `progress` hears of each part that has found its place, and of the
/// number of all. The result does not depend on the number of threads.
///
/// # Errors
/// [`PackError`]: a part too large or without a surface, more parts than fit.
pub fn pack(
    parts: &[PackPart<'_>],
    volume: &BuildVolume,
    progress: &(dyn Fn(usize, usize) + Sync),
) -> Result<Packing, PackError> {
    let margin = volume.wall_margin_mm;
    let room = volume.size_mm.map(|length| length - 2.0 * margin);
    let cells = |length: f64| (length / CELL_MM).floor().max(0.0) as usize;
    let (columns, rows) = (cells(room[0]), cells(room[1]));
    let mut heap = Heap { columns, rows, top: vec![f32::NEG_INFINITY; columns * rows] };
    let mut placed: Vec<Placed> = Vec::new();
    let mut middles: Vec<[f64; 2]> = Vec::new();
    let mut height = 0.0_f64;
    for (index, part) in parts.iter().enumerate() {
        check_surface(part)?;
        let maps: Vec<HeightMap> = (0..4_u8)
            .into_par_iter()
            .map(|quarters| HeightMap::new(part.mesh, quarters, volume.spacing_mm + ROUNDING_MM))
            .collect();
        let fits = |map: &HeightMap| {
            map.size[0] <= columns && map.size[1] <= rows && map.height <= room[2]
        };
        if !maps.iter().any(fits) {
            let [width, depth] = maps[0].size.map(|cells| cells as f64 * CELL_MM);
            return Err(PackError::TooLarge {
                name: part.name.to_owned(),
                part_mm: [width, depth, maps[0].height],
                room_mm: room,
                margin_mm: margin,
            });
        }
        let near = (0..index).rev().find(|&other| parts[other].pair == part.pair);
        let near = near.map(|other| middles[other]);
        let lowest = |pull: f64| {
            maps.iter()
                .filter_map(|map| heap.best_place(map, near, pull).map(|place| (map, place)))
                .min_by(|(_, a), (_, b)| a.cost.total_cmp(&b.cost))
        };
        let is_near = |(map, place): &(&HeightMap, Place)| {
            let reach = PAIR_REACH * map.size[0].max(map.size[1]) as f64 * CELL_MM;
            near.is_none_or(|near| distance(middle(map, place), near) <= reach)
        };
        let best = lowest(PAIR_PULL).filter(is_near).or_else(|| lowest(5.0 * PAIR_PULL));
        let Some((map, place)) = best.filter(|(map, place)| place.z + map.height <= room[2]) else {
            return Err(PackError::Full {
                fit: index,
                parts: parts.len(),
                height_mm: volume.size_mm[2],
                name: part.name.to_owned(),
            });
        };
        heap.fill(map, &place);
        height = height.max(place.z + map.height);
        middles.push(middle(map, &place));
        let corner = [place.column as f64 * CELL_MM, place.row as f64 * CELL_MM, place.z];
        placed.push(Placed {
            part: index,
            quarters: map.quarters,
            offset_mm: [0, 1, 2].map(|axis| corner[axis] + margin - map.low[axis]),
        });
        progress(index + 1, parts.len());
    }
    let height_mm = height + 2.0 * margin;
    let used = volume.size_mm[0] * volume.size_mm[1] * height_mm;
    let filled: f64 = parts.iter().map(|part| part.mesh.volume().abs()).sum();
    Ok(Packing {
        least_distance_mm: least_distance(parts, &placed, volume.spacing_mm)?,
        height_mm,
        density: filled / used.max(1e-9),
        widest_pair_mm: widest_pair(parts, &middles),
        placed,
    })
}

/// The middle of a placed map, mm from the corner of what may be used.
fn middle(map: &HeightMap, place: &Place) -> [f64; 2] {
    [(place.column, map.size[0]), (place.row, map.size[1])]
        .map(|(corner, size)| (corner as f64 + size as f64 / 2.0) * CELL_MM)
}

fn distance(a: [f64; 2], b: [f64; 2]) -> f64 {
    (a[0] - b[0]).hypot(a[1] - b[1])
}

fn check_surface(part: &PackPart<'_>) -> Result<(), PackError> {
    let count = part.mesh.vertices.len();
    let is_sound =
        part.mesh.vertices.iter().all(|point| point.coords.iter().all(|c| c.abs() < 1e5))
            && part.mesh.triangles.iter().flatten().all(|&corner| (corner as usize) < count)
            && part.mesh.volume().abs() > 0.0;
    if is_sound { Ok(()) } else { Err(PackError::NoSurface { name: part.name.to_owned() }) }
}

fn widest_pair(parts: &[PackPart<'_>], middles: &[[f64; 2]]) -> f64 {
    let mut widest = 0.0_f64;
    for (index, part) in parts.iter().enumerate() {
        if let Some(other) = (0..index).rev().find(|&other| parts[other].pair == part.pair) {
            widest = widest.max(distance(middles[index], middles[other]));
        }
    }
    widest
}

/// The least distance between any two parts, by their meshes; those farther apart than one and a
/// half spacings are not measured.
fn least_distance(
    parts: &[PackPart<'_>],
    placed: &[Placed],
    spacing_mm: f64,
) -> Result<Option<f64>, PackError> {
    let solids: Vec<Solid> = parts
        .par_iter()
        .zip(placed)
        .map(|(part, placed)| Solid::new(part.mesh, |point| placed.apply(point)))
        .collect();
    let reach = 1.5 * spacing_mm;
    let pairs: Vec<(usize, usize)> = (0..solids.len())
        .flat_map(|first| (0..first).map(move |second| (second, first)))
        .filter(|&(first, second)| solids[first].box_distance(&solids[second]) < reach)
        .collect();
    // Below the spacing itself everything is measured; over it, only enough to tell the least.
    let found: Vec<Option<f64>> = pairs
        .par_iter()
        .map(|&(first, second)| {
            distance_below(&solids[first], &solids[second], spacing_mm + 2.0 * ROUNDING_MM)
                .or_else(|| distance_below(&solids[first], &solids[second], reach))
        })
        .collect();
    let mut least: Option<f64> = None;
    for (&(first, second), distance) in pairs.iter().zip(found) {
        let Some(distance) = distance else { continue };
        if distance < spacing_mm - ROUNDING_MM {
            return Err(PackError::TooNear {
                first: parts[first].name.to_owned(),
                second: parts[second].name.to_owned(),
                distance_mm: distance,
            });
        }
        least = Some(least.map_or(distance, |least| least.min(distance)));
    }
    Ok(least)
}
