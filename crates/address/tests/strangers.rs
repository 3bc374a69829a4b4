//! Whatever a stranger writes: reading never panics, keeps to its limits, and what it made of it can be written and read
//! again. `FUZZ_CASES=1000000 cargo test -p understudy-address strangers` looks for longer.

use bolero::check;
use understudy_address::{Address, MAX_COMMANDS, from_text, open, to_text};
use understudy_sim::{Plan, Scenario};

/// Cases of a run of the tests.
const CASES: usize = 20_000;

fn cases() -> usize {
    std::env::var("FUZZ_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(CASES)
}

fn plan() -> Plan {
    Scenario::read("scene", include_str!("../../../scenarios/classic-stack.json")).expect("it makes sense")
}

/// Holds what has to be true of every address.
fn hold(query: &str, plan: &Plan) {
    let (address, refused) = Address::read(query);
    assert!(address.commands.len() <= MAX_COMMANDS);
    assert!(refused.iter().all(|refused| !refused.problem.is_empty()));
    let written = address.write();
    let (again, refused) = Address::read(&written);
    assert_eq!(refused, [], "{written}");
    assert_eq!(again, address, "{written}");
    let opened = open(&address, plan, &[]);
    assert!(opened.commands.is_sorted_by_key(|timed| timed.at));
}

#[test]
fn any_bytes_as_an_address() {
    let plan = plan();
    check!().with_iterations(cases()).for_each(|bytes| {
        hold(&String::from_utf8_lossy(bytes), &plan);
    });
}

#[test]
fn parameters_in_any_order_with_any_values() {
    const PIECES: [&str; 24] = [
        "scene=",
        "run=",
        "seed=",
        "mode=",
        "c=",
        "t=",
        "hash=",
        "controls=",
        "lock=",
        "theme=",
        "v=",
        "&",
        "&",
        "&",
        "=",
        "%",
        "12.4s",
        "+kill+web-2",
        "active-passive,",
        "classic-stack",
        "18446744073709551616",
        "none",
        "AAAA",
        "-1",
    ];
    let plan = plan();
    check!().with_iterations(cases()).for_each(|bytes| {
        let query: String = bytes.iter().map(|byte| PIECES[usize::from(*byte) % PIECES.len()]).collect();
        hold(&query, &plan);
    });
}

#[test]
fn any_letters_as_a_compact_run() {
    check!().with_iterations(cases()).for_each(|bytes| {
        assert_eq!(from_text(&to_text(bytes)).as_deref(), Ok(bytes));
        // Whether or not it stands for something, what it stands for is shorter.
        if let Ok(read) = from_text(&String::from_utf8_lossy(bytes)) {
            assert!(read.len() <= bytes.len());
        }
    });
}
