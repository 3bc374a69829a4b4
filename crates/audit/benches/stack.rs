//! A system as large as is asked for, for the native and the WebAssembly bench.

use std::fmt::Write;

use understudy_sim::{Plan, Scenario};

/// A stack of about so many nodes: two balancers with a virtual address, web servers, each with a few application
/// servers, and three databases with a manager.
pub(crate) fn stack(nodes: usize) -> Plan {
    let servers = (nodes - 7) / 2;
    let mut kinds = String::from(
        r#"{"kind":"clients","name":"Readers","rate_per_s":1000,"writes":0.1},
        {"kind":"load-balancer","name":"lb-1","virtual_ip":{"address":"203.0.113.1","priority":150}},
        {"kind":"load-balancer","name":"lb-2","virtual_ip":{"address":"203.0.113.1","priority":100}},
        {"kind":"failover-manager","name":"manager"}"#,
    );
    let mut links = String::from(r#"{"from":"Readers","to":"lb-1","latency":"9ms"}"#);
    let mut link = |from: &str, to: &str| {
        write!(links, r#",{{"from":"{from}","to":"{to}","latency":"1ms"}}"#)
            .expect("a string takes any text");
    };
    link("Readers", "lb-2");
    link("lb-1", "lb-2");
    let works = r#""workers":50,"queue_limit":50,"service_time":{"exponential":"10ms"}"#;
    for number in 0..servers {
        for kind in ["web", "application"] {
            write!(kinds, r#",{{"kind":"{kind}-server","name":"{kind}-{number}",{works}}}"#)
                .expect("a string takes any text");
        }
        link("lb-1", &format!("web-{number}"));
        link("lb-2", &format!("web-{number}"));
        for other in 0..2 {
            link(&format!("web-{number}"), &format!("application-{}", (number + other) % servers));
        }
        for database in 1..=3 {
            link(&format!("application-{number}"), &format!("db-{database}"));
        }
        link("manager", &format!("application-{number}"));
    }
    for (number, role) in [(1, "primary"), (2, "replica"), (3, "replica")] {
        write!(
            kinds,
            r#",{{"kind":"database","name":"db-{number}","role":"{role}","workers":100,"queue_limit":100,
            "read_time":{{"constant":"1ms"}},"write_time":{{"constant":"1ms"}}}}"#
        )
        .expect("a string takes any text");
        link("manager", &format!("db-{number}"));
    }
    link("db-1", "db-2");
    link("db-1", "db-3");
    link("db-2", "db-3");
    let text = format!(r#"{{"title":"A stack","nodes":[{kinds}],"links":[{links}]}}"#);
    Scenario::read("stack", &text).expect("the stack makes sense")
}
