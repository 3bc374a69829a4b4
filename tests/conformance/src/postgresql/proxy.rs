//! The wire between a standby and its primary, which can be cut.
//!
//! Listens on a Unix socket of the name that PostgreSQL's clients expect, and copies to and from the primary's.
//! Cut, it breaks the connections that it has and closes new ones at once.

use std::io;
use std::net::Shutdown;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

use crate::daemon::lock;

#[derive(Debug, Default)]
struct State {
    cut: bool,
    closing: bool,
    streams: Vec<UnixStream>,
}

/// A wire. Cut for good when this is dropped.
#[derive(Debug)]
pub(super) struct Proxy {
    directory: PathBuf,
    socket: PathBuf,
    state: Arc<Mutex<State>>,
    listener: Option<JoinHandle<()>>,
}

impl Proxy {
    /// Listens in `directory`, which it makes, and connects to the socket `upstream`.
    pub(super) fn start(directory: &Path, upstream: &Path) -> io::Result<Self> {
        std::fs::create_dir_all(directory)?;
        std::fs::set_permissions(directory, std::fs::Permissions::from_mode(0o755))?;
        let socket = directory.join(super::server::SOCKET);
        let listener = UnixListener::bind(&socket)?;
        std::fs::set_permissions(&socket, std::fs::Permissions::from_mode(0o777))?;
        let state = Arc::new(Mutex::new(State::default()));
        let (shared, upstream) = (Arc::clone(&state), upstream.to_owned());
        let listener = thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                if lock(&shared).closing {
                    return;
                }
                // A primary that does not run refuses; the client sees its connection closed.
                let _ = connect(client, &upstream, &shared);
            }
        });
        Ok(Self { directory: directory.to_owned(), socket, state, listener: Some(listener) })
    }

    /// The directory to name as a client's host.
    pub(super) fn host(&self) -> &Path {
        &self.directory
    }

    /// Breaks what goes through, and lets nothing through.
    pub(super) fn cut(&self) {
        let mut state = lock(&self.state);
        state.cut = true;
        for stream in state.streams.drain(..) {
            // It may be closed already.
            let _ = stream.shutdown(Shutdown::Both);
        }
    }

    /// Lets new connections through.
    pub(super) fn heal(&self) {
        lock(&self.state).cut = false;
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.cut();
        lock(&self.state).closing = true;
        // Wakes the listener, so that it sees that it should end.
        let _ = UnixStream::connect(&self.socket);
        if let Some(listener) = self.listener.take() {
            let _ = listener.join();
        }
    }
}

fn connect(client: UnixStream, upstream: &Path, shared: &Mutex<State>) -> io::Result<()> {
    let mut state = lock(shared);
    if state.cut {
        return Ok(());
    }
    let server = UnixStream::connect(upstream)?;
    for (mut from, mut to) in
        [(client.try_clone()?, server.try_clone()?), (server.try_clone()?, client.try_clone()?)]
    {
        thread::spawn(move || {
            // Ends when either side closes; then the other side is told.
            let _ = io::copy(&mut from, &mut to);
            let _ = to.shutdown(Shutdown::Both);
        });
    }
    state.streams.extend([client, server]);
    Ok(())
}
