//! Turns printer and material profiles into the order of a print.

use std::ops::RangeInclusive;

use order::{OrderError, PRINTER, ProfileKind, ProfileStore, Values};
use printing::{
    Dialect, InfillPattern, Material, Orientation, PrintOrder, PrintSettings, Printer, Seam,
    Sequence, Speeds, SupportStyle, Supports,
};

/// Reads both profiles; `overrules` are keys of either, with their values as text.
pub(crate) fn print_order(
    store: &ProfileStore,
    printer: &str,
    material: &str,
    overrules: &[(String, String)],
) -> Result<PrintOrder, OrderError> {
    let is_printers = |(key, _): &&(String, String)| {
        PRINTER.iter().any(|parameter| parameter.key == key) || !is_key_of_material(key)
    };
    let (of_printer, of_material): (Vec<_>, Vec<_>) =
        overrules.iter().cloned().partition(|pair| is_printers(&pair));
    let printer = store.read_with(ProfileKind::Printer, printer, &of_printer)?;
    let material = store.read_with(ProfileKind::Material, material, &of_material)?;
    let thumbnails_px = thumbnail_sizes(printer.list("thumbnails"))?;
    Ok(PrintOrder {
        settings: settings_of(&printer, &material),
        printer: Printer { thumbnails_px, ..machine_of(&printer) },
        material: filament_of(&material),
    })
}

/// Sides of a picture for a printer's screen, px.
const THUMBNAIL_PX: RangeInclusive<u32> = 8..=1000;

/// Reads sizes such as "400x300".
fn thumbnail_sizes(texts: &[String]) -> Result<Vec<[u32; 2]>, OrderError> {
    let side = |text: &str| text.trim().parse().ok().filter(|side| THUMBNAIL_PX.contains(side));
    let size = |text: &String| {
        let sides =
            text.split_once('x').and_then(|(width, height)| Some([side(width)?, side(height)?]));
        sides.ok_or_else(|| OrderError::UnknownWord {
            place: "the printer's profile".to_owned(),
            key: "thumbnails".to_owned(),
            value: text.clone(),
            allowed: vec!["WIDTHxHEIGHT with sides of 8 to 1000 px, such as 400x300".to_owned()],
        })
    };
    texts.iter().map(size).collect()
}

fn is_key_of_material(key: &str) -> bool {
    order::MATERIAL.iter().any(|parameter| parameter.key == key)
}

fn settings_of(printer: &Values, material: &Values) -> PrintSettings {
    let usual = PrintSettings::default();
    PrintSettings {
        layer_height_mm: printer.number("layer_height_mm"),
        first_layer_height_mm: printer.number("first_layer_height_mm"),
        finest_layer_mm: printer.number("finest_layer_mm"),
        line_width_mm: printer.number("line_width_mm"),
        walls: printer.count("walls") as usize,
        top_layers: printer.count("top_layers") as usize,
        bottom_layers: printer.count("bottom_layers") as usize,
        infill_fraction: printer.number("infill_pct") / 100.0,
        // The words of the profile are the words of these types; a test compares them.
        infill_pattern: InfillPattern::from_word(printer.text("infill")).unwrap_or_default(),
        seam: Seam::from_word(printer.text("seam")).unwrap_or_default(),
        orientation: Orientation::from_word(printer.text("orient")).unwrap_or_default(),
        sequence: Sequence::from_word(printer.text("sequence")).unwrap_or_default(),
        brim_mm: printer.number("brim_mm"),
        raft_layers: printer.count("raft_layers") as usize,
        raft_gap_mm: printer.number("raft_gap_mm"),
        skirt_lines: printer.count("skirt_lines") as usize,
        z_hop_mm: printer.number("z_hop_mm"),
        supports: Supports {
            enabled: printer.text("supports") == "on",
            style: SupportStyle::from_word(printer.text("support_style")).unwrap_or_default(),
            overhang_deg: printer.number("support_overhang_deg"),
            interface_layers: printer.count("support_interface_layers") as usize,
            ..Supports::default()
        },
        speeds: Speeds {
            first_layer_mm_s: material.number("first_layer_mm_per_s"),
            outer_wall_mm_s: material.number("outer_wall_mm_per_s"),
            inner_wall_mm_s: material.number("print_mm_per_s"),
            skin_mm_s: material.number("print_mm_per_s"),
            infill_mm_s: material.number("print_mm_per_s"),
            travel_mm_s: printer.number("max_speed_mm_per_s"),
            ..Speeds::default()
        },
        ..usual
    }
}

fn machine_of(printer: &Values) -> Printer {
    let reach = ["reach_left_mm", "reach_front_mm", "reach_right_mm", "reach_back_mm"];
    Printer {
        name: printer.text("name").to_owned(),
        dialect: Dialect::from_word(printer.text("dialect")).unwrap_or_default(),
        bed_mm: ["bed_x_mm", "bed_y_mm"].map(|key| printer.number(key)),
        height_mm: printer.number("height_mm"),
        nozzle_mm: printer.number("nozzle_mm"),
        filament_mm: printer.number("filament_mm"),
        max_speed_mm_s: printer.number("max_speed_mm_per_s"),
        max_z_speed_mm_s: printer.number("max_z_speed_mm_per_s"),
        acceleration_mm_s2: printer.number("acceleration_mm_per_s2"),
        max_z_acceleration_mm_s2: printer.number("max_z_acceleration_mm_per_s2"),
        corner_speed_mm_s: printer.number("corner_speed_mm_per_s"),
        minimum_cruise_share: printer.number("minimum_cruise_share"),
        filament_jump_mm_s: printer.number("filament_jump_mm_per_s"),
        reach_mm: reach.map(|key| printer.number(key)),
        head_clearance_mm: printer.number("head_clearance_mm"),
        gantry_height_mm: printer.number("gantry_height_mm"),
        sends_limits: printer.text("sends_limits") == "on",
        sends_progress: printer.text("sends_progress") == "on",
        thumbnails_px: Vec::new(),
        standby_nozzle_c: printer.number("standby_nozzle_c"),
        start_gcode: printer.text("start_gcode").to_owned(),
        end_gcode: printer.text("end_gcode").to_owned(),
    }
}

fn filament_of(material: &Values) -> Material {
    Material {
        name: material.text("name").to_owned(),
        nozzle_c: material.number("nozzle_c"),
        first_layer_nozzle_c: material.number("first_layer_nozzle_c"),
        bed_c: material.number("bed_c"),
        fan_pct: material.number("fan_pct"),
        retraction_mm: material.number("retraction_mm"),
        retraction_speed_mm_s: material.number("retraction_mm_per_s"),
        max_volumetric_mm3_s: material.number("max_flow_mm3_per_s"),
        density_g_cm3: material.number("density_g_per_cm3"),
        min_layer_time_s: material.number("minimum_layer_s"),
        pressure_advance_s: material.optional_number("pressure_advance_s"),
        price_per_kg: material.number("price_per_kg"),
    }
}

#[cfg(test)]
mod tests {
    use order::Kind;

    use super::*;

    fn words(key: &str) -> &'static [&'static str] {
        let parameter = PRINTER.iter().find(|parameter| parameter.key == key).unwrap();
        let Kind::Choice { words } = parameter.kind else { panic!("{key} has no words") };
        words
    }

    #[test]
    fn every_word_of_a_profile_has_its_value() {
        assert!(words("infill").iter().all(|word| InfillPattern::from_word(word).is_some()));
        assert!(words("seam").iter().all(|word| Seam::from_word(word).is_some()));
        assert!(words("orient").iter().all(|word| Orientation::from_word(word).is_some()));
        assert!(words("support_style").iter().all(|word| SupportStyle::from_word(word).is_some()));
        assert!(words("sequence").iter().all(|word| Sequence::from_word(word).is_some()));
        assert!(words("dialect").iter().all(|word| Dialect::from_word(word).is_some()));
        assert_eq!(words("infill").len(), InfillPattern::ALL.len());
        assert_eq!(words("dialect").len(), Dialect::ALL.len());
    }

    #[test]
    fn keys_of_both_profiles_can_be_overruled() {
        let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
        let store = ProfileStore::shipped();
        let order =
            |pairs: &[(String, String)]| print_order(&store, "marlin-generic", "pla", pairs);
        let found = order(&[
            pair("layer_height_mm", "0.15"),
            pair("infill", "grid"),
            pair("supports", "off"),
            pair("nozzle_c", "205"),
        ])
        .unwrap();
        assert!((found.settings.layer_height_mm - 0.15).abs() < 1e-12);
        assert_eq!(found.settings.infill_pattern, InfillPattern::Grid);
        assert!(!found.settings.supports.enabled);
        assert!((found.material.nozzle_c - 205.0).abs() < 1e-12);
        let refused = |key, value| order(&[pair(key, value)]).unwrap_err().to_string();
        assert!(refused("layer_heigth_mm", "0.2").contains("layer_height_mm"), "names the nearest");
        assert!(refused("layer_height_mm", "7").contains("--set layer_height_mm=7"));
        assert!(refused("infill", "honeycomb").contains("gyroid"));
    }
}
