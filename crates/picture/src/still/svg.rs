//! Writes SVG text. What is drawn has a class for its colour, which a style sheet with the page's custom properties
//! gives (`style/still.css`), and the light colour as an attribute, which stands where there is no style sheet.

use std::fmt::Write;

use crate::geometry::{Point, Rect, px};

/// A colour of the design: its name there, and the light one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ink(pub(super) &'static str, pub(super) &'static str);

pub(super) const PAPER: Ink = Ink("paper", "#fbfaf7");
pub(super) const SURFACE: Ink = Ink("surface", "#fff");
pub(super) const LINE: Ink = Ink("line", "#d9d5ca");
pub(super) const LINE_STRONG: Ink = Ink("line-strong", "#8d887b");
pub(super) const INK: Ink = Ink("ink", "#1d1c1a");
pub(super) const INK_2: Ink = Ink("ink-2", "#55524b");
pub(super) const INK_3: Ink = Ink("ink-3", "#6f6b62");
pub(super) const READ: Ink = Ink("read", "#0072b2");
pub(super) const WRITE: Ink = Ink("write", "#b35c00");
pub(super) const REPLICA: Ink = Ink("replica", "#9a4f82");
pub(super) const PROBE: Ink = Ink("probe", "#6f6b62");
pub(super) const OK: Ink = Ink("ok", "#00795a");
pub(super) const WARN: Ink = Ink("warn", "#8a5e00");
pub(super) const FAIL: Ink = Ink("fail", "#b04300");
pub(super) const READ_SOFT: Ink = Ink("read-soft", "#e1eff8");
pub(super) const WARN_SOFT: Ink = Ink("warn-soft", "#fbf0d6");
pub(super) const FAIL_SOFT: Ink = Ink("fail-soft", "#fbe6da");

/// All of them: the style sheet has a rule for each.
#[cfg(test)]
pub(super) const INKS: [Ink; 17] = [
    PAPER,
    SURFACE,
    LINE,
    LINE_STRONG,
    INK,
    INK_2,
    INK_3,
    READ,
    WRITE,
    REPLICA,
    PROBE,
    OK,
    WARN,
    FAIL,
    READ_SOFT,
    WARN_SOFT,
    FAIL_SOFT,
];

/// How a shape is painted.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Paint {
    pub(super) fill: Option<Ink>,
    pub(super) stroke: Option<(Ink, f64)>,
    /// Lengths of dashes and gaps; empty for a whole line.
    pub(super) dashes: &'static str,
    /// Other attributes, as they are.
    pub(super) more: &'static str,
}

impl Paint {
    pub(super) fn filled(fill: Ink) -> Self {
        Self { fill: Some(fill), ..Self::default() }
    }

    pub(super) fn line(stroke: Ink, width: f64) -> Self {
        Self { stroke: Some((stroke, width)), ..Self::default() }
    }

    pub(super) fn both(fill: Ink, stroke: Ink, width: f64) -> Self {
        Self { fill: Some(fill), stroke: Some((stroke, width)), ..Self::default() }
    }

    pub(super) fn dashed(self, dashes: &'static str) -> Self {
        Self { dashes, ..self }
    }

    pub(super) fn with(self, more: &'static str) -> Self {
        Self { more, ..self }
    }
}

/// How words are set.
#[derive(Clone, Copy, Debug)]
pub(super) struct Type {
    pub(super) size: f64,
    pub(super) ink: Ink,
    pub(super) bold: bool,
    pub(super) italic: bool,
    pub(super) mono: bool,
    pub(super) anchor: Anchor,
}

/// Which part of the words stands at their point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Anchor {
    Start,
    Middle,
}

impl Type {
    pub(super) const fn of(size: f64, ink: Ink) -> Self {
        Self { size, ink, bold: false, italic: false, mono: false, anchor: Anchor::Start }
    }

    pub(super) const fn bold(self) -> Self {
        Self { bold: true, ..self }
    }

    pub(super) const fn italic(self) -> Self {
        Self { italic: true, ..self }
    }

    pub(super) const fn mono(self) -> Self {
        Self { mono: true, ..self }
    }

    pub(super) const fn at(self, anchor: Anchor) -> Self {
        Self { anchor, ..self }
    }

    /// How wide words are, about: fonts differ, and nothing here can measure.
    pub(super) fn width(&self, words: &str) -> f64 {
        let letter = if self.mono || self.bold { 0.6 } else { 0.54 };
        let letters = u32::try_from(words.chars().count()).unwrap_or(u32::MAX);
        f64::from(letters) * letter * self.size
    }

    /// The same, so small that the words fit.
    pub(super) fn fitting(self, words: &str, room: f64) -> Self {
        let width = self.width(words);
        if width <= room { self } else { Self { size: (self.size * room / width).max(7.0), ..self } }
    }
}

/// An SVG text that grows.
#[derive(Debug, Default)]
pub(super) struct Svg(String);

impl Svg {
    pub(super) fn text_so_far(self) -> String {
        self.0
    }

    /// Tags and numbers of our own, as they are.
    pub(super) fn raw(&mut self, text: &str) {
        self.0.push_str(text);
    }

    /// Text that may be anything, so that it stays text.
    pub(super) fn escaped(&mut self, text: &str) {
        for character in text.chars() {
            match character {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                other => self.0.push(other),
            }
        }
    }

    fn attribute(&mut self, name: &str, value: &str) {
        let _ = write!(self.0, " {name}=\"{value}\"");
    }

    fn paint(&mut self, paint: Paint) {
        let mut class = String::new();
        let fill = paint.fill.map_or("none", |ink| ink.1);
        if let Some(ink) = paint.fill {
            class.push_str("f-");
            class.push_str(ink.0);
        }
        self.attribute("fill", fill);
        if let Some((ink, width)) = paint.stroke {
            if !class.is_empty() {
                class.push(' ');
            }
            class.push_str("s-");
            class.push_str(ink.0);
            self.attribute("stroke", ink.1);
            self.attribute("stroke-width", &px(width));
        }
        if !class.is_empty() {
            self.attribute("class", &class);
        }
        if !paint.dashes.is_empty() {
            self.attribute("stroke-dasharray", paint.dashes);
        }
        self.0.push_str(paint.more);
        self.0.push_str("/>");
    }

    pub(super) fn path(&mut self, d: &str, paint: Paint) {
        self.0.push_str("<path");
        self.attribute("d", d);
        self.paint(paint);
    }

    /// A path on a grid of its own: `zoom` pixels a unit, with its origin at `corner`.
    pub(super) fn placed(&mut self, d: &str, corner: Point, zoom: f64, paint: Paint) {
        self.0.push_str("<path");
        self.attribute("d", d);
        let (x, y) = (px(corner.x), px(corner.y));
        let zoom = crate::geometry::decimal(zoom, 3);
        self.attribute("transform", &format!("translate({x} {y}) scale({zoom})"));
        self.paint(paint);
    }

    pub(super) fn rect(&mut self, rect: Rect, round: f64, paint: Paint) {
        self.0.push_str("<rect");
        for (name, value) in
            [("x", rect.x), ("y", rect.y), ("width", rect.w), ("height", rect.h), ("rx", round)]
        {
            self.attribute(name, &px(value));
        }
        self.paint(paint);
    }

    pub(super) fn disc(&mut self, at: Point, radius: f64, paint: Paint) {
        self.0.push_str("<circle");
        for (name, value) in [("cx", at.x), ("cy", at.y), ("r", radius)] {
            self.attribute(name, &px(value));
        }
        self.paint(paint);
    }

    /// Words whose baseline starts, is centred or ends at a point.
    pub(super) fn words(&mut self, words: &str, at: Point, how: Type) {
        self.0.push_str("<text");
        self.attribute("x", &px(at.x));
        self.attribute("y", &px(at.y));
        self.attribute("font-size", &px(how.size));
        self.attribute("fill", how.ink.1);
        self.attribute("class", &format!("f-{}{}", how.ink.0, if how.mono { " mono" } else { "" }));
        if how.bold {
            self.attribute("font-weight", "600");
        }
        if how.italic {
            self.attribute("font-style", "italic");
        }
        if how.anchor == Anchor::Middle {
            self.attribute("text-anchor", "middle");
        }
        self.0.push('>');
        self.escaped(words);
        self.0.push_str("</text>");
    }

    /// Words in the middle of a box of their own around `middle`.
    pub(super) fn label(&mut self, words: &str, middle: Point, how: Type, paint: Paint) {
        let size = crate::geometry::Size { w: how.width(words) + how.size, h: how.size * 1.5 };
        let rect = Rect::around(middle, size);
        self.rect(rect, size.h / 2.0, paint);
        self.words(words, Point::new(middle.x, middle.y + how.size * 0.36), how.at(Anchor::Middle));
    }
}
