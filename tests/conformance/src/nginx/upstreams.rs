//! The servers behind nginx: listeners on loopback that can be stopped, started and told to hold their answers.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

/// The most servers that a pool here has.
pub(super) const LARGEST_POOL: usize = 9;

const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

/// The address of server `index` of the pools of `block`. Each block has servers of its own. Never 127.0.0.1,
/// which nginx connects from: a connection to a dead port could otherwise, once in a while, meet itself.
pub(super) fn address(block: u8, index: usize, port: u16) -> SocketAddr {
    let host = u8::try_from(index + 1).expect("a pool here has at most 9 servers");
    SocketAddr::from((Ipv4Addr::new(127, 7, block, host), port))
}

/// A request that a server has got and not answered.
pub(super) struct Held {
    /// The server that has it.
    pub(super) server: usize,
    stream: TcpStream,
}

impl Held {
    /// Answers it.
    pub(super) fn answer(mut self) -> io::Result<()> {
        self.stream.write_all(ANSWER)
    }
}

/// One block of servers, dead until they are started.
pub(super) struct Upstreams {
    block: u8,
    port: u16,
    servers: [Option<Listening>; LARGEST_POOL],
    holding: Arc<AtomicBool>,
    held: (Sender<Held>, Receiver<Held>),
}

impl Upstreams {
    /// Servers that will listen on `port` at the addresses of `block`.
    pub(super) fn new(block: u8, port: u16) -> Self {
        let holding = Arc::new(AtomicBool::new(false));
        Self { block, port, servers: Default::default(), holding, held: channel() }
    }

    /// Starts or stops servers, so that exactly those of `alive` listen.
    pub(super) fn set_alive(&mut self, alive: &[bool]) -> io::Result<()> {
        for index in 0..LARGEST_POOL {
            let wanted = alive.get(index).copied().unwrap_or(false);
            let server = &mut self.servers[index];
            if wanted && server.is_none() {
                let at = address(self.block, index, self.port);
                *server = Some(Listening::start(at, index, &self.holding, &self.held.0)?);
            } else if !wanted {
                *server = None;
            }
        }
        Ok(())
    }

    /// From now on requests are held for [`Self::next_held`], or answered at once.
    pub(super) fn set_holding(&self, holding: bool) {
        self.holding.store(holding, Ordering::SeqCst);
    }

    /// The next request that a server has got, waiting for it for a while.
    pub(super) fn next_held(&self, patience: Duration) -> Option<Held> {
        self.held.1.recv_timeout(patience).ok()
    }
}

/// A server that listens until it is dropped.
struct Listening {
    at: SocketAddr,
    stopping: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Listening {
    fn start(
        at: SocketAddr,
        server: usize,
        holding: &Arc<AtomicBool>,
        held: &Sender<Held>,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind(at)?;
        let stopping = Arc::new(AtomicBool::new(false));
        let (stop, holding, held) = (stopping.clone(), holding.clone(), held.clone());
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming() {
                if stop.load(Ordering::SeqCst) {
                    break;
                }
                // A client that breaks off is nginx's affair; what nginx then says is compared.
                let Ok(mut stream) = stream else { continue };
                if read_head(&mut stream).is_err() {
                    continue;
                }
                if holding.load(Ordering::SeqCst) {
                    let _ = held.send(Held { server, stream });
                } else {
                    let _ = stream.write_all(ANSWER);
                }
            }
        });
        Ok(Self { at, stopping, thread: Some(thread) })
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.stopping.store(true, Ordering::SeqCst);
        // Wakes the thread; if that fails it has gone already.
        let _ = TcpStream::connect(self.at);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Reads up to the empty line that ends a request without a body.
fn read_head(stream: &mut TcpStream) -> io::Result<()> {
    let mut head = Vec::new();
    let mut buffer = [0; 1024];
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read(&mut buffer)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            count => head.extend_from_slice(&buffer[..count]),
        }
    }
    Ok(())
}
