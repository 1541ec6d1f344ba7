/// Why no program was written.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum PrintError {
    /// A setting that no printer could follow.
    #[error("{key} is {value}; it must lie between {low} and {high}")]
    Setting {
        /// The key.
        key: &'static str,
        /// What was given.
        value: f64,
        /// Lowest allowed.
        low: f64,
        /// Highest allowed.
        high: f64,
    },
    /// A name in braces that nothing fills in.
    #[error("{which} holds {{{name}}}, which is not known; use one of {known}")]
    Placeholder {
        /// Start or end sequence.
        which: &'static str,
        /// The name.
        name: String,
        /// All names that are known.
        known: String,
    },
    /// A character that printers do not read.
    #[error("{which} holds the character {character:?}; only plain ASCII is sent to a printer")]
    TemplateCharacter {
        /// Start or end sequence.
        which: &'static str,
        /// The character.
        character: char,
    },
    /// No triangles, or none that a layer cuts.
    #[error("the mesh encloses no volume that a layer of {layer_height_mm} mm would cut")]
    NothingToPrint {
        /// Height of the layers.
        layer_height_mm: f64,
    },
    /// A coordinate that is infinite or not a number, or far out of any printer.
    #[error("vertex {vertex} of the mesh lies at ({x}, {y}, {z}), which is no place on a printer")]
    Coordinate {
        /// Index of the vertex.
        vertex: usize,
        /// Its coordinates, mm.
        x: f64,
        /// As above.
        y: f64,
        /// As above.
        z: f64,
    },
    /// A triangle that names a vertex which is not there.
    #[error("triangle {triangle} names vertex {vertex}, but there are only {count}")]
    Index {
        /// Index of the triangle.
        triangle: usize,
        /// The vertex it names.
        vertex: u32,
        /// Number of vertices.
        count: usize,
    },
    /// The part is larger than the printer.
    #[error(
        "the part with its brim and supports is {:.1} × {:.1} × {:.1} mm, {printer} holds \
         {:.1} × {:.1} × {:.1} mm; choose a larger printer or a narrower brim",
        part_mm[0], part_mm[1], part_mm[2], room_mm[0], room_mm[1], room_mm[2]
    )]
    TooLarge {
        /// Size of what is printed, mm.
        part_mm: [f64; 3],
        /// Name of the printer.
        printer: String,
        /// Its bed and height, mm.
        room_mm: [f64; 3],
    },
    /// The parts do not fit on the bed beside each other.
    #[error(
        "{parts} parts, {gap_mm:.1} mm apart, do not fit beside each other on the bed of {printer} \
         ({} × {} mm); print them in several programs, or take a larger printer",
        bed_mm[0], bed_mm[1]
    )]
    PartsTooLarge {
        /// Number of parts.
        parts: usize,
        /// Name of the printer.
        printer: String,
        /// Its bed, mm.
        bed_mm: [f64; 2],
        /// Free space between two of them, mm.
        gap_mm: f64,
    },
    /// A part that is printed before another is so high that the gantry would strike it.
    #[error(
        "{name} is {height_mm:.1} mm high with what stands under it, and the gantry of {printer} passes {gantry_mm:.1} mm \
         over the nozzle's tip: no part can be printed after it; print the parts together (sequence=together)"
    )]
    TooHighToPass {
        /// Name of the part.
        name: String,
        /// Its height over the bed, mm.
        height_mm: f64,
        /// Name of the printer.
        printer: String,
        /// Height of the gantry over the nozzle, mm.
        gantry_mm: f64,
    },
    /// The mesh has a hole.
    #[error(
        "the mesh is open: at a height of {height_mm:.2} mm its section ends at ({x:.2}, {y:.2}) \
         and goes on {gap_mm:.2} mm away; close the mesh first"
    )]
    Open {
        /// Height over the lowest point, mm.
        height_mm: f64,
        /// Where the section ends, in the mesh's own frame, mm.
        x: f64,
        /// As above.
        y: f64,
        /// Distance to the next piece, mm.
        gap_mm: f64,
    },
    /// The lowest of the part is thinner than any line.
    #[error(
        "the lowest {height_mm:.2} mm of the part are too thin for any line, so that it would begin in the air; make them \
         thicker, or turn the part"
    )]
    BeginsInTheAir {
        /// Height at which the first line would lie, mm.
        height_mm: f64,
    },
    /// The written program does not do what was ordered.
    #[error("the program was written but failed its check: {}", reasons.join("; "))]
    Unverified {
        /// What the check found.
        reasons: Vec<String>,
    },
}
