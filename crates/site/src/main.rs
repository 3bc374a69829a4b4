//! What makes built pages a site to publish.
//!
//! Trunk and the builder of the course write pages. What has to hold for every one of them, whoever wrote it, is done
//! here, once all are there: `understudy-site finish DIRECTORY` settles the links between the pages ([`navigation`]) and
//! writes into each which scripts it may run ([`policy`]).

mod html;
mod navigation;
mod pages;
mod policy;
mod reload;

use std::path::Path;
use std::process::ExitCode;

const USAGE: &str = "understudy-site finish DIRECTORY";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match words.as_slice() {
        ["finish", directory] => finish(Path::new(directory)),
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

/// Does to every page what has to be done once all are there.
fn finish(directory: &Path) -> Result<(), String> {
    let mut pages = pages::read(directory)?;
    navigation::settle(&mut pages);
    reload::share(&mut pages);
    for page in &mut pages {
        page.text = policy::with_policy(&page.text).map_err(|why| format!("{}: {why}", page.name))?;
    }
    pages::write(directory, &pages)
}
