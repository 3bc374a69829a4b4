//! The order within each tier: such that few links cross.
//!
//! Sweeps forth and back over the tiers set each node to the mean place of those that it is linked to (the barycentre
//! heuristic of Sugiyama, Tagawa and Toda). The best order met is kept, and the scenario's own wins every tie, so that
//! web-1 stands above web-2 wherever that costs nothing. The layout crates that there are give coordinates for boxes
//! and take no account of lamps, ports, links within a tier or room for words; what would be left of one is this file.

use understudy_core::sort;

/// Sweeps forth and back: more find nothing better in drawings of this size.
const SWEEPS: usize = 6;

/// Orders the vertices of each tier. `edges[t]` joins vertices of tier `t` to vertices of tier `t + 1`.
pub(crate) fn order(tiers: &mut [Vec<usize>], edges: &[Vec<(usize, usize)>]) {
    let count = tiers.iter().flatten().max().map_or(0, |most| most + 1);
    let mut best = tiers.to_vec();
    let mut fewest = crossings(&best, edges, count);
    for sweep in 0..SWEEPS {
        if fewest == 0 {
            break;
        }
        for step in 1..tiers.len() {
            // Forth: each tier by the one before. Back: each by the one after.
            let forth = sweep % 2 == 0;
            let (moved, fixed) =
                if forth { (step, step - 1) } else { (tiers.len() - 1 - step, tiers.len() - step) };
            let between = &edges[moved.min(fixed)];
            let places = places(&tiers[fixed], count);
            let mut sums = vec![(0.0, 0_u32); count];
            for &(from, to) in between {
                let (mine, other) = if forth { (to, from) } else { (from, to) };
                sums[mine].0 += f64::from(places[other]);
                sums[mine].1 += 1;
            }
            let mut keyed: Vec<(f64, usize)> = (0_u32..)
                .zip(&tiers[moved])
                .map(|(place, vertex)| {
                    let (sum, links) = sums[*vertex];
                    (if links == 0 { f64::from(place) } else { sum / f64::from(links) }, *vertex)
                })
                .collect();
            // No place is below 0: such numbers are in the order of their bits.
            sort::by_key(&mut keyed, |(place, _)| place.to_bits().into());
            tiers[moved] = keyed.into_iter().map(|(_, vertex)| vertex).collect();
        }
        let now = crossings(tiers, edges, count);
        if now < fewest {
            fewest = now;
            best = tiers.to_vec();
        }
    }
    tiers.clone_from_slice(&best);
}

fn places(tier: &[usize], count: usize) -> Vec<u32> {
    let mut places = vec![0; count];
    for (place, vertex) in (0..).zip(tier) {
        places[*vertex] = place;
    }
    places
}

/// How many pairs of edges cross.
fn crossings(tiers: &[Vec<usize>], edges: &[Vec<(usize, usize)>], count: usize) -> u64 {
    let mut crossings = 0;
    for (pair, between) in tiers.windows(2).zip(edges) {
        let (left, right) = (places(&pair[0], count), places(&pair[1], count));
        let mut ends: Vec<(u32, u32)> = between.iter().map(|(from, to)| (left[*from], right[*to])).collect();
        sort::by_key(&mut ends, |(left, right)| u128::from(*left) << 32 | u128::from(*right));
        // Inversions of the right ends, with a Fenwick tree that counts those seen so far by place.
        let mut seen = vec![0_u64; pair[1].len() + 1];
        for (met, (_, right)) in (0..).zip(&ends) {
            let mut before = 0;
            let mut at = *right as usize + 1;
            let mut ask = at;
            while ask > 0 {
                before += seen[ask];
                ask &= ask - 1;
            }
            crossings += met - before;
            while at < seen.len() {
                seen[at] += 1;
                at += at & at.wrapping_neg();
            }
        }
    }
    crossings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crossings_are_counted() {
        let tiers = [vec![0, 1], vec![2, 3]];
        assert_eq!(crossings(&tiers, &[vec![(0, 2), (1, 3)]], 4), 0);
        assert_eq!(crossings(&tiers, &[vec![(0, 3), (1, 2)]], 4), 1);
        assert_eq!(crossings(&tiers, &[vec![(0, 2), (0, 3), (1, 2), (1, 3)]], 4), 1);
    }

    #[test]
    fn a_tangle_that_can_be_undone_is() {
        let mut tiers = vec![vec![0, 1, 2], vec![3, 4, 5], vec![6, 7, 8]];
        let edges = vec![vec![(0, 5), (1, 4), (2, 3)], vec![(3, 7), (4, 8), (5, 6)]];
        order(&mut tiers, &edges);
        assert_eq!(crossings(&tiers, &edges, 9), 0, "{tiers:?}");
    }

    #[test]
    fn what_cannot_be_bettered_stays_as_the_scenario_has_it() {
        let mut tiers = vec![vec![0], vec![1, 2], vec![3, 4, 5]];
        let all = [1, 2].into_iter().flat_map(|from| [3, 4, 5].map(|to| (from, to))).collect();
        order(&mut tiers, &[vec![(0, 1), (0, 2)], all]);
        assert_eq!(tiers, [vec![0], vec![1, 2], vec![3, 4, 5]]);
    }
}
