//! What routers say to each other.

use core::net::Ipv4Addr;

use super::config::AdvertInterval;

/// An ADVERTISEMENT (RFC 9568, section 5): "I am master". The only message that VRRP has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Advert {
    /// The virtual router that this is about (section 5.2.3).
    pub vrid: u8,
    /// The sender's priority, or [`RESIGN`](Self::RESIGN) from a master that stops (section 5.2.4).
    pub priority: u8,
    /// The sender's interval between adverts, which its backups wait by (section 5.2.7).
    pub interval: AdvertInterval,
    /// The sender's primary address: the source address of the packet (section 5.1.1.1).
    pub source: Ipv4Addr,
}

impl Advert {
    /// The priority by which a master says that it stops, so that the backups need not wait for its silence.
    pub const RESIGN: u8 = 0;

    /// Whether the sender stops being master.
    pub const fn resigns(&self) -> bool {
        self.priority == Self::RESIGN
    }
}
