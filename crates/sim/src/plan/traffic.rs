//! The settings of clients: what they send, when, and what they do when it fails.

use alloc::format;
use alloc::string::String;

use understudy_core::SimDuration;

use super::kinds::{Context, Place, check_time, check_timeout, ppm};
use super::{ClientsPlan, MAX_RATE_PER_S, MIN_RATE_PER_S, Mistake, mistake};
use crate::distribution::Distribution;
use crate::ids::NodeId;
use crate::number;
use crate::scenario::{self, AfterRamp, Backoff, Burst, Ramp, Retries};

/// The most users of one client population.
const MAX_USERS: u32 = 1_000_000;

/// When clients send.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "prepared", derive(borsh::BorshSerialize, borsh::BorshDeserialize))]
pub enum Traffic {
    /// On their own account, as a Poisson process.
    Open {
        /// Mean time between two requests, but for the pattern; not zero.
        mean_gap: SimDuration,
        /// How that changes over time.
        pattern: Pattern,
    },
    /// Each user sends, waits for the outcome, thinks, and sends again.
    Closed {
        /// How many users.
        users: u32,
        /// How long each thinks.
        think_time: Distribution,
    },
}

/// How a rate changes over time.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "prepared", derive(borsh::BorshSerialize, borsh::BorshDeserialize))]
pub enum Pattern {
    /// Not at all.
    Steady,
    /// Evenly, from the start of the run on.
    Ramp {
        /// The mean time between two requests at its end.
        to_mean_gap: SimDuration,
        /// How long it takes.
        over: SimDuration,
        /// Whether it begins anew then, or stays at its end.
        repeats: bool,
    },
    /// So many times as much, every so often.
    Burst {
        /// Time from the end of one burst to the end of the next.
        every: SimDuration,
        /// How many times, in thousandths.
        times_permille: u32,
        /// How long one lasts; less than `every`.
        lasts: SimDuration,
    },
}

/// What clients do when a request fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "prepared", derive(borsh::BorshSerialize, borsh::BorshDeserialize))]
pub struct RetryPlan {
    /// How often a request is tried, the first time included; at least 1.
    pub attempts: u8,
    /// Retries that each request allows, in millionths.
    pub budget_ppm: u32,
    /// How long to wait before each.
    pub backoff: Backoff,
}

/// Requests per second as the mean time between two of them.
pub(crate) fn mean_gap(rate_per_s: f64) -> Result<SimDuration, String> {
    if !(MIN_RATE_PER_S..=MAX_RATE_PER_S).contains(&rate_per_s) {
        return Err(format!(
            "{} requests per second is out of range; write {} to {}",
            number::write(rate_per_s),
            number::write(MIN_RATE_PER_S),
            number::write(MAX_RATE_PER_S)
        ));
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "in range, and rounded")]
    Ok(SimDuration::from_nanos(libm::round(1e9 / rate_per_s) as u64))
}

pub(super) fn plan(
    context: &Context<'_>,
    id: NodeId,
    clients: &scenario::Clients,
    place: &Place,
) -> Result<ClientsPlan, Mistake> {
    let share = |field, share| match ppm(share) {
        Some(ppm) => Ok(ppm),
        None => mistake(
            place.of(field),
            format!("{} is no share; write a number from 0 to 1", number::write(share)),
        ),
    };
    let (writes_ppm, static_ppm) =
        (share("writes", clients.writes)?, share("static_files", clients.static_files)?);
    if writes_ppm + static_ppm > 1_000_000 {
        let problem =
            format!("with the writes ({}) that is more than all requests", number::write(clients.writes));
        return mistake(place.of("static_files"), problem);
    }
    if clients.keys == 0 {
        return mistake(place.of("keys"), "0 rows; write at least 1");
    }
    check_timeout(clients.timeout, place)?;
    Ok(ClientsPlan {
        traffic: traffic(clients, place)?,
        writes_ppm,
        static_ppm,
        keys: clients.keys,
        timeout: clients.timeout,
        retries: clients.retries.map(|retries| plan_retries(retries, place)).transpose()?,
        links: context.links_to(id, |node| !matches!(node, scenario::Node::Dns(_))),
        dns: context.links_to(id, |node| matches!(node, scenario::Node::Dns(_))),
    })
}

fn traffic(clients: &scenario::Clients, place: &Place) -> Result<Traffic, Mistake> {
    match (clients.rate_per_s, clients.users) {
        (Some(rate_per_s), None) => {
            if clients.think_time.is_some() {
                let problem = "only users think; remove it, or write \"users\" in place of \"rate_per_s\"";
                return mistake(place.of("think_time"), problem);
            }
            let pattern = pattern(clients, place)?;
            Ok(Traffic::Open { mean_gap: gap("rate_per_s", rate_per_s, place)?, pattern })
        }
        (None, Some(users)) => closed_loop(clients, users, place),
        (None, None) => {
            let problem = "nothing says how much they send; write \"rate_per_s\": 20, or \"users\": 20 and a \
                           \"think_time\"";
            mistake(place.of("rate_per_s"), problem)
        }
        (Some(_), Some(_)) => mistake(
            place.of("users"),
            "there is a rate too; write \"rate_per_s\" for requests that come by themselves, or \"users\" for people \
             who wait for their answers",
        ),
    }
}

fn closed_loop(clients: &scenario::Clients, users: u32, place: &Place) -> Result<Traffic, Mistake> {
    let shaped = [("ramp", clients.ramp.is_some()), ("burst", clients.burst.is_some())];
    if let Some((field, _)) = shaped.into_iter().find(|(_, is_there)| *is_there) {
        return mistake(
            place.of(field),
            "users have no rate; remove it, or write \"rate_per_s\" in place of \"users\"",
        );
    }
    if !(1..=MAX_USERS).contains(&users) {
        return mistake(place.of("users"), format!("{users} users; write 1 to {MAX_USERS}"));
    }
    let Some(think_time) = clients.think_time else {
        let problem = "users think between two requests; write { \"exponential\": \"1s\" } or so";
        return mistake(place.of("think_time"), problem);
    };
    check_time("think_time", think_time, place)?;
    if think_time.mean().is_zero() {
        return mistake(
            place.of("think_time"),
            "0 would send without end; write { \"exponential\": \"1s\" } or so",
        );
    }
    Ok(Traffic::Closed { users, think_time })
}

fn gap(field: &str, rate_per_s: f64, place: &Place) -> Result<SimDuration, Mistake> {
    mean_gap(rate_per_s).map_err(|problem| Mistake { place: place.of(field), problem })
}

fn pattern(clients: &scenario::Clients, place: &Place) -> Result<Pattern, Mistake> {
    match (clients.ramp, clients.burst) {
        (None, None) => Ok(Pattern::Steady),
        (Some(Ramp { to_per_s, over, then }), None) => {
            if over.is_zero() {
                return mistake(place.of("ramp.over"), "0 is no ramp; write \"30s\" or so");
            }
            let to_mean_gap = gap("ramp.to_per_s", to_per_s, place)?;
            Ok(Pattern::Ramp { to_mean_gap, over, repeats: then == AfterRamp::Repeat })
        }
        (None, Some(Burst { every, times, lasts })) => {
            if lasts.is_zero() || lasts >= every {
                let problem = format!("{lasts} of {every}; write more than 0 and less than \"every\"");
                return mistake(place.of("burst.lasts"), problem);
            }
            if !(0.001..=1_000.0).contains(&times) {
                return mistake(
                    place.of("burst.times"),
                    format!("{} times the rate; write 0.001 to 1000", number::write(times)),
                );
            }
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "in range, and rounded"
            )]
            let times_permille = libm::round(times * 1e3) as u32;
            Ok(Pattern::Burst { every, times_permille, lasts })
        }
        (Some(_), Some(_)) => mistake(
            place.of("burst"),
            "there is a ramp too; keep one, or make a second population of clients",
        ),
    }
}

fn plan_retries(retries: Retries, place: &Place) -> Result<RetryPlan, Mistake> {
    let attempts = u8::try_from(retries.attempts).ok().filter(|attempts| (1..=100).contains(attempts));
    let Some(attempts) = attempts else {
        let problem = format!("{} attempts; write 1 (no retries) to 100", retries.attempts);
        return mistake(place.of("retries.attempts"), problem);
    };
    let Some(budget_ppm) = ppm(retries.budget) else {
        let problem =
            format!("{} retries for each request; write a number from 0 to 1", number::write(retries.budget));
        return mistake(place.of("retries.budget"), problem);
    };
    let Backoff { base, max, .. } = retries.backoff;
    if base > max || max > SimDuration::from_secs(3_600) {
        let problem = format!(
            "a wait of {base} that grows to {max}; write a base no longer than max, and at most an hour"
        );
        return mistake(place.of("retries.backoff"), problem);
    }
    Ok(RetryPlan { attempts, budget_ppm, backoff: retries.backoff })
}
