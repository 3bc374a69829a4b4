//! What an address means, and what is said of one that means nothing.

use understudy_address::{
    Address, Controls, Lock, MAX_ADDRESS_BYTES, MAX_COMMANDS, Mode, Refused, Run, Theme, open,
};
use understudy_core::SimTime;
use understudy_sim::{Command, Plan, Scenario, Timeline};

fn plan(name: &str) -> Plan {
    let file = format!("{}/../../scenarios/{name}.json", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&file).expect("the scenario comes with the project");
    Scenario::read(name, &text).expect("the scenario makes sense")
}

/// The one part of `query` that is refused.
fn refused(query: &str) -> Refused {
    let (_, refused) = Address::read(query);
    assert_eq!(refused.len(), 1, "{query}: {refused:?}");
    refused.into_iter().next().expect("there is one")
}

#[test]
fn a_short_address_names_a_scene_a_mode_a_seed_and_an_instant() {
    let (address, refused) = Address::read("scene=two-balancers&mode=active-passive&seed=7&t=12.4s");
    assert_eq!(refused, []);
    assert_eq!(address.run, Run::Scene("two-balancers".into()));
    assert_eq!(address.seed, Some(7));
    assert_eq!(address.at, Some(SimTime::from_millis(12_400)));

    let plan = plan("two-balancers");
    let opened = open(&address, &plan, &[]);
    assert_eq!(opened.refused, []);
    assert_eq!(opened.commands.len(), 2, "one for each balancer");
    assert!(opened.commands.iter().all(|timed| matches!(timed.command, Command::SetPool { .. })));
}

#[test]
fn what_was_written_is_read_again() {
    let (address, refused) = Address::read(
        "scene=classic-stack&seed=18446744073709551615&mode=no-https,commit-any-1&c=12.4s+kill+web-2&c=13s%20hang%20lb-1\
         &t=14.620000001s&hash=00c0ffee00c0ffee&controls=none&lock=break,time&theme=dark&autoplay=1&questions=1&audit=1",
    );
    assert_eq!(refused, []);
    assert_eq!(address.hash, Some(0x00C0_FFEE_00C0_FFEE));
    assert_eq!(address.commands, ["12.4s kill web-2", "13s hang lb-1"]);
    assert_eq!(address.view.controls, Controls::None);
    assert_eq!(address.view.theme, Theme::Dark);
    assert!(address.view.autoplay && !address.view.allows(Lock::Break) && address.view.allows(Lock::Speed));
    let written = address.write();
    assert_eq!(Address::read(&written), (address, Vec::new()), "{written}");
}

#[test]
fn the_hash_of_an_instant_is_found_again_by_whoever_opens_the_address() {
    let (address, _) = Address::read("scene=three-web-servers&seed=3&c=2s+kill+web-2&t=9.5s");
    let plan = std::rc::Rc::new(plan("three-web-servers"));
    let hash_at = |address: &Address| {
        let opened = open(address, &plan, &[]);
        let timeline = Timeline::new(plan.clone(), address.seed.expect("it has one"));
        let mut timeline = timeline.with_commands(opened.commands).expect("they were checked");
        let _ = timeline.seek(address.at.expect("it has one"), u64::MAX);
        timeline.sim().trace_hash().get()
    };
    let shared = Address { hash: Some(hash_at(&address)), ..address };
    let (read, _) = Address::read(&shared.write());
    assert_eq!(read.hash, Some(hash_at(&read)));
    let changed = Address { commands: Vec::new(), ..read.clone() };
    assert_ne!(read.hash, Some(hash_at(&changed)));
}

#[test]
fn a_command_that_means_nothing_is_named_and_the_others_are_given() {
    let (address, _) = Address::read("c=1s+kill+web-9&c=2s+kill+web-1&c=soon+kill+web-1&mode=commit-any-1");
    let opened = open(&address, &plan("three-web-servers"), &[]);
    assert_eq!(opened.commands.len(), 1);
    let problems: Vec<&str> = opened.refused.iter().map(|refused| refused.problem.as_str()).collect();
    assert!(problems[0].contains("commit-any-1"), "{problems:?}");
    assert!(problems[1].contains("web-9") && problems[1].contains("the nodes are"), "{problems:?}");
    assert!(problems[2].contains("soon"), "{problems:?}");
}

#[test]
fn every_parameter_that_cannot_be_used_says_what_would_be_right() {
    for (query, parameter, said) in [
        ("seed=-3", "seed", "whole number from 0"),
        ("t=soon", "t", "soon"),
        ("t=9999h", "t", "too far"),
        ("mode=fast", "mode", "active-passive"),
        ("hash=12", "hash", "16 digits"),
        ("controls=some", "controls", "full, basic, none"),
        ("lock=doors", "lock", "break, modes, time"),
        ("theme=blue", "theme", "auto, light, dark"),
        ("autoplay=yes", "autoplay", "1, 0"),
        ("questions=3", "questions", "1, 0"),
        ("audit=full", "audit", "1, 0"),
        ("lang=fr", "lang", "en"),
        ("v=2", "v", "newer Understudy"),
        ("v=0", "v", "from 1"),
        ("run=%20", "run", "copy the whole address"),
        ("scene=a&run=AAAA", "scene", "one of them"),
        ("seed=1&seed=2", "seed", "twice"),
        ("colour=red", "colour", "there is no such parameter"),
    ] {
        let refused = refused(query);
        assert_eq!(refused.parameter, parameter, "{query}");
        assert!(refused.problem.contains(said), "{query}: {}", refused.problem);
        assert!(!refused.instead.is_empty(), "{query}");
    }
}

#[test]
fn an_oversized_address_is_refused_as_a_whole_and_many_commands_once() {
    let refused_whole = refused(&"c=1s+kill+a&".repeat(MAX_ADDRESS_BYTES / 4));
    assert!(refused_whole.problem.contains("at most"), "{}", refused_whole.problem);
    let (address, refused) = Address::read(&"c=1s&".repeat(MAX_COMMANDS + 50));
    assert_eq!(refused.len(), 1);
    assert!(address.commands.len() <= MAX_COMMANDS);
}

#[test]
fn what_others_append_to_follow_readers_is_no_mistake() {
    assert_eq!(Address::read("utm_source=mail&scene=classic-stack").1, []);
    assert_eq!(Address::read("").1, []);
}

#[test]
fn the_documentation_lists_every_mode() {
    let text = include_str!("../../../docs/embed.md");
    for mode in Mode::all() {
        assert!(text.contains(&format!("`{}`", mode.name())), "docs/embed.md does not list {}", mode.name());
    }
    for parameter in [
        "scene",
        "figure",
        "run",
        "seed",
        "mode",
        "c",
        "t",
        "hash",
        "controls",
        "lock",
        "theme",
        "autoplay",
        "questions",
        "audit",
        "lang",
        "v",
    ] {
        assert!(text.contains(&format!("| `{parameter}`")), "docs/embed.md does not list {parameter}");
    }
}

#[test]
fn what_a_reader_may_set_is_what_the_scenario_has_with_its_own_way_first() {
    let settings = |name: &str| {
        let settings = Mode::settings(&plan(name)).into_iter();
        settings
            .map(|(label, modes)| (label, modes.into_iter().map(Mode::name).collect::<Vec<_>>()))
            .collect::<Vec<_>>()
    };
    let web = settings("three-web-servers");
    assert_eq!(web[0].0, "Servers");
    assert_eq!(web[0].1[0], "active-active");
    assert!(web.iter().all(|(label, _)| *label != "Reads go to" && *label != "Firewall"), "{web:?}");
    let stack = settings("classic-stack");
    for label in [
        "Algorithm",
        "Reads go to",
        "A commit waits for",
        "Failover",
        "Fencing",
        "HTTPS",
        "Firewall",
        "Monitoring",
    ] {
        assert!(stack.iter().any(|(known, _)| *known == label), "{label}: {stack:?}");
    }
}
