//! How each firmware is told what it needs beside the moves: limits, pressure advance, progress.
//!
//! Words after the firmwares' own G-code indexes (Marlin 2, Klipper, `RepRapFirmware` 3, Prusa,
//! Bambu-style programs); `building.md` section 5 has them side by side. Feeds of moves are mm/min in
//! all of them; limits are mm/s, in `RepRapFirmware` mm/min.

use std::fmt::Write as _;

use crate::settings::{Dialect, PrintOrder};

/// The name after `;FLAVOR:`, by which viewers know how to read the program.
pub(crate) const fn flavor(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Marlin | Dialect::Prusa | Dialect::Bambu => "Marlin",
        Dialect::Klipper => "Klipper",
        Dialect::RepRapFirmware => "RepRapFirmware",
    }
}

/// The machine's limits, as the time estimate uses them.
pub(crate) fn limits(order: &PrintOrder) -> String {
    let printer = &order.printer;
    let (speed, z_speed) = (printer.max_speed_mm_s, printer.max_z_speed_mm_s);
    let (acceleration, z_acceleration) =
        (printer.acceleration_mm_s2, printer.max_z_acceleration_mm_s2);
    let corner = printer.corner_speed_mm_s;
    match printer.dialect {
        Dialect::Klipper => format!(
            "SET_VELOCITY_LIMIT VELOCITY={speed} ACCEL={acceleration} \
             SQUARE_CORNER_VELOCITY={corner}\n"
        ),
        Dialect::RepRapFirmware => format!(
            "M201 X{acceleration} Y{acceleration} Z{z_acceleration}\n\
             M203 X{} Y{} Z{}\nM204 P{acceleration} T{acceleration}\nM566 X{} Y{}\n",
            speed * 60.0,
            speed * 60.0,
            z_speed * 60.0,
            corner * 60.0,
            corner * 60.0,
        ),
        Dialect::Marlin | Dialect::Prusa | Dialect::Bambu => format!(
            "M201 X{acceleration} Y{acceleration} Z{z_acceleration}\n\
             M203 X{speed} Y{speed} Z{z_speed}\nM204 P{acceleration} T{acceleration}\n\
             M205 X{corner} Y{corner}\n"
        ),
    }
}

/// Pressure (linear) advance, where the material has one.
pub(crate) fn pressure_advance(order: &PrintOrder) -> String {
    let Some(advance) = order.material.pressure_advance_s else { return String::new() };
    match order.printer.dialect {
        Dialect::Marlin => format!("M900 K{advance}\n"),
        Dialect::Klipper => format!("SET_PRESSURE_ADVANCE ADVANCE={advance}\n"),
        Dialect::RepRapFirmware => format!("M572 D0 S{advance}\n"),
        Dialect::Prusa => format!("M572 S{advance}\n"),
        Dialect::Bambu => format!("M900 K{advance} L1000 M10\n"),
    }
}

/// Progress in percent and the minutes that remain.
pub(crate) fn progress(text: &mut String, done_s: f64, total_s: f64) {
    let percent = (100.0 * done_s / total_s.max(1e-9)).floor().clamp(0.0, 100.0);
    let minutes = ((total_s - done_s).max(0.0) / 60.0).ceil();
    // Writing to a text cannot fail.
    let _ = writeln!(text, "M73 P{percent:.0} R{minutes:.0}");
}
