//! The embed page: one figure for somebody else's page.
//!
//! The page is the explainer's, with one figure in it, which the address names: [`found`] gets it, [`events`] watches its
//! run, [`protocol`] talks to the page around. It never takes the keyboard or the scroll position from that page.

mod events;
mod found;
mod protocol;
mod state;
mod telling;

use std::rc::Rc;

use leptos::prelude::*;
use understudy_address::{Address, Refused, Theme as Colours, View};
use understudy_lessons::Question;
use understudy_sim::{Plan, Timeline};
use wasm_bindgen_futures::spawn_local;
use web_sys::Element;

use crate::browser::{self, json};
use crate::explainer::{self, Living, Page, Prepared};
use crate::stage::topology::Topology;
use crate::theme::Theme;
use found::Found;
use protocol::Host;

/// As many rows of nodes as the style sheet has heights for.
const MOST_ROWS: usize = 4;

/// Shows the figure that the page's address names.
pub fn open() {
    let (address, refused) = Address::read(&browser::query());
    theme(address.view.theme).show();
    let host = Host::listen();
    spawn_local(async move {
        let (found, refused) = found::find(&address, refused).await;
        for refused in &refused {
            let Refused { parameter, problem, .. } = refused;
            host.error("address", &[parameter.as_str(), ": ", problem.as_str()].concat());
        }
        match found {
            Ok(found) => show(found, address.view, &refused, &host),
            Err(problem) => say(&problem),
        }
    });
}

/// The colours that an address asks for.
pub fn theme(colours: Colours) -> Theme {
    match colours {
        Colours::Auto => Theme::Auto,
        Colours::Light => Theme::Light,
        Colours::Dark => Theme::Dark,
    }
}

/// Puts the figure and what is asked about it into the page, and brings them to life.
fn show(found: Found, view: View, refused: &[Refused], host: &Rc<Host>) {
    let Some(main) = browser::element("text") else { return };
    main.set_text_content(None);
    if !refused.is_empty() {
        let notes = add(&main, "div", &[("class", "notes"), ("role", "note"), ("aria-label", "The address")]);
        for Refused { parameter, problem, instead } in refused {
            let place = if parameter.is_empty() { "address" } else { parameter };
            let words = ["The address\u{2019}s ", place, ": ", problem, ". ", instead].concat();
            add(&notes, "p", &[]).set_text_content(Some(&words));
        }
    }
    let Found { figure, scene, lesson, predict, checks, hash } = found;
    let article = add(&main, "article", &[("class", "lesson"), ("data-lesson", &lesson)]);
    if let Some(predict) = predict {
        ask(&article, "predict", &figure.id, &predict);
    }
    let rows = rows(&Topology::of(&figure.plan)).to_string();
    let element =
        add(&article, "figure", &[("class", "living"), ("data-figure", &figure.id), ("data-rows", &rows)]);
    if let Some(scene) = &scene {
        let _ = element.set_attribute("data-scene", scene);
    }
    for check in checks {
        ask(&article, "check", &figure.id, &check);
    }
    let autoplay = view.autoplay;
    let events = events::Events::new(host.clone(), hash);
    let then = {
        let (host, title) = (host.clone(), figure.plan.title().to_string());
        move |page: Page, living: Living| {
            let may_play = autoplay && !page.calm.get_untracked() && !living.locked.get_untracked();
            if let Some(player) = living.player.get_untracked().filter(|_| may_play) {
                player.set_playing(true);
            }
            host.attend(page, living, &title);
        }
    };
    let listener = Rc::new(move |timeline: &Timeline| events.glance(timeline));
    explainer::open_embedded(Prepared {
        figure,
        view,
        read_question,
        listener,
        otherwise: telling::latest,
        then: Box::new(then),
    });
}

/// A question's place, with what is asked.
fn ask(article: &Element, class: &str, figure: &str, json: &str) {
    let section = add(article, "section", &[("class", class), ("data-figure", figure)]);
    add(&section, "script", &[("type", "application/json")]).set_text_content(Some(json));
}

/// Reads a question as a file has it.
fn read_question(text: &str, plan: Option<&Plan>) -> Option<Question> {
    Question::read(&json::read(text)?, |_| plan).ok()
}

/// Puts a new element at the end of another.
fn add(into: &Element, tag: &str, attributes: &[(&str, &str)]) -> Element {
    let element = document().create_element(tag).expect("these are elements that every browser knows");
    for (name, value) in attributes {
        let _ = element.set_attribute(name, value);
    }
    let _ = into.append_child(&element);
    element
}

/// How many rows of nodes a figure has room for.
fn rows(topology: &Topology) -> usize {
    let tiers = (0..topology.tiers.len()).map(|tier| topology.nodes_of(tier).count());
    (tiers.max().unwrap_or(1) + usize::from(!topology.aside.is_empty())).clamp(1, MOST_ROWS)
}

/// Says why there is no figure.
fn say(problem: &str) {
    if let Some(main) = browser::element("text") {
        main.set_text_content(None);
        add(&main, "p", &[("class", "notes"), ("role", "alert")]).set_text_content(Some(problem));
    }
}
