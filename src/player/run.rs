//! What can be seen of the scenario that is open.

use std::rc::Rc;

use leptos::prelude::*;
use understudy_sim::follow::Followed;
use understudy_sim::ids::NodeId;
use understudy_sim::view::{Choice, NodeDetail};
use understudy_sim::{Plan, SimTime, Snapshot, Timeline};

use crate::bind::{Flag, flag};
use crate::stage::MOST_DRAWN;

/// Beyond this many nodes, changing what all of them show takes longer than a frame: it is done in shares.
const MANY_NODES: usize = 40;
/// So many shares, and so many frames from one to the next: each is as often new as what is read.
pub(super) const SHARES: usize = 5;
pub(super) const FRAMES_A_SHARE: usize = 3;

/// Where a run stands, for the controls of time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// The instant that is shown.
    pub now: SimTime,
    /// The furthest instant that the run was played to.
    pub end: SimTime,
    /// Whether there is a command to take back.
    pub can_undo: bool,
    /// Whether one that was taken back can be given again.
    pub can_redo: bool,
    /// Whether another instant is being looked for.
    pub seeking: bool,
}

/// A world that can be seen, and the news when it has changed.
pub type World = RwSignal<Rc<Snapshot>, LocalStorage>;

/// What can be seen of the scenario that is open. Another scenario is another `Run`.
#[derive(Clone, Copy)]
pub struct Run {
    pub(super) plan: StoredValue<Rc<Plan>, LocalStorage>,
    /// The world, every frame: for what moves.
    pub frame: World,
    /// The world, a few times a second: for what is read.
    pub glance: World,
    /// The world of each share of a large stage.
    pub(super) shares: StoredValue<[World; SHARES], LocalStorage>,
    /// Where the run stands.
    pub standing: RwSignal<Standing>,
    /// A choice of each balancer that is explained at the moment.
    pub why: RwSignal<Vec<(NodeId, Choice)>>,
    /// The request that is followed, and its way so far.
    pub followed: RwSignal<Option<Followed>, LocalStorage>,
}

impl Run {
    pub(super) fn new(timeline: &Timeline, plan: Rc<Plan>) -> Self {
        let snapshot = Rc::new(timeline.sim().snapshot_with(MOST_DRAWN));
        Self {
            plan: StoredValue::new_local(plan),
            frame: RwSignal::new_local(snapshot.clone()),
            shares: StoredValue::new_local(std::array::from_fn(|_| RwSignal::new_local(snapshot.clone()))),
            glance: RwSignal::new_local(snapshot),
            standing: RwSignal::new(Standing::default()),
            why: RwSignal::new(Vec::new()),
            followed: RwSignal::new_local(None),
        }
    }

    /// The open scenario's plan.
    pub fn plan(&self) -> Rc<Plan> {
        self.plan.get_value()
    }

    /// The world as the card, lamp or line of this number shows it: every frame. Where there are very many of them, a
    /// share of them in one frame and the next share some frames later.
    pub fn shown(&self, number: usize) -> World {
        self.share(number).unwrap_or(self.frame)
    }

    /// The world as what is written on the card or line of this number: a few times a second.
    pub fn written(&self, number: usize) -> World {
        self.share(number).unwrap_or(self.glance)
    }

    fn share(&self, number: usize) -> Option<World> {
        self.has_many_nodes().then(|| self.shares.with_value(|shares| shares[number % SHARES]))
    }

    /// Whether there are so many nodes that changing what all of them show takes longer than a frame.
    pub fn has_many_nodes(&self) -> bool {
        self.plan.with_value(|plan| plan.nodes().len()) > MANY_NODES
    }

    /// Whether a balancer tries the next server when one refuses.
    pub fn retries(self, balancer: NodeId) -> Flag {
        flag(move || {
            self.frame.with(|snapshot| {
                matches!(snapshot.nodes[balancer.get()].detail, NodeDetail::LoadBalancer { retry: true, .. })
            })
        })
    }

    /// A node's name.
    pub fn name(&self, id: NodeId) -> String {
        self.plan.with_value(|plan| plan.name(id).to_string())
    }
}
