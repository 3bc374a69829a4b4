//! Load that is not carried, as findings.

use alloc::format;
use alloc::vec::Vec;

use understudy_core::SimDuration;

use super::{Finder, PROOF_AT, fixed};
use crate::capacity::Capacity;
use crate::findings::{Finding, Level, Proof};
use crate::fixes;

impl Finder<'_> {
    pub(crate) fn capacity(&mut self, capacity: &Capacity) {
        let offered = capacity.offered_per_s;
        if let (Some(carries), Some(first)) = (capacity.carries_per_s, &capacity.saturates_first)
            && carries < offered
        {
            self.note(Finding {
                id: "capacity/now".into(),
                level: Level::Critical,
                service: None,
                services: Vec::new(),
                components: [first.clone()].into(),
                group: None,
                what: format!(
                    "Clients send {} requests per second and {first} is saturated at {}, with everything up.",
                    fixed(offered, 0),
                    fixed(carries, 0)
                ),
                proof: Self::without_loss(SimDuration::from_secs(30)),
                fix: fixes::more_of(self.plan, self.scenario, first),
                cases: Vec::new(),
            });
        } else if let Some(worst) = &capacity.worst_loss
            && worst.carries_per_s < offered
        {
            self.note(Finding {
                id: format!("capacity/without-{}", worst.lost),
                level: Level::Warning,
                service: None,
                services: Vec::new(),
                components: [worst.lost.clone(), worst.saturates_first.clone()].into(),
                group: None,
                what: format!(
                    "Without {}, the system carries {} requests per second, less than the {} that clients send: {} is \
                     saturated.",
                    worst.lost,
                    fixed(worst.carries_per_s, 0),
                    fixed(offered, 0),
                    worst.saturates_first
                ),
                proof: Proof {
                    commands: [format!("{PROOF_AT:#} kill {}", worst.lost)].into(),
                    ..Self::without_loss(SimDuration::from_secs(60))
                },
                fix: fixes::more_of(self.plan, self.scenario, &worst.saturates_first),
                cases: Vec::new(),
            });
        }
    }
}
