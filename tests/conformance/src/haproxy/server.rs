//! The servers that are checked: one thread plays the scripts of them all.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddrV4, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::case::{Behaviour, Case};

/// How often the servers look whether there is something to do.
const TICK: Duration = Duration::from_millis(1);

struct Connection {
    stream: TcpStream,
    behaviour: Behaviour,
    request: Vec<u8>,
}

struct Server {
    case: Case,
    address: SocketAddrV4,
    listener: Option<TcpListener>,
    connections: Vec<Connection>,
}

/// All servers, stopped when this goes out of scope.
pub(super) struct Servers {
    pub(super) addresses: Vec<SocketAddrV4>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<Result<(), String>>>,
}

impl Servers {
    /// Starts them on ports of their own; `begin` is when their scripts begin.
    pub(super) fn start(cases: &[Case], ip: Ipv4Addr, begin: Instant) -> Result<Self, String> {
        let mut servers = Vec::new();
        for case in cases {
            let listener = listen(SocketAddrV4::new(ip, 0))?;
            let port = listener.local_addr().map_err(|error| error.to_string())?.port();
            let address = SocketAddrV4::new(ip, port);
            servers.push(Server {
                case: case.clone(),
                address,
                listener: Some(listener),
                connections: Vec::new(),
            });
        }
        let addresses = servers.iter().map(|server| server.address).collect();
        // All ports are taken before the first is given back: no two servers share one.
        for server in &mut servers {
            server.follow_script(begin)?;
        }
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let thread = thread::spawn(move || {
            while !stopped.load(Ordering::Relaxed) {
                for server in &mut servers {
                    server.follow_script(begin)?;
                    server.serve();
                }
                thread::sleep(TICK);
            }
            Ok(())
        });
        Ok(Self { addresses, stop, thread: Some(thread) })
    }

    /// Stops them and says whether all went well.
    pub(super) fn stop(mut self) -> Result<(), String> {
        self.stop.store(true, Ordering::Relaxed);
        let thread = self.thread.take().expect("stopped once");
        thread.join().map_err(|_| "the servers' thread panicked".to_owned())?
    }
}

impl Drop for Servers {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}

fn listen(address: SocketAddrV4) -> Result<TcpListener, String> {
    let listener = TcpListener::bind(address).and_then(|listener| {
        listener.set_nonblocking(true)?;
        Ok(listener)
    });
    listener.map_err(|error| format!("{address} cannot be listened on: {error}"))
}

impl Server {
    fn behaviour(&self, begin: Instant) -> Behaviour {
        self.case.behaviour(begin.elapsed())
    }

    fn follow_script(&mut self, begin: Instant) -> Result<(), String> {
        match (self.behaviour(begin), &self.listener) {
            (Behaviour::Stopped, Some(_)) => {
                self.listener = None;
                self.connections.clear();
            }
            (Behaviour::Stopped, None) | (_, Some(_)) => {}
            (_, None) => self.listener = Some(listen(self.address)?),
        }
        if let Some(listener) = &self.listener {
            // A check that only connects is often gone before it is accepted: that is no error of ours.
            while let Ok((stream, _)) = listener.accept() {
                if stream.set_nonblocking(true).is_ok() {
                    let behaviour = self.behaviour(begin);
                    self.connections.push(Connection { stream, behaviour, request: Vec::new() });
                }
            }
        }
        Ok(())
    }

    fn serve(&mut self) {
        self.connections.retain_mut(Connection::serve);
    }
}

impl Connection {
    /// Goes on as far as possible; whether there is more to do.
    fn serve(&mut self) -> bool {
        if self.behaviour == Behaviour::Closing {
            return false;
        }
        let mut buffer = [0; 1024];
        match self.stream.read(&mut buffer) {
            Ok(0) => return false,
            Ok(length) => self.request.extend_from_slice(&buffer[..length]),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(_) => return false,
        }
        if self.behaviour == Behaviour::Hung || !self.request.ends_with(b"\r\n\r\n") {
            return true;
        }
        let status = if self.behaviour == Behaviour::Up { "200 OK" } else { "503 Service Unavailable" };
        let answer = format!("HTTP/1.0 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        // A client that has gone meanwhile is judged by its own clock.
        drop(self.stream.write_all(answer.as_bytes()));
        false
    }
}
