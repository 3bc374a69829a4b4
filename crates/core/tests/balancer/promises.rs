//! What holds for every algorithm and every pool, whatever happens to them.

use proptest::prelude::*;
use understudy_core::balancer::{
    Algorithm, NotSent, Outcome, Request, RetryLimits, ServerConfig, ServerIndex, Tried, Weight,
};
use understudy_core::pool::{Mode, Pool, Standbys};
use understudy_core::{SimDuration, SimTime};

const MODES: [Mode; 4] = [
    Mode::ActiveActive,
    Mode::ActivePassive(Standbys::FirstAlone),
    Mode::ActivePassive(Standbys::All),
    Mode::ActivePassive(Standbys::PerRequest),
];

/// One thing that happens. Servers and requests are given by any number, taken modulo how many there are.
#[derive(Clone, Debug)]
enum Event {
    Request { client: u32, random: u64 },
    Retry { number: usize, random: u64 },
    End { number: usize, outcome: Outcome },
    Down(usize),
    Up(usize),
    Switch(Mode),
    Pass(SimDuration),
}

fn event() -> impl Strategy<Value = Event> {
    let outcome = prop_oneof![
        (0..2_000_u64).prop_map(|millis| Outcome::Answered { took: SimDuration::from_millis(millis) }),
        Just(Outcome::Failed),
        Just(Outcome::Abandoned),
    ];
    prop_oneof![
        6 => any::<(u32, u64)>().prop_map(|(client, random)| Event::Request { client, random }),
        2 => any::<(usize, u64)>().prop_map(|(number, random)| Event::Retry { number, random }),
        5 => (any::<usize>(), outcome).prop_map(|(number, outcome)| Event::End { number, outcome }),
        1 => any::<usize>().prop_map(Event::Down),
        1 => any::<usize>().prop_map(Event::Up),
        1 => proptest::sample::select(&MODES[..]).prop_map(Event::Switch),
        1 => (0..5_000_u64).prop_map(|millis| Event::Pass(SimDuration::from_millis(millis))),
    ]
}

fn config() -> impl Strategy<Value = ServerConfig> {
    let limit = proptest::option::weighted(0.2, 1..4_u32);
    (1..9_u32, 0..4_u32, 0..3_u64, limit, 0..8_u8, any::<bool>()).prop_map(
        |(weight, max_fails, seconds, max_connections, down, backup)| ServerConfig {
            weight: Weight(weight),
            max_fails,
            fail_timeout: SimDuration::from_secs(seconds),
            max_connections,
            down: down == 0,
            backup,
        },
    )
}

/// A pool, the requests under way in it, and what is checked of each pick.
struct Run {
    pool: Pool,
    now: SimTime,
    under_way: Vec<Tried>,
    failed: Vec<Tried>,
    most_tries: u32,
}

impl Run {
    fn handle(&mut self, event: &Event) {
        let count = self.pool.balancer().server_count();
        let server = |number: usize| ServerIndex(u16::try_from(number % count).expect("a small pool"));
        match *event {
            Event::Request { client, random } => self.send(Tried::default(), client, random),
            Event::Retry { number, random } if !self.failed.is_empty() => {
                let tried = self.failed.swap_remove(number % self.failed.len());
                self.send(tried, 7, random);
            }
            Event::End { number, outcome } if !self.under_way.is_empty() => {
                let tried = self.under_way.swap_remove(number % self.under_way.len());
                self.pool.handle_result(self.now, tried.last().expect("it was sent"), outcome);
                if outcome == Outcome::Failed {
                    self.failed.push(tried);
                }
            }
            Event::Retry { .. } | Event::End { .. } => {}
            Event::Down(number) => self.pool.mark_down(server(number), self.now),
            Event::Up(number) => self.pool.mark_up(server(number)),
            Event::Switch(mode) => self.pool.switch(mode),
            Event::Pass(time) => self.now += time,
        }
        self.check_connections();
        self.check_who_serves();
    }

    fn send(&mut self, mut tried: Tried, client: u32, random: u64) {
        let request = Request::new(std::net::IpAddr::V4(client.into()), random);
        let before = tried.clone();
        let free: Vec<ServerIndex> = self
            .pool
            .balancer()
            .servers()
            .filter(|&server| self.pool.why_not(self.now, server, &before).is_none())
            .collect();
        let decision = self.pool.explain(self.now, &request, &before);
        let picked = self.pool.pick(self.now, &request, &mut tried);
        assert_eq!(picked, decision.picked.ok().map(|(server, _)| server), "the reason is that of the pick");
        match decision.picked {
            Ok((server, _)) => {
                assert!(free.contains(&server), "{server} was picked, but could not be: {decision:?}");
                assert!(!before.contains(server) && tried.contains(server), "tried once");
                assert_eq!(tried.count(), before.count() + 1);
                self.under_way.push(tried);
            }
            Err(NotSent::NoServerLeft) => assert!(free.is_empty(), "{free:?} could have been picked"),
            Err(NotSent::TriesSpent { tries }) => {
                assert_eq!((tries, before.count()), (self.most_tries, tries as usize));
            }
            Err(NotSent::TimeSpent { .. }) => panic!("no time limit was set"),
        }
    }

    /// Nothing in flight is lost or counted twice, whatever was switched meanwhile.
    fn check_connections(&self) {
        let balancer = self.pool.balancer();
        for server in balancer.servers() {
            let on_it = self.under_way.iter().filter(|tried| tried.last() == Some(server)).count();
            assert_eq!(balancer.connections(server) as usize, on_it, "on server {server}");
            if let Some(most) = balancer.config(server).max_connections {
                assert!(on_it <= most as usize);
            }
        }
    }

    /// Standbys serve only while no active server is up, and no more of them than the mode says.
    fn check_who_serves(&self) {
        let balancer = self.pool.balancer();
        let free = |server: &ServerIndex| self.pool.why_not(self.now, *server, &Tried::default()).is_none();
        let standbys = balancer.servers().filter(|&server| self.pool.is_standby(server)).filter(free).count();
        let active_up =
            balancer.servers().any(|server| !self.pool.is_standby(server) && balancer.is_up(server));
        match self.pool.mode() {
            Mode::ActiveActive => {}
            Mode::ActivePassive(Standbys::All) => assert!(standbys == 0 || !active_up),
            Mode::ActivePassive(Standbys::FirstAlone) => {
                assert!(standbys <= usize::from(!active_up), "{standbys} standbys serve");
            }
            Mode::ActivePassive(Standbys::PerRequest) => {
                let active = balancer.servers().filter(|&server| !self.pool.is_standby(server));
                assert!(standbys == 0 || active.filter(free).count() == 0);
            }
        }
    }
}

proptest! {
    #[test]
    fn only_servers_that_may_be_used_are_picked_and_nothing_in_flight_is_lost(
        algorithm in proptest::sample::select(&Algorithm::ALL[..]),
        mode in proptest::sample::select(&MODES[..]),
        most_tries in 1..12_u32,
        servers in proptest::collection::vec(config(), 1..10),
        events in proptest::collection::vec(event(), 0..120),
    ) {
        let limits = RetryLimits { tries: Some(most_tries), timeout: None };
        let pool = Pool::new(mode, algorithm, servers).with_retry_limits(limits);
        let mut run = Run { pool, now: SimTime::ZERO, under_way: vec![], failed: vec![], most_tries };
        for event in &events {
            run.handle(event);
        }
    }
}
