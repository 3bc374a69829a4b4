//! Where a run can be opened again: its address for the lab and for an embed.

use understudy_address::{Address, Run};
use understudy_sim::{Plan, SimTime, TimedCommand};

/// What an address tells of a run.
pub struct Told<'a> {
    /// Which scenario.
    pub run: &'a Run,
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
    let command = |timed: &TimedCommand| timed.write(told.plan);
    let address = Address {
        run: told.run.clone(),
        seed: Some(told.seed),
        commands: told.commands.iter().map(command).collect(),
        at: Some(told.at),
        ..Address::default()
    };
    address.write()
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
            run: &Run::Scene("three-web-servers".into()),
            plan: &plan,
            seed: 7,
            commands: &commands,
            at: SimTime::from_millis(14_620),
        };
        assert_eq!(
            query(&told),
            "scene=three-web-servers&seed=7&c=12s+kill+web-2&c=12.5s+lose+lb-1+web-1+20%25&t=14.62s&v=1"
        );
    }
}
