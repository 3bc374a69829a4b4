//! Pairs: those that are found by what is left on every path are all there are.

use std::collections::BTreeSet;

use understudy_audit::losses::{Component, Losses};
use understudy_audit::service::Service;
use understudy_audit::system::{Reactions, System};
use understudy_audit::weakness::components;
use understudy_sim::Plan;

use crate::random::Draw;
use crate::worlds;

/// All pairs, each tried.
fn all_pairs(system: &System<'_>, plan: &Plan) -> BTreeSet<(Service, [Component; 2])> {
    let healthy = system.healthy();
    let ends = |service: Service, lost: &[Component]| {
        healthy.answered(service) > 0.0
            && system.outcome(&Losses::of(plan, lost), Reactions::ALL).answered(service) < 1e-6
    };
    let all = components(plan);
    let mut found = BTreeSet::new();
    for service in system.services() {
        let left: Vec<Component> = all.iter().copied().filter(|&one| !ends(service, &[one])).collect();
        for (index, &one) in left.iter().enumerate() {
            for &other in &left[index + 1..] {
                if ends(service, &[one, other]) {
                    found.insert((service, [one.min(other), one.max(other)]));
                }
            }
        }
    }
    found
}

fn named(plan: &Plan, pairs: &BTreeSet<(Service, [Component; 2])>) -> Vec<String> {
    let name = |(service, pair): &(Service, [Component; 2])| {
        format!("{}: {} + {}", service.name(), pair[0].name(plan), pair[1].name(plan))
    };
    pairs.iter().map(name).collect()
}

#[test]
fn the_pairs_found_are_all_pairs_of_shipped_and_of_random_systems() {
    let shipped = worlds::shipped().into_iter().map(|(name, plan)| (name.to_owned(), (*plan).clone()));
    let random = Draw::plans(1, 60).map(|(seed, plan)| (format!("system {seed}"), plan));
    for (name, plan) in shipped.chain(random) {
        let system = System::new(&plan);
        let found: BTreeSet<_> = system.pairs().into_iter().collect();
        let all = all_pairs(&system, &plan);
        let missed = named(&plan, &all.difference(&found).copied().collect());
        let invented = named(&plan, &found.difference(&all).copied().collect());
        assert!(
            missed.is_empty() && invented.is_empty(),
            "{name}: missed {missed:#?}, invented {invented:#?}"
        );
    }
}
