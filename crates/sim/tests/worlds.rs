//! Worlds for the tests.

use std::fmt::Write;
use std::rc::Rc;

use understudy_sim::view::{NodeDetail, Truth};
use understudy_sim::{Plan, Scenario, Sim, SimTime, TimedCommand, story};

pub(crate) const THREE_WEB_SERVERS: &str = include_str!("../../../scenarios/three-web-servers.json");

/// Every scenario that comes with the page: its name and text.
pub(crate) const SHIPPED: [(&str, &str); 7] = [
    ("three-web-servers", THREE_WEB_SERVERS),
    ("two-balancers", include_str!("../../../scenarios/two-balancers.json")),
    ("primary-and-replicas", include_str!("../../../scenarios/primary-and-replicas.json")),
    ("two-primaries", include_str!("../../../scenarios/two-primaries.json")),
    ("classic-stack", CLASSIC_STACK),
    ("open-to-the-world", include_str!("../../../scenarios/open-to-the-world.json")),
    ("unmonitored", include_str!("../../../scenarios/unmonitored.json")),
];

pub(crate) const CLASSIC_STACK: &str = include_str!("../../../scenarios/classic-stack.json");

/// A plan of a scenario's text with some pieces exchanged.
pub(crate) fn changed(text: &str, changes: &[(&str, &str)]) -> Rc<Plan> {
    let mut text = String::from(text);
    for (from, to) in changes {
        assert!(text.contains(from), "the scenario has no {from}");
        text = text.replace(from, to);
    }
    Rc::new(Scenario::read("changed.json", &text).expect("the test's scenario is right"))
}

/// A run of a plan with commands on its agenda.
pub(crate) fn scripted(plan: &Rc<Plan>, seed: u64, commands: &[&str]) -> Sim {
    let mut sim = Sim::new(Rc::clone(plan), seed);
    for text in commands {
        let timed = TimedCommand::parse(text, plan).expect("the test's commands are right");
        sim.schedule(timed).expect("the test's commands are sensible");
    }
    sim
}

/// Whether the log tells a sentence with this in it.
pub(crate) fn tells(sim: &Sim, part: &str) -> bool {
    sim.log().entries().any(|entry| story::sentence(&entry.fact, sim.plan()).contains(part))
}

/// What is special about the node of this name.
pub(crate) fn detail(sim: &Sim, name: &str) -> NodeDetail {
    let node = sim.plan().find(name).expect("the scenario has it");
    sim.snapshot().nodes[node.get()].detail.clone()
}

/// Whether the node of this name runs.
pub(crate) fn truth(sim: &Sim, name: &str) -> Truth {
    let node = sim.plan().find(name).expect("the scenario has it");
    sim.snapshot().nodes[node.get()].truth
}

pub(crate) fn three_web_servers() -> Rc<Plan> {
    Rc::new(Scenario::read("three-web-servers.json", THREE_WEB_SERVERS).expect("a shipped scenario is right"))
}

/// A pool of `servers` behind one balancer with the given traffic and settings.
pub(crate) fn pool(servers: usize, rate_per_s: f64, balancer: &str, server: &str) -> Rc<Plan> {
    let (mut nodes, mut links) = (String::new(), String::new());
    for number in 1..=servers {
        let written = write!(nodes, r#",{{"kind":"web-server","name":"web-{number}",{server}}}"#)
            .and(write!(links, r#",{{"from":"lb-1","to":"web-{number}","latency":"1ms"}}"#));
        written.expect("a string takes any text");
    }
    let text = format!(
        r#"{{"title":"A pool","nodes":[
            {{"kind":"clients","name":"Readers","rate_per_s":{rate_per_s}}},
            {{"kind":"load-balancer","name":"lb-1",{balancer}}}{nodes}],
            "links":[{{"from":"Readers","to":"lb-1","latency":"10ms"}}{links}]}}"#
    );
    Rc::new(Scenario::read("pool.json", &text).expect("the test's scenario is right"))
}

pub(crate) fn seconds(seconds: u64) -> SimTime {
    SimTime::from_secs(seconds)
}

/// Runs to an instant with no limit on events.
pub(crate) fn run_to(sim: &mut Sim, at: u64) {
    sim.run_until(seconds(at), u64::MAX);
}
