//! Borders of the dark cells of a code, without points where two of them touch.
//!
//! Cells that meet at a corner only would make an edge of four faces in a solid. There the corner is cut off both, so
//! that a thin bridge parts them; no reader looks at corners.

use geometry::Point2;

/// What is cut off a corner where two cells meet, as a share of a cell.
const CUT: f64 = 0.12;

/// A square grid of dark and light cells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cells {
    /// Cells along a side.
    pub(crate) side: usize,
    /// Row by row, the upper row first; whether a cell is dark.
    pub(crate) dark: Vec<bool>,
}

impl Cells {
    /// Whether a cell is dark; `(0, 0)` is the lower left one, and beyond the grid all is light.
    pub(crate) fn at(&self, column: isize, row: isize) -> bool {
        let side = self.side as isize;
        (0..side).contains(&column)
            && (0..side).contains(&row)
            && self.dark[((side - 1 - row) * side + column) as usize]
    }

    /// Closed borders of the dark cells in units of a cell, the grid's lower left corner at the origin; the
    /// dark lies on their left.
    pub(crate) fn borders(&self) -> Vec<Vec<Point2>> {
        let side = self.side as isize;
        // Every edge between dark and light is walked once, in the direction in which the dark is on its left: it is
        // known by its start and direction (0 right, 1 up, 2 left, 3 down).
        let mut walked = vec![[false; 4]; ((side + 1) * (side + 1)) as usize];
        let index = |(x, y): (isize, isize)| (y * (side + 1) + x) as usize;
        let mut borders = Vec::new();
        for y in 0..=side {
            for x in 0..=side {
                if walked[index((x, y))][0] || !self.is_border((x, y), 0) {
                    continue;
                }
                borders.push(self.walk((x, y), |place, way| {
                    walked[index(place)][way] = true;
                }));
            }
        }
        borders
    }

    /// Whether the edge that starts at a corner in a direction has dark on its left and light on its right.
    fn is_border(&self, (x, y): (isize, isize), way: usize) -> bool {
        let (left, right) = match way {
            0 => ((x, y), (x, y - 1)),
            1 => ((x - 1, y), (x, y)),
            2 => ((x - 1, y - 1), (x - 1, y)),
            _ => ((x, y - 1), (x - 1, y - 1)),
        };
        self.at(left.0, left.1) && !self.at(right.0, right.1)
    }

    fn walk(
        &self,
        start: (isize, isize),
        mut note: impl FnMut((isize, isize), usize),
    ) -> Vec<Point2> {
        const WAYS: [(isize, isize); 4] = [(1, 0), (0, 1), (-1, 0), (0, -1)];
        let (mut place, mut way) = (start, 0);
        let mut line: Vec<Point2> = Vec::new();
        loop {
            note(place, way);
            place = (place.0 + WAYS[way].0, place.1 + WAYS[way].1);
            // Around a cell that touches another by a corner the walk stays with its own cell: it turns left.
            let next = [(way + 1) % 4, way, (way + 3) % 4]
                .into_iter()
                .find(|&next| self.is_border(place, next))
                .unwrap_or(way);
            let corner = Point2::new(place.0 as f64, place.1 as f64);
            let touches = self.is_border(place, (way + 3) % 4) && next == (way + 1) % 4;
            if touches {
                let step = |way: usize, by: f64| {
                    corner + by * nalgebra::Vector2::new(WAYS[way].0 as f64, WAYS[way].1 as f64)
                };
                line.extend([step(way, -CUT), step(next, CUT)]);
            } else if next != way {
                line.push(corner);
            }
            way = next;
            if (place, way) == (start, 0) {
                return line;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use geometry::polygon;

    fn cells(rows: &[&str]) -> Cells {
        let dark = rows.iter().flat_map(|row| row.chars().map(|cell| cell == '#')).collect();
        Cells { side: rows.len(), dark }
    }

    #[test]
    fn all_grids_of_nine_cells() {
        for pattern in 0_u32..512 {
            let grid = Cells { side: 3, dark: (0..9).map(|k| pattern >> k & 1 == 1).collect() };
            let borders = grid.borders();
            // Where two cells meet at a corner each gives up a little triangle.
            let meetings = (1..3)
                .flat_map(|x| (1..3).map(move |y| (x, y)))
                .filter(|&(x, y)| {
                    let around = [(x - 1, y - 1), (x, y - 1), (x, y), (x - 1, y)]
                        .map(|(column, row)| grid.at(column, row));
                    around == [true, false, true, false] || around == [false, true, false, true]
                })
                .count();
            let area: f64 = borders.iter().map(|one| polygon::signed_area(one)).sum();
            let expected = f64::from(pattern.count_ones()) - meetings as f64 * CUT * CUT;
            assert!((area - expected).abs() < 1e-9, "{pattern:b}: {area} {expected}");
            for x in 0..3 {
                for y in 0..3 {
                    let middle = Point2::new(x as f64 + 0.5, y as f64 + 0.5);
                    let inside = borders
                        .iter()
                        .fold(false, |inside, one| inside ^ polygon::contains(one, middle));
                    assert_eq!(inside, grid.at(x, y), "{pattern:b}");
                }
            }
            let mut corners: Vec<[u64; 2]> = borders
                .iter()
                .flatten()
                .map(|corner| [corner.x.to_bits(), corner.y.to_bits()])
                .collect();
            let count = corners.len();
            corners.sort_unstable();
            corners.dedup();
            assert_eq!(corners.len(), count, "{pattern:b}: no corner is met twice");
        }
    }

    #[test]
    fn the_upper_row_comes_first() {
        let grid = cells(&["#.", ".."]);
        assert!(grid.at(0, 1) && !grid.at(0, 0));
    }
}
