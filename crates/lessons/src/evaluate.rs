//! What a fact is at one instant of a run.

use understudy_core::alerting::AlertState;
use understudy_sim::ids::{LinkId, NodeId};
use understudy_sim::log::{AlertStep, Fact as Logged};
use understudy_sim::metrics::{FailoverKind, Stretch, WorkTotals};
use understudy_sim::plan::NodeKind;
use understudy_sim::timeline::mark::Subject;
use understudy_sim::view::{DatabaseRole, NodeDetail, PortState};
use understudy_sim::{Outcome, RequestKind, Sim, SimDuration, SimTime, Snapshot, Totals};

use crate::fact::{Fact, FactName, Of};

/// One instant of a run: the run, which knows what was, and what can be seen of it.
#[derive(Clone, Copy)]
pub struct Scene<'a> {
    sim: &'a Sim,
    snapshot: &'a Snapshot,
}

impl<'a> Scene<'a> {
    /// The instant that `sim` is at; `snapshot` is taken of it, with however few flights.
    pub const fn new(sim: &'a Sim, snapshot: &'a Snapshot) -> Self {
        Self { sim, snapshot }
    }

    /// The instant.
    pub const fn now(&self) -> SimTime {
        self.sim.now()
    }

    /// What a fact is, in its unit; `None` while nothing can be said of it, and for names.
    pub fn number(&self, fact: &Fact) -> Option<f64> {
        match (fact.name, fact.of) {
            (FactName::Now, _) => Some(self.sim.now().as_secs_f64()),
            (name, Of::Link(link)) => self.of_link(name, link),
            (name, Of::Node(node)) => match fact.window {
                None => self.of_node(name, node, || self.sim.work(), self.sim.now().since(SimTime::ZERO)),
                Some(window) => {
                    let Stretch { since, work, .. } = self.sim.last(window);
                    self.of_node(name, node, || work, self.sim.now().since(since))
                }
            },
            (name, of) => match fact.window {
                None => {
                    let length = self.sim.now().since(SimTime::ZERO);
                    let permille = |permille| self.sim.metrics().latencies().permille(permille);
                    of_requests(name, of, self.sim.totals(), length, permille).or_else(|| self.of_whole(name))
                }
                Some(window) => {
                    let Stretch { since, totals, latencies, .. } = self.sim.last(window);
                    let length = self.sim.now().since(since);
                    of_requests(name, of, &totals, length, |permille| latencies.permille(permille))
                }
            },
        }
    }

    /// The name that a fact is; `None` while there is none, and for numbers.
    pub fn name(&self, fact: &Fact) -> Option<&'a str> {
        let is = match fact.name {
            FactName::Master => Self::is_master,
            FactName::Primary => Self::is_primary,
            _ => return None,
        };
        let mut nodes = self.sim.plan().nodes();
        nodes.find(|(id, _)| is(self, *id)).map(|(_, node)| node.name.as_str())
    }

    fn of_link(&self, name: FactName, link: LinkId) -> Option<f64> {
        let view = &self.snapshot.links[link.get()];
        Some(match name {
            FactName::BelievedUp => truth(view.belief?.in_use()),
            FactName::Cut => truth(view.cut_forward || view.cut_back),
            FactName::Readable => truth(view.readable),
            FactName::SentTo => {
                let pools = self.snapshot.nodes.iter().filter_map(|node| match &node.detail {
                    NodeDetail::LoadBalancer { pool, .. } => Some(pool),
                    _ => None,
                });
                count(pools.flatten().find(|entry| entry.link == link)?.picked)
            }
            _ => return self.after_fault(name, Subject::Link(link)),
        })
    }

    fn of_node(
        &self,
        name: FactName,
        node: NodeId,
        work: impl FnOnce() -> alloc::vec::Vec<WorkTotals>,
        length: SimDuration,
    ) -> Option<f64> {
        let view = &self.snapshot.nodes[node.get()];
        Some(match name {
            FactName::Alive => truth(view.truth.is_up()),
            FactName::IsMaster => truth(self.is_master(node)),
            FactName::IsPrimary => truth(self.is_primary(node)),
            FactName::On => match view.detail {
                NodeDetail::Firewall { on, .. } | NodeDetail::Monitor { on, .. } => truth(on),
                _ => return None,
            },
            FactName::Lag => match view.detail {
                NodeDetail::Database { behind, .. } => millis(behind?),
                _ => return None,
            },
            FactName::ReachedByAttacker => truth(self.findings().any(|(target, _)| target == node)),
            FactName::Served => count(work()[node.get()].served),
            FactName::Queue => f64::from(work()[node.get()].queued),
            FactName::Utilisation => {
                let work = work()[node.get()];
                let whole = f64::from(work.workers) * nanos(length);
                (whole > 0.0).then(|| count(work.busy_ns) / whole * 100.0)?
            }
            FactName::ServedPercent => {
                let plan = self.sim.plan();
                let kind =
                    |id: NodeId| plan.node(id).map(|node| core::mem::discriminant::<NodeKind>(&node.kind));
                let work = work();
                let tier = plan.nodes().filter(|(id, _)| kind(*id) == kind(node));
                let all = tier.map(|(id, _)| work[id.get()].served).sum();
                percent(work[node.get()].served, all)?
            }
            _ => return self.after_fault(name, Subject::Node(node)),
        })
    }

    /// How long after its latest fault something was found out, or did its work again.
    fn after_fault(&self, name: FactName, subject: Subject) -> Option<f64> {
        let faults = self.sim.metrics().incidents().faults();
        let fault = faults.iter().rev().find(|fault| fault.subject == subject)?;
        let after = match name {
            FactName::DetectedAfter => fault.detected_after(),
            _ => fault.recovered_after(),
        };
        after.map(SimDuration::as_secs_f64)
    }

    /// What is said of the run as a whole, whenever it happened.
    fn of_whole(&self, name: FactName) -> Option<f64> {
        let ids = || self.sim.plan().nodes().map(|(id, _)| id);
        let each =
            |of: fn(&NodeDetail) -> u64| count(self.snapshot.nodes.iter().map(|node| of(&node.detail)).sum());
        Some(match name {
            FactName::Masters => small(ids().filter(|id| self.is_master(*id)).count()),
            FactName::Primaries => small(ids().filter(|id| self.is_primary(*id)).count()),
            FactName::TakeoverAfter => self.switched_after(FailoverKind::Takeover)?,
            FactName::PromotionAfter => self.switched_after(FailoverKind::Promotion)?,
            FactName::ScansAnswered => small(self.findings().count()),
            FactName::StolenRows => each(|detail| match detail {
                NodeDetail::Attacker { stolen_rows, .. } => *stolen_rows,
                _ => 0,
            }),
            FactName::DroppedByFirewall => each(|detail| match detail {
                NodeDetail::Firewall { dropped, .. } => *dropped,
                _ => 0,
            }),
            FactName::ReadInTransit => each(|detail| match detail {
                NodeDetail::Eavesdropper { readable, .. } => *readable,
                _ => 0,
            }),
            FactName::Alerts => each(|detail| match detail {
                NodeDetail::Monitor { alerts, .. } => {
                    let fires = |alert: &&_| {
                        matches!(
                            **alert,
                            understudy_sim::view::AlertView { state: AlertState::Firing { .. }, .. }
                        )
                    };
                    alerts.iter().filter(fires).count() as u64
                }
                _ => 0,
            }),
            FactName::AlertAfter => {
                let mut newest = self.sim.log().entries().rev();
                newest
                    .find_map(|entry| match entry.fact {
                        Logged::Alert { step: AlertStep::Firing { after_fault, .. }, .. } => after_fault,
                        _ => None,
                    })?
                    .as_secs_f64()
            }
            _ => return None,
        })
    }

    /// From the fault to the switch, of the latest failover of a kind that answers one.
    fn switched_after(&self, kind: FailoverKind) -> Option<f64> {
        let failovers = self.sim.metrics().incidents().failovers();
        let mut newest = failovers.iter().rev().filter(|failover| failover.kind == kind);
        newest.find_map(|failover| Some(failover.at.since(failover.fault_at?).as_secs_f64()))
    }

    /// The ports that answered a scan.
    fn findings(&self) -> impl Iterator<Item = (NodeId, u16)> {
        let findings = self.snapshot.nodes.iter().filter_map(|node| match &node.detail {
            NodeDetail::Attacker { findings, .. } => Some(findings),
            _ => None,
        });
        let answered = findings.flatten().filter(|finding| finding.state != PortState::Filtered);
        answered.map(|finding| (finding.target, finding.port))
    }

    fn is_master(&self, node: NodeId) -> bool {
        let view = &self.snapshot.nodes[node.get()];
        let held = matches!(&view.detail, NodeDetail::LoadBalancer { virtual_address: Some(shared), .. } if shared.held);
        held && view.truth.is_up()
    }

    fn is_primary(&self, node: NodeId) -> bool {
        let view = &self.snapshot.nodes[node.get()];
        matches!(view.detail, NodeDetail::Database { role: DatabaseRole::Primary, .. }) && view.truth.is_up()
    }
}

/// What is said of requests, in `totals`, which took `length`; `None` for other facts.
fn of_requests(
    name: FactName,
    of: Of,
    totals: &Totals,
    length: SimDuration,
    permille: impl Fn(u32) -> Option<SimDuration>,
) -> Option<f64> {
    let kind = match of {
        Of::Kind(kind) => Some(kind),
        _ => None,
    };
    let sent = kind.map_or(totals.sent, |kind| totals.sent_of(kind));
    let ended = |outcome| kind.map_or_else(|| totals.of(outcome), |kind| totals.ended_so(kind, outcome));
    let answered = ended(Outcome::Answered);
    let all = answered + kind.map_or_else(|| totals.failed(), |kind: RequestKind| totals.failed_of(kind));
    let number = match name {
        FactName::Sent => sent,
        FactName::Answered => answered,
        FactName::Failed => all - answered,
        FactName::Refused => ended(Outcome::Refused),
        FactName::TimedOut => ended(Outcome::TimedOut),
        FactName::QueueFull => ended(Outcome::QueueFull),
        FactName::Rejected => ended(Outcome::Rejected),
        FactName::Lost => ended(Outcome::Lost),
        FactName::Dropped => ended(Outcome::Dropped),
        FactName::InFlight => sent - all,
        FactName::Retries => totals.retries,
        FactName::StaleReads => totals.stale_reads,
        FactName::AcknowledgedWrites => totals.acknowledged_writes,
        FactName::LostWrites => totals.lost_writes,
        FactName::AnsweredPercent => return percent(answered, all),
        FactName::Rate => {
            return (!length.is_zero()).then(|| count(sent) / length.as_secs_f64());
        }
        FactName::LatencyP50 => return permille(500).map(millis),
        FactName::LatencyP99 => return permille(990).map(millis),
        _ => return None,
    };
    Some(count(number))
}

#[expect(clippy::cast_precision_loss, reason = "for people to read")]
const fn count(number: u64) -> f64 {
    number as f64
}

#[expect(clippy::cast_precision_loss, reason = "there are few")]
const fn small(number: usize) -> f64 {
    number as f64
}

fn truth(is_so: bool) -> f64 {
    f64::from(u8::from(is_so))
}

fn percent(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| count(part) * 100.0 / count(whole))
}

const fn nanos(length: SimDuration) -> f64 {
    count(length.as_nanos())
}

const fn millis(length: SimDuration) -> f64 {
    nanos(length) / 1e6
}
