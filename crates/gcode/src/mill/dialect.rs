//! What each family of controllers reads: its codes, its letters, its longest line.

use serde::Serialize;

/// A family of controllers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Dialect {
    /// GRBL 1.1.
    Grbl,
    /// grblHAL: GRBL with tool change and length offsets.
    GrblHal,
    /// LinuxCNC 2.9.
    LinuxCnc,
    /// Mach3.
    Mach3,
    /// Mach4.
    Mach4,
    /// Fanuc and those that follow it (Haas among them).
    Fanuc,
    /// Roland's NC code mode (MDX-40A, MDX-540).
    Roland,
}

/// Codes that GRBL 1.1 has, in tenths.
const GRBL_G: &[u32] = &[
    0, 10, 20, 30, 40, 100, 170, 180, 190, 200, 210, 280, 281, 300, 301, 382, 383, 384, 385, 400,
    431, 490, 530, 540, 550, 560, 570, 580, 590, 610, 800, 900, 910, 911, 920, 921, 930, 940,
];
const GRBL_M: &[u32] = &[0, 10, 20, 30, 40, 50, 70, 80, 90, 300];

/// What grblHAL adds to GRBL.
const GRBL_HAL_G: &[u32] = &[
    50, 51, 330, 430, 432, 500, 510, 591, 592, 593, 640, 730, 810, 820, 830, 850, 860, 890, 960,
    970, 980, 990,
];
const GRBL_HAL_M: &[u32] = &[60, 480, 490, 500, 510, 530, 600, 610];

const LINUX_CNC_G: &[u32] = &[
    0, 10, 20, 30, 40, 50, 51, 100, 170, 171, 180, 181, 190, 191, 200, 210, 280, 281, 300, 301,
    330, 382, 383, 384, 385, 400, 410, 420, 430, 431, 490, 530, 540, 550, 560, 570, 580, 590, 591,
    592, 593, 610, 611, 640, 730, 760, 800, 810, 820, 830, 840, 850, 860, 890, 900, 901, 910, 911,
    920, 921, 922, 923, 930, 940, 950, 960, 970, 980, 990,
];
const LINUX_CNC_M: &[u32] = &[0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 300, 480, 490, 600];

const MACH_G: &[u32] = &[
    0, 10, 20, 30, 40, 100, 120, 130, 150, 160, 170, 180, 190, 200, 210, 280, 300, 281, 310, 400,
    410, 420, 430, 490, 500, 510, 520, 530, 540, 550, 560, 570, 580, 590, 610, 640, 680, 690, 700,
    710, 730, 800, 810, 820, 830, 840, 850, 860, 870, 880, 890, 900, 901, 910, 911, 920, 921, 922,
    923, 930, 940, 950, 980, 990,
];
const MACH_M: &[u32] = &[0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 300, 470, 480, 490, 980, 990];

const FANUC_G: &[u32] = &[
    0, 10, 20, 30, 40, 51, 90, 100, 110, 150, 160, 170, 180, 190, 200, 210, 270, 280, 290, 300,
    310, 400, 410, 420, 430, 440, 490, 500, 510, 520, 530, 540, 550, 560, 570, 580, 590, 610, 620,
    640, 650, 680, 690, 730, 740, 760, 800, 810, 820, 830, 840, 850, 860, 870, 880, 890, 900, 910,
    920, 930, 940, 950, 980, 990, 1870,
];
const FANUC_M: &[u32] = &[0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 190, 290, 300, 970, 980, 990];

/// Roland's NC code reference manual (MDX-40A): neither tool change nor length offset.
const ROLAND_G: &[u32] = &[
    0, 10, 20, 30, 40, 100, 170, 180, 190, 200, 210, 280, 390, 540, 550, 560, 570, 580, 590, 800,
    810, 820, 830, 840, 850, 860, 890, 900, 910, 920, 980, 990,
];
const ROLAND_M: &[u32] = &[0, 10, 20, 30, 50, 300];

impl Dialect {
    /// Every dialect.
    pub const ALL: [Self; 7] = [
        Self::Grbl,
        Self::GrblHal,
        Self::LinuxCnc,
        Self::Mach3,
        Self::Mach4,
        Self::Fanuc,
        Self::Roland,
    ];

    /// The name a person knows the controller by.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Grbl => "GRBL 1.1",
            Self::GrblHal => "grblHAL",
            Self::LinuxCnc => "LinuxCNC",
            Self::Mach3 => "Mach3",
            Self::Mach4 => "Mach4",
            Self::Fanuc => "Fanuc",
            Self::Roland => "Roland NC code",
        }
    }

    /// Longest line in bytes: GRBL's line buffer, grblHAL's, LinuxCNC's `LINELEN`; the others are
    /// held to what old controls of their kind read.
    #[must_use]
    pub const fn line_limit(self) -> usize {
        match self {
            Self::Grbl => 80,
            Self::GrblHal | Self::LinuxCnc | Self::Mach3 | Self::Mach4 => 255,
            Self::Fanuc => 128,
            Self::Roland => 100,
        }
    }

    /// Whether a program may begin and end with `%`.
    #[must_use]
    pub const fn has_percent(self) -> bool {
        !matches!(self, Self::Grbl)
    }

    /// Whether M6 changes the tool; without it, naming the tool is all a program can do.
    #[must_use]
    pub const fn changes_tools(self) -> bool {
        !matches!(self, Self::Grbl | Self::Roland)
    }

    /// Whether the P of a dwell counts milliseconds on a controller as delivered.
    #[must_use]
    pub const fn dwells_in_milliseconds(self) -> bool {
        matches!(self, Self::Mach3 | Self::Fanuc | Self::Roland)
    }

    pub(super) const fn value_letters(self) -> &'static str {
        match self {
            Self::Grbl => "FIJKLNPRSTXYZ",
            Self::GrblHal | Self::LinuxCnc => "FHIJKLNPQRSTXYZ",
            Self::Mach3 | Self::Mach4 | Self::Fanuc => "DFHIJKLNOPQRSTUXYZ",
            Self::Roland => "FIJKLNOPQRSXYZ",
        }
    }

    /// Whether the controller has the code at all, given in tenths.
    ///
    /// GRBL: the switch in `gc_execute_line` of GRBL 1.1h's `gcode.c`, which answers anything else with
    /// error 20. LinuxCNC: the G and M code references of its 2.9 manual. The others: the code lists
    /// of their manuals, which a given machine may extend.
    #[must_use]
    pub fn accepts(self, letter: char, tenths: u32) -> bool {
        let (base, more): (&[u32], &[u32]) = match (self, letter) {
            (Self::Grbl, 'G') => (GRBL_G, &[]),
            (Self::Grbl, _) => (GRBL_M, &[]),
            (Self::GrblHal, 'G') => (GRBL_G, GRBL_HAL_G),
            (Self::GrblHal, _) => (GRBL_M, GRBL_HAL_M),
            (Self::LinuxCnc, 'G') => (LINUX_CNC_G, &[]),
            (Self::LinuxCnc, _) => (LINUX_CNC_M, &[]),
            (Self::Mach3 | Self::Mach4, 'G') => (MACH_G, &[]),
            (Self::Mach3 | Self::Mach4, _) => (MACH_M, &[]),
            (Self::Fanuc, 'G') => (FANUC_G, &[]),
            (Self::Fanuc, _) => (FANUC_M, &[]),
            (Self::Roland, 'G') => (ROLAND_G, &[]),
            (Self::Roland, _) => (ROLAND_M, &[]),
        };
        base.contains(&tenths) || more.contains(&tenths)
    }
}
