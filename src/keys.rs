//! What single keys do. One table: the page listens to it and the help window prints it.

use crate::acts::Verb;

/// What a key asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Play or pause.
    Toggle,
    /// One event on or back.
    Step {
        /// On rather than back.
        forward: bool,
    },
    /// To the turning point after or before this instant.
    Mark {
        /// After rather than before.
        forward: bool,
    },
    /// To the start of the run, or to where it was played to.
    End {
        /// To the latter.
        forward: bool,
    },
    /// The next faster or slower speed.
    Speed {
        /// Faster rather than slower.
        faster: bool,
    },
    /// Undo the newest command.
    Undo,
    /// Do it again.
    Redo,
    /// Keep this run as a ghost and go on with a fork of it.
    WhatIf,
    /// Break or mend what is selected.
    Act(Verb),
    /// Break something at random.
    Surprise,
    /// All facts as a table.
    Table,
    /// Save the run as a file.
    Save,
    /// The help window.
    Help,
}

/// A key and what it does.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// As the browser names it, in lower case.
    pub name: &'static str,
    /// Whether Ctrl (Cmd on a Mac) has to be held.
    pub ctrl: bool,
    /// What is written on it.
    pub shown: &'static str,
    /// What it does, for people.
    pub does: &'static str,
    /// What it asks for.
    pub action: Action,
}

const fn key(name: &'static str, shown: &'static str, does: &'static str, action: Action) -> Key {
    Key { name, ctrl: false, shown, does, action }
}

const fn ctrl(name: &'static str, shown: &'static str, does: &'static str, action: Action) -> Key {
    Key { name, ctrl: true, shown, does, action }
}

/// Every key.
pub const KEYS: [Key; 27] = [
    key(" ", "Space", "play or pause", Action::Toggle),
    key(".", ".", "one event on", Action::Step { forward: true }),
    key(",", ",", "one event back", Action::Step { forward: false }),
    key("]", "]", "to the next turning point", Action::Mark { forward: true }),
    key("[", "[", "to the turning point before", Action::Mark { forward: false }),
    key("home", "Home", "to the start", Action::End { forward: false }),
    key("end", "End", "to where the run was played to", Action::End { forward: true }),
    key(">", ">", "faster", Action::Speed { faster: true }),
    key("<", "<", "slower", Action::Speed { faster: false }),
    key("k", "K", "kill the selected node", Action::Act(Verb::Kill)),
    key("m", "M", "kill it in the middle of a request", Action::Act(Verb::KillMidRequest)),
    key("h", "H", "freeze it", Action::Act(Verb::Hang)),
    key("s", "S", "slow it down, or let it run as usual", Action::Act(Verb::Slow)),
    key("b", "B", "restart it", Action::Act(Verb::Restart)),
    key("p", "P", "stop it cleanly", Action::Act(Verb::Stop)),
    key("r", "R", "revive the selected node, heal the selected link", Action::Act(Verb::Mend)),
    key("x", "X", "cut the selected node off, or the selected link", Action::Act(Verb::Cut)),
    key("d", "D", "delay the selected link", Action::Act(Verb::Delay)),
    key("l", "L", "make the selected link lossy", Action::Act(Verb::Lose)),
    key("o", "O", "overload: clients send ten times as much for a while", Action::Act(Verb::Overload)),
    key("u", "U", "surprise me: break something at random", Action::Surprise),
    key("w", "W", "what if: keep this run as a ghost and go on from here", Action::WhatIf),
    key("t", "T", "all facts as a table", Action::Table),
    key("?", "?", "this help", Action::Help),
    ctrl("z", "Ctrl Z", "undo the newest command", Action::Undo),
    ctrl("y", "Ctrl Y", "do it again", Action::Redo),
    ctrl("s", "Ctrl S", "save the run as a file", Action::Save),
];

/// What a key press asks for. With Shift, Ctrl Z does again.
pub fn asked(name: &str, ctrl: bool, shift: bool) -> Option<Action> {
    let name = name.to_lowercase();
    if ctrl && shift && name == "z" {
        return Some(Action::Redo);
    }
    KEYS.iter().find(|key| key.name == name && key.ctrl == ctrl).map(|key| key.action)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_means_two_things() {
        for (place, key) in KEYS.iter().enumerate() {
            let twin =
                KEYS[place + 1..].iter().find(|other| (other.name, other.ctrl) == (key.name, key.ctrl));
            assert!(twin.is_none(), "{}", key.shown);
        }
    }

    #[test]
    fn capitals_mean_the_same_and_ctrl_something_else() {
        assert_eq!(asked("K", false, true), Some(Action::Act(Verb::Kill)));
        assert_eq!(asked("s", true, false), Some(Action::Save));
        assert_eq!(asked("Z", true, true), Some(Action::Redo));
        assert_eq!(asked("k", true, false), None, "the browser's own");
        assert_eq!(asked("q", false, false), None);
    }
}
