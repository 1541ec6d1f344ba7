//! What is known of the foot's posture and the leg's length beside the knee: table `[knee]`.

use std::collections::BTreeMap;

use toml::Table;
use vocabulary::Side;

use crate::case::merged;
use crate::table::{self, Values};
use crate::{OrderError, Parameter, Preset};

/// Keys of `[knee]`; those of `[knee.left]` and `[knee.right]` overrule.
pub const KNEE: &[Parameter] = &[
    Parameter::number(
        "foot_posture_index",
        (-12.0, 12.0, ""),
        Preset::Open,
        "foot posture index of six items; 6 and more pronates",
        "Redmond: 0-5 normal, 6-9 pronated, 10-12 highly",
    ),
    Parameter::number(
        "leg_shorter_mm",
        (0.0, 60.0, "mm"),
        Preset::Open,
        "by how much this leg is shorter than the other; half of it is lifted under the heel, 12 mm at most",
        "lifts inside a shoe, 12 the most",
    ),
];

/// Reads the table for every ordered side.
pub(crate) fn read_knee(
    root: &Table,
    sides: &[Side],
    place: &str,
) -> Result<BTreeMap<Side, Values>, OrderError> {
    let place = format!("{place} [knee]");
    let empty = Table::new();
    let own = table::section(root, "knee", &place)?.unwrap_or(&empty);
    let mut read = BTreeMap::new();
    for &side in sides {
        read.insert(side, table::read(KNEE, &merged(own, side, &place)?, &place)?);
    }
    let shorter = |side: &Side| {
        read.get(side).and_then(|values: &Values| values.optional_number("leg_shorter_mm"))
    };
    let both = Side::BOTH.iter().filter(|side| shorter(side).is_some_and(|mm| mm > 0.0)).count();
    if both > 1 {
        let what = "`leg_shorter_mm` is written for both legs; write it for the shorter one, in [knee.left] or [knee.right]";
        return Err(OrderError::Incomplete { place, what: what.to_owned() });
    }
    Ok(read)
}

#[cfg(test)]
mod tests {
    use crate::read_case;
    use vocabulary::Side;

    const SMALL: &str = "[patient]\ncode = \"P-1\"\nmass_kg = 70\nheight_m = 1.7\n[scan]\nleft = \"l.stl\"\nright = \"r.stl\"\n";

    #[test]
    fn one_leg_overrules_both_and_only_one_is_shorter() {
        let read = |knee: &str| read_case(&format!("{SMALL}{knee}"), "c");
        let case = read(
            "[knee]\nfoot_posture_index = 3\n[knee.left]\nfoot_posture_index = 6\nleg_shorter_mm = 8\n",
        );
        let case = case.unwrap();
        let posture = |side| case.knee[&side].optional_number("foot_posture_index");
        assert_eq!((posture(Side::Left), posture(Side::Right)), (Some(6.0), Some(3.0)));
        let refused = read("[knee]\nleg_shorter_mm = 8\n").unwrap_err().to_string();
        assert!(refused.contains("for the shorter one"), "{refused}");
        let refused = read("[knee]\nposture = 8\n").unwrap_err().to_string();
        assert!(refused.contains("unknown key `posture`"), "{refused}");
    }
}
