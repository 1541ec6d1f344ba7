//! Double surfaces: layers that face the same way a few millimeters apart.
//!
//! A foot's skin has one layer. Views that were put together although the foot had moved between them
//! leave two: a line through the skin along its normal meets a second surface that faces the same way.

use geometry::{Point3, TriMesh, Vector3};
use rayon::prelude::*;

use super::surface::median;
use crate::grouped::Grouped;

/// How far the second layer may lie, mm.
const REACH_MM: f64 = 6.0;

/// Nearer than this it is the same skin: a fold of a mesh, a rounding, mm.
const SAME_MM: f64 = 0.15;

/// Nearer than so many standard deviations of the noise it is the same skin: noise that is as large as
/// the triangles folds them over each other.
const SAME_DEVIATIONS: f64 = 4.0;

/// Least cosine between the normals of both layers.
const SAME_WAY_COS: f64 = 0.6;

/// Places that are probed.
const PROBES: usize = 3000;

/// Share of the surface, percent, with a second layer, and the median distance of the layers, mm (0
/// where there is none).
pub(super) fn double_surface(mesh: &TriMesh, cells: &Cells, noise_mm: f64) -> (f64, f64) {
    let same = SAME_MM.max(SAME_DEVIATIONS * noise_mm);
    // What noise folds is as far apart as layers could be: nothing can be said.
    if same > REACH_MM / 2.0 {
        return (0.0, 0.0);
    }
    let places = places(mesh);
    let mut distances: Vec<f64> = places
        .par_iter()
        .filter_map(|&(place, normal)| second_layer(mesh, cells, place, normal, same))
        .collect();
    let share = 100.0 * distances.len() as f64 / places.len().max(1) as f64;
    (share, median(&mut distances).unwrap_or(0.0))
}

/// Middles and normals of triangles at equal steps of area.
fn places(mesh: &TriMesh) -> Vec<(Point3, Vector3)> {
    let areas: Vec<f64> = (0..mesh.triangles.len())
        .into_par_iter()
        .map(|triangle| mesh.scaled_normal(triangle).norm() / 2.0)
        .collect();
    let step = areas.iter().sum::<f64>() / PROBES as f64;
    let mut next = step / 2.0;
    let mut sum = 0.0;
    let mut places = Vec::with_capacity(PROBES);
    for (triangle, area) in areas.into_iter().enumerate() {
        sum += area;
        if sum >= next
            && let Some(normal) = mesh.scaled_normal(triangle).try_normalize(1e-12)
        {
            let [a, b, c] = mesh.corners(triangle);
            places.push((Point3::from((a.coords + b.coords + c.coords) / 3.0), normal));
            while sum >= next {
                next += step;
            }
        }
    }
    places
}

/// Distance of the nearest second layer along the normal, to either side.
fn second_layer(
    mesh: &TriMesh,
    cells: &Cells,
    place: Point3,
    normal: Vector3,
    same: f64,
) -> Option<f64> {
    let along = normal * REACH_MM;
    cells
        .along(place - along, place + along)
        .filter_map(|triangle| {
            let [a, b, c] = mesh.corners(triangle as usize);
            let face = (b - a).cross(&(c - a));
            let steep = face.dot(&normal);
            if steep < SAME_WAY_COS * face.norm() {
                return None;
            }
            let distance = face.dot(&(a - place)) / steep;
            if distance.abs() > REACH_MM || distance.abs() < same {
                return None;
            }
            let hit = place + normal * distance;
            let inside =
                |from: Point3, to: Point3| (to - from).cross(&(hit - from)).dot(&along) >= 0.0;
            (inside(a, b) && inside(b, c) && inside(c, a)).then_some(distance.abs())
        })
        .min_by(f64::total_cmp)
}

/// Steps along a segment, in sizes of a cell: what it cuts of a cell's corner by less is missed.
const STEP_SHARE: f64 = 0.2;

/// Smallest cells, mm: with finer ones a fine mesh takes longer to sort than is saved by looking at less.
const FINEST_CELL_MM: f64 = 2.0;

/// Cells for a mesh of an edge, mm: a few triangles in each, and not more cells than a layer's distance needs.
pub(super) fn cell_size(median_edge: f64) -> f64 {
    (2.0 * median_edge).clamp(FINEST_CELL_MM, REACH_MM)
}

/// Triangles by the cells of a grid that their bounding boxes touch.
pub(super) struct Cells {
    low: Point3,
    size: f64,
    counts: [usize; 3],
    /// Triangles by cell.
    triangles: Grouped,
}

/// Most cells along an axis; a larger scan gets larger cells.
const MOST_CELLS: f64 = 200.0;

/// Most cells that one triangle is entered in: a lid of one triangle must not fill the memory. A larger
/// one is left out, as no skin is.
const MOST_CELLS_OF_ONE: usize = 4000;

/// How many cells a block has, by its first and its last one.
fn cells_between(from: [usize; 3], to: [usize; 3]) -> usize {
    [0, 1, 2].map(|axis| to[axis] - from[axis] + 1).iter().product()
}

impl Cells {
    /// Cells of `size` mm, or larger ones where that would be too many.
    pub(super) fn of_size(mesh: &TriMesh, size: f64) -> Self {
        let (low, high) = mesh.bounds().unwrap_or((Point3::origin(), Point3::origin()));
        let size = size.max((high - low).max() / MOST_CELLS);
        let counts = [0, 1, 2].map(|axis| ((high[axis] - low[axis]) / size) as usize + 1);
        let mut cells = Self { low, size, counts, triangles: Grouped::default() };
        let of_vertex: Vec<[u16; 3]> = mesh
            .vertices
            .par_iter()
            .map(|vertex| cells.cell(*vertex).map(|place| place as u16))
            .collect();
        // First and last cell of every triangle.
        let blocks: Vec<[[u16; 3]; 2]> = mesh
            .triangles
            .par_iter()
            .map(|triangle| {
                let [a, b, c] = triangle.map(|index| of_vertex[index as usize]);
                let axes = [0, 1, 2];
                [
                    axes.map(|axis| a[axis].min(b[axis]).min(c[axis])),
                    axes.map(|axis| a[axis].max(b[axis]).max(c[axis])),
                ]
            })
            .collect();
        cells.triangles = Grouped::of(counts.iter().product(), &blocks, |block, sink| {
            let [from, to] = block.map(|corner| corner.map(usize::from));
            if from == to {
                sink(cells.index(from));
            } else if cells_between(from, to) <= MOST_CELLS_OF_ONE {
                for x in from[0]..=to[0] {
                    for y in from[1]..=to[1] {
                        (from[2]..=to[2]).for_each(|z| sink(cells.index([x, y, z])));
                    }
                }
            }
        });
        cells
    }

    /// The cells of a block, by its first and its last one.
    fn between(&self, from: [usize; 3], to: [usize; 3]) -> impl Iterator<Item = u32> + '_ {
        (from[0]..=to[0])
            .flat_map(move |x| (from[1]..=to[1]).map(move |y| [x, y]))
            .flat_map(move |[x, y]| (from[2]..=to[2]).map(move |z| self.index([x, y, z])))
    }

    fn cell(&self, point: Point3) -> [usize; 3] {
        [0, 1, 2].map(|axis| {
            let place = ((point[axis] - self.low[axis]) / self.size).max(0.0) as usize;
            place.min(self.counts[axis] - 1)
        })
    }

    fn index(&self, [x, y, z]: [usize; 3]) -> u32 {
        ((x * self.counts[1] + y) * self.counts[2] + z) as u32
    }

    /// Triangles in the cells that a box touches; a triangle may come more than once.
    pub(super) fn touching(&self, low: Point3, high: Point3) -> impl Iterator<Item = u32> + '_ {
        let (from, mut to) = (self.cell(low), self.cell(high));
        if cells_between(from, to) > MOST_CELLS_OF_ONE {
            to = from;
        }
        self.between(from, to).flat_map(|cell| self.in_cell(cell))
    }

    /// Triangles in the cells that a segment runs through; a triangle may come more than once.
    fn along(&self, from: Point3, to: Point3) -> impl Iterator<Item = u32> + '_ {
        let steps = ((to - from).norm() / (STEP_SHARE * self.size)).ceil().max(1.0);
        let mut last = None;
        (0..=steps as usize)
            .map(move |step| self.index(self.cell(from + (to - from) * (step as f64 / steps))))
            .filter(move |cell| last.replace(*cell) != Some(*cell))
            .flat_map(|cell| self.in_cell(cell))
    }

    fn in_cell(&self, cell: u32) -> impl Iterator<Item = u32> + '_ {
        self.triangles.of_group(cell as usize).iter().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(mesh: &TriMesh) -> Cells {
        Cells::of_size(mesh, 3.0)
    }

    fn ball(radius: f64) -> TriMesh {
        let (rings, sectors) = (60_u32, 120_u32);
        let mut vertices = Vec::new();
        let mut triangles = Vec::new();
        for ring in 0..=rings {
            for sector in 0..sectors {
                let polar = std::f64::consts::PI * f64::from(ring) / f64::from(rings);
                let around = std::f64::consts::TAU * f64::from(sector) / f64::from(sectors);
                vertices.push(Point3::new(
                    radius * polar.sin() * around.cos(),
                    radius * polar.sin() * around.sin(),
                    radius * polar.cos(),
                ));
            }
        }
        for ring in 0..rings {
            for sector in 0..sectors {
                let next = (sector + 1) % sectors;
                let [a, b] = [ring * sectors + sector, (ring + 1) * sectors + sector];
                let [c, d] = [(ring + 1) * sectors + next, ring * sectors + next];
                triangles.extend([[a, b, c], [a, c, d]]);
            }
        }
        TriMesh { vertices, triangles }
    }

    #[test]
    fn one_layer_is_one_and_two_are_two() {
        let plain = ball(50.0);
        let (share, step) = double_surface(&plain, &cells(&plain), 0.0);
        assert!(share < 0.5 && step < 0.5, "{share} {step}");
        let mut double = plain.clone();
        let outer = ball(52.0);
        let offset = double.vertices.len() as u32;
        double.vertices.extend(outer.vertices);
        double.triangles.extend(outer.triangles.iter().map(|t| t.map(|index| index + offset)));
        let (share, step) = double_surface(&double, &cells(&double), 0.1);
        assert!(share > 95.0, "{share}");
        assert!((step - 2.0).abs() < 0.1, "{step}");
    }

    #[test]
    fn a_wall_of_two_sides_is_no_double_surface() {
        let plate = TriMesh::cuboid(Point3::origin(), Point3::new(80.0, 80.0, 3.0));
        assert!(double_surface(&plate, &cells(&plate), 0.0).0 < 0.1);
    }
}
