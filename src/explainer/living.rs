//! A figure of the page and its run: what it is, where it stands, who waits for what to happen in it.

use std::rc::Rc;

use leptos::prelude::*;
use understudy_address::{Run, View};
use understudy_lessons::{Choice, Condition, Figure, Scene, all_hold, prepared};
use understudy_sim::{Command, SimTime, Snapshot, TimedCommand, Timeline};
use web_sys::HtmlElement;

use super::page::data;
use crate::player::playback::{SPEEDS, START_SPEED, Speed};
use crate::player::{Companion, Player, set_if_new};
use crate::stage::Setting;
use crate::stage::geometry::Size;

/// Events of the way to where a figure starts that are done at once; the rest is done frame by frame.
const EVENTS_AT_ONCE: u64 = 2_000;

/// Told of a run whenever something new can be read.
pub type Listener = Rc<dyn Fn(&Timeline)>;

/// A figure, alive or not yet.
#[derive(Clone, Copy)]
pub struct Living {
    kept: StoredValue<Kept, LocalStorage>,
    /// Its number on the page, from 0.
    pub number: u32,
    /// Its run; nothing until it has come near the window.
    pub player: RwSignal<Option<Player>>,
    /// Whether it waits for a prediction.
    pub locked: RwSignal<bool>,
    /// The place of the caption that fits, and its sentence.
    pub caption: RwSignal<(usize, String)>,
    /// Which option of each choice is on.
    pub chosen: RwSignal<Vec<usize>>,
}

struct Kept {
    element: HtmlElement,
    id: String,
    figure: Option<Result<Rc<Figure>, String>>,
    watches: Vec<Watch>,
    /// What the reader is given.
    view: Rc<View>,
    /// How an address names the scenario.
    run: Option<Run>,
    /// Told whenever something new can be read.
    listener: Option<Listener>,
    /// What is said of a run while no caption fits.
    otherwise: Otherwise,
}

/// What is said of a run that has no captions: the number of the sentence, and the sentence.
pub type Otherwise = fn(&Timeline) -> (usize, String);

/// Somebody who waits for something to happen in a run.
#[derive(Clone)]
pub struct Watch {
    /// What has to hold ...
    pub when: Vec<Condition>,
    /// ... or, where that is nothing, the instant that has to come.
    pub or_at: SimTime,
    /// Whether it has happened; whoever waits anew sets it back.
    pub met: RwSignal<bool>,
    /// Whether anybody waits.
    pub waits: RwSignal<bool>,
}

impl Living {
    /// The figure that an element keeps the place of.
    pub fn new(element: HtmlElement, number: u32) -> Self {
        let id = element.get_attribute("data-figure").unwrap_or_default();
        let run = element.get_attribute("data-scene").map(Run::Scene);
        Self {
            kept: StoredValue::new_local(Kept {
                element,
                id,
                figure: None,
                watches: Vec::new(),
                view: Rc::default(),
                run,
                listener: None,
                otherwise: |timeline| (0, timeline.plan().title().to_string()),
            }),
            number,
            player: RwSignal::new(None),
            locked: RwSignal::new(false),
            caption: RwSignal::new((0, String::new())),
            chosen: RwSignal::new(Vec::new()),
        }
    }

    /// The element on the page.
    pub fn element(self) -> HtmlElement {
        self.kept.with_value(|kept| kept.element.clone())
    }

    /// Whether this is its name.
    pub fn is(self, id: &str) -> bool {
        self.kept.with_value(|kept| kept.id == id)
    }

    /// What the page says of it, or why that makes no sense. Read when it is first asked for.
    pub fn figure(self) -> Result<Rc<Figure>, String> {
        if let Some(read) = self.kept.with_value(|kept| kept.figure.clone()) {
            return read;
        }
        let read = read(&data(&self.element()));
        self.kept.update_value(|kept| kept.figure = Some(read.clone()));
        read
    }

    /// Says what the figure is instead of the page, how it is shown, and who is told of its run.
    pub fn prepare(
        self,
        figure: Rc<Figure>,
        view: View,
        run: Option<Run>,
        listener: Listener,
        otherwise: Otherwise,
    ) {
        self.kept.update_value(|kept| {
            kept.figure = Some(Ok(figure));
            kept.view = Rc::new(view);
            kept.run = run;
            kept.listener = Some(listener);
            kept.otherwise = otherwise;
        });
    }

    /// How an address names its scenario; nothing where none can.
    pub fn run(self) -> Option<Run> {
        self.kept.with_value(|kept| kept.run.clone())
    }

    /// What the reader is given: what a lesson gives, unless the page is embedded.
    pub fn view(self) -> Rc<View> {
        self.kept.with_value(|kept| kept.view.clone())
    }

    /// Makes its run, at the instant that is shown first.
    pub fn make_player(self, figure: &Figure, calm: ReadSignal<bool>) -> Player {
        // The still picture keeps the room for the stage.
        let still = self.element().query_selector(".still").ok().flatten();
        let size = |still: web_sys::Element| Size {
            w: f64::from(still.client_width()),
            h: f64::from(still.client_height()),
        };
        let setting = Setting::new(Some(self.number), figure.breakable, self.locked, still.map(size));
        let player = Player::new(figure.plan.clone(), Self::beginning(figure, &[]), calm, setting);
        player.set_speed(speed(figure));
        player.stop_at(figure.stops_at);
        player.prepare(figure.commands.clone());
        player.accompany(Rc::new(self));
        self.player.set(Some(player));
        player.publish_all();
        player
    }

    /// The run where it starts, with these options on.
    fn beginning(figure: &Figure, chosen: &[usize]) -> Timeline {
        let at = figure.starts_at;
        let options = figure.choices.iter().zip(chosen).filter(|(_, option)| **option > 0);
        let chosen = options.flat_map(|(choice, option)| &choice.options[*option].commands);
        let mut commands = figure.commands.clone();
        let place = commands.partition_point(|timed| timed.at <= at);
        let chosen: Vec<_> = chosen.map(|command| TimedCommand { at, command: *command }).collect();
        commands.splice(place..place, chosen);
        let run = Timeline::without_copies(figure.plan.clone(), figure.seed, commands);
        let mut run = run.expect("they were checked when the figure was read");
        let _ = run.seek(at, EVENTS_AT_ONCE);
        run
    }

    /// Goes back to the start; the options that the reader chose stay on, unless all is to be as at first.
    pub fn restart(self, as_at_first: bool) {
        let (Some(player), Ok(figure)) = (self.player.get_untracked(), self.figure()) else { return };
        let chosen = if as_at_first { Vec::new() } else { self.chosen.get_untracked() };
        player.take(Self::beginning(&figure, &chosen));
        player.stop_at(figure.stops_at);
    }

    /// Tells `watch` when it has happened.
    pub fn watch(self, watch: Watch) {
        self.kept.update_value(|kept| kept.watches.push(watch));
    }

    /// Tells those who wait. `all`: those whose instant has come too, and everybody else.
    fn tell(self, timeline: &Timeline, snapshot: &Snapshot) {
        let scene = Scene::new(timeline.sim(), snapshot);
        let watches = self.kept.with_value(|kept| kept.watches.clone());
        for watch in watches {
            let happened = || {
                if watch.when.is_empty() {
                    timeline.now() >= watch.or_at
                } else {
                    all_hold(&watch.when, &scene)
                }
            };
            if watch.waits.get_untracked() && !watch.met.get_untracked() && happened() {
                watch.met.set(true);
            }
        }
    }
}

impl Companion for Living {
    fn frame(&self, timeline: &Timeline, snapshot: &Snapshot) {
        // Nothing has happened yet while the way to the start is still being gone.
        if timeline.wanted() == timeline.now() {
            self.tell(timeline, snapshot);
        }
    }

    fn glance(&self, timeline: &Timeline, snapshot: &Snapshot) {
        let Ok(figure) = self.figure() else { return };
        let scene = Scene::new(timeline.sim(), snapshot);
        let place = figure.caption(&scene).unwrap_or(0);
        let (place, words) = match figure.captions.get(place) {
            Some(caption) => (place, caption.text.write(&scene)),
            None => self.kept.with_value(|kept| kept.otherwise)(timeline),
        };
        set_if_new(self.caption, (place, words));
        set_if_new(self.chosen, chosen(&figure, timeline));
        if let Some(listener) = self.kept.with_value(|kept| kept.listener.clone()) {
            listener(timeline);
        }
    }
}

/// Which option of each choice is on: the one whose commands were given last before the shown instant.
fn chosen(figure: &Figure, timeline: &Timeline) -> Vec<usize> {
    let now = timeline.now();
    let given: Vec<_> = timeline.commands().iter().filter(|timed| timed.at <= now).collect();
    let last = |commands: &[Command]| {
        let mut places = given.windows(commands.len().max(1));
        places.rposition(|given| given.iter().map(|timed| &timed.command).eq(commands))
    };
    let of = |choice: &Choice| {
        let places = choice.options.iter().enumerate();
        let newest = places.filter_map(|(place, option)| Some((last(&option.commands)?, place))).max();
        newest.map_or(0, |(_, place)| place)
    };
    figure.choices.iter().map(of).collect()
}

/// The place of a figure's speed among those of the player.
fn speed(figure: &Figure) -> usize {
    let is_it = |speed: &Speed| speed.is(figure.speed.times, figure.speed.per);
    SPEEDS.iter().position(is_it).unwrap_or(START_SPEED)
}

fn read(text: &str) -> Result<Rc<Figure>, String> {
    prepared::read(text).map(Rc::new).ok_or_else(|| super::page::OTHER_VERSION.into())
}
