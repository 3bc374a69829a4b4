//! What can be written about each kind of node, about links and about the scenario as a whole: one table for each.
//!
//! A row names a field by its path in the file. What is right is for the reader of scenarios to say, not for this table:
//! it knows only how a person writes the field.

/// How a field is written by a person.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// A name that others refer to.
    Name,
    /// Words.
    Words,
    /// A line for each item.
    Lines,
    /// A duration with its unit: "40ms".
    Duration,
    /// A number; of what, is said behind it.
    Number(&'static str),
    /// Numbers with commas between.
    Numbers,
    /// Names of nodes with commas between.
    Names,
    /// Links as "from > to", with commas between.
    Ends,
    /// On or off, and which of the two if nothing is written.
    Switch(bool),
    /// One of some words; the first if nothing is written.
    Choice(&'static [(&'static str, &'static str)]),
    /// One of the nodes.
    Node,
    /// One of the firewalls, or none.
    Firewall,
    /// A part that is there or not, and what it is at first.
    Part(&'static str),
    /// One of several forms, and whether there may be none.
    Form(&'static [Form], bool),
    /// Any number of items: what one is called, the form of each, a new one, and those that there are if nothing is written.
    Many(&'static str, &'static [Field], &'static str, &'static str),
}

/// A form that a value can have: an object with one field of this name, or the word alone.
#[derive(Debug)]
pub struct Form {
    /// The field's name or the word.
    pub word: &'static str,
    /// What people choose it by.
    pub label: &'static str,
    /// What it is at first.
    pub first: &'static str,
    /// What is written about it.
    pub fields: &'static [Field],
}

/// A row of a table.
#[derive(Debug)]
pub struct Field {
    /// Where it stands, seen from what the table is about.
    pub path: &'static str,
    /// What people call it.
    pub label: &'static str,
    /// How it is written.
    pub kind: Kind,
    /// What is so if nothing is written, as it would be written; empty if something has to be.
    pub default: &'static str,
    /// A line of help.
    pub help: &'static str,
}

const fn field(
    path: &'static str,
    label: &'static str,
    kind: Kind,
    default: &'static str,
    help: &'static str,
) -> Field {
    Field { path, label, kind, default, help }
}

const fn form(
    word: &'static str,
    label: &'static str,
    first: &'static str,
    fields: &'static [Field],
) -> Form {
    Form { word, label, first, fields }
}

const NAME: Field = field("name", "Name", Kind::Name, "", "Letters, digits and dashes; no spaces");
const TIMES: &[Form] = &[
    form(
        "constant",
        "always the same",
        r#"{ "constant": "40ms" }"#,
        &[field("constant", "always", Kind::Duration, "", "")],
    ),
    form(
        "exponential",
        "mostly short, now and then long (exponential)",
        r#"{ "exponential": "40ms" }"#,
        &[field("exponential", "on average", Kind::Duration, "", "")],
    ),
    form(
        "uniform",
        "anywhere between two (uniform)",
        r#"{ "uniform": { "min": "20ms", "max": "60ms" } }"#,
        &[
            field("uniform.min", "at least", Kind::Duration, "", ""),
            field("uniform.max", "at most", Kind::Duration, "", ""),
        ],
    ),
];
const TIME: Kind = Kind::Form(TIMES, false);
const TIME_OR_NONE: Kind = Kind::Form(TIMES, true);

const CLIENTS: &[Field] = &[
    NAME,
    field(
        "rate_per_s",
        "Requests per second",
        Kind::Number("per s"),
        "none",
        "On average. Empty if there are users instead",
    ),
    field(
        "users",
        "Users",
        Kind::Number("users"),
        "none",
        "Each waits for an answer and thinks before the next request, in place of a rate",
    ),
    field(
        "think_time",
        "Thinking time",
        TIME_OR_NONE,
        "",
        "Of a user, between an answer and the next request",
    ),
    field("writes", "Share that writes", Kind::Number("of 1"), "0", "From 0 (none) to 1 (all)"),
    field(
        "static_files",
        "Share that asks for static files",
        Kind::Number("of 1"),
        "0",
        "From 0 to 1; a web server answers these itself",
    ),
    field("keys", "Rows", Kind::Number("rows"), "100", "How many rows the requests are spread over"),
    field("timeout", "Timeout", Kind::Duration, "10s", "How long a client waits before it gives up"),
    field("ramp", "The rate changes evenly", Kind::Part(r#"{ "to_per_s": 100, "over": "30s" }"#), "", ""),
    field("ramp.to_per_s", "Ramp: to", Kind::Number("per s"), "", ""),
    field("ramp.over", "Ramp: over", Kind::Duration, "", ""),
    field(
        "ramp.then",
        "Ramp: then",
        Kind::Choice(&[("stay", "it stays"), ("repeat", "it begins anew")]),
        "",
        "",
    ),
    field("burst", "Bursts", Kind::Part(r#"{ "every": "20s", "times": 3, "lasts": "5s" }"#), "", ""),
    field("burst.every", "Burst: every", Kind::Duration, "", ""),
    field("burst.times", "Burst: so many times the rate", Kind::Number("times"), "", ""),
    field("burst.lasts", "Burst: lasts", Kind::Duration, "", ""),
    field("retries", "Failed requests are tried again", Kind::Part("{}"), "", ""),
    field(
        "retries.attempts",
        "Retries: attempts in all",
        Kind::Number("times"),
        "3",
        "The first time included",
    ),
    field(
        "retries.budget",
        "Retries: budget",
        Kind::Number("of 1"),
        "0.2",
        "How many retries for each request, on average",
    ),
    field("retries.backoff.base", "Retries: first wait", Kind::Duration, "100ms", ""),
    field("retries.backoff.max", "Retries: longest wait", Kind::Duration, "10s", ""),
    field(
        "retries.backoff.jitter",
        "Retries: left to chance",
        Kind::Choice(&[("full", "all of the wait"), ("equal", "half of it"), ("none", "nothing")]),
        "",
        "",
    ),
];

const FIREWALL: &[Field] = &[
    NAME,
    field("on", "Filters from the start", Kind::Switch(true), "", ""),
    field("allow", "Open ports", Kind::Numbers, "80, 443", "With commas between"),
    field(
        "limit_per_source_per_s",
        "Limit for each sender",
        Kind::Number("per s"),
        "none",
        "Requests that one sender may send",
    ),
];

const BALANCER: &[Field] = &[
    NAME,
    field(
        "algorithm",
        "Algorithm",
        Kind::Choice(&[
            ("round-robin", "round robin"),
            ("least-connections", "least connections"),
            ("random-two", "the better of two random"),
            ("ip-hash", "IP hash"),
            ("maglev", "consistent hash (Maglev)"),
            ("peak-ewma", "peak EWMA"),
        ]),
        "",
        "",
    ),
    field(
        "pool_mode",
        "Servers are",
        Kind::Choice(&[
            ("active-active", "active-active"),
            ("active-passive", "active-passive"),
            ("active-passive-all", "active-passive, all standbys"),
        ]),
        "",
        "",
    ),
    field("retry", "Tries the next server when one refuses", Kind::Switch(false), "", ""),
    field("timeout", "Timeout", Kind::Duration, "5s", "How long it waits for a server's answer"),
    field(
        "health_check.interval",
        "Health check: every",
        Kind::Duration,
        "2s",
        "From the end of a check to the start of the next",
    ),
    field(
        "health_check.fall",
        "Health check: fall",
        Kind::Number("checks"),
        "3",
        "Failed checks in a row that take a server out",
    ),
    field(
        "health_check.rise",
        "Health check: rise",
        Kind::Number("checks"),
        "2",
        "Passed checks in a row that put it back",
    ),
    field(
        "health_check.passes",
        "Health check: passes if",
        Kind::Choice(&[
            ("answering", "the server answers a request"),
            ("connecting", "its host accepts a connection"),
        ]),
        "",
        "",
    ),
    field(
        "virtual_ip",
        "Shares an address by VRRP",
        Kind::Part(r#"{ "address": "203.0.113.10", "priority": 100 }"#),
        "",
        "",
    ),
    field(
        "virtual_ip.address",
        "Virtual IP: address",
        Kind::Words,
        "",
        "The same on all balancers that share it",
    ),
    field(
        "virtual_ip.priority",
        "Virtual IP: priority",
        Kind::Number("of 255"),
        "",
        "The highest is to hold the address",
    ),
    field("virtual_ip.advert_interval", "Virtual IP: advert every", Kind::Duration, "1s", ""),
    field("virtual_ip.held_at_start", "Virtual IP: held at the start", Kind::Switch(false), "", ""),
    field("virtual_ip.preempt", "Virtual IP: taken back from a lower priority", Kind::Switch(true), "", ""),
];

const SERVER: &[Field] = &[
    NAME,
    field("workers", "Workers", Kind::Number("workers"), "", "Requests that it works on at the same time"),
    field("queue_limit", "Queue", Kind::Number("requests"), "", "How many more may wait"),
    field("service_time", "Service time", TIME, "", "How long its work on a request takes"),
    field(
        "reads",
        "Reads go to",
        Kind::Choice(&[
            ("primary", "the primary"),
            ("replicas", "the replicas"),
            ("all", "all databases"),
            ("read-your-writes", "replicas that have the last write"),
        ]),
        "",
        "If it has databases",
    ),
    field("timeout", "Timeout", Kind::Duration, "5s", "How long it waits for the next tier's answer"),
    field("weight", "Weight", Kind::Number("turns"), "1", "Its share of a balancer's turns"),
    field("standby", "Stands by", Kind::Switch(false), "", "In active-passive pools"),
];

const DATABASE: &[Field] = &[
    NAME,
    field(
        "role",
        "Role at the start",
        Kind::Choice(&[("primary", "primary"), ("replica", "replica")]),
        "",
        "",
    ),
    field("workers", "Workers", Kind::Number("workers"), "", "Reads and writes at the same time"),
    field("queue_limit", "Queue", Kind::Number("requests"), "", "How many more may wait"),
    field("read_time", "Read time", TIME, "", ""),
    field("write_time", "Write time", TIME, "", "Until a write is in the log"),
    field("flush_time", "Flush time", TIME_OR_NONE, "always 1ms", "Of the log to the disk"),
    field("replay_time", "Replay time", TIME_OR_NONE, "always 200us", "Of one write on a replica"),
    field(
        "sync_replicas",
        "A commit waits for",
        Kind::Number("replicas"),
        "0",
        "0 answers at once: asynchronous",
    ),
];

const MANAGER: &[Field] = &[
    NAME,
    field("interval", "Checks every", Kind::Duration, "1s", ""),
    field(
        "fall",
        "Fall",
        Kind::Number("checks"),
        "3",
        "Failed checks in a row until a database is believed unreachable",
    ),
    field(
        "fencing",
        "Fencing",
        Kind::Choice(&[
            ("device", "a device cuts its power"),
            ("lease", "its lease runs out"),
            ("none", "none"),
        ]),
        "",
        "How the old primary is stopped",
    ),
    field("automatic", "Acts by itself", Kind::Switch(true), "", ""),
];

const DNS: &[Field] = &[
    NAME,
    field("ttl", "Time to live", Kind::Duration, "30s", "How long an answer may be kept"),
    field(
        "records",
        "Records",
        Kind::Names,
        "all",
        "Names of nodes with commas between; none written means all that its clients are linked to",
    ),
];

const WINDOW: Kind = Kind::Duration;
const CONDITIONS: &[Form] = &[
    form("target-down", "the target is down", r#""target-down""#, &[]),
    form(
        "error-rate-high",
        "its error rate is high",
        r#"{ "error-rate-high": { "above": 0.02, "window": "15s" } }"#,
        &[
            field("error-rate-high.above", "above", Kind::Number("of 1"), "", ""),
            field("error-rate-high.window", "over the last", WINDOW, "", ""),
        ],
    ),
    form(
        "latency-high",
        "its latency is high",
        r#"{ "latency-high": { "above": "1s", "window": "15s" } }"#,
        &[
            field("latency-high.above", "above", Kind::Duration, "", ""),
            field("latency-high.window", "over the last", WINDOW, "", ""),
        ],
    ),
    form(
        "replication-lag-high",
        "its replication lag is high",
        r#"{ "replication-lag-high": { "above_bytes": 10000 } }"#,
        &[field("replication-lag-high.above_bytes", "above", Kind::Number("bytes"), "", "")],
    ),
    form(
        "qps-collapse",
        "its requests collapse",
        r#"{ "qps-collapse": { "below": 0.5, "window": "15s" } }"#,
        &[
            field(
                "qps-collapse.below",
                "below",
                Kind::Number("of 1"),
                "",
                "Of the rate of the window before",
            ),
            field("qps-collapse.window", "over the last", WINDOW, "", ""),
        ],
    ),
];
const RULES: &str = r#"[{ "when": "target-down", "for": "5s" },
    { "when": { "error-rate-high": { "above": 0.02, "window": "15s" } }, "for": "5s" },
    { "when": { "latency-high": { "above": "1s", "window": "15s" } }, "for": "10s" },
    { "when": { "replication-lag-high": { "above_bytes": 10000 } }, "for": "10s" },
    { "when": { "qps-collapse": { "below": 0.5, "window": "15s" } }, "for": "5s" }]"#;

const MONITOR: &[Field] = &[
    NAME,
    field("on", "Watches from the start", Kind::Switch(true), "", ""),
    field("interval", "Scrapes every", Kind::Duration, "5s", ""),
    field("timeout", "Timeout", Kind::Duration, "2s", "How long it waits for a target's answer"),
    field(
        "rules",
        "Alerts",
        Kind::Many(
            "alert",
            &[
                field("when", "when", Kind::Form(CONDITIONS, false), "", ""),
                field("for", "for", Kind::Duration, "0s", "How long it must be so until the alert fires"),
            ],
            r#"{ "when": "target-down", "for": "5s" }"#,
            RULES,
        ),
        "",
        "",
    ),
];

const ATTACKER: &[Field] = &[
    NAME,
    field(
        "behaviour",
        "From the start",
        Kind::Choice(&[
            ("idle", "does nothing"),
            ("scan", "scans ports"),
            ("flood", "floods"),
            ("inject", "asks databases"),
        ]),
        "",
        "",
    ),
    field("timeout", "Timeout", Kind::Duration, "2s", "How long it waits for an answer"),
    field("flood_per_s", "Flood", Kind::Number("per s"), "500", "Requests while it floods"),
    field("inject_per_s", "Injection", Kind::Number("per s"), "2", "Queries while it asks databases"),
    field("rows_per_query", "Rows of a query", Kind::Number("rows"), "100", ""),
];

const EAVESDROPPER: &[Field] = &[
    NAME,
    field(
        "listens_on",
        "Listens on",
        Kind::Ends,
        "",
        "Links as \u{201c}from > to\u{201d}, with commas between",
    ),
];

/// What is written about a link.
pub const LINK: &[Field] = &[
    field("from", "From", Kind::Node, "", "The node that connects"),
    field("to", "To", Kind::Node, "", "The node that accepts"),
    field("latency", "Latency", Kind::Duration, "", "Of one message, each way"),
    field("jitter", "Jitter", TIME_OR_NONE, "none", "What comes on top, drawn anew for each message"),
    field("loss", "Packets lost", Kind::Number("of 1"), "0", "Share, each way, from 0 to 1"),
    field("tls", "Encrypted from the start", Kind::Switch(false), "", ""),
    field("through", "Through a firewall", Kind::Firewall, "", "One that stands in the link"),
];

/// What is written about the scenario as a whole.
pub const SCENARIO: &[Field] = &[
    field("title", "Title", Kind::Words, "", "What people choose it by"),
    field("summary", "Summary", Kind::Words, "", "What there is to see"),
    field(
        "script",
        "Script",
        Kind::Lines,
        "nothing",
        "What happens by itself, a line each: \u{201c}12.4s kill web-2\u{201d}",
    ),
];

/// What can be written about every node: what the audit reckons with.
pub const FATE: &[Field] = &[
    field("in", "Stands in", Kind::Names, "nothing shared", "Racks, zones, power feeds, with commas between"),
    field("mtbf", "Fails once in", Kind::Duration, "usual for its kind", "Mean time between failures"),
    field("mttr", "Repaired within", Kind::Duration, "usual for its kind", "Mean time to repair"),
];

/// Where a kind stands that only watches.
pub const ASIDE: u8 = u8::MAX;

/// A kind of node.
#[derive(Debug)]
pub struct NodeKind {
    /// As it is written in the file.
    pub word: &'static str,
    /// What people call it.
    pub label: &'static str,
    /// What a new one's name begins with.
    pub prefix: &'static str,
    /// Where it stands on a request's way, as on the stage.
    pub tier: u8,
    /// A new one, but for kind and name.
    pub first: &'static str,
    /// What is written about it.
    pub fields: &'static [Field],
}

const fn node(
    word: &'static str,
    label: &'static str,
    prefix: &'static str,
    tier: u8,
    first: &'static str,
    fields: &'static [Field],
) -> NodeKind {
    NodeKind { word, label, prefix, tier, first, fields }
}

/// Every kind of node.
pub static NODES: [NodeKind; 11] = [
    node("clients", "clients", "clients", 0, r#"{ "rate_per_s": 20 }"#, CLIENTS),
    node("firewall", "firewall", "firewall", 2, "{}", FIREWALL),
    node("load-balancer", "load balancer", "lb", 4, "{}", BALANCER),
    node(
        "web-server",
        "web server",
        "web",
        5,
        r#"{ "workers": 2, "queue_limit": 10, "service_time": { "exponential": "120ms" } }"#,
        SERVER,
    ),
    node(
        "application-server",
        "application server",
        "app",
        6,
        r#"{ "workers": 8, "queue_limit": 40, "service_time": { "exponential": "20ms" } }"#,
        SERVER,
    ),
    node(
        "database",
        "database",
        "db",
        7,
        r#"{ "role": "replica", "workers": 8, "queue_limit": 40, "read_time": { "exponential": "10ms" }, "write_time": { "exponential": "12ms" } }"#,
        DATABASE,
    ),
    node("failover-manager", "failover manager", "manager", ASIDE, "{}", MANAGER),
    node("dns", "DNS server", "dns", 2, "{}", DNS),
    node("monitor", "monitor", "monitor", ASIDE, "{}", MONITOR),
    node("attacker", "attacker", "attacker", 0, "{}", ATTACKER),
    node("eavesdropper", "eavesdropper", "eavesdropper", ASIDE, r#"{ "listens_on": [] }"#, EAVESDROPPER),
];
