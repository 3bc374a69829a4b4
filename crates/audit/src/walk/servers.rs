//! Web servers before application servers: whoever fails a request is left alone for a while.

use alloc::vec::Vec;

use understudy_core::SimDuration;
use understudy_sim::ids::{LinkId, NodeId};
use understudy_sim::plan::{NextTier, NodeKind, ServerPlan};

use super::{Turn, Walk, part};
use crate::service::Service;
use crate::shares::Shares;

/// nginx's `fail_timeout`, and on average half of the second that its clock is late.
const LEFT_ALONE_S: f64 = 10.5;

impl Walk<'_> {
    pub(super) fn server(&mut self, id: NodeId, server: &ServerPlan, service: Service) -> Shares {
        match &server.next_tier {
            NextTier::Nothing => Shares::ANSWERED,
            NextTier::Servers(_) if service == Service::StaticFiles => Shares::ANSWERED,
            NextTier::Servers(links) => self.applications(id, server, links, service),
            NextTier::Databases { links, reads } => self.ask_database(id, links, *reads, service),
        }
    }

    /// Application servers in turn. One that failed a request is left alone for a while, whatever was asked of it, so
    /// one service may suffer from another's failure.
    fn applications(
        &mut self,
        id: NodeId,
        server: &ServerPlan,
        links: &[LinkId],
        service: Service,
    ) -> Shares {
        if let &[only] = links {
            return self.via(only, service);
        }
        if self.all_well(id, links) {
            let mut sum = Shares::NONE;
            for &link in links {
                sum += self.via(link, service).of(part(links.len()));
            }
            return sum;
        }
        let in_service = self.in_service(id, server.timeout, links);
        let turns: Vec<Turn> = links.iter().map(|&link| Turn { link, weight: 1.0 }).collect();
        self.until_not_refused(&turns, &in_service, service)
    }

    /// Whether no server behind these links fails a request in a way that makes others leave it alone.
    pub(super) fn all_well(&mut self, id: NodeId, links: &[LinkId]) -> bool {
        if let Some(known) = self.well[id.get()] {
            return known;
        }
        let well = links.iter().all(|&link| {
            self.overloads[self.plan.link(link).to.get()].is_none()
                && [Service::Reads, Service::Writes].into_iter().all(|service| {
                    let shares = self.via(link, service);
                    shares.refused <= 0.0 && shares.timed_out <= 0.0
                })
        });
        self.well[id.get()] = Some(well);
        well
    }

    /// What part of its turns each application server gets, the rest of the time being left alone for a failure.
    pub(super) fn in_service(&mut self, id: NodeId, timeout: SimDuration, links: &[LinkId]) -> Vec<f64> {
        self.is_known = false;
        let share = part(links.len());
        let arriving = self.arriving[id.get()];
        let mut in_service = Vec::with_capacity(links.len());
        for &link in links {
            let (mut turns_per_s, mut failing, mut timing_out) = (0.0, 0.0, 0.0);
            for service in [Service::Reads, Service::Writes] {
                let rate = arriving[service.index()] * share;
                if rate > 0.0 {
                    let mut shares = self.via(link, service);
                    if !self.is_cut(link) && self.gives_up_before(link, timeout) {
                        // It says so in time: that is an answer, too.
                        shares.timed_out = 0.0;
                    }
                    turns_per_s += rate;
                    failing += rate * (shares.refused + shares.timed_out);
                    timing_out += rate * shares.timed_out;
                }
            }
            let timeout_s = timeout.as_secs_f64();
            let overload = self.overloads[self.plan.link(link).to.get()];
            let overload = overload.filter(|overload| overload.takes_s > timeout_s);
            in_service.push(if let Some(overload) = overload {
                // Its queue fills until requests wait too long there. Left alone, it empties.
                let used_s = overload.fills_in_s + timeout_s;
                used_s / (used_s + LEFT_ALONE_S)
            } else if failing > 0.0 {
                let shows_after = timeout.as_secs_f64() * timing_out / failing;
                part_of_turns(turns_per_s, failing / turns_per_s, shows_after)
            } else {
                1.0
            });
        }
        in_service
    }

    /// Whether the server at the end of a link stops waiting for those behind it before its caller stops waiting for it.
    fn gives_up_before(&self, link: LinkId, timeout: SimDuration) -> bool {
        let link = self.plan.link(link);
        match self.plan.node(link.to).map(|node| &node.kind) {
            Some(NodeKind::ApplicationServer(server)) => {
                server.timeout + server.service_time.mean() + link.latency * 2 < timeout
            }
            _ => false,
        }
    }
}

/// The part of its turns that a server gets which fails every so many requests and is left alone after each failure,
/// until one request, sent to try it, succeeds.
///
/// Counted over one round: it is in service until a request fails and that has shown; then it is tried once every so
/// often, until the trial succeeds. One that fails every request is never in service, only tried.
fn part_of_turns(turns_per_s: f64, failing: f64, shows_after_s: f64) -> f64 {
    let turn_s = 1.0 / turns_per_s;
    let between_trials_s = LEFT_ALONE_S + turn_s;
    if failing >= 1.0 {
        return (turn_s / (between_trials_s + shows_after_s)).min(1.0);
    }
    let in_service_s = turn_s / failing + shows_after_s;
    let trials = 1.0 / (1.0 - failing);
    let round_s = in_service_s + trials * between_trials_s + trials * failing * shows_after_s;
    ((in_service_s + trials * turn_s) / round_s).min(1.0)
}
