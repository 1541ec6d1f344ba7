//! The same print for another slicer: a 3MF project with settings and modifiers.

use export::{Modifier, ProjectPart};
use geometry::{Point2, Point3, TriMesh};
use printing::{Dialect, InfillPattern, PrintOrder, Sequence, Zones};
use vocabulary::Findings;

use crate::Refusal;
use crate::print::{PrintPart, arranged, refused};

/// Modifiers reach this far beyond the part, mm.
const BEYOND_MM: f64 = 1.0;

/// Writes parts, where they would lie, as a project of `PrusaSlicer` with this print's settings; zones
/// become modifiers.
///
/// # Errors
/// [`Refusal::File`] where parts do not fit or a sequence holds an unknown name.
pub fn slicer_project(
    parts: &[PrintPart],
    order: &PrintOrder,
    findings: &mut Findings,
) -> Result<Vec<u8>, Refusal> {
    let placements = arranged(parts, order, findings)?;
    let objects: Vec<ProjectPart<'_>> = parts
        .iter()
        .zip(&placements)
        .map(|(part, placement)| ProjectPart {
            name: &part.name,
            mesh: &part.mesh,
            modifiers: part.zones.as_ref().map_or_else(Vec::new, |zones| modifiers(part, zones)),
            rotation: placement.rotation,
            offset_mm: placement.offset_mm,
        })
        .collect();
    let settings = settings(order).map_err(|reason| refused(parts, reason))?;
    export::threemf_project_bytes(&objects, &settings)
        .map_err(|error| refused(parts, error.to_string()))
}

/// Every zone as a prism over the part's height, cut to the part's bounds.
pub(crate) fn modifiers(part: &PrintPart, zones: &Zones) -> Vec<Modifier> {
    let Some((low, high)) = part.mesh.bounds() else { return Vec::new() };
    let clamp = |[x, y]: [f64; 2]| {
        Point2::new(
            x.clamp(low.x - BEYOND_MM, high.x + BEYOND_MM),
            y.clamp(low.y - BEYOND_MM, high.y + BEYOND_MM),
        )
    };
    zones
        .zones
        .iter()
        .filter_map(|zone| {
            let mut outline: Vec<Point2> =
                zone.outline_mm.iter().map(|&corner| clamp(corner)).collect();
            outline.dedup();
            let mesh = prism(&outline, low.z - BEYOND_MM, high.z + BEYOND_MM)?;
            let percent = format!("{:.1}%", 100.0 * zone.fraction);
            let settings = vec![("fill_density".to_owned(), percent)];
            Some(Modifier { name: zone.name.clone(), mesh, settings })
        })
        .collect()
}

/// A prism over a closed outline, with caps by cutting ears; `None` for an outline without area.
fn prism(outline: &[Point2], low: f64, high: f64) -> Option<TriMesh> {
    let mut corners = outline.to_vec();
    let area = geometry::polygon::signed_area(&corners);
    if corners.len() < 3 || area.abs() < 1e-6 {
        return None;
    }
    if area < 0.0 {
        corners.reverse();
    }
    let count = corners.len() as u32;
    let at =
        |height: f64| corners.iter().map(move |corner| Point3::new(corner.x, corner.y, height));
    let mut mesh = TriMesh { vertices: at(low).chain(at(high)).collect(), triangles: Vec::new() };
    for corner in 0..count {
        let next = (corner + 1) % count;
        mesh.triangles
            .extend([[corner, next, next + count], [corner, next + count, corner + count]]);
    }
    for [a, b, c] in ears(&corners) {
        mesh.triangles.extend([[a, c, b], [a + count, b + count, c + count]]);
    }
    Some(mesh)
}

/// Triangles of a simple counter-clockwise polygon.
fn ears(corners: &[Point2]) -> Vec<[u32; 3]> {
    let mut rest: Vec<usize> = (0..corners.len()).collect();
    let mut triangles = Vec::new();
    let turn =
        |a: usize, b: usize, c: usize| (corners[b] - corners[a]).perp(&(corners[c] - corners[a]));
    while rest.len() > 3 {
        let count = rest.len();
        let is_ear = |&i: &usize| {
            let (a, b, c) = (rest[(i + count - 1) % count], rest[i], rest[(i + 1) % count]);
            let is_inside = |&p: &usize| {
                p != a
                    && p != b
                    && p != c
                    && turn(a, b, p) >= 0.0
                    && turn(b, c, p) >= 0.0
                    && turn(c, a, p) >= 0.0
            };
            turn(a, b, c) > 0.0 && !rest.iter().any(is_inside)
        };
        // A polygon that crosses itself has no ear at some time; any corner will do then.
        let i = (0..count).find(is_ear).unwrap_or(0);
        triangles.push([rest[(i + count - 1) % count], rest[i], rest[(i + 1) % count]]);
        rest.remove(i);
    }
    triangles.push([rest[0], rest[1], rest[2]]);
    triangles.into_iter().map(|corners| corners.map(|corner| corner as u32)).collect()
}

/// The print's settings by the keys of `PrusaSlicer` 2.5.
fn settings(order: &PrintOrder) -> Result<Vec<(String, String)>, String> {
    let (start, end) = printing::sequences(order).map_err(|error| error.to_string())?;
    let mut pairs = machine(order);
    pairs.extend(filament(order));
    pairs.extend(lines(order));
    pairs.extend(held(order));
    pairs.extend([
        ("start_gcode", start),
        ("end_gcode", end),
        ("before_layer_gcode", "G92 E0".to_owned()),
    ]);
    Ok(pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
}

type Pairs = Vec<(&'static str, String)>;

fn number(value: f64) -> String {
    format!("{value}")
}

fn machine(order: &PrintOrder) -> Pairs {
    let (printer, how) = (&order.printer, &order.settings);
    let [x, y] = printer.bed_mm;
    let flavor = match printer.dialect {
        Dialect::Klipper => "klipper",
        Dialect::RepRapFirmware => "reprapfirmware",
        Dialect::Marlin | Dialect::Prusa | Dialect::Bambu => "marlin2",
    };
    let twice = |value: f64| format!("{value},{value}");
    vec![
        ("printer_technology", "FFF".to_owned()),
        ("gcode_flavor", flavor.to_owned()),
        ("bed_shape", format!("0x0,{x}x0,{x}x{y},0x{y}")),
        ("max_print_height", number(printer.height_mm)),
        ("nozzle_diameter", number(printer.nozzle_mm)),
        ("complete_objects", u8::from(how.sequence == Sequence::OneByOne).to_string()),
        ("extruder_clearance_radius", number(printer.head_clearance_mm)),
        ("extruder_clearance_height", number(printer.gantry_height_mm)),
        ("use_relative_e_distances", "1".to_owned()),
        ("machine_max_acceleration_x", twice(printer.acceleration_mm_s2)),
        ("machine_max_acceleration_y", twice(printer.acceleration_mm_s2)),
        ("machine_max_acceleration_extruding", twice(printer.acceleration_mm_s2)),
        ("machine_max_acceleration_travel", twice(printer.acceleration_mm_s2)),
        ("machine_max_feedrate_x", twice(printer.max_speed_mm_s)),
        ("machine_max_feedrate_y", twice(printer.max_speed_mm_s)),
        ("machine_max_feedrate_z", twice(printer.max_z_speed_mm_s)),
        ("machine_max_jerk_x", twice(printer.corner_speed_mm_s)),
        ("machine_max_jerk_y", twice(printer.corner_speed_mm_s)),
    ]
}

fn filament(order: &PrintOrder) -> Pairs {
    let (printer, material, how) = (&order.printer, &order.material, &order.settings);
    vec![
        ("filament_diameter", number(printer.filament_mm)),
        ("filament_density", number(material.density_g_cm3)),
        ("filament_max_volumetric_speed", number(material.max_volumetric_mm3_s)),
        ("filament_cost", number(material.price_per_kg)),
        ("temperature", number(material.nozzle_c)),
        ("first_layer_temperature", number(material.first_layer_nozzle_c)),
        ("bed_temperature", number(material.bed_c)),
        ("first_layer_bed_temperature", number(material.bed_c)),
        ("min_fan_speed", number(material.fan_pct)),
        ("max_fan_speed", number(material.fan_pct)),
        ("slowdown_below_layer_time", number(material.min_layer_time_s)),
        ("retract_length", number(material.retraction_mm)),
        ("retract_speed", number(material.retraction_speed_mm_s)),
        ("retract_lift", number(how.z_hop_mm)),
    ]
}

fn lines(order: &PrintOrder) -> Pairs {
    let how = &order.settings;
    let speeds = &how.speeds;
    let pattern = match how.infill_pattern {
        InfillPattern::Gyroid => "gyroid",
        InfillPattern::Grid => "grid",
        InfillPattern::Lines => "rectilinear",
        InfillPattern::Concentric => "concentric",
        InfillPattern::Triangles => "triangles",
    };
    let pattern = if how.infill_fraction >= 0.995 { "rectilinear" } else { pattern };
    vec![
        ("layer_height", number(how.layer_height_mm)),
        ("first_layer_height", number(how.first_layer_height_mm)),
        ("extrusion_width", number(how.line_width_mm)),
        ("perimeters", how.walls.to_string()),
        ("top_solid_layers", how.top_layers.to_string()),
        ("bottom_solid_layers", how.bottom_layers.to_string()),
        ("fill_density", format!("{}%", 100.0 * how.infill_fraction)),
        ("fill_pattern", pattern.to_owned()),
        ("seam_position", "rear".to_owned()),
        ("perimeter_generator", "arachne".to_owned()),
        ("resolution", "0.0125".to_owned()),
        ("first_layer_speed", number(speeds.first_layer_mm_s)),
        ("external_perimeter_speed", number(speeds.outer_wall_mm_s)),
        ("perimeter_speed", number(speeds.inner_wall_mm_s)),
        ("solid_infill_speed", number(speeds.skin_mm_s)),
        ("infill_speed", number(speeds.infill_mm_s)),
        ("travel_speed", number(speeds.travel_mm_s)),
    ]
}

/// Supports, and what holds the print on the bed.
fn held(order: &PrintOrder) -> Pairs {
    let how = &order.settings;
    vec![
        ("brim_width", number(how.brim_mm)),
        ("skirts", how.skirt_lines.to_string()),
        ("support_material", u8::from(how.supports.enabled).to_string()),
        ("support_material_auto", "1".to_owned()),
        ("support_material_threshold", format!("{:.0}", 90.0 - how.supports.overhang_deg)),
        ("support_material_spacing", number(how.supports.spacing_mm)),
        ("support_material_xy_spacing", number(how.supports.side_gap_mm)),
        (
            "support_material_contact_distance",
            number(how.supports.gap_layers as f64 * how.layer_height_mm),
        ),
        ("support_material_interface_layers", how.supports.interface_layers.to_string()),
        (
            "support_material_interface_spacing",
            number((how.supports.interface_spacing_mm - how.line_width_mm).max(0.0)),
        ),
        ("raft_layers", how.raft_layers.to_string()),
        ("raft_expansion", number(how.raft_margin_mm)),
        ("raft_contact_distance", number(how.raft_gap_mm)),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prisms_over_any_outline_are_closed_and_have_their_volume() {
        let outline = |corners: &[[f64; 2]]| -> Vec<Point2> {
            corners.iter().map(|&[x, y]| Point2::new(x, y)).collect()
        };
        let horseshoe = outline(&[
            [0.0, 0.0],
            [30.0, 0.0],
            [30.0, 40.0],
            [20.0, 40.0],
            [20.0, 10.0],
            [10.0, 10.0],
            [10.0, 40.0],
            [0.0, 40.0],
        ]);
        let mut clockwise = horseshoe.clone();
        clockwise.reverse();
        for corners in [horseshoe, clockwise] {
            let mesh = prism(&corners, -1.0, 4.0).unwrap();
            assert_eq!(geometry::check_closed(&mesh), Ok(()));
            assert!((mesh.volume() - 900.0 * 5.0).abs() < 1e-9, "{}", mesh.volume());
        }
        assert_eq!(prism(&outline(&[[0.0, 0.0], [5.0, 5.0], [9.0, 9.0]]), 0.0, 1.0), None);
    }
}
