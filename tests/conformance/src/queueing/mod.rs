//! The simulator against queueing and reliability theory: no daemon, but closed forms.
//!
//! The comparisons themselves are those of the simulator's own tests; here they run longer.

#[path = "../../../../crates/sim/tests/theory/mod.rs"]
mod theory;

use theory::{Comparison, Effort, compare};

use crate::options::Options;
use crate::report::{Compared, Figure, Report};

/// Runs of each system.
const SEEDS: u32 = 20;

/// Compares every figure with its closed form.
pub fn run(options: Options) -> Result<Report, String> {
    let effort =
        Effort { first_seed: options.seed * 1_000, seeds: SEEDS, requests: 200_000, failures: 1_000 };
    let mut report = Report::new("simulator", "theory", "closed forms".to_owned());
    for comparison in compare(effort) {
        report.compared.push(Compared {
            what: format!("{}: {}", comparison.system, comparison.figure),
            cases: 1,
            same: usize::from(comparison.holds()),
        });
        if !comparison.holds() {
            report.mismatches.push(format!("{comparison:?}"));
        }
        report.figures.push(figure(comparison));
    }
    Ok(report)
}

fn figure(comparison: Comparison) -> Figure {
    let Comparison { system, figure, closed_form, mean, half_width } = comparison;
    Figure { what: format!("{system}: {figure}"), reference: closed_form, mean, half_width, runs: SEEDS }
}
