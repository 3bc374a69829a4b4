//! `understudy picks`: which server answers each of a number of requests, one after the other.
//!
//! Requests do not overlap and no time passes between them, so a server that failed too often stays out. A dead
//! server refuses at once, and the request goes on to the next one as in nginx.

use std::io::{self, Write};
use std::net::{IpAddr, Ipv4Addr};

use understudy_core::SimTime;
use understudy_core::balancer::{Algorithm, Balancer, Request, ServerConfig, ServerIndex, Tried, Weight};

/// The pool, and what to ask of it.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Weight of each server, in pool order: '5,1,1'.
    #[arg(long, required = true, value_delimiter = ',', value_name = "WEIGHTS")]
    #[arg(value_parser = clap::value_parser!(u32).range(1..))]
    weights: Vec<u32>,
    /// Servers that are set down, counted from 0.
    #[arg(long, value_delimiter = ',', value_name = "SERVERS")]
    down: Vec<u16>,
    /// Servers that are used only when no other is left.
    #[arg(long, value_delimiter = ',', value_name = "SERVERS")]
    backup: Vec<u16>,
    /// Servers that refuse every request.
    #[arg(long, value_delimiter = ',', value_name = "SERVERS")]
    dead: Vec<u16>,
    /// Refused requests after which a server is left alone; 0 for never.
    #[arg(long, default_value_t = 1, value_name = "COUNT")]
    max_fails: u32,
    /// How to pick: round-robin, least-connections, random-two, ip-hash, maglev or peak-ewma.
    #[arg(long, default_value_t = Algorithm::RoundRobin)]
    algorithm: Algorithm,
    /// Seed of the random draws; the same seed gives the same picks.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many requests to send. Each comes from a network of its own.
    #[arg(short = 'n', long, default_value_t = 12, value_name = "COUNT")]
    requests: u32,
}

impl Options {
    /// Says what is wrong with options that make no sense together, for people.
    pub(crate) fn check(&self) -> Result<(), String> {
        let count = self.weights.len();
        if u16::try_from(count).is_err() {
            return Err(format!("--weights gives {count} servers; a pool holds at most 65535"));
        }
        for (flag, servers) in [("--down", &self.down), ("--backup", &self.backup), ("--dead", &self.dead)] {
            if let Some(server) = servers.iter().find(|&&server| usize::from(server) >= count) {
                let last = count - 1;
                return Err(format!("{flag} names server {server}; by --weights there are 0 to {last}"));
            }
        }
        if (0..count).all(|server| names(&self.backup, server)) {
            return Err("--backup names every server; one at least must serve before the backups do".into());
        }
        Ok(())
    }

    /// The server that answers each request, `None` where none does.
    fn picks(&self) -> impl Iterator<Item = Option<ServerIndex>> {
        let mut balancer = Balancer::new(self.algorithm, self.servers());
        (0..self.requests).map(move |number| {
            // 10.0.0.1, 10.0.1.1, and so on: each from a network of its own.
            let client = IpAddr::V4(Ipv4Addr::from_bits(0x0A00_0001_u32.wrapping_add(number << 8)));
            let request = Request::new(client, self.seed.wrapping_add(u64::from(number)));
            let alive = |server: ServerIndex| !self.dead.contains(&server.0);
            balancer.send(SimTime::ZERO, &request, &mut Tried::default(), alive)
        })
    }

    fn servers(&self) -> impl Iterator<Item = ServerConfig> {
        self.weights.iter().enumerate().map(|(server, &weight)| ServerConfig {
            weight: Weight(weight),
            max_fails: self.max_fails,
            down: names(&self.down, server),
            backup: names(&self.backup, server),
            ..ServerConfig::default()
        })
    }
}

fn names(servers: &[u16], server: usize) -> bool {
    servers.iter().any(|&named| usize::from(named) == server)
}

/// Prints the picks on one line, comma-separated, -1 for a request that no server answers.
pub(crate) fn run(options: &Options) -> Result<(), String> {
    let picks = options.picks().map(|server| server.map_or("-1".to_owned(), |server| server.to_string()));
    let line = picks.collect::<Vec<_>>().join(",");
    match writeln!(io::stdout().lock(), "{line}") {
        // Whoever reads has seen enough, as `head` has.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written.map_err(|error| format!("the picks cannot be written: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        options: Options,
    }

    fn parse(line: &str) -> Result<Options, String> {
        let words = std::iter::once("picks").chain(line.split_whitespace());
        Line::try_parse_from(words).map(|line| line.options).map_err(|error| error.to_string())
    }

    fn picks(line: &str) -> Vec<i32> {
        let options = parse(line).expect("a good line");
        options.check().expect("it makes sense");
        options.picks().map(|server| server.map_or(-1, |server| i32::from(server.0))).collect()
    }

    #[test]
    fn prints_the_picks_that_nginx_makes() {
        assert_eq!(picks("--weights 5,1,1 -n 7"), [0, 0, 1, 0, 2, 0, 0]);
        assert_eq!(picks("--weights 1,1,1 --down 1 -n 4"), [0, 2, 0, 2]);
        assert_eq!(picks("--weights 1,1,1 --backup 2 --dead 0,1 -n 3"), [2, 2, 2]);
        assert_eq!(picks("--weights 1,1 --dead 0,1 --max-fails 2 -n 3"), [-1, -1, -1]);
        assert_eq!(picks("--weights 1 --dead 0 -n 2"), [-1, -1]);
    }

    #[test]
    fn every_algorithm_answers_every_request() {
        for algorithm in Algorithm::ALL {
            let line = format!("--weights 3,1,2,1 --dead 1 --algorithm {algorithm} -n 40");
            let picks = picks(&line);
            assert!(picks.len() == 40 && picks.iter().all(|server| [0, 2, 3].contains(server)), "{picks:?}");
        }
    }

    #[test]
    fn says_what_is_wrong_with_the_line() {
        for (line, problem) in [
            ("-n 4", "--weights"),
            ("--weights 1,0", "0 is not in 1.."),
            ("--weights 1,x", "invalid digit"),
            ("--weights 1,1 --algorithm fastest", "there is no algorithm \"fastest\""),
            ("--weights 1,1 --max-fails few", "invalid value 'few'"),
            ("--weights 1,1 --dead 2", "--dead names server 2; by --weights there are 0 to 1"),
            ("--weights 1,1 --backup 0,1", "--backup names every server"),
        ] {
            let message = parse(line).and_then(|options| options.check()).expect_err(line);
            assert!(message.contains(problem), "{line}: {message}");
        }
    }
}
