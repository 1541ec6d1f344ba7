//! Items by group: the triangles of a vertex, of a row, of a cell.

use std::ops::Range;

use rayon::prelude::*;

/// Items of each group in their order, one group behind the other.
#[derive(Debug, Default)]
pub(crate) struct Grouped {
    /// Where each group begins; one more entry than there are groups.
    starts: Vec<u32>,
    items: Vec<u32>,
}

/// Fewest entries that are worth a second thread.
const ENTRIES_OF_A_THREAD: usize = 50_000;

impl Grouped {
    /// Groups entries. `each_group` names the groups (under `groups`) of an entry; an item is the number
    /// of its entry, and comes as often as its entry has groups. There are fewer than 2³² of both.
    ///
    /// Every thread looks at all entries and takes those of its own stretch of groups: what it writes
    /// then lies together, and does not depend on the number of threads.
    pub(crate) fn of<E: Sync>(
        groups: usize,
        entries: &[E],
        each_group: impl Fn(&E, &mut dyn FnMut(u32)) + Sync,
    ) -> Self {
        let threads = rayon::current_num_threads().min(entries.len() / ENTRIES_OF_A_THREAD + 1);
        let width = groups.div_ceil(threads).max(1);
        let counted: Vec<Vec<u32>> = stretches(groups, width)
            .into_par_iter()
            .map(|own| {
                let mut counts = vec![0_u32; own.len()];
                for entry in entries {
                    each_group(entry, &mut |group| {
                        if let Some(count) = counts.get_mut(group.wrapping_sub(own.start) as usize)
                        {
                            *count += 1;
                        }
                    });
                }
                counts
            })
            .collect();
        let mut starts = Vec::with_capacity(groups + 1);
        let mut sum = 0_u32;
        for count in counted.into_iter().flatten() {
            starts.push(sum);
            sum += count;
        }
        starts.push(sum);
        let mut items = vec![0_u32; sum as usize];
        let mut rest = &mut items[..];
        let mut tasks = Vec::new();
        for own in stretches(groups, width) {
            let length = starts[own.end as usize] - starts[own.start as usize];
            let (here, behind) = rest.split_at_mut(length as usize);
            rest = behind;
            tasks.push((own, here));
        }
        tasks.into_par_iter().for_each(|(own, here)| {
            let first = starts[own.start as usize];
            let mut fill = starts[own.start as usize..own.end as usize].to_vec();
            for (number, entry) in entries.iter().enumerate() {
                each_group(entry, &mut |group| {
                    if let Some(place) = fill.get_mut(group.wrapping_sub(own.start) as usize) {
                        here[(*place - first) as usize] = number as u32;
                        *place += 1;
                    }
                });
            }
        });
        Self { starts, items }
    }

    /// The items of a group, in their order.
    pub(crate) fn of_group(&self, group: usize) -> &[u32] {
        &self.items[self.starts[group] as usize..self.starts[group + 1] as usize]
    }

    /// All items, group by group, and where each group begins.
    pub(crate) fn into_parts(self) -> (Vec<u32>, Vec<u32>) {
        (self.starts, self.items)
    }
}

/// Neighboring stretches of `width` groups; the last may be shorter.
fn stretches(groups: usize, width: usize) -> Vec<Range<u32>> {
    (0..groups).step_by(width).map(|from| from as u32..(from + width).min(groups) as u32).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_come_by_group_and_in_order_whatever_the_threads() {
        let entries: Vec<u32> = (0..170_000_u32).map(|i| i.wrapping_mul(2_654_435_761)).collect();
        for groups in [1_usize, 7, 1000] {
            let groups_of = |entry: &u32| {
                let first = *entry % groups as u32;
                first..(first + 2).min(groups as u32)
            };
            let mut expected = vec![Vec::new(); groups];
            for (number, entry) in entries.iter().enumerate() {
                groups_of(entry).for_each(|group| expected[group as usize].push(number as u32));
            }
            for threads in [1, 2, 3] {
                let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
                let grouped = pool.install(|| {
                    Grouped::of(groups, &entries, |entry, sink| groups_of(entry).for_each(sink))
                });
                for (group, items) in expected.iter().enumerate() {
                    assert_eq!(grouped.of_group(group), items);
                }
            }
        }
        assert!(Grouped::of(3, &[] as &[u32], |_, _| ()).of_group(2).is_empty());
    }
}
