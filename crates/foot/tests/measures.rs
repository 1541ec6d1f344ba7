//! Measures of phantoms against their truth, and what is known of measures in general.

use foot::measure::{ArchType, MEASURES, MeasureName, MeasureSheet, compare, measure_foot};
use foot::{FootRequest, WeightBearing, find_foot};
use geometry::{TriMesh, Vector3};
use phantom::{Load, PhantomFoot, PhantomSettings, generate};
use vocabulary::{Angle, Findings, Side};

fn phantom(edit: impl FnOnce(&mut PhantomSettings)) -> PhantomFoot {
    let mut settings = PhantomSettings { resolution_mm: 3.0, ..PhantomSettings::default() };
    edit(&mut settings);
    generate(&settings).expect("settings in range")
}

fn measured(mesh: &TriMesh, side: Side, load: WeightBearing) -> MeasureSheet {
    let request = FootRequest { weight_bearing: Some(load), ..FootRequest::new(side) };
    let mut findings = Findings::new();
    let foot = find_foot(mesh, &request, &mut findings).expect("a phantom is a foot");
    let sheet = measure_foot(&foot, 0.0, &mut findings);
    assert_eq!(
        sheet.iter().filter(|measured| measured.value.is_none()).count(),
        findings.iter().filter(|finding| finding.code == "not-measured").count(),
        "what is missing is said"
    );
    sheet
}

/// Section of a phantom's true sole: none; girths are compared with a dense mesh.
fn dense_girth(foot: &PhantomFoot, y: f64) -> f64 {
    let points: Vec<_> =
        foot.mesh.vertices.iter().filter(|v| (v.y - y).abs() < 1.0).map(|v| (v.x, v.z)).collect();
    let support = |angle: f64| {
        points.iter().map(|(x, z)| x * angle.cos() + z * angle.sin()).fold(f64::MIN, f64::max)
    };
    // Cauchy: the perimeter of a convex shape is the integral of its support function.
    let steps = 720;
    let step = std::f64::consts::TAU / f64::from(steps);
    (0..steps).map(|i| support(f64::from(i) * step) * step).sum()
}

#[test]
fn lengths_and_heights_are_true() {
    for (side, length, ball, heel, arch) in [
        (Side::Right, 260.0, 98.0, 70.0, 16.0),
        (Side::Left, 285.0, 100.0, 71.0, 25.0),
        (Side::Right, 230.0, 92.0, 65.0, 6.0),
        (Side::Left, 190.0, 74.0, 53.0, 12.0),
    ] {
        let foot = phantom(|s| {
            (s.side, s.length_mm, s.ball_width_mm) = (side, length, ball);
            (s.heel_width_mm, s.arch_height_mm) = (heel, arch);
            s.leg_height_mm = 0.42 * length;
        });
        let sheet = measured(&foot.mesh, side, WeightBearing::Full);
        for (name, truth, tolerance) in [
            (MeasureName::Length, foot.truth.length_mm, 0.5),
            (MeasureName::BallWidth, foot.truth.ball_width_mm, 0.5),
            (MeasureName::HeelWidth, foot.truth.heel_width_mm, 0.5),
            (MeasureName::ArchHeight, foot.truth.arch_height_mm, 0.5),
            (MeasureName::TruncatedLength, foot.truth.truncated_length_mm, 0.5),
            (MeasureName::ArchApex, foot.truth.arch_apex.y - foot.truth.heel_back.y, 3.0),
        ] {
            let found = sheet.value(name).unwrap();
            assert!((found - truth).abs() < tolerance, "{length}: {name:?} {found} is {truth}");
        }
        let half = foot.truth.heel_back.y + 0.5 * length;
        let girth = sheet.value(MeasureName::InstepGirth).unwrap();
        let dense = dense_girth(&foot, half);
        assert!((girth / dense - 1.0).abs() < 0.01, "{girth} is {dense}");
        let top = foot
            .mesh
            .vertices
            .iter()
            .filter(|v| (v.y - half).abs() < 0.5)
            .map(|v| v.z)
            .fold(0.0, f64::max);
        let dorsum = sheet.value(MeasureName::DorsumHeight).unwrap();
        assert!((dorsum - top).abs() < 0.8, "{dorsum} is {top}");
        let index = sheet.value(MeasureName::ArchHeightIndex).unwrap();
        let truncated = sheet.value(MeasureName::TruncatedLength).unwrap();
        assert!((index - dorsum / truncated).abs() < 1e-12);
    }
}

#[test]
fn angles_and_the_navicular_are_true() {
    for (rearfoot, forefoot, load) in [(5.0, -5.0, Load::Full), (-4.0, 4.0, Load::Unloaded)] {
        let foot = phantom(|s| {
            s.rearfoot_angle = Angle::from_deg(rearfoot);
            s.forefoot_angle = Angle::from_deg(forefoot);
            s.load = load;
            s.leg_height_mm = 150.0;
        });
        let bearing = match load {
            Load::Unloaded => WeightBearing::Unloaded,
            Load::Full | Load::Semi => WeightBearing::Full,
        };
        let sheet = measured(&foot.mesh, Side::Right, bearing);
        for (name, truth, tolerance) in [
            (MeasureName::RearfootAngle, foot.truth.rearfoot_angle.deg(), 1.5),
            (MeasureName::ForefootAngle, foot.truth.forefoot_to_rearfoot.deg(), 1.5),
            (MeasureName::NavicularHeight, foot.truth.navicular_height_mm(), 1.0),
            (MeasureName::DorsumHeight, foot.truth.dorsum_height_mm(), 1.0),
            (MeasureName::ArchHeightIndex, foot.truth.arch_height_index(), 0.006),
        ] {
            let found = sheet.value(name).unwrap();
            assert!((found - truth).abs() < tolerance, "{load:?}: {name:?} {found} is {truth}");
        }
    }
}

#[test]
fn the_arch_index_falls_with_the_arch_and_names_it() {
    let index = |arch: f64| {
        let foot = phantom(|s| s.arch_height_mm = arch);
        let sheet = measured(&foot.mesh, Side::Right, WeightBearing::Full);
        let class = sheet.arch.clone().unwrap();
        assert!((class.probabilities.iter().sum::<f64>() - 1.0).abs() < 1e-6);
        (sheet.value(MeasureName::ArchIndex).unwrap(), class.arch_type)
    };
    let rows: Vec<_> = [4.0, 8.0, 16.0, 26.0].map(index).to_vec();
    assert!(rows.windows(2).all(|pair| pair[0].0 > pair[1].0 + 0.01), "{rows:?}");
    assert_eq!(rows[0].1, ArchType::Flat, "{rows:?}");
    assert_eq!(rows[2].1, ArchType::Normal, "{rows:?}");
    assert_eq!(rows[3].1, ArchType::HighArched, "{rows:?}");
}

#[test]
fn an_unloaded_sole_has_no_sure_print() {
    let foot = phantom(|_| ());
    let [loaded, hanging] = [WeightBearing::Full, WeightBearing::Unloaded]
        .map(|load| measured(&foot.mesh, Side::Right, load));
    let index = |sheet: &MeasureSheet| sheet.measured(MeasureName::ArchIndex).clone();
    assert!(index(&hanging).deviation > index(&loaded).deviation);
    assert!(index(&hanging).remark.is_some_and(|remark| remark.contains("estimated")));
    assert!(index(&loaded).remark.is_none());
    assert!(hanging.arch.unwrap().basis.starts_with("arch height index"));
}

#[test]
fn noise_does_not_move_the_arch_index_beyond_its_error() {
    let foot = phantom(|_| ());
    let request =
        FootRequest { weight_bearing: Some(WeightBearing::Full), ..FootRequest::new(Side::Right) };
    let index = |sigma: f64| {
        let mut mesh = foot.mesh.clone();
        let mut state = 3_u64;
        let mut normal = || {
            (0..12)
                .map(|_| {
                    state = state
                        .wrapping_mul(6_364_136_223_846_793_005)
                        .wrapping_add(1_442_695_040_888_963_407);
                    (state >> 11) as f64 / (1_u64 << 53) as f64
                })
                .sum::<f64>()
                - 6.0
        };
        for vertex in &mut mesh.vertices {
            *vertex += Vector3::new(normal(), normal(), normal()) * sigma;
        }
        let found = find_foot(&mesh, &request, &mut Findings::new()).unwrap();
        let sheet = measure_foot(&found, sigma, &mut Findings::new());
        let index = sheet.measured(MeasureName::ArchIndex).clone();
        (index.value.unwrap(), index.deviation)
    };
    let (clean, _) = index(0.0);
    for sigma in [0.1, 0.3, 0.6] {
        let (noisy, error) = index(sigma);
        assert!((noisy - clean).abs() < 2.0 * error, "{sigma}: {noisy} ± {error}, clean {clean}");
    }
}

#[test]
fn left_and_right_are_compared() {
    let [left, right] = Side::BOTH.map(|side| {
        let lower = if side == Side::Left { 8.0 } else { 0.0 };
        let foot = phantom(|s| (s.side, s.arch_height_mm) = (side, 18.0 - lower));
        measured(&foot.mesh, side, WeightBearing::Full)
    });
    let differences = compare(&left, &right);
    let of = |key: &str| *differences.iter().find(|difference| difference.key == key).unwrap();
    assert!(of("length_mm").within && of("length_mm").difference.abs() < 0.1);
    assert!(!of("arch_height_mm").within);
    assert!((of("arch_height_mm").difference + 8.0).abs() < 0.5);
}

#[test]
fn every_measure_explains_itself() {
    let mut keys: Vec<&str> = MEASURES.iter().map(|entry| entry.key).collect();
    keys.sort_unstable();
    keys.dedup();
    assert_eq!(keys.len(), MEASURES.len());
    for entry in MEASURES {
        assert!(!entry.definition.is_empty() && !entry.source.is_empty(), "{}", entry.key);
        assert!(entry.error > 0.0 && entry.usual_difference > 0.0, "{}", entry.key);
        let ending = if entry.unit.is_empty() { "" } else { entry.unit };
        assert!(entry.key.ends_with(ending), "{}", entry.key);
    }
}
