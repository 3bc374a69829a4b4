//! What HAProxy did, from its own trace: each check with its start, its end, what it saw and what came of it.
//!
//! Its log says only what changed. Its trace (management guide, `trace`) says it of every check, with the
//! microsecond, in lines such as
//! `<0>2026-01-31T12:00:00.012778+00:00 [00|check|3|c.c:1] init new health-check : [H] SRV=a status=3/3 UP - last=L4OK(7)/PASS(3) ...`.

use std::collections::BTreeMap;

use understudy_core::SimTime;
use understudy_core::health::Pips;

/// One check, on HAProxy's clock.
#[derive(Clone, Debug)]
pub(super) struct Check {
    pub(super) start: SimTime,
    pub(super) end: SimTime,
    /// HAProxy's count when the check started.
    pub(super) before: Pips,
    /// HAProxy's name of the result: `L4OK`, `L7TOUT`.
    pub(super) status: String,
    /// Its count after the check, as in "2/3 UP".
    pub(super) pips: Pips,
    pub(super) up: bool,
    /// Whether it was the server's first.
    pub(super) first: bool,
}

const START: &str = "init new health-check";
const END: &str = "health-check complete or aborted";

struct Line<'a> {
    time: SimTime,
    start: bool,
    server: &'a str,
    pips: Pips,
    up: bool,
    last: &'a str,
}

/// The checks of each server, by its name, in order. A check without its end at the end of the trace is left out.
pub(super) fn checks(trace: &str) -> BTreeMap<String, Vec<Check>> {
    let mut checks: BTreeMap<String, Vec<Check>> = BTreeMap::new();
    let mut begun: BTreeMap<&str, (SimTime, Pips, bool)> = BTreeMap::new();
    for line in trace.lines().filter_map(parse) {
        if line.start {
            begun.insert(line.server, (line.time, line.pips, line.last == "INI"));
        } else if let Some((start, before, first)) = begun.remove(line.server) {
            checks.entry(line.server.to_owned()).or_default().push(Check {
                start,
                end: line.time,
                before,
                status: line.last.to_owned(),
                pips: line.pips,
                up: line.up,
                first,
            });
        }
    }
    checks
}

fn parse(line: &str) -> Option<Line<'_>> {
    let start = line.contains(START);
    if !start && !line.contains(END) {
        return None;
    }
    let time = parse_time(line.split_once('>')?.1)?;
    let server = word_after(line, "SRV=")?;
    let (lit, of) = word_after(line, "status=")?.split_once('/')?;
    let up = line.split_once("status=")?.1.split(' ').nth(1)? == "UP";
    let last = word_after(line, "last=")?.split('(').next()?;
    let pips = Pips { lit: lit.parse().ok()?, of: of.parse().ok()? };
    Some(Line { time, start, server, pips, up, last })
}

fn word_after<'a>(line: &'a str, key: &str) -> Option<&'a str> {
    line.split_once(key)?.1.split(' ').next()
}

/// Reads `2026-01-31T12:00:00.012778+00:00` as the time since 1970-01-01T00:00Z.
fn parse_time(text: &str) -> Option<SimTime> {
    let number = |from: usize, to: usize| text.get(from..to)?.parse::<i64>().ok();
    let days = days_since_1970(number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let sign = if text.get(26..27)? == "-" { -1 } else { 1 };
    let zone = sign * (number(27, 29)? * 60 + number(30, 32)?);
    let minutes = (days * 24 + number(11, 13)?) * 60 + number(14, 16)? - zone;
    let micros = (minutes * 60 + number(17, 19)?) * 1_000_000 + number(20, 26)?;
    Some(SimTime::from_nanos(u64::try_from(micros).ok()? * 1_000))
}

/// Days from the 1st of March of the year 0 to the 1st of January 1970.
const DAYS_TO_1970: i64 = 719_468;

/// Days in the proleptic Gregorian calendar, with years that begin in March so that the leap day is the last.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let leap_days = year / 4 - year / 100 + year / 400;
    year * 365 + leap_days + (153 * month + 2) / 5 + day - 1 - DAYS_TO_1970
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_haproxys_clock() {
        assert_eq!(parse_time("1970-01-01T00:00:01.000002+00:00"), Some(SimTime::from_nanos(1_000_002_000)));
        assert_eq!(parse_time("2024-02-29T13:00:00.000000+01:00"), Some(SimTime::from_secs(1_709_208_000)));
    }

    #[test]
    fn reads_a_check_and_leaves_out_the_one_that_is_not_over() {
        let trace = "\
<0>2026-01-31T12:00:00.100000+00:00 [00|check|3|c:1] init new health-check : [H] SRV=a status=1/3 UP - last=INI(1)/UNK(0) check=0x1(0x7)
<0>2026-01-31T12:00:00.150000+00:00 [00|check|3|c:1] init new health-check : [H] SRV=b status=1/3 UP - last=INI(1)/UNK(0) check=0x1(0x7)
<0>2026-01-31T12:00:00.300000+00:00 [00|check|3|c:2] health-check complete or aborted : [H] SRV=a status=0/2 DOWN - last=L7TOUT(13)/FAIL(2) check=0x1(0x7)
<0>2026-01-31T12:00:00.400000+00:00 [00|check|3|c:1] init new health-check : [H] SRV=a status=0/2 DOWN - last=L7TOUT(13)/UNK(0) check=0x1(0x7)
";
        let checks = checks(trace);
        let Some([check]) = checks.get("a").map(Vec::as_slice) else { panic!("{checks:?}") };
        assert!(!checks.contains_key("b"));
        assert_eq!(check.end.since(check.start).as_nanos(), 200_000_000);
        assert_eq!((check.status.as_str(), check.up, check.first), ("L7TOUT", false, true));
        assert_eq!(check.pips, Pips { lit: 0, of: 2 });
    }
}
