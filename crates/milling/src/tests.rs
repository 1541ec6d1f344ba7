use geometry::{Point2, Slab};
use proptest::prelude::*;
use vocabulary::Findings;

use crate::drop_cutter::DropCutter;
use crate::region::Region;
use crate::sample_parts::{bowl, button, dome, ellipse, order, plate, shell, star_stl};
use crate::{MillError, MillJob, MillOrder, Verification, plan, verify};

fn made(part: &Slab, order: &MillOrder) -> MillJob {
    plan(part, order, &mut Findings::new()).unwrap()
}

/// Plans a part and demands much less deviation than the limits. Where `MILL_OUT` names a folder, the
/// program and a mesh of the part in the program's coordinates are kept there for referees.
fn passes(name: &str, part: &Slab, order: &MillOrder, most_left: f64) -> MillJob {
    let job = made(part, order);
    let found = &job.verification;
    assert!(found.worst_gouge_mm < 0.008, "{name}: {found:?}");
    assert!(found.worst_left_mm < most_left, "{name}: {found:?}");
    if let Ok(folder) = std::env::var("MILL_OUT") {
        std::fs::write(format!("{folder}/{name}.nc"), &job.program).unwrap();
        let placed = star_stl(part, job.placement.offset());
        std::fs::write(format!("{folder}/{name}.stl"), placed).unwrap();
        println!("{name}: {:.0} s, {:?}", job.estimated_time_s, found.deepest_bite);
    }
    job
}

/// R − √(R² − (s/2)²) for the ordered ball and step-over, mm: 10.4 µm.
fn level_scallop(order: &MillOrder) -> f64 {
    let (radius, half) = (order.tool.radius_mm(), order.cutting.finishing_step_over_mm / 2.0);
    radius - (radius * radius - half * half).sqrt()
}

#[test]
fn a_plate_is_left_with_the_scallop_of_theory() {
    let job = passes("plate", &plate(), &order(), 1.02 * level_scallop(&order()));
    assert!(job.verification.interior.p99_left_mm > 0.95 * level_scallop(&order()));
    // Roughing takes no more than its step at once.
    assert!(job.verification.deepest_bite.depth_mm < 3.01, "{:?}", job.verification.deepest_bite);
}

#[test]
fn a_dome_is_cut_to_its_rim() {
    passes("dome", &dome(), &order(), 0.03);
}

#[test]
fn a_bowl_is_cut_to_its_rim() {
    passes("bowl", &bowl(), &order(), 0.03);
}

#[test]
fn a_shell_is_cut_to_its_rim() {
    passes("shell", &shell(), &order(), 0.06);
}

#[test]
fn a_hole_is_left_open_down_to_the_skirt() {
    let mut part = plate();
    let mut hole = ellipse([0.0, 8.0], [9.0, 7.0], 24).mirrored_x();
    // The mirror image keeps its turn; holes run the other way.
    hole = geometry::ClosedCurve::through(
        &(0..hole.spans()).rev().map(|i| hole.point(i as f64)).collect::<Vec<Point2>>(),
    );
    part.holes.push(hole);
    passes("hole", &part, &order(), 0.02);
}

#[test]
fn links_across_a_hollow_of_the_trim_do_not_touch_its_rim() {
    let mut part = button();
    let dented = |index: u32| {
        let angle = std::f64::consts::TAU * f64::from(index) / 48.0;
        let dent = 1.0 - 0.3 * (-((angle - 1.4) / 0.25).powi(2)).exp();
        Point2::new(10.0 * dent * angle.cos(), 12.0 * dent * angle.sin())
    };
    part.outline = geometry::ClosedCurve::through(&(0..48).map(dented).collect::<Vec<_>>());
    passes("hollow", &part, &order(), 0.03);
}

#[test]
fn steep_walls_get_passes_in_between_where_the_tool_is_small() {
    let mut small = order();
    small.tool.diameter_mm = 2.0;
    small.cutting.roughing_step_over_mm = 0.9;
    small.cutting.roughing_step_down_mm = 2.0;
    passes("steep", &button(), &small, 0.09);
}

#[test]
fn the_same_program_from_one_and_two_threads() {
    let on = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| made(&button(), &order()))
    };
    assert_eq!(on(1), on(2));
}

#[test]
fn programs_keep_the_conventions_of_their_dialect() {
    let mut named = order();
    named.label = "left (ü) 50% (\n)".to_owned();
    let program = made(&button(), &named).program;
    let lines: Vec<&str> = program.lines().collect();
    assert_eq!(lines[0], "(Solewright left  50)");
    for line in &lines {
        assert!(line.is_ascii() && line.len() <= 70, "{line}");
        assert!(!line.contains("-0.000"), "{line}");
        let outside = line.split('(').next().unwrap_or_default();
        let known = |c: char| "GXYZFMSPT0123456789.- ".contains(c);
        assert!(outside.chars().all(known), "{line}");
    }
    let place = |word: &str| lines.iter().position(|line| line.starts_with(word)).unwrap();
    assert!(place("G17 G21") < place("G0 Z") && place("G0 Z") < place("M3"));
    assert!(place("M3") < place("G4") && place("G4") < place("G1Z"));
    assert_eq!(lines[lines.len() - 3..], ["G0 Z8.000", "M5", "M30"]);
    assert_eq!(program.matches("M30").count(), 1);
}

#[test]
fn the_drop_cutter_agrees_with_dense_sampling() {
    let part = shell();
    let region = Region::new(&part);
    let radius = 3.0;
    let cutter = DropCutter::new(&part, &region, radius);
    let rim = part.outline.polyline(1e-4, 0.005);
    for index in 0..60_u32 {
        // Places all over the shell, many of them at its rim.
        let (angle, share) = (2.4 * f64::from(index), 1.06 * (f64::from(index) / 60.0).sqrt());
        let axis = Point2::new(43.0 * share * angle.cos(), 92.0 * share * angle.sin());
        let Some(rest) = cutter.rest(axis, 0.9 * radius) else { continue };
        let mut sampled = f64::NEG_INFINITY;
        let mut touch = |q: Point2| {
            let under = radius * radius - (q - axis).norm_squared();
            if under >= 0.0 {
                sampled = sampled.max(part.top.height(q) + under.sqrt());
            }
        };
        let steps = 150;
        for i in -steps..=steps {
            for j in -steps..=steps {
                let q = axis + geometry::Vector2::new(f64::from(i), f64::from(j)) * 0.02;
                if region.contains(q) {
                    touch(q);
                }
            }
        }
        rim.iter().copied().for_each(&mut touch);
        // Sampling finds at most the true height, and misses it by less than a micrometer.
        let missed = rest.center_z - sampled;
        assert!((-1e-4..1.5e-3).contains(&missed), "{axis} {rest:?}: {missed}");
    }
}

#[test]
fn impossible_orders_are_refused_with_their_numbers() {
    type Change = fn(&mut MillOrder);
    let cases: [(Change, &str); 10] = [
        (|o| o.tool.diameter_mm = f64::NAN, "tool.diameter_mm is NaN"),
        (|o| o.cutting.feed_mm_per_min = 9000.0, "expected 1 to 5000"),
        (|o| o.cutting.plunge_mm_per_min = 3000.0, "expected 1 to 2400"),
        (|o| o.cutting.spindle_rpm = 30_000.0, "expected 6000 to 24000"),
        (|o| o.cutting.roughing_step_down_mm = 50.0, "expected 0.1 to 45"),
        (|o| o.blank.size_mm = Some([20.0, 100.0, 30.0]), "needs 40.0 mm along x"),
        (|o| o.blank.size_mm = Some([f64::NAN, 100.0, 30.0]), "needs 40.0 mm along x"),
        (|o| o.machine.travel_mm[1] = 25.0, "along y, the machine travels 25.0 mm"),
        (|o| o.tool.stickout_mm = 3.0, "sticks out 3.0 mm"),
        (|o| o.cutting.finishing_step_over_mm = 3.0, "refused by its own check"),
    ];
    for (change, expected) in cases {
        let mut order = order();
        change(&mut order);
        let error = plan(&button(), &order, &mut Findings::new()).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
}

#[test]
fn parts_that_are_none_are_refused() {
    let mut endless = button();
    endless.top = endless.top.raised(f64::INFINITY);
    let mut inside_out = button();
    inside_out.bottom = inside_out.top.raised(50.0);
    let mut tiny = button();
    tiny.outline = ellipse([0.0, 0.0], [0.2, 0.2], 12);
    let mut meters = button();
    meters.outline = ellipse([0.0, 0.0], [1e5, 1e5], 12);
    for part in [endless, inside_out, tiny, meters] {
        let error = plan(&part, &order(), &mut Findings::new()).unwrap_err();
        assert!(matches!(error, MillError::Part { .. }), "{error}");
    }
}

/// A name, how a sound program is spoiled, and what the check must say about it.
type KnownBad = (&'static str, fn(&str) -> String, &'static str);

const KNOWN_BAD: &[KnownBad] = &[
    ("feeds left out", without_feeds, "no feed"),
    ("retracts left out", |p| p.replace("G0Z8.000\n", "G0\n"), "rapid move through stock"),
    ("in inches", |p| p.replace("G21", "G20"), "inches"),
    ("end in the middle", |p| p.replace("(Finishing)", "M30"), "after the end"),
    ("no end", |p| p.replace("M30\n", ""), "no M2 or M30"),
    ("finishing left out", without_finishing, "are left on the surface"),
    ("zero 0.1 mm too low", |p| shifted(p, 2, -0.1), "is gouged by 0.1"),
    ("zero 0.2 mm too high", |p| shifted(p, 2, 0.2), "are left on the surface"),
    ("moved along x", |p| shifted(p, 0, 0.5), "is gouged by"),
    ("spindle never on", |p| p.replace("M3 S12000\n", ""), "spindle off"),
    ("spindle never off", |p| p.replace("M5\n", ""), "end with the spindle off"),
    ("no time for the spindle", |p| p.replace("G4 P3\n", ""), "before it cuts"),
    ("spindle too fast", |p| p.replace("S12000", "S40000"), "spindle at 40000 rpm"),
    ("feed too fast", |p| p.replace("F2400", "F24000"), "feed 24000 mm/min"),
    ("another tool", |p| p.replace("T1\n", "T2\n"), "cuts with tool 2"),
    ("a word GRBL has not", |p| p.replace("T1\n", "T1 M6\n"), "M6 is not accepted"),
    ("over travel", |p| p.replace("M5\n", "G0 X900\nM5\n"), "along x, the machine travels 600"),
    ("plunge into the block", |p| p.replace("M5\n", "G1X0Y0F2400\nZ-5\nZ9F900\nM5\n"), "a plunge"),
    ("arc with a wrong center", |p| p.replace("M5\n", "G2 X0 Y0 I3 J3\nM5\n"), "from its center"),
    ("through the block", |p| p.replace("M5\n", "G1 Z-60 F500\nM5\n"), "mm deep, the blank is"),
    ("side first", |p| p.replace("G0 Z8.000\nM3", "G0 X10 Z8.000\nM3"), "not straight up"),
    ("not a program", |_| "solid part\nfacet".to_owned(), "faults"),
    ("nothing", |_| String::new(), "no M2 or M30"),
];

fn without_feeds(program: &str) -> String {
    let feedless = |line: &str| line.split('F').next().unwrap_or_default().to_owned();
    let keep = |line: &str| if line.starts_with('(') { line.to_owned() } else { feedless(line) };
    program.lines().map(|line| keep(line) + "\n").collect()
}

fn without_finishing(program: &str) -> String {
    let (roughing, _) = program.split_once("(Finishing)").unwrap();
    format!("{roughing}G0 Z8.000\nM5\nM30\n")
}

/// Shifts all positions of the finishing moves along an axis.
fn shifted(program: &str, axis: usize, offset: f64) -> String {
    let letter = ['X', 'Y', 'Z'][axis];
    let (roughing, finishing) = program.split_once("(Finishing)").unwrap();
    let shift_line = |line: &str| match line.split_once(letter) {
        Some((before, rest)) if !line.starts_with("G0") || axis < 2 => {
            let end = rest.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(rest.len());
            let value: f64 = rest[..end].parse().unwrap();
            format!("{before}{letter}{:.3}{}\n", value + offset, &rest[end..])
        }
        _ => format!("{line}\n"),
    };
    format!("{roughing}{}", finishing.lines().map(shift_line).collect::<String>())
}

fn checked(program: &str) -> Verification {
    let (part, order) = (button(), order());
    let placement = crate::Placement::new(&part, &order.blank).unwrap();
    verify(program, &part, &order, &placement)
}

#[test]
fn every_known_bad_program_is_caught() {
    let sound = made(&button(), &order()).program;
    assert_eq!(checked(&sound).reasons, Vec::<String>::new());
    for (name, spoil, expected) in KNOWN_BAD {
        let spoiled = spoil(&sound);
        assert_ne!(spoiled, sound, "{name}");
        let found = checked(&spoiled);
        let said = found.reasons.join("; ");
        assert!(!found.accepted && said.contains(expected), "{name}: {said}");
    }
}

#[test]
fn a_path_without_compensation_is_caught() {
    // The tip itself follows the surface: right on level ground, a gouge on every slope.
    let (part, order) = (button(), order());
    let placement = crate::Placement::new(&part, &order.blank).unwrap();
    let [dx, dy, dz] = placement.blank_from_part;
    let mut program = made(&part, &order).program.split_once("(Finishing)").unwrap().0.to_owned();
    for pass in 0..=50 {
        let x = -12.0 + 0.48 * f64::from(pass);
        program += &format!("G0Z8\nX{:.3}Y{:.3}\n", x + dx, dy - 14.0);
        for step in -28..=28 {
            let y = 0.5 * f64::from(step);
            let z = part.top.height(Point2::new(x, y)) + dz;
            program += &format!("G1X{:.3}Y{:.3}Z{z:.3}F600\n", x + dx, y + dy);
        }
    }
    program += "G0Z8\nM5\nM30\n";
    let found = checked(&program);
    assert!(found.worst_gouge_mm > 0.2, "{found:?}");
    assert!(found.faults.is_empty() && !found.accepted);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn damaged_programs_are_checked_without_panic(
        edits in prop::collection::vec((0.0..1.0_f64, "[ -~\\n]{1,3}"), 1..5),
    ) {
        let mut program = made(&plate_of_a_coin(), &order()).program;
        for (share, text) in edits {
            let at = (share * program.len() as f64) as usize;
            program.replace_range(at..(at + 1).min(program.len()), &text);
        }
        let found = checked(&program);
        prop_assert!(found.machine_time_s.is_finite() && found.worst_gouge_mm.is_finite());
    }
}

fn plate_of_a_coin() -> Slab {
    crate::sample_parts::part([4.0, 5.0], 2.0, |_| 4.0)
}
