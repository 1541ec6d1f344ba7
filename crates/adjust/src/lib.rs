//! Crate adjust.
