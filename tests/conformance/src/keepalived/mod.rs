//! Our VRRP router against keepalived.
//!
//! Each case is a [script]: machines, and what is done to them. It is [played](mod@play) on a real network first, of
//! network namespaces with a keepalived on each machine, and every step's moment is noted; then on our routers on a
//! virtual clock, with the same steps at the same moments. After each step the same machines must have the virtual
//! address; and each time that it came to a machine or left one, both must have done so within one advert interval
//! of each other.

#[path = "../../../../crates/core/tests/vrrp/lan.rs"]
mod lan;
mod machine;
mod network;
mod play;
mod script;

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use understudy_core::SimDuration;

use self::network::Network;
use self::play::{Change, Played};
use self::script::Script;
use crate::daemon::{Program, Scratch, lock};
use crate::options::Options;
use crate::random::Random;
use crate::report::{Compared, Report};

/// Random cases, on top of the written ones.
const RANDOM_CASES: usize = 10;
/// Cases played at the same time: they mostly wait.
const AT_ONCE: usize = 6;
/// How often a case is played before it counts as different. A step that falls on the very moment of an advert may
/// come just before it on one side and just after it on the other, and a busy machine may hold a daemon up: neither
/// happens again at the same place, a true difference does.
const ATTEMPTS: usize = 3;

/// How the two do differ, where that is known and right.
const DIFFERENCES: [&str; 4] = [
    "A master that hears a lower master's advert answers at once (both); keepalived then also starts its advert \
     interval anew (`vrrp_dispatcher_read` sets the timer after every advert), RFC 9568 section 6.4.3 goes on in the \
     old beat. Later adverts come up to one interval apart; who is master does not change.",
    "On losing its interface keepalived goes to its own FAULT state and takes the address off (manual: \
     `track_interface`); the RFC has no such state. Here the driver stops the router, and starts it when the \
     interface is back.",
    "On takeover keepalived sends five gratuitous ARPs, and five more after 5 s (manual: `garp_master_repeat`, \
     `garp_master_delay`); RFC 9568 section 6.4.2 has one for each address, and so have we, a second one on request.",
    "`state MASTER` below priority 255 waits for the master-down interval as `state BACKUP` does \
     (`vrrp_init_state`), so there is no such setting here.",
];

/// Compares; skips with the reason where keepalived or network namespaces are not to be had.
pub fn run(options: Options) -> Result<Report, String> {
    let (component, reference) = ("vrrp", "keepalived");
    let keepalived = match Program::find("keepalived", "--version") {
        Ok(program) => program,
        Err(missing) => return Ok(Report::skipped(component, reference, missing)),
    };
    if let Err(why) = Network::new("probe", 2) {
        // The cause alone: the command before it names this process.
        let cause = why.rsplit(": ").next().unwrap_or(&why);
        let why = format!("network namespaces cannot be made here: {cause}");
        return Ok(Report::skipped(component, reference, why));
    }
    let mut report = Report::new(component, reference, keepalived.version.clone());
    let mut random = Random::new(options.seed);
    let mut scripts = script::written();
    scripts.extend((1..=RANDOM_CASES).map(|number| script::random(&mut random, number)));
    let outcomes = play_all(&keepalived, &scripts)?;

    let sum = |count: fn(&Outcome) -> usize| outcomes.iter().map(count).sum();
    report.compared = vec![
        Compared {
            what: "machines that have the virtual address, after each step of a script".into(),
            cases: sum(|outcome| outcome.steps),
            same: sum(|outcome| outcome.same_holders),
        },
        Compared {
            what: "the virtual address taken or released, within one advert interval of ours".into(),
            cases: sum(|outcome| outcome.changes),
            same: sum(|outcome| outcome.same_changes),
        },
    ];
    report.differences = DIFFERENCES.iter().map(ToString::to_string).collect();
    let furthest = outcomes.iter().map(|outcome| outcome.furthest).max().unwrap_or_default();
    eprintln!("keepalived: {} scripts, furthest from ours {furthest}", scripts.len());
    report.mismatches = outcomes.into_iter().filter_map(|outcome| outcome.mismatch).collect();
    Ok(report)
}

/// What comparing one script found.
#[derive(Clone, Debug, Default)]
struct Outcome {
    steps: usize,
    same_holders: usize,
    changes: usize,
    same_changes: usize,
    /// The most that the two were apart in time on a change that both made.
    furthest: SimDuration,
    /// The case in full, if the two differ.
    mismatch: Option<String>,
}

/// Plays all scripts, some at a time, and compares each.
fn play_all(keepalived: &Program, scripts: &[Script]) -> Result<Vec<Outcome>, String> {
    let scratch = Scratch::new("keepalived")?;
    let next = AtomicUsize::new(0);
    let outcomes = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..AT_ONCE.min(scripts.len()) {
            scope.spawn(|| {
                while let Some((number, script)) = {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    scripts.get(number).map(|script| (number, script))
                } {
                    let outcome = play(keepalived, script, number, &scratch);
                    lock(&outcomes).push(outcome);
                }
            });
        }
    });
    std::mem::take(&mut *lock(&outcomes)).into_iter().collect()
}

/// Plays one script on both and compares.
fn play(keepalived: &Program, script: &Script, number: usize, scratch: &Scratch) -> Result<Outcome, String> {
    let mut attempt = 1;
    loop {
        let name = format!("{number}.{attempt}");
        let really = play::really(keepalived, script, &name, &scratch.path().join(&name))
            .map_err(|error| format!("{}: {error}", script.title))?;
        let ours = play::ours(script, &really);
        let mut outcome = compare(script, &really, &ours);
        if outcome.same_holders == outcome.steps && outcome.same_changes == outcome.changes {
            return Ok(outcome);
        }
        let mismatch = mismatch(script, &really, &ours);
        if attempt == ATTEMPTS {
            outcome.mismatch = Some(mismatch);
            return Ok(outcome);
        }
        eprintln!("keepalived: played again, for it differs this time: {mismatch}");
        attempt += 1;
    }
}

fn compare(script: &Script, really: &Played, ours: &Played) -> Outcome {
    let mut outcome = Outcome { steps: script.steps.len(), ..Outcome::default() };
    for (real, our) in really.steps.iter().zip(&ours.steps) {
        outcome.same_holders += usize::from(real.holders == our.holders);
    }
    for (real, our) in really.changes.iter().zip(&ours.changes) {
        outcome.changes += real.len().max(our.len());
        for (real, our) in real.iter().zip(our) {
            let apart = real.at.since(our.at).max(our.at.since(real.at));
            let same = real.taken == our.taken && apart <= script.tolerance();
            outcome.same_changes += usize::from(same);
            outcome.furthest = outcome.furthest.max(apart);
        }
    }
    outcome
}

/// One machine's changes on one line.
fn changes(changes: &[Change]) -> String {
    let what = |taken| if taken { "taken" } else { "released" };
    let texts: Vec<String> =
        changes.iter().map(|change| format!("{} {}", change.at, what(change.taken))).collect();
    texts.join(", ")
}

/// The case in full.
fn mismatch(script: &Script, really: &Played, ours: &Played) -> String {
    let mut lines = vec![format!("\"{}\"", script.title)];
    lines.extend(script.configs.iter().map(|config| format!("  {config:?}")));
    for ((step, real), our) in script.steps.iter().zip(&really.steps).zip(&ours.steps) {
        lines.push(format!("  {} {step:?}: held by {:?}, ours by {:?}", real.at, real.holders, our.holders));
    }
    for (machine, (real, our)) in really.changes.iter().zip(&ours.changes).enumerate() {
        lines.push(format!("  {}, keepalived: {}", lan::name(machine), changes(real)));
        lines.push(format!("  {}, ours:       {}", lan::name(machine), changes(our)));
    }
    lines.push("keepalived's log:".into());
    lines.extend(really.log.iter().cloned());
    lines.push("our log:".into());
    lines.extend(ours.log.iter().cloned());
    lines.join("\n")
}
