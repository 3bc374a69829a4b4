//! How each part of a scenario is read from JSON.

use super::{
    Algorithm, CheckPasses, Clients, Database, Dependability, FailoverManager, Fencing, Firewall,
    HealthCheck, Link, LoadBalancer, Node, ReadRoute, Role, Scenario, Server, VirtualIp,
    default_advert_interval, default_automatic, default_client_timeout, default_flush_time, default_keys,
    default_manager_fall, default_manager_interval, default_preempt, default_replay_time,
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
            nodes: fields.required("nodes"),
            links: fields.required("links"),
            script: fields.or("script", Vec::new()),
        };
        fields.end();
        scenario
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
}

impl FromJson for Kind {
    fn from_json(json: &Json, reading: &mut Reading) -> Self {
        const KINDS: [(Kind, &str); 7] = [
            (Kind::Clients, "clients"),
            (Kind::Firewall, "firewall"),
            (Kind::LoadBalancer, "load-balancer"),
            (Kind::WebServer, "web-server"),
            (Kind::ApplicationServer, "application-server"),
            (Kind::Database, "database"),
            (Kind::FailoverManager, "failover-manager"),
        ];
        one_of(json, reading, &KINDS)
    }
}

impl FromJson for Node {
    fn from_json(json: &Json, reading: &mut Reading) -> Self {
        let mut fields = Fields::of(json, reading);
        let node = match fields.required("kind") {
            Kind::Clients => Self::Clients(clients(&mut fields)),
            Kind::Firewall => Self::Firewall(Firewall {
                name: fields.required("name"),
                dependability: dependability(&mut fields),
            }),
            Kind::LoadBalancer => Self::LoadBalancer(load_balancer(&mut fields)),
            Kind::WebServer => Self::WebServer(server(&mut fields)),
            Kind::ApplicationServer => Self::ApplicationServer(server(&mut fields)),
            Kind::Database => Self::Database(database(&mut fields)),
            Kind::FailoverManager => Self::FailoverManager(failover_manager(&mut fields)),
        };
        fields.end();
        node
    }
}

fn dependability(fields: &mut Fields<'_>) -> Dependability {
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
        rate_per_s: fields.required("rate_per_s"),
        writes: fields.or("writes", 0.0),
        static_files: fields.or("static_files", 0.0),
        keys: fields.or("keys", default_keys()),
        timeout: fields.or("timeout", default_client_timeout()),
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
words!(Role { "primary" => Self::Primary, "replica" => Self::Replica });
words!(Fencing { "none" => Self::None, "device" => Self::Device, "lease" => Self::Lease });

impl FromJson for ReadRoute {
    fn from_json(json: &Json, reading: &mut Reading) -> Self {
        one_of(json, reading, &Self::ALL)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Written out, every field is there: a name that is written otherwise than it is read would be refused.
    #[test]
    fn what_is_written_out_reads_back_the_same() {
        for text in [
            include_str!("../../../../scenarios/three-web-servers.json"),
            include_str!("../../../../scenarios/two-balancers.json"),
            include_str!("../../../../scenarios/primary-and-replicas.json"),
            include_str!("../../../../scenarios/two-primaries.json"),
        ] {
            let scenario = Scenario::parse("shipped.json", text).expect("a shipped scenario is right");
            let written = serde_json::to_string(&scenario).expect("a scenario can be written");
            assert_eq!(Scenario::parse("written.json", &written), Ok(scenario));
        }
    }
}
