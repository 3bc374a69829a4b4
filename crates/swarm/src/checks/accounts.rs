//! Every request ends once: sent = ended + in flight, where those in flight are counted one by one. So do attackers'.

use understudy_sim::Plan;

use super::{Checker, Sight};

/// Watches the sum.
#[derive(Clone, Copy, Debug, Default)]
pub struct Accounts;

impl Checker for Accounts {
    fn name(&self) -> &'static str {
        "accounts"
    }

    fn check(&mut self, _: &Plan, sight: &Sight<'_>) -> Result<(), String> {
        let totals = sight.snapshot.totals;
        let attack = totals.attack;
        if attack.sent != attack.ended() + sight.attacks {
            let (sent, ended, left) = (attack.sent, attack.ended(), sight.attacks);
            return Err(format!("attackers sent {sent}, {ended} have ended, and they wait for {left}"));
        }
        if totals.sent == totals.ended() + sight.awaited {
            return Ok(());
        }
        Err(format!(
            "{} requests were sent, {} have ended, and clients wait for {}",
            totals.sent,
            totals.ended(),
            sight.awaited
        ))
    }
}
