//! A page as one file that opens from disk: program and pictures are inside, nothing is fetched.
//!
//! A browser does not load modules and WebAssembly from `file:` addresses, so the program's JavaScript becomes the text
//! of the page's own module script, and its WebAssembly stands at the end of the page in base64, in a `script` of a
//! type that nobody runs.

use std::ops::Range;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{File, file};
use crate::html::{self, Block, Tag};
use crate::navigation;
use crate::offline;
use crate::pages::Page;
use crate::policy;

/// The picture that pages show, and links to.
const PICTURE: &str = "./understudy.svg";
/// What a page fetches ahead or asks of its server: a file has neither.
const FETCHED: [&str; 4] = ["modulepreload", "preload", "manifest", "apple-touch-icon"];
/// A file leads to no other: what would, and what gives its address to somebody, is not shown.
const ALONE: &str = "<style>.hand-out, .brief > .go { display: none }</style>\n  ";
/// The element with the program.
const PROGRAM: &str = "understudy-program";

/// `page` as one file.
pub(super) fn file_of(page: &Page, site: &[File]) -> Result<String, String> {
    let named = |why: String| format!("{}: {why}", page.name);
    let mut only = [Page { name: page.name.clone(), text: offline::without_start(&page.text) }];
    navigation::settle(&mut only);
    let [Page { text, .. }] = only;
    let text = with_program_inside(&text, site).map_err(named)?;
    let picture = STANDARD.encode(&file(site, PICTURE.trim_start_matches("./"))?.bytes);
    let text = text.replace(PICTURE, &format!("data:image/svg+xml;base64,{picture}"));
    policy::with_policy(&text).map_err(named)
}

/// The page with its program inside instead of beside it.
fn with_program_inside(text: &str, site: &[File]) -> Result<String, String> {
    let found = html::read(text);
    let starts = |block: &&Block| {
        block.kind.as_deref() == Some("module") && text[block.inside.clone()].contains("import init")
    };
    let start = found.blocks.iter().find(starts).ok_or("no script starts a program")?;
    let names = quoted(&text[start.inside.clone()]);
    let of_kind = |ending: &str| {
        let name = names.iter().find(|name| name.ends_with(ending));
        file(site, name.ok_or_else(|| format!("the script that starts the program names no {ending}"))?)
    };
    let script =
        String::from_utf8(of_kind(".js")?.bytes.clone()).map_err(|_| "the program's script is no UTF-8")?;
    let program = STANDARD.encode(&of_kind(".wasm")?.bytes);
    if script.contains("</script") {
        return Err("the program's script has `</script` in it and cannot stand inside a page".into());
    }
    let starter = exported(&script).ok_or("the program's script exports no function that starts it")?;
    let whole = format!(
        "{script}\nconst text = document.getElementById(\"{PROGRAM}\").textContent;\n\
         const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));\n\
         await {starter}({{ module_or_path: bytes }});\n"
    );
    let mut changes: Vec<(Range<usize>, String)> = vec![(start.inside.clone(), whole)];
    let is_fetched = |tag: &&Tag| tag.name == "link" && FETCHED.contains(&tag.rel.as_str());
    changes.extend(found.tags.iter().filter(is_fetched).map(|tag| (tag.whole.clone(), String::new())));
    let head = text.find("</head>").ok_or("there is no `</head>`")?;
    changes.push((head..head, ALONE.into()));
    let end = text.rfind("</body>").ok_or("there is no `</body>`")?;
    let data = format!("<script type=\"application/wasm;base64\" id=\"{PROGRAM}\">{program}</script>\n  ");
    changes.push((end..end, data));
    changes.sort_by_key(|(range, _)| range.start);
    let mut page = text.to_owned();
    for (range, by) in changes.into_iter().rev() {
        page.replace_range(range, &by);
    }
    Ok(page)
}

/// The addresses in single quotes, as Trunk writes them: `'./lab-0123.js'` gives `lab-0123.js`.
fn quoted(script: &str) -> Vec<&str> {
    script.split('\'').skip(1).step_by(2).filter_map(|address| address.strip_prefix("./")).collect()
}

/// The name of the function that the module exports as its default.
fn exported(script: &str) -> Option<&str> {
    let (before, _) = script.rsplit_once(" as default")?;
    before.rsplit([' ', ',', '{']).next()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site() -> Vec<File> {
        let file = |name: &str, text: &str| File { name: name.into(), bytes: text.into() };
        vec![
            file("lab-1.js", "async function go(path) {}\nexport { other, go as default };\n"),
            file("lab-1_bg.wasm", "\0asm"),
            file("understudy.svg", "<svg/>"),
        ]
    }

    const PAGE: &str = "<head><meta charset=\"utf-8\"><link rel=\"icon\" href=\"./understudy.svg\">\
        <script type=\"module\">\nimport init from './lab-1.js';\nconst wasm = await init({ module_or_path: './lab-1_bg.wasm' });\n\
        </script><link rel=\"modulepreload\" href=\"./lab-1.js\"><link rel=\"manifest\" href=\"./m\"></head>\
        <body><nav aria-label=\"Pages\"><a href=\"./other.html\">Other</a></nav></body>";

    #[test]
    fn everything_is_inside_and_nothing_is_fetched() {
        let page = Page { name: "lab.html".into(), text: PAGE.into() };
        let text = file_of(&page, &site()).expect("it is a page with a program");
        assert!(text.contains("await go({ module_or_path: bytes });"), "{text}");
        assert!(text.contains("id=\"understudy-program\">AGFzbQ==</script>"), "{text}");
        assert!(text.contains("href=\"data:image/svg+xml;base64,PHN2Zy8+\""), "{text}");
        assert!(!text.contains("./"), "{text}");
        // The script that runs and the style sheet have the hashes of the texts that they have now.
        assert_eq!(text.matches("'sha256-").count(), 2, "{text}");
        assert_eq!(policy::with_policy(&text), Ok(text));
    }

    #[test]
    fn what_is_missing_is_named() {
        let page = Page { name: "lab.html".into(), text: "<meta charset=utf-8><p></body>".into() };
        assert_eq!(file_of(&page, &site()), Err("lab.html: no script starts a program".into()));
        let page = Page { name: "lab.html".into(), text: PAGE.into() };
        let message = file_of(&page, &site()[..1]).expect_err("the program is not there");
        assert!(message.contains("lab-1_bg.wasm"), "{message}");
    }
}
