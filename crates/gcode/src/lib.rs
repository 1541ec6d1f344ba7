//! Reads G-code back: what a machine would do with a program, as data.
//!
//! [`word`] splits lines into words and comments. The interpreters above it follow the modal state of
//! one family of machines each and report moves and faults; they are the referees of what `milling`
//! and `printing` write, so they share no code with the writers.

pub mod mill;
pub mod print;
pub mod word;
