//! From what was computed to findings: the sentences, the proof, the fix.

mod capacity;
mod data;
mod losses;
mod monitoring;
mod security;
mod together;
mod words;

use alloc::vec::Vec;

use understudy_core::{SimDuration, SimTime};
use understudy_sim::Plan;
use understudy_sim::scenario::Scenario;

pub(crate) use words::{about, all_of, fixed, percent};

use crate::findings::{Finding, Proof};
use crate::system::System;

/// When a proof's commands are given: addresses are held and replicas stream by then.
const PROOF_AT: SimDuration = SimDuration::from_secs(10);

/// Collects findings.
pub(crate) struct Finder<'a> {
    system: &'a System<'a>,
    plan: &'a Plan,
    scenario: &'a Scenario,
    /// Each finding with how many requests it costs, to rank it among those of its level.
    found: Vec<(Finding, f64)>,
}

impl<'a> Finder<'a> {
    pub(crate) fn new(system: &'a System<'a>, scenario: &'a Scenario) -> Self {
        Self { system, plan: system.plan, scenario, found: Vec::new() }
    }

    /// The worst first.
    pub(crate) fn ranked(mut self) -> Vec<Finding> {
        self.found.sort_by(|(one, cost), (other, more)| {
            other.level.cmp(&one.level).then(more.total_cmp(cost)).then(one.id.cmp(&other.id))
        });
        self.found.into_iter().map(|(finding, _)| finding).collect()
    }

    fn without_loss(at: SimDuration) -> Proof {
        Proof { at: SimTime::ZERO + at, ..Proof::default() }
    }

    fn note(&mut self, finding: Finding) {
        self.found.push((finding, 0.0));
    }
}
