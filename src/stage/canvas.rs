//! What moves: requests, replies and all that components say to each other, drawn where the simulation says it is.
//!
//! A read is a disc, a write a diamond, a reply hollow; an attacker's request is a triangle; a cross brings news of a failure; log records are purple, checks
//! and the like small and grey. What travels further than its own size in a frame leaves a streak over the way that it
//! came since the frame before: motion, not decoration. All of one sign is one path: two calls of the browser for
//! each, whatever their number.

use leptos::html;
use leptos::prelude::*;
pub use understudy_picture::flight::place;
use understudy_picture::flight::{COLOURS, SIGNS, Sign};
use understudy_sim::ids::RequestNumber;
use understudy_sim::view::Cargo;
use understudy_sim::{SimTime, Snapshot};
use wasm_bindgen::JsCast;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement};

use super::geometry::{Point, Size};
use super::layout::Layout;
use super::setting::Lit;
use super::view::View;
use crate::player::{Player, Run};
use crate::theme::Look;
use crate::theme::Theme;

/// More than this many would be a smear: beyond it a sample is drawn.
pub const MOST_DRAWN: usize = 600;
/// No sign is smaller than this on the screen.
const LEAST_RADIUS: f64 = 2.0;

/// How much larger something is that is lit up, and how faint all else is meanwhile.
const LIT: f64 = 1.6;
const UNLIT_ALPHA: f64 = 0.3;

/// Whether a sign stands for what is lit up.
const fn is_lit(sign: Sign, lit: Lit) -> bool {
    match lit {
        Lit::Reads => matches!(sign, Sign::Read | Sign::ReadReply),
        Lit::Writes => matches!(sign, Sign::Write | Sign::WriteReply),
        Lit::Replication => matches!(sign, Sign::Log),
        Lit::Probes => matches!(sign, Sign::Small),
        Lit::Failures => matches!(sign, Sign::Failure),
    }
}

/// Where in the palette these are.
const PAPER: usize = 5;
const INK: usize = 6;

/// The colours in force.
type Palette = [String; COLOURS.len()];

fn palette(canvas: &HtmlCanvasElement) -> Palette {
    let style = window().get_computed_style(canvas).ok().flatten();
    COLOURS.map(|name| {
        let value = style.as_ref().and_then(|style| style.get_property_value(name).ok());
        value.map_or_else(|| String::from("gray"), |value| value.trim().to_string())
    })
}

/// Signs of one frame by kind, each with where it was in the frame before, halfway, and is now. Used again and again.
type Batches = [Vec<[Point; 3]>; SIGNS.len()];

/// The layer on which everything moves.
pub fn canvas(
    run: Run,
    layout: Memo<Layout>,
    view: RwSignal<View>,
    size: ReadSignal<Option<Size>>,
    hidden: Memo<Vec<bool>>,
) -> impl IntoView {
    let (player, look) = (expect_context::<Player>(), expect_context::<Look>());
    let (calm, lit) = (player.calm, player.setting.lit);
    let node = NodeRef::<html::Canvas>::new();
    let colours = StoredValue::new_local(None::<(Theme, bool, Palette)>);
    let batches = StoredValue::new_local(Batches::default());
    let last = StoredValue::new_local(SimTime::ZERO);
    Effect::new(move |_| {
        let Some(canvas) = node.get() else { return };
        let (theme, dark, calm) = (look.theme.get(), look.dark.get(), calm.get());
        colours.update_value(|kept| {
            if kept.as_ref().is_none_or(|(of_theme, of_dark, _)| (*of_theme, *of_dark) != (theme, dark)) {
                *kept = Some((theme, dark, palette(&canvas)));
            }
        });
        let (view, size, lit) = (view.get(), size.get().unwrap_or_default(), lit.get());
        run.frame.with(|snapshot| {
            let since = last.get_value().min(snapshot.now);
            last.set_value(snapshot.now);
            let Some(context) = prepare(&canvas, size, view) else { return };
            if calm {
                return;
            }
            let followed = run.followed.with_untracked(|followed| followed.as_ref().map(|one| one.request));
            layout.with(|layout| {
                hidden.with(|hidden| {
                    batches.update_value(|batches| {
                        let halo = sort(batches, layout, hidden, snapshot, since, followed);
                        colours.with_value(|colours| {
                            if let Some((.., palette)) = colours {
                                Brush { context: &context, palette, zoom: view.zoom, lit }
                                    .draw(batches, &halo);
                            }
                        });
                    });
                });
            });
        });
    });
    view! { <canvas class="motion" node_ref=node aria-hidden="true"></canvas> }
}

/// Makes the canvas as large as the window in the screen's own pixels, empty, and seen as the drawing is.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a stage is some thousand pixels wide"
)]
fn prepare(canvas: &HtmlCanvasElement, size: Size, view: View) -> Option<CanvasRenderingContext2d> {
    let ratio = window().device_pixel_ratio();
    let (w, h) = ((size.w * ratio).round() as u32, (size.h * ratio).round() as u32);
    if (canvas.width(), canvas.height()) != (w, h) {
        canvas.set_width(w);
        canvas.set_height(h);
    }
    let context: CanvasRenderingContext2d = canvas.get_context("2d").ok()??.dyn_into().ok()?;
    context.set_transform(1.0, 0.0, 0.0, 1.0, 0.0, 0.0).ok()?;
    context.clear_rect(0.0, 0.0, f64::from(w), f64::from(h));
    let zoom = view.zoom * ratio;
    context.set_transform(zoom, 0.0, 0.0, zoom, view.corner.x * ratio, view.corner.y * ratio).ok()?;
    context.set_line_cap("round");
    Some(context)
}

/// Puts every flight into the batch of its sign. Answers where the request is that is followed.
fn sort(
    batches: &mut Batches,
    layout: &Layout,
    hidden: &[bool],
    snapshot: &Snapshot,
    since: SimTime,
    followed: Option<RequestNumber>,
) -> Vec<Point> {
    batches.iter_mut().for_each(Vec::clear);
    let halfway = SimTime::from_nanos(u64::midpoint(since.as_nanos(), snapshot.now.as_nanos()));
    let mut halo = Vec::new();
    for flight in &snapshot.flights {
        if hidden.get(flight.link.get()) == Some(&true) {
            continue;
        }
        let way = [since, halfway, snapshot.now].map(|at| place(layout, flight, at));
        batches[Sign::of(flight.cargo) as usize].push(way);
        if followed.is_some() && number(flight.cargo) == followed {
            halo.push(way[2]);
        }
    }
    halo
}

/// The number of the request that this belongs to.
pub const fn number(cargo: Cargo) -> Option<RequestNumber> {
    match cargo {
        Cargo::Request(number, _) | Cargo::Reply(number, ..) => Some(number),
        _ => None,
    }
}

struct Brush<'a> {
    context: &'a CanvasRenderingContext2d,
    palette: &'a Palette,
    zoom: f64,
    lit: Option<Lit>,
}

impl Brush<'_> {
    fn draw(&self, batches: &Batches, halo: &[Point]) {
        let context = self.context;
        let all = [
            Sign::Small,
            Sign::Log,
            Sign::ReadReply,
            Sign::WriteReply,
            Sign::Read,
            Sign::Write,
            Sign::Attack,
            Sign::Failure,
        ];
        for sign in all {
            let (radius, colour) = SIGNS[sign as usize];
            let is_lit = self.lit.map(|lit| is_lit(sign, lit));
            let radius = radius.max(LEAST_RADIUS / self.zoom) * if is_lit == Some(true) { LIT } else { 1.0 };
            let alpha = if is_lit == Some(false) { UNLIT_ALPHA } else { 1.0 };
            let ways = &batches[sign as usize];
            if ways.is_empty() {
                continue;
            }
            context.set_stroke_style_str(&self.palette[colour]);
            context.set_global_alpha(alpha);
            if sign == Sign::Failure {
                self.crosses(ways, radius);
            } else {
                self.streaks(ways, radius, alpha);
                context.set_fill_style_str(&self.palette[if sign.is_hollow() { PAPER } else { colour }]);
                context.set_line_width(1.6_f64.max(0.9 / self.zoom));
                context.begin_path();
                for [_, _, at] in ways {
                    match sign {
                        Sign::Attack => self.triangle(*at, radius),
                        _ if sign.is_diamond() => self.diamond(*at, radius),
                        _ => self.disc(*at, radius - 0.8),
                    }
                }
                context.fill();
                context.stroke();
            }
        }
        context.set_global_alpha(1.0);
        if !halo.is_empty() {
            context.set_stroke_style_str(&self.palette[INK]);
            context.set_line_width(1.8);
            context.begin_path();
            for at in halo {
                self.disc(*at, 10.0);
            }
            context.stroke();
        }
    }

    fn streaks(&self, ways: &[[Point; 3]], radius: f64, alpha: f64) {
        let context = self.context;
        context.set_global_alpha(0.25 * alpha);
        context.set_line_width(radius);
        context.begin_path();
        for [from, halfway, to] in ways {
            if from.distance(*to) > radius {
                context.move_to(from.x, from.y);
                context.line_to(halfway.x, halfway.y);
                context.line_to(to.x, to.y);
            }
        }
        context.stroke();
        context.set_global_alpha(alpha);
    }

    fn disc(&self, at: Point, radius: f64) {
        self.context.move_to(at.x + radius, at.y);
        let _ = self.context.arc(at.x, at.y, radius, 0.0, std::f64::consts::TAU);
    }

    fn diamond(&self, at: Point, arm: f64) {
        let context = self.context;
        context.move_to(at.x, at.y - arm);
        context.line_to(at.x + arm, at.y);
        context.line_to(at.x, at.y + arm);
        context.line_to(at.x - arm, at.y);
        context.close_path();
    }

    fn triangle(&self, at: Point, arm: f64) {
        let context = self.context;
        context.move_to(at.x, at.y - arm);
        context.line_to(at.x + arm * 0.87, at.y + arm * 0.6);
        context.line_to(at.x - arm * 0.87, at.y + arm * 0.6);
        context.close_path();
    }

    fn crosses(&self, ways: &[[Point; 3]], arm: f64) {
        let context = self.context;
        context.set_line_width(2.2_f64.max(1.4 / self.zoom));
        context.begin_path();
        for [_, _, at] in ways {
            context.move_to(at.x - arm, at.y - arm);
            context.line_to(at.x + arm, at.y + arm);
            context.move_to(at.x + arm, at.y - arm);
            context.line_to(at.x - arm, at.y + arm);
        }
        context.stroke();
    }
}
