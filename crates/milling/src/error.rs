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
    /// Two tools on a machine that cannot change them.
    #[error(
        "{machine} cannot change tools in a program; order one tool, or set tool_change = \"stop\" in its profile"
    )]
    OneTool {
        /// Name of the machine.
        machine: String,
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
