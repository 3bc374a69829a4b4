//! Availability: the formulas of reliability theory, and the simulator in the long run.

use std::fmt::Write;
use std::rc::Rc;

use understudy_audit::availability::{Availability, Effort, Method};
use understudy_audit::dependability::{self, MeanTimes};
use understudy_audit::service::Service;
use understudy_audit::system::System;
use understudy_sim::plan::NodeKind;
use understudy_sim::rng::Rng;
use understudy_sim::{Command, Plan, Scenario, Sim, SimTime, TimedCommand};

/// Never down, or as good as: so that it is left out of a formula.
const PERFECT: &str = r#""mtbf":"5000000h","mttr":"1ns""#;
/// Up nine tenths of the time.
const NINE_TENTHS: &str = r#""mtbf":"90h","mttr":"10h""#;
/// A check that finds out at once: nothing is lost in takeovers.
const AT_ONCE: &str = r#""retry":true,"health_check":{"interval":"1ms","fall":1}"#;
const WORKS: &str = r#""workers":100,"queue_limit":100,"service_time":{"constant":"1ms"}"#;

/// How many runs, and the two-sided 99 % quantile of Student's distribution for one less.
const RUNS: u64 = 30;
const STUDENT_99: f64 = 2.756;

fn build(nodes: &[String], links: &[(&str, &str)]) -> Plan {
    let mut text = String::new();
    for (from, to) in links {
        let comma = if text.is_empty() { "" } else { "," };
        write!(text, r#"{comma}{{"from":"{from}","to":"{to}","latency":"1ms"}}"#)
            .expect("a string takes any text");
    }
    let text = format!(r#"{{"title":"A system","nodes":[{}],"links":[{text}]}}"#, nodes.join(","));
    Scenario::read("test", &text).expect("the test's scenario is right")
}

fn node(kind: &str, name: &str, rest: &str) -> String {
    format!(r#"{{"kind":"{kind}","name":"{name}",{rest}}}"#)
}

fn clients() -> String {
    node("clients", "Readers", r#""rate_per_s":1"#)
}

fn server(kind: &str, name: &str) -> String {
    node(kind, name, &format!("{WORKS},{NINE_TENTHS}"))
}

fn reads(plan: &Plan, effort: Effort) -> Availability {
    let system = System::new(plan);
    let found = system.availability(&system.weaknesses(), effort);
    found.into_iter().find(|(service, _)| *service == Service::Reads).expect("they read").1
}

#[track_caller]
fn assert_is(plan: &Plan, expected: f64) {
    let found = reads(plan, Effort::default());
    // Takeovers are not in the formulas.
    let states = found.estimate + found.takeovers;
    assert!((states - expected).abs() < 1e-9, "{states} is not {expected}");
    assert_eq!(found.method, Method::Exact);
}

#[test]
fn in_series_availabilities_multiply() {
    let plan = build(
        &[
            clients(),
            node("firewall", "firewall", NINE_TENTHS),
            node("load-balancer", "lb-1", &format!("{AT_ONCE},{NINE_TENTHS}")),
            server("web-server", "web-1"),
        ],
        &[("Readers", "firewall"), ("firewall", "lb-1"), ("lb-1", "web-1")],
    );
    assert_is(&plan, 0.9 * 0.9 * 0.9);
}

#[test]
fn in_parallel_unavailabilities_multiply() {
    let plan = build(
        &[
            clients(),
            node("load-balancer", "lb-1", &format!("{AT_ONCE},{PERFECT}")),
            server("web-server", "web-1"),
            server("web-server", "web-2"),
            server("web-server", "web-3"),
        ],
        &[("Readers", "lb-1"), ("lb-1", "web-1"), ("lb-1", "web-2"), ("lb-1", "web-3")],
    );
    assert_is(&plan, 1.0 - 0.1 * 0.1 * 0.1);
}

#[test]
fn a_write_that_needs_two_of_two_replicas_is_as_available_as_all_three() {
    let database = |name: &str, role: &str| {
        node(
            "database",
            name,
            &format!(
                r#""role":"{role}","workers":9,"queue_limit":9,"read_time":{{"constant":"1ms"}},
                "write_time":{{"constant":"1ms"}},"sync_replicas":1,{NINE_TENTHS}"#
            ),
        )
    };
    let plan = build(
        &[
            node("clients", "Writers", r#""rate_per_s":1,"writes":1"#),
            node("application-server", "app-1", &format!("{WORKS},{PERFECT}")),
            database("db-1", "primary"),
            database("db-2", "replica"),
            database("db-3", "replica"),
            database("db-4", "replica"),
        ],
        &[("Writers", "app-1"), ("app-1", "db-1"), ("db-1", "db-2"), ("db-1", "db-3"), ("db-1", "db-4")],
    );
    let system = System::new(&plan);
    let found = system.availability(&system.weaknesses(), Effort::default());
    // Nobody is promoted: the primary, and at least one of three replicas.
    let expected = 0.9 * (1.0 - 0.1 * 0.1 * 0.1);
    assert!((found[0].1.estimate - expected).abs() < 1e-9, "{:?} is not {expected}", found[0]);
}

#[test]
fn at_least_one_of_two_in_each_of_two_tiers_that_are_fully_joined() {
    let plan = build(
        &[
            clients(),
            node("load-balancer", "lb-1", &format!("{AT_ONCE},{PERFECT}")),
            server("web-server", "web-1"),
            server("web-server", "web-2"),
            server("application-server", "app-1"),
            server("application-server", "app-2"),
        ],
        &[
            ("Readers", "lb-1"),
            ("lb-1", "web-1"),
            ("lb-1", "web-2"),
            ("web-1", "app-1"),
            ("web-1", "app-2"),
            ("web-2", "app-1"),
            ("web-2", "app-2"),
        ],
    );
    let found = reads(&plan, Effort::default());
    let expected = 0.99_f64 * 0.99;
    // One of the application servers left alone now and then costs next to nothing at one request a second.
    assert!((found.estimate - expected).abs() < 1e-3, "{found:?} is not {expected}");
}

#[test]
fn the_bridge_with_a_balancer_that_does_not_see_beyond_it() {
    // Two ways, web-1 to app-1 and web-2 to app-2, and a bridge from web-1 to app-2.
    let plan = build(
        &[
            clients(),
            node("load-balancer", "lb-1", &format!("{AT_ONCE},{PERFECT}")),
            server("web-server", "web-1"),
            server("web-server", "web-2"),
            server("application-server", "app-1"),
            server("application-server", "app-2"),
        ],
        &[
            ("Readers", "lb-1"),
            ("lb-1", "web-1"),
            ("lb-1", "web-2"),
            ("web-1", "app-1"),
            ("web-1", "app-2"),
            ("web-2", "app-2"),
        ],
    );
    let (up, down) = (0.9, 0.1);
    let either = 1.0 - down * down;
    // Both web servers up: whole with app-2; with app-1 alone web-2 fails all that it gets, which is half, for its checks
    // pass all the same. web-1 alone needs either application server, web-2 alone needs app-2.
    let expected = up * up * (up + down * up / 2.0) + up * down * either + down * up * up;
    assert_is(&plan, expected);
    // A balancer that saw beyond would have all of the bridge.
    assert!(expected < up * either + down * up * up);
}

#[test]
fn what_is_bounded_or_sampled_contains_what_is_exact() {
    let servers: Vec<String> =
        (1..=10).map(|number| server("web-server", &format!("web-{number}"))).collect();
    let names: Vec<String> = (1..=10).map(|number| format!("web-{number}")).collect();
    let mut nodes =
        vec![clients(), node("load-balancer", "lb-1", &format!(r#""retry":false,{NINE_TENTHS}"#))];
    nodes.extend(servers);
    let mut links = vec![("Readers", "lb-1")];
    links.extend(names.iter().map(|name| ("lb-1", name.as_str())));
    let plan = build(&nodes, &links);
    let exact = reads(&plan, Effort { states: 1 << 12, ..Effort::default() });
    assert_eq!(exact.method, Method::Exact);
    for states in [1, 20, 200, 1_000] {
        let found = reads(&plan, Effort { states, samples: 4_000, seed: 3 });
        assert_eq!(found.method, Method::Sampled);
        let [low, high] = found.bounds;
        assert!(low <= exact.estimate && exact.estimate <= high, "{found:?} misses {}", exact.estimate);
        assert!(high - low < 0.03, "{found:?}");
    }
}

#[test]
fn what_helps_most_is_what_everything_depends_on() {
    let plan = build(
        &[
            clients(),
            node("load-balancer", "lb-1", &format!("{AT_ONCE},{NINE_TENTHS}")),
            server("web-server", "web-1"),
            server("web-server", "web-2"),
        ],
        &[("Readers", "lb-1"), ("lb-1", "web-1"), ("lb-1", "web-2")],
    );
    let found = reads(&plan, Effort::default());
    let gains: Vec<(&str, f64)> =
        found.best_improvements.iter().map(|gain| (gain.name.as_str(), gain.importance)).collect();
    assert_eq!(gains.iter().map(|gain| gain.0).collect::<Vec<_>>(), ["lb-1", "web-1", "web-2"]);
    // Birnbaum: the balancer matters while one of two is up, a server while the balancer is and the other is not.
    assert!((gains[0].1 - 0.99).abs() < 1e-9 && (gains[1].1 - 0.9 * 0.1).abs() < 1e-9, "{gains:?}");
}

/// When one thing is down in a run: exponential, with its mean times.
fn outages(name: &str, times: MeanTimes, seed: u64, until: SimTime) -> Vec<(SimTime, SimTime)> {
    let mut rng = Rng::for_purpose(seed, &format!("failures/{name}"));
    let mut outages = Vec::new();
    let mut up = SimTime::ZERO;
    while up < until {
        let down = up + rng.exponential(times.mtbf);
        up = down + rng.exponential(times.mttr);
        outages.push((down, up));
    }
    outages
}

/// Failures and repairs of every node. It is down while it is itself, or a group is that it stands in.
fn schedule(plan: &Plan, seed: u64, until: SimTime) -> Vec<TimedCommand> {
    let mut commands = Vec::new();
    for (id, node) in plan.nodes().filter(|(_, node)| !matches!(node.kind, NodeKind::Clients(_))) {
        let own = dependability::of(plan, id).expect("a node has mean times");
        let mut all = outages(&node.name, own, seed, until);
        for group in &node.dependability.groups {
            all.extend(outages(group, dependability::of_group(plan, group), seed, until));
        }
        all.sort_unstable();
        let mut merged: Vec<(SimTime, SimTime)> = Vec::new();
        for (down, up) in all {
            match merged.last_mut() {
                Some(last) if down <= last.1 => last.1 = last.1.max(up),
                _ => merged.push((down, up)),
            }
        }
        for (down, up) in merged {
            commands.push(TimedCommand { at: down, command: Command::Kill(id) });
            commands.push(TimedCommand { at: up, command: Command::Revive(id) });
        }
    }
    commands.sort_by_key(|timed| timed.at);
    commands
}

/// Mean and standard error of the answered share of each service, over independent long runs.
#[expect(clippy::cast_precision_loss, reason = "counts far below 2^52")]
fn measured(plan: &Rc<Plan>, runs: u64, length: SimTime) -> [Option<(f64, f64)>; 3] {
    let mut shares = [const { Vec::new() }; 3];
    for seed in 1..=runs {
        let mut sim = Sim::new(Rc::clone(plan), seed);
        for timed in schedule(plan, seed, length) {
            sim.schedule(timed).expect("it can be killed and revived");
        }
        sim.run_until(length, u64::MAX);
        let totals = sim.snapshot().totals;
        for service in Service::ALL {
            let kind = service.request();
            let (answered, failed) = (totals.answered_of(kind) as f64, totals.failed_of(kind) as f64);
            if answered + failed > 0.0 {
                shares[service as usize].push(answered / (answered + failed));
            }
        }
    }
    shares.map(|shares| {
        let count = shares.len() as f64;
        (count > 1.0).then(|| {
            let mean = shares.iter().sum::<f64>() / count;
            let variance =
                shares.iter().map(|share| (share - mean) * (share - mean)).sum::<f64>() / (count - 1.0);
            (mean, (variance / count).sqrt())
        })
    })
}

/// A stack that fails often, so that a run of hours sees hundreds of failures.
fn fragile_stack() -> Rc<Plan> {
    let often = r#""mtbf":"1500s","mttr":"60s""#;
    let balancer = |name: &str, priority: u32| {
        let shared = format!(r#""virtual_ip":{{"address":"203.0.113.1","priority":{priority}}}"#);
        node("load-balancer", name, &format!(r#""retry":true,{shared},{often}"#))
    };
    let server = |kind: &str, name: &str| node(kind, name, &format!(r#"{WORKS},"reads":"primary",{often}"#));
    let database = |name: &str, role: &str| {
        let times = r#""read_time":{"constant":"1ms"},"write_time":{"constant":"2ms"}"#;
        node("database", name, &format!(r#""role":"{role}","workers":20,"queue_limit":50,{times},{often}"#))
    };
    Rc::new(build(
        &[
            node("clients", "Readers", r#""rate_per_s":4,"writes":0.3,"timeout":"3s""#),
            balancer("lb-1", 150),
            balancer("lb-2", 100),
            server("application-server", "app-1"),
            server("application-server", "app-2"),
            database("db-1", "primary"),
        ],
        &[
            ("Readers", "lb-1"),
            ("Readers", "lb-2"),
            ("lb-1", "lb-2"),
            ("lb-1", "app-1"),
            ("lb-1", "app-2"),
            ("lb-2", "app-1"),
            ("lb-2", "app-2"),
            ("app-1", "db-1"),
            ("app-2", "db-1"),
        ],
    ))
}

/// Two servers that share a rack, which fails as often as either.
fn a_rack() -> Plan {
    let server = |name: &str| {
        node("web-server", name, &format!(r#"{WORKS},"in":["rack-1"],"mtbf":"1000s","mttr":"50s""#))
    };
    let nodes = [
        clients(),
        node("load-balancer", "lb-1", r#""mtbf":"3000s","mttr":"30s""#),
        server("web-1"),
        server("web-2"),
    ];
    let text = format!(
        r#"{{"title":"A rack","nodes":[{}],"groups":[{{"name":"rack-1","mtbf":"1000s","mttr":"50s"}}],"links":[
        {{"from":"Readers","to":"lb-1","latency":"1ms"}},{{"from":"lb-1","to":"web-1","latency":"1ms"}},
        {{"from":"lb-1","to":"web-2","latency":"1ms"}}]}}"#,
        nodes.join(",")
    );
    Scenario::read("test", &text).expect("the test's scenario is right")
}

#[test]
fn what_is_shared_fails_with_all_that_stands_in_it() {
    let plan = a_rack();
    let system = System::new(&plan);
    let mut weaknesses = system.weaknesses();
    weaknesses.extend(system.group_weaknesses());
    let found = system.availability(&weaknesses, Effort::default());
    let (balancer, server, rack) = (3_000.0 / 3_030.0, 1_000.0 / 1_050.0, 1_000.0 / 1_050.0);
    let expected = balancer * rack * (1.0 - (1.0 - server) * (1.0 - server));
    let states = found[0].1.estimate + found[0].1.takeovers;
    assert!((states - expected).abs() < 1e-9, "{states} is not {expected}");
    let first = &found[0].1.best_improvements[0];
    assert!(first.is_group && first.name == "rack-1", "{first:?}");
}

#[test]
fn the_simulators_long_run_availability_is_what_was_computed() {
    let pool = build(
        &[
            clients(),
            node("load-balancer", "lb-1", r#""mtbf":"3000s","mttr":"30s""#),
            node("web-server", "web-1", &format!(r#"{WORKS},"mtbf":"1000s","mttr":"50s""#)),
            node("web-server", "web-2", &format!(r#"{WORKS},"mtbf":"1000s","mttr":"50s""#)),
        ],
        &[("Readers", "lb-1"), ("lb-1", "web-1"), ("lb-1", "web-2")],
    );
    for (name, plan) in
        [("a pool", Rc::new(pool)), ("a rack", Rc::new(a_rack())), ("a stack", fragile_stack())]
    {
        let system = System::new(&plan);
        let mut weaknesses = system.weaknesses();
        weaknesses.extend(system.group_weaknesses());
        let computed = system.availability(&weaknesses, Effort::default());
        // Independent runs, each with a seed of its own. The interval holds the true mean in 99 of 100 such tests.
        let seen = measured(&plan, RUNS, SimTime::from_secs(30_000));
        for (service, computed) in computed {
            let (mean, error) = seen[service as usize].expect("somebody asks for it");
            let reach = STUDENT_99 * error;
            let apart = (computed.estimate - mean).abs();
            assert!(
                apart < reach,
                "{name}, {}: {computed:?}, seen {mean} +- {reach} (99 %, {RUNS} runs)",
                service.name()
            );
            assert!(reach < 0.01, "the runs are too short to tell anything: {reach}");
        }
    }
}
