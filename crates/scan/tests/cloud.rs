//! Lays surfaces through points sampled from a phantom, whose shape is known.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::LazyLock;

use geometry::{Point3, TriMesh, Vector3};
use phantom::{PhantomSettings, generate};
use scan::{Facing, Format, ScanMesh, ScanRequest, read_scan};
use vocabulary::Findings;

/// A phantom at 2 mm; its flat triangles are the truth here.
static FOOT: LazyLock<TriMesh> = LazyLock::new(|| {
    generate(&PhantomSettings { resolution_mm: 2.0, ..Default::default() })
        .expect("settings within their ranges")
        .mesh
});

/// Numbers between 0 and 1, always the same.
struct Random(u64);

impl Random {
    fn next(&mut self) -> f64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as f64 / f64::from(1_u32 << 31)
    }
}

/// Points strewn at random over the surface, on average one per square of this spacing, with normals.
fn sampled(mesh: &TriMesh, spacing: f64) -> Vec<(Point3, Vector3)> {
    let mut random = Random(3);
    let mut area = 0.0;
    let areas: Vec<f64> = (0..mesh.triangles.len())
        .map(|triangle| {
            area += mesh.scaled_normal(triangle).norm() / 2.0;
            area
        })
        .collect();
    (0..(area / (spacing * spacing)) as usize)
        .map(|_| {
            let wanted = random.next() * area;
            let triangle = areas.partition_point(|&sum| sum < wanted);
            let [a, b, c] = mesh.corners(triangle);
            let (mut u, mut v) = (random.next(), random.next());
            if u + v > 1.0 {
                (u, v) = (1.0 - u, 1.0 - v);
            }
            (a + u * (b - a) + v * (c - a), mesh.scaled_normal(triangle).normalize())
        })
        .collect()
}

fn xyz(points: &[(Point3, Vector3)], with_normals: bool) -> String {
    let mut text = String::new();
    for (p, n) in points {
        write!(text, "{:.4} {:.4} {:.4}", p.x, p.y, p.z).expect("a string takes any text");
        if with_normals {
            write!(text, " {:.5} {:.5} {:.5}", n.x, n.y, n.z).expect("a string takes any text");
        }
        text.push('\n');
    }
    text
}

fn read(bytes: &[u8]) -> (ScanMesh, Findings) {
    let mut findings = Findings::new();
    let scan = read_scan(bytes, &ScanRequest::default(), &mut findings).expect("a readable scan");
    (scan, findings)
}

/// Triangles by the cells of 4 mm that they touch.
struct Index<'a> {
    mesh: &'a TriMesh,
    cells: HashMap<[i32; 3], Vec<usize>>,
}

const CELL: f64 = 4.0;

impl<'a> Index<'a> {
    fn of(mesh: &'a TriMesh) -> Self {
        let mut cells: HashMap<[i32; 3], Vec<usize>> = HashMap::new();
        for (index, [a, b, c]) in mesh.corner_points().enumerate() {
            let cell = |p: Point3| p.coords.map(|c| (c / CELL).floor() as i32);
            let (low, high) = (cell(a.inf(&b).inf(&c)), cell(a.sup(&b).sup(&c)));
            for x in low.x..=high.x {
                for y in low.y..=high.y {
                    for z in low.z..=high.z {
                        cells.entry([x, y, z]).or_default().push(index);
                    }
                }
            }
        }
        Self { mesh, cells }
    }

    /// Distance to the nearest triangle, at most 4 mm.
    fn distance(&self, point: Point3) -> f64 {
        let cell = point.coords.map(|c| (c / CELL).floor() as i32);
        let mut least = CELL;
        for around in 0..27 {
            let key =
                [cell.x + around % 3 - 1, cell.y + around / 3 % 3 - 1, cell.z + around / 9 - 1];
            for &triangle in self.cells.get(&key).into_iter().flatten() {
                least = least.min(to_triangle(point, self.mesh.corners(triangle)));
            }
        }
        least
    }
}

fn to_triangle(point: Point3, [a, b, c]: [Point3; 3]) -> f64 {
    let normal = (b - a).cross(&(c - a)).normalize();
    let inside = [(a, b), (b, c), (c, a)]
        .into_iter()
        .all(|(from, to)| normal.dot(&(to - from).cross(&(point - from))) >= 0.0);
    if inside {
        return normal.dot(&(point - a)).abs();
    }
    let to_edge = |from: Point3, to: Point3| {
        let along = to - from;
        let share = (along.dot(&(point - from)) / along.norm_squared()).clamp(0.0, 1.0);
        (point - (from + share * along)).norm()
    };
    to_edge(a, b).min(to_edge(b, c)).min(to_edge(c, a))
}

/// Mean distance of the first mesh's triangle middles, weighted by area, from the second mesh; and the
/// largest.
fn distance(from: &TriMesh, to: &TriMesh) -> (f64, f64) {
    let index = Index::of(to);
    let (mut sum, mut area, mut largest) = (0.0, 0.0, 0.0_f64);
    for (triangle, [a, b, c]) in from.corner_points().enumerate() {
        let own = from.scaled_normal(triangle).norm();
        let distance = index.distance(Point3::from((a.coords + b.coords + c.coords) / 3.0));
        sum += own * distance;
        area += own;
        largest = largest.max(distance);
    }
    (sum / area, largest)
}

fn length(mesh: &TriMesh) -> f64 {
    let (low, high) = mesh.bounds().expect("a mesh with vertices");
    high.y - low.y
}

#[test]
fn a_surface_through_points_a_millimeter_apart_is_the_foot() {
    let foot = &*FOOT;
    let points = sampled(foot, 1.0);
    for with_normals in [false, true] {
        let (scan, findings) = read(xyz(&points, with_normals).as_bytes());
        assert_eq!((scan.format, scan.pieces.len()), (Format::Table, 1));
        let piece = &scan.pieces[0];
        assert_eq!(piece.facing, Facing::Outward);
        assert!(findings.has("surface-laid"));
        let (outward, farthest) = distance(&scan.mesh, foot);
        let (inward, uncovered) = distance(foot, &scan.mesh);
        let evidence = scan.cloud.unwrap();
        let case = format!(
            "normals {with_normals}: {outward:.3} {farthest:.2} {inward:.3} {uncovered:.2}, length {:.2} {:.2}, volume \
             {:.0} {:.0}, {} open edges, {} triangles, {evidence:?}",
            length(&scan.mesh),
            length(foot),
            scan.mesh.volume(),
            foot.volume(),
            scan.open_edges,
            scan.mesh.triangles.len()
        );
        assert!(outward < 0.1 && inward < 0.1, "{case}");
        assert!((length(&scan.mesh) - length(foot)).abs() < 0.5, "{case}");
        assert!((scan.mesh.volume() / foot.volume() - 1.0).abs() < 0.01, "{case}");
        let opened = scan.open_edges as f64 * evidence.resolution_mm;
        assert!(opened < 100.0, "open along {opened:.0} mm; {case}");
        // What it says of itself is what it is.
        assert!((evidence.mean_distance_mm - inward).abs() < 0.05, "{case}");
    }
}

#[test]
fn no_sole_is_invented() {
    let foot = &*FOOT;
    let points: Vec<_> =
        sampled(foot, 1.0).into_iter().filter(|(p, n)| !(n.z < -0.8 && p.z < 20.0)).collect();
    let (scan, _) = read(xyz(&points, false).as_bytes());
    let sole = (0..scan.mesh.triangles.len())
        .filter(|&triangle| scan.mesh.scaled_normal(triangle).normalize().z < -0.9)
        .filter(|&triangle| scan.mesh.corners(triangle)[0].z < 15.0)
        .map(|triangle| scan.mesh.scaled_normal(triangle).norm() / 2.0)
        .sum::<f64>();
    let real = (0..foot.triangles.len())
        .filter(|&triangle| foot.scaled_normal(triangle).normalize().z < -0.9)
        .filter(|&triangle| foot.corners(triangle)[0].z < 15.0)
        .map(|triangle| foot.scaled_normal(triangle).norm() / 2.0)
        .sum::<f64>();
    assert!(sole < 0.05 * real, "{sole:.0} of {real:.0} mm²");
    assert!(scan.open_edges > 100);
}

#[test]
fn noise_and_outliers_are_borne() {
    let foot = &*FOOT;
    let mut random = Random(11);
    let mut points: Vec<_> = sampled(foot, 0.7)
        .into_iter()
        .map(|(p, n)| {
            // The sum of four is near enough to a normal distribution, of deviation 0.2 mm here.
            let noise: f64 =
                (0..4).map(|_| random.next() - 0.5).sum::<f64>() * 0.2 / (4.0_f64 / 12.0).sqrt();
            (p + noise * n, n)
        })
        .collect();
    for index in 0..50 {
        let p = Point3::new(
            300.0 * random.next() - 150.0,
            400.0 * random.next(),
            150.0 + 4.0 * f64::from(index),
        );
        points.push((p, Vector3::z()));
    }
    let (scan, findings) = read(xyz(&points, false).as_bytes());
    assert!(findings.has("outliers-dropped"));
    let (mean, _) = distance(&scan.mesh, foot);
    assert!(mean < 0.15, "{mean:.3}");
    assert!((length(&scan.mesh) - length(foot)).abs() < 0.5);
}

#[test]
fn a_cloud_of_ply_in_meters_is_read_in_any_order() {
    let foot = &*FOOT;
    let points = sampled(foot, 1.5);
    let ply = |points: &[(Point3, Vector3)]| {
        let mut text = format!(
            "ply\nformat ascii 1.0\nelement vertex {}\nproperty float x\nproperty float y\nproperty float z\n\
             element face 0\nproperty list uchar int vertex_indices\nend_header\n",
            points.len()
        );
        for (p, _) in points {
            writeln!(text, "{:.7} {:.7} {:.7}", p.x / 1e3, p.y / 1e3, p.z / 1e3).unwrap();
        }
        text
    };
    let (scan, _) = read(ply(&points).as_bytes());
    assert_eq!(scan.unit.unit, scan::Unit::Meter);
    assert!((scan.mesh.volume() / foot.volume() - 1.0).abs() < 0.02);
    assert!((scan.cloud.unwrap().resolution_mm - 2.0).abs() < 0.5, "{:?}", scan.cloud);
    let reversed: Vec<_> = points.into_iter().rev().collect();
    let (other, _) = read(ply(&reversed).as_bytes());
    assert!((other.mesh.volume() - scan.mesh.volume()).abs() < 10.0);
}
