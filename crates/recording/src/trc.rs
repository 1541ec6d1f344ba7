//! TRC: markers as text, written by Cortex and OpenSim.
//!
//! Line 1 names the kind, lines 2 and 3 are keys and values, line 4 the labels (one in every third column after frame and
//! time), line 5 the axes, then rows. Seen in real files and accepted: a tab too many in line 4, a rate in the head
//! that is not that of the rows, rows without their empty cells at the end, blank lines, decimal commas.

use geometry::Point3;

use crate::read::Report;
use crate::text::{Cell, cells, clock, lines, number, shown};
use crate::up::{Convention, find_up};
use crate::{Marker, Motion, MotionError, MotionLimits, Subject};

pub(crate) fn looks_like(text: &str) -> bool {
    let head = text.trim_start_matches(['\u{feff}', '\n', '\r', ' ']);
    head.get(..12).is_some_and(|begin| begin.eq_ignore_ascii_case("PathFileType"))
}

/// What the first four lines say.
struct Head {
    rate_hz: Option<f64>,
    mm_per_unit: f64,
    promised_frames: Option<f64>,
    labels: Vec<String>,
}

pub(crate) fn read(
    text: &str,
    limits: &MotionLimits,
    report: &mut Report<'_>,
) -> Result<Motion, MotionError> {
    let mut lines = lines(text).filter(|(_, line)| !line.trim().is_empty());
    let head = head(&mut lines, report)?;
    let rows = rows(lines, &head, limits)?;
    if rows.times.is_empty() {
        return Err(MotionError::NoPart { kind: "TRC", missing: "row of numbers below its head" });
    }
    if let Some(promised) = head.promised_frames
        && (promised - rows.times.len() as f64).abs() > 0.5
    {
        report.warn(
            "frames-not-as-promised",
            &format!("The head promises {promised} frames and {} follow.", rows.times.len()),
        );
    }
    let clock = clock(&rows.times, &rows.lines, head.rate_hz)?;
    say_rate(&clock, head.rate_hz, report);
    let markers: Vec<Marker> = head
        .labels
        .into_iter()
        .zip(rows.columns)
        .map(|(label, column)| Marker {
            label,
            positions: clock.place(column).into_iter().map(|at| at.map(Point3::from)).collect(),
        })
        .collect();
    say_labels(&markers, report);
    let up = find_up(&markers, &mut [], Convention::Y, report);
    Ok(Motion {
        rate_hz: clock.rate_hz,
        start_s: clock.start_s,
        up,
        markers,
        plates: Vec::new(),
        events: Vec::new(),
        subject: Subject::default(),
        curves: Vec::new(),
    })
}

fn head<'a>(
    lines: &mut impl Iterator<Item = (usize, &'a str)>,
    report: &mut Report<'_>,
) -> Result<Head, MotionError> {
    let mut line = |missing| {
        lines.next().map(|(_, line)| line).ok_or(MotionError::NoPart { kind: "TRC", missing })
    };
    let _kind = line("first line")?;
    let keys = line("line of keys (DataRate, Units, …)")?;
    let values = line("line of values below its keys")?;
    let label_line = line("line of marker labels")?;
    let value = |key: &str| {
        let at = cells(keys).position(|cell| cell.eq_ignore_ascii_case(key))?;
        cells(values).nth(at).filter(|value| !value.is_empty())
    };
    let figure = |key: &str| match number(value(key)?) {
        Cell::Number(value) => Some(value),
        _ => None,
    };
    let unit = value("Units").unwrap_or_default();
    let mm_per_unit = match unit.to_ascii_lowercase().as_str() {
        "mm" | "millimeters" => 1.0,
        "cm" | "centimeters" => 10.0,
        "m" | "meters" => 1000.0,
        _ => return Err(MotionError::UnknownUnit { unit: shown(unit) }),
    };
    let labels = labels(label_line);
    if labels.is_empty() {
        return Err(MotionError::NoPart {
            kind: "TRC",
            missing: "marker label in its fourth line",
        });
    }
    if let Some(promised) = figure("NumMarkers")
        && (promised - labels.len() as f64).abs() > 0.5
    {
        report.warn(
            "markers-not-as-promised",
            &format!(
                "The head promises {promised} markers and names {}; those named are read.",
                labels.len()
            ),
        );
    }
    Ok(Head {
        rate_hz: figure("DataRate"),
        mm_per_unit,
        promised_frames: figure("NumFrames"),
        labels,
    })
}

/// The labels: every third cell after frame and time, or every filled one where they stand elsewhere.
fn labels(line: &str) -> Vec<String> {
    let cells: Vec<&str> = cells(line).skip(2).collect();
    let filled = |cell: &&&str| !cell.is_empty();
    let in_place = cells.iter().enumerate().all(|(at, cell)| cell.is_empty() || at % 3 == 0);
    let last = cells.iter().rposition(|cell| !cell.is_empty()).map_or(0, |last| last + 1);
    if in_place && line.contains('\t') {
        cells[..last].iter().step_by(3).map(|label| (*label).to_owned()).collect()
    } else {
        cells.iter().filter(filled).map(|label| (*label).to_owned()).collect()
    }
}

/// The rows by marker.
struct Rows {
    lines: Vec<usize>,
    times: Vec<f64>,
    columns: Vec<Vec<Option<[f64; 3]>>>,
}

fn rows<'a>(
    lines: impl Iterator<Item = (usize, &'a str)>,
    head: &Head,
    limits: &MotionLimits,
) -> Result<Rows, MotionError> {
    let markers = head.labels.len();
    limits.check(3 * markers, 1)?;
    let mut rows =
        Rows { lines: Vec::new(), times: Vec::new(), columns: vec![Vec::new(); markers] };
    for (line, text) in lines {
        let mut row = cells(text);
        let frame = row.next().unwrap_or_default();
        if rows.times.is_empty() && frame.is_empty() {
            continue; // the line of axes
        }
        let time = match number(row.next().unwrap_or_default()) {
            Cell::Number(time) => time,
            // The line of axes where it is separated by spaces.
            Cell::Wrong if rows.times.is_empty() && frame.eq_ignore_ascii_case("X1") => continue,
            Cell::Missing if row.all(str::is_empty) => continue,
            _ => return Err(MotionError::NoTime { line }),
        };
        rows.lines.push(line);
        rows.times.push(time);
        limits.check(3 * markers, rows.times.len())?;
        for (marker, column) in rows.columns.iter_mut().enumerate() {
            let mut at = [None; 3];
            for (axis, coordinate) in at.iter_mut().enumerate() {
                let cell = row.next().unwrap_or_default();
                match number(cell) {
                    Cell::Number(value) => *coordinate = Some(value * head.mm_per_unit),
                    Cell::Missing => {}
                    Cell::Wrong => {
                        let column = 3 * marker + axis + 3;
                        return Err(MotionError::BadCell { line, column, got: shown(cell) });
                    }
                }
            }
            column.push(position(at));
        }
        let surplus = row.filter(|cell| !cell.is_empty()).count();
        if surplus > 0 {
            let expected = 3 * markers + 2;
            return Err(MotionError::WideRow { line, got: expected + surplus, expected });
        }
    }
    Ok(rows)
}

/// A position with all three coordinates; the exact origin is how some programs write "not seen".
pub(crate) fn position(at: [Option<f64>; 3]) -> Option<[f64; 3]> {
    let at = [at[0]?, at[1]?, at[2]?];
    (at != [0.0; 3]).then_some(at)
}

fn say_rate(clock: &crate::text::Clock, promised_hz: Option<f64>, report: &mut Report<'_>) {
    if clock.resampled.is_some() {
        report.warn(
            "uneven-time",
            &format!(
                "The rows are not evenly spaced in time; they were interpolated to {:.3} Hz.",
                clock.rate_hz
            ),
        );
    }
    if let Some(promised) = promised_hz
        && (promised / clock.rate_hz - 1.0).abs() > 1e-3
    {
        report.warn(
            "rate-not-as-promised",
            &format!(
                "The head says {promised} Hz, but the times of the rows {:.3} Hz, which counts.",
                clock.rate_hz
            ),
        );
    }
}

/// Says which labels are used twice.
pub(crate) fn say_labels(markers: &[Marker], report: &mut Report<'_>) {
    let mut labels: Vec<&str> = markers.iter().map(|marker| marker.label.as_str()).collect();
    labels.sort_unstable();
    let mut repeated: Vec<&str> =
        labels.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0]).collect();
    repeated.dedup();
    if !repeated.is_empty() {
        report.warn(
            "repeated-labels",
            &format!("Several markers are called {}; the first of each counts.", list(&repeated)),
        );
    }
}

/// Names for a message, at most eight of them.
pub(crate) fn list(names: &[&str]) -> String {
    const MOST: usize = 8;
    let more = names.len().saturating_sub(MOST);
    let shown: Vec<String> =
        names.iter().take(MOST).map(|name| format!("\"{}\"", shown(name))).collect();
    if more > 0 { format!("{} and {more} more", shown.join(", ")) } else { shown.join(", ") }
}

#[cfg(test)]
mod tests {
    use vocabulary::Findings;

    use super::*;

    fn read_text(text: &str) -> (Result<Motion, MotionError>, Findings) {
        let mut findings = Findings::new();
        let mut report = Report { name: "walk.trc", findings: &mut findings };
        let motion = read(text, &MotionLimits::default(), &mut report);
        (motion, findings)
    }

    fn trc(unit: &str, rows: &str) -> String {
        format!(
            "PathFileType\t4\t(X/Y/Z)\twalk.trc\nDataRate\tCameraRate\tNumFrames\tNumMarkers\tUnits\n100\t100\t3\t2\t{unit}\n\
             Frame#\tTime\tR.Heel\t\t\tR.ASIS\n\t\tX1\tY1\tZ1\tX2\tY2\tZ2\n\n{rows}"
        )
    }

    const ROWS: &str =
        "1\t0.00\t1\t2\t3\t10\t900\t30\n2\t0.01\t\t\t\t11\t901\t31\n3\t0.02\t1,5\t2\t3\n";

    #[test]
    fn rows_gaps_and_short_rows() {
        let (motion, _) = read_text(&trc("mm", ROWS));
        let motion = motion.unwrap();
        assert_eq!(motion.rate_hz, 100.0);
        assert_eq!(motion.frames(), 3);
        let heel = &motion.find_marker("R.Heel").unwrap().positions;
        assert_eq!(
            *heel,
            [Some(Point3::new(1.0, 2.0, 3.0)), None, Some(Point3::new(1.5, 2.0, 3.0))]
        );
        assert_eq!(motion.markers[1].positions[2], None);
        assert_eq!(motion.up, geometry::Vector3::y());
    }

    #[test]
    fn meters_become_millimeters() {
        let motion = read_text(&trc("m", "1\t0\t0.001\t0.002\t0.003\t1\t1\t1\n")).0.unwrap();
        assert_eq!(motion.markers[0].positions[0], Some(Point3::new(1.0, 2.0, 3.0)));
    }

    #[test]
    fn an_extra_tab_before_the_labels() {
        let text = trc("mm", ROWS).replace("Time\tR", "Time\t\tR");
        assert_eq!(read_text(&text).0.unwrap().markers[1].label, "R.ASIS");
    }

    #[test]
    fn refusals_name_place_and_numbers() {
        for (text, words) in [
            (trc("furlong", ROWS), "furlong"),
            (trc("mm", ""), "no row of numbers"),
            (trc("mm", "1\tx\t1\n"), "line 7 has no time"),
            (trc("mm", "1\t0\t1\tup\t3\n"), "line 7 has \"up\" in column 4"),
            (trc("mm", "1\t0\t1\t2\t3\t4\t5\t6\t7\n"), "line 7 has 9 cells"),
            (trc("mm", "1\t0\t1\t2\t3\n2\t0\t1\t2\t3\n"), "line 8"),
            ("PathFileType\t4".to_owned(), "no line of keys"),
        ] {
            let error = read_text(&text).0.unwrap_err().to_string();
            assert!(error.contains(words), "{error}");
        }
    }

    #[test]
    fn doubtful_heads_are_said() {
        let (motion, findings) = read_text(&trc("mm", "1\t0\t1\t2\t3\n2\t0.04\t1\t2\t3\n"));
        assert_eq!(motion.unwrap().rate_hz, 25.0);
        assert!(findings.has("rate-not-as-promised") && findings.has("frames-not-as-promised"));
        let (_, findings) = read_text(&trc("mm", ROWS).replace("R.ASIS", "R.Heel"));
        assert!(findings.has("repeated-labels"));
    }
}
