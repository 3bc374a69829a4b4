//! A quantity over time, as evenly spaced values, and its shape on the time axis. Plain numbers: no browser.

use std::fmt::Write;

use understudy_sim::{SimDuration, SimTime};

use super::axis::TimeAxis;
use crate::stage::geometry::px;

/// The size of a chart's drawing in its own units, as in its `viewBox`; it is stretched to its place.
pub const W: f64 = 1_000.0;
/// See [`W`].
pub const H: f64 = 100.0;

/// More points than this cannot be told apart: neighbours are drawn as one.
const MOST_POINTS: usize = 360;

/// Evenly spaced values; `None` where there is nothing to measure.
#[derive(Clone, Debug, PartialEq)]
pub struct Samples {
    /// When the stretch of the first value begins.
    pub start: SimTime,
    /// The stretch of time that each value stands for.
    pub step: SimDuration,
    /// The values, oldest first.
    pub values: Vec<Option<f64>>,
}

impl Default for Samples {
    fn default() -> Self {
        Self { start: SimTime::ZERO, step: SimDuration::from_secs(1), values: Vec::new() }
    }
}

impl Samples {
    fn begins(&self, place: usize) -> SimTime {
        self.start + self.step * place as u64
    }

    /// The place of the value whose stretch holds `at`; the last one for the instant at which it ends.
    fn place(&self, at: SimTime) -> Option<usize> {
        if at < self.start || self.values.is_empty() {
            return None;
        }
        let place = usize::try_from(at.since(self.start).as_nanos() / self.step.as_nanos().max(1)).ok()?;
        let is_end = place == self.values.len() && at == self.begins(place);
        if is_end { Some(place - 1) } else { (place < self.values.len()).then_some(place) }
    }

    /// What was measured at `at`.
    pub fn at(&self, at: SimTime) -> Option<f64> {
        *self.values.get(self.place(at)?)?
    }

    /// The newest value.
    pub fn last(&self) -> Option<f64> {
        self.values.iter().rev().find_map(|value| *value)
    }

    /// The largest value that the axis shows.
    pub fn most(&self, axis: TimeAxis) -> f64 {
        self.on(axis).filter_map(|(_, value)| value).fold(0.0, f64::max)
    }

    /// The values on the axis, each with its middle in time as a share of the axis. Where there are too many, the
    /// largest of some neighbours stands for them: a short failure stays visible.
    fn on(&self, axis: TimeAxis) -> impl Iterator<Item = (f64, Option<f64>)> {
        let steps = |at: SimTime| {
            let steps = at.since(self.start).as_nanos() / self.step.as_nanos().max(1);
            usize::try_from(steps).unwrap_or(usize::MAX)
        };
        let first = if axis.from > self.start { steps(axis.from) } else { 0 }.min(self.values.len());
        let last = if axis.to > self.start { steps(axis.to).saturating_add(1) } else { 0 };
        let last = last.clamp(first, self.values.len());
        let group = (last - first).div_ceil(MOST_POINTS).max(1);
        (first..last).step_by(group).map(move |place| {
            let members = &self.values[place..(place + group).min(last)];
            let most = members.iter().flatten().copied().reduce(f64::max);
            let half = SimDuration::from_nanos(self.step.as_nanos() * members.len() as u64 / 2);
            (axis.share(self.begins(place) + half), most)
        })
    }

    /// The line through the values, broken where there are none.
    pub fn line(&self, axis: TimeAxis, top: f64) -> String {
        let mut path = String::new();
        let mut pen_down = false;
        for (share, value) in self.on(axis) {
            let Some(value) = value else {
                pen_down = false;
                continue;
            };
            let _ =
                write!(path, "{}{} {}", if pen_down { 'L' } else { 'M' }, px(share * W), px(y(value, top)));
            pen_down = true;
        }
        path
    }

    /// The area under the line; nothing where there are no values.
    pub fn area(&self, axis: TimeAxis, top: f64) -> String {
        let mut path = String::new();
        let mut last_x: Option<String> = None;
        for (share, value) in self.on(axis) {
            let x = px(share * W);
            match (value, last_x.take()) {
                (Some(value), None) => {
                    let _ = write!(path, "M{x} {}L{x} {}", px(H), px(y(value, top)));
                    last_x = Some(x);
                }
                (Some(value), Some(_)) => {
                    let _ = write!(path, "L{x} {}", px(y(value, top)));
                    last_x = Some(x);
                }
                (None, Some(before)) => {
                    let _ = write!(path, "L{before} {}Z", px(H));
                }
                (None, None) => {}
            }
        }
        if let Some(before) = last_x {
            let _ = write!(path, "L{before} {}Z", px(H));
        }
        path
    }
}

/// How far down a value is drawn.
fn y(value: f64, top: f64) -> f64 {
    H * (1.0 - (value / top).clamp(0.0, 1.0))
}

/// The top of an axis that holds `most`: 1, 2 or 5 times a power of ten, at least `least`.
pub fn axis_top(most: f64, least: f64) -> f64 {
    let mut top = least;
    // 1, 2, 5, 10, 20, 50: from a 5 it is twice, from a 2 it is two and a half times.
    while top < most && top < 1e12 {
        let mut leading = top;
        while leading >= 10.0 {
            leading /= 10.0;
        }
        top *= if (1.9..2.1).contains(&leading) { 2.5 } else { 2.0 };
    }
    top
}

#[cfg(test)]
mod tests {
    use super::*;

    fn samples(values: &[f64]) -> Samples {
        Samples {
            values: values.iter().map(|value| (*value >= 0.0).then_some(*value)).collect(),
            ..Samples::default()
        }
    }

    const TEN: TimeAxis = TimeAxis { from: SimTime::ZERO, to: SimTime::from_secs(10) };

    #[test]
    fn the_top_is_round_and_above_everything() {
        for (most, least, top) in [
            (0.0, 5.0, 5.0),
            (5.0, 5.0, 5.0),
            (6.0, 5.0, 10.0),
            (11.0, 5.0, 20.0),
            (21.0, 5.0, 50.0),
            (999.0, 5.0, 1_000.0),
            (101.0, 1.0, 200.0),
        ] {
            assert!((axis_top(most, least) - top).abs() < 1e-9, "{most}: {}", axis_top(most, least));
        }
        assert!(axis_top(f64::INFINITY, 1.0).is_finite(), "it ends, whatever the value");
    }

    #[test]
    fn a_value_is_drawn_in_the_middle_of_the_time_that_it_stands_for() {
        assert_eq!(samples(&[0.0, 10.0]).line(TEN, 10.0), "M50 100L150 0");
        assert_eq!(samples(&[]).line(TEN, 10.0), "");
    }

    #[test]
    fn a_gap_breaks_the_line_and_closes_the_area() {
        let gap = samples(&[5.0, -1.0, 5.0]);
        assert_eq!(gap.line(TEN, 10.0), "M50 50M250 50");
        assert_eq!(gap.area(TEN, 10.0), "M50 100L50 50L50 100ZM250 100L250 50L250 100Z");
    }

    #[test]
    fn only_what_the_axis_shows_is_drawn() {
        let long = samples(&[1.0; 30]);
        let axis = TimeAxis { from: SimTime::from_secs(10), to: SimTime::from_secs(20) };
        let line = long.line(axis, 10.0);
        assert!(line.starts_with("M50 90L150 90"), "{line}");
        assert_eq!(samples(&[1.0; 5]).line(axis, 10.0), "", "a run that has not come so far");
    }

    #[test]
    fn a_short_failure_in_a_long_run_stays_visible() {
        let mut values = vec![0.0; 7_200];
        values[3_333] = 8.0;
        let axis = TimeAxis { from: SimTime::ZERO, to: SimTime::from_secs(7_200) };
        let line = samples(&values).line(axis, 10.0);
        assert!(line.matches('L').count() < MOST_POINTS, "few enough to draw");
        assert!(line.contains(" 20L"), "the peak is among them");
    }

    #[test]
    fn a_reading_is_of_the_stretch_that_holds_the_instant() {
        let samples = samples(&[1.0, 2.0, -1.0]);
        assert_eq!(samples.at(SimTime::from_millis(1_999)), Some(2.0));
        assert_eq!(samples.at(SimTime::from_millis(2_500)), None, "nothing was measured");
        assert_eq!(samples.at(SimTime::from_secs(3)), None);
        assert_eq!(samples.at(SimTime::from_secs(4)), None, "not reached yet");
        assert_eq!(samples.last(), Some(2.0));
    }
}
