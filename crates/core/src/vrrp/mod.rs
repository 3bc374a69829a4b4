//! VRRP: how a pair of balancers shares one virtual address, and who holds it when one of them dies.
//!
//! The *master* holds the virtual address and says so, every advert interval. The *backups* listen. A backup that
//! hears nothing for three intervals and a bit takes the master for dead and takes the address over. The bit is
//! the *skew*: shorter for a higher priority, so that the best backup is first and the others hear it in time.
//! This silence is the takeover gap, in which the address belongs to nobody; and where the network is cut in two,
//! each side has a master, until the cut heals and the lower one hears the higher.
//!
//! ```text
//!                       Startup, priority 255
//!             +------------------------------------------+
//!             |                                          v
//!      +------------+  Startup   +--------+  silence  +--------+
//!      | Initialize | ---------> | Backup | --------> | Master |
//!      +------------+            +--------+ <-------- +--------+
//!             ^                      |  higher advert     |
//!             +----------------------+--------------------+
//!                     Shutdown (a master says so: priority 0)
//! ```
//!
//! # Standard
//!
//! RFC 9568 (VRRPv3), for IPv4: parameters and timers of section 6.1 and 6.2, the states of section 6.4. The RFC
//! calls the master "Active Router"; keepalived and most people still say master, and so do we. Section numbers
//! stand at each rule. From keepalived come two settings that the RFC lacks and that are off by default: the
//! [preempt delay](VrrpConfig::preempt_delay) and the [second gratuitous ARP](VrrpConfig::garp_delay). `docs/model/vrrp.md`
//! lists what keepalived does otherwise.
//!
//! # How it is driven
//!
//! As [every component](crate): [`VrrpRouter::handle_start`], [`handle_stop`](VrrpRouter::handle_stop),
//! [`handle_advert`](VrrpRouter::handle_advert), [`handle_timeout`](VrrpRouter::handle_timeout), and after each of
//! them [`poll_output`](VrrpRouter::poll_output) until it answers `None`. A machine that is killed is a router that
//! is no longer driven: nothing is said, and its address is still where it was; when it comes back it is a new
//! [`VrrpRouter`].
//!
//! ```
//! use core::net::Ipv4Addr;
//! use understudy_core::SimTime;
//! use understudy_core::vrrp::{VrrpConfig, VrrpOutput, VrrpRouter, VrrpState};
//!
//! let (own, shared) = (Ipv4Addr::new(10, 0, 0, 1), Ipv4Addr::new(10, 0, 0, 100));
//! let mut router = VrrpRouter::new(VrrpConfig::new(1, own, shared));
//! router.handle_start(SimTime::ZERO);
//! // Nobody else is there: when the wait is over, it takes the address.
//! let due = router.poll_timeout().expect("a backup waits");
//! router.handle_timeout(due);
//! assert_eq!(router.state(), VrrpState::Master);
//! let outputs: Vec<VrrpOutput> = core::iter::from_fn(|| router.poll_output()).collect();
//! assert!(outputs.contains(&VrrpOutput::AddressTaken(shared)));
//! let VrrpOutput::Transition(takeover) = outputs[1] else { panic!("after the change to Backup") };
//! assert_eq!(takeover.reason.to_string(), "no advert from any router for 3.609 s (3 x 1 s + skew 0.609 s)");
//! ```

mod advert;
mod config;
mod reason;
mod router;
mod timers;

pub use advert::Advert;
pub use config::{AdvertInterval, Priority, VrrpConfig, VrrpConfigError};
pub use reason::{DownInterval, Transition, TransitionReason, Verdict};
pub use router::{HeardMaster, VrrpOutput, VrrpRouter, VrrpState};
pub use timers::VrrpTimer;
