//! Commands as text, such that reading it gives the same command again.

use alloc::format;
use alloc::string::String;

use understudy_core::failover::{self, Mode, NodeIndex};

use super::Command;
use crate::ids::{LinkId, NodeId};
use crate::number;
use crate::plan::Plan;

impl Command {
    /// The command as it is read.
    pub fn write(&self, plan: &Plan) -> String {
        let writer = Writer { plan };
        let name = |id| plan.name(id);
        match *self {
            Self::Kill(node) => format!("kill {}", name(node)),
            Self::KillMidRequest(node) => format!("kill-mid-request {}", name(node)),
            Self::Hang(node) => format!("hang {}", name(node)),
            Self::Revive(node) => format!("revive {}", name(node)),
            Self::Stop(node) => format!("stop {}", name(node)),
            Self::Restart(node) => format!("restart {}", name(node)),
            Self::Slow { node, times } => format!("slow {} {times}x", name(node)),
            Self::Cut { link, forward, back } => writer.cut(link, forward, back),
            Self::Delay { link, delay } => format!("delay {} {delay:#}", writer.ends(link)),
            Self::Lose { link, loss_ppm } => {
                format!("lose {} {}%", writer.ends(link), decimal(loss_ppm, 10_000))
            }
            Self::SetRate { clients, mean_gap } => {
                format!("rate {} {}", name(clients), number::write(1.0 / mean_gap.as_secs_f64()))
            }
            Self::SetWrites { clients, writes_ppm } => {
                format!("writes {} {}", name(clients), decimal(writes_ppm, 1_000_000))
            }
            Self::Overload { clients, times, lasts } => {
                format!("overload {} {times}x {lasts:#}", name(clients))
            }
            Self::SetAlgorithm { balancer, algorithm } => {
                format!("algorithm {} {algorithm}", name(balancer))
            }
            Self::SetWeight { server, weight } => format!("weight {} {weight}", name(server)),
            Self::SetPool { balancer, mode } => format!("pool {} {}", name(balancer), mode.name()),
            Self::SetStandby { server, on } => format!("standby {} {}", name(server), switch(on)),
            Self::SetHealth { balancer, interval, fall, rise } => {
                format!("health {} interval {interval:#} fall {fall} rise {rise}", name(balancer))
            }
            Self::SetRetry { balancer, on } => format!("retry {} {}", name(balancer), switch(on)),
            Self::SetReads { server, reads } => format!("reads {} {}", name(server), reads.name()),
            Self::SetAllReads(reads) => format!("reads * {}", reads.name()),
            Self::SetCommit { replicas: 0 } => "commit async".into(),
            Self::SetCommit { replicas } => format!("commit any {replicas}"),
            Self::SetFencing { manager, fencing } => format!("fencing {} {}", name(manager), fencing.name()),
            Self::Manage { manager, command } => writer.order(manager, command),
            Self::SetFirewall { firewall, on } => format!("firewall {} {}", name(firewall), switch(on)),
            Self::SetRecord { dns, node, on } => {
                format!("record {} {} {}", name(dns), name(node), switch(on))
            }
            Self::SetTls { link, on } => format!("tls {} {}", writer.ends(link), switch(on)),
            Self::SetHttps { on } => format!("https {}", switch(on)),
            Self::Attack { attacker, behaviour } => format!("attack {} {}", name(attacker), behaviour.word()),
            Self::SetMonitoring { monitor, on } => format!("monitoring {} {}", name(monitor), switch(on)),
        }
    }
}

const fn switch(on: bool) -> &'static str {
    if on { "on" } else { "off" }
}

/// `parts` of `whole`, a power of ten, with as many decimals as it takes to be exact.
fn decimal(parts: u32, whole: u32) -> String {
    let (units, rest) = (parts / whole, parts % whole);
    if rest == 0 {
        return format!("{units}");
    }
    let digits = whole.ilog10() as usize;
    let decimals = format!("{rest:0digits$}");
    format!("{units}.{}", decimals.trim_end_matches('0'))
}

struct Writer<'a> {
    plan: &'a Plan,
}

impl Writer<'_> {
    fn ends(&self, link: LinkId) -> String {
        let link = self.plan.link(link);
        format!("{} {}", self.plan.name(link.from), self.plan.name(link.to))
    }

    fn cut(&self, id: LinkId, forward: bool, back: bool) -> String {
        let link = self.plan.link(id);
        match (forward, back) {
            (true, true) => format!("cut {}", self.ends(id)),
            (false, false) => format!("heal {}", self.ends(id)),
            (true, false) => format!("cut-one-way {}", self.ends(id)),
            (false, true) => {
                format!("cut-one-way {} {}", self.plan.name(link.to), self.plan.name(link.from))
            }
        }
    }

    fn order(&self, manager: NodeId, command: failover::Command) -> String {
        let manager = self.plan.name(manager);
        let database = |node: NodeIndex| self.plan.name(self.plan.databases()[node.get()]);
        let target = |to: Option<NodeIndex>| to.map_or_else(String::new, |to| format!(" {}", database(to)));
        match command {
            failover::Command::SetMode(mode) => {
                format!("automatic {manager} {}", switch(mode == Mode::Automatic))
            }
            failover::Command::Failover { to, allow_data_loss } => {
                let loss = if allow_data_loss { " allow-data-loss" } else { "" };
                format!("failover {manager}{}{loss}", target(to))
            }
            failover::Command::Switchover { to } => format!("switchover {manager}{}", target(to)),
            failover::Command::ConfirmFenced => format!("confirm-fenced {manager}"),
            failover::Command::Rejoin { node } => format!("rejoin {manager} {}", database(node)),
        }
    }
}
