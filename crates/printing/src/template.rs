//! Start and end sequences: text with `{names}` that the order fills in.

use crate::PrintError;
use crate::settings::PrintOrder;

/// The names that start and end sequences may hold in braces.
pub const PLACEHOLDERS: [&str; 11] = [
    "acceleration_mm_s2",
    "bed_c",
    "bed_x_mm",
    "bed_y_mm",
    "first_layer_nozzle_c",
    "nozzle_c",
    "park_x_mm",
    "park_y_mm",
    "standby_nozzle_c",
    "travel_feed_mm_min",
    "z_feed_mm_min",
];

/// Distance of the parked head from the back of the bed, mm.
const PARK_MM: f64 = 5.0;

fn value_of(name: &str, order: &PrintOrder) -> Option<f64> {
    let (printer, material) = (&order.printer, &order.material);
    Some(match name {
        "acceleration_mm_s2" => printer.acceleration_mm_s2,
        "bed_c" => material.bed_c,
        "bed_x_mm" => printer.bed_mm[0],
        "bed_y_mm" => printer.bed_mm[1],
        "first_layer_nozzle_c" => material.first_layer_nozzle_c,
        "nozzle_c" => material.nozzle_c,
        "park_x_mm" => printer.bed_mm[0] - PARK_MM,
        "park_y_mm" => printer.bed_mm[1] - PARK_MM,
        "standby_nozzle_c" => printer.standby_nozzle_c,
        "travel_feed_mm_min" => {
            (order.settings.speeds.travel_mm_s.min(printer.max_speed_mm_s) * 60.0).round()
        }
        "z_feed_mm_min" => (printer.max_z_speed_mm_s * 60.0).round(),
        _ => return None,
    })
}

/// Fills a sequence in; it ends with a line end. `which` names it in errors.
pub(crate) fn fill(
    which: &'static str,
    text: &str,
    order: &PrintOrder,
) -> Result<String, PrintError> {
    if let Some(character) = text.chars().find(|c| !matches!(c, ' '..='~' | '\n' | '\t')) {
        return Err(PrintError::TemplateCharacter { which, character });
    }
    let unknown = |name: &str| PrintError::Placeholder {
        which,
        name: name.to_owned(),
        known: PLACEHOLDERS.join(", "),
    };
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, tail) = after.split_once('}').ok_or_else(|| unknown(after))?;
        let value = value_of(name, order).ok_or_else(|| unknown(name))?;
        filled.push_str(before);
        filled.push_str(&value.to_string());
        rest = tail;
    }
    filled.push_str(rest);
    if !filled.is_empty() && !filled.ends_with('\n') {
        filled.push('\n');
    }
    Ok(filled)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Material, PrintSettings, Printer};

    fn order() -> PrintOrder {
        PrintOrder {
            printer: Printer::marlin_generic(),
            material: Material::pla(),
            settings: PrintSettings::default(),
        }
    }

    #[test]
    fn every_listed_name_has_a_value() {
        for name in PLACEHOLDERS {
            assert!(value_of(name, &order()).is_some(), "{name}");
        }
    }

    #[test]
    fn names_are_filled_in() {
        let filled = fill("start_gcode", "M140 S{bed_c}\nG1 X{bed_x_mm}", &order()).unwrap();
        assert_eq!(filled, "M140 S60\nG1 X250\n");
    }

    #[test]
    fn unknown_names_and_foreign_characters_are_refused() {
        for text in ["G1 Y{machine_depth}", "G1 {bed_c", "M117 {}"] {
            let error = fill("end_gcode", text, &order()).unwrap_err();
            assert!(matches!(error, PrintError::Placeholder { .. }), "{text}");
        }
        let error = fill("end_gcode", "M117 été", &order()).unwrap_err();
        assert!(matches!(error, PrintError::TemplateCharacter { character: 'é', .. }));
    }
}
