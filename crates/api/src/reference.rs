//! The page of actions, generated from their rows.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::action::Action;
use crate::dialects::DIALECTS;

/// The names of the page's parts: a provider's each.
pub fn parts() -> Vec<&'static str> {
    DIALECTS.iter().map(|dialect| dialect.provider).collect()
}

/// A provider's actions as tables, one for each product.
pub fn part(provider: &str) -> Option<String> {
    let dialect = DIALECTS.into_iter().find(|dialect| dialect.provider == provider)?;
    let mut products: BTreeMap<usize, (&str, Vec<&Action>)> = BTreeMap::new();
    let mut order = Vec::new();
    for action in dialect.actions() {
        let at = order.iter().position(|product| *product == action.product).unwrap_or_else(|| {
            order.push(action.product);
            order.len() - 1
        });
        products.entry(at).or_insert_with(|| (action.product, Vec::new())).1.push(action);
    }
    let mut text = String::new();
    for (product, actions) in products.into_values() {
        let _ = writeln!(text, "**{product}**\n\n| action | operations | parameters | reply |\n|---|---|---|---|");
        for action in actions {
            let path = action.path.map(|(method, path)| format!("<br>`{method} {path}`")).unwrap_or_default();
            let operations: Vec<_> = action.operations.iter().map(|name| format!("`{name}`")).collect();
            let cell = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|");
            let (mut parameters, reply) = (cell(action.parameters), cell(action.reply));
            if !action.filters.is_empty() {
                let names: Vec<_> = action.filters.iter().map(|(name, _)| *name).collect();
                parameters.push_str(&format!("<br>filters: {}", names.join(", ")));
            }
            let operations = operations.join(" ");
            let _ = writeln!(text, "| {}{path} | {operations} | {parameters} | {reply} |", action.name);
        }
        text.push('\n');
    }
    Some(text.trim_end().to_owned())
}
