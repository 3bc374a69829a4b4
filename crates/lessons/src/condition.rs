//! Conditions: a fact compared with a number, `refused~5s >= 1`.

use alloc::format;
use alloc::string::String;

use borsh::{BorshDeserialize, BorshSerialize};
use understudy_sim::{Plan, number};

use crate::evaluate::Scene;
use crate::fact::{Fact, Unit};

/// How two numbers compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshDeserialize, BorshSerialize)]
pub enum Comparison {
    /// `=`
    Equal,
    /// `!=`
    Unequal,
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `>`
    More,
    /// `>=`
    AtLeast,
}

const SIGNS: [(Comparison, &str); 6] = [
    (Comparison::AtMost, "<="),
    (Comparison::AtLeast, ">="),
    (Comparison::Unequal, "!="),
    (Comparison::Equal, "="),
    (Comparison::Less, "<"),
    (Comparison::More, ">"),
];

/// What has to be so. A fact of which nothing can be said yet meets no condition.
#[derive(Clone, Copy, Debug, PartialEq, BorshDeserialize, BorshSerialize)]
pub struct Condition {
    /// The fact.
    pub fact: Fact,
    /// How it has to compare ...
    pub comparison: Comparison,
    /// ... with this number, in the fact's unit.
    pub number: f64,
}

impl Condition {
    /// Reads `FACT (= | != | < | <= | > | >=) NUMBER`, or says what is wrong with it and what would be right.
    pub fn parse(text: &str, plan: &Plan) -> Result<Self, String> {
        // A fact may hold a `>` itself, between two names without spaces.
        let found = SIGNS.into_iter().find_map(|(comparison, sign)| {
            let (fact, number) = text.split_once(&*format!(" {sign} "))?;
            Some((comparison, fact, number))
        });
        let Some((comparison, fact, number)) = found else {
            return Err(format!(
                "\"{text}\" is no condition; write a fact, one of = != < <= > >= and a number, with spaces between, like \
                 \"refused >= 1\""
            ));
        };
        let fact = Fact::parse(fact, plan)?;
        if fact.name.unit() == Unit::Name {
            return Err(format!("\"{text}\": {} is a name and compares with no number", fact.name));
        }
        match number::read(number.trim()) {
            Some(number) => Ok(Self { fact, comparison, number }),
            None => {
                Err(format!("\"{text}\": \"{}\" is no number; write one without its unit", number.trim()))
            }
        }
    }

    /// Whether it is so.
    #[expect(clippy::float_cmp, reason = "counts are whole, and a person who asks for equality means it")]
    pub fn holds(&self, scene: &Scene<'_>) -> bool {
        let Some(value) = scene.number(&self.fact) else { return false };
        match self.comparison {
            Comparison::Equal => value == self.number,
            Comparison::Unequal => value != self.number,
            Comparison::Less => value < self.number,
            Comparison::AtMost => value <= self.number,
            Comparison::More => value > self.number,
            Comparison::AtLeast => value >= self.number,
        }
    }
}

/// Whether all of them are so.
pub fn all_hold(conditions: &[Condition], scene: &Scene<'_>) -> bool {
    conditions.iter().all(|condition| condition.holds(scene))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figure::tests::{plan, run};

    #[test]
    fn a_condition_compares_a_fact_with_a_number() {
        let sim = run(&["3s kill web-2"], 5);
        let snapshot = sim.snapshot();
        let scene = Scene::new(&sim, &snapshot);
        for (text, holds) in [
            ("alive@web-2 = 0", true),
            ("alive@web-1 != 1", false),
            ("now_s < 5", false),
            ("now_s <= 5", true),
            ("now_s > 4.5", true),
            ("refused >= 1", true),
            ("believed_up@lb-1>web-2 = 1", true),
            // Nobody has found out: there is nothing to compare.
            ("detected_after_s@web-2 < 100", false),
            ("detected_after_s@web-2 != 100", false),
        ] {
            let condition = Condition::parse(text, sim.plan()).expect(text);
            assert_eq!(condition.holds(&scene), holds, "{text}");
        }
    }

    #[test]
    fn what_is_wrong_is_said_with_what_would_be_right() {
        for (text, problem) in [
            ("refused", "\"refused\" is no condition; write a fact, one of = != < <= > >= and a number"),
            ("refused>=1", "with spaces between, like \"refused >= 1\""),
            ("refusd >= 1", "there is no fact \"refusd\""),
            ("now_s >= 5s", "\"5s\" is no number; write one without its unit"),
            ("master = 1", "master is a name and compares with no number"),
        ] {
            let error = Condition::parse(text, &plan()).expect_err(text);
            assert!(error.contains(problem), "{text}: {error}");
        }
    }
}
