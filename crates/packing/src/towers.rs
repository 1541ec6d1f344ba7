//! Where towers of like parts may stand in the build volume.
//!
//! Rows of deep and rows of turned rectangles, each for one tower, fill the floor as boxes fill a
//! pallet (compare Steudel 1979, doi:10.1287/mnsc.25.10.997, who grows four blocks from the corners;
//! two blocks do for the few towers of a build). The rectangles may be nearer than the spacing: outlines
//! are round, and the heap keeps the spacing whatever the rectangles are.

/// The middle of a tower, mm from the corner of what may be used.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Tower {
    pub(crate) middle: [f64; 2],
    /// Whether the longer side of a part runs along y.
    pub(crate) is_deep: bool,
}

/// The most towers for parts of a long and a short side, `gap` mm apart, on a floor of `room` mm.
///
/// Empty where not even one fits, or where a side is nothing.
pub(crate) fn towers(room: [f64; 2], long: f64, short: f64, gap: f64) -> Vec<Tower> {
    if !(short >= 1.0 && long >= short && gap >= 0.0) {
        return Vec::new();
    }
    let along_x = rows(room, long, short, gap);
    let along_y: Vec<Tower> = rows([room[1], room[0]], long, short, gap)
        .into_iter()
        .map(|tower| Tower { middle: [tower.middle[1], tower.middle[0]], is_deep: !tower.is_deep })
        .collect();
    if along_y.len() > along_x.len() { along_y } else { along_x }
}

/// The best rows along x: so many of deep towers, and then as many of turned ones as there is room for.
fn rows([width, depth]: [f64; 2], long: f64, short: f64, gap: f64) -> Vec<Tower> {
    let fit = |room: f64, side: f64| ((room + gap) / (side + gap)).max(0.0) as usize;
    let (in_deep_row, in_turned_row) = (fit(width, short), fit(width, long));
    let turned_rows = |deep: usize| fit(depth - deep as f64 * (long + gap), short);
    let count = |deep: usize| deep * in_deep_row + turned_rows(deep) * in_turned_row;
    // The last of equal ones: rows of deep towers are as long as the parts and waste less.
    let Some(deep) = (0..=fit(depth, long)).max_by_key(|&deep| count(deep)) else {
        return Vec::new();
    };
    let turned = turned_rows(deep);
    let used = deep as f64 * (long + gap) + turned as f64 * (short + gap) - gap;
    let between = gap + (depth - used).max(0.0) / (deep + turned).saturating_sub(1).max(1) as f64;
    let mut towers = Vec::new();
    let mut low = 0.0;
    for row in 0..deep + turned {
        let is_deep = row < deep;
        let (across, along, count) =
            if is_deep { (long, short, in_deep_row) } else { (short, long, in_turned_row) };
        let step = (width - along) / count.saturating_sub(1).max(1) as f64;
        towers.extend((0..count).map(|index| Tower {
            middle: [along / 2.0 + index as f64 * step, low + across / 2.0],
            is_deep,
        }));
        low += across + between;
    }
    towers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_deep_towers_and_a_row_of_two_turned_ones_fill_a_floor() {
        let found = towers([370.0, 274.0], 179.0, 88.0, 5.0);
        assert_eq!(found.len(), 6);
        assert_eq!(found.iter().filter(|tower| tower.is_deep).count(), 4);
        assert_eq!(towers([274.0, 370.0], 179.0, 88.0, 5.0).len(), 6);
    }

    #[test]
    fn rectangles_of_towers_keep_the_gap_and_the_floor() {
        for room in [[370.0, 274.0], [100.0, 500.0], [95.0, 61.0]] {
            for (long, short, gap) in [(90.0, 60.0, 5.0), (60.0, 60.0, 0.0), (95.0, 10.0, 3.0)] {
                let found = towers(room, long, short, gap);
                assert!(!found.is_empty());
                let half = |tower: &Tower| {
                    if tower.is_deep {
                        [short / 2.0, long / 2.0]
                    } else {
                        [long / 2.0, short / 2.0]
                    }
                };
                for (index, a) in found.iter().enumerate() {
                    let outside = |axis: usize| {
                        a.middle[axis] - half(a)[axis] < -1e-9
                            || a.middle[axis] + half(a)[axis] > room[axis] + 1e-9
                    };
                    assert!(!outside(0) && !outside(1), "{room:?} {a:?}");
                    for b in &found[..index] {
                        let between = |axis: usize| {
                            (a.middle[axis] - b.middle[axis]).abs() - half(a)[axis] - half(b)[axis]
                        };
                        assert!(between(0).max(between(1)) >= gap - 1e-9, "{room:?} {a:?} {b:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn no_tower_stands_where_none_fits() {
        assert!(towers([50.0, 50.0], 60.0, 20.0, 5.0).is_empty());
        assert!(towers([50.0, 50.0], 0.0, 0.0, 5.0).is_empty());
        assert!(towers([50.0, 50.0], f64::NAN, 20.0, 5.0).is_empty());
        assert!(towers([-1.0, -7.0], 6.0, 2.0, 5.0).is_empty());
    }
}
