//! Which part of a shell every triangle of its mesh shows, for the colors of its files.

use export::{Zone, Zones};
use geometry::{Point2, Point3, Slab, TriMesh, polygon};
use shell::Shell;
use vocabulary::Side;

/// Names and colors, in the order of the indices below.
const ZONES: [(&str, [u8; 3]); 8] = [
    ("bed", [236, 233, 225]),
    ("underside", [150, 158, 168]),
    ("wall", [196, 196, 192]),
    ("pads", [242, 170, 80]),
    ("reliefs", [120, 180, 230]),
    ("rearfoot post", [70, 110, 170]),
    ("forefoot post", [80, 150, 120]),
    ("mark", [28, 32, 36]),
];

const BED: u8 = 0;
const UNDERSIDE: u8 = 1;
const WALL: u8 = 2;
const PADS: u8 = 3;
const RELIEFS: u8 = 4;
const REARFOOT_POST: u8 = 5;
const FOREFOOT_POST: u8 = 6;
const MARK: u8 = 7;

/// A unit normal with less upright part belongs to the wall.
const WALL_NORMAL_Z: f64 = 1e-4;
/// A pad or relief that changes less is not colored, mm.
const FELT: f64 = 0.3;
/// A contact face lies this close to the floor, mm.
const ON_FLOOR: f64 = 0.15;

/// For every triangle whether it is the face of the mark; empty without a mark. Slab and mesh are those that are made.
pub(crate) fn marked(slab: &Slab, mesh: &TriMesh) -> Vec<bool> {
    let Some(relief) = &slab.relief else { return Vec::new() };
    (0..mesh.triangles.len())
        .map(|triangle| {
            let [a, b, c] = mesh.corners(triangle);
            let middle = Point3::from((a.coords + b.coords + c.coords) / 3.0);
            let normal = mesh.scaled_normal(triangle);
            normal.z < -WALL_NORMAL_Z * normal.norm() && relief.contains(middle.xy())
        })
        .collect()
}

/// The zones of the mesh of a finished shell; slab and mesh of a left shell are mirrored.
///
/// # Panics
/// Never: every triangle gets an index of the table.
pub(crate) fn zones(shell: &Shell, side: Side, slab: &Slab, mesh: &TriMesh) -> Zones {
    let marked = marked(slab, mesh);
    let of_triangle = (0..mesh.triangles.len())
        .map(|triangle| {
            let corners = mesh.corners(triangle);
            let middle =
                Point3::from((corners[0].coords + corners[1].coords + corners[2].coords) / 3.0);
            let x = if side == Side::Left { -middle.x } else { middle.x };
            let point = Point2::new(x, middle.y);
            let normal = mesh.scaled_normal(triangle);
            match normal.z / normal.norm().max(f64::MIN_POSITIVE) {
                z if z.abs() <= WALL_NORMAL_Z => WALL,
                z if z > 0.0 => match shell.top_model.addition(point) {
                    raise if raise > FELT => PADS,
                    raise if raise < -FELT => RELIEFS,
                    _ => BED,
                },
                _ if marked.get(triangle) == Some(&true) => MARK,
                _ if middle.z > ON_FLOOR => UNDERSIDE,
                _ => {
                    let on = |face: &Option<Vec<Point2>>| {
                        face.as_ref().is_some_and(|face| polygon::contains(face, point))
                    };
                    if on(&shell.rearfoot_contact) {
                        REARFOOT_POST
                    } else if on(&shell.forefoot_contact) {
                        FOREFOOT_POST
                    } else {
                        UNDERSIDE
                    }
                }
            }
        })
        .collect();
    // A part without a mark names no such zone.
    let count = if slab.relief.is_some() { ZONES.len() } else { usize::from(MARK) };
    let zones =
        ZONES[..count].iter().map(|(name, color)| Zone { name: (*name).to_owned(), color: *color });
    Zones::new(zones.collect(), of_triangle, mesh)
        .unwrap_or_else(|error| unreachable!("indices are those of the table: {error}"))
}
