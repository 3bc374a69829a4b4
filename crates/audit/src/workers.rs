//! Workers and a queue of limited length: how much of what arrives finds a place.
//!
//! The model is M/M/c/K: arrivals and service times are exponential, `c` workers, room for `K` requests in all. For
//! other distributions it is an approximation; at the ends, far below and far above what the workers can do, it is
//! right for all.

/// Workers below this share of use turn nobody away that anybody would notice.
const NEVER_FULL: f64 = 0.4;

/// The share of the requests that finds a place, where `busy` workers would be busy if there were enough of them.
pub(crate) fn admitted(busy: f64, workers: u32, queue_limit: u32) -> f64 {
    let count = f64::from(workers);
    if busy <= count * NEVER_FULL && (workers > 4 || queue_limit >= 8) {
        return 1.0;
    }
    1.0 - full(busy, workers, queue_limit)
}

/// The probability that all places are taken: Erlang's loss formula, extended by the queue.
fn full(busy: f64, workers: u32, queue_limit: u32) -> f64 {
    // Erlang B by its recursion, which neither overflows nor cancels.
    let mut blocked = 1.0;
    for number in 1..=workers {
        let count = f64::from(number);
        blocked = busy * blocked / (count + busy * blocked);
    }
    // Each place in the queue is another state, with all workers busy.
    let ratio = busy / f64::from(workers);
    for _ in 0..queue_limit {
        let next = ratio * blocked / (1.0 + ratio * blocked);
        if (next - blocked).abs() < 1e-12 {
            return next;
        }
        blocked = next;
    }
    blocked
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(one: f64, other: f64) -> bool {
        (one - other).abs() < 1e-9
    }

    #[test]
    fn one_place_is_taken_as_often_as_it_is_used() {
        // M/M/1/1: busy a/(1+a) of the time.
        assert!(close(full(0.5, 1, 0), 0.5 / 1.5));
        // M/M/1/2: a^2 / (1 + a + a^2).
        assert!(close(full(0.5, 1, 1), 0.25 / 1.75));
        // M/M/2/2: (a^2/2) / (1 + a + a^2/2).
        assert!(close(full(2.0, 2, 0), 2.0 / 5.0));
    }

    #[test]
    fn what_is_too_much_is_turned_away() {
        let kept = admitted(48.0, 16, 64);
        assert!((kept - 16.0 / 48.0).abs() < 1e-6, "{kept}");
        assert!(close(admitted(1.0, 16, 64), 1.0));
    }
}
