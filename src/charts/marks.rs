//! Turning points of the run as marks along the time axis: what was done, who noticed, who took over.

use understudy_sim::story::sentence;
use understudy_sim::timeline::{self, MarkKind};
use understudy_sim::{Plan, SimTime, Timeline};

use super::axis::TimeAxis;

/// The sign of a kind, in a box of 12 units: a shape of its own for each, so that its hue only repeats it.
pub const fn sign(kind: MarkKind) -> &'static str {
    match kind {
        MarkKind::Fault => "M2.5 2.5l7 7M9.5 2.5l-7 7",
        MarkKind::Detection => {
            "M1 6s2-3.5 5-3.5S11 6 11 6 9 9.5 6 9.5 1 6 1 6zM7.3 6a1.3 1.3 0 1 1-2.6 0 1.3 1.3 0 0 1 2.6 0"
        }
        MarkKind::Takeover => "M1.5 6h8M6.5 2.5 10 6 6.5 9.5",
        MarkKind::Promotion => "M6 10V2M2.5 5.5 6 2l3.5 3.5",
        MarkKind::Alert => "M6 1.5 11 10.5H1zM6 5v2.5M6 9h.01",
        MarkKind::Recovery => "M2 6.5l3 3 5-7",
        MarkKind::Command => "M6 2l4 4-4 4-4-4z",
    }
}

/// How telling a kind is: where marks fall together, the most telling one is drawn.
fn telling(kind: MarkKind) -> usize {
    use MarkKind::{Alert, Command, Detection, Fault, Promotion, Recovery, Takeover};
    [Command, Recovery, Alert, Detection, Takeover, Promotion, Fault]
        .iter()
        .position(|other| *other == kind)
        .unwrap_or(0)
}

/// The turning points of a run, those after the shown instant too, each with its sentence.
pub fn of_run(timeline: &Timeline, plan: &Plan) -> Vec<Mark> {
    let told = timeline.furthest_sim().log();
    let words = |mark: &timeline::Mark| {
        let entry = told.entries().find(|entry| entry.id == mark.fact);
        entry.map_or_else(|| mark.kind.name().to_string(), |entry| sentence(&entry.fact, plan))
    };
    timeline.marks().iter().map(|mark| Mark { at: mark.at, kind: mark.kind, words: words(mark) }).collect()
}

/// A turning point.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// When.
    pub at: SimTime,
    /// What for.
    pub kind: MarkKind,
    /// What happened, in a sentence.
    pub words: String,
}

/// Marks that stand too close together to be hit one by one.
#[derive(Clone, Debug, PartialEq)]
pub struct Cluster {
    /// How far along the axis.
    pub share: f64,
    /// The first of its instants.
    pub at: SimTime,
    /// The most telling of its kinds.
    pub kind: MarkKind,
    /// How many there are.
    pub count: usize,
    /// What happened, a sentence for each.
    pub words: String,
}

/// How many sentences a cluster tells.
const MOST_TOLD: usize = 4;

/// The marks on the axis, in order of time, with at least `gap` of the axis between two clusters.
pub fn cluster(marks: &[Mark], axis: TimeAxis, gap: f64) -> Vec<Cluster> {
    let mut clusters: Vec<Cluster> = Vec::new();
    for mark in marks.iter().filter(|mark| axis.shows(mark.at)) {
        let share = axis.share(mark.at);
        match clusters.last_mut() {
            Some(last) if share - last.share < gap => {
                if telling(mark.kind) > telling(last.kind) {
                    last.kind = mark.kind;
                }
                last.count += 1;
                if last.count <= MOST_TOLD {
                    last.words.push_str("; ");
                    last.words.push_str(&mark.words);
                } else if last.count == MOST_TOLD + 1 {
                    last.words.push_str("; and more");
                }
            }
            _ => clusters.push(Cluster {
                share,
                at: mark.at,
                kind: mark.kind,
                count: 1,
                words: mark.words.clone(),
            }),
        }
    }
    clusters
}

/// The mark before or after an instant.
pub fn beside(marks: &[Mark], now: SimTime, after: bool) -> Option<SimTime> {
    let mut at = marks.iter().map(|mark| mark.at);
    if after { at.find(|at| *at > now) } else { at.rfind(|at| *at < now) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(second: u64, kind: MarkKind) -> Mark {
        Mark { at: SimTime::from_secs(second), kind, words: format!("{} at {second}", kind.name()) }
    }

    #[test]
    fn marks_that_fall_together_are_one_with_the_most_telling_sign() {
        let marks = [
            mark(10, MarkKind::Detection),
            mark(11, MarkKind::Fault),
            mark(30, MarkKind::Recovery),
            mark(70, MarkKind::Alert),
        ];
        let clusters = cluster(&marks, TimeAxis::default(), 0.03);
        assert_eq!(clusters.len(), 2, "the last one is not on the axis");
        assert_eq!((clusters[0].kind, clusters[0].count), (MarkKind::Fault, 2));
        assert_eq!(clusters[0].words, "detection at 10; fault at 11");
        assert_eq!(clusters[0].at, SimTime::from_secs(10));
    }

    #[test]
    fn a_crowd_is_not_told_in_full() {
        let marks: Vec<Mark> = (0..9).map(|_| mark(5, MarkKind::Fault)).collect();
        let clusters = cluster(&marks, TimeAxis::default(), 0.03);
        assert_eq!(clusters[0].count, 9);
        assert!(clusters[0].words.ends_with("; and more") && clusters[0].words.matches("fault").count() == 4);
    }

    #[test]
    fn the_neighbours_of_an_instant_leave_it_out() {
        let marks = [mark(10, MarkKind::Fault), mark(20, MarkKind::Fault), mark(20, MarkKind::Alert)];
        assert_eq!(beside(&marks, SimTime::from_secs(10), true), Some(SimTime::from_secs(20)));
        assert_eq!(beside(&marks, SimTime::from_secs(20), false), Some(SimTime::from_secs(10)));
        assert_eq!(beside(&marks, SimTime::from_secs(20), true), None);
        assert_eq!(beside(&[], SimTime::ZERO, true), None);
    }
}
