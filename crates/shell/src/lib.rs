//! Crate shell.
