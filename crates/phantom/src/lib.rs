//! Crate phantom.
