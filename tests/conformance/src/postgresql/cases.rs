//! The scripts.

use understudy_core::replication::{CommitLevel, NodeId, SyncRule, WalConfig, WriteId};

use super::lab::{DB_1, DB_2, DB_3, Kit, Lab, Tally};
use crate::random::Random;

const ON: CommitLevel = CommitLevel::RemoteFlush;
const LEVELS: [CommitLevel; 5] =
    [CommitLevel::Off, CommitLevel::Local, CommitLevel::RemoteWrite, ON, CommitLevel::RemoteApply];
/// Actions of a random script.
const RANDOM_ACTIONS: usize = 14;

/// One script, and what it compares.
pub(super) struct Case {
    /// Its directory.
    pub(super) name: &'static str,
    /// For the report.
    pub(super) what: &'static str,
    /// Runs it, with the seed of the run.
    pub(super) run: fn(&Kit, &str, u64) -> Result<Tally, String>,
}

/// All of them, those that take longest first.
pub(super) const CASES: [Case; 9] = [
    Case {
        name: "promotion",
        what: "promotion: timelines, who follows without and with pg_rewind, which writes are gone",
        run: promotion,
    },
    Case {
        name: "random-a",
        what: "random script of writes, cuts, pauses and rules, first",
        run: |kit, name, seed| random(kit, name, Random::new(seed)),
    },
    Case {
        name: "random-b",
        what: "random script of writes, cuts, pauses and rules, second",
        run: |kit, name, seed| random(kit, name, Random::new(seed ^ u64::MAX)),
    },
    Case {
        name: "rules",
        what: "ANY 1, ANY 2, FIRST 1, FIRST 2 with each standby cut off: which commits wait, sync_state",
        run: rules,
    },
    Case {
        name: "slots",
        what: "slots: who catches up after the log is recycled, and when a slot is lost",
        run: slots,
    },
    Case {
        name: "async",
        what: "asynchronous: a write acknowledged while the standbys are cut off is lost after the promotion",
        run: asynchronous,
    },
    Case {
        name: "sync",
        what: "ANY 1 with the standbys cut off: the commit waits, is invisible, and goes on when one is back",
        run: synchronous,
    },
    Case {
        name: "lost-wait",
        what: "ANY 1 with the standbys cut off: a failover loses no acknowledged write; a cancelled wait does",
        run: synchronous_failover,
    },
    Case {
        name: "levels",
        what: "every synchronous_commit level with replay paused: which commits wait, stale and fresh reads",
        run: levels,
    },
];

fn lab(kit: &Kit, name: &str, rule: &SyncRule) -> Result<Lab, String> {
    Lab::new(kit, name, rule, WalConfig::default(), &[])
}

fn isolate(lab: &mut Lab) -> Result<(), String> {
    lab.cut(DB_2, DB_1)?;
    lab.cut(DB_3, DB_1)
}

fn asynchronous(kit: &Kit, name: &str, _: u64) -> Result<Tally, String> {
    let mut lab = lab(kit, name, &SyncRule::Asynchronous)?;
    lab.compare_sync_states(DB_1)?;
    lab.write(DB_1, ON)?;
    lab.compare_rows(DB_2)?;
    isolate(&mut lab)?;
    lab.write(DB_1, ON)?;
    lab.write(DB_1, CommitLevel::RemoteApply)?;
    lab.compare_told()?;
    lab.compare_rows(DB_1)?;
    lab.fence(DB_1)?;
    lab.promote(DB_2)?;
    lab.compare_rows(DB_2)?;
    let (lost, told) = lab.ours_lost(DB_1, DB_2)?;
    lab.compare_told_of_lost(&lost, &told);
    lab.write(DB_2, ON)?;
    lab.compare_told()?;
    lab.compare_rows(DB_2)?;
    Ok(lab.finish())
}

fn synchronous(kit: &Kit, name: &str, _: u64) -> Result<Tally, String> {
    let mut lab = lab(kit, name, &SyncRule::any(1, [DB_2, DB_3]))?;
    lab.compare_sync_states(DB_1)?;
    isolate(&mut lab)?;
    lab.write(DB_1, ON)?;
    lab.write(DB_1, CommitLevel::Local)?;
    lab.write(DB_1, CommitLevel::RemoteWrite)?;
    lab.compare_told()?;
    lab.compare_rows(DB_1)?;
    lab.heal(DB_3, DB_1)?;
    lab.compare_told()?;
    for node in [DB_1, DB_2, DB_3] {
        lab.compare_rows(node)?;
    }
    Ok(lab.finish())
}

fn synchronous_failover(kit: &Kit, name: &str, _: u64) -> Result<Tally, String> {
    let mut lab = lab(kit, name, &SyncRule::any(1, [DB_2, DB_3]))?;
    lab.write(DB_1, ON)?;
    isolate(&mut lab)?;
    let cancelled = lab.write(DB_1, ON)?;
    lab.write(DB_1, ON)?;
    lab.cancel(DB_1, cancelled)?;
    lab.compare_told()?;
    lab.compare_rows(DB_1)?;
    lab.fence(DB_1)?;
    lab.compare_told()?;
    lab.promote(DB_3)?;
    let (lost, told) = lab.ours_lost(DB_1, DB_3)?;
    lab.compare_told_of_lost(&lost, &told);
    lab.compare_rows(DB_3)?;
    lab.rejoin(DB_1, DB_3)?;
    lab.compare_diverged(DB_1, DB_3, &lost)?;
    Ok(lab.finish())
}

fn rules(kit: &Kit, name: &str, _: u64) -> Result<Tally, String> {
    let both = [DB_2, DB_3];
    let all = [
        SyncRule::any(1, both),
        SyncRule::any(2, both),
        SyncRule::first(1, both),
        SyncRule::first(1, [DB_3, DB_2]),
        SyncRule::first(2, both),
        SyncRule::any(1, [DB_2]),
    ];
    let mut lab = lab(kit, name, &SyncRule::Asynchronous)?;
    lab.write(DB_1, ON)?;
    for away in both {
        for rule in &all {
            lab.set_rule(DB_1, rule)?;
            lab.cut(away, DB_1)?;
            lab.write(DB_1, ON)?;
            lab.compare_told()?;
            lab.compare_sync_states(DB_1)?;
            lab.heal(away, DB_1)?;
            lab.compare_told()?;
            lab.compare_sync_states(DB_1)?;
        }
    }
    lab.cut(DB_2, DB_1)?;
    lab.set_rule(DB_1, &SyncRule::any(2, both))?;
    lab.write(DB_1, ON)?;
    lab.compare_told()?;
    lab.set_rule(DB_1, &SyncRule::Asynchronous)?;
    lab.compare_told()?;
    Ok(lab.finish())
}

fn levels(kit: &Kit, name: &str, _: u64) -> Result<Tally, String> {
    let mut lab = lab(kit, name, &SyncRule::any(2, [DB_2, DB_3]))?;
    lab.write(DB_1, CommitLevel::RemoteApply)?;
    lab.compare_rows(DB_3)?;
    lab.pause(DB_2)?;
    for level in LEVELS {
        lab.write(DB_1, level)?;
        lab.compare_told()?;
    }
    for node in [DB_1, DB_2, DB_3] {
        lab.compare_rows(node)?;
    }
    lab.resume(DB_2)?;
    lab.compare_told()?;
    for node in [DB_1, DB_2] {
        lab.compare_rows(node)?;
    }
    Ok(lab.finish())
}

fn promotion(kit: &Kit, name: &str, _: u64) -> Result<Tally, String> {
    let mut lab = lab(kit, name, &SyncRule::Asynchronous)?;
    lab.write(DB_1, CommitLevel::RemoteApply)?;
    lab.compare_rows(DB_2)?;
    lab.compare_rows(DB_3)?;
    isolate(&mut lab)?;
    lab.write(DB_1, ON)?;
    lab.write(DB_1, ON)?;
    lab.fence(DB_1)?;
    lab.promote(DB_2)?;
    lab.compare_timeline(DB_2)?;
    lab.follow(DB_3, DB_2)?;
    lab.write(DB_2, ON)?;
    lab.compare_told()?;
    lab.compare_rows(DB_3)?;
    lab.compare_timeline(DB_3)?;
    let (lost, told) = lab.ours_lost(DB_1, DB_2)?;
    lab.compare_told_of_lost(&lost, &told);
    lab.rejoin(DB_1, DB_2)?;
    lab.compare_rows(DB_1)?;
    lab.compare_diverged(DB_1, DB_2, &lost)?;
    lab.rewind(DB_1, DB_2)?;
    lab.compare_rows(DB_1)?;
    lab.compare_timeline(DB_1)?;
    lab.write(DB_2, ON)?;
    lab.compare_rows(DB_1)?;
    // And once more, with nothing lost: whoever has all just follows.
    lab.fence(DB_2)?;
    lab.promote(DB_1)?;
    lab.compare_timeline(DB_1)?;
    lab.follow(DB_3, DB_1)?;
    lab.write(DB_1, ON)?;
    lab.compare_rows(DB_3)?;
    Ok(lab.finish())
}

fn slots(kit: &Kit, name: &str, _: u64) -> Result<Tally, String> {
    // One write a segment of 1 MiB on the real side, 100 bytes on ours.
    let wal = WalConfig { wal_keep_size: 0, max_slot_wal_keep_size: Some(800), checkpoint_every: u64::MAX };
    let mut lab = Lab::new(kit, name, &SyncRule::Asynchronous, wal, &[("max_slot_wal_keep_size", "8MB")])?;
    lab.write(DB_1, ON)?;
    lab.create_slot(DB_1, DB_2)?;
    isolate(&mut lab)?;
    lab.write_segments(DB_1, 4)?;
    lab.compare_slot_lost(DB_1, DB_2)?;
    lab.heal(DB_2, DB_1)?;
    lab.compare_rows(DB_2)?;
    // Only the slot held it back: now that db-2 has it, it goes, and db-3 comes too late.
    lab.write_segments(DB_1, 2)?;
    lab.checkpoint(DB_1)?;
    lab.heal(DB_3, DB_1)?;
    lab.compare_rows(DB_3)?;
    lab.cut(DB_2, DB_1)?;
    lab.write_segments(DB_1, 14)?;
    lab.compare_slot_lost(DB_1, DB_2)?;
    lab.heal(DB_2, DB_1)?;
    Ok(lab.finish())
}

/// A standby, at random.
fn standby(random: &mut Random) -> NodeId {
    if random.below(2) == 0 { DB_2 } else { DB_3 }
}

fn rule(random: &mut Random) -> SyncRule {
    let listed = [vec![DB_2], vec![DB_3], vec![DB_2, DB_3], vec![DB_3, DB_2]];
    let listed = &listed[usize::try_from(random.below(4)).expect("it is below 4")];
    let count = if random.below(3) == 0 { 2 } else { 1 };
    let listed = listed.iter().copied();
    if random.below(2) == 0 { SyncRule::any(count, listed) } else { SyncRule::first(count, listed) }
}

fn random(kit: &Kit, name: &str, mut random: Random) -> Result<Tally, String> {
    let mut lab = lab(kit, name, &rule(&mut random))?;
    let mut last: Option<WriteId> = None;
    let (mut cut, mut paused) = ([false; 2], [false; 2]);
    for _ in 0..RANDOM_ACTIONS {
        let node = standby(&mut random);
        let place = usize::from(node == DB_3);
        match random.below(10) {
            0 | 1 if !cut[place] => lab.cut(node, DB_1)?,
            0..=2 if cut[place] => lab.heal(node, DB_1)?,
            3 if paused[place] => lab.resume(node)?,
            3 => lab.pause(node)?,
            4 => lab.set_rule(DB_1, &rule(&mut random))?,
            5 if last.is_some() => lab.cancel(DB_1, last.expect("there is a write"))?,
            _ => {
                let level = LEVELS[usize::try_from(random.below(5)).expect("it is below 5")];
                last = Some(lab.write(DB_1, level)?);
            }
        }
        (cut, paused) = (lab.cut_off(), lab.paused());
        lab.compare_told()?;
        for node in [DB_1, DB_2, DB_3] {
            lab.compare_rows(node)?;
        }
    }
    Ok(lab.finish())
}
