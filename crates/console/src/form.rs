//! Forms: fields with the provider's words, the calls that they make, and why a call was refused, at its field.

use maud::{Markup, PreEscaped, html};

use crate::api::made;
use crate::api::made::PLACE;
use crate::cloud::{AccountName, ArgumentKind, Call, Cloud, GIVEN, Operation, OperationKind, typed};
use crate::editor::Editor;
use crate::field::{Control, Field};
use crate::messages::Said;
use crate::parts::error;
use crate::seen::Refused;
use crate::view::View;
use crate::words::Word;

/// A page of the provider's.
#[derive(Clone, Debug)]
pub struct Page {
    /// Its heading.
    pub heading: String,
    /// The page above it: its word and its path.
    pub above: Option<(String, String)>,
    /// What it shows.
    pub body: Markup,
    /// What it changes.
    pub form: Option<Form>,
}

impl Page {
    pub(crate) fn new(heading: impl Into<String>, body: Markup) -> Self {
        Page { heading: heading.into(), above: None, body, form: None }
    }

    pub(crate) fn of_form(heading: impl Into<String>, form: Form) -> Self {
        Page { form: Some(form), ..Page::new(heading, PreEscaped(String::new())) }
    }

    pub(crate) fn below(self, word: impl Into<String>, path: impl Into<String>) -> Self {
        Page { above: Some((word.into(), path.into())), ..self }
    }

    pub(crate) fn with(self, body: Markup) -> Self {
        Page { body, ..self }
    }
}

/// Where a form leads when it is done: a path, in which `{id}` is the id of what was made.
#[derive(Clone, Debug)]
pub struct Then(pub String);

/// A form.
#[derive(Clone, Debug)]
pub struct Form {
    /// Sentences above the fields.
    pub note: Vec<String>,
    /// Its fields.
    pub fields: Vec<Field>,
    /// Rows that are edited together.
    pub editor: Option<Editor>,
    /// The values that the form repeats beside it: a heading, then names and values.
    pub summary: Option<(String, Vec<(String, String)>)>,
    /// The button.
    pub submit: String,
    /// Whether something is deleted.
    pub danger: bool,
    /// The word of the way back, and its path.
    pub back: (String, String),
    /// Where it leads.
    pub then: Then,
    /// The calls that it makes, all or none.
    pub calls: Vec<Call>,
    /// What it asks the provider's API for afterwards, where no operation of a lab does it.
    pub asks: Vec<Ask>,
    /// Whether it is only shown again: another button was pressed.
    pub again: bool,
    /// Why it is not sent to the lab at all.
    pub wrong: Option<Refused>,
}

impl Form {
    pub(crate) fn new(submit: impl Into<String>, back: (impl Into<String>, impl Into<String>)) -> Self {
        let back = (back.0.into(), back.1.into());
        Form {
            note: Vec::new(),
            fields: Vec::new(),
            editor: None,
            summary: None,
            submit: submit.into(),
            danger: false,
            then: Then(back.1.clone()),
            back,
            calls: Vec::new(),
            asks: Vec::new(),
            again: false,
            wrong: None,
        }
    }

    /// The form of an operation, from its row in the table: what the page `gave`, and a field for each argument that is
    /// `asked`, by its field with the provider's word.
    pub(crate) fn of(
        view: &View<'_>,
        operation: &str,
        gave: &[(&str, &str)],
        asked: &[(&str, Word)],
        submit: Word,
        back: &str,
    ) -> Self {
        let arguments = OperationKind::named(operation).into_iter().flat_map(OperationKind::arguments);
        let of = |field: &str| arguments.clone().find(|argument| argument.field == field);
        let fields: Vec<_> =
            asked.iter().filter_map(|(name, word)| Some(Field::of_argument(view, of(name)?, *word))).collect();
        let place = |field: &Field| match (&*field.name, &*field.value) {
            ("name", "") => PLACE.to_owned(),
            (_, value) => value.to_owned(),
        };
        let given: Vec<_> = fields.iter().map(|field| (field.name.clone(), place(field))).collect();
        let own = given.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let texts: Vec<_> = own.chain(gave.iter().copied()).collect();
        let cancel = view.word(view.console.terms.cancel);
        Form::new(view.word(submit), (cancel, back)).call(operation, &texts).fields(fields)
    }

    /// The form that deletes a thing, of this id and name, from its list. It asks for a typed word where the provider's
    /// console does.
    pub(crate) fn deletion(view: &View<'_>, operation: &str, (id, name): (&str, &str), back: &str) -> Self {
        let t = &view.console.terms;
        let form = Form::of(view, operation, &[("name", id)], &[], t.delete, back).danger();
        form.note(view.say(crate::msg!(Said::WillDelete { name }))).typed(view, view.console.typed_to_delete)
    }

    /// Asks for this word before it does anything.
    pub(crate) fn typed(mut self, view: &View<'_>, word: Option<&'static str>) -> Self {
        let Some(word) = word else { return self };
        let said = crate::msg!(Said::TypeToConfirm { word });
        let field = Field::new(view, TYPED, view.say(said.clone()), Control::Text).of(&[TYPED]);
        if view.sent && field.value != word {
            let argument = Some(TYPED.to_owned());
            self.wrong = Some(Refused { code: None, message: said, hint: None, argument, call: 0 });
        }
        self.fields.push(field);
        self
    }

    pub(crate) fn call(mut self, operation: &str, texts: &[(&str, &str)]) -> Self {
        self.calls.push(made::call(operation, texts));
        self
    }

    pub(crate) fn calls(self, calls: Vec<Call>) -> Self {
        Form { calls, ..self }
    }

    pub(crate) fn fields(self, fields: Vec<Field>) -> Self {
        Form { fields, ..self }
    }

    pub(crate) fn then(self, then: impl Into<String>) -> Self {
        Form { then: Then(then.into()), ..self }
    }

    pub(crate) fn note(mut self, note: impl Into<String>) -> Self {
        self.note.push(note.into());
        self
    }

    pub(crate) fn danger(self) -> Self {
        Form { danger: true, ..self }
    }
}

/// A request of the provider's API.
#[derive(Clone, Debug)]
pub struct Ask {
    /// Its action.
    pub action: &'static str,
    /// Its parameters.
    pub parameters: Vec<(String, String)>,
    /// The same by the provider's own client.
    pub line: String,
}

impl Ask {
    /// The value of a parameter that is the id of what the form's calls made.
    pub const MADE: &str = "{made}";
}

/// The field at which a page shows an error of the provider's API.
pub const ASKED: &str = "asked";

/// The field of a word that is typed.
const TYPED: &str = "typed";

/// The form of a page, to be sent to the page's own address.
pub(crate) fn render(view: &View<'_>, form: &Form) -> Markup {
    let refused = view.refused;
    let at = refused.and_then(|refused| form.fields.iter().find(|field| refused.is_of(field.arguments)));
    html! {
        @if let Some(refused) = refused {
            div.alert #refused role="alert" tabindex="-1" {
                p { strong { (view.say(Said::NotDone)) } " " (view.say(&refused.message)) }
                @if let Some(code) = &refused.code { p { code { (code) } } }
                @if let Some(hint) = &refused.hint { p { (view.say(Said::ToDo)) (view.say(hint)) } }
                @if let Some(field) = at { p { a href={ "#" (field.id()) } { (field.label) } } }
            }
        }
        form.main #form method="post" action={ (view.base) (view.path) } {
            input type="hidden" name="token" value=(view.token);
            input type="hidden" name="form" value=(view.form);
            // Enter in a field means the button at the end, not the first one of a row.
            button.unseen type="submit" tabindex="-1" aria-hidden="true" { (form.submit) }
            @for note in &form.note { p.note { (note) } }
            div.columns[form.summary.is_some()] {
                div.fields {
                    @for field in &form.fields { (one(view, field, refused.filter(|it| it.is_of(field.arguments)))) }
                    @if let Some(editor) = &form.editor { (editor.render(view, refused)) }
                }
                @if let Some((word, rows)) = &form.summary {
                    section.summary aria-label=(word) {
                        h2 { (word) }
                        dl { @for (name, value) in rows { dt { (name) } dd { (value) } } }
                    }
                }
            }
            div.buttons {
                button.primary[!form.danger].danger[form.danger] type="submit" { (form.submit) }
                a.button href=(view.to(&form.back.1)) { (form.back.0) }
                @if !form.fields.is_empty() || form.editor.is_some() {
                    button.quiet.noscript type="submit" name="preview" value="1" { (view.say(Said::Preview)) }
                }
            }
        }
        (equivalents(view, &form.calls, &form.asks))
    }
}

fn one(view: &View<'_>, field: &Field, refused: Option<&Refused>) -> Markup {
    let when = field.when.map(|(name, values)| format!("{name}={}", values.join("|")));
    let id = field.id();
    let note = match &field.control {
        Control::Select(choices) => choices.iter().find(|it| it.value == field.value).map(|it| it.note.as_str()),
        _ => None,
    };
    let note = note.filter(|note| !note.is_empty()).unwrap_or(&field.note);
    let has_note = !note.is_empty() || matches!(field.control, Control::Select(_));
    let mut described = Vec::new();
    if has_note {
        described.push(format!("{id}-note"));
    }
    if refused.is_some() {
        described.push(format!("{id}-error"));
    }
    let described = Some(described.join(" ")).filter(|it| !it.is_empty());
    let invalid = refused.map(|_| "true");
    html! {
        div.field data-when=[when] {
            @match &field.control {
                Control::Text => {
                    label for=(id) { (field.label) }
                    input type="text" id=(id) name=(field.name) value=(field.value) autocomplete="off" spellcheck="false"
                        aria-describedby=[described] aria-invalid=[invalid];
                }
                Control::Select(choices) => {
                    label for=(id) { (field.label) }
                    select id=(id) name=(field.name) aria-describedby=[described] aria-invalid=[invalid] {
                        @if !choices.iter().any(|it| it.value == field.value) {
                            option value="" selected { (view.say(Said::Choose)) }
                        }
                        @for choice in choices {
                            option value=(choice.value) selected[choice.value == field.value]
                                data-note=[Some(&choice.note).filter(|it| !it.is_empty())] { (choice.label) }
                        }
                    }
                }
                Control::Radios(choices) | Control::Checks(choices) => {
                    @let several = matches!(field.control, Control::Checks(_));
                    fieldset id=(id) aria-describedby=[described] aria-invalid=[invalid] {
                        legend { (field.label) }
                        @for choice in choices {
                            @let chosen = match several {
                                true => field.value.split(' ').any(|it| it == choice.value),
                                false => choice.value == field.value,
                            };
                            span.choice {
                                label {
                                    input type=(if several { "checkbox" } else { "radio" }) name=(field.name)
                                        value=(choice.value) checked[chosen];
                                    (choice.label)
                                }
                                @if !choice.note.is_empty() { span.faint { (choice.note) } }
                            }
                        }
                        @if choices.is_empty() { span.faint { (view.say(Said::NothingToChoose)) } }
                    }
                }
                Control::Fixed => {
                    span.label { (field.label) }
                    span.fixed { (field.shown.as_ref().unwrap_or(&field.value)) }
                    @if !field.name.is_empty() { input type="hidden" name=(field.name) value=(field.value); }
                }
            }
            @if has_note { p.faint id={ (id) "-note" } data-note=(field.note) { (note) } }
            @if let Some(refused) = refused { (error(view, &format!("{id}-error"), refused)) }
        }
    }
}

/// The call with the name and id of the lab's next step that makes such a thing; else, where it has no name, with a new
/// id, which is its name too.
pub(crate) fn named(view: &View<'_>, call: &Call) -> Call {
    with_name(view.cloud, view.account, view.awaited, view.number, call)
}

/// The same, of a lab whose turn it is.
pub fn with_name(cloud: &Cloud, account: &AccountName, awaited: &[Operation], number: usize, call: &Call) -> Call {
    let unnamed = call.arguments().find_map(|(argument, texts)| match argument.kind {
        ArgumentKind::New(kind) if texts.iter().any(|text| text == made::PLACE) => Some(kind),
        _ => None,
    });
    let Some(kind) = unnamed else { return call.clone() };
    made::awaited(cloud, account, call, awaited).unwrap_or_else(|| {
        let id = cloud.fresh_id(kind, &format!("{number} {account}"));
        made::with_id(call, kind, &id)
    })
}

/// The same calls at the other doors.
#[derive(Clone, Debug)]
pub struct Equivalent {
    /// The door: `peerlab`, or the provider's own client.
    pub door: &'static str,
    /// Its lines.
    pub lines: Vec<String>,
}

fn doors(view: &View<'_>, calls: &[Call]) -> Vec<Equivalent> {
    let calls: Vec<_> = calls.iter().map(|call| placed(&named(view, call))).collect();
    let peerlab = calls.iter().map(|call| format!("peerlab api --as {} {call}", quoted(view.account.as_str())));
    let mut doors = vec![Equivalent { door: "peerlab", lines: peerlab.collect() }];
    let operations: Vec<_> = calls.iter().map(|call| typed(view.account, call.clone())).collect();
    if let Some(client) = view.client() {
        let lines = view.cloud.as_lines(client, &operations);
        // What it cannot say, for lack of a value or for good, would be a comment.
        if lines.iter().any(|line| !line.starts_with("# ")) {
            doors.push(Equivalent { door: client.name, lines });
        }
    }
    let json = calls.iter().map(json);
    doors.push(Equivalent { door: "JSON", lines: json.collect() });
    doors
}

fn quoted(text: &str) -> String {
    shell_words::quote(text).into_owned()
}

/// The call with placeholders for what is not given yet.
fn placed(call: &Call) -> Call {
    let placed = call.with(|argument, texts| match texts {
        [text] if text.is_empty() && argument.required => vec![format!("<{}>", argument.placeholder())],
        texts => texts.to_vec(),
    });
    placed.unwrap_or_else(|| call.clone())
}

/// A call as the provider's API has it: its action and the arguments.
fn json(call: &Call) -> String {
    let arguments = call.arguments().filter(|(_, texts)| !texts.is_empty()).map(|(argument, texts)| {
        let texts: Vec<_> = texts.iter().filter(|text| *text != GIVEN || argument.kind != ArgumentKind::Flag).collect();
        format!("{:?}: {:?}", argument.name(), texts.iter().map(|it| it.as_str()).collect::<Vec<_>>().join(" "))
    });
    format!("{{\"operation\": {:?}, {}}}", call.name(), arguments.collect::<Vec<_>>().join(", "))
}

/// The same calls by `peerlab api` and the provider's own client, to copy.
pub fn equivalents(view: &View<'_>, calls: &[Call], asks: &[Ask]) -> Markup {
    let doors = match asks.is_empty() {
        true => doors(view, calls),
        false => {
            let lines = asks.iter().map(|ask| ask.line.clone()).collect();
            vec![Equivalent { door: view.client().map_or("", |it| it.name), lines }]
        }
    };
    html! {
        section.calls #calls {
            @if !calls.is_empty() || !asks.is_empty() {
                h2 { (view.say(Said::EquivalentCall)) }
                @for Equivalent { door, lines } in doors {
                    div.call {
                        span.door { (door) }
                        pre tabindex="0" aria-label=(door) { code { (lines.join("\n")) } }
                        button.copy.script type="button" data-copy=(lines.join("\n"))
                            aria-label={ (view.say(Said::Copy)) " " (door) } { (view.say(Said::Copy)) }
                    }
                }
            }
        }
    }
}
