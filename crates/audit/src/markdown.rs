//! The report as a page of Markdown, to take to a meeting.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use core::fmt::Write;

use crate::availability::Method;
use crate::finder::{about, fixed, percent};
use crate::findings::{Finding, Fix, Level};
use crate::report::Report;

const INFALLIBLE: &str = "a string takes any text";

/// Writes a report as Markdown.
pub fn write(report: &Report) -> String {
    let mut out = String::new();
    write_to(report, &mut out).expect(INFALLIBLE);
    out
}

fn write_to(report: &Report, out: &mut String) -> core::fmt::Result {
    writeln!(out, "# Audit: {}\n", report.title)?;
    let counted: Vec<String> =
        Level::ALL.iter().map(|&(level, name)| format!("{} {name}", report.count(level))).collect();
    writeln!(out, "{} findings: {}.\n", report.findings.len(), counted.join(", "))?;
    availability(report, out)?;
    for (level, name) in Level::ALL {
        let of_level: Vec<&Finding> =
            report.findings.iter().filter(|finding| finding.level == level).collect();
        if of_level.is_empty() {
            continue;
        }
        let (first, rest) = name.split_at(1);
        writeln!(out, "## {}{rest}\n", first.to_uppercase())?;
        for one in of_level {
            finding(one, out)?;
        }
    }
    capacity(report, out)?;
    pools(report, out)?;
    data(report, out)?;
    monitoring(report, out)?;
    assumed(report, out)
}

fn availability(report: &Report, out: &mut String) -> core::fmt::Result {
    writeln!(out, "## Availability\n")?;
    writeln!(
        out,
        "| service | availability | down per month | down per year | alone ends it | would help most |"
    )?;
    writeln!(out, "|---|---|---|---|---|---|")?;
    for (service, availability) in &report.availability {
        let month = core::time::Duration::from_secs_f64(availability.downtime_s_per_month);
        let year = core::time::Duration::from_secs_f64(availability.downtime_s_per_year);
        let none = Vec::new();
        let spof = report.spof.get(service).unwrap_or(&none);
        let spof = if spof.is_empty() { "nothing".into() } else { spof.join(", ") };
        let gains: Vec<&str> = availability.best_improvements.iter().map(|gain| gain.name.as_str()).collect();
        let how = match availability.method {
            Method::Exact | Method::Bounded => "",
            Method::Sampled => " (sampled)",
        };
        writeln!(
            out,
            "| {service} | {} %{how} | {} | {} | {spof} | {} |",
            fixed(availability.estimate * 100.0, 4),
            length(month),
            length(year),
            gains.join(", ")
        )?;
    }
    writeln!(out)
}

fn length(duration: core::time::Duration) -> String {
    let nanos = u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
    about(understudy_core::SimDuration::from_nanos(nanos))
}

fn finding(finding: &Finding, out: &mut String) -> core::fmt::Result {
    writeln!(out, "### {}\n\n{}\n", finding.id, finding.what)?;
    let proof = &finding.proof;
    let way = |path: &Vec<String>| path.join(" > ");
    if !proof.paths_before.is_empty() {
        let before: Vec<String> = proof.paths_before.iter().map(way).collect();
        let after: Vec<String> = proof.paths_after.iter().map(way).collect();
        let after = if after.is_empty() { "none".into() } else { after.join("; ") };
        writeln!(out, "- Paths before: {}", before.join("; "))?;
        writeln!(out, "- Paths after: {after}")?;
        writeln!(
            out,
            "- Answered: {} before, {} at first, {} in the end",
            percent(proof.answered_before),
            percent(proof.answered_at_first),
            percent(proof.answered_after)
        )?;
    }
    if !proof.commands.is_empty() {
        writeln!(out, "- To see it: {}, then look at {:#}", code(&proof.commands), proof.at)?;
    }
    if let Some(fix) = &finding.fix {
        fix_line(fix, out)?;
    }
    writeln!(out)
}

fn code(commands: &[String]) -> String {
    let commands: Vec<String> = commands.iter().map(|command| format!("`{command}`")).collect();
    commands.join(", ")
}

fn fix_line(fix: &Fix, out: &mut String) -> core::fmt::Result {
    write!(out, "- Fix: {}", fix.what)?;
    let mut costs = Vec::new();
    match fix.cost.nodes {
        0 => {}
        1 => costs.push("1 node".into()),
        count => costs.push(format!("{count} nodes")),
    }
    if let Some(latency) = fix.cost.latency_per_write {
        costs.push(format!("{} more for every write", about(latency)));
    }
    if !costs.is_empty() {
        write!(out, " Costs {}.", costs.join(" and "))?;
    }
    if let Some(preview) = &fix.preview {
        let summary = &preview.summary;
        let mended = if preview.mended { "gone" } else { "still there" };
        write!(
            out,
            " Then this finding is {mended}; {} critical and {} warnings are left",
            summary.critical, summary.warning
        )?;
        for (service, availability) in &summary.availability {
            write!(out, ", {service} {} %", fixed(availability * 100.0, 4))?;
        }
        write!(out, ".")?;
    }
    writeln!(out)
}

fn capacity(report: &Report, out: &mut String) -> core::fmt::Result {
    let capacity = &report.capacity;
    writeln!(out, "## Capacity\n")?;
    write!(out, "Clients send {} requests per second.", fixed(capacity.offered_per_s, 0))?;
    if let (Some(carries), Some(first)) = (capacity.carries_per_s, &capacity.saturates_first) {
        write!(
            out,
            " With everything up the system carries {}; {first} saturates first.",
            fixed(carries, 0)
        )?;
    }
    match &capacity.worst_loss {
        Some(worst) => writeln!(
            out,
            " With the worst single loss, {}, it carries {}; {} saturates first.\n",
            worst.lost,
            fixed(worst.carries_per_s, 0),
            worst.saturates_first
        ),
        None => writeln!(out, " Every single loss of a node ends a service.\n"),
    }
}

fn pools(report: &Report, out: &mut String) -> core::fmt::Result {
    if report.pools.is_empty() {
        return Ok(());
    }
    writeln!(out, "| pools | carry | first saturated | N-1 | wait idle | fail when a server dies |")?;
    writeln!(out, "|---|---|---|---|---|---|")?;
    for choice in &report.pools {
        let now = if choice.is_now { " (now)" } else { "" };
        let per_s =
            |carries: Option<f64>| carries.map_or("any load".into(), |carries| fixed(carries, 0) + "/s");
        let left = choice.worst_loss.as_ref();
        let left = left.map_or("nothing".into(), |left| {
            format!("{}/s without {}", fixed(left.carries_per_s, 0), left.lost)
        });
        let found = choice.found_out_after.map(|takes| about(takes.typical));
        let fails = found
            .map_or("none".into(), |found| format!("{} for about {found}", percent(choice.fails_at_first)));
        writeln!(
            out,
            "| {}{now} | {} | {} | {left} | {} | {fails} |",
            choice.mode,
            per_s(choice.carries_per_s),
            choice.saturates_first.as_deref().unwrap_or("nothing"),
            if choice.idle.is_empty() { "none".into() } else { choice.idle.join(", ") }
        )?;
    }
    writeln!(out)
}

fn monitoring(report: &Report, out: &mut String) -> core::fmt::Result {
    let monitoring = &report.monitoring;
    writeln!(out, "## Monitoring\n")?;
    writeln!(out, "| dies | with the monitor | without | would stay hidden |")?;
    writeln!(out, "|---|---|---|---|")?;
    for node in &monitoring.nodes {
        let noticed = node.noticed_after.map_or("nobody is told".into(), |takes| {
            format!("told after about {}, at most {}", about(takes.typical), about(takes.at_most))
        });
        let without = if node.is_felt { "clients notice" } else { "nobody notices" };
        let hidden = match node.hidden_for {
            Some(time) => format!("about {}", about(time)),
            None if node.is_felt => "no".into(),
            None => "longer than pairs tell".into(),
        };
        writeln!(out, "| {} | {noticed} | {without} | {hidden} |", node.name)?;
    }
    if !monitoring.rules.is_empty() {
        writeln!(out, "\n| alert | window | for | fires after |")?;
        writeln!(out, "|---|---|---|---|")?;
        for rule in &monitoring.rules {
            writeln!(
                out,
                "| {} | {} | {} | about {}, at most {} |",
                rule.name,
                rule.window.map_or("none".into(), about),
                about(rule.hold),
                about(rule.fires_after.typical),
                about(rule.fires_after.at_most)
            )?;
        }
    }
    writeln!(out)
}

/// What the availability goes by, and who says so.
fn assumed(report: &Report, out: &mut String) -> core::fmt::Result {
    writeln!(out, "## Assumed\n")?;
    writeln!(out, "| of | fails every | is repaired in | source |")?;
    writeln!(out, "|---|---|---|---|")?;
    for one in &report.assumed {
        writeln!(
            out,
            "| {} | {} | {} | {} |",
            one.of.join(", "),
            about(one.times.mtbf),
            about(one.times.mttr),
            one.source
        )?;
    }
    writeln!(out)
}

fn data(report: &Report, out: &mut String) -> core::fmt::Result {
    let Some(data) = &report.data else { return Ok(()) };
    writeln!(out, "## Data\n")?;
    let stop = match data.rto.failover {
        Some(takes) => {
            format!(
                "for about {}, at most {}, until a replica has taken over",
                about(takes.typical),
                about(takes.at_most)
            )
        }
        None => format!("until {} is repaired, as a rule {}", data.primary, about(data.rto.repair)),
    };
    writeln!(out, "If {} dies, writes stop {stop} (RTO).\n", data.primary)?;
    writeln!(
        out,
        "| commits wait for | a commit takes | lost with the primary's host (RPO) | replicas that may be down |"
    )?;
    writeln!(out, "|---|---|---|---|")?;
    for mode in &data.modes {
        let here = if mode.sync_replicas == data.sync_replicas { " (now)" } else { "" };
        writeln!(
            out,
            "| {} replicas{here} | {} | {} | {} |",
            mode.sync_replicas,
            about(mode.commit_takes),
            about(mode.rpo_if_lost),
            mode.spare_replicas
        )?;
    }
    if !data.stale_reads.is_empty() {
        writeln!(out, "\n| reads of | go to | behind by | stale |")?;
        writeln!(out, "|---|---|---|---|")?;
        for stale in &data.stale_reads {
            writeln!(
                out,
                "| {} | {} | {} | {} |",
                stale.server,
                stale.route,
                about(stale.lag),
                percent(stale.share)
            )?;
        }
    }
    writeln!(out)
}
