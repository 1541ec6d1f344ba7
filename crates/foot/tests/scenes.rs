//! Finds phantom feet among floors, boxes, boards and stands, in foam, as casts, in pairs, in views.

use foot::{Foot, FootError, FootRequest, Scanned, find_feet, find_foot};
use geometry::Point3;
use phantom::spoil::{SpoiledScan, Spoiler, spoil};
use phantom::{PhantomFoot, PhantomSettings, generate};
use std::sync::LazyLock;
use vocabulary::{Findings, Side};

static PLAIN: LazyLock<PhantomFoot> = LazyLock::new(|| {
    generate(&PhantomSettings { resolution_mm: 3.0, ..PhantomSettings::default() })
        .expect("in range")
});

/// A scan of the plain phantom, turned in any way.
fn scan(spoilers: &[Spoiler]) -> SpoiledScan {
    let all = [spoilers, &[Spoiler::TurnedAnyWay {}]].concat();
    spoil(&PLAIN, &all, 3).expect("spoilers in range")
}

fn find(scan: &SpoiledScan, side: Option<Side>) -> (Result<Foot, FootError>, Findings) {
    let mut findings = Findings::new();
    let request = FootRequest { side, ..FootRequest::of_either_side() };
    (find_foot(&scan.mesh, &request, &mut findings), findings)
}

/// Errors of the frame: angle in degrees, and distance of the origin in mm.
fn frame_error(foot: &Foot, scan: &SpoiledScan) -> (f64, f64) {
    let outward = scan.truth.outward();
    let placed = |p: Point3| {
        let world = Point3::new(outward * p.x, p.y, p.z);
        foot.foot_from_scan.place(&scan.placement.file_from_world(&world))
    };
    let origin = placed(Point3::origin());
    let up = placed(Point3::new(0.0, 0.0, 1.0)) - origin;
    let forward = placed(Point3::new(0.0, 1.0, 0.0)) - origin;
    let angle = up.z.acos().max(forward.y.acos()).to_degrees();
    (angle, origin.coords.norm())
}

#[track_caller]
fn check(name: &str, spoilers: &[Spoiler], code: &str, limits: (f64, f64)) -> (Foot, Findings) {
    let scan = scan(spoilers);
    let (foot, findings) = find(&scan, Some(Side::Right));
    let foot = foot.map_err(|error| error.to_string()).unwrap_or_else(|error| {
        panic!("{name}: {error}");
    });
    assert!(code.is_empty() || findings.has(code), "{name}: {findings:?}");
    let (angle, shift) = frame_error(&foot, &scan);
    assert!(angle < limits.0 && shift < limits.1, "{name}: {angle:.2}° {shift:.2} mm");
    (foot, findings)
}

#[test]
fn a_floor_of_its_own_is_left_out() {
    let floor = Spoiler::Floor { margin_mm: 60.0, fused: false };
    let (foot, _) = check("floor", &[floor], "scene-planes", (1.0, 1.5));
    assert!(foot.sole.imaged);
    assert_eq!(foot.scanned, Scanned::Foot);
}

#[test]
fn a_floor_that_is_one_surface_with_the_foot_is_cut_off() {
    let floor = Spoiler::Floor { margin_mm: 60.0, fused: true };
    let (foot, findings) = check("fused floor", &[floor], "floor-cut", (1.5, 4.0));
    assert!(!foot.sole.imaged && findings.has("sole-not-imaged"));
    assert!((foot.measurements.length_mm - PLAIN.truth.length_mm).abs() < 1.0);
    let seat = foot.plantar.heights.sample(geometry::Point2::new(0.0, 10.0)).unwrap();
    assert!(seat.abs() < 0.5, "the floor is the ground: {seat}");
}

#[test]
fn boxes_boards_stands_and_dirt_are_left_out() {
    for (name, spoiler) in [
        ("box", Spoiler::BoxRim { height_mm: 120.0 }),
        ("board", Spoiler::BackgroundBoard { behind_mm: 20.0 }),
        ("stand", Spoiler::SupportStand {}),
        ("dirt", Spoiler::Debris { count: 8, radius_mm: 8.0 }),
    ] {
        let (foot, _) = check(name, &[spoiler], "", (1.0, 1.5));
        assert!((foot.measurements.length_mm - PLAIN.truth.length_mm).abs() < 0.5, "{name}");
    }
}

#[test]
fn both_feet_are_told_apart() {
    let pair = scan(&[Spoiler::SecondFoot { gap_mm: 40.0 }]);
    let request = FootRequest::of_either_side();
    let feet = find_feet(&pair.mesh, &request, &mut Findings::new()).unwrap();
    assert_eq!(feet.iter().map(|foot| foot.side).collect::<Vec<_>>(), Side::BOTH);
    let lengths = feet.iter().map(|foot| foot.measurements.length_mm);
    assert!(lengths.into_iter().all(|length| (length - PLAIN.truth.length_mm).abs() < 0.5));
    for side in Side::BOTH {
        let (foot, findings) = find(&pair, Some(side));
        assert_eq!(foot.unwrap().side, side);
        assert!(findings.has("other-foot-left-out") && findings.has("side-agrees"));
    }
    assert!(matches!(find(&pair, None).0, Err(FootError::SeveralFeet { count: 2 })));
}

#[test]
fn the_side_is_told_from_the_shape() {
    for (spoilers, side) in [(vec![], Side::Right), (vec![Spoiler::Mirrored {}], Side::Left)] {
        let scan = scan(&spoilers);
        assert_eq!(find(&scan, None).0.unwrap().side, side);
        let other = if side == Side::Left { Side::Right } else { Side::Left };
        assert!(matches!(find(&scan, Some(other)).0, Err(FootError::WrongSide { .. })));
    }
}

#[test]
fn a_sole_alone_is_a_sheet_in_either_winding() {
    let sheet = Spoiler::PlantarOnly { below_mm: 25.0 };
    for spoilers in [vec![sheet], vec![sheet, Spoiler::InwardWinding {}]] {
        let (foot, _) = check("sheet", &spoilers, "plantar-surface", (1.0, 1.5));
        assert_eq!(foot.scanned, Scanned::PlantarSurface);
        assert!(foot.sole.imaged);
        let arch = foot.measurements.arch_height_mm.unwrap();
        assert!((arch - PLAIN.truth.arch_height_mm).abs() < 0.7, "{arch}");
    }
}

#[test]
fn an_imprint_in_foam_becomes_the_sole() {
    let imprint = Spoiler::FoamImprint { depth_mm: 30.0, rim_mm: 12.0 };
    let (foot, _) = check("foam", &[imprint], "foam-imprint", (1.5, 2.0));
    assert_eq!(foot.scanned, Scanned::FoamImprint);
    assert!(foot.sole.imaged);
    let arch = foot.measurements.arch_height_mm.unwrap();
    assert!((arch - PLAIN.truth.arch_height_mm).abs() < 0.7, "{arch}");
    assert!(foot.landmarks.medial_malleolus.is_none());
}

#[test]
fn a_cast_lies_on_its_sole_and_not_on_its_flat_top() {
    let cast = Spoiler::PositiveCast { height_mm: 70.0 };
    let (foot, _) = check("cast", &[cast], "positive-cast", (1.5, 2.0));
    assert_eq!(foot.scanned, Scanned::PositiveCast);
    assert!(foot.sole.imaged);
}

#[test]
fn views_of_one_foot_are_taken_together() {
    let views = Spoiler::Views { count: 5, shift_mm: 0.5, turn_deg: 0.3 };
    let (foot, _) = check("views", &[views], "", (1.5, 2.5));
    assert!((foot.measurements.length_mm - PLAIN.truth.length_mm).abs() < 2.0);
}
