//! Turns machine, tool and cutting profiles into the settings of `milling`.

use gcode::mill::Dialect as Family;
use milling::{
    Blank, Cutting, Dialect, Dowels, Finishing, Machine, MillOrder, OperationKind, Rougher,
    Roughing, SafeStart, SemiFinishing, Separation, Spread, Tool, ToolChange, ToolShape,
};
use order::{OrderError, ProfileKind, ProfileStore, Values};

use crate::mill_fixtures::fixture;

/// Passes of semi-finishing lie this many times farther apart than those of finishing, where nothing else is said.
const SEMI_FINISHING_STEPS: f64 = 3.0;

/// The order that three profiles make, for a blank that is as large as the part needs.
pub(crate) fn mill_order(
    store: &ProfileStore,
    machine: &str,
    tool: &str,
    cutting: &str,
) -> Result<MillOrder, OrderError> {
    let machine = machine_of(&store.read(ProfileKind::Machine, machine)?)?;
    let tool = tool_of(&store.read(ProfileKind::Tool, tool)?);
    let cutting = store.read(ProfileKind::Cutting, cutting)?;
    let blank = Blank {
        size_mm: None,
        margin_mm: cutting.number("blank_margin_mm"),
        skin_above_mm: cutting.number("blank_skin_above_mm"),
        skin_below_mm: cutting.number("blank_skin_below_mm"),
    };
    Ok(MillOrder {
        machine,
        tool,
        rougher: None,
        outline_tool: None,
        roughing: match cutting.text("roughing") {
            "constant-engagement" => Roughing::ConstantEngagement,
            _ => Roughing::Parallel,
        },
        cutting: cutting_of(&cutting),
        blank,
        spread: Spread::EvenScallop,
        finishing: Finishing::Parallel,
        dowels: None,
        engraving: None,
        separation: Separation::Stay,
        left_limit_mm: milling::LEFT_LIMIT_MM,
        unreachable_limit_mm: milling::UNREACHABLE_LIMIT_MM,
        label: String::new(),
    })
}

/// Another tool for the roughing of an order, with the chips that the cutting profile has for each tooth of the order's
/// tool: a spindle that runs slower with it, or more teeth, change the feed and not the chip.
pub(crate) fn rougher_of(
    store: &ProfileStore,
    (tool, cutting): (&str, &str),
    order: &MillOrder,
) -> Result<Rougher, OrderError> {
    let tool = tool_of(&store.read(ProfileKind::Tool, tool)?);
    let profile = store.read(ProfileKind::Cutting, cutting)?;
    let usual = &order.cutting;
    let [slowest, fastest] = order.machine.spindle_rpm_range;
    let spindle_rpm = usual.spindle_rpm.min(tool.highest_rpm.unwrap_or(fastest)).max(slowest);
    let teeth = f64::from(tool.flutes) / f64::from(order.tool.flutes.max(1));
    let faster = teeth * spindle_rpm / order.spindle_rpm(OperationKind::Finishing, &order.tool);
    let feed = (usual.feed_mm_per_min * faster).min(order.machine.max_feed_mm_per_min);
    let cutting = Cutting {
        spindle_rpm,
        feed_mm_per_min: feed,
        // Straight down a wider tool goes no faster.
        plunge_mm_per_min: usual.plunge_mm_per_min * faster.min(1.0),
        roughing_step_over_mm: profile.number("rough_step_over_pct") / 100.0 * tool.diameter_mm,
        roughing_step_down_mm: profile
            .optional_number("rough_step_down_mm")
            .unwrap_or(usual.roughing_step_down_mm),
        ..usual.clone()
    };
    Ok(Rougher { tool, cutting })
}

/// A machine as its profile has it.
pub(crate) fn machine_of(machine: &Values) -> Result<Machine, OrderError> {
    let fixtures = machine.list("fixtures").iter().map(|text| fixture(text));
    Ok(Machine {
        name: machine.text("name").to_owned(),
        dialect: dialect_of(machine),
        travel_mm: ["travel_x_mm", "travel_y_mm", "travel_z_mm"].map(|key| machine.number(key)),
        max_feed_mm_per_min: machine.number("max_feed_mm_per_min"),
        rapid_mm_per_min: machine.number("rapid_mm_per_min"),
        acceleration_mm_per_s2: machine.number("acceleration_mm_per_s2"),
        junction_deviation_mm: machine.number("junction_deviation_mm"),
        spindle_rpm_range: ["spindle_min_rpm", "spindle_max_rpm"].map(|key| machine.number(key)),
        safe_height_mm: machine.number("safe_height_mm"),
        spoil_board_mm: machine.number("spoil_board_mm"),
        fixtures: fixtures.collect::<Result<_, _>>()?,
    })
}

/// The dowels that a machine's profile orders for blanks that are turned over, where it does, or where `registration` says so instead.
pub(crate) fn dowels_of(
    store: &ProfileStore,
    machine: &str,
    registration: Option<&str>,
) -> Result<Option<Dowels>, OrderError> {
    let machine = store.read(ProfileKind::Machine, machine)?;
    if registration.unwrap_or(machine.text("registration")) != "dowels" {
        return Ok(None);
    }
    let peck = machine.number("dowel_peck_mm");
    Ok(Some(Dowels {
        tool: tool_of(&store.read(ProfileKind::Tool, machine.text("dowel_tool"))?),
        board_depth_mm: machine.number("dowel_depth_mm"),
        peck_mm: (peck > 0.0).then_some(peck),
    }))
}

/// A tool as its profile has it.
pub(crate) fn tool_of(tool: &Values) -> Tool {
    let diameter = tool.number("diameter_mm");
    let corner = tool.optional_number("corner_radius_mm");
    let shape = match tool.text("shape") {
        "flat" => ToolShape::Flat,
        // A quarter of the diameter and 5° are what most makers sell.
        "bull-nose" => ToolShape::BullNose { corner_mm: corner.unwrap_or(diameter / 4.0) },
        "tapered" => ToolShape::Tapered {
            tip_radius_mm: corner.unwrap_or(diameter / 4.0),
            half_angle_rad: tool.optional_number("half_angle_deg").unwrap_or(5.0).to_radians(),
        },
        // 118° is what drills for wood and plastics have.
        "drill" => ToolShape::Drill {
            half_angle_rad: tool.optional_number("half_angle_deg").unwrap_or(59.0).to_radians(),
        },
        _ => ToolShape::Ball,
    };
    Tool {
        number: tool.count("number"),
        name: tool.text("name").to_owned(),
        shape,
        diameter_mm: diameter,
        flute_length_mm: tool.number("flute_length_mm"),
        stickout_mm: tool.number("stickout_mm"),
        flutes: tool.count("flutes"),
        shank_diameter_mm: tool.optional_number("shank_diameter_mm").unwrap_or(diameter),
        holder_diameter_mm: tool.number("holder_diameter_mm"),
        highest_rpm: tool.optional_number("highest_rpm"),
    }
}

/// Passes between roughing and finishing that leave `allowance_mm`; none for 0.
fn semi_finishing_of(cutting: &Values, allowance_mm: f64) -> Option<SemiFinishing> {
    let step_over_mm = cutting
        .optional_number("semi_finishing_step_over_mm")
        .unwrap_or(SEMI_FINISHING_STEPS * cutting.number("finishing_step_over_mm"));
    (allowance_mm != 0.0).then_some(SemiFinishing { allowance_mm, step_over_mm })
}

/// The same for a cutting profile by its name.
pub(crate) fn semi_finishing(
    store: &ProfileStore,
    cutting: &str,
    allowance_mm: f64,
) -> Result<Option<SemiFinishing>, OrderError> {
    Ok(semi_finishing_of(&store.read(ProfileKind::Cutting, cutting)?, allowance_mm))
}

fn cutting_of(cutting: &Values) -> Cutting {
    Cutting {
        spindle_rpm: cutting.number("spindle_rpm"),
        feed_mm_per_min: cutting.number("feed_mm_per_min"),
        plunge_mm_per_min: cutting.number("plunge_mm_per_min"),
        roughing_step_down_mm: cutting.number("roughing_step_down_mm"),
        roughing_step_over_mm: cutting.number("roughing_step_over_mm"),
        roughing_allowance_mm: cutting.number("roughing_allowance_mm"),
        semi_finishing: semi_finishing_of(cutting, cutting.number("semi_finishing_allowance_mm")),
        finishing_step_over_mm: cutting.number("finishing_step_over_mm"),
        tolerance_mm: cutting.number("path_tolerance_mm"),
    }
}

/// The family's usual way of writing, with what the profile says otherwise.
fn dialect_of(machine: &Values) -> Dialect {
    let family = match machine.text("dialect") {
        "grblhal" => Family::GrblHal,
        "linuxcnc" => Family::LinuxCnc,
        "mach3" => Family::Mach3,
        "mach4" => Family::Mach4,
        "fanuc" => Family::Fanuc,
        "roland" => Family::Roland,
        _ => Family::Grbl,
    };
    let usual = Dialect::usual(family);
    let on = |key: &str, usual: bool| machine.optional_text(key).map_or(usual, |word| word == "on");
    let number = |key: &str, usual: Option<f64>| {
        // 0 says that there is none.
        machine.optional_number(key).map_or(usual, |value| (value > 0.0).then_some(value))
    };
    let whole =
        |key: &str, usual: Option<u32>| number(key, usual.map(f64::from)).map(|value| value as u32);
    Dialect {
        percent: on("percent", usual.percent),
        program_number: whole("program_number", usual.program_number),
        line_number_step: whole("line_number_step", usual.line_number_step),
        comments: on("comments", usual.comments),
        capitals: on("capitals", usual.capitals),
        tool_change: match machine.optional_text("tool_change") {
            Some("none") => ToolChange::None,
            Some("m6") => ToolChange::M6,
            Some("stop") => ToolChange::Stop,
            _ => usual.tool_change,
        },
        length_offset: on("length_offset", usual.length_offset),
        safe_start: match machine.optional_text("safe_start") {
            Some("clearance") => SafeStart::Clearance,
            Some("machine-zero") => SafeStart::MachineZero,
            Some("reference") => SafeStart::Reference,
            _ => usual.safe_start,
        },
        dwells_in_milliseconds: machine
            .optional_text("dwell_unit")
            .map_or(usual.dwells_in_milliseconds, |unit| unit == "ms"),
        drilling_cycles: on("drilling_cycles", usual.drilling_cycles),
        arc_tolerance_mm: number("arc_tolerance_mm", usual.arc_tolerance_mm),
        blend_tolerance_mm: number("blend_tolerance_mm", usual.blend_tolerance_mm),
        word_gaps: on("word_gaps", usual.word_gaps),
        longest_line: whole("longest_line", None)
            .map_or(usual.longest_line, |length| length as usize),
        ..usual
    }
}
