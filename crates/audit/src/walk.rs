//! One look at the whole system in one state: from the databases up to what clients get, and from the clients down
//! to how much reaches each node.

use alloc::vec;
use alloc::vec::Vec;

use understudy_core::SimDuration;
use understudy_core::balancer::{Algorithm, Balancer, Request, ServerConfig, ServerIndex, Tried};
use understudy_sim::ids::{LinkId, NodeId};
use understudy_sim::plan::{ClientsPlan, LoadBalancerPlan, NextTier, NodeKind, ServerPlan, ports};
use understudy_sim::scenario::{PoolMode, ReadRoute};
use understudy_sim::{Plan, SimTime};

use crate::losses::Losses;
use crate::service::Service;
use crate::shares::Shares;
use crate::system::{Outcome, Settled, System};
use crate::workers;

/// nginx's `fail_timeout`, and on average half of the second that its clock is late.
const LEFT_ALONE_S: f64 = 10.5;
/// How long a resolver waits for a DNS server before it asks the next.
const LOOKUP_TIMEOUT_S: f64 = 5.0;

/// How the requests of each service end at one node; `None` where nobody has asked yet.
type Known = [Option<Shares>; 3];

/// A look at the system in one state.
pub(crate) struct Walk<'s> {
    pub(crate) system: &'s System<'s>,
    plan: &'s Plan,
    losses: &'s Losses,
    pub(crate) settled: Settled,
    load: f64,
    known: Vec<Known>,
    /// By node: the share of what reaches it that finds a place in its queue.
    admitted: Vec<f64>,
    /// By node and service: requests per second that reach it.
    arriving: Vec<[f64; 3]>,
    /// By node: workers that would be busy if there were enough of them.
    pub(crate) busy: Vec<f64>,
    /// By node: what happens if it gets all its turns and has too few workers for them.
    overloads: Vec<Option<Overload>>,
    overloads_are_known: bool,
    /// Whether what was known on the way down is so: nothing depended on how much arrives.
    is_known: bool,
    /// By link and service: requests per second that go along it.
    along: Vec<[f64; 3]>,
}

/// A node that has too few workers for what it gets.
#[derive(Clone, Copy)]
struct Overload {
    /// How long a request takes there with a full queue before it.
    takes_s: f64,
    /// How long until the queue is full.
    fills_in_s: f64,
    /// The share of the requests that finds a place then.
    admitted: f64,
}

/// Where requests may go next, with the share that goes there first.
struct Turn {
    link: LinkId,
    weight: f64,
}

impl<'s> Walk<'s> {
    pub(crate) fn new(system: &'s System<'s>, losses: &'s Losses, settled: Settled, load: f64) -> Self {
        let nodes = system.plan.nodes().len();
        let mut walk = Self {
            system,
            plan: system.plan,
            losses,
            settled,
            load,
            known: vec![[None; 3]; nodes],
            admitted: vec![1.0; nodes],
            arriving: vec![[0.0; 3]; nodes],
            busy: vec![0.0; nodes],
            overloads: vec![None; nodes],
            overloads_are_known: false,
            is_known: true,
            along: vec![[0.0; 3]; system.plan.links().len()],
        };
        walk.flow_down();
        if walk.overloads.iter().any(Option::is_some) {
            // Whoever waits too long in a full queue gives up, and looks elsewhere from then on: once more with that.
            walk.known.fill([None; 3]);
            walk.admitted.fill(1.0);
            walk.arriving.fill([0.0; 3]);
            walk.busy.fill(0.0);
            walk.along.fill([0.0; 3]);
            walk.overloads_are_known = true;
            walk.flow_down();
        }
        if !walk.is_known {
            // What is turned away for want of workers changes what is answered, and what fails on the way up.
            walk.known.fill([None; 3]);
        }
        walk
    }

    /// What clients get.
    pub(crate) fn outcome(mut self) -> Outcome {
        let populations = self.by_population();
        self.system.outcome_of(populations)
    }

    fn by_population(&mut self) -> Vec<Known> {
        let system = self.system;
        let ask = |population: &crate::system::Population| {
            Service::ALL.map(|service| {
                let asked = population.rates[service.index()] > 0.0;
                asked.then(|| self.at(population.clients, service))
            })
        };
        system.populations.iter().map(ask).collect()
    }

    /// What clients get, while the walk can still be asked for more.
    pub(crate) fn peek(&mut self) -> Outcome {
        let populations = self.by_population();
        self.system.outcome_of(populations)
    }

    /// Requests per second of a service that go along a link.
    pub(crate) fn along(&self, link: LinkId, service: Service) -> f64 {
        self.along[link.get()][service.index()]
    }

    /// Requests per second of a service that reach a node.
    pub(crate) fn arriving(&self, node: NodeId, service: Service) -> f64 {
        self.arriving[node.get()][service.index()]
    }

    fn is_dead(&self, node: NodeId) -> bool {
        self.losses.has_node(node) || self.settled.cluster.powered_off == Some(node)
    }

    fn is_cut(&self, link: LinkId) -> bool {
        self.losses.has_link(link)
    }

    /// Whether the firewall at the end of a link takes requests from it: what it does not let through, it drops.
    fn is_let_in(&self, link: LinkId) -> bool {
        let link = self.plan.link(link);
        match self.plan.node(link.to).map(|node| &node.kind) {
            Some(NodeKind::Firewall(firewall)) => {
                let port = if link.tls { ports::HTTPS } else { ports::HTTP };
                !firewall.on || firewall.allow.contains(&port)
            }
            _ => true,
        }
    }

    /// How requests that go along a link end.
    pub(crate) fn via(&mut self, link: LinkId, service: Service) -> Shares {
        let to = self.plan.link(link).to;
        if self.is_cut(link) || !self.is_let_in(link) {
            Shares::TIMED_OUT
        } else if self.is_dead(to) {
            // A dead firewall is a break in the line: nobody is there who could refuse.
            if self.is_firewall(to) { Shares::TIMED_OUT } else { Shares::REFUSED }
        } else {
            self.at(to, service)
        }
    }

    fn is_firewall(&self, id: NodeId) -> bool {
        matches!(self.plan.node(id).map(|node| &node.kind), Some(NodeKind::Firewall(_)))
    }

    /// How requests that reach a node end; the node is not lost.
    fn at(&mut self, id: NodeId, service: Service) -> Shares {
        if let Some(known) = self.known[id.get()][service.index()] {
            return known;
        }
        let plan = self.plan;
        let Some(node) = plan.node(id) else { return Shares::REJECTED };
        let shares = match &node.kind {
            NodeKind::Clients(clients) => self.population(id, clients, service),
            NodeKind::Firewall(firewall) => self.uplink(id, &firewall.links, service),
            NodeKind::LoadBalancer(balancer) => self.pool(id, balancer, service),
            NodeKind::WebServer(server) | NodeKind::ApplicationServer(server) => {
                // It runs: what it hands on of those behind it is an answer, and nobody tries elsewhere for that.
                let shares = self.server(id, server, service);
                let passed_on = Shares { refused: 0.0, rejected: shares.rejected + shares.refused, ..shares };
                passed_on.admitted(self.admitted[id.get()])
            }
            NodeKind::Database(_) => self.database(id, service).admitted(self.admitted[id.get()]),
            NodeKind::FailoverManager(_)
            | NodeKind::Dns(_)
            | NodeKind::Monitor(_)
            | NodeKind::Attacker(_)
            | NodeKind::Eavesdropper(_) => Shares::REJECTED,
        };
        self.known[id.get()][service.index()] = Some(shares);
        shares
    }

    /// What clients get, who may look addresses up first and may try again.
    fn population(&mut self, id: NodeId, clients: &ClientsPlan, service: Service) -> Shares {
        let found = self.looked_up(clients);
        let links = self.addresses_of(clients);
        let once = self.uplink(id, &links, service);
        let once = once.of(found) + Shares::TIMED_OUT.of(1.0 - found);
        let Some(retries) = clients.retries else { return once };
        let failing = 1.0 - once.answered;
        if failing <= 0.0 {
            return once;
        }
        // Each attempt fares as the first; the budget says how many requests may be tried again at all.
        let most = 1.0 - libm::pow(failing, f64::from(retries.attempts));
        let budget = f64::from(retries.budget_ppm) / 1e6;
        let answered = most.min(once.answered + budget * once.answered);
        let rest = Shares { answered: 0.0, ..once }.of((1.0 - answered) / failing);
        Shares { answered, ..rest }
    }

    /// The entries that clients know: those that their DNS servers give out, if they ask any.
    fn addresses_of(&self, clients: &ClientsPlan) -> Vec<LinkId> {
        let records =
            clients.dns.iter().find_map(|&link| match &self.plan.node(self.plan.link(link).to)?.kind {
                NodeKind::Dns(dns) => Some(&dns.records),
                _ => None,
            });
        let known = |link: &LinkId| records.is_none_or(|known| known.contains(&self.plan.link(*link).to));
        clients.links.iter().copied().filter(known).collect()
    }

    /// The share of the requests for which an address is known before their time is up.
    fn looked_up(&self, clients: &ClientsPlan) -> f64 {
        if clients.dns.is_empty() {
            return 1.0;
        }
        let answers = |link: &LinkId| !self.is_cut(*link) && !self.is_dead(self.plan.link(*link).to);
        let Some(silent) = clients.dns.iter().position(answers) else { return 0.0 };
        let Some(NodeKind::Dns(dns)) =
            self.plan.node(self.plan.link(clients.dns[silent]).to).map(|node| &node.kind)
        else {
            return 0.0;
        };
        // Each silent server is waited for. Requests that run out of time meanwhile are lost.
        let waits = f64::from(u16::try_from(silent).unwrap_or(u16::MAX)) * LOOKUP_TIMEOUT_S;
        let lost = (waits - clients.timeout.as_secs_f64()).max(0.0);
        1.0 - lost / (waits + dns.ttl.as_secs_f64())
    }

    fn uplink(&mut self, sender: NodeId, links: &[LinkId], service: Service) -> Shares {
        let turns = self.uplink_turns(sender, links);
        self.first_of(&turns, service)
    }

    fn uplink_turns(&self, sender: NodeId, links: &[LinkId]) -> Vec<Turn> {
        match self.settled.addresses.holder(sender) {
            Some(link) => vec![Turn { link, weight: 1.0 }],
            None => links.iter().map(|&link| Turn { link, weight: 1.0 }).collect(),
        }
    }

    /// Nobody is tried after the first.
    fn first_of(&mut self, turns: &[Turn], service: Service) -> Shares {
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
    fn until_not_refused(&mut self, turns: &[Turn], in_service: &[f64], service: Service) -> Shares {
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

    fn pool(&mut self, id: NodeId, balancer: &LoadBalancerPlan, service: Service) -> Shares {
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
    fn pool_turns(&self, balancer: &LoadBalancerPlan) -> Vec<Turn> {
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

    fn server(&mut self, id: NodeId, server: &ServerPlan, service: Service) -> Shares {
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
        if self.all_well(links) {
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
    fn all_well(&mut self, links: &[LinkId]) -> bool {
        links.iter().all(|&link| {
            self.overloads[self.plan.link(link).to.get()].is_none()
                && [Service::Reads, Service::Writes].into_iter().all(|service| {
                    let shares = self.via(link, service);
                    shares.refused <= 0.0 && shares.timed_out <= 0.0
                })
        })
    }

    /// What part of its turns each application server gets, the rest of the time being left alone for a failure.
    fn in_service(&mut self, id: NodeId, timeout: SimDuration, links: &[LinkId]) -> Vec<f64> {
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

    /// The link to the database that a server believes to take writes, if it has one.
    fn write_link(&self, id: NodeId, links: &[LinkId]) -> Option<LinkId> {
        let primary = self.settled.cluster.primary_for(id)?;
        links.iter().copied().find(|&link| self.plan.link(link).to == primary)
    }

    fn ask_database(&mut self, id: NodeId, links: &[LinkId], reads: ReadRoute, service: Service) -> Shares {
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
    fn read_turns(
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

    fn database(&self, id: NodeId, service: Service) -> Shares {
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

    /// From the clients on: how much reaches each node, and how much of that finds a place.
    fn flow_down(&mut self) {
        let system = self.system;
        for population in &system.populations {
            for (index, rate) in population.rates.iter().enumerate() {
                self.arriving[population.clients.get()][index] += rate * self.load;
            }
        }
        for &id in &system.downstream {
            if self.is_dead(id) || self.arriving[id.get()].iter().all(|&rate| rate <= 0.0) {
                continue;
            }
            self.admit(id);
            for service in Service::ALL {
                let rate = self.arriving[id.get()][service.index()] * self.admitted[id.get()];
                if rate > 0.0 {
                    self.send_on(id, service, rate);
                }
            }
        }
    }

    /// How many workers the requests that reach a node keep busy, and whether there are enough.
    fn admit(&mut self, id: NodeId) {
        let plan = self.plan;
        let Some(node) = plan.node(id) else { return };
        let (workers, queue_limit) = match &node.kind {
            NodeKind::WebServer(server) | NodeKind::ApplicationServer(server) => {
                (server.workers, server.queue_limit)
            }
            NodeKind::Database(database) => (database.workers, database.queue_limit),
            NodeKind::Clients(_)
            | NodeKind::Firewall(_)
            | NodeKind::LoadBalancer(_)
            | NodeKind::FailoverManager(_)
            | NodeKind::Dns(_)
            | NodeKind::Monitor(_)
            | NodeKind::Attacker(_)
            | NodeKind::Eavesdropper(_) => return,
        };
        let mut busy = 0.0;
        for service in Service::ALL {
            let rate = self.arriving[id.get()][service.index()];
            if rate > 0.0 {
                busy += rate * self.holds(id, service);
            }
        }
        self.busy[id.get()] = busy;
        let arriving: f64 = self.arriving[id.get()].iter().sum();
        self.admitted[id.get()] = workers::admitted(busy, workers, queue_limit);
        self.is_known &= self.admitted[id.get()] >= 1.0;
        let (places, overload) = (f64::from(workers) + f64::from(queue_limit), busy / f64::from(workers));
        if self.overloads_are_known {
            if let Some(overload) = self.overloads[id.get()] {
                // While it gets its turns, it is as full as that.
                self.admitted[id.get()] = self.admitted[id.get()].min(overload.admitted);
            }
        } else if overload > 1.0 {
            self.overloads[id.get()] = Some(Overload {
                takes_s: busy / arriving * places / f64::from(workers),
                fills_in_s: places / (arriving * (1.0 - 1.0 / overload)),
                admitted: self.admitted[id.get()],
            });
        }
    }

    /// How long one request keeps a worker of the node, in seconds.
    fn holds(&mut self, id: NodeId, service: Service) -> f64 {
        let plan = self.plan;
        match plan.node(id).map(|node| &node.kind) {
            Some(NodeKind::WebServer(server) | NodeKind::ApplicationServer(server)) => {
                let own = server.service_time.mean().as_secs_f64();
                own + if server.worker_waits { self.waits(id, server, service) } else { 0.0 }
            }
            Some(NodeKind::Database(database)) => match service {
                Service::Writes => {
                    database.write_time.mean().as_secs_f64() + self.system.commit_takes_s[id.get()]
                }
                Service::Reads | Service::StaticFiles => database.read_time.mean().as_secs_f64(),
            },
            _ => 0.0,
        }
    }

    /// How long a worker waits for the next tier.
    fn waits(&mut self, id: NodeId, server: &ServerPlan, service: Service) -> f64 {
        let NextTier::Databases { links, reads } = &server.next_tier else { return 0.0 };
        let primary = self.write_link(id, links);
        let reads = if service == Service::Writes { ReadRoute::Primary } else { *reads };
        let turns = Self::read_turns(links, reads, primary);
        let mut sum = 0.0;
        let share = part(turns.clone().count().max(1));
        for link in turns {
            let to = self.plan.link(link).to;
            let there = 2.0 * self.plan.link(link).latency.as_secs_f64();
            let shares = self.via(link, service);
            let timeout = server.timeout.as_secs_f64();
            let works = if shares.refused >= 1.0 || self.is_dead(to) { 0.0 } else { self.holds(to, service) };
            sum += share * (shares.timed_out * timeout + (1.0 - shares.timed_out) * (there + works));
        }
        sum
    }

    fn send_on(&mut self, id: NodeId, service: Service, rate: f64) {
        let plan = self.plan;
        let Some(node) = plan.node(id) else { return };
        match &node.kind {
            NodeKind::Clients(clients) => {
                let turns = self.uplink_turns(id, &self.addresses_of(clients));
                self.spread(&turns, service, rate, false);
            }
            NodeKind::Firewall(firewall) => {
                let turns = self.uplink_turns(id, &firewall.links);
                self.spread(&turns, service, rate, false);
            }
            NodeKind::LoadBalancer(balancer) => {
                if balancer.vrrp.is_none() || self.settled.addresses.is_master(id) {
                    let turns = self.pool_turns(balancer);
                    self.spread(&turns, service, rate, balancer.retry);
                }
            }
            NodeKind::WebServer(server) | NodeKind::ApplicationServer(server) => match &server.next_tier {
                NextTier::Nothing => {}
                NextTier::Servers(_) if service == Service::StaticFiles => {}
                NextTier::Servers(links) if self.all_well(links) => {
                    for &link in links {
                        self.send(link, service, rate * part(links.len()));
                    }
                }
                NextTier::Servers(links) => {
                    let in_service = match links.len() {
                        1 => vec![1.0],
                        _ => self.in_service(id, server.timeout, links),
                    };
                    let turns: Vec<Turn> = links
                        .iter()
                        .zip(in_service)
                        .map(|(&link, there)| Turn { link, weight: there })
                        .collect();
                    self.spread(&turns, service, rate, true);
                }
                NextTier::Databases { links, reads } => self.query(id, links, *reads, service, rate),
            },
            NodeKind::Database(_)
            | NodeKind::FailoverManager(_)
            | NodeKind::Dns(_)
            | NodeKind::Monitor(_)
            | NodeKind::Attacker(_)
            | NodeKind::Eavesdropper(_) => {}
        }
    }

    fn send(&mut self, link: LinkId, service: Service, rate: f64) {
        self.along[link.get()][service.index()] += rate;
        if !self.is_cut(link) {
            self.arriving[self.plan.link(link).to.get()][service.index()] += rate;
        }
    }

    /// Sends requests in turn; those that are refused go to the others where that is done.
    fn spread(&mut self, turns: &[Turn], service: Service, rate: f64, retries: bool) {
        let whole: f64 = turns.iter().map(|turn| turn.weight).sum();
        if whole <= 0.0 {
            return;
        }
        let refused: Vec<f64> = turns.iter().map(|turn| self.via(turn.link, service).refused).collect();
        let again: f64 = turns.iter().zip(&refused).map(|(turn, refused)| turn.weight * refused).sum();
        let left: f64 = turns.iter().zip(&refused).map(|(turn, refused)| turn.weight * (1.0 - refused)).sum();
        for (turn, refused) in turns.iter().zip(&refused) {
            let mut share = turn.weight / whole;
            if retries && left > 0.0 {
                share += again / whole * turn.weight * (1.0 - refused) / left;
            }
            self.send(turn.link, service, rate * share);
        }
    }

    fn query(&mut self, id: NodeId, links: &[LinkId], reads: ReadRoute, service: Service, rate: f64) {
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

/// One of so many equal parts.
fn part(count: usize) -> f64 {
    1.0 / f64::from(u16::try_from(count).unwrap_or(u16::MAX))
}
