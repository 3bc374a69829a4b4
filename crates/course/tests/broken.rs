//! One course for each thing that can be wrong, and the exact words with which it is told.

use crate::directory::{Disk, documented};

/// The documented lesson with one text in the place of another.
fn with(old: &str, new: &str) -> Disk {
    let (lesson, _) = documented();
    assert!(lesson.contains(old), "the documented lesson has no {old}");
    let disk = Disk::documented();
    disk.write("01-a-dead-server.md", &lesson.replacen(old, new, 1));
    disk
}

/// The line of the documented lesson in which a text stands.
fn line_of(text: &str) -> usize {
    let (lesson, _) = documented();
    let at = lesson.find(text).unwrap_or_else(|| panic!("the documented lesson has no {text}"));
    lesson[..at].matches('\n').count() + 1
}

/// Puts `new` in the place of `old`, and expects to be told `what` at the line in which `at` stood, and nothing else.
#[track_caller]
fn told(old: &str, new: &str, at: &str, what: &str) {
    let (problems, _) = with(old, new).build();
    let expected = format!("lessons/01-a-dead-server.md:{}: {what}", line_of(at));
    assert_eq!(problems, [expected], "for {new}");
}

#[test]
fn front_matter() {
    told("+++\nid", "id", "+++", "a lesson starts with its front matter, TOML between two lines +++");
    let missing = "the field \"minutes\" is missing; given are adds, id, summary, title";
    told("minutes = 4\n", "", "+++", missing);
    told("minutes = 4", "minutes = \"four\"", "minutes = 4", "minutes: this is a text; write a number");
    told(
        "id = \"a-dead-server\"",
        "id = \"A dead server\"",
        "id = \"a-dead-server\"",
        "id: \"A dead server\" is no name; write small letters, digits and hyphens",
    );
    told(
        "id = \"a-dead-server\"",
        "id = \"lab\"",
        "id = \"a-dead-server\"",
        "id: \"lab\" is the name of another page; write another",
    );
}

#[test]
fn toml_that_is_none() {
    let (problems, _) = with("seed = 7", "seed = = 7").build();
    let start = format!("lessons/01-a-dead-server.md:{}: this is no TOML: ", line_of("seed = 7"));
    assert!(problems[0].starts_with(&start), "{problems:?}");
}

#[test]
fn blocks_that_are_not_known() {
    let (problems, _) = with("```sources", "```source").build();
    let expected = format!(
        "lessons/01-a-dead-server.md:{}: there is no block \"source\"; the blocks are figure, predict, check, brief and sources, and \
         text for what is shown as it is",
        line_of("```sources")
    );
    assert_eq!(problems, [expected]);
}

#[test]
fn figures() {
    told(
        "breakable = true",
        "breakble = true",
        "breakable = true",
        "breakble: there is no such field; the fields are id, scenario, seed, commands, starts_at, until, stops_at, speed, \
         breakable, actions, choices, caption",
    );
    told(
        "commands = [\"12s kill web-2\"]",
        "commands = [\"12s kill web-9\"]",
        "commands = [\"12s kill web-2\"]",
        "commands[0]: \"kill web-9\": there is no node \"web-9\"; the nodes are Readers, lb-1, web-1, web-2, web-3",
    );
    told(
        "commands = [\"12s kill web-2\"]",
        "commands = [\"12s kill Readers\"]",
        "commands = [\"12s kill web-2\"]",
        "commands[0]: \"Readers\" stands for many people and cannot be killed, frozen, stopped or revived; name a server or a \
         balancer",
    );
    told(
        "still_at = \"14s\"",
        "still_at = 14",
        "still_at = \"14s\"",
        "still_at: this is a number; write a duration with its unit, such as \"40ms\"",
    );
    told(
        "description = \"A load balancer with three web servers. web-2 dies, and every third request is refused until the \
         balancer has found out.\"\n",
        "description = \"\"\n",
        "```figure",
        "a figure needs a description, for readers without scripts: description = \"...\"",
    );
}

#[test]
fn scenarios() {
    let (problems, _) = with("scenario = \"three-web-servers\"", "scenario = \"three\"").build();
    let line = line_of("scenario = \"three-web-servers\"");
    let start = format!(
        "lessons/01-a-dead-server.md:{line}: scenario: there is no scenario \"three\"; the scenarios are classic-stack, "
    );
    assert!(problems[0].starts_with(&start), "{problems:?}");
    let disk = with("scenario = \"three-web-servers\"", "scenario = \"mine\"");
    disk.write("scenarios/mine.json", "{ \"title\": \"x\",\n \"nodes\": [] \"links\": [] }");
    assert_eq!(disk.build().0[0], "lessons/scenarios/mine.json:2: expected `,` or `}`");
    disk.write("scenarios/mine.json", "{ \"title\": \"x\", \"nodes\": 3, \"links\": [] }");
    assert_eq!(
        disk.build().0[0],
        "lessons/scenarios/mine.json: nodes: this is a number; write a list, [ ... ]"
    );
}

#[test]
fn facts_conditions_and_messages() {
    let caption = "text = \"Truth and belief agree. {answered_percent} of all requests were answered.\"";
    told(
        caption,
        "text = \"{refused@read} of all\"",
        caption,
        "caption[1].text: at character 1, \"{refused@read} of al\": \"refused@read\": write @reads, @writes, @static, or nothing \
         for all",
    );
    told(
        "when = [\"alive@web-2 = 0\",",
        "when = [\"alive@web-2=0\",",
        "when = [\"alive@web-2 = 0\",",
        "caption[0].when[0]: \"alive@web-2=0\" is no condition; write a fact, one of = != < <= > >= and a number, with spaces \
         between, like \"refused >= 1\"",
    );
    told(
        "done = [\"alive@web-1 = 0\",",
        "done = [\"alive@lb-9 = 0\",",
        "done = [\"alive@web-1 = 0\",",
        "done[0]: \"alive@lb-9\": there is no node \"lb-9\"; the nodes are Readers, lb-1, web-1, web-2, web-3",
    );
}

#[test]
fn questions() {
    let right = "right = true\nwhy = \"Whoever";
    let (problems, _) = with(right, "why = \"Whoever").build();
    let what = "choice: no choice is right; write right = true in one";
    assert!(problems[0].ends_with(what), "{problems:?}");
    told(
        "holds = [\"refused = 0\"]",
        "holds = [\"refusd = 0\"]",
        "holds = [\"refused = 0\"]",
        &format!(
            "choice[0].holds[0]: there is no fact \"refusd\"; the facts are {}",
            understudy_lessons::FactName::words().collect::<Vec<_>>().join(", ")
        ),
    );
    told(
        "figure = \"one-dies\"\nquestion = \"web-2 dies.",
        "figure = \"one-lives\"\nquestion = \"web-2 dies.",
        "figure = \"one-dies\"\nquestion = \"web-2 dies.",
        "figure: there is no figure \"one-lives\" here; the figures of this lesson are one-dies",
    );
}

#[test]
fn the_shape_of_a_lesson() {
    let (lesson, _) = documented();
    let start = lesson.find("```check\nid = \"who-knows\"").expect("it has one");
    let end = start + lesson[start..].find("```check\nid = \"twice").expect("and another");
    let disk = Disk::documented();
    disk.write("01-a-dead-server.md", &(lesson[..start].to_string() + &lesson[end..]));
    let (problems, _) = disk.build();
    assert_eq!(problems.len(), 1);
    assert!(
        problems[0].ends_with("it has 2 checks that make sense; a lesson ends with 3 at least"),
        "{problems:?}"
    );
    let start = lesson.find("```check\nid = \"kill-another\"").expect("it has one");
    let end = start + lesson[start..].find("```check\nid = \"who-knows").expect("and another");
    let chosen = lesson[end..].replacen("who-knows", "who-else-knows", 1);
    let chosen = &chosen[..chosen.find("```check\nid = \"twice").expect("another")];
    disk.write("01-a-dead-server.md", &format!("{}{chosen}{}", &lesson[..start], &lesson[end..]));
    let what = "no check is answered by doing; write one with \"figure\", \"done\", \"hint\" and \"praise\"";
    let (problems, _) = disk.build();
    assert!(problems.len() == 1 && problems[0].ends_with(what), "{problems:?}");
}

#[test]
fn a_lesson_predicts_something_and_names_its_sources() {
    let (lesson, _) = documented();
    let start = lesson.find("```sources").expect("it has them");
    let disk = Disk::documented();
    disk.write("01-a-dead-server.md", &lesson[..start]);
    let (problems, _) = disk.build();
    assert!(
        problems.len() == 1 && problems[0].ends_with("it names no sources; write a sources block at its end")
    );
    let start = lesson.find("```predict").expect("it has one");
    let end = start + lesson[start..].find("```figure").expect("and its figure");
    disk.write("01-a-dead-server.md", &(lesson[..start].to_string() + &lesson[end..]));
    let what = "nothing is predicted; write a predict block before the figure that answers it";
    let (problems, _) = disk.build();
    assert!(problems.len() == 1 && problems[0].ends_with(what), "{problems:?}");
}

#[test]
fn links_and_numbers() {
    let link = "[web-2](node:web-2)";
    told(
        link,
        "[web-2](node:web-9)",
        link,
        "no figure of this lesson has a node \"web-9\"; they have Readers, lb-1, web-1, web-2, web-3",
    );
    let this = "[this link](link:lb-1>web-2)";
    told(
        this,
        "[this](link:web-1>web-2)",
        this,
        "no figure of this lesson has a link between \"web-1\" and \"web-2\"",
    );
    let term = "[health check](term:health-check)";
    told(
        term,
        "[health check](term:health)",
        term,
        "there is no term \"health\"; add it to lessons/glossary.toml, or write term:health-check",
    );
    told(link, "[x](lesson:y)", link, "there is no lesson \"y\"; the lessons are a-dead-server");
    told(
        link,
        "[x](other.html)",
        link,
        "\"other.html\" is no address of a course; write one with node:, link:, kind:, term:, lesson: or https:",
    );
    let number = "`=one-dies refused`";
    told(
        number,
        "`=one-does refused`",
        number,
        "\"=one-does refused\": there is no figure \"one-does\"; the figures are one-dies",
    );
    told(
        number,
        "`=one-dies detected_after_s@web-1`",
        number,
        "\"=one-dies detected_after_s@web-1\": nothing can be said of it at 30 s, the figure's \"until\"; let it run longer",
    );
    told(
        number,
        "`=one-dies scenario nodes.lb-1.timeout`",
        number,
        "\"=one-dies scenario nodes.lb-1.timeout\": nodes.lb-1 says nothing of \"timeout\" in the scenario's file; it says \
         kind, name, health_check, retry",
    );
    let (problems, _) = with("[read](kind:read)", "[read](kind:reads)").build();
    assert!(
        problems[0].contains("there is no kind \"reads\"; the kinds are read, write, static"),
        "{problems:?}"
    );
}

#[test]
fn html_headings_and_pictures() {
    told(
        "It took",
        "<b>It</b> took",
        "It took",
        "\"<b>\" is HTML; write it in Markdown, or \\< for the character itself",
    );
}

#[test]
fn names_that_are_there_twice() {
    let disk = Disk::documented();
    let (lesson, glossary) = documented();
    disk.write("02-again.md", &lesson);
    let (problems, _) = disk.build();
    let line = line_of("```figure");
    let expected = format!(
        "lessons/02-again.md:{line}: there is another figure \"one-dies\", in lessons/01-a-dead-server.md:{line}; rename one"
    );
    assert!(problems.contains(&expected), "{problems:#?}");
    disk.remove("02-again.md");
    disk.write("glossary.toml", &format!("{glossary}\n{glossary}"));
    assert_eq!(
        disk.build().0,
        ["lessons/glossary.toml:8: term[1].id: there are two terms \"health-check\"; keep one"]
    );
    disk.remove("glossary.toml");
    assert!(disk.build().0[0].starts_with("lessons/glossary.toml: it cannot be read: "));
}

#[test]
fn briefs() {
    let (lesson, _) = documented();
    let disk = Disk::documented();
    let with_brief = |disk: &Disk| {
        disk.write("01-a-dead-server.md", &format!("{lesson}\n```brief\nname = \"mine\"\n```\n"));
    };
    with_brief(&disk);
    let line = lesson.lines().count() + 2;
    let (problems, _) = disk.build();
    assert_eq!(
        problems,
        [format!(
            "lessons/01-a-dead-server.md:{line}: there is no brief \"mine\"; write lessons/briefs/mine.toml"
        )]
    );
    // One that asks for what its design has not, of a scenario that has nothing to do.
    let brief = |targets: &str, design: &str| {
        disk.write_below("briefs/designs", "mine.json", &shipped_scenario(design));
        disk.write_below(
            "briefs",
            "mine.toml",
            &format!(
                "title = \"T\"\nletter = [\"L\"]\nscenario = \"three-web-servers\"\ndesign = \"mine\"\nunit = \"crowns\"\n\
                 budget = 10\n[[price]]\nkind = \"load-balancer\"\ncosts = 5\n{targets}"
            ),
        );
        disk.build().0
    };
    let told = "[[target]]\ntext = \"Somebody is told.\"\nnoticed = [\"web-server\"]\n";
    assert_eq!(
        brief(told, "three-web-servers"),
        ["lessons/briefs/mine.toml:10: target[0]: the design does not meet it"]
    );
    assert_eq!(brief(told, "classic-stack"), [] as [&str; 0]);
    let money = "[[target]]\ntext = \"Cheap.\"\nwithin_budget = true\n";
    assert_eq!(
        brief(money, "three-web-servers"),
        ["lessons/briefs/mine.toml:3: scenario: it meets every target already: nothing is left to do"]
    );
    assert_eq!(
        brief("[[target]]\ntext = \"Both.\"\nwithin_budget = true\nas_today = true\n", "two-balancers"),
        [
            "lessons/briefs/mine.toml:10: target[0]: a target has a text and one of as_today, answered_percent, single_points, \
         carries_without, encrypted_outside, noticed, rpo, within_budget"
        ]
    );
}

fn shipped_scenario(name: &str) -> String {
    let path = crate::directory::root().join(format!("scenarios/{name}.json"));
    std::fs::read_to_string(path).expect("it is shipped")
}
