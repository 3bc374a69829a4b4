//! Light, dark, or as the reader's system says: chosen by a button, kept for the next visit.

use leptos::prelude::*;

use crate::browser::storage;

/// Where the choice is kept. Each page reads the same key before its first paint.
const KEY: &str = "understudy-theme";

/// How the page looks: what has to be drawn anew when colours change.
#[derive(Clone, Copy)]
pub struct Look {
    /// The reader's choice of colours.
    pub theme: RwSignal<Theme>,
    /// Whether the reader's system is dark.
    pub dark: ReadSignal<bool>,
}

/// The reader's choice of colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Theme {
    /// As the system says.
    Auto,
    /// Always light.
    Light,
    /// Always dark.
    Dark,
}

impl Theme {
    /// The choice that was kept; as the system says when there is none.
    pub fn kept() -> Self {
        match storage::get(KEY).as_deref() {
            Some("light") => Self::Light,
            Some("dark") => Self::Dark,
            _ => Self::Auto,
        }
    }

    /// The choice after this one, going round.
    pub const fn next(self) -> Self {
        match self {
            Self::Auto => Self::Light,
            Self::Light => Self::Dark,
            Self::Dark => Self::Auto,
        }
    }

    /// Its name, in the style sheet and for people.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// Puts the choice in force and keeps it.
    pub fn apply(self) {
        self.show();
        storage::set(KEY, self.name());
    }

    /// Puts the choice in force on this page.
    pub fn show(self) {
        if let Some(root) = document().document_element() {
            let _ = match self {
                Self::Auto => root.remove_attribute("data-theme"),
                _ => root.set_attribute("data-theme", self.name()),
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Theme;

    #[test]
    fn three_presses_come_round() {
        assert_eq!(Theme::Auto.next().next().next(), Theme::Auto);
    }
}
