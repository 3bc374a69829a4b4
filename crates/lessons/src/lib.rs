//! What a lesson asks of the simulator.
//!
//! A lesson is text with figures in it. A [`Figure`] is a scenario, a seed and what the reader may do; a [`Question`] is
//! asked before it runs (predict) or at the end (check). Both are read from JSON by the reader of scenario files, and
//! checked against the plan, so that whoever holds one knows that it makes sense.
//!
//! Numbers never stand in a lesson's text: it names a [`Fact`], and the simulator says what it is. A [`Condition`]
//! compares one with a number: when a caption is shown, when a question is answered. A [`Message`] is a sentence with
//! facts in it. All three are read once and then evaluated on a [`Scene`], which is one instant of a run.
//!
//! `docs/lessons.md` describes the format for those who write lessons.
#![no_std]

extern crate alloc;
#[cfg(test)]
extern crate std;

mod condition;
mod evaluate;
mod fact;
mod figure;
mod message;
mod number;
pub mod prepared;
mod question;
mod speed;

pub use condition::{Comparison, Condition, all_hold};
pub use evaluate::Scene;
pub use fact::{Fact, FactName, Of, Unit};
pub use figure::{Caption, Choice, Figure, FigureText, Step};
pub use message::Message;
pub use number::{UNKNOWN, grouped, written};
pub use question::{Answer, Question, QuestionText, Task};
pub use speed::Speed;
