//! The static answer held against the simulator: each component is removed from a running system, and what clients get
//! once everybody has reacted is what the audit said.

use std::rc::Rc;

use understudy_audit::losses::{Component, Losses};
use understudy_audit::service::Service;
use understudy_audit::system::{Reactions, System};
use understudy_audit::weakness::components;
use understudy_core::balancer::Algorithm;
use understudy_sim::plan::NodeKind;
use understudy_sim::{Plan, Sim, SimDuration, SimTime, Totals};

use crate::random::Draw;
use crate::worlds;

/// When the component is lost: every address is held and every replica streams by then.
const AT: SimTime = SimTime::from_secs(20);
/// How long what clients get is watched.
const WATCHED: SimDuration = SimDuration::from_secs(60);

/// The answered share of each service in the simulator, once `settles` have passed since the loss. `sim` is at [`AT`].
fn measured(mut sim: Sim, losses: &[Component], settles: SimDuration) -> [Option<f64>; 3] {
    for loss in losses {
        sim.command(loss.loss()).expect("it can be lost");
    }
    sim.run_until(AT + settles, u64::MAX);
    let before = sim.snapshot().totals;
    sim.run_until(AT + settles + WATCHED, u64::MAX);
    let after = sim.snapshot().totals;
    Service::ALL.map(|service| {
        let counted = |totals: &Totals| {
            let kind = service.request();
            (totals.answered_of(kind), totals.failed_of(kind))
        };
        let ((answered_before, failed_before), (answered, failed)) = (counted(&before), counted(&after));
        let (answered, failed) = (answered - answered_before, failed - failed_before);
        #[expect(clippy::cast_precision_loss, reason = "counts far below 2^52")]
        let share = || answered as f64 / (answered + failed) as f64;
        (answered + failed > 0).then(share)
    })
}

/// What the audit and the simulator disagree on.
pub(crate) fn disagreements(plan: &Rc<Plan>, seed: u64) -> Vec<String> {
    let system = System::new(plan);
    let mut calm = Sim::new(Rc::clone(plan), seed);
    calm.run_until(AT, u64::MAX);
    let adaptive = is_adaptive(plan);
    let mut wrong = Vec::new();
    for component in components(plan) {
        let losses = Losses::of(plan, &[component]);
        let outcome = system.outcome(&losses, Reactions::ALL);
        // Requests that were sent before end when their clients' patience does.
        let settles = system.settles_within(&losses) + SimDuration::from_secs(12);
        let found = measured(calm.clone(), &[component], settles);
        for service in system.services() {
            let share =
                found[service as usize].unwrap_or_else(|| panic!("somebody asks for {}", service.name()));
            let said = outcome.answered(service);
            if !agree(said, share, adaptive) {
                wrong.push(format!(
                    "{}: {}: said {said:.3}, seen {share:.3}",
                    component.loss_text(plan),
                    service.name()
                ));
            }
        }
    }
    wrong
}

/// Whether both say that it ends, that it goes on, or that some of it is left and about how much. Balancers that look at
/// how busy their servers are send fewer requests to one that does not answer than their turns would say.
fn agree(said: f64, seen: f64, adaptive: bool) -> bool {
    let apart = (said - seen).abs();
    if said < 0.005 {
        return seen < 0.01;
    }
    if said > 0.995 {
        return seen > 0.98;
    }
    seen > 0.0 && (apart < 0.03 || seen < 0.999 && (adaptive || apart < 0.15))
}

fn is_adaptive(plan: &Plan) -> bool {
    plan.nodes().any(|(_, node)| match &node.kind {
        NodeKind::LoadBalancer(balancer) => {
            matches!(
                balancer.algorithm,
                Algorithm::LeastConnections | Algorithm::RandomTwo | Algorithm::PeakEwma
            )
        }
        _ => false,
    })
}

#[test]
fn what_the_loss_of_each_component_of_a_shipped_scenario_does_is_what_was_said() {
    for (name, plan) in worlds::shipped() {
        let wrong = disagreements(&plan, 7);
        assert!(wrong.is_empty(), "{name}:\n{}", wrong.join("\n"));
    }
}

/// How many random systems are looked at; more by `CASES=1000`.
fn cases() -> usize {
    option_env!("CASES").and_then(|cases| cases.parse().ok()).unwrap_or(200)
}

#[test]
fn what_the_loss_of_each_component_of_a_random_system_does_is_what_was_said() {
    let mut wrong = Vec::new();
    for (seed, plan) in Draw::plans(1, cases()) {
        let found = disagreements(&Rc::new(plan), seed);
        if !found.is_empty() {
            wrong.push(format!("system {seed}:\n  {}", found.join("\n  ")));
        }
    }
    assert!(wrong.is_empty(), "{} systems:\n{}", wrong.len(), wrong.join("\n"));
}
