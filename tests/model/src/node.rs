//! A database node, as small as it can be and still lose a write.

use understudy_core::failover::{CallId, Instruction, NodeIndex, Report, Role};
use understudy_core::{LogPosition, Lsn, SimTime, TimelineId};

/// Number of a client's write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WriteId(pub u8);

/// One record of the log. A record's position is its place in the log: each is one "byte" long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Record {
    /// A client's write, made on this timeline.
    Write(TimelineId, WriteId),
    /// The first record after a promotion.
    TimelineStart(TimelineId),
}

impl Record {
    const fn timeline(self) -> TimelineId {
        match self {
            Self::Write(timeline, _) | Self::TimelineStart(timeline) => timeline,
        }
    }
}

/// A node: its log outlives a crash, its role does not.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Node {
    /// Whether it runs.
    pub up: bool,
    /// What it is being.
    pub role: Role,
    /// Everything it has on disk.
    pub log: Vec<Record>,
    /// Until when it may accept writes; `None` if it never held a lease.
    pub lease_until: Option<SimTime>,
}

impl Node {
    /// A running node with an empty log.
    pub const fn new(role: Role) -> Self {
        Self { up: true, role, log: Vec::new(), lease_until: None }
    }

    /// Where its log ends.
    pub fn position(&self) -> LogPosition {
        let timeline = self.log.last().map_or(TimelineId::FIRST, |record| record.timeline());
        LogPosition { timeline, lsn: Lsn(self.log.len() as u64) }
    }

    /// Whether it would take a client's write.
    pub fn accepts_writes(&self, leases: bool, now: SimTime) -> bool {
        self.up
            && self.role == Role::Primary
            && (!leases || self.lease_until.is_some_and(|until| now < until))
    }

    /// Whether a write is in its log.
    pub fn has(&self, write: WriteId) -> bool {
        self.log.iter().any(|record| matches!(record, Record::Write(_, id) if *id == write))
    }

    /// Does as a call asks and reports.
    pub fn answer(&mut self, call: CallId, instruction: Instruction, lease_until: Option<SimTime>) -> Report {
        self.lease_until = self.lease_until.max(lease_until);
        match instruction {
            Instruction::Report => {}
            Instruction::StopReceiving => self.role = Role::Replica { following: None },
            Instruction::Demote => self.role = Role::Demoted,
            Instruction::Promote { timeline } => {
                if self.position().timeline < timeline {
                    self.log.push(Record::TimelineStart(timeline));
                    self.role = Role::Primary;
                }
            }
            Instruction::Resume { timeline } => {
                assert_eq!(self.position().timeline, timeline, "resumes the timeline it led");
                self.role = Role::Primary;
            }
            Instruction::Rewind { to } => {
                self.role = Role::Demoted;
                self.log.truncate(usize::try_from(to.lsn.0).expect("a short log"));
            }
            Instruction::Follow { primary } => self.role = Role::Replica { following: Some(primary) },
        }
        Report { call, role: self.role, position: self.position(), whole_at: None }
    }

    /// Stops, and forgets what is not on disk.
    pub const fn crash(&mut self) {
        self.up = false;
        self.role = Role::Demoted;
        self.lease_until = None;
    }

    /// Whether it receives from `primary` and has the next record yet to come.
    pub fn next_record(&self, primary: NodeIndex, from: &Self) -> Option<Record> {
        let receives = self.up && self.role == Role::Replica { following: Some(primary) };
        let sends = from.up && matches!(from.role, Role::Primary | Role::Demoted);
        let next = from.log.get(self.log.len()).copied();
        next.filter(|_| receives && sends && from.log.starts_with(&self.log))
    }
}
