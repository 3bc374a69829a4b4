//! A brief: what somebody wants of a system and what it may cost, held against a design.
//!
//! A brief is data, so that an instructor can write one. It starts from a scenario, says what one more node of each kind
//! costs, and lists targets. A target is met or not by what the audit's [`Report`] says of the design, and nothing is
//! run. What the targets are about has to stay: [`Ask::AsToday`] is for those who would send the readers home.
//!
//! Size costs nothing here, only numbers of nodes do: what redundancy is bought with.

use alloc::string::String;
use alloc::vec::Vec;

use understudy_core::SimDuration;
use understudy_sim::fields::{Fields, FromJson, Reading, one_of};
use understudy_sim::json::Json;
use understudy_sim::plan::Mistake;
use understudy_sim::scenario::{Node, Scenario};

use crate::report::Report;
use crate::service::Service;

/// Kinds of nodes, as scenario files write them.
const KINDS: [(Kind, &str); 8] = [
    (Kind::Firewall, "firewall"),
    (Kind::LoadBalancer, "load-balancer"),
    (Kind::WebServer, "web-server"),
    (Kind::ApplicationServer, "application-server"),
    (Kind::Database, "database"),
    (Kind::FailoverManager, "failover-manager"),
    (Kind::Dns, "dns"),
    (Kind::Monitor, "monitor"),
];

/// A kind of node that can be bought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A firewall.
    Firewall,
    /// A load balancer.
    LoadBalancer,
    /// A web server.
    WebServer,
    /// An application server.
    ApplicationServer,
    /// A database.
    Database,
    /// A failover manager.
    FailoverManager,
    /// A DNS server.
    Dns,
    /// A monitor.
    Monitor,
}

impl Kind {
    /// The kind of a node; `None` for those who only use the system.
    pub const fn of(node: &Node) -> Option<Self> {
        Some(match node {
            Node::Firewall(_) => Self::Firewall,
            Node::LoadBalancer(_) => Self::LoadBalancer,
            Node::WebServer(_) => Self::WebServer,
            Node::ApplicationServer(_) => Self::ApplicationServer,
            Node::Database(_) => Self::Database,
            Node::FailoverManager(_) => Self::FailoverManager,
            Node::Dns(_) => Self::Dns,
            Node::Monitor(_) => Self::Monitor,
            Node::Clients(_) | Node::Attacker(_) | Node::Eavesdropper(_) => return None,
        })
    }

    /// As scenario files write it.
    pub fn word(self) -> &'static str {
        KINDS.iter().find(|(kind, _)| *kind == self).map_or("", |(_, word)| word)
    }
}

/// What one more node of a kind costs.
#[derive(Debug)]
pub struct Price {
    /// The kind.
    pub kind: Kind,
    /// What it costs, in the brief's unit.
    pub costs: u32,
}

/// What a target asks for.
#[derive(Debug)]
pub enum Ask {
    /// The clients are those of the start, and no node or group has better mean times than are usual.
    AsToday,
    /// Reads and writes are answered for at least this share of the time.
    Answered(f64),
    /// At most so many nodes each end reads or writes alone.
    SinglePoints(u32),
    /// None of these kinds has a node without which the rest could not carry what the clients send.
    Carries(Vec<Kind>),
    /// No request crosses the outside in plain text.
    Encrypted,
    /// Somebody is called when a node of these kinds dies.
    Noticed(Vec<Kind>),
    /// At most the acknowledged writes of so long are lost when the primary is, or is cut off.
    Rpo(SimDuration),
    /// At most the budget is spent.
    Budget,
}

/// One thing that is asked for.
#[derive(Debug)]
pub struct Target {
    /// What is asked, in a sentence for people.
    pub text: String,
    /// What that is for the audit.
    pub ask: Ask,
}

/// A brief.
#[derive(Debug)]
pub struct Brief {
    /// What it is called.
    pub title: String,
    /// What is wanted, in the words of whoever wants it, paragraph by paragraph.
    pub letter: Vec<String>,
    /// What the prices are in: "crowns a month".
    pub unit: String,
    /// How much may be spent beyond what the start costs.
    pub budget: u32,
    /// What nodes cost; what has no price is not for sale.
    pub prices: Vec<Price>,
    /// What is asked for.
    pub targets: Vec<Target>,
    /// The design to start from.
    pub start: Scenario,
}

/// What was found where a target looks.
#[derive(Debug)]
pub enum Found {
    /// Nothing that would be in the way.
    Nothing,
    /// The answered share of each service.
    Shares(Vec<(Service, f64)>),
    /// What is in the way: names of nodes and links.
    Names(Vec<String>),
    /// Requests per second that are carried without this node.
    Carries(String, f64),
    /// Acknowledged writes of so long are lost; `None` if nothing ends that.
    Lost(Option<SimDuration>),
    /// What is spent.
    Spent(i64),
}

/// How a design stands by one target.
#[derive(Debug)]
pub struct Judged {
    /// Whether it is met.
    pub met: bool,
    /// What was found.
    pub found: Found,
}

impl FromJson for Kind {
    fn from_json(json: &Json, reading: &mut Reading) -> Self {
        one_of(json, reading, &KINDS)
    }
}

impl FromJson for Price {
    fn from_json(json: &Json, reading: &mut Reading) -> Self {
        let mut fields = Fields::of(json, reading);
        let price = Self { kind: fields.required("kind"), costs: fields.required("costs") };
        fields.end();
        price
    }
}

/// The fields of a target beside its text.
const ASKS: &str = "as_today, answered_percent, single_points, carries_without, encrypted_outside, noticed, rpo, \
                    within_budget";

/// What a field asks for. A switch asks when it is on; off, it would ask for nothing.
fn ask(field: &str, json: &Json, reading: &mut Reading) -> Option<Ask> {
    let switch = |ask| (*json == Json::Bool(true)).then_some(ask);
    match field {
        "as_today" => switch(Ask::AsToday),
        "encrypted_outside" => switch(Ask::Encrypted),
        "within_budget" => switch(Ask::Budget),
        "answered_percent" => Some(Ask::Answered(f64::from_json(json, reading) / 100.0)),
        "single_points" => Some(Ask::SinglePoints(u32::from_json(json, reading))),
        "carries_without" => Some(Ask::Carries(Vec::from_json(json, reading))),
        "noticed" => Some(Ask::Noticed(Vec::from_json(json, reading))),
        "rpo" => Some(Ask::Rpo(SimDuration::from_json(json, reading))),
        _ => None,
    }
}

impl FromJson for Target {
    fn from_json(json: &Json, reading: &mut Reading) -> Self {
        let mut target = Self { text: String::new(), ask: Ask::Budget };
        let Json::Object(fields) = json else {
            reading.unfit(json, "an object, { ... }");
            return target;
        };
        let mut asks = 0;
        for (field, json) in fields {
            if let (true, Json::Text(text)) = (field == "text", json) {
                target.text.clone_from(text);
            } else if let Some(ask) = reading.down(field, |reading| ask(field, json, reading)) {
                target.ask = ask;
                asks += 1;
            } else {
                asks += 2;
            }
        }
        if asks != 1 || target.text.is_empty() {
            reading.mistake(["a target has a text and one of ", ASKS].concat());
        }
        target
    }
}

impl FromJson for Brief {
    fn from_json(json: &Json, reading: &mut Reading) -> Self {
        let mut fields = Fields::of(json, reading);
        let brief = Self {
            title: fields.required("title"),
            letter: fields.required("letter"),
            unit: fields.required("unit"),
            budget: fields.required("budget"),
            prices: fields.required("price"),
            targets: fields.required("target"),
            start: fields.required("scenario"),
        };
        fields.end();
        brief
    }
}

impl Brief {
    /// Reads a brief whose field `scenario` is the whole scenario.
    pub fn read(json: &Json) -> Result<Self, Mistake> {
        Reading::whole(json)
    }

    /// What a design costs beyond the start, and the nodes that are not for sale.
    pub fn spent(&self, design: &Scenario) -> (i64, Vec<String>) {
        let count = |scenario: &Scenario, kind| {
            scenario.nodes.iter().filter(|node| Kind::of(node) == Some(kind)).count()
        };
        let (mut spent, mut strangers) = (0, Vec::new());
        for (kind, _) in KINDS {
            let [before, now] = [&self.start, design].map(|scenario| count(scenario, kind));
            if let Some(price) = self.prices.iter().find(|price| price.kind == kind) {
                let more = i64::try_from(now).unwrap_or(0) - i64::try_from(before).unwrap_or(0);
                spent += i64::from(price.costs) * more;
            } else {
                let of_kind = design.nodes.iter().filter(|node| Kind::of(node) == Some(kind));
                strangers.extend(of_kind.skip(before).map(|node| node.name().into()));
            }
        }
        (spent, strangers)
    }

    /// Holds a design, of which `report` is the audit, against each target.
    pub fn judge(&self, design: &Scenario, report: &Report) -> Vec<Judged> {
        self.targets.iter().map(|target| self.hold(&target.ask, design, report)).collect()
    }

    fn hold(&self, ask: &Ask, design: &Scenario, report: &Report) -> Judged {
        match ask {
            Ask::AsToday => none_of(self.changed(design)),
            Ask::Answered(least) => {
                let services = [Service::Reads, Service::Writes].into_iter();
                let shares: Vec<(Service, f64)> = services
                    .filter_map(|service| Some((service, report.availability.get(service.key())?.estimate)))
                    .collect();
                let met = !shares.is_empty() && shares.iter().all(|(_, share)| share >= least);
                Judged { met, found: Found::Shares(shares) }
            }
            Ask::SinglePoints(most) => {
                let names = single_points(report);
                let met = names.len() <= *most as usize;
                Judged { met, ..none_of(names) }
            }
            Ask::Carries(kinds) => {
                let alone = single_points(report);
                let ending = named(design, kinds).filter(|name| alone.iter().any(|other| other == name));
                let ending: Vec<String> = ending.map(String::from).collect();
                let capacity = &report.capacity;
                match (&capacity.worst_loss, ending.is_empty()) {
                    (Some(worst), true) => Judged {
                        met: worst.carries_per_s >= capacity.offered_per_s,
                        found: Found::Carries(worst.lost.clone(), worst.carries_per_s),
                    },
                    _ => none_of(ending),
                }
            }
            Ask::Encrypted => {
                let readable = report.security.readable.iter();
                none_of(readable.map(|readable| readable.link.join(" \u{2192} ")).collect())
            }
            Ask::Noticed(kinds) => {
                let blind: Vec<&str> =
                    report.monitoring.blind_spots().map(|node| node.name.as_str()).collect();
                none_of(named(design, kinds).filter(|name| blind.contains(name)).map(String::from).collect())
            }
            Ask::Rpo(most) => {
                let lost = report
                    .data
                    .as_ref()
                    .map_or(Some(SimDuration::ZERO), |data| Some(data.rpo_if_cut_off?.max(data.rpo_if_lost)));
                // Who has lost the only copy has lost more than any length of time says.
                let copies = design.nodes.iter().filter(|node| matches!(node, Node::Database(_))).count();
                let lost = lost.filter(|_| copies > 1);
                Judged { met: lost.is_some_and(|lost| lost <= *most), found: Found::Lost(lost) }
            }
            Ask::Budget => {
                let (spent, strangers) = self.spent(design);
                if strangers.is_empty() {
                    Judged { met: spent <= i64::from(self.budget), found: Found::Spent(spent) }
                } else {
                    none_of(strangers)
                }
            }
        }
    }

    /// What is not as it was: clients that were changed, came or went, and nodes that are said to fail more rarely.
    fn changed(&self, design: &Scenario) -> Vec<String> {
        let clients = |scenario: &Scenario| -> Vec<Node> {
            let all = scenario.nodes.iter().filter(|node| matches!(node, Node::Clients(_)));
            all.cloned().collect()
        };
        let [before, now] = [&self.start, design].map(clients);
        let gone = before.iter().filter(|node| !now.contains(node));
        let mut names: Vec<String> = gone.map(|node| node.name().into()).collect();
        names.extend(now.iter().filter(|node| !before.contains(node)).map(|node| node.name().into()));
        names.extend(
            design
                .nodes
                .iter()
                .filter(|node| {
                    let own = node.dependability();
                    let same = |other: &&Node| other.name() == node.name();
                    let first = self.start.nodes.iter().find(same).map(Node::dependability);
                    let [mtbf, mttr] =
                        [first.and_then(|first| first.mtbf), first.and_then(|first| first.mttr)];
                    (own.mtbf, own.mttr) != (mtbf, mttr)
                })
                .map(|node| node.name().into()),
        );
        names.dedup();
        names
    }
}

/// Met if nothing is in the way.
fn none_of(names: Vec<String>) -> Judged {
    Judged {
        met: names.is_empty(),
        found: if names.is_empty() { Found::Nothing } else { Found::Names(names) },
    }
}

/// The nodes and groups that end reads or writes alone.
fn single_points(report: &Report) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for service in [Service::Reads, Service::Writes] {
        for name in report.spof.get(service.key()).into_iter().flatten() {
            if !names.contains(name) {
                names.push(name.clone());
            }
        }
    }
    names
}

/// The nodes of these kinds.
fn named<'a>(design: &'a Scenario, kinds: &'a [Kind]) -> impl Iterator<Item = &'a str> {
    design
        .nodes
        .iter()
        .filter(|node| Kind::of(node).is_some_and(|kind| kinds.contains(&kind)))
        .map(Node::name)
}
