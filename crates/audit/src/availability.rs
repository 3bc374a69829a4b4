//! The share of the requests that is answered in the long run.
//!
//! Every node, and every group that nodes share their fate in, is up or down, independently of the others, for the share
//! of the time that its MTBF and MTTR say; a group that is down takes its members with it. The states are gone through by
//! how many of these are down: none, each one, each two, and so on, as far as the allowance of
//! states suffices. For small systems these are all states, and the result is exact. What is left is the probability
//! that even more are down at once: it bounds the error, and where it is not negligible it is sampled, from a seed, given
//! that so many are down.
//!
//! On top come the takeovers: each failure that others make up for still costs requests until they have, so many a
//! second of failures, so long, so many of the requests.

use alloc::vec;
use alloc::vec::Vec;

use serde::Serialize;
use understudy_sim::ids::NodeId;
use understudy_sim::rng::Rng;

use crate::dependability::{self, Unit};
use crate::losses::{Component, Losses};
use crate::service::Service;
use crate::slices::{Pauses, at_once};
use crate::system::{Reactions, System};
use crate::weakness::{Effect, Weakness};

/// A month and a year, in seconds: 730 and 8,760 hours.
const MONTH_S: f64 = 730.0 * 3_600.0;
const YEAR_S: f64 = 8_760.0 * 3_600.0;
/// Where the states that were not looked at are likelier than this, they are sampled.
const NEGLIGIBLE: f64 = 1e-9;
/// The two-sided 95 % quantile of the normal distribution.
const QUANTILE: f64 = 1.96;

/// How much may be spent on the availability.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Effort {
    /// States that are looked at one by one.
    pub states: u32,
    /// States that are sampled of the rest, where the rest matters.
    pub samples: u32,
    /// What decides the sampling.
    pub seed: u64,
}

impl Default for Effort {
    fn default() -> Self {
        Self { states: 20_000, samples: 2_000, seed: 1 }
    }
}

/// How a number was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Method {
    /// From all states.
    Exact,
    /// From the likeliest states; the others together are too unlikely to matter.
    Bounded,
    /// From the likeliest states and a sample of the others.
    Sampled,
}

/// How much a service would gain by one component.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Gain {
    /// The component; of a group the first node in it.
    #[serde(skip)]
    pub component: NodeId,
    /// Whether it is a group.
    pub is_group: bool,
    /// What it is called.
    pub name: alloc::string::String,
    /// Birnbaum's importance: the availability with it up, less that with it down.
    pub importance: f64,
    /// What the service's availability would gain if it never failed.
    pub gain: f64,
}

/// The availability of one service.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Availability {
    /// The answered share of the requests, in the long run.
    pub estimate: f64,
    /// The lowest and the highest that it can be, given the mean times.
    pub bounds: [f64; 2],
    /// How it was found.
    pub method: Method,
    /// Of the unanswered share, what is due to takeovers that are under way.
    pub takeovers: f64,
    /// Unanswered, as if all of it were one outage a month.
    pub downtime_s_per_month: f64,
    /// The same a year.
    pub downtime_s_per_year: f64,
    /// The three components whose better number would help most.
    pub best_improvements: Vec<Gain>,
}

/// Sums over states for one service.
#[derive(Clone)]
struct Sums {
    answered: f64,
    /// For each unit that fails, over the states in which it is down.
    while_down: Vec<f64>,
}

/// Goes through the states.
struct Survey<'a> {
    system: &'a System<'a>,
    units: &'a [Unit],
    /// Probability of each to be down.
    down: Vec<f64>,
    services: Vec<Service>,
    sums: Vec<Sums>,
    seen: f64,
}

impl System<'_> {
    /// The availability of each service that somebody asks for. `weaknesses` are those of single components
    /// and of groups.
    pub fn availability(&self, weaknesses: &[Weakness], effort: Effort) -> Vec<(Service, Availability)> {
        at_once(self.availability_with(weaknesses, effort, Pauses::NONE))
    }

    pub(crate) async fn availability_with(
        &self,
        weaknesses: &[Weakness],
        effort: Effort,
        pauses: Pauses,
    ) -> Vec<(Service, Availability)> {
        let units = dependability::failing(self.plan);
        let mut survey = Survey::new(self, &units);
        let complete = survey.enumerate(effort.states, pauses).await;
        let rest = if complete { 0.0 } else { (1.0 - survey.seen).max(0.0) };
        let drawn = if rest > NEGLIGIBLE { Some(survey.sample(effort, pauses).await) } else { None };
        let survey_services = survey.services.clone();
        let results = survey_services.into_iter().enumerate().map(|(place, service)| {
            let sums = &survey.sums[place];
            let takeovers = takeovers(weaknesses, &units, service);
            let (method, middle, spread) = match &drawn {
                _ if complete => (Method::Exact, sums.answered, [0.0, 0.0]),
                None => (Method::Bounded, sums.answered + rest / 2.0, [rest / 2.0, rest / 2.0]),
                Some(samples) => {
                    let (mean, error) = samples[place];
                    let reach = (error * QUANTILE).min(1.0);
                    (Method::Sampled, sums.answered + rest * mean, [rest * reach, rest * reach])
                }
            };
            let estimate = (middle - takeovers).clamp(0.0, 1.0);
            let bounds = [(estimate - spread[0]).max(0.0), (estimate + spread[1]).min(1.0)];
            let availability = Availability {
                estimate,
                bounds,
                method,
                takeovers,
                downtime_s_per_month: (1.0 - estimate) * MONTH_S,
                downtime_s_per_year: (1.0 - estimate) * YEAR_S,
                best_improvements: survey.gains(place, rest),
            };
            (service, availability)
        });
        results.collect()
    }
}

/// The share of the requests that fails while others take over.
fn takeovers(weaknesses: &[Weakness], units: &[Unit], service: Service) -> f64 {
    let mut sum = 0.0;
    for weakness in weaknesses.iter().filter(|weakness| weakness.service == service) {
        if weakness.effect == Effect::Ends {
            continue;
        }
        let is_lost = |unit: &&Unit| match (&weakness.group, &weakness.components[..]) {
            (Some(_), _) => unit.group == weakness.group,
            (None, &[Component::Node(id)]) => unit.group.is_none() && unit.members == [id],
            _ => false,
        };
        let Some(unit) = units.iter().find(is_lost) else { continue };
        for interruption in &weakness.interruptions {
            let lasts = interruption.takes.typical.min(unit.times.mttr).as_secs_f64();
            sum += unit.times.failures_per_s() * interruption.share * lasts;
        }
    }
    sum
}

impl<'a> Survey<'a> {
    fn new(system: &'a System<'a>, units: &'a [Unit]) -> Self {
        let services: Vec<Service> = system.services().collect();
        let sums = Sums { answered: 0.0, while_down: vec![0.0; units.len()] };
        Self {
            system,
            units,
            down: units.iter().map(|unit| unit.times.unavailability()).collect(),
            sums: vec![sums; services.len()],
            services,
            seen: 0.0,
        }
    }

    /// Looks at all states with no node down, with one, with two, while the allowance suffices for all of a number.
    /// Whether these were all states.
    async fn enumerate(&mut self, allowance: u32, pauses: Pauses) -> bool {
        let count = self.units.len();
        let mut left = u64::from(allowance);
        // Of 0 of them there is one set; of `size` there are C(count, size).
        let mut sets: u64 = 1;
        for size in 0..=count {
            if size > 0 {
                sets = sets.saturating_mul((count - size + 1) as u64) / size as u64;
            }
            if sets > left {
                return false;
            }
            left -= sets;
            let mut chosen: Vec<usize> = (0..size).collect();
            loop {
                self.look_at(&chosen);
                pauses.here().await;
                if !next_set(&mut chosen, count) {
                    break;
                }
            }
        }
        true
    }

    /// Loses a unit: a node, or all that stands in a group.
    fn lose(&self, index: usize, losses: &mut Losses) {
        for &member in &self.units[index].members {
            losses.set(Component::Node(member), true);
        }
    }

    fn look_at(&mut self, chosen: &[usize]) {
        let mut losses = Losses::none(self.system.plan);
        let mut probability = 1.0;
        let mut next = chosen.iter().peekable();
        for (index, &down) in self.down.iter().enumerate() {
            if next.next_if(|&&chosen| chosen == index).is_some() {
                self.lose(index, &mut losses);
                probability *= down;
            } else {
                probability *= 1.0 - down;
            }
        }
        self.seen += probability;
        let outcome = self.system.outcome(&losses, Reactions::ALL);
        for (sums, &service) in self.sums.iter_mut().zip(&self.services) {
            let answered = probability * outcome.answered(service);
            sums.answered += answered;
            for &index in chosen {
                sums.while_down[index] += answered;
            }
        }
    }

    /// Mean and standard error of each service's answered share in the states that were not looked at.
    async fn sample(&self, effort: Effort, pauses: Pauses) -> Vec<(f64, f64)> {
        // How many are down at least in those: the first number for which the allowance did not suffice.
        let least = self.first_size_not_seen(effort.states);
        let tail = Tail::new(&self.down, least);
        let mut rng = Rng::for_purpose(effort.seed, "audit/states");
        let mut sums = vec![(0.0, 0.0); self.services.len()];
        for _ in 0..effort.samples {
            pauses.here().await;
            let mut losses = Losses::none(self.system.plan);
            for index in tail.draw(&self.down, &mut rng) {
                self.lose(index, &mut losses);
            }
            let outcome = self.system.outcome(&losses, Reactions::ALL);
            for (sum, &service) in sums.iter_mut().zip(&self.services) {
                let answered = outcome.answered(service);
                sum.0 += answered;
                sum.1 += answered * answered;
            }
        }
        let count = f64::from(effort.samples.max(2));
        sums.into_iter()
            .map(|(sum, squares)| {
                let mean = sum / count;
                let variance = (squares / count - mean * mean).max(0.0) / (count - 1.0);
                (mean, libm::sqrt(variance))
            })
            .collect()
    }

    fn first_size_not_seen(&self, allowance: u32) -> usize {
        let count = self.units.len();
        let (mut left, mut sets) = (u64::from(allowance), 1_u64);
        for size in 0..=count {
            if size > 0 {
                sets = sets.saturating_mul((count - size + 1) as u64) / size as u64;
            }
            if sets > left {
                return size;
            }
            left -= sets;
        }
        count + 1
    }

    /// The three components that a service would gain most by.
    fn gains(&self, place: usize, rest: f64) -> Vec<Gain> {
        let sums = &self.sums[place];
        let mut gains: Vec<Gain> = self
            .units
            .iter()
            .enumerate()
            .map(|(index, unit)| {
                let component = unit.members[0];
                let down = self.down[index];
                let while_down = if down > 0.0 { sums.while_down[index] / down } else { 0.0 };
                let while_up = (sums.answered - sums.while_down[index]) / (1.0 - down);
                let importance = (while_up - while_down).max(0.0);
                Gain {
                    component,
                    is_group: unit.group.is_some(),
                    name: unit.group.clone().unwrap_or_else(|| self.system.plan.name(component).into()),
                    importance,
                    gain: importance * down,
                }
            })
            // What is below the error is no gain.
            .filter(|gain| gain.gain > rest.max(1e-12))
            .collect();
        gains.sort_by(|one, other| other.gain.total_cmp(&one.gain).then_with(|| one.name.cmp(&other.name)));
        gains.truncate(3);
        gains
    }
}

/// The next set of as many indices below `count`, in lexical order; false after the last.
fn next_set(chosen: &mut [usize], count: usize) -> bool {
    let size = chosen.len();
    for place in (0..size).rev() {
        if chosen[place] < count - size + place {
            chosen[place] += 1;
            for later in place + 1..size {
                chosen[later] = chosen[later - 1] + 1;
            }
            return true;
        }
    }
    false
}

/// Draws states in which at least so many nodes are down, each as likely as it is given that.
struct Tail {
    least: usize,
    /// By node and number: the probability that at least that many of it and those after it are down.
    at_least: Vec<Vec<f64>>,
}

impl Tail {
    fn new(down: &[f64], least: usize) -> Self {
        let mut at_least = vec![vec![0.0; least + 1]; down.len() + 1];
        at_least[down.len()][0] = 1.0;
        for index in (0..down.len()).rev() {
            for number in 0..=least {
                let with = at_least[index + 1][number.saturating_sub(1)];
                let without = at_least[index + 1][number];
                at_least[index][number] = down[index] * with + (1.0 - down[index]) * without;
            }
        }
        Self { least, at_least }
    }

    fn draw(&self, down: &[f64], rng: &mut Rng) -> Vec<usize> {
        const PARTS: u64 = 1 << 53;
        let mut needed = self.least;
        let mut drawn = Vec::new();
        for (index, &down) in down.iter().enumerate() {
            let whole = self.at_least[index][needed];
            let with = down * self.at_least[index + 1][needed.saturating_sub(1)];
            #[expect(clippy::cast_precision_loss, reason = "below 2^53")]
            let draw = rng.below(PARTS) as f64 / PARTS as f64;
            if whole > 0.0 && draw * whole < with {
                drawn.push(index);
                needed = needed.saturating_sub(1);
            }
        }
        drawn
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_come_each_once() {
        let mut chosen = vec![0, 1];
        let mut all = vec![chosen.clone()];
        while next_set(&mut chosen, 4) {
            all.push(chosen.clone());
        }
        assert_eq!(all, [[0, 1], [0, 2], [0, 3], [1, 2], [1, 3], [2, 3]]);
    }

    #[test]
    fn the_tail_is_that_of_the_binomial_distribution() {
        let tail = Tail::new(&[0.1; 3], 2);
        let expected = 3.0 * 0.01 * 0.9 + 0.001;
        assert!((tail.at_least[0][2] - expected).abs() < 1e-15);
        let mut rng = Rng::for_purpose(1, "test");
        for _ in 0..100 {
            assert!(tail.draw(&[0.1; 3], &mut rng).len() >= 2);
        }
    }
}
