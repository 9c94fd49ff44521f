//! Completions as a shell shows them, and manual pages as a formatter reads them.
#![allow(clippy::disallowed_methods, clippy::unwrap_used)] // a test's own files and oracles

#[allow(dead_code)] // what only tests/cli.rs uses
mod support;

use std::fs;
use std::os::unix::fs::symlink;
use std::process::Command;

use support::oracle::{oracle, others};
use support::pty::Pty;
use support::{CROSS, Machine, Run};

/// A machine with lab `cross`.
fn machine() -> Machine {
    machine_with("cross", CROSS)
}

/// A machine with a lab that is up, its file, and peerlab on the path.
fn machine_with(lab: &str, text: &str) -> Machine {
    let machine = Machine::new();
    machine.file(&format!("{lab}.toml"), text);
    machine.ok(&format!("up {lab}.toml --no-verify"));
    fs::create_dir("/run/test/bin").unwrap();
    symlink("/run/test-peerlab", "/run/test/bin/peerlab").unwrap();
    machine
}

fn shell(program: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    let path = format!("/run/test/bin:{}", std::env::var("PATH").unwrap());
    command.args(arguments).env("PATH", path).env("HOME", "/run/test").current_dir("/run/test");
    command
}

/// bash's completions at the end of a line as typed; after a `:`, what follows it.
fn bash(line: &str) -> Vec<String> {
    let script = format!(
        "source <(peerlab completions bash); COMP_LINE='{line}'; COMP_POINT=${{#COMP_LINE}}; COMP_TYPE=9
        COMP_WORDS=($COMP_LINE); [[ $COMP_LINE == *' ' ]] && COMP_WORDS+=(''); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
        complete -p peerlab >/dev/null || exit 1
        function=$(complete -p peerlab | sed 's/.*-F \\([^ ]*\\).*/\\1/')
        $function peerlab \"${{COMP_WORDS[COMP_CWORD]}}\" ''; printf '%s\\n' \"${{COMPREPLY[@]}}\""
    );
    let mut bash = shell("bash", &["--norc", "-c", &script]);
    bash.env("LC_ALL", "C.UTF-8");
    let run = Run::ended(line.into(), bash.output().unwrap()).exits(0);
    // After the names, bash also offers options.
    run.stdout
        .lines()
        .map(|word| word.trim_end().to_owned())
        .filter(|it| !it.is_empty() && !it.starts_with('-'))
        .collect()
}

#[test]
fn bash_is_offered_verbs_operations_and_the_names_of_what_is_up() {
    let machine = machine();
    assert_eq!(bash("peerlab statu"), ["status"]);
    assert_eq!(bash("peerlab status "), ["cross"]);
    assert_eq!((bash("peerlab undo "), bash("peerlab export ")), (vec!["cross".into()], vec!["cross".into()]));
    assert_eq!(bash("peerlab exec ecs"), ["ecs-a", "ecs-b"]);
    assert_eq!(bash("peerlab exec --lab nothing ecs"), [] as [&str; 0]);
    assert_eq!(bash("peerlab explain internet V"), [] as [&str; 0]);
    assert_eq!(bash("peerlab api --as A connect-router-interface r"), ["ri-a", "ri-b"]);
    assert_eq!(bash("peerlab api --as A conn"), ["connect-router-interface"]);
    assert_eq!(bash("peerlab api create-route-entry --vpc "), ["VPC1", "VPC2"]);
    assert_eq!(bash("peerlab api create-instance new --subnet V"), ["VPC1/vsw-1", "VPC2/vsw-2"]);
    assert_eq!(bash("peerlab api create-vpc new --region cn-be"), ["cn-beijing", "cn-beijing-finance-1"]);
    assert_eq!(bash("peerlab api create-router-interface new --role "), ["initiator", "acceptor"]);
    assert_eq!(
        bash("peerlab api create-peering new --spec Mi"),
        ["Mini.2", "Mini.5", "Middle.1", "Middle.2", "Middle.5"]
    );
    assert_eq!(bash("peerlab api authorize-security-group g --protocol "), ["tcp", "udp", "icmp", "gre", "all"]);
    assert_eq!(bash("peerlab api authorize-security-group g --policy a"), ["accept"]);
    assert_eq!(bash("peerlab api modify-router-interface-attribute ri-a --opposite-router V"), ["VPC1", "VPC2"]);
    assert_eq!(bash("peerlab api create-vpc new --cidr "), [] as [&str; 0]);
    assert_eq!(bash("peerlab up cr"), ["cross.toml", "cross-account", "cross-region-group"]);
    assert_eq!(bash("peerlab test cross-a"), ["cross-account"]);
    assert_eq!(bash("peerlab explain ecs-a ecs-b -f cross-a"), ["cross-account"]);
    assert_eq!(bash("peerlab labs same-"), ["same-account", "same-block"]);
    assert_eq!(bash("peerlab down cr"), ["cross", "cross.toml"]);
    machine.file("second.toml", CROSS);
    machine.ok("up second.toml --name second --until 0 --no-verify");
    assert_eq!(bash("peerlab exec ecs"), [] as [&str; 0], "which lab is meant is not known");
    assert_eq!(bash("peerlab api --lab second delete-router-interface r"), [] as [&str; 0]);
    assert_eq!(bash("peerlab api --lab cross delete-router-interface r"), ["ri-a", "ri-b"]);
}

/// A VPC, an instance and a peering of one name, and others.
const NAMESAKES: &str = r#"
[lab]
name = "namesakes"
provider = "alibaba"
[account.A]
[vpc.prod]
region = "cn-qingdao"
cidr = "10.1.0.0/16"
subnet.s.cidr = "10.1.1.0/24"
[vpc.stage]
region = "cn-qingdao"
cidr = "10.2.0.0/16"
[instance.prod]
subnet = "prod/s"
[instance."网站"]
subnet = "prod/s"
[peering.prod]
local = "prod"
peer = "stage"
spec = "Mini.2"
"#;

#[test]
fn a_kind_is_offered_before_a_name_that_several_kinds_have() {
    let _machine = machine_with("namesakes", NAMESAKES);
    assert_eq!(bash("peerlab exec prod"), ["prod"]);
    assert_eq!(bash("peerlab exec vpc"), ["vpc:prod"]);
    assert_eq!(bash("peerlab exec vpc:"), ["prod", "stage"]);
    assert_eq!(bash("peerlab exec instance:p"), ["prod"]);
    assert_eq!(bash("peerlab capture p"), ["prod.acceptor", "prod.initiator", "peering:prod"]);
    assert_eq!(bash("peerlab capture in"), ["instance:prod", "internet"]);
    assert_eq!(bash("peerlab capture peering:"), ["prod"]);
    assert_eq!(bash("peerlab api --as A create-route-entry --vpc stage --next-hop instance:"), ["prod", "网站"]);
    assert_eq!(bash("peerlab ping prod 网"), ["网站"]);
    assert_eq!(bash("peerlab ping prod instance:网"), ["网站"]);
}

#[test]
fn whoever_may_not_look_gets_nothing_and_no_word() {
    if !others() {
        return;
    }
    let machine = machine();
    let asked = |words: &str| {
        let mut command = machine.user_command(words);
        command
            .env("COMPLETE", "bash")
            .env("_CLAP_COMPLETE_INDEX", "2")
            .env("_CLAP_IFS", "\n")
            .env("_CLAP_COMPLETE_COMP_TYPE", "9");
        Run::ended(words.into(), command.output().unwrap()).exits(0)
    };
    let names = asked("-- peerlab exec ecs");
    assert_eq!((names.stdout.as_str(), names.stderr.as_str()), ("", ""));
    let labs = asked("-- peerlab status c");
    assert_eq!((labs.stdout.trim(), labs.stderr.as_str()), ("cross", ""));
}

#[test]
fn fish_completes_too() {
    if !oracle("fish") {
        return;
    }
    let _machine = machine();
    let fish = |line: &str| {
        let script = format!("peerlab completions fish | source; complete -C '{line}'");
        let run = Run::ended(line.into(), shell("fish", &["--no-config", "-c", &script]).output().unwrap()).exits(0);
        run.stdout.lines().map(|line| line.split('\t').next().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(fish("peerlab exec ecs"), ["ecs-a", "ecs-b"]);
    assert_eq!(fish("peerlab statu"), ["status"]);
    assert_eq!(fish("peerlab api create-peering new --spec Mini"), ["Mini.2", "Mini.5"]);
}

#[test]
fn zsh_completes_at_tab() {
    if !oracle("zsh") {
        return;
    }
    let _machine = machine();
    let mut zsh = shell("zsh", &["-f", "-i"]);
    zsh.env("TERM", "xterm").env("PS1", "ready> ");
    let mut pty = Pty::start(zsh);
    pty.types("autoload -Uz compinit; compinit -D; source <(peerlab completions zsh); echo com''plete\n");
    pty.shows("complete");
    pty.shows("ready>");
    pty.types("echo peerlab\x15peerlab exec ecs-\t\t");
    pty.shows("ecs-a");
    pty.shows("ecs-b");
}

/// As a package installs it.
#[test]
fn zsh_completes_at_the_first_tab_with_the_script_as_a_file() {
    if !oracle("zsh") {
        return;
    }
    let machine = machine();
    fs::create_dir("/run/test/functions").unwrap();
    fs::write("/run/test/functions/_peerlab", machine.ok("completions zsh").stdout).unwrap();
    let mut zsh = shell("zsh", &["-f", "-i"]);
    zsh.env("TERM", "xterm").env("PS1", "ready> ");
    let mut pty = Pty::start(zsh);
    pty.types("fpath=(/run/test/functions $fpath); autoload -Uz compinit; compinit -D; echo com''plete\n");
    pty.shows("complete");
    pty.shows("ready>");
    pty.types("peerlab statu\t");
    pty.shows("status");
}

#[test]
fn bash_on_a_terminal_completes_at_tab() {
    let _machine = machine();
    let mut pty = Pty::start(shell("bash", &["--norc", "-i"]));
    pty.types("source <(peerlab completions bash); PS1='ready> '\n");
    pty.shows("\nready> ");
    pty.types("peerlab statu\t");
    pty.shows("peerlab status ");
    pty.types("cr\t");
    pty.shows("cross ");
    pty.types("\nexit\n");
    pty.shows("VPC1");
}

#[test]
fn every_verb_has_a_page_that_a_formatter_takes() {
    let machine = Machine::new();
    fs::create_dir("/run/test/man").unwrap();
    machine.ok("man --out man");
    let pages: Vec<_> = fs::read_dir("/run/test/man").unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(pages.len() > 40, "{pages:?}");
    let formatter = oracle("mandoc");
    for page in &pages {
        if formatter {
            machine.program(&format!("mandoc -T lint -W error {}", page.display())).exits(0);
        }
        assert!(fs::read_to_string(page).unwrap().contains(".SH SYNOPSIS"), "{}", page.display());
    }
    let verbs = peerlab::cli::grammar();
    for verb in verbs.get_subcommands() {
        let page = format!("/run/test/man/peerlab-{}.1", verb.get_name());
        assert!(pages.contains(&page.as_str().into()), "no page {page}");
    }
    machine.ok("man").says(".TH peerlab 1").says(".SH EXAMPLES");
    machine.peerlab("man --out nowhere").exits(2).tells("there is no such directory");
}
