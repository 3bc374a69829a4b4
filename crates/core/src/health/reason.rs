//! Why a server is believed up or down, for a person: as data, and as one sentence.

use core::fmt;

use super::belief::Belief;
use crate::time::SimTime;

/// How a check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckOutcome {
    /// The server answered as it should (HAProxy's L4OK, L7OK).
    Passed,
    /// It did not.
    Failed(Failure),
}

/// What a failed check saw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// Nothing listens on the port (L4CON).
    Refused,
    /// No route to the machine (L4CON).
    Unreachable,
    /// The connection was not set up in time (L4TOUT).
    ConnectTimedOut,
    /// The connection broke before the answer was complete (SOCKERR, L7RSP).
    ConnectionLost,
    /// Connected, but the answer did not come in time (L7TOUT).
    AnswerTimedOut,
    /// An HTTP answer whose status says that the server cannot serve (L7STS).
    WrongStatus(u16),
    /// An answer that makes no sense (L7RSP).
    BadAnswer,
    /// No check, but this many failed requests in a row: see [`Observe`](super::Observe) (HANA).
    RequestErrors(u32),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused => f.write_str("connection refused"),
            Self::Unreachable => f.write_str("no route to the server"),
            Self::ConnectTimedOut => f.write_str("no connection in time"),
            Self::ConnectionLost => f.write_str("connection lost"),
            Self::AnswerTimedOut => f.write_str("no answer in time"),
            Self::WrongStatus(status) => write!(f, "wrong status {status}"),
            Self::BadAnswer => f.write_str("invalid answer"),
            Self::RequestErrors(1) => f.write_str("a request failed"),
            Self::RequestErrors(errors) => write!(f, "{errors} requests in a row failed"),
        }
    }
}

/// What put a server into or out of use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// Trust: a server is in use until its first check.
    Start,
    /// Its first check, which decides alone.
    FirstCheck(CheckOutcome),
    /// As many checks in a row as `rise` or `fall` then asked for.
    Checks {
        /// How many.
        count: u32,
        /// What the last of them saw.
        last: CheckOutcome,
    },
    /// Failed requests alone, by [`OnError::MarkDown`](super::OnError::MarkDown).
    RequestErrors(u32),
}

/// Why the server is believed to be what it is. Its [`Display`](fmt::Display) is a sentence for people:
/// "3 of 3 checks failed: connection refused; down since 12.4 s".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reason {
    /// What is believed.
    pub belief: Belief,
    /// What put the server into or out of use.
    pub cause: Cause,
    /// Since when it is in or out of use; `None` from the start.
    pub since: Option<SimTime>,
    /// How the latest check ended; `None` before the first.
    pub last: Option<CheckOutcome>,
    /// How many checks in a row turn a server of which this is believed: `fall` if in use, `rise` if not.
    pub threshold: u32,
}

impl Reason {
    fn write_since(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.belief.in_use() { "up since " } else { "down since " })?;
        match self.since {
            Some(since) => write!(f, "{since}"),
            None => f.write_str("the start"),
        }
    }
}

fn write_outcome(f: &mut fmt::Formatter<'_>, outcome: CheckOutcome) -> fmt::Result {
    match outcome {
        CheckOutcome::Passed => f.write_str("passed"),
        CheckOutcome::Failed(failure) => write!(f, "failed: {failure}"),
    }
}

fn write_count(f: &mut fmt::Formatter<'_>, count: u32, of: u32, last: CheckOutcome) -> fmt::Result {
    write!(f, "{count} of {of} {} ", if of == 1 { "check" } else { "checks" })?;
    write_outcome(f, last)
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.belief, self.last) {
            (Belief::Unchecked, _) | (_, None) => {
                return f.write_str("not checked yet; taken to be up until then");
            }
            (Belief::GoingDown { failed: count } | Belief::GoingUp { passed: count }, Some(last)) => {
                write_count(f, count, self.threshold, last)?;
                f.write_str("; still ")?;
                return self.write_since(f);
            }
            (Belief::Up | Belief::Down, Some(_)) => {}
        }
        match self.cause {
            Cause::Start => f.write_str("taken to be up")?,
            Cause::FirstCheck(outcome) => {
                f.write_str("the first check ")?;
                write_outcome(f, outcome)?;
            }
            Cause::Checks { count, last } => write_count(f, count, count, last)?,
            Cause::RequestErrors(errors) => write!(f, "{}", Failure::RequestErrors(errors))?,
        }
        f.write_str("; ")?;
        self.write_since(f)
    }
}

#[cfg(test)]
mod tests {
    use std::string::ToString;

    use super::*;

    const REFUSED: CheckOutcome = CheckOutcome::Failed(Failure::Refused);

    #[test]
    fn says_what_was_seen_how_often_and_since_when() {
        let down = Reason {
            belief: Belief::Down,
            cause: Cause::Checks { count: 3, last: REFUSED },
            since: Some(SimTime::from_millis(12_400)),
            last: Some(REFUSED),
            threshold: 2,
        };
        assert_eq!(down.to_string(), "3 of 3 checks failed: connection refused; down since 12.4 s");
        let back = Reason { belief: Belief::GoingUp { passed: 1 }, last: Some(CheckOutcome::Passed), ..down };
        assert_eq!(back.to_string(), "1 of 2 checks passed; still down since 12.4 s");
        let first = Reason { cause: Cause::FirstCheck(REFUSED), ..down };
        assert_eq!(first.to_string(), "the first check failed: connection refused; down since 12.4 s");
        let marked = Reason { cause: Cause::RequestErrors(10), ..down };
        assert_eq!(marked.to_string(), "10 requests in a row failed; down since 12.4 s");
    }

    #[test]
    fn an_up_server_has_its_reason_too() {
        let fresh =
            Reason { belief: Belief::Unchecked, cause: Cause::Start, since: None, last: None, threshold: 3 };
        assert_eq!(fresh.to_string(), "not checked yet; taken to be up until then");
        let up = Reason {
            belief: Belief::Up,
            cause: Cause::FirstCheck(CheckOutcome::Passed),
            last: Some(CheckOutcome::Passed),
            ..fresh
        };
        assert_eq!(up.to_string(), "the first check passed; up since the start");
        let shaky = Reason {
            belief: Belief::GoingDown { failed: 1 },
            last: Some(CheckOutcome::Failed(Failure::WrongStatus(503))),
            ..up
        };
        assert_eq!(shaky.to_string(), "1 of 3 checks failed: wrong status 503; still up since the start");
    }
}
