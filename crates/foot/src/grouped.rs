//! Items by group: the triangles of a vertex, of a row, of a cell.

/// Items of each group in their order, one group behind the other.
#[derive(Debug, Default)]
pub(crate) struct Grouped {
    /// Where each group begins; one more entry than there are groups.
    starts: Vec<u32>,
    items: Vec<u32>,
}

impl Grouped {
    /// Groups entries. `each_group` names the groups (under `groups`) of an entry; an item is the number
    /// of its entry, and comes as often as its entry has groups. There are fewer than 2³² of both.
    pub(crate) fn of<E>(
        groups: usize,
        entries: &[E],
        each_group: impl Fn(&E, &mut dyn FnMut(u32)),
    ) -> Self {
        // Shifted by one, so that filling moves each start to where the next group begins.
        let mut starts = vec![0_u32; groups + 2];
        for entry in entries {
            each_group(entry, &mut |group| starts[group as usize + 2] += 1);
        }
        for group in 0..groups {
            starts[group + 2] += starts[group + 1];
        }
        let mut items = vec![0_u32; starts[groups + 1] as usize];
        for (number, entry) in entries.iter().enumerate() {
            each_group(entry, &mut |group| {
                let place = &mut starts[group as usize + 1];
                items[*place as usize] = number as u32;
                *place += 1;
            });
        }
        starts.pop();
        Self { starts, items }
    }

    /// The items of a group, in their order.
    pub(crate) fn of_group(&self, group: usize) -> &[u32] {
        &self.items[self.starts[group] as usize..self.starts[group + 1] as usize]
    }

    /// Where each group begins, and all items, group by group.
    pub(crate) fn into_parts(self) -> (Vec<u32>, Vec<u32>) {
        (self.starts, self.items)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_come_by_group_and_in_order() {
        let entries: Vec<u32> = (0..17_000_u32).map(|i| i.wrapping_mul(2_654_435_761)).collect();
        for groups in [1_usize, 7, 1000] {
            let groups_of = |entry: &u32| {
                let first = *entry % groups as u32;
                first..(first + 2).min(groups as u32)
            };
            let mut expected = vec![Vec::new(); groups];
            for (number, entry) in entries.iter().enumerate() {
                groups_of(entry).for_each(|group| expected[group as usize].push(number as u32));
            }
            let grouped =
                Grouped::of(groups, &entries, |entry, sink| groups_of(entry).for_each(sink));
            for (group, items) in expected.iter().enumerate() {
                assert_eq!(grouped.of_group(group), items);
            }
            assert_eq!(grouped.into_parts().0.len(), groups + 1);
        }
        assert!(Grouped::of(3, &[] as &[u32], |_, _| ()).of_group(2).is_empty());
    }
}
