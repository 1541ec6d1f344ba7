//! Body mass, height and other measures of the person, where a file holds them.

use super::parameters::Parameters;
use crate::Subject;
use crate::read::Report;

/// Groups that hold them, in the order of trust.
const GROUPS: [&str; 4] = ["PROCESSING", "SUBJECTS", "SUBJECT", "SUBJECT_INFO"];

/// Body mass of a person, kg.
const MASS_KG: std::ops::RangeInclusive<f64> = 10.0..=300.0;

/// Body height of a person, m.
const HEIGHT_M: std::ops::RangeInclusive<f64> = 0.5..=2.5;

pub(crate) fn read(parameters: &Parameters<'_>, report: &mut Report<'_>) -> Subject {
    let find = |names: &[&str]| {
        GROUPS
            .iter()
            .flat_map(|group| names.iter().map(move |name| (*group, *name)))
            .find_map(|(group, name)| parameters.number(group, name))
            .filter(|value| *value != 0.0)
    };
    let mass = find(&["BODYMASS", "BODY_MASS", "MASS", "WEIGHT"]);
    let height = find(&["HEIGHT", "BODYHEIGHT", "BODY_HEIGHT"]);
    // Vicon writes mm, others cm or m; no person fits two of them.
    let in_meters = height.and_then(|height| {
        [1.0, 1e-2, 1e-3]
            .into_iter()
            .map(|factor| height * factor)
            .find(|height| HEIGHT_M.contains(height))
    });
    for (what, stored, is_possible) in [
        ("body mass (kg)", mass, mass.is_none_or(|mass| MASS_KG.contains(&mass))),
        ("body height", height, height.is_none() || in_meters.is_some()),
    ] {
        match stored {
            Some(stored) if !is_possible => {
                report.warn(
                    "no-such-person",
                    &format!("The file's {what} of {stored} is not a person's; it is left out."),
                );
            }
            None => report.note("no-body-size", &format!("The file holds no {what}.")),
            Some(_) => {}
        }
    }
    Subject {
        mass_kg: mass.filter(|mass| MASS_KG.contains(mass)),
        height_m: in_meters,
        numbers: parameters.all_numbers(GROUPS[0]),
    }
}
