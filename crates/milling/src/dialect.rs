//! How a program is written for one kind of controller. Every field is a key of the machine's profile.

use gcode::mill;
use serde::Serialize;

/// What a program does to have another tool in the spindle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ToolChange {
    /// One tool from beginning to end; its number is written where the controller has `T`.
    None,
    /// `T1 M6`.
    M6,
    /// The program stops (M0) for a person to change the tool and set its length.
    Stop,
}

/// How the spindle is brought up before anything else moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum SafeStart {
    /// `G0 Z` to the safe height over the blank.
    Clearance,
    /// `G53 G0 Z0`: the top of the machine's travel.
    MachineZero,
    /// `G91 G28 Z0`: the reference position.
    Reference,
}

/// The way of writing of a controller.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Dialect {
    /// The family of controllers, whose words are known.
    pub controller: mill::Dialect,
    /// `%` on the first and last line.
    pub percent: bool,
    /// Number of the program (`O1000`).
    pub program_number: Option<u32>,
    /// Step of line numbers (`N10`, `N20`, …); absent for none.
    pub line_number_step: Option<u32>,
    /// Whether comments may stand in the program.
    pub comments: bool,
    /// Whether comments are written in capitals.
    pub capitals: bool,
    /// How tools are changed.
    pub tool_change: ToolChange,
    /// Whether `G43 H` follows a tool change.
    pub length_offset: bool,
    /// The first motion.
    pub safe_start: SafeStart,
    /// Whether the P of `G4` counts milliseconds.
    pub dwells_in_milliseconds: bool,
    /// Whether holes are written as cycles (`G81`, `G83`) rather than move by move.
    pub drilling_cycles: bool,
    /// Arcs are written where they stay this close to the path, mm; absent for lines only.
    pub arc_tolerance_mm: Option<f64>,
    /// `G64 P`: how far the controller may leave the path to keep its speed, mm; absent to say nothing.
    pub blend_tolerance_mm: Option<f64>,
    /// Whether words are separated by blanks.
    pub word_gaps: bool,
    /// Longest line, bytes.
    pub longest_line: usize,
}

/// How close arcs stay to the path where a controller takes them, mm: a tenth of the allowed gouge.
const ARC_TOLERANCE_MM: f64 = 0.002;

impl Dialect {
    /// The usual way of writing for a family of controllers.
    #[must_use]
    pub const fn usual(controller: mill::Dialect) -> Self {
        use mill::Dialect as Family;
        let changes = controller.changes_tools();
        let is_grbl = matches!(controller, Family::Grbl);
        Self {
            controller,
            percent: matches!(controller, Family::LinuxCnc | Family::Fanuc | Family::Roland),
            program_number: if matches!(controller, Family::Fanuc | Family::Roland) {
                Some(1000)
            } else {
                None
            },
            line_number_step: if matches!(controller, Family::Fanuc) { Some(10) } else { None },
            comments: !matches!(controller, Family::Roland),
            capitals: matches!(controller, Family::Fanuc),
            tool_change: if changes { ToolChange::M6 } else { ToolChange::None },
            length_offset: changes,
            safe_start: match controller {
                Family::Grbl | Family::GrblHal | Family::Roland => SafeStart::Clearance,
                Family::LinuxCnc | Family::Mach3 | Family::Mach4 => SafeStart::MachineZero,
                Family::Fanuc => SafeStart::Reference,
            },
            dwells_in_milliseconds: controller.dwells_in_milliseconds(),
            drilling_cycles: matches!(
                controller,
                Family::LinuxCnc | Family::Mach3 | Family::Mach4 | Family::Fanuc
            ),
            // GRBL's small boards work every arc out as lines while they run; Roland's read them in one plane.
            arc_tolerance_mm: if matches!(controller, Family::Grbl | Family::Roland) {
                None
            } else {
                Some(ARC_TOLERANCE_MM)
            },
            blend_tolerance_mm: None,
            word_gaps: !is_grbl,
            longest_line: if is_grbl { 70 } else { controller.line_limit() },
        }
    }

    /// The first line of modes: every state that a program could inherit from the one before it.
    pub(crate) const fn modes(&self) -> &'static str {
        use mill::Dialect as Family;
        match self.controller {
            Family::Grbl => "G17 G21 G90 G94 G54",
            Family::GrblHal => "G17 G21 G40 G49 G80 G90 G94 G54",
            Family::LinuxCnc => "G17 G21 G40 G49 G80 G90 G91.1 G94 G54",
            Family::Mach3 | Family::Mach4 => "G17 G21 G40 G49 G80 G90 G91.1 G94 G54",
            Family::Fanuc => "G17 G21 G40 G49 G80 G90 G94 G98 G54",
            Family::Roland => "G17 G21 G80 G90 G54",
        }
    }
}
