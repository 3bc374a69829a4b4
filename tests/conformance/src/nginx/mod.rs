//! The balancer against a real nginx: every attempt of every request, on generated pools.
//!
//! nginx runs on loopback with one `upstream` for each pool. The servers behind it are ours: they answer, or their
//! port is closed. nginx says in a header which servers it tried (`$upstream_addr`) and what its clock was. The
//! same requests then go to a [`Balancer`] with the same pool, told which servers are alive, and it must have
//! tried the same servers in the same order.

mod overlap;
mod pools;
mod rig;
mod upstreams;

use std::fmt::Write as _;
use std::thread::sleep;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use understudy_core::SimTime;
use understudy_core::balancer::{Algorithm, Balancer, Request, ServerIndex, Tried};

use self::pools::{Case, Kind};
use self::rig::{Answer, Nginx, Pool, upstream_block};
use self::upstreams::{Upstreams, address};
use crate::daemon::Program;
use crate::options::Options;
use crate::random::Random;
use crate::report::{Compared, Report};

/// Pools that are compared request by request, by kind.
const SEQUENTIAL: [(&str, Algorithm, Kind, usize); 9] = [
    ("equal weights", Algorithm::RoundRobin, Kind::Equal, 20),
    ("weighted", Algorithm::RoundRobin, Kind::Weighted, 50),
    ("some servers down", Algorithm::RoundRobin, Kind::Down, 40),
    ("dead servers, max_fails 0 to 4", Algorithm::RoundRobin, Kind::Dead, 60),
    ("backups, dead servers", Algorithm::RoundRobin, Kind::Backup, 60),
    ("all of these, servers that come and go", Algorithm::RoundRobin, Kind::ComeAndGo, 70),
    ("all of these, servers that come and go", Algorithm::LeastConnections, Kind::ComeAndGo, 40),
    ("all of these but backups, servers that come and go", Algorithm::IpHash, Kind::ComeAndGo, 60),
    ("weighted, all alive", Algorithm::IpHash, Kind::Weighted, 20),
];

/// Pools whose failures are forgotten after a second or two, on the real clock.
const TIMED: [(Algorithm, usize); 3] =
    [(Algorithm::RoundRobin, 24), (Algorithm::LeastConnections, 8), (Algorithm::IpHash, 8)];

/// Pools that get requests which overlap.
const OVERLAPPING: [(&str, Algorithm, Kind, usize); 3] = [
    ("max_conns", Algorithm::RoundRobin, Kind::Limited, 30),
    ("weighted", Algorithm::LeastConnections, Kind::Weighted, 30),
    ("max_conns", Algorithm::LeastConnections, Kind::Limited, 30),
];

/// Whole seconds over which the timed cases are spread.
const TIMED_TICKS: usize = 12;

/// Holds the balancer against nginx.
pub fn run(options: Options) -> Result<Report, String> {
    let (component, reference) = ("balancer", "nginx");
    let program = match Program::find("nginx", "-v") {
        Ok(program) => program,
        Err(missing) => return Ok(Report::skipped(component, reference, missing)),
    };
    let mut report = Report::new(component, reference, program.version.clone());
    let mut random = Random::new(options.seed);
    let mut generate = |algorithm, kind, count| -> Vec<Case> {
        (0..count).map(|_| Case::generate(algorithm, kind, &mut random)).collect()
    };
    for (what, algorithm, kind, count) in SEQUENTIAL {
        let tally = sequential(&program, &generate(algorithm, kind, count))?;
        tally.report(&format!("{algorithm}: {what}"), &mut report);
    }
    for (what, algorithm, kind, count) in OVERLAPPING {
        let cases = generate(algorithm, kind, count);
        let tally = overlap::compare(&program, &cases, &mut Random::new(options.seed))?;
        tally.report(&format!("{algorithm}: {what}, requests that overlap"), &mut report);
    }
    let mut seconds = (1..=2).cycle();
    let cases: Vec<Case> = TIMED
        .into_iter()
        .flat_map(|(algorithm, count)| generate(algorithm, Kind::ComeAndGo, count))
        .map(|case| case.with_fail_timeout(seconds.next().expect("a cycle has no end")))
        .collect();
    let what = "round-robin, least-connections, ip-hash: servers that come and go, fail_timeout of 1 or 2 s passing \
                on the real clock";
    match timed_in_time(&program, &cases)? {
        Some(tally) => tally.report(what, &mut report),
        None => {
            report.skipped =
                Some(format!("{what}: this machine was too slow to tell the second of a request"));
        }
    }
    Ok(report)
}

/// How a number of cases came out.
#[derive(Clone, Debug, Default)]
struct Tally {
    cases: usize,
    /// The cases in which ours did something else, in full.
    mismatches: Vec<String>,
    /// Attempts that nginx made in all of them.
    attempts: usize,
    /// Requests that no server answered.
    unanswered: usize,
}

impl Tally {
    fn count(&mut self, mismatch: Option<String>, answers: &[Answer]) {
        self.cases += 1;
        self.mismatches.extend(mismatch);
        self.attempts += answers.iter().map(|answer| answer.attempts.len()).sum::<usize>();
        self.unanswered += answers.iter().filter(|answer| !answer.answered).count();
    }

    fn report(self, what: &str, report: &mut Report) {
        let Self { cases, mismatches, attempts, unanswered } = self;
        let requests = cases * pools::REQUESTS;
        let numbers = format!("{requests} requests, {attempts} attempts, {unanswered} requests unanswered");
        let same = cases - mismatches.len();
        report.compared.push(Compared { what: format!("{what} ({numbers})"), cases, same });
        report.mismatches.extend(mismatches);
    }
}

fn pool(case: &Case, block: u8) -> Pool<'_> {
    Pool { algorithm: case.algorithm, servers: &case.servers, block }
}

/// Runs one case after the other, all on the same servers.
fn sequential(program: &Program, cases: &[Case]) -> Result<Tally, String> {
    let pools: Vec<Pool<'_>> = cases.iter().map(|case| pool(case, 0)).collect();
    let nginx = Nginx::start(program, &pools, 1)?;
    let mut servers = Upstreams::new(0, nginx.server_port);
    let mut client = nginx.client()?;
    let mut tally = Tally::default();
    for (number, case) in cases.iter().enumerate() {
        let mut answers = Vec::new();
        for step in &case.steps {
            servers.set_alive(&step.alive).map_err(|error| format!("a server does not start: {error}"))?;
            answers.push(client.ask(number, step.client)?);
        }
        tally.count(mismatch(case, &answers), &answers);
    }
    Ok(tally)
}

/// Runs the timed cases up to three times, until it was certain of every request in which second it was sent.
fn timed_in_time(program: &Program, cases: &[Case]) -> Result<Option<Tally>, String> {
    for _ in 0..3 {
        if let Some(tally) = timed(program, cases)? {
            return Ok(Some(tally));
        }
    }
    Ok(None)
}

/// Runs all cases at once, each on servers of its own, a few requests of each in the middle of every second: then
/// it is certain what second it is on nginx's clock. `None` if a request was answered in another second after all.
fn timed(program: &Program, cases: &[Case]) -> Result<Option<Tally>, String> {
    let blocks = u8::try_from(cases.len()).expect("few cases");
    let pools: Vec<Pool<'_>> = (0..blocks).zip(cases).map(|(block, case)| pool(case, block)).collect();
    let nginx = Nginx::start(program, &pools, blocks)?;
    let mut servers: Vec<Upstreams> =
        (0..blocks).map(|block| Upstreams::new(block, nginx.server_port)).collect();
    let mut client = nginx.client()?;
    let mut answers = vec![Vec::new(); cases.len()];
    for tick in 0..TIMED_TICKS {
        let second = wait_for_the_middle_of_the_next_second();
        for (number, case) in cases.iter().enumerate() {
            let each = case.steps.len() / TIMED_TICKS;
            for step in &case.steps[tick * each..][..each] {
                let servers = &mut servers[number];
                servers
                    .set_alive(&step.alive)
                    .map_err(|error| format!("a server does not start: {error}"))?;
                let answer = client.ask(number, step.client)?;
                if answer.second != second {
                    return Ok(None);
                }
                answers[number].push(answer);
            }
        }
    }
    let mut tally = Tally::default();
    for (case, answers) in cases.iter().zip(&answers) {
        tally.count(mismatch(case, answers), answers);
    }
    Ok(Some(tally))
}

fn wait_for_the_middle_of_the_next_second() -> u64 {
    const AFTER_THE_TICK: Duration = Duration::from_millis(200);
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).expect("the clock is past 1970");
    let next = since_epoch.as_secs() + 1;
    sleep((Duration::from_secs(next) + AFTER_THE_TICK).saturating_sub(since_epoch));
    next
}

/// What our balancer does with the same requests in the same seconds.
fn ours(case: &Case, seconds: impl IntoIterator<Item = u64>) -> Vec<Answer> {
    let mut balancer = Balancer::new(case.algorithm, case.servers.iter().copied());
    let send = |(step, second): (&pools::Step, u64)| {
        let mut tried = Tried::default();
        let request = Request::new(step.client, 0);
        let alive = |server: ServerIndex| step.alive[server.get()];
        let answered = balancer.send(SimTime::from_secs(second), &request, &mut tried, alive).is_some();
        Answer { attempts: tried.iter().map(ServerIndex::get).collect(), answered, second }
    };
    case.steps.iter().zip(seconds).map(send).collect()
}

/// The case in full if ours did something else.
fn mismatch(case: &Case, nginx: &[Answer]) -> Option<String> {
    let ours = ours(case, nginx.iter().map(|answer| answer.second));
    let first = (0..case.steps.len()).find(|&request| nginx.get(request) != ours.get(request))?;
    let mut story = upstream_block("differs", &pool(case, 0), address(0, 0, 80).port());
    for request in 0..=first {
        let step = &case.steps[request];
        let dead: Vec<usize> = (0..step.alive.len()).filter(|&server| !step.alive[server]).collect();
        writeln!(
            story,
            "request {request} from {}, dead {dead:?}: nginx {:?}, ours {:?}",
            step.client,
            nginx.get(request),
            ours.get(request)
        )
        .expect("a string can be written to");
    }
    Some(story)
}
