//! What must hold of any routers on any network, whatever is done to them.
//!
//! Each case is a cluster and a script of faults, run twice over: first with the faults, checking at every event
//! that no two masters who can hear each other last; then left in peace, demanding exactly one master among those
//! who can hear each other, and the right one.

use std::collections::BTreeMap;
use std::vec::Vec;

use proptest::collection::{btree_set, vec};
use proptest::prelude::*;
use understudy_core::vrrp::{Priority, Transition, VrrpConfig, VrrpOutput, VrrpRouter, VrrpState};
use understudy_core::{SimDuration, SimTime};

use super::lan::Lan;
use super::{interval, router};

/// The shortest and the longest advert interval in these clusters; adverts are never as late as the shortest.
const INTERVAL_MS: core::ops::RangeInclusive<u64> = 100..=500;
const MAX_PREEMPT_DELAY_MS: u64 = 1_000;
/// Long enough for a preempt delay, three missed adverts with the skew, and one more advert, twice over.
const QUIET: SimDuration = SimDuration::from_millis(2 * (MAX_PREEMPT_DELAY_MS + 5 * *INTERVAL_MS.end()));

/// Something done to the cluster; machines are counted modulo its size.
#[derive(Clone, Debug)]
enum Fault {
    Start(usize),
    Stop(usize),
    Kill(usize),
    /// Each machine into one of the segments.
    Divide(Vec<usize>),
    Heal,
    SetPriority(usize, u8),
}

fn fault() -> impl Strategy<Value = Fault> {
    let node = 0..5_usize;
    prop_oneof![
        3 => node.clone().prop_map(Fault::Start),
        1 => node.clone().prop_map(Fault::Stop),
        2 => node.clone().prop_map(Fault::Kill),
        1 => vec(0..3_usize, 5).prop_map(Fault::Divide),
        1 => Just(Fault::Heal),
        1 => (node, 1..=254_u8).prop_map(|(node, priority)| Fault::SetPriority(node, priority)),
    ]
}

/// Faults, each with the time that passes before it.
fn script() -> impl Strategy<Value = Vec<(u64, Fault)>> {
    vec((0..2_000_u64, fault()), 1..20)
}

/// Intervals that the wire carries without rounding.
fn interval_ms() -> impl Strategy<Value = u64> {
    INTERVAL_MS.prop_map(|millis| millis / 10 * 10)
}

fn configs() -> impl Strategy<Value = Vec<VrrpConfig>> {
    let settings = (1..=255_u8, interval_ms(), any::<bool>(), prop_oneof![Just(0), 0..MAX_PREEMPT_DELAY_MS]);
    vec(settings, 2..=5).prop_map(|all| {
        let config = |(index, (priority, interval_ms, preempt, delay_ms)): (u8, _)| VrrpConfig {
            interval: interval(interval_ms),
            preempt,
            preempt_delay: SimDuration::from_millis(delay_ms),
            ..router(index, priority)
        };
        (0..).zip(all).map(config).collect()
    })
}

/// Delays below the shortest interval, in microseconds.
fn delays() -> impl Strategy<Value = Vec<SimDuration>> {
    vec((0..90_000_u64).prop_map(SimDuration::from_micros), 1..10)
}

/// Watches that two masters who can hear each other do not last.
#[derive(Default)]
struct TwoMasters {
    /// Pairs that are both master and connected, and since when.
    since: BTreeMap<(usize, usize), SimTime>,
}

impl TwoMasters {
    /// A master's next advert and its way: then the lower of two has heard the higher.
    const BOUND: SimDuration = SimDuration::from_millis(*INTERVAL_MS.end() + 90);

    fn check(&mut self, lan: &Lan, nodes: usize) {
        for a in 0..nodes {
            for b in a + 1..nodes {
                let both = is_master(lan, a) && is_master(lan, b) && lan.connected(a, b);
                if !both {
                    self.since.remove(&(a, b));
                    continue;
                }
                let since = *self.since.entry((a, b)).or_insert(lan.now());
                assert!(lan.now().since(since) <= Self::BOUND, "{a} and {b} are both master since {since}");
            }
        }
    }
}

fn is_master(lan: &Lan, node: usize) -> bool {
    lan.router(node).is_some_and(|router| router.state() == VrrpState::Master)
}

fn priority(lan: &Lan, node: usize) -> Option<Priority> {
    lan.router(node).map(|router| router.config().priority)
}

fn apply(lan: &mut Lan, fault: &Fault, nodes: usize) {
    match *fault {
        Fault::Start(node) => lan.start(node % nodes),
        Fault::Stop(node) => lan.stop(node % nodes),
        Fault::Kill(node) => lan.kill_machine(node % nodes),
        Fault::Divide(ref segments) => lan.divide(&segments[..nodes]),
        Fault::Heal => lan.divide(&[0; 5][..nodes]),
        Fault::SetPriority(node, priority) => {
            let priority = Priority::new(priority).expect("not 0");
            lan.drive(node % nodes, |router, now| router.set_priority(now, priority));
        }
    }
}

/// Lets a cluster go through a script, then leaves it in peace; checks all the while.
fn run(configs: Vec<VrrpConfig>, delays: Vec<SimDuration>, script: &[(u64, Fault)]) -> Lan {
    let nodes = configs.len();
    let mut lan = Lan::new(configs, delays);
    let mut two_masters = TwoMasters::default();
    for (wait_ms, fault) in script {
        lan.run_until(lan.now() + SimDuration::from_millis(*wait_ms), |lan| two_masters.check(lan, nodes));
        apply(&mut lan, fault, nodes);
        two_masters.check(&lan, nodes);
    }
    lan.run_until(lan.now() + QUIET, |lan| two_masters.check(lan, nodes));
    lan
}

/// The machines that live, by who can hear whom.
fn components(lan: &Lan, nodes: usize) -> Vec<Vec<usize>> {
    let mut components: Vec<Vec<usize>> = Vec::new();
    for node in (0..nodes).filter(|&node| lan.router(node).is_some()) {
        match components.iter_mut().find(|component| lan.connected(component[0], node)) {
            Some(component) => component.push(node),
            None => components.push(vec![node]),
        }
    }
    components
}

proptest! {
    // More on demand: PROPTEST_CASES=100000.
    #![proptest_config(ProptestConfig::with_cases(ProptestConfig::default().cases.max(3_000)))]

    /// Exactly one master among those who can hear each other, and no lower than any that preempts.
    #[test]
    fn in_peace_every_component_has_one_master_and_the_right_one(
        configs in configs(), delays in delays(), script in script(), heals in any::<bool>(),
    ) {
        let nodes = configs.len();
        let mut script = script;
        if heals {
            script.push((0, Fault::Heal));
        }
        let lan = run(configs, delays, &script);
        for component in components(&lan, nodes) {
            let masters: Vec<usize> = component.iter().copied().filter(|&node| is_master(&lan, node)).collect();
            prop_assert_eq!(masters.len(), 1, "masters {:?} among {:?}", &masters, &component);
            let master = priority(&lan, masters[0]);
            for &node in &component {
                let preempts = lan.router(node).is_some_and(|router| router.config().preempts());
                prop_assert!(
                    !preempts || priority(&lan, node) <= master,
                    "{} preempts and is higher than the master {}", node, masters[0]
                );
            }
        }
    }

    /// Masters of equal priority who were cut apart: the highest address is master after the cut.
    #[test]
    fn of_equal_masters_the_highest_address_stays(
        nodes in 2..=5_u8, priority in 1..=254_u8, delays in delays(), apart_ms in 2_000..3_000_u64,
    ) {
        let configs: Vec<_> = (0..nodes)
            .map(|index| VrrpConfig { interval: interval(100), ..router(index, priority) })
            .collect();
        let last = configs.len() - 1;
        let mut script = vec![(0, Fault::Divide(vec![0, 1, 2, 3, 4]))];
        script.extend((0..configs.len()).map(|node| (0, Fault::Start(node))));
        script.push((apart_ms, Fault::Heal));
        let lan = run(configs, delays, &script);
        prop_assert_eq!(lan.holders(), [last]);
    }

    /// Backups that heard the same last advert: the highest takes over, when its wait is over, and no other does,
    /// as long as an advert is quicker than the least difference of skew.
    #[test]
    fn the_skew_lets_the_highest_backup_take_over_alone(
        priorities in btree_set(1..=254_u8, 1..=4),
        rotated in 0..4_usize, interval_ms in interval_ms(), delay_us in 0..390_u64, lives_ms in 0..2_000_u64,
        resigns in any::<bool>(),
    ) {
        let mut configs = vec![router(0, 255)];
        configs.extend((1..).zip(&priorities).map(|(index, &priority)| router(index, priority)));
        configs[1..].rotate_left(rotated % priorities.len());
        for config in &mut configs {
            config.interval = interval(interval_ms);
        }
        let mut lan = Lan::new(configs, vec![SimDuration::from_micros(delay_us)]);
        (0..=priorities.len()).for_each(|node| lan.start(node));
        lan.run_until(SimTime::from_millis(lives_ms), |_| ());
        let beats = lives_ms / interval_ms;
        let killed_at = lan.log().len();
        let since = if resigns { lan.stop(0); lives_ms } else { lan.kill_machine(0); beats * interval_ms };
        lan.run_until(lan.now() + SimDuration::from_secs(5), |_| ());

        let highest = lan_highest(&lan, priorities.len());
        let takeovers: Vec<_> = lan.log()[killed_at..]
            .iter()
            .filter(|entry| matches!(entry.output, VrrpOutput::Transition(Transition { to: VrrpState::Master, .. })))
            .map(|entry| (entry.router, entry.at))
            .collect();
        let router = lan.router(highest).expect("it lives");
        let interval = interval(interval_ms);
        let wait = if resigns { router.config().skew(interval) } else { router.config().down_interval(interval).total() };
        let due = SimTime::from_millis(since) + SimDuration::from_micros(delay_us) + wait;
        prop_assert_eq!(takeovers, [(highest, due)]);
    }

    /// However late the driver is, a router asks for a time after the one it was driven to, and runs the timers of
    /// its state only.
    #[test]
    fn a_router_never_asks_for_the_past(config in configs(), late_ms in vec(0..5_000_u64, 1..30)) {
        let mut router = VrrpRouter::new(config[0].clone());
        let mut now = SimTime::ZERO;
        router.handle_start(now);
        for late in late_ms {
            let due = router.poll_timeout().expect("a running router waits for something");
            prop_assert!(due > now);
            now = due + SimDuration::from_millis(late);
            router.handle_timeout(now);
        }
        prop_assert_eq!(router.state(), VrrpState::Master, "nobody else is there");
    }
}

/// The backup of the highest priority, of `backups` after the first machine.
fn lan_highest(lan: &Lan, backups: usize) -> usize {
    (1..=backups).max_by_key(|&node| priority(lan, node)).expect("there is a backup")
}
