//! The golden trace: one pool through everything that can happen to it, under every algorithm, each pick with its
//! reason.

use std::fmt::Write as _;
use std::net::{IpAddr, Ipv4Addr};

use understudy_core::balancer::{
    Algorithm, Outcome, Request, RetryLimits, ServerConfig, ServerIndex, Tried, Weight,
};
use understudy_core::pool::{Mode, Pool, Standbys};
use understudy_core::{SimDuration, SimTime};

use crate::golden;

const NAMES: [&str; 5] = ["web-1", "web-2", "web-3", "web-4", "spare"];

/// A pool of five, with what has been written of it.
struct Story {
    pool: Pool,
    now: SimTime,
    /// Requests so far: each has a client, a key and a random number of its own.
    requests: u32,
    /// How long each server takes, in ms; `None` refuses.
    takes: [Option<u64>; 5],
    /// Attempts that have not ended.
    under_way: Vec<(SimTime, ServerIndex)>,
    text: String,
}

impl Story {
    fn new(algorithm: Algorithm) -> Self {
        let plain = ServerConfig { fail_timeout: SimDuration::from_secs(2), ..ServerConfig::default() };
        let servers = [
            ServerConfig { weight: Weight(3), max_fails: 2, ..plain },
            plain,
            ServerConfig { max_connections: Some(2), ..plain },
            ServerConfig { weight: Weight(2), max_fails: 0, ..plain },
            ServerConfig { backup: true, ..plain },
        ];
        let limits = RetryLimits { tries: Some(3), timeout: Some(SimDuration::from_secs(5)) };
        let mode = Mode::ActivePassive(Standbys::PerRequest);
        let mut story = Self {
            pool: Pool::new(mode, algorithm, servers).with_retry_limits(limits),
            now: SimTime::ZERO,
            requests: 0,
            takes: [Some(40), Some(60), Some(90), Some(30), Some(50)],
            under_way: Vec::new(),
            text: String::new(),
        };
        story.note(&format!("==== {algorithm}"));
        story
    }

    fn note(&mut self, line: &str) {
        self.text += line;
        self.text += "\n";
    }

    /// Something happens.
    fn happens(&mut self, what: &str, change: impl FnOnce(&mut Self)) {
        let line = format!("-- {}: {what}", self.now);
        self.note(&line);
        change(self);
    }

    /// Requests come, one every 25 ms.
    fn requests(&mut self, count: u32) {
        for _ in 0..count {
            self.now += SimDuration::from_millis(25);
            self.end_what_is_due();
            self.requests += 1;
            self.request();
        }
    }

    fn end_what_is_due(&mut self) {
        let now = self.now;
        self.under_way.sort();
        let due = self.under_way.partition_point(|&(end, _)| end <= now);
        for (end, server) in self.under_way.drain(..due) {
            let took = self.takes[server.get()].unwrap_or(0);
            let outcome = Outcome::Answered { took: SimDuration::from_millis(took) };
            self.pool.handle_result(end, server, outcome);
        }
    }

    /// Sends a request from server to server until one takes it, and writes down each decision.
    fn request(&mut self) {
        let client = IpAddr::V4(Ipv4Addr::from_bits(0x0A00_0001 + (self.requests % 7) * 0x0001_0700));
        let mut tried = Tried::default();
        loop {
            let request = Request::new(client, u64::from(self.requests));
            let decision = self.pool.explain(self.now, &request, &tried);
            let picked = self.pool.pick(self.now, &request, &mut tried);
            assert_eq!(
                picked,
                decision.picked.ok().map(|(server, _)| server),
                "the reason is that of the pick"
            );
            let words = decision.with_names(&NAMES).to_string().replace('\n', "; ");
            let line = format!("{:>8}  request {:>2} {words}", self.now.to_string(), self.requests);
            self.note(&line);
            let Some(server) = picked else { return };
            if let Some(millis) = self.takes[server.get()] {
                self.under_way.push((self.now + SimDuration::from_millis(millis), server));
                return;
            }
            self.pool.handle_result(self.now, server, Outcome::Failed);
        }
    }
}

/// The same story for each algorithm.
fn story(algorithm: Algorithm) -> String {
    let mut story = Story::new(algorithm);
    story.requests(8);
    story.happens("web-2 slows down to 300 ms", |story| story.takes[1] = Some(300));
    story.requests(8);
    story.happens("web-1 dies", |story| story.takes[0] = None);
    story.requests(6);
    story.happens("checks turn web-4 down", |story| story.pool.mark_down(ServerIndex(3), story.now));
    story.requests(5);
    story.happens("web-2 and web-3 die", |story| (story.takes[1], story.takes[2]) = (None, None));
    story.requests(4);
    story.happens("web-1 comes back, 3 s pass", |story| {
        story.takes[0] = Some(40);
        story.now += SimDuration::from_secs(3);
    });
    story.requests(4);
    story.happens("checks turn web-4 up, the pool goes active-active", |story| {
        story.pool.mark_up(ServerIndex(3));
        story.pool.switch(Mode::ActiveActive);
    });
    story.requests(5);
    story.happens("standbys stand by", |story| story.pool.switch(Mode::ActivePassive(Standbys::FirstAlone)));
    story.requests(3);
    story.text
}

#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test::wasm_bindgen_test)]
#[cfg_attr(not(target_arch = "wasm32"), test)]
fn the_story_is_told_as_before() {
    let mut text = String::new();
    for algorithm in Algorithm::ALL {
        writeln!(text, "{}", story(algorithm)).expect("a string takes all");
    }
    golden::check("balancer", &text, include_str!("../golden/balancer.txt"));
}
