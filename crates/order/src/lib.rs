//! Crate order.
