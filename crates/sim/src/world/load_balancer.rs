//! A load balancer: drives the core's [`Balancer`] and one [`HealthChecker`] for each server of its pool.

use alloc::vec::Vec;

use understudy_core::balancer::{
    self, Algorithm, Balancer, PassedOver, Request, ServerConfig, ServerIndex, Tried,
};
use understudy_core::health::{
    Belief, Cause, CheckOutcome, Failure, HealthChecker, HealthConfig, HealthOutput, ProbeId, Reason,
};
use understudy_core::{SimDuration, SimTime};

use super::Ground;
use crate::event::{Body, Event, Incarnation};
use crate::ids::{Direction, LinkId, NodeId, RequestNumber};
use crate::log::Fact;
use crate::meter::RateMeter;
use crate::outcome::Outcome;
use crate::plan::LoadBalancerPlan;
use crate::requests::{RequestId, Stage};
use crate::view::{Choice, NodeDetail, PoolEntry};

#[derive(Clone, Debug)]
pub(super) struct LoadBalancer {
    id: NodeId,
    health: HealthConfig,
    retry: bool,
    links: Vec<LinkId>,
    balancer: Balancer,
    pool: Vec<PoolServer>,
    last_choice: Option<LastChoice>,
    forwarded: RateMeter,
}

/// What the balancer keeps about one server, in pool order.
#[derive(Clone, Debug)]
struct PoolServer {
    checker: HealthChecker,
    picked: u64,
    picks: RateMeter,
}

/// The newest choice. The vector is used again for the next one.
#[derive(Clone, Debug)]
struct LastChoice {
    request: RequestNumber,
    at: SimTime,
    server: Option<ServerIndex>,
    passed_over: Vec<(ServerIndex, PassedOver)>,
}

fn server_index(index: usize) -> ServerIndex {
    ServerIndex(u16::try_from(index).expect("the balancer checked the size of its pool"))
}

impl LoadBalancer {
    pub(super) fn new(id: NodeId, settings: &LoadBalancerPlan) -> Self {
        Self {
            id,
            health: settings.health,
            retry: settings.retry,
            links: settings.pool.clone(),
            balancer: fresh_balancer(settings.pool.len()),
            pool: fresh_pool(settings.health, settings.pool.len(), SimTime::ZERO),
            last_choice: None,
            forwarded: RateMeter::default(),
        }
    }

    /// Starts the process: it believes every server up until its checks say otherwise.
    pub(super) fn start(&mut self, ground: &mut Ground) {
        self.balancer = fresh_balancer(self.links.len());
        self.pool = fresh_pool(self.health, self.links.len(), ground.now);
        for index in 0..self.pool.len() {
            self.schedule_check(ground, index);
        }
    }

    /// The process ends. Returns the requests that had gone through it and were not answered yet.
    pub(super) fn die(&mut self, ground: &mut Ground) -> Vec<RequestId> {
        let id = self.id;
        ground.requests.find_all(|request| {
            request.balancer == id && !matches!(request.stage, Stage::ToBalancer | Stage::ToClients)
        })
    }

    /// Switches retries; false if they were so already.
    pub(super) fn set_retry(&mut self, on: bool) -> bool {
        core::mem::replace(&mut self.retry, on) != on
    }

    pub(super) fn take_request(&mut self, ground: &mut Ground, request: RequestId) {
        if !self.forward(ground, request) {
            ground.fail(self.id, None, request, Outcome::Rejected);
            ground.note(Fact::Rejected { balancer: self.id, count: 1 });
            ground.answer_client(request, Outcome::Rejected);
        }
    }

    pub(super) fn take_reply(&mut self, ground: &mut Ground, request: RequestId, outcome: Outcome) {
        // After a restart, replies to connections of the former process find nobody.
        let Some(held) = ground.requests.get(request).filter(|held| held.stage == Stage::ToBalancerBack)
        else {
            return;
        };
        let server = held.tried.last().expect("it was on a server");
        let result = attempt_result(outcome, ground.now.since(held.tried.picked_at()));
        self.balancer.handle_result(ground.now, server, result);
        if outcome == Outcome::Refused {
            let refused_by = held.server_link.expect("a server refused it");
            let node = ground.plan.link(refused_by).to;
            let retried = self.retry && self.forward(ground, request);
            ground.note(Fact::Refused { node, count: 1, retried: u64::from(retried) });
            if retried {
                return;
            }
        }
        ground.answer_client(request, outcome);
    }

    /// Sends a request to the server whose turn it is; false if none is left to try.
    fn forward(&mut self, ground: &mut Ground, request: RequestId) -> bool {
        let now = ground.now;
        let Some(held) = ground.requests.get_mut(request) else { return false };
        let mut choice = self.reasons(held.number, now, &held.tried);
        let picked = self.balancer.pick(now, &Request::default(), &mut held.tried);
        choice.server = picked;
        self.last_choice = Some(choice);
        let Some(picked) = picked else { return false };
        let link = self.links[picked.get()];
        held.stage = Stage::ToServer;
        held.server_link = Some(link);
        let server = &mut self.pool[picked.get()];
        server.picked += 1;
        server.picks.count(now);
        self.forwarded.count(now);
        ground.send(link, Direction::Forward, Body::Request(request));
        true
    }

    /// The reasons for the choice that is about to be made, in the vector of the choice before.
    fn reasons(&mut self, request: RequestNumber, at: SimTime, tried: &Tried) -> LastChoice {
        let mut passed_over = self.last_choice.take().map(|choice| choice.passed_over).unwrap_or_default();
        passed_over.clear();
        passed_over.extend(
            (0..self.balancer.server_count())
                .map(server_index)
                .filter_map(|server| Some((server, self.balancer.why_not(at, server, tried)?))),
        );
        LastChoice { request, at, server: None, passed_over }
    }

    pub(super) fn check_due(&mut self, ground: &mut Ground, server: ServerIndex, incarnation: Incarnation) {
        let due = self.pool[server.get()].checker.poll_timeout();
        // Also called for moments that have been put off since.
        if incarnation != ground.incarnation(self.id) || due.is_none_or(|due| due > ground.now) {
            return;
        }
        self.pool[server.get()].checker.handle_timeout(ground.now);
        self.drain_checker(ground, server);
        self.schedule_check(ground, server.get());
    }

    pub(super) fn take_probe_reply(
        &mut self,
        ground: &mut Ground,
        server: ServerIndex,
        probe: ProbeId,
        incarnation: Incarnation,
        passed: bool,
    ) {
        if incarnation == ground.incarnation(self.id) {
            let outcome = if passed { CheckOutcome::Passed } else { CheckOutcome::Failed(Failure::Refused) };
            self.pool[server.get()].checker.handle_probe_result(ground.now, probe, outcome);
            self.drain_checker(ground, server);
            self.schedule_check(ground, server.get());
        }
    }

    fn schedule_check(&self, ground: &mut Ground, index: usize) {
        if let Some(due) = self.pool[index].checker.poll_timeout() {
            let incarnation = ground.incarnation(self.id);
            let event = Event::CheckDue { balancer: self.id, server: server_index(index), incarnation };
            ground.schedule(due.since(ground.now), event);
        }
    }

    fn drain_checker(&mut self, ground: &mut Ground, server: ServerIndex) {
        let incarnation = ground.incarnation(self.id);
        while let Some(output) = self.pool[server.get()].checker.poll_output() {
            match output {
                HealthOutput::SendProbe(probe) => {
                    let body = Body::Probe { server, probe, incarnation };
                    ground.send(self.links[server.get()], Direction::Forward, body);
                }
                HealthOutput::Judged { turned, reason, .. } => {
                    self.believe(ground, server, reason, turned);
                }
            }
        }
    }

    /// Takes a server out of use or puts it back, and keeps the log.
    fn believe(&mut self, ground: &mut Ground, index: ServerIndex, reason: Reason, turned: bool) {
        let (balancer, server) = (self.id, ground.plan.link(self.links[index.get()]).to);
        let belief = reason.belief;
        let HealthConfig { rise, fall, .. } = self.health;
        match (turned, belief.in_use()) {
            (true, true) => self.balancer.mark_up(index),
            (true, false) => self.balancer.mark_down(index, ground.now),
            (false, _) => {}
        }
        let fact = match (turned, belief) {
            (true, belief) if belief.in_use() => {
                Some(Fact::PutBack { balancer, server, rise, after_revival: ground.up_for(server) })
            }
            (true, _) => {
                // The first check of a server decides alone.
                let fall = if let Cause::FirstCheck(_) = reason.cause { 1 } else { fall };
                Some(Fact::TakenOut { balancer, server, fall, after_death: ground.dead_for(server) })
            }
            (false, Belief::GoingDown { failed }) => {
                Some(Fact::CheckFailed { balancer, server, failed, fall })
            }
            (false, Belief::GoingUp { passed }) => Some(Fact::CheckPassed { balancer, server, passed, rise }),
            (false, Belief::Unchecked | Belief::Up | Belief::Down) => None,
        };
        if let Some(fact) = fact {
            ground.note(fact);
        }
    }

    /// What it believes of the server at the end of `link`.
    pub(super) fn belief_of(&self, link: LinkId) -> Option<Belief> {
        let index = self.links.iter().position(|&own| own == link)?;
        Some(self.pool[index].checker.belief())
    }

    pub(super) fn view(&self, ground: &Ground, now: SimTime) -> (u32, NodeDetail) {
        let node = |server: ServerIndex| ground.plan.link(self.links[server.get()]).to;
        let pool = self.pool.iter().zip(&self.links).map(|(server, &link)| PoolEntry {
            server: ground.plan.link(link).to,
            link,
            belief: server.checker.belief(),
            rate_per_s: server.picks.per_second(now),
            picked: server.picked,
        });
        let last_choice = self.last_choice.as_ref().map(|choice| Choice {
            request: choice.request,
            at: choice.at,
            server: choice.server.map(node),
            passed_over: choice.passed_over.iter().map(|&(server, why)| (node(server), why)).collect(),
        });
        let detail = NodeDetail::LoadBalancer { pool: pool.collect(), retry: self.retry, last_choice };
        (self.forwarded.per_second(now), detail)
    }
}

/// As in HAProxy, health checks alone say who is out of use: requests that fail are not held against a server.
fn fresh_balancer(servers: usize) -> Balancer {
    let config = ServerConfig { max_fails: 0, ..ServerConfig::default() };
    Balancer::new(Algorithm::RoundRobin, (0..servers).map(|_| config))
}

/// What the end of an attempt says about the server it was on.
fn attempt_result(outcome: Outcome, took: SimDuration) -> balancer::Outcome {
    match outcome {
        Outcome::Answered => balancer::Outcome::Answered { took },
        _ => balancer::Outcome::Failed,
    }
}

/// Checkers whose first checks are spread over one interval, as HAProxy spreads them, so that they do not all
/// come at once.
fn fresh_pool(health: HealthConfig, servers: usize, now: SimTime) -> Vec<PoolServer> {
    (0..servers)
        .map(|index| PoolServer {
            checker: HealthChecker::new(health, now + health.first_check_offset(index, servers)),
            picked: 0,
            picks: RateMeter::default(),
        })
        .collect()
}
