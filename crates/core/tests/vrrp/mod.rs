//! VRRP routers on a network: scenarios, random faults, and a golden trace.

mod golden;
mod lan;
#[cfg(not(target_arch = "wasm32"))]
mod properties;
mod scenarios;

use core::net::Ipv4Addr;

use understudy_core::SimDuration;
use understudy_core::vrrp::{AdvertInterval, Priority, VrrpConfig};

/// The virtual address that all of them are after.
const VIRTUAL: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 100);

/// The router at place `index`, 10.0.0.1 for the first, with an advert every second.
fn router(index: u8, priority: u8) -> VrrpConfig {
    let mut config = VrrpConfig::new(1, Ipv4Addr::new(10, 0, 0, index + 1), VIRTUAL);
    config.priority = Priority::new(priority).expect("not 0");
    config
}

fn interval(millis: u64) -> AdvertInterval {
    AdvertInterval::new(SimDuration::from_millis(millis)).expect("fits the wire")
}
