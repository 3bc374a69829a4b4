//! How each [`Step`] reads.

use core::fmt;

use super::config::{Mode, NodeConfig};
use super::election::{NoCandidate, PassedOver, WhyNot};
use super::message::{Command, NodeIndex};
use super::step::{FencedBy, GivenUp, Refusal, Step, Trigger};

/// A [`Step`] as a sentence.
#[derive(Clone, Copy, Debug)]
pub struct Sentence<'a> {
    pub(super) step: &'a Step,
    pub(super) nodes: &'a [NodeConfig],
}

/// A node's name, or its number if it is not known.
struct Name<'a>(NodeIndex, &'a [NodeConfig]);

impl fmt::Display for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.1.get(self.0.get()) {
            Some(node) => f.write_str(&node.name),
            None => write!(f, "node {}", self.0.0),
        }
    }
}

struct Bytes(u64);

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} byte{}", self.0, if self.0 == 1 { "" } else { "s" })
    }
}

struct Checks(u32);

impl fmt::Display for Checks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            1 => f.write_str("a check"),
            count => write!(f, "{count} checks in a row"),
        }
    }
}

impl fmt::Display for Sentence<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = |node: &NodeIndex| Name(*node, self.nodes);
        match self.step {
            Step::Unreachable { node, missed, last_answer } => {
                write!(f, "{} is believed unreachable: it failed {}", name(node), Checks(*missed))?;
                match last_answer {
                    Some(at) => write!(f, ", last answer at {at}"),
                    None => f.write_str(", it never answered"),
                }
            }
            Step::Reachable { node, away } => write!(f, "{} answers again after {away}", name(node)),
            Step::WaitsForOperator { primary } => {
                write!(f, "{} has failed; in manual mode an operator must decide", name(primary))
            }
            Step::TakeoverStarted { primary, trigger } => {
                write!(f, "replacing {}: ", name(primary))?;
                f.write_str(match trigger {
                    Trigger::Detected => "it is unreachable",
                    Trigger::Operator { .. } => "an operator asked for it",
                })?;
                f.write_str("; the replicas stop receiving and report their positions")
            }
            Step::Stalled { why, passed_over } => {
                self.no_candidate(f, why)?;
                self.passed_over(f, passed_over)
            }
            Step::Chosen(choice) => {
                write!(f, "{} is the most advanced candidate, at {}", name(&choice.node), choice.position)?;
                if choice.lag > 0 {
                    write!(f, ", {} behind what the primary last reported", Bytes(choice.lag))?;
                }
                self.passed_over(f, &choice.passed_over)
            }
            Step::FenceAsked { node, again: false } => {
                write!(f, "asking the fencing device to cut {} off before anyone is promoted", name(node))
            }
            Step::FenceAsked { node, again: true } => {
                write!(f, "fencing of {} is not confirmed: asking again, promotion waits", name(node))
            }
            Step::LeaseAwaited { node, until } => {
                write!(f, "{} may hold its lease until {until}: promotion waits", name(node))
            }
            Step::Fenced { node, by } => write!(f, "{} accepts no more writes: {by}", name(node)),
            Step::NotFenced { node } => write!(
                f,
                "promoting without fencing: if {} is only cut off from here, two primaries will accept writes",
                name(node)
            ),
            Step::Promoting { node, timeline, from } => {
                write!(f, "promoting {} onto {timeline}, from {from}", name(node))
            }
            Step::Promoted { node, timeline, took } => {
                write!(f, "{} is primary on {timeline}, writes go to it; this took {took}", name(node))
            }
            Step::GivenUp { primary, why } => write!(f, "{} stays primary: {why}", name(primary)),
            Step::SwitchoverStarted { from, to } => {
                write!(f, "switching over from {} to {}: the primary stops first", name(from), name(to))
            }
            Step::Drained { node, position } => {
                write!(f, "{} has stopped at {position}: its successor must have all of it", name(node))
            }
            Step::DemotingStray { node } => {
                write!(
                    f,
                    "{} was last seen accepting writes and is not the primary: it is told to stop",
                    name(node)
                )
            }
            Step::Rewinding { node, to, from } => write!(
                f,
                "{} rewinds from {from} to {to}: what was written after that is lost, {}",
                name(node),
                Bytes(from.lsn.bytes_since(to.lsn))
            ),
            Step::Following { node, primary } => {
                write!(f, "{} is told to follow {}", name(node), name(primary))
            }
            Step::Resuming { node, timeline } => {
                write!(
                    f,
                    "{} had stopped and nobody took over: it goes on as primary on {timeline}",
                    name(node)
                )
            }
            Step::AwaitsRejoin { node, accepts_writes: true } => write!(
                f,
                "{} accepts writes beside the primary; in manual mode an operator must rejoin it",
                name(node)
            ),
            Step::AwaitsRejoin { node, accepts_writes: false } => write!(
                f,
                "{} has writes that the primary lacks; in manual mode an operator must rejoin it",
                name(node)
            ),
            Step::ModeChanged(Mode::Automatic) => f.write_str("automatic mode: the manager decides"),
            Step::ModeChanged(Mode::Manual) => f.write_str("manual mode: an operator decides"),
            Step::Refused { command, why } => self.refused(f, *command, *why),
        }
    }
}

impl Sentence<'_> {
    fn no_candidate(&self, f: &mut fmt::Formatter<'_>, why: &NoCandidate) -> fmt::Result {
        let name = |node: &NodeIndex| Name(*node, self.nodes);
        match why {
            NoCandidate::NoneEligible => f.write_str("nobody can be promoted"),
            NoCandidate::Quorum { best, level_with, needed } => write!(
                f,
                "{} cannot be promoted yet: to hold every acknowledged write it must be at least level with \
                 {needed} replicas, itself included, and is with {level_with}",
                name(best)
            ),
            NoCandidate::NamedIsBehind { named, ahead } => {
                write!(f, "{} cannot be promoted: {} is ahead of it", name(named), name(ahead))
            }
        }
    }

    fn passed_over(&self, f: &mut fmt::Formatter<'_>, passed_over: &[PassedOver]) -> fmt::Result {
        for PassedOver { node, why } in passed_over {
            write!(f, "; passed over {}: ", Name(*node, self.nodes))?;
            match why {
                WhyNot::Unreachable { since } => write!(f, "unreachable since {since}"),
                WhyNot::NotReported => f.write_str("has not reported its position"),
                WhyNot::NeverPromoted => f.write_str("its priority is 0"),
                WhyNot::NotWhole { until } => {
                    write!(f, "it was rewound, and is not whole before it has read on to {until}")
                }
                WhyNot::Lag { bytes, maximum } => {
                    write!(f, "{} behind the primary, more than {maximum}", Bytes(*bytes))
                }
                WhyNot::NotNamed => f.write_str("the operator named another"),
                WhyNot::Behind { position } => write!(f, "behind, at {position}"),
                WhyNot::LowerPriority { priority } => write!(f, "level, but of lower priority ({priority})"),
                WhyNot::LaterInOrder => f.write_str("level, but later in order"),
            }?;
        }
        Ok(())
    }

    fn refused(&self, f: &mut fmt::Formatter<'_>, command: Command, why: Refusal) -> fmt::Result {
        let name = |node: &NodeIndex| Name(*node, self.nodes);
        match command {
            Command::Failover { to: None, .. } => f.write_str("no failover"),
            Command::Failover { to: Some(to), .. } => write!(f, "no failover to {}", name(&to)),
            Command::Switchover { to: None } => f.write_str("no switchover"),
            Command::Switchover { to: Some(to) } => write!(f, "no switchover to {}", name(&to)),
            Command::ConfirmFenced => f.write_str("no fencing confirmed"),
            Command::Rejoin { node } => write!(f, "{} does not rejoin", name(&node)),
            Command::SetMode(_) => f.write_str("the mode stays"),
        }?;
        write!(f, ": {why}")
    }
}

impl fmt::Display for FencedBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OwnReport => "it says so itself",
            Self::Device => "the fencing device has cut it off",
            Self::LeaseExpiry => "its lease has run out",
            Self::Operator => "an operator vouches for it",
        })
    }
}

impl fmt::Display for GivenUp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::PrimaryBack => "it answers again",
            Self::ManualMode => "manual mode was switched on",
            Self::CatchUpTimeout => "its successor did not catch up in time",
            Self::TargetLost => "its successor is unreachable",
            Self::NoCandidate => "nobody can be promoted in its place",
            Self::PrimaryLost => "it was lost before it had handed over; an operator must decide",
        })
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Busy => "the primary is being replaced already",
            Self::UnknownNode => "there is no such node",
            Self::IsPrimary => "it is the primary",
            Self::PrimaryUnreachable => "the primary is not there to hand over; ask for a failover",
            Self::NoTarget => "no replica is reachable, following and allowed to be promoted",
            Self::NothingToFence => "no old primary waits to be fenced",
        })
    }
}
