//! Things that are no feet, as a scanner might see them; millimeters.

use geometry::{Point3, TriMesh, Vector2};

/// A closed body of revolution around y: radius over a share of the length, 0 to 1.
pub(crate) fn turned(length: f64, radius: impl Fn(f64) -> f64) -> TriMesh {
    let (rings, sectors) = (80_u32, 96_u32);
    let mut vertices = vec![Point3::new(0.0, 0.0, 0.0), Point3::new(0.0, length, 0.0)];
    for ring in 0..=rings {
        let share = f64::from(ring) / f64::from(rings);
        for sector in 0..sectors {
            let angle = std::f64::consts::TAU * f64::from(sector) / f64::from(sectors);
            let r = radius(share);
            vertices.push(Point3::new(r * angle.cos(), share * length, -r * angle.sin()));
        }
    }
    let at = |ring: u32, sector: u32| 2 + ring * sectors + sector % sectors;
    let mut triangles = Vec::new();
    for sector in 0..sectors {
        triangles.push([0, at(0, sector + 1), at(0, sector)]);
        triangles.push([1, at(rings, sector), at(rings, sector + 1)]);
        for ring in 0..rings {
            let [a, b] = [at(ring, sector), at(ring + 1, sector)];
            let [c, d] = [at(ring + 1, sector + 1), at(ring, sector + 1)];
            triangles.extend([[a, d, b], [b, d, c]]);
        }
    }
    TriMesh { vertices, triangles }
}

/// Rods of round section side by side in a plane, melted together: from (x, y) to (x, y), with radii.
pub(crate) fn rods(rods: &[([f64; 2], [f64; 2], [f64; 2])], flatness: f64) -> TriMesh {
    let half_thickness = |x: f64, y: f64| {
        rods.iter()
            .map(|&(from, to, radii)| {
                let (from, to) = (Vector2::from(from), Vector2::from(to));
                let way = to - from;
                let share =
                    ((Vector2::new(x, y) - from).dot(&way) / way.norm_squared()).clamp(0.0, 1.0);
                let radius = radii[0] + share * (radii[1] - radii[0]);
                let off = (Vector2::new(x, y) - from - share * way).norm();
                radius * radius - off * off
            })
            .fold(f64::NEG_INFINITY, f64::max)
            .max(0.0)
            .sqrt()
            * flatness
    };
    let reach = |pick: fn(f64, f64) -> f64, axis: usize, sign: f64| {
        rods.iter()
            .flat_map(|(from, to, radii)| {
                [from[axis] + sign * radii[0], to[axis] + sign * radii[1]]
            })
            .reduce(pick)
            .unwrap_or(0.0)
    };
    let step = 1.5;
    let low = [0, 1].map(|axis| reach(f64::min, axis, -1.0) - step);
    let high = [0, 1].map(|axis| reach(f64::max, axis, 1.0) + step);
    let [columns, rows] = [0, 1].map(|axis| ((high[axis] - low[axis]) / step) as u32 + 2);
    let thick =
        |c: u32, r: u32| half_thickness(low[0] + f64::from(c) * step, low[1] + f64::from(r) * step);
    let mut mesh = TriMesh { vertices: Vec::new(), triangles: Vec::new() };
    for side in [1.0, -1.0] {
        let offset = mesh.vertices.len() as u32;
        for r in 0..rows {
            for c in 0..columns {
                let place = [low[0] + f64::from(c) * step, low[1] + f64::from(r) * step];
                mesh.vertices.push(Point3::new(place[0], place[1], side * thick(c, r)));
            }
        }
        for r in 0..rows - 1 {
            for c in 0..columns - 1 {
                let corners = [(c, r), (c + 1, r), (c + 1, r + 1), (c, r + 1)];
                if corners.iter().all(|&(c, r)| thick(c, r) == 0.0) {
                    continue;
                }
                let [i, j, k, l] = corners.map(|(c, r)| {
                    // The rim belongs to both halves.
                    let shared = thick(c, r) == 0.0;
                    if shared { r * columns + c } else { offset + r * columns + c }
                });
                if side > 0.0 {
                    mesh.triangles.extend([[i, j, k], [i, k, l]]);
                } else {
                    mesh.triangles.extend([[i, k, j], [i, l, k]]);
                }
            }
        }
    }
    mesh
}

/// A right hand lying flat: palm, four fingers and a thumb, 190 mm.
pub(crate) fn hand() -> TriMesh {
    rods(
        &[
            ([-20.0, 30.0], [-22.0, 85.0], [24.0, 20.0]),
            ([20.0, 30.0], [20.0, 80.0], [24.0, 20.0]),
            ([0.0, 0.0], [0.0, 90.0], [28.0, 22.0]),
            ([-28.0, 90.0], [-36.0, 160.0], [11.0, 8.0]),
            ([-9.0, 95.0], [-11.0, 178.0], [11.0, 8.0]),
            ([11.0, 92.0], [13.0, 168.0], [11.0, 8.0]),
            ([28.0, 82.0], [36.0, 140.0], [9.0, 7.0]),
            ([-30.0, 25.0], [-70.0, 85.0], [15.0, 10.0]),
        ],
        0.6,
    )
}

/// A bottle lying on its side.
pub(crate) fn bottle() -> TriMesh {
    turned(260.0, |share| match share {
        s if s < 0.03 => 30.0 + 5.0 * s / 0.03,
        s if s < 0.6 => 35.0,
        s if s < 0.8 => 35.0 - 22.0 * (s - 0.6) / 0.2,
        _ => 13.0,
    })
}

/// A calf with knee and without foot.
pub(crate) fn calf() -> TriMesh {
    turned(320.0, |share| 36.0 + 22.0 * (std::f64::consts::PI * (share * 0.9 + 0.1)).sin().powi(2))
}

/// A head with neck: an egg on a post.
pub(crate) fn head() -> TriMesh {
    turned(280.0, |share| {
        if share < 0.25 {
            55.0
        } else {
            55.0 + 25.0 * (std::f64::consts::PI * (share - 0.25) / 0.8).sin()
        }
    })
}

/// A shoe-box, a book, a brick.
pub(crate) fn boxes() -> Vec<(&'static str, TriMesh)> {
    [
        ("shoe box", [95.0, 260.0, 70.0]),
        ("book", [150.0, 220.0, 30.0]),
        ("brick", [115.0, 240.0, 70.0]),
    ]
    .map(|(name, [x, y, z])| (name, TriMesh::cuboid(Point3::origin(), Point3::new(x, y, z))))
    .to_vec()
}
