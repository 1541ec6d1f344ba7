//! One part after the other to the lowest place that is left.

use geometry::{Point3, TriMesh};
use rayon::prelude::*;
use serde::Serialize;

use crate::distance::{Solid, distance_below};
use crate::height_map::{CELL_MM, HeightMap, Turn, turned};
use crate::plan::{PAIR_PULL, Plan, distance};

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

/// Where a part went: laid upside down or not, turned about the z axis, then moved.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Placed {
    /// Index of the part.
    pub part: usize,
    /// Whether half a turn about the x axis comes first: cup faces cup then, and the two share room.
    pub upside_down: bool,
    /// Quarter turns, counter-clockwise from above.
    pub quarters: u8,
    /// What to add to the turned part, mm.
    pub offset_mm: [f64; 3],
}

impl Placed {
    /// The turn as rows of a matrix.
    #[must_use]
    pub fn rotation(&self) -> [[f64; 3]; 3] {
        let (sin, cos) =
            [(0.0, 1.0), (1.0, 0.0), (0.0, -1.0), (-1.0, 0.0)][usize::from(self.quarters % 4)];
        let up = if self.upside_down { -1.0 } else { 1.0 };
        [[cos, -sin * up, 0.0], [sin, cos * up, 0.0], [0.0, 0.0, up]]
    }

    /// The place in the build volume of a place in the part.
    #[must_use]
    pub fn apply(&self, point: Point3) -> Point3 {
        let turn = Turn { is_upside_down: self.upside_down, quarters: self.quarters };
        turned(point, turn) + geometry::Vector3::from(self.offset_mm)
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
    for part in parts {
        check_surface(part)?;
    }
    let mut plans = Plan::all(parts, columns, rows, volume.spacing_mm);
    for (index, part) in parts.iter().enumerate() {
        let maps: Vec<HeightMap> = Turn::ALL
            .into_par_iter()
            .map(|turn| HeightMap::new(part.mesh, turn, volume.spacing_mm + ROUNDING_MM))
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
        // A plan that is full is out, for a later part must not overtake an earlier one.
        plans = plans
            .into_par_iter()
            .filter_map(|mut plan| plan.place(&maps, near, room[2]).then_some(plan))
            .collect();
        if plans.is_empty() {
            return Err(PackError::Full {
                fit: index,
                parts: parts.len(),
                height_mm: volume.size_mm[2],
                name: part.name.to_owned(),
            });
        }
        progress(index + 1, parts.len());
    }
    let cost = |plan: &Plan| plan.height + PAIR_PULL * widest_pair(parts, &plan.middles);
    // Plans are in a fixed order and the first of equal ones is taken.
    let best = plans.iter().min_by(|a, b| cost(a).total_cmp(&cost(b)));
    let empty = Plan::new(columns, rows, Vec::new());
    let plan = best.unwrap_or(&empty);
    let placed = plan.placed(margin);
    let height_mm = plan.height + 2.0 * margin;
    let used = volume.size_mm[0] * volume.size_mm[1] * height_mm;
    let filled: f64 = parts.iter().map(|part| part.mesh.volume().abs()).sum();
    Ok(Packing {
        least_distance_mm: least_distance(parts, &placed, volume.spacing_mm)?,
        height_mm,
        density: filled / used.max(1e-9),
        widest_pair_mm: widest_pair(parts, &plan.middles),
        placed,
    })
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
