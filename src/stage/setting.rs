//! Where a stage stands: alone in the lab, or as a figure in a text, where the page scrolls past it.

use leptos::prelude::RwSignal;

/// What differs between stages.
#[derive(Clone, Copy)]
pub struct Setting {
    /// The figure's number on its page; nothing for the lab, where the stage can be zoomed and has a legend.
    pub figure: Option<u32>,
    /// Whether nodes have menus.
    pub menus: bool,
    /// Whether nothing may be done for the time being.
    pub locked: RwSignal<bool>,
}

impl Setting {
    /// The stage of the lab.
    pub fn lab() -> Self {
        Self { figure: None, menus: true, locked: RwSignal::new(false) }
    }

    /// An element's id that no other stage of the page has.
    pub fn id(self, of: &str, number: usize) -> String {
        match self.figure {
            None => format!("{of}-{number}"),
            Some(figure) => format!("figure-{figure}-{of}-{number}"),
        }
    }
}
