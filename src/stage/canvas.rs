//! What moves: requests, replies and health checks, drawn where the simulation says they are.
//!
//! A disc goes out, a ring comes back, a cross brings news of a failure; health checks are small and grey. What
//! travels further than its own size in a frame leaves a streak over the way that it came since the frame before:
//! motion, not decoration.

use leptos::html;
use leptos::prelude::*;
use understudy_sim::ids::Direction;
use understudy_sim::view::{Cargo, Flight};
use understudy_sim::{Outcome, SimTime, Snapshot};
use wasm_bindgen::JsCast;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement};

use super::geometry::{Point, Size};
use super::layout::Layout;
use crate::app::Look;
use crate::driver::{Lab, Run};
use crate::theme::Theme;

/// More than this many would be a smear: beyond it a sample is drawn.
pub const MOST_DRAWN: usize = 600;
/// Requests keep to one side of a link and replies to the other, this many pixels from its middle at scale 1.
const LANE: f64 = 3.5;

/// The colours in force.
struct Palette {
    read: String,
    probe: String,
    fail: String,
    paper: String,
}

impl Palette {
    fn of(canvas: &HtmlCanvasElement) -> Self {
        let style = window().get_computed_style(canvas).ok().flatten();
        let colour = |name: &str| {
            let value = style.as_ref().and_then(|style| style.get_property_value(name).ok());
            value.map_or_else(|| String::from("gray"), |value| value.trim().to_string())
        };
        Self {
            read: colour("--read"),
            probe: colour("--probe"),
            fail: colour("--fail"),
            paper: colour("--paper"),
        }
    }
}

/// The layer on which everything moves.
pub fn canvas(run: Run, layout: Memo<Layout>) -> impl IntoView {
    let (calm, look) = (expect_context::<Lab>().calm, expect_context::<Look>());
    let node = NodeRef::<html::Canvas>::new();
    let palette = StoredValue::new_local(None::<(Theme, bool, Palette)>);
    let last = StoredValue::new_local(SimTime::ZERO);
    Effect::new(move |_| {
        let Some(canvas) = node.get() else { return };
        let (theme, dark, calm) = (look.theme.get(), look.dark.get(), calm.get());
        palette.update_value(|kept| {
            if kept.as_ref().is_none_or(|(of_theme, of_dark, _)| (*of_theme, *of_dark) != (theme, dark)) {
                *kept = Some((theme, dark, Palette::of(&canvas)));
            }
        });
        run.frame.with(|snapshot| {
            layout.with(|layout| {
                palette.with_value(|palette| {
                    let (Some(context), Some((.., palette))) = (prepare(&canvas, layout.size), palette)
                    else {
                        return;
                    };
                    if !calm {
                        let since = last.get_value().min(snapshot.now);
                        draw(
                            &Brush { context: &context, palette, scale: layout.scale },
                            layout,
                            snapshot,
                            since,
                        );
                    }
                });
            });
            last.set_value(snapshot.now);
        });
    });
    view! { <canvas class="motion" node_ref=node aria-hidden="true"></canvas> }
}

/// Makes the canvas as large as the drawing in the screen's own pixels, and empty.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a stage is some thousand pixels wide"
)]
fn prepare(canvas: &HtmlCanvasElement, size: Size) -> Option<CanvasRenderingContext2d> {
    let ratio = window().device_pixel_ratio();
    let (w, h) = ((size.w * ratio).round() as u32, (size.h * ratio).round() as u32);
    if (canvas.width(), canvas.height()) != (w, h) {
        canvas.set_width(w);
        canvas.set_height(h);
    }
    let context: CanvasRenderingContext2d = canvas.get_context("2d").ok()??.dyn_into().ok()?;
    context.set_transform(ratio, 0.0, 0.0, ratio, 0.0, 0.0).ok()?;
    context.clear_rect(0.0, 0.0, size.w, size.h);
    context.set_line_cap("round");
    Some(context)
}

struct Brush<'a> {
    context: &'a CanvasRenderingContext2d,
    palette: &'a Palette,
    scale: f64,
}

fn draw(brush: &Brush<'_>, layout: &Layout, snapshot: &Snapshot, since: SimTime) {
    let every = snapshot.flights.len().div_ceil(MOST_DRAWN).max(1);
    for flight in snapshot.flights.iter().step_by(every) {
        let halfway = SimTime::from_nanos(u64::midpoint(since.as_nanos(), snapshot.now.as_nanos()));
        let way = [since, halfway, snapshot.now].map(|at| place(layout, flight, at));
        brush.draw(flight.cargo, way);
    }
}

fn place(layout: &Layout, flight: &Flight, now: SimTime) -> Point {
    let (forward, lane) = match flight.direction {
        Direction::Forward => (true, -LANE),
        Direction::Back => (false, LANE),
    };
    let gone = flight.progress(now.max(flight.sent_at));
    let along = if forward { gone } else { 1.0 - gone };
    layout.links[flight.link.get()].track.at(along, lane * layout.scale)
}

impl Brush<'_> {
    /// Draws what is at the end of `way`: where it was in the frame before, halfway, and is now.
    fn draw(&self, cargo: Cargo, way: [Point; 3]) {
        let Palette { read, probe, fail, paper } = self.palette;
        match cargo {
            Cargo::Request(..) => self.disc(way, 5.0, read, read),
            Cargo::Reply(_, _, Outcome::Answered) => self.disc(way, 3.8, read, paper),
            Cargo::Reply(..)
            | Cargo::ProbeReply { passed: false }
            | Cargo::ScrapeAnswer { passed: false }
            | Cargo::PortAnswer { open: false, .. } => self.cross(way[2], fail),
            Cargo::Probe
            | Cargo::ProbeReply { passed: true }
            | Cargo::Advert
            | Cargo::GratuitousArp
            | Cargo::Log { .. }
            | Cargo::LogStatus
            | Cargo::Control
            | Cargo::DnsQuery
            | Cargo::DnsAnswer
            | Cargo::Scrape
            | Cargo::ScrapeAnswer { passed: true }
            | Cargo::PortProbe { .. }
            | Cargo::PortAnswer { open: true, .. } => self.disc(way, 2.7, probe, paper),
        }
    }

    fn disc(&self, [from, halfway, to]: [Point; 3], radius: f64, edge: &str, inside: &str) {
        let context = self.context;
        let radius = radius * self.scale;
        context.set_stroke_style_str(edge);
        if (to.x - from.x).hypot(to.y - from.y) > radius {
            context.set_global_alpha(0.25);
            context.set_line_width(radius);
            context.begin_path();
            context.move_to(from.x, from.y);
            context.line_to(halfway.x, halfway.y);
            context.line_to(to.x, to.y);
            context.stroke();
            context.set_global_alpha(1.0);
        }
        context.set_line_width(1.6 * self.scale);
        context.set_fill_style_str(inside);
        context.begin_path();
        let _ = context.arc(to.x, to.y, radius - 0.8 * self.scale, 0.0, std::f64::consts::TAU);
        context.fill();
        context.stroke();
    }

    fn cross(&self, at: Point, colour: &str) {
        let context = self.context;
        let arm = 4.0 * self.scale;
        context.set_stroke_style_str(colour);
        context.set_line_width(2.2 * self.scale);
        context.begin_path();
        context.move_to(at.x - arm, at.y - arm);
        context.line_to(at.x + arm, at.y + arm);
        context.move_to(at.x + arm, at.y - arm);
        context.line_to(at.x - arm, at.y + arm);
        context.stroke();
    }
}
