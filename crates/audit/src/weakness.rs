//! What each loss does to each service: a single component, a group that shares its fate, a pair.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;

use understudy_sim::Plan;
use understudy_sim::ids::NodeId;
use understudy_sim::plan::{NodeKind, PlanLink};

use crate::addresses::balancer;
use crate::cluster::{Accepting, database};
use crate::dependability;
use crate::interruption::{Interruption, SAME, interruptions_of};
use crate::losses::{Component, Losses};
use crate::paths::Carrying;
use crate::service::Service;
use crate::slices::{Pauses, at_once};
use crate::system::{Outcome, Reactions, System};
use crate::walk::Walk;

/// A share that is lost for good counts as an interruption only, if there is one, up to here: fuller queues.
const LITTLE: f64 = 0.01;

/// What a loss does to a service, the worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effect {
    /// Nobody is answered any more until it is repaired.
    Ends,
    /// Some of the requests are not answered any more until it is repaired.
    Partly,
    /// Some requests fail until others have taken over.
    Interrupts,
}

/// A loss that hurts a service.
#[derive(Clone, Debug, PartialEq)]
pub struct Weakness {
    /// What is lost.
    pub components: Vec<Component>,
    /// The group whose members these are, if that is why they are lost together.
    pub group: Option<String>,
    /// What suffers.
    pub service: Service,
    /// How.
    pub effect: Effect,
    /// The answered share before.
    pub before: f64,
    /// The answered share once everybody has reacted.
    pub after: f64,
    /// The client populations that get nothing any more.
    pub cut_off: Vec<NodeId>,
    /// What fails for a while on top of that.
    pub interruptions: Vec<Interruption>,
}

/// Everything that can be lost: all nodes but the clients, then all links.
pub fn components(plan: &Plan) -> Vec<Component> {
    let nodes = plan.nodes().filter(|(_, node)| dependability::is_part(&node.kind));
    let nodes = nodes.map(|(id, _)| Component::Node(id));
    nodes
        .chain(plan.links().filter(|(_, link)| is_inside(plan, link)).map(|(id, _)| Component::Link(id)))
        .collect()
}

/// Whether a link belongs to the system: not those of attackers.
fn is_inside(plan: &Plan, link: &PlanLink) -> bool {
    let is_attacker =
        |id: NodeId| matches!(plan.node(id).map(|node| &node.kind), Some(NodeKind::Attacker(_)));
    !is_attacker(link.from) && !is_attacker(link.to)
}

/// The groups that nodes share their fate in, with their members.
pub fn groups(plan: &Plan) -> BTreeMap<String, Vec<Component>> {
    let mut groups: BTreeMap<String, Vec<Component>> = BTreeMap::new();
    for (id, node) in plan.nodes().filter(|(_, node)| dependability::is_part(&node.kind)) {
        for group in &node.dependability.groups {
            groups.entry(group.clone()).or_default().push(Component::Node(id));
        }
    }
    groups
}

impl System<'_> {
    /// With nothing lost.
    pub fn healthy(&self) -> Outcome {
        self.outcome(&Losses::none(self.plan), Reactions::ALL)
    }

    /// What may matter alone: what requests go through, and what decides which way they go. Without the rest nothing
    /// changes as long as the others are there.
    fn in_use(&self) -> Vec<Component> {
        let none = Losses::none(self.plan);
        let walk = self.walk(&none, Reactions::ALL, 1.0);
        let carries = |component: &Component| {
            Service::ALL.iter().any(|&service| match *component {
                Component::Node(id) => walk.arriving(id, service) > 0.0,
                Component::Link(id) => walk.along(id, service) > 0.0,
            })
        };
        let decides = |id: NodeId| {
            matches!(
                self.plan.node(id).map(|node| &node.kind),
                Some(
                    NodeKind::LoadBalancer(_)
                        | NodeKind::Database(_)
                        | NodeKind::FailoverManager(_)
                        | NodeKind::Firewall(_)
                        | NodeKind::Dns(_)
                )
            )
        };
        let controls = |component: &Component| match *component {
            Component::Node(id) => decides(id),
            Component::Link(id) => {
                let link = self.plan.link(id);
                let is_dns = matches!(self.plan.node(link.to).map(|node| &node.kind), Some(NodeKind::Dns(_)));
                is_dns || decides(link.from) && decides(link.to)
            }
        };
        components(self.plan).into_iter().filter(|one| carries(one) || controls(one)).collect()
    }

    /// What the loss of each component alone does.
    pub fn weaknesses(&self) -> Vec<Weakness> {
        at_once(self.weaknesses_with(Pauses::NONE))
    }

    pub(crate) async fn weaknesses_with(&self, pauses: Pauses) -> Vec<Weakness> {
        let healthy = self.healthy();
        let mut losses = Losses::none(self.plan);
        let mut found = Vec::new();
        for component in self.in_use() {
            losses.set(component, true);
            self.weaknesses_of(&healthy, &losses, &[component], None, &mut found);
            losses.set(component, false);
            pauses.here().await;
        }
        found
    }

    /// What the loss of each group does.
    pub fn group_weaknesses(&self) -> Vec<Weakness> {
        let healthy = self.healthy();
        let mut found = Vec::new();
        for (group, members) in groups(self.plan) {
            let losses = Losses::of(self.plan, &members);
            self.weaknesses_of(&healthy, &losses, &members, Some(&group), &mut found);
        }
        found
    }

    fn weaknesses_of(
        &self,
        healthy: &Outcome,
        losses: &Losses,
        components: &[Component],
        group: Option<&str>,
        found: &mut Vec<Weakness>,
    ) {
        let after = self.outcome(losses, Reactions::ALL);
        let reacting = self.reacting(losses);
        let without = self.without_each(losses, &reacting);
        // Where only one reacts, or nobody, what is answered at first is known already.
        let at_first = match &without[..] {
            [] => after.clone(),
            [(.., outcome)] => outcome.clone(),
            _ => self.outcome(losses, Reactions::NONE),
        };
        for service in self.services() {
            let (before, answered) = (healthy.answered(service), after.answered(service));
            let (lost, interrupted) = (before - answered, answered - at_first.answered(service));
            let effect = if before <= SAME {
                continue;
            } else if answered <= SAME {
                Effect::Ends
            } else if lost > LITTLE || lost > SAME && interrupted <= SAME {
                Effect::Partly
            } else if interrupted > SAME {
                Effect::Interrupts
            } else {
                continue;
            };
            let index = service.index();
            let cut_off = self.populations.iter().zip(&healthy.populations).zip(&after.populations);
            let cut_off = cut_off.filter(|((_, before), after)| {
                let answered = |shares: &[Option<crate::shares::Shares>; 3]| {
                    shares[index].map_or(0.0, |shares| shares.answered)
                };
                answered(before) > SAME && answered(after) <= SAME
            });
            let interruptions = match effect {
                Effect::Ends => Vec::new(),
                Effect::Partly | Effect::Interrupts => interruptions_of(&without, service, answered),
            };
            found.push(Weakness {
                components: components.to_vec(),
                group: group.map(ToString::to_string),
                service,
                effect,
                before,
                after: answered,
                cut_off: cut_off.map(|((population, _), _)| population.clients).collect(),
                interruptions,
            });
        }
    }

    /// The components whose loss alone ends a service.
    pub fn single_points(&self, service: Service) -> Vec<Component> {
        let healthy = self.healthy();
        if healthy.answered(service) <= SAME {
            return Vec::new();
        }
        // Requests take these ways now: what is on none of them may still matter, as a manager does, so all are asked.
        let ends = |&component: &Component| {
            let losses = Losses::of(self.plan, &[component]);
            self.outcome(&losses, Reactions::ALL).answered(service) <= SAME
        };
        components(self.plan).into_iter().filter(ends).collect()
    }

    /// The pairs that end a service when both are lost at once, and neither does alone.
    ///
    /// When one of the two is lost, the other must be on every path that is left, or have to be there besides, and the
    /// other way round, unless the loss of the one moves an address or a database's role: only those are asked.
    pub fn pairs(&self) -> Vec<(Service, [Component; 2])> {
        at_once(self.pairs_with(Pauses::NONE))
    }

    async fn pairs_with(&self, pauses: Pauses) -> Vec<(Service, [Component; 2])> {
        let healthy = self.healthy();
        let services: Vec<Service> =
            self.services().filter(|&service| healthy.answered(service) > SAME).collect();
        let all = self.in_use();
        let mut alone: Vec<BTreeSet<Component>> = vec![BTreeSet::new(); services.len()];
        // By service: what is needed when a component is lost.
        let mut needed: Vec<BTreeMap<Component, Vec<Component>>> = vec![BTreeMap::new(); services.len()];
        let mut losses = Losses::none(self.plan);
        let calm = self.settle(&losses, Reactions::ALL);
        let mut moves: BTreeSet<Component> = BTreeSet::new();
        for &component in &all {
            pauses.here().await;
            losses.set(component, true);
            let mut walk = self.walk(&losses, Reactions::ALL, 1.0);
            let outcome = walk.peek();
            if walk.settled != calm {
                moves.insert(component);
            }
            let mut before: Option<(Carrying, Vec<Component>)> = None;
            for (place, &service) in services.iter().enumerate() {
                if outcome.answered(service) <= SAME {
                    alone[place].insert(component);
                    continue;
                }
                let carrying = Carrying::new(&mut walk, service);
                // Services often take the same ways.
                let known = before.take().filter(|(seen, _)| *seen == carrying);
                let every = known.map_or_else(|| carrying.on_every_path(self), |(_, every)| every);
                before = Some((carrying, every.clone()));
                let mut then = every;
                then.extend(self.needed_besides(&walk));
                then.sort_unstable();
                needed[place].insert(component, then);
            }
            losses.set(component, false);
        }
        let mut found = BTreeSet::new();
        let mut asked: BTreeMap<[Component; 2], Outcome> = BTreeMap::new();
        for (place, &service) in services.iter().enumerate() {
            let of = &needed[place];
            for (&one, others) in of {
                for &other in others.iter().filter(|&other| *other != one && !alone[place].contains(other)) {
                    // What is not in use is needed besides only, and nothing is known of the system without it.
                    let mutual = moves.contains(&one)
                        || of.get(&other).is_none_or(|back| back.binary_search(&one).is_ok());
                    let pair = [one.min(other), one.max(other)];
                    let outcome = || self.outcome(&Losses::of(self.plan, &pair), Reactions::ALL);
                    pauses.here().await;
                    if mutual && asked.entry(pair).or_insert_with(outcome).answered(service) <= SAME {
                        found.insert((service, pair));
                    }
                }
            }
        }
        found.into_iter().collect()
    }

    /// What no request goes through and has to be there all the same: for others to take over, where somebody has, and for
    /// commits that wait for replicas.
    fn needed_besides(&self, walk: &Walk<'_>) -> Vec<Component> {
        let mut needed = Vec::new();
        if walk.settled.cluster.promoted.is_some()
            && let Some((id, manager)) = self.databases.manager(self.plan)
        {
            needed.push(Component::Node(id));
            needed
                .extend(manager.databases.iter().chain(&manager.applications).copied().map(Component::Link));
            needed.extend(self.databases.all().iter().copied().map(Component::Node));
        }
        let waits = |accepting: &Accepting| {
            database(self.plan, accepting.node).is_some_and(|database| database.primary.rule.count() > 0)
        };
        if walk.settled.cluster.accepting.iter().any(waits) {
            for &id in self.databases.all() {
                needed.push(Component::Node(id));
                let peers = database(self.plan, id).map_or(&[][..], |database| &database.peers);
                needed.extend(peers.iter().copied().map(Component::Link));
            }
        }
        if walk.settled.addresses != self.start {
            for &id in self.ranking.balancers() {
                needed.push(Component::Node(id));
                let peers = balancer(self.plan, id).map_or(&[][..], |balancer| &balancer.peers);
                needed.extend(peers.iter().copied().map(Component::Link));
            }
        }
        needed
    }

    /// The same, the likeliest first.
    pub(crate) async fn ranked_pairs(&self, pauses: Pauses) -> Vec<(Service, [Component; 2])> {
        let likely = |component: &Component| match *component {
            Component::Node(id) => {
                dependability::of(self.plan, id).map_or(0.0, dependability::MeanTimes::unavailability)
            }
            Component::Link(_) => 1e-6,
        };
        let mut pairs = self.pairs_with(pauses).await;
        pairs.sort_by(|(_, one), (_, other)| {
            let likelihood = |pair: &[Component; 2]| pair.iter().map(likely).product::<f64>();
            likelihood(other).total_cmp(&likelihood(one)).then(one.cmp(other))
        });
        pairs
    }
}
