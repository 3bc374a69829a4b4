//! The static answer held against the simulator: each component is removed from a running system, and what clients get
//! once everybody has reacted is what the audit said.

use std::rc::Rc;

use understudy_audit::losses::{Component, Losses};
use understudy_audit::service::Service;
use understudy_audit::system::{Reactions, System};
use understudy_sim::plan::NodeKind;
use understudy_sim::{Plan, Sim, SimDuration, SimTime, Totals};

use crate::worlds;

/// When the component is lost: every address is held and every replica streams by then.
const AT: SimTime = SimTime::from_secs(20);
/// How long what clients get is watched.
const WATCHED: SimDuration = SimDuration::from_secs(60);

/// Every node but the clients, and every link.
pub(crate) fn components(plan: &Plan) -> Vec<Component> {
    let nodes = plan.nodes().filter(|(_, node)| !matches!(node.kind, NodeKind::Clients(_)));
    let nodes = nodes.map(|(id, _)| Component::Node(id));
    nodes.chain(plan.links().map(|(id, _)| Component::Link(id))).collect()
}

/// The answered share of each service in the simulator, once `settles` have passed since the loss.
fn measured(plan: &Rc<Plan>, seed: u64, losses: &[Component], settles: SimDuration) -> [Option<f64>; 3] {
    let mut sim = Sim::new(Rc::clone(plan), seed);
    sim.run_until(AT, u64::MAX);
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
        (answered + failed > 0).then(|| answered as f64 / (answered + failed) as f64)
    })
}

/// What the audit and the simulator disagree on.
pub(crate) fn disagreements(plan: &Rc<Plan>, seed: u64) -> Vec<String> {
    let system = System::new(plan);
    let mut wrong = Vec::new();
    for component in components(plan) {
        let losses = Losses::of(plan, &[component]);
        let said = system.outcome(&losses, Reactions::ALL);
        // Requests that were sent before end when their clients' patience does.
        let settles = system.settles_within(&losses) + SimDuration::from_secs(12);
        let seen = measured(plan, seed, &[component], settles);
        for service in system.services() {
            let (said, seen) = (said.answered(service), seen[service as usize]);
            let seen = seen.unwrap_or_else(|| panic!("somebody asks for {}", service.name()));
            if !agree(said, seen) {
                wrong.push(format!(
                    "{}: {}: said {said:.3}, seen {seen:.3}",
                    component.loss_text(plan),
                    service.name()
                ));
            }
        }
    }
    wrong
}

/// Whether both say that it ends, that it goes on, or how much of it is left.
fn agree(said: f64, seen: f64) -> bool {
    let ends = |share: f64| share < 0.005;
    let goes_on = |share: f64| share > 0.99;
    ends(said) == ends(seen) && goes_on(said) == goes_on(seen) && (said - seen).abs() < 0.15
}

#[test]
fn what_the_loss_of_each_component_of_a_shipped_scenario_does_is_what_was_said() {
    for (name, plan) in worlds::shipped() {
        let wrong = disagreements(&plan, 7);
        assert!(wrong.is_empty(), "{name}:\n{}", wrong.join("\n"));
    }
}
