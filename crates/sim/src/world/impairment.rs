//! What makes a link worse than a wire of a fixed length: jitter, and loss as TCP sees it.
//!
//! Nearly everything goes over TCP, which sends a lost segment again, so that it arrives late: after the retransmission
//! timeout (RTO), which doubles each time. RFC 6298 computes it from the round trips that were measured; on a link
//! whose round trip hardly varies Linux comes to the round trip and its floor of 200 ms for the variation. Linux gives
//! up after 15 retransmissions, a quarter of an hour (`tcp_retries2`). Here half a minute is the end: whoever talks
//! over a connection would have closed it by then and opened another, behind which nothing old waits. Only datagrams,
//! VRRP adverts, gratuitous ARP and DNS, are really lost.
//!
//! Requests and probes have connections of their own and may overtake each other. What goes along one connection, and
//! adverts, arrive in the order in which they were sent.

use understudy_core::{SimDuration, SimTime};

use crate::distribution::Distribution;
use crate::event::Body;
use crate::ids::Direction;
use crate::rng::Rng;

/// What Linux adds to the round trip for its variation, at least (`TCP_RTO_MIN`).
const RTO_FLOOR: SimDuration = SimDuration::from_millis(200);
/// The longest timeout (`TCP_RTO_MAX`).
const RTO_MAX: SimDuration = SimDuration::from_secs(120);
/// How late a segment may be before the connection is given up: on a good link, seven times sent again.
const GIVEN_UP_AFTER: SimDuration = SimDuration::from_secs(30);

#[derive(Clone, Debug)]
pub(super) struct Impairment {
    jitter: Option<Distribution>,
    pub(super) loss_ppm: u32,
    ways: [Way; 2],
}

/// One direction.
#[derive(Clone, Debug)]
struct Way {
    jitter_draws: Rng,
    loss_draws: Rng,
    /// When the last of what arrives in order arrives.
    last_arrival: SimTime,
}

impl Impairment {
    /// `name` tells the link from all others.
    pub(super) fn new(jitter: Option<Distribution>, loss_ppm: u32, seed: u64, name: &str) -> Self {
        let way = |way: &str| Way {
            jitter_draws: Rng::for_purpose(seed, &alloc::format!("jitter/{name}/{way}")),
            loss_draws: Rng::for_purpose(seed, &alloc::format!("loss/{name}/{way}")),
            last_arrival: SimTime::ZERO,
        };
        Self { jitter, loss_ppm, ways: [way("forward"), way("back")] }
    }

    /// When a message arrives that is sent now and would take `takes` on a good link; `None` if never.
    pub(super) fn arrival(
        &mut self,
        now: SimTime,
        takes: SimDuration,
        direction: Direction,
        is_datagram: bool,
        is_in_order: bool,
    ) -> Option<SimTime> {
        let way = &mut self.ways[direction as usize];
        let mut at = now + takes;
        if let Some(jitter) = &self.jitter {
            at += jitter.draw(&mut way.jitter_draws);
        }
        if self.loss_ppm > 0 && !is_datagram {
            at += retransmissions(&mut way.loss_draws, self.loss_ppm, takes)?;
        }
        if is_in_order {
            at = at.max(way.last_arrival);
            way.last_arrival = at;
        }
        Some(at)
    }

    /// Whether a datagram that has come to the end of the link got lost on the way.
    pub(super) fn loses(&mut self, direction: Direction, body: Body) -> bool {
        self.loss_ppm > 0
            && body.is_datagram()
            && self.ways[direction as usize].loss_draws.happens(self.loss_ppm)
    }
}

/// How much later a segment arrives because it was lost, perhaps more than once; `None` if it was given up.
fn retransmissions(draws: &mut Rng, loss_ppm: u32, takes: SimDuration) -> Option<SimDuration> {
    let mut timeout = (takes * 2 + RTO_FLOOR).min(RTO_MAX);
    let mut late = SimDuration::ZERO;
    while late <= GIVEN_UP_AFTER {
        if !draws.happens(loss_ppm) {
            return Some(late);
        }
        late += timeout;
        timeout = (timeout * 2).min(RTO_MAX);
    }
    None
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use super::*;

    fn impairment(jitter: Option<Distribution>, loss_ppm: u32) -> Impairment {
        Impairment::new(jitter, loss_ppm, 1, "a>b")
    }

    const TAKES: SimDuration = SimDuration::from_millis(10);

    fn route(impairment: &mut Impairment, now: SimTime) -> Option<SimTime> {
        impairment.arrival(now, TAKES, Direction::Forward, false, true)
    }

    #[test]
    fn a_lost_segment_arrives_after_the_timeout_and_again_after_twice_that() {
        let mut impairment = impairment(None, 500_000);
        let late: Vec<u64> = (0..4_000)
            .map(|second| SimTime::from_secs(1_000 * second))
            .filter_map(|now| Some(route(&mut impairment, now)?.since(now)))
            .map(|took| (took.as_nanos() - TAKES.as_nanos()) / 1_000_000)
            .collect();
        for (millis, share) in [(0, 0.5), (220, 0.25), (220 + 440, 0.125), (220 + 440 + 880, 0.0625)] {
            let count = late.iter().filter(|&&late| late == millis).count();
            let expected = share * 4_000.0;
            #[expect(clippy::cast_precision_loss, reason = "small")]
            let error = (count as f64 - expected).abs();
            assert!(error < 5.0 * libm::sqrt(expected), "{count} were {millis} ms late, not {expected}");
        }
    }

    #[test]
    fn where_everything_is_lost_connections_are_given_up_and_datagrams_are_gone() {
        let mut impairment = impairment(None, 1_000_000);
        assert_eq!(route(&mut impairment, SimTime::ZERO), None);
        let advert = impairment.arrival(SimTime::ZERO, TAKES, Direction::Forward, true, true);
        assert_eq!(advert, Some(SimTime::ZERO + TAKES), "it is on its way, as far as anybody knows");
        assert!(impairment.loses(Direction::Forward, Body::GratuitousArp));
    }

    #[test]
    fn what_is_half_a_minute_late_is_given_up_on_a_slow_link_too() {
        for takes in [1, 10, 400, 5_000].map(SimDuration::from_millis) {
            let mut draws = Rng::for_purpose(1, "test");
            let late = (0..20_000).filter_map(|_| retransmissions(&mut draws, 800_000, takes)).max();
            assert!(late.is_some_and(|late| late <= GIVEN_UP_AFTER), "{takes}: {late:?}");
        }
    }

    #[test]
    fn one_connection_keeps_the_order_whatever_the_jitter() {
        let mut impairment =
            impairment(Some(Distribution::Exponential(SimDuration::from_millis(50))), 100_000);
        let mut last = SimTime::ZERO;
        for millis in 0..1_000 {
            let now = SimTime::from_millis(millis);
            let at = route(&mut impairment, now).expect("not lost so often");
            assert!(at >= last && at >= now + TAKES);
            last = at;
        }
    }
}
