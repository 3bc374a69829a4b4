//! The record of a run: every event and command in the order in which they took effect.
//!
//! The [`TraceHash`] sums up the whole record in one number. Two runs with the same hash after the same number of
//! events did the same.

use alloc::format;
use alloc::string::String;
use core::fmt;

use understudy_core::SimTime;

use crate::command::Command;
use crate::event::{Body, Event, Message};
use crate::ids::{Direction, LinkId};
use crate::plan::Plan;
use crate::queue::Scheduled;

/// One number for all that happened so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TraceHash(u64);

impl Default for TraceHash {
    fn default() -> Self {
        // The offset basis of FNV-1a.
        Self(0xCBF2_9CE4_8422_2325)
    }
}

impl TraceHash {
    /// The hash as a number.
    pub const fn get(self) -> u64 {
        self.0
    }

    /// FNV-1a by whole words, with a rotation so that high bits reach low ones.
    fn mix(&mut self, words: &[u64]) {
        for word in words {
            self.0 = (self.0 ^ word).wrapping_mul(0x0000_0100_0000_01B3).rotate_left(29);
        }
    }

    pub(crate) fn event(&mut self, scheduled: &Scheduled) {
        let (kind, detail) = encode(&scheduled.event);
        self.mix(&[scheduled.at.as_nanos(), scheduled.sequence, kind, detail]);
    }

    pub(crate) fn command(&mut self, now: SimTime, command: Command) {
        let (kind, detail) = match command {
            Command::Kill(node) => (100, u64::from(node.0)),
            Command::Revive(node) => (101, u64::from(node.0)),
            Command::SetRetry { balancer, on } => (102, u64::from(balancer.0) | u64::from(on) << 32),
        };
        self.mix(&[now.as_nanos(), kind, detail]);
    }
}

impl fmt::Display for TraceHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

/// An event as two words that tell it from every other.
fn encode(event: &Event) -> (u64, u64) {
    match *event {
        Event::Emit { clients } => (1, u64::from(clients.0)),
        Event::ServiceDone { server, request, incarnation } => {
            (2 | u64::from(server.0) << 8 | u64::from(incarnation.0) << 24, request.word())
        }
        Event::CheckDue { balancer, server, incarnation } => {
            (3 | u64::from(balancer.0) << 8 | u64::from(incarnation.0) << 24, u64::from(server.0))
        }
        Event::Deliver(Message { link, direction, sent_at: _, body }) => {
            let (code, detail) = match body {
                Body::Request(request) => (4, request.word()),
                Body::Reply(request, outcome) => (5 + outcome as u64, request.word()),
                Body::Probe { server, .. } => (20, u64::from(server.0)),
                Body::ProbeReply { server, passed, .. } => (21 + u64::from(passed), u64::from(server.0)),
            };
            (code | u64::from(link.0) << 8 | (direction as u64) << 40, detail)
        }
    }
}

/// One event or command that took effect.
#[derive(Clone, Copy, Debug)]
pub struct TraceEntry {
    /// When.
    pub at: SimTime,
    pub(crate) step: Step,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Step {
    Event(Event),
    Command(Command),
}

impl TraceEntry {
    /// The entry as one line of text, with the plan's names.
    pub fn line(&self, plan: &Plan) -> String {
        let what = match &self.step {
            Step::Command(Command::Kill(node)) => format!("command kill {}", plan.name(*node)),
            Step::Command(Command::Revive(node)) => format!("command revive {}", plan.name(*node)),
            Step::Command(Command::SetRetry { balancer, on }) => {
                format!("command retry {} {}", plan.name(*balancer), if *on { "on" } else { "off" })
            }
            Step::Event(Event::Emit { clients }) => format!("emit {}", plan.name(*clients)),
            Step::Event(Event::ServiceDone { server, request, .. }) => {
                format!("done {} request {request}", plan.name(*server))
            }
            Step::Event(Event::CheckDue { balancer, server, .. }) => {
                format!("check {} server {}", plan.name(*balancer), server.0)
            }
            Step::Event(Event::Deliver(message)) => deliver_line(message, plan),
        };
        format!("{} {what}", Seconds(self.at))
    }
}

fn deliver_line(message: &Message, plan: &Plan) -> String {
    let path = path_of(message.link, message.direction, plan);
    match message.body {
        Body::Request(request) => format!("deliver {path} request {request}"),
        Body::Reply(request, outcome) => format!("deliver {path} reply {request} {}", outcome.key()),
        Body::Probe { .. } => format!("deliver {path} probe"),
        Body::ProbeReply { passed, .. } => {
            format!("deliver {path} probe-reply {}", if passed { "passed" } else { "failed" })
        }
    }
}

fn path_of(link: LinkId, direction: Direction, plan: &Plan) -> String {
    let link = plan.link(link);
    let (from, to) = match direction {
        Direction::Forward => (link.from, link.to),
        Direction::Back => (link.to, link.from),
    };
    format!("{}>{}", plan.name(from), plan.name(to))
}

/// Seconds with all nine decimals, so that lines sort and align.
struct Seconds(SimTime);

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let nanos = self.0.as_nanos();
        write!(f, "{:>5}.{:09}", nanos / 1_000_000_000, nanos % 1_000_000_000)
    }
}
