//! What clients send: steadily, in ramps and bursts, or as users who wait; and what they do when it fails.

use understudy_core::SimDuration;
use understudy_sim::distribution::Distribution;
use understudy_sim::scenario::{
    AfterRamp, Backoff, Burst, Clients, Dependability, Jitter, Node, Ramp, Retries,
};

use super::{Dice, Draft};

impl Draft {
    /// One or two populations, linked to everything at the entry.
    pub(super) fn clients(&mut self, entry: &[String]) {
        for number in 1..=self.dice.between(1, 2) {
            let name = format!("clients-{number}");
            let clients = Clients {
                writes: f64::from(self.dice.count(0, 50)) / 100.0,
                static_files: f64::from(self.dice.count(0, 30)) / 100.0,
                keys: self.dice.count(1, 50),
                timeout: self.dice.millis(3_000, 6_000),
                retries: self.dice.chance(30).then(|| self.dice.retries()),
                ..self.dice.traffic(&name)
            };
            self.nodes.push(Node::Clients(clients));
            self.link_all(&name, entry);
        }
    }
}

impl Dice {
    /// At most ten requests a second, at the height of a burst and at the end of a ramp too.
    fn traffic(&mut self, name: &str) -> Clients {
        let mut clients = Clients {
            dependability: Dependability::default(),
            name: name.into(),
            rate_per_s: Some(f64::from(self.count(2, 10))),
            ramp: None,
            burst: None,
            users: None,
            think_time: None,
            retries: None,
            writes: 0.0,
            static_files: 0.0,
            keys: 1,
            timeout: SimDuration::from_secs(10),
        };
        match self.between(0, 5) {
            0 => {
                let then = self.pick(&[AfterRamp::Stay, AfterRamp::Repeat]);
                let to_per_s = f64::from(self.count(1, 10));
                clients.ramp = Some(Ramp { to_per_s, over: self.millis(2_000, 20_000), then });
            }
            1 => {
                clients.rate_per_s = Some(f64::from(self.count(1, 3)));
                let every = self.millis(2_000, 6_000);
                let times = f64::from(self.count(2, 6)) / 2.0;
                clients.burst = Some(Burst { every, times, lasts: self.millis(200, 1_500) });
            }
            2 => {
                clients.rate_per_s = None;
                clients.users = Some(self.count(1, 8));
                let mean = self.millis(1_000, 3_000);
                clients.think_time =
                    Some(self.pick(&[Distribution::Constant(mean), Distribution::Exponential(mean)]));
            }
            _ => {}
        }
        clients
    }

    fn retries(&mut self) -> Retries {
        let base = self.millis(10, 500);
        Retries {
            attempts: self.count(1, 4),
            budget: f64::from(self.count(0, 50)) / 100.0,
            backoff: Backoff {
                base,
                max: base * self.between(1, 8),
                jitter: self.pick(&[Jitter::Full, Jitter::Equal, Jitter::None]),
            },
        }
    }
}
