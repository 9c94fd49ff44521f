//! The examples at the end of each verb's `--help`.

use crate::document::Command;
use crate::support::Machine;
use crate::visitor::Visitor;

/// The commands before each of a verb's examples, on a machine without labs; for other verbs, cross-account is up.
fn before(verb: &str) -> &'static str {
    match verb {
        "init" | "validate" | "plan" | "up" | "test" => "true",
        "next" => "peerlab up lab.toml --no-verify --until 3",
        "api" => "peerlab up lab.toml --no-verify --until 5",
        "exercise" => "peerlab exercise start lab.toml --seed 1",
        // It removes the lab of exactly that file.
        "down" => "peerlab up labs/cross-account.toml --no-verify",
        _ => "peerlab up lab.toml --no-verify",
    }
}

/// Examples that show a refusal or a drop, with their exit status.
const TELLING: [(&str, i32); 3] = [
    // Nothing is mended yet.
    ("peerlab exercise grade", 1),
    ("peerlab ping internet ecs-a", 1),
    // It is connected already, as the next example requires.
    ("peerlab api --as A connect-router-interface ri-a", 3),
];

/// The programs that run until they are interrupted.
const UNTIL_INTERRUPTED: [&str; 4] = ["tcpdump", "peerlab capture", "peerlab watch", "peerlab serve"];

/// The verbs, as the help lists them.
pub(crate) fn verbs() -> Vec<String> {
    let help = std::thread::spawn(|| Machine::new().ok("--help").stdout).join().unwrap();
    let list = help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let verbs = list.filter_map(|line| line.strip_prefix("  ")?.split(' ').next().filter(|verb| !verb.is_empty()));
    verbs.filter(|verb| *verb != "help").map(String::from).collect()
}

/// Runs a verb's examples, each from the beginning; those with tcpdump only if it is installed.
pub(crate) fn run(verb: &str, tcpdump: bool) {
    let visitor = Visitor::new("C.UTF-8", |lab| ["cross-account", "asymmetric-routes"].contains(&lab));
    if verb != "init" {
        visitor.file("lab.toml", include_str!("../../labs/cross-account.toml"));
    }
    let typed = |text: &str| {
        let status = TELLING.iter().find(|(example, _)| *example == text).map_or(0, |(_, status)| *status);
        let interrupted = UNTIL_INTERRUPTED.iter().any(|program| text.contains(program));
        let command = Command { text: text.to_string(), status, interrupted, ..Command::default() };
        let run = visitor.run(&command);
        let help = run.stdout.clone();
        run.hold(verb, &command);
        help
    };
    // Wide enough that no example is wrapped.
    let help = typed(&format!("COLUMNS=200 peerlab {verb} --help"));
    let examples = help.lines().skip_while(|line| *line != "Examples:").filter_map(example);
    // Those for several hosts need some: tests/several_hosts has them.
    let here = examples.filter(|text| !text.contains("--on "));
    for text in here.filter(|text| tcpdump || !text.contains("tcpdump")) {
        typed("peerlab down --all --quiet");
        typed(before(verb));
        typed(text);
    }
}

/// The command of a line; its description follows after two or more spaces.
fn example(line: &str) -> Option<&str> {
    let command = line.strip_prefix("  ").filter(|line| line.starts_with("peerlab "))?;
    Some(command.split("   ").next().unwrap_or(command))
}
