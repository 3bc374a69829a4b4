//! The command line: raw arguments in, a [`Command`] or a clear error out.

use crate::checks;

/// What the person asked for, checked.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Command {
    /// List the commands.
    Help,
    /// Find or install every tool.
    Setup,
    /// Build the page, serve it on localhost and rebuild it on change.
    Serve {
        /// The port asked for; `None` takes the first free one.
        port: Option<u16>,
        /// Serve the release page rather than the quickly built one.
        release: bool,
    },
    /// Build the site into `dist/`.
    Build,
    /// Build the site and make what can be taken along of it.
    Bundle,
    /// Make the pages beside the one that Trunk has just built; Trunk asks for it.
    Pages,
    /// Run the checks named, or all of them.
    Test {
        /// Names of checks, in the order given; empty for all.
        only: Vec<String>,
    },
    /// Compare our components with the real daemons.
    Conformance,
    /// Run the benchmarks.
    Bench,
}

/// The help text, up to the list of checks.
const COMMANDS: &str = "\
cargo xtask COMMAND

  serve [--port N] [--release]   build the site and serve it on localhost, rebuilding on change
                                 (--release: the site as it is published, slower to build)
  build                          build the site into dist/ and weigh its pages
  bundle                         build the site and make of it, in target/bundle/: a zip, a page in one file that opens
                                 from disk, a SCORM 1.2 package for course platforms
  pages                          make the pages beside index.html; Trunk asks for it when it has built that
  test [--only NAME,NAME]        run every check, or only those named (see below)
  conformance                    compare our components with the real nginx, HAProxy, keepalived, PostgreSQL
  bench                          run the benchmarks
  setup                          find or install every tool now (the other commands do it when they need one)
  help                           this text

Checks, in the order in which `test` runs them:

";

/// The help text.
pub(crate) fn help() -> String {
    let checks = checks::ALL.iter().map(|check| format!("  {:<12} {}\n", check.name, check.about));
    [COMMANDS.to_owned()].into_iter().chain(checks).collect()
}

/// Reads the arguments that follow `cargo xtask`.
pub(crate) fn parse(arguments: impl IntoIterator<Item = String>) -> Result<Command, String> {
    let mut arguments = arguments.into_iter();
    let Some(name) = arguments.next() else { return Ok(Command::Help) };
    let mut flags = Flags { command: name.clone(), rest: arguments.collect() };
    let command = match name.as_str() {
        "help" | "--help" | "-h" => Command::Help,
        "setup" => Command::Setup,
        "serve" => Command::Serve { port: flags.port()?, release: flags.switch("--release") },
        "build" => Command::Build,
        "bundle" => Command::Bundle,
        "pages" => Command::Pages,
        "test" => Command::Test { only: flags.checks()? },
        "conformance" => Command::Conformance,
        "bench" => Command::Bench,
        _ => return Err(format!("there is no command \"{name}\"; `cargo xtask help` lists them")),
    };
    flags.finish()?;
    Ok(command)
}

/// The arguments after the command that nobody has taken yet.
struct Flags {
    command: String,
    rest: Vec<String>,
}

impl Flags {
    /// Takes `flag` if it is there.
    fn switch(&mut self, flag: &str) -> bool {
        let at = self.rest.iter().position(|argument| argument == flag);
        at.map(|at| self.rest.remove(at)).is_some()
    }

    /// Takes the value of `flag`, written `--flag value` or `--flag=value`.
    fn value(&mut self, flag: &str, example: &str) -> Result<Option<String>, String> {
        let prefix = format!("{flag}=");
        let Some(at) = self.rest.iter().position(|a| a == flag || a.starts_with(&prefix)) else {
            return Ok(None);
        };
        let argument = self.rest.remove(at);
        if let Some(value) = argument.strip_prefix(&prefix) {
            return Ok(Some(value.into()));
        }
        if at < self.rest.len() {
            return Ok(Some(self.rest.remove(at)));
        }
        Err(format!("{flag} needs a value, like `{flag} {example}`"))
    }

    fn port(&mut self) -> Result<Option<u16>, String> {
        let Some(text) = self.value("--port", "8080")? else { return Ok(None) };
        match text.parse() {
            Ok(port) if port > 0 => Ok(Some(port)),
            _ => Err(format!("\"{text}\" is no port: give a number from 1 to 65535")),
        }
    }

    fn checks(&mut self) -> Result<Vec<String>, String> {
        let Some(list) = self.value("--only", "browser,weight")? else { return Ok(Vec::new()) };
        let names: Vec<String> = list.split(',').map(|name| name.trim().to_owned()).collect();
        match names.iter().find(|name| !checks::ALL.iter().any(|check| check.name == **name)) {
            Some(unknown) => {
                let known: Vec<&str> = checks::ALL.iter().map(|check| check.name).collect();
                Err(format!("there is no check \"{unknown}\"; there are: {}", known.join(", ")))
            }
            None => Ok(names),
        }
    }

    /// Refuses what is left.
    fn finish(self) -> Result<(), String> {
        match self.rest.first() {
            None => Ok(()),
            Some(unknown) => Err(format!(
                "`cargo xtask {}` does not know \"{unknown}\"; `cargo xtask help` lists what it takes",
                self.command
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse_words(line: &str) -> Result<Command, String> {
        parse(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn commands_and_their_flags() {
        assert_eq!(parse_words(""), Ok(Command::Help));
        assert_eq!(parse_words("build"), Ok(Command::Build));
        assert_eq!(parse_words("bundle"), Ok(Command::Bundle));
        assert_eq!(parse_words("serve"), Ok(Command::Serve { port: None, release: false }));
        assert_eq!(
            parse_words("serve --release --port 9000"),
            Ok(Command::Serve { port: Some(9000), release: true })
        );
        assert_eq!(parse_words("serve --port=9000"), Ok(Command::Serve { port: Some(9000), release: false }));
        assert_eq!(parse_words("test"), Ok(Command::Test { only: vec![] }));
        assert_eq!(
            parse_words("test --only fmt,weight"),
            Ok(Command::Test { only: vec!["fmt".into(), "weight".into()] })
        );
    }

    #[test]
    fn what_is_unknown_is_named() {
        for (line, said) in [
            ("tset", "no command \"tset\""),
            ("build --fast", "`cargo xtask build` does not know \"--fast\""),
            ("serve 8080", "does not know \"8080\""),
            ("serve --port", "--port needs a value, like `--port 8080`"),
            ("serve --port 0", "\"0\" is no port"),
            ("serve --port 99999", "\"99999\" is no port"),
            ("test --only fmt,speling", "no check \"speling\"; there are: fmt, "),
            ("test --only", "--only needs a value"),
        ] {
            let message = parse_words(line).expect_err(line);
            assert!(message.contains(said), "{line}: {message}");
        }
    }

    #[test]
    fn help_names_every_check() {
        let text = help();
        for check in checks::ALL {
            assert!(text.contains(check.name), "{}", check.name);
        }
    }
}
