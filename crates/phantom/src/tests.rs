//! The foot as its users see it: the mesh against its own truth.

use geometry::{HeightField, Point2, Point3, Rect, check_closed};
use vocabulary::Angle;

use super::*;

/// A foot in a coarse mesh: truth does not depend on it.
fn coarse(edit: impl FnOnce(&mut PhantomSettings)) -> PhantomFoot {
    let mut settings = PhantomSettings { resolution_mm: 4.0, ..Default::default() };
    edit(&mut settings);
    generate(&settings).unwrap()
}

/// What is true of the default foot after `edit`, without a mesh.
fn truth(edit: impl FnOnce(&mut PhantomSettings)) -> Truth {
    let mut settings = PhantomSettings::default();
    edit(&mut settings);
    settings.check().unwrap();
    let (shape, measured) = measured::scaled_to(&settings).unwrap();
    Truth::new(shape, &measured, &settings)
}

/// Numbers from 0 to 1 that look random: the fractional parts of multiples of the golden ratio,
/// stirred.
fn unit_numbers(seed: u32) -> impl Iterator<Item = f64> {
    let mut state = u64::from(seed) * 2 + 1;
    std::iter::repeat_with(move || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1_u64 << 53) as f64
    })
}

/// Settings spread over all ranges.
fn random_settings(seed: u32) -> PhantomSettings {
    let mut numbers = unit_numbers(seed);
    let mut between = |least: f64, most: f64| least + (most - least) * numbers.next().unwrap();
    let length_mm = between(180.0, 330.0);
    PhantomSettings {
        side: Side::BOTH[seed as usize % 2],
        length_mm,
        ball_width_mm: length_mm * between(0.33, 0.44),
        heel_width_mm: length_mm * between(0.22, 0.31),
        arch_height_mm: between(3.0, (0.11 * length_mm).min(30.0)),
        arch_apex_fraction: between(0.39, 0.49),
        forefoot_angle: Angle::from_deg(between(-10.0, 10.0)),
        rearfoot_angle: Angle::from_deg(between(-12.0, 12.0)),
        toe_pattern: [ToePattern::Egyptian, ToePattern::Greek, ToePattern::Square]
            [seed as usize % 3],
        toe_posture: [ToePosture::Resting, ToePosture::Lifted, ToePosture::Curled]
            [seed as usize / 2 % 3],
        load: [Load::Full, Load::Semi, Load::Unloaded][seed as usize / 3 % 3],
        skin_detail_mm: 0.0,
        leg_height_mm: length_mm * between(0.31, 0.7),
        resolution_mm: between(3.0, 4.0),
    }
}

#[track_caller]
fn check_near(name: &str, found: f64, expected: f64, tolerance: f64) {
    assert!((found - expected).abs() <= tolerance, "{name}: {found}, not {expected} ± {tolerance}");
}

/// The mesh is closed and shows what the truth says, and the truth is what was ordered.
#[track_caller]
fn check_foot(settings: &PhantomSettings) {
    let PhantomFoot { mesh, truth } = generate(settings).unwrap();
    assert_eq!(check_closed(&mesh), Ok(()), "{settings:?}");

    check_near("length", truth.length_mm, settings.length_mm, 1e-3);
    check_near("ball width", truth.ball_width_mm, settings.ball_width_mm, 1e-3);
    check_near("heel width", truth.heel_width_mm, settings.heel_width_mm, 1e-3);
    check_near("arch height", truth.arch_height_mm, settings.arch_height_mm, 1e-3);
    let apex = truth.heel_back.y + settings.arch_apex_fraction * settings.length_mm;
    check_near("apex", truth.arch_apex.y, apex, 1e-3);

    let (low, high) = mesh.bounds().unwrap();
    // A chord of length e over a curve of radius r falls short by e² / 8r; toes are roundest.
    let chord = settings.resolution_mm.powi(2) / (8.0 * 0.015 * settings.length_mm);
    check_near("length of the mesh", high.y - low.y, settings.length_mm, chord);
    // A round pad touches the ground between vertices.
    let round = if settings.load == Load::Full { 0.0 } else { 0.1 };
    check_near("ground", low.z, 0.0, 0.02 + round);
    check_near("leg cut", high.z, settings.leg_height_mm, 1e-6);
    let heel = |point: &&Point3| {
        point.y.abs() < 0.1 * settings.length_mm && point.z < 0.17 * settings.length_mm
    };
    let heel_x = || mesh.vertices.iter().filter(heel).map(|point| point.x);
    let heel_width = heel_x().fold(0.0, f64::max) - heel_x().fold(0.0, f64::min);
    assert!(heel_width > settings.heel_width_mm - 2.0 * chord, "{heel_width}");

    let outward = if settings.side == Side::Right { 1.0 } else { -1.0 };
    assert!(truth.fifth_metatarsal_head.x * outward > 0.0, "{settings:?}");
    assert!(truth.first_metatarsal_head.x * outward < 0.0, "{settings:?}");
    check_near("sole at the heel seat", truth.plantar_height(Point2::origin()).unwrap(), 0.0, 1e-9);
    let at_apex = truth.plantar_height(truth.arch_apex.xy()).unwrap();
    check_near("sole at the apex", at_apex, truth.arch_height_mm, 1e-9);
    for vertex in mesh.vertices.iter().step_by(97) {
        let height = truth.plantar_height(vertex.xy());
        assert!(height.is_none_or(|height| height >= 0.0 && height < vertex.z + 1e-4), "{vertex}");
    }
}

#[test]
fn the_default_foot_is_what_was_ordered() {
    check_foot(&PhantomSettings::default());
}

#[test]
fn any_foot_within_the_ranges_is_what_was_ordered() {
    for seed in 0..8 {
        check_foot(&random_settings(seed));
    }
}

#[test]
fn the_corners_of_the_ranges_can_be_made() {
    for corner in 0..8_u32 {
        let high = |bit: u32| corner >> bit & 1 == 1;
        let length_mm: f64 = if high(0) { 330.0 } else { 180.0 };
        let arch_height_mm = if high(1) { (0.11 * length_mm).min(30.0) } else { 3.0 };
        check_foot(&PhantomSettings {
            length_mm,
            arch_height_mm,
            ball_width_mm: length_mm * if high(2) { 0.44 } else { 0.33 },
            heel_width_mm: length_mm * if high(2) { 0.22 } else { 0.31 },
            arch_apex_fraction: if high(1) == high(2) { 0.39 } else { 0.49 },
            leg_height_mm: length_mm * if high(1) { 0.7 } else { 0.31 },
            resolution_mm: 4.0,
            ..Default::default()
        });
    }
}

#[test]
fn the_default_mesh_has_a_handy_size_and_even_triangles() {
    let mesh = generate(&PhantomSettings::default()).unwrap().mesh;
    assert!((20_000..60_000).contains(&mesh.triangles.len()), "{}", mesh.triangles.len());
    let thin = mesh
        .corner_points()
        .filter(|[a, b, c]| {
            let longest = (b - a).norm().max((c - b).norm()).max((a - c).norm());
            (b - a).cross(&(c - a)).norm() / longest < 0.2 * longest
        })
        .count();
    assert!(
        thin * 1000 < mesh.triangles.len(),
        "{thin} triangles are lower than 0.2 of their base"
    );
}

#[test]
fn the_left_foot_is_the_mirror_image_of_the_right_one() {
    let [left, right] = Side::BOTH.map(|side| coarse(|settings| settings.side = side));
    assert_eq!(left.mesh, right.mesh.mirrored_x());
    assert_eq!(left.truth.toe_tip.x, -right.truth.toe_tip.x);
    assert_eq!(left.truth.arch_apex.x, -right.truth.arch_apex.x);
    let [here, there] = [Point2::new(17.0, 60.0), Point2::new(-17.0, 60.0)];
    assert_eq!(left.truth.plantar_height(here), right.truth.plantar_height(there));
}

#[test]
fn threads_do_not_change_a_bit() {
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| coarse(|_| {}))
    };
    assert_eq!(on(1), on(2));
}

#[test]
fn settings_outside_their_range_are_refused() {
    #[track_caller]
    fn check(expected: &str, edit: impl FnOnce(&mut PhantomSettings)) {
        let mut settings = PhantomSettings::default();
        edit(&mut settings);
        let error = generate(&settings).unwrap_err().to_string();
        assert!(error.starts_with(expected), "{error}");
    }
    check("length_mm is 0.26, it must be between 180 and 330", |s| s.length_mm = 0.26);
    check("length_mm is NaN", |s| s.length_mm = f64::NAN);
    check("ball_width_mm is 130", |s| s.ball_width_mm = 130.0);
    check("heel_width_mm is 40", |s| s.heel_width_mm = 40.0);
    check("arch_height_mm is -1", |s| s.arch_height_mm = -1.0);
    check("arch_apex_fraction is 0.6", |s| s.arch_apex_fraction = 0.6);
    check("forefoot_angle_deg is 4", |s| s.forefoot_angle = Angle::from_deg(40.0));
    check("leg_height_mm is 400", |s| s.leg_height_mm = 400.0);
    check("resolution_mm is 0", |s| s.resolution_mm = 0.0);
}

#[test]
fn proportions_are_those_of_adult_feet() {
    let truth = truth(|_| {});
    let of_length = |y: f64| (y - truth.heel_back.y) / truth.length_mm;
    // ANSUR II, ball of foot length / foot length: mean 0.739, standard deviation 0.013.
    check_near("first head", of_length(truth.first_metatarsal_head.y), 0.739, 3.0 * 0.013);
    // The fifth head lies about a tenth of the length further back.
    check_near("fifth head", of_length(truth.fifth_metatarsal_head.y), 0.64, 0.03);
    assert!(truth.toe_tip.z < 0.1 * truth.length_mm);
}

#[test]
fn the_apex_is_highest_on_the_arch_line_and_the_sole_rises_to_the_medial_border() {
    for arch_height_mm in [6.0, 16.0, 24.0] {
        let truth = truth(|settings| settings.arch_height_mm = arch_height_mm);
        let apex = truth.arch_apex;
        let height = |along: f64, across: f64| {
            let line = apex.xy().coords.normalize();
            let beside = apex.xy() + line * along + geometry::Vector2::new(across, 0.0);
            truth.plantar_height(beside).unwrap()
        };
        for along in [-20.0, -10.0, -4.0, 4.0, 10.0, 20.0] {
            assert!(height(along, 0.0) < arch_height_mm, "{along}");
        }
        let across: Vec<f64> = [8.0, 4.0, 0.0, -4.0, -8.0].map(|x| height(0.0, x)).into();
        assert!(across.windows(2).all(|pair| pair[1] > pair[0]), "{across:?}");
    }
}

#[test]
fn landmarks_lie_on_the_mesh_where_anatomy_has_them() {
    let PhantomFoot { mesh, truth } = generate(&PhantomSettings::default()).unwrap();
    for (name, place) in truth.landmarks() {
        let nearest =
            mesh.vertices.iter().map(|vertex| (vertex - place).norm()).fold(9.9, f64::min);
        assert!(nearest < 1.6, "{name} is {nearest} mm off the mesh of 2 mm");
    }
    let of_length = |value: f64| value / truth.length_mm;
    let from_back = |place: Point3| of_length(place.y - truth.heel_back.y);
    let [medial, lateral] = [truth.medial_malleolus.unwrap(), truth.lateral_malleolus.unwrap()];
    // ANSUR II: bimalleolar breadth 67.0 ± 3.5 mm and lateral malleolus height 62.7 ± 5.1 mm at a
    // length of 246.3 mm.
    check_near("bimalleolar breadth", of_length(lateral.x - medial.x), 0.272, 0.02);
    check_near("lateral malleolus", of_length(lateral.z), 0.2545, 2.0 * 0.0207);
    assert!(medial.z > lateral.z && medial.y > lateral.y, "higher and further forward");
    check_near("navicular", from_back(truth.navicular), 0.40, 0.02);
    check_near("base of the fifth metatarsal", from_back(truth.fifth_metatarsal_base), 0.42, 0.02);
    // Normalized truncated navicular height 0.22 ± 0.04 (Murley 2009).
    check_near("navicular", truth.navicular.z / truth.truncated_length_mm, 0.22, 0.04);
    let xs = truth.toe_tips.map(|tip| tip.x);
    assert!(xs.windows(2).all(|pair| pair[1] > pair[0] + 10.0), "{xs:?}");
}

#[test]
fn girths_and_the_arch_height_index_are_those_of_adults() {
    let truth = truth(|_| {});
    // ANSUR II: ball of foot circumference 228.1 ± 11.8 mm at a length of 246.3 mm.
    check_near("ball girth", truth.ball_girth_mm() / truth.length_mm, 0.926, 0.048);
    // Butler 2008: 0.340 ± 0.030 standing.
    check_near("arch height index", truth.arch_height_index(), 0.340, 0.030);
    let instep = truth.instep_girth_mm() / truth.length_mm;
    assert!((0.85..1.0).contains(&instep), "{instep}");
}

#[test]
fn an_unloaded_foot_is_higher_and_rounder() {
    let [standing, hanging] =
        [Load::Full, Load::Unloaded].map(|load| truth(|settings| settings.load = load));
    assert!(hanging.dorsum_height_mm() > standing.dorsum_height_mm() + 5.0);
    let beside_seat = |truth: &Truth| truth.plantar_height(Point2::new(14.0, 8.0)).unwrap();
    assert!(beside_seat(&standing) < 0.5 && beside_seat(&hanging) > 2.0);
    check_near("arch", hanging.arch_height_mm, standing.arch_height_mm, 2e-3);
}

#[test]
fn the_rearfoot_leans_as_ordered() {
    for degrees in [-6.0, 0.0, 6.0] {
        let leaning = |load: Load| {
            truth(|settings| {
                settings.rearfoot_angle = Angle::from_deg(degrees);
                settings.load = load;
            })
        };
        let (standing, hanging) = (leaning(Load::Full), leaning(Load::Unloaded));
        check_near("lean", standing.rearfoot_angle.deg(), degrees, 0.7);
        check_near("flat heel", standing.forefoot_to_rearfoot.deg(), 0.0, 1e-9);
        check_near("round heel", hanging.forefoot_to_rearfoot.deg(), -degrees, 0.7);
    }
}

#[test]
fn toes_are_as_ordered() {
    let tips = |pattern: ToePattern| truth(|s| s.toe_pattern = pattern).toe_tips.map(|tip| tip.y);
    let [first, second, ..] = tips(ToePattern::Egyptian);
    assert!(first > second + 3.0);
    let [first, second, ..] = tips(ToePattern::Greek);
    assert!(second > first + 3.0);
    let [first, second, third, ..] = tips(ToePattern::Square);
    assert!((first - second).abs() < 3.0 && (first - third).abs() < 6.0);
    let pads = |posture: ToePosture| truth(|s| s.toe_posture = posture).toe_tips.map(|tip| tip.z);
    let (resting, lifted) = (pads(ToePosture::Resting), pads(ToePosture::Lifted));
    assert!(resting.iter().zip(&lifted).all(|(rest, lift)| *lift > rest + 9.0), "{lifted:?}");
    let curled = truth(|s| s.toe_posture = ToePosture::Curled);
    assert!(curled.toe_tips[2].y < truth(|_| {}).toe_tips[2].y - 4.0);
}

#[test]
fn skin_detail_moves_the_mesh_and_not_the_truth() {
    let smooth = coarse(|_| {});
    let rough = coarse(|settings| settings.skin_detail_mm = 0.4);
    assert_eq!(rough.truth, smooth.truth);
    let pairs = rough.mesh.vertices.iter().zip(&smooth.mesh.vertices);
    let farthest = pairs.map(|(a, b)| (a - b).norm()).fold(0.0, f64::max);
    assert!((0.3..=0.4).contains(&farthest), "{farthest}");
}

/// Heights of the sole every other millimeter.
fn print_of(truth: &Truth) -> HeightField {
    let area = Rect { low: Point2::new(-60.0, -40.0), high: Point2::new(70.0, 240.0) };
    HeightField::from_fn(area, 2.0, |point| truth.plantar_height(point).unwrap_or(f64::NAN))
}

#[test]
fn the_arch_index_follows_the_arch() {
    let [flat, normal, high] =
        [4.0, 16.0, 28.0].map(|height| truth(|s| s.arch_height_mm = height).arch_index());
    assert!(flat > 0.26, "a flat foot has more than 0.26: {flat}");
    assert!((0.21..0.26).contains(&normal), "a normal foot has 0.21 to 0.26: {normal}");
    assert!(high < 0.21, "a high-arched foot has less than 0.21: {high}");
}

#[test]
fn five_toes_touch_the_ground_in_front_of_the_ball() {
    let print = print_of(&truth(|_| {}));
    let touches = |column: usize, row: usize| print.at(column, row) < 1.5;
    let mut seen = vec![false; print.heights.len()];
    let mut patches = Vec::new();
    for start in 0..seen.len() {
        let mut open = vec![(start % print.columns, start / print.columns)];
        let mut area = 0;
        while let Some((column, row)) = open.pop() {
            let index = row * print.columns + column;
            if seen[index] || !touches(column, row) {
                continue;
            }
            seen[index] = true;
            area += 1;
            // The field has a margin, so that neighbors exist.
            open.extend([
                (column - 1, row),
                (column + 1, row),
                (column, row - 1),
                (column, row + 1),
            ]);
        }
        if area > 0 {
            patches.push(area);
        }
    }
    assert_eq!(patches.len(), 6, "heel with ball, and five toes: {patches:?}");
    assert!(patches[0] * 4 > 6000, "{patches:?} times 4 mm²");
}

#[test]
fn forefoot_varus_raises_the_medial_border_and_valgus_the_lateral_one() {
    let under_heads = |degrees: f64| {
        let truth = truth(|s| s.forefoot_angle = Angle::from_deg(degrees));
        let under = |x: f64, y: f64| truth.plantar_height(Point2::new(x, y)).unwrap();
        [under(-26.0, 150.0), under(38.0, 135.0)]
    };
    let [level_first, level_fifth] = under_heads(0.0);
    // 65 mm between the point and the border that stays down rise by 65 tan 5° = 5.7 mm, less what the
    // rounded bend takes.
    let [first, fifth] = under_heads(-5.0);
    check_near("varus, first head", first - level_first, 5.7, 0.4);
    check_near("varus, fifth head", fifth - level_fifth, 0.0, 0.4);
    let [first, fifth] = under_heads(5.0);
    check_near("valgus, first head", first - level_first, 0.0, 0.4);
    check_near("valgus, fifth head", fifth - level_fifth, 5.7, 0.4);
}
