//! Every file of a part against its slab: closed, near enough, the right volume, the same bytes again.
#![allow(clippy::unwrap_used, reason = "a test")]

use export::{
    MeshSettings, SolidError, StepMetadata, TessellateError, TrimError, deviation, slab_volume,
    solid, step_text, stl_bytes, tessellate,
};
use geometry::{GraphSurface, Point2, Point3, Rect, Relief, Slab, TriMesh, check_closed};
use manifold_rust::manifold::Manifold;
use manifold_rust::types::{Error, MeshGL64};

mod slabs;

/// What every good mesh is; returns its triangle count.
#[track_caller]
fn check(slab: &Slab, settings: &MeshSettings, genus: i32) -> usize {
    let mesh = tessellate(slab, settings).unwrap();
    assert_eq!(check_closed(&mesh), Ok(()));
    let miss = deviation(&mesh, slab, 6);
    assert!(miss.max_mm <= settings.tolerance_mm * 1.02, "{miss:?}");
    assert!(miss.mean_mm <= 0.5 * settings.tolerance_mm, "{miss:?}");
    let volume = slab_volume(slab);
    let off = mesh.volume() / volume - 1.0;
    assert!(off.abs() < 2e-4, "volume off by {off:e}");
    let single = |value: f64| f64::from(value as f32).to_bits() == value.to_bits();
    assert!(mesh.vertices.iter().all(|v| v.coords.iter().all(|&c| single(c))));
    let manifold = manifold(&mesh);
    assert_eq!(manifold.status(), Error::NoError);
    assert_eq!(manifold.genus(), genus);
    assert!((manifold.volume() / mesh.volume() - 1.0).abs() < 1e-9);
    mesh.triangles.len()
}

fn manifold(mesh: &TriMesh) -> Manifold {
    Manifold::from_mesh_gl64(&MeshGL64 {
        num_prop: 3,
        vert_properties: mesh.vertices.iter().flat_map(|v| [v.x, v.y, v.z]).collect(),
        tri_verts: mesh.triangles.iter().flatten().map(|&index| u64::from(index)).collect(),
        ..MeshGL64::default()
    })
}

#[test]
fn meshes_are_closed_near_and_of_the_right_volume() {
    let settings = MeshSettings::default();
    check(&slabs::plate(), &settings, 0);
    check(&slabs::holed_plate(), &settings, 2);
    check(&slabs::dome(), &settings, 0);
    let triangles = check(&slabs::orthosis(), &settings, 0);
    assert!(triangles < 150_000, "{triangles}");
}

#[test]
fn perforations_and_narrow_webs() {
    let hole = |x: f64, y: f64| slabs::ring(Point2::new(x, y), 8, -1.0, |_| 1.5);
    // Two webs of 0.4 mm, and rows 5 mm apart.
    let mut holes = vec![hole(-15.0, -20.0), hole(-11.6, -20.0), hole(-8.2, -20.0)];
    holes.extend((0..15).map(|k| hole(f64::from(k % 5) * 5.0 - 10.0, f64::from(k / 5) * 5.0)));
    let slab = Slab { holes, ..slabs::dome() };
    check(&slab, &MeshSettings::default(), 18);
    assert_eq!(solid(&slab).unwrap().boundaries()[0].len(), 2 + 4 * 19);
}

/// A frame around a disc, and two squares whose corners nearly touch, left of the middle.
fn pattern(depth_mm: f64) -> Relief {
    let square = |x: f64, y: f64, half: f64| {
        [(-half, -half), (half, -half), (half, half), (-half, half)]
            .map(|(dx, dy)| Point2::new(x + dx, y + dy))
            .to_vec()
    };
    let disc = (0..40).map(|k| f64::from(k) * 0.05 * std::f64::consts::PI);
    let disc = disc.map(|angle| Point2::new(-10.0 + angle.cos(), 5.0 + angle.sin())).collect();
    let loops = vec![
        square(-10.0, 5.0, 2.0),
        disc,
        square(-10.0, 5.0, 4.0),
        square(-20.0, 5.0, 0.5),
        square(-18.98, 6.02, 0.5),
    ];
    Relief::new(loops, depth_mm).unwrap()
}

#[test]
fn a_mark_is_part_of_mesh_and_volume() {
    for depth_mm in [0.4, -0.4] {
        let relief = pattern(depth_mm);
        for plain in [slabs::plate(), slabs::dome()] {
            let slab = Slab { relief: Some(relief.clone()), ..plain.clone() };
            check(&slab, &MeshSettings::default(), 0);
            let taken = slab_volume(&plain) - slab_volume(&slab);
            let area = 64.0 - 16.0 + std::f64::consts::PI + 2.0;
            assert!(taken / (area * depth_mm) > 0.99 && taken / (area * depth_mm) < 1.1, "{taken}");
        }
        // The face of the mark in a dome is a sphere around the same center.
        let dome = Slab { relief: Some(relief.clone()), ..slabs::dome() };
        let mesh = tessellate(&dome, &MeshSettings::default()).unwrap();
        let under = |middle: Point3| middle.coords.norm() < 58.5;
        let faces: Vec<f64> = (0..mesh.triangles.len())
            .filter(|&triangle| mesh.scaled_normal(triangle).z < -1e-6)
            .map(|triangle| mesh.corners(triangle))
            .map(|[a, b, c]| Point3::from((a.coords + b.coords + c.coords) / 3.0))
            .filter(|middle| under(*middle) && relief.contains(middle.xy()))
            .map(|middle| middle.coords.norm())
            .collect();
        assert!(faces.len() > 100);
        for radius in faces {
            assert!((radius - 57.5 - depth_mm).abs() < 0.03, "{radius}");
        }
    }
}

#[test]
fn a_mark_over_the_border_or_over_itself_is_refused() {
    let moved = |by: f64| {
        let mut loops = pattern(0.4).loops().to_vec();
        loops.iter_mut().flatten().for_each(|corner| corner.x += by);
        loops
    };
    let crossed: Vec<Vec<Point2>> = moved(0.0).into_iter().chain(moved(1.0)).collect();
    for loops in [moved(-24.0), moved(100.0), crossed] {
        let relief = Relief::new(loops, 0.4);
        let error = tessellate(&Slab { relief, ..slabs::plate() }, &MeshSettings::default());
        let sentence = error.unwrap_err().to_string();
        assert!(sentence.starts_with("the mark touches itself or a border at x "), "{sentence}");
    }
}

#[test]
fn a_finer_tolerance_is_kept_too() {
    let settings = MeshSettings { tolerance_mm: 0.005, ..MeshSettings::default() };
    check(&slabs::dome(), &settings, 0);
}

#[test]
fn volume_is_that_of_known_bodies() {
    let outline = slabs::plate().outline;
    let area = geometry::polygon::signed_area(&outline.polyline(1e-7, 1.0));
    let plate = slab_volume(&slabs::plate());
    assert!((plate / (3.0 * area) - 1.0).abs() < 1e-7, "{plate}");
    // Shell between two spherical caps over a disc of radius a: (2π/3) (R³ - (R² - a²)^1.5) each.
    let cap = |r: f64| std::f64::consts::TAU / 3.0 * (r.powi(3) - (r * r - 45.0 * 45.0).powf(1.5));
    let dome = slab_volume(&slabs::dome());
    let expected = cap(60.0) - cap(57.5);
    assert!((dome / expected - 1.0).abs() < 5e-5, "{dome} instead of {expected}");
}

#[test]
fn triangles_are_well_shaped() {
    let mesh = tessellate(&slabs::orthosis(), &MeshSettings::default()).unwrap();
    // Only top and bottom, seen in the plane: a wall is as high as the part.
    let smallest_angles: Vec<f64> = mesh
        .corner_points()
        .map(|corners| corners.map(|corner| corner.xy()))
        .filter(|[a, b, c]| (b - a).perp(&(c - a)).abs() > 1e-9)
        .map(smallest_angle)
        .collect();
    let worst = smallest_angles.iter().copied().fold(f64::INFINITY, f64::min);
    let slim = smallest_angles.iter().filter(|angle| **angle < 20.0).count();
    assert!(worst > 8.0, "smallest angle {worst:.1}°");
    assert!(slim * 100 < smallest_angles.len(), "{slim} of {}", smallest_angles.len());
}

fn smallest_angle([a, b, c]: [Point2; 3]) -> f64 {
    [[a, b, c], [b, c, a], [c, a, b]]
        .map(|[p, q, r]| (q - p).angle(&(r - p)).to_degrees())
        .into_iter()
        .fold(f64::INFINITY, f64::min)
}

#[test]
fn thread_count_does_not_change_a_byte() {
    let slab = slabs::orthosis();
    let files = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let mesh = tessellate(&slab, &MeshSettings::default()).unwrap();
            let step = step_text(&slab, &StepMetadata::default()).unwrap();
            (stl_bytes(&mesh), step, slab_volume(&slab).to_bits())
        })
    };
    assert!(files(1) == files(2));
}

#[test]
fn turned_borders_give_the_same_part() {
    let slab = slabs::holed_plate();
    let turned = |curve: &geometry::ClosedCurve| {
        // Twice mirrored, the second time without turning: the same curve run through backward.
        let points: Vec<Point2> =
            (0..curve.spans()).rev().map(|span| curve.point(span as f64)).collect();
        geometry::ClosedCurve::through(&points)
    };
    let backward = Slab {
        outline: turned(&slab.outline),
        holes: slab.holes.iter().map(turned).collect(),
        ..slab.clone()
    };
    assert!((slab_volume(&backward) / slab_volume(&slab) - 1.0).abs() < 1e-9);
    check(&backward, &MeshSettings::default(), 2);
    solid(&backward).unwrap();
}

#[test]
fn mirrored_slab_has_the_mirrored_volume() {
    let slab = slabs::orthosis();
    let off = slab_volume(&slab.mirrored_x()) / slab_volume(&slab) - 1.0;
    assert!(off.abs() < 1e-7, "{off:e}");
    check(&slab.mirrored_x(), &MeshSettings::default(), 0);
}

#[test]
fn solid_has_a_wall_of_four_faces_for_every_border() {
    for (slab, faces) in [(slabs::plate(), 6), (slabs::holed_plate(), 14), (slabs::orthosis(), 6)] {
        let solid = solid(&slab).unwrap();
        assert_eq!(solid.boundaries().len(), 1);
        assert_eq!(solid.boundaries()[0].len(), faces);
    }
}

#[test]
fn edges_of_the_solid_lie_on_the_surfaces() {
    use truck_modeling::ParametricCurve;
    let slab = slabs::orthosis();
    let solid = solid(&slab).unwrap();
    let mut measured = 0;
    for edge in solid.edge_iter() {
        let truck_modeling::Curve::BSplineCurve(curve) = edge.curve() else { continue };
        let (from, to) = (curve.knot_vec()[0], curve.knot_vec()[curve.knot_vec().len() - 1]);
        for step in 0..=2000 {
            let t = from + (to - from) * f64::from(step) / 2000.0;
            let found = curve.subs(t);
            let on_trim = slab.outline.point(t);
            assert!((on_trim - Point2::new(found.x, found.y)).norm() < 1e-9, "the trim is kept");
            let gap = [&slab.top, &slab.bottom]
                .map(|surface| (surface.height(on_trim) - found.z).abs())
                .into_iter()
                .fold(f64::INFINITY, f64::min);
            assert!(gap <= 5e-5, "{gap:e} mm at {t}");
            measured += 1;
        }
    }
    assert_eq!(measured, 2 * 2 * 4 * 2001, "every edge is met once by each of its two faces");
}

#[test]
fn step_file_has_our_header_and_a_bounded_size() {
    let meta = StepMetadata {
        name: "P-0142 left".to_owned(),
        timestamp: Some("2026-11-22T10:43:00".to_owned()),
        ..StepMetadata::default()
    };
    let text = step_text(&slabs::orthosis(), &meta).unwrap();
    assert!(text.contains("FILE_SCHEMA(('AUTOMOTIVE_DESIGN { 1 0 10303 214 1 1 1 }'));"));
    assert!(text.contains("FILE_NAME('P-0142 left','2026-11-22T10:43:00',('')"));
    assert!(text.contains("#7 = PRODUCT('P-0142 left','P-0142 left','',(#8));"));
    assert!(text.len() < 3_000_000, "{} bytes", text.len());
    // Every entity that is used is defined, once.
    let defined: Vec<&str> = text
        .lines()
        .filter(|line| line.starts_with('#'))
        .filter_map(|l| l.split(' ').next())
        .collect();
    let mut unique = defined.clone();
    unique.sort_unstable();
    unique.dedup();
    assert_eq!(unique.len(), defined.len());
    for used in text
        .split('#')
        .skip(1)
        .map(|rest| rest.split(|c: char| !c.is_ascii_digit()).next().unwrap_or_default())
    {
        assert!(unique.binary_search(&format!("#{used}").as_str()).is_ok(), "#{used}");
    }
}

fn flat(height: f64) -> GraphSurface {
    let area = Rect { low: Point2::new(-50.0, -50.0), high: Point2::new(50.0, 50.0) };
    GraphSurface::from_control(area, 4, 4, vec![height; 16])
}

fn disc(x: f64, radius: f64) -> geometry::ClosedCurve {
    slabs::ring(Point2::new(x, 0.0), 16, 1.0, |_| radius)
}

#[track_caller]
fn refused(edit: impl FnOnce(&mut Slab)) -> TessellateError {
    let mut slab = Slab {
        top: flat(3.0),
        bottom: flat(0.0),
        outline: disc(0.0, 40.0),
        holes: Vec::new(),
        relief: None,
    };
    edit(&mut slab);
    tessellate(&slab, &MeshSettings::default()).unwrap_err()
}

#[test]
fn what_bounds_no_solid_is_refused_with_place_and_numbers() {
    let message = |edit: fn(&mut Slab)| refused(edit).to_string();
    let outside = message(|slab| slab.outline = disc(20.0, 40.0));
    assert!(
        outside.starts_with("the outline leaves the surfaces by 10.000 mm at x 60.00, y "),
        "{outside}"
    );
    assert_eq!(
        message(|slab| slab.bottom = flat(3.5)).split(" at ").next(),
        Some("the slab is -0.500 mm thick")
    );
    assert!(
        message(|slab| slab.top = flat(f64::NAN)).starts_with("a surface has no finite height")
    );
    assert!(
        message(|slab| slab.holes = vec![disc(45.0, 3.0)])
            .starts_with("hole 1 near x 48.00, y 0.00 mm is not surrounded by material")
    );
    assert!(
        message(|slab| slab.holes = vec![disc(0.0, 5.0), disc(39.0, 5.0)])
            .starts_with("the outline crosses hole 2 at x ")
    );
    assert!(
        message(|slab| slab.holes = vec![disc(0.0, 9.0), disc(0.0, 5.0)])
            .starts_with("hole 2 near x 5.00, y ")
    );
    assert!(
        message(|slab| slab.holes = vec![disc(0.0, 1e-3)]).starts_with("hole 1 encloses 0.0000")
    );
    let eight = |angle: f64| Point2::new(30.0 * angle.cos(), 20.0 * (2.0 * angle).sin() + angle);
    let eight: Vec<Point2> =
        (0..20).map(|i| eight(f64::from(i) * 0.1 * std::f64::consts::PI)).collect();
    assert!(matches!(
        refused(|slab| slab.outline = geometry::ClosedCurve::through(&eight)),
        TessellateError::Trim(TrimError::Crossing { .. })
    ));
}

#[test]
fn solid_refuses_what_the_mesh_refuses() {
    let slab = Slab {
        top: flat(0.0),
        bottom: flat(0.0),
        outline: disc(0.0, 40.0),
        holes: vec![],
        relief: None,
    };
    assert!(matches!(solid(&slab), Err(SolidError::TooThin { .. })));
    let slab = Slab { outline: disc(20.0, 40.0), top: flat(2.0), ..slab };
    assert!(matches!(solid(&slab), Err(SolidError::Trim(TrimError::Outside { .. }))));
}

#[test]
fn settings_are_checked_and_the_number_of_triangles_is_bounded() {
    let tessellated = |settings: MeshSettings| tessellate(&slabs::dome(), &settings).unwrap_err();
    let plain = MeshSettings::default();
    for settings in [
        MeshSettings { tolerance_mm: 0.0, ..plain },
        MeshSettings { tolerance_mm: f64::NAN, ..plain },
        MeshSettings { longest_edge_mm: 1e9, ..plain },
    ] {
        assert!(matches!(tessellated(settings), TessellateError::Setting { .. }));
    }
    let few = MeshSettings { most_triangles: 1000, ..plain };
    assert_eq!(tessellated(few), TessellateError::TooMany { limit: 1000 });
}

#[test]
fn deviation_sees_a_dent_and_a_shifted_wall() {
    let slab = slabs::plate();
    let mut mesh = tessellate(&slab, &MeshSettings::default()).unwrap();
    let shifted = deviation(&mesh.translated([0.5, 0.0, 0.0].into()), &slab, 4);
    assert!((shifted.max_mm - 0.5).abs() < 0.01, "{shifted:?}");
    assert!(
        (deviation(&mesh.translated([0.0, 0.0, 0.25].into()), &slab, 4).max_mm - 0.25).abs() < 1e-6
    );
    let center = Point3::new(4.0, 0.0, 3.0);
    let nearest = (0..mesh.vertices.len())
        .min_by(|&a, &b| {
            let away = |i: usize| (mesh.vertices[i] - center).norm();
            away(a).total_cmp(&away(b))
        })
        .unwrap();
    mesh.vertices[nearest].z -= 0.1;
    let dented = deviation(&mesh, &slab, 4);
    assert!(dented.max_mm > 0.09 && dented.max_mm <= 0.1, "{dented:?}");
    assert!((dented.place - center).norm() < 4.0, "{dented:?}");
}
