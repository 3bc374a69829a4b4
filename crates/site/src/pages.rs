//! The pages of a directory, by name.

use std::fs;
use std::path::Path;

/// One page.
pub(crate) struct Page {
    /// Its file's name.
    pub(crate) name: String,
    /// Its HTML.
    pub(crate) text: String,
}

/// Reads every HTML file of `directory`, in the order of their names.
pub(crate) fn read(directory: &Path) -> Result<Vec<Page>, String> {
    let failed = |error| format!("cannot read {}: {error}", directory.display());
    let mut pages = Vec::new();
    for entry in fs::read_dir(directory).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.extension().is_some_and(|extension| extension == "html") {
            let text = fs::read_to_string(&path)
                .map_err(|error| format!("cannot read {}: {error}", path.display()))?;
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            pages.push(Page { name, text });
        }
    }
    pages.sort_by(|one, other| one.name.cmp(&other.name));
    if pages.is_empty() { Err(format!("{} has no page in it", directory.display())) } else { Ok(pages) }
}

/// The names of all files below `directory`, with `/` between the parts, in order.
pub(crate) fn files(directory: &Path) -> Result<Vec<String>, String> {
    let mut names = Vec::new();
    collect(directory, "", &mut names)?;
    names.sort();
    Ok(names)
}

fn collect(directory: &Path, prefix: &str, names: &mut Vec<String>) -> Result<(), String> {
    let failed = |error| format!("cannot read {}: {error}", directory.display());
    for entry in fs::read_dir(directory).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let name = format!("{prefix}{}", path.file_name().unwrap_or_default().to_string_lossy());
        if path.is_dir() {
            collect(&path, &format!("{name}/"), names)?;
        } else {
            names.push(name);
        }
    }
    Ok(())
}

/// Writes them back.
pub(crate) fn write(directory: &Path, pages: &[Page]) -> Result<(), String> {
    for page in pages {
        let path = directory.join(&page.name);
        fs::write(&path, &page.text).map_err(|error| format!("cannot write {}: {error}", path.display()))?;
    }
    Ok(())
}
