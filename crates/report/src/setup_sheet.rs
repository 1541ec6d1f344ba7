//! What the sheet beside a machine says.

use crate::page::{Figure, FileRow, FindingRow, Row};

/// The set-up sheet of one job: the programs that make it, in the order in which they run.
#[derive(Clone, Debug, Default)]
pub struct SetupSheet {
    /// What is made, such as "Insoles, left and right".
    pub title: String,
    /// Name of the parts; never a person's name.
    pub label: String,
    /// Version of the program that wrote it.
    pub program_version: String,
    /// Machine, material, blank, times.
    pub facts: Vec<Row>,
    /// Warnings and notes.
    pub findings: Vec<FindingRow>,
    /// Its programs.
    pub programs: Vec<ProgramSheet>,
    /// What the check does not see.
    pub limits: Vec<String>,
}

/// One program and what has to be done for it.
#[derive(Clone, Debug, Default)]
pub struct ProgramSheet {
    /// Its name, such as "Side 1, top".
    pub title: String,
    /// Its file.
    pub file: FileRow,
    /// What the operator does, in order.
    pub steps: Vec<String>,
    /// Its operations, in order.
    pub operations: Vec<OperationRow>,
    /// What the check of the program found.
    pub proof: Vec<Row>,
    /// Pictures of the blank, the paths and the simulated part.
    pub figures: Vec<Figure>,
}

/// One operation, every value in words.
#[derive(Clone, Debug, Default)]
pub struct OperationRow {
    /// What it does.
    pub name: String,
    /// Number and name of its tool.
    pub tool: String,
    /// What is to be known about the tool.
    pub tool_note: String,
    /// Spindle speed.
    pub spindle: String,
    /// Feed, and that of plunges.
    pub feed: String,
    /// Lowest height of the tip.
    pub lowest: String,
    /// Number of moves.
    pub moves: String,
    /// Time by itself.
    pub time: String,
}
