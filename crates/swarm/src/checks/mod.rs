//! Checkers: what must hold after every event of every run, watched from outside of the components.
//!
//! A checker sees a [`Sight`]: a snapshot, and what an examiner of the run counts and reads. It never asks a
//! component whether it is right. Each keeps what it needs of the past, and says in words what it saw amiss.

mod accounts;
mod addresses;
mod logs;
mod picks;
mod primaries;
mod secrets;
mod writes;

use std::fmt;

use understudy_core::replication::{AcknowledgedWrite, Wal};
use understudy_sim::ids::NodeId;
use understudy_sim::view::Snapshot;
use understudy_sim::{Plan, Sim};

pub use accounts::Accounts;
pub use addresses::OneMaster;
pub use logs::LogPrefix;
pub use picks::Picks;
pub use primaries::OnePrimary;
pub use secrets::Secrets;
pub use writes::KeptWrites;
pub(crate) use writes::all_are_somewhere;

/// What a checker sees of one instant.
#[derive(Clone, Debug)]
pub struct Sight<'a> {
    /// The world; what is on the links may be left out.
    pub snapshot: Snapshot,
    /// The requests that clients wait for, counted one by one.
    pub awaited: u64,
    /// The attackers' requests that have not ended, counted one by one.
    pub attacks: u64,
    /// The logs of the databases, in scenario order.
    pub logs: Vec<(NodeId, &'a Wal)>,
    /// The writes that were acknowledged and are not counted as lost.
    pub acknowledged: Acknowledged<'a>,
}

/// The acknowledged writes are many: they are listed only for who asks.
#[derive(Clone, Debug)]
pub enum Acknowledged<'a> {
    /// Ask this run.
    Of(&'a Sim),
    /// These.
    These(Vec<AcknowledgedWrite>),
}

impl Acknowledged<'_> {
    /// The list.
    pub fn list(&self) -> Vec<AcknowledgedWrite> {
        match self {
            Self::Of(sim) => sim.examine().acknowledged_writes(),
            Self::These(writes) => writes.clone(),
        }
    }
}

impl<'a> Sight<'a> {
    /// What there is to see of a run now.
    pub fn of(sim: &'a Sim) -> Self {
        let examiner = sim.examine();
        let databases = sim.plan().databases().iter();
        Self {
            snapshot: examiner.snapshot_without_flights(),
            awaited: examiner.awaited_requests(),
            attacks: examiner.awaited_attacks(),
            logs: databases.filter_map(|&id| Some((id, examiner.log_of(id)?))).collect(),
            acknowledged: Acknowledged::Of(sim),
        }
    }
}

/// One thing that must hold.
pub trait Checker {
    /// What it is called in reports.
    fn name(&self) -> &'static str;

    /// Looks at the next instant; an error says what is amiss.
    fn check(&mut self, plan: &Plan, sight: &Sight<'_>) -> Result<(), String>;
}

/// What was amiss.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Who saw it: a checker's name, or what was demanded after healing.
    pub by: &'static str,
    /// What, and when.
    pub problem: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.by, self.problem)
    }
}

/// All checkers for one run.
pub struct Watch {
    checkers: Vec<Box<dyn Checker>>,
}

impl Watch {
    /// Those that have something to watch in this plan.
    pub fn new(plan: &Plan) -> Self {
        Self {
            checkers: vec![
                Box::new(Accounts),
                Box::new(Picks::new(plan)),
                Box::new(OnePrimary::new(plan)),
                Box::new(LogPrefix::default()),
                Box::new(KeptWrites::new(plan)),
                Box::new(OneMaster::new(plan)),
                Box::new(Secrets::default()),
            ],
        }
    }

    /// Looks at a run after an event or a command.
    pub fn check(&mut self, sim: &Sim) -> Result<(), Violation> {
        self.check_sight(sim.plan(), &Sight::of(sim))
    }

    fn check_sight(&mut self, plan: &Plan, sight: &Sight<'_>) -> Result<(), Violation> {
        for checker in &mut self.checkers {
            checker.check(plan, sight).map_err(|problem| Violation {
                by: checker.name(),
                problem: format!("at {}: {problem}", sight.snapshot.now),
            })?;
        }
        Ok(())
    }
}

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.checkers.iter().map(|checker| checker.name())).finish()
    }
}
