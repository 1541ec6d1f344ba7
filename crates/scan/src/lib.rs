//! Crate scan.
