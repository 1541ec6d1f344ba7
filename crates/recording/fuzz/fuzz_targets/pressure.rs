//! Whatever the bytes: no panic, memory within the stated limits, and consistent sizes of what is read.
#![no_main]

use libfuzzer_sys::fuzz_target;
use recording::{MOST_CELLS, MOST_SAMPLES, PressureRequest, read_pressure};
use vocabulary::Findings;

fuzz_target!(|bytes: &[u8]| {
    let Ok(found) = read_pressure(bytes, &PressureRequest::default(), &mut Findings::new()) else { return };
    for recording in found {
        assert!(recording.cells() <= MOST_CELLS && recording.kpa.len() <= MOST_SAMPLES);
        assert_eq!(recording.inside.len(), recording.cells());
        assert_eq!(recording.kpa.len(), recording.cells() * recording.frames());
    }
});
