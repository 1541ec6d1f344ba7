//! Cortex `.forces`: force plates as text; N, mm and Nmm, forces on the foot, center of pressure in laboratory axes.
//!
//! A head of `Key=value` lines, a line of labels `#Sample FX1 FY1 FZ1 X1 Y1 Z1 MZ1 FX2 …`, then rows. `MZ` is the free moment
//! about the vertical of the laboratory, whatever letter that axis has.

use geometry::{Point3, Vector3};

use crate::read::Report;
use crate::storage::wrench_of;
use crate::text::{Cell, cells, lines, number, shown};
use crate::up::{Convention, find_up, force_up};
use crate::{Motion, MotionError, MotionLimits, Plate, Subject, Wrench};

/// Columns of one plate.
const COLUMNS: usize = 7;

pub(crate) fn looks_like(text: &str) -> bool {
    let head = text.trim_start_matches(['\u{feff}', '\n', '\r', ' ']);
    head.get(..12).is_some_and(|begin| begin.eq_ignore_ascii_case("[Force Data]"))
}

/// One sample of one plate: force (N), point (mm), free moment (Nm).
struct Sample {
    force: Option<Vector3>,
    point: Option<Point3>,
    free_moment_nm: Option<f64>,
}

pub(crate) fn read(
    text: &str,
    limits: &MotionLimits,
    report: &mut Report<'_>,
) -> Result<Motion, MotionError> {
    let mut rate_hz = None;
    let mut promised_samples = None;
    let mut plates: Vec<Vec<Sample>> = Vec::new();
    let mut lines = lines(text).skip(1).filter(|(_, line)| !line.trim().is_empty());
    for (_, line) in lines.by_ref() {
        if line.starts_with('#') {
            let labels = cells(line).filter(|cell| !cell.is_empty()).count() - 1;
            if labels == 0 || labels % COLUMNS != 0 {
                return Err(MotionError::NoPart {
                    kind: ".forces",
                    missing: "line of seven labels per plate (FX FY FZ X Y Z MZ)",
                });
            }
            limits.check(labels, 1)?;
            plates.resize_with(labels / COLUMNS, Vec::new);
            break;
        }
        let (key, value) = line.split_once('=').unwrap_or((line, ""));
        match (key.trim().to_ascii_lowercase().as_str(), number(value.trim())) {
            ("samplerate", Cell::Number(rate)) => rate_hz = Some(rate),
            ("numberofsamples", Cell::Number(samples)) => promised_samples = Some(samples),
            _ => {}
        }
    }
    if plates.is_empty() {
        return Err(MotionError::NoPart {
            kind: ".forces",
            missing: "line of labels (#Sample FX1 …)",
        });
    }
    let rate_hz = rate_hz.ok_or(MotionError::NoPart { kind: ".forces", missing: "SampleRate" })?;
    if !(rate_hz > 0.0 && rate_hz < 1e6) {
        return Err(MotionError::BadRate { rate: rate_hz });
    }
    for (line, text) in lines {
        row(&mut plates, line, text)?;
        limits.check(plates.len() * COLUMNS, plates[0].len())?;
    }
    let samples = plates[0].len();
    if samples == 0 {
        return Err(MotionError::NoPart {
            kind: ".forces",
            missing: "row of numbers below its labels",
        });
    }
    if let Some(promised) = promised_samples
        && (promised - samples as f64).abs() > 0.5
    {
        report.warn(
            "rows-not-as-promised",
            &format!("The head promises {promised} samples and {samples} follow."),
        );
    }
    Ok(motion(&plates, rate_hz, report))
}

fn row(plates: &mut [Vec<Sample>], line: usize, text: &str) -> Result<(), MotionError> {
    let expected = plates.len() * COLUMNS + 1;
    let mut row = cells(text).skip(1);
    let mut at = 1;
    for plate in plates {
        let mut values = [None; COLUMNS];
        for value in &mut values {
            let cell = row.next().ok_or(MotionError::NarrowRow { line, got: at, expected })?;
            at += 1;
            *value = match number(cell) {
                Cell::Number(value) => Some(value),
                Cell::Missing => None,
                Cell::Wrong => {
                    return Err(MotionError::BadCell { line, column: at, got: shown(cell) });
                }
            };
        }
        let vector =
            |from: usize| Some(Vector3::new(values[from]?, values[from + 1]?, values[from + 2]?));
        plate.push(Sample {
            force: vector(0),
            point: vector(3).map(Point3::from),
            free_moment_nm: values[6].map(|moment| moment * 1e-3),
        });
    }
    let surplus = row.filter(|cell| !cell.is_empty()).count();
    if surplus > 0 {
        return Err(MotionError::WideRow { line, got: expected + surplus, expected });
    }
    Ok(())
}

fn motion(samples: &[Vec<Sample>], rate_hz: f64, report: &mut Report<'_>) -> Motion {
    let plates_with = |up: Vector3| -> Vec<Plate> {
        let wrench = |sample: &Sample| {
            sample.force.map_or(Wrench::UNKNOWN, |force| {
                wrench_of(force, sample.point, sample.free_moment_nm.map(|moment| moment * up))
            })
        };
        samples
            .iter()
            .enumerate()
            .map(|(index, samples)| Plate {
                name: format!("plate {}", index + 1),
                rate_hz,
                start_s: 0.0,
                corners: None,
                unloaded: None,
                wrenches: samples.iter().map(wrench).collect(),
            })
            .collect()
    };
    // The vertical must be known before the free moments can be placed along it.
    let vertical = force_up(&plates_with(Vector3::zeros())).unwrap_or_else(Vector3::y);
    let mut plates = plates_with(vertical);
    let up = find_up(&[], &mut plates, Convention::Y, report);
    Motion {
        rate_hz: 0.0,
        start_s: 0.0,
        up,
        markers: Vec::new(),
        plates,
        events: Vec::new(),
        subject: Subject::default(),
        curves: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use vocabulary::Findings;

    use super::*;

    fn read_text(text: &str) -> (Result<Motion, MotionError>, Findings) {
        let mut findings = Findings::new();
        let mut report = Report { name: "walk.forces", findings: &mut findings };
        let motion = read(text, &MotionLimits::default(), &mut report);
        (motion, findings)
    }

    fn forces(rows: &str) -> String {
        format!(
            "[Force Data]\r\nNumberOfForcePlates=1\r\nSampleRate=450.0\r\nNumberOfSamples=2\r\n#Sample\tFX1\tFY1\tFZ1\tX1\tY1\tZ1\tMZ1\r\n{rows}"
        )
    }

    #[test]
    fn the_free_moment_lies_along_the_vertical() {
        let (motion, _) =
            read_text(&forces("1\t0\t0\t0\t9\t0\t9\t0\r\n2\t10\t700\t5\t100\t0\t50\t-4000\r\n"));
        let motion = motion.unwrap();
        assert_eq!(motion.plates[0].rate_hz, 450.0);
        let expected = Wrench::at_point(
            Vector3::new(10.0, 700.0, 5.0),
            Point3::new(100.0, 0.0, 50.0),
            Vector3::y() * -4.0,
        );
        assert_eq!(motion.plates[0].wrenches[1], expected);
    }

    #[test]
    fn refusals_name_place_and_numbers() {
        for (text, words) in [
            (forces(""), "no row of numbers"),
            (forces("1\t2\n"), "line 6 has 2 cells"),
            (forces("1\t0\t0\t0\t9\t0\t9\t0\t1\n"), "line 6 has 9 cells"),
            (forces("1\t0\t0\tz\t9\t0\t9\t0\n"), "line 6 has \"z\" in column 4"),
            (forces("").replace("MZ1", ""), "seven labels"),
            (forces("1\t0\t0\t0\t9\t0\t9\t0\n").replace("450.0", "-1"), "-1 Hz"),
            (forces("1\t0\t0\t0\t9\t0\t9\t0\n").replace("SampleRate", "Rate"), "no SampleRate"),
            ("[Force Data]\n".to_owned(), "no line of labels"),
        ] {
            let error = read_text(&text).0.unwrap_err().to_string();
            assert!(error.contains(words), "{error}");
        }
    }
}
