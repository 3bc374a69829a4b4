//! `docs/CONFORMANCE.md`: what was compared, for people. Written by a run of all suites, and the same for the same
//! seed on the same machine, so that a change of it means something.

use std::fmt::Write as _;

use crate::report::{Compared, Figure, Report};

const HEAD: &str = "\
# Held against the real daemons

Written by `cargo run --release -p understudy-conformance` (or `cargo xtask conformance`, which installs the daemons
first where it can); do not edit. Every component that follows a daemon is run beside it on the same cases, on loopback
or in network namespaces of its own, and must do the same. Random cases come from the seed: `--seed N` makes others.
`nginx`, `haproxy`, `keepalived`, `postgresql` or `queueing` as an argument runs that suite alone, and leaves this file
as it is. `queueing` needs no daemon: it holds the simulator against closed forms of queueing and reliability theory.
A difference that nobody has explained fails the run, which prints the case in full.
";

/// The document for these reports.
pub fn markdown(reports: &[Report], seed: u64) -> String {
    let mut text = HEAD.to_owned();
    let mut line = |arguments: std::fmt::Arguments<'_>| {
        writeln!(text, "{arguments}").expect("a string takes all");
    };
    line(format_args!("\nSeed {seed}.\n"));
    line(format_args!("| component | daemon | version | cases | same | explained differences | skipped |"));
    line(format_args!("|---|---|---|---:|---:|---:|---|"));
    for report in reports {
        line(format_args!(
            "| {} | {} | {} | {} | {} | {} | {} |",
            component(report),
            report.reference,
            report.version.as_deref().unwrap_or("not run"),
            report.cases(),
            report.same(),
            report.differences.len(),
            cell(report.skipped.as_deref().unwrap_or("nothing")),
        ));
    }
    for report in reports {
        line(format_args!("\n## {} and {}", component(report), report.reference));
        if let Some(why) = &report.skipped {
            line(format_args!("\nSkipped: {why}."));
        }
        for row in figures(report) {
            line(format_args!("{row}"));
        }
        if !report.compared.is_empty() && report.figures.is_empty() {
            line(format_args!("\n| compared | cases | same |\n|---|---:|---:|"));
        }
        for Compared { what, cases, same } in report.compared.iter().filter(|_| report.figures.is_empty()) {
            line(format_args!("| {} | {cases} | {same} |", cell(what)));
        }
        if !report.differences.is_empty() {
            line(format_args!("\nExplained differences:\n"));
        }
        for difference in &report.differences {
            line(format_args!("- {difference}"));
        }
    }
    text
}

/// The figures as a table, where there are some; they say more than the counts do.
fn figures(report: &Report) -> Vec<String> {
    if report.figures.is_empty() {
        return Vec::new();
    }
    let head = "\nEach figure is the mean of independent runs, with its confidence interval of 99.9 % by Student's \
                distribution.\nThe closed form has to lie within.\n\n\
                | figure | closed form | simulated | interval | runs |\n|---|---:|---:|---:|---:|";
    let row = |figure: &Figure| {
        let Figure { what, reference, mean, half_width, runs } = figure;
        format!("| {} | {reference:.5} | {mean:.5} | ±{half_width:.5} | {runs} |", cell(what))
    };
    std::iter::once(head.to_owned()).chain(report.figures.iter().map(row)).collect()
}

/// A component's name, with its page.
fn component(report: &Report) -> String {
    format!("[{0}](model/{0}.md)", report.component)
}

/// Text that stays in its cell.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

#[cfg(test)]
mod tests {
    use super::markdown;
    use crate::report::{Compared, Report};

    fn report() -> Report {
        let mut report = Report::new("balancer", "nginx", "1.22.1".to_owned());
        report.compared = vec![
            Compared { what: "weighted pools".to_owned(), cases: 50, same: 50 },
            Compared { what: "dead | backup".to_owned(), cases: 60, same: 60 },
        ];
        report.differences.push("nginx counts in whole seconds".to_owned());
        report
    }

    #[test]
    fn a_report_becomes_a_row_and_a_section() {
        let text = markdown(&[report()], 7);
        assert!(text.contains("\nSeed 7.\n"), "{text}");
        let row = "| [balancer](model/balancer.md) | nginx | 1.22.1 | 110 | 110 | 1 | nothing |\n";
        assert!(text.contains(row), "{text}");
        assert!(text.contains("\n| dead \\| backup | 60 | 60 |\n"), "{text}");
        assert!(text.contains("\n- nginx counts in whole seconds\n"), "{text}");
    }

    #[test]
    fn what_was_skipped_says_so_and_why() {
        let text = markdown(&[Report::skipped("vrrp", "keepalived", "it is not installed".to_owned())], 1);
        let row = "| [vrrp](model/vrrp.md) | keepalived | not run | 0 | 0 | 0 | it is not installed |\n";
        assert!(text.contains(row), "{text}");
        assert!(text.contains("\nSkipped: it is not installed.\n"), "{text}");
    }
}
