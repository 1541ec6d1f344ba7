//! A minute of walking: 50 markers at 200 Hz, two plates at 2 kHz: processed from memory, and read from the bytes of a C3D
//! file and processed, alone and with a standing trial, whose bones are then linked and fitted to all markers at every frame.
//! The goal for reading and processing together is under 0.5 s.

#[path = "../tests/walker/mod.rs"]
mod walker;

use geometry::{Point3, Vector3};
use recording::sample::{Processor, SampleC3d, SampleChannel, SamplePoint, Values};
use recording::{Marker, Motion, MotionLimits, Plate, read_motion};
use trial::{Input, Settings, analyze};
use vocabulary::{Findings, Side};

fn main() {
    divan::main();
}

/// Fifty markers, of which the set names its own.
fn minute() -> Motion {
    let mut motion = walker::walk(60.0, 200.0, 2000.0, &[(Side::Right, 20), (Side::Left, 20)]);
    let extra = 50 - motion.markers.len();
    for i in 0..extra {
        let positions = motion.markers[i % 20].positions.clone();
        motion.markers.push(Marker { label: format!("EXTRA{i}"), positions });
    }
    motion
}

#[divan::bench(sample_count = 20)]
fn a_minute_of_walking(bencher: divan::Bencher<'_, '_>) {
    let motion = minute();
    let markers = walker::marker_set();
    let input =
        Input { motion: &motion, standing: None, markers: &markers, mass_kg: None, height_m: None };
    bencher.bench(|| analyze(&input, &Settings::default(), &mut Findings::new()));
}

#[divan::bench(sample_count = 20)]
fn a_minute_of_walking_from_the_bytes_of_a_c3d(bencher: divan::Bencher<'_, '_>) {
    let bytes = c3d(&minute());
    let markers = walker::marker_set();
    let read_and_analyze = || {
        let mut findings = Findings::new();
        let limits = MotionLimits::default();
        let motion = read_motion("minute.c3d", &bytes, &limits, &mut findings);
        let motion = motion.unwrap_or_else(|error| panic!("{error}"));
        let (standing, mass_kg, height_m) = (None, None, None);
        let input = Input { motion: &motion, standing, markers: &markers, mass_kg, height_m };
        analyze(&input, &Settings::default(), &mut findings)
            .unwrap_or_else(|error| panic!("{error}"))
    };
    let used = read_and_analyze().stances.iter().filter(|stance| stance.used).count();
    assert_eq!(used, 2, "the file holds the walk");
    bencher.bench(read_and_analyze);
}

/// The first frame of the walk for two seconds, without plates.
fn still(walk: &Motion) -> Motion {
    let mut still = walk.clone();
    for marker in &mut still.markers {
        marker.positions = vec![marker.positions[0]; 400];
    }
    still.plates.clear();
    still
}

#[divan::bench(sample_count = 20)]
fn a_minute_of_walking_and_a_standing_trial_from_their_bytes(bencher: divan::Bencher<'_, '_>) {
    let walk = minute();
    let files = [c3d(&walk), c3d(&still(&walk))];
    let markers = walker::marker_set();
    let read_and_analyze = || {
        let mut findings = Findings::new();
        let limits = MotionLimits::default();
        let [motion, standing] = [0, 1].map(|which: usize| {
            read_motion("trial.c3d", &files[which], &limits, &mut findings)
                .unwrap_or_else(|error| panic!("{error}"))
        });
        let (standing, mass_kg, height_m) = (Some(&standing), None, None);
        let input = Input { motion: &motion, standing, markers: &markers, mass_kg, height_m };
        analyze(&input, &Settings::default(), &mut findings)
            .unwrap_or_else(|error| panic!("{error}"));
        findings
    };
    assert!(read_and_analyze().has("trial-linked"), "bones are linked");
    bencher.bench(read_and_analyze);
}

/// The walk as a file: floats, plates of type 2.
fn c3d(motion: &Motion) -> Vec<u8> {
    let point = |marker: &Marker| SamplePoint {
        label: marker.label.clone(),
        positions: marker
            .positions
            .iter()
            .map(|at| at.map(|at| [at.x as f32, at.y as f32, at.z as f32]))
            .collect(),
    };
    let plates = motion.plates.len() as i16;
    let corners = motion.plates.iter().flat_map(|plate| plate.corners.unwrap_or_default());
    let corners: Vec<f32> =
        corners.flat_map(|corner| [corner.x, corner.y, corner.z]).map(|x| x as f32).collect();
    let parameter = |name: &str, values| ("FORCE_PLATFORM".to_owned(), name.to_owned(), values);
    let count = plates as u8;
    SampleC3d {
        processor: Processor::Intel,
        integer_scale: None,
        first_frame: 1,
        rate_hz: motion.rate_hz as f32,
        points: motion.markers.iter().map(point).collect(),
        samples_per_frame: 10,
        channels: motion.plates.iter().flat_map(channels).collect(),
        parameters: vec![
            parameter("USED", Values::Integers(vec![], vec![plates])),
            parameter("TYPE", Values::Integers(vec![count], vec![2; motion.plates.len()])),
            parameter("CORNERS", Values::Floats(vec![3, 4, count], corners)),
            parameter("ORIGIN", Values::Floats(vec![3, count], vec![0.0; 3 * motion.plates.len()])),
            parameter("CHANNEL", Values::Integers(vec![6, count], (1..=6 * plates).collect())),
            parameter("ZERO", Values::Integers(vec![2], vec![1, 0])),
        ],
    }
    .bytes()
}

/// Force and moment of the foot on the plate in the plate's axes, whose x runs from the second corner to the first and whose
/// y from the fourth to the first.
fn channels(plate: &Plate) -> Vec<SampleChannel> {
    let corners = plate.corners.unwrap_or_default();
    let center = Point3::from(corners.iter().map(|c| c.coords).sum::<Vector3>() / 4.0);
    let across = (corners[0] - corners[1]).normalize();
    let along = (corners[0] - corners[3]).normalize();
    let axes = [across, along, across.cross(&along)];
    (0..6)
        .map(|component| SampleChannel {
            label: format!("{} {component}", plate.name),
            unit: if component < 3 { "N" } else { "Nmm" }.to_owned(),
            scale: 1.0,
            offset: 0,
            values: plate
                .wrenches
                .iter()
                .map(|wrench| {
                    let axis = axes[component % 3];
                    let moment = wrench.moment_about(center) * 1e3;
                    -axis.dot(if component < 3 { &wrench.force } else { &moment }) as f32
                })
                .collect(),
        })
        .collect()
}
