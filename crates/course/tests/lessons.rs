//! The shipped lessons, held against the simulator: what the text says can be seen, and what it asks for can be done.

use understudy_course::{Course, FigureBlock, Held};
use understudy_lessons::{Figure, Scene, Task};
use understudy_sim::{SimDuration, SimTime};

use crate::directory::shipped;
use crate::explore::{explore, watch, when};

/// How long a reader watches a figure that runs by itself, beyond its `until`.
const WATCHED: SimDuration = SimDuration::from_secs(30);
/// How many things a reader has to do for a check at most.
const MOST_STEPS: usize = 3;

/// Wrong answers about what no run can show: yesterday's page.
const MOST_UNCHECKED: usize = 1;

/// All that is wrong, as one message.
fn nothing(wrong: &[String]) {
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Each figure with its lesson's file, for messages.
fn each_figure(course: &Course) -> impl Iterator<Item = (String, &FigureBlock)> {
    course.lessons.iter().flat_map(|lesson| {
        let file = &lesson.file;
        lesson
            .blocks
            .figures()
            .map(move |figure| (format!("{file}:{}: {}", figure.line, figure.id()), figure))
    })
}

#[test]
fn there_are_twelve_lessons_and_each_takes_about_four_minutes() {
    let course = shipped();
    assert_eq!(course.lessons.len(), 12);
    assert!(course.lessons.iter().all(|lesson| (3..=6).contains(&lesson.minutes)));
}

#[test]
fn every_caption_is_shown_at_some_time() {
    let course = shipped();
    let mut wrong = Vec::new();
    for (place, block) in each_figure(&course) {
        let figure = &block.figure;
        let mut seen = vec![false; figure.captions.len()];
        let mut look = |scene: &Scene<'_>| {
            if let Some(caption) = figure.caption(scene) {
                seen[caption] = true;
            }
            seen.iter().all(|seen| *seen)
        };
        // From the beginning of the run: the reader can go back there.
        let mut sim = figure.run_until(SimTime::ZERO);
        if !watch(&mut sim, figure.until + WATCHED, &mut look) {
            explore(figure, 2, &mut look);
        }
        let unseen = seen.iter().zip(0..).filter(|(seen, _)| !**seen);
        wrong.extend(unseen.map(|(_, caption)| format!("{place}: caption[{caption}] is never shown")));
    }
    nothing(&wrong);
}

#[test]
fn every_prediction_is_answered_by_the_run_and_not_before() {
    let course = shipped();
    let mut wrong = Vec::new();
    for lesson in &course.lessons {
        for predict in lesson.blocks.predictions() {
            let Task::Predict { figure, reveal, .. } = &predict.question.task else { continue };
            let place = format!("{}:{}", lesson.file, predict.line);
            let figure = &course.figure(figure).expect("it was checked").figure;
            if reveal.is_empty() {
                continue;
            }
            match when(figure, figure.starts_at, figure.until + WATCHED, reveal) {
                None => wrong.push(format!("{place}: the run never reveals the answer")),
                Some(at) if at <= figure.starts_at => {
                    wrong.push(format!("{place}: the answer is there before the figure runs"));
                }
                Some(_) => {}
            }
        }
    }
    nothing(&wrong);
}

/// Whether all that an answer says of the run is so; what names no instant is asked when the run has answered.
fn is_so(figure: &Figure, held: &[Held], answered_at: SimTime) -> bool {
    held.iter().all(|Held { at, condition }| {
        let sim = figure.run_until(at.unwrap_or(answered_at));
        let snapshot = sim.snapshot();
        understudy_lessons::all_hold(std::slice::from_ref(condition), &Scene::new(&sim, &snapshot))
    })
}

#[test]
fn the_right_answers_are_right_and_the_wrong_ones_wrong() {
    let course = shipped();
    let (mut wrong, mut unchecked) = (Vec::new(), 0);
    for lesson in &course.lessons {
        for predict in lesson.blocks.predictions() {
            let Task::Predict { figure, reveal, answers } = &predict.question.task else { continue };
            let figure = &course.figure(figure).expect("it was checked").figure;
            let revealed = when(figure, figure.starts_at, figure.until + WATCHED, reveal);
            let at = if reveal.is_empty() { figure.until } else { revealed.unwrap_or(figure.until) };
            for (answer, held) in answers.iter().zip(&predict.holds) {
                let place = format!("{}:{}: \"{}\"", lesson.file, predict.line, answer.text);
                if held.is_empty() {
                    unchecked += 1;
                    if answer.right {
                        wrong.push(format!("{place} is right, and nothing is held against the run"));
                    }
                    continue;
                }
                let holds = is_so(figure, held, at);
                if holds != answer.right {
                    wrong.push(format!("{place} {} so at {at}", if holds { "is" } else { "is not" }));
                }
            }
        }
    }
    nothing(&wrong);
    assert!(unchecked <= MOST_UNCHECKED, "{unchecked} answers are not held against the run");
}

#[test]
fn every_check_can_be_done_and_is_not_done_by_watching() {
    let course = shipped();
    let mut wrong = Vec::new();
    for lesson in &course.lessons {
        for check in lesson.blocks.checks() {
            let Task::Do { figure, done, .. } = &check.question.task else { continue };
            let place = format!("{}:{}: {}", lesson.file, check.line, check.question.id);
            let figure = &course.figure(figure).expect("it was checked").figure;
            if let Some(at) = when(figure, figure.starts_at, figure.until + WATCHED, done) {
                wrong.push(format!("{place}: it is done at {at}, and the reader did nothing"));
            }
            let mut look = |scene: &Scene<'_>| understudy_lessons::all_hold(done, scene);
            match explore(figure, MOST_STEPS, &mut look) {
                Some(steps) => println!("{place}: {}", steps.join(", ")),
                None => wrong
                    .push(format!("{place}: no {MOST_STEPS} things that the reader can do bring it about")),
            }
        }
    }
    nothing(&wrong);
}
