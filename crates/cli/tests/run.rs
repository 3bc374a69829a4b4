//! `understudy run`.

use serde_json::Value;

use crate::program::{project, understudy};

fn three_web_servers() -> String {
    project("scenarios/three-web-servers.json").to_str().expect("text").to_owned()
}

fn json(arguments: &[&str]) -> Value {
    let ended = understudy(arguments);
    assert_eq!((ended.code, ended.err.as_str()), (0, ""), "nothing on standard error when piped");
    serde_json::from_str(&ended.out).expect("JSON")
}

#[test]
fn the_json_balances_and_tells_what_the_command_did() {
    let file = three_web_servers();
    let line = ["run", &file, "--seed", "7", "--until", "60s", "--command", "12.4s kill web-2", "--json"];
    let report = json(&line);
    let requests = report["requests"].as_object().expect("an object");
    let count = |name: &str| requests[name].as_u64().expect("a count");
    let others: u64 = requests.keys().filter(|name| *name != "sent").map(|name| count(name)).sum();
    assert_eq!(count("sent"), others, "{requests:?}");
    for name in ["answered", "refused", "timed_out", "queue_full", "rejected", "lost", "in_flight"] {
        assert!(requests.contains_key(name), "{name} in {requests:?}");
    }
    assert!(count("answered") > 1_000 && count("refused") > 0, "{requests:?}");
    let availability = report["availability"].as_f64().expect("a share");
    assert!(availability > 0.9 && availability < 1.0, "{availability}");
    assert!(report["events"].as_u64().expect("a count") > count("sent") * 5);
    assert_eq!(report["trace_hash"].as_str().map(str::len), Some(16));
    let latency = |name: &str| report["latency_ms"][name].as_f64().expect("a time");
    assert!(
        latency("p50") > 120.0 && latency("p50") < latency("p95"),
        "two ways over each of two links at least"
    );
    assert!(latency("p95") < latency("p99") && latency("p99") <= latency("max"));
    let failover = &report["failovers"][0];
    assert_eq!((&failover["component"], &failover["from"]), (&"lb-1".into(), &"web-2".into()), "{failover}");
    assert_eq!(failover["fault_at_s"], 12.4);
    let detected = failover["detected_after_s"].as_f64().expect("it was detected");
    assert!((2.0..=8.0).contains(&detected), "three checks, two seconds apart: {detected}");
    assert!(failover["recovered_after_s"].as_f64() >= Some(detected));
    let utilisation = report["nodes"]["web-1"]["utilisation"].as_f64().expect("a share");
    assert!((0.2..1.0).contains(&utilisation), "{utilisation}");
    assert_eq!(report["nodes"]["web-2"]["up"], false);
    assert!(report["nodes"]["web-1"]["served"].as_u64() > report["nodes"]["web-2"]["served"].as_u64());
    assert_eq!(report, json(&line), "the same run gives the same report");
}

#[test]
fn the_trace_has_one_line_for_each_event_in_order_of_time() {
    let file = three_web_servers();
    let line = ["run", &file, "--until", "2s", "--command", "1s kill web-2"];
    let trace = understudy(&[&line[..], &["--trace"]].concat());
    let report = json(&[&line[..], &["--json"]].concat());
    let lines: Vec<&str> = trace.out.lines().collect();
    let events = usize::try_from(report["events"].as_u64().expect("a count")).expect("small");
    assert_eq!(lines.len(), events + 1, "every event, and the command");
    let time =
        |line: &str| line.split_whitespace().next().and_then(|at| at.parse::<f64>().ok()).expect("a time");
    assert!(lines.windows(2).all(|pair| time(pair[0]) <= time(pair[1])));
    assert!(lines.contains(&"    1.000000000 command kill web-2"));
}

#[test]
fn without_a_flag_people_get_a_summary() {
    let ended = understudy(&["run", &three_web_servers(), "--until", "20s", "--command", "5s kill web-2"]);
    assert_eq!(ended.code, 0, "{}", ended.err);
    for words in ["requests sent:", "availability ", "web-2", "killed"] {
        assert!(ended.out.contains(words), "{}", ended.out);
    }
}
