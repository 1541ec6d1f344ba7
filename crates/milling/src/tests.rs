use gcode::mill::Dialect as Family;
use geometry::{Point2, Point3, TriMesh};
use proptest::prelude::*;
use vocabulary::Findings;

use crate::finishing::level_scallop as scallop_of;
use crate::sample_parts::{
    bowl, button, dome, drill, ellipse, engraver, order, plate, ring, router, shell, stl,
};
use crate::{
    Inspection, MillError, MillJob, MillOrder, Model, OperationKind, Placement, inspect, plan,
    setup,
};

fn made(part: &TriMesh, order: &MillOrder) -> MillJob {
    let mut jobs = plan(part, order, &mut Findings::new()).unwrap();
    assert_eq!(jobs.len(), 1);
    jobs.remove(0)
}

/// Plans a part and demands much less deviation than the limits. Where `MILL_OUT` names a folder, the
/// program and a mesh of the part in the program's coordinates are kept there for referees.
fn passes(name: &str, part: &TriMesh, order: &MillOrder, most_left: f64) -> MillJob {
    let job = made(part, order);
    let found = &job.verification;
    let (gouge, left) = (found.gouge_mm.unwrap(), found.left_mm.unwrap());
    assert!(
        gouge < 0.012 && left < most_left,
        "{name}: {gouge} {left} {:?} {:?}",
        found.interior,
        found.rim
    );
    if let Ok(folder) = std::env::var("MILL_OUT") {
        std::fs::write(format!("{folder}/{name}.nc"), &job.program).unwrap();
        let placed = stl(&part.translated(job.placement.offset()));
        std::fs::write(format!("{folder}/{name}.stl"), placed).unwrap();
        println!("{name}: {:.0} s, {:?}", job.estimated_time_s, found.deepest_bite);
    }
    job
}

/// R − √(R² − (s/2)²) for the ordered ball and step-over, mm: 10.4 µm.
fn level_scallop(order: &MillOrder) -> f64 {
    scallop_of(order.tool.radius_mm(), order.cutting.finishing_step_over_mm)
}

#[test]
fn a_plate_is_left_with_the_scallop_of_theory() {
    let job = passes("plate", &plate(), &order(), 1.02 * level_scallop(&order()));
    assert!(job.verification.interior.unwrap().p99_left_mm > 0.95 * level_scallop(&order()));
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
    let part = ring(&ellipse([0.0, 8.0], [9.0, 7.0]), &ellipse([0.0, 0.0], [20.0, 35.0]), |_| 4.0);
    passes("hole", &part, &order(), 0.02);
}

#[test]
fn links_across_a_hollow_of_the_outline_do_not_touch_its_rim() {
    let outline = ellipse([0.0, 0.0], [10.0, 12.0]);
    let dented = |corner: &Point2| {
        let dent = 1.0 - 0.3 * (-((corner.y.atan2(corner.x) - 1.4) / 0.25).powi(2)).exp();
        Point2::from(corner.coords * dent)
    };
    let dented: Vec<Point2> = outline.iter().map(dented).collect();
    let part = ring(&vec![Point2::origin(); dented.len()], &dented, |p| {
        7.0 * (-p.coords.norm_squared() / 90.0).exp() + 3.0
    });
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
fn scallops_are_even_on_steep_walls_and_a_plain_raster_leaves_more() {
    let job = made(&bowl(), &order());
    let left = job.verification.interior.unwrap();
    let theory = level_scallop(&order());
    println!("{left:?} {theory}");
    assert!(left.worst_left_mm < 1.1 * theory + order().cutting.tolerance_mm, "{left:?} {theory}");
    let plain = MillOrder { spread: crate::Spread::Even, ..order() };
    let plain = made(&bowl(), &plain).verification.interior.unwrap();
    assert!(plain.worst_left_mm > 2.0 * theory, "{plain:?}");
}

#[test]
fn every_tool_that_can_finish_leaves_no_gouge() {
    use crate::ToolShape::{BullNose, Tapered};
    let shapes = [BullNose { corner_mm: 2.0 }, Tapered { tip_radius_mm: 1.5, half_angle_rad: 0.1 }];
    for shape in shapes {
        let mut other = order();
        other.tool.shape = shape;
        other.left_limit_mm = 0.3;
        let job = made(&button(), &other);
        assert!(job.verification.gouge_mm.unwrap() < 0.012, "{shape:?} {:?}", job.verification);
    }
}

/// Every dialect's program is read back without fault by the interpreter of its controller; kept for rs274
/// where `MILL_OUT` names a folder.
#[test]
fn every_dialect_is_read_back_by_its_controller() {
    for family in Family::ALL {
        let dialect_order = MillOrder { machine: router(family), ..order() };
        let job = made(&button(), &dialect_order);
        let lines: Vec<&str> = job.program.lines().collect();
        let dialect = &dialect_order.machine.dialect;
        for line in &lines {
            assert!(line.is_ascii() && line.len() <= dialect.longest_line, "{family:?} {line}");
        }
        assert_eq!(job.program.matches("M30").count(), 1, "{family:?}");
        assert_eq!(lines[0] == "%", dialect.percent, "{family:?}");
        assert_eq!(job.program.contains("M6"), family.changes_tools(), "{family:?}");
        assert_eq!(job.program.contains('('), dialect.comments, "{family:?}");
        let pause = if dialect.dwells_in_milliseconds { "G4 P3000" } else { "G4 P3" };
        assert!(lines.iter().any(|line| line.ends_with(pause)), "{family:?}");
        if let Ok(folder) = std::env::var("MILL_OUT") {
            std::fs::write(format!("{folder}/dialect-{family:?}.nc"), &job.program).unwrap();
        }
    }
}

#[test]
fn words_of_other_controllers_are_refused_by_grbl() {
    for word in ["G43 H1", "T1 M6", "G64 P0.01", "G81 X1 Y1 Z-1 R1"] {
        let program = format!("G21 G90\n{word}\nM30\n");
        let setup = setup(&order(), &Placement::new(&button(), &order().blank).unwrap());
        let found = inspect(&program, &setup, None);
        assert!(found.fault_counts.contains_key("unsupported"), "{word} {:?}", found.faults);
    }
}

#[test]
fn an_outline_is_cut_down_to_its_tabs_or_its_skin() {
    use crate::Separation::{OnionSkin, Tabs};
    let mut flat = order();
    flat.blank.skin_below_mm = 0.0;
    flat.separation = Tabs { count: 3, width_mm: 5.0, height_mm: 1.5 };
    let low = |job: &MillJob| job.verification.bounds.unwrap()[0][2] + job.placement.blank_mm[2];
    let tabs = made(&plate(), &flat);
    assert!(
        low(&tabs).abs() < 0.002 && tabs.moves_of(OperationKind::Outline) > 100,
        "{}",
        low(&tabs)
    );
    flat.separation = OnionSkin { thickness_mm: 0.4 };
    let skin = made(&plate(), &flat);
    assert!((low(&skin) - 0.4).abs() < 0.002, "{}", low(&skin));
    // Another tool for the outline is another program where the machine cannot change it.
    flat.outline_tool =
        Some(crate::Tool { number: 4, shape: crate::ToolShape::Flat, ..order().tool });
    let jobs = plan(&plate(), &flat, &mut Findings::new()).unwrap();
    assert_eq!(jobs.iter().map(MillJob::suffix).collect::<Vec<_>>(), ["", "outline"]);
    assert_eq!(
        (&jobs[0].verification.tools[..], &jobs[1].verification.tools[..]),
        (&[1][..], &[4][..])
    );
    flat.machine = router(Family::LinuxCnc);
    let changed = made(&plate(), &flat);
    assert_eq!(changed.verification.tools, [1, 4]);
    assert!(changed.program.contains("T4 M6"), "{}", &changed.program[..600]);
}

/// The outline went around the rim of the top: a wall that leans out by 2° under it was gouged.
#[test]
fn an_outline_goes_around_walls_that_lean_out() {
    let mut flat = order();
    flat.blank.skin_below_mm = 0.0;
    flat.separation = crate::Separation::Tabs { count: 3, width_mm: 5.0, height_mm: 1.0 };
    flat.outline_tool =
        Some(crate::Tool { number: 4, shape: crate::ToolShape::Flat, ..order().tool });
    flat.machine = router(Family::LinuxCnc);
    let level = plate();
    let (low, _) = level.bounds().unwrap();
    let leaning = level.map_vertices(|point| {
        let grown = if point.z < low.z + 0.1 { 1.004 } else { 1.0 };
        Point3::new(point.x * grown, point.y * grown, point.z)
    });
    let made = made(&leaning, &flat);
    assert!(made.verification.gouge_mm.unwrap() < 0.01, "{:?}", made.verification.gouge_mm);
}

#[test]
fn both_sides_of_a_shell_are_cut_to_one_part() {
    let mut both = order();
    (both.blank.skin_below_mm, both.blank.skin_above_mm) = (3.5, 3.5);
    both.separation = crate::Separation::Tabs { count: 4, width_mm: 6.0, height_mm: 1.0 };
    let mut findings = Findings::new();
    let jobs = crate::plan_two_sided(&shell(), &both, &mut findings).unwrap();
    let [top, under] = <[MillJob; 2]>::try_from(jobs).unwrap();
    assert!(findings.has("flip"));
    assert_eq!(top.placement.blank_mm, under.placement.blank_mm);
    assert!(top.program.contains("side 1 top") && under.program.contains("side 2 underside"));
    assert!(
        top.moves_of(OperationKind::Outline) == 0 && under.moves_of(OperationKind::Outline) > 100
    );
    for job in [top, under] {
        let (gouge, left) = (job.verification.gouge_mm.unwrap(), job.verification.left_mm.unwrap());
        assert!(gouge < 0.012 && left < 0.08, "{gouge} {left}");
    }
}

/// A shell to be milled from both sides, held by dowels, with a mark: a cross and a square on its underside.
fn shell_with_dowels_and_mark() -> MillOrder {
    let mut both = order();
    (both.blank.skin_below_mm, both.blank.skin_above_mm) = (3.5, 3.5);
    both.separation = crate::Separation::Tabs { count: 4, width_mm: 6.0, height_mm: 1.0 };
    both.dowels = Some(crate::Dowels { tool: drill(), board_depth_mm: 6.0, peck_mm: Some(8.0) });
    let square = vec![[4.0, 40.0], [8.0, 40.0], [8.0, 44.0], [4.0, 44.0], [4.0, 40.0]];
    let lines = vec![vec![[-10.0, 40.0], [-2.0, 48.0]], vec![[-10.0, 48.0], [-2.0, 40.0]], square];
    both.engraving = Some(crate::Engraving { tool: engraver(), lines, depth_mm: 0.4 });
    both
}

#[test]
fn dowel_holes_are_drilled_first_and_read_back_from_cycles_and_from_moves() {
    let both = shell_with_dowels_and_mark();
    let plans = [Family::LinuxCnc, Family::Fanuc, Family::Mach3, Family::Grbl].map(|family| {
        let order = MillOrder { machine: router(family), ..both.clone() };
        let order = MillOrder { engraving: None, ..order };
        crate::plan_two_sided(&shell(), &order, &mut Findings::new()).unwrap()
    });
    for jobs in &plans[..3] {
        let (top, under) = (&jobs[0], &jobs[1]);
        assert_eq!((jobs.len(), top.operations[0].kind), (2, OperationKind::Holes));
        assert!(
            top.program.contains("G98 G83 X") && top.program.contains("\nG80\n")
                || top.program.contains(" G80\n")
        );
        assert!(top.program.contains("T7 M6") && !under.program.contains("T7 M6"));
        // An ellipse leaves the corners of its blank free.
        assert_eq!((top.holes.len(), &top.holes), (4, &under.holes));
        // Through the blank and into the board: nothing else does.
        let low = top.verification.bounds.unwrap()[0][2] + top.placement.blank_mm[2];
        assert!((low + 6.0 + drill().point_mm()).abs() < 2e-3, "{low}");
        assert!(under.verification.bounds.unwrap()[0][2] > -under.placement.blank_mm[2]);
    }
    // Without a tool change the holes are a program of their own, move by move.
    let names: Vec<String> = plans[3].iter().map(MillJob::suffix).collect();
    assert_eq!(names, ["side1-holes", "side1", "side2"]);
    assert!(!plans[3][0].program.contains("G8"), "{}", plans[3][0].program);
    let [cycles, moves] = [&plans[0][0], &plans[3][0]].map(|job| job.operations[0].feed_mm);
    assert!((cycles - moves).abs() < 1e-9);
}

#[test]
fn a_mark_is_as_deep_as_ordered_and_nothing_beside_it_is_cut() {
    let both = MillOrder { dowels: None, ..shell_with_dowels_and_mark() };
    for family in [Family::LinuxCnc, Family::Grbl] {
        let order = MillOrder { machine: router(family), ..both.clone() };
        let jobs = crate::plan_two_sided(&shell(), &order, &mut Findings::new()).unwrap();
        let job = jobs.last().unwrap();
        let kinds: Vec<OperationKind> = job.operations.iter().map(|found| found.kind).collect();
        let expected = match family {
            // Another program for the mark alone; its tool is in the spindle once.
            Family::Grbl => [OperationKind::Mark].as_slice(),
            // While the whole block still holds the part.
            _ => &[OperationKind::Mark, OperationKind::Outline],
        };
        assert!(kinds.ends_with(expected), "{kinds:?}");
        let found = &job.verification;
        assert!(found.gouge_mm.unwrap() < 0.012, "{found:?}");
        if family == Family::Grbl {
            assert_eq!(job.suffix(), "side2-mark");
            // Only the ground of the mark is judged here: no deeper and no shallower than ordered.
            assert!(found.interior.unwrap().worst_left_mm < 0.012, "{:?}", found.interior);
        }
        let stock = &found.remains.as_ref().unwrap().stock;
        let [width, ..] = job.placement.blank_mm;
        let [x, y, _] = order_offset(&order);
        let at = |a: f64, b: f64| stock.sample(Point2::new(width - (a + x), b + y)).unwrap();
        // In the middle of the cross, and beside it.
        assert!(at(-6.0, 44.0) < at(-6.0, 47.0) - 0.3, "{} {}", at(-6.0, 44.0), at(-6.0, 47.0));
    }
    // A mark beside the part is refused with its place.
    let mut beside = both;
    beside.engraving.as_mut().unwrap().lines.push(vec![[60.0, 40.0], [62.0, 40.0]]);
    let error = crate::plan_two_sided(&shell(), &beside, &mut Findings::new()).unwrap_err();
    assert!(matches!(error, MillError::MarkBesideSurface { .. }), "{error}");
}

#[test]
fn the_mark_comes_before_the_outline_where_that_costs_no_change_by_hand() {
    let both = MillOrder { dowels: None, ..shell_with_dowels_and_mark() };
    let flat = crate::Tool { number: 4, shape: crate::ToolShape::Flat, ..order().tool };
    let ends = |family, outline_tool: Option<&crate::Tool>| {
        let outline_tool = outline_tool.cloned();
        let order = MillOrder { machine: router(family), outline_tool, ..both.clone() };
        let jobs = crate::plan_two_sided(&shell(), &order, &mut Findings::new()).unwrap();
        let under = jobs.iter().filter(|job| job.side == 2).flat_map(|job| &job.operations);
        let all: Vec<OperationKind> = under.map(|operation| operation.kind).collect();
        all[all.len() - 2..].to_vec()
    };
    let (mark, outline) = (OperationKind::Mark, OperationKind::Outline);
    // With the finishing tool's outline it would be put in again by hand.
    assert_eq!(ends(Family::Grbl, None), [outline, mark]);
    assert_eq!(ends(Family::Grbl, Some(&flat)), [mark, outline]);
}

/// Where the part lies in its blank.
fn order_offset(order: &MillOrder) -> [f64; 3] {
    Placement::new(&shell(), &order.blank).unwrap().blank_from_part
}

#[test]
fn arcs_make_programs_shorter_and_are_proven_like_lines() {
    let with = |family, arc_tolerance_mm| {
        let mut rounded = MillOrder { machine: router(family), ..order() };
        rounded.machine.dialect.arc_tolerance_mm = arc_tolerance_mm;
        made(&bowl(), &rounded)
    };
    for family in Family::ALL {
        let arcs = with(family, Some(0.002));
        let found = &arcs.verification;
        assert!(
            found.gouge_mm.unwrap() < 0.012 && found.left_mm.unwrap() < 0.03,
            "{family:?} {found:?}"
        );
        // The bowl is cut in planes along an axis, either of which is as short.
        assert!(arcs.program.contains("G18") || arcs.program.contains("G19"), "{family:?}");
        assert!(arcs.program.contains("G2") && arcs.program.contains("G3"), "{family:?}");
        for line in arcs.program.lines() {
            assert!(line.len() <= router(family).dialect.longest_line, "{line}");
        }
        if let Ok(folder) = std::env::var("MILL_OUT") {
            std::fs::write(format!("{folder}/arcs-{family:?}.nc"), &arcs.program).unwrap();
        }
    }
    let [arcs, lines] = [Some(0.002), None].map(|close| with(Family::LinuxCnc, close));
    let [arcs, lines] =
        [arcs, lines].map(|job| (job.program.lines().count(), job.estimated_time_s));
    assert!(arcs.0 * 2 < lines.0 && arcs.1 < 1.01 * lines.1, "{arcs:?} {lines:?}");
}

#[test]
fn a_tool_that_runs_into_a_clamp_is_caught() {
    let at = |share, offset_mm| crate::Anchored { share, offset_mm };
    let clamp = |inward: f64| crate::Fixture {
        name: "clamp".to_owned(),
        low: [at(0.0, -20.0), at(0.5, -15.0), at(1.0, 0.0)],
        high: [at(0.0, inward), at(0.5, 15.0), at(0.0, 12.0)],
    };
    let mut held = order();
    held.machine.fixtures = vec![clamp(0.5)];
    held.blank.margin_mm = 30.0;
    let job = made(&button(), &held);
    assert_eq!(job.fixtures.len(), 1);
    held.machine.fixtures = vec![clamp(26.0)];
    let error = plan(&button(), &held, &mut Findings::new()).unwrap_err().to_string();
    assert!(error.contains("runs into clamp"), "{error}");
}

#[test]
fn a_flat_end_does_not_go_straight_down_into_material() {
    let mut flat = order();
    flat.tool.shape = crate::ToolShape::Flat;
    let head = "G17 G21 G90 G94 G54\nT1\nG0 Z8\nM3 S12000\nG4 P3\nG0 X10 Y10\n";
    let body = |down: &str| format!("{head}{down}\nG0 Z8\nM5\nM30\n");
    let setup = setup(&flat, &Placement::new(&button(), &flat.blank).unwrap());
    let found = |down: &str| inspect(&body(down), &setup, None).fault_counts;
    assert!(found("G1 Z-3 F300").contains_key("plunge-without-center"));
    assert!(!found("G1 Z0 F300\nX30 Z-3").contains_key("plunge-without-center"));
    // A drill goes down, and nowhere else.
    let drilled =
        crate::Setup { tools: vec![crate::Tool { number: 1, ..drill() }], ..setup.clone() };
    let found = |down: &str| inspect(&body(down), &drilled, None).fault_counts;
    assert!(!found("G1 Z-3 F300").contains_key("plunge-without-center"));
    assert!(found("G1 Z-3 F300\nX30").contains_key("drill-sideways"));
    flat.tool.shape = crate::ToolShape::Ball;
    let setup = crate::Setup { tools: vec![flat.tool.clone()], ..setup };
    assert!(
        !inspect(&body("G1 Z-3 F300"), &setup, None)
            .fault_counts
            .contains_key("plunge-without-center")
    );
}

#[test]
fn the_same_program_from_one_and_two_threads() {
    let on = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let mut job = pool.install(|| made(&button(), &order()));
        // Its maps have unknown nodes, which equal nothing.
        let remains = format!("{:?}", job.verification.remains.take());
        (job, remains)
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
    endless.vertices[7].z = f64::INFINITY;
    let tiny = crate::sample_parts::part([0.2, 0.2], |_| 1.0);
    let meters = crate::sample_parts::part([1e5, 1e5], |_| 1.0);
    for part in [endless, TriMesh::default(), tiny, meters] {
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
    ("through the block", |p| p.replace("M5\n", "G1 Z-60 F500\nM5\n"), "mm below the blank"),
    ("side first", |p| p.replace("G0 Z8.000\nM3", "G0 X10 Z8.000\nM3"), "not straight up"),
    ("not a program", |_| "solid part\nfacet".to_owned(), "S has no number"),
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

fn checked(program: &str) -> Inspection {
    checked_on(program, &button(), &order())
}

fn checked_on(program: &str, part: &TriMesh, order: &MillOrder) -> Inspection {
    let placement = Placement::new(part, &order.blank).unwrap();
    let model = Model::new(part.translated(placement.offset()));
    inspect(program, &setup(order, &placement), Some(&model))
}

#[test]
fn every_known_bad_program_is_caught() {
    let sound = made(&button(), &order()).program;
    assert_eq!(checked(&sound).reasons(), Vec::<String>::new());
    for (name, spoil, expected) in KNOWN_BAD {
        let spoiled = spoil(&sound);
        assert_ne!(spoiled, sound, "{name}");
        let found = checked(&spoiled);
        let said = found.reasons().join("; ");
        assert!(!found.accepted && said.contains(expected), "{name}: {said}");
    }
}

/// Programs of others, in `tests/cases/mill_programs`: the first line says what is wrong with each, and which
/// controller reads it.
#[test]
fn every_program_of_the_corpus_is_judged_by_name() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/cases/mill_programs");
    let mut paths: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    assert!(paths.len() > 25, "{}", paths.len());
    for path in paths {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let program = std::fs::read_to_string(&path).unwrap();
        let (expected, family) = program
            .lines()
            .next()
            .and_then(|line| line.strip_prefix("(expect: ")?.strip_suffix(')')?.split_once("; "))
            .unwrap();
        let family = if family == "grbl" { Family::Grbl } else { Family::LinuxCnc };
        let height = if program.contains("Z 80 mm") { 80.0 } else { 20.0 };
        let setup = crate::Setup {
            machine: router(family),
            tools: vec![order().tool],
            block: Some(crate::Block::at_corner([60.0, 60.0, height])),
            fixtures: Vec::new(),
            plunge_mm_per_min: None,
            left_limit_mm: 0.1,
            unreachable_limit_mm: 0.5,
            strict: false,
        };
        let found = inspect(&program, &setup, None);
        if expected == "nothing" {
            assert!(found.faults.is_empty(), "{name}: {:?}", found.faults);
        } else {
            assert!(found.fault_counts.contains_key(expected), "{name}: {:?}", found.faults);
            let hurts = ![
                "rapid-at-depth",
                "feed-in-air",
                "unstated-mode",
                "spindle-run-up",
                "spindle-left-on",
                "first-motion",
                "no-end",
            ]
            .contains(&expected);
            assert_eq!(found.accepted, !hurts, "{name}: {:?}", found.faults);
        }
    }
}

#[test]
fn a_path_without_compensation_is_caught() {
    // The tip itself follows the surface: right on level ground, a gouge on every slope.
    let (part, order) = (button(), order());
    let placement = Placement::new(&part, &order.blank).unwrap();
    let [dx, dy, dz] = placement.blank_from_part;
    let mut program = made(&part, &order).program.split_once("(Finishing)").unwrap().0.to_owned();
    for pass in 0..=50 {
        let x = -12.0 + 0.48 * f64::from(pass);
        program += &format!("G0Z8\nX{:.3}Y{:.3}\n", x + dx, dy - 14.0);
        for step in -28..=28 {
            let y = 0.5 * f64::from(step);
            let z = 7.0 * (-(x * x + y * y) / 90.0).exp() + 3.0 + dz;
            program += &format!("G1X{:.3}Y{:.3}Z{z:.3}F600\n", x + dx, y + dy);
        }
    }
    program += "G0Z8\nM5\nM30\n";
    let found = checked(&program);
    assert!(found.gouge_mm.unwrap() > 0.2 && !found.accepted);
    assert!(found.fault_counts.contains_key("gouge"), "{:?}", found.fault_counts);
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
        let found = checked_on(&program, &plate_of_a_coin(), &order());
        prop_assert!(found.time_s.is_finite() && found.gouge_mm.is_some_and(f64::is_finite));
    }
}

fn plate_of_a_coin() -> TriMesh {
    crate::sample_parts::part([4.0, 5.0], |_| 4.0)
}

/// A dome whose rim falls away at 80° and more, on a border that runs askew to the passes.
#[test]
fn steep_rims_are_cut_along_where_passes_across_leave_too_much() {
    let steep = crate::sample_parts::part([21.0, 33.0], |p| {
        let share = (p.x / 21.0).hypot(p.y / 33.0).min(1.0);
        8.0 * (1.0 - share.powi(60)) + 3.0
    });
    let left = |spread| {
        let made = MillOrder { spread, left_limit_mm: 5.0, unreachable_limit_mm: 5.0, ..order() };
        let found = made_of(&steep, &made);
        (found.rim.unwrap().p99_left_mm, found.interior.unwrap().worst_left_mm, found.gouge_mm)
    };
    let (even, plain) = (left(crate::Spread::EvenScallop), left(crate::Spread::Even));
    assert!(even.1 < 0.1 && even.1 < 0.5 * plain.1, "{even:?} {plain:?}");
    assert!(even.2.unwrap() < 0.012);
}

fn made_of(part: &TriMesh, order: &MillOrder) -> Inspection {
    made(part, order).verification
}
