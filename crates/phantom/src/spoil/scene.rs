//! Things in the picture beside the foot, each a surface of its own.

use geometry::{Point2, Point3, Rect, TriMesh, Vector3};
use vocabulary::Side;

use super::triangles::append;
use crate::random::Random;

/// Edge of the triangles of floors and boards, mm.
const EDGE_MM: f64 = 6.0;

/// Gap between foot and floor where they are not one surface, mm.
const FLOOR_GAP_MM: f64 = 0.4;

fn bounds(mesh: &TriMesh) -> (Point3, Point3) {
    mesh.bounds().unwrap_or((Point3::origin(), Point3::origin()))
}

/// A rectangle of triangles: `place` puts its coordinates into space.
fn sheet(area: Rect, place: impl Fn(Point2) -> Point3) -> TriMesh {
    let count = |low: f64, high: f64| (((high - low) / EDGE_MM).ceil() as u32).max(1);
    let (columns, rows) = (count(area.low.x, area.high.x), count(area.low.y, area.high.y));
    let mut mesh = TriMesh::default();
    for row in 0..=rows {
        for column in 0..=columns {
            let share = |at: u32, of: u32| f64::from(at) / f64::from(of);
            mesh.vertices.push(place(Point2::new(
                area.low.x + (area.high.x - area.low.x) * share(column, columns),
                area.low.y + (area.high.y - area.low.y) * share(row, rows),
            )));
        }
    }
    for row in 0..rows {
        for column in 0..columns {
            let at = row * (columns + 1) + column;
            let above = at + columns + 1;
            mesh.triangles.extend([[at, at + 1, above + 1], [at, above + 1, above]]);
        }
    }
    mesh
}

/// The rectangle on the ground that holds the foot and a margin.
pub(super) fn footprint(low: Point3, high: Point3, margin: f64) -> Rect {
    Rect {
        low: Point2::new(low.x - margin, low.y - margin),
        high: Point2::new(high.x + margin, high.y + margin),
    }
}

pub(super) fn floor(mesh: &mut TriMesh, margin_mm: f64) {
    let (low, high) = bounds(mesh);
    let area = footprint(low, high, margin_mm);
    append(mesh, &sheet(area, |at| Point3::new(at.x, at.y, -FLOOR_GAP_MM)));
}

/// Distance between the foot and the walls of a scanning box, mm.
const BOX_MARGIN_MM: f64 = 35.0;
/// Thickness of these walls, mm.
const WALL_MM: f64 = 8.0;

pub(super) fn box_rim(mesh: &mut TriMesh, height_mm: f64) {
    let (low, high) = bounds(mesh);
    let inner = footprint(low, high, BOX_MARGIN_MM);
    let outer = footprint(low, high, BOX_MARGIN_MM + WALL_MM);
    // Four corners each: outer bottom, outer top, inner top, inner bottom, around the box.
    let ring = |area: Rect, z: f64| {
        [
            Point3::new(area.low.x, area.low.y, z),
            Point3::new(area.high.x, area.low.y, z),
            Point3::new(area.high.x, area.high.y, z),
            Point3::new(area.low.x, area.high.y, z),
        ]
    };
    let rings =
        [ring(outer, 0.0), ring(outer, height_mm), ring(inner, height_mm), ring(inner, 0.0)];
    let mut walls = TriMesh { vertices: rings.concat(), triangles: Vec::new() };
    for level in 0..4_u32 {
        for corner in 0..4_u32 {
            let at = |level: u32, corner: u32| level % 4 * 4 + corner % 4;
            let quad = [
                at(level, corner),
                at(level, corner + 1),
                at(level + 1, corner + 1),
                at(level + 1, corner),
            ];
            walls.triangles.extend([[quad[0], quad[1], quad[2]], [quad[0], quad[2], quad[3]]]);
        }
    }
    append(mesh, &walls);
}

/// Height of a background board over the ground, mm, and how far it reaches beside the foot.
const BOARD_HEIGHT_MM: f64 = 250.0;
const BOARD_MARGIN_MM: f64 = 100.0;

pub(super) fn board(mesh: &mut TriMesh, behind_mm: f64) {
    let (low, high) = bounds(mesh);
    let area = Rect {
        low: Point2::new(low.x - BOARD_MARGIN_MM, 0.0),
        high: Point2::new(high.x + BOARD_MARGIN_MM, BOARD_HEIGHT_MM),
    };
    let y = low.y - behind_mm;
    append(mesh, &sheet(area, |at| Point3::new(-at.x, y, at.y)));
}

/// Gap between leg and post, mm.
const POST_GAP_MM: f64 = 12.0;
/// Width and depth of the post, mm.
const POST_MM: f64 = 40.0;

pub(super) fn stand(mesh: &mut TriMesh) {
    let (low, high) = bounds(mesh);
    let front = low.y - POST_GAP_MM;
    let half = 0.5 * POST_MM;
    let post = TriMesh::cuboid(
        Point3::new(-half, front - POST_MM, 0.0),
        Point3::new(half, front, high.z + 30.0),
    );
    let rest = TriMesh::cuboid(
        Point3::new(-1.5 * half, front - 0.2 * POST_MM, high.z + 4.0),
        Point3::new(1.5 * half, front + 90.0, high.z + 14.0),
    );
    append(mesh, &post);
    append(mesh, &rest);
}

/// Adds the mirror image; the feet stand as on a person, the right one at +x. Returns the shift along
/// x after the mirror.
pub(super) fn second_foot(mesh: &mut TriMesh, side: Side, gap_mm: f64) -> f64 {
    let (low, high) = bounds(mesh);
    // The medial borders face each other.
    let shift = match side {
        Side::Right => 2.0 * low.x - gap_mm,
        Side::Left => 2.0 * high.x + gap_mm,
    };
    let other = mesh.mirrored_x().translated(Vector3::new(shift, 0.0, 0.0));
    append(mesh, &other);
    shift
}

/// Distance from the box of the foot within which dirt lies, mm.
const DIRT_REACH_MM: f64 = 60.0;

/// Octahedra beside the foot.
pub(super) fn debris(mesh: &mut TriMesh, count: usize, radius_mm: f64, random: &mut Random) {
    let (low, high) = bounds(mesh);
    for _ in 0..count {
        let radius = random.between(0.2, 1.0) * radius_mm;
        let mut center = Point3::from(Vector3::from_fn(|axis, _| {
            random.between(low[axis] - DIRT_REACH_MM, high[axis] + DIRT_REACH_MM)
        }));
        // Out of the foot's box, through the side that is nearer.
        let middle = 0.5 * (low.x + high.x);
        let aside = radius + 2.0;
        center.x = if center.x < middle {
            center.x.min(low.x - aside)
        } else {
            center.x.max(high.x + aside)
        };
        append(mesh, &octahedron(center, radius));
    }
}

fn octahedron(center: Point3, radius: f64) -> TriMesh {
    let axes = [Vector3::x(), Vector3::y(), Vector3::z()];
    let vertices =
        axes.iter().flat_map(|axis| [center + axis * radius, center - axis * radius]).collect();
    let triangles = (0..8_u32)
        .map(|octant| {
            let corner = |axis: u32| 2 * axis + (octant >> axis & 1);
            let [a, b, c] = [corner(0), corner(1), corner(2)];
            if octant.count_ones() % 2 == 0 { [a, b, c] } else { [a, c, b] }
        })
        .collect();
    TriMesh { vertices, triangles }
}
