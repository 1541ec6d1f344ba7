//! Throws changed files at the reader: whatever comes, it answers soundly and without a panic.
//!
//! The seeds are those of the fuzz targets in `fuzz/corpus`, small files of every kind that we made
//! ourselves; the cases are the same in every run. The targets search longer, by hand:
//! `cd crates/scan && cargo +nightly fuzz run ply -- -max_total_time=300`.

use std::path::Path;

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use scan::{ScanRequest, read_scan};
use vocabulary::Findings;

mod soundness;

/// One change to a file; places are shares of its length, so that they fit every length.
#[derive(Clone, Debug)]
enum Mutation {
    Overwrite(f64, u8),
    Flip(f64, u8),
    Insert(f64, Vec<u8>),
    Remove(f64, usize),
    Cut(f64),
    Repeat(f64, usize),
    Count(u32),
    Coordinate(f64, f32),
}

fn mutation() -> impl Strategy<Value = Mutation> {
    let place = 0.0..1.0_f64;
    let words = prop::sample::select(vec![
        "facet",
        "endloop",
        "vertex",
        "nan",
        "1e39",
        "solid",
        "endsolid",
        "\n",
        "\0",
        "f 1 2 3\n",
        "-1 ",
        "v ",
        "\\\n",
        "element face 9\n",
        "property list uchar int vertex_indices\n",
        "end_header\n",
        ";",
        "<object id=\"1\">",
        "</mesh>",
        "<component objectid=\"1\"/>",
        "<!--",
        "&amp;",
        "4294967295",
        "-inf ",
    ]);
    let coordinates = prop::sample::select(vec![
        f32::NAN,
        f32::INFINITY,
        f32::MAX,
        f32::MIN_POSITIVE,
        -0.0,
        1e30,
        260.0,
    ]);
    prop_oneof![
        (place.clone(), any::<u8>()).prop_map(|(at, byte)| Mutation::Overwrite(at, byte)),
        (place.clone(), 0..8_u8).prop_map(|(at, bit)| Mutation::Flip(at, bit)),
        (place.clone(), prop::collection::vec(any::<u8>(), 0..60))
            .prop_map(|(at, bytes)| Mutation::Insert(at, bytes)),
        (place.clone(), words)
            .prop_map(|(at, word)| Mutation::Insert(at, word.as_bytes().to_vec())),
        (place.clone(), 0..120_usize).prop_map(|(at, count)| Mutation::Remove(at, count)),
        place.clone().prop_map(Mutation::Cut),
        (place.clone(), 0..300_usize).prop_map(|(at, count)| Mutation::Repeat(at, count)),
        any::<u32>().prop_map(Mutation::Count),
        (0..40_u32).prop_map(Mutation::Count),
        (place, coordinates).prop_map(|(at, value)| Mutation::Coordinate(at, value)),
    ]
}

fn apply(bytes: &mut Vec<u8>, mutation: &Mutation) {
    if bytes.is_empty() {
        return;
    }
    let length = bytes.len();
    let index = |share: f64| ((share * length as f64) as usize).min(length - 1);
    match mutation {
        Mutation::Overwrite(at, byte) => bytes[index(*at)] = *byte,
        Mutation::Flip(at, bit) => bytes[index(*at)] ^= 1 << bit,
        Mutation::Insert(at, new) => {
            drop(bytes.splice(index(*at)..index(*at), new.iter().copied()))
        }
        Mutation::Remove(at, count) => {
            drop(bytes.drain(index(*at)..(index(*at) + count).min(length)))
        }
        Mutation::Cut(at) => bytes.truncate(index(*at)),
        Mutation::Repeat(at, count) => {
            let piece = bytes[index(*at)..(index(*at) + count).min(length)].to_vec();
            bytes.splice(index(*at)..index(*at), piece);
        }
        Mutation::Count(count) => {
            if let Some(field) = bytes.get_mut(80..84) {
                field.copy_from_slice(&count.to_le_bytes());
            }
        }
        Mutation::Coordinate(at, value) => {
            let triangle = length.saturating_sub(84) / 50;
            let offset =
                84 + 50 * ((at * triangle as f64) as usize) + 12 + 4 * ((at * 1e6) as usize % 9);
            if let Some(field) = bytes.get_mut(offset..offset + 4) {
                field.copy_from_slice(&value.to_le_bytes());
            }
        }
    }
}

/// All seeds, by path.
fn seeds() -> Vec<(String, Vec<u8>)> {
    let corpus = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/fuzz/corpus"));
    let mut seeds: Vec<(String, Vec<u8>)> = Vec::new();
    for folder in std::fs::read_dir(corpus).expect("the corpus is part of the project") {
        for file in std::fs::read_dir(folder.expect("readable").path()).expect("a folder") {
            let path = file.expect("readable").path();
            // What a fuzzer left there has no ending.
            if path.extension().is_some() {
                seeds.push((path.display().to_string(), std::fs::read(&path).expect("readable")));
            }
        }
    }
    seeds.sort();
    seeds
}

#[test]
fn every_seed_is_a_scan() {
    let seeds = seeds();
    assert!(seeds.len() >= 20);
    for (path, bytes) in seeds {
        soundness::check(&bytes);
        let scan = read_scan(&bytes, &ScanRequest::default(), &mut Findings::new());
        // The XML inside a package is no scan by itself.
        let is_part = path.ends_with(".model");
        assert_eq!(scan.is_err(), is_part, "{path}: {:?}", scan.err());
    }
}

#[test]
fn a_changed_file_is_read_or_refused() {
    let seeds = seeds();
    let config = ProptestConfig {
        cases: 8000,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(3),
        ..ProptestConfig::default()
    };
    let strategy = (0..seeds.len(), prop::collection::vec(mutation(), 1..6));
    proptest!(config, |((seed, mutations) in strategy)| {
        let mut bytes = seeds[seed].1.clone();
        for mutation in &mutations {
            apply(&mut bytes, mutation);
        }
        soundness::check(&bytes);
    });
}

#[test]
fn any_bytes_are_read_or_refused() {
    let config = ProptestConfig {
        cases: 3000,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(4),
        ..ProptestConfig::default()
    };
    proptest!(config, |(bytes in prop::collection::vec(any::<u8>(), 0..400))| {
        prop_assert!(read_scan(&bytes, &ScanRequest::default(), &mut Findings::new()).is_err());
    });
}

#[test]
fn a_head_that_promises_four_billion_triangles_is_refused_at_once() {
    let mut bytes = vec![0; 134];
    bytes[80..84].copy_from_slice(&u32::MAX.to_le_bytes());
    let message =
        read_scan(&bytes, &ScanRequest::default(), &mut Findings::new()).unwrap_err().to_string();
    assert!(message.contains("take 214748364834 bytes, but the file has 134"), "{message}");
}
