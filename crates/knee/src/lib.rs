//! Crate knee.
