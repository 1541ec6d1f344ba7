//! What a print is ordered with: the printer, the material, and how to print.
//!
//! Lengths are mm, speeds mm/s, accelerations mm/s², temperatures °C, times s, volumes mm³. Field
//! names are the keys of the profile files.

use serde::{Deserialize, Serialize};

pub use gcode::print::Firmware as Dialect;

use crate::PrintError;

/// A fused-filament printer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Printer {
    /// Name of the profile.
    pub name: String,
    /// Which firmware reads the program.
    #[serde(default)]
    pub dialect: Dialect,
    /// Printable width and depth; the bed's near left corner is the origin.
    pub bed_mm: [f64; 2],
    /// Printable height.
    pub height_mm: f64,
    /// Bore of the nozzle.
    pub nozzle_mm: f64,
    /// Diameter of the filament.
    pub filament_mm: f64,
    /// Fastest move of the head in the plane.
    pub max_speed_mm_s: f64,
    /// Fastest move of the z axis.
    pub max_z_speed_mm_s: f64,
    /// Acceleration of the head in the plane.
    pub acceleration_mm_s2: f64,
    /// Acceleration of the z axis.
    pub max_z_acceleration_mm_s2: f64,
    /// Speed at which the head may pass a right-angled corner.
    pub corner_speed_mm_s: f64,
    /// Klipper's `minimum_cruise_ratio`: the share of a short move that is made at an even speed,
    /// 0 to under 1; 0 for other firmwares. Sets the time estimate only.
    pub minimum_cruise_share: f64,
    /// Change of the filament's speed that needs no slowing down; sets the time estimate only.
    pub filament_jump_mm_s: f64,
    /// How far the head may go beyond the bed on the left, the front, the right and the back.
    pub reach_mm: [f64; 4],
    /// How far anything on the head reaches sideways from the nozzle, below the gantry.
    pub head_clearance_mm: f64,
    /// Height of the gantry (or of the lowest other part that sweeps over the bed) over the nozzle's tip.
    pub gantry_height_mm: f64,
    /// Whether the program sends the machine's limits, so that it runs as it was estimated.
    pub sends_limits: bool,
    /// Whether the program reports its progress (`M73`).
    pub sends_progress: bool,
    /// Widths and heights of the pictures that its screen shows of a program, px.
    #[serde(default)]
    pub thumbnails_px: Vec<[u32; 2]>,
    /// Nozzle temperature at which the printer homes without oozing.
    pub standby_nozzle_c: f64,
    /// Sent first; see [`crate::PLACEHOLDERS`] for the names it may hold in `{ }`.
    pub start_gcode: String,
    /// Sent last, with the same names.
    pub end_gcode: String,
}

impl Printer {
    /// A common desktop printer: 250 × 210 × 200 mm, 0.4 mm nozzle, direct drive.
    #[must_use]
    pub fn marlin_generic() -> Self {
        Self {
            name: "marlin-generic".to_owned(),
            dialect: Dialect::Marlin,
            bed_mm: [250.0, 210.0],
            height_mm: 200.0,
            nozzle_mm: 0.4,
            filament_mm: 1.75,
            max_speed_mm_s: 200.0,
            max_z_speed_mm_s: 12.0,
            acceleration_mm_s2: 1000.0,
            max_z_acceleration_mm_s2: 100.0,
            corner_speed_mm_s: 5.0,
            minimum_cruise_share: 0.0,
            filament_jump_mm_s: 1.0,
            reach_mm: [0.0; 4],
            head_clearance_mm: 60.0,
            gantry_height_mm: 15.0,
            sends_limits: true,
            sends_progress: true,
            thumbnails_px: Vec::new(),
            standby_nozzle_c: 160.0,
            start_gcode: MARLIN_START.to_owned(),
            end_gcode: MARLIN_END.to_owned(),
        }
    }
}

/// Order of `building.md` section 5: bed first, nozzle to standby while homing, then full heat.
const MARLIN_START: &str = "\
G21 ; millimeters
G90 ; absolute positions
M83 ; relative extrusion
M107 ; fan off
M140 S{bed_c} ; start to heat the bed
M104 S{standby_nozzle_c} ; preheat the nozzle without oozing
M190 S{bed_c} ; wait for the bed
G28 ; home
G1 Z5 F{z_feed_mm_min} ; clear of the bed
M109 S{first_layer_nozzle_c} ; wait for the nozzle
G92 E0
";

const MARLIN_END: &str = "\
M104 S0 ; nozzle off
M140 S0 ; bed off
M107 ; fan off
G1 X0 Y{park_y_mm} F{travel_feed_mm_min} ; bring the part to the front
M84 ; motors off
";

/// What is extruded.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Material {
    /// Name of the profile.
    pub name: String,
    /// Nozzle temperature after the first layer.
    pub nozzle_c: f64,
    /// Nozzle temperature of the first layer.
    pub first_layer_nozzle_c: f64,
    /// Bed temperature; 0 leaves the bed cold.
    pub bed_c: f64,
    /// Part cooling after the first layer, percent.
    pub fan_pct: f64,
    /// Filament pulled back before a travel.
    pub retraction_mm: f64,
    /// Speed of the retraction.
    pub retraction_speed_mm_s: f64,
    /// The most that the hot end melts.
    pub max_volumetric_mm3_s: f64,
    /// Density.
    pub density_g_cm3: f64,
    /// A layer is slowed down until it takes this long.
    pub min_layer_time_s: f64,
    /// Pressure (linear) advance, s; `None` leaves the printer's own.
    pub pressure_advance_s: Option<f64>,
    /// Price of the filament for a kilogram, in the lab's currency; 0 where it is not known.
    pub price_per_kg: f64,
}

impl Material {
    /// Polylactide for prototypes: values of the makers' common data sheets.
    #[must_use]
    pub fn pla() -> Self {
        Self {
            name: "pla".to_owned(),
            nozzle_c: 215.0,
            first_layer_nozzle_c: 215.0,
            bed_c: 60.0,
            fan_pct: 100.0,
            retraction_mm: 0.8,
            retraction_speed_mm_s: 35.0,
            max_volumetric_mm3_s: 12.0,
            density_g_cm3: 1.24,
            min_layer_time_s: 8.0,
            pressure_advance_s: None,
            price_per_kg: 0.0,
        }
    }

    /// Thermoplastic polyurethane of Shore 95 A: slow, with a short retraction (`building.md` 5).
    #[must_use]
    pub fn tpu_95a() -> Self {
        Self {
            name: "tpu-95a".to_owned(),
            nozzle_c: 225.0,
            first_layer_nozzle_c: 230.0,
            bed_c: 50.0,
            fan_pct: 50.0,
            retraction_mm: 0.8,
            retraction_speed_mm_s: 25.0,
            max_volumetric_mm3_s: 4.0,
            density_g_cm3: 1.21,
            min_layer_time_s: 10.0,
            pressure_advance_s: None,
            price_per_kg: 0.0,
        }
    }
}

/// How sparse infill is laid.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum InfillPattern {
    /// Sections of the gyroid surface: even stiffness in all directions.
    #[default]
    Gyroid,
    /// Two crossing families of straight lines in every layer.
    Grid,
    /// One family of straight lines, turned by a right angle from layer to layer.
    Lines,
    /// Rings along the border.
    Concentric,
    /// Three crossing families of straight lines in every layer.
    Triangles,
}

impl InfillPattern {
    /// Every pattern, in the order of lists.
    pub const ALL: [Self; 5] =
        [Self::Gyroid, Self::Grid, Self::Lines, Self::Concentric, Self::Triangles];

    /// The word in profiles.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Gyroid => "gyroid",
            Self::Grid => "grid",
            Self::Lines => "lines",
            Self::Concentric => "concentric",
            Self::Triangles => "triangles",
        }
    }

    /// The pattern of a profile's word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|pattern| pattern.word() == word)
    }
}

/// Where closed lines begin and end, which leaves a small mark.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Seam {
    /// At the back of the bed (largest y): the toes' end of a flat shell, away from the heel.
    #[default]
    Back,
    /// At the front of the bed (smallest y).
    Front,
    /// Where the nozzle is already: the shortest way, with scattered marks.
    Nearest,
    /// At the lowest place of a border over the sole: under the part where it stands tilted or on
    /// edge, so that no mark touches the skin. The same as `Back` for a part that lies flat.
    AwayFromSkin,
}

impl Seam {
    /// The seam of a profile's word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Some(match word {
            "back" => Self::Back,
            "front" => Self::Front,
            "nearest" => Self::Nearest,
            "away-from-skin" => Self::AwayFromSkin,
            _ => return None,
        })
    }
}

/// How the part lies on the bed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Orientation {
    /// As it stands in its own frame, sole down.
    #[default]
    Flat,
    /// On its longer edge.
    Edge,
    /// Halfway between the two.
    Tilted,
    /// Whichever needs the least supports and time and is strong; the choice is reported.
    Auto,
}

impl Orientation {
    /// Every orientation, in the order of lists.
    pub const ALL: [Self; 4] = [Self::Flat, Self::Edge, Self::Tilted, Self::Auto];

    /// The word in profiles and on the command line.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Flat => "flat",
            Self::Edge => "edge",
            Self::Tilted => "tilted",
            Self::Auto => "auto",
        }
    }

    /// The orientation of a word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|orientation| orientation.word() == word)
    }
}

/// Speeds by what is printed, mm/s.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Speeds {
    /// Everything on the first layer.
    pub first_layer_mm_s: f64,
    /// The visible wall.
    pub outer_wall_mm_s: f64,
    /// Walls inside it, and the thin lines between walls.
    pub inner_wall_mm_s: f64,
    /// Solid skins.
    pub skin_mm_s: f64,
    /// Sparse infill and supports.
    pub infill_mm_s: f64,
    /// Moves without extrusion.
    pub travel_mm_s: f64,
    /// Slowest speed that the minimum layer time may ask for.
    pub slowest_mm_s: f64,
}

impl Default for Speeds {
    fn default() -> Self {
        Self {
            first_layer_mm_s: 20.0,
            outer_wall_mm_s: 25.0,
            inner_wall_mm_s: 45.0,
            skin_mm_s: 60.0,
            infill_mm_s: 80.0,
            travel_mm_s: 150.0,
            slowest_mm_s: 10.0,
        }
    }
}

/// What supports look like.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SupportStyle {
    /// Upright walls of linked lines under every overhang.
    #[default]
    Grid,
    /// Branches that run together to trunks on their way down, around the part.
    Tree,
}

impl SupportStyle {
    /// Every style, in the order of lists.
    pub const ALL: [Self; 2] = [Self::Grid, Self::Tree];

    /// The word in profiles.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Grid => "grid",
            Self::Tree => "tree",
        }
    }

    /// The style of a profile's word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|style| style.word() == word)
    }
}

/// In which order several parts are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sequence {
    /// Layer by layer, all parts of a layer before the next one.
    #[default]
    Together,
    /// One part after the other, so that a failure spoils only one.
    OneByOne,
}

impl Sequence {
    /// Every sequence, in the order of lists.
    pub const ALL: [Self; 2] = [Self::Together, Self::OneByOne];

    /// The word in profiles.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Together => "together",
            Self::OneByOne => "one-by-one",
        }
    }

    /// The sequence of a profile's word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|sequence| sequence.word() == word)
    }
}

/// How overhangs are held up.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Supports {
    /// Whether supports are built; without them overhangs are only reported.
    pub enabled: bool,
    /// What they look like.
    pub style: SupportStyle,
    /// Surfaces that lean further out from the vertical than this are held up.
    pub overhang_deg: f64,
    /// Distance between the lines of a support.
    pub spacing_mm: f64,
    /// Distance between a support and the part beside it.
    pub side_gap_mm: f64,
    /// Layers left empty between a support and the part above or below it.
    pub gap_layers: usize,
    /// Uppermost layers of a support that are laid densely, so that the part does not sag between its lines.
    pub interface_layers: usize,
    /// Distance between the lines of those.
    pub interface_spacing_mm: f64,
}

impl Default for Supports {
    fn default() -> Self {
        Self {
            enabled: true,
            style: SupportStyle::Grid,
            overhang_deg: 45.0,
            spacing_mm: 2.5,
            side_gap_mm: 0.5,
            gap_layers: 1,
            interface_layers: 2,
            interface_spacing_mm: 0.8,
        }
    }
}

/// How to print.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PrintSettings {
    /// Height of every layer but the first.
    pub layer_height_mm: f64,
    /// Height of the first layer.
    pub first_layer_height_mm: f64,
    /// Height of the thinnest layer: layers are between it and `layer_height_mm`, so that no step of the
    /// surface is higher than it; 0 for layers of one height.
    pub finest_layer_mm: f64,
    /// Width of a printed line.
    pub line_width_mm: f64,
    /// Number of walls around every region.
    pub walls: usize,
    /// Solid layers under every surface that faces up.
    pub top_layers: usize,
    /// Solid layers over every surface that faces down.
    pub bottom_layers: usize,
    /// Share of the inside that is filled, 0 to 1; 1 is solid.
    pub infill_fraction: f64,
    /// How sparse infill is laid.
    pub infill_pattern: InfillPattern,
    /// Width of the brim around the first layer; 0 for none.
    pub brim_mm: f64,
    /// Lines around the print that do not touch it.
    pub skirt_lines: usize,
    /// Layers of a raft under the print, to be torn off; 0 for none. A raft takes the place of the brim.
    pub raft_layers: usize,
    /// How far the raft reaches beyond what stands on it.
    pub raft_margin_mm: f64,
    /// Air between the raft and the part.
    pub raft_gap_mm: f64,
    /// Where closed lines begin and end.
    pub seam: Seam,
    /// Supports under overhangs.
    pub supports: Supports,
    /// Speeds.
    pub speeds: Speeds,
    /// Lift of the nozzle over a travel with retraction; 0 for none.
    pub z_hop_mm: f64,
    /// Travels shorter than this are made without retraction.
    pub min_retract_travel_mm: f64,
    /// How the part lies on the bed.
    pub orientation: Orientation,
    /// In which order several parts are printed.
    pub sequence: Sequence,
}

impl Default for PrintSettings {
    fn default() -> Self {
        Self {
            layer_height_mm: 0.2,
            first_layer_height_mm: 0.2,
            finest_layer_mm: 0.0,
            line_width_mm: 0.45,
            walls: 3,
            top_layers: 4,
            bottom_layers: 4,
            infill_fraction: 0.2,
            infill_pattern: InfillPattern::Gyroid,
            brim_mm: 4.0,
            skirt_lines: 0,
            raft_layers: 0,
            raft_margin_mm: 3.0,
            raft_gap_mm: 0.2,
            seam: Seam::Back,
            supports: Supports::default(),
            speeds: Speeds::default(),
            z_hop_mm: 0.2,
            min_retract_travel_mm: 1.5,
            orientation: Orientation::Flat,
            sequence: Sequence::Together,
        }
    }
}

/// Printer, material and settings of one print.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PrintOrder {
    /// The machine.
    pub printer: Printer,
    /// What it extrudes.
    pub material: Material,
    /// How.
    pub settings: PrintSettings,
}

/// Layers above this count are refused: no printer of this kind makes them, and memory is finite.
const MOST_LAYERS: f64 = 20_000.0;

impl PrintOrder {
    /// Refuses settings that no printer could follow, before anything is computed.
    pub(crate) fn check(&self) -> Result<(), PrintError> {
        for (key, value, low, high) in self.ranges() {
            if !(low..=high).contains(&value) {
                return Err(PrintError::Setting { key, value, low, high });
            }
        }
        Ok(())
    }

    /// Key, value, lowest, highest.
    fn ranges(&self) -> Vec<(&'static str, f64, f64, f64)> {
        let (printer, material, settings) = (&self.printer, &self.material, &self.settings);
        let (speeds, supports) = (&settings.speeds, &settings.supports);
        let nozzle = printer.nozzle_mm;
        // A bead must be wider than high, or it is not a rounded rectangle; `bead` needs it.
        let highest_layer = (0.8 * nozzle).min(0.9 * settings.line_width_mm);
        let is_even = settings.finest_layer_mm == 0.0;
        let lowest = if is_even { settings.layer_height_mm } else { settings.finest_layer_mm };
        let most_layers = printer.height_mm / lowest;
        vec![
            ("bed_mm[0]", printer.bed_mm[0], 20.0, 5000.0),
            ("bed_mm[1]", printer.bed_mm[1], 20.0, 5000.0),
            ("height_mm", printer.height_mm, 1.0, 5000.0),
            ("nozzle_mm", nozzle, 0.1, 2.0),
            ("filament_mm", printer.filament_mm, 1.0, 4.0),
            ("max_speed_mm_s", printer.max_speed_mm_s, 1.0, 2000.0),
            ("max_z_speed_mm_s", printer.max_z_speed_mm_s, 0.1, 500.0),
            ("acceleration_mm_s2", printer.acceleration_mm_s2, 10.0, 100_000.0),
            ("max_z_acceleration_mm_s2", printer.max_z_acceleration_mm_s2, 1.0, 100_000.0),
            ("corner_speed_mm_s", printer.corner_speed_mm_s, 0.1, 100.0),
            ("minimum_cruise_share", printer.minimum_cruise_share, 0.0, 0.99),
            ("filament_jump_mm_s", printer.filament_jump_mm_s, 0.01, 100.0),
            ("standby_nozzle_c", printer.standby_nozzle_c, 0.0, 500.0),
            ("nozzle_c", material.nozzle_c, COLDEST_NOZZLE_C, 500.0),
            ("first_layer_nozzle_c", material.first_layer_nozzle_c, COLDEST_NOZZLE_C, 500.0),
            ("bed_c", material.bed_c, 0.0, 200.0),
            ("fan_pct", material.fan_pct, 0.0, 100.0),
            ("retraction_mm", material.retraction_mm, 0.0, 15.0),
            ("retraction_speed_mm_s", material.retraction_speed_mm_s, 1.0, 200.0),
            ("max_volumetric_mm3_s", material.max_volumetric_mm3_s, 0.1, 200.0),
            ("density_g_cm3", material.density_g_cm3, 0.1, 20.0),
            ("min_layer_time_s", material.min_layer_time_s, 0.0, 600.0),
            ("layer_height_mm", settings.layer_height_mm, 0.03, highest_layer),
            ("first_layer_height_mm", settings.first_layer_height_mm, 0.03, highest_layer),
            (
                "finest_layer_mm",
                settings.finest_layer_mm,
                if is_even { 0.0 } else { 0.03 },
                settings.layer_height_mm,
            ),
            ("line_width_mm", settings.line_width_mm, 0.8 * nozzle, 2.5 * nozzle),
            ("walls", settings.walls as f64, 1.0, 50.0),
            ("top_layers", settings.top_layers as f64, 0.0, 1000.0),
            ("bottom_layers", settings.bottom_layers as f64, 0.0, 1000.0),
            ("infill_fraction", settings.infill_fraction, 0.0, 1.0),
            ("brim_mm", settings.brim_mm, 0.0, 50.0),
            ("skirt_lines", settings.skirt_lines as f64, 0.0, 20.0),
            ("head_clearance_mm", printer.head_clearance_mm, 1.0, 300.0),
            ("gantry_height_mm", printer.gantry_height_mm, 1.0, 5000.0),
            ("raft_layers", settings.raft_layers as f64, 0.0, 20.0),
            ("raft_margin_mm", settings.raft_margin_mm, 0.0, 30.0),
            ("raft_gap_mm", settings.raft_gap_mm, 0.0, 1.0),
            ("supports.overhang_deg", supports.overhang_deg, 5.0, 89.0),
            ("supports.spacing_mm", supports.spacing_mm, settings.line_width_mm, 20.0),
            ("supports.side_gap_mm", supports.side_gap_mm, 0.0, 5.0),
            ("supports.gap_layers", supports.gap_layers as f64, 0.0, 10.0),
            ("supports.interface_layers", supports.interface_layers as f64, 0.0, 20.0),
            (
                "supports.interface_spacing_mm",
                supports.interface_spacing_mm,
                0.5 * settings.line_width_mm,
                20.0,
            ),
            ("speeds.first_layer_mm_s", speeds.first_layer_mm_s, 1.0, 1000.0),
            ("speeds.outer_wall_mm_s", speeds.outer_wall_mm_s, 1.0, 1000.0),
            ("speeds.inner_wall_mm_s", speeds.inner_wall_mm_s, 1.0, 1000.0),
            ("speeds.skin_mm_s", speeds.skin_mm_s, 1.0, 1000.0),
            ("speeds.infill_mm_s", speeds.infill_mm_s, 1.0, 1000.0),
            ("speeds.travel_mm_s", speeds.travel_mm_s, 1.0, 2000.0),
            ("height_mm / layer_height_mm", most_layers, 1.0, MOST_LAYERS),
        ]
    }
}

/// Below this no thermoplastic flows; Marlin's `EXTRUDE_MINTEMP` of 170 °C.
pub(crate) const COLDEST_NOZZLE_C: f64 = 170.0;
