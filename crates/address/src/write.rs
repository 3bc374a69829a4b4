//! An address as text.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::compact;
use crate::parameters::{Address, Run, VERSION};
use crate::view::{self, Controls, Lock, Theme, View};

impl Address {
    /// What follows the `?` of the address. Reading it gives the same [`Address`].
    pub fn write(&self) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        let mut put = |name: &str, value: &str| {
            query.append_pair(name, value);
        };
        match &self.run {
            Run::Unnamed => {}
            Run::Scene(name) => put("scene", name),
            Run::Figure(name) => put("figure", name),
            Run::Brief(name) => put("brief", name),
            Run::Compact(bytes) => put("run", &compact::to_text(bytes)),
        }
        if let Some(seed) = self.seed {
            put("seed", &seed.to_string());
        }
        if !self.modes.is_empty() {
            let names: Vec<String> = self.modes.iter().map(|mode| mode.name()).collect();
            put("mode", &names.join(","));
        }
        for command in &self.commands {
            put("c", command);
        }
        if let Some(at) = self.at {
            put("t", &format!("{at:#}"));
        }
        if let Some(hash) = self.hash {
            put("hash", &format!("{hash:016x}"));
        }
        for (name, value) in self.view.parameters() {
            put(name, &value);
        }
        put("v", &VERSION.to_string());
        // A comma has no meaning in a query, and addresses are read by people.
        query.finish().replace("%2C", ",")
    }
}

impl View {
    /// What differs from the plain view.
    fn parameters(&self) -> Vec<(&'static str, String)> {
        let mut parameters = Vec::new();
        if self.controls != Controls::default() {
            parameters.push(("controls", view::word(&Controls::ALL, self.controls).into()));
        }
        if !self.locks.is_empty() {
            let words: Vec<&str> = self.locks.iter().map(|lock| view::word(&Lock::ALL, *lock)).collect();
            parameters.push(("lock", words.join(",")));
        }
        if self.theme != Theme::default() {
            parameters.push(("theme", view::word(&Theme::ALL, self.theme).into()));
        }
        if self.autoplay {
            parameters.push(("autoplay", "1".into()));
        }
        if self.questions {
            parameters.push(("questions", "1".into()));
        }
        if self.audit {
            parameters.push(("audit", "1".into()));
        }
        parameters
    }
}
