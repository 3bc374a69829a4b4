//! What the page weighs on the way to the reader, and whether that is within the budget.
//!
//! Weight is what a good static server sends: every WebAssembly, JavaScript, CSS and HTML file of `dist/` under
//! brotli at its best setting. The budget is in `budget.toml`, with the reason for its size beside it.

use std::collections::BTreeMap;

use crate::process;
use crate::toml::Document;
use crate::tools;
use crate::workspace::Workspace;

/// The kinds of file that the budget is about, by extension, in the order of the table.
const WEIGHED: [&str; 4] = ["wasm", "js", "css", "html"];

/// The budget that the project began with; a larger one has to say what was tried first.
const FIRST_BUDGET_BYTES: u64 = 200_000;

/// Bytes of files, as they are and compressed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Weight {
    raw: u64,
    brotli: u64,
}

impl Weight {
    fn add(&mut self, other: Self) {
        self.raw += other.raw;
        self.brotli += other.brotli;
    }
}

/// Whether the page is within its budget.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It is.
    Within,
    /// It is not; the sentence says by how much and what to do.
    Exceeded(String),
}

/// Weighs `dist/`, prints the table, and compares the total with the budget.
pub(crate) fn report(workspace: &Workspace) -> Result<Verdict, String> {
    let budget = budget(&Document::read(&workspace.path("budget.toml"))?)?;
    let listing = process::read(tools::node()?.arg(workspace.path("xtask/weigh.mjs")).arg(workspace.dist()))?;
    let weights = by_kind(&listing)?;
    let (table, total) = table(&weights);
    print!("\n{table}");
    let verdict = judge(total, budget);
    match &verdict {
        Verdict::Within => {
            println!("Within the budget of {budget} bytes, {} to spare.", budget - total.brotli);
        }
        Verdict::Exceeded(why) => println!("{why}"),
    }
    Ok(verdict)
}

/// The budget in bytes, from a file that gives its reason.
fn budget(file: &Document) -> Result<u64, String> {
    let bytes = file.number("page.brotli_bytes")?;
    if file.text("page.reason")?.trim().is_empty() {
        return Err("budget.toml: `page.reason` is empty: say why the budget is what it is".into());
    }
    if bytes > FIRST_BUDGET_BYTES && file.texts("page.tried")?.is_empty() {
        return Err(format!(
            "budget.toml: more than {FIRST_BUDGET_BYTES} bytes need `page.tried`, what was tried first to stay below"
        ));
    }
    Ok(bytes)
}

/// Sums up lines of `RAW BROTLI PATH` by the extension of the path.
fn by_kind(listing: &str) -> Result<BTreeMap<String, Weight>, String> {
    let mut weights: BTreeMap<String, Weight> = BTreeMap::new();
    for line in listing.lines() {
        let mut words = line.splitn(3, ' ');
        let mut number = || words.next()?.parse().ok();
        let (Some(raw), Some(brotli), Some(path)) = (number(), number(), words.next()) else {
            return Err(format!("weigh.mjs printed \"{line}\", which is not RAW BROTLI PATH"));
        };
        let kind = path.rsplit_once('.').map_or("", |(_, extension)| extension);
        weights.entry(kind.into()).or_default().add(Weight { raw, brotli });
    }
    if weights.contains_key("html") { Ok(weights) } else { Err("dist/ has no page in it".into()) }
}

/// The table as text, and the total that the budget is about.
fn table(weights: &BTreeMap<String, Weight>) -> (String, Weight) {
    let row = |name: &str, weight: Weight| format!("{name:<8} {:>10} {:>10}\n", weight.raw, weight.brotli);
    let mut text = format!("{:<8} {:>10} {:>10}\n", "bytes", "raw", "brotli");
    let mut total = Weight::default();
    for kind in WEIGHED {
        let weight = weights.get(kind).copied().unwrap_or_default();
        total.add(weight);
        text.push_str(&row(kind, weight));
    }
    text.push_str(&row("total", total));
    let mut others = Weight::default();
    weights
        .iter()
        .filter(|(kind, _)| !WEIGHED.contains(&kind.as_str()))
        .for_each(|(_, weight)| others.add(*weight));
    if others != Weight::default() {
        text.push_str(&row("(other", others).replace("(other  ", "(other) "));
    }
    (text, total)
}

fn judge(total: Weight, budget: u64) -> Verdict {
    if total.brotli <= budget {
        return Verdict::Within;
    }
    Verdict::Exceeded(format!(
        "The page weighs {} bytes under brotli, {} more than its budget of {budget} (budget.toml): make it lighter, \
         or raise the budget with the reason and what was tried first.",
        total.brotli,
        total.brotli - budget,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_summed_and_only_some_are_weighed() {
        let listing = "100 40 index.html\n2000 900 page_bg.wasm\n300 90 page.js\n50 20 a b.css\n60 30 c.css\n7 7 x.png\n";
        let (text, total) = table(&by_kind(listing).expect("the listing is well formed"));
        assert_eq!(total, Weight { raw: 2510, brotli: 1080 });
        assert_eq!(
            text,
            "\
bytes           raw     brotli
wasm           2000        900
js              300         90
css             110         50
html            100         40
total          2510       1080
(other)           7          7
"
        );
    }

    #[test]
    fn a_listing_that_makes_no_sense_is_refused() {
        assert_eq!(
            by_kind("12 page.js\n"),
            Err("weigh.mjs printed \"12 page.js\", which is not RAW BROTLI PATH".into())
        );
        assert_eq!(by_kind(""), Err("dist/ has no page in it".into()));
    }

    #[test]
    fn the_budget_may_be_met_and_not_passed() {
        assert_eq!(judge(Weight { raw: 9, brotli: 200 }, 200), Verdict::Within);
        let Verdict::Exceeded(why) = judge(Weight { raw: 9, brotli: 203 }, 200) else {
            panic!("203 is over 200")
        };
        assert!(why.contains("203 bytes under brotli, 3 more than its budget of 200"), "{why}");
    }

    #[test]
    fn the_budget_gives_its_reason_and_a_raised_one_what_was_tried() {
        let read = |text: &str| budget(&Document::parse("budget.toml", text));
        assert_eq!(read("[page]\nbrotli_bytes = 200_000\nreason = \"the first\"\n"), Ok(200_000));
        for (text, said) in [
            ("[page]\nreason = \"the first\"\n", "no `page.brotli_bytes`"),
            ("[page]\nbrotli_bytes = 200_000\n", "no `page.reason`"),
            ("[page]\nbrotli_bytes = 200_000\nreason = \" \"\n", "`page.reason` is empty"),
            ("[page]\nbrotli_bytes = 200_001\nreason = \"more\"\n", "no `page.tried`"),
            ("[page]\nbrotli_bytes = 200_001\nreason = \"more\"\ntried = []\n", "what was tried first"),
        ] {
            let message = read(text).expect_err(text);
            assert!(message.contains(said), "{text}: {message}");
        }
    }
}
