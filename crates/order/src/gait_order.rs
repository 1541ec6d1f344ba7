//! The gait chapter of the case file: numbers, a measured walk, pressure recordings.

use std::collections::BTreeMap;

use toml::{Table, Value};
use vocabulary::{GaitMetric, Side};

use crate::case::merged;
use crate::table::{self, Values};
use crate::{OrderError, Parameter, Preset};

/// What is known of one side's gait. Units as in the keys of the case file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct GaitOrder {
    /// Written metrics; all may be absent.
    pub metrics: Values,
}

/// A measured walk; paths as written, relative to the case file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrialOrder {
    /// Files of the walk, which belong together.
    pub files: Vec<String>,
    /// Files of the trial in which the person stands still.
    pub standing: Vec<String>,
    /// Marker set, if the best fitting one is not wanted.
    pub markers: Option<String>,
}

/// Pressure recordings; paths as written, relative to the case file.
#[derive(Clone, Debug, PartialEq)]
pub struct PressureOrder {
    /// Files, each with its foot where the case says which.
    pub files: Vec<(Option<Side>, String)>,
    /// Distance of cells, mm, where the file does not say it.
    pub cell_mm: Option<f64>,
    /// Frames per second, where the file does not say it.
    pub rate_hz: Option<f64>,
    /// Pressure profile: limits and norms.
    pub profile: String,
}

/// Keys of `[gait]` that are no paths.
pub const GAIT: &[Parameter] = &[
    Parameter::number(
        "pressure_cell_mm",
        (0.5, 40.0, "mm"),
        Preset::Open,
        "distance of the cells of the pressure recordings, where the files do not say it",
        "5.08 F-Scan, 5 emed; sensors of all makers lie within",
    ),
    Parameter::number(
        "pressure_rate_hz",
        (0.1, 10_000.0, "Hz"),
        Preset::Open,
        "frames per second of the pressure recordings, where the files do not say it",
        "50-100 usual",
    ),
    Parameter::text(
        "pressure_profile",
        Preset::Text("default"),
        "pressure profile: norms and limits",
        "profiles/pressure",
    ),
];

/// Keys of `[gait.metrics]`.
pub const GAIT_METRICS: &[Parameter] = &[
    Parameter::number(
        GaitMetric::KAM_PEAK1.key,
        GaitMetric::KAM_PEAK1.in_any_activity("%BW*Ht"),
        Preset::Open,
        "first peak of the external knee adduction moment",
        "2.8-3.1 with osteoarthritis; running up to 9",
    ),
    Parameter::number(
        GaitMetric::KAM_PEAK2.key,
        GaitMetric::KAM_PEAK2.in_any_activity("%BW*Ht"),
        Preset::Open,
        "second peak of the external knee adduction moment",
        "about 0.75 of the first",
    ),
    Parameter::number(
        GaitMetric::KAM_IMPULSE.key,
        GaitMetric::KAM_IMPULSE.in_any_activity("Nm*s/kg"),
        Preset::Open,
        "impulse of the positive external knee adduction moment over stance",
        "about 0.2 in walking",
    ),
    Parameter::number(
        GaitMetric::KFM_PEAK.key,
        GaitMetric::KFM_PEAK.in_any_activity("Nm/kg"),
        Preset::Open,
        "peak of the external knee flexion moment",
        "about 0.5 in walking, 2.9 in running",
    ),
    Parameter::number(
        GaitMetric::SPEED.key,
        GaitMetric::SPEED.in_any_activity("m/s"),
        Preset::Open,
        "speed of the activity",
        "walking 0.6-1.8 usual, up to 2.2; running from 2",
    ),
    Parameter::number(
        GaitMetric::STANCE_TIME.key,
        GaitMetric::STANCE_TIME.in_any_activity("s"),
        Preset::Open,
        "duration of stance",
        "0.6-0.8 in walking",
    ),
    Parameter::number(
        GaitMetric::FOOT_PROGRESSION.key,
        GaitMetric::FOOT_PROGRESSION.in_any_activity("deg"),
        Preset::Open,
        "foot progression angle, toe-out positive",
        "about 7",
    ),
    Parameter::number(
        GaitMetric::KNEE_VARUS.key,
        GaitMetric::KNEE_VARUS.in_any_activity("deg"),
        Preset::Open,
        "hip-knee-ankle angle standing, + varus (bow-legged), - valgus (knock-kneed)",
        "mechanical axis; 1.3 varus is usual (Bellemans 2012)",
    ),
];

pub(crate) fn read_gait(
    root: &Table,
    sides: &[Side],
    place: &str,
) -> Result<BTreeMap<Side, GaitOrder>, OrderError> {
    let place = format!("{place} [gait]");
    let empty = Table::new();
    let own = table::section(root, "gait", &place)?.unwrap_or(&empty);
    table::check_keys(
        own,
        ["trial", "static", "markers", "metrics", "pressure"]
            .into_iter()
            .chain(GAIT.iter().map(|key| key.key)),
        &place,
    )?;
    let place = format!("{} [gait.metrics]", place.trim_end_matches(" [gait]"));
    let metrics = table::section(own, "metrics", &place)?.unwrap_or(&empty);
    let mut orders = BTreeMap::new();
    for &side in sides {
        let merged = merged(metrics, side, &place)?;
        orders.insert(side, GaitOrder { metrics: table::read(GAIT_METRICS, &merged, &place)? });
    }
    Ok(orders)
}

pub(crate) fn read_trial(root: &Table, place: &str) -> Result<Option<TrialOrder>, OrderError> {
    let place = format!("{place} [gait]");
    let Some(own) = table::section(root, "gait", &place)? else { return Ok(None) };
    let files = paths(own, "trial", &place)?;
    let standing = paths(own, "static", &place)?;
    let markers = match own.get("markers") {
        None => None,
        Some(Value::String(name)) => Some(name.clone()),
        Some(_) => {
            let what = "`markers` is the name of a marker set, in quotes".to_owned();
            return Err(OrderError::Incomplete { place, what });
        }
    };
    if files.is_empty() && (!standing.is_empty() || markers.is_some()) {
        let what = "`static` and `markers` belong to a `trial`, which is not named".to_owned();
        return Err(OrderError::Incomplete { place, what });
    }
    Ok((!files.is_empty()).then_some(TrialOrder { files, standing, markers }))
}

/// The pressure recordings: a path, a list of paths, or a table with `left` and `right`.
pub(crate) fn read_pressure(
    root: &Table,
    place: &str,
) -> Result<Option<PressureOrder>, OrderError> {
    let place = format!("{place} [gait]");
    let Some(own) = table::section(root, "gait", &place)? else { return Ok(None) };
    let mut keys = Table::new();
    for key in GAIT {
        keys.extend(own.get(key.key).map(|value| (key.key.to_owned(), value.clone())));
    }
    let values = table::read(GAIT, &keys, &place)?;
    let files = match own.get("pressure") {
        Some(Value::Table(sides)) => {
            let place = format!("{} [gait.pressure]", place.trim_end_matches(" [gait]"));
            table::check_keys(sides, Side::BOTH.map(Side::name).into_iter(), &place)?;
            let mut files = Vec::new();
            for side in Side::BOTH {
                let found = paths(sides, side.name(), &place)?;
                files.extend(found.into_iter().map(|path| (Some(side), path)));
            }
            files
        }
        _ => paths(own, "pressure", &place)?.into_iter().map(|path| (None, path)).collect(),
    };
    if files.is_empty() {
        if let Some(key) = GAIT.iter().find(|key| keys.contains_key(key.key)) {
            let what = format!("`{}` belongs to `pressure`, which names no file", key.key);
            return Err(OrderError::Incomplete { place, what });
        }
        return Ok(None);
    }
    Ok(Some(PressureOrder {
        files,
        cell_mm: values.optional_number("pressure_cell_mm"),
        rate_hz: values.optional_number("pressure_rate_hz"),
        profile: values.text("pressure_profile").to_owned(),
    }))
}

/// One path or a list of them.
fn paths(table: &Table, key: &str, place: &str) -> Result<Vec<String>, OrderError> {
    let path = |value: &Value| value.as_str().filter(|path| !path.is_empty()).map(str::to_owned);
    let found = match table.get(key) {
        None => return Ok(Vec::new()),
        Some(Value::Array(list)) => list.iter().map(path).collect(),
        Some(value) => path(value).map(|path| vec![path]),
    };
    let found: Option<Vec<String>> = found.filter(|paths: &Vec<String>| !paths.is_empty());
    found.ok_or_else(|| OrderError::Incomplete {
        place: place.to_owned(),
        what: format!("`{key}` is a path or a list of paths, such as [\"walk.trc\", \"walk.mot\"]"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read_case;

    const SMALL: &str =
        "[patient]\ncode = \"P-1\"\nmass_kg = 70\nheight_m = 1.7\n[scan]\nleft = \"l.stl\"\n";

    fn pressure(gait: &str) -> Result<Option<PressureOrder>, String> {
        read_case(&format!("{SMALL}{gait}"), "case.toml")
            .map(|case| case.pressure)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn pressure_recordings_in_their_three_forms() {
        assert_eq!(pressure(""), Ok(None));
        let one = pressure("[gait]\npressure = \"walk_L.asf\"\n").unwrap().unwrap();
        assert_eq!(one.files, [(None, "walk_L.asf".to_owned())]);
        assert_eq!((one.cell_mm, one.rate_hz, one.profile.as_str()), (None, None, "default"));
        let list = "[gait]\npressure = [\"a.csv\", \"b.csv\"]\npressure_cell_mm = 5\npressure_rate_hz = 50\n";
        let list = pressure(list).unwrap().unwrap();
        assert_eq!((list.files.len(), list.cell_mm, list.rate_hz), (2, Some(5.0), Some(50.0)));
        let sides =
            pressure("[gait.pressure]\nright = \"r.csv\"\nleft = \"l.csv\"\n").unwrap().unwrap();
        assert_eq!(
            sides.files,
            [(Some(Side::Left), "l.csv".to_owned()), (Some(Side::Right), "r.csv".to_owned())]
        );
    }

    #[test]
    fn slips_around_pressure_are_one_sentence() {
        for (gait, words) in [
            ("[gait]\npressure = 3\n", "`pressure` is a path or a list of paths"),
            ("[gait]\npressure_rate_hz = 50\n", "belongs to `pressure`"),
            ("[gait]\npressure = \"a\"\npressure_cell_mm = 400\n", "outside 0.5 to 40 mm"),
            ("[gait.pressure]\nmiddle = \"a\"\n", "unknown key `middle`"),
            ("[gait.metrics]\nknee_varus_deg = 44\n", "outside -20 to 20 deg"),
        ] {
            let error = pressure(gait).unwrap_err();
            assert!(error.contains(words) && error.lines().count() == 1, "{error}");
        }
    }
}
