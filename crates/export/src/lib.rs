//! Crate export.
