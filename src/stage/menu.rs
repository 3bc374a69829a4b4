//! The menu of a node: what can be done to it, beside its card. Arrow keys move, Escape closes and gives the focus
//! back to the card.

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use understudy_sim::Command;
use understudy_sim::ids::NodeId;
use understudy_sim::plan::NodeKind;
use wasm_bindgen::JsCast;

use super::UNMEASURED;
use super::badge;
use super::geometry::{Flow, Point, Size, px};
use super::layout::Layout;
use super::node::element_id;
use super::view::View;
use crate::acts::{self, Act, Verb};
use crate::bind::{Text, aria, press, text};
use crate::browser;
use crate::player::{Player, Run};
use crate::selection::Selection;

/// Width of the menu; the style sheet has the same.
const WIDTH: f64 = 236.0;
/// Between a card and its menu.
const GAP: f64 = 6.0;
/// Room that the menu needs below a card.
const HEIGHT: f64 = 300.0;

/// The open menu, if any.
pub fn menu(
    run: Run,
    layout: Memo<Layout>,
    view: RwSignal<View>,
    window: ReadSignal<Option<Size>>,
) -> impl IntoView {
    let player = expect_context::<Player>();
    let place = text(move || {
        let Some(id) = player.menu.get() else { return String::new() };
        let window = window.get().unwrap_or(UNMEASURED);
        layout.with(|layout| style(layout, view.get(), window, id))
    });
    move || player.menu.get().map(|id| items(player, run, id, place))
}

fn items(player: Player, run: Run, id: NodeId, place: Text) -> impl IntoView {
    let name = run.name(id);
    let is_balancer = matches!(run.plan().node(id).map(|node| &node.kind), Some(NodeKind::LoadBalancer(_)));
    let retry = run.retries(id);
    let close = move || {
        player.menu.set(None);
        browser::focus(&element_id(player.setting, id));
    };
    let acts =
        Memo::new(move |_| run.frame.with(|snapshot| acts::of(Selection::Node(id), &run.plan(), snapshot)));
    let title = name.clone();
    let act = move |Act { verb, label, key, commands, .. }: Act| {
        let name = name.clone();
        let carry_out = move |_| {
            player.commands(&commands);
            close();
        };
        let kills = verb == Verb::Kill;
        view! {
            <button type="button" role="menuitem" tabindex="-1" class="act" class:kill=kills on:click=press(carry_out)>
                {format!("{label} {name}")}
                <kbd aria-hidden="true">{key}</kbd>
            </button>
        }
    };
    let switch_retry = move |_| {
        player.command(Command::SetRetry { balancer: id, on: !retry.get_untracked() });
        close();
    };
    // A figure has no panel that shows them.
    let has_panel = player.setting.figure.is_none();
    let details = move |_| {
        close();
        if let Some(panel) = browser::element("inspector") {
            panel.scroll_into_view();
            let _ = panel.focus();
        }
    };
    let menu = player.setting.id("menu", 0);
    let first = menu.clone();
    request_animation_frame(move || {
        if let Some(menu) = browser::element(&first) {
            focus_item(&menu, 0);
        }
    });
    view! {
        <div class="scrim" on:click=press(move |_| player.menu.set(None))></div>
        <div
            class="menu"
            role="menu"
            id=menu.clone()
            aria-label=title
            prop:style=place
            on:keydown=move |event| on_key(&event, close)
        >
            {move || acts.get().into_iter().map(act.clone()).collect_view()}
            <button
                type="button"
                role="menuitemcheckbox"
                tabindex="-1"
                aria-checked=aria(retry)
                hidden=!is_balancer
                on:click=press(switch_retry)
            >
                "Retry on the next server"
            </button>
            {badge::in_menu(id, close)}
            <button type="button" role="menuitem" tabindex="-1" hidden=!has_panel on:click=press(details)>
                "Show its settings"
            </button>
        </div>
    }
}

/// Below the card, or above it where there is no room, or beside it; never beyond the stage's sides.
fn style(layout: &Layout, view: View, window: Size, id: NodeId) -> String {
    let card = layout.cards[id.get()].rect;
    let above = view.to_window(Point::new(card.x, card.y));
    let below = view.to_window(Point::new(card.right(), card.bottom()));
    let x = match layout.flow {
        Flow::Across => above.x,
        Flow::Down => f64::midpoint(above.x, below.x) - WIDTH / 2.0,
    };
    let x = x.min(window.w - WIDTH - GAP).max(GAP);
    let (under, over) = (below.y + GAP, above.y - GAP - HEIGHT);
    if under + HEIGHT <= window.h || over < 0.0 {
        format!("left:{}px;top:{}px", px(x), px(under.min(window.h - HEIGHT).max(GAP)))
    } else {
        format!("left:{}px;bottom:{}px", px(x), px(window.h - above.y + GAP))
    }
}

fn on_key(event: &KeyboardEvent, close: impl Fn()) {
    let Some(menu) = event.current_target().and_then(|target| target.dyn_into::<web_sys::Element>().ok())
    else {
        return;
    };
    let item = match event.key().as_str() {
        "ArrowDown" => focused_item(&menu).unwrap_or(0) + 1,
        "ArrowUp" => focused_item(&menu).unwrap_or(0) - 1,
        "Home" => 0,
        "End" => -1,
        "Escape" => {
            event.prevent_default();
            event.stop_propagation();
            close();
            return;
        }
        // The menu is one stop on the reader's way: leaving it closes it.
        "Tab" => {
            close();
            return;
        }
        _ => return,
    };
    event.prevent_default();
    focus_item(&menu, item);
}

fn item_list(menu: &web_sys::Element) -> Option<web_sys::NodeList> {
    menu.query_selector_all("button:not([hidden])").ok()
}

/// Which item the keyboard is on.
fn focused_item(menu: &web_sys::Element) -> Option<i32> {
    let focused = document().active_element()?;
    let items = item_list(menu)?;
    let place = (0..items.length()).find(|place| items.item(*place).as_ref() == Some(focused.as_ref()))?;
    i32::try_from(place).ok()
}

/// Moves the keyboard to an item, going round at both ends.
fn focus_item(menu: &web_sys::Element, item: i32) {
    let Some(items) = item_list(menu) else { return };
    let Ok(length) = i32::try_from(items.length()) else { return };
    if length == 0 {
        return;
    }
    let place = u32::try_from(item.rem_euclid(length)).unwrap_or(0);
    let element = items.item(place).and_then(|item| item.dyn_into::<web_sys::HtmlElement>().ok());
    if let Some(element) = element {
        let _ = element.focus();
    }
}
