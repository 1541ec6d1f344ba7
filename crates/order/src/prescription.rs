//! What a clinician orders for one foot: not ordered, not decided, and a value are three things.

use std::collections::BTreeMap;

use toml::{Table, Value};

use vocabulary::Side;

use crate::case::SIDES;
use crate::drawn::{DRAWN, Drawn, DrawnRegion, PressureRelief};
use crate::{
    Kind, OrderError, PRESCRIPTION, Parameter, Preset, ProfileStore, amount, table, template,
};

/// One key's order for one foot.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Dose {
    /// Nobody has decided yet: the optimizer or the lab profile will.
    Open,
    /// Explicitly not wanted: written `"none"`.
    NotOrdered,
    /// Ordered with this value, in the key's unit.
    Ordered(f64),
    /// Not written; the lab's default holds.
    LabDefault(f64),
}

impl Dose {
    /// The value to build, if it is decided; not ordered means zero.
    #[must_use]
    pub const fn value(self) -> Option<f64> {
        match self {
            Self::Open => None,
            Self::NotOrdered => Some(0.0),
            Self::Ordered(value) | Self::LabDefault(value) => Some(value),
        }
    }
}

/// What is ordered for one foot; every declared key has an entry.
#[derive(Clone, Debug, PartialEq)]
pub struct Prescription {
    doses: BTreeMap<&'static str, Dose>,
    words: BTreeMap<&'static str, String>,
    drawn: Drawn,
}

impl Prescription {
    /// The dose of a declared key.
    ///
    /// # Panics
    /// If the key is no number of [`PRESCRIPTION`]: a bug of the caller.
    #[must_use]
    pub fn dose(&self, key: &str) -> Dose {
        *self.doses.get(key).unwrap_or_else(|| panic!("`{key}` is not a declared prescription key"))
    }

    /// The word of a declared key.
    ///
    /// # Panics
    /// If the key is no word of [`PRESCRIPTION`]: a bug of the caller.
    #[must_use]
    pub fn word(&self, key: &str) -> &str {
        self.words.get(key).unwrap_or_else(|| panic!("`{key}` is not a declared prescription word"))
    }

    /// The prescription in which nothing is written.
    #[must_use]
    pub fn default_orders() -> Self {
        let (mut doses, mut words) = (BTreeMap::new(), BTreeMap::new());
        for parameter in PRESCRIPTION {
            match (parameter.kind, parameter.preset) {
                (Kind::Choice { .. }, Preset::Text(word)) => {
                    words.insert(parameter.key, word.to_owned());
                }
                (Kind::Choice { .. }, _) => {
                    words.insert(parameter.key, String::new());
                }
                (_, Preset::Number(value)) => {
                    doses.insert(parameter.key, Dose::LabDefault(value));
                }
                _ => {
                    doses.insert(parameter.key, Dose::Open);
                }
            }
        }
        Self { doses, words, drawn: Drawn::default() }
    }

    /// Areas that were drawn.
    #[must_use]
    pub fn regions(&self) -> &[DrawnRegion] {
        &self.drawn.regions
    }

    /// Reliefs from pressure maps.
    #[must_use]
    pub fn pressure_reliefs(&self) -> &[PressureRelief] {
        &self.drawn.pressure
    }

    /// Reads the keys for both feet and then those for one foot, which win.
    pub(crate) fn read(
        both: &Table,
        one: Option<&Table>,
        places: (&str, &str),
    ) -> Result<Self, OrderError> {
        let (mut doses, mut words) = (BTreeMap::new(), BTreeMap::new());
        for parameter in PRESCRIPTION {
            let written = one
                .and_then(|table| table.get(parameter.key).map(|value| (value, places.1)))
                .or_else(|| both.get(parameter.key).map(|value| (value, places.0)));
            if let Kind::Choice { words: allowed } = parameter.kind {
                let word = match (written, parameter.preset) {
                    (Some((value, place)), _) => read_word(parameter.key, value, allowed, place)?,
                    (None, Preset::Text(word)) => word.to_owned(),
                    (None, _) => String::new(),
                };
                words.insert(parameter.key, word);
                continue;
            }
            let dose = match written {
                Some((value, place)) => read_dose(parameter, value, place)?,
                None => match parameter.preset {
                    Preset::Number(value) => Dose::LabDefault(value),
                    _ => Dose::Open,
                },
            };
            doses.insert(parameter.key, dose);
        }
        Ok(Self { doses, words, drawn: Drawn::read(both, one, places)? })
    }
}

/// What is ordered for every side that has a scan.
///
/// # Errors
/// [`OrderError`] for the first thing that is wrong.
pub(crate) fn read_all(
    root: &Table,
    sides: &[Side],
    store: &ProfileStore,
    place: &str,
) -> Result<BTreeMap<Side, Prescription>, OrderError> {
    let here = format!("{place} [prescription]");
    let empty = Table::new();
    let both = table::section(root, "prescription", &here)?.unwrap_or(&empty);
    let keys = PRESCRIPTION.iter().map(|parameter| parameter.key);
    let keys = keys.chain(DRAWN.iter().map(|drawn| drawn.key));
    table::check_keys(both, keys.clone().chain(SIDES).chain(["template"]), &here)?;
    let mut merged = match both.get("template") {
        Some(name) => template::read(store, &table::text("template", name, &here)?, &here)?,
        None => Table::new(),
    };
    merged.extend(both.clone());
    for side in Side::BOTH {
        let place = format!("{place} [prescription.{side}]");
        if let Some(one) = table::section(both, side.name(), &here)? {
            table::check_keys(one, keys.clone(), &place)?;
            if !sides.contains(&side) {
                let what = format!(
                    "orders for a foot without a scan; name `{side}` in [scan] or remove the table"
                );
                return Err(OrderError::Incomplete { place, what });
            }
        }
    }
    let read = |&side: &Side| {
        let there = format!("{place} [prescription.{side}]");
        let one = table::section(both, side.name(), &here)?;
        Ok((side, Prescription::read(&merged, one, (&here, &there))?))
    };
    sides.iter().map(read).collect()
}

/// Keys for which "not ordered" has no meaning: a shell always has a thickness and a cup.
const ALWAYS_THERE: [&str; 3] = ["shell_thickness_mm", "heel_cup_depth_mm", "arch_height_mm"];

fn read_word(
    key: &'static str,
    value: &Value,
    allowed: &'static [&'static str],
    place: &str,
) -> Result<String, OrderError> {
    let word = table::text(key, value, place)?;
    if allowed.contains(&word.as_str()) {
        return Ok(word);
    }
    let allowed = allowed.iter().map(|&word| word.to_owned()).collect();
    Err(OrderError::UnknownWord {
        place: place.to_owned(),
        key: key.to_owned(),
        value: word,
        allowed,
    })
}

fn read_dose(parameter: &Parameter, value: &Value, place: &str) -> Result<Dose, OrderError> {
    let unit = match parameter.kind {
        Kind::Number { unit, .. } => unit,
        _ => "",
    };
    match value.as_str() {
        Some("none") if !ALWAYS_THERE.contains(&parameter.key) => Ok(Dose::NotOrdered),
        Some("open") if parameter.preset == Preset::Open => Ok(Dose::Open),
        Some(word) => {
            if let Some(amount) = amount::parse(word, unit) {
                return table::number(parameter, &Value::Float(amount), place).map(Dose::Ordered);
            }
            let mut allowed = vec!["a number".to_owned()];
            if unit == "mm" {
                allowed.push("an amount such as \"4 mm\" or \"3/16 in\"".to_owned());
            }
            if !ALWAYS_THERE.contains(&parameter.key) {
                allowed.push("\"none\" (not ordered)".to_owned());
            }
            if parameter.preset == Preset::Open {
                allowed.push("\"open\" (decided by the program)".to_owned());
            }
            let (place, key, value) = (place.to_owned(), parameter.key.to_owned(), word.to_owned());
            Err(OrderError::UnknownWord { place, key, value, allowed })
        }
        None => table::number(parameter, value, place).map(Dose::Ordered),
    }
}
