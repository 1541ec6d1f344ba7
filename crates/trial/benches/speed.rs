//! A minute of walking: 50 markers at 200 Hz, two plates at 2 kHz. The goal is well under 0.3 s.

#[path = "../tests/walker/mod.rs"]
mod walker;

use recording::Marker;
use trial::{Input, Settings, analyze};
use vocabulary::{Findings, Side};

fn main() {
    divan::main();
}

#[divan::bench(sample_count = 20)]
fn a_minute_of_walking(bencher: divan::Bencher<'_, '_>) {
    let mut motion = walker::walk(60.0, 200.0, 2000.0, &[(Side::Right, 20), (Side::Left, 20)]);
    let extra = 50 - motion.markers.len();
    for i in 0..extra {
        let positions = motion.markers[i % 20].positions.clone();
        motion.markers.push(Marker { label: format!("EXTRA{i}"), positions });
    }
    let markers = walker::marker_set();
    let input =
        Input { motion: &motion, standing: None, markers: &markers, mass_kg: None, height_m: None };
    bencher.bench(|| analyze(&input, &Settings::default(), &mut Findings::new()));
}
