//! A gait analysis: files of a trial in, one JSON object, a sheet and pictures out.

mod made;
mod numbers;
mod pictures;
mod sheet;

use made::Made;
pub(crate) use numbers::metrics;
use order::{ProfileStore, looks_like_gait_sheet};
use recording::{
    Motion, MotionLimits, PressureRequest, is_motion_file, is_pressure, join_motions, read_motion,
};
use serde_json::Value;
use trial::{Analysis, Input, JointTracking, MomentFrame, Settings};
use vocabulary::Findings;

use crate::measured_stance::no_stance;
use crate::record::hash;
use crate::{Job, OutputFile, PressureSheet, Refusal, marker_sets, pressure_sheets};

/// Words for the axes of joint moments.
pub const MOMENT_FRAMES: [&str; 3] = [
    MomentFrame::Tibia.name(),
    MomentFrame::Laboratory.name(),
    MomentFrame::JointCoordinate.name(),
];

/// Words for how joints marked in the static trial are carried through the walk.
pub const JOINT_TRACKINGS: [&str; 2] =
    [JointTracking::Linked.name(), JointTracking::Clusters.name()];

/// A file of a gait laboratory as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GaitFile {
    /// Name for messages.
    pub name: String,
    /// The file's bytes.
    pub bytes: Vec<u8>,
}

/// What is to be analyzed, and how.
#[derive(Clone, Debug)]
pub struct GaitRequest<'a> {
    /// Files of one trial.
    pub files: Vec<GaitFile>,
    /// Files of the trial in which the person stands still, if there is one.
    pub standing: Vec<GaitFile>,
    /// Name of the marker set; the best fitting one if not given.
    pub markers: Option<String>,
    /// Body mass, kg, if it is known better than by the files.
    pub mass_kg: Option<f64>,
    /// Body height, m.
    pub height_m: Option<f64>,
    /// Axes of joint moments, one of [`MOMENT_FRAMES`]; the tibia's if not given.
    pub frame: Option<String>,
    /// How joints of the static trial are carried, one of [`JOINT_TRACKINGS`]; linked if not given.
    pub joints: Option<String>,
    /// What the person does, one of [`ACTIVITIES`], for a sheet of numbers; walking if not given. A trial shows it by itself.
    pub activity: Option<String>,
    /// What is known better than by the files of pressure recordings.
    pub pressure: PressureFacts,
    /// Marker and pressure profiles.
    pub profiles: &'a ProfileStore,
}

/// Words for what a person does on a sheet of numbers.
pub const ACTIVITIES: [&str; 3] = ["walking", "standing", "running"];

/// What a caller knows of pressure recordings.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PressureFacts {
    /// Distance of cells, mm, where the file does not say it.
    pub cell_mm: Option<f64>,
    /// Frames per second, where the file does not say it.
    pub rate_hz: Option<f64>,
    /// Whether protective sensation is lost: the limit for such feet then counts.
    pub neuropathic: bool,
}

/// A finished gait analysis.
#[derive(Clone, Debug, PartialEq)]
pub struct GaitOutcome {
    /// Everything, as one object.
    pub json: Value,
    /// The sheet for a terminal, line by line.
    pub sheet: Vec<String>,
    /// `gait.json` and the pictures.
    pub files: Vec<OutputFile>,
    /// What was inferred or wants a look.
    pub findings: Findings,
}

/// The files of a request by what they hold.
#[derive(Default)]
struct Sorted {
    motion: Vec<GaitFile>,
    sheets: Vec<GaitFile>,
    pressure: Vec<GaitFile>,
}

impl Sorted {
    /// # Errors
    /// [`Refusal::Gait`] for a file that is none of them.
    fn new(files: &[GaitFile]) -> Result<Self, Refusal> {
        let mut sorted = Self::default();
        for file in files {
            let is_sheet = std::str::from_utf8(&file.bytes).is_ok_and(looks_like_gait_sheet);
            let kind = if is_motion_file(&file.bytes) {
                &mut sorted.motion
            } else if is_sheet {
                &mut sorted.sheets
            } else if is_pressure(&file.bytes) {
                &mut sorted.pressure
            } else {
                let shown: String =
                    String::from_utf8_lossy(&file.bytes[..file.bytes.len().min(160)])
                        .chars()
                        .map(|c| if c.is_control() || c == '\u{fffd}' { ' ' } else { c })
                        .take(40)
                        .collect();
                return Err(Refusal::Gait {
                    place: file.name.clone(),
                    reason: format!(
                        "it begins with \"{}\", which is no motion file (C3D, TRC, MOT, STO, .forces), no pressure recording (Tekscan .asf, novel \
                         .lst or .asc, a grid of numbers) and no sheet of gait numbers; export the trial again or name the right file",
                        shown.trim()
                    ),
                });
            };
            kind.push(file.clone());
        }
        Ok(sorted)
    }
}

/// Analyzes the files of one trial: its motion files together, and pressure recordings and sheets of numbers by themselves.
///
/// # Errors
/// [`Refusal::Gait`] names the file and the reason.
pub fn analyze_gait(request: &GaitRequest<'_>) -> Result<GaitOutcome, Refusal> {
    let sorted = Sorted::new(&request.files)?;
    let mut findings = Findings::new();
    let mut made = Made::default();
    if !sorted.motion.is_empty() {
        if let Some(activity) = &request.activity {
            findings.warn(
                "gait",
                "activity-not-used",
                format!(
                    "--activity {activity} is for sheets of numbers; the trial shows what it is of."
                ),
            );
        }
        let measured = measure(request, &sorted.motion, &mut findings)?;
        made.add_motion(&measured);
    }
    for file in &sorted.sheets {
        numbers::add(&mut made, file, request, &mut findings)?;
    }
    for file in &sorted.pressure {
        made.add_pressure(&pressure(file, request)?);
    }
    for sheet in &made.pressure_findings {
        findings.extend(sheet.clone());
    }
    let json = made.json(&findings);
    let text = serde_json::to_string_pretty(&json).unwrap_or_default() + "\n";
    let mut files = vec![output("gait.json", text.into_bytes())];
    for (name, svg) in &made.pictures {
        files.push(output(&format!("{name}.svg"), svg.as_str().as_bytes().to_vec()));
    }
    Ok(GaitOutcome { json, sheet: made.lines, files, findings })
}

fn pressure(file: &GaitFile, request: &GaitRequest<'_>) -> Result<Vec<PressureSheet>, Refusal> {
    let facts = &request.pressure;
    let asked = PressureRequest {
        file_name: Some(file.name.clone()),
        cell_mm: facts.cell_mm.map(|cell| [cell; 2]),
        rate_hz: facts.rate_hz,
        ..PressureRequest::default()
    };
    let person = pressure::Person { mass_kg: request.mass_kg, neuropathic: facts.neuropathic };
    pressure_sheets(&file.bytes, &asked, &person, request.profiles, "default")
        .map_err(|error| Refusal::Gait { place: file.name.clone(), reason: error.to_string() })
}

fn output(path: &str, bytes: Vec<u8>) -> OutputFile {
    OutputFile { path: path.to_owned(), sha256: hash(&bytes), bytes }
}

/// A trial, read and analyzed.
#[derive(Clone, Debug)]
pub(crate) struct Measured {
    /// Names of its files.
    pub(crate) name: String,
    /// Body mass that the files hold, kg.
    pub(crate) mass_in_file_kg: Option<f64>,
    /// What was found in it.
    pub(crate) analysis: Analysis,
}

/// Reads and analyzes the files of one trial.
pub(crate) fn measure(
    request: &GaitRequest<'_>,
    files: &[GaitFile],
    findings: &mut Findings,
) -> Result<Measured, Refusal> {
    let (name, motion) = read_trial(files, findings)?;
    let standing = match request.standing.as_slice() {
        [] => None,
        files => Some(read_trial(files, findings)?.1),
    };
    let refused = |error: &dyn std::error::Error| Refusal::Gait {
        place: name.clone(),
        reason: error.to_string(),
    };
    let sets = marker_sets(request.profiles)?;
    let named = request.markers.as_deref();
    if let Some(unknown) = named.filter(|named| sets.iter().all(|set| set.name != **named)) {
        let known: Vec<&str> = sets.iter().map(|set| set.name.as_str()).collect();
        return Err(Refusal::Gait {
            place: name,
            reason: format!("no marker set \"{unknown}\"; known are {}", known.join(", ")),
        });
    }
    let markers = trial::choose_marker_set(&sets, named, &motion, standing.as_ref(), findings)
        .map_err(|error| refused(&error))?;
    let frame = MomentFrame::ALL
        .into_iter()
        .find(|frame| request.frame.as_deref() == Some(frame.name()))
        .unwrap_or_default();
    let joints = JointTracking::ALL
        .into_iter()
        .find(|joints| request.joints.as_deref() == Some(joints.name()))
        .unwrap_or_default();
    let settings = Settings { frame, joints, ..Settings::default() };
    let input = Input {
        motion: &motion,
        standing: standing.as_ref(),
        markers,
        mass_kg: request.mass_kg,
        height_m: request.height_m,
    };
    let analysis = trial::analyze(&input, &settings, findings).map_err(|error| refused(&error))?;
    let mass_in_file_kg = motion.subject.mass_kg;
    if analysis.height_m.is_none() {
        findings.warn(
            "gait",
            "no-body-height",
            "Neither the files nor the call give the body height, so no moment is stated in %BW*Ht; give it (--height-m).",
        );
    }
    if analysis.mass_kg.is_none() && !analysis.stances.is_empty() {
        findings.warn(
            "gait",
            "no-body-mass",
            "The body mass is not known, so moments are stated in Nm only; give it (--mass-kg).",
        );
    }
    Ok(Measured { name, mass_in_file_kg, analysis })
}

/// Body mass may differ this much between case and trial, share: clothes, and some months.
const MASS_DIFFERENCE: f64 = 0.1;

/// The measured walk of a case, with moments for the case's own body mass and height.
///
/// # Errors
/// As [`analyze_gait`], and if no ordered side has a usable stance.
pub(crate) fn of_case(job: &Job<'_>, findings: &mut Findings) -> Result<Option<Measured>, Refusal> {
    let Some(trial) = &job.trial else { return Ok(None) };
    let patient = &job.case.patient;
    let request = GaitRequest {
        files: trial.files.clone(),
        standing: trial.standing.clone(),
        markers: trial.markers.clone(),
        mass_kg: Some(patient.mass_kg),
        height_m: Some(patient.height_m),
        frame: None,
        joints: None,
        activity: None,
        pressure: PressureFacts::default(),
        profiles: job.profiles,
    };
    let measured = measure(&request, &request.files, findings)?;
    if let Some(stored) = measured.mass_in_file_kg
        && (stored / patient.mass_kg - 1.0).abs() > MASS_DIFFERENCE
    {
        findings.warn(
            "gait",
            "trial-of-another-mass",
            format!(
                "The trial's file says {stored:.1} kg and the case {:.1} kg, which counts; is it the same person?",
                patient.mass_kg
            ),
        );
    }
    let without: Vec<String> = job
        .scans
        .keys()
        .filter(|side| measured.analysis.side(**side).is_none())
        .map(|side| no_stance(&measured.analysis, *side))
        .collect();
    if without.len() == job.scans.len() {
        return Err(Refusal::Gait {
            place: format!("{} [gait] {}", job.case_name, measured.name),
            reason: format!(
                "{}; give another trial, or write [gait.metrics] instead",
                without.join(", and ")
            ),
        });
    }
    Ok(Some(measured))
}

/// Reads the files of one trial into one, with their names joined.
fn read_trial(files: &[GaitFile], findings: &mut Findings) -> Result<(String, Motion), Refusal> {
    let names: Vec<&str> = files.iter().map(|file| file.name.as_str()).collect();
    let name = names.join(" + ");
    let mut parts = Vec::new();
    for file in files {
        let motion = read_motion(&file.name, &file.bytes, &MotionLimits::default(), findings);
        let motion = motion.map_err(|error| Refusal::Gait {
            place: file.name.clone(),
            reason: error.to_string(),
        })?;
        parts.push((file.name.clone(), motion));
    }
    let joined = join_motions(parts, findings);
    joined
        .map(|motion| (name.clone(), motion))
        .map_err(|error| Refusal::Gait { place: name, reason: error.to_string() })
}
