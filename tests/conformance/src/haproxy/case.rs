//! The cases: a server's settings, and what the server does when.

use std::fmt;
use std::time::Duration;

use understudy_core::SimDuration;
use understudy_core::health::HealthConfig;

use crate::random::Random;

/// What a server does with a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Behaviour {
    /// Accepts, and answers 200.
    Up,
    /// Nothing listens.
    Stopped,
    /// Accepts, never answers.
    Hung,
    /// Accepts, answers 503.
    Overloaded,
    /// Accepts, closes without an answer.
    Closing,
}

/// What HAProxy asks the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Whether it accepts a connection.
    Tcp,
    /// Whether it answers an HTTP request with a good status.
    Http,
}

#[derive(Clone, Debug)]
pub(super) struct Case {
    /// The server's name in HAProxy's configuration.
    pub(super) name: String,
    pub(super) kind: Kind,
    pub(super) config: HealthConfig,
    /// What the server does and for how long; the last goes on to the end.
    pub(super) script: Vec<(Duration, Behaviour)>,
    /// Written by hand, with time between the changes for all their consequences.
    pub(super) unhurried: bool,
}

impl Case {
    /// What the server does at `elapsed` since the scripts began.
    pub(super) fn behaviour(&self, elapsed: Duration) -> Behaviour {
        let mut end = Duration::ZERO;
        for &(lasts, behaviour) in &self.script {
            end += lasts;
            if elapsed < end {
                return behaviour;
            }
        }
        self.script.last().expect("a script has a step").1
    }

    pub(super) fn lasts(&self) -> Duration {
        self.script.iter().map(|(lasts, _)| *lasts).sum()
    }
}

pub(super) fn millis(duration: SimDuration) -> u64 {
    duration.as_nanos() / 1_000_000
}

/// Everything needed to run it again by hand.
impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let HealthConfig { interval, fast_interval, down_interval, rise, fall, .. } = self.config;
        write!(f, "{} ({:?} check, inter {}ms", self.name, self.kind, millis(interval))?;
        for (name, value) in [
            ("fastinter", fast_interval),
            ("downinter", down_interval),
            ("timeout check", self.config.check_timeout),
            ("timeout connect", self.config.connect_timeout),
        ] {
            if let Some(value) = value {
                write!(f, " {name} {}ms", millis(value))?;
            }
        }
        write!(f, " rise {rise} fall {fall}; script:")?;
        for (lasts, behaviour) in &self.script {
            write!(f, " {behaviour:?} {}ms,", lasts.as_millis())?;
        }
        f.write_str(")")
    }
}

fn config(inter: u64, fast: Option<u64>, down: Option<u64>, rise: u32, fall: u32) -> HealthConfig {
    HealthConfig {
        interval: SimDuration::from_millis(inter),
        fast_interval: fast.map(SimDuration::from_millis),
        down_interval: down.map(SimDuration::from_millis),
        rise,
        fall,
        ..HealthConfig::default()
    }
}

fn script(steps: &[(u64, Behaviour)]) -> Vec<(Duration, Behaviour)> {
    steps.iter().map(|&(lasts, behaviour)| (Duration::from_millis(lasts), behaviour)).collect()
}

/// The cases that are written by hand: each rule of the manual at least once.
pub(super) fn unhurried() -> Vec<Case> {
    use Behaviour::{Closing, Hung, Overloaded, Stopped, Up};
    let stop_and_start = script(&[(3_000, Up), (4_000, Stopped), (4_000, Up), (4_000, Stopped), (4_000, Up)]);
    let dead_at_start = script(&[(4_000, Stopped), (5_000, Up), (5_000, Stopped), (5_000, Up)]);
    let hangs = script(&[(3_000, Up), (6_000, Hung), (5_000, Up), (5_000, Stopped)]);
    let every_way = script(&[(3_000, Up), (4_000, Overloaded), (4_000, Up), (4_000, Closing), (4_000, Up)]);
    let timeout = |config: HealthConfig, check, connect: Option<u64>| HealthConfig {
        check_timeout: Some(SimDuration::from_millis(check)),
        connect_timeout: connect.map(SimDuration::from_millis),
        ..config
    };
    let cases = [
        ("plain", Kind::Tcp, config(300, None, None, 2, 3), &stop_and_start),
        ("all-intervals", Kind::Tcp, config(400, Some(100), Some(200), 3, 4), &stop_and_start),
        ("slow-when-down", Kind::Tcp, config(200, Some(100), Some(400), 2, 2), &stop_and_start),
        ("at-once", Kind::Tcp, config(300, Some(100), None, 1, 1), &stop_and_start),
        ("dead-at-start", Kind::Tcp, config(400, Some(100), Some(300), 2, 5), &dead_at_start),
        ("http", Kind::Http, config(300, Some(100), Some(200), 2, 3), &every_way),
        ("hung", Kind::Http, config(300, Some(100), Some(200), 2, 3), &hangs),
        ("hung-plain", Kind::Http, config(200, None, None, 3, 2), &hangs),
        ("check-timeout", Kind::Http, timeout(config(200, Some(100), None, 2, 3), 350, None), &hangs),
        ("both-timeouts", Kind::Http, timeout(config(400, None, Some(200), 2, 2), 150, Some(250)), &hangs),
    ];
    cases
        .into_iter()
        .map(|(name, kind, config, script)| Case {
            name: name.to_owned(),
            kind,
            config,
            script: script.clone(),
            unhurried: true,
        })
        .collect()
}

/// A case out of the blue: any settings, any behaviours, changes while the last one is still being found out.
pub(super) fn random(random: &mut Random, number: usize, lasts: Duration) -> Case {
    use Behaviour::{Closing, Hung, Overloaded, Stopped, Up};
    let mut pick = |from: &[u64]| from[usize::try_from(random.below(from.len() as u64)).expect("an index")];
    let kind = if pick(&[0, 1]) == 0 { Kind::Tcp } else { Kind::Http };
    let inter = pick(&[200, 300, 400]);
    let (fast, down) = (pick(&[0, 100, 200]), pick(&[0, 100, 300, 500]));
    let [rise, fall] = [pick(&[1, 2, 3, 4]), pick(&[1, 2, 3, 4, 5])];
    let mut config = config(
        inter,
        (fast > 0).then_some(fast),
        (down > 0).then_some(down),
        u32::try_from(rise).expect("small"),
        u32::try_from(fall).expect("small"),
    );
    if kind == Kind::Http {
        config.check_timeout = Some(pick(&[0, 150, 350])).filter(|t| *t > 0).map(SimDuration::from_millis);
        config.connect_timeout = Some(pick(&[0, 250])).filter(|t| *t > 0).map(SimDuration::from_millis);
    }
    let mut script = Vec::new();
    let mut total = Duration::ZERO;
    while total < lasts {
        let behaviour = match (kind, pick(&[0, 1, 2, 3, 4, 5, 6, 7])) {
            (_, 0..=3) => Up,
            (Kind::Tcp, _) | (_, 4) => Stopped,
            (Kind::Http, 5) => Hung,
            (Kind::Http, 6) => Overloaded,
            (Kind::Http, _) => Closing,
        };
        let step = Duration::from_millis(pick(&[150, 250, 400, 700, 1_100, 1_700, 2_300]));
        total += step;
        script.push((step, behaviour));
    }
    Case { name: format!("random-{number}"), kind, config, script, unhurried: false }
}
