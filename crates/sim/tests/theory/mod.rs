//! Simulated figures held against closed forms of queueing and reliability theory.
//!
//! Each figure is the mean of independent runs, one for each seed, with its confidence interval of 99.9 % by Student's
//! distribution; the closed form has to lie within. The runs of the conformance document are longer than those of the
//! tests.

mod closed_forms;
mod faults;
mod queues;

/// Units in one.
pub(crate) const MILLION: f64 = 1e6;

/// How much is simulated.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Effort {
    /// The first seed; the others follow it.
    pub(crate) first_seed: u64,
    /// How many runs: 5, 10, 20 or 30.
    pub(crate) seeds: u32,
    /// Requests of each run of a queue.
    pub(crate) requests: u32,
    /// Failures of each component in each run of availability.
    pub(crate) failures: u32,
}

/// One figure beside its closed form.
#[derive(Clone, Debug)]
pub(crate) struct Comparison {
    /// The system: "M/M/1, load 0.7".
    pub(crate) system: String,
    /// What was measured: "mean time in the system, in service times".
    pub(crate) figure: &'static str,
    /// What theory says.
    pub(crate) closed_form: f64,
    /// The mean of the runs.
    pub(crate) mean: f64,
    /// Half the width of the confidence interval around it.
    pub(crate) half_width: f64,
}

impl Comparison {
    /// The mean of one figure for each seed.
    fn new(system: &str, figure: &'static str, closed_form: f64, figures: &[f64]) -> Self {
        let count = f64::from(u32::try_from(figures.len()).expect("a few seeds"));
        let mean = figures.iter().sum::<f64>() / count;
        let variance =
            figures.iter().map(|figure| (figure - mean) * (figure - mean)).sum::<f64>() / (count - 1.0);
        let half_width = closed_forms::student_999(figures.len() - 1) * (variance / count).sqrt();
        Self { system: system.into(), figure, closed_form, mean, half_width }
    }

    /// Whether the closed form lies within the interval.
    pub(crate) fn holds(&self) -> bool {
        (self.mean - self.closed_form).abs() <= self.half_width
    }
}

/// Everything that is compared.
pub(crate) fn compare(effort: Effort) -> Vec<Comparison> {
    [queues::compare(effort), faults::compare(effort)].concat()
}

#[test]
fn simulated_figures_lie_where_theory_says() {
    let effort = Effort { first_seed: 1, seeds: 20, requests: 20_000, failures: 100 };
    for comparison in compare(effort) {
        let Comparison { system, figure, .. } = &comparison;
        assert!(comparison.holds(), "{system}, {figure}: {comparison:?}");
        // An interval that holds everything would prove nothing.
        assert!(comparison.half_width < comparison.closed_form * 0.2, "{comparison:?}");
    }
}

#[test]
fn a_wrong_formula_is_noticed() {
    let effort = Effort { first_seed: 1, seeds: 20, requests: 20_000, failures: 100 };
    let right = queues::compare(effort);
    let time =
        right.iter().find(|comparison| comparison.system.starts_with("M/D/1")).expect("it is compared");
    let wrong = Comparison { closed_form: closed_forms::mm1_time(0.8), ..time.clone() };
    assert!(!wrong.holds(), "constant service is not exponential service: {wrong:?}");
}
