//! The scenarios that come with the page, and which of them an address asks for.

use std::rc::Rc;

use understudy_sim::{Plan, Scenario};

use crate::problem::Problem;

/// A scenario file that is part of the page.
struct Scene {
    name: &'static str,
    /// As in the file, so that the list does not read them all.
    title: &'static str,
    text: &'static str,
}

/// Every scene; the first is shown when the address names none.
const SCENES: [Scene; 7] = [
    Scene {
        name: "three-web-servers",
        title: "One load balancer, three web servers",
        text: include_str!("../scenarios/three-web-servers.json"),
    },
    Scene {
        name: "two-balancers",
        title: "Two load balancers, one virtual IP",
        text: include_str!("../scenarios/two-balancers.json"),
    },
    Scene {
        name: "primary-and-replicas",
        title: "One primary, two replicas, a failover manager",
        text: include_str!("../scenarios/primary-and-replicas.json"),
    },
    Scene {
        name: "classic-stack",
        title: "The classic stack: every tier twice or more",
        text: include_str!("../scenarios/classic-stack.json"),
    },
    Scene {
        name: "two-primaries",
        title: "Two primaries: a failover without fencing",
        text: include_str!("../scenarios/two-primaries.json"),
    },
    Scene {
        name: "open-to-the-world",
        title: "Open to the world",
        text: include_str!("../scenarios/open-to-the-world.json"),
    },
    Scene {
        name: "unmonitored",
        title: "A failure that nobody notices",
        text: include_str!("../scenarios/unmonitored.json"),
    },
];

/// The scenes to choose from: the name that an address asks by, and the title that people choose by.
pub fn choices() -> impl Iterator<Item = (&'static str, &'static str)> {
    SCENES.iter().map(|scene| (scene.name, scene.title))
}

/// The seed of a run whose address names none.
pub const DEFAULT_SEED: u64 = 7;

/// What the address asked for, or the nearest thing that works and why it is not what was asked for.
pub struct Asked {
    /// The scenario to show.
    pub plan: Rc<Plan>,
    /// Its text.
    pub text: Rc<str>,
    /// The seed to run it with.
    pub seed: u64,
    /// What could not be done.
    pub problems: Vec<Problem>,
}

/// Reads the address's `scene` and `seed`.
pub fn asked(scene: Option<&str>, seed: Option<&str>) -> Asked {
    let mut problems = Vec::new();
    let chosen = match scene {
        None => &SCENES[0],
        Some(name) => SCENES.iter().find(|scene| scene.name == name).unwrap_or_else(|| {
            let known: Vec<&str> = SCENES.iter().map(|scene| scene.name).collect();
            problems.push(Problem {
                title: format!("There is no scene called \u{201c}{name}\u{201d}"),
                place: String::from("the address, after \u{201c}scene=\u{201d}"),
                text: format!("The scenes are: {}.", known.join(", ")),
                then: format!("Showing {} instead.", SCENES[0].name),
            });
            &SCENES[0]
        }),
    };
    let seed = match seed {
        None => DEFAULT_SEED,
        Some(text) => text.parse().unwrap_or_else(|_| {
            problems.push(Problem {
                title: format!("\u{201c}{text}\u{201d} is not a seed"),
                place: String::from("the address, after \u{201c}seed=\u{201d}"),
                text: String::from("A seed is a whole number from 0 to 18446744073709551615."),
                then: format!("Running with seed {DEFAULT_SEED} instead."),
            });
            DEFAULT_SEED
        }),
    };
    let plan = Scenario::read(chosen.name, chosen.text)
        .expect("the tests read every scene that comes with the page");
    Asked { plan: Rc::new(plan), text: chosen.text.into(), seed, problems }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scene_makes_sense() {
        for scene in &SCENES {
            let asked = asked(Some(scene.name), None);
            assert!(asked.problems.is_empty(), "{}", scene.name);
            assert_eq!(asked.plan.title(), scene.title);
        }
    }

    #[test]
    fn an_unknown_scene_and_a_bad_seed_are_named_and_something_works() {
        let asked = asked(Some("nowhere"), Some("-3"));
        assert_eq!(asked.seed, DEFAULT_SEED);
        let texts: Vec<String> = asked.problems.iter().map(|problem| format!("{problem:?}")).collect();
        assert!(texts[0].contains("nowhere") && texts[0].contains("three-web-servers"), "{texts:?}");
        assert!(texts[1].contains("-3") && texts[1].contains("whole number"), "{texts:?}");
    }

    #[test]
    fn a_seed_is_taken_as_it_is() {
        assert_eq!(asked(None, Some("18446744073709551615")).seed, u64::MAX);
    }
}
