//! Crate report.
