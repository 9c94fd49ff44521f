//! A connection to one of a database's servers, which is made anew when it breaks.

use std::collections::VecDeque;
use std::io::{self, ErrorKind, Read, Write};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::broken::Broken;
use crate::error::Error;
use crate::frame::Frames;
use crate::messages::Said;
use crate::msg;
use crate::operation::{Condition, Operation, Outcome};
use crate::remote::{Address, Remote, Stream};
use crate::replica::{Replica, Watch};
use crate::schema::{Need, Schema};
use crate::value::Datum;

/// How long one server may take to accept a connection or to answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long a request is repeated at the database's servers: a cluster needs a second or two to elect a leader.
const PERSISTENCE: Duration = Duration::from_secs(15);

/// The pause after all addresses were tried.
const PAUSE: Duration = Duration::from_millis(200);

/// How many bytes are read at once.
const CHUNK: usize = 64 << 10;

/// A user of a database.
#[derive(Debug)]
pub struct Client {
    remote: Remote,
    database: String,
    needs: &'static [Need],
    /// The place of the address in use.
    at: usize,
    connection: Option<Connection>,
    persistence: Duration,
    /// What is monitored, so that a new connection monitors it, too.
    watches: Vec<Watch>,
    replica: Replica,
    /// Whether the replica was changed since the last call of [`Client::wait`].
    news: bool,
}

/// Why a transaction changed nothing.
#[derive(Debug)]
pub enum Failure {
    /// A [`Operation::Wait`] did not hold: somebody else was faster.
    Outdated,
    /// The database refused it, or no server could be reached.
    Error(Error),
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Outdated => Error::host(Said::Outdated).code("Outdated").hint(Said::TryAgain),
            Failure::Error(error) => error,
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Failure::Error(error)
    }
}

#[derive(Debug)]
struct Connection {
    stream: Stream,
    frames: Frames,
    next: u64,
    /// Messages that are no answers, in order.
    notes: VecDeque<Value>,
    schema: Schema,
}

impl Client {
    /// Connects to one of the servers, and checks that the database has what is needed.
    pub fn connect(remote: &Remote, database: &str, needs: &'static [Need]) -> Result<Self, Error> {
        let mut client = Client {
            remote: remote.clone(),
            database: database.into(),
            needs,
            at: 0,
            connection: None,
            // At the start, a server that does not answer is not awaited.
            persistence: Duration::ZERO,
            watches: Vec::new(),
            replica: Replica::default(),
            news: false,
        };
        client.with(|_| Ok(()))?;
        client.persistence = PERSISTENCE;
        Ok(client)
    }

    /// With this limit on how long a request is repeated when servers do not answer.
    pub fn persistence(mut self, most: Duration) -> Self {
        self.persistence = most;
        self
    }

    /// The addresses of the database.
    pub fn remote(&self) -> &Remote {
        &self.remote
    }

    /// Makes all of a transaction, or nothing of it. If the connection breaks, it is sent again.
    pub fn transact(&mut self, operations: &[Operation]) -> Result<Vec<Outcome>, Failure> {
        let mut params = vec![json!(self.database)];
        params.extend(operations.iter().map(Operation::write));
        let params = Value::from(params);
        let answer = self.with(|connection| connection.call("transact", &params))?;
        let answers = answer.as_array().ok_or_else(|| self.not_ovsdb())?;
        if let Some(error) = answers.iter().find(|it| it.get("error").is_some_and(|error| !error.is_null())) {
            let text = |key: &str| error[key].as_str().unwrap_or_default().to_owned();
            if text("error") == "timed out" {
                return Err(Failure::Outdated);
            }
            let (error, details) = (text("error"), text("details"));
            return Err(Error::host(msg!(Said::Refused { error, details })).code("DatabaseRefused").into());
        }
        let outcomes: Option<Vec<_>> = answers.iter().map(Outcome::read).collect();
        match outcomes {
            Some(outcomes) if outcomes.len() >= operations.len() => Ok(outcomes),
            _ => Err(self.not_ovsdb().into()),
        }
    }

    /// Reads rows.
    pub fn select(
        &mut self,
        table: &str,
        conditions: Vec<Condition>,
        columns: &[&str],
    ) -> Result<Vec<crate::Row>, Error> {
        let outcomes = self.transact(&[Operation::select(table, conditions, columns)])?;
        Ok(outcomes.into_iter().next().unwrap_or_default().rows)
    }

    /// Monitors these rows from now on, in place of others.
    pub fn watch(&mut self, watches: Vec<Watch>) -> Result<(), Error> {
        self.watches = watches;
        // A new connection begins with what is there.
        self.connection = None;
        self.with(|_| Ok(()))
    }

    /// The copy of what is monitored.
    pub fn replica(&self) -> &Replica {
        &self.replica
    }

    /// Waits until the copy has changed since the last call, at most this long; returns whether it has. A connection that broke
    /// is made anew; while no server answers, nothing changes.
    pub fn wait(&mut self, most: Duration) -> bool {
        let until = Instant::now() + most;
        loop {
            self.apply_notes();
            if std::mem::take(&mut self.news) {
                return true;
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            match &mut self.connection {
                Some(connection) => {
                    if connection.listen(left).is_err() {
                        self.connection = None;
                    }
                }
                None => {
                    if self.reconnect().is_err() {
                        self.at += 1;
                        std::thread::sleep(PAUSE.min(left));
                    }
                }
            }
        }
    }

    /// Does something at a server, with a connection that works.
    fn with<T>(&mut self, work: impl Fn(&mut Connection) -> Result<T, Broken>) -> Result<T, Error> {
        let until = Instant::now() + self.persistence;
        let mut tried = 0;
        loop {
            let connected = if self.connection.is_some() { Ok(()) } else { self.reconnect() };
            let done = connected.and_then(|()| match &mut self.connection {
                Some(connection) => work(connection),
                None => Err(Broken::NotOvsdb),
            });
            self.apply_notes();
            let broken = match done {
                Ok(done) => return Ok(done),
                Err(Broken::Hopeless(error)) => return Err(error),
                Err(broken) => broken,
            };
            self.connection = None;
            tried += 1;
            let is_round = tried % self.remote.addresses.len() == 0;
            if is_round && Instant::now() >= until {
                return Err(self.error(broken));
            }
            self.at += 1;
            if is_round {
                std::thread::sleep(PAUSE);
            }
        }
    }

    /// Connects to the server whose turn it is.
    fn reconnect(&mut self) -> Result<(), Broken> {
        let mut connection = Connection {
            stream: self.address().connect(&self.remote.identity, PATIENCE)?,
            frames: Frames::default(),
            next: 0,
            notes: VecDeque::new(),
            schema: Schema::default(),
        };
        connection.check_server(&self.database)?;
        connection.schema = Schema::read(&connection.call("get_schema", &json!([self.database]))?);
        connection.schema.check(&self.database, self.needs).map_err(Broken::Hopeless)?;
        if !self.watches.is_empty() {
            let all: serde_json::Map<_, _> =
                self.watches.iter().map(|it| (it.table.clone(), json!([it.write()]))).collect();
            let initial = connection.call("monitor_cond", &json!([self.database, "peerlab", all]))?;
            self.replica = Replica::default();
            self.replica.apply(&initial, &connection.schema).ok_or(Broken::NotOvsdb)?;
            self.news = true;
        }
        self.connection = Some(connection);
        Ok(())
    }

    /// Applies what the monitor reported.
    fn apply_notes(&mut self) {
        let Some(connection) = &mut self.connection else { return };
        while let Some(note) = connection.notes.pop_front() {
            let updates = match note["method"].as_str() {
                Some("update2") => &note["params"][1],
                _ => continue,
            };
            if self.replica.apply(updates, &connection.schema).is_none() {
                // A new connection begins with the whole.
                self.connection = None;
                return;
            }
            self.news = true;
        }
    }

    fn not_ovsdb(&self) -> Error {
        self.error(Broken::NotOvsdb)
    }

    fn error(&self, broken: Broken) -> Error {
        broken.error(&self.remote, self.address(), &self.database)
    }

    /// The server whose turn it is.
    fn address(&self) -> &Address {
        &self.remote.addresses[self.at % self.remote.addresses.len()]
    }
}

impl Connection {
    /// Whether the server has the database, and is not cut off from its cluster. Servers before 2.9 have no database `_Server`.
    fn check_server(&mut self, database: &str) -> Result<(), Broken> {
        let name = Condition::is("name", Datum::one(database));
        let select = Operation::select("Database", vec![name], &["connected"]);
        let answer = self.call("transact", &json!(["_Server", select.write()]))?;
        match answer[0].get("rows").and_then(Value::as_array).map(Vec::as_slice) {
            Some([row]) if row["connected"] == json!(true) => Ok(()),
            Some(_) => Err(Broken::Unfit),
            None => Ok(()),
        }
    }

    /// Sends a request, and waits for its answer.
    fn call(&mut self, method: &str, params: &Value) -> Result<Value, Broken> {
        self.next += 1;
        let id = json!(self.next);
        self.send(&json!({"method": method, "params": params, "id": id}))?;
        let until = Instant::now() + PATIENCE;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(io::Error::from(ErrorKind::TimedOut).into());
            }
            let Some(mut message) = self.receive(left)? else { continue };
            if message["id"] != id || message.get("method").is_some_and(|it| !it.is_null()) {
                self.notes.push_back(message);
                continue;
            }
            return match &message["error"] {
                Value::Null => Ok(message["result"].take()),
                error if error["error"] == json!("unknown database") => Err(Broken::Unfit),
                _ if method == "transact" => Ok(Value::Array(Vec::new())),
                _ => Err(Broken::NotOvsdb),
            };
        }
    }

    /// Receives notifications, for at most this long, or until there is one.
    fn listen(&mut self, most: Duration) -> Result<(), Broken> {
        if let Some(message) = self.receive(most)? {
            self.notes.push_back(message);
        }
        Ok(())
    }

    fn send(&mut self, message: &Value) -> Result<(), Broken> {
        self.stream.write_all(message.to_string().as_bytes())?;
        self.stream.flush()?;
        Ok(())
    }

    /// The next message; `None` if none came in this time, or one was answered here: a server that gets no answer to `echo`
    /// closes the connection.
    fn receive(&mut self, most: Duration) -> Result<Option<Value>, Broken> {
        let message = match self.frames.next().map_err(|_| Broken::NotOvsdb)? {
            Some(message) => message,
            None => {
                self.stream.patience(most)?;
                let mut chunk = vec![0; CHUNK];
                match self.stream.read(&mut chunk) {
                    Ok(0) => return Err(io::Error::from(ErrorKind::UnexpectedEof).into()),
                    Ok(length) => self.frames.add(&chunk[..length]),
                    Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
                    Err(error) if error.kind() == ErrorKind::Interrupted => {}
                    Err(error) => return Err(error.into()),
                }
                return Ok(None);
            }
        };
        if message["method"] == json!("echo") {
            self.send(&json!({"result": message["params"], "error": null, "id": message["id"]}))?;
            return Ok(None);
        }
        Ok(Some(message))
    }
}
