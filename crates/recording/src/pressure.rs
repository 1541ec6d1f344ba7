//! A pressure recording: a grid of cells over time.

use vocabulary::Side;

/// What a pressure insole or plate measured.
#[derive(Clone, Debug, PartialEq)]
pub struct Pressure {
    /// Which foot, if the file says so.
    pub side: Option<Side>,
    /// Frames per second; 0 for a single map without time.
    pub rate_hz: f64,
    /// Rows of cells; row 0 is the file's first.
    pub rows: usize,
    /// Columns of cells.
    pub columns: usize,
    /// Distance of rows and of columns, mm.
    pub cell_mm: [f64; 2],
    /// For every cell, row by row: whether the sensor has one there.
    pub inside: Vec<bool>,
    /// Pressure in kPa, frame by frame, row by row; 0 outside the sensor.
    pub kpa: Vec<f32>,
}

impl Pressure {
    /// Number of frames.
    #[must_use]
    pub fn frames(&self) -> usize {
        self.kpa.len() / (self.rows * self.columns).max(1)
    }

    /// The cells of one frame, row by row.
    #[must_use]
    pub fn frame(&self, index: usize) -> &[f32] {
        let cells = self.rows * self.columns;
        &self.kpa[index * cells..(index + 1) * cells]
    }
}
