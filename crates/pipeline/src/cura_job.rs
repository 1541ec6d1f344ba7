//! The same print for `CuraEngine`: meshes on the bed, and settings as it takes them on its command line.
//!
//! `CuraEngine` evaluates no formulas of its definitions: what the program around it derives from another setting
//! stands here for itself, so that nothing stays at the definition's value.

use geometry::{Point3, TriMesh};
use printing::{Dialect, InfillPattern, PrintOrder, PrintSettings, Seam, Sequence, SupportStyle};
use vocabulary::Findings;

use crate::Refusal;
use crate::print::{PrintPart, arranged, refused};
use crate::slicer_project::modifiers;

/// Keys and values as `-s` takes them.
pub type CuraSettings = Vec<(String, String)>;

/// A mesh with the settings that hold for it alone.
#[derive(Clone, Debug, PartialEq)]
pub struct CuraMesh {
    /// Name for its file.
    pub name: String,
    /// Binary STL, mm, around the middle of the bed.
    pub stl: Vec<u8>,
    /// Beside those of the whole print.
    pub settings: CuraSettings,
}

/// What `CuraEngine` is given.
#[derive(Clone, Debug, PartialEq)]
pub struct CuraJob {
    /// For the whole print and its extruder.
    pub settings: CuraSettings,
    /// Parts, each followed by the meshes that change its infill.
    pub meshes: Vec<CuraMesh>,
}

/// Writes parts, where they would lie, as a job of `CuraEngine` with this print's settings; zones become meshes that
/// change the infill.
///
/// # Errors
/// [`Refusal::File`] where parts do not fit, a sequence holds an unknown name, or `CuraEngine` cannot do what is ordered.
pub fn cura_job(
    parts: &[PrintPart],
    order: &PrintOrder,
    findings: &mut Findings,
) -> Result<CuraJob, Refusal> {
    if order.settings.sequence == Sequence::OneByOne && parts.len() > 1 {
        return Err(refused(
            parts,
            "CuraEngine alone prints parts together only; use sequence=together, or print without --slicer".to_owned(),
        ));
    }
    let placements = arranged(parts, order, findings)?;
    let [width, depth] = order.printer.bed_mm;
    let mut meshes = Vec::new();
    for (part, placement) in parts.iter().zip(&placements) {
        let on_bed = |mesh: &TriMesh| {
            let vertices = mesh.vertices.iter().map(|point| {
                let place = placement.bed_from_part(point);
                Point3::new(place.x - width / 2.0, place.y - depth / 2.0, place.z)
            });
            let moved = TriMesh { vertices: vertices.collect(), triangles: mesh.triangles.clone() };
            export::stl_bytes(&moved)
        };
        meshes.push(CuraMesh {
            name: part.name.clone(),
            stl: on_bed(&part.mesh),
            settings: Vec::new(),
        });
        let zones = part.zones.as_ref();
        let solids = zones.map_or_else(Vec::new, |zones| modifiers(part, zones));
        for (rank, (solid, zone)) in
            solids.iter().zip(zones.iter().flat_map(|zones| &zones.zones)).enumerate()
        {
            meshes.push(CuraMesh {
                name: format!("{}-{}", part.name, zone.name),
                stl: on_bed(&solid.mesh),
                settings: zone_settings(zone.fraction, rank, &order.settings),
            });
        }
    }
    let (start, end) =
        printing::sequences(order).map_err(|error| refused(parts, error.to_string()))?;
    let mut settings = machine(order, start, end);
    settings.extend(material(order));
    settings.extend(lines(&order.settings));
    settings.extend(speeds(&order.settings));
    settings.extend(held(&order.settings));
    Ok(CuraJob { settings: owned(settings), meshes })
}

type Pairs = Vec<(&'static str, String)>;

fn owned(pairs: Pairs) -> CuraSettings {
    pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}

fn number(value: f64) -> String {
    format!("{value}")
}

/// A mesh that only changes the infill where it overlaps a part: no walls and skins of its own.
fn zone_settings(fraction: f64, rank: usize, how: &PrintSettings) -> CuraSettings {
    owned(vec![
        ("infill_mesh", "true".to_owned()),
        ("infill_mesh_order", (rank + 1).to_string()),
        ("infill_sparse_density", number(100.0 * fraction)),
        ("infill_line_distance", number(line_distance(fraction, how))),
        ("wall_line_count", "0".to_owned()),
        ("top_layers", "0".to_owned()),
        ("bottom_layers", "0".to_owned()),
    ])
}

/// Distance of infill lines, mm: patterns of several crossing families lay each of them further apart.
fn line_distance(fraction: f64, how: &PrintSettings) -> f64 {
    let families = match how.infill_pattern {
        InfillPattern::Grid => 2.0,
        InfillPattern::Triangles => 3.0,
        InfillPattern::Gyroid | InfillPattern::Lines | InfillPattern::Concentric => 1.0,
    };
    if fraction > 0.0 { families * how.line_width_mm / fraction } else { 0.0 }
}

fn machine(order: &PrintOrder, start: String, end: String) -> Pairs {
    let printer = &order.printer;
    let flavor = match printer.dialect {
        Dialect::RepRapFirmware => "RepRap (RepRap)",
        Dialect::Marlin | Dialect::Klipper | Dialect::Prusa | Dialect::Bambu => {
            "RepRap (Marlin/Sprinter)"
        }
    };
    vec![
        ("machine_width", number(printer.bed_mm[0])),
        ("machine_depth", number(printer.bed_mm[1])),
        ("machine_height", number(printer.height_mm)),
        ("machine_center_is_zero", "false".to_owned()),
        ("center_object", "false".to_owned()),
        ("machine_gcode_flavor", flavor.to_owned()),
        ("machine_nozzle_size", number(printer.nozzle_mm)),
        ("material_diameter", number(printer.filament_mm)),
        ("machine_start_gcode", start),
        ("machine_end_gcode", end),
        // The sequences heat; CuraEngine must not do it once more in front of them.
        ("material_print_temp_prepend", "false".to_owned()),
        ("material_bed_temp_prepend", "false".to_owned()),
        ("prime_blob_enable", "false".to_owned()),
        ("relative_extrusion", "true".to_owned()),
        ("speed_travel", number(order.settings.speeds.travel_mm_s)),
        ("speed_travel_layer_0", number(order.settings.speeds.travel_mm_s)),
        ("speed_z_hop", number(printer.max_z_speed_mm_s)),
    ]
}

fn material(order: &PrintOrder) -> Pairs {
    let material = &order.material;
    let mut pairs = Vec::new();
    for key in [
        "material_print_temperature",
        "material_initial_print_temperature",
        "material_final_print_temperature",
    ] {
        pairs.push((key, number(material.nozzle_c)));
    }
    pairs.extend([
        ("material_print_temperature_layer_0", number(material.first_layer_nozzle_c)),
        ("material_bed_temperature", number(material.bed_c)),
        ("material_bed_temperature_layer_0", number(material.bed_c)),
        ("cool_fan_enabled", (material.fan_pct > 0.0).to_string()),
        ("cool_fan_speed", number(material.fan_pct)),
        ("cool_fan_speed_min", number(material.fan_pct)),
        ("cool_fan_speed_max", number(material.fan_pct)),
        ("cool_fan_speed_0", "0".to_owned()),
        ("cool_fan_full_layer", "2".to_owned()),
        ("cool_min_layer_time", number(material.min_layer_time_s)),
        ("retraction_enable", (material.retraction_mm > 0.0).to_string()),
        ("retraction_amount", number(material.retraction_mm)),
        ("retraction_speed", number(material.retraction_speed_mm_s)),
        ("retraction_retract_speed", number(material.retraction_speed_mm_s)),
        ("retraction_prime_speed", number(material.retraction_speed_mm_s)),
        ("retraction_hop_enabled", (order.settings.z_hop_mm > 0.0).to_string()),
        ("retraction_hop", number(order.settings.z_hop_mm)),
        ("retraction_min_travel", number(order.settings.min_retract_travel_mm)),
    ]);
    pairs
}

fn lines(how: &PrintSettings) -> Pairs {
    let pattern = match how.infill_pattern {
        InfillPattern::Gyroid => "gyroid",
        InfillPattern::Grid => "grid",
        InfillPattern::Lines => "lines",
        InfillPattern::Concentric => "concentric",
        InfillPattern::Triangles => "triangles",
    };
    let pattern = if how.infill_fraction >= 0.995 { "lines" } else { pattern };
    let (seam, y) = match how.seam {
        Seam::Nearest => ("shortest", 0),
        Seam::Front => ("back", -10_000),
        Seam::Back | Seam::AwayFromSkin => ("back", 10_000),
    };
    let mut pairs: Pairs = [
        "line_width",
        "wall_line_width",
        "wall_line_width_0",
        "wall_line_width_x",
        "skin_line_width",
        "infill_line_width",
        "skirt_brim_line_width",
        "support_line_width",
        "support_interface_line_width",
        "support_roof_line_width",
        "support_bottom_line_width",
        "raft_base_line_width",
        "raft_interface_line_width",
        "raft_surface_line_width",
    ]
    .map(|key| (key, number(how.line_width_mm)))
    .into();
    pairs.extend([
        ("layer_height", number(how.layer_height_mm)),
        ("layer_height_0", number(how.first_layer_height_mm)),
        ("wall_line_count", how.walls.to_string()),
        ("wall_thickness", number(how.walls as f64 * how.line_width_mm)),
        ("top_layers", how.top_layers.to_string()),
        ("bottom_layers", how.bottom_layers.to_string()),
        ("initial_bottom_layers", how.bottom_layers.to_string()),
        ("infill_pattern", pattern.to_owned()),
        ("infill_sparse_density", number(100.0 * how.infill_fraction)),
        ("infill_line_distance", number(line_distance(how.infill_fraction, how))),
        ("infill_sparse_thickness", number(how.layer_height_mm)),
        ("z_seam_type", seam.to_owned()),
        ("z_seam_x", "0".to_owned()),
        ("z_seam_y", y.to_string()),
    ]);
    pairs
}

fn speeds(how: &PrintSettings) -> Pairs {
    let speeds = &how.speeds;
    let mut pairs = vec![
        ("speed_print", speeds.infill_mm_s),
        ("speed_infill", speeds.infill_mm_s),
        ("speed_wall", speeds.inner_wall_mm_s),
        ("speed_wall_0", speeds.outer_wall_mm_s),
        ("speed_wall_x", speeds.inner_wall_mm_s),
        ("speed_topbottom", speeds.skin_mm_s),
        ("speed_layer_0", speeds.first_layer_mm_s),
        ("speed_print_layer_0", speeds.first_layer_mm_s),
        ("skirt_brim_speed", speeds.first_layer_mm_s),
        ("cool_min_speed", speeds.slowest_mm_s),
    ];
    for key in [
        "speed_support",
        "speed_support_infill",
        "speed_support_interface",
        "speed_support_roof",
        "speed_support_bottom",
    ] {
        pairs.push((key, speeds.infill_mm_s));
    }
    pairs.into_iter().map(|(key, speed)| (key, number(speed))).collect()
}

/// Supports, and what holds the print on the bed.
fn held(how: &PrintSettings) -> Pairs {
    let supports = &how.supports;
    let adhesion = match (how.raft_layers, how.brim_mm > 0.0, how.skirt_lines) {
        (1.., _, _) => "raft",
        (0, true, _) => "brim",
        (0, false, 1..) => "skirt",
        _ => "none",
    };
    let roof = supports.interface_layers as f64 * how.layer_height_mm;
    let tree = supports.style == SupportStyle::Tree;
    vec![
        ("support_enable", supports.enabled.to_string()),
        ("support_structure", if tree { "tree" } else { "normal" }.to_owned()),
        ("support_type", "everywhere".to_owned()),
        ("support_angle", number(supports.overhang_deg)),
        ("support_infill_rate", number(100.0 * how.line_width_mm / supports.spacing_mm)),
        ("support_line_distance", number(supports.spacing_mm)),
        ("support_initial_layer_line_distance", number(supports.spacing_mm)),
        ("support_xy_distance", number(supports.side_gap_mm)),
        ("support_top_distance", number(supports.gap_layers as f64 * how.layer_height_mm)),
        ("support_bottom_distance", number(supports.gap_layers as f64 * how.layer_height_mm)),
        ("support_interface_enable", (supports.interface_layers > 0).to_string()),
        ("support_roof_enable", (supports.interface_layers > 0).to_string()),
        ("support_bottom_enable", "false".to_owned()),
        ("support_roof_height", number(roof)),
        ("support_roof_density", number(100.0 * how.line_width_mm / supports.interface_spacing_mm)),
        ("support_roof_line_distance", number(supports.interface_spacing_mm)),
        ("adhesion_type", adhesion.to_owned()),
        ("brim_width", number(how.brim_mm)),
        ("brim_line_count", ((how.brim_mm / how.line_width_mm).round() as usize).to_string()),
        ("skirt_line_count", how.skirt_lines.to_string()),
        ("raft_margin", number(how.raft_margin_mm)),
        ("raft_airgap", number(how.raft_gap_mm)),
        ("raft_surface_layers", how.raft_layers.saturating_sub(2).max(1).to_string()),
        ("raft_base_thickness", number(how.first_layer_height_mm)),
        ("raft_interface_thickness", number(how.layer_height_mm)),
        ("raft_surface_thickness", number(how.layer_height_mm)),
        ("raft_surface_line_spacing", number(how.line_width_mm)),
        ("raft_interface_line_spacing", number(2.0 * how.line_width_mm)),
        ("raft_base_line_spacing", number(2.0 * how.line_width_mm)),
        ("raft_speed", number(how.speeds.first_layer_mm_s)),
        ("raft_base_speed", number(how.speeds.first_layer_mm_s)),
    ]
}

#[cfg(test)]
mod tests {
    use printing::{Material, Printer, Zone, Zones};

    use super::*;

    fn part() -> PrintPart {
        let corner = |x: f64, y: f64, z: f64| Point3::new(x, y, z);
        let outline = vec![[-1.0, -1.0], [21.0, -1.0], [21.0, 15.0], [-1.0, 15.0]];
        let zones = Zones {
            zones: vec![Zone { name: "heel".to_owned(), outline_mm: outline, fraction: 0.5 }],
            blend_mm: 10.0,
        };
        PrintPart {
            name: "sole".to_owned(),
            mesh: TriMesh::cuboid(corner(0.0, 0.0, 0.0), corner(20.0, 30.0, 8.0)),
            zones: Some(zones),
        }
    }

    fn order(settings: PrintSettings) -> PrintOrder {
        PrintOrder { printer: Printer::marlin_generic(), material: Material::pla(), settings }
    }

    #[test]
    fn parts_and_zones_become_meshes_around_the_middle_of_the_bed() {
        let settings =
            PrintSettings { infill_pattern: InfillPattern::Grid, ..PrintSettings::default() };
        let job = cura_job(&[part()], &order(settings), &mut Findings::new()).unwrap();
        assert_eq!(job.meshes.len(), 2);
        assert_eq!(job.meshes[1].name, "sole-heel");
        let of_zone = |key: &str| {
            let found = job.meshes[1].settings.iter().find(|(name, _)| name == key);
            found.map(|(_, value)| value.clone()).unwrap_or_default()
        };
        assert_eq!(of_zone("infill_mesh"), "true");
        // Two families of lines of 0.45 mm, each 1.8 mm apart, fill half.
        assert_eq!(of_zone("infill_line_distance"), "1.8");
        let read = scan::read_model(
            &job.meshes[0].stl,
            None,
            &scan::ScanLimits::default(),
            &mut Findings::new(),
        );
        let (low, high) = read.unwrap().bounds().unwrap();
        assert!((low + high.coords).xy().coords.norm() < 1e-3, "{low} {high}");
        assert!(low.z.abs() < 1e-6);
    }

    #[test]
    fn no_setting_is_given_twice_and_what_cannot_be_done_is_refused() {
        let mut how = PrintSettings::default();
        let job = cura_job(&[part()], &order(how.clone()), &mut Findings::new()).unwrap();
        let mut keys: Vec<&str> = job.settings.iter().map(|(key, _)| key.as_str()).collect();
        let count = keys.len();
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), count);
        how.sequence = Sequence::OneByOne;
        let error = cura_job(&[part(), part()], &order(how), &mut Findings::new()).unwrap_err();
        assert!(error.to_string().contains("sequence=together"), "{error}");
    }
}
