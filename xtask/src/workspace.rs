//! Where things are: the checkout, and the directory of built tools that all checkouts share.

use std::env;
use std::path::{Path, PathBuf};

/// A crate that must stay pure: no clock, no I/O, no randomness, no web.
pub(crate) struct PureCrate {
    /// Its package.
    pub(crate) name: &'static str,
    /// Its directory in the checkout.
    pub(crate) path: &'static str,
}

/// All of them.
pub(crate) const PURE_CRATES: [PureCrate; 3] = [
    PureCrate { name: "understudy-core", path: "crates/core" },
    PureCrate { name: "understudy-sim", path: "crates/sim" },
    PureCrate { name: "understudy-audit", path: "crates/audit" },
];

/// The directories that the commands work in.
pub(crate) struct Workspace {
    /// The root of the checkout, where the workspace's `Cargo.toml` is.
    pub(crate) root: PathBuf,
    /// Where tools that this project had to build for itself live, one directory per tool and version.
    /// It is outside the checkout so that no second clone builds them again.
    pub(crate) tools: PathBuf,
}

impl Workspace {
    /// Finds them from the environment that cargo gives to `cargo xtask`.
    pub(crate) fn find() -> Self {
        // At run time first: the checkout may have been moved since this program was compiled.
        let package = env::var_os("CARGO_MANIFEST_DIR")
            .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
        let root = package.parent().expect("xtask is a directory of the workspace").to_path_buf();
        Self { root, tools: tools_directory(|name| env::var_os(name).map(PathBuf::from)) }
    }

    /// A path inside the checkout.
    pub(crate) fn path(&self, inside: impl AsRef<Path>) -> PathBuf {
        self.root.join(inside)
    }

    /// Where cargo builds, and where this program puts its own generated files.
    pub(crate) fn target(&self) -> PathBuf {
        self.root.join(env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into()))
    }

    /// The built page.
    pub(crate) fn dist(&self) -> PathBuf {
        self.path("dist")
    }
}

/// `$UNDERSTUDY_TOOLS`, else the user's cache directory as the XDG base directory specification has it.
fn tools_directory(variable: impl Fn(&str) -> Option<PathBuf>) -> PathBuf {
    if let Some(chosen) = variable("UNDERSTUDY_TOOLS") {
        return chosen;
    }
    let cache = variable("XDG_CACHE_HOME")
        // The specification says that a relative path is to be ignored.
        .filter(|path| path.is_absolute())
        .or_else(|| variable("HOME").map(|home| home.join(".cache")))
        .or_else(|| variable("LOCALAPPDATA"))
        .unwrap_or_else(env::temp_dir);
    cache.join("understudy").join("tools")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tools_are_kept_where_the_person_says_else_in_the_cache() {
        let with = |set: &[(&str, &str)]| {
            let set: Vec<(String, PathBuf)> =
                set.iter().map(|(name, value)| ((*name).into(), value.into())).collect();
            tools_directory(move |name| set.iter().find(|(n, _)| n == name).map(|(_, v)| v.clone()))
        };
        assert_eq!(with(&[("UNDERSTUDY_TOOLS", "/t"), ("HOME", "/h")]), Path::new("/t"));
        assert_eq!(with(&[("XDG_CACHE_HOME", "/c"), ("HOME", "/h")]), Path::new("/c/understudy/tools"));
        assert_eq!(
            with(&[("XDG_CACHE_HOME", "relative"), ("HOME", "/h")]),
            Path::new("/h/.cache/understudy/tools")
        );
    }
}
