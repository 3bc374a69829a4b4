//! The plain case as a scenario: Poisson clients, round robin, servers with one worker each, exponential delays of links.

use std::rc::Rc;

use understudy_sim::scenario::{Link, Node};
use understudy_sim::{Plan, Scenario, Sim};

use super::baseline::Plain;

/// The three sizes and their names.
pub(crate) const CASES: [(&str, Plain); 3] = [
    // Two servers, busy for 70 % of their time.
    (
        "small",
        Plain {
            servers: 2,
            rate_per_s: 140.0,
            service_ns: 10e6,
            front_ns: 20e6,
            back_ns: 1e6,
            queue_limit: 1_000_000,
        },
    ),
    // A thousand, as busy.
    (
        "wide",
        Plain {
            servers: 1_000,
            rate_per_s: 70_000.0,
            service_ns: 10e6,
            front_ns: 20e6,
            back_ns: 1e6,
            queue_limit: 1_000_000,
        },
    ),
    // Twice as much as two servers can do: the queues are always full.
    (
        "deep",
        Plain {
            servers: 2,
            rate_per_s: 400.0,
            service_ns: 10e6,
            front_ns: 20e6,
            back_ns: 1e6,
            queue_limit: 10_000,
        },
    ),
];

/// The case as a plan: health checks on, as any balancer has them.
pub(crate) fn plan(case: Plain) -> Rc<Plan> {
    let Plain { servers, rate_per_s, service_ns, front_ns, back_ns, queue_limit } = case;
    let text = format!(
        r#"{{"title":"Plain","nodes":[
            {{"kind":"clients","name":"clients","rate_per_s":{rate_per_s},"timeout":"10h","keys":1}},
            {{"kind":"load-balancer","name":"lb-1","timeout":"10h"}},
            {{"kind":"web-server","name":"web-1","workers":1,"queue_limit":{queue_limit},
              "service_time":{{"exponential":"{service_ns:.0}ns"}}}}],
            "links":[
            {{"from":"clients","to":"lb-1","latency":"0ms","jitter":{{"exponential":"{front_ns:.0}ns"}}}},
            {{"from":"lb-1","to":"web-1","latency":"0ms","jitter":{{"exponential":"{back_ns:.0}ns"}}}}]}}"#
    );
    let mut scenario = Scenario::parse("plain.json", &text).expect("it is well formed");
    // The other servers are like the first.
    let (node, link) = (scenario.nodes[2].clone(), scenario.links[1].clone());
    for number in 2..=servers {
        let mut another = node.clone();
        if let Node::WebServer(server) = &mut another {
            server.name = format!("web-{number}");
        }
        scenario.links.push(Link { to: another.name().into(), ..link.clone() });
        scenario.nodes.push(another);
    }
    Rc::new(Plan::build(&scenario).expect("it makes sense"))
}

/// Runs a plan until so many requests were sent, and says how many.
pub(crate) fn run(sim: &mut Sim, requests: u64) -> u64 {
    let target = sim.totals().sent + requests;
    while sim.totals().sent < target {
        sim.run_until(understudy_sim::SimTime::MAX, 10_000);
    }
    sim.totals().sent + requests - target
}
