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
    let (shape, measured) = truth::scaled_to(&settings).unwrap();
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
    check_near("ground", low.z, 0.0, 0.02);
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
fn the_apex_of_a_usual_arch_is_a_hilltop() {
    for arch_height_mm in [8.0, 16.0, 24.0] {
        let truth = truth(|settings| settings.arch_height_mm = arch_height_mm);
        for direction in 0..24 {
            let (sin, cos) = (f64::from(direction) * 15.0).to_radians().sin_cos();
            let beside = truth.arch_apex.xy() + geometry::Vector2::new(cos, sin) * 4.0;
            let height = truth.plantar_height(beside).unwrap();
            assert!(height < truth.arch_height_mm, "{height} at {beside}");
        }
    }
}

/// Heights of the sole every other millimeter.
fn print_of(truth: &Truth) -> HeightField {
    let area = Rect { low: Point2::new(-60.0, -40.0), high: Point2::new(70.0, 240.0) };
    HeightField::from_fn(area, 2.0, |point| truth.plantar_height(point).unwrap_or(f64::NAN))
}

/// Arch index: share of the middle third in the area of contact without toes.
///
/// Cavanagh and Rodgers 1987, "The arch index: a useful measure from footprints".
fn arch_index(truth: &Truth) -> f64 {
    let print = print_of(truth);
    let toeless = 0.5 * (truth.first_metatarsal_head.y + truth.fifth_metatarsal_head.y) + 22.0;
    let contact: Vec<f64> = (0..print.rows)
        .flat_map(|row| (0..print.columns).map(move |column| (column, row)))
        .filter(|&(column, row)| print.at(column, row) < 1.0)
        .map(|(column, row)| print.node(column, row).y)
        .filter(|&y| y < toeless)
        .collect();
    let first = contact.iter().copied().fold(f64::INFINITY, f64::min);
    let last = contact.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let third = (last - first) / 3.0;
    let middle = contact.iter().filter(|&&y| y > first + third && y < last - third).count();
    middle as f64 / contact.len() as f64
}

#[test]
fn the_arch_index_follows_the_arch() {
    let [flat, normal, high] =
        [4.0, 16.0, 28.0].map(|height| arch_index(&truth(|s| s.arch_height_mm = height)));
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
    // 64 mm between the heads rise by 64 tan 5° = 5.6 mm, less what the rounded bend takes.
    let [first, fifth] = under_heads(-5.0);
    check_near("varus, first head", first - level_first, 5.6, 0.4);
    check_near("varus, fifth head", fifth - level_fifth, 0.0, 0.4);
    let [first, fifth] = under_heads(5.0);
    check_near("valgus, first head", first - level_first, 0.0, 0.4);
    check_near("valgus, fifth head", fifth - level_fifth, 5.6, 0.4);
}
