//! Throws mutated STL files at the reader: whatever comes, it answers without a panic, and it never
//! holds more triangles than the bytes can contain.

use geometry::{Point3, TriMesh};
use proptest::prelude::*;
use scan::{ScanRequest, read_scan};
use vocabulary::Findings;

/// Fewest bytes of a triangle in either kind of file ("facet normal 0 0 0 outer loop …" is longer).
const FEWEST_TRIANGLE_BYTES: usize = 50;

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
        "facet", "endloop", "vertex", "nan", "1e39", "solid", "endsolid", "\n", "\0",
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

/// Two boxes, the second small, as a binary and as an ASCII file.
fn seeds() -> [Vec<u8>; 2] {
    let large = TriMesh::cuboid(Point3::origin(), Point3::new(95.0, 250.0, 80.0));
    let small = TriMesh::cuboid(Point3::new(120.0, 0.0, 0.0), Point3::new(130.0, 10.0, 10.0));
    let mut binary = vec![b' '; 80];
    binary.extend_from_slice(&24_u32.to_le_bytes());
    let mut ascii = b"solid foot\n".to_vec();
    for corners in large.corner_points().chain(small.corner_points()) {
        binary.extend_from_slice(&[0; 12]);
        ascii.extend_from_slice(b"facet normal 0 0 0\nouter loop\n");
        for corner in corners {
            for coordinate in corner.coords.iter() {
                binary.extend_from_slice(&(*coordinate as f32).to_le_bytes());
            }
            let [x, y, z] = corner.coords.into();
            ascii.extend_from_slice(format!("vertex {x} {y} {z}\n").as_bytes());
        }
        binary.extend_from_slice(&[0; 2]);
        ascii.extend_from_slice(b"endloop\nendfacet\n");
    }
    ascii.extend_from_slice(b"endsolid foot\n");
    [binary, ascii]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_mutated_file_is_read_or_refused(
        ascii in any::<bool>(),
        mutations in prop::collection::vec(mutation(), 0..6),
    ) {
        let mut bytes = seeds()[usize::from(ascii)].clone();
        for mutation in &mutations {
            apply(&mut bytes, mutation);
        }
        let mut findings = Findings::new();
        match read_scan(&bytes, &ScanRequest::default(), &mut findings) {
            Ok(scan) => {
                prop_assert!(!scan.mesh.triangles.is_empty());
                prop_assert!(scan.mesh.triangles.len() <= bytes.len() / FEWEST_TRIANGLE_BYTES);
                prop_assert!(scan.mesh.vertices.len() <= 3 * scan.mesh.triangles.len());
                let all_finite = scan.mesh.vertices.iter().all(|p| p.coords.iter().all(|c| c.is_finite()));
                prop_assert!(all_finite);
                let used = scan.mesh.triangles.as_flattened().iter().max().copied();
                prop_assert_eq!(used, Some(scan.mesh.vertices.len() as u32 - 1));
                prop_assert!((80.0..=2000.0).contains(&scan.longest_extent_mm));
            }
            Err(error) => {
                let message = error.to_string();
                prop_assert!(!message.contains('\n') && message.len() < 300, "{}", message);
            }
        }
        // Findings do not grow with the file either.
        prop_assert!(findings.iter().count() < 12);
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        prop_assert!(read_scan(&bytes, &ScanRequest::default(), &mut Findings::new()).is_err());
    }
}

#[test]
fn a_head_that_promises_four_billion_triangles_is_refused_at_once() {
    let mut bytes = vec![0; 134];
    bytes[80..84].copy_from_slice(&u32::MAX.to_le_bytes());
    let message =
        read_scan(&bytes, &ScanRequest::default(), &mut Findings::new()).unwrap_err().to_string();
    assert!(message.contains("take 214748364834 bytes, but the file has 134"), "{message}");
}
