//! A reader who types the commands of a document.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command as Process, Stdio};
use std::time::Duration;

use nix::sys::signal::{SigHandler, Signal, killpg, signal};
use nix::unistd::{Pid, chown};
use std::os::unix::process::CommandExt;

use crate::document::{Command, compare};
use crate::support::oracle::others;
use crate::support::user::{become_user, ids};
use crate::support::{Machine, Run};

/// A reader in a checkout of the project, on a separate machine.
pub(crate) struct Visitor {
    machine: Machine,
    locale: &'static str,
    /// Whether it is an ordinary user, and not root.
    is_user: bool,
}

/// How long a command without an end runs.
const WATCHED: Duration = Duration::from_secs(3);

/// Programs that simulate a reader's system: `sudo`, which does not change the user here, and peerlab as built and
/// installed.
const PROGRAMS: [(&str, &str); 3] = [
    ("sudo", "#!/bin/sh\nexec \"$@\"\n"),
    ("peerlab", "#!/bin/sh\nexec /run/test-peerlab \"$@\"\n"),
    (
        "cargo",
        "#!/bin/sh\n[ \"$1 $2\" = 'run --' ] || { echo 'only cargo run -- is known here' >&2; exit 99; }\n\
         shift 2\nexec /run/test-peerlab \"$@\"\n",
    ),
];

impl Visitor {
    /// A visitor with this locale, in a checkout with these labs.
    pub(crate) fn new(locale: &'static str, labs: impl Fn(&str) -> bool) -> Self {
        let machine = Machine::new();
        let folder = Path::new("/run/test");
        fs::create_dir(folder.join("bin")).unwrap();
        for (name, text) in PROGRAMS {
            let path = folder.join("bin").join(name);
            fs::write(&path, text).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        }
        let checkout = folder.join("checkout/labs");
        fs::create_dir_all(&checkout).unwrap();
        for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("labs")).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() && labs(path.file_stem().unwrap().to_str().unwrap()) {
                fs::copy(&path, checkout.join(path.file_name().unwrap())).unwrap();
            }
        }
        // Documents run as an ordinary user if there is one, because nothing in them needs root.
        let is_user = others();
        if is_user {
            let (uid, gid) = ids();
            for path in [&folder.join("checkout"), &checkout] {
                chown(path, Some(uid.into()), Some(gid.into())).unwrap();
            }
        }
        Visitor { machine, locale, is_user }
    }

    /// A folder in which every relative path of the command is looked up.
    pub(crate) fn file(&self, name: &str, text: &str) {
        self.machine.file(&format!("checkout/{name}"), text);
    }

    pub(crate) fn run(&self, command: &Command) -> Run {
        let mut process = Process::new("bash");
        // As on a terminal: both streams, in order.
        process
            .args(["-c", &format!("exec 2>&1\n{}", command.text)])
            .current_dir("/run/test/checkout")
            .stdin(Stdio::null());
        let path = std::env::var("PATH").unwrap_or_default();
        process.env("PATH", format!("/run/test/bin:{path}")).env("NO_COLOR", "1").env("COLUMNS", "80");
        for name in ["SUDO_UID", "SUDO_GID", "PKEXEC_UID", "DOAS_USER", "LC_ALL", "LC_MESSAGES", "LANGUAGE"] {
            process.env_remove(name);
        }
        process.env("LANG", self.locale);
        if self.is_user {
            become_user(&mut process);
        }
        if !command.interrupted {
            return Run::of(process);
        }
        // As on a terminal: the whole process group gets the signal.
        process.process_group(0).stdout(Stdio::piped()).stderr(Stdio::piped());
        // If the tests run in the background (`cargo test &`), whatever they start would ignore the signal.
        // SAFETY: the closure makes a system call and allocates nothing.
        unsafe { process.pre_exec(|| Ok(signal(Signal::SIGINT, SigHandler::SigDfl).map(drop)?)) };
        let child = process.spawn().expect("bash starts");
        let group = Pid::from_raw(child.id().try_into().unwrap());
        std::thread::sleep(WATCHED);
        killpg(group, Signal::SIGINT).expect("it still runs");
        Run::ended(command.text.clone(), child.wait_with_output().unwrap())
    }
}

impl Run {
    /// Checks the result against the document.
    pub(crate) fn hold(self, document: &str, command: &Command) {
        let Command { line, text, result, status, interrupted } = command;
        let place = format!("{document}:{line}: {text}");
        let run = if *interrupted { self } else { self.exits_at(*status, &place) };
        if let Some(shown) = result
            && let Err(missing) = compare(shown, run.result())
        {
            panic!("{place}\nshows  {missing}\n{run}");
        }
    }

    /// The part of it that a document shows.
    pub(crate) fn result(&self) -> &str {
        &self.stdout
    }

    fn exits_at(self, status: i32, place: &str) -> Self {
        assert_eq!(self.status(), Ok(status), "{place}\n{self}");
        self
    }
}
