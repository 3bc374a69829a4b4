//! The settings of the nodes around the tiers: name service, firewall, monitor, attacker, eavesdropper.

use alloc::format;
use alloc::vec::Vec;

use understudy_core::SimDuration;

use super::kinds::{Context, Place, check_timeout, ppm};
use super::{Mistake, mean_gap, mistake};
use crate::ids::{LinkId, NodeId};
use crate::scenario::{self, Behaviour, Node};

/// Settings of a DNS server.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "prepared", derive(borsh::BorshSerialize, borsh::BorshDeserialize))]
pub struct DnsPlan {
    /// How long an answer may be kept.
    pub ttl: SimDuration,
    /// The nodes whose addresses it gives out, in order.
    pub records: Vec<NodeId>,
}

/// Settings of a firewall.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "prepared", derive(borsh::BorshSerialize, borsh::BorshDeserialize))]
pub struct FirewallPlan {
    /// The links to what it protects, where it is a hop of its own.
    pub links: Vec<LinkId>,
    /// Whether it filters from the start.
    pub on: bool,
    /// The ports that it lets through.
    pub allow: Vec<u16>,
    /// The most that it lets through of one sender, if there is a limit.
    pub limit_per_source: Option<SourceLimit>,
}

/// How much of one sender a firewall lets through: a token bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "prepared", derive(borsh::BorshSerialize, borsh::BorshDeserialize))]
pub struct SourceLimit {
    /// Time in which one token comes in.
    pub gap: SimDuration,
    /// How many tokens the bucket holds: what comes in within one second, at least 1.
    pub burst: u32,
}

/// Settings of a monitor.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "prepared", derive(borsh::BorshSerialize, borsh::BorshDeserialize))]
pub struct MonitorPlan {
    /// Whether it watches from the start.
    pub on: bool,
    /// Time between two scrapes of a target.
    pub interval: SimDuration,
    /// How long it waits for a target's answer.
    pub timeout: SimDuration,
    /// The links to its targets.
    pub targets: Vec<LinkId>,
    /// What it raises alerts for.
    pub rules: Vec<AlertRule>,
}

/// An alert rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "prepared", derive(borsh::BorshSerialize, borsh::BorshDeserialize))]
pub struct AlertRule {
    /// What must be so.
    pub condition: AlertCondition,
    /// For how long, until the alert fires.
    pub hold: SimDuration,
}

/// What an alert is raised for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "prepared", derive(borsh::BorshSerialize, borsh::BorshDeserialize))]
pub enum AlertCondition {
    /// The target does not answer its scrapes.
    TargetDown,
    /// More than so many of a million requests of the target failed.
    ErrorRateHigh {
        /// The share, in parts of a million.
        above_ppm: u32,
        /// Counted over the last so long.
        window: SimDuration,
    },
    /// The 99th percentile of the target's times is longer than this.
    LatencyHigh {
        /// The time.
        above: SimDuration,
        /// Counted over the last so long.
        window: SimDuration,
    },
    /// A replica is further than this behind the end of the primary's log.
    ReplicationLagHigh {
        /// The distance.
        above_bytes: u64,
    },
    /// The target gets less than so many millionths of the requests of the window before.
    QpsCollapse {
        /// The share, in parts of a million.
        below_ppm: u32,
        /// Counted over the last so long.
        window: SimDuration,
    },
}

impl AlertCondition {
    /// The alert's name, as people write names of alerts.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::TargetDown => "TargetDown",
            Self::ErrorRateHigh { .. } => "ErrorRateHigh",
            Self::LatencyHigh { .. } => "LatencyHigh",
            Self::ReplicationLagHigh { .. } => "ReplicationLagHigh",
            Self::QpsCollapse { .. } => "QpsCollapse",
        }
    }
}

/// Settings of an attacker.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "prepared", derive(borsh::BorshSerialize, borsh::BorshDeserialize))]
pub struct AttackerPlan {
    /// What it does from the start.
    pub behaviour: Behaviour,
    /// How long it waits for an answer.
    pub timeout: SimDuration,
    /// Mean time between two requests while it floods.
    pub flood_gap: SimDuration,
    /// Time between two queries while it asks databases.
    pub inject_gap: SimDuration,
    /// Rows that one such query reads.
    pub rows_per_query: u32,
    /// The links by which it reaches what it attacks.
    pub targets: Vec<LinkId>,
    /// Those of them that lead to an entry for requests.
    pub entries: Vec<LinkId>,
    /// Those of them that lead to a database.
    pub databases: Vec<LinkId>,
}

impl AttackerPlan {
    /// Why it cannot behave so, if it cannot.
    pub(crate) fn cannot(&self, behaviour: Behaviour) -> Option<&'static str> {
        match behaviour {
            Behaviour::Flood if self.entries.is_empty() => {
                Some("it reaches no entry; link it to a firewall, a balancer or a server")
            }
            Behaviour::Inject if self.databases.is_empty() => Some("it reaches no database; link it to one"),
            _ => None,
        }
    }
}

/// Settings of an eavesdropper.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "prepared", derive(borsh::BorshSerialize, borsh::BorshDeserialize))]
pub struct EavesdropperPlan {
    /// The links that it listens on.
    pub links: Vec<LinkId>,
}

pub(super) fn plan_dns(
    context: &Context<'_>,
    id: NodeId,
    dns: &scenario::Dns,
    place: &Place,
) -> Result<DnsPlan, Mistake> {
    if dns.ttl.is_zero() {
        return mistake(place.of("ttl"), "0 would ask before every request; write \"30s\" or so");
    }
    let mut known: Vec<NodeId> = Vec::new();
    for asker in context.wiring.to(id).iter().map(|link| context.links[link.get()].from) {
        let is_client = matches!(context.node(asker), Node::Clients(_));
        for entry in context.links_to(asker, |node| is_client && !matches!(node, Node::Dns(_))) {
            let entry = context.links[entry.get()].to;
            if !known.contains(&entry) {
                known.push(entry);
            }
        }
    }
    if known.is_empty() {
        let problem = format!("{} has no addresses to give out; link clients to it", dns.name);
        return mistake(format!("nodes[{}]", id.0), problem);
    }
    if dns.records.is_empty() {
        return Ok(DnsPlan { ttl: dns.ttl, records: known });
    }
    let names = || known.iter().map(|&id| context.node(id).name()).collect::<Vec<_>>().join(", ");
    let mut records = Vec::with_capacity(dns.records.len());
    for (index, name) in dns.records.iter().enumerate() {
        let Some(&entry) = known.iter().find(|&&entry| context.node(entry).name() == name) else {
            let problem = format!("its clients are not linked to \"{name}\", but to {}", names());
            return mistake(place.of(&format!("records[{index}]")), problem);
        };
        if records.contains(&entry) {
            return mistake(place.of(&format!("records[{index}]")), format!("\"{name}\" is there twice"));
        }
        records.push(entry);
    }
    Ok(DnsPlan { ttl: dns.ttl, records })
}

pub(super) fn plan_firewall(
    context: &Context<'_>,
    id: NodeId,
    firewall: &scenario::Firewall,
    place: &Place,
) -> Result<FirewallPlan, Mistake> {
    let limit_per_source = firewall
        .limit_per_source_per_s
        .map(|rate| {
            let gap = mean_gap(rate)
                .map_err(|problem| Mistake { place: place.of("limit_per_source_per_s"), problem })?;
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "in range")]
            Ok(SourceLimit { gap, burst: libm::round(rate).max(1.0) as u32 })
        })
        .transpose()?;
    Ok(FirewallPlan {
        links: context.wiring.from(id).to_vec(),
        on: firewall.on,
        allow: firewall.allow.clone(),
        limit_per_source,
    })
}

pub(super) fn plan_monitor(
    context: &Context<'_>,
    id: NodeId,
    monitor: &scenario::Monitor,
    place: &Place,
) -> Result<MonitorPlan, Mistake> {
    if monitor.interval.is_zero() {
        return mistake(place.of("interval"), "0 would scrape without end; write \"5s\" or so");
    }
    check_timeout(monitor.timeout, place)?;
    if monitor.timeout > monitor.interval {
        let problem = format!(
            "a scrape may take {} and the next one comes after {}; write at most that",
            monitor.timeout, monitor.interval
        );
        return mistake(place.of("timeout"), problem);
    }
    let rules = monitor
        .rules
        .iter()
        .enumerate()
        .map(|(index, rule)| plan_rule(rule, &|field| place.of(&format!("rules[{index}].{field}"))))
        .collect::<Result<Vec<_>, Mistake>>()?;
    Ok(MonitorPlan {
        on: monitor.on,
        interval: monitor.interval,
        timeout: monitor.timeout,
        targets: context.wiring.from(id).to_vec(),
        rules,
    })
}

fn plan_rule(
    rule: &scenario::AlertRule,
    place: &impl Fn(&str) -> alloc::string::String,
) -> Result<AlertRule, Mistake> {
    let share = |field: &str, share| match ppm(share) {
        Some(ppm) => Ok(ppm),
        None => mistake(
            place(field),
            format!("{} is no share; write a number from 0 to 1", crate::number::write(share)),
        ),
    };
    let condition = match rule.when {
        scenario::AlertCondition::TargetDown => AlertCondition::TargetDown,
        scenario::AlertCondition::ErrorRateHigh { above, window } => {
            AlertCondition::ErrorRateHigh { above_ppm: share("when.error-rate-high.above", above)?, window }
        }
        scenario::AlertCondition::LatencyHigh { above, window } => {
            AlertCondition::LatencyHigh { above, window }
        }
        scenario::AlertCondition::ReplicationLagHigh { above_bytes } => {
            AlertCondition::ReplicationLagHigh { above_bytes }
        }
        scenario::AlertCondition::QpsCollapse { below, window } => {
            AlertCondition::QpsCollapse { below_ppm: share("when.qps-collapse.below", below)?, window }
        }
    };
    if let AlertCondition::ErrorRateHigh { window, .. }
    | AlertCondition::LatencyHigh { window, .. }
    | AlertCondition::QpsCollapse { window, .. } = condition
        && !(SimDuration::from_millis(1)..=SimDuration::from_secs(3_600)).contains(&window)
    {
        return mistake(place("when"), format!("a window of {window}; write from \"1ms\" to \"1h\""));
    }
    Ok(AlertRule { condition, hold: rule.hold })
}

pub(super) fn plan_attacker(
    context: &Context<'_>,
    id: NodeId,
    attacker: &scenario::Attacker,
    place: &Place,
) -> Result<AttackerPlan, Mistake> {
    check_timeout(attacker.timeout, place)?;
    let gap =
        |field: &str, rate| mean_gap(rate).map_err(|problem| Mistake { place: place.of(field), problem });
    let plan = AttackerPlan {
        behaviour: attacker.behaviour,
        timeout: attacker.timeout,
        flood_gap: gap("flood_per_s", attacker.flood_per_s)?,
        inject_gap: gap("inject_per_s", attacker.inject_per_s)?,
        rows_per_query: attacker.rows_per_query,
        targets: context.wiring.from(id).to_vec(),
        entries: context.links_to(id, |node| !matches!(node, Node::Database(_))),
        databases: context.links_to(id, |node| matches!(node, Node::Database(_))),
    };
    if let Some(problem) = plan.cannot(attacker.behaviour) {
        return mistake(place.of("behaviour"), problem);
    }
    Ok(plan)
}

pub(super) fn plan_eavesdropper(
    context: &Context<'_>,
    eavesdropper: &scenario::Eavesdropper,
    place: &Place,
) -> Result<EavesdropperPlan, Mistake> {
    let mut links = Vec::with_capacity(eavesdropper.listens_on.len());
    for (index, [one, other]) in eavesdropper.listens_on.iter().enumerate() {
        let name = |id: NodeId| context.node(id).name();
        let joins = |from: &str, to: &str| (from == one && to == other) || (from == other && to == one);
        let found = context.links.iter().position(|link| joins(name(link.from), name(link.to)));
        let Some(found) = found else {
            let problem = format!("{one} and {other} have no link; name the two ends of one");
            return mistake(place.of(&format!("listens_on[{index}]")), problem);
        };
        links.push(super::link_id(found));
    }
    Ok(EavesdropperPlan { links })
}
