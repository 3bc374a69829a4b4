//! The site to take along: an archive of its files, pages that are one file each, a package for course platforms.
//!
//! All are made from the built site in `dist/`, whose pages are changed only where the other place asks for it.

mod archive;
mod scorm;
mod single;
mod whole;

use std::fs;
use std::path::{Path, PathBuf};

use crate::pages::{self, Page};

/// What the archive of the site is called.
const SITE: &str = "understudy-site.zip";
/// What the package for course platforms is called.
const SCORM: &str = "understudy-scorm-1.2.zip";
/// The page that has the whole course: the first of these that is there.
const COURSE: [&str; 2] = ["course.html", "index.html"];
const LAB: &str = "lab.html";
const GLOSSARY: &str = "glossary.html";
/// What the pages that are one file each are called.
const SINGLE: [&str; 2] = ["understudy-course.html", "understudy-lab.html"];

/// One file of a bundle.
pub(crate) struct File {
    /// Its name, with `/` between the parts.
    pub(crate) name: String,
    /// What is in it.
    pub(crate) bytes: Vec<u8>,
}

/// Makes all bundles of the site in `dist` and writes them into `out`; the XML schemas for the package lie in
/// `schemas`. Gives back what was written.
pub(crate) fn all(dist: &Path, schemas: &Path, out: &Path) -> Result<Vec<PathBuf>, String> {
    let site = read(dist)?;
    let pages = pages::read(dist)?;
    let find = |name: &str| pages.iter().find(|page| page.name == name);
    let missing = |name: &str| format!("{} has no {name}", dist.display());
    let course = COURSE.into_iter().find_map(find).ok_or_else(|| missing(COURSE[0]))?;
    let lab = find(LAB).ok_or_else(|| missing(LAB))?;
    let course = Page { name: course.name.clone(), text: whole::with_glossary(course, find(GLOSSARY))? };
    let made = [
        (SITE, archive::zip(&site)?),
        (SCORM, archive::zip(&scorm::package(&site, &course, schemas)?)?),
        (SINGLE[0], single::file_of(&course, &site)?.into_bytes()),
        (SINGLE[1], single::file_of(lab, &site)?.into_bytes()),
    ];
    fs::create_dir_all(out).map_err(|error| format!("cannot make {}: {error}", out.display()))?;
    let mut written = Vec::new();
    for (name, bytes) in made {
        let path = out.join(name);
        fs::write(&path, bytes).map_err(|error| format!("cannot write {}: {error}", path.display()))?;
        written.push(path);
    }
    Ok(written)
}

/// All files below `directory`.
fn read(directory: &Path) -> Result<Vec<File>, String> {
    let read = |name: String| {
        let path = directory.join(&name);
        let bytes = fs::read(&path).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
        Ok(File { name, bytes })
    };
    pages::files(directory)?.into_iter().map(read).collect()
}

/// The file `name` of `site`.
fn file<'a>(site: &'a [File], name: &str) -> Result<&'a File, String> {
    let found = site.iter().find(|file| file.name == name);
    found.ok_or_else(|| format!("the site has no {name}, which a page asks for"))
}

/// The page that a file is, if it is one.
fn page_of(file: &File) -> Option<Result<Page, String>> {
    if Path::new(&file.name).extension()? != "html" {
        return None;
    }
    let text = String::from_utf8(file.bytes.clone()).map_err(|_| format!("{} is no UTF-8", file.name));
    Some(text.map(|text| Page { name: file.name.clone(), text }))
}
