//! Servers before databases: where writes go, whose turn it is to answer a read, and what the databases answer.

use understudy_sim::ids::{LinkId, NodeId};
use understudy_sim::scenario::ReadRoute;

use super::{Walk, part};
use crate::service::Service;
use crate::shares::Shares;

impl Walk<'_> {
    /// The link to the database that a server believes to take writes, if it has one.
    pub(super) fn write_link(&self, id: NodeId, links: &[LinkId]) -> Option<LinkId> {
        let primary = self.settled.cluster.primary_for(id)?;
        links.iter().copied().find(|&link| self.plan.link(link).to == primary)
    }

    pub(super) fn ask_database(
        &mut self,
        id: NodeId,
        links: &[LinkId],
        reads: ReadRoute,
        service: Service,
    ) -> Shares {
        let primary = self.write_link(id, links);
        if service == Service::Writes {
            return primary.map_or(Shares::REJECTED, |link| self.via(link, service));
        }
        let turns = Self::read_turns(links, reads, primary);
        let count = turns.clone().count();
        if count == 0 {
            return Shares::REJECTED;
        }
        let share = part(count);
        let mut sum = Shares::NONE;
        for link in turns {
            sum += self.read_from(link, reads, primary, service).of(share);
        }
        sum
    }

    /// The databases that reads go to in turn.
    pub(super) fn read_turns(
        links: &[LinkId],
        reads: ReadRoute,
        primary: Option<LinkId>,
    ) -> impl Iterator<Item = LinkId> + Clone {
        let to_primary = match reads {
            ReadRoute::Primary => true,
            ReadRoute::All => false,
            ReadRoute::Replicas | ReadRoute::ReadYourWrites => {
                links.iter().all(|&link| Some(link) == primary)
            }
        };
        let wanted = move |link: &LinkId| match reads {
            _ if to_primary => Some(*link) == primary,
            ReadRoute::All => true,
            _ => Some(*link) != primary,
        };
        links.iter().copied().filter(wanted)
    }

    /// One read: whoever refuses it or turns it away is followed by the primary.
    fn read_from(
        &mut self,
        link: LinkId,
        reads: ReadRoute,
        primary: Option<LinkId>,
        service: Service,
    ) -> Shares {
        let mut shares = self.via(link, service);
        let to = self.plan.link(link).to;
        if reads == ReadRoute::ReadYourWrites
            && service == Service::Reads
            && self.system.readers_who_write > 0.0
        {
            // It will never have replayed a write that is on another log. Who never writes does not mind.
            let seen = self.settled.cluster.has_what_is_written(self.plan, self.losses, to);
            let unseen = shares.answered * (1.0 - seen) * self.system.readers_who_write;
            shares.answered -= unseen;
            shares.rejected += unseen;
        }
        match primary {
            Some(primary) if primary != link => {
                let again = shares.refused + shares.rejected;
                let kept = Shares { refused: 0.0, rejected: 0.0, ..shares };
                if again > 0.0 { kept + self.via(primary, service).of(again) } else { kept }
            }
            _ => shares,
        }
    }

    pub(super) fn database(&self, id: NodeId, service: Service) -> Shares {
        let accepting = self.settled.cluster.accepts(id);
        let hangs =
            accepting.is_some_and(|accepting| accepting.hangs && accepting.written_to && self.system.writes);
        match service {
            // The writes that wait for ever keep all its workers: nobody else is served.
            _ if hangs || self.settled.cluster.fenced == Some(id) => Shares::REJECTED,
            Service::Writes if accepting.is_none_or(|accepting| accepting.hangs) => Shares::REJECTED,
            Service::Writes | Service::Reads | Service::StaticFiles => Shares::ANSWERED,
        }
    }

    pub(super) fn query(
        &mut self,
        id: NodeId,
        links: &[LinkId],
        reads: ReadRoute,
        service: Service,
        rate: f64,
    ) {
        let primary = self.write_link(id, links);
        if service == Service::Writes {
            if let Some(link) = primary {
                self.send(link, service, rate);
            }
            return;
        }
        let turns = Self::read_turns(links, reads, primary);
        let share = rate * part(turns.clone().count().max(1));
        for link in turns {
            self.send(link, service, share);
            if let Some(primary) = primary.filter(|&primary| primary != link) {
                let shares = self.via(link, service);
                self.send(primary, service, share * (shares.refused + shares.rejected));
            }
        }
    }
}
