//! An attacker: tries the ports of what it reaches, floods its entries with requests, asks databases for rows.
//!
//! It knows only what is answered. Its requests take workers and places in queues like anybody's; they are counted
//! apart, so that availability speaks of clients.

use alloc::format;
use alloc::vec::Vec;

use understudy_core::SimTime;
use understudy_core::replication::Key;

use super::ground::{Deadlines, Ground};
use super::uplink::Uplink;
use crate::calls::{CallId, Caller, Request};
use crate::event::{Body, Wake};
use crate::ids::{LinkId, NodeId, RequestNumber};
use crate::log::Fact;
use crate::meter::RateMeter;
use crate::outcome::{Outcome, RequestKind};
use crate::plan::{AttackerPlan, ports};
use crate::rng::Rng;
use crate::scenario::Behaviour;
use crate::view::{Finding, NodeDetail, PortState};

#[derive(Clone, Debug)]
pub(super) struct Attacker {
    id: NodeId,
    settings: AttackerPlan,
    behaviour: Behaviour,
    /// How often it changed its behaviour: what it had set itself before is void.
    round: u32,
    arrivals: Rng,
    uplink: Uplink,
    next_database: usize,
    deadlines: Deadlines,
    findings: Vec<Finding>,
    /// The port that it tries now, by its place in the scan.
    trying: usize,
    /// The number of this try: answers to earlier ones are too late.
    attempt: u32,
    sent: u64,
    answered: u64,
    stolen_rows: u64,
    sending: RateMeter,
}

impl Attacker {
    pub(super) fn new(ground: &Ground, id: NodeId, settings: &AttackerPlan, name: &str, seed: u64) -> Self {
        Self {
            id,
            behaviour: settings.behaviour,
            round: 0,
            arrivals: Rng::for_purpose(seed, &format!("attack/{name}")),
            uplink: Uplink::new(&ground.plan, &settings.entries),
            next_database: 0,
            deadlines: Deadlines::new(id, settings.timeout),
            findings: Vec::new(),
            trying: 0,
            attempt: 0,
            sent: 0,
            answered: 0,
            stolen_rows: 0,
            sending: RateMeter::default(),
            settings: settings.clone(),
        }
    }

    /// Starts to do what it does.
    pub(super) fn start(&mut self, ground: &mut Ground) {
        match self.behaviour {
            Behaviour::Idle => {}
            Behaviour::Scan => {
                self.findings.clear();
                self.trying = 0;
                self.try_port(ground);
            }
            Behaviour::Flood | Behaviour::Inject => self.schedule_next(ground),
        }
    }

    /// Does something else from now on.
    pub(super) fn set_behaviour(&mut self, ground: &mut Ground, behaviour: Behaviour) {
        if self.behaviour == behaviour {
            return;
        }
        ground.note(Fact::AttackSet { attacker: self.id, behaviour });
        self.behaviour = behaviour;
        self.round += 1;
        self.attempt += 1;
        self.start(ground);
    }

    fn schedule_next(&mut self, ground: &mut Ground) {
        let gap = match self.behaviour {
            Behaviour::Flood => self.arrivals.exponential(self.settings.flood_gap),
            _ => self.settings.inject_gap,
        };
        ground.wake(gap, self.id, Wake::Attack { round: self.round });
    }

    pub(super) fn due(&mut self, ground: &mut Ground, round: u32) {
        if round != self.round {
            return;
        }
        match self.behaviour {
            Behaviour::Flood => {
                let entry = self.uplink.choose(ground);
                self.send(ground, entry);
            }
            Behaviour::Inject => {
                let databases = &self.settings.databases;
                let database = databases[self.next_database];
                self.next_database = (self.next_database + 1) % databases.len();
                self.send(ground, database);
            }
            Behaviour::Idle | Behaviour::Scan => return,
        }
        self.schedule_next(ground);
    }

    fn send(&mut self, ground: &mut Ground, link: LinkId) {
        ground.totals.attack.sent += 1;
        self.sent += 1;
        self.sending.count(ground.now);
        let request = Request {
            number: RequestNumber::of_attack(ground.totals.attack.sent),
            kind: RequestKind::Read,
            key: Key(0),
            sent_at: ground.now,
            position: None,
            attempt: 1,
        };
        let call = ground.call(link, Caller::Attacker, &request);
        self.deadlines.watch(ground, call);
    }

    pub(super) fn take_answer(&mut self, ground: &mut Ground, call: CallId, outcome: Outcome) {
        let Some(call) = ground.calls.remove(call) else { return };
        if call.caller != Caller::Attacker {
            return;
        }
        ground.totals.attack.end(outcome);
        if outcome == Outcome::Answered {
            self.answered += 1;
            if self.settings.databases.contains(&call.link) {
                let count = u64::from(self.settings.rows_per_query);
                self.stolen_rows += count;
                ground.note(Fact::RowsStolen { attacker: self.id, count });
            }
        }
    }

    pub(super) fn deadline(&mut self, ground: &mut Ground) {
        while let Some(call) = self.deadlines.pop_due(ground) {
            ground.totals.attack.end(ground.why_unanswered(call));
            ground.abandon(call);
        }
    }

    /// The port that it tries now and whose it is; `None` when all were tried.
    fn target(&self, ground: &Ground) -> Option<(LinkId, NodeId, u16)> {
        let link = *self.settings.targets.get(self.trying / ports::SCANNED.len())?;
        Some((link, ground.plan.link(link).to, ports::SCANNED[self.trying % ports::SCANNED.len()]))
    }

    fn try_port(&mut self, ground: &mut Ground) {
        self.attempt += 1;
        let attempt = self.attempt;
        let Some((link, _, port)) = self.target(ground) else {
            self.finish_scan(ground);
            return;
        };
        ground.send_from(self.id, link, Body::PortProbe { attacker: self.id, attempt, port });
        ground.wake(self.settings.timeout, self.id, Wake::PortOver { attempt });
    }

    fn finish_scan(&mut self, ground: &mut Ground) {
        self.behaviour = Behaviour::Idle;
        let count = |state| {
            let found = self.findings.iter().filter(|finding| finding.state == state).count();
            u32::try_from(found).expect("five for each link")
        };
        ground.note(Fact::ScanDone {
            attacker: self.id,
            open: count(PortState::Open),
            refused: count(PortState::Refused),
            filtered: count(PortState::Filtered),
        });
    }

    pub(super) fn take_port_answer(&mut self, ground: &mut Ground, attempt: u32, open: bool) {
        let state = if open { PortState::Open } else { PortState::Refused };
        self.found(ground, attempt, state);
    }

    /// A port did not answer in time.
    pub(super) fn port_over(&mut self, ground: &mut Ground, attempt: u32) {
        self.found(ground, attempt, PortState::Filtered);
    }

    fn found(&mut self, ground: &mut Ground, attempt: u32, state: PortState) {
        if self.behaviour != Behaviour::Scan || attempt != self.attempt {
            return;
        }
        let Some((_, target, port)) = self.target(ground) else { return };
        self.findings.push(Finding { target, port, state });
        if state == PortState::Open {
            ground.note(Fact::PortFound { attacker: self.id, node: target, port });
        }
        self.trying += 1;
        self.try_port(ground);
    }

    pub(super) fn learn(&mut self, link: LinkId) {
        self.uplink.learn(link);
    }

    pub(super) fn view(&self, now: SimTime) -> (u32, NodeDetail) {
        let detail = NodeDetail::Attacker {
            behaviour: self.behaviour,
            findings: self.findings.clone(),
            sent: self.sent,
            answered: self.answered,
            stolen_rows: self.stolen_rows,
        };
        (self.sending.per_second(now), detail)
    }
}
