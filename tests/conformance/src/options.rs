//! What a run of the comparisons can be told: which suites, and where their random cases come from.

use crate::suites::{ALL, Suite};

/// What every suite is told.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Seed of everything that is generated: the same seed gives the same cases.
    pub seed: u64,
}

/// What was asked for on the command line.
#[derive(Clone, Debug)]
pub struct Arguments {
    /// What every suite is told.
    pub options: Options,
    /// The suites to run.
    pub suites: Vec<&'static Suite>,
}

impl Arguments {
    /// Reads the command line; `None` when only help is wanted. An error says what is wrong with it.
    pub fn parse(words: impl IntoIterator<Item = String>) -> Result<Option<Self>, String> {
        let mut options = Options { seed: 1 };
        let mut named = Vec::new();
        let mut words = words.into_iter();
        while let Some(word) = words.next() {
            match word.as_str() {
                "--help" | "-h" => return Ok(None),
                "--seed" => {
                    let seed = words.next().ok_or("--seed lacks its number")?;
                    options.seed = seed.parse().map_err(|_| {
                        format!("\"{seed}\" is no seed: it must be a whole number from 0 to {}", u64::MAX)
                    })?;
                }
                flag if flag.starts_with('-') => return Err(format!("there is no option {flag}")),
                name => named.push(suite(name)?),
            }
        }
        let asked = |suite: &&Suite| named.is_empty() || named.contains(&suite.name);
        Ok(Some(Self { options, suites: ALL.iter().filter(asked).collect() }))
    }
}

fn suite(name: &str) -> Result<&'static str, String> {
    let known = ALL.iter().map(|suite| suite.name);
    known.clone().find(|known| *known == name).ok_or_else(|| {
        format!("there is no suite \"{name}\"; there are {}", known.collect::<Vec<_>>().join(", "))
    })
}

/// How it is used.
pub fn usage() -> String {
    let names: Vec<&str> = ALL.iter().map(|suite| suite.name).collect();
    format!(
        "Usage: conformance [--seed N] [SUITE ...]\n\n\
         Runs the real daemons beside our components and compares what they do.\n\
         SUITE is any of {}; without, all of them run and docs/CONFORMANCE.md is written.\n\
         --seed N makes other random cases; it is 1 unless told.",
        names.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use super::Arguments;
    use crate::suites::ALL;

    fn parse(words: &str) -> Result<Option<Arguments>, String> {
        Arguments::parse(words.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn without_names_every_suite_runs() {
        let arguments = parse("--seed 7").unwrap().unwrap();
        assert_eq!(arguments.options.seed, 7);
        assert_eq!(arguments.suites.len(), ALL.len(), "all suites run");
    }

    #[test]
    fn named_suites_run_alone() {
        let arguments = parse(ALL[0].name).unwrap().unwrap();
        let names: Vec<&str> = arguments.suites.iter().map(|suite| suite.name).collect();
        assert_eq!(names, [ALL[0].name], "only the suite that was named runs");
        assert_eq!(arguments.options.seed, 1, "the seed is 1 unless told");
    }

    #[test]
    fn what_is_wrong_with_the_command_line_is_said() {
        for (words, problem) in [
            ("--seed", "--seed lacks its number"),
            ("--seed x", "\"x\" is no seed"),
            ("--sed 1", "there is no option --sed"),
            ("apache", "there is no suite \"apache\"; there are "),
        ] {
            let said = parse(words).map(drop).unwrap_err();
            assert!(said.starts_with(problem), "{words}: {said}");
        }
        assert!(parse("--help").unwrap().is_none(), "help is no mistake");
    }
}
