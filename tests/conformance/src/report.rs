//! What one comparison found, and the table that all of them together become.

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
    /// Where the two differ and why that is right or what it means; empty when they agree on everything.
    pub differences: Vec<String>,
    /// Why nothing or not everything could be compared here.
    pub skipped: Option<String>,
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
