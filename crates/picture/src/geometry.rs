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

    /// How far the other is.
    pub fn distance(self, other: Self) -> f64 {
        (other.x - self.x).hypot(other.y - self.y)
    }

    /// The point this share of the way to the other.
    #[must_use]
    pub fn towards(self, other: Self, share: f64) -> Self {
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

    /// The box that is this much larger on every side.
    #[must_use]
    pub fn grown(&self, by: f64) -> Self {
        Self { x: self.x - by, y: self.y - by, w: self.w + 2.0 * by, h: self.h + 2.0 * by }
    }

    /// The box of this size around `middle`.
    pub fn around(middle: Point, size: Size) -> Self {
        Self { x: middle.x - size.w / 2.0, y: middle.y - size.h / 2.0, w: size.w, h: size.h }
    }

    /// Whether the point is in it.
    pub fn has(&self, point: Point) -> bool {
        self.x < point.x && point.x < self.right() && self.y < point.y && point.y < self.bottom()
    }

    /// Whether the two share any area.
    pub fn overlaps(&self, other: &Self) -> bool {
        self.x < other.right() && other.x < self.right() && self.y < other.bottom() && other.y < self.bottom()
    }
}

/// Straight pieces that a curve is cut into: smooth to the eye at any size.
const PIECES: u32 = 24;

/// The way from one node to another, of straight pieces and curves. What moves along it moves at an even pace.
#[derive(Clone, Debug, PartialEq)]
pub struct Track {
    points: Vec<Point>,
    /// Length of the way up to each point.
    lengths: Vec<f64>,
    path: String,
}

/// Which way the tiers run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// Left to right.
    Across,
    /// Top to bottom.
    Down,
}

/// The next piece of a track.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Piece {
    /// Straight to here.
    Line(Point),
    /// A cubic curve by two control points to a third.
    Curve(Point, Point, Point),
}

impl Piece {
    /// The curve from `start` to `end` that leaves and arrives straight along the flow.
    pub fn flowing(flow: Flow, start: Point, end: Point) -> Self {
        let (leave, arrive) = match flow {
            Flow::Across => {
                let middle = f64::midpoint(start.x, end.x);
                (Point::new(middle, start.y), Point::new(middle, end.y))
            }
            Flow::Down => {
                let middle = f64::midpoint(start.y, end.y);
                (Point::new(start.x, middle), Point::new(end.x, middle))
            }
        };
        Self::Curve(leave, arrive, end)
    }
}

impl Track {
    /// The track from `start` by these pieces.
    pub fn new(start: Point, pieces: &[Piece]) -> Self {
        let mut points = vec![start];
        let mut path = format!("M{} {}", px(start.x), px(start.y));
        let put = |path: &mut String, letter: char, stops: &[Point]| {
            for (place, stop) in stops.iter().enumerate() {
                path.push(if place == 0 { letter } else { ' ' });
                path.push_str(&px(stop.x));
                path.push(' ');
                path.push_str(&px(stop.y));
            }
        };
        for piece in pieces {
            match *piece {
                Piece::Line(end) => {
                    points.push(end);
                    put(&mut path, 'L', &[end]);
                }
                Piece::Curve(leave, arrive, end) => {
                    let from = points.last().copied().unwrap_or(start);
                    points.extend((1..=PIECES).map(|piece| {
                        let t = f64::from(piece) / f64::from(PIECES);
                        let (a, b) = (from.towards(leave, t), leave.towards(arrive, t));
                        let c = arrive.towards(end, t);
                        a.towards(b, t).towards(b.towards(c, t), t)
                    }));
                    put(&mut path, 'C', &[leave, arrive, end]);
                }
            }
        }
        let mut length = 0.0;
        let lengths = points
            .iter()
            .zip(core::iter::once(&points[0]).chain(&points))
            .map(|(point, before)| {
                length += before.distance(*point);
                length
            })
            .collect();
        Self { points, lengths, path }
    }

    /// The track along straight lines with rounded corners.
    pub fn cornered(stops: &[Point], radius: f64) -> Self {
        let start = stops.first().copied().unwrap_or_default();
        let mut pieces = Vec::with_capacity(stops.len() * 2);
        for corner in stops.windows(3) {
            let (before, at, after) = (corner[0], corner[1], corner[2]);
            let reach = |other: Point| {
                let whole = at.distance(other);
                at.towards(other, if whole > 0.0 { (radius / whole).min(0.5) } else { 0.0 })
            };
            let (enter, leave) = (reach(before), reach(after));
            pieces.push(Piece::Line(enter));
            pieces.push(Piece::Curve(enter.towards(at, 0.6), leave.towards(at, 0.6), leave));
        }
        pieces.extend(stops.last().map(|end| Piece::Line(*end)));
        Self::new(start, &pieces)
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
        let last = self.points.len() - 1;
        if last == 0 {
            return self.points[0];
        }
        let next = self.lengths.partition_point(|length| *length < along).clamp(1, last);
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
            let track = Track::new(start, &[Piece::flowing(flow, start, end)]);
            assert!(close(track.at(0.0, 0.0), start));
            assert!(close(track.at(1.0, 0.0), end));
            assert!(close(track.at(7.0, 0.0), end), "there is nothing beyond the end");
        }
    }

    #[test]
    fn what_moves_along_it_moves_at_an_even_pace() {
        let (start, bend) = (Point::new(0.0, 0.0), Point::new(80.0, 0.0));
        let curve = Piece::flowing(Flow::Across, bend, Point::new(400.0, 300.0));
        let track = Track::new(start, &[Piece::Line(bend), curve]);
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
        let track = Track::new(Point::new(0.0, 50.0), &[Piece::Line(Point::new(400.0, 50.0))]);
        assert!(close(track.at(0.5, 4.0), Point::new(200.0, 54.0)));
        assert!(close(track.at(0.5, -4.0), Point::new(200.0, 46.0)));
    }

    #[test]
    fn a_track_of_no_length_is_a_point() {
        let here = Point::new(5.0, 5.0);
        assert!(close(Track::new(here, &[Piece::Line(here)]).at(0.5, 3.0), here));
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
