//! Which reader a motion file goes to, what is accepted, and why a file is refused.

use vocabulary::Findings;

use crate::{Motion, c3d, forces, storage, trc};

/// What is accepted as a motion file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MotionLimits {
    /// Most bytes of one file.
    pub max_bytes: usize,
    /// Most values (markers, channels or columns times their samples) that one file may ask to be kept, 8 to 11 bytes
    /// each. An hour of 50 markers at 200 Hz has 108 million.
    pub max_values: usize,
    /// Most markers, plates, columns or channels each.
    pub max_columns: usize,
}

impl Default for MotionLimits {
    fn default() -> Self {
        Self { max_bytes: 1 << 30, max_values: 150_000_000, max_columns: 20_000 }
    }
}

impl MotionLimits {
    /// Checks a table before anything is allocated for it.
    pub(crate) fn check(&self, columns: usize, rows: usize) -> Result<(), MotionError> {
        if columns > self.max_columns || columns.saturating_mul(rows) > self.max_values {
            return Err(MotionError::TooMuch { columns, rows, limits: *self });
        }
        Ok(())
    }
}

/// Why a motion file cannot be used.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum MotionError {
    /// No bytes.
    #[error("the file is empty; export the trial again")]
    EmptyFile,
    /// None of the known kinds.
    #[error(
        "the file begins with \"{begins}\", which is no motion file; export the trial as C3D, as TRC and MOT, or as TRC and \
         Cortex .forces"
    )]
    UnknownKind {
        /// The first characters.
        begins: String,
    },
    /// Too large.
    #[error(
        "the file asks for {columns} columns and {rows} samples; at most {} columns and {} values are read, cut the trial \
         shorter", limits.max_columns, limits.max_values
    )]
    TooMuch {
        /// Markers, channels or columns of numbers.
        columns: usize,
        /// Samples of each.
        rows: usize,
        /// What is accepted.
        limits: MotionLimits,
    },
    /// Too long a file.
    #[error("the file has {bytes} bytes, more than the limit of {limit}; cut the trial shorter")]
    TooLong {
        /// Its length.
        bytes: usize,
        /// The limit.
        limit: usize,
    },
    /// A text file without an expected part.
    #[error("the {kind} file has no {missing}; export the trial again")]
    NoPart {
        /// `"TRC"`, `"MOT"`, ….
        kind: &'static str,
        /// What is missing, and where it should stand.
        missing: &'static str,
    },
    /// A cell that is no number.
    #[error(
        "line {line} has \"{got}\" in column {column} where a number should stand; export the trial again"
    )]
    BadCell {
        /// Line, counted from 1.
        line: usize,
        /// Column, counted from 1.
        column: usize,
        /// What stands there.
        got: String,
    },
    /// A row without its time.
    #[error("line {line} has no time; export the trial again")]
    NoTime {
        /// Line, counted from 1.
        line: usize,
    },
    /// A row with more cells than there are columns.
    #[error(
        "line {line} has {got} cells, but the head names {expected} columns; export the trial again"
    )]
    WideRow {
        /// Line, counted from 1.
        line: usize,
        /// Cells.
        got: usize,
        /// Columns.
        expected: usize,
    },
    /// A row with fewer cells than there are columns.
    #[error(
        "line {line} has {got} cells where the head names {expected} columns; the file is cut off or damaged, export it again"
    )]
    NarrowRow {
        /// Line, counted from 1.
        line: usize,
        /// Cells.
        got: usize,
        /// Columns.
        expected: usize,
    },
    /// Time stands still or runs backward.
    #[error(
        "time does not increase at line {line} ({time_s} s); sort the rows by time or export the trial again"
    )]
    TimeStands {
        /// Line, counted from 1.
        line: usize,
        /// Its time, s.
        time_s: f64,
    },
    /// Times all over the place.
    #[error(
        "the {rows} times of the file spread too unevenly over {span_s:.3} s to be samples of one rate; export the trial \
         at a fixed rate"
    )]
    UnevenTime {
        /// Rows.
        rows: usize,
        /// From the first to the last, s.
        span_s: f64,
    },
    /// Not a unit of length.
    #[error("the TRC file's unit is \"{unit}\"; write mm, cm or m into its third line")]
    UnknownUnit {
        /// As written.
        unit: String,
    },
    /// A rate that is none.
    #[error("the sample rate is {rate} Hz; write the true one into the head")]
    BadRate {
        /// As written.
        rate: f64,
    },
    /// A C3D file of an unknown processor.
    #[error(
        "the C3D file names processor {code}, not 84 (Intel), 85 (DEC) or 86 (MIPS); it is damaged, export the trial again"
    )]
    UnknownProcessor {
        /// As written.
        code: u8,
    },
    /// A file that ends early.
    #[error(
        "the C3D file is cut off: its {part} needs {needed} bytes and the file has {got}; copy or export it again"
    )]
    CutOff {
        /// What does not fit.
        part: &'static str,
        /// Bytes needed.
        needed: usize,
        /// Bytes there.
        got: usize,
    },
    /// A parameter record that does not fit.
    #[error(
        "the parameters of the C3D file are damaged at byte {offset} of their section; export the trial again"
    )]
    BrokenParameters {
        /// Offset in the parameter section.
        offset: usize,
    },
    /// Fewer frames than promised.
    #[error(
        "the C3D file is cut off or its head is wrong: it promises {promised} frames of {frame_bytes} bytes and holds {got}; copy or \
         export it again"
    )]
    MissingFrames {
        /// Promised.
        promised: usize,
        /// Bytes of each.
        frame_bytes: usize,
        /// There.
        got: usize,
    },
    /// Header and parameters do not agree on how to read the data.
    #[error(
        "the C3D file contradicts itself on {meaning}: {name} is {parameter} and the header says {header}; export the trial again"
    )]
    Contradiction {
        /// In the header.
        header: f64,
        /// In the parameters.
        parameter: f64,
        /// Name of the parameter.
        name: &'static str,
        /// What depends on it.
        meaning: &'static str,
    },
    /// Two files of one trial hold the same thing.
    #[error("{first} and {second} both hold {what}; give one of them")]
    Twice {
        /// One file.
        first: String,
        /// The other.
        second: String,
        /// What both hold.
        what: &'static str,
    },
    /// Two files of one trial have different axes.
    #[error(
        "{first} has {first_up} up and {second} has {second_up} up; export both in the same laboratory axes"
    )]
    OtherAxes {
        /// One file.
        first: String,
        /// Its upward axis.
        first_up: String,
        /// The other.
        second: String,
        /// Its upward axis.
        second_up: String,
    },
    /// Two files that do not overlap in time.
    #[error(
        "{first} lasts from {first_s:.2?} s and {second} from {second_s:.2?} s, which do not overlap; give files of the same \
         trial"
    )]
    OtherTime {
        /// One file.
        first: String,
        /// Its first and last time, s.
        first_s: [f64; 2],
        /// The other.
        second: String,
        /// Its first and last time, s.
        second_s: [f64; 2],
    },
}

/// Where a reader puts its findings: with the file's name in front.
pub(crate) struct Report<'a> {
    pub(crate) name: &'a str,
    pub(crate) findings: &'a mut Findings,
}

impl Report<'_> {
    pub(crate) fn note(&mut self, code: &'static str, message: &str) {
        self.findings.note("recording", code, format!("{}: {message}", self.name));
    }

    pub(crate) fn warn(&mut self, code: &'static str, message: &str) {
        self.findings.warn("recording", code, format!("{}: {message}", self.name));
    }
}

/// Whether a file is one of a motion trial, by its first bytes; what is not may be a pressure recording.
#[must_use]
pub fn is_motion_file(bytes: &[u8]) -> bool {
    /// The head of every text format ends within this many bytes.
    const HEAD: usize = 1 << 16;
    if c3d::looks_like(bytes) {
        return true;
    }
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(HEAD)]);
    trc::looks_like(&text) || forces::looks_like(&text) || storage::looks_like(&text)
}

/// Reads one file of a motion trial: C3D (everything), TRC (markers), MOT or STO (force plates and curves), Cortex `.forces`.
///
/// The kind is told from the content; `name` is for messages only. Files of one trial are put together by
/// [`join_motions`](crate::join_motions).
///
/// # Errors
/// [`MotionError`]: another kind of file, cut off, inconsistent, or larger than the limits.
pub fn read_motion(
    name: &str,
    bytes: &[u8],
    limits: &MotionLimits,
    findings: &mut Findings,
) -> Result<Motion, MotionError> {
    if bytes.is_empty() {
        return Err(MotionError::EmptyFile);
    }
    if bytes.len() > limits.max_bytes {
        return Err(MotionError::TooLong { bytes: bytes.len(), limit: limits.max_bytes });
    }
    let mut report = Report { name, findings };
    if c3d::looks_like(bytes) {
        return c3d::read(bytes, limits, &mut report);
    }
    let text = String::from_utf8_lossy(bytes);
    if trc::looks_like(&text) {
        trc::read(&text, limits, &mut report)
    } else if forces::looks_like(&text) {
        forces::read(&text, limits, &mut report)
    } else if storage::looks_like(&text) {
        storage::read(&text, limits, &mut report)
    } else {
        Err(MotionError::UnknownKind { begins: crate::text::shown(&text) })
    }
}
