//! A teacher's view: all labs with their steps, who is at which, and who is stuck where.

use maud::{Markup, PreEscaped, html};

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
    /// The last refusals, each with its account.
    pub refusal: Option<String>,
    /// Its accounts.
    pub accounts: Vec<AccountSeen>,
    /// Where to look at it.
    pub link: String,
}

/// An account of a lab, as a teacher sees it.
#[derive(Clone, Debug)]
pub struct AccountSeen {
    /// Its name.
    pub account: String,
    /// The steps that are its own: done or not.
    pub steps: Vec<bool>,
    /// The first that is not done, by its title.
    pub next: Option<String>,
    /// The code of its last refusal since it did something.
    pub refusal: Option<String>,
}

/// The document of labs; of one, with its picture.
pub fn teacher(language: Language, theme: Theme, labs: &[LabSeen], picture: Option<&str>) -> String {
    let say = |said: Said| language.say(said);
    let body = html! {
        div.class #page data-again="2000" {
            table.cards {
                thead { tr {
                    th scope="col" { (say(Said::Learner)) } th scope="col" { (say(Said::AllSteps)) }
                    th scope="col" { (say(Said::AtStep)) } th scope="col" { (say(Said::StuckOn)) }
                } }
                tbody { @for lab in labs {
                    tr id=(lab.lab) {
                        th scope="row" { a href=(lab.link) { (lab.lab) } @if let Some(learner) = &lab.learner { " " (learner) } }
                        td { (marks(&lab.steps)) }
                        td { (lab.next.clone().unwrap_or_else(|| say(Said::AllDone))) }
                        td { (lab.refusal.clone().unwrap_or_default()) }
                    }
                } }
            }
            @if let (Some(picture), [lab]) = (picture, labs) {
                table.cards #accounts {
                    thead { tr {
                        th scope="col" { (say(Said::AccountOf)) } th scope="col" { (say(Said::AllSteps)) }
                        th scope="col" { (say(Said::AtStep)) } th scope="col" { (say(Said::StuckOn)) }
                    } }
                    tbody { @for it in &lab.accounts {
                        tr id={ "account-" (it.account) } {
                            th scope="row" { (it.account) }
                            td { (marks(&it.steps)) }
                            td { (it.next.clone().unwrap_or_else(|| if it.steps.is_empty() { "–".into() } else { say(Said::AllDone) })) }
                            td { code { (it.refusal.clone().unwrap_or_default()) } }
                        }
                    } }
                }
                div.picture-box role="region" tabindex="0" aria-label=(say(Said::Picture)) { (PreEscaped(picture)) }
                p { a.button href="/t/" { (say(Said::Teacher)) } }
            }
        }
    };
    crate::document::plain(language, theme, &say(Said::Teacher), &body)
}

/// Steps, each done or not.
fn marks(steps: &[bool]) -> Markup {
    html! { span.marks { @for done in steps { span.done[*done] { (if *done { "✓" } else { "○" }) } } } }
}
