//! Breaks a sphere the way scanners and exporters do, and looks at what is repaired.

use geometry::{Point3, TriMesh, check_closed};
use scan::{Facing, ScanLimits, ScanMesh, ScanRequest, read_scan};
use vocabulary::Findings;

type Corners = [Point3; 3];

const RADIUS: f64 = 100.0;

/// A sphere of a radius of 100 mm: 32,768 triangles with edges of 2 to 4 mm.
fn sphere() -> Vec<Corners> {
    let corner = |x: f64, y: f64, z: f64| Point3::new(x, y, z);
    let octants = [1.0, -1.0].into_iter().flat_map(|x| {
        [1.0, -1.0].into_iter().flat_map(move |y| {
            [1.0, -1.0].into_iter().map(move |z| {
                let [a, b, c] = [corner(x, 0.0, 0.0), corner(0.0, y, 0.0), corner(0.0, 0.0, z)];
                if x * y * z > 0.0 { [a, b, c] } else { [a, c, b] }
            })
        })
    });
    let mut triangles: Vec<Corners> = octants.collect();
    for _ in 0..6 {
        triangles = triangles
            .into_iter()
            .flat_map(|[a, b, c]| {
                let middle = |p: Point3, q: Point3| Point3::from((p.coords + q.coords).normalize());
                let (ab, bc, ca) = (middle(a, b), middle(b, c), middle(c, a));
                [[a, ab, ca], [b, bc, ab], [c, ca, bc], [ab, bc, ca]]
            })
            .collect();
    }
    triangles.into_iter().map(|corners| corners.map(|p| p * RADIUS)).collect()
}

fn stl(triangles: &[Corners]) -> Vec<u8> {
    let mut bytes = vec![0; 80];
    bytes.extend_from_slice(&(triangles.len() as u32).to_le_bytes());
    for corners in triangles {
        bytes.extend_from_slice(&[0; 12]);
        for coordinate in corners.iter().flat_map(|corner| corner.coords.iter()) {
            bytes.extend_from_slice(&(*coordinate as f32).to_le_bytes());
        }
        bytes.extend_from_slice(&[0; 2]);
    }
    bytes
}

fn read(triangles: &[Corners]) -> (ScanMesh, Findings) {
    let mut findings = Findings::new();
    let scan = read_scan(&stl(triangles), &ScanRequest::default(), &mut findings)
        .expect("a readable scan");
    (scan, findings)
}

fn message(findings: &Findings, code: &str) -> String {
    findings.iter().find(|finding| finding.code == code).expect(code).message.clone()
}

/// How far the surface is from the sphere, mm, at the farthest vertex.
fn roughness(mesh: &TriMesh) -> f64 {
    mesh.vertices.iter().map(|p| (p.coords.norm() - RADIUS).abs()).fold(0.0, f64::max)
}

#[test]
fn a_sound_sphere_stays_as_it_is() {
    let sphere = sphere();
    let (scan, findings) = read(&sphere);
    assert_eq!(check_closed(&scan.mesh), Ok(()));
    assert_eq!(scan.mesh.triangles.len(), sphere.len());
    assert_eq!(findings.iter().map(|f| f.code).collect::<Vec<_>>(), ["unit-inferred"]);
    assert!(roughness(&scan.mesh) < 1e-4);
}

#[test]
fn small_holes_are_closed_and_large_ones_left() {
    let mut sphere = sphere();
    let all = sphere.len();
    // A triangle, a fan of six around a vertex, and a cap of 60 mm.
    let center = sphere[700][0];
    sphere.retain(|corners| {
        !corners.contains(&center) && corners.iter().all(|p| p.x < 95.0 || p.y.abs() > 40.0)
    });
    sphere.remove(3000);
    let missing = all - sphere.len();
    let (scan, findings) = read(&sphere);
    let piece = &scan.pieces[0];
    assert!(
        message(&findings, "holes-filled").starts_with("1 holes of up to 5 mm"),
        "{findings:?}"
    );
    assert_eq!(piece.filled.end, piece.triangles.end);
    assert_eq!(piece.filled.len(), 1);
    assert_eq!(piece.facing, Facing::Outward);
    assert!(piece.open_edges > 20 && missing > 20);

    // With a wider limit the fan is closed too, and its middle is near the sphere.
    let limits = ScanLimits { max_hole_mm: 12.0, ..ScanLimits::default() };
    let request = ScanRequest { unit: None, limits };
    let scan = read_scan(&stl(&sphere), &request, &mut Findings::new()).unwrap();
    assert_eq!(scan.pieces[0].filled.len(), 7);
    assert!(roughness(&scan.mesh) < 0.2, "{}", roughness(&scan.mesh));
    for triangle in scan.pieces[0].filled.clone() {
        let middle = scan.mesh.corners(triangle)[0].coords;
        assert!(
            scan.mesh.scaled_normal(triangle).dot(&middle) > 0.0,
            "filled triangles face outward"
        );
    }
    let none = ScanLimits { max_hole_mm: 0.0, ..ScanLimits::default() };
    let request = ScanRequest { unit: None, limits: none };
    let scan = read_scan(&stl(&sphere), &request, &mut Findings::new()).unwrap();
    assert_eq!(scan.pieces[0].filled.len(), 0);
}

#[test]
fn every_small_hole_of_many_is_closed() {
    let mut sphere = sphere();
    let all = sphere.len();
    let mut index = 0;
    sphere.retain(|_| {
        index += 1;
        index % 97 != 0
    });
    let limits = ScanLimits { max_hole_mm: 8.0, ..ScanLimits::default() };
    let request = ScanRequest { unit: None, limits };
    let mut findings = Findings::new();
    let scan = read_scan(&stl(&sphere), &request, &mut findings).unwrap();
    assert_eq!(check_closed(&scan.mesh), Ok(()), "{findings:?} {}", scan.open_edges);
    assert_eq!(scan.mesh.triangles.len(), all);
    assert!(message(&findings, "holes-filled").starts_with("337 holes"), "{findings:?}");
}

#[test]
fn spikes_are_pulled_back() {
    let sphere = sphere();
    let spiked = [sphere[100][0], sphere[2000][1], sphere[5000][2]];
    for height in [15.0, 400.0, 1e30] {
        let broken: Vec<Corners> = sphere
            .iter()
            .map(|corners| {
                corners.map(|p| {
                    if spiked.contains(&p) {
                        Point3::from(p.coords * (1.0 + height / RADIUS))
                    } else {
                        p
                    }
                })
            })
            .collect();
        let (scan, findings) = read(&broken);
        assert!(message(&findings, "spikes-pulled").starts_with("3 vertices"), "{height}");
        assert_eq!(check_closed(&scan.mesh), Ok(()));
        assert!(roughness(&scan.mesh) < 0.2, "{height}: {}", roughness(&scan.mesh));
    }
}

#[test]
fn among_many_spikes_the_low_ones_are_pulled_as_well() {
    // Every 20th corner stands out, by 1 to 12 mm where neighbors are 3 mm apart: the lowest are no needles.
    let mut heights = std::collections::HashMap::new();
    for corners in &sphere() {
        for corner in corners {
            let number = heights.len();
            let key = corner.coords.map(f64::to_bits);
            let low_to_high = 1.0 + (number / 20 % 12) as f64;
            heights.entry([key.x, key.y, key.z]).or_insert(if number.is_multiple_of(20) {
                low_to_high
            } else {
                0.0
            });
        }
    }
    let spiked = |height_of_all: f64| -> Vec<Corners> {
        let out = |p: Point3| {
            let key = p.coords.map(f64::to_bits);
            let height = heights[&[key.x, key.y, key.z]].min(height_of_all);
            Point3::from(p.coords * (1.0 + height / RADIUS))
        };
        sphere().into_iter().map(|corners| corners.map(out)).collect()
    };
    let (scan, findings) = read(&spiked(f64::INFINITY));
    // Two that stand side by side hold each other up: 66 are left; of the tall ones alone 400.
    let is_left = |p: &&Point3| p.coords.norm() - RADIUS > 3.5;
    let left = scan.mesh.vertices.iter().filter(is_left).count();
    assert!(left < 100, "{left} of 820 are left: {findings:?}");
    // Without tall ones low ones are the surface's own.
    let (scan, _) = read(&spiked(2.5));
    assert!(roughness(&scan.mesh) > 2.0, "{}", roughness(&scan.mesh));
}

#[test]
fn a_mesh_of_81_components_with_background_keeps_what_matters() {
    let mut triangles = sphere();
    let shift = |corners: &Corners, by: f64| corners.map(|p| Point3::new(p.x, p.y, p.z + by));
    // A background board behind, and 79 crumbs before it.
    let board = [
        Point3::new(-250.0, -250.0, -140.0),
        Point3::new(250.0, -250.0, -140.0),
        Point3::new(250.0, 250.0, -140.0),
        Point3::new(-250.0, 250.0, -140.0),
    ];
    triangles.push([board[0], board[1], board[2]]);
    triangles.push([board[0], board[2], board[3]]);
    for crumb in 0..79 {
        let own = triangles[7 * crumb];
        triangles.push(shift(&own, -130.0 + crumb as f64));
    }
    let (scan, findings) = read(&triangles);
    assert_eq!(scan.pieces.len(), 2);
    let [board, ball] = [&scan.pieces[0], &scan.pieces[1]];
    assert_eq!((board.facing, board.open_edges), (Facing::AsInFile, 4));
    assert_eq!((ball.facing, ball.open_edges), (Facing::Outward, 0));
    assert_eq!(check_closed(&scan.piece_mesh(1)), Ok(()));
    assert!(message(&findings, "debris-dropped").starts_with("79 small separate pieces"));
}

#[test]
fn non_manifold_edges_and_doubled_sheets_do_no_harm() {
    let sound = sphere();
    let mut triangles = sound.clone();
    // A fin on an edge, a sheet scanned twice, and a triangle that runs the wrong way.
    let [a, b, _] = triangles[10];
    triangles.push([b, a, Point3::from(a.coords * 1.02)]);
    triangles.extend_from_within(50..70);
    triangles[333].swap(0, 1);
    let (scan, findings) = read(&triangles);
    assert_eq!(scan.pieces.len(), 1);
    assert!(findings.has("useless-triangles") && findings.has("winding-repaired"));
    assert_eq!(scan.pieces[0].facing, Facing::Outward);
    assert_eq!(scan.mesh.triangles.len(), sound.len() + 1);
    assert!((scan.mesh.volume() / read(&sound).0.mesh.volume() - 1.0).abs() < 1e-3);
}

#[test]
fn sheets_cannot_tell_their_outside() {
    // A bowl: the lower third of the sphere.
    let bowl: Vec<Corners> =
        sphere().into_iter().filter(|corners| corners.iter().all(|p| p.z < -40.0)).collect();
    let (scan, _) = read(&bowl);
    assert_eq!(scan.pieces[0].facing, Facing::AsInFile);
    let outward = scan.mesh.scaled_normal(0).dot(&scan.mesh.corners(0)[0].coords) > 0.0;
    let turned: Vec<Corners> = bowl.iter().map(|&[a, b, c]| [a, c, b]).collect();
    let (turned, _) = read(&turned);
    let inward = turned.mesh.scaled_normal(0).dot(&turned.mesh.corners(0)[0].coords) < 0.0;
    assert!(outward && inward, "the file's winding is kept either way");
    // The sphere without a cap can.
    let open: Vec<Corners> =
        sphere().into_iter().filter(|corners| corners.iter().all(|p| p.z < 75.0)).collect();
    assert_eq!(read(&open).0.pieces[0].facing, Facing::Outward);
}

#[test]
fn a_mirrored_inside_out_shuffled_and_unwelded_file_is_the_same_shape() {
    let sound = sphere();
    let mut triangles: Vec<Corners> =
        sound.iter().map(|corners| corners.map(|p| Point3::new(-p.x, p.y, p.z))).collect();
    triangles.reverse();
    let mut state = 1_u64;
    for corners in &mut triangles {
        for corner in corners.iter_mut() {
            for c in corner.coords.iter_mut() {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                // A thousandth of a millimeter: within the welding tolerance of 0.007 mm.
                *c += ((state >> 33) as f64 / f64::from(1_u32 << 31) - 0.5) * 1e-3;
            }
        }
    }
    let (scan, findings) = read(&triangles);
    assert_eq!(check_closed(&scan.mesh), Ok(()));
    assert!(findings.has("inside-out"));
    assert!(roughness(&scan.mesh) < 0.002);
    assert_eq!(scan.mesh.triangles.len(), sound.len());
}

#[test]
fn one_thread_and_many_give_the_same_bytes() {
    let mut triangles = sphere();
    triangles.truncate(30_000);
    triangles[333].swap(0, 1);
    let mesh = stl(&triangles);
    let points: String = triangles
        .iter()
        .map(|corners| format!("{:.3} {:.3} {:.3}\n", corners[0].x, corners[0].y, corners[0].z))
        .collect();
    for bytes in [mesh.as_slice(), points.as_bytes()] {
        let [one, many] = [1, 5].map(|threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| {
                let mut findings = Findings::new();
                (read_scan(bytes, &ScanRequest::default(), &mut findings).unwrap(), findings)
            })
        });
        assert!(one == many);
    }
}
