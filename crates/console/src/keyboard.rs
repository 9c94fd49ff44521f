//! Keys that go to what a page has: each is one key without another, outside of fields, and each has a control that is seen.

use maud::html;

use crate::form::Page;
use crate::messages::Said;
use crate::view::View;

/// Keys, with what they go to. The page's script goes to the element with this `data-key`: it opens a link, and focuses a
/// button.
const KEYS: &[(&str, Said)] = &[
    ("h", Said::Home),
    ("m", Said::Menu),
    ("t", Said::Tutorial),
    ("n", Said::Network),
    ("l", Said::Log),
    ("i", Said::AskHint),
    ("p", Said::Ping),
    ("u", Said::Undo),
    ("?", Said::Keyboard),
];

/// All keys, and the switch that turns them off.
pub(crate) fn page(view: &View<'_>) -> Page {
    let body = html! {
        p { (view.say(Said::KeysGoTo)) }
        table.keys {
            thead { tr { th scope="col" { (view.say(Said::Key)) } th scope="col" { (view.say(Said::GoesTo)) } } }
            tbody { @for (key, said) in KEYS {
                tr { th scope="row" { kbd { (key) } } td { (view.say(said.clone())) } }
            } }
        }
        form method="post" action={ (view.base) "/settings" } {
            input type="hidden" name="token" value=(view.token);
            input type="hidden" name="to" value="/keyboard";
            @let (value, word) = if view.keys { ("off", Said::KeysOff) } else { ("on", Said::KeysOn) };
            button type="submit" name="keys" value=(value) { (view.say(word)) }
        }
    };
    Page::new(view.say(Said::Keyboard), body)
}
