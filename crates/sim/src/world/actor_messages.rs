//! Messages of the nodes around the tiers: name look-ups, scrapes, port scans; and who looks at what passes on a link.

use alloc::boxed::Box;

use super::{Node, World, firewall};
use crate::event::{Body, Message};
use crate::ids::{Direction, NodeId};
use crate::post::Letter;
use crate::view::TargetHealth;

impl World {
    /// Eavesdroppers hear a message that passes, and the firewall in its link decides; false if it goes no further.
    pub(super) fn inspect(&mut self, message: &Message) -> bool {
        let ground = &mut self.ground;
        if ground.links[message.link.get()].is_cut(message.direction) {
            // The cut sees to it.
            return true;
        }
        for &eavesdropper in &self.eavesdroppers {
            if let Node::Eavesdropper(eavesdropper) = &mut self.nodes[eavesdropper.get()] {
                eavesdropper.hear(ground, message);
            }
        }
        let link = *ground.plan.link(message.link);
        let Some(id) = link.through else { return true };
        if !ground.is_up(id) {
            ground.lose_on(message.link, message.body);
            return false;
        }
        let (from, to) = match message.direction {
            Direction::Forward => (link.from, link.to),
            Direction::Back => (link.to, link.from),
        };
        let Some(port) = firewall::port_of(ground, to, message.link, message.body) else { return true };
        let Node::Firewall(firewall) = &mut self.nodes[id.get()] else { return true };
        let passes = firewall.lets_through(ground.now, from, port);
        if !passes {
            ground.drop_message(id, message.link, message.body);
        }
        passes
    }

    pub(super) fn deliver_lookup(&mut self, to: NodeId, message: Message) {
        let (ground, link) = (&mut self.ground, message.link);
        match (&mut self.nodes[to.get()], message.body) {
            (Node::Dns(dns), Body::DnsQuery { query }) => dns.take_query(ground, link, query),
            (Node::Clients(clients), Body::DnsAnswer(letter)) => {
                if let Letter::Addresses { query, addresses, ttl } = ground.post.take(letter) {
                    clients.take_addresses(ground, query, &addresses, ttl);
                }
            }
            _ => unreachable!("node {} neither asks for addresses nor gives any", to.0),
        }
    }

    pub(super) fn deliver_scrape(&mut self, to: NodeId, message: Message) {
        let (ground, link) = (&mut self.ground, message.link);
        match (&mut self.nodes[to.get()], message.body) {
            (node, Body::Scrape { target, scrape }) => {
                let log = match node {
                    Node::Database(database) => Some(database.log_sample()),
                    _ => None,
                };
                let counters = Box::new(ground.counters[to.get()]);
                let letter = Letter::Counters { target, scrape, counters, log };
                ground.post_from(to, link, letter, Body::Scraped);
            }
            (Node::Monitor(monitor), Body::Scraped(letter)) => {
                if let Letter::Counters { target, scrape, counters, log } = ground.post.take(letter) {
                    monitor.take_counters(ground, target, scrape, *counters, log);
                }
            }
            (Node::Monitor(monitor), Body::ScrapeRefused { target, scrape }) => {
                monitor.scrape_failed(ground, target, scrape, TargetHealth::Refused);
            }
            _ => unreachable!("node {} scrapes nobody", to.0),
        }
    }

    pub(super) fn deliver_port(&mut self, to: NodeId, message: Message) {
        let (ground, link) = (&mut self.ground, message.link);
        match (&mut self.nodes[to.get()], message.body) {
            (Node::Firewall(firewall), Body::PortProbe { attacker, attempt, port }) => {
                firewall.take_port_probe(ground, link, attacker, attempt, port);
            }
            (Node::Firewall(firewall), Body::PortAnswer { attacker, attempt, port, open }) => {
                firewall.take_port_answer(ground, attacker, attempt, port, open);
            }
            (_, Body::PortProbe { attacker, attempt, port }) => {
                ground.answer_port(to, link, attacker, attempt, port);
            }
            (Node::Attacker(attacker), Body::PortAnswer { attempt, open, .. }) => {
                attacker.take_port_answer(ground, attempt, open);
            }
            _ => unreachable!("node {} tries no ports", to.0),
        }
    }
}
