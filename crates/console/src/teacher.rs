//! A teacher's view: all labs with their steps, who is at which, and who is stuck where.

use maud::{PreEscaped, html};

use crate::language::Language;
use crate::messages::Said;
use crate::view::Theme;

/// A lab, as a teacher sees it.
#[derive(Clone, Debug)]
pub struct LabSeen {
    /// Its name.
    pub lab: String,
    /// Who works on it, if that is known.
    pub learner: Option<String>,
    /// Its steps: done or not.
    pub steps: Vec<bool>,
    /// The step that comes next, by its title and whose it is.
    pub next: Option<String>,
    /// The last refusal since something was done.
    pub refusal: Option<String>,
    /// Where to look at it.
    pub link: String,
}

/// The document of labs; of one, with its picture.
pub fn teacher(language: Language, theme: Theme, labs: &[LabSeen], picture: Option<&str>) -> String {
    let say = |said: Said| language.say(said);
    let body = html! {
        div.class #page {
            table.cards {
                thead { tr {
                    th scope="col" { (say(Said::Learner)) } th scope="col" { (say(Said::AllSteps)) }
                    th scope="col" { (say(Said::AtStep)) } th scope="col" { (say(Said::StuckOn)) }
                } }
                tbody { @for lab in labs {
                    tr id=(lab.lab) {
                        th scope="row" { a href=(lab.link) { (lab.lab) } @if let Some(learner) = &lab.learner { " " (learner) } }
                        td { span.marks { @for done in &lab.steps { span.done[*done] { (if *done { "✓" } else { "○" }) } } } }
                        td { (lab.next.clone().unwrap_or_else(|| say(Said::AllDone))) }
                        td { (lab.refusal.clone().unwrap_or_default()) }
                    }
                } }
            }
            @if let Some(picture) = picture {
                div.picture-box role="region" tabindex="0" aria-label=(say(Said::Picture)) { (PreEscaped(picture)) }
                p { a.button href="/t/" { (say(Said::Teacher)) } }
            }
        }
    };
    crate::document::plain(language, theme, &say(Said::Teacher), &body)
}
