//! Lamps: what a balancer believes of the server at the other end of a link, drawn on the balancer's side, apart
//! from the truth on the server's card.
//!
//! Shape, word and pips say the same thing. While the server is in use there is a pip for each check that may still
//! fail, and failed ones are crossed; while it is out of use a pip fills for each check that passed.

use understudy_core::health::{Belief, HealthConfig};
use understudy_sim::ids::LinkId;
use understudy_sim::plan::{NodeKind, Plan};

/// Pips beyond this many are left out; the words have the number.
pub const MOST_PIPS: u32 = 6;

/// One pip of a lamp.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pip {
    /// A check that counts for the server.
    Full,
    /// A check that failed.
    Crossed,
    /// A check that is still to pass.
    Empty,
}

/// The pips that show a belief.
pub fn pips(belief: Belief, health: &HealthConfig) -> Vec<Pip> {
    let row = |length: u32, marked: u32, mark: Pip, rest: Pip| {
        let length = length.min(MOST_PIPS);
        (0..length).map(|pip| if pip < marked { mark } else { rest }).collect()
    };
    match belief {
        Belief::Unchecked => row(1, 0, Pip::Crossed, Pip::Full),
        Belief::Up => row(health.fall, 0, Pip::Crossed, Pip::Full),
        Belief::GoingDown { failed } => row(health.fall, failed, Pip::Crossed, Pip::Full),
        Belief::Down => row(health.rise, 0, Pip::Full, Pip::Empty),
        Belief::GoingUp { passed } => row(health.rise, passed, Pip::Full, Pip::Empty),
    }
}

/// The style sheet's name for a belief.
pub const fn class(belief: Belief) -> &'static str {
    match belief {
        Belief::Unchecked | Belief::Up => "lamp up",
        Belief::GoingDown { .. } => "lamp failing",
        Belief::Down => "lamp out",
        Belief::GoingUp { .. } => "lamp rising",
    }
}

/// The lamp's glyph: full, half drained, crossed out, on its way up. The hue only repeats it.
pub const fn glyph(belief: Belief) -> &'static str {
    match belief {
        Belief::Unchecked | Belief::Up => "M6 1a5 5 0 1 0 0 10A5 5 0 1 0 6 1z",
        Belief::GoingDown { .. } => "M6 1a5 5 0 1 0 0 10A5 5 0 1 0 6 1zM1.6 6h8.8A4.4 4.4 0 0 0 1.6 6z",
        Belief::Down => "M6 1a5 5 0 1 0 0 10A5 5 0 1 0 6 1zM3.5 3.5l5 5M8.5 3.5l-5 5",
        Belief::GoingUp { .. } => "M6 1a5 5 0 1 0 0 10A5 5 0 1 0 6 1zM6 8.6V3.6M3.9 5.7 6 3.6l2.1 2.1",
    }
}

/// The health checks behind the lamp of a link; nothing where nobody checks.
pub fn of(plan: &Plan, id: LinkId) -> Option<HealthConfig> {
    match &plan.node(plan.link(id).from)?.kind {
        NodeKind::LoadBalancer(settings) => Some(settings.health),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pips_count_down_to_the_turn_and_up_again() {
        use Pip::{Crossed, Empty, Full};
        let health = HealthConfig { fall: 3, rise: 2, ..HealthConfig::default() };
        assert_eq!(pips(Belief::Up, &health), [Full, Full, Full]);
        assert_eq!(pips(Belief::GoingDown { failed: 2 }, &health), [Crossed, Crossed, Full]);
        assert_eq!(pips(Belief::Down, &health), [Empty, Empty]);
        assert_eq!(pips(Belief::GoingUp { passed: 1 }, &health), [Full, Empty]);
        let many = HealthConfig { fall: 100, ..health };
        assert_eq!(pips(Belief::Up, &many).len(), 6, "a hundred pips cannot be drawn");
    }
}
