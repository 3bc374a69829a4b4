//! The comparison with the real daemons, and the benchmarks: the two commands that measure rather than check.

use std::fs;
use std::path::{Path, PathBuf};

use crate::process;
use crate::tools;
use crate::workspace::Workspace;

/// What the conformance run needs: a program, and the Debian package that has it.
const DAEMONS: [(&str, &str); 5] = [
    ("nginx", "nginx"),
    ("haproxy", "haproxy"),
    ("keepalived", "keepalived"),
    ("postgres", "postgresql"),
    // Network namespaces, for keepalived's instances to be cut off from each other in.
    ("ip", "iproute2"),
];

/// Where system programs are that an ordinary user's `PATH` leaves out.
const SYSTEM_DIRECTORIES: [&str; 3] = ["/usr/local/sbin", "/usr/sbin", "/sbin"];

/// Runs every comparison; it writes `docs/CONFORMANCE.md` itself.
pub(crate) fn conformance(workspace: &Workspace) -> Result<(), String> {
    let missing = missing();
    if !missing.is_empty() {
        let packages: Vec<&str> = missing.iter().map(|(_, package)| *package).collect();
        let programs: Vec<&str> = missing.iter().map(|(program, _)| *program).collect();
        if let Err(why) = tools::apt_install(&packages, "our components are compared with the real ones") {
            // The run says of each comparison whether it could be made.
            println!("    {} cannot be had: {why}", programs.join(", "));
            println!("    By hand: install {}, from Debian's packages or otherwise.", packages.join(", "));
        }
    }
    process::run(
        process::cargo()
            .args(["run", "--release", "--locked", "--package", "understudy-conformance"])
            .env("PATH", tools::path_with(&SYSTEM_DIRECTORIES.map(PathBuf::from)))
            .current_dir(&workspace.root),
    )
}

/// Runs the benchmarks of every crate.
pub(crate) fn bench(workspace: &Workspace) -> Result<(), String> {
    process::run(
        process::cargo().args(["bench", "--locked", "--workspace", "--benches"]).current_dir(&workspace.root),
    )?;
    let report = workspace.target().join("criterion/report/index.html");
    if report.exists() {
        println!(
            "\nThe figures are above; with their curves, and compared with the last run, in {}",
            report.display()
        );
    }
    Ok(())
}

/// The daemons that are not installed.
fn missing() -> Vec<(&'static str, &'static str)> {
    DAEMONS.into_iter().filter(|(program, _)| !is_installed(program)).collect()
}

fn is_installed(program: &str) -> bool {
    let is_in = |directory: &Path| process::is_executable(&directory.join(program));
    process::find_on_path(program).is_some()
        || SYSTEM_DIRECTORIES.iter().any(|directory| is_in(Path::new(directory)))
        // Debian keeps PostgreSQL's server off PATH, one directory per major version.
        || fs::read_dir("/usr/lib/postgresql")
            .is_ok_and(|versions| versions.flatten().any(|version| is_in(&version.path().join("bin"))))
}
