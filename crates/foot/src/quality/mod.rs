//! The quality gate: numbers that say how far a scan can be trusted, and the verdict on each.
//!
//! [`examine`] finds the numbers, [`judge`] compares them with a lab's limits. Both are pure: the limits
//! come from the lab's profile.

mod crossings;
mod ends;
mod likeness;
mod noise;
mod openings;
mod probe;
mod steps;
mod surface;

use geometry::TriMesh;
use serde::Serialize;

use crate::Foot;
use crate::below::look;
use crate::pose::CEILING_SHARE;
use probe::Cells;
use surface::Surface;

/// How far a scan can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Without reserve.
    Good,
    /// With a warning.
    Usable,
    /// Not at all.
    Refused,
}

impl Verdict {
    /// `"good"`, `"usable"` or `"refused"`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Usable => "usable",
            Self::Refused => "refused",
        }
    }
}

/// A check's one entry.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct CheckEntry {
    /// Key in files, without unit.
    pub key: &'static str,
    /// Ending of its number's unit: `"mm"`, `"pct"`, `"cm2"`, or empty for counts and ratios.
    pub unit: &'static str,
    /// Name for people.
    pub name: &'static str,
    /// Decimals that mean something.
    pub decimals: usize,
    /// Whether a small number is the bad one.
    pub low_is_bad: bool,
    /// What the number is.
    pub definition: &'static str,
    /// What to do if it is bad.
    pub advice: &'static str,
}

macro_rules! checks {
    ($($(#[$doc:meta])* $name:ident = $entry:expr,)+) => {
        /// The name of a check, in the order of lists.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum CheckName { $($(#[$doc])* $name,)+ }

        impl CheckName {
            /// Every check.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// Its entry.
            #[must_use]
            pub const fn entry(self) -> &'static CheckEntry {
                const ENTRIES: &[CheckEntry] = &[$($entry),+];
                &ENTRIES[self as usize]
            }
        }
    };
}

checks! {
    /// Is it a foot?
    Object = CheckEntry {
        key: "object", unit: "", name: "Wrong object", decimals: 2, low_is_bad: false,
        definition: "distance of the shape's proportions from those of feet, in standard deviations (root mean square)",
        advice: "check what was scanned",
    },
    /// Is it as long as the hand measured?
    Scale = CheckEntry {
        key: "scale_error", unit: "pct", name: "Unit and scale", decimals: 1, low_is_bad: false,
        definition: "difference of the foot's length from the length measured by hand",
        advice: "check the unit, the scanner's calibration and the measured length",
    },
    /// How much of the sole was seen?
    Coverage = CheckEntry {
        key: "sole_coverage", unit: "pct", name: "Coverage of the sole", decimals: 1, low_is_bad: true,
        definition: "share of the sole's silhouette that has a surface",
        advice: "scan the sole again without gaps",
    },
    /// Was the sole imaged or a flat plane put there?
    FlatSole = CheckEntry {
        key: "flat_sole", unit: "pct", name: "Sole not imaged", decimals: 0, low_is_bad: false,
        definition: "share of the sole's silhouette that lies flat on the ground; a footprint covers about half",
        advice: "the scanner did not see the sole: scan it from below, or order the arch height by hand",
    },
    /// How rough is the surface?
    Noise = CheckEntry {
        key: "noise", unit: "mm", name: "Noise", decimals: 2, low_is_bad: false,
        definition: "spread of the surface's points around smooth patches fitted to their neighbors (robust standard \
                     deviation)",
        advice: "hold foot and scanner still, add light, or let the scanner's program smooth the surface",
    },
    /// How coarse is it?
    Resolution = CheckEntry {
        key: "resolution", unit: "mm", name: "Resolution", decimals: 1, low_is_bad: false,
        definition: "median length of the mesh's edges",
        advice: "export the scan with more triangles",
    },
    /// How many holes?
    HoleCount = CheckEntry {
        key: "hole_count", unit: "", name: "Holes", decimals: 0, low_is_bad: false,
        definition: "openings of more than 0.1 cm² beside that of the leg",
        advice: "look at the holes in the picture and scan again if they lie on sole or heel",
    },
    /// How large are they?
    HoleArea = CheckEntry {
        key: "hole_area", unit: "cm2", name: "Area of holes", decimals: 1, low_is_bad: false,
        definition: "area of all openings beside that of the leg",
        advice: "scan again so that the surface closes",
    },
    /// Is the heel there?
    HeelCut = CheckEntry {
        key: "heel_cut", unit: "pct", name: "Heel cut off", decimals: 0, low_is_bad: false,
        definition: "share of the back end of the foot that is one flat cut or an opening",
        advice: "the heel lies outside the scan: scan the whole foot",
    },
    /// Are the toes there?
    ToesCut = CheckEntry {
        key: "toes_cut", unit: "pct", name: "Toes cut off", decimals: 0, low_is_bad: false,
        definition: "share of the front end of the foot that is one flat cut or an opening",
        advice: "the toes lie outside the scan: scan the whole foot",
    },
    /// Is the surface there twice?
    DoubleSurface = CheckEntry {
        key: "double_surface", unit: "pct", name: "Double surface", decimals: 1, low_is_bad: false,
        definition: "share of the surface that has a second layer, facing the same way, within 6 mm",
        advice: "the foot moved between views: scan again, or merge the views",
    },
    /// By how much do views disagree?
    MotionStep = CheckEntry {
        key: "motion_step", unit: "mm", name: "Motion step", decimals: 2, low_is_bad: false,
        definition: "median distance between the layers of a double surface, or the largest step along the foot",
        advice: "the foot moved between views: scan again",
    },
    /// Does the surface cut through itself?
    SelfIntersection = CheckEntry {
        key: "self_intersections", unit: "pct", name: "Self-intersections", decimals: 2, low_is_bad: false,
        definition: "share of the triangles that cut through another one (of at most 12 000 that are looked at)",
        advice: "look for folds and doubled views in the scanner's program",
    },
    /// Do two ways to find the heel seat agree?
    SeatDoubt = CheckEntry {
        key: "seat_doubt", unit: "mm", name: "Heel seat uncertain", decimals: 2, low_is_bad: false,
        definition: "distance between the heel seat by all of the heel's contact and by its lowest half",
        advice: "the heel's underside is uneven: look at the height map, and mark the heel seat by hand if it matters",
    },
    /// Do two ways to level the foot agree?
    RollDoubt = CheckEntry {
        key: "level_doubt", unit: "deg", name: "Ground uncertain", decimals: 2, low_is_bad: false,
        definition: "angle between the ground by the heel's skin within 1.5 mm of it and within 0.5 mm",
        advice: "the heel's contact is not flat: compare posts and angles with the foot",
    },
    /// How surely is the truncated length known?
    HeadsDoubt = CheckEntry {
        key: "heads_error", unit: "mm", name: "Metatarsal heads uncertain", decimals: 2, low_is_bad: false,
        definition: "standard error of the metatarsal heads' place along the foot, by the roughness of the skin there",
        advice: "the truncated length is less sure than half a millimeter: mark the heads by hand if it matters",
    },
}

/// What one check found and how it was judged.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Check {
    /// Key with unit, such as `"noise_mm"`.
    pub check: String,
    /// The number; `None` if it could not be found.
    pub value: Option<f64>,
    /// Up to here (or from here, where small is bad) it is good.
    pub limit: Option<f64>,
    /// From here on it is refused; `None` if it is never.
    pub refused_limit: Option<f64>,
    /// The verdict.
    pub verdict: Verdict,
    /// One sentence with number, limit and what to do; empty for a good one.
    pub message: String,
}

/// Limits of a check.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limit {
    /// Up to here (or from here, where small is bad) it is good.
    pub good: f64,
    /// Beyond this it is refused; infinite if never.
    pub refused: f64,
}

/// The numbers of a scan, by check; `None` where there is nothing to say.
#[derive(Clone, Debug, PartialEq)]
pub struct Evidence {
    values: Vec<Option<f64>>,
}

impl Evidence {
    /// The number of one check.
    #[must_use]
    pub fn value(&self, name: CheckName) -> Option<f64> {
        self.values[name as usize]
    }

    /// Noise of the surface, mm; 0 where it could not be found.
    #[must_use]
    pub fn noise_mm(&self) -> f64 {
        self.value(CheckName::Noise).unwrap_or(0.0)
    }
}

/// What is known of the scan beside the foot found in it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Known {
    /// Foot length measured by hand, mm.
    pub length_mm: Option<f64>,
}

/// Share of the surface with a second layer from which there is one, percent.
const LEAST_DOUBLE_PCT: f64 = 2.0;

/// Step that noise alone makes, mm per mm: the largest of some hundred places, each with a tenth of it.
const STEP_PER_NOISE: f64 = 1.2;

/// Noise of any surface, mm, for a scan in which no foot was found; `None` if it cannot be told.
#[must_use]
pub fn surface_noise(mesh: &TriMesh) -> Option<f64> {
    noise::noise_mm(mesh, &Surface::of(mesh, noise::points(mesh)))
}

/// What the shape of a foot itself leaves between the points of a coarse mesh and smooth patches through
/// their neighbors, mm: nothing on edges of up to 4 mm, 0.3 mm on edges of 6 mm, as on a smooth model of a
/// foot with such edges.
fn shape_as_noise(median_edge: f64) -> f64 {
    const FINE_EDGE_MM: f64 = 4.0;
    const PER_SQUARE: f64 = 0.015;
    PER_SQUARE * (median_edge * median_edge - FINE_EDGE_MM * FINE_EDGE_MM).max(0.0)
}

/// Finds the numbers of a scan's foot.
#[must_use]
pub fn examine(foot: &Foot, known: &Known) -> Evidence {
    let length = foot.measurements.length_mm;
    let (mesh, spacing) = (&foot.mesh, foot.plantar.heights.spacing);
    let median_edge = surface::median_edge(mesh);
    let ((surface, noise), (cells, view)) = rayon::join(
        || {
            let surface = Surface::of(mesh, noise::points(mesh));
            let noise = noise::noise_mm(mesh, &surface)
                .map(|noise| (noise - shape_as_noise(median_edge.unwrap_or(0.0))).max(0.0));
            (surface, noise)
        },
        || {
            let cells = Cells::of_size(mesh, probe::cell_size(median_edge.unwrap_or(1.0)));
            (cells, look(&mesh.vertices, &mesh.triangles, spacing, CEILING_SHARE * length))
        },
    );
    let openings = openings::openings(foot, &surface, &cells);
    let [heel_cut, toes_cut] = ends::cuts(foot, &openings);
    let (double_pct, layers_mm) = probe::double_surface(mesh, &cells, noise.unwrap_or(0.0));
    let heel_back = foot.landmarks.heel_back.position.y;
    let step_mm = view.as_ref().map_or(0.0, |view| steps::step_mm(view, heel_back, length));
    let step_mm = (step_mm - STEP_PER_NOISE * noise.unwrap_or(0.0)).max(0.0);
    // A few folds of a rough mesh are no second layer.
    let layers_mm = if double_pct > LEAST_DOUBLE_PCT { layers_mm } else { 0.0 };
    let large = |area: &f64| *area > openings::SPECK_CM2;
    let areas: Vec<f64> = openings.iter().map(|opening| opening.area_cm2).collect();
    let values = CheckName::ALL
        .iter()
        .map(|name| match name {
            CheckName::Object => Some(likeness::distance(foot)),
            CheckName::Scale => {
                known.length_mm.map(|by_hand| 100.0 * (length / by_hand - 1.0).abs())
            }
            CheckName::Coverage => {
                view.as_ref().and_then(|view| openings::sole_coverage_pct(foot, view))
            }
            CheckName::FlatSole => Some(100.0 * foot.sole.flat_share),
            CheckName::Noise => noise,
            CheckName::Resolution => median_edge,
            CheckName::HoleCount => Some(areas.iter().filter(|area| large(area)).count() as f64),
            // A sum of nothing would be -0.
            CheckName::HoleArea => Some(areas.iter().fold(0.0, |sum, area| sum + area)),
            CheckName::HeelCut => Some(heel_cut),
            CheckName::ToesCut => Some(toes_cut),
            CheckName::DoubleSurface => Some(double_pct),
            CheckName::MotionStep => Some(layers_mm.max(step_mm)),
            CheckName::SelfIntersection => Some(crossings::crossing_pct(mesh, &cells)),
            CheckName::SeatDoubt => Some(foot.doubt.seat_mm),
            CheckName::RollDoubt => Some(foot.doubt.roll_deg),
            CheckName::HeadsDoubt => Some(foot.doubt.heads_mm),
        })
        .collect();
    Evidence { values }
}

/// Judges the numbers by a lab's limits. A check without a number is left out.
#[must_use]
pub fn judge(evidence: &Evidence, limit_of: impl Fn(CheckName) -> Limit) -> Vec<Check> {
    CheckName::ALL
        .iter()
        .filter_map(|&name| Some(judge_one(name, evidence.value(name)?, limit_of(name))))
        .collect()
}

/// The worst of the verdicts; good if there is none.
#[must_use]
pub fn worst(checks: &[Check]) -> Verdict {
    checks.iter().map(|check| check.verdict).max().unwrap_or(Verdict::Good)
}

/// Judges one number by its limits.
#[must_use]
pub fn judge_one(name: CheckName, value: f64, limit: Limit) -> Check {
    let entry = name.entry();
    let beyond = |limit: f64| if entry.low_is_bad { value < limit } else { value > limit };
    let verdict = match (beyond(limit.refused), beyond(limit.good)) {
        (true, _) => Verdict::Refused,
        (false, true) => Verdict::Usable,
        (false, false) => Verdict::Good,
    };
    let message = if verdict == Verdict::Good {
        String::new()
    } else {
        let crossed = if verdict == Verdict::Refused { limit.refused } else { limit.good };
        let decimals = entry.decimals;
        let unit = unit_words(entry.unit);
        format!(
            "{}: {value:.decimals$}{unit} ({} {crossed}{unit} is {}): {}",
            entry.name,
            if entry.low_is_bad { "from" } else { "up to" },
            if verdict == Verdict::Refused { "usable" } else { "good" },
            entry.advice
        )
    };
    Check {
        check: key(entry),
        value: Some(value),
        limit: Some(limit.good),
        refused_limit: Some(limit.refused).filter(|limit| limit.is_finite()),
        verdict,
        message,
    }
}

/// Key of a check with its unit.
#[must_use]
pub fn key(entry: &CheckEntry) -> String {
    if entry.unit.is_empty() {
        entry.key.to_owned()
    } else {
        format!("{}_{}", entry.key, entry.unit)
    }
}

/// A unit as people write it, with the space before it.
#[must_use]
pub fn unit_words(unit: &str) -> &'static str {
    match unit {
        "mm" => " mm",
        "pct" => " %",
        "cm2" => " cm²",
        "deg" => "°",
        _ => "",
    }
}
