//! `peerlab exec INSTANCE -- CMD…` and `peerlab shell INSTANCE`
//!
//! The command replaces this process, so signals, the terminal and the exit status are the command's.

mod hosts;

use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::sync::Arc;

use clap::Args;

use super::Ending;
use super::caller::Caller;
use super::context::Context;
use super::messages::host::Said;
use super::target::{LabChoice, look, no_such_instance};
use crate::cloud::{Cloud, InstanceName, ResourceKind, VpcName};
use crate::error::{Error, Errors, Result};
use crate::journal::Store;
use crate::kernel::{privilege, threads};
use crate::lab;
use crate::msg;
use crate::rootless;
use crate::session::{self, Run};
use crate::target::{self, Place};

/// Run a command inside an instance
#[derive(Debug, Args)]
#[command(after_help = "\
The command runs as the user who called peerlab, by sudo (pkexec, doas) or without, and with no rights over the lab. \
/etc/hosts has the instances' names; the command's exit status is passed on. A VPC's name means its router, and \
internet the host on the internet. With --root the command runs as root if peerlab does. If an ordinary user calls \
peerlab, it runs as that user with root's capabilities over the lab, and none over the host.

Examples:
  peerlab exec ecs-a -- ping -c3 ecs-b
  peerlab exec --root VPC1 -- tcpdump -ni any")]
pub(super) struct Arguments {
    /// An instance; or a VPC, or internet
    instance: String,
    /// The command and its arguments
    #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true, value_name = "CMD")]
    command: Vec<OsString>,
    #[command(flatten)]
    lab: LabChoice,
    /// Run with root's rights over the lab
    #[arg(long)]
    root: bool,
}

/// Open a shell inside an instance
#[derive(Debug, Args)]
#[command(after_help = "\
The shell is that of the user who called peerlab, by sudo (pkexec, doas) or without. With --root it may change the lab.

Examples:
  peerlab shell ecs-a
  peerlab shell --root ecs-a          to change its links and routes
  peerlab shell --host                with your labs' namespaces, for `ip netns`")]
pub(super) struct ShellArguments {
    /// An instance; or a VPC, or internet
    #[arg(required_unless_present = "host", conflicts_with = "host")]
    instance: Option<String>,
    #[command(flatten)]
    lab: LabChoice,
    /// Run with root's rights over the lab
    #[arg(long)]
    root: bool,
    /// Open the shell on the host, with rights over your labs: `ip netns` finds their namespaces there
    #[arg(long, conflicts_with_all = ["root", "lab"])]
    host: bool,
}

/// The hint if peerlab cannot switch to the calling user.
const HINT: Said = Said::UseRoot;

pub(super) fn run(arguments: &Arguments, context: &Context) -> Result<Ending, Errors> {
    let inside = Inside::find(&arguments.lab, &arguments.instance, context)?;
    let caller = if arguments.root { None } else { Caller::find(HINT)? };
    let (program, rest) = arguments.command.split_first().expect("the grammar requires a command");
    let mut command = Command::new(program);
    command.args(rest);
    inside.enter()?;
    if arguments.root {
        privilege::pass_on();
    }
    Ok(replace_process(command, caller.as_ref(), context)?)
}

pub(super) fn shell(arguments: &ShellArguments, context: &Context) -> Result<Ending, Errors> {
    let Some(instance) = &arguments.instance else { return shell_of_host(context) };
    let inside = Inside::find(&arguments.lab, instance, context)?;
    let caller = if arguments.root { None } else { Caller::find(HINT)? };
    let shell = match &caller {
        Some(caller) => caller.user.shell.clone().into_os_string(),
        None => own_shell(),
    };
    let mut command = Command::new(if shell.is_empty() { OsString::from("/bin/sh") } else { shell });
    prompt(&mut command, &inside.name);
    context.talk(msg!(Said::InLab { name: &inside.name, lab: &inside.lab }));
    inside.enter()?;
    if arguments.root {
        privilege::pass_on();
    }
    Ok(replace_process(command, caller.as_ref(), context)?)
}

fn own_shell() -> OsString {
    std::env::var_os("SHELL").unwrap_or_default()
}

/// A shell in which the labs' namespaces have names: root's own, or a user's in the user's namespaces.
fn shell_of_host(context: &Context) -> Result<Ending, Errors> {
    privilege::check()?;
    let shell = own_shell();
    let mut command = Command::new(if shell.is_empty() { OsString::from("/bin/sh") } else { shell });
    prompt(&mut command, "labs");
    context.talk(Said::OnHost);
    rootless::stay();
    privilege::pass_on();
    Ok(replace_process(command, None, context)?)
}

/// Starts a command in an instance of a lab, by its id, for a process that goes on. The calling thread and its
/// namespaces stay as they are.
pub(super) fn start(lab: &str, instance: &str, command: &mut Command) -> Result<Child, Errors> {
    let before = session::look_now(lab, |_| ())?;
    let inside = Inside::of(lab, &before.run, instance)?;
    let started = threads::apart(|| {
        inside.enter()?;
        command.spawn().map_err(|error| {
            let program = command.get_program().to_string_lossy().into_owned();
            Error::input(msg!(Said::CannotRun { program, error })).hint(Said::GiveProgramOfHost)
        })
    })?;
    Ok(started?)
}

/// Makes the shell's prompt show the instance. Each shell needs its own way, because it reads the user's prompt after
/// the environment.
fn prompt(shell: &mut Command, name: &str) {
    match Path::new(shell.get_program()).file_name().unwrap_or_default().to_str() {
        Some("fish") => {
            let put_before = "functions -c fish_prompt fish_prompt_of_the_user";
            shell.args([
                "-C",
                &format!("{put_before}; function fish_prompt; echo -n {name}:; fish_prompt_of_the_user; end"),
            ]);
        }
        Some("zsh") => _ = shell.env("RPS1", name),
        _ => {
            shell.env("PS1", format!("{name}:\\$ "));
            // bash: at its first prompt, before the user's.
            shell.env("PROMPT_COMMAND", format!("PS1='{name}:'\"$PS1\"; unset PROMPT_COMMAND"));
        }
    }
}

/// A place of a lab to enter.
struct Inside {
    lab: String,
    cloud: Arc<Cloud>,
    /// The resource that the place represents.
    name: String,
    place: Place,
    hosts: PathBuf,
}

impl Inside {
    fn find(choice: &LabChoice, wanted: &str, context: &Context) -> Result<Self, Errors> {
        let (lab, run) = look(choice, context)?;
        Inside::of(&lab, &run, wanted)
    }

    fn of(lab: &str, run: &Run, wanted: &str) -> Result<Self, Errors> {
        let cloud = run.cloud();
        let bindings = run.foreseen();
        let find = |kinds: &[ResourceKind]| lab::resolve_reference(cloud, &bindings, kinds, wanted);
        // An instance takes precedence; name a VPC of the same name by its id or as `vpc:NAME`.
        let found = find(&[ResourceKind::Instance, ResourceKind::Vpc]).or_else(|_| find(&[ResourceKind::Instance]))?;
        let (name, place) = match found {
            Some((ResourceKind::Instance, name)) => {
                let place = Place::Instance(InstanceName::trusted(&*name));
                (name, place)
            }
            Some((_, name)) => {
                let place = Place::Router(VpcName::trusted(&*name));
                (name, place)
            }
            None if wanted.eq_ignore_ascii_case("internet") => ("internet".into(), Place::Internet),
            None => return Err(no_such_instance(cloud, wanted).into()),
        };
        let hosts = Store::of(lab).write_hosts(&hosts::hosts(cloud, &bindings))?;
        Ok(Inside { lab: lab.to_owned(), cloud: run.standing().held_cloud(), name, place, hosts })
    }

    /// Moves this process into the place, with its own view of the file system.
    fn enter(&self) -> Result<()> {
        target::of(&self.lab).enter(&self.lab, &self.cloud, &self.place, &self.hosts)
    }
}

/// Replaces this process by the command, in its current namespaces and as the user. Returns only on failure.
fn replace_process(mut command: Command, caller: Option<&Caller>, context: &Context) -> Result<Ending> {
    if let Some(caller) = caller {
        caller.replace_root(HINT)?;
        let user = &caller.user;
        command.env("HOME", &user.dir).env("USER", &user.name).env("LOGNAME", &user.name);
    }
    let error = command.exec();
    let program = command.get_program().to_string_lossy().into_owned();
    // The exit statuses that shells use if the command did not run.
    let (status, error) = match error.kind() {
        std::io::ErrorKind::NotFound => (127, Error::input(msg!(Said::NoProgram { program }))),
        _ => (126, Error::input(msg!(Said::CannotRun { program, error }))),
    };
    let hint = Said::GiveProgramOfHost;
    context.show_errors(&error.code("CommandNotRun").hint(hint).into());
    Ok(Ending::NotRun(status))
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::super::{CommandLine, Verb};

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
