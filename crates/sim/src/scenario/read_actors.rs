//! How the nodes around the tiers, and firewalls, are read from JSON.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use understudy_core::SimDuration;

use super::actors::{
    AlertCondition, AlertRule, Attacker, Behaviour, Dns, Eavesdropper, Monitor, default_attack_timeout,
    default_flood, default_inject, default_rows, default_rules, default_scrape_interval,
    default_scrape_timeout, default_ttl, on,
};
use super::read::dependability;
use super::{Firewall, default_allow, default_on};
use crate::fields::{Fields, FromJson, Reading, one_of};
use crate::json::Json;

pub(super) fn firewall(fields: &mut Fields<'_>) -> Firewall {
    Firewall {
        name: fields.required("name"),
        dependability: dependability(fields),
        on: fields.or("on", default_on()),
        allow: fields.or("allow", default_allow()),
        limit_per_source_per_s: fields.or("limit_per_source_per_s", None),
    }
}

pub(super) fn dns(fields: &mut Fields<'_>) -> Dns {
    Dns {
        name: fields.required("name"),
        dependability: dependability(fields),
        ttl: fields.or("ttl", default_ttl()),
        records: fields.or("records", Vec::new()),
    }
}

pub(super) fn monitor(fields: &mut Fields<'_>) -> Monitor {
    Monitor {
        name: fields.required("name"),
        dependability: dependability(fields),
        on: fields.or("on", on()),
        interval: fields.or("interval", default_scrape_interval()),
        timeout: fields.or("timeout", default_scrape_timeout()),
        rules: fields.or("rules", default_rules()),
    }
}

pub(super) fn attacker(fields: &mut Fields<'_>) -> Attacker {
    Attacker {
        name: fields.required("name"),
        dependability: dependability(fields),
        behaviour: fields.or("behaviour", Behaviour::default()),
        timeout: fields.or("timeout", default_attack_timeout()),
        flood_per_s: fields.or("flood_per_s", default_flood()),
        inject_per_s: fields.or("inject_per_s", default_inject()),
        rows_per_query: fields.or("rows_per_query", default_rows()),
    }
}

pub(super) fn eavesdropper(fields: &mut Fields<'_>) -> Eavesdropper {
    Eavesdropper {
        name: fields.required("name"),
        dependability: dependability(fields),
        listens_on: fields.required("listens_on"),
    }
}

impl FromJson for Behaviour {
    fn from_json(json: &Json, reading: &mut Reading) -> Self {
        const WORDS: [(Behaviour, &str); 4] = [
            (Behaviour::Idle, "idle"),
            (Behaviour::Scan, "scan"),
            (Behaviour::Flood, "flood"),
            (Behaviour::Inject, "inject"),
        ];
        one_of(json, reading, &WORDS)
    }
}

/// The two ends of a link.
impl FromJson for [String; 2] {
    fn from_json(json: &Json, reading: &mut Reading) -> Self {
        let names = Vec::<String>::from_json(json, reading);
        names.try_into().unwrap_or_else(|_| {
            reading.mistake("a link has two ends; write [\"FROM\", \"TO\"]".into());
            Self::default()
        })
    }
}

impl FromJson for AlertRule {
    fn from_json(json: &Json, reading: &mut Reading) -> Self {
        let mut fields = Fields::of(json, reading);
        let rule = Self { when: fields.required("when"), hold: fields.or("for", SimDuration::ZERO) };
        fields.end();
        rule
    }
}

impl FromJson for AlertCondition {
    fn from_json(json: &Json, reading: &mut Reading) -> Self {
        const FORMS: &str = "\"target-down\", { \"error-rate-high\": { \"above\": 0.02, \"window\": \"10s\" } }, \
             { \"latency-high\": { \"above\": \"1s\", \"window\": \"10s\" } }, \
             { \"replication-lag-high\": { \"above_bytes\": 10000 } } \
             or { \"qps-collapse\": { \"below\": 0.5, \"window\": \"10s\" } }";
        if let Json::Text(text) = json
            && text == "target-down"
        {
            return Self::TargetDown;
        }
        let Json::Object(entries) = json else {
            reading.unfit(json, FORMS);
            return Self::TargetDown;
        };
        let [(name, value)] = &entries[..] else {
            reading.mistake(format!("this has {} fields; write {FORMS}", entries.len()));
            return Self::TargetDown;
        };
        reading.down(name, |reading| {
            condition(name, value, reading).unwrap_or_else(|| {
                reading.mistake(format!("there is no condition \"{name}\"; write {FORMS}"));
                Self::TargetDown
            })
        })
    }
}

/// A condition with numbers; `None` if none has this name.
fn condition(name: &str, json: &Json, reading: &mut Reading) -> Option<AlertCondition> {
    let mut fields = Fields::of(json, reading);
    let condition = match name {
        "error-rate-high" => AlertCondition::ErrorRateHigh {
            above: fields.required("above"),
            window: fields.required("window"),
        },
        "latency-high" => {
            AlertCondition::LatencyHigh { above: fields.required("above"), window: fields.required("window") }
        }
        "replication-lag-high" => {
            let bytes: u32 = fields.required("above_bytes");
            AlertCondition::ReplicationLagHigh { above_bytes: bytes.into() }
        }
        "qps-collapse" => {
            AlertCondition::QpsCollapse { below: fields.required("below"), window: fields.required("window") }
        }
        _ => return None,
    };
    fields.end();
    Some(condition)
}
