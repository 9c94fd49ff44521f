//! `peerlab graph` as a user sees it: every shipped lab in every format, checked with programs that read them.
//!
//! Graphviz and Chromium are optional oracles (see `support/oracle.rs`).
#![allow(clippy::disallowed_methods, clippy::unwrap_used)] // a test's own files and oracles

mod browser;
mod geometry;
#[path = "../support/oracle.rs"]
mod oracle;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use oracle::oracle;
use serde_json::Value;

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A directory for a test's files.
fn scratch(name: &str) -> PathBuf {
    let run = std::process::id();
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("graph-{run}-{name}"));
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// As a Chinese reader sees it.
#[track_caller]
fn graph_in_chinese(words: &[&str]) -> String {
    let output = command(words).env("LC_ALL", "zh_CN.UTF-8").output().expect("peerlab runs");
    assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn peerlab(words: &[&str]) -> Output {
    command(words).output().expect("peerlab runs")
}

fn command(words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_peerlab"));
    command.arg("graph").args(words).current_dir(repository()).stdin(Stdio::null());
    command.env("NO_COLOR", "1").env("LC_ALL", "C.UTF-8").env_remove("LANGUAGE");
    command
}

#[track_caller]
fn graph(words: &[&str]) -> String {
    let output = peerlab(words);
    assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Every shipped lab, before its first step and finished.
fn labs() -> Vec<(String, &'static str)> {
    let entries = fs::read_dir(repository().join("labs")).unwrap().map(|entry| entry.unwrap());
    let files = entries.filter(|entry| entry.path().is_file()).map(|entry| entry.file_name());
    let mut files: Vec<_> = files.map(|file| format!("labs/{}", file.into_string().unwrap())).collect();
    files.sort();
    assert!(files.len() >= 17);
    let steps = |file: &String| fs::read_to_string(repository().join(file)).unwrap().matches("[[step]]").count();
    let walks = |file: String| if steps(&file) > 0 { vec![(file.clone(), "0"), (file, "")] } else { vec![(file, "")] };
    files.into_iter().flat_map(walks).collect()
}

fn of_lab<'a>(file: &'a str, until: &'a str, format: &'a str) -> Vec<&'a str> {
    let words = ["-f", file, "--format", format];
    if until.is_empty() { words.to_vec() } else { [&words[..], &["--until", until]].concat() }
}

#[test]
fn every_lab_is_a_picture_and_a_page() {
    for (file, until) in labs() {
        let svg = graph(&of_lab(&file, until, "svg"));
        let picture = roxmltree::Document::parse(&svg).unwrap_or_else(|error| panic!("{file}: {error}"));
        let text = fs::read_to_string(repository().join(&file)).unwrap();
        let boxes = picture.descendants().filter(|node| node.attribute("data-vpc").is_some()).count();
        if until == "0" {
            let vpcs = text.lines().filter(|line| line.starts_with("[vpc.") && !line.contains(".subnet.")).count();
            assert_eq!(boxes, vpcs, "{file}");
        }
        let html = graph(&of_lab(&file, until, "html"));
        let data = html.split("id=\"data\">").nth(1).and_then(|rest| rest.split("</script>").next()).unwrap();
        let data: Value = serde_json::from_str(data).unwrap_or_else(|error| panic!("{file}: {error}"));
        let (ends, whys) = (data["cells"].as_array().unwrap(), data["whys"].as_array().unwrap());
        for (from, row) in ends.iter().enumerate() {
            for (to, cell) in row.as_array().unwrap().iter().enumerate() {
                let known = cell.as_u64().is_some_and(|why| (why as usize) < whys.len());
                assert!(known || (from == to && cell.is_null()), "{file}: from {from} to {to} nothing is said");
            }
        }
        assert!(html.contains(&svg), "{file}: the page holds the picture");
        for foreign in ["http://", "https://", "@import", "url("] {
            let rest = html.replace("http://www.w3.org/2000/svg", "");
            assert!(!rest.contains(foreign), "{file}: the page has {foreign}");
        }
    }
}

/// A Chinese picture shows the same lab: boxes, lines, instances and names; the JSON is identical.
#[test]
fn a_chinese_picture_is_of_the_same_lab() {
    for (file, until) in labs() {
        let of = |text: &str| {
            let picture = roxmltree::Document::parse(text).unwrap_or_else(|error| panic!("{file}: {error}\n{text}"));
            let data = ["data-vpc", "data-instance", "data-peering", "data-border"];
            let places = picture.descendants().flat_map(|it| data.map(|name| it.attribute(name).map(|at| (name, at))));
            let places: Vec<_> = places.flatten().map(|(name, at)| format!("{name} {at}")).collect();
            let named = |it: &roxmltree::Node| {
                ["name", "instance-name", "address", "cidr", "end"].contains(&it.attribute("class").unwrap_or(""))
            };
            let names = picture.descendants().filter(named).filter_map(|it| it.text().map(str::to_owned)).collect();
            (places, names)
        };
        let words = of_lab(&file, until, "svg");
        let chinese = graph_in_chinese(&words);
        let (english, other): ((_, Vec<String>), _) = (of(&graph(&words)), of(&chinese));
        assert_eq!(english, other, "{file} until {until:?}");
        assert!(chinese.contains(" lang=\"zh\"") && chinese.contains("可达"), "{file}: {chinese}");
        let json = [&words[..], &["--json"]].concat();
        assert_eq!(graph(&json), graph_in_chinese(&json), "{file} until {until:?}");
    }
}

#[test]
fn graphviz_reads_every_lab() {
    if !oracle("dot") {
        return;
    }
    for (file, until) in labs() {
        let text = graph(&of_lab(&file, until, "dot"));
        let mut dot = Command::new("dot");
        dot.arg("-Tplain").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut dot = dot.spawn().unwrap();
        dot.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
        let output = dot.wait_with_output().unwrap();
        assert!(
            output.status.success() && output.stderr.is_empty(),
            "{file}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        let plain = String::from_utf8(output.stdout).unwrap();
        let count = |what: &str| plain.lines().filter(|line| line.starts_with(what)).count();
        let json: Value =
            serde_json::from_str(&graph(&[&of_lab(&file, until, "svg")[..], &["--json"]].concat())).unwrap();
        let drawn = json["peerings"].as_array().unwrap().iter().filter(|it| !it["far"]["vpc"].is_null()).count();
        let internet = json["internet"].as_array().unwrap().len();
        assert_eq!(count("edge "), drawn + internet, "{file} until {until:?}");
        let instances = json["instances"].as_array().unwrap().len();
        let vpcs = json["vpcs"].as_array().unwrap().len();
        assert!(count("node ") >= instances + vpcs, "{file} until {until:?}");
    }
}

/// A lab of names that a tool for plain ones could trip over, with a title and a step full of markup.
const NAMES: [&str; 9] = ["网站", "सर्वर-1", "קפה", "end", "graph", "1", "1.10", "A_", "e\u{301}té"];

#[test]
fn names_of_every_script_and_titles_full_of_markup_are_read_as_they_are_written() {
    let title = "\"<b>&amp; ]]> \\N {x|y} 'it' `#` --> 标题";
    let mut lab = format!("[lab]\nname = \"names\"\ntitle = {title:?}\nprovider = \"jdcloud\"\n[account.\"运维\"]\n");
    for (number, name) in NAMES.iter().enumerate() {
        lab += &format!(
            "[vpc.\"{name}\"]\nregion = \"cn-north-1\"\ncidr = \"10.{number}.0.0/16\"\nsubnet.\"{name}\".cidr = \"10.{number}.1.0/24\"\n\
             [instance.\"{name}\"]\nsubnet = \"{name}/{name}\"\n"
        );
    }
    let next = |at: usize| NAMES[(at + 1) % NAMES.len()];
    for (at, name) in NAMES.iter().enumerate() {
        for (half, other) in [(format!("{name}-"), (name, next(at))), (format!("{name}."), (&next(at), *name))] {
            lab += &format!("[peering.\"{half}\"]\nlocal = \"{}\"\npeer = \"{}\"\n", other.0, other.1);
        }
    }
    let file = scratch("names").join("names.toml");
    fs::write(&file, lab).unwrap();
    let file = file.to_str().unwrap();
    let texts = |xml: &str| {
        let document = roxmltree::Document::parse_with_options(
            xml,
            roxmltree::ParsingOptions { allow_dtd: true, ..Default::default() },
        );
        let document = document.unwrap_or_else(|error| panic!("{error}: {xml}"));
        let texts = document.descendants().filter(|it| it.is_text()).filter_map(|it| it.text().map(str::to_owned));
        texts.collect::<Vec<_>>()
    };
    let svg = texts(&graph(&["-f", file, "--format", "svg"]));
    for name in NAMES {
        assert!(svg.iter().filter(|text| text.as_str() == name).count() >= 2, "{name}: {svg:?}");
    }
    assert!(svg.iter().any(|text| text.contains(title)), "{svg:?}");
    let html = graph(&["-f", file, "--format", "html"]);
    assert!(!html.contains("<b>&amp; ]]>"), "the title is text");
    let mermaid = graph(&["-f", file, "--format", "mermaid"]);
    let written = mermaid.lines().find_map(|line| line.strip_prefix("title: ")).unwrap();
    assert_eq!(serde_json::from_str::<String>(written).unwrap(), title);
    for line in mermaid.lines().filter(|line| line.contains('"') && !line.starts_with("title: ")) {
        assert_eq!(line.matches('"').count() % 2, 0, "{line}");
    }
    let named = |name: &str| {
        mermaid.lines().any(|line| line.contains(&format!("[\"{name}")) || line.contains(&format!("\"{name}<")))
    };
    assert!(NAMES.iter().all(|name| named(name)), "{mermaid}");
    // Words of the language are no identifiers.
    let first = |line: &str| line.split_whitespace().next().unwrap_or_default().to_owned();
    let ends = mermaid.lines().filter(|line| first(line) == "end").count();
    assert_eq!(ends, mermaid.lines().filter(|line| first(line) == "subgraph").count(), "{mermaid}");
    if !oracle("dot") {
        return;
    }
    let text = graph(&["-f", file, "--format", "dot"]);
    let mut dot = Command::new("dot").arg("-Tsvg").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    dot.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let output = dot.wait_with_output().unwrap();
    assert!(output.status.success(), "{text}");
    let drawn = texts(&String::from_utf8(output.stdout).unwrap());
    for name in NAMES {
        assert!(drawn.iter().filter(|text| text.contains(name)).count() >= 2, "{name}: {drawn:?}");
    }
    assert!(drawn.iter().any(|text| text.contains(title)), "{drawn:?}");
}

#[test]
fn the_picture_in_the_readme_is_what_is_drawn() {
    let words = ["-f", "labs/cross-account.toml"];
    for (name, drawn) in [("cross-account.svg", graph(&words)), ("cross-account.zh.svg", graph_in_chinese(&words))] {
        let path = repository().join("docs").join(name);
        if std::env::var_os("PEERLAB_DOCS").is_some() {
            fs::write(&path, &drawn).unwrap();
        }
        let kept = fs::read_to_string(&path).unwrap_or_default();
        assert_eq!(kept, drawn, "PEERLAB_DOCS=write cargo test --test graph readme writes it anew");
    }
    let docs = fs::read_to_string(repository().join("docs/graph.md")).unwrap();
    let mermaid = graph(&["-f", "labs/cross-account.toml", "--until", "5", "--format", "mermaid"]);
    assert!(docs.contains(&format!("```mermaid\n{mermaid}```")), "docs/graph.md shows\n{mermaid}");
}

#[test]
fn the_format_is_that_of_the_files_name() {
    let folder = scratch("formats");
    for (name, begins) in [
        ("lab.svg", "<svg"),
        ("lab.HTML", "<!doctype html>"),
        ("lab.htm", "<!doctype html>"),
        ("lab.mmd", "---"),
        ("lab.gv", "graph "),
    ] {
        let out = folder.join(name);
        let said = graph(&["-f", "labs/jd-half.toml", "-o", out.to_str().unwrap()]);
        assert!(said.contains("wrote"), "{said}");
        assert!(fs::read_to_string(&out).unwrap().starts_with(begins), "{name}");
    }
    let out = folder.join("lab.txt");
    let text = graph(&["-f", "labs/jd-half.toml", "--format", "dot", "-o", out.to_str().unwrap(), "--json"]);
    let said: Value = serde_json::from_str(&text).unwrap();
    assert_eq!((&said["format"], &said["lab"]), (&"dot".into(), &"jd-half".into()));
    assert!(fs::read_to_string(&out).unwrap().starts_with("graph "));
}

#[test]
fn what_cannot_be_drawn_or_written_is_said() {
    let wrong = |words: &[&str], status: i32, part: &str| {
        let output = peerlab(words);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(status), "{words:?}: {said}");
        assert!(said.contains(part), "{words:?}: {said}");
        assert!(output.stdout.is_empty());
    };
    wrong(&["-f", "labs/jd-half.toml", "-o", "lab.png"], 2, "let it end in .svg, .html, .mmd, .dot");
    wrong(&["-f", "labs/jd-half.toml", "-o", "/nowhere/lab.svg"], 2, "there is no such directory");
    wrong(&["-f", "labs/jd-half.toml", "-o", "/"], 2, "name a file in it, as /lab.svg");
    wrong(&["-f", "labs/jd-half.toml", "-o", "lab"], 2, "does not say which format");
    wrong(&["-f", "labs/none.toml"], 2, "there is no such file");
    wrong(&["-f", "labs/jd-half.toml", "--until", "99"], 2, "has no step 99");
    wrong(&["--until", "1"], 2, "give the file with -f");
}

/// The picture and `--json` agree, and follow the steps.
#[test]
fn the_picture_follows_the_steps() {
    let at = |until: &str| -> Value {
        serde_json::from_str(&graph(&["-f", "labs/cross-account.toml", "--until", until, "--json"])).unwrap()
    };
    assert_eq!(at("0")["peerings"], Value::Array(Vec::new()));
    let idle = at("2");
    assert_eq!(idle["peerings"][0]["near"]["status"], "Idle");
    assert!(idle["peerings"][0]["far"].is_null());
    let connected = at("5");
    let peering = &connected["peerings"][0];
    assert_eq!((&peering["carries"], &peering["bandwidth"]), (&true.into(), &"2 Mbit/s".into()));
    assert_eq!(peering["there"]["dropped"]["no-route"], 1);
    assert_eq!(at("10")["pairs"]["reach"], 2);
}
