//! What a browser would run or load of a page, and where in the text it stands.
//!
//! A tokenizer that follows the HTML standard reads the page, for a search for `<script` would also find it in
//! comments and in texts. What is inside `noscript` is read as elements: a browser without scripts sees it so.

use std::ops::Range;

use html5gum::emitters::default::{DefaultEmitter, StartTag, Token};
use html5gum::{State, Tokenizer};

/// An element whose content is code or style.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Block {
    /// Whether it is `style`; else it is `script`.
    pub(crate) is_style: bool,
    /// The value of `type`.
    pub(crate) kind: Option<String>,
    /// The value of `src`.
    pub(crate) src: Option<String>,
    /// The whole element.
    pub(crate) whole: Range<usize>,
    /// What stands between its tags.
    pub(crate) inside: Range<usize>,
}

/// A `meta` or a `link`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Tag {
    /// Its name.
    pub(crate) name: String,
    /// Its attributes that matter here, empty when absent: `rel`, `href`, `http-equiv`, `charset`.
    pub(crate) rel: String,
    pub(crate) href: String,
    pub(crate) http_equiv: String,
    pub(crate) charset: String,
    /// Where it stands.
    pub(crate) whole: Range<usize>,
}

/// What was found.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Found {
    /// Scripts and style sheets that stand in the page, in order.
    pub(crate) blocks: Vec<Block>,
    /// The `meta` and `link` elements, in order.
    pub(crate) tags: Vec<Tag>,
    /// Attributes that a strict policy forbids, `onclick` or `style`, each with its element's start.
    pub(crate) forbidden: Vec<(String, usize)>,
}

/// Reads `text`.
pub(crate) fn read(text: &str) -> Found {
    let mut tokens = Tokenizer::new_with_emitter(text, DefaultEmitter::<usize>::new_with_span());
    let mut found = Found::default();
    let mut open: Option<Block> = None;
    while let Some(Ok(token)) = tokens.next() {
        match token {
            Token::StartTag(tag) => {
                let name = text_of(&tag.name);
                if let Some(state) = content_state(&name) {
                    tokens.set_last_start_tag(Some(&name));
                    tokens.set_state(state);
                }
                forbid(&tag, &mut found);
                match name.as_str() {
                    "script" | "style" => open = Some(block(&tag, name == "style")),
                    "meta" | "link" => found.tags.push(self::tag(&tag, name)),
                    _ => {}
                }
            }
            Token::EndTag(tag) => {
                let ends = |block: &mut Block| {
                    *tag.name == *(if block.is_style { b"style".as_slice() } else { b"script".as_slice() })
                };
                if let Some(mut block) = open.take_if(ends) {
                    block.inside.end = tag.span.start;
                    block.whole.end = tag.span.end;
                    found.blocks.push(block);
                }
            }
            _ => {}
        }
    }
    found
}

/// How the tokenizer has to read the content of an element, where that is no markup.
fn content_state(name: &str) -> Option<State> {
    match name {
        "script" => Some(State::ScriptData),
        "style" | "xmp" | "iframe" | "noembed" | "noframes" => Some(State::RawText),
        "title" | "textarea" => Some(State::RcData),
        _ => None,
    }
}

fn block(tag: &StartTag<usize>, is_style: bool) -> Block {
    Block {
        is_style,
        kind: attribute(tag, "type"),
        src: attribute(tag, "src"),
        whole: tag.span.start..tag.span.end,
        inside: tag.span.end..tag.span.end,
    }
}

fn tag(tag: &StartTag<usize>, name: String) -> Tag {
    let value = |key| attribute(tag, key).unwrap_or_default();
    Tag {
        name,
        rel: value("rel"),
        href: value("href"),
        http_equiv: value("http-equiv").to_ascii_lowercase(),
        charset: value("charset"),
        whole: tag.span.start..tag.span.end,
    }
}

fn attribute(tag: &StartTag<usize>, key: &str) -> Option<String> {
    tag.attributes.iter().find(|(name, _)| ***name == *key.as_bytes()).map(|(_, value)| text_of(value))
}

/// Notes the attributes that would be code or style of their own.
fn forbid(tag: &StartTag<usize>, found: &mut Found) {
    for name in tag.attributes.keys().map(|name| text_of(name)) {
        if name == "style" || name.starts_with("on") {
            found.forbidden.push((name, tag.span.start));
        }
    }
}

fn text_of(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The blocks of `text` as `name: content`.
    fn blocks(text: &str) -> Vec<String> {
        let kind = |block: &Block| if block.is_style { "style" } else { "script" };
        read(text)
            .blocks
            .iter()
            .map(|block| format!("{}: {}", kind(block), &text[block.inside.clone()]))
            .collect()
    }

    #[test]
    fn finds_what_a_browser_would_run_and_nothing_else() {
        let text = "<!doctype html><title><script>1</script></title><!-- <script>2</script> -->\
            <script>if (a < b) c = \"<b>\";</script><p title=\"<script>3</script>\">é &lt;script>4\
            <STYLE>p > a { }</STYLE><noscript><style>5</style></noscript><script src=\"./x.js\"></script>";
        assert_eq!(
            blocks(text),
            ["script: if (a < b) c = \"<b>\";", "style: p > a { }", "style: 5", "script: "]
        );
        let found = read(text);
        assert_eq!(found.blocks[3].src.as_deref(), Some("./x.js"));
        assert_eq!(&text[found.blocks[1].whole.clone()], "<STYLE>p > a { }</STYLE>");
    }

    #[test]
    fn kinds_of_scripts_and_links_are_told() {
        let found = read(
            "<meta charset=utf-8><link rel=modulepreload href='./a.js' integrity=x>\
             <script type=\"application/json\">{}</script>",
        );
        assert_eq!(found.blocks[0].kind.as_deref(), Some("application/json"));
        assert_eq!((found.tags[0].name.as_str(), found.tags[0].charset.as_str()), ("meta", "utf-8"));
        assert_eq!((found.tags[1].rel.as_str(), found.tags[1].href.as_str()), ("modulepreload", "./a.js"));
        assert_eq!(found.forbidden, []);
    }

    #[test]
    fn handlers_and_styles_in_attributes_are_found_wherever_they_are() {
        let found = read("<p onclick='x()'><svg><path style=\"fill:red\" d=''/></svg>");
        let names: Vec<&str> = found.forbidden.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["onclick", "style"]);
        assert_eq!(found.forbidden[1].1, 22);
    }
}
