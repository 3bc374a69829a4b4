//! What the person sees: a line per step with what and why, how long it took, plain text only.

use std::fmt;
use std::time::{Duration, Instant};

/// A step that has been announced; it says how long it took when it is done.
pub(crate) struct Step {
    what: String,
    began: Instant,
}

impl Step {
    /// Announces `what` is being done and `why`.
    pub(crate) fn begin(what: impl Into<String>, why: &str) -> Self {
        let what = what.into();
        println!("--> {what}: {why}");
        Self { what, began: Instant::now() }
    }

    /// Says that it is done.
    pub(crate) fn done(self) {
        println!("    {}: done in {}", self.what, Elapsed(self.began.elapsed()));
    }
}

/// A duration as people read it: `0.4 s`, `12.3 s`, `2 min 05 s`.
pub(crate) struct Elapsed(pub(crate) Duration);

impl fmt::Display for Elapsed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tenths = self.0.as_millis().div_ceil(100);
        if tenths < 600 {
            write!(f, "{}.{} s", tenths / 10, tenths % 10)
        } else {
            let seconds = tenths.div_ceil(10);
            write!(f, "{} min {:02} s", seconds / 60, seconds % 60)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_well() {
        for (millis, text) in
            [(0, "0.0 s"), (40, "0.1 s"), (12_300, "12.3 s"), (59_999, "1 min 00 s"), (125_000, "2 min 05 s")]
        {
            assert_eq!(Elapsed(Duration::from_millis(millis)).to_string(), text);
        }
    }
}
