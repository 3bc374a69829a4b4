//! The router itself: states, inputs and outputs.

use alloc::collections::VecDeque;
use core::fmt;
use core::net::Ipv4Addr;

use super::advert::Advert;
use super::config::{AdvertInterval, Priority, VrrpConfig};
use super::reason::{DownInterval, Transition, TransitionReason, Verdict};
use super::timers::{Timers, VrrpTimer};
use crate::time::SimTime;

/// Where a router stands (section 6.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum VrrpState {
    /// Not running.
    Initialize,
    /// Listens for the master's adverts, ready to take over.
    Backup,
    /// Holds the virtual addresses and advertises.
    Master,
}

impl fmt::Display for VrrpState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Initialize => "Initialize",
            Self::Backup => "Backup",
            Self::Master => "Master",
        })
    }
}

/// What the driver must do or know, in this order at each change. Drain with [`VrrpRouter::poll_output`] after
/// every input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VrrpOutput {
    /// An advert was heard and judged. Adverts of other virtual routers and one's own are not judged.
    Judged {
        /// Who sent it.
        from: Ipv4Addr,
        /// What became of it.
        verdict: Verdict,
    },
    /// The state changed.
    Transition(Transition),
    /// Send this to all other routers now.
    SendAdvert(Advert),
    /// This machine holds the virtual address from now on.
    AddressTaken(Ipv4Addr),
    /// This machine no longer holds the virtual address.
    AddressReleased(Ipv4Addr),
    /// Tell the network where the virtual address is now (section 8.1.2).
    GratuitousArp(Ipv4Addr),
}

/// The master as a backup knows it, from the last advert that it heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeardMaster {
    /// Its primary address.
    pub address: Ipv4Addr,
    /// Its priority; that of before, if it has resigned since.
    pub priority: Option<Priority>,
    /// Its interval between adverts.
    pub interval: AdvertInterval,
    /// When it was heard.
    pub at: SimTime,
    /// What became of that advert.
    pub verdict: Verdict,
}

/// Where the preempt delay of a backup stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum PreemptDelay {
    /// No lower master was heard.
    Idle,
    /// Lower masters are put up with.
    Running,
    /// Lower masters are no longer minded.
    Over,
}

/// One router of one virtual router. See the [module](super) for the rules and the [crate](crate) for how it is
/// driven.
#[derive(Clone, Debug)]
pub struct VrrpRouter {
    config: VrrpConfig,
    state: VrrpState,
    timers: Timers,
    /// Master_Adver_Interval: the master's interval as its adverts say, one's own until one was heard.
    master_interval: AdvertInterval,
    /// What the master-down timer waits for.
    down: DownInterval,
    /// Since when it waits for that.
    down_since: SimTime,
    heard: Option<HeardMaster>,
    preempt_delay: PreemptDelay,
    outputs: VecDeque<VrrpOutput>,
}

impl VrrpRouter {
    /// A router in Initialize: it does nothing until [`handle_start`](Self::handle_start).
    pub fn new(config: VrrpConfig) -> Self {
        let master_interval = config.interval;
        let down = config.down_interval(master_interval);
        Self {
            config,
            state: VrrpState::Initialize,
            timers: Timers::default(),
            master_interval,
            down,
            down_since: SimTime::ZERO,
            heard: None,
            preempt_delay: PreemptDelay::Idle,
            outputs: VecDeque::new(),
        }
    }

    /// The settings in force.
    pub const fn config(&self) -> &VrrpConfig {
        &self.config
    }

    /// Where the router stands.
    pub const fn state(&self) -> VrrpState {
        self.state
    }

    /// The master as a backup last heard it; `None` for a master itself and while none was heard.
    pub const fn heard_master(&self) -> Option<&HeardMaster> {
        self.heard.as_ref()
    }

    /// What a backup waits for before it takes over; `None` in other states.
    pub fn down_interval(&self) -> Option<DownInterval> {
        (self.state == VrrpState::Backup).then_some(self.down)
    }

    /// The timers that run and when they fire.
    pub fn timers(&self) -> impl Iterator<Item = (VrrpTimer, SimTime)> {
        self.timers.running()
    }

    /// When [`handle_timeout`](Self::handle_timeout) is wanted next.
    pub fn poll_timeout(&self) -> Option<SimTime> {
        self.timers.next().map(|(_, at)| at)
    }

    /// The next thing for the driver to do, or `None` when all is done.
    pub fn poll_output(&mut self) -> Option<VrrpOutput> {
        self.outputs.pop_front()
    }

    /// The machine came up, or its interface did (section 6.4.1, Startup). Does nothing if the router runs.
    pub fn handle_start(&mut self, now: SimTime) {
        if self.state != VrrpState::Initialize {
            return;
        }
        if self.config.priority.is_owner() {
            self.become_master(now, TransitionReason::StartedAsOwner);
        } else {
            self.master_interval = self.config.interval;
            let waits = self.config.down_interval(self.master_interval);
            self.enter(VrrpState::Backup, TransitionReason::Started { waits });
            self.wait(now, waits);
        }
    }

    /// A clean stop (sections 6.4.2 and 6.4.3, Shutdown): a master says so, so that the backups need not wait for
    /// its silence. Does nothing if the router does not run.
    pub fn handle_stop(&mut self, _now: SimTime) {
        let was = self.state;
        if was == VrrpState::Initialize {
            return;
        }
        self.enter(VrrpState::Initialize, TransitionReason::Stopped);
        if was == VrrpState::Master {
            self.send_advert(Advert::RESIGN);
            self.release_addresses();
        }
    }

    /// An advert came in. Those of other virtual routers are not for this one (section 7.1), and its own that the
    /// network hands back are nothing new.
    pub fn handle_advert(&mut self, now: SimTime, advert: Advert) {
        if advert.vrid != self.config.vrid || advert.source == self.config.primary {
            return;
        }
        match self.state {
            VrrpState::Initialize => {}
            VrrpState::Backup => self.hear_as_backup(now, advert),
            VrrpState::Master => self.hear_as_master(now, advert),
        }
    }

    /// Time has come: does what is due, the earliest first.
    pub fn handle_timeout(&mut self, now: SimTime) {
        while let Some((timer, at)) = self.timers.next() {
            if now < at {
                return;
            }
            self.timers.cancel(timer);
            match timer {
                VrrpTimer::Advert => {
                    self.send_advert(self.config.priority.get());
                    self.timers.arm(VrrpTimer::Advert, now + self.config.interval.duration());
                }
                VrrpTimer::MasterDown => {
                    let reason = self.takeover_reason(now);
                    self.become_master(now, reason);
                }
                VrrpTimer::PreemptDelay => self.preempt_delay = PreemptDelay::Over,
                VrrpTimer::GarpDelay => self.announce_addresses(),
            }
        }
    }

    /// Changes the priority while running, as a health check of the machine itself does. A backup's wait becomes
    /// what it would have been with this priority from the start; a master says so with its next advert.
    pub fn set_priority(&mut self, now: SimTime, priority: Priority) {
        let config = VrrpConfig { priority, ..self.config.clone() };
        self.set_config(now, config);
    }

    /// Changes settings while running. What identifies the router, its virtual router and its primary address,
    /// stays; to change it, stop this router and start another.
    pub fn set_config(&mut self, now: SimTime, config: VrrpConfig) {
        assert_eq!(config.vrid, self.config.vrid, "a router stays with its virtual router");
        assert_eq!(config.primary, self.config.primary, "a router keeps its primary address");
        let old = core::mem::replace(&mut self.config, config);
        match self.state {
            VrrpState::Initialize => {}
            VrrpState::Backup => self.adjust_wait(now, &old),
            VrrpState::Master => self.adjust_mastership(now, &old),
        }
    }

    /// Section 6.4.2, an ADVERTISEMENT is received.
    fn hear_as_backup(&mut self, now: SimTime, advert: Advert) {
        let ours = self.config.priority;
        let verdict = if advert.resigns() {
            Verdict::Resigned
        } else if !self.config.preempts() || advert.priority >= ours.get() {
            Verdict::Accepted
        } else if self.waits_to_preempt(now) {
            Verdict::Tolerated
        } else {
            Verdict::Discarded
        };
        self.note_heard(now, advert, verdict);
        match verdict {
            Verdict::Resigned => {
                let down = DownInterval { adverts: 0, ..self.config.down_interval(self.master_interval) };
                self.wait(now, down);
            }
            Verdict::Accepted => {
                self.stop_preempt_delay();
                self.follow(now, advert.interval);
            }
            Verdict::Tolerated => self.follow(now, advert.interval),
            Verdict::Discarded | Verdict::Asserted | Verdict::GaveWay => {}
        }
    }

    /// Section 6.4.3, an ADVERTISEMENT is received. Also by the address owner, as erratum 8298 has it.
    fn hear_as_master(&mut self, now: SimTime, advert: Advert) {
        let (ours, primary) = (self.config.priority, self.config.primary);
        let higher = (advert.priority, advert.source) > (ours.get(), primary);
        let Some(theirs) = Priority::new(advert.priority).ok().filter(|_| higher) else {
            // One that resigns, or is lower: both learn from this who is master.
            self.outputs.push_back(VrrpOutput::Judged { from: advert.source, verdict: Verdict::Asserted });
            self.send_advert(ours.get());
            if advert.resigns() {
                self.timers.arm(VrrpTimer::Advert, now + self.config.interval.duration());
            }
            return;
        };
        let master = advert.source;
        let reason = if theirs == ours {
            TransitionReason::HigherAddress { master, ours: primary, priority: ours }
        } else {
            TransitionReason::HigherPriority { master, theirs, ours }
        };
        self.note_heard(now, advert, Verdict::GaveWay);
        self.enter(VrrpState::Backup, reason);
        self.release_addresses();
        self.follow(now, advert.interval);
    }

    /// Whether the preempt delay still holds this backup back from a lower master; starts it at the first advert.
    fn waits_to_preempt(&mut self, now: SimTime) -> bool {
        let delay = self.config.preempt_delay;
        if self.preempt_delay == PreemptDelay::Idle && !delay.is_zero() && !self.config.priority.is_owner() {
            self.preempt_delay = PreemptDelay::Running;
            self.timers.arm(VrrpTimer::PreemptDelay, now + delay);
        }
        self.preempt_delay == PreemptDelay::Running
    }

    fn stop_preempt_delay(&mut self) {
        self.preempt_delay = PreemptDelay::Idle;
        self.timers.cancel(VrrpTimer::PreemptDelay);
    }

    fn note_heard(&mut self, now: SimTime, advert: Advert, verdict: Verdict) {
        let before = self.heard.filter(|heard| heard.address == advert.source);
        let priority = Priority::new(advert.priority).ok().or_else(|| before?.priority);
        let (address, interval) = (advert.source, advert.interval);
        self.heard = Some(HeardMaster { address, priority, interval, at: now, verdict });
        self.outputs.push_back(VrrpOutput::Judged { from: address, verdict });
    }

    /// Learns the master's interval and waits for its next adverts from now on.
    fn follow(&mut self, now: SimTime, interval: AdvertInterval) {
        self.master_interval = interval;
        self.wait(now, self.config.down_interval(interval));
    }

    fn wait(&mut self, since: SimTime, down: DownInterval) {
        self.down = down;
        self.down_since = since;
        self.timers.arm(VrrpTimer::MasterDown, since + down.total());
    }

    /// Why the master-down timer ran out.
    fn takeover_reason(&self, now: SimTime) -> TransitionReason {
        let waited = self.down;
        let silence = |master, since: SimTime| TransitionReason::MasterSilent {
            master,
            silent_for: now.since(since),
            waited,
        };
        let Some(heard) = self.heard else { return silence(None, self.down_since) };
        let master = heard.address;
        match (heard.verdict, heard.priority) {
            (Verdict::Resigned, _) => TransitionReason::MasterResigned { master, waited },
            // A lower master, heard recently enough to be alive.
            (Verdict::Discarded, Some(theirs))
                if now.since(heard.at) < self.config.down_interval(heard.interval).total() =>
            {
                TransitionReason::Preempted { master, theirs, ours: self.config.priority }
            }
            _ => silence(Some(master), heard.at),
        }
    }

    /// Section 6.4.1 and 6.4.2, in their order: advertise, announce, set the timer.
    fn become_master(&mut self, now: SimTime, reason: TransitionReason) {
        self.enter(VrrpState::Master, reason);
        self.heard = None;
        self.send_advert(self.config.priority.get());
        for &address in &self.config.addresses {
            self.outputs.push_back(VrrpOutput::AddressTaken(address));
        }
        self.announce_addresses();
        self.timers.arm(VrrpTimer::Advert, now + self.config.interval.duration());
        if let Some(delay) = self.config.garp_delay {
            self.timers.arm(VrrpTimer::GarpDelay, now + delay);
        }
    }

    /// Leaves a state with all its timers.
    fn enter(&mut self, to: VrrpState, reason: TransitionReason) {
        let from = core::mem::replace(&mut self.state, to);
        self.timers.cancel_all();
        self.preempt_delay = PreemptDelay::Idle;
        if to == VrrpState::Initialize {
            self.heard = None;
        }
        self.outputs.push_back(VrrpOutput::Transition(Transition { from, to, reason }));
    }

    fn send_advert(&mut self, priority: u8) {
        let VrrpConfig { vrid, interval, primary: source, .. } = self.config;
        self.outputs.push_back(VrrpOutput::SendAdvert(Advert { vrid, priority, interval, source }));
    }

    fn announce_addresses(&mut self) {
        for &address in &self.config.addresses {
            self.outputs.push_back(VrrpOutput::GratuitousArp(address));
        }
    }

    fn release_addresses(&mut self) {
        for &address in &self.config.addresses {
            self.outputs.push_back(VrrpOutput::AddressReleased(address));
        }
    }

    /// A backup's settings changed: its wait is what it would have been with them.
    fn adjust_wait(&mut self, now: SimTime, old: &VrrpConfig) {
        if self.heard.is_none() {
            self.master_interval = self.config.interval;
        }
        let down = self.config.down_interval(self.master_interval);
        self.wait(self.down_since, DownInterval { adverts: self.down.adverts, ..down });
        if self.config.preempt_delay != old.preempt_delay || !self.config.preempts() {
            // Counted anew from the next advert of a lower master.
            self.stop_preempt_delay();
        }
        self.handle_timeout(now);
    }

    /// A master's settings changed: its addresses at once, its next advert no later than the new interval allows.
    fn adjust_mastership(&mut self, now: SimTime, old: &VrrpConfig) {
        for &address in old.addresses.iter().filter(|address| !self.config.addresses.contains(address)) {
            self.outputs.push_back(VrrpOutput::AddressReleased(address));
        }
        for &address in self.config.addresses.iter().filter(|address| !old.addresses.contains(address)) {
            self.outputs.push_back(VrrpOutput::AddressTaken(address));
            self.outputs.push_back(VrrpOutput::GratuitousArp(address));
        }
        let within = now + self.config.interval.duration();
        let next = self.timers.get(VrrpTimer::Advert).map_or(within, |next| next.min(within));
        self.timers.arm(VrrpTimer::Advert, next);
    }
}
