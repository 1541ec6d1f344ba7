//! A follow-up in numbers: what was measured with a device on, and which device that was.

use toml::Value;
use vocabulary::{GaitMetric, Side};

use crate::table::{self, Values};
use crate::{OrderError, Parameter, Preset};

/// Keys of every `[[measured]]` table of a follow-up file.
pub const FOLLOW_UP: &[Parameter] = &[
    Parameter::choice("foot", &["left", "right"], Preset::Required, "which foot", "lab"),
    Parameter::number(
        GaitMetric::KAM_PEAK1.key,
        GaitMetric::KAM_PEAK1.in_any_activity("%BW*Ht"),
        Preset::Open,
        "first peak of the external knee adduction moment with the device on",
        "the same speed (5 %) and foot progression (2 degrees) as without",
    ),
    Parameter::number(
        "kam_peak1_change_pct",
        (-60.0, 60.0, "%"),
        Preset::Open,
        "or its change against walking without the device",
        "published changes lie within 25",
    ),
    Parameter::number(
        "rearfoot_post_deg",
        (-12.0, 12.0, "deg"),
        Preset::Open,
        "rearfoot post of the device that was worn; that of the case if not written",
        "+ lateral",
    ),
    Parameter::number(
        "forefoot_post_deg",
        (-12.0, 12.0, "deg"),
        Preset::Open,
        "forefoot post of the device that was worn",
        "+ lateral",
    ),
    Parameter::number(
        "arch_fraction",
        (0.0, 1.0, ""),
        Preset::Open,
        "arch of the device that was worn",
        "of the loaded clearance",
    ),
];

/// Most measurements of a file: three doses of two feet, and some.
const MOST: usize = 20;

/// One measurement with a device on.
#[derive(Clone, Debug, PartialEq)]
pub struct FollowUp {
    /// Which foot.
    pub side: Side,
    /// The written values, by the keys of [`FOLLOW_UP`].
    pub values: Values,
}

/// Reads a follow-up file: a list of `[[measured]]` tables.
///
/// # Errors
/// [`OrderError`] for the first thing that is wrong.
pub fn read_follow_up(text: &str, place: &str) -> Result<Vec<FollowUp>, OrderError> {
    let root = table::parse(text, place)?;
    table::check_keys(&root, ["measured"].into_iter(), place)?;
    let incomplete = |place: &str, what: &str| OrderError::Incomplete {
        place: place.to_owned(),
        what: what.to_owned(),
    };
    let list = root
        .get("measured")
        .and_then(Value::as_array)
        .filter(|list| !list.is_empty() && list.len() <= MOST)
        .ok_or_else(|| incomplete(place, "1 to 20 tables [[measured]] are wanted"))?;
    let read = |(index, item): (usize, &Value)| {
        let place = format!("{place} [[measured]] {}", index + 1);
        let item = item.as_table().ok_or_else(|| {
            incomplete(&place, "`measured` is a list of tables, written [[measured]]")
        })?;
        let values = table::read(FOLLOW_UP, item, &place)?;
        let known = ["kam_peak1_pct_bwht", "kam_peak1_change_pct"];
        if known.iter().filter(|key| values.optional_number(key).is_some()).count() != 1 {
            return Err(incomplete(
                &place,
                "write either kam_peak1_pct_bwht or kam_peak1_change_pct",
            ));
        }
        let side = if values.text("foot") == "left" { Side::Left } else { Side::Right };
        Ok(FollowUp { side, values })
    };
    list.iter().enumerate().map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn measurements_are_read_and_slips_named() {
        let text = "[[measured]]\nfoot = \"left\"\nkam_peak1_pct_bwht = 2.9\nrearfoot_post_deg = 3\n\
                    [[measured]]\nfoot = \"left\"\nkam_peak1_change_pct = -6\n";
        let read = read_follow_up(text, "f").unwrap();
        assert_eq!(read.len(), 2);
        assert_eq!(read[0].values.optional_number("rearfoot_post_deg"), Some(3.0));
        for (text, sentence) in [
            ("", "[[measured]]"),
            ("[[measured]]\nfoot = \"left\"\n", "either kam_peak1_pct_bwht"),
            ("[[measured]]\nfoot = \"left\"\nkam_peak1_pct_bwht = 20\n", "outside 0.2 to 9"),
            ("[[measured]]\nkam_peak1_pct_bwht = 2\n", "foot"),
        ] {
            let error = read_follow_up(text, "f").unwrap_err().to_string();
            assert!(error.contains(sentence), "{error}");
        }
    }
}
