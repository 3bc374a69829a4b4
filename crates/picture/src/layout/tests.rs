use std::rc::Rc;

use understudy_sim::Scenario;

use super::*;
use crate::topology::{Runs, Standing};

const WINDOWS: [Size; 8] = [
    Size { w: 320.0, h: 300.0 },
    Size { w: 390.0, h: 500.0 },
    Size { w: 700.0, h: 430.0 },
    Size { w: 880.0, h: 610.0 },
    Size { w: 1_120.0, h: 520.0 },
    Size { w: 1_120.0, h: 260.0 },
    Size { w: 1_600.0, h: 900.0 },
    Size { w: 3_400.0, h: 1_700.0 },
];

const SCENES: [&str; 7] = [
    include_str!("../../../../scenarios/three-web-servers.json"),
    include_str!("../../../../scenarios/two-balancers.json"),
    include_str!("../../../../scenarios/primary-and-replicas.json"),
    include_str!("../../../../scenarios/two-primaries.json"),
    include_str!("../../../../scenarios/classic-stack.json"),
    include_str!("../../../../scenarios/open-to-the-world.json"),
    include_str!("../../../../scenarios/unmonitored.json"),
];

/// Numbers that look random and are the same every time: xorshift.
struct Draws(u64);

impl Draws {
    fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % most as u64).expect("below a usize")
    }
}

/// A topology of any shape: several populations, links within a tier, links that leap over tiers, some who watch.
fn random(seed: u64, most: usize) -> Topology {
    let mut draws = Draws(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    let count = 2 + draws.below(most - 1);
    let tiers = 1 + draws.below(6);
    let nodes: Vec<Standing> = (0..count)
        .map(|node| {
            let watches = node > 1 && draws.below(9) == 0;
            let tier = u8::try_from(draws.below(tiers)).expect("few tiers");
            Standing { tier: (!watches).then_some(tier), has_log: !watches && usize::from(tier) + 1 == tiers }
        })
        .collect();
    let mut links: Vec<(usize, usize, bool)> = Vec::new();
    for _ in 0..count * 2 {
        let (from, to, checked) = (draws.below(count), draws.below(count), draws.below(3) == 0);
        // A plan joins two nodes once.
        if from != to && !links.iter().any(|link| [(from, to), (to, from)].contains(&(link.0, link.1))) {
            links.push((from, to, checked));
        }
    }
    Topology::arranged(nodes, &links, false)
}

fn labels(layout: &Layout) -> Vec<(&'static str, Rect)> {
    let cards = layout.cards.iter().map(|card| ("a card", card.rect));
    let headings = layout.headings.iter().flatten().map(|rect| ("a heading", *rect));
    let captions = layout.captions.iter().flatten().map(|rect| ("a caption", *rect));
    let lamps = layout.links.iter().filter_map(|link| Some(("a lamp", link.lamp?)));
    let marks = layout.links.iter().filter_map(|link| Some(("a mark", link.mark?)));
    let said = layout.links.iter().filter_map(|link| Some(("a link's label", link.label?)));
    let overheard = layout.overheard.iter().flatten().map(|rect| ("what is overheard", *rect));
    let badges = layout.links.iter().filter_map(|link| Some(("a badge", link.badge?)));
    cards
        .chain(headings)
        .chain(captions)
        .chain(lamps)
        .chain(marks)
        .chain(said)
        .chain(badges)
        .chain(overheard)
        .collect()
}

fn check(topology: &Topology, layout: &Layout, case: &str) {
    let boxes = labels(layout);
    for (index, (what, one)) in boxes.iter().enumerate() {
        for (other_what, other) in &boxes[index + 1..] {
            assert!(!one.overlaps(other), "{case}: {what} {one:?} and {other_what} {other:?}");
        }
        let inside = one.x >= -0.5
            && one.y >= -0.5
            && one.right() <= layout.size.w + 0.5
            && one.bottom() <= layout.size.h + 0.5;
        assert!(inside, "{case}: {what} {one:?} leaves {:?}", layout.size);
    }
    for (wire, link) in layout.links.iter().zip(&topology.links) {
        let touches = |rect: Rect, point: Point| rect.grown(1.0).has(point);
        let (start, end) = (wire.track.at(0.0, 0.0), wire.track.at(1.0, 0.0));
        assert!(touches(layout.cards[link.from].rect, start) || link.run == Runs::Beside, "{case}: {link:?}");
        assert!(touches(layout.cards[link.to].rect, end) || link.run == Runs::Beside, "{case}: {link:?}");
        for step in 0..=200 {
            let point = wire.track.at(f64::from(step) / 200.0, 0.0);
            for (node, card) in layout.cards.iter().enumerate() {
                let through = card.rect.grown(-1.5).has(point);
                assert!(!through, "{case}: {link:?} runs through node {node}, {:?} at {point:?}", card.rect);
            }
            assert!(point.x >= -0.5 && point.x <= layout.size.w + 0.5, "{case}: {link:?} leaves the drawing");
            assert!(point.y >= -0.5 && point.y <= layout.size.h + 0.5, "{case}: {link:?} leaves the drawing");
        }
    }
}

#[test]
fn the_scenes_are_drawn_without_overlaps_in_every_window() {
    for scene in SCENES {
        let plan = Rc::new(Scenario::read("scene", scene).expect("a shipped scenario is right"));
        let topology = Topology::of(&plan);
        for window in WINDOWS {
            check(&topology, &lay_out(&topology, window), &format!("{} in {window:?}", plan.title()));
        }
    }
}

#[test]
fn any_topology_is_drawn_without_overlaps_and_links_run_through_no_card() {
    for seed in 1..=150 {
        let topology = random(seed, 14);
        for window in WINDOWS {
            check(&topology, &lay_out(&topology, window), &format!("seed {seed} in {window:?}"));
        }
    }
}

#[test]
fn so_are_sixty_and_two_hundred_nodes() {
    for (seed, most) in [(1, 60), (2, 60), (3, 200), (4, 200)] {
        let topology = random(seed, most);
        for window in [WINDOWS[1], WINDOWS[4]] {
            check(
                &topology,
                &lay_out(&topology, window),
                &format!("{most} nodes, seed {seed} in {window:?}"),
            );
        }
    }
}

#[test]
fn the_same_topology_is_drawn_the_same_every_time() {
    for seed in 1..20 {
        assert_eq!(random(seed, 30), random(seed, 30));
        let layouts = [0, 1].map(|_| lay_out(&random(seed, 30), WINDOWS[3]));
        assert_eq!(layouts[0], layouts[1]);
    }
}

fn three() -> Topology {
    Topology::of(&Scenario::read("three", SCENES[0]).expect("a shipped scenario is right"))
}

#[test]
fn tiers_run_across_when_wide_and_down_on_a_phone() {
    let wide = lay_out(&three(), Size { w: 1_120.0, h: 520.0 });
    assert!(wide.cards[0].rect.right() < wide.cards[1].rect.x);
    assert!(wide.cards[1].rect.right() < wide.cards[2].rect.x);
    let phone = lay_out(&three(), Size { w: 390.0, h: 500.0 });
    assert!(phone.cards[0].rect.bottom() < phone.cards[1].rect.y);
    assert!(phone.size.w <= 390.0, "no sideways scrolling on a phone");
}

#[test]
fn lamps_stand_at_the_balancer_and_failures_at_the_server() {
    for window in WINDOWS {
        let layout = lay_out(&three(), window);
        for (wire, link) in layout.links.iter().zip(&three().links) {
            let from = |rect: Rect| {
                let middle = rect.middle();
                (middle.distance(wire.track.at(0.0, 0.0)), middle.distance(wire.track.at(1.0, 0.0)))
            };
            let lamp = wire.lamp.map(from);
            assert_eq!(lamp.is_some(), link.checked);
            assert!(lamp.is_none_or(|(near, far)| near < far), "it shows what the balancer believes");
            let mark = wire.mark.map(from);
            assert!(mark.is_none_or(|(near, far)| far < near), "it happened there: {window:?}");
            let words = layout.roomy && link.checked;
            assert!(!words || mark.is_some(), "there is room for words in {window:?}");
        }
    }
}

#[test]
fn a_small_scenario_is_shown_with_words_and_a_large_one_from_further_away() {
    let small = lay_out(&three(), Size { w: 1_120.0, h: 520.0 });
    assert!(small.roomy && fit(small.size, small.flow, Size { w: 1_120.0, h: 520.0 }) >= 0.88);
    let window = Size { w: 1_120.0, h: 520.0 };
    let large = lay_out(&random(3, 200), window);
    assert!(!large.roomy && fit(large.size, large.flow, window) < 1.0);
    assert!(large.cards.iter().all(|card| card.rect.h >= 46.0), "cards stay as large as can be read");
}

#[test]
fn headings_stand_in_a_row_and_no_link_passes_close_below_them() {
    let plan = Rc::new(Scenario::read("scene", SCENES[4]).expect("a shipped scenario is right"));
    let topology = Topology::of(&plan);
    for window in WINDOWS.iter().filter(|window| window.w >= NARROW) {
        let layout = lay_out(&topology, *window);
        let headings: Vec<Rect> = layout.headings.iter().flatten().copied().collect();
        assert!(headings.len() > 2, "{window:?}");
        for heading in &headings {
            assert!((heading.y - headings[0].y).abs() < 1e-9, "{window:?}: one row");
            for link in &layout.links {
                let below = Rect { h: heading.h + 16.0, ..*heading };
                let near = (0..=200).any(|step| below.has(link.track.at(f64::from(step) / 200.0, 0.0)));
                assert!(!near, "{window:?}: a link at {heading:?}");
            }
        }
    }
}

#[test]
fn small_windows_show_the_whole_stack_in_letters_that_can_be_read() {
    let plan = Rc::new(Scenario::read("scene", SCENES[4]).expect("a shipped scenario is right"));
    for (window, least) in [(Size { w: 390.0, h: 500.0 }, 0.85), (Size { w: 752.0, h: 340.0 }, 0.765)] {
        let layout = lay_out(&Topology::of(&plan), window);
        let shown = fit(layout.size, layout.flow, window);
        assert!(shown > least, "{shown}: {:?} in {window:?}", layout.size);
    }
}
