//! Smooth weighted round robin for large pools: the picks of [`super::round_robin`], without visiting every server.
//!
//! All servers of one weight gain credit at one rate, so their order among themselves stays as it is while none of
//! them is picked. They are kept sorted, and what they all gained is added up once for the group: a pick compares
//! the first of each group, and re-sorts the one that paid, which goes to the end as a rule. It grows with the number of
//! different weights. HAProxy's `roundrobin` keeps its servers in trees to the same end, though
//! its turns come in another order; the order here is nginx's.
//!
//! Servers that do not gain at the rate of their weight stand apart and are visited one by one: those that failed
//! lately, are full, or were tried by the request at hand. They come back to their group as soon as they take part
//! in a turn like any other. Servers out of service cost nothing.

use alloc::collections::VecDeque;
use alloc::vec;
use alloc::vec::Vec;
use core::cmp::Reverse;

use super::reason::{Because, Choice};
use super::server::{Server, ServerIndex};
use super::turn::Turn;

/// Pools of at least this many servers are faster this way: see the bench `round_robin`.
pub(super) const WORTHWHILE_FROM: usize = 32;

/// The primaries of a pool, sorted. While a server is in a group, its credit is kept here and not in its
/// `current_weight`.
#[derive(Clone, Debug)]
pub(super) struct Standings {
    groups: Vec<Group>,
    places: Vec<Place>,
    /// The servers whose place is [`Place::Apart`].
    apart: Vec<ServerIndex>,
}

/// Servers of one weight, in the order their turns come.
#[derive(Clone, Debug)]
struct Group {
    weight: i64,
    /// What each server here gained since the pool was made.
    gained: i64,
    /// The most credit first, then the earlier in the pool. Credit is counted without `gained`. The first one is picked
    /// and is nearly always the last one then, so that a list that both ends are open of costs less than a tree.
    order: VecDeque<Standing>,
}

/// Credit, and whose it is.
type Standing = (Reverse<i64>, ServerIndex);

impl Group {
    fn insert(&mut self, standing: Standing) {
        if self.order.back().is_none_or(|last| *last < standing) {
            self.order.push_back(standing);
        } else {
            let place = self.order.partition_point(|other| *other < standing);
            self.order.insert(place, standing);
        }
    }

    fn remove(&mut self, standing: Standing) {
        if self.order.front() == Some(&standing) {
            self.order.pop_front();
        } else if let Ok(place) = self.order.binary_search(&standing) {
            self.order.remove(place);
        }
    }
}

#[derive(Clone, Copy, Debug)]
enum Place {
    InGroup {
        group: usize,
        /// Credit without what the group gained.
        base: i64,
    },
    Apart,
    Out,
}

impl Standings {
    pub(super) fn new(servers: &[Server]) -> Self {
        let mut weights: Vec<i64> = Vec::new();
        for server in servers {
            if let Err(place) = weights.binary_search(&server.weight) {
                weights.insert(place, server.weight);
            }
        }
        let group = |weight| Group { weight, gained: 0, order: VecDeque::new() };
        let groups = weights.into_iter().map(group).collect();
        let mut standings = Self { groups, places: vec![Place::Out; servers.len()], apart: Vec::new() };
        for (index, server) in servers.iter().enumerate() {
            standings.enter(ServerIndex::of(index), server);
        }
        standings
    }

    /// To be called after any change to a server's state: moves it out of its group if it is not like the others.
    pub(super) fn settle(&mut self, index: usize, server: &mut Server) {
        let takes_part = server.in_service && !server.config.backup;
        match self.places[index] {
            Place::InGroup { .. } if takes_part && is_regular(server) => {}
            Place::Apart if takes_part => {}
            Place::Out if !takes_part => {}
            Place::InGroup { .. } => self.leave_group(ServerIndex::of(index), server, takes_part),
            Place::Out => self.enter(ServerIndex::of(index), server),
            Place::Apart => {
                self.apart.retain(|apart| apart.get() != index);
                self.places[index] = Place::Out;
            }
        }
    }

    pub(super) fn pick(&mut self, turn: &mut Turn<'_>) -> Option<Choice> {
        for server in turn.tried.iter() {
            if let Place::InGroup { .. } = self.places[server.get()] {
                self.leave_group(server, &mut turn.servers[server.get()], true);
            }
        }
        let mut total = 0;
        let mut best: Option<(i64, Reverse<ServerIndex>)> = None;
        for group in &mut self.groups {
            let Some(&(Reverse(base), first)) = group.order.front() else { continue };
            group.gained += group.weight;
            total += group.weight * i64::try_from(group.order.len()).expect("a pool is not that large");
            best = best.max(Some((base + group.gained, Reverse(first))));
        }
        for &server in &self.apart {
            if turn.may_use(server.get()) {
                let state = &mut turn.servers[server.get()];
                total += state.take_part();
                best = best.max(Some((state.current_weight, Reverse(server))));
            }
        }
        let (credit, Reverse(server)) = best?;
        self.pay(server, &mut turn.servers[server.get()], total);
        if !self.apart.is_empty() {
            self.readmit(turn);
        }
        Some(Choice { index: server.get(), because: Because::MostOverdue { credit, total } })
    }

    fn pay(&mut self, server: ServerIndex, state: &mut Server, total: i64) {
        if let Place::InGroup { group, base } = &mut self.places[server.get()] {
            let group = &mut self.groups[*group];
            group.remove((Reverse(*base), server));
            *base -= total;
            group.insert((Reverse(*base), server));
        } else {
            state.current_weight -= total;
        }
    }

    /// Lets the servers that stood apart back into their groups if they took part in this turn like any other.
    fn readmit(&mut self, turn: &Turn<'_>) {
        let mut apart = core::mem::take(&mut self.apart);
        apart.retain(|&server| {
            let index = server.get();
            let state = &turn.servers[index];
            let stays = !turn.may_use(index) || !is_regular(state);
            if !stays {
                self.join_group(server, state);
            }
            stays
        });
        self.apart = apart;
    }

    /// Takes in a server that was out of service.
    fn enter(&mut self, server: ServerIndex, state: &Server) {
        if !state.in_service || state.config.backup {
            return;
        }
        if is_regular(state) {
            self.join_group(server, state);
        } else {
            self.places[server.get()] = Place::Apart;
            self.apart.push(server);
        }
    }

    fn join_group(&mut self, server: ServerIndex, state: &Server) {
        let found = self.groups.binary_search_by_key(&state.weight, |group| group.weight);
        let group = found.expect("there is a group for each weight");
        let base = state.current_weight - self.groups[group].gained;
        self.groups[group].insert((Reverse(base), server));
        self.places[server.get()] = Place::InGroup { group, base };
    }

    fn leave_group(&mut self, server: ServerIndex, state: &mut Server, takes_part: bool) {
        let Place::InGroup { group, base } = self.places[server.get()] else { return };
        let group = &mut self.groups[group];
        group.remove((Reverse(base), server));
        state.current_weight = base + group.gained;
        if takes_part {
            self.places[server.get()] = Place::Apart;
            self.apart.push(server);
        } else {
            self.places[server.get()] = Place::Out;
        }
    }
}

/// Whether a server in service gains its whole weight in every turn, whatever the time.
fn is_regular(server: &Server) -> bool {
    server.effective_weight == server.weight && !server.fails_too_often() && !server.is_full()
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use std::vec::Vec;

    use proptest::prelude::*;

    use super::super::method::Method;
    use super::super::{Algorithm, Balancer, Outcome, Request, ServerConfig, Tried, Weight};
    use super::*;
    use crate::time::{SimDuration, SimTime};

    /// One thing that happens to both balancers. Servers and requests are given by any number, taken modulo how many
    /// there are.
    #[derive(Clone, Debug)]
    enum Event {
        Request,
        Retry(usize),
        Answer(usize),
        Fail(usize),
        Down(usize),
        Up(usize),
        Backup(usize, bool),
        Pass(SimDuration),
    }

    fn event() -> impl Strategy<Value = Event> {
        prop_oneof![
            6 => Just(Event::Request),
            3 => any::<usize>().prop_map(Event::Answer),
            2 => any::<usize>().prop_map(Event::Fail),
            2 => any::<usize>().prop_map(Event::Retry),
            1 => any::<usize>().prop_map(Event::Down),
            1 => any::<usize>().prop_map(Event::Up),
            1 => any::<(usize, bool)>().prop_map(|(server, backup)| Event::Backup(server, backup)),
            1 => (0..5_000_u64).prop_map(|millis| Event::Pass(SimDuration::from_millis(millis))),
        ]
    }

    fn config() -> impl Strategy<Value = ServerConfig> {
        let weight = prop_oneof![Just(1), Just(1), Just(4), 1..20_u32];
        (weight, 0..4_u32, 0..3_u64, proptest::option::of(1..4_u32), any::<u8>()).prop_map(
            |(weight, max_fails, seconds, max_connections, odd)| ServerConfig {
                weight: Weight(weight),
                max_fails,
                fail_timeout: SimDuration::from_secs(seconds),
                max_connections,
                down: odd % 16 == 0,
                backup: odd % 16 == 1,
            },
        )
    }

    /// The same balancer with and without the sorting, and the requests sent through both.
    struct Pair {
        balancers: [Balancer; 2],
        now: SimTime,
        under_way: Vec<Tried>,
        failed: Vec<Tried>,
    }

    impl Pair {
        fn new(servers: &[ServerConfig]) -> Self {
            let balancers = [true, false].map(|sorted| {
                let mut balancer = Balancer::new(Algorithm::RoundRobin, servers.iter().copied());
                balancer.method = if sorted {
                    Method::SortedRoundRobin(Standings::new(&balancer.servers))
                } else {
                    Method::RoundRobin
                };
                balancer
            });
            Self { balancers, now: SimTime::ZERO, under_way: Vec::new(), failed: Vec::new() }
        }

        fn tell(&mut self, mut input: impl FnMut(&mut Balancer, SimTime)) {
            for balancer in &mut self.balancers {
                input(balancer, self.now);
            }
        }

        /// Sends a request on and checks that both pick the same server, with the same credit.
        fn send(&mut self, tried: &Tried) {
            let [sorted, visiting] = self.balancers.each_mut().map(|balancer| {
                let mut tried = tried.clone();
                let choice = balancer.choose(self.now, &Request::default(), &mut tried);
                (choice.map(|choice| (choice.index, choice.because)), tried)
            });
            assert_eq!(sorted, visiting);
            let (choice, tried) = sorted;
            if choice.is_ok() {
                self.under_way.push(tried);
            }
        }

        fn end(&mut self, number: usize, outcome: Outcome) {
            if self.under_way.is_empty() {
                return;
            }
            let tried = self.under_way.swap_remove(number % self.under_way.len());
            let server = tried.last().expect("it was sent");
            self.tell(|balancer, now| balancer.handle_result(now, server, outcome));
            if outcome == Outcome::Failed {
                self.failed.push(tried);
            }
        }

        fn handle(&mut self, event: &Event) {
            let count = self.balancers[0].server_count();
            let server = |number: usize| ServerIndex::of(number % count);
            match *event {
                Event::Request => self.send(&Tried::default()),
                Event::Retry(number) if !self.failed.is_empty() => {
                    let tried = self.failed.swap_remove(number % self.failed.len());
                    self.send(&tried);
                }
                Event::Retry(_) => {}
                Event::Answer(number) => self.end(number, Outcome::Answered { took: SimDuration::ZERO }),
                Event::Fail(number) => self.end(number, Outcome::Failed),
                Event::Down(number) => self.tell(|balancer, now| balancer.mark_down(server(number), now)),
                Event::Up(number) => self.tell(|balancer, _| balancer.mark_up(server(number))),
                Event::Backup(number, backup) => {
                    self.tell(|balancer, _| balancer.set_backup(server(number), backup));
                }
                Event::Pass(time) => self.now += time,
            }
        }
    }

    proptest! {
        #[test]
        fn sorting_changes_no_pick(
            servers in proptest::collection::vec(config(), 2..12),
            events in proptest::collection::vec(event(), 0..200),
        ) {
            let mut pair = Pair::new(&servers);
            for event in &events {
                pair.handle(event);
            }
        }
    }
}
