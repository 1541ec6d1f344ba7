//! The scans of a case: which file shows which foot, and what is known of it.

use std::collections::BTreeMap;

use serde::Serialize;
use toml::{Table, Value};
use vocabulary::Side;

use crate::case::{WeightBearing, words};
use crate::table;
use crate::{OrderError, Parameter, Preset};

words! {
    /// What was put before the scanner.
    ScanKind {
        /// The foot itself, with or without the lower leg.
        Foot = "foot",
        /// Only the sole.
        PlantarSurface = "plantar-surface",
        /// The hollow that the foot left in a foam box.
        FoamImprint = "foam-imprint",
        /// A positive cast.
        PositiveCast = "positive-cast",
    }
}

/// One scan file.
#[derive(Clone, Debug, PartialEq)]
pub struct ScanOrder {
    /// Path as written, relative to the case file.
    pub path: String,
    /// Whether the file shows both feet.
    pub holds_both: bool,
    /// Unit that overrules the one found from the size: `"m"`, `"cm"`, `"mm"`, `"in"`.
    pub unit: Option<String>,
    /// How much weight the foot bore while it was scanned; `None` if the case does not say.
    pub weight_bearing: Option<WeightBearing>,
    /// What was scanned; `None` if the case does not say.
    pub kind: Option<ScanKind>,
    /// Foot length measured by hand, mm.
    pub length_mm: Option<f64>,
    /// Landmarks by hand, by name, in the file's coordinates and unit.
    pub landmarks: BTreeMap<String, [f64; 3]>,
}

/// Keys of `[scan]`, for both feet, and of `[scan.left]` and `[scan.right]`, which overrule them.
pub const SCAN: &[Parameter] = &[
    Parameter::text(
        "file",
        Preset::Required,
        "scan of this foot, relative to the case file, in [scan.left] or [scan.right]; left = \"FILE\" and right = \
         \"FILE\" in [scan] are short for it, both = \"FILE\" names one file with both feet",
        "case",
    ),
    Parameter::choice(
        "unit",
        &["m", "cm", "mm", "in"],
        Preset::Open,
        "overrules the unit found from the size",
        "exporting program",
    ),
    Parameter::choice(
        "weight_bearing",
        WeightBearing::WORDS,
        Preset::Open,
        "load on the foot while it was scanned",
        "clinic",
    ),
    Parameter::choice("kind", ScanKind::WORDS, Preset::Open, "what was scanned", "clinic"),
    Parameter::number(
        "length_mm",
        (80.0, 400.0, "mm"),
        Preset::Open,
        "foot length measured by hand, to check unit and scale",
        "clinic; from a child's to the longest foot",
    ),
];

/// Names that may stand in `[scan.left.landmarks]` and `[scan.right.landmarks]`, each with
/// `[x, y, z]` in the scan file's coordinates and unit.
pub const LANDMARKS: &[&str] = &[
    "heel_seat",
    "heel_back",
    "first_metatarsal_head",
    "fifth_metatarsal_head",
    "arch_apex",
    "navicular",
    "fifth_metatarsal_base",
    "toe_tip",
    "first_toe_tip",
    "second_toe_tip",
    "third_toe_tip",
    "fourth_toe_tip",
    "fifth_toe_tip",
    "medial_malleolus",
    "lateral_malleolus",
    "achilles_lower",
    "achilles_upper",
];

/// Reads `[scan]` with its sides; never empty.
pub(crate) fn read_scans(
    root: &Table,
    place: &str,
) -> Result<BTreeMap<Side, ScanOrder>, OrderError> {
    let place = format!("{place} [scan]");
    let nothing = || OrderError::Incomplete {
        place: place.clone(),
        what: "no scan is named; write left = \"file.stl\", right = \"file.stl\", or both"
            .to_owned(),
    };
    let own = table::section(root, "scan", &place)?.ok_or_else(nothing)?;
    let shared = SCAN.iter().map(|parameter| parameter.key).filter(|key| *key != "file");
    let keys = shared.clone().chain(["left", "right", "both", "indication", "activity"]);
    table::check_keys(own, keys, &place)?;
    let both = own.get("both").map(|value| table::text("both", value, &place)).transpose()?;
    let mut scans = BTreeMap::new();
    for side in Side::BOTH {
        let written = own.get(side.name());
        if written.is_none() && both.is_none() {
            continue;
        }
        let mut merged: Table = own
            .iter()
            .filter(|(key, _)| shared.clone().any(|other| other == key.as_str()))
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        let place = format!("{} [scan.{side}]", place.trim_end_matches(" [scan]"));
        let landmarks = match written {
            Some(Value::Table(one)) => merge_side(&mut merged, one, &place)?,
            Some(value) => {
                let file = table::text(side.name(), value, &place)?;
                merged.insert("file".to_owned(), Value::String(file));
                BTreeMap::new()
            }
            None => BTreeMap::new(),
        };
        if let Some(file) = &both {
            if let Some(first) = merged.get("file").and_then(Value::as_str) {
                let (first, second) = (file.clone(), first.to_owned());
                return Err(OrderError::Contradiction { place, key: "file", first, second });
            }
            merged.insert("file".to_owned(), Value::String(file.clone()));
        }
        let values = table::read(SCAN, &merged, &place)?;
        scans.insert(
            side,
            ScanOrder {
                path: values.text("file").to_owned(),
                holds_both: both.is_some(),
                unit: values.optional_text("unit").map(str::to_owned),
                weight_bearing: values
                    .optional_text("weight_bearing")
                    .and_then(WeightBearing::from_word),
                kind: values.optional_text("kind").and_then(ScanKind::from_word),
                length_mm: values.optional_number("length_mm"),
                landmarks,
            },
        );
    }
    share_file(&mut scans);
    if scans.is_empty() { Err(nothing()) } else { Ok(scans) }
}

/// The same file named for both feet holds both.
fn share_file(scans: &mut BTreeMap<Side, ScanOrder>) {
    let mut paths = scans.values().map(|scan| &scan.path);
    if let (Some(first), Some(second)) = (paths.next(), paths.next())
        && first == second
    {
        scans.values_mut().for_each(|scan| scan.holds_both = true);
    }
}

/// Lays a side's table over what holds for both, and reads its landmarks.
fn merge_side(
    merged: &mut Table,
    one: &Table,
    place: &str,
) -> Result<BTreeMap<String, [f64; 3]>, OrderError> {
    let keys = SCAN.iter().map(|parameter| parameter.key).chain(["landmarks"]);
    table::check_keys(one, keys, place)?;
    let mut rest = one.clone();
    rest.remove("landmarks");
    merged.extend(rest);
    let place = format!("{}.landmarks]", place.trim_end_matches(']'));
    let Some(marks) = table::section(one, "landmarks", &place)? else { return Ok(BTreeMap::new()) };
    table::check_keys(marks, LANDMARKS.iter().copied(), &place)?;
    marks
        .iter()
        .map(|(name, value)| Ok((name.clone(), coordinates(name, value, &place)?)))
        .collect()
}

/// Largest coordinate that is taken, in the file's unit: no scanner's room is larger, in any unit.
const LARGEST_COORDINATE: f64 = 1e6;

fn coordinates(name: &str, value: &Value, place: &str) -> Result<[f64; 3], OrderError> {
    let number = |value: &Value| match value {
        Value::Integer(whole) => Some(*whole as f64),
        Value::Float(float) => Some(*float),
        _ => None,
    };
    let numbers: Option<Vec<f64>> =
        value.as_array().and_then(|list| list.iter().map(number).collect());
    numbers
        .and_then(|numbers| <[f64; 3]>::try_from(numbers).ok())
        .filter(|place| place.iter().all(|number| number.abs() <= LARGEST_COORDINATE))
        .ok_or_else(|| OrderError::WrongType {
            place: place.to_owned(),
            key: name.to_owned(),
            expected: "three numbers [x, y, z] in the scan file's coordinates and unit".to_owned(),
            found: table::describe(value),
        })
}

#[cfg(test)]
mod tests {
    use crate::read_case;

    use super::*;

    const PATIENT: &str = "[patient]\ncode = \"P-1\"\nmass_kg = 70\nheight_m = 1.7\n";

    fn scans(text: &str) -> BTreeMap<Side, ScanOrder> {
        read_case(&format!("{PATIENT}{text}"), "case.toml").unwrap().scans
    }

    #[track_caller]
    fn refused(text: &str, sentence: &str) {
        let error = read_case(&format!("{PATIENT}{text}"), "case.toml").unwrap_err().to_string();
        assert!(error.contains(sentence), "{error}");
        assert!(error.starts_with("case.toml"), "the place comes first: {error}");
    }

    #[test]
    fn a_side_overrules_both() {
        let scans = scans(
            "[scan]\nright = \"r.stl\"\nunit = \"mm\"\nlength_mm = 260\nkind = \"foam-imprint\"\n\
             [scan.left]\nfile = \"l.stl\"\nunit = \"in\"\nweight_bearing = \"non-weight-bearing\"\n",
        );
        let [left, right] = Side::BOTH.map(|side| scans[&side].clone());
        assert_eq!((left.path.as_str(), left.unit.as_deref()), ("l.stl", Some("in")));
        assert_eq!((right.path.as_str(), right.unit.as_deref()), ("r.stl", Some("mm")));
        assert_eq!(left.weight_bearing, Some(WeightBearing::Unloaded));
        assert_eq!(right.weight_bearing, None);
        assert_eq!(left.kind, Some(ScanKind::FoamImprint));
        assert_eq!(left.length_mm, Some(260.0));
        assert!(!left.holds_both);
    }

    #[test]
    fn one_file_may_hold_both_feet() {
        for text in ["[scan]\nboth = \"b.stl\"\n", "[scan]\nleft = \"b.stl\"\nright = \"b.stl\"\n"]
        {
            let scans = scans(text);
            assert_eq!(scans.len(), 2, "{text}");
            assert!(scans.values().all(|scan| scan.holds_both && scan.path == "b.stl"), "{text}");
        }
        refused(
            "[scan]\nboth = \"b.stl\"\nleft = \"l.stl\"\n",
            "`file` is \"b.stl\" and \"l.stl\"",
        );
    }

    #[test]
    fn landmarks_by_hand() {
        let scans = scans(
            "[scan.left]\nfile = \"l.stl\"\n[scan.left.landmarks]\nnavicular = [1, -2.5, 30]\n\
             heel_back = [0.0, 1.0, 2.0]\n",
        );
        let left = &scans[&Side::Left].landmarks;
        assert_eq!(left["navicular"], [1.0, -2.5, 30.0]);
        assert_eq!(left.len(), 2);
        let with =
            |line: &str| format!("[scan.left]\nfile = \"l.stl\"\n[scan.left.landmarks]\n{line}\n");
        refused(&with("naviculare = [1, 2, 3]"), "did you mean `navicular`?");
        refused(&with("navicular = [1, 2]"), "three numbers");
        refused(&with("navicular = [1, 2, nan]"), "three numbers");
        refused(&with("navicular = \"there\""), "three numbers");
        refused("[scan.left]\nunit = \"mm\"\n", "`file` is missing");
        refused("[scan]\nleft = \"l.stl\"\nkind = \"shoe\"\n", "use one of foot, plantar-surface");
        refused("[scan]\nleft = \"l.stl\"\nlength_mm = 26\n", "is outside 80 to 400 mm");
    }
}
