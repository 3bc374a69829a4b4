//! What happened, in sentences, newest first. A line leads to its instant; the log of a node is every line that
//! names it.

use leptos::prelude::*;
use understudy_sim::Plan;
use understudy_sim::SimTime;
use understudy_sim::log::{Entry, Fact};
use understudy_sim::story::sentence;

use crate::bind::{flag, part, text};
use crate::lab::Lab;
use crate::words::instant;

/// How many lines are listed.
const LISTED: usize = 80;

/// One line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Its number in the run.
    pub id: u64,
    /// When it began.
    pub at: SimTime,
    /// How it stands out.
    class: &'static str,
    /// What happened.
    pub words: String,
}

impl Line {
    /// The line of an entry.
    pub fn of(entry: &Entry, plan: &Plan) -> Self {
        Self { id: entry.id, at: entry.at, class: class(&entry.fact), words: sentence(&entry.fact, plan) }
    }

    /// Whether it is a turning point, rather than a count or a step on the way to one.
    pub fn turns(&self) -> bool {
        matches!(self.class, "fault" | "turn")
    }

    /// Whether it names a node: as a word of its own, not as a part of another name.
    fn names(&self, node: &str) -> bool {
        let part_of_a_word = |letter: char| letter.is_alphanumeric() || letter == '-' || letter == '_';
        self.words.match_indices(node).any(|(start, _)| {
            let before = self.words[..start].chars().next_back();
            let after = self.words[start + node.len()..].chars().next();
            !before.is_some_and(part_of_a_word) && !after.is_some_and(part_of_a_word)
        })
    }
}

/// How an entry stands out.
const fn class(fact: &Fact) -> &'static str {
    match fact {
        Fact::Killed { .. } | Fact::Hung { .. } | Fact::LeaseRanOut { .. } => "fault",
        Fact::Refused { .. } | Fact::QueueFull { .. } | Fact::Rejected { .. } | Fact::TimedOut { .. } => {
            "bad"
        }
        Fact::CheckFailed { .. } | Fact::CheckPassed { .. } | Fact::ManagerStep { .. } => "",
        _ => "turn",
    }
}

/// The log.
pub fn log() -> impl IntoView {
    let lab = expect_context::<Lab>();
    // The name of the node that it is about; empty for all.
    let about = RwSignal::new(String::new());
    let shown = move || {
        let about = about.get();
        lab.run.get().log.with(|log| {
            let lines = log.iter().filter(|line| about.is_empty() || line.names(&about));
            lines.take(LISTED).cloned().collect::<Vec<_>>()
        })
    };
    // Those about one node are few: what is left out then is what the run itself has forgotten.
    let is_cut = move || {
        lab.run
            .get()
            .log
            .with(|log| shown().len() == LISTED || log.last().is_some_and(|oldest| oldest.id > 0))
    };
    let lines = part(move || shown().into_iter().map(|one| line(lab, one)).collect_view());
    let nothing = flag(move || !shown().is_empty());
    let option = |name: String| view! { <option value=name.clone()>{name.clone()}</option> };
    let names = part(move || {
        let names: Vec<String> = lab.run.get().plan().nodes().map(|(_, node)| node.name.clone()).collect();
        names.into_iter().map(option).collect_view()
    });
    Effect::new(move |_| {
        lab.run.track();
        about.set(String::new());
    });
    view! {
        <section class="log" id="log" aria-label="What happened">
            <div class="log-head">
                <h2>"What happened"</h2>
                <select
                    aria-label="Show the log of"
                    prop:value=text(move || about.get())
                    on:change=move |event| about.set(event_target_value(&event))
                >
                    <option value="">"all nodes"</option>
                    {names}
                </select>
            </div>
            <ol tabindex="0" aria-label="Newest first">
                {lines}
            </ol>
            <p class="quiet" hidden=flag(move || !is_cut())>
                "Older lines are not kept here. Go back in time to have them again."
            </p>
            <p class="quiet nothing" hidden=nothing>
                {text(move || {
                    let about = about.get();
                    if about.is_empty() {
                        String::from("Nothing out of the ordinary so far. Kill a server to change that.")
                    } else {
                        format!("Nothing about {about} so far.")
                    }
                })}
            </p>
        </section>
    }
}

fn line(lab: Lab, Line { at, class, words, .. }: Line) -> impl IntoView {
    view! {
        <li class=class>
            // The instant is within reach of the keyboard by the marks above; here it is for the pointer.
            <button type="button" class="at" tabindex="-1" title="Go there" on:click=move |_| lab.seek(at)>
                <time>{instant(at)}</time>
            </button>
            <span>{words}</span>
        </li>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_found_as_a_word_of_its_own() {
        let line = |words: &str| Line { id: 0, at: SimTime::ZERO, class: "", words: words.into() };
        assert!(line("lb-1 took web-1 out").names("web-1"));
        assert!(line("web-1: killed").names("web-1"));
        assert!(!line("lb-1 took web-11 out").names("web-1"));
        assert!(!line("lb-1 took my-web-1 out").names("web-1"));
    }
}
