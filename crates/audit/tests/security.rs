//! Security: attackers and eavesdroppers play what the audit found, and fail at what it recommends.

use std::rc::Rc;

use understudy_audit::findings::Finding;
use understudy_audit::{Options, Report};
use understudy_sim::view::{NodeDetail, PortState};
use understudy_sim::{Outcome, Plan, Scenario, Sim, TimedCommand};

fn open_to_the_world() -> Scenario {
    let text = include_str!("../../../scenarios/open-to-the-world.json");
    let mut scenario = Scenario::parse("open-to-the-world", text).expect("a shipped scenario is right");
    scenario.script.clear();
    scenario
}

fn report(scenario: &Scenario) -> Report {
    Report::of(scenario, &Options::default()).expect("it makes sense")
}

/// Plays a finding's proof.
fn played(scenario: &Scenario, finding: &Finding) -> (Rc<Plan>, Sim) {
    let plan = Rc::new(Plan::build(scenario).expect("it makes sense"));
    let mut sim = Sim::new(Rc::clone(&plan), 11);
    for command in &finding.proof.commands {
        let timed = TimedCommand::parse(command, &plan).expect("a proof's command is right");
        sim.schedule(timed).expect("it can be carried out");
    }
    sim.run_until(finding.proof.at, u64::MAX);
    (plan, sim)
}

/// What the attacker and the eavesdropper got.
#[derive(Debug, Default)]
struct Loot {
    open_ports: Vec<(String, u16)>,
    stolen_rows: u64,
    readable: u64,
    unreadable: u64,
    passwords: usize,
}

fn loot(scenario: &Scenario, finding: &Finding) -> Loot {
    let (plan, sim) = played(scenario, finding);
    let mut loot = Loot::default();
    for node in &sim.snapshot().nodes {
        match &node.detail {
            NodeDetail::Attacker { findings, stolen_rows, .. } => {
                let open = findings.iter().filter(|found| found.state == PortState::Open);
                // What is sent to a firewall reaches what is behind it.
                let behind = |name: &str| if name == "firewall" { "lb-1" } else { name }.to_owned();
                loot.open_ports.extend(open.map(|found| (behind(plan.name(found.target)), found.port)));
                loot.stolen_rows += stolen_rows;
            }
            NodeDetail::Eavesdropper { readable, unreadable, overheard } => {
                loot.readable += readable;
                loot.unreadable += unreadable;
                loot.passwords += overheard.len();
            }
            _ => {}
        }
    }
    loot
}

fn fixed(finding: &Finding) -> &Scenario {
    let fix = finding.fix.as_ref().unwrap_or_else(|| panic!("{} has no fix", finding.id));
    assert!(fix.preview.as_ref().is_some_and(|preview| preview.mended), "{}", finding.id);
    fix.scenario.as_ref().expect("a scenario can say it")
}

fn find<'a>(report: &'a Report, id: &str) -> &'a Finding {
    report.findings.iter().find(|finding| finding.id == id).unwrap_or_else(|| panic!("there is no {id}"))
}

#[test]
fn what_is_exposed_is_what_the_attackers_scan_finds_and_no_more() {
    let open = open_to_the_world();
    let report = report(&open);
    let mut seen = loot(&open, find(&report, "security/exposed/db-1:5432")).open_ports;
    // What clients use is open and meant to be.
    seen.retain(|(_, port)| *port != 80 && *port != 443);
    let mut said: Vec<(String, u16)> =
        report.security.exposed.iter().map(|exposed| (exposed.node.clone(), exposed.port)).collect();
    seen.sort_unstable();
    said.sort_unstable();
    assert_eq!(seen, said);
    assert!(said.len() > 1, "{said:?}");
}

#[test]
fn the_database_is_read_from_outside_until_a_firewall_filters() {
    let open = open_to_the_world();
    let report = report(&open);
    let exposed = find(&report, "security/exposed/db-1:5432");
    assert!(exposed.proof.commands.iter().any(|command| command.ends_with("inject")));
    let before = loot(&open, exposed);
    assert!(before.stolen_rows > 0, "{before:?}");
    let after = loot(fixed(exposed), exposed);
    assert_eq!(after.stolen_rows, 0, "{after:?}");
    assert!(!after.open_ports.contains(&("db-1".into(), 5432)), "{after:?}");
}

#[test]
fn every_open_port_is_shut_by_its_fix() {
    let open = open_to_the_world();
    for finding in report(&open).findings.iter().filter(|finding| finding.id.starts_with("security/exposed/"))
    {
        let before = loot(&open, finding).open_ports;
        let after = loot(fixed(finding), finding).open_ports;
        let port: u16 = finding.id.rsplit(':').next().and_then(|port| port.parse().ok()).expect("a port");
        for node in &finding.components {
            assert!(before.contains(&(node.clone(), port)), "{}: {before:?}", finding.id);
            assert!(!after.contains(&(node.clone(), port)), "{}: {after:?}", finding.id);
        }
    }
}

#[test]
fn passwords_are_read_on_the_way_until_the_links_use_tls() {
    let open = open_to_the_world();
    let report = report(&open);
    let plain = find(&report, "security/plain-text");
    let before = loot(&open, plain);
    assert!(before.readable > 0 && before.passwords > 0, "{before:?}");
    let after = loot(fixed(plain), plain);
    assert!(after.readable == 0 && after.passwords == 0 && after.unreadable > 0, "{after:?}");
}

#[test]
fn behind_the_balancer_that_ends_tls_links_are_readable_still() {
    let open = open_to_the_world();
    let outside = report(&open);
    let inside = report(fixed(find(&outside, "security/plain-text")));
    assert!(inside.security.readable.is_empty());
    let links: Vec<String> = inside.security.readable_inside.iter().map(|link| link.link.join(" ")).collect();
    assert_eq!(links, ["lb-1 web-1", "lb-1 web-2", "web-1 db-1", "web-2 db-1"]);
    // Somebody who listens there reads along, as the audit says.
    let mut spied = fixed(find(&outside, "security/plain-text")).clone();
    for node in &mut spied.nodes {
        if let understudy_sim::scenario::Node::Eavesdropper(eavesdropper) = node {
            eavesdropper.listens_on = vec![["lb-1".into(), "web-1".into()]];
        }
    }
    let proof = find(&inside, "security/plain-text-inside");
    let heard = loot(&spied, proof);
    assert!(heard.readable > 0 && heard.unreadable == 0, "{heard:?}");
}

#[test]
fn a_flood_takes_the_system_from_its_clients_until_senders_are_limited() {
    let open = open_to_the_world();
    let report = report(&open);
    let flood = find(&report, "security/flood/firewall");
    let failed = |scenario: &Scenario| {
        let (_, sim) = played(scenario, flood);
        let totals = sim.snapshot().totals;
        (totals.failed(), totals.of(Outcome::Answered))
    };
    let (before, _) = failed(&open);
    let (after, answered) = failed(fixed(flood));
    assert!(
        before > 50 && after * 10 < before && answered > 500,
        "{before} failed, then {after}; {answered}"
    );
}
