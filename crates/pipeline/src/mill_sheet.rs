//! The set-up sheet of a mill job: what lies beside the machine while it runs.

use geometry::{HeightField, Point3, TriMesh};
use milling::{
    Cutting, Finishing, MillJob, MillOrder, OperationKind, OperationSummary, Roughing, Separation,
    Tool, ToolChange,
};
use picture::{
    ColorMap, HeatMapStyle, Mark, PictureSize, PlanView, Series, ShadeStyle, View, ViewNotes,
    annotated_view, heat_map, plan_view, series_color, shaded,
};
use report::{
    Figure, FileRow, FindingRow, OperationRow, Picture, Place, ProgramSheet, Row, SetupSheet, Svg,
};
use vocabulary::{Findings, Side};

use crate::page::minutes;
use crate::pictures::mill_paths;
use crate::record::hash;
use crate::{MillParts, MillRequest, Refusal, WorkPiece};

/// Clamps stay away from the part by this much more than the tool needs, mm.
const CLAMP_MARGIN_MM: f64 = 3.0;
/// Nodes of the simulated stock along the longer side of its picture, at most.
const PICTURE_NODES: usize = 400;
/// The color bar of the deviation ends here, mm.
const DEVIATION_MM: f64 = 0.1;
/// Corners of the circle that stands for a hole.
const HOLE_CORNERS: u32 = 24;
/// Seen over the front left corner of the blank.
const VIEW: View = View::Iso { azimuth: -2.0, elevation: 0.75 };

/// Steps whose findings matter at the machine; the others are the report's.
const AT_THE_MACHINE: [&str; 2] = ["milling", "mark"];

/// What the check does not see.
const LIMITS: [&str; 2] = [
    "Of clamps, screws and the table the simulation knows what the machine's profile lists as fixtures: look along the paths \
     before starting. A thin blank that lifts or a tool that is worn or not the one of this sheet cut something else.",
    "Times are planned with the acceleration of the machine's profile; tool changes and clamping come on top.",
];

/// Writes the set-up sheet of the programs that [`crate::mill_parts`] has made of the request, whose files are named
/// in the same order.
///
/// # Errors
/// [`Refusal`] for a profile that is not there.
pub fn mill_sheet(
    parts: &MillParts,
    request: &MillRequest<'_>,
    jobs: &[MillJob],
    files: &[String],
    findings: &Findings,
) -> Result<String, Refusal> {
    let order = request.order()?;
    let title = match request.work_piece {
        WorkPiece::Insole => "Insole, milled from a block",
        WorkPiece::Shell => "Shell, milled from both sides",
        WorkPiece::Mold => "Mold for vacuum forming",
    };
    let named = Named {
        title,
        label: parts.names.join(" + "),
        parts: parts.names.join(", "),
        material: Row::new("Cutting data", request.cutting.to_owned()),
    };
    Ok(sheet(named, &order, jobs, files, findings))
}

/// The set-up sheet of one side of a case as [`crate::make()`] mills it: its top, from a block of the stock material.
pub(crate) fn case_sheet(
    order: &MillOrder,
    (label, stock): (&str, &str),
    job: &MillJob,
    findings: &Findings,
) -> String {
    let named = Named {
        title: "Top of a shell, milled from a block",
        label: label.to_owned(),
        parts: label.to_owned(),
        material: Row::new("Stock", stock.to_owned()),
    };
    sheet(named, order, std::slice::from_ref(job), &["mill.nc".to_owned()], findings)
}

/// What a sheet is about.
struct Named {
    title: &'static str,
    label: String,
    parts: String,
    material: Row,
}

fn sheet(
    named: Named,
    order: &MillOrder,
    jobs: &[MillJob],
    files: &[String],
    findings: &Findings,
) -> String {
    let total: f64 = jobs.iter().map(|job| job.estimated_time_s).sum();
    let mut facts = vec![
        Row::new("Machine", order.machine.name.clone()),
        named.material,
        Row::new("Parts", named.parts),
    ];
    if let Some(job) = jobs.first() {
        let [x, y, z] = job.placement.blank_mm;
        facts.push(
            Row::new("Blank", format!("{x:.0} × {y:.0} × {z:.0} mm"))
                .with_note("width along X, length along Y, height"),
        );
    }
    facts.push(Row::new("Held by", held_by(order.separation)));
    facts.push(Row::new("Machine time", minutes(total)));
    let sheet = SetupSheet {
        title: named.title.to_owned(),
        label: named.label,
        program_version: concat!("solewright ", env!("CARGO_PKG_VERSION")).to_owned(),
        facts,
        findings: findings
            .iter()
            .filter(|finding| AT_THE_MACHINE.contains(&finding.step))
            .map(|finding| FindingRow {
                severity: finding.severity,
                step: finding.step.to_owned(),
                side: None::<Side>,
                message: finding.message.clone(),
            })
            .collect(),
        programs: jobs
            .iter()
            .enumerate()
            .map(|(index, job)| {
                let file = files.get(index).map_or("", String::as_str);
                let before = index.checked_sub(1).and_then(|before| jobs.get(before));
                program(order, job, file, before)
            })
            .collect(),
        limits: LIMITS.iter().map(|&limit| limit.to_owned()).collect(),
    };
    report::setup_html(&sheet)
}

fn held_by(separation: Separation) -> String {
    match separation {
        Separation::Stay => "the block: a person cuts the part free".to_owned(),
        Separation::Tabs { count, width_mm, height_mm } => {
            format!("{count} tabs of {width_mm:.0} × {height_mm:.1} mm on each part, to be cut")
        }
        Separation::OnionSkin { thickness_mm } => {
            format!("a skin of {thickness_mm:.1} mm all around, to be trimmed")
        }
    }
}

/// `before` is the program that runs before this one.
fn program(order: &MillOrder, job: &MillJob, file: &str, before: Option<&MillJob>) -> ProgramSheet {
    let side = match job.side {
        0 => "The program".to_owned(),
        1 => "Side 1: the top".to_owned(),
        _ => "Side 2: the underside".to_owned(),
    };
    let only =
        job.only.map_or_else(String::new, |kind| format!(", {}", kind.name().to_lowercase()));
    ProgramSheet {
        title: format!("{side}{only}"),
        file: FileRow {
            path: file.to_owned(),
            bytes: job.program.len() as u64,
            sha256: hash(job.program.as_bytes()),
        },
        steps: steps(order, job, before),
        operations: job
            .operations
            .iter()
            .map(|operation| operation_row(order, operation))
            .collect(),
        proof: proof(job),
        figures: figures(order, job),
    }
}

/// What the operator does.
fn steps(order: &MillOrder, job: &MillJob, before: Option<&MillJob>) -> Vec<String> {
    let mut steps = vec![clamping(order, job, before)];
    let mut tools: Vec<&OperationSummary> = Vec::new();
    for operation in &job.operations {
        if tools.iter().all(|known| known.tool.number != operation.tool.number) {
            tools.push(operation);
        }
    }
    let by_itself = order.machine.dialect.tool_change == ToolChange::M6;
    for (at, operation) in tools.iter().enumerate() {
        let tool = &operation.tool;
        let when = match (at, by_itself) {
            (0, false) => "Put in",
            (_, true) => "Have ready",
            (_, false) => "When the program stops, put in",
        };
        let of_tool = job.operations.iter().filter(|other| other.tool.number == tool.number);
        let deepest = of_tool.map(|other| -other.lowest_mm).fold(0.0, f64::max);
        steps.push(format!(
            "{when} T{} {}: {} of {:.1} mm diameter, at least {deepest:.0} mm out of the holder (profile: {:.0} mm).",
            tool.number,
            tool.name,
            tool.shape.name(),
            tool.diameter_mm,
            tool.stickout_mm
        ));
    }
    let again = if tools.len() > 1 && !by_itself { ", again after the change" } else { "" };
    let same_side = before.is_some_and(|before| before.side == job.side);
    steps.push(if same_side || (before.is_some() && !job.holes.is_empty()) {
        format!("Keep X0 Y0 where it was; set Z0 on the top face of the blank{again}, where nothing was milled.")
    } else {
        format!("Set X0 Y0 at the front left corner of the blank and Z0 on its top face{again}.")
    });
    steps.push(format!("Run the program: {}.", minutes(job.estimated_time_s)));
    steps
}

/// How the blank comes to lie where the program expects it.
fn clamping(order: &MillOrder, job: &MillJob, before: Option<&MillJob>) -> String {
    let [width, length, height] = job.placement.blank_mm;
    let wide = |tool: &Tool, cutting: &Cutting| tool.diameter_mm + cutting.roughing_step_over_mm;
    let wider = order.rougher.as_ref().map_or(0.0, |by| wide(&by.tool, &by.cutting));
    let away = wide(&order.tool, &order.cutting).max(wider) + CLAMP_MARGIN_MM;
    match before {
        Some(before) if before.side == job.side => "Leave the blank as it is.".to_owned(),
        None => {
            let clamps = if job.fixtures.is_empty() {
                format!("Keep clamps {away:.0} mm away from the outline of the part.")
            } else {
                "Clamps and stops as drawn: the check has kept the tools clear of them.".to_owned()
            };
            format!(
                "Clamp the blank, {width:.0} mm along X, {length:.0} mm along Y, {height:.0} mm high, with its front left \
                 corner against stops. {clamps}"
            )
        }
        Some(_) if job.holes.is_empty() => format!(
            "Turn the blank over about the axis along Y (left edge to the right) and push it against the same stops at \
             the front left: its width must be {width:.2} mm."
        ),
        Some(_) => format!(
            "Put a dowel into each of the {} holes of the board, lower than the blank is high; turn the blank over about the \
             axis along Y (left edge to the right), put it over the dowels, and clamp it as before.",
            job.holes.len()
        ),
    }
}

/// Its name, with the strategy where that is not the usual one.
fn operation_name(order: &MillOrder, kind: OperationKind) -> String {
    let name = kind.name();
    match kind {
        OperationKind::Roughing if order.roughing == Roughing::ConstantEngagement => {
            format!("{name}: constant engagement")
        }
        OperationKind::Finishing if order.finishing != Finishing::Parallel => {
            format!("{name}: {}", order.finishing.name())
        }
        _ => name.to_owned(),
    }
}

fn operation_row(order: &MillOrder, operation: &OperationSummary) -> OperationRow {
    let (tool, cutting) = (&operation.tool, order.cutting_of(operation.kind));
    OperationRow {
        name: operation_name(order, operation.kind),
        tool: format!("T{} {}", tool.number, tool.name),
        tool_note: format!(
            "{}, {} flutes, {:.0} mm of them cut",
            tool.shape.name(),
            tool.flutes,
            tool.flute_length_mm
        ),
        spindle: format!("{:.0} 1/min", order.spindle_rpm(operation.kind, tool)),
        feed: match operation.kind {
            // Their tools go no faster than down.
            OperationKind::Holes | OperationKind::Mark => {
                format!("{:.0} mm/min", cutting.plunge_mm_per_min)
            }
            _ => format!(
                "{:.0}, down {:.0} mm/min",
                cutting.feed_mm_per_min, cutting.plunge_mm_per_min
            ),
        },
        lowest: format!("Z{:.1}", operation.lowest_mm),
        moves: operation.moves.to_string(),
        time: minutes(operation.time_s),
    }
}

fn proof(job: &MillJob) -> Vec<Row> {
    let check = &job.verification;
    let mut rows = vec![
        Row::new(
            "Cut into the part",
            format!("at most {:.3} mm", check.gouge_mm.unwrap_or_default()),
        ),
        Row::new(
            "Left on the surface",
            format!("at most {:.3} mm", check.left_mm.unwrap_or_default()),
        )
        .with_note(check.interior.map_or_else(String::new, |interior| {
            format!(
                "99 of 100 places {:.3} mm, mean {:.3} mm",
                interior.p99_left_mm, interior.mean_mm
            )
        })),
        Row::new("Deepest bite", format!("{:.1} mm", check.deepest_bite.depth_mm))
            .with_note(format!("line {}", check.deepest_bite.line)),
        Row::new(
            "Ways",
            format!(
                "{:.0} m at a feed, {:.0} % of them in the air; {:.0} m rapid",
                check.lengths.feed_mm / 1e3,
                100.0 * check.lengths.air_feed_mm / check.lengths.feed_mm.max(1.0),
                check.lengths.rapid_mm / 1e3
            ),
        ),
    ];
    let unreachable =
        check.interior.iter().chain(&check.rim).map(|found| found.worst_unreachable_mm);
    let unreachable = unreachable.fold(0.0, f64::max);
    if unreachable > 0.0 {
        rows.insert(
            2,
            Row::new("Left where no tool reaches", format!("at most {unreachable:.2} mm"))
                .with_note("sand it, or take a smaller tool"),
        );
    }
    rows
}

fn figure(title: &str, caption: &str, svg: Svg, alt: &str) -> Figure {
    Figure {
        place: Place::Making,
        title: title.to_owned(),
        caption: caption.to_owned(),
        picture: Picture::Drawing(svg),
        wide: false,
        alt: alt.to_owned(),
    }
}

fn figures(order: &MillOrder, job: &MillJob) -> Vec<Figure> {
    let mut figures = vec![on_the_table(order, job), mill_paths(job)];
    if let Some(remains) = &job.verification.remains {
        let floor = -job.placement.blank_mm[2];
        let stock = solid(&remains.stock, floor);
        let size = PictureSize::Within { width: 460.0, height: 420.0 };
        let alt = "The simulated blank after the program, seen from the front left";
        let notes = ViewNotes { description: alt.to_owned(), ..ViewNotes::default() };
        let style = ShadeStyle { oversampling: 1, ..ShadeStyle::SHELL };
        let seen = annotated_view(&shaded(&stock, VIEW, size, &style), &notes);
        figures.push(figure("After the program", "Simulated from the written program.", seen, alt));
        if let Some(deviation) = &remains.deviation {
            let alt = "Deviation of the simulated from the designed surface, seen from above";
            let style = HeatMapStyle {
                colors: ColorMap::Difference,
                range: Some((-DEVIATION_MM, DEVIATION_MM)),
                quantity: "left (+), cut into (−), mm".to_owned(),
                description: alt.to_owned(),
                ..HeatMapStyle::default()
            };
            let caption = "Largest of each square millimeter, along the surface's normal.";
            figures.push(figure("Deviation", caption, heat_map(deviation, &style), alt));
        }
    }
    figures
}

/// The blank from above with the parts and the zero.
fn on_the_table(order: &MillOrder, job: &MillJob) -> Figure {
    let [width, length, _] = job.placement.blank_mm;
    let line = |label: &str, points: Vec<(f64, f64)>, index: usize| Series {
        label: label.to_owned(),
        points,
        color: series_color(index),
        dashed: false,
    };
    let corners = vec![(0.0, 0.0), (width, 0.0), (width, length), (0.0, length), (0.0, 0.0)];
    let mut series = vec![line("blank", corners, 3)];
    for (index, border) in job.borders.iter().enumerate() {
        let mut points: Vec<(f64, f64)> = border.iter().map(|&[x, y]| (x, y)).collect();
        points.extend(points.first().copied());
        series.push(line(if index == 0 { "part" } else { "" }, points, 0));
    }
    for (index, (_, block)) in job.fixtures.iter().enumerate() {
        let ([left, front, _], [right, back, _]) = (block.low, block.high);
        let corners =
            vec![(left, front), (right, front), (right, back), (left, back), (left, front)];
        let mut box_line = line(if index == 0 { "clamp, stop" } else { "" }, corners, 2);
        box_line.dashed = true;
        series.push(box_line);
    }
    let drilled = job.operations.iter().find(|operation| operation.kind == OperationKind::Holes);
    for (index, [x, y]) in job.holes.iter().enumerate() {
        let radius = order.dowels.as_ref().map_or(0.0, |dowels| dowels.tool.radius_mm());
        let corner = |turn: u32| {
            let angle = std::f64::consts::TAU * f64::from(turn) / f64::from(HOLE_CORNERS);
            (x + radius * angle.cos(), y + radius * angle.sin())
        };
        let label = if drilled.is_some() { "hole, to be drilled" } else { "dowel hole" };
        let circle = (0..=HOLE_CORNERS).map(corner).collect();
        series.push(line(if index == 0 { label } else { "" }, circle, 1));
    }
    let mut marks = vec![
        Mark { at: (0.0, 0.0), text: "X0 Y0".to_owned() },
        Mark { at: (width, length), text: format!("{width:.0} × {length:.0} mm") },
    ];
    marks.extend(
        job.holes.iter().map(|[x, y]| Mark { at: (*x, *y), text: format!("X{x:.1} Y{y:.1}") }),
    );
    marks.extend(job.fixtures.iter().map(|(name, block)| Mark {
        at: (
            f64::midpoint(block.low[0], block.high[0]),
            f64::midpoint(block.low[1], block.high[1]),
        ),
        text: name.clone(),
    }));
    let alt = "The blank on the table from above, with the outlines of the parts and the zero of the program";
    let plan = PlanView {
        x_title: "X, mm".to_owned(),
        y_title: "Y, mm".to_owned(),
        series,
        marks,
        description: alt.to_owned(),
        ..PlanView::default()
    };
    figure("On the table", "From above, the operator at the front (below).", plan_view(&plan), alt)
}

/// The stock as a solid down to `floor`, coarse enough for a picture.
fn solid(stock: &HeightField, floor: f64) -> TriMesh {
    let step = stock.columns.max(stock.rows).div_ceil(PICTURE_NODES).max(1);
    let indices = |count: usize| -> Vec<usize> {
        let mut nodes: Vec<usize> = (0..count).step_by(step).collect();
        if nodes.last() != Some(&(count - 1)) {
            nodes.push(count - 1);
        }
        nodes
    };
    let (columns, rows) = (indices(stock.columns), indices(stock.rows));
    let mut mesh = TriMesh::default();
    for (at_row, &row) in rows.iter().enumerate() {
        for (at_column, &column) in columns.iter().enumerate() {
            let place = stock.node(column, row);
            // The border goes straight down.
            let on_border = at_row == 0
                || at_column == 0
                || at_row + 1 == rows.len()
                || at_column + 1 == columns.len();
            let height = if on_border { floor } else { stock.at(column, row) };
            mesh.vertices.push(Point3::new(place.x, place.y, height));
        }
    }
    for row in 1..rows.len() {
        for column in 1..columns.len() {
            let node = |column: usize, row: usize| (row * columns.len() + column) as u32;
            let [a, b] = [node(column - 1, row - 1), node(column, row - 1)];
            let [c, d] = [node(column - 1, row), node(column, row)];
            mesh.triangles.extend([[a, b, d], [a, d, c]]);
        }
    }
    mesh
}
