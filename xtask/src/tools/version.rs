//! Versions, as tools and lock files write them.

/// The version in what a program prints for `--version`: `trunk 0.21.14`, `wasm-bindgen 0.2.128 (1f2d3c)`, `v20.1.0`.
pub(super) fn printed(text: &str) -> Option<&str> {
    text.split_whitespace()
        .map(|word| word.strip_prefix('v').unwrap_or(word))
        .find(|word| word.starts_with(|first: char| first.is_ascii_digit()))
}

/// The first number of a version.
pub(super) fn major(version: &str) -> Option<u32> {
    version.split('.').next()?.parse().ok()
}

/// The version that a `Cargo.lock` has of `package`.
pub(super) fn locked<'a>(lock: &'a str, package: &str) -> Option<&'a str> {
    let name = format!("name = \"{package}\"");
    let mut lines = lock.lines().skip_while(|line| *line != name);
    lines.nth(1)?.strip_prefix("version = \"")?.strip_suffix('"')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tools_print_their_version_in_several_ways() {
        for (text, version) in [
            ("trunk 0.21.14\n", Some("0.21.14")),
            ("wasm-bindgen 0.2.128 (1f2d3c)", Some("0.2.128")),
            ("v20.20.2\n", Some("20.20.2")),
            ("wasm-opt version 132 (version_132)", Some("132")),
            ("unknown option\n", None),
        ] {
            assert_eq!(printed(text), version, "{text}");
        }
        assert_eq!(major("20.20.2"), Some(20));
    }

    #[test]
    fn the_lock_file_is_asked_for_the_package_of_exactly_that_name() {
        let lock = "[[package]]\nname = \"wasm-bindgen-macro\"\nversion = \"1.0.0\"\n\n\
                    [[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.128\"\n";
        assert_eq!(locked(lock, "wasm-bindgen"), Some("0.2.128"));
        assert_eq!(locked(lock, "trunk"), None);
    }
}
