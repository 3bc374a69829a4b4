//! An audit in slices, for who has something else to do meanwhile: a page that must go on drawing.
//!
//! Long work asks between two pieces whether it is time to pause. In a [`Sliced`] audit that is so when the caller says
//! so, and the work goes on where it was with the next slice; elsewhere it never is, and the work is done at once.

use alloc::boxed::Box;
use core::future::{Future, poll_fn};
use core::pin::{Pin, pin};
use core::task::{Context, Poll, Waker};

use understudy_sim::plan::Mistake;
use understudy_sim::scenario::Scenario;

use crate::report::{Options, Report};

/// When to pause.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pauses(Option<fn() -> bool>);

impl Pauses {
    /// Never.
    pub(crate) const NONE: Self = Self(None);

    /// Pauses here if it is time to.
    pub(crate) async fn here(self) {
        if self.0.is_some_and(|is_due| is_due()) {
            let mut rested = false;
            poll_fn(|_| if core::mem::replace(&mut rested, true) { Poll::Ready(()) } else { Poll::Pending })
                .await;
        }
    }
}

/// Does work that never pauses.
pub(crate) fn at_once<T>(work: impl Future<Output = T>) -> T {
    match pin!(work).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(result) => result,
        Poll::Pending => unreachable!("it was told never to pause"),
    }
}

/// An audit that is under way.
pub struct Sliced(Pin<Box<dyn Future<Output = Result<Report, Mistake>>>>);

impl Sliced {
    /// The audit of a scenario, not begun yet. It pauses when `is_due` says so; the pieces between two questions are
    /// small.
    pub fn new(scenario: Scenario, options: Options, is_due: fn() -> bool) -> Self {
        Self(Box::pin(async move { Report::with_pauses(&scenario, &options, Pauses(Some(is_due))).await }))
    }

    /// Goes on until the next pause. The report when it is done, after which this must not be called again.
    pub fn go_on(&mut self) -> Option<Result<Report, Mistake>> {
        match self.0.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(report) => Some(report),
            Poll::Pending => None,
        }
    }
}
