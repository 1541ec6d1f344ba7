//! Prints parts by themselves: shells of a case, or models from files.

use geometry::TriMesh;
use order::{OrderError, ProfileStore};
use printing::{Checker, Part, PrintJob, PrintOrder, Zones};
use rayon::prelude::*;
use scan::ScanLimits;
use vocabulary::{Findings, Side};

use crate::fitting::Reach;
use crate::observer::{Observer, Stopwatch};
use crate::print_zones::{self, Sole, ZoneShape};
use crate::settings::Bench;
use crate::{Job, Refusal, assembled, print_settings, side};

/// What to print with.
#[derive(Clone, Debug)]
pub struct PrintRequest<'a> {
    /// Lab profiles.
    pub profiles: &'a ProfileStore,
    /// Name of the printer's profile.
    pub printer: &'a str,
    /// Name of the material's profile.
    pub material: &'a str,
    /// Keys of either profile with their values as text.
    pub overrules: &'a [(String, String)],
}

impl PrintRequest<'_> {
    /// Printer, material and settings as the profiles and what overrules them say.
    ///
    /// # Errors
    /// [`OrderError`] for an unknown profile or key, or a value out of range.
    pub fn order(&self) -> Result<PrintOrder, OrderError> {
        print_settings::print_order(self.profiles, self.printer, self.material, self.overrules)
    }
}

/// A part with its name.
#[derive(Clone, Debug, PartialEq)]
pub struct PrintPart {
    /// Name for reports.
    pub name: String,
    /// Closed mesh in its own frame, skin side up, mm.
    pub mesh: TriMesh,
    /// Infill by zone, in the part's own plane.
    pub zones: Option<Zones>,
}

/// Where parts would lie on the bed.
pub(crate) fn arranged(
    parts: &[PrintPart],
    order: &PrintOrder,
    findings: &mut Findings,
) -> Result<Vec<printing::Placement>, Refusal> {
    let plain: Vec<Part<'_>> = parts
        .iter()
        .map(|part| Part { name: &part.name, mesh: &part.mesh, zones: part.zones.as_ref() })
        .collect();
    printing::arrange(&plain, order, findings).map_err(|error| refused(parts, error.to_string()))
}

/// A reason why parts cannot be printed.
pub(crate) fn refused(parts: &[PrintPart], reason: String) -> Refusal {
    let names: Vec<&str> = parts.iter().map(|part| part.name.as_str()).collect();
    Refusal::File { place: names.join(", "), reason }
}

/// Reads a model from the bytes of an STL, 3MF, OBJ or PLY file.
///
/// # Errors
/// [`Refusal::File`] with the reader's reason.
pub fn read_part(name: &str, bytes: &[u8], findings: &mut Findings) -> Result<PrintPart, Refusal> {
    let mesh = scan::read_model(bytes, None, &ScanLimits::default(), findings)
        .map_err(|error| Refusal::File { place: name.to_owned(), reason: error.to_string() })?;
    Ok(PrintPart { name: name.to_owned(), mesh, zones: None })
}

/// Designs the shells of a case, each as a part: left before right, or one side only.
///
/// # Errors
/// [`Refusal`] with the first reason that stops the design.
pub fn case_parts(
    job: &Job<'_>,
    only: Option<Side>,
    observer: &dyn Observer,
    findings: &mut Findings,
) -> Result<Vec<PrintPart>, Refusal> {
    let bench = Bench::read(job)?;
    let sides: Vec<Side> =
        job.scans.keys().copied().filter(|side| only.is_none_or(|only| only == *side)).collect();
    if sides.is_empty() {
        return Err(Refusal::File {
            place: job.case_name.clone(),
            reason: "the side that was asked for is not part of the case".to_owned(),
        });
    }
    let results: Vec<Result<(PrintPart, Findings), Refusal>> = sides
        .par_iter()
        .map(|&side| {
            let mut watch = Stopwatch::new(observer, side);
            let mut findings = Findings::new();
            let fitted = side::fit(job, &bench, Reach::PostsAndArch, &mut watch, &mut findings)?;
            let shaped = side::shape(job, &bench, &fitted, &[], (&mut watch, &mut findings))?;
            let name = format!("{} {side}", job.case.patient.code);
            let zones = print_zones::of_case(job, side, &shaped.mesh, &fitted, &mut findings)?;
            Ok((PrintPart { name, mesh: shaped.mesh, zones }, findings))
        })
        .collect();
    let (mut parts, mut found) = (Vec::new(), Vec::new());
    for (side, result) in sides.iter().zip(results) {
        let (part, of_part) = result?;
        parts.push(part);
        found.push((side.to_string(), of_part));
    }
    findings.extend_of_parts(found);
    Ok(parts)
}

/// Gives a part zones that someone asks for by name or outline, each with its density (0 to 1), behind
/// those that it has.
///
/// # Errors
/// [`Refusal::File`] for an unknown name, or a medial side where nobody said which foot it is.
pub fn with_zones(
    mut part: PrintPart,
    asked: &[(ZoneShape, f64)],
    blend_mm: Option<f64>,
    side: Option<Side>,
) -> Result<PrintPart, Refusal> {
    let is_right = side.map(|side| side == Side::Right);
    let Some(sole) = Sole::of_model(&part.mesh, is_right) else { return Ok(part) };
    let usual = part.zones.as_ref().map_or(USUAL_BLEND_MM, |zones| zones.blend_mm);
    let more = sole.zones(asked, blend_mm.unwrap_or(usual), &part.name)?;
    let mut zones = part.zones.take().unwrap_or_default();
    zones.zones.extend(more.zones);
    zones.blend_mm = more.blend_mm;
    part.zones = Some(zones);
    Ok(part)
}

/// Width of a blend where nobody says it, mm; the default of the prescription.
const USUAL_BLEND_MM: f64 = 12.0;

/// Slices parts side by side and writes their program.
///
/// # Errors
/// [`Refusal::File`] with the slicer's reason.
pub fn print_parts(
    parts: &[PrintPart],
    order: &PrintOrder,
    findings: &mut Findings,
) -> Result<PrintJob, Refusal> {
    let parts: Vec<Part<'_>> = parts
        .iter()
        .map(|part| Part { name: &part.name, mesh: &part.mesh, zones: part.zones.as_ref() })
        .collect();
    let names: Vec<&str> = parts.iter().map(|part: &Part<'_>| part.name).collect();
    let job = printing::plan_parts(&parts, order, findings)
        .map_err(|error| Refusal::File { place: names.join(", "), reason: error.to_string() })?;
    let meshes: Vec<&TriMesh> = parts.iter().map(|part| part.mesh).collect();
    Ok(assembled::with_thumbnails(job, &meshes, order))
}

/// Judges a finished program line by line; see [`Checker`].
#[must_use]
pub fn print_checker(order: &PrintOrder) -> Checker {
    Checker::new(&order.printer, &order.material)
}
