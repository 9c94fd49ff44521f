//! The page in a real browser: mouse, keyboard and links, in light and dark.
//!
//! Chromium opens a copy of the page with a script that simulates a reader and records the result; `--dump-dom` returns
//! the page.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

use super::{graph, graph_in_chinese, oracle, scratch};

/// Errors of the page from its first line on.
const LISTEN: &str = r#"<script>
window.faults = [];
addEventListener("error", (event) => faults.push(String(event.message)));
addEventListener("unhandledrejection", (event) => faults.push(String(event.reason)));
console.error = console.warn = (...words) => faults.push(words.join(" "));
</script>"#;

/// Helper functions for test scripts.
const HELP: &str = r##"
const $ = (selector) => document.querySelector(selector);
const text = (selector) => $(selector)?.textContent ?? null;
const cell = (row, column) => $(`#matrix td[data-row="${row}"][data-column="${column}"]`);
const press = (element, key) => element.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
const click = (element) => element.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true }));
const onPath = () => [...document.querySelectorAll(".picture .on")].map((it) => JSON.stringify({ ...it.dataset })).sort();
const seen = () => ({
  verdict: text(".verdict"), blockers: [...document.querySelectorAll("#blockers .place")].map((it) => it.textContent),
  fix: text("#fix"), cut: ($("#fix")?.scrollWidth ?? 0) > ($("#fix")?.clientWidth ?? 0), path: onPath(), stops: document.querySelectorAll(".stop-sign").length,
  chosen: [...document.querySelectorAll("td.chosen")].map((it) => it.title), hash: decodeURIComponent(location.hash),
});
"##;

/// The value of the expression `script` on a page opened with `link`.
pub(super) fn visit(page: &str, name: &str, link: &str, dark: bool, script: &str) -> Value {
    let folder = scratch(&format!("browser-{name}-{dark}"));
    let report = format!(
        "<script>\n{HELP}\nconst result = ({script})();\nconst out = document.createElement('pre');\nout.id = 'result';\n\
         out.textContent = JSON.stringify({{ result, faults, dark: matchMedia('(prefers-color-scheme: dark)').matches,\n\
         page: getComputedStyle(document.documentElement).backgroundColor,\n\
         ink: getComputedStyle(document.querySelector('.picture .title')).fill }});\n\
         document.body.append(out);\n</script></body>"
    );
    let page = page.replacen("<head>", &format!("<head>{LISTEN}"), 1);
    let (before, after) = page.rsplit_once("</body>").unwrap();
    let file = folder.join("page.html");
    fs::write(&file, format!("{before}{report}{after}")).unwrap();
    let seen = dump(&file, link, dark, &folder);
    let seen = seen.split("<pre id=\"result\">").nth(1).and_then(|rest| rest.split("</pre>").next());
    let seen = seen.expect("the script ran to its end").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
    let seen: Value = serde_json::from_str(&seen).unwrap();
    assert_eq!(seen["faults"], Value::Array(Vec::new()), "{name}: the page has faults");
    assert_eq!(seen["dark"], dark, "{name}");
    seen
}

fn dump(file: &Path, link: &str, dark: bool, folder: &Path) -> String {
    let mut chromium = Command::new("chromium");
    chromium.args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"]);
    chromium.args([
        "--disable-background-networking",
        "--window-size=1400,900",
        "--virtual-time-budget=2000",
        "--dump-dom",
    ]);
    chromium.arg("--enable-logging=stderr");
    chromium.arg(format!("--blink-settings=preferredColorScheme={}", if dark { 0 } else { 1 }));
    chromium.arg(format!("--user-data-dir={}", folder.join("profile").display()));
    chromium.arg(format!("file://{}{link}", file.display())).stdin(Stdio::null());
    let output = chromium.output().unwrap();
    let _ = fs::remove_dir_all(folder.join("profile"));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "chromium: {said}");
    let console: Vec<_> = said.lines().filter(|line| line.contains(":CONSOLE")).collect();
    assert!(console.is_empty(), "the console says: {console:?}");
    String::from_utf8(output.stdout).unwrap()
}

fn words(value: &Value) -> Vec<&str> {
    value.as_array().unwrap().iter().map(|it| it.as_str().unwrap()).collect()
}

/// Selects a pair by a click in the matrix, by keys, and by two instances, then clears the selection.
#[test]
fn a_pair_shows_its_path_its_blockers_and_the_fix() {
    if !oracle("chromium") {
        return;
    }
    let page = graph(&["-f", "labs/cross-account.toml", "--until", "5", "--format", "html"]);
    let script = r#"() => {
      const before = seen();
      click(cell(0, 1));
      const clicked = seen();
      cell(0, 1).focus();
      press(document.activeElement, "ArrowDown");
      press(document.activeElement, "ArrowLeft");
      const focused = document.activeElement.title;
      press(document.activeElement, "Enter");
      const byKeys = seen();
      click($('[data-instance="0"]'));
      const half = text("\#answer");
      press($('[data-instance="1"]'), "Enter");
      const picked = seen();
      click($("\#swap"));
      const swapped = seen();
      click($('.line[data-peering="0"] .reach'));
      const peering = text(".verdict");
      press(document.body, "Escape");
      return { before, clicked, focused, byKeys, half, picked, swapped, peering, after: seen() };
    }"#
    .replace("\\#", "#");
    for dark in [false, true] {
        let seen = visit(&page, "pair", "", dark, &script);
        let result = &seen["result"];
        assert_eq!(result["before"]["path"], Value::Array(Vec::new()));
        let clicked = &result["clicked"];
        assert_eq!(clicked["verdict"], "ecs-a → ecs-b icmp ✗ no-route");
        assert_eq!(words(&clicked["blockers"]), ["no-route", "ingress-security-group", "return:no-route"]);
        let fix = "peerlab api --as A create-route-entry --vpc VPC1 --destination 172.16.0.0/16 --next-hop ri-a\n\
                   peerlab api --as B authorize-security-group sg-b --protocol icmp --cidr 192.168.0.0/16\n\
                   peerlab api --as B create-route-entry --vpc VPC2 --destination 192.168.0.0/16 --next-hop ri-b";
        assert_eq!(clicked["fix"], fix);
        assert_eq!(clicked["cut"], false, "a command is wrapped, not cut at the edge");
        assert_eq!((&clicked["stops"], &clicked["hash"]), (&1.into(), &"#ecs-a→ecs-b".into()));
        assert_eq!(words(&clicked["chosen"]), ["ecs-a → ecs-b: no-route"]);
        assert!(words(&clicked["path"]).contains(&"{\"instance\":\"0\"}"), "{clicked}");
        assert_eq!(result["focused"], "ecs-b → ecs-a: no-route");
        assert_eq!(result["byKeys"]["verdict"], "ecs-b → ecs-a icmp ✗ no-route");
        assert!(result["half"].as_str().unwrap().starts_with("From ecs-a to …?"));
        assert_eq!(result["picked"]["verdict"], "ecs-a → ecs-b icmp ✗ no-route");
        assert_eq!(result["swapped"]["verdict"], "ecs-b → ecs-a icmp ✗ no-route");
        assert_eq!(result["peering"], "ri-a of VPC1 Active – ri-b of VPC2 Active, 2 Mbit/s");
        assert_eq!((&result["after"]["hash"], &result["after"]["path"]), (&"".into(), &Value::Array(Vec::new())));
        let colours = (seen["page"].as_str().unwrap(), seen["ink"].as_str().unwrap());
        let wanted = [("rgb(255, 255, 255)", "rgb(31, 35, 40)"), ("rgb(13, 17, 23)", "rgb(230, 237, 243)")];
        assert_eq!(colours, wanted[usize::from(dark)]);
    }
}

/// Every text of a page, and those of its picture that overflow their boxes.
const READ: &str = r#"() => {
  click(cell(0, 1));
  const inside = (text, box) => box.left <= text.left && text.right <= box.right && box.top <= text.top && text.bottom <= box.bottom;
  const wide = [];
  const hold = (texts, box) => texts.forEach((it) => {
    if (!inside(it.getBoundingClientRect(), box.getBoundingClientRect())) wide.push(it.textContent);
  });
  const all = (from, selector) => [...from.querySelectorAll(selector)];
  all(document, ".vpc").forEach((vpc) => hold(all(vpc, "text"), vpc.querySelector(".box")));
  all(document, ".instance").forEach((it) => it.querySelector(".host") && hold(all(it, "text"), it.querySelector(".host")));
  all(document, ".label").forEach((it) => it.querySelector(".plate") && hold(all(it, "text"), it.querySelector(".plate")));
  hold(all(document, ".picture text"), $(".picture .page"));
  const shown = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    if (!walk.currentNode.parentElement.closest("script, style, pre, .written")) shown.push(walk.currentNode.data);
  }
  for (const name of ["title", "aria-label"]) all(document, `[${name}]`).forEach((it) => shown.push(it.getAttribute(name)));
  return { wide, shown, language: document.documentElement.lang };
}"#;

/// Working and broken labs in Chinese: no English except names and words of lab files, and each text fits its box.
#[test]
fn a_chinese_page_is_chinese_and_its_boxes_hold_its_texts() {
    if !oracle("chromium") {
        return;
    }
    for (lab, until) in [
        ("cross-account", "2"),
        ("router-interfaces", "5"),
        ("vpc-peering", "1"),
        ("hub-and-spoke", ""),
        ("thirty-students", ""),
    ] {
        let file = format!("labs/{lab}.toml");
        let page = graph_in_chinese(&super::of_lab(&file, until, "html"));
        let seen = visit(&page, &format!("chinese-{lab}"), "", false, READ);
        let result = &seen["result"];
        assert_eq!((&result["language"], words(&result["wide"])), (&"zh".into(), vec![]), "{lab}");
        // Untranslated: the titles of labs that are not tutorials.
        let title = fs::read_to_string(super::repository().join(&file)).unwrap();
        let title = title.lines().find_map(|line| line.strip_prefix("title = ")).unwrap().trim_matches('"').to_owned();
        let english: Vec<_> = words(&result["shown"])
            .into_iter()
            .filter(|text| {
                **text != title && text.split(|c: char| !c.is_ascii_alphabetic() && c != ' ').any(is_english)
            })
            .collect();
        assert_eq!(english, [""; 0], "{lab}");
        assert!(words(&result["shown"]).iter().any(|text| text.contains("连通矩阵")), "{lab}");
    }
}

/// Whether this is two or more English words: names are one word, and `VPC VPC1` counts as Chinese.
fn is_english(text: &str) -> bool {
    text.split(' ').filter(|word| word.len() > 1 && word.chars().all(|c| c.is_ascii_lowercase())).count() > 1
}

/// A link selects a pair; its path goes over the peering and back.
#[test]
fn a_link_leads_to_a_pair() {
    if !oracle("chromium") {
        return;
    }
    let page = graph(&["-f", "labs/vpc-peering.toml", "--format", "html"]);
    let seen = visit(&page, "link", "#vm-a→vm-b", false, "() => seen()");
    let result = &seen["result"];
    assert_eq!(result["verdict"], "vm-a → vm-b icmp ✓ reach", "{result}");
    assert!(words(&result["path"]).contains(&"{\"peering\":\"0\"}"), "{result}");
    assert_eq!(result["stops"], 0);
    let seen = visit(&page, "internet", "#vm-a-%3Einternet", true, "() => seen()");
    let result = &seen["result"];
    assert!(result["verdict"].as_str().unwrap().starts_with("vm-a → internet"), "{result}");
    assert!(words(&result["path"]).iter().any(|it| it.contains("border")), "{result}");
}

/// With two dozen instances all columns of the matrix are visible, sorted by VPC in natural order; so is the selection.
#[test]
fn the_matrix_is_as_wide_as_it_must_be_and_in_order() {
    if !oracle("chromium") {
        return;
    }
    let folder = scratch("matrix");
    let mut init = Command::new(env!("CARGO_BIN_EXE_peerlab"));
    let ring = init.args(["init", "--stdout", "--vpcs", "12", "--instances", "2", "ring"]).output().unwrap();
    fs::write(folder.join("ring.toml"), ring.stdout).unwrap();
    let page = graph(&["-f", folder.join("ring.toml").to_str().unwrap(), "--format", "html"]);
    let script = r##"() => ({
      rows: [...document.querySelectorAll("#matrix th.row")].map((it) => it.textContent),
      listed: [...$("#from").options].slice(1).map((it) => it.textContent),
      hidden: $("#matrix").scrollWidth - $("#matrix").clientWidth,
      picture: $("#stage").clientWidth > innerWidth / 2,
      seen: seen(),
    })"##;
    let seen = visit(&page, "matrix", "#i2-1→i10-2", false, script);
    let result = &seen["result"];
    let wanted: Vec<String> = (1..=12).flat_map(|vpc| [1, 2].map(|n| format!("i{vpc}-{n}"))).collect();
    assert_eq!(words(&result["rows"]), wanted);
    assert_eq!(words(&result["listed"]), wanted);
    assert_eq!((&result["hidden"], &result["picture"]), (&0.into(), &true.into()));
    assert_eq!(words(&result["seen"]["chosen"]), ["i2-1 → i10-2: no-route"]);
}
