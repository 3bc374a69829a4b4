//! The numbers behind the chart of requests per second, and its shape. Plain numbers: no browser.

use understudy_sim::SimTime;
use understudy_sim::history::{BUCKET, History};
use understudy_sim::log::{Entry, Fact};

use crate::stage::geometry::px;

/// How much of the past the chart shows, in seconds.
pub const SHOWN_S: u32 = 60;

/// What ended in one second of the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Second {
    /// The second's number from the start of the run.
    pub second: u64,
    /// Requests answered in it.
    pub answered: u32,
    /// Requests that ended in it in any other way.
    pub failed: u32,
}

/// The newest whole seconds of a run, oldest first. The second that is still filling would look like a drop, so it
/// is not among them.
pub fn seconds(history: &History, now: SimTime) -> Vec<Second> {
    const NANOS: u64 = 1_000_000_000;
    debug_assert!(NANOS.is_multiple_of(BUCKET.as_nanos()), "a second is a whole number of buckets");
    let complete = now.as_nanos() / NANOS;
    let oldest = complete.saturating_sub(u64::from(SHOWN_S));
    let mut seconds: Vec<Second> = Vec::new();
    for (start, bucket) in history.buckets() {
        let second = start.as_nanos() / NANOS;
        if second < oldest || second >= complete {
            continue;
        }
        match seconds.last_mut() {
            Some(last) if last.second == second => {
                last.answered += bucket.answered;
                last.failed += bucket.failed;
            }
            _ => seconds.push(Second { second, answered: bucket.answered, failed: bucket.failed }),
        }
    }
    seconds
}

/// The top of a vertical axis that holds `most`: 1, 2 or 5 times a power of ten, at least 5.
pub fn axis_top(most: u32) -> u32 {
    let mut top: u32 = 5;
    let mut steps = [2, 2, 5].into_iter().cycle();
    // 5, 10, 20, 50, 100, ...
    while top < most {
        let step = steps.next().unwrap_or(2);
        top = if step == 5 { top.saturating_mul(5) / 2 } else { top.saturating_mul(2) };
    }
    top
}

/// The frame that the series are drawn in: 60 seconds wide, the newest at the right edge.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Frame {
    /// Width in pixels.
    pub w: f64,
    /// Height in pixels.
    pub h: f64,
    /// The value at the top.
    pub top: u32,
    /// The second after the newest one.
    pub end: u64,
}

impl Frame {
    /// The frame of this size for these seconds.
    pub fn around(seconds: &[Second], w: f64, h: f64) -> Self {
        let most = seconds.iter().map(|second| second.answered.max(second.failed)).max().unwrap_or(0);
        Self { w, h, top: axis_top(most), end: seconds.last().map_or(0, |last| last.second + 1) }
    }

    /// How far from the left the middle of a second is.
    #[expect(clippy::cast_precision_loss, reason = "at most sixty seconds back")]
    pub fn x(&self, second: u64) -> f64 {
        let back = self.end.saturating_sub(second) as f64 - 0.5;
        self.w * (1.0 - back / f64::from(SHOWN_S))
    }

    /// How far from the top a value is.
    pub fn y(&self, value: u32) -> f64 {
        self.h * (1.0 - f64::from(value) / f64::from(self.top))
    }

    /// The line through one value of each second; empty when there is none.
    pub fn line(&self, seconds: &[Second], value: impl Fn(&Second) -> u32) -> String {
        let mut path = String::new();
        for second in seconds {
            path.push(if path.is_empty() { 'M' } else { 'L' });
            path.push_str(&px(self.x(second.second)));
            path.push(' ');
            path.push_str(&px(self.y(value(second))));
        }
        path
    }

    /// The line through one value of each second, left out where it would only run along the floor.
    pub fn line_above_floor(&self, seconds: &[Second], value: impl Fn(&Second) -> u32) -> String {
        let mut path = String::new();
        for run in seconds.chunk_by(|a, b| value(a) > 0 || value(b) > 0) {
            if run.len() > 1 || run.iter().any(|second| value(second) > 0) {
                path.push_str(&self.line(run, &value));
            }
        }
        path
    }

    /// The area under that line.
    pub fn area(&self, seconds: &[Second], value: impl Fn(&Second) -> u32) -> String {
        let (Some(first), Some(last)) = (seconds.first(), seconds.last()) else {
            return String::new();
        };
        let floor = px(self.h);
        let line = self.line(seconds, value);
        format!("{line}L{} {floor}L{} {floor}Z", px(self.x(last.second)), px(self.x(first.second)))
    }
}

/// A turning point of the run, marked on the chart.
#[derive(Clone, Debug, PartialEq)]
pub struct Turn {
    /// Share of the chart's width from the left, in percent.
    pub x: f64,
    /// What happened; empty where the labels of the turns before leave no room.
    pub label: &'static str,
    /// Whether the label stands to the left of its line, because the chart ends.
    pub left: bool,
    /// The row of its label, from the top.
    pub row: usize,
}

/// Width of a label's letter on the narrowest chart that has labels, in seconds.
const LETTER_S: f64 = 0.78;
/// Rows that labels may stand in.
const ROWS: usize = 2;

/// The turning points among `entries` (newest first) that fall on the chart, oldest first.
pub fn turns(entries: &[Entry], seconds: &[Second]) -> Vec<Turn> {
    let Some(last) = seconds.last() else { return Vec::new() };
    #[expect(clippy::cast_precision_loss, reason = "drawing needs no more than 53 bits")]
    let end = (last.second + 1) as f64;
    let mut taken_until = [f64::MIN; ROWS];
    let on_chart = entries.iter().rev().filter_map(|entry| {
        let label = match entry.fact {
            Fact::Killed { .. } => "killed",
            Fact::Revived { .. } => "revived",
            Fact::TakenOut { .. } => "taken out",
            Fact::PutBack { .. } => "put back",
            _ => return None,
        };
        let back = end - entry.at.as_secs_f64();
        (0.0..f64::from(SHOWN_S)).contains(&back).then_some((back, label))
    });
    on_chart
        .map(|(back, label)| {
            #[expect(clippy::cast_precision_loss, reason = "a label has few letters")]
            let width = (label.len() + 1) as f64 * LETTER_S;
            let left = back < width;
            let from = if left { -back - width } else { -back };
            let row = taken_until.iter().position(|until| *until <= from);
            if let Some(row) = row {
                taken_until[row] = from + width;
            }
            let label = if row.is_some() { label } else { "" };
            Turn { x: 100.0 * (1.0 - back / f64::from(SHOWN_S)), label, left, row: row.unwrap_or(0) }
        })
        .collect()
}

/// What the chart shows, in words.
pub fn in_words(seconds: &[Second]) -> String {
    let Some(last) = seconds.last() else {
        return String::from("Requests per second. Nothing yet: the first second is not over.");
    };
    let answered: u64 = seconds.iter().map(|second| u64::from(second.answered)).sum();
    let failed: u64 = seconds.iter().map(|second| u64::from(second.failed)).sum();
    let length = seconds.len() as u64;
    let failing = seconds.iter().filter(|second| second.failed > 0).count();
    let failures = if failed == 0 {
        String::from("none failed")
    } else {
        format!("{failed} failed, in {failing} of these seconds")
    };
    format!(
        "Requests per second over the last {length} s: {} answered a second on average, {} in the last one; {failures}.",
        (answered + length / 2) / length,
        last.answered
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ramp(length: u64) -> Vec<Second> {
        (0..length)
            .map(|second| Second { second, answered: 10, failed: u32::from(second >= 5) * 4 })
            .collect()
    }

    #[test]
    fn the_axis_ends_at_a_round_number_above_everything() {
        for (most, top) in [(0, 5), (5, 5), (6, 10), (11, 20), (21, 50), (51, 100), (101, 200), (999, 1_000)]
        {
            assert_eq!(axis_top(most), top, "{most}");
        }
        assert!(axis_top(u32::MAX) >= u32::MAX / 5 * 2, "it ends, whatever the value");
    }

    #[test]
    fn the_newest_second_is_at_the_right_and_time_runs_evenly() {
        let seconds = ramp(60);
        let frame = Frame::around(&seconds, 600.0, 100.0);
        assert!((frame.x(59) - 595.0).abs() < 1e-6);
        assert!((frame.x(0) - 5.0).abs() < 1e-6);
        assert_eq!(frame.y(0), 100.0);
        assert_eq!(frame.y(frame.top), 0.0);
    }

    #[test]
    fn a_young_run_fills_the_chart_from_the_right() {
        let seconds = ramp(2);
        let line = Frame::around(&seconds, 600.0, 100.0).line(&seconds, |second| second.answered);
        assert_eq!(line, "M585 0L595 0");
    }

    #[test]
    fn an_area_comes_back_to_the_floor() {
        let seconds = ramp(2);
        let area = Frame::around(&seconds, 600.0, 100.0).area(&seconds, |second| second.failed);
        assert_eq!(area, "M585 100L595 100L595 100L585 100Z");
        assert_eq!(Frame::around(&[], 600.0, 100.0).area(&[], |second| second.failed), "");
    }

    #[test]
    fn a_line_that_only_runs_along_the_floor_is_left_out() {
        let seconds = ramp(10);
        let frame = Frame::around(&seconds, 600.0, 100.0);
        let line = frame.line_above_floor(&seconds, |second| second.failed);
        assert_eq!(line.matches('M').count(), 1);
        assert_eq!(line.matches('L').count(), 5, "from the last quiet second on: {line}");
        assert_eq!(frame.line_above_floor(&ramp(4), |second| second.failed), "");
    }

    #[test]
    fn turning_points_stand_at_their_time_and_labels_keep_apart() {
        let entry = |second, fact| Entry {
            id: second,
            at: SimTime::from_secs(second),
            last: SimTime::from_secs(second),
            fact,
        };
        let node = understudy_sim::ids::NodeId(2);
        // Newest first, as the log is shown.
        let entries = [
            entry(80, Fact::Revived { node }),
            entry(41, Fact::Revived { node }),
            entry(40, Fact::Killed { node, lost: 0 }),
            entry(39, Fact::Revived { node }),
            entry(3, Fact::Killed { node, lost: 0 }),
        ];
        let seconds: Vec<Second> = (10..70).map(|second| Second { second, answered: 1, failed: 0 }).collect();
        let turns = turns(&entries, &seconds);
        assert_eq!(turns.len(), 3, "what is too old or not there yet is not on the chart");
        assert_eq!((turns[1].x, turns[1].label), (50.0, "killed"));
        assert_eq!((turns[0].row, turns[1].row), (0, 1));
        assert_eq!(turns[2].label, "", "there is no room for a third label within two seconds");
    }

    #[test]
    fn the_words_say_what_the_eye_sees() {
        assert!(in_words(&[]).contains("Nothing yet"));
        let words = in_words(&ramp(10));
        assert!(words.contains("10 answered a second") && words.contains("20 failed, in 5"), "{words}");
        assert!(in_words(&ramp(3)).contains("none failed"));
    }
}
