//! Time from file to foot for a scan of about a million triangles:
//! `cargo run --release -p foot --example speed [ROUNDS]`.
//!
//! The scan is a phantom of 1.2 mm edges whose triangles are cut in four, as binary STL, turned in some
//! way. Printed are seconds by the wall clock; run it on a machine that does nothing else.

#![allow(clippy::print_stdout, reason = "an example prints what it measured")]

use std::time::Instant;

use foot::{FootRequest, find_foot};
use phantom::spoil::{Spoiler, spoil};
use phantom::{PhantomSettings, generate};
use scan::{ScanRequest, read_scan};
use vocabulary::{Findings, Side};

fn main() {
    let rounds = std::env::args().nth(1).and_then(|rounds| rounds.parse().ok()).unwrap_or(3);
    let settings = PhantomSettings { resolution_mm: 1.2, ..PhantomSettings::default() };
    let phantom = generate(&settings).expect("the default foot can be made");
    let scan = spoil(&phantom, &[Spoiler::Subdivided {}, Spoiler::TurnedAnyWay {}], 5)
        .expect("spoilers in range");
    let mut bytes = vec![0_u8; 80];
    bytes.extend((scan.mesh.triangles.len() as u32).to_le_bytes());
    for corners in scan.mesh.corner_points() {
        bytes.extend([0_u8; 12]);
        for coordinate in corners.iter().flat_map(|corner| corner.coords.iter().copied()) {
            bytes.extend((coordinate as f32).to_le_bytes());
        }
        bytes.extend([0_u8; 2]);
    }
    println!("{} triangles, {} MB", scan.mesh.triangles.len(), bytes.len() / 1_000_000);
    for _ in 0..rounds {
        let mut findings = Findings::new();
        let start = Instant::now();
        let read =
            read_scan(&bytes, &ScanRequest::default(), &mut findings).expect("a readable scan");
        let after_scan = start.elapsed().as_secs_f64();
        let foot = find_foot(&read.mesh, &FootRequest::new(Side::Right), &mut findings)
            .expect("the phantom is a foot");
        let all = start.elapsed().as_secs_f64();
        println!(
            "scan {after_scan:.2} s, foot {:.2} s, together {all:.2} s; length {:.2} mm",
            all - after_scan,
            foot.measurements.length_mm
        );
    }
}
