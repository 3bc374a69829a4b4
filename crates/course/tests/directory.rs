//! The example of `docs/lessons.md` as a course on disk, changed as a test wants it.

use std::env;
use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

use understudy_course::pages::{self, Page, Template};
use understudy_course::{Course, Directories, Problems};

/// The root of the checkout.
pub(crate) fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The course that is shipped.
pub(crate) fn shipped() -> Course {
    let directories = Directories { lessons: root().join("lessons"), scenarios: root().join("scenarios") };
    let mut problems = Problems::default();
    let course = Course::read(&directories, &mut problems);
    assert_eq!(problems.sorted(), [], "the lessons have mistakes");
    course
}

/// The lesson and the glossary that the documentation shows.
pub(crate) fn documented() -> (String, String) {
    let text = fs::read_to_string(root().join("docs/lessons.md")).expect("it is shipped");
    let between = |open: &str, close: &str| {
        let (_, rest) = text.split_once(open).expect(open);
        rest.split_once(close).expect(close).0.to_string()
    };
    (between("\n`````markdown\n", "\n`````\n") + "\n", between("\n````toml\n", "\n````\n") + "\n")
}

/// A course in a directory of its own, gone when it is dropped.
pub(crate) struct Disk {
    path: PathBuf,
}

impl Disk {
    /// The documented course.
    pub(crate) fn documented() -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = env::temp_dir().join(format!("understudy-course-{}-{number}", std::process::id()));
        fs::create_dir_all(path.join("scenarios")).expect("a directory can be made");
        let disk = Self { path };
        let (lesson, glossary) = documented();
        disk.write("01-a-dead-server.md", &lesson);
        disk.write("glossary.toml", &glossary);
        disk
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        fs::write(self.path.join(name), text).expect("a file can be written");
    }

    pub(crate) fn write_below(&self, directory: &str, name: &str, text: &str) {
        let directory = self.path.join(directory);
        fs::create_dir_all(&directory).expect("a directory can be made");
        fs::write(directory.join(name), text).expect("a file can be written");
    }

    pub(crate) fn remove(&self, name: &str) {
        fs::remove_file(self.path.join(name)).expect("it was there");
    }

    /// The files beside the pages, for a site at this address.
    pub(crate) fn beside(&self, site: &str) -> Vec<Page> {
        let directories = Directories { lessons: self.path.clone(), scenarios: root().join("scenarios") };
        pages::beside::write(&Course::read(&directories, &mut Problems::default()), site)
    }

    /// Everything that is wrong, and the pages.
    pub(crate) fn build(&self) -> (Vec<String>, Vec<Page>) {
        let template = "<title>T</title><meta name=\"description\" content=\"d\"></head><main data-course><h1>Front</h1></main>";
        let template = Template::read(template).expect("it has all that is needed");
        let directories = Directories { lessons: self.path.clone(), scenarios: root().join("scenarios") };
        let mut problems = Problems::default();
        let course = Course::read(&directories, &mut problems);
        let pages = pages::write(&course, &template, &mut problems);
        (problems.sorted().iter().map(ToString::to_string).collect(), pages)
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.path);
    }
}
