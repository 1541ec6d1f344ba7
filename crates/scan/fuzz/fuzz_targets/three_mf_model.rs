//! The XML inside a 3MF package: a fuzzer that changes the package itself only breaks its checksums.
#![no_main]

use std::io::{Cursor, Write};

#[path = "../../tests/soundness/mod.rs"]
mod soundness;

libfuzzer_sys::fuzz_target!(|model: &[u8]| {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let stored = zip::write::SimpleFileOptions::default()
        .compression_method(zip::CompressionMethod::Stored);
    zip.start_file("3D/3dmodel.model", stored).expect("a new name");
    zip.write_all(model).expect("a vector takes any bytes");
    soundness::check(&zip.finish().expect("a vector takes any bytes").into_inner());
});
