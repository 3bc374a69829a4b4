//! Guards: what a firewall lets through and what it drops; what whoever listens can read.

use std::rc::Rc;

use understudy_sim::view::{LinkView, NodeDetail, Overheard};
use understudy_sim::{Outcome, Plan, Scenario, Sim, TimedCommand};

use crate::worlds::{run_to, scripted, tells};

/// Clients, a firewall as a hop, a balancer, a server; an eavesdropper at the door and one inside.
fn plan(firewall: &str, tls: bool) -> Rc<Plan> {
    let text = format!(
        r#"{{"title":"Guards","nodes":[
            {{"kind":"clients","name":"Readers","rate_per_s":20,"writes":0.3,"timeout":"2s"}},
            {{"kind":"firewall","name":"firewall"{firewall}}},
            {{"kind":"load-balancer","name":"lb-1"}},
            {{"kind":"web-server","name":"web-1","workers":8,"queue_limit":50,"service_time":{{"constant":"20ms"}}}},
            {{"kind":"eavesdropper","name":"outside","listens_on":[["firewall","Readers"]]}},
            {{"kind":"eavesdropper","name":"inside","listens_on":[["lb-1","web-1"]]}}
        ],"links":[
            {{"from":"Readers","to":"firewall","latency":"20ms","tls":{tls}}},
            {{"from":"firewall","to":"lb-1","latency":"5ms","tls":{tls}}},
            {{"from":"lb-1","to":"web-1","latency":"1ms"}}
        ]}}"#
    );
    Rc::new(Scenario::read("guards.json", &text).expect("the test's scenario is right"))
}

fn run(plan: &Rc<Plan>, commands: &[&str], until: u64) -> Sim {
    let mut sim = scripted(plan, 1, commands);
    for second in 1..=until {
        run_to(&mut sim, second);
        sim.check_invariants();
    }
    sim
}

fn of(sim: &Sim, outcome: Outcome) -> u64 {
    sim.snapshot().totals.of(outcome)
}

#[test]
fn web_traffic_passes_and_other_ports_are_dropped_in_silence() {
    for tls in [false, true] {
        assert_eq!(run(&plan("", tls), &[], 20).snapshot().totals.failed(), 0);
    }
    let closed = run(&plan(r#","allow":[443]"#, false), &[], 20);
    let snapshot = closed.snapshot();
    assert_eq!(snapshot.totals.of(Outcome::Answered), 0);
    // A drop is silent: each request ends when its client gives up after two seconds, and not before.
    let waiting = snapshot.totals.in_flight();
    assert!((20..=70).contains(&waiting), "{waiting}");
    assert_eq!(snapshot.totals.of(Outcome::Dropped), snapshot.totals.ended());
    assert!(tells(&closed, "firewall dropped"));
    assert!(snapshot.failures.iter().any(|failure| failure.outcome == Outcome::Dropped));
}

#[test]
fn a_firewall_that_is_off_lets_everything_through() {
    let closed = plan(r#","allow":[22]"#, false);
    let sim = run(&closed, &["5s firewall firewall off", "10s firewall firewall on"], 20);
    let answered = of(&sim, Outcome::Answered);
    assert!((80..=120).contains(&answered), "the requests of five seconds: {answered}");
    assert!(of(&sim, Outcome::Dropped) > 200);
}

#[test]
fn https_goes_to_the_other_port() {
    let only_https = plan(r#","allow":[443]"#, false);
    let sim = run(&only_https, &["10s https on"], 20);
    assert!(of(&sim, Outcome::Dropped) > 150 && of(&sim, Outcome::Answered) > 150);
    let only_http = plan(r#","allow":[80]"#, false);
    let sim = run(&only_http, &["10s https on"], 20);
    assert!(of(&sim, Outcome::Dropped) > 100 && of(&sim, Outcome::Answered) > 150);
}

#[test]
fn a_dead_or_frozen_firewall_passes_nothing_and_says_nothing() {
    for end in ["kill", "hang"] {
        let sim = run(&plan("", false), &[&format!("5s {end} firewall"), "15s revive firewall"], 30);
        assert_eq!(
            of(&sim, Outcome::Refused) + of(&sim, Outcome::Lost),
            0,
            "{end}: nobody is there to say so"
        );
        let lost = of(&sim, Outcome::TimedOut);
        assert!((170..=230).contains(&lost), "{end}: the requests of ten seconds, {lost}");
        assert!(sim.snapshot().totals.in_flight() < 10, "{end}");
    }
}

#[test]
fn a_limit_for_each_source_holds_the_greedy_back_and_nobody_else() {
    let text = r#"{"title":"Limit","nodes":[
            {"kind":"clients","name":"Few","rate_per_s":10,"timeout":"1s"},
            {"kind":"clients","name":"Many","rate_per_s":200,"timeout":"1s"},
            {"kind":"firewall","name":"firewall","limit_per_source_per_s":50},
            {"kind":"web-server","name":"web-1","workers":50,"queue_limit":50,"service_time":{"constant":"5ms"}}
        ],"links":[{"from":"Few","to":"firewall","latency":"5ms"},{"from":"Many","to":"firewall","latency":"5ms"},
            {"from":"firewall","to":"web-1","latency":"5ms"}]}"#;
    let plan = Rc::new(Scenario::read("limit.json", text).expect("right"));
    let sim = run(&plan, &[], 20);
    let answered = of(&sim, Outcome::Answered);
    // 10 a second of the few; of the many a full bucket of 50 at the start, then 50 a second.
    assert!((1_150..=1_320).contains(&answered), "{answered}");
    let node = plan.find("firewall").expect("it has one");
    match sim.snapshot().nodes[node.get()].detail {
        NodeDetail::Firewall { on: true, dropped } => {
            assert!((2_700..=3_100).contains(&dropped), "{dropped}");
        }
        ref other => panic!("a firewall: {other:?}"),
    }
}

fn heard(sim: &Sim, name: &str) -> (u64, u64, Vec<Overheard>) {
    let node = sim.plan().find(name).expect("it has one");
    match &sim.snapshot().nodes[node.get()].detail {
        NodeDetail::Eavesdropper { readable, unreadable, overheard } => {
            (*readable, *unreadable, overheard.clone())
        }
        other => panic!("an eavesdropper: {other:?}"),
    }
}

#[test]
fn whoever_listens_reads_passwords_until_https_is_on() {
    let sim = run(&plan("", false), &[], 20);
    let (readable, unreadable, overheard) = heard(&sim, "outside");
    let totals = sim.snapshot().totals;
    assert!(readable > totals.sent && unreadable == 0, "requests and answers: {readable}");
    assert!(overheard.len() == 8 && overheard.iter().all(|one| !one.request.is_attack()));
    let sim = run(&plan("", false), &["10s https on"], 20);
    let (_, unreadable, overheard) = heard(&sim, "outside");
    assert!(unreadable > 200);
    assert!(overheard.iter().all(|one| one.at.as_secs_f64() < 10.1), "nothing new was read");
    let (readable, unreadable, overheard) = heard(&sim, "inside");
    assert!(readable > 500 && unreadable == 0, "behind the balancer all is readable still");
    let logins = overheard.iter().filter(|one| one.line.starts_with("POST /login user=reader-"));
    assert!(logins.count() > 0, "{overheard:?}");
}

#[test]
fn the_view_shows_which_links_can_be_read() {
    let plan = plan("", false);
    let links = |commands: &[&str]| -> Vec<LinkView> { run(&plan, commands, 2).snapshot().links };
    let readable = |links: &[LinkView]| links.iter().map(|link| link.readable).collect::<Vec<_>>();
    assert_eq!(readable(&links(&[])), [true, true, true]);
    assert_eq!(readable(&links(&["1s https on"])), [false, false, true], "up to the balancer");
    assert_eq!(readable(&links(&["1s tls web-1 lb-1 on"])), [true, true, false]);
}

#[test]
fn an_eavesdropper_changes_nothing() {
    let with = run(&plan("", false), &[], 20);
    let text = r#"{"title":"Guards","nodes":[
            {"kind":"clients","name":"Readers","rate_per_s":20,"writes":0.3,"timeout":"2s"},
            {"kind":"firewall","name":"firewall"},
            {"kind":"load-balancer","name":"lb-1"},
            {"kind":"web-server","name":"web-1","workers":8,"queue_limit":50,"service_time":{"constant":"20ms"}}
        ],"links":[
            {"from":"Readers","to":"firewall","latency":"20ms"},
            {"from":"firewall","to":"lb-1","latency":"5ms"},
            {"from":"lb-1","to":"web-1","latency":"1ms"}
        ]}"#;
    let without = run(&Rc::new(Scenario::read("alone.json", text).expect("right")), &[], 20);
    assert_eq!(with.trace_hash(), without.trace_hash());
}

#[test]
fn what_a_scenario_gets_wrong_about_guards_is_said() {
    let text = include_str!("../../../scenarios/classic-stack.json");
    for (from, to, place, problem) in [
        (r#""ttl": "20s""#, r#""ttl": "0s""#, "nodes[3].ttl", "before every request"),
        (
            r#""through": "firewall""#,
            r#""through": "lb-1""#,
            "links[42].through",
            "only a firewall can stand",
        ),
        (
            r#""through": "firewall""#,
            r#""through": "wall""#,
            "links[42].through",
            "there is no node \"wall\"",
        ),
        (
            r#"[["Readers", "firewall"]]"#,
            r#"[["Readers", "lb-1"]]"#,
            "nodes[2].listens_on[0]",
            "Readers and lb-1 have no link",
        ),
        (r#""interval": "5s" }"#, r#""interval": "1s" }"#, "timeout", "the next one comes after 1 s"),
        (
            r#""name": "firewall" }"#,
            r#""name": "firewall", "limit_per_source_per_s": 0 }"#,
            "nodes[4].limit_per_source_per_s",
            "out of range",
        ),
        (
            r#"{ "from": "attacker", "to": "firewall", "latency": "40ms" },"#,
            "",
            "nodes[1].behaviour",
            "it reaches no entry",
        ),
        (r#""to": "dns""#, r#""to": "monitor""#, "links[30]", "it may be linked to a firewall"),
    ] {
        let with_flood =
            text.replacen(r#""name": "attacker""#, r#""name": "attacker", "behaviour": "flood""#, 1);
        assert!(with_flood.contains(from), "the scenario has no {from}");
        let message =
            Scenario::read("mine.json", &with_flood.replacen(from, to, 1)).expect_err(to).to_string();
        assert!(message.contains(place) && message.contains(problem), "{message}");
    }
}

#[test]
fn new_commands_are_written_as_they_are_read_and_refused_where_they_make_no_sense() {
    let text = include_str!("../../../scenarios/classic-stack.json");
    let plan = Rc::new(Scenario::read("classic-stack.json", text).expect("a shipped scenario is right"));
    for command in [
        "1s firewall firewall off",
        "1s record dns firewall off",
        "1s tls lb-1 web-2 on",
        "1s https off",
        "1s attack attacker scan",
        "1s attack attacker flood",
        "1s attack attacker inject",
        "1s attack attacker stop",
        "1s monitoring monitor off",
    ] {
        let timed = TimedCommand::parse(command, &plan).expect(command);
        assert_eq!(timed.write(&plan), command);
        Sim::new(Rc::clone(&plan), 1).command(timed.command).expect(command);
    }
    for (command, problem) in [
        ("firewall lb-1 on", "filters nothing; name a firewall"),
        ("record dns web-1 on", "gives out the addresses of firewall"),
        ("record lb-1 web-1 on", "name a DNS server"),
        ("attack dns scan", "attacks nobody"),
        ("attack attacker charm", "write one of stop, scan, flood, inject"),
        ("monitoring lb-1 on", "watches nothing"),
        ("kill attacker", "machines of its own"),
        ("hang eavesdropper", "machines of its own"),
        ("https maybe", "neither \"on\" nor \"off\""),
    ] {
        let refused = understudy_sim::Command::parse(command, &plan)
            .and_then(|command| Sim::new(Rc::clone(&plan), 1).command(command).map(|_| ()));
        let message = refused.expect_err(command).to_string();
        assert!(message.contains(problem), "{command}: {message}");
    }
}
