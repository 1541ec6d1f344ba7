//! Every term of the lab's vocabulary that changes the shape, one entry each, in the sequence of the bench.
//!
//! Ranges and defaults: lab lists and published design programs; where these give no number, bench practice.

use crate::{Parameter, Preset};

const DOMAIN: &str = "lab lists; soft limits of published design programs";
const KNEE: &str = "bounds of the knee model's optimizer";
const BENCH: &str = "bench practice";
const ALLIED: &str = "Allied OSI";
const LEO: &str = "LEO order form";

/// A correction in mm that is not made unless it is ordered.
const fn mm(
    key: &'static str,
    (low, high): (f64, f64),
    help: &'static str,
    source: &'static str,
) -> Parameter {
    Parameter::number(key, (low, high, "mm"), Preset::Number(0.0), help, source)
}

/// A placement in mm with its usual value.
const fn place(
    key: &'static str,
    (low, high): (f64, f64),
    usual: f64,
    help: &'static str,
) -> Parameter {
    Parameter::number(key, (low, high, "mm"), Preset::Number(usual), help, BENCH)
}

/// One of a few words; the first is the default.
const fn word(
    key: &'static str,
    words: &'static [&'static str],
    help: &'static str,
    source: &'static str,
) -> Parameter {
    Parameter::choice(key, words, Preset::Text(words[0]), help, source)
}

/// A density of printed infill; the printer profile's where it is left open.
const fn infill(key: &'static str, help: &'static str) -> Parameter {
    Parameter::number(key, (2.0, 99.0, "%"), Preset::Open, help, "printer profile when open")
}

/// Every key of `[prescription]`, in the order in which the corrections are applied.
pub const PRESCRIPTION: &[Parameter] = &[
    Parameter::number(
        "arch_height_mm",
        (5.0, 40.0, "mm"),
        Preset::Open,
        "the foot's own medial arch height, used when the scan does not show the sole",
        "lab profile when open",
    ),
    Parameter::number(
        "arch_fraction",
        (0.0, 1.0, ""),
        Preset::Open,
        "share of the foot's loaded arch clearance that the shell fills; decided by the optimizer when open",
        KNEE,
    ),
    // The positive.
    mm(
        "cover_mm",
        (0.0, 6.4),
        "top cover for which cup and arch of the shell keep room",
        "1.6 or 3.2 usual; LEO, CLab",
    ),
    mm(
        "cushion_mm",
        (0.0, 6.4),
        "extra cushioning over the whole length under the cover",
        "1.6 or 3.2 usual; LEO",
    ),
    mm(
        "lateral_expansion_mm",
        (0.0, 8.0),
        "widening of the heel cup for the spread of the fat pad under load",
        "5 default when cast without weight, 3 for dress shoes",
    ),
    word(
        "cast_dressing",
        &["by-mm", "tight", "minimum", "moderate", "maximum"],
        "cast fill by the lab's word; its mm stand in the lab profile; \"by-mm\" reads cast_fill_mm",
        "LEO, Cox",
    ),
    mm(
        "cast_fill_mm",
        (-3.0, 8.0),
        "material added to the arch of the positive: more fill lowers the arch of the device",
        DOMAIN,
    ),
    mm(
        "medial_arch_raise_mm",
        (-10.0, 12.0),
        "raise (+) or lowering (-) of the medial arch",
        BENCH,
    ),
    place(
        "medial_arch_apex_mm",
        (-25.0, 25.0),
        0.0,
        "apex of that raise in front of (+) or behind (-) the middle of the arch",
    ),
    place("medial_arch_extent_mm", (20.0, 80.0), 45.0, "from that apex to where the raise ends"),
    mm("lateral_arch_raise_mm", (-4.0, 8.0), "raise (+) or lowering (-) under the cuboid", BENCH),
    place(
        "lateral_arch_apex_mm",
        (-25.0, 25.0),
        0.0,
        "apex of that raise in front of (+) or behind (-) the cuboid",
    ),
    place("lateral_arch_extent_mm", (20.0, 80.0), 35.0, "from that apex to where the raise ends"),
    mm(
        "arch_apex_mm",
        (-12.0, 12.0),
        "move of the whole arch forward (+) or back (-)",
        "3-6 when an arch is felt too far forward or back",
    ),
    Parameter::number(
        "inversion_deg",
        (-9.0, 35.0, "deg"),
        Preset::Number(0.0),
        "inversion of the positive, which raises the arch; from 10 degrees on a Blake inversion, whose arch is filled back",
        "ProLab; Blake 15-35, standard 25",
    ),
    // The heel.
    mm(
        "medial_skive_mm",
        (0.0, 6.0),
        "varus ramp inside the heel cup: raises the medial side of the device's heel",
        "Kirby; 2-6 usual",
    ),
    mm(
        "lateral_skive_mm",
        (0.0, 6.0),
        "valgus ramp inside the heel cup: raises the lateral side of the device's heel",
        "mirror image of the medial skive",
    ),
    Parameter::number(
        "skive_plane_deg",
        (5.0, 30.0, "deg"),
        Preset::Number(15.0),
        "slope of a skive's ramp",
        "Kirby 15; Vertex 5-30",
    ),
    Parameter::number(
        "heel_cup_depth_mm",
        (6.0, 30.0, "mm"),
        Preset::Number(14.0),
        "height of the posterior rim over the lowest point of the heel seat, before the cover",
        "14 standard, 8-12 dress shoe, 18 and more deep, UCBL 20-30",
    ),
    mm(
        "heel_cup_medial_mm",
        (-5.0, 8.0),
        "medial rim of the cup over (+) or under (-) its depth",
        BENCH,
    ),
    mm(
        "heel_cup_lateral_mm",
        (-5.0, 8.0),
        "lateral rim of the cup over (+) or under (-) its depth",
        BENCH,
    ),
    // The trim.
    word(
        "shell_length",
        &["mets", "sulcus", "full"],
        "where the shell ends: behind the metatarsal heads, in the sulcus, in front of the toes",
        "order forms",
    ),
    mm(
        "grind_width_mm",
        (-6.0, 6.0),
        "medial edge against the bisection of the first metatarsal: wide 3.2, regular 0, narrow -3.2",
        ALLIED,
    ),
    mm("medial_flange_mm", (0.0, 10.0), "higher medial wall along the midfoot", "Vertex 0-8"),
    mm("lateral_flange_mm", (0.0, 10.0), "higher lateral wall along the midfoot", "Vertex 0-8"),
    mm(
        "lateral_clip_mm",
        (0.0, 12.0),
        "higher lateral wall at the base of the fifth metatarsal",
        BENCH,
    ),
    word(
        "ucbl",
        &["no", "yes"],
        "deep cup (20 mm at least) with flanges on both sides (6 mm at least)",
        "cup 20-30",
    ),
    mm(
        "first_ray_cutout_mm",
        (0.0, 40.0),
        "shell removed under the first ray, from the distal edge back",
        LEO,
    ),
    mm(
        "fifth_ray_cutout_mm",
        (0.0, 40.0),
        "shell removed under the fifth ray, from the distal edge back",
        LEO,
    ),
    mm(
        "gait_plate_lateral_mm",
        (0.0, 40.0),
        "shell that goes on forward laterally, against toeing in",
        BENCH,
    ),
    mm(
        "gait_plate_medial_mm",
        (0.0, 40.0),
        "shell that goes on forward medially, against toeing out",
        BENCH,
    ),
    mm("heel_hole_mm", (0.0, 38.0), "diameter of a hole under a heel spur", "25-35 usual"),
    word("heel_hole_form", &["round", "horseshoe"], "round, or open to the front", LEO),
    place(
        "heel_hole_forward_mm",
        (-15.0, 20.0),
        0.0,
        "hole in front of (+) or behind (-) the medial tubercle",
    ),
    mm(
        "trim_distal_first_mm",
        (-8.0, 8.0),
        "distal edge under the first ray moved forward (+) or back (-)",
        BENCH,
    ),
    mm(
        "trim_distal_middle_mm",
        (-8.0, 8.0),
        "distal edge under the third ray moved forward (+) or back (-)",
        BENCH,
    ),
    mm(
        "trim_distal_fifth_mm",
        (-8.0, 8.0),
        "distal edge under the fifth ray moved forward (+) or back (-)",
        BENCH,
    ),
    mm(
        "trim_medial_arch_mm",
        (-8.0, 8.0),
        "medial edge at the arch moved outward (+) or inward (-)",
        BENCH,
    ),
    mm(
        "trim_medial_heel_mm",
        (-8.0, 8.0),
        "medial edge of the heel moved outward (+) or inward (-)",
        BENCH,
    ),
    mm(
        "trim_posterior_mm",
        (-8.0, 8.0),
        "back edge of the heel moved outward (+) or inward (-)",
        BENCH,
    ),
    mm(
        "trim_lateral_heel_mm",
        (-8.0, 8.0),
        "lateral edge of the heel moved outward (+) or inward (-)",
        BENCH,
    ),
    mm(
        "trim_lateral_midfoot_mm",
        (-8.0, 8.0),
        "lateral edge at the cuboid moved outward (+) or inward (-)",
        BENCH,
    ),
    // Pads.
    mm(
        "metatarsal_pad_mm",
        (0.0, 10.0),
        "drop-shaped pad behind the heads 2 to 4",
        "height 3-6; LEO",
    ),
    place("metatarsal_pad_behind_mm", (-5.0, 40.0), 20.0, "its peak behind the line of the heads"),
    place(
        "metatarsal_pad_lateral_mm",
        (-25.0, 25.0),
        0.0,
        "its peak lateral (+) or medial (-) of the third head",
    ),
    word(
        "metatarsal_pad_size",
        &["medium", "small", "large"],
        "its outline: 24 x 32, 30 x 40 or 36 x 48 mm",
        "S/M/L of order forms",
    ),
    mm(
        "metatarsal_bar_mm",
        (0.0, 8.0),
        "bar across the foot behind the heads",
        "height 3-6; proximal bevel 30 degrees, distal 45",
    ),
    place(
        "metatarsal_bar_behind_mm",
        (-5.0, 40.0),
        10.0,
        "its front edge behind the line of the heads",
    ),
    mm("neuroma_pad_mm", (0.0, 8.0), "small dome between two named heads", LEO),
    word("neuroma_pad_between", &["3-4", "1-2", "2-3", "4-5"], "the two heads", LEO),
    place("neuroma_pad_behind_mm", (-5.0, 40.0), 20.0, "its peak behind the line of the heads"),
    mm(
        "morton_extension_mm",
        (0.0, 12.0),
        "platform under the first head; takes a short shell along",
        "ProLab-460: 3; 3 a week up to 12 for a rigid forefoot varus",
    ),
    place(
        "morton_extension_length_mm",
        (15.0, 60.0),
        35.0,
        "its length from the edge of a short shell",
    ),
    mm(
        "reverse_morton_mm",
        (0.0, 6.0),
        "platform under the heads 2 to 5, which leaves the first low; sulcus length at least",
        "1.5-3 usual",
    ),
    mm(
        "kinetic_wedge_mm",
        (0.0, 6.0),
        "heads 2 to 5 and big toe raised, first head low (Dananberg); full length",
        "3 usual",
    ),
    mm("cluffy_wedge_mm", (0.0, 8.0), "ramp under the big toe; full length", "3-4 usual"),
    mm("toe_crest_mm", (0.0, 10.0), "ridge under the toes; full length", BENCH),
    mm(
        "toe_filler_mm",
        (0.0, 25.0),
        "height of a block in place of missing toes; full length",
        BENCH,
    ),
    Parameter::count("toe_filler_first", (1, 5), 1, "first missing toe", "1-5 toes a side"),
    Parameter::count("toe_filler_last", (1, 5), 5, "last missing toe", "1-5 toes a side"),
    // Reliefs.
    mm(
        "fascia_groove_mm",
        (0.0, 6.0),
        "channel for the plantar fascia along the first metatarsal",
        "2-4 deep",
    ),
    place("fascia_groove_width_mm", (6.0, 16.0), 10.0, "its width at half depth"),
    place(
        "fascia_groove_lateral_mm",
        (-15.0, 15.0),
        0.0,
        "lateral (+) or medial (-) of the usual place",
    ),
    mm(
        "navicular_relief_mm",
        (0.0, 6.0),
        "relief under the navicular (\"sweet spot\")",
        "2-4; LEO",
    ),
    place(
        "navicular_relief_forward_mm",
        (-25.0, 25.0),
        0.0,
        "in front of (+) or behind (-) the usual place",
    ),
    place("navicular_relief_radius_mm", (3.0, 20.0), 8.0, "radius of its full depth"),
    place("navicular_relief_blend_mm", (3.0, 25.0), 9.0, "width of the blend around it"),
    mm(
        "fifth_base_relief_mm",
        (0.0, 6.0),
        "relief under the base of the fifth metatarsal",
        "2-3, blend 8-10; Herges",
    ),
    place(
        "fifth_base_relief_forward_mm",
        (-25.0, 25.0),
        0.0,
        "in front of (+) or behind (-) the usual place",
    ),
    place("fifth_base_relief_radius_mm", (3.0, 20.0), 8.0, "radius of its full depth"),
    place("fifth_base_relief_blend_mm", (3.0, 25.0), 9.0, "width of the blend around it"),
    mm("heel_spur_pocket_mm", (0.0, 6.0), "recess under a heel spur", "3-5 deep, 25-35 wide"),
    place("heel_spur_pocket_width_mm", (15.0, 40.0), 30.0, "its diameter at half depth"),
    place(
        "heel_spur_pocket_forward_mm",
        (-20.0, 25.0),
        0.0,
        "in front of (+) or behind (-) the medial tubercle",
    ),
    place(
        "heel_spur_pocket_lateral_mm",
        (-15.0, 15.0),
        0.0,
        "lateral (+) or medial (-) of the medial tubercle",
    ),
    // Posts and underside.
    Parameter::number(
        "rearfoot_post_deg",
        (-8.0, 8.0, "deg"),
        Preset::Open,
        "wedge under the heel, + lateral (valgus), - medial (varus); decided by the optimizer when open",
        KNEE,
    ),
    word(
        "rearfoot_post_construction",
        &["extrinsic", "intrinsic"],
        "a body under the shell, or ground into the positive",
        "order forms",
    ),
    word(
        "rearfoot_post_face",
        &["full", "strip", "quarter"],
        "contact face: the whole heel, a strip along its middle, the back half of the raised side",
        "order forms",
    ),
    Parameter::number(
        "rearfoot_post_grind_deg",
        (0.0, 8.0, "deg"),
        Preset::Number(0.0),
        "a of \"a/b\": how far the lateral half of the face is ground off; 4/4 usual, 4/0 holds",
        "ProLab-169",
    ),
    Parameter::number(
        "rearfoot_post_motion_deg",
        (0.0, 8.0, "deg"),
        Preset::Number(0.0),
        "b of \"a/b\": how far the heel may roll in from there",
        "ProLab-169",
    ),
    Parameter::number(
        "forefoot_post_deg",
        (-5.0, 6.0, "deg"),
        Preset::Open,
        "wedge under the distal edge, + lateral (valgus), - medial (varus); decided by the optimizer when open",
        KNEE,
    ),
    word(
        "forefoot_post_construction",
        &["extrinsic", "intrinsic"],
        "a strip under the edge, or in the shell alone (balance)",
        "order forms",
    ),
    Parameter::number(
        "wedge_deg",
        (-10.0, 10.0, "deg"),
        Preset::Number(0.0),
        "wedge under the device on top of its posts, + lateral (valgus), - medial (varus)",
        "5-7 in trials for the knee",
    ),
    word(
        "wedge_extent",
        &["full", "heel", "forefoot"],
        "how much of the device stands on it",
        "full or partial wedges of order forms",
    ),
    mm(
        "heel_lift_mm",
        (0.0, 12.0),
        "raise under the heel that tapers off in front of it",
        "6 on a post, 12 the most inside a shoe",
    ),
    Parameter::number(
        "heel_lift_taper_mm",
        (60.0, 250.0, "mm"),
        Preset::Open,
        "where the taper ends, from the heel seat; at the ball when open",
        BENCH,
    ),
    Parameter::number(
        "arch_fill_fraction",
        (0.0, 1.0, ""),
        Preset::Number(0.0),
        "filler under the arch: share of the room down to the floor",
        "ProLab-220",
    ),
    Parameter::number(
        "shell_thickness_mm",
        (2.0, 6.0, "mm"),
        Preset::Open,
        "thickness of the shell along its normal; by the lab's weight table when open",
        "3.2-6.4 by weight in lab tables; 2-6 in studies",
    ),
    word(
        "rigidity",
        &["semi-rigid", "flexible", "semi-flexible", "rigid"],
        "how far the arch may sink under the person, for the proposed thickness; mm in the lab profile",
        "LEO; 3, 2.5, 2 and 1.2 mm of mean sinking",
    ),
    mm("thickness_heel_mm", (-2.0, 4.0), "heel thicker (+) or thinner (-) than the shell", BENCH),
    mm("thickness_arch_mm", (-2.0, 4.0), "arch thicker (+) or thinner (-) than the shell", BENCH),
    mm(
        "thickness_forefoot_mm",
        (-2.0, 4.0),
        "distal part thicker (+) or thinner (-) than the shell",
        BENCH,
    ),
    mm("ribs_mm", (0.0, 5.0), "ribs under the arch along the foot: how far they stand out", BENCH),
    Parameter::count("ribs_count", (1, 4), 3, "how many ribs", BENCH),
    // Printed shells: density of the infill by zone.
    infill("infill_heel_pct", "infill under the heel"),
    infill("infill_arch_pct", "infill under the arch, between heel and ball"),
    infill("infill_forefoot_pct", "infill under the ball and in front of it"),
    infill("infill_medial_pct", "infill of the medial half; overrules heel, arch and forefoot"),
    infill("infill_lateral_pct", "infill of the lateral half; overrules heel, arch and forefoot"),
    infill(
        "infill_unload_pct",
        "infill under places of excessive pressure, of the recording under [gait] pressure; overrules all others",
    ),
    Parameter::number(
        "infill_blend_mm",
        (2.0, 60.0, "mm"),
        Preset::Number(12.0),
        "width over which the infill changes from one zone to the next",
        "half a thumb; no ridge is felt",
    ),
];
