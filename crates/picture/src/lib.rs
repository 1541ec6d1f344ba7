//! Crate picture.
