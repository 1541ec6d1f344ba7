//! Writes a page with made-up numbers, to look at it in a browser:
//! `cargo run -p report --example demo_page -- PAGE.html [LEFT.stl RIGHT.stl]`
//!
//! The scans are binary STL in meters with z up and the toes at -y. Without them a smooth body stands
//! in for the foot.

use std::f64::consts::{PI, TAU};
use std::process::ExitCode;

use geometry::{ClosedCurve, GraphSurface, HeightField, Point2, Point3, Rect, Slab, TriMesh};
use report::figures::{self, LayerView, Pareto};
use report::{
    DecidedBy, DoseRow, FileRow, FindingRow, MakingView, MeasurementRow, Page, PathGroup, Place,
    PredictionRow, PredictionView, Role, Row, SideSection, Statement, series_color,
};
use vocabulary::{Severity, Side};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let Some(path) = arguments.first() else { return ExitCode::from(2) };
    let scan = |index: usize| arguments.get(index).and_then(|path| std::fs::read(path).ok());
    let feet = [scan(1), scan(2)].map(|bytes| bytes.map_or_else(body, |bytes| read(&bytes)));
    let [left, right] = feet;
    let page = page(vec![side(Side::Left, &left.mirrored_x()), side(Side::Right, &right)]);
    match std::fs::write(path, report::html(&page)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

/// The triangles of a binary STL in meters, welded, with the heel at the origin.
fn read(bytes: &[u8]) -> TriMesh {
    let number = |at: usize| {
        let four = bytes.get(at..at + 4).and_then(|four| four.try_into().ok()).unwrap_or_default();
        f64::from(f32::from_le_bytes(four)) * 1000.0
    };
    let mut mesh = TriMesh::default();
    let mut known = std::collections::BTreeMap::new();
    for triangle in 0..bytes.len().saturating_sub(84) / 50 {
        mesh.triangles.push([0, 1, 2].map(|corner| {
            let at = 84 + 50 * triangle + 12 + 12 * corner;
            let point = Point3::new(number(at), number(at + 4), number(at + 8));
            *known.entry(bytes.get(at..at + 12)).or_insert_with(|| {
                mesh.vertices.push(point);
                mesh.vertices.len() as u32 - 1
            })
        }));
    }
    let (low, high) = mesh.bounds().unwrap_or_else(|| (Point3::origin(), Point3::origin()));
    let middle = f64::midpoint(low.x, high.x);
    // These scans have their toes at -y: half a turn.
    mesh.map_vertices(|p| Point3::new(middle - p.x, high.y - p.y - 28.0, p.z - low.z))
}

fn body() -> TriMesh {
    let (rings, sectors) = (60_u32, 72_u32);
    let mut mesh = TriMesh::default();
    for ring in 0..=rings {
        for sector in 0..sectors {
            let (polar, around) = (PI * f64::from(ring) / 60.0, TAU * f64::from(sector) / 72.0);
            let y = 100.0 - 130.0 * polar.cos();
            let wide = polar.sin() * (34.0 + 12.0 * (y / 230.0));
            let tall = polar.sin() * (45.0 - 25.0 * (y / 230.0));
            mesh.vertices.push(Point3::new(wide * around.cos(), y, tall * (1.0 + around.sin())));
        }
    }
    for ring in 0..rings {
        for sector in 0..sectors {
            let at = |ring: u32, sector: u32| ring * sectors + sector % sectors;
            let (a, b) = (at(ring, sector), at(ring, sector + 1));
            let (c, d) = (at(ring + 1, sector), at(ring + 1, sector + 1));
            mesh.triangles.extend([[a, b, d], [a, d, c]]);
        }
    }
    mesh
}

const SHELL: Rect = Rect { low: Point2::new(-48.0, -34.0), high: Point2::new(48.0, 165.0) };

/// A cup with an arch, 3 mm thick, posted 4 degrees.
fn slab() -> Slab {
    let top = |p: Point2| {
        let cup = (1.0 - p.y / 90.0).clamp(0.0, 1.0);
        let rim = (p.x / 34.0).powi(2).min(1.6) + (-p.y / 30.0).max(0.0).powi(2);
        let arch =
            22.0 * (-((p.y - 85.0) / 45.0).powi(2)).exp() * (-(p.x) / 36.0).clamp(0.0, 1.2).powi(2);
        4.0 + 11.0 * cup * rim + arch
    };
    let fit = |height: &dyn Fn(Point2) -> f64| {
        let field = HeightField::from_fn(SHELL, 1.0, height);
        GraphSurface::fit(&field, 30, 50, 1e-3).ok()
    };
    let flat = || GraphSurface::from_control(SHELL, 4, 4, vec![0.0; 16]);
    let half_width = |y: f64| {
        let end = if y < 0.0 { (1.0 - (y / 31.0).powi(2)).max(0.0).sqrt() } else { 1.0 };
        (31.0 + 10.0 * (y / 150.0).max(0.0)) * end
    };
    let outline: Vec<Point2> = (0..24)
        .map(|i| {
            let y = -30.5 + 185.0 * f64::from(i) / 23.0;
            Point2::new(half_width(y), y - 0.1 * half_width(y) * f64::from(i) / 23.0)
        })
        .chain((0..24).rev().map(|i| {
            let y = -30.5 + 195.0 * f64::from(i) / 23.0;
            Point2::new(-half_width(y), y)
        }))
        .collect();
    let bottom = |p: Point2| {
        let post = 0.07 * (p.x + 30.0).max(0.0) * (1.0 - p.y / 70.0).clamp(0.0, 1.0);
        (top(p) - 3.1 - 0.35 * post).max(0.0)
    };
    Slab {
        top: fit(&top).unwrap_or_else(flat),
        bottom: fit(&bottom).unwrap_or_else(flat),
        outline: ClosedCurve::through(&outline),
        holes: Vec::new(),
        relief: None,
    }
}

/// Both surfaces over a grid squeezed into the outline, and the wall.
fn shell_mesh(slab: &Slab) -> TriMesh {
    let outline = slab.outline.polyline(0.02, 1.0);
    let (low, high) = outline
        .iter()
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), p| (a.min(p.y), b.max(p.y)));
    let (rows, columns) = (160_u32, 60_u32);
    let mut mesh = TriMesh::default();
    for surface in [&slab.top, &slab.bottom] {
        for row in 0..=rows {
            let y = low + 0.05 + (high - low - 0.1) * f64::from(row) / f64::from(rows);
            let crossings = geometry::polygon::edges(&outline)
                .filter(|(a, b)| (a.y > y) != (b.y > y))
                .map(|(a, b)| a.x + (b.x - a.x) * (y - a.y) / (b.y - a.y));
            let (from, to) = crossings
                .fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), x| (a.min(x), b.max(x)));
            for column in 0..=columns {
                let x = from + (to - from) * f64::from(column) / f64::from(columns);
                mesh.vertices.push(surface.lift(Point2::new(x, y)));
            }
        }
    }
    let at =
        |layer: u32, row: u32, column: u32| (layer * (rows + 1) + row) * (columns + 1) + column;
    for row in 0..rows {
        for column in 0..columns {
            let quad = |layer| {
                [(0, 0), (0, 1), (1, 1), (1, 0)].map(|(r, c)| at(layer, row + r, column + c))
            };
            let ([a, b, c, d], [e, f, g, h]) = (quad(0), quad(1));
            mesh.triangles.extend([[a, b, c], [a, c, d], [e, g, f], [e, h, g]]);
        }
        for (column, turned) in [(0, false), (columns, true)] {
            let [a, b] = [at(0, row, column), at(0, row + 1, column)];
            let [c, d] = [at(1, row, column), at(1, row + 1, column)];
            let wall = if turned { [[a, c, b], [b, c, d]] } else { [[a, b, c], [b, d, c]] };
            mesh.triangles.extend(wall);
        }
    }
    mesh
}

fn side(side: Side, foot: &TriMesh) -> SideSection {
    let slab = slab();
    let mut section = SideSection::new(side);
    let landmarks = [
        ("heel seat", -1.0, 0.0, 0.0),
        ("heel back", 0.0, -27.0, 22.0),
        ("1st met head", -42.0, 168.0, 18.0),
        ("5th met head", 46.0, 142.0, 14.0),
        ("arch apex", -32.0, 85.0, 20.0),
        ("toe tip", -16.0, 245.0, 10.0),
    ]
    .map(|(name, x, y, z)| (name.to_owned(), Point3::new(x, y, z)));
    section.pictures.extend(figures::foot_views(side, foot, &landmarks));
    section.pictures.push(figures::height_map(side, &sole(), "Height of the sole"));
    section.pictures.extend(figures::shell_views(side, &shell_mesh(&slab), &[]));
    let top = HeightField::from_fn(SHELL, 1.5, |p| {
        let outline = slab.outline.polyline(0.5, 5.0);
        if geometry::polygon::contains(&outline, p) { slab.top.height(p) } else { f64::NAN }
    });
    let shell_map = figures::height_map(side, &top, "Height of the shell's top");
    section.pictures.push(report::Figure { place: Place::Shell, ..shell_map });
    section.pictures.extend(figures::cross_sections(side, &slab, &[0.0, 40.0, 85.0, 130.0]));
    knee_pictures(side, &mut section);
    making_pictures(&slab, &mut section);
    section.scan = scan_rows();
    section.measurements = measurements();
    section.doses = doses(side);
    section.prediction = Some(prediction());
    section.making = making();
    section.chosen_because = vec![
        "The prescription leaves the rearfoot post open; among 2,000 designs within the limits this one \
         lowers the impulse most while rearfoot eversion stays below 1.5°."
            .to_owned(),
        "A higher arch was rejected: it would take back 1.8 % of the gain.".to_owned(),
    ];
    section
}

fn sole() -> HeightField {
    let area = Rect { low: Point2::new(-48.0, -30.0), high: Point2::new(48.0, 245.0) };
    HeightField::from_fn(area, 1.5, |p| {
        let half = 30.0 + 16.0 * (-((p.y - 160.0) / 70.0).powi(2)).exp();
        let end = (1.0 - ((p.y - 107.0) / 137.0).powi(6)).max(0.0).sqrt();
        if p.x.abs() > half * end {
            return f64::NAN;
        }
        let arch =
            24.0 * (-((p.y - 85.0) / 40.0).powi(2)).exp() * (0.55 - p.x / 60.0).max(0.0).powf(1.3);
        let edge = 6.0 * (p.x / (half * end)).powi(6);
        let toes = if p.y > 190.0 { (p.y - 190.0) * 0.12 } else { 0.0 };
        arch + edge + toes
    })
}

fn knee_pictures(side: Side, section: &mut SideSection) {
    let percent: Vec<f64> = (0..=100).map(f64::from).collect();
    let moment = |first: f64, second: f64| -> Vec<f64> {
        let bump = |t: f64, at: f64, wide: f64| (-((t - at) / wide).powi(2)).exp();
        let fade = |t: f64| (t / 6.0).min(1.0) * ((100.0 - t) / 6.0).min(1.0);
        percent
            .iter()
            .map(|&t| {
                fade(t) * (first * bump(t, 25.0, 15.0) + second * bump(t, 75.0, 16.0) + 0.3)
                    - 0.12 * bump(t, 2.0, 3.0)
            })
            .collect()
    };
    let (before, after) = (moment(2.5, 1.8), moment(2.34, 1.66));
    let (low, high) = (moment(2.04, 1.4), moment(2.66, 1.95));
    section.pictures.push(figures::kam_curve(&percent, &before, &after, &low, &high, "%BW·Ht"));
    let mut nodes = Vec::new();
    let (mut flat, mut posted) = (Vec::new(), Vec::new());
    for row in 0..54 {
        for column in 0..19 {
            let p = Point2::new(f64::from(column) * 5.0 - 45.0, f64::from(row) * 5.0 - 25.0);
            let half = 28.0 + 16.0 * (-((p.y - 160.0) / 70.0).powi(2)).exp();
            if p.x.abs() > half {
                continue;
            }
            let spot = |x: f64, y: f64, wide: f64| {
                (-((p.x - x).powi(2) + (p.y - y).powi(2)) / wide / wide).exp()
            };
            let arch = 1.0
                - 0.85
                    * (-((p.y - 85.0) / 40.0).powi(2)).exp()
                    * (0.6 - p.x / 50.0).clamp(0.0, 1.0);
            let base = 220.0 * spot(0.0, 2.0, 26.0)
                + 168.0 * spot(-8.0, 165.0, 32.0)
                + 120.0 * spot(-24.0, 220.0, 14.0)
                + 70.0 * arch;
            nodes.push(p);
            flat.push(base * arch);
            posted.push(base * arch * (1.0 + 0.004 * p.x) + 35.0 * (1.0 - arch));
        }
    }
    section.pictures.extend(figures::pressure_pair(side, &nodes, &flat, &posted));
    let tried: Vec<(f64, f64)> = (0..900)
        .map(|i| {
            let (u, v) = ((f64::from(i) * 0.618_034).fract(), (f64::from(i) * 0.414_214).fract());
            let eversion = 1.6 * u;
            (eversion, -6.4 * eversion.powf(0.8) + 5.0 * v)
        })
        .collect();
    let front = (0..=16).map(|i| f64::from(i) * 0.1).map(|e| (e, -6.4 * e.powf(0.8))).collect();
    section.pictures.push(figures::pareto(
        side,
        &Pareto {
            x_title: "added rearfoot eversion, deg".to_owned(),
            y_title: "change of KAM impulse, %".to_owned(),
            tried,
            front,
            chosen: Some((1.1, -6.9)),
        },
    ));
}

fn making_pictures(slab: &Slab, section: &mut SideSection) {
    let outline = slab.outline.polyline(0.1, 2.0);
    let passes: Vec<Vec<Point2>> = (0..240)
        .filter_map(|row| {
            let y = -30.0 + 0.8 * f64::from(row);
            let crossings: Vec<f64> = geometry::polygon::edges(&outline)
                .filter(|(a, b)| (a.y > y) != (b.y > y))
                .map(|(a, b)| a.x + (b.x - a.x) * (y - a.y) / (b.y - a.y))
                .collect();
            let low = crossings.iter().copied().reduce(f64::min)?;
            let high = crossings.iter().copied().reduce(f64::max)?;
            Some(vec![Point2::new(low, y), Point2::new(high, y)])
        })
        .collect();
    let group = |label: &str, lines: Vec<Vec<Point2>>, color: usize, width: f64| PathGroup {
        label: label.to_owned(),
        lines,
        color: series_color(color),
        width,
        dashed: false,
    };
    let mut ring = outline.clone();
    ring.push(outline[0]);
    section.pictures.push(figures::toolpath(
        "Finishing the top",
        &[group("finishing", passes.clone(), 0, 0.6), group("contour", vec![ring.clone()], 1, 1.4)],
    ));
    let infill = passes.into_iter().step_by(4).collect();
    section.pictures.extend(figures::layers(&[LayerView {
        label: "Layer 6, z = 1.2 mm".to_owned(),
        groups: vec![group("walls", vec![ring], 0, 1.4), group("infill", infill, 1, 0.8)],
    }]));
}

fn scan_rows() -> Vec<Row> {
    vec![
        Row::new("Scan", "left_foot.stl, 12,800 triangles"),
        Row::new("Unit", "meters").with_note("inferred: 0.275 long, a foot is 80 to 400 mm"),
        Row::new("Side", "as ordered").with_note("the curve of the sole agrees"),
        Row::new("Sole", "not imaged")
            .with_note("189 cm² lie within 2.5 mm of the ground, 94 % of the sole"),
    ]
}

fn measurements() -> Vec<MeasurementRow> {
    let row = |name: &str, value: Option<f64>, normal: &str, definition: &str| MeasurementRow {
        name: name.to_owned(),
        value,
        decimals: 1,
        unit: "mm".to_owned(),
        normal_range: normal.to_owned(),
        definition: definition.to_owned(),
    };
    vec![
        row("Foot length", Some(275.4), "222–290", "heel back to foremost toe, along y"),
        row("Ball width", Some(105.6), "83–112", "first to fifth metatarsal head"),
        row("Heel width", Some(71.2), "60–80", "widest part of the heel"),
        row("Truncated length", Some(203.1), "164–215", "heel back to the metatarsal line"),
        row("Arch height", None, "", "the sole was not imaged"),
    ]
}

fn doses(side: Side) -> Vec<DoseRow> {
    let dose = |name: &str, unit: &str, values: [Option<f64>; 2], decided_by, note: &str| DoseRow {
        name: name.to_owned(),
        requested: values[0],
        realised: values[1],
        unit: unit.to_owned(),
        decimals: 1,
        signed: unit == "deg",
        within: true,
        decided_by,
        note: note.to_owned(),
    };
    let cup = if side == Side::Left { 13.6 } else { 14.1 };
    vec![
        dose("Rearfoot post", "deg", [Some(4.5), Some(4.52)], DecidedBy::Optimizer, "within 0.1°"),
        dose("Forefoot post", "deg", [Some(2.0), Some(1.97)], DecidedBy::Optimizer, "within 0.1°"),
        DoseRow {
            within: side == Side::Right,
            ..dose(
                "Heel-cup depth",
                "mm",
                [Some(14.0), Some(cup)],
                DecidedBy::Ordered,
                "within 0.2 mm; from the heel seat to the posterior rim",
            )
        },
        dose(
            "Arch height",
            "mm",
            [Some(22.0), Some(21.9)],
            DecidedBy::LabDefault,
            "from the prescription: the sole was not imaged",
        ),
        dose(
            "Shell thickness",
            "mm",
            [Some(3.2), Some(3.21)],
            DecidedBy::LabDefault,
            "smallest measured",
        ),
        dose("Medial heel skive", "mm", [None, Some(0.0)], DecidedBy::Ordered, ""),
    ]
}

fn prediction() -> PredictionView {
    let row =
        |name: &str, unit: &str, values: [Option<f64>; 2], change: f64, interval| PredictionRow {
            name: name.to_owned(),
            unit: unit.to_owned(),
            before: values[0],
            after: values[1],
            decimals: if ["N", "kPa"].contains(&unit) { 0 } else { 2 },
            change,
            interval,
            role: Role::Knee,
            note: String::new(),
        };
    let cost = |row: PredictionRow, note: &str| PredictionRow {
        role: Role::Cost,
        note: note.to_owned(),
        ..row
    };
    PredictionView {
        quantity: "first peak of the knee adduction moment".to_owned(),
        expected_change_pct: -5.7,
        low_pct: -17.0,
        high_pct: 5.0,
        probability_of_benefit: 0.71,
        probability_of_harm: 0.2,
        declined: None,
        baseline: "Normative curves for 78 kg, 1.74 m and 1.25 m/s; this patient's gait was not measured, \
                   so the interval is wide."
            .to_owned(),
        rows: vec![
            row("First KAM peak", "%BW·Ht", [Some(2.88), Some(2.72)], -5.7, Some((-17.0, 5.0))),
            row("Second KAM peak", "%BW·Ht", [Some(2.18), Some(2.03)], -6.7, Some((-19.0, 5.4))),
            row("KAM impulse", "%BW·Ht·s", [Some(1.21), Some(1.12)], -7.2, Some((-19.5, 5.1))),
            row("Medial contact force", "N", [Some(1510.0), Some(1481.0)], -1.9, None),
            cost(row("Rearfoot eversion", "deg", [None, None], 1.26, None), "accepted up to +1.5°"),
            cost(row("Ankle (subtalar) moment", "Nm", [None, None], 1.56, None), "accepted up to +2 Nm"),
            cost(row("Peak pressure", "kPa", [Some(224.0), Some(232.0)], 3.6, None), "lateral heel; accepted up to +8 %"),
        ],
    }
}

fn making() -> Vec<MakingView> {
    vec![
        MakingView {
            title: "Milling: grbl-router".to_owned(),
            rows: vec![
                Row::new("Time", "41 min"),
                Row::new("Blank", "polypropylene 240 × 110 × 40 mm"),
                Row::new("Tools", "T1 flat 10 mm, T2 ball 6 mm"),
                Row::new("Scallop", "0.04 mm").with_note("2 passes of 0.8 mm"),
            ],
        },
        MakingView {
            title: "Printing: marlin-tpu".to_owned(),
            rows: vec![
                Row::new("Time", "3 h 52 min"),
                Row::new("Material", "TPU 95A, 61 g"),
                Row::new("Layers", "142 of 0.2 mm, 3 walls, 35 % gyroid"),
            ],
        },
    ]
}

fn page(sides: Vec<SideSection>) -> Page {
    let warning = |side, step: &str, message: &str| FindingRow {
        severity: Severity::Warning,
        step: step.to_owned(),
        side,
        message: message.to_owned(),
    };
    let mut findings = Vec::new();
    for side in Side::BOTH {
        findings.push(warning(Some(side), "foot", "The scan does not show the sole (189 cm² are flat to 2.5 mm): the arch height of 22 mm comes from the prescription; measure it on the patient before making."));
    }
    findings.push(warning(Some(Side::Left), "shell", "Heel-cup depth is 13.6 mm where 14.0 mm were ordered: the heel is narrower than the cup's rim; accept it or order 13.5 mm."));
    for message in
        ["Unit of the scan taken as meters: 0.275 long.", "12 duplicate vertices were welded."]
    {
        findings.push(FindingRow { severity: Severity::Note, ..warning(None, "scan", message) });
    }
    let file = |path: &str, bytes: u64| FileRow {
        path: path.to_owned(),
        bytes,
        sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".to_owned(),
    };
    Page {
        care: vec![(
            "Exercises".to_owned(),
            vec![Row::new("Short foot", "3 x 10, 2 to 3 times a week").with_note("Molgaard 2018")],
        )],
        title: "Foot orthoses, left and right".to_owned(),
        patient_code: "P-0142 <b>&\"".to_owned(),
        program_version: "0.1.0".to_owned(),
        indication: "medial knee osteoarthritis".to_owned(),
        activity: "everyday".to_owned(),
        patient: vec![Row::new("Body mass", "78 kg"), Row::new("Height", "1.74 m")],
        summary: vec![
            Statement { side: None, text: "A pair of 3.2 mm polypropylene shells, three-quarter length, with files for milling and printing.".to_owned() },
            Statement { side: Some(Side::Left), text: "Rearfoot post +4.5°, forefoot post +2.0°, heel cup 13.6 mm, arch 21.9 mm.".to_owned() },
            Statement { side: Some(Side::Right), text: "Rearfoot post +4.5°, forefoot post +2.0°, heel cup 14.1 mm, arch 21.9 mm.".to_owned() },
        ],
        sides,
        findings,
        inputs: vec![file("case.toml", 812), file("left_foot.stl", 640_084), file("right_foot.stl", 640_084)],
        files: ["left", "right"]
            .iter()
            .flat_map(|side| {
                [("shell.stl", 4_210_084), ("shell.3mf", 1_120_431), ("shell.step", 910_223), ("mill.nc", 2_831_001), ("print.gcode", 6_312_410)]
                    .map(|(name, bytes)| file(&format!("{side}/{name}"), bytes))
            })
            .collect(),
        timings: Some(vec![("scan".to_owned(), 0.21), ("foot".to_owned(), 0.34), ("optimize".to_owned(), 1.92), ("shell".to_owned(), 0.88), ("milling".to_owned(), 1.41), ("printing".to_owned(), 2.02)]),
        record: vec![Row::new("Lab profile", "default 1"), Row::new("Seed", "1")],
        limits: vec!["Design aid for trained staff; the page is not a statement of conformity.".to_owned()],
    }
}
