//! Crate optimize.
