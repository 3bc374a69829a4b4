//! What happens in the run, told to the page around it: faults, failovers, and whether it is the run that was shared.

use std::cell::Cell;
use std::rc::Rc;

use understudy_sim::timeline::mark::{Mark, MarkKind, Subject};
use understudy_sim::{SimTime, Timeline};

use super::protocol::Host;
use super::state::{number, object, text};
use super::telling::told;

/// What was told last: its instant, and its number in the log.
type Last = (SimTime, u64);

/// Tells each turning point once, in order of time.
pub struct Events {
    host: Rc<Host>,
    last: Cell<Option<Last>>,
    hash: Cell<Option<u64>>,
}

impl Events {
    /// Has told nothing. `hash`: the trace hash that the run is to have where it starts.
    pub fn new(host: Rc<Host>, hash: Option<u64>) -> Self {
        Self { host, last: Cell::new(None), hash: Cell::new(hash) }
    }

    /// The run shows this now.
    pub fn glance(&self, timeline: &Timeline) {
        let now = timeline.now();
        if timeline.wanted() != now {
            return;
        }
        if let Some(wanted) = self.hash.take() {
            let hash = timeline.sim().trace_hash();
            if hash.get() != wanted {
                let words = format!("this is not the run that was shared: its trace hash here is {hash}");
                self.host.error("hash", &words);
            }
        }
        let marks = timeline.marks();
        let so_far = marks.iter().filter(|mark| mark.at <= now);
        let newest = so_far.clone().map(key).max().unwrap_or_default();
        // What lies before where the run starts, or where the reader has gone back to, is no news.
        if let Some(last) = self.last.replace(Some(newest)) {
            let first_master = marks.iter().find(|mark| mark.kind == MarkKind::Takeover).map(key);
            for mark in so_far.filter(|mark| key(mark) > last) {
                match mark.kind {
                    MarkKind::Fault => self.tell("fault", mark, timeline),
                    MarkKind::Promotion => self.tell("failover", mark, timeline),
                    // The first master takes over from nobody.
                    MarkKind::Takeover if Some(key(mark)) != first_master => {
                        self.tell("failover", mark, timeline);
                    }
                    _ => {}
                }
            }
        }
    }

    fn tell(&self, kind: &str, mark: &Mark, timeline: &Timeline) {
        let plan = timeline.plan();
        let about = match mark.subject {
            Some(Subject::Node(node)) => ("node", plan.name(node).to_string()),
            Some(Subject::Link(link)) => {
                let link = plan.link(link);
                ("link", [plan.name(link.from), ">", plan.name(link.to)].concat())
            }
            None => ("node", String::new()),
        };
        let words = told(mark, timeline).unwrap_or_default();
        let fields = [("t", number(mark.at.as_secs_f64())), (about.0, text(about.1)), ("text", text(words))];
        self.host.tell(kind, &object(fields));
    }
}

fn key(mark: &Mark) -> Last {
    (mark.at, mark.fact)
}
