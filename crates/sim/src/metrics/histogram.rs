//! How often which duration occurred, in bounded memory: a high dynamic range histogram.
//!
//! Below 256 ns every nanosecond has a bin of its own; above, each doubling is cut into 128 bins. So a bin is never
//! wider than 1/128 of what it holds, and a percentile is off by less than 0.8 %, from nanoseconds to centuries.
//! The largest value, the count and the sum are exact.
//!
//! Bins lie in pages, one for each doubling that occurred. Copies of a histogram share them, and a copy that is
//! written to copies the one page that it writes to.

use alloc::rc::Rc;
use alloc::vec::Vec;

use understudy_core::SimDuration;

/// A doubling is cut into two to the power of this.
const PAGE_BITS: u32 = 7;
/// Bins in a page.
const PAGE: usize = 1 << PAGE_BITS;
/// Pages until every 64-bit number has its bin.
const PAGES: usize = 64 - PAGE_BITS as usize + 1;

/// Counts of durations.
#[derive(Clone, Debug)]
pub struct Histogram {
    pages: [Option<Rc<[u32; PAGE]>>; PAGES],
    count: u64,
    sum: u128,
    max: u64,
}

impl Default for Histogram {
    fn default() -> Self {
        Self { pages: [const { None }; PAGES], count: 0, sum: 0, max: 0 }
    }
}

/// The page and the place in it for a value.
#[expect(clippy::cast_possible_truncation, reason = "what is left after the shift is below 256")]
const fn place_of(nanos: u64) -> (usize, usize) {
    let significant = 64 - nanos.leading_zeros();
    let shift = significant.saturating_sub(PAGE_BITS + 1);
    let bin = ((shift as usize) << PAGE_BITS) + (nanos >> shift) as usize;
    (bin >> PAGE_BITS, bin & (PAGE - 1))
}

/// The largest value of a bin.
const fn top_of(page: usize, place: usize) -> u64 {
    if page == 0 {
        return place as u64;
    }
    let shift = page - 1;
    let first = ((PAGE + place) as u64) << shift;
    first + ((1 << shift) - 1)
}

impl Histogram {
    /// Counts one duration.
    #[inline]
    pub fn record(&mut self, value: SimDuration) {
        let nanos = value.as_nanos();
        let (page, place) = place_of(nanos);
        let bins = Rc::make_mut(self.pages[page].get_or_insert_with(|| Rc::new([0; PAGE])));
        bins[place] = bins[place].saturating_add(1);
        self.count += 1;
        self.sum += u128::from(nanos);
        self.max = self.max.max(nanos);
    }

    /// Bytes of the pages in use.
    pub(super) fn bytes(&self) -> usize {
        self.pages.iter().flatten().count() * size_of::<[u32; PAGE]>()
    }

    /// How many durations were counted.
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// The largest one, exactly; zero if there is none.
    pub const fn max(&self) -> SimDuration {
        SimDuration::from_nanos(self.max)
    }

    /// Their mean, exactly but for the part of a nanosecond; `None` if there is none.
    pub fn mean(&self) -> Option<SimDuration> {
        let mean = self.sum.checked_div(u128::from(self.count))?;
        Some(SimDuration::from_nanos(u64::try_from(mean).unwrap_or(u64::MAX)))
    }

    /// The duration that so many thousandths of all do not exceed (nearest rank), as the largest value of its bin;
    /// `None` if there is none.
    pub fn permille(&self, permille: u32) -> Option<SimDuration> {
        let rank = (u128::from(self.count) * u128::from(permille)).div_ceil(1_000).max(1);
        let mut seen = 0_u128;
        for (page, place, count) in self.bins() {
            seen += u128::from(count);
            if seen >= rank {
                return Some(SimDuration::from_nanos(top_of(page, place).min(self.max)));
            }
        }
        None
    }

    /// The percentiles that are drawn.
    pub fn summary(&self) -> Latency {
        let at = |permille| self.permille(permille).unwrap_or_default();
        Latency { count: self.count, p50: at(500), p95: at(950), p99: at(990), max: self.max() }
    }

    /// The bins in use, as the largest value of each and how many it holds, smallest first.
    pub fn iter(&self) -> impl Iterator<Item = (SimDuration, u32)> {
        self.bins().map(|(page, place, count)| (SimDuration::from_nanos(top_of(page, place)), count))
    }

    /// Adds all that another one counted.
    pub fn add(&mut self, other: &Self) {
        for (own, other) in self.pages.iter_mut().zip(&other.pages) {
            match (own, other) {
                (_, None) => {}
                (own @ None, Some(other)) => *own = Some(Rc::clone(other)),
                (Some(own), Some(other)) => {
                    for (own, other) in Rc::make_mut(own).iter_mut().zip(other.iter()) {
                        *own = own.saturating_add(*other);
                    }
                }
            }
        }
        self.count += other.count;
        self.sum += other.sum;
        self.max = self.max.max(other.max);
    }

    fn bins(&self) -> impl Iterator<Item = (usize, usize, u32)> {
        let pages = self.pages.iter().enumerate().filter_map(|(page, bins)| Some((page, bins.as_ref()?)));
        pages.flat_map(|(page, bins)| {
            let used = bins.iter().enumerate().filter(|(_, count)| **count > 0);
            used.map(move |(place, count)| (page, place, *count))
        })
    }
}

/// What a histogram comes down to: zeros if it is empty.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Latency {
    /// How many requests.
    pub count: u64,
    /// Half of them took at most this long.
    pub p50: SimDuration,
    /// 95 % of them.
    pub p95: SimDuration,
    /// 99 % of them.
    pub p99: SimDuration,
    /// The longest, exactly.
    pub max: SimDuration,
}

/// A histogram that is only kept: bins as (distance to the one before, count), each number in as few bytes as it
/// takes (LEB128).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Packed {
    bytes: Rc<[u8]>,
    count: u64,
    sum: u128,
    max: u64,
}

impl Packed {
    pub(super) fn of(histogram: &Histogram) -> Self {
        let mut bytes = Vec::new();
        let mut before = 0;
        for (page, place, count) in histogram.bins() {
            let bin = (page << PAGE_BITS) + place;
            put(&mut bytes, bin - before);
            put(&mut bytes, count as usize);
            before = bin;
        }
        Self { bytes: bytes.into(), count: histogram.count, sum: histogram.sum, max: histogram.max }
    }

    pub(super) fn unpack(&self) -> Histogram {
        let mut histogram =
            Histogram { count: self.count, sum: self.sum, max: self.max, ..Histogram::default() };
        let (mut rest, mut bin) = (&*self.bytes, 0);
        while let (Some(distance), Some(count)) = (take(&mut rest), take(&mut rest)) {
            bin += distance;
            let page = histogram.pages[bin >> PAGE_BITS].get_or_insert_with(|| Rc::new([0; PAGE]));
            Rc::make_mut(page)[bin & (PAGE - 1)] = u32::try_from(count).expect("it was a u32");
        }
        histogram
    }
}

#[expect(clippy::cast_possible_truncation, reason = "seven bits fit")]
fn put(bytes: &mut Vec<u8>, mut number: usize) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

fn take(bytes: &mut &[u8]) -> Option<usize> {
    let (mut number, mut shift) = (0, 0);
    loop {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= usize::from(byte & 0x7F) << shift;
        if byte < 0x80 {
            return Some(number);
        }
        shift += 7;
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use std::vec::Vec;

    use proptest::prelude::*;

    use super::*;

    fn of(values: &[u64]) -> Histogram {
        let mut histogram = Histogram::default();
        for nanos in values {
            histogram.record(SimDuration::from_nanos(*nanos));
        }
        histogram
    }

    #[test]
    fn bins_follow_one_another_without_a_gap() {
        for (page, place) in (0..PAGES).flat_map(|page| (0..PAGE).map(move |place| (page, place))) {
            let top = top_of(page, place);
            assert_eq!(place_of(top), (page, place));
            if let Some(next) = top.checked_add(1) {
                let follows = if place + 1 < PAGE { (page, place + 1) } else { (page + 1, 0) };
                assert_eq!(place_of(next), follows, "after {top}");
            }
        }
        assert_eq!(place_of(u64::MAX), (PAGES - 1, PAGE - 1));
    }

    #[test]
    fn percentiles_of_known_values() {
        let values: Vec<u64> = (1..=1_000).map(|milli| milli * 1_000_000).collect();
        let Latency { p50, p95, p99, max, count } = of(&values).summary();
        for (found, exact) in [(p50, 500), (p95, 950), (p99, 990)] {
            let exact = exact * 1_000_000;
            assert!((exact..exact + exact / 128).contains(&found.as_nanos()), "{found} for {exact} ns");
        }
        assert_eq!((max, count), (SimDuration::from_secs(1), 1_000));
        assert_eq!(of(&values).mean(), Some(SimDuration::from_nanos(500_500_000)));
        assert_eq!(Histogram::default().summary(), Latency::default());
    }

    proptest! {
        #[test]
        fn a_percentile_is_the_one_of_the_sorted_values_within_its_bin(
            mut values in proptest::collection::vec(any::<u64>().prop_map(|bits| bits >> (bits % 64)), 1..200),
            permille in 1..=1_000_u32,
        ) {
            let found = of(&values).permille(permille).expect("there are values").as_nanos();
            values.sort_unstable();
            let rank = (values.len() * permille as usize).div_ceil(1_000).max(1);
            let exact = values[rank - 1];
            prop_assert!(exact <= found && found - exact <= exact / 128, "{} for {}", found, exact);
        }

        #[test]
        fn adding_and_packing_lose_nothing(
            ours in proptest::collection::vec(any::<u64>().prop_map(|bits| bits >> (bits % 64)), 0..100),
            theirs in proptest::collection::vec(0..5_000_u64, 0..300),
        ) {
            let mut sum = Packed::of(&of(&ours)).unpack();
            sum.add(&of(&theirs));
            let all: Vec<u64> = ours.iter().chain(&theirs).copied().collect();
            let whole = of(&all);
            prop_assert!(sum.bins().eq(whole.bins()));
            prop_assert_eq!(Packed::of(&sum), Packed::of(&whole));
        }
    }
}
