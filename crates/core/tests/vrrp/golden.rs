//! The golden trace: three balancers through everything that can happen to them.

use std::fmt::Write;
use std::string::String;

use understudy_core::{SimDuration, SimTime};

use super::lan::Lan;
use super::{interval, router};
use crate::golden;

/// What happens, how long the network is watched after it, and how it is done.
type Step = (&'static str, u64, fn(&mut Lan));

/// Three balancers: started, the best preempting late; then a kill, a clean stop, a cut and its healing.
fn story() -> String {
    let mut configs = vec![router(0, 200), router(1, 150), router(2, 100)];
    configs[0].preempt_delay = SimDuration::from_secs(2);
    configs[0].interval = interval(500);
    configs[1].preempt = false;
    configs[2].garp_delay = Some(SimDuration::from_secs(5));
    let delays = [2, 1, 3].map(SimDuration::from_millis).to_vec();
    let mut lan = Lan::new(configs, delays);
    let mut text = String::new();
    let mut told = 0;
    let steps: [Step; 9] = [
        ("lb-3 is started", 5_000, |lan| lan.start(2)),
        ("lb-1 and lb-2 are started", 9_000, |lan| {
            lan.start(0);
            lan.start(1);
        }),
        ("lb-1 is killed", 4_000, |lan| lan.kill_machine(0)),
        ("lb-2 is stopped cleanly", 2_000, |lan| lan.stop(1)),
        ("lb-2 is started again", 5_000, |lan| lan.start(1)),
        ("lb-3 is cut off", 6_000, |lan| lan.divide(&[0, 0, 1])),
        ("the cut heals", 2_000, |lan| lan.divide(&[0, 0, 0])),
        ("lb-1 is started again", 8_000, |lan| lan.start(0)),
        ("lb-1 is stopped cleanly", 2_000, |lan| lan.stop(0)),
    ];
    for (what, millis, step) in steps {
        writeln!(text, "-- {} {what}", lan.now()).expect("memory");
        step(&mut lan);
        let until = lan.now() + SimDuration::from_millis(millis);
        lan.run_until(until, |_| ());
        for entry in &lan.log()[told..] {
            writeln!(text, "{}", lan.describe(entry)).expect("memory");
        }
        told = lan.log().len();
    }
    assert_eq!(lan.now(), SimTime::from_secs(43));
    text
}

#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test::wasm_bindgen_test)]
#[cfg_attr(not(target_arch = "wasm32"), test)]
fn the_story_is_told_as_before() {
    golden::check("vrrp", &story(), include_str!("../golden/vrrp.txt"));
}
