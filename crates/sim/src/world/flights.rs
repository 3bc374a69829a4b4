//! What is on the links at one instant: all of it counted, and all or a sample of it told.

use alloc::vec;
use alloc::vec::Vec;

use understudy_core::SimTime;
use understudy_core::replication::message::PrimaryMessage;
use understudy_core::sort;

use super::ground::Ground;
use crate::event::{Body, Event, Message};
use crate::ids::Direction;
use crate::post::Letter;
use crate::queue::Scheduled;
use crate::view::{Cargo, Flight, Sample, Traffic};

/// What is on the links.
pub(super) struct Flights {
    /// In order of arrival.
    pub(super) told: Vec<Flight>,
    pub(super) sample: Sample,
    /// For each link, in scenario order.
    pub(super) traffic: Vec<Traffic>,
}

/// A number that is spread evenly whatever the pattern of what it is made from: Knuth's multiplicative hash. Request
/// numbers would do by themselves if no balancer gave every second one to the same server.
const fn spread(key: u64) -> u64 {
    key.wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

/// Whether `key` is in a sample of one in 2^`halvings`. What is in one is in every larger one too.
const fn sampled(key: u64, halvings: u32) -> bool {
    spread(key).leading_zeros() >= halvings
}

/// Tells at most about `most` flights, chosen by their requests' numbers, so that one that is told is told for all its
/// way. The request that is followed is always among them.
pub(super) fn look(ground: &Ground, now: SimTime, most: usize) -> Flights {
    let mut traffic = vec![Traffic::default(); ground.links.len()];
    let mut on_links = 0;
    let coming = || ground.queue.iter().filter(|scheduled| scheduled.at > now);
    for scheduled in coming() {
        if let Event::Deliver(message) = scheduled.event {
            on_links += 1;
            let link = &mut traffic[message.link.get()];
            match (message.body, message.direction) {
                (Body::Call(_), _) => link.requests += 1,
                (Body::Answer(..), _) => link.replies += 1,
                (Body::Probe { .. }, _) | (Body::ProbeAnswer { .. }, Direction::Back) => link.checks += 1,
                _ => link.others += 1,
            }
        }
    }
    let halvings = halvings(on_links, most);
    let mut found: Vec<(u64, Flight)> = Vec::with_capacity(on_links >> halvings);
    found.extend(coming().filter_map(|scheduled| flight(ground, &scheduled, halvings)));
    sort::by_key(&mut found, |(sequence, flight)| {
        (u128::from(flight.arrives_at.as_nanos()) << 64) | u128::from(*sequence)
    });
    Flights {
        told: found.into_iter().map(|(_, flight)| flight).collect(),
        sample: Sample { on_links, one_of: 1 << halvings },
        traffic,
    }
}

/// How often the whole must be halved to be no more than `most`.
const fn halvings(whole: usize, most: usize) -> u32 {
    let mut halvings = 0;
    while whole >> halvings > most {
        halvings += 1;
    }
    halvings
}

fn flight(ground: &Ground, scheduled: &Scheduled<Event>, halvings: u32) -> Option<(u64, Flight)> {
    let Event::Deliver(message) = scheduled.event else { return None };
    let Message { link, direction, sent_at, body } = message;
    let cargo = match body {
        Body::Call(call) | Body::Answer(call, _) => {
            let request = ground.calls.get(call)?;
            if !sampled(request.number.0, halvings) && !ground.follows(request.number) {
                return None;
            }
            match body {
                Body::Answer(_, outcome) => Cargo::Reply(request.number, request.kind, outcome),
                _ => Cargo::Request(request.number, request.kind),
            }
        }
        _ if !sampled(scheduled.sequence, halvings) => return None,
        Body::Probe { .. } => Cargo::Probe,
        Body::ProbeAnswer { passed, .. } => Cargo::ProbeReply { passed },
        Body::Advert(_) => Cargo::Advert,
        Body::ArpRequest | Body::GratuitousArp => Cargo::GratuitousArp,
        Body::Replication(letter) => match ground.post.get(letter)? {
            Letter::ToReplica(message) => Cargo::Log { records: records_in(&message.message) },
            _ => Cargo::LogStatus,
        },
        Body::HangUp => Cargo::LogStatus,
        Body::Control(_) | Body::Route(_) => Cargo::Control,
        Body::DnsQuery { .. } => Cargo::DnsQuery,
        Body::DnsAnswer(_) => Cargo::DnsAnswer,
        Body::Scrape { .. } => Cargo::Scrape,
        Body::Scraped(_) => Cargo::ScrapeAnswer { passed: true },
        Body::ScrapeRefused { .. } => Cargo::ScrapeAnswer { passed: false },
        Body::PortProbe { port, .. } => Cargo::PortProbe { port },
        Body::PortAnswer { port, open, .. } => Cargo::PortAnswer { port, open },
    };
    Some((scheduled.sequence, Flight { link, direction, cargo, sent_at, arrives_at: scheduled.at }))
}

fn records_in(message: &PrimaryMessage) -> usize {
    match message {
        PrimaryMessage::Records(records) => records.len(),
        PrimaryMessage::Started { .. } | PrimaryMessage::Refused(_) | PrimaryMessage::Keepalive { .. } => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_is_as_large_as_it_says_and_part_of_every_larger_one() {
        for halvings in 0..8 {
            let count = (0..100_000).filter(|key| sampled(*key, halvings)).count();
            let wanted = 100_000 >> halvings;
            assert!(count.abs_diff(wanted) < 20, "{count} of {wanted}");
            assert!((0..10_000).all(|key| !sampled(key, halvings + 1) || sampled(key, halvings)));
        }
    }

    #[test]
    fn a_sample_of_every_second_request_is_one_of_both_servers_of_a_round_robin() {
        let even = (0..1_000).filter(|key| sampled(2 * key, 1)).count();
        assert!((450..550).contains(&even), "{even}");
    }

    #[test]
    fn no_more_is_told_than_wanted() {
        assert_eq!(halvings(600, 600), 0);
        assert_eq!(halvings(601, 600), 1);
        assert_eq!(halvings(10_000, 600), 5);
        assert_eq!(halvings(0, 0), 0);
    }
}
