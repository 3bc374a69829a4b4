//! PostgreSQL's streaming replication against `replication`.
//!
//! Each case starts a real primary with two standbys, on Unix sockets in a directory of its own, and our cluster
//! beside it, and drives both by one script: [`lab`] has the actions and the questions, [`cases`] the scripts.

mod cases;
mod lab;
mod proxy;
mod server;

use self::cases::CASES;
use self::lab::{Kit, Tally};
use self::server::{Programs, Server, Stop};
use crate::daemon::Scratch;
use crate::options::Options;
use crate::report::{Compared, Report};

/// Cases that run at the same time: they mostly wait.
const AT_ONCE: usize = 5;

/// Where the two differ by design, and why.
const DIFFERENCES: [&str; 5] = [
    "a clean shutdown writes a checkpoint record (xlog.c, CreateCheckPoint), so that a primary that is cut off and \
     shut down needs pg_rewind even if no commit diverged; our log holds commits only, and such a node just follows",
    "WAL is recycled in whole segments and after the last checkpoint (\"wal_keep_size\"), ours between records at \
     the checkpoint itself; compared is which standbys can still catch up, not how many bytes are kept",
    "two standbys that were both promoted from one point have the same timeline number and PostgreSQL takes them for \
     one history; ours also names the promoted node and refuses the stream",
    "a standby that loses its primary's connection while its slot is still held is refused until wal_sender_timeout \
     (\"replication slot is active\"); ours takes the new connection in place of the old",
    "remote_write and on cannot be told apart here, for a standby's flush cannot be held up from outside; ours are \
     told apart in the unit tests",
];

/// Runs all cases and reports.
pub fn run(options: Options) -> Result<Report, String> {
    let (component, reference) = ("replication", "PostgreSQL");
    let programs = match Programs::find() {
        Ok(programs) => programs,
        Err(missing) => return Ok(Report::skipped(component, reference, missing)),
    };
    let mut report = Report::new(component, reference, programs.version()?);
    report.differences = DIFFERENCES.map(str::to_owned).into();
    let scratch = Scratch::new("postgresql")?;
    let kit = make_kit(programs, &scratch)?;
    let tallies = run_cases(&kit, options.seed)?;
    for (case, tally) in CASES.iter().zip(tallies) {
        let same = tally.cases - tally.mismatches.len();
        report.compared.push(Compared { what: case.what.to_owned(), cases: tally.cases, same });
        report.mismatches.extend(tally.mismatches);
    }
    Ok(report)
}

/// Makes the data that every server starts from: one empty table.
fn make_kit(programs: Programs, scratch: &Scratch) -> Result<Kit, String> {
    let directory = scratch.path().to_owned();
    programs.own(&directory)?;
    let fresh = directory.join("fresh");
    programs.make_data(&fresh)?;
    let mut server = Server::new(&programs, &directory.join("template"), &fresh)?;
    server.start()?;
    server.ask("create table writes (id bigint primary key)")?;
    // Every server copies this data: without the databases that nobody asks for it is a third.
    server.ask("update pg_database set datistemplate = false")?;
    server.ask("drop database template0")?;
    server.ask("drop database template1")?;
    server.stop(Stop::Fast)?;
    let template = server.data();
    Ok(Kit { programs, template, directory })
}

/// Runs the cases, a few at once, and answers what each found, in their order.
fn run_cases(kit: &Kit, seed: u64) -> Result<Vec<Tally>, String> {
    let mut tallies = Vec::new();
    for cases in CASES.chunks(AT_ONCE) {
        let found: Vec<Result<Tally, String>> = std::thread::scope(|scope| {
            let started: Vec<_> =
                cases.iter().map(|case| scope.spawn(move || (case.run)(kit, case.name, seed))).collect();
            let panicked = |_| Err("a case panicked".to_owned());
            started.into_iter().map(|case| case.join().unwrap_or_else(panicked)).collect()
        });
        for (case, found) in cases.iter().zip(found) {
            tallies.push(found.map_err(|problem| format!("{}: {problem}", case.name))?);
        }
    }
    Ok(tallies)
}
