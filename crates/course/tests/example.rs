//! The documented example builds, and its pages are whole without scripts.

use std::fs;

use understudy_lessons::{FactName, Figure, Question, Task, prepared};
use understudy_sim::json::Json;

use crate::directory::{Disk, root};

fn built() -> Vec<(String, String)> {
    let (problems, pages) = Disk::documented().build();
    assert_eq!(problems, Vec::<String>::new());
    pages
}

fn page(name: &str) -> String {
    let page = built().into_iter().find(|(known, _)| known == name);
    page.unwrap_or_else(|| panic!("there is no page {name}")).1
}

/// What stands between two marks.
fn between<'a>(html: &'a str, open: &str, close: &str) -> &'a str {
    let (_, rest) = html.split_once(open).unwrap_or_else(|| panic!("there is no {open}"));
    rest.split_once(close).unwrap_or_else(|| panic!("{open} has no {close}")).0
}

#[test]
fn each_lesson_has_a_page_and_so_have_the_front_the_whole_and_the_glossary() {
    let names: Vec<String> = built().into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["a-dead-server.html", "index.html", "course.html", "glossary.html"]);
}

#[test]
fn the_text_has_the_simulators_numbers_and_links_to_things_terms_and_headings() {
    let html = page("a-dead-server.html");
    assert!(
        html.contains("every\n<span class=\"number\">2\u{202f}s</span> it sends"),
        "a number of the scenario"
    );
    let took = between(&html, "It took <span class=\"number\">", "</span>");
    let seconds: f64 = took.trim_end_matches("\u{202f}s").parse().expect(took);
    assert!((4.0..=6.0).contains(&seconds), "a number of the run: {took}");
    assert!(html.contains("<a class=\"thing\" data-thing=\"node:web-2\" href=\"#one-dies\"><svg"));
    assert!(html.contains("data-thing=\"link:lb-1&gt;web-2\""));
    assert!(html.contains("<a class=\"term\" href=\"./glossary.html#health-check\">health check</a>"));
    assert!(html.contains("<h2 id=\"when-one-dies\">When one dies<a class=\"here\" href=\"#when-one-dies\""));
    assert!(html.contains("<title>A dead server \u{b7} Understudy</title>"));
    assert!(html.contains("aria-current=\"page\">A dead server</a>"));
    assert!(html.contains(
        "<a href=\"https://docs.haproxy.org/3.0/configuration.html\">HAProxy: Configuration Manual"
    ));
}

#[test]
fn a_figure_has_its_pictures_its_words_and_its_data() {
    let html = page("a-dead-server.html");
    let figure = between(&html, "<figure class=\"living\" id=\"one-dies\"", "</figure>");
    assert!(figure.contains("data-scene=\"three-web-servers\" data-rows=\"3\""));
    assert_eq!(figure.matches("<svg xmlns").count(), 2, "one for wide windows, one for narrow ones");
    assert!(figure.contains("down since 12.0\u{202f}s"), "the picture shows the instant asked for");
    assert!(figure.contains("<figcaption>A load balancer with three web servers."));
    let data = between(figure, "<script type=\"text/prepared\">", "</script>");
    let read: Figure = prepared::read(data).expect("the page's program can read it");
    assert_eq!((read.commands.len(), read.captions.len(), read.choices.len()), (1, 2, 1));
    assert!(!data.contains("description"), "that is on the page already");
}

#[test]
fn questions_are_lists_with_their_answers_and_data_in_plain_words() {
    let html = page("a-dead-server.html");
    let predict = between(&html, "<section class=\"predict\" data-figure=\"one-dies\"", "</section>");
    assert!(predict.contains("<ol class=\"options\">\n<li>At once</li>"));
    assert!(
        predict
            .contains("<li><strong>Right:</strong> After <span class=\"number\">3</span> failed checks. One")
    );
    let data = between(predict, "<script type=\"text/prepared\">", "</script>");
    let read: Question = prepared::read(data).expect("the page's program can read it");
    let Task::Predict { answers, .. } = read.task else { panic!("it is asked before the figure runs") };
    assert_eq!(
        answers.iter().find(|answer| answer.right).expect("one is right").text,
        "After 3 failed checks"
    );
    let check = between(&html, "<section class=\"check\" id=\"check-kill-another\"", "</section>");
    assert!(check.contains("<a href=\"#one-dies\">") && check.contains("<summary>A hint</summary>"));
    assert_eq!(html.matches("<section class=\"check\"").count(), 3);
}

#[test]
fn the_front_page_has_the_first_lesson_below_its_own_words() {
    let html = page("index.html");
    assert!(html.contains("<title>T</title>"), "the template's own");
    let (front, lesson) =
        html.split_once("<article class=\"lesson\" data-lesson=\"a-dead-server\"").expect("a lesson");
    assert!(front.contains("<h1>Front</h1>"));
    assert!(
        lesson.contains("<h2 class=\"title\">A dead server</h2>")
            && lesson.contains("<h3 id=\"when-one-dies\">")
    );
    assert_eq!(html.matches("<h1").count(), 1);
}

#[test]
fn all_lessons_on_one_page_have_addresses_of_their_own() {
    let html = page("course.html");
    assert!(html.contains("<h3 id=\"a-dead-server--when-one-dies\">"));
    assert!(html.contains("<a data-lesson=\"a-dead-server\" href=\"#a-dead-server\">"));
    assert_eq!(html.matches("<svg xmlns").count(), 1, "paper is wide");
}

#[test]
fn no_address_of_a_page_is_absolute_and_no_id_is_there_twice() {
    for (name, html) in built() {
        let mut ids: Vec<&str> =
            html.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        let count = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), count, "{name}");
        for address in html.split(" href=\"").skip(1).filter_map(|rest| rest.split('"').next()) {
            let is_relative = ["./", "#", "https://"].iter().any(|start| address.starts_with(start));
            assert!(is_relative, "{name}: {address}");
            if let Some(own) = address.strip_prefix('#') {
                assert!(ids.binary_search(&own).is_ok(), "{name}: nothing has the address {address}");
            }
        }
    }
}

#[test]
fn what_stands_in_a_file_is_text_and_never_a_tag() {
    let disk = Disk::documented();
    let (lesson, glossary) = crate::directory::documented();
    let evil = "\\<script>alert(1)\\</script> & \"x\"";
    let lesson = lesson
        .replace("title = \"A dead server\"", "title = '<b>\"&'")
        .replace("It took", &format!("{evil} It took"))
        .replace("every third request is refused", "<i>every</i> third")
        .replace("Truth and belief agree", "</script><script>")
        .replace("praise = \"One is left, and it is too much for one.\"", "praise = 'a \\<b> &lt;i&gt;'");
    disk.write("01-a-dead-server.md", &lesson);
    disk.write("glossary.toml", &glossary.replace("A question", "<u>A question"));
    let (problems, pages) = disk.build();
    assert_eq!(problems, Vec::<String>::new());
    for (name, html) in pages {
        for tag in ["<script>", "<b>", "<i>", "<u>"] {
            assert!(!html.contains(tag), "{name} has a {tag}");
        }
    }
}

#[test]
fn the_documentation_names_every_fact() {
    let text = fs::read_to_string(root().join("docs/lessons.md")).expect("it is shipped");
    for word in FactName::words() {
        assert!(text.contains(&format!("\n| `{word}` |")), "docs/lessons.md lacks a row for {word}");
    }
}

#[test]
fn a_figure_is_data_too_with_what_is_asked_about_it_and_says_how_it_is_embedded() {
    let files = Disk::documented().beside("https://example.org/course/");
    let file = |name: &str| {
        let (_, text) =
            files.iter().find(|(known, _)| known == name).unwrap_or_else(|| panic!("{name} is there"));
        Json::parse(text).expect("it is JSON")
    };
    let figure = file("figures/one-dies.json");
    let read = Figure::read(figure.field("figure").expect("it has one"));
    assert_eq!(read.expect("it makes sense").id, "one-dies");
    assert_eq!(figure.field("scene"), Some(&Json::Text("three-web-servers".into())));
    assert!(matches!(figure.field("predict"), Some(Json::Object(_))));
    assert!(matches!(figure.field("checks"), Some(Json::List(checks)) if !checks.is_empty()));
    assert!(file("scenarios/three-web-servers.json").field("nodes").is_some());
    let Some(Json::Text(html)) = file("oembed/a-dead-server.json").field("html").cloned() else {
        panic!("it says how")
    };
    assert!(html.contains("src=\"https://example.org/course/embed.html?figure=one-dies\""), "{html}");
    assert!(page("a-dead-server.html").contains("type=\"application/json+oembed\""));
}
