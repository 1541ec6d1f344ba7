//! Checks a TOML table against the declared parameters.

use std::collections::BTreeMap;

use toml::{Table, Value};

use crate::{Kind, OrderError, Parameter, Preset};

/// Largest case file or profile that is read, bytes. Real ones have a few kilobytes.
const LARGEST_FILE: usize = 1 << 20;

/// Checked values by key; every declared key that has a default or was written is there.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Values {
    numbers: BTreeMap<&'static str, f64>,
    texts: BTreeMap<&'static str, String>,
    lists: BTreeMap<&'static str, Vec<String>>,
}

impl Values {
    /// A number in the key's unit.
    ///
    /// # Panics
    /// If the key was declared neither as a number nor with a default: a bug of the caller.
    #[must_use]
    pub fn number(&self, key: &str) -> f64 {
        self.optional_number(key)
            .unwrap_or_else(|| panic!("`{key}` is not a declared number with a default"))
    }

    /// A number in the key's unit, if it was written or has a default.
    #[must_use]
    pub fn optional_number(&self, key: &str) -> Option<f64> {
        self.numbers.get(key).copied()
    }

    /// A whole number.
    #[must_use]
    pub fn count(&self, key: &str) -> u32 {
        self.number(key) as u32
    }

    /// A text or word, if it was written or has a default.
    #[must_use]
    pub fn optional_text(&self, key: &str) -> Option<&str> {
        self.texts.get(key).map(String::as_str)
    }

    /// A text or word.
    ///
    /// # Panics
    /// If the key was declared neither as a text nor with a default: a bug of the caller.
    #[must_use]
    pub fn text(&self, key: &str) -> &str {
        self.texts
            .get(key)
            .unwrap_or_else(|| panic!("`{key}` is not a declared text with a default"))
    }

    /// A list of texts; empty if it was not written.
    #[must_use]
    pub fn list(&self, key: &str) -> &[String] {
        self.lists.get(key).map_or(&[], Vec::as_slice)
    }
}

/// Parses a file's text into a table.
pub(crate) fn parse(text: &str, place: &str) -> Result<Table, OrderError> {
    if text.len() > LARGEST_FILE {
        return Err(OrderError::TooLarge {
            place: place.to_owned(),
            bytes: text.len(),
            limit: LARGEST_FILE,
        });
    }
    text.parse::<Table>().map_err(|error| OrderError::Syntax {
        place: place.to_owned(),
        // The reader's message spans lines with a drawing of the place; one sentence is wanted here.
        reason: error
            .to_string()
            .lines()
            .filter(|line| !line.contains('|'))
            .collect::<Vec<_>>()
            .join(" "),
    })
}

/// A value as someone types it: a TOML value where it is one, a text where it is not.
pub(crate) fn value_of(text: &str) -> Value {
    let written = format!("value = {text}").parse::<Table>().ok();
    let single = |table: Table| if table.len() == 1 { table.get("value").cloned() } else { None };
    written.and_then(single).unwrap_or_else(|| Value::String(text.to_owned()))
}

/// Reads a table in which only declared keys may stand.
pub(crate) fn read(
    parameters: &[Parameter],
    table: &Table,
    place: &str,
) -> Result<Values, OrderError> {
    check_keys(table, parameters.iter().map(|parameter| parameter.key), place)?;
    let mut values = Values::default();
    for parameter in parameters {
        match (table.get(parameter.key), parameter.preset) {
            (Some(value), _) => store(&mut values, parameter, value, place)?,
            (None, Preset::Number(number)) => {
                values.numbers.insert(parameter.key, number);
            }
            (None, Preset::Text(text)) => {
                values.texts.insert(parameter.key, text.to_owned());
            }
            (None, Preset::Open) => {}
            (None, Preset::Required) => {
                return Err(OrderError::Missing {
                    place: place.to_owned(),
                    key: parameter.key,
                    help: parameter.help,
                });
            }
        }
    }
    Ok(values)
}

/// Refuses the first key that is not among `known`, naming the nearest known one.
pub(crate) fn check_keys(
    table: &Table,
    known: impl Iterator<Item = &'static str> + Clone,
    place: &str,
) -> Result<(), OrderError> {
    let unknown = table.keys().find(|key| !known.clone().any(|other| other == key.as_str()));
    unknown.map_or(Ok(()), |key| {
        Err(OrderError::UnknownKey {
            place: place.to_owned(),
            key: key.clone(),
            nearest: nearest(key, known.clone()),
        })
    })
}

fn store(
    values: &mut Values,
    parameter: &Parameter,
    value: &Value,
    place: &str,
) -> Result<(), OrderError> {
    match parameter.kind {
        Kind::Number { .. } | Kind::Count { .. } => {
            let number = number(parameter, value, place)?;
            values.numbers.insert(parameter.key, number);
        }
        Kind::Text => {
            values.texts.insert(parameter.key, text(parameter.key, value, place)?);
        }
        Kind::Choice { words } => {
            // Whoever writes true and false where the words are on and off means them.
            let word = match value {
                Value::Boolean(true) if words.contains(&"on") => "on".to_owned(),
                Value::Boolean(false) if words.contains(&"off") => "off".to_owned(),
                _ => text(parameter.key, value, place)?,
            };
            if !words.contains(&word.as_str()) {
                return Err(OrderError::UnknownWord {
                    place: place.to_owned(),
                    key: parameter.key.to_owned(),
                    value: word,
                    allowed: words.iter().map(|&word| word.to_owned()).collect(),
                });
            }
            values.texts.insert(parameter.key, word);
        }
        Kind::Texts { most } => {
            values.lists.insert(parameter.key, texts(parameter.key, most, value, place)?);
        }
    }
    Ok(())
}

/// A list of at most `most` texts.
fn texts(key: &str, most: u32, value: &Value, place: &str) -> Result<Vec<String>, OrderError> {
    let items = value.as_array().filter(|items| items.len() <= most as usize);
    let wrong = || OrderError::WrongType {
        place: place.to_owned(),
        key: key.to_owned(),
        expected: format!("a list of at most {most} texts"),
        found: describe(value),
    };
    items.ok_or_else(wrong)?.iter().map(|item| text(key, item, place)).collect()
}

/// A number checked against the parameter's range.
pub(crate) fn number(parameter: &Parameter, value: &Value, place: &str) -> Result<f64, OrderError> {
    let (unit, low, high) = match parameter.kind {
        Kind::Number { unit, low, high } => (unit, low, high),
        Kind::Count { low, high } => ("", f64::from(low), f64::from(high)),
        Kind::Text | Kind::Choice { .. } | Kind::Texts { .. } => {
            ("", f64::NEG_INFINITY, f64::INFINITY)
        }
    };
    let wrong = |expected: String| OrderError::WrongType {
        place: place.to_owned(),
        key: parameter.key.to_owned(),
        expected,
        found: describe(value),
    };
    let number = match value {
        Value::Integer(whole) => *whole as f64,
        Value::Float(float) => *float,
        _ => return Err(wrong(format!("a number in {unit}"))),
    };
    if matches!(parameter.kind, Kind::Count { .. }) && number.fract() != 0.0 {
        return Err(wrong("a whole number".to_owned()));
    }
    if !(low..=high).contains(&number) {
        let place = place.to_owned();
        return Err(OrderError::OutOfRange {
            place,
            key: parameter.key,
            value: number,
            unit,
            low,
            high,
        });
    }
    Ok(number)
}

/// A string.
pub(crate) fn text(key: &str, value: &Value, place: &str) -> Result<String, OrderError> {
    value.as_str().map(str::to_owned).ok_or_else(|| OrderError::WrongType {
        place: place.to_owned(),
        key: key.to_owned(),
        expected: "a text in quotes".to_owned(),
        found: describe(value),
    })
}

/// A sub-table, or nothing if the key is absent.
pub(crate) fn section<'a>(
    table: &'a Table,
    key: &str,
    place: &str,
) -> Result<Option<&'a Table>, OrderError> {
    table.get(key).map_or(Ok(None), |value| {
        value.as_table().map(Some).ok_or_else(|| OrderError::WrongType {
            place: place.to_owned(),
            key: key.to_owned(),
            expected: format!("a table, written as [{key}]"),
            found: describe(value),
        })
    })
}

/// A value in a few words, for error messages.
pub(crate) fn describe(value: &Value) -> String {
    match value {
        Value::String(text) => {
            format!("the text \"{}\"", text.chars().take(40).collect::<String>())
        }
        Value::Integer(number) => format!("the number {number}"),
        Value::Float(number) => format!("the number {number}"),
        Value::Boolean(truth) => format!("{truth}"),
        Value::Datetime(date) => format!("the date {date}"),
        Value::Array(items) => format!("a list of {} items", items.len()),
        Value::Table(_) => "a table".to_owned(),
    }
}

/// The known key with the fewest edits, if it is near enough to be a slip.
fn nearest(key: &str, known: impl Iterator<Item = &'static str>) -> Option<String> {
    known
        .map(|candidate| (edit_distance(key, candidate), candidate))
        .filter(|&(distance, candidate)| distance <= (candidate.len() / 3).max(2))
        .min()
        .map(|(_, candidate)| candidate.to_owned())
}

fn edit_distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().take(80).enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, to) in b.iter().enumerate() {
            let substituted = diagonal + usize::from(from != *to);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}
/// Reads a profile that is a list of `[[rule]]` tables: the place of each, for errors, and its checked values.
pub(crate) fn read_rule_list(
    text: &str,
    place: &str,
    declared: &[Parameter],
) -> Result<Vec<(String, Values)>, OrderError> {
    let root = parse(text, place)?;
    check_keys(&root, ["rule"].into_iter(), place)?;
    let none = || OrderError::Incomplete {
        place: place.to_owned(),
        what: "no [[rule]] is written".to_owned(),
    };
    let list = root.get("rule").and_then(Value::as_array).ok_or_else(none)?;
    list.iter()
        .enumerate()
        .map(|(index, item)| {
            let place = format!("{place} [[rule]] {}", index + 1);
            let values = read(declared, item.as_table().ok_or_else(none)?, &place)?;
            Ok((place, values))
        })
        .collect()
}
