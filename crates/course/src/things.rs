//! Words that name a thing of the figures: a link with the scheme `node:`, `link:` or `kind:`.

use understudy_picture::{icons, kinds, signs};
use understudy_sim::Plan;

use crate::blocks::FigureBlock;
use crate::html;
use crate::lesson::Lesson;

/// How a kind of thing is shown before its word.
enum Shown {
    Icon(&'static str),
    /// A sign of the stage's legend.
    Sign(&'static str),
    Drawn(&'static str, &'static str),
}

/// The kinds that a text may name, and how each is shown.
const KINDS: [(&str, Shown); 21] = [
    ("read", Shown::Sign("request")),
    ("write", Shown::Sign("write")),
    ("static", Shown::Sign("request")),
    ("replication", Shown::Sign("records")),
    ("probe", Shown::Sign("probe")),
    ("failure", Shown::Sign("failed")),
    ("standby", Shown::Sign("standby")),
    ("queue", Shown::Sign("waiting")),
    ("lamp", Shown::Drawn("lamp", "M8 3a5 5 0 1 0 0 10A5 5 0 1 0 8 3z")),
    ("virtual-ip", Shown::Drawn("address", "M4.5 5h7a3 3 0 0 1 0 6h-7a3 3 0 0 1 0-6z")),
    ("clients", Shown::Icon(icons::CLIENTS)),
    ("firewall", Shown::Icon(icons::FIREWALL)),
    ("dns", Shown::Icon(icons::DNS)),
    ("load-balancer", Shown::Icon(icons::BALANCER)),
    ("web-server", Shown::Icon(icons::SERVER)),
    ("application-server", Shown::Icon(icons::SERVER)),
    ("database", Shown::Icon(icons::DATABASE)),
    ("failover-manager", Shown::Icon(icons::MANAGER)),
    ("monitor", Shown::Icon(icons::MONITOR)),
    ("attacker", Shown::Icon(icons::ATTACKER)),
    ("eavesdropper", Shown::Icon(icons::EAVESDROPPER)),
];

/// A link's line, which has no icon of its own.
const LINK: &str = "M1.5 9h15M4.5 6 1.5 9l3 3M13.500 6l3 3-3 3";

/// Whether an address names a thing.
pub(crate) fn is_thing(address: &str) -> bool {
    ["node:", "link:", "kind:"].iter().any(|scheme| address.starts_with(scheme))
}

/// The picture before the word, and the figure that has the thing and stands nearest after `line`, or before it.
pub(crate) fn find<'a>(
    address: &str,
    line: usize,
    lesson: &'a Lesson,
) -> Result<(String, Option<&'a FigureBlock>), String> {
    let (scheme, name) = address.split_once(':').unwrap_or_default();
    match scheme {
        "kind" => {
            let Some((_, shown)) = KINDS.iter().find(|(kind, _)| *kind == name) else {
                let known: Vec<&str> = KINDS.iter().map(|(kind, _)| *kind).collect();
                return Err(format!("there is no kind \"{name}\"; the kinds are {}", known.join(", ")));
            };
            Ok((picture(shown), nearest(lesson, line, |_| true)))
        }
        "node" => {
            let found = nearest(lesson, line, |plan| plan.find(name).is_some());
            let Some(figure) = found else {
                return Err(format!(
                    "no figure of this lesson has a node \"{name}\"; they have {}",
                    names(lesson)
                ));
            };
            let plan = &figure.figure.plan;
            let node = plan.find(name).and_then(|id| plan.node(id));
            let icon = node.map_or("", |node| kinds::look(&node.kind).icon);
            Ok((html::icon(icon), Some(figure)))
        }
        _ => {
            let Some((from, to)) = name.split_once('>') else {
                return Err(format!("\"{address}\" names no link; write link:FROM>TO"));
            };
            match nearest(lesson, line, |plan| plan.find_link(from, to).is_some()) {
                Some(figure) => Ok((html::icon(LINK), Some(figure))),
                None => Err(format!("no figure of this lesson has a link between \"{from}\" and \"{to}\"")),
            }
        }
    }
}

fn picture(shown: &Shown) -> String {
    match shown {
        Shown::Icon(path) => html::icon(path),
        Shown::Sign(name) => {
            let path = signs::SIGNS.iter().find(|(class, ..)| class == name).map_or("", |(_, path, _)| path);
            html::sign(name, path)
        }
        Shown::Drawn(class, path) => html::sign(class, path),
    }
}

/// The nearest figure after a line whose plan fits; else the nearest before.
fn nearest(lesson: &Lesson, line: usize, fits: impl Fn(&Plan) -> bool) -> Option<&FigureBlock> {
    let fitting = || lesson.blocks.figures().filter(|figure| fits(&figure.figure.plan));
    fitting().find(|figure| figure.line >= line).or_else(|| fitting().last())
}

/// The names of all nodes in a lesson's figures.
fn names(lesson: &Lesson) -> String {
    let mut names: Vec<&str> = Vec::new();
    for figure in lesson.blocks.figures() {
        for (_, node) in figure.figure.plan.nodes() {
            if !names.contains(&node.name.as_str()) {
                names.push(&node.name);
            }
        }
    }
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sign_is_one_of_the_stage() {
        for (kind, shown) in &KINDS {
            if let Shown::Sign(name) = shown {
                assert!(signs::SIGNS.iter().any(|(class, ..)| class == name), "{kind}");
            }
        }
    }
}
