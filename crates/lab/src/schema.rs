//! The lab file as a JSON Schema, for editors: keys, types, required keys, and keywords.
//!
//! It is generated from [`keys`](super::keys). Errors that need the whole file or the cloud (unknown names, overlapping
//! blocks) are left to `validate`.

use serde_json::{Map, Value, json};

use super::keys::Needed::Required;
use super::keys::Takes::{Boolean, Matching, Named, Number, Provider, Table, Tables, Text, TextOrTexts, Texts, Word};
use super::keys::{Key, NAME, TableKind, Takes, tables};
use crate::cloud;
use crate::cloud::table::{FamilyTable, Varies};
use crate::flow::{Disposition, Reason};

/// The JSON Schema (draft 7, which TOML editors support best).
pub fn schema() -> Value {
    let mut definitions: Map<String, Value> =
        tables().iter().map(|table| (table.name.to_owned(), object(table))).collect();
    let mut file = definitions.remove("file").unwrap_or_default();
    file["$schema"] = json!("http://json-schema.org/draft-07/schema#");
    file["title"] = json!("peerlab lab file");
    file["allOf"] = json!(whole_file());
    file["definitions"] = Value::Object(definitions);
    file
}

fn object(table: &TableKind) -> Value {
    let properties: Map<String, Value> = table.keys.iter().map(|key| (key.0.to_owned(), property(key))).collect();
    let required: Vec<_> = table.keys.iter().filter(|key| key.2 == Required).map(|key| key.0).collect();
    let mut object = json!({
        "description": table.about,
        "type": "object",
        "properties": properties,
        "additionalProperties": false,
    });
    if !required.is_empty() {
        object["required"] = json!(required);
    }
    match table.name {
        "rule" | "acl_rule" => object["oneOf"] = json!([{ "required": ["from"] }, { "required": ["to"] }]),
        "check" => {
            let tcp = json!({ "properties": {
                "protocol": { "pattern": "^[Tt][Cc][Pp]/" }, "expect": { "pattern": in_any_case(&["reach"]) }, "because": false,
            } });
            let drops = json!({ "properties": { "expect": { "pattern": in_any_case(&["drop"]) } } });
            object["anyOf"] = json!([{ "required": ["expect"] }, { "required": ["bandwidth"] }]);
            object["dependencies"] = json!({ "bandwidth": tcp, "because": drops });
        }
        _ => {}
    }
    object
}

fn property(Key(_, takes, _, about): &Key) -> Value {
    let named = |kind: &str| json!({ "$ref": format!("#/definitions/{kind}") });
    let mut property = match takes {
        Text => json!({ "type": "string" }),
        Matching(pattern) => json!({ "type": "string", "pattern": pattern }),
        Word(words) => word(words),
        Provider => word(&cloud::Provider::ALL.map(|provider| provider.name)),
        Takes::Reason => word(&reasons()),
        Number => json!({ "type": ["integer", "string"] }),
        Boolean => json!({ "type": "boolean" }),
        Texts => json!({ "type": "array", "items": { "type": "string" } }),
        TextOrTexts => json!({ "type": ["string", "array"], "items": { "type": "string" }, "minItems": 1 }),
        Takes::Some(words) => json!({ "type": "array", "items": word(words) }),
        // Draft 7 ignores everything beside a $ref.
        Table(kind) => json!({ "allOf": [named(kind)] }),
        Tables(kind) => json!({ "type": "array", "items": named(kind) }),
        Named(kind) => json!({
            "type": "object",
            "propertyNames": { "pattern": NAME, "not": { "const": "internet" } },
            "additionalProperties": named(kind),
        }),
    };
    property["description"] = json!(about);
    property
}

/// One of these words, in any case. An editor proposes the first alternative and accepts both.
fn word<T: AsRef<str>>(words: &[T]) -> Value {
    let words: Vec<_> = words.iter().map(AsRef::as_ref).collect();
    json!({ "type": "string", "anyOf": [{ "enum": words }, { "pattern": in_any_case(&words) }] })
}

/// A pattern for any case, because JSON Schema's patterns have no flags.
fn in_any_case(words: &[&str]) -> String {
    let letter = |c: char| match c.is_ascii_lowercase() {
        true => format!("[{}{c}]", c.to_ascii_uppercase()),
        false => c.to_string(),
    };
    let words: Vec<String> = words.iter().map(|word| word.chars().map(letter).collect()).collect();
    format!("^({})$", words.join("|"))
}

fn reasons() -> Vec<String> {
    let there = Reason::ALL.map(|reason| Disposition::Drop { reason, on_return: false });
    let back = Reason::ALL.map(|reason| Disposition::Drop { reason, on_return: true });
    // Groups are stateful and do not apply to answers.
    there
        .into_iter()
        .chain(back)
        .map(|reason| reason.to_string())
        .filter(|text| text.parse::<Disposition>().is_ok())
        .collect()
}

/// Constraints between tables.
fn whole_file() -> Vec<Value> {
    let with = |provider: &str| json!({ "properties": { "lab": { "properties": { "provider": { "pattern": in_any_case(&[provider]) } }, "required": ["provider"] } } });
    let several = json!({ "properties": { "account": { "minProperties": 2 } }, "required": ["account"] });
    let who = json!({ "required": ["account"] });
    // An account calls every line but those that let time pass.
    let called = json!({ "not": { "pattern": "^\\s*pass-time(\\s|$)" } });
    let calls = json!({ "if": { "required": ["run"], "properties": { "run": { "contains": called } } }, "then": who });
    let varies = cloud::Provider::ALL.into_iter().flat_map(|provider| {
        FamilyTable::ALL
            .into_iter()
            .filter_map(move |family| Some((provider.name, family.table.name, rule(family, provider)?)))
    });
    let varies = varies.map(|(provider, table, rule)| {
        json!({ "if": with(provider), "then": { "properties": { table: { "additionalProperties": rule } } } })
    });
    let several = json!({ "if": several, "then": { "properties": { "vpc": { "additionalProperties": who }, "step": { "items": calls } } } });
    varies.chain([several]).collect()
}

/// A provider's exceptions to the keys of a family's table.
fn rule(family: &FamilyTable, provider: &cloud::Provider) -> Option<Value> {
    let Varies { required, unknown } = (family.varies)(provider);
    let unknown: Map<String, Value> = unknown.iter().map(|key| ((*key).to_owned(), json!(false))).collect();
    let mut rule = Map::new();
    if !required.is_empty() {
        rule.insert("required".to_owned(), json!(required));
    }
    if !unknown.is_empty() {
        rule.insert("properties".to_owned(), Value::Object(unknown));
    }
    (!rule.is_empty()).then_some(Value::Object(rule))
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;
    use crate::error::Source;

    /// A way to write a table of each kind, with this line in it.
    fn with(kind: &str, line: &str) -> String {
        let inline = line.trim_end().replace('\n', ", ");
        match kind {
            "file" => format!("{line}\n[lab]\n[account.A]\n"),
            "lab" => format!("[lab]\n{line}\n"),
            "quotas" => format!("[lab]\nquotas = {{ {inline} }}\n"),
            "vpc" | "account" | "instance" | "security_group" | "network_acl" | "route_table" | "router_interface"
            | "peering" | "peering_connection" | "nat_gateway" | "gateway" => {
                format!("[lab]\n[{kind}.X]\n{line}\n")
            }
            "subnet" => format!("[lab]\n[vpc.V.subnet.X]\n{line}\n"),
            "route_entry" => format!("[lab]\n[vpc.V]\nroutes = [{{ {inline} }}]\n"),
            "acl_rule" => format!("[lab]\n[network_acl.X]\nrules = [{{ {inline} }}]\n"),
            "dnat" => format!("[lab]\n[nat_gateway.X]\ndnat = [{{ {inline} }}]\n"),
            "rule" => format!("[lab]\n[security_group.X]\nrules = [{{ {inline} }}]\n"),
            "opposite" => format!("[lab]\n[router_interface.X]\nopposite = {{ {inline} }}\n"),
            "access_key" => format!("[lab]\n[account.X]\naccess_key = {{ {inline} }}\n"),
            "wording" => format!("[[step]]\ntitle = \"x\"\nzh = {{ {inline} }}\n"),
            "fault_wording" => format!("[[fault]]\nkind = \"route\"\nzh = {{ {inline} }}\n"),
            "exercise" => format!("[lab]\n[exercise]\n{line}\n"),
            "check" | "step" | "fault" => format!("[lab]\n[[{kind}]]\n{line}\n"),
            _ => panic!("a new kind of table: {kind}"),
        }
    }

    /// The codes and hints of the reader's errors.
    fn faults(text: String) -> Vec<(String, String)> {
        let errors = crate::read(Source::new("lab.toml", text)).expect_err("no such file is a lab");
        errors
            .0
            .into_iter()
            .map(|error| (error.code.unwrap_or_default(), error.hint.map(|hint| hint.to_string()).unwrap_or_default()))
            .collect()
    }

    #[test]
    fn the_schema_has_the_keys_that_the_reader_knows_and_no_other() {
        for table in tables() {
            // So different from any key that all of them are listed.
            let faults = faults(with(table.name, "qqqqqqqqqqqqqqqqqqqqqq = 1"));
            let listed = faults
                .iter()
                .find_map(|(code, hint)| hint.strip_prefix("its keys are ").filter(|_| code == "UnknownKey"));
            let known: BTreeSet<_> =
                listed.unwrap_or_else(|| panic!("{}: {faults:?}", table.name)).split(", ").collect();
            let keys: BTreeSet<_> = table.keys.iter().map(|key| key.0).collect();
            assert_eq!(keys, known, "{}", table.name);
        }
    }

    #[test]
    fn a_value_is_of_the_wrong_type_for_the_schema_where_it_is_for_the_reader() {
        let samples = BTreeMap::from([
            ("string", "\"x\""),
            ("integer", "1"),
            ("number", "1.5"),
            ("boolean", "true"),
            ("array", "[]"),
            ("object", "{}"),
        ]);
        for table in tables() {
            for key in table.keys.iter() {
                let takes = property(key);
                let takes = if takes["allOf"].is_array() { json!("object") } else { takes["type"].clone() };
                for (name, sample) in &samples {
                    let fits = takes == *name || takes.as_array().is_some_and(|types| types.contains(&json!(name)));
                    // The head of the file must not have the table a second time.
                    let text = with(table.name, &format!("{} = {sample}", key.0));
                    let text = if key.0 == "lab" || key.0 == "account" && table.name == "file" {
                        format!("{} = {sample}\n", key.0)
                    } else {
                        text
                    };
                    let wrong = faults(text).iter().any(|(code, _)| code == "WrongType");
                    assert_eq!(!wrong, fits, "{} {} = {sample}", table.name, key.0);
                }
            }
        }
    }

    #[test]
    fn what_must_be_there_is_missed_by_both() {
        for table in tables().iter().filter(|table| !["file", "rule", "acl_rule", "check"].contains(&table.name)) {
            let text = with(table.name, "");
            let hints: String =
                faults(text).into_iter().filter(|(code, _)| code == "MissingKey").map(|it| it.1 + "\n").collect();
            for Key(name, _, needed, _) in table.keys.iter() {
                assert_eq!(
                    hints.contains(&format!("add {name} = ")),
                    *needed == Required,
                    "{} {name}: {hints}",
                    table.name
                );
            }
        }
    }
}
