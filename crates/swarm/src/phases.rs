//! One run: a safety phase under faults, then everything is mended and the service must become whole.

use std::panic::{self, AssertUnwindSafe};
use std::rc::Rc;

use understudy_core::failover::Phase;
use understudy_core::{Lsn, SimDuration, SimTime, TimelineId};
use understudy_sim::ids::NodeId;
use understudy_sim::scenario::Scenario;
use understudy_sim::view::{DatabaseRole, NodeDetail, Snapshot, TargetHealth};
use understudy_sim::{Command, Outcome, Plan, Sim};

use crate::checks::{Sight, Violation, Watch, all_are_somewhere};
use crate::mending::{mending, operator};
use crate::{faults, scenario};

/// For how long the service must answer everything, and be whole at the end.
pub const DEMANDED: SimDuration = SimDuration::from_secs(4);
/// How long after mending it must have done so. A replication connection that broke without a word is noticed after a
/// minute (PostgreSQL's `wal_receiver_timeout` and `wal_sender_timeout`).
pub const PATIENCE: SimDuration = SimDuration::from_secs(100);

/// What to run. The faults are the scenario's script.
#[derive(Clone, Debug, PartialEq)]
pub struct Trial {
    /// The topology and the faults.
    pub scenario: Scenario,
    /// The seed of the run.
    pub seed: u64,
    /// How long the safety phase lasts.
    pub faults_for: SimDuration,
}

/// What a run came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Passed {
    /// Events and commands, after each of which the checkers looked.
    pub steps: u64,
    /// Requests that were sent.
    pub requests: u64,
}

impl Trial {
    /// The random trial of a seed.
    pub fn generate(seed: u64) -> Self {
        let faults_for = SimDuration::from_secs(10);
        let mut scenario = scenario::generate(seed);
        let plan = Plan::build(&scenario).expect("generated scenarios make sense");
        scenario.script = faults::generate(seed, &plan, faults_for);
        Self { scenario, seed, faults_for }
    }

    /// Runs both phases. A panic is a violation too.
    pub fn run(&self) -> Result<Passed, Violation> {
        panic::catch_unwind(AssertUnwindSafe(|| self.run_phases())).unwrap_or_else(|panic| {
            let text = panic.downcast_ref::<String>().cloned();
            let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
            Err(Violation { by: "panic", problem: text.unwrap_or_else(|| "without a text".into()) })
        })
    }

    fn run_phases(&self) -> Result<Passed, Violation> {
        let plan = Plan::build(&self.scenario)
            .map_err(|mistake| Violation { by: "plan", problem: format!("{mistake:?}") })?;
        let plan = Rc::new(plan);
        let mut sim = Sim::new(Rc::clone(&plan), self.seed);
        let mut watch = Watch::new(&plan);
        let mut steps = 0;
        let end = SimTime::ZERO + self.faults_for;
        run_to(&mut sim, &mut watch, end, &mut steps)?;
        for command in mending(&plan) {
            sim.command(command).map_err(|error| Violation { by: "mending", problem: error.to_string() })?;
            steps += 1;
            watch.check(&sim)?;
        }
        loop {
            let before = sim.snapshot();
            let window = sim.now() + DEMANDED;
            run_to(&mut sim, &mut watch, window, &mut steps)?;
            match demand_recovery(&plan, &before, &sim) {
                Ok(()) => return Ok(Passed { steps, requests: sim.snapshot().totals.sent }),
                Err(violation) if sim.now() > end + PATIENCE => return Err(violation),
                Err(_) => {
                    let commands = operator(&plan, &sim.snapshot());
                    give(&mut sim, &mut watch, commands, &mut steps)?;
                }
            }
        }
    }
}

/// Runs to an instant, with a look after every event and command.
fn run_to(sim: &mut Sim, watch: &mut Watch, until: SimTime, steps: &mut u64) -> Result<(), Violation> {
    while sim.step(until).is_some() {
        *steps += 1;
        watch.check(sim)?;
    }
    sim.run_until(until, u64::MAX);
    Ok(())
}

/// Gives commands now, with a look after each.
fn give(sim: &mut Sim, watch: &mut Watch, commands: Vec<Command>, steps: &mut u64) -> Result<(), Violation> {
    for command in commands {
        sim.command(command).map_err(|error| Violation { by: "mending", problem: error.to_string() })?;
        *steps += 1;
        watch.check(sim)?;
    }
    Ok(())
}

/// What must be true of a service that was mended and had time. Causes before effects: the first that fails is told.
fn demand_recovery(plan: &Plan, before: &Snapshot, sim: &Sim) -> Result<(), Violation> {
    let after = sim.snapshot();
    let demands: [(&'static str, Result<(), String>); 9] = [
        ("recovery: processes", demand_all_run(plan, &after)),
        ("recovery: beliefs", demand_all_believed_up(plan, &after)),
        ("recovery: virtual address", demand_one_holder(plan, &after)),
        ("recovery: one primary", demand_one_primary(plan, &after)),
        ("recovery: replicas", demand_replicas_caught_up(plan, before, &after)),
        ("recovery: manager", demand_calm_manager(plan, &after)),
        ("recovery: monitor", demand_targets_up(plan, &after)),
        ("recovery: writes", all_are_somewhere(&Sight::of(sim))),
        ("recovery: requests", demand_all_answered(before, &after)),
    ];
    demands.into_iter().try_for_each(|(by, demand)| demand.map_err(|problem| Violation { by, problem }))
}

fn demand_all_answered(before: &Snapshot, after: &Snapshot) -> Result<(), String> {
    let failed = after.totals.failed() - before.totals.failed();
    if failed > 0 {
        let more = |outcome: &Outcome| after.totals.of(*outcome) > before.totals.of(*outcome);
        let how: Vec<&str> = Outcome::ALL[1..].iter().copied().filter(more).map(Outcome::name).collect();
        return Err(format!("{failed} requests failed ({}) in the last {DEMANDED}", how.join(", ")));
    }
    if after.totals.of(Outcome::Answered) == before.totals.of(Outcome::Answered)
        && after.totals.in_flight() > 0
    {
        return Err(format!("no request was answered in the last {DEMANDED}"));
    }
    Ok(())
}

fn demand_all_run(plan: &Plan, snapshot: &Snapshot) -> Result<(), String> {
    match plan.nodes().zip(&snapshot.nodes).find(|(_, view)| !view.truth.is_up()) {
        Some(((_, node), _)) => Err(format!("{} does not run, and nobody broke it again", node.name)),
        None => Ok(()),
    }
}

fn demand_all_believed_up(plan: &Plan, snapshot: &Snapshot) -> Result<(), String> {
    for ((_, node), view) in plan.nodes().zip(&snapshot.nodes) {
        if let NodeDetail::LoadBalancer { pool, .. } = &view.detail
            && let Some(entry) = pool.iter().find(|entry| !entry.belief.in_use())
        {
            return Err(format!("{} still believes {} down", node.name, plan.name(entry.server)));
        }
    }
    Ok(())
}

/// Of those that share an address and hear each other.
fn demand_one_holder(plan: &Plan, snapshot: &Snapshot) -> Result<(), String> {
    let shared = plan.nodes().zip(&snapshot.nodes).filter_map(|((_, node), view)| match view.detail {
        NodeDetail::LoadBalancer { virtual_address: Some(shared), .. } => Some((node, shared)),
        _ => None,
    });
    let sharing: Vec<_> = shared.collect();
    let holders: Vec<&str> =
        sharing.iter().filter(|(_, shared)| shared.held).map(|(node, _)| node.name.as_str()).collect();
    if !sharing.is_empty() && holders.len() != 1 {
        return Err(format!("the virtual address is held by {holders:?}"));
    }
    Ok(())
}

/// The manager has a primary that it watches, the one that there is.
fn demand_calm_manager(plan: &Plan, snapshot: &Snapshot) -> Result<(), String> {
    for ((_, node), view) in plan.nodes().zip(&snapshot.nodes) {
        if let NodeDetail::FailoverManager { phase, primary, .. } = &view.detail
            && (*phase != Phase::Watching || primaries(plan, snapshot) != [*primary])
        {
            let primary = plan.name(*primary);
            return Err(format!("{} is not at rest with {primary} as the primary: {phase:?}", node.name));
        }
    }
    Ok(())
}

/// A monitor that watches sees all its targets.
fn demand_targets_up(plan: &Plan, snapshot: &Snapshot) -> Result<(), String> {
    for ((_, node), view) in plan.nodes().zip(&snapshot.nodes) {
        if let NodeDetail::Monitor { on: true, targets, .. } = &view.detail
            && let Some(target) = targets.iter().find(|target| target.health != TargetHealth::Up)
        {
            let name = plan.name(target.target);
            return Err(format!("{} does not see {name}: {:?}", node.name, target.health));
        }
    }
    Ok(())
}

/// What a database is: its role, timeline, the end of its log and how far it has replayed.
fn database(id: NodeId, snapshot: &Snapshot) -> Option<(DatabaseRole, TimelineId, Lsn, Lsn)> {
    match snapshot.nodes[id.get()].detail {
        NodeDetail::Database { role, timeline, end, replayed, .. } => Some((role, timeline, end, replayed)),
        _ => None,
    }
}

fn primaries(plan: &Plan, snapshot: &Snapshot) -> Vec<NodeId> {
    let is_primary =
        |id: &NodeId| database(*id, snapshot).is_some_and(|(role, ..)| role == DatabaseRole::Primary);
    plan.databases().iter().copied().filter(is_primary).collect()
}

fn demand_one_primary(plan: &Plan, snapshot: &Snapshot) -> Result<(), String> {
    let primaries = primaries(plan, snapshot);
    if plan.databases().is_empty() || primaries.len() == 1 {
        return Ok(());
    }
    let names: Vec<&str> = primaries.iter().map(|&id| plan.name(id)).collect();
    Err(format!("the primaries are {names:?}; one was demanded"))
}

/// All others follow the primary on its timeline and have replayed what it had a while ago.
fn demand_replicas_caught_up(plan: &Plan, before: &Snapshot, after: &Snapshot) -> Result<(), String> {
    let Some(&primary) = primaries(plan, after).first() else { return Ok(()) };
    let timeline = database(primary, after).map(|(_, timeline, ..)| timeline);
    let written = database(primary, before).map(|(_, _, end, _)| end);
    for &id in plan.databases().iter().filter(|&&id| id != primary) {
        let found = database(id, after);
        let Some((role, its, _, replayed)) = found else { continue };
        let follows = role == DatabaseRole::Replica { follows: Some(primary) };
        if !follows || Some(its) != timeline || Some(replayed) < written {
            let (name, primary) = (plan.name(id), plan.name(primary));
            return Err(format!("{name} has not caught up with {primary}: {found:?}, which had {written:?}"));
        }
    }
    Ok(())
}
