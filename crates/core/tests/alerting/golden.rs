//! The golden trace: a server that is scraped every five seconds through a bad minute and a restart.

use std::fmt::Write;
use std::string::String;

use understudy_core::alerting::{Alert, AlertConfig, Counters, Series};
use understudy_core::{SimDuration, SimTime};

use crate::golden;

const EVERY: u64 = 5;
const WINDOW: SimDuration = SimDuration::from_secs(15);

/// In each five seconds: requests that were answered, that failed, and what each took in milliseconds.
const STORY: [(&str, u32, u32, u64); 12] = [
    ("all is well", 100, 0, 20),
    ("all is well", 100, 1, 20),
    ("a bad moment", 90, 10, 40),
    ("all is well again", 400, 0, 20),
    ("something breaks", 70, 30, 600),
    ("it stays broken", 70, 30, 600),
    ("it stays broken", 50, 50, 2_000),
    ("it is started anew", 40, 0, 20),
    ("all is well", 100, 0, 20),
    ("all is well", 100, 0, 20),
    ("all is well", 100, 0, 20),
    ("all is well", 100, 0, 20),
];

fn story() -> String {
    let config = AlertConfig { hold: SimDuration::from_secs(5), keep_firing: SimDuration::from_secs(5) };
    let mut alert = Alert::new(config);
    let (mut counters, mut series) = (Counters::default(), Series::new(SimDuration::from_secs(60)));
    let mut text = String::new();
    for (step, (what, answered, failed, took_ms)) in (1..).zip(STORY) {
        if what == "it is started anew" {
            counters = Counters::default();
        }
        let took = SimDuration::from_millis(took_ms);
        (0..answered).for_each(|_| counters.count(false, took));
        (0..failed).for_each(|_| counters.count(true, took));
        let now = SimTime::from_secs(step * EVERY);
        series.push(now, counters);
        let grown = series.increase(now, WINDOW).unwrap_or_default();
        let ppm = grown.failed_ppm();
        alert.handle_evaluation(now, ppm.is_some_and(|ppm| ppm > 50_000));
        writeln!(text, "-- {now} {what}").expect("memory");
        let p99 = grown.quantile(990_000);
        writeln!(text, "grew by {} requests, failed ppm {ppm:?}, p99 {p99:?}", grown.requests())
            .expect("memory");
        while let Some(output) = alert.poll_output() {
            writeln!(text, "{output:?}").expect("memory");
        }
        writeln!(text, "{:?}", alert.state()).expect("memory");
    }
    text
}

#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test::wasm_bindgen_test)]
#[cfg_attr(not(target_arch = "wasm32"), test)]
fn the_story_is_told_as_before() {
    golden::check("alerting", &story(), include_str!("../golden/alerting.txt"));
}
