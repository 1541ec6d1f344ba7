//! Whatever the bytes: no panic, memory within the stated limits, and consistent sizes of what is read.
#![no_main]

use libfuzzer_sys::fuzz_target;
use recording::{MotionLimits, read_motion};
use vocabulary::Findings;

const LIMITS: MotionLimits = MotionLimits { max_bytes: 1 << 20, max_values: 1_000_000, max_columns: 2000 };

fuzz_target!(|bytes: &[u8]| {
    let Ok(motion) = read_motion("fuzzed", bytes, &LIMITS, &mut Findings::new()) else { return };
    assert!(motion.rate_hz.is_finite() && motion.start_s.is_finite());
    for marker in &motion.markers {
        assert_eq!(marker.positions.len(), motion.frames());
    }
    for plate in &motion.plates {
        assert!(plate.wrenches.iter().all(|wrench| wrench.is_known() || wrench.force.x.is_nan()));
    }
});
