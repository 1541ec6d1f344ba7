//! Finds phantom feet, whose measures and places are known, in any direction, cut and order.

use std::sync::LazyLock;

use foot::{Foot, FootRequest, LandmarkName, Provenance, find_foot, with_assumed_arch};
use geometry::{Point2, Point3, TriMesh, Vector3};
use nalgebra::{Rotation3, Translation3, Unit};
use phantom::{PhantomFoot, PhantomSettings, ToePattern, ToePosture, generate};
use vocabulary::{Findings, Side};

fn phantom(edit: impl FnOnce(&mut PhantomSettings)) -> PhantomFoot {
    let mut settings = PhantomSettings { resolution_mm: 3.0, ..PhantomSettings::default() };
    edit(&mut settings);
    generate(&settings).expect("settings in range")
}

/// The phantom of the default settings, made once.
static PLAIN: LazyLock<PhantomFoot> = LazyLock::new(|| phantom(|_| ()));

fn find(mesh: &TriMesh, side: Side) -> (Foot, Findings) {
    let mut findings = Findings::new();
    let foot = find_foot(mesh, &FootRequest::new(side), &mut findings);
    (foot.expect("a phantom is a foot"), findings)
}

fn places(foot: &Foot) -> [Point3; 6] {
    let l = &foot.landmarks;
    [
        l.heel_seat.position,
        l.heel_back.position,
        l.first_metatarsal_head.position,
        l.fifth_metatarsal_head.position,
        l.arch_apex.position,
        l.toe_tip.position,
    ]
}

const NAMES: [&str; 6] = [
    "heel seat",
    "heel back",
    "first metatarsal head",
    "fifth metatarsal head",
    "arch apex",
    "toe tip",
];

/// How far a place may be from the truth, mm, in x, y and z.
const NEARNESS: [[f64; 3]; 6] = [
    [0.6, 0.8, 0.2],
    [0.6, 0.8, 0.5],
    [0.6, 0.8, 0.5],
    [0.6, 0.8, 0.5],
    [0.6, 1.5, 0.4],
    [0.8, 0.8, 0.5],
];

#[test]
fn places_and_measures_are_true() {
    for (side, length, ball, heel, arch, leg) in [
        (Side::Right, 260.0, 98.0, 70.0, 16.0, 110.0),
        (Side::Left, 285.0, 100.0, 71.0, 25.0, 180.0),
        (Side::Right, 230.0, 92.0, 65.0, 6.0, 85.0),
        (Side::Left, 190.0, 74.0, 53.0, 12.0, 70.0),
        (Side::Right, 320.0, 112.0, 80.0, 20.0, 120.0),
    ] {
        let phantom = phantom(|s| {
            s.side = side;
            (s.length_mm, s.ball_width_mm, s.heel_width_mm) = (length, ball, heel);
            (s.arch_height_mm, s.leg_height_mm) = (arch, leg);
        });
        let (foot, findings) = find(&phantom.mesh, side);
        let case = format!("{side} {length} mm, arch {arch} mm");
        assert!(findings.has("side-agrees"), "{case}");
        assert!(foot.sole.imaged, "{case}: {:?}", foot.sole);

        let (measured, truth) = (&foot.measurements, &phantom.truth);
        assert!((measured.length_mm - truth.length_mm).abs() < 0.5, "{case}: {measured:?}");
        assert!((measured.ball_width_mm - truth.ball_width_mm).abs() < 0.5, "{case}: {measured:?}");
        assert!((measured.heel_width_mm - truth.heel_width_mm).abs() < 0.5, "{case}: {measured:?}");
        let truncated = measured.truncated_length_mm - truth.truncated_length_mm;
        assert!(truncated.abs() < 0.5, "{case}: {measured:?}");
        let arch_error = measured.arch_height_mm.unwrap() - truth.arch_height_mm;
        assert!(arch_error.abs() < 0.5, "{case}: {arch_error}");

        let outward = if side == Side::Left { -1.0 } else { 1.0 };
        let true_places = [
            truth.heel_seat,
            truth.heel_back,
            truth.first_metatarsal_head,
            truth.fifth_metatarsal_head,
            truth.arch_apex,
            truth.toe_tip,
        ]
        .map(|place| Point3::new(outward * place.x, place.y, place.z));
        for (index, (found, place)) in places(&foot).iter().zip(true_places).enumerate() {
            for axis in 0..3 {
                let error = found[axis] - place[axis];
                assert!(
                    error.abs() < NEARNESS[index][axis] * length / 260.0,
                    "{case}: {} {found} is {place}",
                    NAMES[index]
                );
            }
        }
    }
}

#[test]
fn the_plantar_map_is_the_sole() {
    let phantom = &*PLAIN;
    let (foot, _) = find(&phantom.mesh, Side::Right);
    // Where the frames differ by a small turn and shift, compare the heights' spread instead of
    // places: the share of the sole under each height.
    let field = &foot.plantar.heights;
    let found: Vec<f64> = field.heights.iter().copied().filter(|h| *h < 20.0).collect();
    let mut truth = Vec::new();
    for row in 0..320 {
        for column in 0..140 {
            let place = Point2::new(f64::from(column) - 70.0, f64::from(row) - 60.0);
            truth.extend(phantom.truth.plantar_height(place).filter(|h| *h < 20.0));
        }
    }
    for height in [0.5, 1.0, 2.5, 5.0, 10.0, 15.0] {
        let area = |heights: &[f64]| heights.iter().filter(|h| **h < height).count() as f64 / 100.0;
        let (found, truth) = (area(&found), area(&truth));
        assert!(
            (found - truth).abs() < 0.05 * truth + 2.0,
            "under {height} mm: {found} and {truth} cm²"
        );
    }
    assert!(
        foot.plantar.imaged.iter().zip(&field.heights).all(|(imaged, h)| *imaged != h.is_nan())
    );
}

#[test]
fn heights_are_those_of_the_analytic_sole() {
    let fine = phantom(|s| s.resolution_mm = 1.5);
    let (foot, _) = find(&fine.mesh, Side::Right);
    let field = &foot.plantar.heights;
    let (mut sum, mut count) = (0.0, 0);
    for row in 0..field.rows {
        for column in 0..field.columns {
            let (node, height) = (field.node(column, row), field.at(column, row));
            let imaged = foot.plantar.imaged[row * field.columns + column];
            // Side walls are steep: there a height says little.
            if !imaged || height > 12.0 {
                continue;
            }
            let world = foot.foot_from_scan.place_back(&Point3::new(node.x, node.y, height));
            let Some(truth) = fine.truth.plantar_height(world.xy()) else { continue };
            if truth < 12.0 {
                sum += (world.z - truth).abs();
                count += 1;
            }
        }
    }
    let mean = sum / f64::from(count);
    assert!(count > 10_000 && mean < 0.02, "{mean} mm over {count} nodes");
}

#[track_caller]
fn assert_same(a: &Foot, b: &Foot, tolerance: f64, case: &str) {
    for ((a, b), name) in places(a).iter().zip(places(b)).zip(NAMES) {
        assert!((a - b).norm() < tolerance, "{case}: {name} {a} and {b}");
    }
    let heights = |foot: &Foot| (foot.plantar.heights.rows, foot.plantar.heights.columns);
    assert_eq!(heights(a), heights(b), "{case}");
}

#[test]
fn direction_and_place_do_not_matter() {
    let phantom = &*PLAIN;
    let (upright, _) = find(&phantom.mesh, Side::Right);
    for (axis, angle) in [
        (Vector3::new(1.0, 0.0, 0.0), -std::f64::consts::FRAC_PI_2),
        (Vector3::new(0.0, 1.0, 0.0), std::f64::consts::PI),
        (Vector3::new(0.0, 0.0, 1.0), 2.1),
        (Vector3::new(0.3, -0.5, 0.8), 1.0),
        (Vector3::new(-0.9, 0.2, 0.1), 2.6),
        (Vector3::new(0.5, 0.7, -0.4), 4.4),
    ] {
        let turn = Rotation3::from_axis_angle(&Unit::new_normalize(axis), angle);
        let shift = Translation3::new(-700.0, 40.0, 1300.0);
        // As written to a file: single precision.
        let turned = phantom.mesh.map_vertices(|p| {
            let moved = shift * (turn * p);
            Point3::from(moved.coords.map(|c| f64::from(c as f32)))
        });
        let (found, _) = find(&turned, Side::Right);
        assert_same(&upright, &found, 0.1, &format!("{axis:?} {angle}"));
    }
}

#[test]
fn the_order_of_triangles_does_not_matter() {
    let phantom = &*PLAIN;
    let (plain, _) = find(&phantom.mesh, Side::Right);
    let mut shuffled = phantom.mesh.clone();
    let mut state = 7_u64;
    for index in (1..shuffled.triangles.len()).rev() {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        shuffled.triangles.swap(index, (state >> 33) as usize % (index + 1));
    }
    for (index, triangle) in shuffled.triangles.iter_mut().enumerate() {
        triangle.rotate_left(index % 3);
    }
    assert_same(&plain, &find(&shuffled, Side::Right).0, 0.1, "shuffled");
}

#[test]
fn a_mirrored_foot_ordered_as_the_other_side_is_the_same() {
    let phantom = &*PLAIN;
    let (right, _) = find(&phantom.mesh, Side::Right);
    let (left, _) = find(&phantom.mesh.mirrored_x(), Side::Left);
    assert_same(&right, &left, 0.1, "mirrored");
    assert_eq!(left.side, Side::Left);
}

#[test]
fn noise_of_a_cheap_scanner_does_little() {
    let (plain, _) = find(&PLAIN.mesh, Side::Right);
    let mut noisy = PLAIN.mesh.clone();
    let mut state = 11_u64;
    let mut noise = || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1_u64 << 53) as f64 - 0.5
    };
    for vertex in &mut noisy.vertices {
        // Uniform within ±0.5 mm in every coordinate.
        *vertex += Vector3::new(noise(), noise(), noise());
    }
    let (found, findings) = find(&noisy, Side::Right);
    assert!(findings.has("side-agrees") && found.sole.imaged);
    // The places of blunt extremes wander; the measures do not.
    let (a, b) = (&plain.measurements, &found.measurements);
    assert!((a.length_mm - b.length_mm).abs() < 1.5, "{a:?} {b:?}");
    assert!((a.ball_width_mm - b.ball_width_mm).abs() < 2.0, "{a:?} {b:?}");
    assert!((a.heel_width_mm - b.heel_width_mm).abs() < 2.0, "{a:?} {b:?}");
    assert!((a.arch_height_mm.unwrap() - b.arch_height_mm.unwrap()).abs() < 1.5, "{a:?} {b:?}");
    for place in [|foot: &Foot| foot.landmarks.toe_tip, |foot: &Foot| foot.landmarks.heel_back] {
        let apart = place(&plain).position.y - place(&found).position.y;
        assert!(apart.abs() < 2.0, "{apart}");
    }
}

#[test]
fn a_tilted_forefoot_keeps_its_tilt_against_a_standing_heel() {
    for degrees in [-6.0_f64, 6.0] {
        let tilted = phantom(|s| s.forefoot_angle = vocabulary::Angle::from_deg(degrees));
        let (foot, findings) = find(&tilted.mesh, Side::Right);
        let up = foot.foot_from_scan.motion.rotation * Vector3::z();
        assert!(up.x.atan2(up.z).to_degrees().abs() < 0.5, "the heel stays upright: {up}");
        assert!(findings.has("forefoot-tilted"));
    }
    assert!(!find(&PLAIN.mesh, Side::Right).1.has("forefoot-tilted"));
}

#[test]
fn the_cut_above_the_ankle_does_not_matter() {
    let [low, high] = [85.0, 180.0]
        .map(|height| phantom(|s| s.leg_height_mm = height))
        .map(|p| find(&p.mesh, Side::Right).0);
    assert_same(&low, &high, 1.0, "cut at 85 and 180 mm");
    // Without the lid: an open scan.
    let phantom = &*PLAIN;
    let mut open = phantom.mesh.clone();
    let top = open.bounds().unwrap().1.z;
    let vertices = open.vertices.clone();
    open.triangles.retain(|t| t.iter().any(|&i| vertices[i as usize].z < top - 0.5));
    assert!(open.triangles.len() < phantom.mesh.triangles.len());
    let (closed, _) = find(&phantom.mesh, Side::Right);
    assert_same(&closed, &find(&open, Side::Right).0, 0.1, "open");
}

#[test]
fn landmarks_by_hand_lead_the_frame() {
    let phantom = &*PLAIN;
    let (plain, _) = find(&phantom.mesh, Side::Right);
    let back = |place: Point3| plain.foot_from_scan.place_back(&place);
    let marked = |marks: &[(LandmarkName, Point3)]| {
        let request = FootRequest {
            by_hand: marks.iter().copied().collect(),
            ..FootRequest::new(Side::Right)
        };
        let mut findings = Findings::new();
        let foot = find_foot(&phantom.mesh, &request, &mut findings).unwrap();
        assert!(findings.has("frame-by-hand"), "{marks:?}");
        foot
    };
    // What the mark says is the origin; the axis still runs through the second head.
    let seat = Point3::new(4.0, -3.0, 0.0);
    let foot = marked(&[(LandmarkName::HeelSeat, back(seat))]);
    let origin = foot.foot_from_scan.place(&back(seat));
    assert!(origin.xy().coords.norm() < 1e-6, "{origin}");
    assert_eq!(foot.landmarks.heel_seat.provenance, Provenance::ByHand);
    let ahead = plain.landmarks.first_metatarsal_head.position;
    let turned = foot.foot_from_scan.place(&back(Point3::new(0.0, ahead.y, 0.0)));
    assert!(turned.x.abs() < 0.5 && (turned.y - ahead.y - 3.0).abs() < 0.5, "{turned}");
    // Both heads 8 mm farther out turn the axis by 8 mm at the ball: 2.9°.
    let heads = [
        (LandmarkName::FirstMetatarsalHead, ahead),
        (LandmarkName::FifthMetatarsalHead, plain.landmarks.fifth_metatarsal_head.position),
    ];
    let foot = marked(&heads.map(|(name, place)| (name, back(place + Vector3::x() * 8.0))));
    let forward = foot.foot_from_scan.motion.rotation
        * plain.foot_from_scan.motion.rotation.inverse()
        * Vector3::y();
    let degrees = (-forward.x).atan2(forward.y).to_degrees();
    assert!((degrees - (8.0 / 149.0_f64).atan().to_degrees()).abs() < 0.15, "{degrees}");
    // The tip of the second toe leads where no head is marked.
    let tip = plain.landmarks.toe_tips[1].unwrap().position;
    let foot = marked(&[(LandmarkName::SecondToeTip, back(tip + Vector3::x() * 5.0))]);
    let tip = foot.landmarks.toe_tips[1].unwrap().position;
    assert!(tip.x.abs() < 1e-6, "the axis points to it: {tip}");
}

#[test]
fn the_phantom_follows_the_written_definition_of_the_frame() {
    for edit in [
        (|_| ()) as fn(&mut PhantomSettings),
        |s| (s.toe_pattern, s.toe_posture) = (ToePattern::Greek, ToePosture::Curled),
        |s| (s.ball_width_mm, s.heel_width_mm) = (88.0, 74.0),
    ] {
        let truth = phantom(edit).truth;
        let [first, fifth] = [truth.first_metatarsal_head, truth.fifth_metatarsal_head];
        let second = first + (fifth - first) * 0.443;
        let degrees = second.x.atan2(second.y).to_degrees();
        assert!(degrees.abs() < 0.1, "the axis runs through the second head: {degrees}°");
        assert!(truth.heel_seat.coords.norm() <= 0.0);
    }
}

#[test]
fn holes_in_the_sole_are_filled() {
    let phantom = &*PLAIN;
    let (whole, _) = find(&phantom.mesh, Side::Right);
    let mut torn = phantom.mesh.clone();
    let vertices = torn.vertices.clone();
    torn.triangles.retain(|t| {
        let middle = vertices[t[0] as usize];
        middle.z > 30.0 || (middle.xy() - Point2::new(5.0, 95.0)).norm() > 14.0
    });
    let (filled, findings) = find(&torn, Side::Right);
    assert!(findings.has("sole-holes"));
    assert!(filled.sole.imaged);
    let mut worst = 0.0_f64;
    let mut filled_nodes = 0;
    for (index, imaged) in filled.plantar.imaged.iter().enumerate() {
        let height = filled.plantar.heights.heights[index];
        if !imaged && !height.is_nan() {
            filled_nodes += 1;
            worst = worst.max((height - whole.plantar.heights.heights[index]).abs());
        }
    }
    assert!((400..900).contains(&filled_nodes), "{filled_nodes} nodes of 1 mm²");
    assert!(worst < 2.0, "{worst}");
}

#[test]
fn a_steep_fall_of_the_arch_is_assumed_as_it_was_measured() {
    let phantom = phantom(|s| s.arch_height_mm = 4.0);
    let (flat, _) = find(&phantom.mesh, Side::Right);
    let arched = with_assumed_arch(&flat, 18.0);
    assert!((arched.landmarks.arch_apex.position.z - 18.0).abs() < 0.3);
    let truth = self::phantom(|s| s.arch_height_mm = 18.0);
    let (real, _) = find(&truth.mesh, Side::Right);
    let apart = arched.landmarks.arch_apex.position - real.landmarks.arch_apex.position;
    assert!(apart.norm() < 12.0, "the assumed apex stands where a real one does: {apart}");
}

#[test]
fn one_thread_and_several_say_the_same() {
    let phantom = &*PLAIN;
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| find(&phantom.mesh, Side::Right).0)
    };
    let [one, two] = [1, 2].map(on);
    assert_eq!(one.landmarks, two.landmarks);
    assert_eq!(one.mesh, two.mesh);
    let bits =
        |foot: &Foot| foot.plantar.heights.heights.iter().map(|h| h.to_bits()).collect::<Vec<_>>();
    assert_eq!(bits(&one), bits(&two));
}
