//! Times reading a million triangles beside `trimesh`, in one run, and tells the memory.
//!
//! `cargo run --release -p scan --example read_speed` (with `pip install trimesh numpy`; `PYTHON` names the
//! interpreter). The scan is a phantom foot, cut finer until it has a million triangles, as binary STL.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a benchmark prints")]

use std::error::Error;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use geometry::{Point3, TriMesh};
use phantom::{PhantomSettings, generate};
use scan::{ScanRequest, read_scan};
use vocabulary::Findings;

/// Runs of which the fastest counts, for both sides.
const RUNS: usize = 5;

/// What `trimesh` does: reads the file, and joins equal corners into shared vertices.
const TRIMESH: &str = "
import sys, time, trimesh
best = 1e9
for _ in range(5):
    start = time.perf_counter()
    mesh = trimesh.load(sys.argv[1], process=False)
    mesh.merge_vertices()
    best = min(best, time.perf_counter() - start)
print(f'{best:.3f} s, {len(mesh.vertices)} vertices, {len(mesh.faces)} triangles; trimesh {trimesh.__version__}')
";

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().collect();
    if let [_, mode, file] = &arguments[..]
        && mode == "--read"
    {
        return read(Path::new(file));
    }
    let file =
        std::env::temp_dir().join(format!("solewright-read-speed-{}.stl", std::process::id()));
    std::fs::write(&file, million_triangles()?)?;
    // A process of its own, so that its memory is that of reading alone.
    let own = Command::new(std::env::current_exe()?).arg("--read").arg(&file).output()?;
    let python = std::env::var("PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let trimesh = Command::new(python).arg("-c").arg(TRIMESH).arg(&file).output();
    std::fs::remove_file(&file)?;
    let own = String::from_utf8_lossy(&own.stdout).into_owned();
    println!("solewright, cleaned: {own}");
    let seconds =
        |text: &str| text.split_whitespace().next().and_then(|word| word.parse::<f64>().ok());
    match trimesh {
        Ok(output) if output.status.success() => {
            let text = String::from_utf8_lossy(&output.stdout).into_owned();
            println!("trimesh, vertices merged only: {text}");
            if let (Some(own), Some(peer)) = (seconds(&own), seconds(&text)) {
                println!("solewright is {:.1} times as fast", peer / own);
            }
        }
        _ => println!("SKIPPED trimesh: it is not installed (pip install trimesh numpy; PYTHON=…)"),
    }
    Ok(())
}

fn read(file: &Path) -> Result<(), Box<dyn Error>> {
    let length = std::fs::metadata(file)?.len();
    let mut fastest = f64::INFINITY;
    let mut size = (0, 0);
    for _ in 0..RUNS {
        let start = Instant::now();
        let bytes = std::fs::read(file)?;
        let scan = read_scan(&bytes, &ScanRequest::default(), &mut Findings::new())?;
        fastest = fastest.min(start.elapsed().as_secs_f64());
        size = (scan.mesh.vertices.len(), scan.mesh.triangles.len());
    }
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak: f64 = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.parse().ok())
        .unwrap_or(f64::NAN);
    println!(
        "{fastest:.3} s, {} vertices, {} triangles; peak memory {:.0} MB, {:.1} times the file",
        size.0,
        size.1,
        peak / 1024.0,
        1024.0 * peak / length as f64
    );
    Ok(())
}

/// A binary STL file of at least a million triangles.
fn million_triangles() -> Result<Vec<u8>, Box<dyn Error>> {
    let mut mesh = generate(&PhantomSettings { resolution_mm: 2.0, ..Default::default() })?.mesh;
    while mesh.triangles.len() < 1_000_000 {
        mesh = quartered(&mesh);
    }
    let mut bytes = vec![b' '; 80];
    bytes.extend_from_slice(&(mesh.triangles.len() as u32).to_le_bytes());
    for corners in mesh.corner_points() {
        bytes.extend_from_slice(&[0; 12]);
        for coordinate in corners.iter().flat_map(|corner| corner.coords.iter()) {
            bytes.extend_from_slice(&(*coordinate as f32).to_le_bytes());
        }
        bytes.extend_from_slice(&[0; 2]);
    }
    Ok(bytes)
}

/// Every triangle cut into four at the middles of its edges.
fn quartered(mesh: &TriMesh) -> TriMesh {
    let mut finer = TriMesh::default();
    for [a, b, c] in mesh.corner_points() {
        let middle = |p: Point3, q: Point3| Point3::from((p.coords + q.coords) / 2.0);
        let (ab, bc, ca) = (middle(a, b), middle(b, c), middle(c, a));
        for corners in [[a, ab, ca], [b, bc, ab], [c, ca, bc], [ab, bc, ca]] {
            let first = finer.vertices.len() as u32;
            finer.vertices.extend(corners);
            finer.triangles.push([first, first + 1, first + 2]);
        }
    }
    finer
}
