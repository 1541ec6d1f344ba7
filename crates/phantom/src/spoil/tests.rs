//! What each spoiler leaves of the foot, and that the truth still holds of it.

use std::sync::LazyLock;

use geometry::{Point2, check_closed};

use super::*;
use crate::{PhantomSettings, generate};

/// A left foot in a coarse mesh, made once.
static FOOT: LazyLock<PhantomFoot> = LazyLock::new(|| {
    let settings =
        PhantomSettings { side: Side::Left, resolution_mm: 4.0, ..PhantomSettings::default() };
    generate(&settings).unwrap()
});

fn spoiled(spoilers: &[Spoiler]) -> SpoiledScan {
    spoil(&FOOT, spoilers, 7).unwrap()
}

/// Every kind once.
fn every_kind() -> Vec<Spoiler> {
    vec![
        Spoiler::Noise { sigma_mm: 0.3 },
        Spoiler::CorrelatedNoise { sigma_mm: 0.3, over_mm: 20.0 },
        Spoiler::Spikes { share: 0.01, height_mm: 20.0 },
        Spoiler::Holes { count: 3, radius_mm: 8.0, region: Region::Sole },
        Spoiler::OpenTop {},
        Spoiler::SoleMissing { below_mm: 30.0 },
        Spoiler::SoleFlat {},
        Spoiler::PlantarOnly { below_mm: 30.0 },
        Spoiler::Floor { margin_mm: 50.0, fused: false },
        Spoiler::Floor { margin_mm: 30.0, fused: true },
        Spoiler::BoxRim { height_mm: 40.0 },
        Spoiler::BackgroundBoard { behind_mm: 60.0 },
        Spoiler::SupportStand {},
        Spoiler::SecondFoot { gap_mm: 80.0 },
        Spoiler::HeelCutOff { by_mm: 20.0 },
        Spoiler::ToesCutOff { by_mm: 20.0 },
        Spoiler::Debris { count: 20, radius_mm: 3.0 },
        Spoiler::NonManifoldEdges { count: 20 },
        Spoiler::Views { count: 5, shift_mm: 1.0, turn_deg: 0.5 },
        Spoiler::MotionStep { at_fraction: 0.5, up_mm: 2.0, across_mm: 0.0 },
        Spoiler::Decimated { cell_mm: 6.0 },
        Spoiler::Subdivided {},
        Spoiler::Unwelded { apart_mm: 0.001 },
        Spoiler::Duplicated { share: 0.1 },
        Spoiler::Shuffled {},
        Spoiler::InwardWinding {},
        Spoiler::MixedWinding { share: 0.2 },
        Spoiler::PointCloud {},
        Spoiler::FoamImprint { depth_mm: 28.0, rim_mm: 15.0 },
        Spoiler::PositiveCast { height_mm: 60.0 },
        Spoiler::Turned { axis: [1.0, 2.0, 0.0], degrees: 40.0, shift_mm: [5.0, 6.0, 7.0] },
        Spoiler::TurnedAnyWay {},
        Spoiler::Mirrored {},
        Spoiler::InUnit { unit: FileUnit::Inch },
    ]
}

#[test]
fn every_spoiler_changes_the_scan_and_always_in_the_same_way() {
    for spoiler in every_kind() {
        let scan = spoiled(&[spoiler]);
        assert!(scan.mesh != FOOT.mesh, "{spoiler:?}");
        assert_eq!(scan.mesh, spoiled(&[spoiler]).mesh, "{spoiler:?}");
        let count = scan.mesh.vertices.len();
        assert!(scan.mesh.triangles.as_flattened().iter().all(|&v| (v as usize) < count));
        assert!(scan.mesh.vertices.iter().all(|v| v.coords.iter().all(|c| c.is_finite())));
        assert!(scan.expectation.best <= scan.expectation.worst, "{spoiler:?}");
    }
}

#[test]
fn the_truth_moves_with_the_scan() {
    let scan = spoiled(&[
        Spoiler::InUnit { unit: FileUnit::Inch },
        Spoiler::Mirrored {},
        Spoiler::TurnedAnyWay {},
        Spoiler::Turned { axis: [0.0, 1.0, 3.0], degrees: 70.0, shift_mm: [1.0, 2.0, 3.0] },
    ]);
    assert_eq!(scan.shown_side, Side::Right);
    for (moved, vertex) in scan.mesh.vertices.iter().zip(&FOOT.mesh.vertices) {
        assert!((scan.placement.world_from_file(moved) - vertex).norm() < 1e-9);
    }
    for (place, (_, truth)) in scan.landmarks_in_file().iter().zip(FOOT.truth.landmarks()) {
        assert!((scan.placement.world_from_file(&place.1) - truth).norm() < 1e-9);
    }
    // Still outward: the volume is that of the foot in cubic inches.
    let ratio = scan.mesh.volume() * 25.4_f64.powi(3) / FOOT.mesh.volume();
    assert!((ratio - 1.0).abs() < 1e-9, "{ratio}");
}

#[test]
fn noise_has_the_size_that_was_asked_for() {
    let deviation = |spoiler: Spoiler| {
        let scan = spoiled(&[spoiler]);
        let pairs = scan.mesh.vertices.iter().zip(&FOOT.mesh.vertices);
        let sum: f64 = pairs.map(|(a, b)| (a - b).norm_squared()).sum();
        (sum / FOOT.mesh.vertices.len() as f64).sqrt()
    };
    let alone = deviation(Spoiler::Noise { sigma_mm: 0.5 });
    assert!((alone - 0.5 * 3.0_f64.sqrt()).abs() < 0.02, "three axes: {alone}");
    let waves = deviation(Spoiler::CorrelatedNoise { sigma_mm: 0.5, over_mm: 10.0 });
    assert!((waves - 0.5).abs() < 0.1, "along the normal: {waves}");
    // Alike at neighbors: the second surface is as smooth as the first.
    let scan = spoiled(&[Spoiler::CorrelatedNoise { sigma_mm: 0.5, over_mm: 40.0 }]);
    let ratio = scan.mesh.area() / FOOT.mesh.area();
    assert!((ratio - 1.0).abs() < 0.01, "{ratio}");
}

#[test]
fn what_is_missing_is_missing() {
    let lowest = |spoiler: Spoiler| spoiled(&[spoiler]).mesh.bounds().unwrap();
    let length = FOOT.truth.length_mm;
    let (low, high) = lowest(Spoiler::HeelCutOff { by_mm: 20.0 });
    assert!((high.y - low.y - (length - 20.0)).abs() < 4.0, "an edge's length");
    let (low, high) = lowest(Spoiler::ToesCutOff { by_mm: 20.0 });
    assert!((high.y - low.y - (length - 20.0)).abs() < 4.0);
    assert!(lowest(Spoiler::PlantarOnly { below_mm: 25.0 }).1.z < 30.0);
    for region in [Region::Sole, Region::Heel, Region::Ball, Region::Arch, Region::Instep] {
        let holes = Spoiler::Holes { count: 1, radius_mm: 10.0, region };
        let area = FOOT.mesh.area() - spoiled(&[holes]).mesh.area();
        assert!((200.0..700.0).contains(&area), "{region:?}: {area} mm², a disk has 314 mm²");
    }
    let flat = spoiled(&[Spoiler::SoleFlat {}]);
    let plane = (0..flat.mesh.triangles.len())
        .filter(|&t| flat.mesh.corners(t).iter().all(|corner| corner.z == 0.0))
        .map(|t| 0.5 * flat.mesh.scaled_normal(t).norm())
        .sum::<f64>();
    // The pair of a standing scanner at hand has 189 cm² at 275 mm of length.
    assert!((13_000.0..21_000.0).contains(&plane), "{plane} mm²");
}

#[test]
fn the_fused_floor_is_one_surface_that_hides_the_contact() {
    let scan = spoiled(&[Spoiler::Floor { margin_mm: 30.0, fused: true }]);
    let (low, high) = scan.mesh.bounds().unwrap();
    assert!(high.x - low.x > FOOT.truth.ball_width_mm + 60.0);
    let under_heel = |corner: &Point3| corner.xy().coords.norm() < 10.0 && corner.z < 30.0;
    assert!(!scan.mesh.vertices.iter().any(under_heel), "hidden");
    let alone = spoiled(&[Spoiler::Floor { margin_mm: 30.0, fused: false }]);
    assert!(alone.mesh.vertices.iter().any(under_heel), "seen through a glass plate");
}

#[test]
fn an_imprint_is_the_sole_seen_from_above() {
    let scan = spoiled(&[Spoiler::FoamImprint { depth_mm: 28.0, rim_mm: 15.0 }]);
    let mut compared = 0;
    for vertex in scan.mesh.vertices.iter().filter(|vertex| vertex.z < 20.0) {
        let sole = FOOT.truth.plantar_height(vertex.xy()).unwrap();
        assert!((sole - vertex.z).abs() < 1e-9, "{vertex}");
        compared += 1;
    }
    assert!(compared > 800, "{compared}");
    assert!(scan.mesh.volume().is_finite());
    let up = (0..scan.mesh.triangles.len()).all(|t| scan.mesh.scaled_normal(t).z > 0.0);
    assert!(up, "faces the scanner above it");
    let apex = FOOT.truth.arch_apex;
    assert!(FOOT.truth.plantar_height(Point2::new(apex.x, apex.y)).unwrap() > 10.0);
}

#[test]
fn a_cast_is_closed_and_low() {
    let scan = spoiled(&[Spoiler::PositiveCast { height_mm: 60.0 }]);
    assert_eq!(check_closed(&scan.mesh), Ok(()));
    assert!(scan.mesh.bounds().unwrap().1.z < 60.01);
    assert!(!scan.expectation.visible.toes);
}

#[test]
fn other_triangles_are_the_same_surface() {
    let same = |spoiler: Spoiler, share: f64, within: f64| {
        let area = spoiled(&[spoiler]).mesh.area() / FOOT.mesh.area();
        assert!((area - share).abs() < within, "{spoiler:?}: {area}");
    };
    same(Spoiler::Shuffled {}, 1.0, 1e-9);
    same(Spoiler::Subdivided {}, 1.0, 1e-9);
    same(Spoiler::Unwelded { apart_mm: 0.001 }, 1.0, 1e-3);
    same(Spoiler::MixedWinding { share: 0.5 }, 1.0, 1e-9);
    same(Spoiler::Decimated { cell_mm: 6.0 }, 1.0, 0.1);
    same(Spoiler::Duplicated { share: 0.25 }, 1.25, 0.03);
    let inward = spoiled(&[Spoiler::InwardWinding {}]).mesh.volume();
    assert!((inward + FOOT.mesh.volume()).abs() < 1e-6);
    let fewer = spoiled(&[Spoiler::Decimated { cell_mm: 8.0 }]).mesh.triangles.len();
    assert!(fewer * 3 < FOOT.mesh.triangles.len(), "{fewer}");
}

#[test]
fn expectations_of_several_spoilers_are_the_worse_of_each() {
    let both = spoiled(&[
        Spoiler::Noise { sigma_mm: 0.3 },
        Spoiler::ToesCutOff { by_mm: 30.0 },
        Spoiler::OpenTop {},
    ])
    .expectation;
    assert!(!both.full_quality && !both.visible.toes && both.visible.heel);
    assert!(!both.allows(Verdict::Good) && both.allows(Verdict::Refused));
    assert_eq!(spoiled(&[]).expectation, Expectation::FULL);
}

#[test]
fn spoilers_are_read_from_text_by_their_names() {
    for spoiler in every_kind() {
        let text = serde_json::to_string(&spoiler).unwrap();
        assert!(text.contains(&format!("\"kind\":\"{}\"", spoiler.name())), "{text}");
        assert_eq!(serde_json::from_str::<Spoiler>(&text).unwrap(), spoiler);
    }
    let wrong = r#"{"kind": "noise", "sigma": 1.0}"#;
    assert!(serde_json::from_str::<Spoiler>(wrong).is_err(), "unknown key");
}

#[test]
fn wrong_numbers_and_pairs_are_refused_in_a_sentence() {
    let refused = |spoilers: &[Spoiler]| spoil(&FOOT, spoilers, 1).unwrap_err().to_string();
    assert_eq!(
        refused(&[Spoiler::Noise { sigma_mm: -1.0 }]),
        "noise: sigma_mm is -1, it must be between 0 and 10"
    );
    assert!(refused(&[Spoiler::Noise { sigma_mm: f64::NAN }]).contains("NaN"));
    let two = [
        Spoiler::PositiveCast { height_mm: 60.0 },
        Spoiler::FoamImprint { depth_mm: 28.0, rim_mm: 0.0 },
    ];
    assert_eq!(
        refused(&two),
        "positive-cast and foam-imprint each replace the surface; choose one"
    );
}
