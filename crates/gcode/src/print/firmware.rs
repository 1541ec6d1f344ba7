//! Which firmware a program is for, and where firmwares read the same words differently.

use serde::{Deserialize, Serialize};

/// The program that runs on the printer's board.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Firmware {
    /// Marlin 2.
    #[default]
    Marlin,
    /// Klipper and its forks: macros by name, limits by `SET_VELOCITY_LIMIT`.
    Klipper,
    /// `RepRapFirmware` 3.
    RepRapFirmware,
    /// Prusa's Marlin.
    Prusa,
    /// Machines that read Bambu-style programs.
    Bambu,
}

impl Firmware {
    /// Every firmware, in the order of lists.
    pub const ALL: [Self; 5] =
        [Self::Marlin, Self::Klipper, Self::RepRapFirmware, Self::Prusa, Self::Bambu];

    /// The word in profiles and reports.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Marlin => "marlin",
            Self::Klipper => "klipper",
            Self::RepRapFirmware => "reprapfirmware",
            Self::Prusa => "prusa",
            Self::Bambu => "bambu",
        }
    }

    /// The firmware of a profile's word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|firmware| firmware.word() == word)
    }

    /// Whether `G90` and `G91` switch the E axis too (Marlin's G-code index); in Klipper (its
    /// G-codes page) and `RepRapFirmware` (its dictionary) only `M82` and `M83` do.
    #[must_use]
    pub const fn switches_extruder_with_g90(self) -> bool {
        matches!(self, Self::Marlin | Self::Prusa | Self::Bambu)
    }

    /// The firmware that a program's comments or commands name, from its first and its last lines
    /// (slicers write their settings at either end).
    #[must_use]
    pub fn named_in(head: &str, tail: &str) -> Option<Self> {
        let of = |text: &str| -> Option<Self> {
            let lower = text.to_ascii_lowercase();
            let after = |key: &str| {
                let at = lower.find(key)? + key.len();
                let rest = lower.get(at..)?.trim_start_matches([' ', '=', ':', '\t']);
                Some(rest.lines().next().unwrap_or("").to_owned())
            };
            let flavor = after("gcode_flavor").or_else(|| after(";flavor"));
            match flavor.as_deref() {
                Some(word) if word.starts_with("klipper") => return Some(Self::Klipper),
                Some(word)
                    if word.starts_with("reprapfirmware")
                        || word.starts_with("rrf")
                        || word.starts_with("reprap (reprap") =>
                {
                    return Some(Self::RepRapFirmware);
                }
                Some(word) if word.starts_with("prusa") => return Some(Self::Prusa),
                Some(word) if word.starts_with("bambu") => return Some(Self::Bambu),
                Some(_) | None => {}
            }
            if lower.contains("bambustudio") || lower.contains("m1002 gcode_claim_action") {
                return Some(Self::Bambu);
            }
            let is_klipper =
                ["set_velocity_limit", "start_print", "print_start", "set_pressure_advance"];
            if is_klipper
                .iter()
                .any(|word| lower.lines().any(|line| line.trim_start().starts_with(word)))
            {
                return Some(Self::Klipper);
            }
            flavor.map(|_| Self::Marlin)
        };
        of(head).or_else(|| of(tail))
    }
}
