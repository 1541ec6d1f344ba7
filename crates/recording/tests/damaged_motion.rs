//! Damaged files of every kind: read or refused, never a panic, and what is read is consistent.

use recording::sample::{Processor, SampleC3d, Values};
use recording::{Motion, MotionLimits, join_motions, read_motion};
use vocabulary::Findings;

/// Limits that a file of a few kilobytes must not make the reader exceed.
const LIMITS: MotionLimits =
    MotionLimits { max_bytes: 1 << 20, max_values: 100_000, max_columns: 2000 };

fn check(bytes: &[u8]) {
    let mut findings = Findings::new();
    let Ok(motion) = read_motion("damaged", bytes, &LIMITS, &mut findings) else { return };
    consistent(&motion);
    let parts = vec![("a".to_owned(), motion.clone()), ("b".to_owned(), motion)];
    if let Ok(joined) = join_motions(parts, &mut findings) {
        consistent(&joined);
    }
}

fn consistent(motion: &Motion) {
    assert!((motion.up.norm() - 1.0).abs() < 1e-9);
    assert!(motion.start_s.is_finite() && motion.rate_hz.is_finite() && motion.rate_hz >= 0.0);
    for marker in &motion.markers {
        assert_eq!(marker.positions.len(), motion.frames());
        assert!(marker.positions.iter().flatten().all(|at| at.iter().all(|x| x.is_finite())));
    }
    let values = motion.markers.len() * motion.frames() * 3
        + motion.plates.iter().map(|plate| plate.wrenches.len() * 6).sum::<usize>();
    assert!(values <= 2 * LIMITS.max_values, "{values}");
    for plate in &motion.plates {
        assert!(plate.rate_hz.is_finite() && plate.start_s.is_finite());
        for wrench in &plate.wrenches {
            assert!(wrench.is_known() || wrench.force.iter().all(|x| x.is_nan()));
        }
        let samples = plate.wrenches.len();
        assert!(plate.unloaded.as_ref().is_none_or(|unloaded| unloaded.end <= samples));
    }
    assert!(motion.events.iter().all(|event| event.time_s.is_finite()));
}

const TRC: &str = "PathFileType\t4\t(X/Y/Z)\twalk.trc\nDataRate\tCameraRate\tNumFrames\tNumMarkers\tUnits\n100\t100\t3\t2\tmm\n\
    Frame#\tTime\tR.Heel\t\t\tR.ASIS\n\t\tX1\tY1\tZ1\tX2\tY2\tZ2\n\n1\t0.00\t1\t2\t3\t10\t900\t30\n2\t0.01\t\t\t\t11\t901\t31\n\
    3\t0.02\t1.5\t2\t3\n4\t0.05\t1.5\t2\t3\n";

const MOT: &str = "walk\nversion=1\nnRows=3\ninDegrees=no\nendheader\ntime\tground_force_vx\tground_force_vy\tground_force_vz\t\
    ground_force_px\tground_force_py\tground_force_pz\tground_torque_x\tground_torque_y\tground_torque_z\tknee_angle_r\n\
    0\t1\t700\t2\t0.5\t0\t0.1\t0\t4\t0\t10\n0.01\t0\t0\t0\tnan\tnan\tnan\t0\t0\t0\t20\n0.02\t3\t800\t2\t0.6\t0\t0.1\t0\t4\t0\t0.1\n";

const FORCES: &str = "[Force Data]\r\nNumberOfForcePlates=1\r\nSampleRate=450.0\r\nNumberOfSamples=2\r\n\
    #Sample\tFX1\tFY1\tFZ1\tX1\tY1\tZ1\tMZ1\r\n1\t0\t0\t0\t9\t0\t9\t0\r\n2\t10\t700\t5\t100\t0\t50\t-4000\r\n";

fn seeds() -> Vec<Vec<u8>> {
    let mut seeds: Vec<Vec<u8>> = [TRC, MOT, FORCES].map(|text| text.as_bytes().to_vec()).into();
    for processor in Processor::ALL {
        for integer_scale in [None, Some(0.1)] {
            let mut sample = SampleC3d::walk(3, 0.02);
            sample.processor = processor;
            sample.integer_scale = integer_scale;
            sample.set("EVENT", "USED", Values::Integers(vec![], vec![1]));
            sample.set("EVENT", "TIMES", Values::Floats(vec![2, 1], vec![0.0, 0.01]));
            sample.set("EVENT", "LABELS", Values::Texts(vec!["Foot Strike".to_owned()]));
            sample.set("PROCESSING", "Bodymass", Values::Floats(vec![], vec![70.0]));
            sample.set("TRIAL", "ACTUAL_START_FIELD", Values::Integers(vec![2], vec![1, 0]));
            sample.set("TRIAL", "ACTUAL_END_FIELD", Values::Integers(vec![2], vec![4, 0]));
            sample.set("FORCE_PLATFORM", "TYPE", Values::Integers(vec![2], vec![4, 1]));
            sample.set(
                "FORCE_PLATFORM",
                "CAL_MATRIX",
                Values::Floats(vec![6, 6, 2], vec![0.5; 72]),
            );
            seeds.push(sample.bytes());
        }
    }
    seeds
}

/// Random numbers that are the same in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit.max(1)
    }
}

#[test]
fn damaged_files_are_read_or_refused() {
    let mut random = Random(0x9e37_79b9);
    for seed in seeds() {
        check(&seed);
        for _ in 0..2000 {
            let mut bytes = seed.clone();
            for _ in 0..=random.below(4) {
                if bytes.is_empty() {
                    break;
                }
                // Mostly near the beginning, where counts and addresses stand.
                let reach = if random.below(3) == 0 { bytes.len() } else { bytes.len().min(1600) };
                let (at, other) = (random.below(reach), random.below(bytes.len()));
                match random.below(6) {
                    0 => bytes.truncate(at),
                    1 => bytes[at] = b"\t\n-.0e9#x=,\r\x00\xff\x7f"[random.below(15)],
                    2 | 3 => bytes[at] = random.below(256) as u8,
                    4 => bytes.copy_within(at.min(other)..at.max(other), 0),
                    _ => {
                        let piece = bytes[at.min(other)..at.max(other)].to_vec();
                        bytes.extend(piece);
                    }
                }
            }
            check(&bytes);
        }
    }
}

#[test]
fn every_beginning_of_a_file_is_read_or_refused() {
    for seed in seeds() {
        for length in (0..seed.len()).step_by(1 + seed.len() / 700) {
            check(&seed[..length]);
        }
    }
}

/// Heads that promise much in few bytes.
#[test]
fn huge_counts_are_refused_before_memory_is_taken() {
    let labels = "m\t\t\t".repeat(600);
    let rows: String = (0..200).map(|row| format!("{row}\t{row}\n")).collect();
    let wide =
        format!("PathFileType\t4\nDataRate\tUnits\n1\tmm\nFrame#\tTime\t{labels}\n\tX1\n{rows}");
    let error =
        read_motion("wide.trc", wide.as_bytes(), &LIMITS, &mut Findings::new()).unwrap_err();
    assert!(error.to_string().contains("at most 2000 columns and 100000 values"), "{error}");
    let mut sample = SampleC3d::walk(3, 0.02);
    sample.set("POINT", "LONG_FRAMES", Values::Floats(vec![], vec![4e8]));
    let mut bytes = sample.bytes();
    bytes[8..10].fill(0xff);
    let error = read_motion("long.c3d", &bytes, &LIMITS, &mut Findings::new()).unwrap_err();
    assert!(error.to_string().contains("promises 400000000 frames"), "{error}");
}
