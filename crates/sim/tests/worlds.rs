//! Worlds for the tests.

use std::fmt::Write;
use std::rc::Rc;

use understudy_sim::{Plan, Scenario, Sim, SimTime, TimedCommand, story};

pub(crate) const THREE_WEB_SERVERS: &str = include_str!("../../../scenarios/three-web-servers.json");

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

/// A run with commands on its agenda.
pub(crate) fn scheduled(plan: &Rc<Plan>, seed: u64, commands: &[&str]) -> Sim {
    let mut sim = Sim::new(Rc::clone(plan), seed);
    for command in commands {
        let timed = TimedCommand::parse(command, plan).expect("the test's commands are right");
        sim.schedule(timed).expect("the test's commands make sense");
    }
    sim
}

/// Whether the log says so.
pub(crate) fn tells(sim: &Sim, part: &str) -> bool {
    sim.log().entries().any(|entry| story::sentence(&entry.fact, sim.plan()).contains(part))
}
