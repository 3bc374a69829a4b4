//! Requests that overlap: servers hold their answers until the script says so, so that connections count.

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::net::{IpAddr, Ipv4Addr};
use std::time::{Duration, Instant};

use understudy_core::balancer::{Balancer, Outcome, Request, ServerIndex, Tried};
use understudy_core::{SimDuration, SimTime};

use super::Tally;
use super::pools::Case;
use super::rig::{Answer, Client, Nginx, Pool, upstream_block};
use super::upstreams::{Held, Upstreams};
use crate::daemon::Program;
use crate::random::Random;

/// Most requests under way at once.
const MOST_AT_ONCE: usize = 12;

const FROM: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// Runs one case after the other. The requests start and end in the order that `random` says.
pub(super) fn compare(program: &Program, cases: &[Case], random: &mut Random) -> Result<Tally, String> {
    let pools: Vec<Pool<'_>> = cases.iter().map(|case| super::pool(case, 0)).collect();
    let nginx = Nginx::start(program, &pools, 1)?;
    let mut servers = Upstreams::new(0, nginx.server_port);
    servers.set_holding(true);
    let mut idle: Vec<Client> = (0..=MOST_AT_ONCE).map(|_| nginx.client()).collect::<Result<_, _>>()?;
    let mut tally = Tally::default();
    for (number, case) in cases.iter().enumerate() {
        let alive = &case.steps[0].alive;
        servers.set_alive(alive).map_err(|error| format!("a server does not start: {error}"))?;
        let mut run = Run {
            number,
            balancer: Balancer::new(case.algorithm, case.servers.iter().copied()),
            servers: &servers,
            idle: &mut idle,
            under_way: VecDeque::new(),
            story: String::new(),
        };
        let (same, answers) = run.play(case.steps.len(), random)?;
        let mismatch =
            (!same).then(|| format!("{}{}", upstream_block("differs", &pools[number], 80), run.story));
        tally.count(mismatch, &answers);
    }
    Ok(tally)
}

/// One case while it runs.
struct Run<'a> {
    number: usize,
    balancer: Balancer,
    servers: &'a Upstreams,
    idle: &'a mut Vec<Client>,
    under_way: VecDeque<(Client, Held)>,
    story: String,
}

impl Run<'_> {
    /// Starts and ends requests at random, up to the first difference. Returns whether there was none, and nginx's
    /// answers.
    fn play(&mut self, requests: usize, random: &mut Random) -> Result<(bool, Vec<Answer>), String> {
        let mut same = true;
        let mut answers = Vec::new();
        for _ in 0..requests {
            while self.under_way.len() == MOST_AT_ONCE || (!self.under_way.is_empty() && random.chance(2, 5))
            {
                answers.push(self.end_one(random)?);
            }
            let expected = self.balancer.pick(SimTime::ZERO, &Request::new(FROM, 0), &mut Tried::default());
            let (got, answer) = self.start_one()?;
            answers.extend(answer);
            let expected = expected.map(ServerIndex::get);
            writeln!(self.story, "start: nginx {got:?}, ours {expected:?}")
                .expect("a string can be written to");
            if got != expected {
                same = false;
                break;
            }
        }
        while !self.under_way.is_empty() {
            answers.push(self.end_one(random)?);
        }
        Ok((same, answers))
    }

    /// Sends nginx a request. Returns the server that has got it, or, if none has, nginx's answer.
    fn start_one(&mut self) -> Result<(Option<usize>, Option<Answer>), String> {
        let mut client = self.idle.pop().expect("one more than are ever under way");
        client.send(self.number, FROM)?;
        let start = Instant::now();
        while start.elapsed() < Duration::from_secs(5) {
            if let Some(held) = self.servers.next_held(Duration::from_millis(5)) {
                let server = held.server;
                self.under_way.push_back((client, held));
                return Ok((Some(server), None));
            }
            if client.has_answer()? {
                let answer = client.receive()?;
                self.idle.push(client);
                return Ok((None, Some(answer)));
            }
        }
        Err("a request has come neither to a server nor back".into())
    }

    /// Lets one of the requests under way be answered.
    fn end_one(&mut self, random: &mut Random) -> Result<Answer, String> {
        let chosen = usize::try_from(random.below(self.under_way.len() as u64)).expect("a small number");
        let (mut client, held) = self.under_way.remove(chosen).expect("chosen among them");
        let server = held.server;
        held.answer().map_err(|error| format!("a held request cannot be answered: {error}"))?;
        let answer = client.receive()?;
        self.idle.push(client);
        writeln!(self.story, "end on {server}").expect("a string can be written to");
        let server = ServerIndex(u16::try_from(server).expect("a small number"));
        if self.balancer.connections(server) > 0 {
            let took = SimDuration::ZERO;
            self.balancer.handle_result(SimTime::ZERO, server, Outcome::Answered { took });
        }
        Ok(answer)
    }
}
