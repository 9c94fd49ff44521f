//! The Chinese output is complete: no text is missing, and no English is left.
#![allow(clippy::disallowed_methods, clippy::unwrap_used)] // a test's own files and oracles

#[allow(dead_code)] // what only tests/cli.rs uses
mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use peerlab::cloud::Provider;
use peerlab::error::{Error, Source};
use peerlab::lab;
use peerlab::language::{Language, help_texts};
use peerlab::message::Say as _;
use proc_macro2::{Delimiter, TokenStream, TokenTree};

use support::at_once::at_once;
use support::oracle::others;
use support::{CROSS, Machine, Run};
use unicode_width::UnicodeWidthStr;

/// Parts of the sources that stay English, or have their Chinese beside it: the words of the consoles, the providers' APIs, kernel messages and errors, packets, completions, manual pages, the schema,
/// JUnit's report, the input of Graphviz and Mermaid (its words come from the picture), and the rules of the property
/// tests.
const ENGLISH: &[&str] = &[
    "crates/api/src",
    "src/serve/metrics.rs",
    "crates/cloud/src/invariants.rs",
    "crates/console/src/alibaba/words.rs",
    "crates/console/src/aws/words.rs",
    "crates/console/src/jdcloud/words.rs",
    "src/capture/file.rs",
    "src/capture/line.rs",
    "src/capture/packet.rs",
    "src/cli/completions.rs",
    "src/cli/man.rs",
    "src/cli/test/junit.rs",
    "crates/cloud/src/line.rs",
    "crates/linux/src/kernel",
    "crates/lab/src/export.rs",
    "crates/lab/src/keys.rs",
    "crates/cloud/src/table/keys.rs",
    "crates/lab/src/reference.rs",
    "crates/lab/src/schema.rs",
    "crates/cloud/src/breakage.rs",
    "crates/cloud/src/inverse.rs",
    "crates/cloud/src/lines.rs",
    "crates/exercise/src/kinds",
    "crates/exercise/src/make.rs",
    "crates/message/src/language",
    "crates/message/src/lib.rs",
    "crates/message/src/name.rs",
    "crates/message/src/table.rs",
    "crates/message/src/value.rs",
    "crates/network/src",
    "crates/ovn/src/compile",
    "crates/ovn/src/counters.rs",
    "crates/ovn/src/table.rs",
    "crates/ovsdb/src/client.rs",
    "src/node/switch.rs",
    "crates/linux/src/probe",
    "src/report/graph/dot.rs",
    "src/report/graph/mermaid.rs",
    "crates/linux/src/rootless/apparmor.rs",
];

/// Those that all readers see.
const CHINESE: &[&str] = &["crates/linux/src/kernel/features.rs", "crates/linux/src/kernel/privilege.rs"];

/// Texts of the other sources that are no sentences: put together, commands to copy, and what a program reads.
const AS_THEY_ARE: &[&str] = &[
    // What browsers read of the consoles: headers, a stream of events, classes.
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "/* picture */",
    ": alive\n\n",
    "event: packets\ndata: {}\n\n",
    "id: {number}\nevent: changed\ndata: {{}}\n\n",
    "light dark",
    "peerlab=; Path={path}; Max-Age=0; HttpOnly; SameSite=Strict",
    "public, max-age=31536000, immutable",
    "text/css; charset=utf-8",
    "text/html; charset=utf-8",
    "text/javascript; charset=utf-8",
    "who account-",
    "width=device-width, initial-scale=1",
    "{COOKIE_NAME}={value}; Path={path}; HttpOnly; SameSite=Strict",
    // Commands to copy, and values, in them.
    "DNS (UDP)",
    "aliyun vpcpeer ModifyVpcPeerConnection --InstanceId <ID> --LinkType {}",
    "aws ec2 modify-vpc-attribute --vpc-id {id} --{option} Value={wants}",
    "aws ec2 modify-vpc-peering-connection-options --vpc-peering-connection-id {id} --{}-peering-connection-options AllowDnsResolutionFromRemoteVpc={wants}",
    "local {block}",
    "ping -c 3 -W 1 {}",
    "peerlab api --as {} {call}",
    "tcp {port}",
    // What one host writes for another.
    "goodput ",
    "goodput {} {}",
    // What a shell reads, and types of content.
    "export {name}={}\n",
    "text/plain; charset=utf-8",
    "text/plain; version=0.0.4; charset=utf-8",
    // Lines of a lab file.
    "access_key = {{ id = \"{}\", secret = \"…\" }}",
    "accept = true",
    "to = \"0.0.0.0/0\"",
    "provider = \"{name}\"",
    "quotas = {{ {} = 125 }}",
    "quotas = {{ {} = {vpcs} }}",
    // Commands of the providers' own clients.
    "aliyun {product} {action}",
    "aws ec2 {action}",
    "tccli vpc {action}",
    "jdc configure use --profile {}",
    "jdc {product} {action}",
    "spec = {:?}",
    // By which the advice on TOML knows what its parser found.
    "extra `=`",
    "cannot recurse further; max recursion depth met",
    "invalid basic string",
    "invalid float",
    "invalid inline table",
    "invalid key-value pair",
    "invalid literal string",
    "invalid unquoted key",
    "key with no value",
    "missing comma",
    "missing escaped value",
    "recursion limit",
    "string values must be quoted",
    "unclosed table",
    // Parts of what the catalogue has as a whole.
    " and ",
    " from ",
    " or ",
    " priority {}",
    " to ",
    // Words of an enum, whose Chinese `words!` has.
    "an account",
    "a VPC",
    "a router",
    "a subnet",
    "a route table",
    "a security group",
    "a network ACL",
    "a NAT gateway",
    "a gateway",
    "an instance",
    "a router interface",
    "a VPC peering",
    "a peering connection",
    "a peering of two router interfaces",
    "the group is gone",
    "no active peering joins the two VPCs",
    // The name of a thread.
    "lab {lab}",
    " at {}",
    "{from} → {to} {traffic}: {disposition}",
    "{initiator} and {acceptor}",
    // A NAT gateway in the picture, and what a call changes of one.
    "NAT {nat}",
    "snat {block}",
    // What the process that holds a user's namespaces says to the command that started it, and a line of mountinfo.
    "refused ",
    "refused {} {}",
    " - tmpfs {SOURCE} ",
    // Numbers and their units.
    " {:.2}ms",
    "{bits} bit/s",
    "{} Gbit/s",
    "{} Mbit/s",
    "{} kbit/s",
    // Commands to copy, and lines of a lab file.
    " --lab ",
    "api: {operation}",
    "peerlab ",
    "peerlab api --as ",
    "  peerlab api --as {} {}\n",
    "peerlab api --as {} {}",
    "peerlab api --lab {lab} --as {} {line}",
    "peerlab export --lab {lab} -o {free}",
    "peerlab api --as {account} {operation}",
    "peerlab api --as {account} {call}",
    "peerlab next --skip",
    "peerlab explain {from} {to} {protocol}{port}{size} -f {}{until}",
    " --until {index}",
    " --until {}",
    "peerlab explain FROM TO{asked}{}",
    " from = \"{from}\", to = \"{to}\"",
    ", bandwidth = \"{written}\"",
    ", expect = \"drop\", because = \"{drop}\"",
    ", expect = \"reach\"",
    ", protocol = \"{protocol}\"",
    ", source_port = {source_port}",
    ", size = {size}",
    "{} {size} B",
    "MTU {}",
    "{blocks} · MTU {}",
    " --source-port {port}",
    // Lines of the rings that `init` writes.
    "\n[vpc.v{vpc}]\nregion = \"{region}\"\ncidr = \"{}\"",
    "\n[[check]]\nfrom = \"i{}-{}\"\nto = \"i{}-{}\"\nexpect = {expect}",
    "[lab]\nname = \"{lab}\"\ntitle = \"{title}\"",
    "provider = \"{name}\"\n\n[account.A]",
    "{}.title = \"{}\"",
    "[vpc.v{vpc}.subnet.s{subnet}]\ncidr = \"{}\"",
    "[security_group.sg{vpc}]\nvpc = \"v{vpc}\"",
    "subnet = \"v{vpc}/s{subnet}\"\nsecurity_groups = [\"sg{vpc}\"]",
    "[peering.{}]\nlocal = \"v{own}\"\npeer = \"v{other}\"",
    "to = \"{}\", via = \"{}\"",
    "from = \"{}\"",
    "\"drop\"\nbecause = \"{reason}\"",
    "\"reach\"\nboth_ways = true",
    // A plan's attribute: a group and its account.
    // The kernel's own names.
    "nf_tables ct",
    "nf_tables nat",
    "{} is {} instead of {}",
    // The bar, in each language.
    "{msg} {bar:24} {human_pos} of {human_len}, {eta} left",
    "{msg} {bar:24} {human_pos}/{human_len}，剩余{eta}",
    // Parts of clap's own errors.
    "Usage: ",
    "error: ",
    // Names.
    "Docker ",
    "Podman ",
    // Names and numbers of a picture, and SVG.
    "VPC {name} {cidr}\n{}",
    "{} – internet",
    "{} ms",
    " lang=\"{}\"",
    " silent",
    "broken silent",
    " text-anchor=\"end\"",
    "x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"",
    // Input and output of other programs.
    ", expected nothing",
    "duplicate key",
    "127.0.0.1 localhost\n",
    "{} internet",
    "PS1='{name}:'\"$PS1\"; unset PROMPT_COMMAND",
    "functions -c fish_prompt fish_prompt_of_the_user",
    "{put_before}; function fish_prompt; echo -n {name}:; fish_prompt_of_the_user; end",
];

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The Rust files whose texts are translated.
fn sources() -> Vec<PathBuf> {
    let mut folders = vec![repository().join("src"), repository().join("crates")];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(repository()).unwrap().to_str().unwrap();
            let english =
                ENGLISH.iter().any(|part| name.trim_end_matches(".rs").starts_with(part.trim_end_matches(".rs")));
            if path.is_dir() {
                folders.push(path);
            } else if name.ends_with(".rs")
                && !name.contains("tests")
                && !name.ends_with("/messages.rs")
                && (!english || CHINESE.contains(&name))
            {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

/// A string of the sources, and the function or macro that it is given to.
struct Literal {
    text: String,
    given_to: String,
    place: String,
}

fn literals() -> Vec<Literal> {
    let mut found = Vec::new();
    for file in sources() {
        let name = file.strip_prefix(repository()).unwrap().display().to_string();
        let tokens: TokenStream = fs::read_to_string(&file).unwrap().parse().unwrap();
        collect(tokens, "", &name, &mut found);
    }
    found
}

fn collect(tokens: TokenStream, given_to: &str, file: &str, found: &mut Vec<Literal>) {
    let tokens: Vec<_> = tokens.into_iter().collect();
    let mut at = 0;
    while at < tokens.len() {
        let is = |at: usize, text: &str| tokens.get(at).is_some_and(|token: &TokenTree| token.to_string() == text);
        // An attribute, doc comments among them; the tests that stand behind `#[cfg(test)]`.
        if is(at, "#") {
            let attribute = at + 1 + usize::from(is(at + 1, "!"));
            let tests = tokens.get(attribute).is_some_and(|token| token.to_string().replace(' ', "") == "[cfg(test)]");
            at = attribute + 1;
            if tests {
                while !matches!(&tokens[at], TokenTree::Group(group) if group.delimiter() == Delimiter::Brace)
                    && !is(at, ";")
                {
                    at += 1;
                }
                at += 1;
            }
            continue;
        }
        match &tokens[at] {
            TokenTree::Group(group) => {
                let mut before = tokens[..at].iter().rev().map(ToString::to_string);
                let callee = match before.next().as_deref() {
                    Some("!") => before.next().map(|name| name + "!"),
                    Some(name) => Some(name.to_owned()),
                    None => None,
                };
                // A table of messages has both languages: rustc finds what is lacking.
                if matches!(callee.as_deref(), Some("messages!" | "words!" | "things!")) {
                    at += 1;
                    continue;
                }
                let callee = callee.filter(|_| group.delimiter() == Delimiter::Parenthesis);
                collect(group.stream(), callee.as_deref().unwrap_or(given_to), file, found);
            }
            TokenTree::Literal(literal) => {
                if let Some(text) = string(&literal.to_string()) {
                    let place = format!("{file}:{}", literal.span().start().line);
                    found.push(Literal { text, given_to: given_to.to_owned(), place });
                }
            }
            _ => {}
        }
        at += 1;
    }
}

/// The value of a string literal; `None` for any other literal.
fn string(literal: &str) -> Option<String> {
    let inside = literal.strip_prefix('"')?.strip_suffix('"')?;
    let mut text = String::new();
    let mut rest = inside.chars().peekable();
    while let Some(c) = rest.next() {
        match (c, if c == '\\' { rest.next() } else { None }) {
            ('\\', Some('n')) => text.push('\n'),
            ('\\', Some('t')) => text.push('\t'),
            ('\\', Some('\n')) => while rest.next_if(|c| c.is_whitespace()).is_some() {},
            ('\\', Some(other)) => text.push(other),
            (c, _) => text.push(c),
        }
    }
    Some(text)
}

/// Whether a text is something that a person reads: words, with a space between them, beside holes.
fn is_said(literal: &Literal) -> bool {
    if ["expect", "panic!", "unreachable!", "assert!", "debug_assert!", "env"].contains(&&*literal.given_to) {
        return false;
    }
    // In SVG, the text between tags.
    let markup = literal.text.starts_with('<');
    let mut fixed = String::new();
    let mut depth = 0;
    for c in literal.text.chars() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            '<' if markup => depth += 1,
            '>' if markup => depth -= 1,
            c if depth <= 0 => fixed.push(c),
            _ => {}
        }
    }
    let words = fixed.split(|c: char| !c.is_alphabetic()).filter(|word| word.len() > 1);
    let asked_for = literal.given_to == "help";
    words.count() > 0 && (literal.text.contains(' ') || asked_for)
}

#[test]
fn every_sentence_of_the_sources_is_a_message() {
    let known: BTreeSet<_> = help_texts().map(|(english, _)| english).collect();
    let lacking: BTreeMap<_, _> = literals()
        .into_iter()
        .filter(is_said)
        .filter(|literal| !known.contains(&*literal.text) && !AS_THEY_ARE.contains(&&*literal.text))
        .map(|literal| (literal.text, literal.place))
        .collect();
    let lines: Vec<_> = lacking.iter().map(|(text, place)| format!("    {text:?}, // {place}")).collect();
    assert!(
        lines.is_empty(),
        "say these by a table of messages!, or name them in AS_THEY_ARE where nobody reads them:\n{}",
        lines.join("\n")
    );
}

/// Every text of the command line's help in a language, by where it stands: of an example, its caption.
fn help(language: Language) -> BTreeMap<String, String> {
    fn walk(command: &clap::Command, path: &str, texts: &mut BTreeMap<String, String>) {
        let path = format!("{path} {}", command.get_name());
        let mut add = |what: &str, text: Option<String>| {
            for (number, line) in text.unwrap_or_default().lines().enumerate() {
                let caption =
                    line.strip_prefix("  ").map_or(Some(line), |line| line.rsplit_once("  ").map(|(_, it)| it));
                if let Some(caption) = caption.filter(|caption| caption.chars().any(char::is_alphabetic)) {
                    texts.insert(format!("{path} {what} {number}"), caption.to_owned());
                }
            }
        };
        add("about", command.get_about().map(ToString::to_string));
        add("long about", command.get_long_about().map(ToString::to_string));
        add("after", command.get_after_help().map(ToString::to_string));
        add("heading", command.get_subcommand_help_heading().map(str::to_owned));
        for argument in command.get_arguments() {
            add(argument.get_id().as_str(), argument.get_help().map(ToString::to_string));
            add(&format!("{} long", argument.get_id()), argument.get_long_help().map(ToString::to_string));
        }
        command.get_subcommands().for_each(|verb| walk(verb, &path, texts));
    }
    let mut texts = BTreeMap::new();
    walk(&peerlab::cli::grammar_in(language), "", &mut texts);
    texts
}

fn is_chinese(c: char) -> bool {
    ('\u{4e00}'..='\u{9fff}').contains(&c)
}

#[test]
fn every_text_of_the_help_has_its_chinese() {
    let (english, chinese) = (help(Language::English), help(Language::Chinese));
    assert!(english.len() > 200, "only {} texts were found", english.len());
    let lacking =
        english.iter().filter(|(place, _)| !chinese.get(*place).is_some_and(|text| text.contains(is_chinese)));
    let lacking: BTreeMap<_, _> = lacking.map(|(place, text)| (text, place)).collect();
    let lines: Vec<_> = lacking.iter().map(|(text, place)| format!("    ({text:?}, \"\"), //{place}")).collect();
    assert!(lines.is_empty(), "add the Chinese of these to crates/message/src/language/help.rs:\n{}", lines.join("\n"));
}

#[test]
fn no_text_of_the_help_is_dead_twice_or_without_chinese() {
    let mut said: BTreeSet<_> = literals().into_iter().map(|literal| literal.text).collect();
    for text in help(Language::English).into_values() {
        said.extend([text.trim_end_matches('.').to_owned(), text]);
    }
    let mut seen = BTreeSet::new();
    let mut wrong = Vec::new();
    for (english, chinese) in help_texts() {
        if !said.contains(english) {
            wrong.push(format!("nobody says {english:?} any more"));
        }
        if !seen.insert(english) {
            wrong.push(format!("{english:?} is there twice"));
        }
        // Terms that are the same in Chinese.
        let same = ["VPC", "NAT", "ID", "IP"].contains(&chinese) || chinese.chars().all(|c| !c.is_ascii_alphabetic());
        if !chinese.contains(is_chinese) && !same {
            wrong.push(format!("{english:?} is {chinese:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Words of English sentences that are neither names nor keys.
const ENGLISH_WORDS: &[&str] = &[
    "a", "already", "an", "and", "are", "as", "by", "cannot", "does", "for", "has", "have", "is", "it", "its", "must",
    "no", "none", "not", "of", "or", "other", "so", "that", "the", "there", "this", "was", "which", "with",
];

/// Lines with something English beside the Chinese: a word of a sentence next to another word.
fn leftovers(text: &str) -> Vec<String> {
    let is_left = |line: &&str| {
        let bare: String = line.split(['`', '"']).step_by(2).collect::<Vec<_>>().join("·");
        let words: Vec<_> = bare.split(' ').collect();
        let is_word = |word: &str| !word.is_empty() && word.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
        words.windows(2).any(|pair| {
            let english = |word: &str| ENGLISH_WORDS.contains(&word);
            is_word(pair[0]) && is_word(pair[1]) && (english(pair[0]) || english(pair[1]))
        })
    };
    text.lines().filter(is_left).map(str::to_owned).collect()
}

#[test]
fn leftovers_are_seen() {
    assert_eq!(leftovers("VPC1与VPC2之间没有对等连接\nVPC1: no peering joins them").len(), 1);
    assert_eq!(leftovers("子网is not there").len(), 1);
    assert_eq!(leftovers("请写expect = \"drop\"，见`peerlab api is not`"), [] as [&str; 0]);
}

/// Every refusal, as the golden folders hold one for each code, and every fault of a lab file.
#[test]
fn every_error_of_the_golden_folders_is_chinese_to_the_last_word() {
    let mut wrong = Vec::new();
    let mut codes = BTreeSet::new();
    for folder in fs::read_dir(repository().join("tests/cases")).unwrap() {
        let text = fs::read_to_string(folder.unwrap().path().join("lab.toml")).unwrap();
        let errors = lab::read(Source::new("lab.toml", text)).and_then(|lab| lab.rehearse().map(|_| ()));
        for Error { code, message, hint, .. } in errors.err().into_iter().flat_map(|errors| errors.0) {
            let code = code.unwrap_or_default();
            // The parser reports invalid TOML in English.
            let said = [Some(message), hint].into_iter().flatten();
            for message in said.filter(|message| !message.to_string().starts_with("this is not TOML")) {
                let english = message.to_string();
                let chinese = message.in_language(Language::Chinese).to_string();
                if !chinese.contains(is_chinese) || !leftovers(&chinese).is_empty() {
                    wrong.push(format!("{code}: {english}\n    {chinese}"));
                }
            }
            codes.insert(code);
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let refused = Provider::ALL
        .into_iter()
        .flat_map(Provider::all_codes)
        .filter(|code| codes.contains(code.0))
        .collect::<BTreeSet<_>>()
        .len();
    assert!(refused > 40, "only {refused} refusals were seen");
}

/// Runs a command for a Chinese reader; all that it prints is Chinese.
fn in_chinese(machine: &Machine, line: &str) -> Run {
    all_in_chinese(machine.command(line), line)
}

fn all_in_chinese(mut command: Command, line: &str) -> Run {
    command.env_remove("LC_ALL").env_remove("LC_MESSAGES").env_remove("LANGUAGE").env("LANG", "zh_CN.UTF-8");
    let run = Run::of(command);
    let left = leftovers(&format!("{}\n{}", run.stdout, run.stderr));
    assert!(left.is_empty(), "{line}: {}\n--- in\n{}{}", left.join("\n"), run.stdout, run.stderr);
    assert!(run.stdout.contains(is_chinese) || run.stderr.contains(is_chinese), "nothing in Chinese: {run}");
    for said in [&run.stdout, &run.stderr] {
        let narrow = with_narrow_colons(said);
        assert!(narrow.is_empty(), "{line}: the colon of Chinese is ：\n{}", narrow.join("\n"));
    }
    run
}

/// The lines in which a colon of English is beside Chinese.
fn with_narrow_colons(text: &str) -> Vec<&str> {
    let is_narrow = |line: &&str| {
        line.match_indices(": ").any(|(at, colon)| {
            let (before, after) = (line[..at].chars().last(), line[at + colon.len()..].chars().next());
            before == Some(']') || [before, after].into_iter().flatten().any(is_chinese)
        })
    };
    text.lines().filter(is_narrow).collect()
}

#[test]
fn narrow_colons_are_seen() {
    let text = "错误[Syntax]: x\nri-a: 空闲\n建议：写`a: b`\nA: create-vpc V";
    assert_eq!(with_narrow_colons(text), ["错误[Syntax]: x", "ri-a: 空闲"]);
}

/// USERS D: plan, errors and transitions are part of it.
#[test]
fn plan_errors_and_transitions_have_the_colon_of_chinese() {
    let machine = Machine::new();
    machine.file("cross.toml", CROSS);
    // Titles and the kernel's changes are in the lab's and the kernel's words.
    let run = |line: &str| {
        let mut command = machine.command(line);
        command.env_remove("LC_ALL").env("LANG", "zh_CN.UTF-8");
        let run = Run::of(command);
        for said in [&run.stdout, &run.stderr] {
            let narrow = with_narrow_colons(said);
            assert!(narrow.is_empty(), "{line}: the colon of Chinese is ：\n{}", narrow.join("\n"));
        }
        run
    };
    in_chinese(&machine, "plan cross.toml").exits(0).says("VPC1：账号 A，地域 cn-");
    let groups = repository().join("labs/group-priorities.toml");
    in_chinese(&machine, &format!("plan {}", groups.display())).exits(0).says("入方向：策略 ").says("，优先级 ");
    run("plan cross.toml -v").exits(0).says("处变更：");
    run("up cross.toml --until 0 --no-verify").exits(0);
    run("next --all").exits(0).says("：空闲 → ");
    run("api --as A deactivate-router-interface ri-a").exits(0).says("ri-a：");
    run("api --as A delete-vpc VPC1").exits(3).tells("]：").tells("= 建议：");
    run("plan cross.toml").exits(0).says("手动执行，将被放弃：A：deactivate-router-interface ri-a");
}

/// Each text of a lab has its Chinese, and so has all that is said on the way through it.
#[test]
fn every_shipped_lab_runs_in_chinese_to_the_last_word() {
    let entries = fs::read_dir(repository().join("labs")).unwrap().map(|entry| entry.unwrap().path());
    let files: Vec<_> = entries.filter(|path| !path.is_dir()).collect();
    let run = at_once(files.clone(), |file| runs_in_chinese(&file));
    let wrong = files.iter().zip(run).filter(|(_, run)| run.is_err());
    assert_eq!(wrong.map(|(file, _)| file.display().to_string()).collect::<Vec<_>>(), [""; 0]);
}

fn runs_in_chinese(path: &Path) {
    let machine = Machine::new();
    let file = path.display();
    let text = fs::read_to_string(path).unwrap();
    let count = |start: &str| text.lines().filter(|line| line.starts_with(start)).count();
    for key in ["title = ", "text = "] {
        assert_eq!(count(&format!("zh.{key}")), count(key), "{file}: not every `{key}` has its Chinese");
    }
    let lab = lab::read(Source::new(file.to_string(), text)).unwrap();
    let (cloud, _) = lab.build().unwrap();
    let instances: Vec<_> = cloud.instances().map(|it| it.name.to_string()).collect();
    let [from, to, ..] = &instances[..] else { panic!("{file} has no two instances") };
    in_chinese(&machine, &format!("up {file} --until 1")).exits(0);
    in_chinese(&machine, &format!("explain {from} {to}"));
    in_chinese(&machine, "status").exits(0);
    in_chinese(&machine, "next --all").exits(0);
    in_chinese(&machine, &format!("explain {to} {from}"));
    in_chinese(&machine, "status").exits(0);
    in_chinese(&machine, "list").exits(0);
    in_chinese(&machine, "down").exits(0);
}

/// The columns of its tables begin where they do in English: behind the widest cell.
#[test]
fn doctor_says_in_chinese_what_there_is_and_what_is_wrong() {
    let machine = Machine::new();
    machine.file("cross.toml", CROSS);
    machine.ok("up cross.toml --no-verify");
    let well = in_chinese(&machine, "doctor").exits(0).says("✓ 本机可以运行实验");
    let texts: Vec<_> = well.stdout.lines().filter_map(|line| line.strip_prefix("  ✓  ")).collect();
    let kernel = texts.iter().skip_while(|line| !line.starts_with("veth")).take(4);
    let begins = kernel.map(|line| line.split_once("  ").map(|(what, rest)| (what, rest.trim_start())));
    let begins = begins.map(|parts| parts.expect("two columns"));
    let [veth, bridge, isolation, _] = begins.collect::<Vec<_>>()[..] else { panic!("{well}") };
    assert_eq!((veth, bridge.1, isolation.0), (("veth", "连接命名空间"), "构成子网", "网桥端口隔离"));
    let at = |line: &&str, text: &str| line.find(text).map(|at| line[..at].width());
    let starts = texts.iter().filter_map(|line| at(line, "连接命名空间").or(at(line, "构成子网")));
    assert_eq!(starts.collect::<BTreeSet<_>>().len(), 1, "{well}");

    machine.program("ip netns del cross.ecs-a").exits(0);
    in_chinese(&machine, "doctor").exits(0).says("其命名空间已不存在：cross.ecs-a").says("项警告");
    machine.program("ip netns add cross.more").exits(0);
    machine.ok("down");
    machine.program("ip netns add gone.ecs-a").exits(0);
    in_chinese(&machine, "doctor").exits(0).says("如无人使用，请执行`ip netns delete gone.ecs-a`");
    if others() {
        let by_user = machine.user_command("doctor");
        all_in_chinese(by_user, "doctor, by a user").exits(0).says("✓ 本机可以运行实验，无需root").says("普通用户");
        let mut refused = machine.user_command("doctor");
        support::user::refuse(
            &mut refused,
            support::user::Refused { call: nix::libc::SYS_unshare, with: None, errno: nix::libc::EPERM },
        );
        let report =
            all_in_chinese(refused, "doctor, by a user who may not").exits(4).says("✗ 没有root权限时本机无法运行实验");
        assert!(report.stdout.contains("无法创建：操作不被允许"), "{report}");
        assert!(report.stdout.contains("无法创建用于试用内核功能的命名空间：操作不被允许"), "{report}");
    }
    let mut command = Command::new("setpriv");
    command.args(["--bounding-set", "-sys_admin", "--inh-caps", "-sys_admin", "/run/test-peerlab", "doctor"]);
    all_in_chinese(command, "doctor, without CAP_SYS_ADMIN").exits(4).says("缺少CAP_SYS_ADMIN（命名空间及其挂载）");
    machine.program("mount -o remount,bind,ro /run").exits(0);
    in_chinese(&machine, "doctor").exits(4).says("不可写：以只读方式挂载");
}

#[test]
fn capture_says_in_chinese_what_it_does() {
    let machine = Machine::new();
    machine.file("cross.toml", CROSS);
    machine.ok("up cross.toml --no-verify");
    let mut command = machine.command("capture ecs-a icmp -w ping.pcapng -c 2");
    let capture = command.env("LC_ALL", "zh_CN.UTF-8").stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = capture.spawn().unwrap();
    let mut said = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
    assert_eq!(said.next().unwrap(), "正在ecs-a抓包，写入ping.pcapng；Ctrl-C结束");
    machine.ok("ping ecs-a ecs-b -c 1");
    // On a busy host it may say that more came by.
    let end = said.next().unwrap();
    assert!(end.starts_with("已捕获2个数据包，写入ping.pcapng") && leftovers(&end).is_empty(), "{end}");
    assert!(child.wait().unwrap().success());
}

#[test]
fn pictures_say_in_chinese_what_is_broken_and_how_far_the_lab_is() {
    let machine = Machine::new();
    let labs = repository().join("labs");
    let drawn = |lab: &str, options: &str| {
        let line = format!("graph -f {} {options}", labs.join(lab).display());
        let mut command = machine.command(&line);
        command.env("LC_ALL", "zh_CN.UTF-8");
        Run::of(command).exits(0)
    };
    for format in ["svg", "html", "mermaid", "dot"] {
        let picture = drawn("cross-account.toml", &format!("--until 2 --format {format}"));
        picture.says("跨账号VPC互连").says("✗ ri-a空闲：尚无对端");
        let picture = drawn("cross-account.toml", &format!("--until 3 --format {format}"));
        picture.says("空闲").says("✗ ri-a：未设置对端");
        let picture = drawn("internet.toml", &format!("--until 0 --format {format}"));
        picture.says("✗ 没有子网使用rtb-front").says("公网203.0.113.10").says("✗ 入方向安全组拒绝");
    }
    for format in ["svg", "html", "dot"] {
        let options = format!("--until 5 --format {format}");
        drawn("cross-account.toml", &options).says("已执行第5步，共10步：发起连接");
    }
    let page = drawn("cross-account.toml", "--until 5 --format html").stdout;
    let data = page.split("id=\"data\">").nth(1).unwrap().split("</script>").next().unwrap();
    let data: serde_json::Value = serde_json::from_str(data).unwrap();
    let texts: Vec<_> = data["texts"].as_array().unwrap().iter().map(|text| text.as_str().unwrap()).collect();
    // The ends of flows stay as lab files have them: the script looks them up.
    assert!(texts.contains(&"no-route") && texts.iter().any(|text| text.contains("中没有匹配")), "{texts:?}");
    let left: Vec<_> = texts.iter().filter(|text| !leftovers(text).is_empty()).collect();
    assert_eq!(left, [&""; 0]);
    assert_eq!(data["said"]["no-route"], "无路由");
    in_chinese(&machine, &format!("graph -f {} -o lab.svg", labs.join("jd-half.toml").display())).says("已写入lab.svg");
}

#[test]
fn a_ring_has_chinese_comments() {
    let machine = Machine::new();
    let ring = in_chinese(&machine, "init ring --vpcs 3 --stdout").exits(0);
    ring.says("# 由peerlab init --provider alibaba --vpcs 3 --instances 1写入").says("zh.title = \"3个VPC组成环形");
    in_chinese(&machine, "init ring --vpcs 3").says("✓ 已写入ring.toml，3个实例");
    in_chinese(&machine, "init big --vpcs 300 --instances 4096").exits(2).tells("每个VPC的网段可容纳1至4000个实例");
    let mut json = machine.command("init ring --vpcs 3 --stdout --json");
    json.env("LC_ALL", "zh_CN.UTF-8");
    assert!(!Run::of(json).exits(0).stdout.contains(is_chinese));
}

#[test]
fn what_was_meant_is_asked_in_chinese_with_nothing_empty_below() {
    let machine = Machine::new();
    for (typed, meant) in [("verfy", "verify"), ("api --as A create-vcp", "create-vpc"), ("list --jsn", "--json")] {
        let run = in_chinese(&machine, typed).exits(2).tells(&format!("您要指定的是{meant}吗？\n\n用法："));
        assert!(!run.stderr.lines().any(|line| !line.is_empty() && line.trim().is_empty()), "{}", run.stderr);
    }
}

#[test]
fn json_and_codes_stay_english_for_a_chinese_reader() {
    let machine = Machine::new();
    let lab = repository().join("labs/cross-account.toml");
    in_chinese(&machine, &format!("up {} --until 2", lab.display())).exits(0);
    for line in ["status", "explain ecs-a ecs-b", "list"] {
        let mut command = machine.command(&format!("{line} --json"));
        command.env("LC_ALL", "zh_CN.UTF-8");
        let run = Run::of(command);
        assert!(!run.stdout.contains(is_chinese), "{line}: {}", run.stdout);
    }
    let mut command = machine.command("api --as A deactivate-router-interface ri-b --json");
    command.env("LC_ALL", "zh_CN.UTF-8");
    let refused = Run::of(command).exits(3);
    assert_eq!(refused.error()["code"], "Forbidden.NotOwner");
    assert!(!refused.stderr.contains(is_chinese), "{}", refused.stderr);
    in_chinese(&machine, "api --as A deactivate-router-interface ri-b").exits(3).tells("错误[Forbidden.NotOwner]");
    machine.ok("down");
}
