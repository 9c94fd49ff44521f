//! Pictures as a browser draws them, with the installed fonts: every text in its box, nothing over a text, nothing too
//! faint to read; for every shipped lab and for rings and meshes of 2 to 50 VPCs.

use std::fmt::Write;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

use super::browser::visit;
use super::{graph, labs, of_lab, oracle, scratch};

/// The faults of the picture in `svg`, one per line.
const FAULTS: &str = r#"(svg) => {
  const faults = [];
  const bounds = (it) => it.getBoundingClientRect();
  const meet = (a, b, by) => a.left + by < b.right && b.left + by < a.right && a.top + by < b.bottom && b.top + by < a.bottom;
  const within = (a, b, by) => a.left >= b.left + by && a.right <= b.right - by && a.top >= b.top && a.bottom <= b.bottom;
  const all = (selector) => [...svg.querySelectorAll(selector)];
  const texts = all("text").filter((it) => it.textContent).map((it) => ({ it, said: it.textContent, at: bounds(it) }));
  const boxes = all(".box, .cloud").map(bounds);

  // The background of a text.
  const ground = (text) => {
    const [instance, vpc, label] = [".instance", ".vpc", ".label"].map((it) => text.closest(it));
    const subnets = text.matches(".subnet-name") ? [...vpc.querySelectorAll(".subnet")] : [];
    const subnet = subnets.find((it) => meet(bounds(it), bounds(text), 0));
    return subnet ?? instance?.querySelector(".host") ?? vpc?.querySelector(".box") ?? label?.querySelector(".plate")
      ?? text.closest(".internet")?.querySelector(".cloud") ?? svg.querySelector(".page");
  };
  texts.forEach(({ it, said, at }, index) => {
    if (!within(at, bounds(ground(it)), it.closest(".vpc") ? 2 : 0)) faults.push(`${said} stands out of what holds it`);
    for (const other of texts.slice(0, index)) {
      if (meet(at, other.at, 1.5)) faults.push(`${said} stands on ${other.said}`);
    }
    const free = it.closest(".label") || it.matches(".frame-title");
    if (free && boxes.some((box) => meet(at, box, 1))) faults.push(`${said} stands on a box`);
    const [ink, paper] = [it, ground(it)].map((it) => brightness(getComputedStyle(it).fill));
    const contrast = (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05);
    if (contrast < 4.5) faults.push(`${said} is faint: ${contrast.toFixed(1)}`);
  });
  const labels = all(".label").map((it) => ({ said: it.textContent, at: bounds(it) }));
  labels.forEach(({ said, at }, index) => {
    for (const other of labels.slice(0, index)) if (meet(at, other.at, 1)) faults.push(`label ${said} on ${other.said}`);
  });

  // A label's background hides lines below it.
  const bare = texts.filter(({ it }) => !it.closest(".vpc") && !it.closest(".label")?.querySelector(".plate"));
  for (const wire of all(".line .wire")) {
    if (wire.closest(".legend")) continue;
    const [whole, to] = [wire.getTotalLength(), wire.getScreenCTM()];
    const name = wire.parentNode.firstChild.textContent.split("\n")[0];
    const through = new Set();
    for (let way = 6; way < whole - 6; way += 4) {
      const { x, y } = wire.getPointAtLength(way).matrixTransform(to);
      const inside = (it, by) => x > it.left + by && x < it.right - by && y > it.top + by && y < it.bottom - by;
      if (boxes.some((box) => inside(box, 1))) through.add("a box");
      for (const { said, at } of bare) if (inside(at, 2)) through.add(said);
    }
    for (const what of through) faults.push(`${name} runs through ${what}`);
  }
  return faults;

  function brightness(colour) {
    const [red, green, blue] = colour.match(/[\d.]+/g).map((it) => it / 255)
      .map((it) => it <= 0.04045 ? it / 12.92 : ((it + 0.055) / 1.055) ** 2.4);
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  }
}"#;

/// The faults of each of these pictures, drawn at their original size.
fn faults(name: &str, pictures: &[String], dark: bool) -> Value {
    let pictures: String = pictures.iter().map(|svg| format!("<div>{svg}</div>")).collect();
    let page = format!("<!doctype html><html><head><meta charset=\"utf-8\"></head><body>{pictures}</body></html>");
    let script = format!("() => [...document.querySelectorAll(\"svg.picture\")].map({FAULTS})");
    visit(&page, name, "", dark, &script)["result"].take()
}

fn assert_sound(name: &str, pictures: &[(String, String)]) {
    let drawn: Vec<String> = pictures.iter().map(|(_, svg)| svg.clone()).collect();
    for dark in [false, true] {
        let faults = faults(name, &drawn, dark);
        let faults = faults.as_array().unwrap();
        assert_eq!(faults.len(), pictures.len());
        for ((what, _), faults) in pictures.iter().zip(faults) {
            assert_eq!(faults, &Value::Array(Vec::new()), "{what}, dark: {dark}");
        }
    }
}

/// A mesh in which each VPC is peered with the `reach` VPCs on either side, in two accounts. Every fifth peering lacks
/// one half, and every third the route back.
fn mesh(vpcs: usize, reach: usize, name: fn(usize) -> String) -> String {
    let mut text = String::from("[lab]\nname = \"mesh\"\nprovider = \"jdcloud\"\n[account.A]\n[account.B]\n");
    let mut routes = vec![String::new(); vpcs];
    let pairs = (0..vpcs).flat_map(|a| (1..=reach).map(move |step| (a, (a + step) % vpcs)));
    let mut pairs: Vec<_> = pairs.map(|(a, b)| (a.min(b), a.max(b))).filter(|(a, b)| a != b).collect();
    pairs.sort_unstable();
    pairs.dedup();
    for (nth, (a, b)) in pairs.into_iter().enumerate() {
        let mut half = |name: &str, a: usize, b: usize, leads: bool| {
            write!(text, "[peering.{name}{nth}]\nlocal = \"v{a}\"\npeer = \"v{b}\"\n").unwrap();
            if leads {
                writeln!(routes[a], "  {{ to = \"10.{b}.0.0/16\", via = \"{name}{nth}\" }},").unwrap();
            }
        };
        half("p", a, b, true);
        if nth % 5 != 4 {
            half("q", b, a, nth % 3 != 2);
        }
    }
    for (at, routes) in routes.iter().enumerate() {
        let account = if at < vpcs / 2 { "A" } else { "B" };
        write!(
            text,
            "[vpc.v{at}]\naccount = \"{account}\"\nregion = \"cn-north-1\"\ncidr = \"10.{at}.0.0/16\"\nroutes = [\n{routes}]\n\
             [vpc.v{at}.subnet.s]\ncidr = \"10.{at}.1.0/24\"\n[instance.{}]\nsubnet = \"v{at}/s\"\n",
            name(at)
        )
        .unwrap();
    }
    text
}

fn ring(vpcs: usize) -> PathBuf {
    let file = scratch("geometry").join(format!("ring-{vpcs}.toml"));
    let mut init = Command::new(env!("CARGO_BIN_EXE_peerlab"));
    init.args(["init", "--stdout", "--instances", "2", "--vpcs", &vpcs.to_string(), "ring"]);
    let output = init.output().unwrap();
    assert!(output.status.success());
    fs::write(&file, output.stdout).unwrap();
    file
}

fn drawn(file: &str) -> (String, String) {
    (file.to_owned(), graph(&["-f", file]))
}

#[test]
fn in_the_picture_of_a_shipped_lab_nothing_covers_or_leaves_anything() {
    if !oracle("chromium") {
        return;
    }
    let mut pictures: Vec<_> =
        labs().iter().map(|(file, until)| (file.clone(), graph(&of_lab(file, until, "svg")))).collect();
    // A half that waits for the other is a note in its VPC.
    for until in ["1", "2", "3", "5"] {
        let file = "labs/life-of-a-pair.toml";
        pictures.push((format!("{file} until {until}"), graph(&["-f", file, "--until", until])));
    }
    assert_sound("geometry-labs", &pictures);
}

#[test]
fn in_the_picture_of_a_ring_or_a_mesh_nothing_covers_or_leaves_anything() {
    if !oracle("chromium") {
        return;
    }
    let mut pictures: Vec<_> = [2, 5, 12, 30, 50].map(|vpcs| drawn(ring(vpcs).to_str().unwrap())).into();
    let short = |at| format!("i{at}");
    let long = |at| format!("application-server-behind-the-load-balancer-of-team-{at}");
    for (vpcs, reach, name) in [
        (2, 1, short as fn(usize) -> String),
        (5, 2, short),
        (5, 2, long),
        (12, 5, short),
        (30, 2, short),
        (50, 2, short),
    ] {
        let file = scratch("geometry").join(format!("mesh-{vpcs}-{}.toml", name(0)));
        fs::write(&file, mesh(vpcs, reach, name)).unwrap();
        pictures.push(drawn(file.to_str().unwrap()));
    }
    assert_sound("geometry-shapes", &pictures);
}

/// The test above detects faults.
#[test]
fn a_picture_in_which_something_is_wrong_is_found_out() {
    if !oracle("chromium") {
        return;
    }
    let svg = graph(&["-f", "labs/cross-account.toml"]);
    let wrong = [
        ("stands out of", svg.replacen(">192.168.1.10</text>", ">192.168.1.10, the address of ecs-a</text>", 1)),
        ("stands on", svg.replacen(">VPC1</text>", ">VPC1 of the first account</text>", 1)),
        ("runs through", svg.replacen("class=\"wire\" d=\"M", "class=\"wire\" d=\"M0 80L400 80M", 1)),
        ("is faint", svg.replacen("class=\"address\"", "class=\"address\" style=\"fill: #8884\"", 1)),
    ];
    let pictures: Vec<String> = wrong.iter().map(|(_, wrong)| wrong.clone()).collect();
    let faults = faults("geometry-wrong", &pictures, false);
    for ((part, picture), faults) in wrong.iter().zip(faults.as_array().unwrap()) {
        assert_ne!(*picture, svg);
        assert!(faults.as_array().unwrap().iter().any(|it| it.as_str().unwrap().contains(part)), "{part}: {faults}");
    }
}
