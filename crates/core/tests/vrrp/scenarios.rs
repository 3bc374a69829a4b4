//! What the RFC and keepalived's manual promise, one scenario each.

use understudy_core::vrrp::{
    Advert, Priority, Transition, TransitionReason, Verdict, VrrpConfig, VrrpOutput, VrrpRouter, VrrpState,
    VrrpTimer,
};
use understudy_core::{SimDuration, SimTime};

use super::lan::Lan;
use super::{VIRTUAL, interval, router};

/// A network without delay, so that times come out exact.
fn lan(configs: Vec<VrrpConfig>) -> Lan {
    Lan::new(configs, vec![SimDuration::ZERO])
}

fn at(millis: u64) -> SimTime {
    SimTime::from_millis(millis)
}

/// The changes of state so far: when in microseconds, who, to what.
fn transitions(lan: &Lan) -> Vec<(u64, usize, VrrpState)> {
    let transition = |entry: &super::lan::Entry| match entry.output {
        VrrpOutput::Transition(Transition { to, .. }) => {
            Some((entry.at.as_nanos() / 1_000, entry.router, to))
        }
        _ => None,
    };
    lan.log().iter().filter_map(transition).collect()
}

fn last_reason(lan: &Lan, node: usize) -> TransitionReason {
    let reason = |entry: &super::lan::Entry| match entry.output {
        VrrpOutput::Transition(change) if entry.router == node => Some(change.reason),
        _ => None,
    };
    lan.log().iter().rev().find_map(reason).expect("it changed its state")
}

/// A pair of priorities 200 and 100, of which the first is master at 10 s.
fn pair() -> Lan {
    let mut lan = lan(vec![router(0, 200), router(1, 100)]);
    lan.start(0);
    lan.start(1);
    lan.run_until(at(10_000), |_| ());
    assert_eq!(lan.holders(), [0]);
    lan
}

fn outputs(router: &mut VrrpRouter) -> Vec<VrrpOutput> {
    core::iter::from_fn(|| router.poll_output()).collect()
}

#[test]
fn a_router_listens_first_and_the_owner_does_not() {
    let mut lan = lan(vec![router(0, 100), router(1, 255)]);
    lan.start(0);
    lan.run_until(at(5_000), |_| ());
    lan.start(1);
    lan.run_until(at(6_000), |_| ());
    assert_eq!(
        transitions(&lan),
        [
            (0, 0, VrrpState::Backup),
            (3_609_375, 0, VrrpState::Master),
            (5_000_000, 1, VrrpState::Master),
            (5_000_000, 0, VrrpState::Backup),
        ]
    );
    assert_eq!(last_reason(&lan, 1), TransitionReason::StartedAsOwner);
}

#[test]
fn a_takeover_advertises_takes_the_address_and_announces_it_in_this_order() {
    let mut backup = VrrpRouter::new(router(0, 100));
    backup.handle_start(SimTime::ZERO);
    assert_eq!(outputs(&mut backup).len(), 1, "the change to Backup");
    let due = backup.poll_timeout().expect("a backup waits for something");
    backup.handle_timeout(due);
    let said = outputs(&mut backup);
    assert!(matches!(said[0], VrrpOutput::Transition(Transition { to: VrrpState::Master, .. })));
    assert!(matches!(said[1], VrrpOutput::SendAdvert(Advert { priority: 100, .. })));
    assert_eq!(said[2..], [VrrpOutput::AddressTaken(VIRTUAL), VrrpOutput::GratuitousArp(VIRTUAL)]);
    assert_eq!(backup.poll_timeout(), Some(due + SimDuration::from_secs(1)));
}

#[test]
fn a_silent_master_is_taken_for_dead_after_three_intervals_and_the_skew() {
    let mut lan = pair();
    // Its adverts came at 3.21875 s and every second since: the last at 9.21875 s.
    lan.kill_machine(0);
    lan.run_until(at(20_000), |_| ());
    assert_eq!(transitions(&lan).last(), Some(&(9_218_750 + 3_609_375, 1, VrrpState::Master)));
    assert_eq!(
        last_reason(&lan, 1).to_string(),
        "no advert from 10.0.0.1 for 3.609 s (3 x 1 s + skew 0.609 s)"
    );
}

#[test]
fn a_killed_process_leaves_the_address_on_its_machine() {
    let mut lan = pair();
    lan.kill_process(0);
    lan.run_until(at(20_000), |_| ());
    assert_eq!(lan.holders(), [0, 1], "the new master and the machine of the old one");
}

#[test]
fn a_master_that_stops_says_so_and_the_backup_waits_its_skew_only() {
    let mut lan = pair();
    lan.stop(0);
    lan.run_until(at(20_000), |_| ());
    assert_eq!(transitions(&lan).last(), Some(&(10_000_000 + 609_375, 1, VrrpState::Master)));
    assert!(last_reason(&lan, 1).to_string().starts_with("10.0.0.1 stopped (priority 0)"));
}

#[test]
fn a_backup_that_stops_changes_nothing_and_says_nothing() {
    let mut lan = pair();
    let before = lan.log().len();
    lan.stop(1);
    assert_eq!(lan.log().len(), before + 1, "its own change to Initialize");
    lan.run_until(at(20_000), |_| ());
    assert_eq!(lan.holders(), [0]);
}

#[test]
fn a_backup_waits_by_the_masters_interval_not_by_its_own() {
    let mut slow = router(0, 200);
    slow.interval = interval(3_000);
    let mut lan = lan(vec![slow, router(1, 100)]);
    lan.start(0);
    lan.run_until(at(15_000), |_| ());
    lan.start(1);
    lan.run_until(at(20_000), |_| ());
    let waits = lan.router(1).and_then(VrrpRouter::down_interval).expect("a backup waits");
    assert_eq!(waits.interval, interval(3_000));
    assert_eq!(waits.total(), SimDuration::from_micros(9_000_000 + 156 * 3_000_000 / 256));
}

#[test]
fn what_a_backup_learnt_of_its_master_counts_until_it_is_started_anew() {
    let mut slow = router(0, 200);
    slow.interval = interval(3_000);
    let mut lan = lan(vec![slow, router(1, 100)]);
    lan.start(0);
    lan.start(1);
    lan.run_until(at(20_000), |_| ());
    let waits = |lan: &Lan| lan.router(1).and_then(VrrpRouter::down_interval).expect("a backup waits");
    let resume = |lan: &mut Lan| {
        lan.drive(1, VrrpRouter::handle_stop);
        lan.drive(1, VrrpRouter::handle_start);
    };
    // Another priority or another interval of one's own changes nothing of it.
    lan.drive(1, |router, now| {
        router.set_config(now, VrrpConfig { interval: interval(500), ..self::router(1, 128) });
    });
    assert_eq!(waits(&lan).total(), SimDuration::from_millis(9_000 + 1_500));
    // Started anew, it knows of no master.
    resume(&mut lan);
    assert_eq!((waits(&lan).interval, waits(&lan).total()), (interval(500), SimDuration::from_millis(1_750)));
    lan.run_until(at(40_000), |_| ());
    lan.stop(0);
    lan.run_until(lan.now(), |_| ());
    assert_eq!(waits(&lan).total(), SimDuration::from_millis(1_500), "the skew, by the master's interval");
    lan.drive(1, |router, now| router.set_priority(now, Priority::new(192).expect("not 0")));
    assert_eq!(waits(&lan).total(), SimDuration::from_millis(750), "still the skew alone");
}

#[test]
fn a_higher_router_preempts_once_it_would_have_taken_over_anyway() {
    let mut lan = lan(vec![router(0, 200), router(1, 100)]);
    lan.start(1);
    lan.run_until(at(10_000), |_| ());
    lan.start(0);
    lan.run_until(at(20_000), |_| ());
    assert_eq!(lan.holders(), [0]);
    assert_eq!(
        transitions(&lan)[3..],
        [(13_218_750, 0, VrrpState::Master), (13_218_750, 1, VrrpState::Backup)]
    );
    assert_eq!(last_reason(&lan, 0).to_string(), "preempts 10.0.0.2: its priority 100 is below 200");
    assert_eq!(last_reason(&lan, 1).to_string(), "10.0.0.1 is master with priority 200, above 100");
}

#[test]
fn without_preemption_the_master_stays_until_it_fails() {
    let mut patient = router(0, 200);
    patient.preempt = false;
    let mut lan = lan(vec![patient, router(1, 100)]);
    lan.start(1);
    lan.run_until(at(10_000), |_| ());
    lan.start(0);
    lan.run_until(at(60_000), |_| ());
    assert_eq!(lan.holders(), [1]);
    lan.kill_machine(1);
    lan.run_until(at(70_000), |_| ());
    assert_eq!(lan.holders(), [0]);
}

#[test]
fn a_preempt_delay_counts_from_the_first_lower_advert_and_ends_early_when_the_master_dies() {
    let mut delayed = router(0, 200);
    delayed.preempt_delay = SimDuration::from_secs(20);
    let configs = vec![delayed, router(1, 100)];
    let mut lan = lan(configs.clone());
    lan.start(1);
    lan.run_until(at(10_000), |_| ());
    lan.start(0);
    lan.run_until(at(10_700), |_| ());
    // The lower master advertises at 10.609375 s and every second; its advert at 30.609375 s is no longer put up with.
    let timers: Vec<_> = lan.router(0).expect("it runs").timers().collect();
    assert_eq!(timers[1], (VrrpTimer::PreemptDelay, SimTime::from_nanos(30_609_375_000)));
    lan.run_until(at(60_000), |_| ());
    let (preempted_at, who, _) = transitions(&lan)[3];
    assert_eq!((who, preempted_at), (0, 29_609_375 + 3_218_750), "the wait of the last advert that counted");

    let mut lan = self::lan(configs);
    lan.start(1);
    lan.run_until(at(10_000), |_| ());
    lan.start(0);
    lan.run_until(at(12_000), |_| ());
    lan.kill_machine(1);
    lan.run_until(at(20_000), |_| ());
    assert_eq!(lan.holders(), [0], "a dead master is not waited for");
}

#[test]
fn a_preempt_delay_counts_anew_after_every_higher_master_and_every_reign() {
    let advert = |index, priority| Advert {
        vrid: 1,
        priority,
        interval: interval(1_000),
        source: router(index, 1).primary,
    };
    let mut delayed =
        VrrpRouter::new(VrrpConfig { preempt_delay: SimDuration::from_secs(2), ..router(0, 200) });
    delayed.handle_start(SimTime::ZERO);
    let mut hear = |millis, advert| {
        delayed.handle_timeout(at(millis));
        delayed.handle_advert(at(millis), advert);
        let verdict = |output| match output {
            VrrpOutput::Judged { verdict, .. } => Some(verdict),
            _ => None,
        };
        outputs(&mut delayed).into_iter().find_map(verdict).expect("it is judged")
    };
    assert_eq!(hear(1_000, advert(1, 100)), Verdict::Tolerated);
    assert_eq!(hear(3_000, advert(1, 100)), Verdict::Discarded);
    assert_eq!(hear(4_000, advert(2, 250)), Verdict::Accepted);
    assert_eq!(hear(4_500, advert(1, 100)), Verdict::Tolerated, "after a higher master");
    assert_eq!(hear(6_500, advert(1, 100)), Verdict::Discarded);
    assert_eq!(hear(10_000, advert(1, 100)), Verdict::Asserted, "it is master by now");
    assert_eq!(hear(10_500, advert(2, 250)), Verdict::GaveWay);
    assert_eq!(hear(11_000, advert(1, 100)), Verdict::Tolerated, "after its own reign");
    assert_eq!(hear(13_000, advert(1, 100)), Verdict::Discarded);
    let longer = VrrpConfig { preempt_delay: SimDuration::from_secs(3), ..router(0, 200) };
    delayed.set_config(at(13_100), longer);
    delayed.handle_advert(at(13_200), advert(1, 100));
    let ends = delayed.timers().find(|(timer, _)| *timer == VrrpTimer::PreemptDelay);
    assert_eq!(ends, Some((VrrpTimer::PreemptDelay, at(16_200))), "a changed delay counts anew");
}

#[test]
fn who_becomes_the_owner_waits_for_no_delay_and_preempts_in_any_case() {
    let config = VrrpConfig { preempt: false, preempt_delay: SimDuration::from_secs(20), ..router(0, 200) };
    let mut lan = lan(vec![config, router(1, 100)]);
    lan.start(1);
    lan.run_until(at(10_000), |_| ());
    lan.start(0);
    lan.run_until(at(20_000), |_| ());
    assert_eq!(lan.holders(), [1]);
    lan.drive(0, |router, now| router.set_priority(now, Priority::OWNER));
    lan.run_until(at(24_000), |_| ());
    assert_eq!(lan.holders(), [0]);
}

#[test]
fn cut_apart_each_side_has_a_master_and_the_lower_gives_way_when_the_cut_heals() {
    let mut lan = pair();
    lan.divide(&[0, 1]);
    lan.run_until(at(20_000), |_| ());
    assert_eq!(lan.holders(), [0, 1], "two masters");
    lan.divide(&[0, 0]);
    lan.run_until(at(21_000), |_| ());
    assert_eq!(lan.holders(), [0]);
    assert!(matches!(last_reason(&lan, 1), TransitionReason::HigherPriority { .. }));
}

#[test]
fn between_equal_masters_the_higher_address_wins_but_a_backup_leaves_an_equal_master_alone() {
    let mut lan = lan(vec![router(0, 100), router(1, 100)]);
    lan.start(0);
    lan.run_until(at(10_000), |_| ());
    lan.start(1);
    lan.run_until(at(30_000), |_| ());
    assert_eq!(lan.holders(), [0], "an equal does not preempt");
    lan.divide(&[0, 1]);
    lan.run_until(at(40_000), |_| ());
    lan.divide(&[0, 0]);
    lan.run_until(at(41_000), |_| ());
    assert_eq!(lan.holders(), [1]);
    assert!(matches!(last_reason(&lan, 0), TransitionReason::HigherAddress { .. }));
}

#[test]
fn a_master_answers_a_lower_one_and_one_that_resigns_at_once() {
    let mut master = VrrpRouter::new(router(0, 255));
    master.handle_start(SimTime::ZERO);
    outputs(&mut master);
    let lower =
        |priority| Advert { vrid: 1, priority, interval: interval(1_000), source: router(1, 1).primary };
    let answer = |master: &mut VrrpRouter| match outputs(master)[..] {
        [VrrpOutput::Judged { verdict: Verdict::Asserted, .. }, VrrpOutput::SendAdvert(advert)] => {
            advert.priority
        }
        ref other => panic!("no answer: {other:?}"),
    };
    master.handle_advert(at(300), lower(100));
    assert_eq!(answer(&mut master), 255);
    assert_eq!(master.poll_timeout(), Some(at(1_000)), "its own beat goes on");
    master.handle_advert(at(400), lower(Advert::RESIGN));
    assert_eq!(answer(&mut master), 255);
    assert_eq!(master.poll_timeout(), Some(at(1_400)), "after a resignation the beat starts anew");
}

#[test]
fn adverts_of_others_and_its_own_are_not_heard() {
    let mut backup = VrrpRouter::new(router(0, 100));
    backup.handle_start(SimTime::ZERO);
    outputs(&mut backup);
    let due = backup.poll_timeout();
    let advert = Advert { vrid: 2, priority: 200, interval: interval(1_000), source: router(1, 1).primary };
    backup.handle_advert(at(500), advert);
    backup.handle_advert(at(500), Advert { vrid: 1, source: router(0, 1).primary, ..advert });
    assert_eq!((outputs(&mut backup), backup.poll_timeout()), (vec![], due));
    assert_eq!(backup.heard_master(), None);
}

#[test]
fn a_backup_knows_its_master() {
    let lan = pair();
    let heard = lan.router(1).and_then(VrrpRouter::heard_master).expect("it heard one");
    assert_eq!((heard.address, heard.priority), (router(0, 1).primary, Priority::new(200).ok()));
    assert_eq!(heard.verdict, Verdict::Accepted);
    assert_eq!(lan.router(0).and_then(VrrpRouter::heard_master), None);
    let mut lan = lan;
    lan.drive(1, VrrpRouter::handle_stop);
    assert_eq!(lan.router(1).and_then(VrrpRouter::heard_master), None, "stopped, it knows of none");
}

#[test]
fn a_master_whose_priority_is_lowered_is_preempted_and_one_raised_again_returns() {
    let mut lan = pair();
    let set = |lan: &mut Lan, priority| {
        lan.drive(0, |router, now| router.set_priority(now, Priority::new(priority).expect("not 0")));
    };
    set(&mut lan, 50);
    lan.run_until(at(20_000), |_| ());
    assert_eq!(lan.holders(), [1]);
    set(&mut lan, 200);
    lan.run_until(at(30_000), |_| ());
    assert_eq!(lan.holders(), [0]);
}

#[test]
fn a_backup_given_a_new_priority_waits_as_if_it_had_it_from_the_start() {
    let mut backup = VrrpRouter::new(router(0, 100));
    backup.handle_start(SimTime::ZERO);
    for (priority, due_us) in [(228, 3_109_375), (1, 3_996_093)] {
        backup.set_priority(at(1_000), Priority::new(priority).expect("not 0"));
        assert_eq!(backup.poll_timeout().map(|due| due.as_nanos() / 1_000), Some(due_us));
    }
    outputs(&mut backup);
    // Here the new wait is over already.
    let patient = at(3_990);
    backup.set_priority(patient, Priority::new(254).expect("not 0"));
    assert_eq!(backup.state(), VrrpState::Master);
}

#[test]
fn a_running_master_changes_its_addresses_and_its_beat() {
    let mut master = VrrpRouter::new(router(0, 255));
    master.handle_start(SimTime::ZERO);
    outputs(&mut master);
    let other = core::net::Ipv4Addr::new(10, 0, 0, 101);
    let config = VrrpConfig { addresses: vec![other], interval: interval(100), ..router(0, 255) };
    master.set_config(at(500), config);
    assert_eq!(
        outputs(&mut master),
        [
            VrrpOutput::AddressReleased(VIRTUAL),
            VrrpOutput::AddressTaken(other),
            VrrpOutput::GratuitousArp(other)
        ]
    );
    assert_eq!(master.poll_timeout(), Some(at(600)));
}

#[test]
fn a_second_gratuitous_arp_follows_where_it_is_asked_for() {
    let mut config = router(0, 255);
    config.garp_delay = Some(SimDuration::from_secs(5));
    let mut lan = lan(vec![config]);
    lan.start(0);
    lan.run_until(at(60_000), |_| ());
    let announced = |entry: &&super::lan::Entry| matches!(entry.output, VrrpOutput::GratuitousArp(_));
    let times: Vec<SimTime> = lan.log().iter().filter(announced).map(|entry| entry.at).collect();
    assert_eq!(times, [SimTime::ZERO, SimTime::from_secs(5)]);
}

#[test]
fn starting_twice_and_stopping_twice_does_nothing() {
    let mut owner = VrrpRouter::new(router(0, 255));
    owner.handle_stop(SimTime::ZERO);
    assert_eq!(outputs(&mut owner), []);
    owner.handle_start(SimTime::ZERO);
    outputs(&mut owner);
    owner.handle_start(at(1));
    assert_eq!(outputs(&mut owner), []);
    owner.handle_stop(at(2));
    let said = outputs(&mut owner);
    assert!(matches!(said[1], VrrpOutput::SendAdvert(advert) if advert.resigns()));
    assert_eq!(said[2..], [VrrpOutput::AddressReleased(VIRTUAL)]);
    owner.handle_stop(at(3));
    assert_eq!((outputs(&mut owner), owner.poll_timeout()), (vec![], None));
}
