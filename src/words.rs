//! How the page says things: times, counts, states. One thing, one name, everywhere on the page.

use understudy_core::balancer::{Algorithm, PassedOver};
use understudy_core::health::{Belief, HealthConfig};
use understudy_sim::distribution::Distribution;
use understudy_sim::ids::{Direction, LinkId, NodeId};
use understudy_sim::plan::{NodeKind, Plan};
use understudy_sim::view::{Cargo, Choice, DatabaseRole, NodeDetail, Snapshot, Truth};
use understudy_sim::{Outcome, SimTime};

pub use understudy_picture::words::{
    belief_word, counted, duration, grouped, instant, per_s, percent, short_lsn, truth,
};

/// The simulated clock: `00:14.620`, with hours once there are any.
pub fn clock(now: SimTime) -> String {
    let millis = now.as_nanos() / 1_000_000;
    let (seconds, millis) = (millis / 1_000, millis % 1_000);
    let (minutes, seconds) = (seconds / 60, seconds % 60);
    let (hours, minutes) = (minutes / 60, minutes % 60);
    if hours > 0 {
        format!("{hours}:{minutes:02}:{seconds:02}.{millis:03}")
    } else {
        format!("{minutes:02}:{seconds:02}.{millis:03}")
    }
}

/// `web-1`, `web-1 and web-2`, `web-1, web-2 and web-3`.
pub fn listed(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [one] => (*one).to_string(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

/// A belief with its count of checks: `failing 1 of 3`.
pub fn belief_counted(belief: Belief, health: &HealthConfig) -> String {
    match belief {
        Belief::Unchecked | Belief::Up | Belief::Down => belief_word(belief).into(),
        Belief::GoingDown { failed } => format!("failing {failed} of {}", health.fall),
        Belief::GoingUp { passed } => format!("rising {passed} of {}", health.rise),
    }
}

/// A belief as the rest of a sentence after "lb-1 believes it": `up, 1 of 3 checks failed`.
pub fn belief_sentence(belief: Belief, health: &HealthConfig) -> String {
    match belief {
        Belief::Unchecked => "up, not checked yet".into(),
        Belief::Up => "up".into(),
        Belief::Down => "down".into(),
        Belief::GoingDown { failed } => format!("up, {failed} of {} checks failed", health.fall),
        Belief::GoingUp { passed } => format!("down, {passed} of {} checks passed", health.rise),
    }
}

/// A distribution of times: `40 ms on average`, `20 ms to 60 ms`.
pub fn distribution(times: &Distribution) -> String {
    match *times {
        Distribution::Constant(always) => duration(always),
        Distribution::Exponential(mean) => format!("{} on average", duration(mean)),
        Distribution::Uniform { min, max } => format!("{} to {}", duration(min), duration(max)),
    }
}

/// What each balancer believes of `server`, where that is not simply the truth: the gap that the page is about.
fn disbeliefs(server: NodeId, plan: &Plan, snapshot: &Snapshot) -> Vec<String> {
    let dead = snapshot.nodes[server.get()].truth != Truth::Up;
    let mut gaps = Vec::new();
    for (balancer, node) in plan.nodes() {
        let NodeDetail::LoadBalancer { pool, health, .. } = &snapshot.nodes[balancer.get()].detail else {
            continue;
        };
        for entry in pool.iter().filter(|entry| entry.server == server) {
            let agrees = match entry.belief {
                Belief::Down => dead,
                Belief::Unchecked | Belief::Up => !dead,
                Belief::GoingDown { .. } | Belief::GoingUp { .. } => false,
            };
            if !agrees {
                let believed = belief_sentence(entry.belief, health);
                gaps.push(format!("{} believes it {believed}", node.name));
            }
        }
    }
    gaps
}

/// A node's accessible name: `web-2, web server, down since 12.4 s, lb-1 believes it up, 1 of 3 checks failed`.
pub fn node_label(id: NodeId, plan: &Plan, snapshot: &Snapshot) -> String {
    let kind = plan.node(id).map_or("node", |node| node.kind.name());
    let mut label = format!("{}, {kind}", plan.name(id));
    for group in plan.node(id).map_or(&[][..], |node| &node.dependability.groups) {
        label.push_str(", in ");
        label.push_str(group);
    }
    // A population is not up or down: it sends.
    if !matches!(snapshot.nodes[id.get()].detail, NodeDetail::Clients { .. }) {
        label.push_str(", ");
        label.push_str(&truth(snapshot.nodes[id.get()].truth));
    }
    match &snapshot.nodes[id.get()].detail {
        _ if !snapshot.nodes[id.get()].truth.is_up() => {}
        NodeDetail::LoadBalancer { virtual_address: Some(shared), .. } if shared.held => {
            label.push_str(", holds the virtual address");
        }
        NodeDetail::Database { role, .. } => label.push_str(match role {
            DatabaseRole::Primary => ", primary",
            DatabaseRole::Demoted => ", takes no writes",
            DatabaseRole::Replica { .. } => ", replica",
        }),
        _ => {}
    }
    for gap in disbeliefs(id, plan, snapshot) {
        label.push_str(", ");
        label.push_str(&gap);
    }
    label
}

/// What a link is and what is on it, as the name of its control: `lb-1 to web-2, 10 ms each way, 12/s`.
pub fn link_label(id: LinkId, plan: &Plan, snapshot: &Snapshot) -> String {
    let (link, state) = (plan.link(id), &snapshot.links[id.get()]);
    let (from, to) = (plan.name(link.from), plan.name(link.to));
    let mut parts = vec![format!("{from} to {to}, {} each way", duration(link.latency + state.delay))];
    match (state.cut_forward, state.cut_back) {
        (true, true) => parts.push("cut".into()),
        (true, false) => parts.push(format!("cut from {from} to {to}")),
        (false, true) => parts.push(format!("cut from {to} to {from}")),
        (false, false) => {}
    }
    if state.tls {
        parts.push("encrypted".into());
    } else if state.readable {
        parts.push("plain text".into());
    }
    if state.loss_ppm > 0 {
        parts.push(format!("loses {}", percent(state.loss_ppm)));
    }
    if state.rate_per_s > 0 {
        parts.push(per_s(state.rate_per_s.into()));
    }
    if let (Some(belief), NodeDetail::LoadBalancer { health, .. }) =
        (state.belief, &snapshot.nodes[link.from.get()].detail)
    {
        parts.push(format!("{from} believes {to} {}", belief_sentence(belief, health)));
    }
    parts.join(", ")
}

/// What something on a link is: `Request 1 482, a write, from lb-1 to web-2`.
pub fn cargo_label(cargo: Cargo, link: LinkId, direction: Direction, plan: &Plan) -> String {
    let link = plan.link(link);
    let (from, to) = match direction {
        Direction::Forward => (plan.name(link.from), plan.name(link.to)),
        Direction::Back => (plan.name(link.to), plan.name(link.from)),
    };
    let what = match cargo {
        Cargo::Request(number, kind) => format!("Request {}, a {}", grouped(number.0), kind.name()),
        Cargo::Reply(number, kind, Outcome::Answered) => {
            format!("Answer to request {}, a {}", grouped(number.0), kind.name())
        }
        Cargo::Reply(number, kind, outcome) => {
            format!("Request {}, a {}, failed: {}", grouped(number.0), kind.name(), outcome.name())
        }
        Cargo::Probe => "Health check".into(),
        Cargo::ProbeReply { passed: true } => "Health check, passed".into(),
        Cargo::ProbeReply { passed: false } => "Health check, failed".into(),
        Cargo::Advert => "VRRP advert: I am master".into(),
        Cargo::GratuitousArp => "Gratuitous ARP: the virtual address is here".into(),
        Cargo::Log { records: 0 } => "Replication: a sign of life".into(),
        Cargo::Log { records } => counted(records as u64, "log record"),
        Cargo::LogStatus => "Replication: how far the log was received".into(),
        Cargo::Control => "Failover: a question or its answer".into(),
        Cargo::DnsQuery => "Question for an address".into(),
        Cargo::DnsAnswer => "Addresses".into(),
        Cargo::Scrape => "A monitor asks for counters".into(),
        Cargo::ScrapeAnswer { passed: true } => "Counters for a monitor".into(),
        Cargo::ScrapeAnswer { passed: false } => "Nobody answers the monitor".into(),
        Cargo::PortProbe { port } => format!("Somebody tries port {port}"),
        Cargo::PortAnswer { port, open: true } => format!("Port {port} is open"),
        Cargo::PortAnswer { port, open: false } => format!("Port {port} is closed"),
    };
    format!("{what}, from {from} to {to}")
}

/// What the balancer's algorithm goes by, in a sentence about the server that it picked.
fn because(picked: &str, balancer: NodeId, plan: &Plan) -> String {
    let algorithm = match plan.node(balancer).map(|node| &node.kind) {
        Some(NodeKind::LoadBalancer(settings)) => settings.algorithm,
        _ => Algorithm::RoundRobin,
    };
    match algorithm {
        Algorithm::RoundRobin => format!("Round robin: servers take turns, and it was {picked}'s."),
        Algorithm::LeastConnections => {
            format!("Least connections: {picked} had the fewest requests under way.")
        }
        Algorithm::RandomTwo => {
            format!("Random of two: of two servers drawn, {picked} had fewer requests under way.")
        }
        Algorithm::IpHash => format!("IP hash: the client's address belongs to {picked}."),
        Algorithm::Maglev => format!("Maglev: the request's hash belongs to {picked}."),
        Algorithm::PeakEwma => format!("Peak EWMA: of two servers drawn, {picked} answers faster of late."),
    }
}

/// Why a balancer chose as it did, a sentence for each thing that mattered.
pub fn why(choice: &Choice, balancer: NodeId, plan: &Plan, snapshot: &Snapshot) -> Vec<String> {
    let mut sentences = Vec::new();
    for (server, reason) in &choice.passed_over {
        let name = plan.name(*server);
        sentences.push(match reason {
            PassedOver::Down { since } => {
                format!("{name} was passed over: believed down since {}.", instant(*since))
            }
            PassedOver::Tried => format!("{name} was passed over: it refused this request already."),
            other => format!("{name} was passed over: {other}."),
        });
    }
    let Some(server) = choice.server else {
        sentences.push(format!("No server was left to try, so {} answered 503 itself.", plan.name(balancer)));
        return sentences;
    };
    let name = plan.name(server);
    sentences.insert(0, because(name, balancer, plan));
    let died_before =
        matches!(snapshot.nodes[server.get()].truth, Truth::Down { since } if since <= choice.at);
    if died_before {
        sentences.push(format!("{name} is dead, but {} still believes it up.", plan.name(balancer)));
    }
    sentences
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_has_minutes_and_milliseconds_and_hours_when_it_must() {
        assert_eq!(clock(SimTime::from_millis(14_620)), "00:14.620");
        assert_eq!(clock(SimTime::from_millis(754_007)), "12:34.007");
        assert_eq!(clock(SimTime::from_secs(3_661)), "1:01:01.000");
    }

    #[test]
    fn numbers_read_as_people_write_them() {
        assert_eq!(grouped(7), "7");
        assert_eq!(grouped(1_482), "1\u{202f}482");
        assert_eq!(grouped(1_000_000), "1\u{202f}000\u{202f}000");
        assert_eq!(counted(1, "request"), "1 request");
        assert_eq!(counted(2, "reply"), "2 replies");
        assert_eq!(instant(SimTime::from_millis(12_449)), "12.4\u{202f}s");
        assert_eq!(duration(understudy_sim::SimDuration::from_millis(1_500)), "1.5\u{202f}s");
        assert_eq!(listed(&["a", "b", "c"]), "a, b and c");
    }

    #[test]
    fn a_belief_names_the_checks_that_shook_it() {
        let health = HealthConfig { rise: 2, fall: 3, ..HealthConfig::default() };
        assert_eq!(belief_counted(Belief::GoingDown { failed: 1 }, &health), "failing 1 of 3");
        assert_eq!(belief_sentence(Belief::GoingUp { passed: 1 }, &health), "down, 1 of 2 checks passed");
        assert_eq!(belief_word(Belief::Up), "up");
    }
}
