//! Plays a script on real machines, and then, with the same steps at the same times, on our routers.

use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use understudy_core::vrrp::{VrrpOutput, VrrpRouter};
use understudy_core::{SimDuration, SimTime};

use super::lan::Lan;
use super::machine::Machine;
use super::network::Network;
use super::script::{Script, Step};
use crate::daemon::Program;

/// How long an advert takes between two namespaces, roughly.
const ON_THE_WAY: SimDuration = SimDuration::from_micros(200);

/// The virtual address came to a machine or left it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Change {
    pub(super) at: SimTime,
    /// Whether it came.
    pub(super) taken: bool,
}

/// What was seen after one step.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    /// When the step took effect.
    pub(super) at: SimTime,
    /// The machines that had the virtual address when all was settled.
    pub(super) holders: Vec<usize>,
}

/// One playing of a script.
#[derive(Debug)]
pub(super) struct Played {
    /// One for each step.
    pub(super) steps: Vec<Seen>,
    /// For each machine, in order.
    pub(super) changes: Vec<Vec<Change>>,
    /// What the parties logged, line by line, for a mismatch.
    pub(super) log: Vec<String>,
}

/// Plays on real machines. `name` must be unique within this process.
pub(super) fn really(
    keepalived: &Program,
    script: &Script,
    name: &str,
    scratch: &Path,
) -> Result<Played, String> {
    let network = Network::new(name, script.configs.len())?;
    let mut machines = Vec::new();
    for (index, config) in script.configs.iter().enumerate() {
        machines.push(Machine::new(&network, index, config, script.extra, scratch)?);
    }
    // The monitors must be listening before the first address comes.
    thread::sleep(Duration::from_millis(200));
    let epoch = Instant::now();
    let mut hall = Hall { keepalived, network, machines, segments: vec![0; script.configs.len()], epoch };
    let mut steps = Vec::new();
    for step in &script.steps {
        let at = hall.take(step)?;
        thread::sleep(Duration::from_nanos(script.settle().as_nanos()));
        steps.push(Seen { at: hall.time(at), holders: hall.holders()? });
    }
    let mut changes = Vec::new();
    let mut log = Vec::new();
    for machine in &mut hall.machines {
        let of_machine = machine.changes().iter();
        changes.push(of_machine.map(|&(at, taken)| Change { at: since(epoch, at), taken }).collect());
        log.extend(machine.log().into_iter().map(|line| (since(epoch, line.at), machine.name(), line.text)));
    }
    log.sort();
    let log = log.into_iter().map(|(at, name, text)| format!("{at} {name}: {text}")).collect();
    Ok(Played { steps, changes, log })
}

/// Plays on our routers, with each step when it took effect on the real ones.
pub(super) fn ours(script: &Script, really: &Played) -> Played {
    let mut lan = Lan::new(script.configs.clone(), vec![ON_THE_WAY]);
    let mut segments = vec![0; script.configs.len()];
    let mut steps: Vec<Seen> = Vec::new();
    for (step, real) in script.steps.iter().zip(&really.steps) {
        lan.run_until(real.at, |_| ());
        if let Some(before) = steps.last_mut() {
            before.holders = lan.holders();
        }
        take(&mut lan, step, &mut segments);
        steps.push(Seen { at: real.at, holders: Vec::new() });
    }
    lan.run_until(lan.now() + script.settle(), |_| ());
    if let Some(last) = steps.last_mut() {
        last.holders = lan.holders();
    }
    let mut changes = vec![Vec::new(); script.configs.len()];
    for entry in lan.log() {
        let taken = match entry.output {
            VrrpOutput::AddressTaken(_) => true,
            VrrpOutput::AddressReleased(_) => false,
            _ => continue,
        };
        changes[entry.router].push(Change { at: entry.at, taken });
    }
    let mut log: Vec<String> = lan.log().iter().map(|entry| lan.describe(entry)).collect();
    for machine in 0..script.configs.len() {
        let state = lan.router(machine).map_or_else(|| "dead".into(), |router| router.state().to_string());
        log.push(format!("in the end {} is {state}", super::lan::name(machine)));
    }
    Played { steps, changes, log }
}

/// Takes a step on our routers.
fn take(lan: &mut Lan, step: &Step, segments: &mut Vec<usize>) {
    match *step {
        Step::Start(machine) => lan.start(machine),
        Step::Stop(machine) => lan.stop(machine),
        Step::KillMachine(machine) => lan.kill_machine(machine),
        Step::KillProcess(machine) => lan.kill_process(machine),
        Step::Divide(ref next) => {
            segments.clone_from(next);
            lan.divide(segments);
        }
        // A router whose interface is gone has its Shutdown event, but nobody hears its last advert.
        Step::Unplug(machine) => {
            let mut alone = segments.clone();
            alone[machine] = usize::MAX;
            lan.divide(&alone);
            lan.drive(machine, VrrpRouter::handle_stop);
        }
        Step::Plug(machine) => {
            lan.divide(segments);
            lan.drive(machine, VrrpRouter::handle_start);
        }
    }
}

/// The real network, its machines and its clock.
struct Hall<'a> {
    keepalived: &'a Program,
    machines: Vec<Machine>,
    /// After the machines, so that it is taken down last.
    network: Network,
    segments: Vec<usize>,
    epoch: Instant,
}

impl Hall<'_> {
    /// Takes a step; returns when it took effect.
    fn take(&mut self, step: &Step) -> Result<Instant, String> {
        let (network, machines) = (&self.network, &mut self.machines);
        match *step {
            Step::Start(machine) => {
                network.attach(machine, self.segments[machine])?;
                machines[machine].start(network, self.keepalived)
            }
            Step::Stop(machine) => machines[machine].stop(),
            Step::KillMachine(machine) => {
                network.detach(machine)?;
                let dead = Instant::now();
                machines[machine].kill();
                network.forget_virtual(machine)?;
                Ok(dead)
            }
            Step::KillProcess(machine) => {
                machines[machine].kill();
                Ok(Instant::now())
            }
            Step::Divide(ref segments) => {
                for (machine, &segment) in segments.iter().enumerate() {
                    if segment != self.segments[machine] {
                        network.attach(machine, segment)?;
                    }
                }
                self.segments.clone_from(segments);
                Ok(Instant::now())
            }
            Step::Unplug(machine) | Step::Plug(machine) => {
                let up = matches!(step, Step::Plug(_));
                let said = machines[machine].said();
                network.set_carrier(machine, up)?;
                machines[machine].wait_for_carrier(said, up)
            }
        }
    }

    fn holders(&self) -> Result<Vec<usize>, String> {
        let mut holders = Vec::new();
        for machine in 0..self.machines.len() {
            if self.network.holds(machine)? {
                holders.push(machine);
            }
        }
        Ok(holders)
    }

    fn time(&self, at: Instant) -> SimTime {
        since(self.epoch, at)
    }
}

fn since(epoch: Instant, at: Instant) -> SimTime {
    let nanos = at.saturating_duration_since(epoch).as_nanos();
    SimTime::from_nanos(u64::try_from(nanos).expect("a script takes seconds"))
}
