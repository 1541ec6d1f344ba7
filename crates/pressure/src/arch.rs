//! The arch index of the print without toes.

use serde::Serialize;

use crate::{FootFrame, Masks, Print, Region};

/// What an arch index says (limits of Cavanagh & Rodgers 1987, J Biomech 20:547,
/// doi:10.1016/0021-9290(87)90255-7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ArchType {
    /// Up to 0.21.
    High,
    /// Over 0.21 and under 0.26.
    Normal,
    /// From 0.26.
    Low,
}

/// Area of the middle third of the toeless print over its whole area.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ArchIndex {
    /// The index, 0 to 1.
    pub index: f64,
    /// What it says.
    pub arch: ArchType,
    /// Levels at which the print is cut in thirds, mm in the foot frame.
    pub thirds: [f64; 2],
}

/// Upper limit of a high arch and lower limit of a low one.
const LIMITS: [f64; 2] = [0.21, 0.26];

pub(crate) fn arch_index(print: &Print, frame: &FootFrame, masks: &Masks) -> Option<ArchIndex> {
    let body: Vec<f64> = print
        .contact_cells()
        .filter(|&cell| {
            masks.regions[cell]
                .is_some_and(|region| !matches!(region, Region::Hallux | Region::Toes))
        })
        .map(|cell| frame.foot_from_grid(print.place(cell)).y)
        .collect();
    let back = frame.extent[0];
    let half = (print.cell_mm[0] + print.cell_mm[1]) / 4.0;
    let front = body.iter().copied().fold(f64::NEG_INFINITY, f64::max) + half;
    if body.is_empty() || front <= back {
        return None;
    }
    let thirds = [1.0, 2.0].map(|third| back + third / 3.0 * (front - back));
    // A cell is cut by a border in proportion, so that the index does not jump with the grid.
    let share_below = |y: f64, level: f64| ((level - y) / (2.0 * half) + 0.5).clamp(0.0, 1.0);
    let middle: f64 =
        body.iter().map(|&y| share_below(y, thirds[1]) - share_below(y, thirds[0])).sum();
    let index = middle / body.len() as f64;
    let arch = if index <= LIMITS[0] {
        ArchType::High
    } else if index < LIMITS[1] {
        ArchType::Normal
    } else {
        ArchType::Low
    };
    Some(ArchIndex { index, arch, thirds })
}
