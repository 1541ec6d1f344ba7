//! The foot seen from below: exact heights on a grid, and exact sections across the foot.
//!
//! Every row of the grid cuts the triangles by the plane y = const; each cut is a segment in x and z.
//! A node's height is the lowest segment over it (the ray that goes up from the node meets it first),
//! and the row's outline is the reach of all segments in x.

use std::ops::Range;

use geometry::{HeightField, Point2, Point3};
use rayon::prelude::*;

use crate::grouped::Grouped;

/// What one row shows.
#[derive(Clone, Debug)]
struct Row {
    heights: Vec<f64>,
    from_inside: Vec<bool>,
    extent: Option<[f64; 2]>,
}

/// A look at a surface from below, up to a ceiling.
#[derive(Clone, Debug)]
pub(crate) struct View {
    /// Lowest surface over every node, mm; `NaN` where there is none under the ceiling.
    pub(crate) heights: HeightField,
    /// For every node whether the lowest surface faces up: the ray entered through a hole.
    pub(crate) from_inside: Vec<bool>,
    /// For every row the lowest and highest x of the section under the ceiling, mm.
    pub(crate) outline: Vec<Option<[f64; 2]>>,
    /// Lowest and highest y of the surface under the ceiling, mm.
    pub(crate) reach: [f64; 2],
}

/// Looks at the surface from below; nothing above `ceiling` (mm) is seen. `None` if nothing is.
///
/// Nodes stand at multiples of `spacing`, with at least one empty node around the silhouette.
pub(crate) fn look(
    vertices: &[Point3],
    triangles: &[[u32; 3]],
    spacing: f64,
    ceiling: f64,
) -> Option<View> {
    let seen: Vec<[u32; 3]> = triangles
        .par_iter()
        .copied()
        .filter(|t| t.iter().any(|&index| vertices[index as usize].z < ceiling))
        .collect();
    let [low, high] = bounds_under(vertices, &seen, ceiling)?;
    let first = |coordinate: f64| (coordinate / spacing).floor() - 1.0;
    let origin = Point2::new(first(low.x) * spacing, first(low.y) * spacing);
    let columns = ((high.x - origin.x) / spacing).floor() as usize + 3;
    let rows = ((high.y - origin.y) / spacing).floor() as usize + 3;

    let by_row = by_row(vertices, &seen, origin.y, spacing, rows);
    let grid = Grid { vertices, origin, spacing, columns, ceiling };
    let rows_seen: Vec<Row> = (0..rows)
        .into_par_iter()
        .map(|row| grid.look_along(row, by_row.of_group(row).iter().map(|&i| seen[i as usize])))
        .collect();

    let mut heights = Vec::with_capacity(rows * columns);
    let mut from_inside = Vec::with_capacity(rows * columns);
    let mut outline = Vec::with_capacity(rows);
    for row in rows_seen {
        heights.extend(row.heights);
        from_inside.extend(row.from_inside);
        outline.push(row.extent);
    }
    Some(View {
        heights: HeightField { origin, spacing, columns, rows, heights },
        from_inside,
        outline,
        reach: [low.y, high.y],
    })
}

impl View {
    /// Whether the lowest surface over a node faces up.
    pub(crate) fn is_from_inside(&self, column: usize, row: usize) -> bool {
        self.from_inside[row * self.heights.columns + column]
    }

    /// Lowest and highest x of the section at `y`, between the rows linearly; `None` off the foot.
    pub(crate) fn extent_at(&self, y: f64) -> Option<[f64; 2]> {
        let place = (y - self.heights.origin.y) / self.heights.spacing;
        if place < 0.0 {
            return None;
        }
        let row = place as usize;
        let share = place - row as f64;
        let near = (*self.outline.get(row)?)?;
        match self.outline.get(row + 1).copied().flatten() {
            Some(far) => Some([0, 1].map(|side| near[side] + share * (far[side] - near[side]))),
            None => Some(near),
        }
    }

    /// From the hindmost to the foremost point under the ceiling, mm.
    pub(crate) fn length(&self) -> f64 {
        self.reach[1] - self.reach[0]
    }

    /// The y at a share of the length from the hindmost point.
    pub(crate) fn y_at(&self, share: f64) -> f64 {
        self.reach[0] + share * self.length()
    }

    /// Share of the length from the hindmost point at which a y lies.
    pub(crate) fn share_at(&self, y: f64) -> f64 {
        (y - self.reach[0]) / self.length()
    }

    /// The rows whose y lies between two shares of the length, as (y, lowest x, highest x).
    pub(crate) fn sections(&self, shares: [f64; 2]) -> impl Iterator<Item = (f64, [f64; 2])> + '_ {
        let [low, high] = shares.map(|share| self.y_at(share));
        self.outline.iter().enumerate().filter_map(move |(row, extent)| {
            let y = self.heights.node(0, row).y;
            extent.filter(|_| (low..=high).contains(&y)).map(|extent| (y, extent))
        })
    }
}

/// Bounds of the part of the surface under the ceiling, cut exactly at it.
fn bounds_under(vertices: &[Point3], triangles: &[[u32; 3]], ceiling: f64) -> Option<[Point3; 2]> {
    let widened = |bounds: Option<[Point3; 2]>, point: Point3| {
        let [low, high] = bounds.unwrap_or([point, point]);
        Some([low.inf(&point), high.sup(&point)])
    };
    let with = |mut bounds: Option<[Point3; 2]>, triangle: &[u32; 3]| {
        for side in 0..3 {
            let a = vertices[triangle[side] as usize];
            let b = vertices[triangle[(side + 1) % 3] as usize];
            if a.z < ceiling {
                bounds = widened(bounds, a);
            }
            if (a.z < ceiling) != (b.z < ceiling) {
                bounds = widened(bounds, a + (b - a) * ((ceiling - a.z) / (b.z - a.z)));
            }
        }
        bounds
    };
    let joined = |one: Option<[Point3; 2]>, other: Option<[Point3; 2]>| {
        other.into_iter().flatten().fold(one, widened)
    };
    triangles.par_iter().fold(|| None, with).reduce(|| None, joined)
}

/// Triangle indices by row.
fn by_row(
    vertices: &[Point3],
    triangles: &[[u32; 3]],
    origin_y: f64,
    spacing: f64,
    rows: usize,
) -> Grouped {
    let spans: Vec<Range<u32>> = triangles
        .par_iter()
        .map(|triangle| {
            let y = triangle.map(|index| (vertices[index as usize].y - origin_y) / spacing);
            let low = y[0].min(y[1]).min(y[2]).max(0.0).floor() as usize;
            let high = y[0].max(y[1]).max(y[2]).max(0.0).ceil() as usize;
            low.min(rows) as u32..(high + 1).min(rows) as u32
        })
        .collect();
    Grouped::of(rows, &spans, |span, sink| span.clone().for_each(sink))
}

struct Grid<'a> {
    vertices: &'a [Point3],
    origin: Point2,
    spacing: f64,
    columns: usize,
    ceiling: f64,
}

impl Grid<'_> {
    fn look_along(&self, row: usize, triangles: impl Iterator<Item = [u32; 3]>) -> Row {
        let y = self.origin.y + self.spacing * row as f64;
        let mut seen = Row {
            heights: vec![f64::NAN; self.columns],
            from_inside: vec![false; self.columns],
            extent: None,
        };
        for triangle in triangles {
            if let Some(segment) = self.cut(triangle, y) {
                self.mark(&mut seen, segment, self.faces_up(triangle));
            }
        }
        seen
    }

    /// The segment in which the plane y = const cuts a triangle, as two points (x, z).
    ///
    /// A vertex in the plane counts as behind it, so that two edges are cut or none, and an edge's
    /// cut is the same for both of its triangles: no ray slips through between them.
    fn cut(&self, [a, b, c]: [u32; 3], y: f64) -> Option<[Point2; 2]> {
        let mut ends = [a, b, c].into_iter().zip([b, c, a]).filter_map(|(from, to)| {
            let p = self.vertices[from.min(to) as usize];
            let q = self.vertices[from.max(to) as usize];
            ((p.y <= y) != (q.y <= y)).then(|| {
                let share = (y - p.y) / (q.y - p.y);
                Point2::new(p.x + share * (q.x - p.x), p.z + share * (q.z - p.z))
            })
        });
        let (p, q) = (ends.next()?, ends.next()?);
        Some(if p.x <= q.x { [p, q] } else { [q, p] })
    }

    fn faces_up(&self, triangle: [u32; 3]) -> bool {
        let [a, b, c] = triangle.map(|index| self.vertices[index as usize].xy());
        (b - a).perp(&(c - a)) > 0.0
    }

    fn mark(&self, row: &mut Row, [p, q]: [Point2; 2], faces_up: bool) {
        let Some([p, q]) = under_ceiling([p, q], self.ceiling) else { return };
        let [low, high] = row.extent.unwrap_or([p.x, q.x]);
        row.extent = Some([low.min(p.x), high.max(q.x)]);
        let first = ((p.x - self.origin.x) / self.spacing).ceil().max(0.0) as usize;
        let last = ((q.x - self.origin.x) / self.spacing).floor();
        if last < first as f64 {
            return;
        }
        for column in first..=(last as usize).min(self.columns - 1) {
            let x = self.origin.x + self.spacing * column as f64;
            let share = if q.x > p.x { (x - p.x) / (q.x - p.x) } else { 0.0 };
            let height = p.y + share * (q.y - p.y);
            let known = row.heights[column];
            // Of two surfaces at the same height the one that faces down counts, whatever the order.
            if known.is_nan() || height < known || (height <= known && !faces_up) {
                row.heights[column] = height;
                row.from_inside[column] = faces_up;
            }
        }
    }
}

/// The part of a segment (x, z), sorted by x, that lies under the ceiling.
fn under_ceiling([p, q]: [Point2; 2], ceiling: f64) -> Option<[Point2; 2]> {
    let cut = || p + (q - p) * ((ceiling - p.y) / (q.y - p.y));
    match (p.y < ceiling, q.y < ceiling) {
        (true, true) => Some([p, q]),
        (true, false) => Some([p, cut()]),
        (false, true) => Some([cut(), q]),
        (false, false) => None,
    }
}

#[cfg(test)]
mod tests {
    use geometry::TriMesh;

    use super::*;

    #[test]
    fn a_box_shows_its_floor() {
        let cuboid = TriMesh::cuboid(Point3::new(-2.5, 0.0, 1.0), Point3::new(2.5, 10.0, 8.0));
        let view = look(&cuboid.vertices, &cuboid.triangles, 1.0, 5.0).unwrap();
        assert_eq!(view.reach, [0.0, 10.0]);
        let known = view.heights.heights.iter().filter(|height| !height.is_nan());
        assert!(known.clone().all(|height| (height - 1.0).abs() < 1e-12));
        // Columns -2 … 2; rows 0 … 9, as a row that touches the far side only counts as behind it.
        assert_eq!(known.count(), 5 * 10);
        assert!(!view.from_inside.contains(&true));
        assert_eq!(view.extent_at(3.3), Some([-2.5, 2.5]));
        assert_eq!(view.extent_at(-3.0), None);
    }

    #[test]
    fn a_tilted_plane_is_exact_and_a_hole_shows_the_inside() {
        let mut wedge = TriMesh::cuboid(Point3::new(0.0, 0.0, 0.0), Point3::new(20.0, 20.0, 30.0));
        for vertex in &mut wedge.vertices {
            vertex.z += 0.3 * vertex.x - 0.2 * vertex.y;
        }
        let view = look(&wedge.vertices, &wedge.triangles, 1.0, 100.0).unwrap();
        for row in 3..19 {
            for column in 3..19 {
                let node = view.heights.node(column, row);
                let expected = 0.3 * node.x - 0.2 * node.y;
                assert!((view.heights.at(column, row) - expected).abs() < 1e-12);
            }
        }
        wedge.triangles.drain(..2);
        let open = look(&wedge.vertices, &wedge.triangles, 1.0, 100.0).unwrap();
        assert!(open.from_inside[10 * open.heights.columns + 10]);
        assert!(open.heights.at(10, 10) > 25.0);
    }

    #[test]
    fn nothing_is_seen_above_the_ceiling() {
        let cuboid = TriMesh::cuboid(Point3::new(0.0, 0.0, 7.0), Point3::new(5.0, 5.0, 9.0));
        assert!(look(&cuboid.vertices, &cuboid.triangles, 1.0, 5.0).is_none());
    }
}
