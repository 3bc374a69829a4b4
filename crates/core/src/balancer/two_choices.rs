//! The power of two choices: draw two servers at random, take the less loaded one. Hardly dearer than drawing one,
//! and the fullest server is exponentially less full.
//!
//! Follows M. Mitzenmacher, "The power of two choices in randomized load balancing" (IEEE TPDS 12(10), 2001), as
//! nginx 1.22 does it with `random two least_conn` (`ngx_http_upstream_random_module`): the draw goes by weight,
//! load is requests under way for each unit of weight, and after 20 draws that came to nothing the request takes
//! its turn by round robin. Flat with equal weights; with unequal ones a draw is a binary search.

use super::least_connections::load;
use super::reason::{Because, Choice};
use super::request::Draws;
use super::server::ServerIndex;
use super::shares::Shares;
use super::turn::Turn;

pub(super) fn pick(turn: &mut Turn<'_>, shares: &Shares, random: u64) -> Option<Choice> {
    let (first, second) = draw_two(turn, shares, random)?;
    // On equal load the second draw wins, as in nginx.
    let (index, other) = if load(&turn.servers[second]) > load(&turn.servers[first]) {
        (first, second)
    } else {
        (second, first)
    };
    let because = Because::LessLoadedOfTwo {
        connections: turn.servers[index].connections,
        other: ServerIndex::of(other),
        other_connections: turn.servers[other].connections,
    };
    Some(Choice { index, because })
}

/// Two different servers that may both be used, in the order they were drawn; `None` when too many draws missed.
pub(super) fn draw_two(turn: &mut Turn<'_>, shares: &Shares, random: u64) -> Option<(usize, usize)> {
    if turn.backups || turn.has_given_up() || shares.count() < 2 {
        return None;
    }
    let mut draws = Draws::new(random, turn.tried.count());
    let mut first = None;
    loop {
        let server = shares.at(draws.below(shares.total()));
        if first == Some(server) || !turn.may_use(server) {
            if !turn.miss() {
                return None;
            }
        } else if let Some(first) = first {
            return Some((first, server));
        } else {
            first = Some(server);
        }
    }
}
