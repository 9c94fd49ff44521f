//! The lab file as a JSON Schema, for editors: keys, types, what must be there, and which words a key takes.
//!
//! [`TABLES`] says it once for each table, with a line for a person. The reader ([`super::file`]) does not use it: tests hold
//! the two together, key by key and type by type. What only the whole file or the cloud can tell (names that are not there,
//! blocks that overlap) is `validate`'s.

use serde_json::{Map, Value, json};

use crate::cloud::Provider;
use crate::flow::{Disposition, Reason};

/// A kind of table.
struct TableKind {
    name: &'static str,
    about: &'static str,
    keys: &'static [Key],
}

/// A key: its name, what it takes, whether it must be there, what it is.
struct Key(&'static str, Takes, Needed, &'static str);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Needed {
    Required,
    Optional,
}

/// What a key takes.
#[derive(Clone, Copy)]
enum Takes {
    Text,
    /// A string that matches.
    Matching(&'static str),
    /// One of these words.
    One(&'static [&'static str]),
    Provider,
    Reason,
    /// A whole number, or a string.
    Number,
    Boolean,
    Texts,
    /// Some of these words.
    Some(&'static [&'static str]),
    /// An inline table.
    Table(&'static str),
    /// An array of tables.
    Tables(&'static str),
    /// Tables by name.
    Named(&'static str),
}

use Needed::{Optional, Required};
use Takes::*;

/// Letters, digits, `_`, `.` and `-`, beginning with a letter.
const NAME: &str = "^[A-Za-z][A-Za-z0-9_.-]{0,62}$";
const CIDR: &str = "^[0-9]+\\.[0-9]+\\.[0-9]+\\.[0-9]+/[0-9]+$";
const IPV4: &str = "^[0-9]+\\.[0-9]+\\.[0-9]+\\.[0-9]+$";
const PROTOCOL: &str = "^(icmp|(tcp|udp)/[0-9]+)$";
const LATENCY: &str = "^[0-9]+(us|ms|s)$";

const ID: Key = Key("id", Text, Optional, "The provider's id; derived from the name where it is left out");
const UNCHECKED: Key =
    Key("unchecked", Text, Optional, "Why no check misses what stands in this table (`peerlab test --mutate`)");
const ROUTES: Key = Key("routes", Tables("route_entry"), Optional, "Entries: { to = CIDR, via = NEXT_HOP }");
const DELAY: Key = Key("latency", Matching(LATENCY), Optional, "One way, as in \"30ms\"; needs netem in the kernel");

const TABLES: &[TableKind] = &[
    TableKind {
        name: "file",
        about: "A lab of peerlab",
        keys: &[
            Key("lab", Table("lab"), Required, "What the lab is"),
            Key("account", Named("account"), Required, "The cloud's accounts, by name"),
            Key("vpc", Named("vpc"), Optional, "VPCs, by name"),
            Key("instance", Named("instance"), Optional, "Instances, by name"),
            Key("security_group", Named("security_group"), Optional, "Security groups, by name"),
            Key("route_table", Named("route_table"), Optional, "Custom route tables, by name"),
            Key("router_interface", Named("router_interface"), Optional, "Ends of peerings, by name (alibaba)"),
            Key(
                "peering",
                Named("peering"),
                Optional,
                "Both ends of a peering (alibaba), or one side's half (jdcloud)",
            ),
            Key("check", Tables("check"), Optional, "What must be true of the finished lab"),
            Key("step", Tables("step"), Optional, "The tutorial, in order"),
        ],
    },
    TableKind {
        name: "lab",
        about: "What the lab is",
        keys: &[
            Key(
                "name",
                Matching("^[a-z0-9][a-z0-9-]{0,31}$"),
                Optional,
                "What its namespaces begin with; default: the file's name",
            ),
            Key("title", Text, Optional, "For readers"),
            Key("provider", Provider, Required, "Whose cloud"),
            Key("allow", Some(&["cross-region-group"]), Optional, "Relaxations, by name"),
            Key("zh", Table("lab_wording"), Optional, "The title in Chinese"),
        ],
    },
    TableKind {
        name: "lab_wording",
        about: "A lab in another language",
        keys: &[Key("title", Text, Optional, "For readers")],
    },
    TableKind {
        name: "account",
        about: "An account of the cloud",
        keys: &[Key("id", Text, Optional, "By which other accounts name it")],
    },
    TableKind {
        name: "vpc",
        about: "A VPC",
        keys: &[
            Key("account", Text, Optional, "Whose it is; may be left out where there is one account"),
            Key("region", Matching("^[a-z0-9-]+$"), Required, "As in \"cn-qingdao\""),
            Key("cidr", Matching(CIDR), Required, "Its block"),
            ID,
            Key("router_id", Text, Optional, "The id of its router (alibaba)"),
            ROUTES,
            Key("subnet", Named("subnet"), Optional, "Its subnets, by name"),
        ],
    },
    TableKind {
        name: "subnet",
        about: "A subnet of a VPC",
        keys: &[Key("cidr", Matching(CIDR), Required, "Its block, in the VPC's"), ID],
    },
    TableKind {
        name: "route_entry",
        about: "An entry of a route table",
        keys: &[
            Key("to", Matching(CIDR), Required, "The destination"),
            Key("via", Text, Required, "The next hop: a router interface, a peering, an instance, or internet"),
            UNCHECKED,
        ],
    },
    TableKind {
        name: "route_table",
        about: "A custom route table",
        keys: &[
            Key("vpc", Text, Required, "The VPC it belongs to"),
            ID,
            Key("subnets", Texts, Optional, "The subnets of this VPC that use it"),
            ROUTES,
            UNCHECKED,
        ],
    },
    TableKind {
        name: "security_group",
        about: "A security group",
        keys: &[
            Key("vpc", Text, Required, "The VPC whose instances may join"),
            ID,
            Key(
                "inner_access",
                One(&["accept", "drop"]),
                Optional,
                "Whether members reach each other where no rule says so",
            ),
            Key("rules", Tables("rule"), Optional, "In any order: their priority decides"),
        ],
    },
    TableKind {
        name: "rule",
        about: "A rule of a security group",
        keys: &[
            Key("from", Text, Optional, "For what comes in: from a CIDR block, or a group"),
            Key("to", Text, Optional, "For what goes out: to a CIDR block, or a group"),
            Key("account", Text, Optional, "Whose group it is, if not the own account's"),
            Key("protocol", One(&["tcp", "udp", "icmp", "gre", "all"]), Optional, "Default: all"),
            Key("port", Number, Optional, "22, or \"8000/8999\""),
            Key("policy", One(&["accept", "drop"]), Optional, "Default: accept"),
            Key("priority", Number, Optional, "1 (first, default) to 100"),
            UNCHECKED,
        ],
    },
    TableKind {
        name: "instance",
        about: "An instance",
        keys: &[
            Key("subnet", Matching("^[^/]+/[^/]+$"), Required, "VPC/SUBNET"),
            ID,
            Key("ip", Matching(IPV4), Optional, "Default: the lowest free address"),
            Key("public_ip", Matching(IPV4), Optional, "Mapped one to one"),
            Key("security_groups", Texts, Optional, "Default: its VPC's default group"),
            UNCHECKED,
        ],
    },
    TableKind {
        name: "router_interface",
        about: "One end of a peering (alibaba)",
        keys: &[
            Key("vpc", Text, Required, "The VPC whose router it is on"),
            Key("role", One(&["initiator", "acceptor"]), Required, "Which side of the handshake"),
            Key("spec", Text, Optional, "The initiator's bandwidth class, as in \"Mini.2\""),
            DELAY,
            Key("opposite_region", Matching("^[a-z0-9-]+$"), Required, "The other end's region"),
            ID,
            Key(
                "opposite",
                Table("opposite"),
                Optional,
                "The other end: { account, router, interface }; without it, it is not set yet",
            ),
            Key("connect", Boolean, Optional, "Whether this initiator connects"),
            UNCHECKED,
        ],
    },
    TableKind {
        name: "opposite",
        about: "The other end",
        keys: &[
            Key("account", Text, Optional, "Whose it is"),
            Key("router", Text, Optional, "The router it is on"),
            Key("interface", Text, Required, "Its name or id"),
        ],
    },
    TableKind {
        name: "peering",
        about: "Both ends of a peering (alibaba), or one side's half (jdcloud)",
        keys: &[
            Key("local", Text, Required, "The own VPC"),
            Key("peer", Text, Required, "The other VPC"),
            Key("spec", Text, Optional, "The bandwidth class, as in \"Large.1\" (alibaba)"),
            DELAY,
            ID,
            UNCHECKED,
        ],
    },
    TableKind {
        name: "check",
        about: "A claim about packets",
        keys: &[
            Key("from", Text, Required, "An instance, or internet"),
            Key("to", Text, Required, "An instance, internet, or an IPv4 address"),
            Key("protocol", Matching(PROTOCOL), Optional, "icmp (default), tcp/22, udp/53"),
            Key("expect", One(&["reach", "drop"]), Optional, "What must be seen"),
            Key("because", Reason, Optional, "With drop: for which reason"),
            Key("both_ways", Boolean, Optional, "Whether it must be seen from `to` to `from` as well"),
            Key(
                "bandwidth",
                Text,
                Optional,
                "What TCP carries, within 15 %: \"2Mbit\"; instead of protocol, expect and because",
            ),
        ],
    },
    TableKind {
        name: "step",
        about: "A step of the tutorial",
        keys: &[
            Key("title", Text, Required, "What the step does"),
            Key("account", Text, Optional, "Who calls; may be left out where there is one account, or nothing is run"),
            Key("text", Text, Optional, "What the tutorial has its reader do"),
            Key("run", Texts, Optional, "Operations, as `peerlab api` takes them"),
            Key("refused", Text, Optional, "The code with which the last line of run must be refused"),
            Key("check", Tables("check"), Optional, "What is true once this step is done"),
            UNCHECKED,
            Key("zh", Table("step_wording"), Optional, "Title and text in Chinese"),
        ],
    },
    TableKind {
        name: "step_wording",
        about: "A step in another language",
        keys: &[
            Key("title", Text, Optional, "What the step does"),
            Key("text", Text, Optional, "What the tutorial has its reader do"),
        ],
    },
];

/// The JSON Schema (draft 7: what editors of TOML know best).
pub fn schema() -> Value {
    let mut definitions: Map<String, Value> =
        TABLES.iter().map(|table| (table.name.to_owned(), object(table))).collect();
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
        "rule" => object["oneOf"] = json!([{ "required": ["from"] }, { "required": ["to"] }]),
        "check" => {
            let neither = json!({ "properties": { "protocol": false, "expect": false, "because": false } });
            let drops = json!({ "properties": { "expect": { "const": "drop" } } });
            object["oneOf"] = json!([{ "required": ["expect"] }, { "required": ["bandwidth"] }]);
            object["dependencies"] = json!({ "bandwidth": neither, "because": drops });
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
        One(words) => json!({ "type": "string", "enum": words }),
        Provider => json!({ "type": "string", "enum": Provider::ALL.map(|provider| provider.name) }),
        Takes::Reason => json!({ "type": "string", "enum": reasons() }),
        Number => json!({ "type": ["integer", "string"] }),
        Boolean => json!({ "type": "boolean" }),
        Texts => json!({ "type": "array", "items": { "type": "string" } }),
        Takes::Some(words) => json!({ "type": "array", "items": { "type": "string", "enum": words } }),
        // Beside a $ref, draft 7 reads nothing else.
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

fn reasons() -> Vec<String> {
    let there = Reason::ALL.map(|reason| Disposition::Drop { reason, on_return: false });
    let back = Reason::ALL.map(|reason| Disposition::Drop { reason, on_return: true });
    // Groups are stateful: an answer asks none.
    there
        .into_iter()
        .chain(back)
        .map(|reason| reason.to_string())
        .filter(|text| text.parse::<Disposition>().is_ok())
        .collect()
}

/// What one table says of another.
fn whole_file() -> [Value; 3] {
    let with = |provider: &str| json!({ "properties": { "lab": { "properties": { "provider": { "const": provider } }, "required": ["provider"] } } });
    let peerings = |rule: Value| json!({ "properties": { "peering": { "additionalProperties": rule } } });
    let several = json!({ "properties": { "account": { "minProperties": 2 } }, "required": ["account"] });
    let who = json!({ "required": ["account"] });
    let calls = json!({ "if": { "required": ["run"], "properties": { "run": { "minItems": 1 } } }, "then": who });
    [
        json!({ "if": with("alibaba"), "then": peerings(json!({ "required": ["spec"], "properties": { "id": false } })) }),
        json!({ "if": with("jdcloud"), "then": peerings(json!({ "properties": { "spec": false } })) }),
        json!({ "if": several, "then": { "properties": { "vpc": { "additionalProperties": who }, "step": { "items": calls } } } }),
    ]
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;
    use crate::error::Source;
    use crate::lab;

    /// A way to write a table of each kind, with this line in it.
    fn with(kind: &str, line: &str) -> String {
        let inline = line.trim_end().replace('\n', ", ");
        match kind {
            "file" => format!("{line}\n[lab]\n[account.A]\n"),
            "lab" => format!("[lab]\n{line}\n"),
            "vpc" | "account" | "instance" | "security_group" | "route_table" | "router_interface" | "peering" => {
                format!("[lab]\n[{kind}.X]\n{line}\n")
            }
            "subnet" => format!("[lab]\n[vpc.V.subnet.X]\n{line}\n"),
            "route_entry" => format!("[lab]\n[vpc.V]\nroutes = [{{ {inline} }}]\n"),
            "rule" => format!("[lab]\n[security_group.X]\nrules = [{{ {inline} }}]\n"),
            "opposite" => format!("[lab]\n[router_interface.X]\nopposite = {{ {inline} }}\n"),
            "lab_wording" => format!("[lab]\nzh = {{ {inline} }}\n"),
            "step_wording" => format!("[[step]]\ntitle = \"x\"\nzh = {{ {inline} }}\n"),
            "check" | "step" => format!("[lab]\n[[{kind}]]\n{line}\n"),
            _ => panic!("a new kind of table: {kind}"),
        }
    }

    /// Codes and hints of what the reader finds wrong.
    fn faults(text: String) -> Vec<(String, String)> {
        let errors = lab::read(Source::new("lab.toml", text)).expect_err("no such file is a lab");
        errors.0.into_iter().map(|error| (error.code.unwrap_or_default(), error.hint.unwrap_or_default())).collect()
    }

    #[test]
    fn the_schema_has_the_keys_that_the_reader_knows_and_no_other() {
        for table in TABLES {
            // So far from any key that all of them are listed.
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
        for table in TABLES {
            for key in table.keys {
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
        for table in TABLES.iter().filter(|table| !["file", "rule", "check"].contains(&table.name)) {
            let text = with(table.name, "");
            let hints: String =
                faults(text).into_iter().filter(|(code, _)| code == "MissingKey").map(|it| it.1 + "\n").collect();
            for Key(name, _, needed, _) in table.keys {
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
