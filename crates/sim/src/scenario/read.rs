//! How each part of a scenario is read from JSON.

use super::read_actors;
use super::traffic::default_keys;
use super::{
    AfterRamp, Algorithm, Backoff, Burst, CheckPasses, Clients, Database, Dependability, FailoverManager,
    Fencing, Group, HealthCheck, Jitter, Link, LoadBalancer, Node, PoolMode, Ramp, ReadRoute, Retries, Role,
    Scenario, Server, VirtualIp, default_advert_interval, default_automatic, default_client_timeout,
    default_flush_time, default_manager_fall, default_manager_interval, default_preempt, default_replay_time,
    default_upstream_timeout, default_weight,
};
use crate::distribution::Distribution;
use crate::fields::{Fields, FromJson, Reading, one_of};
use crate::json::Json;

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::net::Ipv4Addr;

use understudy_core::SimDuration;

impl FromJson for Scenario {
    fn from_json(json: &Json, reading: &mut Reading) -> Self {
        let mut fields = Fields::of(json, reading);
        let scenario = Self {
            title: fields.required("title"),
            summary: fields.or("summary", String::new()),
            arranged: fields.or("arranged", false),
            nodes: fields.required("nodes"),
            links: fields.required("links"),
            groups: fields.or("groups", Vec::new()),
            script: fields.or("script", Vec::new()),
        };
        fields.end();
        scenario
    }
}

impl FromJson for Group {
    fn from_json(json: &Json, reading: &mut Reading) -> Self {
        let mut fields = Fields::of(json, reading);
        let group = Self {
            name: fields.required("name"),
            mtbf: fields.or("mtbf", None),
            mttr: fields.or("mttr", None),
        };
        fields.end();
        group
    }
}

/// The kinds of node.
#[derive(Clone, Copy)]
enum Kind {
    Clients,
    Firewall,
    LoadBalancer,
    WebServer,
    ApplicationServer,
    Database,
    FailoverManager,
    Dns,
    Monitor,
    Attacker,
    Eavesdropper,
}

impl FromJson for Kind {
    fn from_json(json: &Json, reading: &mut Reading) -> Self {
        const KINDS: [(Kind, &str); 11] = [
            (Kind::Clients, "clients"),
            (Kind::Firewall, "firewall"),
            (Kind::LoadBalancer, "load-balancer"),
            (Kind::WebServer, "web-server"),
            (Kind::ApplicationServer, "application-server"),
            (Kind::Database, "database"),
            (Kind::FailoverManager, "failover-manager"),
            (Kind::Dns, "dns"),
            (Kind::Monitor, "monitor"),
            (Kind::Attacker, "attacker"),
            (Kind::Eavesdropper, "eavesdropper"),
        ];
        one_of(json, reading, &KINDS)
    }
}

impl FromJson for Node {
    fn from_json(json: &Json, reading: &mut Reading) -> Self {
        let mut fields = Fields::of(json, reading);
        let node = match fields.required("kind") {
            Kind::Clients => Self::Clients(clients(&mut fields)),
            Kind::Firewall => Self::Firewall(read_actors::firewall(&mut fields)),
            Kind::LoadBalancer => Self::LoadBalancer(load_balancer(&mut fields)),
            Kind::WebServer => Self::WebServer(server(&mut fields)),
            Kind::ApplicationServer => Self::ApplicationServer(server(&mut fields)),
            Kind::Database => Self::Database(database(&mut fields)),
            Kind::FailoverManager => Self::FailoverManager(failover_manager(&mut fields)),
            Kind::Dns => Self::Dns(read_actors::dns(&mut fields)),
            Kind::Monitor => Self::Monitor(read_actors::monitor(&mut fields)),
            Kind::Attacker => Self::Attacker(read_actors::attacker(&mut fields)),
            Kind::Eavesdropper => Self::Eavesdropper(read_actors::eavesdropper(&mut fields)),
        };
        fields.end();
        node
    }
}

pub(super) fn dependability(fields: &mut Fields<'_>) -> Dependability {
    Dependability {
        groups: fields.or("in", Vec::new()),
        mtbf: fields.or("mtbf", None),
        mttr: fields.or("mttr", None),
    }
}

fn clients(fields: &mut Fields<'_>) -> Clients {
    Clients {
        name: fields.required("name"),
        dependability: dependability(fields),
        rate_per_s: fields.or("rate_per_s", None),
        ramp: fields.or("ramp", None),
        burst: fields.or("burst", None),
        users: fields.or("users", None),
        think_time: fields.or("think_time", None),
        writes: fields.or("writes", 0.0),
        static_files: fields.or("static_files", 0.0),
        keys: fields.or("keys", default_keys()),
        timeout: fields.or("timeout", default_client_timeout()),
        retries: fields.or("retries", None),
    }
}

fn load_balancer(fields: &mut Fields<'_>) -> LoadBalancer {
    LoadBalancer {
        name: fields.required("name"),
        dependability: dependability(fields),
        algorithm: fields.or("algorithm", Algorithm::default()),
        health_check: fields.or("health_check", HealthCheck::default()),
        retry: fields.or("retry", false),
        timeout: fields.or("timeout", default_upstream_timeout()),
        pool_mode: fields.or("pool_mode", PoolMode::default()),
        virtual_ip: fields.or("virtual_ip", None),
    }
}

fn server(fields: &mut Fields<'_>) -> Server {
    Server {
        name: fields.required("name"),
        dependability: dependability(fields),
        workers: fields.required("workers"),
        queue_limit: fields.required("queue_limit"),
        service_time: fields.required("service_time"),
        reads: fields.or("reads", ReadRoute::default()),
        timeout: fields.or("timeout", default_upstream_timeout()),
        weight: fields.or("weight", default_weight()),
        standby: fields.or("standby", false),
    }
}

fn database(fields: &mut Fields<'_>) -> Database {
    Database {
        name: fields.required("name"),
        dependability: dependability(fields),
        role: fields.required("role"),
        workers: fields.required("workers"),
        queue_limit: fields.required("queue_limit"),
        read_time: fields.required("read_time"),
        write_time: fields.required("write_time"),
        flush_time: fields.or("flush_time", default_flush_time()),
        replay_time: fields.or("replay_time", default_replay_time()),
        sync_replicas: fields.or("sync_replicas", 0),
    }
}

fn failover_manager(fields: &mut Fields<'_>) -> FailoverManager {
    FailoverManager {
        name: fields.required("name"),
        dependability: dependability(fields),
        interval: fields.or("interval", default_manager_interval()),
        fall: fields.or("fall", default_manager_fall()),
        fencing: fields.or("fencing", Fencing::default()),
        automatic: fields.or("automatic", default_automatic()),
    }
}

impl FromJson for Ramp {
    fn from_json(json: &Json, reading: &mut Reading) -> Self {
        let mut fields = Fields::of(json, reading);
        let ramp = Self {
            to_per_s: fields.required("to_per_s"),
            over: fields.required("over"),
            then: fields.or("then", AfterRamp::default()),
        };
        fields.end();
        ramp
    }
}

impl FromJson for Burst {
    fn from_json(json: &Json, reading: &mut Reading) -> Self {
        let mut fields = Fields::of(json, reading);
        let burst = Self {
            every: fields.required("every"),
            times: fields.required("times"),
            lasts: fields.required("lasts"),
        };
        fields.end();
        burst
    }
}

impl FromJson for Retries {
    fn from_json(json: &Json, reading: &mut Reading) -> Self {
        let mut fields = Fields::of(json, reading);
        let default = Self::default();
        let retries = Self {
            attempts: fields.or("attempts", default.attempts),
            budget: fields.or("budget", default.budget),
            backoff: fields.or("backoff", default.backoff),
        };
        fields.end();
        retries
    }
}

impl FromJson for Backoff {
    fn from_json(json: &Json, reading: &mut Reading) -> Self {
        let mut fields = Fields::of(json, reading);
        let default = Self::default();
        let backoff = Self {
            base: fields.or("base", default.base),
            max: fields.or("max", default.max),
            jitter: fields.or("jitter", default.jitter),
        };
        fields.end();
        backoff
    }
}

impl FromJson for HealthCheck {
    fn from_json(json: &Json, reading: &mut Reading) -> Self {
        let mut fields = Fields::of(json, reading);
        let default = Self::default();
        let check = Self {
            interval: fields.or("interval", default.interval),
            fall: fields.or("fall", default.fall),
            rise: fields.or("rise", default.rise),
            passes: fields.or("passes", default.passes),
        };
        fields.end();
        check
    }
}

impl FromJson for VirtualIp {
    fn from_json(json: &Json, reading: &mut Reading) -> Self {
        let mut fields = Fields::of(json, reading);
        let shared = Self {
            address: fields.required("address"),
            priority: fields.required("priority"),
            advert_interval: fields.or("advert_interval", default_advert_interval()),
            held_at_start: fields.or("held_at_start", false),
            preempt: fields.or("preempt", default_preempt()),
        };
        fields.end();
        shared
    }
}

impl FromJson for Link {
    fn from_json(json: &Json, reading: &mut Reading) -> Self {
        let mut fields = Fields::of(json, reading);
        let link = Self {
            from: fields.required("from"),
            to: fields.required("to"),
            latency: fields.required("latency"),
            jitter: fields.or("jitter", None),
            loss: fields.or("loss", 0.0),
            tls: fields.or("tls", false),
            through: fields.or("through", None),
        };
        fields.end();
        link
    }
}

impl FromJson for Distribution {
    fn from_json(json: &Json, reading: &mut Reading) -> Self {
        const FORMS: &str = "one of { \"constant\": \"40ms\" }, { \"exponential\": \"40ms\" }, \
                             { \"uniform\": { \"min\": \"20ms\", \"max\": \"60ms\" } }";
        let only_field = match json {
            Json::Object(entries) if entries.len() == 1 => Some((entries[0].0.as_str(), &entries[0].1)),
            _ => None,
        };
        match only_field {
            Some((name @ "constant", value)) => {
                Self::Constant(reading.down(name, |reading| FromJson::from_json(value, reading)))
            }
            Some((name @ "exponential", value)) => {
                Self::Exponential(reading.down(name, |reading| FromJson::from_json(value, reading)))
            }
            Some((name @ "uniform", value)) => reading.down(name, |reading| {
                let mut fields = Fields::of(value, reading);
                let uniform = Self::Uniform { min: fields.required("min"), max: fields.required("max") };
                fields.end();
                uniform
            }),
            _ => {
                reading.unfit(json, FORMS);
                Self::Constant(SimDuration::ZERO)
            }
        }
    }
}

impl FromJson for Ipv4Addr {
    fn from_json(json: &Json, reading: &mut Reading) -> Self {
        let text = String::from_json(json, reading);
        text.parse().unwrap_or_else(|_| {
            let problem = format!("\"{text}\" is not an IPv4 address; write one such as \"203.0.113.10\"");
            reading.mistake(problem);
            Self::UNSPECIFIED
        })
    }
}

/// Words that stand for the values of a type, as they are written in a scenario.
macro_rules! words {
    ($type:ty { $($word:literal => $value:expr),+ $(,)? }) => {
        impl FromJson for $type {
            fn from_json(json: &Json, reading: &mut Reading) -> Self {
                one_of(json, reading, &[$(($value, $word)),+])
            }
        }
    };
}

words!(Algorithm {
    "round-robin" => Self::RoundRobin,
    "least-connections" => Self::LeastConnections,
    "random-two" => Self::RandomTwo,
    "ip-hash" => Self::IpHash,
    "maglev" => Self::Maglev,
    "peak-ewma" => Self::PeakEwma,
});
words!(CheckPasses { "answering" => Self::Answering, "connecting" => Self::Connecting });
words!(AfterRamp { "stay" => Self::Stay, "repeat" => Self::Repeat });
words!(Jitter { "full" => Self::Full, "equal" => Self::Equal, "none" => Self::None });
words!(Role { "primary" => Self::Primary, "replica" => Self::Replica });

impl FromJson for Fencing {
    fn from_json(json: &Json, reading: &mut Reading) -> Self {
        one_of(json, reading, &Self::ALL)
    }
}

impl FromJson for PoolMode {
    fn from_json(json: &Json, reading: &mut Reading) -> Self {
        one_of(json, reading, &Self::ALL)
    }
}

impl FromJson for ReadRoute {
    fn from_json(json: &Json, reading: &mut Reading) -> Self {
        one_of(json, reading, &Self::ALL)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What no shipped scenario uses.
    const EVERYTHING: &str = r#"{ "title": "Everything", "arranged": true,
        "nodes": [
            { "kind": "clients", "name": "Ramp", "rate_per_s": 1,
              "ramp": { "to_per_s": 9, "over": "5s", "then": "repeat" },
              "retries": { "attempts": 2, "budget": 0.5,
                           "backoff": { "base": "1ms", "max": "2s", "jitter": "equal" } } },
            { "kind": "clients", "name": "Burst", "rate_per_s": 1,
              "burst": { "every": "5s", "times": 3, "lasts": "1s" } },
            { "kind": "clients", "name": "Users", "users": 4, "think_time": { "constant": "1s" } },
            { "kind": "load-balancer", "name": "lb-1", "pool_mode": "active-passive-all" },
            { "kind": "web-server", "name": "web-1", "workers": 1, "queue_limit": 1,
              "service_time": { "uniform": { "min": "1ms", "max": "2ms" } }, "standby": true }
        ],
        "links": [{ "from": "lb-1", "to": "web-1", "latency": "1ms",
                    "jitter": { "exponential": "1ms" }, "loss": 0.01 }] }"#;

    /// Written out, every field is there: a name that is written otherwise than it is read would be refused.
    #[test]
    fn what_is_written_out_reads_back_the_same() {
        for text in [
            include_str!("../../../../scenarios/three-web-servers.json"),
            include_str!("../../../../scenarios/two-balancers.json"),
            include_str!("../../../../scenarios/primary-and-replicas.json"),
            include_str!("../../../../scenarios/two-primaries.json"),
            include_str!("../../../../scenarios/open-to-the-world.json"),
            include_str!("../../../../scenarios/unmonitored.json"),
            include_str!("../../../../scenarios/classic-stack.json"),
            EVERYTHING,
        ] {
            let scenario = Scenario::parse("shipped.json", text).expect("a shipped scenario is right");
            let written = serde_json::to_string(&scenario).expect("a scenario can be written");
            assert_eq!(Scenario::parse("written.json", &written), Ok(scenario));
        }
    }
}
