use std::rc::Rc;

use understudy_sim::{Command, Scenario, Sim, SimTime};

use super::*;

fn sim(scene: &str) -> Sim {
    Sim::new(Rc::new(Scenario::read("scene", scene).expect("the scene makes sense")), 7)
}

fn said_when(sim: &Sim, playing: bool) -> String {
    let (plan, snapshot) = (sim.plan(), sim.snapshot());
    let past = Past::of(sim.log().entries(), plan);
    sentence(&World { plan, snapshot: &snapshot, past, playing })
}

fn said(sim: &Sim) -> String {
    said_when(sim, true)
}

fn find(sim: &Sim, name: &str) -> NodeId {
    sim.plan().find(name).expect("the scene has it")
}

fn run(sim: &mut Sim, seconds: u64) {
    sim.run_until(SimTime::from_secs(seconds), u64::MAX);
}

fn kill(sim: &mut Sim, name: &str) {
    let id = find(sim, name);
    sim.command(Command::Kill(id)).expect("it can be killed");
}

fn revive(sim: &mut Sim, name: &str) {
    let id = find(sim, name);
    sim.command(Command::Revive(id)).expect("it can be revived");
}

/// What is said at each tenth of a second until then, each sentence once.
fn heard(sim: &mut Sim, until_s: u64) -> Vec<String> {
    let mut heard: Vec<String> = Vec::new();
    while sim.now() < SimTime::from_secs(until_s) {
        sim.run_until(SimTime::from_nanos(sim.now().as_nanos() + 100_000_000), u64::MAX);
        let said = said(sim);
        if heard.last() != Some(&said) {
            heard.push(said);
        }
    }
    heard
}

fn any(heard: &[String], words: &str) -> bool {
    heard.iter().any(|said| said.contains(words))
}

#[test]
fn three_web_servers_from_first_to_last() {
    let mut sim = sim(include_str!("../../scenarios/three-web-servers.json"));
    assert!(said_when(&sim, false).starts_with("Press play, then select web-2"));
    run(&mut sim, 5);
    assert!(said(&sim).starts_with("Select web-2 and kill it"));
    kill(&mut sim, "web-2");
    assert!(said(&sim).contains("does not know"));
    let then = heard(&mut sim, 20);
    assert!(any(&then, "1 of 3 checks failed"), "{then:?}");
    assert!(then.last().is_some_and(|said| said.contains("web-1 and web-3 carry")), "{then:?}");
    revive(&mut sim, "web-2");
    assert!(said(&sim).contains("web-2 is up again"));
    run(&mut sim, 30);
    assert!(said(&sim).contains("Retry"), "{}", said(&sim));
    kill(&mut sim, "lb-1");
    assert!(said(&sim).contains("single point of failure"));
}

#[test]
fn two_balancers_from_first_to_last() {
    let mut sim = sim(include_str!("../../scenarios/two-balancers.json"));
    run(&mut sim, 8);
    assert!(said(&sim).starts_with("Select lb-1 and kill it"), "{}", said(&sim));
    kill(&mut sim, "lb-1");
    let then = heard(&mut sim, 20);
    assert!(any(&then, "lb-1 is silent"), "{then:?}");
    assert!(then.last().is_some_and(|said| said.starts_with("lb-2 has the virtual IP")), "{then:?}");
    assert!(!any(&then, "single point of failure"), "{then:?}");
    revive(&mut sim, "lb-1");
    run(&mut sim, 40);
    assert!(said(&sim).starts_with("All is well again. Now select web-2"), "{}", said(&sim));
    let deaf = sim.plan().find_link("lb-1", "lb-2").expect("they are joined");
    sim.command(Command::Cut { link: deaf, forward: true, back: true }).expect("a link can be cut");
    run(&mut sim, 60);
    assert!(said(&sim).contains("lb-1 and lb-2 both hold the virtual IP"), "{}", said(&sim));
}

#[test]
fn a_primary_dies_and_a_replica_takes_its_place() {
    let mut sim = sim(include_str!("../../scenarios/primary-and-replicas.json"));
    run(&mut sim, 5);
    assert!(said(&sim).starts_with("Select db-1, the primary, and kill it"), "{}", said(&sim));
    kill(&mut sim, "db-1");
    let then = heard(&mut sim, 20);
    assert!(any(&then, "db-1 is down since"), "{then:?}");
    assert!(any(&then, "manager needs 3 failed checks"), "{then:?}");
    assert!(then.last().is_some_and(|said| said.contains("Revive it and watch it catch up")), "{then:?}");
    revive(&mut sim, "db-1");
    run(&mut sim, 40);
    assert!(said(&sim).starts_with("All is well again"), "{}", said(&sim));
}

#[test]
fn two_primaries_are_announced_seen_and_counted() {
    let mut sim = sim(include_str!("../../scenarios/two-primaries.json"));
    assert!(
        said_when(&sim, false).starts_with("Press play. At 5.0\u{202f}s the link between manager and db-1")
    );
    let then = heard(&mut sim, 40);
    assert!(any(&then, "Nothing gets through between manager and db-1"), "{then:?}");
    assert!(any(&then, "db-1 and db-2 both take writes"), "{then:?}");
    assert!(then.last().is_some_and(|said| said.contains("acknowledged writes are gone")), "{then:?}");
}

#[test]
fn the_classic_stack_offers_one_failure_after_the_other() {
    let mut sim = sim(include_str!("../../scenarios/classic-stack.json"));
    run(&mut sim, 1);
    assert!(said(&sim).starts_with("Select lb-1 and kill it"), "{}", said(&sim));
    run(&mut sim, 5);
    kill(&mut sim, "lb-1");
    let then = heard(&mut sim, 15);
    assert!(then.last().is_some_and(|said| said.starts_with("lb-2 has the virtual IP")), "{then:?}");
    revive(&mut sim, "lb-1");
    run(&mut sim, 40);
    assert!(said(&sim).starts_with("All is well again. Now select web-2"), "{}", said(&sim));
    kill(&mut sim, "web-2");
    run(&mut sim, 55);
    assert!(said(&sim).contains("carry the whole load"), "{}", said(&sim));
    revive(&mut sim, "web-2");
    run(&mut sim, 70);
    assert!(said(&sim).contains("Now select db-1, the primary"), "{}", said(&sim));
}

#[test]
fn an_attack_is_said() {
    let mut sim = sim(include_str!("../../scenarios/open-to-the-world.json"));
    let then = heard(&mut sim, 25);
    assert!(any(&then, "tries one port after the other") && any(&then, "floods the entry"), "{then:?}");
}
