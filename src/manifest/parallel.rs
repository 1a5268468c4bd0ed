//! Work on many things at once, on all processors: for the commands, whose user waits.

use std::num::NonZero;
use std::panic::resume_unwind;
use std::thread;

/// What `work` makes of each item, in the order of the items.
pub fn map<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let processors = thread::available_parallelism().map_or(1, NonZero::get);
    let share = items.len().div_ceil(processors).max(1);
    if items.len() <= share {
        return items.iter().map(work).collect();
    }
    let work = &work;
    thread::scope(|scope| {
        let work_on = |items| scope.spawn(move || iterate(items, work));
        let threads: Vec<_> = items.chunks(share).map(work_on).collect();
        let results = threads.into_iter().map(|thread| thread.join());
        results
            .flat_map(|result| result.unwrap_or_else(|panic| resume_unwind(panic)))
            .collect()
    })
}

fn iterate<T, R>(items: &[T], work: impl Fn(&T) -> R) -> Vec<R> {
    items.iter().map(work).collect()
}

#[cfg(test)]
mod tests {
    use super::map;

    #[test]
    fn the_order_is_kept_for_any_number_of_items() {
        for number in 0..20 {
            let items: Vec<usize> = (0..number).collect();
            let expected: Vec<usize> = (0..number).map(|item| item * 2).collect();
            assert_eq!(map(&items, |item| item * 2), expected);
        }
    }
}
