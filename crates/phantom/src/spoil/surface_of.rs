//! Other surfaces of the same foot: with the floor in one piece, as imprint, as cast.

use geometry::{Point2, Point3, TriMesh};
use vocabulary::Side;

use super::Spoiler;
use super::scene::footprint;
use super::triangles::drop_unused;
use crate::PhantomFoot;
use crate::field::smooth_minimum;
use crate::shape::FootShape;
use crate::surface::{Solid, extract};

/// What a surface-making spoiler shows of the foot, in the world frame; the foot's own mesh for any
/// other.
pub(super) fn surface(foot: &PhantomFoot, spoiler: &Spoiler) -> TriMesh {
    let shape = foot.truth.shape();
    let edge = foot.truth.resolution_mm();
    let right = match *spoiler {
        Spoiler::Floor { margin_mm, fused: true } => on_floor(shape, edge, margin_mm),
        Spoiler::FoamImprint { depth_mm, rim_mm } => imprint(shape, edge, depth_mm, rim_mm),
        Spoiler::PositiveCast { height_mm } => extract(&shape.as_cast(height_mm), edge),
        _ => return foot.mesh.clone(),
    };
    match foot.truth.side {
        Side::Right => right,
        Side::Left => right.mirrored_x(),
    }
}

/// The foot and a slab under it, melted together.
struct OnFloor<'a> {
    shape: &'a FootShape,
    margin: f64,
}

/// Rounding of the edge between foot and floor, mm: a sixth of it closes the gap of 0.25 mm between
/// the loaded skin and the ground.
const FLOOR_BLEND_MM: f64 = 3.0;
/// Thickness of the slab, mm. Its underside and border are dropped afterwards.
const SLAB_MM: f64 = 12.0;

impl Solid for OnFloor<'_> {
    fn value(&self, point: &Point3) -> f64 {
        let (low, high) = self.shape.bounds();
        let beside = |axis: usize| {
            (low[axis] - self.margin - point[axis]).max(point[axis] - high[axis] - self.margin)
        };
        let slab = point.z.max(-SLAB_MM - point.z).max(beside(0)).max(beside(1));
        smooth_minimum(self.shape.value(point), slab, FLOOR_BLEND_MM)
    }

    fn bounds(&self) -> (Point3, Point3) {
        let (low, high) = self.shape.bounds();
        let m = self.margin;
        (Point3::new(low.x - m, low.y - m, -SLAB_MM), Point3::new(high.x + m, high.y + m, high.z))
    }
}

fn on_floor(shape: &FootShape, edge: f64, margin: f64) -> TriMesh {
    let mut mesh = extract(&OnFloor { shape, margin }, edge);
    let vertices = std::mem::take(&mut mesh.vertices);
    mesh.triangles.retain(|triangle| {
        triangle.iter().all(|&index| vertices[index as usize].z > -0.2 * SLAB_MM)
    });
    mesh.vertices = vertices;
    drop_unused(&mut mesh);
    mesh
}

/// Distance between the foot and the box's wall, mm, and the wall's width.
const FOAM_MARGIN_MM: f64 = 25.0;
const WALL_MM: f64 = 10.0;
/// The foam's edge is torn down over this width, mm: no imprint has upright walls.
const TORN_MM: f64 = 2.0;

/// The foam seen from above: the sole where the foot went in, the foam's face elsewhere, the wall
/// of the box around it. The triangles face up.
fn imprint(shape: &FootShape, edge: f64, depth: f64, rim: f64) -> TriMesh {
    let (low, high) = shape.bounds();
    let inner = footprint(low, high, FOAM_MARGIN_MM);
    let area = footprint(low, high, FOAM_MARGIN_MM + WALL_MM);
    let count = |low: f64, high: f64| ((high - low) / edge).ceil() as usize;
    let (columns, rows) = (count(area.low.x, area.high.x), count(area.low.y, area.high.y));
    let node = |column: usize, row: usize| {
        Point2::new(area.low.x + column as f64 * edge, area.low.y + row as f64 * edge)
    };
    let height = |at: Point2| {
        let in_wall =
            at.x < inner.low.x || at.x > inner.high.x || at.y < inner.low.y || at.y > inner.high.y;
        if in_wall {
            return depth + rim;
        }
        shape.plantar_height(at).map_or(depth, |height| {
            // Smooth lower envelope of sole and foam.
            let near = (TORN_MM - (height - depth).abs()).max(0.0) / TORN_MM;
            height.min(depth) - near * near * TORN_MM * 0.25
        })
    };
    let mut mesh = TriMesh::default();
    for row in 0..=rows {
        for column in 0..=columns {
            let at = node(column, row);
            mesh.vertices.push(Point3::new(at.x, at.y, height(at)));
        }
    }
    let wide = columns as u32 + 1;
    for row in 0..rows as u32 {
        for column in 0..columns as u32 {
            let at = row * wide + column;
            mesh.triangles.extend([[at, at + 1, at + wide + 1], [at, at + wide + 1, at + wide]]);
        }
    }
    mesh
}
