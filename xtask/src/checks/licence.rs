//! Licences of crates, as SPDX licence expressions (SPDX specification 2.3, annex D): may we take what is offered?

use std::collections::BTreeSet;

/// Whether an expression can be met with `allowed` licences alone: of an OR one side, of an AND both.
///
/// Crates published before the standard was settled write `MIT/Apache-2.0` and mean OR.
pub(super) fn is_allowed(expression: &str, allowed: &BTreeSet<String>) -> Result<bool, String> {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let mut words = Words { words: spaced.split_whitespace().collect(), at: 0 };
    let met = words.any_of(allowed);
    match met {
        Some(met) if words.at == words.words.len() => Ok(met),
        _ => Err(format!("\"{expression}\" is no licence expression")),
    }
}

/// A reader of expressions; `None` means that the expression is malformed.
struct Words<'a> {
    words: Vec<&'a str>,
    at: usize,
}

impl Words<'_> {
    fn take(&mut self, word: &str) -> bool {
        let is_next = self.words.get(self.at) == Some(&word);
        self.at += usize::from(is_next);
        is_next
    }

    /// `a OR b OR c`; OR binds weakest.
    fn any_of(&mut self, allowed: &BTreeSet<String>) -> Option<bool> {
        let mut met = self.all_of(allowed)?;
        while self.take("OR") {
            met |= self.all_of(allowed)?;
        }
        Some(met)
    }

    /// `a AND b AND c`
    fn all_of(&mut self, allowed: &BTreeSet<String>) -> Option<bool> {
        let mut met = self.one(allowed)?;
        while self.take("AND") {
            met &= self.one(allowed)?;
        }
        Some(met)
    }

    /// A licence, one with an exception, or an expression in parentheses.
    fn one(&mut self, allowed: &BTreeSet<String>) -> Option<bool> {
        if self.take("(") {
            let met = self.any_of(allowed)?;
            return self.take(")").then_some(met);
        }
        let mut name = self.name()?;
        if self.take("WITH") {
            name = format!("{name} WITH {}", self.name()?);
        }
        Some(allowed.contains(&name))
    }

    fn name(&mut self) -> Option<String> {
        let word = *self.words.get(self.at)?;
        self.at += 1;
        (!["(", ")", "AND", "OR", "WITH"].contains(&word)).then(|| word.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_an_or_one_side_is_enough_of_an_and_both_are_needed() {
        let allowed = ["MIT", "Apache-2.0", "Unicode-3.0"].map(String::from).into();
        for (expression, met) in [
            ("MIT", true),
            ("GPL-3.0-only", false),
            ("GPL-3.0-only OR MIT", true),
            ("MIT/GPL-3.0-only", true),
            ("MIT AND GPL-3.0-only", false),
            ("(MIT OR Apache-2.0) AND Unicode-3.0", true),
            ("(MIT OR Apache-2.0) AND NCSA", false),
            ("NCSA AND ISC OR MIT", true),
            ("Apache-2.0 WITH LLVM-exception", false),
            ("Apache-2.0 WITH LLVM-exception OR Apache-2.0 OR MIT", true),
        ] {
            assert_eq!(is_allowed(expression, &allowed), Ok(met), "{expression}");
        }
        for malformed in ["", "MIT OR", "(MIT", "MIT)", "MIT Apache-2.0", "AND MIT"] {
            assert!(is_allowed(malformed, &allowed).is_err(), "{malformed}");
        }
    }
}
