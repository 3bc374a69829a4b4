//! Faults, and how long it took to find out and to recover: read off the facts of the log as they happen.
//!
//! A fault opens when a fact says that a node or link does not do its work any more. A *failover* is a component's
//! answer to one: a balancer takes a server out, a balancer takes the virtual address, a replica is promoted. It is
//! traced back to the newest fault of what it replaces, or of a link to it, that was not repaired yet. It has
//! recovered when the one that took over does its work for the first time: a balancer has a request answered, a
//! primary acknowledges a write. A fault has recovered with the first failover for it that has, or when it is
//! repaired with no failover under way.

use alloc::rc::Rc;
use alloc::vec;
use alloc::vec::Vec;

use understudy_core::failover::Step;
use understudy_core::{SimDuration, SimTime};

use crate::ids::{LinkId, NodeId};
use crate::log::Fact;
use crate::plan::{NodeKind, Plan};
use crate::timeline::mark::Subject;

/// How many faults, and how many failovers, are kept: the newest.
pub const KEPT: usize = 256;

/// A node or link that did not do its work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What.
    pub subject: Subject,
    /// Since when.
    pub at: SimTime,
    /// When a component found out first.
    pub detected_at: Option<SimTime>,
    /// When its work was done again, by another or by itself.
    pub recovered_at: Option<SimTime>,
    /// When it was started again or healed.
    pub repaired_at: Option<SimTime>,
}

impl Fault {
    /// Time to detect.
    pub fn detected_after(&self) -> Option<SimDuration> {
        self.detected_at.map(|at| at.since(self.at))
    }

    /// Time to recover.
    pub fn recovered_after(&self) -> Option<SimDuration> {
        self.recovered_at.map(|at| at.since(self.at))
    }
}

/// Which kind of answer to a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailoverKind {
    /// A balancer took a server out of its pool.
    TakenOut,
    /// A balancer took the virtual address.
    Takeover,
    /// A replica was promoted.
    Promotion,
}

/// A component's answer to a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failover {
    /// Which kind.
    pub kind: FailoverKind,
    /// Who did it: the balancer, or the failover manager if there is one.
    pub component: NodeId,
    /// Who did the work before.
    pub from: NodeId,
    /// Who does it now; `None` for the rest of a pool.
    pub to: Option<NodeId>,
    /// When what it answers went wrong; `None` if nothing had: a planned change, or a mistake.
    pub fault_at: Option<SimTime>,
    /// When the component found out.
    pub detected_at: SimTime,
    /// When it switched over.
    pub at: SimTime,
    /// When the work was done again; `None` if it was not yet.
    pub recovered_at: Option<SimTime>,
}

impl Failover {
    /// From the fault until the component found out.
    pub fn detected_after(&self) -> Option<SimDuration> {
        self.fault_at.map(|fault| self.detected_at.since(fault))
    }

    /// From the fault until the work was done again.
    pub fn recovered_after(&self) -> Option<SimDuration> {
        Some(self.recovered_at?.since(self.fault_at?))
    }
}

/// What a fact does to a node or link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    Breaks(Subject),
    Mends(Subject),
}

impl Change {
    /// What `fact` does, if it breaks or mends anything.
    pub(crate) fn of(fact: &Fact) -> Option<Self> {
        let change =
            |subject, breaks| Some(if breaks { Self::Breaks(subject) } else { Self::Mends(subject) });
        match *fact {
            Fact::Killed { node, .. } | Fact::Hung { node } | Fact::Stopped { node, .. } => {
                change(Subject::Node(node), true)
            }
            Fact::Revived { node } => change(Subject::Node(node), false),
            Fact::Slowed { node, times } => change(Subject::Node(node), times > 1),
            Fact::Cut { link, forward, back } => change(Subject::Link(link), forward || back),
            Fact::Delayed { link, delay } => change(Subject::Link(link), !delay.is_zero()),
            Fact::LossSet { link, loss_ppm } => change(Subject::Link(link), loss_ppm > 0),
            _ => None,
        }
    }
}

/// The faults and failovers of a run. Copies share them until the next one.
#[derive(Clone, Debug)]
pub struct Incidents {
    books: Rc<Books>,
    /// Nodes that took something over and have not yet done the work of it.
    unproven: Rc<[bool]>,
}

#[derive(Clone, Debug, Default)]
struct Books {
    faults: Vec<Fault>,
    failovers: Vec<Failover>,
    /// When each node became master of a virtual address last.
    master_since: Vec<Option<SimTime>>,
    /// When the failover manager lost each node last.
    lost_at: Vec<Option<SimTime>>,
    primary: Option<NodeId>,
}

impl Incidents {
    pub(super) fn new(plan: &Plan) -> Self {
        let nodes = plan.nodes().len();
        let books = Books {
            master_since: vec![None; nodes],
            lost_at: vec![None; nodes],
            primary: plan.databases().iter().copied().find(|&node| plan.is_first_primary(node)),
            ..Books::default()
        };
        Self { books: Rc::new(books), unproven: vec![false; nodes].into() }
    }

    /// The newest faults, oldest first.
    pub fn faults(&self) -> &[Fault] {
        &self.books.faults
    }

    /// The newest failovers, oldest first.
    pub fn failovers(&self) -> &[Failover] {
        &self.books.failovers
    }

    /// The longest that it took to recover from a fault; `None` if there was none that it recovered from.
    pub fn time_to_recover(&self) -> Option<SimDuration> {
        self.faults().iter().filter_map(Fault::recovered_after).max()
    }

    /// The longest that it took to find a fault out; `None` if none was found out.
    pub fn time_to_detect(&self) -> Option<SimDuration> {
        self.faults().iter().filter_map(Fault::detected_after).max()
    }

    /// A fact was noted.
    pub(crate) fn note(&mut self, now: SimTime, fact: &Fact, plan: &Plan) {
        if let Some(change) = Change::of(fact) {
            let books = Rc::make_mut(&mut self.books);
            match change {
                Change::Breaks(subject) => books.broken(now, subject),
                Change::Mends(subject) => books.mended(now, subject),
            }
        }
        match *fact {
            Fact::TakenOut { balancer, server, .. } => {
                let books = Rc::make_mut(&mut self.books);
                let fault_at = books.detected(now, now, |subject| match subject {
                    Subject::Node(node) => node == server,
                    Subject::Link(link) => joins(plan, link, balancer) && joins(plan, link, server),
                });
                self.switch(Failover {
                    kind: FailoverKind::TakenOut,
                    component: balancer,
                    from: server,
                    to: None,
                    fault_at,
                    detected_at: now,
                    at: now,
                    recovered_at: None,
                });
            }
            Fact::BecameMaster { balancer } => self.taken_over(now, balancer, plan),
            Fact::ManagerStep { manager, step: Step::Unreachable { node, .. } } => {
                if let Some(NodeKind::FailoverManager(_)) = plan.node(manager).map(|node| &node.kind)
                    && let Some(&node) = plan.databases().get(node.get())
                {
                    let books = Rc::make_mut(&mut self.books);
                    books.lost_at[node.get()] = Some(now);
                    books.detected(now, now, |subject| touches(plan, subject, node));
                }
            }
            Fact::Promoted { node, .. } => self.promoted(now, node, plan),
            _ => {}
        }
    }

    /// A balancer took the virtual address. The first one of a run only starts its work.
    fn taken_over(&mut self, now: SimTime, balancer: NodeId, plan: &Plan) {
        let books = Rc::make_mut(&mut self.books);
        let Some(NodeKind::LoadBalancer(settings)) = plan.node(balancer).map(|node| &node.kind) else {
            return;
        };
        let sharers =
            settings.peers.iter().map(|&link| plan.link(link).other_end(balancer)).chain([balancer]);
        let from = sharers.filter_map(|node| Some((books.master_since[node.get()]?, node))).max();
        books.master_since[balancer.get()] = Some(now);
        let Some((_, from)) = from.filter(|(_, from)| *from != balancer) else { return };
        let fault_at = books.detected(now, now, |subject| touches(plan, subject, from));
        self.switch(Failover {
            kind: FailoverKind::Takeover,
            component: balancer,
            from,
            to: Some(balancer),
            fault_at,
            detected_at: now,
            at: now,
            recovered_at: None,
        });
    }

    fn promoted(&mut self, now: SimTime, node: NodeId, plan: &Plan) {
        let books = Rc::make_mut(&mut self.books);
        let Some(from) = books.primary.replace(node).filter(|from| *from != node) else { return };
        let is_manager = |(id, node): (NodeId, &crate::plan::PlanNode)| {
            matches!(node.kind, NodeKind::FailoverManager(_)).then_some(id)
        };
        let component = plan.nodes().find_map(is_manager).unwrap_or(node);
        let lost_at = books.lost_at[from.get()];
        let fault_at = books.detected(now, lost_at.unwrap_or(now), |subject| touches(plan, subject, from));
        self.switch(Failover {
            kind: FailoverKind::Promotion,
            component,
            from,
            to: Some(node),
            fault_at,
            detected_at: lost_at.filter(|lost| fault_at.is_none_or(|fault| fault <= *lost)).unwrap_or(now),
            at: now,
            recovered_at: None,
        });
    }

    /// A component switched over: it is to prove that this works.
    fn switch(&mut self, failover: Failover) {
        let prover = failover.to.unwrap_or(failover.component);
        Rc::make_mut(&mut self.unproven)[prover.get()] = true;
        let failovers = &mut Rc::make_mut(&mut self.books).failovers;
        if failovers.len() == KEPT {
            failovers.remove(0);
        }
        failovers.push(failover);
    }

    /// A balancer had a request answered, or a database acknowledged a write.
    #[inline]
    pub(crate) fn works(&mut self, now: SimTime, node: NodeId, plan: &Plan) {
        if self.unproven[node.get()] {
            self.proven(now, node, plan);
        }
    }

    #[cold]
    fn proven(&mut self, now: SimTime, node: NodeId, plan: &Plan) {
        Rc::make_mut(&mut self.unproven)[node.get()] = false;
        let books = Rc::make_mut(&mut self.books);
        let proven = books.failovers.iter_mut().filter(|failover| {
            failover.recovered_at.is_none() && failover.to.unwrap_or(failover.component) == node
        });
        for failover in proven {
            failover.recovered_at = Some(now);
            let answered = books.faults.iter_mut().rev().find(|fault| {
                Some(fault.at) == failover.fault_at && touches(plan, fault.subject, failover.from)
            });
            if let Some(fault) = answered {
                fault.recovered_at = fault.recovered_at.or(Some(now));
            }
        }
    }
}

impl Books {
    /// A node or link stopped doing its work, unless it had already.
    fn broken(&mut self, now: SimTime, subject: Subject) {
        if self.faults.iter().any(|fault| fault.subject == subject && fault.repaired_at.is_none()) {
            return;
        }
        if self.faults.len() == KEPT {
            self.faults.remove(0);
        }
        let fault = Fault { subject, at: now, detected_at: None, recovered_at: None, repaired_at: None };
        self.faults.push(fault);
    }

    fn mended(&mut self, now: SimTime, subject: Subject) {
        let Some(fault) =
            self.faults.iter_mut().find(|fault| fault.subject == subject && fault.repaired_at.is_none())
        else {
            return;
        };
        fault.repaired_at = Some(now);
        let is_under_way =
            |failover: &Failover| failover.fault_at == Some(fault.at) && failover.recovered_at.is_none();
        // Whoever took the work away has to give it back first: that failover will say when it was done again.
        if !self.failovers.iter().any(is_under_way) {
            fault.recovered_at = fault.recovered_at.or(Some(now));
        }
    }

    /// Somebody answers the newest open fault of what is `concerned`, having found it out at `at`. Answers when
    /// that fault began.
    fn detected(
        &mut self,
        now: SimTime,
        at: SimTime,
        concerned: impl Fn(Subject) -> bool,
    ) -> Option<SimTime> {
        let is_open = |fault: &&mut Fault| fault.repaired_at.is_none() && concerned(fault.subject);
        let fault = self.faults.iter_mut().rev().find(is_open)?;
        let at = if at < fault.at { now } else { at };
        fault.detected_at = fault.detected_at.or(Some(at));
        Some(fault.at)
    }
}

fn joins(plan: &Plan, link: LinkId, node: NodeId) -> bool {
    let link = plan.link(link);
    link.from == node || link.to == node
}

fn touches(plan: &Plan, subject: Subject, node: NodeId) -> bool {
    match subject {
        Subject::Node(broken) => broken == node,
        Subject::Link(link) => joins(plan, link, node),
    }
}
