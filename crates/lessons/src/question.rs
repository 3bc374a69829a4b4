//! A question: one that is asked before a figure runs (predict), or one at the end of a lesson (check).
//!
//! A check is answered by choosing, or by doing something in a figure until its conditions hold.

use alloc::string::String;
use alloc::vec::Vec;

use borsh::{BorshDeserialize, BorshSerialize};
use understudy_sim::Plan;
use understudy_sim::fields::{Fields, FromJson, Reading};
use understudy_sim::json::Json;
use understudy_sim::plan::Mistake;

use crate::condition::Condition;
use crate::figure::Builder;

/// What a file says of a question.
#[derive(Clone, Debug)]
pub struct QuestionText {
    /// Its name, unique in a course; empty for a prediction.
    pub id: String,
    /// The figure that answers it, or in which something is to be done; empty for neither.
    pub figure: String,
    /// The question.
    pub question: String,
    /// When the figure's run has answered a prediction; none for when the figure is at its `until`.
    pub reveal: Vec<String>,
    /// When a check has been done.
    pub done: Vec<String>,
    /// What to try.
    pub hint: String,
    /// What is said when it was done.
    pub praise: String,
    /// What can be chosen.
    pub choices: Vec<Answer>,
}

/// One answer to choose.
#[derive(Clone, Debug, PartialEq, Eq, BorshDeserialize, BorshSerialize)]
pub struct Answer {
    /// What it says.
    pub text: String,
    /// Whether it is the right one.
    pub right: bool,
    /// Why it is right or wrong, in one sentence.
    pub why: String,
}

/// A question that makes sense.
#[derive(Clone, Debug, BorshDeserialize, BorshSerialize)]
pub struct Question {
    /// Its name; empty for a prediction, of which a figure has one.
    pub id: String,
    /// The question.
    pub question: String,
    /// How it is answered.
    pub task: Task,
}

/// How a question is answered.
#[derive(Clone, Debug, BorshDeserialize, BorshSerialize)]
pub enum Task {
    /// By choosing before the figure runs; the run reveals.
    Predict {
        /// The figure.
        figure: String,
        /// What can be chosen; one is right.
        answers: Vec<Answer>,
        /// When the run has answered; none for when the figure is at its `until`.
        reveal: Vec<Condition>,
    },
    /// By choosing.
    Choose {
        /// What can be chosen; one is right.
        answers: Vec<Answer>,
    },
    /// By doing something in a figure.
    Do {
        /// The figure.
        figure: String,
        /// When it is done.
        done: Vec<Condition>,
        /// What to try.
        hint: String,
        /// What is said when it was done.
        praise: String,
    },
}

impl FromJson for QuestionText {
    fn from_json(json: &Json, reading: &mut Reading) -> Self {
        let mut fields = Fields::of(json, reading);
        let question = Self {
            id: fields.or("id", String::new()),
            figure: fields.or("figure", String::new()),
            question: fields.required("question"),
            reveal: fields.or("reveal", Vec::new()),
            done: fields.or("done", Vec::new()),
            hint: fields.or("hint", String::new()),
            praise: fields.or("praise", String::new()),
            choices: fields.or("choice", Vec::new()),
        };
        fields.end();
        question
    }
}

impl FromJson for Answer {
    fn from_json(json: &Json, reading: &mut Reading) -> Self {
        let mut fields = Fields::of(json, reading);
        let answer = Self {
            text: fields.required("text"),
            right: fields.or("right", false),
            why: fields.required("why"),
        };
        fields.end();
        answer
    }
}

impl Question {
    /// Reads a question as a page has it, or says what is wrong with it first. `plan_of` finds the plan of a figure.
    pub fn read<'a>(json: &Json, plan_of: impl FnOnce(&str) -> Option<&'a Plan>) -> Result<Self, Mistake> {
        let text: QuestionText = Reading::whole(json)?;
        let plan = plan_of(&text.figure);
        Self::build(&text, plan).map_err(|mut mistakes| mistakes.swap_remove(0))
    }

    /// Checks what a file says, or says all that is wrong with it. `plan` is that of its figure.
    pub fn build(text: &QuestionText, plan: Option<&Plan>) -> Result<Self, Vec<Mistake>> {
        let mut mistakes = Vec::new();
        let task = task(text, plan, &mut Builder { mistakes: &mut mistakes });
        if mistakes.is_empty() {
            Ok(Self { id: text.id.clone(), question: text.question.clone(), task })
        } else {
            Err(mistakes)
        }
    }
}

fn task(text: &QuestionText, plan: Option<&Plan>, builder: &mut Builder<'_>) -> Task {
    let figure = text.figure.clone();
    let answers = text.choices.clone();
    if figure.is_empty() {
        check_answers(&answers, builder);
        if !text.done.is_empty() || !text.reveal.is_empty() {
            builder.note("figure", "conditions are of a figure; write which one, figure = \"...\"");
        }
        return Task::Choose { answers };
    }
    let Some(plan) = plan else {
        builder.note("figure", alloc::format!("there is no figure \"{figure}\" here"));
        return Task::Choose { answers };
    };
    if text.done.is_empty() {
        check_answers(&answers, builder);
        let reveal = builder.conditions("reveal", &text.reveal, plan);
        return Task::Predict { figure, answers, reveal };
    }
    if !answers.is_empty() {
        builder.note("choice", "it is answered by doing or by choosing; write \"done\" or choices, not both");
    }
    for (place, words) in [("hint", &text.hint), ("praise", &text.praise)] {
        if words.is_empty() {
            builder.note(place, "what is to be done needs a hint and praise; write a sentence for each");
        }
    }
    let done = builder.conditions("done", &text.done, plan);
    Task::Do { figure, done, hint: text.hint.clone(), praise: text.praise.clone() }
}

fn check_answers(answers: &[Answer], builder: &mut Builder<'_>) {
    if answers.len() < 2 {
        builder.note("choice", "there is too little to choose from; write two choices at least");
        return;
    }
    match answers.iter().filter(|answer| answer.right).count() {
        0 => builder.note("choice", "no choice is right; write right = true in one"),
        1 => {}
        _ => builder.note("choice", "more than one choice is right; keep one"),
    }
}

#[cfg(test)]
mod tests {
    use std::format;
    use std::vec;

    use super::*;
    use crate::figure::tests::plan;

    const CHOICES: &str =
        r#""choice": [{ "text": "a", "right": true, "why": "x" }, { "text": "b", "why": "y" }]"#;

    fn question(fields: &str) -> Result<Question, Vec<Mistake>> {
        let json =
            Json::parse(&format!("{{ \"question\": \"Why?\", {fields} }}")).expect("the test writes JSON");
        let text: QuestionText = Reading::whole(&json).map_err(|mistake| vec![mistake])?;
        let plan = plan();
        Question::build(&text, Some(&plan).filter(|_| text.figure == "one-dies"))
    }

    #[test]
    fn the_fields_say_how_a_question_is_answered() {
        let task = |fields: &str| question(fields).expect(fields).task;
        assert!(matches!(task(CHOICES), Task::Choose { answers } if answers.len() == 2));
        let predict = format!(r#""figure": "one-dies", "reveal": ["alive@web-2 = 0"], {CHOICES}"#);
        assert!(matches!(task(&predict), Task::Predict { reveal, .. } if reveal.len() == 1));
        let doing =
            r#""figure": "one-dies", "done": ["alive@web-2 = 0"], "hint": "Kill it.", "praise": "Dead.""#;
        assert!(matches!(task(doing), Task::Do { done, .. } if done.len() == 1));
    }

    #[test]
    fn what_is_wrong_is_named_by_its_place() {
        for (fields, place, problem) in [
            (r#""choice": []"#, "choice", "write two choices at least"),
            (
                r#""choice": [{ "text": "a", "why": "x" }, { "text": "b", "why": "y" }]"#,
                "choice",
                "no choice is right; write right = true in one",
            ),
            (
                r#""choice": [{ "text": "a", "right": true, "why": "x" }, { "text": "b", "right": true, "why": "y" }]"#,
                "choice",
                "more than one choice is right",
            ),
            (r#""choice": [{ "text": "a" }]"#, "choice[0]", "the field \"why\" is missing"),
            (r#""figure": "two-die""#, "figure", "there is no figure \"two-die\" here"),
            (
                r#""figure": "one-dies", "done": ["alive@web-2 = 0"], "hint": "x""#,
                "praise",
                "a hint and praise",
            ),
            (
                r#""figure": "one-dies", "done": ["alive@web-9 = 0"], "hint": "x", "praise": "y""#,
                "done[0]",
                "there is no node \"web-9\"",
            ),
        ] {
            let mistakes = question(fields).expect_err(fields);
            assert_eq!(mistakes[0].place, place, "{fields}");
            assert!(mistakes[0].problem.contains(problem), "{fields}: {}", mistakes[0].problem);
        }
    }
}
