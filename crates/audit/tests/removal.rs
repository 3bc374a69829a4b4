//! The static answer held against the simulator: each component, and what shares a fate, is removed from a running
//! system, and what clients get once everybody has reacted is what the audit said.
//!
//! **What counts as stopped.** In the audit: the answered share is nought. In the simulator: of the requests that are
//! sent once everybody has reacted and whoever had asked before has given up, not one is answered. So many are watched
//! that if the audit's share were right and not nought, none at all would be answered once in e^20 times. On this the two
//! must agree in every case: there is no tolerance.
//!
//! **How much is left** where it does not stop is an estimate: servers that are left alone for a while after a failure,
//! and full queues, are in the audit as averages. There what is asked is that estimates are right as a whole: most of
//! them within the noise of the count, and without a bias.

use std::rc::Rc;

use understudy_audit::interruption;
use understudy_audit::losses::{Component, Losses};
use understudy_audit::service::Service;
use understudy_audit::system::{Reactions, System};
use understudy_audit::weakness::components;
use understudy_core::balancer::Algorithm;
use understudy_sim::plan::NodeKind;
use understudy_sim::rng::Rng;
use understudy_sim::{Plan, Sim, SimDuration, SimTime, Totals};

use crate::random::Draw;
use crate::worlds;

/// When the component is lost: every address is held and every replica streams by then.
const AT: SimTime = SimTime::from_secs(20);
/// How long what clients get is watched at least, and at most.
const WATCHED: [SimDuration; 2] = [SimDuration::from_secs(60), SimDuration::from_secs(3_600)];
/// Of the share that the audit names, so many requests would be answered while it is watched.
const EXPECTED: f64 = 20.0;

/// Requests of one service that ended.
#[derive(Clone, Copy)]
struct Seen {
    answered: u64,
    ended: u64,
}

impl Seen {
    fn stopped(self) -> bool {
        self.answered == 0
    }

    #[expect(clippy::cast_precision_loss, reason = "counts far below 2^52")]
    fn share(self) -> f64 {
        self.answered as f64 / self.ended as f64
    }
}

/// What ended in the simulator once `settles` have passed since the loss. `sim` is at [`AT`].
fn measured(mut sim: Sim, losses: &[Component], settles: SimDuration, watched: SimDuration) -> [Seen; 3] {
    for loss in losses {
        sim.command(loss.loss()).expect("it can be lost");
    }
    sim.run_until(AT + settles, u64::MAX);
    let before = sim.snapshot().totals;
    sim.run_until(AT + settles + watched, u64::MAX);
    let after = sim.snapshot().totals;
    Service::ALL.map(|service| {
        let kind = service.request();
        let answered = |totals: &Totals| totals.answered_of(kind);
        let ended = |totals: &Totals| totals.answered_of(kind) + totals.failed_of(kind);
        Seen { answered: answered(&after) - answered(&before), ended: ended(&after) - ended(&before) }
    })
}

/// How long to watch, so that the smallest share that is not nought would show.
fn watch_for(system: &System<'_>, losses: &Losses) -> SimDuration {
    let outcome = system.outcome(losses, Reactions::ALL);
    let [mut watched, most] = WATCHED;
    for service in system.services() {
        let rate: f64 = system.populations().iter().map(|all| all.rates[service as usize]).sum();
        let answered_per_s = rate * outcome.answered(service);
        if outcome.answered(service) > interruption::SAME {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "cut off at an hour")]
            let needed = SimDuration::from_secs((EXPECTED / answered_per_s).min(3_600.0) as u64 + 1);
            watched = watched.max(needed).min(most);
        }
    }
    watched
}

/// What a comparison found.
#[derive(Default)]
struct Compared {
    /// Where one says that it stops and the other does not.
    wrong: Vec<String>,
    /// The seen share less the one that was said, where some are answered and some are not.
    apart: Vec<f64>,
    /// How often it stopped.
    stopped: usize,
    /// How often it went on.
    went_on: usize,
}

impl Compared {
    fn compare(&mut self, name: &str, system: &System<'_>, calm: &Sim, lost: &[Component], adaptive: bool) {
        let plan = system.plan();
        let losses = Losses::of(plan, lost);
        let outcome = system.outcome(&losses, Reactions::ALL);
        // Requests that were sent before end when their clients' patience does.
        let settles = system.settles_within(&losses) + SimDuration::from_secs(12);
        let found = measured(calm.clone(), lost, settles, watch_for(system, &losses));
        for service in system.services() {
            let (said, seen) = (outcome.answered(service), found[service as usize]);
            assert!(seen.ended > 0, "{name}: somebody asks for {}", service.name());
            let stops = said <= interruption::SAME;
            *(if stops { &mut self.stopped } else { &mut self.went_on }) += 1;
            if stops != seen.stopped() {
                let lost: Vec<String> = lost.iter().map(|one| one.loss_text(plan)).collect();
                self.wrong.push(format!(
                    "{name}: {}: {}: said {said:.4}, seen {} of {}",
                    lost.join(", "),
                    service.name(),
                    seen.answered,
                    seen.ended
                ));
            }
            // Balancers that look at how busy their servers are send fewer requests to one that does not answer than
            // their turns would say: the audit does not claim to know how many.
            if !stops && !adaptive {
                self.apart.push(seen.share() - said);
            }
        }
    }

    /// Removes each component, and some of them together as if they shared a rack.
    fn system(&mut self, name: &str, plan: &Rc<Plan>, seed: u64) {
        let system = System::new(plan);
        let mut calm = Sim::new(Rc::clone(plan), seed);
        calm.run_until(AT, u64::MAX);
        let adaptive = is_adaptive(plan);
        let all = components(plan);
        for &component in &all {
            self.compare(name, &system, &calm, &[component], adaptive);
        }
        let nodes: Vec<Component> =
            all.into_iter().filter(|component| matches!(component, Component::Node(_))).collect();
        let mut rng = Rng::for_purpose(seed, "audit/racks");
        for _ in 0..2 {
            let rack: Vec<Component> = nodes.iter().copied().filter(|_| rng.below(4) == 0).collect();
            if rack.len() > 1 {
                self.compare(name, &system, &calm, &rack, adaptive);
            }
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "a few thousand cases")]
    fn assert_agreement(&self) {
        assert!(self.wrong.is_empty(), "{} disagree:\n{}", self.wrong.len(), self.wrong.join("\n"));
        assert!(self.stopped > 5 && self.went_on > 5, "{} stopped, {} went on", self.stopped, self.went_on);
        let count = self.apart.len() as f64;
        let bias = self.apart.iter().sum::<f64>() / count;
        let near = self.apart.iter().filter(|apart| apart.abs() < 0.05).count() as f64 / count;
        assert!(near > 0.95, "only {near} of the shares are about right");
        assert!(bias.abs() < 0.01, "the shares are off by {bias} on average");
    }
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
fn what_ends_a_service_of_a_shipped_scenario_is_what_was_said() {
    let mut compared = Compared::default();
    for (name, plan) in worlds::shipped() {
        compared.system(name, &plan, 7);
    }
    compared.assert_agreement();
}

/// How many random systems are looked at; more by `CASES=1000`.
fn cases() -> usize {
    option_env!("CASES").and_then(|cases| cases.parse().ok()).unwrap_or(200)
}

#[test]
fn what_ends_a_service_of_a_random_system_is_what_was_said() {
    let mut compared = Compared::default();
    for (seed, plan) in Draw::plans(1, cases()) {
        compared.system(&format!("system {seed}"), &Rc::new(plan), seed);
    }
    compared.assert_agreement();
}
