//! A sheet of gait numbers: the `[gait.metrics]` table of a case file on its own, or what a treadmill or a phone writes.
//!
//! TOML: the keys of `[gait.metrics]` at the top, under `[gait.metrics]` or under `[metrics]`, with `left` and `right` tables.
//! CSV with comma, semicolon or tab: one number per line (`speed, 1.3, m/s`), or names in the first line and one line per
//! measurement, of which the mean counts. A name may end with its unit (`speed_km_per_h`).

use std::collections::BTreeMap;

use toml::{Table, Value};
use vocabulary::Side;

use crate::table::{self, Values};
use crate::{GAIT_METRICS, OrderError, Parameter, Preset};

/// Keys that a sheet has besides those of `[gait.metrics]`.
const CADENCE: &[Parameter] = &[Parameter::number(
    "cadence_steps_per_min",
    (30.0, 220.0, "steps/min"),
    Preset::Open,
    "steps of both feet per minute",
    "100-120 usual in walking",
)];

/// A checked sheet.
#[derive(Clone, Debug, PartialEq)]
pub struct GaitSheet {
    /// Numbers of each side by their keys in `[gait.metrics]`; the same for both unless the sheet tells sides apart.
    pub metrics: BTreeMap<Side, Values>,
    /// Steps of both feet per minute.
    pub cadence_steps_per_min: Option<f64>,
    /// What was converted or averaged, for the findings.
    pub notes: Vec<String>,
}

/// Whether a text is a sheet and not, say, a pressure table: it names a gait number in one of its first lines.
#[must_use]
pub fn looks_like_gait_sheet(text: &str) -> bool {
    const LINES: usize = 40;
    text.lines().take(LINES).any(|line| {
        let first = line.split([',', ';', '\t', '=']).next().unwrap_or_default();
        find_name(first).is_some() || line.trim() == "[gait.metrics]"
    })
}

/// Reads and checks a sheet; `place` is its name for messages.
///
/// # Errors
/// [`OrderError`] for the first thing that is wrong.
pub fn read_gait_sheet(text: &str, place: &str) -> Result<GaitSheet, OrderError> {
    let mut notes = Vec::new();
    // A CSV line is hardly ever TOML, and a TOML table never CSV.
    let root = match table::parse(text, place) {
        Ok(root) => root,
        Err(error) if text.lines().any(|line| line.contains(" = ") || line.starts_with('[')) => {
            return Err(error);
        }
        Err(_) => read_csv(text, place, &mut notes)?,
    };
    let within = |table: &Table, key: &str| table.get(key).and_then(Value::as_table).cloned();
    let gait = within(&root, "gait").unwrap_or_else(|| root.clone());
    let mut own = within(&gait, "metrics").unwrap_or(gait);
    let place = format!("{place} [gait.metrics]");
    let mut both = Table::new();
    if let Some(cadence) = own.remove(CADENCE[0].key) {
        both.insert(CADENCE[0].key.to_owned(), cadence);
    }
    let cadence = table::read(CADENCE, &both, &place)?;
    let mut metrics = BTreeMap::new();
    for side in Side::BOTH {
        let merged = crate::case::merged(&own, side, &place)?;
        metrics.insert(side, table::read(GAIT_METRICS, &merged, &place)?);
    }
    let any = |values: &Values| {
        GAIT_METRICS.iter().any(|parameter| values.optional_number(parameter.key).is_some())
    };
    let cadence_steps_per_min = cadence.optional_number(CADENCE[0].key);
    if !metrics.values().any(any) && cadence_steps_per_min.is_none() {
        let keys: Vec<&str> = GAIT_METRICS.iter().map(|parameter| parameter.key).collect();
        let what = format!("no gait number in the sheet; known are {}", keys.join(", "));
        return Err(OrderError::Incomplete { place, what });
    }
    Ok(GaitSheet { metrics, cadence_steps_per_min, notes })
}

/// A name of a number on sheets: words in front, key, unit if the sheet names none, factor.
struct Name {
    words: &'static str,
    key: &'static str,
    units: &'static [(&'static str, f64)],
}

const DEGREES: &[(&str, f64)] = &[("deg", 1.0), ("degrees", 1.0), ("°", 1.0)];

/// Names as devices write them, compared without regard to case, spaces and punctuation. The first unit counts where none is
/// written.
const NAMES: [Name; 9] = [
    Name {
        words: "walkingspeed",
        key: "walking_speed_m_per_s",
        units: &[
            ("m/s", 1.0),
            ("mpers", 1.0),
            ("km/h", 1.0 / 3.6),
            ("kmperh", 1.0 / 3.6),
            ("kph", 1.0 / 3.6),
            ("mph", 0.447_04),
        ],
    },
    Name {
        words: "speed",
        key: "walking_speed_m_per_s",
        units: &[
            ("m/s", 1.0),
            ("mpers", 1.0),
            ("km/h", 1.0 / 3.6),
            ("kmperh", 1.0 / 3.6),
            ("kph", 1.0 / 3.6),
            ("mph", 0.447_04),
        ],
    },
    Name {
        words: "cadence",
        key: "cadence_steps_per_min",
        units: &[("steps/min", 1.0), ("stepspermin", 1.0), ("spm", 1.0), ("strides/min", 2.0)],
    },
    Name { words: "footprogressionangle", key: "foot_progression_deg", units: DEGREES },
    Name { words: "footprogression", key: "foot_progression_deg", units: DEGREES },
    Name { words: "toeout", key: "foot_progression_deg", units: DEGREES },
    Name { words: "fpa", key: "foot_progression_deg", units: DEGREES },
    Name { words: "stancetime", key: "stance_time_s", units: &[("s", 1.0), ("ms", 1e-3)] },
    Name { words: "contacttime", key: "stance_time_s", units: &[("s", 1.0), ("ms", 1e-3)] },
];

fn plain(text: &str) -> String {
    let kept = |letter: &char| letter.is_alphanumeric() || ['/', '°'].contains(letter);
    text.chars().filter(kept).flat_map(char::to_lowercase).collect()
}

/// Key, factor to the key's unit, and side that a name on a sheet means; the unit may stand behind it or apart.
fn find_name(text: &str) -> Option<(&'static str, Option<f64>, Option<Side>)> {
    let mut rest = plain(text);
    let side = Side::BOTH.into_iter().find(|side| rest.contains(side.name()));
    if let Some(side) = side {
        rest = rest.replace(side.name(), "");
    }
    if let Some(parameter) = GAIT_METRICS.iter().chain(CADENCE).find(|p| plain(p.key) == rest) {
        return Some((parameter.key, Some(1.0), side));
    }
    let name = NAMES.iter().find(|name| rest.starts_with(name.words))?;
    let unit = &rest[name.words.len()..];
    let factor = name.units.iter().find(|(word, _)| *word == unit).map(|(_, factor)| *factor);
    (unit.is_empty() || factor.is_some()).then_some((name.key, factor, side))
}

fn factor(key: &str, unit: &str) -> Option<f64> {
    let unit = plain(unit);
    let units = NAMES.iter().filter(|name| name.key == key).flat_map(|name| name.units);
    units.into_iter().find(|(word, _)| *word == unit).map(|(_, factor)| *factor)
}

/// Longest sheet, lines: a treadmill that writes once a second for ten hours.
const MOST_LINES: usize = 36_000;

fn read_csv(text: &str, place: &str, notes: &mut Vec<String>) -> Result<Table, OrderError> {
    let wrong = |what: String| OrderError::Incomplete { place: place.to_owned(), what };
    let text = text.trim_start_matches('\u{feff}');
    let separator = [';', '\t', ','].into_iter().find(|sign| text.contains(*sign)).unwrap_or(',');
    let lines: Vec<Vec<&str>> = text
        .lines()
        .filter(|line| !line.trim().is_empty() && !line.starts_with('#'))
        .take(MOST_LINES + 1)
        .map(|line| line.split(separator).map(|cell| cell.trim().trim_matches('"')).collect())
        .collect();
    if lines.len() > MOST_LINES {
        return Err(wrong(format!("more than {MOST_LINES} lines; cut the sheet shorter")));
    }
    let number = |cell: &str| cell.replace(',', ".").parse::<f64>().ok().filter(|n| n.is_finite());
    let is_list = lines.iter().any(|line| {
        find_name(line[0]).is_some() && line.get(1).is_some_and(|cell| number(cell).is_some())
    });
    let mut found = Table::new();
    if is_list {
        for line in &lines {
            let Some((key, own_factor, side)) = find_name(line[0]) else { continue };
            let Some(value) = line.get(1).and_then(|cell| number(cell)) else { continue };
            let unit = line.get(2).filter(|unit| !unit.is_empty());
            let factor = match unit {
                None => own_factor.unwrap_or(1.0),
                Some(unit) => factor(key, unit).ok_or_else(|| {
                    wrong(format!("{}: the unit \"{unit}\" is not known for {key}", line[0]))
                })?,
            };
            put(&mut found, key, side, value * factor);
            if (factor - 1.0).abs() > 1e-9 {
                notes.push(format!(
                    "{} {value} was read as {key} = {:.3}.",
                    line[0],
                    value * factor
                ));
            }
        }
        return Ok(found);
    }
    let header = lines.first().cloned().unwrap_or_default();
    for (column, name) in header.iter().enumerate() {
        let Some((key, factor, side)) = find_name(name) else { continue };
        let cells = lines[1..].iter().filter_map(|line| line.get(column));
        let values: Vec<f64> = cells.filter_map(|cell| number(cell)).collect();
        if values.is_empty() {
            continue;
        }
        let mean = values.iter().sum::<f64>() / values.len() as f64 * factor.unwrap_or(1.0);
        put(&mut found, key, side, mean);
        notes.push(format!(
            "{key} = {mean:.3} is the mean of {} lines of \"{name}\".",
            values.len()
        ));
    }
    Ok(found)
}

fn put(table: &mut Table, key: &str, side: Option<Side>, value: f64) {
    let Some(side) = side else {
        table.insert(key.to_owned(), Value::Float(value));
        return;
    };
    let own = table.entry(side.name()).or_insert_with(|| Value::Table(Table::new()));
    if let Value::Table(own) = own {
        own.insert(key.to_owned(), Value::Float(value));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, side: Side, key: &str, expected: f64) {
        assert!(looks_like_gait_sheet(text), "{text}");
        let sheet =
            read_gait_sheet(text, "sheet").unwrap_or_else(|error| panic!("{text}: {error}"));
        let got = sheet.metrics[&side].optional_number(key);
        assert!(got.is_some_and(|got| (got - expected).abs() < 1e-9), "{text}: {got:?}");
    }

    #[test]
    fn sheets_of_every_form() {
        let speed = "walking_speed_m_per_s";
        check("walking_speed_m_per_s = 1.3\n", Side::Left, speed, 1.3);
        check("[gait.metrics]\nwalking_speed_m_per_s = 1.3\n", Side::Left, speed, 1.3);
        check(
            "[gait.metrics]\n[gait.metrics.left]\nstance_time_s = 0.7\n",
            Side::Left,
            "stance_time_s",
            0.7,
        );
        check("speed,4.5,km/h\ncadence,110\n", Side::Right, speed, 1.25);
        check("Walking speed; 1,25; m/s\n", Side::Right, speed, 1.25);
        check("speed_km_per_h,Cadence (spm)\n4.5,110\n5.4,112\n", Side::Right, speed, 1.375);
        check(
            "foot progression angle left,12\nfoot progression angle right,7\n",
            Side::Left,
            "foot_progression_deg",
            12.0,
        );
    }

    #[test]
    fn cadence_is_kept_and_conversions_are_said() {
        let sheet = read_gait_sheet("speed,4.5,km/h\ncadence,110\n", "sheet").unwrap();
        assert_eq!(sheet.cadence_steps_per_min, Some(110.0));
        assert!(sheet.notes[0].contains("1.25"));
    }

    #[test]
    fn refusals() {
        for (text, words) in [
            ("speed,4.5,knots\n", "knots"),
            ("speed,55,m/s\n", "outside 0.3 to 7"),
            ("walking_speed_m_per_s = 1.3\nknee = 2\n", "knee"),
            ("a,b\n1,2\n", "no gait number"),
        ] {
            let error = read_gait_sheet(text, "sheet").unwrap_err().to_string();
            assert!(error.contains(words), "{error}");
        }
        assert!(!looks_like_gait_sheet("0,0,12,40\n1,2,3,4\n"));
    }
}
