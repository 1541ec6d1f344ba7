//! Speed and exactness of the drop-cutter beside OpenCAMLib, in one run on one core.
//!
//! ```text
//! PYTHON=venv/bin/python cargo run --release -p milling --example cutter_location -- GEOM_SCRIPT|MODEL.stl
//! ```
//!
//! Takes a binary STL file, or the script that makes one (`gen_geom.py`, which writes `shell_200k.stl` into
//! the folder GEOM). A ball of 6 mm, passes 0.5 mm apart, sampled every 0.5 mm, over the whole part. The
//! peer drops the same tool over every n-th of the points, since it needs minutes for all; it is skipped
//! aloud where Python or the package is not there.
#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a command for a person: prints, and stops where something is not as expected"
)]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use geometry::{Point2, Point3, TriMesh};
use milling::{Cutter, TriangleCutter};

const STEP_MM: f64 = 0.5;
const RADIUS_MM: f64 = 3.0;
/// Points that the peer is given.
const PEER_POINTS: usize = 3000;

/// Drops OpenCAMLib's ball over points; its own fastest bucket size (16 to 64), one thread.
const PEER: &str = r"
import sys, time, numpy, opencamlib
stl, points, out = sys.argv[1:4]
surface = opencamlib.STLSurf(); opencamlib.STLReader(stl, surface)
places = numpy.fromfile(points).reshape(-1, 2)
low = surface.getBounds()[4]
drop = opencamlib.BatchDropCutter()
# The cutter must outlive its user: OpenCAMLib keeps a bare pointer to it.
cutter = opencamlib.BallCutter(6.0, 60.0)
drop.setSTL(surface); drop.setCutter(cutter)
drop.setThreads(1); drop.setBucketSize(64)
for x, y in places: drop.appendPoint(opencamlib.CLPoint(float(x), float(y), low))
start = time.process_time(); drop.run(); seconds = time.process_time() - start
numpy.array([point.z for point in drop.getCLPoints()]).tofile(out)
print(seconds)
";

fn main() {
    let argument = std::env::args().nth(1).expect("name an STL file or gen_geom.py");
    let folder = std::env::temp_dir().join(format!("cutter-location-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let file =
        if argument.ends_with(".py") { generated(&argument, &folder) } else { argument.into() };
    let mesh = read_stl(&file);
    let started = Instant::now();
    let cutter = TriangleCutter::new(&mesh, Cutter::ball(RADIUS_MM));
    println!(
        "{} triangles prepared in {:.3} s",
        mesh.triangles.len(),
        started.elapsed().as_secs_f64()
    );
    let places = places(&cutter);
    // The best of several runs: the machine may be shared.
    let mut tips = Vec::new();
    let mut seconds = f64::INFINITY;
    for _ in 0..5 {
        let started = Instant::now();
        tips = places.iter().map(|place| cutter.tip(*place)).collect();
        seconds = seconds.min(started.elapsed().as_secs_f64());
    }
    let rate = places.len() as f64 / seconds;
    println!("ours, one core: {} points in {seconds:.3} s, {rate:.0} points/s", places.len());
    along_segments(&cutter, &places);
    compare(&file, &folder, &mesh, &places, &tips, rate);
    std::fs::remove_dir_all(&folder).unwrap();
}

/// Passes along x, as the peer's own benchmark has them.
fn places(cutter: &TriangleCutter) -> Vec<Point2> {
    let area = cutter.area();
    let count = |length: f64| ((length + 2.0 * RADIUS_MM + 1.0) / STEP_MM) as usize + 1;
    let (columns, rows) = (count(area.width()), count(area.height()));
    (0..rows)
        .flat_map(|row| (0..columns).map(move |column| (column, row)))
        .map(|(column, row)| {
            let low = area.low - geometry::Vector2::repeat(RADIUS_MM);
            low + geometry::Vector2::new(column as f64, row as f64) * STEP_MM
        })
        .collect()
}

/// How far straight moves between neighboring points are below (gouge) or above the exact tip.
fn along_segments(cutter: &TriangleCutter, places: &[Point2]) {
    let mut errors: Vec<f64> = Vec::new();
    for pair in places.windows(2).filter(|pair| (pair[1] - pair[0]).norm() < 1.5 * STEP_MM) {
        let (Some(from), Some(to)) = (cutter.tip(pair[0]), cutter.tip(pair[1])) else { continue };
        for share in [0.25, 0.5, 0.75] {
            let place = pair[0] + (pair[1] - pair[0]) * share;
            if let Some(exact) = cutter.tip(place) {
                errors.push(1000.0 * (exact - from - share * (to - from)));
            }
        }
    }
    errors.sort_by(f64::total_cmp);
    let at = |share: f64| errors[(share * (errors.len() - 1) as f64) as usize];
    println!(
        "along straight segments of {STEP_MM} mm: gouge p99 {:.2} um, worst {:.2} um at the rim (why paths are \
         sampled by bisection to their tolerance, not every {STEP_MM} mm)",
        at(0.99).max(0.0),
        at(1.0).max(0.0)
    );
}

fn compare(
    file: &Path,
    folder: &Path,
    mesh: &TriMesh,
    places: &[Point2],
    tips: &[Option<f64>],
    rate: f64,
) {
    let every = (places.len() / PEER_POINTS).max(1);
    let chosen: Vec<usize> = (0..places.len()).step_by(every).collect();
    let bytes: Vec<u8> = chosen
        .iter()
        .flat_map(|index| [places[*index].x, places[*index].y])
        .flat_map(f64::to_le_bytes)
        .collect();
    let (points, out) = (folder.join("points.f64"), folder.join("tips.f64"));
    std::fs::write(&points, bytes).unwrap();
    let python = std::env::var("PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let run = Command::new(&python).args(["-c", PEER]).arg(file).arg(&points).arg(&out).output();
    let Some(seconds) = run
        .ok()
        .filter(|run| run.status.success())
        .and_then(|run| String::from_utf8_lossy(&run.stdout).trim().parse::<f64>().ok())
    else {
        println!(
            "SKIPPED: no opencamlib for {python} (pip install opencamlib; PYTHON names the interpreter)"
        );
        return;
    };
    let peer_rate = chosen.len() as f64 / seconds;
    println!(
        "opencamlib, one core: {} points in {seconds:.2} s, {peer_rate:.0} points/s: ours is {:.0} times as fast",
        chosen.len(),
        rate / peer_rate
    );
    let peer: Vec<f64> = std::fs::read(&out)
        .unwrap()
        .chunks_exact(8)
        .map(|bytes| f64::from_le_bytes(bytes.try_into().unwrap()))
        .collect();
    let (low, _) = mesh.bounds().unwrap();
    // A tool so thin that it touches only what lies under its axis.
    let needle = TriangleCutter::new(mesh, Cutter::ball(1e-3));
    let inside = |place: Point2| {
        // Over the part, more than a radius from its outline: the ball rolls over no rim.
        (0..16).all(|step| {
            let (sin, cos) = (std::f64::consts::TAU * f64::from(step) / 16.0).sin_cos();
            let around = place + geometry::Vector2::new(cos, sin) * RADIUS_MM;
            needle.tip(around).is_some()
        })
    };
    let [mut interior, mut rim] = [(0_usize, 0.0_f64), (0, 0.0)];
    let mut only_one = 0;
    for (index, theirs) in chosen.iter().zip(peer) {
        let place = places[*index];
        match tips[*index] {
            // The peer's tool never goes below its start: the lowest point of the mesh.
            Some(ours) if ours > low.z + 1e-6 || theirs > low.z + 1e-6 => {
                let part = if inside(place) { &mut interior } else { &mut rim };
                part.0 += 1;
                part.1 = part.1.max((f64::max(ours, low.z) - theirs).abs());
            }
            None if theirs > low.z + 1e-6 => only_one += 1,
            _ => {}
        }
    }
    for (name, (count, worst)) in [("interior", interior), ("rim", rim)] {
        println!("{name}: {count} points, largest difference {:.6} um", 1000.0 * worst);
    }
    println!("touched by one of the two only: {only_one}");
}

fn generated(script: &str, folder: &Path) -> PathBuf {
    let python = std::env::var("PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let status = Command::new(python).arg(script).env("GEOM", folder).output().unwrap().status;
    assert!(status.success(), "{script} failed: it needs numpy and trimesh");
    folder.join("shell_200k.stl")
}

fn read_stl(file: &Path) -> TriMesh {
    let bytes = std::fs::read(file).unwrap();
    let mut mesh = TriMesh::default();
    for facet in bytes[84..].chunks_exact(50) {
        let first = mesh.vertices.len() as u32;
        for corner in facet[12..48].chunks_exact(12) {
            let number =
                |at: usize| f64::from(f32::from_le_bytes(corner[at..at + 4].try_into().unwrap()));
            mesh.vertices.push(Point3::new(number(0), number(4), number(8)));
        }
        mesh.triangles.push([first, first + 1, first + 2]);
    }
    mesh
}
