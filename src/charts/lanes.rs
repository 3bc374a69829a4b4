//! Which charts a scenario has, and how their values are read from a run.

use understudy_sim::ids::NodeId;
use understudy_sim::metrics::{Bucket, Histogram, Latency};
use understudy_sim::plan::{NodeKind, Plan, PlanNode};
use understudy_sim::{Outcome, SimDuration, SimTime, Timeline, Totals};

use super::measured::Measured;
use super::samples::Samples;
use crate::words;

/// What a lane's values are, for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Requests per second.
    PerSecond,
    /// Milliseconds.
    Millis,
    /// Whole percent.
    Percent,
    /// Percent with a decimal, never rounded up to all.
    Share,
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
            Self::Percent => format!("{whole}\u{202f}%"),
            Self::Share if tenths >= 1_000 && value < 100.0 => String::from("99.9\u{202f}%"),
            Self::Share => format!("{}.{}\u{202f}%", tenths / 10, tenths % 10),
        }
    }

    /// The lowest top that an axis of it has.
    pub const fn least_top(self) -> f64 {
        match self {
            Self::PerSecond => 5.0,
            Self::Millis => 10.0,
            Self::Percent | Self::Share => 100.0,
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
    /// What will be there, said while nothing is.
    pub promise: &'static str,
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
            promise: "How many requests are answered and how many fail, second by second",
            lines: vec![
                line("answered", "answered", Source::Answered),
                line("failed", "failed", Source::Failed),
            ],
        },
        Lane {
            title: "Latency",
            unit: Unit::Millis,
            promise: "How long answers take: half of them at most p50, 99 of 100 at most p99",
            lines: vec![line("p50", "p50", Source::Median), line("p99", "p99", Source::Slowest)],
        },
        Lane {
            title: "Utilisation",
            unit: Unit::Percent,
            promise: "How much of their workers' time servers are busy",
            lines: utilisation(plan),
        },
    ];
    if plan.databases().len() > 1 {
        let lag = |(place, id): (usize, &NodeId)| line(plan.name(*id), class(place), Source::Lag(place));
        let all = plan.databases().iter().enumerate().take(CLASSES.len()).map(lag).collect();
        lanes.push(Lane {
            title: "Replication lag",
            unit: Unit::Millis,
            promise: "How far each replica is behind the primary",
            lines: all,
        });
    }
    lanes.push(Lane {
        title: "Availability so far",
        unit: Unit::Share,
        promise: "Which share of all requests so far was answered",
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
        let name = if servers.len() <= CLASSES.len() { node.name.as_str() } else { kind(&node.kind) };
        let known = lines.iter_mut().find(|line| line.name == name);
        if let Some(Line { source: Source::Busy(nodes), .. }) = known {
            nodes.push(*id);
        } else {
            let class = class(lines.len());
            lines.push(Line { name: name.into(), class, source: Source::Busy(vec![*id]) });
        }
    }
    lines
}

/// Servers of a kind in a word or two: what stands beside a chart has little room.
const fn kind(kind: &NodeKind) -> &'static str {
    match kind {
        NodeKind::WebServer(_) => "web",
        NodeKind::ApplicationServer(_) => "application",
        _ => "databases",
    }
}

/// How long a stretch has to be so that a line is more than noise.
const SMOOTH: SimDuration = SimDuration::from_secs(1);

/// What every line of every chart shows, in the order of the charts: the whole run as far as it was played, also while
/// an earlier instant is shown. What nobody measured is a gap.
pub fn read(lanes: &[Lane], timeline: &Timeline, measured: &Measured) -> Vec<Vec<Samples>> {
    let series = timeline.furthest_sim().metrics().series();
    let together = (SMOOTH.as_nanos() / series.width().as_nanos().max(1)).max(1);
    let buckets: Vec<&Bucket> = series.buckets().map(|(_, bucket)| bucket).collect();
    let step = series.width() * together;
    let groups = buckets.chunks_exact(usize::try_from(together).unwrap_or(1));
    let stretches: Vec<Stretch<'_>> = groups.map(|buckets| Stretch::of(buckets, step)).collect();
    let databases = timeline.plan().databases();
    let read = |line: &Line| {
        let nodes = match &line.source {
            Source::Busy(nodes) => &nodes[..],
            Source::Lag(place) => databases.get(*place..=*place).unwrap_or_default(),
            _ => &[],
        };
        let seen = |place: u64| {
            let from = SimTime::ZERO + step * place;
            measured.knows(nodes, from, from + step)
        };
        let seen: Vec<bool> = (0..stretches.len() as u64).map(seen).collect();
        Samples { start: SimTime::ZERO, step, values: line.source.read(&stretches, &seen) }
    };
    lanes.iter().map(|lane| lane.lines.iter().map(read).collect()).collect()
}

/// Some buckets as one.
struct Stretch<'a> {
    buckets: &'a [&'a Bucket],
    answered: u64,
    failed: u64,
    seconds: f64,
    /// How long the answered requests took, if there were any.
    latency: Option<Latency>,
}

impl<'a> Stretch<'a> {
    fn of(buckets: &'a [&'a Bucket], length: SimDuration) -> Self {
        let sum = |of: fn(&Totals) -> u64| buckets.iter().map(|bucket| of(&bucket.totals)).sum();
        let latency = match buckets {
            [only] => only.latency,
            several => {
                let mut all = Histogram::default();
                for bucket in several {
                    all.add(&bucket.latencies());
                }
                all.summary()
            }
        };
        Self {
            buckets,
            answered: sum(|totals| totals.of(Outcome::Answered)),
            failed: sum(Totals::failed),
            seconds: length.as_secs_f64(),
            latency: (latency.count > 0).then_some(latency),
        }
    }

    /// The busy share of a node's workers, in percent.
    fn busy(&self, node: NodeId) -> f64 {
        let sum: u64 = self.buckets.iter().map(|bucket| u64::from(bucket.work(node).busy_ppm)).sum();
        count(sum) / count(self.buckets.len() as u64) / 1e4
    }
}

impl Source {
    fn read(&self, run: &[Stretch<'_>], seen: &[bool]) -> Vec<Option<f64>> {
        let run = || run.iter().zip(seen).map(|(stretch, seen)| seen.then_some(stretch));
        let each = |value: &dyn Fn(&Stretch<'_>) -> Option<f64>| run().map(|seen| value(seen?)).collect();
        let millis = |time: SimDuration| time.as_secs_f64() * 1e3;
        match self {
            Self::Answered => each(&|stretch| Some(count(stretch.answered) / stretch.seconds)),
            Self::Failed => each(&|stretch| Some(count(stretch.failed) / stretch.seconds)),
            Self::Median => each(&|stretch| stretch.latency.map(|all| millis(all.p50))),
            Self::Slowest => each(&|stretch| stretch.latency.map(|all| millis(all.p99))),
            Self::Busy(nodes) => each(&|stretch| {
                let sum: f64 = nodes.iter().map(|node| stretch.busy(*node)).sum();
                Some(sum / count(nodes.len() as u64))
            }),
            Self::Lag(place) => each(&|stretch| {
                let lags = stretch.buckets.iter().filter_map(|bucket| bucket.lag().get(*place));
                lags.map(|lag| millis(lag.time)).reduce(f64::max)
            }),
            Self::Availability => {
                let (mut answered, mut ended) = (0, 0);
                // Of what was measured.
                let so_far = |stretch: Option<&Stretch<'_>>| {
                    let stretch = stretch?;
                    answered += stretch.answered;
                    ended += stretch.answered + stretch.failed;
                    (ended > 0).then(|| count(answered) * 100.0 / count(ended))
                };
                run().map(so_far).collect()
            }
        }
    }
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
        let values = read(&lanes, &timeline, &Measured::of(&plan, &timeline));
        (lanes, values)
    }

    fn line<'a>(played: &'a (Vec<Lane>, Vec<Vec<Samples>>), title: &str, name: &str) -> &'a Samples {
        let chart = played.0.iter().position(|lane| lane.title == title).expect("there is such a chart");
        let place =
            played.0[chart].lines.iter().position(|line| line.name == name).expect("there is such a line");
        &played.1[chart][place]
    }

    #[test]
    fn a_death_shows_on_every_chart() {
        let run = played(include_str!("../../scenarios/three-web-servers.json"), 20, "web-2");
        let (before, after) = (SimTime::from_secs(8), SimTime::from_millis(11_600));
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
            text.extend([format!(r#",{{"kind":"web-server","name":"w{server}","workers":1,"queue_limit":5,"service_time":{{"constant":"20ms"}}}}"#)]);
            links.extend([format!(r#",{{"from":"lb","to":"w{server}","latency":"1ms"}}"#)]);
        }
        let plan = Scenario::read("wide", &format!("{text}],\"links\":[{links}]}}")).expect("it makes sense");
        let utilisation = utilisation(&plan);
        assert_eq!(utilisation.len(), 1);
        assert_eq!(utilisation[0].name, "web");
    }

    #[test]
    fn what_nobody_measured_is_a_gap() {
        let run = played(include_str!("../../scenarios/unmonitored.json"), 60, "web-1");
        for (title, name) in
            [("Requests", "answered"), ("Utilisation", "web-2"), ("Availability so far", "answered")]
        {
            let samples = line(&run, title, name);
            assert_eq!(samples.at(SimTime::from_secs(20)), None, "{title}");
            assert!(samples.at(SimTime::from_secs(50)).is_some(), "{title}");
        }
    }

    #[test]
    fn values_are_written_with_their_unit() {
        assert_eq!(Unit::PerSecond.write(1_482.4), "1\u{202f}482/s");
        assert_eq!(Unit::Millis.write(3.24), "3.2\u{202f}ms");
        assert_eq!(Unit::Millis.write(184.6), "185\u{202f}ms");
        assert_eq!(Unit::Share.write(99.94), "99.9\u{202f}%");
        assert_eq!(Unit::Share.write(99.99), "99.9\u{202f}%", "not all is not all");
        assert_eq!(Unit::Percent.write(61.4), "61\u{202f}%");
    }
}
