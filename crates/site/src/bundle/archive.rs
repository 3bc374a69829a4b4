//! Files in a zip archive. The same files make the same archive, byte for byte: it holds no time and no owner.

use std::io::{Cursor, Write as _};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use super::File;

/// The archive of `files`.
pub(super) fn zip(files: &[File]) -> Result<Vec<u8>, String> {
    let failed = |error: &dyn std::fmt::Display| format!("the archive cannot be made: {error}");
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(9))
        .last_modified_time(DateTime::default())
        .unix_permissions(0o644);
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for file in files {
        archive.start_file(&file.name, options).map_err(|error| failed(&error))?;
        archive.write_all(&file.bytes).map_err(|error| failed(&error))?;
    }
    Ok(archive.finish().map_err(|error| failed(&error))?.into_inner())
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    #[test]
    fn what_goes_in_comes_out_and_the_same_makes_the_same() {
        let file = |name: &str, text: &str| File { name: name.into(), bytes: text.into() };
        let files = [file("index.html", "words"), file("a/b c.txt", &"x".repeat(5_000))];
        let bytes = zip(&files).expect("it can be made");
        assert!(bytes.len() < 1_000, "it is compressed: {}", bytes.len());
        let mut archive = zip::ZipArchive::new(Cursor::new(&bytes)).expect("it is an archive");
        for file in &files {
            let mut text = Vec::new();
            archive.by_name(&file.name).expect("it is there").read_to_end(&mut text).expect("it is whole");
            assert_eq!(text, file.bytes);
        }
        assert_eq!(zip(&files), Ok(bytes));
    }
}
