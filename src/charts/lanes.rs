//! Which charts a scenario has, and how their values are read from a run.

use understudy_sim::ids::NodeId;
use understudy_sim::metrics::{Bucket, Latency, Series};
use understudy_sim::plan::{NodeKind, Plan, PlanNode};
use understudy_sim::{Outcome, SimDuration, SimTime, Timeline};

use super::samples::Samples;
use crate::words::{self, kind_heading};

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

/// Where a line's values come from.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Source {
    Answered,
    Failed,
    Median,
    Slowest,
    /// Busy share of the workers of these nodes, on average.
    Busy(Vec<NodeId>),
    /// How far the database of this number is behind.
    Lag(usize),
    Availability,
}

/// Lines of these classes can be told apart.
const CLASSES: [&str; 6] = ["s1", "s2", "s3", "s4", "s5", "s6"];

/// The charts of a scenario.
pub fn lanes(plan: &Plan) -> Vec<Lane> {
    let line = |name: &str, class, source| Line { name: name.into(), class, source };
    let mut lanes = vec![
        Lane {
            title: "Requests",
            unit: Unit::PerSecond,
            lines: vec![
                line("answered", "answered", Source::Answered),
                line("failed", "failed", Source::Failed),
            ],
        },
        Lane {
            title: "Latency",
            unit: Unit::Millis,
            lines: vec![line("p50", "p50", Source::Median), line("p99", "p99", Source::Slowest)],
        },
        Lane { title: "Utilisation", unit: Unit::Percent, lines: utilisation(plan) },
    ];
    if plan.databases().len() > 1 {
        let lag = |(place, id): (usize, &NodeId)| line(plan.name(*id), class(place), Source::Lag(place));
        let lines = plan.databases().iter().enumerate().take(CLASSES.len()).map(lag).collect();
        lanes.push(Lane { title: "Replication lag", unit: Unit::Millis, lines });
    }
    lanes.push(Lane {
        title: "Availability so far",
        unit: Unit::Percent,
        lines: vec![line("answered", "answered", Source::Availability)],
    });
    lanes
}

const fn class(place: usize) -> &'static str {
    CLASSES[place % CLASSES.len()]
}

/// A line for each server; where there are more than can be told apart, one for each kind.
fn utilisation(plan: &Plan) -> Vec<Line> {
    let works = |node: &PlanNode| {
        matches!(node.kind, NodeKind::WebServer(_) | NodeKind::ApplicationServer(_) | NodeKind::Database(_))
    };
    let servers: Vec<(NodeId, &PlanNode)> = plan.nodes().filter(|(_, node)| works(node)).collect();
    let mut lines: Vec<Line> = Vec::new();
    for (id, node) in &servers {
        let name =
            if servers.len() <= CLASSES.len() { node.name.as_str() } else { kind_heading(&node.kind, true) };
        match lines.iter_mut().find(|line| line.name == name) {
            Some(Line { source: Source::Busy(nodes), .. }) => nodes.push(*id),
            _ => {
                let class = class(lines.len());
                lines.push(Line { name: name.into(), class, source: Source::Busy(vec![*id]) });
            }
        }
    }
    lines
}

/// What every line of every chart shows, in the order of the charts: the whole run as far as it was played, also while
/// an earlier instant is shown.
pub fn read(lanes: &[Lane], timeline: &Timeline) -> Vec<Vec<Samples>> {
    let series = timeline.furthest_sim().metrics().series();
    let read = |line: &Line| Samples {
        start: SimTime::ZERO,
        step: series.width(),
        values: line.source.read(series),
    };
    lanes.iter().map(|lane| lane.lines.iter().map(read).collect()).collect()
}

impl Source {
    fn read(&self, series: &Series) -> Vec<Option<f64>> {
        let seconds = series.width().as_secs_f64();
        let buckets = series.buckets().map(|(_, bucket)| bucket);
        let millis = |time: SimDuration| time.as_secs_f64() * 1e3;
        match self {
            Self::Answered => {
                buckets.map(|bucket| Some(count(bucket.totals.of(Outcome::Answered)) / seconds)).collect()
            }
            Self::Failed => buckets.map(|bucket| Some(count(bucket.totals.failed()) / seconds)).collect(),
            Self::Median => buckets.map(|bucket| latency(bucket).map(|all| millis(all.p50))).collect(),
            Self::Slowest => buckets.map(|bucket| latency(bucket).map(|all| millis(all.p99))).collect(),
            Self::Busy(nodes) => {
                let busy = |bucket: &Bucket| {
                    let sum: u64 = nodes.iter().map(|node| u64::from(bucket.work(*node).busy_ppm)).sum();
                    Some(count(sum) / count(nodes.len() as u64) / 1e4)
                };
                buckets.map(busy).collect()
            }
            Self::Lag(place) => {
                buckets.map(|bucket| bucket.lag().get(*place).map(|lag| millis(lag.time))).collect()
            }
            Self::Availability => {
                let (mut answered, mut ended) = (0, 0);
                let so_far = |bucket: &Bucket| {
                    answered += bucket.totals.of(Outcome::Answered);
                    ended += bucket.totals.ended();
                    (ended > 0).then(|| count(answered) * 100.0 / count(ended))
                };
                buckets.map(so_far).collect()
            }
        }
    }
}

/// How long the answered requests took; `None` where none was answered.
fn latency(bucket: &Bucket) -> Option<Latency> {
    (bucket.totals.of(Outcome::Answered) > 0).then_some(bucket.latency)
}

#[expect(clippy::cast_precision_loss, reason = "for drawing")]
const fn count(number: u64) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use understudy_sim::{Command, Scenario};

    use super::*;

    fn played(text: &str, seconds: u64, kill: &str) -> (Vec<Lane>, Vec<Vec<Samples>>) {
        let plan = Rc::new(Scenario::read("scene", text).expect("it makes sense"));
        let mut timeline = Timeline::new(plan.clone(), 7);
        let _ = timeline.seek(SimTime::from_secs(seconds / 2), u64::MAX);
        timeline.command(Command::Kill(plan.find(kill).expect("there"))).expect("it can be killed");
        let _ = timeline.seek(SimTime::from_secs(seconds), u64::MAX);
        // What was played stays on the charts while an earlier instant is shown.
        let _ = timeline.seek(SimTime::from_secs(1), u64::MAX);
        let lanes = lanes(&plan);
        let values = read(&lanes, &timeline);
        (lanes, values)
    }

    fn line<'a>(played: &'a (Vec<Lane>, Vec<Vec<Samples>>), title: &str, name: &str) -> &'a Samples {
        let lane = played.0.iter().position(|lane| lane.title == title).expect("there is such a chart");
        let line =
            played.0[lane].lines.iter().position(|line| line.name == name).expect("there is such a line");
        &played.1[lane][line]
    }

    #[test]
    fn a_death_shows_on_every_chart() {
        let run = played(include_str!("../../scenarios/three-web-servers.json"), 20, "web-2");
        let (before, after) = (SimTime::from_secs(8), SimTime::from_millis(10_600));
        assert_eq!(line(&run, "Requests", "failed").at(before), Some(0.0));
        let failed = line(&run, "Requests", "failed").values.iter().flatten().sum::<f64>();
        assert!(failed > 0.0, "what the dead server refused");
        assert!(line(&run, "Utilisation", "web-2").at(after).is_some_and(|busy| busy < 1.0));
        let availability = line(&run, "Availability so far", "answered");
        assert_eq!(availability.at(before), Some(100.0));
        assert!(
            availability.last().is_some_and(|share| (80.0..100.0).contains(&share)),
            "{:?}",
            availability.last()
        );
        let median = line(&run, "Latency", "p50").at(before).expect("requests were answered");
        assert!((150.0..1_000.0).contains(&median), "{median} ms");
    }

    #[test]
    fn replicas_have_a_lag_and_many_servers_are_one_line() {
        let run = played(include_str!("../../scenarios/primary-and-replicas.json"), 10, "app-1");
        assert!(line(&run, "Replication lag", "db-2").values.iter().flatten().any(|lag| *lag > 0.0));
        let mut text = String::from(
            r#"{"title":"wide","nodes":[{"kind":"clients","name":"c","rate_per_s":9},{"kind":"load-balancer","name":"lb"}"#,
        );
        let mut links = String::from(r#"{"from":"c","to":"lb","latency":"1ms"}"#);
        for server in 0..9 {
            text.push_str(&format!(r#",{{"kind":"web-server","name":"w{server}","workers":1,"queue_limit":5,"service_time":{{"constant":"20ms"}}}}"#));
            links.push_str(&format!(r#",{{"from":"lb","to":"w{server}","latency":"1ms"}}"#));
        }
        let plan = Scenario::read("wide", &format!("{text}],\"links\":[{links}]}}")).expect("it makes sense");
        let utilisation = utilisation(&plan);
        assert_eq!(utilisation.len(), 1);
        assert_eq!(utilisation[0].name, "Web servers");
    }

    #[test]
    fn values_are_written_with_their_unit() {
        assert_eq!(Unit::PerSecond.write(1_482.4), "1\u{202f}482/s");
        assert_eq!(Unit::Millis.write(3.14), "3.1\u{202f}ms");
        assert_eq!(Unit::Millis.write(184.6), "185\u{202f}ms");
        assert_eq!(Unit::Percent.write(99.94), "99.9\u{202f}%");
    }
}
