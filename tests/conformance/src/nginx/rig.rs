//! A real nginx on loopback with one location for each pool, and a client that asks it.

use std::fmt::Write as _;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::Command;
use std::time::Duration;
use std::{fs, thread};

use understudy_core::balancer::{Algorithm, ServerConfig};

use super::upstreams::{LARGEST_POOL, address};
use crate::daemon::{self, Process, Program, Scratch};

/// A pool as nginx is to be configured with it.
pub(super) struct Pool<'a> {
    pub(super) algorithm: Algorithm,
    pub(super) servers: &'a [ServerConfig],
    /// Whose servers it has: see [`address`].
    pub(super) block: u8,
}

/// nginx, running.
pub(super) struct Nginx {
    pub(super) at: SocketAddr,
    /// The port that all servers behind it listen on, each on an address of its own.
    pub(super) server_port: u16,
    _process: Process,
    _scratch: Scratch,
}

impl Nginx {
    /// Starts nginx with `pools`; pool 0 is asked by the path `/p0`. The servers are in blocks 0 to `blocks - 1`.
    pub(super) fn start(program: &Program, pools: &[Pool<'_>], blocks: u8) -> Result<Self, String> {
        let scratch = Scratch::new("nginx")?;
        let at = SocketAddr::from((Ipv4Addr::LOCALHOST, free_port(&[Ipv4Addr::LOCALHOST.into()])?));
        let hosts: Vec<IpAddr> = (0..blocks)
            .flat_map(|block| (0..LARGEST_POOL).map(move |index| address(block, index, 0).ip()))
            .collect();
        let server_port = free_port(&hosts)?;
        let config = scratch.path().join("nginx.conf");
        let text = configuration(&scratch, at, pools, server_port);
        daemon::write(&config, &text)?;
        let log = scratch.path().join("error.log");
        let mut command = Command::new(&program.path);
        command.arg("-p").arg(scratch.path()).arg("-c").arg(&config).arg("-e").arg(&log);
        let mut process = Process::start(&mut command)?;
        if daemon::wait_for(Duration::from_secs(10), || TcpStream::connect(at).ok()).is_none() {
            let said = fs::read_to_string(&log).unwrap_or_default();
            return Err(format!("nginx does not listen at {at} ({:?}): {said}", process.ended()));
        }
        Ok(Self { at, server_port, _process: process, _scratch: scratch })
    }

    /// A connection to ask on.
    pub(super) fn client(&self) -> Result<Client, String> {
        let connect = || -> io::Result<Client> {
            let stream = TcpStream::connect(self.at)?;
            stream.set_nodelay(true)?;
            stream.set_read_timeout(Some(Duration::from_secs(5)))?;
            Ok(Client { stream: BufReader::new(stream), server_port: self.server_port })
        };
        connect().map_err(|error| format!("no connection to nginx at {}: {error}", self.at))
    }
}

/// A port that is free on all of `hosts`.
fn free_port(hosts: &[IpAddr]) -> Result<u16, String> {
    for _ in 0..100 {
        let bound = TcpListener::bind((hosts[0], 0)).and_then(|listener| listener.local_addr());
        let port = bound.map_err(|error| format!("no free port on {}: {error}", hosts[0]))?.port();
        if hosts.iter().all(|&host| TcpListener::bind((host, port)).is_ok()) {
            return Ok(port);
        }
        thread::sleep(Duration::from_millis(10));
    }
    Err("no port is free on all of the test's loopback addresses".into())
}

/// The parameters of one `server` line.
pub(super) fn server_line(config: &ServerConfig, at: SocketAddr) -> String {
    let seconds = config.fail_timeout.as_nanos() / 1_000_000_000;
    let mut line = format!("server {at} weight={} max_fails={}", config.weight.0, config.max_fails);
    write!(line, " fail_timeout={seconds}s").expect("a string can be written to");
    if let Some(most) = config.max_connections {
        write!(line, " max_conns={most}").expect("a string can be written to");
    }
    line += if config.down { " down" } else { "" };
    line += if config.backup { " backup" } else { "" };
    line + ";"
}

/// The `upstream` block of one pool.
pub(super) fn upstream_block(name: &str, pool: &Pool<'_>, server_port: u16) -> String {
    let method = match pool.algorithm {
        Algorithm::RoundRobin => "",
        Algorithm::LeastConnections => "  least_conn;\n",
        Algorithm::IpHash => "  ip_hash;\n",
        other => panic!("nginx has no {other} that could be compared"),
    };
    let servers = pool.servers.iter().enumerate().fold(String::new(), |lines, (index, config)| {
        lines + "  " + &server_line(config, address(pool.block, index, server_port)) + "\n"
    });
    format!("upstream {name} {{\n{method}{servers}}}\n")
}

/// One process, so that there is one state for each pool and it ends with us. The client's address is what the
/// request says, for `ip_hash`.
fn configuration(scratch: &Scratch, at: SocketAddr, pools: &[Pool<'_>], server_port: u16) -> String {
    let directory = scratch.path().display();
    let mut upstreams = String::new();
    let mut locations = String::new();
    for (number, pool) in pools.iter().enumerate() {
        upstreams += &upstream_block(&format!("p{number}"), pool, server_port);
        writeln!(locations, "location = /p{number} {{ proxy_pass http://p{number}; }}")
            .expect("a string can be written to");
    }
    format!(
        "daemon off;\nmaster_process off;\nworker_processes 1;\n\
         pid {directory}/nginx.pid;\nerror_log {directory}/error.log emerg;\n\
         events {{ worker_connections 1024; }}\n\
         http {{\n\
         access_log off;\nkeepalive_requests 100000000;\nkeepalive_timeout 600s;\n\
         client_body_temp_path {directory}/body;\nproxy_temp_path {directory}/proxy;\n\
         fastcgi_temp_path {directory}/fastcgi;\nuwsgi_temp_path {directory}/uwsgi;\n\
         scgi_temp_path {directory}/scgi;\n\
         set_real_ip_from 127.0.0.0/8;\nreal_ip_header X-Real-IP;\n\
         add_header X-Attempts $upstream_addr always;\nadd_header X-Clock $msec always;\n\
         {upstreams}\
         server {{\nlisten {at};\n{locations}}}\n}}\n"
    )
}

/// What nginx did with one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Answer {
    /// The servers it was sent to, in order.
    pub(super) attempts: Vec<usize>,
    /// Whether the last of them answered.
    pub(super) answered: bool,
    /// The second of nginx's clock when it was answered.
    pub(super) second: u64,
}

/// A connection to nginx that requests are sent on one after the other.
pub(super) struct Client {
    stream: BufReader<TcpStream>,
    server_port: u16,
}

impl Client {
    /// Sends a request to `pool` in the name of `from` and waits for the answer.
    pub(super) fn ask(&mut self, pool: usize, from: IpAddr) -> Result<Answer, String> {
        self.send(pool, from)?;
        self.receive()
    }

    /// Sends a request.
    pub(super) fn send(&mut self, pool: usize, from: IpAddr) -> Result<(), String> {
        let request = format!("GET /p{pool} HTTP/1.1\r\nHost: test\r\nX-Real-IP: {from}\r\n\r\n");
        let sent = self.stream.get_mut().write_all(request.as_bytes());
        sent.map_err(|error| format!("nginx takes no request: {error}"))
    }

    /// Whether the answer to the request that was sent has begun to come.
    pub(super) fn has_answer(&mut self) -> Result<bool, String> {
        let mut look = || {
            self.stream.get_ref().set_nonblocking(true)?;
            let came = match self.stream.fill_buf() {
                Ok(_) => Ok(true),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(false),
                Err(error) => Err(error),
            };
            self.stream.get_ref().set_nonblocking(false)?;
            came
        };
        look().map_err(|error| format!("nginx gives no answer: {error}"))
    }

    /// Waits for the answer to the request that was sent.
    pub(super) fn receive(&mut self) -> Result<Answer, String> {
        self.read_answer().map_err(|error| format!("nginx gives no answer: {error}"))
    }

    fn read_answer(&mut self) -> io::Result<Answer> {
        let mut line = String::new();
        self.stream.read_line(&mut line)?;
        let status = line.split(' ').nth(1).unwrap_or_default().to_owned();
        let (mut attempts, mut second, mut length) = (Vec::new(), 0, 0);
        loop {
            line.clear();
            self.stream.read_line(&mut line)?;
            let Some((header, value)) = line.trim().split_once(": ") else { break };
            match header {
                "X-Attempts" => attempts = self.parse_attempts(value),
                "X-Clock" => second = value.split('.').next().and_then(|s| s.parse().ok()).unwrap_or(0),
                "Content-Length" => length = value.parse().unwrap_or(0),
                _ => {}
            }
        }
        io::copy(&mut self.stream.by_ref().take(length), &mut io::sink())?;
        match status.as_str() {
            "200" | "502" => Ok(Answer { attempts, answered: status == "200", second }),
            _ => Err(io::Error::other(format!("unexpected status \"{status}\""))),
        }
    }

    /// Reads `$upstream_addr`. nginx ends it with the pool's name when it ran out of servers to try.
    fn parse_attempts(&self, value: &str) -> Vec<usize> {
        let server = |text: &str| {
            let (host, port) = text.split_once(':')?;
            let last: usize = host.rsplit('.').next()?.parse().ok()?;
            (port.parse() == Ok(self.server_port)).then(|| last - 1)
        };
        value.split(", ").filter_map(server).collect()
    }
}
