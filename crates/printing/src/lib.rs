//! Crate printing.
