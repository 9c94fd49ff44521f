//! The terminal of an instance: a screen that the server keeps, and a field for those without the page's script.

use maud::{Markup, PreEscaped, html};

use crate::cloud::Instance;
use crate::form::Page;
use crate::messages::Said;
use crate::view::View;

/// A screen.
#[derive(Clone, Debug, Default)]
pub struct Screen {
    /// Its rows as HTML.
    pub rows: Vec<String>,
    /// Whether the shell has ended.
    pub ended: bool,
}

/// The page of an instance's terminal; the screen comes by the page's script, or with the answer to a command.
pub(crate) fn page(view: &View<'_>, instance: &Instance) -> Option<Page> {
    let t = &view.console.terms;
    let list = "/compute/instances";
    let path = format!("{list}/{}/terminal", instance.id);
    let heading = view.say(crate::msg!(Said::TerminalOf { instance: &instance.name }));
    let body = html! {
        div.terminal #terminal data-path={ (view.base) (path) } {
            div.screen.script #screen role="log" aria-label=(view.say(Said::Screen)) tabindex="0" {}
            div.script {
                div.tools {
                    label for="keys" { (view.say(Said::Keys)) }
                    textarea #keys rows="1" autocomplete="off" autocapitalize="off" spellcheck="false" {}
                    button.small type="button" #reconnect { (view.say(Said::Reconnect)) }
                }
            }
            form.tools method="post" action={ (view.base) (path) } {
                input type="hidden" name="token" value=(view.token);
                label for="command" { (view.say(Said::Command)) }
                input #command name="command" type="text" value=(view.given.text("command")) autocomplete="off" spellcheck="false" size="40";
                button.primary type="submit" { (view.say(Said::Run)) }
            }
            (pings(view, instance, &path))
            (view.output.map(output).unwrap_or_else(|| PreEscaped(String::new())))
        }
    };
    Some(Page::new(heading, body).below(view.word(t.instances), list))
}

/// A ping of another instance, from this one.
fn pings(view: &View<'_>, instance: &Instance, path: &str) -> Markup {
    let others: Vec<_> = view.cloud.instances().filter(|it| it.id != instance.id).collect();
    html! {
        @if !others.is_empty() {
            form.tools method="post" action={ (view.base) (path) } {
                input type="hidden" name="token" value=(view.token);
                label for="ping-to" { (view.say(Said::To)) }
                select #ping-to name="command" {
                    @for it in others { @let command = format!("ping -c 3 -W 1 {}", it.ip);
                        option value=(command) selected[view.given.text("command") == command] { (it.name) " " (it.ip) }
                    }
                }
                button type="submit" { (view.say(Said::Ping)) }
            }
        }
    }
}

fn output(text: &str) -> Markup {
    html! { pre.output tabindex="0" role="log" { (text) } }
}
