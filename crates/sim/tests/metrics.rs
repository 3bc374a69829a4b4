//! What a run measures, against what is known from elsewhere.

use std::rc::Rc;

use understudy_sim::metrics::series::{BUCKETS, FIRST_WIDTH};
use understudy_sim::metrics::{Failover, FailoverKind};
use understudy_sim::timeline::{Subject, compare};
use understudy_sim::{
    Command, Outcome, Plan, Scenario, Sim, SimDuration, SimTime, TimedCommand, Timeline, Totals,
};

use crate::worlds::{pool, run_to, seconds, three_web_servers};

const TWO_BALANCERS: &str = include_str!("../../../scenarios/two-balancers.json");
const DATABASES: &str = include_str!("../../../scenarios/primary-and-replicas.json");

fn run(plan: &Rc<Plan>, commands: &[&str], until: u64) -> Sim {
    let mut sim = Sim::new(Rc::clone(plan), 3);
    for command in commands {
        let timed = TimedCommand::parse(command, plan).expect("the test's commands are right");
        sim.schedule(timed).expect("they make sense");
    }
    run_to(&mut sim, until);
    sim
}

fn only(failovers: &[Failover]) -> Failover {
    let [only] = failovers else { panic!("one failover, not {failovers:?}") };
    *only
}

fn assert_near(found: Option<SimDuration>, low_ms: u64, high_ms: u64) {
    let found = found.expect("it was measured");
    let range = SimDuration::from_millis(low_ms)..=SimDuration::from_millis(high_ms);
    assert!(range.contains(&found), "{found} is not within {low_ms} ms and {high_ms} ms");
}

#[test]
fn the_series_add_up_to_the_totals_however_long_the_run_is() {
    let mut sim = run(&three_web_servers(), &["5s kill web-2", "40s revive web-2"], 0);
    let mut until = 3;
    while until < 4_000 {
        run_to(&mut sim, until);
        let series = sim.metrics().series();
        assert!(series.buckets().len() < BUCKETS);
        let counted: u64 = series.buckets().map(|(_, bucket)| bucket.totals.of(Outcome::Answered)).sum();
        let open = sim.totals().of(Outcome::Answered) - counted;
        let in_buckets: u64 = series.buckets().map(|(_, bucket)| bucket.latency.count).sum();
        assert_eq!(in_buckets, counted, "each answered request has its latency");
        assert_eq!(sim.metrics().latencies().count(), counted + open);
        let (last, _) = series.buckets().last().expect("seconds have passed");
        assert_eq!(last + series.width(), series.open_since());
        assert!(series.open_since() < sim.now() && sim.now() <= series.open_since() + series.width());
        until = until * 3 / 2 + 1;
    }
    let width = sim.metrics().series().width();
    assert!(width > FIRST_WIDTH * 32, "an hour in {BUCKETS} buckets: {width}");
}

#[test]
fn a_single_server_is_as_busy_as_its_load_says_and_waits_as_theory_says() {
    // M/M/1 with 50 arrivals a second and 10 ms of service: busy half of the time, 20 ms in the system on average.
    let plan = pool(
        1,
        50.0,
        r#""timeout":"60s""#,
        r#""workers":1,"queue_limit":9999,"service_time":{"exponential":"10ms"}"#,
    );
    let sim = run(&plan, &[], 2_000);
    let web_1 = plan.find("web-1").expect("it is there");
    let busy = sim.work()[web_1.get()].utilisation(sim.now()).expect("it has a worker");
    assert!((busy - 0.5).abs() < 0.02, "{busy}");
    let buckets: Vec<_> = sim.metrics().series().buckets().collect();
    let sum: u64 = buckets.iter().map(|(_, bucket)| u64::from(bucket.work(web_1).busy_ppm)).sum();
    let mean = sum / buckets.len() as u64;
    assert!(mean.abs_diff(500_000) < 20_000, "{mean} millionths");
    // The links add 11 ms each way.
    let latencies = sim.metrics().latencies();
    assert_near(latencies.mean(), 41, 43);
    // The time in the system is exponential: its median is ln 2 of its mean, its 99th percentile ln 100.
    assert_near(latencies.permille(500), 35, 37);
    assert_near(latencies.permille(990), 106, 122);
}

#[test]
fn a_server_that_died_is_found_out_after_three_checks_and_repaired_when_it_answers_again() {
    let sim = run(&three_web_servers(), &["10s kill web-2", "30s revive web-2"], 60);
    let incidents = sim.metrics().incidents();
    let failover = only(incidents.failovers());
    assert_eq!(failover.kind, FailoverKind::TakenOut);
    assert_eq!((sim.plan().name(failover.component), sim.plan().name(failover.from)), ("lb-1", "web-2"));
    assert_eq!((failover.to, failover.fault_at), (None, Some(seconds(10))));
    // Checks every 2 s, three of them; the others answer a moment later.
    assert_near(failover.detected_after(), 4_000, 6_100);
    assert_near(failover.recovered_after(), 4_000, 6_500);
    let [fault] = incidents.faults() else { panic!("one fault") };
    assert_eq!(fault.subject, Subject::Node(failover.from));
    assert_eq!(fault.repaired_at, Some(seconds(30)));
    assert_eq!(fault.recovered_at, failover.recovered_at, "the others did its work long before");
}

#[test]
fn the_second_balancer_takes_over_after_three_adverts_and_its_skew() {
    let plan = Rc::new(Scenario::read("two-balancers.json", TWO_BALANCERS).expect("it is right"));
    let sim = run(&plan, &["10s kill lb-1"], 30);
    let failover = only(sim.metrics().incidents().failovers());
    assert_eq!(failover.kind, FailoverKind::Takeover);
    assert_eq!((plan.name(failover.from), failover.to.map(|to| plan.name(to))), ("lb-1", Some("lb-2")));
    // The last advert was up to a second old: 2.6 s to 3.6 s for priority 100, and then a request must pass.
    assert_near(failover.detected_after(), 2_600, 3_700);
    assert!(failover.recovered_after() > failover.detected_after());
    assert_near(failover.recovered_after(), 2_600, 4_500);
}

#[test]
fn a_promotion_has_recovered_with_the_first_write_that_the_new_primary_acknowledges() {
    let plan = Rc::new(Scenario::read("primary-and-replicas.json", DATABASES).expect("it is right"));
    let sim = run(&plan, &["10s kill db-1"], 40);
    let failover = only(sim.metrics().incidents().failovers());
    assert_eq!(failover.kind, FailoverKind::Promotion);
    assert_eq!((plan.name(failover.component), plan.name(failover.from)), ("manager", "db-1"));
    assert_eq!(failover.fault_at, Some(seconds(10)));
    // Three checks, one a second; then the replicas report, the fencing device takes half a second.
    assert_near(failover.detected_after(), 2_000, 3_500);
    assert_near(failover.recovered_after(), 2_500, 7_000);
    let acknowledged = sim.metrics().series().buckets().filter(|(start, _)| {
        (seconds(11)..failover.recovered_at.expect("it has")).contains(&(*start + FIRST_WIDTH))
    });
    assert_eq!(acknowledged.map(|(_, bucket)| bucket.totals.acknowledged_writes).sum::<u64>(), 0);
    assert_eq!(sim.metrics().incidents().time_to_recover(), failover.recovered_after());
}

#[test]
fn a_replica_that_is_cut_off_falls_behind_by_what_is_written_meanwhile() {
    let plan = Rc::new(Scenario::read("primary-and-replicas.json", DATABASES).expect("it is right"));
    let sim = run(&plan, &["10s cut db-1 db-3"], 20);
    let (start, last) = sim.metrics().series().buckets().last().expect("seconds have passed");
    let [primary, near, far] = last.lag() else { panic!("three databases") };
    assert_eq!(primary.bytes, 0);
    assert!(near.bytes < 1_000 && near.time < SimDuration::from_millis(500), "{near:?}");
    let away = (start + FIRST_WIDTH).since(seconds(10));
    assert!(
        far.time + SimDuration::from_millis(500) > away && far.time < away + SimDuration::from_secs(1),
        "{far:?}"
    );
    assert!(far.bytes > 5_000, "12 writes a second of 100 bytes: {far:?}");
}

#[test]
fn what_a_revival_an_instant_earlier_changes_is_told_in_numbers() {
    let mut ours = Timeline::new(three_web_servers(), 5);
    ours.run_until(seconds(10), u64::MAX);
    let web_2 = ours.plan().find("web-2").expect("it is there");
    ours.command(Command::Kill(web_2)).expect("it can be killed");
    ours.run_until(seconds(40), u64::MAX);
    let mut list = ours.commands().to_vec();
    list.push(TimedCommand { at: seconds(12), command: Command::Revive(web_2) });
    let theirs = ours.with_commands(list).expect("it makes sense");
    assert_eq!(theirs.now(), seconds(40));
    let comparison = compare(&ours, &theirs);
    assert_eq!((comparison.until, comparison.parts_at), (seconds(40), Some(seconds(12))));
    let refused = |totals: Totals| totals.of(Outcome::Refused);
    assert!(refused(comparison.ours.totals) > refused(comparison.theirs.totals), "{comparison:?}");
    assert_eq!(comparison.theirs.time_to_recover, Some(SimDuration::from_secs(2)));
    let until_they_part =
        comparison.series.iter().take_while(|bucket| bucket.start + bucket.width <= seconds(12));
    assert!(until_they_part.clone().all(|bucket| bucket.ours == bucket.theirs));
    assert_eq!(until_they_part.count(), 48);
    assert!(comparison.series.iter().any(|bucket| bucket.ours != bucket.theirs));

    // One of them is shown at another instant: compared up to where both have been, in the wider of their buckets.
    let mut earlier = theirs.fork();
    earlier.seek(SimTime::from_millis(30_100), u64::MAX);
    let shorter = compare(&ours, &earlier);
    assert_eq!(shorter.until, seconds(30));
    assert_eq!(shorter.series[..], comparison.series[..120]);
    let mut much_later = ours.fork();
    much_later.seek(seconds(200), u64::MAX);
    let wide = compare(&much_later, &theirs);
    assert_eq!((wide.until, wide.series.len()), (seconds(39), 39));
    let answered: u64 = wide.series.iter().map(|bucket| bucket.theirs.answered).sum();
    assert_eq!(answered, wide.theirs.totals.of(Outcome::Answered));
}

#[test]
fn requests_that_nobody_answers_leave_nothing_behind_when_their_clients_give_up() {
    let plan = Rc::new(Scenario::read("two-balancers.json", TWO_BALANCERS).expect("it is right"));
    let mut timeline = Timeline::new(Rc::clone(&plan), 1);
    let size = |timeline: &mut Timeline, at: u64| {
        timeline.run_until(seconds(at), u64::MAX);
        timeline.sim().size_when_kept()
    };
    let before = size(&mut timeline, 20);
    for name in ["lb-1", "lb-2"] {
        timeline.command(Command::Hang(plan.find(name).expect("it is there"))).expect("it can freeze");
    }
    timeline.run_until(seconds(620), u64::MAX);
    for name in ["lb-1", "lb-2"] {
        timeline.command(Command::Revive(plan.find(name).expect("it is there"))).expect("it can be revived");
    }
    let after = size(&mut timeline, 640);
    assert!(after < before * 2, "{after} bytes after, {before} before");
}
