//! Crate gait.
