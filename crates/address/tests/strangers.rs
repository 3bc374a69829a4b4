//! Whatever a stranger writes: reading never panics, keeps to its limits, and what it made of it can be written and read
//! again. `FUZZ_CASES=1000000 cargo test -p understudy-address strangers` looks for longer.

use bolero::check;
use understudy_address::message::{self, Ask, FIELDS, Value};
use understudy_address::{Address, MAX_COMMANDS, from_text, open, to_text};
use understudy_core::SimTime;
use understudy_sim::saved::MAX_PLAYED;
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

#[test]
fn any_fields_as_a_message() {
    const WORDS: [&str; 15] = [
        "hello",
        "play",
        "pause",
        "seek",
        "command",
        "snapshot",
        "theme",
        "dark",
        "12.4s",
        "-1s",
        "9999999h",
        "kill web-2",
        "",
        "slide:start",
        "audit",
    ];
    check!().with_iterations(cases()).for_each(|bytes| {
        let mut left = bytes.iter().copied();
        let fields: [Value; FIELDS.len()] = std::array::from_fn(|place| match left.next().unwrap_or(0) {
            0..40 => Value::Absent,
            40..90 if place == 0 => Value::Number(1.0),
            40..60 => Value::Number(f64::from_bits(u64::from_be_bytes(std::array::from_fn(|_| {
                left.next().unwrap_or(0)
            })))),
            byte @ 60..200 => Value::Text(WORDS[usize::from(byte) % WORDS.len()].into()),
            200..240 => {
                Value::Text(String::from_utf8_lossy(&left.by_ref().take(200).collect::<Vec<_>>()).into())
            }
            240.. => Value::Other,
        });
        match message::read(&fields) {
            Ok(None) => assert_eq!(fields[0], Value::Absent),
            Ok(Some(Ask::Seek(at))) => assert!(at <= SimTime::ZERO + MAX_PLAYED),
            Ok(Some(_)) => assert_eq!(fields[0], Value::Number(1.0)),
            Err(problem) => assert!(!problem.is_empty() && problem.len() < 1_000, "{problem}"),
        }
    });
}
