//! What every operation must keep: nothing at zero, more with more, nothing far away, and the ordered dose.

use geometry::Point2;
use vocabulary::{Angle, Findings, Mm};

use super::Dice;
use crate::synthetic::{LARGE_CAVUS, SMALL_FLAT, SyntheticFoot, USUAL};
use crate::{
    Applied, Border, Construction, Design, Doses, Length, Operation, PadSize, PostFace, PostStyle,
    PressureGrid, SKIVE_PLANE_DEG, Shell, ShellError, ShellSettings, Station, TopModel,
    WedgeExtent, Zone, build,
};

/// An operation as a family over its dose.
struct Case {
    of: fn(f64) -> Operation,
    /// Rising doses, all of them usual.
    doses: [f64; 3],
    /// Places on the shell that it must leave alone.
    far: &'static [(f64, f64)],
}

const HEEL: (f64, f64) = (0.0, -5.0);
const ARCH: (f64, f64) = (-26.0, 84.0);
const FRONT: (f64, f64) = (10.0, 135.0);
const CUBOID: (f64, f64) = (28.0, 75.0);

fn square(x: f64, y: f64) -> Vec<[f64; 2]> {
    vec![[x - 6.0, y - 6.0], [x + 6.0, y - 6.0], [x + 6.0, y + 6.0], [x - 6.0, y + 6.0]]
}

const fn length(dose: f64) -> Length {
    match dose {
        ..0.5 => Length::Mets,
        ..1.5 => Length::Sulcus,
        _ => Length::Full,
    }
}

/// 50 and 500 kPa on a grid of 5 mm cells, the load in the middle of the heel.
fn heel_load() -> PressureGrid {
    let kpa = (0..144)
        .map(|cell| {
            let (x, y) = (f64::from(cell % 12) * 5.0 - 27.5, f64::from(cell / 12) * 5.0 - 27.5);
            if x.hypot(y) < 16.0 { 500.0 } else { 50.0 }
        })
        .collect();
    PressureGrid { origin_mm: [-27.5, -27.5], spacing_mm: 5.0, columns: 12, kpa }
}

const CASES: &[(&str, Case)] = &[
    (
        "cover",
        Case {
            of: |dose| Operation::Cover { cover_mm: dose, cushion_mm: 0.0 },
            doses: [1.6, 3.2, 6.4],
            far: &[],
        },
    ),
    (
        "medial arch",
        Case {
            of: |dose| Operation::MedialArch { raise_mm: dose, apex_mm: 0.0, extent_mm: 45.0 },
            doses: [-2.0, 1.5, 4.0],
            far: &[HEEL, FRONT, CUBOID],
        },
    ),
    (
        "lateral arch",
        Case {
            of: |dose| Operation::LateralArch { raise_mm: dose, apex_mm: 0.0, extent_mm: 35.0 },
            doses: [-1.0, 1.5, 3.0],
            far: &[HEEL, FRONT, ARCH],
        },
    ),
    (
        "arch apex",
        Case {
            of: |dose| Operation::ArchApex { forward_mm: dose },
            doses: [-5.0, 3.0, 6.0],
            far: &[HEEL, CUBOID],
        },
    ),
    (
        "inversion",
        Case {
            of: |dose| Operation::Inversion { angle_deg: dose },
            doses: [-4.0, 4.0, 9.0],
            far: &[(10.0, 145.0)],
        },
    ),
    (
        "Blake inversion",
        Case {
            of: |dose| Operation::Inversion { angle_deg: dose },
            doses: [15.0, 20.0, 25.0],
            far: &[FRONT, (-20.0, 90.0)],
        },
    ),
    (
        "medial skive",
        Case {
            of: |depth_mm| Operation::MedialSkive { depth_mm, plane_deg: SKIVE_PLANE_DEG },
            doses: [2.0, 4.0, 6.0],
            far: &[ARCH, FRONT, CUBOID],
        },
    ),
    (
        "lateral skive",
        Case {
            of: |depth_mm| Operation::LateralSkive { depth_mm, plane_deg: SKIVE_PLANE_DEG },
            doses: [2.0, 4.0, 6.0],
            far: &[ARCH, FRONT, CUBOID],
        },
    ),
    (
        "metatarsal pad",
        Case {
            of: |height_mm| Operation::MetatarsalPad {
                height_mm,
                behind_mm: 22.0,
                lateral_mm: 0.0,
                size: PadSize::Medium,
            },
            doses: [3.0, 4.5, 6.0],
            far: &[HEEL, ARCH, CUBOID],
        },
    ),
    (
        "metatarsal bar",
        Case {
            of: |height_mm| Operation::MetatarsalBar { height_mm, behind_mm: 18.0 },
            doses: [2.0, 4.0, 6.0],
            far: &[HEEL, ARCH, CUBOID],
        },
    ),
    (
        "neuroma pad",
        Case {
            of: |height_mm| Operation::NeuromaPad { height_mm, between: [3, 4], behind_mm: 24.0 },
            doses: [2.0, 3.0, 5.0],
            far: &[HEEL, ARCH],
        },
    ),
    (
        "fascia groove",
        Case {
            of: |depth_mm| Operation::FasciaGroove { depth_mm, width_mm: 10.0, lateral_mm: 0.0 },
            doses: [1.0, 2.0, 4.0],
            far: &[HEEL, FRONT, CUBOID],
        },
    ),
    (
        "navicular relief",
        Case {
            of: |depth_mm| Operation::NavicularRelief {
                depth_mm,
                forward_mm: 0.0,
                radius_mm: 7.0,
                blend_mm: 9.0,
            },
            doses: [1.0, 2.0, 4.0],
            far: &[HEEL, FRONT, CUBOID],
        },
    ),
    (
        "fifth base relief",
        Case {
            of: |depth_mm| Operation::FifthBaseRelief {
                depth_mm,
                forward_mm: 0.0,
                radius_mm: 7.0,
                blend_mm: 9.0,
            },
            doses: [1.0, 2.0, 3.0],
            far: &[HEEL, FRONT, ARCH],
        },
    ),
    (
        "heel spur pocket",
        Case {
            of: |depth_mm| Operation::HeelSpurPocket {
                depth_mm,
                diameter_mm: 28.0,
                forward_mm: 0.0,
                lateral_mm: 0.0,
            },
            doses: [2.0, 3.0, 5.0],
            far: &[(10.0, 143.0)],
        },
    ),
    (
        "region",
        Case {
            of: |height_mm| Operation::Region {
                height_mm,
                corners_mm: square(15.0, 60.0),
                blend_mm: 9.0,
            },
            doses: [-2.0, 1.0, 4.0],
            far: &[HEEL, FRONT, ARCH],
        },
    ),
    (
        "pressure relief",
        Case {
            of: |deepest_mm| Operation::PressureRelief {
                deepest_mm,
                table_kpa: vec![[100.0, 0.0], [400.0, 1.0]],
                map: heel_load(),
            },
            doses: [1.0, 2.0, 4.0],
            far: &[(10.0, 143.0)],
        },
    ),
    (
        "sulcus length",
        Case {
            of: |dose| Operation::ShellLength { length: length(dose) },
            doses: [0.0, 1.0, 2.0],
            far: &[HEEL, ARCH, CUBOID],
        },
    ),
    (
        "grind",
        Case {
            of: |wider_mm| Operation::GrindWidth { wider_mm },
            doses: [-3.2, 1.6, 3.2],
            far: &[HEEL, FRONT, CUBOID],
        },
    ),
    (
        "medial rim",
        Case {
            of: |raise_mm| Operation::CupRim { border: Border::Medial, raise_mm },
            doses: [-3.0, 2.0, 4.0],
            far: &[HEEL, FRONT, CUBOID],
        },
    ),
    (
        "medial flange",
        Case {
            of: |raise_mm| Operation::Flange { border: Border::Medial, raise_mm },
            doses: [2.0, 4.0, 6.0],
            far: &[HEEL, FRONT, CUBOID],
        },
    ),
    (
        "lateral flange",
        Case {
            of: |raise_mm| Operation::Flange { border: Border::Lateral, raise_mm },
            doses: [2.0, 4.0, 6.0],
            far: &[HEEL, FRONT, ARCH],
        },
    ),
    (
        "lateral clip",
        Case {
            of: |raise_mm| Operation::LateralClip { raise_mm },
            doses: [2.0, 4.0, 8.0],
            far: &[HEEL, FRONT, ARCH],
        },
    ),
    (
        "first ray cut-out",
        Case {
            of: |depth_mm| Operation::RayCutout { border: Border::Medial, depth_mm },
            doses: [8.0, 15.0, 25.0],
            far: &[HEEL, ARCH, CUBOID],
        },
    ),
    (
        "fifth ray cut-out",
        Case {
            of: |depth_mm| Operation::RayCutout { border: Border::Lateral, depth_mm },
            doses: [8.0, 12.0, 20.0],
            far: &[HEEL, ARCH, CUBOID],
        },
    ),
    (
        "gait plate",
        Case {
            of: |forward_mm| Operation::GaitPlate { border: Border::Lateral, forward_mm },
            doses: [10.0, 20.0, 28.0],
            far: &[HEEL, ARCH, CUBOID],
        },
    ),
    (
        "handle at the arch",
        Case {
            of: |outward_mm| Operation::TrimHandle { station: Station::MedialArch, outward_mm },
            doses: [-3.0, 2.0, 4.0],
            far: &[HEEL, FRONT, CUBOID],
        },
    ),
    (
        "handle behind the heel",
        Case {
            of: |outward_mm| Operation::TrimHandle { station: Station::Posterior, outward_mm },
            doses: [-2.0, 1.0, 3.0],
            far: &[HEEL, FRONT, ARCH],
        },
    ),
    (
        "handle in front",
        Case {
            of: |outward_mm| Operation::TrimHandle { station: Station::DistalMiddle, outward_mm },
            doses: [-4.0, 2.0, 4.0],
            far: &[HEEL, ARCH, CUBOID],
        },
    ),
    (
        "heel hole",
        Case {
            of: |diameter_mm| Operation::HeelHole {
                diameter_mm,
                forward_mm: 0.0,
                horseshoe: false,
            },
            doses: [20.0, 25.0, 32.0],
            far: &[HEEL, FRONT, ARCH],
        },
    ),
    (
        "horseshoe",
        Case {
            of: |diameter_mm| Operation::HeelHole { diameter_mm, forward_mm: 0.0, horseshoe: true },
            doses: [18.0, 22.0, 26.0],
            far: &[HEEL, FRONT, ARCH],
        },
    ),
    (
        "Morton's extension",
        Case {
            of: |height_mm| Operation::Morton { height_mm, length_mm: 35.0 },
            doses: [1.5, 3.0, 6.0],
            far: &[HEEL, ARCH, CUBOID],
        },
    ),
    (
        "wedge",
        Case {
            of: |angle_deg| Operation::Wedge { angle_deg, extent: WedgeExtent::Full },
            doses: [-3.0, 3.0, 6.0],
            far: &[],
        },
    ),
    (
        "heel wedge",
        Case {
            of: |angle_deg| Operation::Wedge { angle_deg, extent: WedgeExtent::Heel },
            doses: [-3.0, 3.0, 6.0],
            far: &[],
        },
    ),
    (
        "arch fill",
        Case { of: |share| Operation::ArchFill { share }, doses: [0.3, 0.6, 1.0], far: &[] },
    ),
    (
        "thick arch",
        Case {
            of: |change_mm| Operation::ThicknessZone { zone: Zone::Arch, change_mm },
            doses: [-0.8, 0.5, 1.5],
            far: &[],
        },
    ),
    (
        "ribs",
        Case {
            of: |height_mm| Operation::Ribs { height_mm, count: 3 },
            doses: [1.0, 2.0, 3.0],
            far: &[],
        },
    ),
    (
        "heel lift with a short taper",
        Case {
            of: |raise_mm| Operation::HeelLift { raise_mm, taper_mm: Some(90.0) },
            doses: [2.0, 4.0, 8.0],
            far: &[FRONT],
        },
    ),
];

/// Handles and wedges that are like one of the above at another place, posts of every form, and what lies under the
/// toes of a full shell. Held to the same rules.
const MORE: &[(&str, Case)] = &[
    ("handle under the first ray", handle(Station::DistalFirst)),
    ("handle under the fifth ray", handle(Station::DistalFifth)),
    ("handle beside the heel, medial", handle(Station::MedialHeel)),
    ("handle beside the heel, lateral", handle(Station::LateralHeel)),
    ("handle at the cuboid", handle(Station::LateralMidfoot)),
    (
        "forefoot wedge",
        Case {
            of: |angle_deg| Operation::Wedge { angle_deg, extent: WedgeExtent::Forefoot },
            doses: [-3.0, 3.0, 5.0],
            far: &[],
        },
    ),
    ("strip post", post(|angle_deg| styled(angle_deg, PostFace::Strip, Construction::Extrinsic))),
    (
        "quarter post",
        post(|angle_deg| styled(angle_deg, PostFace::Quarter, Construction::Extrinsic)),
    ),
    (
        "intrinsic post",
        post(|angle_deg| styled(angle_deg, PostFace::Full, Construction::Intrinsic)),
    ),
    (
        "intrinsic forefoot post",
        post(|angle_deg| Operation::ForefootPost {
            angle_deg,
            construction: Construction::Intrinsic,
        }),
    ),
];

/// Tried on a shell of full length.
const IN_FRONT: &[(&str, Case)] = &[
    (
        "reverse Morton",
        in_front(|height_mm| Operation::ReverseMorton { height_mm }, [1.0, 2.0, 3.0]),
    ),
    ("kinetic wedge", in_front(|height_mm| Operation::KineticWedge { height_mm }, [1.0, 2.0, 3.0])),
    ("Cluffy wedge", in_front(|height_mm| Operation::CluffyWedge { height_mm }, [2.0, 3.0, 4.0])),
    ("toe crest", in_front(|height_mm| Operation::ToeCrest { height_mm }, [3.0, 5.0, 8.0])),
    (
        "toe filler",
        in_front(
            |height_mm| Operation::ToeFiller { height_mm, first: 3, last: 5 },
            [6.0, 10.0, 16.0],
        ),
    ),
    (
        "Morton on a full shell",
        in_front(|height_mm| Operation::Morton { height_mm, length_mm: 40.0 }, [1.5, 3.0, 6.0]),
    ),
];

const fn in_front(of: fn(f64) -> Operation, doses: [f64; 3]) -> Case {
    Case { of, doses, far: &[HEEL, ARCH, CUBOID] }
}

const fn post(of: fn(f64) -> Operation) -> Case {
    Case { of, doses: [-3.0, 2.0, 4.0], far: &[] }
}

const fn handle(station: Station) -> Case {
    let of: fn(f64) -> Operation = match station {
        Station::DistalFirst => {
            |outward_mm| Operation::TrimHandle { station: Station::DistalFirst, outward_mm }
        }
        Station::DistalFifth => {
            |outward_mm| Operation::TrimHandle { station: Station::DistalFifth, outward_mm }
        }
        Station::MedialHeel => {
            |outward_mm| Operation::TrimHandle { station: Station::MedialHeel, outward_mm }
        }
        Station::LateralHeel => {
            |outward_mm| Operation::TrimHandle { station: Station::LateralHeel, outward_mm }
        }
        _ => |outward_mm| Operation::TrimHandle { station: Station::LateralMidfoot, outward_mm },
    };
    Case { of, doses: [-3.0, 2.0, 3.0], far: &[] }
}

fn styled(angle_deg: f64, face: PostFace, construction: Construction) -> Operation {
    Operation::RearfootPost {
        angle_deg,
        style: PostStyle { construction, face, ..PostStyle::default() },
    }
}

const BASE: Doses = Doses {
    rearfoot_post: Angle::from_deg(-2.0),
    forefoot_post: Angle::ZERO,
    arch_fraction: 0.8,
    cast_fill: Mm(0.0),
    heel_cup_depth: Mm(16.0),
    heel_lift: Mm(0.0),
    medial_skive: Mm(0.0),
    lateral_expansion: Mm(0.0),
    thickness: Mm(3.2),
};

/// A usual device on which operations are tried, without the one that is tried.
fn base(operation: &Operation) -> Design {
    let key = operation.spec().key;
    let operations = Design::from(BASE).operations().to_vec();
    Design::new(operations.into_iter().filter(|other| other.spec().key != key).collect())
}

fn try_made(foot: &SyntheticFoot, design: &Design) -> Result<Shell, ShellError> {
    build(&foot.foot(), design, &ShellSettings::default(), &mut Findings::new())
}

fn made(foot: &SyntheticFoot, design: &Design) -> Shell {
    try_made(foot, design).unwrap_or_else(|error| panic!("{design:?}: {error}"))
}

fn dose_of<'a>(shell: &'a Shell, operation: &Operation) -> &'a Applied {
    let key = operation.spec().key;
    shell.applied.iter().find(|applied| applied.name == key).expect("the dose is recorded")
}

#[test]
fn a_dose_of_zero_changes_nothing_to_the_bit() {
    let plain = made(&USUAL, &Design::from(BASE));
    let mut design = Design::from(BASE);
    for (_, case) in CASES {
        let zero = (case.of)(0.0);
        assert_eq!(zero.dose(), 0.0);
        let named = design.operations().iter().any(|other| other.spec().key == zero.spec().key);
        if !named {
            design = design.with(zero);
        }
    }
    assert!(design.operations().len() > 20);
    let with = made(&USUAL, &design);
    assert!(plain.slab == with.slab);
    assert_eq!(plain.applied, with.applied);
}

#[test]
fn every_dose_is_realised_grows_with_the_order_and_leaves_far_places_alone() {
    keeps_the_rules(CASES, &[]);
}

#[test]
fn handles_and_posts_of_every_form_keep_the_rules() {
    keeps_the_rules(MORE, &[]);
}

#[test]
fn what_lies_under_the_toes_keeps_the_rules() {
    keeps_the_rules(IN_FRONT, &[Operation::ShellLength { length: Length::Full }]);
}

/// Tries every case on a usual device with some more operations.
fn keeps_the_rules(cases: &[(&str, Case)], with: &[Operation]) {
    let mut complaints = Vec::new();
    let whole = |design: Design| with.iter().cloned().fold(design, Design::with);
    let plain = made(&USUAL, &whole(Design::from(BASE)));
    for (name, case) in cases {
        let mut realised = Vec::new();
        // The middle dose is for the tests on lists; two show that a dose grows.
        for dose in [case.doses[0], case.doses[2]] {
            let operation = (case.of)(dose);
            let design = whole(base(&operation).with(operation.clone()));
            let shell = match try_made(&USUAL, &design) {
                Ok(shell) => shell,
                Err(error) => {
                    complaints.push(format!("{name} {dose}: {error}"));
                    continue;
                }
            };
            if dose != 0.0 {
                realised.push(dose_of(&shell, &operation).realised);
            }
            for other in &shell.applied {
                if !other.kept() || other.limited.is_some() {
                    complaints.push(format!("{name} {dose}: {}", other.explain()));
                }
            }
            for (x, y) in case.far {
                let point = Point2::new(*x, *y);
                let height = |shell: &Shell| shell.neutral_top.height(point) - shell.settled;
                let change = height(&shell) - height(&plain);
                if change.abs() > 5e-3 {
                    complaints.push(format!("{name} {dose} changes x = {x}, y = {y} by {change}"));
                }
            }
        }
        if !realised.is_sorted_by(|less, more| less < more) {
            complaints.push(format!("{name} does not grow: {realised:?}"));
        }
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

#[test]
fn hard_limits_name_key_and_way_out() {
    for (name, case) in CASES {
        let spec = (case.of)(1.0).spec();
        assert!(spec.usual[0] >= spec.hard[0] && spec.usual[1] <= spec.hard[1], "{name}");
        for beyond in [spec.hard[0] - 0.5, spec.hard[1] + 0.5] {
            let operation = (case.of)(1.0).with_dose(beyond);
            if (spec.hard[0]..=spec.hard[1]).contains(&operation.dose()) {
                continue; // A word, which has no dose beyond.
            }
            let Err(error) = try_made(&USUAL, &base(&operation).with(operation)) else {
                panic!("{name} takes {beyond}");
            };
            let message = error.to_string();
            assert!(message.starts_with(spec.key) && message.ends_with(spec.way_out), "{message}");
        }
    }
}

#[test]
fn unfinished_numbers_are_refused() {
    let operation = Operation::Region {
        height_mm: 2.0,
        corners_mm: vec![[0.0, f64::NAN], [1.0, 0.0]],
        blend_mm: 5.0,
    };
    let design = base(&operation).with(operation);
    let error = build(&USUAL.foot(), &design, &ShellSettings::default(), &mut Findings::new());
    assert!(matches!(error, Err(ShellError::Operation { .. })), "{error:?}");
}

fn height(foot: &SyntheticFoot, operation: Operation, place: (f64, f64)) -> f64 {
    let design = base(&operation).with(operation);
    let model = TopModel::new(&foot.foot(), &ShellSettings::default(), &design).unwrap();
    model.height(&design.doses(), Point2::new(place.0, place.1))
}

#[test]
fn trap_1_a_lateral_skive_raises_the_lateral_heel() {
    let skived = |depth_mm| Operation::LateralSkive { depth_mm, plane_deg: SKIVE_PLANE_DEG };
    for foot in [USUAL, SMALL_FLAT, LARGE_CAVUS] {
        let raise = |x| height(&foot, skived(4.0), (x, 0.0)) - height(&foot, skived(0.0), (x, 0.0));
        assert!(raise(15.0) > 2.0, "lateral side: {}", raise(15.0));
        assert!(raise(-22.0).abs() < 1e-9, "medial side untouched");
    }
}

#[test]
fn trap_4_nine_degrees_have_a_higher_arch_than_ten() {
    let inverted = |angle_deg| Operation::Inversion { angle_deg };
    for foot in [USUAL, SMALL_FLAT, LARGE_CAVUS] {
        let place = (-0.25 * foot.ball_width, 0.33 * foot.length);
        let arch = |angle| height(&foot, inverted(angle), place);
        assert!(arch(9.0) > arch(0.0) + 2.0, "every degree of inversion raises the arch");
        assert!((arch(10.0) - arch(0.0)).abs() < 0.3, "a Blake arch is filled back");
        assert!((arch(25.0) - arch(0.0)).abs() < 1.0, "{} {}", arch(25.0), arch(0.0));
        assert!(arch(9.0) > arch(10.0));
    }
}

#[test]
fn trap_5_a_post_is_no_inversion() {
    let (post, inversion) = (
        Operation::RearfootPost { angle_deg: -5.0, style: Default::default() },
        Operation::Inversion { angle_deg: 5.0 },
    );
    let bare = Design::default();
    let posted = made(&USUAL, &bare.clone().with(post));
    let inverted = made(&USUAL, &bare.clone().with(inversion));
    let plain = made(&USUAL, &bare);
    let neutral = |shell: &Shell, x: f64, y: f64| {
        shell.neutral_top.height(Point2::new(x, y)) - shell.neutral_top.height(Point2::origin())
    };
    // A post tilts the device under an unchanged cup and arch; an inversion changes cup and arch themselves.
    assert!((neutral(&posted, -26.0, 84.0) - neutral(&plain, -26.0, 84.0)).abs() < 1e-6);
    assert!(neutral(&inverted, -26.0, 84.0) > neutral(&plain, -26.0, 84.0) + 1.5);
    let tilt = |shell: &Shell| {
        shell.slab.top.height(Point2::new(-15.0, 0.0))
            - shell.neutral_top.height(Point2::new(-15.0, 0.0))
    };
    assert!(tilt(&posted) > 1.0 && tilt(&inverted).abs() < 1e-9);
}

/// A post and a relief of one side on a finished slab of either foot: medial stays medial, angles keep their sign.
#[test]
fn trap_7_angles_keep_their_sign_on_the_slab_of_a_left_foot() {
    let relief = Operation::NavicularRelief {
        depth_mm: 3.0,
        forward_mm: 0.0,
        radius_mm: 8.0,
        blend_mm: 9.0,
    };
    let posted = |angle_deg: f64| {
        let post = Operation::RearfootPost { angle_deg, style: PostStyle::default() };
        made(&USUAL, &base(&post).with(post).with(relief.clone()))
    };
    for angle_deg in [-5.0, 5.0] {
        let (shell, level) = (posted(angle_deg), posted(0.0));
        let [left, plain] = [&shell, &level].map(|shell| shell.slab.mirrored_x());
        // Seen on the slab alone: the slope across the heel seat, against the same shell without post.
        let slope = |slab: &geometry::Slab, x: f64| slab.top.height(Point2::new(x, 0.0));
        let tilt = |slab: &geometry::Slab, without: &geometry::Slab| {
            let rise = |x| slope(slab, x) - slope(without, x);
            ((rise(12.0) - rise(-12.0)) / 24.0).atan().to_degrees()
        };
        let (right_tilt, left_tilt) = (tilt(&shell.slab, &level.slab), tilt(&left, &plain));
        assert!(
            (right_tilt - angle_deg).abs() < 0.1,
            "+ is lateral (+x) on a right slab: {right_tilt}"
        );
        assert!((left_tilt + angle_deg).abs() < 0.1, "and -x on a left one: {left_tilt}");
        // The contact face is flat on the floor on both sides.
        for slab in [&shell.slab, &left] {
            for x in [-10.0, 0.0, 10.0] {
                assert!(slab.bottom.height(Point2::new(x, 0.0)).abs() < 0.05);
            }
        }
        // The navicular is medial: -x on the right slab, +x on the left one.
        let place = shell.top_model.regions.navicular();
        let (right, mirrored) =
            (shell.slab.top.height(place), left.top.height(Point2::new(-place.x, place.y)));
        assert!(place.x < 0.0 && (right - mirrored).abs() < 1e-9);
    }
}

#[test]
fn trap_6_the_cover_takes_nothing_from_the_cup() {
    for foot in [USUAL, SMALL_FLAT, LARGE_CAVUS] {
        let cover = Operation::Cover { cover_mm: 3.2, cushion_mm: 1.6 };
        let shell = made(&foot, &base(&cover).with(cover.clone()));
        let cup = shell.applied.iter().find(|dose| dose.name == "heel_cup_depth_mm").unwrap();
        assert!((cup.realised - 16.0).abs() < 0.2, "under the cover: {}", cup.realised);
        assert!((dose_of(&shell, &cover).realised - 4.8).abs() < 0.1);
    }
}

#[test]
fn random_lists_replay_to_the_same_bytes() {
    let mut dice = Dice(21);
    for _ in 0..3 {
        let mut design = Design::from(dice.design());
        for (_, case) in CASES.iter().filter(|(_, case)| (case.of)(1.0).stage() >= 12) {
            let operation = (case.of)(case.doses[1]);
            let key = operation.spec().key;
            let named = design.operations().iter().any(|other| other.spec().key == key);
            if !named && dice.roll() < 0.3 {
                design = design.with(operation);
            }
        }
        let text = serde_json::to_string(&design).unwrap();
        let again: Design = serde_json::from_str(&text).unwrap();
        let (one, other) = (made(&USUAL, &design), made(&USUAL, &again));
        assert!(one.slab == other.slab);
        assert_eq!(one.applied, other.applied);
    }
}
