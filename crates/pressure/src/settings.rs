//! Thresholds, limits and norms: a lab's habits, read from `profiles/pressure`.

use crate::Region;

/// What is normal for a region's peak pressure, kPa.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Norm {
    /// Mean of healthy walkers.
    pub mean_kpa: f64,
    /// Standard deviation between them.
    pub sd_kpa: f64,
}

/// Everything that decides what a step, a contact and an excess is.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// A contact begins at this force, N …
    pub contact_force_n: f64,
    /// … or at this share of the recording's usual peak force, whichever is more.
    pub contact_force_share: f64,
    /// A contact ends under this share of the force at which it begins (hysteresis).
    pub release_share: f64,
    /// Shortest and longest contact that counts as a step, s.
    pub step_s: [f64; 2],
    /// A cell touches the foot from this pressure on, kPa.
    pub contact_kpa: f64,
    /// Least force at which a center of pressure is known, N.
    pub path_force_n: f64,
    /// Usual peak force of a walking step, body weights.
    pub load_bw: [f64; 2],
    /// Limit for feet without protective sensation, kPa.
    pub neuropathic_limit_kpa: f64,
    /// A peak is excessive from this number of standard deviations over the norm on.
    pub excess_sd: f64,
    /// Norms of barefoot walking in the order of [`Region::ALL`]. Shoes spread the load, so a peak over them
    /// in a shoe is all the more excessive, except in the midfoot, where the shoe itself presses.
    pub norms: [Norm; 8],
}

impl Settings {
    /// From a profile: `number` gives the value of a declared key (`order::PRESSURE`).
    #[must_use]
    pub fn read(number: impl Fn(&str) -> f64) -> Self {
        let share = |key: &str| number(key) / 100.0;
        Self {
            contact_force_n: number("contact_force_n"),
            contact_force_share: share("contact_force_pct"),
            release_share: share("release_pct"),
            step_s: [number("step_shortest_s"), number("step_longest_s")],
            contact_kpa: number("contact_kpa"),
            path_force_n: number("path_force_n"),
            load_bw: [number("load_low_bw"), number("load_high_bw")],
            neuropathic_limit_kpa: number("neuropathic_limit_kpa"),
            excess_sd: number("excess_sd"),
            norms: Region::ALL.map(|region| Norm {
                mean_kpa: number(&format!("norm_{}_kpa", region.key())),
                sd_kpa: number(&format!("norm_{}_sd_kpa", region.key())),
            }),
        }
    }

    /// The norm of a region.
    #[must_use]
    pub const fn norm(&self, region: Region) -> Norm {
        self.norms[region as usize]
    }
}
