//! How cargo runs tests if programs are missing: `scripts/run-built` with shell scripts as test files.
#![allow(clippy::disallowed_methods, clippy::unwrap_used)] // a test's own files

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A folder of test files, and of scripts in which kernel tests need a program that does not exist.
struct Checkout {
    folder: PathBuf,
    _turn: MutexGuard<'static, ()>,
}

/// One test at a time: a file that another new process has open for writing cannot be executed.
static TURN: Mutex<()> = Mutex::new(());

impl Checkout {
    fn new(name: &str) -> Self {
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("scripts-{}-{name}", std::process::id()));
        fs::create_dir_all(folder.join("deps")).unwrap();
        let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts");
        for script in ["run-built", "as-root"] {
            fs::copy(scripts.join(script), folder.join(script)).unwrap();
        }
        fs::write(folder.join("oracles"), "# program\nsh every a b\nno-such-program every a b\n").unwrap();
        Checkout { folder, _turn: turn }
    }

    /// A test file of two tests, which prints its arguments.
    fn file(&self, name: &str) -> PathBuf {
        let path = self.folder.join("deps").join(format!("{name}-0123456789abcdef"));
        let text = "#!/bin/sh\ncase $* in *--list*) printf 'one: test\\nmod::two: test\\n' ;; *) echo \"ran $*\"; exit 3 ;; esac\n";
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        path
    }

    /// Runs a test file; returns the exit status, its output, the script's output, and the counts.
    fn runs(&self, file: &Path, promised: bool) -> (i32, String, String, String) {
        let list = self.folder.join("untested");
        let _ = fs::remove_file(&list);
        let mut command = Command::new(self.folder.join("run-built"));
        command.arg(file).env("PEERLAB_UNTESTED", &list).env_remove("PEERLAB_ORACLES");
        if promised {
            command.env("PEERLAB_ORACLES", "all");
        }
        let output = command.output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        let counted = fs::read_to_string(list).unwrap_or_default();
        (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr), counted)
    }
}

impl Drop for Checkout {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

#[test]
fn tests_that_cannot_run_are_said_and_counted_and_fail_where_every_oracle_is_promised() {
    let checkout = Checkout::new("lacking");
    let file = checkout.file("labs");
    let (status, ran, said, counted) = checkout.runs(&file, false);
    assert_eq!((status, ran.as_str()), (0, ""), "{said}");
    assert_eq!(said, "NOT TESTED: 2 tests of labs make labs in the kernel, and no-such-program is missing\n");
    assert_eq!(counted, "no-such-program\tlabs one\nno-such-program\tlabs mod::two\n");
    assert_eq!(checkout.runs(&file, true).0, 1);
}

#[test]
fn tests_that_only_compute_run_all_the_same() {
    let checkout = Checkout::new("pure");
    let (status, ran, said, counted) = checkout.runs(&checkout.file("golden"), true);
    assert_eq!((status, ran.as_str(), said.as_str(), counted.as_str()), (3, "ran \n", "", ""));
}

#[test]
fn unit_tests_that_only_compute_run_and_the_others_are_counted() {
    let checkout = Checkout::new("unit");
    let (status, ran, said, counted) = checkout.runs(&checkout.file("peerlab"), false);
    assert!(ran.starts_with("ran --skip ") && status == 3, "{ran}");
    assert!(said.starts_with("NOT TESTED: 2 tests of peerlab "), "{said}");
    assert_eq!(counted.lines().count(), 2, "{counted}");
}
