//! Tekscan's ASCII movie (`.asf`, also exported as `.csv`): keys, then frames of comma-separated cells.
//!
//! The first row of an F-Scan frame is at the toes, and the grid is seen from above: the outlines of
//! left and right insoles in `B` cells are those of a sole that one looks down upon.

use vocabulary::{Findings, Side};

use super::read::{STEP, check_size, side_in_name};
use super::text::{excerpt, kpa_per, leading_number, lines, mm_per, pressure};
use super::{Pressure, PressureError, PressureRequest, Sensor, View};

const FORMAT: &str = "Tekscan ASCII";

pub(super) fn is_tekscan(lower_head: &str) -> bool {
    lower_head.contains("ascii_data") || lower_head.starts_with("data_type")
}

/// What the keys say.
struct Header {
    rows: usize,
    columns: usize,
    cell_mm: [f64; 2],
    rate_hz: f64,
    kpa_per_unit: f64,
    side: Option<Side>,
    sensor: Sensor,
    mirrored: bool,
    frames: Option<usize>,
    saturation_kpa: Option<f64>,
    mass_kg: Option<f64>,
}

pub(super) fn read(
    text: &str,
    request: &PressureRequest,
    findings: &mut Findings,
) -> Result<Pressure, PressureError> {
    let mut all = lines(text);
    let mut keys = Vec::new();
    let mut data_line = 0;
    for (number, line) in all.by_ref() {
        let (key, value) =
            line.trim().split_once([' ', ',', '\t', '=']).unwrap_or((line.trim(), ""));
        if key.eq_ignore_ascii_case("ASCII_DATA") {
            data_line = number;
            break;
        }
        // A header has about 30 keys; comments may add lines.
        if keys.len() < 1000 {
            keys.push((number, key.trim_end_matches(':').to_uppercase(), value.trim()));
        }
    }
    let header = header(&keys, data_line, request, findings)?;
    let (inside, kpa) = frames(all, &header, findings)?;
    if header.mirrored {
        let words = "the header says that rows or columns are mirrored; left and right are told by what is said only";
        findings.note(STEP, "mirrored-grid", words);
    }
    let frames = kpa.len() / inside.len();
    if frames > 1 && header.rate_hz <= 0.0 {
        return Err(PressureError::RateUnknown { frames });
    }
    Ok(Pressure {
        format: FORMAT,
        side: header.side,
        sensor: header.sensor,
        view: if header.mirrored { View::Unknown } else { View::FromAbove },
        rate_hz: if frames > 1 { header.rate_hz } else { 0.0 },
        rows: header.rows,
        columns: header.columns,
        cell_mm: header.cell_mm,
        inside,
        kpa,
        saturation_kpa: header.saturation_kpa,
        calibration_mass_kg: header.mass_kg,
    })
}

/// The keys in front of the frames.
struct Keys<'a> {
    /// Line, key in capitals, value.
    all: &'a [(usize, String, &'a str)],
    /// Line at which the header ends.
    end: usize,
}

impl Keys<'_> {
    fn find(&self, key: &str) -> Option<(usize, &str)> {
        self.all.iter().find(|(_, name, _)| name == key).map(|(line, _, value)| (*line, *value))
    }

    /// A value with what stands behind its number.
    fn number(&self, key: &str) -> Option<(f64, &str)> {
        self.find(key).and_then(|(_, value)| leading_number(value))
    }

    /// What a needed key says, taken by `take`.
    fn needed<T>(
        &self,
        key: &str,
        expected: &str,
        take: impl Fn(&str) -> Option<T>,
    ) -> Result<T, PressureError> {
        let Some((line, value)) = self.find(key) else {
            let what = format!("the header lacks {key} ({expected})");
            return Err(PressureError::Header { line: self.end.max(1), what });
        };
        take(value).ok_or_else(|| PressureError::Header {
            line,
            what: format!("{key} is `{}`, expected {expected}", excerpt(value)),
        })
    }

    fn count(&self, key: &str) -> Result<usize, PressureError> {
        self.needed(key, "a count of cells", |value| value.parse().ok().filter(|count| *count > 0))
    }

    fn spacing(&self, key: &str) -> Result<f64, PressureError> {
        let take =
            |value: &str| leading_number(value).and_then(|(size, unit)| Some(size * mm_per(unit)?));
        self.needed(key, "a length with its unit, such as 5.08 mm", take)
    }

    fn is_set(&self, key: &str) -> bool {
        self.find(key).is_some_and(|(_, value)| value.starts_with(['1', 'Y', 'y']))
    }

    /// Frames that the header promises.
    fn frames(&self) -> Option<usize> {
        let frame = |key: &str| self.find(key).and_then(|(_, value)| value.parse::<usize>().ok());
        frame("END_FRAME")?.checked_sub(frame("START_FRAME")?)?.checked_add(1)
    }

    fn kpa_per_unit(&self, request: &PressureRequest) -> Result<f64, PressureError> {
        let expected = "kPa, psi, mmHg, N/cm2 or kg/cm2; calibrate raw counts first";
        match &request.unit {
            Some(unit) => kpa_per(unit).ok_or_else(|| PressureError::Header {
                line: self.end,
                what: format!("the given unit is `{}`, expected {expected}", excerpt(unit)),
            }),
            None => self.needed("UNITS", expected, kpa_per),
        }
    }

    fn saturation_kpa(&self) -> Option<f64> {
        let (value, unit) = self.number("SATURATION_PRESSURE")?;
        Some(value * kpa_per(unit)?).filter(|kpa| *kpa > 0.0)
    }

    /// Body mass of a calibration by a step, kg.
    fn calibration_mass_kg(&self) -> Option<f64> {
        let (value, unit) = self.number("CALIBRATION_POINT_1")?;
        let unit = unit.to_lowercase();
        let kilograms = if unit.starts_with("(kg") {
            value
        } else if unit.starts_with("(lb") {
            value * 0.453_592_37
        } else {
            return None;
        };
        // A person, not a test weight.
        (20.0..=250.0).contains(&kilograms).then_some(kilograms)
    }

    fn sensor(&self) -> Sensor {
        let words =
            self.find("SENSOR_TYPE").map_or_else(String::new, |(_, value)| value.to_uppercase());
        let insole = ["FSCAN", "F-SCAN", "3000"].iter().any(|word| words.starts_with(word));
        if insole { Sensor::Insole } else { Sensor::Plate }
    }
}

fn header(
    all: &[(usize, String, &str)],
    end: usize,
    request: &PressureRequest,
    findings: &mut Findings,
) -> Result<Header, PressureError> {
    let keys = Keys { all, end };
    let (rows, columns) = (keys.count("ROWS")?, keys.count("COLS")?);
    check_size(rows.saturating_mul(columns), 1)?;
    let cell_mm = match request.cell_mm {
        Some(sizes) => sizes,
        None => [keys.spacing("ROW_SPACING")?, keys.spacing("COL_SPACING")?],
    };
    let seconds = keys.number("SECONDS_PER_FRAME").map(|(seconds, _)| seconds);
    let said_hz = seconds.filter(|seconds| *seconds > 0.0).map(|seconds| 1.0 / seconds);
    Ok(Header {
        rows,
        columns,
        cell_mm,
        rate_hz: request.rate_hz.or(said_hz).unwrap_or(0.0),
        kpa_per_unit: keys.kpa_per_unit(request)?,
        side: side(all, findings),
        sensor: keys.sensor(),
        mirrored: keys.is_set("MIRROR_ROW") || keys.is_set("MIRROR_COL"),
        frames: keys.frames(),
        saturation_kpa: keys.saturation_kpa(),
        mass_kg: keys.calibration_mass_kg(),
    })
}

fn side(keys: &[(usize, String, &str)], findings: &mut Findings) -> Option<Side> {
    let said = keys.iter().find(|(_, key, _)| key == "SIDE" || key == "FOOT");
    if let Some((_, _, value)) = said {
        match value.to_lowercase().chars().next() {
            Some('l') => return Some(Side::Left),
            Some('r') => return Some(Side::Right),
            _ => {}
        }
    }
    let (_, _, name) = keys.iter().find(|(_, key, _)| key == "FILENAME")?;
    let side = side_in_name(name)?;
    let file = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let words = format!("taken as the {side} foot from the header's file name `{}`", excerpt(file));
    findings.note(STEP, "side-from-name", words);
    Some(side)
}

/// The frames; one that the end of the file cuts is left out with a finding.
fn frames<'a>(
    lines: impl Iterator<Item = (usize, &'a str)>,
    header: &Header,
    findings: &mut Findings,
) -> Result<(Vec<bool>, Vec<f32>), PressureError> {
    let cells = header.rows * header.columns;
    let mut inside = Vec::new();
    let mut kpa: Vec<f32> = Vec::new();
    let mut last_line = 1;
    let mut lines = lines.peekable();
    while let Some((number, line)) = lines.next() {
        last_line = number;
        let line = line.trim();
        let starts_frame = line.get(..5).is_some_and(|word| word.eq_ignore_ascii_case("frame"));
        if starts_frame {
            check_whole(kpa.len(), header, number)?;
            continue;
        }
        if line.starts_with("@@") {
            break;
        }
        if line.is_empty() {
            continue;
        }
        check_size(cells, kpa.len() / cells + 1)?;
        let before = kpa.len();
        if let Err(error) = take_row(line, number, header, &mut inside, &mut kpa) {
            // A file that was cut ends within a row.
            if lines.peek().is_some() || before < cells {
                return Err(error);
            }
            kpa.truncate(before);
        }
    }
    let whole = kpa.len() / cells;
    if whole == 0 {
        return Err(PressureError::NoFrames);
    }
    if !kpa.len().is_multiple_of(cells) {
        let rows = kpa.len() % cells / header.columns;
        let words = format!(
            "the file ends in frame {} after {rows} rows; that frame is left out",
            whole + 1
        );
        findings.warn(STEP, "cut-frame", words);
        kpa.truncate(whole * cells);
    }
    if let Some(said) = header.frames.filter(|said| *said != whole) {
        let words =
            format!("the header says {said} frames, the file holds {whole} (to line {last_line})");
        findings.warn(STEP, "frame-count", words);
    }
    inside.truncate(cells);
    Ok((inside, kpa))
}

fn take_row(
    line: &str,
    number: usize,
    header: &Header,
    inside: &mut Vec<bool>,
    kpa: &mut Vec<f32>,
) -> Result<(), PressureError> {
    let mut found = 0;
    for cell in line.trim_end_matches(',').split(',') {
        let cell = cell.trim();
        let outside = cell.eq_ignore_ascii_case("b") || cell == "*";
        if inside.len() < header.rows * header.columns {
            inside.push(!outside);
        }
        kpa.push(if outside { 0.0 } else { pressure(cell, header.kpa_per_unit, false, number)? });
        found += 1;
        if found > header.columns {
            break;
        }
    }
    if found == header.columns {
        return Ok(());
    }
    Err(PressureError::Ragged { line: number, found, expected: header.columns })
}

fn check_whole(samples: usize, header: &Header, line: usize) -> Result<(), PressureError> {
    let found = samples % (header.rows * header.columns) / header.columns;
    if found == 0 {
        return Ok(());
    }
    Err(PressureError::FrameHeight { line, found, expected: header.rows })
}
