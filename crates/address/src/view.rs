//! How a run is shown: what an embedding page sets by the address.

/// How many of the controls a figure shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Controls {
    /// All: nodes can be broken, modes switched, time moved.
    Full,
    /// Play, restart, speed, time, and the figure's own actions.
    #[default]
    Basic,
    /// None: the stage and its caption.
    None,
}

/// Something that the reader may not do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lock {
    /// Kill, hang, slow or restart nodes, and cut links.
    Break,
    /// Switch modes.
    Modes,
    /// Move in time.
    Time,
    /// Change the speed.
    Speed,
    /// Give the figure's own actions.
    Actions,
    /// Leave for the lab, share or embed.
    Links,
}

/// The colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// As the reader's system has them.
    #[default]
    Auto,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

/// How a run is shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct View {
    /// How many controls.
    pub controls: Controls,
    /// What the reader may not do, each once, in the order of [`Lock::ALL`].
    pub locks: alloc::vec::Vec<Lock>,
    /// The colours.
    pub theme: Theme,
    /// Whether time passes at once.
    pub autoplay: bool,
    /// Whether what the figure's lesson asks about it is asked.
    pub questions: bool,
    /// Whether what is weak is told to the page around once the figure is alive.
    pub audit: bool,
}

/// A value and the word for it.
pub(crate) type Word<T> = (T, &'static str);

impl Controls {
    pub(crate) const ALL: [Word<Self>; 3] =
        [(Self::Full, "full"), (Self::Basic, "basic"), (Self::None, "none")];
}

impl Lock {
    /// All there are, with the words that an address has for them.
    pub const ALL: [(Self, &'static str); 6] = [
        (Self::Break, "break"),
        (Self::Modes, "modes"),
        (Self::Time, "time"),
        (Self::Speed, "speed"),
        (Self::Actions, "actions"),
        (Self::Links, "links"),
    ];
}

impl Theme {
    pub(crate) const ALL: [Word<Self>; 3] =
        [(Self::Auto, "auto"), (Self::Light, "light"), (Self::Dark, "dark")];
}

impl View {
    /// Whether the reader may do this.
    pub fn allows(&self, lock: Lock) -> bool {
        !self.locks.contains(&lock)
    }
}

/// The value that `word` stands for.
pub(crate) fn find<T: Copy>(all: &[Word<T>], word: &str) -> Option<T> {
    all.iter().find(|(_, known)| *known == word).map(|(value, _)| *value)
}

/// The word that stands for `value`.
pub(crate) fn word<T: Copy + PartialEq>(all: &[Word<T>], value: T) -> &'static str {
    all.iter().find(|(known, _)| *known == value).map_or("", |(_, word)| *word)
}

/// All words, for a message.
pub(crate) fn words<T: Copy>(all: &[Word<T>]) -> alloc::string::String {
    all.iter().map(|(_, word)| *word).collect::<alloc::vec::Vec<_>>().join(", ")
}
