//! Findings: what is weak, shown, with what would mend it.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use serde::Serialize;
use understudy_core::{SimDuration, SimTime};
use understudy_sim::scenario::Scenario;

use crate::interruption::Takes;
use crate::report::Summary;
use crate::service::Service;

/// How bad a finding is, the worst last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// Worth knowing.
    Note,
    /// Some requests fail, or data is at risk.
    Warning,
    /// A service ends, or data is lost without a limit.
    Critical,
}

impl Level {
    /// All levels and how they are written, the worst first.
    pub const ALL: [(Self, &str); 3] =
        [(Self::Critical, "critical"), (Self::Warning, "warning"), (Self::Note, "note")];

    /// How it is written.
    pub fn name(self) -> &'static str {
        Self::ALL.into_iter().find(|(level, _)| *level == self).map_or("", |(_, name)| name)
    }
}

/// One thing that is weak.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Finding {
    /// Names it in this audit and, as long as the weakness is there, in later ones.
    pub id: String,
    /// How bad it is.
    pub level: Level,
    /// The service that suffers, the first if there are several; `None` if it is not about a service.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<Service>,
    /// All services that suffer.
    pub services: Vec<Service>,
    /// The nodes that it is about, by name; both ends of a link.
    pub components: Vec<String>,
    /// The group whose members these are, if that is why they fail together.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// What is weak, in a sentence.
    pub what: String,
    /// How it shows.
    pub proof: Proof,
    /// What would mend it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fix: Option<Fix>,
    /// What is told together here, this finding's own first: the same of other services and of components like these,
    /// each on its own. Empty if it is one thing only.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cases: Vec<Case>,
}

/// One of the things that a finding tells together.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Case {
    /// Names it, as if it stood alone.
    pub id: String,
    /// The service that suffers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<Service>,
    /// The nodes that it is about; both ends of a link.
    pub components: Vec<String>,
    /// What shows it: played as a [`Proof`]'s commands are.
    pub commands: Vec<String>,
    /// When it shows.
    pub at: SimTime,
}

impl Finding {
    /// A finding about a system as a whole or about one thing in it; what else there is to say is set on it.
    pub(crate) fn new(id: String, level: Level, components: Vec<String>, what: String) -> Self {
        let proof = Proof::default();
        let (service, group, fix) = (None, None, None);
        Self {
            id,
            level,
            service,
            services: Vec::new(),
            components,
            group,
            what,
            proof,
            fix,
            cases: Vec::new(),
        }
    }

    /// Everything that it tells: how it is named, the service, the components.
    pub fn each(&self) -> impl Iterator<Item = (&str, Option<Service>, &[String])> {
        let own = (&*self.id, self.service, &self.components[..]);
        let one = self.cases.is_empty().then_some(own);
        one.into_iter().chain(self.cases.iter().map(|case| (&*case.id, case.service, &case.components[..])))
    }
}

/// How a weakness shows: what to do to the scenario, and what is seen then.
///
/// The lab plays it: the scenario without its own script, the commands on its agenda, the clock at `at`.
#[derive(Clone, Debug, PartialEq, Default, Serialize)]
pub struct Proof {
    /// What is done, each with its time: `10s kill lb-1`.
    pub commands: Vec<String>,
    /// When it shows.
    pub at: SimTime,
    /// Ways that requests take before, as names; the first few.
    pub paths_before: Vec<Vec<String>>,
    /// Ways that are left.
    pub paths_after: Vec<Vec<String>>,
    /// The answered share before.
    pub answered_before: f64,
    /// The answered share for as long as nobody has reacted.
    pub answered_at_first: f64,
    /// The answered share once everybody has.
    pub answered_after: f64,
    /// How long it takes until they have; `None` if it lasts until somebody repairs it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lasts: Option<Takes>,
}

/// What would mend a weakness.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Fix {
    /// What to do, in a sentence.
    pub what: String,
    /// What it costs.
    pub cost: Cost,
    /// The scenario with it done; `None` where a scenario cannot say it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scenario: Option<Scenario>,
    /// What the audit says of that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preview: Option<Box<Preview>>,
}

/// What a fix costs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Cost {
    /// Nodes that are added.
    pub nodes: u32,
    /// What every write takes longer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latency_per_write: Option<SimDuration>,
}

/// The audit after a fix.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Preview {
    /// Whether the finding is gone.
    pub mended: bool,
    /// How long it lasts then, where it is still there and others make up for it sooner than before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lasts: Option<Takes>,
    /// The rest of it.
    #[serde(flatten)]
    pub summary: Summary,
}
