//! How a topology is drawn, without a browser: where everything stands, which sign is what, how states are said.
//!
//! [`topology`] takes from a plan what the drawing needs; [`layout`] gives everything its place; the other modules say
//! how one kind of thing looks at an instant. The page binds them to elements that live; [`still`] draws one instant as
//! an SVG for where nothing runs.

pub mod address;
pub mod card;
pub mod failing;
pub mod flight;
pub mod geometry;
pub mod icons;
pub mod kinds;
pub mod lamp;
pub mod layout;
pub mod link;
mod order;
pub mod signs;
pub mod still;
pub mod topology;
pub mod words;
