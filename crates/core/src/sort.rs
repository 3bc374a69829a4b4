//! Sorting by a key, for lists that are short or rarely sorted.
//!
//! The standard library's sorts are compiled anew for each type and each order: four kilobytes of WebAssembly every
//! time. Here the keys are sorted, with the place of each, and the items follow.

use alloc::vec::Vec;

/// Sorts by a key; equal items keep their order.
pub fn by_key<T>(items: &mut [T], key: impl Fn(&T) -> u128) {
    let mut order: Vec<(u128, usize)> =
        items.iter().enumerate().map(|(place, item)| (key(item), place)).collect();
    sort(&mut order);
    for place in 0..items.len() {
        let mut from = order[place].1;
        // What stood there was moved already, to where another came from.
        while from < place {
            from = order[from].1;
        }
        items.swap(place, from);
    }
}

#[inline(never)]
fn sort(order: &mut [(u128, usize)]) {
    order.sort_unstable();
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    #[test]
    fn items_follow_their_keys_and_equals_keep_their_order() {
        let mut items = vec![(3, 'a'), (1, 'b'), (2, 'c'), (1, 'd'), (3, 'e'), (0, 'f')];
        by_key(&mut items, |(key, _)| *key);
        assert_eq!(items, [(0, 'f'), (1, 'b'), (1, 'd'), (2, 'c'), (3, 'a'), (3, 'e')]);
        by_key(&mut [(); 0], |()| 0);
    }
}
