//! Phantom walkers with known truth, and real recordings where they are present.

use std::f64::consts::PI;
use std::path::PathBuf;
use std::sync::OnceLock;

use geometry::{HeightField, Point2, Rect, Vector2};
use order::{ProfileKind, ProfileStore};
use phantom::{PhantomFoot, PhantomSettings, generate};
use recording::{Pressure, PressureRequest, Sensor, View, read_pressure};
use vocabulary::{Findings, Side};

use super::*;

fn settings() -> Settings {
    let values = ProfileStore::shipped().read(ProfileKind::Pressure, "default").unwrap();
    Settings::read(|key| values.number(key))
}

/// A phantom; those with the usual arch are made once.
fn foot(side: Side, arch_height_mm: f64) -> PhantomFoot {
    static USUAL: [OnceLock<PhantomFoot>; 2] = [OnceLock::new(), OnceLock::new()];
    let make = || {
        let settings = PhantomSettings {
            side,
            arch_height_mm,
            resolution_mm: 4.0,
            ..PhantomSettings::default()
        };
        generate(&settings).unwrap()
    };
    if arch_height_mm == 18.0 { USUAL[side as usize].get_or_init(make).clone() } else { make() }
}

/// How a foot stands on the grid.
#[derive(Clone, Copy)]
struct Placed {
    turn_deg: f64,
    cell_mm: f64,
    /// Whether the grid is seen from below (columns run the other way).
    from_below: bool,
}

const PLAIN: Placed = Placed { turn_deg: 0.0, cell_mm: 5.0, from_below: false };
const COLUMNS: usize = 64;
const ROWS: usize = 64;

impl Placed {
    /// The point of the world under a cell's middle; the foot stands near the middle of the grid.
    fn world(&self, row: usize, column: usize) -> Point2 {
        let across = column as f64 - COLUMNS as f64 / 2.0 + 0.5;
        let x = self.cell_mm * if self.from_below { -across } else { across };
        let y = self.cell_mm * (ROWS as f64 / 2.0 - 0.5 - row as f64);
        let (sin, cos) = self.turn_deg.to_radians().sin_cos();
        Point2::new(cos * x + sin * y, cos * y - sin * x) + Vector2::new(0.0, 100.0)
    }
}

/// Soft tissue that is pressed flat, mm; the pressure of a cell grows with its compression.
const TISSUE_MM: f64 = 3.0;

/// Pressure under a loaded phantom, kPa.
fn pressed(foot: &PhantomFoot, at: Point2) -> f64 {
    foot.truth.plantar_height(at).map_or(0.0, |height| 100.0 * (TISSUE_MM - height).max(0.0))
}

/// Frames per second and frames of one step of the phantom walkers.
const RATE_HZ: f64 = 100.0;
const STANCE: usize = 70;

/// A walker: every step rolls a window of load from heel to toes; 20 unloaded frames before each.
fn walker(foot: &PhantomFoot, placed: Placed, steps: usize) -> Pressure {
    let cells: Vec<(Point2, f64)> = (0..ROWS * COLUMNS)
        .map(|cell| {
            let at = placed.world(cell / COLUMNS, cell % COLUMNS);
            (at, pressed(foot, at))
        })
        .collect();
    let mut kpa = Vec::new();
    let mut push = |load: &dyn Fn(Point2) -> f64| {
        kpa.extend(cells.iter().map(|(at, kpa)| (kpa * load(*at)) as f32));
    };
    let (back, front) = (foot.truth.heel_back.y, foot.truth.toe_tip.y);
    for _ in 0..steps {
        (0..20).for_each(|_| push(&|_| 0.0));
        for frame in 0..STANCE {
            let part = (frame as f64 + 0.5) / STANCE as f64;
            let middle = back - 30.0 + part * (front - back + 60.0);
            push(&|at| (-((at.y - middle) / 70.0).powi(2)).exp() * (PI * part).sin().powf(0.3));
        }
    }
    (0..20).for_each(|_| push(&|_| 0.0));
    Pressure {
        format: "phantom",
        side: Some(foot.truth.side),
        sensor: Sensor::Plate,
        view: if placed.from_below { View::Unknown } else { View::FromAbove },
        rate_hz: RATE_HZ,
        rows: ROWS,
        columns: COLUMNS,
        cell_mm: [placed.cell_mm; 2],
        inside: vec![true; ROWS * COLUMNS],
        kpa,
        saturation_kpa: None,
        calibration_mass_kg: None,
    }
}

#[track_caller]
fn analyzed(recording: &Pressure) -> (Analysis, Findings) {
    let mut findings = Findings::new();
    let analysis = analyze(recording, &Person::default(), &settings(), &mut findings).unwrap();
    (analysis, findings)
}

#[test]
fn a_phantom_walker_is_found_wherever_it_walks() {
    for side in Side::BOTH {
        let foot = foot(side, 18.0);
        let (reference, _) = analyzed(&walker(&foot, PLAIN, 1));
        for (turn_deg, from_below) in [
            (0.0, false),
            (12.0, false),
            (-20.0, false),
            (90.0, false),
            (180.0, false),
            (205.0, true),
            (0.0, true),
        ] {
            let (found, findings) =
                analyzed(&walker(&foot, Placed { turn_deg, from_below, ..PLAIN }, 1));
            let place = format!("{side}, turned {turn_deg}, from below {from_below}");
            assert_eq!(found.side, Some(side), "{place}");
            for code in ["side-contradicted", "heel-uncertain", "medial-uncertain"] {
                assert!(!findings.has(code), "{place}: {code}");
            }
            // The axis: from the heel seat through 45 % of the ball's width.
            let seat = found.frame.origin;
            let (row, column) = (-seat.y / 5.0, seat.x / 5.0);
            let world = Placed { turn_deg, from_below, ..PLAIN };
            let (low, high) = (
                world.world(row as usize, column as usize),
                world.world(row.ceil() as usize, column.ceil() as usize),
            );
            let seat_world = low + (high - low) * 0.5;
            assert!(seat_world.coords.norm() < 8.0, "{place}: heel middle at {seat_world:?}");
            for (own, other) in found.regions.iter().zip(&reference.regions) {
                let (a, b) = (own.peak_kpa.mean, other.peak_kpa.mean);
                assert!(
                    (a - b).abs() < 0.12 * b + 8.0,
                    "{place}: {:?} {a:.0} against {b:.0} kPa",
                    own.region
                );
            }
            let (a, b) = (found.arch.unwrap().index, reference.arch.unwrap().index);
            assert!((a - b).abs() < 0.02, "{place}: arch index {a:.3} against {b:.3}");
        }
    }
}

#[test]
fn steps_integrals_and_areas_are_those_of_the_walker() {
    let foot = foot(Side::Right, 18.0);
    let recording = walker(&foot, PLAIN, 3);
    let (found, _) = analyzed(&recording);
    assert_eq!((found.steps.len(), found.used_steps().count()), (3, 3));
    for (index, step) in found.steps.iter().enumerate() {
        // Forces under the contact force at both ends take a few frames.
        let begin = (20 + index * (20 + STANCE)) as f64 / RATE_HZ;
        assert!((step.start_s - begin).abs() < 0.04, "step {index}: {step:?}");
        assert!((step.end_s - step.start_s - STANCE as f64 / RATE_HZ).abs() < 0.08);
    }
    let total = found.regions.last().unwrap();
    let frame_force = |frame: usize| -> f64 {
        recording.frame(frame).iter().map(|kpa| f64::from(*kpa) * 0.025).sum()
    };
    let step = &found.steps[1];
    let impulse: f64 = step.frames().map(frame_force).sum::<f64>() / RATE_HZ;
    let found_impulse = total.force_time_integral_n_s.unwrap();
    assert!(
        (found_impulse.mean - impulse).abs() < 1e-6 * impulse,
        "equal steps have equal impulses"
    );
    assert!(found_impulse.sd.unwrap() < 1e-6 * impulse);
    let by_region: f64 =
        found.regions[..8].iter().map(|value| value.force_time_integral_n_s.unwrap().mean).sum();
    assert!(
        (by_region - impulse).abs() < 0.01 * impulse,
        "regions {by_region:.1}, whole foot {impulse:.1} N s"
    );
    let touching = (0..recording.cells())
        .filter(|&cell| step.frames().any(|frame| f64::from(recording.frame(frame)[cell]) >= 10.0))
        .count();
    assert!((total.contact_area_cm2.mean - touching as f64 * 0.25).abs() < 1e-9);
}

#[test]
fn the_center_of_pressure_runs_from_heel_to_toes_and_is_silent_without_force() {
    let recording = walker(&foot(Side::Left, 18.0), PLAIN, 2);
    let (found, _) = analyzed(&recording);
    let mut strict = settings();
    strict.path_force_n = 0.5 * found.steps[0].peak_force_n;
    let part = analyze(&recording, &Person::default(), &strict, &mut Findings::new()).unwrap();
    let ends = [part.path.first().unwrap().stance_pct, part.path.last().unwrap().stance_pct];
    assert!(ends[0] > 4.0 && ends[1] < 96.0, "no center under half of the peak force: {ends:?}");
    let path = &found.path;
    assert!(path.windows(2).all(|pair| pair[1].y_mm > pair[0].y_mm - 0.5), "it runs forward");
    assert!(
        path.first().unwrap().y_mm < 15.0 && path.last().unwrap().y_mm > 0.6 * found.frame.length()
    );
    assert!(found.cpei.unwrap().pct.mean.abs() < 40.0);
}

#[test]
fn excursion_is_measured_at_the_anterior_third() {
    // A path that bulges 12 mm lateral of the straight line at its level of 2/3.
    let bulge = |y: f64| 12.0 * (-((y - 140.0) / 40.0).powi(2)).exp();
    let (first, last) = (bulge(0.0), bulge(240.0));
    let path: Vec<Option<Point2>> =
        (0..=48).map(|i| f64::from(i) * 5.0).map(|y| Some(Point2::new(bulge(y), y))).collect();
    let (found, _) = analyzed(&walker(&foot(Side::Right, 18.0), PLAIN, 1));
    let mean = path::mean_path(std::slice::from_ref(&path));
    let cpei = path::cpei(&[path], &mean, &found.print, &found.frame).unwrap();
    let level = found.frame.level(2.0 / 3.0);
    let straight = first + level / 240.0 * (last - first);
    let half = 2.5 / found.frame.length();
    let [medial, lateral] =
        masks::borders(&found.print, &found.frame, 2.0 / 3.0 - half, 2.0 / 3.0 + half).unwrap();
    let expected = 100.0 * (bulge(level) - straight) / (lateral - medial);
    assert!((cpei.pct.mean - expected).abs() < 0.5, "{} against {expected}", cpei.pct.mean);
}

#[test]
fn higher_arches_have_lower_arch_indices() {
    let index =
        |arch: f64| analyzed(&walker(&foot(Side::Right, arch), PLAIN, 1)).0.arch.unwrap().index;
    let [flat, usual, high] = [4.0, 14.0, 26.0].map(index);
    assert!(
        flat > usual + 0.02 && usual > high,
        "flat {flat:.3}, usual {usual:.3}, high {high:.3}"
    );
    assert!(flat > 0.26, "a vault of 4 mm is flat: {flat:.3}");
}

#[test]
fn contacts_are_kept_or_rejected_with_their_reason() {
    let settings = settings();
    let step = |frames: usize, peak: f64| -> Vec<f64> {
        (0..frames).map(|i| peak * (PI * (i as f64 + 0.5) / frames as f64).sin()).collect()
    };
    let swing = || vec![2.0; 30];
    let cut = |force: Vec<f64>, from: usize, to: usize| force[from..to].to_vec();
    for (force, reasons) in [
        ([swing(), step(70, 800.0), swing()].concat(), vec!["complete"]),
        (
            [cut(step(70, 800.0), 30, 70), swing(), step(70, 800.0), swing()].concat(),
            vec!["began before", "complete"],
        ),
        (
            [step(70, 800.0), swing(), cut(step(70, 800.0), 0, 40)].concat(),
            vec!["complete", "not finished"],
        ),
        (
            [swing(), step(12, 800.0), swing(), step(70, 800.0), swing()].concat(),
            vec!["at least", "complete"],
        ),
        (
            [swing(), step(400, 800.0), swing(), step(70, 800.0), swing()].concat(),
            vec!["standing", "complete"],
        ),
        (
            [swing(), step(70, 800.0), swing(), step(70, 300.0), swing(), step(70, 820.0), swing()]
                .concat(),
            vec!["complete", "of the median", "complete"],
        ),
        (swing(), vec![]),
    ] {
        let found = steps::find_steps(&force, 100.0, &settings);
        let said: Vec<&str> = found.iter().map(|step| step.reason.as_str()).collect();
        assert_eq!(said.len(), reasons.len(), "{said:?}");
        for (said, reason) in found.iter().zip(&reasons) {
            assert!(said.reason.contains(reason), "{} instead of {reason}", said.reason);
            assert_eq!(said.used, *reason == "complete");
        }
    }
}

#[test]
fn a_noisy_threshold_makes_one_step_not_many() {
    let mut force = vec![3.0; 40];
    // Around the contact force of 40 N (5 % of 800) the noise crosses it again and again.
    force.extend((0..20).map(|i| 33.0 + if i % 2 == 0 { 9.0 } else { -6.0 }));
    force.extend((0..60).map(|_| 800.0));
    force.extend((0..20).map(|i| 33.0 + if i % 2 == 0 { 9.0 } else { -6.0 }));
    force.extend(vec![3.0; 40]);
    let found = steps::find_steps(&force, 100.0, &settings());
    assert_eq!(found.len(), 1, "{found:?}");
}

#[test]
fn faulty_sensors_are_counted_and_left_out() {
    let foot = foot(Side::Right, 18.0);
    let clean = walker(&foot, PLAIN, 3);
    let (reference, _) = analyzed(&clean);
    let heel = reference.regions[0].peak_cell.unwrap();
    let mut faulty = clean.clone();
    faulty.saturation_kpa = Some(reference.quality.highest_kpa);
    for frame in faulty.kpa.chunks_exact_mut(ROWS * COLUMNS) {
        frame[heel] = 0.0;
        frame[3 * COLUMNS + 5] = 25.0;
        (0..30).for_each(|row| frame[row * COLUMNS + 2] = 180.0);
    }
    let (found, findings) = analyzed(&faulty);
    let quality = &found.quality;
    assert_eq!((quality.dead_cells, quality.line_cells, quality.stuck_cells), (1, 30, 31));
    assert!(quality.saturated_cells >= 1);
    for code in ["dead-cells", "broken-lines", "stuck-cells", "saturated", "mass-unknown"] {
        assert!(findings.has(code), "{code}");
    }
    assert_eq!(found.used_steps().count(), 3, "the line's 135 N do not hide the swing");
    assert!(
        (found.frame.length() - reference.frame.length()).abs() < 1e-6,
        "a stray line is no foot"
    );
}

#[test]
fn load_is_compared_with_the_body_weight() {
    let recording = walker(&foot(Side::Right, 18.0), PLAIN, 2);
    let (found, _) = analyzed(&recording);
    let peak = found.steps[0].peak_force_n;
    for (mass_kg, flagged) in
        [(peak / 9.80665 / 1.1, false), (peak / 9.80665 / 2.0, true), (peak / 9.80665 / 0.5, true)]
    {
        let mut findings = Findings::new();
        let person = Person { mass_kg: Some(mass_kg), neuropathic: false };
        let found = analyze(&recording, &person, &settings(), &mut findings).unwrap();
        assert_eq!(
            findings.has("load-far-from-body-weight"),
            flagged,
            "{:?}",
            found.quality.load_bw
        );
    }
}

#[test]
fn a_wrong_side_is_contradicted() {
    let mut recording = walker(&foot(Side::Right, 18.0), PLAIN, 1);
    recording.side = Some(Side::Left);
    let (found, findings) = analyzed(&recording);
    assert!(findings.has("side-contradicted"));
    assert_eq!(found.side, Some(Side::Left), "what is said stays on record");
    recording.side = None;
    let (found, findings) = analyzed(&recording);
    assert!(findings.has("side-from-print") && found.side == Some(Side::Right));
    recording.view = View::Unknown;
    let (found, findings) = analyzed(&recording);
    assert!(findings.has("side-unknown") && found.side.is_none());
}

#[test]
fn excess_is_named_in_words_and_depends_on_the_person() {
    let mut recording = walker(&foot(Side::Right, 18.0), PLAIN, 1);
    let (plain, _) = analyzed(&recording);
    assert!(plain.regions.iter().any(|value| value.peak_kpa.mean > 200.0));
    let mut findings = Findings::new();
    let person = Person { mass_kg: None, neuropathic: true };
    let neuropathic = analyze(&recording, &person, &settings(), &mut findings).unwrap();
    assert!(
        neuropathic.excessive.iter().any(|excess| excess.kind == ExcessKind::AboveNeuropathicLimit)
    );
    let hallux =
        (0..recording.cells()).filter(|&cell| plain.masks.regions[cell] == Some(Region::Hallux));
    let cells: Vec<usize> = hallux.collect();
    for frame in recording.kpa.chunks_exact_mut(ROWS * COLUMNS) {
        cells.iter().for_each(|&cell| frame[cell] *= 4.0);
    }
    let (found, findings) = analyzed(&recording);
    let excess = found.excessive.iter().find(|excess| excess.region == Region::Hallux).unwrap();
    assert!(excess.words.contains("hallux") && excess.words.contains("kPa"), "{}", excess.words);
    assert!(excess.at_mm[0] < 0.0 && excess.at_mm[1] > 120.0, "{:?}", excess.at_mm);
    assert!(findings.has("pressure-above-norm"));
}

#[test]
fn what_is_no_foot_is_refused() {
    let mut recording = walker(&foot(Side::Right, 18.0), PLAIN, 1);
    let refused = |recording: &Pressure| {
        analyze(recording, &Person::default(), &settings(), &mut Findings::new()).unwrap_err()
    };
    let mut small = recording.clone();
    small.cell_mm = [1.5, 1.5];
    assert!(matches!(refused(&small), AnalysisError::NotAFoot { .. }));
    recording.kpa.iter_mut().for_each(|kpa| *kpa = 0.0);
    assert!(matches!(refused(&recording), AnalysisError::NoFoot { .. }));
}

/// Whatever a file holds, it is analyzed or refused: noise, single lines, specks, huge and tiny cells.
#[test]
fn odd_recordings_are_analyzed_or_refused() {
    let mut state = 7_u64;
    let mut random = move |below: u64| {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let plain = walker(&foot(Side::Right, 18.0), PLAIN, 1);
    let mut analyzed = 0;
    for _ in 0..300 {
        let (rows, columns) = (4 + random(60) as usize, 4 + random(40) as usize);
        let frames = [1, 1, 2, 5, 40][random(5) as usize];
        let mut recording = plain.clone();
        (recording.rows, recording.columns) = (rows, columns);
        recording.cell_mm = [0.5 + random(80) as f64 / 4.0, 0.5 + random(80) as f64 / 4.0];
        recording.inside = (0..rows * columns).map(|_| random(9) > 0).collect();
        let (share, most) = (1 + random(9), 1 + random(3000));
        recording.kpa = (0..rows * columns * frames)
            .map(|_| if random(10) < share { random(most) as f32 } else { 0.0 })
            .collect();
        let mut findings = Findings::new();
        let Ok(found) = analyze(&recording, &Person::default(), &settings(), &mut findings) else {
            continue;
        };
        analyzed += 1;
        let finite = |value: &RegionValues| {
            value.peak_kpa.mean.is_finite() && value.contact_area_cm2.mean.is_finite()
        };
        assert!(found.regions.iter().all(finite) && found.frame.length().is_finite());
        assert!(found.pressure_field(4.0).heights.len() < 1_000_000);
    }
    assert!(analyzed > 10, "some noise is as large as a foot: {analyzed}");
}

#[test]
fn the_summary_has_its_keys_in_order() {
    let (found, findings) = analyzed(&walker(&foot(Side::Left, 18.0), PLAIN, 2));
    let summary = Summary::new("walk.csv", &found, &findings);
    let text = serde_json::to_string(&summary).unwrap();
    let places: Vec<usize> =
        ["medial_heel", "lateral_heel", "midfoot", "metatarsal_1", "hallux", "toes", "\"total\""]
            .map(|key| text.find(key).unwrap_or_else(|| panic!("{key} is missing")))
            .to_vec();
    assert!(places.is_sorted(), "{places:?}");
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(json["side"], "left");
    assert_eq!(json["steps"].as_array().unwrap().len(), 2);
    assert!(json["regions"]["hallux"]["peak_kpa"].as_f64().unwrap() > 0.0);
    assert!(json["quality"]["highest_force_n"].as_f64().unwrap() > 0.0);
}

/// The sole of a phantom as a scan gives it, in the foot frame: a left foot mirrored.
fn sole(foot: &PhantomFoot) -> HeightField {
    let area = Rect { low: Point2::new(-70.0, -60.0), high: Point2::new(70.0, 240.0) };
    let field =
        HeightField::from_fn(area, 1.0, |at| foot.truth.plantar_height(at).unwrap_or(f64::NAN));
    if foot.truth.side == Side::Left { field.mirrored_x() } else { field }
}

#[test]
fn a_print_finds_its_place_on_the_scan() {
    for (side, turn_deg, arch) in
        [(Side::Right, 7.0, 18.0), (Side::Left, -11.0, 18.0), (Side::Right, 180.0, 8.0)]
    {
        let foot = foot(side, arch);
        let placed = Placed { turn_deg, ..PLAIN };
        let (found, _) = analyzed(&walker(&foot, placed, 2));
        let mut findings = Findings::new();
        let registration = register(&found, &sole(&foot), &mut findings).unwrap();
        let worst = print_error(&found, &registration, &foot, placed);
        assert!(worst < 2.0, "{side}, {turn_deg}: cells lie up to {worst:.2} mm off");
        assert!(
            registration.confidence > 0.7,
            "{registration:?}",
            registration = registration.confidence
        );
        assert!(registration.residual_mm < 4.0, "{}", registration.residual_mm);
        assert!((registration.scale - 1.0).abs() < 0.03, "{}", registration.scale);
        assert!(findings.has("registration") && !findings.has("registration-scale"));
    }
}

/// Greatest distance between where the registration puts a place of the grid and where it is, mm.
fn print_error(
    found: &Analysis,
    registration: &Registration,
    foot: &PhantomFoot,
    placed: Placed,
) -> f64 {
    let (sin, cos) = registration.turn.rad().sin_cos();
    [(20, 32), (44, 30), (32, 36)]
        .into_iter()
        .map(|(row, column)| {
            let cell = row * COLUMNS + column;
            let at = found.frame.foot_from_grid(found.print.place(cell));
            let laid =
                Point2::new(cos * at.x - sin * at.y, sin * at.x + cos * at.y) + registration.shift;
            let world = placed.world(row, column);
            let truth = match foot.truth.side {
                Side::Right => world,
                Side::Left => Point2::new(-world.x, world.y),
            };
            (laid - truth).norm()
        })
        .fold(0.0, f64::max)
}

#[test]
fn a_wrong_cell_size_shows_on_the_scan() {
    let foot = foot(Side::Right, 18.0);
    let mut recording = walker(&foot, PLAIN, 1);
    recording.cell_mm = [4.5, 4.5];
    let (found, _) = analyzed(&recording);
    let mut findings = Findings::new();
    let registration = register(&found, &sole(&foot), &mut findings).unwrap();
    assert!((registration.scale - 5.0 / 4.5).abs() < 0.04, "{}", registration.scale);
    assert!(findings.has("registration-scale"));
    let nothing = HeightField::from_fn(sole(&foot).area(), 5.0, |_| f64::NAN);
    assert!(matches!(
        register(&found, &nothing, &mut findings),
        Err(RegistrationError::NoSole { .. })
    ));
}

fn real(file: &str) -> Option<(Analysis, Findings)> {
    let path =
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/pressure").join(file);
    let Ok(bytes) = std::fs::read(&path) else {
        println!("skipped: {} is not there", path.display());
        return None;
    };
    let mut findings = Findings::new();
    let request =
        PressureRequest { file_name: Some(file.to_owned()), ..PressureRequest::default() };
    let recording = read_pressure(&bytes, &request, &mut findings).unwrap().remove(0);
    let analysis = analyze(&recording, &Person::default(), &settings(), &mut findings).unwrap();
    Some((analysis, findings))
}

/// Peaks, forces and steps are those that an independent script finds (`look.py` in the commit's message).
#[test]
fn real_insoles_have_their_steps_peaks_and_faults() {
    for (file, side, contacts, peak, force) in [
        ("fscan/walk_L.asf", Side::Left, 6, 760.0, 924.36),
        ("fscan/walk_R.asf", Side::Right, 6, 447.0, 783.53),
    ] {
        let Some((found, findings)) = real(file) else { continue };
        assert_eq!(
            (found.side, found.steps.len(), found.used_steps().count()),
            (Some(side), contacts, 5),
            "{file}"
        );
        assert!((found.quality.highest_kpa - peak).abs() < 0.5);
        assert!((found.quality.highest_force_n - force).abs() < 0.1);
        assert!(!findings.has("side-contradicted") && !findings.has("load-far-from-body-weight"));
        assert!(
            (225.0..255.0).contains(&found.frame.length()),
            "{file}: {:.0} mm",
            found.frame.length()
        );
        assert_eq!(
            findings.has("broken-lines"),
            side == Side::Right,
            "the right insole has broken traces"
        );
    }
}

#[test]
fn the_mean_print_of_104_walkers_is_read_as_a_foot() {
    for (file, side) in [("mun104/MUN104L.csv", Side::Left), ("mun104/MUN104R.csv", Side::Right)] {
        let Some((found, findings)) = real(file) else { continue };
        assert_eq!(found.side, Some(side));
        assert!(
            found.masks.seen == [true, true],
            "toe line and hallux gap are plain in this print"
        );
        assert!(
            found.excessive.is_empty(),
            "the mean of healthy walkers is not excessive: {:?}",
            found.excessive
        );
        assert!(found.frame.heel.score > 0.5 && found.frame.medial.score > 0.5);
        assert!(!findings.has("heel-uncertain"));
        // The hallux presses more than the lesser toes, the middle heads more than the others.
        let peak = |region: Region| found.regions[region as usize].peak_kpa.mean;
        assert!(peak(Region::Hallux) > 2.0 * peak(Region::Toes));
        assert!(
            peak(Region::Metatarsal23) > peak(Region::Metatarsal1).max(peak(Region::Metatarsal45))
        );
    }
}

#[test]
fn real_prints_lie_on_a_foot_of_their_size() {
    let foot = generate(&PhantomSettings {
        length_mm: 262.0,
        resolution_mm: 4.0,
        ..PhantomSettings::default()
    })
    .unwrap();
    for file in ["mun104/MUN104R.csv", "fscan/walk_R.asf", "fscan/walk_L.asf"] {
        let Some((found, _)) = real(file) else { continue };
        let registration = register(&found, &sole(&foot), &mut Findings::new()).unwrap();
        assert!(registration.correlation > 0.7, "{file}: {}", registration.correlation);
        assert!(registration.beside_share < 0.1, "{file}: {}", registration.beside_share);
        assert!(registration.turn.deg().abs() < 8.0, "{file}: {}", registration.turn.deg());
    }
}
