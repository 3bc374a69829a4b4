use std::rc::Rc;

use understudy_sim::{Scenario, Sim, SimTime, TimedCommand};

use super::*;

const ACROSS: Size = Size { w: 820.0, h: 380.0 };
const DOWN: Size = Size { w: 360.0, h: 300.0 };

/// A shipped scenario at an instant after some commands.
fn drawn(scenario: &str, commands: &[&str], at_ms: u64, window: Size) -> String {
    let file = format!("{}/../../scenarios/{scenario}.json", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&file).expect("it is shipped");
    let plan = Rc::new(Scenario::read(&file, &text).expect("a shipped scenario is right"));
    let mut sim = Sim::new(Rc::clone(&plan), 7);
    for command in commands {
        sim.schedule(TimedCommand::parse(command, &plan).expect(command)).expect(command);
    }
    sim.run_until(SimTime::from_millis(at_ms), u64::MAX);
    still(&plan, &sim.snapshot(), window, scenario)
}

/// Writes what is drawn to a directory, to be looked at.
#[test]
fn every_state_is_drawn_well_formed() {
    let scenes: [(&str, &[&str], u64); 7] = [
        ("three-web-servers", &["5s kill web-2", "6s hang web-3", "7s slow web-1 4x"], 9_950),
        ("two-balancers", &["10s cut lb-1 lb-2"], 20_000),
        ("two-balancers", &["10s kill lb-1"], 12_000),
        ("primary-and-replicas", &["5s delay db-1 db-2 300ms"], 9_000),
        ("two-primaries", &[], 24_000),
        ("open-to-the-world", &[], 16_000),
        ("classic-stack", &["3s kill web-2"], 9_000),
    ];
    for (place, (scenario, commands, at)) in scenes.into_iter().enumerate() {
        for (window, way) in [(ACROSS, "across"), (DOWN, "down")] {
            let svg = drawn(scenario, commands, at, window);
            assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>"), "{scenario} {way}");
            assert_eq!(svg.matches("<text").count(), svg.matches("</text>").count(), "{scenario} {way}");
            assert!(!svg.contains("NaN") && !svg.contains("inf"), "{scenario} {way}");
            if let Ok(directory) = std::env::var("STILLS") {
                std::fs::write(format!("{directory}/{place}-{way}.svg"), svg).expect("it can be written");
            }
        }
    }
}

#[test]
fn a_dead_server_is_struck_through_while_its_balancer_believes_in_it() {
    let wide = Size { w: 1_000.0, h: 430.0 };
    let alive = drawn("three-web-servers", &[], 5_000, wide);
    let dead = drawn("three-web-servers", &["5s kill web-2"], 7_500, wide);
    assert!(!alive.contains("url(#three-web-servers-dead)") && dead.contains("url(#three-web-servers-dead)"));
    assert!(dead.contains("down since 5.0\u{202f}s"));
    let lamps = |svg: &str| svg.matches(">up<").count();
    assert_eq!((lamps(&alive), lamps(&dead)), (3, 2), "one is failing");
    assert!(dead.contains(">failing<"));
}

#[test]
fn a_standby_is_dashed_and_the_address_sits_on_its_master() {
    let svg = drawn("two-balancers", &["10s kill lb-1"], 20_000, ACROSS);
    assert_eq!(svg.matches("VIP 203.0.113.10").count(), 1);
    let two = drawn("two-balancers", &["10s cut lb-1 lb-2"], 20_000, ACROSS);
    assert_eq!(two.matches("\u{26a0} twice").count(), 2);
    assert!(two.contains(">cut<"));
}

#[test]
fn names_are_text_and_nothing_else() {
    let scenario = r#"{ "title": "x", "nodes": [
        { "kind": "clients", "name": "<b>&\"x", "rate_per_s": 1 },
        { "kind": "web-server", "name": "web", "workers": 1, "queue_limit": 1, "service_time": { "constant": "1ms" } }],
        "links": [{ "from": "<b>&\"x", "to": "web", "latency": "1ms" }] }"#;
    let plan = Rc::new(Scenario::read("x", scenario).expect("any name may be given"));
    let svg = still(&plan, &Sim::new(Rc::clone(&plan), 1).snapshot(), ACROSS, "\"><script>");
    assert!(svg.contains("&lt;b&gt;&amp;&quot;x") && !svg.contains("<b>") && !svg.contains("<script>"));
}

#[test]
fn the_style_sheet_has_the_colours_of_both_themes_for_every_ink() {
    let sheet = include_str!("../../../../style/still.css");
    let tokens = include_str!("../../../../style/tokens.css");
    for Ink(name, light) in svg::INKS {
        for (prefix, property) in [("f", "fill"), ("s", "stroke")] {
            let rule = format!(".{prefix}-{name} {{ {property}: var(--{name}) }}");
            assert!(sheet.contains(&rule), "style/still.css lacks {rule}");
        }
        let long = if light == "#fff" { "#ffffff" } else { light };
        assert!(tokens.contains(&format!("--{name}: {long}")), "--{name} is not {light} in style/tokens.css");
    }
}
