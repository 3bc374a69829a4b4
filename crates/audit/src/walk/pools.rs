//! Balancers: which servers take their turns, and who is tried after whom.

use alloc::vec;
use alloc::vec::Vec;

use understudy_core::balancer::{Algorithm, Balancer, Request, ServerConfig, ServerIndex, Tried};
use understudy_sim::SimTime;
use understudy_sim::ids::{LinkId, NodeId};
use understudy_sim::plan::LoadBalancerPlan;
use understudy_sim::scenario::PoolMode;

use super::{Turn, Walk};
use crate::service::Service;
use crate::shares::Shares;

impl Walk<'_> {
    pub(super) fn pool(&mut self, id: NodeId, balancer: &LoadBalancerPlan, service: Service) -> Shares {
        if balancer.vrrp.is_some() && !self.settled.addresses.is_master(id) {
            // Its host drops what comes for an address that it does not hold.
            return Shares::TIMED_OUT;
        }
        let turns = self.pool_turns(balancer);
        if turns.is_empty() {
            return Shares::REJECTED;
        }
        if balancer.retry {
            self.until_not_refused(&turns, &vec![1.0; turns.len()], service)
        } else {
            self.first_of(&turns, service)
        }
    }

    /// The servers that a balancer uses. A check finds out that a server or the link to it is gone, and nothing of
    /// what is behind the server.
    pub(super) fn pool_turns(&self, balancer: &LoadBalancerPlan) -> Vec<Turn> {
        let usable = |link: LinkId| {
            !self.settled.health_checks || !(self.is_cut(link) || self.is_dead(self.plan.link(link).to))
        };
        let up = || balancer.pool.iter().zip(&balancer.servers).filter(|&(&link, _)| usable(link));
        let turn =
            |(&link, server): (&LinkId, &ServerConfig)| Turn { link, weight: f64::from(server.weight.0) };
        // Standbys serve when no active server is up, one or all of them as the mode says.
        let standbys_wait = balancer.mode != PoolMode::ActiveActive;
        let mut turns: Vec<Turn> =
            up().filter(|(_, server)| !standbys_wait || !server.backup).map(turn).collect();
        if turns.is_empty() {
            let most = if balancer.mode == PoolMode::ActivePassive { 1 } else { usize::MAX };
            turns = up().map(turn).take(most).collect();
        }
        if balancer.algorithm != Algorithm::IpHash || turns.len() < 2 {
            return turns;
        }
        // All of a population have one address: the hash sends them to one server.
        let all = balancer.servers.iter().map(|server| ServerConfig { backup: false, ..*server });
        let mut chooser = Balancer::new(balancer.algorithm, all);
        for (index, &link) in balancer.pool.iter().enumerate() {
            if !turns.iter().any(|turn| turn.link == link) {
                let index = ServerIndex(u16::try_from(index).expect("a pool holds at most 65,535 servers"));
                chooser.mark_down(index, SimTime::ZERO);
            }
        }
        let picked = chooser.pick(SimTime::ZERO, &Request::default(), &mut Tried::default());
        let picked = picked.map(|server| balancer.pool[server.get()]);
        // The others are there for retries only.
        turns
            .into_iter()
            .map(|turn| Turn { weight: if Some(turn.link) == picked { 1.0 } else { 1e-12 }, ..turn })
            .collect()
    }

    /// Nobody is tried after the first.
    pub(super) fn first_of(&mut self, turns: &[Turn], service: Service) -> Shares {
        let whole: f64 = turns.iter().map(|turn| turn.weight).sum();
        if whole <= 0.0 {
            return Shares::REJECTED;
        }
        let mut sum = Shares::NONE;
        for turn in turns {
            sum += self.via(turn.link, service).of(turn.weight / whole);
        }
        sum
    }

    /// Who refuses is followed by another, until none is left. `in_service` is how often each is there to be tried.
    pub(super) fn until_not_refused(
        &mut self,
        turns: &[Turn],
        in_service: &[f64],
        service: Service,
    ) -> Shares {
        let (mut nobody_answers, mut nobody_there) = (1.0, 1.0);
        let mut others = Shares::NONE;
        for (turn, &there) in turns.iter().zip(in_service) {
            let shares = self.via(turn.link, service);
            nobody_answers *= shares.refused * there + 1.0 - there;
            nobody_there *= 1.0 - there;
            others += Shares { refused: 0.0, ..shares }.of(turn.weight * there);
        }
        let rest = others.answered + others.timed_out + others.rejected;
        let mut shares = if rest > 0.0 { others.of((1.0 - nobody_answers) / rest) } else { Shares::NONE };
        shares.refused = nobody_answers - nobody_there;
        shares.rejected += nobody_there;
        shares
    }
}
