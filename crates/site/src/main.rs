//! What makes built pages a site to publish.
//!
//! Trunk and the builder of the course write pages. What has to hold for every one of them, whoever wrote it, is done
//! here, once all are there: `understudy-site finish DIRECTORY` settles the links between the pages ([`navigation`]),
//! has them start what works without a network ([`offline`]) and writes into each which scripts it may run ([`policy`]).

mod bundle;
mod html;
mod navigation;
mod offline;
mod pages;
mod policy;
mod reload;

use std::path::Path;
use std::process::ExitCode;

const USAGE: &str = "understudy-site finish DIRECTORY | understudy-site bundle SITE SCHEMAS OUT";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match words.as_slice() {
        ["finish", directory] => finish(Path::new(directory)),
        ["bundle", site, schemas, out] => bundle(Path::new(site), Path::new(schemas), Path::new(out)),
        _ => Err(format!("usage: {USAGE}")),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}

/// Makes the site to take along and says what was made.
fn bundle(site: &Path, schemas: &Path, out: &Path) -> Result<(), String> {
    for path in bundle::all(site, schemas, out)? {
        let bytes = path.metadata().map_or(0, |file| file.len());
        println!("{bytes:>10} bytes  {}", path.display());
    }
    Ok(())
}

/// Does to every page what has to be done once all are there.
fn finish(directory: &Path) -> Result<(), String> {
    let mut pages = pages::read(directory)?;
    navigation::settle(&mut pages);
    let is_published = !reload::share(&mut pages);
    if is_published {
        offline::start(&mut pages);
    }
    for page in &mut pages {
        page.text = policy::with_policy(&page.text).map_err(|why| format!("{}: {why}", page.name))?;
    }
    pages::write(directory, &pages)?;
    if is_published { offline::write_worker(directory) } else { offline::write_end(directory) }
}
