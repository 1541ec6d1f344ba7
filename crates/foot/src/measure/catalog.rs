//! Every measure's one entry: key, name, definition, unit, usual values, source.
//!
//! Sheet, JSON, report and handbook derive from [`MEASURES`].

use serde::Serialize;

use crate::WeightBearing;

/// What healthy adults have.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Norm {
    /// Mean, in the measure's unit, or as a share of the foot length.
    pub mean: f64,
    /// Standard deviation between persons, like `mean`; `None` where the source does not give it.
    pub deviation: Option<f64>,
    /// Whether both are shares of the foot length.
    pub of_length: bool,
}

impl Norm {
    const fn share(mean: f64, deviation: f64) -> Option<Self> {
        Some(Self { mean, deviation: Some(deviation), of_length: true })
    }

    const fn value(mean: f64, deviation: f64) -> Option<Self> {
        Some(Self { mean, deviation: Some(deviation), of_length: false })
    }

    const fn only_mean(mean: f64) -> Option<Self> {
        Some(Self { mean, deviation: None, of_length: false })
    }

    /// Mean and standard deviation in the measure's unit for a foot of this length.
    #[must_use]
    pub fn for_length(&self, length_mm: f64) -> (f64, Option<f64>) {
        let scale = if self.of_length { length_mm } else { 1.0 };
        (scale * self.mean, self.deviation.map(|deviation| scale * deviation))
    }
}

/// A measure of the foot.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Measure {
    /// Key in files; ends with the unit.
    pub key: &'static str,
    /// Name for people.
    pub name: &'static str,
    /// `"mm"`, `"deg"`, or empty for ratios.
    pub unit: &'static str,
    /// Decimals that mean something.
    pub decimals: usize,
    /// How it is measured.
    pub definition: &'static str,
    /// What standing adults have, where it is known.
    pub standing: Option<Norm>,
    /// What adults have whose foot bears a tenth of their weight or less, where it is known.
    pub seated: Option<Norm>,
    /// Where definition and usual values come from.
    pub source: &'static str,
    /// Standard error of one measurement on a fine scan without noise, in the unit. Found on phantoms.
    pub error: f64,
    /// Standard error per mm of the scan's noise, in the unit per mm.
    pub error_per_noise: f64,
    /// Difference between left and right up to which it is usual, in the unit.
    pub usual_difference: f64,
}

impl Measure {
    /// What adults have under this load; that of standing feet where no other is known and the load
    /// hardly matters (lengths and widths).
    #[must_use]
    pub fn norm(&self, load: WeightBearing) -> Option<Norm> {
        match load {
            WeightBearing::Full => self.standing,
            WeightBearing::Semi | WeightBearing::Unloaded => self.seated,
        }
    }

    /// Usual values in words, such as `"87.9–108.2"` (mean ± 2 SD) or `"about 6"`; empty if unknown.
    #[must_use]
    pub fn usual(&self, load: WeightBearing, length_mm: f64) -> String {
        let Some(norm) = self.norm(load) else { return String::new() };
        let decimals = self.decimals;
        match norm.for_length(length_mm) {
            (mean, Some(deviation)) => {
                let [low, high] = [mean - 2.0 * deviation, mean + 2.0 * deviation];
                format!("{low:.decimals$}–{high:.decimals$}")
            }
            (mean, None) => format!("about {mean:.decimals$}"),
        }
    }
}

macro_rules! measures {
    ($($(#[$doc:meta])* $name:ident = $entry:expr,)+) => {
        /// The name of a measure, in the order of lists.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum MeasureName { $($(#[$doc])* $name,)+ }

        impl MeasureName {
            /// Every measure.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// Its entry.
            #[must_use]
            pub const fn entry(self) -> &'static Measure {
                &MEASURES[self as usize]
            }
        }

        /// Every measure, in the order of [`MeasureName::ALL`].
        pub const MEASURES: &[Measure] = &[$($entry),+];
    };
}

measures! {
    /// Foot length.
    Length = Measure {
        key: "length_mm",
        name: "Foot length",
        unit: "mm",
        decimals: 1,
        definition: "most posterior heel to foremost toe, along the foot's axis",
        standing: None,
        seated: None,
        source: "ANSUR II, foot length; women 246.3 ± 12.4 mm, so no range for all",
        error: 0.2,
        error_per_noise: 1.0,
        usual_difference: 4.0,
    },
    /// Ball width.
    BallWidth = Measure {
        key: "ball_width_mm",
        name: "Ball width",
        unit: "mm",
        decimals: 1,
        definition: "first to fifth metatarsal head, across the axis",
        standing: Norm::share(0.377, 0.018),
        seated: Norm::share(0.377, 0.018),
        source: "ANSUR II (1,986 women), foot breadth over foot length",
        error: 0.3,
        error_per_noise: 1.0,
        usual_difference: 3.0,
    },
    /// Heel width.
    HeelWidth = Measure {
        key: "heel_width_mm",
        name: "Heel width",
        unit: "mm",
        decimals: 1,
        definition: "widest part of the heel, across the axis",
        standing: Norm::share(0.273, 0.018),
        seated: Norm::share(0.273, 0.018),
        source: "ANSUR II (1,986 women), heel breadth over foot length",
        error: 0.4,
        error_per_noise: 1.0,
        usual_difference: 3.0,
    },
    /// Truncated length.
    TruncatedLength = Measure {
        key: "truncated_length_mm",
        name: "Truncated length",
        unit: "mm",
        decimals: 1,
        definition: "most posterior heel to the first metatarsal head, along the axis",
        standing: Norm::share(0.739, 0.013),
        seated: Norm::share(0.739, 0.013),
        source: "Williams and McClay 2000, Phys Ther 80:864; ANSUR II, ball of foot length over foot length",
        error: 1.5,
        error_per_noise: 2.0,
        usual_difference: 5.0,
    },
    /// Ball girth.
    BallGirth = Measure {
        key: "ball_girth_mm",
        name: "Ball girth",
        unit: "mm",
        decimals: 1,
        definition: "tape around both metatarsal heads: convex hull of the upright section through them",
        standing: Norm::share(0.926, 0.048),
        seated: Norm::share(0.926, 0.048),
        source: "ANSUR II, ball of foot circumference; spread is that of the girth itself, an upper bound",
        error: 1.0,
        error_per_noise: 2.5,
        usual_difference: 6.0,
    },
    /// Instep girth.
    InstepGirth = Measure {
        key: "instep_girth_mm",
        name: "Instep girth",
        unit: "mm",
        decimals: 1,
        definition: "tape around the foot at half its length: convex hull of the upright section across the axis",
        standing: None,
        seated: None,
        source: "section at half the foot length, as for the arch height index",
        error: 0.8,
        error_per_noise: 2.5,
        usual_difference: 6.0,
    },
    /// Dorsum height.
    DorsumHeight = Measure {
        key: "dorsum_height_mm",
        name: "Dorsum height",
        unit: "mm",
        decimals: 1,
        definition: "highest point of the dorsum over the ground at half the foot length",
        standing: None,
        seated: None,
        source: "Williams and McClay 2000, Phys Ther 80:864",
        error: 0.3,
        error_per_noise: 0.7,
        usual_difference: 4.0,
    },
    /// Arch height.
    ArchHeight = Measure {
        key: "arch_height_mm",
        name: "Arch height",
        unit: "mm",
        decimals: 1,
        definition: "sole over the ground at the arch apex, on the line from heel seat to first metatarsal head",
        standing: None,
        seated: None,
        source: "height of the soft tissue, not of a bone; no range is established",
        error: 0.4,
        error_per_noise: 0.7,
        usual_difference: 3.0,
    },
    /// Arch height index.
    ArchHeightIndex = Measure {
        key: "arch_height_index",
        name: "Arch height index",
        unit: "",
        decimals: 3,
        definition: "dorsum height at half the foot length over truncated length",
        standing: Norm::value(0.340, 0.030),
        seated: Norm::value(0.363, 0.030),
        source: "Williams and McClay 2000, Phys Ther 80:864; Butler et al. 2008, JAPMA 98:102 (100 runners)",
        error: 0.005,
        error_per_noise: 0.006,
        usual_difference: 0.02,
    },
    /// Arch index.
    ArchIndex = Measure {
        key: "arch_index",
        name: "Arch index",
        unit: "",
        decimals: 3,
        definition: "middle third of the toeless contact print over the whole toeless print, by area",
        standing: Norm::value(0.23, 0.046),
        seated: None,
        source: "Cavanagh and Rodgers 1987, J Biomech 20:547: high arch up to 0.21, flat from 0.26 (standing)",
        error: 0.012,
        error_per_noise: 0.02,
        usual_difference: 0.04,
    },
    /// Navicular height.
    NavicularHeight = Measure {
        key: "navicular_height_mm",
        name: "Navicular height",
        unit: "mm",
        decimals: 1,
        definition: "skin over the navicular's tuberosity over the ground",
        standing: None,
        seated: None,
        source: "Brody 1982, Orthop Clin North Am 13:541; no range holds for all foot lengths",
        error: 2.5,
        error_per_noise: 1.0,
        usual_difference: 5.0,
    },
    /// Forefoot against rearfoot.
    ForefootAngle = Measure {
        key: "forefoot_angle_deg",
        name: "Forefoot to rearfoot",
        unit: "deg",
        decimals: 1,
        definition: "plantar plane of the metatarsal heads against that of the heel, seen from behind; + lateral \
                     border raised (valgus), - medial border raised (varus)",
        standing: None,
        seated: Norm::only_mean(-6.0),
        source: "Åström and Arvidson 1995, JOSPT 22:216 (121 adults, unloaded); a standing foot hides the angle",
        error: 1.0,
        error_per_noise: 1.0,
        usual_difference: 3.0,
    },
    /// Rearfoot angle.
    RearfootAngle = Measure {
        key: "rearfoot_angle_deg",
        name: "Rearfoot angle",
        unit: "deg",
        decimals: 1,
        definition: "line that bisects heel and Achilles tendon against the upright, seen from behind; + heel \
                     everted (valgus), - inverted (varus)",
        standing: Norm::only_mean(7.0),
        seated: None,
        source: "Åström and Arvidson 1995, JOSPT 22:216 (121 adults, calcaneal stance)",
        error: 1.5,
        error_per_noise: 1.0,
        usual_difference: 3.0,
    },
    /// Arch length.
    ArchLength = Measure {
        key: "arch_length_mm",
        name: "Arch length",
        unit: "mm",
        decimals: 1,
        definition: "length over which the medial arch line is clear of the contact band",
        standing: None,
        seated: None,
        source: "span between heel and ball contact on the line of the arch height",
        error: 3.0,
        error_per_noise: 5.0,
        usual_difference: 8.0,
    },
    /// Place of the apex.
    ArchApex = Measure {
        key: "arch_apex_mm",
        name: "Arch apex",
        unit: "mm",
        decimals: 1,
        definition: "most posterior heel to the arch apex, along the axis",
        standing: None,
        seated: None,
        source: "highest point of the arch height's line",
        error: 3.0,
        error_per_noise: 4.0,
        usual_difference: 8.0,
    },
    /// Direction of the second toe.
    FootAxis = Measure {
        key: "foot_axis_deg",
        name: "Second toe to axis",
        unit: "deg",
        decimals: 1,
        definition: "direction from heel seat to the tip of the second toe against the foot's axis; + lateral",
        standing: None,
        seated: None,
        source: "axis of the foot frame: middle of the heel to the second metatarsal head",
        error: 0.8,
        error_per_noise: 0.3,
        usual_difference: 4.0,
    },
}
