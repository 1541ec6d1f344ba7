use serde::Serialize;

use crate::FootContact;
use crate::press::Real;

/// Regions of the sole, as pressure laboratories mask them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Region {
    /// Rear 27 % of the foot, medial half.
    MedialHeel,
    /// Rear 27 % of the foot, lateral half.
    LateralHeel,
    /// 27 to 58 %.
    Midfoot,
    /// 58 to 78 %, medial half.
    MedialForefoot,
    /// 58 to 78 %, lateral half.
    LateralForefoot,
    /// In front of 78 %.
    Toes,
}

impl Region {
    /// All regions, heel to toes.
    pub const ALL: [Self; 6] = [
        Self::MedialHeel,
        Self::LateralHeel,
        Self::Midfoot,
        Self::MedialForefoot,
        Self::LateralForefoot,
        Self::Toes,
    ];

    /// The region of a place `along` the foot (0 heel, 1 toes) at `y_mm` lateral of its axis.
    ///
    /// The column of nodes on the axis counts as medial, as in the handbook's figures.
    #[must_use]
    pub fn of(along: f64, y_mm: f64) -> Self {
        match (along, y_mm <= 0.0) {
            (..0.27, true) => Self::MedialHeel,
            (..0.27, false) => Self::LateralHeel,
            (..0.58, _) => Self::Midfoot,
            (..0.78, true) => Self::MedialForefoot,
            (..0.78, false) => Self::LateralForefoot,
            _ => Self::Toes,
        }
    }

    /// The region's name in words.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::MedialHeel => "medial heel",
            Self::LateralHeel => "lateral heel",
            Self::Midfoot => "midfoot",
            Self::MedialForefoot => "medial forefoot",
            Self::LateralForefoot => "lateral forefoot",
            Self::Toes => "toes",
        }
    }
}

/// What a region carries over a stance.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct RegionLoad {
    /// Highest pressure at any node and instant, kPa.
    pub peak_pressure_kpa: f64,
    /// Highest force at any instant, N.
    pub peak_force_n: f64,
}

/// Plantar pressure over a stance.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PressureMap {
    /// Highest pressure of each contact node over stance, kPa, in the order of the foot's nodes.
    pub peak_kpa: Vec<f64>,
    /// By region, in the order of [`Region::ALL`].
    pub regions: [RegionLoad; 6],
    /// Highest pressure under the medial arch, kPa.
    pub arch_peak_kpa: f64,
    /// Highest force under the medial arch, N.
    pub arch_peak_force_n: f64,
}

impl PressureMap {
    /// What a region carries.
    #[must_use]
    pub fn region(&self, region: Region) -> RegionLoad {
        self.regions[region as usize]
    }

    /// Highest pressure anywhere, kPa.
    #[must_use]
    pub fn peak(&self) -> f64 {
        self.peak_kpa.iter().copied().fold(0.0, f64::max)
    }

    pub(crate) fn new(nodes: usize) -> Self {
        Self {
            peak_kpa: vec![0.0; nodes],
            regions: [RegionLoad::default(); 6],
            arch_peak_kpa: 0.0,
            arch_peak_force_n: 0.0,
        }
    }

    /// Takes in the pressures of one instant, kPa per node.
    pub(crate) fn take<T: Real>(&mut self, masks: &Masks, kpa: &[T]) {
        for (peak, kpa) in self.peak_kpa.iter_mut().zip(kpa) {
            let kpa = kpa.wide();
            *peak = if kpa > *peak { kpa } else { *peak };
        }
        let mut sums = [0.0; 6];
        for (region, from, to) in &masks.runs {
            sums[*region as usize] += sum(&kpa[*from..*to]);
        }
        for (region, sum) in self.regions.iter_mut().zip(sums) {
            region.peak_force_n = region.peak_force_n.max(sum * masks.newton_per_kpa);
        }
        let arch: f64 = masks.arch.iter().map(|node| kpa[*node].wide()).sum();
        self.arch_peak_force_n = self.arch_peak_force_n.max(arch * masks.newton_per_kpa);
    }

    /// Fills in the peaks by region once all instants were taken.
    pub(crate) fn finish(mut self, masks: &Masks) -> Self {
        for (node, peak) in self.peak_kpa.iter().enumerate() {
            let region = &mut self.regions[masks.region[node] as usize];
            region.peak_pressure_kpa = region.peak_pressure_kpa.max(*peak);
        }
        for node in &masks.arch {
            self.arch_peak_kpa = self.arch_peak_kpa.max(self.peak_kpa[*node]);
        }
        self
    }
}

/// A sum in four parts, so that additions need not wait for each other.
fn sum<T: Real>(values: &[T]) -> f64 {
    let mut parts = [T::default(); 4];
    let mut chunks = values.chunks_exact(4);
    for chunk in &mut chunks {
        for (part, value) in parts.iter_mut().zip(chunk) {
            *part += *value;
        }
    }
    for (part, value) in parts.iter_mut().zip(chunks.remainder()) {
        *part += *value;
    }
    ((parts[0] + parts[1]) + (parts[2] + parts[3])).wide()
}

/// Which node belongs where.
#[derive(Clone, Debug)]
pub(crate) struct Masks {
    region: Vec<Region>,
    /// Neighboring nodes of one region: first and one behind the last.
    runs: Vec<(Region, usize, usize)>,
    /// The nodes of the arch.
    arch: Vec<usize>,
    newton_per_kpa: f64,
}

impl Masks {
    pub(crate) fn new(foot: &FootContact) -> Self {
        let nodes = 0..foot.len();
        let region: Vec<Region> =
            nodes.clone().map(|i| Region::of(foot.along(i), foot.y_mm[i])).collect();
        let mut runs: Vec<(Region, usize, usize)> = Vec::new();
        for (node, region) in region.iter().enumerate() {
            match runs.last_mut() {
                Some((last, _, to)) if last == region => *to = node + 1,
                _ => runs.push((*region, node, node + 1)),
            }
        }
        Self {
            region,
            runs,
            arch: nodes.filter(|node| foot.in_arch(*node)).collect(),
            newton_per_kpa: foot.cell_area_mm2 * 1e-3,
        }
    }
}
