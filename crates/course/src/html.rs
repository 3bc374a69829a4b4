//! HTML that cannot be broken by what stands in it.

use borsh::BorshSerialize;
use understudy_lessons::prepared;

/// A text as HTML: what it says, and never a tag.
pub(crate) fn escaped(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            other => html.push(other),
        }
    }
    html
}

/// Data for the program of the page: nothing in what [`prepared::write`] writes can end the element.
pub(crate) fn data(what: &impl BorshSerialize) -> String {
    format!("<script type=\"text/prepared\">{}</script>", prepared::write(what))
}

/// An icon of the stage before a word.
pub(crate) fn icon(path: &str) -> String {
    format!("<svg class=\"icon\" viewBox=\"0 0 18 18\" aria-hidden=\"true\"><path d=\"{path}\"/></svg>")
}

/// A sign of what moves on the stage, before a word. `class` is its name in the style sheet.
pub(crate) fn sign(class: &str, path: &str) -> String {
    format!(
        "<svg class=\"sign {class}\" viewBox=\"0 0 16 16\" aria-hidden=\"true\"><path d=\"{path}\"/></svg>"
    )
}

/// A name for a heading's address: its letters and digits, with hyphens between.
pub(crate) fn slug(text: &str) -> String {
    let mut slug = String::new();
    for character in text.chars().flat_map(char::to_lowercase) {
        if character.is_alphanumeric() {
            slug.push(character);
        } else if !slug.is_empty() && !slug.ends_with('-') && character != '\'' && character != '\u{2019}' {
            slug.push('-');
        }
    }
    slug.trim_end_matches('-').into()
}

/// Whether a text may be the name of a thing in an address.
pub(crate) fn is_name(text: &str) -> bool {
    !text.is_empty()
        && !text.starts_with('-')
        && text.chars().all(|character| matches!(character, 'a'..='z' | '0'..='9' | '-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_never_a_tag() {
        assert_eq!(escaped("a < b && \"c\" > d"), "a &lt; b &amp;&amp; &quot;c&quot; &gt; d");
        let data = data(&"</script><b>");
        assert_eq!(data.matches("</script>").count(), 1);
    }

    #[test]
    fn a_slug_has_letters_digits_and_hyphens() {
        assert_eq!(slug("Who balances -- the \u{201c}balancer\u{201d}?"), "who-balances-the-balancer");
        assert_eq!(slug("It's 3 o'clock"), "its-3-oclock");
    }
}
