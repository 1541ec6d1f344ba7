//! Which of some lines, seen from above, another line runs beside.

use std::collections::BTreeMap;

use crate::level_lines::apart;

/// Places of lines by where they are.
pub(crate) struct Beside {
    cells: BTreeMap<[i32; 2], Vec<(usize, [f64; 2])>>,
}

/// Size of the cells in which neighbors are looked for, mm: neighboring passes lie closer.
const CELL_MM: f64 = 2.0;

impl Beside {
    /// Those of some of a list.
    pub(crate) fn of(rings: &[Vec<[f64; 2]>], which: std::ops::Range<usize>) -> Self {
        let mut cells: BTreeMap<[i32; 2], Vec<(usize, [f64; 2])>> = BTreeMap::new();
        for ring in which {
            for place in finely(&rings[ring]) {
                cells.entry(Self::cell(place)).or_default().push((ring, place));
            }
        }
        Self { cells }
    }

    fn cell(place: [f64; 2]) -> [i32; 2] {
        place.map(|along| (along / CELL_MM).floor() as i32)
    }

    /// The line that lies beside most of another, and beside which share of it; `None` if none is near.
    pub(crate) fn most_of(&self, ring: &[[f64; 2]]) -> Option<(usize, f64)> {
        let mut votes: BTreeMap<usize, usize> = BTreeMap::new();
        let mut count = 0;
        for place in finely(ring) {
            let [column, row] = Self::cell(place);
            let around =
                (-1..=1).flat_map(|right| (-1..=1).map(move |back| [column + right, row + back]));
            let beside = around.filter_map(|cell| self.cells.get(&cell)).flatten();
            let nearest = beside.min_by(|a, b| apart(a.1, place).total_cmp(&apart(b.1, place)));
            count += 1;
            if let Some((ring, _)) = nearest {
                *votes.entry(*ring).or_default() += 1;
            }
        }
        // The first of those with most votes.
        let (ring, most) = votes.into_iter().min_by_key(|(_, votes)| std::cmp::Reverse(*votes))?;
        Some((ring, most as f64 / f64::from(count.max(1))))
    }
}

/// Places along a line, no farther apart than half a millimeter.
fn finely(ring: &[[f64; 2]]) -> impl Iterator<Item = [f64; 2]> + '_ {
    ring.windows(2).flat_map(|ends| {
        let count = (2.0 * apart(ends[0], ends[1])).ceil().max(1.0) as usize;
        (0..count).map(move |step| {
            let share = step as f64 / count as f64;
            [0, 1].map(|axis| ends[0][axis] + share * (ends[1][axis] - ends[0][axis]))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_the_one_beside_most_of_it_as_its_neighbor() {
        let lines: Vec<Vec<[f64; 2]>> = vec![
            vec![[0.0, 0.0], [10.0, 0.0]],
            vec![[0.0, 1.0], [6.0, 1.0]],
            vec![[6.5, 1.0], [10.0, 1.0]],
            vec![[50.0, 0.0], [60.0, 0.0]],
        ];
        let beside = Beside::of(&lines, 1..3);
        let (found, share) = beside.most_of(&lines[0]).unwrap();
        assert_eq!(found, 1);
        assert!((share - 0.625).abs() < 0.05, "{share}");
        assert!(beside.most_of(&lines[3]).is_none());
    }
}
