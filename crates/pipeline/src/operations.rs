//! From the order's keys to the operations of the shell: the only place where both are known.

use order::{Dose, Prescription};
use shell::{
    Border, Construction, Design, Doses, Length, Operation, PadSize, PostFace, PostStyle,
    PressureGrid, Spec, Station, WedgeExtent, Zone,
};
use vocabulary::Angle;

/// Least cup and least flanges of a UCBL, mm (`domain.md` 1.1: cup 20-30).
pub(crate) const UCBL_CUP_MM: f64 = 20.0;
const UCBL_FLANGE_MM: f64 = 6.0;

/// The whole design of one foot: the nine doses as decided, everything else as ordered.
pub(crate) fn design(doses: Doses, prescription: &Prescription) -> Design {
    let mut operations = every(doses, Order(prescription));
    // What is not ordered is not part of the design; of the nine every one is.
    let always = ["arch_fraction", "heel_cup_depth_mm", "rearfoot_post_deg", "forefoot_post_deg"];
    operations.retain(|one| one.dose() != 0.0 || always.contains(&one.spec().key));
    Design::new(operations)
}

/// Every operation of the order form, ordered or not.
fn every(doses: Doses, order: Order<'_>) -> Vec<Operation> {
    let mut operations = nine(doses, order);
    operations.extend(positive(order));
    operations.extend(trim(order));
    operations.extend(pads(order));
    operations.extend(reliefs(order));
    operations.extend(underside(order));
    operations.extend(drawn(order));
    operations
}

/// Limits of the operation that a key of the order form is the dose of.
pub(crate) fn spec_of(key: &str) -> Option<Spec> {
    let nothing = Prescription::default_orders();
    let handle = Operation::TrimHandle { station: Station::MedialArch, outward_mm: 0.0 }.spec();
    if key.starts_with("trim_") {
        return Some(handle);
    }
    let operations = every(Doses::default(), Order(&nothing));
    operations.iter().map(Operation::spec).find(|spec| spec.key == key)
}

/// Whether the order asks for a UCBL.
pub(crate) fn is_ucbl(prescription: &Prescription) -> bool {
    prescription.word("ucbl") == "yes"
}

/// The ordered wedge under heel and forefoot, + lateral.
pub(crate) fn wedge(prescription: &Prescription) -> [Angle; 2] {
    let order = Order(prescription);
    let angle = Angle::from_deg(order.value("wedge_deg"));
    match order.wedge_extent() {
        WedgeExtent::Heel => [angle, Angle::ZERO],
        WedgeExtent::Forefoot => [Angle::ZERO, angle],
        WedgeExtent::Full => [angle; 2],
    }
}

#[derive(Clone, Copy)]
struct Order<'a>(&'a Prescription);

impl<'a> Order<'a> {
    fn value(self, key: &str) -> f64 {
        self.0.dose(key).value().unwrap_or(0.0)
    }

    fn count(self, key: &str) -> u8 {
        self.value(key) as u8
    }

    fn word(self, key: &str) -> &'a str {
        self.0.word(key)
    }

    fn wedge_extent(self) -> WedgeExtent {
        match self.word("wedge_extent") {
            "heel" => WedgeExtent::Heel,
            "forefoot" => WedgeExtent::Forefoot,
            _ => WedgeExtent::Full,
        }
    }

    fn construction(self, key: &str) -> Construction {
        if self.word(key) == "intrinsic" {
            Construction::Intrinsic
        } else {
            Construction::Extrinsic
        }
    }
}

fn nine(doses: Doses, order: Order<'_>) -> Vec<Operation> {
    let plane_deg = order.value("skive_plane_deg");
    let face = match order.word("rearfoot_post_face") {
        "strip" => PostFace::Strip,
        "quarter" => PostFace::Quarter,
        _ => PostFace::Full,
    };
    let style = PostStyle {
        construction: order.construction("rearfoot_post_construction"),
        face,
        grind_deg: order.value("rearfoot_post_grind_deg"),
        motion_deg: order.value("rearfoot_post_motion_deg"),
    };
    let taper_mm = match order.0.dose("heel_lift_taper_mm") {
        Dose::Ordered(taper) => Some(taper),
        _ => None,
    };
    vec![
        Operation::LateralExpansion { widening_mm: doses.lateral_expansion.0 },
        Operation::ArchFraction { share: doses.arch_fraction },
        Operation::CastFill { fill_mm: doses.cast_fill.0 },
        Operation::MedialSkive { depth_mm: doses.medial_skive.0, plane_deg },
        Operation::HeelCup { depth_mm: doses.heel_cup_depth.0 },
        Operation::HeelLift { raise_mm: doses.heel_lift.0, taper_mm },
        Operation::RearfootPost { angle_deg: rounded(doses.rearfoot_post.deg()), style },
        Operation::ForefootPost {
            angle_deg: rounded(doses.forefoot_post.deg()),
            construction: order.construction("forefoot_post_construction"),
        },
        Operation::Thickness { shell_mm: doses.thickness.0 },
    ]
}

fn positive(order: Order<'_>) -> Vec<Operation> {
    vec![
        Operation::Cover {
            cover_mm: order.value("cover_mm"),
            cushion_mm: order.value("cushion_mm"),
        },
        Operation::MedialArch {
            raise_mm: order.value("medial_arch_raise_mm"),
            apex_mm: order.value("medial_arch_apex_mm"),
            extent_mm: order.value("medial_arch_extent_mm"),
        },
        Operation::LateralArch {
            raise_mm: order.value("lateral_arch_raise_mm"),
            apex_mm: order.value("lateral_arch_apex_mm"),
            extent_mm: order.value("lateral_arch_extent_mm"),
        },
        Operation::ArchApex { forward_mm: order.value("arch_apex_mm") },
        Operation::Inversion { angle_deg: order.value("inversion_deg") },
        Operation::LateralSkive {
            depth_mm: order.value("lateral_skive_mm"),
            plane_deg: order.value("skive_plane_deg"),
        },
    ]
}

fn trim(order: Order<'_>) -> Vec<Operation> {
    let length = match order.word("shell_length") {
        "sulcus" => Length::Sulcus,
        "full" => Length::Full,
        _ => Length::Mets,
    };
    let least = if is_ucbl(order.0) { UCBL_FLANGE_MM } else { 0.0 };
    let mut list = vec![
        Operation::ShellLength { length },
        Operation::GrindWidth { wider_mm: order.value("grind_width_mm") },
        Operation::LateralClip { raise_mm: order.value("lateral_clip_mm") },
        Operation::HeelHole {
            diameter_mm: order.value("heel_hole_mm"),
            forward_mm: order.value("heel_hole_forward_mm"),
            horseshoe: order.word("heel_hole_form") == "horseshoe",
        },
    ];
    for (border, rim, flange, cutout, plate) in [
        (
            Border::Medial,
            "heel_cup_medial_mm",
            "medial_flange_mm",
            "first_ray_cutout_mm",
            "gait_plate_medial_mm",
        ),
        (
            Border::Lateral,
            "heel_cup_lateral_mm",
            "lateral_flange_mm",
            "fifth_ray_cutout_mm",
            "gait_plate_lateral_mm",
        ),
    ] {
        list.push(Operation::CupRim { border, raise_mm: order.value(rim) });
        list.push(Operation::Flange { border, raise_mm: order.value(flange).max(least) });
        list.push(Operation::RayCutout { border, depth_mm: order.value(cutout) });
        list.push(Operation::GaitPlate { border, forward_mm: order.value(plate) });
    }
    for (station, key) in [
        (Station::DistalFirst, "trim_distal_first_mm"),
        (Station::DistalMiddle, "trim_distal_middle_mm"),
        (Station::DistalFifth, "trim_distal_fifth_mm"),
        (Station::MedialArch, "trim_medial_arch_mm"),
        (Station::MedialHeel, "trim_medial_heel_mm"),
        (Station::Posterior, "trim_posterior_mm"),
        (Station::LateralHeel, "trim_lateral_heel_mm"),
        (Station::LateralMidfoot, "trim_lateral_midfoot_mm"),
    ] {
        list.push(Operation::TrimHandle { station, outward_mm: order.value(key) });
    }
    list
}

fn pads(order: Order<'_>) -> Vec<Operation> {
    let size = match order.word("metatarsal_pad_size") {
        "small" => PadSize::Small,
        "large" => PadSize::Large,
        _ => PadSize::Medium,
    };
    let between = match order.word("neuroma_pad_between") {
        "1-2" => [1, 2],
        "2-3" => [2, 3],
        "4-5" => [4, 5],
        _ => [3, 4],
    };
    vec![
        Operation::MetatarsalPad {
            height_mm: order.value("metatarsal_pad_mm"),
            behind_mm: order.value("metatarsal_pad_behind_mm"),
            lateral_mm: order.value("metatarsal_pad_lateral_mm"),
            size,
        },
        Operation::MetatarsalBar {
            height_mm: order.value("metatarsal_bar_mm"),
            behind_mm: order.value("metatarsal_bar_behind_mm"),
        },
        Operation::NeuromaPad {
            height_mm: order.value("neuroma_pad_mm"),
            between,
            behind_mm: order.value("neuroma_pad_behind_mm"),
        },
        Operation::Morton {
            height_mm: order.value("morton_extension_mm"),
            length_mm: order.value("morton_extension_length_mm"),
        },
        Operation::ReverseMorton { height_mm: order.value("reverse_morton_mm") },
        Operation::KineticWedge { height_mm: order.value("kinetic_wedge_mm") },
        Operation::CluffyWedge { height_mm: order.value("cluffy_wedge_mm") },
        Operation::ToeCrest { height_mm: order.value("toe_crest_mm") },
        Operation::ToeFiller {
            height_mm: order.value("toe_filler_mm"),
            first: order.count("toe_filler_first"),
            last: order.count("toe_filler_last"),
        },
    ]
}

fn reliefs(order: Order<'_>) -> Vec<Operation> {
    vec![
        Operation::FasciaGroove {
            depth_mm: order.value("fascia_groove_mm"),
            width_mm: order.value("fascia_groove_width_mm"),
            lateral_mm: order.value("fascia_groove_lateral_mm"),
        },
        Operation::NavicularRelief {
            depth_mm: order.value("navicular_relief_mm"),
            forward_mm: order.value("navicular_relief_forward_mm"),
            radius_mm: order.value("navicular_relief_radius_mm"),
            blend_mm: order.value("navicular_relief_blend_mm"),
        },
        Operation::FifthBaseRelief {
            depth_mm: order.value("fifth_base_relief_mm"),
            forward_mm: order.value("fifth_base_relief_forward_mm"),
            radius_mm: order.value("fifth_base_relief_radius_mm"),
            blend_mm: order.value("fifth_base_relief_blend_mm"),
        },
        Operation::HeelSpurPocket {
            depth_mm: order.value("heel_spur_pocket_mm"),
            diameter_mm: order.value("heel_spur_pocket_width_mm"),
            forward_mm: order.value("heel_spur_pocket_forward_mm"),
            lateral_mm: order.value("heel_spur_pocket_lateral_mm"),
        },
    ]
}

fn drawn(order: Order<'_>) -> Vec<Operation> {
    let regions = order.0.regions().iter().map(|region| Operation::Region {
        height_mm: region.height_mm,
        corners_mm: region.corners_mm.clone(),
        blend_mm: region.blend_mm,
    });
    let reliefs = order.0.pressure_reliefs().iter().map(|relief| Operation::PressureRelief {
        deepest_mm: relief.deepest_mm,
        table_kpa: relief.table_kpa.clone(),
        map: PressureGrid {
            origin_mm: relief.origin_mm,
            spacing_mm: relief.spacing_mm,
            columns: relief.columns,
            kpa: relief.kpa.clone(),
        },
    });
    regions.chain(reliefs).collect()
}

fn underside(order: Order<'_>) -> Vec<Operation> {
    let extent = order.wedge_extent();
    let mut list = vec![
        Operation::Wedge { angle_deg: order.value("wedge_deg"), extent },
        Operation::ArchFill { share: order.value("arch_fill_fraction") },
        Operation::Ribs { height_mm: order.value("ribs_mm"), count: order.count("ribs_count") },
    ];
    for (zone, key) in [
        (Zone::Heel, "thickness_heel_mm"),
        (Zone::Arch, "thickness_arch_mm"),
        (Zone::Forefoot, "thickness_forefoot_mm"),
    ] {
        list.push(Operation::ThicknessZone { zone, change_mm: order.value(key) });
    }
    list
}

/// Degrees as an order form writes them: radians and back would leave 3.4999999999999996.
pub(crate) fn rounded(value: f64) -> f64 {
    (value * 1e9).round() / 1e9
}

#[cfg(test)]
mod tests {
    use order::{Kind, PRESCRIPTION, read_case};
    use vocabulary::Side;

    use super::*;

    const CASE: &str =
        "[patient]\ncode = \"P\"\nmass_kg = 70\nheight_m = 1.7\n[scan]\nleft = \"l.stl\"\n";

    fn prescription(orders: &str) -> Prescription {
        let case = read_case(&format!("{CASE}[prescription]\n{orders}"), "c").unwrap();
        case.prescription[&Side::Left].clone()
    }

    /// Doses that go by another key, or whose order form is narrower than what the shell can do.
    const APART: [&str; 3] = ["cover_allowance_mm", "trim_handle_mm", "cast_fill_mm"];

    #[test]
    fn the_order_form_has_the_limits_of_the_shell() {
        let nothing = prescription("");
        let mut named = 0;
        for operation in every(Doses::default(), Order(&nothing)) {
            let spec = operation.spec();
            if APART.contains(&spec.key) {
                continue;
            }
            let entry = PRESCRIPTION.iter().find(|entry| entry.key == spec.key);
            let entry = entry.unwrap_or_else(|| panic!("{} has no entry", spec.key));
            if let Kind::Number { low, high, .. } = entry.kind {
                assert_eq!([low, high], spec.hard, "{}", spec.key);
            }
            named += 1;
        }
        assert!(named > 40, "{named}");
    }

    #[test]
    fn what_is_not_ordered_is_not_part_of_the_design() {
        let nothing = design(Doses::default(), &prescription(""));
        assert_eq!(nothing.operations().len(), 5, "{nothing:?}");
        assert_eq!(nothing.doses(), Doses::default());
    }

    #[test]
    fn an_order_becomes_operations() {
        let ordered = prescription(
            "shell_length = \"full\"\nmetatarsal_pad_mm = \"3/16 in\"\nmetatarsal_pad_size = \"small\"\n\
             neuroma_pad_mm = 3\nneuroma_pad_between = \"2-3\"\nucbl = \"yes\"\n",
        );
        let design = design(Doses::default(), &ordered);
        let has = |wanted: &Operation| design.operations().contains(wanted);
        assert!(has(&Operation::ShellLength { length: Length::Full }));
        assert!(has(&Operation::NeuromaPad { height_mm: 3.0, between: [2, 3], behind_mm: 20.0 }));
        assert!(has(&Operation::Flange { border: Border::Lateral, raise_mm: UCBL_FLANGE_MM }));
        assert!(has(&Operation::MetatarsalPad {
            height_mm: 25.4 * (3.0 / 16.0),
            behind_mm: 20.0,
            lateral_mm: 0.0,
            size: PadSize::Small,
        }));
    }
}
