//! An audit in slices says what one at once says, and its pieces are small.

use understudy_audit::{Options, Report, Sliced};
use understudy_sim::Scenario;

fn classic() -> Scenario {
    let text = include_str!("../../../scenarios/classic-stack.json");
    Scenario::parse("classic-stack", text).expect("a shipped scenario is right")
}

#[test]
fn it_ends_with_the_same_report_however_often_it_pauses() {
    let options = Options { previews: false, ..Options::default() };
    let at_once = Report::of(&classic(), &options).expect("it makes sense");
    for is_due in [|| true, || false] {
        let mut sliced = Sliced::new(classic(), options, is_due);
        let mut count = 1_u32;
        let report = loop {
            if let Some(report) = sliced.go_on() {
                break report.expect("it makes sense");
            }
            count += 1;
        };
        assert_eq!(report, at_once);
        assert_eq!(count > 1_000, is_due(), "{count} slices: every loss and every state is a piece");
    }
}

#[test]
fn a_scenario_that_makes_no_sense_is_refused_in_slices_too() {
    let mut scenario = classic();
    scenario.nodes.truncate(1);
    let mut sliced = Sliced::new(scenario, Options::default(), || true);
    let refused = loop {
        if let Some(report) = sliced.go_on() {
            break report;
        }
    };
    assert!(refused.is_err());
}
