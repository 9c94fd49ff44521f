//! Rows that are edited together: the entries of a route table, the rules of a group or of an ACL. Saved all or none.

use maud::{Markup, html};

use crate::choices::Choice;
use crate::messages::Said;
use crate::parts::error;
use crate::seen::Refused;
use crate::view::View;

/// The rows.
#[derive(Clone, Debug)]
pub struct Editor {
    /// What is edited.
    pub label: String,
    /// Their columns.
    pub columns: Vec<Column>,
    /// The values of each row.
    pub rows: Vec<Row>,
    /// Rows that cannot be changed, above them.
    pub fixed: Vec<Vec<String>>,
    /// The button that adds a row.
    pub add: String,
    /// The button that removes one.
    pub remove: String,
}

/// A row.
#[derive(Clone, Debug)]
pub struct Row {
    /// By which the form tells it from others.
    pub number: usize,
    /// Its values, by column.
    pub values: Vec<String>,
    /// The places of its calls among those of the form.
    pub calls: Vec<usize>,
}

/// A column.
#[derive(Clone, Debug)]
pub struct Column {
    /// Its name in the form.
    pub name: &'static str,
    /// Its heading, and the name of its fields.
    pub label: String,
    /// What can be chosen; empty: it is typed.
    pub choices: Vec<Choice>,
    /// The arguments that it is for.
    pub arguments: &'static [&'static str],
    /// The value of a new row.
    pub usual: &'static str,
    /// The column whose value some of the choices decide, which is then their note.
    pub decides: Option<&'static str>,
    /// What is suggested while one types.
    pub suggested: Vec<Choice>,
}

impl Column {
    pub(crate) fn typed(name: &'static str, label: &str, arguments: &'static [&'static str]) -> Self {
        Column {
            name,
            label: label.to_owned(),
            choices: Vec::new(),
            arguments,
            usual: "",
            decides: None,
            suggested: Vec::new(),
        }
    }

    pub(crate) fn chosen(
        name: &'static str,
        label: &str,
        choices: Vec<Choice>,
        arguments: &'static [&'static str],
    ) -> Self {
        Column { choices, ..Column::typed(name, label, arguments) }
    }

    pub(crate) fn usual(self, usual: &'static str) -> Self {
        Column { usual, ..self }
    }
}

/// The rows of the form: those that were sent, as its buttons changed them; else `there`. Whether it is only shown again.
pub(crate) fn rows(view: &View<'_>, columns: &[Column], there: Vec<Vec<String>>) -> (Vec<Row>, bool) {
    let row = |(number, values)| Row { number, values, calls: Vec::new() };
    let mut rows: Vec<Row> = match view.sent {
        true => view
            .given
            .all("row")
            .filter_map(|number| number.parse().ok())
            .map(|number: usize| {
                let value = |column: &Column| view.given.text(&format!("{}.{number}", column.name)).to_owned();
                row((number, columns.iter().map(value).collect()))
            })
            .collect(),
        false => there.into_iter().enumerate().map(row).collect(),
    };
    let mut again = false;
    if let Some(gone) = view.given.after("remove.").filter(|_| view.sent) {
        rows.retain(|row| row.number.to_string() != gone);
        again = true;
    }
    if view.given.get("add").is_some() {
        let number = rows.iter().map(|row| row.number + 1).max().unwrap_or_default();
        rows.push(row((number, columns.iter().map(|column| column.usual.to_owned()).collect())));
        again = true;
    }
    (rows, again)
}

impl Editor {
    pub(crate) fn render(&self, view: &View<'_>, refused: Option<&Refused>) -> Markup {
        html! {
            div.scroll role="region" tabindex="0" aria-label=(self.label) {
                table.editor {
                    thead {
                        tr {
                            @for column in &self.columns { th scope="col" { (column.label) } }
                            th scope="col" { span.unseen { (view.say(Said::Actions)) } }
                        }
                    }
                    tbody {
                        @for values in &self.fixed {
                            tr { @for value in values { td { (value) } } td {} }
                        }
                        @for row in &self.rows { (self.row(view, row, refused)) }
                    }
                }
            }
            @for column in self.columns.iter().filter(|it| !it.suggested.is_empty()) {
                datalist id={ "s-" (column.name) } { @for it in &column.suggested { option value=(it.value) { (it.label) } } }
            }
            p { button type="submit" name="add" value="1" formnovalidate { (self.add) } }
        }
    }

    fn row(&self, view: &View<'_>, row: &Row, refused: Option<&Refused>) -> Markup {
        let refused = refused.filter(|it| row.calls.contains(&it.call));
        let known = |refused: &&Refused| {
            let argument = refused.argument.as_deref();
            self.columns.iter().any(|column| argument.is_some_and(|it| column.arguments.contains(&it)))
        };
        html! {
            tr #{ "row-" (row.number) } {
                @for (index, (column, value)) in self.columns.iter().zip(&row.values).enumerate() {
                    @let name = format!("{}.{}", column.name, row.number);
                    @let is_wrong = |refused: &Refused| refused.argument.as_deref().is_some_and(|it| column.arguments.contains(&it));
                    @let wrong = refused.filter(|it| is_wrong(it) || index == 0 && !known(it));
                    @let id = format!("f-{}-{}", column.name, row.number);
                    @let invalid = wrong.map(|_| "true");
                    @let described = wrong.map(|_| format!("{id}-error"));
                    td {
                        @if index == 0 { input type="hidden" name="row" value=(row.number); }
                        @match column.choices.is_empty() {
                            true => {
                                @let list = (!column.suggested.is_empty()).then(|| format!("s-{}", column.name));
                                input type="text" id=(id) name=(name) value=(value) aria-label=(column.label) autocomplete="off" list=[list]
                                    spellcheck="false" aria-invalid=[invalid] aria-describedby=[described];
                            }
                            false => {
                                select id=(id) name=(name) data-decides=[column.decides] aria-label=(column.label) aria-invalid=[invalid]
                                    aria-describedby=[described] {
                                    @if !column.choices.iter().any(|it| it.value == *value) {
                                        option value=(value) selected {
                                            @if value.is_empty() { (view.say(Said::Choose)) } @else { (value) }
                                        }
                                    }
                                    @for choice in &column.choices {
                                        @let decided = Some(&choice.note).filter(|it| column.decides.is_some() && !it.is_empty());
                                        option value=(choice.value) selected[choice.value == *value] data-decided=[decided] { (choice.label) }
                                    }
                                }
                            }
                        }
                        @if let Some(refused) = wrong { (error(view, &format!("{id}-error"), refused)) }
                    }
                }
                td { button type="submit" name={ "remove." (row.number) } value="1" formnovalidate { (self.remove) } }
            }
        }
    }
}
