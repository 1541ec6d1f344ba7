//! Level lines of values over a grid (marching squares, Lorensen and Cline 1987, doi 10.1145/37402.37422, in the plane).
//!
//! Lines run with the higher side on their right hand. Between two nodes values are taken as straight; a cell with a node that
//! has no value (NaN) has no line, so lines end there. A saddle is cut by the mean of its four corners.

use std::collections::BTreeMap;

/// Where the nodes of a grid are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Lattice {
    /// Place of the first node, mm.
    pub(crate) low: [f64; 2],
    /// Distance of nodes along x and y, mm.
    pub(crate) spacing: [f64; 2],
    pub(crate) columns: usize,
    pub(crate) rows: usize,
}

impl Lattice {
    /// Place of a node, mm.
    pub(crate) fn place(&self, column: usize, row: usize) -> [f64; 2] {
        [self.low[0] + self.spacing[0] * column as f64, self.low[1] + self.spacing[1] * row as f64]
    }

    /// Column and row of the node nearest to a place; those of the border for places beyond it.
    pub(crate) fn nearest(&self, place: [f64; 2]) -> [usize; 2] {
        [0, 1].map(|axis| {
            let along = (place[axis] - self.low[axis]) / self.spacing[axis];
            let most = [self.columns, self.rows][axis] - 1;
            (along.round().max(0.0) as usize).min(most)
        })
    }

    /// Number of a node, row by row.
    pub(crate) const fn index(&self, column: usize, row: usize) -> usize {
        row * self.columns + column
    }

    /// The nodes around a node, counter-clockwise from the right; `None` beyond the border.
    pub(crate) fn around(&self, node: usize) -> [Option<usize>; 8] {
        let (column, row) = ((node % self.columns) as isize, (node / self.columns) as isize);
        AROUND.map(|[right, back]| {
            let (column, row) = (column + right, row + back);
            let is_on = (0..self.columns as isize).contains(&column)
                && (0..self.rows as isize).contains(&row);
            is_on.then(|| self.index(column as usize, row as usize))
        })
    }
}

/// Steps to the eight nodes around a node.
pub(crate) const AROUND: [[isize; 2]; 8] =
    [[1, 0], [1, 1], [0, 1], [-1, 1], [-1, 0], [-1, -1], [0, -1], [1, -1]];

/// A way of straight pieces seen from above, mm.
pub(crate) type Way = Vec<[f64; 2]>;

/// A line on which values are the same, seen from above.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct LevelLine {
    /// Its corners; the first is not repeated at the end of a closed line.
    pub(crate) places: Way,
    pub(crate) is_closed: bool,
}

/// An edge between two nodes: twice the first one's number, and one more where it goes on along y.
type Edge = usize;

/// The lines on which values, row by row, pass through a level; in the order of the grid.
pub(crate) fn level_lines(lattice: &Lattice, values: &[f64], level: f64) -> Vec<LevelLine> {
    // Each edge that a line crosses leads to the next.
    let mut next: BTreeMap<Edge, Edge> = BTreeMap::new();
    let mut is_entered: Vec<Edge> = Vec::new();
    for row in 0..lattice.rows - 1 {
        for column in 0..lattice.columns - 1 {
            let first = lattice.index(column, row);
            let corners = [first, first + 1, first + lattice.columns + 1, first + lattice.columns];
            let heights = corners.map(|node| values[node]);
            let count = heights.iter().filter(|height| **height >= level).count();
            if count == 0 || count == 4 || heights.iter().any(|height| height.is_nan()) {
                continue;
            }
            // The cell's edges, counter-clockwise.
            let edges =
                [2 * first, 2 * (first + 1) + 1, 2 * (first + lattice.columns), 2 * first + 1];
            for [from, to] in segments(heights, level) {
                next.insert(edges[from], edges[to]);
                is_entered.push(edges[to]);
            }
        }
    }
    is_entered.sort_unstable();
    let open: Vec<Edge> =
        next.keys().copied().filter(|edge| is_entered.binary_search(edge).is_err()).collect();
    let place = |edge: Edge| {
        let node = edge / 2;
        let (column, row) = (node % lattice.columns, node / lattice.columns);
        let other = if edge.is_multiple_of(2) { node + 1 } else { node + lattice.columns };
        let share = (level - values[node]) / (values[other] - values[node]);
        let [x, y] = lattice.place(column, row);
        if edge.is_multiple_of(2) {
            [x + share * lattice.spacing[0], y]
        } else {
            [x, y + share * lattice.spacing[1]]
        }
    };
    let mut lines = Vec::new();
    let mut open = open.into_iter();
    while let Some(start) = open.next().or_else(|| next.first_key_value().map(|(edge, _)| *edge)) {
        let mut places = vec![place(start)];
        let mut at = start;
        let is_closed = loop {
            let Some(to) = next.remove(&at) else { break false };
            if to == start {
                break true;
            }
            places.push(place(to));
            at = to;
        };
        lines.push(LevelLine { places, is_closed });
    }
    lines
}

/// Pieces of the line through a cell, from one edge to another, with the higher side on the right.
///
/// Corners and edges go round counter-clockwise, an edge beginning at the corner of the same number.
fn segments(heights: [f64; 4], level: f64) -> Vec<[usize; 2]> {
    let is_high = heights.map(|height| height >= level);
    let rises = |edge: usize| !is_high[edge] && is_high[(edge + 1) % 4];
    let falls = |edge: usize| is_high[edge] && !is_high[(edge + 1) % 4];
    // Where the two high corners of a saddle hang together, lines go around the low ones.
    let mean = heights.iter().sum::<f64>() / 4.0;
    let is_joined = is_high[0] == is_high[2] && is_high[1] == is_high[3] && mean >= level;
    let step = if is_joined { 3 } else { 1 };
    (0..4)
        .filter(|edge| rises(*edge))
        .filter_map(|from| {
            let to = (1..4).map(|turn| (from + turn * step) % 4).find(|edge| falls(*edge))?;
            Some([from, to])
        })
        .collect()
}

/// A closed line back to its first place; an open one as it is.
pub(crate) fn whole(line: LevelLine) -> Way {
    let mut places = line.places;
    if line.is_closed {
        places.extend(places.first().copied());
    }
    places
}

/// Length of a way of straight pieces, mm.
pub(crate) fn length_of(places: &[[f64; 2]]) -> f64 {
    places.windows(2).map(|pair| apart(pair[0], pair[1])).sum()
}

/// Distance of two places, mm.
pub(crate) fn apart(a: [f64; 2], b: [f64; 2]) -> f64 {
    (b[0] - a[0]).hypot(b[1] - a[1])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn lattice() -> Lattice {
        Lattice { low: [-5.0, -4.0], spacing: [0.25, 0.2], columns: 41, rows: 41 }
    }

    fn sampled(value: impl Fn([f64; 2]) -> f64) -> Vec<f64> {
        let lattice = lattice();
        let nodes =
            (0..lattice.rows).flat_map(|row| (0..lattice.columns).map(move |column| (column, row)));
        nodes.map(|(column, row)| value(lattice.place(column, row))).collect()
    }

    fn signed_area(places: &[[f64; 2]]) -> f64 {
        let next = places.iter().cycle().skip(1);
        places.iter().zip(next).map(|(a, b)| a[0] * b[1] - a[1] * b[0]).sum::<f64>() / 2.0
    }

    #[test]
    fn a_hill_is_gone_round_clockwise_and_a_hollow_counter_clockwise() {
        for (sign, turn) in [(-1.0, -1.0), (1.0, 1.0)] {
            let values = sampled(|[x, y]| sign * x.hypot(y));
            let [line] = &level_lines(&lattice(), &values, sign * 3.0)[..] else { panic!() };
            assert!(line.is_closed);
            for [x, y] in &line.places {
                assert!((x.hypot(*y) - 3.0).abs() < 0.01, "{x} {y}");
            }
            let area = turn * signed_area(&line.places);
            assert!((area - 9.0 * std::f64::consts::PI).abs() < 0.1, "{area}");
        }
    }

    #[test]
    fn lines_end_at_unknown_nodes_and_saddles_have_two() {
        let values = sampled(|[x, y]| if x > 0.1 { f64::NAN } else { -x.hypot(y) });
        let [line] = &level_lines(&lattice(), &values, -3.0)[..] else { panic!() };
        assert!(!line.is_closed && line.places.len() > 20);
        let values = sampled(|[x, y]| x * y);
        assert_eq!(level_lines(&lattice(), &values, 0.1).len(), 2);
        assert!(level_lines(&lattice(), &values, 1e3).is_empty());
    }

    proptest! {
        #[test]
        fn every_line_of_random_values_is_whole(
            values in prop::collection::vec(-1.0..1.0_f64, 41 * 41), level in -0.9..0.9_f64,
        ) {
            let mut values = values;
            for (node, value) in values.iter_mut().enumerate() {
                let (column, row) = (node % 41, node / 41);
                if column == 0 || row == 0 || column == 40 || row == 40 {
                    *value = -1.0;
                }
            }
            let lines = level_lines(&lattice(), &values, level);
            prop_assert!(lines.iter().all(|line| line.is_closed && line.places.len() > 2));
        }
    }
}
