//! Tools that come as Rust source: found in the right version, or built once per machine.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use super::version;
use crate::console::Step;
use crate::process;
use crate::workspace::Workspace;

/// How the tools are compiled: to be there soon, for they run for moments and are compiled while a person waits.
const FAST_TO_COMPILE: [(&str, &str); 4] = [
    ("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0"),
    ("CARGO_PROFILE_RELEASE_LTO", "off"),
    ("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16"),
    ("CARGO_PROFILE_RELEASE_DEBUG", "0"),
];

/// A tool from crates.io, in exactly one version.
pub(super) struct CargoTool {
    /// Its package on crates.io.
    pub(super) package: &'static str,
    /// The programs of it that we use; the first one is asked for its version.
    pub(super) programs: &'static [&'static str],
    /// The only version that will do.
    pub(super) version: String,
    /// What it is for, as the person is told.
    pub(super) why: &'static str,
}

impl CargoTool {
    /// The directory that holds the programs.
    pub(super) fn find_or_build(&self, workspace: &Workspace) -> Result<PathBuf, String> {
        let root = workspace.tools.join(format!("{}-{}", self.package, self.version));
        if let Some(found) = self.find(&root) {
            return Ok(found);
        }
        self.build(workspace, &root).map_err(|why| {
            format!(
                "{} {} cannot be had: {why}\n\
                 By hand: `cargo install --locked {}@{}`, or any other way that puts {} of that version on PATH.",
                self.package,
                self.version,
                self.package,
                self.version,
                self.programs.join(" and "),
            )
        })
    }

    /// Looks on `PATH`, then where an earlier set-up may have built it.
    fn find(&self, root: &Path) -> Option<PathBuf> {
        let on_path =
            process::find_on_path(self.programs[0]).and_then(|path| path.parent().map(Path::to_path_buf));
        on_path.into_iter().chain([root.join("bin")]).find(|directory| self.fits(directory))
    }

    /// Whether all the programs are in `directory`, in the right version.
    fn fits(&self, directory: &Path) -> bool {
        let path = |program: &str| directory.join(format!("{program}{}", std::env::consts::EXE_SUFFIX));
        self.programs.iter().all(|program| process::is_executable(&path(program)))
            && process::capture(Command::new(path(self.programs[0])).arg("--version")).is_ok_and(|printed| {
                printed.success && version::printed(&printed.stdout) == Some(&self.version)
            })
    }

    fn build(&self, workspace: &Workspace, root: &Path) -> Result<PathBuf, String> {
        let _lock = self.lock(&workspace.tools)?;
        let directory = root.join("bin");
        if self.fits(&directory) {
            // Another set-up built it while we waited for the lock.
            return Ok(directory);
        }
        let step = Step::begin(
            format!("building {} {} into {}", self.package, self.version, root.display()),
            self.why,
        );
        process::run(
            process::cargo()
                .args(["install", "--locked", "--no-default-features", "--force", "--root"])
                .arg(root)
                .arg(format!("{}@{}", self.package, self.version))
                .envs(FAST_TO_COMPILE)
                // Two progress bars at once would write over each other; the lines of both still show.
                .env("CARGO_TERM_PROGRESS_WHEN", "never")
                // A directory of its own, which cargo removes: nothing of it is of use afterwards.
                .env_remove("CARGO_TARGET_DIR"),
        )?;
        step.done();
        if self.fits(&directory) {
            Ok(directory)
        } else {
            Err(format!("it was built, but {} does not run as version {}", directory.display(), self.version))
        }
    }

    /// Held while building, so that two set-ups at once do not build the same thing.
    fn lock(&self, tools: &Path) -> Result<File, String> {
        let path = tools.join(format!("{}-{}.lock", self.package, self.version));
        let failed = |error| format!("cannot write {}: {error}", path.display());
        fs::create_dir_all(tools).map_err(failed)?;
        let file = File::create(&path).map_err(failed)?;
        if file.try_lock().is_err() {
            println!("    waiting for another set-up that is building {} {}", self.package, self.version);
            file.lock().map_err(failed)?;
        }
        Ok(file)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A tool that is on no machine, and a workspace whose cache of tools is `name` in the temporary directory.
    fn tool_and_workspace(name: &str) -> (CargoTool, Workspace) {
        let tools = std::env::temp_dir().join(format!("understudy-{name}-{}", std::process::id()));
        let tool = CargoTool {
            package: "no-such-tool",
            programs: &["no-such-tool"],
            version: "1.2.3".into(),
            why: "a test",
        };
        (tool, Workspace { root: tools.clone(), tools })
    }

    #[cfg(unix)]
    #[test]
    fn a_tool_in_the_cache_is_taken_only_in_the_right_version() {
        use std::os::unix::fs::PermissionsExt as _;
        let (mut tool, workspace) = tool_and_workspace("found");
        let directory = workspace.tools.join("no-such-tool-1.2.3").join("bin");
        fs::create_dir_all(&directory).expect("the temporary directory can be written");
        let program = directory.join("no-such-tool");
        fs::write(&program, "#!/bin/sh\necho no-such-tool 1.2.3\n").expect("the program can be written");
        assert_eq!(tool.find(&workspace.tools.join("no-such-tool-1.2.3")), None, "it is not executable");
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).expect("it is ours");
        assert_eq!(tool.find_or_build(&workspace), Ok(directory));
        tool.version = "1.2.4".into();
        assert_eq!(
            tool.find(&workspace.tools.join("no-such-tool-1.2.3")),
            None,
            "another version will not do"
        );
        fs::remove_dir_all(&workspace.tools).expect("it is ours");
    }

    #[test]
    fn what_cannot_be_built_says_which_why_and_how_to_get_it() {
        let (tool, mut workspace) = tool_and_workspace("refused");
        // A file where the cache directory should be: nothing can be built there, and nothing is downloaded.
        fs::write(&workspace.tools, "").expect("the temporary directory can be written");
        workspace.tools.push("tools");
        let message = tool.find_or_build(&workspace).expect_err("it cannot be built");
        fs::remove_file(&workspace.root).expect("it is ours");
        assert!(message.contains("no-such-tool 1.2.3 cannot be had: cannot write"), "{message}");
        assert!(message.contains("`cargo install --locked no-such-tool@1.2.3`"), "{message}");
    }
}
