//! What the text formats share: lines, cells, numbers, and the clock of a time column.

use crate::MotionError;

/// The lines of a text file with their number, counted from 1, without line ends.
pub(crate) fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    text.split('\n').enumerate().map(|(index, line)| (index + 1, line.trim_end_matches('\r')))
}

/// The cells of a line: between tabs if the line has any, otherwise between spaces.
pub(crate) fn cells(line: &str) -> Box<dyn Iterator<Item = &str> + '_> {
    if line.contains('\t') {
        Box::new(line.split('\t').map(str::trim))
    } else {
        Box::new(line.split_whitespace())
    }
}

/// What a cell of a table holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Cell {
    /// A finite number.
    Number(f64),
    /// Nothing, or one of the words for it.
    Missing,
    /// Something else.
    Wrong,
}

/// Largest magnitude that a cell of a gait file can mean; larger numbers count as missing.
///
/// Marker positions stay below 1e5 mm and moments below 1e6 Nmm, but a center of pressure that was divided by almost no
/// force reaches 1e9.
const LARGEST_NUMBER: f64 = 1e12;

/// Reads a cell; a comma counts as the decimal sign.
pub(crate) fn number(cell: &str) -> Cell {
    if cell.is_empty() {
        return Cell::Missing;
    }
    let parsed = cell.parse::<f64>().or_else(|_| cell.replace(',', ".").parse::<f64>());
    match parsed {
        Ok(value) if value.is_finite() && value.abs() < LARGEST_NUMBER => Cell::Number(value),
        Ok(_) => Cell::Missing,
        Err(_)
            if ["-nan", "-nan(ind)", "nan(ind)", "1.#qnan", "-1.#ind", "null"]
                .iter()
                .any(|word| cell.eq_ignore_ascii_case(word)) =>
        {
            Cell::Missing
        }
        Err(_) => Cell::Wrong,
    }
}

/// A piece of a line that is fit for a message.
pub(crate) fn shown(text: &str) -> String {
    text.chars().take(24).collect::<String>().escape_debug().to_string()
}

/// Evenly spaced instants, and how rows of a table come to lie on them.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Clock {
    pub(crate) rate_hz: f64,
    pub(crate) start_s: f64,
    /// For every instant: the row, or two rows and the share of the second; `None` if nothing was measured
    /// there. Absent where row and instant are the same.
    pub(crate) resampled: Option<Vec<Option<Blend>>>,
}

/// A value between two rows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Blend {
    pub(crate) row: usize,
    pub(crate) next: usize,
    pub(crate) share: f64,
}

/// Rows lie at even times if none is further than this from its even time, in periods: files round times to
/// 1 ms, which is 0.6 of a period at 1.2 kHz.
const EVEN_WITHIN_PERIODS: f64 = 0.6;

/// Two rows further apart than this, in periods, have a gap between them.
const GAP_PERIODS: f64 = 1.5;

/// Most instants that uneven times are spread over, per row.
const MOST_INSTANTS_PER_ROW: f64 = 20.0;

/// The clock of a time column (s); `promised_hz` is the header's rate, believed where it fits the column.
///
/// # Errors
/// Time that stands still or runs backward, and times spread over too many periods.
pub(crate) fn clock(
    times: &[f64],
    lines: &[usize],
    promised_hz: Option<f64>,
) -> Result<Clock, MotionError> {
    let promised = promised_hz.filter(|rate| rate.is_finite() && *rate > 0.0 && *rate < 1e6);
    let start_s = times.first().copied().unwrap_or(0.0);
    let Some(last) = times.last().filter(|_| times.len() > 1) else {
        return Ok(Clock { rate_hz: promised.unwrap_or(0.0), start_s, resampled: None });
    };
    if let Some(row) = (1..times.len()).find(|row| times[*row] <= times[row - 1]) {
        return Err(MotionError::TimeStands { line: lines[row], time_s: times[row] });
    }
    let periods = (times.len() - 1) as f64;
    let mean_hz = periods / (last - start_s);
    let is_even = |rate: f64| {
        times
            .iter()
            .enumerate()
            .all(|(row, time)| ((time - start_s) * rate - row as f64).abs() < EVEN_WITHIN_PERIODS)
    };
    let candidates = [promised, Some(mean_hz.round()).filter(|rate| *rate > 0.0), Some(mean_hz)];
    if let Some(rate_hz) = candidates.into_iter().flatten().find(|rate| is_even(*rate)) {
        return Ok(Clock { rate_hz, start_s, resampled: None });
    }
    let mut steps: Vec<f64> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
    steps.sort_unstable_by(f64::total_cmp);
    let median_hz = 1.0 / steps[steps.len() / 2];
    let instants = (last - start_s) * median_hz;
    if !instants.is_finite() || instants > MOST_INSTANTS_PER_ROW * times.len() as f64 {
        return Err(MotionError::UnevenTime { rows: times.len(), span_s: last - start_s });
    }
    let resampled = resample(times, median_hz, instants.round() as usize + 1);
    Ok(Clock { rate_hz: median_hz, start_s, resampled: Some(resampled) })
}

fn resample(times: &[f64], rate_hz: f64, instants: usize) -> Vec<Option<Blend>> {
    let period = 1.0 / rate_hz;
    let mut row = 0;
    (0..instants)
        .map(|instant| {
            let time = times[0] + instant as f64 * period;
            while row + 2 < times.len() && times[row + 1] <= time {
                row += 1;
            }
            let step = times[row + 1] - times[row];
            let share = ((time - times[row]) / step).clamp(0.0, 1.0);
            if step <= GAP_PERIODS * period {
                return Some(Blend { row, next: row + 1, share });
            }
            // Next to a gap only the measured row itself counts.
            let near = |row: usize| (times[row] - time).abs() < 0.5 * period;
            [row, row + 1].into_iter().find(|row| near(*row)).map(|row| Blend {
                row,
                next: row,
                share: 0.0,
            })
        })
        .collect()
}

impl Clock {
    /// Puts a column of rows on the clock's instants; `None` marks missing values in and out.
    pub(crate) fn place<const N: usize>(
        &self,
        rows: Vec<Option<[f64; N]>>,
    ) -> Vec<Option<[f64; N]>> {
        let Some(resampled) = &self.resampled else { return rows };
        resampled
            .iter()
            .map(|blend| {
                let blend = (*blend)?;
                let (first, second) = (rows[blend.row]?, rows[blend.next]?);
                Some(std::array::from_fn(|i| first[i] + blend.share * (second[i] - first[i])))
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(times: &[f64], promised: Option<f64>) -> Clock {
        clock(times, &vec![0; times.len()], promised).unwrap()
    }

    #[test]
    fn cells_are_numbers_missing_or_wrong() {
        for (text, expected) in [
            ("1.5", Cell::Number(1.5)),
            ("-2e3", Cell::Number(-2000.0)),
            ("0,017", Cell::Number(0.017)),
            ("", Cell::Missing),
            ("NaN", Cell::Missing),
            ("-nan(ind)", Cell::Missing),
            ("inf", Cell::Missing),
            ("1e300", Cell::Missing),
            ("1,2,3", Cell::Wrong),
            ("x", Cell::Wrong),
        ] {
            assert_eq!(number(text), expected, "{text}");
        }
    }

    #[test]
    fn rounded_times_are_even() {
        let rounded: Vec<f64> =
            (0..1501).map(|i| (f64::from(i) / 600.0 * 1e4).round() * 1e-4).collect();
        assert_eq!(of(&rounded, None), Clock { rate_hz: 600.0, start_s: 0.0, resampled: None });
        let milliseconds: Vec<f64> =
            (0..364).map(|i| (f64::from(i) / 150.0 * 1e3).round() * 1e-3).collect();
        assert!((of(&milliseconds, Some(150.0)).rate_hz - 150.0).abs() < 1e-12);
    }

    #[test]
    fn a_wrong_promise_is_not_believed() {
        let times: Vec<f64> = (0..126).map(|i| f64::from(i) * 0.04).collect();
        assert!((of(&times, Some(250.0)).rate_hz - 25.0).abs() < 1e-12);
    }

    #[test]
    fn uneven_times_are_interpolated_and_gaps_stay_gaps() {
        let times = [0.0, 1.0, 2.0, 3.5, 4.5, 5.5, 9.5, 10.5];
        let clock = of(&times, None);
        let values = clock.place(times.iter().map(|time| Some([*time])).collect());
        let expected = [0.0, 1.0, 2.0, 3.0, 4.0, 5.0];
        for (value, expected) in values.iter().zip(expected) {
            assert!((value.unwrap()[0] - expected).abs() < 1e-12);
        }
        assert_eq!(values[7..9], [None, None]);
        assert!((values[10].unwrap()[0] - 10.0).abs() < 1e-12);
    }

    #[test]
    fn time_must_run() {
        assert!(
            clock(&[0.0, 0.1, 0.1], &[7, 8, 9], None).unwrap_err().to_string().contains("line 9")
        );
        assert!(clock(&[0.0, 1e-9, 2e-9, 1e9], &[1, 2, 3, 4], None).is_err());
    }
}
