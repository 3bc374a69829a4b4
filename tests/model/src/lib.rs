//! Every order in which a small cluster can fail, tried out on the real failover manager.
//!
//! A test tries the failures that someone thought of. A model checker tries all of them: from a healthy
//! cluster it lets everything happen that can happen next (a timer, a write, a record that reaches a replica,
//! a crash, a cut, a heal), and again from each state that results, until there are no new states. What holds
//! in all of them holds, for clusters of this size and as many faults; what does not is shown by the shortest
//! way to a state where it is broken.
//!
//! The manager is the component itself. The nodes, links and clients around it are as small as they can be:
//! messages arrive at once or are lost, a log is a list of records, and time is what the manager's timers
//! make of it, counted from now in every state (`FailoverManager::rebase`), so that the states are finite.

mod node;
mod schedule;
mod world;

use stateright::{Model, Property};
use understudy_core::SimDuration;
use understudy_core::failover::{
    Durability, FailoverConfig, Fencing, Mode, NodeConfig, NodeIndex, Phase, Role,
};

pub use node::{Node, Record, WriteId};
pub use schedule::schedule;
pub use world::{Action, Bounds, Link, World};

/// At no time do two nodes accept writes.
pub const ONE_PRIMARY: &str = "at most one node accepts writes";
/// A write that a client was told is safe is in the log of whoever leads the newest timeline.
pub const NOTHING_LOST: &str = "no acknowledged write is lost";
/// Two nodes do not both tell clients that their writes are safe while both accept writes.
pub const NO_SPLIT_BRAIN: &str = "no two nodes acknowledge writes side by side";
/// The check is about something: another node does become primary.
pub const TAKEOVER: &str = "another node becomes primary";
/// And the old one comes back as a replica.
pub const REJOIN: &str = "the first primary follows another";

/// A cluster and what may happen to it.
#[derive(Clone, Debug)]
pub struct Cluster {
    /// The manager's settings.
    pub config: FailoverConfig,
    /// What may happen, and how often.
    pub bounds: Bounds,
    /// Which properties to check, of those above.
    pub properties: Vec<&'static str>,
}

impl Cluster {
    /// One primary and two replicas, checked every second, given up after one missed check.
    pub fn new(
        fencing: Fencing,
        durability: Durability,
        bounds: Bounds,
        properties: &[&'static str],
    ) -> Self {
        let names = ["db-1", "db-2", "db-3"];
        let nodes = names.map(|name| NodeConfig { name: name.into(), priority: 50 });
        let config = FailoverConfig {
            interval: SimDuration::from_secs(1),
            fall: 1,
            report_window: SimDuration::from_secs(1),
            catch_up_timeout: SimDuration::from_secs(2),
            maximum_lag: None,
            durability,
            fencing,
            mode: Mode::Automatic,
            ..FailoverConfig::new(nodes.into())
        };
        Self { config, bounds, properties: properties.to_vec() }
    }

    /// A lease of two check intervals, with clocks that agree.
    pub const LEASE: Fencing =
        Fencing::Lease { ttl: SimDuration::from_secs(2), clock_margin: SimDuration::ZERO };
    /// A fencing device that is asked again each second.
    pub const DEVICE: Fencing = Fencing::Device { retry: SimDuration::from_secs(1) };
}

impl Model for Cluster {
    type State = World;
    type Action = Action;

    fn init_states(&self) -> Vec<World> {
        vec![World::new(self.config.clone())]
    }

    fn actions(&self, world: &World, actions: &mut Vec<Action>) {
        actions.extend(world.actions(&self.bounds));
    }

    fn next_state(&self, world: &World, action: Action) -> Option<World> {
        let mut next = world.clone();
        next.apply(action);
        Some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        let all = [
            Property::<Self>::always(ONE_PRIMARY, |_, world| world.accepting().count() <= 1),
            Property::<Self>::always(NOTHING_LOST, |_, world| world.lost().is_empty()),
            Property::<Self>::always(NO_SPLIT_BRAIN, |_, world| !world.split_brain()),
            Property::<Self>::sometimes(TAKEOVER, |_, world| {
                *world.manager.phase() == Phase::Watching && world.manager.primary() != NodeIndex(0)
            }),
            Property::<Self>::sometimes(REJOIN, |_, world| {
                matches!(world.nodes[0].role, Role::Replica { following: Some(_) })
            }),
        ];
        all.into_iter().filter(|property| self.properties.contains(&property.name)).collect()
    }
}
