//! What a scenario or a command gets wrong is said in words: what, where, and what would be right.

use understudy_sim::{Command, Scenario, TimedCommand};

use crate::worlds::{THREE_WEB_SERVERS, three_web_servers};

/// The message for the shipped scenario with one piece of its text exchanged.
fn message(from: &str, to: &str) -> String {
    assert!(THREE_WEB_SERVERS.contains(from), "the scenario has no {from}");
    let text = THREE_WEB_SERVERS.replacen(from, to, 1);
    Scenario::read("mine.json", &text).expect_err("the change breaks it").to_string()
}

#[test]
fn every_mistake_names_the_file_the_place_and_the_remedy() {
    for (from, to, place, problem) in [
        (r#""workers": 2"#, r#""workers": 0"#, "nodes[2].workers", "write 1 to 100000"),
        (r#""links": ["#, r#""links": [,"#, "line ", "expected value"),
        (
            r#""workers": 2"#,
            r#""wrokers": 2"#,
            "nodes[2]",
            "\"workers\" is missing; given are kind, name, wrokers",
        ),
        (
            r#""workers": 2"#,
            r#""workers": 2, "wight": 3"#,
            "nodes[2].wight",
            "the fields are kind, name, in, mtbf, mttr, workers",
        ),
        (r#""name": "web-2""#, r#""name": "web-1""#, "nodes[3].name", "taken by nodes[2]"),
        (r#""name": "web-2""#, r#""name": "web 2""#, "nodes[3].name", "no spaces"),
        (
            r#""kind": "web-server""#,
            r#""kind": "webserver""#,
            "nodes[2].kind",
            "\"webserver\" is not known here; write one of \"clients\"",
        ),
        (r#""interval": "2s""#, r#""interval": "2""#, "nodes[1].health_check.interval", "has no unit"),
        (r#""interval": "2s""#, r#""interval": "0s""#, "nodes[1].health_check.interval", "without end"),
        (r#""fall": 3"#, r#""fall": 0"#, "nodes[1].health_check.fall", "write 1 to 100"),
        (r#""rate_per_s": 24"#, r#""rate_per_s": -1"#, "nodes[0].rate_per_s", "out of range"),
        (
            r#""to": "web-3""#,
            r#""to": "web-4""#,
            "links[3].to",
            "the nodes are Readers, lb-1, web-1, web-2, web-3",
        ),
        (r#""to": "web-3""#, r#""to": "web-2""#, "links[3]", "linked by links[2] already"),
        (r#""from": "Readers""#, r#""from": "web-1""#, "links[1]", "linked by links[0] already"),
        (r#""to": "lb-1""#, r#""to": "Readers""#, "links[0]", "it may be linked to a firewall"),
        (r#""latency": "60ms""#, r#""latency": "2h""#, "links[0].latency", "more than an hour"),
        (
            r#"{ "exponential": "120ms" }"#,
            r#"{ "exponential": "48h" }"#,
            "nodes[2].service_time",
            "more than a day",
        ),
        (
            r#"{ "exponential": "120ms" }"#,
            r#"{ "uniform": { "min": "2ms", "max": "1ms" } }"#,
            "nodes[2].service_time",
            "swap them",
        ),
        (r#""title": "One load balancer, three web servers","#, "", "the whole file", "\"title\" is missing"),
    ] {
        let message = message(from, to);
        assert!(message.starts_with("mine.json, "), "{message}");
        assert!(message.contains(place), "{message} should name {place}");
        assert!(message.contains(problem), "{message} should say {problem}");
    }
}

#[test]
fn a_scenario_without_clients_or_without_a_way_to_a_server_is_refused() {
    let read = |text| Scenario::read("mine.json", text).expect_err("it makes no sense").to_string();
    assert!(read(r#"{"title":"Empty","nodes":[],"links":[]}"#).contains("nobody sends requests"));
    let alone =
        r#"{"title":"Alone","nodes":[{"kind":"clients","name":"Readers","rate_per_s":1}],"links":[]}"#;
    assert!(read(alone).contains("no path leads from Readers to a web server"));
    assert!(read("").contains("line 1, column 0"));
    assert!(read(&" ".repeat(1_000_001)).contains("at most 1000000 are read"));
}

#[test]
fn a_command_that_makes_no_sense_says_what_would() {
    let plan = three_web_servers();
    for (text, problem) in [
        ("12.4s kill web-9", "there is no node \"web-9\"; the nodes are Readers, lb-1"),
        ("12.4s explode web-1", "is not a command; write \"kill NODE\""),
        ("kill web-1", "is not a duration"),
        ("12.4s", "needs a time and a command"),
        ("5 kill web-1", "it has no unit"),
        ("5s retry lb-1 maybe", "neither \"on\" nor \"off\""),
        ("5s cut web-1 web-2", "web-1 has no link with web-2; it has with lb-1"),
        ("5s slow web-1 5", "write \"5x\""),
        ("5s slow web-1", "write \"slow NODE 5x\""),
        ("5s rate Readers -3", "out of range"),
        ("5s reads web-1 any", "write one of primary, replicas, all, read-your-writes"),
    ] {
        let message = TimedCommand::parse(text, &plan).expect_err(text).to_string();
        assert!(message.contains(problem), "{text}: {message}");
    }
}

#[test]
fn a_command_for_the_wrong_kind_of_node_changes_nothing() {
    let plan = three_web_servers();
    let mut sim = understudy_sim::Sim::new(plan.clone(), 1);
    let before = sim.trace_hash();
    for text in [
        "kill Readers",
        "revive Readers",
        "hang Readers",
        "retry web-1 on",
        "rate web-1 9",
        "slow lb-1 5x",
        "failover lb-1",
    ] {
        let command = Command::parse(text, &plan).expect("the words are right");
        let message = sim.command(command).expect_err(text).to_string();
        assert!(message.contains("name a ") || message.contains("name clients"), "{message}");
    }
    assert_eq!(sim.trace_hash(), before);
}
