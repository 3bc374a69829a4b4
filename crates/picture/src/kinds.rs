//! How each kind of node is drawn: one row for each. A new kind needs a row here and nothing else on the stage.

use understudy_sim::plan::NodeKind;

use crate::icons;

/// How a kind of node is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// Its icon.
    pub icon: &'static str,
    /// Which tier it stands in, counted along the way of a request; `None` for those that stand aside and only watch.
    pub tier: Option<u8>,
    /// The words above one of them.
    pub heading: &'static str,
    /// The words above several.
    pub headings: &'static str,
    /// Whether the newest records of its log are on its card.
    pub has_log: bool,
    /// Whether it can be killed.
    pub can_die: bool,
}

/// What most rows have in common.
const SERVER: Look =
    Look { icon: icons::SERVER, tier: None, heading: "", headings: "", has_log: false, can_die: true };

/// The words above a tier in which several kinds stand.
pub const fn mixed(tier: u8) -> &'static str {
    match tier {
        0 => "Outside",
        2 => "Edge",
        _ => "",
    }
}

/// The row of a kind.
pub const fn look(kind: &NodeKind) -> Look {
    match kind {
        NodeKind::Clients(_) => Look {
            icon: icons::CLIENTS,
            tier: Some(0),
            heading: "Clients",
            headings: "Clients",
            can_die: false,
            ..SERVER
        },
        NodeKind::Firewall(_) => Look {
            icon: icons::FIREWALL,
            tier: Some(2),
            heading: "Firewall",
            headings: "Firewalls",
            ..SERVER
        },
        NodeKind::LoadBalancer(_) => Look {
            icon: icons::BALANCER,
            tier: Some(4),
            heading: "Load balancer",
            headings: "Load balancers",
            ..SERVER
        },
        NodeKind::WebServer(_) => {
            Look { tier: Some(5), heading: "Web server", headings: "Web servers", ..SERVER }
        }
        NodeKind::ApplicationServer(_) => {
            Look { tier: Some(6), heading: "Application server", headings: "Application servers", ..SERVER }
        }
        NodeKind::Database(_) => Look {
            icon: icons::DATABASE,
            tier: Some(7),
            heading: "Database",
            headings: "Databases",
            has_log: true,
            ..SERVER
        },
        NodeKind::FailoverManager(_) => Look { icon: icons::MANAGER, ..SERVER },
        NodeKind::Dns(_) => {
            Look { icon: icons::DNS, tier: Some(2), heading: "DNS server", headings: "DNS servers", ..SERVER }
        }
        NodeKind::Monitor(_) => Look { icon: icons::MONITOR, ..SERVER },
        NodeKind::Attacker(_) => Look {
            icon: icons::ATTACKER,
            tier: Some(0),
            heading: "Attacker",
            headings: "Attackers",
            can_die: false,
            ..SERVER
        },
        NodeKind::Eavesdropper(_) => Look { icon: icons::EAVESDROPPER, can_die: false, ..SERVER },
    }
}
