//! The site as a SCORM 1.2 package, for learning-management systems.
//!
//! A package is an archive with a manifest that says what there is to start. Here that is one page with the whole
//! course, so that one session of the system is one page: it is opened once, reports what was answered (`scorm.js`), and
//! ends when it is closed. After: ADL, SCORM 1.2, The SCORM Content Aggregation Model (the manifest) and The SCORM
//! Run-Time Environment (what is reported).

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use super::{File, page_of};
use crate::offline;
use crate::pages::Page;
use crate::policy;

/// What the system has no use for.
const LEFT_OUT: [&str; 2] = ["sw.js", "manifest.webmanifest"];
/// The schemas that the manifest refers to; the standard wants them beside it.
const SCHEMAS: [&str; 4] =
    ["adlcp_rootv1p2.xsd", "ims_xml.xsd", "imscp_rootv1p1p2.xsd", "imsmd_rootv1p2p1.xsd"];
/// What talks to the system.
const REPORTER: &str = "scorm.js";
const TITLE: &str = "Understudy: how web infrastructure stays up";

/// The files of the package made of `site`, the manifest first. The system starts `course`.
pub(super) fn package(site: &[File], course: &Page, schemas: &Path) -> Result<Vec<File>, String> {
    let mut files = Vec::new();
    for file in site.iter().filter(|file| !LEFT_OUT.contains(&file.name.as_str())) {
        let bytes = match page_of(file) {
            Some(_) if file.name == course.name => page(course, true)?,
            Some(other) => page(&other?, false)?,
            None => file.bytes.clone(),
        };
        files.push(File { name: file.name.clone(), bytes });
    }
    files.push(File { name: REPORTER.into(), bytes: include_str!("scorm.js").into() });
    let mut all =
        vec![File { name: "imsmanifest.xml".into(), bytes: manifest(&course.name, &files).into_bytes() }];
    for name in SCHEMAS {
        let path = schemas.join(name);
        let bytes = fs::read(&path).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
        all.push(File { name: name.into(), bytes });
    }
    all.append(&mut files);
    Ok(all)
}

/// A page as the package has it: without what works offline, and the one that is started with what reports.
fn page(page: &Page, is_started: bool) -> Result<Vec<u8>, String> {
    let mut text = offline::without_start(&page.text)
        .replace("    <link rel=\"manifest\" href=\"./manifest.webmanifest\">\n", "");
    if is_started {
        let at = text.find("</head>").ok_or_else(|| format!("{}: there is no `</head>`", page.name))?;
        text.insert_str(at, &format!("<script src=\"./{REPORTER}\"></script>\n  "));
    }
    Ok(policy::with_policy(&text).map_err(|why| format!("{}: {why}", page.name))?.into_bytes())
}

/// The manifest for `files`, of which `started` is started.
fn manifest(started: &str, files: &[File]) -> String {
    let version = env!("CARGO_PKG_VERSION");
    let mut text = format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<manifest identifier="understudy" version="{version}"
    xmlns="http://www.imsproject.org/xsd/imscp_rootv1p1p2"
    xmlns:adlcp="http://www.adlnet.org/xsd/adlcp_rootv1p2"
    xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
    xsi:schemaLocation="http://www.imsproject.org/xsd/imscp_rootv1p1p2 imscp_rootv1p1p2.xsd
        http://www.adlnet.org/xsd/adlcp_rootv1p2 adlcp_rootv1p2.xsd">
  <metadata>
    <schema>ADL SCORM</schema>
    <schemaversion>1.2</schemaversion>
  </metadata>
  <organizations default="understudy-organization">
    <organization identifier="understudy-organization">
      <title>{TITLE}</title>
      <item identifier="understudy-course" identifierref="understudy-resource" isvisible="true">
        <title>{TITLE}</title>
      </item>
    </organization>
  </organizations>
  <resources>
    <resource identifier="understudy-resource" type="webcontent" adlcp:scormtype="sco" href="{started}">
"#
    );
    for file in files {
        let _ = writeln!(text, "      <file href=\"{}\"/>", address(&file.name));
    }
    text + "    </resource>\n  </resources>\n</manifest>\n"
}

/// A file's name as an address in XML.
fn address(name: &str) -> String {
    name.bytes().fold(String::new(), |mut address, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            address.push(byte.into());
        } else {
            let _ = write!(address, "%{byte:02X}");
        }
        address
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_manifest_starts_the_page_and_names_every_file() {
        let file = |name: &str| File { name: name.into(), bytes: Vec::new() };
        let text = manifest("course.html", &[file("course.html"), file("a b&.css")]);
        assert!(text.contains("adlcp:scormtype=\"sco\" href=\"course.html\">"), "{text}");
        assert!(text.contains("<file href=\"course.html\"/>\n      <file href=\"a%20b%26.css\"/>"), "{text}");
    }

    #[test]
    fn only_the_page_that_is_started_reports() {
        let course = Page {
            name: "course.html".into(),
            text: "<head><meta charset=\"utf-8\"></head><body></body>".into(),
        };
        let text =
            |is_started| String::from_utf8(page(&course, is_started).expect("it is a page")).expect("UTF-8");
        assert!(text(true).contains("<script src=\"./scorm.js\"></script>"), "{}", text(true));
        assert!(!text(false).contains("scorm.js"), "{}", text(false));
    }
}
