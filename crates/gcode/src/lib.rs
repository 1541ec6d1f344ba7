//! Crate gcode.
