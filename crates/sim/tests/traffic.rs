//! What clients send and when, and what they do when it fails.

use std::rc::Rc;

use understudy_sim::view::{NodeDetail, Sends};
use understudy_sim::{Command, Outcome, Plan, Sim, SimTime, Totals};

use crate::worlds::{CLASSIC_STACK, THREE_WEB_SERVERS, changed, detail, run_to, scripted, seconds, tells};

const RATE: &str = r#""rate_per_s": 24"#;

/// Three web servers that serve at once, and these clients.
fn world(clients: &str) -> Rc<Plan> {
    let service = (r#"{ "exponential": "120ms" }"#, r#"{ "constant": "1ms" }"#);
    changed(THREE_WEB_SERVERS, &[(RATE, clients), service])
}

/// How many requests are sent in each second.
fn sent_per_second(sim: &mut Sim, until: u64) -> Vec<u64> {
    let mut before = sim.snapshot().totals.sent;
    let mut counts = Vec::new();
    for second in 1..=until {
        run_to(sim, second);
        let sent = sim.snapshot().totals.sent;
        counts.push(sent - before);
        before = sent;
    }
    counts
}

fn sum(counts: &[u64]) -> u64 {
    counts.iter().sum()
}

#[test]
fn a_ramp_and_bursts_do_what_the_scenario_says() {
    let ramp = r#""rate_per_s": 20, "ramp": { "to_per_s": 220, "over": "10s", "then": "repeat" }"#;
    let counts = sent_per_second(&mut scripted(&world(ramp), 1, &[]), 20);
    for run in counts.chunks(10) {
        assert!((1_000..=1_400).contains(&sum(run)), "120 per second on average: {run:?}");
        assert!(sum(&run[8..]) > 4 * sum(&run[..2]), "{run:?}");
    }
    let burst = r#""rate_per_s": 50, "burst": { "every": "10s", "times": 6, "lasts": "2s" }"#;
    let counts = sent_per_second(&mut scripted(&world(burst), 1, &[]), 20);
    for run in counts.chunks(10) {
        assert!((320..=480).contains(&sum(&run[..8])) && (480..=720).contains(&sum(&run[8..])), "{run:?}");
    }
}

#[test]
fn an_overload_takes_effect_at_once_and_ends_by_itself() {
    let plan = world(r#""rate_per_s": 40"#);
    let mut sim = scripted(&plan, 1, &["5s overload Readers 10x 3s"]);
    let counts = sent_per_second(&mut sim, 12);
    assert!(sum(&counts[5..8]) > 5 * sum(&counts[..3]), "{counts:?}");
    assert!(sum(&counts[8..]) < 4 * 70, "{counts:?}");
    assert!(tells(&sim, "Readers send 10 times as much as usual for 3 s"));
    assert!(tells(&sim, "Readers send as much as usual again"));
    sim.check_invariants();
}

#[test]
fn a_new_rate_does_not_wait_for_a_request_that_the_old_one_had_far_away() {
    let plan = world(r#""rate_per_s": 0.001"#);
    let mut sim = scripted(&plan, 1, &["1s rate Readers 100"]);
    run_to(&mut sim, 11);
    assert!((850..=1_150).contains(&sim.snapshot().totals.sent), "{:?}", sim.snapshot().totals);
}

#[test]
fn users_wait_for_their_answers_and_think() {
    let plan = world(r#""users": 30, "think_time": { "exponential": "1s" }"#);
    let mut sim = scripted(&plan, 1, &["31s hang lb-1"]);
    let counts = sent_per_second(&mut sim, 30);
    // A round takes 1 s of thought and 161 ms on the way: 30 users send 25.8 in a second.
    assert!((680..=880).contains(&sum(&counts)), "{counts:?}");
    let NodeDetail::Clients { sends: Sends::Users(30), .. } = detail(&sim, "Readers") else {
        panic!("it shows its users: {:?}", detail(&sim, "Readers"))
    };
    run_to(&mut sim, 38);
    let totals = sim.snapshot().totals;
    assert_eq!(totals.in_flight(), 30, "with the balancer frozen every user waits, and none sends");
    sim.check_invariants();
}

#[test]
fn an_overload_brings_users_and_takes_them_away_again() {
    let plan = world(r#""users": 10, "think_time": { "constant": "500ms" }"#);
    let mut sim = scripted(&plan, 1, &["10s overload Readers 4x 10s"]);
    let counts = sent_per_second(&mut sim, 40);
    let (before, during, after) = (sum(&counts[2..9]), sum(&counts[12..19]), sum(&counts[23..30]));
    assert!(during > 3 * before && after < before + before / 4, "{counts:?}");
    let refused = Command::parse("rate Readers 5", &plan).expect("the words are right");
    let message = sim.command(refused).expect_err("users have no rate").to_string();
    assert!(message.contains("10 users, who send when they have thought"), "{message}");
}

fn retrying(budget: &str, jitter: &str) -> String {
    format!(
        r#"{RATE}, "retries": {{ "attempts": 3, "budget": {budget}, "backoff": {{ "base": "100ms", "max": "1s", "jitter": "{jitter}" }} }}"#
    )
}

fn with_a_dead_balancer(clients: &str) -> Totals {
    let mut sim = scripted(&world(clients), 1, &["10s kill lb-1", "40s revive lb-1"]);
    run_to(&mut sim, 38);
    sim.check_invariants();
    run_to(&mut sim, 60);
    sim.check_invariants();
    sim.snapshot().totals
}

#[test]
fn retries_are_no_more_than_the_budget_and_a_request_ends_once() {
    let without = with_a_dead_balancer(RATE);
    assert_eq!(without.retries, 0);
    for jitter in ["full", "equal", "none"] {
        let all = with_a_dead_balancer(&retrying("1", jitter));
        assert_eq!(all.sent, without.sent, "a retry is no new request");
        let refused = all.of(Outcome::Refused);
        assert!(all.retries > refused && all.retries < 2 * refused, "one each and the full bucket: {all:?}");
        let fifth = with_a_dead_balancer(&retrying("0.2", jitter));
        let refused = fifth.of(Outcome::Refused);
        assert!((refused / 6 + 90..=refused / 4 + 100).contains(&fifth.retries), "{fifth:?}");
        assert_eq!(fifth.attempts(), fifth.sent + fifth.retries);
    }
}

#[test]
fn a_short_failure_is_not_seen_by_clients_that_try_again() {
    let commands = ["10s kill lb-1", "10.15s revive lb-1"];
    let failed = |clients: &str| {
        let mut sim = scripted(&world(clients), 3, &commands);
        run_to(&mut sim, 20);
        (sim.snapshot().totals.failed(), tells(&sim, "that had failed"))
    };
    let (without, _) = failed(RATE);
    let (with, told) = failed(&retrying("1", "none"));
    assert!(without > 1, "{without}");
    assert!(with == 0 && told, "{with} of {without} failed after all");
}

#[test]
fn a_request_that_is_tried_again_after_a_timeout_still_ends_once() {
    let retries = r#""timeout": "5s", "retries": { "attempts": 4, "budget": 1 }"#;
    let plan = changed(CLASSIC_STACK, &[(r#""timeout": "5s""#, retries)]);
    let mut sim = scripted(&plan, 2, &["5s hang firewall", "12s revive firewall"]);
    for second in 1..40 {
        run_to(&mut sim, second);
        sim.check_invariants();
    }
    let totals = sim.snapshot().totals;
    assert!(totals.retries > 200 && totals.of(Outcome::TimedOut) > 100, "{totals:?}");
}

#[test]
fn what_makes_no_sense_is_refused_with_a_remedy() {
    for (clients, problem) in [
        (r#""users": 3"#, "think"),
        (r#""writes": 0"#, "nothing says how much they send"),
        (r#""rate_per_s": 1, "users": 3"#, "there is a rate too"),
        (r#""rate_per_s": 1, "think_time": { "constant": "1s" }"#, "only users think"),
        (r#""users": 3, "think_time": { "constant": "0s" }"#, "without end"),
        (r#""rate_per_s": 1, "burst": { "every": "1s", "times": 2, "lasts": "2s" }"#, "less than"),
        (r#""rate_per_s": 1, "ramp": { "to_per_s": 0, "over": "2s" }"#, "out of range"),
        (r#""rate_per_s": 1, "retries": { "attempts": 0 }"#, "1 (no retries) to 100"),
        (r#""rate_per_s": 1, "retries": { "budget": 2 }"#, "from 0 to 1"),
    ] {
        let text = THREE_WEB_SERVERS.replace(RATE, clients);
        let message = understudy_sim::Scenario::read("mine.json", &text).expect_err(clients).to_string();
        assert!(message.contains(problem) && message.contains("nodes[0]."), "{clients}: {message}");
    }
}

#[test]
fn what_is_asked_is_what_clients_send() {
    let plan = changed(CLASSIC_STACK, &[]);
    let mut sim = scripted(&plan, 1, &["10s writes Readers 0.6"]);
    run_to(&mut sim, 10);
    let before = sim.snapshot().totals.acknowledged_writes;
    run_to(&mut sim, 20);
    let after = sim.snapshot().totals.acknowledged_writes - before;
    assert!((150..=230).contains(&before) && (600..=820).contains(&after), "{before}, {after}");
    assert!(tells(&sim, "60 % of the requests of Readers now write"));
    let text = Command::parse("writes Readers 0.9", &plan).expect("the words are right");
    let message = sim.command(text).expect_err("with the static files that is too much").to_string();
    assert!(message.contains("more than all requests"), "{message}");
    assert_eq!(sim.now(), seconds(20));
    assert!(sim.now() < SimTime::from_secs(21));
}
