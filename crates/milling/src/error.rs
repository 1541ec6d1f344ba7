/// Why no mill program was made.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum MillError {
    /// A number of the order that no mill works with.
    #[error("{key} is {value}, expected {low} to {high}; correct the profile")]
    Setting {
        /// The setting.
        key: &'static str,
        /// Its value.
        value: f64,
        /// Smallest value that works.
        low: f64,
        /// Largest value that works.
        high: f64,
    },
    /// The ordered blank is too small.
    #[error(
        "the part with its margins needs {needed:.1} mm along {axis}, the blank has {given:.1} mm; \
         order a larger blank (of at most 2000 mm)"
    )]
    Blank {
        /// The axis that is short.
        axis: char,
        /// What the part needs, mm.
        needed: f64,
        /// What the blank has, mm.
        given: f64,
    },
    /// The machine cannot reach all of the part.
    #[error("the program moves {needed:.1} mm along {axis}, the machine travels {given:.1} mm")]
    Travel {
        /// The axis that is short.
        axis: char,
        /// What the program needs, mm.
        needed: f64,
        /// What the machine has, mm.
        given: f64,
    },
    /// The holder would run into the blank.
    #[error(
        "the tool reaches {depth:.1} mm below the top of the blank but sticks out {stickout:.1} mm; \
         use a longer tool or a lower blank"
    )]
    Reach {
        /// Depth of the deepest move below the blank's top, mm.
        depth: f64,
        /// Length of the tool out of its holder, mm.
        stickout: f64,
    },
    /// A drill where a tool has to cut sideways.
    #[error(
        "{tool} is a drill, which does not cut sideways; order a ball nose, a bull nose or a flat end"
    )]
    Drill {
        /// Name of the tool.
        tool: String,
    },
    /// A tool for roughing that is not fit for it.
    #[error("roughing with {tool}: {reason}")]
    Rougher {
        /// Name of the tool.
        tool: String,
        /// What is wrong with it.
        reason: Box<Self>,
    },
    /// A way of finishing that needs a ball.
    #[error(
        "finishing {finishing} is spaced by the scallops of a ball, {tool} is a {shape}; name a ball nose, or order \
         --finishing parallel"
    )]
    FinishingTool {
        /// The word for the way.
        finishing: &'static str,
        /// Name of the tool.
        tool: String,
        /// Its shape.
        shape: &'static str,
    },
    /// A way of finishing that cannot be spread evenly seen from above.
    #[error(
        "finishing {finishing} has the same scallop everywhere and cannot be spread evenly seen from above; leave \
         --spread even out, or order --finishing parallel"
    )]
    FinishingSpread {
        /// The word for the way.
        finishing: &'static str,
    },
    /// Two tools that a program could not tell apart.
    #[error(
        "{tool} and {other} both have number {number}; name another tool for roughing, or none where the finishing tool roughs"
    )]
    SameNumber {
        /// The number.
        number: u32,
        /// Name of one.
        tool: String,
        /// Name of the other.
        other: String,
    },
    /// Another tool where a hole is to be drilled.
    #[error(
        "holes for dowels need a drill, {tool} is none; name one in dowel_tool of the machine's profile"
    )]
    NoDrill {
        /// Name of the tool.
        tool: String,
    },
    /// Dowels that go deeper than the board under the blank.
    #[error(
        "holes for dowels go {depth:.1} mm below the blank, the board there is {board:.1} mm thick; lower dowel_depth_mm or \
         state a thicker board in spoil_board_mm of the machine's profile, or use stops"
    )]
    Board {
        /// Depth of the holes with the drill's point, mm.
        depth: f64,
        /// Depth of the board, mm.
        board: f64,
    },
    /// No place for the holes in what is not milled.
    #[error(
        "the blank has no place for holes of {diameter:.1} mm at its {end}, {away:.1} mm away from the part; order a blank \
         that is {longer:.0} mm longer, or use stops"
    )]
    NoPlaceForHoles {
        /// Diameter of the holes, mm.
        diameter: f64,
        /// Which end.
        end: &'static str,
        /// How far the middle of a hole must be from the part, mm.
        away: f64,
        /// How much longer the blank must be, mm.
        longer: f64,
    },
    /// A mark that is not wholly on the surface.
    #[error(
        "the mark to be engraved leaves the surface at ({x:.1}, {y:.1}) of the part; order another place or none"
    )]
    MarkBesideSurface {
        /// x in the part's coordinates, mm.
        x: f64,
        /// y in the part's coordinates, mm.
        y: f64,
    },
    /// The part is no part.
    #[error("the part cannot be milled: {reason}")]
    Part {
        /// What is wrong with it.
        reason: String,
    },
    /// The written program failed its own check.
    #[error("the program was refused by its own check: {}", reasons.join("; "))]
    Rejected {
        /// What the check found.
        reasons: Vec<String>,
    },
}
