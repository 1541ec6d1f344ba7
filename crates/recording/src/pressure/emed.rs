//! novel emed (`.lst`): printed pages, each a picture of the loaded part of the plate.
//!
//! A page names its sensor size, the time of a picture and the picture's number; then stand the numbers
//! of the columns, and rows that begin with their number. Cells without load may be blank, so values
//! are assigned to columns by where they end. `Force` sums at the end of rows and columns and the
//! summary pictures (MPP maximum, MVP mean value) are left out; a picture may span several pages.
//!
//! No public file and no public description was found: the form is that of printed pages, tested on made-up ones only.

use vocabulary::Findings;

use super::read::{STEP, check_size};
use super::text::{excerpt, kpa_per, leading_number, lines, mm_per, pressure};
use super::{Pressure, PressureError, PressureRequest, Sensor, View};

const FORMAT: &str = "novel emed ASCII";

/// More rows or columns than any plate has.
const MOST_NUMBER: usize = 4096;

pub(super) fn is_emed(lower_head: &str) -> bool {
    lower_head.contains("pict-no")
        || (lower_head.contains("sensor size") && lower_head.contains("page"))
}

/// Most loaded cells over all pictures, 32 bytes each: 500 s of a walking foot at 50 Hz have 3 million.
const MOST_LOADED: usize = 1 << 23;

/// One loaded cell of a picture.
struct Cell {
    frame: usize,
    row: usize,
    column: usize,
    kpa: f32,
}

#[derive(Default)]
struct Pages {
    cell_mm: Option<[f64; 2]>,
    rate_hz: Option<f64>,
    factor: Option<f64>,
    /// Number of the picture of this page; `None` in front of the first and in summaries.
    picture: Option<usize>,
    /// Numbers of the pictures, in order.
    pictures: Vec<usize>,
    /// Where the labels of the columns end, and their numbers.
    columns: Vec<(usize, usize)>,
    cells: Vec<Cell>,
}

pub(super) fn read(
    text: &str,
    request: &PressureRequest,
    findings: &mut Findings,
) -> Result<Pressure, PressureError> {
    let mut pages = Pages {
        cell_mm: request.cell_mm,
        rate_hz: request.rate_hz,
        factor: request.unit.as_deref().and_then(kpa_per),
        ..Pages::default()
    };
    for (number, line) in lines(text) {
        let line = line.trim_start_matches('\u{c}');
        let plain = line.trim();
        if plain.is_empty() {
            continue;
        }
        if plain.starts_with(|c: char| c.is_ascii_digit()) {
            pages.take_numbers(line, number)?;
        } else {
            pages.take_words(plain, number)?;
        }
    }
    pages.finish(findings)
}

impl Pages {
    fn take_words(&mut self, line: &str, number: usize) -> Result<(), PressureError> {
        let lower = line.to_lowercase();
        if lower.contains("page") || lower.starts_with("force") {
            self.columns.clear();
        }
        if lower.contains("sensor size") {
            self.cell_mm = self.cell_mm.or_else(|| sensor_size(&lower));
        }
        if lower.contains("picture:") || lower.contains("[hz]") {
            self.rate_hz = self.rate_hz.or_else(|| picture_rate(&lower));
        }
        if lower.contains("pressure") {
            self.factor = self.factor.or_else(|| lower.split_whitespace().rev().find_map(kpa_per));
        }
        if let Some(at) = lower.find("pict-no") {
            let picture = leading_number(&lower[at..]).map(|(value, _)| value as usize);
            let Some(picture) = picture.filter(|index| (1..=super::MOST_SAMPLES).contains(index))
            else {
                let what = format!("`{}` names no picture", excerpt(line));
                return Err(PressureError::Header { line: number, what });
            };
            self.picture = Some(picture);
            if self.pictures.last() != Some(&picture) {
                self.pictures.push(picture);
            }
            self.columns.clear();
        } else if lower.contains("mpp") || lower.contains("mvp") {
            self.picture = None;
            self.columns.clear();
        }
        Ok(())
    }

    fn take_numbers(&mut self, line: &str, number: usize) -> Result<(), PressureError> {
        if self.picture.is_none() {
            return Ok(());
        }
        if self.columns.is_empty() {
            for (end, label) in words(line) {
                match label.parse::<usize>() {
                    Ok(column) if (1..=MOST_NUMBER).contains(&column) => {
                        self.columns.push((end, column))
                    }
                    _ if label.eq_ignore_ascii_case("force") => {}
                    _ => {
                        let what = format!("`{}` is no number of a column", excerpt(label));
                        return Err(PressureError::Header { line: number, what });
                    }
                }
            }
            return Ok(());
        }
        let mut values = words(line);
        let row = values.next().and_then(|(_, label)| label.parse::<usize>().ok());
        let Some(row) = row.filter(|row| (1..=MOST_NUMBER).contains(row)) else {
            let what = format!("`{}` does not begin with the number of a row", excerpt(line));
            return Err(PressureError::Header { line: number, what });
        };
        let frame = self.pictures.len() - 1;
        let pitch = self.pitch();
        for (end, value) in values {
            let nearest = self.columns.iter().min_by_key(|(place, _)| place.abs_diff(end));
            let near = nearest.filter(|(place, _)| place.abs_diff(end) <= pitch / 2);
            // The sum of the row stands behind the last column.
            let Some(&(_, column)) = near else { continue };
            let kpa = pressure(value, self.factor.unwrap_or(1.0), false, number)?;
            if kpa > 0.0 {
                if self.cells.len() >= MOST_LOADED {
                    let what = "the number of loaded cells over all pictures";
                    let count = self.cells.len() + 1;
                    return Err(PressureError::TooMany { what, count, limit: MOST_LOADED });
                }
                self.cells.push(Cell { frame, row, column, kpa });
            }
        }
        Ok(())
    }

    /// Distance of the ends of two column labels, characters.
    fn pitch(&self) -> usize {
        self.columns.windows(2).map(|pair| pair[1].0 - pair[0].0).min().unwrap_or(8)
    }

    fn finish(self, findings: &mut Findings) -> Result<Pressure, PressureError> {
        let frames = self.pictures.len();
        if frames == 0 || self.cells.is_empty() {
            return Err(PressureError::NoFrames);
        }
        // Only the loaded part of the plate is kept; it lies somewhere on the plate anyway.
        let range = |of: fn(&Cell) -> usize| {
            let numbers = self.cells.iter().map(of);
            (numbers.clone().min().unwrap_or(1), numbers.max().unwrap_or(1))
        };
        let ((top, bottom), (left, right)) = (range(|cell| cell.row), range(|cell| cell.column));
        let (rows, columns) = (bottom - top + 1, right - left + 1);
        check_size(rows * columns, frames)?;
        let mut kpa = vec![0.0; rows * columns * frames];
        for cell in &self.cells {
            kpa[(cell.frame * rows + cell.row - top) * columns + cell.column - left] = cell.kpa;
        }
        let cell_mm = self.cell_mm.ok_or(PressureError::CellSizeUnknown { rows, columns })?;
        let rate_hz = match self.rate_hz {
            _ if frames == 1 => 0.0,
            Some(rate) => rate,
            None => return Err(PressureError::RateUnknown { frames }),
        };
        if self.factor.is_none() {
            findings.note(STEP, "unit-assumed", "the file names no unit; emed writes kPa");
        }
        Ok(Pressure {
            format: FORMAT,
            side: None,
            sensor: Sensor::Plate,
            view: View::Unknown,
            rate_hz,
            rows,
            columns,
            cell_mm,
            inside: vec![true; rows * columns],
            kpa,
            saturation_kpa: None,
            calibration_mass_kg: None,
        })
    }
}

/// The words of a line with the character at which each ends; a tab runs to the next multiple of 8.
fn words(line: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    let mut rest = line;
    std::iter::from_fn(move || {
        let begin = rest.find(|c: char| !c.is_whitespace())?;
        for c in rest[..begin].chars() {
            at = if c == '\t' { (at / 8 + 1) * 8 } else { at + 1 };
        }
        let word = rest[begin..].split(char::is_whitespace).next()?;
        rest = &rest[begin + word.len()..];
        at += word.chars().count();
        Some((at, word))
    })
}

/// From `sensor size: 0.500 x 0.500 [cm]`: rows and columns; one number counts for both.
fn sensor_size(lower: &str) -> Option<[f64; 2]> {
    let after = &lower[lower.find("sensor size")? + "sensor size".len()..];
    let (first, rest) = leading_number(after)?;
    let second = rest.strip_prefix('x').and_then(leading_number);
    let unit_words = second.map_or(rest, |(_, rest)| rest);
    let unit = unit_words.trim_start_matches(['[', '(', ' ']);
    let factor = mm_per(unit).or_else(|| unit.contains("cm").then_some(10.0))?;
    Some([first * factor, second.map_or(first, |(value, _)| value) * factor])
}

/// From `time per picture: 20.0 ms` or `frequency [Hz]: 50`.
fn picture_rate(lower: &str) -> Option<f64> {
    if let Some(at) = lower.find("picture:") {
        let (value, unit) = leading_number(&lower[at..])?;
        let seconds =
            if unit.starts_with("ms") || unit.starts_with("[ms") { value / 1000.0 } else { value };
        return (seconds > 0.0).then(|| 1.0 / seconds);
    }
    let at = lower.find("[hz]")?;
    leading_number(&lower[at..]).map(|(value, _)| value).filter(|value| *value > 0.0)
}
