//! The address of exactly this moment: short where the scenario comes with the site, with the run inside it otherwise.

use leptos::prelude::*;
use understudy_address::{self as address, Address, MAX_ADDRESS_BYTES, MAX_COMMANDS, MAX_COMPACT_CHARS};
use understudy_sim::Timeline;

use super::Lab;
use crate::browser::pack;
use crate::scenes;
use crate::words::{grouped, instant};

/// Beyond so many characters some programs cut an address off.
const LONG: usize = 2_000;

/// What there is to share.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shared {
    /// What follows the page in the address; nothing if it would be too long.
    pub query: Option<String>,
    /// What it holds, or why there is none.
    pub words: String,
}

impl Lab {
    /// The address of the run where it stands. Time should not pass meanwhile.
    pub async fn share(self) -> Shared {
        let plan = self.run.get_untracked().plan();
        let (mut address, count) = self.timeline(|timeline| {
            let commands = timeline.commands();
            let written =
                commands.iter().map(|timed| format!("{:#} {}", timed.at, timed.command.write(&plan)));
            let address = Address {
                seed: Some(timeline.seed()),
                commands: written.collect(),
                at: Some(timeline.wanted()),
                hash: Some(hash(timeline)),
                ..Address::default()
            };
            (address, commands.len())
        });
        let text = self.scenario();
        let named = scenes::of_text(&text).map(|scene| address::Run::Scene(scene.name.into()));
        let named = named.or_else(|| self.named(&text));
        let title = plan.title().to_string();
        let scenario = if named.is_some() {
            format!("the scenario \u{201c}{title}\u{201d} by its name")
        } else {
            format!("the whole scenario \u{201c}{title}\u{201d}, packed")
        };
        let commands = match count {
            0 => String::from("no commands"),
            1 => String::from("1 command"),
            many => format!("{} commands", grouped(many as u64)),
        };
        let at = address.at.unwrap_or_default();
        let seed = address.seed.unwrap_or_default();
        let fits = |address: &Address| {
            let query = address.write();
            (query.len() <= MAX_ADDRESS_BYTES && address.commands.len() <= MAX_COMMANDS).then_some(query)
        };
        address.run = named.clone().unwrap_or_default();
        let mut query = named.and_then(|_| fits(&address));
        if query.is_none() {
            let packed = pack::pack(&self.saved()).await;
            let packed = packed
                .filter(|bytes| bytes.len().div_ceil(3) * 4 <= MAX_COMPACT_CHARS)
                .map(|bytes| Address { run: address::Run::Compact(bytes), commands: Vec::new(), ..address });
            query = packed.as_ref().and_then(fits);
        }
        let words = match &query {
            Some(query) => {
                let long = if query.len() > LONG {
                    format!(
                        " It has {} characters: some mail and chat programs cut such addresses off.",
                        grouped(query.len() as u64)
                    )
                } else {
                    String::new()
                };
                format!(
                    "It holds {scenario}, the seed {seed}, {commands} and the instant {}. Whoever opens it sees the same run, \
                     event for event; the trace hash in it proves that.{long}",
                    instant(at)
                )
            }
            None => format!(
                "This run is too long for an address: {scenario}, {commands}. Save it as a file and send that; it opens \
                 here with \u{201c}Open\u{201d}."
            ),
        };
        Shared { query, words }
    }
}

/// The trace hash with everything done that is due at the shown instant: a step may have stopped in the middle of it.
fn hash(timeline: &Timeline) -> u64 {
    let mut there = timeline.fork();
    let _ = there.seek(timeline.wanted(), u64::MAX);
    there.sim().trace_hash().get()
}
