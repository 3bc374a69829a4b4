//! What the checker promises, whatever comes in and when.

use proptest::prelude::*;
use understudy_core::health::Belief;

use super::*;

/// At least this many cases a property; more with `PROPTEST_CASES=100000`.
const CASES: u32 = 1_000;

fn settings() -> ProptestConfig {
    let asked = ProptestConfig::default();
    ProptestConfig { cases: asked.cases.max(CASES), failure_persistence: None, ..asked }
}

/// One input, of which the driver decides the time.
#[derive(Clone, Copy, Debug)]
enum Input {
    /// Lets the time of the next deadline come, and this much more.
    Timeout(u64),
    /// Lets time pass short of the deadline, by this many per mille of what is left.
    Wait(u64),
    Connected,
    Result(CheckOutcome),
    /// The answer to an earlier probe, this many probes ago.
    LateResult(usize, CheckOutcome),
    Request(bool),
    Config(HealthConfig),
}

fn outcome() -> impl Strategy<Value = CheckOutcome> {
    prop_oneof![
        3 => Just(CheckOutcome::Passed),
        2 => Just(REFUSED),
        1 => Just(CheckOutcome::Failed(Failure::WrongStatus(503))),
    ]
}

fn duration() -> impl Strategy<Value = SimDuration> {
    (1_u64..3_000_000_000).prop_map(SimDuration::from_nanos)
}

prop_compose! {
    fn config(observes: bool)(
        interval in duration(),
        fast_interval in proptest::option::of(duration()),
        down_interval in proptest::option::of(duration()),
        (rise, fall) in (1_u32..5, 1_u32..5),
        check_timeout in proptest::option::of(duration()),
        connect_timeout in proptest::option::of(duration()),
        observe in proptest::option::of((1_u32..4, prop_oneof![
            Just(OnError::FastInterval),
            Just(OnError::FailCheck),
            Just(OnError::SuddenDeath),
            Just(OnError::MarkDown),
        ])),
    ) -> HealthConfig {
        let observe = observe.filter(|_| observes);
        let observe = observe.map(|(error_limit, on_error)| Observe { error_limit, on_error });
        HealthConfig {
            interval, fast_interval, down_interval, rise, fall, check_timeout, connect_timeout, observe,
        }
    }
}

fn input() -> impl Strategy<Value = Input> {
    prop_oneof![
        6 => prop_oneof![Just(0), 0_u64..2_000_000_000].prop_map(Input::Timeout),
        2 => (0_u64..1_000).prop_map(Input::Wait),
        3 => Just(Input::Connected),
        6 => outcome().prop_map(Input::Result),
        2 => (1_usize..4, outcome()).prop_map(|(ago, outcome)| Input::LateResult(ago, outcome)),
        2 => any::<bool>().prop_map(Input::Request),
        1 => config(true).prop_map(Input::Config),
    ]
}

fn inputs() -> impl Strategy<Value = Vec<Input>> {
    proptest::collection::vec(input(), 1..80)
}

/// A driver that keeps the contract, and what it has seen.
struct Driver {
    checker: HealthChecker,
    now: SimTime,
    probes: Vec<ProbeId>,
    outputs: Vec<(SimTime, HealthOutput)>,
}

impl Driver {
    fn new(config: HealthConfig) -> Self {
        let checker = HealthChecker::new(config, SimTime::ZERO);
        Self { checker, now: SimTime::ZERO, probes: Vec::new(), outputs: Vec::new() }
    }

    fn deadline(&self) -> SimTime {
        self.checker.poll_timeout().expect("a checker always waits for something")
    }

    fn apply(&mut self, input: Input) {
        let probe = self.probes.last().copied();
        match (input, probe) {
            (Input::Timeout(late), _) => {
                self.now = self.deadline().max(self.now) + SimDuration::from_nanos(late);
                self.checker.handle_timeout(self.now);
            }
            (Input::Wait(per_mille), _) => {
                let left = self.deadline().since(self.now).as_nanos();
                self.now += SimDuration::from_nanos(left / 1_000 * per_mille);
            }
            (Input::Connected, Some(probe)) => self.checker.handle_probe_connected(self.now, probe),
            (Input::Result(outcome), Some(probe)) => {
                self.checker.handle_probe_result(self.now, probe, outcome);
            }
            (Input::LateResult(ago, outcome), _) => {
                if let Some(index) = self.probes.len().checked_sub(ago + 1) {
                    self.checker.handle_probe_result(self.now, self.probes[index], outcome);
                }
            }
            (Input::Connected | Input::Result(_), None) => {}
            (Input::Request(answered), _) => self.checker.handle_request(self.now, answered),
            (Input::Config(config), _) => self.checker.set_config(self.now, config),
        }
        while let Some(output) = self.checker.poll_output() {
            if let HealthOutput::SendProbe(probe) = output {
                self.probes.push(probe);
            }
            self.outputs.push((self.now, output));
        }
    }
}

proptest! {
    #![proptest_config(settings())]

    /// HAProxy's own counter, written down a second time as plainly as its manual says it.
    #[test]
    fn beliefs_are_those_of_haproxys_counter(config in config(false), results in proptest::collection::vec(any::<bool>(), 1..60)) {
        let mut driver = Driver::new(config);
        let (rise, fall) = (config.rise, config.fall);
        let mut health = rise;
        for passed in results {
            driver.apply(Input::Timeout(0));
            driver.apply(Input::Result(if passed { CheckOutcome::Passed } else { REFUSED }));
            if passed {
                health = if health + 1 >= rise { rise + fall - 1 } else { health + 1 };
            } else {
                health = if health > rise { health - 1 } else { 0 };
            }
            let (in_use, lit) = if health >= rise { (true, health - rise + 1) } else { (false, health) };
            let belief = driver.checker.belief();
            prop_assert_eq!((belief.in_use(), belief.pips(&config).lit), (in_use, lit));
        }
    }

    /// But for the first check, it takes `fall` failures or `rise` passes in a row, counted by an outsider.
    #[test]
    fn never_turns_without_as_many_results_in_a_row(config in config(false), inputs in inputs()) {
        let mut driver = Driver::new(config);
        let inputs = inputs.into_iter().filter(|input| !matches!(input, Input::Config(_)));
        inputs.for_each(|input| driver.apply(input));
        let (mut row, mut row_passed, mut checks) = (0, true, 0);
        for (_, output) in &driver.outputs {
            let HealthOutput::Judged { outcome, turned, reason, .. } = *output else { continue };
            let passed = outcome == CheckOutcome::Passed;
            row = if passed == row_passed { row + 1 } else { 1 };
            row_passed = passed;
            checks += 1;
            if turned {
                let needed = if passed { config.rise } else { config.fall };
                prop_assert!(row >= needed || (checks == 1 && !passed), "{row} of {needed} at check {checks}");
                prop_assert_eq!(reason.belief.in_use(), passed);
            }
        }
    }

    /// A timeout that was handled is never wanted again at the same time, so no driver spins.
    #[test]
    fn the_next_timeout_is_always_ahead(config in config(true), inputs in inputs()) {
        let mut driver = Driver::new(config);
        for input in inputs {
            driver.apply(input);
            if matches!(input, Input::Timeout(_)) {
                prop_assert!(driver.deadline() > driver.now, "{:?} at {}", driver.deadline(), driver.now);
            }
            if matches!(input, Input::Config(_)) {
                prop_assert!(driver.deadline() >= driver.now);
            }
        }
    }

    /// Each probe is sent once and judged at most once, in order; answers to earlier ones change nothing.
    #[test]
    fn late_answers_never_count(config in config(true), inputs in inputs()) {
        let mut with = Driver::new(config);
        let mut without = Driver::new(config);
        for input in inputs {
            with.apply(input);
            if !matches!(input, Input::LateResult(..)) {
                without.apply(input);
            }
        }
        prop_assert_eq!(&with.outputs, &without.outputs);
        let mut out = None;
        for (_, output) in &with.outputs {
            match *output {
                HealthOutput::SendProbe(probe) => {
                    prop_assert_eq!(out, None, "one probe at a time");
                    out = Some(probe);
                }
                HealthOutput::Judged { probe, .. } => {
                    prop_assert!(probe == out || probe.is_none());
                    out = None;
                }
            }
        }
    }

    /// A server that never answers is down within `fall` checks of the longest kind, and found up again
    /// within `rise`.
    #[test]
    fn death_and_return_are_found_in_time(config in config(false), healthy_first in any::<bool>()) {
        let mut driver = Driver::new(config);
        if healthy_first {
            driver.apply(Input::Timeout(0));
            driver.apply(Input::Result(CheckOutcome::Passed));
        }
        let died = driver.now;
        while driver.checker.belief() != Belief::Down {
            driver.apply(Input::Timeout(0));
        }
        let longest_wait = config.interval.max(config.fast_interval.unwrap_or(config.interval));
        let longest_check = config.connect_limit();
        prop_assert!(driver.now.since(died) <= (longest_wait + longest_check) * u64::from(config.fall));
        let healed = driver.now;
        while !driver.checker.belief().in_use() {
            driver.apply(Input::Timeout(0));
            driver.apply(Input::Result(CheckOutcome::Passed));
        }
        let longest_wait = config.interval
            .max(config.fast_interval.unwrap_or_default())
            .max(config.down_interval.unwrap_or_default());
        prop_assert!(driver.now.since(healed) <= longest_wait * u64::from(config.rise));
    }

    /// New settings alone turn nothing, are kept, and are good for every belief.
    #[test]
    fn settings_turn_no_server(before in config(true), inputs in inputs(), after in config(true)) {
        let mut driver = Driver::new(before);
        for input in inputs {
            driver.apply(input);
        }
        let (belief, seen) = (driver.checker.belief(), driver.outputs.len());
        driver.apply(Input::Config(after));
        prop_assert_eq!(driver.checker.belief().in_use(), belief.in_use());
        prop_assert_eq!(driver.outputs.len(), seen, "settings are no event");
        prop_assert_eq!(driver.checker.config(), after);
        let pips = driver.checker.belief().pips(&after);
        prop_assert!(pips.lit <= pips.of);
    }

    /// The same inputs twice say the same twice, and a copy goes on as its original does.
    #[test]
    fn is_deterministic(config in config(true), inputs in inputs(), cut in 0_usize..80) {
        let mut driver = Driver::new(config);
        let mut twin = Driver::new(config);
        for (index, &input) in inputs.iter().enumerate() {
            driver.apply(input);
            twin.apply(input);
            if index == cut {
                twin.checker = driver.checker.clone();
            }
        }
        prop_assert_eq!(driver.outputs, twin.outputs);
    }

    /// The checks of a pool start in its order, spread evenly over one interval.
    #[test]
    fn first_checks_are_spread_evenly(config in config(false), count in 1_usize..200) {
        let offsets: Vec<u64> =
            (0..count).map(|server| config.first_check_offset(server, count).as_nanos()).collect();
        let interval = config.interval_while(Belief::Unchecked).as_nanos();
        prop_assert_eq!(offsets[0], 0);
        prop_assert!(offsets.iter().all(|offset| *offset < interval.max(1)));
        let even = interval / count as u64;
        prop_assert!(offsets.windows(2).all(|pair| pair[1] - pair[0] == even || pair[1] - pair[0] == even + 1));
    }
}
