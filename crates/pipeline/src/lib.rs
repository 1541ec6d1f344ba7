//! The whole way of a case: the only place where the steps meet.
//!
//! ```text
//! scan → foot ─┬→ shell → { export, milling, printing }
//! gait → knee ─┴→ optimize ↑            ↓
//!                              record + report
//! ```
//!
//! Bytes and values go in, files as bytes come out; nothing here opens a file, prints, or reads the
//! clock (the [`Observer`] brings one). The same [`Job`] gives the same bytes on any number of threads.

mod assembled;
mod care;
mod compatibility;
mod cura_job;
mod design;
mod doses;
mod fitting;
mod format;
mod gait_report;
mod handbook;
mod inspection;
mod knee_view;
mod load_case;
mod make;
mod mark;
mod marker_sets;
mod measured_stance;
mod mill_fixtures;
mod mill_mark;
mod mill_program;
mod mill_settings;
mod mill_sheet;
mod observer;
mod operations;
mod pack;
mod page;
mod part_zones;
mod pictures;
mod prediction;
mod pressure_case;
mod pressure_sheet;
mod pressure_zones;
mod print;
mod print_pictures;
mod print_settings;
mod print_zones;
mod record;
mod scan_pictures;
mod scan_sheet;
mod scanned;
mod settings;
mod side;
mod slicer_project;
mod strength;
mod tuning;
mod units;

use std::collections::BTreeMap;

use order::{Case, OrderError, ProfileStore};
use vocabulary::{Finding, Side};

pub use cura_job::{CuraJob, CuraMesh, CuraSettings, cura_job};
pub use design::{Designed, design};
pub use foot::quality::Verdict;
pub use format::Format;
pub use gait_report::{
    ACTIVITIES, GaitFile, GaitOutcome, GaitRequest, JOINT_TRACKINGS, MOMENT_FRAMES, PressureFacts,
    analyze_gait,
};
pub use handbook::handbook;
pub use make::{decide, make};
pub use marker_sets::marker_sets;
pub use mill_program::{
    MeshCheck, MillCheck, MillCheckRequest, MillChecker, MillParts, MillRequest, WorkPiece,
    case_mill_parts, check_mesh, mill_parts, read_model,
};
pub use mill_sheet::mill_sheet;
pub use milling::{
    Finishing, Inspection, MillJob, ProgramFault, Roughing, Separation, Severity as FaultSeverity,
    Spread,
};
pub use observer::{Observer, STEPS, Unobserved};
pub use optimize::Robust;
pub use pack::{Packed, PowderMachine, pack_parts};
pub use pressure_case::PressureFiles;
pub use pressure_sheet::{
    PressureRefusal, PressureSheet, force_chart, integral_bars, pressure_map, pressure_sheets,
    region_bars,
};
pub use print::{
    PrintPart, PrintRequest, case_parts, print_checker, print_parts, read_part, with_zones,
};
pub use print_pictures::print_pictures;
pub use print_zones::ZoneShape;
pub use printing::{CheckReport, Checker, Dialect, PrintJob, PrintOrder};
pub use record::hash as fingerprint;
pub use scan_sheet::{ScanJob, ScanSheet, compare_sheets, scan_sheets, unreadable_sheet};
pub use slicer_project::slicer_project;
pub use tuning::{AppliedOptimum, OPTIMIZE_STEPS, Optimized, optimize};

/// A case with everything that it names, ready to be made.
#[derive(Clone, Debug)]
pub struct Job<'a> {
    /// The checked case file.
    pub case: Case,
    /// Its text, for the record's hash.
    pub case_text: String,
    /// Its name, for messages and the record.
    pub case_name: String,
    /// The scan of every ordered side.
    pub scans: BTreeMap<Side, ScanFile>,
    /// The measured walk, if the case names one.
    pub trial: Option<TrialFiles>,
    /// An earlier optimization whose doses hold where nothing is ordered.
    pub optimum: Option<AppliedOptimum>,
    /// Why the optimum beside the case file does not hold, in a sentence.
    pub unused_optimum: Option<String>,
    /// Pressure recordings, if the case names some.
    pub pressure: Option<PressureFiles>,
    /// Use the knee model with its refinements beyond the reference implementation.
    pub refined: bool,
    /// How the optimizer weighs what it is not sure of.
    pub robust: Robust,
    /// About how many candidates a search over everything evaluates; the program's own number if not given.
    pub evaluations: Option<usize>,
    /// Lab profiles.
    pub profiles: &'a ProfileStore,
    /// Leave the clock's values out of the record and the report.
    pub reproducible: bool,
}

/// The files of a measured walk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrialFiles {
    /// Files of the walk.
    pub files: Vec<GaitFile>,
    /// Files of the trial in which the person stands still.
    pub standing: Vec<GaitFile>,
    /// Marker set, if the best fitting one is not wanted.
    pub markers: Option<String>,
}

/// A scan as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScanFile {
    /// Path as the case file writes it.
    pub name: String,
    /// The file's bytes.
    pub bytes: Vec<u8>,
}

/// A finished file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutputFile {
    /// Path under the output folder, with `/`.
    pub path: String,
    /// Content.
    pub bytes: Vec<u8>,
    /// SHA-256 of the content, in hexadecimal.
    pub sha256: String,
}

/// A made case.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// Every file, sides first, then report and record.
    pub files: Vec<OutputFile>,
    /// Everything that was found on the way, with its side.
    pub findings: Vec<(Option<Side>, Finding)>,
    /// What was made, in a few sentences.
    pub summary: Vec<String>,
}

/// Why a case was not made, in one sentence that names the place and the way out.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Refusal {
    /// The order or a profile.
    #[error(transparent)]
    Order(#[from] OrderError),
    /// A gait trial.
    #[error("{place}: {reason}")]
    Gait {
        /// Files of the trial.
        place: String,
        /// The step's own sentence.
        reason: String,
    },
    /// A file of an earlier optimization, or of a follow-up.
    #[error("{place}: {reason}")]
    Optimum {
        /// The file.
        place: String,
        /// What is wrong with it, and the way out.
        reason: String,
    },
    /// A file or a part.
    #[error("{place}: {reason}")]
    File {
        /// The file, or what is made.
        place: String,
        /// The step's own sentence.
        reason: String,
    },
    /// A step of one side.
    #[error("{side} foot, {place}: {reason}")]
    Step {
        /// Which side.
        side: Side,
        /// File or step.
        place: String,
        /// The step's own sentence.
        reason: String,
    },
}
