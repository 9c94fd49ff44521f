//! The command line: the grammar here, a file per verb beside it.
//!
//! A verb reads its input, calls the pipeline and prints: the result on standard output, everything else on standard
//! error.
#![allow(clippy::disallowed_methods)]

mod api;
mod caller;
mod capture;
mod completions;
mod context;
mod doctor;
mod down;
mod exec;
mod explain;
mod graph;
mod help;
mod init;
mod list;
mod man;
mod mutate;
mod next;
mod ping;
mod plan;
mod schema;
mod signals;
mod status;
mod target;
mod test;
mod up;
mod validate;
mod verify;
mod watch;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::cloud::{Call, Provider};
use crate::error::{Error, Errors, Kind};
use crate::flow::Protocol;
use crate::init::{MAX_INSTANCES, MAX_VPCS};
use crate::kernel;
use crate::language::Language;
use crate::report::graph::Format;

use context::Context;

/// Run cloud VPC peering tutorials on one Linux machine.
///
/// A lab file says what a tutorial's reader types into the cloud's console. peerlab decides as the provider would, builds
/// the result with Linux network namespaces, and proves it with real pings.
#[derive(Debug, Parser)]
#[command(
    name = "peerlab",
    version,
    max_term_width = 100,
    after_help = "\
First steps:
  peerlab init                        write lab.toml, a small lab to begin with
  peerlab validate lab.toml           is the file right?
  sudo peerlab up lab.toml            build it and ping every pair
  sudo peerlab exec web -- ping -c1 db
  sudo peerlab down lab

Exit status: 0 done, 1 a check or the verification failed, 2 the command line or the lab file is wrong, 3 the cloud \
refused an operation, 4 the host cannot do it."
)]
struct CommandLine {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    verb: Verb,
}

/// What every verb takes.
#[derive(Clone, Copy, Debug, Default, Args)]
struct Global {
    /// Print the result as JSON on standard output, and errors as JSON on standard error
    #[arg(long, global = true)]
    json: bool,
    /// Say more: the changes to the kernel
    #[arg(short, long, global = true, conflicts_with = "quiet")]
    verbose: bool,
    /// Say nothing but the result and errors
    #[arg(short, long, global = true)]
    quiet: bool,
}

/// Which of the labs that are up.
#[derive(Clone, Debug, Default, Args)]
struct LabChoice {
    /// The lab that is meant; may be left out while one lab is up
    #[arg(long, value_name = "LAB", global = true)]
    lab: Option<String>,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Write a lab file to begin with: a small one that explains itself, or a ring of VPCs of any size
    #[command(after_help = "\
Without --vpcs and --instances: two VPCs and a peering, with comments on every table and a first mistake to make. With \
them: each VPC is peered with the next, and the last with the first; every instance reaches those of its own VPC and of \
the VPCs beside it.

Examples:
  peerlab init                        lab.toml
  peerlab init mine --provider jdcloud
  peerlab init big --vpcs 100 --instances 10
  peerlab init --stdout | less")]
    Init(Init),

    /// Find every error of lab files, without root and without changing anything
    #[command(after_help = "\
Examples:
  peerlab validate labs/*.toml
  peerlab validate --json lab.toml")]
    Validate(Validate),

    /// Show what `up` would change, by resource of the cloud
    #[command(after_help = "\
A lab that is not up needs no root.

Examples:
  peerlab plan lab.toml
  peerlab plan lab.toml -v            the kernel's objects below
  peerlab plan lab.toml --until 3")]
    Plan(Plan),

    /// Build a lab, or bring one that is up to what its file says, then verify it
    #[command(after_help = "\
Operations that were done by hand since are dropped. Without FILE, a lab that is up is brought back to where it was, \
by hand or not: for an `up` that was cut short, or a kernel that somebody changed.

Examples:
  peerlab up lab.toml
  peerlab up lab.toml --until 0       the tables only; then `peerlab next`, step by step
  peerlab up lab.toml --name second   the same lab once more beside the first")]
    Up(Up),

    /// Do the next step of a lab that is up: its text, what ran, its checks
    #[command(after_help = "\
A step, or a part of it, that was done by hand with `peerlab api` already is passed over.

Examples:
  peerlab next
  peerlab next --all                  all steps that are left")]
    Next(Next),

    /// Call one operation of the cloud on a running lab: it is in the kernel when the command returns
    #[command(after_help = "\
Examples:
  peerlab api --as A connect-router-interface ri-a
  peerlab api --as B create-route-entry --vpc VPC2 --destination 192.168.0.0/16 --next-hop ri-b")]
    Api(Api),

    /// Show peerings, route tables, groups and instances, and what is missing
    #[command(after_help = "\
Examples:
  peerlab status
  peerlab status cross-account --json")]
    Status(StatusArguments),

    /// List the labs that are up
    List,

    /// Ping every pair of instances and hold it against the checks and the prediction
    #[command(after_help = "\
Examples:
  peerlab verify
  peerlab verify --full               every pair, where the default sends one probe for each class of equal pairs")]
    Verify(Verify),

    /// Watch who reaches whom while the lab is changed: what changes, and its cause
    #[command(after_help = "\
On a terminal: the matrix, and below it what changed; q ends it. On a pipe a line for each change, with --json an object. \
The cause is the operation or step that was done since, or that somebody changed the kernel by hand.

Examples:
  peerlab watch                           and break something in another terminal
  peerlab watch --interval 5s | tee changes.txt")]
    Watch(Watch),

    /// Ping for real, with the prediction beside it
    #[command(after_help = "\
FROM is an instance or internet; TO is an instance, internet or an address.

Examples:
  peerlab ping ecs-a ecs-b
  peerlab ping ecs-a 192.168.1.10 -c 20
  peerlab ping internet ecs-a")]
    Ping(Ping),

    /// Show the packets that pass an instance, a peering or a VPC, or write them for Wireshark
    #[command(after_help = "\
An instance means its eth0; a peering its end in the VPC's router (both ends of one that was made by create-peering); a \
VPC every place where its router takes packets and gives them out: what comes in and does not go out was dropped there. A \
peering that does not carry packets yet is waited for.

FILTER: icmp, tcp, tcp/22, udp, udp/53, arp, in, out, an instance, internet, an address or a block. Words of one sort are \
alternatives; where there are several sorts, one of each must fit.

It ends with Ctrl-C, after COUNT packets, or when the lab goes down.

Examples:
  peerlab capture VPC2 icmp               does the ping come in, and go out?
  peerlab capture ri-a -w ri-a.pcapng     for Wireshark, with names and nanoseconds
  peerlab capture ecs-a tcp/22 -w - | tcpdump -n -r -")]
    Capture(Capture),

    /// Say hop by hop why a packet arrives or not, every blocker, and the operations that mend it
    #[command(after_help = "\
Examples:
  peerlab explain ecs-a ecs-b
  peerlab explain ecs-a ecs-b tcp/22
  peerlab explain ecs-a ecs-b -f lab.toml      the finished lab, without root and without running it
  peerlab explain ecs-a ecs-b --fix            do what it proposes, and ask again")]
    Explain(Explain),

    /// Draw the lab as it is: VPCs, instances, peerings with their states, what is broken and why
    #[command(after_help = "\
Who reaches whom is predicted, as `verify` predicts it; nothing is sent. In the page a link's end chooses a pair: \
lab.html#ecs-a→ecs-b.

Examples:
  peerlab graph -o lab.html                    the lab that is up, as a page: choose a pair, see why
  peerlab graph -f lab.toml -o lab.svg         the finished lab of a file, without root
  peerlab graph -f lab.toml --until 5 -o 5.svg
  peerlab graph -f lab.toml --format mermaid   for a document, on standard output
  peerlab graph -f lab.toml -o lab.dot         for Graphviz")]
    Graph(GraphArguments),

    /// Run a command inside an instance
    #[command(after_help = "\
The command runs as the user who called sudo (pkexec, doas), as root where nobody did or with --root. It has the \
instances' names in /etc/hosts; its exit status is passed on. A VPC's name means its router, and internet the host out there.

Examples:
  peerlab exec ecs-a -- ping -c3 ecs-b
  peerlab exec --root VPC1 -- tcpdump -ni any")]
    Exec(Exec),

    /// Open a shell inside an instance
    #[command(after_help = "\
The shell is that of the user who called sudo (pkexec, doas), root's where nobody did or with --root.

Examples:
  peerlab shell ecs-a
  peerlab shell --root ecs-a          to change its links and routes")]
    Shell(Shell),

    /// Bring labs up under a name of their own, do every step, hold every check, take them down
    #[command(after_help = "\
Ctrl-C takes down what is up, and still writes the report of what was found until then.

Examples:
  peerlab test labs/*.toml
  peerlab test labs/*.toml --junit peerlab.xml
                                      a report for CI: a case for each step and each check
  peerlab test --mutate labs/*.toml   which parts no check would miss; no root")]
    Test(Test),

    /// Take a lab down: end its processes, remove its namespaces, forget it
    #[command(after_help = "\
Examples:
  peerlab down                        the only lab that is up
  peerlab down cross-account
  peerlab down labs/cross-account.toml
  peerlab down --all")]
    Down(Down),

    /// Say what this host can do: privileges, kernel, limits, what labs left behind
    #[command(after_help = "\
Each thing that is not as it should be is shown with what it means and what to do. Kernel features are really tried, in \
namespaces that go at once; nothing of the host is changed. Without root, it says what it could not look at. Exit \
status 4: labs cannot run.

Examples:
  sudo peerlab doctor
  sudo peerlab doctor --json")]
    Doctor,

    /// Print the JSON Schema of lab files, for editors
    #[command(after_help = "\
Editors that know TOML by schema (Even Better TOML in VS Code, taplo elsewhere) then complete keys, say what they are, \
and underline what is wrong. What only the cloud can tell, `peerlab validate` says.

Examples:
  peerlab schema > lab.schema.json
  echo '#:schema ./lab.schema.json'   as the first line of a lab file beside it")]
    Schema,

    /// Print completions for a shell: verbs, operations, and the names of what is up
    #[command(after_help = "\
Names of labs are completed for anybody, names of what is in them for root.

Examples:
  peerlab completions bash            in ~/.bashrc: source <(peerlab completions bash)
  peerlab completions zsh             in ~/.zshrc, behind compinit: source <(peerlab completions zsh)
  peerlab completions fish            in config.fish: peerlab completions fish | source")]
    Completions(Completions),

    /// Print peerlab's manual page, or write those of all verbs
    #[command(after_help = "\
Examples:
  peerlab man | man -l -
  sudo peerlab man --out /usr/local/share/man/man1")]
    Man(ManArguments),
}

#[derive(Debug, Args)]
struct Init {
    /// The lab's name, and so its file's: NAME.toml; a path of such a file; or -, standard output [default: lab]
    #[arg(value_hint = clap::ValueHint::FilePath)]
    name: Option<PathBuf>,
    /// Whose cloud: alibaba or jdcloud
    #[arg(long, value_parser = init::provider, default_value = "alibaba")]
    provider: &'static Provider,
    /// How many VPCs: a ring
    #[arg(long, value_name = "K", value_parser = clap::value_parser!(u32).range(1..=i64::from(MAX_VPCS)))]
    vpcs: Option<u32>,
    /// How many instances each VPC has: a ring
    #[arg(long, value_name = "M", value_parser = clap::value_parser!(u32).range(1..=i64::from(MAX_INSTANCES)))]
    instances: Option<u32>,
    /// Overwrite a file that is there
    #[arg(long)]
    force: bool,
    /// Write it to standard output
    #[arg(long, conflicts_with = "force")]
    stdout: bool,
}

impl Init {
    fn to_stdout(&self) -> bool {
        self.stdout || self.name.as_deref() == Some(std::path::Path::new("-"))
    }
}

#[derive(Debug, Args)]
struct Validate {
    /// The lab files
    #[arg(required = true, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    files: Vec<PathBuf>,
}

#[derive(Debug, Args)]
struct Plan {
    /// The lab file
    #[arg(value_hint = clap::ValueHint::FilePath)]
    file: PathBuf,
    #[command(flatten)]
    until: Until,
    /// The name under which the lab is up, or would be
    #[arg(long)]
    name: Option<String>,
}

/// How far a lab is walked.
#[derive(Clone, Debug, Default, Args)]
struct Until {
    /// The last step to be done, by its number or title; 0: none
    #[arg(long, value_name = "STEP")]
    until: Option<String>,
}

#[derive(Debug, Args)]
struct Up {
    /// The lab file; without it, a lab that is up is brought back to where it was
    #[arg(value_hint = clap::ValueHint::FilePath)]
    file: Option<PathBuf>,
    #[command(flatten)]
    until: Until,
    /// Do not ping
    #[arg(long)]
    no_verify: bool,
    /// Call the lab this instead of what its file says
    #[arg(long)]
    name: Option<String>,
    /// Without FILE: the lab that is meant
    #[arg(long, conflicts_with_all = ["file", "name"])]
    lab: Option<String>,
}

#[derive(Debug, Args)]
struct Next {
    #[command(flatten)]
    lab: LabChoice,
    /// Do all steps that are left
    #[arg(long)]
    all: bool,
}

#[derive(Debug, Args)]
#[command(subcommand_value_name = "OPERATION", subcommand_help_heading = "Operations")]
struct Api {
    #[command(flatten)]
    lab: LabChoice,
    /// Who calls, by name or id; may be left out in a lab of one account
    #[arg(long = "as", value_name = "ACCOUNT", global = true)]
    account: Option<String>,
    #[command(subcommand)]
    call: Call,
}

#[derive(Debug, Args)]
struct StatusArguments {
    /// The lab; may be left out while one lab is up
    #[arg(value_name = "LAB", conflicts_with = "lab")]
    name: Option<String>,
    #[command(flatten)]
    lab: LabChoice,
}

#[derive(Debug, Args)]
struct Verify {
    #[command(flatten)]
    lab: LabChoice,
    /// Probe every pair
    #[arg(long)]
    full: bool,
}

#[derive(Debug, Args)]
struct Watch {
    #[command(flatten)]
    lab: LabChoice,
    /// How often it is pinged
    #[arg(long, value_name = "TIME", default_value = "1s", value_parser = watch::interval)]
    interval: std::time::Duration,
}

#[derive(Debug, Args)]
struct Ping {
    /// An instance, or internet
    from: String,
    /// An instance, internet, or an address
    to: String,
    /// How many pings
    #[arg(short, long, default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..))]
    count: u32,
    #[command(flatten)]
    lab: LabChoice,
}

#[derive(Debug, Args)]
struct Capture {
    /// An instance, a peering or one end of it, a VPC, or internet
    #[arg(value_name = "INSTANCE|PEERING|VPC")]
    place: String,
    /// Only packets that fit
    #[arg(value_name = "FILTER")]
    filter: Vec<String>,
    /// Write them to a pcapng file; - is standard output
    #[arg(short, long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    write: Option<PathBuf>,
    /// End after so many packets
    #[arg(short, long, value_parser = clap::value_parser!(u64).range(1..))]
    count: Option<u64>,
    #[command(flatten)]
    lab: LabChoice,
}

#[derive(Debug, Args)]
struct Explain {
    /// An instance, or internet
    from: String,
    /// An instance, internet, or an address
    to: String,
    /// icmp, tcp/PORT or udp/PORT
    #[arg(default_value = "icmp", value_parser = str::parse::<Protocol>)]
    protocol: Protocol,
    /// Explain the finished lab of this file; no root, no running lab
    #[arg(short, long, value_hint = clap::ValueHint::FilePath, conflicts_with_all = ["lab", "fix"])]
    file: Option<PathBuf>,
    #[command(flatten)]
    until: Until,
    /// Do what is proposed, and ask again
    #[arg(long, conflicts_with = "until")]
    fix: bool,
    #[command(flatten)]
    lab: LabChoice,
}

#[derive(Debug, Args)]
struct GraphArguments {
    /// Draw the finished lab of this file; no root, no running lab
    #[arg(short, long, value_hint = clap::ValueHint::FilePath, conflicts_with = "lab")]
    file: Option<PathBuf>,
    /// What to write; default: as the name of OUT ends, else svg
    #[arg(long, value_enum, value_name = "FORMAT")]
    format: Option<Format>,
    /// Where to write; default: standard output
    #[arg(short, long, value_name = "OUT", value_hint = clap::ValueHint::FilePath)]
    out: Option<PathBuf>,
    /// What every pair is asked by: icmp, tcp/PORT or udp/PORT
    #[arg(long, default_value = "icmp", value_parser = str::parse::<Protocol>)]
    protocol: Protocol,
    #[command(flatten)]
    until: Until,
    #[command(flatten)]
    lab: LabChoice,
}

#[derive(Debug, Args)]
struct Exec {
    #[command(flatten)]
    lab: LabChoice,
    /// Stay root
    #[arg(long)]
    root: bool,
    /// An instance; or a VPC, or internet
    instance: String,
    /// The command and its arguments
    #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true, value_name = "CMD")]
    command: Vec<OsString>,
}

#[derive(Debug, Args)]
struct Shell {
    #[command(flatten)]
    lab: LabChoice,
    /// Stay root
    #[arg(long)]
    root: bool,
    /// An instance; or a VPC, or internet
    instance: String,
}

#[derive(Debug, Args)]
struct Test {
    /// The lab files
    #[arg(required = true, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    files: Vec<PathBuf>,
    /// Test the checks instead: leave out each route, rule, association, … in turn, and say which no check misses
    #[arg(long, conflicts_with_all = ["junit", "jobs"])]
    mutate: bool,
    /// Write what was found to a JUnit file
    #[arg(long, value_name = "OUT", value_hint = clap::ValueHint::FilePath)]
    junit: Option<PathBuf>,
    /// So many labs at a time; default: two for each processor
    #[arg(short, long, value_name = "N")]
    jobs: Option<std::num::NonZeroUsize>,
}

#[derive(Debug, Args)]
struct Down {
    /// A lab that is up, or its file; may be left out while one lab is up
    #[arg(value_name = "LAB|FILE", conflicts_with_all = ["all", "lab"])]
    which: Option<String>,
    #[command(flatten)]
    lab: LabChoice,
    /// All labs that are up
    #[arg(long, conflicts_with = "lab")]
    all: bool,
    /// Wait until the kernel has taken the namespaces apart too, about 1.5 ms each
    #[arg(long)]
    wait: bool,
}

#[derive(Debug, Args)]
struct Completions {
    /// The shell
    shell: completions::Shell,
}

#[derive(Debug, Args)]
struct ManArguments {
    /// Write a page for each verb and operation to this directory
    #[arg(long, value_name = "DIR", value_hint = clap::ValueHint::DirPath)]
    out: Option<PathBuf>,
}

/// How a verb ended that met no error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ending {
    /// All is well: exit 0.
    Done,
    /// A check or the verification failed, and that was shown: exit 1.
    CheckFailed,
    /// The host cannot do it, and that was shown: exit 4.
    NotReady,
}

impl Ending {
    fn failed_if(failed: bool) -> Self {
        if failed { Ending::CheckFailed } else { Ending::Done }
    }
}

/// Runs the command line; the exit status is that of `docs/lab-format.md`.
pub fn main() -> ExitCode {
    completions::answer();
    let language = Language::of_environment(|name| std::env::var(name).ok());
    let parsed = grammar_in(language).try_get_matches();
    let command_line = match parsed.and_then(|matches| CommandLine::from_arg_matches(&matches)) {
        Ok(command_line) => command_line,
        Err(error) => return not_understood(&error, language),
    };
    let context = Context::new(command_line.global, language);
    let ended = run(command_line.verb, &context);
    if context.verbose {
        context.talk(crate::kernel::cost::spent().to_string());
    }
    match ended {
        Ok(Ending::Done) => ExitCode::SUCCESS,
        Ok(Ending::CheckFailed) => ExitCode::from(Kind::Check.exit_status()),
        Ok(Ending::NotReady) => ExitCode::from(Kind::Host.exit_status()),
        Err(errors) => {
            context.show_errors(&errors);
            ExitCode::from(errors.kind().map_or(1, |kind| kind.exit_status()))
        }
    }
}

impl Verb {
    /// Whether it looks at files and nothing else, whoever calls it.
    fn only_reads_files(&self) -> bool {
        match self {
            Verb::Validate(_) => true,
            Verb::Explain(arguments) => arguments.file.is_some(),
            Verb::Test(arguments) => arguments.mutate,
            Verb::Graph(arguments) => arguments.file.is_some() && arguments.out.is_none(),
            _ => false,
        }
    }
}

fn run(verb: Verb, context: &Context) -> Result<Ending, Errors> {
    if verb.only_reads_files() {
        kernel::privilege::keep_reading_only();
    }
    match verb {
        Verb::Init(arguments) => init::run(&arguments, context),
        Verb::Validate(arguments) => validate::run(&arguments, context),
        Verb::Plan(arguments) => plan::run(&arguments, context),
        Verb::Up(arguments) => up::run(&arguments, context),
        Verb::Next(arguments) => next::run(&arguments, context),
        Verb::Api(arguments) => api::run(arguments, context),
        Verb::Status(arguments) => status::run(&arguments, context),
        Verb::List => list::run(context),
        Verb::Verify(arguments) => verify::run(&arguments, context),
        Verb::Watch(arguments) => watch::run(&arguments, context),
        Verb::Ping(arguments) => ping::run(&arguments, context),
        Verb::Capture(arguments) => capture::run(&arguments, context),
        Verb::Explain(arguments) => explain::run(&arguments, context),
        Verb::Graph(arguments) => graph::run(&arguments, context),
        Verb::Exec(arguments) => exec::run(&arguments, context),
        Verb::Shell(arguments) => exec::shell(&arguments, context),
        Verb::Test(arguments) if arguments.mutate => mutate::run(&arguments, context),
        Verb::Test(arguments) => test::run(&arguments, context),
        Verb::Down(arguments) => down::run(&arguments, context),
        Verb::Doctor => Ok(doctor::run(context)),
        Verb::Schema => Ok(schema::run(context)),
        Verb::Completions(arguments) => completions::run(arguments.shell, context),
        Verb::Man(arguments) => man::run(&arguments, context),
    }
}

/// Help and version are results; anything else is a wrong command line.
fn not_understood(error: &clap::Error, language: Language) -> ExitCode {
    let json = std::env::args_os().take_while(|word| word != "--").any(|word| word == "--json");
    if !error.use_stderr() {
        let _ = error.print();
        return ExitCode::SUCCESS;
    }
    if json {
        let text = error.render().to_string();
        let message = text.lines().next().unwrap_or_default().trim_start_matches("error: ");
        let wrong = Error::input(message).code("CommandLine").hint("see `peerlab help`");
        Context::new(Global { json, ..Global::default() }, language).show_errors(&wrong.into());
    } else {
        help::show_error(error, language);
    }
    ExitCode::from(2)
}

/// The whole grammar, for help and its tests.
pub fn grammar() -> clap::Command {
    CommandLine::command()
}

/// The same with its help in another language.
pub fn grammar_in(language: Language) -> clap::Command {
    help::in_language(grammar(), language)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_grammar_is_sound() {
        grammar().debug_assert();
    }

    #[test]
    fn options_may_stand_before_or_behind_an_operation() {
        for line in [
            "peerlab api --as A --json --lab x connect-router-interface ri-a",
            "peerlab api connect-router-interface ri-a --as A --lab x --json",
        ] {
            let parsed = CommandLine::try_parse_from(line.split(' ')).unwrap();
            assert!(parsed.global.json);
            let Verb::Api(api) = parsed.verb else { panic!("{line} is an api call") };
            assert_eq!((api.account.as_deref(), api.lab.lab.as_deref()), (Some("A"), Some("x")));
            assert_eq!(api.call.to_string(), "connect-router-interface ri-a");
        }
    }

    #[test]
    fn what_follows_the_instance_is_the_command_whatever_it_looks_like() {
        for line in ["peerlab exec ecs-a -- ls --json -v", "peerlab exec ecs-a ls --json -v"] {
            let parsed = CommandLine::try_parse_from(line.split(' ')).unwrap();
            assert!(!parsed.global.json);
            let Verb::Exec(exec) = parsed.verb else { panic!("{line} is an exec") };
            assert_eq!(exec.command, ["ls", "--json", "-v"]);
        }
    }
}
