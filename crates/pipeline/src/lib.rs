//! Crate pipeline.
