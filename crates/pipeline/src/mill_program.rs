//! Mills parts by themselves, and checks the mill programs of others.

use export::TessellateError;
use geometry::{GraphSurface, Point2, Point3, Slab, TriMesh, Vector3};
use milling::{
    Block, Cutting, Finishing, Inspection, Inspector, MillError, MillJob, MillOrder, Model,
    Roughing, Separation, Setup, Spread, Tool, ToolChange,
};
use order::{ProfileKind, ProfileStore};
use rayon::prelude::*;
use scan::ScanLimits;
use serde::Serialize;
use vocabulary::{Findings, Side};

use crate::fitting::Reach;
use crate::mill_mark::{self, PartMark};
use crate::observer::{Observer, Stopwatch};
use crate::settings::Bench;
use crate::{Job, Refusal, mark, mill_settings, side};

/// What is made on the mill.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum WorkPiece {
    /// An insole with a flat underside: top and outline, from one side.
    Insole,
    /// A shell: top, underside and outline, from both sides.
    Shell,
    /// A positive mold of the corrected sole, for vacuum forming.
    Mold,
}

/// What to mill with.
#[derive(Clone, Debug)]
pub struct MillRequest<'a> {
    /// Lab profiles.
    pub profiles: &'a ProfileStore,
    /// Name of the machine's profile.
    pub machine: &'a str,
    /// Name of the tool's profile.
    pub tool: &'a str,
    /// Another tool for roughing.
    pub rough_tool: Option<&'a str>,
    /// Another tool for the outline.
    pub outline_tool: Option<&'a str>,
    /// Name of the cutting profile.
    pub cutting: &'a str,
    /// Size of the blank, mm; absent = the smallest that fits.
    pub blank_mm: Option<[f64; 3]>,
    /// What is made.
    pub work_piece: WorkPiece,
    /// How the part leaves the block.
    pub separation: Separation,
    /// How roughing passes run; absent = as the cutting profile says.
    pub roughing: Option<Roughing>,
    /// What passes between roughing and finishing leave, mm, 0 for no such passes; absent = as the cutting profile says.
    pub semi_finish_mm: Option<f64>,
    /// How finishing passes are spread.
    pub spread: Spread,
    /// Where they run.
    pub finishing: Finishing,
    /// Distance of finishing passes seen from above, mm; absent = the cutting profile's.
    pub step_over_mm: Option<f64>,
    /// Most material that may be left on the surface, whether the tool reaches it or not, mm; absent = what is usual
    /// for each.
    pub allow_left_mm: Option<f64>,
    /// What holds a blank in its place when it is turned over, `stops` or `dowels`; absent = what the machine's profile says.
    pub registration: Option<&'a str>,
    /// Name of the tool's profile for engraving the mark of a shell; absent to leave the mark out.
    pub mark_tool: Option<&'a str>,
    /// Name of the part in the program.
    pub label: String,
}

impl MillRequest<'_> {
    pub(crate) fn order(&self) -> Result<MillOrder, Refusal> {
        let mut order =
            mill_settings::mill_order(self.profiles, self.machine, self.tool, self.cutting)?;
        order.blank.size_mm = self.blank_mm;
        order.separation = self.separation;
        order.roughing = self.roughing.unwrap_or(order.roughing);
        if let Some(left) = self.semi_finish_mm {
            order.cutting.semi_finishing =
                mill_settings::semi_finishing(self.profiles, self.cutting, left)?;
        }
        order.spread = self.spread;
        order.finishing = self.finishing;
        if let Some(step) = self.step_over_mm {
            order.cutting.finishing_step_over_mm = step;
        }
        if let Some(limit) = self.allow_left_mm {
            (order.left_limit_mm, order.unreachable_limit_mm) = (limit, limit);
        }
        order.label.clone_from(&self.label);
        if let Some(name) = self.rough_tool {
            let named = (name, self.cutting);
            order.rougher = Some(mill_settings::rougher_of(self.profiles, named, &order)?);
        }
        if let Some(name) = self.outline_tool {
            order.outline_tool =
                Some(mill_settings::tool_of(&self.profiles.read(ProfileKind::Tool, name)?));
        }
        if self.work_piece == WorkPiece::Shell {
            order.dowels =
                mill_settings::dowels_of(self.profiles, self.machine, self.registration)?;
        }
        match self.work_piece {
            // The block is as high as the part needs: its face is the insole's underside.
            WorkPiece::Insole => order.blank.skin_below_mm = 0.0,
            WorkPiece::Shell => {
                // Room under and over the rim for a round tip to cut it through.
                let tool = order.outline_tool.as_ref().unwrap_or(&order.tool);
                let skin = milling::Cutter::of(tool).corner() + 0.5;
                order.blank.skin_above_mm = order.blank.skin_above_mm.max(skin);
                order.blank.skin_below_mm = order.blank.skin_below_mm.max(skin);
            }
            WorkPiece::Mold => order.separation = Separation::Stay,
        }
        Ok(order)
    }

    /// The tool that engraves, where one is asked for and something is milled that bears a mark.
    fn mark_tool(&self) -> Result<Option<Tool>, Refusal> {
        let Some(name) = self.mark_tool.filter(|_| self.work_piece == WorkPiece::Shell) else {
            return Ok(None);
        };
        Ok(Some(mill_settings::tool_of(&self.profiles.read(ProfileKind::Tool, name)?)))
    }
}

/// Reads a designed part from the bytes of an STL, 3MF, OBJ or PLY file, in mm and as it is.
///
/// # Errors
/// [`Refusal::File`] with the reader's reason.
pub fn read_model(name: &str, bytes: &[u8], findings: &mut Findings) -> Result<TriMesh, Refusal> {
    scan::read_model(bytes, None, &ScanLimits::default(), findings)
        .map_err(|error| Refusal::File { place: name.to_owned(), reason: error.to_string() })
}

/// The parts of one blank, side by side, in machine orientation.
#[derive(Clone, Debug, PartialEq)]
pub struct MillParts {
    /// Names, from left to right.
    pub names: Vec<String>,
    meshes: Vec<TriMesh>,
    /// Marks that can be engraved, by part.
    marks: Vec<Option<PartMark>>,
    /// Whether a part bears a mark, engraved or not.
    is_marked: bool,
}

impl MillParts {
    /// A model as it is: its top is up.
    #[must_use]
    pub fn of_model(name: String, mesh: TriMesh) -> Self {
        Self { names: vec![name], meshes: vec![mesh], marks: vec![None], is_marked: false }
    }

    /// One mesh of all parts, `gap` mm between them along x. The first stays where it is, so that the place of the
    /// part which the program states is that of its own model. Also how far each was moved.
    fn nested(&self, gap: f64) -> (TriMesh, Vec<Vector3>) {
        let mut together = TriMesh::default();
        let mut shifts = Vec::new();
        let mut beside: Option<Point3> = None;
        for mesh in &self.meshes {
            let Some((low, high)) = mesh.bounds() else {
                shifts.push(Vector3::zeros());
                continue;
            };
            let middle = f64::midpoint(low.y, high.y);
            let corner = beside.unwrap_or(Point3::new(low.x, middle, low.z));
            let place = corner - Point3::new(low.x, middle, low.z);
            shifts.push(place);
            let first = together.vertices.len() as u32;
            together.vertices.extend(mesh.vertices.iter().map(|point| point + place));
            together.triangles.extend(mesh.triangles.iter().map(|t| t.map(|index| index + first)));
            beside = Some(corner + Vector3::new(high.x - low.x + gap, 0.0, 0.0));
        }
        (together, shifts)
    }
}

/// One part as it is milled.
struct MillPart {
    name: String,
    mesh: TriMesh,
    /// Its mark, if it can be engraved.
    mark: Option<PartMark>,
    is_marked: bool,
}

/// Designs the ordered sides of a case and turns each into what is milled, left before right.
///
/// # Errors
/// [`Refusal`] with the first reason that stops the design.
pub fn case_mill_parts(
    job: &Job<'_>,
    work_piece: WorkPiece,
    only: Option<Side>,
    observer: &dyn Observer,
    findings: &mut Findings,
) -> Result<MillParts, Refusal> {
    let bench = Bench::read(job)?;
    let sides: Vec<Side> =
        job.scans.keys().copied().filter(|side| only.is_none_or(|only| only == *side)).collect();
    let results: Vec<Result<(MillPart, Findings), Refusal>> = sides
        .par_iter()
        .map(|&side| {
            let mut watch = Stopwatch::new(observer, side);
            let mut findings = Findings::new();
            let fitted = side::fit(job, &bench, Reach::PostsAndArch, &mut watch, &mut findings)?;
            let shaped = side::shape(job, &bench, &fitted, &[], (&mut watch, &mut findings))?;
            let name = format!("{} {side}", job.case.patient.code);
            let mark = PartMark::of(&name, &shaped).filter(|_| work_piece == WorkPiece::Shell);
            let is_marked = shaped.slab.relief.is_some();
            let slab = body(&shaped.slab, work_piece);
            let mesh = side::mill_mesh(&slab).map_err(|error: TessellateError| Refusal::Step {
                side,
                place: "mesh for the mill".to_owned(),
                reason: error.to_string(),
            })?;
            Ok((MillPart { name, mesh, mark, is_marked }, findings))
        })
        .collect();
    let mut parts =
        MillParts { names: Vec::new(), meshes: Vec::new(), marks: Vec::new(), is_marked: false };
    let mut found = Vec::new();
    for (side, result) in sides.iter().zip(results) {
        let (MillPart { name, mesh, mark, is_marked }, of_part) = result?;
        parts.marks.push(mark);
        parts.is_marked |= is_marked;
        parts.names.push(name);
        parts.meshes.push(mesh);
        found.push((side.to_string(), of_part));
    }
    findings.extend_of_parts(found);
    if parts.names.is_empty() {
        return Err(Refusal::File {
            place: job.case_name.clone(),
            reason: "the side that was asked for is not part of the case".to_owned(),
        });
    }
    Ok(parts)
}

/// Height of a mold under the lowest place of its rim, mm: to grip it, and for the sheet to be drawn over.
const MOLD_BASE_MM: f64 = 15.0;

/// The solid that is milled for a shell.
fn body(slab: &Slab, work_piece: WorkPiece) -> Slab {
    let level = |surface: &GraphSurface, height: f64| {
        let (columns, rows) = surface.control_size();
        GraphSurface::from_control(surface.area(), columns, rows, vec![height; columns * rows])
    };
    match work_piece {
        WorkPiece::Shell => slab.clone(),
        WorkPiece::Insole => Slab { bottom: level(&slab.bottom, lowest(slab)), ..slab.clone() },
        WorkPiece::Mold => {
            // Turned over about the axis along y: the sole looks up.
            let turned = slab.mirrored_x();
            let (columns, rows) = turned.top.control_size();
            let control: Vec<f64> = (0..columns * rows)
                .map(|index| -turned.top.control_point(index % columns, index / columns).z)
                .collect();
            let top = GraphSurface::from_control(turned.top.area(), columns, rows, control);
            let highest = rim(slab).map(|place| slab.top.height(place)).fold(f64::MIN, f64::max);
            Slab { bottom: level(&top, -highest - MOLD_BASE_MM), top, ..turned }
        }
    }
}

fn rim(slab: &Slab) -> impl Iterator<Item = Point2> {
    slab.outline.polyline(0.01, 0.5).into_iter()
}

/// Height of the lowest place of the underside, mm.
fn lowest(slab: &Slab) -> f64 {
    let area = slab.bottom.area();
    let corners: Vec<Point2> = rim(slab).collect();
    let steps = 200;
    let inside = (0..=steps).flat_map(|i| (0..=steps).map(move |j| (i, j))).map(|(i, j)| {
        let share = |step: i32| f64::from(step) / f64::from(steps);
        area.low + geometry::Vector2::new(area.width() * share(i), area.height() * share(j))
    });
    let inside = inside.filter(|place| geometry::polygon::contains(&corners, *place));
    // A flat underside lies a little lower still, so that the two surfaces never meet.
    inside
        .chain(corners.iter().copied())
        .map(|place| slab.bottom.height(place))
        .fold(f64::MAX, f64::min)
        - 0.1
}

/// Plans the programs of parts on one blank: one, or two for both sides of a shell.
///
/// # Errors
/// [`Refusal::File`] with the planner's reason and a way out.
pub fn mill_parts(
    parts: &MillParts,
    request: &MillRequest<'_>,
    findings: &mut Findings,
) -> Result<Vec<MillJob>, Refusal> {
    let mut order = request.order()?;
    // A tool for each outline, what roughing takes beside it, and something to hold them.
    let widest = order.outline_tool.as_ref().map_or(0.0, |tool: &Tool| tool.diameter_mm);
    let roughed = |tool: &Tool, cutting: &Cutting| {
        tool.diameter_mm.max(widest) + cutting.roughing_step_over_mm + cutting.roughing_allowance_mm
    };
    let wider = order.rougher.as_ref().map_or(0.0, |by| roughed(&by.tool, &by.cutting));
    let gap = 2.0 * roughed(&order.tool, &order.cutting).max(wider) + 4.0;
    let (part, shifts) = parts.nested(gap);
    let marks: Vec<PartMark> = parts
        .marks
        .iter()
        .zip(&shifts)
        .filter_map(|(mark, shift)| Some(mark.as_ref()?.shifted(*shift)))
        .collect();
    let mark_tool = request.mark_tool()?;
    order.engraving = mark_tool.as_ref().and_then(|tool| mill_mark::engraving(&marks, tool));
    mark::say_not_milled(parts.is_marked && order.engraving.is_none(), findings);
    let planned = match request.work_piece {
        WorkPiece::Shell => milling::plan_two_sided(&part, &order, findings),
        WorkPiece::Insole | WorkPiece::Mold => milling::plan(&part, &order, findings),
    };
    if order.tools().len() > 1 {
        match order.machine.dialect.tool_change {
            ToolChange::M6 => {}
            ToolChange::Stop => findings.note(
                "milling",
                "tool-change-by-hand",
                "The program stops (M0) for another tool",
            ),
            ToolChange::None => findings.note(
                "milling",
                "program-for-each-tool",
                "The machine cannot change tools: each has its own program, to be run in the order of the sheet",
            ),
        }
    }
    let jobs = planned.map_err(|error| Refusal::File {
        place: parts.names.join(", "),
        reason: match error {
            MillError::Rejected { .. }
            | MillError::Reach { .. }
            | MillError::Travel { .. }
            | MillError::Blank { .. } => format!(
                "{error}; a smaller tool reaches farther, --allow-left accepts what it cannot reach, and the blank's \
                 size and the machine's travel are in their profiles"
            ),
            // The others say what to do.
            _ => error.to_string(),
        },
    })?;
    if let Some(tool) = mark_tool.filter(|_| order.engraving.is_some()) {
        mill_mark::report(&marks, &jobs, (&order.machine, &tool), findings);
    }
    Ok(jobs)
}

/// What to judge a mill program by.
#[derive(Clone, Debug)]
pub struct MillCheckRequest<'a> {
    /// Lab profiles.
    pub profiles: &'a ProfileStore,
    /// Name of the machine's profile; told from the program when absent.
    pub machine: Option<&'a str>,
    /// Names of tool profiles; all known ones, by number, when empty.
    pub tools: &'a [String],
    /// Name of a cutting profile, for the plunge feed.
    pub cutting: Option<&'a str>,
    /// Size of the blank, mm; told from the program when absent.
    pub blank_mm: Option<[f64; 3]>,
    /// Whether X0 Y0 is the middle of the blank rather than its front left corner.
    pub zero_is_middle: bool,
    /// Whether Z0 is the blank's underside rather than its top.
    pub zero_is_bed: bool,
    /// The designed part.
    pub against: Option<&'a TriMesh>,
    /// Add this to a point of the part to get program coordinates, mm; told from the program when absent.
    pub at: Option<[f64; 3]>,
    /// Most material that may be left on the part, whether the tool reaches it or not, mm; absent = what is usual for
    /// each.
    pub allow_left_mm: Option<f64>,
}

/// Everything that a check needs before it reads.
#[derive(Clone, Debug)]
pub struct MillCheck {
    setup: Setup,
    controller: gcode::mill::Controller,
    model: Option<Model>,
    /// What was not given and is assumed, one sentence each.
    pub assumptions: Vec<String>,
}

impl MillCheck {
    /// Prepares a check; `head` is the beginning of the program, whose comments may say what was not given.
    ///
    /// # Errors
    /// [`Refusal`] for an unknown profile.
    pub fn new(request: &MillCheckRequest<'_>, head: &str) -> Result<Self, Refusal> {
        let mut assumptions = Vec::new();
        let store = request.profiles;
        let machine_name = match request.machine {
            Some(name) => name.to_owned(),
            None => {
                let (name, why) = machine_of_program(store, head)?;
                assumptions.push(format!("machine {name}: {why}"));
                name
            }
        };
        let machine = mill_settings::machine_of(&store.read(ProfileKind::Machine, &machine_name)?)?;
        let names: Vec<&str> = if request.tools.is_empty() {
            store.names(ProfileKind::Tool)
        } else {
            request.tools.iter().map(String::as_str).collect()
        };
        let mut tools = Vec::new();
        for name in names {
            tools.push(mill_settings::tool_of(&store.read(ProfileKind::Tool, name)?));
        }
        if request.tools.is_empty() {
            tools.sort_by_key(|tool: &Tool| tool.number);
            assumptions
                .push("tools by their numbers in the profiles; name them with --tool".to_owned());
        }
        let plunge = match request.cutting {
            Some(name) => Some(store.read(ProfileKind::Cutting, name)?.number("plunge_mm_per_min")),
            None => None,
        };
        let size = request.blank_mm.or_else(|| {
            let said = numbers_of(head, "Blank:");
            if let Some([x, y, z]) = said {
                assumptions.push(format!("blank {x} x {y} x {z} mm: the program says so"));
            }
            said
        });
        let block = size.map(|size| block(size, request));
        if block.is_none() {
            assumptions
                .push("no blank given: nothing was removed, rapids are judged by Z0".to_owned());
        }
        let model = request.against.map(|mesh| {
            let offset = request.at.or_else(|| numbers_of(head, "Part in blank:"));
            if offset.is_none() {
                assumptions.push(
                    "the model is taken to be in program coordinates; place it with --at"
                        .to_owned(),
                );
            }
            Model::new(mesh.translated(Vector3::from(offset.unwrap_or([0.0; 3]))))
        });
        let setup = Setup {
            tools,
            fixtures: fixtures_of(&machine, size),
            machine,
            block,
            plunge_mm_per_min: plunge,
            left_limit_mm: request.allow_left_mm.unwrap_or(milling::LEFT_LIMIT_MM),
            unreachable_limit_mm: request.allow_left_mm.unwrap_or(milling::UNREACHABLE_LIMIT_MM),
            strict: false,
        };
        Ok(Self { controller: milling::controller(&setup.machine), setup, model, assumptions })
    }

    /// Begins to read.
    #[must_use]
    pub fn start(&self) -> MillChecker<'_> {
        let inspector = Inspector::new(&self.setup, &self.controller, self.model.as_ref());
        MillChecker { inspector, lines: 0, controller: &self.controller }
    }
}

/// A check under way.
#[derive(Debug)]
pub struct MillChecker<'a> {
    inspector: Inspector<'a>,
    lines: u32,
    controller: &'a gcode::mill::Controller,
}

impl MillChecker<'_> {
    /// Takes the next line, without its end.
    pub fn line(&mut self, text: &str) {
        self.lines = self.lines.saturating_add(1);
        self.inspector.line(gcode::word::Line { number: self.lines, text });
    }

    /// Takes a line that is no text, or has no end.
    pub fn unreadable(&mut self, why: &str) {
        self.lines = self.lines.saturating_add(1);
        self.inspector.unreadable(self.lines, why);
    }

    /// The end of a program after which another runs on the same blank: only the last is judged.
    #[must_use]
    pub fn begin_next(self) -> Self {
        let inspector = self.inspector.begin_next(self.controller);
        Self { inspector, lines: 0, ..self }
    }

    /// The end of the file.
    #[must_use]
    pub fn finish(self) -> Inspection {
        self.inspector.finish()
    }
}

/// Clamps and stops of a machine around a blank; none where the blank is not known.
fn fixtures_of(machine: &milling::Machine, size: Option<[f64; 3]>) -> Vec<(String, Block)> {
    let Some(size) = size else { return Vec::new() };
    let placed = |fixture: &milling::Fixture| (fixture.name.clone(), fixture.beside(size));
    machine.fixtures.iter().map(placed).collect()
}

fn block(size: [f64; 3], request: &MillCheckRequest<'_>) -> Block {
    let left = if request.zero_is_middle { [-size[0] / 2.0, -size[1] / 2.0] } else { [0.0; 2] };
    let low = if request.zero_is_bed { 0.0 } else { -size[2] };
    Block {
        low: [left[0], left[1], low],
        high: [left[0] + size[0], left[1] + size[1], low + size[2]],
    }
}

/// The machine that a program was written for: by its own comment, else by words that only some have.
fn machine_of_program(store: &ProfileStore, head: &str) -> Result<(String, String), Refusal> {
    let capitals = head.to_uppercase();
    for name in store.names(ProfileKind::Machine) {
        let shown = store.read(ProfileKind::Machine, name)?.text("name").to_uppercase();
        if capitals.contains(&format!("MACHINE: {shown}")) {
            return Ok((name.to_owned(), "the program says so".to_owned()));
        }
    }
    let code: String = capitals
        .lines()
        .map(|line| line.split(['(', ';']).next().unwrap_or(""))
        .collect::<Vec<_>>()
        .join("\n");
    let has = |word: &str| {
        code.match_indices(word)
            .any(|(at, _)| !code[at + word.len()..].starts_with(|c: char| c.is_ascii_digit()))
    };
    if code.lines().any(|line| line.trim_start().starts_with('O')) && code.contains('%') {
        return Ok(("fanuc-mill".to_owned(), "it has a program number (O)".to_owned()));
    }
    for word in ["M6", "M06", "G43", "G64", "%"] {
        if if word == "%" { code.contains('%') } else { has(word) } {
            return Ok((
                "linuxcnc-router".to_owned(),
                format!("it has {word}, which GRBL does not take"),
            ));
        }
    }
    Ok((
        "grbl-router".to_owned(),
        "nothing in it says otherwise; name it with --machine".to_owned(),
    ))
}

/// The numbers after X, Y and Z of a comment that begins with a word, such as `(Blank: X 106 Y 204 Z 30 mm)`.
fn numbers_of(head: &str, word: &str) -> Option<[f64; 3]> {
    let line = head.lines().find(|line| line.to_uppercase().contains(&word.to_uppercase()))?;
    let at = line.to_uppercase().find(&word.to_uppercase())? + word.len();
    let words: Vec<String> =
        line.get(at..)?.to_uppercase().split_whitespace().map(str::to_owned).collect();
    let mut found = [f64::NAN; 3];
    for pair in words.windows(2) {
        if let Some(axis) = ["X", "Y", "Z"].iter().position(|letter| *letter == pair[0]) {
            found[axis] = pair[1].trim_end_matches(')').parse().ok()?;
        }
    }
    found.iter().all(|value: &f64| value.is_finite()).then_some(found)
}

/// What a mesh file holds, for [`check_mesh`].
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MeshCheck {
    /// Triangles.
    pub triangles: usize,
    /// Size along x, y, z, mm.
    pub size_mm: [f64; 3],
    /// Enclosed volume, mm³; meaningful if it is closed.
    pub volume_mm3: f64,
    /// Surface, mm².
    pub area_mm2: f64,
    /// Why it bounds no solid; absent if it does.
    pub defect: Option<String>,
    /// Whether its triangles face inward.
    pub inside_out: bool,
}

impl MeshCheck {
    /// Whether it bounds a solid, with its triangles facing outward.
    #[must_use]
    pub const fn is_sound(&self) -> bool {
        self.defect.is_none() && !self.inside_out
    }
}

/// Judges the mesh of a part.
#[must_use]
pub fn check_mesh(mesh: &TriMesh) -> MeshCheck {
    let defect = geometry::check_closed(mesh).err().map(|defect| defect.to_string());
    let (low, high) = mesh.bounds().unwrap_or((Point3::origin(), Point3::origin()));
    let volume_mm3 = mesh.volume();
    let inside_out = defect.is_none() && volume_mm3 < 0.0;
    MeshCheck {
        triangles: mesh.triangles.len(),
        size_mm: (high - low).into(),
        volume_mm3,
        area_mm2: mesh.area(),
        defect,
        inside_out,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The place in the blank that a program stated was that of a model moved to its own corner, so that `check
    /// --against` the very model that was milled found gouges of millimeters.
    #[test]
    fn the_first_part_of_a_blank_stays_in_its_own_frame() {
        let part = TriMesh::cuboid(Point3::new(-3.0, 7.0, 2.0), Point3::new(17.0, 47.0, 12.0));
        let alone = MillParts::of_model("a".to_owned(), part.clone());
        assert_eq!(alone.nested(30.0).0, part);
        let pair = MillParts { meshes: vec![part.clone(), part.clone()], ..alone };
        let (nested, shifts) = pair.nested(30.0);
        let (low, high) = nested.bounds().unwrap();
        assert_eq!(shifts, [Vector3::zeros(), Vector3::new(50.0, 0.0, 0.0)]);
        assert_eq!((low, high), (Point3::new(-3.0, 7.0, 2.0), Point3::new(67.0, 47.0, 12.0)));
    }

    #[test]
    fn a_program_says_its_blank_and_its_machine() {
        let head = "(Machine: GRBL router 600 x 400)\n(Blank: X 40 Y 44.5 Z 14 mm)\n(Part in blank: X 20.000 Y 22.000 Z -11.000)\n";
        assert_eq!(numbers_of(head, "Blank:"), Some([40.0, 44.5, 14.0]));
        assert_eq!(numbers_of(head, "Part in blank:"), Some([20.0, 22.0, -11.0]));
        assert_eq!(numbers_of("(Blank: X 40)", "Blank:"), None);
        let store = ProfileStore::shipped();
        let machine = |head: &str| machine_of_program(&store, head).unwrap().0;
        assert_eq!(machine(head), "grbl-router");
        assert_eq!(machine("%\nO1000 (PART)\nG21"), "fanuc-mill");
        assert_eq!(machine("G21\nT1 M6\nG43 H1"), "linuxcnc-router");
        assert_eq!(machine("G21\nM60 (M6 is not here)"), "grbl-router");
    }
}
