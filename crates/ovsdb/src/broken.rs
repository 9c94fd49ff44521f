//! How a connection ends.

use std::io;

use crate::error::Error;

/// The end of a connection.
pub(crate) enum Broken {
    Io(io::Error),
    /// It is no OVSDB server.
    NotOvsdb,
    /// What answers does not speak TLS.
    NotTls,
    /// The server does not have the database, or is cut off from its cluster.
    Unfit,
    /// No other try helps: the database lacks something that is needed, or the client does.
    Hopeless(Error),
}

impl From<io::Error> for Broken {
    fn from(error: io::Error) -> Self {
        Broken::Io(error)
    }
}
