//! A grid of numbers: one map, frames between blank lines, or frames by a leading column.
//!
//! ```text
//! # cell_mm = 5.0, rate_hz = 50, unit = kPa, side = left      any of these, in any line above the numbers
//! 0, 0, 12, 40, ...                                           rows of the first frame
//!                                                             a blank line (or `Frame 2`) ends a frame
//! 0, 0, 18, 55, ...
//! ```
//!
//! With a header whose first word is `frame` or `time` (`time_s`), rows with the same first value make
//! a frame, and times give the rate. Cells may be separated by commas, semicolons (then a comma may be
//! the decimal point), tabs or blanks; `B`, `nan` and empty cells lie outside the sensor.

use vocabulary::{Findings, Side};

use super::read::{STEP, check_size};
use super::text::{excerpt, kpa_per, leading_number, lines, mm_per, number, pressure};
use super::{Pressure, PressureError, PressureRequest, Sensor, View};

const FORMAT: &str = "grid of numbers";

/// Cell distances of common sensors, mm: novel emed; Tekscan F-Scan; zebris and Tekscan `MatScan`.
const USUAL_CELLS_MM: [f64; 3] = [5.0, 5.08, 8.4];

/// Lengths of a loaded print that belong to a grown foot, mm (ANSUR II women 208-289 mm; men to 310 mm).
const PRINT_MM: (f64, f64) = (190.0, 310.0);

/// Highest values of a walking foot that can only be kPa: in N/cm² they would be below 130, in psi, too.
const PEAK_KPA: (f64, f64) = (130.0, 2000.0);

/// Cells that count as loaded, as a share of the highest value.
const LOADED_SHARE: f64 = 0.03;

/// Times of frames may differ from a constant step by this share of it.
const STEP_SLACK: f64 = 0.05;

/// Words in the heads of tables of numbers that are no grids of pressures.
const OTHER_TABLES: [&str; 5] =
    ["pathfiletype", "endheader", "datacolumns", "ncolumns", "[force data]"];
/// Rows of equal length that make a grid.
const SNIFFED_ROWS: usize = 4;

/// Whether the first rows are a grid of numbers.
pub(super) fn is_table(text: &str) -> bool {
    let mut widths = Vec::new();
    for (_, line) in lines(text) {
        let line = line.trim();
        if line.is_empty() {
            continue;
        }
        let lower = line.to_lowercase();
        if OTHER_TABLES.iter().any(|word| lower.contains(word)) {
            return false;
        }
        if is_words(line) {
            continue;
        }
        let separator = separator_of(line);
        let cells: Vec<&str> = if separator == ' ' {
            line.split_whitespace().collect()
        } else {
            line.strip_suffix(separator).unwrap_or(line).split(separator).map(str::trim).collect()
        };
        let decimal_comma = separator != ',';
        if !cells.iter().all(|cell| is_outside(cell) || number(cell, decimal_comma).is_some()) {
            return false;
        }
        widths.push(cells.len());
        if widths.len() == SNIFFED_ROWS {
            break;
        }
    }
    widths.len() == SNIFFED_ROWS && widths[0] >= 4 && widths.iter().all(|width| *width == widths[0])
}

#[derive(Default)]
struct Said {
    cell_mm: [Option<f64>; 2],
    rate_hz: Option<f64>,
    unit: Option<String>,
    side: Option<Side>,
    insole: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum FrameColumn {
    None,
    Number,
    Time,
}

#[derive(Default)]
struct Grid {
    columns: usize,
    /// Rows of the first frame; 0 while it is read.
    rows: usize,
    inside: Vec<bool>,
    values: Vec<f32>,
    /// Rows in the frame that is read.
    open_rows: usize,
    frames: usize,
    /// Leading values of the frames.
    leads: Vec<f64>,
}

pub(super) fn read(
    text: &str,
    request: &PressureRequest,
    findings: &mut Findings,
) -> Result<Pressure, PressureError> {
    let mut said = Said::default();
    let mut grid = Grid::default();
    let mut frame_column = FrameColumn::None;
    let mut separator = None;
    for (line_number, line) in lines(text) {
        let line = line.trim_matches([' ', '\u{c}', '\u{1a}']);
        if line.is_empty() || line.chars().all(|c| matches!(c, ',' | ';' | '\t' | ' ')) {
            if frame_column == FrameColumn::None {
                grid.end_frame(line_number)?;
            }
            continue;
        }
        if is_words(line) {
            if line.to_lowercase().trim_start_matches('#').trim_start().starts_with("frame")
                && !grid.values.is_empty()
            {
                grid.end_frame(line_number)?;
            } else if grid.values.is_empty() {
                said.take(line);
                frame_column = column_named(line).unwrap_or(frame_column);
            } else if !line.starts_with(['#', '%']) && !line.starts_with("//") {
                let what = format!("`{}` stands among the rows of the grid", excerpt(line));
                return Err(PressureError::Header { line: line_number, what });
            }
            continue;
        }
        let separator = *separator.get_or_insert_with(|| separator_of(line));
        grid.take_row(line, separator, frame_column, line_number)?;
    }
    grid.end_frame(text.len())?;
    finish(grid, frame_column, &said, request, findings)
}

/// Words, not cells: a letter other than those of `B`, `nan` and exponents stands in it.
fn is_words(line: &str) -> bool {
    line.split([',', ';', '\t', ' ']).map(str::trim).any(|cell| {
        cell.starts_with(|c: char| c.is_alphabetic() || matches!(c, '#' | '%' | '/' | '"'))
            && !is_outside(cell)
    })
}

fn is_outside(cell: &str) -> bool {
    cell.is_empty() || cell.eq_ignore_ascii_case("b") || cell.eq_ignore_ascii_case("nan")
}

/// Names of columns: one for the frame, then at least three cells (`Frame 1` alone begins a frame).
fn column_named(line: &str) -> Option<FrameColumn> {
    let names: Vec<&str> = line.split([',', ';', '\t', ' ']).take(4).collect();
    let first =
        names.first().filter(|_| names.len() > 3)?.trim_matches(['"', '#', ' ']).to_lowercase();
    match first.as_str() {
        "frame" | "frame_number" | "frame_index" => Some(FrameColumn::Number),
        "time" | "time_s" | "t" | "t_s" => Some(FrameColumn::Time),
        _ => None,
    }
}

fn separator_of(line: &str) -> char {
    [';', '\t', ','].into_iter().find(|&mark| line.contains(mark)).unwrap_or(' ')
}

impl Said {
    /// Takes `key = value` pairs; other words are comments.
    fn take(&mut self, line: &str) {
        let line = line.trim_start_matches(['#', '%', '/', ' ', '"']);
        let pieces: Vec<&str> = line.split([',', ';', '\t']).map(str::trim).collect();
        if let [key, value] = pieces[..] {
            self.set(key, value);
        }
        for piece in pieces {
            if let Some((key, value)) = piece.split_once(['=', ':']) {
                self.set(key, value);
            }
        }
    }

    fn set(&mut self, key: &str, value: &str) {
        let value = value.trim().trim_matches('"');
        let key = key.trim().trim_matches('"').to_lowercase().replace([' ', '-'], "_");
        let length = || {
            let (size, unit) = leading_number(value)?;
            Some(size * mm_per(unit).unwrap_or(1.0))
        };
        match key.as_str() {
            "cell_mm" | "cell_size_mm" | "cell_size" | "spacing_mm" => {
                let second = value.split(['x', '*']).nth(1).and_then(leading_number);
                let first = leading_number(value).map(|(size, _)| size);
                self.cell_mm = match second {
                    Some((second, unit)) => {
                        let factor = mm_per(unit).unwrap_or(1.0);
                        [first.map(|size| size * factor), Some(second * factor)]
                    }
                    None => [length(), length()],
                };
            }
            "row_spacing_mm" | "row_spacing" | "cell_height_mm" => self.cell_mm[0] = length(),
            "column_spacing_mm" | "col_spacing" | "column_spacing" | "cell_width_mm" => {
                self.cell_mm[1] = length();
            }
            "rate_hz" | "rate" | "frequency_hz" | "frequency" => {
                self.rate_hz = leading_number(value).map(|(rate, _)| rate);
            }
            "unit" | "units" => self.unit = Some(value.to_owned()),
            "side" | "foot" => {
                self.side = match value.to_lowercase().chars().next() {
                    Some('l') => Some(Side::Left),
                    Some('r') => Some(Side::Right),
                    _ => None,
                };
            }
            "sensor" => self.insole = value.to_lowercase().contains("insole"),
            _ => {}
        }
    }
}

impl Grid {
    fn take_row(
        &mut self,
        line: &str,
        separator: char,
        frame_column: FrameColumn,
        line_number: usize,
    ) -> Result<(), PressureError> {
        let decimal_comma = separator == ';' || separator == '\t';
        let line =
            if separator == ' ' { line } else { line.strip_suffix(separator).unwrap_or(line) };
        let mut cells: Box<dyn Iterator<Item = &str>> = if separator == ' ' {
            Box::new(line.split_whitespace())
        } else {
            Box::new(line.split(separator).map(str::trim))
        };
        if frame_column != FrameColumn::None {
            let lead = cells.next().and_then(|cell| number(cell, decimal_comma));
            let Some(lead) = lead else {
                let found = excerpt(line);
                return Err(PressureError::BadNumber { line: line_number, found });
            };
            if self.open_rows > 0
                && self.leads.last().is_some_and(|last| (lead - last).abs() > 1e-9)
            {
                self.end_frame(line_number)?;
            }
            if self.open_rows == 0 {
                self.leads.push(lead);
            }
        }
        let before = self.values.len();
        for cell in cells {
            let outside = is_outside(cell);
            if self.frames == 0 {
                self.inside.push(!outside);
            }
            self.values.push(if outside {
                0.0
            } else {
                pressure(cell, 1.0, decimal_comma, line_number)?
            });
            check_size(self.inside.len(), 1)?;
        }
        let found = self.values.len() - before;
        check_size(1, self.values.len())?;
        if self.columns == 0 {
            self.columns = found;
        }
        if found != self.columns || found == 0 {
            return Err(PressureError::Ragged { line: line_number, found, expected: self.columns });
        }
        self.open_rows += 1;
        Ok(())
    }

    fn end_frame(&mut self, line: usize) -> Result<(), PressureError> {
        if self.open_rows == 0 {
            return Ok(());
        }
        if self.rows == 0 {
            self.rows = self.open_rows;
        }
        if self.open_rows != self.rows {
            let (found, expected) = (self.open_rows, self.rows);
            return Err(PressureError::FrameHeight { line, found, expected });
        }
        self.frames += 1;
        self.open_rows = 0;
        Ok(())
    }

    /// Rows and columns from the first to the last cell that was ever loaded.
    fn loaded_size(&self, highest: f32) -> [usize; 2] {
        let loaded =
            |index: usize| f64::from(self.values[index]) > LOADED_SHARE * f64::from(highest);
        let cells = self.rows * self.columns;
        let places =
            (0..self.values.len()).filter(|&index| loaded(index)).map(|index| index % cells);
        let (mut low, mut high) = ([usize::MAX; 2], [0; 2]);
        for place in places {
            for (axis, at) in [place / self.columns, place % self.columns].into_iter().enumerate() {
                low[axis] = low[axis].min(at);
                high[axis] = high[axis].max(at);
            }
        }
        [0, 1].map(|axis| (high[axis] + 1).saturating_sub(low[axis]))
    }
}

fn finish(
    mut grid: Grid,
    frame_column: FrameColumn,
    said: &Said,
    request: &PressureRequest,
    findings: &mut Findings,
) -> Result<Pressure, PressureError> {
    if grid.frames == 0 {
        return Err(PressureError::NoFrames);
    }
    // A foot does not fit into fewer cells; one line of numbers is something else.
    if grid.rows < 4 || grid.columns < 4 {
        return Err(PressureError::NoFrames);
    }
    let highest = grid.values.iter().copied().fold(0.0_f32, f32::max);
    let factor = unit_factor(said, request, f64::from(highest), findings)?;
    let cell_mm = cell_size(&grid, said, request, highest, findings)?;
    let rate_hz = rate(&grid, frame_column, said, request)?;
    grid.values.iter_mut().for_each(|value| *value = (f64::from(*value) * factor) as f32);
    Ok(Pressure {
        format: FORMAT,
        side: said.side,
        sensor: if said.insole { Sensor::Insole } else { Sensor::Plate },
        view: View::Unknown,
        rate_hz,
        rows: grid.rows,
        columns: grid.columns,
        cell_mm,
        inside: grid.inside,
        kpa: grid.values,
        saturation_kpa: None,
        calibration_mass_kg: None,
    })
}

fn unit_factor(
    said: &Said,
    request: &PressureRequest,
    highest: f64,
    findings: &mut Findings,
) -> Result<f64, PressureError> {
    if let Some(unit) = request.unit.as_ref().or(said.unit.as_ref()) {
        return kpa_per(unit).ok_or_else(|| PressureError::Header {
            line: 1,
            what: format!(
                "`{}` is no unit of pressure; use kPa, N/cm2, psi, mmHg or kg/cm2",
                excerpt(unit)
            ),
        });
    }
    if !(PEAK_KPA.0..=PEAK_KPA.1).contains(&highest) {
        return Err(PressureError::UnitUnknown { highest });
    }
    let words =
        format!("the file names no unit; the highest value {highest} is a foot's peak in kPa");
    findings.warn(STEP, "unit-assumed", words);
    Ok(1.0)
}

fn cell_size(
    grid: &Grid,
    said: &Said,
    request: &PressureRequest,
    highest: f32,
    findings: &mut Findings,
) -> Result<[f64; 2], PressureError> {
    if let Some(sizes) = request.cell_mm {
        return Ok(sizes);
    }
    if let [Some(row), Some(column)] = said.cell_mm {
        return Ok([row, column]);
    }
    let [rows, columns] = grid.loaded_size(highest);
    let length = rows.max(columns);
    let fits = |cell: &&f64| (PRINT_MM.0..=PRINT_MM.1).contains(&(**cell * length as f64));
    let cell = *USUAL_CELLS_MM
        .iter()
        .find(fits)
        .ok_or(PressureError::CellSizeUnknown { rows, columns })?;
    let words = format!(
        "the file does not say the size of its cells; {cell} mm are assumed, which makes the print of {length} cells \
         {:.0} mm long",
        cell * length as f64
    );
    findings.warn(STEP, "cell-size-assumed", words);
    Ok([cell, cell])
}

fn rate(
    grid: &Grid,
    frame_column: FrameColumn,
    said: &Said,
    request: &PressureRequest,
) -> Result<f64, PressureError> {
    let frames = grid.frames;
    if frames == 1 {
        return Ok(0.0);
    }
    let from_times = || {
        let (first, last) = (grid.leads.first()?, grid.leads.last()?);
        let step = (last - first) / (frames - 1) as f64;
        let even =
            grid.leads.windows(2).all(|pair| (pair[1] - pair[0] - step).abs() <= STEP_SLACK * step);
        (frame_column == FrameColumn::Time && step > 0.0 && even).then(|| 1.0 / step)
    };
    request
        .rate_hz
        .or(said.rate_hz)
        .or_else(from_times)
        .filter(|rate| *rate > 0.0)
        .ok_or(PressureError::RateUnknown { frames })
}
