//! Distributes records over partitions, so that each partition fits a processor's cache and can be
//! worked on by one thread.

use rayon::prelude::*;

/// Items that one thread distributes at a time.
const BLOCK_ITEMS: usize = 32_768;

/// Records by partition. Within a partition they stand in the order of the items that gave them,
/// whatever the number of threads.
pub(crate) struct Partitions<T> {
    blocks: Vec<Block<T>>,
    count: usize,
}

struct Block<T> {
    records: Vec<T>,
    /// Where each partition begins; one more entry than there are partitions.
    starts: Vec<u32>,
}

impl<T: Copy + Send + Sync> Partitions<T> {
    /// Calls `emit` for every item; it hands out any number of records, each with its partition.
    pub(crate) fn of(
        items: usize,
        partitions: usize,
        emit: impl Fn(usize, &mut dyn FnMut(usize, T)) + Sync,
    ) -> Self {
        let blocks = (0..items.div_ceil(BLOCK_ITEMS))
            .into_par_iter()
            .map(|block| {
                let mut loose: Vec<(u32, T)> = Vec::with_capacity(3 * BLOCK_ITEMS);
                for item in block * BLOCK_ITEMS..((block + 1) * BLOCK_ITEMS).min(items) {
                    emit(item, &mut |partition, record| loose.push((partition as u32, record)));
                }
                Block::of(&loose, partitions)
            })
            .collect();
        Self { blocks, count: partitions }
    }

    /// Works on every partition; the results stand in the partitions' order.
    pub(crate) fn map<R: Send>(&self, work: impl Fn(Vec<T>) -> R + Sync) -> Vec<R> {
        (0..self.count)
            .into_par_iter()
            .map(|partition| {
                let parts = self.blocks.iter().map(|block| {
                    let [start, end] = [block.starts[partition], block.starts[partition + 1]];
                    &block.records[start as usize..end as usize]
                });
                let mut all = Vec::with_capacity(parts.clone().map(<[T]>::len).sum());
                parts.for_each(|part| all.extend_from_slice(part));
                work(all)
            })
            .collect()
    }
}

impl<T: Copy> Block<T> {
    /// Sorts by partition, keeping the order within each.
    fn of(loose: &[(u32, T)], partitions: usize) -> Self {
        let mut starts = vec![0_u32; partitions + 1];
        for (partition, _) in loose {
            starts[*partition as usize + 1] += 1;
        }
        for partition in 0..partitions {
            starts[partition + 1] += starts[partition];
        }
        let mut fill = starts.clone();
        let Some(&(_, any)) = loose.first() else { return Self { records: Vec::new(), starts } };
        let mut records = vec![any; loose.len()];
        for &(partition, record) in loose {
            let slot = &mut fill[partition as usize];
            records[*slot as usize] = record;
            *slot += 1;
        }
        Self { records, starts }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_record_arrives_in_order() {
        let partitions = Partitions::of(100_000, 7, |item, sink| {
            (0..item % 3).for_each(|copy| sink(item % 7, (item, copy)));
        });
        let arrived = partitions.map(|records| records);
        for (partition, records) in arrived.iter().enumerate() {
            assert!(records.is_sorted() && records.iter().all(|(item, _)| item % 7 == partition));
        }
        let total: usize = arrived.iter().map(Vec::len).sum();
        assert_eq!(total, (0..100_000).map(|item| item % 3).sum::<usize>());
        assert_eq!(
            Partitions::of(0, 3, |_, _: &mut dyn FnMut(usize, u8)| ()).map(|r| r.len()),
            [0; 3]
        );
    }
}
