//! One pick in progress: the servers that may take part in it.

use super::server::{Server, ServerIndex};
use super::tried::Tried;
use crate::time::SimTime;

/// Candidates that may be unusable before hashes and draws give up; nginx's number.
const MOST_MISSES: u8 = 20;

/// What every algorithm picks from: the primaries or the backups that are in service, healthy as far as known,
/// below their limit and not yet tried.
pub(super) struct Turn<'a> {
    pub(super) servers: &'a mut [Server],
    pub(super) tried: &'a mut Tried,
    /// Whether the primaries have been given up and it is the backups' turn.
    pub(super) backups: bool,
    pub(super) now: SimTime,
    /// `now` on nginx's clock.
    pub(super) second: SimTime,
}

impl Turn<'_> {
    pub(super) fn may_use(&self, index: usize) -> bool {
        let server = &self.servers[index];
        server.config.backup == self.backups
            && server.is_usable(self.second)
            // Almost every request is on its first try: skip the search.
            && (self.tried.count() == 0 || !self.tried.contains(ServerIndex::of(index)))
    }

    /// Notes that a hash or a draw came upon a server that cannot be used; `false` when it should give up.
    pub(super) fn miss(&mut self) -> bool {
        self.tried.misses = self.tried.misses.saturating_add(1);
        !self.has_given_up()
    }

    /// Whether this request has met so many unusable servers that it takes its turn like any other instead.
    pub(super) const fn has_given_up(&self) -> bool {
        self.tried.misses > MOST_MISSES
    }
}
