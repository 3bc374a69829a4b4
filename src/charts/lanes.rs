//! Which charts a scenario has, and how their values are read from a run.

use understudy_sim::history::BUCKET;
use understudy_sim::plan::Plan;
use understudy_sim::{SimDuration, Timeline};

use super::samples::Samples;
use crate::words;

/// What a lane's values are, for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Requests per second.
    PerSecond,
    /// Milliseconds.
    Millis,
    /// Percent.
    Percent,
}

impl Unit {
    /// A value with its unit: `23/s`, `84 ms`, `99.2 %`.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "rounded, for people")]
    pub fn write(self, value: f64) -> String {
        let tenths = (value.max(0.0) * 10.0).round() as u64;
        let whole = words::grouped((tenths + 5) / 10);
        match self {
            Self::PerSecond => format!("{whole}/s"),
            Self::Millis if tenths < 100 => format!("{}.{}\u{202f}ms", tenths / 10, tenths % 10),
            Self::Millis => format!("{whole}\u{202f}ms"),
            // All is all: what is not quite all is not rounded up to it.
            Self::Percent => format!("{}.{}\u{202f}%", tenths / 10, tenths % 10),
        }
    }

    /// The lowest top that an axis of it has.
    pub const fn least_top(self) -> f64 {
        match self {
            Self::PerSecond => 5.0,
            Self::Millis => 10.0,
            Self::Percent => 100.0,
        }
    }
}

/// One line of a chart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// What it is called.
    pub name: String,
    /// The style sheet's name for it.
    pub class: &'static str,
    /// Where its values come from.
    source: Source,
}

/// One chart: a strip along the time axis.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lane {
    /// What it shows.
    pub title: &'static str,
    /// Of what.
    pub unit: Unit,
    /// Its lines.
    pub lines: Vec<Line>,
}

/// Where values come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Source {
    Answered,
    Failed,
}

/// The charts of a scenario.
pub fn lanes(_plan: &Plan) -> Vec<Lane> {
    let line = |name: &str, class, source| Line { name: name.into(), class, source };
    vec![Lane {
        title: "Requests",
        unit: Unit::PerSecond,
        lines: vec![
            line("answered", "answered", Source::Answered),
            line("failed", "failed", Source::Failed),
        ],
    }]
}

/// What every line of every chart shows, in the order of the charts.
pub fn read(lanes: &[Lane], timeline: &Timeline) -> Vec<Vec<Samples>> {
    lanes.iter().map(|lane| lane.lines.iter().map(|line| line.source.read(timeline)).collect()).collect()
}

impl Source {
    fn read(self, timeline: &Timeline) -> Samples {
        let history = timeline.sim().history();
        let complete = timeline.now().as_nanos() / BUCKET.as_nanos();
        let buckets: Vec<_> = history.buckets().collect();
        let start = buckets.first().map(|(start, _)| *start).unwrap_or_default();
        let per_s = SimDuration::from_secs(1).as_nanos() / BUCKET.as_nanos();
        let values = buckets.iter().filter(|(start, _)| start.as_nanos() / BUCKET.as_nanos() < complete).map(
            |(_, bucket)| {
                let count = match self {
                    Self::Answered => bucket.answered,
                    Self::Failed => bucket.failed,
                };
                Some(f64::from(count) * f64::from(u32::try_from(per_s).unwrap_or(1)))
            },
        );
        Samples { start, step: BUCKET, values: values.collect() }
    }
}
