//! What the manager knows of one node, and when it stops believing that the node can be reached.
//!
//! Every message to a node is a numbered call and every answer is a report, so that any exchange serves as a
//! health check. A call that is unanswered when the next round of checks is due, an interval later or more,
//! is a missed check; `fall` in a row make the node unreachable, one answer makes it reachable again.

use super::message::{CallId, Instruction, Report, Role};
use super::timers::since;
use crate::lsn::LogPosition;
use crate::time::{SimDuration, SimTime};

/// What the manager knows of one node.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Peer {
    latest: CallId,
    answered: CallId,
    /// When the earliest call that is still unanswered counts as missed.
    overdue_at: Option<SimTime>,
    missed: u32,
    last_answer: Option<SimTime>,
    unreachable_since: Option<SimTime>,
    /// The latest answer, however old.
    pub(super) report: Option<Report>,
    /// Whether the node has answered since the current takeover began.
    pub(super) fresh: bool,
    /// The instruction in the latest call.
    pub(super) told: Instruction,
    /// An operator has allowed this node's repair in manual mode.
    pub(super) rejoin: bool,
    /// A repair waits for the operator, and that has been said.
    pub(super) held: bool,
}

/// What an answer was good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// Nothing: a later call is on its way. It shows that the node lives, no more.
    Late,
    /// The report counts.
    Current {
        /// The node was believed unreachable for this long, and no longer is.
        away: Option<SimDuration>,
    },
}

impl Peer {
    /// A node that is believed reachable, though nothing is known of it yet.
    pub(super) const fn new() -> Self {
        Self {
            latest: CallId(0),
            answered: CallId(0),
            overdue_at: None,
            missed: 0,
            last_answer: None,
            unreachable_since: None,
            report: None,
            fresh: false,
            told: Instruction::Report,
            rejoin: false,
            held: false,
        }
    }

    pub(super) const fn reachable(&self) -> bool {
        self.unreachable_since.is_none()
    }

    pub(super) const fn unreachable_since(&self) -> Option<SimTime> {
        self.unreachable_since
    }

    pub(super) const fn last_answer(&self) -> Option<SimTime> {
        self.last_answer
    }

    pub(super) const fn missed(&self) -> u32 {
        self.missed
    }

    pub(super) fn is_primary(&self) -> bool {
        self.report.is_some_and(|report| report.role == Role::Primary)
    }

    /// Where the node's log stands still: it has said since the takeover began that it neither receives nor
    /// accepts anything, so nothing can be acknowledged on its word any more.
    pub(super) fn final_position(&self) -> Option<LogPosition> {
        let report = self.report.filter(|_| self.fresh && self.reachable())?;
        matches!(report.role, Role::Demoted | Role::Replica { following: None }).then_some(report.position)
    }

    /// Notes a call made now and returns its number.
    pub(super) fn call(&mut self, now: SimTime, interval: SimDuration, instruction: Instruction) -> CallId {
        self.latest = CallId(self.latest.0 + 1);
        self.overdue_at.get_or_insert(now + interval);
        self.told = instruction;
        self.latest
    }

    /// Whether the earliest unanswered call was made at `now`.
    pub(super) fn called_at(&self, now: SimTime, interval: SimDuration) -> bool {
        self.overdue_at == Some(now + interval)
    }

    /// Whether `call` is the latest one and still unanswered.
    pub(super) fn awaits(&self, call: CallId) -> bool {
        call == self.latest && self.answered < call && self.overdue_at.is_some()
    }

    /// Takes a report in.
    pub(super) fn answer(&mut self, now: SimTime, report: Report) -> Answer {
        let alive = report.call > self.answered || report.call == self.latest;
        if !alive || report.call > self.latest {
            return Answer::Late;
        }
        self.answered = report.call;
        self.missed = 0;
        self.overdue_at = None;
        self.last_answer = Some(now);
        if report.call != self.latest {
            return Answer::Late;
        }
        self.report = Some(report);
        self.fresh = true;
        Answer::Current { away: self.unreachable_since.take().map(|gone| now.since(gone)) }
    }

    /// Counts a missed check if one is due; whether this makes the node unreachable.
    pub(super) fn judge(&mut self, now: SimTime, fall: u32) -> bool {
        self.overdue_at.is_some_and(|overdue| overdue <= now) && self.miss(now, fall)
    }

    /// Counts a missed check; whether this makes the node unreachable.
    pub(super) fn miss(&mut self, now: SimTime, fall: u32) -> bool {
        self.overdue_at = None;
        self.missed = self.missed.saturating_add(1).min(fall);
        let turned = self.missed == fall && self.reachable();
        if turned {
            self.unreachable_since = Some(now);
            self.fresh = false;
        }
        turned
    }

    /// Counts time from `start` and calls from the earliest unanswered one.
    pub(super) fn rebase(&mut self, start: SimTime) {
        for instant in [&mut self.overdue_at, &mut self.last_answer, &mut self.unreachable_since] {
            *instant = instant.map(|instant| since(instant, start));
        }
        self.latest = CallId(u32::from(self.answered < self.latest));
        self.answered = CallId(0);
        if let Some(report) = &mut self.report {
            report.call = CallId(0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lsn::{Lsn, TimelineId};

    const INTERVAL: SimDuration = SimDuration::from_secs(2);

    fn at(secs: u64) -> SimTime {
        SimTime::from_secs(secs)
    }

    fn report(call: CallId) -> Report {
        let position = LogPosition { timeline: TimelineId::FIRST, lsn: Lsn(1) };
        Report { call, role: Role::Demoted, position, whole_at: None }
    }

    #[test]
    fn fall_missed_checks_in_a_row_make_it_unreachable_and_one_answer_brings_it_back() {
        let mut peer = Peer::new();
        peer.call(at(0), INTERVAL, Instruction::Report);
        assert!(!peer.judge(at(2), 2));
        let call = peer.call(at(2), INTERVAL, Instruction::Report);
        assert_eq!(peer.answer(at(3), report(call)), Answer::Current { away: None }, "forgives the miss");
        for (now, turns) in [(4, false), (6, false), (8, true), (10, false)] {
            assert_eq!(peer.judge(at(now), 2), turns, "at {now} s");
            peer.call(at(now), INTERVAL, Instruction::Report);
        }
        assert_eq!(peer.unreachable_since(), Some(at(8)));
        let away = Some(SimDuration::from_secs(3));
        assert_eq!(peer.answer(at(11), report(peer.latest)), Answer::Current { away });
        assert!(peer.reachable());
    }

    #[test]
    fn a_call_made_just_before_the_round_is_not_missed_in_it() {
        let mut peer = Peer::new();
        peer.call(at(1), INTERVAL, Instruction::Report);
        assert!(!peer.judge(at(2), 1));
        peer.call(at(2), INTERVAL, Instruction::Report);
        assert!(peer.judge(at(4), 1), "the first call is overdue, the second did not put it off");
    }

    #[test]
    fn a_late_answer_shows_life_and_nothing_else() {
        let mut peer = Peer::new();
        let first = peer.call(at(0), INTERVAL, Instruction::Report);
        let second = peer.call(at(1), INTERVAL, Instruction::StopReceiving);
        assert_eq!(peer.answer(at(2), report(first)), Answer::Late);
        assert_eq!(peer.report, None);
        assert!(!peer.judge(at(2), 1), "it lives");
        assert_eq!(peer.answer(at(3), report(second)), Answer::Current { away: None });
        assert_eq!(peer.answer(at(3), report(first)), Answer::Late);
        assert_eq!(peer.answer(at(3), report(CallId(99))), Answer::Late, "no such call was made");
        assert_eq!(peer.report, Some(report(second)));
    }
}
