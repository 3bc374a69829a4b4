//! A monitor: scrapes the counters of what it is linked to, and raises alerts by what it sees in them.
//!
//! It knows nothing else. What its links do not reach, and what nobody counts, does not exist for it. It drives an
//! [`Alert`] of the core for each rule and target.

use alloc::vec::Vec;

use understudy_core::alerting::{Alert, AlertConfig, AlertOutput, Counters, Series};
use understudy_core::{SimDuration, SimTime};

use super::ground::Ground;
use crate::event::{Body, Wake};
use crate::ids::{LinkId, NodeId};
use crate::log::{AlertStep, Fact, Symptom};
use crate::plan::{AlertCondition, MonitorPlan};
use crate::post::LogSample;
use crate::view::{AlertView, NodeDetail, TargetHealth, TargetView};

/// Requests in the window before, below which a collapse of their rate says nothing.
const FEWEST_FOR_COLLAPSE: u64 = 10;

const NINETY_NINE_PERCENT: u32 = 990_000;

#[derive(Clone, Debug)]
pub(super) struct Monitor {
    id: NodeId,
    settings: MonitorPlan,
    on: bool,
    /// How often it was switched or started: what it had set itself before is void.
    round: u32,
    targets: Vec<Target>,
    scrapes: u32,
}

#[derive(Clone, Debug)]
struct Target {
    link: LinkId,
    node: NodeId,
    health: TargetHealth,
    scraped_at: Option<SimTime>,
    /// The scrape that it waits for.
    waiting: Option<u32>,
    series: Series,
    log: Option<LogSample>,
    /// For each rule, and what was seen when it was last so.
    alerts: Vec<(Alert, Option<Symptom>)>,
}

fn target_index(index: usize) -> u16 {
    u16::try_from(index).expect("the number of links was checked")
}

impl Monitor {
    pub(super) fn new(ground: &Ground, id: NodeId, settings: &MonitorPlan) -> Self {
        let targets = settings.targets.iter().map(|&link| Target::new(ground, settings, link)).collect();
        Self { id, on: settings.on, round: 0, targets, scrapes: 0, settings: settings.clone() }
    }

    /// Starts to watch, knowing nothing. First scrapes are spread over one interval.
    pub(super) fn start(&mut self, ground: &mut Ground) {
        self.round += 1;
        for target in &mut self.targets {
            *target = Target::new(ground, &self.settings, target.link);
        }
        if self.on {
            let count = self.targets.len() as u64;
            for index in 0..self.targets.len() {
                let nanos = self.settings.interval.as_nanos() / count * index as u64;
                self.set_scrape(ground, SimDuration::from_nanos(nanos), index);
            }
        }
    }

    /// Switches its watch; false if it was so already.
    pub(super) fn set_on(&mut self, ground: &mut Ground, on: bool) -> bool {
        if core::mem::replace(&mut self.on, on) == on {
            return false;
        }
        if ground.is_up(self.id) {
            self.start(ground);
        }
        true
    }

    fn set_scrape(&self, ground: &mut Ground, after: SimDuration, index: usize) {
        let wake = Wake::Scrape { target: target_index(index), round: self.round };
        ground.wake(after, self.id, wake);
    }

    pub(super) fn scrape_due(&mut self, ground: &mut Ground, index: u16, round: u32) {
        if round != self.round {
            return;
        }
        self.set_scrape(ground, self.settings.interval, usize::from(index));
        self.scrapes += 1;
        let (target, scrape) = (&mut self.targets[usize::from(index)], self.scrapes);
        target.waiting = Some(scrape);
        ground.send_from(self.id, target.link, Body::Scrape { target: index, scrape });
        ground.wake(self.settings.timeout, self.id, Wake::ScrapeOver { target: index, scrape });
    }

    pub(super) fn take_counters(
        &mut self,
        ground: &mut Ground,
        index: u16,
        scrape: u32,
        counters: Counters,
        log: Option<LogSample>,
    ) {
        let target = &mut self.targets[usize::from(index)];
        if target.waiting == Some(scrape) {
            target.series.push(ground.now, counters);
            target.log = log;
            self.scraped(ground, index, TargetHealth::Up);
        }
    }

    /// A scrape failed: its host refused the connection, or nobody answered in time.
    pub(super) fn scrape_failed(
        &mut self,
        ground: &mut Ground,
        index: u16,
        scrape: u32,
        health: TargetHealth,
    ) {
        let target = &mut self.targets[usize::from(index)];
        if target.waiting == Some(scrape) {
            target.log = None;
            self.scraped(ground, index, health);
        }
    }

    /// A scrape is over: the rules are evaluated for its target.
    fn scraped(&mut self, ground: &mut Ground, index: u16, health: TargetHealth) {
        let primary_end = self
            .targets
            .iter()
            .filter_map(|target| target.log)
            .filter(|log| log.takes_writes)
            .map(|log| log.end)
            .max();
        let target = &mut self.targets[usize::from(index)];
        target.waiting = None;
        target.health = health;
        target.scraped_at = Some(ground.now);
        for (rule, settings) in self.settings.rules.iter().enumerate() {
            let seen = target.symptom(ground.now, settings.condition, primary_end);
            let (alert, last_seen) = &mut target.alerts[rule];
            *last_seen = seen.or(*last_seen);
            alert.handle_evaluation(ground.now, seen.is_some());
            while let Some(output) = alert.poll_output() {
                let step = match output {
                    AlertOutput::Pending => AlertStep::Pending,
                    AlertOutput::Fired { held } => {
                        let after_fault = ground.last_fault.map(|fault| ground.now.since(fault));
                        AlertStep::Firing { held, after_fault }
                    }
                    AlertOutput::Resolved { fired_for } => AlertStep::Resolved { fired_for },
                    AlertOutput::Cleared => continue,
                };
                let symptom = last_seen.expect("an alert that leaves its rest has seen something");
                ground.note(Fact::Alert { monitor: self.id, target: target.node, symptom, step });
            }
        }
    }

    pub(super) fn view(&self, now: SimTime) -> (u32, NodeDetail) {
        let alerts = self.targets.iter().flat_map(|target| {
            target.alerts.iter().enumerate().filter_map(move |(rule, (alert, seen))| {
                let state = alert.state();
                let held = now.since(state.since()?);
                Some(AlertView { rule, target: target.node, state, symptom: (*seen)?, held })
            })
        });
        let targets = self.targets.iter().map(|target| TargetView {
            target: target.node,
            link: target.link,
            health: target.health,
            scraped_at: target.scraped_at,
        });
        let detail =
            NodeDetail::Monitor { on: self.on, targets: targets.collect(), alerts: alerts.collect() };
        (0, detail)
    }
}

impl Target {
    fn new(ground: &Ground, settings: &MonitorPlan, link: LinkId) -> Self {
        let alert = |hold| (Alert::new(AlertConfig { hold, ..AlertConfig::default() }), None);
        Self {
            link,
            node: ground.plan.link(link).to,
            health: TargetHealth::Unknown,
            scraped_at: None,
            waiting: None,
            series: Series::new(longest_window(settings) * 2 + settings.interval),
            log: None,
            alerts: settings.rules.iter().map(|rule| alert(rule.hold)).collect(),
        }
    }

    /// What the last scrapes show, if it is what the condition is about.
    fn symptom(
        &self,
        now: SimTime,
        condition: AlertCondition,
        primary_end: Option<understudy_core::Lsn>,
    ) -> Option<Symptom> {
        match condition {
            AlertCondition::TargetDown => (self.health != TargetHealth::Up).then_some(Symptom::Down),
            AlertCondition::ErrorRateHigh { above_ppm, window } => {
                let ppm = self.series.increase(now, window)?.failed_ppm()?;
                (ppm > above_ppm).then_some(Symptom::Errors { ppm })
            }
            AlertCondition::LatencyHigh { above, window } => {
                let p99 = self.series.increase(now, window)?.quantile(NINETY_NINE_PERCENT)?;
                (p99 > above).then_some(Symptom::Slow { p99 })
            }
            AlertCondition::ReplicationLagHigh { above_bytes } => {
                let log = self.log.filter(|log| !log.takes_writes)?;
                let bytes = primary_end?.bytes_since(log.replayed);
                (bytes > above_bytes).then_some(Symptom::Behind { bytes })
            }
            AlertCondition::QpsCollapse { below_ppm, window } => {
                let before_then = SimTime::from_nanos(now.as_nanos().checked_sub(window.as_nanos())?);
                let requests = self.series.increase(now, window)?.requests();
                let before = self.series.increase(before_then, window)?.requests();
                if before < FEWEST_FOR_COLLAPSE {
                    return None;
                }
                let ppm = u128::from(requests) * 1_000_000 / u128::from(before);
                let ppm = u32::try_from(ppm).unwrap_or(u32::MAX);
                (ppm < below_ppm).then_some(Symptom::Quiet { ppm })
            }
        }
    }
}

fn longest_window(settings: &MonitorPlan) -> SimDuration {
    let window = |rule: &crate::plan::AlertRule| match rule.condition {
        AlertCondition::TargetDown | AlertCondition::ReplicationLagHigh { .. } => SimDuration::ZERO,
        AlertCondition::ErrorRateHigh { window, .. }
        | AlertCondition::LatencyHigh { window, .. }
        | AlertCondition::QpsCollapse { window, .. } => window,
    };
    settings.rules.iter().map(window).max().unwrap_or(SimDuration::ZERO)
}
