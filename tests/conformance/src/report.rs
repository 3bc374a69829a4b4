//! What one comparison found.

use std::fmt;

/// The result of holding one component against one daemon.
#[derive(Clone, Debug)]
pub struct Report {
    /// The component of ours, by its module: `balancer`.
    pub component: &'static str,
    /// The daemon or standard it is held against: `nginx`.
    pub reference: &'static str,
    /// What the daemon says of its own version; `None` when it could not be run.
    pub version: Option<String>,
    /// What was compared, one line for each kind of case.
    pub compared: Vec<Compared>,
    /// Figures that random runs gave, beside what they should be.
    pub figures: Vec<Figure>,
    /// Where the two differ and why that is right or what it means; empty when they agree on everything.
    pub differences: Vec<String>,
    /// The cases that differ without an explanation, each in full, so that it can be run again. Any is a failure.
    pub mismatches: Vec<String>,
    /// Why nothing or not everything could be compared here.
    pub skipped: Option<String>,
}

/// A figure that random runs gave.
#[derive(Clone, Debug)]
pub struct Figure {
    /// What was measured.
    pub what: String,
    /// What it should be.
    pub reference: f64,
    /// The mean of the runs.
    pub mean: f64,
    /// Half the width of the confidence interval of 99.9 % around it.
    pub half_width: f64,
    /// How many runs, each with a seed of its own.
    pub runs: u32,
}

/// One kind of case.
#[derive(Clone, Debug)]
pub struct Compared {
    /// What was compared: "server picked for each request, weighted pools with dead servers".
    pub what: String,
    /// How many cases were run.
    pub cases: usize,
    /// In how many of them both did the same.
    pub same: usize,
}

impl Report {
    /// A comparison of this version, with nothing compared yet.
    pub fn new(component: &'static str, reference: &'static str, version: String) -> Self {
        Self {
            component,
            reference,
            version: Some(version),
            compared: Vec::new(),
            figures: Vec::new(),
            differences: Vec::new(),
            mismatches: Vec::new(),
            skipped: None,
        }
    }

    /// A comparison that cannot be made here, and why.
    pub fn skipped(component: &'static str, reference: &'static str, why: String) -> Self {
        Self { version: None, skipped: Some(why), ..Self::new(component, reference, String::new()) }
    }

    /// How many cases were run, of all kinds.
    pub fn cases(&self) -> usize {
        self.compared.iter().map(|compared| compared.cases).sum()
    }

    /// In how many of them both did the same.
    pub fn same(&self) -> usize {
        self.compared.iter().map(|compared| compared.same).sum()
    }

    /// In how many of them they did not.
    pub fn differing(&self) -> usize {
        self.cases() - self.same()
    }

    /// Whether every case agrees, but for the differences that are explained.
    pub fn agrees(&self) -> bool {
        self.mismatches.is_empty() && self.differing() == 0
    }
}

/// For the terminal; what is in [`Report::differences`] is left to the document.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} against {}", self.component, self.reference)?;
        if let Some(version) = &self.version {
            write!(f, " {version}")?;
        }
        for Compared { what, cases, same } in &self.compared {
            write!(f, "\n  {same} of {cases} the same: {what}")?;
        }
        for mismatch in &self.mismatches {
            write!(f, "\n  differs: {}", mismatch.replace('\n', "\n    "))?;
        }
        if let Some(why) = &self.skipped {
            write!(f, "\n  skipped: {why}")?;
        }
        Ok(())
    }
}
