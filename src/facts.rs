//! What the inspector says about a node, a link or a request: plain data, made from the plan and a snapshot.

use understudy_core::health::Belief;
use understudy_core::vrrp::VrrpTimer;
use understudy_sim::ids::{LinkId, NodeId};
use understudy_sim::inspect::{IfLost, Inspection, PoolInside, Timer, TimerKind};
use understudy_sim::plan::{NodeKind, Plan, PlanNode, ServerPlan};
use understudy_sim::view::{Choice, DatabaseRole, NodeDetail, Sends, Snapshot, Traffic, Truth};
use understudy_sim::{SimDuration, SimTime};

use crate::selection::Selection;
use crate::words::{
    self, belief_counted, belief_sentence, counted, distribution, duration, grouped, instant, per_s, why,
};

/// How a value stands out.
pub type Tone = &'static str;

/// A name and a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// What it is.
    pub name: String,
    /// How much or what.
    pub value: String,
    /// How it stands out.
    pub tone: Tone,
}

/// A row of a table: its cells, the first of which names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The cells.
    pub cells: Vec<String>,
    /// How it stands out.
    pub tone: Tone,
}

/// A part of the inspector.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Section {
    /// Its heading; empty for none.
    pub title: String,
    /// Names and values.
    pub pairs: Vec<Pair>,
    /// The heads of the table's columns; empty for no table.
    pub heads: Vec<&'static str>,
    /// The table's rows.
    pub rows: Vec<Row>,
    /// Sentences.
    pub prose: String,
}

/// What is to be said, the most important first.
pub fn sections(
    selection: Selection,
    plan: &Plan,
    snapshot: &Snapshot,
    why: &[(NodeId, Choice)],
    inside: &Inspection,
) -> Vec<Section> {
    match selection {
        Selection::Node(id) => {
            let mut sections = about_node(id, plan, snapshot, why);
            sections.extend(inside_of(plan, snapshot, inside));
            sections
        }
        Selection::Link(id) => about_link(id, plan, snapshot),
        Selection::Request(_) => Vec::new(),
    }
}

/// What the selection is called and what it is.
pub fn heading(selection: Selection, plan: &Plan) -> (String, &'static str) {
    match selection {
        Selection::Node(id) => (plan.name(id).into(), plan.node(id).map_or("", |node| node.kind.name())),
        Selection::Link(id) => {
            let link = plan.link(id);
            (format!("{} \u{2192} {}", plan.name(link.from), plan.name(link.to)), "link")
        }
        Selection::Request(number) => (format!("Request {}", grouped(number.0)), "followed"),
    }
}

/// Collects pairs.
#[derive(Default)]
struct Pairs(Vec<Pair>);

impl Pairs {
    fn add(&mut self, name: impl Into<String>, value: impl Into<String>) -> &mut Self {
        self.toned(name, value, "")
    }

    fn toned(&mut self, name: impl Into<String>, value: impl Into<String>, tone: Tone) -> &mut Self {
        self.0.push(Pair { name: name.into(), value: value.into(), tone });
        self
    }

    fn section(self, title: &str) -> Section {
        Section { title: title.into(), pairs: self.0, ..Section::default() }
    }
}

/// The balancers whose pool belongs beside a node: itself, or those that stand next to it.
fn balancers_of(plan: &Plan, id: NodeId) -> Vec<NodeId> {
    let is_balancer =
        |id: NodeId| plan.node(id).is_some_and(|node| matches!(node.kind, NodeKind::LoadBalancer(_)));
    if is_balancer(id) {
        return vec![id];
    }
    let beside = plan.links().filter(|(_, link)| link.to == id).map(|(_, link)| link.from);
    beside.filter(|id| is_balancer(*id)).collect()
}

fn about_node(id: NodeId, plan: &Plan, snapshot: &Snapshot, why: &[(NodeId, Choice)]) -> Vec<Section> {
    let (Some(node), Some(view)) = (plan.node(id), snapshot.nodes.get(id.get())) else { return Vec::new() };
    let mut pairs = Pairs::default();
    if !matches!(node.kind, NodeKind::Clients(_)) {
        let tone = if view.truth.is_up() { "" } else { "bad" };
        pairs.toned("Truth", words::truth(view.truth), tone);
    }
    if view.slowness > 1 {
        pairs.toned("Slowed down", format!("{} times as long as usual", view.slowness), "bad");
    }
    state_of(id, node, plan, snapshot, &mut pairs);
    let mut sections = vec![pairs.section("")];
    if let NodeDetail::Database { .. } = view.detail {
        sections.push(replication(plan, snapshot));
    }
    for balancer in balancers_of(plan, id) {
        sections.push(choice(balancer, plan, snapshot, why));
        sections.push(pool(balancer, plan, snapshot));
    }
    sections
}

#[expect(clippy::too_many_lines, reason = "a row for each fact of each kind of node, and nothing else")]
fn state_of(id: NodeId, node: &PlanNode, plan: &Plan, snapshot: &Snapshot, pairs: &mut Pairs) {
    let view = &snapshot.nodes[id.get()];
    match &view.detail {
        NodeDetail::Clients { sends, writes_ppm, times, .. } => {
            match sends {
                Sends::Every(gap) => {
                    let rate = (1_000_000_000 + gap.as_nanos() / 2) / gap.as_nanos().max(1);
                    pairs.add("Send on average", per_s(rate)).add("Spacing", "random (Poisson)");
                }
                Sends::Users(users) => {
                    pairs.add("Users", grouped((*users).into())).add("Spacing", "each waits for its answer");
                }
            }
            if !plan.databases().is_empty() {
                pairs.add("Writes", format!("{}\u{202f}%", writes_ppm / 10_000));
            }
            if *times > 1 {
                pairs.toned("Overload", format!("{times} times as much as usual"), "bad");
            }
        }
        NodeDetail::LoadBalancer { algorithm, mode, health, virtual_address, .. } => {
            let checks =
                format!("every {}, fall {}, rise {}", duration(health.interval), health.fall, health.rise);
            pairs
                .add("Algorithm", algorithm.to_string())
                .add("Pool", mode.name())
                .add("Health check", checks);
            if let Some(shared) = virtual_address {
                let (state, held) = match view.truth {
                    // What it was when it died is on nobody's mind but its own.
                    Truth::Down { .. } => (String::from("silent"), "not answered here"),
                    _ => (shared.state.to_string(), if shared.held { "held here" } else { "not here" }),
                };
                pairs.add("VRRP", state).add("Virtual IP", held);
            }
        }
        NodeDetail::Server { busy, queued, load_permille, served, writes_to, .. } => {
            for balancer in balancers_of(plan, id) {
                pairs
                    .add(format!("{} believes", plan.name(balancer)), believed(plan, snapshot, balancer, id));
            }
            if let NodeKind::WebServer(server) | NodeKind::ApplicationServer(server) = &node.kind {
                let ServerPlan { workers, queue_limit, service_time, .. } = server;
                pairs
                    .add("Workers busy", format!("{busy} of {workers}, {}\u{202f}% load", load_permille / 10))
                    .add("Waiting", format!("{queued} of at most {queue_limit}"))
                    .add("Time for one request", distribution(service_time));
            }
            pairs.add("Answered", grouped(*served));
            if let Some(primary) = writes_to {
                pairs.add("Writes go to", plan.name(*primary));
            }
        }
        NodeDetail::Database { busy, queued, load_permille, served, role, timeline, stale_reads, .. } => {
            let (role, tone) = self::role(*role, view.truth, plan);
            pairs.toned("Role", role, tone).add("Timeline", timeline.to_string());
            if let NodeKind::Database(database) = &node.kind {
                pairs
                    .add(
                        "Workers busy",
                        format!("{busy} of {}, {}\u{202f}% load", database.workers, load_permille / 10),
                    )
                    .add("Waiting", format!("{queued} of at most {}", database.queue_limit));
            }
            pairs.add("Answered", grouped(*served));
            let tone = if *stale_reads > 0 { "bad" } else { "" };
            pairs.toned("Stale reads", grouped(*stale_reads), tone);
        }
        NodeDetail::FailoverManager { mode, primary, timeline, .. } => {
            pairs
                .add(
                    "Acts",
                    if *mode == understudy_core::failover::Mode::Automatic {
                        "by itself"
                    } else {
                        "when told"
                    },
                )
                .add("Takes for primary", plan.name(*primary))
                .add("On timeline", timeline.to_string());
        }
        NodeDetail::Firewall { on, dropped } => {
            let filters = if *on { "the open port only" } else { "everything: it is off" };
            pairs
                .toned("Lets through", filters, if *on { "" } else { "bad" })
                .add("Dropped", grouped(*dropped));
        }
        NodeDetail::Dns { records, answered } => {
            pairs.add("Answered", grouped(*answered));
            for (node, given) in records {
                pairs.add(plan.name(*node), if *given { "given out" } else { "left out" });
            }
        }
        NodeDetail::Monitor { on, targets, alerts } => {
            pairs
                .add(
                    "Watches",
                    if *on {
                        counted(targets.len() as u64, "node")
                    } else {
                        String::from("nothing: it is off")
                    },
                )
                .toned("Alerts", grouped(alerts.len() as u64), if alerts.is_empty() { "" } else { "bad" });
        }
        NodeDetail::Attacker { sent, answered, stolen_rows, .. } => {
            pairs.add("Sent", grouped(*sent)).add("Answered", grouped(*answered)).toned(
                "Rows stolen",
                grouped(*stolen_rows),
                if *stolen_rows > 0 { "bad" } else { "" },
            );
        }
        NodeDetail::Eavesdropper { readable, unreadable, .. } => {
            pairs
                .toned("Could read", grouped(*readable), if *readable > 0 { "bad" } else { "" })
                .add("Encrypted", grouped(*unreadable));
        }
    }
}

/// The algorithm's inner state, what would be gone with a primary, the queue, and the timers that run.
fn inside_of(plan: &Plan, snapshot: &Snapshot, inside: &Inspection) -> Vec<Section> {
    let dash = || String::from("\u{2013}");
    let mut sections = Vec::new();
    if !inside.pool.is_empty() {
        let row = |server: &PoolInside| {
            let weight = server.current_weight.map_or_else(dash, |weight| weight.to_string());
            let latency = server.latency.map_or_else(dash, rounded);
            let cells =
                vec![plan.name(server.server).into(), grouped(server.connections.into()), weight, latency];
            Row { cells, tone: "" }
        };
        sections.push(Section {
            title: "Inside the algorithm".into(),
            heads: vec!["Server", "Under way", "Current weight", "Latency"],
            rows: inside.pool.iter().take(MOST_LISTED).map(row).collect(),
            ..Section::default()
        });
    }
    if let Some(IfLost { best, writes, .. }) = inside.if_lost {
        let prose = match best {
            None => format!(
                "No replica runs: all that clients were told is done would be gone ({} at least).",
                counted(writes, "write")
            ),
            Some(best) if writes == 0 => {
                format!("Nothing that a client was told is done: {} has all of it.", plan.name(best))
            }
            Some(best) => format!(
                "{} that clients were told are done: {}, which has most, does not have them yet.",
                counted(writes, "write"),
                plan.name(best)
            ),
        };
        sections.push(Section { title: "Lost if it died now".into(), prose, ..Section::default() });
    }
    if !inside.queue.is_empty() {
        let numbers: Vec<String> = inside.queue.iter().map(|number| grouped(number.0)).collect();
        let prose = format!("Requests {}", numbers.join(", "));
        sections.push(Section { title: "Waiting for a worker".into(), prose, ..Section::default() });
    }
    if !inside.timers.is_empty() {
        let row = |timer: &Timer| {
            let left = timer.at.since(snapshot.now);
            Row { cells: vec![timer_words(timer.kind, plan), format!("in {}", rounded(left))], tone: "" }
        };
        sections.push(Section {
            title: "Timers".into(),
            heads: vec!["What for", "Fires"],
            rows: inside.timers.iter().map(row).collect(),
            ..Section::default()
        });
    }
    sections
}

/// A duration to three digits or so, for what changes while it is read.
fn rounded(time: SimDuration) -> String {
    let millis = time.as_nanos() / 1_000_000;
    if millis >= 1_000 { instant(SimTime::ZERO + time) } else { format!("{}\u{202f}ms", grouped(millis)) }
}

fn timer_words(kind: TimerKind, plan: &Plan) -> String {
    match kind {
        TimerKind::WorkDone => "a worker is done".into(),
        TimerKind::GiveUp => "gives up waiting".into(),
        TimerKind::HealthCheck(server) => format!("checks {}", plan.name(server)),
        TimerKind::Vrrp(VrrpTimer::Advert) => "next advert".into(),
        TimerKind::Vrrp(VrrpTimer::MasterDown) => "takes over unless an advert comes".into(),
        TimerKind::Vrrp(VrrpTimer::PreemptDelay) => "stops minding the lower master".into(),
        TimerKind::Vrrp(VrrpTimer::GarpDelay) => "announces the address again".into(),
        TimerKind::Flush => "the log is flushed".into(),
        TimerKind::Replay => "the log is replayed".into(),
        TimerKind::Lease => "its lease runs out".into(),
        TimerKind::Manager => "looks around".into(),
        TimerKind::Fence(victim) => format!("the power of {} is cut", plan.name(victim)),
        TimerKind::OverloadOver => "the burst is over".into(),
        TimerKind::Start => "starts again".into(),
        TimerKind::Other => "something of its own".into(),
    }
}

/// What a balancer believes of a server.
fn believed(plan: &Plan, snapshot: &Snapshot, balancer: NodeId, server: NodeId) -> String {
    let _ = plan;
    let NodeDetail::LoadBalancer { pool, health, .. } = &snapshot.nodes[balancer.get()].detail else {
        return String::new();
    };
    let entry = pool.iter().find(|entry| entry.server == server);
    entry.map_or(String::new(), |entry| belief_sentence(entry.belief, health))
}

/// The logs of all databases beside one another: who has how much.
fn replication(plan: &Plan, snapshot: &Snapshot) -> Section {
    let row = |id: &NodeId| {
        let view = &snapshot.nodes[id.get()];
        let NodeDetail::Database { end, flushed, replayed, behind, .. } = &view.detail else { return None };
        let late = behind.map_or_else(|| String::from("\u{2013}"), rounded);
        let tone = if view.truth.is_up() { "" } else { "out" };
        let cells =
            vec![plan.name(*id).into(), end.to_string(), flushed.to_string(), replayed.to_string(), late];
        Some(Row { cells, tone })
    };
    Section {
        title: "Logs of the databases".into(),
        heads: vec!["Database", "End", "Flushed", "Replayed", "Behind"],
        rows: plan.databases().iter().filter_map(row).collect(),
        ..Section::default()
    }
}

/// What a database is; of one that does not work, what it was.
fn role(role: DatabaseRole, truth: Truth, plan: &Plan) -> (String, Tone) {
    let (name, also) = match role {
        DatabaseRole::Primary => (String::from("primary"), ", takes writes"),
        DatabaseRole::Demoted if truth.is_up() => (String::from("was primary, takes no writes"), ""),
        // The dead take no writes.
        DatabaseRole::Demoted => (String::from("primary"), ""),
        DatabaseRole::Replica { follows: Some(primary) } => {
            (format!("replica of {}", plan.name(primary)), "")
        }
        DatabaseRole::Replica { follows: None } => (String::from("replica of nobody"), ""),
    };
    match truth {
        Truth::Up | Truth::Stopping { .. } => (name + also, ""),
        Truth::Down { .. } => (format!("down; was {name}"), "bad"),
        Truth::Hung { .. } => (format!("{name}, but hangs: answers nothing"), "bad"),
    }
}

/// Why a server got a request.
fn choice(balancer: NodeId, plan: &Plan, snapshot: &Snapshot, all: &[(NodeId, Choice)]) -> Section {
    let Some((_, choice)) = all.iter().find(|(id, _)| *id == balancer) else {
        return Section {
            title: "Why a server gets a request".into(),
            prose: format!("No request has reached {} yet.", plan.name(balancer)),
            ..Section::default()
        };
    };
    // The numbers of an attacker's requests are for machines.
    let request =
        if choice.request.is_attack() { String::from("of the attacker") } else { grouped(choice.request.0) };
    let title = match choice.server {
        Some(server) => format!("Why {} got request {request}", plan.name(server)),
        None => format!("Why nobody got request {request}"),
    };
    Section { title, prose: why(choice, balancer, plan, snapshot).join("\n"), ..Section::default() }
}

/// How many servers of a pool are listed.
const MOST_LISTED: usize = 24;

/// A balancer's pool as the balancer sees it.
fn pool(balancer: NodeId, plan: &Plan, snapshot: &Snapshot) -> Section {
    let NodeDetail::LoadBalancer { pool, health, .. } = &snapshot.nodes[balancer.get()].detail else {
        return Section::default();
    };
    let rows = pool.iter().map(|entry| {
        let tone = match entry.belief {
            Belief::Unchecked | Belief::Up => "",
            Belief::GoingDown { .. } | Belief::GoingUp { .. } => "failing",
            Belief::Down => "out",
        };
        let standby = if entry.standby { ", standby" } else { "" };
        let cells = vec![
            plan.name(entry.server).into(),
            format!("{}{standby}", belief_counted(entry.belief, health)),
            per_s(entry.rate_per_s.into()),
            grouped(entry.picked),
        ];
        Row { cells, tone }
    });
    Section {
        title: format!("Pool as {} sees it", plan.name(balancer)),
        heads: vec!["Server", "Believed", "Rate", "Sent"],
        prose: match pool.len().saturating_sub(MOST_LISTED) {
            0 => String::new(),
            more => format!("{more} more are in the table of everything (T)."),
        },
        rows: rows.take(MOST_LISTED).collect(),
        ..Section::default()
    }
}

fn about_link(id: LinkId, plan: &Plan, snapshot: &Snapshot) -> Vec<Section> {
    let Some(view) = snapshot.links.get(id.get()) else { return Vec::new() };
    let link = plan.link(id);
    let (from, to) = (plan.name(link.from), plan.name(link.to));
    let mut pairs = Pairs::default();
    let (state, tone) = match (view.cut_forward, view.cut_back) {
        (false, false) => (String::from("works"), ""),
        (true, true) => (String::from("cut: nothing gets through"), "bad"),
        (true, false) => (format!("nothing gets from {from} to {to}"), "bad"),
        (false, true) => (format!("nothing gets from {to} to {from}"), "bad"),
    };
    pairs.toned("State", state, tone).add("Latency, each way", duration(link.latency));
    if !view.delay.is_zero() {
        pairs.toned("Delayed by", duration(view.delay), "bad");
    }
    if view.loss_ppm > 0 {
        pairs.toned("Packets lost", format!("{}\u{202f}%", view.loss_ppm / 10_000), "bad");
    }
    pairs.add("Requests", per_s(view.rate_per_s.into()));
    let Traffic { requests, replies, checks, others } = view.traffic;
    for (count, noun) in
        [(requests, "request"), (replies, "reply"), (checks, "health check"), (others, "other")]
    {
        if count > 0 {
            pairs.add("On the way", counted(count.into(), noun));
        }
    }
    if let (Some(belief), NodeDetail::LoadBalancer { health, .. }) =
        (view.belief, &snapshot.nodes[link.from.get()].detail)
    {
        pairs.add(format!("{from} believes {to}"), belief_sentence(belief, health));
    }
    vec![pairs.section("")]
}

/// Every node as a row: the same facts as on the stage, for those who read a table.
pub fn table(plan: &Plan, snapshot: &Snapshot) -> Section {
    let row = |(id, node): (NodeId, &PlanNode)| {
        let view = &snapshot.nodes[id.get()];
        let (load, waiting, role) = match &view.detail {
            NodeDetail::Server { load_permille, queued, .. } => {
                (format!("{}\u{202f}%", load_permille / 10), grouped((*queued).into()), String::new())
            }
            NodeDetail::Database { load_permille, queued, role, .. } => {
                let role = match role {
                    DatabaseRole::Primary => "primary",
                    DatabaseRole::Demoted => "demoted",
                    DatabaseRole::Replica { .. } => "replica",
                };
                (format!("{}\u{202f}%", load_permille / 10), grouped((*queued).into()), role.into())
            }
            NodeDetail::LoadBalancer { virtual_address: Some(shared), .. } => {
                (String::new(), String::new(), shared.state.to_string())
            }
            _ => Default::default(),
        };
        let state = match view.detail {
            NodeDetail::Clients { .. } => String::from("sends"),
            _ => words::truth(view.truth),
        };
        let beliefs: Vec<String> = balancers_of(plan, id)
            .into_iter()
            .filter(|balancer| *balancer != id)
            .map(|balancer| format!("{}: {}", plan.name(balancer), believed(plan, snapshot, balancer, id)))
            .filter(|belief| !belief.ends_with(": "))
            .collect();
        let kind = if role.is_empty() {
            node.kind.name().to_string()
        } else {
            format!("{}, {role}", node.kind.name())
        };
        let cells = vec![
            node.name.clone(),
            kind,
            state,
            per_s(view.rate_per_s.into()),
            load,
            waiting,
            beliefs.join("; "),
        ];
        Row { cells, tone: if view.truth.is_up() { "" } else { "out" } }
    };
    Section {
        title: "Nodes".into(),
        heads: vec!["Node", "Kind", "State", "Rate", "Load", "Waiting", "Believed"],
        rows: plan.nodes().map(row).collect(),
        ..Section::default()
    }
}

/// Every link as a row.
pub fn link_table(plan: &Plan, snapshot: &Snapshot) -> Section {
    let row = |(id, _): (LinkId, &understudy_sim::plan::PlanLink)| {
        let (name, _) = heading(Selection::Link(id), plan);
        let view = &snapshot.links[id.get()];
        let state = match (view.cut_forward, view.cut_back) {
            (false, false) => "works",
            (true, true) => "cut",
            _ => "cut one way",
        };
        let Traffic { requests, replies, checks, others } = view.traffic;
        let on_the_way = requests + replies + checks + others;
        let cells = vec![
            name,
            state.into(),
            duration(plan.link(id).latency + view.delay),
            per_s(view.rate_per_s.into()),
            grouped(on_the_way.into()),
        ];
        Row { cells, tone: if state == "works" { "" } else { "out" } }
    };
    Section {
        title: "Links".into(),
        heads: vec!["Link", "State", "Latency", "Requests", "On the way"],
        rows: plan.links().map(row).collect(),
        ..Section::default()
    }
}
