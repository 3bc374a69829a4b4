//! Facts: the one vocabulary for what a lesson says of a run.
//!
//! A fact is written `NAME[@OF][~WINDOW]`: `refused`, `answered@reads~5s`, `alive@web-2`, `believed_up@lb-1>web-2`.
//! `OF` says of what: of a kind of request, of a node, of two nodes that a link joins. `WINDOW` says since when: without
//! it since the start of the run, with it in the last so much of time. [`FactName`] lists the names; each has its unit.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::str::FromStr;

use borsh::{BorshDeserialize, BorshSerialize};
use understudy_sim::ids::{LinkId, NodeId};
use understudy_sim::plan::NodeKind;
use understudy_sim::{Plan, RequestKind, SimDuration};

/// What can be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshDeserialize, BorshSerialize)]
pub enum FactName {
    /// The clock, in seconds.
    Now,
    /// Requests that clients sent.
    Sent,
    /// Requests that ended with their answer.
    Answered,
    /// Requests that ended in any other way.
    Failed,
    /// Requests that ended because nobody listened where they went.
    Refused,
    /// Requests that nobody answered in time.
    TimedOut,
    /// Requests that were turned away because a queue was full.
    QueueFull,
    /// Requests that a node would not do: a balancer without servers, a database that takes no writes.
    Rejected,
    /// Requests that died with the process that they were in.
    Lost,
    /// Requests that a firewall dropped.
    Dropped,
    /// Requests that have not ended.
    InFlight,
    /// Requests that were sent a second time and more.
    Retries,
    /// Answered share of the requests that ended.
    AnsweredPercent,
    /// Requests sent a second, on average.
    Rate,
    /// Half of the answered requests took at most this long.
    LatencyP50,
    /// 99 % of the answered requests took at most this long.
    LatencyP99,
    /// Requests that a server or database answered.
    Served,
    /// Its share of what all nodes of its kind answered.
    ServedPercent,
    /// Busy share of its workers' time.
    Utilisation,
    /// Requests that wait for a worker there.
    Queue,
    /// Whether its process runs: 1 or 0.
    Alive,
    /// Whether a firewall filters, or a monitor watches: 1 or 0.
    On,
    /// Whether a balancer sends requests to a server, for all that it believes: 1 or 0.
    BelievedUp,
    /// Requests that a balancer sent to a server since the start.
    SentTo,
    /// Whether a link is cut, one way or both: 1 or 0.
    Cut,
    /// Whether whoever listens on a link can read people's data: 1 or 0.
    Readable,
    /// From the latest fault of a node or link until a component found out.
    DetectedAfter,
    /// From the latest fault of a node or link until its work was done again.
    RecoveredAfter,
    /// Balancers that run and hold the virtual address.
    Masters,
    /// Whether this one does: 1 or 0.
    IsMaster,
    /// From the fault to the latest takeover of the virtual address.
    TakeoverAfter,
    /// Databases that run and take writes.
    Primaries,
    /// Whether this one does: 1 or 0.
    IsPrimary,
    /// From the fault to the latest promotion.
    PromotionAfter,
    /// How far a replica is behind the primary.
    Lag,
    /// Reads that missed a write that was acknowledged before.
    StaleReads,
    /// Writes that clients were told are done.
    AcknowledgedWrites,
    /// Acknowledged writes that are gone.
    LostWrites,
    /// Ports that answered an attacker's scan, be it with a refusal.
    ScansAnswered,
    /// Whether a node answered an attacker's scan: 1 or 0.
    ReachedByAttacker,
    /// Rows that attackers read.
    StolenRows,
    /// What all firewalls dropped.
    DroppedByFirewall,
    /// Messages that an eavesdropper could read.
    ReadInTransit,
    /// Alerts that fire.
    Alerts,
    /// From the fault to the latest alert that fired.
    AlertAfter,
    /// The name of the balancer that holds the virtual address.
    Master,
    /// The name of the primary.
    Primary,
}

/// What a fact's number counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshDeserialize, BorshSerialize)]
pub enum Unit {
    /// Things, or yes and no as 1 and 0.
    Count,
    /// Seconds.
    Seconds,
    /// Milliseconds.
    Milliseconds,
    /// Hundredths.
    Percent,
    /// So many a second.
    PerSecond,
    /// None: it is a name.
    Name,
}

/// What a fact may be asked of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Takes {
    /// The whole run, and nothing else.
    Whole,
    /// The whole run, or one kind of request.
    Kind,
    /// A node.
    Node,
    /// A web or application server, or a database.
    Worker,
    /// A firewall or a monitor.
    Switch,
    /// A balancer.
    Balancer,
    /// A database.
    Database,
    /// A balancer and a server of its pool.
    Pool,
    /// The two ends of a link.
    Link,
    /// A node, or the two ends of a link.
    NodeOrLink,
}

/// Of what a fact is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshDeserialize, BorshSerialize)]
pub enum Of {
    /// Of the whole run.
    Whole,
    /// Of one kind of request.
    Kind(RequestKind),
    /// Of a node.
    Node(NodeId),
    /// Of a link; for a balancer's server, of the link to it.
    Link(LinkId),
}

/// A fact that makes sense in its plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshDeserialize, BorshSerialize)]
pub struct Fact {
    /// What is asked.
    pub name: FactName,
    /// Of what.
    pub of: Of,
    /// In the last so much of time; `None` for since the start.
    pub window: Option<SimDuration>,
}

/// One name: how it is written, what it is asked of, whether it may have a window.
pub(crate) struct Row {
    pub(crate) name: FactName,
    pub(crate) word: &'static str,
    pub(crate) takes: Takes,
    pub(crate) windowed: bool,
}

const fn row(name: FactName, word: &'static str, takes: Takes, windowed: bool) -> Row {
    Row { name, word, takes, windowed }
}

pub(crate) const ROWS: [Row; 47] = [
    row(FactName::Now, "now_s", Takes::Whole, false),
    row(FactName::Sent, "sent", Takes::Kind, true),
    row(FactName::Answered, "answered", Takes::Kind, true),
    row(FactName::Failed, "failed", Takes::Kind, true),
    row(FactName::Refused, "refused", Takes::Kind, true),
    row(FactName::TimedOut, "timed_out", Takes::Kind, true),
    row(FactName::QueueFull, "queue_full", Takes::Kind, true),
    row(FactName::Rejected, "rejected", Takes::Kind, true),
    row(FactName::Lost, "lost", Takes::Kind, true),
    row(FactName::Dropped, "dropped", Takes::Kind, true),
    row(FactName::InFlight, "in_flight", Takes::Kind, false),
    row(FactName::Retries, "retries", Takes::Whole, true),
    row(FactName::AnsweredPercent, "answered_percent", Takes::Kind, true),
    row(FactName::Rate, "rate_per_s", Takes::Kind, true),
    row(FactName::LatencyP50, "latency_p50_ms", Takes::Whole, true),
    row(FactName::LatencyP99, "latency_p99_ms", Takes::Whole, true),
    row(FactName::Served, "served", Takes::Worker, true),
    row(FactName::ServedPercent, "served_percent", Takes::Worker, true),
    row(FactName::Utilisation, "utilisation_percent", Takes::Worker, true),
    row(FactName::Queue, "queue", Takes::Worker, false),
    row(FactName::Alive, "alive", Takes::Node, false),
    row(FactName::On, "on", Takes::Switch, false),
    row(FactName::BelievedUp, "believed_up", Takes::Pool, false),
    row(FactName::SentTo, "sent_to", Takes::Pool, false),
    row(FactName::Cut, "cut", Takes::Link, false),
    row(FactName::Readable, "readable", Takes::Link, false),
    row(FactName::DetectedAfter, "detected_after_s", Takes::NodeOrLink, false),
    row(FactName::RecoveredAfter, "recovered_after_s", Takes::NodeOrLink, false),
    row(FactName::Masters, "masters", Takes::Whole, false),
    row(FactName::IsMaster, "is_master", Takes::Balancer, false),
    row(FactName::TakeoverAfter, "takeover_after_s", Takes::Whole, false),
    row(FactName::Primaries, "primaries", Takes::Whole, false),
    row(FactName::IsPrimary, "is_primary", Takes::Database, false),
    row(FactName::PromotionAfter, "promotion_after_s", Takes::Whole, false),
    row(FactName::Lag, "lag_ms", Takes::Database, false),
    row(FactName::StaleReads, "stale_reads", Takes::Whole, true),
    row(FactName::AcknowledgedWrites, "acknowledged_writes", Takes::Whole, true),
    row(FactName::LostWrites, "lost_writes", Takes::Whole, true),
    row(FactName::ScansAnswered, "scans_answered", Takes::Whole, false),
    row(FactName::ReachedByAttacker, "reached_by_attacker", Takes::Node, false),
    row(FactName::StolenRows, "stolen_rows", Takes::Whole, false),
    row(FactName::DroppedByFirewall, "dropped_by_firewall", Takes::Whole, false),
    row(FactName::ReadInTransit, "read_in_transit", Takes::Whole, false),
    row(FactName::Alerts, "alerts", Takes::Whole, false),
    row(FactName::AlertAfter, "alert_after_s", Takes::Whole, false),
    row(FactName::Master, "master", Takes::Whole, false),
    row(FactName::Primary, "primary", Takes::Whole, false),
];

const KINDS: [(RequestKind, &str); 3] =
    [(RequestKind::Read, "reads"), (RequestKind::Write, "writes"), (RequestKind::Static, "static")];

impl FactName {
    /// How all names are written.
    pub fn words() -> impl Iterator<Item = &'static str> {
        ROWS.iter().map(|row| row.word)
    }

    /// What its number counts.
    pub fn unit(self) -> Unit {
        match self {
            Self::Master | Self::Primary => Unit::Name,
            Self::AnsweredPercent | Self::ServedPercent | Self::Utilisation => Unit::Percent,
            Self::Rate => Unit::PerSecond,
            Self::LatencyP50 | Self::LatencyP99 | Self::Lag => Unit::Milliseconds,
            Self::Now
            | Self::DetectedAfter
            | Self::RecoveredAfter
            | Self::TakeoverAfter
            | Self::PromotionAfter
            | Self::AlertAfter => Unit::Seconds,
            _ => Unit::Count,
        }
    }
}

impl Fact {
    /// Reads a fact, or says what is wrong with it and what would be right.
    pub fn parse(text: &str, plan: &Plan) -> Result<Self, String> {
        let (asked, window) = split(text.trim(), '~');
        let (word, of) = split(asked, '@');
        let Some(row) = ROWS.iter().find(|row| row.word == word) else { return Err(unknown(word)) };
        let window = match window {
            None => None,
            Some(_) if !row.windowed => {
                return Err(format!("\"{word}\" is of one instant and has no window; write \"{asked}\""));
            }
            Some(length) => match SimDuration::from_str(length) {
                Ok(length) if !length.is_zero() => Some(length),
                Ok(_) => return Err(format!("\"{text}\": a window of no length; write \"~5s\" or so")),
                Err(problem) => return Err(format!("\"{text}\": {problem}")),
            },
        };
        let of = Reader { text, word, plan }.of(row.takes, of)?;
        Ok(Self { name: row.name, of, window })
    }
}

fn split(text: &str, at: char) -> (&str, Option<&str>) {
    text.split_once(at).map_or((text, None), |(before, after)| (before, Some(after)))
}

fn unknown(word: &str) -> String {
    let words: Vec<&str> = FactName::words().collect();
    format!("there is no fact \"{word}\"; the facts are {}", words.join(", "))
}

struct Reader<'a> {
    text: &'a str,
    word: &'a str,
    plan: &'a Plan,
}

impl Reader<'_> {
    fn of(&self, takes: Takes, of: Option<&str>) -> Result<Of, String> {
        let Some(of) = of else {
            return if matches!(takes, Takes::Whole | Takes::Kind) {
                Ok(Of::Whole)
            } else {
                self.lacks(takes)
            };
        };
        match takes {
            Takes::Whole => self.error(&format!("it is of the whole run; write \"{}\"", self.word)),
            Takes::Kind => match KINDS.into_iter().find(|(_, word)| *word == of) {
                Some((kind, _)) => Ok(Of::Kind(kind)),
                None => self.error("write @reads, @writes, @static, or nothing for all"),
            },
            Takes::Pool => self.in_pool(of),
            Takes::Link => self.link(of),
            Takes::NodeOrLink if of.contains('>') => self.link(of),
            _ => {
                let node = self.node(of)?;
                let kind = &self.plan.node(node).expect("it was found").kind;
                if fits(takes, kind) { Ok(Of::Node(node)) } else { self.wrong_kind(takes, of, kind) }
            }
        }
    }

    fn error<T>(&self, problem: &str) -> Result<T, String> {
        Err(format!("\"{}\": {problem}", self.text))
    }

    /// What it is asked of is not said.
    fn lacks<T>(&self, takes: Takes) -> Result<T, String> {
        let form = match takes {
            Takes::Pool => "@BALANCER>SERVER",
            Takes::Link => "@FROM>TO",
            _ => "@NODE",
        };
        self.error(&format!("of what? Write \"{}{form}\"", self.word))
    }

    fn wrong_kind<T>(&self, takes: Takes, name: &str, kind: &NodeKind) -> Result<T, String> {
        let fitting = self.plan.nodes().filter(|(_, node)| fits(takes, &node.kind));
        let names: Vec<&str> = fitting.map(|(_, node)| node.name.as_str()).collect();
        let instead =
            if names.is_empty() { "the scenario has none that fits".into() } else { names.join(", ") };
        self.error(&format!(
            "{name} is a {}, of which this is never said; it is said of: {instead}",
            kind.name()
        ))
    }

    fn node(&self, name: &str) -> Result<NodeId, String> {
        if let Some(node) = self.plan.find(name) {
            return Ok(node);
        }
        let names: Vec<&str> = self.plan.nodes().take(20).map(|(_, node)| node.name.as_str()).collect();
        self.error(&format!("there is no node \"{name}\"; the nodes are {}", names.join(", ")))
    }

    fn link(&self, ends: &str) -> Result<Of, String> {
        let Some((from, to)) = ends.split_once('>') else { return self.lacks(Takes::Link) };
        self.node(from)?;
        self.node(to)?;
        match self.plan.find_link(from, to) {
            Some(link) => Ok(Of::Link(link)),
            None => self.error(&format!("no link joins {from} and {to}")),
        }
    }

    fn in_pool(&self, ends: &str) -> Result<Of, String> {
        let Some((balancer, server)) = ends.split_once('>') else { return self.lacks(Takes::Pool) };
        let id = self.node(balancer)?;
        let server_id = self.node(server)?;
        let NodeKind::LoadBalancer(settings) = &self.plan.node(id).expect("it was found").kind else {
            return self.error(&format!("{balancer} is no load balancer"));
        };
        let pool = settings.pool.iter().map(|&link| (link, self.plan.link(link).other_end(id)));
        let mut members = pool.clone();
        if let Some((link, _)) = members.find(|(_, member)| *member == server_id) {
            return Ok(Of::Link(link));
        }
        let names: Vec<&str> = pool.map(|(_, member)| self.plan.name(member)).collect();
        self.error(&format!("{server} is not in the pool of {balancer}; in it are {}", names.join(", ")))
    }
}

/// Whether what is asked can be said of a node of this kind.
const fn fits(takes: Takes, kind: &NodeKind) -> bool {
    match takes {
        Takes::Worker => {
            matches!(kind, NodeKind::WebServer(_) | NodeKind::ApplicationServer(_) | NodeKind::Database(_))
        }
        Takes::Switch => matches!(kind, NodeKind::Firewall(_) | NodeKind::Monitor(_)),
        Takes::Balancer => matches!(kind, NodeKind::LoadBalancer(_)),
        Takes::Database => matches!(kind, NodeKind::Database(_)),
        _ => true,
    }
}

/// As a lesson writes it.
impl fmt::Display for FactName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        ROWS.iter().filter(|row| row.name == *self).try_for_each(|row| f.write_str(row.word))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figure::tests::plan;

    #[test]
    fn every_name_is_in_the_list_once_and_says_its_unit() {
        for (place, row) in ROWS.iter().enumerate() {
            assert!(ROWS[..place].iter().all(|other| other.word != row.word && other.name != row.name));
            let ends = |suffix| row.word.ends_with(suffix);
            let unit = match row.name.unit() {
                Unit::PerSecond => ends("_per_s"),
                Unit::Seconds => ends("_s") && !ends("_per_s"),
                Unit::Milliseconds => ends("_ms"),
                Unit::Percent => ends("_percent"),
                Unit::Count | Unit::Name => !ends("_s") && !ends("_ms") && !ends("_percent"),
            };
            assert!(unit, "{}", row.word);
        }
    }

    #[test]
    fn a_fact_is_a_name_of_what_and_since_when() {
        let plan = plan();
        let web_2 = plan.find("web-2").expect("it is there");
        let whole = Fact { name: FactName::Refused, of: Of::Whole, window: None };
        assert_eq!(Fact::parse("refused", &plan), Ok(whole));
        let reads = Of::Kind(RequestKind::Read);
        let window = Some(SimDuration::from_secs(5));
        let fact = Fact { name: FactName::AnsweredPercent, of: reads, window };
        assert_eq!(Fact::parse("answered_percent@reads~5s", &plan), Ok(fact));
        let alive = Fact { name: FactName::Alive, of: Of::Node(web_2), window: None };
        assert_eq!(Fact::parse("alive@web-2", &plan), Ok(alive));
        let link = plan.find_link("lb-1", "web-2").expect("it is there");
        let believed = Fact { name: FactName::BelievedUp, of: Of::Link(link), window: None };
        assert_eq!(Fact::parse("believed_up@lb-1>web-2", &plan), Ok(believed));
    }

    #[test]
    fn what_is_wrong_is_said_with_what_would_be_right() {
        let plan = plan();
        for (text, problem) in [
            ("refusd", "there is no fact \"refusd\"; the facts are now_s, sent, answered"),
            ("now_s~5s", "\"now_s\" is of one instant and has no window; write \"now_s\""),
            ("refused~5", "no unit"),
            ("refused~0s", "a window of no length; write \"~5s\" or so"),
            ("refused@read", "write @reads, @writes, @static, or nothing for all"),
            ("alive", "of what? Write \"alive@NODE\""),
            ("alive@web-9", "there is no node \"web-9\"; the nodes are Readers, lb-1, web-1, web-2, web-3"),
            ("believed_up@lb-1", "of what? Write \"believed_up@BALANCER>SERVER\""),
            ("believed_up@lb-1>Readers", "Readers is not in the pool of lb-1; in it are web-1, web-2, web-3"),
            ("believed_up@web-1>web-2", "web-1 is no load balancer"),
            ("cut@web-1>web-2", "no link joins web-1 and web-2"),
            (
                "served@lb-1",
                "lb-1 is a load balancer, of which this is never said; it is said of: web-1, web-2, web-3",
            ),
            (
                "lag_ms@web-1",
                "web-1 is a web server, of which this is never said; it is said of: the scenario",
            ),
            ("masters@lb-1", "it is of the whole run; write \"masters\""),
        ] {
            let error = Fact::parse(text, &plan).expect_err(text);
            assert!(error.contains(problem), "{text}: {error}");
        }
    }
}
