//! Points, boxes and the tracks that requests move along, in CSS pixels of the stage. Plain numbers: no browser.

/// A place on the stage.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Point {
    /// From the left.
    pub x: f64,
    /// From the top.
    pub y: f64,
}

impl Point {
    /// The point that far from the left and from the top.
    pub const fn new(x: f64, y: f64) -> Self {
        Self { x, y }
    }

    fn distance(self, other: Self) -> f64 {
        (other.x - self.x).hypot(other.y - self.y)
    }

    fn towards(self, other: Self, share: f64) -> Self {
        Self::new(self.x + (other.x - self.x) * share, self.y + (other.y - self.y) * share)
    }
}

/// Width and height.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Size {
    /// Width.
    pub w: f64,
    /// Height.
    pub h: f64,
}

/// A box with its sides along the axes.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Rect {
    /// Its left side.
    pub x: f64,
    /// Its top.
    pub y: f64,
    /// Its width.
    pub w: f64,
    /// Its height.
    pub h: f64,
}

impl Rect {
    /// Its right side.
    pub fn right(&self) -> f64 {
        self.x + self.w
    }

    /// Its bottom.
    pub fn bottom(&self) -> f64 {
        self.y + self.h
    }

    /// Its middle.
    pub fn middle(&self) -> Point {
        Point::new(self.x + self.w / 2.0, self.y + self.h / 2.0)
    }

    /// Whether the two share any area.
    #[cfg(test)]
    pub fn overlaps(&self, other: &Self) -> bool {
        self.x < other.right() && other.x < self.right() && self.y < other.bottom() && other.y < self.bottom()
    }
}

/// Straight pieces that a curve is cut into: smooth to the eye at any size.
const PIECES: u32 = 32;

/// The way from one node to another: a straight lead, then a curve that arrives straight. What moves along it moves
/// at an even pace.
#[derive(Clone, Debug, PartialEq)]
pub struct Track {
    points: Vec<Point>,
    /// Length of the way up to each point.
    lengths: Vec<f64>,
    path: String,
}

/// Which way a track leaves and arrives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// Left to right.
    Across,
    /// Top to bottom.
    Down,
}

impl Track {
    /// The track from `start`, straight for `lead`, then curved to `end`.
    pub fn new(flow: Flow, start: Point, lead: f64, end: Point) -> Self {
        let bend = match flow {
            Flow::Across => Point::new(start.x + lead, start.y),
            Flow::Down => Point::new(start.x, start.y + lead),
        };
        let (leave, arrive) = match flow {
            Flow::Across => {
                let half = (end.x - bend.x) / 2.0;
                (Point::new(bend.x + half, bend.y), Point::new(end.x - half, end.y))
            }
            Flow::Down => {
                let half = (end.y - bend.y) / 2.0;
                (Point::new(bend.x, bend.y + half), Point::new(end.x, end.y - half))
            }
        };
        let mut points = vec![start];
        points.extend((0..=PIECES).map(|piece| {
            let t = f64::from(piece) / f64::from(PIECES);
            let (a, b, c) = (bend.towards(leave, t), leave.towards(arrive, t), arrive.towards(end, t));
            a.towards(b, t).towards(b.towards(c, t), t)
        }));
        let mut length = 0.0;
        let lengths = points
            .iter()
            .zip(core::iter::once(&points[0]).chain(&points))
            .map(|(point, before)| {
                length += before.distance(*point);
                length
            })
            .collect();
        let path = format!(
            "M{} {}L{} {}C{} {} {} {} {} {}",
            px(start.x),
            px(start.y),
            px(bend.x),
            px(bend.y),
            px(leave.x),
            px(leave.y),
            px(arrive.x),
            px(arrive.y),
            px(end.x),
            px(end.y)
        );
        Self { points, lengths, path }
    }

    /// The track as an SVG path.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Where something is that has `progress` of the way behind it, 0 to 1, on the lane `side` pixels to the right
    /// of the track as it runs forward.
    pub fn at(&self, progress: f64, side: f64) -> Point {
        let whole = self.lengths.last().copied().unwrap_or(0.0);
        let along = progress.clamp(0.0, 1.0) * whole;
        let next = self.lengths.partition_point(|length| *length < along).clamp(1, self.points.len() - 1);
        let (from, to) = (self.points[next - 1], self.points[next]);
        let piece = self.lengths[next] - self.lengths[next - 1];
        if piece <= 0.0 {
            return to;
        }
        let here = from.towards(to, (along - self.lengths[next - 1]) / piece);
        let (dx, dy) = ((to.x - from.x) / piece, (to.y - from.y) / piece);
        Point::new(here.x - dy * side, here.y + dx * side)
    }
}

/// The style that puts an element into this box.
pub fn style(rect: Rect) -> String {
    format!("left:{}px;top:{}px;width:{}px;height:{}px", px(rect.x), px(rect.y), px(rect.w), px(rect.h))
}

/// A number of pixels for a style or a path, to a tenth.
pub fn px(value: f64) -> String {
    decimal(value, 1)
}

/// A number with up to this many decimals: cheaper than printing a float, and as sharp.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "a stage is some thousand pixels wide"
)]
pub fn decimal(value: f64, places: u32) -> String {
    let unit = 10_i64.pow(places);
    let scaled = (value * unit as f64).round() as i64;
    let sign = if scaled < 0 { "-" } else { "" };
    let (whole, rest) = (scaled.abs() / unit, scaled.abs() % unit);
    if rest == 0 {
        return format!("{sign}{whole}");
    }
    let digits = places as usize;
    format!("{sign}{whole}.{rest:0digits$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(a: Point, b: Point) -> bool {
        a.distance(b) < 0.01
    }

    #[test]
    fn a_track_starts_and_ends_where_it_should() {
        let (start, end) = (Point::new(10.0, 20.0), Point::new(310.0, 220.0));
        for flow in [Flow::Across, Flow::Down] {
            let track = Track::new(flow, start, 60.0, end);
            assert!(close(track.at(0.0, 0.0), start));
            assert!(close(track.at(1.0, 0.0), end));
            assert!(close(track.at(7.0, 0.0), end), "there is nothing beyond the end");
        }
    }

    #[test]
    fn what_moves_along_it_moves_at_an_even_pace() {
        let track = Track::new(Flow::Across, Point::new(0.0, 0.0), 80.0, Point::new(400.0, 300.0));
        let steps: Vec<f64> = (0..50)
            .map(|step| {
                track.at(f64::from(step) / 50.0, 0.0).distance(track.at(f64::from(step + 1) / 50.0, 0.0))
            })
            .collect();
        let (least, most) = steps.iter().fold((f64::MAX, 0.0_f64), |(a, b), s| (a.min(*s), b.max(*s)));
        assert!(most / least < 1.05, "steps from {least} to {most} pixels");
    }

    #[test]
    fn lanes_keep_to_their_side() {
        let track = Track::new(Flow::Across, Point::new(0.0, 50.0), 80.0, Point::new(400.0, 50.0));
        assert!(close(track.at(0.5, 4.0), Point::new(200.0, 54.0)));
        assert!(close(track.at(0.5, -4.0), Point::new(200.0, 46.0)));
    }

    #[test]
    fn a_track_of_no_length_is_a_point() {
        let here = Point::new(5.0, 5.0);
        assert!(close(Track::new(Flow::Across, here, 0.0, here).at(0.5, 3.0), here));
    }

    #[test]
    fn pixels_are_printed_to_a_tenth() {
        assert_eq!(px(12.0), "12");
        assert_eq!(px(-0.26), "-0.3");
        assert_eq!(px(99.96), "100");
        assert_eq!(decimal(1.128, 3), "1.128");
        assert_eq!(decimal(1.05, 3), "1.050");
    }
}
