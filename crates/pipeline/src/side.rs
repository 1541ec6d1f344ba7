//! One foot from its scan to its files.

use export::{MeshSettings, TessellateError};
use foot::Foot;
use foot::measure::MeasureSheet;
use foot::quality::{self, Check, Verdict};
use gait::{Activity, Stance};
use geometry::{Slab, TriMesh};
use knee::{KneeModel, Materials, Parameters, Prediction, Refinements};
use milling::{MillJob, MillOrder};
use optimize::{Limits, Optimum};
use order::{Indication, Prescription, ScanOrder, WeightBearing};
use printing::{PrintJob, PrintOrder};
use scan::ScanMesh;
use shell::Shell;
use vocabulary::{Findings, Side};

use crate::fitting::{self, Decision, Reach};
use crate::format::{Format, Part};
use crate::inspection::{self, Inspected};
use crate::mark::Marked;
use crate::observer::{Observer, Stopwatch};
use crate::operations;
use crate::prediction::{self, Built};
use crate::pressure_case::{self, OnFoot};
use crate::print_zones;
use crate::scanned::{self, ScanFacts, Steps};
use crate::settings::{Bench, body_weights};
use crate::strength::{self, Strength};
use crate::tuning::Surroundings;
use crate::{Job, Refusal, assembled, compatibility, load_case, mark, mill_sheet, part_zones};

/// A foot, ready to be designed for.
pub(crate) struct Fitted {
    pub(crate) scan: ScanMesh,
    /// The quality gate.
    pub(crate) checks: Vec<Check>,
    /// Everything measured on the scan.
    pub(crate) sheet: MeasureSheet,
    pub(crate) foot: Foot,
    pub(crate) state: WeightBearing,
    /// Arch height that was given to a sole that the scanner did not see, mm.
    pub(crate) assumed_arch_mm: Option<f64>,
    pub(crate) model: KneeModel,
    /// The same foot walking, where the load case is standing: limits hold there too.
    pub(crate) walking: Option<KneeModel>,
    /// Whether the model's stance was measured in a trial.
    pub(crate) walked: bool,
    /// The pressure recording on this foot, if there is one.
    pub(crate) pressure: Option<OnFoot>,
    pub(crate) decision: Decision,
    pub(crate) optimum: Optimum,
    pub(crate) limits: Limits,
    /// What the search saw around the design; of an earlier search, where its doses are applied.
    pub(crate) around: Surroundings,
    /// Whether the indication asks for a gain; without one the neutral device is no refusal.
    pub(crate) sought_gain: bool,
    /// Whether the aim is to raise the knee adduction moment.
    pub(crate) raises: bool,
    /// Whether the aim is the load at one side of the knee at all, and not the foot's motion or the sole's pressure.
    pub(crate) for_knee: bool,
}

/// A foot with its device and everything that is made from it.
pub(crate) struct Made {
    pub(crate) side: Side,
    pub(crate) fitted: Fitted,
    pub(crate) shell: Shell,
    /// `None` if it could not be pressed.
    pub(crate) strength: Option<Strength>,
    pub(crate) inspected: Inspected,
    pub(crate) prediction: Prediction,
    /// The slab as it is made: mirrored back for a left foot.
    pub(crate) slab: Slab,
    pub(crate) mesh: TriMesh,
    /// The mark in its underside.
    pub(crate) mark: Option<Marked>,
    pub(crate) mesh_deviation_mm: f64,
    pub(crate) files: Vec<(String, Vec<u8>)>,
    pub(crate) mill: MillJob,
    pub(crate) print: PrintJob,
    pub(crate) findings: Findings,
    pub(crate) times: Vec<(&'static str, f64)>,
}

/// Runs a step's function and names side and place if it refuses.
fn at<T, E: std::error::Error>(
    side: Side,
    place: &str,
    result: Result<T, E>,
) -> Result<T, Refusal> {
    result.map_err(|error| Refusal::Step {
        side,
        place: place.to_owned(),
        reason: error.to_string(),
    })
}

/// What the prediction starts from: the stance of this foot, and its pressure recording on the scan.
fn baseline(
    job: &Job<'_>,
    bench: &Bench,
    side: Side,
    foot: &Foot,
    findings: &mut Findings,
) -> Result<(Stance, Option<OnFoot>), Refusal> {
    load_case::check_alignment(job, side, findings)?;
    let length_mm = foot.measurements.length_mm;
    let stance = load_case::stance(job, bench.walk.as_ref(), side, length_mm, findings);
    let mut stance = at(side, "gait", stance)?;
    let pressure = pressure_case::on_foot(&bench.pressure, side, foot, findings);
    if let Some(on_foot) = &pressure {
        pressure_case::into_stance(on_foot, foot, &mut stance, findings);
    }
    load_case::keep_on_sole(&mut stance, foot, findings);
    Ok((stance, pressure))
}

fn say_case_changed(job: &Job<'_>, findings: &mut Findings) {
    if let Some(reason) = &job.unused_optimum {
        findings.warn("optimize", "optimum-not-used", reason.clone());
    }
    if let Some(earlier) = job.optimum.as_ref().filter(|earlier| !earlier.case_changed) {
        let message = format!("The doses of {} hold where the case orders nothing.", earlier.name);
        findings.note("optimize", "optimum-applied", message);
    }
    if let Some(earlier) = job.optimum.as_ref().filter(|earlier| earlier.case_changed) {
        findings.warn(
            "optimize",
            "case-changed",
            format!(
                "{} was made for another version of this case; what the case orders now counts before it. Run `optimize` again.",
                earlier.name
            ),
        );
    }
}

/// From the scan's bytes to a decided design.
pub(crate) fn fit(
    job: &Job<'_>,
    bench: &Bench,
    reach: Reach,
    watch: &mut Stopwatch<'_>,
    findings: &mut Findings,
) -> Result<Fitted, Refusal> {
    let side = watch.side();
    let (file, order) = (&job.scans[&side], &job.case.scans[&side]);
    let facts = ScanFacts {
        // With both feet in one file the shapes tell which is which.
        side: (!order.holds_both).then_some(side),
        unit: order.unit.as_deref().and_then(scanned::unit_of),
        length_mm: order.length_mm,
        weight_bearing: order.weight_bearing,
        kind: order.kind,
        landmarks: order.landmarks.clone(),
    };
    let read = scanned::read_feet(&file.bytes, &facts, &bench.scan_limits, watch, findings);
    let refusal = |reason: String| Refusal::Step { side, place: file.name.clone(), reason };
    let (scan, feet) = read.map_err(|stopped| refusal(stopped.reason().to_owned()))?;
    let found = feet.into_iter().find(|scanned| scanned.foot.side == side).ok_or_else(|| {
        refusal(format!("no {side} foot is in it; name a scan of that foot in [scan]"))
    })?;
    if quality::worst(&found.checks) == Verdict::Refused {
        return Err(refusal(scanned::reasons(&found.checks)));
    }
    findings.extend(found.findings);
    say_landmarks_by_hand(order, findings);
    let (checks, sheet, found) = (found.checks, found.sheet, found.foot);
    let prescription = &job.case.prescription[&side];
    let (foot, assumed_arch_mm) = with_arch(found, bench, prescription, findings);
    let state = weight_bearing(order.weight_bearing, &foot, findings);
    let (stance, pressure) = watch.step("gait", || baseline(job, bench, side, &foot, findings))?;
    let contact = at(side, &file.name, prediction::contact(&foot, body_weights(state)))?;
    let model = watch.step("balance", || {
        at(side, "knee model", KneeModel::new(contact, stance, parameters(job)))
    })?;
    model.report(findings);
    say_case_changed(job, findings);
    let settings = bench.shell_settings(state);
    let walking = walking_too(job, side, &model)?;
    let (decision, optimum, limits) = watch.step("optimize", || {
        fitting::decide(
            &fitting::Question {
                job,
                bench,
                side,
                foot: &foot,
                model: &model,
                walking: walking.as_ref(),
                settings,
                reach,
                robust: job.robust,
                prefer: None,
                applied: job.optimum.as_ref().and_then(|optimum| optimum.sides.get(&side)),
            },
            findings,
        )
    })?;
    let earlier = job.optimum.as_ref().and_then(|optimum| optimum.around.get(&side).cloned());
    let around = earlier.unwrap_or_else(|| Surroundings::of(&optimum, &limits));
    let arch_type = sheet.arch.as_ref().map(|arch| arch.arch_type.name());
    compatibility::check(job, bench, side, &decision, arch_type, findings)?;
    let sought_gain = job.case.indication != Indication::NoIndication;
    let raises = job.case.indication == Indication::LateralKneeOa;
    let for_knee = raises || job.case.indication == Indication::MedialKneeOa;
    Ok(Fitted {
        scan,
        checks,
        sheet,
        foot,
        state,
        assumed_arch_mm,
        model,
        walking,
        pressure,
        walked: bench.walk.as_ref().is_some_and(|walk| walk.analysis.side(side).is_some()),
        decision,
        optimum,
        limits,
        around,
        sought_gain,
        raises,
        for_knee,
    })
}

/// The foot of a standing person in ordinary walking by norms; `None` where the load case is another one.
fn walking_too(job: &Job<'_>, side: Side, model: &KneeModel) -> Result<Option<KneeModel>, Refusal> {
    if model.stance().activity != Activity::Standing {
        return Ok(None);
    }
    let stance = load_case::walking_norm(job, side, model.foot().length_mm);
    let stance = at(side, "gait", stance)?;
    let walking = KneeModel::new(model.foot().clone(), stance, parameters(job));
    at(side, "knee model, walking", walking).map(Some)
}

/// The calibrated constants, as the reference has them or refined.
fn parameters(job: &Job<'_>) -> Parameters {
    let refinements = if job.refined { Refinements::DEFENSIBLE } else { Refinements::NONE };
    Parameters { refinements, ..Parameters::default() }
}

/// A shell with its files.
pub(crate) struct Shaped {
    pub(crate) shell: Shell,
    /// `None` if it could not be pressed.
    pub(crate) strength: Option<Strength>,
    pub(crate) inspected: Inspected,
    /// The slab as it is made: mirrored back for a left foot.
    pub(crate) slab: Slab,
    pub(crate) mesh: TriMesh,
    /// The mark in its underside.
    pub(crate) mark: Option<Marked>,
    pub(crate) files: Vec<(String, Vec<u8>)>,
}

/// From a decided design to the shell and the files of its shape.
pub(crate) fn shape(
    job: &Job<'_>,
    bench: &Bench,
    fitted: &Fitted,
    formats: &[Format],
    (watch, findings): (&mut Stopwatch<'_>, &mut Findings),
) -> Result<Shaped, Refusal> {
    let side = watch.side();
    let settings = bench.shell_settings(fitted.state);
    let shell = watch.step("shell", || {
        let design = &fitted.decision.design;
        at(side, "shell", shell::build(&fitted.foot, design, &settings, findings))
    })?;
    let strength =
        watch.step("strength", || strength::strength(job, bench, side, &shell, findings));
    let mut slab = match side {
        Side::Right => shell.slab.clone(),
        Side::Left => shell.slab.mirrored_x(),
    };
    let (mesh, mark) =
        watch.step("mesh", || meshed(job, bench, (side, &shell), &mut slab, findings))?;
    let inspected = watch.step("inspect", || {
        inspection::inspect(bench, &shell, &fitted.foot, export::slab_volume(&slab))
    });
    let files = watch.step("solid", || {
        let zones = &part_zones::zones(&shell, side, &slab, &mesh);
        let code = &job.case.patient.code;
        Part { code, side, slab: &slab, mesh: &mesh, zones }.files(formats)
    })?;
    Ok(Shaped { shell, strength, inspected, slab, mesh, mark, files })
}

/// Marks a slab, if that is ordered, and meshes it.
fn meshed(
    job: &Job<'_>,
    bench: &Bench,
    (side, shell): (Side, &Shell),
    slab: &mut Slab,
    findings: &mut Findings,
) -> Result<(TriMesh, Option<Marked>), Refusal> {
    let placed = mark::place(job, bench, side, shell, slab)?;
    let settings = MeshSettings {
        tolerance_mm: bench.lab.number("mesh_tolerance_mm"),
        ..MeshSettings::default()
    };
    let mesh = at(side, "mesh", export::tessellate(slab, &settings))?;
    let mark = placed.map(|placed| placed.measured(slab, &mesh));
    if let Some(mark) = &mark {
        mark.report(side, findings)?;
    }
    Ok((mesh, mark))
}

/// From the scan's bytes to the files of one side.
pub(crate) fn make(
    job: &Job<'_>,
    bench: &Bench,
    side: Side,
    observer: &dyn Observer,
) -> Result<Made, Refusal> {
    let mut watch = Stopwatch::new(observer, side);
    let mut findings = Findings::new();
    let fitted = fit(job, bench, Reach::PostsAndArch, &mut watch, &mut findings)?;
    let Shaped { shell, strength, inspected, slab, mesh, mark, mut files } =
        shape(job, bench, &fitted, &Format::USUAL, (&mut watch, &mut findings))?;
    let prediction =
        watch.step("predict", || predict(job, bench, &fitted, (&shell, strength.as_ref()), side));
    prediction.report(&mut findings);
    let mesh_deviation_mm = export::deviation(&mesh, &slab, DEVIATION_SAMPLES).max_mm;
    let mill = watch.step("mill", || mill(job, bench, &slab, side, &mut findings))?;
    let print = watch.step("print", || {
        let order = print_order(job, bench, side);
        at(side, "print program", print_shell(job, side, &mesh, &fitted, &order, &mut findings))
    })?;
    files.push(("mill.nc".to_owned(), mill.program.clone().into_bytes()));
    let label = format!("{} {side}", job.case.patient.code);
    let sheet = mill_sheet::case_sheet(&bench.mill, (&label, &bench.stock), &mill, &findings);
    files.push(("mill-setup.html".to_owned(), sheet.into_bytes()));
    files.push(("print.gcode".to_owned(), print.program.clone().into_bytes()));
    let times = watch.times();
    Ok(Made {
        side,
        fitted,
        shell,
        strength,
        inspected,
        prediction,
        slab,
        mesh,
        mark,
        mesh_deviation_mm,
        files,
        mill,
        print,
        findings,
        times,
    })
}

fn mill(
    job: &Job<'_>,
    bench: &Bench,
    slab: &Slab,
    side: Side,
    findings: &mut Findings,
) -> Result<MillJob, Refusal> {
    let label = format!("{} {side} {}", job.case.patient.code, bench.stock);
    mark::say_not_milled(slab.relief.is_some(), findings);
    let part = at(side, "mesh for the mill", mill_mesh(slab))?;
    let jobs = milling::plan(&part, &MillOrder { label, ..bench.mill.clone() }, findings);
    let refuse = |error: String| Refusal::Step {
        side,
        place: "mill program".to_owned(),
        reason: format!(
            "{error}; a {} mm ball may not reach into this shape: choose a smaller tool in [make], order a higher \
             arch_fraction or a deeper heel cup, or less cast_fill_mm",
            bench.mill.tool.diameter_mm
        ),
    };
    // One tool mills all of it: one program.
    let mut jobs = jobs.map_err(|error| refuse(error.to_string()))?;
    jobs.pop().ok_or_else(|| refuse("no program was planned".to_owned()))
}

/// The program of a shell, with the zones of its prescription.
fn print_shell(
    job: &Job<'_>,
    side: Side,
    mesh: &TriMesh,
    fitted: &Fitted,
    order: &PrintOrder,
    findings: &mut Findings,
) -> Result<PrintJob, Refusal> {
    let zones = print_zones::of_case(job, side, mesh, fitted, findings)?;
    let part = printing::Part { name: side.name(), mesh, zones: zones.as_ref() };
    let print = printing::plan_parts(&[part], order, findings).map_err(|error| Refusal::File {
        place: "print program".to_owned(),
        reason: error.to_string(),
    })?;
    Ok(assembled::with_thumbnails(print, &[mesh], order))
}

/// How far the triangles that a tool follows may lie from the surfaces, mm: two fifths of the gouge that
/// is allowed; somewhat more where a surface is too wavy for that many triangles.
const MILL_MESH_MM: [f64; 2] = [0.008, 0.012];

/// The part as triangles so close to its surfaces that a tool which follows them follows the surfaces; without its
/// mark, which no such tool reaches into.
pub(crate) fn mill_mesh(slab: &Slab) -> Result<TriMesh, TessellateError> {
    let plain = slab.unmarked();
    let meshed = |tolerance_mm| {
        export::tessellate(&plain, &MeshSettings { tolerance_mm, ..MeshSettings::default() })
    };
    meshed(MILL_MESH_MM[0]).or_else(|fault| match fault {
        TessellateError::TooMany { .. } | TessellateError::Tolerance { .. } => {
            meshed(MILL_MESH_MM[1])
        }
        other => Err(other),
    })
}

/// The print order with the part's name as the first line, so that left and right can be told apart on a card.
fn print_order(job: &Job<'_>, bench: &Bench, side: Side) -> PrintOrder {
    // Braces would be placeholders of the start sequence, and firmware wants ASCII.
    let plain = |letter: char| {
        if letter.is_ascii_alphanumeric() || "-_.".contains(letter) { letter } else { '_' }
    };
    let code: String = job.case.patient.code.chars().map(plain).collect();
    let mut order = bench.print.clone();
    order.printer.start_gcode = format!(
        "; part: {code} {side}, solewright {}\n{}",
        env!("CARGO_PKG_VERSION"),
        order.printer.start_gcode
    );
    order
}

/// Pieces of a triangle's edge at whose corners the mesh is compared with the surfaces.
const DEVIATION_SAMPLES: usize = 6;

/// Gives a sole that was not seen the ordered or the lab's arch; leaves a seen one alone.
fn with_arch(
    found: Foot,
    bench: &Bench,
    prescription: &Prescription,
    findings: &mut Findings,
) -> (Foot, Option<f64>) {
    let (height, ordered) = bench.arch_height_mm(prescription, found.measurements.length_mm);
    if found.sole.imaged {
        if ordered {
            findings.warn("foot", "arch-height-not-used", format!(
                "arch_height_mm = {height} is not used because the scan shows the sole; order arch_fraction or \
                 cast_fill_mm to change the device's arch"
            ));
        }
        return (found, None);
    }
    let source =
        if ordered { "the prescription" } else { "the lab profile's ratio to the foot length" };
    findings.warn("foot", "arch-assumed", format!(
        "the arch of the foot is taken as {height:.1} mm from {source}, because the scan does not show the sole; \
         measure it and write arch_height_mm"
    ));
    (foot::with_assumed_arch(&found, height), Some(height))
}

fn weight_bearing(
    said: Option<WeightBearing>,
    foot: &Foot,
    findings: &mut Findings,
) -> WeightBearing {
    said.unwrap_or_else(|| {
        let state = scanned::state(foot.weight_bearing);
        findings.note(
            "scan",
            "weight-bearing-assumed",
            format!(
                "the case does not say how much weight the scanned foot bore; {} is taken from its shape; write \
                 weight_bearing in [scan] if it was not so",
                state.word()
            ),
        );
        state
    })
}

fn say_landmarks_by_hand(order: &ScanOrder, findings: &mut Findings) {
    if !order.landmarks.is_empty() {
        let names: Vec<&str> = order.landmarks.keys().map(String::as_str).collect();
        let message = format!("Landmarks by hand overrule the found ones: {}.", names.join(", "));
        findings.note("foot", "landmarks-by-hand", message);
    }
}

fn predict(
    job: &Job<'_>,
    bench: &Bench,
    fitted: &Fitted,
    (shell, strength): (&Shell, Option<&Strength>),
    side: Side,
) -> Prediction {
    let (model, foot) = (&fitted.model, &fitted.foot);
    let Decision { base, cover, post_mpa, .. } = &fitted.decision;
    let built = Built {
        design: base,
        wedge: operations::wedge(&job.case.prescription[&side]),
        materials: Materials {
            post_mpa: *post_mpa,
            ..prediction::materials(base, *cover, bench.lab.number("shell_modulus_mpa"))
        },
        map: strength.map(Strength::stiffness_map),
    };
    let device = prediction::finished_device(model.foot(), foot, shell, &built, model.parameters());
    model.predict(&device)
}
