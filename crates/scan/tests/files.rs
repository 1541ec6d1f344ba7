//! Reads files of every kind that a lab meets: real scans, odd exports, and files that are no scans.

use std::path::Path;

use geometry::{Point3, TriMesh, check_closed};
use scan::{Facing, ScanError, ScanLimits, ScanMesh, ScanRequest, Unit, read_scan};
use stl_io::{Normal, Triangle, Vertex};
use vocabulary::Findings;

/// A foot-sized box, 100 × 250 × 80 mm, standing off the origin.
fn shoe_box() -> TriMesh {
    TriMesh::cuboid(Point3::new(10.0, -50.0, 5.0), Point3::new(110.0, 200.0, 85.0))
}

fn soup(mesh: &TriMesh) -> Vec<[[f32; 3]; 3]> {
    mesh.corner_points()
        .map(|corners| corners.map(|p| [p.x as f32, p.y as f32, p.z as f32]))
        .collect()
}

fn binary(soup: &[[[f32; 3]; 3]]) -> Vec<u8> {
    let triangles: Vec<Triangle> = soup
        .iter()
        .map(|corners| Triangle {
            normal: Normal::new([0.0; 3]),
            vertices: corners.map(Vertex::new),
        })
        .collect();
    let mut bytes = Vec::new();
    stl_io::write_stl(&mut bytes, triangles.iter()).expect("a vector takes any bytes");
    bytes
}

fn ascii(soup: &[[[f32; 3]; 3]]) -> String {
    let mut text = String::from("solid box\n");
    for corners in soup {
        text += "  facet normal 0 0 0\n    outer loop\n";
        for [x, y, z] in corners {
            text += &format!("      vertex {x:e} {y:e} {z:e}\n");
        }
        text += "    endloop\n  endfacet\n";
    }
    text + "endsolid box\n"
}

fn read(bytes: &[u8]) -> (Result<ScanMesh, ScanError>, Findings) {
    let mut findings = Findings::new();
    let scan = read_scan(bytes, &ScanRequest::default(), &mut findings);
    (scan, findings)
}

fn scaled(soup: &[[[f32; 3]; 3]], factor: f32) -> Vec<[[f32; 3]; 3]> {
    soup.iter().map(|corners| corners.map(|corner| corner.map(|c| c * factor))).collect()
}

#[track_caller]
fn assert_is_shoe_box(scan: &ScanMesh, tolerance: f64) {
    assert_eq!(check_closed(&scan.mesh), Ok(()));
    assert_eq!((scan.mesh.vertices.len(), scan.mesh.triangles.len()), (8, 12));
    let (low, high) = scan.mesh.bounds().expect("a scan has vertices");
    assert!((low - Point3::new(10.0, -50.0, 5.0)).norm() < tolerance, "{low}");
    assert!((high - Point3::new(110.0, 200.0, 85.0)).norm() < tolerance, "{high}");
    assert!(scan.mesh.volume() > 0.0);
}

#[test]
fn binary_and_ascii_say_the_same() {
    let soup = soup(&shoe_box());
    let (from_binary, binary_findings) = read(&binary(&soup));
    let (from_ascii, _) = read(ascii(&soup).as_bytes());
    let from_binary = from_binary.unwrap();
    assert_is_shoe_box(&from_binary, 1e-4);
    assert_eq!(from_binary.mesh, from_ascii.unwrap().mesh);
    assert_eq!(binary_findings.iter().map(|f| f.code).collect::<Vec<_>>(), ["unit-inferred"]);
}

#[test]
fn a_binary_file_may_call_itself_solid() {
    let mut bytes = binary(&soup(&shoe_box()));
    bytes[..30].copy_from_slice(b"solid exported facet normal \r\n");
    assert_is_shoe_box(&read(&bytes).0.unwrap(), 1e-4);
    bytes.extend_from_slice(b"more");
    let (scan, findings) = read(&bytes);
    assert_is_shoe_box(&scan.unwrap(), 1e-4);
    assert!(findings.has("trailing-bytes"));
}

#[test]
fn ascii_may_be_written_in_many_ways() {
    let plain = ascii(&soup(&shoe_box()));
    let (first, second) = plain.split_at(plain.match_indices("  facet").nth(7).unwrap().0);
    for (text, code) in [
        (plain.to_uppercase(), None),
        (plain.replace('\n', "\r\n"), None),
        (plain.replace('\n', " \t "), None),
        (format!("\u{feff}\n\n{plain}"), None),
        (plain.replace("box", "Fuß links, facet by facet"), None),
        (plain.replace(" box", ""), None),
        (format!("{first}endsolid a\nsolid b\n{second}"), Some("several-solids")),
        (plain.replace("endsolid box\n", ""), Some("no-endsolid")),
    ] {
        let (scan, findings) = read(text.as_bytes());
        assert_is_shoe_box(&scan.unwrap(), 1e-4);
        if let Some(code) = code {
            assert!(findings.has(code), "{code}");
        }
    }
}

#[test]
fn files_that_are_no_scans_are_refused() {
    let box_bytes = binary(&soup(&shoe_box()));
    let box_text = ascii(&soup(&shoe_box()));
    let text = "These are my notes on the patient, who likes to run.\n".repeat(40);
    let cases: [(&[u8], &str); 13] = [
        (b"", "the scan file is empty"),
        (b"left foot", "a text file, not an STL, OBJ, PLY, 3MF or XYZ file"),
        (text.as_bytes(), "a text file, not an STL, OBJ, PLY, 3MF or XYZ file"),
        (
            b"solid as a rock, they said, and went home",
            "a text file, not an STL, OBJ, PLY, 3MF or XYZ file",
        ),
        (b"<!DOCTYPE html><html><body>404</body></html>", "a web page, not an STL"),
        (b"PK\x03\x04\0\0\0\0", "the 3MF file cannot be read: its ZIP directory is damaged"),
        (&[0; 60], "60 bytes, too few"),
        (&[0; 84], "holds no triangle"),
        (b"solid empty\nendsolid empty\n", "holds no triangle"),
        (&box_bytes[..400], "12 triangles, which take 684 bytes, but the file has 400"),
        (&box_text.as_bytes()[..900], "ends inside the facet that begins in line "),
        (
            b"solid a\nfacet normal 0 0 1 outer loop vertex 1,5 0 0",
            "line 2 of the ASCII STL file has \"1,5\"",
        ),
        (
            b"solid a\nfacet normal 0 0 1 outer loop vertex 1 0 0 vertex 0 0 0 endloop",
            "has \"endloop\" where vertex",
        ),
    ];
    for (bytes, expected) in cases {
        let message = read(bytes).0.unwrap_err().to_string();
        assert!(message.contains(expected), "expected \"{expected}\" in \"{message}\"");
        assert!(!message.contains('\n') && message.len() < 260, "{message}");
    }
}

#[test]
fn the_unit_follows_from_the_size() {
    let soup = soup(&shoe_box());
    for (factor, unit) in [
        (0.001, Unit::Meter),
        (0.1, Unit::Centimeter),
        (1.0, Unit::Millimeter),
        (1.0 / 25.4, Unit::Inch),
    ] {
        let (scan, findings) = read(&binary(&scaled(&soup, factor)));
        let scan = scan.unwrap();
        assert_eq!(scan.unit.unit, unit);
        assert_is_shoe_box(&scan, 1e-3);
        assert!(findings.has("unit-inferred") && scan.unit.evidence.contains("281 mm"));
    }
}

#[test]
fn impossible_sizes_are_refused() {
    let soup = soup(&shoe_box());
    for (factor, given, expected) in [
        (1e-6, None, "longest extent is 0.000281 in the file's own numbers"),
        (10.0, None, "expected 80 to 650 mm"),
        (0.054, None, "can be 152 mm (unit centimeter) or 385 mm (unit inch)"),
        (
            0.001,
            Some(Unit::Millimeter),
            "is 0.2809 mm (expected 80 to 650 mm for a foot, up to 2000 mm with a floor or board); \
             in the unit meter it would be 281 mm",
        ),
        (1.0, Some(Unit::Meter), "in the unit millimeter it would be 281 mm"),
        (1e-6, Some(Unit::Millimeter), "check what was scanned"),
    ] {
        let request = ScanRequest { unit: given, ..ScanRequest::default() };
        let scan = read_scan(&binary(&scaled(&soup, factor)), &request, &mut Findings::new());
        let message = scan.and_then(ScanMesh::settled).unwrap_err().to_string();
        assert!(message.contains(expected), "expected \"{expected}\" in \"{message}\"");
    }
}

#[test]
fn a_given_unit_overrules_the_inferred_one() {
    let bytes = binary(&scaled(&soup(&shoe_box()), 1.0 / 25.4));
    let request = ScanRequest { unit: Some(Unit::Centimeter), ..ScanRequest::default() };
    let mut findings = Findings::new();
    let scan = read_scan(&bytes, &request, &mut findings).unwrap();
    assert_eq!(scan.unit.unit, Unit::Centimeter);
    assert!((scan.longest_extent_mm - 110.6).abs() < 0.1);
    assert!(!findings.has("unit-inferred"));
}

#[test]
fn broken_triangles_are_repaired_or_dropped() {
    let mut soup = soup(&shoe_box());
    soup[3].swap(0, 1);
    soup[8].swap(0, 2);
    soup.push(soup[5]);
    soup.push([soup[0][0], soup[0][1], soup[0][0]]);
    let (scan, findings) = read(&binary(&soup));
    assert_is_shoe_box(&scan.unwrap(), 1e-4);
    let of =
        |code: &str| findings.iter().find(|finding| finding.code == code).unwrap().message.clone();
    assert!(of("winding-repaired").starts_with("2 triangles"));
    assert!(of("useless-triangles").starts_with("1 triangles without area and 1 repeated"));

    for corners in &mut soup {
        corners.swap(1, 2);
    }
    let (scan, findings) = read(&binary(&soup));
    assert_is_shoe_box(&scan.unwrap(), 1e-4);
    assert!(findings.has("inside-out"));
}

#[test]
fn coordinates_that_are_no_numbers() {
    let mut many: Vec<_> = (0..20).flat_map(|_| soup(&shoe_box())).collect();
    many[17][1][2] = f32::NAN;
    let (scan, findings) = read(&binary(&many));
    assert_is_shoe_box(&scan.unwrap(), 1e-4);
    assert!(findings.iter().any(|finding| {
        finding.code == "non-finite-coordinates" && finding.message.starts_with("1 of 240")
    }));
    for corners in many.iter_mut().step_by(5) {
        corners[0][0] = f32::INFINITY;
    }
    assert_eq!(
        read(&binary(&many)).0,
        Err(ScanError::NotFinite { broken: 49, count: 240, what: "triangles" })
    );
}

#[test]
fn the_shape_may_settle_the_unit() {
    let (scan, findings) = read(&binary(&scaled(&soup(&shoe_box()), 0.054)));
    let scan = scan.unwrap();
    assert!(!scan.unit.settled && findings.has("unit-inferred"));
    let units: Vec<Unit> = scan.unit.candidates.iter().map(|one| one.unit).collect();
    assert_eq!(units, [Unit::Centimeter, Unit::Inch]);
    let in_inches = scan.clone().in_unit(Unit::Inch, "the foot is 343 mm long".to_owned());
    assert!((in_inches.longest_extent_mm - 2.54 * scan.longest_extent_mm).abs() < 1e-9);
    let (low, high) = in_inches.mesh.bounds().unwrap();
    assert!((high.y - low.y - 250.0 * 0.054 * 25.4).abs() < 1e-3);
    let piece = &in_inches.pieces[0];
    assert!((piece.low - low).norm() < 1e-9 && (piece.high - high).norm() < 1e-9);
    assert!((piece.area_mm2 - in_inches.mesh.area()).abs() < 1e-6);
    assert!(in_inches.settled().is_ok());
}

/// A cube of this size, as triangles.
fn cube(x: f64, size: f64) -> Vec<[[f32; 3]; 3]> {
    soup(&TriMesh::cuboid(Point3::new(x, 0.0, 0.0), Point3::new(x + size, size, size)))
}

#[test]
fn debris_is_dropped() {
    let mut with_crumbs = soup(&shoe_box());
    with_crumbs.extend(cube(150.0, 4.0));
    with_crumbs.extend(cube(160.0, 5.0));
    let (scan, findings) = read(&binary(&with_crumbs));
    assert_is_shoe_box(&scan.unwrap(), 1e-4);
    let dropped = findings.iter().find(|finding| finding.code == "debris-dropped").unwrap();
    assert!(dropped.message.starts_with("2 small separate pieces, 0.23 %"), "{}", dropped.message);

    // A thousand crumbs beside each other: nothing is large enough to be a part of a foot.
    let crumbs: Vec<_> = (0..1000).flat_map(|i| cube(f64::from(i) * 0.3, 0.2)).collect();
    assert_eq!(read(&binary(&crumbs)).0, Err(ScanError::Fragments { pieces: 1000, percent: 0.0 }));
}

#[test]
fn every_substantial_piece_is_kept_and_can_be_taken_alone() {
    let right = shoe_box().translated(geometry::Vector3::new(140.0, 20.0, 0.0));
    let floor = [
        [[-50.0, -90.0, 0.0], [350.0, -90.0, 0.0], [350.0, 260.0, 0.0]],
        [[350.0, 260.0, 0.0], [-50.0, 260.0, 0.0], [-50.0, -90.0, 0.0]],
    ];
    let mut scene = soup(&shoe_box());
    scene.extend(floor);
    scene.extend(soup(&right));
    // One of the feet is inside out, as a whole.
    for corners in &mut scene[14..] {
        corners.swap(1, 2);
    }
    let (scan, findings) = read(&binary(&scene));
    let scan = scan.unwrap();
    assert_eq!(scan.pieces.len(), 3);
    assert_eq!((scan.open_edges, scan.triangles_in_file), (4, 26));
    assert!(findings.has("several-pieces") && findings.has("inside-out"));
    let mut next = (0, 0);
    for (index, piece) in scan.pieces.iter().enumerate() {
        assert_eq!((piece.vertices.start, piece.triangles.start), next);
        next = (piece.vertices.end, piece.triangles.end);
        let mesh = scan.piece_mesh(index);
        assert_eq!(mesh.bounds(), Some((piece.low, piece.high)));
        assert!((mesh.area() - piece.area_mm2).abs() < 1e-6);
        match piece.open_edges {
            0 => {
                assert_eq!(piece.facing, Facing::Outward);
                assert_eq!(check_closed(&mesh), Ok(()));
                assert!((mesh.volume() - 2e6).abs() < 1.0, "{}", mesh.volume());
            }
            _ => {
                assert_eq!((piece.facing, piece.open_edges), (Facing::AsInFile, 4));
                assert!(mesh.scaled_normal(0).z > 0.0, "the file's own winding");
            }
        }
    }
    assert_eq!(next, (scan.mesh.vertices.len(), scan.mesh.triangles.len()));
    assert_eq!(read(&binary(&scene[..12])).0.unwrap().single_foot().unwrap(), scan.piece_mesh(1));
    scene.drain(12..14);
    let feet_only = read(&binary(&scene)).0.unwrap();
    assert_eq!(feet_only.single_foot(), Err(ScanError::TwoFeet { percent: 100.0 }));
}

#[test]
fn limits_hold() {
    let limits = ScanLimits { max_triangles: 11, ..ScanLimits::default() };
    let request = ScanRequest { limits, ..ScanRequest::default() };
    let soup = soup(&shoe_box());
    for bytes in [binary(&soup), ascii(&soup).into_bytes()] {
        assert_eq!(
            read_scan(&bytes, &request, &mut Findings::new()),
            Err(ScanError::TooManyTriangles { triangles: 12, limit: 11 })
        );
    }
}

/// Name, triangles, unit, longest extent in mm, edges of the opening.
const REAL_SCANS: [(&str, usize, Unit, f64, usize); 6] = [
    ("my-feet/left_foot.stl", 12_772, Unit::Meter, 279.0, 0),
    ("my-feet/right_foot.stl", 12_756, Unit::Meter, 279.0, 0),
    ("find/find_mean.stl", 2_000, Unit::Meter, 283.0, 0),
    ("find/find_s2p3.stl", 2_000, Unit::Meter, 272.0, 0),
    ("makehuman/left.stl", 2_205, Unit::Millimeter, 257.0, 31),
    ("makehuman/right.stl", 2_205, Unit::Millimeter, 257.0, 31),
];

#[test]
#[allow(clippy::print_stderr, reason = "a skipped test must say so")]
fn real_scans() {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/scans"));
    if !folder.exists() {
        eprintln!("SKIPPED real_scans: {} is not there", folder.display());
        return;
    }
    for (name, triangles, unit, extent, open_edges) in REAL_SCANS {
        let (scan, _) = read(&std::fs::read(folder.join(name)).unwrap());
        let scan = scan.unwrap();
        assert_eq!(scan.triangles_in_file, triangles, "{name}");
        assert_eq!(scan.unit.unit, unit, "{name}");
        assert_eq!(scan.open_edges, open_edges, "{name}");
        assert!(
            (scan.longest_extent_mm - extent).abs() < 15.0,
            "{name} {}",
            scan.longest_extent_mm
        );
        assert!(scan.mesh.volume() > 5e5, "{name}");
        if open_edges == 0 {
            assert_eq!(check_closed(&scan.mesh), Ok(()), "{name}");
        }
    }
}
