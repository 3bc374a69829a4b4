//! What is told together: one loss that hurts several services, and the losses of components that are alike.
//!
//! Three web servers whose loss does the same are one thing to say, and so are reads and writes that end together. A link
//! whose loss ends what the node at its end would end is said with the node.

use alloc::vec;
use alloc::vec::Vec;

use understudy_sim::Plan;

use crate::interruption::Reaction;
use crate::losses::Component;
use crate::system::tier;
use crate::weakness::{Effect, Weakness};

/// Shares that differ by less are told as one.
const NEAR: f64 = 0.05;

/// One loss with all services that it hurts in the same way.
pub(super) struct Loss<'w> {
    /// One for each service; never empty.
    pub(super) of: Vec<&'w Weakness>,
}

/// Losses that are told together.
pub(super) struct Told<'w> {
    /// Like components, each on its own; never empty.
    pub(super) alike: Vec<Loss<'w>>,
    /// Links of these whose loss does the same.
    pub(super) links: Vec<Loss<'w>>,
}

/// The share that is lost: for good, or meanwhile.
pub(super) fn share(weakness: &Weakness) -> f64 {
    let share = match weakness.effect {
        Effect::Ends | Effect::Partly => weakness.before - weakness.after,
        Effect::Interrupts => weakness.interruptions.iter().map(|interruption| interruption.share).sum(),
    };
    (share / weakness.before).min(1.0)
}

impl<'w> Loss<'w> {
    pub(super) fn first(&self) -> &'w Weakness {
        self.of[0]
    }

    fn takes_in(&self, weakness: &Weakness) -> bool {
        let first = self.first();
        first.components == weakness.components
            && first.group == weakness.group
            && first.effect == weakness.effect
            && by(first).eq(by(weakness))
    }

    /// Whether two losses are of the same kind and do about the same.
    fn is_like(&self, other: &Self, plan: &Plan) -> bool {
        let (one, another) = (self.first(), other.first());
        let near = |(one, another): (&&Weakness, &&Weakness)| {
            one.service == another.service && (share(one) - share(another)).abs() < NEAR
        };
        one.group.is_none()
            && another.group.is_none()
            && one.effect == another.effect
            && self.of.len() == other.of.len()
            && kinds(plan, &one.components) == kinds(plan, &another.components)
            && self.of.iter().zip(&other.of).all(near)
            && times_are_near(one, another)
    }

    /// Whether this is a link to or from the node that the other is, and ends nothing that the other does not.
    fn is_link_of(&self, other: &Self, plan: &Plan) -> bool {
        let (&[Component::Link(link)], &[Component::Node(node)]) =
            (&self.first().components[..], &other.first().components[..])
        else {
            return false;
        };
        let link = plan.link(link);
        let ends = |loss: &Self| loss.first().effect == Effect::Ends;
        let is_ended = |weakness: &&Weakness| other.of.iter().any(|one| one.service == weakness.service);
        (link.from == node || link.to == node) && ends(self) && ends(other) && self.of.iter().all(is_ended)
    }
}

fn by(weakness: &Weakness) -> impl Iterator<Item = Reaction> {
    weakness.interruptions.iter().map(|interruption| interruption.by)
}

fn times_are_near(one: &Weakness, other: &Weakness) -> bool {
    one.interruptions.len() == other.interruptions.len()
        && one.interruptions.iter().zip(&other.interruptions).all(|(one, other)| {
            let (a, b) = (one.takes.typical.as_secs_f64(), other.takes.typical.as_secs_f64());
            one.by == other.by && (a - b).abs() <= NEAR * a.max(b)
        })
}

fn kinds(plan: &Plan, components: &[Component]) -> Vec<(u8, u8)> {
    let of = |id| plan.node(id).map_or(u8::MAX, |node| tier(&node.kind));
    let kind = |component: &Component| match *component {
        Component::Node(id) => (of(id), u8::MAX),
        Component::Link(id) => (of(plan.link(id).from), of(plan.link(id).to)),
    };
    components.iter().map(kind).collect()
}

/// Puts together what is told together. Those of one loss come one after the other.
pub(super) fn together<'w>(plan: &Plan, weaknesses: impl Iterator<Item = &'w Weakness>) -> Vec<Told<'w>> {
    let mut losses: Vec<Loss<'w>> = Vec::new();
    for weakness in weaknesses {
        let same = |loss: &&mut Loss<'_>| loss.first().components == weakness.components;
        let latest = losses.iter_mut().rev().take_while(same).find(|loss| loss.takes_in(weakness));
        match latest {
            Some(loss) => loss.of.push(weakness),
            None => losses.push(Loss { of: vec![weakness] }),
        }
    }
    let mut told: Vec<Told<'w>> = Vec::new();
    for loss in losses {
        // Nodes come before links.
        let ends_so = told.iter_mut().find(|told| told.alike.iter().any(|node| loss.is_link_of(node, plan)));
        if let Some(ends_so) = ends_so {
            ends_so.links.push(loss);
            continue;
        }
        match told.iter_mut().find(|told| told.alike[0].is_like(&loss, plan)) {
            Some(like) => like.alike.push(loss),
            None => told.push(Told { alike: vec![loss], links: Vec::new() }),
        }
    }
    told
}

impl<'w> Told<'w> {
    pub(super) fn first(&self) -> &'w Weakness {
        self.alike[0].first()
    }

    /// Everything that is told here, the first first.
    pub(super) fn all(&self) -> impl Iterator<Item = &'w Weakness> {
        self.alike.iter().chain(&self.links).flat_map(|loss| loss.of.iter().copied())
    }
}
