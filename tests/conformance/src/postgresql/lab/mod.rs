//! Three real servers and our cluster, driven by one script and asked the same questions.
//!
//! Each action is done to both; each question is put to both and the answers are compared. The real servers need a
//! moment for everything, so that each question first waits, with a bound, until they have come to rest.

mod questions;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use understudy_core::SimDuration;
use understudy_core::replication::{
    Cluster, CommitLevel, Explain, Key, NodeId, PrimaryConfig, Replica, ReplicaConfig, SyncRule, WalConfig,
    WriteId,
};

use super::proxy::Proxy;
use super::server::{PATIENCE, Programs, SOCKET, Server, Stop};
use crate::daemon::{Process, wait_for};

pub(super) const DB_1: NodeId = NodeId(1);
pub(super) const DB_2: NodeId = NodeId(2);
pub(super) const DB_3: NodeId = NodeId(3);
pub(super) const NODES: [NodeId; 3] = [DB_1, DB_2, DB_3];

/// A commit that has waited so long for replicas, with nothing else going on, waits for good: longer than a
/// standby's status interval, which is 1 s here.
const WAITS_FOR_GOOD: Duration = Duration::from_millis(1_500);
/// What goes by for ours after each action: longer than every interval that it has.
const OURS_RESTS: SimDuration = SimDuration::from_secs(6);
/// What the cases of a run share.
#[derive(Debug)]
pub(super) struct Kit {
    /// The real programs.
    pub(super) programs: Programs,
    /// The data of a database with one empty table, stopped.
    pub(super) template: PathBuf,
    /// Where the servers live.
    pub(super) directory: PathBuf,
}

/// A client's session that commits one write.
#[derive(Debug)]
struct Session {
    on: NodeId,
    client: Process,
    /// Whether it was told that its write is done, once it ended.
    told: Option<bool>,
}

/// How many answers were compared, and which differ.
#[derive(Debug, Default)]
pub(super) struct Tally {
    /// Questions put to both.
    pub(super) cases: usize,
    /// The script so far and the two answers, for each that differs.
    pub(super) mismatches: Vec<String>,
}

/// Three servers and our cluster.
#[derive(Debug)]
pub(super) struct Lab {
    // Servers are stopped before the wires and the clients go.
    servers: BTreeMap<NodeId, Server>,
    wires: BTreeMap<(NodeId, NodeId), Proxy>,
    sessions: BTreeMap<WriteId, Session>,
    ours: Cluster,
    paused: BTreeSet<NodeId>,
    cut: BTreeSet<NodeId>,
    directory: PathBuf,
    script: Vec<String>,
    tally: Tally,
}

/// A node's name among the real servers.
fn name(node: NodeId) -> String {
    format!("db_{}", node.0)
}

fn rule_setting(rule: &SyncRule) -> String {
    if *rule == SyncRule::Asynchronous { String::new() } else { rule.named(&name).to_string() }
}

fn ours_replica() -> ReplicaConfig {
    let (status_interval, retry_interval) = (SimDuration::from_secs(1), SimDuration::from_millis(100));
    ReplicaConfig { status_interval, retry_interval, ..ReplicaConfig::default() }
}

impl Lab {
    /// A primary, db-1, and two standbys that stream, under this rule. `wal` are our settings for keeping the log;
    /// `real` are settings for the real servers.
    pub(super) fn new(
        kit: &Kit,
        case: &str,
        rule: &SyncRule,
        wal: WalConfig,
        real: &[(&'static str, &str)],
    ) -> Result<Self, String> {
        let config = PrimaryConfig { rule: rule.clone(), wal, ..PrimaryConfig::default() };
        let replica = ReplicaConfig { wal, ..ours_replica() };
        let mut lab = Self {
            servers: BTreeMap::new(),
            wires: BTreeMap::new(),
            sessions: BTreeMap::new(),
            ours: Cluster::new(DB_1, config, [(DB_2, replica), (DB_3, replica)]),
            paused: BTreeSet::new(),
            cut: BTreeSet::new(),
            directory: kit.directory.join(case),
            script: vec![format!("{case}: db-1 with db-2 and db-3 under {rule}")],
            tally: Tally::default(),
        };
        for node in NODES {
            let mut server = Server::new(&kit.programs, &lab.directory.join(name(node)), &kit.template)?;
            for (setting, value) in real {
                server.set(setting, *value);
            }
            lab.servers.insert(node, server);
        }
        lab.server(DB_1).set("synchronous_standby_names", rule_setting(rule));
        lab.server(DB_1).start()?;
        for node in [DB_2, DB_3] {
            lab.server(node).make_standby()?;
            lab.point(node, DB_1)?;
            lab.server(node).start()?;
        }
        lab.ours.pass(OURS_RESTS);
        for node in [DB_2, DB_3] {
            if !lab.real_streams(node, DB_1, 0)? {
                return Err(format!("{node} does not stream from db-1 in the first place"));
            }
        }
        Ok(lab)
    }

    /// What was compared. Ends everything, and clears up.
    pub(super) fn finish(self) -> Tally {
        let Self { servers, wires, sessions, directory, tally, .. } = self;
        drop((servers, wires, sessions));
        // What is left goes with the directory of the whole run.
        let _ = std::fs::remove_dir_all(directory);
        tally
    }

    /// A client commits a write on `node` and wants to be told at `level`.
    pub(super) fn write(&mut self, node: NodeId, level: CommitLevel) -> Result<WriteId, String> {
        let write = self.ours.write(node, Key(0), level).map_err(|refused| refused.to_string())?;
        self.did(format!("write {} on {node} at {level}", write.0));
        let mut client = self.server(node).client(&format!("insert into writes values ({})", write.0));
        client
            .env("PGOPTIONS", format!("-c synchronous_commit={level}"))
            .env("PGAPPNAME", format!("w{}", write.0));
        let client = Process::start(&mut client)?;
        self.sessions.insert(write, Session { on: node, client, told: None });
        self.rest(Duration::ZERO)?;
        Ok(write)
    }

    /// The client of a write that waits gives up.
    pub(super) fn cancel(&mut self, node: NodeId, write: WriteId) -> Result<(), String> {
        self.did(format!("cancel write {}", write.0));
        self.ours.with_primary(node, |primary| {
            primary.handle_cancel(write);
        });
        let question = "select pg_cancel_backend(pid) from pg_stat_activity where application_name = 'w";
        self.server(node).ask(&format!("{question}{}'", write.0))?;
        self.rest(Duration::ZERO)
    }

    /// Breaks the wire between a standby and its primary.
    pub(super) fn cut(&mut self, standby: NodeId, primary: NodeId) -> Result<(), String> {
        self.did(format!("cut {standby} from {primary}"));
        self.cut.insert(standby);
        self.ours.cut(standby, primary);
        self.ours.pass(OURS_RESTS);
        self.wire(standby, primary)?.cut();
        if !self.server(primary).runs() {
            return Ok(());
        }
        let question =
            format!("select 1 from pg_stat_replication where application_name = '{}'", name(standby));
        let gone =
            || self.servers[&primary].ask(&question).is_ok_and(|answer| answer.is_empty()).then_some(());
        wait_for(PATIENCE, gone).ok_or_else(|| format!("{primary} does not notice that {standby} is cut off"))
    }

    /// Mends it. The standby connects when it next tries.
    pub(super) fn heal(&mut self, standby: NodeId, primary: NodeId) -> Result<(), String> {
        self.did(format!("heal {standby} to {primary}"));
        self.cut.remove(&standby);
        let since = self.log_length(standby);
        self.ours.heal(standby, primary);
        self.ours.pass(OURS_RESTS);
        self.wire(standby, primary)?.heal();
        if self.paused.contains(&standby) {
            return Ok(());
        }
        self.compare_streams(standby, primary, since)
    }

    /// Pauses a standby's replay.
    pub(super) fn pause(&mut self, standby: NodeId) -> Result<(), String> {
        self.did(format!("pause replay on {standby}"));
        self.paused.insert(standby);
        self.ours.pause(standby);
        self.server(standby).ask("select pg_wal_replay_pause()")?;
        let question = "select pg_get_wal_replay_pause_state()";
        let paused =
            || self.servers[&standby].ask(question).is_ok_and(|state| state == "paused").then_some(());
        wait_for(PATIENCE, paused).ok_or_else(|| format!("replay on {standby} does not pause"))
    }

    /// Lets it go on.
    pub(super) fn resume(&mut self, standby: NodeId) -> Result<(), String> {
        self.did(format!("resume replay on {standby}"));
        self.paused.remove(&standby);
        self.ours.resume(standby);
        self.ours.pass(OURS_RESTS);
        let primary = self.upstream(standby);
        let since = self.log_length(standby);
        self.server(standby).ask("select pg_wal_replay_resume()")?;
        if self.cut.contains(&standby) { Ok(()) } else { self.compare_streams(standby, primary, since) }
    }

    /// Which of db-2 and db-3 are cut off from whom they follow.
    pub(super) fn cut_off(&self) -> [bool; 2] {
        [DB_2, DB_3].map(|node| self.cut.contains(&node))
    }

    /// Whether replay is paused on db-2 and db-3.
    pub(super) fn paused(&self) -> [bool; 2] {
        [DB_2, DB_3].map(|node| self.paused.contains(&node))
    }

    /// Sets a primary's rule.
    pub(super) fn set_rule(&mut self, primary: NodeId, rule: &SyncRule) -> Result<(), String> {
        self.did(format!("set the rule of {primary} to {rule}"));
        self.ours.set_rule(primary, rule.clone());
        self.ours.pass(OURS_RESTS);
        let setting = rule_setting(rule);
        let server = self.server(primary);
        server.set("synchronous_standby_names", setting.clone());
        server.reload(("synchronous_standby_names", &setting))?;
        // The process that makes commits wait at all makes checkpoints too: when one is done it has seen the rule.
        server.ask("checkpoint").map(drop)
    }

    /// Fences a primary: the real one is shut down.
    pub(super) fn fence(&mut self, primary: NodeId) -> Result<(), String> {
        self.did(format!("fence {primary}"));
        self.ours.fence(primary);
        self.ours.pass(OURS_RESTS);
        self.server(primary).stop(Stop::Fast)
    }

    /// Promotes a standby.
    pub(super) fn promote(&mut self, standby: NodeId) -> Result<(), String> {
        self.did(format!("promote {standby}"));
        self.ours.promote(standby).map_err(|refused| refused.to_string())?;
        self.ours.pass(OURS_RESTS);
        self.paused.remove(&standby);
        self.server(standby).ask("select pg_promote(true, 20)")?;
        // Until then its control file, which pg_rewind reads, tells the old timeline.
        self.server(standby).ask("checkpoint").map(drop)
    }

    /// Lets a standby that runs follow another primary. The wire to it is whole.
    pub(super) fn follow(&mut self, standby: NodeId, primary: NodeId) -> Result<(), String> {
        self.did(format!("{standby} follows {primary}"));
        let since = self.log_length(standby);
        self.ours.heal(standby, primary);
        self.ours.follow(standby, Some(primary));
        self.ours.pass(OURS_RESTS);
        let conninfo = self.point(standby, primary)?;
        self.wire(standby, primary)?.heal();
        self.cut.remove(&standby);
        self.server(standby).reload(("primary_conninfo", &conninfo))?;
        self.compare_streams(standby, primary, since)
    }

    /// A primary that was fenced starts again as a standby of another, with its log as it is. The wire to the other
    /// is whole.
    pub(super) fn rejoin(&mut self, old: NodeId, primary: NodeId) -> Result<(), String> {
        self.did(format!("{old} comes back as a standby of {primary}"));
        let since = self.log_length(old);
        self.ours.heal(old, primary);
        self.ours.demote(old, primary);
        self.ours.pass(OURS_RESTS);
        self.point(old, primary)?;
        self.wire(old, primary)?.heal();
        self.server(old).make_standby()?;
        self.server(old).start()?;
        self.compare_streams(old, primary, since)
    }

    /// Rewinds a standby to its new primary.
    pub(super) fn rewind(&mut self, old: NodeId, primary: NodeId) -> Result<(), String> {
        self.did(format!("rewind {old} to {primary}"));
        self.ours.rewind(old, primary).map_err(|recycled| recycled.to_string())?;
        self.ours.pass(OURS_RESTS);
        self.server(old).stop(Stop::Fast)?;
        self.servers[&old].rewind(&self.servers[&primary])?;
        let since = self.log_length(old);
        self.server(old).make_standby()?;
        self.server(old).start()?;
        self.compare_streams(old, primary, since)
    }

    /// Gives a standby a replication slot.
    pub(super) fn create_slot(&mut self, primary: NodeId, standby: NodeId) -> Result<(), String> {
        self.did(format!("create a slot for {standby} on {primary}"));
        self.ours.with_primary(primary, |primary| primary.create_slot(standby));
        let question = format!("select pg_create_physical_replication_slot('{}', true)", name(standby));
        self.server(primary).ask(&question)?;
        let since = self.log_length(standby);
        self.server(standby).set("primary_slot_name", name(standby));
        self.server(standby).reload(("primary_slot_name", &name(standby)))?;
        self.compare_streams(standby, primary, since)
    }

    /// Writes until the real log has gone on by `segments` segments, as many times on ours, and makes a checkpoint.
    pub(super) fn write_segments(&mut self, primary: NodeId, segments: usize) -> Result<(), String> {
        for _ in 0..segments {
            self.write(primary, CommitLevel::Local)?;
            self.server(primary).ask("select pg_switch_wal()")?;
        }
        self.checkpoint(primary)
    }

    /// Makes a checkpoint, with which what is not needed is recycled.
    pub(super) fn checkpoint(&mut self, primary: NodeId) -> Result<(), String> {
        self.did(format!("checkpoint on {primary}"));
        self.caught_up(primary);
        self.ours.with_primary(primary, understudy_core::replication::Primary::handle_checkpoint);
        self.ours.pass(OURS_RESTS);
        self.server(primary).ask("checkpoint").map(drop)
    }

    fn did(&mut self, what: String) {
        self.script.push(what);
    }

    fn server(&mut self, node: NodeId) -> &mut Server {
        self.servers.get_mut(&node).expect("there is a server for each node")
    }

    /// The wire from a standby to a primary, made when it is first asked for.
    fn wire(&mut self, standby: NodeId, primary: NodeId) -> Result<&Proxy, String> {
        let upstream = self.servers[&primary].host().join(SOCKET);
        let directory = self.directory.join(format!("{}-{}", standby.0, primary.0));
        match self.wires.entry((standby, primary)) {
            std::collections::btree_map::Entry::Occupied(wire) => Ok(wire.into_mut()),
            std::collections::btree_map::Entry::Vacant(wire) => {
                let proxy =
                    Proxy::start(&directory, &upstream).map_err(|error| format!("no wire: {error}"))?;
                Ok(wire.insert(proxy))
            }
        }
    }

    /// Notes whom a standby follows, and answers the setting.
    fn point(&mut self, standby: NodeId, primary: NodeId) -> Result<String, String> {
        let host = self.wire(standby, primary)?.host().display().to_string();
        let conninfo = format!("host={host} user=postgres application_name={}", name(standby));
        self.server(standby).set("primary_conninfo", conninfo.clone());
        Ok(conninfo)
    }

    /// Length of a standby's log, after which a refusal is news.
    fn log_length(&self, standby: NodeId) -> usize {
        self.servers[&standby].log_length()
    }

    /// Whom a standby follows.
    fn upstream(&self, standby: NodeId) -> NodeId {
        self.ours
            .replica(standby)
            .and_then(Replica::upstream)
            .expect("a standby of the script follows a primary")
    }

    /// Lets both come to rest: on the real side every session has ended, or waits for replicas and has done so for
    /// as long as `at_least`.
    fn rest(&mut self, at_least: Duration) -> Result<(), String> {
        self.ours.pass(OURS_RESTS);
        let mut changed = Instant::now();
        let started = Instant::now();
        loop {
            let mut waiting: Vec<(NodeId, String)> = Vec::new();
            for (write, session) in &mut self.sessions {
                if session.told.is_some() {
                    continue;
                }
                match session.client.ended() {
                    Some(status) => {
                        session.told = Some(status.success());
                        changed = Instant::now();
                    }
                    None => waiting.push((session.on, format!("w{}", write.0))),
                }
            }
            if waiting.is_empty() {
                return Ok(());
            }
            if changed.elapsed() >= at_least && waiting.iter().all(|(on, client)| self.waits(*on, client)) {
                return Ok(());
            }
            if started.elapsed() > PATIENCE {
                let said: Vec<String> = self.sessions.values().map(|session| session.client.said()).collect();
                return Err(format!(
                    "clients neither end nor wait:\n    {}\n{said:?}",
                    self.script.join("\n    ")
                ));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Whether a client's commit waits for replicas.
    fn waits(&self, on: NodeId, client: &str) -> bool {
        let question = format!("select wait_event from pg_stat_activity where application_name = '{client}'");
        self.servers[&on].ask(&question).is_ok_and(|event| event == "SyncRep")
    }
}
