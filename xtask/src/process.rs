//! Running other programs, and saying in words what went wrong when they fail.

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::io::{self, BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fs};

/// Runs `command` with its output going straight to the person, and fails unless it succeeds.
pub(crate) fn run(command: &mut Command) -> Result<(), String> {
    // Nothing here asks questions, and a program that would wait for an answer must not hang the run.
    let status = command.stdin(Stdio::null()).status().map_err(|error| not_started(command, &error))?;
    if status.success() { Ok(()) } else { Err(format!("`{}` failed ({status})", shown(command))) }
}

/// Becomes `command` where the system can do that, so that ending us ends it; returns only when it fails.
pub(crate) fn become_it(command: &mut Command) -> Result<(), String> {
    #[cfg(unix)]
    {
        use std::os::unix::process::CommandExt as _;
        let error = command.stdin(Stdio::null()).exec();
        Err(not_started(command, &error))
    }
    #[cfg(not(unix))]
    {
        run(command)
    }
}

/// As [`run`], and gives every line of its standard output to `watch` as it passes.
pub(crate) fn run_watching(command: &mut Command, mut watch: impl FnMut(&str)) -> Result<(), String> {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| not_started(command, &error))?;
    let output = BufReader::new(child.stdout.take().expect("its output was piped"));
    for line in output.split(b'\n') {
        let line = line.map_err(|error| format!("cannot read what `{}` prints: {error}", shown(command)))?;
        let line = String::from_utf8_lossy(&line);
        println!("{line}");
        watch(&line);
    }
    let status = child.wait().map_err(|error| not_started(command, &error))?;
    if status.success() { Ok(()) } else { Err(format!("`{}` failed ({status})", shown(command))) }
}

/// What a program printed, whether or not it succeeded.
pub(crate) struct Printed {
    /// Whether it ended with status 0.
    pub(crate) success: bool,
    /// Its standard output.
    pub(crate) stdout: String,
    /// Its standard error.
    pub(crate) stderr: String,
}

/// Runs `command` and keeps what it prints; fails only when it cannot be started.
pub(crate) fn capture(command: &mut Command) -> Result<Printed, String> {
    let output = command.stdin(Stdio::null()).output().map_err(|error| not_started(command, &error))?;
    Ok(Printed {
        success: output.status.success(),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    })
}

/// Runs `command`, keeps its standard output, and fails with its standard error unless it succeeds.
pub(crate) fn read(command: &mut Command) -> Result<String, String> {
    let printed = capture(command)?;
    if printed.success {
        Ok(printed.stdout)
    } else {
        Err(format!("`{}` failed:\n{}", shown(command), printed.stderr.trim_end()))
    }
}

/// The program of that name on `PATH`.
pub(crate) fn find_on_path(program: &str) -> Option<PathBuf> {
    let file_name = format!("{program}{}", env::consts::EXE_SUFFIX);
    env::split_paths(&env::var_os("PATH")?)
        .map(|directory| directory.join(&file_name))
        .find(|path| is_executable(path))
}

/// Whether a file is there and may be run.
pub(crate) fn is_executable(path: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::metadata(path).is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
    }
    #[cfg(not(unix))]
    {
        fs::metadata(path).is_ok_and(|found| found.is_file())
    }
}

/// The cargo that runs us, so that the pinned toolchain stays the one in use.
pub(crate) fn cargo() -> Command {
    Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// A command as a person would type it.
pub(crate) fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let mut text = program.file_name().unwrap_or(program.as_os_str()).to_string_lossy().into_owned();
    for argument in command.get_args() {
        write!(text, " {}", quoted(argument)).expect("writing to a string cannot fail");
    }
    text
}

fn quoted(argument: &OsStr) -> String {
    let text = argument.to_string_lossy();
    if text.is_empty() || text.contains([' ', '\t', '"', '\'']) { format!("'{text}'") } else { text.into() }
}

fn not_started(command: &Command, error: &io::Error) -> String {
    let why = match error.kind() {
        io::ErrorKind::NotFound => "it was not found".into(),
        _ => error.to_string(),
    };
    format!("cannot run `{}`: {why}", shown(command))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_shown_as_it_would_be_typed() {
        let mut command = Command::new("/usr/bin/npm");
        command.args(["ci", "--prefix", "a b"]);
        assert_eq!(shown(&command), "npm ci --prefix 'a b'");
    }

    #[test]
    fn a_missing_program_is_named() {
        let message = run(&mut Command::new("no-such-program")).expect_err("there is no such program");
        assert_eq!(message, "cannot run `no-such-program`: it was not found");
    }
}
