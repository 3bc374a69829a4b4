//! `understudy audit`: what is weak in a scenario, for people or for a build that must not go on with it.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::ValueEnum;
use understudy_audit::findings::Level;
use understudy_audit::{Options as AuditOptions, Report, markdown};
use understudy_sim::Scenario;
use understudy_sim::scenario::MAX_FILE_BYTES;

/// What a caller of the command can rely on.
pub(crate) const EXIT_CODES: &str = "\
Exit codes:
  0  there is no finding at or above the level of --fail-on, or no such level was given
  1  there is one
  2  there is no audit: the command line is wrong, the file cannot be read or makes no sense";

/// What to audit and how to print it.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// The scenario file, in JSON.
    scenario: PathBuf,
    /// Print everything as JSON.
    #[arg(long)]
    json: bool,
    /// Print a report as Markdown.
    #[arg(long, conflicts_with = "json")]
    markdown: bool,
    /// End with exit code 1 if there is a finding of this level or worse.
    #[arg(long, value_name = "LEVEL")]
    fail_on: Option<FailOn>,
}

/// A level on the command line.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum FailOn {
    Note,
    Warning,
    Critical,
}

impl FailOn {
    const fn level(self) -> Level {
        match self {
            Self::Note => Level::Note,
            Self::Warning => Level::Warning,
            Self::Critical => Level::Critical,
        }
    }
}

/// Audits the scenario, prints the report and says whether it is good enough.
pub(crate) fn run(options: &Options) -> ExitCode {
    match audit(options) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(message) => {
            eprintln!("understudy: {message}");
            ExitCode::from(2)
        }
    }
}

/// Whether the scenario is good enough.
fn audit(options: &Options) -> Result<bool, String> {
    let name = options.scenario.display().to_string();
    let scenario = read(&name, &options.scenario)?;
    let report = Report::of(&scenario, &AuditOptions::default())
        .map_err(|mistake| format!("{name}, {}: {}", mistake.place, mistake.problem))?;
    let text = if options.json {
        report.to_json() + "\n"
    } else if options.markdown {
        markdown::write(&report)
    } else {
        summary(&report)
    };
    match io::stdout().lock().write_all(text.as_bytes()) {
        // Whoever reads has seen enough, as `head` has; the exit code still says what was found.
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            return Err(format!("the report cannot be written: {error}"));
        }
        _ => {}
    }
    let fails = |level: Level| report.findings.iter().any(|finding| finding.level >= level);
    Ok(!options.fail_on.is_some_and(|fail_on| fails(fail_on.level())))
}

fn read(name: &str, path: &Path) -> Result<Scenario, String> {
    let mut text = String::new();
    // One byte over the limit is enough for the reader to refuse the file.
    let limit = MAX_FILE_BYTES as u64 + 1;
    let mut read = || File::open(path)?.take(limit).read_to_string(&mut text);
    read().map_err(|error: io::Error| format!("{name} cannot be read: {error}"))?;
    Scenario::parse(name, &text).map_err(|error| error.to_string())
}

/// A line for each finding, and the availability.
fn summary(report: &Report) -> String {
    let mut lines = vec![report.title.clone(), String::new()];
    for finding in &report.findings {
        lines.push(format!("{:<9} {}", finding.level.name(), finding.what));
        if let Some(fix) = &finding.fix {
            let mended = fix
                .preview
                .as_ref()
                .map_or("", |preview| if preview.mended { " (mends it)" } else { " (helps)" });
            lines.push(format!("{:<9}   fix: {}{mended}", "", fix.what));
        }
    }
    if report.findings.is_empty() {
        lines.push("Nothing is weak as far as the audit can tell.".into());
    }
    lines.push(String::new());
    for (service, availability) in &report.availability {
        lines.push(format!(
            "{service:<12} {:.4} % available, {:.0} s down a month",
            availability.estimate * 100.0,
            availability.downtime_s_per_month
        ));
    }
    if let Some(carries) = report.capacity.carries_per_s {
        let offered = report.capacity.offered_per_s;
        lines.push(format!("{:<12} {carries:.0} requests/s, {offered:.0} are sent", "capacity"));
    }
    lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        options: Options,
    }

    fn parse(line: &str) -> Result<Options, String> {
        let words = std::iter::once("audit").chain(line.split_whitespace());
        Line::try_parse_from(words).map(|line| line.options).map_err(|error| error.to_string())
    }

    fn shipped(name: &str) -> String {
        format!("{}/../../scenarios/{name}.json", env!("CARGO_MANIFEST_DIR"))
    }

    fn good_enough(name: &str, flags: &str) -> Result<bool, String> {
        audit(&parse(&format!("{} {flags}", shipped(name))).expect("a good line"))
    }

    #[test]
    fn a_level_gates() {
        assert_eq!(good_enough("three-web-servers", "--json"), Ok(true));
        assert_eq!(good_enough("three-web-servers", "--fail-on critical"), Ok(false));
        assert_eq!(good_enough("three-web-servers", "--fail-on note --markdown"), Ok(false));
    }

    #[test]
    fn says_what_is_wrong_with_the_line_or_the_file() {
        assert!(parse("a.json --fail-on bad").is_err_and(|error| error.contains("critical")));
        assert!(parse("a.json --json --markdown").is_err());
        let missing = audit(&parse("no-such-file.json").expect("a good line"));
        assert!(missing.is_err_and(|error| error.starts_with("no-such-file.json cannot be read: ")));
    }
}
