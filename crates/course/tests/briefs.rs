//! The shipped brief: what it asks can be had for its money, and nobody has it already.

use understudy_audit::losses::{Component, Losses};
use understudy_audit::service::Service;
use understudy_audit::system::{Reactions, System};
use understudy_audit::{Options, Report};
use understudy_course::BriefFile;
use understudy_sim::Plan;
use understudy_sim::scenario::{Node, Scenario};

use crate::directory::shipped;

fn brief() -> BriefFile {
    let mut briefs = shipped().briefs;
    let place = briefs.iter().position(|brief| brief.name == "harbour-post").expect("the last lesson's");
    briefs.swap_remove(place)
}

/// Which targets a design misses, by what they ask.
fn missed(brief: &BriefFile, design: &Scenario) -> Vec<String> {
    let met = brief.judged(design).expect("it makes sense");
    let targets = brief.brief.targets.iter().zip(met);
    targets.filter(|(_, met)| !met).map(|(target, _)| target.text.clone()).collect()
}

/// The design without these nodes and all that is linked to them.
fn without(design: &Scenario, names: &[&str]) -> Scenario {
    let mut design = design.clone();
    let is_gone = |name: &str| names.contains(&name);
    design.nodes.retain(|node| !is_gone(node.name()));
    design.links.retain(|link| !is_gone(&link.from) && !is_gone(&link.to));
    design
}

#[test]
fn the_design_meets_every_target_within_the_budget_and_the_start_misses_most() {
    let brief = brief();
    assert_eq!(missed(&brief, &brief.design), [] as [String; 0]);
    let (spent, strangers) = brief.brief.spent(&brief.design);
    assert_eq!((spent, strangers), (180, Vec::new()));
    assert!(spent <= brief.brief.budget.into());
    assert_eq!(missed(&brief, &brief.brief.start).len(), 6, "all but the money and the readers");
}

#[test]
fn whatever_is_left_out_of_the_design_is_missed() {
    let brief = brief();
    let misses = |names: &[&str], words: &str| {
        let missed = missed(&brief, &without(&brief.design, names));
        assert!(missed.iter().any(|target| target.contains(words)), "without {names:?}: {missed:?}");
    };
    misses(&["lb-2"], "single point of failure");
    misses(&["web-2"], "single point of failure");
    misses(&["manager"], "99.9");
    misses(&["db-2", "manager"], "99.9");
    misses(&["monitor"], "somebody is called");
}

#[test]
fn each_short_cut_is_seen() {
    let brief = brief();
    let changed = |change: &dyn Fn(&mut Scenario)| {
        let mut design = brief.design.clone();
        change(&mut design);
        missed(&brief, &design)
    };
    let only = |missed: Vec<String>, words: &str| {
        assert!(missed.len() == 1 && missed[0].contains(words), "{missed:?}");
    };
    only(
        changed(&|design| {
            for node in &mut design.nodes {
                if let Node::FailoverManager(manager) = node {
                    manager.fencing = understudy_sim::scenario::Fencing::None;
                }
            }
        }),
        "confirmed comments",
    );
    only(changed(&|design| design.links[0].tls = false), "plain text");
    only(
        changed(&|design| {
            if let Node::Clients(clients) = &mut design.nodes[0] {
                clients.rate_per_s = Some(1.0);
            }
        }),
        "The readers are today",
    );
    only(
        changed(&|design| {
            if let Node::Firewall(firewall) = &mut design.nodes[1] {
                firewall.dependability.mtbf = Some("90000h".parse().expect("a time"));
            }
        }),
        "The readers are today",
    );
    // A spare that is too small is no spare.
    let small = changed(&|design| {
        for node in &mut design.nodes {
            if let Node::WebServer(server) = node {
                server.workers = 1;
            }
        }
    });
    assert!(small.iter().any(|target| target.contains("today\u{2019}s readers")), "{small:?}");
}

#[test]
fn the_last_lesson_s_own_answers_are_so() {
    let brief = brief();
    let reads = |scenario: &Scenario| {
        let report = Report::of(scenario, &Options { previews: false, ..Options::default() });
        report.expect("it makes sense").availability["reads"].estimate
    };
    // Everything double but the database: never better than the database.
    let one_database = reads(&without(&brief.design, &["db-2", "manager"]));
    assert!(one_database < 0.995 && one_database > 0.99, "{one_database}");

    // Two firewalls, used in turn: half is answered when one is dead.
    let mut two = brief.brief.start.clone();
    let mut firewall = two.nodes[1].clone();
    if let Node::Firewall(firewall) = &mut firewall {
        firewall.name = "firewall-2".into();
    }
    two.nodes.push(firewall);
    for place in 0..two.links.len() {
        let mut link = two.links[place].clone();
        for end in [&mut link.from, &mut link.to] {
            if end == "firewall" {
                *end = "firewall-2".into();
            }
        }
        if !two.links.contains(&link) {
            two.links.push(link);
        }
    }
    let plan = Plan::build(&two).expect("it makes sense");
    let lost = Losses::of(&plan, &[Component::Node(plan.find("firewall").expect("there"))]);
    let answered = System::new(&plan).outcome(&lost, Reactions::ALL).answered(Service::Reads);
    assert!((answered - 0.5).abs() < 1e-9, "{answered}");
}
