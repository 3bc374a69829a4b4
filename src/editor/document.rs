//! The scenario that is being edited: what can be done to its nodes and links so that all that names them keeps fitting.
//!
//! Edits are made on the file's own value, so that what the editor does not touch stays as it was written. None of them
//! asks whether the scenario still makes sense; [`check`] does.

use understudy_sim::json::Json;
use understudy_sim::plan::{Plan, ScenarioError};
use understudy_sim::scenario::Scenario;

use super::fields::{ASIDE, LINK, NODES, NodeKind, SCENARIO};
use super::path;
use crate::stage::topology::{self, Standing, Topology};

/// What a message calls the scenario that is being edited.
pub const FILE: &str = "the edited scenario";

/// The field that says that nodes are drawn in the order of the file.
const ARRANGED: &str = "arranged";

/// What a form is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    /// The scenario as a whole.
    Scenario,
    /// A node, by its place.
    Node(usize),
    /// A link, by its place.
    Link(usize),
}

impl About {
    /// Where it stands in the file; empty for the whole.
    pub fn path(self) -> String {
        match self {
            Self::Scenario => String::new(),
            Self::Node(place) => format!("nodes[{place}]"),
            Self::Link(place) => format!("links[{place}]"),
        }
    }

    /// What a path is about.
    pub fn of(place: &str) -> Self {
        let mut steps = path::steps(place);
        let list = steps.next();
        let number = steps.next().and_then(|step| step.strip_prefix('[')?.strip_suffix(']')?.parse().ok());
        match (list, number) {
            (Some("nodes"), Some(number)) => Self::Node(number),
            (Some("links"), Some(number)) => Self::Link(number),
            _ => Self::Scenario,
        }
    }
}

/// Reads what was edited as a file would be read.
pub fn check(json: &Json) -> Result<(Plan, String), ScenarioError> {
    let text = json.write();
    let plan = Scenario::read(FILE, &text)?;
    topology::check(&plan).map_err(|topology::Undrawable { place, problem }| ScenarioError {
        file: FILE.into(),
        place,
        problem,
    })?;
    Ok((plan, text))
}

fn items<'a>(json: &'a Json, list: &str) -> &'a [Json] {
    match json.field(list) {
        Some(Json::List(items)) => items,
        _ => &[],
    }
}

/// A list of the scenario, made if it is not there.
fn items_mut<'a>(json: &'a mut Json, list: &str) -> &'a mut Vec<Json> {
    if !matches!(json, Json::Object(_)) {
        *json = Json::Object(Vec::new());
    }
    let Json::Object(fields) = json else { unreachable!("it was just made one") };
    let found = fields.iter().position(|(name, _)| name == list).unwrap_or_else(|| {
        fields.push((list.into(), Json::Null));
        fields.len() - 1
    });
    let value = &mut fields[found].1;
    if !matches!(value, Json::List(_)) {
        *value = Json::List(Vec::new());
    }
    let Json::List(items) = value else { unreachable!("it was just made one") };
    items
}

/// The words of a field, or nothing.
pub fn words<'a>(json: &'a Json, field: &str) -> &'a str {
    match json.field(field) {
        Some(Json::Text(text)) => text,
        _ => "",
    }
}

/// The nodes: the name and the kind of each.
pub fn nodes(json: &Json) -> Vec<(&str, &str)> {
    items(json, "nodes").iter().map(|node| (words(node, "name"), words(node, "kind"))).collect()
}

/// The links: the names of the two ends of each.
pub fn links(json: &Json) -> Vec<(&str, &str)> {
    items(json, "links").iter().map(|link| (words(link, "from"), words(link, "to"))).collect()
}

/// What is known of a kind of node.
pub fn kind(word: &str) -> Option<&'static NodeKind> {
    NODES.iter().find(|kind| kind.word == word)
}

/// What is written about something; nothing if it is not there.
pub fn fields(json: &Json, about: About) -> &'static [super::fields::Field] {
    match about {
        About::Scenario => SCENARIO,
        About::Node(place) => {
            nodes(json).get(place).and_then(|(_, word)| kind(word)).map_or(&[], |kind| kind.fields)
        }
        About::Link(place) if place < links(json).len() => LINK,
        About::Link(_) => &[],
    }
}

/// Adds a node of a kind, and answers where it stands: after the last of its kind.
pub fn add(json: &mut Json, kind: &NodeKind) -> usize {
    let present = nodes(json);
    let is_taken = |name: &str| present.iter().any(|(other, _)| *other == name);
    let name = (1..=present.len() + 1)
        .map(|number| format!("{}-{number}", kind.prefix))
        .find(|name| !is_taken(name));
    let last = present.iter().rposition(|(_, word)| *word == kind.word);
    let place = last.map_or(present.len(), |last| last + 1);
    let has_primary = items(json, "nodes").iter().any(|node| words(node, "role") == "primary");
    let mut node = vec![
        (String::from("kind"), Json::Text(kind.word.into())),
        (String::from("name"), Json::Text(name.unwrap_or_default())),
    ];
    if let Ok(Json::Object(first)) = Json::parse(kind.first) {
        node.extend(first);
    }
    let mut node = Json::Object(node);
    if kind.word == "database" && !has_primary {
        path::set(&mut node, "role", Some(Json::Text("primary".into())));
    }
    items_mut(json, "nodes").insert(place, node);
    place
}

/// The words of a command in the script that can be names, after its time and its verb.
fn names_in(line: &str) -> impl Iterator<Item = &str> {
    line.split_whitespace().skip(2)
}

/// Goes through every list that names nodes, but for `nodes` and `links`: `keep` says whether an item stays.
fn each_mention(json: &mut Json, keep: &dyn Fn(&mut Json) -> bool) {
    for node in items_mut(json, "nodes") {
        let Json::Object(fields) = node else { continue };
        for (name, value) in fields {
            if let (true, Json::List(items)) = (matches!(&name[..], "records" | "listens_on"), value) {
                items.retain_mut(keep);
            }
        }
    }
}

/// Goes through the script's lines: each becomes what `change` makes of it, or goes.
fn each_line(json: &mut Json, change: &dyn Fn(&str) -> Option<String>) {
    if json.field("script").is_none() {
        return;
    }
    items_mut(json, "script").retain_mut(|line| {
        let Json::Text(text) = line else { return true };
        change(text).map(|new| *text = new).is_some()
    });
}

/// Removes a node with its links and all that names it.
pub fn remove(json: &mut Json, place: usize) {
    let Some((name, _)) = nodes(json).get(place).map(|(name, kind)| (String::from(*name), *kind)) else {
        return;
    };
    items_mut(json, "nodes").remove(place);
    let is_it = |json: &Json| matches!(json, Json::Text(text) if *text == name);
    items_mut(json, "links").retain_mut(|link| {
        if words(link, "through") == name {
            path::set(link, "through", None);
        }
        words(link, "from") != name && words(link, "to") != name
    });
    each_mention(json, &|item| match item {
        Json::List(ends) => !ends.iter().any(is_it),
        item => !is_it(item),
    });
    each_line(json, &|line| (!names_in(line).any(|word| word == name)).then(|| line.into()));
}

/// Gives a node another name, here and wherever it is named; or says why that cannot be.
pub fn rename(json: &mut Json, place: usize, new: &str) -> Result<(), String> {
    let present = nodes(json);
    let Some(old) = present.get(place).map(|(name, _)| String::from(*name)) else { return Ok(()) };
    if new.is_empty() || new.contains(char::is_whitespace) {
        return Err(format!(
            "\u{201c}{new}\u{201d} is not a name; write letters, digits and dashes, no spaces"
        ));
    }
    if present.iter().enumerate().any(|(other, (name, _))| other != place && *name == new) {
        return Err(format!("another node is called \u{201c}{new}\u{201d}; choose another name"));
    }
    let change = |value: &mut Json| {
        if let Json::Text(text) = value
            && *text == old
        {
            *text = new.into();
        }
    };
    path::set(json, &format!("nodes[{place}].name"), Some(Json::Text(new.into())));
    for link in items_mut(json, "links") {
        let Json::Object(fields) = link else { continue };
        for (_, value) in fields.iter_mut().filter(|(name, _)| matches!(&name[..], "from" | "to" | "through"))
        {
            change(value);
        }
    }
    each_mention(json, &|item| {
        match item {
            Json::List(ends) => ends.iter_mut().for_each(change),
            item => change(item),
        }
        true
    });
    each_line(json, &|line| {
        if !names_in(line).any(|word| word == old) {
            return Some(line.into());
        }
        let words = line.split_whitespace().enumerate();
        let words: Vec<&str> =
            words.map(|(at, word)| if at > 1 && word == old { new } else { word }).collect();
        Some(words.join(" "))
    });
    Ok(())
}

/// The nodes that a node has no link with.
pub fn unlinked(json: &Json, name: &str) -> Vec<String> {
    let links = links(json);
    let is_free = |other: &str| {
        other != name && !links.iter().any(|ends| *ends == (name, other) || *ends == (other, name))
    };
    nodes(json).iter().filter(|(other, _)| is_free(other)).map(|(other, _)| (*other).into()).collect()
}

/// Links a node to one that it has no link with, and answers where the link stands. The one that comes first on a
/// request's way connects; those that only watch connect to the others.
pub fn connect(json: &mut Json, from: &str, to: &str) -> usize {
    let all = nodes(json);
    let tier = |name: &str| {
        let found = all.iter().find(|(other, _)| *other == name);
        found.and_then(|(_, word)| kind(word)).map_or(0, |kind| kind.tier.wrapping_add(1))
    };
    let (from, to) = if tier(from) > tier(to) { (to, from) } else { (from, to) };
    let fields = [("from", from), ("to", to), ("latency", "20ms")];
    let link = fields.map(|(name, value)| (String::from(name), Json::Text(value.into())));
    let links = items_mut(json, "links");
    links.push(Json::Object(link.into()));
    links.len() - 1
}

/// Removes a link; whoever listened on it does so no longer.
pub fn disconnect(json: &mut Json, place: usize) {
    let Some((from, to)) = links(json).get(place).map(|(from, to)| (String::from(*from), String::from(*to)))
    else {
        return;
    };
    items_mut(json, "links").remove(place);
    each_mention(json, &|item| match item {
        Json::List(ends) => {
            let names: Vec<&str> =
                ends.iter().map(|end| if let Json::Text(text) = end { &text[..] } else { "" }).collect();
            names != [&from[..], &to[..]] && names != [&to[..], &from[..]]
        }
        _ => true,
    });
}

/// The scenario as the stage draws it, as far as it is one. Links to nodes that are not there are left out.
pub fn drawn(json: &Json) -> Topology {
    let nodes = nodes(json);
    let tier = |word: &str| kind(word).map_or(ASIDE, |kind| kind.tier);
    let standing = |(_, word): &(&str, &str)| Standing {
        tier: Some(tier(word)).filter(|tier| *tier != ASIDE),
        has_log: false,
    };
    let place = |name: &str| nodes.iter().position(|(other, _)| *other == name);
    let ends = |(from, to): (&str, &str)| Some((place(from)?, place(to)?, false));
    let links: Vec<_> = links(json).into_iter().filter_map(ends).collect();
    let is_placed = json.field(ARRANGED) == Some(&Json::Bool(true));
    Topology::arranged(nodes.iter().map(standing).collect(), &links, is_placed)
}

/// The nodes as the stage draws them, tier by tier, and those that only watch as the last tier.
fn tiers(json: &Json) -> Vec<Vec<usize>> {
    let topology = drawn(json);
    let mut tiers: Vec<Vec<usize>> =
        (0..topology.tiers.len()).map(|tier| topology.nodes_of(tier).collect()).collect();
    tiers.push(topology.aside);
    tiers
}

/// Where a node stands among those beside it: its place, and all of them in order.
pub fn beside(json: &Json, node: usize) -> (usize, Vec<usize>) {
    let row = tiers(json).into_iter().find(|row| row.contains(&node)).unwrap_or_else(|| vec![node]);
    (row.iter().position(|other| *other == node).unwrap_or(0), row)
}

/// Puts a node to another place among those beside it, and answers where in the file it stands now. From then on the
/// file says that its order is the drawing's; what is drawn of the others stays as it was.
pub fn place_node(json: &mut Json, node: usize, to: usize) -> usize {
    let rows = tiers(json);
    let before = items(json, "nodes").to_vec();
    let mut answer = node;
    for mut row in rows {
        let mut places = row.clone();
        understudy_core::sort::by_key(&mut places, |place| *place as u128);
        if let Some(from) = row.iter().position(|other| *other == node) {
            let to = to.min(row.len() - 1);
            row.remove(from);
            row.insert(to, node);
            answer = places[to];
        }
        for (place, other) in places.into_iter().zip(row) {
            items_mut(json, "nodes")[place] = before[other].clone();
        }
    }
    path::set(json, ARRANGED, Some(Json::Bool(true)));
    answer
}

/// Moves a link before the one before it that starts where it starts, or after the one after it: the order of a
/// balancer's links is that of its pool. Answers where it stands now.
pub fn move_link(json: &mut Json, place: usize, later: bool) -> usize {
    let starts: Vec<String> = links(json).iter().map(|(from, _)| String::from(*from)).collect();
    let is_like = |other: &usize| starts.get(place) == starts.get(*other);
    let to = if later { (place + 1..starts.len()).find(is_like) } else { (0..place).rev().find(is_like) };
    let Some(to) = to else { return place };
    let items = items_mut(json, "links");
    let item = items.remove(place);
    items.insert(to, item);
    to
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stage::kinds::look;

    fn classic() -> Json {
        let text = include_str!("../../scenarios/classic-stack.json");
        let mut json = Json::parse(text).expect("a shipped scenario is JSON");
        let lines = ["1s kill web-2", "2s cut Readers firewall"].map(|line| Json::Text(line.into()));
        path::set(&mut json, "script", Some(Json::List(lines.into())));
        path::set(&mut json, "nodes[3].records", Some(Json::List(vec![Json::Text("firewall".into())])));
        json
    }

    fn find(json: &Json, name: &str) -> usize {
        nodes(json).iter().position(|(other, _)| *other == name).expect("it is there")
    }

    #[test]
    fn a_new_name_is_known_wherever_the_old_one_was() {
        let mut json = classic();
        let place = find(&json, "firewall");
        assert_eq!(rename(&mut json, place, "wall"), Ok(()));
        let text = json.write();
        assert!(
            !text.contains("\"firewall\", \"to\"") && !text.contains("[\"Readers\", \"firewall\"]"),
            "{text}"
        );
        assert!(text.contains("\"through\": \"wall\"") && text.contains("2s cut Readers wall"), "{text}");
        assert!(text.contains("[\"wall\"]") && text.contains("\"kind\": \"firewall\""), "{text}");
        check(&json).expect("it makes sense as before");
    }

    #[test]
    fn a_name_that_is_taken_or_none_changes_nothing() {
        let mut json = classic();
        let before = json.clone();
        let place = find(&json, "web-2");
        for (new, said) in [("web-1", "another node is called"), ("", "not a name"), ("web 2", "no spaces")] {
            let problem = rename(&mut json, place, new).expect_err(new);
            assert!(problem.contains(said), "{problem}");
        }
        assert_eq!(json, before);
    }

    #[test]
    fn a_node_goes_with_all_that_names_it() {
        let mut json = classic();
        for name in ["web-2", "attacker", "dns", "lb-2"] {
            let place = find(&json, name);
            remove(&mut json, place);
            assert!(!json.write().contains(&format!("\"{name}\"")), "{name}");
            check(&json).expect("the others suffice");
        }
        assert!(!json.write().contains("kill web-2"));
        let place = find(&json, "firewall");
        remove(&mut json, place);
        assert!(!json.write().contains("\"through\"") && json.write().contains("\"listens_on\": []"));
        assert!(check(&json).expect_err("nobody reaches a server").problem.contains("no path leads"));
    }

    #[test]
    fn a_new_server_gets_a_free_name_and_serves_once_it_is_linked() {
        let mut json = Json::parse(include_str!("../../scenarios/three-web-servers.json")).expect("JSON");
        let place = add(&mut json, kind("web-server").expect("it is one"));
        assert_eq!(nodes(&json)[place], ("web-4", "web-server"));
        assert_eq!(unlinked(&json, "lb-1"), ["web-4"]);
        let link = connect(&mut json, "web-4", "lb-1");
        assert_eq!(links(&json)[link], ("lb-1", "web-4"), "the balancer connects to its server");
        assert!(unlinked(&json, "lb-1").is_empty());
        let (plan, _) = check(&json).expect("it makes sense");
        assert_eq!(plan.nodes().len(), 6);
        disconnect(&mut json, link);
        assert_eq!(links(&json).len(), 4);
    }

    #[test]
    fn one_of_every_kind_can_be_added() {
        let mut json = classic();
        for kind in &NODES {
            let place = add(&mut json, kind);
            assert!(!fields(&json, About::Node(place)).is_empty(), "{}", kind.word);
            Scenario::parse("test", &json.write()).unwrap_or_else(|error| panic!("{}: {error}", kind.word));
        }
        let mut empty = Json::Object(Vec::new());
        let database = kind("database").expect("it is one");
        let roles = [add(&mut empty, database), add(&mut empty, database)]
            .map(|place| words(&items(&empty, "nodes")[place], "role").to_string());
        assert_eq!(roles, ["primary", "replica"]);
    }

    #[test]
    fn a_node_is_drawn_where_it_is_put() {
        let mut json = classic();
        let names = |json: &Json| -> Vec<Vec<String>> {
            let name = |node: usize| nodes(json)[node].0.into();
            tiers(json).into_iter().map(|row| row.into_iter().map(name).collect()).collect()
        };
        let before = names(&json);
        let place = find(&json, "web-3");
        let (at, row) = beside(&json, place);
        assert_eq!((at, row.len()), (2, 3));
        let place = place_node(&mut json, place, 0);
        assert_eq!(nodes(&json)[place].0, "web-3");
        let after = names(&json);
        for (was, is) in before.iter().zip(&after) {
            let right = if was.contains(&"web-1".into()) { vec!["web-3", "web-1", "web-2"] } else { vec![] };
            assert!(if right.is_empty() { is == was } else { *is == right }, "{is:?}");
        }
        let (plan, _) = check(&json).expect("it makes sense as before");
        let drawn = Topology::of(&plan);
        let tier = (0..drawn.tiers.len()).find(|tier| drawn.nodes_of(*tier).any(|node| node == place));
        let drawn: Vec<&str> =
            drawn.nodes_of(tier.expect("it has a tier")).map(|node| nodes(&json)[node].0).collect();
        assert_eq!(drawn, ["web-3", "web-1", "web-2"], "the stage draws it so");
    }

    #[test]
    fn kinds_stand_where_the_stage_puts_them() {
        let json = classic();
        let (plan, _) = check(&json).expect("it makes sense");
        for ((_, node), (_, word)) in plan.nodes().zip(nodes(&json)) {
            let tier = kind(word).expect("it is one").tier;
            assert_eq!(look(&node.kind).tier, Some(tier).filter(|tier| *tier != ASIDE), "{word}");
        }
    }

    #[test]
    fn links_move_among_those_of_their_node() {
        let mut json = classic();
        assert_eq!(move_link(&mut json, 1, true), 2);
        assert_eq!(links(&json)[1], ("firewall", "lb-2"));
        assert_eq!(move_link(&mut json, 1, false), 1, "it is the first");
    }

    #[test]
    fn a_place_says_what_it_is_about() {
        assert_eq!(About::of("nodes[12].health_check.fall"), About::Node(12));
        assert_eq!(About::of("links[0]"), About::Link(0));
        assert_eq!(About::of("script[1]"), About::Scenario);
        assert_eq!(About::of("nodes"), About::Scenario);
    }
}
