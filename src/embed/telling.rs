//! A run in a sentence, for pages that bring no sentences of their own: what turned last.

use understudy_sim::Timeline;
use understudy_sim::story::sentence;
use understudy_sim::timeline::mark::Mark;

use crate::words::clock;

/// The latest turning point of a run, and a number that tells it from others.
pub fn latest(timeline: &Timeline) -> (usize, String) {
    let now = timeline.now();
    let newest = timeline.marks().iter().rev().find(|mark| mark.at <= now);
    let sentence = newest.and_then(|mark| Some((mark, told(mark, timeline)?)));
    match sentence {
        Some((mark, words)) => {
            #[expect(clippy::cast_possible_truncation, reason = "it only has to differ from the one before")]
            let number = mark.fact as usize + 1;
            (number, clock(mark.at) + ": " + &words)
        }
        None => (0, timeline.plan().title().to_string()),
    }
}

/// The sentence of a turning point, if the log still has it.
pub fn told(mark: &Mark, timeline: &Timeline) -> Option<String> {
    let entry = timeline.furthest_sim().log().entries().rev().find(|entry| entry.id == mark.fact)?;
    Some(sentence(&entry.fact, timeline.plan()))
}
