//! `peerlab serve` on a test's own machine, and the scripts that speak with it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;

use super::oracle::clients;
use super::{Machine, Run};

/// A server on a machine, and what it printed when it listened.
pub struct Server {
    pub process: Option<Child>,
    pub line: String,
    pub served: Value,
}

impl Server {
    /// Starts it, and reads what it prints.
    pub fn start(machine: &Machine, words: &str) -> Self {
        Self::start_by(machine, words, |_| ())
    }

    /// The same, once `prepare` has changed how it is started.
    pub fn start_by(machine: &Machine, words: &str, prepare: impl FnOnce(&mut Command)) -> Self {
        machine.program("ip link set lo up").exits(0);
        let mut command = machine.command(&format!("serve --listen 127.0.0.1:0 --json {words}"));
        prepare(&mut command);
        let mut process = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let served = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error} in {line:?}"));
        Server { process: Some(process), line, served }
    }

    /// Where it listens.
    pub fn address(&self) -> String {
        self.served["listen"].as_str().unwrap().strip_prefix("http://").unwrap().to_owned()
    }

    /// What it printed of an account.
    pub fn account(&self, name: &str) -> Value {
        let accounts =
            self.served["labs"].as_array().unwrap().iter().flat_map(|lab| lab["accounts"].as_array().unwrap());
        accounts.into_iter().find(|account| account["account"] == name).unwrap().clone()
    }

    /// Sends it a signal.
    pub fn signal(&self, signal: Signal) {
        let pid = self.process.as_ref().unwrap().id();
        kill(Pid::from_raw(pid.try_into().unwrap()), signal).unwrap();
    }

    /// Ends it, and returns what it logged.
    pub fn end(mut self) -> Run {
        self.signal(Signal::SIGTERM);
        Run::ended("serve".into(), self.process.take().unwrap().wait_with_output().unwrap())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(process) = &mut self.process {
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}

/// Sends bytes, and returns all that comes back until the server closes, or falls silent.
pub fn exchange(address: &str, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    // The server may have closed already.
    let _ = stream.write_all(bytes);
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

/// What a path answers.
pub fn get(address: &str, path: &str) -> String {
    exchange(address, format!("GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n").as_bytes())
}

/// Runs a script of the clients against a server; `None` without the clients.
pub fn script(server: &Server, script: &str, words: &[&str]) -> Option<Run> {
    script_by(server, script, words, |_| ())
}

/// The same, once `prepare` has changed how it is started.
pub fn script_by(server: &Server, script: &str, words: &[&str], prepare: impl FnOnce(&mut Command)) -> Option<Run> {
    let python = clients()?;
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients");
    let mut command = Command::new(python);
    command.arg(folder.join(script)).arg(server.line.trim()).args(words);
    command.env("PEERLAB", "/run/test-peerlab").env("PYTHONDONTWRITEBYTECODE", "1").env("LC_ALL", "C.UTF-8");
    for name in ["http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "PEERLAB_LAB"] {
        command.env_remove(name);
    }
    prepare(&mut command);
    Some(Run::of(command))
}
