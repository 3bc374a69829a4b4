//! What each algorithm promises of how requests spread.

use std::net::IpAddr;

use proptest::prelude::*;
use understudy_core::balancer::{
    Algorithm, Balancer, Outcome, Request, ServerConfig, ServerIndex, Tried, Weight,
};
use understudy_core::{SimDuration, SimTime};

/// The share that one server may have beyond its due when keys are random: four standard deviations of a fair draw.
fn four_sigma(due: f64) -> f64 {
    4.0 * due.sqrt()
}

fn count(number: usize) -> f64 {
    f64::from(u32::try_from(number).expect("a test counts no further"))
}

fn server(index: usize) -> ServerIndex {
    ServerIndex(u16::try_from(index).expect("a small pool"))
}

/// Sends a request that is answered at once.
fn answered(balancer: &mut Balancer, request: &Request) -> Option<ServerIndex> {
    balancer.send(SimTime::ZERO, request, &mut Tried::default(), |_| true)
}

/// Sends a request that stays.
fn stays(balancer: &mut Balancer, request: &Request) -> usize {
    balancer.pick(SimTime::ZERO, request, &mut Tried::default()).expect("all are up").get()
}

fn with_random(random: u64) -> Request {
    Request { random, ..Request::default() }
}

proptest! {
    #[test]
    fn round_robin_gives_each_server_exactly_its_weight_in_every_window(
        weights in prop_oneof![
            proptest::collection::vec(1..12_u32, 1..12),
            proptest::collection::vec(1..5_u32, 48..70),
        ],
        healthy_since in 0..40_usize,
    ) {
        let total: usize = weights.iter().map(|&weight| weight as usize).sum();
        let mut balancer = Balancer::new(Algorithm::RoundRobin, weights.iter().copied().map(Weight));
        let mut pick = || answered(&mut balancer, &Request::default()).expect("all are up").get();
        let mut picks: Vec<usize> = (0..healthy_since + 3 * total).map(|_| pick()).collect();
        picks.drain(..healthy_since);
        let mut window = vec![0_u32; weights.len()];
        for (at, &picked) in picks.iter().enumerate() {
            window[picked] += 1;
            if at >= total {
                window[picks[at - total]] -= 1;
            }
            if at + 1 >= total {
                prop_assert_eq!(&window, &weights, "the window that ends with pick {}", at);
            }
        }
    }

    #[test]
    fn round_robin_never_gives_a_server_more_than_one_turn_ahead_of_its_due(
        weights in proptest::collection::vec(1..50_u32, 1..12),
    ) {
        let total: u64 = weights.iter().copied().map(u64::from).sum();
        let mut balancer = Balancer::new(Algorithm::RoundRobin, weights.iter().copied().map(Weight));
        let mut turns = vec![0_u64; weights.len()];
        for pick in 1..=total {
            let picked = answered(&mut balancer, &Request::default()).expect("all are up").get();
            turns[picked] += 1;
            prop_assert!(turns[picked] * total < pick * u64::from(weights[picked]) + total);
        }
    }

    #[test]
    fn least_connections_keeps_equal_servers_within_one_request_of_each_other(
        servers in 1..12_usize,
        requests in 0..100_usize,
    ) {
        let mut balancer = Balancer::new(Algorithm::LeastConnections, vec![Weight(1); servers]);
        for _ in 0..requests {
            stays(&mut balancer, &Request::default());
        }
        let loads: Vec<u32> = balancer.servers().map(|server| balancer.connections(server)).collect();
        let (least, most) = (loads.iter().min().expect("some"), loads.iter().max().expect("some"));
        prop_assert!(most - least <= 1, "{least} to {most}");
    }

    #[test]
    fn least_connections_picks_the_least_loaded_for_its_weight(
        weights in proptest::collection::vec(1..9_u32, 1..9),
        ends in proptest::collection::vec(any::<Option<usize>>(), 0..80),
    ) {
        let mut balancer = Balancer::new(Algorithm::LeastConnections, weights.iter().copied().map(Weight));
        let mut under_way: Vec<usize> = Vec::new();
        for end in ends {
            if let Some(number) = end.filter(|_| !under_way.is_empty()) {
                let ended = under_way.swap_remove(number % under_way.len());
                balancer.handle_result(SimTime::ZERO, server(ended), Outcome::Abandoned);
                continue;
            }
            let before: Vec<u32> = balancer.servers().map(|server| balancer.connections(server)).collect();
            let picked = stays(&mut balancer, &Request::default());
            for other in 0..weights.len() {
                prop_assert!(before[picked] * weights[other] <= before[other] * weights[picked]);
            }
            under_way.push(picked);
        }
    }

    #[test]
    fn ip_hash_sends_a_network_to_one_server_and_moves_only_the_leavers_clients(
        weights in proptest::collection::vec(1..5_u32, 2..9),
        networks in proptest::collection::vec(any::<[u8; 3]>(), 1..60),
        leaver: usize,
    ) {
        let leaver = server(leaver % weights.len());
        let mut balancer = Balancer::new(Algorithm::IpHash, weights.iter().copied().map(Weight));
        let place = |balancer: &mut Balancer, host: u8| -> Vec<ServerIndex> {
            let client = |&[a, b, c]: &[u8; 3]| Request::new(IpAddr::from([a, b, c, host]), 0);
            networks.iter().map(|network| answered(balancer, &client(network)).expect("one is up")).collect()
        };
        let before = place(&mut balancer, 1);
        prop_assert_eq!(&place(&mut balancer, 254), &before);
        balancer.mark_down(leaver, SimTime::ZERO);
        let after = place(&mut balancer, 1);
        for (was, is) in before.iter().zip(&after) {
            prop_assert!(*is != leaver && (was == is || *was == leaver));
        }
        balancer.mark_up(leaver);
        prop_assert_eq!(&place(&mut balancer, 1), &before);
    }

    #[test]
    fn two_choices_fill_the_fullest_server_less_than_one_choice_would(seed: u64) {
        const SERVERS: usize = 200;
        let mut balancer = Balancer::new(Algorithm::RandomTwo, vec![Weight(1); SERVERS]);
        let mut one_choice = vec![0_u32; SERVERS];
        let mut random = seed;
        for _ in 0..SERVERS {
            // Any numbers do that have nothing to do with each other: the balancer mixes what it is given.
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            stays(&mut balancer, &with_random(random));
            one_choice[usize::try_from(random >> 33).expect("31 bits") % SERVERS] += 1;
        }
        let two = balancer.servers().map(|server| balancer.connections(server)).max().expect("some");
        let one = one_choice.into_iter().max().expect("some");
        // Theory: ln n / ln ln n = 3.2 or more against ln ln n / ln 2 = 2.4 or so.
        prop_assert!(two <= one && two <= 4, "{two} with two choices, {one} with one");
    }

    #[test]
    fn peak_ewma_spares_the_slow_server_until_it_is_fast_again(
        servers in 3..9_usize,
        slow: usize,
        times_slower in 8..100_u64,
        seed: u32,
    ) {
        let slow = server(slow % servers);
        let mut balancer = Balancer::new(Algorithm::PeakEwma, vec![Weight(1); servers]);
        let mut now = SimTime::ZERO;
        let mut random = u64::from(seed);
        let mut share_of_slow = |factor: u64| {
            let mut share = 0;
            for _ in 0..600 {
                random += 1;
                now += SimDuration::from_millis(50);
                let picked = balancer.pick(now, &with_random(random), &mut Tried::default()).expect("all are up");
                let took = if picked == slow { 10 * factor } else { 10 };
                let outcome = Outcome::Answered { took: SimDuration::from_millis(took) };
                balancer.handle_result(now, picked, outcome);
                share += usize::from(picked == slow);
            }
            share
        };
        let fair = 600 / servers;
        let while_slow = share_of_slow(times_slower);
        prop_assert!(while_slow <= fair / 4, "{while_slow} of 600 while it is slow, {fair} is fair");
        // 90 s at a time constant of 10 s: what it was is forgotten.
        for _ in 0..3 {
            share_of_slow(1);
        }
        let recovered = share_of_slow(1);
        prop_assert!(recovered >= fair / 2, "{recovered} of 600 after it recovered, {fair} is fair");
    }

    #[test]
    fn what_refuses_at_once_does_not_look_fast(seed: u32) {
        let config = ServerConfig { max_fails: 0, ..ServerConfig::default() };
        let mut balancer = Balancer::new(Algorithm::PeakEwma, [config; 4]);
        let mut attempts = 0;
        for request in 0..200 {
            let mut tried = Tried::default();
            let random = with_random(u64::from(seed) + request);
            let now = SimTime::from_millis(request * 10);
            let mut took_it = false;
            while let Some(picked) = balancer.pick(now, &random, &mut tried) {
                took_it = picked.0 != 1;
                let took = SimDuration::from_millis(20);
                let outcome = if took_it { Outcome::Answered { took } } else { Outcome::Failed };
                balancer.handle_result(now, picked, outcome);
                attempts += usize::from(!took_it);
                if took_it {
                    break;
                }
            }
            prop_assert!(took_it);
        }
        prop_assert!(attempts <= 5, "{attempts} of 200 requests were sent to a server that refuses");
    }
}

/// A quarter of the cases that the others get: each makes a table or two of 65,537 slots.
fn fewer_cases() -> ProptestConfig {
    let config = ProptestConfig::default();
    ProptestConfig { cases: (config.cases / 4).max(1), ..config }
}

proptest! {
    #![proptest_config(fewer_cases())]

    #[test]
    fn maglev_spreads_keys_as_the_weights_say(weights in proptest::collection::vec(1..5_u32, 1..8), first: u64) {
        let total = f64::from(weights.iter().sum::<u32>());
        let mut balancer = Balancer::new(Algorithm::Maglev, weights.iter().copied().map(Weight));
        let keys = 2_000;
        let mut shares = vec![0_usize; weights.len()];
        for key in 0..keys {
            let request = Request::default().with_key(first.wrapping_add(key));
            shares[answered(&mut balancer, &request).expect("all are up").get()] += 1;
        }
        for (&share, &weight) in shares.iter().zip(&weights) {
            let due = 2_000.0 * f64::from(weight) / total;
            prop_assert!((count(share) - due).abs() <= four_sigma(due) + 8.0, "{share} of {due}");
        }
    }

    #[test]
    fn maglev_moves_few_keys_when_a_server_leaves_and_gives_them_back_when_it_returns(
        servers in 2..30_usize,
        leaver: usize,
        first: u64,
    ) {
        let leaver = server(leaver % servers);
        let mut balancer = Balancer::new(Algorithm::Maglev, vec![Weight(1); servers]);
        let place = |balancer: &mut Balancer| -> Vec<ServerIndex> {
            let key = |key: u64| Request::default().with_key(first.wrapping_add(key));
            (0..2_000).map(|number| answered(balancer, &key(number)).expect("one is up")).collect()
        };
        let before = place(&mut balancer);
        balancer.mark_down(leaver, SimTime::ZERO);
        let after = place(&mut balancer);
        prop_assert!(!after.contains(&leaver));
        let moved = before.iter().zip(&after).filter(|(was, is)| was != is && **was != leaver).count();
        prop_assert!(moved <= 2_000 * 4 / 100, "{moved} of 2,000 keys moved that had not to");
        balancer.mark_up(leaver);
        prop_assert_eq!(place(&mut balancer), before);
    }

    #[test]
    fn maglev_spreads_the_keys_of_a_failing_server_over_all_others(first: u64) {
        let mut balancer = Balancer::new(Algorithm::Maglev, [Weight(1); 5]);
        let mut shares = [0_usize; 5];
        for key in 0..2_000 {
            let request = Request::default().with_key(first.wrapping_add(key));
            let picked =
                balancer.send(SimTime::ZERO, &request, &mut Tried::default(), |server| server.0 != 2);
            shares[picked.expect("four answer").get()] += 1;
        }
        for (index, &share) in shares.iter().enumerate() {
            let due = if index == 2 { 0.0 } else { 500.0 };
            prop_assert!((count(share) - due).abs() <= four_sigma(due), "{shares:?}");
        }
    }
}
