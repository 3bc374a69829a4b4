//! Each mistake is answered with the file, the place and the remedy, and with an exit code that scripts can tell.

use crate::program::{TempFile, project, understudy};

/// Nodes and links that the mistakes are made in.
const NODES: &str = r#"
    { "kind": "clients", "name": "Readers", "rate_per_s": 10 },
    { "kind": "load-balancer", "name": "lb-1" },
    { "kind": "web-server", "name": "web-1", "workers": 2, "queue_limit": 4, "service_time": { "constant": "5ms" } },
    { "kind": "application-server", "name": "app-1", "workers": 2, "queue_limit": 4, "service_time": { "constant": "5ms" } },
    { "kind": "database", "name": "db-1", "role": "primary", "workers": 2, "queue_limit": 4, "read_time": { "constant": "5ms" }, "write_time": { "constant": "5ms" } },
    { "kind": "database", "name": "db-2", "role": "replica", "workers": 2, "queue_limit": 4, "read_time": { "constant": "5ms" }, "write_time": { "constant": "5ms" } }"#;
const LINKS: &str = r#"
    { "from": "Readers", "to": "lb-1", "latency": "10ms" },
    { "from": "lb-1", "to": "web-1", "latency": "1ms" },
    { "from": "web-1", "to": "app-1", "latency": "1ms" },
    { "from": "app-1", "to": "db-1", "latency": "1ms" },
    { "from": "db-1", "to": "db-2", "latency": "1ms" }"#;

fn scenario() -> String {
    format!(r#"{{ "title": "Stack", "nodes": [{NODES}], "links": [{LINKS}] }}"#)
}

#[test]
fn the_scenario_that_the_mistakes_are_made_in_is_right() {
    let file = TempFile::new("right.json", &scenario());
    let ended = understudy(&["run", file.path(), "--until", "1s"]);
    assert_eq!(ended.code, 0, "{}", ended.err);
}

#[test]
fn a_scenario_that_makes_no_sense_is_refused_with_file_place_and_remedy() {
    for (mistake, from, to, place, remedy) in [
        ("node", r#""to": "web-1""#, r#""to": "web-9""#, "links[1].to", "the nodes are Readers, lb-1, web-1"),
        (
            "time",
            r#""latency": "10ms""#,
            r#""latency": "10""#,
            "links[0].latency",
            "like \"1.5s\" or \"200ms\"",
        ),
        (
            "unit",
            r#""latency": "10ms""#,
            r#""latency": "10 parsecs""#,
            "links[0].latency",
            "one of h, min, s, ms, us, ns",
        ),
        (
            "field",
            r#""workers": 2"#,
            r#""worker": 2"#,
            "nodes[2]",
            "the field \"workers\" is missing; given are kind, name, worker",
        ),
        (
            "kind",
            r#""web-server""#,
            r#""router""#,
            "nodes[2].kind",
            "is not known here; write one of \"clients\"",
        ),
        ("number", r#""workers": 2"#, r#""workers": 0"#, "nodes[2].workers", "write 1 to 100000"),
        (
            "no-path",
            r#"{ "from": "lb-1", "to": "web-1", "latency": "1ms" },"#,
            "",
            "nodes[0]",
            "no path leads from Readers to a web server; link it to",
        ),
        (
            "loop",
            r#"{ "from": "db-1", "to": "db-2", "latency": "1ms" }"#,
            r#"{ "from": "app-1", "to": "web-1", "latency": "1ms" }"#,
            "links[4]",
            "linked by links[2] already; remove one of the two",
        ),
        (
            "way-back",
            r#"{ "from": "db-1", "to": "db-2", "latency": "1ms" }"#,
            r#"{ "from": "app-1", "to": "lb-1", "latency": "1ms" }"#,
            "links[4]",
            "app-1 (application server) cannot be linked to lb-1 (load balancer); it may be linked to a database",
        ),
        (
            "itself",
            r#"{ "from": "db-1", "to": "db-2", "latency": "1ms" }"#,
            r#"{ "from": "db-1", "to": "db-1", "latency": "1ms" }"#,
            "links[4]",
            "it may be linked to another database",
        ),
        ("primaries", r#""replica""#, r#""primary""#, "nodes[5].role", "make it a replica"),
        ("no-primary", r#""primary""#, r#""replica""#, "nodes", "give one the role \"primary\""),
        ("name", r#""name": "web-1""#, r#""name": "lb-1""#, "nodes[2].name", "choose another name"),
        ("json", r#""title""#, "title", "line 1, column ", "key must be a string"),
    ] {
        let text = scenario();
        assert!(text.contains(from), "{mistake}: the scenario has no {from}");
        let file = TempFile::new(&format!("{mistake}.json"), &text.replacen(from, to, 1));
        let ended = understudy(&["run", file.path()]);
        assert_eq!((ended.code, ended.out.as_str()), (1, ""), "{mistake}: {}", ended.err);
        let start = format!("understudy: {}, ", file.path());
        assert!(ended.err.starts_with(&start), "{mistake}: {} should name the file", ended.err);
        assert!(ended.err.contains(place), "{mistake}: {} should name {place}", ended.err);
        assert!(ended.err.contains(remedy), "{mistake}: {} should say {remedy}", ended.err);
    }
}

#[test]
fn a_file_that_cannot_be_read_is_named() {
    let missing = understudy(&["run", "no-such-file.json"]);
    assert_eq!(missing.code, 1);
    assert!(missing.err.starts_with("understudy: no-such-file.json cannot be read: "), "{}", missing.err);
    let directory = understudy(&["run", project("scenarios").to_str().expect("text")]);
    assert_eq!(directory.code, 1, "{}", directory.err);
}

#[test]
fn a_command_line_that_makes_no_sense_has_its_own_exit_code() {
    let file = TempFile::new("line.json", &scenario());
    for (arguments, message) in [
        (&["--command", "12.4s kill web-9"][..], "there is no node \"web-9\"; the nodes are Readers, lb-1"),
        (&["--command", "soon kill web-1"], "\"soon\" is not a duration"),
        (&["--command", "5s explode web-1"], "is not a command; write \"kill NODE\""),
        (&["--command", "5s kill Readers"], "stands for many people"),
        (&["--command", "5s cut web-1 db-1"], "web-1 has no link with db-1; it has with lb-1, app-1"),
        (&["--until", "60"], "it has no unit"),
        (&["--until", "forever"], "it does not start with a number"),
        (&["--seed", "x"], "invalid digit"),
        (&["--json", "--trace"], "cannot be used with"),
        (&["--sed", "1"], "--seed"),
    ] {
        let line: Vec<&str> = ["run", file.path()].iter().chain(arguments).copied().collect();
        let ended = understudy(&line);
        assert_eq!((ended.code, ended.out.as_str()), (2, ""), "{arguments:?}: {}", ended.err);
        assert!(ended.err.contains(message), "{arguments:?}: {}", ended.err);
    }
    assert_eq!(understudy(&[]).code, 2);
    assert_eq!(understudy(&["walk"]).code, 2);
}

#[test]
fn help_tells_the_exit_codes() {
    for arguments in [&["--help"][..], &["run", "--help"]] {
        let ended = understudy(arguments);
        assert_eq!(ended.code, 0);
        assert!(ended.out.contains("Exit codes:") && ended.out.contains("2  the command line is wrong"));
    }
}
