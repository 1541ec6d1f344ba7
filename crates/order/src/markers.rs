//! Marker sets of motion laboratories.

use crate::{Parameter, Preset};

const LAB: &str = "the laboratory's protocol";
const DEFINITION: &str = "anatomical landmark; palpation as in van Sint Jan 2007";

/// Most labels that may stand for one place on the body.
const LABELS: u32 = 12;

/// Keys of a marker profile. A label may hold `{s}` for the side's letter, and end with `#2` for the second marker of
/// that label; case, spaces and punctuation do not matter.
pub const MARKERS: &[Parameter] = &[
    Parameter::text("name", Preset::Required, "name shown on sheets", LAB),
    Parameter::text("left", Preset::Text("L"), "what stands for {s} on the left", LAB),
    Parameter::text("right", Preset::Text("R"), "what stands for {s} on the right", LAB),
    Parameter::choice(
        "joint_centers",
        &["midpoint", "chord"],
        Preset::Text("midpoint"),
        "knee and ankle centers: midway between medial and lateral marker, or from a wand and the joint's width",
        "midpoint: Wu 2002, Grood and Suntay 1983; chord: Davis 1991",
    ),
    Parameter::choice(
        "hip",
        &["harrington", "bell", "davis"],
        Preset::Text("harrington"),
        "regression for the hip center",
        "Harrington 2007; Bell 1989 and 1990; Davis 1991",
    ),
    Parameter::number(
        "marker_radius_mm",
        (1.0, 25.0, "mm"),
        Preset::Number(7.0),
        "from skin to the marker's center",
        "markers of 14 mm, the usual size",
    ),
    Parameter::texts("asis", LABELS, "anterior superior iliac spine", DEFINITION),
    Parameter::texts("psis", LABELS, "posterior superior iliac spine", DEFINITION),
    Parameter::texts("sacrum", LABELS, "midway between the posterior spines", DEFINITION),
    Parameter::texts("knee_lateral", LABELS, "lateral epicondyle of the femur", DEFINITION),
    Parameter::texts("knee_medial", LABELS, "medial epicondyle of the femur", DEFINITION),
    Parameter::texts("ankle_lateral", LABELS, "lateral malleolus", DEFINITION),
    Parameter::texts("ankle_medial", LABELS, "medial malleolus", DEFINITION),
    Parameter::texts("heel", LABELS, "back of the heel", DEFINITION),
    Parameter::texts("toe", LABELS, "front of the foot on its long axis", DEFINITION),
    Parameter::texts("first_metatarsal", LABELS, "first metatarsal head", DEFINITION),
    Parameter::texts("second_metatarsal", LABELS, "second metatarsal head", DEFINITION),
    Parameter::texts("fifth_metatarsal", LABELS, "fifth metatarsal head", DEFINITION),
    Parameter::texts("thigh", LABELS, "markers that move with the thigh, a wand first", LAB),
    Parameter::texts("shank", LABELS, "markers that move with the shank, a wand first", LAB),
    Parameter::texts("foot", LABELS, "further markers that move with the foot", LAB),
    Parameter::texts("rearfoot", LABELS, "three or more markers that move with the heel bone", LAB),
];
