//! The systems that the tests look at.

use std::rc::Rc;

use understudy_sim::{Plan, Scenario};

/// Every scenario that is shipped, by name.
pub(crate) fn shipped() -> Vec<(&'static str, Rc<Plan>)> {
    [
        ("three-web-servers", include_str!("../../../scenarios/three-web-servers.json")),
        ("two-balancers", include_str!("../../../scenarios/two-balancers.json")),
        ("primary-and-replicas", include_str!("../../../scenarios/primary-and-replicas.json")),
        ("two-primaries", include_str!("../../../scenarios/two-primaries.json")),
        ("classic-stack", include_str!("../../../scenarios/classic-stack.json")),
        ("open-to-the-world", include_str!("../../../scenarios/open-to-the-world.json")),
        ("unmonitored", include_str!("../../../scenarios/unmonitored.json")),
    ]
    .map(|(name, text)| (name, Rc::new(calm(name, text))))
    .into()
}

/// The scenario without what happens by itself.
fn calm(name: &str, text: &str) -> Plan {
    let mut scenario = Scenario::parse(name, text).expect("a shipped scenario is right");
    scenario.script.clear();
    Plan::build(&scenario).expect("a shipped scenario is right")
}
