//! What each page weighs on the way to the reader, and whether that is within its budget.
//!
//! A page's weight is what a good static server sends before the page's simulation runs: its HTML and every
//! WebAssembly, JavaScript and CSS file that it names, under brotli at its best setting. The budgets are in
//! `budget.toml`, with the reason for their size beside them: one for the lab, one for the figure in other
//! people's pages, one for every other page, and one for the audit, which a figure fetches when it is asked for and which is
//! on nobody's way before.

use std::fs;
use std::path::Path;

use crate::process;
use crate::toml::Document;
use crate::tools;
use crate::workspace::Workspace;

/// The kinds of file that the budgets are about, by extension, in the order of the table.
const WEIGHED: [&str; 4] = ["html", "wasm", "js", "css"];

/// The budgets, by their table in `budget.toml`: those of single pages, and last that of all others.
const BUDGETS: [&str; 3] = ["lab", "embed", "explainer"];
const PAGES: [&str; 2] = ["lab.html", "embed.html"];

/// The audit's table in `budget.toml`, and how the names of its files begin.
const AUDIT: (&str, &str) = ("audit", "auditor");

/// The budget that the project began with; a larger one has to say what was tried first.
const FIRST_BUDGET_BYTES: u64 = 200_000;

/// One file of the site.
#[derive(Clone, Debug, PartialEq, Eq)]
struct File {
    name: String,
    brotli: u64,
}

/// What one page comes to.
#[derive(Debug, PartialEq, Eq)]
struct PageWeight {
    name: String,
    /// Bytes under brotli for each of [`WEIGHED`].
    by_kind: [u64; WEIGHED.len()],
}

impl PageWeight {
    fn total(&self) -> u64 {
        self.by_kind.iter().sum()
    }
}

/// Whether the pages are within their budgets.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// They are.
    Within,
    /// One is not; the sentences say by how much and what to do.
    Exceeded(String),
}

impl Verdict {
    /// What both say.
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Exceeded(one), Self::Exceeded(other)) => Self::Exceeded(one + "\n" + &other),
            (Self::Within, other) | (other, Self::Within) => other,
        }
    }
}

/// Weighs `dist/`, prints the table, and holds each page against its budget.
pub(crate) fn report(workspace: &Workspace) -> Result<Verdict, String> {
    let file = Document::read(&workspace.path("budget.toml"))?;
    let [lab, embed, others] = BUDGETS;
    let budgets = [budget(&file, lab)?, budget(&file, embed)?, budget(&file, others)?];
    let dist = workspace.dist();
    let listing = process::read(tools::node()?.arg(workspace.path("xtask/weigh.mjs")).arg(&dist))?;
    let files = files(&listing)?;
    let weights = weigh(&files, |page| read(&dist, page))?;
    print!("\n{}", table(&weights));
    let (audit, audit_budget) = (fetched(&files)?, budget(&file, AUDIT.0)?);
    println!("The audit, for pages that ask for it: {audit}");
    let verdict = judge(&weights, budgets).and(judge_audit(audit, audit_budget));
    match &verdict {
        Verdict::Within => {
            let [lab, embed, others] = budgets;
            println!(
                "Within their budgets of {lab} (lab), {embed} (embed) and {others} bytes (other pages)."
            );
        }
        Verdict::Exceeded(why) => println!("{why}"),
    }
    Ok(verdict)
}

/// The budget in bytes under the table `name`, from a file that gives its reason.
fn budget(file: &Document, name: &str) -> Result<u64, String> {
    let key = |key: &str| format!("{name}.{key}");
    let bytes = file.number(&key("brotli_bytes"))?;
    if file.text(&key("reason"))?.trim().is_empty() {
        return Err(format!("budget.toml: `{name}.reason` is empty: say why the budget is what it is"));
    }
    if bytes > FIRST_BUDGET_BYTES && file.texts(&key("tried"))?.is_empty() {
        return Err(format!(
            "budget.toml: more than {FIRST_BUDGET_BYTES} bytes need `{name}.tried`, what was tried first to stay below"
        ));
    }
    Ok(bytes)
}

/// Reads lines of `RAW BROTLI PATH`.
fn files(listing: &str) -> Result<Vec<File>, String> {
    let file = |line: &str| {
        let mut words = line.splitn(3, ' ');
        let (_raw, brotli, name) = (words.next()?, words.next()?.parse().ok()?, words.next()?.to_owned());
        Some(File { name, brotli })
    };
    let read = |line| file(line).ok_or(format!("weigh.mjs printed \"{line}\", which is not RAW BROTLI PATH"));
    listing.lines().map(read).collect()
}

fn read(dist: &Path, page: &str) -> Result<String, String> {
    let path = dist.join(page);
    fs::read_to_string(&path).map_err(|error| format!("cannot read {}: {error}", path.display()))
}

/// The weight of every page among `files`, whose texts `text_of` gives.
fn weigh(
    files: &[File],
    text_of: impl Fn(&str) -> Result<String, String>,
) -> Result<Vec<PageWeight>, String> {
    let mut weights = Vec::new();
    for page in files.iter().filter(|file| kind(&file.name) == Some(0)) {
        let text = text_of(&page.name)?;
        let mut by_kind = [0; WEIGHED.len()];
        by_kind[0] = page.brotli;
        for file in files {
            if let Some(kind) = kind(&file.name).filter(|kind| *kind > 0)
                && text.contains(&format!("./{}", file.name))
            {
                by_kind[kind] += file.brotli;
            }
        }
        weights.push(PageWeight { name: page.name.clone(), by_kind });
    }
    if weights.is_empty() { Err("dist/ has no page in it".into()) } else { Ok(weights) }
}

/// The place in [`WEIGHED`] of what a file is.
fn kind(name: &str) -> Option<usize> {
    let extension = name.rsplit_once('.')?.1;
    WEIGHED.iter().position(|kind| *kind == extension)
}

/// The table as text.
fn table(weights: &[PageWeight]) -> String {
    let row = |name: &str, cells: &[String]| {
        cells.iter().fold(format!("{name:<28}"), |row, cell| format!("{row} {cell:>8}")) + "\n"
    };
    let heads: Vec<String> = WEIGHED.iter().chain(&["total"]).map(|head| (*head).to_owned()).collect();
    weights.iter().fold(row("bytes under brotli", &heads), |text, page| {
        let cells: Vec<String> =
            page.by_kind.iter().chain(&[page.total()]).map(ToString::to_string).collect();
        text + &row(&page.name, &cells)
    })
}

/// What the audit's files weigh together.
fn fetched(files: &[File]) -> Result<u64, String> {
    let is_part = |file: &&File| file.name.starts_with(AUDIT.1) && kind(&file.name).is_some();
    let bytes = files.iter().filter(is_part).map(|file| file.brotli).sum();
    if bytes == 0 { Err(format!("dist/ has no {}*: the audit is missing", AUDIT.1)) } else { Ok(bytes) }
}

fn judge_audit(bytes: u64, budget: u64) -> Verdict {
    if bytes <= budget {
        return Verdict::Within;
    }
    Verdict::Exceeded(format!(
        "the audit weighs {bytes} bytes under brotli, {} more than its budget of {budget} ([{}] in budget.toml): make \
         it lighter, or raise the budget with the reason and what was tried first.",
        bytes - budget,
        AUDIT.0
    ))
}

/// The place of a page's budget in [`BUDGETS`].
fn budget_of(page: &str) -> usize {
    PAGES.iter().position(|own| *own == page).unwrap_or(PAGES.len())
}

fn judge(weights: &[PageWeight], budgets: [u64; BUDGETS.len()]) -> Verdict {
    let mut over = Vec::new();
    for (which, budget) in budgets.into_iter().enumerate() {
        let is_over = |page: &&PageWeight| budget_of(&page.name) == which && page.total() > budget;
        let pages = weights.iter().filter(is_over).count();
        let Some(worst) = weights.iter().filter(is_over).max_by_key(|page| page.total()) else { continue };
        over.push(format!(
            "{} weighs {} bytes under brotli, {} more than its budget of {budget} ([{}] in budget.toml){}: make it \
             lighter, or raise the budget with the reason and what was tried first.",
            worst.name,
            worst.total(),
            worst.total() - budget,
            BUDGETS[which],
            if pages > 1 { format!(", and {} other pages are over it too", pages - 1) } else { String::new() },
        ));
    }
    if over.is_empty() { Verdict::Within } else { Verdict::Exceeded(over.join("\n")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LISTING: &str = "100 40 index.html\n90 30 lab.html\n2000 900 lab-1_bg.wasm\n300 90 lab-1.js\n\
        50 20 a b.css\n700 300 explainer-2_bg.wasm\n7 7 x.png\n";

    fn weights() -> Vec<PageWeight> {
        let text = |page: &str| {
            Ok(String::from(match page {
                "lab.html" => "import './lab-1.js' './lab-1_bg.wasm' './x.png'",
                _ => "'./explainer-2_bg.wasm' href=\"./a b.css\"",
            }))
        };
        weigh(&files(LISTING).expect("the listing is well formed"), text).expect("there are pages")
    }

    #[test]
    fn a_page_weighs_what_it_names() {
        assert_eq!(
            table(&weights()),
            "\
bytes under brotli               html     wasm       js      css    total
index.html                         40      300        0       20      360
lab.html                           30      900       90        0     1020
"
        );
    }

    #[test]
    fn a_listing_that_makes_no_sense_is_refused() {
        assert_eq!(
            files("12 page.js\n"),
            Err("weigh.mjs printed \"12 page.js\", which is not RAW BROTLI PATH".into())
        );
        assert_eq!(weigh(&[], |_| Ok(String::new())), Err("dist/ has no page in it".into()));
    }

    #[test]
    fn each_budget_may_be_met_and_not_passed() {
        assert_eq!(judge(&weights(), [1020, 0, 360]), Verdict::Within);
        let Verdict::Exceeded(why) = judge(&weights(), [1019, 0, 300]) else { panic!("both are over") };
        assert!(
            why.contains("lab.html weighs 1020 bytes under brotli, 1 more than its budget of 1019"),
            "{why}"
        );
        assert!(why.contains("index.html weighs 360 bytes under brotli, 60 more"), "{why}");
    }

    #[test]
    fn the_audit_is_weighed_although_no_page_names_it() {
        let listing = "9 5 auditor.js\n2 1 auditor_loader.js\n900 70 auditor_bg.wasm\n90 30 lab.html\n";
        let files = files(listing).expect("the listing is well formed");
        assert_eq!(fetched(&files), Ok(76));
        assert!(fetched(&files[3..]).is_err_and(|why| why.contains("no auditor")));
        assert_eq!(judge_audit(76, 76), Verdict::Within);
        let both = judge_audit(77, 76).and(judge(&weights(), [1019, 360, 360]));
        let Verdict::Exceeded(why) = both else { panic!("both are over") };
        assert!(why.contains("77 bytes under brotli, 1 more than its budget of 76"), "{why}");
        assert!(why.contains("lab.html weighs 1020"), "{why}");
    }

    #[test]
    fn the_budget_gives_its_reason_and_a_raised_one_what_was_tried() {
        let read = |text: &str| budget(&Document::parse("budget.toml", text), "lab");
        assert_eq!(read("[lab]\nbrotli_bytes = 200_000\nreason = \"the first\"\n"), Ok(200_000));
        for (text, said) in [
            ("[lab]\nreason = \"the first\"\n", "no `lab.brotli_bytes`"),
            ("[lab]\nbrotli_bytes = 200_000\n", "no `lab.reason`"),
            ("[lab]\nbrotli_bytes = 200_000\nreason = \" \"\n", "`lab.reason` is empty"),
            ("[lab]\nbrotli_bytes = 200_001\nreason = \"more\"\n", "no `lab.tried`"),
            ("[lab]\nbrotli_bytes = 200_001\nreason = \"more\"\ntried = []\n", "what was tried first"),
        ] {
            let message = read(text).expect_err(text);
            assert!(message.contains(said), "{text}: {message}");
        }
    }
}
