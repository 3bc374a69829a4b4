//! A virtual address is held by one balancer at most, unless two that share it are cut off from each other.
//!
//! Two may hold it for a moment all the same, and that is no mistake of VRRP's:
//! - A balancer with a higher priority takes the address and says so: until its advert has crossed the link, the lower
//!   one holds it too. That is one way over the link between them.
//! - After a cut, the lower one hears of the other with that one's next advert: one advert interval, and the way.
//! - When a link becomes slower, adverts come late by the difference, and a backup that waits for them may take the
//!   address: it gives it back when the late advert comes. The same holds for adverts lost with a process.
//!
//! - Adverts are datagrams: on a link that loses packets, several may be lost in a row. Where one in ten or more is lost
//!   the checker takes the two for cut off from each other; where fewer are, two holders have the time of eight adverts.
//!
//! So after anything happened to the link or to one of the two, the checker allows two holders for the time that three
//! adverts and the skew take (the master-down interval) beyond that difference, and the way. Later, for the way alone. The
//! way is the link's latency, and twenty times the mean of its jitter.

use understudy_core::{SimDuration, SimTime};
use understudy_sim::Plan;
use understudy_sim::ids::{LinkId, NodeId};
use understudy_sim::plan::NodeKind;
use understudy_sim::view::NodeDetail;

use super::{Checker, Sight};

/// A moment more than the allowed: events at the same instant have an order.
const GRACE: SimDuration = SimDuration::from_millis(1);

/// Watches each pair of balancers that share an address and are linked.
#[derive(Clone, Debug)]
pub struct OneMaster {
    pairs: Vec<Pair>,
}

#[derive(Clone, Debug)]
struct Pair {
    balancers: (NodeId, NodeId),
    link: LinkId,
    /// Four advert intervals: the master-down interval is at most that.
    patience: SimDuration,
    latency: SimDuration,
    /// What the two and the link were at the last look.
    condition: Condition,
    /// Until when two holders are no mistake, for something happened.
    allowed_until: SimTime,
    both_since: Option<SimTime>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Condition {
    up: (bool, bool),
    cut: bool,
    delay: SimDuration,
    loss_ppm: u32,
}

/// From where on a link counts as cut.
const LOSES_TOO_MUCH_PPM: u32 = 100_000;

impl OneMaster {
    /// For the pairs of this plan.
    pub fn new(plan: &Plan) -> Self {
        let interval = |id: NodeId| match plan.node(id).map(|node| &node.kind) {
            Some(NodeKind::LoadBalancer(balancer)) => Some(balancer.vrrp.as_ref()?.interval.duration()),
            _ => None,
        };
        let pairs = plan.links().filter_map(|(id, link)| {
            Some(Pair {
                balancers: (link.from, link.to),
                link: id,
                patience: interval(link.from)?.max(interval(link.to)?) * 4,
                latency: link.latency + link.jitter.map_or(SimDuration::ZERO, |jitter| jitter.mean() * 20),
                condition: Condition::default(),
                allowed_until: SimTime::ZERO,
                both_since: None,
            })
        });
        Self { pairs: pairs.collect() }
    }
}

impl Checker for OneMaster {
    fn name(&self) -> &'static str {
        "one master"
    }

    fn check(&mut self, plan: &Plan, sight: &Sight<'_>) -> Result<(), String> {
        let now = sight.snapshot.now;
        for pair in &mut self.pairs {
            pair.look(sight);
            let holds = pair.holds(sight);
            if holds != (true, true) {
                pair.both_since = None;
                continue;
            }
            let since = *pair.both_since.get_or_insert(now);
            let lossy = if pair.condition.loss_ppm > 0 { pair.patience * 2 } else { SimDuration::ZERO };
            let way = pair.latency + pair.condition.delay + lossy + GRACE;
            if !pair.condition.cut && now > pair.allowed_until && now > since + way {
                return Err(format!(
                    "{} and {} hear each other and have both held the virtual address since {since}",
                    plan.name(pair.balancers.0),
                    plan.name(pair.balancers.1)
                ));
            }
        }
        Ok(())
    }
}

impl Pair {
    /// Notes what happened to the link and the two.
    fn look(&mut self, sight: &Sight<'_>) {
        let link = &sight.snapshot.links[self.link.get()];
        let is_up = |id: NodeId| sight.snapshot.nodes[id.get()].truth.is_up();
        let condition = Condition {
            up: (is_up(self.balancers.0), is_up(self.balancers.1)),
            cut: link.cut_forward || link.cut_back || link.loss_ppm >= LOSES_TOO_MUCH_PPM,
            delay: link.delay,
            loss_ppm: link.loss_ppm,
        };
        if condition != self.condition {
            let slowest = condition.delay.max(self.condition.delay);
            let until = sight.snapshot.now + self.patience + self.latency + slowest * 2 + GRACE;
            self.allowed_until = self.allowed_until.max(until);
            self.condition = condition;
        }
    }

    /// Which of the two run and hold the address.
    fn holds(&self, sight: &Sight<'_>) -> (bool, bool) {
        let holds = |id: NodeId| {
            let node = &sight.snapshot.nodes[id.get()];
            let shared = match node.detail {
                NodeDetail::LoadBalancer { virtual_address, .. } => virtual_address,
                _ => None,
            };
            node.truth.is_up() && shared.is_some_and(|shared| shared.held)
        };
        (holds(self.balancers.0), holds(self.balancers.1))
    }
}
