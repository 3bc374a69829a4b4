//! Alerting: how somebody is called when something is wrong, and not for every hiccup.
//!
//! A monitor *scrapes* counters from its targets now and then and keeps the [series](Series) of what it got. From
//! what grew between scrapes it sees rates, shares of errors and times. A *rule* says what must not be so; each time
//! it is *evaluated* its [`Alert`] hears whether it is so now. An alert that has been so for a while, its `hold`,
//! *fires*: until then it is only *pending*, so that one bad scrape wakes nobody.
//!
//! ```text
//!                   so                    so for `hold`
//!    +----------+ -------> +---------+ ----------------> +--------+
//!    | Inactive |          | Pending |                   | Firing |
//!    +----------+ <------- +---------+                   +--------+
//!          ^      not so                                     |
//!          +-------------------------------------------------+
//!                     not so for `keep_firing`
//! ```
//!
//! # Source
//!
//! Prometheus' documentation of alerting rules (`for`, `keep_firing_for`; the states inactive, pending, firing), of
//! `increase()` (counters that start again at zero) and of `histogram_quantile()`. `docs/model/alerting.md` lists what
//! is simplified.
//!
//! # How it is driven
//!
//! As [every component](crate), with one input: [`Alert::handle_evaluation`], after which [`Alert::poll_output`] is
//! called until it answers `None`. When a rule is evaluated is for the driver to say, so an alert asks for no timeouts.
//!
//! ```
//! use understudy_core::alerting::{Alert, AlertConfig, AlertOutput};
//! use understudy_core::{SimDuration, SimTime};
//!
//! let mut alert = Alert::new(AlertConfig { hold: SimDuration::from_secs(10), ..AlertConfig::default() });
//! alert.handle_evaluation(SimTime::from_secs(5), true);
//! assert_eq!(alert.poll_output(), Some(AlertOutput::Pending));
//! alert.handle_evaluation(SimTime::from_secs(10), true);
//! assert_eq!(alert.poll_output(), None, "five seconds are not enough");
//! alert.handle_evaluation(SimTime::from_secs(15), true);
//! assert_eq!(alert.poll_output(), Some(AlertOutput::Fired { held: SimDuration::from_secs(10) }));
//! ```

mod alert;
mod counters;
mod series;

pub use alert::{Alert, AlertConfig, AlertOutput, AlertState};
pub use counters::{BOUNDS, Counters};
pub use series::Series;
