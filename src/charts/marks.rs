//! Turning points of the run as marks along the time axis: what was done, who noticed, who took over.

use understudy_sim::SimTime;

use super::axis::TimeAxis;

/// What a mark stands for, the most telling last: where marks fall together, that one is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A setting was changed.
    Setting,
    /// Something works again.
    Repair,
    /// Somebody noticed.
    Detection,
    /// An alert fires.
    Alert,
    /// A balancer took the virtual address.
    Takeover,
    /// A replica was promoted.
    Promotion,
    /// Something was broken.
    Fault,
}

impl Kind {
    /// All kinds with their names, for the style sheet and for people.
    pub const ALL: [(Self, &str); 7] = [
        (Self::Fault, "fault"),
        (Self::Detection, "detection"),
        (Self::Takeover, "takeover"),
        (Self::Promotion, "promotion"),
        (Self::Alert, "alert"),
        (Self::Repair, "repair"),
        (Self::Setting, "setting"),
    ];

    /// Its name.
    pub fn name(self) -> &'static str {
        Self::ALL.into_iter().find(|(kind, _)| *kind == self).map_or("", |(_, name)| name)
    }

    /// Its sign, in a box of 12 units: a shape of its own for each kind, so that its hue only repeats it.
    pub const fn sign(self) -> &'static str {
        match self {
            Self::Fault => "M2.5 2.5l7 7M9.5 2.5l-7 7",
            Self::Detection => {
                "M1 6s2-3.5 5-3.5S11 6 11 6 9 9.5 6 9.5 1 6 1 6zM7.3 6a1.3 1.3 0 1 1-2.6 0 1.3 1.3 0 0 1 2.6 0"
            }
            Self::Takeover => "M1.5 6h8M6.5 2.5 10 6 6.5 9.5",
            Self::Promotion => "M6 10V2M2.5 5.5 6 2l3.5 3.5",
            Self::Alert => "M6 1.5 11 10.5H1zM6 5v2.5M6 9h.01",
            Self::Repair => "M2 6.5 5 9.5l5-7",
            Self::Setting => "M6 2 10 6 6 10 2 6z",
        }
    }
}

/// A turning point.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// When.
    pub at: SimTime,
    /// What for.
    pub kind: Kind,
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
    pub kind: Kind,
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
                last.kind = last.kind.max(mark.kind);
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

    fn mark(second: u64, kind: Kind) -> Mark {
        Mark { at: SimTime::from_secs(second), kind, words: format!("{} at {second}", kind.name()) }
    }

    #[test]
    fn marks_that_fall_together_are_one_with_the_most_telling_sign() {
        let marks =
            [mark(10, Kind::Detection), mark(11, Kind::Fault), mark(30, Kind::Repair), mark(70, Kind::Alert)];
        let clusters = cluster(&marks, TimeAxis::default(), 0.03);
        assert_eq!(clusters.len(), 2, "the last one is not on the axis");
        assert_eq!((clusters[0].kind, clusters[0].count), (Kind::Fault, 2));
        assert_eq!(clusters[0].words, "detection at 10; fault at 11");
        assert_eq!(clusters[0].at, SimTime::from_secs(10));
    }

    #[test]
    fn a_crowd_is_not_told_in_full() {
        let marks: Vec<Mark> = (0..9).map(|_| mark(5, Kind::Fault)).collect();
        let clusters = cluster(&marks, TimeAxis::default(), 0.03);
        assert_eq!(clusters[0].count, 9);
        assert!(clusters[0].words.ends_with("; and more") && clusters[0].words.matches("fault").count() == 4);
    }

    #[test]
    fn the_neighbours_of_an_instant_leave_it_out() {
        let marks = [mark(10, Kind::Fault), mark(20, Kind::Fault), mark(20, Kind::Alert)];
        assert_eq!(beside(&marks, SimTime::from_secs(10), true), Some(SimTime::from_secs(20)));
        assert_eq!(beside(&marks, SimTime::from_secs(20), false), Some(SimTime::from_secs(10)));
        assert_eq!(beside(&marks, SimTime::from_secs(20), true), None);
        assert_eq!(beside(&[], SimTime::ZERO, true), None);
    }
}
