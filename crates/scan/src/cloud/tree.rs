//! A balanced tree over points for searches near a place.

/// Ranges of at most this many points are searched one by one.
const LEAF_POINTS: usize = 12;

/// Ranges from this size on are split on two threads.
const PARALLEL_POINTS: usize = 20_000;

/// Points in an order in which every range is split in its middle: those before the middle lie below
/// it along the range's axis, those behind above.
pub(super) struct Tree {
    points: Vec<[f64; 3]>,
    /// The axis along which the range is split whose middle this is.
    axes: Vec<u8>,
}

impl Tree {
    /// Sorts the points into a tree; also returns the order: the old index of each point.
    pub(super) fn build(points: &[[f64; 3]]) -> (Self, Vec<u32>) {
        let mut order: Vec<u32> = (0..points.len() as u32).collect();
        let mut axes = vec![0; points.len()];
        split(points, &mut order, &mut axes);
        let points = order.iter().map(|&index| points[index as usize]).collect();
        (Self { points, axes }, order)
    }

    pub(super) fn points(&self) -> &[[f64; 3]] {
        &self.points
    }

    /// Visits every point within the radius, with its index and squared distance.
    pub(super) fn within(&self, place: [f64; 3], radius: f64, visit: &mut impl FnMut(u32, f64)) {
        self.within_range(0..self.points.len(), place, radius, visit);
    }

    fn within_range(
        &self,
        range: std::ops::Range<usize>,
        place: [f64; 3],
        radius: f64,
        visit: &mut impl FnMut(u32, f64),
    ) {
        if range.len() <= LEAF_POINTS {
            for index in range {
                let squared = distance_squared(self.points[index], place);
                if squared <= radius * radius {
                    visit(index as u32, squared);
                }
            }
            return;
        }
        let middle = range.start + range.len() / 2;
        let axis = usize::from(self.axes[middle]);
        let offset = place[axis] - self.points[middle][axis];
        if offset <= radius {
            self.within_range(range.start..middle, place, radius, visit);
        }
        let squared = distance_squared(self.points[middle], place);
        if squared <= radius * radius {
            visit(middle as u32, squared);
        }
        if offset >= -radius {
            self.within_range(middle + 1..range.end, place, radius, visit);
        }
    }

    /// The `count` nearest points within the radius, nearest first, as squared distance and index.
    pub(super) fn nearest(
        &self,
        place: [f64; 3],
        count: usize,
        radius: f64,
        found: &mut Vec<(f64, u32)>,
    ) {
        found.clear();
        self.nearest_in(0..self.points.len(), place, count, radius * radius, found);
    }

    fn nearest_in(
        &self,
        range: std::ops::Range<usize>,
        place: [f64; 3],
        count: usize,
        limit: f64,
        found: &mut Vec<(f64, u32)>,
    ) {
        let offer = |index: usize, found: &mut Vec<(f64, u32)>| {
            let entry = (distance_squared(self.points[index], place), index as u32);
            if entry.0 > limit || (found.len() == count && !is_before(entry, found[count - 1])) {
                return;
            }
            let at = found.partition_point(|&other| is_before(other, entry));
            if found.len() == count {
                found.pop();
            }
            found.insert(at, entry);
        };
        if range.len() <= LEAF_POINTS {
            for index in range {
                offer(index, found);
            }
            return;
        }
        let middle = range.start + range.len() / 2;
        let axis = usize::from(self.axes[middle]);
        let offset = place[axis] - self.points[middle][axis];
        let (near, far) = if offset <= 0.0 {
            (range.start..middle, middle + 1..range.end)
        } else {
            (middle + 1..range.end, range.start..middle)
        };
        self.nearest_in(near, place, count, limit, found);
        offer(middle, found);
        let reach = if found.len() == count { found[count - 1].0 } else { limit };
        if offset * offset <= reach {
            self.nearest_in(far, place, count, limit, found);
        }
    }
}

/// Order by distance, then index, so that equal distances give the same neighbors on every machine.
fn is_before(a: (f64, u32), b: (f64, u32)) -> bool {
    (a.0, a.1) < (b.0, b.1)
}

fn split(points: &[[f64; 3]], order: &mut [u32], axes: &mut [u8]) {
    if order.len() <= LEAF_POINTS {
        return;
    }
    let mut low = [f64::INFINITY; 3];
    let mut high = [f64::NEG_INFINITY; 3];
    for &index in order.iter() {
        for axis in 0..3 {
            low[axis] = low[axis].min(points[index as usize][axis]);
            high[axis] = high[axis].max(points[index as usize][axis]);
        }
    }
    let width = |axis: &usize| high[*axis] - low[*axis];
    let axis = (0..3).max_by(|a, b| width(a).total_cmp(&width(b))).unwrap_or(0);
    let middle = order.len() / 2;
    order.select_nth_unstable_by(middle, |&a, &b| {
        points[a as usize][axis].total_cmp(&points[b as usize][axis]).then(a.cmp(&b))
    });
    axes[middle] = axis as u8;
    let is_large = order.len() >= PARALLEL_POINTS;
    let (order_below, order_above) = order.split_at_mut(middle);
    let (axes_below, axes_above) = axes.split_at_mut(middle);
    let below = || split(points, order_below, axes_below);
    let above = || split(points, &mut order_above[1..], &mut axes_above[1..]);
    if is_large {
        rayon::join(below, above);
    } else {
        let (mut below, mut above) = (below, above);
        below();
        above();
    }
}

fn distance_squared(a: [f64; 3], b: [f64; 3]) -> f64 {
    (0..3).map(|axis| (a[axis] - b[axis]).powi(2)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn searches_agree_with_looking_at_every_point() {
        let mut state = 7_u64;
        let mut random = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 33) as f64 / f64::from(1_u32 << 31)
        };
        // Some of them on a grid, so that distances are equal and points lie on the splits.
        let points: Vec<[f64; 3]> = (0..3000)
            .map(|i| {
                let p = [random(), random(), random()];
                if i % 3 == 0 { p.map(|c| (c * 8.0).round() / 8.0) } else { p }
            })
            .collect();
        let (tree, order) = Tree::build(&points);
        let mut found = Vec::new();
        for _ in 0..200 {
            let place = [random(), random(), random()];
            let mut all: Vec<(f64, u32)> = tree
                .points()
                .iter()
                .enumerate()
                .map(|(index, &point)| (distance_squared(point, place), index as u32))
                .collect();
            all.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
            tree.nearest(place, 9, 10.0, &mut found);
            assert_eq!(found, all[..9]);
            tree.nearest(place, 9, 0.05, &mut found);
            assert!(found.iter().all(|entry| entry.0 <= 0.05 * 0.05));
            let mut near = Vec::new();
            tree.within(place, 0.2, &mut |index, squared| near.push((squared, index)));
            near.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
            assert_eq!(near, all[..near.len()]);
            assert!(all[near.len()].0 > 0.04);
        }
        assert!(order.iter().zip(tree.points()).all(|(&old, p)| points[old as usize] == *p));
    }
}
