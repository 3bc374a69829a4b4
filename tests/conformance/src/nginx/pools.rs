//! Generated pools, and what happens to them.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use understudy_core::SimDuration;
use understudy_core::balancer::{Algorithm, ServerConfig, Weight};

use crate::random::Random;

/// How many requests each pool gets.
pub(super) const REQUESTS: usize = 60;

/// Longer than any run: a server that failed too often stays out.
const LONG: SimDuration = SimDuration::from_secs(3_600);

/// What sort of pool to make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Equal,
    Weighted,
    Down,
    Backup,
    Dead,
    /// Everything at once, and servers that die and come back between requests.
    ComeAndGo,
    /// Limits on connections, for requests that overlap.
    Limited,
}

/// A pool, and which of its servers listen before each request.
#[derive(Clone, Debug)]
pub(super) struct Case {
    pub(super) algorithm: Algorithm,
    pub(super) servers: Vec<ServerConfig>,
    pub(super) steps: Vec<Step>,
}

/// One request.
#[derive(Clone, Debug)]
pub(super) struct Step {
    /// Which servers listen when it is sent.
    pub(super) alive: Vec<bool>,
    /// In whose name it is sent.
    pub(super) client: IpAddr,
}

impl Case {
    /// A pool of this kind with what will be asked of it.
    pub(super) fn generate(algorithm: Algorithm, kind: Kind, random: &mut Random) -> Self {
        let count = if kind == Kind::ComeAndGo { 2 } else { 1 } + random.below(8);
        let mut servers: Vec<ServerConfig> = (0..count).map(|_| server(kind, random)).collect();
        let backups_allowed = algorithm != Algorithm::IpHash;
        // nginx refuses a pool of backups alone.
        if !backups_allowed || servers.iter().all(|server| server.backup) {
            for server in &mut servers {
                server.backup = false;
            }
        }
        let alive = |random: &mut Random| match kind {
            Kind::Dead | Kind::Backup | Kind::ComeAndGo => !random.chance(2, 5),
            _ => true,
        };
        let mut now_alive: Vec<bool> = servers.iter().map(|_| alive(random)).collect();
        let steps = (0..REQUESTS)
            .map(|_| {
                if kind == Kind::ComeAndGo && random.chance(1, 5) {
                    let changed = usize::try_from(random.below(count)).expect("a small number");
                    now_alive[changed] = !now_alive[changed];
                }
                Step { alive: now_alive.clone(), client: client(random) }
            })
            .collect();
        Self { algorithm, servers, steps }
    }

    /// The same case with failures forgotten after this many seconds.
    pub(super) fn with_fail_timeout(mut self, seconds: u64) -> Self {
        for server in &mut self.servers {
            server.fail_timeout = SimDuration::from_secs(seconds);
        }
        self
    }
}

fn server(kind: Kind, random: &mut Random) -> ServerConfig {
    let mixed = kind == Kind::ComeAndGo;
    let heavy = if random.chance(1, 10) { 100 } else { 10 };
    let weighted = kind != Kind::Equal && (kind == Kind::Weighted || random.chance(1, 2));
    let weight = if weighted { 1 + random.below(heavy) } else { 1 };
    ServerConfig {
        weight: Weight(u32::try_from(weight).expect("a small number")),
        max_fails: u32::try_from(random.below(5)).expect("a small number"),
        fail_timeout: LONG,
        max_connections: (kind == Kind::Limited && random.chance(1, 2))
            .then(|| 1 + u32::try_from(random.below(4)).expect("a small number")),
        down: if mixed { random.chance(1, 10) } else { kind == Kind::Down && random.chance(1, 3) },
        backup: if mixed { random.chance(1, 4) } else { kind == Kind::Backup && random.chance(1, 2) },
    }
}

/// Mostly IPv4 addresses, some from few networks, so that networks come again.
fn client(random: &mut Random) -> IpAddr {
    let number = random.next();
    match random.below(4) {
        0 => Ipv6Addr::from_bits(u128::from(number) << 64 | u128::from(random.next())).into(),
        1 => Ipv4Addr::from_bits((number >> 32) as u32 & 0xFF_00_03_FF).into(),
        _ => Ipv4Addr::from_bits((number >> 32) as u32).into(),
    }
}
