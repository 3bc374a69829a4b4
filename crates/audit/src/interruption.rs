//! How long a loss interrupts a service until everybody has reacted who will.
//!
//! Three react: balancers whose checks find a server dead, the next balancer that takes a virtual address over, and the
//! failover manager. Each takes the time that its settings say, from the death of the component on:
//!
//! - *Health checks.* `fall` checks in a row have to fail, one every `interval`; up to one interval passes before the
//!   first. A check over a cut link fails only after an interval without an answer.
//! - *Virtual address.* The next balancer waits `3 x advert_interval + skew` after the last advert that it heard
//!   (RFC 9568, `Master_Down_Interval`).
//! - *Failover.* `fall` missed checks, then every reachable replica reports where its log ends, then the fencing (a
//!   device's answer, or the end of the last lease), then the promotion and the news to the servers that write.

use alloc::vec::Vec;

use serde::Serialize;
use understudy_core::SimDuration;
use understudy_core::failover::Fencing;
use understudy_sim::ids::{LinkId, NodeId};
use understudy_sim::plan::{NextTier, NodeKind, PlanLink};

use crate::addresses::{balancer, master_down_interval};
use crate::cluster::database;
use crate::losses::Losses;
use crate::service::Service;
use crate::system::{Outcome, Reactions, System};

/// How long a fencing device takes in the simulator.
const FENCING_TAKES: SimDuration = SimDuration::from_millis(500);
/// A server that was left alone for a failed request is tried again after about that long.
const TRIED_EVERY_S: f64 = 13.0;
/// How long whoever sends to a virtual address hears nothing from there until it asks where the address is.
const DOUBT_AFTER: SimDuration = SimDuration::from_secs(8);
/// Shares that differ by less are the same.
pub const SAME: f64 = 1e-6;

/// Who ends an interruption.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reaction {
    /// Balancers that take a dead server out.
    HealthChecks,
    /// The next balancer of a virtual address.
    AddressTakeover,
    /// The failover manager.
    Failover,
}

impl Reaction {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::HealthChecks, Self::AddressTakeover, Self::Failover];

    /// What ends the interruption, for people.
    pub const fn name(self) -> &'static str {
        match self {
            Self::HealthChecks => "health checks",
            Self::AddressTakeover => "the takeover of the virtual address",
            Self::Failover => "the failover",
        }
    }

    const fn missing(self) -> Reactions {
        match self {
            Self::HealthChecks => Reactions { health_checks: false, ..Reactions::ALL },
            Self::AddressTakeover => Reactions { addresses: false, ..Reactions::ALL },
            Self::Failover => Reactions { failover: false, ..Reactions::ALL },
        }
    }
}

/// How long something takes: as a rule, and at the most.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Takes {
    /// On average over all instants at which the loss may happen.
    pub typical: SimDuration,
    /// At the most.
    pub at_most: SimDuration,
}

impl Takes {
    fn max(self, other: Self) -> Self {
        Self { typical: self.typical.max(other.typical), at_most: self.at_most.max(other.at_most) }
    }
}

/// A service that is worse for a while.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Interruption {
    /// Who ends it.
    pub by: Reaction,
    /// How long it takes.
    pub takes: Takes,
    /// The share of the service's requests that fail meanwhile and would not afterwards.
    pub share: f64,
}

pub(crate) fn half(duration: SimDuration) -> SimDuration {
    SimDuration::from_nanos(duration.as_nanos() / 2)
}

pub(crate) fn interruptions_of(
    without: &[(Reaction, Takes, Outcome)],
    service: Service,
    after: f64,
) -> Vec<Interruption> {
    let share = |outcome: &Outcome| after - outcome.answered(service);
    without
        .iter()
        .filter(|(.., outcome)| share(outcome) > SAME)
        .map(|(by, takes, outcome)| Interruption { by: *by, takes: *takes, share: share(outcome) })
        .collect()
}

impl System<'_> {
    /// What interrupts a service until everybody has reacted to these losses, one entry for each who has to.
    pub fn interruptions(&self, losses: &Losses, service: Service) -> Vec<Interruption> {
        let after = self.outcome(losses, Reactions::ALL).answered(service);
        let without = self.without_each(losses, &self.reacting(losses));
        interruptions_of(&without, service, after)
    }

    /// Those who react to these losses at all, with how long they take.
    pub(crate) fn reacting(&self, losses: &Losses) -> Vec<(Reaction, Takes)> {
        Reaction::ALL.into_iter().filter_map(|by| Some((by, self.takes(losses, by)?))).collect()
    }

    /// What is answered if everybody reacts but one, for each who does.
    pub(crate) fn without_each(
        &self,
        losses: &Losses,
        reacting: &[(Reaction, Takes)],
    ) -> Vec<(Reaction, Takes, Outcome)> {
        let without = |&(by, takes): &(Reaction, Takes)| (by, takes, self.outcome(losses, by.missing()));
        reacting.iter().map(without).collect()
    }

    /// How long one of those who react takes; `None` if these losses do not concern it.
    pub(crate) fn takes(&self, losses: &Losses, by: Reaction) -> Option<Takes> {
        match by {
            Reaction::HealthChecks => self.detection_takes(losses),
            Reaction::AddressTakeover => self.takeover_takes(losses),
            Reaction::Failover => self.failover_takes(losses),
        }
    }

    fn detection_takes(&self, losses: &Losses) -> Option<Takes> {
        let mut slowest: Option<Takes> = None;
        for (id, node) in self.plan.nodes() {
            let NodeKind::LoadBalancer(balancer) = &node.kind else { continue };
            if losses.has_node(id) {
                continue;
            }
            for &link in &balancer.pool {
                let cut = losses.has_link(link);
                if !cut && !losses.has_node(self.plan.link(link).to) {
                    continue;
                }
                let there = self.plan.link(link).latency * 2;
                let interval = balancer.health.interval;
                // What one failed check takes, from its start to the start of the next.
                let check = interval + if cut { interval } else { there };
                let fall = u64::from(balancer.health.fall);
                let failing = check * fall.saturating_sub(1) + if cut { interval } else { there };
                // A request over a cut link fails only when its time is up.
                let waits = if cut { balancer.timeout } else { SimDuration::ZERO };
                let takes = Takes {
                    typical: half(interval) + failing,
                    at_most: interval + there + failing + check + waits,
                };
                slowest = Some(slowest.map_or(takes, |slowest| slowest.max(takes)));
            }
        }
        slowest
    }

    fn takeover_takes(&self, losses: &Losses) -> Option<Takes> {
        if self.ranking.balancers().is_empty() {
            return None;
        }
        let after = self.ranking.after(self.plan, losses, &self.start);
        let mut slowest: Option<Takes> = None;
        let is_new = |id: &NodeId| after.is_master(*id) && !self.start.is_master(*id);
        if after != self.start && !self.ranking.balancers().iter().any(is_new) {
            // Nobody announces anything: who hears nothing for a while asks.
            slowest = Some(Takes { typical: DOUBT_AFTER, at_most: DOUBT_AFTER * 2 });
        }
        for &id in self.ranking.balancers() {
            if !after.is_master(id) || self.start.is_master(id) {
                continue;
            }
            let Some(waits) = master_down_interval(self.plan, id) else { continue };
            let vrrp = balancer(self.plan, id).and_then(|balancer| balancer.vrrp.as_ref());
            let advert = vrrp.map_or(SimDuration::ZERO, |vrrp| vrrp.interval.duration());
            let heard = self.slowest_link(id);
            let takes =
                Takes { typical: waits.saturating_sub(half(advert)) + heard, at_most: waits + heard * 2 };
            slowest = Some(slowest.map_or(takes, |slowest| slowest.max(takes)));
        }
        slowest
    }

    fn slowest_link(&self, id: NodeId) -> SimDuration {
        let of = |links: &[LinkId]| links.iter().map(|&link| self.plan.link(link).latency).max();
        let balancer = balancer(self.plan, id);
        balancer
            .and_then(|balancer| of(&balancer.incoming).max(of(&balancer.peers)))
            .unwrap_or(SimDuration::ZERO)
    }

    fn failover_takes(&self, losses: &Losses) -> Option<Takes> {
        let (_, manager) = self.databases.manager(self.plan)?;
        let (primary, place) = (self.databases.first_primary()?, manager.first_primary.get());
        if !losses.has_node(primary) && !losses.has_link(manager.databases[place]) {
            return None;
        }
        let promoted = self.databases.after(self.plan, losses).promoted?;
        let config = &manager.config;
        let (soonest, latest) = config.detection_time();
        let there = |links: &[LinkId]| {
            links.iter().map(|&link| self.plan.link(link).latency).max().unwrap_or(SimDuration::ZERO)
        };
        let round_trip = there(&manager.databases) * 2;
        let refused = self.databases.first_primary().is_some_and(|primary| losses.has_node(primary));
        // A refusal counts at once, silence only when the next check is due.
        let (detected, at_the_latest) = if refused {
            let fall = u64::from(config.fall);
            (config.interval * fall.saturating_sub(1) + half(config.interval), config.interval * fall)
        } else {
            (soonest + half(config.interval), latest)
        };
        // Every replica stops and reports; one that is lost as well is waited for until it is believed so.
        let others_lost =
            self.databases.all().iter().any(|&id| {
                Some(id) != self.databases.first_primary() && id != promoted && losses.has_node(id)
            });
        let waits = if others_lost { config.report_window } else { SimDuration::ZERO };
        let elected = round_trip * 2 + half(waits);
        let elected_at_most = round_trip * 2 + waits + config.interval;
        let (fenced, fenced_at_most) = match config.fencing {
            Fencing::None => (SimDuration::ZERO, SimDuration::ZERO),
            Fencing::Device { .. } => (FENCING_TAKES, FENCING_TAKES),
            Fencing::Lease { ttl, clock_margin } => {
                // The lease was extended last by a check before the death.
                let left = (ttl + clock_margin).saturating_sub(detected);
                (left, ttl + clock_margin)
            }
        };
        let told = round_trip * 2 + there(&manager.applications);
        Some(Takes {
            typical: detected + elected + fenced + told,
            at_most: at_the_latest + elected_at_most + fenced_at_most + told + config.interval,
        })
    }

    /// The time after which everybody has reacted to these losses, and all that they do has come to pass.
    pub fn settles_within(&self, losses: &Losses) -> SimDuration {
        let reacted = Reaction::ALL
            .into_iter()
            .filter_map(|by| self.takes(losses, by))
            .map(|takes| takes.at_most)
            .max()
            .unwrap_or(SimDuration::ZERO);
        reacted + self.wedges_within(losses) + self.forgotten_within(losses)
    }

    /// Clients go by the addresses that they were told until these have expired, then ask each silent server in turn.
    fn forgotten_within(&self, losses: &Losses) -> SimDuration {
        let lifetime = |id: NodeId| match self.plan.node(id).map(|node| &node.kind) {
            Some(NodeKind::Dns(dns)) => Some(dns.ttl + SimDuration::from_secs(10)),
            _ => None,
        };
        let lost = |(id, _): (NodeId, _)| lifetime(id).filter(|_| losses.has_node(id));
        let cut = |(id, link): (LinkId, &PlanLink)| lifetime(link.to).filter(|_| losses.has_link(id));
        let nodes = self.plan.nodes().filter_map(lost);
        nodes.chain(self.plan.links().filter_map(cut)).max().unwrap_or(SimDuration::ZERO)
    }

    /// Writes that are never acknowledged keep one worker of the primary each, until it has none left.
    fn wedges_within(&self, losses: &Losses) -> SimDuration {
        let cluster = self.databases.after(self.plan, losses);
        let rate: f64 =
            self.populations.iter().map(|population| population.rates[Service::Writes.index()]).sum();
        let hanging = cluster.accepting.iter().filter(|accepting| accepting.hangs && accepting.written_to);
        let slots = hanging
            .filter_map(|accepting| database(self.plan, accepting.node))
            .map(|database| u64::from(database.workers) + u64::from(database.queue_limit))
            .max()
            .unwrap_or(0);
        // Web servers with several application servers leave those alone whose writes time out, and try each of them
        // once in a while.
        let tries: usize = self
            .plan
            .nodes()
            .filter_map(|(_, node)| match &node.kind {
                NodeKind::WebServer(server) => match &server.next_tier {
                    NextTier::Servers(links) if links.len() > 1 => Some(links.len()),
                    _ => None,
                },
                _ => None,
            })
            .sum();
        let gap_s = if rate > 0.0 { 1.0 / rate } else { 0.0 };
        let gap_s = if tries > 0 {
            gap_s.max(TRIED_EVERY_S / f64::from(u16::try_from(tries).unwrap_or(u16::MAX)))
        } else {
            gap_s
        };
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a positive gap of at most a day"
        )]
        let gap = SimDuration::from_nanos((gap_s * 1e9) as u64);
        gap * (slots * 2)
    }
}
