//! Finds the kind of a pressure file from its content, and reads it.

use vocabulary::{Findings, Side};

use super::{Pressure, emed, pedar, table, tekscan};

/// Largest file that is read, bytes: ten minutes of an insole of 1,260 cells at 100 Hz.
pub const LARGEST_PRESSURE_FILE: usize = 192 << 20;

/// Most cells of a frame; the largest plates (3 m walkways of 5 mm cells are cut per step) have fewer.
pub const MOST_CELLS: usize = 1 << 16;

/// Most cells over all frames: 4 bytes each, so no file takes more than 256 MiB.
pub const MOST_SAMPLES: usize = 1 << 26;

/// The step name in findings.
pub(super) const STEP: &str = "recording";

/// What the caller knows of a file. Everything is optional and overrules the file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PressureRequest {
    /// Name of the file, as evidence for the side (`walk_L.asf`).
    pub file_name: Option<String>,
    /// Which foot.
    pub side: Option<Side>,
    /// Distance of rows and of columns, mm, for files that do not say it.
    pub cell_mm: Option<[f64; 2]>,
    /// Frames per second, for files that do not say it.
    pub rate_hz: Option<f64>,
    /// Unit of the values, such as `"kPa"` or `"psi"`, for files that do not say it.
    pub unit: Option<String>,
}

/// Why a pressure file cannot be read.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum PressureError {
    /// More bytes than are read.
    #[error("the file has {bytes} bytes, at most {limit} are read; export a shorter recording")]
    TooLarge {
        /// Size of the file.
        bytes: usize,
        /// [`LARGEST_PRESSURE_FILE`].
        limit: usize,
    },
    /// Not a text file.
    #[error(
        "byte {offset} is no text; export the recording as ASCII (.asf, .lst, .asc) or as a CSV grid"
    )]
    NotText {
        /// Where the first other byte stands.
        offset: usize,
    },
    /// A line that has to be there is missing or wrong.
    #[error("line {line}: {what}")]
    Header {
        /// Number of the line, from 1.
        line: usize,
        /// What is wrong and what is expected.
        what: String,
    },
    /// A cell that is no pressure.
    #[error("line {line}: `{found}` is not a pressure between 0 and 50000 kPa")]
    BadNumber {
        /// Number of the line, from 1.
        line: usize,
        /// What stands there.
        found: String,
    },
    /// A row with another number of cells than the others.
    #[error("line {line}: {found} cells, but rows have {expected}")]
    Ragged {
        /// Number of the line, from 1.
        line: usize,
        /// Cells of this row.
        found: usize,
        /// Cells of the rows before it.
        expected: usize,
    },
    /// A frame with another number of rows than the others.
    #[error("the frame that ends before line {line} has {found} rows, but frames have {expected}")]
    FrameHeight {
        /// Number of the line after it, from 1.
        line: usize,
        /// Rows of this frame.
        found: usize,
        /// Rows of the first frame.
        expected: usize,
    },
    /// More cells than are taken.
    #[error("{what} {count} is over the limit of {limit}")]
    TooMany {
        /// What is counted.
        what: &'static str,
        /// How many.
        count: usize,
        /// Limit.
        limit: usize,
    },
    /// No frame at all.
    #[error(
        "no frame of pressures was found; expected a Tekscan .asf, novel .lst or .asc, or a grid of numbers"
    )]
    NoFrames,
    /// The size of the cells is not known.
    #[error(
        "the file does not say the size of its cells, and a print of {rows} by {columns} cells fits no usual one; \
         write `cell_mm = 5` above the numbers or give the size"
    )]
    CellSizeUnknown {
        /// Rows that were ever loaded.
        rows: usize,
        /// Columns that were ever loaded.
        columns: usize,
    },
    /// The time between frames is not known.
    #[error(
        "{frames} frames, but no rate; write `rate_hz = 50` above the numbers or give the rate"
    )]
    RateUnknown {
        /// Number of frames.
        frames: usize,
    },
    /// The unit of the values is not known.
    #[error(
        "the unit is not kPa by the highest value {highest}; write `unit = kPa` (N/cm2, psi, mmHg, kg/cm2, …) above the numbers or give it"
    )]
    UnitUnknown {
        /// Highest value of the file.
        highest: f64,
    },
    /// A stated size or rate that cannot be.
    #[error("{what} {value} is outside {low} to {high}")]
    OutOfRange {
        /// What it is, with its unit.
        what: &'static str,
        /// What was given.
        value: f64,
        /// Lowest value taken.
        low: f64,
        /// Highest value taken.
        high: f64,
    },
}

/// Reads a pressure file; its kind is found from its content.
///
/// One recording per foot: pedar files hold both feet, all others one. Findings say what was inferred:
/// a side from the file's name, a cell size from the length of the print, a unit from the highest value.
///
/// # Errors
/// [`PressureError`] names the line, the numbers and the way out. Memory stays within the limits of this
/// module whatever the bytes are.
pub fn read_pressure(
    bytes: &[u8],
    request: &PressureRequest,
    findings: &mut Findings,
) -> Result<Vec<Pressure>, PressureError> {
    if bytes.len() > LARGEST_PRESSURE_FILE {
        let (bytes, limit) = (bytes.len(), LARGEST_PRESSURE_FILE);
        return Err(PressureError::TooLarge { bytes, limit });
    }
    check_request(request)?;
    let text = text_of(bytes)?;
    let head: String = text.chars().take(4000).collect::<String>().to_lowercase();
    let mut recordings = if tekscan::is_tekscan(&head) {
        vec![tekscan::read(&text, request, findings)?]
    } else if pedar::is_pedar(&head) {
        pedar::read(&text, request, findings)?
    } else if emed::is_emed(&head) {
        vec![emed::read(&text, request, findings)?]
    } else {
        vec![table::read(&text, request, findings)?]
    };
    if let [only] = recordings.as_mut_slice() {
        settle_side(only, request, findings);
    }
    for recording in &recordings {
        check_cells(recording)?;
    }
    Ok(recordings)
}

/// Whether a file looks like a pressure recording that [`read_pressure`] reads, from its first lines.
///
/// Motion files that hold tables of numbers (TRC, MOT, STO, `.forces`) do not.
#[must_use]
pub fn is_pressure(bytes: &[u8]) -> bool {
    let begin = &bytes[..bytes.len().min(SNIFFED_BYTES)];
    let Ok(text) = text_of(begin) else { return false };
    let head: String = text.chars().take(4000).collect::<String>().to_lowercase();
    tekscan::is_tekscan(&head)
        || pedar::is_pedar(&head)
        || emed::is_emed(&head)
        || table::is_table(&text)
}

/// Enough for several rows of the widest plates.
const SNIFFED_BYTES: usize = 1 << 16;

/// UTF-8, or Latin-1 where a name has an umlaut; control bytes are refused.
fn text_of(bytes: &[u8]) -> Result<std::borrow::Cow<'_, str>, PressureError> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let control =
        |&byte: &u8| byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r' | 0x0c | 0x1a | 0x0b);
    if let Some(offset) = bytes.iter().position(control) {
        return Err(PressureError::NotText { offset });
    }
    Ok(std::str::from_utf8(bytes).map_or_else(
        |_| bytes.iter().map(|&byte| char::from(byte)).collect::<String>().into(),
        Into::into,
    ))
}

/// Smallest and largest distance of cells that any sensor has, mm.
const CELL_MM: (f64, f64) = (0.5, 40.0);
/// Slowest and fastest sampling, Hz.
const RATE_HZ: (f64, f64) = (0.1, 10_000.0);

fn check_request(request: &PressureRequest) -> Result<(), PressureError> {
    if let Some(sizes) = request.cell_mm {
        sizes.iter().try_for_each(|&size| in_range("the cell size in mm", size, CELL_MM))?;
    }
    request.rate_hz.map_or(Ok(()), |rate| in_range("the rate in Hz", rate, RATE_HZ))
}

fn check_cells(recording: &Pressure) -> Result<(), PressureError> {
    for size in recording.cell_mm {
        in_range("the cell size in mm", size, CELL_MM)?;
    }
    if recording.rate_hz > 0.0 {
        in_range("the rate in Hz", recording.rate_hz, RATE_HZ)?;
    }
    Ok(())
}

fn in_range(what: &'static str, value: f64, (low, high): (f64, f64)) -> Result<(), PressureError> {
    if (low..=high).contains(&value) {
        return Ok(());
    }
    Err(PressureError::OutOfRange { what, value, low, high })
}

/// Checks the size of a grid before memory is taken for it.
pub(super) fn check_size(cells: usize, frames: usize) -> Result<(), PressureError> {
    if cells > MOST_CELLS {
        let what = "the number of cells";
        return Err(PressureError::TooMany { what, count: cells, limit: MOST_CELLS });
    }
    let count = cells.saturating_mul(frames);
    if count > MOST_SAMPLES {
        let what = "the number of cells over all frames";
        return Err(PressureError::TooMany { what, count, limit: MOST_SAMPLES });
    }
    Ok(())
}

/// The caller's word goes before the file's, the file's before the name's.
fn settle_side(recording: &mut Pressure, request: &PressureRequest, findings: &mut Findings) {
    if request.side.is_some() {
        recording.side = request.side;
    }
    let (None, Some(name)) = (recording.side, &request.file_name) else { return };
    recording.side = side_in_name(name);
    if let Some(side) = recording.side {
        findings.note(
            STEP,
            "side-from-name",
            format!("taken as the {side} foot from the name `{name}`"),
        );
    }
}

/// The side at the end of a file name: `walk_L.asf`, `MUN104R.csv`, `left.csv`, `p7 right 2.csv`.
pub(super) fn side_in_name(name: &str) -> Option<Side> {
    let file = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
    let lower = stem.to_lowercase();
    match (lower.contains("left"), lower.contains("right")) {
        (true, false) => return Some(Side::Left),
        (false, true) => return Some(Side::Right),
        _ => {}
    }
    let trimmed =
        stem.trim_end_matches(|c: char| c.is_ascii_digit() || matches!(c, '_' | '-' | ' '));
    // Trailing digits count as a trial's number only behind a separator or a letter of the side.
    let mut backwards = trimmed.chars().rev();
    let side = match backwards.next()? {
        'L' | 'l' => Side::Left,
        'R' | 'r' => Side::Right,
        _ => return None,
    };
    let capital = trimmed.ends_with(['L', 'R']);
    match backwards.next() {
        None | Some('_' | '-' | ' ') => Some(side),
        Some(before) if capital && before.is_ascii_digit() => Some(side),
        _ => None,
    }
}
