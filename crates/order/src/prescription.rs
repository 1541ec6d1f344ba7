//! What a clinician can order for one foot today. Every term of the lab's vocabulary that changes the
//! shape will get its entry here.

use std::collections::BTreeMap;

use toml::{Table, Value};

use crate::{OrderError, Parameter, Preset, table};

const DOMAIN: &str = "lab lists; soft limits of published design programs";
const KNEE: &str = "bounds of the knee model's optimizer";

/// Every key of `[prescription]`, in the order in which the corrections are applied.
pub const PRESCRIPTION: &[Parameter] = &[
    Parameter::number(
        "arch_height_mm",
        (5.0, 40.0, "mm"),
        Preset::Open,
        "the foot's own medial arch height, used when the scan does not show the sole",
        "lab profile when open",
    ),
    Parameter::number(
        "arch_fraction",
        (0.0, 1.0, ""),
        Preset::Open,
        "share of the foot's loaded arch clearance that the shell fills; decided by the optimizer when open",
        KNEE,
    ),
    Parameter::number(
        "cast_fill_mm",
        (-3.0, 8.0, "mm"),
        Preset::Number(0.0),
        "material added to the arch of the positive: more fill lowers the arch of the device",
        DOMAIN,
    ),
    Parameter::number(
        "lateral_expansion_mm",
        (0.0, 8.0, "mm"),
        Preset::Number(0.0),
        "widening of the heel cup for the spread of the fat pad under load",
        "5 default when cast without weight, 3 for dress shoes",
    ),
    Parameter::number(
        "heel_cup_depth_mm",
        (6.0, 20.0, "mm"),
        Preset::Number(14.0),
        "height of the posterior rim over the lowest point of the heel seat, before the cover",
        "14 standard, 8-12 dress shoe, 18 and more deep",
    ),
    Parameter::number(
        "medial_skive_mm",
        (0.0, 6.0, "mm"),
        Preset::Number(0.0),
        "15 degree varus ramp inside the heel cup: raises the medial side of the device's heel",
        "Kirby; 2-6 usual",
    ),
    Parameter::number(
        "rearfoot_post_deg",
        (-8.0, 8.0, "deg"),
        Preset::Open,
        "wedge under the heel, + lateral (valgus), - medial (varus); decided by the optimizer when open",
        KNEE,
    ),
    Parameter::number(
        "forefoot_post_deg",
        (-5.0, 6.0, "deg"),
        Preset::Open,
        "wedge under the distal edge, + lateral (valgus), - medial (varus); decided by the optimizer when open",
        KNEE,
    ),
    Parameter::number(
        "heel_lift_mm",
        (0.0, 12.0, "mm"),
        Preset::Number(0.0),
        "raise under the heel that tapers to the ball",
        "6 on a post, 12 the most inside a shoe",
    ),
    Parameter::number(
        "shell_thickness_mm",
        (2.0, 6.0, "mm"),
        Preset::Open,
        "thickness of the shell along its normal; by the lab's weight table when open",
        "3.2-6.4 by weight in lab tables; 2-6 in studies",
    ),
];

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
}

impl Prescription {
    /// The dose of a declared key.
    ///
    /// # Panics
    /// If the key is not in [`PRESCRIPTION`]: a bug of the caller.
    #[must_use]
    pub fn dose(&self, key: &str) -> Dose {
        *self.doses.get(key).unwrap_or_else(|| panic!("`{key}` is not a declared prescription key"))
    }

    /// Reads the keys for both feet and then those for one foot, which win.
    pub(crate) fn read(
        both: &Table,
        one: Option<&Table>,
        places: (&str, &str),
    ) -> Result<Self, OrderError> {
        let mut doses = BTreeMap::new();
        for parameter in PRESCRIPTION {
            let written = one
                .and_then(|table| table.get(parameter.key).map(|value| (value, places.1)))
                .or_else(|| both.get(parameter.key).map(|value| (value, places.0)));
            let dose = match written {
                Some((value, place)) => read_dose(parameter, value, place)?,
                None => match parameter.preset {
                    Preset::Number(value) => Dose::LabDefault(value),
                    _ => Dose::Open,
                },
            };
            doses.insert(parameter.key, dose);
        }
        Ok(Self { doses })
    }
}

/// Keys for which "not ordered" has no meaning: a shell always has a thickness and a cup.
const ALWAYS_THERE: [&str; 3] = ["shell_thickness_mm", "heel_cup_depth_mm", "arch_height_mm"];

fn read_dose(parameter: &Parameter, value: &Value, place: &str) -> Result<Dose, OrderError> {
    match value.as_str() {
        Some("none") if !ALWAYS_THERE.contains(&parameter.key) => Ok(Dose::NotOrdered),
        Some("open") if parameter.preset == Preset::Open => Ok(Dose::Open),
        Some(word) => {
            let mut allowed = vec!["a number".to_owned()];
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
