//! How large things are, for each kind of window, in pixels before zooming.

use crate::geometry::{Flow, Point, Size};

/// The sizes and distances of one kind of drawing.
#[derive(Clone, Copy, Debug)]
pub(super) struct Measures {
    pub(super) flow: Flow,
    /// A card, and one with a log on it. Top to bottom these are cards that share a tier.
    pub(super) card: Size,
    pub(super) log_card: Size,
    /// The height of those that stand aside.
    pub(super) aside_h: f64,
    /// Least room between two cards of a tier.
    pub(super) gap: f64,
    /// Cards of a tier are at most this far apart, from middle to middle.
    pub(super) pitch: f64,
    /// The room of a link that passes through a tier.
    pub(super) pass: f64,
    /// From where a link leaves its balancer to the corner of its lamp, and the lamp.
    pub(super) lamp_at: Point,
    pub(super) lamp: Size,
    /// From one link with a lamp to the next.
    pub(super) lamp_pitch: f64,
    /// From one link without to the next, where the card is large enough.
    pub(super) out_pitch: f64,
    pub(super) in_pitch: f64,
    /// How far a link with a lamp runs straight.
    pub(super) lead: f64,
    /// Least room after that.
    pub(super) curve: f64,
    /// Least room between tiers without lamps.
    pub(super) plain: f64,
    /// The room for the words of a failure.
    pub(super) mark: Size,
    /// The room for what is said of a link.
    pub(super) label: Size,
    /// At every side.
    pub(super) margin: f64,
    /// Above the tiers, for their headings.
    pub(super) top: f64,
    /// Whether lamps have words.
    pub(super) roomy: bool,
    /// Whether cards are so narrow that they leave out what the heading above them says.
    pub(super) dense: bool,
}

/// Left to right, with room for words everywhere.
pub(super) const ROOMY: Measures = Measures {
    flow: Flow::Across,
    card: Size { w: 196.0, h: 76.0 },
    log_card: Size { w: 212.0, h: 100.0 },
    aside_h: 76.0,
    gap: 36.0,
    pitch: 150.0,
    pass: 20.0,
    lamp_at: Point { x: 12.0, y: -25.0 },
    lamp: Size { w: 104.0, h: 18.0 },
    lamp_pitch: 34.0,
    out_pitch: 18.0,
    in_pitch: 20.0,
    lead: 118.0,
    curve: 118.0,
    plain: 64.0,
    mark: Size { w: 104.0, h: 18.0 },
    label: Size { w: 64.0, h: 18.0 },
    margin: 26.0,
    top: 40.0,
    roomy: true,
    dense: false,
};

/// Left to right, for more tiers or more nodes than there is room for words.
pub(super) const SNUG: Measures = Measures {
    card: Size { w: 152.0, h: 58.0 },
    log_card: Size { w: 186.0, h: 86.0 },
    aside_h: 58.0,
    gap: 26.0,
    pitch: 124.0,
    pass: 16.0,
    lamp_at: Point { x: 8.0, y: -19.0 },
    lamp: Size { w: 58.0, h: 14.0 },
    lamp_pitch: 27.0,
    out_pitch: 12.0,
    in_pitch: 19.0,
    lead: 70.0,
    curve: 60.0,
    plain: 46.0,
    mark: Size { w: 100.0, h: 18.0 },
    margin: 18.0,
    top: 42.0,
    roomy: false,
    ..ROOMY
};

/// Left to right, for so many tiers that names would be too small to read: narrow cards close together.
pub(super) const DENSE: Measures = Measures {
    card: Size { w: 114.0, h: 60.0 },
    log_card: Size { w: 132.0, h: 80.0 },
    aside_h: 46.0,
    gap: 16.0,
    pitch: 150.0,
    lamp_at: Point { x: 6.0, y: -18.0 },
    lamp: Size { w: 44.0, h: 14.0 },
    lamp_pitch: 31.0,
    lead: 48.0,
    curve: 38.0,
    plain: 30.0,
    margin: 8.0,
    top: 40.0,
    dense: true,
    ..SNUG
};

/// Top to bottom, for phones.
pub(super) const PHONE: Measures = Measures {
    flow: Flow::Down,
    card: Size { w: 92.0, h: 112.0 },
    log_card: Size { w: 112.0, h: 134.0 },
    aside_h: 112.0,
    gap: 10.0,
    pitch: 190.0,
    pass: 16.0,
    lamp_at: Point { x: 14.0, y: 12.0 },
    lamp: Size { w: 50.0, h: 34.0 },
    lamp_pitch: 72.0,
    out_pitch: 26.0,
    in_pitch: 16.0,
    lead: 52.0,
    curve: 80.0,
    plain: 58.0,
    mark: Size { w: 104.0, h: 20.0 },
    margin: 16.0,
    top: 18.0,
    ..ROOMY
};

/// Top to bottom, for so many lamps side by side that there is no room for their words.
pub(super) const PHONE_SNUG: Measures = Measures {
    lamp_at: Point { x: 7.0, y: 10.0 },
    lamp: Size { w: 36.0, h: 14.0 },
    lamp_pitch: 46.0,
    lead: 36.0,
    margin: 10.0,
    roomy: false,
    ..PHONE
};
