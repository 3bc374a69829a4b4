//! Looking at a run: samples of what is on the links, one request followed, the newest records of a log.

use std::rc::Rc;

use understudy_sim::follow::{HopStep, hop_sentence};
use understudy_sim::ids::RequestNumber;
use understudy_sim::view::{Cargo, NodeDetail, RecordState};
use understudy_sim::{Outcome, Scenario, Sim, SimTime, TimedCommand};

const THREE: &str = include_str!("../../../scenarios/three-web-servers.json");
const DATABASES: &str = include_str!("../../../scenarios/primary-and-replicas.json");

fn sim(text: &str, commands: &[&str]) -> Sim {
    let plan = Rc::new(Scenario::read("scenario.json", text).expect("the test's scenario is right"));
    let mut sim = Sim::new(Rc::clone(&plan), 7);
    for command in commands {
        let command = TimedCommand::parse(command, &plan).expect("the test's commands are right");
        sim.schedule(command).expect("sensible");
    }
    sim
}

fn run_to_ms(sim: &mut Sim, ms: u64) {
    sim.run_until(SimTime::from_millis(ms), u64::MAX);
}

/// A request that is on its way to a server at the moment.
fn any_request(sim: &Sim) -> Option<RequestNumber> {
    sim.snapshot().flights.iter().find_map(|flight| match flight.cargo {
        Cargo::Request(number, _) => Some(number),
        _ => None,
    })
}

#[test]
fn a_sample_tells_less_and_counts_all() {
    let busy = THREE.replace("\"rate_per_s\": 24", "\"rate_per_s\": 20000");
    assert_ne!(busy, THREE, "the scenario has the rate that is changed");
    let mut sim = sim(&busy, &[]);
    run_to_ms(&mut sim, 500);
    let (all, some) = (sim.snapshot(), sim.snapshot_with(300));
    assert_eq!((all.sample.one_of, all.sample.on_links), (1, all.flights.len()));
    assert_eq!(some.sample.on_links, all.flights.len());
    assert!(some.sample.one_of > 1 && some.flights.len() < 400, "{} told", some.flights.len());
    assert!(some.flights.iter().all(|flight| all.flights.contains(flight)));
    for snapshot in [&all, &some] {
        let counted: u32 = (snapshot.links.iter())
            .map(|link| link.traffic)
            .map(|traffic| traffic.requests + traffic.replies + traffic.checks + traffic.others)
            .sum();
        assert_eq!(counted as usize, all.flights.len());
    }
}

#[test]
fn a_followed_request_tells_its_way_and_changes_nothing() {
    let mut sim = sim(THREE, &[]);
    run_to_ms(&mut sim, 1_000);
    let mut alone = sim.clone();
    while any_request(&sim).is_none() {
        let next = sim.now() + understudy_sim::SimDuration::from_millis(5);
        sim.run_until(next, u64::MAX);
    }
    let number = any_request(&sim).expect("it was just seen");
    assert!(sim.follow(Some(number)));
    run_to_ms(&mut sim, 20_000);
    let followed = sim.followed().expect("it is followed").clone();
    assert_eq!((followed.request, followed.outcome), (number, Some(Outcome::Answered)));
    let told: Vec<String> = followed.hops.iter().map(|hop| hop_sentence(hop.step, sim.plan())).collect();
    assert_eq!(told.first().map(String::as_str), Some("Readers sent it to lb-1"));
    assert_eq!(told.last().map(String::as_str), Some("Readers have their answer"));
    assert!(told.iter().any(|said| said.starts_with("a worker of web-")), "{told:?}");
    assert!(followed.hops.is_sorted_by_key(|hop| hop.at));

    run_to_ms(&mut alone, 20_000);
    assert_eq!(alone.trace_hash(), sim.trace_hash(), "to look is not to touch");
    assert!(!sim.follow(Some(number)), "it is over");
    assert_eq!(sim.followed(), None);
}

#[test]
fn a_followed_request_says_where_it_failed() {
    let mut sim = sim(THREE, &["1s kill web-1", "1s kill web-2", "1s kill web-3"]);
    run_to_ms(&mut sim, 1_500);
    while any_request(&sim).is_none() {
        let next = sim.now() + understudy_sim::SimDuration::from_millis(5);
        sim.run_until(next, u64::MAX);
    }
    let number = any_request(&sim).expect("it was just seen");
    assert!(sim.follow(Some(number)));
    run_to_ms(&mut sim, 4_000);
    let followed = sim.followed().expect("it is followed");
    assert!(
        followed.hops.iter().any(|hop| matches!(hop.step, HopStep::Failed { outcome: Outcome::Refused, .. })),
        "{followed:?}"
    );
    assert_eq!(followed.outcome, Some(Outcome::Refused));
}

fn records(sim: &Sim, name: &str) -> Vec<RecordState> {
    let node = sim.plan().find(name).expect("the scenario has it");
    match &sim.snapshot().nodes[node.get()].detail {
        NodeDetail::Database { records, .. } => records.iter().map(|record| record.state).collect(),
        other => panic!("{name} is a database, not {other:?}"),
    }
}

#[test]
fn the_cells_of_an_old_primary_are_crossed_out_when_another_history_goes_on() {
    let mut sim = sim(DATABASES, &["9s cut db-1 db-2", "9s cut db-1 db-3", "10s kill db-1"]);
    run_to_ms(&mut sim, 9_900);
    let before = records(&sim, "db-1");
    assert_eq!(before.len(), 6);
    assert!(!before.contains(&RecordState::Lost), "as long as it is the primary, its history is the one");
    run_to_ms(&mut sim, 25_000);
    assert!(sim.snapshot().totals.lost_writes > 0, "what db-1 acknowledged alone is gone");
    assert!(records(&sim, "db-1").contains(&RecordState::Lost));
    assert!(!records(&sim, "db-2").contains(&RecordState::Lost), "it is the one that was promoted");
}

#[test]
fn a_replica_that_is_cut_off_is_further_and_further_behind() {
    let behind = |sim: &Sim| {
        let node = sim.plan().find("db-2").expect("the scenario has it");
        match &sim.snapshot().nodes[node.get()].detail {
            NodeDetail::Database { behind, .. } => behind.expect("there is a primary").as_nanos() / 1_000_000,
            other => panic!("db-2 is a database, not {other:?}"),
        }
    };
    let mut sim = sim(DATABASES, &["10s cut db-1 db-2"]);
    run_to_ms(&mut sim, 9_900);
    assert!(behind(&sim) < 300, "{} ms", behind(&sim));
    run_to_ms(&mut sim, 14_000);
    assert!((3_000..=4_500).contains(&behind(&sim)), "{} ms", behind(&sim));
}
