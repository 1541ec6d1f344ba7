//! A pressure recording: a grid of cells over time.

mod emed;
mod pedar;
mod read;
mod table;
mod tekscan;
#[cfg(test)]
mod tests;
mod text;

pub use read::{
    LARGEST_PRESSURE_FILE, MOST_CELLS, MOST_SAMPLES, PressureError, PressureRequest, is_pressure,
    read_pressure,
};

use vocabulary::Side;

/// What a pressure insole or plate measured.
#[derive(Clone, Debug, PartialEq)]
pub struct Pressure {
    /// The kind of file, in a few words for messages.
    pub format: &'static str,
    /// Which foot, if the caller or the file says so (its name counts, with a finding).
    pub side: Option<Side>,
    /// Where the cells lie.
    pub sensor: Sensor,
    /// From which side the grid is seen.
    pub view: View,
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
    /// Highest pressure that a cell can tell, kPa, if the file says so.
    pub saturation_kpa: Option<f64>,
    /// Body mass by which the sensor was calibrated, kg, if the file says so.
    pub calibration_mass_kg: Option<f64>,
}

/// Where the cells of a recording lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sensor {
    /// Between foot and shoe, moving with the foot.
    Insole,
    /// On the ground.
    Plate,
}

impl Sensor {
    /// `"in-shoe"` or `"barefoot"`.
    #[must_use]
    pub const fn setting(self) -> &'static str {
        match self {
            Self::Insole => "in-shoe",
            Self::Plate => "barefoot",
        }
    }
}

/// From which side a grid is seen when its rows run down and its columns run to the right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    /// From above, as one looks at one's own foot.
    FromAbove,
    /// The format does not say; then a print tells medial from lateral, but not left from right.
    Unknown,
}

impl Pressure {
    /// Number of frames.
    #[must_use]
    pub fn frames(&self) -> usize {
        self.kpa.len() / self.cells().max(1)
    }

    /// Number of cells of a frame, those outside the sensor included.
    #[must_use]
    pub const fn cells(&self) -> usize {
        self.rows * self.columns
    }

    /// The cells of one frame, row by row.
    #[must_use]
    pub fn frame(&self, index: usize) -> &[f32] {
        let cells = self.cells();
        &self.kpa[index * cells..(index + 1) * cells]
    }

    /// Area of a cell, mm².
    #[must_use]
    pub const fn cell_area_mm2(&self) -> f64 {
        self.cell_mm[0] * self.cell_mm[1]
    }
}
