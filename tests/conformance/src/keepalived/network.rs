//! A network of one's own: machines as network namespaces, on bridges in a namespace between them.
//!
//! A machine hears those on the same bridge. To cut the network, machines are moved to another bridge: their
//! interface stays up, as with a cut somewhere between switches.

use std::path::Path;
use std::process::Command;

use crate::daemon::{Process, run};

/// The interface of a machine.
pub(super) const INTERFACE: &str = "eth0";
/// The virtual address, outside what the machines use.
pub(super) const VIRTUAL: &str = "10.99.0.100";
/// As many bridges as a network can be cut into pieces here.
const SEGMENTS: usize = 3;

/// A network namespace, removed when this is dropped.
#[derive(Debug)]
struct Namespace(String);

impl Namespace {
    fn new(name: String) -> Result<Self, String> {
        run(Command::new("ip").args(["netns", "add", &name]))?;
        let namespace = Self(name);
        namespace.ip(&["link", "set", "lo", "up"])?;
        Ok(namespace)
    }

    /// Runs `ip` in this namespace.
    fn ip(&self, arguments: &[&str]) -> Result<String, String> {
        run(Command::new("ip").args(["-n", &self.0]).args(arguments))
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        // Fails only when somebody else has removed it.
        let _ = run(Command::new("ip").args(["netns", "del", &self.0]));
    }
}

/// Machines and the bridges between them.
#[derive(Debug)]
pub(super) struct Network {
    machines: Vec<Namespace>,
    hub: Namespace,
}

impl Network {
    /// A network of `count` machines, all on the first bridge. `name` must be unique within this process.
    pub(super) fn new(name: &str, count: usize) -> Result<Self, String> {
        let prefix = format!("us{}-{name}", std::process::id());
        let hub = Namespace::new(format!("{prefix}-hub"))?;
        for segment in 0..SEGMENTS {
            let bridge = bridge(segment);
            // Without snooping the bridge floods multicast, as a switch does that knows no listeners.
            hub.ip(&["link", "add", &bridge, "type", "bridge", "mcast_snooping", "0"])?;
            hub.ip(&["link", "set", &bridge, "up"])?;
        }
        let mut network = Self { machines: Vec::new(), hub };
        for index in 0..count {
            let machine = Namespace::new(format!("{prefix}-{index}"))?;
            let port = port(index);
            let ends = ["type", "veth", "peer", "name", INTERFACE, "netns", &machine.0];
            network.hub.ip(&[&["link", "add", &port], &ends[..]].concat())?;
            network.hub.ip(&["link", "set", &port, "up"])?;
            machine.ip(&["link", "set", INTERFACE, "up"])?;
            machine.ip(&["addr", "add", &format!("{}/24", primary(index)), "dev", INTERFACE])?;
            network.machines.push(machine);
            network.attach(index, 0)?;
        }
        Ok(network)
    }

    /// Puts a machine on the bridge of a segment.
    pub(super) fn attach(&self, machine: usize, segment: usize) -> Result<(), String> {
        self.hub.ip(&["link", "set", &port(machine), "master", &bridge(segment)]).map(drop)
    }

    /// Takes a machine off the network, as its death does.
    pub(super) fn detach(&self, machine: usize) -> Result<(), String> {
        self.hub.ip(&["link", "set", &port(machine), "nomaster"]).map(drop)
    }

    /// Pulls the plug out of a machine, or puts it in: the machine itself sees this.
    pub(super) fn set_carrier(&self, machine: usize, up: bool) -> Result<(), String> {
        self.hub.ip(&["link", "set", &port(machine), if up { "up" } else { "down" }]).map(drop)
    }

    /// Whether the virtual address is on the machine's interface.
    pub(super) fn holds(&self, machine: usize) -> Result<bool, String> {
        let shown = self.machines[machine].ip(&["-o", "addr", "show", "dev", INTERFACE])?;
        Ok(shown.lines().any(is_virtual))
    }

    /// Takes the virtual address off the machine's interface, as a reboot does.
    pub(super) fn forget_virtual(&self, machine: usize) -> Result<(), String> {
        if self.holds(machine)? {
            self.machines[machine].ip(&["addr", "del", &format!("{VIRTUAL}/32"), "dev", INTERFACE])?;
        }
        Ok(())
    }

    /// Reports each change of a machine's addresses as a line, at the moment it happens.
    pub(super) fn monitor(&self, machine: usize) -> Result<Process, String> {
        Process::start(Command::new("ip").args(["-o", "-n", &self.machines[machine].0, "monitor", "address"]))
    }

    /// A command that runs on a machine.
    pub(super) fn command(&self, machine: usize, program: &Path) -> Command {
        let mut command = Command::new("ip");
        command.args(["netns", "exec", &self.machines[machine].0]).arg(program);
        command
    }
}

/// Whether a line of `ip` is about the virtual address.
pub(super) fn is_virtual(line: &str) -> bool {
    line.split_whitespace().any(|word| word.strip_suffix("/32") == Some(VIRTUAL))
}

/// A machine's own address.
pub(super) fn primary(machine: usize) -> String {
    format!("10.99.0.{}", machine + 1)
}

fn bridge(segment: usize) -> String {
    format!("bridge{segment}")
}

fn port(machine: usize) -> String {
    format!("port{machine}")
}
