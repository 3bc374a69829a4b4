//! What is done to the machines, step by step: the cases that the RFC and keepalived's manual name, and random ones.

use std::net::Ipv4Addr;

use understudy_core::SimDuration;
use understudy_core::vrrp::{AdvertInterval, Priority, VrrpConfig};

use super::network::{VIRTUAL, primary};
use crate::random::Random;

/// One thing that is done, after which there is time for everything to settle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Powers a machine on and starts its daemon.
    Start(usize),
    /// Stops a daemon cleanly, by SIGTERM.
    Stop(usize),
    /// Kills a machine: off the network, the daemon killed by SIGKILL, its addresses gone.
    KillMachine(usize),
    /// Kills the daemon by SIGKILL; the machine lives on.
    KillProcess(usize),
    /// Puts each machine into a segment: those in different ones are cut off from each other.
    Divide(Vec<usize>),
    /// Pulls a machine's plug, which it sees.
    Unplug(usize),
    /// Puts the plug back in.
    Plug(usize),
}

/// One case: machines and what is done to them.
#[derive(Clone, Debug)]
pub(super) struct Script {
    /// What the case shows.
    pub(super) title: String,
    pub(super) configs: Vec<VrrpConfig>,
    /// What only the daemon is told.
    pub(super) extra: &'static str,
    pub(super) steps: Vec<Step>,
}

impl Script {
    /// How long it takes at most until all is settled after a step: three missed adverts and the skew, one more
    /// advert, and leave for a busy machine. A preempt delay comes on top, unless it is meant to outlast the case.
    pub(super) fn settle(&self) -> SimDuration {
        let interval = self.configs.iter().map(|config| config.interval.duration()).max();
        let delays = self.configs.iter().map(|config| config.preempt_delay);
        let delay = delays.filter(|&delay| delay < SimDuration::from_secs(10)).max();
        interval.unwrap_or_default() * 6 + SimDuration::from_millis(200) + delay.unwrap_or_default()
    }

    /// How far apart in time the daemon and our router may do the same: a master's advert interval.
    pub(super) fn tolerance(&self) -> SimDuration {
        self.configs.iter().map(|config| config.interval.duration()).max().unwrap_or_default()
    }
}

/// The advert interval of most cases.
const INTERVAL: SimDuration = SimDuration::from_millis(200);

/// A machine with this priority.
fn machine(index: usize, priority: u8) -> VrrpConfig {
    let address = |text: &str| text.parse::<Ipv4Addr>().expect("written by hand");
    let mut config = VrrpConfig::new(51, address(&primary(index)), address(VIRTUAL));
    config.priority = Priority::new(priority).expect("not 0");
    config.interval = AdvertInterval::new(INTERVAL).expect("fits the wire");
    config
}

fn machines(priorities: &[u8]) -> Vec<VrrpConfig> {
    priorities.iter().enumerate().map(|(index, &priority)| machine(index, priority)).collect()
}

fn script(title: &str, configs: Vec<VrrpConfig>, steps: &[Step]) -> Script {
    Script { title: title.into(), configs, extra: "", steps: steps.to_vec() }
}

/// The cases that are always compared.
pub(super) fn written() -> Vec<Script> {
    use Step::{Divide, KillMachine, KillProcess, Plug, Start, Stop, Unplug};
    let patient = |mut config: VrrpConfig| {
        config.preempt = false;
        config
    };
    // Not a multiple of the interval, or an advert falls on the very end of the delay.
    let delayed = |mut config: VrrpConfig, delay_ms| {
        config.preempt_delay = SimDuration::from_millis(delay_ms);
        config
    };
    let slow = |mut config: VrrpConfig| {
        config.interval = AdvertInterval::new(SimDuration::from_millis(400)).expect("fits the wire");
        config
    };
    let mut state_master = script(
        "`state MASTER` below priority 255 listens first",
        machines(&[150, 100]),
        &[Start(1), Start(0), KillMachine(0)],
    );
    state_master.extra = "state MASTER";
    vec![
        script(
            "the master's machine dies and comes back",
            machines(&[150, 100]),
            &[Start(0), Start(1), KillMachine(0), Start(0), KillMachine(1)],
        ),
        script(
            "the master is stopped cleanly and comes back",
            machines(&[150, 100]),
            &[Start(0), Start(1), Stop(0), Start(0), Stop(1)],
        ),
        script(
            "the network is cut and heals",
            machines(&[150, 100]),
            &[Start(0), Start(1), Divide(vec![0, 1]), Divide(vec![0, 0])],
        ),
        script(
            "nopreempt",
            vec![patient(machine(0, 150)), machine(1, 100)],
            &[Start(1), Start(0), KillMachine(1), Start(1), Stop(0)],
        ),
        script(
            "preempt_delay",
            vec![delayed(machine(0, 150), 1_100), machine(1, 100)],
            &[Start(1), Start(0), Stop(0)],
        ),
        script(
            "preempt_delay ends with the master",
            vec![delayed(machine(0, 150), 60_000), machine(1, 100)],
            &[Start(1), Start(0), KillMachine(1)],
        ),
        script(
            "equal priorities: the higher address wins between masters",
            machines(&[100, 100]),
            &[Start(0), Start(1), Divide(vec![0, 1]), Divide(vec![0, 0]), KillMachine(1)],
        ),
        script(
            "the address owner, priority 255",
            machines(&[255, 100]),
            &[Start(1), Start(0), Stop(0), Start(0), KillMachine(0)],
        ),
        script(
            "three: the best of the rest takes over",
            machines(&[250, 100, 50]),
            &[Start(2), Start(1), Start(0), KillMachine(0), Stop(1), Start(0)],
        ),
        script(
            "three: one is cut off from two",
            machines(&[150, 100, 50]),
            &[
                Start(0),
                Start(1),
                Start(2),
                Divide(vec![0, 1, 1]),
                Divide(vec![0, 1, 2]),
                Divide(vec![0, 0, 0]),
            ],
        ),
        script(
            "only the daemon is killed: its machine keeps the address",
            machines(&[150, 100]),
            &[Start(0), Start(1), KillProcess(0)],
        ),
        script(
            "the plug is pulled and put back",
            machines(&[150, 100]),
            &[Start(0), Start(1), Unplug(0), Plug(0)],
        ),
        script(
            "a backup waits by the master's interval",
            vec![slow(machine(0, 150)), machine(1, 100)],
            &[Start(0), Start(1), KillMachine(0), Start(0)],
        ),
        state_master,
    ]
}

/// A random case: two or three machines, random settings, random steps.
pub(super) fn random(random: &mut Random, number: usize) -> Script {
    let count = 2 + usize::from(random.below(2) == 0);
    let mut configs = Vec::new();
    while configs.len() < count {
        let priority = u8::try_from(1 + random.below(254)).expect("at most 254");
        let far = |config: &VrrpConfig| config.priority.get().abs_diff(priority) >= MIN_APART;
        if configs.iter().all(far) {
            let mut config = machine(configs.len(), priority);
            config.preempt = random.below(4) > 0;
            configs.push(config);
        }
    }
    let mut alive = vec![false; count];
    let mut segments = vec![0; count];
    let mut steps = Vec::new();
    while steps.len() < 8 {
        let node = usize::try_from(random.below(count as u64)).expect("below three");
        let step = match random.below(10) {
            0..=4 if !alive[node] => Step::Start(node),
            5 if alive[node] => Step::Stop(node),
            6..=7 if alive[node] => Step::KillMachine(node),
            8..=9 => {
                let cut: Vec<usize> = (0..count).map(|_| usize::from(random.below(2) == 0)).collect();
                let next = if segments.contains(&1) { vec![0; count] } else { cut };
                if next == segments {
                    continue;
                }
                segments.clone_from(&next);
                Step::Divide(next)
            }
            _ => continue,
        };
        match step {
            Step::Start(node) => alive[node] = true,
            Step::Stop(node) | Step::KillMachine(node) => alive[node] = false,
            _ => {}
        }
        steps.push(step);
    }
    Script { title: format!("random {number}"), configs, extra: "", steps }
}

/// How far apart priorities are at least, so that skews differ by more than a busy machine is late.
const MIN_APART: u8 = 60;
