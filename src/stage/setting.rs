//! Where a stage stands: alone in the lab, or as a figure in a text, where the page scrolls past it.

use leptos::prelude::RwSignal;

use super::geometry::Size;

/// What differs between stages.
#[derive(Clone, Copy)]
pub struct Setting {
    /// The figure's number on its page; nothing for the lab, where the stage can be zoomed and has a legend.
    pub figure: Option<u32>,
    /// Whether nodes have menus.
    pub menus: bool,
    /// Whether nothing may be done for the time being.
    pub locked: RwSignal<bool>,
    /// The size that the stage will have, as long as it was not measured; nothing where nobody knows.
    pub expected: Option<Size>,
    /// What moves and is lit up.
    pub lit: RwSignal<Option<Lit>>,
}

impl Setting {
    /// A stage on which nothing is lit up.
    pub fn new(
        figure: Option<u32>,
        menus: bool,
        locked: RwSignal<bool>,
        expected: Option<Size>,
    ) -> &'static Self {
        // As long as the page, as the stage itself.
        Box::leak(Box::new(Self { figure, menus, locked, expected, lit: RwSignal::new(None) }))
    }

    /// The stage of the lab.
    pub fn lab() -> &'static Self {
        Self::new(None, true, RwSignal::new(false), None)
    }

    /// An element's id that no other stage of the page has.
    pub fn id(self, of: &str, number: usize) -> String {
        match self.figure {
            None => format!("{of}-{number}"),
            Some(figure) => format!("figure-{figure}-{of}-{number}"),
        }
    }
}

/// What moves, by what it stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lit {
    /// Reads, static files among them, and their answers.
    Reads,
    /// Writes and their answers.
    Writes,
    /// Log records.
    Replication,
    /// Health checks and the like.
    Probes,
    /// News of failures.
    Failures,
}

impl Lit {
    /// What the text calls so, if it is something that moves.
    pub fn of(thing: &str) -> Option<Self> {
        Some(match thing {
            "kind:read" | "kind:static" => Self::Reads,
            "kind:write" => Self::Writes,
            "kind:replication" => Self::Replication,
            "kind:probe" => Self::Probes,
            "kind:failure" => Self::Failures,
            _ => return None,
        })
    }
}
