//! What is drawn on the foot rather than written as a dose: regions, and reliefs from a pressure map.

use toml::{Table, Value};

use crate::{OrderError, table};

/// Most regions or maps of one foot.
const MOST: usize = 40;
/// Most numbers of a list: a pressure mat has some 10 000 cells.
const MOST_NUMBERS: usize = 40_000;

/// An area over which the shell is raised (+) or lowered (-). Places are mm in the foot frame: x lateral (-: medial)
/// of the heel seat, y in front of it; so a right and a left foot are written alike.
#[derive(Clone, Debug, PartialEq)]
pub struct DrawnRegion {
    /// Raise or lowering inside.
    pub height_mm: f64,
    /// Width of the blend around it.
    pub blend_mm: f64,
    /// Corners, in order.
    pub corners_mm: Vec<[f64; 2]>,
}

/// A relief where a pressure measurement shows load.
#[derive(Clone, Debug, PartialEq)]
pub struct PressureRelief {
    /// Depth where the table has its deepest entry.
    pub deepest_mm: f64,
    /// Pressures (kPa) and the share of the deepest relief that they get, rising.
    pub table_kpa: Vec<[f64; 2]>,
    /// Middle of the first cell, as in [`DrawnRegion`].
    pub origin_mm: [f64; 2],
    /// Distance of neighboring cells.
    pub spacing_mm: f64,
    /// Cells along x.
    pub columns: usize,
    /// Pressures, row by row from the heel forward.
    pub kpa: Vec<f64>,
}

/// A key that holds a list of drawn things: how it and its own keys are called, and what it means.
#[derive(Clone, Copy, Debug)]
pub struct DrawnKey {
    /// Key under `[prescription]`, written as `[[prescription.KEY]]` (or `[[prescription.left.KEY]]`).
    pub key: &'static str,
    /// Keys of one entry.
    pub entries: &'static [&'static str],
    /// One sentence.
    pub help: &'static str,
}

/// The keys of drawn things.
pub const DRAWN: [DrawnKey; 2] = [
    DrawnKey {
        key: "region",
        entries: &["height_mm", "blend_mm", "corners_mm"],
        help: "area of the bed that is raised (+, -8 to 12 mm) or lowered (-); corners [x, y] in mm from the heel seat, x \
               lateral, y forward; the blend (3 to 40, 9 if not written) lies outside of it",
    },
    DrawnKey {
        key: "pressure_relief",
        entries: &["deepest_mm", "table_kpa", "origin_mm", "spacing_mm", "columns", "kpa"],
        help: "relief by a measured map: deepest_mm (0 to 9) times the share that table_kpa, pairs [kPa, share], gives; cells \
               row by row from the heel forward, the first at origin_mm [x, y]",
    },
];

/// What is drawn for one foot.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Drawn {
    pub(crate) regions: Vec<DrawnRegion>,
    pub(crate) pressure: Vec<PressureRelief>,
}

impl Drawn {
    /// What the table for both feet draws, and what that for one foot adds.
    pub(crate) fn read(
        both: &Table,
        one: Option<&Table>,
        places: (&str, &str),
    ) -> Result<Self, OrderError> {
        let mut drawn = Self::default();
        for (own, place) in std::iter::once((both, places.0)).chain(one.map(|own| (own, places.1)))
        {
            for (entry, place) in entries(own, &DRAWN[0], place)? {
                let number = |key| number(entry, key, &place);
                drawn.regions.push(DrawnRegion {
                    height_mm: number("height_mm")?,
                    blend_mm: if entry.contains_key("blend_mm") {
                        number("blend_mm")?
                    } else {
                        9.0
                    },
                    corners_mm: pairs(entry, "corners_mm", &place)?,
                });
            }
            for (entry, place) in entries(own, &DRAWN[1], place)? {
                let number = |key| number(entry, key, &place);
                let columns = number("columns")?;
                if !(2.0..=1000.0).contains(&columns) || columns.fract() != 0.0 {
                    return Err(wrong(
                        &place,
                        "columns",
                        "a whole number of 2 to 1000",
                        &entry["columns"],
                    ));
                }
                let origin = list(entry, "origin_mm", &place)?;
                let [x, y] = origin[..] else {
                    return Err(wrong(
                        &place,
                        "origin_mm",
                        "two numbers, [x, y]",
                        &entry["origin_mm"],
                    ));
                };
                drawn.pressure.push(PressureRelief {
                    deepest_mm: number("deepest_mm")?,
                    table_kpa: pairs(entry, "table_kpa", &place)?,
                    origin_mm: [x, y],
                    spacing_mm: number("spacing_mm")?,
                    columns: columns as usize,
                    kpa: list(entry, "kpa", &place)?,
                });
            }
        }
        if drawn.regions.len() > MOST || drawn.pressure.len() > MOST {
            let what = format!("more than {MOST} regions or maps are drawn for one foot");
            return Err(OrderError::Incomplete { place: places.0.to_owned(), what });
        }
        Ok(drawn)
    }
}

/// The tables under a key, each with its place for messages.
fn entries<'a>(
    own: &'a Table,
    key: &DrawnKey,
    place: &str,
) -> Result<Vec<(&'a Table, String)>, OrderError> {
    let Some(value) = own.get(key.key) else { return Ok(Vec::new()) };
    let expected = format!("tables, written as [[prescription.{}]]", key.key);
    let list = value.as_array().ok_or_else(|| wrong(place, key.key, &expected, value))?;
    list.iter()
        .enumerate()
        .map(|(index, item)| {
            let place = format!("{place} {} {}", key.key, index + 1);
            let table = item.as_table().ok_or_else(|| wrong(&place, key.key, &expected, item))?;
            table::check_keys(table, key.entries.iter().copied(), &place)?;
            Ok((table, place))
        })
        .collect()
}

fn wrong(place: &str, key: &str, expected: &str, found: &Value) -> OrderError {
    OrderError::WrongType {
        place: place.to_owned(),
        key: key.to_owned(),
        expected: expected.to_owned(),
        found: table::describe(found),
    }
}

fn value<'a>(entry: &'a Table, key: &'static str, place: &str) -> Result<&'a Value, OrderError> {
    entry.get(key).ok_or_else(|| OrderError::Missing {
        place: place.to_owned(),
        key,
        help: "needed for what is drawn; see `solewright parameters prescription`",
    })
}

fn plain(value: &Value) -> Option<f64> {
    let number = match value {
        Value::Integer(whole) => *whole as f64,
        Value::Float(float) => *float,
        _ => return None,
    };
    number.is_finite().then_some(number)
}

fn number(entry: &Table, key: &'static str, place: &str) -> Result<f64, OrderError> {
    let found = value(entry, key, place)?;
    plain(found).ok_or_else(|| wrong(place, key, "a number", found))
}

fn list(entry: &Table, key: &'static str, place: &str) -> Result<Vec<f64>, OrderError> {
    let found = value(entry, key, place)?;
    let fault = || wrong(place, key, &format!("a list of up to {MOST_NUMBERS} numbers"), found);
    let items = found.as_array().filter(|items| items.len() <= MOST_NUMBERS).ok_or_else(fault)?;
    items.iter().map(|item| plain(item).ok_or_else(fault)).collect()
}

fn pairs(entry: &Table, key: &'static str, place: &str) -> Result<Vec<[f64; 2]>, OrderError> {
    let found = value(entry, key, place)?;
    let fault =
        || wrong(place, key, "a list of up to 500 pairs of numbers, as [[0, 1], [2, 3]]", found);
    let items = found.as_array().filter(|items| items.len() <= 500).ok_or_else(fault)?;
    items
        .iter()
        .map(|item| {
            let pair = item.as_array().filter(|pair| pair.len() == 2).ok_or_else(fault)?;
            let [one, other] = [plain(&pair[0]), plain(&pair[1])];
            Ok([one.ok_or_else(fault)?, other.ok_or_else(fault)?])
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use crate::read_case;
    use vocabulary::Side;

    const CASE: &str = "[patient]\ncode = \"P\"\nmass_kg = 70\nheight_m = 1.7\n[scan]\nleft = \"l.stl\"\nright = \"r.stl\"\n";

    #[test]
    fn regions_and_maps_are_read_for_both_feet_and_for_one() {
        let text = format!(
            "{CASE}[[prescription.region]]\nheight_mm = -2\ncorners_mm = [[0, 0], [10, 0], [5, 9]]\n\
             [[prescription.left.region]]\nheight_mm = 3.5\nblend_mm = 6\ncorners_mm = [[-30, 80], [-20, 80], [-25, 95.5]]\n\
             [[prescription.right.pressure_relief]]\ndeepest_mm = 3\ntable_kpa = [[100, 0], [300, 1]]\n\
             origin_mm = [-10, -10]\nspacing_mm = 5\ncolumns = 2\nkpa = [50, 60, 400, 500]\n"
        );
        let case = read_case(&text, "c").unwrap();
        let [left, right] = [Side::Left, Side::Right].map(|side| &case.prescription[&side]);
        assert_eq!(left.regions().len(), 2);
        assert_eq!(left.regions()[0].blend_mm, 9.0);
        assert_eq!(left.regions()[1].corners_mm[2], [-25.0, 95.5]);
        assert_eq!((right.regions().len(), left.pressure_reliefs().len()), (1, 0));
        assert_eq!(right.pressure_reliefs()[0].kpa, [50.0, 60.0, 400.0, 500.0]);
    }

    #[test]
    fn slips_are_named_with_their_place() {
        for (text, sentence) in [
            ("[[prescription.region]]\nheight_mm = 2\n", "region 1: `corners_mm` is missing"),
            ("[[prescription.region]]\nheigth_mm = 2\n", "did you mean `height_mm`?"),
            ("[prescription.region]\nheight_mm = 2\n", "written as [[prescription.region]]"),
            (
                "[[prescription.region]]\nheight_mm = 2\ncorners_mm = [[1, 2, 3]]\n",
                "must be a list of up to 500 pairs",
            ),
            (
                "[[prescription.region]]\nheight_mm = nan\ncorners_mm = [[1, 2]]\n",
                "must be a number",
            ),
        ] {
            let error = read_case(&format!("{CASE}{text}"), "case.toml").unwrap_err().to_string();
            assert!(error.contains(sentence) && error.starts_with("case.toml"), "{error}");
        }
    }
}
