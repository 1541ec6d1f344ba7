//! Whole prints: rafts, trees, and parts one by one.

use geometry::{Point3, TriMesh};
use vocabulary::Findings;

use crate::{
    Checker, Material, Part, PrintError, PrintJob, PrintOrder, PrintSettings, Printer, Role,
    Sequence, SupportStyle, plan, plan_parts,
};

fn order(settings: PrintSettings) -> PrintOrder {
    PrintOrder { printer: Printer::marlin_generic(), material: Material::pla(), settings }
}

/// A table: a plate of 40 × 30 mm on four legs.
fn table(legs_mm: f64) -> TriMesh {
    let mut all = TriMesh::default();
    let mut add = |low: [f64; 3], high: [f64; 3]| {
        let mesh = TriMesh::cuboid(Point3::from(low), Point3::from(high));
        let first = all.vertices.len() as u32;
        all.vertices.extend(mesh.vertices);
        all.triangles.extend(mesh.triangles.iter().map(|t| t.map(|corner| corner + first)));
    };
    for (x, y) in [(0.0, 0.0), (35.0, 0.0), (0.0, 25.0), (35.0, 25.0)] {
        add([x, y, 0.0], [x + 5.0, y + 5.0, legs_mm + 0.1]);
    }
    add([0.0, 0.0, legs_mm], [40.0, 30.0, legs_mm + 2.0]);
    all
}

/// What the check of anybody's programs finds wrong.
fn faults(job: &PrintJob, order: &PrintOrder) -> Vec<&'static str> {
    let mut checker = Checker::new(&order.printer, &order.material);
    job.program.lines().for_each(|line| checker.line(line));
    let report = checker.finish();
    report.faults.iter().map(|fault| fault.code).collect()
}

#[test]
fn a_raft_lies_under_everything_and_is_no_part() {
    let plain = order(PrintSettings::default());
    let raft = order(PrintSettings { raft_layers: 3, skirt_lines: 2, ..PrintSettings::default() });
    let [without, with] =
        [&plain, &raft].map(|order| plan(&table(6.0), order, &mut Findings::new()).unwrap());
    assert_eq!(with.layers, without.layers + 3);
    assert!((with.extruded_mm3.part() / without.extruded_mm3.part() - 1.0).abs() < 1e-3);
    let volume = with.extruded_mm3.of(Role::Raft);
    // 46 × 36 mm: two full layers, and half of one.
    assert!((0.9..1.0).contains(&(volume / (46.0 * 36.0 * 0.2 * 2.6))), "{volume}");
    assert!(with.extruded_mm3.of(Role::Brim).abs() < 1e-12);
    assert!(with.extruded_mm3.of(Role::Skirt) > 0.0);
    let lift = with.bed_from_part.z - without.bed_from_part.z;
    assert!((lift - 0.8).abs() < 1e-9, "three layers of 0.2 mm and a gap of 0.2 mm: {lift}");
    assert_eq!(faults(&with, &raft), Vec::<&str>::new());
}

#[test]
fn a_tree_holds_what_a_grid_holds_with_less() {
    let tables = [SupportStyle::Grid, SupportStyle::Tree].map(|style| {
        let mut settings = PrintSettings::default();
        settings.supports.style = style;
        let order = order(settings);
        let job = plan(&table(25.0), &order, &mut Findings::new()).unwrap();
        assert_eq!(faults(&job, &order), Vec::<&str>::new(), "{style:?}");
        job
    });
    let [grid, tree] = tables.map(|job| job.extruded_mm3);
    assert!(tree.of(Role::Support) < 0.6 * grid.of(Role::Support), "{tree:?} {grid:?}");
    let interface = tree.of(Role::SupportInterface) / grid.of(Role::SupportInterface);
    assert!((interface - 1.0).abs() < 0.1, "{interface}");
}

#[test]
fn parts_one_by_one_are_finished_singly_and_keep_the_heads_room() {
    let meshes = [table(12.0), table(6.0)];
    let parts = ["high", "low"].map(|name| Part {
        name,
        mesh: &meshes[usize::from(name == "low")],
        zones: None,
    });
    let mut order =
        order(PrintSettings { sequence: Sequence::OneByOne, ..PrintSettings::default() });
    let job = plan_parts(&parts, &order, &mut Findings::new()).unwrap();
    assert_eq!(faults(&job, &order), Vec::<&str>::new());
    let tops = job.program.lines().filter(|line| line.starts_with("G0 Z"));
    let heights: Vec<f64> =
        tops.filter_map(|line| line[4..].split(' ').next()?.parse().ok()).collect();
    let down = heights.windows(2).position(|pair| pair[1] < pair[0] - 5.0).unwrap();
    let highest = heights[..down].iter().copied().fold(0.0, f64::max);
    assert!((8.0..8.6).contains(&highest), "the lower part comes first: {highest}");
    assert!(heights[down] >= 10.0 - 1e-9, "over the finished part: {}", heights[down]);
    // With a head that is wider than the parts are apart, the same program is refused.
    order.printer.head_clearance_mm = 80.0;
    assert_eq!(faults(&job, &order), ["head-strikes"]);
    // The gantry would strike a first part that is higher than it.
    order.printer.head_clearance_mm = 60.0;
    order.printer.gantry_height_mm = 6.0;
    assert_eq!(faults(&job, &order), ["head-strikes"]);
    let error = plan_parts(&parts, &order, &mut Findings::new()).unwrap_err();
    assert!(matches!(error, PrintError::TooHighToPass { .. }), "{error}");
    assert!(error.to_string().contains("low is 8.0 mm high"), "{error}");
}
