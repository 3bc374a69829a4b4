//! What part of the drawing the window shows: how much it is enlarged, and where its corner is.

use super::geometry::{Flow, Point, Rect, Size, decimal, px};
use super::layout::{self, Layout};

/// Nobody sees anything from further away than this, or closer than that.
const FURTHEST: f64 = 0.05;
const CLOSEST: f64 = 4.0;
/// This much of the drawing stays in the window, in pixels.
const KEPT: f64 = 60.0;

/// Where the drawing is in its window.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct View {
    /// Pixels of the window for one of the drawing.
    pub zoom: f64,
    /// Where the drawing's corner is in the window.
    pub corner: Point,
}

impl View {
    /// All of the drawing, in the middle of the window.
    pub fn fit(layout: &Layout, window: Size) -> Self {
        let zoom = layout::fit(layout.size, layout.flow, window);
        let x = (window.w - layout.size.w * zoom) / 2.0;
        let y = match layout.flow {
            Flow::Across => (window.h - layout.size.h * zoom) / 2.0,
            Flow::Down => 0.0,
        };
        Self { zoom, corner: Point::new(x, y) }
    }

    /// Enlarged by `factor`; what is at `fixed` in the window stays there.
    #[must_use]
    pub fn zoomed(self, factor: f64, fixed: Point) -> Self {
        let zoom = (self.zoom * factor).clamp(FURTHEST, CLOSEST);
        let by = zoom / self.zoom;
        let corner =
            Point::new(fixed.x - (fixed.x - self.corner.x) * by, fixed.y - (fixed.y - self.corner.y) * by);
        Self { zoom, corner }
    }

    /// Moved by so many pixels, but never out of the window altogether.
    #[must_use]
    pub fn moved(self, x: f64, y: f64, size: Size, window: Size) -> Self {
        let keep = |at: f64, drawn: f64, room: f64| at.max(KEPT - drawn).min(room - KEPT);
        let corner = Point::new(
            keep(self.corner.x + x, size.w * self.zoom, window.w),
            keep(self.corner.y + y, size.h * self.zoom, window.h),
        );
        Self { corner, ..self }
    }

    /// Moved just so far that this part of the drawing is in the window.
    #[must_use]
    pub fn showing(self, part: Rect, window: Size) -> Self {
        let from = self.to_window(Point::new(part.x, part.y));
        let to = self.to_window(Point::new(part.right(), part.bottom()));
        let by = |from: f64, to: f64, room: f64| {
            let margin = 12.0;
            if from < margin { margin - from } else { (room - margin - to).min(0.0) }
        };
        let corner = Point::new(
            self.corner.x + by(from.x, to.x, window.w),
            self.corner.y + by(from.y, to.y, window.h),
        );
        Self { corner, ..self }
    }

    /// A point of the drawing in the window.
    pub fn to_window(self, point: Point) -> Point {
        Point::new(self.corner.x + point.x * self.zoom, self.corner.y + point.y * self.zoom)
    }

    /// A point of the window in the drawing.
    #[cfg(test)]
    pub fn to_drawing(self, point: Point) -> Point {
        Point::new((point.x - self.corner.x) / self.zoom, (point.y - self.corner.y) / self.zoom)
    }

    /// The style that shows a drawing so.
    pub fn style(self) -> String {
        let (x, y, zoom) = (px(self.corner.x), px(self.corner.y), decimal(self.zoom, 4));
        format!("transform:translate({x}px,{y}px) scale({zoom})")
    }

    /// The view a share of the way to another.
    #[must_use]
    pub fn towards(self, other: Self, share: f64) -> Self {
        Self {
            zoom: self.zoom + (other.zoom - self.zoom) * share,
            corner: self.corner.towards(other.corner, share),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WINDOW: Size = Size { w: 800.0, h: 600.0 };
    const VIEW: View = View { zoom: 0.5, corner: Point { x: 40.0, y: 30.0 } };

    #[test]
    fn what_is_pointed_at_stays_under_the_pointer() {
        let pointer = Point::new(300.0, 200.0);
        let under = VIEW.to_drawing(pointer);
        for factor in [0.3, 1.2, 100.0] {
            let there = VIEW.zoomed(factor, pointer).to_window(under);
            assert!(there.distance(pointer) < 1e-9, "{there:?}");
        }
        assert!((VIEW.zoomed(1_000.0, pointer).zoom - CLOSEST).abs() < 1e-9);
    }

    #[test]
    fn the_drawing_cannot_be_lost() {
        let size = Size { w: 1_000.0, h: 500.0 };
        for (x, y) in [(9e9, 9e9), (-9e9, -9e9)] {
            let moved = VIEW.moved(x, y, size, WINDOW);
            let end = moved.to_window(Point::new(size.w, size.h));
            assert!(moved.corner.x < WINDOW.w && end.x > 0.0, "{moved:?}");
            assert!(moved.corner.y < WINDOW.h && end.y > 0.0, "{moved:?}");
        }
    }

    #[test]
    fn what_gets_the_focus_is_brought_into_the_window() {
        let far = Rect { x: 3_000.0, y: 2_000.0, w: 100.0, h: 60.0 };
        let view = VIEW.showing(far, WINDOW);
        let (from, to) =
            (view.to_window(Point::new(far.x, far.y)), view.to_window(Point::new(far.right(), far.bottom())));
        assert!(from.x >= 0.0 && from.y >= 0.0 && to.x <= WINDOW.w && to.y <= WINDOW.h);
        assert_eq!(view.showing(far, WINDOW), view, "once is enough");
    }
}
