//! The record of a run: every event and command in the order in which they took effect.
//!
//! The [`TraceHash`] sums up the whole record in one number. Two runs with the same hash after the same number of
//! events did the same.

use alloc::format;
use alloc::string::String;
use core::fmt;

use understudy_core::SimTime;

use crate::command::Command;
use crate::event::{Body, Event, Message, Wake};
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
    #[inline]
    fn mix(&mut self, words: &[u64]) {
        for word in words {
            self.0 = (self.0 ^ word).wrapping_mul(0x0000_0100_0000_01B3).rotate_left(29);
        }
    }

    #[inline]
    pub(crate) fn event(&mut self, scheduled: &Scheduled<Event>) {
        let (kind, detail) = encode(&scheduled.event);
        self.mix(&[scheduled.at.as_nanos(), scheduled.sequence, kind, detail]);
    }

    pub(crate) fn command(&mut self, now: SimTime, command: &Command, plan: &Plan) {
        // Commands are rare: what people read is what is hashed.
        let text = command.write(plan);
        self.mix(&[now.as_nanos(), 100, text.len() as u64]);
        for byte in text.bytes() {
            self.mix(&[u64::from(byte)]);
        }
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
        Event::Wake { node, incarnation, wake } => {
            let (code, detail) = encode_wake(wake);
            (code | u64::from(node.0) << 8 | u64::from(incarnation.0) << 24, detail)
        }
        Event::Deliver(Message { link, direction, sent_at: _, body }) => {
            let (code, detail) = encode_body(body);
            (code | u64::from(link.0) << 8 | (direction as u64) << 40, detail)
        }
    }
}

fn encode_wake(wake: Wake) -> (u64, u64) {
    match wake {
        Wake::ServiceDone(call) => (2, call.word()),
        Wake::Deadline => (3, 0),
        Wake::Check(server) => (4, u64::from(server.0)),
        Wake::Vrrp => (5, 0),
        Wake::Flushed(timeline, lsn) => (6, lsn.0 ^ u64::from(timeline.0) << 48),
        Wake::Replayed(timeline, lsn) => (7, lsn.0 ^ u64::from(timeline.0) << 48),
        Wake::Replication => (8, 0),
        Wake::Lease => (9, 0),
        Wake::Manager => (10, 0),
        Wake::Fenced { victim, request } => (11, u64::from(victim.0) | u64::from(request) << 16),
        Wake::Retry(number) => (60, u64::from(number)),
        Wake::OverloadOver => (61, 0),
        Wake::Stop => (62, 0),
        Wake::Start => (63, 0),
        Wake::Lookup { query, attempt } => (80, u64::from(query) << 32 | u64::from(attempt)),
        Wake::Scrape { target, round } => (81, u64::from(target) | u64::from(round) << 16),
        Wake::ScrapeOver { target, scrape } => (82, u64::from(target) | u64::from(scrape) << 16),
        Wake::Attack { round } => (83, u64::from(round)),
        Wake::PortOver { attempt } => (84, u64::from(attempt)),
    }
}

fn encode_body(body: Body) -> (u64, u64) {
    match body {
        Body::Call(call) => (20, call.word()),
        Body::Answer(call, outcome) => (21 + outcome as u64, call.word()),
        Body::Probe { server, .. } => (40, u64::from(server.0)),
        Body::ProbeAnswer { server, passed, .. } => (41 + u64::from(passed), u64::from(server.0)),
        Body::Advert(letter) => (43, u64::from(letter.0)),
        Body::GratuitousArp => (44, 0),
        Body::Replication(letter) => (45, u64::from(letter.0)),
        Body::HangUp => (46, 0),
        Body::Control(letter) => (47, u64::from(letter.0)),
        Body::ArpRequest => (49, 0),
        Body::Route(primary) => (48, primary.map_or(u64::MAX, |node| u64::from(node.0))),
        Body::DnsQuery { query } => (70, u64::from(query)),
        Body::DnsAnswer(letter) => (71, u64::from(letter.0)),
        Body::Scrape { target, scrape } => (72, u64::from(target) | u64::from(scrape) << 16),
        Body::Scraped(letter) => (73, u64::from(letter.0)),
        Body::ScrapeRefused { target, scrape } => (74, u64::from(target) | u64::from(scrape) << 16),
        Body::PortProbe { attempt, port, .. } => (75, u64::from(port) | u64::from(attempt) << 16),
        Body::PortAnswer { attempt, port, open, .. } => {
            (76 + u64::from(open), u64::from(port) | u64::from(attempt) << 16)
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
    /// Whether it is a command.
    pub const fn is_command(&self) -> bool {
        matches!(self.step, Step::Command(_))
    }

    /// The entry as one line of text, with the plan's names.
    pub fn line(&self, plan: &Plan) -> String {
        let what = match &self.step {
            Step::Command(command) => format!("command {}", command.write(plan)),
            Step::Event(Event::Emit { clients }) => format!("emit {}", plan.name(*clients)),
            Step::Event(Event::Wake { node, wake, .. }) => wake_line(plan.name(*node), *wake, plan),
            Step::Event(Event::Deliver(message)) => deliver_line(message, plan),
        };
        format!("{} {what}", Seconds(self.at))
    }
}

fn wake_line(node: &str, wake: Wake, plan: &Plan) -> String {
    match wake {
        Wake::ServiceDone(call) => format!("done {node} call {call}"),
        Wake::Deadline => format!("deadline {node}"),
        Wake::Check(server) => format!("check {node} server {}", server.0),
        Wake::Vrrp => format!("vrrp {node}"),
        Wake::Flushed(timeline, lsn) => format!("flushed {node} {lsn} {timeline}"),
        Wake::Replayed(timeline, lsn) => format!("replayed {node} {lsn} {timeline}"),
        Wake::Replication => format!("replication {node}"),
        Wake::Lease => format!("lease {node}"),
        Wake::Manager => format!("manage {node}"),
        Wake::Fenced { victim, .. } => format!("fenced {node} {}", plan.name(victim)),
        Wake::Retry(number) => format!("retry {node} number {number}"),
        Wake::OverloadOver => format!("overload-over {node}"),
        Wake::Stop => format!("stop {node}"),
        Wake::Start => format!("start {node}"),
        Wake::Lookup { query, attempt } => format!("lookup-timeout {node} query {query} attempt {attempt}"),
        Wake::Scrape { target, .. } => format!("scrape {node} target {target}"),
        Wake::ScrapeOver { target, scrape } => {
            format!("scrape-timeout {node} target {target} scrape {scrape}")
        }
        Wake::Attack { .. } => format!("attack {node}"),
        Wake::PortOver { attempt } => format!("port-timeout {node} attempt {attempt}"),
    }
}

fn deliver_line(message: &Message, plan: &Plan) -> String {
    let path = path_of(message.link, message.direction, plan);
    match message.body {
        Body::Call(call) => format!("deliver {path} call {call}"),
        Body::Answer(call, outcome) => format!("deliver {path} answer {call} {}", outcome.key()),
        Body::Probe { .. } => format!("deliver {path} probe"),
        Body::ProbeAnswer { passed, .. } => {
            format!("deliver {path} probe-answer {}", if passed { "passed" } else { "failed" })
        }
        Body::Advert(_) => format!("deliver {path} advert"),
        Body::ArpRequest => format!("deliver {path} arp-request"),
        Body::GratuitousArp => format!("deliver {path} gratuitous-arp"),
        Body::Replication(_) => format!("deliver {path} replication"),
        Body::HangUp => format!("deliver {path} hang-up"),
        Body::Control(_) => format!("deliver {path} control"),
        Body::Route(primary) => {
            format!("deliver {path} route {}", primary.map_or("none", |node| plan.name(node)))
        }
        Body::DnsQuery { query } => format!("deliver {path} dns-query {query}"),
        Body::DnsAnswer(_) => format!("deliver {path} dns-answer"),
        Body::Scrape { .. } => format!("deliver {path} scrape"),
        Body::Scraped(_) => format!("deliver {path} counters"),
        Body::ScrapeRefused { .. } => format!("deliver {path} scrape-refused"),
        Body::PortProbe { port, .. } => format!("deliver {path} port-probe {port}"),
        Body::PortAnswer { port, open, .. } => {
            format!("deliver {path} port-answer {port} {}", if open { "open" } else { "refused" })
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
