//! The scenarios that come with the page.

use std::rc::Rc;

use understudy_sim::{Plan, Scenario};

/// A scenario file that is part of the page.
#[derive(Debug)]
pub struct Scene {
    /// What an address asks for it by.
    pub name: &'static str,
    /// As in the file, so that the list does not read them all.
    pub title: &'static str,
    /// The file.
    pub text: &'static str,
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

/// The seed of a run whose address names none.
pub const DEFAULT_SEED: u64 = 7;

impl Scene {
    /// What the file means.
    pub fn plan(&self) -> Rc<Plan> {
        let plan = Scenario::read(self.name, self.text);
        Rc::new(plan.expect("the tests read every scene that comes with the page"))
    }
}

/// All of them.
pub fn all() -> &'static [Scene] {
    &SCENES
}

/// The one that is shown when the address names none.
pub fn first() -> &'static Scene {
    &SCENES[0]
}

/// The one of this name.
pub fn find(name: &str) -> Option<&'static Scene> {
    SCENES.iter().find(|scene| scene.name == name)
}

/// The one whose file this is, word for word.
pub fn of_text(text: &str) -> Option<&'static Scene> {
    SCENES.iter().find(|scene| scene.text == text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scene_makes_sense() {
        for scene in all() {
            assert_eq!(scene.plan().title(), scene.title, "{}", scene.name);
            assert_eq!(find(scene.name).map(|found| found.title), Some(scene.title));
            assert_eq!(of_text(scene.text).map(|found| found.name), Some(scene.name));
        }
        assert!(find("nowhere").is_none() && of_text("{}").is_none());
    }
}
