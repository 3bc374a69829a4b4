//! Each fact, on a run in which it is known what it has to be.

use std::rc::Rc;

use understudy_lessons::{Condition, Fact, Message, Scene};
use understudy_sim::{Outcome, Scenario, Sim, SimDuration, SimTime, TimedCommand};

/// A shipped scenario under some commands, after so many seconds.
fn run(scenario: &str, commands: &[&str], seconds: u64) -> Sim {
    let file = format!("{}/../../scenarios/{scenario}.json", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&file).expect("it is shipped");
    let plan = Rc::new(Scenario::read(&file, &text).expect("a shipped scenario is right"));
    let mut sim = Sim::new(Rc::clone(&plan), 7);
    for command in commands {
        sim.schedule(TimedCommand::parse(command, &plan).expect(command)).expect(command);
    }
    sim.run_until(SimTime::from_secs(seconds), u64::MAX);
    sim
}

fn number(sim: &Sim, fact: &str) -> Option<f64> {
    let snapshot = sim.snapshot();
    Scene::new(sim, &snapshot).number(&Fact::parse(fact, sim.plan()).expect(fact))
}

fn said(sim: &Sim, message: &str) -> String {
    let snapshot = sim.snapshot();
    Message::parse(message, sim.plan()).expect(message).write(&Scene::new(sim, &snapshot))
}

#[track_caller]
fn all_so(sim: &Sim, conditions: &[&str]) {
    let snapshot = sim.snapshot();
    let scene = Scene::new(sim, &snapshot);
    for text in conditions {
        let condition = Condition::parse(text, sim.plan()).expect(text);
        assert!(condition.holds(&scene), "{text}, but it is {:?}", scene.number(&condition.fact));
    }
}

#[test]
#[expect(clippy::float_cmp, clippy::cast_precision_loss, reason = "counts are whole and small")]
fn requests_are_counted_by_kind_and_by_how_they_ended() {
    let sim = run("classic-stack", &["10s kill web-1", "11s kill db-1"], 60);
    let of = |fact: &str| number(&sim, fact).expect(fact);
    for fact in
        ["sent", "answered", "failed", "refused", "timed_out", "queue_full", "rejected", "lost", "in_flight"]
    {
        let kinds = ["reads", "writes", "static"].map(|kind| of(&format!("{fact}@{kind}")));
        assert_eq!(of(fact), kinds.iter().sum::<f64>(), "{fact}");
    }
    let totals = sim.totals();
    assert_eq!(of("rejected"), totals.of(Outcome::Rejected) as f64);
    assert_eq!(of("sent"), of("answered") + of("failed") + of("in_flight"));
    assert_eq!(of("answered_percent"), totals.availability().expect("some ended") * 100.0);
    assert!(of("failed@writes") > 0.0 && of("failed@static") < of("failed@writes"));
    let p99 = sim.metrics().latencies().permille(990).expect("some were answered");
    assert_eq!(of("latency_p99_ms"), p99.as_secs_f64() * 1e3);
    assert!((of("rate_per_s") - 120.0).abs() < 10.0, "{}", of("rate_per_s"));
}

#[test]
#[expect(clippy::float_cmp, reason = "counts are whole and small")]
fn a_window_counts_what_happened_in_it_and_nothing_else() {
    let commands = ["10s kill web-1", "10s kill web-2", "10s kill web-3"];
    let [before, after] = [10, 15].map(|at| run("three-web-servers", &commands, at));
    for fact in ["sent", "answered", "failed", "refused", "rejected"] {
        let in_window = number(&after, &format!("{fact}~5s")).expect(fact);
        let difference = number(&after, fact).expect(fact) - number(&before, fact).expect(fact);
        assert_eq!(in_window, difference, "{fact}");
    }
    all_so(
        &after,
        &["answered_percent~4s = 0", "answered_percent > 50", "sent~4s >= 60", "rate_per_s~4s < 40"],
    );
    assert_eq!(number(&after, "latency_p50_ms~4s"), None, "nothing was answered");
    // A window longer than the run is the whole run.
    assert_eq!(number(&after, "sent~10min"), number(&after, "sent"));
}

#[test]
fn a_window_holds_in_a_long_run_whose_buckets_have_grown() {
    let sim = run("three-web-servers", &["100s kill web-1", "150s revive web-1"], 200);
    let width = sim.metrics().series().width();
    assert!(width > SimDuration::from_millis(500), "they have grown to {width}");
    all_so(
        &sim,
        &["refused~90s = 0", "refused~101s >= 20", "served@web-1~45s > 200", "served@web-1~1s < 40"],
    );
}

#[test]
fn a_nodes_work_is_its_own_share_of_its_tiers() {
    let sim = run("three-web-servers", &["20s kill web-2"], 60);
    let of = |fact: &str| number(&sim, fact).expect(fact);
    let shares = ["web-1", "web-2", "web-3"].map(|node| of(&format!("served_percent@{node}")));
    assert!((shares.iter().sum::<f64>() - 100.0).abs() < 1e-9);
    all_so(
        &sim,
        &[
            "served_percent@web-2~20s = 0",
            "served_percent@web-1~20s > 45",
            "utilisation_percent@web-2~20s = 0",
            "utilisation_percent@web-1~20s > 60",
            "utilisation_percent@web-1~20s <= 100",
            "queue@web-2 = 0",
            "alive@web-2 = 0",
            "alive@lb-1 = 1",
            "believed_up@lb-1>web-2 = 0",
            "believed_up@lb-1>web-1 = 1",
        ],
    );
    // Twelve hundred and more requests, each with 120 ms of work on average for two workers.
    let whole = of("served@web-1") * 0.120 / 2.0 / 60.0 * 100.0;
    assert!((of("utilisation_percent@web-1") - whole).abs() < 5.0, "{whole}");
    assert!(of("sent_to@lb-1>web-2") > of("served@web-2"));
}

#[test]
fn a_fault_is_found_out_and_recovered_from() {
    let sim = run("three-web-servers", &["20s kill web-2"], 22);
    assert_eq!(number(&sim, "detected_after_s@web-2"), None, "not yet");
    assert_eq!(said(&sim, "{detected_after_s@web-2}"), "\u{2013}");
    let sim = run("three-web-servers", &["20s kill web-2", "40s cut lb-1 web-1"], 60);
    all_so(
        &sim,
        &[
            "detected_after_s@web-2 >= 4",
            "detected_after_s@web-2 <= 6.1",
            "recovered_after_s@web-2 > 4",
            "cut@lb-1>web-1 = 1",
            "cut@lb-1>web-3 = 0",
            "detected_after_s@lb-1>web-1 > 0",
        ],
    );
}

#[test]
fn a_virtual_address_has_one_master_none_or_two() {
    let at = |commands: &[&str], seconds| run("two-balancers", commands, seconds);
    let sim = at(&[], 10);
    all_so(&sim, &["masters = 1", "is_master@lb-1 = 1", "is_master@lb-2 = 0"]);
    assert_eq!(said(&sim, "{master}"), "lb-1");
    let sim = at(&["10s kill lb-1"], 11);
    all_so(&sim, &["masters = 0", "is_master@lb-1 = 0"]);
    assert_eq!((number(&sim, "takeover_after_s"), said(&sim, "{master}")), (None, "\u{2013}".into()));
    let sim = at(&["10s kill lb-1"], 20);
    all_so(&sim, &["masters = 1", "is_master@lb-2 = 1", "takeover_after_s > 2.5", "takeover_after_s < 4"]);
    assert_eq!(said(&sim, "{master}"), "lb-2");
    all_so(&at(&["10s cut lb-1 lb-2"], 20), &["masters = 2"]);
}

#[test]
fn a_database_is_primary_or_behind() {
    let at = |commands: &[&str], seconds| run("primary-and-replicas", commands, seconds);
    let sim = at(&["2s delay db-1 db-2 400ms"], 10);
    all_so(
        &sim,
        &[
            "primaries = 1",
            "is_primary@db-1 = 1",
            "is_primary@db-2 = 0",
            "lag_ms@db-2 > 300",
            "stale_reads > 0",
            "stale_reads~1s <= 30",
            "acknowledged_writes > 50",
            "lost_writes = 0",
        ],
    );
    assert_eq!(said(&sim, "{primary}"), "db-1");
    let sim = at(&["10s kill db-1"], 30);
    all_so(
        &sim,
        &["primaries = 1", "is_primary@db-1 = 0", "promotion_after_s > 2", "detected_after_s@db-1 > 1"],
    );
    assert_ne!(said(&sim, "{primary}"), "db-1");
    all_so(&run("two-primaries", &[], 18), &["primaries = 2"]);
}

#[test]
fn an_attacker_gets_answers_until_the_firewall_drops_it() {
    let at = |seconds| run("open-to-the-world", &[], seconds);
    all_so(
        &at(4),
        &["scans_answered = 0", "dropped_by_firewall = 0", "on@firewall = 0", "reached_by_attacker@db-1 = 0"],
    );
    all_so(
        &at(15),
        &[
            "scans_answered > 0",
            "reached_by_attacker@db-1 = 1",
            "stolen_rows > 0",
            "read_in_transit > 0",
            "readable@Readers>firewall = 1",
        ],
    );
    all_so(&at(59), &["on@firewall = 1", "dropped_by_firewall > 0", "readable@Readers>firewall = 0"]);
}

#[test]
fn an_alert_fires_when_somebody_watches() {
    let sim = run("unmonitored", &[], 39);
    all_so(&sim, &["alerts = 0", "on@monitor = 0", "timed_out@reads > 100", "timed_out@writes = 0"]);
    assert_eq!(number(&sim, "alert_after_s"), None);
    all_so(
        &run("unmonitored", &[], 55),
        &["alerts >= 1", "on@monitor = 1", "alert_after_s > 30", "alert_after_s < 45"],
    );
}
