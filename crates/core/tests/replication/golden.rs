//! The golden trace: a primary and two replicas through everything that can happen to them.

use std::fmt::Write as _;

use understudy_core::SimDuration;
use understudy_core::replication::{Cluster, CommitLevel, Key, Node, SyncRule};

use super::{DB_1, DB_2, DB_3, three_nodes};
use crate::golden;

/// A cluster, and what is told of it.
struct Story {
    cluster: Cluster,
    /// Acknowledgements that were told.
    told: usize,
    text: String,
}

impl Story {
    fn say(&mut self, line: &str) {
        writeln!(self.text, "{line}").expect("a string takes everything");
    }

    /// Something happens; then what became of it, when all is quiet.
    fn scene(&mut self, what: &str, happens: impl FnOnce(&mut Cluster)) {
        happens(&mut self.cluster);
        self.cluster.settle();
        self.say(&format!("{}: {what}", self.cluster.now()));
        let news: Vec<String> =
            self.cluster.acknowledged()[self.told..].iter().map(ToString::to_string).collect();
        self.told += news.len();
        let waits: Vec<String> = self
            .cluster
            .nodes()
            .filter_map(Node::as_primary)
            .flat_map(|primary| primary.waiting().filter_map(|(write, _)| primary.why_waiting(write)))
            .map(|wait| wait.to_string())
            .collect();
        let nodes: Vec<String> = self.cluster.nodes().map(line_of).collect();
        for line in news.into_iter().chain(waits).chain(nodes) {
            self.say(&format!("  {line}"));
        }
    }
}

fn line_of(node: &Node) -> String {
    let timeline = node.wal().history().current();
    match node {
        Node::Primary(primary) => {
            format!(
                "{} is a primary on {timeline}, {}, flush {}",
                primary.id(),
                primary.standing(),
                primary.flushed()
            )
        }
        Node::Replica(replica) => {
            format!(
                "{} is a replica on {timeline}, {}, {}",
                replica.id(),
                replica.positions(),
                replica.link()
            )
        }
    }
}

fn write(cluster: &mut Cluster, level: CommitLevel) {
    cluster.write(DB_1, Key(1), level).expect("db-1 takes writes");
}

fn story() -> String {
    let cluster = three_nodes(SyncRule::any(1, [DB_2, DB_3]));
    let mut story = Story { cluster, told: 0, text: String::new() };
    story.scene("a write on a healthy cluster", |cluster| write(cluster, CommitLevel::RemoteFlush));
    story.scene("db-2 is cut off, a write", |cluster| {
        cluster.cut(DB_1, DB_2);
        write(cluster, CommitLevel::RemoteFlush);
    });
    story.scene("the rule is FIRST 2, a write", |cluster| {
        cluster.set_rule(DB_1, SyncRule::first(2, [DB_2, DB_3]));
        write(cluster, CommitLevel::RemoteFlush);
    });
    story.scene("db-2 is back after its retry interval", |cluster| {
        cluster.heal(DB_1, DB_2);
        cluster.pass(SimDuration::from_secs(5));
    });
    story.scene("replay on db-3 is paused, writes at remote_write and remote_apply", |cluster| {
        cluster.pause(DB_3);
        write(cluster, CommitLevel::RemoteWrite);
        write(cluster, CommitLevel::RemoteApply);
    });
    story.scene("replay goes on", |cluster| {
        cluster.resume(DB_3);
    });
    story.scene("both replicas are cut off, writes at local and on", |cluster| {
        cluster.cut(DB_1, DB_2);
        cluster.cut(DB_1, DB_3);
        write(cluster, CommitLevel::Local);
        write(cluster, CommitLevel::RemoteFlush);
    });
    story.scene("db-1 is fenced, db-2 is promoted, db-3 follows it", |cluster| {
        cluster.fence(DB_1);
        cluster.promote(DB_2).expect("db-2 is whole");
        cluster.settle();
        cluster.set_rule(DB_2, SyncRule::any(1, [DB_1, DB_3]));
        cluster.follow(DB_3, Some(DB_2));
    });
    let new = story.cluster.primary(DB_2).expect("db-2 was promoted").wal().history().clone();
    let lost = story.cluster.primary(DB_1).expect("not demoted yet").lost_by(&new).expect("all is kept");
    for lost in lost {
        story.say(&format!("  lost: {} {:?}, told {:?}", lost.record.end, lost.write.id, lost.told));
    }
    story.scene("db-1 is back as it is", |cluster| {
        cluster.heal(DB_1, DB_2);
        cluster.demote(DB_1, DB_2);
    });
    story.scene("db-1 is rewound", |cluster| {
        cluster.rewind(DB_1, DB_2).expect("its log reaches back");
    });
    story.scene("a write on the new primary", |cluster| {
        cluster.write(DB_2, Key(1), CommitLevel::RemoteApply).expect("db-2 takes writes");
    });
    story.text
}

#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test::wasm_bindgen_test)]
#[cfg_attr(not(target_arch = "wasm32"), test)]
fn the_story_is_told_as_before() {
    golden::check("replication", &story(), include_str!("../golden/replication.txt"));
}
