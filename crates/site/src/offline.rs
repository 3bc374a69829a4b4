//! The site without a network. Every page of a published site starts a service worker (`worker.js`), which keeps all
//! files of this version on the first visit and serves them from then on.
//!
//! What is served while working has a worker that only ends an earlier one: that would show yesterday's page.

use std::fs;
use std::path::Path;

use sha2::{Digest as _, Sha256};

use crate::pages::Page;

/// The worker's file. It says itself which files there are, so it is not among them.
const WORKER: &str = "sw.js";
/// The pages that are shown inside other people's pages: what these keep is not ours to decide.
const EMBEDDED: &str = "embed.html";
/// How many digits of the hash name a version.
const DIGITS: usize = 16;

/// Starts the worker, except in files opened from disk and in frames of other people's pages. A frame without an origin
/// of its own may not even look for workers; a browser that has none shows the page all the same.
const START: &str = "<script>
      try {
        if (location.protocol.startsWith(\"http\") && self === top) {
          navigator.serviceWorker.register(\"./sw.js\").catch(() => {});
        }
      } catch { /* Then there is nothing without a network. */ }
    </script>
  ";

/// Ends the worker of a published site that was once served from the same address, at its next look for a newer one.
const END: &str = "addEventListener(\"install\", () => skipWaiting());
addEventListener(\"activate\", () => registration.unregister());
";

/// Lets the pages start the worker.
pub(crate) fn start(pages: &mut [Page]) {
    for page in pages.iter_mut().filter(|page| page.name != EMBEDDED && !page.text.contains(START)) {
        if let Some(at) = page.text.rfind("</body>") {
            page.text.insert_str(at, START);
        }
    }
}

/// The page without what starts the worker, for where there is none.
pub(crate) fn without_start(page: &str) -> String {
    page.replace(START, "")
}

/// Writes the worker for the files of `directory` as they are now.
pub(crate) fn write_worker(directory: &Path) -> Result<(), String> {
    let mut version = Sha256::new();
    let mut list = Vec::new();
    for name in crate::pages::files(directory)?.into_iter().filter(|name| name != WORKER) {
        let path = directory.join(&name);
        let bytes = fs::read(&path).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
        version.update(format!("{name} {} ", bytes.len()));
        version.update(bytes);
        list.push(format!("{name:?}"));
    }
    let digits = format!("{:x}", version.finalize());
    write(directory, &worker(&digits[..DIGITS], &list.join(", ")))
}

/// Writes the worker that ends another.
pub(crate) fn write_end(directory: &Path) -> Result<(), String> {
    write(directory, END)
}

fn write(directory: &Path, text: &str) -> Result<(), String> {
    let path = directory.join(WORKER);
    fs::write(&path, text).map_err(|error| format!("cannot write {}: {error}", path.display()))
}

fn worker(version: &str, files: &str) -> String {
    include_str!("worker.js").replace("{{VERSION}}", version).replace("{{FILES}}", &format!("[{files}]"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(name: &str) -> Page {
        Page { name: name.into(), text: "<body>words</body>".into() }
    }

    #[test]
    fn pages_of_ours_start_the_worker_once_and_a_figure_elsewhere_does_not() {
        let mut pages = [page("index.html"), page("embed.html")];
        start(&mut pages);
        start(&mut pages);
        assert_eq!(pages[0].text.matches("serviceWorker.register").count(), 1);
        assert_eq!(pages[1].text, "<body>words</body>");
        assert_eq!(without_start(&pages[0].text), "<body>words</body>");
    }

    #[test]
    fn the_worker_names_its_files_and_leaves_no_hole() {
        let text = worker("0123", "\"index.html\", \"a b.css\"");
        assert!(text.contains("const VERSION = \"0123\";"), "{text}");
        assert!(text.contains("const FILES = [\"index.html\", \"a b.css\"];"), "{text}");
        assert!(!text.contains("{{"), "{text}");
    }
}
