//! Sorting by whole numbers, with one copy of the library's sort for lists of every type.
//!
//! The library's sort is compiled anew for each type and each way to compare, some kilobytes of WebAssembly each time.
//! Here only the keys are sorted, which are always of the same type; the list follows them.

use alloc::vec::Vec;
use core::mem;

/// Sorts a list by its keys, smallest first. What has the same key stays in order.
pub fn by_key<T>(list: &mut Vec<T>, key: impl Fn(&T) -> (u64, u64)) {
    let mut keys: Vec<Key> = list.iter().map(|item| Key { key: key(item), place: 0 }).collect();
    number(&mut keys);
    let mut items: Vec<Option<T>> = mem::take(list).into_iter().map(Some).collect();
    // Each place is met once.
    list.extend(keys.into_iter().filter_map(|key| items[key.place].take()));
}

/// A key and where its item is; that the place decides last is what keeps equals in order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    key: (u64, u64),
    place: usize,
}

/// Notes where each is, and sorts them.
fn number(keys: &mut [Key]) {
    for (place, key) in keys.iter_mut().enumerate() {
        key.place = place;
    }
    keys.sort_unstable();
}

/// A float as a whole number that sorts as [`f64::total_cmp`] does.
pub const fn float(number: f64) -> u64 {
    let bits = number.to_bits();
    // Of negative ones all bits turn round, of others the sign.
    if bits >> 63 == 1 { !bits } else { bits | 1 << 63 }
}

#[cfg(test)]
mod tests {
    use std::vec;

    use super::*;

    #[test]
    fn a_list_is_sorted_as_the_library_sorts_it() {
        let mut list: Vec<(u64, u64, usize)> = (0..200)
            .map(|place| ((place as u64 * 7_919) % 13, (place as u64 * 104_729) % 3, place))
            .collect();
        let mut other = list.clone();
        by_key(&mut list, |(first, second, _)| (*first, *second));
        other.sort_by_key(|(first, second, _)| (*first, *second));
        assert_eq!(list, other, "equals too are where they were");
    }

    #[test]
    fn floats_are_in_their_order() {
        let mut list = vec![0.0, -0.0, 1.5, -1.5, f64::INFINITY, f64::NEG_INFINITY, 1e-300, -1e-300, 3.0];
        let mut other = list.clone();
        by_key(&mut list, |number| (float(*number), 0));
        other.sort_by(f64::total_cmp);
        assert_eq!(
            list.iter().map(|number| number.to_bits()).collect::<Vec<_>>(),
            other.iter().map(|number| number.to_bits()).collect::<Vec<_>>()
        );
    }
}
