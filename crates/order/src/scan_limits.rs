//! Keys of a scan profile: what a lab accepts as a scan.

use crate::{Parameter, Preset};

const BENCH: &str = "bench practice, editable default";
const PHANTOMS: &str = "spoiled phantoms and real scans";

/// A limit up to which (or from which) a scan is good, and the one beyond which it is refused.
macro_rules! limits {
    ($($good:literal, $refused:literal: $unit:literal $low:literal to $high:literal, $at_good:literal, $at_refused:literal, $what:literal, $source:expr;)+) => {
        &[
            Parameter::text("name", Preset::Required, "name shown on sheets", "lab"),
            Parameter::number(
                "flat_sole_good_pct",
                (40.0, 100.0, "%"),
                Preset::Number(70.0),
                "good up to this share of the sole's silhouette flat on the ground; beyond it the sole counts as not \
                 imaged, which is never refused",
                "a footprint covers about half of the silhouette, that of a flat foot up to two thirds",
            ),
            Parameter::number(
                "hole_count_good",
                (0.0, 1000.0, ""),
                Preset::Number(3.0),
                "good up to this number of holes over 0.1 cm²; their number is never refused",
                BENCH,
            ),
            $(
                Parameter::number(
                    $good,
                    ($low, $high, $unit),
                    Preset::Number($at_good),
                    concat!("good up to this: ", $what),
                    $source,
                ),
                Parameter::number(
                    $refused,
                    ($low, $high, $unit),
                    Preset::Number($at_refused),
                    concat!("refused beyond this: ", $what),
                    $source,
                ),
            )+
        ]
    };
}

/// Keys of a scan profile: the limits of the quality gate.
pub const SCAN_LIMITS: &[Parameter] = limits! {
    "object_good", "object_refused": "" 0.5 to 20.0, 1.8, 3.0,
        "distance of the proportions from those of feet, in standard deviations", PHANTOMS;
    "scale_error_good_pct", "scale_error_refused_pct": "%" 0.2 to 50.0, 2.0, 6.0,
        "difference of the length from the one measured by hand (a tape is read within 1 %)", BENCH;
    "sole_coverage_good_pct", "sole_coverage_refused_pct": "%" 0.0 to 100.0, 98.0, 50.0,
        "share of the sole that was seen (small is bad)", BENCH;
    "noise_good_mm", "noise_refused_mm": "mm" 0.01 to 10.0, 0.3, 2.5,
        "noise of the surface, standard deviation", PHANTOMS;
    "resolution_good_mm", "resolution_refused_mm": "mm" 0.5 to 50.0, 5.0, 15.0,
        "median edge of the mesh", PHANTOMS;
    "hole_area_good_cm2", "hole_area_refused_cm2": "cm²" 0.0 to 500.0, 3.0, 60.0,
        "area of all holes beside the leg's", BENCH;
    "heel_cut_good_pct", "heel_cut_refused_pct": "%" 1.0 to 100.0, 20.0, 60.0,
        "share of the back end that is one flat cut or an opening", PHANTOMS;
    "toes_cut_good_pct", "toes_cut_refused_pct": "%" 1.0 to 100.0, 20.0, 60.0,
        "share of the front end that is one flat cut or an opening", PHANTOMS;
    "double_surface_good_pct", "double_surface_refused_pct": "%" 0.0 to 100.0, 3.0, 100.0,
        "share of the surface with a second layer", PHANTOMS;
    "motion_step_good_mm", "motion_step_refused_mm": "mm" 0.05 to 20.0, 0.8, 5.0,
        "distance between layers, or step where the foot moved", PHANTOMS;
    "self_intersections_good_pct", "self_intersections_refused_pct": "%" 0.0 to 100.0, 2.0, 60.0,
        "share of the triangles that cut through another one", PHANTOMS;
    "seat_doubt_good_mm", "seat_doubt_refused_mm": "mm" 0.1 to 50.0, 0.6, 20.0,
        "distance between two ways to find the heel seat", PHANTOMS;
    "level_doubt_good_deg", "level_doubt_refused_deg": "deg" 0.05 to 20.0, 0.3, 8.0,
        "angle between two ways to level the foot", PHANTOMS;
    "heads_error_good_mm", "heads_error_refused_mm": "mm" 0.05 to 50.0, 0.3, 20.0,
        "standard error of the metatarsal heads' place along the foot", PHANTOMS;
};
