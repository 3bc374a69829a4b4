//! The formulas that simulated figures are held against.
//!
//! Queues: L. Kleinrock, "Queueing Systems, Volume 1: Theory" (1975): M/M/1 section 3.2, M/M/m 3.4 (Erlang C), M/M/m/m
//! 3.6 (Erlang B), M/M/m/K as its birth-death chain (3.1), M/G/1 5.6 (Pollaczek-Khinchine, of which M/D/1 is the case
//! without variance). Availability: R. Barlow and F. Proschan, "Statistical Theory of Reliability" (1975), chapter 7.
//!
//! `load` is the offered load in Erlang, the arrival rate times the mean service time.

use super::MILLION;

/// Mean time in an M/M/1 queue, in service times.
pub(crate) fn mm1_time(load: f64) -> f64 {
    1.0 / (1.0 - load)
}

/// Mean time in an M/D/1 queue, in service times.
pub(crate) fn md1_time(load: f64) -> f64 {
    1.0 + load / (2.0 * (1.0 - load))
}

/// Share of the arrivals that find all `servers` busy when none waits, by Erlang's recursion.
pub(crate) fn erlang_b(servers: u32, load: f64) -> f64 {
    (1..=servers).fold(1.0, |blocked, n| load * blocked / (f64::from(n) + load * blocked))
}

/// Share of the arrivals that have to wait for one of `servers`.
pub(crate) fn erlang_c(servers: u32, load: f64) -> f64 {
    let blocked = erlang_b(servers, load);
    let busy = load / f64::from(servers);
    blocked / (1.0 - busy * (1.0 - blocked))
}

/// Mean time in an M/M/c queue, in service times.
pub(crate) fn mmc_time(servers: u32, load: f64) -> f64 {
    1.0 + erlang_c(servers, load) / (f64::from(servers) - load)
}

/// Share of the arrivals that an M/M/c/K system turns away, with `places` in service and waiting together.
pub(crate) fn mmck_loss(servers: u32, places: u32, load: f64) -> f64 {
    let mut weight = 1.0;
    let mut sum = 1.0;
    for n in 1..=places {
        weight *= load / f64::from(n.min(servers));
        sum += weight;
    }
    weight / sum
}

/// Share of the time that one component works, by its mean times to failure and to repair.
pub(crate) fn availability(to_failure_s: f64, to_repair_s: f64) -> f64 {
    to_failure_s / (to_failure_s + to_repair_s)
}

/// All of them are needed.
pub(crate) fn series(availabilities: &[f64]) -> f64 {
    availabilities.iter().product()
}

/// One of them is enough.
pub(crate) fn parallel(availabilities: &[f64]) -> f64 {
    1.0 - availabilities.iter().map(|availability| 1.0 - availability).product::<f64>()
}

/// The two-sided quantile of Student's distribution for 99.9 %, by degrees of freedom: from the usual table.
pub(crate) fn student_999(degrees: usize) -> f64 {
    match degrees {
        4 => 8.610,
        9 => 4.781,
        19 => 3.883,
        29 => 3.659,
        _ => panic!("no quantile for {degrees} degrees of freedom is written down here"),
    }
}

/// A number of seconds in microseconds, for a scenario file.
pub(crate) fn micros(seconds: f64) -> String {
    format!("{:.0}us", seconds * MILLION)
}

#[test]
fn the_formulas_agree_where_they_meet() {
    let close = |one: f64, other: f64| assert!((one - other).abs() < 1e-12, "{one} and {other}");
    close(mmc_time(1, 0.7), mm1_time(0.7));
    close(mmck_loss(4, 4, 3.0), erlang_b(4, 3.0));
    // M/M/1/K: (1 - r) r^K / (1 - r^(K + 1)).
    close(mmck_loss(1, 2, 0.5), 0.5 * 0.25 / (1.0 - 0.125));
    // A textbook's value: 10 lines, 7 Erlang.
    assert!((erlang_b(10, 7.0) - 0.0787).abs() < 5e-5);
    close(parallel(&[0.9, 0.9]), 0.99);
    close(series(&[0.9, 0.9]), 0.81);
}
