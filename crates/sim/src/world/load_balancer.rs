//! A load balancer: drives the core's [`Pool`], one [`HealthChecker`] for each server of its pool, and a
//! [`VrrpRouter`] where it shares a virtual address with another.

mod modes;

use alloc::format;
use alloc::vec;
use alloc::vec::Vec;

use understudy_core::SimTime;
use understudy_core::balancer::{
    Algorithm, Outcome as AttemptOutcome, PassedOver, Request as Attempt, ServerIndex, Tried,
};
use understudy_core::health::{
    Belief, Cause, CheckOutcome, Failure, HealthChecker, HealthConfig, HealthOutput, ProbeId, Reason,
};
use understudy_core::pool::Pool;
use understudy_core::vrrp::{Advert, Priority, Verdict, VrrpConfig, VrrpOutput, VrrpRouter, VrrpState};

use super::ground::{Alarm, Deadlines, Ground};
use crate::calls::{Call, CallId, Caller, Stage};
use crate::event::{Body, Incarnation, Wake};
use crate::ids::{LinkId, NodeId, RequestNumber};
use crate::inspect::{Inspection, PoolInside, Timer, TimerKind};
use crate::log::Fact;
use crate::outcome::Outcome;
use crate::plan::{LoadBalancerPlan, pool_mode};
use crate::post::Letter;
use crate::rng::Rng;
use crate::view::{Choice, NodeDetail, PoolEntry, VirtualAddress};

#[derive(Clone, Debug)]
pub(super) struct LoadBalancer {
    id: NodeId,
    settings: LoadBalancerPlan,
    pool: Pool,
    checked: Vec<PoolServer>,
    /// How often each server was picked, in pool order: counted with every request, and so kept by itself.
    picked: Vec<u64>,
    draws: Rng,
    deadlines: Deadlines,
    vrrp: Option<Vrrp>,
    last_choice: LastChoice,
}

/// What the balancer keeps about one server, in pool order.
#[derive(Clone, Debug)]
struct PoolServer {
    checker: HealthChecker,
    alarm: Alarm,
}

#[derive(Clone, Debug)]
struct Vrrp {
    router: VrrpRouter,
    alarm: Alarm,
    /// Whether the host answers for the virtual address.
    holds_address: bool,
}

/// The newest choice. The vector is used again for the next one.
#[derive(Clone, Debug, Default)]
struct LastChoice {
    /// For which request, and when; `None` before the first.
    made: Option<(RequestNumber, SimTime)>,
    server: Option<ServerIndex>,
    passed_over: Vec<(ServerIndex, PassedOver)>,
}

fn server_index(index: usize) -> ServerIndex {
    ServerIndex(u16::try_from(index).expect("the balancer checked the size of its pool"))
}

impl LoadBalancer {
    pub(super) fn new(id: NodeId, settings: &LoadBalancerPlan, name: &str, seed: u64) -> Self {
        Self {
            id,
            pool: fresh_pool(settings),
            checked: fresh_checkers(settings.health, settings.pool.len(), SimTime::ZERO),
            picked: vec![0; settings.pool.len()],
            draws: Rng::for_purpose(seed, &format!("balancer/{name}")),
            deadlines: Deadlines::new(id, settings.timeout),
            vrrp: None,
            last_choice: LastChoice::default(),
            settings: settings.clone(),
        }
    }

    /// Starts the process: it believes every server up until its checks say otherwise.
    pub(super) fn start(&mut self, ground: &mut Ground) {
        self.pool = fresh_pool(&self.settings);
        self.checked = fresh_checkers(self.settings.health, self.settings.pool.len(), ground.now);
        self.picked.fill(0);
        self.deadlines.clear();
        for index in 0..self.checked.len() {
            self.set_check_alarm(ground, index);
        }
        self.vrrp = self.settings.vrrp.clone().map(|config| Vrrp {
            router: VrrpRouter::new(config),
            alarm: Alarm::default(),
            holds_address: false,
        });
        if self.settings.holds_at_start && ground.now == SimTime::ZERO {
            self.begin_as_master(ground);
        } else {
            self.drive_vrrp(ground, VrrpRouter::handle_start);
        }
    }

    /// The process is asked to stop: it gives the virtual address up and says so.
    pub(super) fn stop(&mut self, ground: &mut Ground) {
        self.drive_vrrp(ground, VrrpRouter::handle_stop);
    }

    /// Switches retries; false if they were so already.
    pub(super) fn set_retry(&mut self, on: bool) -> bool {
        core::mem::replace(&mut self.settings.retry, on) != on
    }

    pub(super) fn take_call(&mut self, ground: &mut Ground, call: CallId) {
        // Whoever sent it takes the virtual address to be here, and it is not: the host drops the packet.
        if self.vrrp.as_ref().is_some_and(|vrrp| !vrrp.holds_address) {
            ground.lose_call(call);
            return;
        }
        if !self.forward(ground, call, None) {
            ground.fail(self.id, None, call, Outcome::Rejected);
            ground.note(Fact::Rejected { node: self.id, count: 1 });
            ground.answer(call, Outcome::Rejected);
        }
    }

    /// The attempt `child` ended, or nobody answered it in time.
    fn attempt_ended(&mut self, now: SimTime, over: &Call, outcome: Outcome) {
        let Some(server) = self.index_at(over.link).map(server_index) else { return };
        let took = now.since(over.made_at);
        let attempt = match outcome {
            Outcome::Answered => AttemptOutcome::Answered { took },
            _ if over.passed_on => AttemptOutcome::Abandoned,
            Outcome::Refused | Outcome::TimedOut | Outcome::Lost | Outcome::Dropped => AttemptOutcome::Failed,
            // The server is alive and says no: nginx counts neither unless told to.
            Outcome::QueueFull | Outcome::Rejected => AttemptOutcome::Abandoned,
        };
        self.pool.handle_result(now, server, attempt);
    }

    pub(super) fn take_answer(&mut self, ground: &mut Ground, child: CallId, outcome: Outcome) {
        let now = ground.now;
        // After a restart, answers to the former process find nobody.
        let (waiting, position) = (ground.waiting_for(child), ground.calls.position(child));
        let over = ground.calls.end(child, |over| {
            if waiting.is_some() {
                self.attempt_ended(now, over, outcome);
            }
            (over.passed_on, over.callee, over.link, over.made_at)
        });
        let (Some(call), Some((passed_on, callee, link, made_at))) = (waiting, over) else { return };
        if outcome == Outcome::Answered {
            ground.works(self.id);
        }
        ground.calls.set_position(call, position);
        let may_retry = outcome == Outcome::Refused && !passed_on && self.settings.retry;
        let last = |balancer: &Self| Some((server_index(balancer.index_at(link)?), made_at));
        if may_retry && self.forward(ground, call, last(self)) {
            ground.note(Fact::Refused { node: callee, count: 0, retried: 1 });
            return;
        }
        ground.answer(call, outcome);
    }

    pub(super) fn deadline(&mut self, ground: &mut Ground) {
        while let Some(child) = self.deadlines.pop_due(ground) {
            let (waiting, outcome) = (ground.waiting_for(child), ground.why_unanswered(child));
            if let Some(over) = ground.calls.get(child).copied() {
                self.attempt_ended(ground.now, &over, outcome);
                ground.note(Fact::TimedOut { node: self.id, count: 1 });
                ground.fail(over.callee, Some(over.link), child, outcome);
            }
            ground.abandon(child);
            if let Some(call) = waiting {
                ground.answer(call, outcome);
            }
        }
    }

    /// Sends a call on to the server whose turn it is; false if none is left to try. `last` is the attempt before: which
    /// server, and when.
    fn forward(&mut self, ground: &mut Ground, call: CallId, last: Option<(ServerIndex, SimTime)>) -> bool {
        let now = ground.now;
        let Some(request) = ground.calls.request(call) else { return false };
        let attempt = self.attempt(request.number);
        let picked = ground.calls.with_tried(call, last, |tried| {
            self.note_reasons(request.number, now, tried);
            self.pool.pick(now, &attempt, tried)
        });
        self.last_choice.server = picked;
        let Some(picked) = picked else { return false };
        self.picked[picked.get()] += 1;
        let child = ground.call(self.settings.pool[picked.get()], Caller::Call(call), &request);
        if let Some(held) = ground.calls.get_mut(call) {
            held.set_stage(Stage::Waiting(child));
        }
        self.deadlines.watch(ground, child);
        true
    }

    /// What the algorithm goes by. Only some draw, so that the others' runs do not depend on it.
    fn attempt(&mut self, number: RequestNumber) -> Attempt {
        let random = match self.settings.algorithm {
            Algorithm::RandomTwo | Algorithm::PeakEwma => self.draws.next_u64(),
            _ => 0,
        };
        Attempt { random, ..Attempt::default() }.with_key(number.0)
    }

    /// Notes the reasons for the choice that is about to be made, in the place of those for the choice before.
    fn note_reasons(&mut self, request: RequestNumber, at: SimTime, tried: &Tried) {
        let last = &mut self.last_choice;
        last.made = Some((request, at));
        last.passed_over.clear();
        // Almost always there is nothing to tell, and to look at every server would cost more than the pick.
        if !self.pool.all_are_usable() || tried.count() > 0 {
            last.passed_over.extend(
                (0..self.checked.len())
                    .map(server_index)
                    .filter_map(|server| Some((server, self.pool.why_not(at, server, tried)?))),
            );
        }
    }

    pub(super) fn check_due(&mut self, ground: &mut Ground, server: ServerIndex) {
        let entry = &mut self.checked[server.get()];
        entry.alarm.rang(ground.now);
        entry.checker.handle_timeout(ground.now);
        self.drain_checker(ground, server);
    }

    pub(super) fn take_probe_answer(
        &mut self,
        ground: &mut Ground,
        server: ServerIndex,
        probe: ProbeId,
        incarnation: Incarnation,
        passed: bool,
    ) {
        if incarnation == ground.incarnation(self.id) {
            let outcome = if passed { CheckOutcome::Passed } else { CheckOutcome::Failed(Failure::Refused) };
            self.checked[server.get()].checker.handle_probe_result(ground.now, probe, outcome);
            self.drain_checker(ground, server);
        }
    }

    fn set_check_alarm(&mut self, ground: &mut Ground, index: usize) {
        let entry = &mut self.checked[index];
        entry.alarm.set(ground, self.id, Wake::Check(server_index(index)), entry.checker.poll_timeout());
    }

    fn drain_checker(&mut self, ground: &mut Ground, server: ServerIndex) {
        let incarnation = ground.incarnation(self.id);
        while let Some(output) = self.checked[server.get()].checker.poll_output() {
            match output {
                HealthOutput::SendProbe(probe) => {
                    let connect_only = self.settings.connect_only;
                    let body = Body::Probe { server, probe, incarnation, connect_only };
                    ground.send_from(self.id, self.settings.pool[server.get()], body);
                }
                HealthOutput::Judged { turned, reason, .. } => {
                    self.believe(ground, server, reason, turned);
                }
            }
        }
        self.set_check_alarm(ground, server.get());
    }

    /// Takes a server out of use or puts it back, and keeps the log.
    fn believe(&mut self, ground: &mut Ground, index: ServerIndex, reason: Reason, turned: bool) {
        let (balancer, server) = (self.id, ground.plan.link(self.settings.pool[index.get()]).to);
        let belief = reason.belief;
        let HealthConfig { rise, fall, .. } = self.settings.health;
        match (turned, belief.in_use()) {
            (true, true) => self.pool.mark_up(index),
            (true, false) => self.pool.mark_down(index, ground.now),
            (false, _) => {}
        }
        let fact = match (turned, belief) {
            (true, belief) if belief.in_use() => {
                Some(Fact::PutBack { balancer, server, rise, after_revival: ground.up_for(server) })
            }
            (true, _) => {
                // The first check of a server decides alone.
                let fall = if let Cause::FirstCheck(_) = reason.cause { 1 } else { fall };
                Some(Fact::TakenOut { balancer, server, fall, after_death: ground.out_for(server) })
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

    /// Somebody asks where the virtual address is.
    pub(super) fn take_arp_request(&self, ground: &mut Ground, link: LinkId) {
        if self.vrrp.as_ref().is_some_and(|vrrp| vrrp.holds_address) {
            ground.send_from(self.id, link, Body::GratuitousArp);
        }
    }

    /// The run begins in the middle of its life, with the address in its hands. A router that starts waits first, but
    /// for the owner of the address: so it starts as that, and has its own priority before anything else happens.
    fn begin_as_master(&mut self, ground: &mut Ground) {
        let Some(config) = self.settings.vrrp.clone() else { return };
        let priority = config.priority;
        if let Some(vrrp) = &mut self.vrrp {
            vrrp.router = VrrpRouter::new(VrrpConfig { priority: Priority::OWNER, ..config });
        }
        self.drive_vrrp(ground, |router, now| {
            router.handle_start(now);
            router.set_priority(now, priority);
        });
    }

    pub(super) fn take_advert(&mut self, ground: &mut Ground, advert: Advert) {
        self.drive_vrrp(ground, |router, now| router.handle_advert(now, advert));
    }

    pub(super) fn vrrp_due(&mut self, ground: &mut Ground) {
        if let Some(vrrp) = &mut self.vrrp {
            vrrp.alarm.rang(ground.now);
        }
        self.drive_vrrp(ground, VrrpRouter::handle_timeout);
    }

    fn drive_vrrp(&mut self, ground: &mut Ground, input: impl FnOnce(&mut VrrpRouter, SimTime)) {
        let Some(vrrp) = &mut self.vrrp else { return };
        input(&mut vrrp.router, ground.now);
        while let Some(output) = vrrp.router.poll_output() {
            match output {
                VrrpOutput::SendAdvert(advert) => {
                    for &peer in &self.settings.peers {
                        ground.post_from(self.id, peer, Letter::Advert(advert), Body::Advert);
                    }
                }
                // Hosts may have learnt the address from the lower master: keepalived announces it once more
                // (`garp_lower_prio_repeat`).
                VrrpOutput::GratuitousArp(_) | VrrpOutput::Judged { verdict: Verdict::Asserted, .. } => {
                    for &link in &self.settings.incoming {
                        ground.send_from(self.id, link, Body::GratuitousArp);
                    }
                }
                VrrpOutput::AddressTaken(_) => vrrp.holds_address = true,
                VrrpOutput::AddressReleased(_) => vrrp.holds_address = false,
                VrrpOutput::Judged { .. } => {}
                VrrpOutput::Transition(transition) => match transition.to {
                    VrrpState::Master => ground.note(Fact::BecameMaster { balancer: self.id }),
                    VrrpState::Backup if transition.from == VrrpState::Master => {
                        ground.note(Fact::BecameBackup { balancer: self.id });
                    }
                    VrrpState::Backup | VrrpState::Initialize => {}
                },
            }
        }
        let wanted = vrrp.router.poll_timeout();
        vrrp.alarm.set(ground, self.id, Wake::Vrrp, wanted);
    }

    /// What it believes of the server at the end of `link`.
    pub(super) fn belief_of(&self, link: LinkId) -> Option<Belief> {
        Some(self.checked[self.index_at(link)?].checker.belief())
    }

    /// The place in the pool of the server at the end of `link`: the pool is in the order of the links.
    fn index_at(&self, link: LinkId) -> Option<usize> {
        self.settings.pool.binary_search(&link).ok()
    }

    /// Its algorithm's inner state, and the timers of its components.
    pub(super) fn inspect(&self, ground: &Ground, inside: &mut Inspection) {
        let balancer = self.pool.balancer();
        for (index, (checked, &link)) in self.checked.iter().zip(&self.settings.pool).enumerate() {
            let (server, place) = (ground.plan.link(link).to, server_index(index));
            if let Some(at) = checked.checker.poll_timeout() {
                inside.add(Timer { at, kind: TimerKind::HealthCheck(server) });
            }
            inside.pool.push(PoolInside {
                server,
                connections: balancer.connections(place),
                current_weight: balancer.current_weight(place),
                latency: balancer.average_latency(place, ground.now),
            });
        }
        if let Some(vrrp) = &self.vrrp {
            for (timer, at) in vrrp.router.timers() {
                inside.add(Timer { at, kind: TimerKind::Vrrp(timer) });
            }
        }
    }

    pub(super) fn view(&self, ground: &Ground, now: SimTime) -> (u32, NodeDetail) {
        let node = |server: ServerIndex| ground.plan.link(self.settings.pool[server.get()]).to;
        // What it sent is what its links counted.
        let sent_over = |link: LinkId| ground.links[link.get()].rate_per_s(now);
        let given = self.settings.pool.iter().zip(&self.settings.servers);
        let pool =
            self.checked.iter().zip(&self.picked).zip(given).map(|((server, &picked), (&link, config))| {
                PoolEntry {
                    server: ground.plan.link(link).to,
                    link,
                    belief: server.checker.belief(),
                    weight: config.weight.0,
                    standby: config.backup,
                    rate_per_s: sent_over(link),
                    picked,
                }
            });
        let LastChoice { made, server, passed_over } = &self.last_choice;
        let last_choice = made.map(|(request, at)| Choice {
            request,
            at,
            server: server.map(node),
            passed_over: passed_over.iter().map(|&(server, why)| (node(server), why)).collect(),
        });
        let virtual_address = self
            .vrrp
            .as_ref()
            .map(|vrrp| VirtualAddress { state: vrrp.router.state(), held: vrrp.holds_address });
        let detail = NodeDetail::LoadBalancer {
            pool: pool.collect(),
            retry: self.settings.retry,
            algorithm: self.settings.algorithm,
            mode: self.settings.mode,
            health: self.settings.health,
            last_choice,
            virtual_address,
        };
        (self.settings.pool.iter().map(|&link| sent_over(link)).sum(), detail)
    }
}

fn fresh_pool(settings: &LoadBalancerPlan) -> Pool {
    Pool::new(pool_mode(settings.mode), settings.algorithm, settings.servers.iter().copied())
}

/// Checkers whose first checks are spread over one interval, so that they do not all come at once.
fn fresh_checkers(health: HealthConfig, servers: usize, now: SimTime) -> Vec<PoolServer> {
    (0..servers)
        .map(|index| PoolServer {
            checker: HealthChecker::new(health, now + health.first_check_offset(index, servers)),
            alarm: Alarm::default(),
        })
        .collect()
}
