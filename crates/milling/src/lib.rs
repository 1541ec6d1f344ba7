//! Crate milling.
