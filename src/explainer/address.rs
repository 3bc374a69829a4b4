//! Where a run can be opened again: its address for the lab and for an embed.

use understudy_sim::{Plan, SimTime, TimedCommand};

/// What an address tells of a run.
pub struct Told<'a> {
    /// The name of a scenario that comes with the pages.
    pub scene: &'a str,
    /// What the scenario means.
    pub plan: &'a Plan,
    /// The seed.
    pub seed: u64,
    /// What was done, in order of time.
    pub commands: &'a [TimedCommand],
    /// The instant to stand at.
    pub at: SimTime,
}

/// The part of an address after the question mark.
pub fn query(told: &Told<'_>) -> String {
    let mut query = String::from("scene=");
    escape(told.scene, &mut query);
    query.push_str("&seed=");
    query.push_str(&told.seed.to_string());
    for TimedCommand { at, command } in told.commands {
        query.push_str("&c=");
        escape(&format!("{at:#} {}", command.write(told.plan)), &mut query);
    }
    query.push_str("&t=");
    escape(&format!("{:#}", told.at), &mut query);
    query
}

/// Adds a text as an address holds it.
fn escape(text: &str, query: &mut String) {
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'*' => {
                query.push(byte.into());
            }
            b' ' => query.push('+'),
            _ => {
                query.push('%');
                for half in [byte >> 4, byte & 15] {
                    query.push(char::from_digit(half.into(), 16).unwrap_or('0').to_ascii_uppercase());
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use understudy_sim::Scenario;

    use super::*;

    #[test]
    fn an_address_tells_scenario_seed_commands_and_instant() {
        let text = include_str!("../../scenarios/three-web-servers.json");
        let plan = Scenario::read("three", text).expect("a shipped scenario is right");
        let commands = ["12s kill web-2", "12.5s lose lb-1 web-1 20%"]
            .map(|text| TimedCommand::parse(text, &plan).expect("the test's commands are right"));
        let told = Told {
            scene: "three-web-servers",
            plan: &plan,
            seed: 7,
            commands: &commands,
            at: SimTime::from_millis(14_620),
        };
        assert_eq!(
            query(&told),
            "scene=three-web-servers&seed=7&c=12s+kill+web-2&c=12.5s+lose+lb-1+web-1+20%25&t=14.62s"
        );
    }

    #[test]
    fn nothing_in_a_name_can_add_to_an_address() {
        let mut query = String::new();
        escape("a&b=c#d\u{e9}", &mut query);
        assert_eq!(query, "a%26b%3Dc%23d%C3%A9");
    }
}
