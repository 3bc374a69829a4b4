//! Smooth weighted round robin: every server in use gains its weight in credit, the one with the most credit is
//! picked and pays what all of them gained. With equal weights this is plain taking turns; with unequal ones a
//! heavy server's turns are spread out instead of coming in a burst.
//!
//! Follows nginx 1.22, `ngx_http_upstream_get_peer`. Grows with the number of servers: each gains credit on
//! every pick. For large pools see [`super::standings`].

use super::reason::{Because, Choice};
use super::turn::Turn;

pub(super) fn pick(turn: &mut Turn<'_>) -> Option<Choice> {
    let mut total = 0;
    let mut best: Option<(usize, i64)> = None;
    for index in 0..turn.servers.len() {
        if !turn.may_use(index) {
            continue;
        }
        let server = &mut turn.servers[index];
        total += server.take_part();
        // On equal credit the earlier server wins, as in nginx.
        if best.is_none_or(|(_, credit)| server.current_weight > credit) {
            best = Some((index, server.current_weight));
        }
    }
    let (index, credit) = best?;
    turn.servers[index].current_weight -= total;
    Some(Choice { index, because: Because::MostOverdue { credit, total } })
}
