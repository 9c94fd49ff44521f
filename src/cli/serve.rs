//! `peerlab serve [LAB…] [--listen ADDRESS]`

use std::net::SocketAddr;
use std::os::fd::AsFd;

use clap::Args;
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use serde::Serialize;

use super::context::Context;
use super::signals::Signals;
use super::which_lab::meant_lab;
use super::{Ending, credentials, exec, stdout};
use crate::error::{Error, Errors};
use crate::msg;
use crate::serve::{self, Key, Labs, Log, messages::Said};
use crate::target;

/// Serve the providers' own APIs for running labs, for their SDKs and CLIs
#[derive(Debug, Args)]
#[command(after_help = "\
Prints where it listens, each account's access key, and how each client is pointed there; `peerlab credentials` prints \
the keys again. What a call changes is in the kernel when the call returns. Other commands can be used beside it. \
Without LAB, it serves all labs that are up, and those that come up later. Calls are logged on standard error. Ends by \
Ctrl-C; the labs stay up.

Examples:
  peerlab serve
  peerlab serve cross-account --listen 127.0.0.1:0 --json")]
pub(super) struct Arguments {
    /// The labs or their files; default: all that are up, now or later
    #[arg(value_name = "LAB")]
    name: Vec<String>,
    /// The address and port; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", default_value = serve::LISTEN)]
    listen: SocketAddr,
}

#[derive(Serialize)]
struct Served<'a> {
    listen: String,
    /// Signs its reader in as a teacher, who sees all labs and changes none, once.
    teacher: String,
    labs: Vec<ServedLab<'a>>,
}

#[derive(Serialize)]
struct ServedLab<'a> {
    lab: &'a str,
    provider: &'a str,
    accounts: Vec<credentials::AccountKey<'a>>,
}

pub(super) fn run(arguments: &Arguments, context: &Context) -> Result<Ending, Errors> {
    target::check()?;
    let signals = Signals::take()?;
    signals.are_not_inherited();
    let mut named = Vec::new();
    for name in &arguments.name {
        let lab = meant_lab(Some(name))?;
        if !named.contains(&lab) {
            named.push(lab);
        }
    }
    let listener = serve::listen(arguments.listen)?;
    let (labs, refused) = Labs::open(named)?;
    for (lab, why) in refused {
        context.warn(msg!(Said::NotServed { lab, why }));
    }
    let keys = labs.keys();
    let host = |error: std::io::Error| {
        Error::host(msg!(Said::CannotServe { error })).code("ServeFailed").hint(Said::FreeResources)
    };
    let log = Log::new(context.json, context.language()).map_err(host)?;
    let server = serve::start(listener, labs, log, exec::start)?;
    let address = server.address();
    if !address.ip().is_loopback() {
        context.caution(msg!(Said::ReachableByAll { address }));
    }
    let teacher = format!("http://{address}{}", server.teacher()?);
    show(&address.to_string(), teacher, &keys, context)?;
    if stdout::has_failed() {
        server.end();
        return Ok(Ending::Done);
    }
    let mut polled = [PollFd::new(signals.as_fd(), PollFlags::POLLIN)];
    while poll(&mut polled, PollTimeout::NONE) == Err(Errno::EINTR) || !signals.arrived() {}
    server.end();
    Ok(Ending::Done)
}

fn show(address: &str, teacher: String, keys: &[Key], context: &Context) -> Result<(), Error> {
    let url = format!("http://{address}");
    if context.json {
        let mut labs: Vec<ServedLab<'_>> = Vec::new();
        for key in keys {
            let account = credentials::AccountKey::of(key, address)?;
            match labs.last_mut().filter(|last| last.lab == key.lab) {
                Some(last) => last.accounts.push(account),
                None => labs.push(ServedLab { lab: &key.lab, provider: key.provider, accounts: vec![account] }),
            }
        }
        // One line, so that whoever started it reads no further than its end.
        let line = serde_json::to_string(&Served { listen: url, teacher, labs }).unwrap_or_default();
        stdout::write(|out| writeln!(out, "{line}"));
        return Ok(());
    }
    let listens = context.out.say(msg!(Said::Listening { url }));
    let teaches = context.out.say(msg!(Said::TeacherAt { url: teacher }));
    let rest = match keys {
        [] => context.out.say(Said::NoLabYet),
        keys => credentials::table(keys, address, &context.out)?,
    };
    context.print(&format!("{listens}\n{teaches}\n{}\n", rest.trim_end()));
    Ok(())
}
