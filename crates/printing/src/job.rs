//! From a mesh and an order to a checked program.

use geometry::{Point2, TriMesh, Vector3};
use serde::Serialize;
use vocabulary::Findings;

use crate::check::CheckReport;
use crate::layer::{Layer, Layers};
use crate::path::{Role, RoleVolumes};
use crate::place::{Part, Placement, place, seam_direction, together};
use crate::settings::{PrintOrder, Sequence};
use crate::stack::LayerStack;
use crate::thumbnail::{self, Thumbnail};
use crate::verify::{Expected, Verification, read_back};
use crate::zones::{DensityField, ZonedPart};
use crate::{PrintError, layer, outline, program, raft, template};

/// Coordinates beyond this are refused, mm; no bed is larger.
const FARTHEST_MM: f64 = 10_000.0;

/// Corners that no round line reaches make up less than this share of a part.
const LARGEST_UNPRINTED_SHARE: f64 = 0.005;

/// Layers shown in pictures, as shares of the height.
const PREVIEW_AT: [f64; 5] = [0.0, 0.1, 0.3, 0.55, 0.85];

/// A line of a preview.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PreviewLine {
    /// What it is for.
    pub role: Role,
    /// Its points in bed coordinates, mm.
    pub points_mm: Vec<[f64; 2]>,
    /// Its mean width, mm.
    pub width_mm: f64,
}

/// A layer of a preview.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PreviewLayer {
    /// Index of the layer, from 0.
    pub layer: usize,
    /// Height of its top over the bed, mm.
    pub top_mm: f64,
    /// Its lines in the order of printing.
    pub lines: Vec<PreviewLine>,
}

/// A program that passed its check, and what it takes.
#[derive(Clone, Debug, PartialEq)]
pub struct PrintJob {
    /// The text for the printer.
    pub program: String,
    /// Number of layers.
    pub layers: usize,
    /// Extruded volume by role, read back from the program, mm³.
    pub extruded_mm3: RoleVolumes,
    /// Filament used, mm.
    pub filament_mm: f64,
    /// Mass of that filament, g.
    pub mass_g: f64,
    /// Time of all moves; heating and homing not counted, s.
    pub estimated_time_s: f64,
    /// Area of overhangs seen from below, mm².
    pub overhang_mm2: f64,
    /// A few layers for pictures.
    pub preview: Vec<PreviewLayer>,
    /// What to add to a point of the first part, if it lies flat, to get its place on the bed.
    pub bed_from_part: Vector3,
    /// Where the parts lie, in their order.
    pub placements: Vec<Placement>,
    /// What the comparison with the order found.
    pub verification: Verification,
    /// What [`crate::Checker`] says of the program.
    pub report: CheckReport,
}

/// Slices a closed mesh and writes the program that prints it.
///
/// The mesh is moved to the middle of the bed, its lowest point on the bed. Repairs, overhangs and
/// supports go to `findings`.
///
/// # Errors
/// A [`PrintError`] for settings, sequences or meshes that cannot be printed, for a part that does
/// not fit, and for a program that fails its own check.
pub fn plan(
    mesh: &TriMesh,
    order: &PrintOrder,
    findings: &mut Findings,
) -> Result<PrintJob, PrintError> {
    plan_parts(&[Part { name: "part", mesh, zones: None }], order, findings)
}

/// Slices closed meshes and writes the program that prints them side by side.
///
/// The parts are turned as ordered and moved to the middle of the bed. Repairs, overhangs and
/// supports go to `findings`.
///
/// # Errors
/// As [`plan`], and [`PrintError::PartsTooLarge`] where they do not fit beside each other.
pub fn plan_parts(
    parts: &[Part<'_>],
    order: &PrintOrder,
    findings: &mut Findings,
) -> Result<PrintJob, PrintError> {
    order.check()?;
    for part in parts {
        check_mesh(part.mesh)?;
        if part.mesh.triangles.is_empty() {
            return Err(nothing(order));
        }
    }
    let (mut placements, mut placed) = place(parts, order, findings)?;
    for (placement, mesh) in placements.iter_mut().zip(&mut placed) {
        sink(placement, mesh, order, findings);
    }
    let densities = densities(parts, &placements, order);
    let mut plan = Layers::default();
    for group in groups(&placements, placed, order)? {
        let layers = sliced(&group, &densities, order, findings)?;
        plan.overhang_mm2 += layers.overhang_mm2;
        plan.support_mm3 += layers.support_mm3;
        plan.layers.extend(layers.layers);
    }
    for placement in &mut placements {
        placement.offset_mm[2] += raft::lift(order);
    }
    let bed_from_part =
        placements.first().map_or(Vector3::zeros(), |first| Vector3::from(first.offset_mm));
    if !layer::add_prime(&mut plan.layers, order) {
        findings.note(
            "printing",
            "no-prime-line",
            "There is no room for a prime line; the first lines may be thin.",
        );
    }
    check_room(&plan.layers, order)?;
    note_supports(&plan, order, findings);
    note_thin_places(&plan.layers, findings);
    let program = program::write(&plan.layers, order)?;
    let mut expected = Expected { layers: plan.layers.len(), ..Expected::default() };
    for layer in &plan.layers {
        expected.volumes_mm3.add_all(&layer.expected);
    }
    let (verification, report) = read_back(&program, order, &expected);
    if !verification.accepted {
        return Err(PrintError::Unverified { reasons: verification.reasons });
    }
    let filament_mm = verification.filament_mm;
    let volume_mm3 = filament_mm * program::filament_area(order);
    Ok(PrintJob {
        program,
        layers: plan.layers.len(),
        extruded_mm3: verification.extruded_mm3,
        filament_mm,
        mass_g: volume_mm3 / 1000.0 * order.material.density_g_cm3,
        estimated_time_s: verification.estimated_time_s,
        overhang_mm2: plan.overhang_mm2,
        preview: preview(&plan.layers),
        bed_from_part,
        placements,
        verification,
        report,
    })
}

/// A part that stands on a point or an edge is lowered into the bed until its first layer holds a line.
fn sink(
    placement: &mut Placement,
    mesh: &mut TriMesh,
    order: &PrintOrder,
    findings: &mut Findings,
) {
    let sunk_mm = outline::sunk_mm(mesh, order);
    if sunk_mm <= 0.0 {
        return;
    }
    placement.offset_mm[2] -= sunk_mm;
    mesh.vertices.iter_mut().for_each(|point| point.z -= sunk_mm);
    findings.warn(
        "printing",
        "stands-on-a-point",
        format!(
            "The part \"{}\" stands on a point or an edge that is thinner than any line: its lowest {sunk_mm:.2} mm are left \
             out, so that its first layer lies on the bed; turn it, or give it a wide brim.",
            placement.name
        ),
    );
}

/// What is printed layer by layer together.
struct Group<'a> {
    mesh: TriMesh,
    /// Of the parts in it.
    placements: &'a [Placement],
}

/// All parts at once, or one after the other, the lowest first.
fn groups<'a>(
    placements: &'a [Placement],
    placed: Vec<TriMesh>,
    order: &PrintOrder,
) -> Result<Vec<Group<'a>>, PrintError> {
    if order.settings.sequence == Sequence::Together {
        return Ok(vec![Group { mesh: together(&placed), placements }]);
    }
    let top = |mesh: &TriMesh| mesh.bounds().map_or(0.0, |(_, high)| high.z);
    let mut singly: Vec<Group<'_>> = placed
        .into_iter()
        .zip(placements.chunks(1))
        .map(|(mesh, placements)| Group { mesh, placements })
        .collect();
    singly.sort_by(|a, b| top(&a.mesh).total_cmp(&top(&b.mesh)));
    let gantry_mm = order.printer.gantry_height_mm;
    let passed = singly.len().saturating_sub(1);
    for group in &singly[..passed] {
        let height_mm = top(&group.mesh) + raft::lift(order);
        if height_mm > gantry_mm {
            return Err(PrintError::TooHighToPass {
                name: group.placements[0].name.clone(),
                height_mm,
                printer: order.printer.name.clone(),
                gantry_mm,
            });
        }
    }
    Ok(singly)
}

/// Plans the layers of parts that are printed together.
fn sliced(
    group: &Group<'_>,
    densities: &DensityField,
    order: &PrintOrder,
    findings: &mut Findings,
) -> Result<Layers, PrintError> {
    let bed_from_part =
        group.placements.first().map_or(Vector3::zeros(), |first| Vector3::from(first.offset_mm));
    let mut stack = LayerStack::of(&group.mesh, order);
    let outlines = outline::of_layers(&group.mesh, &stack, bed_from_part, findings)?;
    if outlines.is_empty() {
        return Err(nothing(order));
    }
    stack.cut_to(outlines.len());
    let seam = seam_direction(order.settings.seam, group.placements);
    let plan = layer::plan(&outlines, order, &layer::Bed { seam, densities, stack: &stack });
    check_foot(&plan.layers[order.settings.raft_layers.min(plan.layers.len())..])?;
    Ok(plan)
}

impl PrintJob {
    /// With pictures at the head of the program, for the printer's screen; they change no move.
    #[must_use]
    pub fn with_thumbnails(mut self, thumbnails: &[Thumbnail]) -> Self {
        if !thumbnails.is_empty() {
            let lines = self.program.lines().count();
            self.program = thumbnail::with_thumbnails(&self.program, thumbnails);
            self.report.move_down((self.program.lines().count() - lines) as u32);
        }
        self
    }
}

fn check_mesh(mesh: &TriMesh) -> Result<(), PrintError> {
    let is_printable = |value: &f64| value.abs() <= FARTHEST_MM;
    let stray = mesh.vertices.iter().position(|point| !point.coords.iter().all(is_printable));
    if let Some(vertex) = stray {
        let point = mesh.vertices[vertex];
        return Err(PrintError::Coordinate { vertex, x: point.x, y: point.y, z: point.z });
    }
    let count = mesh.vertices.len();
    for (triangle, corners) in mesh.triangles.iter().enumerate() {
        if let Some(&vertex) = corners.iter().find(|&&vertex| vertex as usize >= count) {
            return Err(PrintError::Index { triangle, vertex, count });
        }
    }
    Ok(())
}

const fn nothing(order: &PrintOrder) -> PrintError {
    PrintError::NothingToPrint { layer_height_mm: order.settings.layer_height_mm }
}

/// Where parts would lie, without slicing them.
///
/// # Errors
/// As [`plan_parts`] for settings, meshes, and parts that do not fit.
pub fn arrange(
    parts: &[Part<'_>],
    order: &PrintOrder,
    findings: &mut Findings,
) -> Result<Vec<Placement>, PrintError> {
    order.check()?;
    parts.iter().try_for_each(|part| check_mesh(part.mesh))?;
    Ok(place(parts, order, findings)?.0)
}

/// Start and end sequence with their names filled in.
///
/// # Errors
/// [`PrintError::Placeholder`] for an unknown name, [`PrintError::TemplateCharacter`].
pub fn sequences(order: &PrintOrder) -> Result<(String, String), PrintError> {
    let start = template::fill("start_gcode", &order.printer.start_gcode, order)?;
    Ok((start, template::fill("end_gcode", &order.printer.end_gcode, order)?))
}

/// The densities of all parts where they lie.
fn densities(parts: &[Part<'_>], placements: &[Placement], order: &PrintOrder) -> DensityField {
    let zoned: Vec<ZonedPart<'_>> = parts
        .iter()
        .zip(placements)
        .filter_map(|(part, placement)| {
            let zones = part.zones.filter(|zones| !zones.zones.is_empty())?;
            let (low, high) = part.mesh.bounds()?;
            Some(ZonedPart { placement, zones, low, high })
        })
        .collect();
    DensityField::new(order.settings.infill_fraction, &zoned)
}

fn too_large(part_mm: [f64; 3], order: &PrintOrder) -> PrintError {
    let [width, depth] = order.printer.bed_mm;
    PrintError::TooLarge {
        part_mm,
        printer: order.printer.name.clone(),
        room_mm: [width, depth, order.printer.height_mm],
    }
}

/// The part must begin on the bed.
fn check_foot(layers: &[Layer]) -> Result<(), PrintError> {
    let is_laid = |layer: &Layer| layer.paths.iter().any(|path| path.role.is_part());
    match layers.iter().position(is_laid) {
        Some(first) if first > 0 => {
            Err(PrintError::BeginsInTheAir { height_mm: layers[first - 1].top })
        }
        _ => Ok(()),
    }
}

/// Everything that is printed must lie on the bed, with half a line's width to spare.
fn check_room(layers: &[Layer], order: &PrintOrder) -> Result<(), PrintError> {
    // The prime line is laid where there is room for it.
    let points = || {
        let paths = layers.iter().flat_map(|layer| &layer.paths);
        paths.filter(|path| path.role != Role::Prime).flat_map(|path| &path.points)
    };
    let far = f64::INFINITY;
    let (low, high) = points()
        .fold((Point2::new(far, far), Point2::new(-far, -far)), |(low, high), point| {
            (low.inf(point), high.sup(point))
        });
    let half = order.settings.line_width_mm / 2.0;
    let bed = order.printer.bed_mm;
    let top = layers.iter().map(|layer| layer.top).fold(0.0, f64::max);
    let fits = low.x >= half
        && low.y >= half
        && high.x <= bed[0] - half
        && high.y <= bed[1] - half
        && top <= order.printer.height_mm;
    if fits || points().next().is_none() {
        return Ok(());
    }
    let width = order.settings.line_width_mm;
    Err(too_large([high.x - low.x + width, high.y - low.y + width, top], order))
}

fn note_supports(plan: &Layers, order: &PrintOrder, findings: &mut Findings) {
    let angle = order.settings.supports.overhang_deg;
    if plan.overhang_mm2 > 0.0 && plan.support_mm3 > 0.0 {
        findings.note(
            "printing",
            "supports-built",
            format!(
                "Overhangs of {:.0} mm² lean out by more than {angle}°; supports of {:.1} cm³ were \
                 put under them.",
                plan.overhang_mm2,
                plan.support_mm3 / 1000.0
            ),
        );
    } else if plan.overhang_mm2 > 0.0 {
        findings.warn(
            "printing",
            "overhang-without-support",
            format!(
                "Overhangs of {:.0} mm² lean out by more than {angle}° with nothing under them; \
                 switch supports on, or turn the part.",
                plan.overhang_mm2
            ),
        );
    }
}

/// Says how much of the part is too thin to be printed, where that is more than corners.
fn note_thin_places(layers: &[Layer], findings: &mut Findings) {
    let unprinted: f64 = layers.iter().map(|layer| layer.unprinted_mm3).sum();
    let printed: f64 = layers.iter().map(|layer| layer.expected.part()).sum();
    if unprinted > LARGEST_UNPRINTED_SHARE * printed {
        findings.warn(
            "printing",
            "too-thin-to-print",
            format!(
                "{unprinted:.0} mm³ of the part ({:.1} %) are too thin for any line; make it \
                 thicker or use a finer nozzle.",
                100.0 * unprinted / (unprinted + printed)
            ),
        );
    }
}

fn preview(layers: &[Layer]) -> Vec<PreviewLayer> {
    let mut chosen: Vec<usize> = PREVIEW_AT
        .iter()
        .map(|share| (share * layers.len().saturating_sub(1) as f64).round() as usize)
        .collect();
    chosen.dedup();
    chosen
        .into_iter()
        .filter_map(|index| layers.get(index).map(|layer| (index, layer)))
        .map(|(index, layer)| PreviewLayer {
            layer: index,
            top_mm: layer.top,
            lines: layer.paths.iter().map(|path| preview_line(path, layer.height)).collect(),
        })
        .collect()
}

fn preview_line(path: &crate::path::Path, height: f64) -> PreviewLine {
    let mean_pitch = path.strip_area() / path.length().max(1e-9);
    PreviewLine {
        role: path.role,
        points_mm: path.points.iter().map(|point| [point.x, point.y]).collect(),
        width_mm: crate::bead::width(mean_pitch, height),
    }
}
