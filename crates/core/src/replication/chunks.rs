//! A queue that is cheap to copy: what the log is kept in, so that a snapshot of a whole world costs little.
//!
//! Elements sit in chunks that copies share. A copy clones one pointer a chunk; the first append after it clones
//! the last chunk only. Elements are added at the back and removed at either end, never in the middle.

use alloc::collections::VecDeque;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

/// A queue with shared chunks of `CHUNK` elements. All chunks but the last are full, so an element is found by
/// division.
#[derive(Clone)]
pub struct Chunks<T, const CHUNK: usize = 128> {
    parts: VecDeque<Arc<Vec<T>>>,
    /// Elements of the first chunk that were removed already.
    skipped: usize,
    len: usize,
}

impl<T, const CHUNK: usize> Default for Chunks<T, CHUNK> {
    fn default() -> Self {
        Self { parts: VecDeque::new(), skipped: 0, len: 0 }
    }
}

impl<T: Clone, const CHUNK: usize> Chunks<T, CHUNK> {
    /// How many elements there are.
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether there is none.
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The element at `index`, from 0 at the front.
    pub fn get(&self, index: usize) -> Option<&T> {
        if index >= self.len {
            return None;
        }
        let at = self.skipped + index;
        self.parts.get(at / CHUNK)?.get(at % CHUNK)
    }

    /// The element at `index`, to be changed. A chunk that copies share is cloned for that.
    pub fn get_mut(&mut self, index: usize) -> Option<&mut T> {
        if index >= self.len {
            return None;
        }
        let at = self.skipped + index;
        Arc::make_mut(self.parts.get_mut(at / CHUNK)?).get_mut(at % CHUNK)
    }

    /// The oldest element.
    pub fn front(&self) -> Option<&T> {
        self.get(0)
    }

    /// The newest element.
    pub fn back(&self) -> Option<&T> {
        self.get(self.len.checked_sub(1)?)
    }

    /// Adds an element at the back.
    pub fn push_back(&mut self, element: T) {
        match self.parts.back_mut() {
            Some(last) if last.len() < CHUNK => Arc::make_mut(last).push(element),
            _ => self.parts.push_back(Arc::new(Vec::from([element]))),
        }
        self.len += 1;
    }

    /// Removes the `count` oldest elements, or all if there are fewer.
    pub fn drop_front(&mut self, count: usize) {
        if count >= self.len {
            *self = Self::default();
            return;
        }
        self.skipped += count;
        self.len -= count;
        if self.skipped >= CHUNK {
            self.parts.drain(..self.skipped / CHUNK);
            self.skipped %= CHUNK;
        }
    }

    /// Keeps the `len` oldest elements and removes the rest.
    pub fn truncate(&mut self, len: usize) {
        if len >= self.len {
            return;
        }
        if len == 0 {
            *self = Self::default();
            return;
        }
        self.len = len;
        let last = (self.skipped + len - 1) / CHUNK;
        self.parts.truncate(last + 1);
        let chunk = self.parts.back_mut().expect("an element is left");
        Arc::make_mut(chunk).truncate(self.skipped + len - last * CHUNK);
    }

    /// The elements from `index` on, oldest first.
    pub fn iter_from(&self, index: usize) -> impl DoubleEndedIterator<Item = &T> + ExactSizeIterator {
        (index.min(self.len)..self.len).map(|index| self.get(index).expect("the index is below the length"))
    }

    /// All elements, oldest first.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &T> + ExactSizeIterator {
        self.iter_from(0)
    }

    /// How many elements at the front satisfy `before`, which none after the first that does not may satisfy.
    pub fn partition_point(&self, before: impl Fn(&T) -> bool) -> usize {
        let (mut low, mut high) = (0, self.len);
        while low < high {
            let middle = low + (high - low) / 2;
            if self.get(middle).is_some_and(&before) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }
}

impl<T: Clone + fmt::Debug, const CHUNK: usize> fmt::Debug for Chunks<T, CHUNK> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl<T: Clone + PartialEq, const CHUNK: usize> PartialEq for Chunks<T, CHUNK> {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl<T: Clone + Eq, const CHUNK: usize> Eq for Chunks<T, CHUNK> {}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;
    use std::vec::Vec;

    use super::*;

    #[test]
    fn behaves_as_a_plain_queue() {
        let mut chunks: Chunks<_> = Chunks::default();
        let mut plain = VecDeque::new();
        for round in 0..2_000_usize {
            match round % 7 {
                5 => {
                    chunks.drop_front(round % 11);
                    plain.drain(..(round % 11).min(plain.len()));
                }
                6 if round % 3 == 0 => {
                    let len = plain.len() * 9 / 10;
                    chunks.truncate(len);
                    plain.truncate(len);
                }
                _ => {
                    for element in round..round + 9 {
                        chunks.push_back(element);
                        plain.push_back(element);
                    }
                }
            }
            assert_eq!(chunks.len(), plain.len());
            assert_eq!(chunks.back(), plain.back());
            assert_eq!(chunks.front(), plain.front());
        }
        assert!(chunks.iter().eq(plain.iter()));
        assert!(chunks.iter_from(300).eq(plain.iter().skip(300)));
    }

    #[test]
    fn a_copy_is_not_changed_by_what_follows() {
        let mut chunks: Chunks<_> = Chunks::default();
        (0..300).for_each(|element| chunks.push_back(element));
        let copy = chunks.clone();
        chunks.truncate(200);
        chunks.push_back(-1);
        chunks.drop_front(10);
        *chunks.get_mut(0).expect("it is not empty") = -2;
        assert_eq!(chunks.front(), Some(&-2));
        assert!(copy.iter().copied().eq(0..300));
        assert_eq!(chunks.iter_from(189).copied().collect::<Vec<_>>(), [199, -1]);
    }

    #[test]
    fn finds_where_a_condition_ends() {
        let mut chunks: Chunks<_> = Chunks::default();
        (0..1_000).for_each(|element| chunks.push_back(element * 2));
        chunks.drop_front(130);
        assert_eq!(chunks.partition_point(|element| *element < 261), 1);
        assert_eq!(chunks.partition_point(|_| true), 870);
        assert_eq!(chunks.partition_point(|_| false), 0);
    }
}
