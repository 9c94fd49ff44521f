//! The whole document: the bar, the provider's menu, the page, the tutorial and the network beside it.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::assets::{SCRIPT, STYLE, address, icon};
use crate::form::{self, Page};
use crate::language::Language;
use crate::messages::Said;
use crate::provider::Group;
use crate::view::{Theme, View};
use crate::{network, tutorial};

/// The document of a page.
pub fn document(view: &View<'_>, page: &Page) -> String {
    let title = format!("{} · {} · {}", view.account, page.heading, view.lab);
    let colour = view.colour(view.account);
    let has_region = page.form.as_ref().is_some_and(|form| form.fields.iter().any(|it| it.name.ends_with("region")));
    let body = html! {
        a.skip href="#work" { (view.say(Said::SkipToWork)) }
        a.skip href="#tutorial" { (view.say(Said::SkipToTutorial)) }
        a.skip href="#network" { (view.say(Said::SkipToNetwork)) }
        (bar(view, has_region))
        div.desk {
            (menu(view))
            main #work tabindex="-1" {
                div #page {
                    @if let Some((word, path)) = &page.above { p.above { a href=(view.to(path)) { "← " (word) } } }
                    h1 { (page.heading) }
                    @if let (Some(refused), None) = (view.refused, &page.form) { div.alert role="alert" { p { (view.say(&refused.message)) } } }
                    @match &page.form {
                        // What the form is about stands above it.
                        Some(form) => { (page.body) (form::render(view, form)) }
                        None => { (page.body) }
                    }
                }
                @if page.form.is_none() { footer.latest #latest { (latest(view)) } }
            }
            div.side {
                aside #tutorial aria-labelledby="tutorial-title" { (tutorial::pane(view)) }
                aside #network aria-labelledby="network-title" { (network::pane(view)) }
            }
        }
        p #news.news role="status" aria-live="polite" {}
        p #lost.lost role="status" hidden { (view.say(Said::Lost)) }
        nav.dock aria-label=(view.say(Said::Menu)) {
            a href="#work" { (view.say(Said::Console)) }
            a href="#tutorial" { (view.say(Said::Tutorial)) }
            a href="#network" { (view.say(Said::Network)) }
            a href=(view.to("/compute/instances")) { (view.say(Said::Terminal)) }
        }
    };
    let classes = format!("account-{colour}");
    let data = html! {
        body class=(classes) data-base=(view.base) data-mark=(view.mark) data-token=(view.token) data-changed=(view.say(Said::SomethingChanged))
            data-show=(view.say(Said::Show)) data-keys=[view.keys.then_some("on")] { (body) }
    };
    whole(view.language, view.theme, &title, &icon(colour), &data)
}

/// What was done last; what is one's own can be undone.
fn latest(view: &View<'_>) -> Markup {
    html! {
        @if let Some(done) = view.log.last() {
            span #latest-done { (view.say(Said::Latest)) " " (crate::account::done(done)) }
            @if done.is_own {
                " "
                form.inline method="post" action={ (view.base) "/undo" } {
                    input type="hidden" name="token" value=(view.token);
                    input type="hidden" name="number" value=(done.number);
                    input type="hidden" name="back" value=(view.path);
                    button.small type="submit" aria-describedby="latest-done" data-key="u" { (view.say(Said::Undo)) }
                }
            }
        }
    }
}

/// A document for somebody who is not signed in, or a page that is not there.
pub fn problem(
    language: Language,
    theme: Theme,
    heading: &str,
    sentences: &[String],
    link: Option<(&str, &str)>,
) -> String {
    let body = html! {
        body.plain {
            main {
                h1 { (heading) }
                @for sentence in sentences { p { (sentence) } }
                @if let Some((word, to)) = link { p { a.button href=(to) { (word) } } }
            }
        }
    };
    whole(language, theme, heading, &icon(6), &body)
}

/// The answer to a link by which somebody signs in. A cookie for this site only is not sent with a redirect that follows
/// a link of another site, so it is a page that leads on by itself.
pub fn signed_in_as(language: Language, theme: Theme, account: &str, to: &str) -> String {
    let heading = language.say(Said::SigningIn);
    let said = language.say(crate::msg!(Said::SignedInAs { account }));
    let body = html! {
        body.plain {
            main {
                h1 { (heading) }
                p { (said) }
                p { a.button href=(to) { (language.say(Said::GoOn)) } }
            }
        }
    };
    let refresh = html! { meta http-equiv="refresh" content={ "0;url=" (to) }; };
    whole_with(language, theme, &heading, &icon(0), &body, &refresh)
}

/// A document without an account.
pub(crate) fn plain(language: Language, theme: Theme, heading: &str, content: &Markup) -> String {
    let body = html! { body.plain { main { h1 { (heading) } (content) } } };
    whole(language, theme, heading, &icon(6), &body)
}

fn whole(language: Language, theme: Theme, title: &str, icon: &str, body: &Markup) -> String {
    whole_with(language, theme, title, icon, body, &PreEscaped(String::new()))
}

fn whole_with(language: Language, theme: Theme, title: &str, icon: &str, body: &Markup, head: &Markup) -> String {
    let lang = match language {
        Language::Chinese => "zh-CN",
        Language::English => "en",
    };
    let theme = (theme != Theme::System).then(|| theme.word());
    let document = html! {
        (DOCTYPE)
        html lang=(lang) data-theme=[theme] {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content=(theme.unwrap_or("light dark"));
                title { (title) }
                link rel="stylesheet" href=(address(&STYLE));
                link rel="icon" href=(icon);
                script src=(address(&SCRIPT)) defer {}
                (head)
            }
            (body)
        }
    };
    document.into_string()
}

fn bar(view: &View<'_>, has_region: bool) -> Markup {
    let region = view.region();
    html! {
        header.bar {
            a.lab href=(view.to("/")) data-key="h" { (view.lab) }
            details.menu #products {
                summary data-key="m" { (view.word(view.console.products)) }
                div.items {
                    @for (word, path) in products(view) { a href=(view.to(path)) { (word) } }
                    a href=(view.to("/account")) { (view.word(view.console.terms.account_center)) }
                    a href=(view.to("/log")) data-key="l" { (view.say(Said::Log)) }
                    a href=(view.to("/keyboard")) data-key="?" { (view.say(Said::Keyboard)) }
                }
            }
            @if has_region {
                span.region { (view.region_name(&region)) " " code.faint { (region) } }
            } @else {
                form.region method="get" action={ (view.base) (view.path) } {
                    label for="region" { (view.word(view.console.terms.region)) }
                    select #region name="region" aria-describedby="region-id" {
                        @for (id, name) in view.regions() { option value=(id) selected[id == region] { (name) } }
                    }
                    code.faint #region-id { (region) }
                    button.small.noscript type="submit" { (view.say(Said::Go)) }
                }
            }
            span.space {}
            a.who href=(view.to("/account")) {
                strong { (view.account) } " " code { (view.account_id(view.account)) }
            }
            form.settings method="post" action={ (view.base) "/settings" } aria-label=(view.say(Said::Settings)) {
                input type="hidden" name="token" value=(view.token);
                input type="hidden" name="to" value={ (view.path) };
                button type="submit" name="language" value="zh" lang="zh-CN" aria-pressed=(pressed(view.language == Language::Chinese)) { "中文" }
                button type="submit" name="language" value="en" lang="en" aria-pressed=(pressed(view.language == Language::English)) { "English" }
                @let (next, word) = match view.theme {
                    Theme::System => (Theme::Dark, Said::ThemeSystem),
                    Theme::Dark => (Theme::Light, Said::ThemeDark),
                    Theme::Light => (Theme::System, Said::ThemeLight),
                };
                button type="submit" name="theme" value=(next.word()) { (view.say(Said::Theme)) ": " (view.say(word)) }
            }
        }
    }
}

fn pressed(is: bool) -> &'static str {
    if is { "true" } else { "false" }
}

fn products<'v>(view: &View<'v>) -> Vec<(&'static str, &'static str)> {
    let first = |group: &Group| Some((view.word(group.product?), group.items.first()?.path));
    view.console.menu.iter().filter_map(first).collect()
}

fn menu(view: &View<'_>) -> Markup {
    let here = view.console.item(view.path).map(|(_, item)| item.path);
    html! {
        nav.side-menu #menu aria-label=(products(view).first().map_or("", |(word, _)| word)) {
            // On a phone the page's script folds it.
            details.fold #fold open {
                summary { "☰ " (view.say(Said::Menu)) }
                div.groups {
                    @for group in view.console.menu {
                        div.group {
                            p.group-word {
                                a href=(view.to(group.items.first().map_or("/", |item| item.path))) { (view.word(group.word)) }
                                @if group.earlier { " " span.earlier { (view.say(Said::Earlier)) } }
                            }
                            ul {
                                @for item in group.items.iter().filter(|item| item.word != group.word) {
                                    li { a href=(view.to(item.path)) aria-current=[(here == Some(item.path)).then_some("page")] { (view.word(item.word)) } }
                                }
                            }
                        }
                    }
                    div.group {
                        p.group-word { a href=(view.to("/account")) { (view.word(view.console.terms.account_center)) } }
                    }
                }
            }
        }
    }
}
