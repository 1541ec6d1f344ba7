//! What a technician orders: machine, tool, cutting data and blank; and what is refused at the door.

use serde::Serialize;

use crate::engraving::Engraving;
use crate::fixture::Fixture;
use crate::{Dialect, MillError, OperationKind};

/// Shape of a tool's tip.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ToolShape {
    /// Half a ball of the tool's diameter.
    Ball,
    /// A flat end with sharp corners.
    Flat,
    /// A flat end with rounded corners.
    BullNose {
        /// Radius of the corner, mm.
        corner_mm: f64,
    },
    /// A ball at the end of a cone.
    Tapered {
        /// Radius of the ball, mm.
        tip_radius_mm: f64,
        /// Angle between the cone and the axis, rad.
        half_angle_rad: f64,
    },
    /// A drill: a cone with its point at the tip. Feeds straight down only.
    Drill {
        /// Half of the point's angle, rad.
        half_angle_rad: f64,
    },
}

impl ToolShape {
    /// The words for it on sheets and in programs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ball => "ball nose",
            Self::Flat => "flat end",
            Self::BullNose { .. } => "bull nose",
            Self::Tapered { .. } => "tapered ball nose",
            Self::Drill { .. } => "drill",
        }
    }
}

/// A milling tool.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Tool {
    /// Number on the sheet and in the program.
    pub number: u32,
    /// Name shown on sheets.
    pub name: String,
    /// Shape of the tip.
    pub shape: ToolShape,
    /// Diameter of the cutting part, mm.
    pub diameter_mm: f64,
    /// Length that cuts, mm.
    pub flute_length_mm: f64,
    /// Length out of the holder, mm.
    pub stickout_mm: f64,
    /// Number of cutting edges.
    pub flutes: u32,
    /// Diameter of the shank over the cutting part, mm.
    pub shank_diameter_mm: f64,
    /// Diameter of the holder with its nut, mm.
    pub holder_diameter_mm: f64,
    /// Fastest spindle that it bears, 1/min; absent where the cutting data decide alone.
    pub highest_rpm: Option<f64>,
}

impl Tool {
    /// Radius of the cutting part, mm.
    #[must_use]
    pub const fn radius_mm(&self) -> f64 {
        self.diameter_mm / 2.0
    }

    /// Whether it only goes straight down.
    #[must_use]
    pub const fn is_drill(&self) -> bool {
        matches!(self.shape, ToolShape::Drill { .. })
    }

    /// Height of a drill's point, mm; 0 for other tools.
    #[must_use]
    pub fn point_mm(&self) -> f64 {
        match self.shape {
            ToolShape::Drill { half_angle_rad } => self.radius_mm() / half_angle_rad.tan(),
            _ => 0.0,
        }
    }
}

/// A three-axis mill.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Machine {
    /// Name shown on sheets.
    pub name: String,
    /// Language of its controller.
    pub dialect: Dialect,
    /// Travel along x, y and z, mm.
    pub travel_mm: [f64; 3],
    /// Fastest feed, mm/min.
    pub max_feed_mm_per_min: f64,
    /// Speed of rapid moves, mm/min; for time only.
    pub rapid_mm_per_min: f64,
    /// Acceleration of every axis, mm/s²; for time only.
    pub acceleration_mm_per_s2: f64,
    /// How far a corner may be cut when speed is planned (GRBL's `$11`), mm; for time only.
    pub junction_deviation_mm: f64,
    /// Slowest and fastest spindle, 1/min.
    pub spindle_rpm_range: [f64; 2],
    /// Height over the blank at which rapid moves are made, mm.
    pub safe_height_mm: f64,
    /// Depth of the board under the blank into which holes may be drilled, mm; 0 where there is none.
    pub spoil_board_mm: f64,
    /// What stands on the table beside or on the blank: clamps, stops.
    pub fixtures: Vec<Fixture>,
}

/// Speeds and depths for one material.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Cutting {
    /// Spindle speed, 1/min.
    pub spindle_rpm: f64,
    /// Feed while cutting, mm/min.
    pub feed_mm_per_min: f64,
    /// Feed while going down into material, mm/min.
    pub plunge_mm_per_min: f64,
    /// Depth of one roughing level, mm.
    pub roughing_step_down_mm: f64,
    /// Distance of roughing passes, mm.
    pub roughing_step_over_mm: f64,
    /// Material left on the surface for finishing, mm.
    pub roughing_allowance_mm: f64,
    /// Passes between roughing and finishing; absent for none.
    pub semi_finishing: Option<SemiFinishing>,
    /// Distance of finishing passes seen from above, mm.
    pub finishing_step_over_mm: f64,
    /// Chords of the written path stay this close to the true path of the tool, mm; 0.01 is usual.
    pub tolerance_mm: f64,
}

/// Passes that even out what roughing has left.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct SemiFinishing {
    /// Material left on the surface for finishing, mm; less than roughing leaves.
    pub allowance_mm: f64,
    /// Distance of passes seen from above, mm.
    pub step_over_mm: f64,
}

/// The block that the part is cut from, and where the part sits in it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Blank {
    /// Width (x), length (y) and height (z) of the block, mm; absent = the smallest that fits.
    pub size_mm: Option<[f64; 3]>,
    /// Material around the part's outline, mm.
    pub margin_mm: f64,
    /// Material over the part's highest point, mm.
    pub skin_above_mm: f64,
    /// Material under the part's lowest point, mm.
    pub skin_below_mm: f64,
}

/// How the part is cut out of its block, and what holds it until the end.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Separation {
    /// It stays in the block; a person cuts it free.
    Stay,
    /// Bridges of material along the outline, to be cut by hand.
    Tabs {
        /// Bridges around each part.
        count: u32,
        /// Length of each along the outline, mm.
        width_mm: f64,
        /// Height of each, mm.
        height_mm: f64,
    },
    /// A thin floor all around, to be torn or trimmed.
    OnionSkin {
        /// Its thickness, mm.
        thickness_mm: f64,
    },
}

/// Holes for dowels that hold a blank in its place while it is turned over.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Dowels {
    /// The drill; its diameter is that of the holes.
    pub tool: Tool,
    /// How deep the full diameter goes into the board under the blank, mm.
    pub board_depth_mm: f64,
    /// Depth after which the drill comes out of the hole to clear its chips, mm; absent to drill in one go.
    pub peck_mm: Option<f64>,
}

/// A tool that takes away most of the material before the finishing tool, with what it is run at.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Rougher {
    /// The tool.
    pub tool: Tool,
    /// Its speeds and depths; how finishing passes are spaced is not asked of it.
    pub cutting: Cutting,
}

/// How roughing passes run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Roughing {
    /// Parallel, to and fro: the shortest way; each level begins with a slot. For soft foam.
    Parallel,
    /// Along curves on which no more of the tool is in material than the step-over asks for: one way, from within outward,
    /// for materials that melt or chip.
    ConstantEngagement,
}

/// How finishing passes are spread.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Spread {
    /// Closer together where the scallop would be higher than on level ground.
    EvenScallop,
    /// All at the ordered step-over seen from above, whatever the surface: a plain raster.
    Even,
}

/// Where the passes of finishing run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Finishing {
    /// To and fro along the part, spread as [`Spread`] says.
    #[default]
    Parallel,
    /// Round and round from the rim inward, in one way wherever the part allows it.
    Spiral,
    /// Along level lines where the part is steep, from the top down, and parallel elsewhere.
    Waterline,
}

impl Finishing {
    /// The words for it on sheets.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Parallel => "parallel passes",
            Self::Spiral => "a spiral from the rim inward",
            Self::Waterline => "level lines on walls, parallel passes elsewhere",
        }
    }

    /// The word that orders it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Parallel => "parallel",
            Self::Spiral => "spiral",
            Self::Waterline => "waterline",
        }
    }
}

/// Everything that decides a mill program besides the part.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MillOrder {
    /// The machine.
    pub machine: Machine,
    /// The tool for finishing, and for roughing where there is no other for it.
    pub tool: Tool,
    /// Another tool for roughing, a wider one; what it cannot reach the finishing tool takes before it finishes.
    pub rougher: Option<Rougher>,
    /// Another tool for the outline; a flat end leaves no cove at the foot of the wall.
    pub outline_tool: Option<Tool>,
    /// Speeds and depths.
    pub cutting: Cutting,
    /// The block.
    pub blank: Blank,
    /// How roughing passes run.
    pub roughing: Roughing,
    /// How finishing passes are spread.
    pub spread: Spread,
    /// Where they run.
    pub finishing: Finishing,
    /// Holes by which a blank that is turned over is held in its place; absent where it is pushed against stops.
    pub dowels: Option<Dowels>,
    /// A mark to be engraved into the surface that is milled last; absent for none.
    pub engraving: Option<Engraving>,
    /// How the part leaves the block.
    pub separation: Separation,
    /// Most material that may be left on the finished surface where the tool reaches, mm.
    pub left_limit_mm: f64,
    /// Most where it does not, such as in corners narrower than the tool, mm.
    pub unreachable_limit_mm: f64,
    /// Name of the part in the program's first line; anything but ASCII letters, digits, `-`, `_`, `.`
    /// and blanks is left out. Never a person's name.
    pub label: String,
}

impl MillOrder {
    /// Refuses numbers that no mill works with.
    ///
    /// # Errors
    /// [`MillError::Setting`] for the first such number, with its limits.
    pub fn check(&self) -> Result<(), MillError> {
        for tool in [&self.tool].into_iter().chain(&self.outline_tool) {
            if tool.is_drill() {
                return Err(MillError::Drill { tool: tool.name.clone() });
            }
        }
        self.check_finishing()?;
        self.check_dowels()?;
        self.check_rougher()?;
        let (machine, tool, cutting, blank) =
            (&self.machine, &self.tool, &self.cutting, &self.blank);
        let widest = tool.diameter_mm;
        let [slowest, fastest] = machine.spindle_rpm_range;
        let step_down = tool.flute_length_mm;
        // Key, value, and the range that it may have.
        let settings = [
            ("tool.diameter_mm", tool.diameter_mm, 0.5, 25.0),
            ("tool.corner or tip radius", corner_of(tool.shape), 0.0, widest / 2.0),
            ("tool.shank_diameter_mm", tool.shank_diameter_mm, 0.5, 50.0),
            ("tool.holder_diameter_mm", tool.holder_diameter_mm, 0.5, 200.0),
            ("machine.junction_deviation_mm", machine.junction_deviation_mm, 1e-4, 1.0),
            ("tool.flute_length_mm", tool.flute_length_mm, 1.0, 300.0),
            ("tool.stickout_mm", tool.stickout_mm, 1.0, 300.0),
            ("machine.travel_mm x", machine.travel_mm[0], 20.0, 1e5),
            ("machine.travel_mm y", machine.travel_mm[1], 20.0, 1e5),
            ("machine.travel_mm z", machine.travel_mm[2], 5.0, 1e5),
            ("machine.max_feed_mm_per_min", machine.max_feed_mm_per_min, 1.0, 1e6),
            ("machine.rapid_mm_per_min", machine.rapid_mm_per_min, 1.0, 1e6),
            ("machine.acceleration_mm_per_s2", machine.acceleration_mm_per_s2, 1.0, 1e6),
            ("machine.safe_height_mm", machine.safe_height_mm, 1.0, 500.0),
            ("cutting.spindle_rpm", cutting.spindle_rpm, slowest.max(1.0), fastest),
            ("cutting.feed_mm_per_min", cutting.feed_mm_per_min, 1.0, machine.max_feed_mm_per_min),
            ("cutting.plunge_mm_per_min", cutting.plunge_mm_per_min, 1.0, cutting.feed_mm_per_min),
            ("cutting.roughing_step_down_mm", cutting.roughing_step_down_mm, 0.1, step_down),
            ("cutting.roughing_step_over_mm", cutting.roughing_step_over_mm, 0.1, widest),
            ("cutting.roughing_allowance_mm", cutting.roughing_allowance_mm, 0.05, 5.0),
            ("cutting.finishing_step_over_mm", cutting.finishing_step_over_mm, 0.02, widest / 2.0),
            ("cutting.tolerance_mm", cutting.tolerance_mm, 1e-4, 0.05),
            ("left_limit_mm", self.left_limit_mm, 0.001, 1000.0),
            ("unreachable_limit_mm", self.unreachable_limit_mm, 0.001, 1000.0),
            ("blank.margin_mm", blank.margin_mm, 0.0, 200.0),
            ("blank.skin_above_mm", blank.skin_above_mm, 0.0, 100.0),
            ("blank.skin_below_mm", blank.skin_below_mm, 0.0, 100.0),
        ];
        let semi = cutting.semi_finishing.map(|semi| {
            let (left, step) = (semi.allowance_mm, semi.step_over_mm);
            [
                ("cutting.semi_finishing_allowance_mm", left, 0.02, cutting.roughing_allowance_mm),
                ("cutting.semi_finishing_step_over_mm", step, 0.02, widest / 2.0),
            ]
        });
        let mut settings = settings.into_iter().chain(semi.into_iter().flatten());
        // Written so that a NaN is refused too.
        match settings.find(|(_, value, low, high)| !(low..=high).contains(&value)) {
            Some((key, value, low, high)) => Err(MillError::Setting { key, value, low, high }),
            None => Ok(()),
        }
    }
}

impl MillOrder {
    /// The order as its first roughing sees it: with the tool and the cutting data of that.
    pub(crate) fn for_roughing(&self) -> Self {
        match &self.rougher {
            Some(Rougher { tool, cutting }) => Self {
                tool: tool.clone(),
                cutting: cutting.clone(),
                rougher: None,
                finishing: Finishing::Parallel,
                ..self.clone()
            },
            None => self.clone(),
        }
    }

    /// Spirals and level lines are spaced by the scallops of a ball.
    fn check_finishing(&self) -> Result<(), MillError> {
        let finishing = self.finishing.word();
        if self.finishing == Finishing::Parallel {
            Ok(())
        } else if self.tool.shape != ToolShape::Ball {
            let (tool, shape) = (self.tool.name.clone(), self.tool.shape.name());
            Err(MillError::FinishingTool { finishing, tool, shape })
        } else if self.spread == Spread::Even {
            Err(MillError::FinishingSpread { finishing })
        } else {
            Ok(())
        }
    }

    fn check_rougher(&self) -> Result<(), MillError> {
        let Some(rougher) = &self.rougher else { return Ok(()) };
        let (number, tool) = (rougher.tool.number, rougher.tool.name.clone());
        if number == self.tool.number {
            let other = self.tool.name.clone();
            return Err(MillError::SameNumber { number, tool, other });
        }
        let refused = |reason: MillError| MillError::Rougher { tool, reason: Box::new(reason) };
        self.for_roughing().check().map_err(refused)
    }

    /// Speeds and depths that operations of a kind are run at.
    #[must_use]
    pub fn cutting_of(&self, kind: OperationKind) -> &Cutting {
        match (&self.rougher, kind) {
            (Some(rougher), OperationKind::Roughing) => &rougher.cutting,
            _ => &self.cutting,
        }
    }

    fn check_dowels(&self) -> Result<(), MillError> {
        let Some(dowels) = &self.dowels else { return Ok(()) };
        if !dowels.tool.is_drill() {
            return Err(MillError::NoDrill { tool: dowels.tool.name.clone() });
        }
        let board = self.machine.spoil_board_mm;
        let deepest = dowels.board_depth_mm + dowels.tool.point_mm();
        if deepest.is_nan() || deepest > board {
            return Err(MillError::Board { depth: deepest, board });
        }
        let peck = dowels.peck_mm.unwrap_or(1.0);
        let settings = [
            ("dowels.board_depth_mm", dowels.board_depth_mm, 0.0, 100.0),
            ("dowels.peck_mm", peck, 0.2, 100.0),
        ];
        match settings.into_iter().find(|(_, value, low, high)| !(low..=high).contains(&value)) {
            Some((key, value, low, high)) => Err(MillError::Setting { key, value, low, high }),
            None => Ok(()),
        }
    }

    /// Speed of the spindle in an operation with a tool, 1/min: the cutting data's, as far as tool and machine go.
    #[must_use]
    pub fn spindle_rpm(&self, kind: OperationKind, tool: &Tool) -> f64 {
        let borne = tool.highest_rpm.unwrap_or(f64::INFINITY);
        self.cutting_of(kind).spindle_rpm.min(borne).max(self.machine.spindle_rpm_range[0])
    }

    /// Every tool that a program of this order may have, without repeats.
    #[must_use]
    pub fn tools(&self) -> Vec<Tool> {
        let mut tools: Vec<Tool> = Vec::new();
        let all = std::iter::once(&self.tool)
            .chain(self.rougher.as_ref().map(|rougher| &rougher.tool))
            .chain(&self.outline_tool)
            .chain(self.dowels.as_ref().map(|dowels| &dowels.tool))
            .chain(self.engraving.as_ref().map(|engraving| &engraving.tool));
        for tool in all {
            if !tools.contains(tool) {
                tools.push(tool.clone());
            }
        }
        tools
    }
}

/// The radius that a shape states beside the diameter, mm; 0 where it states none.
const fn corner_of(shape: ToolShape) -> f64 {
    match shape {
        ToolShape::Ball | ToolShape::Flat | ToolShape::Drill { .. } => 0.0,
        ToolShape::BullNose { corner_mm } => corner_mm,
        ToolShape::Tapered { tip_radius_mm, .. } => tip_radius_mm,
    }
}
