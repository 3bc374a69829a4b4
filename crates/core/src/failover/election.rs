//! Which replica becomes primary.
//!
//! The most advanced one of those that can be reached and may be promoted; among equals the one with the
//! higher priority, then the one that comes first. With quorum commit that is not enough: the winner must
//! also be level with enough replicas that no acknowledged write can be on the others alone.
//!
//! Follows pg_auto_failover's `report_lsn` election and Patroni's `maximum_lag_on_failover` and synchronous
//! mode.

use alloc::vec::Vec;
use core::cmp::Reverse;

use super::message::NodeIndex;
use crate::lsn::LogPosition;
use crate::sort;
use crate::time::SimTime;

/// Why a node was not chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum WhyNot {
    /// It is believed unreachable since then.
    Unreachable {
        /// Since when.
        since: SimTime,
    },
    /// It can be reached but has not said where its log ends.
    NotReported,
    /// Its priority is 0.
    NeverPromoted,
    /// It was rewound, and its data is not whole before it has read on.
    NotWhole {
        /// As far as this.
        until: LogPosition,
    },
    /// It lacks too much of what the primary was last known to have.
    Lag {
        /// Bytes it lacks.
        bytes: u64,
        /// Bytes it may lack.
        maximum: u64,
    },
    /// The operator named another.
    NotNamed,
    /// Its log is behind the chosen one's.
    Behind {
        /// Where its log ends.
        position: LogPosition,
    },
    /// As advanced, but of lower priority.
    LowerPriority {
        /// Its priority.
        priority: u32,
    },
    /// As advanced and of the same priority, but later in the configuration.
    LaterInOrder,
}

/// A node that was not chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PassedOver {
    /// The node.
    pub node: NodeIndex,
    /// Why not.
    pub why: WhyNot,
}

/// Who was chosen, and why not the others.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Choice {
    /// The winner.
    pub node: NodeIndex,
    /// Where its log ends.
    pub position: LogPosition,
    /// Bytes that it lacks of what the primary was last known to have.
    pub lag: u64,
    /// The others.
    pub passed_over: Vec<PassedOver>,
}

/// Why nobody can be promoted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NoCandidate {
    /// No replica may be promoted; the nodes passed over say why.
    NoneEligible,
    /// Acknowledged writes may be on replicas that did not report.
    Quorum {
        /// The best candidate.
        best: NodeIndex,
        /// How many replicas it is at least level with, itself included.
        level_with: usize,
        /// How many it would have to be.
        needed: usize,
    },
    /// The operator named a replica that is behind another one.
    NamedIsBehind {
        /// The one named.
        named: NodeIndex,
        /// The most advanced.
        ahead: NodeIndex,
    },
}

/// A replica as the election sees it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Standing {
    pub(super) node: NodeIndex,
    pub(super) priority: u32,
    pub(super) unreachable_since: Option<SimTime>,
    /// Where its log stands still, if it has said so.
    pub(super) position: Option<LogPosition>,
    /// How far it must read on until its data is whole.
    pub(super) whole_at: Option<LogPosition>,
}

/// What a winner must fulfil.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rules {
    pub(super) primary_end: Option<LogPosition>,
    pub(super) maximum_lag: Option<u64>,
    pub(super) replicas_to_hear: Option<usize>,
    pub(super) named: Option<NodeIndex>,
    pub(super) allow_data_loss: bool,
}

impl Rules {
    fn lag(&self, position: LogPosition) -> u64 {
        self.primary_end.map_or(0, |end| end.lsn.bytes_since(position.lsn))
    }

    /// The position of a candidate, or why it is none, whoever the others are.
    fn eligible(&self, standing: &Standing) -> Result<LogPosition, WhyNot> {
        if let Some(since) = standing.unreachable_since {
            return Err(WhyNot::Unreachable { since });
        }
        let position = standing.position.ok_or(WhyNot::NotReported)?;
        if standing.priority == 0 {
            return Err(WhyNot::NeverPromoted);
        }
        if let Some(until) = standing.whole_at {
            return Err(WhyNot::NotWhole { until });
        }
        let bytes = self.lag(position);
        match self.maximum_lag {
            Some(maximum) if bytes > maximum && !self.allow_data_loss => Err(WhyNot::Lag { bytes, maximum }),
            _ => Ok(position),
        }
    }
}

/// Chooses among the replicas, which come in configuration order.
pub(super) fn choose(
    standings: &[Standing],
    rules: &Rules,
) -> Result<Choice, (NoCandidate, Vec<PassedOver>)> {
    let mut passed_over = Vec::new();
    let mut candidates = Vec::new();
    for standing in standings {
        match rules.eligible(standing) {
            Ok(position) => candidates.push((position, standing.priority, Reverse(standing.node))),
            Err(why) => passed_over.push(PassedOver { node: standing.node, why }),
        }
    }
    let most_advanced = candidates.iter().max().copied();
    let winner = match rules.named {
        None => most_advanced,
        Some(named) => candidates.iter().find(|(.., Reverse(node))| *node == named).copied(),
    };
    let Some((position, priority, Reverse(node))) = winner else {
        return Err((NoCandidate::NoneEligible, passed_over));
    };
    for &(other_position, other_priority, Reverse(other)) in &candidates {
        let why = if other == node {
            continue;
        } else if rules.named.is_some() {
            WhyNot::NotNamed
        } else if other_position < position {
            WhyNot::Behind { position: other_position }
        } else if other_priority < priority {
            WhyNot::LowerPriority { priority: other_priority }
        } else {
            WhyNot::LaterInOrder
        };
        passed_over.push(PassedOver { node: other, why });
    }
    sort::by_key(&mut passed_over, |passed| passed.node.get() as u128);
    if !rules.allow_data_loss {
        if let Some((ahead_position, _, Reverse(ahead))) = most_advanced
            && ahead_position > position
        {
            return Err((NoCandidate::NamedIsBehind { named: node, ahead }, passed_over));
        }
        let heard = standings.iter().filter_map(|standing| standing.position);
        let level_with = heard.filter(|&heard| heard <= position).count();
        if let Some(needed) = rules.replicas_to_hear.filter(|&needed| level_with < needed) {
            return Err((NoCandidate::Quorum { best: node, level_with, needed }, passed_over));
        }
    }
    Ok(Choice { node, position, lag: rules.lag(position), passed_over })
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use super::*;
    use crate::lsn::{Lsn, TimelineId};

    const RULES: Rules = Rules {
        primary_end: None,
        maximum_lag: None,
        replicas_to_hear: None,
        named: None,
        allow_data_loss: false,
    };

    fn at(timeline: u32, lsn: u64) -> LogPosition {
        LogPosition { timeline: TimelineId(timeline), lsn: Lsn(lsn) }
    }

    /// Replicas 1, 2, ... that ended there, with these priorities.
    fn replicas(replicas: &[(u32, Option<LogPosition>)]) -> Vec<Standing> {
        let standing = |(index, &(priority, position))| Standing {
            node: NodeIndex(index),
            priority,
            unreachable_since: None,
            position,
            whole_at: None,
        };
        (1..).zip(replicas).map(standing).collect()
    }

    fn winner(standings: &[Standing], rules: Rules) -> Result<u16, NoCandidate> {
        choose(standings, &rules).map(|choice| choice.node.0).map_err(|(why, _)| why)
    }

    #[test]
    fn the_most_advanced_wins_then_the_priority_then_the_order() {
        let furthest = replicas(&[(50, Some(at(1, 10))), (1, Some(at(1, 20))), (90, Some(at(1, 10)))]);
        assert_eq!(winner(&furthest, RULES), Ok(2));
        let tied = replicas(&[(50, Some(at(1, 10))), (90, Some(at(1, 10))), (90, Some(at(1, 10)))]);
        let choice = choose(&tied, &RULES).expect("a candidate");
        assert_eq!(choice.node, NodeIndex(2));
        let why: Vec<_> = choice.passed_over.iter().map(|passed| passed.why).collect();
        assert_eq!(why, [WhyNot::LowerPriority { priority: 50 }, WhyNot::LaterInOrder]);
    }

    #[test]
    fn a_later_timeline_beats_a_longer_log() {
        assert_eq!(winner(&replicas(&[(50, Some(at(1, 99))), (50, Some(at(2, 60)))]), RULES), Ok(2));
    }

    #[test]
    fn too_far_behind_the_primary_is_no_candidate_unless_loss_is_allowed() {
        let lagging = replicas(&[(50, Some(at(1, 10)))]);
        let strict = Rules { primary_end: Some(at(1, 100)), maximum_lag: Some(50), ..RULES };
        let (why, passed_over) = choose(&lagging, &strict).expect_err("90 bytes behind");
        assert_eq!(why, NoCandidate::NoneEligible);
        assert_eq!(passed_over[0].why, WhyNot::Lag { bytes: 90, maximum: 50 });
        assert_eq!(winner(&lagging, Rules { allow_data_loss: true, ..strict }), Ok(1));
    }

    #[test]
    fn with_quorum_commit_the_winner_is_level_with_enough_replicas() {
        let rules = Rules { replicas_to_hear: Some(2), ..RULES };
        let one_silent = replicas(&[(50, Some(at(1, 10))), (50, None)]);
        let too_few = NoCandidate::Quorum { best: NodeIndex(1), level_with: 1, needed: 2 };
        assert_eq!(winner(&one_silent, rules), Err(too_few));
        assert_eq!(winner(&replicas(&[(50, Some(at(1, 10))), (50, Some(at(1, 20)))]), rules), Ok(2));
        // The one that is ahead may not be promoted, and holds writes that the other lacks.
        assert_eq!(winner(&replicas(&[(50, Some(at(1, 10))), (0, Some(at(1, 20)))]), rules), Err(too_few));
    }

    #[test]
    fn one_that_was_rewound_and_is_not_whole_is_no_candidate_whoever_asks() {
        let mut rewound = replicas(&[(50, Some(at(2, 30))), (50, Some(at(2, 20)))]);
        rewound[0].whole_at = Some(at(2, 40));
        let choice = choose(&rewound, &RULES).expect("the other one is whole");
        assert_eq!(choice.node, NodeIndex(2));
        assert_eq!(choice.passed_over[0].why, WhyNot::NotWhole { until: at(2, 40) });
        let by_force = Rules { named: Some(NodeIndex(1)), allow_data_loss: true, ..RULES };
        assert_eq!(winner(&rewound, by_force), Err(NoCandidate::NoneEligible));
        // It holds what it has all the same: with quorum commit the one behind it cannot be sure.
        let quorum = Rules { replicas_to_hear: Some(2), ..RULES };
        let too_few = NoCandidate::Quorum { best: NodeIndex(2), level_with: 1, needed: 2 };
        assert_eq!(winner(&rewound, quorum), Err(too_few));
    }

    #[test]
    fn an_operator_may_name_any_replica_that_is_not_behind() {
        let named = Rules { named: Some(NodeIndex(1)), ..RULES };
        assert_eq!(winner(&replicas(&[(50, Some(at(1, 10))), (90, Some(at(1, 10)))]), named), Ok(1));
        let behind = replicas(&[(50, Some(at(1, 10))), (50, Some(at(1, 20)))]);
        let refused = NoCandidate::NamedIsBehind { named: NodeIndex(1), ahead: NodeIndex(2) };
        assert_eq!(winner(&behind, named), Err(refused));
        assert_eq!(winner(&behind, Rules { allow_data_loss: true, ..named }), Ok(1));
    }
}
