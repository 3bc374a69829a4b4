//! Words of the text that name a thing: pointing at one, or moving the keyboard to it, lights the thing up in the
//! figures of its lesson.

use leptos::prelude::*;
use understudy_sim::Plan;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event};

use super::living::Living;
use super::page::{self, Page};
use crate::stage::Lit;

/// Listens to the whole page: the words stay as the page has them.
pub fn listen(page: Page) {
    // For as long as the page lives.
    for (name, on) in [("pointerover", true), ("pointerout", false), ("focusin", true), ("focusout", false)] {
        let listener = window_event_listener_untyped(name, move |event| {
            if let Some(word) = word(&event) {
                light_up(&word, on, page);
            }
        });
        std::mem::forget(listener);
    }
}

/// The word that an event is about.
fn word(event: &Event) -> Option<Element> {
    let target: Element = event.target()?.dyn_into().ok()?;
    target.closest("[data-thing]").ok()?
}

fn light_up(word: &Element, on: bool, page: Page) {
    let Some(thing) = word.get_attribute("data-thing") else { return };
    let lesson = page::lesson(word);
    for living in page.figures() {
        let element = living.element();
        if page::lesson(&element) == lesson {
            light_in(living, &element, &thing, on);
        }
    }
}

/// Lights a thing up in one figure, or lets it be as it was.
fn light_in(living: Living, figure: &Element, thing: &str, on: bool) {
    let (Some(player), Ok(read)) = (living.player.get_untracked(), living.figure()) else { return };
    player.setting.lit.set(on.then(|| Lit::of(thing)).flatten());
    let setting = player.setting;
    let selectors = selectors(thing, &read.plan, |of, number| setting.id(of, number));
    if selectors.is_empty() {
        return;
    }
    let Ok(found) = figure.query_selector_all(&selectors) else { return };
    for place in 0..found.length() {
        let element = found.item(place).and_then(|node| node.dyn_into::<Element>().ok());
        if let Some(element) = element {
            let _ =
                if on { element.set_attribute("data-lit", "") } else { element.remove_attribute("data-lit") };
        }
    }
}

/// What selects a thing's elements on a stage; nothing for what is drawn as it moves, and for what is not there.
fn selectors(thing: &str, plan: &Plan, id: impl Fn(&str, usize) -> String) -> String {
    let Some((scheme, name)) = thing.split_once(':') else { return String::new() };
    let node = |name: &str| plan.find(name);
    match scheme {
        "node" => node(name).map(|node| format!("#{}", id("node", node.get()))).unwrap_or_default(),
        "link" => {
            let ends = name.split_once('>').and_then(|(from, to)| Some((node(from)?, node(to)?)));
            let link = ends.and_then(|(from, to)| {
                let mut links = plan.links();
                links.find(|(_, link)| {
                    (link.from, link.to) == (from, to) || (link.from, link.to) == (to, from)
                })
            });
            link.map(|(link, _)| format!("#{}", id("link", link.get()))).unwrap_or_default()
        }
        "kind" => match name {
            "lamp" => String::from(".lamp"),
            "virtual-ip" => String::from(".pill"),
            "standby" => String::from(".node.standby"),
            "queue" => String::from(".queue"),
            _ => {
                let of_kind = plan
                    .nodes()
                    .filter(|(_, node)| node.kind.name().replace(' ', "-").eq_ignore_ascii_case(name));
                let all: Vec<String> =
                    of_kind.map(|(node, _)| format!("#{}", id("node", node.get()))).collect();
                all.join(",")
            }
        },
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use understudy_sim::Scenario;

    use super::*;

    #[test]
    fn words_find_their_things() {
        let text = include_str!("../../scenarios/three-web-servers.json");
        let plan = Scenario::read("three", text).expect("a shipped scenario is right");
        let find = |thing| selectors(thing, &plan, |of, number| format!("{of}{number}"));
        assert_eq!(find("node:web-2"), "#node3");
        assert_eq!(find("node:web-9"), "", "what another figure has is not lit here");
        assert_eq!(find("link:lb-1>web-2"), find("link:web-2>lb-1"));
        assert!(find("link:lb-1>web-2").starts_with("#link"));
        assert_eq!(find("kind:web-server"), "#node2,#node3,#node4");
        assert_eq!(find("kind:load-balancer"), "#node1");
        assert_eq!(find("kind:lamp"), ".lamp");
        assert_eq!(find("kind:read"), "", "what moves is no element");
        assert_eq!(find("nonsense"), "");
    }
}
