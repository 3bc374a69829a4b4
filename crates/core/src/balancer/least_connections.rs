//! Least connections: the server with the fewest requests under way for its weight; those that tie take turns.
//!
//! Follows nginx 1.22, `ngx_http_upstream_least_conn_module` (directive `least_conn`), the smooth weighted round
//! robin among the servers that tie included. Grows with the number of servers: all are compared on each pick.

use super::reason::{Because, Choice};
use super::server::Server;
use super::turn::Turn;

pub(super) fn pick(turn: &mut Turn<'_>) -> Option<Choice> {
    let mut least: Option<usize> = None;
    let mut tied = 0;
    for index in (0..turn.servers.len()).filter(|&index| turn.may_use(index)) {
        match least.map(|least| load(&turn.servers[index]).cmp(&load(&turn.servers[least]))) {
            None | Some(core::cmp::Ordering::Less) => (least, tied) = (Some(index), 1),
            Some(core::cmp::Ordering::Equal) => tied += 1,
            Some(core::cmp::Ordering::Greater) => {}
        }
    }
    let least = least?;
    let mut index = least;
    if tied > 1 {
        index = most_overdue_of_tied(turn, least);
    }
    let connections = turn.servers[index].connections;
    Some(Choice { index, because: Because::FewestConnections { connections, tied } })
}

/// Lets the servers that tie with `least`, none of them before it, take a turn.
fn most_overdue_of_tied(turn: &mut Turn<'_>, least: usize) -> usize {
    let mut total = 0;
    let mut best = least;
    for index in least..turn.servers.len() {
        if !turn.may_use(index) || load(&turn.servers[index]) != load(&turn.servers[least]) {
            continue;
        }
        total += turn.servers[index].take_part();
        if turn.servers[index].current_weight > turn.servers[best].current_weight {
            best = index;
        }
    }
    turn.servers[best].current_weight -= total;
    best
}

/// Requests for each unit of weight, to be compared without dividing.
pub(super) const fn load(server: &Server) -> Load {
    Load { requests: server.connections as u64, weight: server.config.weight.0 as u64 }
}

/// A ratio of requests to weight.
#[derive(Clone, Copy, Debug)]
pub(super) struct Load {
    requests: u64,
    weight: u64,
}

impl PartialEq for Load {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Load {}

impl PartialOrd for Load {
    fn partial_cmp(&self, other: &Self) -> Option<core::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Load {
    fn cmp(&self, other: &Self) -> core::cmp::Ordering {
        (self.requests * other.weight).cmp(&(other.requests * self.weight))
    }
}
